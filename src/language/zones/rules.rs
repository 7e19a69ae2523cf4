//! What the table of languages does not say about comments and strings.

use super::ends::{LineEnds, Splice};
use crate::language::{Language, LanguageKind, all};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Where a mark must stand to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Anywhere,
    /// Where a word may begin: behind a blank or one of `;&|()`.
    WordStart,
    /// With only blanks before it on its line.
    LineStart,
    /// At the beginning of a line.
    FirstColumn,
    /// As a word of its own.
    Word,
    /// Not among other operator characters (Haskell's `-->` is no comment).
    Alone,
    /// As `WordStart`, with a blank behind it.
    Spaced,
    /// As `Spaced`, or at the beginning of a line that is no directive of a preprocessor.
    Assembler,
}

/// A kind of string.
#[allow(
    clippy::struct_excessive_bools,
    reason = "a row of a table of what languages differ in"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quote {
    pub mark: u8,
    pub escape: Option<u8>,
    pub spans_lines: bool,
    /// Three of it span lines.
    pub is_tripled: bool,
    /// A backslash has no meaning between three of them.
    pub is_raw_tripled: bool,
    /// It only opens a string where a word may begin.
    pub is_at_start: bool,
    /// What begins code within it, and the character that ends it.
    pub hole: Option<(&'static [u8], u8)>,
}

/// Strings in which nothing is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    None,
    /// `r"…"`, `br##"…"##`.
    Rust,
    /// `R"mark(…)mark"`.
    Cpp,
    /// `@"…"`, with `""` for a quote.
    CSharp,
    /// `#"…"#`.
    Swift,
}

/// Texts that begin on the next line and end at a line with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HereDoc {
    None,
    /// `<<WORD`, `<<-WORD`, `<<~WORD`, the word perhaps quoted; a bare word begins with a capital if that is asked for.
    Double {
        needs_capital: bool,
    },
    /// `<<<WORD`.
    Triple,
}

/// How a language writes comments and strings.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent habits, each there or not"
)]
pub(super) struct Rules {
    pub lines: Vec<(&'static [u8], Place)>,
    pub blocks: Vec<(&'static [u8], &'static [u8], Place)>,
    pub quotes: Vec<Quote>,
    pub nests: bool,
    /// What ends a line besides LF.
    pub ends: LineEnds,
    /// How a line, and a comment with it, goes on in the next one.
    pub splice: Splice,
    /// A line comment also ends behind its own mark: `-- a -- code`.
    pub comments_close: bool,
    /// What ends a line comment although it is no part of it: PHP's `?>`.
    pub leaves: Option<&'static [u8]>,
    /// `'x'` is a character, and `'` is also something else.
    pub has_ticks: bool,
    /// `'` within a number separates digits.
    pub has_separators: bool,
    /// `/…/` is a regex where a value may stand.
    pub has_regexes: bool,
    /// Strings stand in tags only.
    pub is_markup: bool,
    /// `$'…'` has escapes where `'…'` has none.
    pub takes_dollars: bool,
    /// `[[…]]` and `[=[…]=]`, also behind the mark of a comment.
    pub has_brackets: bool,
    /// What takes the character behind it, outside of strings.
    pub takes_next: &'static [&'static [u8]],
    pub raw: Raw,
    pub here: HereDoc,
    /// An asterisk in the seventh column makes the line a comment.
    pub has_columns: bool,
    /// The bytes at which anything can begin.
    pub starts: Box<[bool; 256]>,
}

/// Returns the rules of a language; nothing if its text is for people.
pub(super) fn of(language: &Language) -> Option<&'static Rules> {
    static RULES: OnceLock<HashMap<&'static str, Rules>> = OnceLock::new();
    let rules = RULES.get_or_init(|| {
        let code = all().iter().filter(|l| l.kind != LanguageKind::Document);
        code.map(|language| (language.name, make(language)))
            .collect()
    });
    rules.get(language.name)
}

const BACKSLASH: Option<u8> = Some(b'\\');

