//! The list of the objects of a review's deliveries, and what became of each.
//!
//! An append-only file; every number is little-endian.
//!
//! ```text
//! objects = "glsobj01" , { batch }
//! batch   = 32 bytes:
//!            0  generation of `texts`                        u64
//!            8  bytes of `texts` that are committed          u64
//!           16  rows                                         u32
//!           20  0                                            u32
//!           24  CRC-32 of bytes 0 to 23 and of the rows      u32
//!           28  "batc"
//!         , rows of 21 bytes: object id 20, state u8 (see ObjectState)
//! ```
//! A batch that is cut off at the end of the file was never acknowledged and does not count. Of several rows of one
//! object the last counts. Rows of a batch whose generation is not that of `texts` say only that the object was there:
//! the texts were purged since.

use super::ArchiveError;
use crate::model::ObjectId;
use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

pub(super) const MAGIC: &[u8; 8] = b"glsobj01";
const HEADER: usize = 32;
const ROW: usize = 21;
const MARK: &[u8; 4] = b"batc";

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectState {
    /// Its text is in the archive.
    Archived,
    /// Its text is in the text store of the index.
    Indexed,
    /// There is nothing to compare: it is a tree.
    Structure,
    /// Nobody can read it: it is missing, damaged, or costs more than reading any object may.
    Unreadable,
    /// It is larger than any file that this program shows.
    TooLarge,
}

impl ObjectState {
    const ALL: [Self; 5] = [
        Self::Archived,
        Self::Indexed,
        Self::Structure,
        Self::Unreadable,
        Self::TooLarge,
    ];

