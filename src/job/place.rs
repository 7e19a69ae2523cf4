//! Places that a person names, bound to what the snapshot has there.

use super::listing::Listing;
use super::read::Reader;
use super::{Cancel, JobError, bind};
use crate::index::Index;
use crate::model::{
    Anchor, AnchorExtent, BlobId, ByteRange, Location, NamedPath, Place, RepoPath, TreeFile,
    WholeKind,
};
use crate::text::{Content, count_lines};

/// Returns the file at a path. Fails if the tree has several of that path and the name does not say which one is meant.
pub fn file<'l>(
    reader: &Reader<'_>,
    listing: &'l Listing,
    named: &NamedPath,
) -> Result<&'l TreeFile, JobError> {
    let all = listing.all_at(&named.path);
    let commit = reader.snapshot.commit();
    let Some(blob) = &named.blob else {
        return match distinct(all).as_slice() {
            [] => Err(JobError::NoFile {
                path: named.path.clone(),
                commit,
            }),
            [_] => Ok(&all[0]),
            blobs => Err(ambiguous(&named.path, blobs)),
        };
    };
    let meant: Vec<&TreeFile> = all.iter().filter(|f| blob.matches(&f.blob)).collect();
    match meant.as_slice() {
        [] => Err(JobError::NoFile {
            path: named.path.clone(),
            commit,
        }),
        [file, rest @ ..] if rest.iter().all(|other| other.blob == file.blob) => Ok(file),
        several => {
            let blobs: Vec<BlobId> = several.iter().map(|f| f.blob).collect();
            Err(ambiguous(&named.path, &blobs))
        }
    }
}

fn distinct(files: &[TreeFile]) -> Vec<BlobId> {
    let mut blobs: Vec<BlobId> = Vec::new();
    for file in files {
        if !blobs.contains(&file.blob) {
            blobs.push(file.blob);
        }
    }
    blobs
}

fn ambiguous(path: &RepoPath, blobs: &[BlobId]) -> JobError {
    let named = |blob: &BlobId| NamedPath::with_blob(path.clone(), blob).to_string();
    JobError::AmbiguousPath {
        path: path.clone(),
        names: blobs.iter().map(named).collect(),
    }
}

/// Returns the number of lines of a file, of the hexadecimal view for a binary one.
pub fn lines(reader: &Reader<'_>, index: Option<&Index>, file: &TreeFile) -> Result<u32, JobError> {
    if let Some(lines) = index.and_then(|i| super::coverage::indexed_lines(i, file)) {
        return Ok(lines);
    }
    Ok(match reader.content(&file.blob)? {
        Content::Text(read) => count_lines(read.text.as_bytes()),
        Content::Binary(bytes) => ByteRange::rows_of(bytes.len() as u64),
    })
}

/// Returns the lines of a file, or of a binary file the bytes of rows of the hexadecimal view. Fails if the file ends
/// before.
pub fn extent(
    reader: &Reader<'_>,
    file: &TreeFile,
    span: crate::model::Span,
) -> Result<AnchorExtent, JobError> {
    let too_few = |lines| JobError::NoLine {
        path: file.path.clone(),
        line: span.end(),
        lines,
    };
    if file.kind == crate::model::FileKind::Submodule {
        return Err(too_few(0));
    }
    match reader.content(&file.blob)? {
        Content::Text(read) => {
            let lines = count_lines(read.text.as_bytes());
            (span.end() <= lines)
                .then(|| span.into())
                .ok_or_else(|| too_few(lines))
        }
        Content::Binary(_) => {
            let size = reader.snapshot.size(&file.blob)?;
            let bytes = ByteRange::of_rows(span, size).map(AnchorExtent::Bytes);
            bytes.ok_or_else(|| too_few(ByteRange::rows_of(size)))
        }
    }
}

