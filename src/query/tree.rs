//! What a query is, and the form in which it is shown.

use super::fact::FileFact;
use super::pattern::{Kind, Pattern};
use crate::model::SymbolKind;
use std::fmt;

/// A parsed query: plain data, the same however it was spelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What a file must satisfy.
    pub root: Expr,
    /// What is listed.
    pub unit: Unit,
    /// The order asked for; nothing if none was.
    pub order: Option<Order>,
    /// How many hits to show. Counts are never limited.
    pub count: Option<u64>,
}

/// What a result is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Every line that holds a hit, and every file whose path does.
    #[default]
    Line,
    /// Every file that satisfies the query, once.
    File,
    /// The names that were asked for; bare terms ask for names of definitions. With no name asked for, every
    /// definition of the files that satisfy the query.
    Symbol,
    /// The places of findings in files that satisfy the query.
    Finding,
}

/// The order of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By path and line.
    Path,
    /// The likeliest first.
    Rank,
}

/// A condition on a file.
///
/// `And` and `Or` have at least two parts and never hold their own kind directly, except for an `And` that leaves lines
/// out; `Not` never holds a `Not`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// All of them.
    And(Vec<Expr>),
    /// At least one of them.
    Or(Vec<Expr>),
    /// The contrary.
    Not(Box<Expr>),
    /// One condition.
    Term(Term),
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// The content or the path holds it.
    Text(Pattern),
    /// The content holds it.
    Content(Pattern),
    /// Hit lines that hold it are left out of the conjunction it stands in, which then needs another line if it lives of
    /// lines. Always true by itself.
    ExceptLine(Pattern),
    /// The path matches.
    Path(Pattern),
    /// The file is in that language, by its canonical name.
    Language(String),
    /// The text defines or uses a name.
    Symbol(SymbolTerm),
    /// The file is so, or its review says so.
    Fact(FileFact),
}

/// A name that a text defines or uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolTerm {
    /// Whether it is defined or used.
    pub wanted: SymbolUse,
    /// What the name holds; any name if nothing. A literal only of [`Unit::Symbol`].
    pub name: Option<Pattern>,
    /// What it stands for, sorted, each once; anything if empty. Never empty without a name.
    pub kinds: Vec<SymbolKind>,
}

/// What is done with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolUse {
    /// It is defined.
    Definition,
    /// It is called, referred to or declared.
    Reference,
}

impl Query {
    /// Returns the patterns of content that make hits: those that no negation stands before.
    pub fn content_patterns(&self) -> Vec<&Pattern> {
        let content = |term: &'_ Term| matches!(term, Term::Text(_) | Term::Content(_));
        let patterns = self.positive(&content).into_iter();
        let patterns = patterns.filter_map(|term| match term {
            Term::Text(pattern) | Term::Content(pattern) => Some(pattern),
            _ => None,
        });
        patterns.collect()
    }

    /// Returns whether the query looks for lines in files; otherwise it only chooses files.
    pub fn has_lines(&self) -> bool {
        let symbol = |term: &'_ Term| matches!(term, Term::Symbol(_));
        match self.unit {
            Unit::Line => !self.content_patterns().is_empty() || !self.positive(&symbol).is_empty(),
            Unit::Symbol | Unit::Finding => true,
            Unit::File => false,
        }
    }

    /// Returns whether the answer depends on the state of a review.
    pub fn needs_review(&self) -> bool {
        let mut rest = vec![&self.root];
        while let Some(expr) = rest.pop() {
            match expr {
                Expr::And(parts) | Expr::Or(parts) => rest.extend(parts),
                Expr::Not(part) => rest.push(part),
                Expr::Term(Term::Fact(FileFact::Flag(_) | FileFact::Size(_))) => {}
                Expr::Term(Term::Fact(_)) => return true,
                Expr::Term(_) => {}
            }
        }
        self.unit == Unit::Finding
    }

    /// Returns the terms of a sort that no negation stands before.
    fn positive(&self, is_wanted: &dyn Fn(&Term) -> bool) -> Vec<&Term> {
        let mut found = Vec::new();
        let mut rest = vec![&self.root];
        while let Some(expr) = rest.pop() {
            match expr {
                Expr::And(parts) | Expr::Or(parts) => rest.extend(parts.iter().rev()),
                Expr::Term(term) if is_wanted(term) => found.push(term),
                Expr::Not(_) | Expr::Term(_) => {}
            }
        }
        found
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root)?;
        match self.unit {
            Unit::Line => Ok(()),
            unit => write!(f, " as {}s", unit.word()),
        }
    }
}

impl Unit {
    /// Returns the value of `type:`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::File => "file",
            Self::Symbol => "symbol",
            Self::Finding => "finding",
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = |name: &str, parts: &[Self]| {
            write!(f, "{name}(")?;
            for (i, part) in parts.iter().enumerate() {
                write!(f, "{}{part}", if i == 0 { "" } else { ", " })?;
            }
            write!(f, ")")
        };
        match self {
            Self::And(parts) => list("AND", parts),
            Self::Or(parts) => list("OR", parts),
            Self::Not(part) => write!(f, "NOT {part}"),
            Self::Term(term) => write!(f, "{term}"),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(pattern) => write!(f, "text {pattern}"),
            Self::Content(pattern) => write!(f, "content {pattern}"),
            Self::ExceptLine(pattern) => write!(f, "NOT line {pattern}"),
            Self::Path(pattern) if pattern.kind == Kind::Glob => write!(f, "glob {pattern}"),
            Self::Path(pattern) => write!(f, "path {pattern}"),
            Self::Language(name) => write!(f, "language {}", quote(name)),
            Self::Symbol(symbol) => write!(f, "{symbol}"),
            Self::Fact(fact) => write!(f, "{fact}"),
        }
    }
}

impl fmt::Display for SymbolTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut before, words) = ("", self.kinds.iter());
        for word in words {
            write!(f, "{before}{word}")?;
            before = " or ";
        }
        let space = if self.kinds.is_empty() { "" } else { " " };
        match self.wanted {
            SymbolUse::Definition => write!(f, "{space}definition")?,
            SymbolUse::Reference => write!(f, "{space}reference")?,
        }
        match &self.name {
            Some(name) => write!(f, " {name}"),
            None => Ok(()),
        }
    }
}

/// Puts a text between quotes, so that the parser reads it back.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
