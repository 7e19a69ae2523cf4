//! Rule `line`: a whole vendor line.
//!
//! A line is judged if it has 12 or more characters (trimmed, a stretch of white space counting as one) and two of
//! ``;{}=()[]<>&|*+!%#`` or three words. White space and case do not count in the comparison. One that is a
//! single identifier or qualified name, such as `module_exit();`, is free.
//!
//! A line with two of those characters is looked for anywhere in the typed texts, joined over the whole bundle. A
//! line of words, which any prose may hold, is looked for as a line, a text in back-ticks or a text in double
//! quotes of its own. Brackets, `%` and `!` as prose has them make no code.
//!
//! Lines that say no more than an idiom of the language, or than many other files say, are free; see `idiom`.

use super::block::{Block, Line, Place};
use super::filter::{Filter, Grams, hash, hash_12};
use super::idiom::{IdiomGrade, Sightings};
use super::matches::{Match, Spot};
use super::side::Side;
use super::token;
use crate::model::{DeliveredText, Rule};
use crate::text::{Keep, normalise};
use std::collections::BTreeMap;

/// The shortest line that is judged.
const SHORTEST: usize = 12;
/// Twelve characters with single spaces between them hold at least six that are not.
pub const LEAST_INK: usize = 6;
/// Ink at a line's beginning by which longer lines are looked up.
const SEED: usize = 12;
/// More matches than this are not kept for each part of the corpus.
const MOST: usize = 50_000;
/// The end of a chain.
const END: u32 = u32::MAX;

/// The typed side.
pub struct Needle<'s> {
    side: &'s Side,
    /// Where each 12 bytes of ink first stand, and for each position the next of the same.
    heads: Grams<SEED>,
    chain: Vec<u32>,
    /// Shorter stretches that have two marks of code: hash, where they begin, and length, in this order.
    short: Vec<(u64, u32, u32)>,
    /// Lines and quoted texts: hash, and where they begin and end, in this order.
    units: Vec<(u64, u32, u32)>,
    /// What any of them may be.
    filter: Filter,
}

/// What was found in a part of the corpus: the first place of a matched line and whether it is exactly equal, by
/// the stretch of typed ink that it equals and the line's length in characters; and where else it occurs.
#[derive(Default)]
pub struct Found(BTreeMap<(u32, u32), Hit>);

#[derive(Clone)]
struct Hit {
    is_plain: bool,
    spot: Spot,
    length: u64,
    /// The line as the vendor spells it.
    text: String,
    sightings: Sightings,
}

/// Returns whether a byte makes code rather than prose.
pub fn is_punctuation(byte: u8) -> bool {
    b";{}=()[]<>&|*+!%#".contains(&byte)
}

impl<'s> Needle<'s> {
    /// Fills the tables.
    pub fn new(side: &'s Side) -> Self {
        let ink = &side.ink.bytes;
        let mut needle = Self {
            side,
            heads: Grams::new(),
            chain: vec![END; ink.len()],
            short: Vec::new(),
            units: Vec::new(),
            filter: Filter::new(0),
        };
        for view in &side.views {
            let end = view.ink.end;
            for at in view.ink.clone() {
                if end - at >= SEED {
                    let first = needle.heads.add(ink, at as u32) as usize;
                    if first != at {
                        needle.chain[at] = std::mem::replace(&mut needle.chain[first], at as u32);
                    }
                }
                needle.add_short(at, end);
            }
        }
        for unit in side.units.iter().filter(|u| u.len() >= LEAST_INK) {
            let key = hash(&ink[unit.clone()]);
            let range = (unit.start as u32, unit.end as u32);
            needle.units.push((key, range.0, range.1));
        }
        needle.short.sort_unstable();
        needle.units.sort_unstable();
        // Longer units begin with a seed, by which they are looked up.
        let short_units = needle
            .units
            .iter()
            .filter(|(_, from, to)| to - from < SEED as u32);
        let mut keys: Vec<u64> = needle
            .short
            .iter()
            .chain(short_units)
            .map(|(key, ..)| *key)
            .collect();
        keys.dedup();
        needle.filter = Filter::new(needle.heads.count() + keys.len());
        for at in needle.heads.positions() {
            needle.filter.add(hash_12(&ink[at..]));
        }
        for key in keys {
            needle.filter.add(key);
        }
        needle
    }

