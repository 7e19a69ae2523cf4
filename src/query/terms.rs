//! What a single term or field means.

use super::QueryError;
use super::fact::{FileFact, SIZES, Sizes};
use super::lex::{self, Field, Form, Value, column};
use super::parse::{Case, Languages, Scope, bad_value};
use super::pattern::{Kind, Pattern, PatternError};
use super::tree::{SymbolTerm, SymbolUse, Term, Unit};
use crate::model::{FileFlag, FileStatus, Severity, SymbolKind};
use std::sync::OnceLock;

/// Most terms of a query.
const TERMS: usize = 256;
/// Longest text of a term, in bytes.
const TEXT: usize = 64 << 10;

/// Makes terms of values, and counts them.
pub(super) struct Terms<'t> {
    text: &'t str,
    languages: Languages<'t>,
    unit: Unit,
    count: usize,
}

/// Returns the words as they are listed in a message.
fn listed(words: impl Iterator<Item = &'static str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

/// What `kind:`, `flag:`, `status:` and `sev:` take.
fn allowed(field: Field) -> &'static str {
    static LISTS: [OnceLock<String>; 4] = [const { OnceLock::new() }; 4];
    match field {
        Field::Kind => {
            LISTS[0].get_or_init(|| listed(SymbolKind::ALL.iter().map(|kind| kind.word())))
        }
        Field::Flag => {
            LISTS[1].get_or_init(|| listed(FileFlag::ALL.iter().map(|flag| flag.word())))
        }
        Field::Status => {
            LISTS[2].get_or_init(|| listed(FileStatus::ALL.iter().map(|status| status.word())))
        }
        _ => LISTS[3].get_or_init(|| listed(Severity::ALL.iter().map(|sev| sev.word()))),
    }
}

impl<'t> Terms<'t> {
    pub(super) fn new(text: &'t str, languages: Languages<'t>, unit: Unit) -> Self {
        Self {
            text,
            languages,
            unit,
            count: 0,
        }
    }

    /// Makes a term of what has no field.
    pub(super) fn bare(&mut self, value: &Value, scope: Scope) -> Result<Term, QueryError> {
        self.any(value, kind_of(value), scope)
    }

    /// Makes the pattern of lines to leave out.
    pub(super) fn line(&mut self, value: &Value, scope: Scope) -> Result<Pattern, QueryError> {
        self.content(value, kind_of(value), scope)
    }

    /// Makes a term of a field that is no setting.
    pub(super) fn field(
        &mut self,
        field: Field,
        name: &'static str,
        value: &Value,
        scope: Scope,
    ) -> Result<Term, QueryError> {
        let bad = |allowed| bad_value(self.text, name, value, allowed);
        match field {
            Field::Content => self
                .content(value, kind_of(value), scope)
                .map(Term::Content),
            Field::Regex => self.any(value, Kind::Regex, scope),
            Field::Path => self.pattern(value, Kind::Regex, scope).map(Term::Path),
            Field::Glob => self.pattern(value, Kind::Glob, scope).map(Term::Path),
            Field::Language => self.language(value),
            Field::Definition | Field::Use => {
                let name = self.pattern(value, Kind::Regex, scope)?;
                Ok(Term::Symbol(SymbolTerm {
                    wanted: match field {
                        Field::Use => SymbolUse::Reference,
                        _ => SymbolUse::Definition,
                    },
                    name: Some(name),
                    kinds: Vec::new(),
                }))
            }
            Field::Kind => {
                let kind: Result<SymbolKind, _> = value.text.parse();
                let kind = kind.map_err(|_| bad(allowed(field)))?;
                self.count_term(value)?;
                Ok(Term::Symbol(SymbolTerm {
                    wanted: SymbolUse::Definition,
                    name: None,
                    kinds: vec![kind],
                }))
            }
            Field::Flag | Field::Status | Field::Severity => {
                let word = value.text.as_str();
                let fact = match field {
                    Field::Flag => word.parse().map(FileFact::Flag),
                    Field::Status => word.parse().map(FileFact::Status),
                    _ => word.parse().map(FileFact::Severity),
                };
                let fact = fact.map_err(|_| bad(allowed(field)))?;
                self.count_term(value)?;
                Ok(Term::Fact(fact))
            }
            Field::Size => {
                let sizes = Sizes::parse(&value.text).ok_or_else(|| bad(SIZES))?;
                self.count_term(value)?;
                Ok(Term::Fact(FileFact::Size(sizes)))
            }
            Field::Note => {
                let pattern = self.pattern(value, kind_of(value), scope)?;
                Ok(Term::Fact(FileFact::Note(pattern)))
            }
            Field::Reviewer => {
                self.count_term(value)?;
                if value.text.is_empty() {
                    return Err(self.empty(value));
                }
                Ok(Term::Fact(FileFact::Reviewer(value.text.clone())))
            }
            _ => Err(QueryError::NotYet {
                column: column(self.text, value.at - name.len() - 1),
                field: name,
            }),
        }
    }

