//! Lines of a text: where each begins, and how bytes relate to columns.
//!
//! A line ends at LF; a CR before it is dropped; a lone CR, NEL, U+2028 and U+2029 are characters.
//! `a\nb` has 2 lines, `a\n` has 1, an empty text has none.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Where each line of one text begins.
///
/// Texts are below 4 GiB: of a blob that is read, at most 1 GiB, a byte becomes three at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineIndex {
    starts: Vec<u32>,
    len: u32,
}

impl LineIndex {
    /// Finds the lines of a text.
    pub fn new(text: &[u8]) -> Self {
        let mut starts = Vec::new();
        if !text.is_empty() {
            starts.push(0);
            let behind = memchr::memchr_iter(b'\n', text).map(|at| at as u32 + 1);
            starts.extend(behind.filter(|at| (*at as usize) < text.len()));
        }
        Self {
            starts,
            len: text.len() as u32,
        }
    }

    /// Returns the number of lines.
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Returns the 1-based line that holds the byte; the end of the text belongs to the last line.
    pub fn line_of(&self, byte: usize) -> u32 {
        self.starts
            .partition_point(|start| *start as usize <= byte)
            .max(1) as u32
    }

    /// Returns the bytes of the 1-based line, its line end included; empty behind the last line.
    pub fn range(&self, line: u32) -> Range<usize> {
        let at = line.saturating_sub(1) as usize;
        let start = self.starts.get(at).copied().unwrap_or(self.len);
        let end = self.starts.get(at + 1).copied().unwrap_or(self.len);
        start as usize..end as usize
    }

    /// Returns the 1-based line without its line end; empty behind the last line.
    ///
    /// `text` must be the text the index was made of.
    pub fn slice<'t>(&self, text: &'t str, line: u32) -> &'t str {
        strip_end(&text[self.range(line)])
    }
}

/// Returns the line without its LF and the CR before it.
pub fn strip_end(line: &str) -> &str {
    match line.strip_suffix('\n') {
        Some(line) => line.strip_suffix('\r').unwrap_or(line),
        None => line,
    }
}

/// Returns the number of lines of a text.
pub fn count_lines(text: &[u8]) -> u32 {
    let ends = memchr::memchr_iter(b'\n', text).count() as u32;
    ends + u32::from(text.last().is_some_and(|b| *b != b'\n'))
}

/// Returns the 1-based column, in characters, of a byte of a line; bytes that are not UTF-8 count one each.
pub fn column(line: &[u8], byte: usize) -> u32 {
    let before = &line[..byte.min(line.len())];
    if before.is_ascii() {
        return before.len() as u32 + 1;
    }
    let chars: usize = before
        .utf8_chunks()
        .map(|c| c.valid().chars().count() + c.invalid().len())
        .sum();
    chars as u32 + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_end_at_lf_alone() {
        let text = "a\r\nb\rc\u{2028}d\n\ne";
        let index = LineIndex::new(text.as_bytes());
        let lines: Vec<_> = (1..=index.count()).map(|l| index.slice(text, l)).collect();
        assert_eq!(lines, ["a", "b\rc\u{2028}d", "", "e"]);
        for (text, count) in [("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("\n\n", 2)] {
            assert_eq!(LineIndex::new(text.as_bytes()).count(), count, "{text:?}");
            assert_eq!(count_lines(text.as_bytes()), count, "{text:?}");
        }
        assert_eq!(index.slice(text, 99), "");
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(column("aé\u{1F600}x".as_bytes(), 7), 4);
        assert_eq!(column(b"\xff\xfea", 2), 3);
        assert_eq!(column(b"ab", 99), 3);
    }

    proptest! {
        #[test]
        fn every_byte_is_in_the_line_that_holds_it(text in "[a\n\ré]{0,60}") {
            let index = LineIndex::new(text.as_bytes());
            for byte in 0..text.len() {
                prop_assert!(index.range(index.line_of(byte)).contains(&byte));
            }
            prop_assert_eq!(index.count(), count_lines(text.as_bytes()));
        }
    }
}
