//! An index as it is read.

use super::IndexError;
use super::content::{Stored, TextKind};
use super::engine::{self, Reader};
use super::store::{Extent, Row, Store};
use super::text_room::{SMALL, TextRoom};
use crate::memory::Pages;
use crate::model::{BlobId, Encodings};
use crate::text::{Encoding, LineEnds};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells the next build that a text was damaged: its checksum is only looked at when it is read.
pub(super) const DAMAGED: &str = "damaged";

/// What is known of a stored blob without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobMeta {
    /// Lines of the text; 0 for a binary file.
    pub lines: u32,
    /// Bytes of the blob, before decoding.
    pub size: u64,
    /// What it is.
    pub kind: TextKind,
    /// How text was decoded.
    pub encoding: Encoding,
    /// A reviewer said so.
    pub is_set: bool,
    /// Stretches of it were in another encoding.
    pub is_mixed: bool,
    /// How its lines ended.
    pub line_ends: LineEnds,
    /// Its last line has no line end.
    pub lacks_final_end: bool,
}

impl BlobMeta {
    /// Returns whether it is text.
    pub fn is_text(&self) -> bool {
        matches!(self.kind, TextKind::Text | TextKind::LfsPointer)
    }

    /// Returns whether all of a text was UTF-8.
    pub fn is_utf8(&self) -> bool {
        self.encoding.is_utf8() && !self.is_mixed
    }
}

/// A committed state of an index. It never changes: a newer one is opened beside it.
pub struct Index {
    folder: PathBuf,
    ready: Option<Ready>,
    is_damaged: AtomicBool,
}

/// Tells one committed state of an index from every other: what its last commit says, and the CRC-32 of the names of its
/// segments, which are random.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct IndexState {
    pub extent: Extent,
    pub segments: u32,
}

impl IndexState {
    /// Returns rows, data and groups, each a u64, and the segments, a u32, little-endian.
    pub(super) fn encode(&self) -> [u8; 28] {
        let mut out = [0; 28];
        let extent = self.extent;
        out[..8].copy_from_slice(&extent.rows.to_le_bytes());
        out[8..16].copy_from_slice(&extent.data.to_le_bytes());
        out[16..24].copy_from_slice(&extent.groups.to_le_bytes());
        out[24..].copy_from_slice(&self.segments.to_le_bytes());
        out
    }
}

pub(super) struct Ready {
    pub store: Store,
    pub reader: Reader,
    pub state: IndexState,
}

