//! `glassroom search`: every line that matches, by path and line or by rank.
//!
//! Hits by path are written as they come, hits by rank when all are there. Nothing is recorded. If the snapshot has a review, what the next search would find out
//! again before it begins is kept in its index.

use super::output::{Out, remark};
use super::target::{self, Opened, Source};
use super::{Answer, Failure, Who};
use crate::index::{Chunk, Index};
use crate::job::read::Reader;
use crate::job::search::{self, Place};
use crate::job::symbols::{Finder, Sources};
use crate::job::{Cancel, rank};
use crate::model::{BlobId, FileHits, NamedPath, RepoPath, SearchSummary, TreeFile};
use crate::query::{self, Query};
use crate::snapshot::Snapshot;
use crate::text::{Content, LineIndex};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::fmt::Write as _;
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
    /// The order of the hits; without it what the query says, else by path.
    #[arg(long, value_enum)]
    order: Option<Order>,
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
    searched_as_bytes: u64,
    complete: bool,
    parsed: &'a str,
    elapsed_ms: u64,
}

/// Hit lines that are put into the order of rank at most; all are counted.
const MOST_RANKED: u64 = 4 << 20;

pub(super) fn run(verb: &Search, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let mut query = search::parse(&verb.query)?;
    query.order = match verb.order {
        Some(Order::Path) => Some(query::Order::Path),
        Some(Order::Rank) => Some(query::Order::Rank),
        None => query.order,
    };
    let (opened, listing) = Opened::with_files(&verb.source, who)?;
    let Opened {
        snapshot,
        index,
        encodings,
        limit,
        review,
        room,
        symbols,
    } = opened;
    let folder = review;
    let review = match folder.as_ref().filter(|_| query.needs_review()) {
        Some(folder) => {
            let reviewer = room.reviewer(who.reviewer.as_deref())?;
            Some(target::state(folder, &reviewer)?)
        }
        None => None,
    };
    let corpus = listing.corpus();
    let snapshot = Mutex::new(snapshot);
    let cancel = Cancel::never();
    let finder = Finder::new(&symbols, &encodings, &cancel);
    let place = Place {
        listing: &listing,
        corpus: &corpus,
        index: &index,
        snapshot: &snapshot,
        encodings: &encodings,
        limit,
        review: &|| Ok(review.clone()),
        symbols: &|file, text| finder.find(file, text),
    };
    let (summary, unlisted) = if query.order == Some(query::Order::Rank) {
        by_rank(&place, &query, out)?
    } else {
        by_path(&place, &query, out)?
    };
    out.flush();
    if unlisted > 0 {
        remark(&format!("{unlisted} hit lines are counted but not listed"));
    }
    end(out, &summary);
    let has_hits = summary.lines + summary.file_names > 0;
    if !has_hits {
        say_regex(&place, &query)?;
    }
    if let Some(folder) = folder {
        let sources = Sources {
            listing: &listing,
            index: &index,
            snapshot: &snapshot,
            encodings: &encodings,
            limit,
            store: &symbols,
        };
        target::keep_listing(&listing, &corpus, &index, &folder);
        target::heal_sources(&sources, &folder);
    }
    Ok(Answer::of(has_hits))
}

/// Writes hits as they come. Returns also how many were counted and neither listed nor left out as asked for.
fn by_path(
    place: &Place<'_>,
    query: &Query,
    out: &mut Out,
) -> Result<(SearchSummary, u64), Failure> {
    let cancel = Cancel::never();
    let mut unlisted = 0;
    let mut left = query.count;
    let mut sink = |chunk: Chunk| {
        unlisted += chunk.unlisted;
        match &mut left {
            None => chunk.files.iter().for_each(|hits| write(out, place, hits)),
            Some(left) => {
                for hits in search::first(&chunk.files, *left) {
                    *left -= hits.lines.len() as u64 + u64::from(hits.name_matches);
                    write(out, place, &hits);
                }
            }
        }
        if !out.breathe() {
            cancel.raise();
        }
    };
    let summary = search::run(place, query, &cancel, &mut sink)?;
    Ok((summary, if left.is_some() { 0 } else { unlisted }))
}

/// Writes hits when all are there.
fn by_rank(
    place: &Place<'_>,
    query: &Query,
    out: &mut Out,
) -> Result<(SearchSummary, u64), Failure> {
    let most = query.count.unwrap_or(MOST_RANKED).min(MOST_RANKED);
    let (mut files, mut lines, mut unlisted) = (Vec::new(), 0, 0);
    let count = |files: &[FileHits]| {
        files
            .iter()
            .map(|hits| hits.lines.len() as u64)
            .sum::<u64>()
    };
    let mut sink = |chunk: Chunk| {
        unlisted += chunk.unlisted;
        lines += count(&chunk.files);
        files.extend(chunk.files);
        if lines > 2 * MOST_RANKED {
            rank::sort(&mut files);
            files = search::first(&files, most);
            unlisted += lines;
            lines = count(&files);
            unlisted -= lines;
        }
    };
    let summary = search::run(place, query, &Cancel::never(), &mut sink)?;
    rank::sort(&mut files);
    for hits in search::first(&files, most) {
        write(out, place, &hits);
        if !out.breathe() {
            break;
        }
    }
    unlisted += lines.saturating_sub(most);
    Ok((summary, if query.count.is_some() { 0 } else { unlisted }))
}

