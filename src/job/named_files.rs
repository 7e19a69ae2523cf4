//! Which of the files that the ledgers name the delivery really holds.

use super::export::Sources;
use super::listing::Listing;
use super::{Cancel, JobError, Recorder, located};
use crate::model::{BlobId, DeliveredNames};
use crate::snapshot::Snapshot;

/// Returns the paths and blobs of the ledgers that a snapshot of the review holds, and the symbols that their texts hold.
///
/// Nearly always the snapshot on screen holds them all; only then are the others opened.
pub(super) fn names(
    sources: &Sources<'_>,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<DeliveredNames, JobError> {
    let entries = recorder.others.iter().chain(&recorder.entries);
    let mut names = DeliveredNames::named_by(entries);
    let desk = sources.desk;
    take(&mut names, &desk.snapshot, sources.listing);
    let record = desk.review.read_record()?.unwrap_or_default();
    for other in &record.snapshots {
        if names.is_complete() {
            break;
        }
        if other.commit != desk.snapshot.commit() {
            let rev = other.commit.to_string();
            let snapshot = Snapshot::open(&other.source, Some(&rev), &desk.review.objects())?;
            let listing = Listing::of(&snapshot, &|| cancel.is_cancelled())?;
            take(&mut names, &snapshot, &listing);
        }
    }
    names.insert_symbols(|blob| located::blob_text(sources.index, blob));
    Ok(names)
}

fn take(names: &mut DeliveredNames, snapshot: &Snapshot, listing: &Listing) {
    for file in &listing.files {
        names.insert(&file.path, &file.blob);
    }
    // Folders are in no list of files. What is named as the whole snapshot has its tree.
    for path in names.wanted_paths() {
        let tree = if path.as_bytes() == b"." {
            Some(snapshot.tree())
        } else {
            // A folder that cannot be read is not there: its name is judged like text.
            snapshot.folder_at(&path).ok().flatten()
        };
        if let Some(tree) = tree {
            names.insert(&path, &BlobId::new(*tree.as_bytes()));
        }
    }
}
