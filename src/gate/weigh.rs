//! How much a stretch of text between white space looks like words, in tenths of the logarithm of the odds.
//!
//! A weight below zero speaks for prose, above zero for a coding. Most of it comes of pairs of letters: in words 96 %
//! of the pairs are common ones, in noise 38 %. The rest are changes between small letters, capitals and digits
//! inside a name, which codings have everywhere, and characters that no word holds.

use super::word::{Pair, pair, segments};
use unicode_normalization::char::decompose_canonical;

/// A common pair of letters, and another one.
const PAIR: (i32, i32) = (-9, 20);
/// A pair whose script has no table.
const UNKNOWN_PAIR: i32 = -3;
/// A number: a table of them is honest, a page of them is not.
const NUMBER: i32 = 2;
/// A constant in hexadecimal.
const CONSTANT: i32 = 9;
/// An abbreviation such as `NSSF`, or a name with a number such as `sha256`.
const ABBREVIATION: (i32, i32) = (8, 6);
/// Three letters that are no word: `msg`, `ptr`.
const SHORT: i32 = 8;
/// A character of a name that changes between kinds of characters at most of its places.
const MIXED: i32 = 9;
/// A change of kind in another name.
const CHANGE: i32 = 3;
/// A mark inside a token.
const MARK: i32 = 2;
/// A digit outside ASCII, and a symbol outside ASCII.
const SYMBOL: (i32, i32) = (8, 10);
/// A character of a script without spaces: near its neighbour in Unicode, or not.
const UNSPACED: (i32, i32) = (4, -10);
/// Characters of one text of such a script are further apart than this.
const NEAR: u32 = 96;
/// What a word counts at most.
const WORD: i32 = -40;
/// Characters outside ASCII that prose holds.
const PROSE: &str = "–—‐‑…•·×÷±≤≥≠≈→←↔⇒“”„‚‘’«»‹›§°µ€£¥©®™¿¡✓✗′″";

/// What tables are drawn with.
const RULES: &str = "─━│┃┆┊┌┐└┘├┤┬┴┼╭╮╯╰═║╔╗╚╝╠╣╦╩╬╞╡╪";

/// A token, weighed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// The whole weight.
    pub all: i32,
    /// Names that the vendor's texts may explain, with their part of the weight.
    pub names: Vec<(Vec<u8>, i32)>,
}

/// The kinds of characters that are weighed together.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Name,
    Letter,
    Unspaced,
    Digit,
    Mark,
    Symbol,
}

fn kind(c: char) -> Kind {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '$' => Kind::Name,
        c if c.is_ascii() => Kind::Mark,
        '\u{1100}'..='\u{11ff}' | '\u{3041}'..='\u{3098}' | '\u{309b}'..='\u{31ff}' => {
            Kind::Unspaced
        }
        '\u{3400}'..='\u{9fff}' | '\u{a960}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' => {
            Kind::Unspaced
        }
        '\u{20000}'..='\u{3ffff}' => Kind::Unspaced,
        c if c.is_alphabetic() => Kind::Letter,
        c if c.is_numeric() => Kind::Digit,
        '\u{3000}'..='\u{303f}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' => Kind::Mark,
        c if PROSE.contains(c) || unicode_normalization::char::is_combining_mark(c) => Kind::Mark,
        _ => Kind::Symbol,
    }
}

/// Weighs a token, which holds no white space.
pub fn weigh(token: &str) -> Weight {
    let mut out = Weight::default();
    let mut from = 0;
    while let Some(c) = token[from..].chars().next() {
        let own = kind(c);
        let rest = &token[from..];
        let len = rest.find(|c| kind(c) != own).unwrap_or(rest.len());
        let part = &rest[..len];
        match own {
            Kind::Name => {
                let weight = name(part);
                out.all += weight;
                if weight > 0 && part.len() >= 5 {
                    out.names.push((part.as_bytes().to_vec(), weight));
                }
            }
            Kind::Letter => out.all += letters(part).clamp(WORD, i32::MAX),
            Kind::Unspaced => out.all += unspaced(part),
            Kind::Digit => out.all += SYMBOL.0 * part.chars().count() as i32,
            Kind::Symbol => {
                let mut last = '\0';
                for c in part.chars() {
                    let weight = if RULES.contains(c) { MARK } else { SYMBOL.1 };
                    out.all += weight * i32::from(c != last);
                    last = c;
                }
            }
            Kind::Mark => out.all += marks(part, from > 0, from + len < token.len()),
        }
        from += len;
    }
    out
}

/// Marks inside a token count, but for those that join names.
fn marks(part: &str, is_behind: bool, is_before: bool) -> i32 {
    if !is_behind
        || !is_before
        || !part.is_ascii()
        || matches!(part, "." | "/" | "-" | ":" | "'" | "," | "::" | "->")
    {
        return 0;
    }
    let bytes = part.as_bytes();
    let changes = bytes.windows(2).filter(|two| two[0] != two[1]).count();
    MARK * (1 + changes as i32)
}

