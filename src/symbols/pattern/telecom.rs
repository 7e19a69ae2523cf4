//! Definitions in the statements of TTCN-3, YANG, P4, SDL, CHILL and PL/M, for which there is no grammar.
//!
//! One pass over the words. A definition ends with its braces, with its semicolon, or with the `END` that names it.

use super::statement::{End, Scanner, Statement};
use super::tokens::Tokens;
use crate::model::{Symbol, SymbolKind, SymbolRole};

/// How a language writes its statements.
struct Dialect {
    name: &'static str,
    /// Signs that join the parts of a name.
    joints: &'static [u8],
    is_caseless: bool,
    /// Reads the statement that begins with a word.
    read: fn(&mut Statement<'_, '_>, &[u8]),
}

const DIALECTS: &[Dialect] = &[
    Dialect {
        name: "TTCN-3",
        joints: b"",
        is_caseless: false,
        read: ttcn,
    },
    Dialect {
        name: "YANG",
        joints: b"-.",
        is_caseless: false,
        read: yang,
    },
    Dialect {
        name: "P4",
        joints: b"",
        is_caseless: false,
        read: p4,
    },
    Dialect {
        name: "SDL",
        joints: b"",
        is_caseless: true,
        read: sdl,
    },
    Dialect {
        name: "CHILL",
        joints: b"",
        is_caseless: true,
        read: chill,
    },
    Dialect {
        name: "PL/M",
        joints: b"$",
        is_caseless: true,
        read: plm,
    },
];

/// Returns whether definitions of a language are found here.
pub(super) fn reads(language: &str) -> bool {
    DIALECTS.iter().any(|dialect| dialect.name == language)
}

/// Finds the definitions of a text; `code` is the text with comments and strings blank.
pub(super) fn symbols(language: &str, text: &str, code: &[u8], found: &mut Vec<Symbol>) {
    let Some(dialect) = DIALECTS.iter().find(|dialect| dialect.name == language) else {
        return;
    };
    let mut scanner = Scanner {
        code,
        found,
        open: Vec::new(),
        depth: 0,
        parens: 0,
        is_caseless: dialect.is_caseless,
    };
    let mut tokens = Tokens::new(code, dialect.joints);
    let mut begins = true;
    let mut last_end = 0;
    while let Some(token) = tokens.next() {
        let word = scanner.folded(&token);
        scanner.close(&token, &word, tokens);
        // In some languages what follows a block needs no semicolon, and an attribute may stand before a statement.
        if token.is_word && (begins || token.begins_line) && scanner.parens == 0 {
            let mut statement = Statement {
                scanner: &mut scanner,
                text: text.as_bytes(),
                tokens,
                first: token.clone(),
                list_end: None,
            };
            (dialect.read)(&mut statement, &word);
            tokens = statement.list_end.unwrap_or(tokens);
        }
        let is_sign = matches!(word.as_slice(), b";" | b"{" | b"}" | b":" | b")");
        let is_modifier = matches!(
            word.as_slice(),
            b"private"
                | b"public"
                | b"friend"
                | b"const"
                | b"virtual"
                | b"exported"
                | b"redefined"
                | b"remote"
                | b"final"
        );
        begins = is_sign || is_modifier;
        last_end = token.place.end;
    }
    let all = scanner.open.len();
    scanner.finish(all, last_end);
}

