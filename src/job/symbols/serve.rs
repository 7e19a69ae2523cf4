//! What the workers do with requests about symbols.

use super::super::bench::Shared;
use super::super::message::{Asked, Choice, Report, Request, SymbolPlace, SymbolsState};
use super::super::worker::Cancel;
use super::super::{JobError, symbols};
use super::{Sources, key};
use crate::index::Index;
use crate::model::TreeFile;
use crate::symbols::{Candidate, Picker, Progress, SourceKey, SymbolStore};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Least time between two reports of progress.
const PROGRESS: Duration = Duration::from_millis(250);
/// Time after which the others look again at what is stored.
const FRESH: Duration = Duration::from_secs(15);
/// First time after which places are shown while others are looked for; doubled each time.
const FIRST_PLACES: Duration = Duration::from_millis(60);
/// Places listed at most; all are counted.
const MOST_PLACES: usize = 100_000;
/// Rows of the symbol picker at most; all are counted.
const MOST_ROWS: usize = 500;

/// Serves requests about symbols, keeping what it has opened.
#[derive(Default)]
pub(in super::super) struct Symbolist {
    store: Option<(u64, SymbolStore)>,
    picker: Option<Open>,
}

/// The symbols of the snapshot as a list to choose from.
struct Open {
    generation: u64,
    picker: Picker,
    /// The first file of each key.
    files: HashMap<SourceKey, u32>,
}

impl Symbolist {
    /// Serves one request.
    pub(in super::super) fn run(
        &mut self,
        request: Request,
        shared: &Shared,
        index: &Index,
        cancel: &Cancel,
        emit: &dyn Fn(Report),
    ) -> Result<(), JobError> {
        match request {
            Request::Symbols => build(shared, cancel, emit),
            Request::Outline(file) => self.with(shared, index, cancel, &mut |sources| {
                let (rows, how) = symbols::outline(sources, &file, cancel)?;
                emit(Report::Outlined {
                    file: file.clone(),
                    rows,
                    how: how.words().to_owned(),
                });
                Ok(())
            }),
            Request::Define { name, from } => self.with(shared, index, cancel, &mut |sources| {
                let rows = symbols::definitions(sources, &name, Some(&from.path), cancel)?;
                let absence = if rows.is_empty() {
                    let corpus = &shared.listed(cancel)?.corpus;
                    let seen = symbols::mentions(sources, corpus, &name, cancel)?;
                    Some(seen.explain(&format!("`{name}`"), "gr lists them"))
                } else {
                    None
                };
                emit(Report::Places {
                    of: Asked::Definitions,
                    name: name.clone(),
                    total: rows.len() as u64,
                    rows,
                    is_complete: !cancel.is_cancelled(),
                    absence,
                });
                Ok(())
            }),
            Request::Refer { name, from: _ } => self.refer(&name, shared, index, cancel, emit),
            _ => Ok(()),
        }
    }

