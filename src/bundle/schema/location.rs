//! A location of a finding or note, as `findings.json` has it.

use crate::model::{
    AnchorExtent, BlobId, ByteRange, LocationFacts, LocationRole, OutgoingField, RepoPath, Span,
    TextVisitor, WholeKind,
};
use crate::text::{Encoding, LineHash};
use serde::{Deserialize, Serialize};

/// A location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocationRecord {
    /// The path, as far as the policy lets it leave.
    pub path: Option<RepoPath>,
    /// The content.
    pub blob: BlobId,
    /// First line of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_line: Option<u32>,
    /// Last line of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// Bytes of a binary file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<ByteRange>,
    /// What is meant as a whole: a file, symlink, submodule, folder, or the snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<WholeKind>,
    /// What the place is to the finding, if it was said.
    pub role: Option<LocationRole>,
    /// The same in the reviewer's words.
    pub label: String,
    /// The lines stand in `excerpts.txt`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_quoted: bool,
    /// The name of the innermost definition around the lines, if one is known for sure.
    pub symbol: Option<String>,
    /// How many equal texts are before it in the blob.
    pub ordinal: u32,
    /// How the bytes of the blob were decoded, if it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// The column after the last character of the last line: 1-based, in Unicode code points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_column: Option<u32>,
    /// The hash of the first line and what follows it, as `CodeQL`'s action computes it; see [`LineHash`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_hash: Option<LineHash>,
}

impl LocationRecord {
    /// Returns what it says of the text at the location.
    pub fn facts(&self) -> LocationFacts {
        LocationFacts {
            encoding: self.encoding,
            end_column: self.end_column,
            line_hash: self.line_hash,
        }
    }
}

impl LocationRecord {
    /// Returns what of the entry it covers; nothing if it says that not at all or twice.
    pub fn extent(&self) -> Option<AnchorExtent> {
        let span = match (self.start_line, self.end_line) {
            (Some(start), Some(end)) => Some(Span::new(start, end)?),
            (None, None) => None,
            _ => return None,
        };
        AnchorExtent::from_parts(span, self.bytes, self.whole)
    }
}

impl OutgoingField for LocationRecord {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        // Taken apart so that a new field is classed here too.
        let Self {
            path,
            blob,
            start_line: _,
            end_line: _,
            bytes: _,
            whole: _,
            role: _,
            label,
            is_quoted: _,
            symbol,
            ordinal: _,
            encoding,
            end_column: _,
            line_hash,
        } = self;
        path.visit_texts(item, "path", visitor);
        blob.visit_texts(item, "blob", visitor);
        label.visit_texts(item, "label", visitor);
        if let Some(symbol) = symbol {
            visitor.visit_symbol(item, blob, symbol);
        }
        encoding.visit_texts(item, "encoding", visitor);
        line_hash.visit_texts(item, "line_hash", visitor);
    }
}
