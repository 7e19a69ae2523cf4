//! Finding a path and a commit for blobs of the history.
//!
//! A match with an older version of a file is only of use if it says which file and which commit. That is looked for when
//! there is a match, which is rare: trees are read from the newest commit to the oldest, each tree once.

use crate::model::{BlobId, CommitId, ObjectId, RepoPath};
use crate::snapshot::parse::next_entry;
use crate::snapshot::refs::Id;
use crate::snapshot::{PassKind, Snapshot};
use git2::ObjectType;
use std::collections::{HashMap, HashSet};

/// Bytes of one tree object that is read.
const TREE_BYTES: u64 = 64 << 20;
/// Trees that are read: those of a history far longer than any that was delivered so far.
const TREES: usize = 2_000_000;
/// The mode of a folder.
const FOLDER: u32 = 0o040_000;

impl Snapshot {
    /// Returns a path and a commit for as many of the blobs as can be found: the newest commit among `commits` that holds
    /// the blob, by the time that its committer stated. What cannot be read is passed over: it only names a match.
    pub fn locate_blobs(
        &self,
        wanted: &HashSet<BlobId>,
        commits: &[ObjectId],
        is_cancelled: &dyn Fn() -> bool,
    ) -> HashMap<BlobId, (CommitId, RepoPath)> {
        let mut found = HashMap::new();
        let mut dated: Vec<(i64, Id, Id)> = commits
            .iter()
            .filter_map(|id| {
                let head = self.objects.commit(id.as_bytes()).ok()?;
                Some((head.time, *id.as_bytes(), head.tree))
            })
            .collect();
        dated.sort_unstable_by_key(|(time, id, _)| (std::cmp::Reverse(*time), *id));
        let mut seen: HashSet<Id> = HashSet::new();
        // The tree of every commit of a hostile history may be costly.
        let pass = self.begin_pass(PassKind::Inventory);
        for (_, commit, tree) in dated {
            let mut waiting = vec![(Vec::new(), tree)];
            while let Some((folder, tree)) = waiting.pop() {
                if found.len() == wanted.len() || seen.len() > TREES || is_cancelled() {
                    return found;
                }
                if !seen.insert(tree) {
                    continue;
                }
                let Ok(bytes) = pass.objects.structure(&tree, ObjectType::Tree, TREE_BYTES) else {
                    continue;
                };
                let mut rest = bytes.as_slice();
                while let Some(entry) = next_entry(&mut rest) {
                    let mut path: Vec<u8> = Vec::clone(&folder);
                    path.extend_from_slice(entry.name);
                    if entry.mode == FOLDER {
                        path.push(b'/');
                        waiting.push((path, entry.id));
                    } else if wanted.contains(&BlobId::new(entry.id)) {
                        let place = (CommitId::new(commit), RepoPath::new(path));
                        found.entry(BlobId::new(entry.id)).or_insert(place);
                    }
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::testing::TestRepo;

    #[test]
    fn an_older_version_is_named_by_its_path_and_commit() {
        let repo = TestRepo::new();
        repo.commit_file("a.c", b"int old;\n");
        let old = repo.last();
        repo.commit_file("a.c", b"int new;\n");
        let snapshot = repo.open();
        let ids = snapshot.object_ids().unwrap();
        let blob = |text: &[u8]| {
            let id = git2::Oid::hash_object(ObjectType::Blob, text).unwrap();
            id.to_string().parse::<BlobId>().unwrap()
        };
        let wanted = HashSet::from([blob(b"int old;\n"), blob(b"int nowhere;\n")]);
        let found = snapshot.locate_blobs(&wanted, &ids, &|| false);
        assert_eq!(found.len(), 1);
        let (commit, path) = &found[&blob(b"int old;\n")];
        assert_eq!((*commit, path.to_string()), (old, "a.c".to_owned()));
    }
}
