//! The trigram index's files under checksums: no byte of them reaches tantivy unless it is what was written.
//!
//! tantivy checks a file only as a whole, which means reading all of it, and trusts what it reads otherwise: a file that
//! was cut short makes it panic. [`CheckedDirectory`] stands between tantivy and the disk. It computes the CRC-32 of each
//! block of 8 KiB while a file is written, and compares a block with it when it is first read. A search touches few blocks.
//!
//! The checksums lie beside the folder of the trigram index:
//!
//! ```text
//! sums  = "glssum01" , is anything committed u8 , number of states u8 , { state } , number of files u32 , { file } ,
//!         CRC-32 of all before it u32
//! state = length of meta.json u64 , its CRC-32 u32                             1 or 2 of them
//! file  = length of its name u16 , name , length u64 , { CRC-32 of a block u32 }
//! ```
//! Every number is little-endian. `meta.json` says which files count, and cannot be replaced at one moment with its
//! checksum: the checksums are written first and hold the state before and the one to come. A checksum that is missing is
//! damage.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes,
    TerminatingWrite, WatchCallback, WatchHandle, WritePtr,
};

/// The file of the checksums, in the folder of the index.
pub(super) const SUMS: &str = "sums";
const MAGIC: &[u8; 8] = b"glssum01";
const BLOCK: usize = 8 << 10;
/// The file of tantivy's that says which others count.
const META: &str = "meta.json";
/// States of `meta.json` that may be read: the one before and the one to come.
const STATES: usize = 2;

/// The checksums of one file's blocks.
#[derive(Debug, Default, PartialEq, Eq)]
struct BlockSums {
    len: u64,
    blocks: Vec<u32>,
}

/// The checksums of all files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct SumTable {
    /// A commit was made, so that there is something to lose.
    is_committed: bool,
    /// Length and CRC-32 of `meta.json`, the newest first.
    states: Vec<(u64, u32)>,
    files: BTreeMap<PathBuf, Arc<BlockSums>>,
}

impl SumTable {
    fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.push(u8::from(self.is_committed));
        out.push(self.states.len() as u8);
        for (len, crc) in &self.states {
            out.extend_from_slice(&len.to_le_bytes());
            out.extend_from_slice(&crc.to_le_bytes());
        }
        out.extend_from_slice(&(self.files.len() as u32).to_le_bytes());
        for (name, sums) in &self.files {
            let name = name.to_string_lossy();
            out.extend_from_slice(&(name.len() as u16).to_le_bytes());
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(&sums.len.to_le_bytes());
            for crc in &sums.blocks {
                out.extend_from_slice(&crc.to_le_bytes());
            }
        }
        out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
        out
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, crc) = bytes.split_last_chunk()?;
        if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
            return None;
        }
        let (head, mut rest) = body.strip_prefix(MAGIC)?.split_first_chunk::<2>()?;
        let mut table = Self {
            is_committed: head[0] != 0,
            ..Self::default()
        };
        for _ in 0..head[1] {
            let len = u64::from_le_bytes(*part(&mut rest)?);
            table
                .states
                .push((len, u32::from_le_bytes(*part(&mut rest)?)));
        }
        for _ in 0..u32::from_le_bytes(*part(&mut rest)?) {
            let name_len = usize::from(u16::from_le_bytes(*part(&mut rest)?));
            let (name, behind) = rest.split_at_checked(name_len)?;
            rest = behind;
            let len = u64::from_le_bytes(*part(&mut rest)?);
            let count = usize::try_from(len).ok()?.div_ceil(BLOCK);
            let (blocks, behind) = rest.split_at_checked(count.checked_mul(4)?)?;
            rest = behind;
            let crc = |four: &[u8]| Some(u32::from_le_bytes(four.try_into().ok()?));
            let blocks = blocks.chunks_exact(4).map(crc).collect::<Option<_>>()?;
            let name = PathBuf::from(std::str::from_utf8(name).ok()?);
            table
                .files
                .insert(name, Arc::new(BlockSums { len, blocks }));
        }
        rest.is_empty().then_some(table)
    }
}

