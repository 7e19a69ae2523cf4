//! Literals with delimiters of the writer's choice: Perl, Ruby, Crystal, Elixir, Erlang.

use super::forms::closer;
use super::rules::Gap;
use super::scan::{Scanner, is_word};
use crate::model::Zone;
use memchr::memmem;

const HASH: &[Gap] = &[Gap {
    open: b"#{",
    close: b'}',
}];

impl Scanner<'_> {
    /// Returns the byte behind the delimiter that closes the one at a byte. Brackets nest and a backslash escapes.
    fn delimited_end(&mut self, open: usize) -> Option<usize> {
        let first = *self.text.get(open)?;
        let close = closer(first);
        let (mut at, mut depth) = (open + 1, 0_u32);
        while let Some(byte) = self.text.get(at) {
            if *byte == b'\\' && close != b'\\' {
                at += 1;
            } else if *byte == close && depth == 0 {
                return Some(at + 1);
            } else if *byte == close {
                depth -= 1;
            } else if *byte == first {
                depth += 1;
            }
            at += 1;
        }
        self.endless += 1;
        None
    }

    /// Reads `q(…)`, `qq`, `qw`, `qx` as strings; passes over `m`, `qr`, `s`, `tr` and `y`, which stay code.
    pub(super) fn perl_quote(&mut self) -> bool {
        if self.is_hopeless() || !self.may_be_operator() {
            return false;
        }
        let rest = &self.text[self.at..];
        let (len, is_pair, is_text) = match rest {
            [b'q', b'q' | b'w' | b'x', ..] => (2, false, true),
            [b'q', b'r', ..] => (2, false, false),
            [b't', b'r', ..] => (2, true, false),
            [b'q', ..] => (1, false, true),
            [b'm', ..] => (1, false, false),
            [b's' | b'y', ..] => (1, true, false),
            _ => return false,
        };
        let blanks = rest[len..].iter().take_while(|b| b.is_ascii_whitespace());
        let blanks = blanks.count();
        let open = self.at + len + blanks;
        if !self.is_delimiter(open, blanks > 0) {
            return false;
        }
        let Some(mut end) = self.delimited_end(open) else {
            return false;
        };
        if is_pair {
            let first = self.text[open];
            let second = if closer(first) == first {
                end - 1
            } else {
                let rest = &self.text[end..];
                end + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
            };
            match self.delimited_end(second) {
                Some(second) => end = second,
                None => return false,
            }
        }
        if is_text {
            self.take(end, Zone::String);
        } else {
            self.at = end;
        }
        true
    }

    /// Returns whether a word of Perl's at the current byte is no variable, method, key or part of a name.
    fn may_be_operator(&self) -> bool {
        let before = self.text[..self.at]
            .last_chunk::<2>()
            .copied()
            .unwrap_or_default();
        match before[1] {
            b if is_word(b) || b"$@%*-".contains(&b) => false,
            b'&' => before[0] == b'&',
            b'>' => before[0] != b'-',
            b':' => before[0] != b':',
            b' ' => {
                // `sub s {`, `-> s`.
                let word = self.text[..self.at].trim_ascii_end();
                !word.ends_with(b"sub") && !word.ends_with(b"->")
            }
            _ => true,
        }
    }

    /// Returns whether a byte may delimit what an operator of Perl's quotes.
    fn is_delimiter(&self, at: usize, is_apart: bool) -> bool {
        let rest = &self.text[at.min(self.text.len())..];
        let (Some(byte), next) = (rest.first(), rest.get(1)) else {
            return false;
        };
        let is_blank = next.is_none_or(u8::is_ascii_whitespace);
        match byte {
            b'(' | b'{' | b'[' | b'/' | b'|' | b'!' | b'"' | b'\'' => true,
            _ if is_apart => false,
            b'#' | b'<' | b'~' | b'%' | b'^' | b'@' | b'&' | b'`' | b'?' | b'+' | b'*' | b'.' => {
                true
            }
            b'=' => !is_blank && !matches!(next, Some(b'>' | b'=' | b'~')),
            b':' => !is_blank && next != Some(&b':'),
            b',' => !is_blank,
            _ => false,
        }
    }

    /// Passes over a variable whose name is a sign: `$"`, `$'`, `$#`.
    pub(super) fn perl_variable(&mut self) -> bool {
        let next = self.text.get(self.at + 1);
        let is_sign = next.is_some_and(|b| b"\"'`/#;\\,!".contains(b));
        self.at += 2 * usize::from(is_sign);
        is_sign
    }

    /// Reads documentation: from `=word` in the first column to the end of the line of `=cut`.
    pub(super) fn pod(&mut self) -> bool {
        let next = self.text.get(self.at + 1);
        if !self.is_line_begin(self.at) || !next.is_some_and(u8::is_ascii_alphabetic) {
            return false;
        }
        let end = self.pod_end(self.at);
        self.take(end, Zone::Comment);
        true
    }

    fn pod_end(&self, from: usize) -> usize {
        let rest = &self.text[from..];
        if rest.starts_with(b"=cut") {
            return self.line_end(from);
        }
        memmem::find(rest, b"\n=cut").map_or(self.text.len(), |cut| self.line_end(from + cut + 1))
    }

    /// Reads what follows `__END__` or `__DATA__` on a line of its own: data, with documentation in it.
    pub(super) fn data_section(&mut self) -> bool {
        let line = &self.text[self.at..self.line_end(self.at)];
        let is_perl = self.rules.has_perl_data;
        let is_mark = line.trim_ascii_end() == b"__END__"
            || (is_perl && line.trim_ascii_end() == b"__DATA__");
        if !is_mark || !self.is_line_begin(self.at) {
            return false;
        }
        self.at = self.line_end(self.at);
        self.put(self.at, Zone::Code);
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let pods = memmem::find_iter(rest, b"\n=").map(|at| self.at + at + 1);
            let mut pods = pods
                .filter(|at| is_perl && self.text.get(at + 1).is_some_and(u8::is_ascii_alphabetic));
            let begin = pods.next().unwrap_or(self.text.len());
            self.put(begin, Zone::String);
            let end = if begin < self.text.len() {
                self.pod_end(begin)
            } else {
                begin
            };
            self.put(end, Zone::Comment);
            self.at = end;
        }
        true
    }

    /// Reads `%q(…)`, `%w[…]`, `%(…)` (Ruby, Crystal); `%r` stays code.
    pub(super) fn percent_literal(&mut self) -> bool {
        if self.is_hopeless() {
            return false;
        }
        let rest = &self.text[self.at + 1..];
        let letter = rest.first().copied().filter(|b| b"qQwWiIrsx".contains(b));
        let open = self.at + 1 + usize::from(letter.is_some());
        let Some(delimiter) = self.text.get(open).copied() else {
            return false;
        };
        let is_open = delimiter.is_ascii_punctuation() && !b"=,;)]}".contains(&delimiter);
        let is_bracket = b"([{<|".contains(&delimiter);
        let before = self.text[..self.at].trim_ascii_end();
        let is_apart = self.before().is_none_or(|b| b.is_ascii_whitespace());
        let is_number = before.last().is_some_and(u8::is_ascii_digit);
        let may_begin = self.begins_value(before) || (letter.is_some() && is_apart && !is_number);
        if !is_open || !may_begin || (letter.is_none() && !is_bracket) {
            return false;
        }
        let Some(end) = self.delimited_end(open) else {
            return false;
        };
        if letter == Some(b'r') {
            self.at = end;
            return true;
        }
        let has_gaps = matches!(letter, None | Some(b'Q' | b'W' | b'I' | b'x'));
        self.take_text(end, if has_gaps { HASH } else { &[] });
        true
    }

    /// Passes over a character: `?"`, `?\n` (Ruby). `a ? "b" : c` has a blank there.
    pub(super) fn ruby_character(&mut self) -> bool {
        let rest = &self.text[self.at + 1..];
        let Some(byte) = rest.first().copied().filter(|b| !b.is_ascii_whitespace()) else {
            return false;
        };
        let len = if byte == b'\\' { 2 } else { 1 };
        let next = rest.get(len).copied();
        let before = self.text[..self.at].trim_ascii_end();
        let is_end = next.is_none_or(|b| b.is_ascii_whitespace() || b",.)];}".contains(&b));
        let is_apart = self
            .before()
            .is_none_or(|b| !is_word(b) && !b")]}\"'".contains(&b));
        let is_one =
            is_apart && !next.is_some_and(is_word) && (is_end || self.begins_value(before));
        self.at += (1 + len) * usize::from(is_one);
        is_one
    }

    /// Passes over a character: `?"`, `?\"` (Elixir).
    pub(super) fn elixir_character(&mut self) -> bool {
        if self.before().is_some_and(is_word) {
            return false;
        }
        let is_escaped = self.text.get(self.at + 1) == Some(&b'\\');
        self.at = (self.at + 2 + usize::from(is_escaped)).min(self.text.len());
        true
    }

    /// Reads a sigil: `~s(…)`, `~S"""…"""` (Elixir, Erlang); `~r` stays code.
    pub(super) fn sigil(&mut self) -> bool {
        let rest = &self.text[self.at + 1..];
        let len = rest
            .iter()
            .take(8)
            .take_while(|b| b.is_ascii_alphabetic())
            .count();
        let open = self.at + 1 + len;
        let Some(delimiter) = self.text.get(open).copied() else {
            return false;
        };
        let is_open = b"([{</|\"'".contains(&delimiter) && (len > 0 || delimiter == b'"');
        if !is_open || self.before() == Some(b'~') || self.is_hopeless() {
            return false;
        }
        let triple = [delimiter; 3];
        let is_triple = b"\"'".contains(&delimiter) && self.text[open..].starts_with(&triple);
        let end = if is_triple {
            Some(self.behind(open + 3, &triple))
        } else {
            self.delimited_end(open)
        };
        let Some(end) = end else { return false };
        let letter = rest.first().copied().unwrap_or_default();
        if letter.eq_ignore_ascii_case(&b'r') {
            self.at = end;
            return true;
        }
        let gaps = if letter.is_ascii_lowercase() && self.rules.has_sigil_gaps {
            HASH
        } else {
            &[]
        };
        self.take_text(end, gaps);
        true
    }
}
