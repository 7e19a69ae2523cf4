//! Texts in which stretches are in different encodings, as when two people edit a file with two editors.
//!
//! A text is cut into pieces at line ends and at every ASCII byte below `0`, none of which is part of a character of two
//! bytes in any encoding that is guessed. A piece that is UTF-8 is read as UTF-8; the others are read in the encoding
//! that is guessed from all of them together, or line by line in another one where that is far likelier
//! ([`guess::guess_line`]). Line ends stay where they are, so that a line of the text is the same line of the bytes.
//!
//! Characters of two bytes are UTF-8 by chance now and then: one character of GBK in seven, two in fifty. Such a piece is
//! read as UTF-8 only if the file holds longer ones ([`Evidence`]).

use super::decode::is_of_texts;
use super::encoding::Encoding;
use super::guess;
use memchr::memchr;

/// Text and the encodings that its bytes are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Decoded, without a byte order mark at its beginning.
    pub text: String,
    /// The encoding of most of it.
    pub encoding: Encoding,
    /// The encodings of its other stretches, the commonest first.
    pub others: Vec<Encoding>,
}

impl Decoded {
    /// Returns the names of its encodings, as in `UTF-8 + GBK`.
    pub fn names(&self) -> String {
        let all = std::iter::once(&self.encoding).chain(&self.others);
        all.map(|encoding| encoding.name())
            .collect::<Vec<_>>()
            .join(" + ")
    }
}

/// Reads the name of a file that is not UTF-8.
pub fn decode_name(name: &[u8]) -> Decoded {
    let (text, counts) = decode_stretches(name);
    counts.into_decoded(text)
}

/// Bytes of the pieces that the encoding is guessed from at most.
const MOST: usize = 1 << 20;

/// Number of pieces in each encoding that was found.
#[derive(Clone, Debug, Default)]
pub(super) struct EncodingCounts(Vec<(Encoding, usize)>);

impl EncodingCounts {
    pub(super) fn add(&mut self, encoding: Encoding, count: usize) {
        match self.0.iter_mut().find(|(known, _)| *known == encoding) {
            Some((_, sum)) => *sum += count,
            None => self.0.push((encoding, count)),
        }
    }

    pub(super) fn rename(&mut self, from: Encoding, to: Encoding) {
        for (encoding, _) in self.0.iter_mut().filter(|(known, _)| *known == from) {
            *encoding = to;
        }
    }

    pub(super) fn join(&mut self, others: &Self) {
        for (encoding, count) in &others.0 {
            self.add(*encoding, *count);
        }
    }

    /// Ends the count: the commonest encoding is that of the text.
    pub(super) fn into_decoded(mut self, text: String) -> Decoded {
        self.0
            .sort_by_key(|(encoding, count)| (std::cmp::Reverse(*count), *encoding));
        let mut encodings = self.0.into_iter().map(|(encoding, _)| encoding);
        Decoded {
            text,
            encoding: encodings.next().unwrap_or(Encoding::UTF_8),
            others: encodings.collect(),
        }
    }
}

/// How surely a piece is UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    /// It is not.
    None,
    /// It is by chance now and then.
    Weak,
    /// Nothing else is read so.
    Strong,
}

/// Decodes bytes that are neither UTF-8 as a whole nor binary.
pub(super) fn decode_stretches(bytes: &[u8]) -> (String, EncodingCounts) {
    let (mut strong, mut weak, mut none) = (0_usize, 0_usize, 0_usize);
    let mut has_asian = false;
    let mut legacy: Vec<u8> = Vec::new();
    for line in lines(bytes).filter(|line| !line.is_ascii()) {
        if is_utf8_line(line) {
            strong += 1;
            has_asian |= is_asian(line);
            continue;
        }
        let (before, mut is_utf8) = (strong, true);
        for piece in pieces(line).filter(|piece| !piece.is_ascii()) {
            match evidence(piece) {
                Evidence::Strong => {
                    strong += 1;
                    has_asian |= is_asian(piece);
                }
                Evidence::Weak => weak += 1,
                Evidence::None => {
                    is_utf8 = false;
                    none += 1;
                }
            }
        }
        if is_utf8 || legacy.len() > MOST {
            continue;
        }
        if strong == before {
            legacy.extend_from_slice(line);
        } else {
            let others = pieces(line).filter(|piece| evidence(piece) == Evidence::None);
            others.for_each(|piece| legacy.extend_from_slice(piece));
        }
    }
    let guessed = if strong + weak == 0 || legacy.is_empty() {
        guess::guess(bytes)
    } else {
        guess::guess(&legacy)
    };
    // A word among Chinese is rather Chinese than a few letters of Russian.
    let main = match guess::guess_asian(&legacy) {
        Some(asian) if has_asian && !guess::is_utf8_by_chance(guessed) => asian,
        _ => guessed,
    };
    let reading = MixedReading {
        main,
        has_utf8: strong > 0 || (weak >= 3 && weak >= none),
        is_utf8_by_chance: guess::is_utf8_by_chance(main),
    };
    let mut out = DecodedStretches {
        text: String::with_capacity(bytes.len() + bytes.len() / 4),
        counts: EncodingCounts::default(),
    };
    for line in lines(bytes) {
        reading.read_line(line, &mut out);
    }
    (out.text, out.counts)
}

/// What was found of all pieces together.
struct MixedReading {
    /// The encoding of most pieces that are not UTF-8.
    main: Encoding,
    /// Some piece is surely UTF-8.
    has_utf8: bool,
    is_utf8_by_chance: bool,
}

