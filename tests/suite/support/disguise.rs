//! Ways to carry a line of code out: those that the gate undoes, and those that it does not.

use super::vendor::Chance;
use std::fmt::Write;

/// A way: its name, and what a person would type for a line, one text or several.
pub type Disguise = (&'static str, fn(&str, &mut Chance) -> Vec<String>);

/// Undone: every one of them must be caught.
pub const UNDONE: &[Disguise] = &[
    ("verbatim", |line, _| own(line)),
    ("in back-ticks", |line, _| {
        one(&format!("it says `{line}` there"))
    }),
    ("upper case", |line, _| own(&line.to_uppercase())),
    ("no spaces", |line, _| own(&squeezed(line))),
    ("more spaces", |line, _| own(&line.replace(' ', " \t  "))),
    ("a space between characters", |line, _| {
        own(&between(line, " "))
    }),
    ("one character a line", |line, _| own(&between(line, "\n"))),
    ("split over lines", |line, chance| {
        let (a, b) = cut(line, chance);
        own(&format!("{a}\n    {b}"))
    }),
    ("quoted", |line, _| own(&format!("> > {line}"))),
    ("numbered", |line, _| own(&format!("  118: {line}"))),
    ("split, quoted and numbered", |line, chance| {
        let (a, b) = cut(line, chance);
        own(&format!("> 12: {a}\n> 13: {b}"))
    }),
    ("a hyphen between characters", |line, _| {
        own(&between(line, "-"))
    }),
    ("a letter between characters", |line, _| {
        own(&between(line, "x"))
    }),
    ("letters by chance between", |line, chance| {
        let each = |c: char| format!("{c}{}", (b'a' + chance.below(26) as u8) as char);
        own(&line.chars().map(each).collect::<String>())
    }),
    ("a letter between, words apart", |line, _| {
        let words = line.split_whitespace().map(|w| between(w, "q"));
        own(&words.collect::<Vec<_>>().join(" "))
    }),
    ("zero-width between", |line, _| {
        own(&between(line, "\u{200b}"))
    }),
    ("soft hyphens between", |line, _| {
        own(&between(line, "\u{ad}"))
    }),
    ("combining marks", |line, _| own(&between(line, "\u{332}"))),
    ("Cyrillic look-alikes", |line, _| {
        own(&mapped(
            line,
            "aceopxyisjkmtbhABCEHKMOPTXSIJ",
            "асеорхуіѕјкмтЬһАВСЕНКМОРТХЅІЈ",
        ))
    }),
    ("Greek look-alikes", |line, _| {
        own(&mapped(
            line,
            "aeioutvnpABEHIKMNOPTXYZ",
            "αειουτνηρΑΒΕΗΙΚΜΝΟΡΤΧΥΖ",
        ))
    }),
    ("full-width", |line, _| {
        own(&shifted(line, '!'..='~', 0xff01 - 0x21))
    }),
    ("mathematical bold", |line, _| {
        own(&letters(line, 0x1d400, 0x1d41a))
    }),
    ("mathematical script", |line, _| {
        own(&letters(line, 0x1d4d0, 0x1d4ea))
    }),
    ("circled", |line, _| own(&letters(line, 0x24b6, 0x24d0))),
    ("regional indicators", |line, _| {
        own(&letters(&line.to_uppercase(), 0x1f1e6, 0x1f1e6))
    }),
    ("leet digits", |line, _| {
        own(&mapped(line, "oieastbgOIEASTBG", "0134578901345789"))
    }),
    ("reversed", |line, _| own(&reversed(line))),
    ("rot13", |line, _| own(&rot13(line))),
    ("hexadecimal", |line, _| own(&hex(line.as_bytes(), "", ""))),
    ("hexadecimal, apart", |line, _| {
        own(&hex(line.as_bytes(), "", " "))
    }),
    ("0x.., lists", |line, _| {
        own(&hex(line.as_bytes(), "0x", ", "))
    }),
    ("hex dump", |line, _| own(&dump(line.as_bytes()))),
    ("decimal codes", |line, _| own(&codes(line, 10))),
    ("octal codes", |line, _| own(&codes(line, 8))),
    ("\\x escapes", |line, _| {
        own(&hex(line.as_bytes(), "\\x", ""))
    }),
    ("\\u escapes", |line, _| {
        own(&each(line, |c| format!("\\u{:04x}", c as u32)))
    }),
    ("percent", |line, _| own(&hex(line.as_bytes(), "%", ""))),
    ("entities, decimal", |line, _| {
        own(&each(line, |c| format!("&#{};", c as u32)))
    }),
    ("entities, hexadecimal", |line, _| {
        own(&each(line, |c| format!("&#x{:x};", c as u32)))
    }),
    ("entities by name", |line, _| {
        own(&each(line, |c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '(' => "&lpar;".to_owned(),
            ';' => "&semi;".to_owned(),
            c => c.to_string(),
        }))
    }),
    ("base64", |line, _| own(&base64(line.as_bytes(), false))),
    ("base64, in lines of 20", |line, _| {
        let text = base64(line.as_bytes(), false);
        let lines: Vec<_> = text
            .as_bytes()
            .chunks(20)
            .map(String::from_utf8_lossy)
            .collect();
        own(&lines.join("\n"))
    }),
    ("base64url in prose", |line, _| {
        one(&format!(
            "the token {} is sent",
            base64(line.as_bytes(), true)
        ))
    }),
    ("base64 in each phase", |line, chance| {
        let before = &"zqk"[..chance.below(4)];
        own(&base64(format!("{before}{line}").as_bytes(), false))
    }),
    ("base64 twice", |line, _| {
        own(&base64(base64(line.as_bytes(), false).as_bytes(), false))
    }),
    ("base64 of UTF-16", |line, _| {
        let wide: Vec<u8> = line.encode_utf16().flat_map(u16::to_le_bytes).collect();
        own(&base64(&wide, false))
    }),
    ("base64, then reversed", |line, _| {
        own(&base64(line.as_bytes(), false)
            .chars()
            .rev()
            .collect::<String>())
    }),
    ("reversed, then base64", |line, _| {
        let line: String = line.chars().rev().collect();
        own(&base64(line.as_bytes(), false))
    }),
    ("base64, then hexadecimal", |line, _| {
        own(&hex(base64(line.as_bytes(), false).as_bytes(), "", ""))
    }),
    ("base32", |line, _| own(&base32(line.as_bytes()))),
    ("base32, lower case, apart", |line, _| {
        own(&between(&base32(line.as_bytes()).to_lowercase(), " "))
    }),
    ("split over two findings", |line, chance| {
        let (a, b) = cut(line, chance);
        vec![a, b]
    }),
    ("split over four findings", |line, chance| {
        let (a, b) = cut(line, chance);
        let ((a, b), (c, d)) = (cut(&a, chance), cut(&b, chance));
        vec![a, b, c, d]
    }),
    ("base64 over two findings", |line, chance| {
        let (a, b) = cut(&base64(line.as_bytes(), false), chance);
        vec![a, b]
    }),
];

