//! Search text to tokens.
//!
//! What is text and what is syntax is decided here, and only by what stands before it and whether a `(` has a
//! partner. A `(` without one is found out at the end; it then becomes text and the text is read again.

use super::QueryError;
use std::collections::HashSet;

/// Deepest nesting of groups.
pub(super) const DEPTH: usize = 200;

/// The fields of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Path,
    Glob,
    Language,
    Content,
    Regex,
    Line,
    Definition,
    Use,
    Kind,
    Status,
    Note,
    Severity,
    Reviewer,
    Flag,
    Size,
    Case,
    In,
    Type,
    Order,
    Count,
    Later,
}

impl Field {
    /// Returns whether it says how to search or what to show instead of what to find.
    pub(super) fn is_setting(self) -> bool {
        matches!(
            self,
            Self::Case | Self::In | Self::Type | Self::Order | Self::Count
        )
    }
}

const FIELDS: &[(&str, Field)] = &[
    ("f", Field::Path),
    ("file", Field::Path),
    ("path", Field::Path),
    ("glob", Field::Glob),
    ("l", Field::Language),
    ("lang", Field::Language),
    ("language", Field::Language),
    ("c", Field::Content),
    ("content", Field::Content),
    ("regex", Field::Regex),
    ("line", Field::Line),
    ("case", Field::Case),
    ("order", Field::Order),
    ("count", Field::Count),
    ("sym", Field::Definition),
    ("def", Field::Definition),
    ("ref", Field::Use),
    ("kind", Field::Kind),
    ("in", Field::In),
    ("status", Field::Status),
    ("note", Field::Note),
    ("sev", Field::Severity),
    ("by", Field::Reviewer),
    ("flag", Field::Flag),
    ("size", Field::Size),
    ("type", Field::Type),
    ("rev", Field::Later),
    ("diff", Field::Later),
];

/// How a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Bare,
    Quoted,
    /// Between slashes.
    Regex,
}

/// A term, or what stands behind a field's colon. `at` is a byte of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub form: Form,
    pub text: String,
    pub is_insensitive: bool,
    pub spans_lines: bool,
    pub at: usize,
}

/// A piece of syntax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    Minus,
    Term(Value),
    Field(Field, &'static str, Value),
}

/// Splits a query; each token with the byte where it begins. Groups are balanced in what is returned.
pub(super) fn lex(text: &str) -> Result<Vec<(Token, usize)>, QueryError> {
    let closers = closers(text);
    let mut lexer = Lexer {
        text,
        closers,
        plain: HashSet::new(),
        tokens: Vec::new(),
        open: Vec::new(),
    };
    // Each round makes at least one more parenthesis text.
    for _ in 0..DEPTH {
        lexer.tokens.clear();
        lexer.open.clear();
        lexer.run()?;
        match lexer.open.first() {
            None => return Ok(lexer.tokens),
            Some(first) => lexer.plain.insert(*first),
        };
    }
    let at = lexer.open.first().copied().unwrap_or(0);
    Err(QueryError::TooDeep {
        column: column(text, at),
        limit: DEPTH,
    })
}

/// Returns the 1-based column, in characters, of a byte.
pub(super) fn column(text: &str, at: usize) -> usize {
    text.char_indices().take_while(|(i, _)| *i < at).count() + 1
}

/// Finds the slashes that may end a regex, in order.
fn closers(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for at in memchr::memchr_iter(b'/', bytes) {
        let escapes = bytes[..at]
            .iter()
            .rev()
            .take_while(|b| **b == b'\\')
            .count();
        let behind = text[at + 1..].trim_start_matches(['i', 's']).chars().next();
        let flags = text[at + 1..]
            .bytes()
            .take_while(|b| matches!(b, b'i' | b's'))
            .count();
        if escapes % 2 == 0 && flags <= 2 && behind.is_none_or(|c| c.is_whitespace() || c == ')') {
            found.push(at);
        }
    }
    found
}

struct Lexer<'t> {
    text: &'t str,
    closers: Vec<usize>,
    /// Parentheses known to have no partner.
    plain: HashSet<usize>,
    tokens: Vec<(Token, usize)>,
    /// Groups not closed yet.
    open: Vec<usize>,
}

