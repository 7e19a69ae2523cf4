//! Which grammar a language is coloured with.

use crate::language::{Language, LanguageKind};

/// How a language is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Its own grammar.
    Own(&'static str),
    /// The grammar of a near relative: what that calls invalid may be right here.
    Borrowed(&'static str),
    /// No grammar: the small lexer, by the comments and strings of the table of languages.
    Lexer,
    /// Nothing: text without structure.
    Plain,
}

/// Languages of the table and grammars of syntect's default set, where the names differ or are borrowed.
const GRAMMARS: &[(&str, Choice)] = &[
    ("ASP", Choice::Own("HTML (ASP)")),
    ("Ant Build", Choice::Borrowed("XML")),
    ("Assembly", Choice::Lexer),
    ("Batch", Choice::Own("Batch File")),
    ("CUDA", Choice::Borrowed("C++")),
    ("Cython", Choice::Borrowed("Python")),
    ("Emacs Lisp", Choice::Borrowed("Lisp")),
    ("Expect", Choice::Borrowed("Tcl")),
    ("GLSL", Choice::Borrowed("C")),
    ("Graphviz", Choice::Own("Graphviz (DOT)")),
    ("HLSL", Choice::Borrowed("C")),
    ("JSP", Choice::Own("Java Server Page (JSP)")),
    ("Less", Choice::Borrowed("CSS")),
    ("OpenCL", Choice::Borrowed("C")),
    ("QML", Choice::Borrowed("JavaScript")),
    ("SCSS", Choice::Borrowed("CSS")),
    ("Scheme", Choice::Borrowed("Lisp")),
    ("Shell", Choice::Own("Bourne Again Shell (bash)")),
    ("Starlark", Choice::Borrowed("Python")),
    ("Text", Choice::Plain),
    ("TypeScript", Choice::Borrowed("JavaScript")),
    ("Vue", Choice::Borrowed("HTML")),
];

/// Languages whose grammar bears their own name.
const SAME: &[&str] = &[
    "ActionScript",
    "AppleScript",
    "BibTeX",
    "C",
    "C#",
    "C++",
    "CSS",
    "Clojure",
    "D",
    "Diff",
    "Erlang",
    "Go",
    "Groovy",
    "HTML",
    "Haskell",
    "JSON",
    "Java",
    "Java Properties",
    "JavaScript",
    "LaTeX",
    "Lisp",
    "Lua",
    "MATLAB",
    "Makefile",
    "Markdown",
    "OCaml",
    "Objective-C",
    "Objective-C++",
    "PHP",
    "Pascal",
    "Perl",
    "Python",
    "R",
    "Ruby",
    "Rust",
    "SQL",
    "Scala",
    "Tcl",
    "XML",
    "YAML",
    "reStructuredText",
];

/// Returns how a language is coloured.
pub(super) fn choose(language: &'static Language) -> Choice {
    if SAME.contains(&language.name) {
        return Choice::Own(language.name);
    }
    let row = GRAMMARS.iter().find(|(name, _)| *name == language.name);
    match (row, language.kind) {
        (Some((_, choice)), _) => *choice,
        (None, LanguageKind::Data) if language.name == "CSV" => Choice::Plain,
        (None, _) => Choice::Lexer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{all, by_name};
    use syntect::parsing::SyntaxSet;

    #[test]
    fn every_named_grammar_exists_and_every_row_is_a_language() {
        let grammars = SyntaxSet::load_defaults_newlines();
        let names: Vec<_> = grammars
            .syntaxes()
            .iter()
            .map(|s| s.name.as_str())
            .collect();
        for language in all() {
            if let Choice::Own(name) | Choice::Borrowed(name) = choose(language) {
                assert!(
                    grammars.find_syntax_by_name(name).is_some(),
                    "{name} not in {names:?}"
                );
            }
        }
        for name in SAME.iter().chain(GRAMMARS.iter().map(|(name, _)| name)) {
            assert_eq!(by_name(name).map(|l| l.name), Some(*name));
        }
    }

    #[test]
    fn no_grammar_of_our_languages_is_left_unused() {
        let grammars = SyntaxSet::load_defaults_newlines();
        for language in all().iter().filter(|l| choose(l) == Choice::Lexer) {
            assert!(
                grammars.find_syntax_by_name(language.name).is_none(),
                "{}",
                language.name
            );
        }
    }
}
