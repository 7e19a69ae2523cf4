//! Which worker serves which request.

use super::JobError;
use super::bench::{Bench, Shared, Tools};
use super::message::{Report, Request, Work};
use super::worker::{Cancel, Failure, Policy, Worker};
use crate::model::ObjectId;
use crate::snapshot::{slow_reads, watch_slow_reads};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An object that is read for longer is named on screen.
const SLOW_READ: Duration = Duration::from_secs(10);

/// The workers of one open snapshot.
pub struct Jobs {
    workers: HashMap<Work, Worker<Request>>,
}

/// What did not come to an end when the program did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct UnfinishedJobs {
    /// The workers.
    pub works: Vec<Work>,
    /// Objects of the delivery that were being read.
    pub objects: Vec<ObjectId>,
}

impl UnfinishedJobs {
    /// Returns whether something that the reviewer asked to be kept may not be on disk.
    pub fn is_unsaved(&self) -> bool {
        let is_kept = |work: &Work| matches!(work, Work::Record | Work::Keep | Work::Export);
        self.works.iter().any(is_kept)
    }
}

type Tell = Arc<dyn Fn(Report) + Send + Sync>;

impl Jobs {
    /// Starts the workers; each answer goes to `report`.
    pub fn start(tools: Tools, report: Box<dyn Fn(Report) + Send + Sync>) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(tools).map_err(io::Error::other)?);
        let tell: Tell = Arc::from(report);
        let mut workers = HashMap::new();
        let kinds = [
            Work::List,
            Work::Index,
            Work::ReadDelivery,
            Work::Read,
            Work::Colour,
            Work::Search,
            Work::Peek,
            Work::Narrow,
            Work::Coverage,
            Work::Symbols,
            Work::Outline,
            Work::Define,
            Work::Refer,
            Work::Record,
            Work::Keep,
            Work::Survey,
            Work::Hint,
            Work::Media,
            Work::Export,
        ];
        for work in kinds {
            let policy = match work {
                Work::Record | Work::Keep | Work::Export => Policy::Every,
                _ => Policy::Latest,
            };
            let shared = Arc::clone(&shared);
            // Made on its thread: the grammars' state cannot be sent to another.
            let make = move || {
                let mut bench = Bench::new(shared);
                move |request, cancel: &Cancel, emit: &dyn Fn(Report)| {
                    bench.run(request, cancel, emit)
                }
            };
            let tell = Arc::clone(&tell);
            let report = move |outcome| tell(told(work, outcome));
            workers.insert(work, Worker::spawn(name(work), policy, make, report)?);
        }
        watch_slow_reads(SLOW_READ, move |read| {
            tell(Report::SlowRead {
                object: read.id,
                seconds: read.time.as_secs(),
            });
        })?;
        Ok(Self { workers })
    }

    /// Hands a request to its worker.
    pub fn submit(&self, request: Request) {
        if let Some(worker) = self.workers.get(&kind(&request)) {
            worker.submit(request);
        }
    }

    /// Ends the workers. Those that do not come to an end in time are left alone and end with the process.
    pub fn close(self) -> UnfinishedJobs {
        let mut workers: Vec<_> = self.workers.into_iter().collect();
        for (_, worker) in &workers {
            worker.close();
        }
        let since = Instant::now();
        let is_left = |worker: &mut Worker<Request>| !worker.wait_for_end(since);
        let left = workers
            .iter_mut()
            .filter_map(|(work, worker)| is_left(worker).then_some(*work));
        let works: Vec<_> = left.collect();
        let slow = slow_reads(Duration::ZERO).into_iter();
        let objects = slow.filter(|_| !works.is_empty()).map(|read| read.id);
        UnfinishedJobs {
            objects: objects.collect(),
            works,
        }
    }

    /// Makes what was asked of a worker stale.
    pub fn cancel(&self, work: Work) {
        if let Some(worker) = self.workers.get(&work) {
            worker.cancel();
        }
    }
}

fn kind(request: &Request) -> Work {
    match request {
        Request::List => Work::List,
        Request::Index => Work::Index,
        Request::ReadDelivery => Work::ReadDelivery,
        Request::Read(_) => Work::Read,
        Request::Colour(_) => Work::Colour,
        Request::Search { .. } => Work::Search,
        Request::Peek { .. } | Request::FindFolder(_) => Work::Peek,
        Request::Narrow { .. } => Work::Narrow,
        Request::Coverage { .. } => Work::Coverage,
        Request::Symbols => Work::Symbols,
        Request::Outline(_) => Work::Outline,
        Request::Define { .. } => Work::Define,
        Request::Refer { .. } => Work::Refer,
        Request::Record(_) => Work::Record,
        Request::Keep(_) | Request::KeepDrafts(_) => Work::Keep,
        Request::Survey => Work::Survey,
        Request::Hint { .. } => Work::Hint,
        Request::Media => Work::Media,
        Request::Export(_) => Work::Export,
    }
}

fn name(work: Work) -> &'static str {
    match work {
        Work::List => "list",
        Work::Index => "index",
        Work::ReadDelivery => "delivery",
        Work::Read => "read",
        Work::Colour => "colour",
        Work::Search => "search",
        Work::Peek => "peek",
        Work::Narrow => "narrow",
        Work::Coverage => "coverage",
        Work::Symbols => "symbols",
        Work::Outline => "outline",
        Work::Define => "define",
        Work::Refer => "refer",
        Work::Record => "record",
        Work::Keep => "keep",
        Work::Survey => "survey",
        Work::Hint => "hint",
        Work::Media => "media",
        Work::Export => "export",
    }
}

fn told(what: Work, outcome: Result<Report, Failure<JobError>>) -> Report {
    match outcome {
        Ok(report) => report,
        Err(Failure::Error(error)) => Report::Failed {
            what,
            why: error.chain(),
            hint: error.hint().unwrap_or_default(),
        },
        Err(Failure::Panic(_)) => Report::Failed {
            what,
            why: "internal error".into(),
            hint: "the program goes on; nothing acknowledged is lost".into(),
        },
    }
}
