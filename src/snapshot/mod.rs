//! A vendor's snapshot: one commit of a repository or bundle, its files and their contents.
//!
//! Owns git2 (and through it libgit2 and libz). The invariants:
//! - The delivery is never written to and never opened as a repository: no configuration, hook, graft,
//!   replacement, alternate or attribute of the vendor's has any effect. Packs, loose objects and bundles are
//!   read by readers of our own (`object` and what it uses), as are refs and `HEAD` (`refs`). libgit2 sees no
//!   file of the vendor's: it hashes bytes in memory, and writes the demo.
//! - Every object is checked against its id when it is read, and its size and what it costs before it is read.
//! - Loops, never recursion, and a cap on everything that a hostile delivery can inflate (`cost`).
//! - Nothing of git2 is reached before `sys` has cut it off from the machine's configuration.
//!
//! What it does not do: decode text, judge content, keep an index, write to a delivery, use a network.

mod base_cache;
mod compare;
mod convert;
mod cost;
mod delta;
pub mod demo;
mod error;
mod files;
mod folder;
mod git_index;
mod influence;
mod inventory;
mod locate;
mod loose;
mod object;
mod pack_entry;
mod pack_index;
mod pack_indexer;
mod pack_set;
mod packed;
mod parse;
mod partial;
mod rebuild;
mod ref_lines;
mod refs;
mod source;
mod sys;
#[cfg(test)]
pub(crate) mod testing;
mod walk;
mod watch;

pub use cost::{CostLimit, PassKind, ReadLimits};
pub use error::SnapshotError;
pub use influence::{TWICE, case_collisions, duplicate_entries, influence_of_path, is_lfs_pointer};
pub use inventory::{DeliveredObject, ObjectKind};
pub use object::MissingReason;
pub use refs::RefNames;
pub use source::stem;
pub use walk::{UnreadableFolder, Walk, WalkLimits};
pub use watch::{SlowRead, slow_reads, watch_slow_reads};

use crate::model::{BlobId, CommitId, Influence, NotInSnapshot, PartialFilter, TreeFile, TreeId};
use compare::WorkTree;
use files::StoredObjects;
use git2::ObjectType;
use object::{ObjectStore, Objects, hex};
use refs::{Id, Refs, parse_id};
use source::{Origin, Place};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// The shortest prefix of an id that is taken for one.
const PREFIX: usize = 7;

/// One commit of a delivery, ready to be read.
///
/// A handle belongs to one thread at a time; [`Snapshot::reopen`] makes another one for another thread.
pub struct Snapshot {
    objects: Objects,
    facts: Arc<Facts>,
}

