//! The hit lines of one content, one after the other.
//!
//! A stream never holds more than one hit, so that a file of a hundred million hits can be counted. Lines come in
//! order and each once, with the column of its first match.

use super::matcher::Matcher;
use crate::language::Zones;
use crate::model::{HitLine, Span, Standing, Zone};
use crate::text::StringSources;
use memchr::{memchr, memchr_iter, memrchr};
use std::ops::Range;

/// What is searched.
#[derive(Clone, Copy)]
pub(super) struct Content<'s> {
    pub text: &'s [u8],
    pub is_binary: bool,
    pub is_cancelled: &'s dyn Fn() -> bool,
}

/// Where matches may begin: the parts of a text and which of them count. Everywhere if nothing.
pub(super) type Within<'s> = Option<(&'s Zones, Zone)>;

/// Finds the first match from a byte on that is a hit: it begins where it may, and there is no line behind the last
/// line end, no line in an empty text, and no empty hit in bytes.
pub(super) fn first(
    matcher: &Matcher,
    content: &Content<'_>,
    mut at: usize,
    within: Within<'_>,
) -> Option<(usize, usize)> {
    let text = content.text;
    if let Some((zones, zone)) = within {
        at = zones.next(at, zone)?.0;
    }
    loop {
        let (start, end) = matcher.find_unless(text, at, content.is_cancelled)?;
        if content.is_binary {
            if end > start {
                return Some((start, end));
            }
            at = start + 1;
        } else if start == text.len() && text.last().is_none_or(|b| *b == b'\n') {
            return None;
        } else {
            match within {
                Some((zones, zone)) if zones.at(start) != zone => at = zones.next(start, zone)?.0,
                _ => return Some((start, end)),
            }
        }
        if (content.is_cancelled)() {
            return None;
        }
    }
}

/// Counts lines along a text, so that places in it become hits.
pub(super) struct Tally<'s> {
    text: &'s [u8],
    /// The beginning of a line, and its number.
    from: usize,
    line: u64,
    /// Where names are defined, in order.
    defined: &'s [Range<u32>],
}

impl<'s> Tally<'s> {
    pub(super) fn new(text: &'s [u8], defined: &'s [Range<u32>]) -> Self {
        Self {
            text,
            from: 0,
            line: 1,
            defined,
        }
    }

    /// Returns the hit of a match, and where the search for the next line goes on. The match begins behind where that
    /// was the last time.
    fn hit(&mut self, start: usize, end: usize) -> (HitLine, Option<usize>) {
        let before = &self.text[self.from..start];
        let passed = memchr_iter(b'\n', before).count();
        if passed > 0 {
            self.line += passed as u64;
            self.from += memrchr(b'\n', before).map_or(0, |end| end + 1);
        }
        let ends = memchr_iter(b'\n', &self.text[start..end]).count() as u64;
        let column = 1 + chars(&self.text[self.from..start]);
        let end_column = if ends == 0 {
            column + chars(&self.text[start..end])
        } else {
            let last = memrchr(b'\n', &self.text[..end]).map_or(0, |end| end + 1);
            1 + chars(&self.text[last..end])
        };
        let hit = HitLine {
            line: self.line,
            column,
            end_line: self.line + ends,
            end_column,
            standing: self.standing(start, end),
        };
        if ends > 0 {
            // The rest of the line on which a match ends may hold another one.
            return (hit, Some(end));
        }
        let next = memchr(b'\n', &self.text[end..]).map(|next| end + next + 1);
        if let Some(next) = next {
            self.from = next;
            self.line += 1;
        }
        (hit, next)
    }

    /// Returns whether a name is defined between two bytes.
    fn has_name(&self, from: usize, to: usize) -> bool {
        let at = self
            .defined
            .partition_point(|name| (name.end as usize) <= from);
        let name = self.defined.get(at);
        name.is_some_and(|name| (name.start as usize) < to)
    }