fn part<'b, const N: usize>(rest: &mut &'b [u8]) -> Option<&'b [u8; N]> {
    let (first, behind) = rest.split_first_chunk()?;
    *rest = behind;
    Some(first)
}

/// Returns whether the checksums in a folder say that something was committed; nothing if there are none that are right.
pub(super) fn has_commit(folder: &Path) -> Option<bool> {
    Some(read(folder)?.is_committed)
}

fn read(folder: &Path) -> Option<SumTable> {
    SumTable::decode(&fs::read(folder.join(SUMS)).ok()?)
}

/// Replaces the checksums at one moment.
fn write(folder: &Path, table: &SumTable) -> io::Result<()> {
    let (path, part) = (folder.join(SUMS), folder.join("sums.part"));
    let mut file = File::create(&part)?;
    file.write_all(&table.encode())?;
    file.sync_data()?;
    fs::rename(&part, &path)
}

/// The files of the trigram index, each block checked when it is first read.
#[derive(Clone)]
pub(super) struct CheckedDirectory {
    files: MmapDirectory,
    /// Where the checksums lie.
    folder: PathBuf,
    table: Arc<Mutex<SumTable>>,
}

impl CheckedDirectory {
    /// Opens the files in `grams` of an index; an error if there are no checksums that are right.
    pub(super) fn open(folder: &Path, grams: &Path) -> io::Result<Self> {
        let table = read(folder).ok_or_else(|| damaged(&folder.join(SUMS)))?;
        Self::with(folder, grams, table)
    }

    /// Opens a folder that has no files yet.
    pub(super) fn create(folder: &Path, grams: &Path) -> io::Result<Self> {
        write(folder, &SumTable::default())?;
        Self::with(folder, grams, SumTable::default())
    }

    fn with(folder: &Path, grams: &Path, table: SumTable) -> io::Result<Self> {
        let files = MmapDirectory::open(grams).map_err(io::Error::other)?;
        Ok(Self {
            files,
            folder: folder.to_owned(),
            table: Arc::new(Mutex::new(table)),
        })
    }

    fn table(&self) -> MutexGuard<'_, SumTable> {
        // A panic of another thread leaves it whole: it is only ever changed by one insertion or removal.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what another program has written since.
    fn reload(&self) {
        if let Some(newer) = read(&self.folder) {
            let mut table = self.table();
            table.states = newer.states;
            for (name, sums) in newer.files {
                table.files.entry(name).or_insert(sums);
            }
        }
    }

    /// Returns the checksums of a file, those that another program has written included.
    fn sums(&self, path: &Path) -> Option<Arc<BlockSums>> {
        let known = self.table().files.get(path).cloned();
        known.or_else(|| {
            self.reload();
            self.table().files.get(path).cloned()
        })
    }

    fn is_state(&self, meta: &[u8]) -> bool {
        let state = (meta.len() as u64, crc32fast::hash(meta));
        self.table().states.contains(&state)
    }

    /// Compares all blocks of the files of some segments, which begin with its id; false if one is damaged or lost.
    pub(super) fn is_whole(&self, segments: &[String]) -> bool {
        let is_of = |path: &PathBuf| {
            let name = path.to_string_lossy();
            segments
                .iter()
                .any(|segment| name.starts_with(segment.as_str()))
        };
        let paths: Vec<PathBuf> = self
            .table()
            .files
            .keys()
            .filter(|p| is_of(p))
            .cloned()
            .collect();
        paths.into_iter().all(|path| {
            let file = self.get_file_handle(&path);
            file.is_ok_and(|file| file.read_bytes(0..file.len()).is_ok())
        })
    }
}

impl fmt::Debug for CheckedDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CheckedDirectory")
            .field(&self.folder)
            .finish()
    }
}

fn damaged(path: &Path) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("`{}` is damaged", path.display()),
    )
}

