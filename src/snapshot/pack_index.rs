//! The index of a pack: which object lies where. Versions 1 and 2 of gitformat-pack(5).
//!
//! The index comes with the delivery and can say anything: every position is checked by the reader of the pack, every
//! object against its id. A small index that is asked often is held in memory, any other is read where it is needed; nothing
//! is mapped, because a file that is cut short while it is mapped ends the program.

use crate::snapshot::refs::Id;
use std::cmp::Ordering;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering as Memory};
use std::sync::{Arc, OnceLock};

/// An index up to this size is held in memory.
const HELD_BYTES: u64 = 8 << 20;
/// Reads after which an index is held: a search that finds nothing needs two objects.
const READS_BEFORE_HELD: u32 = 256;
/// Bytes of all indexes that are held in memory at once.
const ALL_HELD_BYTES: u64 = 96 << 20;
/// Bytes of the checksums at the end.
const CHECKSUMS: u64 = 40;

/// Bytes of indexes that this process holds in memory.
static HELD: AtomicU64 = AtomicU64::new(0);

/// An index that was opened and has the right size for its number of objects.
#[derive(Debug)]
pub(super) struct PackIndex {
    bytes: IndexBytes,
    version: u32,
    /// Objects whose first byte is below the position.
    fan: Box<[u32; 257]>,
    /// The checksum of the pack that the index belongs to.
    pack_checksum: [u8; 20],
}

/// Where the bytes of an index are.
#[derive(Debug)]
enum IndexBytes {
    /// In memory for as long as the snapshot is open.
    Made(Arc<[u8]>),
    /// On disk.
    File(IndexFile),
}

#[derive(Debug)]
struct IndexFile {
    file: File,
    size: u64,
    reads: AtomicU32,
    /// All bytes, counted in `HELD`, once it was read often; nothing if it is not to be held.
    held: OnceLock<Option<Vec<u8>>>,
}

impl Drop for IndexFile {
    fn drop(&mut self) {
        if let Some(Some(bytes)) = self.held.get() {
            HELD.fetch_sub(bytes.len() as u64, Memory::Relaxed);
        }
    }
}

impl IndexFile {
    fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        if self.reads.fetch_add(1, Memory::Relaxed) >= READS_BEFORE_HELD
            && let Some(held) = self.held.get_or_init(|| self.hold())
        {
            return copy_from(held, bytes, at);
        }
        self.file.read_exact_at(bytes, at)
    }

    fn hold(&self) -> Option<Vec<u8>> {
        let is_small =
            self.size <= HELD_BYTES && HELD.load(Memory::Relaxed) + self.size <= ALL_HELD_BYTES;
        if !is_small {
            return None;
        }
        let mut held = vec![0; self.size as usize];
        // Who reads on where the file cannot be read is told why.
        self.file.read_exact_at(&mut held, 0).ok()?;
        HELD.fetch_add(self.size, Memory::Relaxed);
        Some(held)
    }
}

fn copy_from(memory: &[u8], bytes: &mut [u8], at: u64) -> io::Result<()> {
    let from = usize::try_from(at).ok().and_then(|at| memory.get(at..));
    let found = from.and_then(|from| from.get(..bytes.len()));
    bytes.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
    Ok(())
}

impl IndexBytes {
    fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        match self {
            Self::Made(memory) => copy_from(memory, bytes, at),
            Self::File(file) => file.read_at(bytes, at),
        }
    }
}

impl PackIndex {
    /// Reads an index from a file. Returns nothing if it is damaged as a whole.
    pub(super) fn open(file: File) -> io::Result<Option<Self>> {
        let size = file.metadata()?.len();
        let file = IndexFile {
            file,
            size,
            reads: AtomicU32::new(0),
            held: OnceLock::new(),
        };
        Self::new(IndexBytes::File(file), size)
    }

    /// Takes an index that was made in memory.
    pub(super) fn from_memory(bytes: Arc<[u8]>) -> io::Result<Option<Self>> {
        let size = bytes.len() as u64;
        Self::new(IndexBytes::Made(bytes), size)
    }

