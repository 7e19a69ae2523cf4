//! What a machine remembers of the bundles that were exported, apart from the reviews they came from.
//!
//! A ledger belongs to one review and can be deleted with it, or be cut at its end. The export log names, for each
//! bundle, the lines that it quotes and where every ledger of its review ended. So the lab's budgets count by delivery
//! and not by review, and a ledger that has lost its last entries is found out. It holds no text of the vendor's.

use super::{BlobId, Digest, Entry, Marks, QuotedLines};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why an entry of the export log was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportStep {
    /// A bundle is about to be written; no byte of it is on the medium yet.
    Begun,
    /// The export ended, well or not; the ledger says how.
    Ended,
    /// The bundle of somebody else was read and found valid here.
    Read,
}

/// The end of one ledger when a bundle was exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerEnd {
    /// Whose ledger.
    pub reviewer: String,
    /// Digest of its first line: two ledgers that begin alike are one.
    pub first: Digest,
    /// Number of entries.
    pub entries: u64,
    /// Digest of the newest of them.
    pub head: Digest,
}

/// One entry of the export log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportLogEntry {
    /// Why it was written.
    pub step: ExportStep,
    /// RFC 3339 in UTC.
    pub time: String,
    /// The folder that holds the reviews, in the text form of a path; empty for a bundle that was read.
    pub home: String,
    /// The review's name.
    pub review: String,
    /// The bundle's number.
    pub number: u64,
    /// SHA-256 of its `SHA256SUMS`.
    pub manifest: Digest,
    /// The lines that it quotes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<QuotedLines>,
    /// Where the ledgers of the review ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ledgers: Vec<LedgerEnd>,
}

/// The digests of a ledger's lines, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerDigests {
    /// Whose ledger.
    pub reviewer: String,
    /// One for each entry.
    pub digests: Vec<Digest>,
}

impl LedgerDigests {
    /// Takes the digests out of a chain whose last line has the digest `head`.
    pub fn new(reviewer: &str, entries: &[Entry], head: Digest) -> Self {
        let before = entries.iter().skip(1).map(|entry| entry.prev);
        let last = entries.last().map(|_| head);
        Self {
            reviewer: reviewer.to_owned(),
            digests: before.chain(last).collect(),
        }
    }

    /// Returns where the ledger ends; nothing if it has no entries.
    pub fn end(&self) -> Option<LedgerEnd> {
        Some(LedgerEnd {
            reviewer: self.reviewer.clone(),
            first: *self.digests.first()?,
            entries: self.digests.len() as u64,
            head: *self.digests.last()?,
        })
    }

    /// Returns whether the chain holds an entry of this number with this digest.
    pub fn has(&self, number: u64, digest: Digest) -> bool {
        let at = number
            .checked_sub(1)
            .and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.digests.get(at)) == Some(&digest)
    }
}

/// A ledger that lacks what has left with a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutLedger {
    /// Whose ledger.
    pub reviewer: String,
    /// Number of the entry that must be there.
    pub entry: u64,
    /// Entries that are there.
    pub entries: u64,
    /// The bundle's number.
    pub number: u64,
    /// SHA-256 of its `SHA256SUMS`.
    pub manifest: Digest,
}

impl std::fmt::Display for CutLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            reviewer,
            entry,
            entries,
            number,
            manifest,
        } = self;
        let left = format!("which left with bundle {number} (SHA256SUMS {manifest})");
        match entries {
            0 => write!(
                f,
                "the ledger of {reviewer} is gone, {left}: it was removed"
            ),
            n if n < entry => write!(
                f,
                "the ledger of {reviewer} ends before entry {entry}, {left}: it was cut"
            ),
            _ => write!(
                f,
                "entry {entry} of the ledger of {reviewer} is not the one {left}: the ledger was replaced"
            ),
        }
    }
}

