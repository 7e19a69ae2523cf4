//! Rule `run-32`: a run of 32 or more letters and digits that also stands in a snapshot.
//!
//! Every gram of 32 letters of the typed side is in a table. The vendor's letters stream past it: at every ninth
//! position the hash of 24 letters is looked for in a filter, and every run of 32 covers one such position whole,
//! wherever it begins. Only where the filter says "maybe" are the nine grams around looked up, and compared byte by
//! byte. For each distinct gram the first place is kept, places with a token break before places without, then by
//! path. Grams that follow each other on both sides form a run.
//!
//! Letters of scripts without spaces weigh more, so that a run of them is shorter (`script`). Grams that hold one have a
//! table of their own, which is asked at every position; a block without such letters costs nothing.
//!
//! A run is free if the vendor's side is a single token, or if the typed side is a single token that is a path of
//! the snapshot, or if what is left of it behind well-known phrases is shorter. Keywords and generic names at an end do not count, as in
//! `return` and a long name, or `config` behind one, nor do up to three letters: the `o` of "`find_by_service_type` of", or the `s e` of
//! "`find_by_service_type`'s end", meet any vendor word that begins so behind that name by chance.

use super::block::{Block, Place, RUN};
use super::filter::{Filter, Grams, hash_24};
use super::idiom::{IdiomGrade, Sightings, is_in_literal, join_spellings, spelling};
use super::matches::{Match, Spot};
use super::script::{self, WeightedGrams};
use super::side::Side;
use super::vocabulary::bits_of_known_word;
use super::{filter, phrase, token};
use crate::model::{DeliveredText, Rule};
use crate::text::{Keep, normalise_each};
use std::collections::{HashMap, HashSet};

/// Letters that the filter looks at.
const SEED: usize = 24;
/// Distance of the positions at which it is asked.
const STEP: usize = RUN - SEED + 1;
/// Letters at a run's end that may be chance.
pub const CHANCE: usize = 3;
/// A position at which no gram begins.
const NONE: u32 = u32::MAX;

/// The typed side.
pub struct Needle<'s> {
    side: &'s Side,
    /// For each letter, the first position of the gram that begins there.
    grams: Vec<u32>,
    /// For each letter, the number of letters of that gram; at most [`RUN`].
    lengths: Vec<u8>,
    table: Grams<RUN>,
    filter: Filter,
    /// First positions of the grams that hold a letter of a script without spaces.
    unspaced: WeightedGrams,
    unspaced_filter: Filter,
    /// Typed tokens that may be paths.
    paths: HashSet<Vec<u8>>,
}

/// Where a gram stands in the vendor's text.
#[derive(Clone, Debug)]
struct Hit {
    spot: Spot,
    /// Its position among the letters of the file.
    index: usize,
    /// Bit `i` is set if a token ends between letters `i` and `i + 1` of the gram.
    breaks: u32,
    /// The exact forms are equal too, and the typed text is not one that was undone.
    is_plain: bool,
    /// The gram as the vendor spells it.
    text: Box<str>,
    /// It begins inside a string literal.
    starts_in_literal: bool,
}

/// What was found in a part of the corpus.
#[derive(Default)]
pub struct Found {
    hits: HashMap<u32, Hit>,
    /// Typed tokens that are paths.
    pub paths: HashSet<Vec<u8>>,
}

