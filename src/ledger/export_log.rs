//! The export log: what left this machine, in one file for each account, `export-log-<uid>.jsonl`.
//!
//! A line is a JSON object ended by LF, `{"seq":N,"prev":DIGEST,"entry":{…}}`: `seq` is 1 for the first line and has
//! no gap, `prev` is the SHA-256 of the line before without its LF, 64 zeros for the first. A line is acknowledged only
//! after `fdatasync`. A torn last line was never acknowledged, so its export never began: the next writer cuts it. Any
//! other damage is an error that names file and line, because lines that cannot be counted must not leave again.
//! `export-log-<uid>.lock` makes one writer of an account's programs; it is no other's to hold.

use super::LedgerError;
use super::disk::{Disk, open_append, write_all};
use super::error::Damage;
use crate::model::{ChainError, Digest, ExportLogEntry};
use rustix::fs::{FlockOperation, OFlags};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// How the files' names begin.
const PREFIX: &str = "export-log-";
/// The largest file that is read: a million exports.
const LARGEST: u64 = 512 << 20;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportLogLine {
    seq: u64,
    prev: Digest,
    entry: ExportLogEntry,
}

/// What one account's file holds.
#[derive(Default)]
struct LogContents {
    entries: Vec<ExportLogEntry>,
    head: Option<Digest>,
    /// Length of the whole lines.
    len: u64,
    is_torn: bool,
}

