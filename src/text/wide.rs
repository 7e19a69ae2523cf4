//! Stretches of UTF-16 and UTF-32 among other bytes: strings in firmware, a log that two programs append to.
//!
//! Each of the four encodings is tried at each alignment. Every unit has a score, which says how much likelier it is in
//! a text than in other bytes: letters of ASCII and the characters that [`super::frequent`] lists are likely, characters
//! that texts seldom hold are not, and two letters of ASCII that would be one rare Chinese character are ASCII. A stretch
//! is what lies between the beginning and the best end of a positive sum, as in the alignment of sequences (X-drop,
//! Altschul 1990). Where stretches overlap, the one with the higher sum is taken.

use super::encoding::Encoding;
use super::guess;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

/// Least sum of a stretch: four letters of ASCII.
const LEAST: i32 = 12;
/// A stretch ends where the sum has fallen by so much.
const DROP: i32 = 36;
/// Added for each end of a stretch that a zero unit or the end of the bytes marks, if it is not in Latin letters: two
/// Chinese characters are a word, two letters of ASCII are chance.
const MARKED_END: i32 = 3;
/// Score of a likely character.
const LIKELY: i8 = 3;
/// Score of a unit that no text holds.
const NEVER: i8 = i8::MIN;

/// Stretch of bytes that is text in an encoding of 16 or 32 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WideStretch {
    pub bytes: Range<usize>,
    pub encoding: Encoding,
}

/// The encodings of more than one byte a unit.
const WIDE: [Encoding; 4] = [
    Encoding::UTF_16LE,
    Encoding::UTF_16BE,
    Encoding::UTF_32LE,
    Encoding::UTF_32BE,
];

impl Encoding {
    /// Returns the bytes of a unit: 4 for UTF-32, 2 for UTF-16, 1 for all others.
    pub(super) fn unit(self) -> usize {
        match self {
            Self::UTF_16LE | Self::UTF_16BE => 2,
            Self::UTF_32LE | Self::UTF_32BE => 4,
            _ => 1,
        }
    }
}

/// Finds the stretches of wide text, in order; none overlaps another.
pub(super) fn find_wide_stretches(bytes: &[u8]) -> Vec<WideStretch> {
    let mut found = Vec::new();
    // UTF-32 has three zero bytes beside each letter of ASCII and one beside all others.
    let has_zeros = memchr::memmem::find(bytes, b"\0\0").is_some();
    for encoding in WIDE {
        if encoding.unit() == 4 && !has_zeros {
            continue;
        }
        for from in 0..encoding.unit().min(bytes.len()) {
            match encoding {
                Encoding::UTF_16LE => scan::<2>(bytes, from, encoding, u16_le, &mut found),
                Encoding::UTF_16BE => scan::<2>(bytes, from, encoding, u16_be, &mut found),
                Encoding::UTF_32LE => {
                    scan::<4>(bytes, from, encoding, u32::from_le_bytes, &mut found);
                }
                _ => scan::<4>(bytes, from, encoding, u32::from_be_bytes, &mut found),
            }
        }
    }
    without_overlaps(found)
}

fn u16_le(unit: [u8; 2]) -> u32 {
    u16::from_le_bytes(unit).into()
}
fn u16_be(unit: [u8; 2]) -> u32 {
    u16::from_be_bytes(unit).into()
}

/// Stretch with its sum.
type ScoredStretch = (i32, WideStretch);

/// Sum of the units since a stretch began.
#[derive(Default)]
struct StretchSum {
    from: usize,
    now: i32,
    best: i32,
    best_end: usize,
    has_other_script: bool,
}

