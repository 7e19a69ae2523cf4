//! Building the store: texts in, committed rows out.
//!
//! Threads read and tag; the calling thread alone appends. Work is committed now and then and when cancelled, so an
//! interrupted build goes on where it was. A content that cannot be read is left out and tried again by the next build.

use super::SymbolsError;
use super::pack::{self, Packed};
use super::row::SourceKey;
use super::store;
use super::tagged::{How, Tagged, Why};
use super::tagger::{TagLimits, Tagger};
use super::write::{self, Sink};
use crate::language::{self, HEAD_BYTES};
use crate::memory;
use crate::model::BlobId;
use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::thread;
use std::time::Duration;

/// A blob and a path that says in which language it is.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The blob.
    pub blob: BlobId,
    /// Its first path of those with the same class.
    pub path: &'a [u8],
}

impl Wanted<'_> {
    /// Returns what its symbols are stored by.
    pub fn key(&self) -> SourceKey {
        SourceKey::new(self.blob, self.path)
    }
}

/// What a content is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Decoded, lines end with LF.
    Text(String),
    /// There are no names in it.
    Binary,
    /// It cannot be read.
    Unreadable,
}

/// The constants of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What one text may cost.
    pub text: TagLimits,
    /// Time between two commits.
    pub interval: Duration,
    /// Threads that tag.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text: TagLimits::default(),
            interval: Duration::from_secs(15),
            threads: store::threads(),
        }
    }
}

/// What to build.
pub struct Build<'a> {
    /// Every blob wanted, in the order in which it is cheapest to read them; each once for each class of its paths.
    pub order: &'a [Wanted<'a>],
    /// Reads a content.
    pub source: &'a (dyn Fn(&BlobId) -> Content + Sync),
    /// Sizes and times.
    pub limits: Limits,
}

/// How far a build is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Contents done, those stored before included.
    pub blobs: u64,
    /// Contents wanted.
    pub total: u64,
}

/// What a build did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Built {
    /// Contents looked through by this build.
    pub new_blobs: u64,
    /// Contents that could not be read.
    pub failed: u64,
    /// What was there was damaged or of another version, and was built anew.
    pub is_rebuilt: bool,
    /// The build was cancelled: it goes on where it was.
    pub is_cancelled: bool,
}

/// Contents that a thread takes at once.
const BATCH: usize = 16;

/// Looks through the wanted contents that are not stored yet.
pub fn build(
    folder: &Path,
    plan: &Build<'_>,
    progress: &mut dyn FnMut(Progress),
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Built, SymbolsError> {
    fs::create_dir_all(folder).map_err(SymbolsError::io("create", folder))?;
    let _lock = write::lock(folder)?;
    let start = write::prepare(folder)?;
    let mut seen = HashSet::new();
    let todo: Vec<Wanted<'_>> = plan
        .order
        .iter()
        .filter(|wanted| {
            let key = wanted.key();
            !start.known.contains(&key) && seen.insert(key)
        })
        .copied()
        .collect();
    let total = plan.order.len() as u64;
    let mut state = Progress {
        blobs: total - todo.len() as u64,
        total,
    };
    let mut built = Built {
        is_rebuilt: start.is_rebuilt,
        ..Built::default()
    };
    progress(state);
    if !todo.is_empty() {
        let mut sink = Sink::open(folder, &start)?;
        let mut take = |sink: &mut Sink, done: Done| {
            match &done.packed {
                Some((how, packed)) => {
                    sink.append(done.key, *how, packed)?;
                    built.new_blobs += 1;
                }
                None => built.failed += 1,
            }
            if sink.is_due(&plan.limits) {
                sink.commit()?;
            }
            state.blobs += 1;
            progress(state);
            Ok(())
        };
        run(&mut sink, plan, &todo, is_cancelled, &mut take)?;
        sink.commit()?;
        memory::give_back();
    }
    built.is_cancelled = is_cancelled() && built.new_blobs + built.failed < todo.len() as u64;
    Ok(built)
}

/// What a thread hands over.
struct Done {
    key: SourceKey,
    /// Nothing if it could not be read.
    packed: Option<(How, Packed)>,
}

fn run(
    sink: &mut Sink,
    plan: &Build<'_>,
    todo: &[Wanted<'_>],
    is_cancelled: &(dyn Fn() -> bool + Sync),
    take: &mut dyn FnMut(&mut Sink, Done) -> Result<(), SymbolsError>,
) -> Result<(), SymbolsError> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::sync_channel(64);
    thread::scope(|scope| {
        // Dropped on an early return, so that no thread waits for ever.
        let receiver = receiver;
        for _ in 0..plan.limits.threads.max(1) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || work(plan, todo, next, is_cancelled, &sender));
        }
        drop(sender);
        for done in receiver {
            take(sink, done)?;
        }
        Ok(())
    })
}

fn work(
    plan: &Build<'_>,
    todo: &[Wanted<'_>],
    next: &AtomicUsize,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    sender: &SyncSender<Done>,
) {
    let mut tagger = Tagger::new(plan.limits.text);
    loop {
        let from = next.fetch_add(BATCH, Ordering::Relaxed).min(todo.len());
        let batch = &todo[from..todo.len().min(from + BATCH)];
        if batch.is_empty() {
            return;
        }
        for wanted in batch {
            if is_cancelled() {
                return;
            }
            let packed = match (plan.source)(&wanted.blob) {
                Content::Unreadable => None,
                Content::Binary => Some((How::NoCode, pack::pack("", &[]))),
                Content::Text(text) => {
                    let Some(tagged) = look(&mut tagger, wanted.path, &text, is_cancelled) else {
                        return;
                    };
                    Some((tagged.how, pack::pack(&text, &tagged.tags)))
                }
            };
            let key = wanted.key();
            if sender.send(Done { key, packed }).is_err() {
                return;
            }
        }
    }
}

/// Finds the tags of a text in the language that its path and its beginning say; nothing if it was cancelled.
pub fn look(
    tagger: &mut Tagger,
    path: &[u8],
    text: &str,
    is_cancelled: &dyn Fn() -> bool,
) -> Option<Tagged> {
    let head = &text.as_bytes()[..text.len().min(HEAD_BYTES)];
    let language = language::of(path, head);
    // A mistake of ours in one text must not cost all the others.
    let tags = AssertUnwindSafe(|| tagger.tag(language, text, is_cancelled));
    catch_unwind(tags).unwrap_or_else(|_| {
        *tagger = Tagger::new(tagger.limits());
        Some(Tagged::nothing(How::Approximate(Why::Failed)))
    })
}
