//! A look at a vendor's pack before libgit2 follows it.
//!
//! libgit2 1.9.7 follows delta bases without counting: two deltas by reference that name each other keep it
//! in a loop for ever (tried), and an entry of a reserved type makes git2's `read_header` panic. The index
//! that comes with a pack can say so at will, so each object's chain is walked here first: by the same
//! bisection of the same index, headers only, every offset once. libgit2's indexer lets entries of a reserved
//! type pass (tried), so packs that we indexed ourselves are looked at too. The formats are those of
//! gitformat-pack(5).

use crate::snapshot::SnapshotError;
use crate::snapshot::refs::Id;
use crate::snapshot::source::{open_plain, unreadable};
use crate::snapshot::view::PackFiles;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Deltas in a row; git itself never writes more than 4,095.
const CHAIN: usize = 4096;
/// Packs whose files stay open.
const KEPT: usize = 64;
/// An index up to this size is held in memory; a larger one is read where needed.
const HELD_BYTES: u64 = 8 << 20;
/// A base that inflates to more is refused; libgit2's own limit for one object.
const BASE_BYTES: u64 = 1 << 31;
/// The longest header of an entry with its base: 10 bytes of size, 20 of id.
const HEADER: usize = 32;

/// The packs of one delivery.
#[derive(Debug, Default)]
pub(super) struct Chains {
    packs: Vec<Pack>,
    /// The position of a damaged pack, once it was asked for.
    damaged: OnceLock<Option<usize>>,
}

#[derive(Debug)]
struct Pack {
    files: PackFiles,
    state: Mutex<State>,
    keep: bool,
    /// Offsets whose chain ends in an object.
    sound: Mutex<HashSet<u64>>,
}

/// What opening a pack gave.
#[derive(Debug, Default)]
enum State {
    #[default]
    Closed,
    Open(Arc<Opened>),
    Damaged,
}

#[derive(Debug)]
struct Opened {
    idx: File,
    /// The index, or nothing.
    held: Vec<u8>,
    pack: File,
    version: u32,
    /// Objects whose first byte is below the position.
    fan: [u32; 257],
}

/// What an entry of a pack says it is.
enum Entry {
    Object,
    Before(u64),
    Named(Id),
}

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

impl Chains {
    /// Prepares for the packs; nothing is opened yet.
    pub(super) fn new(packs: Vec<PackFiles>) -> Self {
        let keep = packs.len() <= KEPT;
        let packs = packs.into_iter().map(|files| Pack {
            files,
            state: Mutex::default(),
            keep,
            sound: Mutex::default(),
        });
        Self {
            packs: packs.collect(),
            damaged: OnceLock::new(),
        }
    }

    /// Fails if following the object in any pack would not come to an end at an object.
    pub(super) fn check(&self, id: &Id) -> Result<(), SnapshotError> {
        for pack in &self.packs {
            pack.check(id).map_err(|e| match e.kind() {
                ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
                    SnapshotError::BrokenChain { id: hex(id) }
                }
                _ => unreadable(&pack.files.pack, e),
            })?;
        }
        Ok(())
    }

    /// Returns the name of every object of every pack, in the order in which the packs hold them. A pack that is damaged
    /// as a whole holds nothing that can be read, and is passed over.
    pub(super) fn names(&self) -> Result<Vec<Id>, SnapshotError> {
        let mut out = Vec::new();
        for pack in &self.packs {
            let wrap = |e| unreadable(&pack.files.idx, e);
            if let Some(opened) = pack.open().map_err(wrap)? {
                out.append(&mut opened.names_by_offset().map_err(wrap)?);
            }
        }
        Ok(out)
    }

    /// Returns a pack that is damaged as a whole, so that nothing in it is found.
    pub(super) fn damaged(&self) -> Option<&Path> {
        let is_damaged = |pack: &&Pack| !matches!(pack.open(), Ok(Some(_)));
        let find = || self.packs.iter().position(|pack| is_damaged(&pack));
        let at = *self.damaged.get_or_init(find);
        at.map(|at| self.packs[at].files.pack.as_path())
    }
}

