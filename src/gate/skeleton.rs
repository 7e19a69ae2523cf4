//! The coarse form in which the gate compares texts: what may be read as the same is the same.
//!
//! A text becomes one byte a character. *Ink* is all but white space, controls, format characters and marks;
//! *letters* are the part of it that comes from letters and digits:
//!
//! ```text
//! a..z         letters; digits read as letters (leet), l and 1 as i; look-alikes as what they look like
//! 0x80..=0x8f  letters of other alphabets, by a hash
//! 0x90..=0x9f  letters of alphabets that are written without spaces, by a hash; see `script`
//! A..Z         Kana, by a hash
//! 0xa0..=0xdf  ideographs, by a hash of six bits
//! ! to ~       punctuation
//! 0xe0..=0xff  other ink, by a hash
//! ```
//!
//! Look-alikes are those of Unicode's confusables data and some more, see `look_alike`. A character has one reading
//! here, while the data tells cases apart: `Ν` is read as `N`, and `ν`, which the exact form takes for the same, as
//! `v`. The lower case's reading comes first then, and the other one is left to `undo`. So are readings of characters
//! that are no letters, and of letters without spaces, which must keep their weight.
//!
//! Invariant: texts that are equal in the exact forms of [`crate::text::normalise_each`] are equal here, because
//! every byte is a function of the exact form's characters and no letter of it is dropped. So one search in
//! this form finds everything, and what it finds is then compared exactly.

use super::char_set::CharSet;
use super::confusable::{self, prototype_letter};
use super::look_alike::look_alike;
use super::script::UnspacedLetter;
use std::collections::HashMap;
use std::sync::OnceLock;
use unicode_normalization::char::{decompose_canonical, decompose_compatible, is_combining_mark};

/// What [`ASCII`] gives for a byte that belongs to a character outside ASCII.
pub const OTHER: u8 = 1;

/// The coarse form of a byte of ASCII: 0 if it is dropped.
pub static ASCII: [u8; 256] = ascii();

/// What the digits are read as: 0 o, 1 i, 2 z, 3 e, 4 a, 5 s, 6 g, 7 t, 8 b, 9 g.
const LEET: [u8; 10] = *b"oizeasgtbg";

const fn ascii() -> [u8; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = match byte {
            b'0'..=b'9' => LEET[(byte - b'0') as usize],
            b'l' | b'L' => b'i',
            b'A'..=b'Z' => byte.to_ascii_lowercase(),
            b'!'..=b'~' => byte,
            0x80.. => OTHER,
            _ => 0,
        };
        at += 1;
    }
    table
}

/// Returns whether a byte of the coarse form stands for a letter or digit.
#[inline]
pub const fn is_letter(byte: u8) -> bool {
    // Lower case for the alphabet, upper case for Kana.
    (byte | 0x20).wrapping_sub(b'a') < 26 || byte.wrapping_sub(0x80) < 0x60
}

/// Calls `each` with every byte of the coarse form and the offset of the character it comes from. Bytes that are
/// not UTF-8 count as white space.
pub fn each(bytes: &[u8], mut each: impl FnMut(u8, usize)) {
    let mut at = 0;
    while at < bytes.len() {
        match ASCII[bytes[at] as usize] {
            0 => at += 1,
            OTHER => at += other(&bytes[at..], &mut |byte| each(byte, at)),
            byte => {
                each(byte, at);
                at += 1;
            }
        }
    }
}

/// Reads the character outside ASCII that the bytes begin with. Returns its length, 1 if there is none.
pub fn other(bytes: &[u8], each: &mut dyn FnMut(u8)) -> usize {
    let head = &bytes[..bytes.len().min(4)];
    let first = head.utf8_chunks().next();
    let Some(c) = first.and_then(|chunk| chunk.valid().chars().next()) else {
        return 1;
    };
    match row(c) {
        [0xff, ..] => read(c, each),
        [count, bytes @ ..] => {
            for byte in &bytes[..*count as usize] {
                each(*byte);
            }
        }
    }
    c.len_utf8()
}

/// A character's length in this form and its bytes; a length of 255 if it is longer.
type Row = [u8; 4];

/// Returns the row of a character. Rows are worked out page by page when one of a page is asked for: all of them take
/// a tenth of a second, and a text uses a few scripts.
fn row(c: char) -> &'static Row {
    const PAGE: usize = 256;
    const PAGES: usize = char::MAX as usize / PAGE + 1;
    static TABLE: [OnceLock<Box<[Row]>>; PAGES] = [const { OnceLock::new() }; PAGES];
    let (page, at) = (c as usize / PAGE, c as usize % PAGE);
    let row = |number: usize| {
        let mut row = [0; 4];
        let Some(c) = char::from_u32(number as u32).filter(|c| !c.is_ascii()) else {
            return row;
        };
        read(c, &mut |byte| {
            if row[0] < 3 {
                row[0] += 1;
                row[row[0] as usize] = byte;
            } else {
                row[0] = 0xff;
            }
        });
        row
    };
    let rows = TABLE[page].get_or_init(|| (page * PAGE..(page + 1) * PAGE).map(row).collect());
    &rows[at]
}

