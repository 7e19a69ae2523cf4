//! What an anchor says beyond its lines: the definition around them, and which of several equal texts they are.
//!
//! Both are for finding the lines again and for receivers. Nothing fails for lack of them.

use super::Cancel;
use super::bench::Shared;
use super::read::Reader;
use super::symbols::{self, OutlineSymbol};
use crate::model::{Anchor, Event, Location, Span, is_symbol_name};
use crate::text::{Content, LineIndex};

/// Fills in the symbol and the ordinal of the locations of a finding or note that have neither yet. A location whose blob
/// cannot be read, or is no text, stays as it is.
fn complete_event(mut event: Event, reader: &Reader<'_>, cancel: &Cancel) -> Event {
    let locations = match &mut event {
        Event::FindingAdded { finding } | Event::FindingChanged { finding } => {
            finding.locations.as_mut_slice()
        }
        Event::NoteAdded { note } | Event::NoteChanged { note } => {
            std::slice::from_mut(&mut note.location)
        }
        _ => &mut [],
    };
    complete(locations, reader, cancel);
    event
}

/// Returns an event as [`complete_event`] does, reading the snapshot that the workers share.
pub(super) fn complete_shared(event: Event, shared: &Shared, cancel: &Cancel) -> Event {
    if !is_incomplete(&event) {
        return event;
    }
    match shared.sources() {
        Ok(sources) => complete_event(event, &sources.reader(), cancel),
        // What is written down must not wait for a delivery that cannot be read.
        Err(_) => event,
    }
}

/// Returns whether an event holds a location that nobody has looked at yet.
fn is_incomplete(event: &Event) -> bool {
    let is_bare = |l: &Location| l.anchor.symbol.is_none() && l.anchor.ordinal == 0;
    match event {
        Event::FindingAdded { finding } | Event::FindingChanged { finding } => {
            finding.locations.iter().any(is_bare)
        }
        Event::NoteAdded { note } | Event::NoteChanged { note } => is_bare(&note.location),
        _ => false,
    }
}

/// Fills in the symbols and ordinals of locations. Files with several locations are read and parsed once if these follow
/// each other.
pub fn complete(locations: &mut [Location], reader: &Reader<'_>, cancel: &Cancel) {
    let is_same = |a: &Location, b: &Location| {
        a.anchor.blob == b.anchor.blob && a.anchor.path == b.anchor.path
    };
    for same in locations.chunk_by_mut(is_same) {
        let Some(first) = same.first() else { continue };
        let Ok(Content::Text(read)) = reader.content(&first.anchor.blob) else {
            continue;
        };
        let text = read.text;
        let path = first.anchor.path.as_bytes().to_vec();
        let definitions = symbols::definitions_in(&path, &text, cancel);
        let lines = LineIndex::new(text.as_bytes());
        for location in same {
            complete_anchor(&mut location.anchor, &text, &lines, &definitions);
        }
    }
}

fn complete_anchor(
    anchor: &mut Anchor,
    text: &str,
    lines: &LineIndex,
    definitions: &[OutlineSymbol],
) {
    let Some(span) = anchor.extent.lines() else {
        return;
    };
    if anchor.symbol.is_none() {
        anchor.symbol = enclosing(definitions, span);
    }
    if anchor.ordinal == 0 {
        anchor.ordinal = ordinal(text, lines, span);
    }
}

/// Returns the name of the innermost definition that holds all the lines. One that is only guessed at counts for nothing:
/// the name leaves in a signed bundle.
fn enclosing(definitions: &[OutlineSymbol], span: Span) -> Option<String> {
    let holds = |d: &&OutlineSymbol| {
        d.is_exact && d.line <= span.start() && span.end() <= d.end_line && is_symbol_name(&d.name)
    };
    let held = definitions.iter().filter(holds);
    let innermost = held.min_by_key(|d| (d.end_line - d.line, std::cmp::Reverse(d.line)));
    innermost.map(|d| d.name.clone())
}

/// Returns how many times the same lines begin before a span, in time linear in the lines of the file (the algorithm of
/// Knuth, Morris and Pratt over lines).
fn ordinal(text: &str, lines: &LineIndex, span: Span) -> u32 {
    if span.end() > lines.count() {
        return 0;
    }
    let line = |number: u32| lines.slice(text, number);
    let wanted: Vec<&str> = (span.start()..=span.end()).map(line).collect();
    // For each beginning of the wanted lines, the length of the longest shorter one that it ends with.
    let mut borders = vec![0; wanted.len()];
    let mut length = 0;
    for at in 1..wanted.len() {
        while length > 0 && wanted[at] != wanted[length] {
            length = borders[length - 1];
        }
        length += usize::from(wanted[at] == wanted[length]);
        borders[at] = length;
    }
    let (mut matched, mut found) = (0, 0);
    for number in 1..span.end() {
        while matched > 0 && (matched == wanted.len() || line(number) != wanted[matched]) {
            matched = borders[matched - 1];
        }
        matched += usize::from(line(number) == wanted[matched]);
        found += u32::from(matched == wanted.len());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lines_are_counted_from_the_first() {
        for (text, span, count) in [
            ("a\nb\na\nb\na\n", (1, 1), 0),
            ("a\nb\na\nb\na\n", (3, 3), 1),
            ("a\nb\na\nb\na\n", (5, 5), 2),
            ("a\nb\na\nb\na\n", (3, 4), 1),
            // They may overlap each other and the span.
            ("a\nb\na\nb\na\n", (3, 5), 1),
            ("x\nx\nx\nx\n", (3, 4), 2),
            ("x\nx\nx\nx\n", (1, 4), 0),
            ("a\na\nb\na\na\nb\na\na\nc\n", (7, 8), 2),
            ("ab\na\n", (2, 2), 0),
            ("a\n", (2, 2), 0),
        ] {
            let lines = LineIndex::new(text.as_bytes());
            let span = Span::between(span.0, span.1);
            assert_eq!(ordinal(text, &lines, span), count, "{text:?} {span}");
        }
    }

    #[test]
    fn the_innermost_definition_around_all_lines_counts() {
        let text = "struct a {\n  int b;\n};\n\nint f(void)\n{\n  return 1;\n}\nint g;\n";
        let definitions = symbols::definitions_in(b"x.c", text, &Cancel::never());
        for (span, symbol) in [
            ((7, 7), Some("f")),
            ((5, 8), Some("f")),
            ((1, 3), Some("a")),
            ((2, 2), Some("b")),
            ((2, 7), None),
            ((4, 4), None),
            ((9, 9), Some("g")),
        ] {
            let span = Span::between(span.0, span.1);
            assert_eq!(enclosing(&definitions, span).as_deref(), symbol, "{span}");
        }
        // What looks like a definition is none for sure.
        let prose = symbols::definitions_in(b"x.txt", text, &Cancel::never());
        assert_eq!(enclosing(&prose, Span::line(7)), None);
    }
}
