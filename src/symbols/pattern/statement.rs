//! A statement of a language without a grammar, and the definitions that are not over yet.

use super::tokens::{Token, Tokens};
use crate::model::{Symbol, SymbolKind, SymbolRole};
use std::ops::Range;

/// A definition that is not over.
pub(super) struct Open {
    symbol: usize,
    depth: u32,
    /// Its braces are open.
    has_braces: bool,
    /// The word that ends it.
    end: End,
}

/// What ends a definition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Its braces, or a semicolon.
    Braces,
    /// A semicolon.
    Semicolon,
    /// `END` and its name, or `ENDPROC` and the like.
    Named,
    /// It is its name alone.
    Name,
}

pub(super) struct Scanner<'a> {
    pub code: &'a [u8],
    pub found: &'a mut Vec<Symbol>,
    pub open: Vec<Open>,
    /// Braces, brackets and parentheses open.
    pub depth: u32,
    /// Parentheses open: what stands in them is a parameter.
    pub parens: u32,
    pub is_caseless: bool,
}

/// Open definitions, at most: a module of a thousand procedures has two of them at a time.
const DEEPEST: usize = 256;

impl Scanner<'_> {
    pub(super) fn folded(&self, token: &Token) -> Vec<u8> {
        let text = &self.code[token.place.clone()];
        if self.is_caseless {
            text.to_ascii_lowercase()
        } else {
            text.to_vec()
        }
    }

    /// Ends what a token ends.
    pub(super) fn close(&mut self, token: &Token, word: &[u8], mut tokens: Tokens<'_>) {
        match word {
            b"(" => {
                self.depth += 1;
                self.parens += 1;
            }
            b"[" => self.depth += 1,
            b"{" => {
                if let Some(last) = self.open.last_mut() {
                    last.has_braces |= last.depth == self.depth && last.end == End::Braces;
                }
                self.depth += 1;
            }
            b")" => {
                self.depth = self.depth.saturating_sub(1);
                self.parens = self.parens.saturating_sub(1);
            }
            b"]" => self.depth = self.depth.saturating_sub(1),
            b"}" => {
                self.depth = self.depth.saturating_sub(1);
                let depth = self.depth;
                let ends =
                    |open: &Open| open.depth > depth || (open.depth == depth && open.has_braces);
                let count = self.open.iter().rev().take_while(|open| ends(open)).count();
                self.finish(count, token.place.end);
            }
            b";" => {
                let depth = self.depth;
                let ends =
                    |open: &Open| open.depth >= depth && !open.has_braces && open.end != End::Named;
                let count = self.open.iter().rev().take_while(|open| ends(open)).count();
                self.finish(count, token.place.end);
            }
            _ if self.is_caseless && word.starts_with(b"end") => {
                let name = tokens.next().filter(|token| token.is_word);
                let Some(name) = name.map(|token| token.place) else {
                    // `endprocess;` ends the innermost.
                    let is_innermost = self.open.last().is_some_and(|o| o.end == End::Named);
                    self.finish(usize::from(is_innermost && word.len() > 3), token.place.end);
                    return;
                };
                let same = |open: &Open| {
                    let symbol = &self.found[open.symbol].name;
                    let known = &self.code[symbol.start as usize..symbol.end as usize];
                    known.eq_ignore_ascii_case(&self.code[name.clone()])
                };
                if let Some(back) = self
                    .open
                    .iter()
                    .rev()
                    .position(|o| o.end == End::Named && same(o))
                {
                    self.finish(back + 1, name.end);
                }
            }
            _ => {}
        }
    }

    /// Ends the last definitions at a byte.
    pub(super) fn finish(&mut self, count: usize, end: usize) {
        for open in self.open.drain(self.open.len() - count..) {
            let symbol = &mut self.found[open.symbol];
            symbol.extent.end = symbol.extent.end.max(end as u32);
        }
    }
}

/// A statement and what may be read ahead of it.
pub(super) struct Statement<'s, 'a> {
    pub scanner: &'s mut Scanner<'a>,
    pub text: &'s [u8],
    /// Behind the first word.
    pub tokens: Tokens<'a>,
    pub first: Token,
    /// Before what ends a list that was read: its parts are not read again, however long it is.
    pub list_end: Option<Tokens<'a>>,
}

impl Statement<'_, '_> {
    /// Returns the next token, folded.
    pub(super) fn next(&mut self) -> Option<(Token, Vec<u8>)> {
        let token = self.tokens.next()?;
        let word = self.scanner.folded(&token);
        Some((token, word))
    }

    /// Returns the next token without going behind it.
    pub(super) fn peek(&self) -> Option<(Token, Vec<u8>)> {
        let mut ahead = self.tokens;
        let token = ahead.next()?;
        let word = self.scanner.folded(&token);
        Some((token, word))
    }

    pub(super) fn peek_is(&self, word: &[u8]) -> bool {
        self.peek().is_some_and(|(_, found)| found == word)
    }