/// Reads the entries of every account; none if the folder does not exist. A file that cannot be read is an error.
pub fn read_export_log(folder: &Path) -> Result<Vec<ExportLogEntry>, LedgerError> {
    let list = match fs::read_dir(folder) {
        Ok(list) => list,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(LedgerError::io("read", folder)(e)),
    };
    let mut paths = Vec::new();
    for entry in list {
        let entry = entry.map_err(LedgerError::io("read", folder))?;
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(PREFIX.as_bytes()) && name.ends_with(b".jsonl") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    let mut all = Vec::new();
    for path in paths {
        all.extend(read_file(&path)?.entries);
    }
    Ok(all)
}

/// Appends an entry to the file of this account and returns once it is durable. `is_shared` lets the other accounts
/// read it. The folder must exist.
pub fn append_export_log(
    folder: &Path,
    is_shared: bool,
    entry: &ExportLogEntry,
) -> Result<(), LedgerError> {
    let account = rustix::process::getuid().as_raw();
    let lock = folder.join(format!("{PREFIX}{account}.lock"));
    let locked = open_append(&lock).map_err(LedgerError::io("open", &lock))?;
    rustix::fs::flock(&locked, FlockOperation::LockExclusive)
        .map_err(|e| LedgerError::io("lock", &lock)(e.into()))?;
    let path = folder.join(format!("{PREFIX}{account}.jsonl"));
    let is_new = !path.exists();
    let mut file = open_append(&path).map_err(LedgerError::io("open", &path))?;
    let found = read_file(&path)?;
    if found.is_torn {
        let cut = file.cut(found.len).and_then(|()| file.sync());
        cut.map_err(LedgerError::io("cut the torn last line of", &path))?;
    }
    if is_shared {
        // The mode of `open` is subject to the umask.
        let mode = Permissions::from_mode(0o644);
        file.set_permissions(mode)
            .map_err(LedgerError::io("open to the other accounts", &path))?;
    }
    let line = ExportLogLine {
        seq: found.entries.len() as u64 + 1,
        prev: found.head.unwrap_or(Digest::ZERO),
        entry: entry.clone(),
    };
    let encode = |source| LedgerError::Encode {
        path: path.clone(),
        source,
    };
    let mut line = serde_json::to_vec(&line).map_err(encode)?;
    line.push(b'\n');
    write_all(&mut file, &line).map_err(LedgerError::io("write", &path))?;
    file.sync().map_err(LedgerError::io("sync", &path))?;
    if is_new {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(LedgerError::io("sync", folder))?;
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<LogContents, LedgerError> {
    let bytes = read_regular(path).map_err(LedgerError::io("read", path))?;
    parse_export_log(&bytes).map_err(|(line, source)| LedgerError::Damaged {
        path: PathBuf::from(path),
        line,
        source,
    })
}

/// Reads a regular file of bounded size, through no link: others may write into a folder that accounts share.
fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut options = OpenOptions::new();
    let options = options.read(true).custom_flags(flags.bits() as i32);
    let file = options.open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    if about.len() > LARGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse_export_log(bytes: &[u8]) -> Result<LogContents, (u64, Damage)> {
    let mut found = LogContents::default();
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let number = found.entries.len() as u64 + 1;
        let Some(text) = line.strip_suffix(b"\n") else {
            found.is_torn = true;
            break;
        };
        let damaged = |cause: ChainError| (number, Damage::Chain(cause));
        let read: ExportLogLine = serde_json::from_slice(text)
            .map_err(|cause| damaged(ChainError::NotAnEntry(cause.to_string())))?;
        if read.seq != number {
            return Err(damaged(ChainError::Sequence {
                expected: number,
                found: read.seq,
            }));
        }
        if read.prev != found.head.unwrap_or(Digest::ZERO) {
            return Err(damaged(ChainError::Previous));
        }
        found.head = Some(Digest::of(text));
        found.len += line.len() as u64;
        found.entries.push(read.entry);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BlobId, ExportStep, LedgerEnd, QuotedLines, Span};
    use std::io::Write;

    fn entry(number: u64) -> ExportLogEntry {
        ExportLogEntry {
            step: ExportStep::Begun,
            time: "2026-01-01T00:00:00Z".into(),
            home: "/home/alice".into(),
            review: "acme".into(),
            number,
            manifest: Digest([number as u8; 32]),
            lines: vec![QuotedLines {
                blob: BlobId::new([7; 20]),
                spans: vec![Span::between(1, 5)],
            }],
            ledgers: vec![LedgerEnd {
                reviewer: "alice".into(),
                first: Digest([1; 32]),
                entries: 4,
                head: Digest([4; 32]),
            }],
        }
    }

    fn own_file(folder: &Path) -> PathBuf {
        let account = rustix::process::getuid().as_raw();
        folder.join(format!("{PREFIX}{account}.jsonl"))
    }

    #[test]
    fn every_account_is_read_and_a_torn_line_never_counted() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert_eq!(read_export_log(&folder.join("none")).unwrap(), []);
        append_export_log(folder, false, &entry(1)).unwrap();
        let path = own_file(folder);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        append_export_log(folder, true, &entry(2)).unwrap();
        assert_eq!(mode(&path), 0o644);
        assert_eq!(read_export_log(folder).unwrap(), [entry(1), entry(2)]);
        // Another account's file is another chain.
        fs::copy(&path, folder.join("export-log-4242.jsonl")).unwrap();
        assert_eq!(read_export_log(folder).unwrap().len(), 4);
        fs::remove_file(folder.join("export-log-4242.jsonl")).unwrap();
        // The home holds other things, too.
        fs::write(folder.join("config.toml"), "").unwrap();
        fs::create_dir(folder.join("reviews")).unwrap();
        let whole = fs::read(&path).unwrap();
        let half = &whole[..whole.len() / 4];
        OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(half)
            .unwrap();
        assert_eq!(read_export_log(folder).unwrap().len(), 2);
        append_export_log(folder, true, &entry(3)).unwrap();
        assert_eq!(
            read_export_log(folder).unwrap(),
            [entry(1), entry(2), entry(3)]
        );
    }

    #[test]
    fn every_changed_byte_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for number in 1..=3 {
            append_export_log(folder, false, &entry(number)).unwrap();
        }
        let path = own_file(folder);
        let whole = fs::read(&path).unwrap();
        let good = read_export_log(folder).unwrap();
        let last = whole[..whole.len() - 1]
            .iter()
            .rposition(|b| *b == b'\n')
            .unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&path, &changed).unwrap();
            // The last line's digest stands nowhere else in the file, so a change in its values can pass as another
            // entry; the ledger and the other copies hold it. Nothing may pass as the good one.
            match read_export_log(folder) {
                Ok(read) => assert!(at > last && read != good, "byte {at}"),
                Err(LedgerError::Damaged { line, .. }) => assert!((1..=3).contains(&line)),
                Err(other) => panic!("byte {at}: {other}"),
            }
        }
        fs::write(&path, &whole).unwrap();
        assert_eq!(read_export_log(folder).unwrap(), good, "control");
    }

    #[test]
    fn what_is_no_regular_file_is_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export-log-7.jsonl");
        std::os::unix::fs::symlink("/dev/null", &path).unwrap();
        assert!(matches!(
            read_export_log(folder.path()),
            Err(LedgerError::Io { .. })
        ));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(matches!(
            read_export_log(folder.path()),
            Err(LedgerError::Io { .. })
        ));
        fs::remove_dir(&path).unwrap();
        let made = rustix::fs::mknodat(
            rustix::fs::CWD,
            &path,
            rustix::fs::FileType::Fifo,
            0o600.into(),
            0,
        );
        made.unwrap();
        assert!(matches!(
            read_export_log(folder.path()),
            Err(LedgerError::Io { .. })
        ));
    }
}
