//! The files of a bundle: sizes and types are looked at first, nothing is followed, reading is bounded.

use super::super::BundleError;
use super::super::manifest::{self, RELEASE, SIGNATURE};
use super::Problem;
use crate::model::{RepoPath, is_set_by_system};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The largest manifest or signature that is read.
pub const SMALL: u64 = 1 << 20;
/// The largest document that is read.
pub const DOCUMENT: u64 = 64 << 20;
/// The largest ledger that is read, line by line.
pub const LEDGER: u64 = 1 << 30;
/// The most files that are looked at.
const MOST: usize = 1_000;

/// A bundle's folder.
pub struct Folder {
    path: PathBuf,
    /// The regular files with their sizes; other things with none.
    files: BTreeMap<String, Option<u64>>,
}

impl Folder {
    /// Lists the folder; everything that cannot be a bundle's file is a problem.
    pub fn open(path: &Path) -> Result<(Self, Vec<Problem>), BundleError> {
        let about = fs::symlink_metadata(path).map_err(BundleError::io("read", path))?;
        if !about.is_dir() {
            return Err(BundleError::NotAFolder {
                path: path.to_owned(),
            });
        }
        let mut files = BTreeMap::new();
        let mut problems = Vec::new();
        let mut wrong = |file: &str, what: String| {
            problems.push(Problem {
                file: file.to_owned(),
                what,
            });
        };
        // Groups are inherited by folders; the owner's rights are not.
        if about.mode() & 0o4000 != 0 {
            wrong("", "has a mode that no bundle's folder has: setuid".into());
        }
        if let Some(what) = carried(path) {
            wrong("", what);
        }
        let list = fs::read_dir(path).map_err(BundleError::io("read", path))?;
        for (at, entry) in list.enumerate() {
            let entry = entry.map_err(BundleError::io("read", path))?;
            if at >= MOST {
                wrong("", format!("there are more than {MOST} files"));
                break;
            }
            let name = entry.file_name();
            let Some(plain) = name.to_str().filter(|n| manifest::is_name(n)) else {
                let shown = RepoPath::new(name.as_bytes()).to_string();
                wrong(&shown, "is not listed: a bundle has no such names".into());
                continue;
            };
            let path = entry.path();
            let about = fs::symlink_metadata(&path).map_err(BundleError::io("read", &path))?;
            if about.is_file() {
                // None of the stock tools looks at these, and each can carry something out, or be changed from elsewhere.
                if let Some(what) = carried(&path) {
                    wrong(plain, what);
                }
                if about.nlink() > 1 {
                    let what = "is a hard link: the same file has another name, too. Copy the bundle's files";
                    wrong(plain, what.into());
                }
                if about.mode() & 0o7000 != 0 {
                    let what = "has a mode that no bundle's file has: setuid, setgid or sticky";
                    wrong(plain, what.into());
                }
            } else {
                wrong(plain, "is no regular file".into());
            }
            files.insert(plain.to_owned(), about.is_file().then_some(about.len()));
        }
        let path = path.to_owned();
        Ok((Self { path, files }, problems))
    }

    /// Returns whether there is such a regular file.
    pub fn has(&self, name: &str) -> bool {
        self.files.get(name).is_some_and(Option::is_some)
    }

    /// Returns whether there is something of that name that is no regular file: it is named already.
    pub fn is_odd(&self, name: &str) -> bool {
        self.files.get(name).is_some_and(Option::is_none)
    }

    /// Returns the bytes of the regular files, without the signatures.
    pub fn bytes(&self) -> u64 {
        let is_signature = |name: &str| matches!(name, SIGNATURE | RELEASE);
        let files = self.files.iter().filter(|(name, _)| !is_signature(name));
        files.filter_map(|(_, size)| *size).sum()
    }

    /// Returns the names of the regular files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files
            .iter()
            .filter(|(_, size)| size.is_some())
            .map(|(name, _)| name.as_str())
    }

    /// Opens a file of at most `most` bytes; the inner error is a clause. No more than that may be read of it.
    pub fn file(&self, name: &str, most: u64) -> Result<Result<File, String>, BundleError> {
        let path = self.path.join(name);
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits() as i32)
            .open(&path)
            .map_err(BundleError::io("open", &path))?;
        // Again, for what was opened: it may have been exchanged since it was listed.
        let about = file.metadata().map_err(BundleError::io("read", &path))?;
        if !about.is_file() {
            return Ok(Err("is no regular file".into()));
        }
        if about.len() > most {
            return Ok(Err(format!(
                "is too large: {} bytes, {most} at most",
                about.len()
            )));
        }
        Ok(Ok(file))
    }

    /// Reads a file of at most `most` bytes; the inner error is a clause.
    pub fn read(&self, name: &str, most: u64) -> Result<Result<Vec<u8>, String>, BundleError> {
        let file = match self.file(name, most)? {
            Ok(file) => file,
            Err(what) => return Ok(Err(what)),
        };
        let mut bytes = Vec::new();
        file.take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| self.unread(name, source))?;
        if bytes.len() as u64 > most {
            return Ok(Err("grows while it is read".into()));
        }
        Ok(Ok(bytes))
    }

    /// Returns the error of reading a file.
    pub fn unread(&self, name: &str, source: std::io::Error) -> BundleError {
        BundleError::io("read", &self.path.join(name))(source)
    }
}

/// Returns what a file carries beside its content: the first extended attribute that no system sets. A file system that
/// has no attributes has none to show.
fn carried(path: &Path) -> Option<String> {
    let mut names = vec![0; 1 << 16];
    let size = rustix::fs::llistxattr(path, &mut names[..]);
    let name = match size {
        Ok(size) => names[..size]
            .split(|b| *b == 0)
            .find(|name| !name.is_empty() && !is_set_by_system(name))
            .map(|name| RepoPath::new(name).to_string())?,
        Err(rustix::io::Errno::RANGE | rustix::io::Errno::TOOBIG) => "too many to list".to_owned(),
        Err(_) => return None,
    };
    Some(format!(
        "carries hidden data: the extended attribute {name}. Copy the bundle's files without it"
    ))
}
