//! Definitions by the look of a text: where there is no grammar, and where it fails. Every answer is approximate.
//!
//! Any text goes through in one pass. Languages that look like C are read by [`braces`], those of telecommunication by
//! their statements ([`telecom`], [`asn1`], [`erlang`]), the others by what [`keywords`] announce and what stands at the
//! beginning of a line ([`lines`]).

mod asn1;
mod braces;
mod c_tokens;
mod erlang;
mod keywords;
mod lex;
mod lines;
mod statement;
mod telecom;
mod tokens;

use super::tagged::Tag;
use crate::language::{self, Language};
use crate::model::{Symbol, SymbolKind, SymbolRole};
use braces::Dialect;
pub(super) use c_tokens::{ALONE, CToken, CTokenKind, c_tokens};

/// Changes whenever the patterns of a language, or what they take for code, do: it is part of the store's digest.
pub(super) const VERSION: &[u8] = b"patterns 2";

/// Languages whose functions are seen by the shape of statements, and whether types hold functions.
const BRACES: &[(&str, bool)] = &[
    ("C", false),
    ("Lex", false),
    ("OpenCL", false),
    ("GLSL", false),
    ("HLSL", false),
    ("Yacc", false),
    ("Objective-C", false),
    ("C#", true),
    ("C++", true),
    ("CUDA", true),
    ("D", true),
    ("Groovy", true),
    ("Java", true),
    ("Objective-C++", true),
    ("Vala", true),
];

/// Finds the definitions of a text, in no order.
pub(super) fn tags(language: &Language, text: &str) -> Vec<Tag> {
    let family = BRACES.iter().find(|(name, _)| *name == language.name);
    let symbols = if let Some((name, has_classes)) = family {
        let dialect = Dialect {
            has_classes: *has_classes,
            has_directives: *name != "Java",
            joins_lines: !["C#", "D", "Groovy", "Java", "Vala"].contains(name),
        };
        braces::symbols(text, dialect)
    } else {
        let code = language::zones(Some(language), text.as_bytes()).blanked(text);
        let mut found = Vec::new();
        match language.name {
            "ASN.1" | "MIB" => asn1::symbols(language.name, &code, &mut found),
            "Erlang" => erlang::symbols(text, &code, &mut found),
            name if telecom::reads(name) => telecom::symbols(name, text, &code, &mut found),
            name => {
                keywords::symbols(name, &code, &mut found);
                lines::symbols(name, &code, &mut found);
            }
        }
        found
    };
    let guess = |symbol| Tag {
        symbol,
        is_exact: false,
    };
    symbols.into_iter().map(guess).collect()
}

/// Returns whether a language has the attributes and the macros of C.
pub(super) fn is_c(language: &Language) -> bool {
    ["C", "C++", "CUDA", "OpenCL"].contains(&language.name)
}

/// Adds what the grammars of C leave open: which calls are of macros, by their names, and what the bodies of macros call.
/// Drops what recovery from errors takes for names.
pub(super) fn macros(text: &str, tags: &mut Vec<Tag>) {
    let mut found = Vec::new();
    tags.retain(|tag| !is_keyword(tag.symbol.name_in(text)));
    for tag in tags.iter_mut() {
        let symbol = &mut tag.symbol;
        let is_type = symbol.role == SymbolRole::Reference && symbol.kind == SymbolKind::Type;
        if is_type
            && text.as_bytes().get(symbol.name.end as usize) == Some(&b'(')
            && is_capital(symbol.name_in(text))
        {
            // `static DEFINE_MUTEX(name);` looks like a declaration.
            symbol.role = SymbolRole::Call;
        }
        if symbol.role == SymbolRole::Call && is_capital(symbol.name_in(text)) {
            symbol.kind = SymbolKind::Macro;
        }
        if symbol.role == SymbolRole::Definition && symbol.kind == SymbolKind::Macro {
            calls(text, symbol, &mut found);
        }
    }
    if !found.is_empty() {
        tags.extend(found);
        tags.sort_by_key(|tag| (tag.symbol.name.start, tag.symbol.role));
        tags.dedup_by_key(|tag| tag.symbol.name.start);
    }
}

/// Finds words before parentheses in the body of a macro.
fn calls(text: &str, symbol: &Symbol, found: &mut Vec<Tag>) {
    let (from, end) = (symbol.name.end as usize, symbol.extent.end as usize);
    let bytes = &text.as_bytes()[..end.max(from)];
    // The parameters stand directly behind the name.
    let parameters = bytes[from..].first() == Some(&b'(');
    let close = memchr::memchr(b')', &bytes[from..]).filter(|_| parameters);
    let mut at = from + close.unwrap_or(0);
    while let Some(open) = memchr::memchr(b'(', &bytes[at..]) {
        let open = at + open;
        at = open + 1;
        let before = &bytes[from..open];
        let len = before
            .iter()
            .rev()
            .take_while(|b| lex::is_word(**b))
            .count();
        let name = open - len..open;
        let word = &text[name.clone()];
        let is_name = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if len > super::tagged::LONGEST_NAME || !is_name || is_keyword(word) {
            continue;
        }
        let place = name.start as u32..name.end as u32;
        let kind = if is_capital(word) {
            SymbolKind::Macro
        } else {
            SymbolKind::Function
        };
        found.push(Tag {
            symbol: Symbol {
                name: place.clone(),
                kind,
                role: SymbolRole::Call,
                extent: place,
            },
            is_exact: false,
        });
    }
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "if" | "for"
            | "while"
            | "switch"
            | "return"
            | "sizeof"
            | "defined"
            | "do"
            | "else"
            | "typeof"
            | "__typeof__"
            | "__attribute__"
            | "alignof"
            | "_Alignof"
            | "case"
            | "goto"
            | "struct"
            | "union"
            | "enum"
            | "static"
            | "const"
            | "extern"
    )
}

/// Returns whether a name is written as macros are.
fn is_capital(name: &str) -> bool {
    name.len() > 1
        && name.bytes().any(|b| b.is_ascii_uppercase())
        && !name.bytes().any(|b| b.is_ascii_lowercase())
}
