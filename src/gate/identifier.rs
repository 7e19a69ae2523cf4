//! Vendor identifiers in the typed text: free, counted.
//!
//! Counted is a word of the typed text that looks like an identifier (it holds `_`, a digit behind a letter,
//! or a capital behind a small letter) and that stands in the vendor's text as a whole word.

use crate::model::{Budget, Policy, Typed};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The typed side.
pub struct Needle {
    words: HashSet<Vec<u8>>,
    /// By length and last byte, so that most vendor words are passed over unhashed.
    shapes: HashSet<(usize, u8)>,
    longest: usize,
}

/// What one pass over a part of the corpus has found.
pub struct Scan<'n> {
    needle: &'n Needle,
    found: HashSet<Vec<u8>>,
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| !is_part(*b)).filter(|w| w.len() >= 3)
}

fn looks_like_identifier(word: &[u8]) -> bool {
    let pair = |p: &[u8]| {
        (p[0].is_ascii_lowercase() && p[1].is_ascii_uppercase())
            || (p[0].is_ascii_alphabetic() && p[1].is_ascii_digit())
    };
    !word[0].is_ascii_digit() && (word.contains(&b'_') || word.windows(2).any(pair))
}

impl Needle {
    pub fn new(typed: &[Typed]) -> Self {
        let all = typed.iter().flat_map(|t| words(t.text.as_bytes()));
        let words: HashSet<_> = all
            .filter(|w| looks_like_identifier(w))
            .map(<[u8]>::to_vec)
            .collect();
        let shapes = words.iter().map(|w| (w.len(), w[w.len() - 1])).collect();
        let longest = words.iter().map(Vec::len).max().unwrap_or(0);
        Self {
            words,
            shapes,
            longest,
        }
    }

    pub fn scan(&self) -> Scan<'_> {
        Scan {
            needle: self,
            found: HashSet::new(),
        }
    }
}

impl Scan<'_> {
    /// Looks at every word of one file, as long as there is one to be found.
    pub fn see(&mut self, _: &crate::model::RepoPath, text: &[u8]) {
        let needle = self.needle;
        if self.found.len() == needle.words.len() {
            return;
        }
        for word in words(text) {
            if word.len() <= needle.longest
                && looks_like_identifier(word)
                && needle.shapes.contains(&(word.len(), word[word.len() - 1]))
                && needle.words.contains(word)
                && !self.found.contains(word)
            {
                self.found.insert(word.to_vec());
            }
        }
    }

    /// Takes over what another part has found.
    pub fn merge(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    /// Returns the budgets of identifiers: the bundle's, and the finding with the most.
    pub fn budgets(&self, typed: &[Typed], policy: &Policy) -> Vec<Budget> {
        let mut by_item: BTreeMap<&str, BTreeSet<&[u8]>> = BTreeMap::new();
        for text in typed {
            let item = text.what.split(' ').next().unwrap_or("");
            let known = words(text.text.as_bytes()).filter(|w| self.found.contains(*w));
            by_item.entry(item).or_default().extend(known);
        }
        let most = by_item.values().map(BTreeSet::len).max().unwrap_or(0);
        let budget = |name: &str, used: usize, limit: u32| Budget {
            name: name.to_owned(),
            used: used as u64,
            limit: u64::from(limit),
        };
        vec![
            budget(
                "identifiers_per_finding",
                most,
                policy.identifiers_per_finding,
            ),
            budget(
                "identifiers_per_bundle",
                self.found.len(),
                policy.identifiers_per_bundle,
            ),
        ]
    }
}
