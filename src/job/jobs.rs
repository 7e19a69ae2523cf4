//! Which worker serves which request.

use super::listing::Listing;
use super::message::{Body, Choices, ExportOrder, IndexState, Report, Request, Work};
use super::narrow::{Candidates, Narrower};
use super::read::{self, Colourist};
use super::search::{self, Place};
use super::worker::{Cancel, Failure, Policy, Worker};
use super::{Desk, JobError, Recorder, export, indexing, survey};
use crate::index::{Corpus, Index};
use crate::model::{BlobId, FileHits, Reason, SearchSummary, Span};
use crate::snapshot::Snapshot;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Longest line told to a list, in characters.
const PEEK: usize = 4000;
/// Hit lines listed at most; all are counted.
const MOST_LISTED: usize = 500_000;
/// First time after which hits are shown while a search runs; doubled each time.
const FIRST_HITS: Duration = Duration::from_millis(60);
/// Least time between two reports of progress.
const PROGRESS: Duration = Duration::from_millis(100);

/// What the workers share.
pub struct Tools {
    /// The review.
    pub desk: Desk,
    /// The ledger.
    pub recorder: Mutex<Recorder>,
    /// How the program is confined, in words.
    pub confinement: String,
    /// How lines are made visible.
    pub printer: crate::text::Printer,
}

struct Shared {
    tools: Tools,
    snapshot: Mutex<Snapshot>,
    listing: Mutex<Option<Arc<Listed>>>,
    unreadable: Mutex<HashMap<BlobId, (Reason, u64)>>,
    /// Counts the index's commits that are worth reloading.
    generation: AtomicU64,
}

struct Listed {
    listing: Listing,
    corpus: Corpus,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What the mutexes hold is whole at any time, so a panic of another worker spoils nothing.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Returns the files, listing them if nobody has yet.
    fn listed(&self, cancel: &Cancel) -> Result<Arc<Listed>, JobError> {
        let mut slot = locked(&self.listing);
        if let Some(listed) = &*slot {
            return Ok(Arc::clone(listed));
        }
        let listing = Listing::of(&self.handle()?, &|| cancel.is_cancelled())?;
        if cancel.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        let listed = Arc::new(Listed {
            corpus: listing.corpus(),
            listing,
        });
        *slot = Some(Arc::clone(&listed));
        Ok(listed)
    }

    fn handle(&self) -> Result<Snapshot, JobError> {
        Ok(locked(&self.snapshot).reopen()?)
    }
}

/// The index as one worker last saw it.
#[derive(Default)]
struct Seen(Option<(u64, Index)>);

impl Seen {
    fn newest(&mut self, shared: &Shared) -> Result<&Index, JobError> {
        let generation = shared.generation.load(Ordering::Acquire);
        if self.0.as_ref().is_none_or(|(seen, _)| *seen != generation) {
            self.0 = Some((generation, Index::open(&shared.tools.desk.review.index())?));
        }
        match &self.0 {
            Some((_, index)) => Ok(index),
            None => Err(JobError::Cancelled),
        }
    }
}

/// The workers of one open snapshot.
pub struct Jobs {
    workers: HashMap<Work, Worker<Request>>,
}

type Tell = Arc<dyn Fn(Report) + Send + Sync>;

impl Jobs {
    /// Starts the workers; each answer goes to `report`.
    pub fn start(tools: Tools, report: Box<dyn Fn(Report) + Send + Sync>) -> io::Result<Self> {
        let snapshot = tools.desk.snapshot.reopen().map_err(io::Error::other)?;
        let shared = Arc::new(Shared {
            tools,
            snapshot: Mutex::new(snapshot),
            listing: Mutex::new(None),
            unreadable: Mutex::new(HashMap::new()),
            generation: AtomicU64::new(0),
        });
        let tell: Tell = Arc::from(report);
        let mut workers = HashMap::new();
        let kinds = [
            Work::List,
            Work::Index,
            Work::Read,
            Work::Colour,
            Work::Search,
            Work::Peek,
            Work::Narrow,
            Work::Record,
            Work::Survey,
            Work::Export,
        ];
        for work in kinds {
            let policy = match work {
                Work::Record | Work::Export => Policy::Every,
                _ => Policy::Latest,
            };
            let shared = Arc::clone(&shared);
            // Made on its thread: the grammars' state cannot be sent to another.
            let make = move || {
                let mut bench = Bench {
                    shared,
                    seen: Seen::default(),
                    colourist: Colourist::default(),
                    narrower: Narrower::default(),
                };
                move |request, cancel: &Cancel, emit: &dyn Fn(Report)| {
                    bench.run(request, cancel, emit)
                }
            };
            let tell = Arc::clone(&tell);
            let report = move |outcome| tell(told(work, outcome));
            workers.insert(work, Worker::spawn(name(work), policy, make, report)?);
        }
        Ok(Self { workers })
    }

