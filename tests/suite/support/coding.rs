//! Codings of texts, written for tests.

use super::disguise::{each, packed};
use super::vendor::Chance;

pub const BASE85: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
pub const Z85: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

pub fn ascii85() -> [u8; 85] {
    std::array::from_fn(|i| b'!' + i as u8)
}

pub fn base85(bytes: &[u8], alphabet: &[u8; 85]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(4) {
        let mut four = [0; 4];
        four[..chunk.len()].copy_from_slice(chunk);
        let mut value = u32::from_be_bytes(four);
        let mut five = [0; 5];
        for digit in five.iter_mut().rev() {
            *digit = alphabet[(value % 85) as usize];
            value /= 85;
        }
        out.extend(five[..=chunk.len()].iter().map(|b| *b as char));
    }
    out
}

/// Base 58 as Bitcoin writes it, of eight bytes at a time.
pub fn base58(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut out = String::new();
    for chunk in bytes.chunks(8) {
        let mut value = chunk.iter().fold(0_u64, |v, b| v << 8 | u64::from(*b));
        let mut digits = Vec::new();
        while value > 0 {
            digits.push(ALPHABET[(value % 58) as usize] as char);
            value /= 58;
        }
        out.extend(digits.iter().rev());
    }
    out
}

pub fn base45(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut out = String::new();
    for chunk in bytes.chunks(2) {
        let mut value = chunk.iter().fold(0_usize, |v, b| v << 8 | usize::from(*b));
        for _ in 0..=chunk.len() {
            out.push(ALPHABET[value % 45] as char);
            value /= 45;
        }
    }
    out
}

pub fn uuencode(bytes: &[u8]) -> String {
    let alphabet: Vec<u8> = (0..64)
        .map(|i| if i == 0 { b'`' } else { b' ' + i })
        .collect();
    let line = |line: &[u8]| {
        format!(
            "{}{}\n",
            (b' ' + line.len() as u8) as char,
            packed(line, 6, &alphabet)
        )
    };
    bytes.chunks(45).map(line).collect()
}

/// Noise of the length to which such code is compressed; compressed bytes look like nothing else.
pub fn compressed(text: &str, chance: &mut Chance) -> Vec<u8> {
    (0..text.len() * 6 / 10)
        .map(|_| chance.below(256) as u8)
        .collect()
}

pub fn listed<T: ToString>(codes: impl IntoIterator<Item = T>, between: &str) -> String {
    codes
        .into_iter()
        .map(|c| c.to_string())
        .collect::<Vec<_>>()
        .join(between)
}