fn write(out: &mut Out, place: &Place<'_>, hits: &FileHits) {
    let Some(file) = place.listing.files.file(hits.file) else {
        return;
    };
    let file = &file;
    let name = place.listing.name_of(hits.file);
    if !out.json && file.path.decoded().is_some() {
        remark(&file.path.label());
    }
    if out.json {
        let twin = name.blob.is_some().then_some(file.blob);
        json(out, (&file.path, twin), hits);
    } else if out.is_person() {
        person(out, &name, hits, &text(place, file, hits));
    } else {
        plain(out, &name, hits);
    }
}

/// Says what a query that found nothing finds as a regex, if it looks like one.
fn say_regex(place: &Place<'_>, query: &Query) -> Result<(), Failure> {
    if let Some(found) = search::as_regex(place, query, &Cancel::never())? {
        let (lines, names) = (found.summary.lines, found.summary.file_names);
        let text = found.query.to_query_text();
        remark(&format!(
            "0 as text, {lines} lines and {names} file names as a regex: {text}"
        ));
    }
    Ok(())
}

fn end(out: &mut Out, summary: &SearchSummary) {
    if out.json {
        out.record(&Summary {
            summary: Counts {
                lines: summary.lines,
                files: summary.files,
                file_names: summary.file_names,
                not_searched: summary.not_searched,
                searched_as_bytes: summary.searched_as_bytes,
                complete: summary.complete,
                parsed: &summary.parsed,
                elapsed_ms: summary.elapsed_ms,
            },
        });
    } else {
        let as_bytes = match summary.searched_as_bytes {
            0 => String::new(),
            count => format!(", {count} searched as bytes only"),
        };
        remark(&format!(
            "{} lines in {} files, {} file names, {} not searched{as_bytes}, {} ms: {}",
            summary.lines,
            summary.files,
            summary.file_names,
            summary.not_searched,
            summary.elapsed_ms,
            summary.parsed
        ));
    }
}

/// Writes a line of JSON for each hit; `twin` is the blob of a file that is not the only one of its path.
fn json(out: &mut Out, (named, twin): (&RepoPath, Option<BlobId>), hits: &FileHits) {
    // Encoded once a file.
    let Ok(mut path) = serde_json::to_string(named) else {
        return;
    };
    if let Some(read) = named.decoded()
        && let (Ok(decoded), Ok(names)) = (
            serde_json::to_string(&crate::text::printable(&read.text)),
            serde_json::to_string(&read.names()),
        )
    {
        let _ = write!(path, ",\"path_text\":{decoded},\"path_encoding\":{names}");
    }
    if let Some(blob) = twin {
        let _ = write!(path, ",\"blob\":\"{blob}\"");
    }
    let mut row = Row::default();
    if hits.name_matches {
        row.add(&["{\"path\":", &path, ",\"file_name\":true}\n"]);
    }
    for hit in &hits.lines {
        if hits.binary {
            row.add(&["{\"path\":", &path, ",\"offset\":"])
                .number(hit.line);
            row.add(&[",\"length\":"]).number(hit.end_column);
            row.add(&[",\"binary\":true}\n"]);
        } else {
            row.add(&["{\"path\":", &path, ",\"line\":"])
                .number(hit.line);
            row.add(&[",\"column\":"]).number(hit.column);
            row.add(&[",\"end_line\":"]).number(hit.end_line);
            row.add(&[",\"end_column\":"]).number(hit.end_column);
            row.add(&["}\n"]);
        }
        row.pour(out);
    }
    row.pour(out);
}

/// Writes places only: the reader is a program or a file.
fn plain(out: &mut Out, name: &NamedPath, hits: &FileHits) {
    // The text form of a path holds nothing that does not show.
    let path = name.to_string();
    let mut row = Row::default();
    if hits.name_matches {
        row.add(&[&path, "\n"]);
    }
    for hit in &hits.lines {
        if hits.binary {
            row.add(&[&path, ": byte "]).number(hit.line);
            row.add(&[", length "]).number(hit.end_column);
        } else {
            row.add(&[&path, ":"]).number(hit.line);
            row.add(&[":"]).number(hit.column);
        }
        row.add(&["\n"]).pour(out);
    }
    row.pour(out);
}

/// Text on its way out: a search may list millions of lines, of which formatting is a large part of the work.
#[derive(Default)]
struct Row(Vec<u8>);

impl Row {
    fn add(&mut self, parts: &[&str]) -> &mut Self {
        for part in parts {
            self.0.extend_from_slice(part.as_bytes());
        }
        self
    }

    fn number(&mut self, number: impl Into<u64>) {
        let (mut number, mut digits, mut at) = (number.into(), [0; 20], 20);
        loop {
            at -= 1;
            digits[at] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.0.extend_from_slice(&digits[at..]);
    }

    /// Writes what has gathered.
    fn pour(&mut self, out: &mut Out) {
        out.try_write(|to| to.write_all(&self.0));
        self.0.clear();
    }
}

/// Writes places and the lines that stand there.
fn person(out: &mut Out, name: &NamedPath, hits: &FileHits, text: &str) {
    if hits.binary || hits.lines.is_empty() {
        return plain(out, name, hits);
    }
    if hits.name_matches {
        out.line(&name.to_string());
    }
    let index = LineIndex::new(text.as_bytes());
    for hit in &hits.lines {
        let line = index.slice(text, hit.line.min(u64::from(u32::MAX)) as u32);
        let end = line
            .char_indices()
            .nth(MOST_SHOWN)
            .map_or(line.len(), |(at, _)| at);
        let line = out.printer().line(&line[..end]);
        out.line(&format!("{name}:{}:{}: {line}", hit.line, hit.column));
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
    let reader = Reader {
        snapshot: &snapshot,
        encodings: place.encodings,
        limit: place.limit,
    };
    match reader.content(&file.blob) {
        Ok(Content::Text(read)) => read.text,
        _ => String::new(),
    }
}
