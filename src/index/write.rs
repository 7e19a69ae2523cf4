//! The end of the index's files: who may append, from where on, and how it becomes part of the index.

use super::IndexError;
use super::build::{Built, Group, Limits};
use super::engine::{self, Writer};
use super::open::{self, DAMAGED};
use super::store::{self, Extent, Row, Store};
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Takes the lock that keeps a second program from building; it is released when the file is closed.
pub(super) fn lock(folder: &Path) -> Result<File, IndexError> {
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

/// Makes the folder ready to be appended to, and returns what it holds and where its files end.
pub(super) fn prepare(
    folder: &Path,
    built: &mut Built,
) -> Result<(Option<Store>, Extent), IndexError> {
    if let Some(ready) = open::open_whole(folder)? {
        return Ok((Some(ready.store), ready.state.extent));
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
                None,
                Extent {
                    data,
                    ..Extent::default()
                },
            ))
        }
    }
}

/// The end of the files and of the trigram index.
pub(super) struct Sink {
    folder: PathBuf,
    data: File,
    table: File,
    rows: Vec<u8>,
    writer: Writer,
    extent: Extent,
    /// Bytes of text appended in all, and since the last commit.
    text: u64,
    uncommitted: u64,
    committed: Instant,
}

impl Sink {
    pub(super) fn open(folder: &Path, extent: Extent) -> Result<Self, IndexError> {
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
        let index = match engine::open(folder) {
            Some((index, _)) => index,
            // Made a moment ago, without a commit yet.
            None => engine::reopen(folder).map_err(&failed)?,
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

    pub(super) fn append(&mut self, group: &Group) -> Result<(), IndexError> {
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
        self.text += group.text;
        self.uncommitted += group.text;
        Ok(())
    }

    pub(super) fn index(&mut self, group: Group) -> Result<(), IndexError> {
        let failed = IndexError::engine(&self.folder);
        for tokens in group.tokens {
            self.writer
                .add(self.extent.groups, tokens)
                .map_err(&failed)?;
            self.extent.groups += 1;
        }
        Ok(())
    }

    pub(super) fn commit(&mut self) -> Result<(), IndexError> {
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

    /// Returns whether it is time to commit.
    pub(super) fn is_due(&self, limits: &Limits) -> bool {
        self.uncommitted >= limits.commit || self.committed.elapsed() >= limits.interval
    }

    /// Commits what is left and ends; returns the rows of the table and the bytes of text appended.
    pub(super) fn finish(mut self) -> Result<(u64, u64), IndexError> {
        self.commit()?;
        let done = (self.extent.rows, self.text);
        self.writer
            .finish()
            .map_err(IndexError::engine(&self.folder))?;
        Ok(done)
    }
}
