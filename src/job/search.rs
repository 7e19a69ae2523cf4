//! Searching a snapshot, indexed or not.

use super::listing::{FileFacts, Listing};
use super::read::LIMIT;
use super::{Cancel, JobError};
use crate::index::{Chunk, Corpus, Index, Search};
use crate::language;
use crate::model::{BlobId, SearchSummary};
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
}

/// Finds every hit. `not_searched` of the summary also counts links, submodules and what was not listed.
pub fn run(
    place: &Place<'_>,
    query: &Query,
    cancel: &Cancel,
    sink: &mut dyn FnMut(Chunk),
) -> Result<SearchSummary, JobError> {
    let facts = FileFacts::new(place.listing, place.index, place.snapshot);
    let unindexed = |id: &BlobId| {
        let snapshot = place
            .snapshot
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        snapshot.read(id, LIMIT).ok()
    };
    let search = Search {
        index: place.index,
        files: place.corpus,
        facts: &facts,
        unindexed: &unindexed,
    };
    let mut summary = search.run(query, sink, &|| cancel.is_cancelled())?;
    let nameless = place
        .listing
        .files
        .iter()
        .filter(|f| !f.kind.is_file())
        .count();
    summary.not_searched += (nameless + place.listing.unlisted().len()) as u64;
    Ok(summary)
}
