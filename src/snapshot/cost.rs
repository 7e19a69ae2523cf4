//! What reading may cost: one object, and one pass over all objects of a delivery.
//!
//! The size of a file says little about the work of reading it: a small file can be a delta on a large one, which is a
//! delta on another. So work is counted: every byte that is inflated or put together, whether it is handed on or not.
//! The figures leave real repositories a wide margin (git's own packs build a file from bases of at most 32 times its
//! size, in chains of 50 by default).

use std::fmt;
use std::sync::OnceLock;
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
pub(super) struct PassMeter {
    work: AtomicU64,
    bytes: AtomicU64,
    limits: ReadLimits,
    /// How many times more than the files of a snapshot the pass may cost.
    times: u64,
    /// Finds out the bytes of the delivery on disk. That takes a while for many loose objects, and few passes come to
    /// the point where it matters.
    find_stored: Box<dyn Fn() -> u64 + Send + Sync>,
    stored: OnceLock<u64>,
}

impl PassMeter {
    /// Starts a pass over a delivery. `find_stored` returns the bytes of its packs and loose objects on disk.
    pub(super) fn new(
        limits: &ReadLimits,
        kind: PassKind,
        find_stored: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        Self {
            work: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            limits: limits.clone(),
            times: match kind {
                PassKind::Files => 1,
                PassKind::Inventory => INVENTORY,
            },
            find_stored: Box::new(find_stored),
            stored: OnceLock::new(),
        }
    }

    /// Returns the limit that grows with the delivery.
    fn limit(&self, least: u64, ratio: u64) -> u64 {
        let stored = *self.stored.get_or_init(|| (self.find_stored)());
        let more = stored.saturating_mul(ratio).saturating_mul(self.times);
        least.saturating_add(more)
    }

    fn work_limit(&self) -> u64 {
        self.limit(self.limits.pass_work, self.limits.pass_work_ratio)
    }

    fn bytes_limit(&self) -> u64 {
        self.limit(self.limits.pass_bytes, self.limits.pass_bytes_ratio)
    }

    /// Counts work.
    pub(super) fn add_work(&self, work: u64) {
        self.work.fetch_add(work, Ordering::Relaxed);
    }

    /// Returns whether the work of the pass has reached its limit.
    pub(super) fn is_worked_out(&self) -> bool {
        let work = self.work.load(Ordering::Relaxed);
        work >= self.limits.pass_work && work >= self.work_limit()
    }

    /// Counts the bytes of an object that is about to be handed on. Returns false, and counts nothing, if they are too
    /// many.
    pub(super) fn try_add_bytes(&self, size: u64) -> bool {
        let fits = |sum: &u64| *sum <= self.limits.pass_bytes || *sum <= self.bytes_limit();
        let add = |sum: u64| sum.checked_add(size).filter(fits);
        let relaxed = Ordering::Relaxed;
        self.bytes.fetch_update(relaxed, relaxed, add).is_ok()
    }

    /// Returns the limit on the work and that on the bytes.
    pub(super) fn limits(&self) -> (u64, u64) {
        (self.work_limit(), self.bytes_limit())
    }

    /// Returns the work and the bytes so far.
    pub(super) fn spent(&self) -> (u64, u64) {
        let get = |sum: &AtomicU64| sum.load(Ordering::Relaxed);
        (get(&self.work), get(&self.bytes))
    }
}

impl fmt::Debug for PassMeter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PassMeter").field(&self.spent()).finish()
    }
}
