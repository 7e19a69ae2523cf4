//! Rule `alphabet`: characters that hide something or are none.

use super::overlap;
use crate::model::{Overlap, Rule, Typed};
use regex::Regex;
use unicode_normalization::is_nfc;

/// Judges each text by itself; tabs and line ends, with or without a CR, are allowed.
pub fn judge(typed: &[Typed]) -> Vec<Overlap> {
    let hidden = Regex::new(r"[\p{C}\p{Default_Ignorable_Code_Point}&&[^\n\t\r]]|\r[^\n]|\r$")
        .expect("the pattern is a constant that a test compiles");
    typed
        .iter()
        .filter(|t| !is_nfc(&t.text) || hidden.is_match(&t.text))
        .map(|t| overlap(t, Rule::Alphabet, 1))
        .collect()
}
