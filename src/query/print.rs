//! A query to a text that parses to the same query.

use super::fact::FileFact;
use super::pattern::{Kind, Pattern};
use super::tree::{Expr, Order, Query, SymbolTerm, SymbolUse, Term, Unit, quote};
use std::fmt::Write as _;

impl Query {
    /// Returns a text that parses to the same query.
    pub fn to_query_text(&self) -> String {
        let mut out = String::new();
        write(&self.root, self.unit, &mut out, true);
        if self.unit != Unit::default() {
            let _ = write!(out, " type:{}", self.unit.word());
        }
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

fn write(expr: &Expr, unit: Unit, out: &mut String, is_top: bool) {
    match expr {
        Expr::And(parts) => list(parts, " ", unit, out, is_top),
        Expr::Or(parts) => list(parts, " or ", unit, out, is_top),
        Expr::Not(part) => {
            out.push_str("NOT ");
            write(part, unit, out, false);
        }
        Expr::Term(term) => out.push_str(&of_term(term, unit)),
    }
}

fn list(parts: &[Expr], between: &str, unit: Unit, out: &mut String, is_top: bool) {
    // At the top settings follow, which bind tighter than `or`, but belong to no part of it.
    if !is_top {
        out.push('(');
    }
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            out.push_str(between);
        }
        write(part, unit, out, false);
    }
    if !is_top {
        out.push(')');
    }
}

fn of_term(term: &Term, unit: Unit) -> String {
    match term {
        Term::Text(pattern) => scoped("", pattern),
        Term::Content(pattern) => scoped("c:", pattern),
        Term::ExceptLine(pattern) => scoped("-line:", pattern),
        Term::Path(pattern) if pattern.kind == Kind::Glob => scoped("glob:", pattern),
        Term::Path(pattern) => scoped("f:", pattern),
        Term::Language(name) => format!("l:{}", quote(name)),
        Term::Symbol(symbol) => of_symbol(symbol, unit),
        Term::Fact(fact) => of_fact(fact),
    }
}

fn of_fact(fact: &FileFact) -> String {
    match fact {
        FileFact::Flag(flag) => format!("flag:{flag}"),
        FileFact::Size(sizes) => format!("size:{sizes}"),
        FileFact::Status(status) => format!("status:{status}"),
        FileFact::Note(pattern) => scoped("note:", pattern),
        FileFact::Severity(severity) => format!("sev:{severity}"),
        FileFact::Reviewer(name) => format!("by:{}", quote(name)),
    }
}

fn of_symbol(symbol: &SymbolTerm, unit: Unit) -> String {
    let mut parts = Vec::new();
    if let Some(name) = &symbol.name {
        parts.extend(settings(name));
        let field = match symbol.wanted {
            // Only so is the name of a definition a literal.
            SymbolUse::Definition if unit == Unit::Symbol && name.kind == Kind::Literal => "",
            SymbolUse::Definition => "sym:",
            SymbolUse::Reference => "ref:",
        };
        parts.push(bare(field, name));
    }
    parts.extend(symbol.kinds.iter().map(|kind| format!("kind:{kind}")));
    // What stands beside it must neither narrow it nor be narrowed by it.
    if parts.len() == 1 && symbol.kinds.is_empty() {
        parts.concat()
    } else {
        format!("({})", parts.join(" "))
    }
}

/// Writes a pattern, within a group if its settings are not those that hold anyway.
fn scoped(field: &str, pattern: &Pattern) -> String {
    let mut parts = settings(pattern);
    parts.push(bare(field, pattern));
    if parts.len() == 1 {
        parts.concat()
    } else {
        format!("({})", parts.join(" "))
    }
}

fn settings(pattern: &Pattern) -> Vec<String> {
    let mut parts = Vec::new();
    if pattern.is_case_sensitive != pattern.has_capital() {
        let value = if pattern.is_case_sensitive {
            "yes"
        } else {
            "no"
        };
        parts.push(format!("case:{value}"));
    }
    if let Some(zone) = pattern.zone {
        parts.push(format!("in:{zone}"));
    }
    parts
}

fn bare(field: &str, pattern: &Pattern) -> String {
    match pattern.kind {
        Kind::Literal | Kind::Glob => format!("{field}{}", quote(&pattern.source)),
        Kind::Regex => {
            let flag = if pattern.spans_lines { "s" } else { "" };
            format!("{field}/{}/{flag}", pattern.source.replace('/', "\\/"))
        }
    }
}
