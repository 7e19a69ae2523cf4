//! The files of a snapshot and what is known of them.

use super::JobError;
use super::file_list::FileList;
use crate::index::{Corpus, FileTable, Index, TextKind};
use crate::language::NameClass;
use crate::model::{BlobId, FileKind, NamedPath, NotSearched, Reason, RepoPath, TreeFile};
use crate::snapshot::{Snapshot, SnapshotError, UnreadableFolder, WalkLimits};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The files of a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Every entry that is no folder, in path order.
    pub files: FileList,
    /// A cap was reached: there is more.
    pub truncated: bool,
    /// Folders that could not be read.
    pub unreadable_folders: Vec<UnreadableFolder>,
    /// The language of each file once it was asked for: to know one may take reading the file.
    languages: Arc<OnceLock<Vec<OnceLock<Option<&'static str>>>>>,
    /// The class of each path, made when it is first asked for.
    classes: Arc<OnceLock<Vec<NameClass>>>,
}

impl Listing {
    /// Walks the snapshot's tree.
    pub fn of(snapshot: &Snapshot, is_cancelled: &dyn Fn() -> bool) -> Result<Self, JobError> {
        let walk = snapshot.walk(&WalkLimits::default(), is_cancelled)?;
        Ok(Self {
            files: FileList::new(snapshot.tree(), walk.files),
            truncated: walk.truncated,
            unreadable_folders: walk.unreadable_folders,
            languages: Arc::default(),
            classes: Arc::default(),
        })
    }

    /// Returns the position of a file by its raw path.
    pub fn position(&self, path: &RepoPath) -> Option<u32> {
        let at = self.files.binary_search_by(|f| f.path.cmp(path)).ok()?;
        Some(at as u32)
    }

    /// Opens the list that was kept in the folder of an index, or walks the snapshot's tree.
    pub fn open(
        snapshot: &Snapshot,
        index: &Path,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Self, JobError> {
        match FileTable::open(index, snapshot.tree()) {
            Some(table) => Ok(Self {
                files: FileList::kept(table),
                ..Self::default()
            }),
            None => Self::of(snapshot, is_cancelled),
        }
    }

    /// Keeps in the folder of an index what the next search would find out again before it begins: the list, if nothing is
    /// missing from it, and where its texts are.
    pub fn keep(&self, corpus: &Corpus, index: &Index, folder: &Path) -> Result<(), JobError> {
        if self.truncated || !self.unreadable_folders.is_empty() {
            return Ok(());
        }
        self.files.keep(folder)?;
        Ok(corpus.keep(index)?)
    }

    /// Returns the name of a file's language, which `find` finds out the first time.
    pub(super) fn language(
        &self,
        file: u32,
        find: impl FnOnce(&TreeFile) -> Option<&'static str>,
    ) -> Option<&'static str> {
        let all = || (0..self.files.count()).map(|_| OnceLock::new()).collect();
        let slot = self.languages.get_or_init(all).get(file as usize)?;
        *slot.get_or_init(|| find(&self.files.file(file)?))
    }

    /// Returns what the path of each file says about its language, as far as that matters to a reader of code.
    pub(super) fn name_classes(&self) -> &[NameClass] {
        self.classes.get_or_init(|| {
            let paths = (0..self.files.count()).filter_map(|file| self.files.path(file));
            paths.map(NameClass::for_code).collect()
        })
    }

    /// Returns a file by its raw path.
    pub fn find(&self, path: &RepoPath) -> Option<&TreeFile> {
        self.position(path).map(|at| &self.files[at as usize])
    }

    /// Returns every file with a raw path: a hostile tree may have several, which are of one name and one folder.
    pub fn all_at(&self, path: &RepoPath) -> &[TreeFile] {
        let from = self.files.partition_point(|f| f.path < *path);
        let count = self.files[from..]
            .iter()
            .take_while(|f| f.path == *path)
            .count();
        &self.files[from..from + count]
    }

    /// Returns the name of a file at a position: its path, with its blob if other files have the same path.
    pub fn name_of(&self, at: u32) -> NamedPath {
        let path = self.files.path(at);
        let is_alike = |other: u32| self.files.path(other) == path;
        // Equal paths are neighbours: nearly always a look at two names is enough.
        if !is_alike(at + 1) && !at.checked_sub(1).is_some_and(is_alike) {
            return RepoPath::new(path.unwrap_or_default()).into();
        }
        let file = &self.files[at as usize];
        let is_twin = |other: &TreeFile| other.path == file.path && other.blob != file.blob;
        if self.all_at(&file.path).iter().any(is_twin) {
            NamedPath::with_blob(file.path.clone(), &file.blob)
        } else {
            file.path.clone().into()
        }
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
        Corpus::new(self.files.table())
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

    /// Returns how many files the index knows to be no text.
    pub fn searched_as_bytes(&self, index: &Index) -> u64 {
        let is_binary = |file: &&TreeFile| {
            let meta = index.meta(&file.blob).filter(|_| file.kind.is_file());
            meta.is_some_and(|meta| meta.kind == TextKind::Binary)
        };
        self.files.iter().filter(is_binary).count() as u64
    }

    /// Returns what the walk could not enter.
    pub fn unlisted(&self) -> Vec<NotSearched> {
        let folder = |folder: &UnreadableFolder| {
            let is_top = folder.path.as_bytes().is_empty();
            let path = if is_top {
                RepoPath::new(".")
            } else {
                folder.path.clone()
            };
            NotSearched {
                path,
                reason: folder.reason,
                bytes: 0,
            }
        };
        let mut out: Vec<_> = self.unreadable_folders.iter().map(folder).collect();
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
    let bytes = match error {
        SnapshotError::BlobTooLarge { size, .. } => *size,
        _ => 0,
    };
    (error.reason(), bytes)
}
