//! Rule `alphabet`: characters that hide something or are none, and words that mix scripts.
//!
//! Scripts are mixed as the *Highly Restrictive* profile of UTS #39 sees it: one script, or Latin beside Han, Kana,
//! Hangul and Bopomofo, is ordinary. People write names right beside words of their own script, though (`функцияmemcpy`,
//! `ogs_pkbuf的长度`), so a word is first parted where the script changes, and the parts are judged: a name or a word
//! is whole, a disguise is letters here and there. A word is blocked if, beside another script,
//! - a part outside Latin has only letters that are read as letters of ASCII (`соmmit`), or
//! - a part between two others has fewer than three letters, or there are more than three parts.
//!
//! A word that lies wholly in another script is never blocked here, even if all of it can be read as Latin (`сор` is
//! rubbish in Russian): if it stands for the vendor's, the coarse form finds that.

use super::confusable::ascii_letters;
use super::overlap;
use super::script::UnspacedLetter;
use crate::model::{Overlap, Rule, Typed};
use regex::Regex;
use std::sync::OnceLock;
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::is_nfc;
use unicode_script::Script;
use unicode_security::mixed_script::AugmentedScriptSet;

/// The shortest part between two of other scripts that is a word, in letters.
const SHORTEST_WORD: usize = 3;
/// The most parts of a word.
const MOST_PARTS: usize = 3;

/// What is not allowed; tabs and line ends, with or without a CR, are.
fn hidden() -> &'static Regex {
    static HIDDEN: OnceLock<Regex> = OnceLock::new();
    HIDDEN.get_or_init(|| {
        Regex::new(r"[\p{C}\p{Default_Ignorable_Code_Point}&&[^\n\t\r]]|\r[^\n]|\r$")
            .expect("the pattern is a constant that a test compiles")
    })
}

/// Judges each text by itself.
pub fn judge(typed: &[Typed]) -> Vec<Overlap> {
    typed
        .iter()
        .filter(|t| !is_nfc(&t.text) || hidden().is_match(&t.text) || mixes_scripts(&t.text))
        .map(|t| overlap(t, Rule::Alphabet, 1))
        .collect()
}

/// Returns whether a word of a text mixes scripts in a way that no honest word does.
fn mixes_scripts(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let is_between = |c: char| {
        !c.is_alphanumeric() && !is_combining_mark(c) || UnspacedLetter::from_char(c).is_some()
    };
    let words = text.split(is_between).filter(|word| !word.is_ascii());
    words
        .map(ScriptPart::split)
        .any(|parts| is_disguise(&parts))
}

/// A part of a word, all of whose letters can be of one script.
struct ScriptPart {
    scripts: AugmentedScriptSet,
    letters: usize,
    /// Whether each of the letters is read as letters of ASCII.
    is_ascii_like: bool,
}

impl ScriptPart {
    /// Parts a word where the script changes. Digits and marks belong to every script.
    fn split(word: &str) -> Vec<Self> {
        let mut parts: Vec<Self> = Vec::new();
        for c in word.chars() {
            let own = AugmentedScriptSet::for_char(c);
            if own.is_all() {
                continue;
            }
            let is_ascii_like = ascii_letters(c).is_some();
            if let Some(last) = parts.last_mut() {
                let mut both = last.scripts;
                both.intersect_with(own);
                if !both.is_empty() {
                    last.scripts = both;
                    last.letters += 1;
                    last.is_ascii_like &= is_ascii_like;
                    continue;
                }
            }
            parts.push(Self {
                scripts: own,
                letters: 1,
                is_ascii_like,
            });
        }
        parts
    }

    fn is_latin(&self) -> bool {
        self.scripts.base.contains_script(Script::Latin)
    }
}

fn is_disguise(parts: &[ScriptPart]) -> bool {
    let is_short = |inner: &[ScriptPart]| inner[1].letters < SHORTEST_WORD;
    parts.len() > MOST_PARTS
        || parts.windows(3).any(is_short)
        || parts.len() > 1
            && parts
                .iter()
                .any(|part| part.is_ascii_like && !part.is_latin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_two_scripts_are_told_from_disguised_ones() {
        for text in [
            "функцияmemcpy и вызовmemcpyбез проверки",
            "memcpy不检查长度，ogs_pkbuf的长度",
            "UE-контекст, SQL-инъекция, HTTP-запрос, TLS1.3-сессия",
            "сор, оса и ухо; ѕсоре",
            "バッファをmemcpyでコピーする, API를호출하면, ㄅㄆㄇabc",
            "größe, naïve, Δt = σ_x, 5 µs, 10 kΩ, 4 μs",
            "ตรวจสอบmemcpyก่อนใช้",
            "שלוםmemcpy",
            "e\u{301}te",
        ] {
            assert!(!mixes_scripts(text), "{text}");
        }
        for text in [
            "mеmсру",
            "die Funktion mеmcpy",
            "соmmit",
            "sсоре",
            "检查usеr的长度",
            "user_cоunt",
            "pαssword",
            "paſſwоrd",
            "mꮯmcpy",
            "пaроль",
            "lеngth10",
        ] {
            assert!(mixes_scripts(text), "{text}");
        }
    }
}
