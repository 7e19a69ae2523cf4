//! Search text to a query: what was asked, with the column of whatever is wrong with it.
//!
//! Bare text is literal, punctuation included; a regex stands between slashes; `name:value` asks for something
//! else. The grammar is that of zoekt and Sourcegraph, narrowed so that code pasted as it stands is never an error:
//!
//! ```text
//! query = conj , { ("or"|"OR") , conj } ;    conj = expr , { [ "and"|"AND" ] , expr } ;
//! expr  = [ "-" | "NOT" ] , ( "(" , query , ")" | field | term ) ;
//! term  = word | '"' , { char | '\"' | '\\' } , '"' | "/" , regex , "/" , [ "i" | "s" ] ;
//! field = name , ":" , ( word | '"…"' | "/re/" ) ;
//! ```
//!
//! `case:` and `in:` hold for the group they stand in, `type:`, `order:` and `count:` for the whole query wherever
//! they stand. `kind:` narrows the `sym:`, `def:` and `ref:` that stand beside it, no negation before them; with none
//! there it asks for any definition of that kind. Several of one conjunction are alternatives.
//!
//! [`Query`] is plain data. Nothing here reads a file or knows an index; [`Need`] says in terms of three-byte
//! pieces what a text must hold to match, so that an engine may skip texts without reading them. What only the
//! rest of the program knows, such as a file's language, its symbols or the state of its review, is asked through
//! [`Facts`].

mod alternatives;
mod error;
mod fact;
mod glob;
mod guess;
mod lex;
mod need;
mod parse;
mod pattern;
mod print;
mod spellings;
mod terms;
mod tree;

pub use error::QueryError;
pub use fact::{FileFact, Sizes};
pub use need::{Need, grams};
pub use parse::{Languages, parse};
pub use pattern::{Compiled, Kind, Pattern};
pub use spellings::{in_all_spellings, regex_of_literal};
pub use tree::{Expr, Order, Query, SymbolTerm, SymbolUse, Term, Unit};

use crate::model::{Span, Symbol};
use crate::text::LineEnds;

/// What execution asks about a file beyond its path and its text. A file is its position in the snapshot's list.
pub trait Facts: Sync {
    /// Returns the canonical name of the language of the file.
    fn language(&self, file: u32) -> Option<&str>;

    /// Returns whether the file is so, or nothing if only its content tells: then it is asked once more, with the
    /// content.
    fn holds(&self, file: u32, fact: &FileFact, content: Option<&Content<'_>>) -> Option<bool>;

    /// Returns the names that the file's decoded text defines, declares and uses, by where they begin.
    fn symbols(&self, file: u32, text: &str) -> Vec<Symbol>;

    /// Returns where findings are in the file.
    fn findings(&self, file: u32) -> Vec<Span>;

    /// Returns whether the file is a test, another's code or generated, so that it ranks lower. `head` is the
    /// beginning of its content.
    fn is_aside(&self, file: u32, head: &[u8]) -> bool;
}

/// A content as execution has it.
#[derive(Clone, Copy, Debug)]
pub struct Content<'t> {
    /// Decoded, with LF line ends; raw if binary.
    pub bytes: &'t [u8],
    /// It is no text.
    pub is_binary: bool,
    /// All of it was UTF-8 before it was decoded.
    pub is_utf8: bool,
    /// It was in more than one encoding.
    pub is_mixed: bool,
    /// How its lines ended before they ended with LF.
    pub line_ends: LineEnds,
    /// Bytes as they were delivered.
    pub size: u64,
}

/// Facts of which none is known: no file has a language, a symbol or a review.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFacts;

impl Facts for NoFacts {
    fn language(&self, _file: u32) -> Option<&str> {
        None
    }
    fn holds(&self, _file: u32, _fact: &FileFact, _content: Option<&Content<'_>>) -> Option<bool> {
        Some(false)
    }
    fn symbols(&self, _file: u32, _text: &str) -> Vec<Symbol> {
        Vec::new()
    }
    fn findings(&self, _file: u32) -> Vec<Span> {
        Vec::new()
    }
    fn is_aside(&self, _file: u32, _head: &[u8]) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
