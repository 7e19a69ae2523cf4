//! Partial clones: deliveries that leave objects out on purpose.

use super::{ClosedText, closed_fields};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What to ask the vendor for instead of a partial clone.
pub const FULL_BUNDLE: &str =
    "ask for a full bundle: git bundle create NAME --all, in a complete clone";

/// Largest file size in a filter that is repeated as a number; nobody filters by more.
const LARGEST: u64 = 1 << 50;
/// Deepest folder in a filter that is repeated as a number.
const DEEPEST: u64 = 4096;

/// The filter of a partial clone: what it leaves out, in the words of git-rev-list(1), `--filter`.
///
/// The vendor's text is not kept: what is none of these forms, or names something of the vendor's, is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartialFilter {
    /// `blob:none`: every file's content.
    BlobNone,
    /// `blob:limit=N`: files of N bytes and more.
    BlobLimit(u64),
    /// `tree:N`: what is N folders deep and deeper.
    TreeDepth(u64),
    /// `sparse:oid=...`: what a list of the vendor's does not name.
    Sparse,
    /// `object:type=...`: objects of other kinds.
    ObjectType,
    /// `combine:...`: several of them.
    Combined,
    /// The delivery is a partial clone and does not say of which kind.
    Unknown,
}

impl PartialFilter {
    /// Reads a filter as git writes it.
    pub fn parse(text: &[u8]) -> Self {
        let text = std::str::from_utf8(text).unwrap_or_default().trim();
        let lower = text.to_ascii_lowercase();
        if lower == "blob:none" {
            return Self::BlobNone;
        }
        if let Some(size) = lower.strip_prefix("blob:limit=") {
            let (digits, shift) = match size.as_bytes().last() {
                Some(b'k') => (&size[..size.len() - 1], 10),
                Some(b'm') => (&size[..size.len() - 1], 20),
                Some(b'g') => (&size[..size.len() - 1], 30),
                _ => (size, 0),
            };
            let bytes = number(digits, LARGEST).and_then(|n| n.checked_mul(1 << shift));
            return bytes
                .filter(|n| *n <= LARGEST)
                .map_or(Self::Unknown, Self::BlobLimit);
        }
        if let Some(depth) = lower.strip_prefix("tree:") {
            return number(depth, DEEPEST).map_or(Self::Unknown, Self::TreeDepth);
        }
        let starts = [
            ("sparse:oid=", Self::Sparse),
            ("object:type=", Self::ObjectType),
            ("combine:", Self::Combined),
        ];
        let found = starts
            .into_iter()
            .find(|(start, _)| lower.starts_with(start));
        found.map_or(Self::Unknown, |(_, filter)| filter)
    }
}

fn number(digits: &str, most: u64) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_number);
    number.filter(|number| *number <= most)
}

impl fmt::Display for PartialFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BlobNone => f.write_str("blob:none"),
            Self::BlobLimit(bytes) => write!(f, "blob:limit={bytes}"),
            Self::TreeDepth(depth) => write!(f, "tree:{depth}"),
            Self::Sparse => f.write_str("sparse:oid"),
            Self::ObjectType => f.write_str("object:type"),
            Self::Combined => f.write_str("combine"),
            Self::Unknown => f.write_str("filter not named"),
        }
    }
}

impl Serialize for PartialFilter {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialFilter {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        let short = [
            ("sparse:oid", Self::Sparse),
            ("object:type", Self::ObjectType),
            ("combine", Self::Combined),
        ];
        let found = short.into_iter().find(|(word, _)| *word == text);
        let filter = found.map_or_else(|| Self::parse(text.as_bytes()), |(_, filter)| filter);
        if filter.to_string() == text {
            return Ok(filter);
        }
        Err(serde::de::Error::custom(
            "a filter that this program does not write",
        ))
    }
}

/// A delivery that is a partial clone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartialClone {
    /// What it leaves out.
    pub filter: PartialFilter,
    /// Objects of the snapshot that were not delivered; behind a folder that was not, how many is not known.
    pub missing: u64,
}

impl PartialClone {
    /// Says what is missing and what to do about it.
    pub fn text(&self) -> String {
        let lack = match self.missing {
            0 => "nothing of this commit is missing, older versions may be".to_owned(),
            1 => "1 object of this commit was not delivered".to_owned(),
            n => format!("{n} objects of this commit were not delivered"),
        };
        format!("partial clone ({}): {lack}; {FULL_BUNDLE}", self.filter)
    }
}

closed_fields!(PartialFilter, PartialClone);
impl ClosedText for PartialFilter {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_as_git_writes_them_and_nothing_else_is_repeated() {
        for (text, shown) in [
            ("blob:none", "blob:none"),
            ("blob:limit=1024", "blob:limit=1024"),
            ("blob:limit=1k", "blob:limit=1024"),
            ("blob:limit=2M", "blob:limit=2097152"),
            ("blob:limit=0", "blob:limit=0"),
            ("tree:0", "tree:0"),
            ("tree:12", "tree:12"),
            ("sparse:oid=main:secret/path", "sparse:oid"),
            ("object:type=commit", "object:type"),
            ("combine:blob:none+tree:3", "combine"),
            ("", "filter not named"),
            ("tree:x", "filter not named"),
            ("tree:99999999999999999999", "filter not named"),
            ("blob:limit=999999999999g", "filter not named"),
            ("\u{1b}]0;x", "filter not named"),
        ] {
            let filter = PartialFilter::parse(text.as_bytes());
            assert_eq!(filter.to_string(), shown, "{text}");
            let json = serde_json::to_string(&filter).unwrap();
            assert_eq!(
                serde_json::from_str::<PartialFilter>(&json).unwrap(),
                filter
            );
        }
        for bad in ["\"blob:limit=1k\"", "\"x\"", "\"sparse:oid=main:a\""] {
            assert!(serde_json::from_str::<PartialFilter>(bad).is_err(), "{bad}");
        }
    }
}
