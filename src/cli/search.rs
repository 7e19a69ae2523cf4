//! `glassroom search`: every line that matches, by path and line.
//!
//! Hits are written as they come. Nothing is recorded, and neither the review nor its index is made or changed.

use super::output::{Out, remark};
use super::target::{Opened, Source, Traces};
use super::{Answer, Failure, Who};
use crate::index::{Chunk, Index};
use crate::job::listing::Listing;
use crate::job::search::{self, Place};
use crate::job::{Cancel, read};
use crate::model::{FileHits, SearchSummary, TreeFile};
use crate::snapshot::Snapshot;
use crate::text::{Content, LineIndex, decode};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::sync::{Mutex, PoisonError};

/// Characters of a line that are shown.
const MOST_SHOWN: usize = 400;

#[derive(Args)]
pub(super) struct Search {
    #[command(flatten)]
    source: Source,
    /// What to look for, as on screen.
    #[arg(allow_hyphen_values = true)]
    query: String,
    /// The order of the hits.
    #[arg(long, value_enum, default_value_t = Order::Path)]
    order: Order,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Order {
    Path,
    Rank,
}

#[derive(Serialize)]
struct Summary<'a> {
    summary: Counts<'a>,
}

#[derive(Serialize)]
struct Counts<'a> {
    lines: u64,
    files: u64,
    file_names: u64,
    not_searched: u64,
    complete: bool,
    parsed: &'a str,
    elapsed_ms: u64,
}

pub(super) fn run(verb: &Search, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    if verb.order == Order::Rank {
        return Err(Failure::usage(
            "the order by rank is not there yet",
            "leave out --order: hits come by path and line",
        ));
    }
    let query = search::parse(&verb.query)?;
    let Opened {
        snapshot,
        index,
        scratch: _scratch,
        ..
    } = Opened::new(&verb.source, who, Traces::Kept)?;
    let listing = Listing::of(&snapshot, &|| false)?;
    let corpus = listing.corpus();
    let snapshot = Mutex::new(snapshot);
    let place = Place {
        listing: &listing,
        corpus: &corpus,
        index: &index,
        snapshot: &snapshot,
    };
    let cancel = Cancel::never();
    let mut unlisted = 0;
    let mut sink = |chunk: Chunk| {
        unlisted += chunk.unlisted;
        for hits in &chunk.files {
            let file = &listing.files[hits.file as usize];
            if out.json {
                json(out, file, hits);
            } else if out.is_person() {
                person(out, file, hits, &text(&place, file, hits));
            } else {
                plain(out, file, hits);
            }
        }
        if !out.breathe() {
            cancel.raise();
        }
    };
    let summary = search::run(&place, &query, &cancel, &mut sink)?;
    out.flush();
    if unlisted > 0 {
        remark(&format!("{unlisted} hit lines are counted but not listed"));
    }
    end(out, &summary);
    Ok(Answer::of(summary.lines + summary.file_names > 0))
}

fn end(out: &mut Out, summary: &SearchSummary) {
    if out.json {
        out.record(&Summary {
            summary: Counts {
                lines: summary.lines,
                files: summary.files,
                file_names: summary.file_names,
                not_searched: summary.not_searched,
                complete: summary.complete,
                parsed: &summary.parsed,
                elapsed_ms: summary.elapsed_ms,
            },
        });
    } else {
        remark(&format!(
            "{} lines in {} files, {} file names, {} not searched, {} ms: {}",
            summary.lines,
            summary.files,
            summary.file_names,
            summary.not_searched,
            summary.elapsed_ms,
            summary.parsed
        ));
    }
}

/// Writes records; the path is encoded once a file.
fn json(out: &mut Out, file: &TreeFile, hits: &FileHits) {
    let Ok(path) = serde_json::to_string(&file.path) else {
        return;
    };
    out.try_write(|to| {
        if hits.name_matches {
            writeln!(to, "{{\"path\":{path},\"file_name\":true}}")?;
        }
        for hit in &hits.lines {
            let (line, column) = (hit.line, hit.column);
            let (end_line, end_column) = (hit.end_line, hit.end_column);
            if hits.binary {
                writeln!(
                    to,
                    "{{\"path\":{path},\"offset\":{line},\"length\":{end_column},\"binary\":true}}"
                )?;
            } else {
                writeln!(
                    to,
                    "{{\"path\":{path},\"line\":{line},\"column\":{column},\"end_line\":{end_line},\
                     \"end_column\":{end_column}}}"
                )?;
            }
        }
        Ok(())
    });
}

/// Writes places only: the reader is a program or a file.
fn plain(out: &mut Out, file: &TreeFile, hits: &FileHits) {
    // The text form of a path holds nothing that does not show.
    let path = file.path.to_string();
    out.try_write(|to| {
        if hits.name_matches {
            writeln!(to, "{path}")?;
        }
        for hit in &hits.lines {
            if hits.binary {
                writeln!(to, "{path}: byte {}, length {}", hit.line, hit.end_column)?;
            } else {
                writeln!(to, "{path}:{}:{}", hit.line, hit.column)?;
            }
        }
        Ok(())
    });
}

/// Writes places and the lines that stand there.
fn person(out: &mut Out, file: &TreeFile, hits: &FileHits, text: &str) {
    if hits.binary || hits.lines.is_empty() {
        return plain(out, file, hits);
    }
    if hits.name_matches {
        out.line(&file.path.to_string());
    }
    let index = LineIndex::new(text.as_bytes());
    for hit in &hits.lines {
        let line = index.slice(text, hit.line.min(u64::from(u32::MAX)) as u32);
        let end = line
            .char_indices()
            .nth(MOST_SHOWN)
            .map_or(line.len(), |(at, _)| at);
        let line = out.printer().line(&line[..end]);
        out.line(&format!(
            "{}:{}:{}: {line}",
            file.path, hit.line, hit.column
        ));
    }
}

fn text(place: &Place<'_>, file: &TreeFile, hits: &FileHits) -> String {
    if hits.binary || hits.lines.is_empty() {
        return String::new();
    }
    let index: &Index = place.index;
    let stored = index.text(&file.blob);
    if let Some(text) = stored.and_then(|s| String::from_utf8(s.bytes).ok()) {
        return text;
    }
    let snapshot: &Mutex<Snapshot> = place.snapshot;
    let snapshot = snapshot.lock().unwrap_or_else(PoisonError::into_inner);
    match snapshot.read(&file.blob, read::LIMIT).map(decode) {
        Ok(Content::Text { text, .. }) => text,
        _ => String::new(),
    }
}
