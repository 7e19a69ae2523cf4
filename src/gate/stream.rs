//! The typed texts joined in the orders in which a reader meets them.
//!
//! A copied passage may be cut up over texts. So the texts are joined, a line end between them, in the order of
//! each file of the bundle, and again those of one kind: all titles, all statements. Most of these orders repeat
//! each other; a stretch of [`CONTEXT`] bytes on both sides of a joint is kept once.

use crate::model::Typed;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

/// Bytes on each side of a joint: a run of 32 in the longest form that is undone is shorter.
const CONTEXT: usize = 1024;

/// A joined text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// The text.
    pub text: String,
    parts: Vec<Part>,
}

/// A part of a typed text in a joined one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    /// Where it begins in the joined text.
    at: usize,
    /// Which typed text.
    typed: usize,
    /// Which bytes of it.
    range: Range<usize>,
}

impl Stream {
    /// Returns what a range of the joined text holds: for each typed text its number and the bytes of it.
    pub fn origins(&self, range: Range<usize>) -> Vec<(usize, Range<usize>)> {
        let first = self.parts.partition_point(|p| p.at <= range.start);
        let parts = self.parts[first.saturating_sub(1)..].iter();
        let cut = |p: &Part| {
            let len = p.range.len();
            let from = range.start.saturating_sub(p.at).min(len);
            let to = range.end.saturating_sub(p.at).min(len);
            (p.typed, p.range.start + from..p.range.start + to)
        };
        parts
            .take_while(|p| p.at < range.end)
            .map(cut)
            .filter(|(_, bytes)| !bytes.is_empty())
            .collect()
    }

    fn push(&mut self, typed: usize, text: &str, range: Range<usize>) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.parts.push(Part {
            at: self.text.len(),
            typed,
            range: range.clone(),
        });
        self.text.push_str(&text[range]);
    }
}

/// Returns what kind of text it is, whatever the item: `statement` of `alice/F1 statement`.
fn kind(typed: &Typed) -> &str {
    typed.what.split_once(' ').map_or("", |(_, kind)| kind)
}

/// Joins the texts.
pub fn join(typed: &[Typed]) -> Vec<Stream> {
    let mut orders: Vec<Vec<usize>> = Vec::new();
    let mut files: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut kinds: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (i, text) in typed.iter().enumerate().filter(|(_, t)| !t.text.is_empty()) {
        files.entry(&text.file).or_default().push(i);
        kinds.entry((kind(text), &text.file)).or_default().push(i);
    }
    orders.extend(files.into_values());
    orders.extend(kinds.into_values());
    let mut seen = Seen::default();
    let mut streams = Vec::new();
    for order in orders {
        seen.take(typed, &order, &mut streams);
    }
    streams
}

/// What was joined already.
#[derive(Default)]
struct Seen<'t> {
    texts: HashSet<&'t str>,
    joints: HashSet<(String, String)>,
}

