//! The table of the store: what of the other files belongs to which blob.
//!
//! Three files, all append-only; every number is little-endian.
//!
//! ```text
//! tags   = "glstag01" , { record of a blob, see pack, LZ4 block format, or as it is if that is not longer }
//! names  = "glsnam01" , { names of the definitions and declarations of a group of blobs, each with an LF behind it, LZ4 block
//!          format }
//! table  = "glssym03" , digest u32 , CRC-32 of the 12 bytes before u32 , { row }
//! row    = 80 bytes:
//!           0  blob id                             20 bytes
//!          20  offset in tags                      u64
//!          28  stored length                       u32
//!          32  length of the record                u32     equal to the stored length: not compressed
//!          36  CRC-32 of the stored bytes          u32
//!          40  definitions and declarations        u32
//!          44  calls and references                u32
//!          48  how they were found, see How        u8, and 1 byte 0
//!          50  class of the path, see NameClass    u16
//!          52  offset of the group's names         u64
//!          60  their stored length                 u32     0: the group has none
//!          64  their length                        u32
//!          68  CRC-32 of the stored names          u32
//!          72  names of the group before the blob's u32
//!          76  CRC-32 of bytes 0 to 75             u32
//! ```
//! A blob has one row for each class of the paths that it has: what is C in `gate.c` is nothing in `listing.txt`. Version
//! 1, "glssym01", had one row a blob, and version 2 took macros of C for names: both are built anew. The blobs of a group
//! stand below each other. The digest is that of the tags queries and of the classes: tags found with others are found anew.
//! A row is written when what it names is on disk; rows that a crash tore off the end are cut off.

use super::tagged::How;
use crate::language::NameClass;
use crate::model::BlobId;

pub(super) const TAGS: &str = "tags";
pub(super) const NAMES: &str = "names";
pub(super) const TABLE: &str = "table";
pub(super) const TAGS_MAGIC: &[u8; 8] = b"glstag01";
pub(super) const NAMES_MAGIC: &[u8; 8] = b"glsnam01";
const TABLE_MAGIC: &[u8; 8] = b"glssym03";
pub(super) const ROW: usize = 80;
/// Bytes of the table before its rows.
pub(super) const HEAD: usize = 16;

/// Returns the beginning of a table.
pub(super) fn head(digest: u32) -> [u8; HEAD] {
    let mut out = [0; HEAD];
    out[..8].copy_from_slice(TABLE_MAGIC);
    out[8..12].copy_from_slice(&digest.to_le_bytes());
    let crc = crc32fast::hash(&out[..12]);
    out[12..].copy_from_slice(&crc.to_le_bytes());
    out
}

/// Where something is stored, and what it must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub offset: u64,
    pub stored: u32,
    pub len: u32,
    pub crc: u32,
}

/// A blob as a file of some name: equal blobs with equal classes have the same symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceKey {
    /// The bytes.
    pub blob: BlobId,
    /// What the path says about the language.
    pub class: NameClass,
}

