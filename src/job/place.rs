//! Places that a person names, bound to contents.

use super::listing::Listing;
use super::{Desk, JobError, read};
use crate::index::Index;
use crate::job::message::Body;
use crate::model::{Anchor, Location, Place, RepoPath, TreeFile};
use crate::text::count_lines;

/// Returns the file at a path.
pub fn file<'l>(
    desk: &Desk,
    listing: &'l Listing,
    path: &RepoPath,
) -> Result<&'l TreeFile, JobError> {
    let commit = desk.snapshot.commit();
    listing.find(path).ok_or_else(|| JobError::NoFile {
        path: path.clone(),
        commit,
    })
}

/// Returns the number of lines of a file, of the hexadecimal view for a binary one.
pub fn lines(desk: &Desk, index: Option<&Index>, file: &TreeFile) -> Result<u32, JobError> {
    if let Some(lines) = index.and_then(|i| super::coverage::indexed_lines(i, file)) {
        return Ok(lines);
    }
    let bytes = desk.snapshot.read(&file.blob, read::LIMIT)?;
    Ok(match crate::text::decode(bytes) {
        crate::text::Content::Text { text, .. } => count_lines(text.as_bytes()),
        crate::text::Content::Binary => match read::body(&desk.snapshot, file) {
            Body::Binary(bytes) => bytes.len().div_ceil(16) as u32,
            _ => 0,
        },
    })
}

/// Binds a place to the content that stands there.
pub fn locate(
    desk: &Desk,
    listing: &Listing,
    index: Option<&Index>,
    place: &Place,
) -> Result<Location, JobError> {
    let file = file(desk, listing, &place.path)?;
    let lines = lines(desk, index, file)?;
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