impl<'s> Needle<'s> {
    /// Fills the tables. `paths` are typed tokens that may be paths.
    pub fn new(side: &'s Side, paths: HashSet<Vec<u8>>) -> Self {
        let letters = &side.letters.bytes;
        let mut needle = Self {
            side,
            grams: vec![NONE; letters.len()],
            lengths: vec![0; letters.len()],
            table: Grams::new(),
            filter: Filter::new(0),
            unspaced: WeightedGrams::default(),
            unspaced_filter: Filter::new(0),
            paths,
        };
        let mut unspaced = Vec::new();
        for view in &side.views {
            let start = view.letters.start;
            script::each_gram(&letters[view.letters.clone()], |gram| {
                let at = start + gram.at;
                needle.lengths[at] = gram.length as u8;
                if gram.has_unspaced {
                    unspaced.push(at);
                } else {
                    needle.grams[at] = needle.table.add(letters, at as u32);
                }
            });
        }
        needle.filter = Filter::new(needle.table.count());
        let mut added = 0;
        for at in (0..letters.len()).filter(|at| needle.grams[*at] == *at as u32) {
            // The vendor's letters are asked at one of nine positions.
            for seed in added.max(at)..at + STEP {
                needle.filter.add(hash_24(&letters[seed..]));
            }
            added = at + STEP;
        }
        needle.unspaced = WeightedGrams::new(unspaced.len());
        needle.unspaced_filter = Filter::new(unspaced.len());
        for at in unspaced {
            let gram = &letters[at..at + usize::from(needle.lengths[at])];
            needle.unspaced_filter.add(filter::hash(gram));
            needle.grams[at] = needle.unspaced.add(letters, &needle.lengths, at);
        }
        needle
    }

    fn is_empty(&self) -> bool {
        self.grams.iter().all(|g| *g == NONE)
    }

    /// Notices which typed tokens are paths.
    pub fn see_path(&self, origin: &DeliveredText, found: &mut Found) {
        let Some(path) = origin.path().filter(|_| !self.paths.is_empty()) else {
            return;
        };
        let bytes = path.as_bytes();
        let starts = memchr::memchr_iter(b'/', bytes).map(|i| i + 1);
        let suffixes = std::iter::once(0).chain(starts).map(|i| &bytes[i..]);
        let known = suffixes.filter(|s| self.paths.contains(*s));
        found.paths.extend(known.map(<[u8]>::to_vec));
    }

    /// Streams a block past the tables.
    pub fn see(&self, origin: &DeliveredText, block: &Block, place: &Place<'_>, found: &mut Found) {
        let letters = block.letters();
        let mut at = 0;
        while at + SEED <= letters.len() {
            if self.filter.may_hold(hash_24(&letters[at..])) {
                self.look_up(origin, block, place, at, found);
            }
            at += STEP;
        }
        if self.unspaced.is_empty() || !block.has_unspaced() {
            return;
        }
        let typed = &self.side.letters.bytes;
        script::each_unspaced_gram(letters, |gram| {
            let own = &letters[gram.at..gram.at + gram.length];
            if self.unspaced_filter.may_hold(filter::hash(own))
                && let Some(known) = self.unspaced.find(typed, &self.lengths, own)
            {
                self.keep(origin, block, place, (gram.at, known), found);
            }
        });
    }

    /// Looks up every gram that covers the seed at a position.
    #[cold]
    fn look_up(
        &self,
        origin: &DeliveredText,
        block: &Block,
        place: &Place<'_>,
        seed: usize,
        found: &mut Found,
    ) {
        let letters = block.letters();
        let typed = &self.side.letters.bytes;
        let last = seed.min(letters.len().saturating_sub(RUN));
        for at in (seed + 1).saturating_sub(STEP)..=last {
            if letters.len() < at + RUN {
                return;
            }
            if let Some(gram) = self.table.find(typed, &letters[at..at + RUN]) {
                self.keep(origin, block, place, (at, gram), found);
            }
        }
    }

