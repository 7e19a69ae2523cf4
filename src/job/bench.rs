//! What a worker does with a request, and what the workers share.

mod covered;
mod seen;

use super::counted::{Counter, Known};
use super::delivering::read_delivery;
use super::hint::{self, Hinter};
use super::hits;
use super::indexing::Turn;
use super::listing::Listing;
use super::message::{Body, Choices, ExportOrder, IndexState, Report, Request, Sight};
use super::narrow::{Candidates, Narrower};
use super::read::{Colourist, Reader};
use super::search::Place;
use super::symbols::{Finder, Symbolist};
use super::worker::Cancel;
use super::{Desk, JobError, Recorder, bind, export, indexing, media, survey};
use crate::config::ReviewFolder;
use crate::index::Corpus;
use crate::model::{BlobId, Encodings, Reason, Span, TreeFile};
use crate::snapshot::Snapshot;
use crate::text::Encoding;
use covered::covered;
use seen::Seen;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Longest line told to a list, in characters.
const PEEK: usize = 4000;
/// Least time between two reports of progress.
pub(super) const PROGRESS: Duration = Duration::from_millis(100);

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

pub(super) struct Shared {
    tools: Tools,
    snapshot: Mutex<Snapshot>,
    listing: Mutex<Option<Arc<Listed>>>,
    unreadable: Mutex<HashMap<BlobId, (Reason, u64)>>,
    /// Counts the index's commits that are worth reloading.
    generation: AtomicU64,
    /// The same of the symbols.
    symbols: AtomicU64,
}

pub(super) struct Listed {
    pub listing: Listing,
    pub corpus: Corpus,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What the mutexes hold is whole at any time, so a panic of another worker spoils nothing.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(tools: Tools) -> Result<Self, JobError> {
        let snapshot = tools.desk.snapshot.reopen()?;
        Ok(Self {
            tools,
            snapshot: Mutex::new(snapshot),
            listing: Mutex::new(None),
            unreadable: Mutex::new(HashMap::new()),
            generation: AtomicU64::new(0),
            symbols: AtomicU64::new(0),
        })
    }

    /// Returns the files, listing them if nobody has yet.
    pub(super) fn listed(&self, cancel: &Cancel) -> Result<Arc<Listed>, JobError> {
        let mut slot = locked(&self.listing);
        if let Some(listed) = &*slot {
            return Ok(Arc::clone(listed));
        }
        // Walked and not opened as it was kept: the report and the export say what the delivery has now.
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

    pub(super) fn handle(&self) -> Result<Snapshot, JobError> {
        Ok(locked(&self.snapshot).reopen()?)
    }

    /// Returns what is read and how, as the ledgers say now.
    pub(super) fn sources(&self) -> Result<Sources, JobError> {
        Ok(Sources {
            snapshot: self.handle()?,
            encodings: locked(&self.tools.recorder).review().encodings().clone(),
            limit: self.tools.desk.room.settings.blob_limit(),
        })
    }

    pub(super) fn review_folder(&self) -> &ReviewFolder {
        &self.tools.desk.review
    }

    pub(super) fn index_folder(&self) -> PathBuf {
        self.tools.desk.review.index()
    }

    /// Returns a number that changes when more symbols are stored.
    pub(super) fn symbols_generation(&self) -> u64 {
        self.symbols.load(Ordering::Acquire)
    }

    /// Tells the others that more symbols are stored.
    pub(super) fn renew_symbols(&self) {
        self.symbols.fetch_add(1, Ordering::Release);
    }
}

/// What a worker reads from.
pub(super) struct Sources {
    pub snapshot: Snapshot,
    pub encodings: Encodings,
    pub limit: u64,
}

impl Sources {
    pub(super) fn reader(&self) -> Reader<'_> {
        Reader {
            snapshot: &self.snapshot,
            encodings: &self.encodings,
            limit: self.limit,
        }
    }
}

/// What one worker keeps between requests.
pub(super) struct Bench {
    shared: Arc<Shared>,
    seen: Seen,
    colourist: Colourist,
    narrower: Narrower,
    /// The file that the screen has beside a list, and the encoding that a reviewer said.
    peeked: Option<(TreeFile, Option<Encoding>)>,
    symbolist: Symbolist,
    code_lines: Known,
    hinter: Hinter,
    /// The states of the index and of the symbols that were last reported as damaged.
    damage_told: [Option<u64>; 2],
}