fn read(c: char, each: &mut dyn FnMut(u8)) {
    decompose_canonical(c, |part| {
        let mut has_letter = false;
        for folded in part.to_uppercase().flat_map(char::to_lowercase) {
            if folded.is_alphanumeric() {
                has_letter = true;
                letter(folded, each);
            }
        }
        if !has_letter && !is_hidden(part) {
            ink(part, each);
        }
    });
}

/// Returns whether a character that is neither letter nor digit leaves no ink.
pub fn is_hidden(c: char) -> bool {
    static HIDDEN: OnceLock<CharSet> = OnceLock::new();
    let hidden = HIDDEN.get_or_init(|| {
        CharSet::from_class(r"[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{M}\p{White_Space}]")
    });
    hidden.contains(c)
}

/// A letter or digit of the exact form. It gives at least one byte, unless it is a mark in every other width.
fn letter(c: char, each: &mut dyn FnMut(u8)) {
    if UnspacedLetter::from_char(c).is_none()
        && let Some(reads) = confusable::ascii_letters(c)
    {
        reads.bytes().for_each(|b| each(ASCII[b as usize]));
        return;
    }
    let (mut is_said, mut is_mark) = (false, true);
    decompose_compatible(c, |part| {
        is_mark &= is_combining_mark(part);
        for part in part.to_lowercase().filter(|p| p.is_alphanumeric()) {
            is_said = true;
            if part.is_ascii() {
                each(ASCII[part as usize]);
            } else {
                letter_part(part, each);
            }
        }
    });
    // The sound marks of half-width Kana are letters by their category.
    if !is_said && !is_mark {
        each(0x80 | (hash(c) >> 28) as u8);
    }
}

/// A letter outside ASCII that has no compatibility form.
fn letter_part(c: char, each: &mut dyn FnMut(u8)) {
    if let Some(kind) = UnspacedLetter::from_char(c) {
        let c = unspaced_prototype(c);
        let kind = UnspacedLetter::from_char(c).unwrap_or(kind);
        each(kind.coarse_byte(hash(c)));
        return;
    }
    if let Some(reads) = reading(c) {
        reads.bytes().for_each(|b| each(ASCII[b as usize]));
        return;
    }
    let prototype = prototype_letter(c);
    let is_alphabet = UnspacedLetter::from_char(prototype).is_none();
    let c = if is_alphabet { prototype } else { c };
    each(0x80 | (hash(c) >> 28) as u8);
}

/// Returns the one reading that a folded letter has here: its own, or that of its upper case if that is one letter.
fn reading(c: char) -> Option<confusable::AsciiReading> {
    let upper = || {
        let mut upper = c.to_uppercase();
        let upper = upper.next().filter(|u| *u != c)?;
        confusable::ascii_letters(upper).filter(|reads| reads.len() == 1)
    };
    let own = confusable::ascii_letters(c);
    own.or_else(upper).or_else(|| look_alike(c))
}

/// Returns the letter without spaces that stands for all that look like it, or that are the same in another style of
/// writing: Katakana for Hiragana, and for ideographs that look like a letter of Kana, as `口` does like `ロ`.
fn unspaced_prototype(c: char) -> char {
    static KANA: OnceLock<HashMap<char, char>> = OnceLock::new();
    let by_prototype = KANA.get_or_init(|| {
        let all = ('\u{30a1}'..='\u{30fa}').map(|c| (prototype_letter(c), c));
        all.filter(|(prototype, c)| prototype != c).collect()
    });
    if let 'ぁ'..='ゖ' | 'ゝ'..='ゞ' = c {
        return char::from_u32(c as u32 + 0x60).unwrap_or(c);
    }
    if UnspacedLetter::from_char(c) == Some(UnspacedLetter::Kana) {
        return c;
    }
    let prototype = prototype_letter(c);
    if let Some(kana) = by_prototype.get(&prototype) {
        return *kana;
    }
    if UnspacedLetter::from_char(prototype) == UnspacedLetter::from_char(c) {
        prototype
    } else {
        c
    }
}

fn ink(c: char, each: &mut dyn FnMut(u8)) {
    let mut is_said = false;
    decompose_compatible(c, |part| {
        if part.is_ascii_punctuation() {
            is_said = true;
            each(part as u8);
        }
    });
    if !is_said {
        each(confusable::ascii_mark(c).unwrap_or(0xe0 | (hash(c) >> 27) as u8));
    }
}

