//! Tokens of the languages that look like C, for a scanner that must get through anything in linear time.
//!
//! Comments, strings and the inside of directives are passed over; a string ends with its line at the latest.

use super::braces::Dialect;
use memchr::memchr;
use std::ops::Range;

/// One token; positions are bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or a keyword.
    Word(Place),
    /// A string, a character or a number.
    Literal,
    /// Any other character.
    Mark(u8),
    /// `::`.
    Path,
    /// `#define` and the name behind it.
    Define(Place),
    /// `#if`, `#ifdef`, `#ifndef`.
    If,
    /// `#else`, `#elif`.
    Else,
    /// `#endif`.
    EndIf,
}

/// From the first byte to behind the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub from: u32,
    pub to: u32,
}

impl Place {
    pub(super) fn range(self) -> Range<u32> {
        self.from..self.to
    }
    pub(super) fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.from as usize..self.to as usize)
            .unwrap_or_default()
    }
}

pub(super) struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    /// Nothing but blanks stands before it on the line.
    is_line_start: bool,
    /// Where the token read last begins.
    pub from: usize,
    has_directives: bool,
    joins_lines: bool,
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

impl<'t> Lexer<'t> {
    /// Reads a text of a dialect.
    pub(super) fn new(text: &'t str, dialect: Dialect) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            is_line_start: true,
            from: 0,
            has_directives: dialect.has_directives,
            joins_lines: dialect.joins_lines,
        }
    }

    /// Returns where the next token is looked for.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Returns whether the token read last stands at the very beginning of its line.
    pub(super) fn is_first_column(&self) -> bool {
        self.from == 0 || self.text[self.from - 1] == b'\n'
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Moves behind the next `mark`, or to the end.
    fn pass(&mut self, from: usize, mark: &[u8]) {
        let rest = self.text.get(from..).unwrap_or_default();
        let found = memchr::memmem::find(rest, mark);
        self.at = found.map_or(self.text.len(), |at| from + at + mark.len());
    }

    fn quoted(&mut self, quote: u8) {
        self.at += 1;
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'\n' => return,
                byte if *byte == quote => {
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.at.min(self.text.len());
    }

    /// Reads `R"x(…)x"`, which stands at the quote; a plain string if it is not one.
    fn raw(&mut self) {
        let rest = &self.text[self.at + 1..];
        match rest.iter().take(18).position(|b| *b == b'(') {
            Some(open) => {
                let end = [b")", &rest[..open], b"\""].concat();
                self.pass(self.at + open, &end);
            }
            None => self.quoted(b'"'),
        }
    }

    /// Moves to the end of a line that backslashes and comments may lengthen.
    fn end_of_directive(&mut self) {
        loop {
            match (self.peek(0), self.peek(1)) {
                (0, _) if self.at >= self.text.len() => return,
                (b'\n', _) => return,
                (b'\\', b'\n') => self.at += 2,
                (b'/', b'*') => self.pass(self.at + 2, b"*/"),
                (b'/', b'/') => self.pass_line_comment(),
                _ => self.at += 1,
            }
        }
    }

    /// Moves to the end of a line comment, which a backslash lengthens in C.
    fn pass_line_comment(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            self.at += memchr(b'\n', rest).unwrap_or(rest.len());
            let is_joined = self.joins_lines && self.text[..self.at].ends_with(b"\\");
            if !is_joined || self.at >= self.text.len() {
                return;
            }
            self.at += 1;
        }
    }

    fn blanks(&mut self) {
        while matches!(self.peek(0), b' ' | b'\t') {
            self.at += 1;
        }
    }

    fn word(&mut self) -> Place {
        let from = self.at as u32;
        while self.text.get(self.at).is_some_and(|b| is_word(*b)) {
            self.at += 1;
        }
        let to = self.at as u32;
        Place { from, to }
    }

    fn directive(&mut self) -> Option<Token> {
        self.at += 1;
        self.blanks();
        let word = self.word();
        let found = match word.of(self.text) {
            b"define" => {
                self.blanks();
                let name = self.word();
                (name.to > name.from).then_some(Token::Define(name))
            }
            b"if" | b"ifdef" | b"ifndef" => Some(Token::If),
            b"else" | b"elif" | b"elifdef" | b"elifndef" => Some(Token::Else),
            b"endif" => Some(Token::EndIf),
            _ => None,
        };
        self.end_of_directive();
        found
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let byte = *self.text.get(self.at)?;
            self.from = self.at;
            let is_line_start = std::mem::replace(&mut self.is_line_start, false);
            match (byte, self.peek(1)) {
                (b'\n', _) => {
                    self.is_line_start = true;
                    self.at += 1;
                }
                (b' ' | b'\t' | b'\r' | 0x0b | 0x0c, _) => {
                    self.is_line_start = is_line_start;
                    self.at += 1;
                }
                (b'/', b'*') => {
                    self.pass(self.at + 2, b"*/");
                    self.is_line_start = is_line_start;
                }
                (b'/', b'/') => self.pass_line_comment(),
                (b'#', _) if is_line_start && self.has_directives => {
                    if let Some(token) = self.directive() {
                        return Some(token);
                    }
                }
                (b'"' | b'\'', _) => {
                    self.quoted(byte);
                    return Some(Token::Literal);
                }
                (b'0'..=b'9', _) => {
                    while is_word(self.peek(0)) || self.peek(0) == b'.' {
                        self.at += 1;
                    }
                    return Some(Token::Literal);
                }
                (b':', b':') => {
                    self.at += 2;
                    return Some(Token::Path);
                }
                (byte, _) if is_word(byte) => {
                    let word = self.word();
                    if self.peek(0) == b'"' && matches!(word.of(self.text), b"R" | b"LR" | b"u8R") {
                        self.raw();
                        return Some(Token::Literal);
                    }
                    return Some(Token::Word(word));
                }
                _ => {
                    self.at += 1;
                    return Some(Token::Mark(byte));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let token = |token| match token {
            Token::Word(place) => String::from_utf8_lossy(place.of(text.as_bytes())).into_owned(),
            Token::Define(place) => {
                format!("#{}", String::from_utf8_lossy(place.of(text.as_bytes())))
            }
            Token::Mark(byte) => char::from(byte).to_string(),
            other => format!("{other:?}"),
        };
        let dialect = Dialect {
            has_directives: true,
            joins_lines: true,
            ..Dialect::default()
        };
        Lexer::new(text, dialect).map(token).collect()
    }

    #[test]
    fn what_is_no_code_is_passed_over() {
        assert_eq!(words("a /* b */ c // d\ne"), ["a", "c", "e"]);
        assert_eq!(words("a // b\\\nc\nd"), ["a", "d"]);
        assert_eq!(
            words("\"a\\\"b\" c 'd\ne"),
            ["Literal", "c", "Literal", "e"]
        );
        assert_eq!(words("a::b(0x1f)"), ["a", "Path", "b", "(", "Literal", ")"]);
        assert_eq!(
            words("  # define A(x) y \\\n z /* q\n */ r\nb"),
            ["#A", "b"]
        );
        assert_eq!(
            words("#if a\n#else\n#endif\n#include <a>\n"),
            ["If", "Else", "EndIf"]
        );
        assert_eq!(words("R\"x(\" a )x\" b"), ["Literal", "b"]);
        for odd in ["/*", "\"", "'", "#", "#define", "R\"", "\\", "/", "\"\\"] {
            words(odd);
        }
    }
}
