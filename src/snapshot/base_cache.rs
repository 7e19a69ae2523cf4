//! Objects that others were built from, kept because neighbours in a pack share them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// The number of a pack and an offset in it.
pub(super) type EntryPlace = (u32, u64);

/// A cache of objects that holds a number of bytes; what was not used for longest goes first.
#[derive(Debug)]
pub(super) struct BaseCache {
    limit: usize,
    bytes: usize,
    kept: HashMap<EntryPlace, KeptBase>,
    /// Uses in order; one that is not the newest of its object does not count.
    uses: VecDeque<(EntryPlace, u64)>,
    clock: u64,
}

#[derive(Debug)]
struct KeptBase {
    bytes: Arc<Vec<u8>>,
    used_at: u64,
}

impl BaseCache {
    /// Makes an empty cache for a number of bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            bytes: 0,
            kept: HashMap::new(),
            uses: VecDeque::new(),
            clock: 0,
        }
    }

    /// Returns an object that is kept.
    pub(super) fn get(&mut self, place: EntryPlace) -> Option<Arc<Vec<u8>>> {
        self.clock += 1;
        let kept = self.kept.get_mut(&place)?;
        kept.used_at = self.clock;
        let bytes = Arc::clone(&kept.bytes);
        self.uses.push_back((place, self.clock));
        if self.uses.len() > 4 * self.kept.len() + 64 {
            let kept = &self.kept;
            let is_newest =
                |(place, at): &(EntryPlace, u64)| kept.get(place).is_some_and(|k| k.used_at == *at);
            self.uses.retain(is_newest);
        }
        Some(bytes)
    }

    /// Keeps an object, unless it alone would take half of the room or more.
    pub(super) fn put(&mut self, place: EntryPlace, bytes: &Arc<Vec<u8>>) {
        let size = bytes.len();
        if size > self.limit / 2 || self.kept.contains_key(&place) {
            return;
        }
        self.clock += 1;
        self.bytes += size;
        let kept = KeptBase {
            bytes: Arc::clone(bytes),
            used_at: self.clock,
        };
        self.kept.insert(place, kept);
        self.uses.push_back((place, self.clock));
        while self.bytes > self.limit {
            let Some((oldest, at)) = self.uses.pop_front() else {
                break;
            };
            if self.kept.get(&oldest).is_some_and(|k| k.used_at == at)
                && let Some(gone) = self.kept.remove(&oldest)
            {
                self.bytes -= gone.bytes.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_stays_and_the_bytes_are_bounded() {
        let mut cache = BaseCache::new(100);
        let base = Arc::new(vec![0; 30]);
        for at in 0..3 {
            cache.put((0, at), &base);
        }
        assert!(cache.get((0, 0)).is_some());
        cache.put((0, 3), &base);
        assert!(cache.get((0, 1)).is_none(), "the oldest went");
        assert!(cache.get((0, 0)).is_some());
        cache.put((0, 4), &Arc::new(vec![0; 51]));
        assert!(cache.get((0, 4)).is_none(), "too large for it");
        for _ in 0..10_000 {
            cache.get((0, 0));
        }
        assert!(cache.uses.len() < 200 && cache.bytes <= 100);
    }
}
