//! What can go wrong with an index. Damage is not among it: a damaged index is rebuilt.

use std::io;
use std::path::{Path, PathBuf};

/// Says why an index cannot be built or searched.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A file cannot be read or written.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried: one verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The trigram index failed.
    #[error("the trigram index in `{}` failed", folder.display())]
    Engine {
        /// The index.
        folder: PathBuf,
        /// Why.
        source: Box<tantivy::TantivyError>,
    },
    /// Another program builds it.
    #[error("another program is building the index in `{}`", folder.display())]
    Busy {
        /// The index.
        folder: PathBuf,
    },
}

impl IndexError {
    /// Returns the next step.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Io { .. } => "check that the folder is writable and its disk has room",
            Self::Engine { .. } => {
                "check the disk's room, then index again; the index may be deleted at any time"
            }
            Self::Busy { .. } => "search works meanwhile; wait for the other program to index more",
        })
    }

    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    pub(super) fn engine(folder: &Path) -> impl Fn(tantivy::TantivyError) -> Self + use<> {
        let folder = folder.to_owned();
        move |source| Self::Engine {
            folder: folder.clone(),
            source: Box::new(source),
        }
    }
}
