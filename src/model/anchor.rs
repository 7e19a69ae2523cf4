//! Places that a finding is bound to.

use super::words::words;
use super::{BlobId, ChosenName, RepoPath, Span, outgoing_fields};
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

words! {
    /// What a place is to a finding.
    LocationRole {
        /// Where what is wrong comes in.
        Source = "source",
        /// Where it passes.
        Step = "step",
        /// Where it does harm.
        Sink = "sink",
        /// Where the name is declared.
        Declaration = "declaration",
        /// What the vendor says of it.
        Document = "document",
    }
}

/// One labelled anchor of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Location {
    /// What the place is to the finding, if it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<LocationRole>,
    /// The same in the reviewer's own words; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// A bundle quotes its lines, as far as the policy lets code leave. Of a finding's place only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_quoted: bool,
    /// The place.
    pub anchor: Anchor,
}

outgoing_fields!(Anchor => { blob, path, span, symbol as ChosenName, ordinal });
outgoing_fields!(Location => { role, label, is_quoted, anchor });

impl Location {
    /// Binds an anchor to what is typed of it: `sink`, `sink: caller controls the length`, or free words.
    pub fn labelled(anchor: Anchor, typed: &str) -> Self {
        let typed = typed.trim();
        let (first, rest) = typed.split_once(':').unwrap_or((typed, ""));
        let role: Option<LocationRole> = first.trim().parse().ok();
        let label = if role.is_some() { rest } else { typed };
        Self {
            role,
            label: label.trim().to_owned(),
            is_quoted: false,
            anchor,
        }
    }

    /// Returns what [`Self::labelled`] reads.
    pub fn typed(&self) -> String {
        match (self.role, self.label.as_str()) {
            (None, label) => label.to_owned(),
            (Some(role), "") => role.word().to_owned(),
            (Some(role), label) => format!("{role}: {label}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_quoted_is_written_as_it_always_was() {
        let line = r#"{"role":"sink","label":"x","anchor":{"blob":"0101010101010101010101010101010101010101","path":"a","span":{"start":1,"end":2}}}"#;
        let mut location: Location = serde_json::from_str(line).unwrap();
        assert!(!location.is_quoted);
        assert_eq!(serde_json::to_string(&location).unwrap(), line);
        location.is_quoted = true;
        let quoted = serde_json::to_string(&location).unwrap();
        assert!(quoted.contains("\"is_quoted\":true"), "{quoted}");
        assert_eq!(serde_json::from_str::<Location>(&quoted).unwrap(), location);
    }

    #[test]
    fn a_role_is_read_from_the_label() {
        let anchor = || Anchor {
            blob: BlobId::new([1; 20]),
            path: RepoPath::new("a"),
            span: Span::line(1),
            symbol: None,
            ordinal: 0,
        };
        for (typed, role, label) in [
            ("", None, ""),
            ("sink", Some(LocationRole::Sink), ""),
            (
                "source: from the network",
                Some(LocationRole::Source),
                "from the network",
            ),
            ("sinking: no", None, "sinking: no"),
        ] {
            let location = Location::labelled(anchor(), typed);
            assert_eq!((location.role, location.label.as_str()), (role, label));
            assert_eq!(location.typed(), typed);
        }
    }
}
