//! How much of a snapshot was shown and reviewed.

use super::listing::Listing;
use crate::index::{Index, TextKind};
use crate::model::{FileCoverage, Review, TreeFile};

/// Which files are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those with a line shown or reviewed.
    Touched,
    /// Every text file.
    All,
}

/// Returns the coverage of the snapshot's text files, in path order. `lines` says how many lines a file has.
pub fn run(
    listing: &Listing,
    review: &Review,
    lines: &dyn Fn(&TreeFile) -> Option<u32>,
    which: Which,
) -> Vec<FileCoverage> {
    let mut rows = Vec::new();
    for file in listing.files.iter().filter(|f| f.kind.is_file()) {
        let (marks, shown) = (review.marks(&file.blob), review.shown(&file.blob));
        if which == Which::Touched && marks.is_none() && shown.is_none() {
            continue;
        }
        let Some(lines) = lines(file).map(u64::from) else {
            continue;
        };
        rows.push(FileCoverage {
            path: file.path.clone(),
            blob: file.blob,
            lines,
            shown: shown.map_or(0, crate::model::Marks::lines).min(lines),
            reviewed: marks.map_or(0, crate::model::Marks::lines).min(lines),
            ranges: marks.map(|m| m.spans().to_vec()).unwrap_or_default(),
        });
    }
    rows
}

/// Returns the lines of a text file as the index has them.
pub fn indexed_lines(index: &Index, file: &TreeFile) -> Option<u32> {
    let meta = index.meta(&file.blob)?;
    matches!(meta.kind, TextKind::Text | TextKind::LfsPointer).then_some(meta.lines)
}
