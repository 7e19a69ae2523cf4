//! Searching for the screen: hits in growing lists while the search runs, within earlier hits if wanted.

use super::JobError;
use super::rank;
use super::refine::Found;
use super::search::{self, Otherwise, Place};
use super::worker::Cancel;
use crate::model::{FileHits, SearchSummary};
use crate::query::{Order, Query};
use std::time::{Duration, Instant};

/// Hit lines listed at most; all are counted.
const MOST_LISTED: usize = 500_000;
/// First time after which hits are shown while a search runs; doubled each time.
const FIRST_HITS: Duration = Duration::from_millis(60);
/// Time in which a further key makes a search not worth beginning.
const DEBOUNCE: Duration = Duration::from_millis(20);

/// Finds what the last of the queries finds within the hits of those before it. `emit` gets the list so far, and how
/// the search stands or ended. Returns how else a query that found nothing may have been meant.
pub(super) fn stream(
    place: &Place<'_>,
    texts: &[String],
    cancel: &Cancel,
    emit: &dyn Fn(Vec<FileHits>, SearchSummary),
) -> Result<Option<Otherwise>, JobError> {
    if cancel.waits(DEBOUNCE) {
        return Ok(None);
    }
    let mut queries = Vec::new();
    for text in texts {
        queries.push(search::parse(text)?);
    }
    let Some(query) = queries.pop() else {
        return Ok(None);
    };
    let within = search_within(place, &queries, cancel)?;
    let is_ranked = query.order == Some(Order::Rank);
    let show = |files: &[FileHits]| {
        let mut files = files.to_vec();
        if is_ranked {
            rank::sort(&mut files);
        }
        match query.count {
            Some(count) => search::first(&files, count),
            None => files,
        }
    };
    let begin = Instant::now();
    let mut wait = FIRST_HITS;
    let mut files: Vec<FileHits> = Vec::new();
    let (mut counted, mut listed) = (Counted::default(), 0);
    let mut sink = |chunk: crate::index::Chunk| {
        let refined = chunk.files.into_iter().filter_map(|hits| match &within {
            Some(within) => within.refine(&query, hits),
            None => Some(hits),
        });
        for mut file in refined {
            counted.add(&file);
            file.lines.truncate(MOST_LISTED.saturating_sub(listed));
            listed += file.lines.len();
            if !file.lines.is_empty() || (file.name_matches && files.len() < MOST_LISTED) {
                files.push(file);
            }
        }
        if begin.elapsed() >= wait {
            wait *= 2;
            let summary = counted.summary(&query.to_string(), begin);
            emit(show(&files), summary);
        }
    };
    let mut summary = search::run(place, &query, cancel, &mut sink)?;
    if within.is_some() {
        (summary.lines, summary.files, summary.file_names) =
            (counted.lines, counted.files, counted.file_names);
    }
    if cancel.is_cancelled() {
        return Ok(None);
    }
    let is_empty = summary.lines + summary.file_names == 0;
    emit(show(&files), summary);
    if is_empty && within.is_none() {
        return search::as_regex(place, &query, cancel);
    }
    Ok(None)
}

/// Finds what is to be searched in.
fn search_within(
    place: &Place<'_>,
    queries: &[Query],
    cancel: &Cancel,
) -> Result<Option<Found>, JobError> {
    let mut found: Option<Found> = None;
    for query in queries {
        let mut next = Found::of(query);
        let mut sink = |chunk: crate::index::Chunk| {
            for hits in chunk.files {
                match &found {
                    Some(found) => next.extend(found.refine(query, hits)),
                    None => next.extend(Some(hits)),
                }
            }
        };
        search::run(place, query, cancel, &mut sink)?;
        found = Some(next);
    }
    Ok(found)
}
/// What was counted so far, listed or not.
#[derive(Default)]
struct Counted {
    lines: u64,
    files: u64,
    file_names: u64,
}

impl Counted {
    fn add(&mut self, file: &FileHits) {
        self.lines += file.lines.len() as u64;
        self.files += u64::from(!file.lines.is_empty());
        self.file_names += u64::from(file.name_matches);
    }

    fn summary(&self, parsed: &str, begin: Instant) -> SearchSummary {
        SearchSummary {
            lines: self.lines,
            files: self.files,
            file_names: self.file_names,
            not_searched: 0,
            searched_as_bytes: 0,
            complete: false,
            parsed: parsed.to_owned(),
            elapsed_ms: begin.elapsed().as_millis() as u64,
        }
    }
}