fn ttcn(statement: &mut Statement<'_, '_>, word: &[u8]) {
    use SymbolKind::{
        Class, Constant, Enum, Function, Interface, Module, Struct, Type, Union, Variable,
    };
    let s = statement;
    match word {
        b"module" | b"group" => s.define_next(Module, End::Braces),
        b"function" | b"testcase" | b"altstep" | b"signature" => {
            if s.peek_is(b"@") {
                s.next();
                s.next();
            }
            let kind = if word == b"signature" {
                Interface
            } else {
                Function
            };
            s.define_next(kind, End::Braces);
        }
        b"external" if s.peek_is(b"function") => {
            s.next();
            s.define_next(Function, End::Braces);
        }
        b"template" => {
            s.skip_brackets();
            s.skip(&[b"omit", b"present", b"value"]);
            s.define_last(Constant, End::Braces);
        }
        b"modulepar" if s.peek_is(b"{") => {
            s.next();
            s.define_last(Constant, End::Name);
            for _ in 0..4000 {
                match s.next() {
                    Some((_, word)) if word == b";" => s.define_last(Constant, End::Name),
                    Some((_, word)) if word != b"}" => {}
                    _ => return,
                }
            }
        }
        b"const" | b"modulepar" => {
            s.skip(&[b"template"]);
            s.define_last(Constant, End::Semicolon);
        }
        b"port" if s.scanner.depth > 0 => s.define_last_of_two(Variable),
        b"type" => {
            let Some((_, what)) = s.next() else { return };
            let is_list = s.peek_is(b"of") || s.peek_is(b"length");
            let kind = match what.as_slice() {
                b"record" | b"set" if is_list => {
                    for _ in 0..4 {
                        if s.next().is_none_or(|(_, word)| word == b"of") {
                            break;
                        }
                        s.skip_brackets();
                    }
                    s.define_last(Type, End::Semicolon);
                    return;
                }
                b"record" | b"set" => Struct,
                b"union" => Union,
                b"enumerated" => Enum,
                b"port" => Interface,
                b"component" | b"class" => Class,
                _ => {
                    // The word after `type` may be of another module.
                    if s.peek_is(b".") {
                        s.next();
                        s.next();
                    }
                    Type
                }
            };
            s.define_next(kind, End::Braces);
            if kind == Enum {
                s.define_values();
            }
        }
        _ => {}
    }
}

fn yang(statement: &mut Statement<'_, '_>, word: &[u8]) {
    use SymbolKind::{Constant, Enumerator, Field, Function, Macro, Module, Struct, Type};
    let kind = match word {
        b"module" | b"submodule" => Module,
        b"container" | b"list" | b"grouping" | b"choice" | b"case" | b"notification" => Struct,
        b"leaf" | b"leaf-list" | b"anydata" | b"anyxml" => Field,
        b"typedef" => Type,
        b"identity" | b"feature" => Constant,
        b"extension" => Macro,
        b"rpc" | b"action" => Function,
        b"enum" | b"bit" => Enumerator,
        _ => return,
    };
    let s = statement;
    let from = s.first.place.end;
    let next = s.peek();
    let end = next.as_ref().map_or(from, |(token, _)| token.place.start);
    // A quoted name is blank in the code.
    let between = &s.text[from..end];
    let blanks = between.len() - between.trim_ascii_start().len();
    if let [quote @ (b'"' | b'\''), rest @ ..] = between.trim_ascii_start() {
        if let Some(len) = memchr::memchr(*quote, rest).filter(|len| *len > 0) {
            let start = from + blanks + 1;
            s.define(start..start + len, kind, End::Braces);
        }
        return;
    }
    if let Some((token, _)) = next.filter(|(token, _)| token.is_word) {
        s.define(token.place, kind, End::Braces);
    }
}

fn p4(statement: &mut Statement<'_, '_>, word: &[u8]) {
    use SymbolKind::{Class, Constant, Enum, Function, Interface, Struct, Type, Union};
    let s = statement;
    match word {
        b"parser" | b"control" | b"package" => s.define_next(Class, End::Braces),
        b"action" | b"state" => s.define_next(Function, End::Braces),
        b"table" | b"header" | b"struct" => s.define_next(Struct, End::Braces),
        b"header_union" => s.define_next(Union, End::Braces),
        b"enum" => {
            if s.peek_is(b"bit") || s.peek_is(b"int") {
                s.next();
                s.skip_brackets();
            }
            s.define_next(Enum, End::Braces);
            s.define_values();
        }
        b"typedef" | b"type" | b"const" => {
            let kind = if word == b"const" { Constant } else { Type };
            s.define_last(kind, End::Semicolon);
        }
        b"value_set" => {
            s.skip_brackets();
            s.skip_brackets();
            s.define_next(Constant, End::Semicolon);
        }
        b"extern" => {
            // `extern Name { … }`, `extern Name<T> { … }`, or `extern type name(…);`.
            let Some((first, _)) = s.next().filter(|(token, _)| token.is_word) else {
                return;
            };
            s.skip_brackets_in_type();
            match s.peek() {
                Some((name, _)) if name.is_word => s.define(name.place, Function, End::Braces),
                Some((_, word)) if word == b"(" => s.define(first.place, Function, End::Braces),
                _ => s.define(first.place, Interface, End::Braces),
            }
        }
        _ => {}
    }
}

