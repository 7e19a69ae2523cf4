//! The coarse form in which the gate compares texts: what may be read as the same is the same.
//!
//! A text becomes one byte a character. *Ink* is all but white space, controls, format characters and marks;
//! *letters* are the part of it that comes from letters and digits:
//!
//! ```text
//! a..z         letters; digits read as letters (leet), l and 1 as i; look-alikes as what they look like
//! 0x80..=0xbf  other letters, by a hash of six bits
//! ! to ~       punctuation
//! 0xc0..=0xff  other ink, by a hash of six bits
//! ```
//!
//! Invariant: texts that are equal in the exact forms of [`crate::text::normalise_each`] are equal here, because
//! every byte is a function of the exact form's characters and no letter of it is dropped. So one search in
//! this form finds everything, and what it finds is then compared exactly.

use super::look_alike::look_alike;
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
pub fn is_letter(byte: u8) -> bool {
    byte.wrapping_sub(b'a') < 26 || byte & 0xc0 == 0x80
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
    match table().get(c as usize) {
        Some([0xff, ..]) | None => read(c, each),
        Some([count, bytes @ ..]) => {
            for byte in &bytes[..*count as usize] {
                each(*byte);
            }
        }
    }
    c.len_utf8()
}

/// For each character below U+10000 its length in this form and its bytes; a length of 255 if it is longer.
fn table() -> &'static [[u8; 4]] {
    static TABLE: OnceLock<Vec<[u8; 4]>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let row = |number: u32| {
            let mut row = [0; 4];
            let Some(c) = char::from_u32(number).filter(|c| !c.is_ascii()) else {
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
        (0..0x1_0000).map(row).collect()
    })
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
    c.is_whitespace()
        || c.is_control()
        || is_combining_mark(c)
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{200b}'..='\u{200f}'
        )
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A letter or digit of the exact form; it gives at least one byte.
fn letter(c: char, each: &mut dyn FnMut(u8)) {
    let mut is_said = false;
    decompose_compatible(c, |part| {
        for part in part.to_lowercase().filter(|p| p.is_alphanumeric()) {
            is_said = true;
            if part.is_ascii() {
                each(ASCII[part as usize]);
            } else if let Some(reads) = look_alike(part) {
                reads.bytes().for_each(|b| each(ASCII[b as usize]));
            } else {
                each(0x80 | hash(part));
            }
        }
    });
    if !is_said {
        each(0x80 | hash(c));
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
        each(0xc0 | hash(c));
    }
}

fn hash(c: char) -> u8 {
    ((c as u32).wrapping_mul(0x9e37_79b1) >> 26) as u8
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
