//! Texts written as numbers or in another alphabet.
//!
//! Nothing has to be told where such a text begins: all characters of the alphabet are read as one string, in
//! every phase, so that what prose around it adds only shifts the phase. What comes out as text is kept.

use super::undo::Text;
use super::word::{Pair, pair};

/// Fewest bytes of text in a row that are kept: noise rarely has so many.
const LEAST: usize = 8;

/// Calls `see` with every text that comes out, and how it was written.
pub fn each(text: &Text, see: &mut dyn FnMut(Text, &'static str)) {
    let mut kept = |decoded: &Text, name| {
        for part in texts(decoded) {
            see(part, name);
        }
    };
    for digits in [digits(text), dump(text), alphabet(text, first_sixteen)] {
        for phase in 0..2 {
            kept(&packed(&digits, 4, phase), "hexadecimal");
        }
    }
    for read in [code, octal, hex_pair] {
        kept(&codes(text, read), "character codes");
    }
    for moved in moved_codes(text) {
        kept(&moved, "character codes");
    }
    for is_url in [false, true] {
        let sixes = alphabet(text, |b| base64(b, is_url));
        for phase in 0..4 {
            kept(&packed(&sixes, 6, phase), "base64");
        }
    }
    let fives = alphabet(text, base32);
    for phase in 0..8 {
        kept(&packed(&fives, 5, phase), "base32");
    }
}

/// Values of a few bits each, with where they come from.
type Values = Vec<(u8, u32)>;

fn alphabet(text: &Text, value: impl Fn(u8) -> Option<u8>) -> Values {
    let each = text.bytes.iter().zip(&text.at);
    each.filter_map(|(byte, at)| Some((value(*byte)?, *at)))
        .collect()
}

/// Puts values of `bits` bits together to bytes, leaving out the first `skip` values.
fn packed(values: &Values, bits: u32, skip: usize) -> Text {
    let mut out = Text::default();
    let (mut held, mut count) = (0_u32, 0);
    for (value, at) in values.iter().skip(skip) {
        held = held << bits | u32::from(*value);
        count += bits;
        if count >= 8 {
            count -= 8;
            out.push((held >> count) as u8, *at);
        }
    }
    out
}

fn base64(byte: u8, is_url: bool) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' if !is_url => 62,
        b'/' if !is_url => 63,
        b'-' if is_url => 62,
        b'_' if is_url => 63,
        _ => return None,
    })
}

fn base32(byte: u8) -> Option<u8> {
    match byte.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => Some(letter - b'A'),
        digit @ b'2'..=b'7' => Some(digit - b'2' + 26),
        _ => None,
    }
}

fn hex(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|d| d as u8)
}

/// Reads the letters from `a` to `p` as hexadecimal digits.
fn first_sixteen(byte: u8) -> Option<u8> {
    let at = byte.to_ascii_lowercase().wrapping_sub(b'a');
    (at < 16).then_some(at)
}

/// Returns all hexadecimal digits, without the `0` of a `0x` before them.
fn digits(text: &Text) -> Values {
    let mut out = Values::new();
    let bytes = &text.bytes;
    for (i, byte) in bytes.iter().enumerate() {
        let is_prefix = *byte == b'0'
            && matches!(bytes.get(i + 1), Some(b'x' | b'X'))
            && bytes.get(i + 2).is_some_and(u8::is_ascii_hexdigit);
        if let Some(value) = hex(*byte).filter(|_| !is_prefix) {
            out.push((value, text.at[i]));
        }
    }
    out
}

/// Returns the digits of a hex dump: in each line the groups behind the offset, up to the first thing that is none.
fn dump(text: &Text) -> Values {
    let mut out = Values::new();
    let mut from = 0;
    for line in text.bytes.split_inclusive(|b| *b == b'\n') {
        let mut at = from;
        let (mut is_first, mut has_begun) = (true, false);
        for word in line.split(|b| matches!(b, b' ' | b'\t' | b'\n')) {
            let is_offset = is_first && (word.ends_with(b":") || word.len() >= 6);
            let is_group =
                matches!(word.len(), 2 | 4 | 8) && word.iter().all(u8::is_ascii_hexdigit);
            if is_group && !is_offset {
                has_begun = true;
                out.extend(
                    word.iter()
                        .enumerate()
                        .filter_map(|(i, b)| Some((hex(*b)?, text.at[at + i]))),
                );
            } else if has_begun && !word.is_empty() {
                break;
            }
            is_first &= word.is_empty();
            at += word.len() + 1;
        }
        from += line.len();
    }
    out
}

/// Bytes between two numbers that are read as characters one behind the other: numbers further apart are those of
/// prose, and a report counts its findings up.
const APART: usize = 24;

