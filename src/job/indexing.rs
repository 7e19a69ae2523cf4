//! Building the index of a snapshot.

use super::listing::{Listing, reason};
use super::read::LIMIT;
use super::{Cancel, JobError};
use crate::index::{self, BlobSource, Build, Built, Limits, Progress, Unreadable};
use crate::model::{BlobId, Reason};
use crate::snapshot::Snapshot;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

struct Blobs(Option<Snapshot>);

impl BlobSource for Blobs {
    fn read(&mut self, id: &BlobId) -> Result<Vec<u8>, Unreadable> {
        let snapshot = self.0.as_ref().ok_or(Unreadable::Damaged)?;
        snapshot
            .read(id, LIMIT)
            .map_err(|error| match reason(&error) {
                (Reason::MissingObject, _) => Unreadable::Missing,
                (Reason::TooLarge, size) => Unreadable::TooLarge { size },
                _ => Unreadable::Damaged,
            })
    }
}

/// What an indexing run left.
#[derive(Debug, Default)]
pub struct Indexed {
    /// What was built.
    pub built: Built,
    /// Why blobs could not be read, and their sizes as far as known.
    pub unreadable: HashMap<BlobId, (Reason, u64)>,
}

/// Stores and indexes what is not indexed yet, in the order in which the pack has it.
pub fn run(
    snapshot: &Snapshot,
    listing: &Listing,
    folder: &Path,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<Indexed, JobError> {
    let order = snapshot.pack_order(&listing.blobs())?;
    let handle = Mutex::new(snapshot.reopen()?);
    let source = || -> Box<dyn BlobSource> {
        let handle = handle.lock().unwrap_or_else(PoisonError::into_inner);
        Box::new(Blobs(handle.reopen().ok()))
    };
    let limits = Limits {
        blob: LIMIT,
        ..Limits::default()
    };
    let plan = Build {
        order: &order,
        source: &source,
        limits,
    };
    let built = index::build(folder, &plan, progress, &|| cancel.is_cancelled())?;
    listing.keep(snapshot, folder)?;
    let why = |u: &Unreadable| match u {
        Unreadable::Missing => (Reason::MissingObject, 0),
        Unreadable::Damaged => (Reason::DamagedObject, 0),
        Unreadable::TooLarge { size } => (Reason::TooLarge, *size),
    };
    let unreadable = built
        .unreadable
        .iter()
        .map(|(id, u)| (*id, why(u)))
        .collect();
    Ok(Indexed { built, unreadable })
}
