//! What can go wrong with a ledger.

use crate::model::ChainError;
use std::io;
use std::path::{Path, PathBuf};

/// Says why a ledger could not be read or appended to.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The name cannot be a file name and a signature's principal.
    #[error("`{name}` is no reviewer's name")]
    Name {
        /// As given, shortened.
        name: String,
    },
    /// The operating system refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// A verb: `open`, `write`, `sync`, …
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The entry could not be made durable and was removed again.
    #[error("cannot sync {}, so the entry was taken back", path.display())]
    TakenBack {
        /// The ledger.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A line is not what was written.
    #[error("line {line} of {} is damaged", path.display())]
    Damaged {
        /// The ledger.
        path: PathBuf,
        /// 1-based.
        line: u64,
        /// The cause.
        #[source]
        source: Damage,
    },
    /// An earlier write or sync failed, so that what is on disk is not known for sure.
    #[error("{} takes no more entries after a failed write", path.display())]
    Stopped {
        /// The ledger.
        path: PathBuf,
    },
    /// The entry cannot be written as JSON.
    #[error("an entry for {} cannot be written as JSON", path.display())]
    Encode {
        /// The ledger.
        path: PathBuf,
        /// The cause.
        #[source]
        source: serde_json::Error,
    },
}

/// Says what is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It does not continue the chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// It belongs to another reviewer.
    #[error("the entry belongs to `{0}`")]
    Reviewer(String),
    /// Its time is none. Which it is does not matter: clocks go backwards, and the order is that of the lines.
    #[error("the entry's time is not in the form of RFC 3339")]
    Time,
    /// The id stands on an earlier line too.
    #[error("the entry's id already stands on line {0}")]
    Repeated(u64),
    /// A withheld line belongs into a bundle.
    #[error("the entry is withheld, which only a bundle's ledger may hold")]
    Withheld,
    /// The head file names another digest for this line.
    #[error("the line is not the one that was acknowledged")]
    Head,
    /// A whole entry is followed by something that is not LF.
    #[error("the end of the line is not LF")]
    LineEnd,
}

impl LedgerError {
    /// Returns the next step, if there is one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Name { .. } => Some("use 1 to 64 of A-Z a-z 0-9 . _ @ -"),
            // The line is written: a disk that takes it later has it, and a second one like it would be a duplicate.
            Self::Io { doing: "sync", .. } => Some(
                "the entry may be recorded all the same: check the disk, then look (glassroom finding list, note list) \
                 before you record it again",
            ),
            Self::TakenBack { .. } => {
                Some("nothing was recorded: check the disk, then record it again")
            }
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    Some("make room on the disk, then try again")
                }
                io::ErrorKind::ReadOnlyFilesystem => {
                    Some("the disk is read-only: have it mounted writable")
                }
                io::ErrorKind::PermissionDenied => Some("the review's folder must belong to you"),
                _ => None,
            },
            Self::Damaged { .. } => Some(
                "nothing was changed; keep the file as evidence and restore it from a copy or a bundle",
            ),
            Self::Stopped { .. } => {
                Some("close the program, check the disk, and open the review again")
            }
            Self::Encode { .. } => None,
        }
    }

    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }
}
