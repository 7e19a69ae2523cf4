//! Writing a folder whole or not at all.

use super::MediumError;
use super::list::is_mounted;
use super::system::System;
use crate::model::is_set_by_system;
use rustix::fs::{Advice, AtFlags, Mode, OFlags, RenameFlags, StatVfsMountFlags};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

/// A file as the caller gives it and gets it back: name and bytes.
type Named = (String, Vec<u8>);

/// What the caller says of the files as they were read back.
type Judge<'a> =
    &'a mut dyn FnMut(&[Named]) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Renames a file or folder within a folder, as [`rename`] does. Tests stand in for drivers that do it wrongly.
pub(super) type RenameCall<'a> =
    &'a dyn Fn(&File, (&OsString, &OsString), &Path) -> Result<(), MediumError>;

/// Writes the files as the new folder `folder` and returns once they are safely on the medium: after the last step the
/// folder is listed and every file read once more, because a driver may lose what it renames.
///
/// `check` is given every file as it was read back and may still refuse.
pub fn write(folder: &Path, files: &[Named], check: Judge<'_>) -> Result<(), MediumError> {
    write_renaming(folder, files, check, &rename)
}

fn write_renaming(
    folder: &Path,
    files: &[Named],
    check: Judge<'_>,
    rename: RenameCall<'_>,
) -> Result<(), MediumError> {
    names(files)?;
    let (parent, place) = ready(folder, files.iter().map(|(_, bytes)| bytes.len() as u64))?;
    rustix::fs::mkdirat(&parent, &place.part, Mode::RWXU)
        .map_err(MediumError::io("create", &place.part_path()))?;
    let mut made = 0;
    let written = fill(&parent, &place, files, &mut made)
        .and_then(|read| {
            check(&read).map_err(|source| MediumError::Refused {
                path: place.part_path(),
                source,
            })
        })
        .and_then(|()| rename(&parent, (&place.part, &place.name), &place.folder()));
    if let Err(error) = written {
        remove(&parent, &place.part, &files[..made]);
        return Err(error);
    }
    let lasts = sync_folder(&parent, &place.parent).and_then(|()| look_again(&place, files));
    if lasts.is_err() {
        // Not known to last, so it does not count: what was there before is there again. Under the name of a bundle
        // nothing unfinished may stay, whatever the driver does when it is asked to rename.
        let back = (&place.name, &place.part);
        if rename(&parent, back, &place.part_path()).is_ok() {
            remove(&parent, &place.part, files);
        }
        remove(&parent, &place.name, files);
    }
    lasts
}

/// Lists the renamed folder and reads every file in it, by its path from the beginning.
fn look_again(place: &Place, files: &[Named]) -> Result<(), MediumError> {
    let path = place.folder();
    let lost = |_| MediumError::Lost { path: path.clone() };
    let parent = open_folder(&place.parent)?;
    let folder: File = rustix::fs::openat(&parent, &place.name, FOLDER, Mode::empty())
        .map_err(lost)?
        .into();
    let list = rustix::fs::Dir::read_from(&folder).map_err(MediumError::io("list", &path))?;
    let mut found = BTreeSet::new();
    for entry in list {
        let entry = entry.map_err(MediumError::io("list", &path))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != "." && name != ".." {
            found.insert(name);
        }
    }
    if found != files.iter().map(|(name, _)| name.clone()).collect() {
        return Err(MediumError::Lost { path });
    }
    for (name, bytes) in files {
        read_back(&folder, name, bytes, &path.join(name))?;
    }
    Ok(())
}

/// Says whether a bundle of such a size could be written there, as far as that can be told before.
pub fn look(folder: &Path, bytes: u64) -> Result<(), MediumError> {
    ready(folder, std::iter::once(bytes)).map(|_| ())
}

fn ready(folder: &Path, sizes: impl Iterator<Item = u64>) -> Result<(File, Place), MediumError> {
    let place = Place::of(folder)?;
    let parent = open_folder(&place.parent)?;
    is_mounted(&System::default(), &place.parent)?;
    place.is_free(&parent)?;
    has_room(&parent, &place.parent, sizes)?;
    Ok((parent, place))
}