impl Bench {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            seen: Seen::default(),
            colourist: Colourist::default(),
            narrower: Narrower::default(),
            symbolist: Symbolist::default(),
            code_lines: Known::default(),
            hinter: Hinter::default(),
            peeked: None,
            damage_told: [None; 2],
        }
    }

    pub(super) fn run(
        &mut self,
        request: Request,
        cancel: &Cancel,
        emit: &dyn Fn(Report),
    ) -> Result<(), JobError> {
        let done = self.serve(request, cancel, emit);
        self.report_damage(emit);
        done
    }

    /// Reports once of each state of the index and of the symbols that it is damaged.
    fn report_damage(&mut self, emit: &dyn Fn(Report)) {
        let seen = [
            self.seen.damaged_generation(),
            self.symbolist.damaged_generation(),
        ];
        let is_new = |(seen, told): (&Option<u64>, &Option<u64>)| seen.is_some() && seen != told;
        if seen.iter().zip(&self.damage_told).any(is_new) {
            self.damage_told = seen;
            emit(Report::Index(IndexState::Damaged));
        }
    }

    fn serve(
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
                let files = files.to_vec();
                emit(Report::Listed { files, truncated });
            }
            Request::Index => return self.index(cancel, emit),
            Request::ReadDelivery => {
                let index = self.seen.newest(&shared)?;
                return read_delivery(&shared, index, cancel, emit);
            }
            Request::Read(file) => {
                let sources = shared.sources()?;
                let doc = sources.reader().document(&file, shared.tools.printer);
                emit(Report::Text(Box::new(doc)));
            }
            Request::FindFolder(path) => {
                let tree = shared.sources()?.reader().snapshot.folder_at(&path)?;
                emit(Report::FolderFound { path, tree });
            }
            Request::Colour(sight) => return self.colour(&sight, cancel, emit),
            Request::Search { seq, query, within } => {
                let mut queries = within;
                queries.push(query);
                return self.search(seq, &queries, cancel, emit);
            }
            Request::Peek { lines, preview } => {
                let listed = shared.listed(cancel)?;
                let lines = self.peek(&listed.listing, lines, cancel)?;
                let sources = shared.sources()?;
                let reader = sources.reader();
                let printer = shared.tools.printer;
                let key = |file: &TreeFile| (file.clone(), reader.said(&file.blob));
                let unseen = preview
                    .as_ref()
                    .filter(|sight| self.peeked != Some(key(&sight.file)));
                let doc = unseen.map(|sight| Box::new(reader.document(&sight.file, printer)));
                let file = doc.as_ref().map(|doc| key(&doc.file));
                emit(Report::Peeked {
                    lines,
                    preview: doc,
                });
                if cancel.is_cancelled() {
                    return Ok(());
                }
                self.peeked = file.or(self.peeked.take());
                if let Some(sight) = preview {
                    return self.colour(&sight, cancel, emit);
                }
            }
            Request::Narrow {
                of: Choices::Symbols,
                typed,
            } => return self.symbolist.narrow(&typed, &shared, cancel, emit),
            Request::Narrow { of, typed } => {
                let list = || candidates(of, &shared, cancel);
                let found = self.narrower.run(of, &typed, list, cancel)?;
                emit(Report::Narrowed {
                    of,
                    typed,
                    rows: found.rows,
                    places: Vec::new(),
                    counts: (found.matched, found.total),
                });
            }
            Request::Coverage { of, by, under } => {
                let listed = shared.listed(cancel)?;
                let counter = Counter {
                    of,
                    index: self.seen.newest(&shared)?,
                    reader: None,
                    known: &self.code_lines,
                    cancel,
                };
                let table = covered(&shared, &listed, &counter, (by, &under))?;
                if cancel.is_cancelled() {
                    return Err(JobError::Cancelled);
                }
                emit(Report::Covered(Box::new(table)));
            }
            Request::Symbols
            | Request::Outline(_)
            | Request::Define { .. }
            | Request::Refer { .. } => {
                let index = self.seen.newest(&shared)?;
                return self.symbolist.run(request, &shared, index, cancel, emit);
            }
            Request::Record(event) => {
                let event = bind::complete_shared(*event, &shared, cancel);
                let mut recorder = locked(&shared.tools.recorder);
                match recorder.record(event) {
                    Ok(entry) => emit(Report::Recorded(Box::new(entry))),
                    Err(error) => {
                        if let Some(why) = recorder.read_only() {
                            emit(Report::LedgerStopped(why));
                        }
                        return Err(error);
                    }
                }
            }
            Request::KeepDrafts(drafts) => {
                let kept = shared.tools.desk.keep_drafts(&drafts);
                let problem = kept.err().map(|error| error.chain());
                emit(Report::DraftsKept { problem });
            }
            Request::Keep(queries) => shared.tools.desk.review.write_queries(&queries)?,
            Request::Survey => {
                let listed = shared.listed(cancel)?;
                let index = self.seen.newest(&shared)?;
                let sources = shared.sources()?;
                let files = &listed.listing;
                let delivery = survey::of_snapshot(&sources.reader(), files, Some(index), cancel)?;
                emit(Report::Surveyed {
                    delivery: Box::new(delivery.clone()),
                    is_compared: false,
                });
                let delivery = survey::compare(&sources.snapshot, files, delivery, cancel)?;
                emit(Report::Surveyed {
                    delivery: Box::new(delivery),
                    is_compared: true,
                });
            }
            Request::Hint { seq, texts } => {
                let listed = shared.listed(cancel)?;
                let corpus = hint::Corpus {
                    listing: &listed.listing,
                    generation: shared.generation.load(Ordering::Acquire),
                    index: self.seen.newest(&shared)?,
                };
                let emit = |marks| emit(Report::Hinted { seq, marks });
                self.hinter.run(&texts, corpus, cancel, &emit);
            }
            Request::Media => {
                let number = locked(&shared.tools.recorder).review().next_export();
                emit(Report::Media(media::places(&shared.tools.desk, number)?));
            }
            Request::Export(order) => return self.export(&order, cancel, emit),
        }
        Ok(())
    }

    fn search(
        &mut self,
        seq: u64,
        queries: &[String],
        cancel: &Cancel,
        emit: &dyn Fn(Report),
    ) -> Result<(), JobError> {
        let shared = Arc::clone(&self.shared);
        let listed = shared.listed(cancel)?;
        let sources = shared.sources()?;
        let snapshot = Mutex::new(sources.snapshot);
        let review = || Ok(Some(locked(&shared.tools.recorder).review().clone()));
        let store = self.symbolist.newest(&shared)?;
        let finder = Finder::new(store, &sources.encodings, cancel);
        let place = Place {
            listing: &listed.listing,
            corpus: &listed.corpus,
            index: self.seen.newest(&shared)?,
            snapshot: &snapshot,
            encodings: &sources.encodings,
            limit: sources.limit,
            review: &review,
            symbols: &|file, text| finder.find(file, text),
        };
        let otherwise = hits::stream(&place, queries, cancel, &|files, summary| {
            emit(Report::Found {
                seq,
                files,
                summary,
            });
        })?;
        if let Some(otherwise) = otherwise {
            emit(Report::FoundOtherwise {
                seq,
                query: otherwise.query.to_query_text(),
                lines: otherwise.summary.lines,
                file_names: otherwise.summary.file_names,
            });
        }
        Ok(())
    }

    fn colour(
        &mut self,
        sight: &Sight,
        cancel: &Cancel,
        emit: &dyn Fn(Report),
    ) -> Result<(), JobError> {
        let blob = sight.file.blob;
        let emit = |first, lines| emit(Report::Coloured { blob, first, lines });
        let span = Span::between(sight.span.0, sight.span.1);
        let sources = self.shared.sources()?;
        self.colourist
            .colour(&sources.reader(), &sight.file, span, cancel, &emit)
    }

    fn index(&mut self, cancel: &Cancel, emit: &dyn Fn(Report)) -> Result<(), JobError> {
        let shared = Arc::clone(&self.shared);
        let listed = shared.listed(cancel)?;
        let folder = shared.tools.desk.review.index();
        let mut last = Instant::now();
        let mut is_first = true;
        let mut turn = |turn| match turn {
            Turn::Building(p) => {
                if is_first || last.elapsed() >= PROGRESS {
                    is_first = false;
                    last = Instant::now();
                    emit(Report::Index(IndexState::Building {
                        done: p.blobs,
                        total: p.total,
                    }));
                }
            }
            Turn::Elsewhere { is_first: true } => emit(Report::Index(IndexState::Elsewhere)),
            // What the other program has committed by now is found by the next search.
            Turn::Elsewhere { .. } => _ = shared.generation.fetch_add(1, Ordering::Release),
        };
        let sources = shared.sources()?;
        let (reader, listing) = (sources.reader(), &listed.listing);
        let indexed = indexing::run_in_turn(&reader, listing, &folder, cancel, &mut turn)?;
        if cancel.is_cancelled() {
            return Ok(());
        }
        locked(&shared.unreadable).clone_from(&indexed.unreadable);
        shared.generation.fetch_add(1, Ordering::Release);
        let index = self.seen.newest(&shared)?;
        let lines = |file| super::coverage::indexed_lines(index, file).unwrap_or(0);
        emit(Report::Index(IndexState::Ready {
            lines: listing.files.iter().map(lines).collect(),
            not_searched: listing.not_searched(index, &indexed.unreadable),
            searched_as_bytes: listing.searched_as_bytes(index),
        }));
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
        let sources = shared.sources()?;
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
                let text = stored.unwrap_or_else(|| match sources.reader().body(file) {
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
            audience: order.audience,
            reason: &order.reason,
        };
        let mut last = Instant::now();
        let mut progress = |done, total| {
            if last.elapsed() >= PROGRESS {
                last = Instant::now();
                emit(Report::Judging { done, total });
            }
        };
        // A key that cannot be used is told before the work.
        let signer = match order.to {
            None => None,
            Some(_) => Some(export::signer(
                order,
                tools.desk.room.environment.agent.as_deref(),
            )?),
        };
        read_delivery(&shared, index, cancel, emit)?;
        let prepared = export::prepare(&sources, &tools.recorder, cancel, &mut progress)?;
        let report = match signer {
            None => prepared.report(),
            Some(signer) => {
                // From here on it is written, or it is told why not.
                if !cancel.insist() {
                    return Ok(());
                }
                emit(Report::Writing);
                prepared.write(order, &signer, &tools.desk, &tools.recorder)?
            }
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
        Choices::Files => files.iter().map(|f| f.path.label()).collect(),
        // They are too many to be made a list; see [`Symbolist::narrow`].
        Choices::Symbols => Candidates::default(),
    })
}
