//! Erlang: functions and attributes, each of which begins in the first column and ends with a full stop.

use crate::model::{Symbol, SymbolKind, SymbolRole};
use memchr::memchr;
use std::ops::Range;

/// Attributes, with what they define.
const ATTRIBUTES: &[(&str, SymbolKind, SymbolRole)] = &[
    ("module", SymbolKind::Module, SymbolRole::Definition),
    ("record", SymbolKind::Struct, SymbolRole::Definition),
    ("define", SymbolKind::Macro, SymbolRole::Definition),
    ("type", SymbolKind::Type, SymbolRole::Definition),
    ("opaque", SymbolKind::Type, SymbolRole::Definition),
    ("nominal", SymbolKind::Type, SymbolRole::Definition),
    ("callback", SymbolKind::Function, SymbolRole::Definition),
    ("spec", SymbolKind::Function, SymbolRole::Declaration),
];

/// Finds the definitions of a text; `code` is the text with comments and strings blank, quoted atoms among them.
pub(super) fn symbols(text: &str, code: &[u8], found: &mut Vec<Symbol>) {
    let bytes = text.as_bytes();
    let (mut from, mut is_form, mut last) = (0, true, None);
    while from < code.len() {
        let end = memchr(b'\n', &code[from..]).map_or(code.len(), |end| from + end);
        let line = &code[from..end];
        if let Some((name, kind, role)) = form(&bytes[from..end]) {
            let name = from + name.start..from + name.end;
            // Clauses of one function stand below each other.
            let is_clause = |at: usize| {
                let symbol: &Symbol = &found[at];
                !is_form && symbol.name_in(text).as_bytes() == &bytes[name.clone()]
            };
            if !last.is_some_and(is_clause) && (bytes[from] == code[from] || bytes[from] == b'\'') {
                last = Some(found.len());
                found.push(Symbol {
                    name: name.start as u32..name.end as u32,
                    kind,
                    role,
                    extent: from as u32..end as u32,
                });
            }
        }
        let code = line.trim_ascii_end();
        if !code.is_empty() {
            is_form = code.ends_with(b".");
            if let Some(symbol) = last.and_then(|at| found.get_mut(at)) {
                symbol.extent.end = (from + code.len()) as u32;
            }
            if is_form {
                last = None;
            }
        }
        from = end + 1;
    }
}

/// Returns the name at the beginning of a line: `-type name(`, `name(`, `'Name'(`.
fn form(line: &[u8]) -> Option<(Range<usize>, SymbolKind, SymbolRole)> {
    let Some(rest) = line.strip_prefix(b"-") else {
        let name = atom(line, 0)?;
        let is_quoted = line[0] == b'\'';
        let behind = name.end + usize::from(is_quoted);
        let is_called = line.get(behind) == Some(&b'(');
        return is_called.then_some((name, SymbolKind::Function, SymbolRole::Definition));
    };
    let blanks = |at: usize| {
        line[at..]
            .iter()
            .take_while(|b| b" \t(".contains(b))
            .count()
    };
    let len = rest.iter().take_while(|b| b.is_ascii_lowercase()).count();
    let attribute = |(name, ..): &&(&str, SymbolKind, SymbolRole)| name.as_bytes() == &rest[..len];
    let (name, kind, role) = ATTRIBUTES.iter().find(attribute)?;
    let at = 1 + len + blanks(1 + len);
    if at == 1 + len {
        return None;
    }
    // Macros may have the names of variables.
    let place = if *name == "define" {
        let len = word(line.get(at..)?);
        (len > 0).then_some(at..at + len)
    } else {
        None
    };
    Some((place.or_else(|| atom(line, at))?, *kind, *role))
}

/// Returns the atom at a byte of a line, without its quotes.
fn atom(line: &[u8], at: usize) -> Option<Range<usize>> {
    match line.get(at)? {
        b'\'' => {
            let len = memchr(b'\'', line.get(at + 1..)?)?;
            (len > 0).then_some(at + 1..at + 1 + len)
        }
        b if b.is_ascii_lowercase() => Some(at..at + word(&line[at..])),
        _ => None,
    }
}

fn word(line: &[u8]) -> usize {
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'_' | b'@') || **b >= 0x80;
    line.iter().take_while(is_part).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language;

    #[test]
    fn functions_and_attributes_are_found_to_their_full_stop() {
        let text = "-module(m).\n-type t() :: integer()\n  | atom().\n-opaque 'T-2'() :: x.\n-callback init(X) -> ok.\n\
            -record(state, {a,\n  b}).\n-record('Odd', {}).\n-define(MAX, 1).\n-define(F(X), X).\n-spec f(x) -> y.\n\
            f(0) ->\n  g(1);\nf(X) -> X.\n'Odd-Name'(X) ->\n  X.\nf(1, 2) -> 3.\n\"text\n-type no() :: x\". % f(\n  h(X) -> 1.\n";
        let known = language::by_name("Erlang");
        let code = language::zones(known, text.as_bytes()).blanked(text);
        let mut found = Vec::new();
        symbols(text, &code, &mut found);
        let lines = |s: &Symbol| {
            text[s.extent.start as usize..s.extent.end as usize]
                .lines()
                .count()
        };
        let rows = found.iter();
        let rows = rows.map(|s| format!("{} {} {} {}", s.role, s.kind, s.name_in(text), lines(s)));
        assert_eq!(
            rows.collect::<Vec<_>>(),
            [
                "definition module m 1",
                "definition type t 2",
                "definition type T-2 1",
                "definition function init 1",
                "definition struct state 2",
                "definition struct Odd 1",
                "definition macro MAX 1",
                "definition macro F 1",
                "declaration function f 1",
                "definition function f 3",
                "definition function Odd-Name 2",
                "definition function f 1",
            ]
        );
    }
}