impl MixedReading {
    fn is_utf8(&self, piece: &[u8]) -> bool {
        match evidence(piece) {
            Evidence::Strong => true,
            Evidence::Weak if self.has_utf8 || !self.is_utf8_by_chance => true,
            // What is by chance UTF-8 is mostly a common character in its own encoding.
            Evidence::Weak => !guess::has_likely_character(piece, self.main),
            Evidence::None => false,
        }
    }

    fn read_line(&self, line: &[u8], out: &mut DecodedStretches) {
        if line.is_ascii() {
            out.add(line, Encoding::UTF_8);
            return;
        }
        if is_utf8_line(line) {
            out.add(line, Encoding::UTF_8);
            out.counts.add(Encoding::UTF_8, 1);
            return;
        }
        if !pieces(line).any(|piece| !piece.is_ascii() && self.is_utf8(piece)) {
            let encoding = guess::guess_line(line, self.main);
            out.add(line, encoding);
            out.counts.add(encoding, 1);
            return;
        }
        for piece in pieces(line) {
            if piece.is_ascii() {
                out.add(piece, Encoding::UTF_8);
                continue;
            }
            let encoding = if self.is_utf8(piece) {
                Encoding::UTF_8
            } else {
                guess::guess_line(piece, self.main)
            };
            out.add(piece, encoding);
            out.counts.add(encoding, 1);
        }
    }
}

struct DecodedStretches {
    text: String,
    counts: EncodingCounts,
}

impl DecodedStretches {
    fn add(&mut self, bytes: &[u8], encoding: Encoding) {
        if encoding == Encoding::UTF_8 {
            // A character that was cut off becomes a badge, and what is around it is found.
            self.text.push_str(&String::from_utf8_lossy(bytes));
        } else {
            self.text
                .push_str(&super::decode::decode_whole(bytes, encoding));
        }
    }
}

/// Cuts bytes at line ends, which stay with what is before them.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    cut(bytes, |rest| memchr(b'\n', rest))
}

/// Cuts a line behind bytes that are no part of a character of two bytes.
fn pieces(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    cut(line, |rest| rest.iter().position(|b| *b < b'0'))
}

fn cut(bytes: &[u8], end: impl Fn(&[u8]) -> Option<usize>) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let len = end(rest).map_or(rest.len(), |at| at + 1);
        let (piece, behind) = rest.split_at(len);
        rest = behind;
        Some(piece)
    })
}

/// Returns whether a piece is UTF-8 but for few bytes.
fn is_damaged_utf8(piece: &[u8]) -> bool {
    let (mut right, mut wrong, mut script) = (0, 0, None);
    for chunk in piece.utf8_chunks() {
        for c in chunk.valid().chars().filter(|c| !c.is_ascii()) {
            right += usize::from(c.len_utf8() > 2);
            if !is_of_texts(c) || *script.get_or_insert(script_of(c)) != script_of(c) {
                return false;
            }
        }
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    right >= 3 && wrong == 1
}

/// Returns whether UTF-8 holds a character of Chinese, Japanese or Korean.
fn is_asian(utf8: &[u8]) -> bool {
    String::from_utf8_lossy(utf8).chars().any(guess::is_common)
}

/// Returns whether a line is UTF-8 as a whole, and not by chance.
fn is_utf8_line(line: &[u8]) -> bool {
    std::str::from_utf8(line).is_ok() && evidence(line) == Evidence::Strong
}

/// Judges a piece by the number of its characters, and by whether they are of one script: bytes of another encoding that
/// are UTF-8 by chance are of several.
fn evidence(piece: &[u8]) -> Evidence {
    let Ok(text) = std::str::from_utf8(piece) else {
        return if is_damaged_utf8(piece) {
            Evidence::Strong
        } else {
            Evidence::None
        };
    };
    let (mut of_two, mut longer) = (0, 0);
    let mut script = None;
    let mut is_of_one_script = true;
    for (at, c) in text.char_indices().filter(|(_, c)| !c.is_ascii()) {
        let behind = at + c.len_utf8();
        let is_letter = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphabetic);
        let is_in_word = at > 0
            && is_letter(piece.get(at - 1))
            && is_letter(piece.get(behind))
            && script_of(c) == Some(0);
        match c.len_utf8() {
            // A single character of Chinese hardly ever lies between two letters of ASCII.
            2 if is_in_word => of_two += 3,
            2 => of_two += 1,
            _ => longer += 1,
        }
        is_of_one_script &= is_of_texts(c);
        if let Some(own) = script_of(c) {
            is_of_one_script &= *script.get_or_insert(own) == own;
        }
    }
    match (of_two, longer) {
        (0, 0) => Evidence::Strong,
        (_, 2..) | (3.., _) if is_of_one_script => Evidence::Strong,
        _ => Evidence::Weak,
    }
}

/// Returns a number for the script of a character, roughly; nothing for punctuation and signs of all scripts.
fn script_of(c: char) -> Option<u32> {
    match c as u32 {
        0x2000..0x2c00 | 0x1_f000..0x1_fb00 => None,
        0xa0..0x250 | 0x1e00..0x1f00 => Some(0),
        0x370..0x400 | 0x1f00..0x2000 => Some(1),
        0x400..0x530 => Some(2),
        0x600..0x780 => Some(3),
        0x1100..0x1200
        | 0x2e80..0xa000
        | 0xac00..0xd7b0
        | 0xf900..0xfb00
        | 0xfe30..0xfe50
        | 0xff00..0xfff0
        | 0x2_0000..0x3_0000 => Some(4),
        other => Some(16 + other / 0x80),
    }
}

#[cfg(test)]
mod tests;