/// Finds the stretches of one encoding at one alignment.
fn scan<const N: usize>(
    bytes: &[u8],
    from: usize,
    encoding: Encoding,
    number: fn([u8; N]) -> u32,
    found: &mut Vec<ScoredStretch>,
) {
    let scores = scores();
    let is_zero = |at: usize| bytes.get(at..at + N).is_none_or(|unit| unit == [0; N]);
    let mut end = |sum: &StretchSum| {
        let mut total = sum.best;
        if sum.has_other_script {
            // A zero byte of the end itself says that the text is rather in the other byte order, one byte aside.
            let is_whole = |at: usize| {
                let value = bytes[at..at + N]
                    .first_chunk::<N>()
                    .map_or(0, |unit| number(*unit));
                value & 0xff != 0 && value & 0xff00 != 0
            };
            let begins = is_whole(sum.from) && (sum.from < N || is_zero(sum.from - N));
            let ends = is_whole(sum.best_end - N) && is_zero(sum.best_end);
            total += MARKED_END * (i32::from(begins) + i32::from(ends));
        }
        let stretch = sum.from..sum.best_end;
        if total >= LEAST && has_three_units(&bytes[stretch.clone()], N) {
            found.push((
                total,
                WideStretch {
                    bytes: stretch,
                    encoding,
                },
            ));
        }
    };
    let mut sum = StretchSum::default();
    for (nth, unit) in bytes[from..].as_chunks::<N>().0.iter().enumerate() {
        let value = number(*unit);
        let score = match scores.get(value as usize) {
            Some(score) => *score,
            None if N == 4 && is_rare_plane(value) => -4,
            None => NEVER,
        };
        let next = sum.now.saturating_add(score.into());
        if score == NEVER || (sum.best > 0 && (next <= 0 || next <= sum.best - DROP)) {
            if sum.best >= 2 * i32::from(LIKELY) {
                end(&sum);
            }
            sum = StretchSum::default();
            if score <= 0 {
                continue;
            }
        }
        let at = from + nth * N;
        if sum.best == 0 {
            if score <= 0 {
                continue;
            }
            sum.from = at;
            sum.now = 0;
        }
        sum.now += i32::from(score);
        if score > 0 && sum.now >= sum.best {
            sum.best = sum.now;
            sum.best_end = at + N;
        }
        sum.has_other_script |= value >= 0x370 && score > 0;
    }
    if sum.best > 0 {
        end(&sum);
    }
}

/// Returns whether a stretch holds at least three different units, or is as short as two: a filling of one value is no
/// text.
fn has_three_units(stretch: &[u8], unit: usize) -> bool {
    let mut seen: Vec<&[u8]> = Vec::with_capacity(3);
    for one in stretch.chunks_exact(unit) {
        if !seen.contains(&one) {
            seen.push(one);
            if seen.len() == 3 {
                return true;
            }
        }
    }
    stretch.len() == seen.len() * unit
}

fn is_rare_plane(value: u32) -> bool {
    matches!(value, 0x1_f000..=0x1_faff | 0x2_0000..=0x2_ffff)
}

/// Takes the stretches with the highest sums first and leaves out what overlaps one of them.
fn without_overlaps(mut found: Vec<ScoredStretch>) -> Vec<WideStretch> {
    // A letter of ASCII is the same in both byte orders, one byte aside: texts mostly begin at a multiple of their unit.
    let is_aside = |s: &WideStretch| !s.bytes.start.is_multiple_of(s.encoding.unit());
    found.sort_by_key(|(sum, s)| (std::cmp::Reverse(*sum), is_aside(s), s.bytes.start));
    let mut taken: BTreeMap<usize, WideStretch> = BTreeMap::new();
    for (_, stretch) in found {
        let before = taken.range(..stretch.bytes.end).next_back();
        if before.is_none_or(|(_, other)| other.bytes.end <= stretch.bytes.start) {
            taken.insert(stretch.bytes.start, stretch);
        }
    }
    taken.into_values().collect()
}

/// Returns the score of each UTF-16 unit.
fn scores() -> &'static [i8] {
    static SCORES: OnceLock<Vec<i8>> = OnceLock::new();
    SCORES.get_or_init(|| {
        let letters = latin_letters();
        (0..=u16::MAX).map(|unit| score(unit, &letters)).collect()
    })
}

/// Returns the letters that the languages of Europe and Turkish write beside those of ASCII.
fn latin_letters() -> String {
    let bytes: Vec<u8> = (0x80..=0xff).collect();
    let sets = [
        encoding_rs::WINDOWS_1250,
        encoding_rs::WINDOWS_1254,
        encoding_rs::WINDOWS_1257,
    ];
    let all: String = sets
        .map(|set| set.decode_without_bom_handling(&bytes).0.into_owned())
        .concat();
    all.chars().filter(|c| c.is_alphabetic()).collect()
}