/// Weighs letters, digits, `_` and `$`.
fn name(part: &str) -> i32 {
    let pieces = part.as_bytes().split(|b| matches!(b, b'_' | b'$'));
    pieces.map(piece).sum()
}

fn piece(piece: &[u8]) -> i32 {
    let digits = piece.iter().filter(|b| b.is_ascii_digit()).count();
    let length = piece.len() as i32;
    if digits == piece.len() {
        return if digits > 12 {
            5 * length
        } else {
            NUMBER * i32::from(digits > 0)
        };
    }
    let hex = piece.strip_prefix(b"0x").or(piece.strip_prefix(b"0X"));
    if hex.is_some_and(|h| h.len() <= 16 && h.iter().all(u8::is_ascii_hexdigit)) {
        return CONSTANT;
    }
    let upper = piece.iter().filter(|b| b.is_ascii_uppercase()).count();
    if digits == 0 {
        let is_one_case =
            upper == 0 || upper == piece.len() || upper == 1 && piece[0].is_ascii_uppercase();
        return if is_one_case {
            word(piece, upper)
        } else {
            mixed(piece)
        };
    }
    let letters = piece.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let number = piece.iter().take_while(|b| b.is_ascii_digit()).count();
    let is_one_case =
        upper == 0 || upper + digits == piece.len() || upper == 1 && piece[0].is_ascii_uppercase();
    let is_numbered = letters + digits == piece.len() && letters <= 6 && digits <= 5;
    let is_measured = number == digits && piece.len() - digits <= 2;
    if is_one_case && (is_numbered || is_measured) {
        return if piece.len() > 2 {
            ABBREVIATION.1
        } else {
            ABBREVIATION.0
        };
    }
    mixed(piece)
}

/// Weighs letters of one case.
fn word(piece: &[u8], upper: usize) -> i32 {
    let (mut common, mut other) = (0, 0);
    for (i, two) in piece.windows(2).enumerate() {
        let lower = |byte: u8| byte.to_ascii_lowercase() as char;
        let is_repeated = i > 0 && two[0] == two[1] && piece[i - 1] == two[0];
        match pair(lower(two[0]), lower(two[1])) {
            Pair::Common => common += 1,
            Pair::Rare if !is_repeated => other += 1,
            _ => {}
        }
    }
    let is_roman = || piece.iter().all(|b| b"IVXLCDM".contains(b));
    match piece.len() {
        0 | 1 => 0,
        2..=6 if upper == piece.len() => {
            if other * 2 >= common || is_roman() {
                ABBREVIATION.0
            } else {
                PAIR.0 * common
            }
        }
        2 => 0,
        3 => (PAIR.0 * common + SHORT * other).max(PAIR.0),
        _ => (PAIR.0 * common + PAIR.1 * other).max(WORD),
    }
}

/// Weighs a piece in which the kinds of characters change.
fn mixed(piece: &[u8]) -> i32 {
    let segments = segments(piece);
    let count = segments.len() as i32;
    let length = piece.len() as i32;
    if length >= 4 && length * 10 < count * 26 {
        return MIXED * length;
    }
    let own = |s: &&[u8]| {
        let upper = s.iter().filter(|b| b.is_ascii_uppercase()).count();
        if s[0].is_ascii_digit() {
            NUMBER
        } else {
            word(s, upper)
        }
    };
    segments.iter().map(own).sum::<i32>() + CHANGE * (count - 1)
}

/// Weighs letters outside ASCII, of scripts with spaces.
fn letters(part: &str) -> i32 {
    let fold = |c: char| {
        let mut base = c;
        let mut is_first = true;
        decompose_canonical(c, |part| {
            if std::mem::take(&mut is_first) {
                base = part;
            }
        });
        match base.to_lowercase().next().unwrap_or(base) {
            'ς' => 'σ',
            'є' | 'э' => 'е',
            'і' => 'и',
            'ґ' => 'г',
            lower => lower,
        }
    };
    let letters: Vec<char> = part.chars().map(fold).collect();
    let weight = |two: &[char]| match pair(two[0], two[1]) {
        Pair::Common => PAIR.0,
        Pair::Rare => PAIR.1,
        Pair::Foreign | Pair::Unknown => UNKNOWN_PAIR,
    };
    letters.windows(2).map(weight).sum()
}

/// Weighs characters of scripts without spaces: those of a text come from everywhere in their script.
fn unspaced(part: &str) -> i32 {
    let chars: Vec<char> = part.chars().collect();
    let is_kana = |c: char| ('\u{3041}'..='\u{30ff}').contains(&c);
    let near = |two: &[char]| {
        let is_near = (two[0] as u32).abs_diff(two[1] as u32) < NEAR && !is_kana(two[0]);
        if is_near { UNSPACED.0 } else { UNSPACED.1 }
    };
    chars.windows(2).map(near).sum()
}
