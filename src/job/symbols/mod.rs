//! Symbols of a snapshot: the pass that finds them all, and what is asked of them.
//!
//! Whatever is not stored yet, or never will be, is looked up in the text when it is asked for, so that answers are
//! complete from the first second and only become faster.

mod absence;
mod find;
mod outline;
mod serve;

pub use absence::{NameMentions, mentions};
pub use find::{References, definitions, references};
pub use outline::{OutlineSymbol, definitions_in, outline};
pub(super) use serve::Symbolist;

use super::listing::Listing;
use super::message::SymbolCounts;
use super::read::Reader;
use super::{Cancel, JobError};
use crate::index::{self, Index, TextKind};
use crate::model::{BlobId, Encodings, Symbol, TreeFile};
use crate::snapshot::Snapshot;
use crate::symbols::{
    self, Build, Content, How, Limits, Progress, SourceKey, SymbolStore, TagLimits, Tagged, Tagger,
    Wanted,
};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Returns where the symbols of a review lie, given the folder of its index.
pub fn folder(index: &Path) -> PathBuf {
    index.join("symbols")
}

/// Finds the symbols of what is indexed and not looked through yet, in the order in which the pack has it. What is kept
/// is of texts as they are guessed to be: those whose encoding a reviewer said are looked through when they are asked.
pub fn run(
    reader: &Reader<'_>,
    listing: &Listing,
    index_folder: &Path,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<SymbolCounts, JobError> {
    let index = Index::open(index_folder)?.honouring(reader.encodings);
    let order = wanted(reader, listing)?;
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
        let how = store.how(&wanted.key());
        match how {
            None => counts.failed += 1,
            Some(How::Exact) => counts.exact += 1,
            Some(How::Approximate(_)) => counts.approximate += 1,
            Some(How::NoCode) => {}
        }
        counts.not_parsed += u64::from(how.is_some_and(How::is_not_parsed));
    }
    Ok(counts)
}

/// Lists the files that a parser exists for but was not used on, and why, in path order.
pub fn not_parsed<'l>(
    listing: &'l Listing,
    index_folder: &Path,
) -> Result<Vec<(&'l TreeFile, How)>, JobError> {
    let store = SymbolStore::open(&folder(index_folder))?;
    let files = listing.files.iter().filter(|file| file.kind.is_file());
    let known = files.filter_map(|file| Some((file, store.how(&key(file))?)));
    Ok(known.filter(|(_, how)| how.is_not_parsed()).collect())
}

/// Lists what is to be looked through, in the order in which the pack has it: each blob once for each class of the paths
/// that it has, because the first path in the tree may be that of a document.
fn wanted<'l>(reader: &Reader<'_>, listing: &'l Listing) -> Result<Vec<Wanted<'l>>, JobError> {
    let mut by_blob: HashMap<BlobId, Vec<Wanted<'l>>> = HashMap::new();
    let files = listing.files.iter().filter(|f| f.kind.is_file());
    for file in files.filter(|f| reader.said(&f.blob).is_none()) {
        let of_blob = by_blob.entry(file.blob).or_default();
        let (blob, path) = (file.blob, file.path.as_bytes());
        let one = Wanted { blob, path };
        // Only a blob with several paths is asked for its classes here.
        if of_blob.is_empty() || of_blob.iter().all(|known| known.key() != one.key()) {
            of_blob.push(one);
        }
    }
    let blobs: HashSet<BlobId> = by_blob.keys().copied().collect();
    let order = reader.snapshot.pack_order(&blobs)?.into_iter();
    let order = order.filter_map(|blob| by_blob.remove(&blob));
    Ok(order.flatten().collect())
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
    /// Which encodings the reviewers said.
    pub encodings: &'a Encodings,
    /// Largest blob that is read, in bytes.
    pub limit: u64,
    /// What is stored; the rest is looked up in the texts.
    pub store: &'a SymbolStore,
}