/// Returns the 40 digits of an id.
pub(super) fn hex(id: &Id) -> String {
    use std::fmt::Write;
    id.iter().fold(String::with_capacity(40), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

impl Pack {
    /// Opens the files, or returns them as they are open already; nothing if the pack is damaged as a whole.
    fn open(&self) -> io::Result<Option<Arc<Opened>>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Open(opened) => return Ok(Some(Arc::clone(opened))),
            State::Damaged => return Ok(None),
            State::Closed => {}
        }
        let Some(opened) = Opened::new(&self.files)? else {
            *state = State::Damaged;
            return Ok(None);
        };
        let opened = Arc::new(opened);
        if self.keep {
            *state = State::Open(Arc::clone(&opened));
        }
        Ok(Some(opened))
    }

    fn check(&self, id: &Id) -> io::Result<()> {
        let Some(opened) = self.open()? else {
            return Ok(());
        };
        let Some(mut offset) = opened.find(id)? else {
            return Ok(());
        };
        let mut walked = Vec::new();
        loop {
            let is_sound = |offset: &u64| {
                let sound = self.sound.lock().unwrap_or_else(PoisonError::into_inner);
                sound.contains(offset)
            };
            if is_sound(&offset) {
                break;
            }
            if walked.len() > CHAIN {
                return Err(damaged("too many deltas in a row"));
            }
            walked.push(offset);
            offset = match opened.entry(offset)? {
                Entry::Object => break,
                Entry::Before(base) => base,
                Entry::Named(base) => opened
                    .find(&base)?
                    .ok_or_else(|| damaged("the base is not in the pack"))?,
            };
        }
        let mut sound = self.sound.lock().unwrap_or_else(PoisonError::into_inner);
        sound.extend(walked);
        Ok(())
    }
}

impl Opened {
    /// Opens a pack; nothing if libgit2 would refuse it as a whole, for the same reasons.
    fn new(files: &PackFiles) -> io::Result<Option<Self>> {
        let idx = open_plain(&files.idx)?;
        let pack = open_plain(&files.pack)?;
        let (idx_bytes, pack_bytes) = (idx.metadata()?.len(), pack.metadata()?.len());
        if idx_bytes < 4 * 256 + 2 * 20 || pack_bytes < 12 + 20 {
            return Ok(None);
        }
        let mut top = [0; 8 + 4 * 256];
        idx.read_exact_at(&mut top, 0)?;
        let word = |at: usize| u32::from_be_bytes([top[at], top[at + 1], top[at + 2], top[at + 3]]);
        let (version, start) = if top.starts_with(b"\xfftOc") {
            (word(4), 8)
        } else {
            (1, 0)
        };
        let mut fan = [0; 257];
        for (at, slot) in fan.iter_mut().skip(1).enumerate() {
            *slot = word(start + 4 * at);
        }
        let count = u64::from(fan[256]);
        let (least, most) = if version == 1 {
            let size = 4 * 256 + 24 * count + 40;
            (size, size)
        } else {
            let size = 8 + 4 * 256 + 28 * count + 40;
            (size, size + 8 * count.saturating_sub(1))
        };
        let (mut ours, mut theirs, mut header) = ([0; 20], [0; 20], [0; 12]);
        idx.read_exact_at(&mut ours, idx_bytes - 40)?;
        pack.read_exact_at(&mut theirs, pack_bytes - 20)?;
        pack.read_exact_at(&mut header, 0)?;
        let is_whole = version <= 2
            && fan.is_sorted()
            && (least..=most).contains(&idx_bytes)
            && header.starts_with(b"PACK\0\0\0")
            && header[8..] == fan[256].to_be_bytes()
            && ours == theirs;
        if !is_whole {
            return Ok(None);
        }
        let mut held = Vec::new();
        if idx_bytes <= HELD_BYTES {
            (&idx).take(HELD_BYTES).read_to_end(&mut held)?;
        }
        Ok(Some(Self {
            idx,
            held,
            pack,
            version,
            fan,
        }))
    }

    /// Returns where the names begin and how far apart they are.
    fn names(&self) -> (u64, u64) {
        if self.version == 1 {
            (4 * 256 + 4, 24)
        } else {
            (8 + 4 * 256, 20)
        }
    }

