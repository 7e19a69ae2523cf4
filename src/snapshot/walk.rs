//! All files of a tree, by a loop with a stack of its own and a cap on everything a hostile tree can inflate.

use crate::model::{BlobId, FileKind, Reason, RepoPath, TreeFile};
use crate::snapshot::SnapshotError;
use crate::snapshot::object::Objects;
use crate::snapshot::parse::next_entry;
use crate::snapshot::refs::Id;
use git2::ObjectType;
use std::collections::HashMap;
use std::sync::Arc;

/// Caps of a walk; whatever lies behind one makes it end early or pass over, and it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkLimits {
    /// Entries looked at, folders included.
    pub entries: usize,
    /// Folders in a row.
    pub depth: usize,
    /// Bytes of one path.
    pub path_bytes: usize,
    /// Bytes of all paths kept at once.
    pub total_path_bytes: usize,
    /// Bytes of one tree object.
    pub tree_bytes: u64,
    /// Bytes of all tree objects read.
    pub total_tree_bytes: u64,
}

impl Default for WalkLimits {
    fn default() -> Self {
        Self {
            entries: 2_000_000,
            depth: 4096,
            path_bytes: 4096,
            total_path_bytes: 512 << 20,
            tree_bytes: 256 << 20,
            total_tree_bytes: 2 << 30,
        }
    }
}

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// In the order of their raw paths.
    pub files: Vec<TreeFile>,
    /// Whether a cap was reached: there is more than `files` says.
    pub truncated: bool,
    /// Folders whose tree could not be read, in the order of their paths.
    pub unreadable_folders: Vec<UnreadableFolder>,
}

/// A folder of which no file is listed, or not all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnreadableFolder {
    /// Its path; the empty path is the top folder.
    pub path: RepoPath,
    /// Why its tree could not be read.
    pub reason: Reason,
}

/// A folder that was seen and not read yet.
struct Folder {
    path: Vec<u8>,
    depth: usize,
    tree: Id,
}

/// Bytes of trees that a walk keeps: in a tree that names itself over and over each is read once.
const KEPT_BYTES: usize = 32 << 20;

struct Walker<'a> {
    objects: &'a Objects,
    /// Trees that were read, as long as they fit.
    kept: HashMap<Id, Arc<Vec<u8>>>,
    kept_bytes: usize,
    limits: &'a WalkLimits,
    is_cancelled: &'a dyn Fn() -> bool,
    found: Walk,
    waiting: Vec<Folder>,
    entries: usize,
    path_bytes: usize,
    tree_bytes: u64,
}

