//! A long review: what it costs to open it, to filter its list, to take an entry back, and to have one acknowledged.
//!
//! `GLASSROOM_BENCH_ENTRIES` and `GLASSROOM_BENCH_FINDINGS` say how long (200,000 and 10,000). The ledger is made in
//! memory, where a sync costs nothing; entries are acknowledged on the disk of the temporary folder, with the sync
//! told apart.

#![allow(
    clippy::cast_precision_loss,
    reason = "figures for a person, of three digits"
)]

#[allow(dead_code, reason = "the other benches use the rest")]
mod support;

use glassroom::app::items::Items;
use glassroom::app::key::sequence;
use glassroom::job::now;
use glassroom::ledger::{Access, Ledger, read_all};
use glassroom::model::{
    Anchor, Audience, BlobId, CommitId, Confidence, Difficulty, Event, Finding, FindingWords, Kind,
    Location, Priority, RepoPath, Review, Severity, Span, Status,
};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use support::{Table, ms};
use uuid::Uuid;

fn number(name: &str, default: usize) -> usize {
    let given = std::env::var(name).ok();
    given.and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn blob(n: usize) -> BlobId {
    let mut bytes = [0; 20];
    bytes[..8].copy_from_slice(&(n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    BlobId::new(bytes)
}

fn anchor(n: usize) -> Anchor {
    let line = (n % 900) as u32 + 1;
    Anchor {
        blob: blob(n % 5_000),
        path: RepoPath::new(format!("src/part{}/file{}.c", n % 70, n % 5_000)),
        extent: Span::between(line, line + 12).into(),
        symbol: None,
        ordinal: 0,
    }
}

fn finding(n: usize) -> Event {
    let words = "The length of the record is taken from the message and used before it is compared with the room \
        that is left in the buffer, so that a sender decides how much is written.";
    Event::FindingAdded {
        finding: Finding {
            id: Uuid::from_u128(n as u128 + 1),
            number: n as u32 + 1,
            reviewer: "alice".into(),
            commit: CommitId::new([1; 20]),
            kind: Kind::Vulnerability,
            title: format!("Record {n} is copied before it is measured"),
            words: FindingWords {
                statement: words.repeat(2),
                ..FindingWords::default()
            },
            severity: Severity::ALL[n % Severity::ALL.len()],
            confidence: Confidence::Likely,
            priority: Priority::Normal,
            difficulty: Difficulty::Low,
            category: None,
            cwe: vec![120],
            cvss: Vec::new(),
            references: Vec::new(),
            locations: vec![Location::labelled(anchor(n), "sink")],
            is_trail: false,
            audience: Audience::Vendor,
            status: Status::Open,
            history: Vec::new(),
        },
    }
}

fn marked(n: usize) -> Event {
    let anchor = anchor(n);
    Event::Marked {
        blob: anchor.blob,
        path: anchor.path,
        span: anchor.extent.rows().expect("the anchors here have lines"),
        reviewed: true,
    }
}

fn writer(folder: &Path) -> Ledger {
    match Ledger::open(folder, "alice")
        .expect("the ledger can be opened")
        .access
    {
        Access::Writer(ledger) => ledger,
        Access::ReadOnly { why } => panic!("{why}"),
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let entries = number("GLASSROOM_BENCH_ENTRIES", 200_000);
    let findings = number("GLASSROOM_BENCH_FINDINGS", 10_000);
    let memory = Path::new("/dev/shm");
    let scratch = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    let scratch = scratch.expect("a temporary folder can be made");
    let folder = scratch.path().join("ledger");
    let mut ledger = writer(&folder);
    for n in 0..entries {
        let event = if n % (entries / findings).max(1) == 0 {
            finding(n)
        } else {
            marked(n)
        };
        ledger.append(event, now()).expect("memory takes it");
    }
    drop(ledger);
    let bytes = std::fs::metadata(folder.join("alice.jsonl"))
        .expect("it is there")
        .len();
    println!(
        "{entries} entries, {findings} findings, {} MB\n",
        bytes >> 20
    );

    let mut table = Table::new(&["a long review", "ms"]);
    let begin = Instant::now();
    let opened = Ledger::open(&folder, "alice").expect("it can be opened");
    table.row(vec![
        "open: read, parse and check the chain".into(),
        ms(begin.elapsed()),
    ]);
    drop(opened);
    let all = read_all(&folder).expect("it can be read");
    let (_, all) = &all[0];
    let begin = Instant::now();
    let mut review = Review::fold(all);
    table.row(vec![
        "fold the entries (also: take one back)".into(),
        ms(begin.elapsed()),
    ]);

    let mut items = Items::default();
    let begin = Instant::now();
    items.refresh(&review, 1);
    table.row(vec!["list: first picture".into(), ms(begin.elapsed())]);
    let mut worst = Duration::ZERO;
    for key in sequence("m e a s u r e d Space r e c o r d Space 7 7").expect("these are keys") {
        items.filter.key(key);
        let begin = Instant::now();
        items.refresh(&review, 1);
        worst = worst.max(begin.elapsed());
    }
    table.row(vec![
        format!("list: a letter of a filter, worst ({} left)", items.count()),
        ms(worst),
    ]);

    let mut ledger = writer(&folder);
    let mut times = Vec::new();
    for n in 0..200 {
        let begin = Instant::now();
        let entry = ledger.append(marked(n), now()).expect("memory takes it");
        review.push(&entry);
        times.push(begin.elapsed());
    }
    table.row(vec![
        "an entry, the disk's sync left out, median".into(),
        ms(median(times)),
    ]);

    let disk = tempfile::tempdir().expect("a temporary folder can be made");
    let mut ledger = writer(&disk.path().join("ledger"));
    let mut times = Vec::new();
    for n in 0..200 {
        let begin = Instant::now();
        ledger.append(marked(n), now()).expect("the disk takes it");
        times.push(begin.elapsed());
    }
    table.row(vec![
        "an entry on this disk, median".into(),
        ms(median(times)),
    ]);
    let mut file = std::fs::File::create(disk.path().join("plain")).expect("it can be made");
    let mut times = Vec::new();
    for _ in 0..200 {
        let begin = Instant::now();
        file.write_all(&[b'x'; 300])
            .and_then(|()| file.sync_data())
            .expect("the disk takes it");
        times.push(begin.elapsed());
    }
    table.row(vec![
        "fdatasync of 300 bytes on this disk, median".into(),
        ms(median(times)),
    ]);
    table.print();
}
