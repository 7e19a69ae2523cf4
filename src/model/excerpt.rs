//! Lines of the vendor's that findings quote, and which of them have left before.

use super::{
    BlobId, Entry, Event, Finding, ItemNumber, Marks, OutgoingField, RepoPath, Span, TextVisitor,
    add_quoted_lines, outgoing_fields,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One place of a finding whose lines are to be quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The finding, as `alice/F1`.
    pub finding: String,
    /// Where the content stands; nothing where the policy lets no path leave.
    pub path: Option<RepoPath>,
    /// The content.
    pub blob: BlobId,
    /// The lines.
    pub span: Span,
}

/// One stretch of lines as a bundle quotes it: overlapping and adjacent places put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The first of the paths under which the content is quoted; nothing where the policy lets no path leave.
    pub path: Option<RepoPath>,
    /// The content.
    pub blob: BlobId,
    /// The lines.
    pub span: Span,
    /// The findings that quote from it, in their order.
    pub findings: Vec<String>,
    /// The lines in printable form, as many as the span has; none before they were read.
    pub lines: Vec<String>,
}

/// Lines of one content that a bundle quotes: what the ledger keeps of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotedLines {
    /// The content. Not its path, which a policy may hide.
    pub blob: BlobId,
    /// The lines: sorted, none touching the next.
    pub spans: Vec<Span>,
}

outgoing_fields!(QuotedLines => { blob, spans });
outgoing_fields!(Excerpt => { path, blob, span, findings as ItemNumbers, lines as AllowedLines });

/// Numbers of findings, as [`super::ItemNumber`].
struct ItemNumbers<'a>(&'a Vec<String>);

impl OutgoingField for ItemNumbers<'_> {
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
        for number in self.0 {
            ItemNumber(number).visit_texts(item, field, visitor);
        }
    }
}

/// Lines of the vendor's that the policy lets leave: nothing that a person wrote, and judged by their amount.
struct AllowedLines<'a>(&'a Vec<String>);

impl OutgoingField for AllowedLines<'_> {
    fn visit_texts(&self, _: &str, _: &'static str, _: &mut dyn TextVisitor) {
        let Self(_judged_by_amount) = self;
    }
}

/// Returns the places that a finding quotes.
pub fn quotes(finding: &Finding) -> impl Iterator<Item = Quote> + '_ {
    let number = format!("{}/F{}", finding.reviewer, finding.number);
    let quoted = finding.locations.iter().filter(|l| l.is_quoted);
    quoted.filter_map(move |location| {
        Some(Quote {
            finding: number.clone(),
            path: Some(location.anchor.path.clone()),
            blob: location.anchor.blob,
            // Rows of a binary file too: reading them as text fails, and nothing is left out unsaid.
            span: location.anchor.extent.rows()?,
        })
    })
}

/// Puts overlapping and adjacent places of one content together, whichever finding quotes them. The lines are still to
/// be read. In order of path, content and lines.
pub fn excerpts(quotes: &[Quote]) -> Vec<Excerpt> {
    let mut merged: BTreeMap<BlobId, Marks> = BTreeMap::new();
    for quote in quotes {
        merged.entry(quote.blob).or_default().set(quote.span);
    }
    let mut out = Vec::new();
    for (blob, marks) in &merged {
        for span in marks.spans() {
            let of = |q: &&Quote| q.blob == *blob && span.contains(q.span.start());
            let mut findings: Vec<String> = Vec::new();
            for quote in quotes.iter().filter(of) {
                if !findings.contains(&quote.finding) {
                    findings.push(quote.finding.clone());
                }
            }
            out.push(Excerpt {
                path: quotes
                    .iter()
                    .filter(of)
                    .filter_map(|q| q.path.clone())
                    .min(),
                blob: *blob,
                span: *span,
                findings,
                lines: Vec::new(),
            });
        }
    }
    out.sort_by(|a, b| (&a.path, a.blob, a.span).cmp(&(&b.path, b.blob, b.span)));
    out
}

/// Returns the lines that bundles of these ledgers have quoted, each once however often it left.
///
/// Whether a bundle was finished does not matter, and nothing is undone: what may be on a medium has left.
pub fn quoted_before<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> BTreeMap<BlobId, Marks> {
    let mut all: BTreeMap<BlobId, Marks> = BTreeMap::new();
    for entry in entries {
        if let Event::ExportBegun { lines, .. } = &entry.event {
            add_quoted_lines(&mut all, lines);
        }
    }
    all
}

/// Returns what the ledger keeps of the lines that excerpts quote.
pub fn quoted_lines(excerpts: &[Excerpt]) -> Vec<QuotedLines> {
    let mut all: BTreeMap<BlobId, Marks> = BTreeMap::new();
    for excerpt in excerpts {
        all.entry(excerpt.blob).or_default().set(excerpt.span);
    }
    let lines = |(blob, marks): (BlobId, Marks)| QuotedLines {
        blob,
        spans: marks.spans().to_vec(),
    };
    all.into_iter().map(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(finding: &str, path: &str, blob: u8, lines: (u32, u32)) -> Quote {
        Quote {
            finding: finding.into(),
            path: Some(RepoPath::new(path)),
            blob: BlobId::new([blob; 20]),
            span: Span::between(lines.0, lines.1),
        }
    }

    #[test]
    fn overlapping_and_adjacent_places_become_one_excerpt() {
        let quotes = [
            quote("a/F1", "b.c", 1, (5, 6)),
            quote("a/F2", "b.c", 1, (7, 8)),
            quote("a/F2", "a.c", 2, (7, 8)),
            quote("a/F1", "b.c", 1, (8, 9)),
            quote("a/F1", "b.c", 1, (11, 11)),
        ];
        let all = excerpts(&quotes);
        let shape = |e: &Excerpt| {
            let path = e.path.as_ref().unwrap();
            format!("{path}:{} {}", e.span, e.findings.join(","))
        };
        let shapes: Vec<_> = all.iter().map(shape).collect();
        assert_eq!(shapes, ["a.c:7-8 a/F2", "b.c:5-9 a/F1,a/F2", "b.c:11 a/F1"]);
        let kept = quoted_lines(&all);
        let lines: Vec<u64> = kept
            .iter()
            .map(|k| k.spans.iter().map(|s| u64::from(s.lines())).sum())
            .collect();
        assert_eq!(lines, [6, 2]);
    }
}
