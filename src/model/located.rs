//! Facts of the text at a location, which a bundle states beside the location itself.

use super::{BlobId, Span, closed_fields};
use crate::text::{Encoding, LineHash, LineIndex, line_hashes};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the text says of lines of a blob. Each is missing where it is not known; a receiver with the snapshot can check
/// all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocationFacts {
    /// How the bytes of the blob were decoded to text.
    pub encoding: Option<Encoding>,
    /// The column after the last character of the last line: 1-based, in Unicode code points.
    pub end_column: Option<u32>,
    /// The hash of the first line and what follows it, if the blob is UTF-8.
    pub line_hash: Option<LineHash>,
}

/// The facts of each location of a review.
pub type LocatedFacts = BTreeMap<(BlobId, Span), LocationFacts>;

closed_fields!(LineHash);

impl LocationFacts {
    /// Returns the facts of each of some spans of a text that was decoded from `encoding`, in the order of the spans.
    pub fn of_spans(text: &str, encoding: Encoding, spans: &[Span]) -> Vec<Self> {
        let lines = LineIndex::new(text.as_bytes());
        // The action hashes the bytes as they are: a byte order mark is a character of the first line.
        let bytes: Cow<'_, str> = if encoding == Encoding::UTF_8_BOM {
            Cow::Owned(format!("\u{feff}{text}"))
        } else {
            Cow::Borrowed(text)
        };
        let is_wanted = |line| spans.iter().any(|span| span.start() == line);
        let hashes = if encoding.is_utf8() {
            line_hashes(&bytes, is_wanted)
        } else {
            BTreeMap::new()
        };
        let facts = |span: &Span| {
            let is_there = span.end() <= lines.count();
            let end_column = is_there.then(|| {
                let last = lines.slice(text, span.end());
                let length = last.chars().count();
                u32::try_from(length).map_or(u32::MAX, |length| length.saturating_add(1))
            });
            Self {
                encoding: Some(encoding),
                end_column,
                line_hash: hashes.get(&span.start()).copied(),
            }
        };
        spans.iter().map(facts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_only_utf_8_has_hashes() {
        let text = format!("ab\n\u{e9}\u{1f600}x\n{}\n", "y".repeat(150));
        let spans = [Span::line(1), Span::between(1, 2), Span::line(9)];
        let facts = LocationFacts::of_spans(&text, Encoding::UTF_8, &spans);
        let columns: Vec<_> = facts.iter().map(|f| f.end_column).collect();
        assert_eq!(columns, [Some(3), Some(4), None]);
        assert!(facts[0].line_hash.is_some() && facts[0].line_hash == facts[1].line_hash);
        assert_eq!(facts[2].line_hash, None);
        let marked = LocationFacts::of_spans(&text, Encoding::UTF_8_BOM, &spans);
        assert_ne!(marked[0].line_hash, facts[0].line_hash);
        let other = Encoding::by_name("GBK").unwrap();
        let other = LocationFacts::of_spans(&text, other, &spans);
        assert_eq!((other[0].line_hash, other[0].end_column), (None, Some(3)));
    }
}
