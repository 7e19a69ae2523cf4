//! Sweeps: a query of which every hit gets a verdict.

use super::words::words;
use super::{BlobId, ChosenName, CommitId, Digest, RepoPath, outgoing_fields};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt::Write;
use uuid::Uuid;

/// A query of which every hit is to be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// Never changes and never repeats.
    pub id: Uuid,
    /// Short and stable: `W1` of its reviewer.
    pub number: u32,
    /// Who began it.
    pub reviewer: String,
    /// What it is for, in the reviewer's words; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The query as typed.
    pub query: String,
    /// The snapshot it was run on.
    pub commit: CommitId,
    /// Number of its hits.
    pub hits: u64,
    /// Digest of the list of hits, see [`hits_digest`]: the same query on the same snapshot gives the same.
    pub list: Digest,
}

/// One hit of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepHit {
    /// Where it is.
    pub path: RepoPath,
    /// The content.
    pub blob: BlobId,
    /// The line, 1-based; for a binary file the 0-based byte offset.
    pub line: u64,
}

words! {
    /// What a hit of a sweep is judged to be.
    Ruling {
        /// Nothing is wrong here.
        Ok = "ok",
        /// A finding says what is wrong.
        Finding = "finding",
        /// A note says more.
        Note = "note",
        /// Looked at, not decided.
        Later = "later",
    }
}

/// A search that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchRecord {
    /// The snapshot.
    pub commit: CommitId,
    /// As typed; refining queries behind ` & `.
    pub query: String,
    /// Lines with a hit.
    pub lines: u64,
    /// Files with a hit.
    pub files: u64,
    /// Things that could not be searched.
    pub not_searched: u64,
}

outgoing_fields!(Sweep, item = |s| format!("{}/W{}", s.reviewer, s.number) => {
    id, number, reviewer as ChosenName, name, query, commit, hits, list,
});
outgoing_fields!(SweepHit => { path, blob, line });
outgoing_fields!(SearchRecord => { commit, query, lines, files, not_searched });

/// Returns the digest of a list of hits: SHA-256 over `PATH:LINE` lines, each ended by LF, in the order of the list.
pub fn hits_digest(hits: &[SweepHit]) -> Digest {
    let mut text = String::new();
    for hit in hits {
        let _ = writeln!(text, "{}:{}", hit.path, hit.line);
    }
    Digest::of(text.as_bytes())
}

/// A sweep and what its hits were judged to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepState {
    /// The sweep.
    pub sweep: Sweep,
    verdicts: HashMap<SweepHit, Judgement>,
    /// The verdicts as a bundle lists them, if the sweep was read from one.
    listed: Option<ListedVerdicts>,
}

/// The verdicts of a sweep as a bundle lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ListedVerdicts {
    verdicts: Vec<(SweepHit, Judgement)>,
    /// Decided hits, those that the bundle does not list among them.
    decided: u64,
}

/// What a hit was judged to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Judgement {
    /// The verdict.
    pub ruling: Ruling,
    /// The finding or note that says more.
    pub item: Option<Uuid>,
    /// Who judged: the last one, if several did.
    pub reviewer: String,
}

impl SweepState {
    pub(super) fn new(sweep: Sweep) -> Self {
        Self {
            sweep,
            verdicts: HashMap::new(),
            listed: None,
        }
    }

    /// Builds the sweep that a bundle lists: the verdicts in the bundle's order, and the number of decided hits, some of
    /// which a bundle need not list.
    pub fn from_list(sweep: Sweep, verdicts: Vec<(SweepHit, Judgement)>, decided: u64) -> Self {
        Self {
            sweep,
            verdicts: HashMap::new(),
            listed: Some(ListedVerdicts { verdicts, decided }),
        }
    }

    pub(super) fn judge(&mut self, hits: &[SweepHit], judgement: Option<&Judgement>) {
        for hit in hits {
            match judgement {
                Some(judgement) => self.verdicts.insert(hit.clone(), judgement.clone()),
                None => self.verdicts.remove(hit),
            };
        }
    }

    /// Returns what a hit was judged to be.
    pub fn judgement(&self, hit: &SweepHit) -> Option<&Judgement> {
        self.verdicts.get(hit)
    }

    /// Returns how many hits have a verdict of each kind, in the order of [`Ruling::ALL`].
    pub fn counts(&self) -> Vec<(Ruling, u64)> {
        let count = |ruling| {
            let rulings = self.verdicts.values().map(|j| j.ruling);
            rulings.filter(|r| *r == ruling).count() as u64
        };
        Ruling::ALL.iter().map(|r| (*r, count(*r))).collect()
    }

    /// Returns how many hits are decided: every verdict but `later`.
    pub fn decided(&self) -> u64 {
        if let Some(listed) = &self.listed {
            return listed.decided;
        }
        let rulings = self.verdicts.values().map(|j| j.ruling);
        rulings.filter(|r| *r != Ruling::Later).count() as u64
    }

    /// Returns the hits that have a verdict, in order.
    pub fn judged(&self) -> Vec<(&SweepHit, &Judgement)> {
        if let Some(listed) = &self.listed {
            return listed.verdicts.iter().map(|(h, j)| (h, j)).collect();
        }
        let mut all: Vec<_> = self.verdicts.iter().collect();
        all.sort();
        all
    }
}