fn sdl(statement: &mut Statement<'_, '_>, word: &[u8]) {
    use SymbolKind::{Constant, Function, Macro, Module, Struct, Type, Variable};
    let s = statement;
    match word {
        b"system" | b"block" | b"process" | b"service" | b"package" | b"procedure" | b"object"
        | b"value" | b"interface" => {
            s.skip(&[b"type"]);
            let kind = match word {
                b"process" | b"procedure" | b"service" => Function,
                b"object" | b"value" | b"interface" => Struct,
                _ => Module,
            };
            let mut ahead = s.tokens;
            let words = [ahead.next(), ahead.next()];
            let is_announced = words
                .iter()
                .flatten()
                .nth(1)
                .is_some_and(|token| s.scanner.folded(token) == b"referenced");
            if is_announced && let Some((name, _)) = s.next() {
                s.add(name.place, kind, SymbolRole::Declaration, End::Semicolon);
            } else {
                s.define_next(kind, End::Named);
            }
        }
        b"newtype" | b"syntype" | b"generator" => s.define_next(Type, End::Named),
        b"macrodefinition" => s.define_next(Macro, End::Named),
        b"signal" | b"signallist" | b"exception" | b"remote" => s.define_list(Struct),
        b"synonym" => s.define_list(Constant),
        b"timer" | b"dcl" => s.define_list(Variable),
        b"channel" => s.define_next(Variable, End::Named),
        b"signalroute" | b"gate" => s.define_next(Variable, End::Semicolon),
        _ => {}
    }
}

/// Adds what a label names: `name: PROC`.
fn labelled(statement: &mut Statement<'_, '_>, kinds: &[(&[u8], SymbolKind)]) -> bool {
    let s = statement;
    let name = s.first.place.clone();
    let mut ahead = s.tokens;
    let is_colon = ahead.next().is_some_and(|token| ahead.text(&token) == b":");
    let word = ahead.next().filter(|_| is_colon);
    let word = word
        .map(|token| s.scanner.folded(&token))
        .unwrap_or_default();
    let kind = kinds.iter().find(|(known, _)| *known == word);
    if let Some((_, kind)) = kind {
        s.define(name, *kind, End::Named);
    }
    kind.is_some()
}

fn chill(statement: &mut Statement<'_, '_>, word: &[u8]) {
    use SymbolKind::{Constant, Function, Module, Struct, Type, Variable};
    let kinds: &[(&[u8], SymbolKind)] = &[
        (b"proc", Function),
        (b"process", Function),
        (b"module", Module),
        (b"region", Module),
        (b"spec", Module),
    ];
    if labelled(statement, kinds) {
        return;
    }
    match word {
        b"syn" => statement.define_list(Constant),
        b"synmode" | b"newmode" => statement.define_list(Type),
        b"signal" => statement.define_list(Struct),
        b"dcl" => statement.define_list(Variable),
        _ => {}
    }
}

fn plm(statement: &mut Statement<'_, '_>, word: &[u8]) {
    use SymbolKind::{Function, Macro, Module, Variable};
    let is_outermost = statement.scanner.open.is_empty();
    let kinds: &[(&[u8], SymbolKind)] = if is_outermost {
        &[(b"procedure", Function), (b"do", Module)]
    } else {
        &[(b"procedure", Function)]
    };
    if labelled(statement, kinds) || !matches!(word, b"declare" | b"dcl") {
        return;
    }
    let s = statement;
    // `DECLARE NAME LITERALLY '…', (A, B) BYTE, C ADDRESS;`
    let (mut expects, mut in_list) = (true, false);
    loop {
        s.list_end = Some(s.tokens);
        let Some((token, word)) = s.next() else {
            return;
        };
        match word.as_slice() {
            b";" => return,
            b"(" if expects => in_list = true,
            b"(" => {
                // A size, or initial values.
                while s
                    .next()
                    .is_some_and(|(_, word)| word != b")" && word != b";")
                {}
            }
            b")" => (in_list, expects) = (false, false),
            b"," => expects = true,
            _ if token.is_word && expects => {
                let is_text = s.peek_is(b"literally") || s.peek_is(b"lit");
                let kind = if is_text { Macro } else { Variable };
                s.define(token.place, kind, End::Semicolon);
                expects = in_list;
            }
            _ => {}
        }
        if word == b"," && in_list {
            expects = true;
        }
    }
}

#[cfg(test)]
mod tests;