/// Refuses if the file system has no room for files of these sizes and the folder that holds them.
pub(super) fn has_room(
    folder: &File,
    path: &Path,
    sizes: impl Iterator<Item = u64>,
) -> Result<(), MediumError> {
    let about =
        rustix::fs::fstatvfs(folder).map_err(MediumError::io("ask for the room on", path))?;
    if about.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Err(MediumError::io("write to", path)(Errno::ROFS));
    }
    let block = about.f_frsize.max(512);
    let whole = |size: u64| size.div_ceil(block).max(1) * block;
    let needed = sizes.map(whole).sum::<u64>() + 2 * block;
    let free = about.f_bavail.saturating_mul(about.f_frsize);
    if free < needed {
        return Err(MediumError::NoRoom {
            path: path.to_owned(),
            free,
            needed,
        });
    }
    Ok(())
}

/// Makes a folder's names last. A file system that syncs no folders is synced as a whole.
pub(super) fn sync_folder(folder: &File, path: &Path) -> Result<(), MediumError> {
    match rustix::fs::fsync(folder) {
        Err(Errno::INVAL | Errno::NOTSUP | Errno::NOSYS) => rustix::fs::syncfs(folder),
        other => other,
    }
    .map_err(MediumError::io("sync", path))
}

/// Returns the folder that is to hold `folder`.
pub(super) fn parent_of(folder: &Path) -> PathBuf {
    match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Returns whether FAT and every other file system can hold the name: lower-case, but for the names that
/// stock tools expect.
pub fn is_safe_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or("");
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix)
            .is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_device =
        matches!(stem, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt");
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._@-".contains(&b);
    let is_plain = (1..=128).contains(&name.len())
        && name.bytes().all(allowed)
        && !name.starts_with(['.', '-'])
        && !name.ends_with('.')
        && !is_device;
    is_plain
        || matches!(
            name,
            "README.txt" | "SHA256SUMS" | "SHA256SUMS.sig" | "SHA256SUMS.release.sig"
        )
}

fn names(files: &[Named]) -> Result<(), MediumError> {
    let mut seen = BTreeSet::new();
    for (name, _) in files {
        if !is_safe_name(name) || !seen.insert(name.to_ascii_lowercase()) {
            return Err(MediumError::Name { name: name.clone() });
        }
    }
    Ok(())
}

/// Where the folder shall be.
struct Place {
    parent: PathBuf,
    name: OsString,
    part: OsString,
}

impl Place {
    fn of(folder: &Path) -> Result<Self, MediumError> {
        let Some(Component::Normal(name)) = folder.components().next_back() else {
            return Err(MediumError::NoName {
                path: folder.to_owned(),
            });
        };
        let mut part = name.to_owned();
        part.push(".part");
        Ok(Self {
            parent: parent_of(folder),
            name: name.to_owned(),
            part,
        })
    }

    fn folder(&self) -> PathBuf {
        self.parent.join(&self.name)
    }

    fn part_path(&self) -> PathBuf {
        self.parent.join(&self.part)
    }

    fn is_free(&self, parent: &File) -> Result<(), MediumError> {
        let stands =
            |name: &OsString| match rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(_) => Ok(true),
                Err(Errno::NOENT) => Ok(false),
                Err(e) => Err(MediumError::io("look at", &self.parent.join(name))(e)),
            };
        if stands(&self.name)? {
            return Err(MediumError::Exists {
                path: self.folder(),
            });
        }
        if stands(&self.part)? {
            return Err(MediumError::PartExists {
                path: self.part_path(),
            });
        }
        Ok(())
    }
}

/// Renames within a folder, never over what exists; `path` is the new name's.
pub(super) fn rename(
    folder: &File,
    (from, to): (&OsString, &OsString),
    path: &Path,
) -> Result<(), MediumError> {
    let exists = || MediumError::Exists {
        path: path.to_owned(),
    };
    match rustix::fs::renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE) {
        Err(Errno::EXIST) => Err(exists()),
        // The file system cannot refuse to replace: look, then rename. Between the two, only who may write to
        // the medium could lose a file of theirs.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            if rustix::fs::statat(folder, to, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
                return Err(exists());
            }
            rustix::fs::renameat(folder, from, folder, to)
                .map_err(MediumError::io("rename to", path))
        }
        other => other.map_err(MediumError::io("rename to", path)),
    }
}

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Opens a folder part by part, so that no link in it is followed.
pub(super) fn open_folder(path: &Path) -> Result<File, MediumError> {
    let mut shown = PathBuf::new();
    let mut at: Option<File> = None;
    for part in path.components() {
        let name = part.as_os_str();
        shown.push(name);
        let opened = match &at {
            Some(folder) => rustix::fs::openat(folder, name, FOLDER, Mode::empty()),
            None => rustix::fs::open(name, FOLDER, Mode::empty()),
        };
        let opened = opened.map_err(|e| match e {
            Errno::LOOP | Errno::NOTDIR if is_link(&shown) => MediumError::Symlink {
                path: shown.clone(),
            },
            Errno::NOENT | Errno::NOTDIR => MediumError::NoParent {
                path: shown.clone(),
            },
            e => MediumError::io("open", &shown)(e),
        })?;
        at = Some(opened.into());
    }
    at.ok_or_else(|| MediumError::NoParent {
        path: path.to_owned(),
    })
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|m| m.is_symlink())
}

