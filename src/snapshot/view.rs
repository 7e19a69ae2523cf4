//! The folder of ours through which libgit2 sees a vendor's objects.
//!
//! It links to real `pack/pack-*.{pack,idx}` files and real two-digit folders, each checked without following
//! a link, and to nothing else: not to `info/` (alternates lead out of the delivery) and not to
//! `multi-pack-index`. A two-digit folder that holds anything but regular files (a pipe would block the
//! reader, a link would lead out) is made anew with one link a file. A view is named for what it links to,
//! made beside its place and renamed, so that it is whole or absent and can be shared.

use crate::snapshot::SnapshotError;
use crate::snapshot::source::{look, unreadable};
use git2::{ObjectType, Oid};
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, ReadDir};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A pack and its index, at their real places.
#[derive(Debug, Clone)]
pub(super) struct PackFiles {
    /// The index.
    pub idx: PathBuf,
    /// The pack.
    pub pack: PathBuf,
}

/// A folder that libgit2 may be pointed at.
#[derive(Debug)]
pub(super) struct View {
    /// The folder.
    pub folder: PathBuf,
    /// The packs it shows.
    pub packs: Vec<PackFiles>,
}

/// Makes a folder of ours that only its owner may enter.
pub(super) fn make_folder(path: &Path) -> Result<(), SnapshotError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|e| ours(path, e))
}

/// Wraps a failure in our own store.
pub(super) fn ours(path: &Path, source: io::Error) -> SnapshotError {
    SnapshotError::Store {
        path: path.to_path_buf(),
        source,
    }
}

/// Names a folder beside `place` that no other process or thread uses.
pub(super) fn part_of(place: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut name = place.as_os_str().to_owned();
    name.push(format!(".part-{}-{count}", std::process::id()));
    PathBuf::from(name)
}

/// Moves a finished folder to its place; another that came first is as good and stays.
pub(super) fn settle(part: &Path, place: &Path) -> Result<(), SnapshotError> {
    match fs::rename(part, place) {
        Ok(()) => Ok(()),
        Err(_) if place.is_dir() => fs::remove_dir_all(part).map_err(|e| ours(part, e)),
        Err(e) => Err(ours(place, e)),
    }
}

/// Removes what a process that is gone left half-made: a part of a large pack takes as much room as the pack.
pub(super) fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let maker = name.to_str().and_then(|name| {
            let (_, maker) = name.split_once(".part-")?;
            maker.split_once('-')?.0.parse::<u32>().ok()
        });
        let is_gone =
            |pid| pid != std::process::id() && !Path::new(&format!("/proc/{pid}")).exists();
        if maker.is_some_and(is_gone) {
            // What cannot be removed stays, and is tried again.
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// Returns a name for a text that determines it.
pub(super) fn key(text: &[u8]) -> Result<String, SnapshotError> {
    Oid::hash_object(ObjectType::Blob, text)
        .map(|id| id.to_string())
        .map_err(|source| SnapshotError::Objects {
            path: PathBuf::new(),
            source,
        })
}

impl View {
    /// Returns the view that a folder of ours is without links.
    pub(super) fn own(folder: PathBuf) -> Result<Self, SnapshotError> {
        let packs = packs(&folder.join("pack"))?;
        Ok(Self { folder, packs })
    }

    /// Returns the view of a repository's `objects`, made beneath `store` if it is not there yet.
    pub(super) fn of(objects: &Path, store: &Path) -> Result<Self, SnapshotError> {
        let packs = packs(&objects.join("pack"))?;
        let mut links: Vec<(PathBuf, PathBuf)> = Vec::new();
        // Numbers of one width instead of the vendor's names: libgit2 prints names in its messages, and takes
        // `pack-a` for loaded once `pack-ab` is.
        for (at, files) in packs.iter().enumerate() {
            for (end, path) in [("idx", &files.idx), ("pack", &files.pack)] {
                let name = format!("pack/pack-{at:08}.{end}");
                links.push((PathBuf::from(name), path.clone()));
            }
        }
        loose(objects, &mut links)?;
        links.sort();

        let mut text = Vec::new();
        for (name, target) in &links {
            for part in [name, target] {
                text.extend_from_slice(part.as_os_str().as_bytes());
                text.push(0);
            }
        }
        let folder = store.join("view").join(key(&text)?);
        if !folder.is_dir() {
            sweep(&store.join("view"));
            let part = part_of(&folder);
            make_folder(&part.join("pack"))?;
            for (name, target) in &links {
                let link = part.join(name);
                if let Some(parent) = link.parent() {
                    make_folder(parent)?;
                }
                symlink(target, &link).map_err(|e| ours(&link, e))?;
            }
            settle(&part, &folder)?;
        }
        Ok(Self { folder, packs })
    }
}

fn entries(folder: &Path) -> Result<Option<ReadDir>, SnapshotError> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(Some(entries)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(unreadable(folder, e)),
    }
}

/// Finds the packs that have an index, both regular files, in the order of their names.
fn packs(folder: &Path) -> Result<Vec<PackFiles>, SnapshotError> {
    let mut found = Vec::new();
    for entry in entries(folder)?.into_iter().flatten() {
        let idx = entry.map_err(|e| unreadable(folder, e))?.path();
        let name = idx.file_name().map_or(&[][..], OsStr::as_bytes);
        if !name.starts_with(b"pack-") || !name.ends_with(b".idx") {
            continue;
        }
        let pack = idx.with_extension("pack");
        let is_real = |path| look(path).map(|m| m.is_some_and(|m| m.is_file()));
        if is_real(&idx)? && is_real(&pack)? {
            found.push(PackFiles { idx, pack });
        }
    }
    found.sort_by(|a, b| a.idx.cmp(&b.idx));
    Ok(found)
}

/// Collects the two-digit folders: whole if they hold regular files only, otherwise file by file.
fn loose(objects: &Path, links: &mut Vec<(PathBuf, PathBuf)>) -> Result<(), SnapshotError> {
    let digit = |b: &u8| b.is_ascii_digit() || (b'a'..=b'f').contains(b);
    let is_hex = |name: &OsStr| name.as_bytes().iter().all(digit);
    for entry in entries(objects)?.into_iter().flatten() {
        let entry = entry.map_err(|e| unreadable(objects, e))?;
        let name = entry.file_name();
        if name.len() != 2 || !is_hex(&name) {
            continue;
        }
        let folder = entry.path();
        if !look(&folder)?.is_some_and(|m| m.is_dir()) {
            continue;
        }
        let mut files = Vec::new();
        let mut is_clean = true;
        for file in entries(&folder)?.into_iter().flatten() {
            let file = file.map_err(|e| unreadable(&folder, e))?;
            let path = file.path();
            if !file
                .file_type()
                .map_err(|e| unreadable(&path, e))?
                .is_file()
            {
                is_clean = false;
            } else if file.file_name().len() == 38 && is_hex(&file.file_name()) {
                files.push((Path::new(&name).join(file.file_name()), path));
            }
        }
        if is_clean {
            links.push((PathBuf::from(name), folder));
        } else {
            links.append(&mut files);
        }
    }
    Ok(())
}
