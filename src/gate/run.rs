//! Rule `run-32`: a run of 32 or more letters and digits that also stands in a snapshot.
//!
//! Every 32-gram of the typed text is put into a table under a rolling hash; the vendor's letters stream
//! past it. For each distinct gram the first place is kept, places with a token break before places
//! without, then by path. Grams that follow each other on both sides form a run.
//!
//! A run is free if the vendor's side is a single token, or if the typed side is a single token that is a
//! path of the snapshot. Up to three letters at an end do not count if they are a part of a longer typed
//! word: the `o` of "`find_by_service_type` of" meets any vendor word in `o` behind that name by chance.

use super::filter::Filter;
use super::{Place, line_of, overlap, token};
use crate::model::{Overlap, RepoPath, Rule, Typed};
use crate::text::{Keep, normalise, normalise_each};
use std::collections::{HashMap, HashSet};

/// The shortest run that is judged.
const RUN: usize = 32;
/// Letters at a run's end that may be chance.
const CHANCE: usize = 3;
const BASE: u64 = 0x0100_0000_01b3;

/// The typed side.
pub struct Needle {
    chars: Vec<char>,
    /// For each character, its text and offset.
    from: Vec<(u32, u32)>,
    /// For each position, which distinct gram starts there.
    grams: Vec<u32>,
    /// For each distinct gram, its first position.
    first: Vec<u32>,
    table: HashMap<u64, Vec<u32>>,
    filter: Filter,
    /// `BASE` to the power of `RUN`: what the oldest character weighs when it leaves.
    leaving: u64,
    /// Typed tokens that hold a slash.
    paths: HashSet<Vec<u8>>,
}

/// Where a gram stands in the vendor's text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    is_one_token: bool,
    place: Place,
    /// Its position among the letters of the file.
    index: usize,
    /// Bit `i` is set if a token ends between letters `i` and `i + 1` of the gram.
    breaks: u32,
}

/// What one pass over a part of the corpus has found.
pub struct Scan<'n> {
    needle: &'n Needle,
    hits: HashMap<u32, Hit>,
    paths: HashSet<Vec<u8>>,
}

impl Needle {
    pub fn new(typed: &[Typed]) -> Self {
        let (mut chars, mut from) = (Vec::new(), Vec::new());
        let mut paths = HashSet::new();
        for (i, text) in typed.iter().enumerate() {
            let (c, at) = normalise(&text.text, Keep::Letters);
            chars.extend(c);
            from.extend(at.into_iter().map(|at| (i as u32, at as u32)));
            paths.extend(path_tokens(text.text.as_bytes()));
        }
        let leaving = (0..RUN).fold(1u64, |power, _| power.wrapping_mul(BASE));
        let mut needle = Self {
            chars,
            from,
            grams: Vec::new(),
            first: Vec::new(),
            table: HashMap::new(),
            filter: Filter::new([].into_iter()),
            leaving,
            paths,
        };
        needle.fill();
        needle.filter = Filter::new(needle.table.keys().copied());
        needle
    }

    fn fill(&mut self) {
        let mut hash = 0u64;
        for end in 0..self.chars.len() {
            hash = hash
                .wrapping_mul(BASE)
                .wrapping_add(u64::from(self.chars[end]));
            if end >= RUN {
                let old = u64::from(self.chars[end - RUN]);
                hash = hash.wrapping_sub(old.wrapping_mul(self.leaving));
            }
            if end + 1 < RUN {
                continue;
            }
            let start = end + 1 - RUN;
            let bucket = self.table.entry(hash).or_default();
            let same = |gram: &&u32| {
                let first = self.first[**gram as usize] as usize;
                self.chars[first..first + RUN] == self.chars[start..=end]
            };
            let gram = bucket.iter().find(same).copied().unwrap_or_else(|| {
                let gram = self.first.len() as u32;
                self.first.push(start as u32);
                bucket.push(gram);
                gram
            });
            self.grams.push(gram);
        }
    }

