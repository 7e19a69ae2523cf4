//! Bytes of a blob to text, with the encoding named.
//!
//! In this order: a byte order mark that what follows bears out; UTF-32 and UTF-16 without one; many zero bytes make
//! it binary; valid UTF-8, also with few zero bytes; UTF-8 with few errors; many control characters make it binary;
//! otherwise the encoding is guessed, see [`super::guess`]. Zero bytes and control characters are looked for at the
//! beginning, in the middle and at the end, so that the cost for a large file is that of checking whether it is
//! UTF-8. The same bytes are always read the same way.
//!
//! Decoding never fails: what an encoding cannot express becomes U+FFFD, which is shown as a badge. A file cannot
//! hide ASCII text by a mark or by looking like UTF-16: bytes with a run of ASCII are not taken for either.

use super::encoding::Encoding;
use super::guess;

/// What a blob's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text, without its byte order mark.
    Text {
        /// Decoded.
        text: String,
        /// How.
        encoding: Encoding,
    },
    /// No text.
    Binary,
}

/// Bytes that are looked at for zero bytes, at each of three places.
const WINDOW: usize = 8192;
/// A run of so many ASCII bytes is no UTF-16: as Chinese it has a chance of one in 10^10.
const RUN: usize = 32;

/// Decides what the bytes are, and decodes them if they are text. Takes the bytes so that plain UTF-8, the
/// common case, is not copied.
pub fn decode(bytes: Vec<u8>) -> Content {
    match detect(&bytes) {
        Some(encoding) => Content::Text {
            text: decode_as(bytes, encoding),
            encoding,
        },
        None => Content::Binary,
    }
}

/// Decodes the bytes as [`detect`] or the reviewer says, leaving out a byte order mark of the encoding.
pub fn decode_as(bytes: Vec<u8>, encoding: Encoding) -> String {
    if encoding != Encoding::UTF_8 || bytes.starts_with(MARK) {
        return text(&bytes, encoding);
    }
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns the encoding of a text, or nothing if the bytes are binary.
pub fn detect(bytes: &[u8]) -> Option<Encoding> {
    if let Some(marked) = marked(bytes) {
        return Some(marked);
    }
    let zeros = zeros_of(bytes);
    if zeros > 0.0 {
        if let Some(wide) = wide(bytes) {
            return Some(wide);
        }
        // Compilers read over a zero byte: one must not turn a text into a row of numbers.
        if zeros > 0.005 {
            return None;
        }
    }
    if std::str::from_utf8(bytes).is_ok() {
        return Some(Encoding::UTF_8);
    }
    let is_control = |b| matches!(b, 0..=8 | 11 | 14..=26 | 28..=31 | 127);
    let most = if zeros > 0.0 { 0.015 } else { 0.05 };
    if most_of(bytes, &is_control) > most {
        return None;
    }
    if guess::is_mostly_utf8(bytes, 8) {
        return Some(Encoding::UTF_8);
    }
    Some(guess::guess(bytes))
}

/// Returns parts of the beginning, the middle and the end, each beginning at a multiple of four.
fn windows(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let last = bytes.len().saturating_sub(WINDOW) & !3;
    let from = if last == 0 {
        vec![0]
    } else {
        vec![0, (last / 2) & !3, last]
    };
    from.into_iter()
        .map(|from| &bytes[from..bytes.len().min(from + WINDOW + 3)])
}

/// Returns the share of such bytes in the window that has most of them.
fn most_of(bytes: &[u8], is: &dyn Fn(u8) -> bool) -> f64 {
    let share = |window: &[u8]| {
        window.iter().filter(|b| is(**b)).count() as f64 / window.len().max(1) as f64
    };
    windows(bytes).map(share).fold(0.0, f64::max)
}

/// Returns the share of zero bytes in the window that has most of them.
fn zeros_of(bytes: &[u8]) -> f64 {
    if windows(bytes).all(|window| memchr::memchr(0, window).is_none()) {
        return 0.0;
    }
    most_of(bytes, &|b| b == 0)
}

/// Returns the encoding that a byte order mark names, if what follows can be that.
fn marked(bytes: &[u8]) -> Option<Encoding> {
    let is_wide = |encoding, mark: usize| {
        let rest = &bytes[mark..];
        let seen = Seen::of(rest, encoding);
        seen.most_odd <= 0.02 && !seen.is_ascii_in_twos() && !has_ascii_run(rest)
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => {
            let is_utf8 = std::str::from_utf8(rest).is_ok() || guess::is_mostly_utf8(rest, 1);
            let is_text = zeros_of(rest) <= 0.005;
            (is_utf8 && is_text).then_some(Encoding::UTF_8_BOM)
        }
        [0xff, 0xfe, 0, 0, ..] if is_wide(Encoding::UTF_32LE, 4) => Some(Encoding::UTF_32LE),
        [0, 0, 0xfe, 0xff, ..] if is_wide(Encoding::UTF_32BE, 4) => Some(Encoding::UTF_32BE),
        [0xff, 0xfe, ..] if is_wide(Encoding::UTF_16LE, 2) => Some(Encoding::UTF_16LE),
        [0xfe, 0xff, ..] if is_wide(Encoding::UTF_16BE, 2) => Some(Encoding::UTF_16BE),
        _ => None,
    }
}

/// Recognises UTF-16 and UTF-32 without a mark: every character is one that texts are made of, and some of them are
/// those that every text has.
fn wide(bytes: &[u8]) -> Option<Encoding> {
    let candidates = [
        (Encoding::UTF_32LE, 4),
        (Encoding::UTF_32BE, 4),
        (Encoding::UTF_16LE, 2),
        (Encoding::UTF_16BE, 2),
    ];
    let fits = |(encoding, unit): &(Encoding, usize)| {
        let seen = Seen::of(bytes, *encoding);
        bytes.len() >= 2 * unit
            && bytes.len().is_multiple_of(*unit)
            && (2 * seen.ascii >= seen.all || (seen.all >= 16 && seen.plain > 0))
            && seen.most_odd <= 0.01
            && !seen.is_ascii_in_twos()
            && !has_ascii_run(bytes)
    };
    candidates
        .iter()
        .find(|c| fits(c))
        .map(|(encoding, _)| *encoding)
}

/// What the windows of a text hold if it is UTF-16 or UTF-32.
#[derive(Default)]
struct Seen {
    all: u32,
    ascii: u32,
    /// Spaces, line ends and the commonest punctuation.
    plain: u32,
    /// Characters of which both bytes are printable ASCII.
    twos: u32,
    /// The share of what no text is made of, in the window that has most of it.
    most_odd: f64,
}

impl Seen {
    fn of(bytes: &[u8], encoding: Encoding) -> Self {
        let mut seen = Self::default();
        for window in windows(bytes) {
            let (mut odd, before) = (0_u32, seen.all);
            for c in chars(window, encoding) {
                seen.all += 1;
                let Some(c) = c.filter(|c| is_of_texts(*c)) else {
                    odd += 1;
                    continue;
                };
                seen.ascii += u32::from(c.is_ascii());
                seen.plain += u32::from(matches!(c, ' ' | '\n' | '\u{3000}' | '。' | '，' | '、'));
                let bytes = (c as u32).to_be_bytes();
                let is_two = bytes[2..].iter().all(|b| matches!(b, b' '..=b'~'));
                seen.twos += u32::from(is_two);
            }
            // A window may begin or end within a character.
            odd = odd.saturating_sub(u32::from(window.len() >= WINDOW) * 2);
            let share = f64::from(odd) / f64::from((seen.all - before).max(1));
            seen.most_odd = seen.most_odd.max(share);
        }
        seen
    }

    /// Returns whether the characters are rather bytes of ASCII, taken in twos: words with a zero byte behind each.
    fn is_ascii_in_twos(&self) -> bool {
        2 * self.twos > self.all - self.ascii && 5 * self.ascii < 4 * self.all
    }
}

/// Returns the characters of a part of a text; nothing for what is none.
fn chars(part: &[u8], encoding: Encoding) -> Box<dyn Iterator<Item = Option<char>> + '_> {
    let is_little = matches!(encoding, Encoding::UTF_16LE | Encoding::UTF_32LE);
    let number = move |unit: &[u8]| {
        let add = |n: u32, b: &u8| n << 8 | u32::from(*b);
        if is_little {
            unit.iter().rev().fold(0, add)
        } else {
            unit.iter().fold(0, add)
        }
    };
    if matches!(encoding, Encoding::UTF_32LE | Encoding::UTF_32BE) {
        return Box::new(
            part.chunks_exact(4)
                .map(move |unit| char::from_u32(number(unit))),
        );
    }
    let units = part.chunks_exact(2).map(move |unit| number(unit) as u16);
    Box::new(char::decode_utf16(units).map(Result::ok))
}