    fn standing(&self, start: usize, end: usize) -> Standing {
        let (from, to) = (start as u32, end as u32);
        let at = self.defined.partition_point(|name| name.end <= from);
        if let Some(name) = self.defined.get(at)
            && name.start <= from
            && to <= name.end
            && from < to
        {
            return match (name.start == from, name.end == to) {
                (true, true) => Standing::Definition,
                (false, false) => Standing::DefinitionPart,
                _ => Standing::DefinitionEdge,
            };
        }
        let is_word = |at: Option<usize>| {
            at.and_then(|at| self.text.get(at))
                .copied()
                .is_some_and(in_word)
        };
        let is_cut = |outer: Option<usize>, inner: Option<usize>| is_word(outer) && is_word(inner);
        let is_part = start == end
            || is_cut(start.checked_sub(1), Some(start))
            || is_cut(Some(end), end.checked_sub(1));
        if is_part {
            Standing::Part
        } else {
            Standing::Word
        }
    }
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Counts the characters of a piece of decoded text.
fn chars(text: &[u8]) -> u32 {
    text.iter().filter(|b| **b & 0xc0 != 0x80).count() as u32
}

/// The matches of one pattern in one content.
pub(super) struct Cursor<'s> {
    matcher: &'s Matcher,
    content: Content<'s>,
    within: Within<'s>,
    tally: Tally<'s>,
    /// The next match, if it is known already.
    next: Option<(usize, usize)>,
    at: Option<usize>,
    /// Leads from the strings of a binary file to its bytes.
    sources: Option<StringSources<'s>>,
}

impl<'s> Cursor<'s> {
    /// Begins with the first match, which has been found already.
    pub(super) fn new(
        matcher: &'s Matcher,
        content: Content<'s>,
        within: Within<'s>,
        tally: Tally<'s>,
        first: (usize, usize),
    ) -> Self {
        Self {
            matcher,
            content,
            within,
            tally,
            next: Some(first),
            at: None,
            sources: None,
        }
    }

    /// Takes the content for the strings of a binary file.
    pub(super) fn in_strings(mut self, sources: StringSources<'s>) -> Self {
        self.sources = Some(sources);
        self
    }

    fn next(&mut self) -> Option<HitLine> {
        loop {
            let hit = self.next_match()?;
            let Some(sources) = &mut self.sources else {
                return Some(hit);
            };
            let from = hit.line as usize;
            // A match over several strings is in no one place of the file.
            if let Some(bytes) = sources.next(from..from + hit.end_column as usize) {
                return Some(in_bytes(bytes.start, bytes.end));
            }
        }
    }

    fn next_match(&mut self) -> Option<HitLine> {
        let (start, end) = match self.next.take() {
            Some(found) => found,
            None => first(self.matcher, &self.content, self.at?, self.within)?,
        };
        if self.content.is_binary {
            self.at = Some(end);
            return Some(in_bytes(start, end));
        }
        let (mut hit, next) = self.tally.hit(start, end);
        self.at = next;
        if hit.line == hit.end_line {
            hit.standing = self.best_standing(hit.standing, end, next);
        }
        Some(hit)
    }

    /// Returns the best standing of the matches of a line, of which the first one ends at a byte: the name that a line
    /// defines may follow its type or a comment that hold the same word.
    fn best_standing(&self, first_one: Standing, end: usize, next: Option<usize>) -> Standing {
        let line_end = next.unwrap_or(self.content.text.len());
        let (mut best, mut at) = (first_one, end);
        while best < Standing::Definition && self.tally.has_name(at, line_end) {
            let found = first(self.matcher, &self.content, at, self.within);
            let Some((start, end)) = found.filter(|(start, _)| *start < line_end) else {
                break;
            };
            best = best.max(self.tally.standing(start, end));
            at = end.max(start + 1);
        }
        best
    }
}

/// Returns the hit of bytes of a binary file.
fn in_bytes(start: usize, end: usize) -> HitLine {
    let (line, len) = (start as u64, u32::try_from(end - start).unwrap_or(u32::MAX));
    HitLine {
        line,
        column: 1,
        end_line: line,
        end_column: len,
        standing: Standing::Part,
    }
}

/// Returns the hits of names, in order, the first one of each line.
pub(super) fn names(mut tally: Tally<'_>, names: impl Iterator<Item = Range<u32>>) -> Vec<HitLine> {
    let mut hits: Vec<HitLine> = Vec::new();
    for name in names {
        if (name.start as usize) < tally.from {
            continue;
        }
        let (hit, _) = tally.hit(name.start as usize, name.end as usize);
        if hits.last().is_none_or(|last| last.line != hit.line) {
            hits.push(hit);
        }
    }
    hits
}

