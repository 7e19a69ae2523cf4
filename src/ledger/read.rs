//! Reading a ledger and checking its chain.

use super::LedgerError;
use super::error::Damage;
use crate::model::{
    Chain, ChainError, Digest, Entry, LedgerDigests, LedgerForm, Link, Read, check_spelling,
};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::{fs, io, thread};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A last line without LF: it was never acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The line, 1-based.
    pub line: u64,
    /// Its bytes.
    pub bytes: u64,
}

/// One thing wrong with a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file's name in the ledger folder.
    pub file: String,
    /// 1-based; 0 if it is not about one line.
    pub line: u64,
    /// One clause.
    pub what: String,
}

/// What a ledger's file holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub entries: Vec<Entry>,
    pub chain: Chain,
    /// Length of the whole lines.
    pub len: u64,
    pub torn: Option<TornTail>,
    /// Acknowledged entries that the head file names and the ledger no longer holds.
    pub lost: u64,
}

/// Returns whether the name can be a reviewer's: it is a file name and a signature's principal.
pub fn is_reviewer(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'@' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(allowed)
}

pub(super) fn checked(reviewer: &str) -> Result<(), LedgerError> {
    if is_reviewer(reviewer) {
        return Ok(());
    }
    Err(LedgerError::Name {
        name: reviewer.chars().take(80).collect(),
    })
}

pub(super) fn file(folder: &Path, reviewer: &str, extension: &str) -> PathBuf {
    folder.join(format!("{reviewer}.{extension}"))
}

/// Reads one reviewer's entries; none if there is no such ledger. A torn last line is left out.
pub fn read(folder: &Path, reviewer: &str) -> Result<Vec<Entry>, LedgerError> {
    checked(reviewer)?;
    contents(folder, reviewer).map(|c| c.entries)
}

/// Reads every reviewer's entries, by name.
pub fn read_all(folder: &Path) -> Result<Vec<(String, Vec<Entry>)>, LedgerError> {
    let read = |name: String| read(folder, &name).map(|entries| (name, entries));
    reviewers(folder)?.into_iter().map(read).collect()
}

/// A ledger with the digest that its chain ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerChain {
    /// Whose.
    pub reviewer: String,
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Digest of the newest entry, zeros if there is none.
    pub head: Digest,
}

impl LedgerChain {
    /// Returns the digests of its lines.
    pub fn digests(&self) -> LedgerDigests {
        LedgerDigests::new(&self.reviewer, &self.entries, self.head)
    }
}

/// Reads every reviewer's ledger with the digest it ends with, by name.
pub fn read_chains(folder: &Path) -> Result<Vec<LedgerChain>, LedgerError> {
    let read = |reviewer: String| {
        contents(folder, &reviewer).map(|found| LedgerChain {
            reviewer,
            entries: found.entries,
            head: found.chain.head,
        })
    };
    reviewers(folder)?.into_iter().map(read).collect()
}

