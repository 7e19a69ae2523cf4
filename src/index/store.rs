//! The text store: what is searched, by blob id.
//!
//! Two files, both append-only; every number is little-endian.
//!
//! ```text
//! data   = "glsdat01" , { bytes of a blob, LZ4 block format, or as they are if that is not longer }
//! table  = "glstab01" , { row }
//! row    = 64 bytes:
//!           0  blob id                         20 bytes
//!          20  offset in data                  u64
//!          28  stored length                   u32
//!          32  length of the text              u32     equal to the stored length: not compressed
//!          36  size of the blob                u64
//!          44  lines of the text               u32     0 if binary
//!          48  first group, a tantivy document u32
//!          52  encoding, see text::Encoding    u8
//!          53  kind, see TextKind              u8
//!          54  number of groups, at least 1    u16     a large text has several, cut at line ends
//!          56  CRC-32 of the stored bytes      u32
//!          60  CRC-32 of bytes 0 to 59         u32
//! ```
//! How much of both belongs to the index is said by the payload of the tantivy commit, see [`Extent`].

use super::content::{Stored, TextKind};
use crate::memory::{self, Mapped};
use crate::model::BlobId;
use crate::text::Encoding;
use std::collections::HashMap;
use std::fs::File;
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

pub(super) const DATA: &str = "data";
pub(super) const TABLE: &str = "table";
pub(super) const DATA_MAGIC: &[u8; 8] = b"glsdat01";
pub(super) const TABLE_MAGIC: &[u8; 8] = b"glstab01";
pub(super) const ROW: usize = 64;

/// How much of the files is committed.
///
/// Its text form, the payload of a commit, is `glassroom-index 1 ROWS DATA GROUPS CRC`: rows of the table, bytes
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
            "glassroom-index 1 {} {} {}",
            self.rows, self.data, self.groups
        );
        format!("{text} {:08x}", crc32fast::hash(text.as_bytes()))
    }

    pub(super) fn from_payload(payload: &str) -> Option<Self> {
        let mut words = payload.strip_prefix("glassroom-index 1 ")?.split(' ');
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
    pub kind: TextKind,
    pub data_crc: u32,
}

impl Row {
    pub(super) fn encode(&self) -> [u8; ROW] {
        let mut out = [0; ROW];
        out[..20].copy_from_slice(self.id.as_bytes());
        out[20..28].copy_from_slice(&self.offset.to_le_bytes());
        out[28..32].copy_from_slice(&self.stored_len.to_le_bytes());
        out[32..36].copy_from_slice(&self.text_len.to_le_bytes());
        out[36..44].copy_from_slice(&self.size.to_le_bytes());
        out[44..48].copy_from_slice(&self.lines.to_le_bytes());
        out[48..52].copy_from_slice(&self.group.to_le_bytes());
        out[52] = self.encoding.code();
        out[53] = self.kind.code();
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
        Some(Self {
            id: BlobId::new(bytes[..20].try_into().ok()?),
            offset: eight(20)?,
            stored_len: four(28)?,
            text_len: four(32)?,
            size: eight(36)?,
            lines: four(44)?,
            group: four(48)?,
            encoding: Encoding::from_code(bytes[52])?,
            kind: TextKind::from_code(bytes[53])?,
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

/// The committed part of a text store.
pub(super) struct Store {
    key: u64,
    data: Mapped,
    rows: Vec<Row>,
    by_id: ById<u32>,
}

impl Store {
    /// Opens what is committed; `Ok(None)` if it is not what was written.
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
        let (Some(rows), true) = (
            table.strip_prefix(TABLE_MAGIC),
            data.starts_with(DATA_MAGIC),
        ) else {
            return Ok(None);
        };
        let rows: Option<Vec<Row>> = rows.chunks(ROW).map(Row::decode).collect();
        let Some(rows) = rows else {
            return Ok(None);
        };
        if rows
            .iter()
            .any(|r| r.groups == 0 || u64::from(r.group) + u64::from(r.groups) > extent.groups)
        {
            return Ok(None);
        }
        let by_id = rows
            .iter()
            .enumerate()
            .map(|(i, row)| (row.id, i as u32))
            .collect();
        let key = OPENED.fetch_add(1, Ordering::Relaxed);
        Ok(Some(Self {
            key,
            data,
            rows,
            by_id,
        }))
    }

    /// Returns what tells this store from every other one this program has opened.
    pub(super) fn key(&self) -> u64 {
        self.key
    }

    pub(super) fn find(&self, id: &BlobId) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    pub(super) fn row(&self, row: u32) -> &Row {
        &self.rows[row as usize]
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Reads a blob's text into a buffer that is only ever enlarged, and returns the part that is the text.
    pub(super) fn read_into<'b>(
        &self,
        row: &Row,
        buffer: &'b mut Vec<u8>,
    ) -> Result<&'b [u8], Damaged> {
        let from = usize::try_from(row.offset).map_err(|_| Damaged)?;
        let to = from.checked_add(row.stored_len as usize).ok_or(Damaged)?;
        let stored = self.data.get(from..to).ok_or(Damaged)?;
        if crc32fast::hash(stored) != row.data_crc {
            return Err(Damaged);
        }
        let len = row.text_len as usize;
        if buffer.len() < len {
            buffer.resize(len, 0);
        }
        let out = &mut buffer[..len];
        if row.stored_len == row.text_len {
            out.copy_from_slice(stored);
        } else if !lz4_flex::block::decompress_into(stored, out).is_ok_and(|l| l == len) {
            return Err(Damaged);
        }
        Ok(out)
    }

    pub(super) fn read(&self, row: &Row) -> Result<Stored, Damaged> {
        let mut bytes = Vec::new();
        let len = self.read_into(row, &mut bytes)?.len();
        bytes.truncate(len);
        Ok(Stored {
            kind: row.kind,
            encoding: row.encoding,
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
            id: [u8; 20], numbers: (u64, u32, u32, u64), lines: u32, codes in (0..10_u8, 0..4_u8), flip in 0..512_usize,
        ) {
            let row = Row {
                id: BlobId::new(id), offset: numbers.0, stored_len: numbers.1, text_len: numbers.2, size: numbers.3,
                lines, group: lines ^ 7, groups: lines as u16, data_crc: !lines,
                encoding: Encoding::from_code(codes.0).unwrap(), kind: TextKind::from_code(codes.1).unwrap(),
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
            prop_assert_eq!(Extent::from_payload(&payload.replace(" 1 ", " 2 ")), None);
        }
    }
}
