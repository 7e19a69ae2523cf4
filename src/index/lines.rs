//! The hit lines of one content, one after the other.
//!
//! A stream never holds more than one hit, so that a file of a hundred million hits can be counted. Lines come in
//! order and each once, with the column of its first match.

use super::matcher::Matcher;
use crate::model::HitLine;
use crate::text;
use memchr::{memchr, memchr_iter, memrchr};

/// Finds the first match that is a hit: there is no line behind the last line end, and no line in an empty text.
pub(super) fn first(
    matcher: &Matcher,
    text: &[u8],
    at: usize,
    is_cancelled: &dyn Fn() -> bool,
) -> Option<(usize, usize)> {
    let (start, end) = matcher.find_unless(text, at, is_cancelled)?;
    let is_behind = start == text.len() && text.last().is_none_or(|b| *b == b'\n');
    (!is_behind).then_some((start, end))
}

/// Finds the next match of at least one byte.
pub(super) fn first_bytes(
    matcher: &Matcher,
    text: &[u8],
    mut at: usize,
    is_cancelled: &dyn Fn() -> bool,
) -> Option<(usize, usize)> {
    loop {
        let (start, end) = matcher.find_unless(text, at, is_cancelled)?;
        if end > start {
            return Some((start, end));
        }
        if is_cancelled() {
            return None;
        }
        at = start + 1;
    }
}

/// The matches of one pattern in one content.
pub(super) struct Cursor<'s> {
    matcher: &'s Matcher,
    text: &'s [u8],
    is_binary: bool,
    is_cancelled: &'s dyn Fn() -> bool,
    /// The next match, if it is known already.
    next: Option<(usize, usize)>,
    at: Option<usize>,
    /// The line of the byte up to which line ends are counted.
    line: u64,
    counted: usize,
}

impl<'s> Cursor<'s> {
    /// Begins with the first match, which has been found already.
    pub(super) fn new(
        content: &Content<'s>,
        matcher: &'s Matcher,
        first: Option<(usize, usize)>,
    ) -> Self {
        Self {
            matcher,
            text: content.text,
            is_binary: content.is_binary,
            is_cancelled: content.is_cancelled,
            next: first,
            at: None,
            line: 1,
            counted: 0,
        }
    }

    fn next(&mut self) -> Option<HitLine> {
        let (start, end) = match self.next.take() {
            Some(found) => found,
            None if self.is_binary => {
                first_bytes(self.matcher, self.text, self.at?, self.is_cancelled)?
            }
            None => first(self.matcher, self.text, self.at?, self.is_cancelled)?,
        };
        if self.is_binary {
            self.at = Some(end);
            let (line, len) = (start as u64, u32::try_from(end - start).unwrap_or(u32::MAX));
            return Some(HitLine {
                line,
                column: 1,
                end_line: line,
                end_column: len,
            });
        }
        self.line += memchr_iter(b'\n', &self.text[self.counted..start]).count() as u64;
        self.counted = start;
        let column_in = |line: usize, at: usize| text::column(&self.text[line..], at - line);
        let begin = line_start(self.text, start);
        let column = column_in(begin, start);
        let ends = memchr_iter(b'\n', &self.text[start..end]).count() as u64;
        let last = if ends == 0 {
            begin
        } else {
            line_start(self.text, end)
        };
        let end_column = column_in(last, end);
        // The rest of the line on which a match ends may hold another one, unless it began there.
        self.at = if ends == 0 {
            memchr(b'\n', &self.text[end..]).map(|next| end + next + 1)
        } else {
            Some(end)
        };
        Some(HitLine {
            line: self.line,
            column,
            end_line: self.line + ends,
            end_column,
        })
    }
}

fn line_start(text: &[u8], at: usize) -> usize {
    memrchr(b'\n', &text[..at]).map_or(0, |end| end + 1)
}

/// What is searched.
pub(super) struct Content<'s> {
    pub text: &'s [u8],
    pub is_binary: bool,
    pub is_cancelled: &'s dyn Fn() -> bool,
}

/// Hit lines in order.
pub(super) enum Lines<'s> {
    /// Those of one pattern.
    One(Cursor<'s>),
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
            Self::Any(streams) => {
                let key = |hit: &HitLine| (hit.line, hit.column, hit.end_line, hit.end_column);
                let best = streams
                    .iter()
                    .filter_map(|(head, _)| *head)
                    .min_by_key(key)?;
                for (head, stream) in streams {
                    while head.is_some_and(|h| h.line == best.line) {
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
    use crate::query;

    fn hits(query: &str, text: &str) -> Vec<(u64, u32, u64, u32)> {
        let query = query::parse(query, &|_| None).unwrap();
        let query::Expr::Term(query::Term::Text(pattern)) = query.root else {
            panic!("one term");
        };
        let matcher = Matcher::new(&pattern);
        let content = Content {
            text: text.as_bytes(),
            is_binary: false,
            is_cancelled: &|| false,
        };
        let found = first(&matcher, text.as_bytes(), 0, &|| false);
        let mut lines = Lines::One(Cursor::new(&content, &matcher, found));
        std::iter::from_fn(|| lines.next())
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
    fn windows_change_nothing() {
        let line = format!("{} needle\n\n", "x".repeat(1000));
        let text = line.repeat(WINDOWS / line.len());
        let count = memchr_iter(b'\n', text.as_bytes()).count();
        assert_eq!(hits("needle", &text).len(), count / 2);
        assert_eq!(hits("/^/", &text).len(), count);
        assert_eq!(hits("/$/", &text).len(), count);
        assert_eq!(hits("/nothing|absent/", &text).len(), 0);
    }

    const WINDOWS: usize = 20 << 20;
}
