//! Case folding, one character to one character.
//!
//! Unicode *simple* case folding, the relation the regex engine uses for `(?i)`: `to_lowercase` would lose
//! `paſsword`. Each class of equal letters has one representative: its ASCII lower-case letter if it has
//! one, otherwise its smallest code point. Because folding maps characters one by one, a text holds a
//! needle without regard to case exactly if the folded text holds the folded needle.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
use std::collections::HashMap;
use std::sync::OnceLock;

fn table() -> &'static HashMap<char, char> {
    static TABLE: OnceLock<HashMap<char, char>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let cased = |c: &char| !c.to_lowercase().eq([*c]) || !c.to_uppercase().eq([*c]);
        let mut table = HashMap::new();
        for c in ('\u{80}'..='\u{1ffff}').filter(cased) {
            let folded = representative(c);
            if folded != c {
                table.insert(c, folded);
            }
        }
        table
    })
}

fn representative(c: char) -> char {
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
    class.case_fold_simple();
    let members = class.ranges().iter().flat_map(|r| r.start()..=r.end());
    members
        .min_by_key(|m| (!m.is_ascii_lowercase(), *m))
        .unwrap_or(c)
}

/// Returns the representative of the character's class of equal letters.
pub fn fold_char(c: char) -> char {
    if c.is_ascii() {
        c.to_ascii_lowercase()
    } else {
        table().get(&c).copied().unwrap_or(c)
    }
}

/// Appends the folded text to `out`; bytes that are not UTF-8 stay as they are.
pub fn fold(text: &[u8], out: &mut Vec<u8>) {
    if text.is_ascii() {
        let from = out.len();
        out.extend_from_slice(text);
        out[from..].make_ascii_lowercase();
        return;
    }
    let mut buffer = [0; 4];
    for chunk in text.utf8_chunks() {
        let mut rest = chunk.valid();
        while !rest.is_empty() {
            let plain = rest.bytes().take_while(u8::is_ascii).count();
            let from = out.len();
            out.extend_from_slice(&rest.as_bytes()[..plain]);
            out[from..].make_ascii_lowercase();
            rest = &rest[plain..];
            for c in rest.chars().take_while(|c| !c.is_ascii()) {
                out.extend_from_slice(fold_char(c).encode_utf8(&mut buffer).as_bytes());
                rest = &rest[c.len_utf8()..];
            }
        }
        out.extend_from_slice(chunk.invalid());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> String {
        let mut out = Vec::new();
        fold(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn folds_as_the_regex_engine_compares() {
        assert_eq!(folded("paſſWORD"), "password");
        assert_eq!(folded("\u{212a}ELVIN"), "kelvin");
        assert_eq!(folded("ÄΣσς"), folded("äσςΣ"));
        let mut out = Vec::new();
        fold(b"A\xffB", &mut out);
        assert_eq!(out, b"a\xffb");
    }

    proptest! {
        #[test]
        fn equal_folds_match_without_case(a in any::<char>(), b in any::<char>()) {
            let pattern = format!("(?i)^{}$", regex::escape(&a.to_string()));
            let equal = regex::Regex::new(&pattern).unwrap().is_match(&b.to_string());
            prop_assert_eq!(equal || a == b, fold_char(a) == fold_char(b));
        }
    }

    #[test]
    fn every_case_pair_folds_together() {
        for c in ('\0'..='\u{1ffff}').filter(|c| fold_char(*c) != *c) {
            let pattern = format!("(?i)^{}$", regex::escape(&c.to_string()));
            let regex = regex::Regex::new(&pattern).unwrap();
            assert!(regex.is_match(&fold_char(c).to_string()), "{c:?}");
        }
    }
}
