//! Places that a finding is bound to.

use super::{BlobId, RepoPath, Span};
use serde::{Deserialize, Serialize};

/// A place in a snapshot that can be found again.
///
/// It holds **no vendor text**: the ledger must stay free of code, so the text is reread from the blob.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Anchor {
    /// The content.
    pub blob: BlobId,
    /// Where that content stood in the snapshot.
    pub path: RepoPath,
    /// The lines.
    pub span: Span,
    /// The enclosing symbol, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// How many equal texts stand before this one in the blob; 0 for the first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ordinal: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// One labelled anchor of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Location {
    /// What the place is to the finding: sink, source, declaration, document, or free words; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The place.
    pub anchor: Anchor,
}
