//! A store as it is read.

use super::SymbolsError;
use super::grammar;
use super::pack::{Definition, Reader};
use super::row::{self, HEAD, Part, ROW, Row, SourceKey, Table};
use super::tagged::{How, Tagged};
use crate::memory::{self, Mapped};
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

/// Tells the next build that something was damaged: checksums are only looked at when a part is read.
pub(super) const DAMAGED: &str = "damaged";

/// How much is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Contents that are no code.
    pub no_code: u64,
    /// Contents of which the grammar found everything.
    pub exact: u64,
    /// Contents of which some or all was found by a pattern.
    pub approximate: u64,
    /// Definitions and declarations.
    pub definitions: u64,
    /// Calls and references.
    pub uses: u64,
}

/// A state of a store. It never changes; [`SymbolStore::reload`] takes a newer one.
pub struct SymbolStore {
    folder: PathBuf,
    /// Read when it is first needed.
    ready: OnceLock<Ready>,
    is_damaged: AtomicBool,
}

/// Blobs whose names are stored together.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub rows: Range<u32>,
    pub names: Part,
}

#[derive(Default)]
pub(super) struct Ready {
    pub rows: Vec<Row>,
    /// The number of the first definition of each row, and behind the last that of all.
    pub firsts: Vec<u32>,
    pub groups: Vec<Group>,
    /// Rows by their keys.
    by_key: Vec<u32>,
    tags: Mapped,
    names: Mapped,
}

impl SymbolStore {
    /// Opens the store of a folder; empty if there is none yet, or none that can be trusted.
    pub fn open(folder: &Path) -> Result<Self, SymbolsError> {
        let (ready, is_damaged) = match open_ready(folder)? {
            Found::Ready(ready) => (ready, false),
            Found::Nothing => (Ready::default(), false),
            Found::Damaged => (Ready::default(), true),
        };
        Ok(Self {
            folder: folder.to_owned(),
            ready: OnceLock::from(ready),
            is_damaged: AtomicBool::new(is_damaged),
        })
    }