impl Directory for CheckedDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let failed = |error| OpenReadError::wrap_io_error(error, path.to_owned());
        let file = self.files.get_file_handle(path)?;
        let sums = self.sums(path).filter(|sums| sums.len == file.len() as u64);
        let sums = sums.ok_or_else(|| failed(damaged(path)))?;
        let bytes = file.read_bytes(0..file.len()).map_err(failed)?;
        let seen = (0..sums.blocks.len().div_ceil(64)).map(|_| AtomicU64::new(0));
        Ok(Arc::new(CheckedFile {
            path: path.to_owned(),
            bytes,
            seen: seen.collect(),
            sums,
        }))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let file = self.files.open_write(path)?;
        Ok(BufWriter::new(Box::new(SummingWriter {
            file,
            path: path.to_owned(),
            table: Arc::clone(&self.table),
            sums: BlockSums::default(),
            hasher: crc32fast::Hasher::new(),
        })))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let bytes = self.files.atomic_read(path)?;
        if path == Path::new(META) && !self.is_state(&bytes) {
            self.reload();
            if !self.is_state(&bytes) {
                return Err(OpenReadError::wrap_io_error(damaged(path), path.to_owned()));
            }
        }
        Ok(bytes)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        if path == Path::new(META) {
            let mut table = self.table();
            let before = self.files.atomic_read(path).ok();
            let before = before.map(|meta| (meta.len() as u64, crc32fast::hash(&meta)));
            let before = before.filter(|state| table.states.contains(state));
            table.states = vec![(data.len() as u64, crc32fast::hash(data))];
            table.states.extend(before);
            table.states.truncate(STATES);
            table.is_committed |= memchr::memmem::find(data, b"glassroom-index").is_some();
            write(&self.folder, &table)?;
        }
        self.files.atomic_write(path, data)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)?;
        self.table().files.remove(path);
        Ok(())
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }

    fn acquire_lock(
        &self,
        lock: &Lock,
    ) -> Result<DirectoryLock, tantivy::directory::error::LockError> {
        self.files.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(callback)
    }
}

/// A file whose blocks are compared with their checksums before they are handed out.
struct CheckedFile {
    path: PathBuf,
    bytes: OwnedBytes,
    sums: Arc<BlockSums>,
    /// One bit a block: it was compared.
    seen: Vec<AtomicU64>,
}

impl CheckedFile {
    fn check(&self, block: usize) -> bool {
        let (word, bit) = (&self.seen[block / 64], 1 << (block % 64));
        if word.load(Ordering::Relaxed) & bit != 0 {
            return true;
        }
        let end = self.bytes.len().min((block + 1) * BLOCK);
        let is_right = crc32fast::hash(&self.bytes[block * BLOCK..end]) == self.sums.blocks[block];
        if is_right {
            word.fetch_or(bit, Ordering::Relaxed);
        }
        is_right
    }
}

impl HasLen for CheckedFile {
    fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl fmt::Debug for CheckedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CheckedFile").field(&self.path).finish()
    }
}

impl FileHandle for CheckedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.bytes.len() {
            return Err(damaged(&self.path));
        }
        let blocks = range.start / BLOCK..range.end.div_ceil(BLOCK);
        if blocks.into_iter().all(|block| self.check(block)) {
            Ok(self.bytes.slice(range))
        } else {
            Err(damaged(&self.path))
        }
    }
}

/// Computes the checksums of a file while it is written.
struct SummingWriter {
    file: WritePtr,
    path: PathBuf,
    table: Arc<Mutex<SumTable>>,
    sums: BlockSums,
    /// Of the block that is not full.
    hasher: crc32fast::Hasher,
}

impl SummingWriter {
    fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let filled = (self.sums.len % BLOCK as u64) as usize;
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - filled));
            self.hasher.update(now);
            self.sums.len += now.len() as u64;
            if filled + now.len() == BLOCK {
                self.close_block();
            }
            bytes = later;
        }
    }

    fn close_block(&mut self) {
        let full = std::mem::take(&mut self.hasher);
        self.sums.blocks.push(full.finalize());
    }
}

