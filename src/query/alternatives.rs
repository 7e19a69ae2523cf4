//! Regexes that are nothing but many plain words between `|`.
//!
//! A regex is short ([`REGEX_BYTES`]), because a class such as `\W` is hundreds of times larger than what is typed.
//! A list of words is not: put together by their common beginnings, ten thousand of them are an automaton of a few
//! megabytes.

use crate::text;
use std::collections::BTreeMap;

/// Longest regex, in bytes.
pub(super) const REGEX_BYTES: usize = 2_000;
/// Words in one another that are followed: `a`, `ab`, `abc`, …
const DEPTH: usize = 200;

/// Returns the words of a regex that is longer than a regex may be and nothing but words; nothing otherwise.
pub(super) fn words(regex: &str) -> Option<Vec<String>> {
    if regex.len() <= REGEX_BYTES {
        return None;
    }
    let mut words = vec![String::new()];
    let mut chars = regex.chars();
    while let Some(c) = chars.next() {
        let word = words.last_mut()?;
        match c {
            '|' if word.is_empty() => return None,
            '|' => words.push(String::new()),
            '\\' => word.push(chars.next().filter(char::is_ascii_punctuation)?),
            '.' | '+' | '*' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' => return None,
            c => word.push(c),
        }
    }
    words.last().is_some_and(|w| !w.is_empty()).then_some(words)
}

#[derive(Default)]
struct Node {
    next: BTreeMap<char, usize>,
    is_end: bool,
}

/// Returns a regex that finds what the words find, the first of those that begin at one place; nothing if they stand
/// in one another too deep. Without case the words are folded, which a regex without case does not notice.
pub(super) fn regex(words: &[String], is_case_sensitive: bool) -> Option<String> {
    let mut nodes = vec![Node::default()];
    for word in words {
        let mut at = 0;
        for c in word.chars() {
            if nodes[at].is_end {
                break;
            }
            let c = if is_case_sensitive {
                c
            } else {
                text::fold_char(c)
            };
            let fresh = nodes.len();
            let next = *nodes[at].next.entry(c).or_insert(fresh);
            if next == fresh {
                nodes.push(Node::default());
            }
            at = next;
        }
        // A word is not looked for behind an earlier one that begins it. One that came before this one stays the
        // first choice, because whatever goes on is tried before the end.
        nodes[at].is_end = true;
    }
    let mut out = String::new();
    write(&nodes, 0, &mut out, 0)?;
    Some(out)
}

fn write(nodes: &[Node], mut at: usize, out: &mut String, depth: usize) -> Option<()> {
    if depth > DEPTH {
        return None;
    }
    loop {
        let node = &nodes[at];
        match node.next.iter().next() {
            None => return Some(()),
            Some((c, next)) if node.next.len() == 1 && !node.is_end => {
                push(out, *c);
                at = *next;
            }
            Some(_) => break,
        }
    }
    let node = &nodes[at];
    out.push_str("(?:");
    for (i, (c, next)) in node.next.iter().enumerate() {
        if i > 0 {
            out.push('|');
        }
        push(out, *c);
        write(nodes, *next, out, depth + 1)?;
    }
    out.push_str(if node.is_end { ")?" } else { ")" });
    Some(())
}

fn push(out: &mut String, c: char) {
    out.push_str(&regex_syntax::escape(c.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_long_lists_of_words_are_taken() {
        let long = |unit: &str| vec![unit; 1000].join("|");
        assert_eq!(words("a|b"), None, "short");
        assert_eq!(words(&long("foo")).map(|w| w.len()), Some(1000));
        assert_eq!(words(&long(r"a\.b\|c")).unwrap()[7], "a.b|c");
        for other in ["a.b", "a+b", r"\bfoo", r"\d", "(ab)", "a||b", "^ab", "ab$"] {
            assert_eq!(words(&long(other)), None, "{other}");
        }
        assert_eq!(words(&format!("{}|", long("foo"))), None);
        let nested: Vec<String> = (1..900).rev().map(|n| "a".repeat(n)).collect();
        assert_eq!(regex(&nested, true), None);
    }

    proptest! {
        #[test]
        fn words_put_together_find_what_they_find_one_by_one(
            words in proptest::collection::vec("[abkK\u{212a}.]{1,5}", 1..12),
            text in "[abkK\u{212a}. ]{0,40}",
            is_case_sensitive: bool,
        ) {
            let escaped: Vec<String> = words.iter().map(|w| regex_syntax::escape(w)).collect();
            let build = |source: &str| {
                regex::RegexBuilder::new(source).case_insensitive(!is_case_sensitive).build().unwrap()
            };
            let (plain, joined) = (build(&escaped.join("|")), build(&regex(&words, is_case_sensitive).unwrap()));
            let found = |regex: &regex::Regex| -> Vec<_> { regex.find_iter(&text).map(|m| m.range()).collect() };
            prop_assert_eq!(found(&plain), found(&joined));
        }
    }
}