/// Returns whether texts are made of such characters: those of scripts in use, punctuation and signs.
fn is_of_texts(c: char) -> bool {
    matches!(c,
        '\t'..='\r' | '\u{1b}' | ' '..='~' | '\u{a0}'..='\u{24f}' | '\u{2b0}'..='\u{3ff}' | '\u{400}'..='\u{6ff}'
        | '\u{900}'..='\u{109f}' | '\u{10a0}'..='\u{11ff}' | '\u{1e00}'..='\u{1fff}' | '\u{2000}'..='\u{206f}'
        | '\u{20a0}'..='\u{20bf}' | '\u{2100}'..='\u{27bf}' | '\u{3000}'..='\u{33ff}' | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe00}'..='\u{fe6f}' | '\u{feff}'
        | '\u{ff01}'..='\u{ffee}' | '\u{1f000}'..='\u{1faff}' | '\u{20000}'..='\u{2ffff}')
}

/// Returns whether there is a long run of ASCII bytes, which a search must find.
fn has_ascii_run(bytes: &[u8]) -> bool {
    let mut run = 0;
    bytes.iter().any(|b| {
        run = if matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~') {
            run + 1
        } else {
            0
        };
        run >= RUN
    })
}

fn text(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::UTF_8 | Encoding::UTF_8_BOM => {
            String::from_utf8_lossy(bytes.strip_prefix(MARK).unwrap_or(bytes)).into_owned()
        }
        Encoding::UTF_32LE => utf32(bytes, u32::from_le_bytes),
        Encoding::UTF_32BE => utf32(bytes, u32::from_be_bytes),
        other => match encoding_rs::Encoding::for_label(other.name().as_bytes()) {
            Some(kind) => kind.decode_with_bom_removal(bytes).0.into_owned(),
            None => String::from_utf8_lossy(bytes).into_owned(),
        },
    }
}

fn utf32(bytes: &[u8], number: fn([u8; 4]) -> u32) -> String {
    let chars = bytes.chunks(4).map(|chunk| {
        let four = <[u8; 4]>::try_from(chunk).ok().map(number);
        four.and_then(char::from_u32)
            .unwrap_or(char::REPLACEMENT_CHARACTER)
    });
    let text: String = chars.collect();
    text.strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text)
}

#[cfg(test)]
mod tests;