    /// Adds the stretches that begin at a position, are shorter than a seed and have two marks of code.
    fn add_short(&mut self, at: usize, end: usize) {
        let ink = &self.side.ink.bytes;
        let mut marks = 0;
        for to in at..end.min(at + SEED - 1) {
            marks += usize::from(is_punctuation(ink[to]));
            let len = to + 1 - at;
            if marks >= 2 && len >= LEAST_INK {
                let key = hash(&ink[at..=to]);
                self.short.push((key, at as u32, to as u32 + 1));
            }
        }
    }

    /// Compares every whole line of a block.
    pub fn see(&self, origin: &DeliveredText, block: &Block, place: &Place<'_>, found: &mut Found) {
        let ink = block.ink();
        for (at, line) in block.lines().iter().enumerate() {
            let own = &ink[line.ink.0 as usize..line.ink.1 as usize];
            if own.len() < LEAST_INK {
                continue;
            }
            // A longer unit begins with a seed too.
            let key = match own.len() {
                SEED.. => hash_12(own),
                _ => hash(own),
            };
            if self.filter.may_hold(key) {
                self.compare(origin, (block, place), (at, own), found);
            }
        }
    }

    #[cold]
    fn compare(
        &self,
        origin: &DeliveredText,
        (block, place): (&Block, &Place<'_>),
        (at, own): (usize, &[u8]),
        found: &mut Found,
    ) {
        let line = &block.lines()[at];
        if found.0.len() >= MOST {
            return;
        }
        let typed = &self.side.ink.bytes;
        let whole = hash(own);
        let mut equal = Vec::new();
        let equals = |ranges: &[(u64, u32, u32)], is_anywhere: bool| {
            let first = ranges.partition_point(|(key, ..)| *key < whole);
            let same = ranges[first..].iter().take_while(|(key, ..)| *key == whole);
            let same = same.filter(|(_, from, to)| typed[*from as usize..*to as usize] == *own);
            let same = same.map(|(_, from, to)| ((*from, *to), is_anywhere));
            same.collect::<Vec<_>>()
        };
        equal.extend(equals(&self.units, false));
        if own.len() < SEED {
            equal.extend(equals(&self.short, true));
        } else {
            let mut at = self.heads.find(typed, &own[..SEED]).unwrap_or(END);
            while at != END {
                // A view's ink ends where the next one's begins.
                let from = at as usize;
                let is_inside = || from + own.len() <= self.side.view_of_ink(from).ink.end;
                if typed[from..].starts_with(own) && is_inside() {
                    equal.push(((at, at + own.len() as u32), true));
                }
                at = self.chain[from];
            }
        }
        if equal.is_empty() {
            return;
        }
        let raw = &place.text[line.text.0 as usize..line.text.1 as usize];
        let Some(shape) = Shape::of(raw) else { return };
        let spot = Spot {
            origin: origin.clone(),
            line: place.line_of(line.text.0 as usize),
        };
        let mut sightings = Sightings::default();
        sightings.add(origin, spot.line, surrounding(block, at));
        for (range, is_anywhere) in equal {
            if !is_anywhere || shape.is_code {
                let hit = Hit {
                    is_plain: self.is_plain(raw, range),
                    spot: spot.clone(),
                    length: shape.length,
                    text: String::from_utf8_lossy(raw).into_owned(),
                    sightings: sightings.clone(),
                };
                found.keep(range, hit);
            }
        }
    }

    /// Returns whether typed and vendor's ink are equal in the exact form.
    fn is_plain(&self, raw: &[u8], range: (u32, u32)) -> bool {
        let view = self.side.view_of_ink(range.0 as usize);
        let range = range.0 as usize..range.1 as usize;
        let ours =
            &self.side.streams[view.stream].text[self.side.source(view, &self.side.ink, range)];
        let exact = |text: &str| normalise(text, Keep::Ink).0;
        view.undone.is_none() && exact(ours) == exact(&String::from_utf8_lossy(raw))
    }

    /// Returns the lines found.
    pub fn matches(&self, found: &Found) -> Vec<Match> {
        let one = |((from, to), hit): (&(u32, u32), &Hit)| {
            let view = self.side.view_of_ink(*from as usize);
            Match {
                stream: view.stream,
                range: self
                    .side
                    .source(view, &self.side.ink, *from as usize..*to as usize),
                rule: if hit.is_plain {
                    Rule::Line
                } else {
                    Rule::Disguise
                },
                undone: view.undone,
                spot: hit.spot.clone(),
                length: hit.length,
                vendor: Some(hit.text.clone()),
                starts_in_literal: false,
                sightings: hit.sightings.clone(),
                grade: IdiomGrade::Judged,
            }
        };
        found.0.iter().map(one).collect()
    }
}

impl Found {
    fn keep(&mut self, range: (u32, u32), mut hit: Hit) {
        let Some(old) = self.0.get_mut(&range) else {
            self.0.insert(range, hit);
            return;
        };
        let key = |h: &Hit| (!h.is_plain, h.spot.clone());
        if key(&hit) < key(old) {
            std::mem::swap(old, &mut hit);
        }
        old.sightings.merge(hit.sightings);
    }

