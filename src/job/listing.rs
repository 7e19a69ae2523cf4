//! The files of a snapshot and what is known of them.

use super::JobError;
use super::read::Reader;
use super::search::Place;
use crate::index::{Corpus, Index, SearchFile, TextKind};
use crate::language::{self, HEAD_BYTES};
use crate::model::{BlobId, FileKind, NotSearched, Reason, RepoPath, TreeFile};
use crate::query::Facts;
use crate::snapshot::{Snapshot, SnapshotError, WalkLimits};
use crate::text;
use std::collections::{HashMap, HashSet};
use std::sync::{OnceLock, PoisonError};

/// The files of a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Every entry that is no folder, in path order.
    pub files: Vec<TreeFile>,
    /// A cap was reached: there is more.
    pub truncated: bool,
    /// Folders that could not be read; an empty path is the top.
    pub missing_trees: Vec<RepoPath>,
}

impl Listing {
    /// Walks the snapshot's tree.
    pub fn of(snapshot: &Snapshot, is_cancelled: &dyn Fn() -> bool) -> Result<Self, JobError> {
        let walk = snapshot.walk(&WalkLimits::default(), is_cancelled)?;
        Ok(Self {
            files: walk.files,
            truncated: walk.truncated,
            missing_trees: walk.missing_trees,
        })
    }

    /// Returns the position of a file by its raw path.
    pub fn position(&self, path: &RepoPath) -> Option<u32> {
        let at = self.files.binary_search_by(|f| f.path.cmp(path)).ok()?;
        Some(at as u32)
    }

    /// Returns a file by its raw path.
    pub fn find(&self, path: &RepoPath) -> Option<&TreeFile> {
        self.position(path).map(|at| &self.files[at as usize])
    }

    /// Returns the contents that can be searched, each once.
    pub fn blobs(&self) -> HashSet<BlobId> {
        self.files
            .iter()
            .filter(|f| f.kind.is_file())
            .map(|f| f.blob)
            .collect()
    }

    /// Returns the files made ready to be searched. Links and submodules have a name but no content to look
    /// into.
    pub fn corpus(&self) -> Corpus {
        let files: Vec<_> = self
            .files
            .iter()
            .enumerate()
            .filter(|(_, f)| f.kind.is_file())
            .map(|(at, f)| SearchFile {
                path: &f.path,
                blob: f.blob,
                file: at as u32,
            })
            .collect();
        Corpus::new(&files)
    }

    /// Returns what no search looks into: what the tree says, what the index says, and `unreadable` blobs.
    pub fn not_searched(
        &self,
        index: &Index,
        unreadable: &HashMap<BlobId, (Reason, u64)>,
    ) -> Vec<NotSearched> {
        let mut out = Vec::new();
        for file in &self.files {
            let found = match file.kind {
                FileKind::Submodule => Some((Reason::Submodule, 0)),
                FileKind::Symlink => Some((Reason::Symlink, 0)),
                FileKind::Regular | FileKind::Executable => match unreadable.get(&file.blob) {
                    Some(known) => Some(*known),
                    None => index.meta(&file.blob).and_then(|meta| match meta.kind {
                        TextKind::LfsPointer => Some((Reason::LfsPointer, meta.size)),
                        TextKind::TooLarge => Some((Reason::TooLarge, meta.size)),
                        TextKind::Text | TextKind::Binary => None,
                    }),
                },
            };
            if let Some((reason, bytes)) = found {
                out.push(NotSearched {
                    path: file.path.clone(),
                    reason,
                    bytes,
                });
            }
        }
        out.extend(self.unlisted());
        out
    }

    /// Returns what the walk could not enter.
    pub fn unlisted(&self) -> Vec<NotSearched> {
        let folder = |path: &RepoPath| {
            let is_top = path.as_bytes().is_empty();
            let path = if is_top {
                RepoPath::new(".")
            } else {
                path.clone()
            };
            NotSearched {
                path,
                reason: Reason::MissingObject,
                bytes: 0,
            }
        };
        let mut out: Vec<_> = self.missing_trees.iter().map(folder).collect();
        if self.truncated {
            out.push(NotSearched {
                path: RepoPath::new("."),
                reason: Reason::Truncated,
                bytes: 0,
            });
        }
        out
    }
}

/// Returns why a blob cannot be searched.
pub fn reason(error: &SnapshotError) -> (Reason, u64) {
    match error {
        SnapshotError::MissingObject { .. } => (Reason::MissingObject, 0),
        SnapshotError::BlobTooLarge { size, .. } => (Reason::TooLarge, *size),
        _ => (Reason::DamagedObject, 0),
    }
}

/// What search asks about files, answered when it is asked.
pub struct FileFacts<'a> {
    place: &'a Place<'a>,
    languages: Vec<OnceLock<Option<&'static str>>>,
}

impl<'a> FileFacts<'a> {
    /// Makes the answers; nothing is read yet.
    pub fn new(place: &'a Place<'a>) -> Self {
        let languages = place.listing.files.iter().map(|_| OnceLock::new());
        Self {
            place,
            languages: languages.collect(),
        }
    }

    fn find(&self, file: u32) -> Option<&'static str> {
        let file = &self.place.listing.files[file as usize];
        let path = file.path.as_bytes();
        let by_name = language::of(path, &[]);
        if by_name.is_some() && !language::depends_on_content(path) {
            return by_name.map(|l| l.name);
        }
        let bytes = if let Some(stored) = self.place.index.text(&file.blob) {
            stored.bytes
        } else {
            let snapshot = self.place.snapshot.lock();
            let reader = Reader {
                snapshot: &snapshot.unwrap_or_else(PoisonError::into_inner),
                encodings: self.place.encodings,
                limit: self.place.limit,
            };
            match reader.content(&file.blob) {
                Ok(text::Content::Text { text, .. }) => text.into_bytes(),
                _ => Vec::new(),
            }
        };
        language::of(path, &bytes[..bytes.len().min(HEAD_BYTES)]).map(|l| l.name)
    }
}

impl Facts for FileFacts<'_> {
    fn language(&self, file: u32) -> Option<&str> {
        *self
            .languages
            .get(file as usize)?
            .get_or_init(|| self.find(file))
    }
}
