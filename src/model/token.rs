//! What a piece of code is, in no theme's terms.

use serde::{Deserialize, Serialize};

/// The class of a token. Themes give each a style; highlighting never names a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenClass {
    /// Nothing in particular.
    Plain,
    /// Comments.
    Comment,
    /// String and character literals.
    String,
    /// Numbers.
    Number,
    /// Constants of the language.
    Constant,
    /// Words of the language.
    Keyword,
    /// Names of types.
    Type,
    /// Names of functions.
    Function,
    /// Names of variables and parameters.
    Variable,
    /// Preprocessor, attributes, decorators.
    Macro,
    /// Operators.
    Operator,
    /// Brackets, commas.
    Punctuation,
    /// Tags of markup.
    Tag,
    /// Headings of documents.
    Heading,
    /// What the grammar calls invalid.
    Invalid,
}

impl TokenClass {
    /// Every class, in order.
    pub const ALL: &'static [Self] = &[
        Self::Plain,
        Self::Comment,
        Self::String,
        Self::Number,
        Self::Constant,
        Self::Keyword,
        Self::Type,
        Self::Function,
        Self::Variable,
        Self::Macro,
        Self::Operator,
        Self::Punctuation,
        Self::Tag,
        Self::Heading,
        Self::Invalid,
    ];
}

/// A run of bytes of one line that share a class: `start..end`, 0-based, within the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// First byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
    /// What it is.
    pub class: TokenClass,
}
