//! What a text is compared with, and the regex that does it.

use super::alternatives::{self, REGEX_BYTES};
use super::{glob, need, need::Need, spellings, tree};
use crate::model::Zone;
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::{
    Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look,
};
use std::fmt;

/// Memory of one compiled regex, in bytes.
const REGEX_SIZE: usize = 16 << 20;
/// Memory of its lazily built automaton, in bytes and for each thread.
const CACHE_SIZE: usize = 16 << 20;

/// How a pattern is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Character by character.
    Literal,
    /// A regex.
    Regex,
    /// A glob of paths.
    Glob,
}

/// What a text is compared with. Case is decided: smart case has been judged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// As meant: without quotes, slashes and their escapes.
    pub source: String,
    /// How it is written.
    pub kind: Kind,
    /// Capitals and small letters differ.
    pub is_case_sensitive: bool,
    /// The flag `s`: a match may span lines, and `.` does.
    pub spans_lines: bool,
    /// Where in a content a match must begin; anywhere if nothing. A file that is no text or in no known language is
    /// all code.
    pub zone: Option<Zone>,
}

/// A regex ready to search.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Searches bytes.
    pub regex: Regex,
    /// No match holds a line end or asks where the text begins or ends: lines can be searched in any portions.
    pub is_line_bound: bool,
    /// The same regex, parsed.
    pub hir: Hir,
}

/// Says why a pattern is no regex: where in its source, in bytes, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PatternError {
    Wrong { at: usize, what: String },
    TooLarge,
}

impl Pattern {
    /// Returns whether smart case makes the pattern sensitive: a capital stands in it that is no part of an escape.
    pub fn has_capital(&self) -> bool {
        match self.kind {
            Kind::Literal | Kind::Glob => self.source.chars().any(char::is_uppercase),
            Kind::Regex if self.source.len() > REGEX_BYTES => alternatives::words(&self.source)
                .is_some_and(|words| words.iter().any(|w| w.chars().any(char::is_uppercase))),
            Kind::Regex => match ast::parse::Parser::new().parse(&self.source) {
                Ok(ast) => ast::visit(&ast, Capitals(false)).unwrap_or(false),
                Err(_) => false,
            },
        }
    }

    /// Returns whether the pattern is a literal that `memmem` finds: no letter of it has another form.
    pub fn is_plain(&self) -> bool {
        self.kind == Kind::Literal
            && (self.is_case_sensitive || !self.source.chars().any(has_forms))
            && spellings::of_literal(&self.source).is_none()
    }

    /// Returns whether the pattern names the CR of a line end, which a text that is searched does not have otherwise.
    pub fn names_carriage_return(&self) -> bool {
        match self.kind {
            Kind::Literal => self.source.contains('\r'),
            Kind::Glob => false,
            Kind::Regex if self.source.len() > REGEX_BYTES => self.source.contains('\r'),
            Kind::Regex => match ast::parse::Parser::new().parse(&self.source) {
                Ok(ast) => ast::visit(&ast, CarriageReturns(false)).unwrap_or(false),
                Err(_) => false,
            },
        }
    }

    /// Returns the regex for content: `^` and `$` are those of lines, and no class holds a line end without the
    /// flag `s`, so that `a\s+b` or `[^"]*` stay within a line. A pattern that names `\n` spans lines.
    ///
    /// # Panics
    /// Never for a pattern of [`super::parse`], which has compiled it.
    pub fn compile(&self) -> Compiled {
        self.try_compile()
            .expect("the parser has compiled this pattern")
    }

    pub(super) fn try_compile(&self) -> Result<Compiled, PatternError> {
        let mut regex = self.as_regex()?;
        let mut hir = self.hir(&regex, false)?;
        // Too many spellings are no reason to refuse what was typed.
        if let Some(spelled) = self.spelled(&regex)
            && let Ok(of_spelled) = self.hir(&spelled, false)
            && self.build(&spelled, true).is_ok()
        {
            (regex, hir) = (spelled, of_spelled);
        }
        let is_stripped = !self.spans_lines && self.kind == Kind::Regex && has_class_with_end(&hir);
        let (hir, text) = if is_stripped {
            let stripped = strip(&hir);
            let text = stripped.to_string();
            (stripped, text)
        } else {
            (hir, regex)
        };
        Ok(Compiled {
            regex: self.build(&text, !is_stripped)?,
            is_line_bound: is_line_bound(&hir),
            hir,
        })
    }

