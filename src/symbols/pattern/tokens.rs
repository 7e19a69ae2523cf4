//! Words and signs of code in which comments and strings are blank, one after the other.

use std::ops::Range;

/// A word or a sign; positions are bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub place: Range<usize>,
    pub is_word: bool,
    /// No other token stands before it on its line.
    pub begins_line: bool,
}

/// Reads tokens. A word begins with a letter or `_`; the signs given join its parts.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'t> {
    code: &'t [u8],
    at: usize,
    joints: &'static [u8],
    begins_line: bool,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(code: &'t [u8], joints: &'static [u8]) -> Self {
        Self {
            code,
            at: 0,
            joints,
            begins_line: true,
        }
    }

    /// Returns the bytes of a token.
    pub(super) fn text(&self, token: &Token) -> &'t [u8] {
        &self.code[token.place.clone()]
    }

    fn word_end(&self, from: usize) -> usize {
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80;
        let mut to = from + 1;
        while let Some(byte) = self.code.get(to) {
            let joins = self.joints.contains(byte) && self.code.get(to + 1).is_some_and(is_part);
            if !is_part(byte) && !joins {
                break;
            }
            to += 1;
        }
        to
    }
}

impl Tokens<'_> {
    /// Returns the next token. A copy of the reader looks ahead.
    pub(super) fn next(&mut self) -> Option<Token> {
        let mut begins_line = self.begins_line;
        while let Some(byte) = self.code.get(self.at) {
            match byte {
                b'\n' => begins_line = true,
                b if b.is_ascii_whitespace() => {}
                _ => break,
            }
            self.at += 1;
        }
        let (from, byte) = (self.at, *self.code.get(self.at)?);
        let is_word = byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        let rest = &self.code[from..];
        self.at = match byte {
            _ if is_word => self.word_end(from),
            _ if rest.starts_with(b"::=") => from + 3,
            _ if rest.starts_with(b":=") => from + 2,
            _ => from + 1,
        };
        self.begins_line = false;
        Some(Token {
            place: from..self.at,
            is_word: is_word && !byte.is_ascii_digit(),
            begins_line,
        })
    }
}