    fn code(self) -> u8 {
        self as u8
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

/// What the list says of one object.
#[derive(Clone, Copy, Debug)]
struct LoggedObject {
    /// The newest row's.
    state: ObjectState,
    /// The generation of the texts that the newest row belongs to.
    generation: u64,
    /// Some row says that its text was read. A later one that says it cannot be read does not change that.
    was_text: bool,
}

/// The committed part of the list.
#[derive(Debug, Default)]
pub struct ObjectLog {
    states: HashMap<ObjectId, LoggedObject>,
    /// Bytes of the file that are committed.
    pub(super) committed: u64,
    /// Generation and committed bytes of `texts`.
    pub(super) texts: (u64, u64),
}

/// Returns the file of the list in an archive's folder.
pub(super) fn file_in(folder: &Path) -> PathBuf {
    folder.join("objects")
}

impl ObjectLog {
    /// Reads the list; an empty one if there is no file yet. Fails with `Damaged` unless the damage is a batch that was
    /// cut off at the end.
    pub fn open(folder: &Path) -> Result<Self, ArchiveError> {
        let path = file_in(folder);
        let mut bytes = Vec::new();
        match File::open(&path) {
            Ok(mut file) => {
                _ = file
                    .read_to_end(&mut bytes)
                    .map_err(ArchiveError::io("read", &path))?
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(ArchiveError::io("open", &path)(error)),
        }
        Self::parse(&bytes).ok_or(ArchiveError::Damaged { path })
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut log = Self::default();
        if bytes.len() < MAGIC.len() && MAGIC.starts_with(bytes) {
            return Some(log);
        }
        let mut rest = bytes.strip_prefix(MAGIC)?;
        log.committed = MAGIC.len() as u64;
        while let Some((header, rows)) = rest.split_first_chunk::<HEADER>() {
            let four = |at: usize| {
                header[at..]
                    .first_chunk()
                    .map(|four| u32::from_le_bytes(*four))
            };
            let eight = |at: usize| {
                header[at..]
                    .first_chunk()
                    .map(|eight| u64::from_le_bytes(*eight))
            };
            let len = (four(16)? as usize).checked_mul(ROW)?;
            let rows = rows.get(..len);
            let mut crc = crc32fast::Hasher::new();
            crc.update(&header[..24]);
            crc.update(rows.unwrap_or_default());
            let is_whole = rows.is_some() && header[28..] == *MARK && crc.finalize() == four(24)?;
            let Some(rows) = rows.filter(|_| is_whole) else {
                // A batch that was being written is the last thing in the file: nothing that looks like a batch follows.
                let is_last = memchr::memmem::find(&rest[HEADER..], MARK).is_none();
                return is_last.then_some(log);
            };
            log.texts = (eight(0)?, eight(8)?);
            for row in rows.chunks_exact(ROW) {
                let id = ObjectId::new(*row.first_chunk()?);
                let state = ObjectState::from_code(row[ROW - 1])?;
                log.note(id, state);
            }
            let batch = HEADER + len;
            log.committed += batch as u64;
            rest = &rest[batch..];
        }
        Some(log)
    }

    fn note(&mut self, id: ObjectId, state: ObjectState) {
        let is_text = matches!(state, ObjectState::Archived | ObjectState::Indexed);
        let was_text = self.states.get(&id).is_some_and(|object| object.was_text);
        let object = LoggedObject {
            state,
            generation: self.texts.0,
            was_text: is_text || was_text,
        };
        self.states.insert(id, object);
    }

    /// Returns what became of an object, as far as the texts in force say; nothing if it must be read (again).
    pub fn state(&self, id: &ObjectId) -> Option<ObjectState> {
        let object = self.states.get(id)?;
        (object.generation == self.texts.0).then_some(object.state)
    }

    /// Returns every object whose text was read at any time, also before a purge.
    pub fn known_texts(&self) -> impl Iterator<Item = &ObjectId> {
        let all = self.states.iter().filter(|(_, object)| object.was_text);
        all.map(|(id, _)| id)
    }

    /// Returns the number of objects that are in a state now.
    pub fn count(&self, wanted: ObjectState) -> u64 {
        let is_now =
            |object: &&LoggedObject| object.state == wanted && object.generation == self.texts.0;
        self.states.values().filter(is_now).count() as u64
    }

    /// Takes over a batch that was just written.
    pub(super) fn add(&mut self, rows: &[(ObjectId, ObjectState)], texts: (u64, u64), bytes: u64) {
        self.texts = texts;
        self.committed += bytes;
        for (id, state) in rows {
            self.note(*id, *state);
        }
    }
}

/// Returns the bytes of a batch.
pub(super) fn encode_batch(rows: &[(ObjectId, ObjectState)], texts: (u64, u64)) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + rows.len() * ROW);
    out.extend_from_slice(&texts.0.to_le_bytes());
    out.extend_from_slice(&texts.1.to_le_bytes());
    out.extend_from_slice(&(rows.len() as u32).to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    let mut body = Vec::with_capacity(rows.len() * ROW);
    for (id, state) in rows {
        body.extend_from_slice(id.as_bytes());
        body.push(state.code());
    }
    let mut crc = crc32fast::Hasher::new();
    crc.update(&out);
    crc.update(&body);
    out.extend_from_slice(&crc.finalize().to_le_bytes());
    out.extend_from_slice(MARK);
    out.append(&mut body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(from: u8, count: u8) -> Vec<(ObjectId, ObjectState)> {
        let state = |n: u8| ObjectState::from_code(n % 5).unwrap();
        (from..from + count)
            .map(|n| (ObjectId::new([n; 20]), state(n)))
            .collect()
    }

    #[test]
    fn a_torn_batch_is_dropped_and_other_damage_is_refused() {
        let whole = [
            &MAGIC[..],
            &encode_batch(&rows(0, 9), (7, 16)),
            &encode_batch(&rows(9, 5), (7, 90)),
        ]
        .concat();
        let log = ObjectLog::parse(&whole).unwrap();
        assert_eq!(
            (log.states.len(), log.texts, log.committed),
            (14, (7, 90), whole.len() as u64)
        );
        let first = MAGIC.len() + HEADER + 9 * ROW;
        for end in 0..whole.len() {
            let cut = ObjectLog::parse(&whole[..end]).unwrap();
            let expected = if end < first { 0 } else { 9 };
            assert_eq!(cut.states.len(), expected, "cut at {end}");
        }
        for at in MAGIC.len()..first {
            let mut flipped = whole.clone();
            flipped[at] ^= 4;
            assert!(ObjectLog::parse(&flipped).is_none(), "flipped at {at}");
        }
        assert!(ObjectLog::parse(b"another file").is_none());
    }

    #[test]
    fn a_purge_leaves_the_ids_and_forgets_the_rest() {
        let id = |n: u8| ObjectId::new([n; 20]);
        let bytes = [
            &MAGIC[..],
            &encode_batch(&rows(0, 5), (7, 90)),
            &encode_batch(&rows(0, 1), (8, 20)),
        ]
        .concat();
        let log = ObjectLog::parse(&bytes).unwrap();
        assert_eq!(log.state(&id(0)), Some(ObjectState::Archived));
        assert_eq!(log.state(&id(1)), None);
        let mut known: Vec<_> = log.known_texts().copied().collect();
        known.sort();
        assert_eq!(known, [id(0), id(1)]);
    }
}
