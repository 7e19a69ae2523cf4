//! Fuzzy matching with the syntax of fzf: `'exact ^prefix suffix$ !not`.
//!
//! Owns nucleo-matcher. Best first means: by score, then the shorter text, then the order given.

use super::spellings::composed;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::borrow::Cow;
use std::cmp::Reverse;
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::is_nfc;

/// What is typed, ready to be matched with many texts.
pub struct Fuzzy {
    pattern: Pattern,
    matcher: Matcher,
    buffer: Vec<char>,
}

impl Fuzzy {
    /// Takes what is typed; small letters match capitals too, capitals only themselves.
    pub fn new(typed: &str) -> Self {
        Self {
            pattern: Pattern::parse(&composed(typed), CaseMatching::Smart, Normalization::Smart),
            matcher: Matcher::new(Config::DEFAULT.match_paths()),
            buffer: Vec::new(),
        }
    }

    /// Returns whether everything matches.
    pub fn is_empty(&self) -> bool {
        self.pattern.atoms.is_empty()
    }

    /// Returns how well a text matches, nothing if it does not.
    pub fn score(&mut self, text: &str) -> Option<u32> {
        let text = in_one_spelling(text);
        let text = Utf32Str::new(&text, &mut self.buffer);
        self.pattern.score(text, &mut self.matcher)
    }

    /// Returns the bytes at which the letters begin that match, in order.
    pub fn places(&mut self, text: &str) -> Vec<usize> {
        let mut found = Vec::new();
        let spelled = in_one_spelling(text);
        let letters = Utf32Str::new(&spelled, &mut self.buffer);
        self.pattern.indices(letters, &mut self.matcher, &mut found);
        let letters = text.char_indices().filter(|(_, c)| !is_part_of_letter(*c));
        let starts: Vec<usize> = letters.map(|(i, _)| i).collect();
        let mut bytes: Vec<_> = found
            .into_iter()
            .filter_map(|letter| starts.get(letter as usize).copied())
            .collect();
        bytes.sort_unstable();
        bytes.dedup();
        bytes
    }

    /// Returns the candidates that match, best first; nothing if it was cancelled.
    pub fn rank<'t>(
        &mut self,
        candidates: impl Iterator<Item = u32>,
        text: impl Fn(u32) -> &'t str,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Option<Vec<u32>> {
        if self.is_empty() {
            return Some(candidates.collect());
        }
        let mut scored = Vec::new();
        for (nth, at) in candidates.enumerate() {
            if nth % 1024 == 0 && is_cancelled() {
                return None;
            }
            let item = text(at);
            if let Some(score) = self.score(item) {
                scored.push((Reverse(score), item.len() as u32, at));
            }
        }
        scored.sort_unstable();
        Some(scored.into_iter().map(|(.., at)| at).collect())
    }
}

/// Returns a text with every letter and its marks as one character, as what is typed is.
fn in_one_spelling(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(composed(text))
    }
}

/// Returns whether a character belongs to the letter before it.
fn is_part_of_letter(c: char) -> bool {
    !c.is_ascii() && (is_combining_mark(c) || matches!(c, '\u{1160}'..='\u{11ff}'))
}

/// Returns whether nothing can match `now` that did not match `before`: more was typed behind it, and no sign that
/// turns the meaning of what stands before it.
pub fn narrows(before: &str, now: &str) -> bool {
    let turns = |typed: &str| typed.contains(['!', '$', '\\', '^', '\'']);
    !before.is_empty() && now.starts_with(before) && !turns(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ITEMS: [&str; 4] = ["src/auth.c", "src/auth.h", "tests/auth_test.c", "docs/a.md"];

    fn matches(typed: &str) -> Vec<&'static str> {
        let ranked = Fuzzy::new(typed).rank(0..4, |at| ITEMS[at as usize], &|| false);
        ranked
            .unwrap()
            .into_iter()
            .map(|at| ITEMS[at as usize])
            .collect()
    }

    #[test]
    fn syntax_of_fzf() {
        assert_eq!(matches("authc")[0], "src/auth.c");
        assert_eq!(matches("auth .c$ !test"), ["src/auth.c"]);
        assert_eq!(matches("^docs"), ["docs/a.md"]);
        assert_eq!(matches("'auth_"), ["tests/auth_test.c"]);
        assert_eq!(matches("zzz"), [""; 0]);
        assert_eq!(matches("").len(), 4);
        assert_eq!(Fuzzy::new("ah").places("src/auth.h"), [4, 9]);
    }

    #[test]
    fn a_letter_and_its_mark_are_one_letter_however_they_are_spelled() {
        let spellings = ["src/prüf.c", "src/pru\u{308}f.c"];
        for typed in ["prüf", "pru\u{308}f", "'prüf", "üf .c$"] {
            for text in spellings {
                assert!(Fuzzy::new(typed).score(text).is_some(), "{typed} in {text}");
            }
        }
        assert_eq!(Fuzzy::new("'üf").places(spellings[1]), [6, 9]);
        let syllables = "\u{1100}\u{1165}\u{11b7}\u{1109}\u{1161}.c";
        assert!(Fuzzy::new("검사").score(syllables).is_some());
        assert_eq!(Fuzzy::new("사").places(syllables), [9]);
    }

    #[test]
    fn a_cancelled_ranking_answers_nothing() {
        assert_eq!(Fuzzy::new("a").rank(0..4, |_| "a", &|| true), None);
    }

    proptest! {
        #[test]
        fn what_narrows_loses_matches_only(before in "[a-cA!'^$ ]{0,4}", more in "[a-cA!'^$ ]{0,3}", item in "[a-cA/]{0,8}") {
            let now = format!("{before}{more}");
            if narrows(&before, &now) && Fuzzy::new(&now).score(&item).is_some() {
                prop_assert!(Fuzzy::new(&before).score(&item).is_some());
            }
        }
    }
}
