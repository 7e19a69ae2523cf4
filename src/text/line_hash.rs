//! The hash of a line and what follows it, as GitHub's code scanning knows it.
//!
//! The algorithm is that of `primaryLocationLineHash` in the action of `CodeQL`: for each line a rolling hash over the first 100
//! characters from its start, where spaces and tabs do not count and every line end is one LF. The hash of the characters
//! `c0` to `c99` is the sum of `ci * 37^(99 - i)` modulo 2^64. A character is a unit of UTF-16. Behind the hash stands
//! how often it has occurred in the file, the line itself included.
//!
//! Where fewer than 100 characters follow, `CodeQL` fills up with a mark for the end of the file and zeros. Such a line has
//! no hash here: a hash of few characters confirms a guess of what they are, and the vendor's text must not leave.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::str::FromStr;

/// Number of characters that a hash covers.
const WINDOW: usize = 100;
const BASE: u64 = 37;

/// The hash of a line in its file. Its text form is `2dd1a1c9a1b9d1f:1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LineHash {
    hash: u64,
    /// 1-based.
    occurrence: u32,
}

impl fmt::Display for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}:{}", self.hash, self.occurrence)
    }
}

impl FromStr for LineHash {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (hash, occurrence) = text.split_once(':')?;
            let hash = u64::from_str_radix(hash, 16).ok()?;
            let occurrence = occurrence.parse().ok()?;
            Some(Self { hash, occurrence })
        };
        // One form only: no sign, upper case or zero in front.
        read()
            .filter(|read| read.to_string() == text)
            .ok_or("a line's hash is up to 16 hexadecimal digits, `:` and a number")
    }
}

impl Serialize for LineHash {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for LineHash {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Returns the hashes of the lines for which `is_wanted` says yes, by their 1-based numbers. Lines end at LF, CR LF or
/// CR. Takes one pass over the text.
pub fn line_hashes(text: &str, is_wanted: impl Fn(u32) -> bool) -> BTreeMap<u32, LineHash> {
    // The weight of the oldest character under the hash.
    let highest = (1..WINDOW).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut found = BTreeMap::new();
    let mut counts: HashMap<u64, u32> = HashMap::new();
    // The characters under the hash, and for each the number of the line that it begins.
    let mut window: VecDeque<(u16, Option<u32>)> = VecDeque::with_capacity(WINDOW);
    let (mut hash, mut line, mut is_start, mut is_after_cr) = (0_u64, 0_u32, true, false);
    let mut finish = |number: Option<u32>, hash: u64| {
        let Some(number) = number else { return };
        let occurrence = counts.entry(hash).or_default();
        *occurrence += 1;
        if is_wanted(number) {
            let occurrence = *occurrence;
            found.insert(number, LineHash { hash, occurrence });
        }
    };
    for unit in text.encode_utf16() {
        let is_second_half = is_after_cr && unit == u16::from(b'\n');
        is_after_cr = unit == u16::from(b'\r');
        if is_second_half || unit == u16::from(b' ') || unit == u16::from(b'\t') {
            continue;
        }
        let unit = if is_after_cr { u16::from(b'\n') } else { unit };
        if window.len() == WINDOW
            && let Some((oldest, number)) = window.pop_front()
        {
            finish(number, hash);
            hash = hash.wrapping_sub(u64::from(oldest).wrapping_mul(highest));
        }
        line += u32::from(is_start);
        window.push_back((unit, is_start.then_some(line)));
        is_start = unit == u16::from(b'\n');
        hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(unit));
    }
    if window.len() == WINDOW
        && let Some((_, number)) = window.front()
    {
        finish(*number, hash);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts, and what the code of `CodeQL`'s action (commit of 2026) printed for their lines.
    #[test]
    fn hashes_are_those_of_the_action() {
        let lines = |count: usize, line: &dyn Fn(usize) -> String| -> String {
            (0..count).map(line).collect()
        };
        let c = "int main(void)\n{\n\treturn 0;\n}\n\n".to_owned()
            + &lines(12, &|i| format!("\tcall_{i}(argument);\n"));
        let crlf = lines(9, &|i| format!("  call_{i}(argument);\r\n"));
        let cr = lines(10, &|i| format!("call_{}(argument, and_more);\r", i % 2));
        let same = "same line of twenty characters;\n".repeat(12);
        let wide = lines(14, &|i| {
            format!("/* \u{e9}\u{4e2d}\u{1f600} {i} */ x = y;\n")
        });
        let long = format!("{}\nshort\n{}\n", "x".repeat(400), "y".repeat(120));
        for (text, line, hash) in [
            (&c, 1, "d5a67a4b8cdb5ff2:1"),
            (&c, 5, "d56452fc65360f93:1"),
            (&c, 9, "c85118a4b31c1e6:1"),
            (&c, 12, "e798b4bdca6c3f41:1"),
            (&crlf, 1, "df5fd874a1afae3c:1"),
            (&crlf, 4, "c85118a4b31c1e6:1"),
            (&cr, 2, "797b66e3cd794cce:1"),
            (&cr, 7, "5836a0bd27f1c516:4"),
            (&same, 9, "33e8624fe0fe960f:9"),
            (&wide, 2, "23ac23fe6852779:1"),
            (&wide, 7, "317cada1d02fba3e:1"),
            (&long, 1, "52b56201ffb58620:1"),
            (&long, 2, "e223b342edbfbc24:1"),
            (&long, 3, "cadd4b5b9d92c51c:1"),
        ] {
            let hashes = line_hashes(text, |_| true);
            assert_eq!(hashes[&line].to_string(), hash, "{line} of {text:?}");
            assert_eq!(line_hashes(text, |at| at == line).len(), 1);
        }
    }

    #[test]
    fn few_characters_have_no_hash() {
        let text = format!("{}\nif (x)\n\treturn;\n", "a".repeat(99));
        let found = line_hashes(&text, |_| true);
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [1]);
        assert!(line_hashes("", |_| true).is_empty());
        // Blanks do not count: the first line has 99 characters and its end here too.
        assert_eq!(
            line_hashes(&text.replacen('a', "a \t ", 5), |_| true),
            found
        );
    }

    #[test]
    fn the_text_form_is_one() {
        for text in ["0:1", "c85118a4b31c1e6:1", "ffffffffffffffff:12"] {
            assert_eq!(text.parse::<LineHash>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "1",
            "01:1",
            "A:1",
            "+1:1",
            "1:01",
            "1:-1",
            "1 :1",
            "10000000000000000:1",
        ] {
            assert!(bad.parse::<LineHash>().is_err(), "{bad}");
        }
    }
}
