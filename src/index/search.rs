//! Searching a snapshot.
//!
//! Work is cut into blocks of contents in the order of their first files; threads take block after block, the
//! calling thread puts results in order and hands them on as soon as nothing can come before them.

use super::IndexError;
use super::content::{self, TextKind};
use super::corpus::Corpus;
use super::evaluate::{Found, Scan, SearchedForms};
use super::lines::Content;
use super::open::{Index, Ready};
use super::plan::{Foresight, Look, Plan, Truth};
use super::store::Damaged;
use super::stored_units::StoredUnits;
use crate::model::{BlobId, FileHits, SearchSummary};
use crate::query::{self, Facts, Query};
use crate::text::LineEnds;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

/// Contents of a block.
const BLOCK: usize = 128;
/// A buffer that has grown larger is given back.
const BUFFER: usize = 32 << 20;

/// Some of the results, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Files with hits, in the order of the corpus.
    pub files: Vec<FileHits>,
    /// Hit lines that were counted but are not listed: a single file had over a million.
    pub unlisted: u64,
    /// Contents looked at so far.
    pub done: u64,
    /// Contents to look at.
    pub total: u64,
}

/// Where to search.
pub struct Search<'a> {
    /// What is indexed.
    pub index: &'a Index,
    /// The files.
    pub files: &'a Corpus,
    /// What only the rest of the program knows of them.
    pub facts: &'a dyn Facts,
    /// Reads a blob that is not indexed; nothing if it cannot be read.
    pub unindexed: &'a (dyn Fn(&BlobId) -> Option<Vec<u8>> + Sync),
}

#[derive(Default)]
struct Block {
    found: Vec<Found>,
    not_searched: u64,
    searched_as_bytes: u64,
}

