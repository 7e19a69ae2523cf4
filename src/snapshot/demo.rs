//! The built-in demo snapshot, written as a bare repository like one that a vendor delivers.
//!
//! Names, dates and words are fixed, so that the ids are the same on every machine. It is built beside its
//! place and renamed, so that a half-made one is never opened. It has no configuration, no hooks and nothing
//! else that git would put there: only what the releases hold.

use crate::model::FileKind;
use crate::snapshot::object::bytes_of;
use crate::snapshot::{SnapshotError, files, sys};
use git2::{ObjectType, Odb, Oid, Repository, RepositoryInitOptions};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Who committed it.
const AUTHOR: &str = "Meridian Networks <release@meridian.example>";
/// 2025-03-03 09:00 UTC, the first release.
const FIRST: u64 = 1_740_992_400;
/// Seconds from one release to the next: four weeks.
const APART: u64 = 28 * 24 * 3600;

/// One file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoEntry {
    /// Raw; parts joined by `/`.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: FileKind,
    /// Its bytes; the target of a link; the 40 digits of a submodule's commit.
    pub content: Vec<u8>,
}

/// One release, which becomes one commit and one lightweight tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release<'a> {
    /// The tag's short name.
    pub tag: &'a str,
    /// The commit's message.
    pub message: &'a str,
    /// All its files, in any order; of two with one path the last counts.
    pub entries: Vec<DemoEntry>,
}

/// A folder that is being put together: names to what they hold.
enum Node {
    File(u32, Oid),
    Folder(BTreeMap<Vec<u8>, Node>),
}

/// Writes the releases, oldest first, to a new bare repository at `folder`; branch `main` is at the last.
pub fn build(folder: &Path, releases: &[Release<'_>]) -> Result<(), SnapshotError> {
    sys::prepare();
    if folder.symlink_metadata().is_ok() {
        return Err(SnapshotError::Exists {
            path: folder.to_path_buf(),
        });
    }
    let mut part = folder.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    clear(&part)?;
    write(&part, releases)?;
    fs::rename(&part, folder).map_err(|e| files::ours(folder, e))
}

fn clear(path: &Path) -> Result<(), SnapshotError> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(files::ours(path, e)),
        _ => Ok(()),
    }
}

