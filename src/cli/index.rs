//! `glassroom index`: builds or updates the index of a snapshot's review, and finds the symbols in it.

use super::output::{Out, remark};
use super::target::{self, Source};
use super::{Answer, Failure, Who, room};
use crate::job::listing::Listing;
use crate::job::{Desk, symbols};
use clap::Args;
use serde::Serialize;
use std::time::Instant;

#[derive(Args)]
pub(super) struct Index {
    #[command(flatten)]
    source: Source,
    /// Builds the text index alone; symbols are then looked up in the texts when they are asked for.
    #[arg(long)]
    text_only: bool,
}

#[derive(Serialize)]
struct Record {
    files: u64,
    bytes: u64,
    new_blobs: u64,
    elapsed_ms: u64,
    index_bytes: u64,
    symbols: Option<Symbols>,
}

#[derive(Serialize)]
struct Symbols {
    exact: u64,
    approximate: u64,
    not_parsed: u64,
    failed: u64,
    elapsed_ms: u64,
}

/// Files that are named for not being parsed; all are counted.
const NAMED: usize = 20;

/// Reports which files are too costly to be parsed: they are searched as text, and their symbols found by a pattern.
fn report_not_parsed(listing: &Listing, desk: &Desk) -> Result<(), Failure> {
    let files = symbols::not_parsed(listing, &desk.review.index())?;
    for (file, how) in files.iter().take(NAMED) {
        remark(&format!("{}: {}", file.path, how.words()));
    }
    if files.len() > NAMED {
        remark(&format!(
            "and {} more files that are not parsed",
            files.len() - NAMED
        ));
    }
    Ok(())
}

pub(super) fn run(verb: &Index, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let begin = Instant::now();
    let desk = Desk::open(room()?, &verb.source.ask(who))?;
    let listing = target::listing(&desk)?;
    let encodings = desk.encodings()?;
    let indexed = target::index(&desk.reader(&encodings), &listing, &desk.review)?;
    let elapsed_ms = begin.elapsed().as_millis() as u64;
    let symbols = if verb.text_only {
        None
    } else {
        let begin = Instant::now();
        let counts = target::find_symbols(&desk.reader(&encodings), &listing, &desk.review)?;
        Some(Symbols {
            exact: counts.exact,
            approximate: counts.approximate,
            not_parsed: counts.not_parsed,
            failed: counts.failed,
            elapsed_ms: begin.elapsed().as_millis() as u64,
        })
    };
    let index = target::open_index(&desk, &encodings)?;
    desk.notices.iter().for_each(|notice| remark(notice));
    let mut record = Record {
        files: 0,
        bytes: 0,
        new_blobs: indexed.built.new_blobs,
        elapsed_ms,
        index_bytes: index.bytes(),
        symbols,
    };
    for file in listing.files.iter().filter(|f| f.kind.is_file()) {
        record.files += 1;
        let size = index.meta(&file.blob).map(|m| m.size);
        let size = size.or_else(|| indexed.unreadable.get(&file.blob).map(|(_, size)| *size));
        record.bytes += size.unwrap_or(0);
    }
    if indexed.built.is_rebuilt {
        remark("the index was damaged or of another version and was built anew");
    }
    let missed = listing
        .not_searched(&index, &indexed.unreadable)
        .iter()
        .filter(|n| n.reason != crate::model::Reason::LfsPointer)
        .count();
    if missed > 0 {
        remark(&format!(
            "{missed} entries are not searched; glassroom info lists them with the reasons"
        ));
    }
    if record.symbols.as_ref().is_some_and(|s| s.not_parsed > 0) {
        report_not_parsed(&listing, &desk)?;
    }
    if out.json {
        out.record(&record);
    } else {
        out.line(&format!(
            "{} files, {} bytes; {} contents new in {} ms; the index has {} bytes",
            record.files, record.bytes, record.new_blobs, record.elapsed_ms, record.index_bytes
        ));
        if let Some(symbols) = &record.symbols {
            out.line(&format!(
                "symbols: {} contents exact, {} approximate ({} not parsed), {} not read, in {} ms",
                symbols.exact,
                symbols.approximate,
                symbols.not_parsed,
                symbols.failed,
                symbols.elapsed_ms
            ));
        }
    }
    Ok(Answer::Yes)
}