/// Walks the tree.
pub(super) fn walk(
    objects: &Objects,
    tree: Id,
    limits: &WalkLimits,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Walk, SnapshotError> {
    let mut walker = Walker {
        objects,
        kept: HashMap::new(),
        kept_bytes: 0,
        limits,
        is_cancelled,
        found: Walk {
            files: Vec::new(),
            truncated: false,
            unreadable_folders: Vec::new(),
        },
        waiting: vec![Folder {
            path: Vec::new(),
            depth: 0,
            tree,
        }],
        entries: 0,
        path_bytes: 0,
        tree_bytes: 0,
    };
    while let Some(folder) = walker.waiting.pop() {
        if is_cancelled() {
            return Err(SnapshotError::Cancelled);
        }
        if !walker.read(&folder)? {
            walker.found.truncated = true;
            break;
        }
    }
    let mut found = walker.found;
    found.files.sort();
    found.unreadable_folders.sort();
    Ok(found)
}

impl Walker<'_> {
    /// Returns the bytes of a tree, or why it cannot be read.
    fn tree(&mut self, id: &Id) -> Result<Arc<Vec<u8>>, Reason> {
        if let Some(kept) = self.kept.get(id) {
            return Ok(Arc::clone(kept));
        }
        let limit = self.limits.tree_bytes;
        let content = self.objects.structure(id, ObjectType::Tree, limit);
        let content = content.map_err(|error| error.reason())?;
        let content = Arc::new(content);
        if self.kept_bytes + content.len() <= KEPT_BYTES {
            self.kept_bytes += content.len();
            self.kept.insert(*id, Arc::clone(&content));
        }
        Ok(content)
    }

    fn note_unreadable(&mut self, folder: &Folder, reason: Reason) {
        self.found.unreadable_folders.push(UnreadableFolder {
            path: RepoPath::new(folder.path.clone()),
            reason,
        });
    }

    /// Reads one folder; false if the walk must end.
    fn read(&mut self, folder: &Folder) -> Result<bool, SnapshotError> {
        let content = match self.tree(&folder.tree) {
            Ok(content) => content,
            Err(reason) => {
                self.note_unreadable(folder, reason);
                return Ok(true);
            }
        };
        self.tree_bytes += content.len() as u64;
        if self.tree_bytes > self.limits.total_tree_bytes {
            return Ok(false);
        }
        let mut rest = content.as_slice();
        while !rest.is_empty() {
            let Some(entry) = next_entry(&mut rest) else {
                self.note_unreadable(folder, Reason::DamagedObject);
                break;
            };
            self.entries += 1;
            if self.entries > self.limits.entries {
                return Ok(false);
            }
            if self.entries.is_multiple_of(4096) && (self.is_cancelled)() {
                return Err(SnapshotError::Cancelled);
            }
            let slash = usize::from(!folder.path.is_empty());
            let length = folder.path.len() + slash + entry.name.len();
            if length > self.limits.path_bytes {
                self.found.truncated = true;
                continue;
            }
            self.path_bytes += length;
            if self.path_bytes > self.limits.total_path_bytes {
                return Ok(false);
            }
            let mut path = Vec::with_capacity(length);
            path.extend_from_slice(&folder.path);
            path.extend_from_slice(&b"/"[..slash]);
            path.extend_from_slice(entry.name);
            let kind = match entry.mode & 0o170_000 {
                0o040_000 => {
                    if folder.depth < self.limits.depth {
                        let depth = folder.depth + 1;
                        let tree = entry.id;
                        self.waiting.push(Folder { path, depth, tree });
                    } else {
                        self.found.truncated = true;
                    }
                    continue;
                }
                0o120_000 => FileKind::Symlink,
                0o160_000 => FileKind::Submodule,
                _ if entry.mode & 0o100 != 0 => FileKind::Executable,
                _ => FileKind::Regular,
            };
            self.found.files.push(TreeFile {
                path: RepoPath::new(path),
                kind,
                blob: BlobId::new(entry.id),
            });
        }
        // The folder's own path is dropped with it.
        self.path_bytes = self.path_bytes.saturating_sub(folder.path.len());
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::testing::{TestRepo, never};

    fn paths(walk: &Walk) -> Vec<&[u8]> {
        walk.files.iter().map(|f| f.path.as_bytes()).collect()
    }

    #[test]
    fn odd_names_come_back_raw_and_in_byte_order() {
        let repo = TestRepo::new();
        let blob = repo.blob(b"x");
        let inner = repo.tree(&[(0o100_755, b"z", blob)]);
        let odd: [&[u8]; 6] = [b"..", b".git", b"a\x1b[2Jb", b"a\nb", b"\xff\xfe", b"a/b"];
        let mut entries: Vec<_> = odd.iter().map(|n| (0o100_644, *n, blob)).collect();
        entries.push((0o120_000, b"link", blob));
        entries.push((0o160_000, b"sub", blob));
        entries.push((0o040_000, b"d", inner));
        entries.push((0o100_664, b"d-", blob));
        repo.commit_tree(repo.tree(&entries));
        let walk = repo.open().walk(&WalkLimits::default(), &never).unwrap();
        let expected: [&[u8]; 10] = [
            b"..",
            b".git",
            b"a\nb",
            b"a\x1b[2Jb",
            b"a/b",
            b"d-",
            b"d/z",
            b"link",
            b"sub",
            b"\xff\xfe",
        ];
        assert_eq!(paths(&walk), expected);
        let kinds: Vec<_> = walk.files[5..9].iter().map(|f| f.kind).collect();
        assert_eq!(
            kinds,
            [
                FileKind::Regular,
                FileKind::Executable,
                FileKind::Symlink,
                FileKind::Submodule
            ]
        );
        assert!(!walk.truncated && walk.unreadable_folders.is_empty());
    }

    #[test]
    fn folders_nested_deeper_than_the_limit_are_left_out() {
        let repo = TestRepo::new();
        let blob = repo.blob(b"x");
        let mut tree = repo.tree(&[(0o100_644, b"f", blob)]);
        for _ in 0..12 {
            tree = repo.tree(&[(0o100_644, b"f", blob), (0o040_000, b"d", tree)]);
        }
        repo.commit_tree(tree);
        let snapshot = repo.open();
        let walk = |depth, path_bytes| {
            let limits = WalkLimits {
                depth,
                path_bytes,
                ..WalkLimits::default()
            };
            let walk = snapshot.walk(&limits, &never).unwrap();
            (walk.files.len(), walk.truncated)
        };
        assert_eq!(walk(7, 100), (8, true));
        // `d/d/d/f` has 7 bytes.
        assert_eq!(walk(100, 7), (4, true));
        assert_eq!(walk(12, 25), (13, false), "control");
    }

    #[test]
    fn a_tree_that_names_itself_often_ends_at_the_limit_and_empty_folders_count() {
        let repo = TestRepo::new();
        let blob = repo.blob(b"x");
        let names: Vec<Vec<u8>> = (0..4).map(|i| format!("n{i}").into_bytes()).collect();
        for bottom in [repo.tree(&[(0o100_644, b"f", blob)]), repo.tree(&[])] {
            let mut tree = bottom;
            for _ in 0..4 {
                let entries: Vec<_> = names
                    .iter()
                    .map(|n| (0o040_000, n.as_slice(), tree))
                    .collect();
                tree = repo.tree(&entries);
            }
            repo.commit_tree(tree);
            let snapshot = repo.open();
            let walk = |entries| {
                let limits = WalkLimits {
                    entries,
                    ..WalkLimits::default()
                };
                snapshot.walk(&limits, &never).unwrap()
            };
            let cut = walk(200);
            assert!(cut.truncated && cut.files.len() < 200);
            assert!(!walk(1000).truncated, "control");
        }
    }

    #[test]
    fn a_missing_or_malformed_folder_is_named_and_the_rest_is_there() {
        let repo = TestRepo::new();
        let blob = repo.blob(b"x");
        let gone = git2::Oid::from_str("00000000000000000000000000000000000000aa").unwrap();
        let torn = repo.raw(git2::ObjectType::Tree, b"100644 ok\0");
        repo.commit_tree(repo.tree(&[
            (0o040_000, b"gone", gone),
            (0o040_000, b"isblob", blob),
            (0o100_644, b"ok", blob),
            (0o040_000, b"torn", torn),
        ]));
        let walk = repo.open().walk(&WalkLimits::default(), &never).unwrap();
        assert_eq!(paths(&walk), [b"ok"]);
        let folder = |path: &str, reason| UnreadableFolder {
            path: RepoPath::new(path),
            reason,
        };
        assert_eq!(
            walk.unreadable_folders,
            [
                folder("gone", Reason::MissingObject),
                folder("isblob", Reason::DamagedObject),
                folder("torn", Reason::DamagedObject),
            ]
        );
        assert!(!walk.truncated);
    }

    #[test]
    fn a_walk_can_be_cancelled() {
        let repo = TestRepo::new();
        repo.commit_file("a", b"a");
        let cancelled = repo.open().walk(&WalkLimits::default(), &|| true);
        assert!(matches!(cancelled, Err(SnapshotError::Cancelled)));
    }
}
