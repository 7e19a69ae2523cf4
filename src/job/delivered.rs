//! Reading everything that was delivered: what the leak check compares with beyond the files of the snapshot on screen.
//!
//! A delivery holds older and later versions of files, blobs that no commit names, and messages. Each object is read once
//! and goes to the review's [`crate::archive`], unless its text is in the index already. It is done in the background
//! while the reviewer works, and completed before a bundle is judged.
//!
//! No setting of the reviewer limits what is read here: a file that this program could show under some setting is read.

use super::{Cancel, JobError};
use crate::archive::{
    ArchiveError, ArchiveWriter, ArchivedTexts, ObjectLog, ObjectState, PassageBlock, PassageFinder,
};
use crate::config::{ReviewFolder, Settings};
use crate::index::{self, Index, TextKind};
use crate::model::{BlobId, CommitId, DeliveredText, ObjectId, TagId};
use crate::snapshot::{CostLimit, ObjectKind, PassKind, Snapshot, SnapshotError};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// Objects that one thread reads in a row: versions of a file lie together in a pack, so most of what repeats is read by
/// the same thread.
const CHUNK: usize = 2048;
/// Bytes of passages that are compressed together.
const BLOCK: usize = 1 << 20;
/// Time between two tries while another program reads the delivery.
const RETRY: Duration = Duration::from_millis(300);

/// The deliveries of a review, opened, and what the index holds of them.
pub struct Deliveries<'a> {
    /// The review.
    pub review: &'a ReviewFolder,
    /// The text store: what it holds is not read again.
    pub index: &'a Index,
    /// One snapshot of each delivery that was ever opened in the review.
    pub opened: Vec<Snapshot>,
}

impl<'a> Deliveries<'a> {
    /// Opens every delivery that the review's record names, and the one of a snapshot that is open already. Fails if one
    /// cannot be opened: what it held could not be compared.
    pub fn open(
        review: &'a ReviewFolder,
        index: &'a Index,
        snapshot: &Snapshot,
    ) -> Result<Self, JobError> {
        let mut opened = vec![snapshot.reopen()?];
        let record = review.read_record()?.unwrap_or_default();
        let of_snapshots = record.snapshots.iter().map(|s| (&s.source, s.commit));
        let others = record.deliveries.iter().map(|d| (&d.source, d.commit));
        for (source, commit) in of_snapshots.chain(others) {
            let is_open = |s: &Snapshot| s.source() == source;
            if !opened.iter().any(is_open) {
                let rev = commit.to_string();
                opened.push(Snapshot::open(source, Some(&rev), &review.objects())?);
            }
        }
        Ok(Self {
            review,
            index,
            opened,
        })
    }

    /// Reads what is not in the archive yet. `progress` is told how many of the objects that are new are done. What was
    /// read before a cancel stays.
    pub fn complete_archive(
        &self,
        cancel: &Cancel,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), JobError> {
        let folder = self.review.archive();
        let log = ObjectLog::open(&folder)?;
        let texts = ArchivedTexts::open(&folder, &log)?;
        let unread = self.unread(&log, texts.is_present())?;
        if unread.iter().all(Vec::is_empty) {
            return Ok(());
        }
        drop((log, texts));
        let mut writer = loop {
            match ArchiveWriter::open(&folder, uuid::Uuid::new_v4().as_u128() as u64) {
                Err(ArchiveError::Busy { .. }) if !cancel.waits(RETRY) => {}
                Err(ArchiveError::Busy { .. }) => return Err(JobError::Cancelled),
                other => break other?,
            }
        };
        // Another program may have read it meanwhile.
        let unread = self.unread(writer.log(), true)?;
        let total = unread.iter().map(|ids| ids.len() as u64).sum();
        let mut done = 0;
        for (snapshot, ids) in self.opened.iter().zip(&unread) {
            let mut told = |more: u64| {
                done += more;
                progress(done, total);
            };
            writer = self.read(snapshot, ids, writer, (cancel, &mut told))?;
        }
        if cancel.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        Ok(())
    }

