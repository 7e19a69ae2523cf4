//! Places that a person names, bound to contents.

use super::JobError;
use super::listing::Listing;
use super::read::Reader;
use crate::index::Index;
use crate::model::{Anchor, Location, Place, RepoPath, TreeFile};
use crate::text::{Content, count_lines};

/// Returns the file at a path.
pub fn file<'l>(
    reader: &Reader<'_>,
    listing: &'l Listing,
    path: &RepoPath,
) -> Result<&'l TreeFile, JobError> {
    let commit = reader.snapshot.commit();
    listing.find(path).ok_or_else(|| JobError::NoFile {
        path: path.clone(),
        commit,
    })
}

/// Returns the number of lines of a file, of the hexadecimal view for a binary one.
pub fn lines(reader: &Reader<'_>, index: Option<&Index>, file: &TreeFile) -> Result<u32, JobError> {
    if let Some(lines) = index.and_then(|i| super::coverage::indexed_lines(i, file)) {
        return Ok(lines);
    }
    Ok(match reader.content(&file.blob)? {
        Content::Text(read) => count_lines(read.text.as_bytes()),
        Content::Binary(bytes) => bytes.len().div_ceil(16) as u32,
    })
}

/// Binds a place to the content that stands there.
pub fn locate(
    reader: &Reader<'_>,
    listing: &Listing,
    index: Option<&Index>,
    place: &Place,
) -> Result<Location, JobError> {
    let file = file(reader, listing, &place.path)?;
    let lines = lines(reader, index, file)?;
    if place.span.end() > lines {
        let line = place.span.end();
        return Err(JobError::NoLine {
            path: place.path.clone(),
            line,
            lines,
        });
    }
    let anchor = Anchor {
        blob: file.blob,
        path: file.path.clone(),
        span: place.span,
        symbol: None,
        ordinal: 0,
    };
    Ok(Location::labelled(anchor, &place.label))
}
