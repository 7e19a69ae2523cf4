//! Building the index: blobs in, committed groups out.
//!
//! Threads read, decode, fold and compress; the calling thread alone appends to the store and feeds tantivy. Work
//! is committed now and then and when cancelled, so an interrupted build goes on where it was.

use super::IndexError;
use super::content::{self, TextKind};
use super::engine::{self, Writer};
use super::grams::Collector;
use super::open::{self, DAMAGED};
use super::store::{self, Extent, Row};
use crate::model::BlobId;
use crate::text::{self, Encoding};
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::time::{Duration, Instant};

/// Why a blob cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The repository does not have it.
    Missing,
    /// It is not what its id says, or cannot be decompressed.
    Damaged,
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

/// Stores and indexes the wanted blobs that are not stored yet.
pub fn build(
    folder: &Path,
    plan: &Build<'_>,
    progress: &mut dyn FnMut(Progress),
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Built, IndexError> {
    fs::create_dir_all(folder).map_err(IndexError::io("create", folder))?;
    let _lock = lock(folder)?;
    let mut built = Built::default();
    let (known, extent) = prepare(folder, &mut built)?;
    let mut seen = HashSet::new();
    let todo: Vec<BlobId> = plan
        .order
        .iter()
        .filter(|id| !known.contains(*id) && seen.insert(**id))
        .copied()
        .collect();
    let wanted = plan.order.iter().collect::<HashSet<_>>().len() as u64;
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
        built.new_blobs = sink.extent.rows - extent.rows;
        built.bytes = sink.text;
        sink.commit()?;
        sink.writer.finish().map_err(IndexError::engine(folder))?;
    }
    built.is_cancelled =
        is_cancelled() && built.new_blobs + (built.unreadable.len() as u64) < todo.len() as u64;
    built.index_bytes = open::folder_bytes(folder);
    Ok(built)
}

/// Takes the lock that keeps a second program from building; it is released when the file is closed.
fn lock(folder: &Path) -> Result<File, IndexError> {
    let path = folder.join("lock");
    let opened = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let file = opened.map_err(IndexError::io("open", &path))?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(IndexError::Busy {
            folder: folder.to_owned(),
        }),
        Err(error) => Err(IndexError::io("lock", &path)(error.into())),
    }
}

/// Makes the folder ready to be appended to, and returns what it holds.
fn prepare(folder: &Path, built: &mut Built) -> Result<(HashSet<BlobId>, Extent), IndexError> {
    if let Some(ready) = open::open_ready(folder)? {
        let known = ready.store.rows().iter().map(|row| row.id).collect();
        return Ok((known, ready.extent));
    }
    let grams = folder.join(engine::FOLDER);
    // A build that was killed before its first commit leaves files without a commit: nothing was lost.
    built.is_rebuilt = folder.join(DAMAGED).exists();
    if grams.exists() {
        built.is_rebuilt |= engine::has_commit(folder);
        fs::remove_dir_all(&grams).map_err(IndexError::io("remove", &grams))?;
    }
    fs::create_dir_all(&grams).map_err(IndexError::io("create", &grams))?;
    for (name, magic) in [
        (store::DATA, store::DATA_MAGIC),
        (store::TABLE, store::TABLE_MAGIC),
    ] {
        let path = folder.join(name);
        // Another program may still read the old file: a new one takes its place.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(IndexError::io("remove", &path)(error));
            }
            _ => fs::write(&path, magic).map_err(IndexError::io("write", &path))?,
        }
    }
    engine::create(folder).map_err(IndexError::engine(folder))?;
    let damaged = folder.join(DAMAGED);
    match fs::remove_file(&damaged) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(IndexError::io("remove", &damaged)(error))
        }
        _ => {
            let data = store::DATA_MAGIC.len() as u64;
            Ok((
                HashSet::new(),
                Extent {
                    data,
                    ..Extent::default()
                },
            ))
        }
    }
}

/// What a thread hands over: the rows of a group, without their places, and their bytes.
struct Group {
    rows: Vec<Row>,
    data: Vec<u8>,
    tokens: String,
    text: u64,
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
    let (sender, receiver) = mpsc::sync_channel(16);
    let limits = plan.limits;
    std::thread::scope(|scope| {
        // Dropped on an early return, so that no thread waits for ever.
        let receiver = receiver;
        for _ in 0..limits.threads.max(1) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                let mut reader = Reading {
                    source: (plan.source)(),
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
                    if sink.uncommitted >= limits.commit
                        || sink.committed.elapsed() >= limits.interval
                    {
                        sink.commit()?;
                    }
                }
                Message::Unreadable(blobs) => report(Progress::default(), blobs),
            }
        }
        Ok(())
    })
}

