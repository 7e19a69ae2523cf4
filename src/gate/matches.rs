//! What was found on the typed side, and how it is told: as overlaps of the bundle, or as marks in the texts.

use super::side::Side;
use super::stream::Stream;
use crate::model::{DeliveredText, Overlap, Rule, Typed};
use std::collections::HashMap;
use std::ops::Range;

/// A line of a text that the vendor delivered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The text.
    pub origin: DeliveredText,
    /// The line.
    pub line: u64,
}

/// A stretch of a joined text that also stands in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Which joined text.
    pub stream: usize,
    /// Which bytes of it.
    pub range: Range<usize>,
    /// Why it matters.
    pub rule: Rule,
    /// What was undone to find it.
    pub undone: Option<&'static str>,
    /// Where it stands.
    pub spot: Spot,
    /// Letters and digits of a run, characters of a line.
    pub length: u64,
}

/// A stretch of one typed text, and the rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// Which typed text.
    pub typed: usize,
    /// First byte and the one behind the last.
    pub range: (usize, usize),
    /// The rule.
    pub rule: Rule,
    /// The vendor's text.
    pub origin: DeliveredText,
    /// Its line, 1-based.
    pub line: u64,
}

/// Leaves out what another match of the same place says better: exact rules before disguises, those that block
/// before those that ask.
pub fn settle(mut matches: Vec<Match>) -> Vec<Match> {
    let rank = |m: &Match| match m.rule {
        Rule::Disguise => 1,
        Rule::CodeRun => 2,
        _ => 0,
    };
    matches.sort_by_key(|m| {
        (
            m.stream,
            rank(m),
            m.range.start,
            std::cmp::Reverse(m.range.end),
        )
    });
    let mut kept: Vec<Match> = Vec::new();
    let mut first_of_stream = 0;
    for found in matches {
        if kept.last().is_some_and(|last| last.stream != found.stream) {
            first_of_stream = kept.len();
        }
        let meets = |k: &Match| k.range.start < found.range.end && found.range.start < k.range.end;
        let same = kept[first_of_stream..].iter();
        let is_told = match rank(&found) {
            0 => same.clone().any(|k| *k == found),
            _ => same.clone().any(meets),
        };
        if !is_told {
            kept.push(found);
        }
    }
    kept
}

/// Returns the overlaps: one for each place of the bundle where the matched text stands.
pub fn overlaps(matches: &[Match], side: &Side, typed: &[Typed]) -> Vec<Overlap> {
    let mut equal: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, text) in typed.iter().enumerate() {
        equal.entry(&text.text).or_default().push(i);
    }
    let mut out = Vec::new();
    for found in matches {
        let origins = side.streams[found.stream].origins(found.range.clone());
        let Some((first, _)) = origins.first() else {
            continue;
        };
        let texts: Vec<&str> = origins
            .iter()
            .map(|(i, _)| typed[*i].text.as_str())
            .collect();
        for start in &equal[typed[*first].text.as_str()] {
            let is_here = start == first || follows(typed, *start, &texts);
            if is_here {
                out.push(overlap(&typed[*start], found));
            }
        }
    }
    out
}

/// Returns whether the same texts stand one behind the other in the file where one of them stands.
fn follows(typed: &[Typed], start: usize, texts: &[&str]) -> bool {
    let file = &typed[start].file;
    let here = typed[start..].iter().filter(|t| !t.text.is_empty());
    let here = here
        .take_while(|t| t.file == *file)
        .map(|t| t.text.as_str());
    here.take(texts.len()).eq(texts.iter().copied())
}

fn overlap(of: &Typed, found: &Match) -> Overlap {
    let what = match found.undone {
        Some(undone) => format!("{}, undone: {undone}", of.what),
        None => of.what.clone(),
    };
    let (mut path, mut commit, mut blob, mut tag) = (None, None, None, None);
    match &found.spot.origin {
        DeliveredText::File(file) => path = Some(file.clone()),
        DeliveredText::Blob(id) => blob = Some(*id),
        DeliveredText::Message(id) => commit = Some(*id),
        DeliveredText::TagMessage(id) => tag = Some(*id),
    }
    Overlap {
        file: of.file.clone(),
        line: of.line,
        path,
        commit,
        blob,
        tag,
        at: Some(found.spot.line),
        length: found.length,
        rule: found.rule,
        what,
    }
}

/// Returns the matches as marks in the typed texts.
pub fn marks(matches: &[Match], streams: &[Stream]) -> Vec<Mark> {
    let mut out = Vec::new();
    for found in matches {
        for (typed, range) in streams[found.stream].origins(found.range.clone()) {
            out.push(Mark {
                typed,
                range: (range.start, range.end),
                rule: found.rule,
                origin: found.spot.origin.clone(),
                line: found.spot.line,
            });
        }
    }
    out.sort();
    out.dedup();
    out
}
