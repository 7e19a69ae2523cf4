//! What a verb works on: a snapshot alone, or a review at a snapshot.

use super::output::{Bar, remark};
use super::scratch::Scratch;
use super::{Failure, Who, room};
use crate::config::{ReviewFolder, review_name};
use crate::index::Index;
use crate::job::indexing::{self, Indexed};
use crate::job::listing::Listing;
use crate::job::symbols;
use crate::job::{Ask, Cancel, Desk, JobError, Recorder, Room, SymbolCounts};
use crate::ledger;
use crate::model::{Entry, Review};
use crate::snapshot::{self, Snapshot};
use crate::symbols::SymbolStore;
use clap::Args;
use std::path::{Path, PathBuf};

/// A snapshot named on the command line.
#[derive(Args, Clone, Debug)]
pub(super) struct Source {
    /// A repository folder, bare or with a work tree, or a git bundle.
    pub snapshot: PathBuf,
    /// A ref, or a unique prefix of 7 or more digits; default HEAD.
    #[arg(long)]
    pub rev: Option<String>,
}

impl Source {
    pub(super) fn ask(&self, who: &Who) -> Ask {
        Ask {
            source: Some(self.snapshot.clone()),
            rev: self.rev.clone(),
            review: who.review.clone(),
            reviewer: who.reviewer.clone(),
        }
    }
}

/// The snapshot of a review, or nothing if `--review` names the review.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Subject {
    /// A repository folder or a git bundle: makes its review on first use.
    #[arg(long)]
    pub snapshot: Option<PathBuf>,
    /// A ref, or a unique prefix of 7 or more digits; default: the review's commit, else HEAD.
    #[arg(long)]
    pub rev: Option<String>,
}

impl Subject {
    /// Opens the review at the snapshot, making it on first use.
    pub(super) fn desk(&self, who: &Who) -> Result<Desk, Failure> {
        if self.snapshot.is_none() && who.review.is_none() {
            return Err(Failure::usage(
                "no review is named",
                "add --snapshot SNAPSHOT or --review NAME",
            ));
        }
        let ask = Ask {
            source: self.snapshot.clone(),
            rev: self.rev.clone(),
            review: who.review.clone(),
            reviewer: who.reviewer.clone(),
        };
        let desk = Desk::open(room()?, &ask)?;
        desk.notices.iter().for_each(|notice| remark(notice));
        Ok(desk)
    }

    /// Finds the review's folder without opening a snapshot; nothing if none is named.
    pub(super) fn folder(&self, room: &Room, who: &Who) -> Result<Option<ReviewFolder>, Failure> {
        let folder = match (&who.review, &self.snapshot) {
            (Some(name), _) => room.home.review(name)?,
            (None, Some(source)) => review_of(room, source)?,
            (None, None) => return Ok(None),
        };
        existing(folder).map(Some)
    }
}

/// Returns the review, which must have been begun.
pub(super) fn existing(folder: ReviewFolder) -> Result<ReviewFolder, Failure> {
    if folder.exists() {
        return Ok(folder);
    }
    let name = folder.name().to_owned();
    Err(JobError::NoReview { name }.into())
}

/// Returns the review that a snapshot has by default.
fn review_of(room: &Room, source: &Path) -> Result<ReviewFolder, Failure> {
    let canonical = std::fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
    let name = review_name(&canonical, &snapshot::stem(&canonical));
    Ok(room.home.review(&name)?)
}

/// Whether a verb may leave something in a review that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Traces {
    /// The view of a repository is kept.
    Kept,
    /// Nothing is written that stays.
    None,
}

/// A snapshot opened without making a review.
pub(super) struct Opened {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// The index of its review; empty if there is none.
    pub index: Index,
    /// The symbols of its review; empty if there are none.
    pub symbols: SymbolStore,
    /// Last, so that it goes when nothing looks into it any more.
    pub scratch: Option<Scratch>,
}

impl Opened {
    /// Opens a snapshot; a review that is there lends its objects and its index.
    pub(super) fn new(source: &Source, who: &Who, traces: Traces) -> Result<Self, Failure> {
        let room = room()?;
        let review = match &who.review {
            Some(name) => existing(room.home.review(name)?)?,
            None => review_of(&room, &source.snapshot)?,
        };
        let is_there = review.exists();
        // A view is written, the objects of a bundle are there.
        let is_lent = is_there && (traces == Traces::Kept || source.snapshot.is_file());
        let scratch = (!is_lent).then(|| Scratch::new(&room.home)).transpose()?;
        let store = match &scratch {
            Some(scratch) => scratch.path().to_owned(),
            None => review.objects(),
        };
        let snapshot = Snapshot::open(&source.snapshot, source.rev.as_deref(), &store)?;
        let index = Index::open(&review.index())?;
        let symbols = SymbolStore::open(&symbols::folder(&review.index()))?;
        Ok(Self {
            snapshot,
            index,
            symbols,
            scratch,
        })
    }

    /// Lists the files.
    pub(super) fn listing(&self) -> Result<Listing, Failure> {
        Ok(Listing::of(&self.snapshot, &|| false)?)
    }
}

/// Lists the files of a desk's snapshot.
pub(super) fn listing(desk: &Desk) -> Result<Listing, Failure> {
    Ok(Listing::of(&desk.snapshot, &|| false)?)
}

/// Opens the ledgers for writing.
pub(super) fn recorder(desk: &Desk) -> Result<Recorder, Failure> {
    let recorder = Recorder::open(desk)?;
    recorder.notices.iter().for_each(|notice| remark(notice));
    Ok(recorder)
}

/// Returns the state of a review, read without becoming its writer.
pub(super) fn state(folder: &ReviewFolder, reviewer: &str) -> Result<Review, Failure> {
    let (own, others): (Vec<_>, Vec<_>) = ledger::read_all(&folder.ledger())?
        .into_iter()
        .partition(|(name, _)| name == reviewer);
    let entries: Vec<Entry> = others.into_iter().chain(own).flat_map(|(_, e)| e).collect();
    Ok(Review::fold(&entries))
}

/// Brings the index of a review up to a snapshot.
pub(super) fn index(
    snapshot: &Snapshot,
    listing: &Listing,
    folder: &ReviewFolder,
) -> Result<Indexed, Failure> {
    let mut bar = Bar::new();
    let mut progress =
        |p: crate::index::Progress| bar.draw("indexing", p.blobs.min(p.total), p.total);
    let cancel = Cancel::never();
    let index = folder.index();
    Ok(indexing::run(
        snapshot,
        listing,
        &index,
        &cancel,
        &mut progress,
    )?)
}

/// Brings the symbols of a review up to its index.
pub(super) fn find_symbols(
    snapshot: &Snapshot,
    listing: &Listing,
    folder: &ReviewFolder,
) -> Result<SymbolCounts, Failure> {
    let mut bar = Bar::new();
    let mut progress =
        |p: crate::symbols::Progress| bar.draw("symbols", p.blobs.min(p.total), p.total);
    let cancel = Cancel::never();
    let index = folder.index();
    Ok(symbols::run(
        snapshot,
        listing,
        &index,
        &cancel,
        &mut progress,
    )?)
}
