//! The one writer of a ledger.

use super::LedgerError;
use super::disk::{Disk, open_append, write_all, write_head};
use super::read::{self, TornTail};
use crate::model::{Chain, Digest, Entry, Event};
use rustix::fs::FlockOperation;
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The writer of one reviewer's ledger. It holds the lock until it is dropped.
pub struct Ledger {
    path: PathBuf,
    reviewer: String,
    disk: Box<dyn Disk>,
    head: Option<File>,
    _lock: Option<File>,
    chain: Chain,
    len: u64,
    is_stopped: bool,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            path,
            chain,
            is_stopped,
            ..
        } = self;
        write!(
            f,
            "Ledger({}, {chain:?}, stopped: {is_stopped})",
            path.display()
        )
    }
}

/// Why a ledger can only be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOnly {
    /// Another program holds the lock.
    Locked,
    /// The folder or its disk takes no writes.
    NotWritable,
}

impl std::fmt::Display for ReadOnly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Locked => "another program writes this ledger",
            Self::NotWritable => "the review's folder cannot be written",
        })
    }
}

/// What may be done with an opened ledger.
#[derive(Debug)]
pub enum Access {
    /// Entries can be appended.
    Writer(Ledger),
    /// They cannot.
    ReadOnly {
        /// For this reason.
        why: ReadOnly,
    },
}

/// An opened ledger.
#[derive(Debug)]
pub struct Opened {
    /// What may be done with it.
    pub access: Access,
    /// What it holds.
    pub entries: Vec<Entry>,
    /// Digest of the newest entry, zeros if there is none.
    pub newest: Digest,
    /// A torn last line; the writer has cut it.
    pub torn: Option<TornTail>,
    /// Acknowledged entries that are gone from the end: somebody cut the file. To be shown, loudly.
    pub lost: u64,
}

impl Ledger {
    /// Opens a reviewer's ledger, making folder and files on first use.
    pub fn open(folder: &Path, reviewer: &str) -> Result<Opened, LedgerError> {
        read::checked(reviewer)?;
        match Self::lock(folder, reviewer) {
            Ok(Ok(lock)) => Self::open_locked(folder, reviewer, lock),
            Ok(Err(why)) => Self::open_reading(folder, reviewer, why),
            Err((_, e)) if is_not_writable(&e) => {
                Self::open_reading(folder, reviewer, ReadOnly::NotWritable)
            }
            Err((path, e)) => Err(LedgerError::io("open", &path)(e)),
        }
    }