    /// Opens the store of a folder when something of it is first asked for. One that cannot be read counts as damaged.
    pub fn when_needed(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            ready: OnceLock::new(),
            is_damaged: AtomicBool::new(false),
        }
    }

    fn load(&self) -> Ready {
        match open_ready(&self.folder) {
            Ok(Found::Ready(ready)) => return ready,
            Ok(Found::Nothing) => {}
            Ok(Found::Damaged) | Err(_) => self.is_damaged.store(true, Ordering::Relaxed),
        }
        Ready::default()
    }

    /// Takes the newest state.
    pub fn reload(&mut self) -> Result<(), SymbolsError> {
        let folder = std::mem::take(&mut self.folder);
        *self = Self::open(&folder)?;
        Ok(())
    }

    /// Returns whether something was found damaged: the next build starts over. Nothing more is handed out from then on,
    /// because what is damaged cannot be told from what was never there: whoever asks looks into the texts.
    pub fn is_damaged(&self) -> bool {
        self.is_damaged.load(Ordering::Relaxed)
    }

    /// Returns how a blob was looked through; nothing if it was not.
    pub fn how(&self, key: &SourceKey) -> Option<How> {
        Some(self.row(key)?.how)
    }

    /// Returns the tags of a blob; nothing if it is not stored or was damaged.
    pub fn get(&self, key: &SourceKey) -> Option<Tagged> {
        let row = self.row(key)?;
        let record = self.record(row)?;
        let tags = Reader::new(&record).and_then(Reader::tags);
        if tags.is_none() {
            self.note_damage();
        }
        Some(Tagged {
            tags: tags?,
            how: row.how,
        })
    }

    fn row(&self, key: &SourceKey) -> Option<&Row> {
        let row = self.ready().row(key);
        row.filter(|_| !self.is_damaged()).map(|(_, row)| row)
    }

    /// Returns the definitions and declarations of exactly this name, in the order of the store; none if the store turns
    /// out to be damaged.
    pub fn definitions_named(&self, name: &str) -> Vec<(SourceKey, Definition)> {
        if name.is_empty() || name.contains('\n') || self.is_damaged() {
            return Vec::new();
        }
        let mut numbers = self.numbers_named(name);
        numbers.sort_unstable();
        let mut found = Vec::with_capacity(numbers.len());
        self.each(&numbers, &mut |_, key, definition| {
            found.push((key, definition));
        });
        if self.is_damaged() {
            found.clear();
        }
        found
    }

    /// Reads definitions by their numbers, which must be in order.
    pub(super) fn each(&self, numbers: &[u32], take: &mut dyn FnMut(u32, SourceKey, Definition)) {
        let mut numbers = numbers.iter().copied().peekable();
        while let Some(first) = numbers.peek().copied() {
            let at = self.ready().row_of(first);
            let (Some(row), Some(range)) = (self.ready().rows.get(at), self.ready().numbers(at))
            else {
                return;
            };
            let record = self.record(row);
            let mut reader = record.as_deref().and_then(Reader::new);
            for number in range.clone() {
                let Some(wanted) = numbers.peek().copied().filter(|n| range.contains(n)) else {
                    break;
                };
                let definition = reader.as_mut().and_then(Reader::definition).flatten();
                if definition.is_none() && reader.take().is_some() {
                    self.note_damage();
                }
                if number == wanted {
                    numbers.next();
                    if let Some(definition) = definition {
                        take(number, row.key, definition);
                    }
                }
            }
        }
    }

    /// Finds the numbers of the definitions of a name, on as many threads as there are cores.
    fn numbers_named(&self, name: &str) -> Vec<u32> {
        let groups = &self.ready().groups;
        let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        thread::scope(|scope| {
            for _ in 0..threads().min(groups.len()) {
                scope.spawn(|| {
                    let line = format!("\n{name}\n");
                    let finder = memchr::memmem::Finder::new(line.as_bytes());
                    let (mut names, mut mine) = (Vec::new(), Vec::new());
                    while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let Some(names) = self.names(group, &mut names) else {
                            continue;
                        };
                        let base = self.ready().first_of(group);
                        let (mut at, mut number) = (0, base);
                        if names.starts_with(&line.as_bytes()[1..]) {
                            mine.push(base);
                        }
                        while let Some(hit) = finder.find(&names[at..]) {
                            let lines = memchr::memchr_iter(b'\n', &names[at..=at + hit]);
                            number += lines.count() as u32;
                            mine.push(number);
                            at += hit + 1;
                        }
                    }
                    found
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .extend(mine);
                });
            }
        });
        found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what is stored.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.ready().rows {
            match row.how {
                How::NoCode => counts.no_code += 1,
                How::Exact => counts.exact += 1,
                How::Approximate(_) => counts.approximate += 1,
            }
            counts.definitions += u64::from(row.definitions);
            counts.uses += u64::from(row.uses);
        }
        counts
    }

    /// Returns the number of contents looked through.
    pub fn len(&self) -> usize {
        self.ready().rows.len()
    }

    /// Returns whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the size of the store on disk, in bytes.
    pub fn bytes(&self) -> u64 {
        folder_bytes(&self.folder)
    }

    pub(super) fn ready(&self) -> &Ready {
        self.ready.get_or_init(|| self.load())
    }

    fn record(&self, row: &Row) -> Option<Vec<u8>> {
        let mut record = Vec::new();
        let len = part(&self.ready().tags, row.tags, &mut record).map(<[u8]>::len);
        if len.is_none() {
            self.note_damage();
        }
        record.truncate(len?);
        Some(record)
    }

    /// Reads the names of a group into a buffer that is only ever enlarged.
    pub(super) fn names<'b>(&self, group: &Group, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
        let names = part(&self.ready().names, group.names, buffer);
        if names.is_none() {
            self.note_damage();
        }
        names
    }

    /// Remembers damage; a reader that may not write the folder forgets it when it ends, which costs nothing but
    /// finding it again.
    fn note_damage(&self) {
        if !self.is_damaged.swap(true, Ordering::Relaxed) {
            let _ = fs::write(self.folder.join(DAMAGED), b"");
        }
    }
}

/// Returns how many threads search.
pub(super) fn threads() -> usize {
    thread::available_parallelism()
        .map_or(1, usize::from)
        .min(4)
}

/// Returns the bytes of a part as they lie in a file.
fn stored(file: &[u8], part: Part) -> Option<&[u8]> {
    let from = usize::try_from(part.offset).ok()?;
    file.get(from..from.checked_add(part.stored as usize)?)
}

/// Reads a part of a file, decompressed, into a buffer; nothing if it is not what was written.
fn part<'b>(file: &[u8], part: Part, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
    let stored = stored(file, part)?;
    if crc32fast::hash(stored) != part.crc {
        return None;
    }
    let len = part.len as usize;
    if buffer.len() < len {
        buffer.resize(len, 0);
    }
    let out = &mut buffer[..len];
    if part.stored == part.len {
        out.copy_from_slice(stored);
    } else if !lz4_flex::block::decompress_into(stored, out).is_ok_and(|l| l == len) {
        return None;
    }
    Some(out)
}

impl Ready {
    /// Returns whether every part is what was written.
    pub(super) fn is_whole(&self) -> bool {
        let is_right = |file: &[u8], part: &Part| {
            let stored = stored(file, *part);
            stored.is_some_and(|stored| crc32fast::hash(stored) == part.crc)
        };
        self.rows.iter().all(|row| is_right(&self.tags, &row.tags))
            && self
                .groups
                .iter()
                .all(|group| is_right(&self.names, &group.names))
    }