fn score(unit: u16, letters: &str) -> i8 {
    let Some(c) = char::from_u32(unit.into()) else {
        // Half of a pair: a rare character.
        return -4;
    };
    let is_common = guess::is_common(c);
    match c {
        '\t' | '\n' | '\r' | ' '..='~' => LIKELY,
        '\u{feff}' => 2 * LIKELY,
        _ if !super::decode::is_of_texts(c) => NEVER,
        // Nearly all of Hiragana is of two such bytes, the second of which is always the digit 0.
        '\u{3041}'..='\u{30ff}' => LIKELY,
        _ if is_two(unit) => match unit >> 8 {
            // A letter of a script of India, or one of ASCII and a tab or line end.
            0x09 | 0x0a | 0x0d => 0,
            _ if is_common => 1,
            _ => -9,
        },
        _ if is_common => LIKELY,
        // The zero byte before a text in the other byte order, and its first byte.
        _ if unit.is_multiple_of(0x100) && unit < 0x1000 => -3,
        '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff5e}' => 2,
        '\u{370}'..='\u{6ff}' | '\u{900}'..='\u{eff}' | '\u{1e00}'..='\u{1fff}' => 2,
        '\u{c0}'..='\u{ff}' => 1,
        '\u{100}'..='\u{24f}' if letters.contains(c) => 2,
        '\u{b}'..='\u{1b}' | '\u{a0}'..='\u{bf}' | '\u{2000}'..='\u{206f}' => 0,
        _ => -3,
    }
}

/// Returns whether both bytes of a unit are such as ASCII texts are made of.
fn is_two(unit: u16) -> bool {
    let mut bytes = unit.to_be_bytes().into_iter();
    bytes.all(|b| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~'))
}

/// Strings of 16 and 32 bits in bytes that are no text, each on a line of its own: their second reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WideStrings {
    text: String,
    /// Where each stretch begins in the text.
    starts: Vec<usize>,
    stretches: Vec<WideStretch>,
}

impl WideStrings {
    /// Finds the strings. The same bytes always give the same strings.
    pub fn find(bytes: &[u8]) -> Self {
        let mut all = Self::default();
        for stretch in find_wide_stretches(bytes) {
            all.starts.push(all.text.len());
            let raw = &bytes[stretch.bytes.clone()];
            all.text
                .push_str(&super::decode::decode_whole(raw, stretch.encoding));
            all.text.push('\n');
            all.stretches.push(stretch);
        }
        all
    }

    /// Returns all strings as one text, each with a line end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns what leads from parts of the text to the bytes that they were read from.
    pub fn sources(&self) -> StringSources<'_> {
        StringSources {
            strings: self,
            at: 0,
            byte: 0,
        }
    }
}

/// Way from the text of strings back to the bytes, from front to back.
#[derive(Clone, Debug)]
pub struct StringSources<'s> {
    strings: &'s WideStrings,
    /// Place in the text up to which bytes are counted, and the byte there.
    at: usize,
    byte: usize,
}

