//! What the table of languages does not say about comments and strings.

use super::ends::{LineEnds, Splice};
use super::forms::{self, Form};
use super::variant::Variant;
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
    /// As `LineStart`, with nothing but blanks behind it.
    OwnLine,
    /// Where a command may begin: at the start of a line, behind `;`, or behind `{` and a blank (Tcl).
    CommandStart,
    /// As `WordStart`, or behind a bracket or a comma (`PowerShell`).
    TokenStart,
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

/// What begins code within a string, and the character that ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub open: &'static [u8],
    pub close: u8,
}

/// What must stand before a quote, or must not, for it to open a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opens {
    Anywhere,
    /// Where a word may begin (YAML).
    WordStart,
    /// Not within a word (Tcl).
    NotInWord,
    /// Not where it is an operator on the value before it (MATLAB's transpose).
    NotAfterValue,
    /// Not within a name, where it separates packages (Perl).
    PackageSeparator,
}

/// What must stand directly before a string for it to hold code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marked {
    /// Any string of the kind does.
    Always,
    /// Python: letters with an `f` or a `t` among them.
    PythonPrefix,
    /// C#, F#: a `$`, perhaps with an `@`.
    Dollar,
    /// Scala: any name.
    Name,
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
    /// Two of it stand for one within the string.
    pub is_doubled: bool,
    pub opens: Opens,
    /// What begins code within it.
    pub gaps: &'static [Gap],
    /// Which strings hold code.
    pub marked: Marked,
}

/// Strings in which nothing is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    None,
    /// `r"…"`, `br##"…"##`.
    Rust,
    /// `R"mark(…)mark"`.
    Cpp,
    /// `name"…"`, with `""` for a quote.
    Nim,
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

/// Comments by the column of their mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Columns {
    None,
    /// An asterisk or a slash in the seventh column.
    Seventh,
    /// Any of `cCdD*!` in the first column: Fortran's fixed form.
    First,
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
    /// What turns escapes on (true) or off (false) when it stands before a quote as a word of its own: `$'…'`, `E'…'`,
    /// `r"…"`.
    pub prefixes: &'static [(&'static [u8], bool)],
    /// `[[…]]` and `[=[…]=]`, also behind the mark of a comment.
    pub has_brackets: bool,
    /// What takes the character behind it, outside of strings.
    pub takes_next: &'static [&'static [u8]],
    pub raw: Raw,
    pub here: HereDoc,
    /// What begins code within a here-document.
    pub here_gaps: &'static [Gap],
    /// A pattern may begin a line, whatever the line before ends with.
    pub has_patterns: bool,
    /// The arguments of a call need no parentheses.
    pub has_commands: bool,
    /// A line of the part behind `%%` begins with a pattern.
    pub has_pattern_column: bool,
    /// What a comment is because of the column in which its mark stands.
    pub columns: Columns,
    /// What no mark of comments or strings describes.
    pub forms: &'static [Form],
    /// What lies outside of its tags is not code.
    pub is_template: bool,
    /// `&` at the end of a line continues a string.
    pub joins_strings: bool,
    /// What follows a line `__DATA__` is data.
    pub has_perl_data: bool,
    /// Sigils hold code.
    pub has_sigil_gaps: bool,
    /// The language of what `<%` and `%>` enclose; empty if a directive says it.
    pub pages: Option<&'static str>,
    /// Elements hold scripts and styles.
    pub has_scripts: bool,
    /// The bytes at which anything can begin.
    pub starts: Box<[bool; 256]>,
}

/// Returns the rules of a text in a language; nothing if it is for people.
///
/// The text decides only between dialects of one language that write comments or strings differently.
pub(super) fn of(language: &Language, text: &[u8]) -> Option<&'static Rules> {
    static RULES: OnceLock<HashMap<(&'static str, Variant), Rules>> = OnceLock::new();
    let rules = RULES.get_or_init(|| {
        let code = all().iter().filter(|l| l.kind != LanguageKind::Document);
        let each = code.flat_map(|language| {
            let variants = Variant::all(language.name).iter();
            variants.map(move |variant| ((language.name, *variant), make(language, *variant)))
        });
        each.collect()
    });
    rules.get(&(language.name, Variant::of(language.name, text)))
}

const BACKSLASH: Option<u8> = Some(b'\\');

