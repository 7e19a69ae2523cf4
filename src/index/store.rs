//! The text store: what is searched, by blob id.
//!
//! Two files, both append-only; every number is little-endian.
//!
//! ```text
//! data   = "glsdat02" , { bytes of a blob, LZ4 block format, or as they are if that is not longer }
//! table  = "glstab02" , { row }
//! row    = 64 bytes:
//!           0  blob id                         20 bytes
//!          20  offset in data                  u64
//!          28  stored length                   u32
//!          32  length of the text              u32     equal to the stored length: not compressed; of a binary file longer
//!                                                      than the blob by its strings, see Stored
//!          36  size of the blob                u64
//!          44  lines of the text               u32     0 if binary
//!          48  first group, a tantivy document u32
//!          52  encoding, see text::Encoding    u8      and 128 if a reviewer said so
//!          53  kind, see TextKind              u8      in bits 0 and 1; 4: stretches were in another encoding; bits 3 and 4:
//!                                                      see LineEnds; 32: the last line of a text has no line end
//!          54  number of groups, at least 1    u16     a large text has several, cut at line ends
//!          56  CRC-32 of the stored bytes      u32
//!          60  CRC-32 of bytes 0 to 59         u32
//! ```
//! Of several rows of one blob the last counts: it was read anew, in another encoding or under another limit.
//! How much of both belongs to the index is said by the payload of the tantivy commit, see [`Extent`].

use super::content::{Stored, TextKind};
use crate::memory::{self, Mapped};
use crate::model::{BlobId, Encodings};
use crate::text::{Encoding, LineEnds};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

pub(super) const DATA: &str = "data";
pub(super) const TABLE: &str = "table";
pub(super) const DATA_MAGIC: &[u8; 8] = b"glsdat02";
pub(super) const TABLE_MAGIC: &[u8; 8] = b"glstab02";
pub(super) const ROW: usize = 64;

/// How much of the files is committed.
///
/// Its text form, the payload of a commit, is `glassroom-index 2 ROWS DATA GROUPS CRC`: rows of the table, bytes
/// of the data file, documents, and the CRC-32 of what stands before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub rows: u64,
    pub data: u64,
    pub groups: u64,
}

impl Extent {
    pub(super) fn to_payload(self) -> String {
        let text = format!(
            "glassroom-index 2 {} {} {}",
            self.rows, self.data, self.groups
        );
        format!("{text} {:08x}", crc32fast::hash(text.as_bytes()))
    }

    pub(super) fn from_payload(payload: &str) -> Option<Self> {
        let mut words = payload.strip_prefix("glassroom-index 2 ")?.split(' ');
        let mut number = || words.next()?.parse().ok();
        let extent = Self {
            rows: number()?,
            data: number()?,
            groups: number()?,
        };
        (extent.to_payload() == payload).then_some(extent)
    }

    pub(super) fn table_len(self) -> Option<u64> {
        self.rows
            .checked_mul(ROW as u64)?
            .checked_add(TABLE_MAGIC.len() as u64)
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub id: BlobId,
    pub offset: u64,
    pub stored_len: u32,
    pub text_len: u32,
    pub size: u64,
    pub lines: u32,
    pub group: u32,
    pub groups: u16,
    pub encoding: Encoding,
    /// A reviewer said which encoding it is.
    pub is_set: bool,
    pub kind: TextKind,
    pub is_mixed: bool,
    pub line_ends: LineEnds,
    pub lacks_final_end: bool,
    pub data_crc: u32,
}

/// Where the encoding stands in a row.
const ENCODING: usize = 52;
/// Stands beside the encoding of a row if a reviewer said it.
const SET: u8 = 0x80;
/// Where the kind stands in a row, and what stands beside it.
const KIND: usize = 53;
const MIXED: u8 = 4;
const ENDS: u8 = 3;
const UNENDED: u8 = 0x20;

impl Row {
    /// Returns whether the text was read in the encoding that a reviewer said, or in none that one no longer says.
    pub(super) fn is_read_as(&self, wanted: Option<Encoding>) -> bool {
        match wanted {
            _ if self.kind == TextKind::TooLarge => true,
            Some(wanted) => self.is_set && self.encoding == wanted,
            None => !self.is_set,
        }
    }

