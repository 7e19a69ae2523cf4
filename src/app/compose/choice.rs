//! Typing into a choice field: the letters typed so far choose the first value that begins with them.
//!
//! A letter that fits no value is refused and changes nothing, and so is what follows it, so that a value typed in full is
//! the value saved. Left, Right and Space step through the values and end the typing; Backspace takes the last letter back.

use crate::app::key::{Code, Key};

/// Characters of a refused text that a message repeats.
const QUOTED: usize = 24;

/// Letters typed into the choice field that has the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeAhead {
    letters: String,
    /// Letters after those, which fit no value.
    refused: String,
    /// The value that was chosen before the first letter.
    before: Option<&'static str>,
}

/// Result of a key or a pasted text in a choice field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ChoiceResult {
    /// This value is chosen now; it may be the one that was.
    Chosen(&'static str),
    /// The text fits no value; the choice stays.
    Refused(String),
    /// The key means nothing to a choice.
    Ignored,
}

impl TypeAhead {
    /// Returns the letters typed so far.
    pub fn letters(&self) -> &str {
        &self.letters
    }

    /// Handles one key in a field of the given values, of which `now` is chosen.
    pub(super) fn key(
        &mut self,
        words: &[&'static str],
        now: &'static str,
        key: Key,
    ) -> ChoiceResult {
        let is_typing = !self.letters.is_empty();
        match (key.code, key.ctrl, key.alt) {
            (Code::Left | Code::Up, false, false) => self.step(words, now, -1),
            (Code::Right | Code::Down, false, false) => self.step(words, now, 1),
            (Code::Char(' '), false, false) if !is_typing => self.step(words, now, 1),
            (Code::Backspace, false, false) | (Code::Char('h'), true, false) if is_typing => {
                if self.refused.pop().is_none() {
                    self.letters.pop();
                }
                if !self.refused.is_empty() {
                    return ChoiceResult::Refused(self.typed());
                }
                let chosen = self.matching(words).or(self.before).unwrap_or(now);
                ChoiceResult::Chosen(chosen)
            }
            (Code::Char('u'), true, false) if is_typing => {
                let chosen = self.before.unwrap_or(now);
                *self = Self::default();
                ChoiceResult::Chosen(chosen)
            }
            (Code::Char(c), false, false) => self.letter(words, now, c),
            _ => ChoiceResult::Ignored,
        }
    }

    fn letter(&mut self, words: &[&'static str], now: &'static str, c: char) -> ChoiceResult {
        let mut longer = self.clone();
        longer.letters.extend(c.to_lowercase().map(joined));
        longer.before.get_or_insert(now);
        if let Some(word) = longer.matching(words)
            && self.refused.is_empty()
        {
            *self = longer;
            return ChoiceResult::Chosen(word);
        }
        let refused = format!("{}{c}", self.typed());
        // A stray key before the first letter is forgotten: the next letter is tried as the first.
        if !self.letters.is_empty() && refused.len() < QUOTED {
            self.refused.push(c);
        }
        ChoiceResult::Refused(refused)
    }

    fn typed(&self) -> String {
        format!("{}{}", self.letters, self.refused)
    }

    fn step(&mut self, words: &[&'static str], now: &'static str, by: i64) -> ChoiceResult {
        *self = Self::default();
        let at = words.iter().position(|word| *word == now).unwrap_or(0) as i64;
        let count = words.len().max(1) as i64;
        let word = words.get((at + by).rem_euclid(count) as usize);
        ChoiceResult::Chosen(word.copied().unwrap_or(now))
    }

    /// Returns the value that the letters choose: the one that they spell, or else the first one that begins with them.
    fn matching(&self, words: &[&'static str]) -> Option<&'static str> {
        let letters = self.letters.as_str();
        let spelt = words.iter().find(|word| **word == letters);
        let begun = words.iter().find(|word| word.starts_with(letters));
        spelt.or(begun).copied().filter(|_| !letters.is_empty())
    }
}

/// Chooses by a text that arrives as a whole: it must spell a value, or begin exactly one.
pub(super) fn pasted(words: &[&'static str], text: &str) -> ChoiceResult {
    let text: String = text.trim().to_lowercase().chars().map(joined).collect();
    let begun: Vec<_> = words.iter().filter(|w| w.starts_with(&text)).collect();
    match (words.iter().find(|word| **word == text), begun.as_slice()) {
        (Some(word), _) => ChoiceResult::Chosen(word),
        (None, [only]) if !text.is_empty() => ChoiceResult::Chosen(only),
        _ => ChoiceResult::Refused(text),
    }
}

/// Returns why a text is refused, with the values that there are.
pub(super) fn refusal(name: &str, words: &[&'static str], typed: &str) -> String {
    let mut shown: String = typed.chars().take(QUOTED).collect();
    if shown.len() < typed.len() {
        shown.push_str("...");
    }
    let values = words.join(", ");
    format!("no {name} is \"{shown}\": {values}")
}

/// Values of several words are written with hyphens; a blank or an underscore stands for one.
fn joined(c: char) -> char {
    match c {
        ' ' | '_' => '-',
        c => c,
    }
}