pub fn groups(text: &str, len: usize) -> String {
    let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    chars
        .chunks(len)
        .map(|g| g.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

pub fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

pub fn offset(text: &str, by: u32) -> String {
    let shift = |c: char| {
        if c == '\n' {
            c
        } else {
            char::from_u32(c as u32 + by).unwrap()
        }
    };
    text.chars().map(shift).collect()
}

pub fn mapped(text: &str, from: &str, to: &str) -> String {
    let map = |c: char| {
        from.chars()
            .position(|f| f == c)
            .and_then(|at| to.chars().nth(at))
    };
    text.chars().map(|c| map(c).unwrap_or(c)).collect()
}

/// Every `rails`-th character, then the ones behind them.
pub fn fence(text: &str, rails: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    (0..rails)
        .flat_map(|r| chars.iter().skip(r).step_by(rails))
        .collect()
}

pub fn swapped(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(2).flat_map(|two| two.iter().rev()).collect()
}

pub fn swap_case(c: char) -> String {
    let swapped = if c.is_ascii_lowercase() {
        c.to_ascii_uppercase()
    } else {
        c.to_ascii_lowercase()
    };
    swapped.to_string()
}

pub fn rot47(text: &str) -> String {
    let turn = |c: char| {
        if c.is_ascii_graphic() {
            ((c as u8 - b'!' + 47) % 94 + b'!') as char
        } else {
            c
        }
    };
    text.chars().map(turn).collect()
}

pub fn letters(text: &str, turn: impl Fn(u8) -> u8) -> String {
    let one = |c: char| match c {
        'a'..='z' => (turn(c as u8 - b'a') + b'a') as char,
        'A'..='Z' => (turn(c as u8 - b'A') + b'A') as char,
        c => c,
    };
    text.chars().map(one).collect()
}

pub fn keyboard(text: &str) -> String {
    const ROWS: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,./QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?";
    each(text, |c| match ROWS.find(c) {
        Some(at) if at + 1 < ROWS.len() => ROWS[at + 1..at + 2].to_owned(),
        _ => c.to_string(),
    })
}

pub fn octal_dump(bytes: &[u8]) -> String {
    let line = |(i, line): (usize, &[u8])| {
        let codes: String = line.iter().map(|b| format!(" {b:03o}")).collect();
        format!("{:07o}{codes}\n", i * 16)
    };
    bytes.chunks(16).enumerate().map(line).collect()
}

pub fn morse(c: char) -> String {
    const CODES: [&str; 36] = [
        ".-", "-...", "-.-.", "-..", ".", "..-.", "--.", "....", "..", ".---", "-.-", ".-..", "--",
        "-.", "---", ".--.", "--.-", ".-.", "...", "-", "..-", "...-", ".--", "-..-", "-.--",
        "--..", "-----", ".----", "..---", "...--", "....-", ".....", "-....", "--...", "---..",
        "----.",
    ];
    let at = match c.to_ascii_lowercase() {
        c @ 'a'..='z' => c as usize - 'a' as usize,
        c @ '0'..='9' => c as usize - '0' as usize + 26,
        _ => return "/ ".to_owned(),
    };
    format!("{} ", CODES[at])
}

/// Letters of a script by their number in the alphabet.
pub fn script(text: &str, first: u32) -> String {
    let one = |c: char| match c.to_ascii_lowercase() {
        c @ 'a'..='z' => char::from_u32(first + c as u32 - 'a' as u32).unwrap(),
        c => c,
    };
    text.chars().map(one).collect()
}

pub fn roman(byte: u8) -> String {
    const SIGNS: [(u8, &str); 9] = [
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let (mut left, mut out) = (byte, String::new());
    for (value, sign) in SIGNS {
        while left >= value {
            left -= value;
            out.push_str(sign);
        }
    }
    out
}

pub fn bits(text: &str, zero: char, one: char) -> String {
    let byte = |b: u8| {
        (0..8)
            .rev()
            .map(move |i| if b >> i & 1 == 0 { zero } else { one })
    };
    text.bytes().flat_map(byte).collect()
}

pub fn unicode_name(c: char) -> String {
    const MARKS: &str = "(){}[];=<>&|*+!%#,.:-_/";
    const NAMES: [&str; 23] = [
        "LEFT PARENTHESIS",
        "RIGHT PARENTHESIS",
        "LEFT CURLY BRACKET",
        "RIGHT CURLY BRACKET",
        "LEFT SQUARE BRACKET",
        "RIGHT SQUARE BRACKET",
        "SEMICOLON",
        "EQUALS SIGN",
        "LESS-THAN SIGN",
        "GREATER-THAN SIGN",
        "AMPERSAND",
        "VERTICAL LINE",
        "ASTERISK",
        "PLUS SIGN",
        "EXCLAMATION MARK",
        "PERCENT SIGN",
        "NUMBER SIGN",
        "COMMA",
        "FULL STOP",
        "COLON",
        "HYPHEN-MINUS",
        "LOW LINE",
        "SOLIDUS",
    ];
    const DIGITS: [&str; 10] = [
        "ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE",
    ];
    match c {
        'a'..='z' => format!("LATIN SMALL LETTER {}\n", c.to_ascii_uppercase()),
        'A'..='Z' => format!("LATIN CAPITAL LETTER {c}\n"),
        '0'..='9' => format!("DIGIT {}\n", DIGITS[c as usize - '0' as usize]),
        ' ' | '\n' | '\t' => "SPACE\n".to_owned(),
        c => MARKS
            .find(c)
            .map_or_else(|| format!("{c}\n"), |at| format!("{}\n", NAMES[at])),
    }
}

/// One of 256 words of five letters: what two people may agree on.
pub fn code_word(byte: u8) -> String {
    const FIRST: [&str; 16] = [
        "ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "wu",
        "ya",
    ];
    const LAST: [&str; 16] = [
        "ter", "ron", "den", "ling", "met", "ser", "nal", "tor", "ven", "rest", "lin", "man",
        "per", "son", "cal", "ry",
    ];
    format!(
        "{}{} ",
        FIRST[usize::from(byte >> 4)],
        LAST[usize::from(byte & 15)]
    )
}

pub fn signs(c: char) -> String {
    let sign = match c.to_ascii_lowercase() {
        'a' => "/-\\",
        'd' => "|)",
        'h' => "|-|",
        'k' => "|<",
        'l' => "|_",
        'm' => "|v|",
        'n' => "|\\|",
        'u' => "|_|",
        'v' => "\\/",
        'w' => "\\/\\/",
        _ => return c.to_string(),
    };
    sign.to_owned()
}

pub fn tokens(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

pub fn said(text: &str) -> String {
    let pairs = [
        ("=", " equals "),
        (">", " greater than "),
        ("<", " less than "),
        ("+", " plus "),
        ("-", " minus "),
        ("*", " times "),
        ("(", " of "),
        (")", ", "),
        ("{", " "),
        ("}", " "),
        (";", " then "),
    ];
    pairs.iter().fold(text.to_owned(), |text, (sign, word)| {
        text.replace(sign, word)
    })
}
