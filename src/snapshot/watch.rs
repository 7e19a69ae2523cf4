//! Which objects are being read, so that one that takes long can be named.
//!
//! Every read is bounded by what it may cost; on a slow medium, or where that bound fails, a reviewer must still learn
//! what the program is doing. Nothing waits for a read that is named here.

use crate::model::ObjectId;
use crate::snapshot::refs::Id;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// The slots of all threads that read.
static READERS: Mutex<Vec<Weak<ReadSlot>>> = Mutex::new(Vec::new());

/// Whether the watchdog sleeps until an object is read, and what wakes it.
static IS_ASLEEP: AtomicBool = AtomicBool::new(false);
static WAKE: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());

/// What one thread reads now, and since when.
type ReadSlot = Mutex<Option<(Id, Instant)>>;

/// The entry of one thread in the list of those that read.
#[derive(Debug)]
pub(super) struct ReadWatch(Arc<ReadSlot>);

/// Marks that an object is being read, until it is dropped.
pub(super) struct WatchedRead<'a>(&'a ReadSlot);

/// An object that takes long to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlowRead {
    /// The object.
    pub id: ObjectId,
    /// How long it has been read so far.
    pub time: Duration,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for ReadWatch {
    fn default() -> Self {
        let slot = Arc::new(ReadSlot::default());
        let mut readers = locked(&READERS);
        readers.retain(|reader| reader.strong_count() > 0);
        readers.push(Arc::downgrade(&slot));
        Self(slot)
    }
}

impl ReadWatch {
    /// Marks that an object is being read.
    pub(super) fn begin(&self, id: &Id) -> WatchedRead<'_> {
        *locked(&self.0) = Some((*id, Instant::now()));
        if IS_ASLEEP.load(Ordering::Relaxed) {
            let _guard = locked(&WAKE.0);
            IS_ASLEEP.store(false, Ordering::Relaxed);
            WAKE.1.notify_all();
        }
        WatchedRead(&self.0)
    }
}

impl Drop for WatchedRead<'_> {
    fn drop(&mut self) {
        *locked(self.0) = None;
    }
}

/// Returns the objects that have been read for longer than a time and are not done, the one begun first at the front.
pub fn slow_reads(longer_than: Duration) -> Vec<SlowRead> {
    let readers: Vec<_> = locked(&READERS).iter().filter_map(Weak::upgrade).collect();
    let now = Instant::now();
    let slow = readers.iter().filter_map(|reader| {
        let (id, since) = (*locked(reader))?;
        let time = now.saturating_duration_since(since);
        let id = ObjectId::new(id);
        (time > longer_than).then_some(SlowRead { id, time })
    });
    let mut slow: Vec<_> = slow.collect();
    slow.sort_by_key(|read| std::cmp::Reverse(read.time));
    slow
}

/// Starts a thread that calls `tell` once for each object that is read for longer than a time. While nothing is read it
/// uses no time.
pub fn watch_slow_reads(
    longer_than: Duration,
    tell: impl Fn(&SlowRead) + Send + 'static,
) -> io::Result<()> {
    let watch = move || {
        let mut told = Vec::new();
        loop {
            let slow = slow_reads(longer_than);
            told.retain(|id| slow.iter().any(|read| read.id == *id));
            for read in slow {
                if !told.contains(&read.id) {
                    tell(&read);
                    told.push(read.id);
                }
            }
            let is_reading = !slow_reads(Duration::ZERO).is_empty();
            let guard = locked(&WAKE.0);
            IS_ASLEEP.store(!is_reading, Ordering::Relaxed);
            let woken = if is_reading {
                let woken = WAKE.1.wait_timeout(guard, longer_than / 4);
                woken.unwrap_or_else(PoisonError::into_inner).0
            } else {
                let is_asleep = |(): &mut ()| IS_ASLEEP.load(Ordering::Relaxed);
                let woken = WAKE.1.wait_while(guard, is_asleep);
                woken.unwrap_or_else(PoisonError::into_inner)
            };
            drop(woken);
        }
    };
    thread::Builder::new()
        .name("watchdog".into())
        .spawn(watch)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_named_while_it_is_read() {
        let watch = ReadWatch::default();
        let id = [0x5a; 20];
        let is_named = |longer_than| {
            let slow = slow_reads(longer_than);
            slow.iter().any(|read| read.id == ObjectId::new(id))
        };
        assert!(!is_named(Duration::ZERO), "control");
        let read = watch.begin(&id);
        assert!(is_named(Duration::ZERO));
        assert!(!is_named(Duration::from_secs(3600)));
        drop(read);
        assert!(!is_named(Duration::ZERO));
    }

    #[test]
    fn the_watchdog_tells_of_each_slow_read_once() {
        let (sender, told) = std::sync::mpsc::channel();
        let wanted = ObjectId::new([0x5b; 20]);
        let tell = move |read: &SlowRead| {
            if read.id == wanted {
                let _ = sender.send(read.id);
            }
        };
        watch_slow_reads(Duration::from_millis(1), tell).unwrap();
        let watch = ReadWatch::default();
        let read = watch.begin(&[0x5b; 20]);
        assert_eq!(told.recv(), Ok(wanted));
        drop(read);
        let again = watch.begin(&[0x5b; 20]);
        drop(again);
    }
}
