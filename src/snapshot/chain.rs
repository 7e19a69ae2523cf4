//! A look at a vendor's pack before libgit2 follows it.
//!
//! libgit2 1.9.7 follows delta bases without counting: two deltas by reference that name each other keep it
//! in a loop that takes all memory, and an entry of a reserved type makes git2's `read_header` panic. The
//! index that comes with a pack can say so at will, so each object's chain is walked here first: by the same
//! bisection of the same index, headers only, every offset once. Packs that we indexed ourselves need none of
//! it. The formats are those of gitformat-pack(5).

use crate::snapshot::SnapshotError;
use crate::snapshot::refs::Id;
use crate::snapshot::source::open_plain;
use crate::snapshot::view::PackFiles;
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};

/// Deltas in a row; git itself never writes more than 4,095.
const CHAIN: usize = 4096;
/// Packs whose files stay open.
const KEPT: usize = 64;
/// Bytes of an index read at once while bisecting.
const BUCKET: u64 = 16 << 10;
/// A base that inflates to more is refused; libgit2's own limit for one object.
const BASE_BYTES: u64 = 1 << 31;
/// The longest header of an entry with its base: 10 bytes of size, 20 of id.
const HEADER: usize = 32;

/// The packs of one delivery.
#[derive(Debug, Default)]
pub(super) struct Chains {
    packs: Vec<Pack>,
}

#[derive(Debug)]
struct Pack {
    files: PackFiles,
    opened: Mutex<Option<Arc<Opened>>>,
    keep: bool,
    /// Offsets whose chain ends in an object.
    sound: Mutex<HashSet<u64>>,
}

#[derive(Debug)]
struct Opened {
    idx: File,
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
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl Chains {
    /// Prepares for the packs; nothing is opened yet.
    pub(super) fn new(packs: Vec<PackFiles>) -> Self {
        let keep = packs.len() <= KEPT;
        let packs = packs.into_iter().map(|files| Pack {
            files,
            opened: Mutex::default(),
            keep,
            sound: Mutex::default(),
        });
        Self {
            packs: packs.collect(),
        }
    }

    /// Fails if following the object in any pack would not come to an end at an object.
    pub(super) fn check(&self, id: &Id) -> Result<(), SnapshotError> {
        for pack in &self.packs {
            pack.check(id)
                .map_err(|_| SnapshotError::BrokenChain { id: hex(id) })?;
        }
        Ok(())
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
    fn open(&self) -> io::Result<Arc<Opened>> {
        let mut slot = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = &*slot {
            return Ok(Arc::clone(opened));
        }
        let opened = Arc::new(Opened::new(&self.files)?);
        if self.keep {
            *slot = Some(Arc::clone(&opened));
        }
        Ok(opened)
    }

    fn check(&self, id: &Id) -> io::Result<()> {
        let opened = self.open()?;
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
    fn new(files: &PackFiles) -> io::Result<Self> {
        let idx = open_plain(&files.idx)?;
        let pack = open_plain(&files.pack)?;
        let mut head = [0; 8 + 4 * 256];
        idx.read_exact_at(&mut head, 0)?;
        let word =
            |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (version, start) = if head.starts_with(b"\xfftOc") {
            (word(4), 8)
        } else {
            (1, 0)
        };
        let mut fan = [0; 257];
        for (at, slot) in fan.iter_mut().skip(1).enumerate() {
            *slot = word(start + 4 * at);
        }
        if version > 2 || !fan.is_sorted() {
            return Err(damaged("the index is malformed"));
        }
        Ok(Self {
            idx,
            pack,
            version,
            fan,
        })
    }

    /// Returns where the names begin and how far apart they are.
    fn names(&self) -> (u64, u64) {
        if self.version == 1 {
            (4 * 256 + 4, 24)
        } else {
            (8 + 4 * 256, 20)
        }
    }

    /// Finds the position of a name by the bisection that libgit2 does, so that an unsorted index leads both
    /// to the same entry.
    fn position(&self, id: &Id) -> io::Result<Option<u64>> {
        let first = usize::from(id[0]);
        let (mut lo, mut hi) = (u64::from(self.fan[first]), u64::from(self.fan[first + 1]));
        let (start, stride) = self.names();
        let mut bucket = Vec::new();
        let mut base = 0;
        let name = |at: u64, bucket: &[u8], base: u64| -> io::Result<Id> {
            let mut name = [0; 20];
            let from = ((at - base) * stride) as usize;
            match bucket.get(from..from + 20).filter(|_| !bucket.is_empty()) {
                Some(bytes) => name.copy_from_slice(bytes),
                None => self.idx.read_exact_at(&mut name, start + at * stride)?,
            }
            Ok(name)
        };
        while lo < hi {
            if bucket.is_empty() && (hi - lo) * stride <= BUCKET {
                base = lo;
                bucket.resize(((hi - lo) * stride) as usize, 0);
                let got = self.idx.read_at(&mut bucket, start + lo * stride)?;
                bucket.truncate(got);
            }
            let middle = u64::midpoint(lo, hi);
            match name(middle, &bucket, base)?.cmp(id) {
                std::cmp::Ordering::Equal => return Ok(Some(middle)),
                std::cmp::Ordering::Greater => hi = middle,
                std::cmp::Ordering::Less => lo = middle + 1,
            }
        }
        let is_here = lo < u64::from(self.fan[256]) && name(lo, &[], 0)? == *id;
        Ok(is_here.then_some(lo))
    }

    /// Finds the offset of an object in the pack.
    fn find(&self, id: &Id) -> io::Result<Option<u64>> {
        let Some(at) = self.position(id)? else {
            return Ok(None);
        };
        let count = u64::from(self.fan[256]);
        let word = |place: u64| -> io::Result<u32> {
            let mut bytes = [0; 4];
            self.idx.read_exact_at(&mut bytes, place)?;
            Ok(u32::from_be_bytes(bytes))
        };
        if self.version == 1 {
            return word(4 * 256 + 24 * at).map(|o| Some(u64::from(o)));
        }
        let table = 8 + 4 * 256 + 24 * count;
        let small = word(table + 4 * at)?;
        if small & 0x8000_0000 == 0 {
            return Ok(Some(u64::from(small)));
        }
        let place = table + 4 * count + 8 * u64::from(small & 0x7fff_ffff);
        let large = u64::from(word(place)?) << 32 | u64::from(word(place + 4)?);
        Ok(Some(large))
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
