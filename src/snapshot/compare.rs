//! The work tree beside a snapshot: what lies there and was not delivered as part of the commit.
//!
//! A reviewer who reads or builds from the work tree reads something else than the commit under review, so
//! the difference is counted. No filter is run, no ignore file is obeyed. What git itself changes in a checkout is counted
//! apart, by comparing bytes (`convert`), and so are files that a sparse checkout leaves out. No link is followed and only
//! regular files are opened, by names that the folder lists and never by names that the tree holds.

use crate::model::{BlobId, FileKind, NotInSnapshot, RepoPath, TreeFile};
use crate::snapshot::SnapshotError;
use crate::snapshot::convert::{Conversions, CopyChange, LfsContent};
use crate::snapshot::git_index::LeftOut;
use crate::snapshot::object::{Objects, bytes_of};
use crate::snapshot::partial::is_true;
use crate::snapshot::source::{open_plain, read_plain, settings, unreadable};
use git2::{ObjectType, Oid};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Files up to this size are read whole to be compared; larger ones are hashed in pieces.
const WHOLE: u64 = 64 << 20;
/// Bytes of one attributes file that are read.
const ATTRIBUTES: u64 = 1 << 20;
/// Attributes files that are read.
const ATTRIBUTE_FILES: usize = 10_000;

/// A work tree and the repository that it belongs to.
pub(super) struct WorkTree<'a> {
    pub objects: &'a Objects,
    pub git_dir: &'a Path,
    pub folder: &'a Path,
}

/// What is known of the checkout before its files are compared.
struct Checkout {
    conversions: Conversions,
    left_out: LeftOut,
    /// Links are plain files that hold their targets, as on Windows.
    has_plain_links: bool,
}

