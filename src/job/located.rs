//! What the texts at the locations of a review say, read from the text store.

use crate::index::{Index, TextKind};
use crate::model::{BlobId, LocatedFacts, LocationFacts, Review, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the text of a blob and its encoding, if the text store holds it.
fn text(index: &Index, blob: &BlobId) -> Option<(String, crate::text::Encoding)> {
    let meta = index.meta(blob)?;
    if !matches!(meta.kind, TextKind::Text | TextKind::LfsPointer) {
        return None;
    }
    let text = String::from_utf8(index.text(blob)?.bytes).ok()?;
    Some((text, meta.encoding))
}

/// Returns the text of a blob alone.
pub fn blob_text(index: &Index, blob: &BlobId) -> Option<String> {
    text(index, blob).map(|(text, _)| text)
}

/// Returns the facts of every location of a finding or note. What the text store does not hold as text has none. Each blob
/// is read once.
pub fn facts(index: &Index, review: &Review) -> LocatedFacts {
    let mut wanted: BTreeMap<BlobId, BTreeSet<Span>> = BTreeMap::new();
    let findings = review.findings().flat_map(|f| &f.locations);
    let notes = review.notes().map(|note| &note.location);
    for location in findings.chain(notes) {
        let anchor = &location.anchor;
        if let Some(span) = anchor.extent.lines() {
            wanted.entry(anchor.blob).or_default().insert(span);
        }
    }
    let mut facts = LocatedFacts::new();
    for (blob, spans) in wanted {
        let spans: Vec<Span> = spans.into_iter().collect();
        if let Some((text, encoding)) = text(index, &blob) {
            let of_spans = LocationFacts::of_spans(&text, encoding, &spans);
            facts.extend(spans.iter().map(|span| (blob, *span)).zip(of_spans));
        }
    }
    facts
}