impl Sources<'_> {
    fn reader<'r>(&'r self, snapshot: &'r Snapshot) -> Reader<'r> {
        Reader {
            snapshot,
            encodings: self.encodings,
            limit: self.limit,
        }
    }

    /// Reads a content.
    fn text(&self, id: &BlobId) -> Content {
        if let Some(content) = stored(self.index, id) {
            return content;
        }
        let snapshot = self.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = self.reader(&snapshot);
        match reader.bytes(id) {
            Ok(bytes) => content(index::prepare_as(bytes, reader.said(id))),
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
        let stored = Some(self.store).filter(|_| self.is_as_stored(&file.blob));
        let stored = stored.and_then(|store| store.get(&key(file)));
        let look = || {
            symbols::look(tagger, file.path.as_bytes(), text, &|| {
                cancel.is_cancelled()
            })
        };
        stored.or_else(look)
    }

    /// Returns whether what is stored of a content is of the text that it is now.
    fn is_as_stored(&self, blob: &BlobId) -> bool {
        !self.encodings.contains_key(blob)
    }

    /// Returns the positions of the files whose symbols are not stored yet, one for each key.
    fn untagged(&self) -> Vec<u32> {
        let mut seen = HashSet::new();
        let classes = self.listing.name_classes();
        let files = (0_u32..).zip(self.listing.files.iter().zip(classes));
        let files = files.filter(|(_, (file, class))| {
            let (blob, class) = (file.blob, **class);
            let key = SourceKey { blob, class };
            let is_known = self.is_as_stored(&blob) && self.store.how(&key).is_some();
            file.kind.is_file() && !is_known && seen.insert(key)
        });
        files.map(|(at, _)| at).collect()
    }

    /// Returns the positions of the files of each of some keys, in order.
    fn files_of(&self, keys: &HashSet<SourceKey>) -> HashMap<SourceKey, Vec<u32>> {
        let blobs: HashSet<BlobId> = keys.iter().map(|key| key.blob).collect();
        let mut found: HashMap<SourceKey, Vec<u32>> = HashMap::new();
        for (at, file) in (0_u32..).zip(&self.listing.files) {
            if file.kind.is_file() && blobs.contains(&file.blob) {
                let key = key(file);
                if keys.contains(&key) {
                    found.entry(key).or_default().push(at);
                }
            }
        }
        found
    }
}

/// Returns what the symbols of a file are stored by.
fn key(file: &TreeFile) -> SourceKey {
    SourceKey::new(file.blob, file.path.as_bytes())
}

/// Makes a tagger for one text at a time.
fn tagger() -> Tagger {
    Tagger::new(TagLimits::default())
}

/// Finds the symbols of texts for a search on several threads: the stored ones, or those found now.
pub struct Finder<'a> {
    store: &'a SymbolStore,
    encodings: &'a Encodings,
    cancel: &'a Cancel,
    /// Those that nobody uses at the moment.
    taggers: Mutex<Vec<Tagger>>,
}

impl<'a> Finder<'a> {
    /// Makes one; nothing is read yet.
    pub fn new(store: &'a SymbolStore, encodings: &'a Encodings, cancel: &'a Cancel) -> Self {
        Self {
            store,
            encodings,
            cancel,
            taggers: Mutex::default(),
        }
    }

    /// Returns the symbols of a file whose text is known; none if it was cancelled.
    pub fn find(&self, file: &TreeFile, text: &str) -> Vec<Symbol> {
        let is_as_stored = !self.encodings.contains_key(&file.blob);
        let stored = Some(self.store).filter(|_| is_as_stored);
        let tagged = stored.and_then(|store| store.get(&key(file)));
        let tagged = tagged.or_else(|| {
            let free = || self.taggers.lock().unwrap_or_else(PoisonError::into_inner);
            let mut tagger = free().pop().unwrap_or_else(tagger);
            let is_cancelled = || self.cancel.is_cancelled();
            let found = symbols::look(&mut tagger, file.path.as_bytes(), text, &is_cancelled);
            free().push(tagger);
            found
        });
        let tags = tagged.map_or_else(Vec::new, |tagged| tagged.tags);
        tags.into_iter().map(|tag| tag.symbol).collect()
    }
}