fn make(language: &Language) -> Rules {
    let name = language.name;
    let is = |names: &[&str]| names.contains(&name);
    let is_c = is(&["C", "C++", "CUDA", "Objective-C", "Objective-C++", "OpenCL"]);
    let mut blocks: Vec<_> = language
        .block_comments
        .iter()
        .map(|(open, close)| (open.as_bytes(), close.as_bytes(), block_place(name, open)))
        .collect();
    // Brackets of any level are comments there.
    blocks.retain(|(open, ..)| !open.ends_with(b"[["));
    if name == "Perl" {
        blocks.push((b"=pod", b"\n=cut", Place::FirstColumn));
        blocks.push((b"=head1", b"\n=cut", Place::FirstColumn));
    }
    // A longer mark must be tried before one that begins it.
    blocks.sort_by_key(|(open, ..)| std::cmp::Reverse(open.len()));
    let mut lines: Vec<_> = language
        .line_comments
        .iter()
        .map(|mark| (mark.as_bytes(), line_place(name, mark)))
        .collect();
    if name == "Fortran" {
        lines.push((b"c ", Place::FirstColumn));
        lines.push((b"C ", Place::FirstColumn));
        lines.push((b"*", Place::FirstColumn));
    }
    let has_ticks = TICKS.split('|').any(|of| of == name);
    let quotes = language
        .quotes
        .bytes()
        .filter(|mark| *mark != b'\'' || !has_ticks)
        .map(|mark| quote(name, mark))
        .collect();
    let mut rules = Rules {
        lines,
        blocks,
        quotes,
        nests: NESTED.split('|').any(|of| of == name),
        ends: LineEnds::of(name),
        splice: Splice::of(name),
        comments_close: is(&["ASN.1", "MIB"]),
        leaves: is(&["PHP"]).then_some(b"?>"),
        has_ticks,
        has_separators: is_c,
        has_regexes: is(&[
            "JavaScript",
            "TypeScript",
            "Vue",
            "CoffeeScript",
            "Ruby",
            "Awk",
        ]),
        is_markup: is(&["XML", "HTML", "Ant Build", "JSP", "ASP"]),
        takes_dollars: is(&["Shell", "BitBake"]),
        has_brackets: is(&["Lua", "CMake"]),
        takes_next: match name {
            "Shell" | "BitBake" | "Tcl" | "Expect" | "Makefile" | "Clojure" | "Perl" => &[b"\\"],
            "Erlang" | "Smalltalk" => &[b"$"],
            "Lisp" | "Scheme" => &[b"#\\"],
            "Emacs Lisp" => &[b"?\\", b"?"],
            "PowerShell" => &[b"`"],
            _ => &[],
        },
        raw: match name {
            "Rust" => Raw::Rust,
            "C++" | "CUDA" | "Objective-C++" => Raw::Cpp,
            "C#" | "F#" => Raw::CSharp,
            "Swift" => Raw::Swift,
            _ => Raw::None,
        },
        here: match name {
            "Shell" | "BitBake" | "HCL" => HereDoc::Double {
                needs_capital: false,
            },
            "Perl" | "Ruby" | "Crystal" => HereDoc::Double {
                needs_capital: true,
            },
            "PHP" => HereDoc::Triple,
            _ => HereDoc::None,
        },
        has_columns: name == "COBOL",
        starts: Box::new([false; 256]),
    };
    mark_starts(&mut rules);
    rules
}

fn mark_starts(rules: &mut Rules) {
    let mut firsts: Vec<u8> = rules.quotes.iter().map(|quote| quote.mark).collect();
    firsts.extend(rules.lines.iter().map(|(mark, _)| mark[0]));
    firsts.extend(rules.blocks.iter().map(|(mark, ..)| mark[0]));
    firsts.extend(rules.takes_next.iter().map(|mark| mark[0]));
    if let Some((_, close)) = rules.quotes.iter().find_map(|quote| quote.hole) {
        firsts.extend([close, opener(close)]);
    }
    for (is_there, bytes) in [
        (rules.has_ticks, &b"'"[..]),
        (rules.has_regexes, b"/"),
        (rules.is_markup, b"<>"),
        (rules.has_brackets, b"["),
        (rules.here != HereDoc::None, b"<\n"),
        (rules.has_columns, b"\n"),
    ] {
        if is_there {
            firsts.extend(bytes);
        }
    }
    for byte in firsts {
        // Marks that are words may be in either case.
        rules.starts[byte.to_ascii_lowercase() as usize] = true;
        rules.starts[byte.to_ascii_uppercase() as usize] = true;
    }
}

/// Returns what opens what the character closes.
pub(super) fn opener(close: u8) -> u8 {
    if close == b')' { b'(' } else { b'{' }
}

