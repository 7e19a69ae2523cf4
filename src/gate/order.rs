//! Rule `code-run`, for words with filler between: words of the vendor's in the vendor's order.
//!
//! "Then comes `session_count`, after that there is `MAX_SESSIONS` …" copies no run and no line, yet it hands over the
//! code. So both sides are reduced to the words that carry meaning, in order: function words of English, keywords that
//! every program has, and words of one or two letters are dropped. [`RUN`] words in a row that are equal, most of them
//! different from each other, are more than a report shares with a text by chance.
//!
//! It stops and does not block: the list of a structure's fields in their order is honest. A filler that carries
//! meaning itself is not undone; the README says so.

use super::block::Place;
use super::filter::Filter;
use super::idiom::{IdiomGrade, Sightings};
use super::matches::{Match, Spot};
use super::side::Side;
use super::word_finder::{WordFinder, WordUse, each_word};
use crate::model::{DeliveredText, Rule};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

/// Words in a row.
const RUN: usize = 7;
/// How many of them are different.
const DIFFERENT: usize = 6;
/// Letters that all of them have together: short words are in every order somewhere.
const LETTERS: usize = 40;
/// More places than this are not kept for each part of the corpus.
const MOST: usize = 10_000;
/// By what an older word counts more in the hash of a run.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
/// The same for the word that leaves the run.
const LAST_STEP: u64 = power(STEP, RUN as u32);

const fn power(base: u64, times: u32) -> u64 {
    let (mut out, mut i) = (1_u64, 0);
    while i < times {
        out = out.wrapping_mul(base);
        i += 1;
    }
    out
}

/// Words that carry no meaning by themselves: of English, and of programs in most languages.
const DROPPED: &str = "the and that this these those there here then than thus hence with without within into onto from for \
    not nor but are was were been being has have had having does did done can could may might must shall should will would \
    its their they them his her our your you she who whom whose which what when where why how all any both each few more \
    most other others some such only own same too very also again once after before above below between during until while \
    about against over under out off down because since though although however therefore still yet already just even else \
    one two three first second next last comes come follows follow followed word value called named stands written says \
    reads goes gets got let put say said see seen use used uses using \
    int char void bool true false null struct union enum const static return case break continue switch class public \
    private protected function func var let def self new delete include define endif ifdef ifndef unsigned signed long \
    short float double sizeof typedef extern inline fn pub mut impl string";

/// Returns hashes of the dropped words.
fn dropped() -> &'static HashSet<u64> {
    static ALL: OnceLock<HashSet<u64>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = HashSet::new();
        each_word(DROPPED.as_bytes(), |_, hash| _ = all.insert(hash));
        all
    })
}

/// A run of words as it is added to word by word.
#[derive(Default)]
pub struct Window {
    words: [Range<u32>; RUN],
    hashes: [u64; RUN],
    count: usize,
    sum: u64,
}

impl Window {
    /// Adds a word. Returns the hash of the run if there is one.
    fn push(&mut self, word: Range<u32>, hash: u64) -> Option<u64> {
        let slot = self.count % RUN;
        let oldest = if self.count < RUN {
            0
        } else {
            self.hashes[slot]
        };
        self.sum = self
            .sum
            .wrapping_mul(STEP)
            .wrapping_add(hash)
            .wrapping_sub(oldest.wrapping_mul(LAST_STEP));
        self.words[slot] = word;
        self.hashes[slot] = hash;
        self.count += 1;
        (self.count >= RUN).then_some(self.sum)
    }

    /// Begins again: no run holds a word that is in no typed text.
    #[inline]
    fn clear(&mut self) {
        (self.count, self.sum) = (0, 0);
    }

    /// Returns the words of the run, the oldest first.
    fn run(&self) -> [Range<u32>; RUN] {
        std::array::from_fn(|i| self.words[(self.count + i) % RUN].clone())
    }

    /// Returns whether the run says something.
    fn is_telling(&self) -> bool {
        let different: HashSet<u64> = self.hashes.iter().copied().collect();
        let letters: u32 = self.words.iter().map(|w| w.end - w.start).sum();
        different.len() >= DIFFERENT && letters as usize >= LETTERS
    }
}

