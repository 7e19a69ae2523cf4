//! White space that carries nothing: one blank between words, none at the ends of lines.
//!
//! One blank or two, a tab or a blank, a hard blank or an ordinary one look the same to a reader, and so spell a text
//! that nobody sees. Nothing that a reviewer writes needs the difference.

/// The deepest indentation, and one level of it, in blanks.
const DEEPEST: usize = 4;
const LEVEL: usize = 2;

/// A text with plain white space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tidied {
    /// The text.
    pub text: String,
    /// How many stretches of white space were changed.
    pub changes: usize,
}

/// Returns the text with white space that carries nothing.
///
/// Between words stands one U+0020, whatever blanks there were; a line has none at its end and, at its beginning, none,
/// two or four; lines end with LF; at most one empty line follows another line, and none begins or ends the text.
pub fn tidy_blanks(text: &str) -> Tidied {
    let mut out = String::with_capacity(text.len());
    let mut changes = 0;
    let mut empty = 0;
    for (i, line) in text.split('\n').enumerate() {
        let line = line
            .strip_suffix('\r')
            .inspect(|_| changes += 1)
            .unwrap_or(line);
        let content = line.trim();
        changes += usize::from(line.trim_end().len() != line.len());
        if content.is_empty() {
            empty += usize::from(i > 0);
            continue;
        }
        // A line end after the last line is as good as none.
        changes += usize::from(empty > 1);
        if out.is_empty() {
            changes += usize::from(i > 0 && empty <= 1);
        } else {
            out.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        let before = &line[..line.len() - line.trim_start().len()];
        let width = |c: char| {
            if matches!(c, '\t' | '\u{3000}') {
                LEVEL
            } else {
                1
            }
        };
        let depth = (before.chars().map(width).sum::<usize>() / LEVEL * LEVEL).min(DEEPEST);
        let indentation = &"    "[..depth];
        changes += usize::from(before != indentation);
        out.push_str(indentation);
        changes += squeeze(content, &mut out);
    }
    changes += usize::from(empty > 1);
    Tidied { text: out, changes }
}

/// Appends a line with one blank between words. Returns how many stretches of white space were something else.
fn squeeze(line: &str, out: &mut String) -> usize {
    let mut changes = 0;
    let mut rest = line;
    while let Some(at) = rest.find(char::is_whitespace) {
        let after = rest[at..].trim_start();
        let blanks = &rest[at..rest.len() - after.len()];
        changes += usize::from(blanks != " ");
        out.push_str(&rest[..at]);
        out.push(' ');
        rest = after;
    }
    out.push_str(rest);
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn white_space_that_nobody_sees_is_taken_away() {
        for (text, tidied, changes) in [
            ("", "", 0),
            ("plain text\nof two lines", "plain text\nof two lines", 0),
            ("paragraph\n\nanother\n", "paragraph\n\nanother", 0),
            (
                "- list\n  - of two levels\n    and three",
                "- list\n  - of two levels\n    and three",
                0,
            ),
            ("one  two", "one two", 1),
            ("one \tb", "one b", 1),
            (
                "one\u{a0}two\u{2003}three\u{3000}four",
                "one two three four",
                3,
            ),
            ("end \nend\t\nend", "end\nend\nend", 2),
            ("a\r\nb", "a\nb", 1),
            ("a\n\n\n\nb", "a\n\nb", 1),
            (
                "a\n   b\n       c\n\u{3000}\u{3000}d",
                "a\n  b\n    c\n    d",
                3,
            ),
            ("\n\na\n\n\n", "a", 2),
            ("a\u{2028}b\u{b}c", "a b c", 2),
        ] {
            let found = tidy_blanks(text);
            assert_eq!(
                (found.text.as_str(), found.changes),
                (tidied, changes),
                "{text:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn words_stay_and_a_second_time_changes_nothing(text in "[a\u{e9} \t\n\r\u{a0}\u{3000}\u{2009}]{0,60}") {
            let once = tidy_blanks(&text);
            prop_assert!(once.text.split_whitespace().eq(text.split_whitespace()));
            // One line end after the last line is as good as none.
            let whole = text.strip_suffix('\n').unwrap_or(&text);
            prop_assert_eq!(once.changes == 0, once.text == whole, "{:?}", once.text);
            let again = tidy_blanks(&once.text);
            prop_assert_eq!((&again.text, again.changes), (&once.text, 0));
        }
    }
}
