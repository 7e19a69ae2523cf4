//! Characters that hide, reorder or control, and what to call them.

use serde::{Deserialize, Serialize};

/// What a line is flagged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlagKind {
    /// Bidirectional control characters: the shown order is not the compiled order.
    Bidi,
    /// Control characters other than tab and line ends.
    Control,
    /// Characters that take no room.
    Zerowidth,
    /// A word that mixes scripts, such as Latin and Cyrillic.
    MixedScript,
    /// Blanks that look like a plain one and are none.
    Blank,
    /// A line end that most lines of the file do not have.
    LineEnds,
    /// No line end after the last line.
    NoFinalNewline,
}

impl FlagKind {
    /// Returns the word of the JSON output and of `flag:`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bidi => "bidi",
            Self::Control => "control",
            Self::Zerowidth => "zerowidth",
            Self::MixedScript => "mixed-script",
            Self::Blank => "blank",
            Self::LineEnds => "line-ends",
            Self::NoFinalNewline => "no-final-newline",
        }
    }
}
