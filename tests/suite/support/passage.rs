//! Ways to carry 280 characters of code out, as an attacker tried them: those that the gate must stop, and those that
//! it does not.

use super::coding::{
    BASE85, Z85, ascii85, base45, base58, base85, bits, code_word, compressed, fence, groups,
    keyboard, letters, listed, mapped, morse, octal_dump, offset, roman, rot47, said, script,
    signs, solid, swap_case, swapped, tokens, unicode_name, uuencode,
};
use super::disguise::{
    Disguise, base32, base64, between, dump, each, encrypted, hex, own, packed, reversed, rot13,
};

/// Stopped: every one of them must be, in every passage.
pub const STOPPED: &[Disguise] = &[
    ("verbatim", |text, _| own(text)),
    ("base85", |text, _| own(&base85(text.as_bytes(), BASE85))),
    ("ascii85", |text, _| {
        own(&base85(text.as_bytes(), &ascii85()))
    }),
    ("z85", |text, _| own(&base85(text.as_bytes(), Z85))),
    ("base58", |text, _| own(&base58(text.as_bytes()))),
    ("uuencode", |text, _| own(&uuencode(text.as_bytes()))),
    ("hexadecimal with colons", |text, _| {
        own(&hex(text.as_bytes(), "", ":"))
    }),
    ("hexadecimal with full stops", |text, _| {
        own(&hex(text.as_bytes(), "", "."))
    }),
    ("decimal codes with hyphens", |text, _| {
        own(&listed(text.bytes(), "-"))
    }),
    ("decimal codes in prose", |text, _| {
        own(&listed(text.bytes(), " and then "))
    }),
    ("nibbles", |text, _| {
        own(&listed(text.bytes().flat_map(|b| [b >> 4, b & 15]), " "))
    }),
    ("single hexadecimal digits", |text, _| {
        own(&text
            .bytes()
            .map(|b| format!("{:x} {:x} ", b >> 4, b & 15))
            .collect::<String>())
    }),
    ("compressed, base64", |text, chance| {
        own(&base64(&compressed(text, chance), false))
    }),
    ("leet digits", |text, _| {
        own(&mapped(text, "oieastbgOIEASTBG", "0134578901345789"))
    }),
    ("braille", |text, _| own(&offset(text, 0x2800))),
    ("emoji", |text, _| own(&offset(text, 0x1f600 - 0x20))),
    ("tags", |text, _| {
        own(&format!("x{}", offset(&solid(text), 0xe0000)))
    }),
    ("variation selectors", |text, _| {
        own(&format!("x{}", offset(&solid(text), 0xe0100)))
    }),
    ("Markdown comment", |text, _| {
        own(&format!("[//]: # ({})", text.replace('\n', " ")))
    }),
    ("HTML comment", |text, _| own(&format!("<!-- {text} -->"))),
    ("pairs swapped", |text, _| own(&swapped(text))),
    ("doubled", |text, _| own(&each(text, |c| format!("{c}{c}")))),
    ("run length", |text, _| {
        own(&each(text, |c| format!("1{c}")))
    }),
    ("diff marks", |text, _| {
        own(&text.lines().map(|l| format!("+{l}\n")).collect::<String>())
    }),
    ("lines in sentences", |text, _| {
        own(&text
            .lines()
            .map(|l| format!("Then {} follows. ", l.trim()))
            .collect::<String>())
    }),
    ("quoted-printable", |text, _| {
        own(&hex(text.as_bytes(), "=", ""))
    }),
    ("yEnc", |text, _| {
        own(&text
            .bytes()
            .map(|b| char::from(b.wrapping_add(42)))
            .collect::<String>())
    }),
    ("XOR", |text, chance| {
        let key = 1 + chance.below(31) as u8;
        own(&text
            .bytes()
            .map(|b| char::from(b ^ key))
            .collect::<String>())
    }),
    ("base32hex", |text, _| {
        own(&packed(
            text.as_bytes(),
            5,
            b"0123456789ABCDEFGHIJKLMNOPQRSTUV",
        ))
    }),
    ("base45", |text, _| own(&base45(text.as_bytes()))),
    ("base64, case swapped", |text, _| {
        own(&each(&base64(text.as_bytes(), false), swap_case))
    }),
    ("base64 with junk", |text, _| {
        own(&between(&base64(text.as_bytes(), false), "*"))
    }),
    ("base64 three times", |text, _| {
        let once = |text: &str| base64(text.as_bytes(), false);
        own(&once(&once(&once(text))))
    }),
    ("rot13 of base64", |text, _| {
        own(&rot13(&base64(text.as_bytes(), false)))
    }),
    ("hexadecimal of ROT47", |text, _| {
        own(&hex(rot47(text).as_bytes(), "", ""))
    }),
    ("ascii85 in groups of 5", |text, _| {
        own(&groups(&base85(text.as_bytes(), &ascii85()), 5))
    }),
    ("ascii85 in groups of 12", |text, _| {
        own(&groups(&base85(text.as_bytes(), &ascii85()), 12))
    }),
    ("base58 in groups of 8", |text, _| {
        own(&groups(&base58(text.as_bytes()), 8))
    }),
    ("compressed, base64 in groups of 8", |text, chance| {
        own(&groups(&base64(&compressed(text, chance), false), 8))
    }),
    ("compressed, base64 in groups of 20", |text, chance| {
        own(&groups(&base64(&compressed(text, chance), false), 20))
    }),
    ("compressed, hexadecimal in groups of 4", |text, chance| {
        own(&groups(&hex(&compressed(text, chance), "", ""), 4))
    }),
    ("compressed, hex dump", |text, chance| {
        own(&dump(&compressed(text, chance)))
    }),
    ("compressed, 0x.. list", |text, chance| {
        own(&hex(&compressed(text, chance), "0x", ", "))
    }),
    ("compressed, decimal codes", |text, chance| {
        own(&listed(compressed(text, chance), ", "))
    }),
    ("compressed, base32 in groups of 4", |text, chance| {
        own(&groups(&base32(&compressed(text, chance)), 4))
    }),
    ("compressed, ascii85 in groups of 5", |text, chance| {
        own(&groups(&base85(&compressed(text, chance), &ascii85()), 5))
    }),
    ("base32 of Crockford in groups of 4", |text, _| {
        own(&groups(
            &packed(text.as_bytes(), 5, b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
            4,
        ))
    }),
    ("XOR, hexadecimal in groups of 4", |text, chance| {
        own(&groups(&hex(&encrypted(text, chance), "", ""), 4))
    }),
    ("letters a to p", |text, _| {
        own(&packed(text.as_bytes(), 4, b"abcdefghijklmnop"))
    }),
    ("letters a to p in groups of 5", |text, _| {
        own(&groups(&packed(text.as_bytes(), 4, b"abcdefghijklmnop"), 5))
    }),
    ("octal as of od -b", |text, _| {
        own(&text
            .bytes()
            .map(|b| format!("{b:03o} "))
            .collect::<String>())
    }),
    ("octal with offsets", |text, _| {
        own(&octal_dump(text.as_bytes()))
    }),
    ("codes and 1000", |text, _| {
        own(&listed(text.bytes().map(|b| u32::from(b) + 1000), ", "))
    }),
    ("codes less 9", |text, _| {
        own(&listed(text.bytes().map(|b| b.saturating_sub(9)), " "))
    }),
    ("hexadecimal codes in prose", |text, _| {
        own(&text
            .bytes()
            .map(|b| format!("{b:02x} and "))
            .collect::<String>())
    }),
    ("ROT47", |text, _| own(&rot47(text))),
    ("Caesar", |text, chance| {
        let by = 1 + chance.below(25) as u8;
        own(&letters(text, |at| (at + by) % 26))
    }),
    ("Atbash", |text, _| own(&letters(text, |at| 25 - at))),
    ("one key to the right", |text, _| own(&keyboard(text))),
    ("Morse", |text, _| own(&each(text, morse))),
    ("spelling words", |text, _| {
        own(&each(text, |c| {
            format!("{} ", super::disguise::spelling(c))
        }))
    }),
    ("braille in groups of 6", |text, _| {
        own(&groups(&offset(&solid(text), 0x2800), 6))
    }),
    ("Chinese characters", |text, _| {
        own(&offset(&solid(text), 0x4e00))
    }),
    ("Hangul", |text, _| own(&offset(&solid(text), 0xac00))),
    ("box drawing", |text, _| {
        own(&groups(&offset(&solid(text), 0x2500), 6))
    }),
    ("Cyrillic letters", |text, _| own(&script(text, 0x430))),
    ("Greek letters", |text, _| own(&script(text, 0x3b1))),
    ("Arabic-Indic digits", |text, _| {
        let digit = |c: char| char::from_u32(0x660 + c as u32 - '0' as u32).unwrap();
        own(&listed(text.bytes(), " ")
            .chars()
            .map(|c| if c == ' ' { c } else { digit(c) })
            .collect::<String>())
    }),
    ("Roman numerals", |text, _| {
        own(&text.bytes().map(|b| roman(b) + " ").collect::<String>())
    }),
    ("Bacon", |text, _| own(&groups(&bits(text, 'a', 'b'), 5))),
    ("full stops and commas as bits", |text, _| {
        own(&bits(text, '.', ','))
    }),
    ("names of Unicode", |text, _| own(&each(text, unicode_name))),
    ("base64 in groups, each reversed", |text, _| {
        let text = groups(&base64(text.as_bytes(), false), 8);
        own(&text
            .split(' ')
            .map(|g| reversed(g) + " ")
            .collect::<String>())
    }),
    ("base64 in groups in reverse order", |text, _| {
        let text = groups(&base64(text.as_bytes(), false), 8);
        own(&text
            .split(' ')
            .rev()
            .map(|g| format!("{g} "))
            .collect::<String>())
    }),
    ("words in reverse order", |text, _| {
        own(&text.split_whitespace().rev().collect::<Vec<_>>().join(" "))
    }),
    ("each word reversed", |text, _| {
        own(&text
            .split_whitespace()
            .map(|w| reversed(w) + " ")
            .collect::<String>())
    }),
];

/// White space: it is not recorded any more, and stopped in older ledgers.
pub const BLANKS: &[Disguise] = &[
    ("blanks at the ends of lines", |text, _| {
        let line = |b: u8| format!("It is so.{}\n", " ".repeat(usize::from(b & 7)));
        own(&text
            .bytes()
            .flat_map(|b| [b >> 4, b & 15])
            .map(line)
            .collect::<String>())
    }),
    ("one blank or two", |text, _| {
        let words = bits(text, '1', '2');
        own(&words
            .chars()
            .map(|b| if b == '1' { "so " } else { "so  " })
            .collect::<String>())
    }),
    ("ordinary and hard blanks", |text, _| {
        let words = bits(text, '1', '2');
        own(&words
            .chars()
            .map(|b| if b == '1' { "so " } else { "so\u{a0}" })
            .collect::<String>())
    }),
];

/// Stopped until there is a reason, in most passages: those with enough words.
pub const ASKED: &[Disguise] = &[
    ("one token a line", |text, _| {
        own(&tokens(text).join("\nthen\n"))
    }),
    ("one token a sentence", |text, _| {
        own(&tokens(text)
            .iter()
            .map(|t| format!("After that there is {t} in it. "))
            .collect::<String>())
    }),
    ("a word between every two words", |text, _| {
        own(&text.split_whitespace().collect::<Vec<_>>().join(" then "))
    }),
];

/// Stopped in most passages: those with enough letters.
pub const PARTLY: &[Disguise] = &[
    ("letters exchanged by chance", |text, chance| {
        let mut all: Vec<u8> = (0..26).collect();
        for i in (1..26).rev() {
            all.swap(i, chance.below(i + 1));
        }
        own(&letters(text, |at| all[at as usize]))
    }),
    ("last words dropped", |text, _| {
        let cut = |l: &str| {
            l.rsplit_once(' ')
                .map_or(String::new(), |(a, _)| a.to_owned())
        };
        own(&text.lines().map(|l| cut(l) + "\n").collect::<String>())
    }),
];

/// Not stopped: the gate does not promise it.
pub const OPEN: &[Disguise] = &[
    ("rail fence", |text, _| own(&fence(text, 2))),
    ("columns", |text, _| own(&fence(text, 7))),
    ("256 code words", |text, _| {
        own(&text.bytes().map(code_word).collect::<String>())
    }),
    ("compressed, 256 code words", |text, chance| {
        own(&compressed(text, chance)
            .into_iter()
            .map(code_word)
            .collect::<String>())
    }),
    ("leet signs", |text, _| own(&each(text, signs))),
    ("first letters of words", |text, _| {
        let words = text.chars().filter(|c| c.is_alphanumeric());
        own(&words.map(|c| format!("{c}nd ")).collect::<String>())
    }),
    ("pig latin", |text, _| {
        let turn = |w: &str| {
            w.chars()
                .skip(1)
                .chain(w.chars().take(1))
                .collect::<String>()
                + "ay "
        };
        own(&text.split_whitespace().map(turn).collect::<String>())
    }),
    ("said in words", |text, _| own(&said(text))),
    ("names shortened", |text, _| {
        own(&tokens(text)
            .iter()
            .map(|t| t.chars().take(3).collect::<String>() + " ")
            .collect::<String>())
    }),
    ("another programming language", |text, _| {
        own(&text
            .replace("->", ".")
            .replace([';', '{', '}', '*', '&'], "")
            .replace("NULL", "None")
            .replace(" = ", " := "))
    }),
    ("translated", |text, _| {
        let word = |t: String| match t.as_str() {
            "if" => "wenn".to_owned(),
            "return" => "zurück".to_owned(),
            "struct" => "Verbund".to_owned(),
            "int" => "Ganzzahl".to_owned(),
            _ => t,
        };
        own(&tokens(text)
            .into_iter()
            .map(|t| format!("der Wert {} dann ", word(t)))
            .collect::<String>())
    }),
    ("another style of names", |text, _| {
        own(&super::disguise::camel(text))
    }),
];
