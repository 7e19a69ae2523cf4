//! Escapes of other formats, read where they stand: `%41`, `\x41`, `\u0041`, `\u{41}`, `\101`, `=41`, `U+0041`,
//! `&#65;`, `&#x41;`, `&lt;` and its like, `\n`.

use super::undo::{Changed, Text};

/// Names of entities that stand for what code is made of.
const ENTITIES: &[(&[u8], char)] = &[
    (b"lt", '<'),
    (b"gt", '>'),
    (b"amp", '&'),
    (b"quot", '"'),
    (b"apos", '\''),
    (b"nbsp", ' '),
    (b"lpar", '('),
    (b"rpar", ')'),
    (b"lbrace", '{'),
    (b"lcub", '{'),
    (b"rbrace", '}'),
    (b"rcub", '}'),
    (b"lbrack", '['),
    (b"lsqb", '['),
    (b"rbrack", ']'),
    (b"rsqb", ']'),
    (b"semi", ';'),
    (b"equals", '='),
    (b"plus", '+'),
    (b"ast", '*'),
    (b"num", '#'),
    (b"percnt", '%'),
    (b"excl", '!'),
    (b"vert", '|'),
    (b"comma", ','),
    (b"period", '.'),
    (b"colon", ':'),
    (b"sol", '/'),
    (b"bsol", '\\'),
    (b"lowbar", '_'),
    (b"hyphen", '-'),
    (b"Tab", '\t'),
    (b"NewLine", '\n'),
];

enum Value {
    Byte(u8),
    Char(char),
}

/// What escapes begin with.
pub const ALL: &[u8] = br"\%=&Uu";
/// The same, kind by kind: code is full of some of them, so that reading all of them at once destroys it.
pub const EACH: [&[u8]; 5] = [br"\", b"%", b"=", b"&", b"Uu"];

/// Reads every escape that begins with one of some bytes.
pub fn read(text: &Text, begins: &[u8]) -> Changed {
    let mut out = Changed::default();
    let bytes = &text.bytes;
    let mut at = 0;
    while at < bytes.len() {
        let found = if begins.contains(&bytes[at]) {
            one(&bytes[at..])
        } else {
            None
        };
        let Some((value, len)) = found else {
            out.text.push(bytes[at], text.at[at]);
            at += 1;
            continue;
        };
        out.mark();
        match value {
            Value::Byte(byte) => out.text.push(byte, text.at[at]),
            Value::Char(c) => out.text.push_char(c, text.at[at]),
        }
        at += len;
    }
    out
}

/// Reads the escape that the bytes begin with; returns its length too.
fn one(bytes: &[u8]) -> Option<(Value, usize)> {
    match bytes {
        [b'%', b'u', ..] => character(bytes, 2, 16, 4, 4),
        [b'%' | b'=', ..] => byte(bytes, 1, 16, 2, 2),
        [b'\\', b'x' | b'X' | b'u', b'{', ..] => {
            let (c, end) = character(bytes, 3, 16, 1, 6)?;
            (bytes.get(end) == Some(&b'}')).then_some((c, end + 1))
        }
        [b'\\', b'x' | b'X', ..] => byte(bytes, 2, 16, 1, 2),
        [b'\\', b'u', ..] => character(bytes, 2, 16, 4, 4),
        [b'\\', b'U', ..] => character(bytes, 2, 16, 8, 8),
        [b'\\', b'0'..=b'7', ..] => byte(bytes, 1, 8, 1, 3),
        [b'\\', b'n' | b'r' | b't', ..] => Some((Value::Byte(b' '), 2)),
        [b'U' | b'u', b'+', ..] => character(bytes, 2, 16, 4, 6),
        [b'&', b'#', b'x' | b'X', ..] => Some(closed(bytes, character(bytes, 3, 16, 1, 6)?)),
        [b'&', b'#', ..] => Some(closed(bytes, character(bytes, 2, 10, 1, 7)?)),
        [b'&', ..] => {
            let named = |(name, _): &&(&[u8], char)| {
                bytes[1..].starts_with(name) && bytes.get(1 + name.len()) == Some(&b';')
            };
            let (name, c) = ENTITIES.iter().find(named)?;
            Some((Value::Char(*c), name.len() + 2))
        }
        _ => None,
    }
}

/// Takes in the semicolon, which is often left out.
fn closed(bytes: &[u8], (value, end): (Value, usize)) -> (Value, usize) {
    (value, end + usize::from(bytes.get(end) == Some(&b';')))
}

fn number(
    bytes: &[u8],
    from: usize,
    radix: u32,
    least: usize,
    most: usize,
) -> Option<(u32, usize)> {
    let digits = bytes.get(from..)?.iter().take(most);
    let len = digits.take_while(|b| (**b as char).is_digit(radix)).count();
    let digits = std::str::from_utf8(&bytes[from..from + len]).ok()?;
    let value = u32::from_str_radix(digits, radix).ok()?;
    (len >= least).then_some((value, from + len))
}

fn byte(
    bytes: &[u8],
    from: usize,
    radix: u32,
    least: usize,
    most: usize,
) -> Option<(Value, usize)> {
    let (value, end) = number(bytes, from, radix, least, most)?;
    Some((Value::Byte(u8::try_from(value).ok()?), end))
}

fn character(
    bytes: &[u8],
    from: usize,
    radix: u32,
    least: usize,
    most: usize,
) -> Option<(Value, usize)> {
    let (value, end) = number(bytes, from, radix, least, most)?;
    Some((Value::Char(char::from_u32(value)?), end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_spelling_of_a_letter_is_read() {
        for spelt in [
            "%41",
            "=41",
            "\\x41",
            "\\u0041",
            "\\u{41}",
            "\\x{41}",
            "\\U00000041",
            "\\101",
            "U+0041",
            "&#65;",
            "&#65",
            "&#x41;",
            "&#x0041;",
        ] {
            let read = read(&Text::new(&format!("a{spelt}z")), ALL);
            assert_eq!(read.text.bytes, b"aAz", "{spelt}");
            assert_eq!(read.text.at, [0, 1, 1 + spelt.len() as u32]);
            assert_eq!(read.places, [1]);
        }
        assert_eq!(
            read(&Text::new("a &lt; b &amp;&amp; c%C3%A9"), ALL)
                .text
                .bytes,
            "a < b && cé".as_bytes()
        );
        let plain = "50 % of a\\b & c = d, &unknown; U+ u \\";
        assert_eq!(read(&Text::new(plain), ALL).text.bytes, plain.as_bytes());
    }

    proptest! {
        #[test]
        fn anything_is_read(text in "[%\\\\=&#xuU+0-9a-f{};é]{0,40}") {
            let read = read(&Text::new(&text), ALL);
            prop_assert_eq!(read.text.bytes.len(), read.text.at.len());
        }
    }
}
