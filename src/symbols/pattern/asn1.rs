//! ASN.1 and MIB modules by the look of their assignments, where the grammar has none or fails.
//!
//! An assignment ends where the next one begins.

use super::tokens::{Token, Tokens};
use crate::model::{Symbol, SymbolKind, SymbolRole};
use std::ops::Range;

/// Macros of SNMP's modules, each of which makes the name before it an object.
const MACROS: &[&[u8]] = &[
    b"AGENT-CAPABILITIES",
    b"MODULE-COMPLIANCE",
    b"MODULE-IDENTITY",
    b"NOTIFICATION-GROUP",
    b"NOTIFICATION-TYPE",
    b"OBJECT",
    b"OBJECT-GROUP",
    b"OBJECT-IDENTITY",
    b"OBJECT-TYPE",
    b"TRAP-TYPE",
];

/// Finds the assignments of a module in code, in which comments and strings are blank.
pub(super) fn symbols(language: &str, code: &[u8], found: &mut Vec<Symbol>) {
    let mut tokens = Tokens::new(code, b"-");
    let mut module = Module {
        code,
        found,
        depth: 0,
        first: None,
        before: None,
        header: None,
        open: None,
        module: None,
    };
    let is_mib = language == "MIB";
    let mut last: Option<Token> = None;
    while let Some(token) = tokens.next() {
        module.token(&tokens, &token, last.as_ref(), is_mib);
        last = Some(token);
    }
    module.close(code.len());
}

struct Module<'a> {
    code: &'a [u8],
    found: &'a mut Vec<Symbol>,
    /// Braces and parentheses open.
    depth: u32,
    /// The first word of the line, and of the line with a word before it, outside of braces.
    first: Option<Range<usize>>,
    before: Option<Range<usize>>,
    /// The name before `DEFINITIONS`, whose `::=` was not read yet.
    header: Option<Range<usize>>,
    /// The assignment that is not over, and the module.
    open: Option<usize>,
    module: Option<usize>,
}

impl Module<'_> {
    fn token(&mut self, tokens: &Tokens<'_>, token: &Token, last: Option<&Token>, is_mib: bool) {
        let text = tokens.text(token);
        match text {
            b"{" | b"(" | b"[" => self.depth += 1,
            b"}" | b")" | b"]" => self.depth = self.depth.saturating_sub(1),
            // A module begins outside of all braces, whatever was open before.
            b"DEFINITIONS" => {
                self.header = self.first.take().or_else(|| self.before.take());
                self.depth = 0;
            }
            b"BEGIN" | b"END" if self.depth == 0 => {
                if text == b"END" {
                    self.close(token.place.start);
                    self.finish(self.module, token.place.end);
                    self.module = None;
                }
                (self.first, self.before) = (None, None);
                return;
            }
            _ => {}
        }
        if token.begins_line && self.depth == 0 {
            let word = Some(token.place.clone()).filter(|_| token.is_word);
            if let Some(first) = self.first.take() {
                self.before = Some(first);
            }
            self.first = word;
        }
        if text == b"::=" && self.depth == 0 {
            let name = self.first.take().or_else(|| self.before.take());
            if let Some(name) = self.header.take() {
                self.close(name.start);
                self.module = Some(self.push(name, SymbolKind::Module));
            } else if let Some(name) = name.filter(|_| !is_mib || !token.begins_line) {
                self.assign(name);
            }
        }
        let name = last.filter(|last| last.is_word && last.begins_line && self.depth == 0);
        if is_mib
            && let Some(name) = name.filter(|_| MACROS.contains(&text))
            && self.code[name.place.start].is_ascii_lowercase()
        {
            self.assign(name.place.clone());
        }
    }

    /// Begins an assignment, and ends the one before.
    fn assign(&mut self, name: Range<usize>) {
        let is_known = self.open.and_then(|at| self.found.get(at));
        if is_known.is_some_and(|symbol| symbol.name.start as usize == name.start) {
            return;
        }
        self.close(name.start);
        let text = &self.code[name.clone()];
        let is_type = text[0].is_ascii_uppercase();
        let kind = if is_type {
            SymbolKind::Type
        } else {
            SymbolKind::Constant
        };
        self.open = Some(self.push(name, kind));
    }

    fn push(&mut self, name: Range<usize>, kind: SymbolKind) -> usize {
        let name = name.start as u32..name.end as u32;
        self.found.push(Symbol {
            extent: name.clone(),
            name,
            kind,
            role: SymbolRole::Definition,
        });
        self.found.len() - 1
    }

    /// Ends the assignment that is not over before a byte.
    fn close(&mut self, end: usize) {
        let open = self.open.take();
        self.finish(open, end);
        if end == self.code.len() {
            self.finish(self.module, end);
        }
    }

    fn finish(&mut self, symbol: Option<usize>, end: usize) {
        let Some(symbol) = symbol.and_then(|at| self.found.get_mut(at)) else {
            return;
        };
        let from = symbol.extent.start as usize;
        let len = self.code[from..end.max(from)].trim_ascii_end().len() as u32;
        symbol.extent.end = symbol.extent.end.max(symbol.extent.start + len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(language: &str, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        symbols(language, text.as_bytes(), &mut found);
        let lines = |s: &Symbol| {
            text[s.extent.start as usize..s.extent.end as usize]
                .lines()
                .count()
        };
        found
            .iter()
            .map(|s| format!("{} {} {}", s.kind, s.name_in(text), lines(s)))
            .collect()
    }

    #[test]
    fn assignments_of_every_shape_are_found_to_their_end() {
        let text = "Acme-Msgs { iso(1) } DEFINITIONS\nAUTOMATIC TAGS ::=\nBEGIN\nIMPORTS A, b FROM C;\n\
            Foo ::= SEQUENCE {\n  a INTEGER,\n  b Bar ::= 1\n}\n  id-Foo  Ies ::= 12\nBox {T : p} ::= CHOICE { t T }\n\
            Set ACME-IES ::= {\n  { ID a } |\n  { ID b },\n  ...\n}\nlong OBJECT IDENTIFIER\n  ::= { iso 3 }\n\
            ACME ::= CLASS { &id INTEGER }\nEND\n";
        assert_eq!(
            names("ASN.1", text),
            [
                "module Acme-Msgs 19",
                "type Foo 4",
                "constant id-Foo 1",
                "type Box 1",
                "type Set 5",
                "constant long 2",
                "type ACME 1",
            ]
        );
    }

    #[test]
    fn objects_of_a_mib_are_found() {
        let text = "ACME-MIB DEFINITIONS ::= BEGIN\nIMPORTS MODULE-IDENTITY, OBJECT-TYPE, enterprises\n  FROM SNMPv2-SMI;\n\
            acme MODULE-IDENTITY\n  LAST-UPDATED x\n  ::= { enterprises 1 }\nacmeTable OBJECT-TYPE\n  SYNTAX SEQUENCE OF AcmeEntry\n\
            \x20 ::= { acme 1 }\nAcmeEntry ::= SEQUENCE {\n  acmeIndex INTEGER\n}\nacmeUp NOTIFICATION-TYPE\n  ::= { acme 2 }\n\
            acmeRoot OBJECT IDENTIFIER ::= { acme 3 }\nAcmeName ::= TEXTUAL-CONVENTION\n  SYNTAX OCTET STRING\nEND\n";
        assert_eq!(
            names("MIB", text),
            [
                "module ACME-MIB 18",
                "constant acme 3",
                "constant acmeTable 3",
                "type AcmeEntry 3",
                "constant acmeUp 2",
                "constant acmeRoot 1",
                "type AcmeName 2",
            ]
        );
    }
}