/// Returns the hits of whole lines, in order; several that begin on one line are the longest of them.
pub(super) fn spans(text: &[u8], mut spans: Vec<Span>) -> Vec<HitLine> {
    spans.sort_unstable_by_key(|span| (span.start(), std::cmp::Reverse(span.end())));
    spans.dedup_by_key(|span| span.start());
    let mut ends = Vec::new();
    ends.extend(spans.iter().map(|span| span.end()));
    ends.sort_unstable();
    let (mut line, mut from) = (1, 0);
    let mut widths = Vec::new();
    for end in ends {
        while line < end && from < text.len() {
            from = memchr(b'\n', &text[from..]).map_or(text.len(), |at| from + at + 1);
            line += 1;
        }
        let rest = &text[from..];
        let width = chars(&rest[..memchr(b'\n', rest).unwrap_or(rest.len())]);
        widths.push((end, width));
    }
    let hit = |span: &Span| {
        let at = widths.partition_point(|(end, _)| *end < span.end());
        HitLine {
            line: u64::from(span.start()),
            column: 1,
            end_line: u64::from(span.end()),
            end_column: widths.get(at).map_or(0, |(_, width)| *width) + 1,
            standing: Standing::default(),
        }
    };
    spans.iter().map(hit).collect()
}

/// Hit lines in order.
pub(super) enum Lines<'s> {
    /// Those of one pattern.
    One(Cursor<'s>),
    /// Those that are known already.
    Known(std::slice::Iter<'s, HitLine>),
    /// Those of several streams; each with its next line.
    Any(Vec<(Option<HitLine>, Lines<'s>)>),
    /// Those of the first stream that no line of the second has.
    But(Box<Lines<'s>>, Box<(Option<HitLine>, Lines<'s>)>),
}

impl Lines<'_> {
    /// Joins streams.
    pub(super) fn any(streams: Vec<Self>) -> Self {
        Self::Any(streams.into_iter().map(|mut s| (s.next(), s)).collect())
    }

    /// Takes lines out of a stream.
    pub(super) fn but(self, mut other: Self) -> Self {
        let head = other.next();
        Self::But(Box::new(self), Box::new((head, other)))
    }

    pub(super) fn next(&mut self) -> Option<HitLine> {
        match self {
            Self::One(cursor) => cursor.next(),
            Self::Known(hits) => hits.next().copied(),
            Self::Any(streams) => {
                let key = |hit: &HitLine| (hit.line, hit.column, hit.end_line, hit.end_column);
                let heads = streams.iter().filter_map(|(head, _)| *head);
                let mut best = heads.min_by_key(key)?;
                for (head, stream) in streams {
                    while let Some(hit) = head.filter(|hit| hit.line == best.line) {
                        best.standing = best.standing.max(hit.standing);
                        *head = stream.next();
                    }
                }
                Some(best)
            }
            Self::But(stream, other) => loop {
                let hit = stream.next()?;
                let (head, rest) = other.as_mut();
                while head.is_some_and(|h| h.line < hit.line) {
                    *head = rest.next();
                }
                if head.is_none_or(|h| h.line != hit.line) {
                    return Some(hit);
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language;
    use crate::query::{self, Expr, Term};

    fn all(query: &str, text: &str, defined: &[Range<u32>]) -> Vec<HitLine> {
        let query = query::parse(query, &|_| None).unwrap();
        let Expr::Term(Term::Text(pattern) | Term::Content(pattern)) = query.root else {
            panic!("one term");
        };
        let matcher = Matcher::new(&pattern);
        let zones = language::zones(language::by_name("C"), text.as_bytes());
        let within = pattern.zone.map(|zone| (&zones, zone));
        let content = Content {
            text: text.as_bytes(),
            is_binary: false,
            is_cancelled: &|| false,
        };
        let Some(found) = first(&matcher, &content, 0, within) else {
            return Vec::new();
        };
        let tally = Tally::new(text.as_bytes(), defined);
        let mut lines = Lines::One(Cursor::new(&matcher, content, within, tally, found));
        std::iter::from_fn(|| lines.next()).collect()
    }

    fn hits(query: &str, text: &str) -> Vec<(u64, u32, u64, u32)> {
        all(query, text, &[])
            .iter()
            .map(|h| (h.line, h.column, h.end_line, h.end_column))
            .collect()
    }

    #[test]
    fn one_hit_a_line_with_its_first_column() {
        assert_eq!(hits("b", "ab b\nc\nb"), [(1, 2, 1, 3), (3, 1, 3, 2)]);
        assert_eq!(hits("中", "é中\n"), [(1, 2, 1, 3)]);
        assert_eq!(hits("/^$/", "a\n\nb\n\n"), [(2, 1, 2, 1), (4, 1, 4, 1)]);
        assert_eq!(hits("/^/", "a\nb"), [(1, 1, 1, 1), (2, 1, 2, 1)]);
        assert_eq!(hits("/$/", "a\nb\n"), [(1, 2, 1, 2), (2, 2, 2, 2)]);
        assert_eq!(hits("/x*/", "a\nxx"), [(1, 1, 1, 1), (2, 1, 2, 3)]);
        assert_eq!(hits("/^/", ""), []);
        assert_eq!(hits("/x*/", "\n"), [(1, 1, 1, 1)]);
        assert_eq!(hits("/a.*b/s", "a\nb a\nxb a"), [(1, 1, 3, 3)]);
        assert_eq!(
            hits("/a.*?b/s", "a\nb a\nxb a"),
            [(1, 1, 2, 2), (2, 3, 3, 3)]
        );
        assert_eq!(hits(r"/a\n/", "a\na\nb"), [(1, 1, 2, 1), (2, 1, 3, 1)]);
        assert_eq!(hits(r"/\r/", "a\rb\n"), [(1, 2, 1, 3)]);
    }

    #[test]
    fn a_hit_begins_where_it_may() {
        let text = "foo(); // foo bar\n\"foo\" /* foo\nfoo */ foo\n";
        assert_eq!(
            hits("in:comment foo", text),
            [(1, 11, 1, 14), (2, 10, 2, 13), (3, 1, 3, 4)]
        );
        // A match that begins too early does not hide one that begins where it may.
        assert_eq!(hits("in:comment /foo.*bar/", text), [(1, 11, 1, 18)]);
        assert_eq!(hits("in:string foo", text), [(2, 2, 2, 5)]);
        assert_eq!(hits("in:code foo", text), [(1, 1, 1, 4), (3, 8, 3, 11)]);
        assert_eq!(hits("in:code /;.*$/", text), [(1, 6, 1, 18)]);
        assert_eq!(hits("in:code bar", text), []);
    }

    #[test]
    fn hits_know_how_they_stand() {
        let text = "int foo;\nfoo_x xfoo foo\n";
        let standings = |query, defined: &[Range<u32>]| -> Vec<_> {
            all(query, text, defined)
                .iter()
                .map(|h| h.standing)
                .collect()
        };
        assert_eq!(standings("foo", &[]), [Standing::Word, Standing::Part]);
        let foo = 4..7;
        let name = std::slice::from_ref(&foo);
        assert_eq!(standings("foo", name)[0], Standing::Definition);
        assert_eq!(standings("fo", name)[0], Standing::DefinitionEdge);
        // The second of the two ends the name.
        assert_eq!(standings("o", name)[0], Standing::DefinitionEdge);
        assert_eq!(standings("\"foo;\"", name)[0], Standing::Word);
        assert_eq!(standings("/^/", name)[0], Standing::Part);
    }

    #[test]
    fn whole_lines_end_where_they_end() {
        let span = |a, b| Span::between(a, b);
        let found = spans(
            "ab\né\n\nabc".as_bytes(),
            vec![span(2, 4), span(1, 1), span(2, 3), span(9, 9)],
        );
        let found: Vec<_> = found
            .iter()
            .map(|h| (h.line, h.end_line, h.end_column))
            .collect();
        assert_eq!(found, [(1, 1, 3), (2, 4, 4), (9, 9, 1)]);
    }

    #[test]
    fn windows_change_nothing() {
        let line = format!("{} needle\n\n", "x".repeat(1000));
        let text = line.repeat(WINDOWS / line.len());
        let count = memchr_iter(b'\n', text.as_bytes()).count();
        assert_eq!(hits("needle", &text).len(), count / 2);
        assert_eq!(hits("/^/", &text).len(), count);
        assert_eq!(hits("/$/", &text).len(), count);
        assert_eq!(hits("/nothing|absent/", &text).len(), 0);
    }

    const WINDOWS: usize = 5 << 20;
}