impl Write for SummingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.add(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl TerminatingWrite for SummingWriter {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        self.file.terminate_ref(token)?;
        if !self.sums.len.is_multiple_of(BLOCK as u64) {
            self.close_block();
        }
        let sums = Arc::new(std::mem::take(&mut self.sums));
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.files.insert(std::mem::take(&mut self.path), sums);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn made(folder: &Path, name: &str, bytes: &[u8], pieces: usize) -> CheckedDirectory {
        let directory = CheckedDirectory::create(folder, folder).unwrap();
        let mut file = directory.open_write(Path::new(name)).unwrap();
        for piece in bytes.chunks(pieces) {
            file.write_all(piece).unwrap();
        }
        file.terminate().unwrap();
        directory.atomic_write(Path::new(META), b"{}").unwrap();
        directory
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn what_was_written_is_read_and_no_change_goes_unseen(
            len in 0..3 * BLOCK + 9, pieces in 1..20_000_usize, at: prop::sample::Index, cut: bool,
            from: prop::sample::Index, size in 0..200_usize,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let bytes: Vec<u8> = (0..len).map(|n| (n * 7 / 3) as u8).collect();
            made(folder.path(), "a.x", &bytes, pieces);
            let read = |range: Range<usize>| {
                let directory = CheckedDirectory::open(folder.path(), folder.path()).ok()?;
                let file = directory.get_file_handle(Path::new("a.x")).ok()?;
                Some(file.read_bytes(range).ok()?.to_vec())
            };
            let from = from.index(len + 1);
            let range = from..(from + size).min(len);
            prop_assert_eq!(read(range.clone()), Some(bytes[range.clone()].to_vec()));
            prop_assume!(len > 0);
            let at = at.index(len);
            let mut other = bytes.clone();
            if cut {
                other.truncate(at);
            } else {
                other[at] ^= 1;
            }
            fs::write(folder.path().join("a.x"), &other).unwrap();
            let blocks = range.start / BLOCK..range.end.div_ceil(BLOCK);
            let is_hit = cut || blocks.contains(&(at / BLOCK));
            prop_assert_eq!(read(range.clone()).is_none(), is_hit);
            prop_assert_eq!(read(0..len), None);
        }

        #[test]
        fn tables_come_back_and_no_flip_goes_unseen(
            files in prop::collection::btree_map("[a-z.]{1,9}", (0..3 * BLOCK as u64, any::<u32>()), 0..4),
            states in prop::collection::vec(any::<(u64, u32)>(), 0..3), is_committed: bool, flip: prop::sample::Index,
        ) {
            let file = |(len, crc): (u64, u32)| Arc::new(BlockSums {
                len, blocks: vec![crc; (len as usize).div_ceil(BLOCK)],
            });
            let files = files.into_iter().map(|(name, of)| (PathBuf::from(name), file(of))).collect();
            let table = SumTable { is_committed, states, files };
            let mut bytes = table.encode();
            prop_assert_eq!(SumTable::decode(&bytes), Some(table));
            let at = flip.index(bytes.len() * 8);
            bytes[at / 8] ^= 1 << (at % 8);
            prop_assert_eq!(SumTable::decode(&bytes), None);
        }
    }

    #[test]
    fn the_state_before_and_the_one_to_come_are_read_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let directory = made(folder.path(), "a.x", b"abc", 1);
        let meta = Path::new(META);
        let states: [&[u8]; 3] = [b"{}", b"{\"a\":1}", b"{\"b\":2}"];
        for state in &states[1..] {
            directory.atomic_write(meta, state).unwrap();
        }
        for (state, is_right) in states.iter().zip([false, true, true]) {
            fs::write(folder.path().join(META), state).unwrap();
            let opened = CheckedDirectory::open(folder.path(), folder.path()).unwrap();
            assert_eq!(opened.atomic_read(meta).is_ok(), is_right, "{state:?}");
        }
        fs::remove_file(folder.path().join(SUMS)).unwrap();
        assert!(CheckedDirectory::open(folder.path(), folder.path()).is_err());
    }
}
