//! The search screen: the query, the hits, and where the reviewer is among them.

use super::input::Input;
use crate::model::{FileHits, HitLine, Queries, SearchRecord, SearchSummary};

/// The search screen; it keeps its hits when it is closed, so that they can be walked.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The query being typed.
    pub input: Input,
    /// Number of the newest request; answers to older ones are dropped.
    pub seq: u64,
    /// Earlier queries, the first first: only what they found is searched.
    pub within: Vec<String>,
    /// What the hits belong to.
    pub query: Asked,
    /// Enter was pressed before the hits were there: the first one is meant.
    pub is_chosen: bool,
    /// How it ended, or stands.
    pub summary: Option<SearchSummary>,
    /// How else a query that found nothing may have been meant.
    pub otherwise: Option<Otherwise>,
    /// What makes the rank of the file under the cursor is said.
    pub says_why: bool,
    /// Why the query as typed could not be run; the hits of the last good one stay.
    pub error: Option<String>,
    /// Row under the cursor.
    pub cursor: usize,
    /// First row shown.
    pub top: usize,
    /// The search recorded last.
    pub recorded: Option<SearchRecord>,
    /// The queries used and saved.
    pub queries: Queries,
    /// Where in the history the reviewer is.
    pub recalled: Option<usize>,
    files: Vec<FileHits>,
    starts: Vec<usize>,
    rows: usize,
}

/// A query as a regex, and what it finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Otherwise {
    /// As it would be typed.
    pub query: String,
    /// Lines with hits.
    pub lines: u64,
    /// Paths with hits.
    pub file_names: u64,
}

/// What was searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// As typed.
    pub query: String,
    /// The queries within whose hits it was searched.
    pub within: Vec<String>,
}

/// Returns the line on which a hit is shown: hits in binary files are bytes, which are shown sixteen a line.
pub fn shown_line(is_binary: bool, line: u64) -> u32 {
    let line = if is_binary { line / 16 + 1 } else { line };
    u32::try_from(line).unwrap_or(u32::MAX)
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
    /// Begins with the queries kept from earlier starts.
    pub fn new(queries: Queries) -> Self {
        Self {
            queries,
            ..Self::default()
        }
    }
    /// Takes the hits found so far. The cursor stays where it is, if that still exists.
    pub fn set_hits(&mut self, files: Vec<FileHits>, summary: SearchSummary) {
        let asked = self.asked();
        let is_new = self.query != asked;
        self.query = asked;
        self.error = None;
        self.otherwise = None;
        self.summary = Some(summary);
        self.files = files;
        self.starts.clear();
        self.rows = 0;
        for file in &self.files {
            self.starts.push(self.rows);
            self.rows += 1 + file.lines.len();
        }
        if is_new {
            self.cursor = 0;
            self.top = 0;
            self.step(1);
        }
        self.cursor = self.cursor.min(self.rows.saturating_sub(1));
    }

    /// Returns what is asked for as it is typed.
    pub fn asked(&self) -> Asked {
        Asked {
            query: self.input.text().to_owned(),
            within: self.within.clone(),
        }
    }
    /// Returns whether the hits, or their absence, belong to what is typed.
    pub fn is_current(&self) -> bool {
        self.query == self.asked()
    }
    /// Returns whether the hits in a file are bytes.
    pub fn is_binary(&self, file: u32) -> bool {
        self.files.iter().any(|f| f.file == file && f.binary)
    }
    /// Turns the order around in the query as typed: by rank, or by path.
    pub fn turn_order(&mut self) {
        let is_order = |word: &&str| word.starts_with("order:");
        let text = self.input.text();
        let is_ranked = text.split_whitespace().any(|word| word == "order:rank");
        let words: Vec<&str> = text.split(' ').filter(|word| !is_order(word)).collect();
        let mut turned = words.join(" ").trim_end().to_owned();
        if !is_ranked {
            turned.push_str(" order:rank");
        }
        self.input = Input::new(turned);
    }
    /// Returns whether the hits stand in the order of rank.
    pub fn is_ranked(&self) -> bool {
        let words = || self.query.query.split_whitespace();
        words().any(|word| word == "order:rank")
    }
    /// Returns the hits of the file under the cursor.
    pub fn current_file(&self) -> Option<&FileHits> {
        match self.row(self.cursor)? {
            HitRow::File(file) | HitRow::Line(file, _) => Some(file),
        }
    }
    /// Goes on to search within the hits of what is typed.
    pub fn refine(&mut self) {
        if !self.input.text().trim().is_empty() {
            self.within.push(self.input.text().to_owned());
            self.input = Input::default();
        }
    }
    /// Takes the last query that is searched within back into the field. Returns false if there is none.
    pub fn widen(&mut self) -> bool {
        let Some(last) = self.within.pop() else {
            return false;
        };
        self.input = Input::new(last);
        true
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
            standing: crate::model::Standing::default(),
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

    /// Puts an older or newer query of the history into the field. Returns whether it changed.
    pub fn recall(&mut self, older: bool) -> bool {
        let history = &self.queries.history;
        let last = history.len();
        let at = match (self.recalled, older) {
            (None, true) => last.checked_sub(1),
            (Some(at), true) => at.checked_sub(1),
            (Some(at), false) if at + 1 < last => Some(at + 1),
            _ => None,
        };
        let Some(at) = at else { return false };
        self.recalled = Some(at);
        self.input.set(history[at].clone());
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
            standing: crate::model::Standing::default(),
        };
        let file = |file, lines: &[u64]| FileHits {
            file,
            name_matches: lines.is_empty(),
            binary: false,
            lines: lines.iter().map(|n| line(*n)).collect(),
            rank: crate::model::Rank::default(),
        };
        let summary = SearchSummary {
            lines: 3,
            files: 2,
            file_names: 1,
            not_searched: 0,
            searched_as_bytes: 0,
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
    fn the_order_is_turned_in_the_query() {
        let mut search = search();
        for (typed, turned) in [
            ("foo  bar", "foo  bar order:rank"),
            ("foo order:rank", "foo"),
            ("order:path \"a  b\"", "\"a  b\" order:rank"),
        ] {
            search.input = Input::new(typed);
            search.turn_order();
            assert_eq!(search.input.text(), turned);
        }
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
