//! Definitions that are seen by how their line begins: labels, `name() {`, `name <- function`.

use super::lex::is_word;
use crate::model::{Symbol, SymbolKind, SymbolRole};
use memchr::memchr;
use std::ops::Range;

/// Looks at one line and returns where the name stands in it and what it is.
type Rule = fn(&[u8]) -> Option<(Range<usize>, SymbolKind)>;

const RULES: &[(&str, Rule)] = &[
    ("Shell", shell),
    ("Assembly", label),
    ("Batch", batch),
    ("R", arrow),
    ("Device Tree", label),
    ("Makefile", target),
];

/// Finds what lines define in code, in which comments and strings are blank.
pub(super) fn symbols(language: &str, code: &[u8], found: &mut Vec<Symbol>) {
    let Some((_, rule)) = RULES.iter().find(|(name, _)| *name == language) else {
        return;
    };
    let mut from = 0;
    while from < code.len() {
        let end = memchr(b'\n', &code[from..]).map_or(code.len(), |end| from + end);
        let line = &code[from..end];
        if let Some((name, kind)) = rule(line) {
            found.push(Symbol {
                name: (from + name.start) as u32..(from + name.end) as u32,
                kind,
                role: SymbolRole::Definition,
                extent: from as u32..end as u32,
            });
        }
        from = end + 1;
    }
}

fn word(line: &[u8], also: &[u8]) -> usize {
    let is_part = |b: &u8| is_word(*b) || also.contains(b);
    line.iter().take_while(|b| is_part(b)).count()
}

fn blanks(line: &[u8]) -> usize {
    let is_blank = |b: &&u8| matches!(b, b' ' | b'\t');
    line.iter().take_while(is_blank).count()
}

/// `name() {`, with or without `function`, which is a keyword of its own.
fn shell(line: &[u8]) -> Option<(Range<usize>, SymbolKind)> {
    let from = blanks(line);
    let len = word(&line[from..], b"-.:");
    let rest = &line[from + len..];
    let rest = &rest[blanks(rest)..];
    let is_function = rest
        .strip_prefix(b"(")
        .is_some_and(|r| r[blanks(r)..].first() == Some(&b')'));
    (len > 0 && is_function).then_some((from..from + len, SymbolKind::Function))
}

/// `name:`, at the very beginning of assembly, anywhere before a node of a device tree.
fn label(line: &[u8]) -> Option<(Range<usize>, SymbolKind)> {
    let from = blanks(line);
    let len = word(&line[from..], b".@?");
    let rest = &line[from + len..];
    let is_label = rest.first() == Some(&b':') && rest.get(1) != Some(&b':');
    let is_name = line.get(from).is_some_and(|b| !b.is_ascii_digit());
    (len > 0 && is_label && is_name).then_some((from..from + len, SymbolKind::Function))
}

fn batch(line: &[u8]) -> Option<(Range<usize>, SymbolKind)> {
    let from = blanks(line);
    let len = word(line.get(from + 1..)?, b"-.");
    (line.get(from) == Some(&b':') && len > 0)
        .then_some((from + 1..from + 1 + len, SymbolKind::Function))
}

/// `name <- function(…)`.
fn arrow(line: &[u8]) -> Option<(Range<usize>, SymbolKind)> {
    let from = blanks(line);
    let len = word(&line[from..], b".");
    let rest = &line[from + len..];
    let rest = rest[blanks(rest)..].strip_prefix(b"<-")?;
    let is_function = rest[blanks(rest)..].starts_with(b"function");
    (len > 0 && is_function).then_some((from..from + len, SymbolKind::Function))
}

/// `name: …` in the first column, unless it is `name := …`.
fn target(line: &[u8]) -> Option<(Range<usize>, SymbolKind)> {
    let len = word(line, b"-./%");
    let rest = &line[len..];
    let rest = &rest[blanks(rest)..];
    let is_target = rest.first() == Some(&b':') && rest.get(1) != Some(&b'=');
    (len > 0 && is_target).then_some((0..len, SymbolKind::Function))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_define() {
        for (language, text, wanted) in [
            ("Shell", "  a-b () {\nif (x)\nc(){", &["a-b", "c"][..]),
            (
                "Assembly",
                "start:\n.L1: nop\n1: nop\n mov a, b",
                &["start", ".L1"],
            ),
            ("Batch", ":end\n::no", &["end"]),
            ("R", "f.x <- function(a) a\ny <- 1", &["f.x"]),
            ("Makefile", "all: b\nA := 1\n\tx: y", &["all"]),
            ("C", "a:", &[]),
        ] {
            let mut found = Vec::new();
            symbols(language, text.as_bytes(), &mut found);
            let names: Vec<_> = found.iter().map(|s| s.name_in(text)).collect();
            assert_eq!(names, wanted, "{language}");
        }
    }
}