/// Calls `each` with every word that counts and its hash.
fn telling_words(text: &[u8], mut each: impl FnMut(Range<usize>, u64)) {
    let dropped = dropped();
    each_word(text, |word, hash| {
        if !dropped.contains(&hash) {
            each(word, hash);
        }
    });
}

/// A run of the typed side: the joined text, and the words in it.
type TypedRun = (usize, [Range<u32>; RUN]);

/// The typed side: only the texts themselves.
pub struct Needle<'s> {
    side: &'s Side,
    /// Runs by their hash.
    runs: HashMap<u64, Vec<TypedRun>>,
    filter: Filter,
}

/// What was found in a part of the corpus: the first place of each run.
#[derive(Default)]
pub struct Found(HashMap<(usize, u32), (Spot, u32)>);

impl<'s> Needle<'s> {
    /// Fills the table.
    pub fn new(side: &'s Side) -> Self {
        let mut runs: HashMap<u64, Vec<_>> = HashMap::new();
        for (stream, text) in side.streams.iter().enumerate() {
            let text = text.text.as_bytes();
            let mut window = Window::default();
            telling_words(text, |word, hash| {
                let sum = window.push(word.start as u32..word.end as u32, hash);
                if let Some(sum) = sum.filter(|_| window.is_telling()) {
                    runs.entry(sum).or_default().push((stream, window.run()));
                }
            });
        }
        let mut filter = Filter::new(runs.len());
        runs.keys().for_each(|sum| filter.add(*sum));
        Self { side, runs, filter }
    }

    /// Adds the words of the runs, and those that are dropped, to what is looked for.
    pub fn add_words(&self, finder: &mut WordFinder) {
        if self.runs.is_empty() {
            return;
        }
        for hash in dropped() {
            finder.add(*hash, WordUse::DROPPED, 0);
        }
        for stream in &self.side.streams {
            telling_words(stream.text.as_bytes(), |_, hash| {
                finder.add(hash, WordUse::ORDERED, 0);
            });
        }
    }

    /// Takes the next word of a block. A run over the end of a block is not seen.
    #[inline]
    pub fn see(
        &self,
        (word, hash, uses): (&Range<usize>, u64, WordUse),
        (origin, place): (&DeliveredText, &Place<'_>),
        window: &mut Window,
        found: &mut Found,
    ) {
        if !uses.has(WordUse::ORDERED) {
            if !uses.has(WordUse::DROPPED) {
                window.clear();
            }
            return;
        }
        let sum = window.push(word.start as u32..word.end as u32, hash);
        if let Some(sum) = sum.filter(|sum| self.filter.may_hold(*sum)) {
            self.compare(origin, place, (sum, window), found);
        }
    }

    #[cold]
    fn compare(
        &self,
        origin: &DeliveredText,
        place: &Place<'_>,
        (sum, window): (u64, &Window),
        found: &mut Found,
    ) {
        let text = place.bytes();
        let theirs = window.run();
        for (stream, ours) in self.runs.get(&sum).into_iter().flatten() {
            let typed = self.side.streams[*stream].text.as_bytes();
            let is_equal = ours.iter().zip(&theirs).all(|(a, b)| {
                typed[a.start as usize..a.end as usize]
                    .eq_ignore_ascii_case(&text[b.start as usize..b.end as usize])
            });
            if !is_equal || found.0.len() >= MOST {
                continue;
            }
            let spot = Spot {
                origin: origin.clone(),
                line: place.line_of(place.start() + theirs[0].start as usize),
            };
            found.keep((*stream, ours[0].start), (spot, ours[RUN - 1].end));
        }
    }

    /// Returns the runs found; those that meet on the typed side are one.
    pub fn matches(&self, found: &Found) -> Vec<Match> {
        let mut all: Vec<_> = found.0.iter().collect();
        all.sort();
        let mut out: Vec<Match> = Vec::new();
        for ((stream, start), (spot, end)) in all {
            let (start, end) = (*start as usize, *end as usize);
            match out.last_mut() {
                Some(last) if last.stream == *stream && start < last.range.end => {
                    last.range.end = last.range.end.max(end);
                }
                _ => out.push(Match {
                    stream: *stream,
                    range: start..end,
                    rule: Rule::CodeRun,
                    undone: None,
                    spot: spot.clone(),
                    length: 0,
                    vendor: None,
                    starts_in_literal: false,
                    sightings: Sightings::default(),
                    grade: IdiomGrade::Judged,
                }),
            }
        }
        for found in &mut out {
            let text = &self.side.streams[found.stream].text[found.range.clone()];
            found.length = text.chars().filter(|c| !c.is_whitespace()).count() as u64;
        }
        out
    }
}

impl Found {
    fn keep(&mut self, run: (usize, u32), place: (Spot, u32)) {
        match self.0.get(&run) {
            Some(old) if old <= &place => {}
            _ => _ = self.0.insert(run, place),
        }
    }

