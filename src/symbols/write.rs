//! The end of the store's files: who may append, from where on, and how it becomes part of the store.

use super::SymbolsError;
use super::build::Limits;
use super::grammar;
use super::pack::Packed;
use super::row::{self, Part, Row, SourceKey};
use super::store::{self, DAMAGED, Found};
use super::tagged::How;
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Names of a group, in bytes, at least: larger groups are a smaller store and more to read for one name.
const GROUP: usize = 64 << 10;
/// Bytes of records written at once.
const CHUNK: usize = 1 << 20;

/// Takes the lock that keeps a second program from building; it is released when the file is closed.
pub(super) fn lock(folder: &Path) -> Result<File, SymbolsError> {
    let path = folder.join("lock");
    let opened = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let file = opened.map_err(SymbolsError::io("open", &path))?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(SymbolsError::Busy {
            folder: folder.to_owned(),
        }),
        Err(error) => Err(SymbolsError::io("lock", &path)(error.into())),
    }
}

/// What a folder holds that can be appended to.
pub(super) struct Start {
    pub known: HashSet<SourceKey>,
    /// There was something, but nothing that can be trusted.
    pub is_rebuilt: bool,
    /// Bytes of tags, names and table.
    extent: (u64, u64, u64),
}

/// Makes the folder ready to be appended to.
pub(super) fn prepare(folder: &Path) -> Result<Start, SymbolsError> {
    let is_rebuilt = match store::open_ready(folder)? {
        // What is appended to must be whole: nobody may ever have looked at a part that was damaged.
        Found::Ready(ready) if !ready.is_whole() => true,
        Found::Ready(ready) => {
            return Ok(Start {
                known: ready.rows.iter().map(|row| row.key).collect(),
                is_rebuilt: false,
                extent: store::extent(&ready),
            });
        }
        Found::Damaged => true,
        Found::Nothing => false,
    };
    let head = row::head(grammar::digest());
    // The table last: without it the others are nothing.
    for (name, begin) in [
        (row::TABLE, None),
        (row::TAGS, Some(&row::TAGS_MAGIC[..])),
        (row::NAMES, Some(&row::NAMES_MAGIC[..])),
        (row::TABLE, Some(&head[..])),
    ] {
        let path = folder.join(name);
        // Another program may still read the old file: a new one takes its place.
        remove(&path)?;
        if let Some(begin) = begin {
            fs::write(&path, begin).map_err(SymbolsError::io("write", &path))?;
        }
    }
    remove(&folder.join(DAMAGED))?;
    Ok(Start {
        known: HashSet::new(),
        is_rebuilt,
        extent: (8, 8, head.len() as u64),
    })
}

fn remove(path: &Path) -> Result<(), SymbolsError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(SymbolsError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// A file that is appended to.
struct End {
    path: PathBuf,
    file: File,
    len: u64,
    waiting: Vec<u8>,
}

impl End {
    fn open(path: PathBuf, len: u64) -> Result<Self, SymbolsError> {
        let open = || {
            let mut file = OpenOptions::new().write(true).open(&path)?;
            file.set_len(len)?;
            file.seek(SeekFrom::End(0))?;
            Ok(file)
        };
        let file = open().map_err(SymbolsError::io("open", &path))?;
        Ok(Self {
            path,
            file,
            len,
            waiting: Vec::new(),
        })
    }

    /// Appends bytes, compressed if that is shorter and wanted.
    fn put(&mut self, bytes: &[u8]) -> Result<Part, SymbolsError> {
        let from = self.waiting.len();
        let most = lz4_flex::block::get_maximum_output_size(bytes.len());
        self.waiting.resize(from + most, 0);
        let packed = lz4_flex::block::compress_into(bytes, &mut self.waiting[from..]);
        match packed {
            Ok(len) if len < bytes.len() => self.waiting.truncate(from + len),
            _ => {
                self.waiting.truncate(from);
                self.waiting.extend_from_slice(bytes);
            }
        }
        let stored = &self.waiting[from..];
        let part = Part {
            offset: self.len,
            stored: stored.len() as u32,
            len: bytes.len() as u32,
            crc: crc32fast::hash(stored),
        };
        self.len += stored.len() as u64;
        if self.waiting.len() >= CHUNK {
            self.flush()?;
        }
        Ok(part)
    }

    fn flush(&mut self) -> Result<(), SymbolsError> {
        let written = self.file.write_all(&self.waiting);
        self.waiting.clear();
        written.map_err(SymbolsError::io("write", &self.path))
    }

    fn sync(&mut self) -> Result<(), SymbolsError> {
        self.flush()?;
        self.file
            .sync_data()
            .map_err(SymbolsError::io("sync", &self.path))
    }
}

/// The end of the store.
pub(super) struct Sink {
    tags: End,
    names: End,
    table: End,
    /// Rows of the group that is open, without the place of their names.
    group: Vec<Row>,
    group_names: Vec<u8>,
    /// Names of the open group so far.
    count: u32,
    committed: Instant,
}

impl Sink {
    pub(super) fn open(folder: &Path, start: &Start) -> Result<Self, SymbolsError> {
        let (tags, names, table) = start.extent;
        Ok(Self {
            tags: End::open(folder.join(row::TAGS), tags)?,
            names: End::open(folder.join(row::NAMES), names)?,
            table: End::open(folder.join(row::TABLE), table)?,
            group: Vec::new(),
            group_names: Vec::new(),
            count: 0,
            committed: Instant::now(),
        })
    }

    pub(super) fn append(
        &mut self,
        key: SourceKey,
        how: How,
        packed: &Packed,
    ) -> Result<(), SymbolsError> {
        let tags = self.tags.put(&packed.bytes)?;
        self.group.push(Row {
            key,
            tags,
            definitions: packed.definitions,
            uses: packed.uses,
            how,
            names: Part::default(),
            before: self.count,
        });
        self.count += packed.definitions;
        self.group_names.extend_from_slice(&packed.names);
        if self.group_names.len() >= GROUP {
            self.close_group()?;
        }
        Ok(())
    }

    fn close_group(&mut self) -> Result<(), SymbolsError> {
        let names = self.names.put(&self.group_names)?;
        for row in self.group.drain(..) {
            self.table.waiting.extend(Row { names, ..row }.encode());
        }
        self.group_names.clear();
        self.count = 0;
        Ok(())
    }

    /// Makes what was appended part of the store.
    pub(super) fn commit(&mut self) -> Result<(), SymbolsError> {
        self.close_group()?;
        self.tags.sync()?;
        self.names.sync()?;
        self.table.sync()?;
        self.committed = Instant::now();
        Ok(())
    }

    /// Returns whether it is time to commit.
    pub(super) fn is_due(&self, limits: &Limits) -> bool {
        self.committed.elapsed() >= limits.interval
    }
}