/// Reads every number below 256 as a character.
fn codes(text: &Text, read: fn(&[u8]) -> Option<u8>) -> Text {
    let mut out = Text::default();
    let bytes = &text.bytes;
    let (mut at, mut end) = (0, 0);
    while at < bytes.len() {
        let len = bytes[at..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric())
            .count();
        if len == 0 {
            at += 1;
            continue;
        }
        if let Some(code) = read(&bytes[at..at + len]) {
            if at > end + APART {
                out.push(SEPARATOR, text.at[at]);
            }
            out.push(code, text.at[at]);
            end = at + len;
        }
        at += len;
    }
    out
}

/// A character that is in no text: what stands on its two sides is not read together.
const SEPARATOR: u8 = 1;

/// Reads three octal digits, as `od -b` writes a byte.
fn octal(word: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(word).ok().filter(|w| w.len() == 3)?;
    u8::from_str_radix(digits, 8).ok()
}

/// Reads two hexadecimal digits that stand alone, as `od -t x1` writes a byte: what is around them may be words that
/// hold such digits too.
fn hex_pair(word: &[u8]) -> Option<u8> {
    match word {
        [high, low] => Some(hex(*high)? << 4 | hex(*low)?),
        _ => None,
    }
}

/// The fewest numbers that are read as codes to which something was added.
const MOVED: usize = 12;
/// From the lowest to the highest code of a text.
const CODES: std::ops::RangeInclusive<i64> = 9..=126;
/// How many of the numbers that may have been added are tried: those by which the text looks the most like one.
const TRIED: usize = 3;

/// Reads numbers that are character codes to which one number was added, such as 1105, 1102, 1032.
fn moved_codes(text: &Text) -> Vec<Text> {
    let mut out = Vec::new();
    let mut run: Vec<(i64, u32)> = Vec::new();
    let (mut low, mut high, mut end) = (0, 0, 0);
    let mut finish = |run: &mut Vec<(i64, u32)>, low: i64, high: i64| {
        let run = std::mem::take(run);
        if run.len() >= MOVED {
            out.extend(moved_back(&run, low, high));
        }
    };
    for (at, number) in numbers(&text.bytes) {
        let (lower, higher) = (low.min(number), high.max(number));
        let is_apart = at.start > end + APART || higher - lower > CODES.end() - CODES.start();
        if run.is_empty() || is_apart {
            finish(&mut run, low, high);
            (low, high) = (number, number);
        } else {
            (low, high) = (lower, higher);
        }
        run.push((number, text.at[at.start]));
        end = at.end;
    }
    finish(&mut run, low, high);
    out
}

/// Returns the texts that the numbers of a run may be, the likeliest first.
fn moved_back(run: &[(i64, u32)], low: i64, high: i64) -> Vec<Text> {
    let moves = high - CODES.end()..=low - CODES.start();
    let read = |by: i64| {
        let mut out = Text::default();
        for (number, at) in run {
            out.push((number - by) as u8, *at);
        }
        out
    };
    // Zero is what `codes` reads.
    let moves = moves.filter(|by| *by != 0).map(|by| (by, read(by)));
    let mut moves: Vec<_> = moves
        .map(|(by, text)| (likeness(&text.bytes), by, text))
        .collect();
    moves.sort_by_key(|(likeness, by, _)| (std::cmp::Reverse(*likeness), *by));
    moves
        .into_iter()
        .take(TRIED)
        .map(|(_, _, text)| text)
        .collect()
}

/// Returns how much bytes look like a text: common pairs of letters and blanks behind letters speak for one.
fn likeness(bytes: &[u8]) -> i32 {
    let one = |two: &[u8]| {
        let (a, b) = (
            two[0].to_ascii_lowercase() as char,
            two[1].to_ascii_lowercase() as char,
        );
        match pair(a, b) {
            Pair::Common => 2,
            Pair::Rare => -2,
            Pair::Foreign => 0,
            Pair::Unknown if a.is_ascii_control() || b.is_ascii_control() => -1,
            Pair::Unknown => i32::from(b == ' '),
        }
    };
    bytes.windows(2).map(one).sum()
}

/// Returns the decimal numbers of up to six digits, with where they stand.
fn numbers(bytes: &[u8]) -> Vec<(std::ops::Range<usize>, i64)> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let len = bytes[at..]
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric())
            .count();
        let word = std::str::from_utf8(&bytes[at..at + len]);
        if let Some(number) = word
            .ok()
            .filter(|w| w.len() <= 6)
            .and_then(|w| w.parse().ok())
        {
            out.push((at..at + len, number));
        }
        at += len.max(1);
    }
    out
}

