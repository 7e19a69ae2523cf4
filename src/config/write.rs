//! Replacing a file in one step, and folders that are closed to others.

use super::Error;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Replaces a file: whoever reads it sees the old bytes or the new ones, also after a power cut.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Write {
        path: path.to_owned(),
        source,
    };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    // A part left behind by a crash of a process with the same number.
    let _ = std::fs::remove_file(&part);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&part, path));
    if let Err(source) = written {
        let _ = std::fs::remove_file(&part);
        return Err(failed(source));
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))
        .and_then(|folder| folder.sync_all())
        .map_err(failed)
}

/// Makes a folder, and those above it, that only its owner may enter.
pub(super) fn make_folder(path: &Path) -> Result<(), Error> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| Error::Folder {
        path: path.to_owned(),
        source,
    })
}

/// Makes a folder with the rights of the one above it, in which an account can remove only what is its own (but for the
/// folder's owner); one that is there stays as it is, since it may be another account's.
pub(super) fn make_shared(path: &Path, above: &Path) -> Result<(), Error> {
    let failed = |source| Error::Folder {
        path: path.to_owned(),
        source,
    };
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => return Ok(()),
        Ok(_) => {
            return Err(Error::NotAFolder {
                path: path.to_owned(),
            });
        }
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {}
        Err(source) => return Err(failed(source)),
    }
    let rights = std::fs::metadata(above).map_err(failed)?.permissions();
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {}
        // Another account was quicker.
        Err(source) if source.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
        Err(source) => return Err(failed(source)),
    }
    // Not by the mode of `mkdir`, which is subject to the umask.
    let mode = rights.mode() & 0o7777 | 0o1000;
    std::fs::set_permissions(path, Permissions::from_mode(mode)).map_err(failed)
}

/// Makes a folder, or closes it to others if it is there; a link is neither followed nor replaced.
pub(super) fn make_private(path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Folder {
        path: path.to_owned(),
        source,
    };
    match std::fs::symlink_metadata(path) {
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => make_folder(path),
        Err(source) => Err(failed(source)),
        Ok(found) if !found.is_dir() => Err(Error::NotAFolder {
            path: path.to_owned(),
        }),
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            std::fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed)
        }
        Ok(_) => Ok(()),
    }
}
