//! Bytes of a blob to text, with the encoding named.
//!
//! In this order: valid UTF-8 without a zero byte, which nearly all texts are; UTF-16 and UTF-32 as a whole, with a byte
//! order mark or without; stretches of them among text of bytes ([`super::wide`]); many zero bytes make it binary; valid
//! UTF-8 with few zero bytes; many control characters make it binary; otherwise the encodings of its stretches are
//! guessed, see [`super::mixed`] and [`super::guess`]. Zero bytes and control characters are counted at the beginning, in
//! the middle and at the end, so that the cost for a large file is that of checking whether it is UTF-8. The same bytes
//! are always read the same way.
//!
//! Decoding never fails: what an encoding cannot express becomes U+FFFD, which is shown as a badge. A file cannot
//! hide ASCII text by a mark or by looking like UTF-16: bytes with a run of ASCII are not taken for either.

use super::encoding::Encoding;
use super::guess;
use super::mixed::{Decoded, EncodingCounts, decode_stretches};
use super::wide::{WideStretch, find_wide_stretches};

/// What a blob's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text.
    Text(Decoded),
    /// No text: the bytes as they are.
    Binary(Vec<u8>),
}

/// Bytes that are looked at for zero bytes, at each of three places.
const WINDOW: usize = 8192;
/// A run of so many ASCII bytes is no UTF-16: as Chinese it has a chance of one in 10^10.
const RUN: usize = 32;
/// Share of zero bytes in a text: compilers read over a zero byte, and one must not turn a text into a row of numbers.
const MOST_ZEROS: f64 = 0.005;

/// Decides what the bytes are, and decodes them if they are text. Takes the bytes so that plain UTF-8, the
/// common case, is not copied.
pub fn decode(bytes: Vec<u8>) -> Content {
    let has_zeros = memchr::memchr(0, &bytes).is_some();
    let bytes = if has_zeros || bytes.starts_with(MARK) {
        bytes
    } else {
        match String::from_utf8(bytes) {
            Ok(text) => return whole(text, Encoding::UTF_8),
            Err(error) => error.into_bytes(),
        }
    };
    let marked = marked(&bytes);
    let of_many_bytes = marked.filter(|encoding| encoding.unit() > 1);
    if let Some(encoding) = of_many_bytes.or_else(|| wide(&bytes).filter(|_| has_zeros))
        && !has_ascii_stretch(&bytes, encoding)
    {
        return whole(decode_as(bytes, encoding), encoding);
    }
    if has_zeros && let Some(text) = decode_with_wide_stretches(&bytes) {
        return Content::Text(text);
    }
    if marked == Some(Encoding::UTF_8_BOM) {
        return decode_marked(&bytes);
    }
    let zeros = zeros_of(&bytes);
    if zeros > MOST_ZEROS {
        return Content::Binary(bytes);
    }
    match String::from_utf8(bytes) {
        Ok(text) => whole(text, Encoding::UTF_8),
        Err(error) if has_many_controls(error.as_bytes(), zeros) => {
            Content::Binary(error.into_bytes())
        }
        Err(error) => {
            let (text, counts) = decode_stretches(error.as_bytes());
            Content::Text(counts.into_decoded(text))
        }
    }
}

fn whole(text: String, encoding: Encoding) -> Content {
    Content::Text(Decoded {
        text,
        encoding,
        others: Vec::new(),
    })
}

/// Decodes UTF-8 behind its mark; stretches of it may be in another encoding.
fn decode_marked(bytes: &[u8]) -> Content {
    let rest = bytes.strip_prefix(MARK).unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(rest) {
        return whole(text.to_owned(), Encoding::UTF_8_BOM);
    }
    let (text, mut counts) = decode_stretches(rest);
    counts.rename(Encoding::UTF_8, Encoding::UTF_8_BOM);
    Content::Text(counts.into_decoded(text))
}

/// Decodes the bytes as the reviewer says, leaving out a byte order mark of the encoding.
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