impl Search<'_> {
    /// Finds everything. Chunks come in the order of the corpus; `not_searched` counts its files whose content is
    /// too large, an LFS pointer, or was needed and could not be read.
    pub fn run(
        &self,
        query: &Query,
        sink: &mut dyn FnMut(Chunk),
        is_cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Result<SearchSummary, IndexError> {
        let begin = Instant::now();
        let ready = self.index.ready();
        let plan = Plan::new(query, self.files, self.facts, ready.map(|r| &r.reader));
        if ready.is_some_and(|ready| ready.reader.is_damaged()) {
            self.index.note_damage();
        }
        let stored = self.files.stored(self.index);
        let units = self.files.table().units();
        let blocks = (units as usize).div_ceil(BLOCK);
        let mut summary = SearchSummary {
            lines: 0,
            files: 0,
            file_names: 0,
            not_searched: 0,
            searched_as_bytes: 0,
            complete: false,
            parsed: query.to_string(),
            elapsed_ms: 0,
        };
        let next = AtomicUsize::new(0);
        let threads = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(4)
            .min(blocks.max(1));
        let (sender, receiver) = mpsc::sync_channel(64);
        let done = std::thread::scope(|scope| {
            for _ in 0..threads {
                let (sender, next, stored, plan) =
                    (sender.clone(), &next, stored.as_deref(), &plan);
                scope.spawn(move || {
                    // A regex's scratch memory belongs to one thread.
                    let plan = plan.for_thread();
                    let mut worker = Worker {
                        search: self,
                        ready,
                        stored,
                        plan: &plan,
                        buffer: Vec::new(),
                        is_cancelled,
                    };
                    loop {
                        let block = next.fetch_add(1, Ordering::Relaxed);
                        if block >= blocks || is_cancelled() {
                            return;
                        }
                        let from = (block * BLOCK) as u32;
                        let found = worker.block(from..units.min(from + BLOCK as u32));
                        if sender.send((block, found)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            self.collect(&receiver, &mut summary, sink)
        });
        summary.complete = done == blocks && !is_cancelled();
        summary.elapsed_ms = begin.elapsed().as_millis() as u64;
        Ok(summary)
    }

    /// Puts blocks in order; returns how many there were.
    fn collect(
        &self,
        receiver: &mpsc::Receiver<(usize, Block)>,
        summary: &mut SearchSummary,
        sink: &mut dyn FnMut(Chunk),
    ) -> usize {
        let table = self.files.table();
        let units = table.units() as usize;
        let total = units as u64;
        let mut early = BTreeMap::new();
        let mut waiting: BTreeMap<u32, Found> = BTreeMap::new();
        let mut done = 0;
        for (number, block) in receiver {
            early.insert(number, block);
            while let Some(block) = early.remove(&done) {
                done += 1;
                summary.not_searched += block.not_searched;
                summary.searched_as_bytes += block.searched_as_bytes;
                waiting.extend(block.found.into_iter().map(|f| (f.hits.file, f)));
                // The next content's first file: no later content has an earlier one.
                let mut next = table.members((done * BLOCK) as u32);
                let frontier = next.next().unwrap_or(u32::MAX);
                let later = waiting.split_off(&frontier);
                let now = std::mem::replace(&mut waiting, later);
                let is_last = done * BLOCK >= units;
                if now.is_empty() && !is_last && done % 64 != 0 {
                    continue;
                }
                let mut chunk = Chunk {
                    done: (done * BLOCK) as u64,
                    total,
                    ..Chunk::default()
                };
                chunk.done = chunk.done.min(total);
                for found in now.into_values() {
                    summary.lines += found.lines;
                    summary.files += u64::from(found.lines > 0);
                    summary.file_names += u64::from(found.hits.name_matches);
                    chunk.unlisted += found.lines - found.hits.lines.len() as u64;
                    chunk.files.push(found.hits);
                }
                sink(chunk);
            }
        }
        done
    }
}

struct Worker<'a> {
    search: &'a Search<'a>,
    ready: Option<&'a Ready>,
    stored: Option<&'a StoredUnits>,
    plan: &'a Plan<'a>,
    buffer: Vec<u8>,
    is_cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl Worker<'_> {
    fn block(&mut self, units: Range<u32>) -> Block {
        let mut block = Block::default();
        for unit in units {
            if (self.is_cancelled)() {
                break;
            }
            self.unit(unit, &mut block);
        }
        block
    }

    fn unit(&mut self, unit: u32, block: &mut Block) {
        let table = self.search.files.table();
        let members = table.members(unit);
        let plan = self.plan;
        let stored = self.stored.and_then(|stored| stored.get(unit));
        let kind = stored.map(|stored| stored.kind);
        let is_readable = table.has_content(unit) && kind != Some(TextKind::TooLarge);
        if kind.is_some_and(TextKind::is_unsearchable) {
            block.not_searched += members.len() as u64;
        }
        if kind == Some(TextKind::Binary) {
            block.searched_as_bytes += members.len() as u64;
        }
        let may_hold =
            |look: usize| is_readable && stored.is_none_or(|stored| plan.may_hold(look, &stored));
        let known = Foresight {
            may_hold: &may_hold,
            is_readable,
        };
        let listed = members.clone().filter(|file| plan.may_be_listed(*file));
        let truths = listed.map(|file| (file, plan.foresee(&plan.root, file, &known)));
        let files: Vec<(u32, Truth)> = truths.filter(|(_, truth)| *truth != Truth::No).collect();
        if files.is_empty() {
            return;
        }
        let mut may: Vec<bool> = (0..plan.looks.len()).map(may_hold).collect();
        let has_hits = plan.positive.iter().any(|l| may[*l] && plan.is_listed(*l));
        let is_needed = has_hits
            || plan.unit == query::Unit::Finding
            || files.iter().any(|(_, truth)| *truth == Truth::Maybe);
        let is_cancelled = || (self.is_cancelled)();
        let prepared;
        let mut delivered = None;
        let mut strings: &[u8] = &[];
        let blob = table.content(unit).filter(|_| is_needed && is_readable);
        if let Some(blob) = blob {
            let stored_in = self.ready.zip(stored);
            let read = stored_in.map(|(Ready { store, .. }, stored)| {
                let row = store.row(stored.row)?;
                let text = store.read_into(&row, &mut self.buffer)?;
                Ok::<_, Damaged>((text, row))
            });
            if let Some(Ok((bytes, row))) = read {
                let (bytes, behind) = split(bytes, row.kind, row.size);
                delivered = Some(query::Content {
                    bytes,
                    is_binary: row.kind == TextKind::Binary,
                    is_utf8: row.encoding.is_utf8() && !row.is_mixed,
                    is_mixed: row.is_mixed,
                    line_ends: row.line_ends,
                    size: row.size,
                });
                strings = behind;
            } else {
                if stored.is_some() {
                    self.search.index.note_damage();
                }
                if let Some(bytes) = (self.search.unindexed)(&blob) {
                    let size = bytes.len() as u64;
                    prepared = content::prepare(bytes);
                    let (bytes, behind) = split(&prepared.bytes, prepared.kind, size);
                    delivered = Some(query::Content {
                        bytes,
                        is_binary: prepared.kind == TextKind::Binary,
                        is_utf8: prepared.encoding.is_utf8() && !prepared.is_mixed,
                        is_mixed: prepared.is_mixed,
                        line_ends: prepared.line_ends,
                        size,
                    });
                    strings = behind;
                    if stored.is_none() {
                        let members = members.len() as u64;
                        match prepared.kind {
                            TextKind::LfsPointer => block.not_searched += members,
                            TextKind::Binary => block.searched_as_bytes += members,
                            TextKind::Text | TextKind::TooLarge => {}
                        }
                    }
                } else {
                    block.not_searched += members.len() as u64;
                    may.fill(false);
                }
            }
        }
        let wants_ends = |(look, may): (&Look, &bool)| look.wants_line_ends && *may;
        let mut with_ends = None;
        if let (Some(blob), Some(content)) = (blob, delivered)
            && content.line_ends != LineEnds::Lf
            && plan.looks.iter().zip(&may).any(wants_ends)
        {
            with_ends = match content.line_ends {
                LineEnds::CrLf => Some(content::with_crlf(content.bytes)),
                // Which lines ended with CR LF only the blob tells.
                _ => (self.search.unindexed)(&blob).and_then(content::with_line_ends),
            };
            if with_ends.is_none() {
                block.not_searched += members.len() as u64;
            }
        }
        let content = Content {
            text: delivered.map_or(&[], |d| d.bytes),
            is_binary: delivered.is_some_and(|d| d.is_binary),
            is_cancelled: &is_cancelled,
        };
        let readings = SearchedForms {
            content,
            with_ends: with_ends.as_deref(),
            strings,
        };
        let mut scan = Scan::new(plan, readings, delivered, &may);
        block
            .found
            .extend(files.iter().filter_map(|(file, _)| scan.file(*file)));
        drop(scan);
        if self.buffer.len() > BUFFER {
            self.buffer = Vec::new();
        }
    }
}

/// Splits what is stored of a binary file into its bytes and its strings.
fn split(stored: &[u8], kind: TextKind, size: u64) -> (&[u8], &[u8]) {
    match kind {
        TextKind::Binary => stored.split_at(stored.len().min(size as usize)),
        _ => (stored, &[]),
    }
}