impl StringSources<'_> {
    /// Returns the bytes that a part of the text was read from; nothing if it is not within one string. No part may begin
    /// before the one asked for last.
    pub fn next(&mut self, part: Range<usize>) -> Option<Range<usize>> {
        let of = self.strings;
        let nth = of.starts.partition_point(|start| *start <= part.start);
        let nth = nth.checked_sub(1)?;
        let (start, stretch) = (of.starts[nth], &of.stretches[nth]);
        let end = of.starts.get(nth + 1).map_or(of.text.len(), |next| *next) - 1;
        if part.end > end {
            return None;
        }
        if self.at < start || self.byte == 0 {
            (self.at, self.byte) = (start, stretch.bytes.start);
        }
        let width = |text: &str| match stretch.encoding.unit() {
            2 => 2 * text.encode_utf16().count(),
            unit => unit * text.chars().count(),
        };
        self.byte += width(of.text.get(self.at..part.start)?);
        self.at = part.start;
        Some(self.byte..self.byte + width(of.text.get(part)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::SAMPLES;
    use super::*;
    use proptest::prelude::*;

    fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
        let mut out = Vec::new();
        for c in text.chars() {
            let mut units = [0; 2];
            match encoding {
                Encoding::UTF_32LE => out.extend((c as u32).to_le_bytes()),
                Encoding::UTF_32BE => out.extend((c as u32).to_be_bytes()),
                _ => {
                    for unit in c.encode_utf16(&mut units) {
                        out.extend(if encoding == Encoding::UTF_16LE {
                            unit.to_le_bytes()
                        } else {
                            unit.to_be_bytes()
                        });
                    }
                }
            }
        }
        out
    }

    /// Bytes as a compressed picture has them.
    fn noise(len: usize) -> Vec<u8> {
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn strings_are_found_at_every_alignment_in_every_language() {
        for sample in SAMPLES {
            for encoding in WIDE {
                for before in [0, 1, 2, 3, 1001] {
                    let line = sample.comments.lines().next().unwrap();
                    let mut bytes = noise(before);
                    // What a compiler writes before a string, and its end.
                    bytes.extend([0; 4]);
                    let from = bytes.len();
                    bytes.extend(encode(line, encoding));
                    bytes.extend([0; 4]);
                    bytes.extend(noise(500));
                    let found = WideStrings::find(&bytes);
                    let at = found.text().find(line);
                    let what = (sample.language, encoding, before);
                    let at = at.unwrap_or_else(|| panic!("{what:?}: {}", found.text()));
                    let source = found.sources().next(at..at + line.len()).unwrap();
                    let raw = encode(line, encoding);
                    let letters =
                        |of: &[u8]| -> Vec<u8> { of.iter().copied().filter(|b| *b != 0).collect() };
                    assert_eq!(letters(&bytes[source.clone()]), letters(&raw), "{what:?}");
                    assert_eq!(source.len(), raw.len(), "{what:?}");
                    // At the other byte order a letter of ASCII is the same one byte aside.
                    assert!(source.start.abs_diff(from) <= 3, "{what:?}");
                }
            }
        }
    }

    #[test]
    fn two_chinese_characters_are_a_string_if_zeros_mark_its_ends() {
        for encoding in WIDE {
            let bytes = [&[0; 8][..], &encode("口令", encoding), &[0; 8], &noise(9)].concat();
            assert_eq!(WideStrings::find(&bytes).text(), "口令\n", "{encoding}");
        }
        for nothing in [
            &b"\x01\0\x02\0\x03\0\x04\0"[..],
            &[0; 64],
            b"a\0\0\0b\0",
            b"",
        ] {
            assert_eq!(WideStrings::find(nothing).text(), "", "{nothing:?}");
        }
        let filling = [0xff, 0].repeat(900);
        assert_eq!(WideStrings::find(&filling).text(), "");
    }

    #[test]
    fn noise_and_ascii_are_hardly_ever_taken_for_text() {
        let found = WideStrings::find(&noise(1 << 20));
        assert!(found.text().len() < 2000, "{}", found.text());
        let ascii = include_str!("wide.rs").repeat(4);
        assert_eq!(WideStrings::find(ascii.as_bytes()).text(), "");
    }

    proptest! {
        #[test]
        fn what_is_found_is_in_order_and_leads_back(
            pieces in proptest::collection::vec((0..4_usize, "[a-z口令ü\u{1f600} \n]{0,9}", proptest::collection::vec(any::<u8>(), 0..9)), 0..9),
        ) {
            let mut bytes = Vec::new();
            for (nth, text, other) in pieces {
                bytes.extend(encode(&text, WIDE[nth]));
                bytes.extend(other);
            }
            let mut last = 0;
            for stretch in find_wide_stretches(&bytes) {
                prop_assert!(stretch.bytes.start >= last && stretch.bytes.end <= bytes.len());
                prop_assert!(stretch.bytes.len().is_multiple_of(stretch.encoding.unit()));
                last = stretch.bytes.end;
            }
            let found = WideStrings::find(&bytes);
            let mut sources = found.sources();
            for (at, c) in found.text().char_indices().filter(|(_, c)| *c != '\n' && *c != '\u{fffd}') {
                let source = sources.next(at..at + c.len_utf8()).unwrap();
                let encoding = WIDE.iter().find(|e| encode(&c.to_string(), **e) == bytes[source.clone()]);
                prop_assert!(encoding.is_some(), "{c:?} at {source:?}");
            }
        }
    }
}