impl Lexer<'_> {
    fn next_char(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    fn run(&mut self) -> Result<(), QueryError> {
        let mut at = 0;
        while let Some(c) = self.next_char(at) {
            if c.is_whitespace() {
                at += c.len_utf8();
            } else if c == ')' && !self.open.is_empty() {
                self.open.pop();
                self.tokens.push((Token::Close, at));
                at += 1;
            } else if c == '(' && self.opens(at) {
                if self.open.len() == DEPTH {
                    return Err(QueryError::TooDeep {
                        column: column(self.text, at),
                        limit: DEPTH,
                    });
                }
                self.open.push(at);
                self.tokens.push((Token::Open, at));
                at += 1;
            } else if c == '-' && self.negates(at) {
                self.tokens.push((Token::Minus, at));
                at += 1;
            } else if let Some((field, name, behind)) = self.field(at) {
                let (value, end) = self.value(behind)?;
                self.tokens.push((Token::Field(field, name, value), at));
                at = end;
            } else {
                let (value, end) = self.value(at)?;
                self.tokens.push((Token::Term(value), at));
                at = end;
            }
        }
        Ok(())
    }

    /// Returns whether a parenthesis where an expression may begin is a group; `()` is text.
    fn opens(&self, at: usize) -> bool {
        !self.plain.contains(&at) && self.next_char(at + 1) != Some(')')
    }

    fn negates(&self, at: usize) -> bool {
        match self.next_char(at + 1) {
            Some('(') => self.opens(at + 1),
            Some(c) => c.is_alphabetic() || c == '"' || c == '/',
            None => false,
        }
    }

    /// Returns the field that begins here and where its value does. `name::` and a name with nothing behind it are text.
    fn field(&self, at: usize) -> Option<(Field, &'static str, usize)> {
        let rest = &self.text[at..];
        let len = rest.bytes().take_while(u8::is_ascii_lowercase).count();
        let (name, field) = *FIELDS
            .iter()
            .find(|(name, _)| rest.get(..len) == Some(name))?;
        let behind = rest[len..].strip_prefix(':')?.chars().next()?;
        let is_value =
            behind != ':' && !behind.is_whitespace() && (behind != ')' || self.open.is_empty());
        is_value.then_some((field, name, at + len + 1))
    }

    fn value(&self, at: usize) -> Result<(Value, usize), QueryError> {
        match self.next_char(at) {
            Some('"') => self.quoted(at),
            Some('/') => Ok(self.regex(at).unwrap_or_else(|| self.word(at))),
            _ => Ok(self.word(at)),
        }
    }

    fn quoted(&self, at: usize) -> Result<(Value, usize), QueryError> {
        let mut text = String::new();
        let mut chars = self.text[at + 1..].char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    let form = Form::Quoted;
                    let value = Value {
                        form,
                        text,
                        is_insensitive: false,
                        spans_lines: false,
                        at,
                    };
                    return Ok((value, at + 1 + i + 1));
                }
                '\\' => match chars.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                    Some((_, next)) => text.push(next),
                    None => text.push('\\'),
                },
                c => text.push(c),
            }
        }
        Err(QueryError::UnclosedQuote {
            column: column(self.text, at),
        })
    }

    /// Reads a regex between slashes. `//` and `/*` begin a comment in the code that is searched: text.
    fn regex(&self, at: usize) -> Option<(Value, usize)> {
        if matches!(self.next_char(at + 1), None | Some('/' | '*')) {
            return None;
        }
        let close = *self
            .closers
            .get(self.closers.partition_point(|c| *c <= at + 1))?;
        let flags = &self.text[close + 1..];
        let flags = &flags[..flags
            .bytes()
            .take_while(|b| matches!(b, b'i' | b's'))
            .count()];
        let value = Value {
            form: Form::Regex,
            text: unescape_slashes(&self.text[at + 1..close]),
            is_insensitive: flags.contains('i'),
            spans_lines: flags.contains('s'),
            at,
        };
        Some((value, close + 1 + flags.len()))
    }

    /// Reads a word: to the next space, or to the `)` of a group if the word has no open `(` of its own.
    fn word(&self, at: usize) -> (Value, usize) {
        let mut depth = 0_usize;
        let mut end = self.text.len();
        for (i, c) in self.text[at..].char_indices() {
            match c {
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                ')' if !self.open.is_empty() => {
                    end = at + i;
                    break;
                }
                c if c.is_whitespace() => {
                    end = at + i;
                    break;
                }
                _ => {}
            }
        }
        let text = self.text[at..end].to_owned();
        let value = Value {
            form: Form::Bare,
            text,
            is_insensitive: false,
            spans_lines: false,
            at,
        };
        (value, end)
    }
}

/// Takes the escape from every `\/`, so that a regex has one form however it was delimited.
pub(super) fn unescape_slashes(regex: &str) -> String {
    let mut out = String::with_capacity(regex.len());
    let mut chars = regex.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('/') => out.push('/'),
                Some(next) => out.extend(['\\', next]),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    out
}