impl SourceKey {
    /// Returns the key of a blob at a path. All paths of documents and of data are alike: there are no symbols.
    pub fn new(blob: BlobId, path: &[u8]) -> Self {
        let class = NameClass::for_code(path);
        Self { blob, class }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub key: SourceKey,
    pub tags: Part,
    pub definitions: u32,
    pub uses: u32,
    pub how: How,
    pub names: Part,
    /// Names of the group that stand before those of this blob.
    pub before: u32,
}

impl Row {
    pub(super) fn encode(&self) -> [u8; ROW] {
        let mut out = [0; ROW];
        out[..20].copy_from_slice(self.key.blob.as_bytes());
        let mut part = |at: usize, part: Part| {
            out[at..at + 8].copy_from_slice(&part.offset.to_le_bytes());
            out[at + 8..at + 12].copy_from_slice(&part.stored.to_le_bytes());
            out[at + 12..at + 16].copy_from_slice(&part.len.to_le_bytes());
            out[at + 16..at + 20].copy_from_slice(&part.crc.to_le_bytes());
        };
        part(20, self.tags);
        part(52, self.names);
        out[40..44].copy_from_slice(&self.definitions.to_le_bytes());
        out[44..48].copy_from_slice(&self.uses.to_le_bytes());
        out[48] = self.how.code();
        out[50..52].copy_from_slice(&self.key.class.code().to_le_bytes());
        out[72..76].copy_from_slice(&self.before.to_le_bytes());
        let crc = crc32fast::hash(&out[..76]);
        out[76..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// Reads a row of 80 bytes; nothing if it is damaged.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let four = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let eight = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        if bytes.len() != ROW || crc32fast::hash(bytes.get(..76)?) != four(76)? {
            return None;
        }
        let part = |at: usize| {
            Some(Part {
                offset: eight(at)?,
                stored: four(at + 8)?,
                len: four(at + 12)?,
                crc: four(at + 16)?,
            })
        };
        Some(Self {
            key: SourceKey {
                blob: BlobId::new(bytes[..20].try_into().ok()?),
                class: NameClass::from_code(u16::from_le_bytes([bytes[50], bytes[51]]))?,
            },
            tags: part(20)?,
            definitions: four(40)?,
            uses: four(44)?,
            how: How::from_code(bytes[48])?,
            names: part(52)?,
            before: four(72)?,
        })
    }
}

/// The rows of a table as far as they are whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// The rows; what is behind them was torn off.
    Rows(Vec<Row>),
    /// It is not what was written, or of another version.
    Damaged,
}

/// Reads a table. A row that is not whole is the torn end, unless a whole one follows.
pub(super) fn read(bytes: &[u8], digest: u32) -> Table {
    let Some(rows) = bytes.strip_prefix(&head(digest)) else {
        return Table::Damaged;
    };
    let mut found = Vec::with_capacity(rows.len() / ROW);
    let mut rows = rows.chunks(ROW);
    for row in rows.by_ref() {
        match Row::decode(row) {
            Some(row) => found.push(row),
            None => break,
        }
    }
    if rows.any(|row| Row::decode(row).is_some()) {
        return Table::Damaged;
    }
    Table::Rows(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(id: [u8; 20], numbers: (u64, u32, u32), how: usize) -> Row {
        let part = |n: u32| Part {
            offset: numbers.0 ^ u64::from(n),
            stored: numbers.1 ^ n,
            len: numbers.2 ^ n,
            crc: n,
        };
        Row {
            key: SourceKey {
                blob: BlobId::new(id),
                class: NameClass::Language(u16::from(id[0])),
            },
            tags: part(1),
            definitions: numbers.1,
            uses: numbers.2,
            how: How::ALL[how],
            names: part(2),
            before: !numbers.1,
        }
    }

    proptest! {
        #[test]
        fn rows_come_back_and_no_flip_goes_unseen(
            id: [u8; 20], numbers: (u64, u32, u32), how in 0..How::ALL.len(), flip in 0..ROW * 8,
        ) {
            let row = row(id, numbers, how);
            let mut bytes = row.encode();
            prop_assert_eq!(Row::decode(&bytes), Some(row));
            bytes[flip / 8] ^= 1 << (flip % 8);
            prop_assert_eq!(Row::decode(&bytes), None);
        }
    }

    #[test]
    fn a_torn_end_is_cut_off_and_other_damage_is_not() {
        let rows: Vec<Row> = (0..4).map(|n| row([n; 20], (1, 2, 3), 0)).collect();
        let mut bytes = head(7).to_vec();
        bytes.extend(rows.iter().flat_map(Row::encode));
        assert_eq!(read(&bytes, 7), Table::Rows(rows.clone()));
        assert_eq!(read(&bytes, 8), Table::Damaged);
        for len in HEAD..bytes.len() {
            let whole = (len - HEAD) / ROW;
            assert_eq!(read(&bytes[..len], 7), Table::Rows(rows[..whole].to_vec()));
        }
        for len in 0..HEAD {
            assert_eq!(read(&bytes[..len], 7), Table::Damaged);
        }
        bytes[HEAD + 3 * ROW] ^= 1;
        assert_eq!(read(&bytes, 7), Table::Rows(rows[..3].to_vec()));
        bytes[HEAD + ROW] ^= 1;
        assert_eq!(read(&bytes, 7), Table::Damaged);
    }
}