    pub(super) fn encode(&self) -> [u8; ROW] {
        let mut out = [0; ROW];
        out[..20].copy_from_slice(self.id.as_bytes());
        out[20..28].copy_from_slice(&self.offset.to_le_bytes());
        out[28..32].copy_from_slice(&self.stored_len.to_le_bytes());
        out[32..36].copy_from_slice(&self.text_len.to_le_bytes());
        out[36..44].copy_from_slice(&self.size.to_le_bytes());
        out[44..48].copy_from_slice(&self.lines.to_le_bytes());
        out[48..52].copy_from_slice(&self.group.to_le_bytes());
        out[ENCODING] = self.encoding.code() | if self.is_set { SET } else { 0 };
        out[KIND] = self.kind.code()
            | if self.is_mixed { MIXED } else { 0 }
            | self.line_ends.code() << ENDS
            | if self.lacks_final_end { UNENDED } else { 0 };
        out[54..56].copy_from_slice(&self.groups.to_le_bytes());
        out[56..60].copy_from_slice(&self.data_crc.to_le_bytes());
        let crc = crc32fast::hash(&out[..60]);
        out[60..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// Reads a row of 64 bytes; nothing if it is damaged.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let four = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let eight = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        if crc32fast::hash(bytes.get(..60)?) != four(60)? {
            return None;
        }
        let kind = bytes[KIND];
        if kind >= UNENDED << 1 {
            return None;
        }
        Some(Self {
            id: BlobId::new(bytes[..20].try_into().ok()?),
            offset: eight(20)?,
            stored_len: four(28)?,
            text_len: four(32)?,
            size: eight(36)?,
            lines: four(44)?,
            group: four(48)?,
            encoding: Encoding::from_code(bytes[ENCODING] & !SET)?,
            is_set: bytes[ENCODING] & SET != 0,
            kind: TextKind::from_code(kind & 3)?,
            is_mixed: kind & MIXED != 0,
            line_ends: LineEnds::from_code(kind >> ENDS & 3)?,
            lacks_final_end: kind & UNENDED != 0,
            groups: u16::from_le_bytes([bytes[54], bytes[55]]),
            data_crc: four(56)?,
        })
    }
}

/// Hashes a blob id by its first bytes: they are as good as random already.
#[derive(Default)]
pub(super) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 ^= u64::from_le_bytes(*first);
        }
    }
}

pub(super) type ById<T> = HashMap<BlobId, T, BuildHasherDefault<IdHasher>>;

/// The stored bytes of a blob are not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damaged;

/// Counts the stores that this program has opened.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// The committed part of a text store. Rows are read and checked when they are asked for.
pub(super) struct Store {
    key: u64,
    data: Mapped,
    table: Mapped,
    extent: Extent,
    by_id: OnceLock<ById<u32>>,
    /// What is not read as the reviewers say.
    left_out: HashSet<BlobId>,
}

