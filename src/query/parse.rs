//! Tokens to a query: groups, operators, settings. What a single term means is decided in `terms`.

use super::lex::{self, Field, Form, Token, Value, column};
use super::terms::Terms;
use super::tree::{SymbolTerm, Unit};
use super::{Expr, Order, Query, QueryError, Term};
use crate::model::{SymbolKind, Zone};

/// Longest query, in bytes: ten thousand words between `|` fit.
const LIMIT: usize = 256 << 10;

/// Finds the canonical name of a language from any name a person may type for it.
pub type Languages<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Parses a query. `languages` knows the names that `lang:` takes.
pub fn parse(text: &str, languages: Languages<'_>) -> Result<Query, QueryError> {
    if text.len() > LIMIT {
        let fits = text
            .char_indices()
            .take_while(|(i, c)| i + c.len_utf8() <= LIMIT);
        return Err(QueryError::TooLong {
            column: fits.count() + 1,
            limit: LIMIT,
        });
    }
    let tokens = lex::lex(text)?;
    let settings = Settings::read(text, &tokens)?;
    let mut parser = Parser {
        text,
        tokens,
        at: 0,
        terms: Terms::new(text, languages, settings.unit),
        settings,
    };
    let root = parser
        .any_of(Scope::default(), 0)?
        .ok_or(QueryError::Empty)?;
    let Settings {
        unit, order, count, ..
    } = parser.settings;
    Ok(Query {
        root,
        unit,
        order,
        count,
    })
}

/// How case counts.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Case {
    Yes,
    No,
    #[default]
    Auto,
}

/// What holds for the terms of a group.
#[derive(Clone, Copy, Default)]
pub(super) struct Scope {
    pub case: Case,
    pub zone: Option<Zone>,
}

/// What a group says of itself.
#[derive(Clone, Copy, Default)]
struct Own {
    case: Option<Case>,
    zone: Option<Zone>,
}

impl Own {
    /// Returns whether a later state says nothing else than this one.
    fn agrees(self, later: Self) -> bool {
        self.case.is_none_or(|case| later.case == Some(case))
            && self.zone.is_none_or(|zone| later.zone == Some(zone))
    }
}

/// How to search and what to show: by group, and for the whole query.
struct Settings {
    /// By the token that opens the group; behind the last of them of the whole query.
    own: Vec<Own>,
    unit: Unit,
    order: Option<Order>,
    count: Option<u64>,
}

impl Settings {
    fn read(text: &str, tokens: &[(Token, usize)]) -> Result<Self, QueryError> {
        let mut all = Self {
            own: vec![Own::default(); tokens.len() + 1],
            unit: Unit::default(),
            order: None,
            count: None,
        };
        let mut open = vec![tokens.len()];
        for (i, (token, at)) in tokens.iter().enumerate() {
            match token {
                Token::Open => open.push(i),
                Token::Close => drop(open.pop()),
                Token::Field(field, name, value) if field.is_setting() => {
                    let group = open.last().copied().unwrap_or(tokens.len());
                    let word = value.text.as_str();
                    let before = all.own[group];
                    all.set(*field, word, group)
                        .map_err(|allowed| bad_value(text, name, value, allowed))?;
                    if !before.agrees(all.own[group]) {
                        return Err(QueryError::SaidTwice {
                            column: column(text, *at),
                            field: name,
                        });
                    }
                }
                _ => {}
            }
        }
        Ok(all)
    }

    /// Takes a setting; fails with the values that there are.
    fn set(&mut self, field: Field, word: &str, group: usize) -> Result<(), &'static str> {
        match field {
            Field::Case => {
                self.own[group].case = Some(match word {
                    "yes" => Case::Yes,
                    "no" => Case::No,
                    "auto" => Case::Auto,
                    _ => return Err("yes, no or auto"),
                });
            }
            Field::In => {
                let zone = word.parse().map_err(|_| "code, comment or string")?;
                self.own[group].zone = Some(zone);
            }
            Field::Type => {
                self.unit = [Unit::Line, Unit::File, Unit::Symbol, Unit::Finding]
                    .into_iter()
                    .find(|unit| unit.word() == word)
                    .ok_or("line, file, symbol or finding")?;
            }
            Field::Order => {
                self.order = Some(match word {
                    "path" => Order::Path,
                    "rank" => Order::Rank,
                    _ => return Err("path or rank"),
                });
            }
            _ => {
                let is_number = word.bytes().all(|b| b.is_ascii_digit());
                let count = word.parse().ok().filter(|_| is_number);
                self.count = Some(count.ok_or("a number")?);
            }
        }
        Ok(())
    }
}

/// Says that a field does not know a value.
pub(super) fn bad_value(
    text: &str,
    field: &'static str,
    value: &Value,
    allowed: &'static str,
) -> QueryError {
    QueryError::BadValue {
        column: column(text, value.at),
        field,
        allowed,
    }
}

