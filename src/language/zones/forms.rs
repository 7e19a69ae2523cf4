//! Forms of single languages that no mark of comments or strings describes.

use super::rules::Gap;
use super::scan::{ENDLESS, Scanner, is_word};
use crate::model::Zone;
use memchr::memchr;

/// The bytes at which a form may begin, and what reads it there. It returns whether it is one; if it is, the current byte is
/// behind it.
pub(super) type Form = (&'static [u8], fn(&mut Scanner<'_>) -> bool);

const BACKTICK_NAME: Form = (b"`", |s| s.backtick_name());
const BARRED_NAME: Form = (b"|", |s| s.barred_name());

/// Returns the forms of a language.
pub(super) fn of(language: &str) -> &'static [Form] {
    match language {
        "Perl" => &[
            (b"qmsty", |s| s.perl_quote()),
            (b"$", |s| s.perl_variable()),
            (b"=", |s| s.pod()),
            (b"_", |s| s.data_section()),
        ],
        "Ruby" => &[
            (b"%", |s| s.percent_literal()),
            (b"?", |s| s.ruby_character()),
            (b"$", |s| s.perl_variable()),
            (b"_", |s| s.data_section()),
        ],
        "Crystal" => &[(b"%", |s| s.percent_literal())],
        "PHP" => &[(b"?", |s| s.leave_template())],
        "Elixir" => &[(b"?", |s| s.elixir_character()), (b"~", |s| s.sigil())],
        "Erlang" => &[(b"~", |s| s.sigil())],
        "SQL" | "PL/SQL" => &[
            (b"$", |s| s.dollar_quote()),
            (b"qQ", |s| s.oracle_quote()),
            BACKTICK_NAME,
            (b"[", |s| s.bracketed_name()),
        ],
        "PowerShell" => &[(b"@", |s| s.here_string())],
        "D" => &[(b"q", |s| s.delimited_string())],
        "R" => &[(b"rR", |s| s.r_raw_string()), BACKTICK_NAME],
        "Vim Script" => &[(b"\"", |s| s.vim_string())],
        "Zig" => &[(b"\\", |s| s.line_string())],
        "Nix" => &[(b"'", |s| s.indented_string())],
        "Jsonnet" => &[(b"|", |s| s.text_block()), (b"@", |s| s.jsonnet_verbatim())],
        "OCaml" => &[(b"{", |s| s.quoted_string())],
        "F#" => &[BACKTICK_NAME],
        "Kotlin" | "Scala" | "Swift" => &[BACKTICK_NAME],
        "Lisp" | "Scheme" => &[BARRED_NAME],
        "VHDL" => &[(b"\\", |s| s.extended_name())],
        "Verilog" | "SystemVerilog" => &[(b"\\", |s| s.escaped_name())],
        "Prolog" | "Logtalk" => &[(b"0", |s| s.prolog_character())],
        "SCSS" | "Less" | "CSS" => &[(b"uU", |s| s.address())],
        "Groovy" => &[(b"$", |s| s.dollar_slashy())],
        "YAML" => &[(b"|>", |s| s.block_scalar())],
        "Batch" => &[(b"@", |s| s.silent_remark())],
        _ => &[],
    }
}