struct Reading {
    source: Box<dyn BlobSource>,
    limits: Limits,
    sender: SyncSender<Message>,
    collector: Collector,
}

impl Reading {
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
                        let size = bytes.len() as u64;
                        let stored = content::prepare(bytes);
                        // A large text would make its neighbours be read with it.
                        let is_large = stored.bytes.len() >= self.limits.group;
                        if is_large && !self.send(&mut group) {
                            return;
                        }
                        self.collector.add(&stored.bytes);
                        group.push(*id, size, &stored);
                        if group.text >= self.limits.group as u64 && !self.send(&mut group) {
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

    /// Hands a group over and begins the next; false if nobody takes it any more.
    fn send(&mut self, group: &mut Group) -> bool {
        if group.rows.is_empty() {
            return true;
        }
        let mut full = std::mem::replace(group, Group::new());
        full.tokens = self.collector.take();
        self.sender.send(Message::Group(full)).is_ok()
    }
}

impl Group {
    fn new() -> Self {
        Self {
            rows: Vec::new(),
            data: Vec::new(),
            tokens: String::new(),
            text: 0,
        }
    }

    fn push(&mut self, id: BlobId, size: u64, stored: &content::Stored) {
        let offset = self.data.len() as u64;
        let (stored_len, data_crc) = store::pack(&stored.bytes, &mut self.data);
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
            encoding: stored.encoding,
            kind: stored.kind,
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
            encoding: Encoding::UTF_8,
            kind: TextKind::TooLarge,
            data_crc: 0,
        });
    }
}

/// The end of the files and of the trigram index.
struct Sink {
    folder: PathBuf,
    data: File,
    table: File,
    rows: Vec<u8>,
    writer: Writer,
    extent: Extent,
    text: u64,
    uncommitted: u64,
    committed: Instant,
}

impl Sink {
    fn open(folder: &Path, extent: Extent) -> Result<Self, IndexError> {
        let at_end = |name: &str, len: u64| {
            let path = folder.join(name);
            let open = || {
                let mut file = OpenOptions::new().write(true).open(&path)?;
                file.set_len(len)?;
                file.seek(SeekFrom::End(0))?;
                Ok(file)
            };
            open().map_err(IndexError::io("open", &path))
        };
        let data = at_end(store::DATA, extent.data)?;
        let table = at_end(store::TABLE, extent.table_len().unwrap_or(0))?;
        let failed = IndexError::engine(folder);
        let (index, _) = match engine::open(folder) {
            Some(opened) => opened,
            // Made a moment ago, without a commit yet.
            None => (engine::reopen(folder).map_err(&failed)?, extent),
        };
        let writer = Writer::new(index).map_err(|error| match error {
            tantivy::TantivyError::LockFailure(..) => IndexError::Busy {
                folder: folder.to_owned(),
            },
            other => failed(other),
        })?;
        let folder = folder.to_owned();
        let committed = Instant::now();
        Ok(Self {
            folder,
            data,
            table,
            rows: Vec::new(),
            writer,
            extent,
            text: 0,
            uncommitted: 0,
            committed,
        })
    }

    fn append(&mut self, group: &Group) -> Result<(), IndexError> {
        let written = self.data.write_all(&group.data);
        written.map_err(IndexError::io("write", &self.folder.join(store::DATA)))?;
        for row in &group.rows {
            let offset = row.offset + self.extent.data;
            self.rows.extend(
                Row {
                    offset,
                    group: self.extent.groups as u32,
                    ..*row
                }
                .encode(),
            );
        }
        self.extent.data += group.data.len() as u64;
        self.extent.rows += group.rows.len() as u64;
        self.extent.groups += 1;
        self.text += group.text;
        self.uncommitted += group.text;
        Ok(())
    }

    fn index(&mut self, group: Group) -> Result<(), IndexError> {
        let failed = IndexError::engine(&self.folder);
        self.writer
            .add(self.extent.groups - 1, group.tokens)
            .map_err(failed)
    }

    fn commit(&mut self) -> Result<(), IndexError> {
        let table = self.folder.join(store::TABLE);
        self.table
            .write_all(&self.rows)
            .map_err(IndexError::io("write", &table))?;
        self.rows.clear();
        self.data
            .sync_data()
            .map_err(IndexError::io("sync", &self.folder.join(store::DATA)))?;
        self.table
            .sync_data()
            .map_err(IndexError::io("sync", &table))?;
        self.writer
            .commit(self.extent)
            .map_err(IndexError::engine(&self.folder))?;
        self.uncommitted = 0;
        self.committed = Instant::now();
        Ok(())
    }
}