fn make(language: &Language, variant: Variant) -> Rules {
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
    // A longer mark must be tried before one that begins it.
    blocks.sort_by_key(|(open, ..)| std::cmp::Reverse(open.len()));
    let mut lines: Vec<_> = language
        .line_comments
        .iter()
        .map(|mark| (mark.as_bytes(), line_place(name, mark)))
        .collect();
    if variant == Variant::GnuAssembly {
        // A separator of instructions there.
        lines.retain(|(mark, _)| *mark != b";");
    }
    let is_plain = variant == Variant::PlainAssembly;
    let has_ticks = TICKS.split('|').any(|of| of == name) && !is_plain;
    let marks = if is_plain { "\"'" } else { language.quotes };
    let quotes = marks
        .bytes()
        .filter(|mark| *mark != b'\'' || !has_ticks)
        .map(|mark| quote(name, mark, variant))
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
            "CoffeeScript",
            "Ruby",
            "Crystal",
            "Awk",
            "Perl",
            "QML",
            "Groovy",
        ]),
        is_markup: is(&["XML", "HTML", "Ant Build", "JSP", "ASP", "Vue"]),
        prefixes: match name {
            "Shell" | "BitBake" => &[(b"$", true)],
            "SQL" | "PL/SQL" => &[(b"E", true), (b"e", true)],
            "D" | "Dart" => &[(b"r", false)],
            _ => &[],
        },
        has_brackets: is(&["Lua", "CMake"]),
        takes_next: match name {
            "Shell" | "BitBake" | "Tcl" | "Expect" | "Makefile" | "Clojure" | "CMake" => &[b"\\"],
            "Erlang" => &[b"$\\", b"$"],
            "Smalltalk" => &[b"$"],
            "M4" => &[b"$"],
            "Forth" => &[b"char ", b"char] "],
            "F#" => &[b"(*)"],
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
            "Nim" => Raw::Nim,
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
        here_gaps: gaps(name, b'"'),
        has_patterns: is(&["Awk", "Ruby", "Crystal", "Perl", "Groovy", "CoffeeScript"]),
        has_commands: is(&["Ruby", "Crystal", "CoffeeScript", "Groovy"]),
        has_pattern_column: name == "Lex",
        columns: match name {
            "COBOL" => Columns::Seventh,
            "Fortran" if variant == Variant::FixedFortran => Columns::First,
            _ => Columns::None,
        },
        forms: forms::of(name),
        is_template: name == "PHP",
        joins_strings: name == "Fortran",
        has_perl_data: name == "Perl",
        has_sigil_gaps: name == "Elixir",
        pages: match name {
            "JSP" => Some("Java"),
            "ASP" => Some(""),
            _ => None,
        },
        has_scripts: is(&["HTML", "JSP", "ASP", "Vue"]),
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
    for gap in rules.quotes.iter().flat_map(|quote| quote.gaps) {
        firsts.extend([gap.close, opener(gap.close)]);
    }
    firsts.extend(rules.forms.iter().flat_map(|(bytes, _)| *bytes));
    for (is_there, bytes) in [
        (rules.has_ticks, &b"'"[..]),
        (rules.has_regexes, b"/"),
        (rules.is_markup, b"<>"),
        (rules.has_brackets, b"["),
        (rules.here != HereDoc::None, b"<\n"),
        (
            rules.columns != Columns::None || rules.has_pattern_column,
            b"\n",
        ),
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
    match close {
        b')' => b'(',
        b']' => b'[',
        b'}' => b'{',
        other => other,
    }
}

/// Languages in which `'x'` is a character while `'` alone is a lifetime, a type, an attribute or part of a name.
const TICKS: &str =
    "Rust|Haskell|OCaml|Ada|VHDL|F#|Scala|Julia|Zig|Nim|Elm|Crystal|Assembly|Device Tree|Kotlin";

const NESTED: &str = "Rust|Swift|Kotlin|Scala|Dart|Haskell|OCaml|Elm|F#|Julia|Nim|Lisp|Scheme|AppleScript|WebAssembly|\
    TLA+|ASN.1";

fn line_place(name: &str, mark: &str) -> Place {
    match (name, mark) {
        ("Assembly", "#") => Place::Assembler,
        ("Assembly", "@") | ("Forth", _) => Place::Spaced,
        ("Haskell", "--") => Place::Alone,
        ("Batch" | "Dockerfile" | "Java Properties" | "RPM Spec" | "Vim Script", _)
        | ("Graphviz", "#")
        | ("SELinux Policy", ";") => Place::LineStart,
        ("Tcl" | "Expect", _) => Place::CommandStart,
        ("PowerShell", _) => Place::TokenStart,
        (
            "Shell" | "BitBake" | "Makefile" | "YAML" | "INI" | "Git Config" | "Kconfig"
            | "GDB Script" | "Vue",
            _,
        ) => Place::WordStart,
        (_, mark) if mark.bytes().all(|b| b.is_ascii_alphabetic()) => Place::Word,
        _ => Place::Anywhere,
    }
}

fn block_place(name: &str, open: &str) -> Place {
    match name {
        "Forth" => Place::Spaced,
        "MATLAB" => Place::OwnLine,
        _ if open.starts_with('=') => Place::FirstColumn,
        _ => Place::Anywhere,
    }
}

fn quote(name: &str, mark: u8, variant: Variant) -> Quote {
    let is = |names: &[&str]| names.contains(&name);
    let escape = match (name, mark) {
        ("PowerShell", b'"') => Some(b'`'),
        _ if variant == Variant::MySql => BACKSLASH,
        _ if variant == Variant::PlainAssembly => None,
        ("Shell" | "BitBake" | "TOML" | "YAML" | "PowerShell" | "Nix" | "HCL" | "YANG", b'\'')
        | ("Go" | "D", b'`') => None,
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
                        "Vala", "Erlang",
                    ])
            }
            b'\'' => TRIPLED.split('|').any(|of| of == name) || name == "Meson",
            _ => false,
        },
        is_raw_tripled: is(&[
            "Kotlin", "Scala", "Nim", "C#", "F#", "Vala", "Erlang", "Meson",
        ]) || (name == "TOML" && mark == b'\''),
        is_doubled: is(&["MATLAB", "YAML"]) && mark == b'\'',
        opens: match name {
            "YAML" | "Kconfig" => Opens::WordStart,
            "Tcl" | "Expect" => Opens::NotInWord,
            "MATLAB" if mark == b'\'' => Opens::NotAfterValue,
            "Perl" => Opens::PackageSeparator,
            _ => Opens::Anywhere,
        },
        gaps: gaps(name, mark),
        marked: match name {
            "Python" | "Cython" => Marked::PythonPrefix,
            "C#" | "F#" => Marked::Dollar,
            "Scala" => Marked::Name,
            _ => Marked::Always,
        },
    }
}

