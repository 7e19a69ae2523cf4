//! What a verb works on: a snapshot alone, or a review at a snapshot.

use super::output::{Bar, remark};
use super::{Failure, Who, room};
use crate::config::{ReviewFolder, review_name};
use crate::index::{Corpus, Index};
use crate::job;
use crate::job::indexing::{self, Indexed};
use crate::job::listing::Listing;
use crate::job::read::Reader;
use crate::job::{Ask, Cancel, Desk, JobError, Recorder, Room, SymbolCounts, encoding, symbols};
use crate::model::{Encodings, Review};
use crate::snapshot::{self, PackStore, PassKind, ReadLimits, Snapshot};
use crate::symbols::SymbolStore;
use clap::Args;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::thread;

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
    /// The delivery is recorded, and the pack of a bundle is kept.
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
    /// The encodings that the review's ledgers say.
    pub encodings: Encodings,
    /// Largest file that is read, in bytes.
    pub limit: u64,
    /// Its review, if it was begun.
    pub review: Option<ReviewFolder>,
    /// What was there before.
    pub room: Room,
    /// The symbols of its review; empty if there are none.
    pub symbols: SymbolStore,
}

/// Where a snapshot and its index are to be opened.
struct Ready {
    room: Room,
    review: ReviewFolder,
    traces: Traces,
}

impl Ready {
    fn new(source: &Source, who: &Who, traces: Traces) -> Result<Self, Failure> {
        let room = room()?;
        let review = match &who.review {
            Some(name) => existing(room.home.review(name)?)?,
            None => review_of(&room, &source.snapshot)?,
        };
        Ok(Self {
            room,
            review,
            traces,
        })
    }

    /// Returns the encodings that the review's ledgers say.
    fn encodings(&self, who: &Who) -> Encodings {
        let reviewer = self.room.reviewer(who.reviewer.as_deref());
        encoding::said(&self.review, &reviewer.unwrap_or_default()).unwrap_or_else(|error| {
            remark(&format!(
                "encodings that reviewers set are not heeded: {error}"
            ));
            Encodings::new()
        })
    }

    /// Notes in a review that was begun that something of this delivery is read: the leak check compares with it. A folder
    /// that cannot be written can still be read; nothing can be exported from it either.
    fn note_delivery(&self, snapshot: &Snapshot) -> Result<(), Failure> {
        if !self.review.exists() {
            return Ok(());
        }
        let mut record = self.review.read_record()?.unwrap_or_default();
        if record.add_delivery(snapshot.source(), snapshot.commit())
            && let Err(error) = self.review.write_record(&record)
        {
            remark(&format!(
                "the review does not record this delivery: {error}"
            ));
        }
        Ok(())
    }

    fn snapshot(&self, source: &Source) -> Result<Snapshot, Failure> {
        let rev = source.rev.as_deref();
        let folder = self.review.objects();
        let store = match (self.review.exists(), self.traces) {
            (true, Traces::Kept) => PackStore::Kept(&folder),
            (true, Traces::None) => PackStore::Lent(&folder),
            (false, _) => PackStore::None,
        };
        let limits = ReadLimits::default();
        let snapshot = Snapshot::open_with(&source.snapshot, rev, store, limits)?;
        // What a verb reads counts together: a search without an index reads everything.
        Ok(snapshot.begin_pass(PassKind::Files))
    }

    fn opened(self, snapshot: Snapshot, index: Index, encodings: Encodings) -> Opened {
        Opened {
            symbols: SymbolStore::when_needed(&symbols::folder(&self.review.index())),
            snapshot,
            index,
            encodings,
            limit: self.room.settings.blob_limit(),
            review: self.review.exists().then_some(self.review),
            room: self.room,
        }
    }
}

impl Opened {
    /// Opens a snapshot; a review that is there lends its objects and its index.
    pub(super) fn new(source: &Source, who: &Who, traces: Traces) -> Result<Self, Failure> {
        let ready = Ready::new(source, who, traces)?;
        let snapshot = ready.snapshot(source)?;
        if traces == Traces::Kept {
            ready.note_delivery(&snapshot)?;
        }
        let encodings = ready.encodings(who);
        let index = Index::open(&ready.review.index())?.honouring(&encodings);
        Ok(ready.opened(snapshot, index, encodings))
    }

    /// Opens a snapshot of which only files are read, without the index of its review.
    pub(super) fn without_index(
        source: &Source,
        who: &Who,
        traces: Traces,
    ) -> Result<Self, Failure> {
        let ready = Ready::new(source, who, traces)?;
        let snapshot = ready.snapshot(source)?;
        if traces == Traces::Kept {
            ready.note_delivery(&snapshot)?;
        }
        let encodings = ready.encodings(who);
        let index = Index::unopened(&ready.review.index());
        Ok(ready.opened(snapshot, index, encodings))
    }

