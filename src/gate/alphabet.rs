//! Rule `alphabet`: characters that hide something or are none.

use super::overlap;
use crate::model::{Overlap, Rule, Typed};
use regex::Regex;
use std::sync::OnceLock;
use unicode_normalization::is_nfc;

/// What is not allowed; tabs and line ends, with or without a CR, are.
fn hidden() -> &'static Regex {
    static HIDDEN: OnceLock<Regex> = OnceLock::new();
    HIDDEN.get_or_init(|| {
        Regex::new(r"[\p{C}\p{Default_Ignorable_Code_Point}&&[^\n\t\r]]|\r[^\n]|\r$")
            .expect("the pattern is a constant that a test compiles")
    })
}

/// Judges each text by itself.
pub fn judge(typed: &[Typed]) -> Vec<Overlap> {
    typed
        .iter()
        .filter(|t| !is_nfc(&t.text) || hidden().is_match(&t.text))
        .map(|t| overlap(t, Rule::Alphabet, 1))
        .collect()
}