fn write(part: &Path, releases: &[Release<'_>]) -> Result<(), SnapshotError> {
    let wrap = |source| SnapshotError::Demo {
        path: part.to_path_buf(),
        source,
    };
    let put = |name: &str, text: String| {
        let path = part.join(name);
        fs::write(&path, text).map_err(|e| files::ours(&path, e))
    };
    let mut options = RepositoryInitOptions::new();
    options
        .bare(true)
        .external_template(false)
        .initial_head("main");
    let repository = Repository::init_opts(part, &options).map_err(wrap)?;
    let odb = repository.odb().map_err(wrap)?;
    for extra in ["hooks", "info", "objects/info"] {
        clear(&part.join(extra))?;
    }
    for extra in ["config", "description"] {
        let path = part.join(extra);
        if path.exists() {
            fs::remove_file(&path).map_err(|e| files::ours(&path, e))?;
        }
    }
    for kind in ["heads", "tags"] {
        files::make_folder(&part.join("refs").join(kind))?;
    }
    let mut parent = None;
    for (at, release) in (0..).zip(releases) {
        let id = commit(&odb, release, FIRST + at * APART, parent).map_err(wrap)?;
        put(&format!("refs/tags/{}", release.tag), format!("{id}\n"))?;
        put("refs/heads/main", format!("{id}\n"))?;
        parent = Some(id);
    }
    put("HEAD", "ref: refs/heads/main\n".to_owned())
}

fn commit(
    odb: &Odb<'_>,
    release: &Release<'_>,
    time: u64,
    parent: Option<Oid>,
) -> Result<Oid, git2::Error> {
    let mut top = BTreeMap::new();
    for entry in &release.entries {
        let mode = match entry.kind {
            FileKind::Regular => 0o100_644,
            FileKind::Executable => 0o100_755,
            FileKind::Symlink => 0o120_000,
            FileKind::Submodule => 0o160_000,
        };
        let id = match entry.kind {
            FileKind::Submodule => Oid::from_str(&String::from_utf8_lossy(&entry.content))?,
            _ => odb.write(ObjectType::Blob, &entry.content)?,
        };
        let mut names: Vec<&[u8]> = entry.path.split(|b| *b == b'/').collect();
        let Some(last) = names.pop() else { continue };
        let mut folder = &mut top;
        for name in names {
            let node = folder
                .entry(name.to_vec())
                .or_insert_with(|| Node::Folder(BTreeMap::new()));
            if matches!(node, Node::File(..)) {
                *node = Node::Folder(BTreeMap::new());
            }
            folder = match node {
                Node::Folder(inner) => inner,
                Node::File(..) => return Err(git2::Error::from_str("a file is no folder")),
            };
        }
        folder.insert(last.to_vec(), Node::File(mode, id));
    }
    let tree = tree(odb, &top)?;
    let parent = parent.map_or_else(String::new, |id| format!("parent {id}\n"));
    let text = format!(
        "tree {tree}\n{parent}author {AUTHOR} {time} +0000\ncommitter {AUTHOR} {time} +0000\n\n{}\n",
        release.message.trim_end()
    );
    odb.write(ObjectType::Commit, text.as_bytes())
}

/// Writes a folder and those within it; it is as deep as our own demo's paths.
fn tree(odb: &Odb<'_>, folder: &BTreeMap<Vec<u8>, Node>) -> Result<Oid, git2::Error> {
    let mut entries = Vec::new();
    for (name, node) in folder {
        entries.push(match node {
            Node::File(mode, id) => (*mode, name.as_slice(), *id),
            Node::Folder(inner) => (0o040_000, name.as_slice(), tree(odb, inner)?),
        });
    }
    odb.write(ObjectType::Tree, &tree_bytes(&mut entries))
}

/// Encodes a tree's entries in git's order, in which a folder sorts as if its name ended in `/`.
pub(super) fn tree_bytes(entries: &mut [(u32, &[u8], Oid)]) -> Vec<u8> {
    entries.sort_by_cached_key(|(mode, name, _)| {
        let end: &[u8] = if *mode == 0o040_000 { b"/" } else { b"" };
        [*name, end].concat()
    });
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend_from_slice(format!("{mode:o} ").as_bytes());
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(&bytes_of(id));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::testing::never;
    use crate::snapshot::{Snapshot, WalkLimits};

    fn entry(path: &str, kind: FileKind, content: &str) -> DemoEntry {
        DemoEntry {
            path: path.into(),
            kind,
            content: content.into(),
        }
    }

    fn releases() -> [Release<'static>; 2] {
        let old = vec![
            entry("src/main.c", FileKind::Regular, "int main;\n"),
            entry("src.h", FileKind::Regular, "#pragma once\n"),
            entry("build", FileKind::Executable, "#!/bin/sh\n"),
            entry("latest", FileKind::Symlink, "src"),
            entry(
                "third/lib",
                FileKind::Submodule,
                "1111111111111111111111111111111111111111",
            ),
        ];
        let mut new = old.clone();
        new[0].content = b"int main(void);\n".to_vec();
        [("v2.4", old), ("v2.5", new)].map(|(tag, entries)| Release {
            tag,
            message: "release",
            entries,
        })
    }

    #[test]
    fn two_builds_are_equal_and_open_like_any_delivery() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a.git"), dir.path().join("b.git"));
        build(&a, &releases()).unwrap();
        build(&b, &releases()).unwrap();
        let open = |path: &Path, rev| Snapshot::open(path, rev, &dir.path().join("store")).unwrap();
        let (last, same) = (open(&a, None), open(&b, None));
        assert_eq!(last.commit(), same.commit());
        assert_eq!(last.commit(), open(&a, Some("v2.5")).commit());
        assert_ne!(last.commit(), open(&a, Some("v2.4")).commit());
        assert_eq!(last.rev(), "main");
        assert_eq!(last.vendor_influence(), []);
        let walk = last.walk(&WalkLimits::default(), &never).unwrap();
        let files: Vec<_> = walk
            .files
            .iter()
            .map(|f| (f.path.to_string(), f.kind))
            .collect();
        let expected = [
            ("build", FileKind::Executable),
            ("latest", FileKind::Symlink),
            ("src.h", FileKind::Regular),
            ("src/main.c", FileKind::Regular),
            ("third/lib", FileKind::Submodule),
        ];
        assert_eq!(files, expected.map(|(path, kind)| (path.to_owned(), kind)));
        assert_eq!(
            last.read(&walk.files[3].blob, 99).unwrap(),
            b"int main(void);\n"
        );
    }

    #[test]
    fn a_half_made_demo_is_made_anew_and_a_whole_one_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("demo.git");
        fs::create_dir_all(dir.path().join("demo.git.part/objects")).unwrap();
        build(&folder, &releases()).unwrap();
        assert!(!dir.path().join("demo.git.part").exists());
        assert!(matches!(
            build(&folder, &releases()),
            Err(SnapshotError::Exists { .. })
        ));
    }
}