/// Returns the first ledger that lacks an end which left with a bundle of the review; nothing if all are there.
pub fn find_cut_ledger(
    ledgers: &[LedgerDigests],
    (number, manifest): (u64, Digest),
    ends: &[LedgerEnd],
) -> Option<CutLedger> {
    let cut = |end: &LedgerEnd| {
        let ledger = ledgers.iter().find(|l| l.reviewer == end.reviewer);
        let is_there = ledger.is_some_and(|l| l.has(end.entries, end.head));
        (!is_there).then(|| CutLedger {
            reviewer: end.reviewer.clone(),
            entry: end.entries,
            entries: ledger.map_or(0, |l| l.digests.len() as u64),
            number,
            manifest,
        })
    };
    ends.iter().find_map(cut)
}

impl ExportLogEntry {
    /// Returns whether it is about the review of this name in this folder, or of one whose ledgers begin alike: a
    /// folder may have been moved, and its name may be used again elsewhere.
    pub fn is_of(&self, home: &str, review: &str, ledgers: &[LedgerDigests]) -> bool {
        let is_one = |end: &LedgerEnd| {
            ledgers
                .iter()
                .any(|l| l.digests.first() == Some(&end.first))
        };
        self.step != ExportStep::Read
            && self.review == review
            && (self.home == home || self.ledgers.iter().any(is_one))
    }
}

/// Adds lines to those that were quoted before.
pub fn add_quoted_lines(all: &mut BTreeMap<BlobId, Marks>, lines: &[QuotedLines]) {
    for quoted in lines {
        let marks = all.entry(quoted.blob).or_default();
        quoted.spans.iter().for_each(|span| marks.set(*span));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(name: &str, digests: &[u8]) -> LedgerDigests {
        LedgerDigests {
            reviewer: name.into(),
            digests: digests.iter().map(|d| Digest([*d; 32])).collect(),
        }
    }

    #[test]
    fn a_ledger_that_lost_its_end_is_named() {
        let whole = [chain("alice", &[1, 2, 3]), chain("bob", &[7])];
        let ends: Vec<LedgerEnd> = whole.iter().filter_map(LedgerDigests::end).collect();
        let bundle = (3, Digest([9; 32]));
        let cut = |ledgers: &[LedgerDigests]| {
            find_cut_ledger(ledgers, bundle, &ends).map(|cut| cut.to_string())
        };
        assert_eq!(cut(&whole), None, "control");
        let longer = [chain("alice", &[1, 2, 3, 4]), chain("bob", &[7, 8])];
        assert_eq!(cut(&longer), None, "control: entries were added");
        for (ledgers, words) in [
            (
                [chain("alice", &[1, 2]), chain("bob", &[7])],
                "of alice ends before entry 3, which left with bundle 3",
            ),
            (
                [chain("alice", &[1, 2, 4]), chain("bob", &[7])],
                "entry 3 of the ledger of alice is not the one",
            ),
            (
                [chain("alice", &[1, 2, 5, 6]), chain("bob", &[7])],
                "the ledger was replaced",
            ),
            (
                [chain("alice", &[1, 2, 3]), chain("bob", &[])],
                "the ledger of bob is gone",
            ),
            (
                [chain("alice", &[1, 2, 3]), chain("carol", &[7])],
                "the ledger of bob is gone",
            ),
        ] {
            let said = cut(&ledgers).unwrap();
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn a_review_is_known_by_its_folder_or_by_how_its_ledgers_begin() {
        let entry = ExportLogEntry {
            step: ExportStep::Begun,
            time: String::new(),
            home: "/a".into(),
            review: "r".into(),
            number: 1,
            manifest: Digest::ZERO,
            lines: Vec::new(),
            ledgers: vec![chain("alice", &[1, 2]).end().unwrap()],
        };
        let same = [chain("alice", &[1])];
        let other = [chain("alice", &[3])];
        assert!(entry.is_of("/a", "r", &other));
        assert!(entry.is_of("/b", "r", &same));
        assert!(!entry.is_of("/b", "r", &other));
        assert!(!entry.is_of("/a", "s", &same));
        let read = ExportLogEntry {
            step: ExportStep::Read,
            ..entry
        };
        assert!(!read.is_of("/a", "r", &same));
    }
}
