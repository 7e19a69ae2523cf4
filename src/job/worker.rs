//! Background work. A [`Worker`] owns one thread and one mailbox.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What a mailbox does with requests that arrive while the thread is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Keep only the newest request; the one in progress becomes stale.
    Latest,
    /// Run every request, in order.
    Every,
}

/// How long the end of the program waits for work that was abandoned.
const ABANDONED_WAIT: Duration = Duration::from_secs(2);
/// How long the end of the program waits for work that is to be finished, such as a record that is written to disk.
const FINISH_WAIT: Duration = Duration::from_secs(60);

/// Lets running work notice that nobody wants its result any more.
#[derive(Clone)]
pub struct Cancel {
    ticket: u64,
    oldest_live: Arc<AtomicU64>,
    /// The request that is beyond being cancelled, if there is one.
    insisted: Arc<AtomicU64>,
}

impl Cancel {
    /// Returns a cancel flag that is never raised, for work that runs to its end.
    pub fn never() -> Self {
        Self {
            ticket: 1,
            oldest_live: Arc::new(AtomicU64::new(0)),
            insisted: Arc::default(),
        }
    }
    /// Makes the work go on to its end whatever is asked for from now on: what it does cannot be taken back, so what
    /// becomes of it must be told. Returns false if it was cancelled before.
    pub fn insist(&self) -> bool {
        // Said before it is asked: a flag that is raised in between is seen, or comes too late for good.
        self.insisted.store(self.ticket, Ordering::SeqCst);
        let is_live = self.ticket >= self.oldest_live.load(Ordering::SeqCst);
        if !is_live {
            self.insisted.store(0, Ordering::SeqCst);
        }
        is_live
    }
    /// Raises the flag: whoever reads the results is gone.
    pub fn raise(&self) {
        self.oldest_live
            .fetch_max(self.ticket + 1, Ordering::Relaxed);
    }
    /// Waits for so long. Returns true, and sooner, if the request was superseded, cancelled or the worker dropped.
    pub fn waits(&self, time: Duration) -> bool {
        let begin = Instant::now();
        let step = (time / 10).clamp(Duration::from_millis(2), Duration::from_millis(50));
        while !self.is_cancelled() && begin.elapsed() < time {
            thread::sleep(step);
        }
        self.is_cancelled()
    }
    /// Returns true once the request was superseded, cancelled or the worker dropped.
    pub fn is_cancelled(&self) -> bool {
        self.ticket < self.oldest_live.load(Ordering::Relaxed)
            && self.ticket != self.insisted.load(Ordering::Relaxed)
    }
}

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure<E> {
    /// The work said so.
    Error(E),
    /// The work panicked with these words; its thread lives on.
    Panic(String),
}

struct Mailbox<Q> {
    queue: VecDeque<(u64, Q)>,
    next: u64,
    closed: bool,
    /// The thread is past its last request.
    ended: bool,
}

struct Shared<Q> {
    mailbox: Mutex<Mailbox<Q>>,
    wake: Condvar,
    end: Condvar,
    oldest_live: Arc<AtomicU64>,
}

