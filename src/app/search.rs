//! The search screen: the query, the hits, and where the reviewer is among them.

use super::input::Input;
use crate::job::Document;
use crate::model::{FileHits, HitLine, SearchSummary};
use std::collections::HashMap;

/// Queries kept in the history.
const HISTORY: usize = 100;

/// The search screen; it keeps its hits when it is closed, so that they can be walked.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The query being typed.
    pub input: Input,
    /// Number of the newest request; answers to older ones are dropped.
    pub seq: u64,
    /// The query the hits belong to.
    pub query: String,
    /// How it ended, or stands.
    pub summary: Option<SearchSummary>,
    /// Why the query as typed could not be run; the hits of the last good one stay.
    pub error: Option<String>,
    /// Row under the cursor.
    pub cursor: usize,
    /// First row shown.
    pub top: usize,
    /// Text of hit lines, by file and line.
    pub texts: HashMap<(u32, u32), String>,
    /// The file beside the list.
    pub preview: Option<Box<Document>>,
    /// Rows asked to be read last.
    pub asked: Option<(usize, usize, Option<u32>)>,
    /// Earlier queries, newest last.
    pub history: Vec<String>,
    /// Where in the history the reviewer is.
    pub recalled: Option<usize>,
    files: Vec<FileHits>,
    starts: Vec<usize>,
    rows: usize,
}

/// One row of the list of hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitRow<'a> {
    /// The file whose hits follow.
    File(&'a FileHits),
    /// One line of it.
    Line(&'a FileHits, HitLine),
}

impl Search {
    /// Takes the hits found so far. The cursor stays where it is, if that still exists.
    pub fn set_hits(&mut self, files: Vec<FileHits>, summary: SearchSummary) {
        let is_new = self.query != self.input.text();
        self.query = self.input.text().to_owned();
        self.error = None;
        self.summary = Some(summary);
        self.files = files;
        self.starts.clear();
        self.rows = 0;
        for file in &self.files {
            self.starts.push(self.rows);
            self.rows += 1 + file.lines.len();
        }
        self.texts.clear();
        self.asked = None;
        if is_new {
            self.cursor = 0;
            self.top = 0;
            self.step(1);
        }
        self.cursor = self.cursor.min(self.rows.saturating_sub(1));
    }

    /// Returns the files with hits.
    pub fn files(&self) -> &[FileHits] {
        &self.files
    }
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.rows
    }
    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Returns a row.
    pub fn row(&self, row: usize) -> Option<HitRow<'_>> {
        if row >= self.rows {
            return None;
        }
        let at = self.starts.partition_point(|s| *s <= row) - 1;
        let file = &self.files[at];
        match row - self.starts[at] {
            0 => Some(HitRow::File(file)),
            n => Some(HitRow::Line(file, file.lines[n - 1])),
        }
    }

    /// Returns the file and the line under the cursor; a file's own row stands for its first line.
    pub fn current(&self) -> Option<(u32, HitLine)> {
        let top = HitLine {
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
        };
        Some(match self.row(self.cursor)? {
            HitRow::File(file) => (file.file, file.lines.first().copied().unwrap_or(top)),
            HitRow::Line(file, line) => (file.file, line),
        })
    }

    /// Moves the cursor by rows.
    pub fn step(&mut self, by: i64) {
        let last = self.rows.saturating_sub(1) as i64;
        self.cursor = (self.cursor as i64).saturating_add(by).clamp(0, last) as usize;
    }

    /// Moves to the next or previous hit, skipping the rows of files that have lines. False at the end.
    pub fn walk(&mut self, forward: bool) -> bool {
        let mut row = self.cursor;
        loop {
            row = match forward {
                true if row + 1 < self.rows => row + 1,
                false if row > 0 => row - 1,
                _ => return false,
            };
            match self.row(row) {
                Some(HitRow::File(file)) if !file.lines.is_empty() => {}
                Some(_) => {
                    self.cursor = row;
                    return true;
                }
                None => return false,
            }
        }
    }

    /// Returns the position of the cursor among the hits, 1-based, and their number.
    pub fn position(&self) -> (usize, usize) {
        let counted = |f: &FileHits| f.lines.len().max(1);
        let total = self.files.iter().map(counted).sum();
        let at = self
            .starts
            .partition_point(|s| *s <= self.cursor)
            .saturating_sub(1);
        let before: usize = self.files.iter().take(at).map(counted).sum();
        let within = self.starts.get(at).map_or(0, |s| (self.cursor - s).max(1));
        (before + within, total)
    }

    /// Remembers a query that was used.
    pub fn remember(&mut self) {
        let query = self.query.clone();
        if query.is_empty() {
            return;
        }
        self.history.retain(|q| *q != query);
        self.history.push(query);
        if self.history.len() > HISTORY {
            self.history.remove(0);
        }
        self.recalled = None;
    }

    /// Puts an older or newer query of the history into the field. Returns whether it changed.
    pub fn recall(&mut self, older: bool) -> bool {
        let last = self.history.len();
        let at = match (self.recalled, older) {
            (None, true) => last.checked_sub(1),
            (Some(at), true) => at.checked_sub(1),
            (Some(at), false) if at + 1 < last => Some(at + 1),
            _ => None,
        };
        let Some(at) = at else { return false };
        self.recalled = Some(at);
        self.input.set(self.history[at].clone());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search() -> Search {
        let line = |n| HitLine {
            line: n,
            column: 1,
            end_line: n,
            end_column: 2,
        };
        let file = |file, lines: &[u64]| FileHits {
            file,
            name_matches: lines.is_empty(),
            binary: false,
            lines: lines.iter().map(|n| line(*n)).collect(),
        };
        let summary = SearchSummary {
            lines: 3,
            files: 2,
            file_names: 1,
            not_searched: 0,
            complete: true,
            parsed: String::new(),
            elapsed_ms: 0,
        };
        let mut search = Search {
            input: Input::new("x"),
            ..Search::default()
        };
        search.set_hits(vec![file(4, &[1, 9]), file(5, &[]), file(7, &[3])], summary);
        search
    }

    #[test]
    fn rows_are_files_and_their_lines() {
        let search = search();
        assert_eq!(search.len(), 6);
        assert_eq!(search.current().map(|(f, l)| (f, l.line)), Some((4, 1)));
        assert!(matches!(search.row(3), Some(HitRow::File(f)) if f.file == 5));
        assert_eq!(search.row(6), None);
    }

    #[test]
    fn walking_visits_every_hit_once() {
        let mut search = search();
        let mut seen = vec![search.position()];
        while search.walk(true) {
            seen.push(search.position());
        }
        assert_eq!(seen, [(1, 4), (2, 4), (3, 4), (4, 4)]);
        while search.walk(false) {}
        assert_eq!(search.position(), (1, 4));
    }
}
