//! How much of a snapshot was shown and reviewed: by file, and put together by folder, language, day and reviewer.
//!
//! Every number of coverage comes from here: the tree, the screen, the headless verb and the export.

use super::counted::Counted;
use super::listing::Listing;
use crate::index::{Index, TextKind};
use crate::model::{
    CoverageBy, CoverageOf, CoverageRow, CoverageTable, FileCoverage, FolderLines, Marks, Progress,
    RepoPath, Review, TreeFile,
};
use std::collections::BTreeMap;

/// Which files are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those with a line shown or reviewed.
    Touched,
    /// Every text file.
    All,
}

/// Returns the coverage of the snapshot's files, in path order. `lines` says which lines of a file count; a file none
/// of whose lines can is left out.
pub fn run(
    listing: &Listing,
    review: &Review,
    lines: &dyn Fn(&TreeFile) -> Option<Counted>,
    which: Which,
) -> Vec<FileCoverage> {
    let mut rows = Vec::new();
    for file in listing.files.iter().filter(|f| f.kind.is_file()) {
        let (marks, shown) = (review.marks(&file.blob), review.shown(&file.blob));
        if which == Which::Touched && marks.is_none() && shown.is_none() {
            continue;
        }
        let Some(counted) = lines(file) else {
            continue;
        };
        let of = |marks: Option<&Marks>| match (&counted, marks) {
            (_, None) => 0,
            (Counted::All(lines), Some(marks)) => marks.lines().min(u64::from(*lines)),
            (Counted::Only(code), Some(marks)) => marks.common(code),
        };
        rows.push(FileCoverage {
            path: file.path.clone(),
            blob: file.blob,
            lines: match &counted {
                Counted::All(lines) => u64::from(*lines),
                Counted::Only(code) => code.lines(),
            },
            shown: of(shown),
            reviewed: of(marks),
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

/// Puts the coverage of files together. `under` is the folder of which [`CoverageBy::Folder`] lists what is in it;
/// `language` names the language of the file at a path.
pub fn table(
    files: &[FileCoverage],
    progress: &Progress,
    (of, by): (CoverageOf, CoverageBy),
    under: &RepoPath,
    language: &dyn Fn(&RepoPath) -> Option<String>,
) -> CoverageTable {
    let total = sum("", files.iter());
    let rows = match by {
        CoverageBy::Folder => grouped(files.iter(), &|f| child(&f.path, under)),
        CoverageBy::File => {
            let touched = files.iter().filter(|f| f.shown > 0 || f.reviewed > 0);
            touched
                .map(|f| sum(&f.path.to_string(), std::iter::once(f)))
                .collect()
        }
        CoverageBy::Language => {
            let name = |f: &FileCoverage| Some(language(&f.path).unwrap_or("no language".into()));
            let mut rows = grouped(files.iter(), &name);
            rows.sort_by_key(|r| std::cmp::Reverse(r.lines));
            rows
        }
        CoverageBy::Day => paces(&progress.days),
        CoverageBy::Reviewer => paces(&progress.reviewers),
    };
    CoverageTable {
        of,
        by,
        under: under.clone(),
        rows,
        total,
    }
}

/// Returns the folders at the top with their text, in the order of the paths; the files that lie in none are `.`.
pub fn top_folders(files: &[FileCoverage]) -> Vec<FolderLines> {
    let mut folders: BTreeMap<&[u8], (u64, u64)> = BTreeMap::new();
    for file in files {
        let path = file.path.as_bytes();
        let top = memchr::memchr(b'/', path).map_or(&b"."[..], |end| &path[..end]);
        let (count, lines) = folders.entry(top).or_default();
        *count += 1;
        *lines += file.lines;
    }
    let folder = |(path, (files, lines)): (&[u8], (u64, u64))| FolderLines {
        path: RepoPath::new(path),
        files,
        lines,
    };
    folders.into_iter().map(folder).collect()
}

fn sum<'f>(name: &str, files: impl Iterator<Item = &'f FileCoverage>) -> CoverageRow {
    let mut row = CoverageRow {
        name: name.to_owned(),
        ..CoverageRow::default()
    };
    for file in files {
        row.files += 1;
        row.lines += file.lines;
        row.shown += file.shown;
        row.reviewed += file.reviewed;
    }
    row
}

fn grouped<'f>(
    files: impl Iterator<Item = &'f FileCoverage>,
    name: &dyn Fn(&FileCoverage) -> Option<String>,
) -> Vec<CoverageRow> {
    let mut groups: BTreeMap<String, Vec<&FileCoverage>> = BTreeMap::new();
    for file in files {
        if let Some(name) = name(file) {
            groups.entry(name).or_default().push(file);
        }
    }
    let rows = groups.iter();
    rows.map(|(name, files)| sum(name, files.iter().copied()))
        .collect()
}

/// Returns the part of a folder in which a path lies: a folder, which ends with a slash, or the file.
fn child(path: &RepoPath, under: &RepoPath) -> Option<String> {
    let path = path.as_bytes();
    let folder = under.as_bytes();
    let rest = match folder {
        [] => path,
        folder => path.strip_prefix(folder)?.strip_prefix(b"/")?,
    };
    let end = memchr::memchr(b'/', rest);
    let name = end.map_or(rest, |end| &rest[..=end]);
    Some(RepoPath::new(name).to_string())
}

fn paces(paces: &BTreeMap<String, crate::model::Pace>) -> Vec<CoverageRow> {
    let row = |(name, pace): (&String, &crate::model::Pace)| CoverageRow {
        name: name.clone(),
        shown: pace.shown,
        reviewed: u64::try_from(pace.reviewed).unwrap_or(0),
        items: pace.items,
        ..CoverageRow::default()
    };
    paces.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BlobId;

    fn file(path: &str, lines: u64, reviewed: u64) -> FileCoverage {
        FileCoverage {
            path: RepoPath::new(path),
            blob: BlobId::new([1; 20]),
            lines,
            shown: reviewed,
            reviewed,
            ranges: Vec::new(),
        }
    }

    #[test]
    fn a_folder_at_the_top_counts_all_its_files() {
        let files = [
            file("a.c", 10, 1),
            file("src/b.c", 20, 0),
            file("src/net/c.py", 30, 3),
        ];
        let folders = top_folders(&files);
        let rows: Vec<_> = folders
            .iter()
            .map(|f| (f.path.to_string(), f.files, f.lines))
            .collect();
        assert_eq!(rows, [(".".to_owned(), 1, 10), ("src".to_owned(), 2, 50)]);
    }

    #[test]
    fn every_way_of_counting_gives_the_same_sum() {
        let files = [
            file("a.c", 10, 1),
            file("src/b.c", 20, 0),
            file("src/net/c.py", 30, 3),
            file("srcs", 5, 5),
        ];
        let progress = Progress::default();
        let language = |path: &RepoPath| path.as_bytes().ends_with(b".c").then(|| "C".to_owned());
        let of = |by, under: &str| {
            let how = (CoverageOf::Text, by);
            table(&files, &progress, how, &RepoPath::new(under), &language)
        };
        for by in [CoverageBy::Folder, CoverageBy::Language] {
            let table = of(by, "");
            let lines: u64 = table.rows.iter().map(|r| r.lines).sum();
            let reviewed: u64 = table.rows.iter().map(|r| r.reviewed).sum();
            assert_eq!((lines, reviewed), (65, 9), "{by}");
            assert_eq!((table.total.lines, table.total.reviewed), (65, 9));
        }
        let names = |table: &CoverageTable| -> Vec<String> {
            table.rows.iter().map(|r| r.name.clone()).collect()
        };
        assert_eq!(names(&of(CoverageBy::Folder, "")), ["a.c", "src/", "srcs"]);
        assert_eq!(names(&of(CoverageBy::Folder, "src")), ["b.c", "net/"]);
        assert_eq!(
            names(&of(CoverageBy::File, "")),
            ["a.c", "src/net/c.py", "srcs"]
        );
    }
}
