//! Regexes between slashes, which stay code: what is in them opens no string and no comment.

use super::scan::{Scanner, is_word};

/// Words behind which a value begins.
const WORDS: &[&[u8]] = &[
    b"await",
    b"case",
    b"delete",
    b"do",
    b"else",
    b"if",
    b"in",
    b"instanceof",
    b"new",
    b"of",
    b"return",
    b"then",
    b"throw",
    b"typeof",
    b"void",
    b"while",
    b"yield",
];
/// More of them, in languages that match with patterns.
const MORE_WORDS: &[&[u8]] = &[
    b"and", b"elsif", b"grep", b"join", b"map", b"not", b"or", b"push", b"split", b"unless",
    b"until", b"when", b"x",
];

impl Scanner<'_> {
    /// Passes over a regex whose first slash is the current byte. Returns whether it is one.
    pub(super) fn regex(&mut self) -> bool {
        let before = self.text[..self.at].trim_ascii_end();
        // Nothing else may follow an operator that matches.
        let is_match = before.ends_with(b"=~") || before.ends_with(b"!~");
        if (self.at < self.hopeless && !is_match) || !self.begins_value(before) {
            return false;
        }
        let mut is_class = false;
        let mut at = self.at + 1;
        while let Some(byte) = self.text.get(at) {
            match byte {
                _ if !is_match && self.rules.ends.len_at(self.text, at) > 0 => break,
                b'\\' => at += 1,
                b'[' => is_class = true,
                b']' => is_class = false,
                b'/' if !is_class => {
                    self.at = at + 1;
                    return true;
                }
                _ => {}
            }
            at += 1;
        }
        self.hopeless = at;
        false
    }

    /// Returns whether a value may begin behind some code.
    pub(super) fn begins_value(&self, before: &[u8]) -> bool {
        let Some(last) = before.last() else {
            return true;
        };
        if b"(,=:[!&|?{};+-*%<>~^".contains(last) && *last != b'}' {
            return true;
        }
        let is_line_start = self.is_line_start();
        if is_word(*last) {
            let len = before
                .iter()
                .rev()
                .take(12)
                .take_while(|b| is_word(**b))
                .count();
            let word = &before[before.len() - len..];
            let is_variable =
                before.len() > len && b"$@.".contains(&before[before.len() - len - 1]);
            let is_operator =
                WORDS.contains(&word) || (self.rules.has_patterns && MORE_WORDS.contains(&word));
            return (is_operator && !is_variable)
                || (is_line_start && self.rules.has_patterns)
                // `match /x/` is a call with a regex, `a / b` and `a/b` are divisions.
                || (self.rules.has_commands && !word[0].is_ascii_digit() && self.is_argument());
        }
        match last {
            b')' => closes_condition(before),
            b'}' => is_line_start,
            _ => is_line_start && self.rules.has_patterns,
        }
    }

    /// Returns whether a blank stands before the current byte and none behind it.
    fn is_argument(&self) -> bool {
        let next = self.text.get(self.at + 1);
        let is_blank = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_whitespace());
        is_blank(self.before()) && !is_blank(next.copied()) && next != Some(&b'=')
    }
}

/// Returns whether the parenthesis that ends some code is that of an `if` or a loop.
fn closes_condition(before: &[u8]) -> bool {
    const LONGEST: usize = 256;
    let mut depth = 0_u32;
    for (back, byte) in before.iter().rev().take(LONGEST).enumerate() {
        match byte {
            b')' => depth += 1,
            b'(' if depth == 1 => {
                let head = before[..before.len() - back - 1].trim_ascii_end();
                let words = [b"if".as_slice(), b"while", b"for", b"with"];
                return words.iter().any(|word| {
                    let rest = head.strip_suffix(*word);
                    rest.is_some_and(|rest| !rest.last().copied().is_some_and(is_word))
                });
            }
            b'(' => depth -= 1,
            _ => {}
        }
    }
    false
}
