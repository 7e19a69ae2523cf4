//! Rule `opaque`: an unbroken token of 24 or more characters that nothing explains.
//!
//! It is how text leaves that was encrypted, compressed or coded: nothing can be compared then, but it looks like
//! nothing that a reviewer writes. A token is what stands between white space. Explained are words, also joined
//! to compounds and paths; abbreviations and numbers between `_`, `-`, `.`, `/`, `:` and brackets; ids that the review
//! knows; identifiers and paths of the vendor. A token is opaque if ten of its letters and digits, and three in
//! ten of them, are not explained.

use super::word::{is_word, segments};
use super::{overlap, token};
use crate::model::{Overlap, Rule, Typed};
use std::collections::HashSet;

/// The shortest token that is judged, in characters.
const SHORTEST: usize = 24;
/// Letters and digits that nothing explains.
const NOISE: usize = 10;
/// The longest run of digits that is a number.
const NUMBER: usize = 12;
/// The longest identifier that explains itself, and the longest of all.
const NAME: (usize, usize) = (31, 128);

/// A token that is opaque unless the vendor's texts explain it.
pub struct Candidate {
    /// Which typed text.
    typed: usize,
    length: usize,
    /// Letters and digits.
    total: usize,
    /// Words that are not explained: what they may be as an identifier, and how much in them is noise.
    words: Vec<(Vec<u8>, usize)>,
    /// Stretches that may be paths, with the number of letters and digits.
    paths: Vec<(Vec<u8>, usize)>,
}

/// Returns the tokens that only the vendor's texts can explain. `is_known` tells ids of the review.
pub fn candidates(typed: &[Typed], is_known: &dyn Fn(&str) -> bool) -> Vec<Candidate> {
    let mut out = Vec::new();
    for (i, text) in typed.iter().enumerate() {
        let tokens = text.text.split_whitespace();
        for token in tokens.filter(|t| t.len() >= SHORTEST && t.chars().count() >= SHORTEST) {
            let candidate = Candidate::of(i, token, is_known);
            out.extend(candidate.filter(|c| c.is_opaque(&HashSet::new(), &HashSet::new())));
        }
    }
    out
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

impl Candidate {
    fn of(typed: usize, text: &str, is_known: &dyn Fn(&str) -> bool) -> Option<Self> {
        let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
        if is_known(text) || is_known(bare) {
            return None;
        }
        let mut candidate = Self {
            typed,
            length: text.chars().count(),
            total: 0,
            words: Vec::new(),
            paths: Vec::new(),
        };
        let mut from = 0;
        while from < text.len() {
            let rest = &text[from..];
            let id = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .unwrap_or(rest.len());
            let name = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let step = if id > name && is_known(rest[..id].trim_end_matches('-')) {
                candidate.total += count(&rest.as_bytes()[..id]);
                id
            } else if name > 0 {
                let before = text[..from].chars().next_back();
                candidate.word(
                    &rest[..name],
                    (before, rest[name..].chars().next()),
                    is_known,
                );
                name
            } else {
                let c = rest.chars().next().unwrap_or(' ');
                candidate.other(c);
                c.len_utf8()
            };
            from += step;
        }
        candidate.paths = token::paths(text.as_bytes())
            .map(|p| (p.to_vec(), count(p)))
            .collect();
        Some(candidate)
    }

    fn word(
        &mut self,
        word: &str,
        around: (Option<char>, Option<char>),
        is_known: &dyn Fn(&str) -> bool,
    ) {
        let total = count(word.as_bytes());
        self.total += total;
        let noise = if is_known(word) {
            0
        } else {
            noise(word.as_bytes(), around)
        };
        if noise > 0 {
            self.words.push((word.as_bytes().to_vec(), noise));
        }
    }

    /// Letters of other scripts are taken for words; what is no letter and not ASCII explains nothing.
    fn other(&mut self, c: char) {
        if c.is_alphanumeric() {
            self.total += 1;
        } else if !c.is_ascii() {
            self.total += 1;
            self.words.push((Vec::new(), 1));
        }
    }

    /// Returns the words that may be vendor identifiers.
    pub fn words(&self) -> impl Iterator<Item = &[u8]> {
        self.words
            .iter()
            .map(|(word, _)| word.as_slice())
            .filter(|w| w.len() >= 3)
    }

    /// Returns whether nothing explains it, given which of its words and paths are the vendor's.
    pub fn is_opaque(&self, words: &HashSet<Vec<u8>>, paths: &HashSet<Vec<u8>>) -> bool {
        let is_name = |word: &[u8], noise: usize| {
            // A key or a digest in the vendor's text is a token of it, but no name.
            let is_short = word.len() <= NAME.0 || word.contains(&b'_') && word.len() <= NAME.1;
            words.contains(word) && (is_short || noise * 2 < word.len())
        };
        let left = self
            .words
            .iter()
            .filter(|(word, noise)| !is_name(word, *noise));
        let noise: usize = left.map(|(_, noise)| noise).sum();
        let known = self.paths.iter().filter(|(path, _)| paths.contains(path));
        let noise = noise.saturating_sub(known.map(|(_, count)| count).sum());
        noise >= NOISE && noise * 10 >= self.total * 3
    }

    /// Returns it as an overlap; there is no place of the vendor's.
    pub fn overlap(&self, typed: &[Typed]) -> Overlap {
        overlap(&typed[self.typed], Rule::Opaque, self.length as u64)
    }
}

fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| b.is_ascii_alphanumeric()).count()
}

