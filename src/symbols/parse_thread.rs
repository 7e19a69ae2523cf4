//! A thread on which C code parses, within bounds of memory, stack and time.
//!
//! The bounds are kept twice. The parser asks [`Clock`] every hundred steps and stops by itself: that is what nearly always
//! happens. What goes on between two questions is bounded by [`super::sys`]: the thread is then parked, its memory taken
//! back, and the next parse begins on a new thread. The owner waits with a limit in any case.

use super::sys::{self, Excess, Meter, Metered};
use super::tagged::Why;
use std::cell::Cell;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};
use tree_sitter::{Parser, QueryCursor};

/// What one parse may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ParseBounds {
    /// Bytes of tree-sitter's memory at which the parser is told to stop; it is parked at a quarter more.
    pub memory: usize,
    /// Time after which the parser is told to stop.
    pub time: Duration,
    /// Time after that until it is parked where it is.
    pub grace: Duration,
    /// Bytes that stay with the thread for ever if it is lost: its copies of the text.
    pub cost: usize,
}

/// Why a parse was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// Nobody wants it any more.
    Cancelled,
    /// It exceeded a bound, or failed.
    Because(Why),
}

/// Time between two looks at a parse that goes on.
const LOOK: Duration = Duration::from_millis(4);

/// What lost threads may keep in all, in bytes. Beyond it nothing more is parsed by this process: a thousand hostile files
/// of a usual size come to that.
const MOST_LOST: usize = 512 << 20;
/// What a lost thread keeps besides texts, in bytes.
const LOST_THREAD: usize = 512 << 10;

/// What lost threads keep, in bytes.
static LOST: AtomicUsize = AtomicUsize::new(0);

type Work = Box<dyn FnOnce(&mut Workshop) + Send>;

/// A thread that parses; it ends when this is dropped.
pub(super) struct ParseThread {
    work: Sender<Work>,
    meter: Arc<Meter>,
    is_cancelled: Arc<AtomicBool>,
}

/// What the thread works with. Nothing of it may leave the thread: its memory is taken back when the thread is parked.
pub(super) struct Workshop {
    pub parser: Parser,
    pub cursor: QueryCursor,
    meter: Arc<Meter>,
    is_cancelled: Arc<AtomicBool>,
}

/// Tells a parse to stop.
///
/// tree-sitter asks it every hundred steps, of parsing and of looking for matches alike: that is why the queries are
/// not run by tree-sitter-tags, which asks nobody while it looks for the next match.
pub(super) struct Clock {
    deadline: Instant,
    most: usize,
    meter: Arc<Meter>,
    is_cancelled: Arc<AtomicBool>,
    stopped: Cell<Option<Stopped>>,
}

impl Workshop {
    /// Begins a parse.
    fn clock(&self, bounds: ParseBounds) -> Clock {
        Clock {
            deadline: Instant::now() + bounds.time,
            most: self.meter.used().saturating_add(bounds.memory),
            meter: Arc::clone(&self.meter),
            is_cancelled: Arc::clone(&self.is_cancelled),
            stopped: Cell::new(None),
        }
    }
}

impl Clock {
    /// Returns what counts the memory.
    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Returns whether to go on.
    pub(super) fn ask(&self) -> ControlFlow<()> {
        self.meter.leave_c(|| {
            let stopped = if self.is_cancelled.load(Ordering::Relaxed) {
                Some(Stopped::Cancelled)
            } else if self.meter.used() > self.most {
                Some(Stopped::Because(Why::OutOfMemory))
            } else if Instant::now() >= self.deadline {
                Some(Stopped::Because(Why::OutOfTime))
            } else {
                None
            };
            self.stopped.set(stopped);
            match stopped {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            }
        })
    }

    /// Returns why it said to stop; nothing if it did not.
    pub(super) fn stopped(&self) -> Option<Stopped> {
        self.stopped.get()
    }

    /// Returns why there is no result.
    pub(super) fn why(&self) -> Stopped {
        self.stopped().unwrap_or(Stopped::Because(Why::Failed))
    }
}

impl ParseThread {
    /// Starts a thread with so many bytes of stack.
    pub(super) fn start(stack: usize) -> io::Result<Self> {
        if LOST.load(Ordering::Relaxed) > MOST_LOST {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        sys::install();
        let (work, waiting) = mpsc::channel::<Work>();
        let meter = Arc::new(Meter::default());
        // What the parser holds from the beginning is little.
        meter.allow(1 << 20);
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let (counted, flag) = (Arc::clone(&meter), Arc::clone(&is_cancelled));
        let run = move || {
            let metered = Metered::begin(counted);
            let mut workshop = Workshop {
                parser: Parser::new(),
                cursor: QueryCursor::new(),
                meter: Arc::clone(metered.meter()),
                is_cancelled: flag,
            };
            for work in waiting {
                work(&mut workshop);
            }
            drop(workshop);
            drop(metered);
        };
        let builder = thread::Builder::new().name("parse".to_owned());
        builder.stack_size(stack + sys::RESERVE).spawn(run)?;
        Ok(Self {
            work,
            meter,
            is_cancelled,
        })
    }

    /// Returns the bytes that the parser holds.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.meter.used()
    }

    /// Runs work on the thread and waits for it. After an error that is not [`Stopped::Cancelled`] the thread may be lost:
    /// the next work needs another one.
    pub(super) fn run<T: Send + 'static>(
        &self,
        bounds: ParseBounds,
        is_cancelled: &dyn Fn() -> bool,
        work: impl FnOnce(&mut Workshop, &Clock) -> Result<T, Stopped> + Send + 'static,
    ) -> Result<T, Stopped> {
        self.is_cancelled.store(false, Ordering::Relaxed);
        self.meter
            .allow(bounds.memory.saturating_add(bounds.memory / 4));
        let (sender, receiver) = mpsc::channel();
        let begin = Instant::now();
        let work = move |workshop: &mut Workshop| {
            let clock = workshop.clock(bounds);
            let done = work(workshop, &clock);
            // Nobody waits for it if it took far too long.
            let _ = sender.send(done);
        };
        let failed = Stopped::Because(Why::Failed);
        if self.work.send(Box::new(work)).is_err() {
            return Err(failed);
        }
        loop {
            match receiver.recv_timeout(LOOK) {
                Ok(done) => return done,
                // The work panicked.
                Err(RecvTimeoutError::Disconnected) => return Err(failed),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(excess) = self.meter.parked() {
                self.meter.reclaim();
                LOST.fetch_add(LOST_THREAD + bounds.cost, Ordering::Relaxed);
                return Err(Stopped::Because(match excess {
                    Excess::Memory => Why::OutOfMemory,
                    Excess::Depth => Why::TooDeep,
                    Excess::Time => Why::OutOfTime,
                }));
            }
            if is_cancelled() {
                self.is_cancelled.store(true, Ordering::Relaxed);
            }
            let over = begin.elapsed().saturating_sub(bounds.time);
            if over > bounds.grace {
                self.meter.ask_to_park();
            }
            if over > 2 * bounds.grace {
                self.meter.interrupt();
            }
            if over > 8 * bounds.grace {
                // It works on something that cannot be interrupted: it is left alone and nobody waits for it.
                LOST.fetch_add(LOST_THREAD + bounds.memory + bounds.cost, Ordering::Relaxed);
                return Err(Stopped::Because(Why::OutOfTime));
            }
        }
    }
}
