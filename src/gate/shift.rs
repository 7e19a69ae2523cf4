//! Letters exchanged for others by a rule that needs no key: Caesar's and ROT47's shifts, Atbash, the key beside, an
//! XOR with a small number, the letters of another script, characters moved to another block of Unicode.
//!
//! There are many such rules, and a text under all of them would be many times as long. But a text that was
//! written so does not look like words, and does under the right rule. So the text is looked at in windows: those
//! that look like words are passed over, which is nearly all that a reviewer writes, and of the others each rule
//! keeps those that come to look like words.

use super::undo::Text;
use super::word::{Pair, pair};
use std::ops::Range;
use std::sync::OnceLock;

/// Bytes of a chunk, and chunks of a window; a window begins with every chunk.
const CHUNK: usize = 16;
const CHUNKS: usize = 3;
/// Bytes kept on each side of a window.
const AROUND: usize = 160;
/// The fewest pairs of letters by which a window is judged.
const PAIRS: i32 = 6;

/// What a rule makes of each byte of ASCII.
type Table = [u8; 128];

/// Calls `see` with what the text may have been, and the name of the rule.
pub fn each(text: &Text, see: &mut dyn FnMut(Text, &'static str)) {
    for (moved, name) in moved(text) {
        // Words of another script look like words too, so nothing can be kept or passed over by its look.
        see(moved, name);
    }
    let bytes = &text.bytes;
    let odd = odd_windows(bytes);
    if odd.is_empty() {
        return;
    }
    let mut likeliest: Vec<Vec<(i32, usize)>> = vec![Vec::new(); odd.len()];
    let mut chunks = vec![Score::default(); bytes.len().div_ceil(CHUNK)];
    for (number, (table, _)) in tables().iter().enumerate() {
        let mut scored = 0;
        for ((first, own), best) in odd.iter().zip(&mut likeliest) {
            let end = (first + CHUNKS).min(chunks.len());
            for at in scored.max(*first)..end {
                chunks[at] = Score::of(bytes, at, table);
            }
            scored = end;
            let Score { score, pairs } = Score::sum(&chunks[*first..end]);
            if pairs >= PAIRS && score > *own && score * 10 >= pairs * 4 {
                best.push((-score, number));
                best.sort_unstable();
                best.truncate(LIKELIEST);
            }
        }
    }
    for (number, (table, name)) in tables().iter().enumerate() {
        let mut kept: Vec<Range<usize>> = Vec::new();
        for ((first, _), best) in odd.iter().zip(&likeliest) {
            if best.iter().any(|(_, table)| *table == number) {
                keep(&mut kept, bytes.len(), first * CHUNK);
            }
        }
        for range in kept {
            let mut out = Text::default();
            for at in range {
                let byte = bytes[at];
                let read = table.get(byte as usize).copied().unwrap_or(byte);
                out.push(read, text.at[at]);
            }
            see(out, name);
        }
    }
}

/// Returns the parts of a text with other order that look as much like words as the text itself does there, or more. Both
/// are of one length.
pub fn likelier(text: &Text, turned: &Text) -> Vec<Text> {
    let score = |bytes: &[u8]| -> Vec<Score> {
        let count = bytes.len().div_ceil(CHUNK);
        (0..count).map(|at| Score::of(bytes, at, &SAME)).collect()
    };
    let (own, other) = (score(&text.bytes), score(&turned.bytes));
    let mut kept: Vec<Range<usize>> = Vec::new();
    for first in 0..own.len().min(other.len()) {
        let sum = |chunks: &[Score]| Score::sum(&chunks[first..(first + CHUNKS).min(chunks.len())]);
        if sum(&other).score >= sum(&own).score {
            keep(&mut kept, turned.bytes.len(), first * CHUNK);
        }
    }
    kept.into_iter()
        .map(|range| turned.slice(range.start, range.end))
        .collect()
}

/// The table that changes nothing.
const SAME: Table = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        table[byte as usize] = byte;
        byte += 1;
    }
    table
};

/// Adds the window that begins at a byte, with what stands around it.
fn keep(kept: &mut Vec<Range<usize>>, length: usize, start: usize) {
    let from = start.saturating_sub(AROUND);
    let to = (start + CHUNKS * CHUNK + AROUND).min(length);
    match kept.last_mut() {
        Some(last) if from <= last.end => last.end = to,
        _ => kept.push(from..to),
    }
}

/// How much a stretch of text looks like words.
#[derive(Clone, Copy, Default)]
struct Score {
    /// Common pairs of letters less those that hardly occur.
    score: i32,
    /// All pairs of letters.
    pairs: i32,
}

