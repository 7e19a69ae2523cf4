//! A vendor's snapshot: one commit of a repository or bundle, its files and their contents.
//!
//! Owns git2 (and through it libgit2 and libz). The invariants:
//! - The delivery is never written to and never opened as a repository: no configuration, hook, graft,
//!   replacement, alternate or attribute of the vendor's has any effect. libgit2 only sees an object store
//!   in memory over a folder of ours that links to the real packs and loose objects (`view`); refs and
//!   `HEAD` are read by a strict reader of our own (`refs`).
//! - Every object is checked against its id when it is read, and its size before it is read.
//! - Loops, never recursion, and a cap on everything that a hostile delivery can inflate.
//! - Nothing of git2 is reached before `sys` has cut it off from the machine's configuration. Nothing may
//!   call `Repository::path` or another function that needs a folder: the store has none.
//!
//! What it does not do: decode text, judge content, keep an index, write to a delivery, use a network.

mod chain;
mod compare;
pub mod demo;
mod error;
mod influence;
mod inventory;
mod locate;
mod object;
mod packed;
mod refs;
mod source;
mod sys;
#[cfg(test)]
mod testing;
mod view;
mod walk;

pub use error::SnapshotError;
pub use influence::{case_collisions, influence_of_path, is_lfs_pointer};
pub use inventory::{DeliveredObject, ObjectKind};
pub use source::stem;
pub use walk::{Walk, WalkLimits};

use crate::model::{BlobId, CommitId, Influence, NotInSnapshot, TreeFile, TreeId};
use chain::{Chains, hex};
use git2::ObjectType;
use object::Objects;
use refs::{Id, Refs, parse_id};
use source::{Origin, Place};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use view::View;

/// The shortest prefix of an id that is taken for one.
const PREFIX: usize = 7;

/// One commit of a delivery, ready to be read.
///
/// A handle belongs to one thread at a time; [`Snapshot::reopen`] makes another one for another thread.
pub struct Snapshot {
    objects: Objects,
    facts: Arc<Facts>,
}

/// What was found out when opening.
struct Facts {
    origin: Origin,
    /// The folder of ours that libgit2 looks at.
    folder: String,
    chains: Arc<Chains>,
    refs: Refs,
    rev: String,
    commit: CommitId,
    tree: TreeId,
    is_shallow: bool,
}

impl Snapshot {
    /// Opens a delivery: a bare repository, a work tree with its `.git`, a `.git` folder or a bundle.
    ///
    /// `rev` is a ref, full or short, or a unique prefix of an id of 7 digits or more; tags are followed to
    /// their commit. Without it `HEAD` counts, or the only ref of a bundle. `store` is a folder of ours, made
    /// if it is missing: views of repositories and the packs of bundles are kept there and used again.
    pub fn open(source: &Path, rev: Option<&str>, store: &Path) -> Result<Self, SnapshotError> {
        sys::prepare();
        let origin = source::locate(source)?;
        view::make_folder(store)?;
        let store = std::path::absolute(store).map_err(|e| view::ours(store, e))?;
        let (refs, view) = match &origin.place {
            Place::Repository { git_dir, .. } => {
                let refs = Refs::read(git_dir)?;
                (refs, View::of(&git_dir.join("objects"), &store)?)
            }
            Place::Bundle => packed::import(&origin.canonical, &store)?,
        };
        let View { folder, packs } = view;
        let Some(folder) = folder.to_str().map(str::to_owned) else {
            return Err(SnapshotError::StoreName { path: folder });
        };
        let chains = Arc::new(Chains::new(packs));
        let objects = Objects::open(&folder, &origin.canonical, Arc::clone(&chains))?;
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
            folder,
            chains,
            refs,
            rev,
            commit: CommitId::new(commit),
            tree: TreeId::new(head.tree),
            is_shallow,
        });
        Ok(Self { objects, facts })
    }

    /// Returns another handle on the same commit, for another thread; nothing is resolved again.
    pub fn reopen(&self) -> Result<Self, SnapshotError> {
        let facts = Arc::clone(&self.facts);
        let objects = Objects::open(
            &facts.folder,
            &facts.origin.canonical,
            Arc::clone(&facts.chains),
        )?;
        Ok(Self { objects, facts })
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

    /// Returns every ref by full name, in the text form of a path, with the 40 digits of what it names, which
    /// may be a tag object.
    pub fn refs(&self) -> Vec<(String, String)> {
        let list = self.facts.refs.list().into_iter();
        list.map(|(name, id)| (name, hex(&id))).collect()
    }

    /// Lists all files of the snapshot.
    pub fn walk(
        &self,
        limits: &WalkLimits,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Walk, SnapshotError> {
        let tree = *self.facts.tree.as_bytes();
        walk::walk(&self.objects, tree, limits, is_cancelled)
    }

    /// Returns the size of a blob in bytes, without inflating it.
    pub fn size(&self, blob: &BlobId) -> Result<u64, SnapshotError> {
        self.objects.size(blob.as_bytes(), ObjectType::Blob)
    }

    /// Reads a blob of at most `limit` bytes; a larger one is not even inflated.
    pub fn read(&self, blob: &BlobId, limit: u64) -> Result<Vec<u8>, SnapshotError> {
        let size = self.size(blob)?;
        if size > limit {
            return Err(SnapshotError::BlobTooLarge {
                id: *blob,
                size,
                limit,
            });
        }
        self.objects.content(blob.as_bytes(), ObjectType::Blob)
    }

    /// Puts blobs into the order in which the delivery stores them, which is the order in which reading them
    /// all is quickest; those that are not found come last, by id.
    pub fn pack_order(&self, wanted: &HashSet<BlobId>) -> Result<Vec<BlobId>, SnapshotError> {
        let mut left = wanted.clone();
        let mut order = Vec::with_capacity(wanted.len());
        self.objects.each(|id| {
            if let Some(blob) = left.take(&BlobId::new(id)) {
                order.push(blob);
            }
            !left.is_empty()
        });
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

    /// Compares the work tree beside the repository with the files of a walk; zeros if there is none. Ignore
    /// files are not obeyed and no filter is applied.
    pub fn compare_work_tree(
        &self,
        files: &[TreeFile],
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<NotInSnapshot, SnapshotError> {
        match &self.facts.origin.place {
            Place::Repository {
                work_tree: Some(folder),
                ..
            } => compare::compare(&self.objects, folder, files, is_cancelled),
            _ => Ok(NotInSnapshot::default()),
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
        return refs.unnamed().ok_or_else(|| {
            let names = refs.names();
            if names.is_empty() {
                SnapshotError::Empty {
                    path: origin.canonical.clone(),
                }
            } else {
                SnapshotError::NoHead { refs: names }
            }
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
    let id = found.ok_or_else(|| SnapshotError::NoSuchRevision {
        rev: rev.to_owned(),
        refs: refs.names(),
    })?;
    Ok((rev.to_owned(), id))
}

#[cfg(test)]
mod tests;