/// Returns whether bytes that are no UTF-8 are rather numbers than letters of another encoding.
fn has_many_controls(bytes: &[u8], zeros: f64) -> bool {
    let is_control = |b| matches!(b, 0..=8 | 11 | 14..=26 | 28..=31 | 127);
    let most = if zeros > 0.0 { 0.015 } else { 0.05 };
    most_of(bytes, &is_control) > most
}

/// Returns whether a text that seems to be UTF-16 or UTF-32 holds a stretch of ASCII bytes, such as a line that another
/// program appended.
fn has_ascii_stretch(bytes: &[u8], encoding: Encoding) -> bool {
    let stretches = joined(bytes, find_wide_stretches(bytes));
    stretches.iter().any(|s| s.encoding == encoding)
        && between(bytes.len(), &stretches).any(|gap| {
            let ascii = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~');
            let gap = &bytes[gap];
            // Of two rare characters all four bytes may be letters, but hardly a blank or a line end.
            let is_line = gap.len() >= 8 || (gap.len() >= 3 && gap.iter().any(|b| *b <= b' '));
            is_line && gap.iter().all(ascii)
        })
}

/// Decodes a text of bytes with stretches of UTF-16 or UTF-32 in it; nothing if it has none, or what is between them is
/// no text.
fn decode_with_wide_stretches(bytes: &[u8]) -> Option<Decoded> {
    let stretches = joined(bytes, find_wide_stretches(bytes));
    if stretches.is_empty() {
        return None;
    }
    let gaps: Vec<_> = between(bytes.len(), &stretches).collect();
    let rest: Vec<u8> = gaps
        .iter()
        .flat_map(|gap| &bytes[gap.clone()])
        .copied()
        .collect();
    let zeros = memchr::memchr_iter(0, &rest).count();
    // A file that was cut off within a character ends with a zero byte.
    let is_cut = zeros <= 2 && 2 * rest.len() < bytes.len();
    let is_text = (is_cut || zeros_of(&rest) <= MOST_ZEROS) && !has_many_controls(&rest, 0.0);
    if !is_text {
        return None;
    }
    let mut text = String::with_capacity(bytes.len());
    let mut counts = EncodingCounts::default();
    let mut stretches = stretches.into_iter().peekable();
    for gap in gaps {
        while let Some(stretch) = stretches.next_if(|s| s.bytes.start < gap.start) {
            counts.add(stretch.encoding, stretch.bytes.len());
            text.push_str(&decode_whole(&bytes[stretch.bytes], stretch.encoding));
        }
        match std::str::from_utf8(&bytes[gap.clone()]) {
            Ok(utf8) => {
                counts.add(Encoding::UTF_8, gap.len());
                text.push_str(utf8);
            }
            Err(_) => {
                let (part, found) = decode_stretches(&bytes[gap]);
                counts.join(&found);
                text.push_str(&part);
            }
        }
    }
    for stretch in stretches {
        counts.add(stretch.encoding, stretch.bytes.len());
        text.push_str(&decode_whole(&bytes[stretch.bytes], stretch.encoding));
    }
    if text.starts_with('\u{feff}') {
        text.remove(0);
        if bytes.starts_with(MARK) {
            counts.rename(Encoding::UTF_8, Encoding::UTF_8_BOM);
        }
    }
    Some(counts.into_decoded(text))
}