/// Not undone: the gate does not promise to catch them.
pub const OPEN: &[Disguise] = &[
    ("another style of names", |line, _| own(&camel(line))),
    ("a word between every two words", |line, _| {
        own(&line.split_whitespace().collect::<Vec<_>>().join(" then "))
    }),
    ("a word every 12 characters", |line, _| {
        let chars: Vec<char> = line.chars().collect();
        let parts: Vec<String> = chars.chunks(12).map(|c| c.iter().collect()).collect();
        own(&parts.join(" and "))
    }),
    ("one identifier renamed", |line, chance| {
        let names = names(line);
        let name = &names[chance.below(names.len())];
        own(&line.replace(name.as_str(), "v1"))
    }),
    ("every identifier renamed", |line, _| {
        let mut text = line.to_owned();
        for (i, name) in names(line).iter().enumerate() {
            text = text.replace(name.as_str(), &format!("v{i}"));
        }
        own(&text)
    }),
    ("words in reverse order", |line, _| {
        own(&line.split_whitespace().rev().collect::<Vec<_>>().join(" "))
    }),
    ("vowels dropped", |line, _| {
        own(&line.replace(['a', 'e', 'i', 'o', 'u'], ""))
    }),
    ("shifted by one letter", |line, _| {
        let shift = |c: char| {
            if c.is_ascii_lowercase() {
                (((c as u8 - b'a') + 1) % 26 + b'a') as char
            } else {
                c
            }
        };
        own(&line.chars().map(shift).collect::<String>())
    }),
    ("spelling words", |line, _| {
        own(&each(line, |c| format!("{} ", spelling(c))))
    }),
    ("first letters of words", |line, _| {
        let words = line.chars().filter(|c| c.is_alphanumeric());
        own(&words.map(|c| format!("{c}nd ")).collect::<String>())
    }),
    ("two letters between characters", |line, _| {
        own(&between(line, "xy"))
    }),
    ("encrypted, base64", |line, chance| {
        own(&base64(&encrypted(line, chance), false))
    }),
    ("encrypted, base64 in groups of 8", |line, chance| {
        let text = base64(&encrypted(line, chance), false);
        let groups: Vec<_> = text
            .as_bytes()
            .chunks(8)
            .map(String::from_utf8_lossy)
            .collect();
        own(&groups.join(" "))
    }),
    ("said in words", |line, _| {
        let words = line
            .replace('=', " equals ")
            .replace('>', " greater than ")
            .replace('<', " less than ");
        let words = words
            .replace('+', " plus ")
            .replace('-', " minus ")
            .replace('*', " times ");
        own(&words
            .replace('(', " of ")
            .replace(')', ", ")
            .replace(['{', '}', ';'], " "))
    }),
];

