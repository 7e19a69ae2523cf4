//! Rule `code-run`: a run of 20 or more characters, white space aside, that holds two marks of code and is neither a
//! run of 32 letters nor a whole line.
//!
//! It stops the export until the reviewer gives a reason. A single identifier, qualified name or path is free, with
//! the brackets around it: `<linux/module.h>`, `a->b->length`. So is what says no more than an idiom; see `idiom`.

use super::block::{Block, Place};
use super::filter::{Filter, Grams, hash_16};
use super::idiom::{IdiomGrade, Sightings, is_in_literal, join_spellings, spelling};
use super::line::is_punctuation;
use super::matches::{Match, Spot};
use super::side::Side;
use super::skeleton::is_letter;
use super::token;
use crate::model::{DeliveredText, Rule};
use crate::text::{Keep, normalise};
use std::collections::HashMap;
use std::ops::Range;

/// The shortest run.
const RUN: usize = 20;
/// Ink that the filter looks at.
const SEED: usize = 16;
/// Distance of the positions at which it is asked.
const STEP: usize = RUN - SEED + 1;
/// Marks of code in it.
const MARKS: usize = 2;
/// Letters at a run's end that may be chance.
const CHANCE: usize = 3;
/// A position at which no gram begins.
const NONE: u32 = u32::MAX;

/// The typed side: only the texts themselves.
pub struct Needle<'s> {
    side: &'s Side,
    /// For each byte of ink, the first position of the gram that begins there, if it has the marks.
    grams: Vec<u32>,
    table: Grams<RUN>,
    filter: Filter,
    is_empty: bool,
}

#[derive(Clone)]
struct Hit {
    spot: Spot,
    /// Its position among the ink of the block's text.
    index: u32,
    /// Bit `i` is set if a token ends somewhere between ink `i` and `i + 1` of the gram.
    breaks: u32,
    /// The gram as the vendor spells it.
    text: Box<str>,
    /// It begins inside a string literal.
    starts_in_literal: bool,
}

/// What was found in a part of the corpus.
#[derive(Default)]
pub struct Found(HashMap<u32, Hit>);

impl<'s> Needle<'s> {
    /// Fills the tables.
    pub fn new(side: &'s Side) -> Self {
        let plain = side.views.iter().filter(|v| v.undone.is_none());
        let end = plain.map(|v| v.ink.end).max().unwrap_or(0);
        let ink = &side.ink.bytes[..end];
        let mut starts = Vec::new();
        for view in side.views.iter().filter(|v| v.undone.is_none()) {
            let own = &ink[view.ink.clone()];
            let has_marks =
                |gram: &&[u8]| gram.iter().filter(|b| is_punctuation(**b)).count() >= MARKS;
            let grams = own
                .windows(RUN)
                .enumerate()
                .filter(|(_, gram)| has_marks(gram));
            starts.extend(grams.map(|(at, _)| view.ink.start + at));
        }
        let mut needle = Self {
            side,
            grams: vec![NONE; end],
            table: Grams::new(),
            filter: Filter::new(starts.len() * 2),
            is_empty: starts.is_empty(),
        };
        for start in starts {
            needle.grams[start] = needle.table.add(ink, start as u32);
            for at in start..start + STEP {
                needle.filter.add(hash_16(&ink[at..]));
            }
        }
        needle
    }

    /// Streams a block past the tables.
    pub fn see(&self, origin: &DeliveredText, block: &Block, place: &Place<'_>, found: &mut Found) {
        if self.is_empty {
            return;
        }
        let ink = block.ink();
        let mut at = 0;
        while at + SEED <= ink.len() {
            if self.filter.may_hold(hash_16(&ink[at..])) {
                self.look_up(origin, block, place, at, found);
            }
            at += STEP;
        }
    }

    #[cold]
    fn look_up(
        &self,
        origin: &DeliveredText,
        block: &Block,
        place: &Place<'_>,
        seed: usize,
        found: &mut Found,
    ) {
        let ink = block.ink();
        for at in (seed + 1).saturating_sub(STEP)..=seed {
            if ink.len() < at + RUN {
                return;
            }
            let gram = self.table.find(&self.side.ink.bytes, &ink[at..at + RUN]);
            let Some(gram) = gram else { continue };
            let old = found.0.get(&gram);
            // Most of what many files have is passed over here: an earlier text has it, with a break.
            if old.is_some_and(|o| o.breaks != 0 && o.spot.origin < *origin) {
                continue;
            }
            let offsets = &block.ink_at(place)[at..at + RUN];
            let breaks = breaks(place.text, &ink[at..at + RUN], offsets);
            let key = (breaks == 0, origin, offsets[0]);
            if old.is_some_and(|o| o.key() <= key)
                || !self.is_plain(place.text, offsets, gram as usize)
            {
                continue;
            }
            let hit = Hit {
                spot: Spot {
                    origin: origin.clone(),
                    line: place.line_of(offsets[0] as usize),
                },
                index: offsets[0],
                breaks,
                text: spelling(place.text, offsets).into(),
                starts_in_literal: is_in_literal(place.text, offsets[0] as usize),
            };
            found.keep(gram, hit);
        }
    }