/// Writes the files and reads them back; counts those that it made.
fn fill(
    parent: &File,
    place: &Place,
    files: &[Named],
    made: &mut usize,
) -> Result<Vec<Named>, MediumError> {
    let path = place.part_path();
    let folder: File = rustix::fs::openat(parent, &place.part, FOLDER, Mode::empty())
        .map_err(MediumError::io("open", &path))?
        .into();
    strip_attributes(&folder, &path)?;
    for (name, bytes) in files {
        let path = path.join(name);
        let file = create(&folder, name, &path)?;
        *made += 1;
        fill_file(file, bytes, &path)?;
    }
    sync_folder(&folder, &path)?;
    let mut read = Vec::with_capacity(files.len());
    for (name, bytes) in files {
        read.push((
            name.clone(),
            read_back(&folder, name, bytes, &path.join(name))?,
        ));
    }
    Ok(read)
}

/// Makes a new file.
pub(super) fn create(folder: &File, name: &str, path: &Path) -> Result<File, MediumError> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, name, flags, Mode::RUSR | Mode::WUSR)
        .map(File::from)
        .map_err(MediumError::io("create", path))?;
    strip_attributes(&file, path).inspect_err(|_| {
        // It is ours, made a moment ago, and nobody counts it yet.
        let _ = rustix::fs::unlinkat(folder, name, AtFlags::empty());
    })?;
    Ok(file)
}

/// Takes from a new file or folder every extended attribute that it was given, such as the access list that its parent
/// hands down: none of it was judged, and whoever checks the bundle refuses it.
fn strip_attributes(file: &File, path: &Path) -> Result<(), MediumError> {
    let mut names = vec![0; 1 << 16];
    let size = match rustix::fs::flistxattr(file, &mut names[..]) {
        Ok(size) => size,
        Err(Errno::NOTSUP | Errno::NOSYS | Errno::PERM | Errno::ACCESS) => 0,
        Err(error) => return Err(MediumError::io("list the attributes of", path)(error)),
    };
    let given = names[..size].split(|b| *b == 0);
    for name in given.filter(|name| !name.is_empty() && !is_set_by_system(name)) {
        let shown = String::from_utf8_lossy(name).into_owned();
        let removed = rustix::fs::fremovexattr(file, shown.as_str());
        removed.map_err(|_| MediumError::Attribute {
            path: path.to_owned(),
            name: shown,
        })?;
    }
    Ok(())
}

/// Writes a new file's bytes and makes them last.
pub(super) fn fill_file(mut file: File, bytes: &[u8], path: &Path) -> Result<(), MediumError> {
    file.write_all(bytes)
        .map_err(MediumError::std("write", path))?;
    file.sync_all().map_err(MediumError::std("sync", path))?;
    // A file system that cannot drop its cache is still read back, from memory.
    let _ = rustix::fs::fadvise(&file, 0, None, Advice::DontNeed);
    Ok(())
}

/// Reads a file again and compares it.
pub(super) fn read_back(
    folder: &File,
    name: &str,
    bytes: &[u8],
    path: &Path,
) -> Result<Vec<u8>, MediumError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file: File = rustix::fs::openat(folder, name, flags, Mode::empty())
        .map_err(MediumError::io("open", path))?
        .into();
    let mut found = Vec::with_capacity(bytes.len() + 1);
    file.take(bytes.len() as u64 + 1)
        .read_to_end(&mut found)
        .map_err(MediumError::std("read", path))?;
    if found != bytes {
        return Err(MediumError::Differs {
            path: path.to_owned(),
        });
    }
    Ok(found)
}

/// Removes the files that were written and then the folder, which fails if anything else is in it.
fn remove(parent: &File, name: &OsString, files: &[Named]) {
    if let Ok(folder) = rustix::fs::openat(parent, name, FOLDER, Mode::empty()) {
        for (name, _) in files {
            let _ = rustix::fs::unlinkat(&folder, name.as_str(), AtFlags::empty());
        }
    }
    let _ = rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR);
}

#[cfg(test)]
mod tests;
