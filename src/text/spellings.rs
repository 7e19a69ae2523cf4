//! The spellings of a character that Unicode calls canonically equivalent (UAX #15): `ü` and `u` with a combining
//! diaeresis, a Hangul syllable and its letters, `Å` and the sign for angstrom.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, compose, decompose_canonical};

/// Most spellings of one character with its marks; of more only the composed and the decomposed one are taken.
const MOST: usize = 48;

/// Returns a text with every character composed (NFC).
pub fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// Returns a text with every character decomposed (NFD).
pub fn decomposed(text: &str) -> String {
    text.nfd().collect()
}

/// Returns all spellings of each character of a text, the marks that follow it included; the composed one comes first.
pub fn spellings(text: &str) -> Vec<Vec<String>> {
    let clusters = clusters(text);
    clusters.iter().map(|cluster| spell(cluster)).collect()
}

/// Cuts a text into characters with what composes with them, decomposed.
fn clusters(text: &str) -> Vec<Vec<char>> {
    let mut out: Vec<Vec<char>> = Vec::new();
    for c in text.nfd() {
        match out.last_mut() {
            Some(cluster) if canonical_combining_class(c) != 0 || composes(cluster, c) => {
                cluster.push(c);
            }
            _ => out.push(vec![c]),
        }
    }
    out
}

/// Returns whether a character that is no mark composes with a cluster: a vowel or a last consonant of Hangul, a vowel
/// sign of a script of India.
fn composes(cluster: &[char], next: char) -> bool {
    let Some(composed) = cluster.iter().copied().nfc().last() else {
        return false;
    };
    compose(composed, next).is_some()
}

/// Returns all texts whose decomposed form is the cluster, the composed one first.
fn spell(cluster: &[char]) -> Vec<String> {
    if let [c] = cluster
        && c.is_ascii()
    {
        return vec![c.to_string()];
    }
    let mut found = BTreeSet::new();
    extend(&mut String::new(), cluster, &mut found);
    let composed: String = cluster.iter().copied().nfc().collect();
    if found.len() >= MOST {
        found = [composed.clone(), cluster.iter().collect()].into();
    }
    found.remove(&composed);
    [composed].into_iter().chain(found).collect()
}

/// Adds all spellings that begin with what is written already.
fn extend(written: &mut String, rest: &[char], found: &mut BTreeSet<String>) {
    if rest.is_empty() {
        found.insert(written.clone());
        return;
    }
    let first_parts = composites();
    for (at, first) in rest.iter().enumerate() {
        if found.len() >= MOST {
            return;
        }
        let single = (vec![*first], *first);
        let syllables: Vec<Composite> = (2..=3)
            .filter_map(|len| syllable(rest.get(..len)?))
            .collect();
        let composed = first_parts.get(first).into_iter().flatten();
        for (parts, c) in [&single].into_iter().chain(&syllables).chain(composed) {
            let Some(left) = without(rest, parts, at) else {
                continue;
            };
            let is_same = [*c]
                .into_iter()
                .chain(left.iter().copied())
                .nfd()
                .eq(rest.iter().copied());
            if is_same {
                written.push(*c);
                extend(written, &left, found);
                written.pop();
            }
        }
        if canonical_combining_class(*first) == 0 {
            // Nothing moves before a character that is no mark.
            break;
        }
    }
}

/// Returns the syllable of Hangul that letters make.
fn syllable(letters: &[char]) -> Option<Composite> {
    let mut composed = letters.iter().copied().nfc();
    let one = composed
        .next()
        .filter(|c| matches!(c, '\u{ac00}'..='\u{d7a3}'))?;
    composed.next().is_none().then(|| (letters.to_vec(), one))
}

/// Takes parts, in their order, out of what is left, from a place on.
fn without(rest: &[char], parts: &[char], from: usize) -> Option<Vec<char>> {
    let mut left = rest[..from].to_vec();
    let mut parts = parts.iter().peekable();
    for c in &rest[from..] {
        if parts.next_if(|part| *part == c).is_none() {
            left.push(*c);
        }
    }
    parts.peek().is_none().then_some(left)
}

/// Where characters with a canonical decomposition are, Hangul aside; a test compares this with all of Unicode.
const DECOMPOSABLE: &[std::ops::RangeInclusive<char>] = &[
    '\u{c0}'..='\u{30ff}',
    '\u{f900}'..='\u{fb4f}',
    '\u{10000}'..='\u{16fff}',
    '\u{1d100}'..='\u{1d1ff}',
    '\u{2f800}'..='\u{2fa1f}',
];

/// Decomposition of a character, and the character.
type Composite = (Vec<char>, char);

/// Returns the characters that have a decomposition, by its first part.
fn composites() -> &'static HashMap<char, Vec<Composite>> {
    static TABLE: OnceLock<HashMap<char, Vec<Composite>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: HashMap<char, Vec<Composite>> = HashMap::new();
        let mut add = |c: char| {
            let mut parts = Vec::new();
            decompose_canonical(c, |part| parts.push(part));
            if parts != [c] {
                table.entry(parts[0]).or_default().push((parts, c));
            }
        };
        DECOMPOSABLE.iter().cloned().flatten().for_each(&mut add);
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Vec<String> {
        spellings(text).into_iter().flatten().collect()
    }

    #[test]
    fn every_character_that_decomposes_is_in_the_table() {
        for c in ('\0'..=char::MAX).filter(|c| !matches!(c, '\u{ac00}'..='\u{d7a3}')) {
            let mut parts = Vec::new();
            decompose_canonical(c, |part| parts.push(part));
            let is_known = DECOMPOSABLE.iter().any(|range| range.contains(&c));
            assert!(parts == [c] || is_known, "{:x}", c as u32);
        }
    }

    #[test]
    fn a_character_has_all_its_spellings() {
        assert_eq!(shown("ü"), ["ü", "u\u{308}"]);
        assert_eq!(shown("u\u{308}"), ["ü", "u\u{308}"]);
        assert_eq!(shown("\u{1ec7}").len(), 5, "{:?}", shown("\u{1ec7}"));
        assert_eq!(
            shown("검"),
            ["검", "\u{1100}\u{1165}\u{11b7}", "거\u{11b7}"]
        );
        assert_eq!(shown("å"), ["å", "a\u{30a}"]);
        assert_eq!(shown("Å"), ["Å", "A\u{30a}", "\u{212b}"]);
        assert_eq!(shown("Ω"), ["Ω", "\u{2126}"]);
        assert_eq!(shown("が"), ["が", "か\u{3099}"]);
        assert_eq!(shown("豈"), ["豈", "\u{f900}"]);
        assert_eq!(shown("中;K"), ["中", ";", "K"]);
        // Bengali: a vowel sign of two parts, both of which are no marks.
        assert_eq!(
            shown("\u{995}\u{9cb}"),
            ["\u{995}", "\u{9cb}", "\u{9c7}\u{9be}"]
        );
    }

    proptest! {
        #[test]
        fn all_spellings_are_equivalent(
            text in "[aeuÜ검사ệǘÅが\u{301}\u{308}\u{323}\u{302}\u{1100}\u{1161}\u{11a8}\u{9c7}\u{9be}\u{f71}\u{f72}ῲ\u{5b0}]{1,6}",
        ) {
            for all in spellings(&text) {
                let first = decomposed(&all[0]);
                for spelling in all {
                    prop_assert_eq!(decomposed(&spelling), first.clone(), "{:?}", spelling);
                }
            }
        }
    }
}
