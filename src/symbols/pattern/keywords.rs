//! Definitions that a keyword announces: `def name`, `function name`, `struct name`.

use crate::model::{Symbol, SymbolKind, SymbolRole};
use memchr::memchr;
use std::collections::HashMap;
use std::sync::OnceLock;

/// One row a group of languages: their names with commas between, then each keyword with the kind of what it names.
/// A row that begins with `~` is of languages that do not tell capitals from small letters. The last row is for all others.
const TABLE: &str = "
Python, Starlark, Cython | def:function cdef:function cpdef:function class:class
Ruby, Crystal | def:method class:class module:module struct:struct macro:macro
Rust | fn:function struct:struct enum:enum union:union trait:trait mod:module type:type const:constant static:variable macro_rules!:macro
Go | func:function type:type
JavaScript, TypeScript, Vue, Svelte, CoffeeScript | function:function class:class interface:interface enum:enum namespace:module type:type
ActionScript | function:function class:class interface:interface
PHP | function:function class:class interface:interface trait:trait enum:enum
Lua | function:function
Kotlin | fun:function class:class interface:interface object:class typealias:type
Swift | func:function class:class struct:struct enum:enum protocol:interface typealias:type actor:class
Scala | def:function class:class object:class trait:trait type:type enum:enum
Perl | sub:function package:module
~Pascal | procedure:function function:function constructor:function destructor:function unit:module program:module
~Ada | procedure:function function:function package:module task:function type:type subtype:type
~Fortran | subroutine:function function:function module:module program:module
~VHDL | entity:class architecture:class package:module procedure:function function:function component:interface type:type
Verilog, SystemVerilog | module:module interface:interface class:class package:module function:function task:function program:module
Tcl, Expect | proc:function
Haskell | data:type newtype:type class:interface type:type module:module
OCaml, F# | let:function type:type module:module exception:type
Elixir | def:function defp:function defmacro:macro defmodule:module defprotocol:interface
Clojure | (defn:function (defn-:function (defmacro:macro (def:variable (defprotocol:interface (defrecord:struct
Lisp, Emacs Lisp | (defun:function (defmacro:macro (defvar:variable (defconst:constant (defstruct:struct (defclass:class (defcustom:variable
Scheme | (define:function (define-syntax:macro
Julia | function:function struct:struct module:module macro:macro
~SQL, PL/SQL | table:struct view:struct function:function procedure:function trigger:function type:type package:module index:variable
Protocol Buffers | message:struct enum:enum service:interface rpc:method
Thrift | struct:struct union:union enum:enum service:interface exception:struct
~Assembly | .macro:macro proc:function
Makefile | define:macro
~CMake | (function:function (macro:macro
~PowerShell | function:function filter:function class:class enum:enum
~Visual Basic | sub:function function:function class:class module:module property:method type:struct enum:enum
Vim Script | function:function function!:function
Awk | function:function func:function
Shell | function:function
Zig | fn:function
Nim | proc:function func:function template:macro macro:macro method:method
Kconfig | config:constant menuconfig:constant
GraphQL | type:struct interface:interface enum:enum input:struct
Batch, Forth, R, Lex, Yacc, Linker Script, Device Tree, Dockerfile, Meson, HTML, CSS, SCSS, Less |
~ | function:function procedure:function def:function class:class func:function sub:function struct:struct enum:enum interface:interface trait:trait module:module
";

/// The keywords of a language.
struct Keywords {
    kinds: HashMap<&'static str, SymbolKind>,
    is_caseless: bool,
}

fn table() -> &'static (HashMap<&'static str, usize>, Vec<Keywords>) {
    static TABLE_READ: OnceLock<(HashMap<&'static str, usize>, Vec<Keywords>)> = OnceLock::new();
    TABLE_READ.get_or_init(|| {
        let (mut languages, mut rows) = (HashMap::new(), Vec::new());
        for line in TABLE.lines() {
            let Some((names, words)) = line.split_once('|') else {
                continue;
            };
            let is_caseless = names.starts_with('~');
            for name in names.trim_start_matches('~').split(',').map(str::trim) {
                languages.insert(name, rows.len());
            }
            let kinds = words.split_whitespace().filter_map(|word| {
                let (keyword, kind) = word.rsplit_once(':')?;
                Some((keyword, kind.parse().ok()?))
            });
            rows.push(Keywords {
                kinds: kinds.collect(),
                is_caseless,
            });
        }
        (languages, rows)
    })
}

/// Finds what keywords announce in code, in which comments and strings are blank.
pub(super) fn symbols(language: &str, code: &[u8], found: &mut Vec<Symbol>) {
    let (languages, rows) = table();
    let row = languages.get(language).copied();
    let Some(keywords) = rows.get(row.unwrap_or(rows.len().saturating_sub(1))) else {
        return;
    };
    if keywords.kinds.is_empty() {
        return;
    }
    let mut from = 0;
    while from < code.len() {
        let end = memchr(b'\n', &code[from..]).map_or(code.len(), |end| from + end);
        if let Some(symbol) = announced(keywords, code, from, end) {
            found.push(symbol);
        }
        from = end + 1;
    }
}

/// Words of a line looked at: a keyword stands near its beginning.
const MOST_WORDS: usize = 12;

fn announced(keywords: &Keywords, code: &[u8], from: usize, end: usize) -> Option<Symbol> {
    let mut at = from;
    for _ in 0..MOST_WORDS {
        let (start, to) = word(code, at, end)?;
        let mut text = std::str::from_utf8(&code[start..to]).ok()?;
        let small;
        if keywords.is_caseless {
            small = text.to_ascii_lowercase();
            text = &small;
        }
        if let Some(kind) = keywords.kinds.get(text) {
            let name = name_behind(code, to, end)?;
            let symbol = Symbol {
                name: name.0 as u32..name.1 as u32,
                kind: *kind,
                role: SymbolRole::Definition,
                extent: from as u32..end as u32,
            };
            return Some(symbol);
        }
        // Behind an operator a keyword announces nothing.
        let gap = &code[to..];
        let next = gap.iter().position(|b| !matches!(b, b' ' | b'\t'))?;
        if matches!(gap[next], b'=' | b',' | b';' | b'{' | b'+' | b'?') {
            return None;
        }
        at = to;
    }
    None
}

/// Returns the next word, with the signs that keywords begin and end with.
fn word(code: &[u8], from: usize, end: usize) -> Option<(usize, usize)> {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b >= 0x80;
    let line = &code[from..end];
    let start = line
        .iter()
        .position(|b| is_part(*b) || matches!(b, b'(' | b'.'))?;
    let mut to = start + 1;
    while to < line.len() && is_part(line[to]) {
        to += 1;
    }
    if line.get(to) == Some(&b'!') {
        to += 1;
    }
    Some((from + start, from + to))
}

/// Returns the name that follows a keyword: behind a receiver, a star or the size of a vector.
fn name_behind(code: &[u8], from: usize, end: usize) -> Option<(usize, usize)> {
    let line = &code[from..end];
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'$' || b >= 0x80;
    let (mut at, mut depth) = (0, 0_usize);
    let mut found = None;
    while at < line.len() {
        match line[at] {
            b'(' | b'[' if found.is_none() => depth += 1,
            b')' | b']' if found.is_none() => depth = depth.saturating_sub(1),
            b' ' | b'\t' | b'*' | b'&' | b'!' => {}
            b if depth == 0 && is_part(b) => {
                let start = at;
                while at < line.len() && (is_part(line[at]) || is_joined(line, at)) {
                    at += 1;
                }
                let name = (from + start, from + at);
                // `create or replace`, `if not exists`, `is abstract`: words before the name.
                let text = line[start..at].to_ascii_lowercase();
                let is_filler = matches!(
                    text.as_slice(),
                    b"if"
                        | b"not"
                        | b"exists"
                        | b"body"
                        | b"automatic"
                        | b"rec"
                        | b"static"
                        | b"async"
                );
                if !is_filler {
                    found = Some(name);
                    break;
                }
                continue;
            }
            _ if depth > 0 => {}
            // A receiver alone, or a definition without a name.
            _ => break,
        }
        at += 1;
    }
    found
}

/// Returns whether a sign joins two parts of a name.
fn is_joined(line: &[u8], at: usize) -> bool {
    let next = |ahead: usize| line.get(at + ahead).copied().unwrap_or(0);
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let is_sign = matches!(line[at], b'.' | b':' | b'-' | b'\'');
    let is_path = line[at] == b':' && next(1) == b':' && is_letter(next(2));
    is_path || (is_sign && is_letter(next(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language;

    fn names(language: &str, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        symbols(language, text.as_bytes(), &mut found);
        found
            .iter()
            .map(|symbol| format!("{} {}", symbol.kind, symbol.name_in(text)))
            .collect()
    }

    #[test]
    fn the_table_is_sound() {
        let known: Vec<&str> = language::all().iter().map(|l| l.name).collect();
        for line in TABLE.lines().filter(|line| !line.is_empty()) {
            let (names, words) = line.split_once('|').unwrap();
            for name in names.trim_start_matches('~').split(',').map(str::trim) {
                let is_known = name.is_empty() || name == "Svelte" || known.contains(&name);
                assert!(is_known, "{name} is no language");
            }
            for word in words.split_whitespace() {
                let (_, kind) = word.rsplit_once(':').unwrap();
                assert!(kind.parse::<SymbolKind>().is_ok(), "{word}");
            }
        }
    }

    #[test]
    fn keywords_announce_names() {
        for (language, text, wanted) in [
            (
                "Python",
                "async def f(a):\n  x = def_y\nclass C:",
                &["function f", "class C"][..],
            ),
            (
                "Go",
                "func (r *T) Name(a int) {\ntype X struct {",
                &["function Name", "type X"],
            ),
            (
                "JavaScript",
                "export default async function* go() {",
                &["function go"],
            ),
            ("JavaScript", "x = function y() {}", &[]),
            ("Lua", "local function a.b:c(x)", &["function a.b:c"]),
            (
                "Perl",
                "sub x { }\npackage A::B;",
                &["function x", "module A::B"],
            ),
            ("Pascal", "PROCEDURE Foo;", &["function Foo"]),
            (
                "SQL",
                "CREATE TABLE IF NOT EXISTS t (a int);",
                &["struct t"],
            ),
            (
                "Verilog",
                "function automatic [7:0] f(input a);",
                &["function f"],
            ),
            ("Clojure", "(defn a-b [x] x)", &["function a-b"]),
            ("Rust", "pub(crate) unsafe fn f<T>() {", &["function f"]),
            ("Swift", "func f() {", &["function f"]),
            ("Zig", "pub fn main() void {", &["function main"]),
            ("COBOL", "function f", &["function f"]),
        ] {
            assert_eq!(names(language, text), wanted, "{language}: {text}");
        }
    }
}
