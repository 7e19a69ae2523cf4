//! Searching a snapshot, indexed or not.

use super::facts::{FileFacts, FindSymbols};
use super::listing::Listing;
use super::read::Reader;
use super::{Cancel, JobError};
use crate::index::{Chunk, Corpus, Index, Search};
use crate::language;
use crate::model::{BlobId, Encodings, FileHits, Review, SearchSummary};
use crate::query::{self, Query};
use crate::snapshot::Snapshot;
use std::sync::{Mutex, PoisonError};

/// Reads a query as the reviewer typed it.
pub fn parse(text: &str) -> Result<Query, JobError> {
    let languages = |name: &str| language::by_name(name).map(|l| l.name.to_owned());
    Ok(query::parse(text, &languages)?)
}

/// Where to search.
pub struct Place<'a> {
    /// The files.
    pub listing: &'a Listing,
    /// The same, made ready.
    pub corpus: &'a Corpus,
    /// What is indexed; the rest is read from the snapshot.
    pub index: &'a Index,
    /// The snapshot.
    pub snapshot: &'a Mutex<Snapshot>,
    /// Which encodings the reviewers said.
    pub encodings: &'a Encodings,
    /// Largest blob that is read, in bytes.
    pub limit: u64,
    /// Reads the state of the review, if there is one; only called for a query that asks for it.
    pub review: &'a (dyn Fn() -> Result<Option<Review>, JobError> + Sync),
    /// Finds names in texts.
    pub symbols: &'a FindSymbols<'a>,
}

/// A snapshot without a review.
pub fn no_review() -> Result<Option<Review>, JobError> {
    Ok(None)
}

/// Finds every hit. Chunks come in the order of paths, whatever order the query asks for: see [`super::rank`].
/// `not_searched` of the summary also counts links, submodules and what was not listed.
pub fn run(
    place: &Place<'_>,
    query: &Query,
    cancel: &Cancel,
    sink: &mut dyn FnMut(Chunk),
) -> Result<SearchSummary, JobError> {
    let review = if query.needs_review() {
        (place.review)()?
    } else {
        None
    };
    let facts = FileFacts::new(place, review.as_ref());
    let unindexed = |id: &BlobId| {
        let snapshot = place
            .snapshot
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let reader = Reader {
            snapshot: &snapshot,
            encodings: place.encodings,
            limit: place.limit,
        };
        reader.searched(id).ok()
    };
    let search = Search {
        index: place.index,
        files: place.corpus,
        facts: &facts,
        unindexed: &unindexed,
    };
    let mut summary = search.run(query, sink, &|| cancel.is_cancelled())?;
    let nameless = place.listing.files.table().files_without_content();
    summary.not_searched += (nameless + place.listing.unlisted().len()) as u64;
    Ok(summary)
}

/// Returns the first hits of a list, lines and paths together, as many as `count:` allows.
pub fn first(files: &[FileHits], mut count: u64) -> Vec<FileHits> {
    let mut kept = Vec::new();
    for hits in files {
        if count == 0 {
            break;
        }
        count -= u64::from(hits.name_matches);
        let lines = (hits.lines.len() as u64).min(count);
        count -= lines;
        kept.push(FileHits {
            lines: hits.lines[..lines as usize].to_vec(),
            ..*hits
        });
    }
    kept
}

/// A query that found nothing, read another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Otherwise {
    /// The other query.
    pub query: Query,
    /// What it finds.
    pub summary: SearchSummary,
}

/// Searches for a query that found nothing with each text that looks like a regex read as one. Nothing if no text
/// does, nothing is found so either, or nobody wants to know any more.
pub fn as_regex(
    place: &Place<'_>,
    query: &Query,
    cancel: &Cancel,
) -> Result<Option<Otherwise>, JobError> {
    let Some(query) = query.as_regex() else {
        return Ok(None);
    };
    let summary = run(place, &query, cancel, &mut |_| {})?;
    let is_better = summary.complete && summary.lines + summary.file_names > 0;
    Ok(is_better.then_some(Otherwise { query, summary }))
}
