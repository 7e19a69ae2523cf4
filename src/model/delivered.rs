//! Which of the vendor's texts a bundle was compared with.

use super::{BlobId, CommitId, RepoPath, TagId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One text that the vendor delivered. The order is the one in which the gate prefers to name equal texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveredText {
    /// A file of a snapshot under review.
    File(RepoPath),
    /// A blob of the delivery that no snapshot under review holds: an older or a later version of a file, or a blob
    /// that no commit names.
    Blob(BlobId),
    /// The message of a commit.
    Message(CommitId),
    /// The message of a tag object.
    TagMessage(TagId),
}

impl DeliveredText {
    /// Returns the path, if it is a file of a snapshot under review.
    pub fn path(&self) -> Option<&RepoPath> {
        match self {
            Self::File(path) => Some(path),
            _ => None,
        }
    }
}

impl fmt::Display for DeliveredText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{path}"),
            Self::Blob(blob) => write!(f, "blob {blob}"),
            Self::Message(commit) => write!(f, "message of commit {commit}"),
            Self::TagMessage(tag) => write!(f, "message of tag {tag}"),
        }
    }
}
