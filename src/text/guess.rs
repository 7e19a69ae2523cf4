//! The encoding of a text of eight-bit bytes that is not UTF-8: a guess.
//!
//! chardetng guesses from the bytes that are not ASCII and what stands beside them. It was made for pages of the
//! web, and a C file with one comment of two characters gives it little: there a second opinion asks whether the
//! bytes are frequent characters of Chinese, Japanese or Korean, and a few letters tell Latin encodings apart.
//! Measured on messages of free programs as the only comment of a C file (400 in each language):
//!
//! | | sentence | one word | three words | ten words |
//! |---|---|---|---|---|
//! | Chinese, Japanese, Korean | 98 to 100 % | 96 to 99 % | 100 % | 100 % |
//! | Russian, Greek | 96 to 99.7 % | 77 to 93 % | 98 to 100 % | 100 % |
//! | German, French, Spanish, Swedish | 99 to 100 % | 97 to 100 % | 99.7 to 100 % | 100 % |
//! | Polish, Czech, Turkish | 92 to 98 % | 86 to 94 % | 93 to 99 % | 99.5 to 100 % |
//!
//! A guess cannot hide ASCII: it is never ISO-2022-JP, in which an escape makes letters of what are ASCII bytes to
//! everyone else, and in all other encodings a byte below 0x80 is itself, except one directly behind the first byte
//! of a two-byte character (GBK, Big5, `Shift_JIS`, EUC-KR). The reviewer has the last word.

use super::encoding::Encoding;
use super::frequent::{JAPANESE, KOREAN, SIMPLIFIED, TRADITIONAL};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, GBK, ISO_8859_2, SHIFT_JIS, WINDOWS_1250, WINDOWS_1252, WINDOWS_1254,
};
use std::collections::HashMap;
use std::sync::OnceLock;

type Kind = &'static encoding_rs::Encoding;

/// Bytes that are looked at.
const MOST: usize = 240 << 10;
/// With more bytes above 0x7f than this, chardetng needs no second opinion.
const FEW: usize = 64;

/// Guesses the encoding of bytes that are neither UTF-8 nor binary.
pub(super) fn guess(bytes: &[u8]) -> Encoding {
    let sample = sample(bytes);
    let high = sample.iter().filter(|b| **b >= 0x80).count();
    let first = first_opinion(&sample);
    let kind = if high > FEW {
        by_letters(&sample, first)
    } else {
        second_opinion(&sample, first)
    };
    Encoding::by_name(kind.name())
        .or(Encoding::by_name(WINDOWS_1252.name()))
        .unwrap_or(Encoding::UTF_8)
}

/// Guesses the encoding of one line, most lines around which are in `main`: that one, unless another is far likelier.
pub(super) fn guess_line(line: &[u8], main: Encoding) -> Encoding {
    let Some(kind) = encoding_rs::Encoding::for_label(main.name().as_bytes()) else {
        return main;
    };
    let is_likely = match fits_of(kind) {
        Some(ranks) => Fit::of(line, kind, ranks).is_some_and(|fit| fit.is_plausible()),
        // A word of Cyrillic or Chinese is a row of such bytes; in a word of a Latin language they are alone.
        None if is_latin(kind) => longest_run(line) < 4,
        None => !has_letter_alone(line) && is_usual_case(&super::decode::decode_whole(line, main)),
    };
    if is_likely {
        return main;
    }
    let other = guess(line);
    let Some(kind_of_line) = encoding_rs::Encoding::for_label(other.name().as_bytes()) else {
        return main;
    };
    let has_errors = kind.decode_without_bom_handling(line).1;
    let is_far_likelier = match fits_of(kind_of_line) {
        Some(ranks) => Fit::of(line, kind_of_line, ranks).is_some_and(|fit| fit.is_sure()),
        None if is_latin(kind_of_line) => has_letter_alone(line),
        None if is_latin(kind) => longest_run(line) >= 4,
        // KOI8 and windows-1251 have capitals where the other has small letters.
        None => is_usual_case(&super::decode::decode_whole(line, other)),
    };
    if has_errors || is_far_likelier {
        other
    } else {
        main
    }
}