    fn with(
        &mut self,
        shared: &Shared,
        index: &Index,
        cancel: &Cancel,
        work: &mut dyn FnMut(&Sources<'_>) -> Result<(), JobError>,
    ) -> Result<(), JobError> {
        let listed = shared.listed(cancel)?;
        let read = shared.sources()?;
        let snapshot = Mutex::new(read.snapshot);
        let sources = Sources {
            listing: &listed.listing,
            index,
            snapshot: &snapshot,
            encodings: &read.encodings,
            limit: read.limit,
            store: self.newest(shared)?,
        };
        work(&sources)
    }

    /// Returns the number of the state that was opened last, if it is damaged.
    pub(in super::super) fn damaged_generation(&self) -> Option<u64> {
        let stored = self
            .store
            .as_ref()
            .map(|(at, store)| (*at, store.is_damaged()));
        let listed = self.picker.as_ref();
        let listed = listed.map(|open| (open.generation, open.picker.is_damaged()));
        let all = [stored, listed].into_iter().flatten();
        all.filter(|(_, is_damaged)| *is_damaged)
            .map(|(at, _)| at)
            .max()
    }

    /// Returns what is stored now.
    pub(in super::super) fn newest(&mut self, shared: &Shared) -> Result<&SymbolStore, JobError> {
        let generation = shared.symbols_generation();
        if self
            .store
            .as_ref()
            .is_none_or(|(seen, _)| *seen != generation)
        {
            self.store = Some((generation, open(shared)?));
        }
        match &self.store {
            Some((_, store)) => Ok(store),
            None => Err(JobError::Cancelled),
        }
    }

    fn refer(
        &mut self,
        name: &str,
        shared: &Shared,
        index: &Index,
        cancel: &Cancel,
        emit: &dyn Fn(Report),
    ) -> Result<(), JobError> {
        let listed = shared.listed(cancel)?;
        let corpus = &listed.corpus;
        self.with(shared, index, cancel, &mut |sources| {
            let (begin, mut wait) = (Instant::now(), FIRST_PLACES);
            let (mut rows, mut total) = (Vec::<SymbolPlace>::new(), 0);
            let tell = |rows: Vec<SymbolPlace>, total, is_complete| {
                emit(Report::Places {
                    of: Asked::References,
                    name: name.to_owned(),
                    rows,
                    total,
                    is_complete,
                    absence: None,
                });
            };
            let mut sink = |mut found: Vec<SymbolPlace>| {
                total += found.len() as u64;
                found.truncate(MOST_PLACES.saturating_sub(rows.len()));
                rows.extend(found);
                if begin.elapsed() >= wait {
                    wait *= 2;
                    tell(rows.clone(), total, false);
                }
            };
            let is_complete = symbols::references(sources, corpus, name, cancel, &mut sink)?;
            tell(rows, total, is_complete);
            Ok(())
        })
    }

    /// Lists the symbols of the snapshot that match what is typed, best first, and prepares for the next key.
    pub(in super::super) fn narrow(
        &mut self,
        typed: &str,
        shared: &Shared,
        cancel: &Cancel,
        emit: &dyn Fn(Report),
    ) -> Result<(), JobError> {
        let listed = shared.listed(cancel)?;
        let files = &listed.listing.files;
        let generation = shared.symbols_generation();
        let is_old = |open: &Open| open.generation != generation;
        if self.picker.as_ref().is_none_or(is_old) {
            self.picker = Some(list(files, generation, open(shared)?));
        }
        let Some(open) = &mut self.picker else {
            return Ok(());
        };
        let is_cancelled = || cancel.is_cancelled();
        let Some(picked) = open.picker.pick(typed, MOST_ROWS, &is_cancelled) else {
            return Ok(());
        };
        let (rows, places) = definitions_first(picked.best)
            .iter()
            .filter_map(|candidate| row(candidate, &open.files))
            .unzip();
        emit(Report::Narrowed {
            of: super::super::Choices::Symbols,
            typed: typed.to_owned(),
            rows,
            places,
            counts: (picked.matched, picked.total),
        });
        open.picker.prepare(&is_cancelled);
        Ok(())
    }
}

fn open(shared: &Shared) -> Result<SymbolStore, JobError> {
    Ok(SymbolStore::open(&symbols::folder(&shared.index_folder()))?)
}

fn list(files: &[TreeFile], generation: u64, store: SymbolStore) -> Open {
    let mut first = HashMap::new();
    for (at, file) in (0_u32..).zip(files).filter(|(_, f)| f.kind.is_file()) {
        first.entry(key(file)).or_insert(at);
    }
    Open {
        generation,
        picker: Picker::new(store, &|key| first.contains_key(key)),
        files: first,
    }
}

/// Puts together what has the same name, at the place of the best of them: definitions before declarations.
fn definitions_first(mut best: Vec<Candidate>) -> Vec<Candidate> {
    let mut first: HashMap<String, usize> = HashMap::new();
    for (at, candidate) in best.iter().enumerate() {
        first.entry(candidate.name.clone()).or_insert(at);
    }
    best.sort_by_key(|c| (first.get(&c.name).copied(), c.definition.tag.symbol.role));
    best
}

fn row(candidate: &Candidate, first: &HashMap<SourceKey, u32>) -> Option<(Choice, SymbolPlace)> {
    let file = *first.get(&candidate.key)?;
    let (tag, line) = (&candidate.definition.tag, candidate.definition.line);
    let choice = Choice {
        id: candidate.number,
        text: candidate.name.clone(),
    };
    let place = SymbolPlace {
        file,
        line,
        column: candidate.definition.column,
        kind: tag.symbol.kind,
        role: tag.symbol.role,
        exact: tag.is_exact,
    };
    Some((choice, place))
}

fn build(shared: &Shared, cancel: &Cancel, emit: &dyn Fn(Report)) -> Result<(), JobError> {
    let listed = shared.listed(cancel)?;
    let (mut told, mut fresh) = (None::<Instant>, Instant::now());
    let mut progress = |progress: Progress| {
        if fresh.elapsed() >= FRESH {
            fresh = Instant::now();
            shared.renew_symbols();
        }
        if told.is_none_or(|at| at.elapsed() >= PROGRESS) {
            told = Some(Instant::now());
            emit(Report::Symbols(SymbolsState::Building {
                done: progress.blobs,
                total: progress.total,
            }));
        }
    };
    let (sources, folder) = (shared.sources()?, shared.index_folder());
    let counts = symbols::run(
        &sources.reader(),
        &listed.listing,
        &folder,
        cancel,
        &mut progress,
    )?;
    if !cancel.is_cancelled() {
        shared.renew_symbols();
        emit(Report::Symbols(SymbolsState::Ready(counts)));
    }
    Ok(())
}
