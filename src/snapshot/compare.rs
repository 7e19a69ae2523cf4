//! The work tree beside a snapshot: what lies there and was not delivered as part of the commit.
//!
//! A reviewer who reads or builds from the work tree reads something else than the commit under review, so
//! the difference is counted. Content is compared as it lies there: no filter, no line-end conversion, no
//! ignore file. No link is followed and only regular files are opened, by names that the folder lists and
//! never by names that the tree holds.

use crate::model::{BlobId, NotInSnapshot};
use crate::model::{FileKind, TreeFile};
use crate::snapshot::SnapshotError;
use crate::snapshot::object::{Objects, bytes_of};
use crate::snapshot::source::{open_plain, unreadable};
use git2::{ObjectType, Oid};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Files up to this size are read whole to be hashed; larger ones are hashed in pieces.
const WHOLE: u64 = 64 << 20;

/// Counts what differs and what is more.
pub(super) fn compare(
    objects: &Objects,
    work_tree: &Path,
    files: &[TreeFile],
    is_cancelled: &dyn Fn() -> bool,
) -> Result<NotInSnapshot, SnapshotError> {
    let mut expected: HashMap<&[u8], &TreeFile> =
        files.iter().map(|f| (f.path.as_bytes(), f)).collect();
    let mut counts = NotInSnapshot::default();
    let mut folders: Vec<(PathBuf, Vec<u8>)> = vec![(work_tree.to_path_buf(), Vec::new())];
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
                        counts.modified += u64::from(file.is_some());
                        path.push(b'/');
                        folders.push((on_disk, path));
                    }
                }
                continue;
            }
            let is_same = match file {
                None => {
                    counts.untracked += 1;
                    continue;
                }
                Some(file) => match file.kind {
                    FileKind::Symlink => kind.is_symlink() && is_link_to(&on_disk, &file.blob)?,
                    FileKind::Submodule => false,
                    FileKind::Regular | FileKind::Executable => {
                        kind.is_file() && is_content(objects, &on_disk, &file.blob)?
                    }
                },
            };
            counts.modified += u64::from(!is_same);
        }
    }
    let gone = expected.values().filter(|f| f.kind != FileKind::Submodule);
    counts.modified += gone.count() as u64;
    Ok(counts)
}

fn hashes_to(hash: Result<Oid, git2::Error>, blob: &BlobId) -> bool {
    hash.is_ok_and(|oid| bytes_of(&oid) == *blob.as_bytes())
}

fn is_link_to(path: &Path, blob: &BlobId) -> Result<bool, SnapshotError> {
    let target = fs::read_link(path).map_err(|e| unreadable(path, e))?;
    let hash = Oid::hash_object(ObjectType::Blob, target.as_os_str().as_bytes());
    Ok(hashes_to(hash, blob))
}

/// Compares sizes first: a file that grew to fill a disk is never read.
fn is_content(objects: &Objects, path: &Path, blob: &BlobId) -> Result<bool, SnapshotError> {
    let mut file = open_plain(path).map_err(|e| unreadable(path, e))?;
    let size = file.metadata().map_err(|e| unreadable(path, e))?.len();
    // If the blob was not delivered, the file may still be what its id says.
    let stored = objects.size(blob.as_bytes(), ObjectType::Blob).ok();
    if stored.is_some_and(|stored| stored != size) {
        return Ok(false);
    }
    if size > WHOLE {
        return Ok(hashes_to(hash_pieces(&file), blob));
    }
    let mut content = Vec::with_capacity(size as usize);
    Read::by_ref(&mut file)
        .take(WHOLE + 1)
        .read_to_end(&mut content)
        .map_err(|e| unreadable(path, e))?;
    Ok(hashes_to(
        Oid::hash_object(ObjectType::Blob, &content),
        blob,
    ))
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
        assert_eq!(counts(&snapshot), (1, 0), "no line-end conversion");
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
