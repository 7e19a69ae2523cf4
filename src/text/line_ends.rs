//! How the lines of a text end: what no editor shows, and what `diff`, a shell and a compiler do not read alike.
//!
//! A line ends with LF or with CR LF. Any further CR before it is a control character of the line.

use super::flag::FlagKind;
use memchr::{memchr, memchr_iter};

/// How the lines of a text end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnds {
    /// With LF, or there is no line end.
    #[default]
    Lf,
    /// With CR LF, all of them.
    CrLf,
    /// Some with LF, some with CR LF.
    Mixed,
}

impl LineEnds {
    /// Returns how many CR LF and how many line ends in all make.
    pub fn from_counts(crlf: usize, all: usize) -> Self {
        match crlf {
            0 => Self::Lf,
            _ if crlf == all => Self::CrLf,
            _ => Self::Mixed,
        }
    }

    /// Returns the number that stands for it on disk, below 4.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Returns what a number from disk stands for, or nothing if no version ever wrote it.
    pub fn from_code(code: u8) -> Option<Self> {
        let all = [Self::Lf, Self::CrLf, Self::Mixed];
        all.get(code as usize).copied()
    }
}

/// Returns the lines, 1-based, that end otherwise than most lines of the text, with the characters that end them; and the
/// last line if nothing does. The text has its line ends as the blob has them.
pub fn odd_line_ends(text: &str) -> Vec<(u32, FlagKind, Vec<char>)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    if memchr(b'\r', bytes).is_some() {
        let ends = || memchr_iter(b'\n', bytes);
        let is_crlf = |at: usize| at.checked_sub(1).map(|at| bytes[at]) == Some(b'\r');
        let crlf = ends().filter(|at| is_crlf(*at)).count();
        let all = ends().count();
        if LineEnds::from_counts(crlf, all) == LineEnds::Mixed {
            let is_usual = 2 * crlf > all;
            for (line, at) in (1..).zip(ends()).filter(|(_, at)| is_crlf(*at) != is_usual) {
                let from = bytes[..at]
                    .iter()
                    .rposition(|b| *b != b'\r')
                    .map_or(0, |at| at + 1);
                let end = text[from..=at].chars().collect();
                found.push((line, FlagKind::LineEnds, end));
            }
        }
    }
    if bytes.last().is_some_and(|b| *b != b'\n') {
        let line = memchr_iter(b'\n', bytes).count() as u32 + 1;
        found.push((line, FlagKind::NoFinalNewline, Vec::new()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use FlagKind::{LineEnds as Odd, NoFinalNewline};

    #[test]
    fn lines_that_end_otherwise_than_most_are_found() {
        let crlf = vec!['\r', '\n'];
        for (text, want) in [
            ("", vec![]),
            ("a\nb\n", vec![]),
            ("a\r\nb\r\n", vec![]),
            ("a\rb\n", vec![]),
            ("a\r\r\nb\r\n", vec![]),
            ("a", vec![(1, NoFinalNewline, vec![])]),
            ("a\nb", vec![(2, NoFinalNewline, vec![])]),
            ("a\r\nb\r", vec![(2, NoFinalNewline, vec![])]),
            ("a\nb\r\nc\n", vec![(2, Odd, crlf.clone())]),
            ("a\nb\r\r\nc\n", vec![(2, Odd, vec!['\r', '\r', '\n'])]),
            ("a\r\nb\nc\r\n", vec![(2, Odd, vec!['\n'])]),
            ("a\r\nb\n", vec![(1, Odd, crlf.clone())]),
            (
                "\n\n\r\n\nx",
                vec![(3, Odd, crlf), (5, NoFinalNewline, vec![])],
            ),
        ] {
            assert_eq!(odd_line_ends(text), want, "{text:?}");
        }
    }

    #[test]
    fn codes_are_stable() {
        for code in 0..=255 {
            let ends = LineEnds::from_code(code);
            assert_eq!(ends.map(LineEnds::code), (code < 3).then_some(code));
        }
    }
}
