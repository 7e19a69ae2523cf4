//! Sweeps: the hits of a query as they are recorded.

use super::search::{self, Place};
use super::{Cancel, JobError};
use crate::model::SweepHit;
use crate::query::Query;

/// Returns every hit of a query in the order in which a sweep lists them: by path, content and line.
pub fn hits(place: &Place<'_>, query: &Query, cancel: &Cancel) -> Result<Vec<SweepHit>, JobError> {
    let mut hits = Vec::new();
    let mut sink = |chunk: crate::index::Chunk| {
        for found in chunk.files {
            let Some(file) = place.listing.files.get(found.file as usize) else {
                continue;
            };
            hits.extend(found.lines.iter().map(|line| SweepHit {
                path: file.path.clone(),
                blob: file.blob,
                line: line.line,
            }));
        }
    };
    search::run(place, query, cancel, &mut sink)?;
    hits.sort();
    Ok(hits)
}
