//! Which names of a ledger the delivery really holds.

use super::{BlobId, OutgoingField, RepoPath, TextVisitor};
use std::collections::HashSet;

/// Files of the delivery that records name: paths and blobs that a snapshot of the review really holds.
///
/// Only those are kept that some record names, so that a large tree costs nothing.
#[derive(Clone, Debug, Default)]
pub struct DeliveredNames {
    wanted_paths: HashSet<RepoPath>,
    wanted_blobs: HashSet<BlobId>,
    paths: HashSet<RepoPath>,
    blobs: HashSet<BlobId>,
}

impl DeliveredNames {
    /// Asks for every path and blob that the records name. None of them is delivered yet.
    pub fn named_by<'a, T: OutgoingField + 'a>(records: impl IntoIterator<Item = &'a T>) -> Self {
        let mut names = Self::default();
        for record in records {
            record.visit_texts("", "", &mut names);
        }
        names
    }

    /// Takes over a file of a snapshot.
    pub fn insert(&mut self, path: &RepoPath, blob: &BlobId) {
        if let Some(path) = self.wanted_paths.take(path) {
            // Cut as a policy may cut it, it is still the delivery's.
            self.paths.insert(path.last_two());
            self.paths.insert(path);
        }
        if self.wanted_blobs.remove(blob) {
            self.blobs.insert(*blob);
        }
    }

    /// Returns the paths that were asked for and not taken over.
    pub fn wanted_paths(&self) -> Vec<RepoPath> {
        self.wanted_paths.iter().cloned().collect()
    }

    /// Takes over whatever was asked for, as if the delivery held it.
    #[must_use]
    pub fn all_delivered(mut self) -> Self {
        for path in std::mem::take(&mut self.wanted_paths) {
            self.paths.insert(path.last_two());
            self.paths.insert(path);
        }
        self.blobs.extend(std::mem::take(&mut self.wanted_blobs));
        self
    }

    /// Returns whether nothing is left to be looked for.
    pub fn is_complete(&self) -> bool {
        self.wanted_paths.is_empty() && self.wanted_blobs.is_empty()
    }

    /// Returns whether the delivery holds a file at the path.
    pub fn has_path(&self, path: &RepoPath) -> bool {
        self.paths.contains(path)
    }

    /// Returns whether the delivery holds the blob.
    pub fn has_blob(&self, blob: &BlobId) -> bool {
        self.blobs.contains(blob)
    }
}

impl TextVisitor for DeliveredNames {
    fn visit_text(&mut self, _: &str, _: &'static str, _: &str) {}
    fn visit_name(&mut self, _: &str, _: &'static str, _: &str) {}
    fn visit_path(&mut self, _: &str, _: &'static str, path: &RepoPath) {
        self.wanted_paths.insert(path.clone());
    }
    fn visit_blob(&mut self, _: &str, _: &'static str, blob: &BlobId) {
        self.wanted_blobs.insert(*blob);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_delivered_once_a_snapshot_holds_it() {
        let (path, blob) = (RepoPath::new("a/b/c.c"), BlobId::new([7; 20]));
        let mut names = DeliveredNames::named_by([&path]);
        names.visit_blob("", "", &blob);
        assert!(!names.has_path(&path) && !names.has_blob(&blob) && !names.is_complete());
        names.insert(&RepoPath::new("other"), &BlobId::new([8; 20]));
        assert!(!names.has_path(&RepoPath::new("other")), "nobody names it");
        names.insert(&path, &blob);
        assert!(names.has_path(&path) && names.has_path(&RepoPath::new("b/c.c")));
        assert!(names.has_blob(&blob) && names.is_complete());
    }
}