impl<Q> Shared<Q> {
    /// A panic never happens while the mailbox is locked, so its content is whole even if poisoned.
    fn lock(&self) -> MutexGuard<'_, Mailbox<Q>> {
        self.mailbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<(u64, Q)> {
        let mut mailbox = self.lock();
        loop {
            if let Some(item) = mailbox.queue.pop_front() {
                return Some(item);
            }
            if mailbox.closed {
                return None;
            }
            mailbox = self
                .wake
                .wait(mailbox)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Notes that a worker's thread is past its last request, however it came there.
struct NoteEnd<Q>(Arc<Shared<Q>>);

impl<Q> Drop for NoteEnd<Q> {
    fn drop(&mut self) {
        self.0.lock().ended = true;
        self.0.end.notify_all();
    }
}

/// One background thread that answers requests of type `Q`.
pub struct Worker<Q> {
    shared: Arc<Shared<Q>>,
    policy: Policy,
    thread: Option<JoinHandle<()>>,
    /// How long dropping waits for the thread.
    patience: Duration,
}

impl<Q: Send + 'static> Worker<Q> {
    /// Starts the thread. `make` makes, on that thread, what is called once per request, never concurrently, and
    /// emits what it finds as it goes; `report` gets what is emitted and, if the request failed, the failure.
    /// Nothing of a superseded request is reported.
    pub fn spawn<R: 'static, E: 'static, F>(
        name: &str,
        policy: Policy,
        make: impl FnOnce() -> F + Send + 'static,
        report: impl Fn(Result<R, Failure<E>>) + Send + 'static,
    ) -> std::io::Result<Self>
    where
        F: FnMut(Q, &Cancel, &dyn Fn(R)) -> Result<(), E>,
    {
        let shared = Arc::new(Shared {
            mailbox: Mutex::new(Mailbox {
                queue: VecDeque::new(),
                next: 1,
                closed: false,
                ended: false,
            }),
            wake: Condvar::new(),
            end: Condvar::new(),
            oldest_live: Arc::new(AtomicU64::new(0)),
        });
        let ours = Arc::clone(&shared);
        let end = NoteEnd(Arc::clone(&shared));
        let insisted = Arc::new(AtomicU64::new(0));
        let thread = thread::Builder::new().name(name.into()).spawn(move || {
            let _end = end;
            let mut run = make();
            while let Some((ticket, request)) = ours.take() {
                let cancel = Cancel {
                    ticket,
                    oldest_live: Arc::clone(&ours.oldest_live),
                    insisted: Arc::clone(&insisted),
                };
                let tell = |outcome| {
                    if !cancel.is_cancelled() {
                        report(outcome);
                    }
                };
                let emit = |r| tell(Ok(r));
                let work = AssertUnwindSafe(|| run(request, &cancel, &emit));
                match catch_unwind(work) {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tell(Err(Failure::Error(error))),
                    Err(panic) => tell(Err(Failure::Panic(words(panic.as_ref())))),
                }
            }
        })?;
        Ok(Self {
            shared,
            policy,
            thread: Some(thread),
            patience: match policy {
                Policy::Latest => ABANDONED_WAIT,
                Policy::Every => FINISH_WAIT,
            },
        })
    }

    /// Posts a request. Never blocks on the work itself.
    pub fn submit(&self, request: Q) {
        let mut mailbox = self.shared.lock();
        let ticket = mailbox.next;
        mailbox.next += 1;
        if self.policy == Policy::Latest {
            mailbox.queue.clear();
            self.shared.oldest_live.store(ticket, Ordering::Relaxed);
        }
        mailbox.queue.push_back((ticket, request));
        self.shared.wake.notify_one();
    }

    /// Makes every request so far stale.
    pub fn cancel(&self) {
        let mut mailbox = self.shared.lock();
        mailbox.queue.clear();
        self.shared
            .oldest_live
            .store(mailbox.next, Ordering::Relaxed);
    }
}

impl<Q> Worker<Q> {
    /// Lets no more requests in: `Latest` abandons its work, `Every` finishes it. Does not wait.
    pub fn close(&self) {
        let mut mailbox = self.shared.lock();
        mailbox.closed = true;
        if self.policy == Policy::Latest {
            mailbox.queue.clear();
            self.shared.oldest_live.store(u64::MAX, Ordering::Relaxed);
        }
        self.shared.wake.notify_one();
    }

    /// Waits for the thread of a closed worker, for a bounded time counted from `since`. Returns whether it ended; if
    /// not, it is left alone and ends with the process.
    pub fn wait_for_end(&mut self, since: Instant) -> bool {
        let mut mailbox = self.shared.lock();
        while !mailbox.ended {
            let left = self.patience.saturating_sub(since.elapsed());
            if left.is_zero() {
                self.thread = None;
                return false;
            }
            let woken = self.shared.end.wait_timeout(mailbox, left);
            (mailbox, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
        drop(mailbox);
        if let Some(thread) = self.thread.take() {
            // It is past its last request: this does not wait.
            let _ = thread.join();
        }
        true
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

/// Dropping waits for the thread, for a bounded time: work that does not come to an end must not keep the program.
impl<Q> Drop for Worker<Q> {
    fn drop(&mut self) {
        self.close();
        if self.thread.is_some() {
            self.wait_for_end(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    type Outcome = Result<u32, Failure<String>>;

    struct Gated {
        worker: Worker<u32>,
        started: mpsc::Receiver<u32>,
        gate: mpsc::Sender<()>,
        reports: mpsc::Receiver<Outcome>,
    }

    /// A worker whose every step is gated by the test: no sleeps, no timing.
    fn gated(policy: Policy) -> Gated {
        let (started_tx, started) = mpsc::channel();
        let (gate, gate_rx) = mpsc::channel::<()>();
        let (report_tx, reports) = mpsc::channel();
        let run = move |q: u32, _: &Cancel, emit: &dyn Fn(u32)| {
            let _ = started_tx.send(q);
            let _ = gate_rx.recv();
            match q {
                13 => panic!("unlucky"),
                7 => Err("seven".to_owned()),
                q => {
                    emit(q);
                    Ok(())
                }
            }
        };
        let worker = Worker::spawn(
            "test",
            policy,
            move || run,
            move |outcome| {
                let _ = report_tx.send(outcome);
            },
        );
        Gated {
            worker: worker.unwrap(),
            started,
            gate,
            reports,
        }
    }

    #[test]
    fn latest_reports_only_the_newest_request() {
        let g = gated(Policy::Latest);
        g.worker.submit(1);
        assert_eq!(g.started.recv(), Ok(1));
        g.worker.submit(2);
        g.worker.submit(3);
        g.gate.send(()).unwrap();
        assert_eq!(g.started.recv(), Ok(3));
        g.gate.send(()).unwrap();
        assert_eq!(g.reports.recv(), Ok(Ok(3)));
        drop(g.worker);
        assert_eq!(g.reports.iter().count(), 0);
    }

    #[test]
    fn every_request_ends_once_and_failures_do_not_stop_the_queue() {
        let g = gated(Policy::Every);
        for n in [1, 7, 13, 2] {
            g.worker.submit(n);
        }
        for _ in 0..4 {
            g.gate.send(()).unwrap();
        }
        drop(g.worker);
        let got: Vec<_> = g.reports.iter().collect();
        let want: [Outcome; 4] = [
            Ok(1),
            Err(Failure::Error("seven".into())),
            Err(Failure::Panic("unlucky".into())),
            Ok(2),
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn what_cannot_be_taken_back_is_told_to_its_end() {
        let (started_tx, started) = mpsc::channel();
        let (gate, gate_rx) = mpsc::channel::<()>();
        let (report_tx, reports) = mpsc::channel();
        let run = move |q: u32, cancel: &Cancel, emit: &dyn Fn(u32)| {
            let insists_first = q < 10;
            let mut insisted = insists_first && cancel.insist();
            let _ = started_tx.send(q);
            let _ = gate_rx.recv();
            insisted |= !insists_first && cancel.insist();
            if insisted && !cancel.is_cancelled() {
                emit(q);
            }
            Ok::<(), String>(())
        };
        let worker = Worker::spawn(
            "test",
            Policy::Every,
            move || run,
            move |outcome| {
                let _ = report_tx.send(outcome);
            },
        );
        let worker = worker.unwrap();
        for q in [1, 11, 2] {
            worker.submit(q);
            assert_eq!(started.recv(), Ok(q));
            if q != 2 {
                worker.cancel();
            }
            gate.send(()).unwrap();
        }
        drop(worker);
        let told: Vec<_> = reports.iter().collect();
        assert_eq!(told, [Ok(1), Ok(2)], "11 was cancelled before it insisted");
    }

    #[test]
    fn work_that_never_ends_does_not_keep_the_program() {
        for policy in [Policy::Latest, Policy::Every] {
            let mut g = gated(policy);
            g.worker.submit(1);
            assert_eq!(g.started.recv(), Ok(1));
            g.worker.patience = Duration::ZERO;
            g.worker.close();
            assert!(!g.worker.wait_for_end(Instant::now()));
            drop(g.worker);
            // Only now could it go on.
            g.gate.send(()).unwrap();
        }
        let mut g = gated(Policy::Every);
        g.worker.submit(1);
        g.gate.send(()).unwrap();
        g.worker.close();
        assert!(g.worker.wait_for_end(Instant::now()), "control");
        assert_eq!(g.reports.recv(), Ok(Ok(1)));
    }

    #[test]
    fn cancel_silences_running_work() {
        let g = gated(Policy::Every);
        g.worker.submit(1);
        assert_eq!(g.started.recv(), Ok(1));
        g.worker.cancel();
        g.worker.submit(2);
        g.gate.send(()).unwrap();
        g.gate.send(()).unwrap();
        assert_eq!(g.reports.recv(), Ok(Ok(2)));
    }
}