impl Index {
    /// Opens the index of a folder; empty if there is none yet, or none that can be trusted.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        let ready = open_ready(folder)?;
        let is_damaged =
            ready.is_none() && (folder.join(DAMAGED).exists() || engine::has_commit(folder));
        Ok(Self {
            folder: folder.to_owned(),
            ready,
            is_damaged: AtomicBool::new(is_damaged),
        })
    }

    /// Makes one that holds nothing, for who does not need it.
    pub fn unopened(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            ready: None,
            is_damaged: AtomicBool::new(false),
        }
    }

    /// Takes texts that are not read as the reviewers say for not indexed, until the next build stores them anew.
    #[must_use]
    pub fn honouring(mut self, encodings: &Encodings) -> Self {
        if let Some(ready) = &mut self.ready {
            ready.store.honour(encodings);
        }
        self
    }

    /// Returns whether something was found damaged: the next build starts over. Answers are right nevertheless: what is
    /// damaged is read from the snapshot.
    pub fn is_damaged(&self) -> bool {
        self.is_damaged.load(Ordering::Relaxed)
    }

    /// Returns the number of stored blobs.
    pub fn len(&self) -> usize {
        self.ready.as_ref().map_or(0, |r| r.store.len())
    }

    /// Returns whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the size of the index and the text store on disk, in bytes.
    pub fn bytes(&self) -> u64 {
        folder_bytes(&self.folder)
    }

    /// Returns what is known of a blob; nothing if it is not stored.
    pub fn meta(&self, id: &BlobId) -> Option<BlobMeta> {
        let (_, row) = self.row(id)?;
        Some(BlobMeta {
            lines: row.lines,
            size: row.size,
            kind: row.kind,
            encoding: row.encoding,
            is_set: row.is_set,
            is_mixed: row.is_mixed,
            line_ends: row.line_ends,
            lacks_final_end: row.lacks_final_end,
        })
    }

    /// Returns a blob as it is searched; nothing if it is not stored, is too large or was damaged.
    pub fn text(&self, id: &BlobId) -> Option<Stored> {
        let (store, row) = self.row(id)?;
        if row.kind == TextKind::TooLarge {
            return None;
        }
        let stored = store.read(&row);
        if stored.is_err() {
            self.note_damage();
        }
        stored.ok()
    }

    fn row(&self, id: &BlobId) -> Option<(&Store, Row)> {
        let store = &self.ready.as_ref()?.store;
        let row = store.row(store.find(id)?);
        if row.is_err() {
            self.note_damage();
        }
        Some((store, row.ok()?))
    }

    /// Reads a blob as [`Self::text`] does, into a buffer that is only ever enlarged, and returns the part that is the
    /// text.
    pub fn text_into<'b>(&self, id: &BlobId, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
        let (store, row) = self.row(id)?;
        if row.kind == TextKind::TooLarge {
            return None;
        }
        let text = store.read_into(&row, buffer);
        if text.is_err() {
            self.note_damage();
        }
        text.ok()
    }

    /// Reads a blob as [`Self::text`] does and calls `see` with its text; nothing if there is none. Small texts are read
    /// into the buffer, and for large ones there is `room`, which all threads share that read at once.
    pub fn with_text<T>(
        &self,
        id: &BlobId,
        (room, buffer): (&TextRoom, &mut Vec<u8>),
        see: impl FnOnce(&[u8]) -> T,
    ) -> Option<T> {
        let (store, row) = self.row(id)?;
        let length = row.text_len as usize;
        if row.kind == TextKind::TooLarge || length <= SMALL {
            return self.text_into(id, buffer).map(see);
        }
        let _taken = room.take(length);
        let mut pages = Pages::new(length);
        if store.fill(&row, &mut pages).is_err() {
            self.note_damage();
            return None;
        }
        Some(see(&pages))
    }

    /// Returns where a blob stands among the stored ones: who reads many in this order reads from front to back.
    pub fn position(&self, id: &BlobId) -> Option<u32> {
        self.ready.as_ref()?.store.find(id)
    }

    /// Returns the ids of all stored blobs, in the order of the store.
    pub fn blob_ids(&self) -> Vec<BlobId> {
        let stored = self.ready.as_ref().map(|ready| ready.store.ids());
        let mut seen = HashSet::new();
        let ids = stored.into_iter().flatten().map(|(_, id)| id);
        ids.filter(|id| seen.insert(*id)).collect()
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn ready(&self) -> Option<&Ready> {
        self.ready.as_ref()
    }

    /// Remembers damage; a reader that may not write the folder forgets it when it ends, which costs nothing but
    /// finding it again.
    pub(super) fn note_damage(&self) {
        if !self.is_damaged.swap(true, Ordering::Relaxed) {
            let _ = fs::write(self.folder.join(DAMAGED), b"");
        }
    }
}

/// Opens what is committed and looks at every row of its table and every block of the trigram index; nothing if there is none or it is damaged.
pub(super) fn open_whole(folder: &Path) -> Result<Option<Ready>, IndexError> {
    let ready = open_ready(folder)?.filter(|ready| ready.store.rows().is_ok());
    let is_whole =
        || engine::open(folder).is_some_and(|(index, _)| Reader::is_whole(folder, &index));
    Ok(ready.filter(|_| is_whole()))
}

/// Opens what is committed; nothing if there is none or it is damaged. The rows of the table are looked at when they
/// are read.
fn open_ready(folder: &Path) -> Result<Option<Ready>, IndexError> {
    if folder.join(DAMAGED).exists() {
        return Ok(None);
    }
    let Some((index, state)) = engine::open(folder) else {
        return Ok(None);
    };
    let store = match Store::open(folder, state.extent) {
        Ok(store) => store,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(IndexError::io("read", folder)(error)),
    };
    let Some(store) = store else {
        return Ok(None);
    };
    Ok(Reader::open(&index, state.extent).map(|reader| Ready {
        store,
        reader,
        state,
    }))
}

pub(super) fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => folder_bytes(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}