/// A part of a conjunction.
struct Item {
    expr: Expr,
    /// It is neither a group nor part of one, and no negation stands before it: `kind:` reaches it.
    is_direct: bool,
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(Token, usize)>,
    at: usize,
    terms: Terms<'t>,
    settings: Settings,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn column(&self, token: usize) -> usize {
        let at = self
            .tokens
            .get(token)
            .map_or(self.text.len(), |(_, at)| *at);
        column(self.text, at)
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

    /// Parses up to the end of the group that the token before opens; nothing if it holds only settings.
    fn any_of(&mut self, outer: Scope, depth: usize) -> Result<Option<Expr>, QueryError> {
        let opener = if depth == 0 {
            self.tokens.len()
        } else {
            self.at - 1
        };
        let own = self.settings.own[opener];
        let scope = Scope {
            case: own.case.unwrap_or(outer.case),
            zone: own.zone.or(outer.zone),
        };
        let mut parts = Vec::new();
        loop {
            match self.all_of(scope, depth)? {
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
    fn all_of(&mut self, scope: Scope, depth: usize) -> Result<Option<Expr>, QueryError> {
        let mut items = Vec::new();
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
            items.extend(self.expr(scope, depth)?);
        }
        let mut parts = Vec::new();
        for item in with_kinds(items) {
            match item.expr {
                // The lines that a group leaves out are left out of its own.
                Expr::And(inner) if !inner.iter().any(is_except_line) => parts.extend(inner),
                part => parts.push(part),
            }
        }
        Ok(match parts.len() {
            0 => None,
            1 => parts.pop(),
            _ => Some(Expr::And(parts)),
        })
    }

    fn expr(&mut self, scope: Scope, depth: usize) -> Result<Option<Item>, QueryError> {
        let begin = self.at;
        let mut is_negated = false;
        while self.peek() == Some(&Token::Minus) || self.is_operator(&["NOT"]) {
            is_negated = !is_negated;
            self.at += 1;
        }
        let at = self.at;
        let Some((token, _)) = self.tokens.get(at).cloned() else {
            return Ok(None);
        };
        self.at += 1;
        let mut is_direct = at == begin;
        let expr = match token {
            Token::Open => {
                is_direct = false;
                let column = self.column(at);
                let group = self.any_of(scope, depth + 1)?;
                // The lexer balances groups.
                self.at += 1;
                group.ok_or(QueryError::EmptyGroup { column })?
            }
            Token::Term(value) => Expr::Term(self.terms.bare(&value, scope)?),
            Token::Field(field, name, _) if field.is_setting() => {
                if at > begin {
                    return Err(QueryError::NotNegatable {
                        column: self.column(begin),
                        field: name,
                    });
                }
                return Ok(None);
            }
            Token::Field(Field::Line, _, value) => {
                if !is_negated {
                    return Err(QueryError::OnlyNegated {
                        column: self.column(at),
                    });
                }
                let pattern = self.terms.line(&value, scope)?;
                return Ok(Some(Item {
                    expr: Expr::Term(Term::ExceptLine(pattern)),
                    is_direct: false,
                }));
            }
            Token::Field(field, name, value) => {
                Expr::Term(self.terms.field(field, name, &value, scope)?)
            }
            // Neither stands where an expression begins.
            Token::Close | Token::Minus => return Ok(None),
        };
        let expr = match expr {
            Expr::Not(inner) if is_negated => *inner,
            expr if is_negated => Expr::Not(Box::new(expr)),
            expr => expr,
        };
        Ok(Some(Item { expr, is_direct }))
    }
}

fn is_except_line(expr: &Expr) -> bool {
    matches!(expr, Expr::Term(Term::ExceptLine(_)))
}

/// Lets the kinds of a conjunction narrow the names beside them, or makes them one condition.
fn with_kinds(mut items: Vec<Item>) -> Vec<Item> {
    fn direct(item: &mut Item) -> Option<&mut SymbolTerm> {
        match &mut item.expr {
            Expr::Term(Term::Symbol(symbol)) if item.is_direct => Some(symbol),
            _ => None,
        }
    }
    let mut kinds: Vec<SymbolKind> = Vec::new();
    let mut has_names = false;
    for symbol in items.iter_mut().filter_map(direct) {
        match &symbol.name {
            Some(_) => has_names = true,
            None => kinds.extend(&symbol.kinds),
        }
    }
    if kinds.is_empty() {
        return items;
    }
    kinds.sort_unstable();
    kinds.dedup();
    // Alone they stand where the first one stood.
    let mut is_due = !has_names;
    items.retain_mut(|item| match direct(item) {
        Some(symbol) if symbol.name.is_some() || is_due => {
            is_due &= symbol.name.is_some();
            symbol.kinds.clone_from(&kinds);
            true
        }
        Some(_) => false,
        None => true,
    });
    items
}
