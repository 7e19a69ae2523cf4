//! Text to token classes, resumable by line. Owns syntect.
//!
//! A [`Highlighter`] holds the grammars, loaded once and shared by every thread; a [`Document`] is one text
//! being coloured: it remembers where it got to, so that the lines on screen come first and the rest
//! follows in slices. Nothing here knows a colour: themes give each [`TokenClass`] a style.
//!
//! Invariants: tokens of a line are sorted, never empty, never overlap, and lie on character borders within
//! it; what lies between them is plain. A line over [`LINE_CAP`] bytes, or
//! with more than [`SIGNS_CAP`] signs, stays plain and says so. Each line
//! is either highlighted or names a [`WhyPlain`]. The vendor's bytes never panic and never choose a grammar
//! file: only the built-in grammars are known.
//!
//! What it does not do: decide the language (see [`crate::language`]), read a file, or run threads.

mod checkpoint;
mod class;
mod document;
mod lexer;
mod syntax;
mod words;

pub use document::Document;

use crate::language::Language;
use crate::model::{Token, TokenClass};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use syntect::parsing::SyntaxSet;

/// Longest line in bytes that is highlighted: grammars are regular expressions that may take time quadratic
/// in the line, and a line of code that long was not written by hand.
pub const LINE_CAP: usize = 1024;

/// Most ASCII signs in a line that is highlighted: a kilobyte of `![![` takes the grammar of makefiles four
/// seconds, and nothing can interrupt a grammar inside a line.
pub const SIGNS_CAP: usize = 300;

/// Why a line has no colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyPlain {
    /// The language is unknown, or is text without structure.
    NoLanguage,
    /// The line is longer than [`LINE_CAP`].
    LongLine,
    /// The line has more than [`SIGNS_CAP`] signs that are no letter, digit or space.
    ManySigns,
    /// The time ran out; asking again goes on.
    OutOfTime,
    /// The grammar failed on this line.
    GrammarFailed,
}

impl WhyPlain {
    /// Returns the words shown next to the line or file.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoLanguage => "no colours: unknown language",
            Self::LongLine => "no colours: line over 1,024 bytes",
            Self::ManySigns => "no colours: line of over 300 signs",
            Self::OutOfTime => "no colours yet",
            Self::GrammarFailed => "no colours: the grammar failed here",
        }
    }
}

/// The tokens of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineTokens {
    /// The line, 1-based.
    pub line: u32,
    /// Sorted, not overlapping; gaps are plain.
    pub tokens: Vec<Token>,
    /// Why there are none, if the line was not highlighted.
    pub plain: Option<WhyPlain>,
}

/// The answer for a range of lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Highlighted {
    /// One for each line of the range that the text has, in order.
    pub lines: Vec<LineTokens>,
    /// Whether the lines were reached from the top of the file. If not, they were begun a little above and a
    /// construct that opens further up may be missed: worth asking again after [`Document::advance`].
    pub is_exact: bool,
    /// Whether the time sufficed. If not, the lines left out are plain with [`WhyPlain::OutOfTime`].
    pub is_done: bool,
}

/// How long work may take.
#[derive(Clone, Copy)]
pub struct Budget<'a> {
    /// When to stop; never, if `None`.
    pub deadline: Option<Instant>,
    /// Asked before each line: whether nobody wants the answer any more.
    pub is_cancelled: &'a dyn Fn() -> bool,
}

impl Budget<'static> {
    /// Returns a budget that never ends, for tests and headless work.
    pub fn unlimited() -> Self {
        Self {
            deadline: None,
            is_cancelled: &|| false,
        }
    }
    /// Returns a budget that ends at an instant.
    pub fn until(deadline: Instant) -> Self {
        Self {
            deadline: Some(deadline),
            is_cancelled: &|| false,
        }
    }
}

impl Budget<'_> {
    pub(crate) fn is_spent(&self) -> bool {
        (self.is_cancelled)() || self.deadline.is_some_and(|end| Instant::now() >= end)
    }
}

/// The grammars, loaded at the first use; cheap to clone and to share between threads.
#[derive(Clone, Default)]
pub struct Highlighter {
    shared: Arc<OnceLock<Shared>>,
}

struct Shared {
    grammars: SyntaxSet,
    classes: class::Table,
}

impl Highlighter {
    /// Makes a highlighter without loading anything yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a text of the given language; without one every line stays plain.
    pub fn document(&self, language: Option<&'static Language>) -> Document {
        Document::new(self.clone(), language)
    }

    /// Loads the grammars now, so that the first file need not wait for it.
    pub fn load(&self) {
        self.shared();
    }

    fn shared(&self) -> &Shared {
        self.shared.get_or_init(|| Shared {
            grammars: SyntaxSet::load_defaults_newlines(),
            classes: class::Table::new(),
        })
    }
}

/// Says why a line is left plain unread, if it is.
fn why_plain(text: &str) -> Option<WhyPlain> {
    if text.len() > LINE_CAP {
        return Some(WhyPlain::LongLine);
    }
    let signs = || text.bytes().filter(u8::is_ascii_punctuation).count();
    (text.len() > SIGNS_CAP && signs() > SIGNS_CAP).then_some(WhyPlain::ManySigns)
}

/// Adds a token, joined to the last one if they touch and are alike; plain and empty ones are left out.
fn push(tokens: &mut Vec<Token>, start: usize, end: usize, class: TokenClass) {
    if start >= end || class == TokenClass::Plain {
        return;
    }
    let (start, end) = (start as u32, end as u32);
    match tokens.last_mut() {
        Some(last) if last.end == start && last.class == class => last.end = end,
        _ => tokens.push(Token { start, end, class }),
    }
}

#[cfg(test)]
mod tests;
