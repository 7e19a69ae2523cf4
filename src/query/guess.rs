//! What a query finds if it was meant to be a regex and was typed as text.

use super::pattern::{Kind, Pattern};
use super::tree::{Expr, Query, Term};

/// What no text has by chance, or seldom enough.
const SIGNS: &[&str] = &[
    ".*", ".+", ".?", "\\b", "\\w", "\\W", "\\s", "\\S", "\\d", "\\D", "\\(", "\\)", "\\[", "\\.",
    "\\|", "|", "[^", "]+", "]*", ")?", ")+", ")*", "^", "$",
];

impl Query {
    /// Returns the same query with each text that looks like a regex read as one; nothing if none does.
    pub fn as_regex(&self) -> Option<Self> {
        let mut query = self.clone();
        let mut has_turned = false;
        turn(&mut query.root, &mut has_turned);
        has_turned.then_some(query)
    }
}

fn turn(expr: &mut Expr, has_turned: &mut bool) {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => {
            for part in parts {
                turn(part, has_turned);
            }
        }
        Expr::Not(part) => turn(part, has_turned),
        Expr::Term(Term::Text(pattern) | Term::Content(pattern)) => {
            if let Some(turned) = turned(pattern) {
                *pattern = turned;
                *has_turned = true;
            }
        }
        Expr::Term(_) => {}
    }
}

fn turned(pattern: &Pattern) -> Option<Pattern> {
    let looks = SIGNS.iter().any(|sign| pattern.source.contains(sign));
    if pattern.kind != Kind::Literal || !looks {
        return None;
    }
    let mut turned = Pattern {
        kind: Kind::Regex,
        ..pattern.clone()
    };
    // Smart case is judged anew: the capital of `\S` is none.
    if pattern.is_case_sensitive == pattern.has_capital() {
        turned.is_case_sensitive = turned.has_capital();
    }
    turned.try_compile().is_ok().then_some(turned)
}

#[cfg(test)]
mod tests {
    use crate::query::parse;

    #[test]
    fn only_what_looks_like_a_regex_is_turned() {
        for (text, want) in [
            (r"foo.*bar", Some("/foo.*bar/")),
            (r"c:\bfoo\S x", Some(r#"c:/\bfoo\S/ "x""#)),
            (r"Foo|a/b", Some(r"/Foo|a\/b/")),
            ("plain f:a.*b", None),
            ("/a.*b/", None),
            ("a[i]", None),
            ("x(.*", None),
            ("-line:a.*b x", None),
        ] {
            let query = parse(text, &|_| None).unwrap();
            let turned = query.as_regex().map(|q| q.to_query_text());
            assert_eq!(turned.as_deref(), want, "{text}");
        }
    }
}
