//! Writing a folder whole or not at all.

use super::MediumError;
use rustix::fs::{Advice, AtFlags, Mode, OFlags, RenameFlags};
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

/// Writes the files as the new folder `folder` and returns once they are safely on the medium.
///
/// `check` is given every file as it was read back and may still refuse.
pub fn write(folder: &Path, files: &[Named], check: Judge<'_>) -> Result<(), MediumError> {
    names(files)?;
    let place = Place::of(folder)?;
    let parent = open_folder(&place.parent)?;
    place.is_free(&parent)?;
    let needed = files
        .iter()
        .map(|(_, bytes)| bytes.len() as u64 + 4096)
        .sum();
    let free = free_space(&place.parent)?;
    if free < needed {
        return Err(MediumError::NoRoom {
            path: place.parent,
            free,
            needed,
        });
    }
    rustix::fs::mkdirat(&parent, &place.part, Mode::RWXU)
        .map_err(MediumError::io("create", &place.part_path()))?;
    let written = fill(&parent, &place, files, check).and_then(|()| place.rename(&parent));
    if let Err(error) = written {
        remove(&parent, &place, files);
        return Err(error);
    }
    // The rename is done: a failure from here on leaves a whole bundle that may not survive a power cut.
    parent
        .sync_all()
        .map_err(MediumError::std("sync", &place.parent))
}