    /// Hands a request to its worker.
    pub fn submit(&self, request: Request) {
        if let Some(worker) = self.workers.get(&kind(&request)) {
            worker.submit(request);
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
        Request::Read(_) => Work::Read,
        Request::Colour { .. } => Work::Colour,
        Request::Search { .. } => Work::Search,
        Request::Peek { .. } => Work::Peek,
        Request::Narrow { .. } => Work::Narrow,
        Request::Record(_) => Work::Record,
        Request::Survey => Work::Survey,
        Request::Export(_) => Work::Export,
    }
}

fn name(work: Work) -> &'static str {
    match work {
        Work::List => "list",
        Work::Index => "index",
        Work::Read => "read",
        Work::Colour => "colour",
        Work::Search => "search",
        Work::Peek => "peek",
        Work::Narrow => "narrow",
        Work::Record => "record",
        Work::Survey => "survey",
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

/// What one worker keeps between requests.
struct Bench {
    shared: Arc<Shared>,
    seen: Seen,
    colourist: Colourist,
    narrower: Narrower,
}

impl Bench {
    fn run(
        &mut self,
        request: Request,
        cancel: &Cancel,
        emit: &dyn Fn(Report),
    ) -> Result<(), JobError> {
        let shared = Arc::clone(&self.shared);
        match request {
            Request::List => {
                let listed = shared.listed(cancel)?;
                let Listing {
                    files, truncated, ..
                } = listed.listing.clone();
                emit(Report::Listed { files, truncated });
            }
            Request::Index => return self.index(cancel, emit),
            Request::Read(file) => {
                emit(Report::Text(Box::new(read::document(
                    &shared.handle()?,
                    &file,
                    shared.tools.printer,
                ))));
            }
            Request::Colour { file, first, last } => {
                let span = Span::between(first, last);
                let emit = |first, lines| {
                    emit(Report::Coloured {
                        blob: file.blob,
                        first,
                        lines,
                    });
                };
                return self
                    .colourist
                    .colour(&shared.handle()?, &file, span, cancel, &emit);
            }
            Request::Search { seq, query } => return self.search(seq, &query, cancel, emit),
            Request::Peek { lines, preview } => {
                let listed = shared.listed(cancel)?;
                let lines = self.peek(&listed.listing, lines, cancel)?;
                let handle = shared.handle()?;
                let printer = shared.tools.printer;
                let preview = preview.map(|file| Box::new(read::document(&handle, &file, printer)));
                emit(Report::Peeked { lines, preview });
            }
            Request::Narrow { of, typed } => {
                let list = || candidates(of, &shared, cancel);
                let found = self.narrower.run(of, &typed, list, cancel)?;
                emit(Report::Narrowed {
                    of,
                    typed,
                    rows: found.rows,
                    counts: (found.matched, found.total),
                });
            }
            Request::Record(event) => {
                let entry = locked(&shared.tools.recorder).record(event)?;
                emit(Report::Recorded(Box::new(entry)));
            }
            Request::Survey => {
                let listed = shared.listed(cancel)?;
                let index = self.seen.newest(&shared)?;
                let handle = shared.handle()?;
                let files = &listed.listing;
                let delivery = survey::of_snapshot(&handle, files, Some(index), cancel)?;
                emit(Report::Surveyed {
                    delivery: Box::new(delivery.clone()),
                    is_compared: false,
                });
                let delivery = survey::compare(&handle, files, delivery, cancel)?;
                emit(Report::Surveyed {
                    delivery: Box::new(delivery),
                    is_compared: true,
                });
            }
            Request::Export(order) => return self.export(&order, cancel, emit),
        }
        Ok(())
    }

    fn index(&mut self, cancel: &Cancel, emit: &dyn Fn(Report)) -> Result<(), JobError> {
        let shared = Arc::clone(&self.shared);
        let listed = shared.listed(cancel)?;
        let folder = shared.tools.desk.review.index();
        let mut last = Instant::now();
        let mut is_first = true;
        let mut progress = |p: crate::index::Progress| {
            if is_first || last.elapsed() >= PROGRESS {
                is_first = false;
                last = Instant::now();
                emit(Report::Index(IndexState::Building {
                    done: p.blobs,
                    total: p.total,
                }));
            }
        };
        let indexed = indexing::run(
            &shared.handle()?,
            &listed.listing,
            &folder,
            cancel,
            &mut progress,
        )?;
        if cancel.is_cancelled() {
            return Ok(());
        }
        locked(&shared.unreadable).clone_from(&indexed.unreadable);
        shared.generation.fetch_add(1, Ordering::Release);
        let index = self.seen.newest(&shared)?;
        let lines = |file| super::coverage::indexed_lines(index, file).unwrap_or(0);
        emit(Report::Index(IndexState::Ready {
            lines: listed.listing.files.iter().map(lines).collect(),
            not_searched: listed.listing.not_searched(index, &indexed.unreadable),
        }));
        Ok(())
    }

    fn search(
        &mut self,
        seq: u64,
        text: &str,
        cancel: &Cancel,
        emit: &dyn Fn(Report),
    ) -> Result<(), JobError> {
        let shared = Arc::clone(&self.shared);
        let query = search::parse(text)?;
        let listed = shared.listed(cancel)?;
        let index = self.seen.newest(&shared)?;
        let snapshot = Mutex::new(shared.handle()?);
        let place = Place {
            listing: &listed.listing,
            corpus: &listed.corpus,
            index,
            snapshot: &snapshot,
        };
        let begin = Instant::now();
        let mut wait = FIRST_HITS;
        let mut files: Vec<FileHits> = Vec::new();
        let (mut counted, mut listed) = (Counted::default(), 0);
        let mut sink = |chunk: crate::index::Chunk| {
            for mut file in chunk.files {
                counted.add(&file);
                file.lines.truncate(MOST_LISTED.saturating_sub(listed));
                listed += file.lines.len();
                if !file.lines.is_empty() || (file.name_matches && files.len() < MOST_LISTED) {
                    files.push(file);
                }
            }
            if begin.elapsed() >= wait {
                wait *= 2;
                let summary = counted.summary(&query.to_string(), begin);
                emit(Report::Found {
                    seq,
                    files: files.clone(),
                    summary,
                });
            }
        };
        let summary = search::run(&place, &query, cancel, &mut sink)?;
        if !cancel.is_cancelled() {
            emit(Report::Found {
                seq,
                files,
                summary,
            });
        }
        Ok(())
    }

    /// Reads lines of files, from the text store where it has them.
    fn peek(
        &mut self,
        listing: &Listing,
        wanted: Vec<(u32, u32)>,
        cancel: &Cancel,
    ) -> Result<Vec<(u32, u32, String)>, JobError> {
        let shared = Arc::clone(&self.shared);
        let index = self.seen.newest(&shared)?;
        let handle = shared.handle()?;
        let mut lines = Vec::with_capacity(wanted.len());
        let mut open: Option<(u32, String, crate::text::LineIndex)> = None;
        for (at, line) in wanted {
            if cancel.is_cancelled() {
                break;
            }
            if open.as_ref().is_none_or(|(file, ..)| *file != at) {
                let Some(file) = listing.files.get(at as usize) else {
                    continue;
                };
                let stored = index
                    .text(&file.blob)
                    .and_then(|s| String::from_utf8(s.bytes).ok());
                let text = stored.unwrap_or_else(|| match read::body(&handle, file) {
                    Body::Text { text, .. } => text,
                    _ => String::new(),
                });
                let index = crate::text::LineIndex::new(text.as_bytes());
                open = Some((at, text, index));
            }
            if let Some((_, text, index)) = &open {
                lines.push((
                    at,
                    line,
                    index.slice(text, line).chars().take(PEEK).collect(),
                ));
            }
        }
        Ok(lines)
    }

    fn export(
        &mut self,
        order: &ExportOrder,
        cancel: &Cancel,
        emit: &dyn Fn(Report),
    ) -> Result<(), JobError> {
        let shared = Arc::clone(&self.shared);
        let listed = shared.listed(cancel)?;
        let index = self.seen.newest(&shared)?;
        let tools = &shared.tools;
        let sources = export::Sources {
            desk: &tools.desk,
            listing: &listed.listing,
            index,
            confinement: &tools.confinement,
        };
        let prepared = export::prepare(&sources, &tools.recorder, cancel)?;
        let report = match order.to {
            None => prepared.report(),
            Some(_) => prepared.write(order, &tools.desk.policy.policy, &tools.recorder)?,
        };
        emit(Report::Exported(Box::new(report)));
        Ok(())
    }
}

/// Lists what can be chosen from.
fn candidates(of: Choices, shared: &Shared, cancel: &Cancel) -> Result<Candidates, JobError> {
    let listed = shared.listed(cancel)?;
    let files = &listed.listing.files;
    Ok(match of {
        Choices::Files => files.iter().map(|f| f.path.to_string()).collect(),
    })
}

/// What was counted so far, listed or not.
#[derive(Default)]
struct Counted {
    lines: u64,
    files: u64,
    file_names: u64,
}

impl Counted {
    fn add(&mut self, file: &FileHits) {
        self.lines += file.lines.len() as u64;
        self.files += u64::from(!file.lines.is_empty());
        self.file_names += u64::from(file.name_matches);
    }

    fn summary(&self, parsed: &str, begin: Instant) -> SearchSummary {
        SearchSummary {
            lines: self.lines,
            files: self.files,
            file_names: self.file_names,
            not_searched: 0,
            complete: false,
            parsed: parsed.to_owned(),
            elapsed_ms: begin.elapsed().as_millis() as u64,
        }
    }
}