/// Languages in which `'x'` is a character while `'` alone is a lifetime, a type, an attribute or part of a name.
const TICKS: &str =
    "Rust|Haskell|OCaml|Ada|VHDL|F#|Scala|Julia|Zig|Nim|Elm|Crystal|Assembly|Device Tree";

const NESTED: &str = "Rust|Swift|Kotlin|Scala|Dart|Haskell|OCaml|Elm|F#|Julia|Nim|Lisp|Scheme|AppleScript|WebAssembly|\
    TLA+";

fn line_place(name: &str, mark: &str) -> Place {
    match (name, mark) {
        ("Assembly", "#") => Place::Assembler,
        ("Assembly", "@") | ("Forth", _) => Place::Spaced,
        ("Haskell", "--") => Place::Alone,
        ("Batch" | "Dockerfile" | "Java Properties" | "RPM Spec" | "Vim Script", _) => {
            Place::LineStart
        }
        (
            "Shell" | "BitBake" | "Makefile" | "YAML" | "Perl" | "Tcl" | "Expect" | "PowerShell"
            | "INI" | "Git Config" | "Kconfig" | "GDB Script" | "Vue" | "Elixir" | "Nix",
            _,
        ) => Place::WordStart,
        (_, mark) if mark.bytes().all(|b| b.is_ascii_alphabetic()) => Place::Word,
        _ => Place::Anywhere,
    }
}

fn block_place(name: &str, open: &str) -> Place {
    match name {
        "Forth" => Place::Spaced,
        _ if open.starts_with('=') => Place::FirstColumn,
        _ => Place::Anywhere,
    }
}

fn quote(name: &str, mark: u8) -> Quote {
    let is = |names: &[&str]| names.contains(&name);
    let escape = match (name, mark) {
        ("PowerShell", b'"') => Some(b'`'),
        ("Shell" | "BitBake" | "TOML" | "YAML" | "PowerShell" | "Nix" | "HCL", b'\'')
        | ("Go", b'`') => None,
        _ if UNESCAPED.split('|').any(|of| of == name) => None,
        _ => BACKSLASH,
    };
    Quote {
        mark,
        escape,
        spans_lines: SPANNING.split('|').any(|of| of == name) || mark == b'`',
        is_tripled: match mark {
            b'"' => {
                TRIPLED.split('|').any(|of| of == name)
                    || is(&[
                        "Java", "Kotlin", "Scala", "Swift", "Julia", "GraphQL", "Nim", "C#", "F#",
                    ])
            }
            b'\'' => TRIPLED.split('|').any(|of| of == name),
            _ => false,
        },
        is_raw_tripled: is(&["Kotlin", "Scala", "Nim", "C#", "F#"])
            || (name == "TOML" && mark == b'\''),
        is_at_start: is(&["YAML", "Kconfig"]),
        hole: match (name, mark) {
            ("JavaScript" | "TypeScript" | "Vue", b'`') | ("Kotlin" | "Groovy" | "Dart", b'"') => {
                Some((b"${", b'}'))
            }
            ("Ruby" | "Crystal" | "Elixir" | "CoffeeScript", b'"') => Some((b"#{", b'}')),
            ("Swift", b'"') => Some((b"\\(", b')')),
            ("Shell" | "BitBake", b'"') => Some((b"$(", b')')),
            _ => None,
        },
    }
}

/// Languages in which a backslash in a string is only a backslash.
const UNESCAPED: &str = "ABNF|Ada|ASN.1|MIB|CHILL|SDL|COBOL|Fortran|Forth|Pascal|PL/M|PL/SQL|SQL|VHDL|Visual Basic|Smalltalk|\
    MATLAB|Batch|CSV|INI|TTCN-3|XML|HTML|Ant Build|JSP|ASP";

/// Languages whose strings go on in the next line.
const SPANNING: &str = "Rust|Shell|BitBake|Perl|Ruby|Crystal|PHP|SQL|PL/SQL|OCaml|Lisp|Scheme|Clojure|Emacs Lisp|Erlang|\
    Elixir|CMake|PowerShell|Tcl|Expect|Julia|R|Nix|YAML|XML|HTML|Ant Build|JSP|ASP|ASN.1|MIB|YANG|\
    Graphviz|Puppet|D|CSV|Smalltalk";

/// Languages with `"""` and `'''`.
const TRIPLED: &str = "Python|Cython|Starlark|TOML|Groovy|Dart|Elixir|CoffeeScript";