/// Binds a place to what the snapshot has there.
pub fn locate(reader: &Reader<'_>, listing: &Listing, place: &Place) -> Result<Location, JobError> {
    if let Some(span) = place.lines {
        let file = file(reader, listing, &place.path)?;
        let extent = extent(reader, file, span)?;
        let anchor = Anchor::new(file.blob, file.path.clone(), extent);
        let mut location = Location::labelled(anchor, &place.label);
        let only = std::slice::from_mut(&mut location);
        bind::complete(only, reader, &Cancel::never());
        return Ok(location);
    }
    let bind = |path: &NamedPath, label: &str| {
        let anchor = without_lines(reader, whole(reader, listing, path)?)?;
        Ok(Location::labelled(anchor, label))
    };
    let first = bind(&place.path, &place.label);
    if !matches!(first, Err(JobError::NoFile { .. })) {
        return first;
    }
    // A label may be behind an `@` that was taken for a part of the path.
    let mut others = place.others.iter().map(|(path, label)| bind(path, label));
    let found = others.find(|other| !matches!(other, Err(JobError::NoFile { .. })));
    found.unwrap_or(first)
}

/// Passes on what has no lines. Whoever means a file with lines says which: forgetting them would move a finding to the
/// whole file.
fn without_lines(reader: &Reader<'_>, anchor: Anchor) -> Result<Anchor, JobError> {
    if anchor.extent.whole() != Some(WholeKind::File) {
        return Ok(anchor);
    }
    // What cannot be read has no lines that anybody could name.
    let lines = match reader.content(&anchor.blob) {
        Ok(Content::Text(read)) => count_lines(read.text.as_bytes()),
        Ok(Content::Binary(_)) => 1,
        Err(_) => 0,
    };
    if lines == 0 {
        return Ok(anchor);
    }
    Err(JobError::NeedsLines { path: anchor.path })
}

/// Binds an entry of the tree as a whole: a file, a folder, a submodule, the snapshot.
pub fn whole(
    reader: &Reader<'_>,
    listing: &Listing,
    named: &NamedPath,
) -> Result<Anchor, JobError> {
    if named.blob.is_none() && named.path.as_bytes() == b"." {
        return Ok(snapshot(reader));
    }
    let error = match file(reader, listing, named) {
        Ok(file) => {
            let whole = AnchorExtent::Whole(file.kind.into());
            return Ok(Anchor::new(file.blob, file.path.clone(), whole));
        }
        Err(error @ JobError::NoFile { .. }) if named.blob.is_none() => error,
        Err(error) => return Err(error),
    };
    // A slash at the end names a folder in a shell.
    let bytes = named.path.as_bytes();
    let path = RepoPath::new(bytes.strip_suffix(b"/").unwrap_or(bytes));
    match reader.snapshot.folder_at(&path)? {
        Some(tree) => Ok(Anchor::new(
            BlobId::new(*tree.as_bytes()),
            path,
            AnchorExtent::Whole(WholeKind::Folder),
        )),
        None => Err(error),
    }
}

/// Binds the snapshot as a whole.
fn snapshot(reader: &Reader<'_>) -> Anchor {
    let tree = BlobId::new(*reader.snapshot.tree().as_bytes());
    Anchor::new(
        tree,
        RepoPath::new("."),
        AnchorExtent::Whole(WholeKind::Snapshot),
    )
}

/// Returns whether the snapshot has what an anchor is bound to, at its path.
pub fn is_there(snapshot: &crate::snapshot::Snapshot, listing: &Listing, anchor: &Anchor) -> bool {
    match anchor.extent.whole() {
        Some(WholeKind::Snapshot) => snapshot.tree().as_bytes() == anchor.blob.as_bytes(),
        Some(WholeKind::Folder) => {
            let tree = snapshot.folder_at(&anchor.path).ok().flatten();
            tree.is_some_and(|tree| tree.as_bytes() == anchor.blob.as_bytes())
        }
        _ => {
            let mut all = listing.all_at(&anchor.path).iter();
            all.any(|file| file.blob == anchor.blob)
        }
    }
}
