//! Where a line ends and where it goes on, by each language's own rule.
//!
//! An editor ends a line at LF, and so does Glassroom when it counts lines. A compiler may see more line ends, behind which
//! a comment is over: text that looks like a part of a comment is then code. Or fewer, where a backslash joins lines. The
//! table below holds what specifications say; where compilers and the specification differ, what at least one widely used
//! compiler takes for code is code.

use super::rules::Rules;
use memchr::{memchr, memchr3};

/// What ends a line besides LF, and CR LF, which a text that is read here no longer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "a row of a table of what languages differ in"
)]
pub(in crate::language) struct LineEnds {
    /// CR alone.
    pub cr: bool,
    /// Form feed.
    pub ff: bool,
    /// Vertical tab.
    pub vt: bool,
    /// U+0085, next line.
    pub nel: bool,
    /// U+2028 and U+2029, the separators of lines and paragraphs.
    pub separators: bool,
    /// The separators may stand in a string.
    pub has_separators_in_strings: bool,
    /// `\u000a` and `\u000d` are line ends as if they were written as such.
    pub escapes: bool,
}

/// How a line is joined with the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::language) enum Splice {
    No,
    /// By a backslash that no backslash escapes.
    Backslash,
    /// By any backslash, blanks behind it or not, before anything else of the language is read; `??/` is one too.
    C {
        has_trigraphs: bool,
    },
}

/// Names of languages, and what ends their lines.
///
/// Sources, in the order of the rows: GCC and Clang (a lone CR is a line end), GLSL 4.60 §3.2, JLS §3.4 and §3.3 (escapes);
/// the grammars of Kotlin, Scala, Groovy, Dart and Swift; Python's reference §2.1.2; the lexers of PHP, Lua and
/// `PostgreSQL`; `PowerShell`'s specification §2.2.2; Tcl's `source` (channel translation); Nim's manual; R7RS §7.1.1; the
/// lexers of Clojure and LLVM; WebAssembly §6.3; GraphQL §2.1.3; `java.util.Properties`; ECMA-262 §12.3; ECMA-334 §6.3.2
/// and the Visual Basic specification §1.2; D §2.3; YAML 1.1 §4.1.4; Ada RM 2.2; VHDL LRM 13.2; X.680 §12.1.6 and ES 201
/// 873-1 A.1.3; Solidity's scanner; Haskell 2010 §2.2; CSS Syntax 3 §3.3. Go, Rust, Ruby, Perl, shells and all others: LF
/// alone.
const ENDS: &[(&str, &str)] = &[
    (
        "C|C++|CUDA|Objective-C|Objective-C++|OpenCL|HLSL|Lex|Yacc|GLSL",
        "cr",
    ),
    ("Java|JSP", "cr escapes"),
    ("Kotlin|Scala|Groovy|Dart|Swift|Pascal|Nim", "cr"),
    (
        "Python|Cython|PHP|Lua|SQL|PL/SQL|PowerShell|Tcl|Expect",
        "cr",
    ),
    (
        "Scheme|Clojure|LLVM IR|WebAssembly|GraphQL|Java Properties|MATLAB|AppleScript|Less",
        "cr",
    ),
    (
        "JavaScript|TypeScript|Vue|QML|ActionScript|JSON",
        "cr separators strings",
    ),
    ("C#|Visual Basic", "cr nel separators"),
    ("D", "cr separators"),
    ("YAML", "cr nel separators"),
    ("Ada", "cr ff vt nel separators"),
    ("VHDL|ASN.1|MIB|TTCN-3", "cr ff vt"),
    ("Solidity", "cr ff vt nel separators"),
    ("Haskell|SCSS", "cr ff"),
];

impl LineEnds {
    /// Returns what ends the lines of a language besides LF.
    pub(super) fn of(language: &str) -> Self {
        let named = |(names, _): &&(&str, &str)| names.split('|').any(|name| name == language);
        let words = ENDS.iter().find(named).map_or("", |(_, words)| words);
        let has = |word| words.split(' ').any(|one| one == word);
        Self {
            cr: has("cr"),
            ff: has("ff"),
            vt: has("vt"),
            nel: has("nel"),
            separators: has("separators"),
            has_separators_in_strings: has("strings"),
            escapes: has("escapes"),
        }
    }

    /// Returns what ends the lines of a string.
    pub(super) fn in_strings(self) -> Self {
        Self {
            separators: self.separators && !self.has_separators_in_strings,
            // An escape there is not a line end but a mistake.
            escapes: false,
            ..self
        }
    }

    /// Returns the length of the line end at a byte; 0 if there is none.
    pub(super) fn len_at(self, text: &[u8], at: usize) -> usize {
        match text.get(at) {
            Some(b'\n') => 1,
            Some(b'\r') => usize::from(self.cr),
            Some(0x0c) => usize::from(self.ff),
            Some(0x0b) => usize::from(self.vt),
            Some(0xc2) if self.nel && text.get(at + 1) == Some(&0x85) => 2,
            Some(0xe2) if self.separators => {
                let is_separator = matches!(text.get(at + 1..at + 3), Some([0x80, 0xa8 | 0xa9]));
                if is_separator { 3 } else { 0 }
            }
            Some(b'\\') if self.escapes => escape_at(text, at, b"\n\r"),
            _ => 0,
        }
    }