impl<'t> Seen<'t> {
    /// Adds what is new in an order of texts.
    fn take(&mut self, typed: &'t [Typed], order: &[usize], streams: &mut Vec<Stream>) {
        let text = |i: usize| typed[order[i]].text.as_str();
        // Where each text begins if all are joined, and which bytes of the whole are new.
        let mut starts = Vec::with_capacity(order.len());
        let mut end = 0;
        for i in 0..order.len() {
            starts.push(end);
            end += text(i).len() + 1;
        }
        let mut new: Vec<Range<usize>> = Vec::new();
        for i in 0..order.len() {
            if i > 0 {
                let before = context(&mut (0..i).rev().map(text), Side::Before);
                let behind = context(&mut (i..order.len()).map(text), Side::Behind);
                let range = starts[i] - before.len()..starts[i] + behind.len();
                if self.joints.insert((before, behind)) {
                    new.push(range);
                }
            }
            if self.texts.insert(text(i)) {
                new.push(starts[i]..starts[i] + text(i).len());
            }
        }
        new.sort_by_key(|r| r.start);
        let mut merged: Vec<Range<usize>> = Vec::new();
        for range in new {
            match merged.last_mut() {
                // A gap of one byte is the line end between two texts that are both new.
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        for range in merged {
            let mut stream = Stream::default();
            let first = starts.partition_point(|s| *s <= range.start) - 1;
            for i in first..order.len() {
                let from = range.start.saturating_sub(starts[i]).min(text(i).len());
                let to = range.end.saturating_sub(starts[i]).min(text(i).len());
                if starts[i] >= range.end {
                    break;
                }
                if from < to {
                    stream.push(order[i], text(i), from..to);
                }
            }
            streams.push(stream);
        }
    }
}

#[derive(Clone, Copy)]
enum Side {
    Before,
    Behind,
}

/// Returns up to [`CONTEXT`] bytes of the joined texts on one side of a joint, in whole characters. The texts come
/// in order away from it.
fn context(texts: &mut dyn Iterator<Item = &str>, side: Side) -> String {
    let mut out = String::new();
    for text in texts {
        let room = CONTEXT - out.len();
        match side {
            Side::Before => {
                let from = (text.len() + 1).saturating_sub(room);
                let from = (from.min(text.len())..=text.len()).find(|i| text.is_char_boundary(*i));
                out.insert(0, '\n');
                out.insert_str(0, &text[from.unwrap_or(text.len())..]);
            }
            Side::Behind => {
                let to = (0..=text.len().min(room))
                    .rev()
                    .find(|i| text.is_char_boundary(*i));
                let to = to.unwrap_or(0);
                out.push_str(&text[..to]);
                if to < text.len() || out.len() == CONTEXT {
                    break;
                }
                out.push('\n');
            }
        }
        if out.len() + 4 > CONTEXT {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(file: &str, what: &str, text: &str) -> Typed {
        Typed {
            file: file.into(),
            line: 1,
            text: text.into(),
            what: what.into(),
        }
    }

    #[test]
    fn orders_are_joined_and_what_repeats_is_kept_once() {
        let texts = [
            typed("a", "x/F1 title", "one"),
            typed("a", "x/F1 statement", "two"),
            typed("a", "x/F2 title", "three"),
            typed("b", "x/F1 title", "one"),
            typed("b", "x/F1 statement", "two"),
            typed("b", "x/F2 title", "three"),
        ];
        let streams = join(&texts);
        let all: Vec<_> = streams.iter().map(|s| s.text.as_str()).collect();
        assert_eq!(all, ["one\ntwo\nthree", "one\nthree"]);
        assert_eq!(streams[0].origins(1..5), [(0, 1..3), (1, 0..1)]);
        assert_eq!(streams[1].origins(3..6), [(2, 0..2)]);
    }

    proptest! {
        #[test]
        fn every_short_stretch_of_every_order_is_in_a_stream(
            texts in proptest::collection::vec(("[ab]", "[st]", "[a-c\u{e9}]{1,5}|[a-c]{400,700}|x{1100}"), 1..24),
            from in 0usize..9000, len in 1usize..500,
        ) {
            let texts: Vec<_> = texts.iter().map(|(file, kind, text)| typed(file, &format!("x {kind}"), text)).collect();
            let streams = join(&texts);
            for file in ["a", "b"] {
                for wanted in [None, Some("s"), Some("t")] {
                    let of = |t: &&Typed| t.file == file && wanted.is_none_or(|k| kind(t) == k);
                    let whole = texts.iter().filter(of).map(|t| t.text.as_str()).collect::<Vec<_>>().join("\n");
                    let from = from.min(whole.len());
                    let to = (from + len).min(whole.len());
                    let Some(piece) = whole.get(from..to) else { continue };
                    prop_assert!(streams.iter().any(|s| s.text.contains(piece)), "{piece}");
                }
            }
            for stream in &streams {
                let mut all = String::new();
                for (at, range) in stream.origins(0..stream.text.len()) {
                    if !all.is_empty() {
                        all.push('\n');
                    }
                    all.push_str(&texts[at].text[range]);
                }
                prop_assert_eq!(&all, &stream.text);
            }
        }
    }
}
