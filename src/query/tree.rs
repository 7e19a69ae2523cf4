//! What a query is, and its two printed forms.

use super::pattern::{Kind, Pattern};
use std::fmt::{self, Write as _};

/// A parsed query: plain data, the same however it was spelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What a file must satisfy.
    pub root: Expr,
    /// The order asked for; nothing if none was.
    pub order: Option<Order>,
    /// How many hits to show. Counts are never limited.
    pub count: Option<u64>,
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
/// `And` and `Or` have at least two parts and never hold their own kind directly; `Not` never holds a `Not`.
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
    /// Always true; hit lines that hold it are left out of the group it stands in.
    ExceptLine(Pattern),
    /// The path matches.
    Path(Pattern),
    /// The file is in that language, by its canonical name.
    Language(String),
}

impl Query {
    /// Returns the patterns of content that make hits: those that no negation stands before.
    pub fn content_patterns(&self) -> Vec<&Pattern> {
        let mut found = Vec::new();
        let mut rest = vec![&self.root];
        while let Some(expr) = rest.pop() {
            match expr {
                Expr::And(parts) | Expr::Or(parts) => rest.extend(parts),
                Expr::Term(Term::Text(pattern) | Term::Content(pattern)) => found.push(pattern),
                Expr::Not(_) | Expr::Term(_) => {}
            }
        }
        found
    }

    /// Returns a text that parses to the same query.
    pub fn to_query_text(&self) -> String {
        let mut out = String::new();
        self.root.write_text(&mut out, true);
        match self.order {
            Some(Order::Path) => out.push_str(" order:path"),
            Some(Order::Rank) => out.push_str(" order:rank"),
            None => {}
        }
        if let Some(count) = self.count {
            let _ = write!(out, " count:{count}");
        }
        out
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root)
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
        }
    }
}

/// Puts a text between quotes, so that the parser reads it back.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Expr {
    fn write_text(&self, out: &mut String, is_top: bool) {
        match self {
            Self::And(parts) => Self::write_list(parts, " ", out, is_top),
            Self::Or(parts) => Self::write_list(parts, " or ", out, is_top),
            Self::Not(part) => {
                out.push_str("NOT ");
                part.write_text(out, false);
            }
            Self::Term(term) => term.write_text(out),
        }
    }

    fn write_list(parts: &[Self], between: &str, out: &mut String, is_top: bool) {
        // At the top settings follow, which bind tighter than `or`, but belong to no part of it.
        if !is_top {
            out.push('(');
        }
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                out.push_str(between);
            }
            part.write_text(out, false);
        }
        if !is_top {
            out.push(')');
        }
    }
}

impl Term {
    fn write_text(&self, out: &mut String) {
        let (field, pattern) = match self {
            Self::Text(pattern) => ("", pattern),
            Self::Content(pattern) => ("c:", pattern),
            Self::ExceptLine(pattern) => ("-line:", pattern),
            Self::Path(pattern) if pattern.kind == Kind::Glob => ("glob:", pattern),
            Self::Path(pattern) => ("f:", pattern),
            Self::Language(name) => {
                out.push_str("l:");
                out.push_str(&quote(name));
                return;
            }
        };
        let is_auto = pattern.is_case_sensitive == pattern.has_capital();
        if !is_auto {
            out.push_str(if pattern.is_case_sensitive {
                "(case:yes "
            } else {
                "(case:no "
            });
        }
        out.push_str(field);
        match pattern.kind {
            Kind::Literal | Kind::Glob => out.push_str(&quote(&pattern.source)),
            Kind::Regex => {
                out.push('/');
                out.push_str(&pattern.source.replace('/', "\\/"));
                out.push('/');
                if pattern.spans_lines {
                    out.push('s');
                }
            }
        }
        if !is_auto {
            out.push(')');
        }
    }
}
