//! What can go wrong with an archive.

use std::io;
use std::path::{Path, PathBuf};

/// Why an archive cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file of the archive could not be read or written.
    #[error("cannot {action} {path}", path = path.display())]
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Bytes of the archive are not those that were written.
    #[error("{path} is damaged", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Another program is writing the archive.
    #[error("another program is reading the delivery into {path}", path = path.display())]
    Busy {
        /// The archive's folder.
        path: PathBuf,
    },
}

impl ArchiveError {
    /// Returns what wraps an I/O error of a file.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// Returns the next step, if there is one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Io { .. } => Some("check that the disk has room and that the folder is yours"),
            Self::Damaged { .. } => Some(
                "restore the review's folder from a copy: what the review has read is not known any more",
            ),
            Self::Busy { .. } => Some("wait until it has finished"),
        }
    }
}