    /// Returns the line end at or behind a byte: where it begins and where the next line does; the end of the text twice
    /// if there is none.
    pub(super) fn next(self, text: &[u8], from: usize) -> (usize, usize) {
        let mut at = from;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let Some(found) = self.find(rest) else {
                break;
            };
            at += found;
            let len = self.len_at(text, at);
            if len > 0 {
                return (at, at + len);
            }
            at += 1;
        }
        (text.len(), text.len())
    }

    /// Returns the first byte at which a line end may begin.
    fn find(self, rest: &[u8]) -> Option<usize> {
        // Most languages need one fast search, for which the third byte is left.
        let third = match self {
            Self { ff: true, .. } | Self { vt: true, .. } | Self { nel: true, .. } => {
                let mut bytes = rest.iter();
                return bytes.position(|b| matches!(b, 0x0a..=0x0d | 0xc2 | 0xe2 | b'\\'));
            }
            Self {
                separators: true, ..
            } => 0xe2,
            Self { escapes: true, .. } => b'\\',
            Self { cr: true, .. } => b'\r',
            _ => return memchr(b'\n', rest),
        };
        memchr3(b'\n', b'\r', third, rest)
    }
}

/// Returns the length of an escape of Java's at a byte that stands for one of some characters; 0 if it is none.
pub(super) fn escape_at(text: &[u8], at: usize, wanted: &[u8]) -> usize {
    let rest = &text[at..];
    // An escaped backslash begins no escape.
    let before = text[..at].iter().rev().take_while(|b| **b == b'\\').count();
    let marks = rest.iter().skip(1).take_while(|b| **b == b'u').count();
    let digits = rest.get(1 + marks..5 + marks);
    let code = digits.and_then(|digits| std::str::from_utf8(digits).ok());
    let code = code.filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()));
    let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
    let is_wanted = code.is_some_and(|code| wanted.iter().any(|b| u32::from(*b) == code));
    if rest.first() == Some(&b'\\') && marks > 0 && before % 2 == 0 && is_wanted {
        5 + marks
    } else {
        0
    }
}

impl Splice {
    /// Returns how a language joins the lines of a comment.
    ///
    /// C++ has had no trigraphs since C++17, and GCC reads none then; C had them until C17.
    pub(super) fn of(language: &str) -> Self {
        match language {
            "C" | "OpenCL" | "Objective-C" | "Lex" | "Yacc" => Self::C {
                has_trigraphs: true,
            },
            "C++" | "CUDA" | "Objective-C++" | "GLSL" | "HLSL" => Self::C {
                has_trigraphs: false,
            },
            "Makefile" | "Tcl" | "Expect" => Self::Backslash,
            _ => Self::No,
        }
    }

    /// Returns whether the line whose end is at a byte goes on behind it; `from` is where the comment begins.
    pub(super) fn joins(self, text: &[u8], from: usize, end: usize) -> bool {
        let line = &text[from.min(end)..end];
        match self {
            Self::No => false,
            Self::Backslash => line.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1,
            Self::C { has_trigraphs } => {
                let blanks = line.iter().rev().take_while(|b| is_blank(**b)).count();
                let line = &line[..line.len() - blanks];
                line.ends_with(b"\\") || (has_trigraphs && line.ends_with(b"??/"))
            }
        }
    }

    /// Returns the byte behind all joints at a byte, which is the byte itself if there is none: C joins lines before it
    /// reads anything else, within the marks of comments too.
    pub(super) fn skip(self, text: &[u8], mut at: usize, ends: LineEnds) -> usize {
        let Self::C { has_trigraphs } = self else {
            return at;
        };
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let mark = match rest {
                [b'\\', ..] => 1,
                [b'?', b'?', b'/', ..] if has_trigraphs => 3,
                _ => return at,
            };
            let blanks = rest[mark..].iter().take_while(|b| is_blank(**b)).count();
            let len = ends.len_at(text, at + mark + blanks);
            if len == 0 {
                return at;
            }
            at += mark + blanks + len;
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b | 0x0c)
}

impl Rules {
    /// Returns whether lines are joined before the marks of comments are read.
    pub(super) fn joins_marks(&self) -> bool {
        matches!(self.splice, Splice::C { .. })
    }

    /// Returns whether a text may hold a line end or a joint that an ordinary reader does not see, cheaply.
    pub(super) fn may_surprise(&self, text: &[u8]) -> bool {
        let ends = self.ends;
        let has = |byte| memchr(byte, text).is_some();
        (ends.cr && has(b'\r'))
            || (ends.ff && has(0x0c))
            || (ends.vt && has(0x0b))
            || (ends.nel && memchr::memmem::find(text, b"\xc2\x85").is_some())
            || (ends.separators && memchr::memmem::find(text, b"\xe2\x80").is_some())
            || (ends.escapes && memchr::memmem::find(text, b"\\u").is_some())
            || (self.comments_close && memchr::memmem::find(text, b"--").is_some())
            || match self.splice {
                Splice::No | Splice::Backslash => false,
                Splice::C { has_trigraphs } => {
                    (has_trigraphs && memchr::memmem::find(text, b"??/").is_some())
                        || memchr::memchr_iter(b'\\', text).any(|at| self.is_odd_joint(text, at))
                }
            }
    }

    /// Returns whether a backslash joins lines where a reader does not expect it: with blanks behind it, or within or
    /// before the mark of a comment.
    fn is_odd_joint(&self, text: &[u8], at: usize) -> bool {
        let behind = self.splice.skip(text, at, self.ends);
        if behind == at {
            return false;
        }
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        behind != at + 2 || matches!(before, Some(b'/' | b'*'))
    }
}
