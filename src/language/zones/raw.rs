//! Strings in which nothing is escaped.

use super::literal::BEFORE;
use super::rules::Raw;
use super::scan::{Scanner, is_word};
use crate::model::Zone;
use memchr::memmem;

impl Scanner<'_> {
    /// Reads a raw string whose quote is the current byte.
    pub(super) fn raw(&mut self) -> bool {
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
                self.behind(self.at + 1 + paren, &close)
            }
            // Any name before a string makes it raw; two quotes are one.
            Raw::Nim if hashes == 0 && head.last().copied().is_some_and(is_word) => {
                if self.starts_with(b"\"\"\"") {
                    return false;
                }
                self.doubled_end(self.at + 1)
            }
            _ => return false,
        };
        self.take(end, Zone::String);
        true
    }

    /// Returns the byte behind the next such mark, or the end of the text.
    pub(super) fn behind(&self, from: usize, mark: &[u8]) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        memmem::find(rest, mark).map_or(self.text.len(), |at| from + at + mark.len())
    }

    /// Returns the byte behind a string of one line in which two quotes are one.
    fn doubled_end(&self, mut at: usize) -> usize {
        loop {
            match self.text.get(at..).unwrap_or_default() {
                [b'"', b'"', ..] => at += 2,
                [b'"', ..] => return at + 1,
                [] | [b'\n', ..] => return at,
                _ => at += 1,
            }
        }
    }

    fn hash_end(&self, hashes: usize) -> usize {
        let hashes = &[b'#'; BEFORE][..hashes];
        let is_triple = self.rules.raw == Raw::Swift && self.starts_with(b"\"\"\"");
        let quotes: &[u8] = if is_triple { b"\"\"\"" } else { b"\"" };
        self.behind(self.at + quotes.len(), &[quotes, hashes].concat())
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
        Some(self.behind(from, &close))
    }

    pub(super) fn bracket(&mut self) -> bool {
        let Some(end) = self.bracket_end(self.at) else {
            return false;
        };
        self.take(end, Zone::String);
        true
    }
}
