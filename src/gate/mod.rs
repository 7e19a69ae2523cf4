//! The check that no vendor code leaves.
//!
//! It judges the texts that a person typed, in the order in which the bundle holds them, against every
//! text of every snapshot of the review. The search is turned round: the typed side is small and is put
//! into tables, the vendor's side streams past once and needs no index. A table's answer is always
//! confirmed on the characters themselves, so nothing is missed and nothing is invented.
//!
//! Rules (the words of [`Rule`]):
//! - `run-32`: a run of 32 or more letters and digits, case folded, all else dropped, over the typed text
//!   joined over the whole bundle, that touches two or more tokens of the vendor's text. One identifier, one
//!   qualified name (`a::b.c->d`) and one path are single tokens and free. Letters of scripts without spaces make
//!   no tokens, and fewer of them make a run. See `run` and `script`.
//! - `line`: a whole vendor line of 12 or more characters with two of ``;{}=()[]<>&|*+!%#`` or three
//!   tokens, or of a clause in a script without spaces. See `line` and `clause`.
//! - `code-run`: a run of 20 or more characters with two of them (see `code`), or words of the vendor's in the vendor's
//!   order with filler between (see `order`). It stops the export until there is a reason.
//! - `opaque`: an unbroken token of 24 or more characters that nothing explains (see `opaque`), or a stretch of tokens
//!   of which most are neither words nor known names (see `stretch`).
//! - `alphabet`: not NFC, or a format, control, private-use, unassigned or ignorable character, or a word that mixes
//!   scripts (see `alphabet`); or white space that a reader does not see, more than a slip of the hand makes (see
//!   `blanks`).
//! - `disguise`: `run-32` and `line` again, after undoing what `undo` lists.
//!
//! What says no more than an idiom of the language, or than many files of the delivery say, is free, and what says little
//! more needs a reason; several of them close to each other in one vendor file are a copy. See `idiom`.
//!
//! How one pass does it all: both sides are brought into a coarse form in which what may be read as the same is the
//! same (`skeleton`); everything that a typed text may stand for (`undo`) is laid out in that form (`side`) and
//! put into the tables; the vendor's texts are brought into it once, block by block (`block`). What matches is
//! compared in the exact form and told as the rule itself, or else as a disguise of it.
//!
//! What the policy lets a bundle quote is judged by its amount alone (`excerpt`): it is nothing that a person typed.
//!
//! Limits said plainly: a gate stops copying, not memory. Filler that carries meaning, paraphrase and codes that were
//! agreed on are not undone. No file is read here; the caller brings the texts and answers for their being complete.

mod alphabet;
mod bits;
mod blanks;
mod block;
mod char_set;
mod clause;
mod code;
mod confusable;
mod decode;
mod escape;
mod excerpt;
mod filter;
mod identifier;
mod idiom;
mod line;
mod look_alike;
mod matches;
mod opaque;
mod order;
mod phrase;
mod run;
mod script;
mod shift;
mod side;
mod skeleton;
mod spelled;
mod stream;
mod stretch;
mod token;
mod undo;
mod vocabulary;
mod weigh;
mod word;
mod word_finder;

pub use excerpt::excerpts;
pub use matches::Mark;
pub use side::Depth;

use crate::model::{Budget, DeliveredText, Overlap, Policy, RepoPath, Rule, Typed, Verdict};
use block::{Block, Place};
use matches::Match;
use side::Side;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use word_finder::{WordFinder, WordUse, each_word};

/// Consecutive lines of a text that the vendor delivered: all of it, or a part.
#[derive(Clone, Copy, Debug)]
pub struct Passage<'a> {
    /// Which text.
    pub origin: &'a DeliveredText,
    /// The 1-based number of the first line in that text.
    pub first_line: u64,
    /// The lines, decoded.
    pub text: &'a [u8],
}

/// Every text that the vendor delivered to the review.
pub trait Corpus: Sync {
    /// What can go wrong while reading it.
    type Error: std::error::Error + Send + 'static;

