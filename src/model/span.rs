//! Lines of a file, and the `PATH:A-B@LABEL` form in which a person names them.

use super::path::{PathError, RepoPath};
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

/// A place as a person names it on the command line: `PATH:A`, `PATH:A-B`, with `@LABEL` behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Decoded from its percent-encoded form.
    pub path: RepoPath,
    /// The lines.
    pub span: Span,
    /// What the lines are to the finding, such as `sink`; may be empty.
    pub label: String,
}

/// Says why a text is not a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// There is no `:A` or `:A-B`.
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

impl std::str::FromStr for Place {
    type Err = PlaceError;

    /// Parses from the right, because a path may hold `:` and `@`: the last `:A[-B]` that is followed by
    /// the end or by `@` separates path, lines and label.
    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let no_lines = || PlaceError::NoLines(text.chars().take(200).collect());
        let (path, lines, label) = text
            .rmatch_indices(':')
            .find_map(|(colon, _)| {
                let rest = &text[colon + 1..];
                let (lines, label) = rest.split_once('@').unwrap_or((rest, ""));
                is_lines(lines).then_some((&text[..colon], lines, label))
            })
            .ok_or_else(no_lines)?;
        let (a, b) = lines.split_once('-').unwrap_or((lines, lines));
        let span = match (a.parse(), b.parse()) {
            (Ok(a), Ok(b)) => Span::new(a, b),
            _ => None,
        };
        Ok(Self {
            path: path.parse().map_err(PlaceError::Path)?,
            span: span.ok_or_else(|| PlaceError::BadLines(lines.to_owned()))?,
            label: label.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_parse_from_the_right() {
        let place = |t: &str| {
            t.parse::<Place>()
                .map(|p| (p.path.to_string(), p.span.to_string(), p.label))
        };
        let ok = |p: &str, s: &str, l: &str| Ok((p.to_owned(), s.to_owned(), l.to_owned()));
        assert_eq!(place("src/a.c:8"), ok("src/a.c", "8", ""));
        assert_eq!(place("src/a.c:8-10@sink"), ok("src/a.c", "8-10", "sink"));
        assert_eq!(place("a:7:8"), ok("a:7", "8", ""));
        assert_eq!(
            place("a@b.c:8@the sink: here"),
            ok("a@b.c", "8", "the sink: here")
        );
        assert!(matches!(place("src/a.c"), Err(PlaceError::NoLines(_))));
        assert!(matches!(place("src/a.c:0"), Err(PlaceError::BadLines(_))));
        assert!(matches!(place("src/a.c:9-8"), Err(PlaceError::BadLines(_))));
        assert!(matches!(
            place("src/a.c:99999999999"),
            Err(PlaceError::BadLines(_))
        ));
        assert!(matches!(place(":3"), Err(PlaceError::Path(_))));
    }
}
