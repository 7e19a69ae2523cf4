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
//! [`Query`] is plain data. Nothing here reads a file or knows an index; [`Need`] says in terms of three-byte
//! pieces what a text must hold to match, so that an engine may skip texts without reading them. What only the
//! rest of the program knows, such as a file's language, is asked through [`Facts`].

mod error;
mod glob;
mod lex;
mod need;
mod parse;
mod pattern;
mod tree;

pub use error::QueryError;
pub use need::{Need, grams};
pub use parse::{Languages, parse};
pub use pattern::{Compiled, Kind, Pattern};
pub use tree::{Expr, Order, Query, Term};

/// What execution asks about a file beyond its path and its text.
pub trait Facts: Sync {
    /// Returns the canonical name of the language of the file at that position of the snapshot's list.
    fn language(&self, file: u32) -> Option<&str>;
}

/// Facts of which none is known: no file has a language.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFacts;

impl Facts for NoFacts {
    fn language(&self, _file: u32) -> Option<&str> {
        None
    }
}
