//! What can go wrong in a job: the errors of the floor below, and the few of this one.

use crate::archive::ArchiveError;
use crate::bundle::BundleError;
use crate::config;
use crate::index::IndexError;
use crate::ledger::LedgerError;
use crate::medium::MediumError;
use crate::model::{CommitId, OddEntry, RepoPath, Span, TooMany};
use crate::query::QueryError;
use crate::snapshot::SnapshotError;
use crate::symbols::SymbolsError;
use std::io;
use std::path::PathBuf;

/// Says why a job was not done.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Settings, folders or policy.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// The vendor's snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The index or the text store.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The archive of what was delivered.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The store of symbols.
    #[error(transparent)]
    Symbols(#[from] SymbolsError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The query.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Rendering, keys or verifying.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Writing the bundle.
    #[error(transparent)]
    Medium(#[from] MediumError),
    /// The ledger cannot be written.
    #[error("the review is read-only: {why}")]
    ReadOnly {
        /// In words.
        why: String,
    },
    /// A finding has more of something than a claim needs.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// A reviewer's name is a file's name and a signature's principal.
    #[error("`{name}` cannot be a reviewer's name")]
    BadReviewer {
        /// As asked for.
        name: String,
    },
    /// There is no such review.
    #[error("there is no review named {name}")]
    NoReview {
        /// As asked for.
        name: String,
    },
    /// A review records no snapshot that could be opened.
    #[error("the review {name} records no snapshot")]
    NoSnapshot {
        /// The review.
        name: String,
    },
    /// The snapshot has no such file.
    #[error("there is no file {path} in commit {}", commit.short())]
    NoFile {
        /// As asked for.
        path: RepoPath,
        /// Of the snapshot.
        commit: CommitId,
    },
    /// A folder of the tree has several entries of that name.
    #[error("{path} stands {} times in its folder", names.len())]
    AmbiguousPath {
        /// As asked for.
        path: RepoPath,
        /// How each of them is named.
        names: Vec<String>,
    },
    /// A file has lines, and a place names none of them.
    #[error("`{path}` names no lines: write PATH:A or PATH:A-B")]
    NeedsLines {
        /// The file.
        path: RepoPath,
    },
    /// A file has fewer lines than a place names.
    #[error("{path} has {lines} lines, so there is no line {line}")]
    NoLine {
        /// The file.
        path: RepoPath,
        /// Asked for.
        line: u32,
        /// How many there are.
        lines: u32,
    },
    /// There is no item with that identity, number or prefix.
    #[error("there is no finding, note or question {id}")]
    NoItem {
        /// As asked for.
        id: String,
    },
    /// An identity, number or prefix names several items.
    #[error("{id} names several items: {candidates}")]
    AmbiguousItem {
        /// As asked for.
        id: String,
        /// Their numbers.
        candidates: String,
    },
    /// The gate cannot judge, so nothing leaves.
    #[error("the gate cannot judge the export: {why}")]
    GateBlind {
        /// In words.
        why: String,
    },
    /// The gate found vendor text.
    #[error("the gate blocks the export because of {}", passages(*overlaps))]
    Blocked {
        /// How many.
        overlaps: usize,
    },
    /// The gate found short runs of vendor code, and nobody said why they may leave.
    #[error("the gate stops the export because of {} of short vendor code", passages(*stops))]
    NeedsReason {
        /// How many.
        stops: usize,
    },
    /// A ledger holds an entry that this program does not write so: text could leave in it that nobody judges.
    #[error(transparent)]
    OddEntry(#[from] OddEntry),
    /// More of something would leave than the policy allows.
    #[error("the bundle uses {used} of {name} and the policy allows {limit}")]
    OverBudget {
        /// The policy's key.
        name: String,
        /// What the bundle uses.
        used: u64,
        /// What the policy allows.
        limit: u64,
    },
    /// Lines that a finding quotes cannot be read.
    #[error("{finding} quotes lines {span} of {path}, {why}")]
    NoExcerpt {
        /// The finding.
        finding: String,
        /// The file.
        path: RepoPath,
        /// The lines.
        span: Span,
        /// A clause.
        why: &'static str,
    },
    /// The bundle is whole on its medium, but the ledger does not know.
    #[error("the bundle is written to {path}, but not recorded: {why}")]
    Unrecorded {
        /// Where it is.
        path: PathBuf,
        /// Why it is not recorded.
        why: String,
    },
    /// A ledger lacks entries that have left with a bundle.
    #[error("{what}")]
    LedgerCut {
        /// Which ledger, which entry and which bundle.
        what: String,
    },
    /// What left before cannot be counted or kept, so no more may leave.
    #[error("what has left before cannot be counted: {why}")]
    Uncounted {
        /// In words.
        why: String,
    },
    /// The bundles beside the one that shall be written cannot be compared with the ledgers.
    #[error("cannot look at the bundles in {path}: {why}")]
    SiblingUnread {
        /// The folder.
        path: PathBuf,
        /// In words.
        why: String,
    },
    /// Another reviewer's export was given the same number at the same time.
    #[error("bundle {number} is being exported by {reviewer} too")]
    NumberTaken {
        /// The number.
        number: u64,
        /// Who.
        reviewer: String,
    },
    /// The policy wants removable media.
    #[error("{path} is not on a removable medium, and the policy allows no other")]
    NotRemovable {
        /// Where the bundle was to go.
        path: PathBuf,
    },
    /// A bundle that shall be released is not valid.
    #[error("the bundle {path} is not valid: {file}: {what}")]
    NotValid {
        /// The bundle.
        path: PathBuf,
        /// Its file.
        file: String,
        /// A clause.
        what: String,
    },
    /// A bundle cannot be judged again.
    #[error("the gate cannot be run again: {why}")]
    GateNotRepeated {
        /// In words.
        why: String,
    },
    /// The policy lets nobody release a bundle without running the gate again.
    #[error("the policy asks that the gate is run again before {} is released", path.display())]
    GateAtRelease {
        /// The bundle.
        path: PathBuf,
    },
    /// A bundle has its second signature already.
    #[error("the bundle {path} is released already")]
    Released {
        /// The bundle.
        path: PathBuf,
    },
    /// Who signed a bundle cannot release it.
    #[error("{key} is a key of the person who signed the bundle")]
    SamePerson {
        /// The key's fingerprint.
        key: String,
    },
    /// A bundle would be larger than the policy allows.
    #[error("the bundle has {bytes} bytes and the policy allows {limit}")]
    BundleTooLarge {
        /// Its size.
        bytes: u64,
        /// `max_bundle_bytes`.
        limit: u64,
    },
    /// A folder of ours cannot be made or removed.
    #[error("cannot {action} {path}")]
    Folder {
        /// What was tried.
        action: &'static str,
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The work was cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// What can be done if more lines are quoted than the policy lets leave.
pub const QUOTE_LESS: &str = "quote fewer lines (glassroom finding edit ID --quote none takes them back), or ask the lab \
                              for more in the policy";

fn passages(count: usize) -> String {
    let word = if count == 1 { "passage" } else { "passages" };
    format!("{count} {word}")
}

impl JobError {
    /// Returns the next step, if there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Config(e) => e.hint(),
            Self::Snapshot(e) => e.hint(),
            Self::Index(e) => e.hint().map(Into::into),
            Self::Symbols(e) => e.hint().map(Into::into),
            Self::Archive(e) => e.hint().map(Into::into),
            Self::Ledger(e) => e.hint().map(Into::into),
            Self::Query(e) => e.hint().map(Into::into),
            Self::Bundle(e) => e.hint(),
            Self::Medium(e) => e.hint(),
            Self::TooMany(error) => Some(error.hint().to_owned()),
            Self::ReadOnly { .. } => {
                Some("close the other program, or work under another name with --reviewer".into())
            }
            Self::BadReviewer { .. } => Some("use 1 to 64 letters, digits and . _ @ -".into()),
            Self::NoReview { .. } => Some("glassroom review list shows the reviews".into()),
            Self::NoSnapshot { .. } => Some("name one with --snapshot".into()),
            Self::NoFile { .. } => Some(
                "paths are relative to the top of the snapshot and percent-encoded if odd".into(),
            ),
            Self::AmbiguousPath { names, .. } => {
                Some(format!("name the one that is meant: {}", names.join(" or ")))
            }
            Self::NeedsLines { .. } => Some(
                "without lines a place is an entry that has none: an empty file, a submodule, a link, a folder, or . for \
                 the snapshot"
                    .into(),
            ),
            Self::NoLine { lines: 0, .. } => {
                Some("name it without lines, as a whole: PATH alone".into())
            }
            Self::NoLine { .. } => Some("lines are counted from 1".into()),
            Self::NoItem { .. } => Some("glassroom finding list shows the numbers".into()),
            Self::AmbiguousItem { .. } => Some("write more of it".into()),
            Self::GateBlind { .. } => {
                Some("let the index be completed (glassroom index), then export again".into())
            }
            Self::Blocked { .. } => {
                Some("say it in your own words; --dry-run lists every passage".into())
            }
            Self::NeedsReason { .. } => Some(
                "say it in your own words, or say why with --reason; --dry-run lists every passage"
                    .into(),
            ),
            Self::NoExcerpt { finding, .. } => Some(format!(
                "take the quote back: glassroom finding edit {finding} --quote none"
            )),
            Self::OddEntry(_) => Some(
                "withdraw what the entry records (finding delete, undo) and record it again; \
                 glassroom ledger verify lists such lines"
                    .into(),
            ),
            Self::OverBudget { name, .. } if name.starts_with("excerpt_") => {
                Some(QUOTE_LESS.into())
            }
            Self::OverBudget { .. } => {
                Some("name fewer things of the vendor's, or ask the lab for a larger budget".into())
            }
            Self::Unrecorded { .. } => Some(
                "it is signed and may be used; note its digest, and check the disk of the review"
                    .into(),
            ),
            Self::LedgerCut { .. } => Some(
                "keep the ledger as evidence and restore it from a copy; if there is none, tell the lab and work on in \
                 a review of another name (--review NAME)"
                    .into(),
            ),
            Self::Uncounted { .. } => Some(
                "ask the lab to restore the file from a copy, or to give every account of the home access to it; if it is \
                 lost, the lab notes that and renames it"
                    .into(),
            ),
            Self::SiblingUnread { .. } => {
                Some("check the medium, or name a folder of its own for the bundle".into())
            }
            Self::NumberTaken { .. } => Some("export again: it gets the next number".into()),
            Self::NotRemovable { .. } => {
                Some("name a folder on the medium that the lab gave you".into())
            }
            Self::GateNotRepeated { .. } => {
                Some("name an undamaged copy of the delivery with --snapshot".into())
            }
            Self::GateAtRelease { .. } => {
                Some("add --snapshot SNAPSHOT: the delivery that was reviewed".into())
            }
            Self::NotValid { .. } => Some("glassroom verify lists everything that is wrong".into()),
            Self::Released { .. } => Some("glassroom verify says by whom".into()),
            Self::SamePerson { .. } => {
                Some("somebody else must release it, with a key of their own".into())
            }
            Self::BundleTooLarge { .. } => {
                Some("ask the lab for a larger max_bundle_bytes in the policy".into())
            }
            Self::Folder { .. } => {
                Some("check the folder's owner, its rights and the free space".into())
            }
            Self::Cancelled => None,
        }
    }

    /// Returns the error and what caused it, on one line.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        text
    }
}