    /// Keeps a hit if it is better than the one known.
    fn keep(
        &self,
        origin: &DeliveredText,
        block: &Block,
        place: &Place<'_>,
        (at, gram): (usize, u32),
        found: &mut Found,
    ) {
        let index = place.letters_before + at;
        let old = found.hits.get(&gram);
        let is_later = |o: &Hit| (&o.spot.origin, o.index) <= (origin, index);
        // Most of a file that repeats itself is passed over here.
        if old.is_some_and(|o| o.breaks != 0 && o.is_plain && is_later(o)) {
            return;
        }
        let letters = &block.letters()[at..at + self.length(gram)];
        let offsets = &block.letters_at(place)[at..at + self.length(gram)];
        let breaks = breaks(place.text, letters, offsets);
        let is_plain = self.is_plain(place.text, offsets, gram as usize);
        let key = |breaks: u32, is_plain: bool| (breaks == 0, !is_plain);
        let is_worse = |o: &Hit| {
            let (old, new) = (key(o.breaks, o.is_plain), key(breaks, is_plain));
            old < new || old == new && is_later(o)
        };
        if old.is_some_and(is_worse) {
            return;
        }
        let hit = Hit {
            spot: Spot {
                origin: origin.clone(),
                line: place.line_of(offsets[0] as usize),
            },
            index,
            breaks,
            is_plain,
            text: spelling(place.text, offsets).into(),
            starts_in_literal: is_in_literal(place.text, offsets[0] as usize),
        };
        found.hits.insert(gram, hit);
    }

    /// Returns whether typed and vendor's letters are equal in the exact form.
    fn is_plain(&self, text: &[u8], offsets: &[u32], gram: usize) -> bool {
        let view = self.side.view_of_letter(gram);
        if view.undone.is_some() {
            return false;
        }
        let last = offsets[offsets.len() - 1] as usize;
        let theirs = &text[offsets[0] as usize..(last + token::width(text, last)).min(text.len())];
        let ours = self
            .side
            .source(view, &self.side.letters, gram..gram + offsets.len());
        let ours = &self.side.streams[view.stream].text.as_bytes()[ours];
        exact(ours) == exact(theirs)
    }

    /// Returns the runs that are not free.
    pub fn matches(&self, found: &Found) -> Vec<Match> {
        let mut out = Vec::new();
        if self.is_empty() {
            return out;
        }
        let hit = |at: usize| found.hits.get(self.grams.get(at)?);
        let mut at = 0;
        while at < self.grams.len() {
            let Some(start) = hit(at) else {
                at += 1;
                continue;
            };
            let mut hits = vec![start];
            while let Some(next) = hit(at + hits.len())
                && next.spot.origin == start.spot.origin
                && next.index == start.index + hits.len()
            {
                hits.push(next);
            }
            if !self.is_free(at, &hits, found) {
                out.push(self.run(at, &hits));
            }
            at += hits.len();
        }
        out
    }

    /// Returns the number of letters of the gram that begins at a position of the typed letters.
    fn length(&self, gram: u32) -> usize {
        usize::from(self.lengths[gram as usize])
    }

    /// Returns the number of letters of a run, given where it begins and how many grams of it were found.
    fn run_length(&self, at: usize, hits: usize) -> usize {
        let last = at + hits - 1;
        // No gram ends before one that begins earlier does.
        hits - 1 + self.length(self.grams[last])
    }

    fn run(&self, at: usize, hits: &[&Hit]) -> Match {
        let length = self.run_length(at, hits.len());
        let view = self.side.view_of_letter(at);
        let is_plain = view.undone.is_none() && hits.iter().any(|h| h.is_plain);
        Match {
            stream: view.stream,
            range: self.side.source(view, &self.side.letters, at..at + length),
            rule: if is_plain {
                Rule::Run32
            } else {
                Rule::Disguise
            },
            undone: view.undone,
            spot: hits[0].spot.clone(),
            length: length as u64,
            vendor: Some(join_spellings(
                hits.iter().map(|h| &*h.text),
                char::is_alphanumeric,
            )),
            starts_in_literal: hits[0].starts_in_literal,
            sightings: Sightings::default(),
            grade: IdiomGrade::Judged,
        }
    }

