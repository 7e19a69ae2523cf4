//! Characters that look like Latin letters: written down here by eye, letter by letter.
//!
//! Accents, full-width, mathematical, circled and other compatibility forms are not in the table:
//! decomposition (NFKD) takes them apart. `l` and `i` are one class in the gate's coarse form, so what looks
//! like a vertical stroke stands under `i`.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Each row: what it reads as, and what looks like it.
const ROWS: &[(&str, &str)] = &[
    ("a", "аАαΑɑᴀᎪꓮ⍺ӑӓɐⱥ"),
    ("b", "ВΒᏴꓐʙЬьƄᑲɓƀ"),
    ("c", "сСϲϹᴄᏟꓚⲥⲤƈȼ¢©"),
    ("d", "ԁԀᴅᎠꓓɗᑯđðɖ"),
    ("e", "еЕεΕҽɛᴇᎬꓰ℮єЄɇ€"),
    ("f", "ƒꓝϜϝꬵք"),
    ("g", "ɡցɢԌԍᏀꓖƍɠǥ"),
    ("h", "һҺНΗʜᎻᏂꓧհћħⱨ"),
    ("i", "іІιΙıɩɪᎥꓲӏӀǀ∣¦׀łƚʟꓡᏞլԼɨƗɫ"),
    ("j", "јЈϳᴊᎫꓙȷɉ"),
    ("k", "кКκΚᴋᏦꓗĸƙⱪқ"),
    ("m", "мМΜᴍᎷꓟɱ"),
    ("n", "пηΝɴꓠոռɲŋƞ"),
    ("o", "оОοΟσՕօᴏꓳⲟⲞөΘøØɵ०০੦૦୦௦౦೦൦០໐၀۰٥"),
    ("p", "рРρΡᴘᏢꓑⲣⲢþƥ"),
    ("q", "ԛԚզգɋ"),
    ("r", "гᴦʀᎡᏒꓣɾꭇɼɍ"),
    ("s", "ѕЅꜱᏚꓢʂ§ƽտȿ"),
    ("t", "тТτΤᴛᎢꓔŧ†ⲧⲦƭț"),
    ("u", "υսᴜꓴʋμ∪ʉ"),
    ("v", "νѵѴᴠᏙꓦ∨ѷ"),
    ("w", "ԝԜѡɯᴡᏔꓪωաⱳшШ"),
    ("x", "хХχΧꓫ×ᕁ✕ҳ"),
    ("y", "уУγΥүҮʏꓬყ¥ƴɏ"),
    ("z", "ΖᴢᏃꓜʐƶȥ"),
    ("ae", "æÆӕӔ"),
    ("oe", "œŒ"),
];

/// Signs that stand for a letter when they touch one.
const SIGNS: &[(char, &str)] = &[('@', "a"), ('$', "s"), ('!', "i"), ('|', "i"), ('+', "t")];

/// Returns what a character reads as, if that is something else in lower-case ASCII letters.
pub fn look_alike(c: char) -> Option<&'static str> {
    static TABLE: OnceLock<HashMap<char, &'static str>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let row = |(reads, chars): &(&'static str, &'static str)| {
            let reads = *reads;
            chars.chars().map(move |c| (c, reads)).collect::<Vec<_>>()
        };
        ROWS.iter().flat_map(row).collect()
    });
    match c as u32 {
        0..=0x7f => None,
        // Regional indicators and tags are the alphabet, moved.
        n @ 0x1f1e6..=0x1f1ff => letter(n - 0x1f1e6),
        n @ 0xe0041..=0xe005a => letter(n - 0xe0041),
        n @ 0xe0061..=0xe007a => letter(n - 0xe0061),
        _ => table.get(&c).copied(),
    }
}

/// Returns the letter that a sign of ASCII stands for in a word such as `p@$$word`.
pub fn sign(c: char) -> Option<&'static str> {
    SIGNS.iter().find(|(s, _)| *s == c).map(|(_, reads)| *reads)
}

fn letter(at: u32) -> Option<&'static str> {
    "abcdefghijklmnopqrstuvwxyz".get(at as usize..at as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_reads_as_letters_and_no_character_stands_twice() {
        let mut seen = std::collections::HashSet::new();
        for (reads, chars) in ROWS {
            assert!(reads.bytes().all(|b| b.is_ascii_lowercase()));
            for c in chars.chars() {
                assert!(!c.is_ascii() && seen.insert(c), "{c:?} {:x}", c as u32);
                assert_eq!(look_alike(c), Some(*reads));
            }
        }
        assert_eq!(look_alike('\u{1f1e8}'), Some("c"));
        assert_eq!((look_alike('c'), look_alike('ж')), (None, None));
    }
}
