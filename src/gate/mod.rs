//! The check that no vendor code leaves.
//!
//! It judges the texts that a person typed, in the order in which the bundle holds them, against every
//! text of every snapshot of the review. The search is turned round: the typed side is small and is put
//! into tables, the vendor's side streams past once and needs no index. A table's answer is always
//! confirmed on the characters themselves, so nothing is missed and nothing is invented.
//!
//! Rules (the words of [`crate::model::Rule`]):
//! - `run-32`: a run of 32 or more letters and digits, case folded, all else dropped, over the typed text
//!   joined over the whole bundle, that touches two or more tokens of the vendor's text. One identifier, one
//!   qualified name (`a::b.c->d`) and one path are single tokens and free. See `run.rs`.
//! - `line`: a whole vendor line of 12 or more characters with two of ``;{}=()[]<>&|*+!%#`` or three
//!   tokens. See `line.rs`.
//! - `alphabet`: not NFC, or a format, control, private-use, unassigned or ignorable character.
//!
//! Limits said plainly: a gate stops copying, not memory. Texts disguised on purpose are not undone here.
//! No file is read here; the caller brings the texts and answers for their being complete.

mod alphabet;
mod filter;
mod identifier;
mod line;
mod run;
mod token;

use crate::model::{Budget, Overlap, Policy, RepoPath, Typed, Verdict};
use std::ops::ControlFlow;

/// Which part of the corpus a visit covers: one of `count` parts that together are the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    pub index: usize,
    /// At least 1.
    pub count: usize,
}

/// Every text of every snapshot of the review.
pub trait Corpus: Sync {
    /// What can go wrong while reading it.
    type Error: std::error::Error + Send + 'static;

    /// Calls `see` with path and decoded text of every file of the shard, until it breaks.
    ///
    /// It must fail rather than leave out a text: a text that was not seen would be a false "clean".
    fn visit(
        &self,
        shard: Shard,
        see: &mut dyn FnMut(&RepoPath, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), Self::Error>;
}

/// How the caller watches a long judgement.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Asked after each file; true ends the judgement.
    pub is_cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Told the bytes of each file when it is done.
    pub progress: &'a (dyn Fn(u64) + Sync),
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

/// A place of the vendor's: file and 1-based line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    path: RepoPath,
    line: u64,
}

/// More overlaps than this are not listed: the bundle is blocked anyway.
const MOST_OVERLAPS: usize = 10_000;

/// Judges what a person typed against every text of the review.
pub fn judge<C: Corpus>(
    typed: &[Typed],
    policy: &Policy,
    corpus: &C,
    watch: Watch<'_>,
) -> Result<Verdict, GateError<C::Error>> {
    let runs = run::Needle::new(typed);
    let lines = line::Needle::new(typed);
    let names = identifier::Needle::new(typed);
    let count = std::thread::available_parallelism().map_or(1, |n| n.get().min(4));
    let scan = |index| {
        let mut found = (runs.scan(), lines.scan(), names.scan());
        let mut is_cancelled = false;
        corpus.visit(Shard { index, count }, &mut |path, text| {
            found.0.see(path, text);
            found.1.see(path, text);
            found.2.see(path, text);
            (watch.progress)(text.len() as u64);
            is_cancelled = (watch.is_cancelled)();
            if is_cancelled {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        Ok((found, is_cancelled))
    };
    let shards: Vec<_> = std::thread::scope(|threads| {
        let scan = &scan;
        let started: Vec<_> = (0..count).map(|i| threads.spawn(move || scan(i))).collect();
        let join = |t: std::thread::ScopedJoinHandle<'_, _>| match t.join() {
            Ok(found) => found,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        started.into_iter().map(join).collect()
    });
    let (mut run_finds, mut line_finds, mut name_finds) = (runs.scan(), lines.scan(), names.scan());
    for shard in shards {
        let ((run_found, line_found, name_found), is_cancelled) =
            shard.map_err(GateError::Corpus)?;
        if is_cancelled {
            return Err(GateError::Cancelled);
        }
        run_finds.merge(run_found);
        line_finds.merge(line_found);
        name_finds.merge(name_found);
    }
    let mut overlaps = alphabet::judge(typed);
    overlaps.extend(run_finds.overlaps(typed));
    overlaps.extend(line_finds.overlaps(typed));
    overlaps.sort();
    overlaps.dedup();
    overlaps.truncate(MOST_OVERLAPS);
    let budgets = name_finds.budgets(typed, policy);
    let is_over = |b: &Budget| b.used > b.limit;
    let blocked = !overlaps.is_empty() || budgets.iter().any(is_over);
    Ok(Verdict {
        overlaps,
        budgets,
        blocked,
    })
}

fn overlap(of: &Typed, place: Option<&Place>, length: u64, rule: crate::model::Rule) -> Overlap {
    Overlap {
        file: of.file.clone(),
        line: of.line,
        path: place.map(|p| p.path.clone()),
        at: place.map(|p| p.line),
        length,
        rule,
        what: of.what.clone(),
    }
}

/// Returns the 1-based line of a byte.
fn line_of(text: &[u8], offset: usize) -> u64 {
    memchr::memchr_iter(b'\n', &text[..offset.min(text.len())]).count() as u64 + 1
}

#[cfg(test)]
mod tests;
