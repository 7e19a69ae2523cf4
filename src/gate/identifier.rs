//! Vendor identifiers in the typed text: free, counted.
//!
//! Counted is a word of the typed text that looks like an identifier (it holds `_`, a digit behind a letter,
//! or a capital behind a small letter) and that stands in the vendor's text as a whole word. Other words can be asked
//! for, to tell whether they are the vendor's.

use super::bits::COMMON;
use super::idiom::hash_file_name;
use crate::model::{Budget, DeliveredText, Policy, Typed};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The shortest word.
const SHORTEST: usize = 3;

/// The typed side.
pub struct Needle {
    words: HashSet<Vec<u8>>,
    /// By length and letters at the ends, so that most vendor words are passed over unhashed.
    shapes: Box<[bool; 1 << 16]>,
    longest: usize,
}

/// What was found in a part of the corpus.
#[derive(Default)]
pub struct Found(
    pub HashSet<Vec<u8>>,
    /// For each word, hashes of the names of up to [`COMMON`] files that hold it.
    HashMap<Vec<u8>, Vec<u64>>,
);

const PART: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$';
        at += 1;
    }
    table
};

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| !PART[*b as usize])
        .filter(|w| w.len() >= SHORTEST)
}

/// Returns whether a word is written as programs write names and prose does not.
pub fn looks_like_identifier(word: &[u8]) -> bool {
    let pair = |p: &[u8]| {
        (p[0].is_ascii_lowercase() && p[1].is_ascii_uppercase())
            || (p[0].is_ascii_alphabetic() && p[1].is_ascii_digit())
    };
    !word[0].is_ascii_digit() && (word.contains(&b'_') || word.windows(2).any(pair))
}

fn shape(word: &[u8]) -> usize {
    let (first, last, middle) = (word[0], word[word.len() - 1], word[word.len() / 2]);
    let key = u32::from(first) << 24
        | u32::from(last) << 16
        | u32::from(middle) << 8
        | word.len() as u32 & 0xff;
    (key.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

impl Needle {
    /// Takes the identifiers of the typed texts, and `more` words.
    pub fn new<'w>(typed: &'w [Typed], more: impl Iterator<Item = &'w [u8]>) -> Self {
        let all = typed.iter().flat_map(|t| words(t.text.as_bytes()));
        let all = all
            .filter(|w| looks_like_identifier(w))
            .chain(more.filter(|w| w.len() >= SHORTEST));
        let words: HashSet<_> = all.map(<[u8]>::to_vec).collect();
        let mut shapes = vec![false; 1 << 16].into_boxed_slice();
        words.iter().for_each(|w| shapes[shape(w)] = true);
        let longest = words.iter().map(Vec::len).max().unwrap_or(0);
        Self {
            words,
            shapes: shapes.try_into().expect("it was made that long"),
            longest,
        }
    }

    /// Looks at every word of a text, as long as there is one to be found or counted.
    pub fn see(&self, origin: &DeliveredText, text: &[u8], found: &mut Found) {
        let is_counted = |files: &Vec<u64>| files.len() == COMMON;
        let counted = || found.1.values().filter(|f| is_counted(f)).count();
        if found.0.len() == self.words.len() && counted() == self.words.len() {
            return;
        }
        // Only files of a snapshot are counted: history repeats them.
        let file = origin.path().map(|path| hash_file_name(path.as_bytes()));
        let mut from = 0;
        for (at, byte) in text.iter().enumerate() {
            if PART[*byte as usize] {
                continue;
            }
            if at - from >= SHORTEST {
                self.word(&text[from..at], file, found);
            }
            from = at + 1;
        }
        if text.len() >= from + SHORTEST {
            self.word(&text[from..], file, found);
        }
    }

    #[inline]
    fn word(&self, word: &[u8], file: Option<u64>, found: &mut Found) {
        if !self.shapes[shape(word)] || word.len() > self.longest || !self.words.contains(word) {
            return;
        }
        if !found.0.contains(word) {
            found.0.insert(word.to_vec());
        }
        let Some(file) = file else { return };
        match found.1.get_mut(word) {
            Some(files) => add_file(files, file),
            None => _ = found.1.insert(word.to_vec(), vec![file]),
        }
    }
}

fn add_file(files: &mut Vec<u64>, file: u64) {
    if files.len() < COMMON && !files.contains(&file) {
        files.push(file);
    }
}

impl Found {
    /// Takes over what another part has found.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
        for (word, files) in other.1 {
            let own = self.1.entry(word).or_default();
            files.into_iter().for_each(|file| add_file(own, file));
        }
    }

    /// Returns the number of files, by their own names, that hold a word; at most [`COMMON`].
    pub fn file_count(&self, word: &str) -> usize {
        self.1.get(word.as_bytes()).map_or(0, Vec::len)
    }

    /// Returns the budgets of identifiers: the finding with the most, and the bundle's.
    pub fn budgets(&self, typed: &[Typed], policy: &Policy) -> Vec<Budget> {
        let mut by_item: BTreeMap<&str, BTreeSet<&[u8]>> = BTreeMap::new();
        for text in typed {
            let item = text.what.split(' ').next().unwrap_or("");
            let own = words(text.text.as_bytes())
                .filter(|w| looks_like_identifier(w) && self.0.contains(*w));
            by_item.entry(item).or_default().extend(own);
        }
        let most = by_item.values().map(BTreeSet::len).max().unwrap_or(0);
        let all: BTreeSet<&[u8]> = by_item.into_values().flatten().collect();
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
                all.len(),
                policy.identifiers_per_bundle,
            ),
        ]
    }
}