impl Score {
    /// Scores the pairs that end in a chunk, as a table reads them.
    fn of(bytes: &[u8], chunk: usize, table: &Table) -> Self {
        let from = (chunk * CHUNK).max(1);
        let to = ((chunk + 1) * CHUNK).min(bytes.len());
        let weights = weights();
        let mut out = Self::default();
        let mut before = bytes[from - 1];
        for byte in &bytes[from..to] {
            if (before | byte) < 128 {
                let (a, b) = (table[before as usize], table[*byte as usize]);
                let weight = weights[usize::from(a & 127) << 7 | usize::from(b & 127)];
                out.pairs += i32::from(weight != NO_PAIR);
                // The remainder of no pair is zero.
                out.score += i32::from(weight % NO_PAIR);
            }
            before = *byte;
        }
        out
    }

    fn sum(chunks: &[Self]) -> Self {
        let add = |a: Self, b: &Self| Self {
            score: a.score + b.score,
            pairs: a.pairs + b.pairs,
        };
        chunks.iter().fold(Self::default(), add)
    }
}

/// Returns the first chunk of each window that does not look like words, with the score that must be beaten. Windows in
/// capitals look like words and may still be shifted: 32 places away from a small letter is its capital.
fn odd_windows(bytes: &[u8]) -> Vec<(usize, i32)> {
    let count = bytes.len().div_ceil(CHUNK);
    let chunks: Vec<Score> = (0..count).map(|at| Score::of(bytes, at, &SAME)).collect();
    let judged = (0..count).filter_map(|first| {
        let end = (first + CHUNKS).min(count);
        let Score { score, pairs } = Score::sum(&chunks[first..end]);
        let own = &bytes[first * CHUNK..(end * CHUNK).min(bytes.len())];
        let upper = own.iter().filter(|b| b.is_ascii_uppercase()).count();
        let lower = own.iter().filter(|b| b.is_ascii_lowercase()).count();
        let is_odd = pairs < 2 * PAIRS || score * 10 < pairs * 6;
        (is_odd || upper > lower).then(|| (first, score - i32::from(upper > lower)))
    });
    judged.collect()
}

/// The weight of two characters that are no pair of letters.
const NO_PAIR: i8 = 2;

/// Returns for each two characters of ASCII 1 for a common pair of letters, -1 for one that hardly occurs, 0 for another.
fn weights() -> &'static [i8] {
    static WEIGHTS: OnceLock<Vec<i8>> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        let weight = |i: usize| {
            let letter = |byte: usize| (byte as u8 as char).to_ascii_lowercase();
            match pair(letter(i >> 7), letter(i & 127)) {
                Pair::Common => 1,
                Pair::Rare => -1,
                Pair::Foreign => 0,
                Pair::Unknown => NO_PAIR,
            }
        };
        (0..128 * 128).map(weight).collect()
    })
}

/// Rules that are kept for a window: those under which it looks the most like words. Without a bound, noise under 151 rules
/// would be kept for a third of them.
const LIKELIEST: usize = 2;

/// Fewer characters of another script are a name in prose.
const LEAST: usize = 12;

/// Returns every rule of ASCII; rot13 is done to all of the text elsewhere.
fn tables() -> &'static [(Table, &'static str)] {
    static TABLES: OnceLock<Vec<(Table, &'static str)>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut out = Vec::new();
        let mut add = |name, read: &dyn Fn(u8) -> u8| {
            out.push((std::array::from_fn(|byte| read(byte as u8)), name));
        };
        let of_letters = |turn: &dyn Fn(u8) -> u8, byte: u8| match byte {
            b'a'..=b'z' => turn(byte - b'a') + b'a',
            b'A'..=b'Z' => turn(byte - b'A') + b'A',
            byte => byte,
        };
        for by in (1..26).filter(|by| *by != 13) {
            add("shifted letters", &|byte| {
                of_letters(&|at| (at + by) % 26, byte)
            });
        }
        add("letters from the end", &|byte| {
            of_letters(&|at| 25 - at, byte)
        });
        for by in 1..94 {
            add("shifted characters", &|byte| match byte {
                b'!'..=b'~' => (byte - b'!' + by) % 94 + b'!',
                byte => byte,
            });
        }
        for key in 1..32 {
            add("XOR", &|byte| if byte >= b' ' { byte ^ key } else { byte });
        }
        for by in [1, KEYS[0].len() - 1] {
            add("keys beside", &|byte| {
                let beside = |row: &[u8]| {
                    let at = row.iter().position(|key| *key == byte)?;
                    Some(row[(at + by) % row.len()])
                };
                KEYS.iter().find_map(|row| beside(row)).unwrap_or(byte)
            });
        }
        out
    })
}

