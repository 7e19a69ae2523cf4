//! Strings, characters, regexes and here-documents: what opens them and where they end.

use super::rules::{HereDoc, Place, Quote, Raw, opener};
use super::scan::{Hole, Scanner, is_word};
use crate::model::Zone;
use memchr::{memchr, memmem};

/// Code within strings within code: deeper ones are taken for text.
const HOLES: usize = 64;
/// Here-documents without an end that are looked for; after them `<<` is taken for an operator.
const ENDLESS: u32 = 8;
/// Bytes of a number or name that are looked at before a quote.
const BEFORE: usize = 64;

impl Scanner<'_> {
    /// Opens or closes braces of code within a string. Returns whether the byte was one.
    pub(super) fn hole(&mut self, byte: u8) -> bool {
        let Some(hole) = self.holes.last_mut() else {
            return false;
        };
        if byte == opener(hole.close) {
            hole.depth += 1;
        } else if byte == hole.close && hole.depth > 0 {
            hole.depth -= 1;
        } else if byte == hole.close {
            let Some(hole) = self.holes.pop() else {
                return false;
            };
            self.put(self.at, Zone::Code);
            self.rest_of_string(hole.quote, hole.is_triple, self.at + 1);
            return true;
        } else {
            return false;
        }
        self.at += 1;
        true
    }

    pub(super) fn string(&mut self, mut quote: Quote) {
        let mark = quote.mark;
        if quote.is_at_start && !self.stands(&[mark], Place::WordStart) {
            self.at += 1;
            return;
        }
        if mark == b'\'' && self.rules.takes_dollars && self.before() == Some(b'$') {
            quote.escape = Some(b'\\');
        }
        if mark == b'"' && self.raw() {
            return;
        }
        if mark == b'\'' && self.rules.has_separators && self.is_in_number() {
            self.at += 1;
            return;
        }
        let is_triple = quote.is_tripled && self.starts_with(&[mark; 3]);
        let from = self.at + if is_triple { 3 } else { 1 };
        // An apostrophe that has no partner on its line is none.
        if mark == b'\'' && !quote.spans_lines && !is_triple {
            if self.at < self.hopeless {
                self.at += 1;
                return;
            }
            let (_, is_closed) = self.plain_end(quote, from);
            if !is_closed {
                self.hopeless = self.line_end(from);
                self.at += 1;
                return;
            }
        }
        self.put(self.at, Zone::Code);
        self.rest_of_string(quote, is_triple, from);
    }

    /// Returns whether a string that must end on its line ends at a byte.
    fn is_string_end(&self, at: usize) -> bool {
        self.rules.ends.in_strings().len_at(self.text, at) > 0
    }

    /// Returns the byte behind an escape character and what it escapes, or joins.
    fn behind_escape(&self, at: usize) -> usize {
        let joined = self.rules.splice.skip(self.text, at, self.rules.ends);
        if joined > at { joined } else { at + 2 }
    }

    /// Returns where a string without code in it ends, and whether a quote ends it.
    fn plain_end(&self, quote: Quote, from: usize) -> (usize, bool) {
        let mut at = from;
        while let Some(byte) = self.text.get(at) {
            if *byte == quote.mark {
                return (at + 1, true);
            }
            if Some(*byte) == quote.escape {
                at = self.behind_escape(at);
                continue;
            }
            if !quote.spans_lines && self.is_string_end(at) {
                return (at, false);
            }
            at += 1;
        }
        (self.text.len(), false)
    }

    /// Goes on in a string up to its end or to code in it.
    fn rest_of_string(&mut self, quote: Quote, is_triple: bool, from: usize) {
        let escape = quote.escape.filter(|_| !is_triple || !quote.is_raw_tripled);
        let mut at = from;
        let end = loop {
            let Some(byte) = self.text.get(at).copied() else {
                break self.text.len();
            };
            if byte == quote.mark {
                if !is_triple {
                    break at + 1;
                }
                if self.text[at..].starts_with(&[byte; 3]) {
                    break at + 3;
                }
            }
            if let Some((open, close)) = quote.hole
                && byte == open[0]
                && self.text[at..].starts_with(open)
                && self.holes.len() < HOLES
            {
                let end = at + open.len();
                self.put(end, Zone::String);
                self.at = end;
                self.holes.push(Hole {
                    quote,
                    is_triple,
                    close,
                    depth: 0,
                });
                return;
            }
            if Some(byte) == escape {
                at = self.behind_escape(at);
                continue;
            }
            if !quote.spans_lines && !is_triple && self.is_string_end(at) {
                break at;
            }
            at += 1;
        };
        self.put(end, Zone::String);
        self.at = end;
    }

    fn is_in_number(&self) -> bool {
        let from = self.at.saturating_sub(BEFORE);
        let before = &self.text[from..self.at];
        let run = before.iter().rev();
        let run = run.take_while(|b| is_word(**b) || **b == b'\'' || **b == b'.');
        let first = run.last();
        let is_digit = self
            .text
            .get(self.at + 1)
            .is_some_and(u8::is_ascii_hexdigit);
        is_digit && first.is_some_and(u8::is_ascii_digit)
    }

    /// Reads a character between ticks.
    pub(super) fn tick(&mut self) -> bool {
        let before = self.before();
        let is_byte = before == Some(b'b')
            && !self
                .at
                .checked_sub(2)
                .is_some_and(|at| is_word(self.text[at]));
        if before.is_some_and(|b| is_word(b) || b == b')' || b == b']') && !is_byte {
            return false;
        }
        let rest = &self.text[self.at + 1..];
        let len = match rest.first() {
            None | Some(b'\n' | b'\'') => return false,
            Some(b'\\') => {
                let Some(len) = rest.iter().take(14).skip(2).position(|b| *b == b'\'') else {
                    return false;
                };
                len + 2
            }
            Some(byte) => match byte {
                0..=0x7f => 1,
                0x80..=0xdf => 2,
                0xe0..=0xef => 3,
                _ => 4,
            },
        };
        if rest.get(len) != Some(&b'\'') {
            return false;
        }
        self.take(self.at + len + 2, Zone::String);
        true
    }

    /// Reads a regex between slashes, which stays code: what is in it opens no string.
    pub(super) fn regex(&mut self) -> bool {
        if self.at < self.hopeless {
            return false;
        }
        let before = self.text[..self.at].trim_ascii_end();
        let is_value = match before.last() {
            None => true,
            Some(b) if b"(,=:[!&|?{};+-*%<>~^".contains(b) => true,
            Some(b) if is_word(*b) => {
                const WORDS: &[&[u8]] = &[
                    b"return", b"typeof", b"case", b"when", b"if", b"unless", b"and", b"or",
                ];
                WORDS.iter().any(|word| before.ends_with(word))
            }
            Some(_) => false,
        };
        if !is_value {
            return false;
        }
        let mut is_class = false;
        let mut at = self.at + 1;
        while let Some(byte) = self.text.get(at) {
            match byte {
                _ if self.rules.ends.len_at(self.text, at) > 0 => break,
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

    /// Reads a raw string whose quote is the current byte.
    fn raw(&mut self) -> bool {
        let before = &self.text[self.at.saturating_sub(BEFORE)..self.at];
        let hashes = before.iter().rev().take_while(|b| **b == b'#').count();
        let head = &before[..before.len() - hashes];
        let is_prefix = |prefix: &[u8]| {
            let rest = head.strip_suffix(prefix);
            rest.is_some_and(|rest| !rest.last().copied().is_some_and(is_word))
        };
        let end = match self.rules.raw {
            Raw::Rust if [b"r".as_slice(), b"br", b"cr"].iter().any(|p| is_prefix(p)) => {
                self.hash_end(hashes)
            }
            Raw::Swift if hashes > 0 => self.hash_end(hashes),
            Raw::Cpp if hashes == 0 => {
                let prefixes = [b"R".as_slice(), b"u8R", b"uR", b"UR", b"LR"];
                if !prefixes.iter().any(|p| is_prefix(p)) {
                    return false;
                }
                let rest = &self.text[self.at + 1..];
                let Some(paren) = rest.iter().take(17).position(|b| *b == b'(') else {
                    return false;
                };
                let close = [b")", &rest[..paren], b"\""].concat();
                memmem::find(&rest[paren..], &close).map_or(self.text.len(), |end| {
                    self.at + 1 + paren + end + close.len()
                })
            }
            Raw::CSharp if hashes == 0 && (head.ends_with(b"@") || head.ends_with(b"@$")) => {
                let mut at = self.at + 1;
                loop {
                    match self.text.get(at..).and_then(|rest| memchr(b'"', rest)) {
                        None => break self.text.len(),
                        Some(end) if self.text.get(at + end + 1) == Some(&b'"') => at += end + 2,
                        Some(end) => break at + end + 1,
                    }
                }
            }
            _ => return false,
        };
        self.take(end, Zone::String);
        true
    }

    fn hash_end(&self, hashes: usize) -> usize {
        let close = [b"\"".as_slice(), &[b'#'; BEFORE][..hashes]].concat();
        let from = self.at + 1;
        memmem::find(&self.text[from..], &close)
            .map_or(self.text.len(), |end| from + end + close.len())
    }

    /// Returns the end of a bracket such as `[==[…]==]` that opens at the byte.
    pub(super) fn bracket_end(&self, open: usize) -> Option<usize> {
        if !self.rules.has_brackets {
            return None;
        }
        let rest = self.text.get(open..)?.strip_prefix(b"[")?;
        let level = rest.iter().take(BEFORE).take_while(|b| **b == b'=').count();
        let rest = rest[level..].strip_prefix(b"[")?;
        let close = [b"]".as_slice(), &[b'='; BEFORE][..level], b"]"].concat();
        let from = self.text.len() - rest.len();
        Some(memmem::find(rest, &close).map_or(self.text.len(), |end| from + end + close.len()))
    }

    pub(super) fn bracket(&mut self) -> bool {
        let Some(end) = self.bracket_end(self.at) else {
            return false;
        };
        self.take(end, Zone::String);
        true
    }

    /// Notes a here-document that begins on the next line.
    pub(super) fn here(&mut self) -> bool {
        let needs_capital = match self.rules.here {
            HereDoc::Double { needs_capital } if self.starts_with(b"<<") => Some(needs_capital),
            HereDoc::Triple if self.starts_with(b"<<<") => None,
            _ => return false,
        };
        if self.endless >= ENDLESS {
            return false;
        }
        let mut at = self.at + if needs_capital.is_some() { 2 } else { 3 };
        if needs_capital.is_some() && self.text.get(at) == Some(&b'<') {
            // A string on the command line, not a document.
            self.at += 3;
            return true;
        }
        let may_indent = matches!(self.text.get(at), Some(b'-' | b'~')) || needs_capital.is_none();
        if matches!(self.text.get(at), Some(b'-' | b'~' | b'\\')) {
            at += 1;
        }
        if needs_capital == Some(false) || needs_capital.is_none() {
            at += self.text[at.min(self.text.len())..]
                .iter()
                .take_while(|b| **b == b' ')
                .count();
        }
        let quote = self
            .text
            .get(at)
            .copied()
            .filter(|b| matches!(b, b'"' | b'\''));
        at += usize::from(quote.is_some());
        let rest = &self.text[at.min(self.text.len())..];
        let len = rest.iter().take_while(|b| is_word(**b)).count();
        let word = &rest[..len];
        let begins = match (word.first(), quote, needs_capital) {
            (None, ..) => false,
            (Some(b), None, Some(true)) => b.is_ascii_uppercase(),
            (Some(b), ..) => !b.is_ascii_digit(),
        };
        if !begins || quote.is_some_and(|quote| rest.get(len) != Some(&quote)) {
            return false;
        }
        self.pending.push((word, may_indent));
        self.at = at + len + usize::from(quote.is_some());
        true
    }

    /// Reads the here-documents that begin behind the current line end.
    pub(super) fn line_begins(&mut self) {
        self.at += 1;
        let mut from = self.at;
        for (word, may_indent) in std::mem::take(&mut self.pending) {
            if self.endless >= ENDLESS {
                break;
            }
            let mut line = from;
            let end = loop {
                if line >= self.text.len() {
                    break None;
                }
                let end = self.line_end(line);
                let mut content = &self.text[line..end];
                if may_indent {
                    content = content.trim_ascii_start();
                }
                let behind = content.strip_prefix(word);
                let is_triple = self.rules.here == HereDoc::Triple;
                if behind.is_some_and(|b| b.is_empty() || (is_triple && !is_word(b[0]))) {
                    break Some(line);
                }
                line = end + 1;
            };
            match end {
                Some(end) => {
                    self.put(from, Zone::Code);
                    self.put(end, Zone::String);
                    self.at = self.line_end(end);
                    from = self.text.len().min(self.at + 1);
                }
                None => self.endless += 1,
            }
        }
        if self.rules.has_columns {
            self.column(self.at);
        }
    }
}
