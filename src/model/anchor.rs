//! Places that a finding is bound to.

use super::words::words;
use super::{
    AnchorExtent, BlobId, ByteRange, OutgoingField, RepoPath, Span, TextVisitor, WholeKind,
    outgoing_fields,
};
use serde::{Deserialize, Serialize};

/// A place in a snapshot that can be found again.
///
/// It holds **no vendor text**: the ledger must stay free of code, so the text is reread from the blob.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "AnchorForm", into = "AnchorForm")]
pub struct Anchor {
    /// The id that the tree has at the path: of the file's blob, of the commit that a submodule names, of a folder's
    /// tree.
    pub blob: BlobId,
    /// Where it was in the snapshot; `.` for the snapshot itself.
    pub path: RepoPath,
    /// The lines or bytes, or the entry as a whole.
    pub extent: AnchorExtent,
    /// The name of the innermost definition around the lines, if one is known for sure.
    pub symbol: Option<String>,
    /// How many equal texts stand before this one in the blob; 0 for the first.
    pub ordinal: u32,
}

/// The JSON of an anchor. One of `span`, `bytes` and `whole` is there; ledgers of older versions know only `span`.
#[derive(Clone, Serialize, Deserialize)]
struct AnchorForm {
    blob: BlobId,
    path: RepoPath,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    span: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<ByteRange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whole: Option<WholeKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    symbol: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    ordinal: u32,
}

impl TryFrom<AnchorForm> for Anchor {
    type Error = &'static str;

    fn try_from(form: AnchorForm) -> Result<Self, Self::Error> {
        let extent = AnchorExtent::from_parts(form.span, form.bytes, form.whole);
        Ok(Self {
            blob: form.blob,
            path: form.path,
            extent: extent
                .ok_or("a location has not exactly one of `span`, `bytes` and `whole`")?,
            symbol: form.symbol,
            ordinal: form.ordinal,
        })
    }
}

impl From<Anchor> for AnchorForm {
    fn from(anchor: Anchor) -> Self {
        Self {
            blob: anchor.blob,
            path: anchor.path,
            span: anchor.extent.lines(),
            bytes: anchor.extent.bytes(),
            whole: anchor.extent.whole(),
            symbol: anchor.symbol,
            ordinal: anchor.ordinal,
        }
    }
}

impl Anchor {
    /// Makes an anchor without a symbol.
    pub fn new(blob: BlobId, path: RepoPath, extent: AnchorExtent) -> Self {
        Self {
            blob,
            path,
            extent,
            symbol: None,
            ordinal: 0,
        }
    }

    /// Returns the location as a person reads it: `src/a.c:8-10`, `fw.bin (bytes 32-63)`, `crypto (submodule)`, `whole
    /// snapshot`.
    pub fn text(&self) -> String {
        match self.extent {
            AnchorExtent::Lines(span) => format!("{}:{span}", self.path),
            AnchorExtent::Whole(WholeKind::Snapshot) => WholeKind::Snapshot.phrase().to_owned(),
            extent => format!("{} ({extent})", self.path),
        }
    }
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

impl OutgoingField for Anchor {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        // Taken apart so that a new field is classed here too. Lines and ordinal are numbers.
        let Self {
            blob,
            path,
            extent: _,
            symbol,
            ordinal: _,
        } = self;
        blob.visit_texts(item, "blob", visitor);
        path.visit_texts(item, "path", visitor);
        if let Some(symbol) = symbol {
            visitor.visit_symbol(item, blob, symbol);
        }
    }
}
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
    fn each_extent_has_a_form_of_its_own_and_the_old_one_is_read() {
        let head = r#"{"blob":"0101010101010101010101010101010101010101","path":"a""#;
        for (rest, text) in [
            (r#","span":{"start":1,"end":2}}"#, "a:1-2"),
            (
                r#","span":{"start":3,"end":3},"symbol":"f","ordinal":1}"#,
                "a:3",
            ),
            (r#","bytes":{"offset":32,"length":32}}"#, "a (bytes 32-63)"),
            (r#","whole":"file"}"#, "a (whole file)"),
            (r#","whole":"symlink"}"#, "a (symlink)"),
            (r#","whole":"submodule"}"#, "a (submodule)"),
            (r#","whole":"folder"}"#, "a (folder)"),
            (r#","whole":"snapshot"}"#, "whole snapshot"),
        ] {
            let line = format!("{head}{rest}");
            let anchor: Anchor = serde_json::from_str(&line).unwrap();
            assert_eq!(anchor.text(), text);
            assert_eq!(serde_json::to_string(&anchor).unwrap(), line);
        }
        for bad in [
            "}",
            r#","whole":"tree"}"#,
            r#","span":{"start":1,"end":2},"whole":"file"}"#,
            r#","span":{"start":1,"end":2},"bytes":{"offset":0,"length":1}}"#,
            r#","bytes":{"offset":0,"length":0}}"#,
            r#","bytes":{"offset":18446744073709551615,"length":2}}"#,
            r#","span":{"start":0,"end":2}}"#,
        ] {
            assert!(
                serde_json::from_str::<Anchor>(&format!("{head}{bad}")).is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_role_is_read_from_the_label() {
        let anchor = || {
            Anchor::new(
                BlobId::new([1; 20]),
                RepoPath::new("a"),
                Span::line(1).into(),
            )
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
