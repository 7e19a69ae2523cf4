//! Characters spelt in words: `india foxtrot`, and `LATIN SMALL LETTER I` as Unicode names them.

use super::undo::{Changed, Text};

/// Spelt characters in a text of which fewer are chance: prose has an echo and a delta, and counts one, two, three.
const LEAST: usize = 6;

/// Words of the spelling alphabets of ICAO and of the names of digits and marks.
const WORDS: &[(&str, u8)] = &[
    ("alfa", b'a'),
    ("alpha", b'a'),
    ("bravo", b'b'),
    ("charlie", b'c'),
    ("delta", b'd'),
    ("echo", b'e'),
    ("foxtrot", b'f'),
    ("golf", b'g'),
    ("hotel", b'h'),
    ("india", b'i'),
    ("juliett", b'j'),
    ("juliet", b'j'),
    ("kilo", b'k'),
    ("lima", b'l'),
    ("mike", b'm'),
    ("november", b'n'),
    ("oscar", b'o'),
    ("papa", b'p'),
    ("quebec", b'q'),
    ("romeo", b'r'),
    ("sierra", b's'),
    ("tango", b't'),
    ("uniform", b'u'),
    ("victor", b'v'),
    ("whiskey", b'w'),
    ("whisky", b'w'),
    ("xray", b'x'),
    ("yankee", b'y'),
    ("zulu", b'z'),
];

/// Words that are read only beside those of [`WORDS`] or [`NAMES`].
const BESIDE: &[(&str, u8)] = &[
    ("zero", b'0'),
    ("one", b'1'),
    ("two", b'2'),
    ("three", b'3'),
    ("four", b'4'),
    ("five", b'5'),
    ("six", b'6'),
    ("seven", b'7'),
    ("eight", b'8'),
    ("nine", b'9'),
    ("niner", b'9'),
    ("space", b' '),
    ("dot", b'.'),
    ("comma", b','),
    ("semicolon", b';'),
    ("colon", b':'),
    ("equals", b'='),
    ("underscore", b'_'),
    ("dash", b'-'),
    ("minus", b'-'),
    ("plus", b'+'),
    ("star", b'*'),
    ("slash", b'/'),
    ("hash", b'#'),
    ("percent", b'%'),
    ("ampersand", b'&'),
    ("pipe", b'|'),
];

/// Names of Unicode for the marks of ASCII; letters and digits are read apart.
const NAMES: &[(&str, u8)] = &[
    ("left parenthesis", b'('),
    ("right parenthesis", b')'),
    ("left curly bracket", b'{'),
    ("right curly bracket", b'}'),
    ("left square bracket", b'['),
    ("right square bracket", b']'),
    ("semicolon", b';'),
    ("equals sign", b'='),
    ("less-than sign", b'<'),
    ("greater-than sign", b'>'),
    ("ampersand", b'&'),
    ("vertical line", b'|'),
    ("asterisk", b'*'),
    ("plus sign", b'+'),
    ("exclamation mark", b'!'),
    ("question mark", b'?'),
    ("percent sign", b'%'),
    ("number sign", b'#'),
    ("dollar sign", b'$'),
    ("commercial at", b'@'),
    ("comma", b','),
    ("full stop", b'.'),
    ("colon", b':'),
    ("hyphen-minus", b'-'),
    ("low line", b'_'),
    ("solidus", b'/'),
    ("reverse solidus", b'\\'),
    ("quotation mark", b'"'),
    ("apostrophe", b'\''),
    ("tilde", b'~'),
    ("circumflex accent", b'^'),
    ("space", b' '),
];

/// Reads what is spelt with the words of an alphabet, and what is spelt with the names of Unicode.
pub fn read(text: &Text) -> [Changed; 2] {
    let lower = text.bytes.to_ascii_lowercase();
    [read_words(text, &lower), read_names(text, &lower)]
}

fn look_up(table: &[(&str, u8)], word: &[u8]) -> Option<u8> {
    let found = table.iter().find(|(name, _)| name.as_bytes() == word);
    found.map(|(_, byte)| *byte)
}

fn word_len(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric())
        .count()
}

fn read_words(text: &Text, lower: &[u8]) -> Changed {
    let words = lower.split(|b| !b.is_ascii_alphanumeric());
    let mut spelt = words.filter(|w| look_up(WORDS, w).is_some());
    if spelt.nth(LEAST - 1).is_none() {
        return Changed::default();
    }
    replaced(text, lower, |rest| {
        let len = word_len(rest);
        let word = &rest[..len];
        let byte = look_up(WORDS, word).or_else(|| look_up(BESIDE, word))?;
        Some((byte, len))
    })
}

fn read_names(text: &Text, lower: &[u8]) -> Changed {
    let mut spelt = memchr::memmem::find_iter(lower, b" letter ");
    if spelt.nth(LEAST - 1).is_none() {
        return Changed::default();
    }
    replaced(text, lower, |rest| {
        for start in ["latin small letter ", "latin capital letter "] {
            if rest.starts_with(start.as_bytes()) && word_len(&rest[start.len()..]) == 1 {
                return Some((rest[start.len()], start.len() + 1));
            }
        }
        if let Some(digit) = rest.strip_prefix(b"digit ") {
            let len = word_len(digit);
            return Some((look_up(&BESIDE[..10], &digit[..len])?, 6 + len));
        }
        let is_here = |(name, _): &&(&str, u8)| {
            rest.starts_with(name.as_bytes()) && word_len(&rest[name.len()..]) == 0
        };
        let longest = NAMES
            .iter()
            .filter(is_here)
            .max_by_key(|(name, _)| name.len());
        longest.map(|(name, byte)| (*byte, name.len()))
    })
}

/// Replaces what `read` knows at the beginning of a word, and drops the blanks between two that it knows.
fn replaced(text: &Text, lower: &[u8], read: impl Fn(&[u8]) -> Option<(u8, usize)>) -> Changed {
    let mut out = Changed::default();
    let mut at = 0;
    while at < lower.len() {
        let begins = at == 0 || !lower[at - 1].is_ascii_alphanumeric();
        if let Some((byte, len)) = Some(at)
            .filter(|_| begins)
            .and_then(|at| read(&lower[at..]))
        {
            out.mark();
            out.text.push(byte, text.at[at]);
            at += len;
            let blanks = lower[at..]
                .iter()
                .take_while(|b| b.is_ascii_whitespace())
                .count();
            at += blanks;
        } else {
            out.text.push(text.bytes[at], text.at[at]);
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(text: &str) -> [String; 2] {
        read(&Text::new(text)).map(|c| String::from_utf8(c.text.bytes).unwrap())
    }

    #[test]
    fn spelt_characters_are_read_and_prose_is_left() {
        let [words, _] =
            both("see India foxtrot ( lima Echo november > mike zero one ) return minus one ;");
        assert_eq!(words, "see if( len> m01) return -1;");
        let names = "LATIN SMALL LETTER I\nLATIN SMALL LETTER F\nSPACE\nLEFT PARENTHESIS\nLATIN SMALL LETTER L\n\
                     LATIN CAPITAL LETTER E\nLATIN SMALL LETTER N\nLOW LINE\nDIGIT FOUR\nRIGHT PARENTHESIS\n\
                     LATIN SMALL LETTER X\nSEMICOLON";
        assert_eq!(both(names)[1], "if (len_4)x;");
        let prose =
            "An echo of the delta is sent to the uniform interface of the hotel, one or two times.";
        assert_eq!(both(prose), ["", ""]);
    }
}