    /// Returns what a text must hold to match.
    pub fn need(&self) -> Need {
        let hir = match self.kind {
            Kind::Literal => match spellings::of_literal(&self.source) {
                Some(spelled) => self.hir(&spelled, true),
                None => return need::of_literal(&self.source),
            },
            Kind::Glob => return Need::All,
            // So many words need too many trigrams to be worth looking up.
            Kind::Regex if self.source.len() > REGEX_BYTES => return Need::All,
            Kind::Regex => {
                let spelled = self.spelled(&self.source);
                self.hir(spelled.as_deref().unwrap_or(&self.source), true)
            }
        };
        match hir {
            Ok(hir) if self.spans_lines => need::of_regex(&hir),
            Ok(hir) => need::of_regex(&strip(&hir)),
            Err(_) => Need::All,
        }
    }

    fn as_regex(&self) -> Result<String, PatternError> {
        match self.kind {
            Kind::Literal => Ok(regex_syntax::escape(&self.source)),
            _ if self.source.len() > REGEX_BYTES => self.words().ok_or(PatternError::TooLarge),
            Kind::Regex => Ok(self.source.clone()),
            Kind::Glob => {
                glob::to_regex(&self.source).map_err(|what| PatternError::Wrong { at: 0, what })
            }
        }
    }

    /// Returns the regex with all spellings of what was typed; nothing if there are no others.
    fn spelled(&self, regex: &str) -> Option<String> {
        match self.kind {
            Kind::Literal => spellings::of_literal(&self.source),
            Kind::Regex if self.source.len() > REGEX_BYTES => None,
            Kind::Regex | Kind::Glob => spellings::of_regex(regex),
        }
    }

    /// Returns the regex of a long list of words.
    fn words(&self) -> Option<String> {
        let words = alternatives::words(&self.source).filter(|_| self.kind == Kind::Regex)?;
        alternatives::regex(&spellings::of_words(words), self.is_case_sensitive)
    }

    fn hir(&self, regex: &str, is_utf8: bool) -> Result<Hir, PatternError> {
        let mut parser = regex_syntax::ParserBuilder::new();
        parser
            .multi_line(self.kind != Kind::Glob)
            .utf8(is_utf8)
            .case_insensitive(!self.is_case_sensitive);
        parser.dot_matches_new_line(self.spans_lines);
        parser.build().parse(regex).map_err(|error| {
            let (at, what) = match &error {
                regex_syntax::Error::Parse(error) => {
                    (error.span().start.offset, error.kind().to_string())
                }
                regex_syntax::Error::Translate(error) => {
                    (error.span().start.offset, error.kind().to_string())
                }
                other => (0, other.to_string()),
            };
            PatternError::Wrong { at, what }
        })
    }

    fn build(&self, regex: &str, with_flags: bool) -> Result<Regex, PatternError> {
        let mut builder = RegexBuilder::new(regex);
        if with_flags {
            builder
                .multi_line(self.kind != Kind::Glob)
                .case_insensitive(!self.is_case_sensitive);
            builder.dot_matches_new_line(self.spans_lines);
        }
        // The longest literal without case and the longest list of words still fit.
        let is_long = self.source.len() > REGEX_BYTES;
        let limit = if self.kind == Kind::Literal || is_long {
            4 * REGEX_SIZE
        } else {
            REGEX_SIZE
        };
        builder.size_limit(limit).dfa_size_limit(CACHE_SIZE);
        builder.build().map_err(|error| match error {
            regex::Error::Syntax(what) => PatternError::Wrong { at: 0, what },
            _ => PatternError::TooLarge,
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Literal | Kind::Glob => f.write_str(&tree::quote(&self.source))?,
            Kind::Regex => write!(f, "/{}/", self.source.replace('/', "\\/"))?,
        }
        if self.spans_lines {
            f.write_str("s")?;
        }
        if self.is_case_sensitive {
            f.write_str(" case:yes")?;
        }
        match self.zone {
            Some(zone) => write!(f, " in:{zone}"),
            None => Ok(()),
        }
    }
}

/// Returns whether another character equals this one when case does not matter.
fn has_forms(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
    class.case_fold_simple();
    class.ranges().len() != 1 || class.ranges()[0].start() != class.ranges()[0].end()
}

struct Capitals(bool);

impl ast::Visitor for Capitals {
    type Output = bool;
    type Err = ();

