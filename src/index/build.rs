//! Building the index: blobs in, committed groups out.
//!
//! Threads read, decode, fold and compress; the calling thread alone appends to the store and feeds tantivy. Work
//! is committed now and then and when cancelled, so an interrupted build goes on where it was.

use super::IndexError;
use super::content::{self, TextKind};
use super::grams::Collector;
use super::open;
use super::store::{self, Row};
use super::write::{self, Sink};
use crate::memory;
use crate::model::{BlobId, Encodings};
use crate::text::{self, Encoding, LineEnds};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Why a blob cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The repository does not have it.
    Missing,
    /// It is not what its id says, or cannot be decompressed.
    Damaged,
    /// Reading it would cost more than the limits on work allow.
    TooCostly,
    /// It is above the limit.
    TooLarge {
        /// Its size, in bytes.
        size: u64,
    },
}

/// Where blobs come from; each thread has its own.
pub trait BlobSource: Send {
    /// Reads the bytes of a blob.
    fn read(&mut self, id: &BlobId) -> Result<Vec<u8>, Unreadable>;
}

/// The constants of a build. The defaults were measured on the Linux source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest blob that is stored, in bytes.
    pub blob: u64,
    /// Text of a group, in bytes: larger groups are a smaller index and more texts to read.
    pub group: usize,
    /// Text between two commits, in bytes.
    pub commit: u64,
    /// Time between two commits.
    pub interval: Duration,
    /// Threads that read.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            blob: 256 << 20,
            group: 64 << 10,
            commit: 512 << 20,
            interval: Duration::from_secs(15),
            threads: cores.clamp(1, 4),
        }
    }
}

/// What to build.
pub struct Build<'a> {
    /// Every blob wanted, in the order in which it is cheapest to read them.
    pub order: &'a [BlobId],
    /// Makes one source for each thread.
    pub source: &'a (dyn Fn() -> Box<dyn BlobSource> + Sync),
    /// Which encodings the reviewers said; the others are guessed.
    pub encodings: &'a Encodings,
    /// Sizes.
    pub limits: Limits,
}

/// How far a build is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Blobs done, those stored before included.
    pub blobs: u64,
    /// Blobs wanted.
    pub total: u64,
    /// Bytes of text stored by this build.
    pub bytes: u64,
}

/// What a build did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Built {
    /// Blobs stored by this build.
    pub new_blobs: u64,
    /// Bytes of their text.
    pub bytes: u64,
    /// Size of the index and the text store on disk.
    pub index_bytes: u64,
    /// Blobs that could not be read; they are tried again by the next build.
    pub unreadable: Vec<(BlobId, Unreadable)>,
    /// What was there was damaged or of another version, and was built anew.
    pub is_rebuilt: bool,
    /// The build was cancelled: it goes on where it was.
    pub is_cancelled: bool,
}

/// Blobs that a thread takes at once: neighbours in a pack share their delta bases.
const BATCH: usize = 256;

/// Bytes from which on a blob is worked on alone.
const HUGE: usize = 16 << 20;

