//! The files that hold a delivery's objects, and folders of ours.
//!
//! Of a vendor's `objects` only real `pack/*.{pack,idx}` files and real two-digit folders are looked at, each
//! checked without following a link, and nothing else: not `info/` (alternates lead out of the delivery) and not
//! `multi-pack-index`. What this program makes of a bundle is made beside its place and renamed, so that it is whole or
//! absent and can be shared.

use crate::snapshot::SnapshotError;
use crate::snapshot::loose::LooseObjects;
use crate::snapshot::pack_set::{IndexPlace, PackFiles};
use crate::snapshot::source::{look, unreadable};
use git2::{ObjectType, Oid};
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, ReadDir};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Where the objects of a delivery are.
#[derive(Debug)]
pub(super) struct StoredObjects {
    /// Packs that have an index.
    pub packs: Vec<PackFiles>,
    /// Objects in files of their own; a bundle has none.
    pub loose: Option<LooseObjects>,
    /// A pack came from a partial clone: others promised what it lacks.
    pub is_promised: bool,
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
pub(super) fn key(text: &[u8]) -> String {
    let id = Oid::hash_object(ObjectType::Blob, text);
    id.expect("bytes in memory have an id").to_string()
}

impl StoredObjects {
    /// Finds the objects beneath a folder `objects`.
    pub(super) fn find(objects: &Path) -> Result<Self, SnapshotError> {
        let folder = objects.join("pack");
        let packs = packs(&folder)?;
        let is_promised = |pack: &PackFiles| {
            let promisor = pack.pack.with_extension("promisor");
            look(&promisor).is_ok_and(|found| found.is_some())
        };
        Ok(Self {
            is_promised: packs.iter().any(is_promised),
            packs,
            loose: Some(LooseObjects::open(objects)?),
        })
    }
}

fn entries(folder: &Path) -> Result<Option<ReadDir>, SnapshotError> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(Some(entries)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(unreadable(folder, e)),
    }
}

/// Finds the packs that have an index, both regular files, in the order of their names. As for git, any `NAME.idx` with
/// its `NAME.pack` counts: its own daily task makes packs named `loose-*`.
pub(super) fn packs(folder: &Path) -> Result<Vec<PackFiles>, SnapshotError> {
    let mut found = Vec::new();
    for entry in entries(folder)?.into_iter().flatten() {
        let idx = entry.map_err(|e| unreadable(folder, e))?.path();
        let name = idx.file_name().map_or(&[][..], OsStr::as_bytes);
        let Some(stem) = name.strip_suffix(b".idx") else {
            continue;
        };
        let pack = [stem, b".pack"].concat();
        let pack = folder.join(OsStr::from_bytes(&pack));
        let is_real = |path| look(path).map(|m| m.is_some_and(|m| m.is_file()));
        if is_real(&idx)? && is_real(&pack)? {
            found.push(PackFiles {
                idx: IndexPlace::File(idx),
                pack,
                start: 0,
            });
        }
    }
    found.sort_by(|a, b| a.pack.cmp(&b.pack));
    Ok(found)
}
