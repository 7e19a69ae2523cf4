//! Strings and characters: what opens them and where they end.

use super::rules::{Gap, Marked, Opens, Place, Quote, Raw, opener};
use super::scan::{Hole, Scanner, is_word};
use crate::model::Zone;

/// Code within strings within code: deeper ones are taken for text.
const HOLES: usize = 64;
/// Bytes of a number or name that are looked at before a quote.
pub(super) const BEFORE: usize = 64;

impl Scanner<'_> {
    /// Opens or closes braces of code within a string. Returns whether the byte was one.
    pub(super) fn hole(&mut self, byte: u8) -> bool {
        let Some(hole) = self.holes.last_mut() else {
            return false;
        };
        if byte == opener(hole.close) && byte != hole.close {
            hole.depth += 1;
        } else if byte == hole.close && hole.depth > 0 {
            hole.depth -= 1;
        } else if byte == hole.close {
            let Some(hole) = self.holes.pop() else {
                return false;
            };
            self.put(self.at, Zone::Code);
            self.rest_of_string(hole.quote, hole.width, self.at + 1);
            return true;
        } else {
            return false;
        }
        self.at += 1;
        true
    }

    pub(super) fn string(&mut self, mut quote: Quote) {
        let mark = quote.mark;
        if !self.opens(quote) {
            self.at += 1;
            return;
        }
        if mark == b'"' && self.raw() {
            return;
        }
        self.honour_prefix(&mut quote);
        let width = self.width(&mut quote);
        let from = self.at + width;
        // An apostrophe that has no partner on its line is none.
        if mark == b'\'' && !quote.spans_lines && width == 1 {
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
        self.rest_of_string(quote, width, from);
    }

    /// Returns whether the quote at the current byte opens a string where it is.
    fn opens(&self, quote: Quote) -> bool {
        let before = self.before();
        let next = self.text.get(self.at + 1).copied();
        match quote.opens {
            Opens::Anywhere => {}
            Opens::WordStart if !self.stands(&[quote.mark], Place::WordStart) => return false,
            // `{"}` is a list of one quote.
            Opens::NotInWord
                if before.is_some_and(is_word) || (before == Some(b'{') && next == Some(b'}')) =>
            {
                return false;
            }
            Opens::NotAfterValue
                if before.is_some_and(|b| is_word(b) || b")]}'.\"".contains(&b)) =>
            {
                return false;
            }
            Opens::PackageSeparator
                if quote.mark == b'\''
                    && next.is_some_and(|b| b.is_ascii_alphabetic())
                    && self.is_behind_name() =>
            {
                return false;
            }
            _ => {}
        }
        if quote.mark != b'\'' {
            return true;
        }
        let is_separator = self.rules.has_separators && self.is_in_number();
        let hole = self.holes.last();
        // `{x:'>10}` fills with apostrophes.
        let is_fill = quote.marked == Marked::PythonPrefix
            && hole.is_some()
            && before == Some(b':')
            && next.is_some_and(|b| b"<>=^".contains(&b));
        !is_separator && !is_fill && !hole.is_some_and(|hole| hole.has_plain_ticks)
    }

    /// Returns whether a name of Perl's, which is no operator, lies directly before the current byte: `isn't`.
    fn is_behind_name(&self) -> bool {
        const OPERATORS: &[&[u8]] = &[
            b"and", b"cmp", b"die", b"eq", b"ge", b"gt", b"if", b"join", b"le", b"lt", b"ne",
            b"not", b"or", b"print", b"push", b"require", b"return", b"say", b"split", b"unless",
            b"use", b"warn", b"x", b"xor",
        ];
        let word = self.word_before();
        word.first().is_some_and(u8::is_ascii_alphabetic) && !OPERATORS.contains(&word)
    }

    /// Returns the letters and digits directly before the current byte.
    pub(super) fn word_before(&self) -> &[u8] {
        let before = &self.text[self.at.saturating_sub(BEFORE)..self.at];
        let len = before.iter().rev().take_while(|b| is_word(**b)).count();
        &before[before.len() - len..]
    }

    /// Changes a kind of string by what stands directly before its quote.
    fn honour_prefix(&self, quote: &mut Quote) {
        let before = &self.text[self.at.saturating_sub(BEFORE)..self.at];
        let dollars = before.iter().rev().filter(|b| **b != b'@');
        let dollars = dollars.take_while(|b| **b == b'$').count();
        let is_verbatim = self.rules.raw == Raw::CSharp
            && quote.mark == b'"'
            && (before.ends_with(b"@") || before.ends_with(b"@$"));
        if is_verbatim {
            quote.escape = None;
            quote.is_doubled = true;
            quote.spans_lines = true;
            quote.is_tripled = false;
        }
        let word = self.word_before();
        for (prefix, has_escapes) in self.rules.prefixes {
            let is_there = if prefix == b"$" {
                before.ends_with(prefix)
            } else {
                word == *prefix
            };
            if is_there {
                quote.escape = has_escapes.then_some(b'\\');
            }
        }
        let holds_code = match quote.marked {
            Marked::Always => true,
            Marked::PythonPrefix => {
                word.len() <= 2 && word.iter().any(|b| matches!(b, b'f' | b'F' | b't' | b'T'))
            }
            // With more of them, it takes as many braces.
            Marked::Dollar => dollars == 1,
            Marked::Name => !word.is_empty(),
        };
        if !holds_code {
            quote.gaps = &[];
        }
    }

    /// Returns how many quotes open the string at the current byte, and end it.
    fn width(&self, quote: &mut Quote) -> usize {
        if !quote.is_tripled || !self.starts_with(&[quote.mark; 3]) {
            return 1;
        }
        if quote.is_raw_tripled {
            quote.escape = None;
        }
        quote.spans_lines = true;
        if self.rules.raw != Raw::CSharp {
            return 3;
        }
        let rest = &self.text[self.at..];
        rest.iter().take_while(|b| **b == quote.mark).count()
    }

    /// Returns whether a string that must end on its line ends at a byte.
    fn is_string_end(&self, at: usize) -> bool {
        if self.rules.ends.in_strings().len_at(self.text, at) == 0 {
            return false;
        }
        !(self.rules.joins_strings && self.text[..at].trim_ascii_end().ends_with(b"&"))
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

    /// Goes on in a string up to its end, which is so many quotes, or to code in it.
    fn rest_of_string(&mut self, quote: Quote, width: usize, from: usize) {
        let mut at = from;
        let end = loop {
            let Some(byte) = self.text.get(at).copied() else {
                break self.text.len();
            };
            if byte == quote.mark {
                let rest = self.text[at..].iter();
                let marks = rest.take(width + 1).take_while(|b| **b == byte).count();
                if quote.is_doubled && marks == 2 && width == 1 {
                    at += 2;
                    continue;
                }
                if marks >= width {
                    break at + width;
                }
            }
            if let Some(end) = self.gap(quote, width, at) {
                at = end;
                if self.at == at {
                    return;
                }
                continue;
            }
            if Some(byte) == quote.escape {
                at = self.behind_escape(at);
                continue;
            }
            if !quote.spans_lines && self.is_string_end(at) {
                break at;
            }
            at += 1;
        };
        self.put(end, Zone::String);
        self.at = end;
    }

    /// Opens the gap that begins at a byte of a string: the current byte is then behind what opens it. Returns the byte
    /// behind; of a doubled brace, which opens nothing, only that.
    fn gap(&mut self, quote: Quote, width: usize, at: usize) -> Option<usize> {
        let rest = &self.text[at..];
        let gap: Gap = *quote.gaps.iter().find(|gap| rest.starts_with(gap.open))?;
        if gap.open == b"{" && rest.get(1) == Some(&b'{') {
            return Some(at + 2);
        }
        if self.holes.len() >= HOLES {
            return None;
        }
        let end = at + gap.open.len();
        self.put(end, Zone::String);
        self.at = end;
        let has_plain_ticks = gap.open == b"${" && self.is_default_value(end);
        self.holes.push(Hole {
            quote,
            width,
            close: gap.close,
            depth: 0,
            has_plain_ticks,
        });
        Some(end)
    }

    /// Returns whether a parameter of the shell, whose name begins at a byte, is expanded to a word in which an apostrophe
    /// quotes nothing: `${x:-it's}`.
    fn is_default_value(&self, at: usize) -> bool {
        if self
            .rules
            .prefixes
            .first()
            .is_none_or(|(prefix, _)| *prefix != b"$")
        {
            return false;
        }
        let rest = self.text[at..].iter().take(BEFORE);
        let mut rest = rest
            .skip_while(|b| is_word(**b) || b"@*!".contains(b))
            .peekable();
        rest.next_if(|b| **b == b':');
        rest.next().is_some_and(|b| b"-=+?".contains(b))
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
        if before.is_some_and(|b| is_word(b) || b")]}".contains(&b)) && !is_byte {
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
}