/// Returns whether the letters that are not ASCII are capitals at most where words begin.
fn is_usual_case(text: &str) -> bool {
    let mut before = ' ';
    text.chars().all(|c| {
        let is_turned = !c.is_ascii() && c.is_uppercase() && before.is_lowercase();
        before = c;
        !is_turned
    })
}

/// Guesses which of the encodings of Chinese, Japanese and Korean a text is in, if it can be in one.
pub(super) fn guess_asian(text: &[u8]) -> Option<Encoding> {
    let fits = fits(text).into_iter().flatten();
    let likely = fits.filter(|fit| fit.chars > 0 && 2 * fit.common >= fit.chars);
    let best = likely.max_by(|a, b| a.likelihood.total_cmp(&b.likelihood))?;
    Encoding::by_name(best.kind.name())
}

/// Returns whether letters of an encoding are UTF-8 by chance now and then: those of two bytes, and single ones that lie
/// on both sides of 0xc0.
pub(super) fn is_utf8_by_chance(encoding: Encoding) -> bool {
    let kind = encoding_rs::Encoding::for_label(encoding.name().as_bytes());
    let is_asian = kind.is_some_and(|kind| fits_of(kind).is_some());
    let others = [
        "gb18030",
        "IBM866",
        "windows-874",
        "macintosh",
        "x-mac-cyrillic",
    ];
    is_asian || others.contains(&encoding.name())
}

/// Returns whether a text, read in an encoding, holds a character that is common in Chinese, Japanese or Korean, or a
/// letter of an encoding of single bytes.
pub(super) fn has_likely_character(text: &[u8], encoding: Encoding) -> bool {
    let read = super::decode::decode_whole(text, encoding);
    let is_asian = encoding_rs::Encoding::for_label(encoding.name().as_bytes())
        .is_some_and(|kind| fits_of(kind).is_some());
    read.chars().any(|c| {
        !c.is_ascii()
            && if is_asian {
                is_common(c)
            } else {
                c.is_alphabetic()
            }
    })
}

/// Returns whether an encoding is one of Latin letters.
fn is_latin(kind: Kind) -> bool {
    matches!(
        kind.name(),
        "windows-1252"
            | "windows-1250"
            | "windows-1254"
            | "windows-1257"
            | "windows-1258"
            | "macintosh"
    ) || (kind.name().starts_with("ISO-8859-")
        && !matches!(
            kind.name(),
            "ISO-8859-5" | "ISO-8859-6" | "ISO-8859-7" | "ISO-8859-8" | "ISO-8859-8-I"
        ))
}

/// Returns the length of the longest row of bytes that are not ASCII.
fn longest_run(line: &[u8]) -> usize {
    line.split(u8::is_ascii).map(<[u8]>::len).max().unwrap_or(0)
}

/// Returns whether a byte that is not ASCII stands alone between letters of ASCII.
fn has_letter_alone(line: &[u8]) -> bool {
    let is_letter = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphabetic);
    let is_alone = |at: usize| {
        line[at] >= 0x80
            && is_letter(at.checked_sub(1).and_then(|at| line.get(at)))
            && (is_letter(line.get(at + 1)) || line.get(at + 1).is_none_or(|b| *b < b'0'))
    };
    (0..line.len()).any(is_alone)
}

