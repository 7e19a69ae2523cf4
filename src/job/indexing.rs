//! Building the index of a snapshot.

use super::listing::{Listing, reason};
use super::read::Reader;
use super::{Cancel, JobError};
use crate::index::{
    self, BlobSource, Build, Built, Index, IndexError, Limits, Progress, Unreadable,
};
use crate::model::{BlobId, Reason};
use crate::snapshot::{PassKind, Snapshot};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Time between two tries while another program indexes.
const RETRY: Duration = Duration::from_millis(500);
/// Tries after which it is told again that another program does.
const RELOAD: u32 = 20;

/// A thread's own way to the blobs, and the largest it reads.
struct Blobs(Option<Snapshot>, u64);

impl BlobSource for Blobs {
    fn read(&mut self, id: &BlobId) -> Result<Vec<u8>, Unreadable> {
        let snapshot = self.0.as_ref().ok_or(Unreadable::Damaged)?;
        snapshot
            .read(id, self.1)
            .map_err(|error| match reason(&error) {
                (Reason::MissingObject, _) => Unreadable::Missing,
                (Reason::TooLarge, size) => Unreadable::TooLarge { size },
                (Reason::TooCostly, _) => Unreadable::TooCostly,
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

/// Stores and indexes what is not indexed yet, or not as the reviewers say, in the order in which the pack has it.
pub fn run(
    reader: &Reader<'_>,
    listing: &Listing,
    folder: &Path,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<Indexed, JobError> {
    let indexed = store(reader, &listing.blobs(), folder, cancel, progress)?;
    let index = Index::open(folder)?;
    listing.keep(&listing.corpus(), &index, folder)?;
    Ok(indexed)
}

/// The same for some contents alone.
pub(crate) fn store(
    reader: &Reader<'_>,
    blobs: &HashSet<BlobId>,
    folder: &Path,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<Indexed, JobError> {
    let order = reader.snapshot.pack_order(blobs)?;
    let handle = Mutex::new(reader.snapshot.begin_pass(PassKind::Files));
    let source = || -> Box<dyn BlobSource> {
        let handle = handle.lock().unwrap_or_else(PoisonError::into_inner);
        Box::new(Blobs(handle.reopen().ok(), reader.limit))
    };
    let limits = Limits {
        blob: reader.limit,
        ..Limits::default()
    };
    let plan = Build {
        order: &order,
        source: &source,
        encodings: reader.encodings,
        limits,
    };
    let built = index::build(folder, &plan, progress, &|| cancel.is_cancelled())?;
    let why = |u: &Unreadable| match u {
        Unreadable::Missing => (Reason::MissingObject, 0),
        Unreadable::Damaged => (Reason::DamagedObject, 0),
        Unreadable::TooCostly => (Reason::TooCostly, 0),
        Unreadable::TooLarge { size } => (Reason::TooLarge, *size),
    };
    let unreadable = built
        .unreadable
        .iter()
        .map(|(id, u)| (*id, why(u)))
        .collect();
    Ok(Indexed { built, unreadable })
}

/// Where an indexing run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It builds.
    Building(Progress),
    /// Another program does; told first at once and then every few seconds.
    Elsewhere {
        /// The first time.
        is_first: bool,
    },
}

/// The same, waiting for its turn if another program indexes: what that one has stored is not stored again.
pub fn run_in_turn(
    reader: &Reader<'_>,
    listing: &Listing,
    folder: &Path,
    cancel: &Cancel,
    tell: &mut dyn FnMut(Turn),
) -> Result<Indexed, JobError> {
    let mut tries = 0_u32;
    loop {
        let mut progress = |p| tell(Turn::Building(p));
        match run(reader, listing, folder, cancel, &mut progress) {
            Err(JobError::Index(IndexError::Busy { .. })) => {}
            other => return other,
        }
        if tries.is_multiple_of(RELOAD) {
            tell(Turn::Elsewhere {
                is_first: tries == 0,
            });
        }
        tries += 1;
        if cancel.waits(RETRY) {
            return Err(JobError::Cancelled);
        }
    }
}