    fn is_plain(&self, text: &[u8], offsets: &[u32], gram: usize) -> bool {
        let view = self.side.view_of_ink(gram);
        let last = offsets[RUN - 1] as usize;
        let theirs = &text[offsets[0] as usize..(last + token::width(text, last)).min(text.len())];
        let ours = self.side.source(view, &self.side.ink, gram..gram + RUN);
        let exact = |text: &str| normalise(text, Keep::Ink).0;
        exact(&self.side.streams[view.stream].text[ours]) == exact(&String::from_utf8_lossy(theirs))
    }

    /// Returns the runs that are not free.
    pub fn matches(&self, found: &Found) -> Vec<Match> {
        let mut out = Vec::new();
        let hit = |at: usize| found.0.get(self.grams.get(at)?);
        let mut at = 0;
        while at < self.grams.len() {
            let Some(start) = hit(at) else {
                at += 1;
                continue;
            };
            let mut hits = vec![start];
            while let Some(next) = hit(at + hits.len())
                && next.spot.origin == start.spot.origin
                && next.index > hits[hits.len() - 1].index
            {
                hits.push(next);
            }
            if !self.is_free(at, &hits) {
                let length = hits.len() + RUN - 1;
                let view = self.side.view_of_ink(at);
                out.push(Match {
                    stream: view.stream,
                    range: self.side.source(view, &self.side.ink, at..at + length),
                    rule: Rule::CodeRun,
                    undone: None,
                    spot: start.spot.clone(),
                    length: length as u64,
                    vendor: Some(join_spellings(hits.iter().map(|h| &*h.text), is_ink)),
                    starts_in_literal: start.starts_in_literal,
                    sightings: Sightings::default(),
                    grade: IdiomGrade::Judged,
                });
            }
            at += hits.len();
        }
        out
    }

    /// Returns whether what is left without chance at the ends is one token, too short, or has too few marks.
    fn is_free(&self, at: usize, hits: &[&Hit]) -> bool {
        let length = hits.len() + RUN - 1;
        let last = hits[hits.len() - 1];
        let breaks_after = |i: usize| match hits.get(i) {
            Some(hit) => hit.breaks & 1 != 0,
            None => last.breaks >> (i + 1 - hits.len()) & 1 != 0,
        };
        let ends: Vec<usize> = (0..length - 1)
            .filter(|i| breaks_after(*i))
            .map(|i| i + 1)
            .collect();
        let view = self.side.view_of_ink(at);
        let ink = &self.side.ink.bytes;
        let letters = |range: Range<usize>| ink[range].iter().filter(|b| is_letter(**b)).count();
        let first_letter = view.letters.start + letters(view.ink.start..at);
        // The typed token at an end reaches beyond the run: its letters inside may be there by chance.
        let outer = |mut range: Range<usize>| range.all(|i| self.side.joined[i]);
        let first = ends.iter().copied().filter(|cut| {
            let inside = letters(at..at + cut);
            let before = first_letter
                .checked_sub(1)
                .filter(|l| *l >= view.letters.start);
            inside <= CHANCE && before.is_some_and(|l| outer(l..l + inside))
        });
        let first = first.max().unwrap_or(0);
        let end = ends.iter().copied().filter(|cut| {
            let from = first_letter + letters(at..at + cut);
            let inside = letters(at + cut..at + length);
            inside <= CHANCE && outer(from..from + inside)
        });
        let end = end.min().unwrap_or(length);
        if first >= end {
            return true;
        }
        let left = &ink[at + first..at + end];
        let marks = left.iter().filter(|b| is_punctuation(**b)).count();
        left.len() < RUN || marks < MARKS || ends.iter().all(|e| *e <= first || *e >= end)
    }
}

impl Hit {
    /// Returns by what the best of several hits is told: the least is kept.
    fn key(&self) -> (bool, &DeliveredText, u32) {
        (self.breaks == 0, &self.spot.origin, self.index)
    }
}

impl Found {
    fn keep(&mut self, gram: u32, hit: Hit) {
        if self.0.get(&gram).is_none_or(|old| hit.key() < old.key()) {
            self.0.insert(gram, hit);
        }
    }

    /// Takes over what another part has found.
    pub fn merge(&mut self, other: Self) {
        for (gram, hit) in other.0 {
            self.keep(gram, hit);
        }
    }
}

fn is_ink(c: char) -> bool {
    !c.is_whitespace()
}

/// Returns before which ink a new token begins: the break is told at the first letter behind it.
fn breaks(text: &[u8], ink: &[u8], offsets: &[u32]) -> u32 {
    let mut bits = 0;
    let mut before: Option<usize> = None;
    for (i, at) in offsets
        .iter()
        .enumerate()
        .filter(|(i, _)| is_letter(ink[*i]))
    {
        let at = *at as usize;
        if let Some(before) = before
            && before != at
            && !token::is_joined(&text[(before + token::width(text, before)).min(at)..at])
        {
            bits |= 1 << (i - 1);
        }
        before = Some(at);
    }
    bits
}
