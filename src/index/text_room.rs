//! Room for large texts that several threads read at once.
//!
//! Two generated headers of 20 MB each would be most of the memory of a comparison with a whole delivery, although nearly
//! all other texts are small. So a thread that reads a large text waits until those that are being read leave room for it, and
//! its memory goes back to the system at once.

use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes of a text that every thread may read into a buffer of its own.
pub(super) const SMALL: usize = 256 << 10;
/// Bytes that larger texts may take together.
const ROOM: usize = 16 << 20;

/// Shared by the threads that read texts of an index; see [`super::Index::with_text`].
#[derive(Debug)]
pub struct TextRoom {
    size: usize,
    taken: Mutex<usize>,
    is_given_back: Condvar,
}

impl Default for TextRoom {
    fn default() -> Self {
        Self::of(ROOM)
    }
}

impl TextRoom {
    fn of(size: usize) -> Self {
        Self {
            size,
            taken: Mutex::new(0),
            is_given_back: Condvar::new(),
        }
    }

    /// Waits until there is room for a text. One that is larger than all of it has it alone.
    pub(super) fn take(&self, bytes: usize) -> TakenRoom<'_> {
        let share = bytes.min(self.size);
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |taken: &mut usize| *taken + share > self.size;
        let waited = self.is_given_back.wait_while(taken, is_full);
        *waited.unwrap_or_else(PoisonError::into_inner) += share;
        TakenRoom { room: self, share }
    }
}

/// Room that is given back when it is dropped.
pub(super) struct TakenRoom<'r> {
    room: &'r TextRoom,
    share: usize,
}

impl Drop for TakenRoom<'_> {
    fn drop(&mut self) {
        let taken = self.room.taken.lock();
        *taken.unwrap_or_else(PoisonError::into_inner) -= self.share;
        self.room.is_given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn no_more_is_taken_at_once_than_there_is_and_everybody_has_a_turn() {
        let room = TextRoom::of(10);
        let (held, most, turns) = (
            AtomicUsize::new(0),
            AtomicUsize::new(0),
            AtomicUsize::new(0),
        );
        std::thread::scope(|threads| {
            for first in 0..4 {
                let (room, held, most, turns) = (&room, &held, &most, &turns);
                threads.spawn(move || {
                    for turn in 0..200 {
                        // Up to 13: some are larger than the room.
                        let bytes = 1 + (first * 7 + turn * 5) % 13;
                        let _taken = room.take(bytes);
                        let now = held.fetch_add(bytes.min(10), Ordering::SeqCst) + bytes.min(10);
                        most.fetch_max(now, Ordering::SeqCst);
                        std::thread::yield_now();
                        held.fetch_sub(bytes.min(10), Ordering::SeqCst);
                        turns.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 10, "{most:?}");
        assert_eq!(turns.load(Ordering::SeqCst), 800);
        assert_eq!(*room.taken.lock().unwrap(), 0);
    }

    #[test]
    fn who_finds_no_room_waits_until_it_is_given_back() {
        let room = TextRoom::of(10);
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::scope(|threads| {
            let first = room.take(6);
            let waiting = &room;
            threads.spawn(move || {
                let _second = waiting.take(6);
                sender.send("second").unwrap();
            });
            // Smaller ones still find room.
            drop(room.take(4));
            assert!(receiver.try_recv().is_err());
            drop(first);
            assert_eq!(receiver.recv(), Ok("second"));
        });
    }
}
