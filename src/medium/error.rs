//! What can go wrong with a medium.

use crate::text::quoted;
use std::io;
use std::path::{Path, PathBuf};

/// Says why a bundle was not written. Nothing that was on the medium before is changed.
#[derive(Debug, thiserror::Error)]
pub enum MediumError {
    /// The operating system refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// A verb: `create`, `write`, `sync`, …
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Something stands where the bundle shall be.
    #[error("{} exists", path.display())]
    Exists {
        /// The bundle's folder.
        path: PathBuf,
    },
    /// An earlier export did not end.
    #[error("{} is left from an export that did not end", path.display())]
    PartExists {
        /// `FOLDER.part`.
        path: PathBuf,
    },
    /// The folder that shall hold the bundle is not there.
    #[error("the folder {} does not exist", path.display())]
    NoParent {
        /// The parent.
        path: PathBuf,
    },
    /// The place is one for media, and no medium is there.
    #[error("nothing is mounted at {}", path.display())]
    NotMounted {
        /// The folder that should hold the bundle.
        path: PathBuf,
    },
    /// A part of the path is a symbolic link.
    #[error("{} is a symbolic link", path.display())]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// The path names no new folder: it ends in `..` or is `/`.
    #[error("{} names no new folder", path.display())]
    NoName {
        /// As given.
        path: PathBuf,
    },
    /// A file name that not every medium can hold.
    #[error("the file name `{name}` does not fit every medium")]
    Name {
        /// The name.
        name: String,
    },
    /// There is less room than the files need.
    #[error("{} has room for {free} bytes and {needed} are needed", path.display())]
    NoRoom {
        /// The parent.
        path: PathBuf,
        /// What is free.
        free: u64,
        /// What is needed.
        needed: u64,
    },
    /// What was read back is not what was written.
    #[error("{} reads back other bytes than were written", path.display())]
    Differs {
        /// The file.
        path: PathBuf,
    },
    /// The driver of the file system renamed it, and it is not there as it was.
    #[error("{} is not on the medium as it was before it was renamed", path.display())]
    Lost {
        /// The bundle's folder, or the file that was added.
        path: PathBuf,
    },
    /// The file system gives a new file an extended attribute that cannot be taken from it.
    #[error("{} was given the extended attribute {name}, which cannot be removed", path.display())]
    Attribute {
        /// The file or folder.
        path: PathBuf,
        /// The attribute.
        name: String,
    },
    /// The caller's check of what was read back refused it.
    #[error("what was written to {} was not accepted", path.display())]
    Refused {
        /// `FOLDER.part`.
        path: PathBuf,
        /// The caller's reason.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl MediumError {
    /// Returns the next step, if there is one.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "the medium is full: make room or take another".to_owned()
                }
                io::ErrorKind::ReadOnlyFilesystem => {
                    "the medium is read-only: check its switch and how it is mounted".to_owned()
                }
                io::ErrorKind::PermissionDenied => {
                    "you may not write there: have it mounted for you".to_owned()
                }
                io::ErrorKind::InvalidInput => {
                    "the medium's file system does not take it: try a plainer name".to_owned()
                }
                _ => "check that the medium is still there, or take another".to_owned(),
            },
            Self::Lost { .. } => "nothing left: the medium's driver loses what is renamed; have the medium mounted by \
                another driver, or take another"
                .to_owned(),
            Self::Exists { .. } => "name a new folder: a bundle is never overwritten".to_owned(),
            Self::PartExists { path } => {
                format!(
                    "it is no bundle: look into it, remove it with rm -r {}, then try again",
                    quoted(path)
                )
            }
            Self::NoParent { .. } => "mount the medium, or make the folder".to_owned(),
            Self::NotMounted { .. } => {
                "mount the medium: glassroom media list shows those that are".to_owned()
            }
            Self::Symlink { path } => match path.canonicalize() {
                Ok(real) => format!("name the folder itself: {}", quoted(&real)),
                Err(_) => "name the folder itself".to_owned(),
            },
            Self::NoName { .. } => {
                "name the folder that shall be made, such as /media/usb/bundle-1".to_owned()
            }
            Self::NoRoom { .. } => "make room on the medium, or take another".to_owned(),
            Self::Attribute { .. } => {
                "a bundle carries nothing beside its files: take another medium, or have it formatted"
                    .to_owned()
            }
            Self::Differs { .. } => "the medium is faulty: take another".to_owned(),
            Self::Name { .. } | Self::Refused { .. } => return None,
        })
    }

    /// Returns what happened, on one line and without a path: the ledger leaves the room.
    pub fn brief(&self) -> String {
        match self {
            Self::Io { doing, source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => "the medium is full".to_owned(),
                io::ErrorKind::ReadOnlyFilesystem => "the medium is read-only".to_owned(),
                _ => format!("cannot {doing}: {source}"),
            },
            Self::Exists { .. } => "the folder exists".to_owned(),
            Self::PartExists { .. } => "an earlier export to it did not end".to_owned(),
            Self::NoParent { .. } => "the folder above it does not exist".to_owned(),
            Self::NotMounted { .. } => "nothing is mounted there".to_owned(),
            Self::Symlink { .. } => "a symbolic link is in the way".to_owned(),
            Self::NoName { .. } | Self::Name { .. } => "a name is not possible".to_owned(),
            Self::NoRoom { .. } => "the medium has too little room".to_owned(),
            Self::Attribute { .. } => "a file is given an attribute that stays".to_owned(),
            Self::Lost { .. } => "the medium lost what was renamed".to_owned(),
            Self::Differs { .. } => "the medium reads back other bytes".to_owned(),
            Self::Refused { .. } => "what was read back was not accepted".to_owned(),
        }
    }

    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(rustix::io::Errno) -> Self {
        let path = path.to_owned();
        move |errno| Self::Io {
            doing,
            path,
            source: errno.into(),
        }
    }

    pub(super) fn std(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }
}