const fn gap(open: &'static [u8], close: u8) -> Gap {
    Gap { open, close }
}

/// Code within the strings of a language.
fn gaps(name: &str, mark: u8) -> &'static [Gap] {
    const DOLLAR: &[Gap] = &[gap(b"${", b'}')];
    const HASH: &[Gap] = &[gap(b"#{", b'}')];
    const BRACE: &[Gap] = &[gap(b"{", b'}')];
    const SHELL: &[Gap] = &[gap(b"$(", b')'), gap(b"${", b'}'), gap(b"`", b'`')];
    const SWIFT: &[Gap] = &[gap(b"\\(", b')')];
    const PAREN: &[Gap] = &[gap(b"$(", b')')];
    const PHP: &[Gap] = &[gap(b"{$", b'}'), gap(b"${", b'}')];
    const TCL: &[Gap] = &[gap(b"[", b']')];
    match (name, mark) {
        ("JavaScript" | "TypeScript" | "Vue" | "QML", b'`')
        | ("Kotlin" | "Groovy" | "Scala" | "HCL" | "Puppet" | "Nix", b'"')
        | ("Dart", _) => DOLLAR,
        ("Ruby" | "Crystal", b'"' | b'`') | ("CoffeeScript", b'"') | ("Elixir", _) => HASH,
        ("Python" | "Cython", _) | ("C#" | "F#", b'"') => BRACE,
        ("Swift", b'"') => SWIFT,
        ("Shell" | "BitBake", b'"') => SHELL,
        ("PowerShell" | "Julia", b'"') => PAREN,
        ("PHP", b'"') => PHP,
        ("Tcl" | "Expect", b'"') => TCL,
        _ => &[],
    }
}

/// Languages in which a backslash in a string is only a backslash.
const UNESCAPED: &str = "ABNF|Ada|ASN.1|MIB|CHILL|SDL|COBOL|Fortran|Forth|Pascal|PL/M|PL/SQL|SQL|VHDL|Visual Basic|Smalltalk|\
    MATLAB|Batch|CSV|INI|TTCN-3|XML|HTML|Ant Build|JSP|ASP|LLVM IR|Vim Script";

/// Languages whose strings go on in the next line.
const SPANNING: &str = "Rust|Shell|BitBake|Perl|Ruby|Crystal|PHP|SQL|PL/SQL|OCaml|Lisp|Scheme|Clojure|Emacs Lisp|Erlang|\
    Elixir|CMake|PowerShell|Tcl|Expect|Julia|R|Nix|YAML|XML|HTML|Ant Build|JSP|ASP|ASN.1|MIB|YANG|\
    Graphviz|Puppet|D|CSV|Smalltalk";

/// Languages with `"""` and `'''`.
const TRIPLED: &str = "Python|Cython|Starlark|TOML|Groovy|Dart|Elixir|CoffeeScript";
