//! Searching a snapshot, indexed or not.

use super::listing::{FileFacts, Listing};
use super::read::Reader;
use super::{Cancel, JobError};
use crate::index::{Chunk, Corpus, Index, Search};
use crate::language;
use crate::model::{BlobId, Encodings, SearchSummary};
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
}

/// Finds every hit. `not_searched` of the summary also counts links, submodules and what was not listed.
pub fn run(
    place: &Place<'_>,
    query: &Query,
    cancel: &Cancel,
    sink: &mut dyn FnMut(Chunk),
) -> Result<SearchSummary, JobError> {
    let facts = FileFacts::new(place);
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
    let nameless = place
        .listing
        .files
        .iter()
        .filter(|f| !f.kind.is_file())
        .count();
    summary.not_searched += (nameless + place.listing.unlisted().len()) as u64;
    Ok(summary)
}
