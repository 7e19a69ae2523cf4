//! What was found in one text, and how.

use crate::model::Symbol;

/// Longest name, in bytes; whatever is longer is no name that anybody would look for.
pub(super) const LONGEST_NAME: usize = 512;

/// A name, and whether the grammar says what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The name and what it does.
    pub symbol: Symbol,
    /// A grammar says so; otherwise it looks like it.
    pub is_exact: bool,
}

/// Everything found in one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// In the order of the names, each place once.
    pub tags: Vec<Tag>,
    /// How they were found.
    pub how: How,
}

/// How the names of a text were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By its grammar, and a pattern finds no definition that the grammar does not.
    Exact,
    /// Some or all of them by a pattern.
    Approximate(Why),
    /// The text is no code: there is nothing to find.
    NoCode,
}

/// Why a pattern was needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is no grammar for the language.
    NoGrammar,
    /// The text is too large to be parsed.
    TooLarge,
    /// Parsing took too long.
    OutOfTime,
    /// Parsing took too much memory.
    OutOfMemory,
    /// Parsing nested too deeply.
    TooDeep,
    /// The grammar does not understand all of the text, and the pattern finds definitions in it.
    Errors,
    /// Parsing failed.
    Failed,
}

impl How {
    /// Every value.
    pub const ALL: [Self; 9] = [
        Self::Exact,
        Self::Approximate(Why::NoGrammar),
        Self::Approximate(Why::TooLarge),
        Self::Approximate(Why::OutOfTime),
        Self::Approximate(Why::Errors),
        Self::NoCode,
        Self::Approximate(Why::Failed),
        Self::Approximate(Why::OutOfMemory),
        Self::Approximate(Why::TooDeep),
    ];

    /// Returns the number that stands for it on disk.
    pub(super) fn code(self) -> u8 {
        let at = Self::ALL.iter().position(|how| *how == self);
        at.unwrap_or(0) as u8
    }

    pub(super) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(code as usize).copied()
    }

    /// Returns what a reviewer is told.
    pub fn words(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Approximate(Why::NoGrammar) => "approximate: no grammar for this language",
            Self::Approximate(Why::TooLarge) => "approximate: not parsed: too large",
            Self::Approximate(Why::OutOfTime) => "approximate: not parsed: too costly (time)",
            Self::Approximate(Why::OutOfMemory) => "approximate: not parsed: too costly (memory)",
            Self::Approximate(Why::TooDeep) => "approximate: not parsed: too costly (depth)",
            Self::Approximate(Why::Errors) => "approximate: parts could not be parsed",
            Self::Approximate(Why::Failed) => "approximate: not parsed: it failed",
            Self::NoCode => "no code",
        }
    }

    /// Returns whether a text has a grammar that could not be used on it, so that a pattern alone found its symbols.
    pub fn is_not_parsed(self) -> bool {
        use Why::{Failed, OutOfMemory, OutOfTime, TooDeep, TooLarge};
        matches!(
            self,
            Self::Approximate(TooLarge | OutOfTime | OutOfMemory | TooDeep | Failed)
        )
    }

    /// Returns whether a grammar answers for all of it.
    pub fn is_exact(self) -> bool {
        self == Self::Exact
    }
}

impl Tagged {
    /// A text in which nothing was found.
    pub fn nothing(how: How) -> Self {
        Self {
            tags: Vec::new(),
            how,
        }
    }

    /// Returns the tag whose name begins at a byte.
    pub fn at(&self, byte: u32) -> Option<&Tag> {
        let at = |tag: &Tag| tag.symbol.name.start;
        let found = self.tags.binary_search_by_key(&byte, at).ok()?;
        Some(&self.tags[found])
    }
}