fn first_opinion(sample: &[u8]) -> Kind {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// Takes what stands around the bytes that are not ASCII, from the beginning, the middle and the end of the text.
pub(super) fn sample(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let third = match bytes.len() {
        ..=MOST => bytes.len(),
        len => len / 3,
    };
    for from in (0..bytes.len()).step_by(third.max(1)).take(3) {
        let to = bytes.len().min(from + third);
        let (mut at, most) = (from, out.len() + MOST * third / bytes.len());
        while out.len() < most {
            let Some(high) = bytes[at..to].iter().position(|b| *b >= 0x80) else {
                break;
            };
            let Some((start, end)) = around(bytes, at, at + high) else {
                at = to.min(at + high + AROUND);
                continue;
            };
            out.extend_from_slice(&bytes[start..end]);
            out.push(b'\n');
            at = end.clamp(at + high + 1, to);
            if at == to {
                break;
            }
        }
    }
    out
}

/// Most bytes taken before and behind a byte that is not ASCII.
const AROUND: usize = 1024;

/// Returns a piece of the text around a byte. It begins behind and ends before a byte that is no second half of a
/// character in any encoding.
fn around(bytes: &[u8], from: usize, high: usize) -> Option<(usize, usize)> {
    let is_border = |b: &u8| *b < b'0';
    let least = high.saturating_sub(AROUND).max(from);
    let start = match bytes[least..high].iter().position(is_border) {
        Some(border) => least + border + 1,
        None if least == 0 => 0,
        // Where a piece of the text was taken before, or a third of it begins.
        None => {
            let behind = bytes[high..].iter().take(AROUND).position(is_border)?;
            high + behind + 1
        }
    };
    let most = bytes.len().min(high.max(start) + AROUND);
    if most == bytes.len() {
        return Some((start, most));
    }
    match bytes[start..most].iter().rposition(is_border) {
        Some(end) => Some((start, start + end)),
        // A text without a space: its characters have two bytes.
        None => (start == 0).then_some((0, most & !1)),
    }
}

/// How frequent a character is in its language.
fn ranks() -> &'static [HashMap<char, u16>; 4] {
    static RANKS: OnceLock<[HashMap<char, u16>; 4]> = OnceLock::new();
    RANKS.get_or_init(|| {
        [SIMPLIFIED, TRADITIONAL, JAPANESE, KOREAN]
            .map(|text| text.chars().zip(0_u16..).collect::<HashMap<_, _>>())
    })
}

/// Returns whether a character is one of those that occur most in Chinese, Japanese or Korean.
pub(super) fn is_common(c: char) -> bool {
    ranks().iter().any(|ranks| ranks.contains_key(&c))
}

/// How well a text fits a language.
struct Fit {
    kind: Kind,
    /// Logarithm of how likely the characters are.
    likelihood: f32,
    chars: usize,
    common: usize,
    /// A letter stands directly before one of the characters, as in a word of a Latin language.
    is_in_word: bool,
}

impl Fit {
    fn of(sample: &[u8], kind: Kind, ranks: &HashMap<char, u16>) -> Option<Self> {
        let text = kind.decode_without_bom_handling_and_without_replacement(sample)?;
        let mut fit = Self {
            kind,
            likelihood: 0.0,
            chars: 0,
            common: 0,
            is_in_word: false,
        };
        let mut before = ' ';
        for c in text.chars() {
            if !c.is_ascii() {
                fit.chars += 1;
                fit.is_in_word |= before.is_ascii_alphabetic();
                let rank = ranks.get(&c);
                fit.common += usize::from(rank.is_some());
                fit.likelihood -= match (rank, c) {
                    (Some(..150), _) => 5.3,
                    (Some(_), _) => 7.5,
                    (None, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff5e}') => 6.0,
                    (None, '\u{2010}'..='\u{203f}') => 9.0,
                    (None, _) => 13.0,
                };
            }
            before = c;
        }
        Some(fit)
    }

    /// Returns whether nothing speaks against the encoding: most characters are common, and none begins within a word.
    fn is_plausible(&self) -> bool {
        let is_usual =
            3 * self.common >= 2 * self.chars || self.likelihood > -8.5 * self.chars as f32;
        is_usual && (!self.is_in_word || self.common >= 2)
    }

    /// Returns whether so few characters cannot be chance: letters of another encoding, taken in twos.
    fn is_sure(&self) -> bool {
        let nearly_all = if self.common > 2 {
            self.chars * 9 / 10
        } else {
            self.chars
        };
        self.common >= 2
            && self.common >= nearly_all
            && self.likelihood > -7.4 * self.chars as f32
            && (!self.is_in_word || self.chars >= 4)
    }
}

