//! What can go wrong with a store of symbols. Damage is not among it: a damaged store is rebuilt.

use std::io;
use std::path::{Path, PathBuf};

/// Says why symbols cannot be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum SymbolsError {
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
    /// Another program looks for symbols.
    #[error("another program is looking for symbols in `{}`", folder.display())]
    Busy {
        /// The store.
        folder: PathBuf,
    },
}

impl SymbolsError {
    /// Returns the next step.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Io { .. } => {
                "check that the folder is writable and its disk has room; it may be deleted at any time"
            }
            Self::Busy { .. } => {
                "wait for the other program; what is not stored is looked up meanwhile"
            }
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
}