/// Stores and indexes the wanted blobs that are not stored yet, or otherwise than they are to be now.
pub fn build(
    folder: &Path,
    plan: &Build<'_>,
    progress: &mut dyn FnMut(Progress),
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Built, IndexError> {
    fs::create_dir_all(folder).map_err(IndexError::io("create", folder))?;
    let _lock = write::lock(folder)?;
    let mut built = Built::default();
    let (known, extent) = write::prepare(folder, &mut built)?;
    let is_done = |id: &BlobId| {
        let known = known.as_ref();
        let row = known.and_then(|store| store.row(store.find(id)?).ok());
        row.is_some_and(|row| {
            let is_missed = row.kind == TextKind::TooLarge && row.size <= plan.limits.blob;
            !is_missed && row.is_read_as(plan.encodings.get(id).copied())
        })
    };
    let mut seen = HashSet::new();
    let distinct = plan.order.iter().filter(|id| seen.insert(**id));
    let todo: Vec<BlobId> = distinct.filter(|id| !is_done(id)).copied().collect();
    let wanted = seen.len() as u64;
    drop(known);
    let mut state = Progress {
        blobs: wanted - todo.len() as u64,
        total: wanted,
        bytes: 0,
    };
    progress(state);
    if !todo.is_empty() {
        let mut sink = Sink::open(folder, extent)?;
        run(
            &mut sink,
            plan,
            &todo,
            is_cancelled,
            &mut |step, unreadable| {
                state.blobs += step.blobs + unreadable.len() as u64;
                state.bytes += step.bytes;
                built.unreadable.extend(unreadable);
                progress(state);
            },
        )?;
        let (rows, text) = sink.finish()?;
        memory::give_back();
        built.new_blobs = rows - extent.rows;
        built.bytes = text;
    }
    built.is_cancelled =
        is_cancelled() && built.new_blobs + (built.unreadable.len() as u64) < todo.len() as u64;
    built.index_bytes = open::folder_bytes(folder);
    Ok(built)
}

/// What a thread hands over: the rows of a group, without their places, and their bytes.
pub(super) struct Group {
    pub rows: Vec<Row>,
    pub data: Vec<u8>,
    /// One for each tantivy document; several only if the group is one large text.
    pub tokens: Vec<String>,
    pub text: u64,
}

enum Message {
    Group(Group),
    Unreadable(Vec<(BlobId, Unreadable)>),
}

fn run(
    sink: &mut Sink,
    plan: &Build<'_>,
    todo: &[BlobId],
    is_cancelled: &(dyn Fn() -> bool + Sync),
    report: &mut dyn FnMut(Progress, Vec<(BlobId, Unreadable)>),
) -> Result<(), IndexError> {
    let next = AtomicUsize::new(0);
    let huge = Mutex::new(());
    let (sender, receiver) = mpsc::sync_channel(16);
    let limits = plan.limits;
    std::thread::scope(|scope| {
        // Dropped on an early return, so that no thread waits for ever.
        let receiver = receiver;
        for _ in 0..limits.threads.max(1) {
            let (sender, next, huge) = (sender.clone(), &next, &huge);
            scope.spawn(move || {
                let mut reader = Reading {
                    source: (plan.source)(),
                    encodings: plan.encodings,
                    huge,
                    limits,
                    sender,
                    collector: Collector::new(),
                };
                reader.run(todo, next, is_cancelled);
            });
        }
        drop(sender);
        for message in receiver {
            match message {
                Message::Group(group) => {
                    sink.append(&group)?;
                    let blobs = group.rows.len() as u64;
                    report(
                        Progress {
                            blobs,
                            total: 0,
                            bytes: group.text,
                        },
                        Vec::new(),
                    );
                    sink.index(group)?;
                    if sink.is_due(&limits) {
                        sink.commit()?;
                    }
                }
                Message::Unreadable(blobs) => report(Progress::default(), blobs),
            }
        }
        Ok(())
    })
}

struct Reading<'a> {
    encodings: &'a Encodings,
    /// Held while a huge text is worked on.
    huge: &'a Mutex<()>,
    source: Box<dyn BlobSource>,
    limits: Limits,
    sender: SyncSender<Message>,
    collector: Collector,
}