/// Joins stretches that only rare characters separate, and lets each reach as far as such characters do.
fn joined(bytes: &[u8], stretches: Vec<WideStretch>) -> Vec<WideStretch> {
    let mut out: Vec<WideStretch> = Vec::with_capacity(stretches.len());
    let mut ends: Vec<usize> = stretches.iter().skip(1).map(|s| s.bytes.start).collect();
    ends.push(bytes.len());
    for (stretch, next) in stretches.into_iter().zip(ends) {
        let WideStretch {
            bytes: at,
            encoding,
        } = stretch;
        let unit = encoding.unit();
        let least = out.last().map_or(0, |before| before.bytes.end);
        let is_part = |from: usize| is_rare_text(&bytes[from..from + unit], encoding);
        let is_indic = |from: usize| is_letter_of_india(&bytes[from..from + unit], encoding);
        let (mut from, mut to) = (at.start, at.end);
        loop {
            let before = (1..=(from - least) / unit).map(|nth| from - nth * unit);
            let letters = before.clone().take_while(|at| is_indic(*at)).count();
            let rare = before.take_while(|at| is_part(*at)).count();
            match rare.max(if letters >= LETTERS { letters } else { 0 }) {
                0 => break,
                units => from -= units * unit,
            }
        }
        loop {
            let behind = (0..(next - to) / unit).map(|nth| to + nth * unit);
            let letters = behind.clone().take_while(|at| is_indic(*at)).count();
            let rare = behind.take_while(|at| is_part(*at)).count();
            match rare.max(if letters >= LETTERS { letters } else { 0 }) {
                0 => break,
                units => to += units * unit,
            }
        }
        match out.last_mut() {
            Some(before) if before.bytes.end == from && before.encoding == encoding => {
                before.bytes.end = to;
            }
            _ => out.push(WideStretch {
                bytes: from..to,
                encoding,
            }),
        }
    }
    out
}

/// So many letters of India in a row are not a letter of ASCII beside a line end, again and again.
const LETTERS: usize = 3;

/// Returns whether a unit is a letter of a script whose numbers begin like a tab or a line end.
fn is_letter_of_india(unit: &[u8], encoding: Encoding) -> bool {
    let c = chars(unit, encoding).next().flatten();
    c.is_some_and(|c| matches!(c, '\u{900}'..='\u{a7f}' | '\u{d00}'..='\u{d7f}'))
}

/// Returns whether a unit is a character that texts are made of and not rather ASCII bytes.
fn is_rare_text(unit: &[u8], encoding: Encoding) -> bool {
    let is_ascii = unit
        .iter()
        .all(|b| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
    let c = chars(unit, encoding).next().flatten();
    !is_ascii && c.is_some_and(is_of_texts)
}

/// Returns what lies before, between and behind stretches; nothing is empty.
fn between(len: usize, stretches: &[WideStretch]) -> impl Iterator<Item = std::ops::Range<usize>> {
    let starts = stretches.iter().map(|s| s.bytes.start).chain([len]);
    let ends = [0].into_iter().chain(stretches.iter().map(|s| s.bytes.end));
    ends.zip(starts)
        .map(|(from, to)| from..to)
        .filter(|gap| !gap.is_empty())
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
            let is_utf8 = std::str::from_utf8(rest).is_ok() || is_mostly_utf8(rest);
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
pub(super) fn is_of_texts(c: char) -> bool {
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

/// Returns whether the text behind a mark is UTF-8 for the most part.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut right, mut wrong) = (0_usize, 0_usize);
    for chunk in guess::sample(bytes).utf8_chunks() {
        right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    right > 0 && wrong <= right
}

/// Decodes a part of a text: a mark at its beginning is a character.
pub(super) fn decode_whole(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::UTF_32LE => utf32(bytes, u32::from_le_bytes),
        Encoding::UTF_32BE => utf32(bytes, u32::from_be_bytes),
        other => match encoding_rs::Encoding::for_label(other.name().as_bytes()) {
            Some(kind) => kind.decode_without_bom_handling(bytes).0.into_owned(),
            None => String::from_utf8_lossy(bytes).into_owned(),
        },
    }
}

fn text(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::UTF_8 | Encoding::UTF_8_BOM => {
            String::from_utf8_lossy(bytes.strip_prefix(MARK).unwrap_or(bytes)).into_owned()
        }
        Encoding::UTF_32LE | Encoding::UTF_32BE => {
            let text = decode_whole(bytes, encoding);
            text.strip_prefix('\u{feff}')
                .map(str::to_owned)
                .unwrap_or(text)
        }
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
    chars.collect()
}

#[cfg(test)]
mod tests;