    /// Makes what is looked for everywhere: in contents and paths, or among the names of definitions.
    fn any(&mut self, value: &Value, kind: Kind, scope: Scope) -> Result<Term, QueryError> {
        if self.unit == Unit::Symbol {
            let name = self.pattern(value, kind, scope)?;
            return Ok(Term::Symbol(SymbolTerm {
                wanted: SymbolUse::Definition,
                name: Some(name),
                kinds: Vec::new(),
            }));
        }
        // A path stands in no comment: where a hit may stand is asked of contents only.
        let make = if scope.zone.is_some() {
            Term::Content
        } else {
            Term::Text
        };
        self.content(value, kind, scope).map(make)
    }

    fn content(&mut self, value: &Value, kind: Kind, scope: Scope) -> Result<Pattern, QueryError> {
        let pattern = self.pattern(value, kind, scope)?;
        Ok(Pattern {
            zone: scope.zone,
            ..pattern
        })
    }

    fn language(&mut self, value: &Value) -> Result<Term, QueryError> {
        self.count_term(value)?;
        match (self.languages)(&value.text) {
            Some(name) => Ok(Term::Language(name)),
            None => Err(QueryError::UnknownLanguage {
                column: column(self.text, value.at),
                name: value.text.chars().take(60).collect(),
            }),
        }
    }

    fn empty(&self, value: &Value) -> QueryError {
        QueryError::EmptyTerm {
            column: column(self.text, value.at),
        }
    }

    fn count_term(&mut self, value: &Value) -> Result<(), QueryError> {
        self.count += 1;
        if self.count > TERMS {
            return Err(QueryError::TooManyTerms {
                column: column(self.text, value.at),
                limit: TERMS,
            });
        }
        Ok(())
    }

    fn pattern(&mut self, value: &Value, kind: Kind, scope: Scope) -> Result<Pattern, QueryError> {
        self.count_term(value)?;
        let at = column(self.text, value.at);
        if value.text.is_empty() {
            return Err(self.empty(value));
        }
        if kind != Kind::Regex && value.text.len() > TEXT {
            return Err(QueryError::TermTooLong {
                column: at,
                limit: TEXT,
            });
        }
        let source = match kind {
            Kind::Regex if value.form != Form::Regex => lex::unescape_slashes(&value.text),
            _ => value.text.clone(),
        };
        let mut pattern = Pattern {
            source,
            kind,
            is_case_sensitive: false,
            spans_lines: value.spans_lines && kind == Kind::Regex,
            zone: None,
        };
        pattern.is_case_sensitive = match scope.case {
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

/// Returns how a value is to be read where both text and a regex may stand.
fn kind_of(value: &Value) -> Kind {
    match value.form {
        Form::Regex => Kind::Regex,
        Form::Bare | Form::Quoted => Kind::Literal,
    }
}