    /// Calls `see` with passages until it breaks. Every line, and every window of 64 letters and digits, of every text lies
    /// whole in one of the passages.
    ///
    /// It is called on several threads at once, and together the calls give every text to one of them. It must fail
    /// rather than leave out a text: a text that was not seen would be a false "clean".
    fn visit(&self, see: &mut dyn FnMut(Passage<'_>) -> ControlFlow<()>)
    -> Result<(), Self::Error>;
}

/// How the caller watches a long judgement.
pub struct Watch<'a> {
    /// Asked after each block of a file; true ends the judgement.
    pub is_cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Told the bytes of each file when it is done, on the caller's own thread.
    pub progress: &'a mut dyn FnMut(u64),
}

/// What is asked of the gate.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// What a person typed, at every place of the bundle where it stands.
    pub typed: &'a [Typed],
    /// What the room allows.
    pub policy: &'a Policy,
    /// Why what only stops may leave; empty if nobody said.
    pub reason: &'a str,
    /// Tells ids that the review knows, whole or by a prefix of seven digits or more.
    pub is_known: &'a (dyn Fn(&str) -> bool + Sync),
}

/// Says why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum GateError<E: std::error::Error + 'static> {
    /// The caller cancelled it.
    #[error("the gate was cancelled")]
    Cancelled,
    /// A text of the review could not be read, so that "clean" would mean nothing.
    #[error("the gate could not read every text of the review")]
    Corpus(#[source] E),
}

impl<E: std::error::Error + 'static> GateError<E> {
    /// Returns the next step, if there is one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Cancelled => None,
            Self::Corpus(_) => {
                Some("build the index again, or open the snapshot from an undamaged copy")
            }
        }
    }
}

/// Bytes after which progress is told: each time wakes a thread.
const TOLD_AT_ONCE: u64 = 1 << 18;

/// More overlaps than this are not listed: the bundle is blocked anyway.
const MOST_OVERLAPS: usize = 10_000;

/// Judges what a person typed against every text of the review.
pub fn judge<C: Corpus>(
    question: &Question<'_>,
    corpus: &C,
    watch: Watch<'_>,
) -> Result<Verdict, GateError<C::Error>> {
    let typed = question.typed;
    let opaque = opaque::candidates(typed, question.is_known);
    let side = Side::new(stream::join(typed), Depth::Undone);
    let stretches = stretch::candidates(&side.streams, question.is_known);
    let words = opaque.iter().flat_map(opaque::Candidate::words);
    let words = words.chain(stretches.iter().flat_map(stretch::Stretch::words));
    let needle = Needle::new(&side, typed, words);
    let found = scan(&needle, corpus, watch)?;
    let known = needle.names.known(&found.names);
    let mut overlaps = alphabet::judge(typed);
    overlaps.extend(blanks::judge(typed));
    let is_opaque = |c: &&opaque::Candidate| c.is_opaque(&known, &found.runs.paths);
    overlaps.extend(opaque.iter().filter(is_opaque).map(|c| c.overlap(typed)));
    overlaps.extend(
        stretches
            .iter()
            .flat_map(|s| s.overlaps(&known, &side.streams, typed)),
    );
    let matches = needle.matches(&found);
    overlaps.extend(matches::overlaps(&matches, &side, typed));
    // Nobody writes so much in codings, and what is not compared must not leave.
    if let Some(stream) = side.overfull
        && let Some((first, _)) = side.streams[stream].origins(0..usize::MAX).first()
    {
        let length = side.streams[stream].text.chars().count() as u64;
        overlaps.push(overlap(&typed[*first], Rule::Opaque, length));
    }
    let mut overlaps = matches::unite(&overlaps, typed);
    let is_over = |b: &Budget| b.used > b.limit;
    let budgets = identifier::budgets(&known, typed, question.policy);
    let stops = overlaps.iter().any(|o| o.rule == Rule::CodeRun);
    let needs_reason = stops && question.reason.trim().is_empty();
    let blocks = overlaps.iter().any(|o| o.rule != Rule::CodeRun) || budgets.iter().any(is_over);
    // What blocks is listed even if there is more than can be.
    overlaps.sort_by_key(|o| o.rule == Rule::CodeRun);
    overlaps.truncate(MOST_OVERLAPS);
    overlaps.sort();
    Ok(Verdict {
        overlaps,
        budgets,
        needs_reason,
        blocked: blocks || needs_reason,
    })
}

