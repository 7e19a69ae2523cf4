//! From a grammar's scopes to token classes.
//!
//! A scope is a dotted name (`keyword.control.c`); the longest row of the table that is a prefix of it, part
//! by part, decides. A place in the text has a stack of scopes: the innermost one with a row decides, but
//! inside a comment everything is comment.

use crate::model::TokenClass;
use std::collections::HashMap;
use syntect::parsing::Scope;

use TokenClass::{
    Comment, Constant, Function, Heading, Invalid, Keyword, Macro, Number, Operator, Plain,
    Punctuation, String as Text, Tag, Type, Variable,
};

const ROWS: &[(&str, TokenClass)] = &[
    ("source", Plain),
    ("text", Plain),
    ("meta.interpolation", Plain),
    ("meta.template.expression", Plain),
    ("meta.string.interpolation", Plain),
    ("comment", Comment),
    ("punctuation.definition.comment", Comment),
    ("string", Text),
    ("punctuation.definition.string", Text),
    ("constant", Constant),
    ("constant.numeric", Number),
    ("keyword", Keyword),
    ("keyword.operator", Operator),
    ("keyword.other.unit", Number),
    ("punctuation.accessor", Operator),
    ("storage", Keyword),
    ("storage.type", Type),
    ("storage.type.function", Keyword),
    ("storage.type.class", Keyword),
    ("storage.type.struct", Keyword),
    ("storage.type.enum", Keyword),
    ("storage.type.union", Keyword),
    ("storage.type.trait", Keyword),
    ("storage.type.impl", Keyword),
    ("storage.type.module", Keyword),
    ("storage.type.namespace", Keyword),
    ("storage.type.interface", Keyword),
    ("storage.type.annotation", Macro),
    ("storage.modifier.lifetime", Macro),
    ("entity.name", Type),
    ("entity.name.function", Function),
    ("entity.name.method", Function),
    ("entity.name.constant", Constant),
    ("entity.name.constant.preprocessor", Macro),
    ("entity.name.macro", Macro),
    ("entity.name.label", Macro),
    ("entity.name.tag", Tag),
    ("entity.name.section", Heading),
    ("entity.other.attribute-name", Variable),
    ("entity.other.inherited-class", Type),
    ("variable", Variable),
    ("variable.function", Function),
    ("variable.language", Keyword),
    ("variable.annotation", Macro),
    ("support", Function),
    ("support.type", Type),
    ("support.class", Type),
    ("support.constant", Constant),
    ("support.macro", Macro),
    ("support.variable", Variable),
    ("meta.annotation", Macro),
    ("meta.tag", Plain),
    ("punctuation", Punctuation),
    ("punctuation.definition.tag", Tag),
    ("punctuation.definition.annotation", Macro),
    ("punctuation.definition.heading", Heading),
    ("punctuation.definition.list_item", Operator),
    ("markup.heading", Heading),
    ("markup.raw", Text),
    ("markup.quote", Comment),
    ("markup.underline.link", Text),
    ("markup.bold", Keyword),
    ("markup.italic", Variable),
    ("markup.inserted", Text),
    ("markup.deleted", Keyword),
    ("meta.diff.header", Heading),
    ("meta.diff.range", Macro),
    ("invalid", Invalid),
];

/// Words that grammars call a type of storage, though they declare something that is none.
const DECLARING: &[&str] = &[
    "let",
    "var",
    "const",
    "fn",
    "func",
    "function",
    "def",
    "class",
    "struct",
    "union",
    "enum",
    "type",
    "typedef",
    "interface",
    "trait",
    "impl",
    "mod",
    "module",
    "package",
    "namespace",
    "data",
    "newtype",
    "instance",
    "local",
    "val",
    "object",
    "record",
    "macro_rules",
    "static",
];

/// The rows, ready to be asked.
pub(super) struct Table {
    rows: Vec<(Scope, TokenClass)>,
    comment: Option<Scope>,
}

impl Table {
    pub(super) fn new() -> Self {
        let mut rows: Vec<_> = ROWS
            .iter()
            .filter_map(|(name, class)| Some((Scope::new(name).ok()?, *class)))
            .collect();
        rows.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
        Self {
            rows,
            comment: Scope::new("comment").ok(),
        }
    }

    fn lookup(&self, scope: Scope) -> Option<TokenClass> {
        let row = self.rows.iter().find(|(row, _)| row.is_prefix_of(scope));
        row.map(|(_, class)| *class)
    }

    /// Returns the class of a place with these scopes around it; `seen` remembers scopes met before.
    pub(super) fn class(
        &self,
        scopes: &[Scope],
        seen: &mut HashMap<Scope, Option<TokenClass>>,
    ) -> TokenClass {
        if scopes.iter().any(|scope| {
            self.comment
                .is_some_and(|comment| comment.is_prefix_of(*scope))
        }) {
            return Comment;
        }
        let mut known = |scope: Scope| *seen.entry(scope).or_insert_with(|| self.lookup(scope));
        scopes
            .iter()
            .rev()
            .find_map(|scope| known(*scope))
            .unwrap_or(Plain)
    }
}

/// Corrects a class by the text it stands on: grammars are coarse where a word says more.
pub(super) fn refine(class: TokenClass, text: &str) -> TokenClass {
    let word = text.trim();
    match class {
        Text | Comment | Invalid | Heading => class,
        _ if word.is_empty() => Plain,
        Keyword if word.starts_with('#') => Macro,
        Operator if word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_') => Keyword,
        Type if DECLARING.contains(&word) => Keyword,
        _ => class,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_scope_and_the_longest_wins() {
        let table = Table::new();
        assert_eq!(table.rows.len(), ROWS.len());
        let class = |names: &[&str]| {
            let scopes: Vec<_> = names.iter().map(|name| Scope::new(name).unwrap()).collect();
            table.class(&scopes, &mut HashMap::new())
        };
        assert_eq!(class(&["source.c", "constant.numeric.c"]), Number);
        assert_eq!(class(&["source.c", "constant.other.c"]), Constant);
        assert_eq!(
            class(&["source.java", "comment.block", "text.html", "keyword"]),
            Comment
        );
        assert_eq!(class(&["source.rb", "string.quoted", "meta.unknown"]), Text);
        assert_eq!(
            class(&["source.py", "string.quoted", "meta.interpolation"]),
            Plain
        );
        assert_eq!(class(&[]), Plain);
    }
}