/// Hashes a character; the upper bits are the good ones.
fn hash(c: char) -> u32 {
    (c as u32).wrapping_mul(0x9e37_79b1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Keep, normalise};
    use proptest::prelude::*;

    fn of(text: &str) -> (Vec<u8>, Vec<u8>) {
        let (mut ink, mut letters) = (Vec::new(), Vec::new());
        each(text.as_bytes(), |byte, _| {
            ink.push(byte);
            letters.extend(Some(byte).filter(|b| is_letter(*b)));
        });
        (ink, letters)
    }

    #[test]
    fn what_reads_the_same_is_the_same() {
        let plain = of("memcpy(dst, src, len_10);").1;
        for text in [
            "MEMCPY dst src LEN 10",
            "ｍｅｍｃｐｙ（ｄｓｔ，ｓｒｃ，ｌｅｎ＿１０）；",
            "𝐦𝐞𝐦𝐜𝐩𝐲(𝒅𝒔𝒕, 𝖘𝖗𝖈, 𝚕𝚎𝚗_𝟙𝟘)",
            "mеmсру(dѕt, ѕrс, lеn_10)",
            "m\u{200b}e\u{301}m\u{ad}cpy dst src len 10",
            "m3mcpy d5t 5rc 13n lo",
            "ⓜⓔⓜⓒⓟⓨ ᴅsᴛ sʀᴄ ʟᴇɴ 10",
        ] {
            assert_eq!(of(text).1, plain, "{text}");
        }
        assert_eq!(of("（ａ；）").0, b"(a;)");
        assert_ne!(of("漢字").1, of("字漢").1);
        assert_eq!(of("口カがデータ").1, of("ロ力ｶﾞﾃﾞｰタ").1);
        assert_eq!(of("“a ∣∣ b‘").0, b"\"a||b'");
    }

    /// Every character that Unicode's data reads as one letter or digit of ASCII is read as that, here or, where its
    /// other case is read as another one, where it is no letter or where it is written without spaces, by `undo`.
    #[test]
    fn every_confusable_of_an_ascii_letter_is_read_as_it() {
        use unicode_normalization::UnicodeNormalization;
        use unicode_security::skeleton as prototype;
        let ascii = ('0'..='9').chain('a'..='z').chain('A'..='Z');
        let by_prototype: HashMap<String, char> = ascii
            .map(|c| (prototype(&c.to_string()).collect(), c))
            .collect();
        let (mut here, mut elsewhere) = (0, 0);
        for c in ('\u{80}'..=char::MAX).filter(|c| !c.is_control()) {
            let text = c.to_string();
            let bare: String = prototype(&text)
                .filter(|p| !is_combining_mark(*p) || p.is_alphanumeric())
                .collect();
            let Some(letter) = by_prototype.get(&bare) else {
                continue;
            };
            let wanted = [ASCII[*letter as usize]];
            // A mark that Unicode counts as a letter follows.
            let letters = text.chars().nfd().filter(|c| c.is_alphanumeric()).count();
            let own = of(&text).1;
            if own == wanted || letters > 1 && own.starts_with(&wanted) {
                here += 1;
                continue;
            }
            let is_one_case = c.to_lowercase().eq(c.to_uppercase());
            assert!(
                !is_one_case || !c.is_alphanumeric() || UnspacedLetter::from_char(c).is_some(),
                "{c:?} {:x} is {:?}",
                c as u32,
                of(&text)
            );
            // A mark of punctuation in full width is that mark.
            if of(&text).0 == *b"|" {
                continue;
            }
            elsewhere += 1;
            let reads = look_alike(c).unwrap_or_default();
            assert_eq!(of(&reads).1, wanted, "{c:?} {:x}", c as u32);
        }
        println!("{here} read here, {elsewhere} by undoing");
        assert!(here > 1500 && elsewhere > 50, "{here} {elsewhere}");
    }

    proptest! {
        #[test]
        fn equal_exact_forms_are_equal_here(text in "\\PC{0,30}", other in "[a-zA-Z0-9éß\u{301}漢Ωﬁ ]{0,9}") {
            use unicode_normalization::UnicodeNormalization;
            for (a, b) in [
                (text.clone(), text.nfd().collect::<String>()),
                (text.clone(), text.nfc().collect()),
                (text.clone(), text.to_uppercase()),
                (other.clone(), other.to_lowercase()),
            ] {
                for keep in [Keep::Letters, Keep::Ink] {
                    if normalise(&a, keep).0 == normalise(&b, keep).0 {
                        let (x, y) = (of(&a), of(&b));
                        prop_assert!(if keep == Keep::Ink { x == y } else { x.1 == y.1 }, "{a:?} {b:?}");
                    }
                }
            }
        }

        #[test]
        fn no_letter_is_dropped(text in "\\PC{0,40}") {
            // Marks in every width but this one.
            let text = text.replace(['\u{ff9e}', '\u{ff9f}'], "");
            prop_assert!(of(&text).1.len() >= normalise(&text, Keep::Letters).0.len());
        }

        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut last = 0;
            each(&bytes, |byte, at| {
                assert!(byte != 0 && byte != OTHER && at >= last && at < bytes.len());
                last = at;
            });
        }
    }
}
