//! The typed side in the coarse form: every joined text and everything that it may stand for, one behind the other.

use super::line::LEAST_INK;
use super::script::is_unspaced;
use super::skeleton::{self, is_letter};
use super::stream::Stream;
use super::token;
use super::undo::{self, Text};
use memchr::memmem;
use std::ops::Range;

/// How much is done to the typed texts before they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// They are taken as they stand.
    Plain,
    /// Every disguise is undone.
    Undone,
}

/// A text of the typed side: where it lies, and what it is.
#[derive(Clone, Debug)]
pub struct View {
    /// Which joined text it comes from.
    pub stream: usize,
    /// What was undone; nothing for the text itself.
    pub undone: Option<&'static str>,
    /// Its letters in [`Form::bytes`] of the letters.
    pub letters: Range<usize>,
    /// Its ink in [`Form::bytes`] of the ink.
    pub ink: Range<usize>,
}

/// All views in one form.
#[derive(Default)]
pub struct Form {
    /// The coarse form.
    pub bytes: Vec<u8>,
    /// For each byte the offset of its character in the joined text.
    pub at: Vec<u32>,
}

impl Form {
    fn cut(&mut self, length: usize) {
        self.bytes.truncate(length);
        self.at.truncate(length);
    }
}

/// The typed side.
#[derive(Default)]
pub struct Side {
    /// The joined texts.
    pub streams: Vec<Stream>,
    /// Every view; the joined texts themselves come first.
    pub views: Vec<View>,
    /// Letters of all views.
    pub letters: Form,
    /// For each letter of the joined texts themselves, whether it and the next one stand in one token.
    pub joined: Vec<bool>,
    /// Ink of all views.
    pub ink: Form,
    /// Lines and quoted texts: where their ink lies.
    pub units: Vec<Range<usize>>,
    /// The joined text at which there was more to be undone than is laid out: it was not compared whole.
    pub overfull: Option<usize>,
}

/// Bytes of undone texts that are laid out for a small export; each takes about 80 bytes of memory in the tables. Prose of
/// 200 findings has a tenth of it.
const UNDONE_LEAST: usize = 8 << 20;
/// Bytes of undone texts that are laid out in addition for each byte that was typed.
const UNDONE_RATIO: usize = 16;
/// Bytes of undone texts that are laid out at most.
const UNDONE_MOST: usize = 16 << 20;

impl Side {
    /// Lays out the joined texts and, if asked to, everything that they may stand for.
    pub fn new(streams: Vec<Stream>, depth: Depth) -> Self {
        let mut side = Self::default();
        let texts: Vec<Text> = streams.iter().map(|s| Text::new(&s.text)).collect();
        for (stream, text) in texts.iter().enumerate() {
            side.push(text, stream, None);
        }
        if depth == Depth::Undone {
            let typed: usize = texts.iter().map(|text| text.bytes.len()).sum();
            side.undo(
                &texts,
                (UNDONE_LEAST + UNDONE_RATIO * typed).min(UNDONE_MOST),
            );
        }
        side.streams = streams;
        side
    }

    /// Lays out what the texts may stand for, up to so many bytes.
    fn undo(&mut self, texts: &[Text], most: usize) {
        let mut left = most;
        for (stream, text) in texts.iter().enumerate() {
            undo::each(
                text,
                &mut |text, name| match left.checked_sub(text.bytes.len()) {
                    Some(rest) => {
                        left = rest;
                        self.push(text, stream, Some(name));
                    }
                    None => _ = self.overfull.get_or_insert(stream),
                },
            );
        }
    }

    fn push(&mut self, text: &Text, stream: usize, undone: Option<&'static str>) {
        let (letters, ink) = (self.letters.bytes.len(), self.ink.bytes.len());
        // For each byte of ink, where its character begins in this view.
        let mut starts = Vec::new();
        let mut last = None;
        skeleton::each(&text.bytes, |byte, at| {
            self.ink.bytes.push(byte);
            self.ink.at.push(text.at[at]);
            starts.push(at as u32);
            if !is_letter(byte) {
                return;
            }
            if let Some(before) = last.filter(|_| undone.is_none()) {
                let is_apart =
                    is_unspaced(byte) || self.letters.bytes.last().is_some_and(|b| is_unspaced(*b));
                let is_joined = || {
                    let end = before + token::width(&text.bytes, before);
                    token::is_joined(&text.bytes[end.min(at)..at])
                };
                self.joined.push(!is_apart && (before == at || is_joined()));
            }
            last = Some(at);
            self.letters.bytes.push(byte);
            self.letters.at.push(text.at[at]);
        });
        if last.is_some() && undone.is_none() {
            self.joined.push(false);
        }
        if undone.is_some() && starts.len() < LEAST_INK {
            // No rule finds anything in it, and most of what is decoded is so short.
            self.letters.cut(letters);
            self.ink.cut(ink);
            return;
        }
        for unit in units(&text.bytes) {
            let from = ink + starts.partition_point(|at| (*at as usize) < unit.start);
            let to = ink + starts.partition_point(|at| (*at as usize) < unit.end);
            if undone.is_none() || to - from >= LEAST_INK {
                self.units.push(from..to);
            }
        }
        self.views.push(View {
            stream,
            undone,
            letters: letters..self.letters.bytes.len(),
            ink: ink..self.ink.bytes.len(),
        });
    }

