//! Characters that look like Latin letters.
//!
//! Most of them are known from the confusables data of Unicode (`confusable`). The rows here add what those do not
//! have: small capitals, and letters whose shape is near enough for a person who wants to be understood.
//!
//! Accents, full-width, mathematical, circled and other compatibility forms are in neither: decomposition (NFKD)
//! takes them apart. `l` and `i` are one class in the gate's coarse form, so what looks like a vertical stroke is
//! listed under `i`.

use super::confusable::{self, AsciiReading};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Each row: what it reads as, and what looks like it.
const ROWS: &[(&str, &str)] = &[
    ("a", "ᴀɐⱥ"),
    ("b", "ʙь"),
    ("c", "ƈ©"),
    ("d", "Ԁᴅð"),
    ("e", "εɛᴇєЄ€"),
    ("f", "ϝ"),
    ("g", "ɢԍ"),
    ("h", "ʜⱨ"),
    ("i", "¦ʟլԼ"),
    ("j", "ᴊ"),
    ("k", "кκᴋĸⱪқ"),
    ("m", "мᴍ"),
    ("n", "пɴ"),
    ("o", "۰"),
    ("p", "ᴘ"),
    ("q", "ɋ"),
    ("r", "ʀɾ"),
    ("s", "§տȿ"),
    ("t", "тτᴛ†ⲧ"),
    ("u", "μʉ"),
    ("w", "ωⱳШ"),
    ("x", "χ✕ҳ"),
];

/// Signs that stand for a letter when they touch one.
const SIGNS: &[(char, &str)] = &[('@', "a"), ('$', "s"), ('!', "i"), ('|', "i"), ('+', "t")];

/// Returns the letters and digits of ASCII that a character outside ASCII reads as: by Unicode's data, or else by the
/// rows above.
pub fn look_alike(c: char) -> Option<AsciiReading> {
    match c as u32 {
        0..=0x7f => None,
        // Regional indicators and tags are the alphabet, moved.
        n @ 0x1f1e6..=0x1f1ff => letter(n - 0x1f1e6),
        n @ 0xe0041..=0xe005a => letter(n - 0xe0041),
        n @ 0xe0061..=0xe007a => letter(n - 0xe0061),
        _ => confusable::ascii_letters(c).or_else(|| row(c)),
    }
}

/// Returns what the rows have for a character.
fn row(c: char) -> Option<AsciiReading> {
    static TABLE: OnceLock<HashMap<char, &'static str>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let row = |(reads, chars): &(&'static str, &'static str)| {
            let reads = *reads;
            chars.chars().map(move |c| (c, reads)).collect::<Vec<_>>()
        };
        ROWS.iter().flat_map(row).collect()
    });
    table.get(&c).map(|reads| AsciiReading::new(reads))
}

/// Returns the letter that a sign of ASCII stands for in a word such as `p@$$word`.
pub fn sign(c: char) -> Option<AsciiReading> {
    let row = SIGNS.iter().find(|(s, _)| *s == c);
    row.map(|(_, reads)| AsciiReading::new(reads))
}

fn letter(at: u32) -> Option<AsciiReading> {
    let letters = "abcdefghijklmnopqrstuvwxyz";
    letters
        .get(at as usize..at as usize + 1)
        .map(AsciiReading::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_adds_to_what_unicode_has_and_no_character_stands_twice() {
        let mut seen = std::collections::HashSet::new();
        for (reads, chars) in ROWS {
            assert!(reads.bytes().all(|b| b.is_ascii_lowercase()));
            for c in chars.chars() {
                assert!(!c.is_ascii() && seen.insert(c), "{c:?} {:x}", c as u32);
                assert_eq!(confusable::ascii_letters(c), None, "{c:?}");
                assert_eq!(look_alike(c).as_deref(), Some(*reads));
            }
        }
        assert_eq!(look_alike('\u{1f1e8}').as_deref(), Some("c"));
        assert_eq!((look_alike('c'), look_alike('ж')), (None, None));
        assert_eq!(look_alike('\u{15c5}').as_deref(), Some("A"));
    }
}