    fn new(bytes: IndexBytes, size: u64) -> io::Result<Option<Self>> {
        let mut index = Self {
            bytes,
            version: 1,
            fan: Box::new([0; 257]),
            pack_checksum: [0; 20],
        };
        if size < 4 * 256 + CHECKSUMS {
            return Ok(None);
        }
        let mut top = [0; 8 + 4 * 256];
        index.bytes.read_at(&mut top, 0)?;
        let word = |at: usize| u32::from_be_bytes([top[at], top[at + 1], top[at + 2], top[at + 3]]);
        let mut start = 0;
        if top.starts_with(b"\xfftOc") {
            index.version = word(4);
            start = 8;
        }
        for (at, slot) in index.fan.iter_mut().skip(1).enumerate() {
            *slot = word(start + 4 * at);
        }
        let count = u64::from(index.count());
        let (least, most) = if index.version == 1 {
            let size = 4 * 256 + 24 * count + CHECKSUMS;
            (size, size)
        } else {
            let size = 8 + 4 * 256 + 28 * count + CHECKSUMS;
            (size, size + 8 * count.saturating_sub(1))
        };
        let is_whole =
            index.version <= 2 && index.fan.is_sorted() && (least..=most).contains(&size);
        if !is_whole {
            return Ok(None);
        }
        let mut checksum = [0; 20];
        index.bytes.read_at(&mut checksum, size - CHECKSUMS)?;
        index.pack_checksum = checksum;
        Ok(Some(index))
    }

    /// Returns the number of objects.
    pub(super) fn count(&self) -> u32 {
        self.fan[256]
    }

    /// Returns the checksum that the pack must end with.
    pub(super) fn pack_checksum(&self) -> [u8; 20] {
        self.pack_checksum
    }

    /// Returns where the names begin and how far apart they are.
    fn names(&self) -> (u64, u64) {
        if self.version == 1 {
            (4 * 256 + 4, 24)
        } else {
            (8 + 4 * 256, 20)
        }
    }

    fn name_at(&self, at: u64) -> io::Result<Id> {
        let (start, stride) = self.names();
        let mut id = [0; 20];
        self.bytes.read_at(&mut id, start + at * stride)?;
        Ok(id)
    }

    /// Calls for every name in the order of the index.
    pub(super) fn each_name(&self, mut visit: impl FnMut(&Id)) -> io::Result<()> {
        let (start, stride) = self.names();
        let count = u64::from(self.count());
        let rows = (64 << 10) / stride;
        let mut at = 0;
        let mut chunk = Vec::new();
        while at < count {
            let here = rows.min(count - at);
            // The last row of version 1 ends with its name, 4 bytes of offset before each.
            chunk.resize((here * stride - (stride - 20)) as usize, 0);
            self.bytes.read_at(&mut chunk, start + at * stride)?;
            for row in chunk.chunks(stride as usize) {
                if let Some(id) = row.first_chunk() {
                    visit(id);
                }
            }
            at += here;
        }
        Ok(())
    }

    /// Returns the names in the order of their offsets in the pack.
    pub(super) fn names_by_offset(&self) -> io::Result<Vec<Id>> {
        let mut rows = Vec::with_capacity(self.count() as usize);
        let mut names = Vec::with_capacity(self.count() as usize);
        self.each_name(|id| names.push(*id))?;
        for (at, id) in (0..).zip(names) {
            rows.push((self.offset_at(at)?, id));
        }
        rows.sort_unstable();
        Ok(rows.into_iter().map(|(_, id)| id).collect())
    }

    /// Returns the position of the first name that is not below `id`, by bisection within its first byte.
    fn lower_bound(&self, id: &Id) -> io::Result<u64> {
        let first = usize::from(id[0]);
        let (mut lo, mut hi) = (u64::from(self.fan[first]), u64::from(self.fan[first + 1]));
        while lo < hi {
            let middle = u64::midpoint(lo, hi);
            match self.name_at(middle)?.cmp(id) {
                Ordering::Less => lo = middle + 1,
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => hi = middle,
            }
        }
        Ok(lo)
    }

    /// Finds the offset of an object in the pack.
    pub(super) fn find(&self, id: &Id) -> io::Result<Option<u64>> {
        let at = self.lower_bound(id)?;
        if at >= u64::from(self.count()) || self.name_at(at)? != *id {
            return Ok(None);
        }
        self.offset_at(at).map(Some)
    }

    /// Collects the names from `first` to `last`, both included, until there are two.
    pub(super) fn find_range(&self, first: &Id, last: &Id, found: &mut Vec<Id>) -> io::Result<()> {
        let mut at = self.lower_bound(first)?;
        while at < u64::from(self.count()) && found.len() < 2 {
            let name = self.name_at(at)?;
            if name < *first || name > *last {
                break;
            }
            if !found.contains(&name) {
                found.push(name);
            }
            at += 1;
        }
        Ok(())
    }

    /// Returns the offset in the pack of the object at a position of the index.
    fn offset_at(&self, at: u64) -> io::Result<u64> {
        let count = u64::from(self.count());
        let word = |place: u64| -> io::Result<u32> {
            let mut bytes = [0; 4];
            self.bytes.read_at(&mut bytes, place)?;
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
}
