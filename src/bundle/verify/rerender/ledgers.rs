//! The entries of a bundle's ledger that the documents are rendered from.

use super::super::super::schema::LedgerRecord;
use super::super::Problem;
use super::super::folder::DOCUMENT;
use super::canonical::is_canonical;
use super::closed;
use crate::model::{CoverageDetail, Entry, Event, PathDetail, Policy, RepoPath, Withheld};
use std::collections::BTreeSet;

/// A ledger as far as documents are rendered from it.
#[derive(Clone, Debug)]
pub struct BundleLedger {
    /// What `bundle.json` says of it.
    pub record: LedgerRecord,
    /// The entries that make up the review, with their lines.
    pub kept: Vec<(u64, Entry)>,
    /// The paths of the entries that are not kept: marks, lines on screen, encodings.
    pub paths: BTreeSet<RepoPath>,
    /// The time of the last entry, if it is not withheld.
    pub last_time: Option<String>,
    /// The first lines of entries that are not kept: with line ranges, with encodings.
    first_range: Option<u64>,
    first_encoding: Option<u64>,
    bytes: u64,
    problem: Option<String>,
}

impl BundleLedger {
    pub fn new(record: &LedgerRecord) -> Self {
        Self {
            record: record.clone(),
            kept: Vec::new(),
            paths: BTreeSet::new(),
            last_time: None,
            first_range: None,
            first_encoding: None,
            bytes: 0,
            problem: None,
        }
    }

    pub fn file(&self) -> &str {
        &self.record.file
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.kept.iter().map(|(_, entry)| entry)
    }

    /// Returns what is wrong with its lines.
    pub fn problem(&self) -> Option<Problem> {
        let what = self.problem.clone()?;
        Some(super::problem(self.file(), what))
    }

    /// Notes that a line is the trace of a withheld entry, and checks that nothing else is on it.
    pub fn pass_withheld(&mut self, number: u64, line: &[u8], trace: &Withheld) {
        self.last_time = None;
        if self.problem.is_none() && !is_canonical(line, trace) {
            self.problem = Some(format!(
                "line {number} is not as this program writes a trace"
            ));
        }
    }

    /// Takes the entry of a line, and checks that nothing else is on the line. Nothing is taken after the first problem.
    pub fn take(&mut self, number: u64, line: &[u8], entry: Entry) {
        if self.problem.is_some() {
            return;
        }
        let wrong = |what: &str| Some(format!("line {number} {what}"));
        if !is_canonical(line, &entry) {
            self.problem = wrong("is not as this program writes the entry");
        } else if let Some(what) = closed::entry_problem(&entry) {
            self.problem = wrong(what);
        }
        self.last_time = Some(entry.time.clone());
        match &entry.event {
            Event::Marked { path, .. }
            | Event::MarkedWhole { path, .. }
            | Event::Shown { path, .. } => {
                self.first_range.get_or_insert(number);
                self.note_path(path);
            }
            Event::EncodingSet { path, .. } => {
                self.first_encoding.get_or_insert(number);
                self.note_path(path);
            }
            _ => {
                self.bytes += line.len() as u64;
                self.kept.push((number, entry));
            }
        }
        if self.bytes > DOCUMENT {
            self.problem =
                wrong("is beyond what is rendered again: the entries have too many bytes");
        }
    }

    fn note_path(&mut self, path: &RepoPath) {
        if !self.paths.contains(path) {
            self.bytes += path.as_bytes().len() as u64;
            self.paths.insert(path.clone());
        }
    }

    /// Returns the line of an entry that was not kept and must not leave.
    pub fn unkept_that_stays(&self, policy: &Policy) -> Option<u64> {
        let hides_paths = policy.paths != PathDetail::Full;
        let hides_ranges = hides_paths || policy.coverage != CoverageDetail::Range;
        let range = self.first_range.filter(|_| hides_ranges);
        range.or(self.first_encoding.filter(|_| hides_paths))
    }
}
