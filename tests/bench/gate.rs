//! What the gate costs: 200 findings judged against every text of a snapshot.
//!
//! `GLASSROOM_BENCH_SNAPSHOT` names the snapshot; without it the demo is measured. `GLASSROOM_BENCH_HOME` names a
//! data folder that is kept, so that the next run finds the index there; without it everything goes to a temporary
//! folder.

#![allow(
    clippy::cast_precision_loss,
    reason = "figures for a person, of three digits"
)]

#[allow(dead_code, reason = "the other benches use the rest")]
mod support;

use glassroom::config::{Environment, Home, Settings};
use glassroom::gate::{self, Corpus, Passage, Question, Watch};
use glassroom::index::{Index, IndexError, TextRoom};
use glassroom::job::listing::Listing;
use glassroom::job::{Ask, Cancel, Desk, Room, indexing};
use glassroom::model::{BlobId, DeliveredText, Encodings, Policy, RepoPath, Typed};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use support::{Peak, Table, anonymous, mb};

/// Paragraphs as reviewers write them, one a line.
const PARAGRAPHS: &str = include_str!("../data/paragraphs.txt");
/// Findings that are judged.
const FINDINGS: usize = 200;
/// Lines of the snapshot that some of them quote, so that there is something to find.
const QUOTED: usize = 20;

struct Texts<'a> {
    index: &'a Index,
    files: Vec<(&'a RepoPath, BlobId)>,
    next: AtomicUsize,
    room: TextRoom,
}

impl Corpus for Texts<'_> {
    type Error = IndexError;

    fn visit(&self, see: &mut dyn FnMut(Passage<'_>) -> ControlFlow<()>) -> Result<(), IndexError> {
        let mut buffer = Vec::new();
        while let Some((path, blob)) = self.files.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let origin = DeliveredText::File((*path).clone());
            let shown = self
                .index
                .with_text(blob, (&self.room, &mut buffer), |text| {
                    see(Passage {
                        origin: &origin,
                        first_line: 1,
                        text,
                    })
                });
            if shown.expect("the store is whole").is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn main() {
    let scratch = tempfile::tempdir().expect("a temporary folder can be made");
    let home = std::env::var_os("GLASSROOM_BENCH_HOME");
    let home = home.map_or_else(|| scratch.path().join("home"), PathBuf::from);
    let room = Room {
        environment: Environment::default(),
        home: Home::at(&home).expect("a plain folder"),
        settings: Settings::default(),
    };
    let ask = Ask {
        source: Some(support::snapshot(scratch.path())),
        ..Ask::default()
    };
    let desk = Desk::open(room, &ask).expect("the snapshot can be opened");
    let listing = Listing::of(&desk.snapshot, &|| false).expect("the snapshot can be listed");
    let folder = desk.review.index();
    let cancel = Cancel::never();
    let encodings = Encodings::new();
    indexing::run(
        &desk.reader(&encodings),
        &listing,
        &folder,
        &cancel,
        &mut |_| {},
    )
    .expect("the index can be built");
    let index = Index::open(&folder).expect("the index can be opened");
    let mut files: Vec<_> = listing
        .files
        .iter()
        .filter(|f| f.kind.is_file() && index.text(&f.blob).is_some())
        .map(|f| (&f.path, f.blob))
        .collect();
    files.sort_by_key(|(_, blob)| index.position(blob));
    files.dedup_by_key(|(_, blob)| *blob);
    let texts = || Texts {
        index: &index,
        files: files.clone(),
        next: AtomicUsize::new(0),
        room: TextRoom::default(),
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);

    let mut table = Table::new(&["", "s", "MB/s", "MB/s a thread", "anonymous memory"]);
    let mut bytes = 0_u64;
    let mut row = |what: &str, time: Duration, bytes: u64, memory: u64, threads: usize| {
        let rate = bytes as f64 / 1e6 / time.as_secs_f64();
        table.row(vec![
            what.to_owned(),
            format!("{:.2}", time.as_secs_f64()),
            format!("{rate:.0}"),
            format!("{:.0}", rate / threads as f64),
            mb(memory),
        ]);
    };
    let begin = Instant::now();
    let read = texts().visit(&mut |Passage { text, .. }| {
        bytes += text.len() as u64;
        ControlFlow::Continue(())
    });
    read.expect("the store is whole");
    row(
        "reading the store, one thread",
        begin.elapsed(),
        bytes,
        0,
        1,
    );
    let quoted = quoted(&index, &files);
    for (what, findings) in [("an empty bundle", 0), ("200 findings", FINDINGS)] {
        let typed = typed(findings, &quoted);
        let before = anonymous(std::process::id());
        let peak = Peak::watch(std::process::id());
        let begin = Instant::now();
        let mut seen = 0;
        let watch = Watch {
            is_cancelled: &|| false,
            progress: &mut |done| seen += done,
        };
        let question = Question {
            typed: &typed,
            policy: &Policy::default(),
            reason: "",
            is_known: &|_| false,
        };
        let verdict = gate::judge(&question, &texts(), watch).expect("every text can be read");
        let time = begin.elapsed();
        let memory = peak.end().saturating_sub(before);
        assert_eq!(seen, bytes, "every text was seen");
        row(what, time, bytes, memory, threads);
        println!(
            "{what}: {} bytes typed, {} overlaps, {} identifiers",
            typed.iter().map(|t| t.text.len()).sum::<usize>(),
            verdict.overlaps.len(),
            verdict.budgets[1].used
        );
    }
    println!(
        "{} texts, {} MB, {threads} threads\n",
        files.len(),
        bytes / 1_000_000
    );
    table.print();
}

/// Takes long lines out of the snapshot, evenly.
fn quoted(index: &Index, files: &[(&RepoPath, BlobId)]) -> Vec<String> {
    let step = (files.len() / QUOTED).max(1);
    let line = |(_, blob): &(&RepoPath, BlobId)| {
        let text = index.text(blob)?;
        let text = String::from_utf8_lossy(&text.bytes).into_owned();
        let line = text.lines().find(|l| l.trim().len() > 50)?;
        Some(line.trim().to_owned())
    };
    files.iter().step_by(step).filter_map(line).collect()
}

/// The typed texts of a bundle: each finding in the four files that hold it.
fn typed(findings: usize, quoted: &[String]) -> Vec<Typed> {
    let mut typed = Vec::new();
    for file in [
        "findings.json",
        "findings.sarif",
        "ledger-alice.jsonl",
        "report.md",
    ] {
        for (i, text) in PARAGRAPHS.lines().take(findings).enumerate() {
            let quote = quoted.get(i / 10).filter(|_| i % 10 == 0);
            let text = format!("{text} {}", quote.map_or("", String::as_str));
            // As it is recorded.
            let text = text.trim_end().to_owned();
            let title = text.split(". ").next().unwrap_or("").to_owned();
            for (kind, text) in [("title", title), ("statement", text)] {
                typed.push(Typed {
                    file: file.to_owned(),
                    line: i as u64 + 1,
                    text,
                    what: format!("alice/F{} {kind}", i + 1),
                });
            }
        }
    }
    typed
}