    fn is_free(&self, at: usize, hits: &[&Hit], found: &Found) -> bool {
        let letters = self.run_length(at, hits.len());
        let last = hits[hits.len() - 1];
        let breaks_after = |i: usize| match hits.get(i) {
            Some(hit) => hit.breaks & 1 != 0,
            None => last.breaks >> (i + 1 - hits.len()) & 1 != 0,
        };
        let ends: Vec<usize> = (0..letters - 1)
            .filter(|i| breaks_after(*i))
            .map(|i| i + 1)
            .collect();
        let view = self.side.view_of_letter(at);
        let says_nothing = |from: usize, to: usize| {
            let typed = self
                .side
                .source(view, &self.side.letters, at + from..at + to);
            let typed = &self.side.streams[view.stream].text[typed];
            bits_of_known_word(typed).is_some_and(|bits| bits <= 1)
        };
        // In a script without spaces each letter ends a token, and none is there by chance.
        let is_chance = |from: usize, to: usize| {
            let cut = &self.side.letters.bytes[at + from..at + to];
            !cut.iter().any(|b| script::is_unspaced(*b))
        };
        let (mut first, mut end) = (0, letters);
        let (mut chance_before, mut chance_after) = (0, 0);
        for cut in &ends {
            if !is_chance(first, *cut) {
                break;
            }
            if !says_nothing(first, *cut) {
                chance_before += cut - first;
                if chance_before > CHANCE {
                    break;
                }
            }
            first = *cut;
        }
        for cut in ends.iter().rev().take_while(|cut| **cut > first) {
            if !is_chance(*cut, end) {
                break;
            }
            if !says_nothing(*cut, end) {
                chance_after += end - cut;
                if chance_after > CHANCE {
                    break;
                }
            }
            end = *cut;
        }
        let is_one_vendor_token = ends.iter().all(|e| *e <= first || *e >= end);
        if is_one_vendor_token || self.is_known_path(at + first, at + end, found) {
            return true;
        }
        let judged = &self.side.letters.bytes[at + first..at + end];
        if judged.iter().any(|b| script::is_unspaced(*b)) {
            return !script::is_full(judged, |i| breaks_after(first + i));
        }
        phrase::covers(
            &self.side.letters.bytes[view.letters.clone()],
            at - view.letters.start,
            letters,
        )
    }

    /// Returns whether the typed letters `first..end` stand in one token that is a path of the snapshot.
    fn is_known_path(&self, first: usize, end: usize, found: &Found) -> bool {
        let view = self.side.view_of_letter(first);
        if found.paths.is_empty() {
            return false;
        }
        let text = self.side.streams[view.stream].text.as_bytes();
        let offsets = &self.side.letters.at[first..end];
        let token = token::path_around(text, offsets[0] as usize);
        // A file's name may be written in any script, and what is undone may leave it as it is.
        offsets.iter().all(|at| token.contains(&(*at as usize)))
            && found.paths.contains(&text[token])
    }
}

impl Found {
    /// Takes over what another part has found.
    pub fn merge(&mut self, other: Self) {
        self.paths.extend(other.paths);
        for (gram, hit) in other.hits {
            let key = |h: &Hit| (h.breaks == 0, !h.is_plain, h.spot.origin.clone(), h.index);
            if self.hits.get(&gram).is_none_or(|old| key(&hit) < key(old)) {
                self.hits.insert(gram, hit);
            }
        }
    }
}

/// Returns between which letters, given in the coarse form and by their offsets, a token of the vendor's ends.
fn breaks(text: &[u8], letters: &[u8], offsets: &[u32]) -> u32 {
    let is_break = |i: usize| {
        let (a, b) = (offsets[i] as usize, offsets[i + 1] as usize);
        letters[i..=i + 1].iter().any(|b| script::is_unspaced(*b))
            || a != b && !token::is_joined(&text[(a + token::width(text, a)).min(b)..b])
    };
    let each = 0..offsets.len().saturating_sub(1);
    each.filter(|i| is_break(*i))
        .fold(0, |bits, i| bits | 1 << i)
}

fn exact(bytes: &[u8]) -> Vec<char> {
    let mut out = Vec::with_capacity(bytes.len());
    normalise_each(bytes, Keep::Letters, |c, _| {
        out.push(c);
        true
    });
    out
}
