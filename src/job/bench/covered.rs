//! The coverage of a snapshot, put together of the ledgers and the index.

use super::super::JobError;
use super::super::counted::Counter;
use super::super::coverage;
use super::super::facts::{self, FileFacts};
use super::super::search::{self, Place};
use super::{Listed, Shared, locked};
use crate::model::{CoverageBy, CoverageTable, Progress, RepoPath, TreeFile};
use crate::query::Facts;
use std::sync::Mutex;

/// Puts coverage together for the screen.
pub(super) fn covered(
    shared: &Shared,
    listed: &Listed,
    counter: &Counter<'_>,
    (by, under): (CoverageBy, &RepoPath),
) -> Result<CoverageTable, JobError> {
    let (review, entries) = {
        let recorder = locked(&shared.tools.recorder);
        let entries: Vec<_> = match by {
            CoverageBy::Day | CoverageBy::Reviewer => recorder
                .others
                .iter()
                .chain(&recorder.entries)
                .cloned()
                .collect(),
            _ => Vec::new(),
        };
        (recorder.review().clone(), entries)
    };
    let listing = &listed.listing;
    let lines = |file: &TreeFile| counter.lines(file);
    let files = coverage::run(listing, &review, &lines, coverage::Which::All);
    let blobs = listing.blobs();
    let progress = Progress::fold(&entries, &|blob| blobs.contains(blob));
    let sources = shared.sources()?;
    let snapshot = Mutex::new(sources.snapshot);
    let place = Place {
        listing,
        corpus: &listed.corpus,
        index: counter.index,
        snapshot: &snapshot,
        encodings: &sources.encodings,
        limit: sources.limit,
        review: &search::no_review,
        symbols: &facts::no_symbols,
    };
    let facts = FileFacts::new(&place, None);
    let language = |path: &RepoPath| {
        let at = listing.position(path)?;
        facts.language(at).map(str::to_owned)
    };
    Ok(coverage::table(
        &files,
        &progress,
        (counter.of, by),
        under,
        &language,
    ))
}
