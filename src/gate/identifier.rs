//! Vendor identifiers in the typed text: free, counted.
//!
//! Counted is a word of the typed text that looks like an identifier (it holds `_`, a digit behind a letter,
//! or a capital behind a small letter) and that stands in the vendor's text as a whole word. Other words can be asked
//! for, to tell whether they are the vendor's.

use super::bits::COMMON;
use super::idiom::hash_file_name;
use super::word_finder::{SHORTEST, WordFinder, WordUse, hash_word};
use crate::model::{Budget, DeliveredText, Policy, Typed};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

/// The typed side.
pub struct Needle {
    /// The words with their hashes, which are equal for words that differ in case alone, in this order.
    words: Vec<(u64, Vec<u8>)>,
    longest: usize,
    has_dollar: bool,
}

/// What was found in a part of the corpus: for each word that was, hashes of the names of up to [`COMMON`] files that hold
/// it.
#[derive(Default)]
pub struct Found(Vec<Option<Vec<u64>>>);

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

impl Needle {
    /// Takes the identifiers of the typed texts, and `more` words.
    pub fn new<'w>(typed: &'w [Typed], more: impl Iterator<Item = &'w [u8]>) -> Self {
        let all = typed.iter().flat_map(|t| words(t.text.as_bytes()));
        let all = all
            .filter(|w| looks_like_identifier(w))
            .chain(more.filter(|w| w.len() >= SHORTEST));
        let all: HashSet<&[u8]> = all.collect();
        let mut words: Vec<_> = all.iter().map(|w| (hash_word(w), w.to_vec())).collect();
        words.sort_unstable();
        Self {
            longest: words.iter().map(|(_, w)| w.len()).max().unwrap_or(0),
            has_dollar: words.iter().any(|(_, w)| w.contains(&b'$')),
            words,
        }
    }

    /// Adds the words to what is looked for.
    pub fn add_words(&self, finder: &mut WordFinder) {
        for (number, (hash, _)) in self.words.iter().enumerate() {
            finder.add(*hash, WordUse::NAME, number as u32);
        }
    }

    /// Looks at a word of a text that may be one of those with the same hash, the first of which has this number.
    pub fn see(&self, text: &CountedText<'_>, word: Range<usize>, first: u32, found: &mut Found) {
        let is_part = |at: Option<&u8>| at.is_some_and(|b| PART[*b as usize]);
        let before = word.start.checked_sub(1).and_then(|at| text.bytes.get(at));
        // A `$`, or the end of a block within a word.
        if is_part(before) || is_part(text.bytes.get(word.end)) {
            return;
        }
        let word = &text.bytes[word];
        let hash = self.words[first as usize].0;
        let same = self.words[first as usize..].iter();
        let mut same = same.take_while(|(h, _)| *h == hash).zip(first as usize..);
        if let Some((_, number)) = same.find(|((_, own), _)| own == word) {
            self.keep(number, text.file, found);
        }
    }

    /// Looks at the words of a block that hold a `$` or go on behind the block.
    pub fn see_rest(&self, text: &CountedText<'_>, block: Range<usize>, found: &mut Found) {
        if self.words.is_empty() {
            return;
        }
        let end = block.end;
        if end < text.bytes.len() && PART[text.bytes[end] as usize] {
            self.see_around(text, end, found);
        }
        if !self.has_dollar {
            return;
        }
        for at in memchr::memchr_iter(b'$', &text.bytes[block.clone()]) {
            self.see_around(text, block.start + at, found);
        }
    }

    /// Looks at the word that holds a byte.
    fn see_around(&self, text: &CountedText<'_>, at: usize, found: &mut Found) {
        let is_end = |b: &u8| !PART[*b as usize];
        let least = at.saturating_sub(self.longest);
        let most = (at + self.longest).min(text.bytes.len());
        let start = text.bytes[least..at].iter().rposition(is_end);
        let end = text.bytes[at..most].iter().position(is_end);
        let word =
            &text.bytes[start.map_or(least, |i| least + i + 1)..end.map_or(most, |i| at + i)];
        let is_too_long = start.is_none() && least > 0 || end.is_none() && most < text.bytes.len();
        if let Some(number) = self.find(word).filter(|_| !is_too_long) {
            self.keep(number, text.file, found);
        }
    }

    /// Returns the number of a word.
    fn find(&self, word: &[u8]) -> Option<usize> {
        let key = (hash_word(word), word);
        let find = |(hash, own): &(u64, Vec<u8>)| (*hash, own.as_slice()).cmp(&key);
        self.words.binary_search_by(find).ok()
    }

    fn keep(&self, number: usize, file: Option<u64>, found: &mut Found) {
        found.0.resize(self.words.len(), None);
        let files = found.0[number].get_or_insert_default();
        if let Some(file) = file {
            add_file(files, file);
        }
    }

    /// Returns the words that were found.
    pub fn known(&self, found: &Found) -> HashSet<Vec<u8>> {
        let known = self.words.iter().zip(&found.0);
        let known = known.filter(|(_, files)| files.is_some());
        known.map(|((_, word), _)| word.clone()).collect()
    }

    /// Returns the number of files, by their own names, that hold a word; at most [`COMMON`].
    pub fn file_count(&self, found: &Found, word: &str) -> usize {
        let number = self.find(word.as_bytes());
        let files = number.and_then(|number| found.0.get(number)?.as_ref());
        files.map_or(0, Vec::len)
    }
}

