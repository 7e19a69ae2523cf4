//! Where the content of each unit of a file table is stored, kept beside the index.
//!
//! To find the row of every content takes longer than most searches. What is found is kept for the state of the index that it
//! was found in. One file for each tree; every number is little-endian.
//!
//! ```text
//! units-<40 digits> = "glsunt01" , tree id (20 bytes) , state (28 bytes) , units u32 , { unit } , CRC-32 of all before it u32
//! state             = see IndexState
//! unit              = row u32 , first group u32 , number of groups u16 , kind u8 , 0 u8      row 2^32 - 1: not stored
//! ```
//! The numbers are those of the row of the text store (`store`). A file that is not right counts as none.

use super::content::TextKind;
use super::open::IndexState;
use super::store::Row;
use crate::memory::{self, Mapped};
use crate::model::TreeId;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"glsunt01";
const HEADER: usize = 60;
const UNIT: usize = 12;
const NO_ROW: u32 = u32::MAX;

/// Where the content of a unit is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StoredUnit {
    /// The row of the text store.
    pub row: u32,
    /// What the text is.
    pub kind: TextKind,
    group: u32,
    groups: u16,
}

impl StoredUnit {
    /// Describes a row of the text store.
    pub(super) fn new(number: u32, row: &Row) -> Self {
        Self {
            row: number,
            kind: row.kind,
            group: row.group,
            groups: row.groups,
        }
    }

    /// Returns the groups in which the trigrams of the text are.
    pub(super) fn groups(&self) -> Range<usize> {
        let first = self.group as usize;
        first..first + usize::from(self.groups)
    }
}

/// Where the content of each unit is stored.
pub(super) struct StoredUnits {
    /// All bytes of the file but the checksum.
    bytes: UnitBytes,
}

enum UnitBytes {
    Mapped(Mapped),
    Made(Vec<u8>),
}

fn units_path(folder: &Path, tree: TreeId) -> PathBuf {
    folder.join(format!("units-{tree}"))
}

fn header(tree: TreeId, state: &IndexState, units: usize) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend_from_slice(tree.as_bytes());
    header.extend_from_slice(&state.encode());
    header.extend_from_slice(&(units as u32).to_le_bytes());
    header
}

impl StoredUnits {
    /// Takes where each unit is stored.
    pub(super) fn new(tree: TreeId, state: &IndexState, units: &[Option<StoredUnit>]) -> Self {
        let mut bytes = header(tree, state, units.len());
        for unit in units {
            let mut out = [0; UNIT];
            let row = unit.map_or(NO_ROW, |unit| unit.row);
            out[..4].copy_from_slice(&row.to_le_bytes());
            if let Some(unit) = unit {
                out[4..8].copy_from_slice(&unit.group.to_le_bytes());
                out[8..10].copy_from_slice(&unit.groups.to_le_bytes());
                out[10] = unit.kind.code();
            }
            bytes.extend_from_slice(&out);
        }
        Self {
            bytes: UnitBytes::Made(bytes),
        }
    }

    /// Opens what was kept for a tree and a state of the index; nothing if there is none that is right.
    pub(super) fn open(
        folder: &Path,
        tree: TreeId,
        state: &IndexState,
        units: usize,
    ) -> Option<Self> {
        let file = File::open(units_path(folder, tree)).ok()?;
        let mapped = memory::map(&file, file.metadata().ok()?.len()).ok()?;
        let (body, crc) = mapped.split_last_chunk()?;
        let is_right = body.len() == HEADER + UNIT * units
            && body[..HEADER] == header(tree, state, units)
            && crc32fast::hash(body) == u32::from_le_bytes(*crc);
        is_right.then_some(Self {
            bytes: UnitBytes::Mapped(mapped),
        })
    }

    /// Returns whether it was opened and need not be kept again.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self.bytes, UnitBytes::Mapped(_))
    }

    /// Keeps it in the folder of the index.
    pub(super) fn write(&self, folder: &Path, tree: TreeId) -> io::Result<()> {
        let UnitBytes::Made(bytes) = &self.bytes else {
            return Ok(());
        };
        let path = units_path(folder, tree);
        let part = path.with_extension("part");
        let mut out = bytes.clone();
        out.extend_from_slice(&crc32fast::hash(bytes).to_le_bytes());
        fs::write(&part, out)?;
        fs::rename(&part, &path)
    }

    /// Returns where a unit is stored; nothing if it is not.
    pub(super) fn get(&self, unit: u32) -> Option<StoredUnit> {
        let bytes: &[u8] = match &self.bytes {
            UnitBytes::Mapped(mapped) => mapped,
            UnitBytes::Made(bytes) => bytes,
        };
        let bytes: &[u8; UNIT] = bytes.get(HEADER + UNIT * unit as usize..)?.first_chunk()?;
        let (row, rest) = bytes.split_first_chunk()?;
        let (group, rest) = rest.split_first_chunk()?;
        let (groups, rest) = rest.split_first_chunk()?;
        let row = u32::from_le_bytes(*row);
        (row != NO_ROW).then_some(StoredUnit {
            row,
            group: u32::from_le_bytes(*group),
            groups: u16::from_le_bytes(*groups),
            kind: TextKind::from_code(*rest.first()?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn units_round_trip_and_neither_a_flip_nor_another_state_is_taken(
            units in proptest::collection::vec((any::<bool>(), 0..9_u32, any::<u32>(), any::<u16>(), 0..4_u8), 0..12),
            tree: [u8; 20],
            flip in 0..4000_usize,
        ) {
            let unit = |(is_stored, row, group, groups, kind): (bool, u32, u32, u16, u8)| {
                let kind = TextKind::from_code(kind).unwrap();
                is_stored.then_some(StoredUnit { row, kind, group, groups })
            };
            let units: Vec<_> = units.into_iter().map(unit).collect();
            let (tree, state) = (TreeId::new(tree), IndexState::default());
            let folder = tempfile::tempdir().unwrap();
            let open = |state: &IndexState| StoredUnits::open(folder.path(), tree, state, units.len());
            prop_assert!(open(&state).is_none());
            let made = StoredUnits::new(tree, &state, &units);
            made.write(folder.path(), tree).unwrap();
            let opened = open(&state).unwrap();
            for (at, unit) in (0..).zip(&units) {
                prop_assert_eq!((made.get(at), opened.get(at)), (*unit, *unit));
            }
            prop_assert!(opened.is_kept() && !made.is_kept());
            prop_assert_eq!(opened.get(units.len() as u32), None);
            let other = IndexState { segments: 1, ..state };
            prop_assert!(open(&other).is_none());
            prop_assert!(StoredUnits::open(folder.path(), tree, &state, units.len() + 1).is_none());
            let path = units_path(folder.path(), tree);
            let mut bytes = fs::read(&path).unwrap();
            let at = flip % (8 * bytes.len());
            bytes[at / 8] ^= 1 << (at % 8);
            fs::write(&path, &bytes).unwrap();
            prop_assert!(open(&state).is_none());
            bytes.truncate(at / 8);
            fs::write(&path, bytes).unwrap();
            prop_assert!(open(&state).is_none());
        }
    }
}
