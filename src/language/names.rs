//! What a name is in a language: which signs besides letters, digits and `_` are part of it.
//!
//! The sign that marks a variable (`$x` of the shell, Perl, PHP, Tcl) is no part of its name: definitions and other uses
//! may lack it.

use super::Language;
use std::ops::Range;

/// Longest name, in bytes.
const LONGEST: usize = 512;

/// The signs that names of a language may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameRule {
    /// Signs that are letters, wherever they stand.
    letters: &'static [u8],
    /// Signs that join two parts of a name.
    joints: &'static [u8],
    /// Signs of which one may end a name.
    suffixes: &'static [u8],
    /// Signs that may begin a name.
    prefixes: &'static [u8],
    /// A variable behind `$` has none of these signs.
    has_variables: bool,
}

const PLAIN: NameRule = NameRule {
    letters: b"",
    joints: b"",
    suffixes: b"",
    prefixes: b"",
    has_variables: false,
};

const fn joined(joints: &'static [u8]) -> NameRule {
    NameRule { joints, ..PLAIN }
}

const fn lettered(letters: &'static [u8]) -> NameRule {
    NameRule { letters, ..PLAIN }
}

impl NameRule {
    /// Returns the rule of a language, or the usual one.
    pub fn of(language: Option<&Language>) -> Self {
        match language.map_or("", |language| language.name) {
            "ASN.1" | "MIB" | "COBOL" | "ABNF" | "HCL" | "CMake" | "Device Tree" | "Dockerfile"
            | "XML" | "HTML" | "YAML" | "TOML" | "INI" | "BitBake" | "RPM Spec" => joined(b"-"),
            "YANG" => joined(b"-."),
            "Makefile" | "Batch" => joined(b"-."),
            "PowerShell" | "Tcl" | "Expect" => NameRule {
                has_variables: true,
                ..joined(b"-")
            },
            "Shell" => NameRule {
                has_variables: true,
                ..joined(b"-.:")
            },
            "CSS" | "SCSS" | "Less" => lettered(b"-"),
            "Lisp" | "Scheme" | "Emacs Lisp" | "Forth" => lettered(b"!$%&*+-./<=>?@^~"),
            "Clojure" => lettered(b"!$%&*+-.<=>?^~'"),
            "JavaScript" | "TypeScript" | "Vue" | "QML" | "Java" | "C" | "C++" | "PL/M"
            | "Verilog" | "SystemVerilog" | "ActionScript" | "WebAssembly" => lettered(b"$"),
            "SQL" | "PL/SQL" => joined(b"$#"),
            "Ruby" | "Crystal" | "Elixir" => NameRule {
                suffixes: b"?!",
                ..PLAIN
            },
            "Haskell" | "OCaml" | "F#" | "Elm" => NameRule {
                suffixes: b"'",
                joints: b"'",
                ..PLAIN
            },
            "Nix" => NameRule {
                suffixes: b"'",
                ..joined(b"-'")
            },
            "R" => NameRule {
                prefixes: b".",
                ..joined(b".")
            },
            "Assembly" => NameRule {
                prefixes: b".",
                ..joined(b".$")
            },
            "LLVM IR" => joined(b".-$"),
            "Vim Script" => joined(b":#"),
            "Erlang" => joined(b"@"),
            _ => PLAIN,
        }
    }

    fn is_letter(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 || self.letters.contains(&byte)
    }

    /// Returns whether a byte of a line is part of a name.
    fn is_part(self, line: &[u8], at: usize) -> bool {
        let byte = line[at];
        if self.is_letter(byte) {
            return true;
        }
        let is_letter = |at: Option<usize>| {
            let byte = at.and_then(|at| line.get(at));
            byte.is_some_and(|b| self.is_letter(*b))
        };
        let (before, next) = (at.checked_sub(1), at + 1);
        // `a!=b` compares, `a ? b` chooses.
        let is_suffix = self.suffixes.contains(&byte)
            && is_letter(before)
            && !is_letter(Some(next))
            && line.get(next) != Some(&b'=');
        let is_prefix =
            self.prefixes.contains(&byte) && !is_letter(before) && is_letter(Some(next));
        let is_joint = self.joints.contains(&byte) && is_letter(before) && is_letter(Some(next));
        is_suffix || is_prefix || is_joint
    }

    /// Returns the name at a byte of a line, or the first one behind it; bytes are 0-based.
    pub fn name_from(self, line: &[u8], at: usize) -> Option<Range<usize>> {
        let first = (at..line.len()).find(|at| self.is_part(line, *at))?;
        self.name_at(line, first)
    }

