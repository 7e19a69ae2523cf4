//! Which of the files that the ledgers name the delivery really holds.

use super::export::Sources;
use super::listing::Listing;
use super::{Cancel, JobError, Recorder};
use crate::model::DeliveredNames;
use crate::snapshot::Snapshot;

/// Returns the paths and blobs of the ledgers that a snapshot of the review holds.
///
/// Nearly always the snapshot on screen holds them all; only then are the others opened.
pub(super) fn names(
    sources: &Sources<'_>,
    recorder: &Recorder,
    cancel: &Cancel,
) -> Result<DeliveredNames, JobError> {
    let entries = recorder.others.iter().chain(&recorder.entries);
    let mut names = DeliveredNames::named_by(entries);
    take(&mut names, sources.listing);
    let desk = sources.desk;
    let record = desk.review.read_record()?.unwrap_or_default();
    for other in &record.snapshots {
        if names.is_complete() {
            break;
        }
        if other.commit != desk.snapshot.commit() {
            let rev = other.commit.to_string();
            let snapshot = Snapshot::open(&other.source, Some(&rev), &desk.review.objects())?;
            take(
                &mut names,
                &Listing::of(&snapshot, &|| cancel.is_cancelled())?,
            );
        }
    }
    Ok(names)
}

fn take(names: &mut DeliveredNames, listing: &Listing) {
    for file in &listing.files {
        names.insert(&file.path, &file.blob);
    }
}
