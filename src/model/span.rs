//! Lines of a file, and the `PATH:A-B@LABEL` form in which a person names them.

use super::{NamedPath, PathError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Lines of a file, 1-based and inclusive; `start <= end` always holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawSpan")]
pub struct Span {
    start: u32,
    end: u32,
}

#[derive(Deserialize)]
struct RawSpan {
    start: u32,
    end: u32,
}

impl TryFrom<RawSpan> for Span {
    type Error = String;
    fn try_from(raw: RawSpan) -> Result<Self, String> {
        Span::new(raw.start, raw.end)
            .ok_or_else(|| format!("lines {}-{} are no span", raw.start, raw.end))
    }
}

impl Span {
    /// Returns the span of the given lines, or nothing if `start` is 0 or behind `end`.
    pub fn new(start: u32, end: u32) -> Option<Self> {
        (start >= 1 && start <= end).then_some(Self { start, end })
    }
    /// Returns the span of one line; line 0 counts as 1.
    pub fn line(line: u32) -> Self {
        let line = line.max(1);
        Self {
            start: line,
            end: line,
        }
    }
    /// Returns the span between two lines given in any order.
    pub fn between(a: u32, b: u32) -> Self {
        Self {
            start: a.min(b).max(1),
            end: a.max(b).max(1),
        }
    }
    /// Returns the first line.
    pub fn start(self) -> u32 {
        self.start
    }
    /// Returns the last line.
    pub fn end(self) -> u32 {
        self.end
    }
    /// Returns the number of lines, at least 1.
    pub fn lines(self) -> u32 {
        self.end - self.start + 1
    }
    /// Returns whether the line is inside.
    pub fn contains(self, line: u32) -> bool {
        (self.start..=self.end).contains(&line)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.start == self.end {
            write!(f, "{}", self.start)
        } else {
            write!(f, "{}-{}", self.start, self.end)
        }
    }
}

/// A place as a person names it on the command line: `PATH`, `PATH:A` or `PATH:A-B`, with `@LABEL` behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The entry of the tree; `.` is the whole snapshot.
    pub path: NamedPath,
    /// The lines; nothing means the entry as a whole.
    pub lines: Option<Span>,
    /// What the place is to the finding, such as `sink`; may be empty.
    pub label: String,
    /// What else a text without lines may mean, because a path may hold `@`: the likelier reading first.
    pub others: Vec<(NamedPath, String)>,
}

/// Says why a text is not a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// There is no `:A` or `:A-B`, and the whole entry cannot be meant.
    #[error("`{0}` names no lines: write PATH:A or PATH:A-B")]
    NoLines(String),
    /// The lines are zero, reversed or too large.
    #[error("lines `{0}` are no range: lines start at 1 and the first is not behind the last")]
    BadLines(String),
    /// The path in front of the lines is not a path.
    #[error("the path of the place is not valid")]
    Path(#[source] PathError),
}

fn is_lines(text: &str) -> bool {
    let mut parts = text.splitn(2, '-');
    let number = |part: Option<&str>| {
        part.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
    };
    number(parts.next()) && parts.next().is_none_or(|p| number(Some(p)))
}

impl Place {
    /// Returns the lines, for a verb that works on lines alone.
    pub fn needed_lines(&self) -> Result<Span, PlaceError> {
        let shown = || self.path.to_string().chars().take(200).collect();
        self.lines.ok_or_else(|| PlaceError::NoLines(shown()))
    }
}

impl std::str::FromStr for Place {
    type Err = PlaceError;

    /// Parses from the right, because a path may hold `:` and `@`: the last `:A[-B]` that is followed by
    /// the end or by `@` separates path, lines and label. Without one the whole text is a path, or a path and a label
    /// behind one of its `@`.
    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let found = text.rmatch_indices(':').find_map(|(colon, _)| {
            let rest = &text[colon + 1..];
            let (lines, label) = rest.split_once('@').unwrap_or((rest, ""));
            is_lines(lines).then_some((&text[..colon], lines, label))
        });
        let Some((path, lines, label)) = found else {
            let labelled = text.rmatch_indices('@').filter_map(|(at, _)| {
                let path = text[..at].parse().ok()?;
                Some((path, text[at + 1..].to_owned()))
            });
            return Ok(Self {
                path: text.parse().map_err(PlaceError::Path)?,
                lines: None,
                label: String::new(),
                others: labelled.collect(),
            });
        };
        let (a, b) = lines.split_once('-').unwrap_or((lines, lines));
        let span = match (a.parse(), b.parse()) {
            (Ok(a), Ok(b)) => Span::new(a, b),
            _ => None,
        };
        Ok(Self {
            path: path.parse().map_err(PlaceError::Path)?,
            lines: Some(span.ok_or_else(|| PlaceError::BadLines(lines.to_owned()))?),
            label: label.to_owned(),
            others: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_parse_from_the_right() {
        let place = |t: &str| {
            t.parse::<Place>().map(|p| {
                (
                    p.path.to_string(),
                    p.needed_lines().unwrap().to_string(),
                    p.label,
                )
            })
        };
        let ok = |p: &str, s: &str, l: &str| Ok((p.to_owned(), s.to_owned(), l.to_owned()));
        assert_eq!(place("src/a.c:8"), ok("src/a.c", "8", ""));
        assert_eq!(place("src/a.c:8-10@sink"), ok("src/a.c", "8-10", "sink"));
        assert_eq!(place("a:7:8"), ok("a:7", "8", ""));
        assert_eq!(
            place("a@b.c:8@the sink: here"),
            ok("a@b.c", "8", "the sink: here")
        );
        assert!(matches!(place("src/a.c:0"), Err(PlaceError::BadLines(_))));
        assert!(matches!(place("src/a.c:9-8"), Err(PlaceError::BadLines(_))));
        assert!(matches!(
            place("src/a.c:99999999999"),
            Err(PlaceError::BadLines(_))
        ));
        assert!(matches!(place(":3"), Err(PlaceError::Path(_))));
        assert_eq!(
            place("a.c%blob=1f5a:8@sink"),
            ok("a.c%blob=1f5a", "8", "sink")
        );
    }

    #[test]
    fn without_lines_a_place_is_an_entry_as_a_whole() {
        for (text, others) in [
            ("src/a.c", &[][..]),
            (".", &[]),
            ("crypto@absent", &[("crypto", "absent")]),
            ("a@b@c", &[("a@b", "c"), ("a", "b@c")]),
            ("a:b", &[]),
            ("@x", &[]),
        ] {
            let place: Place = text.parse().unwrap();
            assert_eq!(
                (place.path.to_string(), place.lines),
                (text.to_owned(), None)
            );
            assert!(matches!(place.needed_lines(), Err(PlaceError::NoLines(_))));
            let found: Vec<_> = place
                .others
                .iter()
                .map(|(path, label)| (path.to_string(), label.as_str()))
                .collect();
            let expected: Vec<_> = others.iter().map(|(p, l)| ((*p).to_owned(), *l)).collect();
            assert_eq!(found, expected, "{text}");
        }
        assert!(matches!("".parse::<Place>(), Err(PlaceError::Path(_))));
    }
}