/// The encodings of characters of two bytes, each with the number of its language's ranks.
const ASIAN: [(Kind, usize); 5] = [
    (GBK, 0),
    (BIG5, 1),
    (SHIFT_JIS, 2),
    (EUC_JP, 2),
    (EUC_KR, 3),
];

/// Returns how well a text fits each encoding of characters of two bytes.
fn fits(sample: &[u8]) -> [Option<Fit>; 5] {
    ASIAN.map(|(kind, language)| Fit::of(sample, kind, &ranks()[language]))
}

/// Returns the ranks of the language of an encoding of characters of two bytes.
fn fits_of(kind: Kind) -> Option<&'static HashMap<char, u16>> {
    let found = ASIAN.iter().find(|(asian, _)| *asian == kind);
    found.map(|(_, language)| &ranks()[*language])
}

fn second_opinion(sample: &[u8], first: Kind) -> Kind {
    let fits = fits(sample);
    let fits = || fits.iter().flatten();
    let Some(best) = fits().max_by(|a, b| a.likelihood.total_cmp(&b.likelihood)) else {
        return by_letters(sample, first);
    };
    match fits().find(|fit| fit.kind == first) {
        _ if is_signs(sample) => WINDOWS_1252,
        Some(fit) if best.likelihood > fit.likelihood + 1.0 => best.kind,
        Some(_) => first,
        None if best.is_sure() => best.kind,
        None => by_letters(sample, first),
    }
}

/// Returns whether all that is not ASCII are signs such as the degree or the copyright sign, each by itself.
fn is_signs(sample: &[u8]) -> bool {
    let is_sign = |b: u8| matches!(b, 0xa7 | 0xa9 | 0xae | 0xb0..=0xb3 | 0xb5 | 0xb7 | 0xd7);
    let is_alone = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| sample.get(at));
        before.is_none_or(|b| b.is_ascii() && !b.is_ascii_alphabetic())
            && sample.get(at + 1).is_none_or(u8::is_ascii)
    };
    let mut high = sample.iter().enumerate().filter(|(_, b)| **b >= 0x80);
    high.all(|(at, b)| is_sign(*b) && is_alone(at))
}

/// Tells encodings of Latin languages apart that share most letters.
fn by_letters(sample: &[u8], first: Kind) -> Kind {
    let has = |letters: &[u8]| sample.iter().any(|b| letters.contains(b));
    if first == WINDOWS_1252 {
        // Eth, thorn and y acute are Icelandic, with the other letters of Icelandic; at the same places are the
        // Turkish letters.
        let is_turkish = has(b"\xd0\xdd\xde\xf0\xfd\xfe")
            && !has(b"\xe6\xc6\xe1\xe9\xed\xf3\xfa\xc1\xc9\xcd\xd3\xda");
        return if is_turkish { WINDOWS_1254 } else { first };
    }
    // The n acute of Polish and a vowel that Polish has not: an n tilde.
    if first == WINDOWS_1250 && has(b"\xf1\xd1") && has(b"\xe1\xe9\xed\xfa") {
        return WINDOWS_1252;
    }
    if first != ISO_8859_2 {
        return first;
    }
    // Polish has no s with caron: it is an a with ogonek.
    if has(b"\xb3\xea") && has(b"\xb9") {
        return WINDOWS_1250;
    }
    let is_letter = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphabetic() || *b >= 0xc0);
    let is_quote = |(at, b): (usize, &u8)| match b {
        0xab => !is_letter(at.checked_sub(1).and_then(|at| sample.get(at))),
        0xbb => !is_letter(sample.get(at + 1)),
        _ => true,
    };
    // Guillemets stand at the places of two letters of Czech and Slovak.
    let is_quoting = has(b"\xab") && sample.iter().enumerate().all(is_quote);
    let central = b"\xa1\xa3\xa5\xa6\xa9\xac\xae\xaf\xb1\xb3\xb6\xb9\xbc\xbe\xbf";
    if is_quoting && !has(central) {
        return WINDOWS_1252;
    }
    first
}
