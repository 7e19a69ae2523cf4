//! What a snapshot's tree lists.

use super::{BlobId, RepoPath};
use serde::{Deserialize, Serialize};

/// One entry of a snapshot's tree that is no folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TreeFile {
    /// Where it stands.
    pub path: RepoPath,
    /// What it is.
    pub kind: FileKind,
    /// Its content; of a submodule, the bytes of the commit id it names.
    pub blob: BlobId,
}

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A regular file marked executable.
    Executable,
    /// A link; its content is the target's name.
    Symlink,
    /// Another repository's commit, not part of this one.
    Submodule,
}

impl FileKind {
    /// Returns whether the content is a file's.
    pub fn is_file(self) -> bool {
        matches!(self, Self::Regular | Self::Executable)
    }
}