/// Counts the letters and digits of a word that are no words, numbers or abbreviations.
fn noise(word: &[u8], around: (Option<char>, Option<char>)) -> usize {
    let pieces: Vec<&[u8]> = word.split(|b| !b.is_ascii_alphanumeric()).collect();
    let is_plain = |c: Option<char>| c.is_none_or(|c| "-_./:,()[]{}<>\"'`;&@".contains(c));
    let last = pieces.len() - 1;
    let one = |(i, piece): (usize, &&[u8])| {
        let is_apart = (i > 0 || is_plain(around.0)) && (i < last || is_plain(around.1));
        if is_apart && is_abbreviation(piece) || is_number(piece) {
            return 0;
        }
        let explains = |segment: &&&[u8]| segment.len() >= 4 && is_word(segment);
        let segments = segments(piece);
        let explained: usize = segments.iter().filter(explains).map(|s| s.len()).sum();
        if explained * 10 >= piece.len() * 6 {
            0
        } else {
            piece.len() - explained
        }
    };
    pieces.iter().enumerate().map(one).sum()
}

/// Up to six letters of one case, and up to three digits behind them.
fn is_abbreviation(piece: &[u8]) -> bool {
    let letters = piece.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let (letters, digits) = piece.split_at(letters);
    let is_one_case = letters.iter().all(u8::is_ascii_uppercase)
        || letters.iter().skip(1).all(u8::is_ascii_lowercase);
    is_one_case && letters.len() <= 6 && digits.len() <= 3 && digits.iter().all(u8::is_ascii_digit)
}