    /// Reads bytes of the index, from memory if it is small.
    fn index_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        let held = usize::try_from(at).ok().and_then(|at| self.held.get(at..));
        match held.and_then(|held| held.get(..bytes.len())) {
            Some(held) => {
                bytes.copy_from_slice(held);
                Ok(())
            }
            None => self.idx.read_exact_at(bytes, at),
        }
    }

    /// Returns the names of the index in the order of their offsets in the pack.
    fn names_by_offset(&self) -> io::Result<Vec<Id>> {
        let count = u64::from(self.fan[256]);
        let (start, stride) = self.names();
        let mut rows = Vec::with_capacity(count as usize);
        for at in 0..count {
            let mut id = [0; 20];
            self.index_at(&mut id, start + at * stride)?;
            rows.push((self.offset_at(at)?, id));
        }
        rows.sort_unstable();
        Ok(rows.into_iter().map(|(_, id)| id).collect())
    }

    /// Finds the position of a name by the bisection that libgit2 does, so that an unsorted index leads both
    /// to the same entry.
    fn position(&self, id: &Id) -> io::Result<Option<u64>> {
        let first = usize::from(id[0]);
        let (mut lo, mut hi) = (u64::from(self.fan[first]), u64::from(self.fan[first + 1]));
        let (start, stride) = self.names();
        let mut name = [0; 20];
        while lo < hi {
            let middle = u64::midpoint(lo, hi);
            self.index_at(&mut name, start + middle * stride)?;
            match name.cmp(id) {
                Ordering::Equal => return Ok(Some(middle)),
                Ordering::Greater => hi = middle,
                Ordering::Less => lo = middle + 1,
            }
        }
        if lo >= u64::from(self.fan[256]) {
            return Ok(None);
        }
        self.index_at(&mut name, start + lo * stride)?;
        Ok((name == *id).then_some(lo))
    }

    /// Finds the offset of an object in the pack.
    fn find(&self, id: &Id) -> io::Result<Option<u64>> {
        self.position(id)?.map(|at| self.offset_at(at)).transpose()
    }

    /// Returns the offset in the pack of the object at a position of the index.
    fn offset_at(&self, at: u64) -> io::Result<u64> {
        let count = u64::from(self.fan[256]);
        let word = |place: u64| -> io::Result<u32> {
            let mut bytes = [0; 4];
            self.index_at(&mut bytes, place)?;
            Ok(u32::from_be_bytes(bytes))
        };
        if self.version == 1 {
            return word(4 * 256 + 24 * at).map(u64::from);
        }
        let table = 8 + 4 * 256 + 24 * count;
        let small = word(table + 4 * at)?;
        if small & 0x8000_0000 == 0 {
            return Ok(u64::from(small));
        }
        let place = table + 4 * count + 8 * u64::from(small & 0x7fff_ffff);
        let large = u64::from(word(place)?) << 32 | u64::from(word(place + 4)?);
        Ok(large)
    }

    /// Reads the header of one entry.
    fn entry(&self, offset: u64) -> io::Result<Entry> {
        let mut header = [0; HEADER];
        let got = self.pack.read_at(&mut header, offset)?;
        let bytes = &mut header[..got].iter();
        let short = || damaged("the pack ends in a header");
        let first = *bytes.next().ok_or_else(short)?;
        let mut size = u64::from(first & 15);
        let (mut shift, mut last) = (4, first);
        while last & 0x80 != 0 {
            last = *bytes.next().ok_or_else(short)?;
            if shift > 57 {
                return Err(damaged("the size of an entry overflows"));
            }
            size |= u64::from(last & 0x7f) << shift;
            shift += 7;
        }
        if size > BASE_BYTES {
            return Err(damaged("an entry is larger than any object"));
        }
        match first >> 4 & 7 {
            1..=4 => Ok(Entry::Object),
            6 => {
                let mut byte = *bytes.next().ok_or_else(short)?;
                let mut back = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = *bytes.next().ok_or_else(short)?;
                    let next = (back + 1).checked_mul(128);
                    back =
                        next.ok_or_else(|| damaged("a base overflows"))? + u64::from(byte & 0x7f);
                }
                if back == 0 || back >= offset {
                    return Err(damaged("a base lies before the pack"));
                }
                Ok(Entry::Before(offset - back))
            }
            7 => {
                let rest = bytes.as_slice();
                let id = rest.get(..20).ok_or_else(short)?;
                let mut base = [0; 20];
                base.copy_from_slice(id);
                Ok(Entry::Named(base))
            }
            _ => Err(damaged("an entry is of a reserved type")),
        }
    }
}
