//! Languages within others: what lies outside of PHP's tags, scripts and styles of a page, bodies of functions in SQL.

use super::rules::{self, Rules};
use super::scan::{Scanner, is_word};
use crate::language::by_name;
use crate::model::Zone;
use memchr::{memchr, memmem};

/// Returns the rules of a language for a text.
fn rules_of(language: &str, text: &[u8]) -> Option<&'static Rules> {
    rules::of(by_name(language)?, text)
}

impl Scanner<'_> {
    /// Takes the text up to the next tag of PHP for a string: the program prints it.
    pub(super) fn template(&mut self, from: usize) {
        let mut at = from;
        while let Some(found) = memmem::find(self.text.get(at..).unwrap_or_default(), b"<?") {
            at += found;
            let behind = self.text.get(at + 2..).unwrap_or_default();
            let is_name = |name: &[u8]| {
                behind
                    .get(..name.len())
                    .is_some_and(|b| b.eq_ignore_ascii_case(name))
            };
            let len = match behind.first() {
                Some(b'=') => 3,
                _ if is_name(b"php") => 5,
                None | Some(b' ' | b'\t' | b'\n') => 2,
                _ => {
                    at += 2;
                    continue;
                }
            };
            self.put(at, Zone::String);
            self.at = at + len;
            return;
        }
        self.put(self.text.len(), Zone::String);
        self.at = self.text.len();
    }

    /// Leaves PHP at `?>`.
    pub(super) fn leave_template(&mut self) -> bool {
        if !self.starts_with(b"?>") || memmem::find(self.text, b"<?").is_none() {
            return false;
        }
        self.put(self.at + 2, Zone::Code);
        self.template(self.at + 2);
        true
    }

    /// Reads the code of a server page, whose `<` is the current byte, or notes that a script or style begins.
    pub(super) fn embedded(&mut self) -> bool {
        let rest = &self.text[self.at..];
        if rest.starts_with(b"<%") && !rest.starts_with(b"<%--") && self.rules.pages.is_some() {
            let end = memmem::find(rest, b"%>").map_or(rest.len(), |end| end) + self.at;
            let language = match self.rules.pages {
                Some("") => {
                    let head = &self.text[..self.text.len().min(1024)];
                    let is_sharp = memmem::find(head, b"C#").is_some();
                    if is_sharp { "C#" } else { "Visual Basic" }
                }
                other => other.unwrap_or_default(),
            };
            match rules_of(language, rest) {
                Some(rules) => self.nested(rules, end),
                None => self.at = end,
            }
            return true;
        }
        let is_tag = |name: &[u8]| {
            let named = rest
                .get(1..=name.len())
                .is_some_and(|b| b.eq_ignore_ascii_case(name));
            named
                && !rest
                    .get(name.len() + 1)
                    .copied()
                    .is_some_and(|b| is_word(b) || b == b'-')
        };
        self.embeds = match () {
            () if !self.rules.has_scripts => None,
            () if is_tag(b"script") => Some("JavaScript"),
            () if is_tag(b"style") => Some("CSS"),
            () => None,
        };
        false
    }

    /// Reads the script or style behind a tag, whose `>` is the current byte.
    pub(super) fn behind_tag(&mut self) {
        let is_empty = self.before() == Some(b'/');
        self.at += 1;
        let Some(language) = self.embeds.take().filter(|_| !is_empty) else {
            return;
        };
        let close: &[u8] = if language == "CSS" {
            b"</style"
        } else {
            b"</script"
        };
        let mut at = self.at;
        let end = loop {
            let rest = self.text.get(at..).unwrap_or_default();
            let Some(found) = memmem::find(rest, b"</") else {
                break self.text.len();
            };
            at += found;
            let here = self.text.get(at..at + close.len());
            if here.is_some_and(|here| here.eq_ignore_ascii_case(close)) {
                break at;
            }
            at += 2;
        };
        if let Some(rules) = rules_of(language, self.text) {
            self.nested(rules, end);
        }
    }

    /// Reads a string between dollars (PostgreSQL): the body of a function or block as code, others as a string.
    pub(super) fn dollar_quote(&mut self) -> bool {
        if self.before().is_some_and(is_word) || self.is_hopeless() {
            return false;
        }
        let rest = &self.text[self.at + 1..];
        let len = rest.iter().take(64).take_while(|b| is_word(**b)).count();
        let is_tag =
            rest.get(len) == Some(&b'$') && rest.first().is_none_or(|b| !b.is_ascii_digit());
        if !is_tag {
            return false;
        }
        let tag = &self.text[self.at..self.at + len + 2];
        let from = self.at + tag.len();
        let Some(found) = memmem::find(&self.text[from..], tag) else {
            self.endless += 1;
            return false;
        };
        let end = from + found;
        let before = self.text[..self.at].trim_ascii_end();
        let len = before
            .iter()
            .rev()
            .take(4)
            .take_while(|b| is_word(**b))
            .count();
        let word = before[before.len() - len..].to_ascii_lowercase();
        if matches!(word.as_slice(), b"as" | b"do") {
            self.at = from;
            self.nested(self.rules, end);
            self.at = end + tag.len();
        } else {
            self.take(end + tag.len(), Zone::String);
        }
        true
    }

    /// Passes over the block scalar of YAML that the current byte introduces: it is text as it stands.
    pub(super) fn block_scalar(&mut self) -> bool {
        let line = &self.text[self.at..self.line_end(self.at)];
        let mut rest = line[1..].iter().skip_while(|b| b"+-123456789".contains(b));
        let is_end = match rest.find(|b| !matches!(b, b' ' | b'\t')) {
            None | Some(b'\r') => true,
            Some(byte) => *byte == b'#',
        };
        if !is_end || !self.before().is_none_or(|b| b.is_ascii_whitespace()) {
            return false;
        }
        let begin = memchr::memrchr(b'\n', &self.text[..self.at]).map_or(0, |end| end + 1);
        let indent = |line: &[u8]| line.iter().take_while(|b| **b == b' ').count();
        let outer = indent(&self.text[begin..self.at]);
        let (mut at, mut inner) = (self.line_end(self.at), None);
        while at < self.text.len() {
            let rest = &self.text[at + 1..];
            let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
            let deep = indent(line);
            if !line.trim_ascii().is_empty() {
                let least = *inner.get_or_insert(deep.max(outer + 1));
                if deep < least {
                    break;
                }
            }
            at += 1 + line.len();
        }
        self.at = at;
        true
    }
}