/// Reads a number: decimal, `0x..`, `0..` octal, eight binary digits.
fn code(word: &[u8]) -> Option<u8> {
    let word = std::str::from_utf8(word).ok()?;
    let lower = word.to_ascii_lowercase();
    if let Some(digits) = lower.strip_prefix("0x") {
        return u8::from_str_radix(digits, 16).ok();
    }
    match word.len() {
        8 => u8::from_str_radix(word, 2).ok(),
        3 | 4 if word.starts_with('0') => u8::from_str_radix(word, 8).ok(),
        1..=3 => word.parse().ok(),
        _ => None,
    }
}

/// Returns the parts of decoded bytes that are text. NUL is left out: two bytes a character are text too.
fn texts(decoded: &Text) -> Vec<Text> {
    let mut out = Vec::new();
    let mut part = Text::default();
    let mut at = 0;
    let mut end = |part: &mut Text| {
        let part = std::mem::take(part);
        if part.bytes.len() >= LEAST {
            out.push(part);
        }
    };
    for chunk in decoded.bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\0' {
            } else if c.is_control() && !c.is_whitespace() {
                end(&mut part);
            } else {
                for i in 0..c.len_utf8() {
                    part.push(decoded.bytes[at + i], decoded.at[at + i]);
                }
            }
            at += c.len_utf8();
        }
        if !chunk.invalid().is_empty() {
            end(&mut part);
        }
        at += chunk.invalid().len();
    }
    end(&mut part);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(typed: &str, wanted: &str) -> Vec<&'static str> {
        let mut names = Vec::new();
        each(&Text::new(typed), &mut |text, name| {
            assert_eq!(text.bytes.len(), text.at.len());
            if String::from_utf8_lossy(&text.bytes).contains(wanted) {
                names.push(name);
            }
        });
        names.dedup();
        names
    }

    #[test]
    fn numbers_of_prose_are_no_characters() {
        let count = |between: &str| {
            let numbers = (48..90).map(|n| format!("{n}{between}"));
            names(&numbers.collect::<String>(), "0123456789:;<=>?@ABC")
        };
        assert_eq!(count(" and then "), ["character codes"], "the control");
        let prose = count(". The next of the findings in this report is number ");
        assert_eq!(prose, [""; 0]);
    }

    #[test]
    fn numbers_and_alphabets_are_read_wherever_they_begin() {
        let text = "if (a) b();";
        for (typed, name) in [
            ("6966202861292062 28293b", "hexadecimal"),
            (
                "see 0x69,0x66,0x20,0x28,0x61,0x29,0x20,0x62,0x28,0x29,0x3b here",
                "hexadecimal",
            ),
            (
                "00000000: 6966 2028 6129 2062  if (a) b\n00000008: 2829 3b  ();",
                "hexadecimal",
            ),
            ("105 102 32 40 97 41 32 98 40 41 59", "character codes"),
            (
                "0151, 0146, 040, 050, 0141, 051, 040, 0142, 050, 051, 073",
                "character codes",
            ),
            (
                "151 146 040 050 141 051 040 142 050 051 073",
                "character codes",
            ),
            (
                "0000000 151 146 040 050 141 051 040 142\n0000010 050 051 073",
                "character codes",
            ),
            (
                "69 and 66 and 20 and 28 and 61 and 29 and 20 and 62 and 28 and 29 and 3b",
                "character codes",
            ),
            ("gjggcacigbcjcagccicjdl", "hexadecimal"),
            ("abaWYgKGEpIGIoKTs=", "base64"),
            ("dump: aWYgKGEp\nIGIoKTs", "base64"),
            ("NFTCAKDBFEQGEKBJHM", "base32"),
            ("x nftcakdbfeqgekbjhm x", "base32"),
        ] {
            let found = names(typed, text);
            assert!(found.contains(&name), "{typed}: {found:?}");
        }
        assert_eq!(names("if (a) b();", text), [""; 0], "the control");
        // Two bytes a character.
        assert!(names("aQBmACAAKABhACkAIABiACgAKQA7AA==", text).contains(&"base64"));
    }

    #[test]
    fn codes_to_which_a_number_was_added_are_read() {
        let text = "if (session->length > 64) return;";
        for by in [-8, 3, 96, 1000, 70_000] {
            let numbers: Vec<String> = text
                .bytes()
                .map(|b| (i64::from(b) + by).to_string())
                .collect();
            assert!(
                names(&numbers.join(", "), text).contains(&"character codes"),
                "{by}"
            );
        }
        // A list of lines is not long: it leaves three short texts at most.
        let lines = "118, 120, 133, 140, 151, 160, 166, 170, 180, 188, 190, 199";
        assert!(moved_codes(&Text::new(lines)).len() <= TRIED);
    }

    #[test]
    fn prose_leaves_next_to_nothing() {
        let prose =
            "The length of the record is taken from the packet and used before it is checked. "
                .repeat(200);
        let mut kept = 0;
        each(&Text::new(&prose), &mut |text, _| kept += text.bytes.len());
        assert!(kept < prose.len() / 10, "{kept} of {}", prose.len());
    }
}