/// Returns whether a word stands anywhere in the ledgers of the folder, without reading them as ledgers.
pub fn mentions(folder: &Path, word: &str) -> Result<bool, LedgerError> {
    let finder = memchr::memmem::Finder::new(word.as_bytes());
    for name in reviewers(folder)? {
        let path = file(folder, &name, "jsonl");
        let bytes = fs::read(&path).map_err(LedgerError::io("read", &path))?;
        if finder.find(&bytes).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Result of checking one ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedLedger {
    /// The file's name in the ledger folder.
    pub file: String,
    /// Entries that could be read; 0 if a line is damaged.
    pub entries: u64,
    /// The times of the first and the last of them.
    pub times: Option<(String, String)>,
    /// Everything that is wrong with it.
    pub problems: Vec<Problem>,
}

/// Returns everything that is wrong with the ledgers of the folder; none means that every line of every
/// ledger is the line that was acknowledged.
pub fn verify(folder: &Path) -> Result<Vec<Problem>, LedgerError> {
    let checked = check(folder)?.into_iter();
    Ok(checked.flat_map(|ledger| ledger.problems).collect())
}

/// Checks every ledger of the folder, by the reviewers' names.
pub fn check(folder: &Path) -> Result<Vec<CheckedLedger>, LedgerError> {
    let mut checked = Vec::new();
    for name in reviewers(folder)? {
        let mut problems = Vec::new();
        let (mut entries, mut times) = (0, None);
        let mut problem = |line, what| {
            problems.push(Problem {
                file: format!("{name}.jsonl"),
                line,
                what,
            });
        };
        match contents(folder, &name) {
            Ok(found) => {
                entries = found.entries.len() as u64;
                let ends = found.entries.first().zip(found.entries.last());
                times = ends.map(|(first, last)| (first.time.clone(), last.time.clone()));
                if let Some(torn) = found.torn {
                    problem(
                        torn.line,
                        format!("the last line is torn: {} bytes without LF", torn.bytes),
                    );
                }
                if let Some((line, why)) = odd_line(folder, &name, &found.entries)? {
                    problem(line, format!("is not as this program writes it: {why}"));
                }
                if found.lost > 0 {
                    problem(
                        0,
                        format!("{} acknowledged entries are missing at the end", found.lost),
                    );
                }
            }
            Err(LedgerError::Damaged { line, source, .. }) => problem(line, source.to_string()),
            Err(other) => return Err(other),
        }
        checked.push(CheckedLedger {
            file: format!("{name}.jsonl"),
            entries,
            times,
            problems,
        });
    }
    Ok(checked)
}

/// Returns the first line of a ledger that reads well and that no version of this program writes so.
fn odd_line(
    folder: &Path,
    reviewer: &str,
    entries: &[Entry],
) -> Result<Option<(u64, String)>, LedgerError> {
    let path = file(folder, reviewer, "jsonl");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(LedgerError::io("read", &path)(e)),
    };
    let mut form = LedgerForm::default();
    let lines = bytes.split(|b| *b == b'\n');
    let odd = lines.zip(entries).find_map(|(line, entry)| {
        let checked = form
            .follow(entry)
            .and_then(|()| check_spelling(line, entry));
        checked.err().map(|why| (entry.seq, why))
    });
    Ok(odd)
}

fn reviewers(folder: &Path) -> Result<Vec<String>, LedgerError> {
    let list = match fs::read_dir(folder) {
        Ok(list) => list,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(LedgerError::io("read", folder)(e)),
    };
    let mut names = Vec::new();
    for entry in list {
        let entry = entry.map_err(LedgerError::io("read", folder))?;
        let name = entry.file_name();
        if let Some(name) = name.to_str().and_then(|n| n.strip_suffix(".jsonl"))
            && is_reviewer(name)
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

pub(super) fn contents(folder: &Path, reviewer: &str) -> Result<Contents, LedgerError> {
    let path = file(folder, reviewer, "jsonl");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(LedgerError::io("read", &path)(e)),
    };
    let head = fs::read(file(folder, reviewer, "head"))
        .ok()
        .and_then(|b| parse_head(&b));
    parse(&bytes, reviewer, head).map_err(|(line, source)| LedgerError::Damaged {
        path,
        line,
        source,
    })
}

fn parse_head(bytes: &[u8]) -> Option<(u64, Digest)> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
    let (seq, digest) = text.split_once(' ').filter(|(s, _)| s.len() == 20)?;
    let digest = serde_json::from_value(serde_json::Value::from(digest)).ok()?;
    Some((seq.parse().ok()?, digest))
}

/// A line read by itself.
struct ReadLine {
    line: Result<Read, ChainError>,
    /// Its time is one.
    has_time: bool,
}

/// Lines that a thread reads at a time.
const CHUNK: usize = 2000;

/// Reads whole lines and hands them on in their order. Many are read on as many threads as there are cores: what a line
/// holds, and its digest, does not depend on the lines before it.
fn read_lines<E>(
    lines: &[&[u8]],
    mut take: impl FnMut(&[u8], ReadLine) -> Result<(), E>,
) -> Result<(), E> {
    let read_all = |chunk: &[&[u8]]| chunk.iter().map(|line| read_line(line)).collect::<Vec<_>>();
    let chunks: Vec<&[&[u8]]> = lines.chunks(CHUNK).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads.min(chunks.len().saturating_sub(1)) {
            let (sender, next, chunks) = (sender.clone(), &next, &chunks);
            scope.spawn(move || {
                while let Some((at, chunk)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    chunks.get(at).map(|chunk| (at, chunk))
                } {
                    // Nobody listens any more once a line is damaged.
                    if sender.send((at, read_all(chunk))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        for (at, chunk) in chunks.iter().enumerate() {
            let read = loop {
                if let Some(read) = early.remove(&at) {
                    break read;
                }
                match receiver.recv() {
                    Ok((done, read)) => _ = early.insert(done, read),
                    // No thread was worth while.
                    Err(mpsc::RecvError) => break read_all(chunk),
                }
            };
            for (line, read) in chunk.iter().zip(read) {
                take(line, read)?;
            }
        }
        Ok(())
    })
}

fn read_line(line: &[u8]) -> ReadLine {
    let line = Read::of(line.strip_suffix(b"\n").unwrap_or(line));
    let has_time = match line.as_ref().map(|read| &read.link) {
        Ok(Link::Entry(entry)) => OffsetDateTime::parse(&entry.time, &Rfc3339).is_ok(),
        _ => true,
    };
    ReadLine { line, has_time }
}

/// Checks the bytes of a ledger; damage is named with its line.
pub(super) fn parse(
    bytes: &[u8],
    reviewer: &str,
    head: Option<(u64, Digest)>,
) -> Result<Contents, (u64, Damage)> {
    let mut from = 0;
    let mut lines: Vec<&[u8]> = Vec::new();
    for end in memchr::memchr_iter(b'\n', bytes) {
        lines.push(&bytes[from..=end]);
        from = end + 1;
    }
    let torn = Some(&bytes[from..]).filter(|rest| !rest.is_empty());
    let mut found = Contents {
        entries: Vec::with_capacity(lines.len()),
        ..Contents::default()
    };
    let mut ids = HashMap::with_capacity(lines.len());
    read_lines(&lines, |line, read| {
        let number = found.chain.seq + 1;
        let link = read.line.and_then(|read| found.chain.join(read));
        let entry = match link {
            Ok(Link::Entry(entry)) => *entry,
            Ok(Link::Withheld(_)) => return Err((number, Damage::Withheld)),
            Err(cause) => return Err((number, cause.into())),
        };
        if entry.reviewer != reviewer {
            return Err((number, Damage::Reviewer(entry.reviewer)));
        }
        if !read.has_time {
            return Err((number, Damage::Time));
        }
        if let Some(first) = ids.insert(entry.id, number) {
            return Err((number, Damage::Repeated(first)));
        }
        if head.is_some_and(|(seq, digest)| seq == number && digest != found.chain.head) {
            return Err((number, Damage::Head));
        }
        found.len += line.len() as u64;
        found.entries.push(entry);
        Ok(())
    })?;
    if let Some(line) = torn {
        let number = found.chain.seq + 1;
        // A torn write is a prefix of a line: a whole entry with one more byte is a damaged line end.
        if found.chain.clone().follow(&line[..line.len() - 1]).is_ok() {
            return Err((number, Damage::LineEnd));
        }
        found.torn = Some(TornTail {
            line: number,
            bytes: line.len() as u64,
        });
    }
    found.lost = head.map_or(0, |(seq, _)| seq.saturating_sub(found.chain.seq));
    Ok(found)
}