/// A number of up to twelve digits, two of which may be letters (`25T17`, `10ms`), or up to sixteen digits in
/// hexadecimal behind `0x`.
fn is_number(piece: &[u8]) -> bool {
    let hex = piece.strip_prefix(b"0x").or(piece.strip_prefix(b"0X"));
    if let Some(digits) = hex {
        digits.len() <= 16 && digits.iter().all(u8::is_ascii_hexdigit)
    } else {
        let digits = piece.iter().filter(|b| b.is_ascii_digit()).count();
        let letters = piece.len() - digits;
        piece.len() <= NUMBER && letters <= 2 && digits >= 2 * letters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_opaque(token: &str) -> bool {
        let typed = Typed {
            file: "f".into(),
            line: 1,
            text: format!("see {token} there"),
            what: "alice/F1 title".into(),
        };
        let ids = [
            "0b6a1f8e2c9d4e7fa1b2c3d4e5f60718293a4b5c",
            "f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
        ];
        let is_known = |t: &str| ids.iter().any(|id| t.len() >= 7 && id.starts_with(t));
        !candidates(&[typed], &is_known).is_empty()
    }

    #[test]
    fn what_a_reviewer_writes_is_explained() {
        for token in [
            "drivers/net/ethernet/example/frame_queue.c:1204-1260",
            "session_table_find_by_identifier(table,identifier)",
            "std::unordered_map<std::string,std::vector<uint8_t>>",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "AES-256-GCM/HMAC-SHA-256/ECDHE-P256",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "https://cwe.mitre.org/data/definitions/120.html",
            "SecurityCommandCompleteMessageHandler",
            "0b6a1f8e2c9d4e7fa1b2c3d4e5f60718293a4b5c",
            "src/auth.c:24@0b6a1f8e2c9d",
            "(f81d4fae-7dec-41d0-a765-00a0c91e6bf6),",
            "2026-11-25T17:42:00.123456Z",
            "Speicherzugriffsverletzungen",
            "------------------------------------",
            "CONFIG_SECURITY_NETWORK_XFRM=y",
            "!is_valid(&header->length)||!header",
            "size_t/uint32_t/uint64_t/unsigned",
            "3GPP-TS-33.117-4.2.3.2.1-NESAS",
            "认证令牌没有经过验证就被复制到固定长度的缓冲区中去了",
            "acme-ran-release-2026.4-1a2b3c4d",
        ] {
            assert!(!is_opaque(token), "{token}");
        }
    }

    #[test]
    fn what_hides_a_text_is_opaque() {
        for token in [
            "aWYgKGxlbiA+IE1BWCkgcmV0dXJuIC0xOw==",
            "H4sIAAAAAAAAA8tMU9BIzszTVCjOSE1JTcks0uQCAM3y",
            "ab7Q-x9LkZ2pTqW_4mNvRtYbGfDsHjKlP0oI",
            "NFTCAKDBFEQGEKBJHMYDSNRVGE3DOOBZ",
            "6966202861292062282 93b69662028".replace(' ', "").as_str(),
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "9jqo^BlbD-BleB1DJ+*+F(f,q/0JhKF<GL>Cj@.4Gp$d7F!,L7",
            "104101108108111032119111114108100",
            "wzvqkxjpmtrbgfhdncslykqzxvwjpm",
            "\u{2801}\u{2803}\u{2809}\u{2819}\u{2811}\u{280b}\u{281b}\u{2813}\u{280a}\u{281a}\u{2805}\u{2807}\u{280d}\u{281d}\u{2815}\u{280f}\u{281f}\u{2817}\u{280e}\u{281e}\u{2825}\u{2827}\u{283a}\u{282d}",
        ] {
            assert!(is_opaque(token), "{token}");
        }
    }

    #[test]
    fn the_vendors_names_and_paths_explain_and_its_keys_do_not() {
        let none = HashSet::new();
        let of = |token: &str| Candidate::of(0, token, &|_| false).unwrap();
        let words = |token: &str| HashSet::from([token.as_bytes().to_vec()]);
        for (token, is_explained) in [
            ("xq7zk2j_9wvb4nq8m_zt6p3m1r_k2", true),
            ("XjQzWvKpLmTrBgHdNfCsYqZx", true),
            ("MIIEpAIBAAKCAQEAwJQX9fJ3kQ7vVt0Lz8mYhR2sKp", false),
        ] {
            assert!(of(token).is_opaque(&none, &none), "the control: {token}");
            assert_eq!(
                !of(token).is_opaque(&words(token), &none),
                is_explained,
                "{token}"
            );
        }
        let path = "x86/kvm/vmx/xjqzwvkplmtr.bgh";
        let token = format!("{path}:12");
        assert!(of(&token).is_opaque(&none, &none));
        assert!(!of(&token).is_opaque(&none, &words(path)));
    }
}
