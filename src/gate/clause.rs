//! Rule `line` for scripts without spaces: a whole vendor line that has a clause in such a script.
//!
//! Such a line has no three words, and it is often too short for a run. It is judged if its letters without spaces
//! weigh as much as eight ideographs (`script`). It is looked for as a whole unit of the typed texts: a line, a sentence
//! or a quoted text. Only letters and digits are compared, so that comment marks and punctuation do not matter.

use super::block::{Block, Place};
use super::filter::{Filter, hash};
use super::idiom::{IdiomGrade, Sightings};
use super::matches::{Match, Spot};
use super::script::has_clause;
use super::side::Side;
use super::skeleton::is_letter;
use crate::model::{DeliveredText, Rule};
use crate::text::{Keep, normalise};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// The typed side.
pub struct Needle<'s> {
    side: &'s Side,
    /// The ink of units, by their letters.
    units: HashMap<Vec<u8>, Vec<(u32, u32)>>,
    filter: Filter,
}

/// What was found in a part of the corpus: the first line of the vendor's for each unit, exactly equal ones first.
#[derive(Default)]
pub struct Found(BTreeMap<(u32, u32), Hit>);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    is_disguised: bool,
    spot: Spot,
    length: u64,
}

fn letters(ink: &[u8]) -> Vec<u8> {
    ink.iter().copied().filter(|b| is_letter(*b)).collect()
}

impl<'s> Needle<'s> {
    /// Fills the tables.
    pub fn new(side: &'s Side) -> Self {
        let ink = |unit: &Range<usize>| &side.ink.bytes[unit.clone()];
        let units = || side.units.iter().filter(|unit| has_clause(ink(unit)));
        let mut needle = Self {
            side,
            units: HashMap::new(),
            filter: Filter::new(units().count()),
        };
        for unit in units() {
            let letters = letters(ink(unit));
            needle.filter.add(hash(&letters));
            let range = (unit.start as u32, unit.end as u32);
            needle.units.entry(letters).or_default().push(range);
        }
        needle
    }

    /// Compares every whole line of a block.
    pub fn see(&self, origin: &DeliveredText, block: &Block, place: &Place<'_>, found: &mut Found) {
        if self.units.is_empty() || !block.has_unspaced() {
            return;
        }
        for line in block.lines() {
            let own = &block.ink()[line.ink.0 as usize..line.ink.1 as usize];
            if !has_clause(own) {
                continue;
            }
            let own = letters(own);
            if !self.filter.may_hold(hash(&own)) {
                continue;
            }
            let raw = &place.text[line.text.0 as usize..line.text.1 as usize];
            for range in self.units.get(&own).into_iter().flatten() {
                let hit = Hit {
                    is_disguised: !self.is_plain(raw, *range),
                    spot: Spot {
                        origin: origin.clone(),
                        line: place.line_of(line.text.0 as usize),
                    },
                    length: own.len() as u64,
                };
                found.keep(*range, hit);
            }
        }
    }

    /// Returns whether typed and vendor's letters are equal in the exact form.
    fn is_plain(&self, raw: &[u8], range: (u32, u32)) -> bool {
        let view = self.side.view_of_ink(range.0 as usize);
        let range = range.0 as usize..range.1 as usize;
        let ours = self.side.source(view, &self.side.ink, range);
        let ours = &self.side.streams[view.stream].text[ours];
        let exact = |text: &str| normalise(text, Keep::Letters).0;
        view.undone.is_none() && exact(ours) == exact(&String::from_utf8_lossy(raw))
    }

    /// Returns the lines found.
    pub fn matches(&self, found: &Found) -> Vec<Match> {
        let one = |((from, to), hit): (&(u32, u32), &Hit)| {
            let view = self.side.view_of_ink(*from as usize);
            let range = *from as usize..*to as usize;
            Match {
                stream: view.stream,
                range: self.side.source(view, &self.side.ink, range),
                rule: if hit.is_disguised {
                    Rule::Disguise
                } else {
                    Rule::Line
                },
                undone: view.undone,
                spot: hit.spot.clone(),
                length: hit.length,
                vendor: None,
                starts_in_literal: false,
                sightings: Sightings::default(),
                grade: IdiomGrade::Judged,
            }
        };
        found.0.iter().map(one).collect()
    }
}

impl Found {
    fn keep(&mut self, range: (u32, u32), hit: Hit) {
        match self.0.get(&range) {
            Some(old) if *old <= hit => {}
            _ => _ = self.0.insert(range, hit),
        }
    }

    /// Takes over what another part has found.
    pub fn merge(&mut self, other: Self) {
        for (range, hit) in other.0 {
            self.keep(range, hit);
        }
    }
}
