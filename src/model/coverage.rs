//! Which lines of a blob are marked reviewed.

use super::words::words;
use super::{BlobId, RepoPath, Span, TreePath, outgoing_fields};
use serde::{Deserialize, Serialize};

words! {
    /// How far the lines of a file are reviewed: the values of `status:`.
    FileStatus {
        /// No line is marked.
        Unreviewed = "unreviewed",
        /// Some lines are marked.
        Partial = "partial",
        /// All lines are marked.
        Reviewed = "reviewed",
        /// Lines were marked when another content stood at its path.
        Changed = "changed",
    }
}

/// Disjoint, sorted, non-touching spans of one blob.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks(Vec<Span>);

impl Marks {
    /// Returns the spans in order.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }
    /// Returns whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Returns the number of lines marked.
    pub fn lines(&self) -> u64 {
        self.0.iter().map(|s| u64::from(s.lines())).sum()
    }
    /// Returns whether the line is marked.
    pub fn contains(&self, line: u32) -> bool {
        let at = self.0.partition_point(|s| s.end() < line);
        self.0.get(at).is_some_and(|s| s.contains(line))
    }
    /// Returns the number of lines that are marked in both.
    pub fn common(&self, other: &Self) -> u64 {
        let (mut mine, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut lines = 0;
        while let (Some(a), Some(b)) = (mine.peek(), theirs.peek()) {
            let (start, end) = (a.start().max(b.start()), a.end().min(b.end()));
            if start <= end {
                lines += u64::from(end - start + 1);
            }
            if a.end() < b.end() {
                mine.next();
            } else {
                theirs.next();
            }
        }
        lines
    }
    /// Applies a range as the reviewer's key does: equal to a mark, it removes it; wholly inside one, it
    /// removes that part; otherwise it becomes the union with all it overlaps or touches.
    pub fn toggle(&mut self, span: Span) {
        let inside = |s: &Span| s.start() <= span.start() && span.end() <= s.end();
        if self.0.iter().any(inside) {
            self.unset(span);
        } else {
            self.set(span);
        }
    }
    /// Marks the lines, whatever was marked before.
    pub fn set(&mut self, span: Span) {
        let (mut start, mut end) = (span.start(), span.end());
        self.0.retain(|s| {
            let apart = s.end().saturating_add(1) < start || end.saturating_add(1) < s.start();
            if !apart {
                start = start.min(s.start());
                end = end.max(s.end());
            }
            apart
        });
        // Growing may reach a span that was apart from the first reach; spans never touch each other,
        // so one pass in order is enough: a later span can only touch through `end`, which has grown.
        let at = self.0.partition_point(|s| s.start() < start);
        self.0.insert(at, Span::between(start, end));
    }
    /// Unmarks the lines, splitting a span that reaches over both ends.
    pub fn unset(&mut self, span: Span) {
        let mut left = Vec::with_capacity(self.0.len() + 1);
        for s in &self.0 {
            if s.end() < span.start() || span.end() < s.start() {
                left.push(*s);
                continue;
            }
            if s.start() < span.start() {
                left.push(Span::between(s.start(), span.start() - 1));
            }
            if s.end() > span.end() {
                left.push(Span::between(span.end() + 1, s.end()));
            }
        }
        self.0 = left;
    }
}

impl FromIterator<Span> for Marks {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut marks = Self::default();
        for span in spans {
            // In order, as they mostly come, they need no search.
            match marks.0.last() {
                Some(last) if last.end().saturating_add(1) >= span.start() => marks.set(span),
                _ => marks.0.push(span),
            }
        }
        marks
    }
}

words! {
    /// Which lines a coverage counts: its denominator.
    CoverageOf {
        /// The lines of text.
        Text = "text",
        /// Those of them that are neither blank nor wholly comment.
        Code = "code",
        /// The lines of text, and of what is binary those of the hexadecimal view.
        All = "all",
    }
}

#[allow(
    clippy::derivable_impls,
    reason = "the words' macro derives for all alike"
)]
impl Default for CoverageOf {
    fn default() -> Self {
        Self::Text
    }
}

words! {
    /// What the files of a coverage table are put together by.
    CoverageBy {
        /// The parts of a folder.
        Folder = "folder",
        /// Nothing: the files with a line shown or reviewed.
        File = "file",
        /// Their language.
        Language = "language",
        /// The day on which lines were shown and marked.
        Day = "day",
        /// Who marked them.
        Reviewer = "reviewer",
    }
}

