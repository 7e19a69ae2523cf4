//! Symbols of a snapshot: the pass that finds them all, and what is asked of them.
//!
//! Whatever is not stored yet, or never will be, is looked up in the text when it is asked for, so that answers are
//! complete from the first second and only become faster.

mod find;
mod outline;
mod serve;

pub use find::{References, definitions, references};
pub use outline::outline;
pub(super) use serve::Symbolist;

use super::listing::Listing;
use super::message::SymbolCounts;
use super::read::LIMIT;
use super::{Cancel, JobError};
use crate::index::{self, Index, TextKind};
use crate::model::{BlobId, TreeFile};
use crate::snapshot::Snapshot;
use crate::symbols::{
    self, Build, Content, How, Limits, Progress, SymbolStore, TagLimits, Tagged, Tagger, Wanted,
};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Returns where the symbols of a review lie, given the folder of its index.
pub fn folder(index: &Path) -> PathBuf {
    index.join("symbols")
}

/// Finds the symbols of what is indexed and not looked through yet, in the order in which the pack has it.
pub fn run(
    snapshot: &Snapshot,
    listing: &Listing,
    index_folder: &Path,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<SymbolCounts, JobError> {
    let index = Index::open(index_folder)?;
    let mut paths: HashMap<BlobId, &[u8]> = HashMap::new();
    for file in listing.files.iter().filter(|f| f.kind.is_file()) {
        paths.entry(file.blob).or_insert(file.path.as_bytes());
    }
    let order: Vec<Wanted<'_>> = snapshot
        .pack_order(&paths.keys().copied().collect::<HashSet<_>>())?
        .into_iter()
        .filter_map(|blob| {
            let path = *paths.get(&blob)?;
            Some(Wanted { blob, path })
        })
        .collect();
    let plan = Build {
        order: &order,
        source: &|id| stored(&index, id).unwrap_or(Content::Unreadable),
        limits: Limits::default(),
    };
    let folder = folder(index_folder);
    let built = symbols::build(&folder, &plan, progress, &|| cancel.is_cancelled())?;
    let store = SymbolStore::open(&folder)?;
    let mut counts = SymbolCounts {
        is_rebuilt: built.is_rebuilt,
        ..SymbolCounts::default()
    };
    for wanted in &order {
        match store.how(&wanted.blob) {
            None => counts.failed += 1,
            Some(How::Exact) => counts.exact += 1,
            Some(How::Approximate(_)) => counts.approximate += 1,
            Some(How::NoCode) => {}
        }
    }
    Ok(counts)
}

/// Returns a content as the text store has it; nothing if it is not there.
fn stored(index: &Index, id: &BlobId) -> Option<Content> {
    index.meta(id)?;
    let Some(stored) = index.text(id) else {
        return Some(Content::Unreadable);
    };
    Some(content(stored))
}

fn content(stored: index::Stored) -> Content {
    match stored.kind {
        TextKind::Text => String::from_utf8(stored.bytes).map_or(Content::Binary, Content::Text),
        TextKind::Binary | TextKind::LfsPointer => Content::Binary,
        TextKind::TooLarge => Content::Unreadable,
    }
}

/// Where symbols are looked up.
pub struct Sources<'a> {
    /// The files.
    pub listing: &'a Listing,
    /// What is indexed; the rest is read from the snapshot.
    pub index: &'a Index,
    /// The snapshot.
    pub snapshot: &'a Mutex<Snapshot>,
    /// What is stored; the rest is looked up in the texts.
    pub store: &'a SymbolStore,
}

impl Sources<'_> {
    /// Reads a content.
    fn text(&self, id: &BlobId) -> Content {
        if let Some(content) = stored(self.index, id) {
            return content;
        }
        let snapshot = self.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
        match snapshot.read(id, LIMIT) {
            Ok(bytes) => content(index::prepare(bytes)),
            Err(_) => Content::Unreadable,
        }
    }

    /// Returns the tags of a file whose text is known: the stored ones, or those found now; nothing if it was cancelled.
    fn tags(
        &self,
        tagger: &mut Tagger,
        file: &TreeFile,
        text: &str,
        cancel: &Cancel,
    ) -> Option<Tagged> {
        let stored = self.store.get(&file.blob);
        let look = || {
            symbols::look(tagger, file.path.as_bytes(), text, &|| {
                cancel.is_cancelled()
            })
        };
        stored.or_else(look)
    }

    /// Returns the positions of the files whose contents are not looked through yet, each content once.
    fn untagged(&self) -> Vec<u32> {
        let mut seen = HashSet::new();
        let files = (0_u32..).zip(&self.listing.files);
        let files = files.filter(|(_, file)| {
            file.kind.is_file() && self.store.how(&file.blob).is_none() && seen.insert(file.blob)
        });
        files.map(|(at, _)| at).collect()
    }

    /// Returns the positions of the files of each of some contents, in order.
    fn files_of(&self, blobs: &HashSet<BlobId>) -> HashMap<BlobId, Vec<u32>> {
        let mut found: HashMap<BlobId, Vec<u32>> = HashMap::new();
        for (at, file) in (0_u32..).zip(&self.listing.files) {
            if file.kind.is_file() && blobs.contains(&file.blob) {
                found.entry(file.blob).or_default().push(at);
            }
        }
        found
    }
}

/// Makes a tagger for one text at a time.
fn tagger() -> Tagger {
    Tagger::new(TagLimits::default())
}
