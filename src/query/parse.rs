//! Tokens to a query.

use super::lex::{self, Field, Form, Token, Value, column};
use super::pattern::{Kind, Pattern, PatternError};
use super::{Expr, Order, Query, QueryError, Term};

/// Longest query, in bytes.
const LIMIT: usize = 64 << 10;
/// Most terms of a query.
const TERMS: usize = 256;

/// Finds the canonical name of a language from any name a person may type for it.
pub type Languages<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Parses a query. `languages` knows the names that `lang:` takes.
pub fn parse(text: &str, languages: Languages<'_>) -> Result<Query, QueryError> {
    if text.len() > LIMIT {
        let column = text
            .char_indices()
            .take_while(|(i, c)| i + c.len_utf8() <= LIMIT)
            .count()
            + 1;
        return Err(QueryError::TooLong {
            column,
            limit: LIMIT,
        });
    }
    let tokens = lex::lex(text)?;
    let cases = cases(text, &tokens)?;
    let mut parser = Parser {
        text,
        languages,
        tokens,
        cases,
        at: 0,
        terms: 0,
        order: None,
        count: None,
    };
    let root = parser.any_of(Case::Auto, 0)?.ok_or(QueryError::Empty)?;
    Ok(Query {
        root,
        order: parser.order,
        count: parser.count,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Yes,
    No,
    Auto,
}

/// Finds the `case:` of each group, by the token that opens it, and of the whole query behind the last of them.
fn cases(text: &str, tokens: &[(Token, usize)]) -> Result<Vec<Option<Case>>, QueryError> {
    let mut cases = vec![None; tokens.len() + 1];
    let mut open = vec![tokens.len()];
    for (i, (token, _)) in tokens.iter().enumerate() {
        match token {
            Token::Open => open.push(i),
            Token::Close => drop(open.pop()),
            Token::Field(Field::Case, field, value) => {
                let case = match value.text.as_str() {
                    "yes" => Case::Yes,
                    "no" => Case::No,
                    "auto" => Case::Auto,
                    _ => return Err(bad_value(text, field, value, "yes, no or auto")),
                };
                if let Some(group) = open.last() {
                    cases[*group] = Some(case);
                }
            }
            _ => {}
        }
    }
    Ok(cases)
}

fn bad_value(text: &str, field: &'static str, value: &Value, allowed: &'static str) -> QueryError {
    QueryError::BadValue {
        column: column(text, value.at),
        field,
        allowed,
    }
}

struct Parser<'t> {
    text: &'t str,
    languages: Languages<'t>,
    tokens: Vec<(Token, usize)>,
    cases: Vec<Option<Case>>,
    at: usize,
    terms: usize,
    order: Option<Order>,
    count: Option<u64>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn column(&self, token: usize) -> usize {
        column(
            self.text,
            self.tokens
                .get(token)
                .map_or(self.text.len(), |(_, at)| *at),
        )
    }

    fn is_word(&self, token: usize, words: &[&str]) -> bool {
        match self.tokens.get(token) {
            Some((Token::Term(value), _)) => {
                value.form == Form::Bare && words.contains(&value.text.as_str())
            }
            _ => false,
        }
    }

    /// Returns whether an expression follows the token.
    fn has_operand(&self, token: usize) -> bool {
        !matches!(self.tokens.get(token + 1), None | Some((Token::Close, _)))
    }

    fn is_operator(&self, words: &[&str]) -> bool {
        self.is_word(self.at, words) && self.has_operand(self.at)
    }

    /// Parses up to the end of the group that `opener` opens; nothing if it holds only settings.
    fn any_of(&mut self, outer: Case, depth: usize) -> Result<Option<Expr>, QueryError> {
        let opener = if depth == 0 {
            self.tokens.len()
        } else {
            self.at - 1
        };
        let case = self.cases[opener].unwrap_or(outer);
        let mut parts = Vec::new();
        loop {
            match self.all_of(case, depth)? {
                Some(Expr::Or(inner)) => parts.extend(inner),
                Some(part) => parts.push(part),
                None => {}
            }
            if matches!(self.peek(), None | Some(Token::Close)) {
                break;
            }
        }
        Ok(match parts.len() {
            0 => None,
            1 => parts.pop(),
            _ => Some(Expr::Or(parts)),
        })
    }

    /// Parses up to the next `or`, which it takes.
    fn all_of(&mut self, case: Case, depth: usize) -> Result<Option<Expr>, QueryError> {
        let mut parts = Vec::new();
        let mut is_first = true;
        while !matches!(self.peek(), None | Some(Token::Close)) {
            if !is_first && self.is_operator(&["or", "OR"]) {
                self.at += 1;
                break;
            }
            if !is_first && self.is_operator(&["and", "AND"]) {
                self.at += 1;
            }
            is_first = false;
            match self.expr(case, depth)? {
                Some(Expr::And(inner)) => parts.extend(inner),
                Some(part) => parts.push(part),
                None => {}
            }
        }
        Ok(match parts.len() {
            0 => None,
            1 => parts.pop(),
            _ => Some(Expr::And(parts)),
        })
    }

    fn expr(&mut self, case: Case, depth: usize) -> Result<Option<Expr>, QueryError> {
        let begin = self.at;
        let mut is_negated = false;
        loop {
            if self.peek() == Some(&Token::Minus) || self.is_operator(&["NOT"]) {
                is_negated = !is_negated;
                self.at += 1;
            } else {
                break;
            }
        }
        let at = self.at;
        let is_prefixed = at > begin;
        let Some((token, _)) = self.tokens.get(at).cloned() else {
            return Ok(None);
        };
        self.at += 1;
        let expr = match token {
            Token::Open => {
                let column = self.column(at);
                let group = self.any_of(case, depth + 1)?;
                // The lexer balances groups.
                self.at += 1;
                group.ok_or(QueryError::EmptyGroup { column })?
            }
            Token::Term(value) => Expr::Term(self.text_term(&value, case)?),
            Token::Field(field, name, value) => {
                if matches!(field, Field::Case | Field::Order | Field::Count) {
                    if is_prefixed {
                        return Err(QueryError::NotNegatable {
                            column: self.column(begin),
                            field: name,
                        });
                    }
                    self.setting(field, name, &value)?;
                    return Ok(None);
                }
                if field == Field::Line {
                    if !is_negated {
                        return Err(QueryError::OnlyNegated {
                            column: self.column(at),
                        });
                    }
                    let Term::Content(pattern) = self.content(&value, case)? else {
                        return Ok(None);
                    };
                    return Ok(Some(Expr::Term(Term::ExceptLine(pattern))));
                }
                Expr::Term(self.field_term(field, name, &value, case)?)
            }
            // Neither stands where an expression begins.
            Token::Close | Token::Minus => return Ok(None),
        };
        Ok(Some(match expr {
            Expr::Not(inner) if is_negated => *inner,
            expr if is_negated => Expr::Not(Box::new(expr)),
            expr => expr,
        }))
    }

    fn setting(
        &mut self,
        field: Field,
        name: &'static str,
        value: &Value,
    ) -> Result<(), QueryError> {
        match (field, value.text.as_str()) {
            (Field::Order, "path") => self.order = Some(Order::Path),
            (Field::Order, "rank") => self.order = Some(Order::Rank),
            (Field::Order, _) => return Err(bad_value(self.text, name, value, "path or rank")),
            (Field::Count, digits) => match digits.parse() {
                Ok(count) if digits.bytes().all(|b| b.is_ascii_digit()) => self.count = Some(count),
                _ => return Err(bad_value(self.text, name, value, "a number")),
            },
            _ => {}
        }
        Ok(())
    }

    fn text_term(&mut self, value: &Value, case: Case) -> Result<Term, QueryError> {
        let kind = if value.form == Form::Regex {
            Kind::Regex
        } else {
            Kind::Literal
        };
        self.pattern(value, kind, case).map(Term::Text)
    }

    fn content(&mut self, value: &Value, case: Case) -> Result<Term, QueryError> {
        let kind = if value.form == Form::Regex {
            Kind::Regex
        } else {
            Kind::Literal
        };
        self.pattern(value, kind, case).map(Term::Content)
    }

    fn field_term(
        &mut self,
        field: Field,
        name: &'static str,
        value: &Value,
        case: Case,
    ) -> Result<Term, QueryError> {
        match field {
            Field::Content => self.content(value, case),
            Field::Regex => self.pattern(value, Kind::Regex, case).map(Term::Text),
            Field::Path => self.pattern(value, Kind::Regex, case).map(Term::Path),
            Field::Glob => self.pattern(value, Kind::Glob, case).map(Term::Path),
            Field::Language => {
                self.count_term(value)?;
                match (self.languages)(&value.text) {
                    Some(name) => Ok(Term::Language(name)),
                    None => Err(QueryError::UnknownLanguage {
                        column: column(self.text, value.at),
                        name: value.text.chars().take(60).collect(),
                    }),
                }
            }
            _ => {
                let at = value.at - name.len() - 1;
                Err(QueryError::NotYet {
                    column: column(self.text, at),
                    field: name,
                })
            }
        }
    }

    fn count_term(&mut self, value: &Value) -> Result<(), QueryError> {
        self.terms += 1;
        if self.terms > TERMS {
            return Err(QueryError::TooManyTerms {
                column: column(self.text, value.at),
                limit: TERMS,
            });
        }
        Ok(())
    }

    fn pattern(&mut self, value: &Value, kind: Kind, case: Case) -> Result<Pattern, QueryError> {
        self.count_term(value)?;
        let at = column(self.text, value.at);
        if value.text.is_empty() {
            return Err(QueryError::EmptyTerm { column: at });
        }
        let source = match kind {
            Kind::Regex if value.form != Form::Regex => lex::unescape_slashes(&value.text),
            _ => value.text.clone(),
        };
        let spans_lines = value.spans_lines && kind == Kind::Regex;
        let mut pattern = Pattern {
            source,
            kind,
            is_case_sensitive: false,
            spans_lines,
        };
        pattern.is_case_sensitive = match case {
            _ if value.is_insensitive => false,
            Case::Yes => true,
            Case::No => false,
            Case::Auto => pattern.has_capital(),
        };
        let quote = usize::from(value.form != Form::Bare);
        match pattern.try_compile() {
            Ok(_) => Ok(pattern),
            Err(PatternError::TooLarge) => Err(QueryError::RegexTooLarge { column: at }),
            Err(PatternError::Wrong { what, .. }) if kind == Kind::Glob => {
                Err(QueryError::BadGlob { column: at, what })
            }
            Err(PatternError::Wrong { at: inner, what }) => {
                let inner = column(&pattern.source, inner) - 1;
                Err(QueryError::BadRegex {
                    column: at + quote + inner,
                    what,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(name: &str) -> Option<String> {
        ["C", "Rust"]
            .iter()
            .find(|l| l.eq_ignore_ascii_case(name))
            .map(ToString::to_string)
    }

    fn parsed(text: &str) -> String {
        match parse(text, &known) {
            Ok(query) => query.to_string(),
            Err(error) => format!("{error}"),
        }
    }

    #[test]
    fn what_is_text_and_what_is_syntax() {
        for (text, want) in [
            (
                "strcpy -f:^vendor/",
                r#"AND(text "strcpy", NOT path /^vendor\//)"#,
            ),
            ("strcpy(", r#"text "strcpy(""#),
            ("loop()", r#"text "loop()""#),
            ("()", r#"text "()""#),
            ("->", r#"text "->""#),
            ("--", r#"text "--""#),
            ("-1", r#"text "-1""#),
            ("-x", r#"NOT text "x""#),
            (
                "a | b || c && !d",
                r#"AND(text "a", text "|", text "b", text "||", text "c", text "&&", text "!d")"#,
            ),
            ("1 << 31", r#"AND(text "1", text "<<", text "31")"#),
            ("a[i]", r#"text "a[i]""#),
            (
                "name:: f:: file::open",
                r#"AND(text "name::", text "f::", text "file::open")"#,
            ),
            (
                "http://x default: status:",
                r#"AND(text "http://x", text "default:", text "status:")"#,
            ),
            ("//", r#"text "//""#),
            ("// todo /x/", r#"AND(text "//", text "todo", text /x/)"#),
            ("/* todo", r#"AND(text "/*", text "todo")"#),
            ("/* x */", r#"AND(text "/*", text "x", text "*/")"#),
            ("/a b/", "text /a b/"),
            ("/a/b/", r"text /a\/b/"),
            (r"/a\/b/i", r"text /a\/b/"),
            (r"/\S+x/", r"text /\S+x/"),
            ("/A/", "text /A/ case:yes"),
            ("/A.b/is", "text /A.b/s"),
            ("/usr/include", r#"text "/usr/include""#),
            ("-/a/", "NOT text /a/"),
            ("(/a/)", "text /a/"),
            (r#""a b" "\"\\\n""#, r#"AND(text "a b", text "\"\\\\n")"#),
            ("a or b c", r#"OR(text "a", AND(text "b", text "c"))"#),
            ("a and b AND c", r#"AND(text "a", text "b", text "c")"#),
            ("or", r#"text "or""#),
            ("a or", r#"AND(text "a", text "or")"#),
            (r#"a "or" b"#, r#"AND(text "a", text "or", text "b")"#),
            ("NOT a NOT NOT b", r#"AND(NOT text "a", text "b")"#),
            ("(a or b) c", r#"AND(OR(text "a", text "b"), text "c")"#),
            ("-(a b)", r#"NOT AND(text "a", text "b")"#),
            ("(a", r#"text "(a""#),
            ("((a) b", r#"AND(text "((a)", text "b")"#),
            ("(a b) c)", r#"AND(text "a", text "b", text "c)")"#),
            ("(foo(x) y)", r#"AND(text "foo(x)", text "y")"#),
            ("(foo)", r#"text "foo""#),
            ("-(", r#"text "-(""#),
            (")", r#"text ")""#),
            ("Foo bar", r#"AND(text "Foo" case:yes, text "bar")"#),
            (
                "Foo (case:yes bar) case:no",
                r#"AND(text "Foo", text "bar" case:yes)"#,
            ),
            (
                "l:c c:x glob:*.h",
                r#"AND(language "C", content "x", glob "*.h")"#,
            ),
            ("x -line:y", r#"AND(text "x", NOT line "y")"#),
            ("regex:a+ order:rank count:5", "text /a+/"),
            ("", "column 1: the query is empty"),
            ("order:path", "column 1: the query is empty"),
            (
                "ä (case:yes)",
                "column 3: the group has nothing to search for",
            ),
            ("ä \"x", "column 3: the quote is not closed"),
            ("ä \"\"", "column 3: the term is empty"),
            ("ä sym:x", "column 3: `sym:` is not yet searchable"),
            ("ä l:klingon", "column 5: no language is called `klingon`"),
            ("case:maybe x", "column 6: `case:` takes yes, no or auto"),
            (
                "x -count:3",
                "column 3: `count:` is a setting and cannot be negated",
            ),
            (
                "x line:3",
                "column 3: `line:` only excludes lines, as in `-line:term`",
            ),
            ("ä /a(/", "column 5: the regex is wrong: unclosed group"),
            (
                "f:[",
                "column 3: the regex is wrong: unclosed character class",
            ),
            ("glob:[", "column 6: the glob is wrong: [ is not closed"),
            (r"x /(\w{100}){100}/", "column 3: the regex is too large"),
        ] {
            assert_eq!(parsed(text), want, "{text}");
        }
    }

    #[test]
    fn hostile_queries_end_soon() {
        for text in [
            "x".repeat(1 << 20),
            "(".repeat(60_000),
            "( ".repeat(30_000),
            format!("{}a{}", "(".repeat(250), ")".repeat(250)),
            "-(".repeat(30_000),
            "/a ".repeat(20_000),
            "(a)b".repeat(15_000),
            "a ".repeat(30_000),
            "\\".repeat(60_000),
            "\\/".repeat(30_000),
        ] {
            let _ = parse(&text, &known).map(|q| q.to_string());
        }
        let deep = format!("{}a{}", "(".repeat(250), ")".repeat(250));
        assert_eq!(
            parse(&deep, &known),
            Err(QueryError::TooDeep {
                column: 201,
                limit: 200
            })
        );
        let fits = format!("{}a{}", "(".repeat(200), ")".repeat(200));
        assert!(parse(&fits, &known).is_ok());
        assert!(matches!(
            parse(&"é".repeat(40_000), &known),
            Err(QueryError::TooLong { column: 32_769, .. })
        ));
        assert!(matches!(
            parse(&"a ".repeat(300), &known),
            Err(QueryError::TooManyTerms { column: 513, .. })
        ));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a-cF:/(\"\\\\) *|\\-slior.]{0,40}") {
            let _ = parse(&text, &known);
        }

        #[test]
        fn the_printed_query_parses_to_itself(
            text in proptest::collection::vec(prop_oneof![
                Just("or"), Just("NOT"), Just("and"), Just("("), Just(")"), Just("-("), Just("-a"), Just("B"),
                Just("c:\"x\\\\\\\"y\""), Just("/a\\/Q\\\\/"), Just("/a.b/s"), Just("/A/i"), Just("case:yes"),
                Just("case:no"), Just("f:x/Y"), Just("-l:rust"), Just("glob:*.C"), Just("-line:q"), Just("or)"),
                Just("order:rank"), Just("count:7"), Just("d("), Just("\"or\""), Just("regex:a\\/b"),
            ], 1..14),
        ) {
            if let Ok(query) = parse(&text.join(" "), &known) {
                let printed = query.to_query_text();
                prop_assert_eq!(parse(&printed, &known), Ok(query), "{}", printed);
            }
        }
    }
}