impl WorkTree<'_> {
    /// Counts what differs and what is more.
    pub(super) fn compare(
        &self,
        files: &[TreeFile],
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<NotInSnapshot, SnapshotError> {
        let checkout = self.checkout(files)?;
        // Of several entries with one path git checks the first one out.
        let mut expected: HashMap<&[u8], &TreeFile> = HashMap::new();
        for file in files {
            expected.entry(file.path.as_bytes()).or_insert(file);
        }
        let mut counts = NotInSnapshot::default();
        let mut modified: Vec<&RepoPath> = Vec::new();
        let mut folders: Vec<(PathBuf, Vec<u8>)> = vec![(self.folder.to_path_buf(), Vec::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|e| unreadable(&folder, e))? {
                if is_cancelled() {
                    return Err(SnapshotError::Cancelled);
                }
                let entry = entry.map_err(|e| unreadable(&folder, e))?;
                let on_disk = entry.path();
                let kind = entry.file_type().map_err(|e| unreadable(&on_disk, e))?;
                let name = entry.file_name();
                if prefix.is_empty() && name == ".git" {
                    continue;
                }
                let mut path = prefix.clone();
                path.extend_from_slice(name.as_bytes());
                let file = expected.remove(path.as_slice());
                if kind.is_dir() {
                    match file {
                        Some(file) if file.kind == FileKind::Submodule => {}
                        file => {
                            modified.extend(file.map(|file| &file.path));
                            path.push(b'/');
                            folders.push((on_disk, path));
                        }
                    }
                    continue;
                }
                let Some(file) = file else {
                    counts.untracked += 1;
                    continue;
                };
                match self.change(&checkout, file, &on_disk, kind)? {
                    CopyChange::Same => {}
                    CopyChange::LineEnds => counts.line_ends += 1,
                    CopyChange::Converted => counts.converted += 1,
                    CopyChange::Content => modified.push(&file.path),
                }
            }
        }
        for gone in expected.values().filter(|f| f.kind != FileKind::Submodule) {
            if checkout.left_out.holds(gone.path.as_bytes()) {
                counts.not_checked_out += 1;
            } else {
                modified.push(&gone.path);
            }
        }
        counts.modified = modified.len() as u64;
        modified.sort_unstable();
        let named = modified.into_iter().take(NotInSnapshot::MOST_PATHS);
        counts.modified_paths = named.cloned().collect();
        Ok(counts)
    }

    fn checkout(&self, files: &[TreeFile]) -> Result<Checkout, SnapshotError> {
        let mut conversions = Conversions::default();
        let is_attributes =
            |file: &&TreeFile| file.path.name() == b".gitattributes" && file.kind.is_file();
        for file in files.iter().filter(is_attributes).take(ATTRIBUTE_FILES) {
            let id = file.blob.as_bytes();
            if let Ok(text) = self.objects.structure(id, ObjectType::Blob, ATTRIBUTES) {
                conversions.add_attributes(&text);
            }
        }
        let own = self.git_dir.join("info/attributes");
        if let Ok(Some(text)) = read_plain(&own, ATTRIBUTES) {
            conversions.add_attributes(&text);
        }
        let mut symlinks = settings(self.git_dir)?.into_iter();
        let symlinks = symlinks.rfind(|s| s.section == "core" && s.key == "symlinks");
        Ok(Checkout {
            conversions,
            left_out: LeftOut::read(self.git_dir),
            has_plain_links: symlinks.is_some_and(|s| !is_true(&s.value)),
        })
    }

    /// Returns how the copy of a file differs from its blob.
    fn change(
        &self,
        checkout: &Checkout,
        file: &TreeFile,
        on_disk: &Path,
        kind: fs::FileType,
    ) -> Result<CopyChange, SnapshotError> {
        let same = |is_same| {
            if is_same {
                CopyChange::Same
            } else {
                CopyChange::Content
            }
        };
        match file.kind {
            FileKind::Symlink if kind.is_symlink() => is_link_to(on_disk, &file.blob).map(same),
            FileKind::Symlink if kind.is_file() && checkout.has_plain_links => {
                let change = self.change_of_content(checkout, on_disk, &file.blob)?;
                Ok(match change {
                    CopyChange::Content => change,
                    _ => CopyChange::Converted,
                })
            }
            FileKind::Regular | FileKind::Executable if kind.is_file() => {
                self.change_of_content(checkout, on_disk, &file.blob)
            }
            _ => Ok(CopyChange::Content),
        }
    }

    /// Compares sizes first: a file that grew to fill a disk is never read.
    fn change_of_content(
        &self,
        checkout: &Checkout,
        path: &Path,
        blob: &BlobId,
    ) -> Result<CopyChange, SnapshotError> {
        let mut file = open_plain(path).map_err(|e| unreadable(path, e))?;
        let size = file.metadata().map_err(|e| unreadable(path, e))?.len();
        // If the blob was not delivered, the file may still be what its id says.
        let stored = self.objects.size(blob.as_bytes(), ObjectType::Blob).ok();
        // A pointer is far smaller than what it stands for.
        let is_pointer = stored.is_some_and(|stored| stored < POINTER);
        if size > WHOLE && is_pointer {
            let id = blob.as_bytes();
            let pointer = self.objects.structure(id, ObjectType::Blob, POINTER);
            let Some(named) = pointer.ok().and_then(|bytes| LfsContent::named_by(&bytes)) else {
                return Ok(CopyChange::Content);
            };
            let is_it = named
                .is_in(size, &mut file)
                .map_err(|e| unreadable(path, e))?;
            return Ok(if is_it {
                CopyChange::Converted
            } else {
                CopyChange::Content
            });
        }
        if size > WHOLE {
            let is_size = stored.is_none_or(|stored| stored == size);
            return Ok(if is_size && hashes_to(hash_pieces(&file), blob) {
                CopyChange::Same
            } else {
                CopyChange::Content
            });
        }
        let is_likely = |stored: u64| is_pointer || Conversions::is_likely(stored, size);
        if stored.is_some_and(|stored| stored != size && !is_likely(stored)) {
            return Ok(CopyChange::Content);
        }
        let mut content = Vec::with_capacity(size as usize);
        Read::by_ref(&mut file)
            .take(WHOLE + 1)
            .read_to_end(&mut content)
            .map_err(|e| unreadable(path, e))?;
        let hash = || Oid::hash_object(ObjectType::Blob, &content);
        if stored.is_none_or(|stored| stored == size) && hashes_to(hash(), blob) {
            return Ok(CopyChange::Same);
        }
        let id = blob.as_bytes();
        let Ok(original) = self.objects.structure(id, ObjectType::Blob, WHOLE) else {
            return Ok(CopyChange::Content);
        };
        Ok(checkout.conversions.compare(&original, &content))
    }
}

