//! The passages of an archive, in compressed blocks.
//!
//! An append-only file; every number is little-endian.
//!
//! ```text
//! texts = "glstxt01" , generation u64 , { block }
//! block = bytes that follow u32 , bytes of the passages u32 , CRC-32 of the number before and of what follows u32
//!       , passages in the LZ4 block format
//! passage = kind u8 (0 blob, 1 message of a commit, 2 message of a tag) , object id 20
//!         , number of its first line in the text u64 , bytes u32 , text
//! ```
//! The generation is a number that no other file of the review has: a list of objects that names another one does not
//! speak of this file.

use super::{ArchiveError, ObjectLog};
use crate::model::{BlobId, CommitId, DeliveredText, TagId};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

pub(super) const MAGIC: &[u8; 8] = b"glstxt01";
/// Bytes before the first block.
pub(super) const START: u64 = 16;
const BLOCK_HEADER: usize = 12;
const PASSAGE_HEADER: usize = 1 + 20 + 8 + 4;

/// Returns the file of the texts in an archive's folder.
pub(super) fn file_in(folder: &Path) -> PathBuf {
    folder.join("texts")
}

/// Passages before they are compressed.
#[derive(Debug, Default)]
pub struct PassageBlock(Vec<u8>);

impl PassageBlock {
    /// Adds a passage. `first_line` is 1-based. A text of 4 GiB or more is refused by whoever reads objects.
    pub fn push(&mut self, origin: &DeliveredText, first_line: u64, text: &[u8]) {
        let (kind, id) = match origin {
            DeliveredText::Blob(id) => (0, id.as_bytes()),
            DeliveredText::Message(id) => (1, id.as_bytes()),
            DeliveredText::TagMessage(id) => (2, id.as_bytes()),
            // Files of snapshots are in the index's text store.
            DeliveredText::File(_) => return,
        };
        self.0.push(kind);
        self.0.extend_from_slice(id);
        self.0.extend_from_slice(&first_line.to_le_bytes());
        self.0.extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.0.extend_from_slice(text);
    }

    /// Returns the number of bytes added so far.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the bytes of the block on disk, and empties it for the next.
    pub(super) fn encode(&mut self) -> Vec<u8> {
        let packed = lz4_flex::block::compress(&self.0);
        let mut out = Vec::with_capacity(packed.len() + BLOCK_HEADER);
        out.extend_from_slice(&(packed.len() as u32).to_le_bytes());
        out.extend_from_slice(&(self.0.len() as u32).to_le_bytes());
        out.extend_from_slice(&block_crc(self.0.len() as u32, &packed).to_le_bytes());
        out.extend_from_slice(&packed);
        self.0.clear();
        // A single large file does not keep its memory for ever.
        self.0.shrink_to(4 << 20);
        out
    }
}

/// A block of the file.
#[derive(Clone, Copy, Debug)]
struct BlockPlace {
    offset: u64,
    packed: u32,
    raw: u32,
    crc: u32,
}

/// The committed passages of an archive, to be read block by block on any thread.
#[derive(Debug, Default)]
pub struct ArchivedTexts {
    file: Option<File>,
    path: PathBuf,
    blocks: Vec<BlockPlace>,
    bytes: u64,
}

impl ArchivedTexts {
    /// Opens the texts that the list of objects speaks of; none if they were purged.
    pub fn open(folder: &Path, log: &ObjectLog) -> Result<Self, ArchiveError> {
        let path = file_in(folder);
        let none = Self {
            path: path.clone(),
            ..Self::default()
        };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(none),
            Err(error) => return Err(ArchiveError::io("open", &path)(error)),
        };
        let (generation, end) = log.texts;
        match read_generation(&file) {
            Ok(found) if found == Some(generation) => {}
            Ok(_) => return Ok(none),
            Err(error) => return Err(ArchiveError::io("read", &path)(error)),
        }
        let damaged = || ArchiveError::Damaged { path: path.clone() };
        let mut blocks = Vec::new();
        let (mut offset, mut bytes) = (START, 0);
        while offset < end {
            let mut header = [0; BLOCK_HEADER];
            file.read_exact_at(&mut header, offset)
                .map_err(|error| match error.kind() {
                    ErrorKind::UnexpectedEof => damaged(),
                    _ => ArchiveError::io("read", &path)(error),
                })?;
            let four = |at: usize| {
                u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
            };
            let place = BlockPlace {
                offset: offset + BLOCK_HEADER as u64,
                packed: four(0),
                raw: four(4),
                crc: four(8),
            };
            offset = place.offset + u64::from(place.packed);
            bytes += u64::from(place.raw);
            blocks.push(place);
        }
        if offset != end.max(START) {
            return Err(damaged());
        }
        Ok(Self {
            file: Some(file),
            path,
            blocks,
            bytes,
        })
    }

    /// Returns whether the texts are those that the list of objects speaks of.
    pub fn is_present(&self) -> bool {
        self.file.is_some()
    }

    /// Returns the number of blocks.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Returns the bytes of all passages.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Calls `see` with the passages of a block, in order: origin, 1-based number of the first line, text. It ends early
    /// when `see` returns false. Fails with `Damaged` before the first passage unless the checksum is right.
    pub fn read_block(
        &self,
        block: usize,
        see: &mut dyn FnMut(&DeliveredText, u64, &[u8]) -> bool,
    ) -> Result<(), ArchiveError> {
        let damaged = || ArchiveError::Damaged {
            path: self.path.clone(),
        };
        let (Some(file), Some(place)) = (&self.file, self.blocks.get(block)) else {
            return Err(damaged());
        };
        let mut packed = vec![0; place.packed as usize];
        file.read_exact_at(&mut packed, place.offset)
            .map_err(ArchiveError::io("read", &self.path))?;
        if block_crc(place.raw, &packed) != place.crc {
            return Err(damaged());
        }
        let raw =
            lz4_flex::block::decompress(&packed, place.raw as usize).map_err(|_| damaged())?;
        let mut rest = raw.as_slice();
        while !rest.is_empty() {
            let (header, behind) = rest
                .split_first_chunk::<PASSAGE_HEADER>()
                .ok_or_else(damaged)?;
            let id = *header[1..].first_chunk().ok_or_else(damaged)?;
            let origin = match header[0] {
                0 => DeliveredText::Blob(BlobId::new(id)),
                1 => DeliveredText::Message(CommitId::new(id)),
                2 => DeliveredText::TagMessage(TagId::new(id)),
                _ => return Err(damaged()),
            };
            let line = u64::from_le_bytes(*header[21..].first_chunk().ok_or_else(damaged)?);
            let len = u32::from_le_bytes(*header[29..].first_chunk().ok_or_else(damaged)?) as usize;
            let (text, next) = behind.split_at_checked(len).ok_or_else(damaged)?;
            rest = next;
            if !see(&origin, line, text) {
                break;
            }
        }
        Ok(())
    }
}

fn block_crc(raw: u32, packed: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&raw.to_le_bytes());
    crc.update(packed);
    crc.finalize()
}

/// Reads the generation of a file of texts; nothing if it is no such file.
pub(super) fn read_generation(file: &File) -> io::Result<Option<u64>> {
    let mut head = [0; START as usize];
    match file.read_exact_at(&mut head, 0) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let (magic, generation) = head.split_at(MAGIC.len());
    let generation = generation.first_chunk().map(|g| u64::from_le_bytes(*g));
    Ok(generation.filter(|_| magic == MAGIC))
}