    /// Returns the view that holds a letter.
    pub fn view_of_letter(&self, at: usize) -> &View {
        let view = self.views.partition_point(|v| v.letters.end <= at);
        &self.views[view]
    }

    /// Returns the view that holds a byte of ink.
    pub fn view_of_ink(&self, at: usize) -> &View {
        let view = self.views.partition_point(|v| v.ink.end <= at);
        &self.views[view]
    }

    /// Returns the bytes of the joined text from which a range of a form comes.
    pub fn source(&self, view: &View, form: &Form, range: Range<usize>) -> Range<usize> {
        let text = self.streams[view.stream].text.as_bytes();
        let places = || form.at[range.clone()].iter().map(|at| *at as usize);
        let first = places().min().unwrap_or(0);
        let last = places().max().unwrap_or(0);
        first..(last + token::width(text, last)).min(text.len())
    }
}

/// Quotation marks of East Asia, and of typography: what opens, and what closes.
const QUOTES: [(char, char); 5] = [
    ('“', '”'),
    ('「', '」'),
    ('『', '』'),
    ('《', '》'),
    ('«', '»'),
];

/// Marks that end a sentence in East Asia, or announce one.
const ENDS: [char; 5] = ['。', '！', '？', '；', '：'];

/// Returns the lines, and the texts between pairs of quotation marks; in scripts that have marks of their own, also
/// the sentences.
fn units(text: &[u8]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    for mark in [b'\n', b'`', b'"'] {
        let mut from = 0;
        for (i, end) in memchr::memchr_iter(mark, text)
            .chain([text.len()])
            .enumerate()
        {
            // The first piece stands before any quote.
            if from < end && (mark == b'\n' || i > 0) {
                out.push(from..end);
            }
            from = end + 1;
        }
    }
    if !text.is_ascii() {
        quoted(text, &mut out);
        sentences(text, &mut out);
    }
    out
}

/// Adds what stands between quotation marks that are not of ASCII.
fn quoted(text: &[u8], out: &mut Vec<Range<usize>>) {
    for (opens, closes) in QUOTES {
        let (mut first, mut last) = ([0; 4], [0; 4]);
        let opens = opens.encode_utf8(&mut first).as_bytes();
        let closes = memmem::Finder::new(closes.encode_utf8(&mut last).as_bytes());
        for at in memmem::find_iter(text, opens) {
            let from = at + opens.len();
            let end = closes.find(&text[from..]).filter(|length| *length > 0);
            out.extend(end.map(|length| from..from + length));
        }
    }
}

/// Adds the parts of lines between marks that end a sentence.
fn sentences(text: &[u8], out: &mut Vec<Range<usize>>) {
    let mut ends: Vec<(usize, usize)> = memchr::memchr_iter(b'\n', text)
        .map(|at| (at, at + 1))
        .collect();
    for mark in ENDS {
        let mut buffer = [0; 4];
        let mark = mark.encode_utf8(&mut buffer).as_bytes();
        ends.extend(memmem::find_iter(text, mark).map(|at| (at, at + mark.len())));
    }
    ends.sort_unstable();
    let mut from = 0;
    for (end, next) in ends.into_iter().chain([(text.len(), text.len())]) {
        if from < end {
            out.push(from..end);
        }
        from = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_laid_out_is_reported() {
        let text = "dGhlIGtleSBpcyBzdG9yZWQgaW4gdGhlIGNsZWFyIGFuZCBldmVyeWJvZHkgcmVhZHMgaXQ=";
        let texts = [Text::new("prose alone"), Text::new(text)];
        let lay_out = |most: usize| {
            let mut side = Side::default();
            side.undo(&texts, most);
            side.overfull
        };
        assert_eq!(lay_out(1 << 20), None, "the control");
        assert_eq!(lay_out(200), Some(1));
    }

    #[test]
    fn views_know_their_letters_ink_units_and_source() {
        let typed = crate::model::Typed {
            file: "f".into(),
            line: 1,
            text: "a `b_c d`\nE(f)".into(),
            what: "x".into(),
        };
        let stream = super::super::stream::join(&[typed]).remove(0);
        let side = Side::new(vec![stream], Depth::Plain);
        assert_eq!(side.letters.bytes, b"abcdef");
        assert_eq!(side.joined, [false, true, false, false, false, false]);
        assert_eq!(side.ink.bytes, b"a`b_cd`e(f)");
        let units: Vec<_> = side
            .units
            .iter()
            .map(|u| &side.ink.bytes[u.clone()])
            .collect();
        assert_eq!(units, [&b"a`b_cd`"[..], b"e(f)", b"b_cd", b"e(f)"]);
        let chinese = "甲：乙，“丙丁”。\n戊「己」";
        let of_chinese: Vec<_> = super::units(chinese.as_bytes())
            .into_iter()
            .map(|u| &chinese[u])
            .collect();
        assert_eq!(
            of_chinese,
            [
                "甲：乙，“丙丁”。",
                "戊「己」",
                "丙丁",
                "己",
                "甲",
                "乙，“丙丁”",
                "戊「己」"
            ]
        );
        let view = side.view_of_letter(2);
        assert_eq!(side.source(view, &side.letters, 1..4), 3..8);
        assert_eq!(side.view_of_ink(10).ink, 0..11);
    }
}