/// Bytes below which a blob may be an LFS pointer.
const POINTER: u64 = 1024;

fn hashes_to(hash: Result<Oid, git2::Error>, blob: &BlobId) -> bool {
    hash.is_ok_and(|oid| bytes_of(&oid) == *blob.as_bytes())
}

fn is_link_to(path: &Path, blob: &BlobId) -> Result<bool, SnapshotError> {
    let target = fs::read_link(path).map_err(|e| unreadable(path, e))?;
    let hash = Oid::hash_object(ObjectType::Blob, target.as_os_str().as_bytes());
    Ok(hashes_to(hash, blob))
}

/// Hashes the file that is open, and not whatever its name leads to by now.
fn hash_pieces(file: &File) -> Result<Oid, git2::Error> {
    Oid::hash_file(
        ObjectType::Blob,
        format!("/proc/self/fd/{}", file.as_raw_fd()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::testing::{TestRepo, never};
    use crate::snapshot::{Snapshot, WalkLimits};
    use std::os::unix::fs::symlink;

    fn counts(snapshot: &Snapshot) -> (u64, u64) {
        let walk = snapshot.walk(&WalkLimits::default(), &never).unwrap();
        let counts = snapshot.compare_work_tree(&walk.files, &never).unwrap();
        (counts.modified, counts.untracked)
    }

    #[test]
    fn what_differs_and_what_is_more_is_counted() {
        let repo = TestRepo::with_work_tree();
        // An index without entries: nothing is left out on purpose.
        fs::write(repo.path().join("index"), b"DIRC\0\0\0\x02\0\0\0\0").unwrap();
        let (one, two) = (repo.blob(b"one\n"), repo.blob(b"two\n"));
        let link = repo.blob(b"a.c");
        let inner = repo.tree(&[(0o100_755, b"b.c", two)]);
        repo.commit_tree(repo.tree(&[
            (0o100_644, b"a.c", one),
            (0o040_000, b"d", inner),
            (0o120_000, b"l", link),
            (0o160_000, b"sub", two),
        ]));
        let top = repo.work_tree().to_path_buf();
        fs::create_dir_all(top.join("d")).unwrap();
        fs::create_dir_all(top.join("sub/any")).unwrap();
        fs::write(top.join("sub/any/x"), "x").unwrap();
        fs::write(top.join("a.c"), "one\n").unwrap();
        fs::write(top.join("d/b.c"), "two\n").unwrap();
        symlink("a.c", top.join("l")).unwrap();
        let snapshot = repo.open();
        assert_eq!(counts(&snapshot), (0, 0), "control");

        fs::write(top.join("a.c"), "One\n").unwrap();
        assert_eq!(counts(&snapshot), (1, 0), "same size, other content");
        fs::write(top.join("a.c"), "one\r\n").unwrap();
        assert_eq!(counts(&snapshot), (0, 0), "line ends count apart");
        fs::remove_file(top.join("a.c")).unwrap();
        symlink(top.join("d/b.c"), top.join("a.c")).unwrap();
        assert_eq!(counts(&snapshot), (1, 0), "a link is no file");
        fs::remove_file(top.join("d/b.c")).unwrap();
        assert_eq!(counts(&snapshot), (2, 0), "gone");
        fs::remove_file(top.join("l")).unwrap();
        symlink("elsewhere", top.join("l")).unwrap();
        assert_eq!(counts(&snapshot), (3, 0));
        fs::write(top.join(".gitignore"), "*\n").unwrap();
        fs::write(top.join("d/new.o"), "x").unwrap();
        symlink("/", top.join("root")).unwrap();
        assert_eq!(counts(&snapshot), (3, 3), "ignore files are not obeyed");
    }

    #[test]
    fn what_git_converts_or_leaves_out_counts_apart() {
        let repo = TestRepo::with_work_tree();
        let blob = |text: &[u8]| repo.blob(text);
        let inner = repo.tree(&[(0o100_644, b"x.c", blob(b"x\n"))]);
        repo.commit_tree(repo.tree(&[
            (
                0o100_644,
                b".gitattributes",
                blob(b"*.txt working-tree-encoding=ISO-8859-1\n"),
            ),
            (0o100_644, b"a.c", blob(b"one\n")),
            (0o100_644, b"b.txt", blob("h\u{e9}\n".as_bytes())),
            (0o100_644, b"c.c", blob(b"changed\n")),
            (0o040_000, b"d", inner),
            (0o120_000, b"l", blob(b"a.c")),
        ]));
        let top = repo.work_tree().to_path_buf();
        let git = |name: &str, bytes: &[u8]| fs::write(repo.path().join(name), bytes).unwrap();
        let put = |name: &str, bytes: &[u8]| fs::write(top.join(name), bytes).unwrap();
        put(
            ".gitattributes",
            b"*.txt working-tree-encoding=ISO-8859-1\r\n",
        );
        put("a.c", b"one\r\n");
        put("b.txt", b"h\xe9\r\n");
        put("c.c", b"Changed\n");
        put("l", b"a.c");
        let snapshot = repo.open();
        let count = || {
            let walk = snapshot.walk(&WalkLimits::default(), &never).unwrap();
            let n = snapshot.compare_work_tree(&walk.files, &never).unwrap();
            [
                n.modified,
                n.untracked,
                n.line_ends,
                n.converted,
                n.not_checked_out,
            ]
        };
        assert_eq!(
            count(),
            [2, 0, 2, 1, 1],
            "no index: what is gone was never there"
        );
        git("config", b"[core]\n\tsymlinks = false\n");
        assert_eq!(
            count(),
            [1, 0, 2, 2, 1],
            "a link as a file, where the settings say so"
        );
        git("index", b"DIRC\0\0\0\x02\0\0\0\0");
        assert_eq!(count(), [2, 0, 2, 2, 0], "the index leaves nothing out");
        for (version, name) in [(3_u8, b"d/x.c".as_slice()), (4, b"d/x.c"), (3, b"d/")] {
            let mode: u32 = if name == b"d/" { 0o040_000 } else { 0o100_644 };
            let mut index = b"DIRC\0\0\0".to_vec();
            index.extend([version, 0, 0, 0, 1]);
            index.extend([0; 24]);
            index.extend(mode.to_be_bytes());
            index.extend([0; 32]);
            index.extend([0x40, name.len() as u8, 0x40, 0]);
            if version == 4 {
                index.push(0);
            }
            index.extend(name);
            index.extend([0; 8]);
            git("index", &index);
            assert_eq!(count(), [1, 0, 2, 2, 1], "version {version}");
            git("index", &index[..index.len() - 9]);
            assert_eq!(count(), [2, 0, 2, 2, 0], "a torn index leaves nothing out");
        }
        git("config", b"[core]\n\tbare = true\n");
        assert!(!repo.open().has_work_tree());
    }

    #[test]
    fn a_bare_repository_has_nothing_beside_it() {
        let repo = TestRepo::new();
        repo.commit_file("a", b"a");
        assert_eq!(counts(&repo.open()), (0, 0));
    }

    #[test]
    fn large_files_are_hashed_in_pieces_to_the_same_id() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        fs::write(&path, vec![b'x'; 100_000]).unwrap();
        let whole = Oid::hash_object(ObjectType::Blob, &vec![b'x'; 100_000]).unwrap();
        assert_eq!(hash_pieces(&File::open(&path).unwrap()).unwrap(), whole);
    }
}
