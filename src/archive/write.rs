//! Writing an archive: blocks first, then the list that names them.

use super::ArchiveError;
use super::log::{self, ObjectLog, ObjectState, encode_batch};
use super::texts::{self, PassageBlock, read_generation};
use crate::model::ObjectId;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The one writer of an archive; the lock is free when it is dropped.
#[derive(Debug)]
pub struct ArchiveWriter {
    folder: PathBuf,
    objects: File,
    texts: File,
    generation: u64,
    texts_len: u64,
    log: ObjectLog,
}

impl ArchiveWriter {
    /// Opens or makes the archive in a folder and cuts off what was never committed. `fresh` is a random number: the
    /// generation of the texts, if they are begun anew. Fails with `Busy` while another program writes.
    pub fn open(folder: &Path, fresh: u64) -> Result<Self, ArchiveError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(ArchiveError::io("make", folder))?;
        let open = |path: &Path| {
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(path)
                .map_err(ArchiveError::io("open", path))
        };
        let path = log::file_in(folder);
        let mut objects = open(&path)?;
        match objects.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ArchiveError::Busy {
                    path: folder.to_owned(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(ArchiveError::io("lock", &path)(error)),
        }
        // Read behind the lock: what another program has added counts.
        let mut list = ObjectLog::open(folder)?;
        if list.committed == 0 {
            objects
                .set_len(0)
                .and_then(|()| objects.write_all(log::MAGIC))
                .map_err(ArchiveError::io("write", &path))?;
            list.committed = log::MAGIC.len() as u64;
        }
        objects
            .set_len(list.committed)
            .and_then(|()| objects.seek(SeekFrom::End(0)))
            .map_err(ArchiveError::io("write", &path))?;

        let path = texts::file_in(folder);
        let mut passages = open(&path)?;
        let failed = |error| ArchiveError::io("write", &path)(error);
        let len = passages.metadata().map_err(failed)?.len();
        let (generation, committed) = list.texts;
        let is_ours = read_generation(&passages).map_err(failed)? == Some(generation)
            && (texts::START..=len).contains(&committed);
        let (generation, texts_len) = if is_ours {
            (generation, committed)
        } else {
            // They were purged, or nothing of them was committed: whatever was read must be read again.
            let head = [&texts::MAGIC[..], &fresh.to_le_bytes()].concat();
            passages
                .set_len(0)
                .and_then(|()| passages.seek(SeekFrom::Start(0)))
                .and_then(|_| passages.write_all(&head))
                .map_err(failed)?;
            list.texts = (fresh, texts::START);
            (fresh, texts::START)
        };
        passages
            .set_len(texts_len)
            .and_then(|()| passages.seek(SeekFrom::End(0)))
            .map_err(failed)?;
        Ok(Self {
            folder: folder.to_owned(),
            objects,
            texts: passages,
            generation,
            texts_len,
            log: list,
        })
    }

    /// Returns the committed list of objects.
    pub fn log(&self) -> &ObjectLog {
        &self.log
    }

    /// Appends the passages of a block and empties it. They count once they are committed.
    pub fn append(&mut self, block: &mut PassageBlock) -> Result<(), ArchiveError> {
        if block.is_empty() {
            return Ok(());
        }
        let bytes = block.encode();
        let path = texts::file_in(&self.folder);
        self.texts
            .write_all(&bytes)
            .map_err(ArchiveError::io("write", &path))?;
        self.texts_len += bytes.len() as u64;
        Ok(())
    }

    /// Commits what was appended, and what became of the objects that it came from: the texts are on disk before the list.
    pub fn commit(&mut self, rows: &[(ObjectId, ObjectState)]) -> Result<(), ArchiveError> {
        if rows.is_empty() {
            return Ok(());
        }
        let path = texts::file_in(&self.folder);
        self.texts
            .sync_data()
            .map_err(ArchiveError::io("sync", &path))?;
        let end = (self.generation, self.texts_len);
        let batch = encode_batch(rows, end);
        let path = log::file_in(&self.folder);
        self.objects
            .write_all(&batch)
            .and_then(|()| self.objects.sync_data())
            .map_err(ArchiveError::io("write", &path))?;
        self.log.add(rows, end, batch.len() as u64);
        Ok(())
    }

    /// Removes the texts, so that they are read anew: they were found damaged.
    pub fn discard_texts(folder: &Path) -> Result<(), ArchiveError> {
        let path = texts::file_in(folder);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(ArchiveError::io("remove", &path)(error))
            }
            _ => Ok(()),
        }
    }
}