    fn row(&self, key: &SourceKey) -> Option<(usize, &Row)> {
        let at = self
            .by_key
            .binary_search_by(|at| self.rows[*at as usize].key.cmp(key))
            .ok()?;
        let at = self.by_key[at] as usize;
        Some((at, &self.rows[at]))
    }

    /// Returns the row that has a definition, by the definition's number.
    pub(super) fn row_of(&self, number: u32) -> usize {
        let behind = self.firsts.partition_point(|first| *first <= number);
        behind.saturating_sub(1)
    }

    /// Returns the numbers of the definitions of a row.
    pub(super) fn numbers(&self, row: usize) -> Option<Range<u32>> {
        Some(*self.firsts.get(row)?..*self.firsts.get(row + 1)?)
    }

    /// Returns the number of the first definition of a group.
    pub(super) fn first_of(&self, group: &Group) -> u32 {
        let first = self.firsts.get(group.rows.start as usize);
        first.copied().unwrap_or(0)
    }
}

/// What a folder holds.
pub(super) enum Found {
    Nothing,
    Damaged,
    Ready(Ready),
}

pub(super) fn open_ready(folder: &Path) -> Result<Found, SymbolsError> {
    if folder.join(DAMAGED).exists() {
        return Ok(Found::Damaged);
    }
    let path = folder.join(row::TABLE);
    let table = match fs::read(&path) {
        Ok(table) => table,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A table that was lost leaves the files that it names.
            let tags = fs::metadata(folder.join(row::TAGS));
            let is_lost = tags.is_ok_and(|tags| tags.len() > row::TAGS_MAGIC.len() as u64);
            return Ok(if is_lost {
                Found::Damaged
            } else {
                Found::Nothing
            });
        }
        Err(error) => return Err(SymbolsError::io("read", &path)(error)),
    };
    let Table::Rows(rows) = row::read(&table, grammar::digest()) else {
        return Ok(Found::Damaged);
    };
    match ready(folder, rows) {
        Ok(Some(ready)) => Ok(Found::Ready(ready)),
        Ok(None) => Ok(Found::Damaged),
        // A folder without one of its files, or with one that is too short.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof
            ) =>
        {
            Ok(Found::Damaged)
        }
        Err(error) => Err(SymbolsError::io("read", folder)(error)),
    }
}

/// Maps what the rows name; nothing if that cannot be.
fn ready(folder: &Path, rows: Vec<Row>) -> io::Result<Option<Ready>> {
    let end = |part: &Part| part.offset.saturating_add(u64::from(part.stored));
    let tags_end = rows.iter().map(|row| end(&row.tags)).max().unwrap_or(8);
    let names_end = rows.iter().map(|row| end(&row.names)).max().unwrap_or(8);
    let map = |name, len: u64| memory::map(&File::open(folder.join(name))?, len.max(8));
    let (tags, names) = (map(row::TAGS, tags_end)?, map(row::NAMES, names_end)?);
    if !tags.starts_with(row::TAGS_MAGIC) || !names.starts_with(row::NAMES_MAGIC) {
        return Ok(None);
    }
    let mut firsts = Vec::with_capacity(rows.len() + 1);
    let mut groups: Vec<Group> = Vec::new();
    let mut number = 0_u32;
    for (at, row) in rows.iter().enumerate() {
        firsts.push(number);
        let Some(next) = number.checked_add(row.definitions) else {
            return Ok(None);
        };
        number = next;
        let at = at as u32;
        match groups.last_mut() {
            Some(group) if group.names == row.names => group.rows.end = at + 1,
            _ => groups.push(Group {
                rows: at..at + 1,
                names: row.names,
            }),
        }
        let group = groups.last().map_or(at, |group| group.rows.start);
        if row.before != firsts[at as usize] - firsts[group as usize] {
            return Ok(None);
        }
    }
    firsts.push(number);
    let mut by_key: Vec<u32> = (0..rows.len() as u32).collect();
    by_key.sort_unstable_by_key(|at| rows[*at as usize].key);
    Ok(Some(Ready {
        rows,
        firsts,
        groups,
        by_key,
        tags,
        names,
    }))
}

/// Returns how much of the files belongs to the rows.
pub(super) fn extent(ready: &Ready) -> (u64, u64, u64) {
    let end = |part: &Part| part.offset + u64::from(part.stored);
    let rows = ready.rows.iter();
    let tags = rows.clone().map(|row| end(&row.tags)).max().unwrap_or(8);
    let names = rows.map(|row| end(&row.names)).max().unwrap_or(8);
    let table = (HEAD + ready.rows.len() * ROW) as u64;
    (tags.max(8), names.max(8), table)
}

pub(super) fn folder_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.metadata().ok())
        .map(|meta| meta.len())
        .sum()
}