/// Marks what typed texts share with some of the vendor's, in the texts themselves: what [`judge`] would find of the
/// rules `run-32`, `line` and `code-run` if these were all texts, and nothing were disguised.
pub fn mark<'t>(
    typed: &[Typed],
    texts: impl Iterator<Item = (&'t RepoPath, &'t [u8])>,
) -> Vec<Mark> {
    let side = Side::new(stream::join(typed), Depth::Plain);
    let needle = Needle::new(&side, typed, std::iter::empty());
    let mut block = Block::default();
    let mut found = Found::default();
    for (path, text) in texts {
        let origin = DeliveredText::File(path.clone());
        let passage = Passage {
            origin: &origin,
            first_line: 1,
            text,
        };
        needle.see(passage, &mut block, &mut found, &|| false);
    }
    let matches = needle.matches(&found);
    matches::marks(&matches, &side.streams)
}

/// The typed side, ready to be compared.
struct Needle<'s> {
    side: &'s Side,
    runs: run::Needle<'s>,
    lines: line::Needle<'s>,
    clauses: clause::Needle<'s>,
    codes: code::Needle<'s>,
    orders: order::Needle<'s>,
    names: identifier::Needle,
    /// The words of `orders` and `names`.
    words: WordFinder,
}

/// What was found in a part of the corpus.
#[derive(Default)]
struct Found {
    runs: run::Found,
    lines: line::Found,
    clauses: clause::Found,
    codes: code::Found,
    orders: order::Found,
    names: identifier::Found,
}

impl<'s> Needle<'s> {
    /// Fills the tables; `words` are those that only the vendor's text can explain.
    fn new<'w>(side: &'s Side, typed: &'w [Typed], words: impl Iterator<Item = &'w [u8]>) -> Self {
        let paths = typed.iter().flat_map(|t| token::paths(t.text.as_bytes()));
        let paths: HashSet<_> = paths.map(<[u8]>::to_vec).collect();
        let orders = order::Needle::new(side);
        let names = identifier::Needle::new(typed, words);
        let mut words = WordFinder::new();
        orders.add_words(&mut words);
        names.add_words(&mut words);
        Self {
            side,
            runs: run::Needle::new(side, paths),
            lines: line::Needle::new(side),
            clauses: clause::Needle::new(side),
            codes: code::Needle::new(side),
            orders,
            names,
            words,
        }
    }

    /// Streams one passage past all tables. Returns false if it was cancelled.
    fn see(
        &self,
        passage: Passage<'_>,
        block: &mut Block,
        found: &mut Found,
        is_cancelled: &dyn Fn() -> bool,
    ) -> bool {
        let Passage {
            origin,
            first_line,
            text,
        } = passage;
        self.runs.see_path(origin, &mut found.runs);
        let counted = identifier::CountedText::new(origin, text);
        let mut goes_on = !is_cancelled();
        block.each(text, first_line, |block, place| {
            self.runs.see(origin, block, place, &mut found.runs);
            self.lines.see(origin, block, place, &mut found.lines);
            self.clauses.see(origin, block, place, &mut found.clauses);
            self.codes.see(origin, block, place, &mut found.codes);
            self.see_words(origin, place, &counted, found);
            goes_on = !is_cancelled();
            goes_on
        });
        goes_on
    }

    /// Looks at every word of the block's own part of a text.
    fn see_words(
        &self,
        origin: &DeliveredText,
        place: &Place<'_>,
        counted: &identifier::CountedText<'_>,
        found: &mut Found,
    ) {
        if self.words.is_empty() {
            return;
        }
        let mut window = order::Window::default();
        let start = place.start();
        each_word(place.bytes(), |word, hash| {
            let (uses, first) = self.words.find(hash);
            if uses.has(WordUse::NAME) {
                let word = start + word.start..start + word.end;
                self.names.see(counted, word, first, &mut found.names);
            }
            let word = (&word, hash, uses);
            self.orders
                .see(word, (origin, place), &mut window, &mut found.orders);
        });
        let own = start..start + place.bytes().len();
        self.names.see_rest(counted, own, &mut found.names);
    }

    fn matches(&self, found: &Found) -> Vec<Match> {
        let mut matches = self.runs.matches(&found.runs);
        matches.extend(self.lines.matches(&found.lines));
        matches.extend(self.codes.matches(&found.codes));
        let file_count = |word: &str| self.names.file_count(&found.names, word);
        idiom::grade(&mut matches, self.side, &file_count);
        // Clauses of other scripts are no code, and words in order are weighed by their own rule.
        matches.extend(self.clauses.matches(&found.clauses));
        matches.extend(self.orders.matches(&found.orders));
        matches::settle(matches, self.side)
    }
}

