//! What was found on the typed side, and how it is told: as overlaps of the bundle, or as marks in the texts.

use super::idiom::{self, IdiomGrade, Sightings};
use super::side::Side;
use super::stream::Stream;
use crate::model::{BundleLine, DeliveredText, MarkedWords, Overlap, Rule, Typed};
use std::collections::{BTreeMap, HashMap};
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
    /// The vendor's own spelling, where the rule knows it.
    pub vendor: Option<String>,
    /// The vendor's text begins inside a string literal.
    pub starts_in_literal: bool,
    /// Where else it occurs, as far as the rule counts it.
    pub sightings: Sightings,
    /// What becomes of it.
    pub grade: IdiomGrade,
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

/// Leaves out what is free, and what another match of the same place says better: exact rules before disguises, those
/// that block before those that ask.
pub fn settle(mut matches: Vec<Match>, side: &Side) -> Vec<Match> {
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
    // What is free as it stands is free whatever else its words could be read as, but not the words around it.
    let graded: Vec<_> = matches
        .iter()
        .filter(|m| m.grade != IdiomGrade::Judged)
        .map(|m| (m.stream, m.range.clone(), m.grade))
        .collect();
    let is_in_idiom = |found: &Match| {
        let holds =
            |range: &Range<usize>| range.start <= found.range.start && found.range.end <= range.end;
        let meets =
            |range: &Range<usize>| range.start < found.range.end && found.range.start < range.end;
        let text = &side.streams[found.stream].text;
        let mut own = graded.iter().filter(|(stream, ..)| *stream == found.stream);
        own.any(|(_, range, grade)| match found.rule {
            Rule::Disguise => meets(range) && idiom::covers(range, &found.range, text),
            Rule::CodeRun => *grade == IdiomGrade::Free && holds(range),
            _ => false,
        })
    };
    let mut kept: Vec<Match> = Vec::new();
    let mut first_of_stream = 0;
    for found in matches.iter().filter(|m| m.grade != IdiomGrade::Free) {
        if is_in_idiom(found) {
            continue;
        }
        if kept.last().is_some_and(|last| last.stream != found.stream) {
            first_of_stream = kept.len();
        }
        let meets = |k: &Match| k.range.start < found.range.end && found.range.start < k.range.end;
        let same = kept[first_of_stream..].iter();
        let is_told = match rank(found) {
            0 => same.clone().any(|k| k == found),
            _ => same.clone().any(meets),
        };
        if !is_told {
            kept.push(found.clone());
        }
    }
    kept
}

/// Returns the item and the field that the description of a typed text names: `alice/F1` and `title`.
pub fn finding_and_field(what: &str) -> (&str, &str) {
    match what.split_once(' ') {
        Some((item, field)) if item.contains('/') => (item, field),
        _ => ("", what),
    }
}

/// A part of a match: which text, by the first typed one that is equal to it, and which bytes of it.
type Piece = (usize, Range<usize>);

/// Returns the overlaps: one for each passage of each field, however many files of the bundle hold the field and however many
/// rules the passage breaks.
pub fn overlaps(matches: &[Match], side: &Side, typed: &[Typed]) -> Vec<Overlap> {
    let mut equal: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, text) in typed.iter().enumerate() {
        equal.entry(&text.text).or_default().push(i);
    }
    let origins: Vec<Vec<Piece>> = matches
        .iter()
        .map(|m| side.streams[m.stream].origins(m.range.clone()))
        .collect();
    let pieces: Vec<Vec<Piece>> = origins
        .iter()
        .map(|all| {
            let first = |i: &usize| equal[typed[*i].text.as_str()][0];
            all.iter()
                .map(|(i, range)| (first(i), range.clone()))
                .collect()
        })
        .collect();
    let mut out = Vec::new();
    for passage in passages(&origins, &pieces) {
        let Some(best) = passage
            .iter()
            .copied()
            .min_by_key(|at| preference(&matches[*at]))
        else {
            continue;
        };
        let Some((first, _)) = origins[best].first() else {
            continue;
        };
        let texts: Vec<&str> = origins[best]
            .iter()
            .map(|(i, _)| typed[*i].text.as_str())
            .collect();
        let places = equal[texts[0]].iter().copied();
        let places = places.filter(|start| start == first || follows(typed, *start, &texts));
        let words = merged(passage.iter().flat_map(|at| &pieces[*at]));
        let overlap = overlap(&typed[*first], &matches[best]);
        let marks = |finding: &str| {
            let mark = |(text, range): &Piece| {
                let all = equal[typed[*text].text.as_str()].iter();
                let own = |i: &&usize| finding_and_field(&typed[**i].what).0 == finding;
                let of = all.clone().find(own).unwrap_or(text);
                let (finding, field) = finding_and_field(&typed[*of].what);
                let characters = |to: usize| typed[*text].text[..to].chars().count() as u64;
                MarkedWords {
                    finding: finding.to_owned(),
                    field: field.to_owned(),
                    from: characters(range.start),
                    to: characters(range.end),
                }
            };
            words.iter().map(mark).collect()
        };
        out.extend(by_field(
            &overlap,
            &places.collect::<Vec<_>>(),
            typed,
            &marks,
        ));
    }
    out
}

/// Orders matches of the same words: those that block before those that ask, then the longest, which names the passage.
fn preference(found: &Match) -> (bool, bool, std::cmp::Reverse<usize>, Spot, Rule) {
    (
        found.rule == Rule::CodeRun,
        found.rule == Rule::Disguise,
        std::cmp::Reverse(found.range.len()),
        found.spot.clone(),
        found.rule,
    )
}

