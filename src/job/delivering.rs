//! Reading the rest of a delivery for the screen: in the background, with progress, and once more before an export.

use super::bench::{PROGRESS, Shared};
use super::delivered::Deliveries;
use super::message::{DeliveryProgress, Report};
use super::{Cancel, JobError};
use crate::index::Index;
use std::time::Instant;

/// Reads what was delivered and is neither in the index nor in the archive.
pub(super) fn read_delivery(
    shared: &Shared,
    index: &Index,
    cancel: &Cancel,
    emit: &dyn Fn(Report),
) -> Result<(), JobError> {
    let snapshot = shared.handle()?;
    let deliveries = Deliveries::open(shared.review_folder(), index, &snapshot)?;
    let mut last = Instant::now();
    let read = deliveries.complete_archive(cancel, &mut |done, total| {
        if last.elapsed() >= PROGRESS {
            last = Instant::now();
            emit(Report::DeliveryRead(DeliveryProgress::Reading {
                done,
                total,
            }));
        }
    });
    let state = match &read {
        Ok(()) => DeliveryProgress::Complete,
        Err(_) => DeliveryProgress::Unknown,
    };
    emit(Report::DeliveryRead(state));
    read
}
