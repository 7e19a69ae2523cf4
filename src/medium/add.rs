//! Adding one file to a folder that is there, whole or not at all.

use super::MediumError;
use super::write::{
    RenameCall, create, fill_file, has_room, is_safe_name, open_folder, read_back, rename,
    sync_folder,
};
use rustix::fs::AtFlags;
use rustix::io::Errno;
use std::ffi::OsString;
use std::fs::File;
use std::path::Path;

/// Writes a file into a folder that has none of that name: to `NAME.part`, which is read back, then renamed. Returns
/// once it is safely on the medium. On any failure the folder is as it was.
pub fn add(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), MediumError> {
    add_renaming(folder, name, bytes, &rename)
}

fn add_renaming(
    folder: &Path,
    name: &str,
    bytes: &[u8],
    rename: RenameCall<'_>,
) -> Result<(), MediumError> {
    if !is_safe_name(name) {
        return Err(MediumError::Name {
            name: name.to_owned(),
        });
    }
    let part = format!("{name}.part");
    let (path, part_path) = (folder.join(name), folder.join(&part));
    let at = open_folder(folder)?;
    if stands(&at, name, &path)? {
        return Err(MediumError::Exists { path });
    }
    if stands(&at, &part, &part_path)? {
        return Err(MediumError::PartExists { path: part_path });
    }
    has_room(&at, folder, std::iter::once(bytes.len() as u64))?;
    let names = (OsString::from(&part), OsString::from(name));
    let file = create(&at, &part, &part_path)?;
    let added = fill_file(file, bytes, &part_path)
        .and_then(|()| read_back(&at, &part, bytes, &part_path))
        .and_then(|_| rename(&at, (&names.0, &names.1), &path));
    if let Err(error) = added {
        // As far as the medium still allows: it is ours, made a moment ago.
        let _ = rustix::fs::unlinkat(&at, &part, AtFlags::empty());
        return Err(error);
    }
    // A driver may lose what it renames.
    let again = || {
        let at = open_folder(folder)?;
        if stands(&at, name, &path)? {
            read_back(&at, name, bytes, &path).map(drop)
        } else {
            Err(MediumError::Lost { path: path.clone() })
        }
    };
    sync_folder(&at, folder)
        .and_then(|()| again())
        .inspect_err(|_| {
            let _ = rustix::fs::unlinkat(&at, name, AtFlags::empty());
            let _ = rustix::fs::unlinkat(&at, &part, AtFlags::empty());
        })
}

fn stands(folder: &File, name: &str, path: &Path) -> Result<bool, MediumError> {
    match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(error) => Err(MediumError::io("look at", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A driver that renames wrongly, or not at all.
    #[test]
    fn a_file_that_a_driver_loses_is_noticed() {
        let temp = tempfile::tempdir().unwrap();
        let losing: RenameCall<'_> = &|folder, names, path| {
            rename(folder, names, path)?;
            fs::remove_file(path).unwrap();
            Ok(())
        };
        let cutting: RenameCall<'_> = &|folder, names, path| {
            rename(folder, names, path)?;
            fs::write(path, "").unwrap();
            Ok(())
        };
        let lazy: RenameCall<'_> = &|_, _, _| Ok(());
        for (driver, is_lost) in [(losing, true), (cutting, false), (lazy, true)] {
            let error = add_renaming(temp.path(), "a", b"x", driver).unwrap_err();
            assert_eq!(
                matches!(error, MediumError::Lost { .. }),
                is_lost,
                "{error}"
            );
            assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
        }
        add_renaming(temp.path(), "a", b"x", &rename).unwrap();
    }

    #[test]
    fn a_file_is_added_once_and_nothing_is_replaced() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path();
        let names = || fs::read_dir(folder).unwrap().count();
        add(folder, "report.md", b"x").unwrap();
        assert_eq!(
            (fs::read(folder.join("report.md")).unwrap(), names()),
            (b"x".to_vec(), 1)
        );
        let again = add(folder, "report.md", b"y");
        assert!(matches!(again, Err(MediumError::Exists { .. })));
        std::os::unix::fs::symlink("nowhere", folder.join("a")).unwrap();
        assert!(matches!(
            add(folder, "a", b"y"),
            Err(MediumError::Exists { .. })
        ));
        fs::write(folder.join("b.part"), "").unwrap();
        assert!(matches!(
            add(folder, "b", b"y"),
            Err(MediumError::PartExists { .. })
        ));
        assert!(matches!(
            add(folder, "../c", b"y"),
            Err(MediumError::Name { .. })
        ));
        assert!(matches!(
            add(&folder.join("no"), "c", b""),
            Err(MediumError::NoParent { .. })
        ));
        assert_eq!(names(), 3);
    }
}