    /// Takes over what another part has found.
    pub fn merge(&mut self, other: Self) {
        for (range, hit) in other.0 {
            self.keep(range, hit);
        }
    }
}

/// Hashes the nearest lines before and after a line that are not blank, as far as the block holds them.
fn surrounding(block: &Block, at: usize) -> u64 {
    let lines = block.lines();
    let ink = |line: &&Line| line.ink.0 < line.ink.1;
    let own = |line: &Line| hash(&block.ink()[line.ink.0 as usize..line.ink.1 as usize]);
    let before = lines[..at].iter().rev().find(ink).map_or(0, own);
    let after = lines[at + 1..].iter().find(ink).map_or(0, own);
    before.rotate_left(1) ^ after
}

/// What makes a line worth comparing.
struct Shape {
    length: u64,
    /// It has two marks that prose does not have.
    is_code: bool,
}

impl Shape {
    fn of(line: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(line);
        let length: usize = text.split_whitespace().map(|w| w.chars().count() + 1).sum();
        let length = length.saturating_sub(1);
        let marks = text.bytes().filter(|b| is_punctuation(*b)).count();
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
        let words = words.filter(|w| !w.is_empty()).take(3).count();
        let is_judged = length >= SHORTEST && (marks >= 2 || words >= 3);
        (is_judged && !is_one_token(&text)).then_some(Self {
            length: length as u64,
            is_code: code_marks(&text) >= 2,
        })
    }
}

/// Returns whether all letters stand in one token; a ruler such as `/*****/`, which says nothing, counts too.
fn is_one_token(text: &str) -> bool {
    let mut ends = text.char_indices().filter(|(_, c)| c.is_alphanumeric());
    let Some((mut last, mut c)) = ends.next() else {
        return true;
    };
    for (at, next) in ends {
        if !token::is_joined(&text.as_bytes()[last + c.len_utf8()..at]) {
            return false;
        }
        (last, c) = (at, next);
    }
    true
}

/// Counts the marks of code. Not counted are a bracket behind white space or at the beginning, with the one that closes
/// it, a `%` behind a digit or white space, a `!` behind a word and before white space.
pub fn code_marks(text: &str) -> usize {
    let (mut count, mut open, mut before) = (0, 0, ' ');
    let mut rest = text.trim().chars().peekable();
    while let Some(c) = rest.next() {
        let ends_word = rest.peek().is_none_or(|n| n.is_whitespace());
        let is_prose = match c {
            '(' if before.is_whitespace() => {
                open += 1;
                true
            }
            ')' if open > 0 => {
                open -= 1;
                true
            }
            '%' => before.is_ascii_digit() || before.is_whitespace() && ends_word,
            '!' => before.is_alphanumeric() && ends_word,
            c => !c.is_ascii() || !is_punctuation(c as u8),
        };
        count += usize::from(!is_prose);
        before = c;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_told_from_code() {
        for (text, marks) in [
            ("the length (in bytes) of it", 0),
            ("(see the manual)", 0),
            ("50 % of all, or 50% even!", 0),
            ("call(a) now", 2),
            ("if (a == b)", 2),
            ("a = b;", 2),
            ("} else {", 2),
            ("* a comment", 1),
            ("#include <a.h>", 3),
        ] {
            assert_eq!(code_marks(text), marks, "{text}");
        }
    }

    #[test]
    fn single_names_and_rulers_are_no_lines() {
        for (line, is_judged) in [
            ("rcu_read_unlock();", false),
            ("queue->table->count;;", false),
            ("/*************/", false),
            ("module_exit(leave);", true),
            ("return a - b;", true),
            ("return length;", false),
            ("the keys are shared", true),
            ("a=b;\t\t c", false),
        ] {
            assert_eq!(Shape::of(line.as_bytes()).is_some(), is_judged, "{line}");
        }
    }
}
