//! What a character outside ASCII is read as, by the confusables data of Unicode Technical Standard #39.
//!
//! The standard maps every character to a prototype, and takes two texts for confusable if their prototypes are
//! equal. Prototypes are not always what a reader would name: `m` becomes `rn`, and `1`, `I` and `|` become `l`. So a
//! prototype is traced back here to the character of ASCII that it belongs to. Combining marks in a prototype, such as
//! the bar of `ø`, do not count.

use std::ops::Deref;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};
use unicode_security::skeleton;

/// The longest prototype that is looked at; longer ones are whole Arabic words.
const LONGEST: usize = 6;

/// Letters and digits of ASCII that a character is read as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AsciiReading {
    bytes: [u8; LONGEST],
    length: usize,
}

impl AsciiReading {
    /// Takes a text of ASCII; what does not fit is cut off.
    pub fn new(text: &str) -> Self {
        let mut reading = Self::default();
        for (to, byte) in reading.bytes.iter_mut().zip(text.bytes()) {
            *to = byte;
            reading.length += 1;
        }
        reading
    }
}

impl Deref for AsciiReading {
    type Target = str;

    fn deref(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// Calls `see` with the prototype of a character, without its combining marks, unless it is too long.
fn with_prototype<T>(c: char, see: impl FnOnce(&[char]) -> Option<T>) -> Option<T> {
    let mut buffer = [0; 4];
    let mut chars = ['\0'; LONGEST];
    let mut length = 0;
    let text = c.encode_utf8(&mut buffer);
    for part in skeleton(text).filter(|part| !is_combining_mark(*part)) {
        *chars.get_mut(length)? = part;
        length += 1;
    }
    see(&chars[..length])
}

/// Returns the letters and digits of ASCII that a character outside ASCII is read as.
pub fn ascii_letters(c: char) -> Option<AsciiReading> {
    if c.is_ascii() || !c.is_alphanumeric() && has_ascii_mark(c) {
        return None;
    }
    with_prototype(c, |prototype| {
        let is_letter = |part: &char| part.is_ascii_alphanumeric();
        if prototype.is_empty() || !prototype.iter().all(is_letter) {
            return None;
        }
        let text: String = prototype.iter().collect();
        Some(match text.as_str() {
            "l" if c.is_uppercase() => AsciiReading::new("I"),
            // No character is read as these two letters; all of them are a kind of `m`.
            text => AsciiReading::new(&text.replace("rn", "m")),
        })
    })
}

/// Returns the punctuation mark of ASCII that a character outside ASCII, which is no letter, is read as.
pub fn ascii_mark(c: char) -> Option<u8> {
    with_prototype(c, |prototype| match prototype {
        ['l'] => Some(b'|'),
        ['\'', '\''] => Some(b'"'),
        [one] if one.is_ascii_punctuation() => Some(*one as u8),
        _ => None,
    })
}

/// Returns the letter outside ASCII that stands for all that look like a letter, the letter itself if there is none.
pub fn prototype_letter(c: char) -> char {
    let prototype = with_prototype(c, |prototype| match prototype {
        [one] if !one.is_ascii() && one.is_alphanumeric() => Some(*one),
        _ => None,
    });
    prototype.unwrap_or(c)
}

/// Returns whether a compatibility form is a punctuation mark of ASCII, such as the full-width `｜`.
fn has_ascii_mark(c: char) -> bool {
    let mut is_mark = false;
    decompose_compatible(c, |part| is_mark |= part.is_ascii_punctuation());
    is_mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_read_as_unicode_lists_them() {
        for (c, reads) in [
            ('а', "a"),
            ('\u{15c5}', "A"),
            ('\u{118e3}', "m"),
            ('ｍ', "m"),
            ('Ӏ', "I"),
            ('ø', "o"),
            ('æ', "ae"),
            ('\u{2223}', "l"),
        ] {
            assert_eq!(ascii_letters(c).as_deref(), Some(reads), "{c:?}");
        }
        for c in ['m', 'ж', '漢', 'é', '；', '｜', '\u{300}'] {
            let reads = ascii_letters(c);
            assert!(reads.is_none() || c == 'é', "{c:?} {reads:?}");
        }
        assert_eq!(ascii_mark('\u{2223}'), Some(b'|'));
        assert_eq!(ascii_mark('“'), Some(b'"'));
        assert_eq!(ascii_mark('−'), Some(b'-'));
        assert_eq!(ascii_mark('。'), None);
        assert_eq!(prototype_letter('ロ'), prototype_letter('口'));
        assert_eq!(prototype_letter('ж'), 'ж');
    }
}
