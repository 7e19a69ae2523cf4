//! The lines that findings quote, read from the text store.

use super::JobError;
use crate::bundle::printed;
use crate::index::{Index, TextKind};
use crate::model::{self, Audience, BlobId, Excerpt, Quote, Review};
use crate::text::LineIndex;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Returns the places that the findings for an audience quote.
pub fn quotes(review: &Review, audience: Audience) -> Vec<Quote> {
    let findings = review.findings_by_number().into_iter();
    findings
        .filter(|f| f.is_for(audience))
        .flat_map(model::quotes)
        .collect()
}

/// Returns what a bundle quotes, with its lines. Fails rather than leaving a line out.
pub fn read(index: &Index, quotes: &[Quote]) -> Result<Vec<Excerpt>, JobError> {
    let mut excerpts = model::excerpts(quotes);
    let mut texts: HashMap<BlobId, (String, LineIndex)> = HashMap::new();
    for excerpt in &mut excerpts {
        let refused = |why| JobError::NoExcerpt {
            finding: excerpt.findings.join(", "),
            path: excerpt.path.clone().unwrap_or_default(),
            span: excerpt.span,
            why,
        };
        let (text, lines) = match texts.entry(excerpt.blob) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let text = text(index, &excerpt.blob).map_err(refused)?;
                let lines = LineIndex::new(text.as_bytes());
                place.insert((text, lines))
            }
        };
        if excerpt.span.end() > lines.count() {
            return Err(refused("which has fewer lines"));
        }
        let numbers = excerpt.span.start()..=excerpt.span.end();
        excerpt.lines = numbers.map(|n| printed(lines.slice(text, n))).collect();
    }
    Ok(excerpts)
}

fn text(index: &Index, blob: &BlobId) -> Result<String, &'static str> {
    let is_text = |kind| matches!(kind, TextKind::Text | TextKind::LfsPointer);
    match index.meta(blob) {
        None => return Err("which is not in the text store"),
        Some(meta) if !is_text(meta.kind) => return Err("which is no text"),
        Some(_) => {}
    }
    let stored = index
        .text(blob)
        .ok_or("whose copy in the text store is damaged")?;
    String::from_utf8(stored.bytes).map_err(|_| "which is no text")
}
