use super::*;
use crate::ledger::{read, verify};
use crate::model::{BlobId, RepoPath, Span};
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

const TIME: &str = "2026-01-02T03:04:05Z";

fn event(n: u32) -> Event {
    Event::Marked {
        blob: BlobId::new([7; 20]),
        path: RepoPath::new("src/a.c"),
        span: Span::line(n),
        reviewed: true,
    }
}

fn writer(folder: &Path) -> Ledger {
    match Ledger::open(folder, "alice").unwrap().access {
        Access::Writer(ledger) => ledger,
        Access::ReadOnly { why } => panic!("{why}"),
    }
}

fn three(folder: &Path) -> Vec<Entry> {
    let mut ledger = writer(folder);
    (1..=3)
        .map(|n| ledger.append(event(n), TIME.into()).unwrap())
        .collect()
}

#[test]
fn what_was_acknowledged_is_read_again_and_the_chain_goes_on() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("ledger");
    let mut entries = three(&folder);
    let mut ledger = writer(&folder);
    entries.push(ledger.append(event(4), TIME.into()).unwrap());
    assert_eq!(read(&folder, "alice").unwrap(), entries);
    assert_eq!(entries[3].seq, 4);
    assert_eq!(
        crate::ledger::read_all(&folder).unwrap(),
        [("alice".to_owned(), entries)]
    );
    assert_eq!(verify(&folder).unwrap(), []);
    let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&folder), mode(&folder.join("alice.jsonl"))),
        (0o700, 0o600)
    );
}

#[test]
fn a_second_writer_only_reads() {
    let temp = tempfile::tempdir().unwrap();
    let first = writer(temp.path());
    let second = Ledger::open(temp.path(), "alice").unwrap();
    assert!(matches!(
        second.access,
        Access::ReadOnly {
            why: ReadOnly::Locked
        }
    ));
    drop(first);
    writer(temp.path());
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    for name in ["", "../x", "a/b", "a b", &"x".repeat(65)] {
        assert!(matches!(
            Ledger::open(Path::new("/nowhere"), name),
            Err(LedgerError::Name { .. })
        ));
    }
}

#[test]
fn every_truncation_is_reported_or_at_a_line_end() {
    let temp = tempfile::tempdir().unwrap();
    let entries = three(temp.path());
    let path = temp.path().join("alice.jsonl");
    let whole = std::fs::read(&path).unwrap();
    for len in 0..whole.len() {
        std::fs::write(&path, &whole[..len]).unwrap();
        let opened = Ledger::open(temp.path(), "alice").unwrap();
        let kept = memchr::memchr_iter(b'\n', &whole[..len]).count();
        assert_eq!(opened.entries, entries[..kept], "at {len}");
        assert_eq!(
            opened.torn.is_some(),
            len > 0 && whole[len - 1] != b'\n',
            "at {len}"
        );
        assert_eq!(opened.lost, 3 - kept as u64);
        let Access::Writer(mut ledger) = opened.access else {
            panic!("at {len}")
        };
        ledger.append(event(9), TIME.into()).unwrap();
        drop(ledger);
        assert_eq!(read(temp.path(), "alice").unwrap().len(), kept + 1);
        std::fs::write(
            temp.path().join("alice.head"),
            format!("{:020} {}\n", 3, Digest::ZERO),
        )
        .unwrap();
    }
}

#[test]
fn every_flipped_bit_is_named_with_its_line() {
    let temp = tempfile::tempdir().unwrap();
    three(temp.path());
    let path = temp.path().join("alice.jsonl");
    let whole = std::fs::read(&path).unwrap();
    let head = std::fs::read_to_string(temp.path().join("alice.head")).unwrap();
    let digest: Digest =
        serde_json::from_str(&format!("\"{}\"", head.trim().split_once(' ').unwrap().1)).unwrap();
    let mut unnoticed_without_chain = 0;
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            let found = read::parse(&bytes, "alice", Some((3, digest)));
            assert!(found.is_err(), "byte {at} bit {bit}");
            let lines = bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty());
            let is_json = lines
                .clone()
                .all(|l| serde_json::from_slice::<Entry>(l).is_ok());
            unnoticed_without_chain += u32::from(is_json && lines.count() == 3);
        }
    }
    assert!(
        unnoticed_without_chain > 100,
        "the control: JSON alone notices too little"
    );
}

