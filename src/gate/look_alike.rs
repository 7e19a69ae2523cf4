//! Characters that look like Latin letters.
//!
//! Most of them are known from the confusables data of Unicode (`confusable`). The rows here add what those do not
//! have: letters whose shape is near enough for a person who wants to be understood, and letters that Unicode names for
//! one of ASCII, with a hook or a stroke, or in a disc.
//!
//! Accents, full-width, mathematical, circled and other compatibility forms are in neither: decomposition (NFKD)
//! takes them apart. `l` and `i` are one class in the gate's coarse form, so what looks like a vertical stroke is
//! listed under `i`.

use super::confusable::{self, AsciiReading};
use std::collections::HashMap;
use std::sync::OnceLock;

/// By shape: what it reads as, and what looks like it.
const SHAPES: &[(&str, &str)] = &[
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

/// By name: letters that Unicode names for a letter of ASCII and something at it, such as LATIN SMALL LETTER D WITH CURL,
/// COMBINING LATIN SMALL LETTER A and LATIN LETTER SMALL CAPITAL F, in lower case.
const NAMED: &[(&str, &str)] = &[
    ("a", "\u{363}ᶏ\u{1df2}ꬱ"),
    ("b", "ᵬᶀ\u{1de8}ꞗ"),
    ("c", "ɕ\u{368}\u{1dd7}ꞓꞔ\u{1df1d}"),
    ("d", "ȡ\u{369}ᵭᶁᶑꟈ"),
    ("e", "\u{364}ᶒⱸꬴ"),
    ("f", "ᶂ\u{1deb}ꜰ"),
    ("g", "ʛ\u{1dda}\u{1ddb}ꞡ"),
    ("h", "\u{36a}ꞕ"),
    ("i", "\u{365}ᶖ\u{1df1a}"),
    ("k", "ᶄ\u{1ddc}ꝃꝅꞣ"),
    (
        "l",
        "ȴɬᴌᶅ\u{1ddd}\u{1dde}\u{1dec}ⱡꝉꞎꬷꬸꬹ\u{1df04}\u{1df11}\u{1df13}",
    ),
    ("m", "\u{36b}ᶆ\u{1ddf}ꬺ"),
    ("n", "ȵᶇ\u{1de0}\u{1de1}ꞑꞥꬻ"),
    ("o", "\u{366}\u{1ded}\u{1df3}ⱺꝍ\u{1df1b}"),
    ("p", "ᵱᶈ\u{1dee}ꝑꝓꝕ"),
    ("q", "ꝗꝙꞯ"),
    ("r", "\u{36c}ᵳᶉ\u{1dca}\u{1de2}ꞧꭆꭉ\u{1df16}"),
    ("s", "ᶊ\u{1de4}ꞩꟊ\u{1df1e}"),
    ("t", "ȶ\u{36d}\u{1df09}"),
    ("u", "\u{367}ᶙ\u{1df0}\u{1df4}ꞹꭏ"),
    ("v", "\u{36e}ⱱⱴꝟ"),
    ("w", "\u{1abf}\u{1df1}"),
    ("x", "\u{36f}ᶍꭖꭗꭘꭙ"),
    ("z", "ɀʑᶎ\u{1de6}"),
];

/// Signs that stand for a letter when they touch one.
const SIGNS: &[(char, &str)] = &[('@', "a"), ('$', "s"), ('!', "i"), ('|', "i"), ('+', "t")];

/// Returns the letters and digits of ASCII that a character outside ASCII reads as: by Unicode's data, or else by the
/// rows above.
pub fn look_alike(c: char) -> Option<AsciiReading> {
    match c as u32 {
        0..=0x7f => None,
        // Regional indicators, tags and letters in a black disc or square are the alphabet, moved.
        n @ 0x1f1e6..=0x1f1ff => letter(n - 0x1f1e6),
        n @ 0x1f150..=0x1f169 => letter(n - 0x1f150),
        n @ 0x1f170..=0x1f189 => letter(n - 0x1f170),
        n @ 0xe0041..=0xe005a => letter(n - 0xe0041),
        n @ 0xe0061..=0xe007a => letter(n - 0xe0061),
        // Digits in a disc: double, black, sans-serif.
        0x24ff | 0x1f10b | 0x1f10c => digit(0),
        n @ 0x24f5..=0x24fd => digit(n - 0x24f5 + 1),
        n @ 0x2776..=0x277e => digit(n - 0x2776 + 1),
        n @ 0x2780..=0x2788 => digit(n - 0x2780 + 1),
        n @ 0x278a..=0x2792 => digit(n - 0x278a + 1),
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
        SHAPES.iter().chain(NAMED).flat_map(row).collect()
    });
    let lower = || c.to_lowercase().next().unwrap_or(c);
    let reads = table.get(&c).or_else(|| table.get(&lower()));
    reads.map(|reads| AsciiReading::new(reads))
}

/// Returns the letter that a sign of ASCII stands for in a word such as `p@$$word`.
pub fn sign(c: char) -> Option<AsciiReading> {
    let row = SIGNS.iter().find(|(s, _)| *s == c);
    row.map(|(_, reads)| AsciiReading::new(reads))
}

fn digit(number: u32) -> Option<AsciiReading> {
    let digits = "0123456789";
    digits
        .get(number as usize..number as usize + 1)
        .map(AsciiReading::new)
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
        for (reads, chars) in SHAPES.iter().chain(NAMED) {
            assert!(reads.bytes().all(|b| b.is_ascii_lowercase()));
            for c in chars.chars() {
                assert!(!c.is_ascii() && seen.insert(c), "{c:?} {:x}", c as u32);
                assert_eq!(confusable::ascii_letters(c), None, "{c:?}");
                assert_eq!(look_alike(c).as_deref(), Some(*reads));
            }
        }
        assert_eq!(look_alike('\u{1f1e8}').as_deref(), Some("c"));
        assert_eq!((look_alike('c'), look_alike('ж')), (None, None));
        for (c, reads) in [
            ('🅒', "c"),
            ('🅲', "c"),
            ('❼', "7"),
            ('⓿', "0"),
            ('➈', "9"),
            ('Ꟈ', "d"),
        ] {
            assert_eq!(look_alike(c).as_deref(), Some(reads), "{c:?}");
        }
        assert_eq!(look_alike('\u{15c5}').as_deref(), Some("A"));
    }
}