impl Reading<'_> {
    fn run(
        &mut self,
        todo: &[BlobId],
        next: &AtomicUsize,
        is_cancelled: &(dyn Fn() -> bool + Sync),
    ) {
        let mut group = Group::new();
        loop {
            let from = next.fetch_add(BATCH, Ordering::Relaxed).min(todo.len());
            let batch = &todo[from..todo.len().min(from + BATCH)];
            let mut unreadable = Vec::new();
            for id in batch {
                if is_cancelled() {
                    // Whole groups read so far are not lost.
                    let _ = self.send(&mut group);
                    return;
                }
                match self.source.read(id) {
                    Ok(bytes) if bytes.len() as u64 > self.limits.blob => {
                        group.push_too_large(*id, bytes.len() as u64);
                    }
                    Ok(bytes) => {
                        if !self.add(*id, bytes, &mut group) {
                            return;
                        }
                    }
                    Err(Unreadable::TooLarge { size }) => group.push_too_large(*id, size),
                    Err(why) => unreadable.push((*id, why)),
                }
            }
            if !unreadable.is_empty() && self.sender.send(Message::Unreadable(unreadable)).is_err()
            {
                return;
            }
            if batch.is_empty() {
                let _ = self.send(&mut group);
                return;
            }
        }
    }

    /// Adds a blob to the group; false if nobody takes groups any more.
    fn add(&mut self, id: BlobId, bytes: Vec<u8>, group: &mut Group) -> bool {
        // Several huge texts at once, decoded and compressed, would need the memory of all of them.
        let turn = (bytes.len() > HUGE).then_some(self.huge);
        let _turn = turn.map(|turn| turn.lock().unwrap_or_else(PoisonError::into_inner));
        let size = bytes.len() as u64;
        let said = self.encodings.get(&id).copied();
        let stored = content::prepare_as(bytes, said);
        // A large text would make its neighbours be read with it.
        let is_large = stored.bytes.len() > self.limits.group;
        if is_large && !self.send(group) {
            return false;
        }
        let mut rest = stored.bytes.as_slice();
        while is_large && rest.len() > self.limits.group {
            let (piece, behind) = rest.split_at(piece(rest, self.limits.group, size));
            self.collector.add(piece);
            group.tokens.push(self.collector.take());
            rest = behind;
        }
        self.collector.add(rest);
        group.push(id, size, &stored);
        if let (Some(row), true) = (group.rows.last_mut(), said.is_some()) {
            row.is_set = true;
        }
        group.text < self.limits.group as u64 || self.send(group)
    }

    /// Hands a group over and begins the next; false if nobody takes it any more.
    fn send(&mut self, group: &mut Group) -> bool {
        if group.rows.is_empty() {
            return true;
        }
        let mut full = std::mem::replace(group, Group::new());
        full.tokens.push(self.collector.take());
        full.rows[0].groups = full.tokens.len() as u16;
        self.sender.send(Message::Group(full)).is_ok()
    }
}

/// Returns how much of a large text is one tantivy document: whole lines, and not too many documents in all.
fn piece(text: &[u8], least: usize, size: u64) -> usize {
    let least = least.max((size / 16_384) as usize);
    let end = text
        .get(least..)
        .and_then(|rest| memchr::memchr(b'\n', rest));
    end.map_or(text.len(), |end| least + end + 1)
}

impl Group {
    fn new() -> Self {
        Self {
            rows: Vec::new(),
            data: Vec::new(),
            tokens: Vec::new(),
            text: 0,
        }
    }

    fn push(&mut self, id: BlobId, size: u64, stored: &content::Stored) {
        let offset = self.data.len() as u64;
        let (stored_len, data_crc) = store::pack(&stored.bytes, &mut self.data);
        if self.data.len() > HUGE {
            // Compressed it is smaller than the room that was made for it.
            self.data.shrink_to_fit();
        }
        let is_text = stored.kind != TextKind::Binary;
        self.text += stored.bytes.len() as u64;
        self.rows.push(Row {
            id,
            offset,
            stored_len,
            text_len: stored.bytes.len() as u32,
            size,
            lines: if is_text {
                text::count_lines(&stored.bytes)
            } else {
                0
            },
            group: 0,
            groups: 1,
            encoding: stored.encoding,
            is_set: false,
            kind: stored.kind,
            is_mixed: stored.is_mixed,
            line_ends: stored.line_ends,
            lacks_final_end: stored.lacks_final_end(),
            data_crc,
        });
    }

    fn push_too_large(&mut self, id: BlobId, size: u64) {
        self.rows.push(Row {
            id,
            offset: 0,
            stored_len: 0,
            text_len: 0,
            size,
            lines: 0,
            group: 0,
            groups: 1,
            encoding: Encoding::UTF_8,
            is_set: false,
            kind: TextKind::TooLarge,
            is_mixed: false,
            line_ends: LineEnds::Lf,
            lacks_final_end: false,
            data_crc: 0,
        });
    }
}
