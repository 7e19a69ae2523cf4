//! What the search engine costs without a screen: the index is built from the pack, then searched.
//!
//! `GLASSROOM_BENCH_SNAPSHOT` names the snapshot; without it the demo is measured. `GLASSROOM_BENCH_QUERIES`
//! names a file with one query a line. Everything written goes to a temporary folder.

#![allow(
    clippy::cast_precision_loss,
    reason = "figures for a person, of three digits"
)]

mod support;

use glassroom::config::{Environment, Home, Settings};
use glassroom::index::{Chunk, Index};
use glassroom::job::listing::Listing;
use glassroom::job::search::{self, Place};
use glassroom::job::{Ask, Cancel, Desk, Room, facts, indexing};
use glassroom::model::Encodings;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use support::{Peak, Table, anonymous, mb, ms};

/// A rare word, common ones, short ones, punctuation, regexes, either case, several words, a path, no hit.
const QUERIES: [&str; 14] = [
    "copy_from_user",
    "strcpy",
    "return",
    "if",
    "->",
    "0x",
    "/(mem|str)cpy\\s*\\(/",
    "/[a-z]+_lock_irqsave/",
    "/^#define\\s+[A-Z_]+\\s+0x/",
    "/password|passwd|secret/i",
    "f:\\.h$ spin_lock",
    "malloc -free",
    "TODO or FIXME",
    "no_such_word_is_anywhere",
];
/// Times each query is run; the median is told.
const ROUNDS: usize = 5;

fn main() {
    let scratch = tempfile::tempdir().expect("a temporary folder can be made");
    let desk = desk(scratch.path());
    let begin = Instant::now();
    let listing = Listing::of(&desk.snapshot, &|| false).expect("the snapshot can be listed");
    let listed = begin.elapsed();
    let begin = Instant::now();
    let corpus = listing.corpus();
    let prepared = begin.elapsed();
    build(&desk, &listing);

    let begin = Instant::now();
    let index = Index::open(&desk.review.index()).expect("the index can be opened");
    println!(
        "{} files listed in {} ms, made ready in {} ms, the index opened in {} ms\n",
        listing.files.len(),
        ms(listed),
        ms(prepared),
        ms(begin.elapsed())
    );
    let snapshot = Mutex::new(desk.snapshot.reopen().expect("it was open before"));
    let place = Place {
        listing: &listing,
        corpus: &corpus,
        index: &index,
        snapshot: &snapshot,
        encodings: &Encodings::new(),
        limit: desk.room.settings.blob_limit(),
        review: &search::no_review,
        symbols: &facts::no_symbols,
    };
    let mut table = Table::new(&["query", "first ms", "all ms", "worst ms", "lines", "files"]);
    for query in queries() {
        table.row(measure(&place, &query));
    }
    table.print();
    println!(
        "anonymous memory at the end {}",
        mb(anonymous(std::process::id()))
    );
}

fn queries() -> Vec<String> {
    match std::env::var_os("GLASSROOM_BENCH_QUERIES") {
        Some(file) => {
            let text = std::fs::read_to_string(file).expect("the file of queries can be read");
            text.lines().map(str::to_owned).collect()
        }
        None => QUERIES.map(str::to_owned).to_vec(),
    }
}

/// Opens the snapshot with a home that nobody else has.
fn desk(scratch: &std::path::Path) -> Desk {
    let room = Room {
        environment: Environment::default(),
        home: Home::at(&scratch.join("home")).expect("a plain folder"),
        settings: Settings::default(),
    };
    let ask = Ask {
        source: Some(support::snapshot(scratch)),
        ..Ask::default()
    };
    let begin = Instant::now();
    let desk = Desk::open(room, &ask).expect("the snapshot can be opened");
    println!(
        "{} {}, opened in {} ms",
        desk.snapshot.name(),
        desk.snapshot.commit(),
        ms(begin.elapsed())
    );
    desk
}

fn build(desk: &Desk, listing: &Listing) {
    let before = anonymous(std::process::id());
    let peak = Peak::watch(std::process::id());
    let begin = Instant::now();
    let folder = desk.review.index();
    let mut read = 0;
    let mut progress = |p: glassroom::index::Progress| read = p.blobs;
    let cancel = Cancel::never();
    let encodings = Encodings::new();
    let reader = desk.reader(&encodings);
    let indexed = indexing::run(&reader, listing, &folder, &cancel, &mut progress)
        .expect("the index can be built");
    let time = begin.elapsed();
    let built = indexed.built;
    let mut table = Table::new(&["index", ""]);
    let mut row = |what: &str, value: String| table.row(vec![what.to_owned(), value]);
    row("time", format!("{:.2} s", time.as_secs_f64()));
    row("contents", format!("{read}"));
    row("unreadable", format!("{}", built.unreadable.len()));
    row("text", mb(built.bytes / 1024));
    row("index and text store", mb(built.index_bytes / 1024));
    let share = built.index_bytes as f64 / built.bytes.max(1) as f64;
    row("the same, of the text", format!("{:.0} %", share * 100.0));
    row("anonymous memory before", mb(before));
    row("anonymous memory, most", mb(peak.end()));
    table.print();
}

/// Runs one query several times. The first run is not counted: it reads the store from disk.
fn measure(place: &Place<'_>, text: &str) -> Vec<String> {
    let query = match search::parse(text) {
        Ok(query) => query,
        Err(error) => return vec![text.to_owned(), error.chain()],
    };
    let mut times: Vec<Duration> = Vec::new();
    let mut firsts: Vec<Duration> = Vec::new();
    let mut counts = (0, 0);
    for round in 0..=ROUNDS {
        let begin = Instant::now();
        let mut first = None;
        let mut sink = |chunk: Chunk| {
            if !chunk.files.is_empty() {
                first.get_or_insert_with(|| begin.elapsed());
            }
        };
        let summary = search::run(place, &query, &Cancel::never(), &mut sink)
            .expect("the index can be searched");
        let time = begin.elapsed();
        counts = (summary.lines, summary.files);
        if round > 0 {
            times.push(time);
            firsts.push(first.unwrap_or(time));
        }
    }
    times.sort();
    firsts.sort();
    vec![
        text.to_owned(),
        ms(firsts[ROUNDS / 2]),
        ms(times[ROUNDS / 2]),
        ms(times[ROUNDS - 1]),
        counts.0.to_string(),
        counts.1.to_string(),
    ]
}