#[test]
fn other_damage_is_refused_with_its_line() {
    let temp = tempfile::tempdir().unwrap();
    three(temp.path());
    let path = temp.path().join("alice.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = whole.split_inclusive('\n').collect();
    let rows = [
        (lines[0].to_owned() + lines[2], 2),
        (lines[1..].concat(), 1),
        (whole.clone() + lines[2], 4),
        (whole.clone() + "\n", 4),
        (whole.replace("alice", "bobby"), 1),
    ];
    for (text, line) in rows {
        std::fs::write(&path, text).unwrap();
        match Ledger::open(temp.path(), "alice") {
            Err(LedgerError::Damaged { line: found, .. }) => assert_eq!(found, line),
            other => panic!("{other:?}"),
        }
        assert_eq!(verify(temp.path()).unwrap()[0].line, line);
    }
}

/// A disk of memory whose calls fail on demand.
#[derive(Clone, Default)]
struct Faulty(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    calls: u32,
    /// The number of the write that takes half and the next that fails.
    fail_write: u32,
    is_sync_broken: bool,
    /// The error of the next sync alone.
    sync_fails_once: Option<io::ErrorKind>,
    is_cut_broken: bool,
    is_interrupted: bool,
}

impl Disk for Faulty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut s = self.0.lock().unwrap();
        if std::mem::take(&mut s.is_interrupted) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        s.calls += 1;
        if s.calls == s.fail_write + 1 && s.fail_write > 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let n = if s.calls == s.fail_write {
            bytes.len() / 2
        } else {
            bytes.len()
        };
        s.bytes.extend_from_slice(&bytes[..n]);
        Ok(n)
    }
    fn sync(&mut self) -> io::Result<()> {
        let mut s = self.0.lock().unwrap();
        if let Some(kind) = s.sync_fails_once.take() {
            return Err(kind.into());
        }
        if s.is_sync_broken {
            Err(io::Error::from_raw_os_error(5))
        } else {
            Ok(())
        }
    }
    fn len(&mut self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().bytes.len() as u64)
    }
    fn cut(&mut self, len: u64) -> io::Result<()> {
        let mut s = self.0.lock().unwrap();
        if s.is_cut_broken {
            return Err(io::Error::from_raw_os_error(5));
        }
        s.bytes.truncate(len as usize);
        Ok(())
    }
}

fn on(disk: &Faulty) -> Ledger {
    Ledger {
        path: "alice.jsonl".into(),
        reviewer: "alice".into(),
        disk: Box::new(disk.clone()),
        head: None,
        _lock: None,
        chain: Chain::default(),
        len: 0,
        is_stopped: false,
    }
}

#[test]
fn a_full_disk_leaves_whole_lines_and_the_writer_goes_on_when_there_is_room() {
    let disk = Faulty::default();
    disk.0.lock().unwrap().fail_write = 2;
    let mut ledger = on(&disk);
    ledger.append(event(1), TIME.into()).unwrap();
    let error = ledger.append(event(2), TIME.into()).unwrap_err();
    assert!(error.hint().unwrap().contains("make room"));
    let entries = |disk: &Faulty| {
        let found = read::parse(&disk.0.lock().unwrap().bytes, "alice", None).unwrap();
        (found.entries.len(), found.torn)
    };
    assert_eq!(entries(&disk), (1, None));
    ledger.append(event(3), TIME.into()).unwrap();
    assert_eq!((entries(&disk), ledger.seq()), ((2, None), 2));
    // If what the short write left cannot be cut, nobody knows what is on the disk.
    let disk = Faulty::default();
    disk.0.lock().unwrap().fail_write = 2;
    disk.0.lock().unwrap().is_cut_broken = true;
    let mut ledger = on(&disk);
    ledger.append(event(1), TIME.into()).unwrap();
    ledger.append(event(2), TIME.into()).unwrap_err();
    assert!(matches!(
        ledger.append(event(3), TIME.into()),
        Err(LedgerError::Stopped { .. })
    ));
}

/// Whatever fails once, recording it again gives one entry and never two.
#[test]
fn a_retry_after_a_failed_sync_doubles_nothing() {
    for (kind, goes_on) in [
        (io::ErrorKind::StorageFull, true),
        (io::ErrorKind::QuotaExceeded, true),
        (io::ErrorKind::Other, false),
    ] {
        let disk = Faulty::default();
        let mut ledger = on(&disk);
        ledger.append(event(1), TIME.into()).unwrap();
        disk.0.lock().unwrap().sync_fails_once = Some(kind);
        let error = ledger.append(event(2), TIME.into()).unwrap_err();
        assert!(matches!(error, LedgerError::TakenBack { .. }), "{kind:?}");
        assert_eq!(ledger.is_stopped(), !goes_on, "{kind:?}");
        // Opened again, as by a second run.
        let mut ledger = Ledger {
            chain: ledger.chain,
            len: ledger.len,
            ..on(&disk)
        };
        ledger.append(event(2), TIME.into()).unwrap();
        let found = read::parse(&disk.0.lock().unwrap().bytes, "alice", None).unwrap();
        let events: Vec<_> = found.entries.into_iter().map(|e| e.event).collect();
        assert_eq!(events, [event(1), event(2)], "{kind:?}");
    }
    // Where it cannot be taken back, that is said.
    let disk = Faulty::default();
    let mut ledger = on(&disk);
    disk.0.lock().unwrap().is_sync_broken = true;
    disk.0.lock().unwrap().is_cut_broken = true;
    let error = ledger.append(event(1), TIME.into()).unwrap_err();
    assert!(error.hint().unwrap().contains("may be recorded"));
    assert!(ledger.is_stopped());
}

#[test]
fn a_failed_sync_acknowledges_nothing_and_an_interrupted_write_is_repeated() {
    let disk = Faulty::default();
    let mut ledger = on(&disk);
    disk.0.lock().unwrap().is_interrupted = true;
    ledger.append(event(1), TIME.into()).unwrap();
    disk.0.lock().unwrap().is_sync_broken = true;
    ledger.append(event(2), TIME.into()).unwrap_err();
    disk.0.lock().unwrap().is_sync_broken = false;
    assert!(matches!(
        ledger.append(event(3), TIME.into()),
        Err(LedgerError::Stopped { .. })
    ));
    assert_eq!(ledger.seq(), 1);
}
