//! Pieces of a typed text that are looked for one by one.
//!
//! A run that the gate finds is longer than a piece, and a piece begins at every word and every few letters of a long
//! one: so every run covers a piece whole, and a key changes only the pieces around it.

use crate::query;
use crate::text::{self, Keep, normalise, normalise_each};
use std::collections::BTreeSet;

/// Letters of a run that the gate blocks.
const RUN: usize = 32;
/// Letters of a piece of a run.
const LETTERS: usize = 24;
/// Most letters between two beginnings: a run covers a piece wherever it begins.
const LETTER_STEP: usize = RUN - LETTERS + 1;
/// Characters of a piece of code: those of the shortest line that the gate blocks.
const INK: usize = 12;
/// Most characters between two beginnings in a long word.
const INK_STEP: usize = 8;
/// Characters of a line that may be too short for the other pieces.
const LINE: std::ops::RangeInclusive<usize> = 12..=48;
/// What makes a piece look like code, as in the gate.
const MARKS: &str = ";{}=()[]<>&|*+!%#";

/// A piece.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Piece {
    /// What is compared.
    keep: Keep,
    form: String,
    /// As typed.
    verbatim: String,
    /// What a text that holds it holds too, unless code in it has blanks where none were typed.
    pub grams: Vec<u32>,
}

/// Cuts a text into its pieces.
pub(super) fn cut(text: &str) -> Vec<Piece> {
    let letters = Normal::of(text, Keep::Letters);
    let ink = Normal::of(text, Keep::Ink);
    let mut pieces = BTreeSet::new();
    if letters.chars.len() >= RUN {
        let starts = letters.starts(LETTER_STEP);
        pieces.extend(starts.filter_map(|at| letters.piece(at, LETTERS)));
    }
    let is_code = |piece: &Piece| piece.form.contains(|c| MARKS.contains(c));
    let code = ink.starts(INK_STEP).filter_map(|at| ink.piece(at, INK));
    pieces.extend(code.filter(is_code));
    for line in text.split(['\n', '`', '"']) {
        let line = Normal::of(line, Keep::Ink);
        if LINE.contains(&line.chars.len()) {
            pieces.extend(line.piece(0, line.chars.len()));
        }
    }
    pieces.retain(|piece| !piece.grams.is_empty());
    pieces.into_iter().collect()
}

/// A text in a form of the gate's.
struct Normal<'t> {
    text: &'t str,
    keep: Keep,
    chars: Vec<char>,
    at: Vec<usize>,
}

impl<'t> Normal<'t> {
    fn of(text: &'t str, keep: Keep) -> Self {
        let (chars, at) = normalise(text, keep);
        Self {
            text,
            keep,
            chars,
            at,
        }
    }

    /// Returns where pieces begin: at every word, and within a long one after so many characters again.
    fn starts(&self, step: usize) -> impl Iterator<Item = usize> + '_ {
        let mut last = 0;
        (0..self.chars.len()).filter(move |at| {
            let is_first = *at == 0 || {
                let before = self.at[at - 1];
                let between = &self.text[before..self.at[*at]];
                !self.chars[*at].is_alphanumeric() || between.chars().any(|c| !c.is_alphanumeric())
            };
            let is_start = is_first || at - last >= step;
            if is_start {
                last = *at;
            }
            is_start
        })
    }

    /// Returns the piece of so many characters.
    fn piece(&self, from: usize, count: usize) -> Option<Piece> {
        let last = *self.at.get(from + count.checked_sub(1)?)?;
        let end = self.text[last..].chars().next()?.len_utf8() + last;
        let verbatim = &self.text[self.at[from]..end];
        let is_apart = |c: char| match self.keep {
            Keep::Letters => !c.is_alphanumeric(),
            Keep::Ink => c.is_whitespace(),
        };
        let mut grams = BTreeSet::new();
        for word in verbatim.split(is_apart) {
            let mut folded = Vec::new();
            text::fold(word.as_bytes(), &mut folded);
            grams.extend(query::grams(&folded));
        }
        Some(Piece {
            keep: self.keep,
            form: self.chars[from..from + count].iter().collect(),
            verbatim: verbatim.to_owned(),
            grams: grams.into_iter().collect(),
        })
    }
}

impl Piece {
    /// Returns whether a text holds the piece as it was typed.
    pub(super) fn is_verbatim_in(&self, text: &[u8]) -> bool {
        memchr::memmem::find(text, self.verbatim.as_bytes()).is_some()
    }
}

/// A text in both forms of the gate's, made when they are asked for.
pub(super) struct Forms<'t> {
    text: &'t [u8],
    letters: Option<String>,
    ink: Option<String>,
}

impl<'t> Forms<'t> {
    pub(super) fn of(text: &'t [u8]) -> Self {
        Self {
            text,
            letters: None,
            ink: None,
        }
    }

    /// Returns whether the text holds a piece, whatever its case and what stands between its words.
    pub(super) fn hold(&mut self, piece: &Piece) -> bool {
        let text = self.text;
        let slot = match piece.keep {
            Keep::Letters => &mut self.letters,
            Keep::Ink => &mut self.ink,
        };
        let form = slot.get_or_insert_with(|| {
            let mut form = String::with_capacity(text.len());
            normalise_each(text, piece.keep, |c, _| {
                form.push(c);
                true
            });
            form
        });
        memchr::memmem::find(form.as_bytes(), piece.form.as_bytes()).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prose_has_pieces_of_letters_and_code_of_ink() {
        let forms = |text: &str| -> Vec<String> { cut(text).into_iter().map(|p| p.form).collect() };
        assert_eq!(forms("too short"), Vec::<String>::new());
        let prose = forms("The caller says how much of the buffer is copied by it.");
        assert!(prose.contains(&"thecallersayshowmuchofth".to_owned()));
        assert!(prose.contains(&"callersayshowmuchofthebu".to_owned()));
        let code = forms("see strcpy(buf, in);");
        assert!(code.contains(&"strcpy(buf,i".to_owned()), "{code:?}");
    }

    #[test]
    fn trigrams_do_not_cross_what_may_differ() {
        let piece = cut("memcpy(to, from);").remove(0);
        let mut folded = Vec::new();
        text::fold(b"MEMCPY(to,\n\tfrom)", &mut folded);
        let held: BTreeSet<u32> = query::grams(&folded).collect();
        assert!(piece.grams.iter().all(|gram| held.contains(gram)));
        assert!(Forms::of(b"x MEMCPY(to,\n\tfrom);").hold(&piece));
        assert!(!Forms::of(b"memmove(to, from);").hold(&piece), "control");
    }

    proptest! {
        #[test]
        fn every_run_covers_a_piece(
            before in "[a-z ]{0,40}", run in "([a-z]{1,12}[ .,-]){6,9}[a-z]{40}", behind in "[a-z ]{0,40}",
        ) {
            // Whatever 32 letters of it are copied, a piece of the typed text is in them.
            let typed = format!("{before}{run}{behind}");
            let pieces = cut(&typed);
            let normal = Normal::of(&typed, Keep::Letters);
            for from in 0..=normal.chars.len() - RUN {
                let copied: String = normal.chars[from..from + RUN].iter().collect();
                let is_held = |p: &Piece| p.keep == Keep::Letters && copied.contains(&p.form);
                prop_assert!(pieces.iter().any(is_held), "{copied}");
            }
        }
    }
}