/// The keys of a keyboard, row by row, as most of the world has them: alone, and with the shift key.
const KEYS: [&[u8]; 2] = [
    b"qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    b"QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?",
];

/// The letters of other scripts by their sound, beside the number in their alphabet.
const SOUNDS: [(char, &str); 2] = [
    ('а', "abvgdejziyklmnoprstufhcqwx'y'euq"),
    ('α', "abgdezhqiklmnxoprsstufcyw"),
];

/// Reads characters outside ASCII by their number in their block of Unicode, and by their sound.
fn moved(text: &Text) -> Vec<(Text, &'static str)> {
    if text.bytes.is_ascii() {
        return Vec::new();
    }
    let by_number = |c: char| match c {
        'а'..='я' => letter(c as u32 - 'а' as u32),
        'α'..='ω' => letter(c as u32 - 'α' as u32),
        '\u{100}'.. => char::from_u32(c as u32 & 0xff).filter(|c| (' '..='~').contains(c)),
        _ => None,
    };
    let by_sound = |c: char| {
        let row = |(first, sounds): &(char, &str)| {
            let at = (c as usize).checked_sub(*first as usize)?;
            sounds.as_bytes().get(at).map(|sound| *sound as char)
        };
        SOUNDS.iter().find_map(row)
    };
    let read = |one: &dyn Fn(char) -> Option<char>| {
        let mut out = Text::default();
        let mut count = 0;
        text.chars(|c, at, _| {
            let lower = c.to_lowercase().next().unwrap_or(c);
            let read = if c.is_ascii() { None } else { one(lower) };
            count += usize::from(read.is_some());
            out.push_char(read.unwrap_or(c), text.at[at]);
        });
        (count >= LEAST).then_some(out)
    };
    let both = [read(&by_number), read(&by_sound)];
    let named = both.into_iter().flatten();
    named
        .map(|text| (text, "letters of another script"))
        .collect()
}

fn letter(at: u32) -> Option<char> {
    "abcdefghijklmnopqrstuvwxyz".chars().nth(at as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const LINE: &str = "if (session->length > MAX_LENGTH) return release_session(session);";

    fn names(typed: &str) -> BTreeMap<&'static str, usize> {
        let mut names = BTreeMap::new();
        each(&Text::new(typed), &mut |text, name| {
            assert_eq!(text.bytes.len(), text.at.len());
            if String::from_utf8_lossy(&text.bytes)
                .to_lowercase()
                .contains(&LINE.to_lowercase())
            {
                *names.entry(name).or_default() += 1;
            }
        });
        names
    }

    #[test]
    fn every_shift_is_undone_and_nothing_else_is_kept() {
        for (table, name) in tables() {
            let inverse = |byte: u8| {
                let at = table.iter().position(|b| *b == byte);
                at.map_or(byte, |at| at as u8)
            };
            let typed: String = LINE.bytes().map(|b| inverse(b) as char).collect();
            let typed = format!("The place reads: {typed} and that is all.");
            assert!(names(&typed).contains_key(name), "{name}: {typed}");
        }
        let moved = |from: char, first: char| {
            let one = |c: char| match c {
                'a'..='z' if from == 'a' => {
                    char::from_u32(first as u32 + c as u32 - 'a' as u32).unwrap()
                }
                '!'..='~' if from == '!' => char::from_u32(first as u32 + c as u32).unwrap(),
                c => c,
            };
            LINE.to_lowercase().chars().map(one).collect::<String>()
        };
        for typed in [
            moved('a', 'а'),
            moved('a', 'α'),
            moved('!', '\u{2800}'),
            moved('!', '\u{ac00}'),
        ] {
            assert!(
                names(&typed).contains_key("letters of another script"),
                "{typed}"
            );
        }
    }

    #[test]
    fn prose_is_passed_over() {
        let prose = "The length of the record is taken from the packet by parse_header() and used before it is checked \
                     (CWE-125), so that a remote attacker reads up to 64 KB behind `ctx->session`. ";
        let mut kept = 0;
        each(&Text::new(&prose.repeat(100)), &mut |text, _| {
            kept += text.bytes.len()
        });
        assert!(kept < prose.len() * 100 / 2, "{kept}");
    }
}