/// On lines of its own, with prose around it.
pub fn own(text: &str) -> Vec<String> {
    one(&format!(
        "The place in question reads:\n{text}\nand that is all of it."
    ))
}

fn one(text: &str) -> Vec<String> {
    vec![text.to_owned()]
}

fn squeezed(line: &str) -> String {
    line.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Puts a filler between characters.
pub fn between(line: &str, filler: &str) -> String {
    let chars: Vec<String> = line.chars().map(String::from).collect();
    chars.join(filler)
}

fn cut(line: &str, chance: &mut Chance) -> (String, String) {
    let chars: Vec<char> = line.chars().collect();
    let at = 1 + chance.below(chars.len().max(3) - 2);
    let at = at.min(chars.len());
    (chars[..at].iter().collect(), chars[at..].iter().collect())
}

fn mapped(line: &str, from: &str, to: &str) -> String {
    let map = |c: char| {
        from.chars()
            .position(|f| f == c)
            .and_then(|at| to.chars().nth(at))
    };
    line.chars().map(|c| map(c).unwrap_or(c)).collect()
}

fn shifted(line: &str, range: std::ops::RangeInclusive<char>, by: u32) -> String {
    let shift = |c: char| {
        if range.contains(&c) {
            char::from_u32(c as u32 + by).unwrap()
        } else {
            c
        }
    };
    line.chars().map(shift).collect()
}

fn letters(line: &str, upper: u32, lower: u32) -> String {
    let map = |c: char| match c {
        'A'..='Z' => char::from_u32(upper + c as u32 - 'A' as u32).unwrap(),
        'a'..='z' => char::from_u32(lower + c as u32 - 'a' as u32).unwrap(),
        c => c,
    };
    line.chars().map(map).collect()
}

/// Returns the characters from the last to the first.
pub fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// Moves each letter by half the alphabet.
pub fn rot13(line: &str) -> String {
    let turn = |c: char| match c {
        'a'..='z' => ((c as u8 - b'a' + 13) % 26 + b'a') as char,
        'A'..='Z' => ((c as u8 - b'A' + 13) % 26 + b'A') as char,
        c => c,
    };
    line.chars().map(turn).collect()
}

/// Writes each character as a text.
pub fn each(line: &str, write: impl Fn(char) -> String) -> String {
    line.chars().map(write).collect()
}

/// Writes bytes as two hexadecimal digits with texts around them.
pub fn hex(bytes: &[u8], before: &str, behind: &str) -> String {
    bytes
        .iter()
        .map(|b| format!("{before}{b:02x}{behind}"))
        .collect()
}

/// Writes bytes as `xxd` does.
pub fn dump(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (i, line) in bytes.chunks(16).enumerate() {
        let groups: Vec<String> = line.chunks(2).map(|two| hex(two, "", "")).collect();
        let text: String = line
            .iter()
            .map(|b| {
                if b.is_ascii_graphic() {
                    *b as char
                } else {
                    '.'
                }
            })
            .collect();
        let _ = writeln!(out, "{:08x}: {:<39}  {text}", i * 16, groups.join(" "));
    }
    out
}

fn codes(line: &str, radix: u32) -> String {
    let codes = line.bytes().map(|b| {
        if radix == 8 {
            format!("0{b:o}")
        } else {
            b.to_string()
        }
    });
    codes.collect::<Vec<_>>().join(", ")
}

/// Writes bytes in an alphabet of as many bits a character.
pub fn packed(bytes: &[u8], bits: usize, alphabet: &[u8]) -> String {
    let bit = |at: usize| {
        bytes
            .get(at / 8)
            .map_or(0, |b| usize::from(b >> (7 - at % 8) & 1))
    };
    let values = (0..(bytes.len() * 8).div_ceil(bits))
        .map(|i| (0..bits).fold(0, |v, j| v << 1 | bit(i * bits + j)));
    values.map(|v| alphabet[v] as char).collect()
}

/// Writes bytes in base64 or base64url.
pub fn base64(bytes: &[u8], is_url: bool) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let last = if is_url { b"-_" } else { b"+/" };
    let mut text = packed(bytes, 6, &[&alphabet[..], &last[..]].concat());
    while !is_url && !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Writes bytes in base32.
pub fn base32(bytes: &[u8]) -> String {
    packed(bytes, 5, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
}

/// Makes noise of a text.
pub fn encrypted(line: &str, chance: &mut Chance) -> Vec<u8> {
    line.bytes().map(|b| b ^ chance.below(256) as u8).collect()
}

/// Writes `snake_case` names as `camelCase` ones.
pub fn camel(line: &str) -> String {
    let mut out = String::new();
    let mut is_joint = false;
    for c in line.chars() {
        if c == '_' {
            is_joint = true;
        } else {
            out.push(if is_joint { c.to_ascii_uppercase() } else { c });
            is_joint = false;
        }
    }
    out
}

/// Returns the names of a line, the longest first.
fn names(line: &str) -> Vec<String> {
    let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut names: Vec<String> = words.filter(|w| w.len() >= 3).map(str::to_owned).collect();
    names.sort_by_key(|n| std::cmp::Reverse(n.len()));
    names.dedup();
    names
}

/// Returns the spelling word of a letter.
pub fn spelling(c: char) -> String {
    const WORDS: [&str; 26] = [
        "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india",
        "juliett", "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo",
        "sierra", "tango", "uniform", "victor", "whiskey", "xray", "yankee", "zulu",
    ];
    let at = (c.to_ascii_lowercase() as u32).wrapping_sub('a' as u32) as usize;
    WORDS
        .get(at)
        .map_or_else(|| c.to_string(), ToString::to_string)
}