    pub fn scan(&self) -> Scan<'_> {
        Scan {
            needle: self,
            hits: HashMap::new(),
            paths: HashSet::new(),
        }
    }

    /// Returns whether the typed letters at `i` and `i + 1` stand in one token.
    fn is_joined(&self, typed: &[Typed], i: usize) -> bool {
        let (Some(a), Some(b)) = (self.from.get(i), self.from.get(i + 1)) else {
            return false;
        };
        let text = typed[a.0 as usize].text.as_bytes();
        let end = a.1 as usize + token::width(text, a.1 as usize);
        a.0 == b.0 && (a.1 == b.1 || token::is_joined(&text[end.min(b.1 as usize)..b.1 as usize]))
    }
}

/// Returns the tokens that hold a slash.
fn path_tokens(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    text.split(|b| !(b.is_ascii_alphanumeric() || *b >= 128 || b"_$./-".contains(b)))
        .map(|t| t.strip_suffix(b".").unwrap_or(t))
        .filter(|t| t.contains(&b'/'))
        .map(<[u8]>::to_vec)
}

/// The last letters seen, their offsets and the rolling hash.
struct Window {
    chars: [char; 64],
    offsets: [usize; 64],
    seen: usize,
    hash: u64,
}

impl Scan<'_> {
    /// Streams one file past the table.
    pub fn see(&mut self, path: &RepoPath, text: &[u8]) {
        let needle = self.needle;
        if !needle.paths.is_empty() {
            let bytes = path.as_bytes();
            let starts = memchr::memchr_iter(b'/', bytes).map(|i| i + 1);
            let suffixes = std::iter::once(0).chain(starts).map(|i| &bytes[i..]);
            let known = suffixes
                .filter(|s| needle.paths.contains(*s))
                .map(<[u8]>::to_vec);
            self.paths.extend(known);
        }
        if needle.first.is_empty() {
            return;
        }
        let mut w = Window {
            chars: ['\0'; 64],
            offsets: [0; 64],
            seen: 0,
            hash: 0,
        };
        normalise_each(text, Keep::Letters, |c, at| {
            let slot = w.seen % 64;
            w.hash = w.hash.wrapping_mul(BASE).wrapping_add(u64::from(c));
            if w.seen >= RUN {
                let old = u64::from(w.chars[(w.seen - RUN) % 64]);
                w.hash = w.hash.wrapping_sub(old.wrapping_mul(needle.leaving));
            }
            w.chars[slot] = c;
            w.offsets[slot] = at;
            w.seen += 1;
            if w.seen >= RUN && needle.filter.may_hold(w.hash) {
                self.confirm(path, text, &w);
            }
            true
        });
    }

    #[cold]
    fn confirm(&mut self, path: &RepoPath, text: &[u8], w: &Window) {
        let needle = self.needle;
        let Some(bucket) = needle.table.get(&w.hash) else {
            return;
        };
        let start = w.seen - RUN;
        let same = |gram: &&u32| {
            let first = needle.first[**gram as usize] as usize;
            (0..RUN).all(|i| needle.chars[first + i] == w.chars[(start + i) % 64])
        };
        let Some(gram) = bucket.iter().find(same).copied() else {
            return;
        };
        let joined = |i: usize| {
            let (a, b) = (w.offsets[i % 64], w.offsets[(i + 1) % 64]);
            a == b || token::is_joined(&text[(a + token::width(text, a)).min(b)..b])
        };
        let breaks = (0..RUN - 1)
            .filter(|i| !joined(start + i))
            .fold(0, |bits, i| bits | 1 << i);
        let old = self.hits.get(&gram);
        let is_one_token = breaks == 0;
        // Counting lines is the costly part, so a place that cannot win is dropped before it.
        let key = (is_one_token, path.as_bytes(), start);
        if old.is_some_and(|o| (o.is_one_token, o.place.path.as_bytes(), o.index) <= key) {
            return;
        }
        let hit = Hit {
            is_one_token,
            place: Place {
                path: path.clone(),
                line: line_of(text, w.offsets[start % 64]),
            },
            index: start,
            breaks,
        };
        self.hits.insert(gram, hit);
    }

    /// Takes over what another part has found.
    pub fn merge(&mut self, other: Self) {
        self.paths.extend(other.paths);
        for (gram, hit) in other.hits {
            let key = |h: &Hit| (h.is_one_token, h.place.path.clone(), h.index);
            if self.hits.get(&gram).is_none_or(|old| key(&hit) < key(old)) {
                self.hits.insert(gram, hit);
            }
        }
    }

    /// Returns the runs that are not free.
    pub fn overlaps(&self, typed: &[Typed]) -> Vec<Overlap> {
        let mut found = Vec::new();
        let hit = |at: usize| self.needle.grams.get(at).and_then(|g| self.hits.get(g));
        let mut at = 0;
        while at < self.needle.grams.len() {
            let Some(start) = hit(at) else {
                at += 1;
                continue;
            };
            let mut hits = vec![start];
            while let Some(next) = hit(at + hits.len())
                && next.place.path == start.place.path
                && next.index == start.index + hits.len()
            {
                hits.push(next);
            }
            if !self.is_free(typed, at, &hits) {
                let of = &typed[self.needle.from[at].0 as usize];
                let length = (hits.len() + RUN - 1) as u64;
                found.push(overlap(of, Some(&start.place), length, Rule::Run32));
            }
            at += hits.len();
        }
        found
    }

    fn is_free(&self, typed: &[Typed], at: usize, hits: &[&Hit]) -> bool {
        let letters = hits.len() + RUN - 1;
        let last = hits[hits.len() - 1];
        let breaks_after = |i: usize| match hits.get(i) {
            Some(hit) => hit.breaks & 1 != 0,
            None => last.breaks >> (i + 1 - hits.len()) & 1 != 0,
        };
        let ends: Vec<usize> = (0..letters - 1)
            .filter(|i| breaks_after(*i))
            .map(|i| i + 1)
            .collect();
        // The typed token at an end reaches beyond the run: its letters inside may be there by chance.
        let outer = |range: std::ops::Range<usize>| {
            range.into_iter().all(|i| self.needle.is_joined(typed, i))
        };
        let first = ends
            .iter()
            .copied()
            .filter(|cut| *cut <= CHANCE && at > 0 && outer(at - 1..at + cut - 1));
        let first = first.max().unwrap_or(0);
        let end = ends
            .iter()
            .copied()
            .filter(|cut| letters - cut <= CHANCE && outer(at + cut..at + letters));
        let end = end.min().unwrap_or(letters);
        let is_one_vendor_token = ends.iter().all(|e| *e <= first || *e >= end);
        is_one_vendor_token || self.is_known_path(typed, at + first, at + end)
    }

    /// Returns whether the typed letters `first..end` stand in one token that is a path of the snapshot.
    fn is_known_path(&self, typed: &[Typed], first: usize, end: usize) -> bool {
        if self.paths.is_empty() || !(first..end - 1).all(|i| self.needle.is_joined(typed, i)) {
            return false;
        }
        let (of, offset) = self.needle.from[first];
        let text = typed[of as usize].text.as_bytes();
        let part = |b: &u8| b.is_ascii_alphanumeric() || *b >= 128 || b"_$./-".contains(b);
        let offset = offset as usize;
        let start = text[..offset]
            .iter()
            .rposition(|b| !part(b))
            .map_or(0, |i| i + 1);
        let stop = text[offset..]
            .iter()
            .position(|b| !part(b))
            .map_or(text.len(), |i| offset + i);
        let token = &text[start..stop];
        self.paths
            .contains(token.strip_suffix(b".").unwrap_or(token))
    }
}