    /// Returns for each delivery the objects whose text is neither in the archive nor known to be none.
    fn unread(&self, log: &ObjectLog, has_texts: bool) -> Result<Vec<Vec<ObjectId>>, JobError> {
        let mut seen = HashSet::new();
        let mut out = Vec::new();
        for snapshot in &self.opened {
            let mut ids = snapshot.object_ids()?;
            ids.retain(|id| seen.insert(*id));
            ids.retain(|id| match log.state(id).filter(|_| has_texts) {
                Some(ObjectState::Archived | ObjectState::Structure | ObjectState::TooLarge) => {
                    false
                }
                Some(ObjectState::Indexed) => !self.is_indexed(id),
                // It may be readable by now.
                Some(ObjectState::Unreadable) | None => true,
            });
            out.push(ids);
        }
        Ok(out)
    }

    fn is_indexed(&self, id: &ObjectId) -> bool {
        let meta = self.index.meta(&BlobId::new(*id.as_bytes()));
        meta.is_some_and(|meta| meta.kind != TextKind::TooLarge)
    }

    /// Reads objects on all cores. `progress` is told on this thread how many more were read.
    fn read(
        &self,
        snapshot: &Snapshot,
        ids: &[ObjectId],
        writer: ArchiveWriter,
        (cancel, progress): (&Cancel, &mut dyn FnMut(u64)),
    ) -> Result<ArchiveWriter, JobError> {
        let writer = Mutex::new(writer);
        let next = AtomicUsize::new(0);
        let has_failed = AtomicBool::new(false);
        let chunks = ids.len().div_ceil(CHUNK);
        let threads = std::thread::available_parallelism()
            .map_or(1, |n| n.get().min(8))
            .min(chunks);
        let pass = snapshot.begin_pass(PassKind::Inventory);
        let handles: Vec<Snapshot> = (0..threads)
            .map(|_| pass.reopen())
            .collect::<Result<_, _>>()?;
        let work = |snapshot: Snapshot, sender: mpsc::Sender<u64>| {
            let is_stopped = || cancel.is_cancelled() || has_failed.load(Ordering::Relaxed);
            let mut finder = PassageFinder::default();
            while let Some(chunk) = ids.chunks(CHUNK).nth(next.fetch_add(1, Ordering::Relaxed)) {
                let chunk = ChunkOfObjects {
                    snapshot: &snapshot,
                    ids: chunk,
                    is_stopped: &is_stopped,
                    sender: &sender,
                };
                let read = self.read_chunk(&chunk, &mut finder, &writer);
                if !matches!(read, Ok(true)) {
                    has_failed.fetch_or(read.is_err(), Ordering::Relaxed);
                    return read.map(|_| ());
                }
            }
            Ok(())
        };
        let results: Vec<Result<(), JobError>> = std::thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            let started: Vec<_> = handles
                .into_iter()
                .map(|snapshot| {
                    let (work, sender) = (&work, sender.clone());
                    scope.spawn(move || work(snapshot, sender))
                })
                .collect();
            drop(sender);
            receiver.iter().for_each(progress);
            let join = |thread: std::thread::ScopedJoinHandle<'_, _>| match thread.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            started.into_iter().map(join).collect()
        });
        results.into_iter().collect::<Result<(), _>>()?;
        Ok(writer.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads some objects and commits them. Returns false if it was stopped: then none of them counts.
    fn read_chunk(
        &self,
        chunk: &ChunkOfObjects<'_>,
        finder: &mut PassageFinder,
        writer: &Mutex<ArchiveWriter>,
    ) -> Result<bool, JobError> {
        let mut rows = Vec::with_capacity(chunk.ids.len());
        let mut block = PassageBlock::default();
        for id in chunk.ids {
            if (chunk.is_stopped)() {
                return Ok(false);
            }
            let state = if self.is_indexed(id) {
                ObjectState::Indexed
            } else {
                let mut keep = |origin: &DeliveredText, line, text: &[u8]| {
                    block.push(origin, line, text);
                    true
                };
                read_object(chunk.snapshot, id, finder, &mut keep)?
            };
            rows.push((*id, state));
            if block.len() >= BLOCK {
                locked(writer).append(&mut block)?;
            }
            // Whoever listens is there to the end.
            let _ = chunk.sender.send(1);
        }
        let mut writer = locked(writer);
        writer.append(&mut block)?;
        writer.commit(&rows)?;
        Ok(true)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Objects that one thread reads in a row.
struct ChunkOfObjects<'a> {
    snapshot: &'a Snapshot,
    ids: &'a [ObjectId],
    is_stopped: &'a dyn Fn() -> bool,
    /// Told 1 for each object that is done.
    sender: &'a mpsc::Sender<u64>,
}

/// Reads one object and hands out the passages of its text that are new to the finder. Fails if the file system does, or
/// if the pass has cost too much: an object that is missing, damaged or too costly in itself can be read by nobody.
pub(super) fn read_object(
    snapshot: &Snapshot,
    id: &ObjectId,
    finder: &mut PassageFinder,
    see: &mut dyn FnMut(&DeliveredText, u64, &[u8]) -> bool,
) -> Result<ObjectState, JobError> {
    let object = match snapshot.read_object(id, Settings::LARGEST_BLOB) {
        Ok(object) => object,
        Err(SnapshotError::ObjectTooLarge { .. }) => return Ok(ObjectState::TooLarge),
        Err(error @ (SnapshotError::Unreadable { .. } | SnapshotError::Store { .. })) => {
            return Err(error.into());
        }
        // It can be read by itself, so that somebody could copy it: the next pass goes on from here.
        Err(
            error @ SnapshotError::TooCostly {
                why: CostLimit::Pass | CostLimit::Bytes,
                ..
            },
        ) => return Err(error.into()),
        Err(_) => return Ok(ObjectState::Unreadable),
    };
    let bytes = *id.as_bytes();
    let origin = match object.kind {
        ObjectKind::Blob => DeliveredText::Blob(BlobId::new(bytes)),
        ObjectKind::Commit => DeliveredText::Message(CommitId::new(bytes)),
        ObjectKind::Tag => DeliveredText::TagMessage(TagId::new(bytes)),
        ObjectKind::Tree => return Ok(ObjectState::Structure),
    };
    let stored = index::prepare_as(object.bytes, None);
    let text = match stored.kind {
        TextKind::Binary => without_noise(&stored.bytes),
        _ => stored.bytes,
    };
    let mut goes_on = true;
    finder.find_new(&text, |line, passage| {
        goes_on = goes_on && see(&origin, line, passage);
    });
    Ok(ObjectState::Archived)
}

/// Returns the bytes of a binary file with each stretch that is no text written as one space: the leak check takes it for
/// white space anyway, and it is most of what a history holds.
fn without_noise(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 2);
    let add_noise = |out: &mut Vec<u8>| {
        if out.last() != Some(&b' ') {
            out.push(b' ');
        }
    };
    for chunk in bytes.utf8_chunks() {
        let is_noise = |c: char| c.is_control() && c != '\n' && c != '\t';
        for (i, text) in chunk.valid().split(is_noise).enumerate() {
            if i > 0 {
                add_noise(&mut out);
            }
            out.extend_from_slice(text.as_bytes());
        }
        if !chunk.invalid().is_empty() {
            add_noise(&mut out);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::without_noise;

    #[test]
    fn the_text_in_a_binary_file_and_its_lines_stay() {
        let bytes = b"\x7fELF\0\0\x02int a;\xff\xfe\0b\n\0\0c\td\x01";
        assert_eq!(without_noise(bytes), b" ELF int a; b\n c\td ");
        assert_eq!(without_noise(b""), b"");
        assert_eq!(without_noise("größe".as_bytes()), "größe".as_bytes());
    }
}