    /// Returns the name that the byte is part of. `text` may be a line or more.
    pub fn name_at(self, text: &[u8], at: usize) -> Option<Range<usize>> {
        if at >= text.len() || !self.is_part(text, at) {
            return None;
        }
        let least = at.saturating_sub(LONGEST);
        let from = (least..at)
            .rev()
            .take_while(|i| self.is_part(text, *i))
            .last();
        let from = from.unwrap_or(at);
        let most = text.len().min(at + LONGEST);
        let to = (at..most)
            .take_while(|i| self.is_part(text, *i))
            .last()
            .map_or(at, |i| i + 1);
        let is_variable =
            self.has_variables && (text[..from].ends_with(b"$") || text[..from].ends_with(b"${"));
        if is_variable {
            // `${x-default}` and `$x-y` begin with the name of a variable.
            return PLAIN.name_at(text, at);
        }
        Some(from..to)
    }

    /// Returns whether what a text holds between two bytes is no part of a longer name.
    pub fn is_whole(self, text: &[u8], place: &Range<usize>) -> bool {
        let is_within = |at: usize| {
            let name = self.name_at(text, at);
            name.is_none_or(|name| name.start >= place.start && name.end <= place.end)
        };
        is_within(place.start) && is_within(place.end.saturating_sub(1).max(place.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::by_name;

    /// Each line of code, and the name that a cursor on any of its letters means.
    #[test]
    fn names_have_the_signs_of_their_language() {
        for (language, line, name) in [
            (
                "ASN.1",
                "Enquiry ::= SEQUENCE { tx Tx-Ident, len INTEGER }",
                "Tx-Ident",
            ),
            ("ASN.1", "a INTEGER, --b-c-- d", "b-c"),
            ("MIB", "x acme-Name ::=", "acme-Name"),
            ("YANG", "leaf uplink { type port-name; }", "port-name"),
            ("Shell", "check-pass \"$1\"", "check-pass"),
            ("Shell", "echo $user-name", "user"),
            ("Shell", "echo ${user-name}", "user"),
            ("Shell", "a--b", "a"),
            ("JavaScript", "$send(1);", "$send"),
            ("TypeScript", "x.y$(1)", "y$"),
            ("PHP", "$this->send(1)", "send"),
            ("Perl", "my $send = 1;", "send"),
            ("Lisp", "(open-gate 1)", "open-gate"),
            ("Scheme", "(set-gate! x)", "set-gate!"),
            ("Emacs Lisp", "(gate--open-p x)", "gate--open-p"),
            ("Clojure", "(valid? x)", "valid?"),
            ("CSS", "a { color: var(--main-bg) }", "--main-bg"),
            ("COBOL", "MOVE ws-count TO X", "ws-count"),
            ("Ruby", "if user.valid?(1)", "valid?"),
            ("Ruby", "a != b", "a"),
            ("Ruby", "x = save! if y", "save!"),
            ("Elixir", "Enum.empty?(list)", "empty?"),
            ("Haskell", "foldl' f z", "foldl'"),
            ("Tcl", "proc do-it {} {", "do-it"),
            ("Tcl", "puts $a-b", "a"),
            ("Makefile", "all-clean: main.o", "all-clean"),
            ("PowerShell", "Get-Item $x", "Get-Item"),
            ("PL/M", "CALL SEND$MSG(1);", "SEND$MSG"),
            ("Assembly", "b .Lnext.1", ".Lnext.1"),
            ("R", "read.csv(x)", "read.csv"),
            ("C", "a-b", "a"),
            ("Python", "a.b-c", "b"),
            ("Rust", "größe-x", "größe"),
        ] {
            let rule = NameRule::of(by_name(language));
            let at = line.find(name).unwrap();
            for at in at..at + name.len() {
                let found = rule.name_from(line.as_bytes(), at);
                let found = found.map(|place| &line[place]);
                assert_eq!(found, Some(name), "{language}: {line} at {at}");
            }
        }
    }

    #[test]
    fn a_part_of_a_name_is_not_the_name() {
        let whole = |language: &str, line: &str, name: &str| {
            let at = line.find(name).unwrap();
            NameRule::of(by_name(language)).is_whole(line.as_bytes(), &(at..at + name.len()))
        };
        assert!(!whole("ASN.1", "tx Tx-Ident", "Ident"));
        assert!(whole("C", "tx = Tx-Ident", "Ident"));
        assert!(whole("ASN.1", "tx Tx-Ident", "Tx-Ident"));
        assert!(!whole("YANG", "type my-port-name;", "port-name"));
        assert!(!whole("Ruby", "x.valid?", "valid"));
        assert!(whole("C++", "A::~Foo()", "~Foo"));
        assert!(whole("C++", "operator==(a)", "operator=="));
        assert!(!whole("C", "afoo", "foo"));
        assert!(whole("C", "", "") && whole("Lisp", "(a)", "a"));
    }
}
