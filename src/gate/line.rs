//! Rule `line`: a whole vendor line.
//!
//! A line is judged if it has 12 or more characters (trimmed, a stretch of white space counting as one)
//! and two of ``;{}=()[]<>&|*+!%#`` or three words. White space and case do not count in the comparison.
//! A line with at least one of those characters is looked for anywhere in the typed text, joined over the
//! whole bundle. A line of words alone, which any prose may hold, is looked for as a line, a text in
//! back-ticks or a text in double quotes of its own.

use super::filter::Filter;
use super::{Place, overlap};
use crate::model::{Overlap, RepoPath, Rule, Typed};
use crate::text::{Keep, normalise, normalise_each};
use std::collections::{BTreeMap, HashMap};

/// The shortest line that is judged.
const SHORTEST: usize = 12;
/// Twelve characters with single spaces between them hold at least six that are not.
const GRAM: usize = 6;
const BASE: u64 = 0x0100_0000_01b3;
/// More matches than this are not kept for each part of the corpus.
const MOST: usize = 50_000;

/// The typed side.
pub struct Needle {
    chars: Vec<char>,
    /// For each character, its text.
    from: Vec<u32>,
    /// Positions by the hash of the gram that starts there.
    table: HashMap<u64, Vec<u32>>,
    filter: Filter,
    /// Lines and quoted texts by their ink, with the texts that hold them.
    units: HashMap<Vec<char>, Vec<u32>>,
}

/// What one pass over a part of the corpus has found.
pub struct Scan<'n> {
    needle: &'n Needle,
    ink: Vec<char>,
    /// The first place and the length of a matched line, by the typed text it is in and its position.
    found: BTreeMap<(u32, u32, u64), Place>,
}

fn hash(gram: &[char]) -> u64 {
    gram.iter().fold(0, |h: u64, c| {
        h.wrapping_mul(BASE).wrapping_add(u64::from(*c))
    })
}

fn is_punctuation(byte: u8) -> bool {
    b";{}=()[]<>&|*+!%#".contains(&byte)
}

impl Needle {
    pub fn new(typed: &[Typed]) -> Self {
        let (mut chars, mut from, mut units) = (Vec::new(), Vec::new(), HashMap::new());
        for (i, text) in typed.iter().enumerate() {
            let ink = normalise(&text.text, Keep::Ink).0;
            from.resize(from.len() + ink.len(), i as u32);
            chars.extend(ink);
            for unit in text
                .text
                .lines()
                .chain(quoted(&text.text, '`'))
                .chain(quoted(&text.text, '"'))
            {
                let ink = normalise(unit, Keep::Ink).0;
                let of: &mut Vec<u32> = units.entry(ink).or_default();
                if of.last() != Some(&(i as u32)) {
                    of.push(i as u32);
                }
            }
        }
        let mut table: HashMap<u64, Vec<u32>> = HashMap::new();
        for (at, gram) in chars.windows(GRAM).enumerate() {
            table.entry(hash(gram)).or_default().push(at as u32);
        }
        let filter = Filter::new(table.keys().copied());
        Self {
            chars,
            from,
            table,
            filter,
            units,
        }
    }

    pub fn scan(&self) -> Scan<'_> {
        Scan {
            needle: self,
            ink: Vec::new(),
            found: BTreeMap::new(),
        }
    }
}

/// Returns the texts between pairs of the mark.
fn quoted(text: &str, mark: char) -> impl Iterator<Item = &str> {
    text.split(mark).skip(1).filter(|t| !t.is_empty())
}

impl Scan<'_> {
    /// Compares every line of one file.
    pub fn see(&mut self, path: &RepoPath, text: &[u8]) {
        if self.needle.table.is_empty() {
            return;
        }
        let mut start = 0;
        let mut number = 0;
        for end in memchr::memchr_iter(b'\n', text).chain([text.len()]) {
            number += 1;
            let line = &text[start..end];
            start = end + 1;
            if line.len() >= SHORTEST {
                self.line(path, line, number);
            }
        }
    }

    fn line(&mut self, path: &RepoPath, line: &[u8], number: u64) {
        let needle = self.needle;
        let mut ink = std::mem::take(&mut self.ink);
        ink.clear();
        let mut is_candidate = false;
        normalise_each(line, Keep::Ink, |c, _| {
            ink.push(c);
            if ink.len() == GRAM {
                is_candidate = needle.filter.may_hold(hash(&ink));
                return is_candidate;
            }
            true
        });
        if is_candidate && ink.len() >= GRAM {
            self.compare(path, line, &ink, number);
        }
        self.ink = ink;
    }

    fn compare(&mut self, path: &RepoPath, line: &[u8], ink: &[char], number: u64) {
        let needle = self.needle;
        let last = hash(&ink[ink.len() - GRAM..]);
        if !needle.filter.may_hold(last) || self.found.len() >= MOST {
            return;
        }
        let Some(shape) = Shape::of(line) else { return };
        let place = || Place {
            path: path.clone(),
            line: number,
        };
        if shape.punctuation > 0 {
            let Some(starts) = needle.table.get(&hash(&ink[..GRAM])) else {
                return;
            };
            for start in starts {
                let at = *start as usize;
                if needle.chars[at..].starts_with(ink) {
                    self.keep((needle.from[at], *start, shape.length), place());
                }
            }
        } else if let Some(texts) = needle.units.get(ink) {
            for of in texts {
                self.keep((*of, u32::MAX, shape.length), place());
            }
        }
    }

    fn keep(&mut self, key: (u32, u32, u64), place: Place) {
        let old = self.found.entry(key).or_insert_with(|| place.clone());
        if place < *old {
            *old = place;
        }
    }

    /// Takes over what another part has found.
    pub fn merge(&mut self, other: Self) {
        for (key, place) in other.found {
            self.keep(key, place);
        }
    }

    /// Returns the lines found.
    pub fn overlaps(&self, typed: &[Typed]) -> Vec<Overlap> {
        let one = |((of, _, length), place): (&(u32, u32, u64), &Place)| {
            overlap(&typed[*of as usize], Some(place), *length, Rule::Line)
        };
        self.found.iter().map(one).collect()
    }
}

/// What makes a line worth comparing.
struct Shape {
    length: u64,
    punctuation: usize,
}

impl Shape {
    fn of(line: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(line);
        let length: usize = text.split_whitespace().map(|w| w.chars().count() + 1).sum();
        let length = length.saturating_sub(1);
        let punctuation = text.bytes().filter(|b| is_punctuation(*b)).count();
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
        let words = words.filter(|w| !w.is_empty()).take(3).count();
        // A ruler such as `/*****/` holds nothing of the vendor's.
        let says_something = words > 0;
        (length >= SHORTEST && says_something && (punctuation >= 2 || words >= 3)).then_some(Self {
            length: length as u64,
            punctuation,
        })
    }
}