    /// Takes over what another part has found.
    pub fn merge(&mut self, other: Self) {
        for (run, place) in other.0 {
            self.keep(run, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RepoPath, Typed};

    const CODE: &str = "static int session_lookup(struct table *table, u32 key)\n{\n\
        \tif (table->count > MAX_SESSIONS)\n\t\treturn -ENOSPC;\n\
        \tmemcpy(table->slots[key].name, packet->payload, packet->length);\n\
        \treturn session_table_find(table, key);\n}\n";

    fn marks(text: &str) -> Vec<Rule> {
        let typed = Typed {
            file: "f".into(),
            line: 1,
            text: text.to_owned(),
            what: "alice/F1 statement".into(),
        };
        let path = RepoPath::new("a.c");
        let marks = crate::gate::mark(&[typed], std::iter::once((&path, CODE.as_bytes())));
        marks.iter().map(|m| m.rule).collect()
    }

    fn of_words(words: &[&str], write: impl Fn(&str) -> String) -> String {
        words.iter().map(|w| write(w)).collect()
    }

    #[test]
    fn words_in_the_vendors_order_are_found_whatever_function_words_stand_between() {
        let mut words = CODE
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect::<Vec<_>>();
        words.retain(|w| !w.is_empty());
        for write in [
            |w: &str| format!("{w}\nthen\n"),
            |w: &str| format!("{w} then "),
            |w: &str| format!("After that there is {w} in it. "),
            |w: &str| format!("- and `{w}` too\n\n"),
        ] {
            let rules = marks(&of_words(&words, write));
            let is_asked = rules.iter().all(|rule| *rule == Rule::CodeRun);
            assert!(is_asked && !rules.is_empty(), "{}: {rules:?}", write("x"));
        }
        let mut other = words.clone();
        other.sort_unstable();
        let sentence = |w: &str| format!("After that there is {w} in it. ");
        assert_eq!(
            marks(&of_words(&other, sentence)),
            [],
            "the control: another order"
        );
        let few = ["memcpy", "table", "slots", "key", "name", "packet"];
        assert_eq!(marks(&of_words(&few, sentence)), [], "too few");
    }

    #[test]
    fn a_report_on_the_code_passes() {
        for text in [
            "`session_lookup` compares `table->count` with MAX_SESSIONS and returns -ENOSPC; the name of the slot is then \
             copied with the length of the packet, which nobody has compared with the size of the slot.",
            "The length of the packet's payload is not checked before memcpy copies it into the name of a slot of the table.",
        ] {
            assert_eq!(marks(text), [], "{text}");
        }
    }

    #[test]
    fn a_word_is_dropped_only_if_it_is_in_the_list() {
        let kept = |text: &str| {
            let mut kept = Vec::new();
            telling_words(text.as_bytes(), |word, _| kept.push(text[word].to_owned()));
            kept
        };
        let text = "Therefore the Session of one protected_name is a struct; THEN some_call(x) returns protections";
        assert_eq!(
            kept(text),
            [
                "Session",
                "protected_name",
                "some_call",
                "returns",
                "protections"
            ]
        );
        assert_eq!(kept(DROPPED), [""; 0]);
    }
}