    /// Goes behind brackets if they come next.
    pub(super) fn skip_brackets(&mut self) {
        if !self
            .peek()
            .is_some_and(|(_, word)| matches!(word.as_slice(), b"(" | b"[" | b"<"))
        {
            return;
        }
        let mut depth = 0_u32;
        // A list of parameters that is longer is none.
        for _ in 0..200 {
            let Some((_, word)) = self.next() else { return };
            match word.as_slice() {
                b"(" | b"[" | b"<" => depth += 1,
                b")" | b"]" | b">" => depth = depth.saturating_sub(1),
                b"{" | b"}" | b";" => return,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Goes behind words if they come next.
    pub(super) fn skip(&mut self, words: &[&[u8]]) {
        while self
            .peek()
            .is_some_and(|(_, word)| words.contains(&word.as_slice()))
        {
            self.next();
        }
    }

    /// Adds a definition with a name.
    pub(super) fn define(&mut self, name: Range<usize>, kind: SymbolKind, end: End) {
        self.add(name, kind, SymbolRole::Definition, end);
    }

    pub(super) fn add(&mut self, name: Range<usize>, kind: SymbolKind, role: SymbolRole, end: End) {
        let extent = self.first.place.start.min(name.start) as u32..name.end as u32;
        self.scanner.found.push(Symbol {
            name: name.start as u32..name.end as u32,
            kind,
            role,
            extent,
        });
        if end != End::Name && self.scanner.open.len() < DEEPEST {
            self.scanner.open.push(Open {
                symbol: self.scanner.found.len() - 1,
                depth: self.scanner.depth,
                has_braces: false,
                end,
            });
        }
    }

    /// Adds a definition whose name comes next.
    pub(super) fn define_next(&mut self, kind: SymbolKind, end: End) {
        if let Some((token, _)) = self.next().filter(|(token, _)| token.is_word) {
            self.define(token.place, kind, end);
        }
    }

    /// Adds a definition whose name is the last one of those that come next, before anything else: `template Type name`.
    /// One name alone is a type without a value.
    pub(super) fn define_last(&mut self, kind: SymbolKind, end: End) {
        let mut last = None;
        let mut names = 0;
        for _ in 0..16 {
            self.skip_brackets_in_type();
            match self.peek() {
                Some((token, _)) if token.is_word => {
                    last = Some(token.place);
                    names += 1;
                    self.next();
                }
                Some((_, word)) if word == b"." => {
                    // A name of another module.
                    self.next();
                    names -= 1;
                }
                _ => break,
            }
            if self.peek().is_some_and(|(_, word)| word == b"modifies") {
                break;
            }
        }
        if let Some(name) = last.filter(|_| names > 1) {
            self.define(name, kind, end);
        }
    }

    /// Goes behind `[…]` and `<…>`, which belong to a type; `(` begins parameters.
    pub(super) fn skip_brackets_in_type(&mut self) {
        let is_size = |word: &[u8]| matches!(word, b"[" | b"<");
        if self.peek().is_some_and(|(_, word)| is_size(&word)) {
            self.skip_brackets();
        }
    }

    /// Adds definitions of a list of names with commas between them, up to a semicolon; what stands in brackets or behind `=`
    /// is none.
    pub(super) fn define_list(&mut self, kind: SymbolKind) {
        let mut depth = 0_u32;
        let mut expects = true;
        loop {
            self.list_end = Some(self.tokens);
            let Some((token, word)) = self.next() else {
                return;
            };
            match word.as_slice() {
                b";" | b"{" | b"}" => return,
                b"(" | b"[" => depth += 1,
                b")" | b"]" => depth = depth.saturating_sub(1),
                b"," => expects |= depth == 0,
                _ if token.is_word && expects && depth == 0 => {
                    expects = false;
                    self.define(token.place, kind, End::Semicolon);
                }
                _ => {}
            }
        }
    }
}

impl Statement<'_, '_> {
    /// Adds the values of an enumeration, whose braces come next.
    pub(super) fn define_values(&mut self) {
        if !self.peek_is(b"{") {
            return;
        }
        self.next();
        let mut expects = true;
        for _ in 0..10_000 {
            let Some((token, word)) = self.next() else {
                return;
            };
            match word.as_slice() {
                b"}" | b"{" => return,
                b"," => expects = true,
                _ if token.is_word && expects => {
                    expects = false;
                    self.define(token.place, SymbolKind::Enumerator, End::Name);
                    self.skip_brackets();
                }
                _ => {}
            }
        }
    }

    /// Adds what the second of two names, which come next, defines.
    pub(super) fn define_last_of_two(&mut self, kind: SymbolKind) {
        let first = self.next().filter(|(token, _)| token.is_word);
        let second = self.next().filter(|(token, _)| token.is_word);
        if let (Some(_), Some((name, _))) = (first, second) {
            self.define(name.place, kind, End::Semicolon);
        }
    }
}