/// Returns which matches share words with each other, directly or by others between them. `origins` are the pieces of each match
/// by the typed texts in which they were found, `pieces` the same by the first text that is equal.
///
/// A match within one text is the same in every text that is equal. One that goes over several texts is not: two passages that
/// were cut up may have equal pieces.
fn passages(origins: &[Vec<Piece>], pieces: &[Vec<Piece>]) -> Vec<Vec<usize>> {
    let mut all: Vec<(bool, usize, usize, usize, usize)> = Vec::new();
    for at in 0..pieces.len() {
        for (text, range) in &origins[at] {
            all.push((true, *text, range.start, range.end, at));
        }
        if let [(text, range)] = &pieces[at][..] {
            all.push((false, *text, range.start, range.end, at));
        }
    }
    all.sort_unstable();
    let mut root: Vec<usize> = (0..pieces.len()).collect();
    let mut last: Option<((bool, usize), usize, usize)> = None;
    for (kind, text, start, end, at) in all {
        last = match last {
            Some((before, reach, other)) if before == (kind, text) && start < reach => {
                let (a, b) = (find_root(&mut root, at), find_root(&mut root, other));
                root[a.max(b)] = a.min(b);
                Some((before, reach.max(end), at))
            }
            _ => Some(((kind, text), end, at)),
        };
    }
    let mut out: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..pieces.len() {
        let first = find_root(&mut root, at);
        out.entry(first).or_default().push(at);
    }
    out.into_values().collect()
}

/// Returns the representative of a set in a forest of parents, and shortens the way to it.
fn find_root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

/// Returns the pieces in order, those that share bytes as one.
fn merged<'p>(pieces: impl Iterator<Item = &'p Piece>) -> Vec<Piece> {
    let mut all: Vec<Piece> = pieces.cloned().collect();
    all.sort_by_key(|(text, range)| (*text, range.start));
    let mut out: Vec<Piece> = Vec::new();
    for (text, range) in all {
        match out.last_mut() {
            Some((before, last)) if *before == text && range.start <= last.end => {
                last.end = last.end.max(range.end);
            }
            _ => out.push((text, range)),
        }
    }
    out
}

/// Returns an overlap for each field that has the text, with all places of it. Where only the entry of a ledger is known, and not
/// the item, the place belongs to the first field.
fn by_field(
    overlap: &Overlap,
    places: &[usize],
    typed: &[Typed],
    marks: &dyn Fn(&str) -> Vec<MarkedWords>,
) -> Vec<Overlap> {
    let of = |i: usize| finding_and_field(&typed[i].what);
    let home = places.iter().copied().find(|i| !of(*i).0.is_empty());
    let mut fields: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for place in places {
        let field = match home {
            Some(home) if of(*place).0.is_empty() => of(home),
            _ => of(*place),
        };
        fields.entry(field).or_default().push(*place);
    }
    let suffix = overlap
        .what
        .find(", undone: ")
        .map_or("", |at| &overlap.what[at..]);
    let one = |((finding, field), places): ((&str, &str), Vec<usize>)| {
        let mut lines: Vec<BundleLine> = places
            .iter()
            .map(|i| BundleLine {
                file: typed[*i].file.clone(),
                line: typed[*i].line,
            })
            .collect();
        lines.sort();
        lines.dedup();
        let first = lines.remove(0);
        let what = format!("{finding} {field}");
        Overlap {
            file: first.file,
            line: first.line,
            also: lines,
            finding: finding.to_owned(),
            field: field.to_owned(),
            marks: marks(finding),
            what: format!("{}{suffix}", what.trim_start()),
            ..overlap.clone()
        }
    };
    fields.into_iter().map(one).collect()
}

/// File, line and name of a typed text.
type PlaceOfText = (String, u64, String);

/// Unites the overlaps of rules that judge each text of each file by itself, so that each field has one.
pub fn unite(overlaps: &[Overlap], typed: &[Typed]) -> Vec<Overlap> {
    let mut texts: HashMap<(&str, u64, &str), &str> = HashMap::new();
    for text in typed {
        texts.insert((&text.file, text.line, &text.what), &text.text);
    }
    let mut united: Vec<Overlap> = Vec::new();
    let mut alone: BTreeMap<(Rule, u64, &str), Vec<PlaceOfText>> = BTreeMap::new();
    for overlap in overlaps {
        match texts.get(&(&*overlap.file, overlap.line, &*overlap.what)) {
            Some(text) if overlap.marks.is_empty() => {
                let key = (overlap.rule, overlap.length, *text);
                let place = (overlap.file.clone(), overlap.line, overlap.what.clone());
                alone.entry(key).or_default().push(place);
            }
            _ => united.push(overlap.clone()),
        }
    }
    for ((rule, length, _), all) in alone {
        let is_one = |t: &Typed| {
            all.iter()
                .any(|(file, line, what)| t.file == *file && t.line == *line && t.what == *what)
        };
        let places: Vec<usize> = (0..typed.len()).filter(|i| is_one(&typed[*i])).collect();
        let Some(first) = places.first() else {
            continue;
        };
        let overlap = super::overlap(&typed[*first], rule, length);
        united.extend(by_field(&overlap, &places, typed, &|_| Vec::new()));
    }
    united.sort();
    united.dedup();
    united
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
    let (finding, field) = finding_and_field(&of.what);
    Overlap {
        file: of.file.clone(),
        line: of.line,
        also: Vec::new(),
        finding: finding.to_owned(),
        field: field.to_owned(),
        marks: Vec::new(),
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
    // The same words are marked once, by the longest rule that finds them.
    let holds = |a: &Mark, b: &Mark| {
        a.typed == b.typed && a.range.0 <= b.range.0 && b.range.1 <= a.range.1 && a.range != b.range
    };
    let all = out.clone();
    out.retain(|mark| {
        !all.iter()
            .any(|other| other.rule != Rule::CodeRun && holds(other, mark))
    });
    out
}