impl Store {
    /// Opens what is committed; `Ok(None)` if it is not as long as what was written.
    pub(super) fn open(folder: &Path, extent: Extent) -> io::Result<Option<Self>> {
        let Some(table_len) = extent.table_len() else {
            return Ok(None);
        };
        let mapped = |name: &str, len| match memory::map(&File::open(folder.join(name))?, len) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            other => other.map(Some),
        };
        let (Some(table), Some(data)) = (mapped(TABLE, table_len)?, mapped(DATA, extent.data)?)
        else {
            return Ok(None);
        };
        let is_ours = table.starts_with(TABLE_MAGIC) && data.starts_with(DATA_MAGIC);
        Ok(is_ours.then(|| Self {
            key: OPENED.fetch_add(1, Ordering::Relaxed),
            data,
            table,
            extent,
            by_id: OnceLock::new(),
            left_out: HashSet::new(),
        }))
    }

    /// Returns what tells this store from every other one this program has opened.
    pub(super) fn key(&self) -> u64 {
        self.key
    }

    /// Returns the number of stored blobs.
    pub(super) fn len(&self) -> usize {
        self.by_id().len() - self.left_out.len()
    }

    fn table(&self) -> &[u8] {
        &self.table[TABLE_MAGIC.len()..]
    }

    fn all_ids(&self) -> impl Iterator<Item = BlobId> + '_ {
        let rows = self.table().chunks_exact(ROW);
        rows.map(|row| BlobId::new(*row.first_chunk().expect("a row is longer than an id")))
    }

    /// Returns rows and their blobs in order; of several rows of one blob the last counts. They are not checked: a
    /// row is when it is read.
    pub(super) fn ids(&self) -> impl Iterator<Item = (u32, BlobId)> + '_ {
        let all = (0..).zip(self.all_ids());
        all.filter(|(_, id)| self.left_out.is_empty() || !self.left_out.contains(id))
    }

    fn by_id(&self) -> &ById<u32> {
        let make = || self.all_ids().zip(0..).collect();
        self.by_id.get_or_init(make)
    }

    /// Returns the row of a blob.
    pub(super) fn find(&self, id: &BlobId) -> Option<u32> {
        if !self.left_out.is_empty() && self.left_out.contains(id) {
            return None;
        }
        self.by_id().get(id).copied()
    }

    /// Leaves out the texts that are not read as the reviewers say: they are not stored yet.
    pub(super) fn honour(&mut self, encodings: &Encodings) {
        let rows = self.table().chunks_exact(ROW).zip(self.all_ids());
        let set = rows.filter_map(|(row, id)| (row[ENCODING] & SET != 0).then_some(id));
        let asked: HashSet<BlobId> = set.chain(encodings.keys().copied()).collect();
        let is_other = |id: &BlobId| {
            let row = self.find(id).map(|row| self.row(row));
            let wanted = encodings.get(id).copied();
            row.is_some_and(|row| row.is_ok_and(|row| !row.is_read_as(wanted)))
        };
        self.left_out = asked.into_iter().filter(is_other).collect();
    }

    /// Returns whether something is not read as the reviewers say.
    pub(super) fn leaves_out(&self) -> bool {
        !self.left_out.is_empty()
    }

    /// Reads and checks a row.
    pub(super) fn row(&self, row: u32) -> Result<Row, Damaged> {
        let at = row as usize * ROW;
        let bytes = self.table().get(at..at + ROW).ok_or(Damaged)?;
        let row = Row::decode(bytes).ok_or(Damaged)?;
        let end = u64::from(row.group) + u64::from(row.groups);
        if row.groups == 0 || end > self.extent.groups {
            return Err(Damaged);
        }
        Ok(row)
    }

    /// Reads and checks all rows.
    pub(super) fn rows(&self) -> Result<Vec<Row>, Damaged> {
        (0..self.extent.rows as u32)
            .map(|row| self.row(row))
            .collect()
    }

    /// Reads a blob's text into a buffer that is only ever enlarged, and returns the part that is the text.
    pub(super) fn read_into<'b>(
        &self,
        row: &Row,
        buffer: &'b mut Vec<u8>,
    ) -> Result<&'b [u8], Damaged> {
        let len = row.text_len as usize;
        if buffer.len() < len {
            buffer.resize(len, 0);
        }
        let out = &mut buffer[..len];
        self.fill(row, out)?;
        Ok(out)
    }

    /// Fills a buffer, which is as long as a blob's text, with it.
    pub(super) fn fill(&self, row: &Row, out: &mut [u8]) -> Result<(), Damaged> {
        let from = usize::try_from(row.offset).map_err(|_| Damaged)?;
        let to = from.checked_add(row.stored_len as usize).ok_or(Damaged)?;
        let stored = self.data.get(from..to).ok_or(Damaged)?;
        if crc32fast::hash(stored) != row.data_crc {
            return Err(Damaged);
        }
        if row.stored_len == row.text_len {
            out.copy_from_slice(stored);
        } else if !lz4_flex::block::decompress_into(stored, out).is_ok_and(|l| l == out.len()) {
            return Err(Damaged);
        }
        Ok(())
    }

    pub(super) fn read(&self, row: &Row) -> Result<Stored, Damaged> {
        let mut bytes = Vec::new();
        let len = self.read_into(row, &mut bytes)?.len();
        bytes.truncate(len);
        Ok(Stored {
            kind: row.kind,
            encoding: row.encoding,
            is_mixed: row.is_mixed,
            line_ends: row.line_ends,
            bytes,
        })
    }
}

/// Appends a blob's text to what will be written to the data file, compressed if that is shorter.
pub(super) fn pack(text: &[u8], out: &mut Vec<u8>) -> (u32, u32) {
    let from = out.len();
    out.resize(
        from + lz4_flex::block::get_maximum_output_size(text.len()),
        0,
    );
    let packed = lz4_flex::block::compress_into(text, &mut out[from..]).unwrap_or(usize::MAX);
    if packed < text.len() {
        out.truncate(from + packed);
    } else {
        out.truncate(from);
        out.extend_from_slice(text);
    }
    ((out.len() - from) as u32, crc32fast::hash(&out[from..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_round_trip_and_no_flip_goes_unseen(
            id: [u8; 20], numbers: (u64, u32, u32, u64), lines: u32, codes in (0..10_u8, 0..4_u8, any::<bool>()), flip in 0..512_usize,
        ) {
            let row = Row {
                id: BlobId::new(id), offset: numbers.0, stored_len: numbers.1, text_len: numbers.2, size: numbers.3,
                lines, group: lines ^ 7, groups: lines as u16, data_crc: !lines,
                encoding: Encoding::from_code(codes.0).unwrap(), is_set: codes.2, kind: TextKind::from_code(codes.1).unwrap(),
                is_mixed: lines & 1 == 1, lacks_final_end: lines & 2 == 2, line_ends: LineEnds::from_code(codes.1 % 3).unwrap(),
            };
            let mut bytes = row.encode();
            prop_assert_eq!(Row::decode(&bytes), Some(row));
            bytes[flip / 8] ^= 1 << (flip % 8);
            prop_assert_eq!(Row::decode(&bytes), None);
        }

        #[test]
        fn payloads_round_trip(rows: u64, data: u64, groups: u64) {
            let extent = Extent { rows, data, groups };
            let payload = extent.to_payload();
            prop_assert_eq!(Extent::from_payload(&payload), Some(extent));
            prop_assert_eq!(Extent::from_payload(&payload.replace("-index 2 ", "-index 1 ")), None);
        }
    }
}