    /// Opens a snapshot to be searched, with its files; the index is opened meanwhile.
    pub(super) fn with_files(source: &Source, who: &Who) -> Result<(Self, Listing), Failure> {
        let ready = Ready::new(source, who, Traces::Kept)?;
        let folder = ready.review.index();
        let (snapshot, listing, (index, encodings)) = thread::scope(|scope| {
            let index = scope.spawn(|| {
                let encodings = ready.encodings(who);
                let index = Index::open(&folder)?.honouring(&encodings);
                Ok::<_, Failure>((index, encodings))
            });
            let listed = ready.snapshot(source).and_then(|snapshot| {
                ready.note_delivery(&snapshot)?;
                let listing = Listing::open(&snapshot, &folder, &|| false)?;
                Ok((snapshot, listing))
            });
            let index = index.join().unwrap_or_else(|panic| resume_unwind(panic));
            let (snapshot, listing) = listed?;
            Ok::<_, Failure>((snapshot, listing, index?))
        })?;
        Ok((ready.opened(snapshot, index, encodings), listing))
    }

    /// Returns what reads the snapshot.
    pub(super) fn reader(&self) -> Reader<'_> {
        Reader {
            snapshot: &self.snapshot,
            encodings: &self.encodings,
            limit: self.limit,
        }
    }

    /// Lists the files.
    pub(super) fn listing(&self) -> Result<Listing, Failure> {
        Ok(match &self.review {
            Some(review) => Listing::open(&self.snapshot, &review.index(), &|| false)?,
            None => Listing::of(&self.snapshot, &|| false)?,
        })
    }
}

/// Lists the files of a desk's snapshot.
pub(super) fn listing(desk: &Desk) -> Result<Listing, Failure> {
    let folder = desk.review.index();
    Ok(Listing::open(&desk.snapshot, &folder, &|| false)?)
}

/// Opens the ledgers for writing.
pub(super) fn recorder(desk: &Desk) -> Result<Recorder, Failure> {
    let recorder = Recorder::open(desk)?;
    recorder.notices.iter().for_each(|notice| remark(notice));
    let of_ledger = |alarm: &&String| alarm.starts_with("THE LEDGER");
    let alarms = recorder.alarms.iter().filter(of_ledger);
    alarms.for_each(|alarm| remark(alarm));
    Ok(recorder)
}

/// Returns the state of a review, read without becoming its writer.
pub(super) fn state(folder: &ReviewFolder, reviewer: &str) -> Result<Review, Failure> {
    Ok(job::state(folder, reviewer)?)
}

/// Opens the index of a review.
pub(super) fn open_index(desk: &Desk, encodings: &Encodings) -> Result<Index, Failure> {
    Ok(Index::open(&desk.review.index())?.honouring(encodings))
}

/// Builds the index and the symbols of a review anew if they turned out to be damaged, and reports it. To be called when the
/// answer is written: it did not depend on them, because what is damaged is read from the delivery.
pub(super) fn heal(
    reader: &Reader<'_>,
    listing: &Listing,
    folder: &ReviewFolder,
    is_damaged: bool,
) {
    if !is_damaged {
        return;
    }
    remark(
        "the index of this review was damaged: the answer is from the delivery, and the index is built anew",
    );
    let built = index(reader, listing, folder).and_then(|_| find_symbols(reader, listing, folder));
    if let Err(failure) = built {
        remark(&format!(
            "the index was not built anew: {}; glassroom index tries again",
            failure.what
        ));
    }
}

/// Does what [`heal`] does for the index and the symbols that a verb was answered from.
pub(super) fn heal_sources(sources: &symbols::Sources<'_>, folder: &ReviewFolder) {
    let is_damaged = sources.index.is_damaged() || sources.store.is_damaged();
    let snapshot = sources.snapshot.lock();
    let reader = Reader {
        snapshot: &snapshot.unwrap_or_else(PoisonError::into_inner),
        encodings: sources.encodings,
        limit: sources.limit,
    };
    heal(&reader, sources.listing, folder, is_damaged);
}

/// Keeps in a review what the next search would find out again. A folder that cannot be written can still be searched.
pub(super) fn keep_listing(
    listing: &Listing,
    corpus: &Corpus,
    index: &Index,
    folder: &ReviewFolder,
) {
    if let Err(error) = listing.keep(corpus, index, &folder.index()) {
        remark(&format!(
            "the next search will be as slow as this one: {}",
            error.chain()
        ));
    }
}

/// Brings the index of a review up to a snapshot.
pub(super) fn index(
    reader: &Reader<'_>,
    listing: &Listing,
    folder: &ReviewFolder,
) -> Result<Indexed, Failure> {
    let mut bar = Bar::new();
    let mut progress =
        |p: crate::index::Progress| bar.draw("indexing", p.blobs.min(p.total), p.total);
    let cancel = Cancel::never();
    let index = folder.index();
    Ok(indexing::run(
        reader,
        listing,
        &index,
        &cancel,
        &mut progress,
    )?)
}

/// Brings the symbols of a review up to its index.
pub(super) fn find_symbols(
    reader: &Reader<'_>,
    listing: &Listing,
    folder: &ReviewFolder,
) -> Result<SymbolCounts, Failure> {
    let mut bar = Bar::new();
    let mut progress =
        |p: crate::symbols::Progress| bar.draw("symbols", p.blobs.min(p.total), p.total);
    let cancel = Cancel::never();
    let index = folder.index();
    Ok(symbols::run(
        reader,
        listing,
        &index,
        &cancel,
        &mut progress,
    )?)
}