    fn finish(self) -> Result<bool, ()> {
        Ok(self.0)
    }
    fn visit_post(&mut self, ast: &Ast) -> Result<(), ()> {
        if let Ast::Literal(literal) = ast {
            self.see(literal);
        }
        Ok(())
    }
    fn visit_class_set_item_post(&mut self, item: &ast::ClassSetItem) -> Result<(), ()> {
        match item {
            ast::ClassSetItem::Literal(literal) => self.see(literal),
            ast::ClassSetItem::Range(range) => {
                self.see(&range.start);
                self.see(&range.end);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Capitals {
    fn see(&mut self, literal: &ast::Literal) {
        self.0 |= literal.kind == ast::LiteralKind::Verbatim && literal.c.is_uppercase();
    }
}

/// Looks for a CR that stands for itself.
struct CarriageReturns(bool);

impl ast::Visitor for CarriageReturns {
    type Output = bool;
    type Err = ();

    fn finish(self) -> Result<bool, ()> {
        Ok(self.0)
    }
    fn visit_post(&mut self, ast: &Ast) -> Result<(), ()> {
        self.0 |= matches!(ast, Ast::Literal(literal) if literal.c == '\r');
        Ok(())
    }
    fn visit_class_set_item_post(&mut self, item: &ast::ClassSetItem) -> Result<(), ()> {
        self.0 |= matches!(item, ast::ClassSetItem::Literal(literal) if literal.c == '\r');
        Ok(())
    }
}

fn class_has_end(class: &Class) -> bool {
    match class {
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .any(|r| r.start() <= '\n' && '\n' <= r.end()),
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .any(|r| r.start() <= b'\n' && b'\n' <= r.end()),
    }
}

/// Returns whether the predicate holds somewhere in the expression; the parser bounds its depth.
fn any(hir: &Hir, is_hit: &dyn Fn(&Hir) -> bool) -> bool {
    is_hit(hir)
        || match hir.kind() {
            HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
            HirKind::Repetition(part) => any(&part.sub, is_hit),
            HirKind::Capture(part) => any(&part.sub, is_hit),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => {
                parts.iter().any(|p| any(p, is_hit))
            }
        }
}

fn has_class_with_end(hir: &Hir) -> bool {
    any(
        hir,
        &|hir| matches!(hir.kind(), HirKind::Class(class) if class_has_end(class)),
    )
}

fn is_line_bound(hir: &Hir) -> bool {
    !any(hir, &|hir| match hir.kind() {
        HirKind::Class(class) => class_has_end(class),
        HirKind::Literal(literal) => literal.0.contains(&b'\n'),
        HirKind::Look(look) => matches!(look, Look::Start | Look::End),
        _ => false,
    })
}

/// Takes the line end out of every class.
fn strip(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Class(class) if class_has_end(class) => {
            let mut class = class.clone();
            match &mut class {
                Class::Unicode(class) => {
                    class.difference(&ClassUnicode::new([ClassUnicodeRange::new('\n', '\n')]));
                }
                Class::Bytes(class) => {
                    class.difference(&ClassBytes::new([ClassBytesRange::new(b'\n', b'\n')]));
                }
            }
            Hir::class(class)
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
        HirKind::Repetition(part) => Hir::repetition(part.with(strip(&part.sub))),
        HirKind::Capture(part) => strip(&part.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(strip).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(strip).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regex(source: &str) -> Pattern {
        let (source, kind) = (source.to_owned(), Kind::Regex);
        Pattern {
            source,
            kind,
            is_case_sensitive: true,
            spans_lines: false,
            zone: None,
        }
    }

    #[test]
    fn escapes_are_no_capitals() {
        for (source, want) in [
            ("foo", false),
            ("Foo", true),
            (r"\S\W\D\B", false),
            (r"\p{Lu}\x41\u{41}", false),
            ("(?P<Name>a)", false),
            ("[A-Z]", true),
            (r"[^\S]", false),
            ("[[:Alpha:]", false),
        ] {
            assert_eq!(regex(source).has_capital(), want, "{source}");
        }
    }

    #[test]
    fn a_match_stays_in_its_line_unless_asked() {
        let is_match =
            |pattern: &Pattern, text: &str| pattern.compile().regex.is_match(text.as_bytes());
        for source in [r"a\s+b", r"a[^x]+b", r"a[\s\S]+b", r"a\W+b", r"a(?s:.)+b"] {
            let mut pattern = regex(source);
            assert!(
                is_match(&pattern, "a  \u{2003}b") || source.contains('W'),
                "{source}"
            );
            assert!(!is_match(&pattern, "a \n b"), "{source}");
            assert!(pattern.compile().is_line_bound, "{source}");
            pattern.spans_lines = true;
            assert!(is_match(&pattern, "a \n b"), "{source}");
        }
        assert!(is_match(&regex(r"a\nb"), "a\nb"));
        assert!(is_match(&regex(r"(?m)^b$"), "a\nb\nc"));
        assert!(is_match(&regex("^b$"), "a\nb\nc"));
    }

    #[test]
    fn a_carriage_return_is_named_or_not() {
        for (source, want) in [
            (r"a\r\n", true),
            (r"[\r\n]", true),
            (r"[^\r]\n", true),
            (r"\x0d$", true),
            ("a\r", true),
            (r"\s+$", false),
            (r"\\r", false),
            (".", false),
        ] {
            assert_eq!(regex(source).names_carriage_return(), want, "{source}");
        }
    }

    #[test]
    fn what_looks_the_same_is_found_in_each_spelling() {
        for (kind, source) in [
            (Kind::Literal, "prüfung"),
            (Kind::Literal, "pru\u{308}fung"),
            (Kind::Regex, "pr[aü]f.ng"),
            (Kind::Regex, "prü{1,2}fung"),
            (Kind::Glob, "**/prüfung"),
        ] {
            for is_case_sensitive in [true, false] {
                let pattern = Pattern {
                    kind,
                    is_case_sensitive,
                    ..regex(source)
                };
                assert!(!pattern.is_plain());
                let need = pattern.need();
                for text in ["prüfung", "pru\u{308}fung"] {
                    let (regex, mut folded) = (pattern.compile().regex, Vec::new());
                    assert!(regex.is_match(text.as_bytes()), "{pattern} in {text}");
                    crate::text::fold(text.as_bytes(), &mut folded);
                    let has = |gram| need::grams(&folded).any(|g| g == gram);
                    assert!(need.holds(&has), "{pattern} in {text}");
                }
                let other = pattern.compile().regex;
                assert!(!other.is_match(b"prufung"), "{pattern}");
                let capital = "PRU\u{308}FUNG".as_bytes();
                assert_eq!(other.is_match(capital), !is_case_sensitive);
            }
        }
    }

    #[test]
    fn plain_means_that_no_letter_has_another_form() {
        let literal = |source: &str| Pattern {
            kind: Kind::Literal,
            is_case_sensitive: false,
            ..regex(source)
        };
        assert!(literal("->1 << 31 中").is_plain());
        assert!(!literal("s").is_plain());
        assert!(!literal("ſ").is_plain());
        assert!(!literal("ß").is_plain());
    }

    #[test]
    fn large_regexes_are_refused_and_large_literals_are_not() {
        assert_eq!(
            regex(&r"\W".repeat(5_000)).try_compile().unwrap_err(),
            PatternError::TooLarge
        );
        assert_eq!(
            regex(r"(\w{100}){100}").try_compile().unwrap_err(),
            PatternError::TooLarge
        );
        let literal = Pattern {
            kind: Kind::Literal,
            is_case_sensitive: false,
            ..regex(&"sk".repeat(32_000))
        };
        assert!(literal.try_compile().is_ok());
    }
}
