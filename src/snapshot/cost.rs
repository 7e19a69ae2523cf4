//! What reading may cost: one object, and one pass over all objects of a delivery.
//!
//! The size of a file says little about the work of reading it: a small file can be a delta on a large one, which is a
//! delta on another. So work is counted: every byte that is inflated or put together, whether it is handed on or not.
//! The figures leave real repositories a wide margin (git's own packs build a file from bases of at most 32 times its
//! size, in chains of 50 by default).

use std::sync::atomic::{AtomicU64, Ordering};

/// Limits of what reading a delivery may cost. Bytes of work are bytes inflated or put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Bytes of the largest object that another one is built from.
    pub base_bytes: u64,
    /// Bytes of work for one object, however small.
    pub object_work: u64,
    /// Bytes of work for each byte of an object, beyond `object_work`.
    pub object_work_ratio: u64,
    /// Bytes of work for one pass, however small the delivery.
    pub pass_work: u64,
    /// Bytes of work of a pass for each byte of the delivery's packs and loose objects, beyond `pass_work`.
    pub pass_work_ratio: u64,
    /// Bytes of objects that one pass hands on, however small the delivery.
    pub pass_bytes: u64,
    /// Bytes of objects that one pass hands on for each byte of the delivery's packs and loose objects, beyond
    /// `pass_bytes`.
    pub pass_bytes_ratio: u64,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            base_bytes: 512 << 20,
            object_work: 2 << 30,
            object_work_ratio: 64,
            pass_work: 8 << 30,
            pass_work_ratio: 256,
            pass_bytes: 2 << 30,
            pass_bytes_ratio: 128,
        }
    }
}

/// Work of finding out how an entry of a pack is built: about the time of inflating as many bytes.
pub(super) const HEADER_WORK: u64 = 1 << 10;
/// Work for each byte of an object that is never refused, however much a pass has cost already.
const MODEST_RATIO: u64 = 64;
/// Bytes that every object counts at least, so that reading a tiny object is modest too.
const MODEST_BYTES: u64 = 4 << 10;

/// What a pass reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassKind {
    /// The files of one snapshot.
    Files,
    /// Every object of the delivery, with all versions of a file: much more text for each byte on disk.
    Inventory,
}

/// How many times more an inventory may cost than the files of a snapshot, for each byte on disk.
const INVENTORY: u64 = 8;

/// Why an object is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostLimit {
    /// It would be built from an object larger than the limit.
    Base,
    /// The work of building this object exceeds the limit.
    Object,
    /// The work of this pass exceeds the limit, and this object would add much to it.
    Pass,
    /// This pass has read as many bytes as the limit allows.
    Bytes,
}

impl ReadLimits {
    /// Fails if building an object of `size` bytes, with a largest part of `largest`, costs too much. Returns the limit
    /// that is exceeded, the cost, and the limit in bytes.
    pub(super) fn check(
        &self,
        largest: u64,
        work: u64,
        size: u64,
    ) -> Result<(), (CostLimit, u64, u64)> {
        let base_limit = self.base_bytes.max(size.saturating_mul(2));
        if largest > base_limit {
            return Err((CostLimit::Base, largest, base_limit));
        }
        let more = size.saturating_mul(self.object_work_ratio);
        let work_limit = self.object_work.saturating_add(more);
        if work > work_limit {
            return Err((CostLimit::Object, work, work_limit));
        }
        Ok(())
    }
}

/// Returns whether the work is in proportion to the size of the object.
pub(super) fn is_modest(work: u64, size: u64) -> bool {
    work <= size
        .saturating_add(MODEST_BYTES)
        .saturating_mul(MODEST_RATIO)
}

/// Counts what a pass over a delivery costs; shared by its threads.
#[derive(Debug)]
pub(super) struct PassMeter {
    work: AtomicU64,
    work_limit: u64,
    bytes: AtomicU64,
    bytes_limit: u64,
}

impl PassMeter {
    /// Starts a pass over a delivery whose packs and loose objects have so many bytes on disk.
    pub(super) fn new(limits: &ReadLimits, kind: PassKind, stored: u64) -> Self {
        let stored = match kind {
            PassKind::Files => stored,
            PassKind::Inventory => stored.saturating_mul(INVENTORY),
        };
        let limit = |least: u64, ratio: u64| least.saturating_add(stored.saturating_mul(ratio));
        Self {
            work: AtomicU64::new(0),
            work_limit: limit(limits.pass_work, limits.pass_work_ratio),
            bytes: AtomicU64::new(0),
            bytes_limit: limit(limits.pass_bytes, limits.pass_bytes_ratio),
        }
    }

    /// Counts work.
    pub(super) fn add_work(&self, work: u64) {
        self.work.fetch_add(work, Ordering::Relaxed);
    }

    /// Returns whether the work of the pass has reached its limit.
    pub(super) fn is_worked_out(&self) -> bool {
        self.work.load(Ordering::Relaxed) >= self.work_limit
    }

    /// Counts the bytes of an object that is about to be handed on. Returns false, and counts nothing, if they are too
    /// many.
    pub(super) fn try_add_bytes(&self, size: u64) -> bool {
        let add = |sum: u64| sum.checked_add(size).filter(|sum| *sum <= self.bytes_limit);
        let relaxed = Ordering::Relaxed;
        self.bytes.fetch_update(relaxed, relaxed, add).is_ok()
    }

    /// Returns the limit on the work and that on the bytes.
    pub(super) fn limits(&self) -> (u64, u64) {
        (self.work_limit, self.bytes_limit)
    }

    /// Returns the work and the bytes so far.
    pub(super) fn spent(&self) -> (u64, u64) {
        let get = |sum: &AtomicU64| sum.load(Ordering::Relaxed);
        (get(&self.work), get(&self.bytes))
    }
}