    #[allow(clippy::type_complexity)] // the path belongs to the error alone
    fn lock(folder: &Path, reviewer: &str) -> Result<Result<File, ReadOnly>, (PathBuf, io::Error)> {
        let mut builder = DirBuilder::new();
        let made = builder.mode(0o700).create(folder);
        match made {
            Ok(()) => {
                let parent = folder.parent().filter(|p| !p.as_os_str().is_empty());
                let parent = parent.unwrap_or(Path::new("."));
                sync_folder(parent).map_err(|e| (parent.to_owned(), e))?;
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err((folder.to_owned(), e)),
        }
        let path = read::file(folder, reviewer, "lock");
        let lock = open_append(&path).map_err(|e| (path.clone(), e))?;
        match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Ok(lock)),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(Err(ReadOnly::Locked)),
            Err(e) => Err((path, e.into())),
        }
    }

    fn open_reading(folder: &Path, reviewer: &str, why: ReadOnly) -> Result<Opened, LedgerError> {
        let found = read::contents(folder, reviewer)?;
        let access = Access::ReadOnly { why };
        Ok(Opened {
            access,
            entries: found.entries,
            newest: found.chain.head,
            torn: found.torn,
            lost: found.lost,
        })
    }

    fn open_locked(folder: &Path, reviewer: &str, lock: File) -> Result<Opened, LedgerError> {
        let path = read::file(folder, reviewer, "jsonl");
        let is_new = !path.exists();
        let mut file = match open_append(&path) {
            Ok(file) => file,
            Err(e) if is_not_writable(&e) => {
                return Self::open_reading(folder, reviewer, ReadOnly::NotWritable);
            }
            Err(e) => return Err(LedgerError::io("open", &path)(e)),
        };
        let head_path = read::file(folder, reviewer, "head");
        let nofollow = rustix::fs::OFlags::NOFOLLOW.bits() as i32;
        let mut options = std::fs::OpenOptions::new();
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, nofollow);
        let head = options
            .write(true)
            .create(true)
            .truncate(false)
            .open(head_path)
            .ok();
        if is_new {
            sync_folder(folder).map_err(LedgerError::io("sync", folder))?;
        }
        let found = read::contents(folder, reviewer)?;
        if found.torn.is_some() {
            file.cut(found.len)
                .map_err(LedgerError::io("cut the torn last line of", &path))?;
            file.sync().map_err(LedgerError::io("sync", &path))?;
        }
        let ledger = Self {
            path,
            reviewer: reviewer.to_owned(),
            disk: Box::new(file),
            head,
            _lock: Some(lock),
            chain: found.chain,
            len: found.len,
            is_stopped: false,
        };
        let access = Access::Writer(ledger);
        Ok(Opened {
            access,
            entries: found.entries,
            newest: found.chain.head,
            torn: found.torn,
            lost: found.lost,
        })
    }

    /// Appends one entry and returns it once it is durable. `time` is RFC 3339 in UTC.
    ///
    /// After an error the entry is taken back, so that recording it again does not double it. If the disk is only full and
    /// that is known to have worked, more can be appended when there is room. Otherwise nothing more is: what a failed sync
    /// left on disk cannot be known.
    pub fn append(&mut self, event: Event, time: String) -> Result<Entry, LedgerError> {
        if self.is_stopped {
            return Err(LedgerError::Stopped {
                path: self.path.clone(),
            });
        }
        let entry = Entry {
            id: Uuid::new_v4(),
            seq: self.chain.seq + 1,
            time,
            reviewer: self.reviewer.clone(),
            prev: self.chain.head,
            event,
        };
        let encode = |source| LedgerError::Encode {
            path: self.path.clone(),
            source,
        };
        let mut line = serde_json::to_vec(&entry).map_err(encode)?;
        let head = Digest::of(&line);
        line.push(b'\n');
        let written = write_all(&mut *self.disk, &line).map_err(|e| ("write", e));
        if let Err((doing, e)) = written.and_then(|()| self.disk.sync().map_err(|e| ("sync", e))) {
            let is_taken_back = self.take_back(line.len() as u64);
            self.is_stopped = !(is_taken_back && is_full(&e));
            let path = self.path.clone();
            return Err(if is_taken_back && doing == "sync" {
                LedgerError::TakenBack { path, source: e }
            } else {
                LedgerError::io(doing, &path)(e)
            });
        }
        self.len += line.len() as u64;
        self.chain = Chain {
            seq: entry.seq,
            head,
        };
        if let Some(file) = &self.head {
            // The entry is durable; the head only helps to notice a later change of the last line.
            let _ = write_head(file, entry.seq, &head);
        }
        Ok(entry)
    }

    /// Cuts what a failed write or sync left, if the file is no longer than that write can explain. Returns whether the
    /// file is known to be as it was before, on the disk too.
    fn take_back(&mut self, attempted: u64) -> bool {
        self.disk
            .len()
            .is_ok_and(|len| (self.len..=self.len + attempted).contains(&len))
            && self.disk.cut(self.len).is_ok()
            && self.disk.sync().is_ok()
    }

    /// Returns whether nothing more can be appended until the ledger is opened again.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Returns the digest of the newest entry, zeros if there is none.
    pub fn head(&self) -> Digest {
        self.chain.head
    }

    /// Returns the number of the newest entry, 0 if there is none.
    pub fn seq(&self) -> u64 {
        self.chain.seq
    }
}

fn is_not_writable(e: &io::Error) -> bool {
    matches!(
        e.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}

fn is_full(e: &io::Error) -> bool {
    matches!(
        e.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests;