#[allow(
    clippy::derivable_impls,
    reason = "the words' macro derives for all alike"
)]
impl Default for CoverageBy {
    fn default() -> Self {
        Self::Folder
    }
}

/// One row of a coverage table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageRow {
    /// What is put together here; folders end with a slash.
    pub name: String,
    /// Text files.
    pub files: u64,
    /// Their lines.
    pub lines: u64,
    /// Lines that were on screen.
    pub shown: u64,
    /// Lines marked reviewed.
    pub reviewed: u64,
    /// Findings, notes, remarks and questions written; by day and by reviewer only.
    pub items: u64,
}

/// How much was shown and reviewed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageTable {
    /// Which lines are counted.
    pub of: CoverageOf,
    /// What files are put together by.
    pub by: CoverageBy,
    /// The folder whose parts are listed; empty for the top.
    pub under: RepoPath,
    /// The rows.
    pub rows: Vec<CoverageRow>,
    /// Everything, whatever is listed.
    pub total: CoverageRow,
}

/// What was seen and judged of one file: a row of the coverage list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCoverage {
    /// Where it stands.
    pub path: RepoPath,
    /// Its content.
    pub blob: BlobId,
    /// Number of its lines.
    pub lines: u64,
    /// Lines that were on screen.
    pub shown: u64,
    /// Lines marked reviewed.
    pub reviewed: u64,
    /// The marked lines.
    pub ranges: Vec<Span>,
}

/// All text in a folder at the top of a snapshot, however little of it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderLines {
    /// The folder; `.` for the files that lie in none.
    pub path: RepoPath,
    /// Number of its text files, in folders below it too.
    pub files: u64,
    /// Their lines.
    pub lines: u64,
}

// They are those of the tree of the snapshot: no ledger adds to them.
outgoing_fields!(FolderLines => { path as TreePath, files, lines });

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn marks(spans: &[(u32, u32)]) -> Marks {
        Marks(spans.iter().map(|(a, b)| Span::between(*a, *b)).collect())
    }

    type Lines = (u32, u32);

    #[test]
    fn the_rules_of_a_range() {
        let rows: &[(&[Lines], Lines, &[Lines])] = &[
            (&[], (3, 5), &[(3, 5)]),
            (&[(3, 5)], (3, 5), &[]),
            (&[(3, 9)], (5, 6), &[(3, 4), (7, 9)]),
            (&[(3, 9)], (3, 6), &[(7, 9)]),
            (&[(3, 5)], (1, 9), &[(1, 9)]),
            (&[(3, 5)], (6, 8), &[(3, 8)]),
            (&[(3, 5), (9, 9)], (5, 8), &[(3, 9)]),
            (&[(3, 5)], (7, 8), &[(3, 5), (7, 8)]),
        ];
        for (given, range, then) in rows {
            let mut m = marks(given);
            m.toggle(Span::between(range.0, range.1));
            assert_eq!(m, marks(then), "{given:?} {range:?}");
        }
    }

    proptest! {
        #[test]
        fn common_lines_are_those_in_both(
            a in proptest::collection::vec((1..40u32, 1..40u32), 0..6),
            b in proptest::collection::vec((1..40u32, 1..40u32), 0..6),
        ) {
            let of = |spans: &[(u32, u32)]| -> Marks {
                spans.iter().map(|(x, y)| Span::between(*x.min(y), *x.max(y))).collect()
            };
            let (a, b) = (of(&a), of(&b));
            let both = (1..50).filter(|l| a.contains(*l) && b.contains(*l)).count() as u64;
            prop_assert_eq!(a.common(&b), both);
            prop_assert_eq!(b.common(&a), both);
        }

        #[test]
        fn spans_equal_a_set_of_lines(ops in proptest::collection::vec((0..3u8, 1..40u32, 1..40u32), 0..30)) {
            let mut m = Marks::default();
            let mut lines = BTreeSet::new();
            for (op, a, b) in ops {
                let span = Span::between(a, b);
                let range = span.start()..=span.end();
                let inside = range.clone().all(|l| lines.contains(&l));
                match op {
                    0 => m.set(span),
                    1 => m.unset(span),
                    _ => m.toggle(span),
                }
                if op == 0 || (op == 2 && !inside) {
                    lines.extend(range);
                } else {
                    lines.retain(|l| !range.contains(l));
                }
                prop_assert!((1..45).all(|l| m.contains(l) == lines.contains(&l)));
                prop_assert_eq!(m.lines(), lines.len() as u64);
                prop_assert!(m.spans().windows(2).all(|w| w[0].end() + 1 < w[1].start()));
            }
        }
    }
}