impl Scanner<'_> {
    /// Returns whether so many forms without an end were looked for that no further one is.
    pub(super) fn is_hopeless(&self) -> bool {
        self.endless >= ENDLESS
    }

    /// Takes a string up to the next mark behind `from`. Returns whether there is one.
    fn take_to(&mut self, from: usize, mark: &[u8], gaps: &[Gap]) -> bool {
        let rest = self.text.get(from..).unwrap_or_default();
        match memchr::memmem::find(rest, mark) {
            Some(found) => {
                self.take_text(from + found + mark.len(), gaps);
                true
            }
            None => {
                self.endless += 1;
                false
            }
        }
    }

    /// Returns where a byte occurs behind the current one on its line.
    fn on_line(&self, byte: u8) -> Option<usize> {
        let line = &self.text[self.at + 1..self.line_end(self.at + 1).max(self.at + 1)];
        memchr(byte, line).map(|found| self.at + 1 + found)
    }

    /// Passes over a name between backticks, in which quotes are letters.
    fn backtick_name(&mut self) -> bool {
        let Some(end) = self.on_line(b'`') else {
            return false;
        };
        // F# writes two of them.
        if end == self.at + 1 {
            self.at += 2;
            let end = self.on_line(b'`');
            self.at = end.map_or(self.at, |end| end + 2).min(self.text.len());
        } else {
            self.at = end + 1;
        }
        true
    }

    /// Passes over a symbol between bars (Common Lisp).
    fn barred_name(&mut self) -> bool {
        let end = self.on_line(b'|');
        self.at = end.map_or(self.at, |end| end + 1);
        end.is_some()
    }

    /// Passes over a name between brackets that holds an apostrophe (T-SQL).
    fn bracketed_name(&mut self) -> bool {
        let next = self.text.get(self.at + 1);
        let Some(end) = self
            .on_line(b']')
            .filter(|_| next.is_some_and(u8::is_ascii_alphabetic))
        else {
            return false;
        };
        let name = &self.text[self.at + 1..end];
        let is_name = memchr::memchr_iter(b'\'', name).count() == 1;
        if is_name {
            self.at = end + 1;
        }
        is_name
    }

    /// Passes over an extended identifier: `\a"b\` (VHDL).
    fn extended_name(&mut self) -> bool {
        let end = self.on_line(b'\\');
        self.at = end.map_or(self.at, |end| end + 1);
        end.is_some()
    }

    /// Passes over an escaped identifier, which a blank ends (Verilog).
    fn escaped_name(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let len = rest.iter().position(u8::is_ascii_whitespace);
        self.at += len.unwrap_or(rest.len());
        true
    }

    /// Reads a string of SQL between marks of its own choice: `q'[it's]'` (Oracle).
    fn oracle_quote(&mut self) -> bool {
        let before = self.before();
        let is_national = before.is_some_and(|b| matches!(b, b'n' | b'N'));
        let rest = &self.text[self.at..];
        if (before.is_some_and(is_word) && !is_national) || rest.get(1) != Some(&b'\'') {
            return false;
        }
        let Some(open) = rest.get(2).copied().filter(|b| !b.is_ascii_whitespace()) else {
            return false;
        };
        !self.is_hopeless() && {
            self.at += 1;
            let is_taken = self.take_to(self.at + 2, &[closer(open), b'\''], &[]);
            self.at -= usize::from(!is_taken);
            is_taken
        }
    }

    /// Reads a here-string: `@"`, lines, `"@` (`PowerShell`).
    fn here_string(&mut self) -> bool {
        const GAPS: &[Gap] = &[Gap {
            open: b"$(",
            close: b')',
        }];
        let Some(quote @ (b'"' | b'\'')) = self.text.get(self.at + 1).copied() else {
            return false;
        };
        let line = &self.text[self.at + 2..self.line_end(self.at + 2)];
        if self.is_hopeless() || !line.trim_ascii().is_empty() {
            return false;
        }
        let gaps = if quote == b'"' { GAPS } else { &[] };
        self.take_to(self.at + 2, &[b'\n', quote, b'@'], gaps)
    }

    /// Reads `q"(…)"`, `q"EOS`, lines, `EOS"` (D). What `q{` opens is code.
    fn delimited_string(&mut self) -> bool {
        if self.before().is_some_and(is_word) || !self.starts_with(b"q\"") || self.is_hopeless() {
            return false;
        }
        let rest = &self.text[self.at + 2..];
        let len = rest.iter().take_while(|b| is_word(**b)).count();
        let from = self.at + 2;
        self.at += 1;
        let close = match rest.first() {
            Some(_) if len > 0 => [b"\n", &rest[..len], b"\""].concat(),
            Some(open) => vec![closer(*open), b'"'],
            None => return false,
        };
        let is_taken = self.take_to(from, &close, &[]);
        self.at -= usize::from(!is_taken);
        is_taken
    }

    /// Reads `r"---(…)---"` (R).
    fn r_raw_string(&mut self) -> bool {
        let rest = &self.text[self.at + 1..];
        let Some(quote @ (b'"' | b'\'')) = rest.first().copied() else {
            return false;
        };
        let dashes = rest[1..].iter().take_while(|b| **b == b'-').count();
        let open = rest.get(1 + dashes).copied();
        let Some(open) = open.filter(|b| b"([{".contains(b)) else {
            return false;
        };
        if self.before().is_some_and(is_word) || self.is_hopeless() {
            return false;
        }
        let close = [&[closer(open)], &rest[1..=dashes], &[quote]].concat();
        self.at += 1;
        let is_taken = self.take_to(self.at + 1, &close, &[]);
        self.at -= usize::from(!is_taken);
        is_taken
    }

    /// Reads a string or a comment behind a command (Vim): a quote with a partner on its line opens a string, unless a value
    /// and a blank stand before it.
    fn vim_string(&mut self) -> bool {
        let line = self.line_end(self.at);
        let rest = &self.text[self.at + 1..line.max(self.at + 1)];
        let (mut at, mut end) = (0, None);
        while let Some(byte) = rest.get(at) {
            match byte {
                b'\\' => at += 1,
                b'"' => {
                    end = Some(self.at + at + 2);
                    break;
                }
                _ => {}
            }
            at += 1;
        }
        let before = self.text[..self.at].trim_ascii_end();
        let is_apart = self.before().is_some_and(|b| matches!(b, b' ' | b'\t'));
        let is_value = before.last().is_some_and(|b| b"\"')]}".contains(b));
        match end.filter(|_| !(is_apart && is_value)) {
            Some(end) => self.take(end, Zone::String),
            None => self.take(line, Zone::Comment),
        }
        true
    }

    /// Reads a line of a string: `\\ text` (Zig).
    fn line_string(&mut self) -> bool {
        let is_one = self.starts_with(b"\\\\");
        if is_one {
            self.take(self.line_end(self.at), Zone::String);
        }
        is_one
    }

    /// Reads `''…''` (Nix).
    fn indented_string(&mut self) -> bool {
        const GAPS: &[Gap] = &[Gap {
            open: b"${",
            close: b'}',
        }];
        if !self.starts_with(b"''") || self.before().is_some_and(is_word) || self.is_hopeless() {
            return false;
        }
        let mut at = self.at + 2;
        while let Some(found) = memchr::memmem::find(self.text.get(at..).unwrap_or_default(), b"''")
        {
            at += found + 2;
            match self.text.get(at) {
                Some(b'\'' | b'\\' | b'$') => at += 1,
                _ => {
                    self.take_text(at, GAPS);
                    return true;
                }
            }
        }
        self.endless += 1;
        false
    }

    /// Reads `|||`, lines, `|||` (Jsonnet).
    fn text_block(&mut self) -> bool {
        self.starts_with(b"|||") && !self.is_hopeless() && self.take_to(self.at + 3, b"|||", &[])
    }

    /// Reads `@'…'`, in which two quotes are one (Jsonnet).
    fn jsonnet_verbatim(&mut self) -> bool {
        let Some(quote @ (b'"' | b'\'')) = self.text.get(self.at + 1).copied() else {
            return false;
        };
        let mut at = self.at + 2;
        while let Some(found) = memchr(quote, self.text.get(at..).unwrap_or_default()) {
            at += found + 1;
            if self.text.get(at) != Some(&quote) {
                break;
            }
            at += 1;
        }
        self.at += 1;
        self.take(at, Zone::String);
        true
    }

    /// Reads `{name|…|name}` (OCaml).
    fn quoted_string(&mut self) -> bool {
        let rest = &self.text[self.at + 1..];
        let is_part = |b: &&u8| b.is_ascii_lowercase() || **b == b'_';
        let len = rest.iter().take_while(is_part).count();
        if rest.get(len) != Some(&b'|') || self.is_hopeless() {
            return false;
        }
        let close = [b"|", &rest[..len], b"}"].concat();
        self.take_to(self.at + len + 2, &close, &[])
    }

    /// Passes over the code of a character: `0'c`, `0'\n`, `0'''` (Prolog).
    fn prolog_character(&mut self) -> bool {
        if !self.starts_with(b"0'") || self.before().is_some_and(is_word) {
            return false;
        }
        let is_pair = matches!(self.text.get(self.at + 2), Some(b'\\' | b'\''));
        self.at = (self.at + 3 + usize::from(is_pair)).min(self.text.len());
        true
    }

    /// Passes over an address without quotes, whose slashes begin no comment (CSS).
    fn address(&mut self) -> bool {
        let is_address = self.starts_with(b"url(") && !self.before().is_some_and(is_word);
        let rest = self.text[self.at..]
            .get(4..)
            .unwrap_or_default()
            .trim_ascii_start();
        if !is_address || matches!(rest.first(), Some(b'"' | b'\'')) {
            return false;
        }
        let end = self.on_line(b')');
        self.at = end.map_or(self.at + 4, |end| end + 1);
        true
    }

    /// Reads `$/…/$` (Groovy).
    fn dollar_slashy(&mut self) -> bool {
        self.starts_with(b"$/") && !self.is_hopeless() && self.take_to(self.at + 2, b"/$", &[])
    }

    /// Reads a remark that is not shown: `@rem` (Batch).
    fn silent_remark(&mut self) -> bool {
        let word = self.text.get(self.at + 1..self.at + 4);
        let is_remark = word.is_some_and(|word| word.eq_ignore_ascii_case(b"rem"))
            && !self.text.get(self.at + 4).copied().is_some_and(is_word)
            && self.is_line_start();
        if is_remark {
            self.take(self.line_end(self.at), Zone::Comment);
        }
        is_remark
    }
}

/// Returns what closes what a character opens.
pub(super) fn closer(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        other => other,
    }
}
