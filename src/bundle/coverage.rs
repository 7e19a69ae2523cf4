//! `coverage.json`: what was read.

use super::render::BundleInput;
use super::{place, rendering1, schema};
use crate::model::{CoverageDetail, FileCoverage, PathDetail, RepoPath};
use std::collections::BTreeMap;

/// Returns what was read, as finely as the policy allows.
pub fn document(input: &BundleInput<'_>) -> schema::Coverage {
    let detail = input.policy.coverage;
    let paths = input.policy.paths;
    // Of everything delivered: of the files touched alone, the share would say nothing.
    let mut summary = schema::CoverageSummary {
        files: input.delivery.languages.iter().map(|l| l.files).sum(),
        lines: input.delivery.lines,
        ..schema::CoverageSummary::default()
    };
    for file in input.coverage {
        summary.shown += file.shown;
        summary.reviewed += file.reviewed;
    }
    let row = |file: &FileCoverage| schema::CoverageRow {
        path: place::shown(&file.path, paths),
        blob: Some(file.blob),
        lines: file.lines,
        shown: file.shown,
        reviewed: file.reviewed,
        ranges: if detail == CoverageDetail::Range {
            file.ranges.clone()
        } else {
            Vec::new()
        },
    };
    let rows = match detail {
        CoverageDetail::Range | CoverageDetail::File => input.coverage.iter().map(row).collect(),
        // A folder has no blob id that could stand for its name.
        CoverageDetail::Directory if paths == PathDetail::Full => folders(input),
        CoverageDetail::Directory | CoverageDetail::None => Vec::new(),
    };
    schema::Coverage {
        schema: schema::COVERAGE.to_owned(),
        label: input.policy.label.clone(),
        detail,
        denominator: "text".to_owned(),
        summary: (detail != CoverageDetail::None).then_some(summary),
        rows,
        folders: if detail != CoverageDetail::None && paths == PathDetail::Full {
            input.folders.to_vec()
        } else {
            Vec::new()
        },
    }
}

/// Puts the files of each folder together, and leaves out the folders of which nothing was read. The lines of a folder are
/// those of all files that the input lists.
fn folders(input: &BundleInput<'_>) -> Vec<schema::CoverageRow> {
    let mut folders: BTreeMap<&[u8], [u64; 3]> = BTreeMap::new();
    for file in input.coverage {
        let sums = folders.entry(file.path.folder()).or_default();
        for (sum, n) in sums.iter_mut().zip([file.lines, file.shown, file.reviewed]) {
            *sum += n;
        }
    }
    // The first rendering listed files whose marks were taken back.
    let is_listed = |(_, [_, shown, reviewed]): &(&[u8], [u64; 3])| {
        shown + reviewed > 0 || input.rendering == rendering1::NUMBER
    };
    let row = |(folder, [lines, shown, reviewed]): (&[u8], [u64; 3])| schema::CoverageRow {
        path: Some(RepoPath::new(if folder.is_empty() { b"." } else { folder })),
        blob: None,
        lines,
        shown,
        reviewed,
        ranges: Vec::new(),
    };
    folders.into_iter().filter(is_listed).map(row).collect()
}