/// The folder of ours for the packs of bundles.
#[derive(Clone, Copy, Debug)]
pub enum PackStore<'a> {
    /// A bundle's pack is copied there, and used from there when it is opened again.
    Kept(&'a Path),
    /// A bundle's pack is used if it is there; nothing is written.
    Lent(&'a Path),
    /// There is none; nothing is written.
    None,
}

/// What was found out when opening.
struct Facts {
    origin: Origin,
    refs: Refs,
    rev: String,
    commit: CommitId,
    tree: TreeId,
    is_shallow: bool,
    partial: Option<PartialFilter>,
}

impl Snapshot {
    /// Opens a delivery: a bare repository, a work tree with its `.git`, a `.git` folder or a bundle.
    ///
    /// `rev` is a ref, full or short, or a unique prefix of an id of 7 digits or more; tags are followed to
    /// their commit. Without it `HEAD` counts, or the only ref of a bundle. `store` is a folder of ours, made
    /// if a bundle is opened and it is missing: the packs of bundles are kept there and used again.
    pub fn open(source: &Path, rev: Option<&str>, store: &Path) -> Result<Self, SnapshotError> {
        Self::open_with(source, rev, PackStore::Kept(store), ReadLimits::default())
    }

    /// Opens a delivery in the same way without writing anything: the index of a bundle is made in memory.
    pub fn open_in_place(source: &Path, rev: Option<&str>) -> Result<Self, SnapshotError> {
        Self::open_with(source, rev, PackStore::None, ReadLimits::default())
    }

    /// Opens a delivery under other limits on what reading it may cost.
    pub fn open_with(
        source: &Path,
        rev: Option<&str>,
        store: PackStore<'_>,
        limits: ReadLimits,
    ) -> Result<Self, SnapshotError> {
        sys::prepare();
        let origin = source::locate(source)?;
        if let PackStore::Kept(store) = store {
            // Earlier versions kept folders of links to the vendor's objects there.
            drop(std::fs::remove_dir_all(store.join("view")));
        }
        let (refs, stored) = match &origin.place {
            Place::Repository { git_dir, .. } => {
                let refs = Refs::read(git_dir)?;
                (refs, StoredObjects::find(&git_dir.join("objects"))?)
            }
            Place::Bundle => packed::import(&origin.canonical, store, &limits)?,
        };
        let partial = partial::of_delivery(&origin.place, &stored)?;
        let missing = MissingReason::of_delivery(&origin.place, partial.as_ref())?;
        let objects = Objects::new(Arc::new(ObjectStore::new(stored, limits, missing)), None);
        let (rev, id) = resolve(&objects, &refs, rev, &origin)?;
        let commit = objects.peel(id, &rev)?;
        let head = objects.commit(&commit)?;
        objects.size(&head.tree, ObjectType::Tree)?;
        let is_shallow = match &origin.place {
            Place::Repository { git_dir, .. } => source::look(&git_dir.join("shallow"))?.is_some(),
            Place::Bundle => false,
        };
        let is_shallow = is_shallow || head.parents.iter().any(|parent| !objects.has(parent));
        let facts = Arc::new(Facts {
            origin,
            refs,
            rev,
            commit: CommitId::new(commit),
            tree: TreeId::new(head.tree),
            is_shallow,
            partial,
        });
        Ok(Self { objects, facts })
    }

    /// Returns another handle on the same commit, for another thread; nothing is resolved again. What it reads counts
    /// for the same pass.
    pub fn reopen(&self) -> Result<Self, SnapshotError> {
        let store = Arc::clone(self.objects.store());
        Ok(Self {
            objects: Objects::new(store, self.objects.pass().cloned()),
            facts: Arc::clone(&self.facts),
        })
    }

    /// Returns a handle for a pass over many objects, which counts what all of them cost together; so do the handles
    /// reopened from it.
    #[must_use]
    pub fn begin_pass(&self, kind: PassKind) -> Self {
        let store = Arc::clone(self.objects.store());
        let meter = Arc::new(store.meter(kind));
        Self {
            objects: Objects::new(store, Some(meter)),
            facts: Arc::clone(&self.facts),
        }
    }

    /// Returns the bytes of work and of objects handed on that the pass has cost so far; none if nobody counts.
    pub fn pass_cost(&self) -> Option<(u64, u64)> {
        self.objects.pass().map(|meter| meter.spent())
    }

    /// Returns the commit under review.
    pub fn commit(&self) -> CommitId {
        self.facts.commit
    }

    /// Returns its tree.
    pub fn tree(&self) -> TreeId {
        self.facts.tree
    }

    /// Returns the stem of the delivery's path: `open5gs` of `open5gs.git`, `open5gs.bundle` or
    /// `open5gs/.git`.
    pub fn name(&self) -> &str {
        &self.facts.origin.name
    }

    /// Returns the revision as it was asked for, or the short name of what `HEAD` leads to.
    pub fn rev(&self) -> &str {
        &self.facts.rev
    }

    /// Returns the delivery's path without links.
    pub fn source(&self) -> &Path {
        &self.facts.origin.canonical
    }

    /// Returns whether history ends before its beginning: the delivery says so, or a parent of the commit was
    /// not delivered.
    pub fn is_shallow(&self) -> bool {
        self.facts.is_shallow
    }

    /// Returns the refs by full name, in the text form of a path, with the 40 digits of what each names, which may be a
    /// tag object; and whether there are more than are listed.
    pub fn refs(&self) -> Result<(Vec<(String, String)>, bool), SnapshotError> {
        let list = self.facts.refs.list()?;
        let refs = list.refs.into_iter().map(|(name, id)| (name, hex(&id)));
        Ok((refs.collect(), list.is_cut))
    }

    /// Returns the filter of a partial clone, which leaves objects out; nothing if the delivery is none.
    pub fn partial_filter(&self) -> Option<PartialFilter> {
        self.facts.partial
    }

    /// Returns whether files lie beside the repository that can be compared with the snapshot.
    pub fn has_work_tree(&self) -> bool {
        matches!(
            self.facts.origin.place,
            Place::Repository {
                work_tree: Some(_),
                ..
            }
        )
    }

    /// Lists all files of the snapshot.
    pub fn walk(
        &self,
        limits: &WalkLimits,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Walk, SnapshotError> {
        let tree = *self.facts.tree.as_bytes();
        let pass = self.begin_pass(PassKind::Files);
        walk::walk(&pass.objects, tree, limits, is_cancelled)
    }

    /// Returns the size of a blob in bytes, without inflating it.
    pub fn size(&self, blob: &BlobId) -> Result<u64, SnapshotError> {
        self.objects.size(blob.as_bytes(), ObjectType::Blob)
    }

    /// Reads a blob of at most `limit` bytes; a larger one is not even inflated.
    pub fn read(&self, blob: &BlobId, limit: u64) -> Result<Vec<u8>, SnapshotError> {
        let id = blob.as_bytes();
        self.objects.read(id, ObjectType::Blob, &|size| {
            if size <= limit {
                return Ok(());
            }
            Err(SnapshotError::BlobTooLarge {
                id: *blob,
                size,
                limit,
            })
        })
    }

    /// Puts blobs into the order in which the delivery stores them, which is the order in which reading them
    /// all is quickest; those that are not found come last, by id.
    pub fn pack_order(&self, wanted: &HashSet<BlobId>) -> Result<Vec<BlobId>, SnapshotError> {
        let mut left = wanted.clone();
        let mut order = Vec::with_capacity(wanted.len());
        let listed = self.objects.store().each(&mut |id| {
            if let Some(blob) = left.take(&BlobId::new(id)) {
                order.push(blob);
            }
            !left.is_empty()
        });
        // A damaged index ends it early, which is no failure: the order only saves time.
        drop(listed);
        let mut rest: Vec<_> = left.into_iter().collect();
        rest.sort_unstable();
        order.append(&mut rest);
        Ok(order)
    }

    /// Lists what the repository folder holds that would steer git itself; paths are relative to that folder.
    /// A bundle holds none. Files of the tree are judged by [`influence_of_path`].
    pub fn vendor_influence(&self) -> Vec<Influence> {
        match &self.facts.origin.place {
            Place::Repository { git_dir, .. } => {
                influence::of_repository(git_dir, &self.facts.refs)
            }
            Place::Bundle => Vec::new(),
        }
    }

    /// Compares the work tree beside the repository with the files of a walk. Ignore files are not obeyed and no filter
    /// is run; what git itself converts is counted apart.
    pub fn compare_work_tree(
        &self,
        files: &[TreeFile],
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<NotInSnapshot, SnapshotError> {
        match &self.facts.origin.place {
            Place::Repository {
                work_tree: Some(folder),
                git_dir,
            } => {
                let pass = self.begin_pass(PassKind::Files);
                let work_tree = WorkTree {
                    objects: &pass.objects,
                    git_dir,
                    folder,
                };
                work_tree.compare(files, is_cancelled)
            }
            _ => Ok(NotInSnapshot {
                no_work_tree: true,
                ..NotInSnapshot::default()
            }),
        }
    }
}

/// Finds what a revision means: its name to be shown and its id, which may be a tag's.
fn resolve(
    objects: &Objects,
    refs: &Refs,
    rev: Option<&str>,
    origin: &Origin,
) -> Result<(String, Id), SnapshotError> {
    let Some(rev) = rev else {
        if let Some(found) = refs.unnamed()? {
            return Ok(found);
        }
        let refs = refs.names()?;
        return Err(if refs.count == 0 {
            SnapshotError::Empty {
                path: origin.canonical.clone(),
            }
        } else {
            SnapshotError::NoHead { refs }
        });
    };
    let digits = rev.to_ascii_lowercase();
    let is_hex = digits.len() >= PREFIX && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let mut found = parse_id(digits.as_bytes()).filter(|id| objects.has(id));
    if found.is_none() {
        found = refs.resolve(rev)?;
    }
    if found.is_none() && is_hex && digits.len() < 40 {
        found = objects.find_prefix(&digits)?;
    }
    match found {
        Some(id) => Ok((rev.to_owned(), id)),
        None => Err(SnapshotError::NoSuchRevision {
            rev: rev.to_owned(),
            refs: refs.names()?,
        }),
    }
}

#[cfg(test)]
pub(crate) mod cost_tests;
#[cfg(test)]
mod tests;
