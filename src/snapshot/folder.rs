//! The tree object of one folder, found by its path.

use crate::model::{RepoPath, TreeId};
use crate::snapshot::parse::next_entry;
use crate::snapshot::{Snapshot, SnapshotError};
use git2::ObjectType;

/// Bytes of one tree object that is read.
const TREE_BYTES: u64 = 256 << 20;
/// Folders in a row that are followed.
const DEPTH: usize = 4096;
/// The kind of an entry, without its rights, and that of a folder.
const KIND: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;

impl Snapshot {
    /// Returns the tree of a folder, or nothing if there is no such folder, or if several folders of one name make the
    /// path ambiguous. The path `.` is no folder's: [`Snapshot::tree`] is the top.
    pub fn folder_at(&self, path: &RepoPath) -> Result<Option<TreeId>, SnapshotError> {
        let mut tree = *self.facts.tree.as_bytes();
        let mut rest = path.as_bytes();
        for _ in 0..DEPTH {
            let bytes = self
                .objects
                .structure(&tree, ObjectType::Tree, TREE_BYTES)?;
            // A hostile tree may have a name with a slash in it: the path decides, not its parts.
            let mut entries = bytes.as_slice();
            let mut found: Vec<(usize, [u8; 20])> = Vec::new();
            while let Some(entry) = next_entry(&mut entries) {
                let is_part = rest == entry.name
                    || (rest.starts_with(entry.name) && rest.get(entry.name.len()) == Some(&b'/'));
                let part = (entry.name.len(), entry.id);
                if entry.mode & KIND == FOLDER && is_part && !found.contains(&part) {
                    found.push(part);
                }
            }
            let [(length, id)] = found.as_slice() else {
                return Ok(None);
            };
            if rest.len() == *length {
                return Ok(Some(TreeId::new(*id)));
            }
            (tree, rest) = (*id, &rest[length + 1..]);
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::testing::TestRepo;

    #[test]
    fn a_folder_has_the_id_that_git_gives_it_and_what_is_none_has_none() {
        let repo = TestRepo::new();
        let blob = repo.blob(b"x");
        let inner = repo.tree(&[(0o100_644, b"f", blob)]);
        let other = repo.tree(&[(0o100_644, b"g", blob)]);
        let outer = repo.tree(&[(0o040_000, b"b", inner), (0o100_644, b"b.c", blob)]);
        repo.commit_tree(repo.tree(&[
            (0o040_000, b"a", outer),
            (0o100_644, b"file", blob),
            (0o160_000, b"sub", blob),
            (0o040_000, b"two", inner),
            (0o040_000, b"two", other),
        ]));
        let snapshot = repo.open();
        let id = |path: &str| {
            let found = snapshot.folder_at(&RepoPath::new(path)).unwrap();
            found.map(|tree| tree.to_string())
        };
        assert_eq!(id("a"), Some(outer.to_string()));
        assert_eq!(id("a/b"), Some(inner.to_string()));
        for none in [
            "", ".", "a/", "a/b/", "a/b.c", "file", "sub", "two", "x", "ab",
        ] {
            assert_eq!(id(none), None, "{none}");
        }
    }
}