impl Found {
    fn merge(&mut self, other: Self) {
        self.runs.merge(other.runs);
        self.lines.merge(other.lines);
        self.clauses.merge(other.clauses);
        self.codes.merge(other.codes);
        self.orders.merge(other.orders);
        self.names.merge(other.names);
    }
}

fn scan<C: Corpus>(
    needle: &Needle<'_>,
    corpus: &C,
    watch: Watch<'_>,
) -> Result<Found, GateError<C::Error>> {
    let is_over = AtomicBool::new(false);
    let Watch {
        is_cancelled,
        progress,
    } = watch;
    let one = |done: mpsc::Sender<u64>| {
        let (mut found, mut block) = (Found::default(), Block::default());
        let mut has_stopped = false;
        let mut unsent = 0;
        let visited = corpus.visit(&mut |passage| {
            let stops = || is_over.load(Ordering::Relaxed) || is_cancelled();
            has_stopped |= !needle.see(passage, &mut block, &mut found, &stops);
            unsent += passage.text.len() as u64;
            if unsent >= TOLD_AT_ONCE {
                // Whoever listens is there to the end.
                let _ = done.send(std::mem::take(&mut unsent));
            }
            if has_stopped {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let _ = done.send(unsent);
        if visited.is_err() || has_stopped {
            // Nobody has to finish what comes to nothing.
            is_over.store(true, Ordering::Relaxed);
        }
        visited.map(|()| (found, has_stopped))
    };
    let count = std::thread::available_parallelism().map_or(1, |n| n.get().min(8));
    let parts: Vec<_> = std::thread::scope(|threads| {
        let (sender, receiver) = mpsc::channel();
        let start = |_| {
            let (one, sender) = (&one, sender.clone());
            threads.spawn(move || one(sender))
        };
        let started: Vec<_> = (0..count).map(start).collect();
        drop(sender);
        receiver.iter().for_each(progress);
        let join = |t: std::thread::ScopedJoinHandle<'_, _>| match t.join() {
            Ok(found) => found,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        started.into_iter().map(join).collect()
    });
    let mut all = Found::default();
    let mut is_cancelled = false;
    let mut error = None;
    for part in parts {
        match part {
            Ok((found, stopped)) => {
                is_cancelled |= stopped;
                all.merge(found);
            }
            Err(e) => error = Some(e),
        }
    }
    match error {
        Some(error) => Err(GateError::Corpus(error)),
        None if is_cancelled => Err(GateError::Cancelled),
        None => Ok(all),
    }
}

/// An overlap with no place of the vendor's.
fn overlap(of: &Typed, rule: Rule, length: u64) -> Overlap {
    let (finding, field) = matches::finding_and_field(&of.what);
    Overlap {
        file: of.file.clone(),
        line: of.line,
        also: Vec::new(),
        finding: finding.to_owned(),
        field: field.to_owned(),
        marks: Vec::new(),
        path: None,
        commit: None,
        blob: None,
        tag: None,
        at: None,
        length,
        rule,
        what: of.what.clone(),
    }
}

#[cfg(test)]
mod tests;