/// A text of the vendor's, in which words are counted by its file.
pub struct CountedText<'t> {
    /// All of it.
    bytes: &'t [u8],
    /// The hash of its file's name. Only files of a snapshot are counted: history repeats them.
    file: Option<u64>,
}

impl<'t> CountedText<'t> {
    /// Takes a text.
    pub fn new(origin: &DeliveredText, bytes: &'t [u8]) -> Self {
        let file = origin.path().map(|path| hash_file_name(path.as_bytes()));
        Self { bytes, file }
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
        let count = self.0.len().max(other.0.len());
        self.0.resize(count, None);
        for (own, other) in self.0.iter_mut().zip(other.0) {
            let Some(files) = other else { continue };
            let own = own.get_or_insert_default();
            files.into_iter().for_each(|file| add_file(own, file));
        }
    }
}

/// Returns the budgets of identifiers, given those that are known to the vendor: the finding with the most, and the
/// bundle's.
pub fn budgets(known: &HashSet<Vec<u8>>, typed: &[Typed], policy: &Policy) -> Vec<Budget> {
    let mut by_item: BTreeMap<&str, BTreeSet<&[u8]>> = BTreeMap::new();
    for text in typed {
        let item = text.what.split(' ').next().unwrap_or("");
        let own =
            words(text.text.as_bytes()).filter(|w| looks_like_identifier(w) && known.contains(*w));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::side::Side;
    use crate::model::RepoPath;
    use proptest::prelude::*;

    /// Words that are looked for: some differ in case or in a `$` alone.
    const NAMES: [&str; 8] = [
        "ab_c",
        "AB_C",
        "$ab_c",
        "a$b_c",
        "$$$",
        "abcd",
        "x1",
        "a_very_long_name_that_is_hashed_in_pieces",
    ];

    /// Returns which of the words the gate finds in a text.
    fn known(text: &[u8]) -> BTreeSet<Vec<u8>> {
        let side = Side::default();
        let names = NAMES.iter().map(|name| name.as_bytes());
        let needle = crate::gate::Needle::new(&side, &[], names);
        let mut found = crate::gate::Found::default();
        let passage = crate::gate::Passage {
            origin: &DeliveredText::File(RepoPath::new("a.c")),
            first_line: 1,
            text,
        };
        needle.see(
            passage,
            &mut crate::gate::Block::default(),
            &mut found,
            &|| false,
        );
        let known = needle.names.known(&found.names);
        let count = |name: &&Vec<u8>| {
            let name = std::str::from_utf8(name).unwrap();
            needle.names.file_count(&found.names, name) == 1
        };
        assert_eq!(known.iter().filter(count).count(), known.len());
        known.into_iter().collect()
    }

    /// Returns the same, told from all words of the text.
    fn wanted(text: &[u8]) -> BTreeSet<Vec<u8>> {
        let is_asked = |word: &&[u8]| NAMES.iter().any(|name| name.as_bytes() == *word);
        words(text).filter(is_asked).map(<[u8]>::to_vec).collect()
    }

    proptest! {
        #[test]
        fn whole_words_alone_are_found(words in proptest::collection::vec(
            (proptest::sample::select(NAMES.to_vec()), "[ $a\\n]{0,2}"), 0..6,
        )) {
            let text: String = words.iter().flat_map(|(word, behind)| [*word, behind]).collect();
            prop_assert_eq!(known(text.as_bytes()), wanted(text.as_bytes()), "{}", text);
        }
    }

    #[test]
    fn words_over_the_end_of_a_block_are_whole() {
        // A block of a text without line ends is as long as this.
        let end = 256 << 10;
        for name in NAMES {
            for (before, behind) in [("", ""), ("$", ""), ("z", ""), ("", "z"), ("", "$")] {
                for cut in [0, 1, 2, name.len()] {
                    let mut text = vec![b' '; end - cut - before.len()];
                    for piece in [before, name, behind] {
                        text.extend(piece.as_bytes());
                    }
                    text.extend(b" and the rest");
                    assert_eq!(known(&text), wanted(&text), "{before}{name}{behind} {cut}");
                }
            }
        }
    }
}