/// Returns the bytes that an ordinary user can still write to the file system that holds the folder.
pub fn free_space(folder: &Path) -> Result<u64, MediumError> {
    let about =
        rustix::fs::statvfs(folder).map_err(MediumError::io("ask for the room on", folder))?;
    Ok(about.f_bavail.saturating_mul(about.f_frsize))
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
        let parent = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let mut part = name.to_owned();
        part.push(".part");
        Ok(Self {
            parent,
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

    fn rename(&self, parent: &File) -> Result<(), MediumError> {
        let path = self.folder();
        match rustix::fs::renameat_with(
            parent,
            &self.part,
            parent,
            &self.name,
            RenameFlags::NOREPLACE,
        ) {
            Err(Errno::EXIST) => Err(MediumError::Exists { path }),
            // The file system cannot refuse to replace: look, then rename. Only an empty folder could be replaced.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                if rustix::fs::statat(parent, &self.name, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
                    return Err(MediumError::Exists { path });
                }
                rustix::fs::renameat(parent, &self.part, parent, &self.name)
                    .map_err(MediumError::io("rename to", &path))
            }
            other => other.map_err(MediumError::io("rename to", &path)),
        }
    }
}

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Opens a folder part by part, so that no link in it is followed.
fn open_folder(path: &Path) -> Result<File, MediumError> {
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

fn fill(
    parent: &File,
    place: &Place,
    files: &[Named],
    check: Judge<'_>,
) -> Result<(), MediumError> {
    let path = place.part_path();
    let folder: File = rustix::fs::openat(parent, &place.part, FOLDER, Mode::empty())
        .map_err(MediumError::io("open", &path))?
        .into();
    for (name, bytes) in files {
        let path = path.join(name);
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file: File =
            rustix::fs::openat(&folder, name.as_str(), flags, Mode::RUSR | Mode::WUSR)
                .map_err(MediumError::io("create", &path))?
                .into();
        file.write_all(bytes)
            .map_err(MediumError::std("write", &path))?;
        file.sync_all().map_err(MediumError::std("sync", &path))?;
        // A file system that cannot drop its cache is still read back, from memory.
        let _ = rustix::fs::fadvise(&file, 0, None, Advice::DontNeed);
    }
    folder.sync_all().map_err(MediumError::std("sync", &path))?;
    let read = read_back(&folder, &path, files)?;
    check(&read).map_err(|source| MediumError::Refused { path, source })
}

fn read_back(folder: &File, path: &Path, files: &[Named]) -> Result<Vec<Named>, MediumError> {
    let mut read = Vec::with_capacity(files.len());
    for (name, bytes) in files {
        let path = path.join(name);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file: File = rustix::fs::openat(folder, name.as_str(), flags, Mode::empty())
            .map_err(MediumError::io("open", &path))?
            .into();
        let mut found = Vec::with_capacity(bytes.len() + 1);
        file.take(bytes.len() as u64 + 1)
            .read_to_end(&mut found)
            .map_err(MediumError::std("read", &path))?;
        if found != *bytes {
            return Err(MediumError::Differs { path });
        }
        read.push((name.clone(), found));
    }
    Ok(read)
}

/// Removes the files that were written and then the folder, which fails if anything else is in it.
fn remove(parent: &File, place: &Place, files: &[Named]) {
    if let Ok(folder) = rustix::fs::openat(parent, &place.part, FOLDER, Mode::empty()) {
        for (name, _) in files {
            let _ = rustix::fs::unlinkat(&folder, name.as_str(), AtFlags::empty());
        }
    }
    let _ = rustix::fs::unlinkat(parent, &place.part, AtFlags::REMOVEDIR);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn files() -> Vec<Named> {
        vec![
            ("README.txt".into(), b"read me\n".to_vec()),
            ("report.md".into(), vec![b'x'; 100_000]),
        ]
    }

    fn names_in(folder: &Path) -> Vec<String> {
        let name = |e: std::io::Result<fs::DirEntry>| e.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_is_written_private_and_whole() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("bundle-1");
        let mut seen = Vec::new();
        write(&folder, &files(), &mut |read| {
            seen = read.to_vec();
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, files());
        assert_eq!(names_in(temp.path()), ["bundle-1"]);
        assert_eq!(names_in(&folder), ["README.txt", "report.md"]);
        let mode = |p: PathBuf| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(folder.clone()), mode(folder.join("report.md"))),
            (0o700, 0o600)
        );
        assert!(matches!(
            write(&folder, &files(), &mut |_| Ok(())),
            Err(MediumError::Exists { .. })
        ));
    }

    #[test]
    fn a_refusal_leaves_everything_as_it_was() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("b");
        let refuse: Judge<'_> = &mut |_| Err("no".into());
        let error = write(&folder, &files(), refuse).unwrap_err();
        assert!(matches!(error, MediumError::Refused { .. }));
        assert!(names_in(temp.path()).is_empty());
        // What changes on the medium between writing and the end is noticed; the control is the test above.
        let part = temp.path().join("b.part");
        let error = write(&folder, &files(), &mut |_| {
            fs::create_dir(&folder).unwrap();
            fs::write(part.join("other"), "not ours").unwrap();
            Ok(())
        });
        assert!(matches!(error, Err(MediumError::Exists { .. })));
        assert_eq!(names_in(&part), ["other"], "what is not ours stays");
    }

    #[test]
    fn links_leftovers_and_missing_parents_are_refused() {
        let temp = tempfile::tempdir().unwrap();
        let at = |name: &str| temp.path().join(name);
        fs::create_dir_all(at("real/sub")).unwrap();
        symlink(at("real"), at("link")).unwrap();
        symlink(at("nowhere"), at("dangling")).unwrap();
        fs::create_dir(at("old.part")).unwrap();
        fs::write(at("file"), "").unwrap();
        let run = |name: &str| write(&at(name), &files(), &mut |_| Ok(())).unwrap_err();
        assert!(matches!(run("link/b"), MediumError::Symlink { .. }));
        assert!(run("link/sub/b").hint().unwrap().contains("real"));
        assert!(matches!(run("dangling"), MediumError::Exists { .. }));
        assert!(matches!(run("old"), MediumError::PartExists { .. }));
        assert!(matches!(run("none/b"), MediumError::NoParent { .. }));
        assert!(matches!(run("file/b"), MediumError::NoParent { .. }));
        assert!(matches!(run("real/.."), MediumError::NoName { .. }));
        assert!(names_in(&at("real/sub")).is_empty());
    }

    #[test]
    fn only_names_that_every_medium_holds() {
        for name in [
            "a.md",
            "ledger-a@b.jsonl",
            "SHA256SUMS",
            "README.txt",
            "conx.md",
            "com10",
        ] {
            assert!(is_safe_name(name), "{name}");
        }
        for name in [
            "", "A.md", "a b", "a/b", "..", ".x", "con", "aux.md", "com1.txt", "a.", "a:b", "-rf",
            "ä",
        ] {
            assert!(!is_safe_name(name), "{name}");
        }
        let twice = vec![("a".to_owned(), vec![]), ("a".to_owned(), vec![])];
        assert!(matches!(
            write(Path::new("/x/y"), &twice, &mut |_| Ok(())),
            Err(MediumError::Name { .. })
        ));
    }
}
