//! Here-documents: texts that begin on the next line and end at a line with a word.

use super::rules::{Columns, Gap, HereDoc};
use super::scan::{ENDLESS, Scanner, is_word};
use memchr::memchr;

/// A here-document that begins on the next line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending<'t> {
    word: &'t [u8],
    /// The line that ends it may be indented.
    may_indent: bool,
    /// What begins code within it.
    gaps: &'static [Gap],
}

impl Scanner<'_> {
    /// Notes a here-document that begins on the next line.
    pub(super) fn here(&mut self) -> bool {
        let needs_capital = match self.rules.here {
            HereDoc::Double { needs_capital } if self.starts_with(b"<<") => Some(needs_capital),
            HereDoc::Triple if self.starts_with(b"<<<") => None,
            _ => return false,
        };
        if self.endless >= ENDLESS || self.is_in_arithmetic() {
            return false;
        }
        let text = self.text;
        let mut at = self.at + if needs_capital.is_some() { 2 } else { 3 };
        if needs_capital.is_some() && text.get(at) == Some(&b'<') {
            // A string on the command line, not a document.
            self.at += 3;
            return true;
        }
        let is_marked = matches!(text.get(at), Some(b'-' | b'~'));
        let is_escaped = text.get(at) == Some(&b'\\');
        at += usize::from(is_marked || is_escaped);
        let rest = text.get(at..).unwrap_or_default();
        let blanks = rest.iter().take_while(|b| **b == b' ').count();
        let is_quoted = rest.get(blanks).is_some_and(|b| b"\"'`".contains(b));
        // In Ruby and Perl a bare word stands directly behind the mark.
        if needs_capital != Some(true) || is_quoted {
            at += blanks;
        }
        let quote = text.get(at).copied().filter(|b| b"\"'`".contains(b));
        at += usize::from(quote.is_some());
        let rest = text.get(at..).unwrap_or_default();
        let len = match quote {
            Some(quote) => {
                let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
                match memchr(quote, line) {
                    Some(len) => len,
                    None => return false,
                }
            }
            None if needs_capital == Some(false) => {
                let ends = |b: &&u8| !b.is_ascii_whitespace() && !b";&|<>()\"'`$".contains(b);
                rest.iter().take_while(ends).count()
            }
            None => rest.iter().take_while(|b| is_word(**b)).count(),
        };
        let word = &rest[..len];
        let begins = match (word.first(), quote, needs_capital) {
            (None, ..) => false,
            (Some(_), Some(_), _) => true,
            (Some(b), None, Some(true)) => b.is_ascii_uppercase() || (is_marked && is_word(*b)),
            (Some(b), None, _) => !b.is_ascii_digit() && *b != b'=',
        };
        if !begins {
            return false;
        }
        let is_plain =
            quote == Some(b'\'') || is_escaped || (quote.is_some() && needs_capital == Some(false));
        self.pending.push(Pending {
            word,
            may_indent: is_marked || needs_capital.is_none(),
            gaps: if is_plain { &[] } else { self.rules.here_gaps },
        });
        self.at = at + len + usize::from(quote.is_some());
        true
    }

    /// Returns whether the current byte lies between `((` and `))` of its line, where `<<` shifts.
    fn is_in_arithmetic(&self) -> bool {
        if self.rules.here
            != (HereDoc::Double {
                needs_capital: false,
            })
        {
            return false;
        }
        let before = &self.text[self.at.saturating_sub(256)..self.at];
        let line = memchr::memrchr(b'\n', before).map_or(before, |end| &before[end..]);
        let last = |mark: &[u8]| memchr::memmem::rfind(line, mark);
        last(b"((").is_some_and(|open| last(b"))").is_none_or(|close| close < open))
    }

    /// Reads the here-documents that begin behind the current line end.
    pub(super) fn line_begins(&mut self) {
        self.at += 1;
        let mut from = self.at;
        for one in std::mem::take(&mut self.pending) {
            if self.endless >= ENDLESS {
                break;
            }
            match self.here_end(one, from) {
                Some(end) => {
                    self.at = from;
                    if end > from {
                        self.take_text(end, one.gaps);
                    }
                    self.at = self.line_end(end);
                    from = self.text.len().min(self.at + 1);
                    if self.rules.here == HereDoc::Triple {
                        // Code goes on behind the word.
                        let line = &self.text[end..self.at];
                        let indent = line.len() - line.trim_ascii_start().len();
                        self.at = end + indent + one.word.len();
                    }
                }
                None => self.endless += 1,
            }
        }
        if self.rules.columns != Columns::None {
            self.column(self.at);
        }
        if self.rules.has_pattern_column {
            self.pattern_line();
        }
    }

    /// Returns where the line begins that ends a here-document.
    fn here_end(&self, one: Pending<'_>, from: usize) -> Option<usize> {
        let mut line = from;
        while line < self.text.len() {
            let end = self.line_end(line);
            let mut content = &self.text[line..end];
            if one.may_indent {
                content = content.trim_ascii_start();
            }
            let behind = content.strip_prefix(one.word);
            let is_triple = self.rules.here == HereDoc::Triple;
            if behind.is_some_and(|b| b.is_empty() || (is_triple && !is_word(b[0]))) {
                return Some(line);
            }
            line = end + 1;
        }
        None
    }

    /// Passes over the pattern that begins a line of the rules of Lex: its quotes are not those of C.
    pub(super) fn pattern_line(&mut self) {
        let line = self.at;
        let rest = self.text.get(line..).unwrap_or_default();
        if rest.starts_with(b"%%") {
            self.is_in_rules = !self.is_in_rules;
            return;
        }
        if !self.is_in_rules || rest.first().is_none_or(|b| b" \t\n}/%#".contains(b)) {
            return;
        }
        let (mut at, mut is_class, mut is_quoted) = (0, false, false);
        while let Some(byte) = rest.get(at) {
            match byte {
                b'\n' => break,
                b'\\' => at += 1,
                b'"' if !is_class => is_quoted = !is_quoted,
                b'[' if !is_quoted => is_class = true,
                b']' if !is_quoted => is_class = false,
                b' ' | b'\t' if !is_quoted && !is_class => break,
                _ => {}
            }
            at += 1;
        }
        self.at = (line + at).min(self.text.len());
    }
}
