//! The files of one snapshot, made ready to be searched many times.

use super::engine::Bits;
use super::matcher::Matcher;
use super::open::Index;
use super::store::ById;
use crate::model::{BlobId, RepoPath};
use std::sync::{Arc, Mutex, PoisonError};

/// A file to search.
#[derive(Clone, Copy, Debug)]
pub struct SearchFile<'a> {
    /// Its path.
    pub path: &'a RepoPath,
    /// Its content.
    pub blob: BlobId,
    /// Its position in the snapshot's list of files, as results name it.
    pub file: u32,
}

/// A content and the files that have it.
pub(super) struct Unit {
    pub blob: BlobId,
    from: u32,
    count: u32,
}

/// The files of one snapshot, in the order of its paths; equal contents are searched once.
pub struct Corpus {
    numbers: Vec<u32>,
    units: Vec<Unit>,
    /// The files of each unit, one unit behind the other.
    members: Vec<u32>,
    /// Every path on a line of its own, as a person would type it.
    paths: Vec<u8>,
    starts: Vec<u32>,
    /// Where each unit's text is in the store that was searched last.
    rows: Mutex<Option<(u64, Arc<Vec<u32>>)>>,
}

/// A unit that is not stored.
pub(super) const NO_ROW: u32 = u32::MAX;

impl Corpus {
    /// Takes the files of a snapshot, in the order in which results are wanted.
    pub fn new(files: &[SearchFile<'_>]) -> Self {
        let mut by_blob: ById<u32> = ById::default();
        let mut units: Vec<Unit> = Vec::new();
        let mut of_file = Vec::with_capacity(files.len());
        let (mut paths, mut starts) = (Vec::new(), Vec::with_capacity(files.len()));
        for file in files {
            let unit = *by_blob.entry(file.blob).or_insert_with(|| {
                units.push(Unit {
                    blob: file.blob,
                    from: 0,
                    count: 0,
                });
                units.len() as u32 - 1
            });
            units[unit as usize].count += 1;
            of_file.push(unit);
            starts.push(paths.len() as u32);
            let path = file.path.lossy();
            // A path may hold a line end; here it would be two paths.
            paths.extend(path.bytes().map(|b| if b == b'\n' { 0 } else { b }));
            paths.push(b'\n');
        }
        let mut from = 0;
        for unit in &mut units {
            unit.from = from;
            from += unit.count;
            unit.count = 0;
        }
        let mut members = vec![0; files.len()];
        for (file, unit) in of_file.into_iter().enumerate() {
            let unit = &mut units[unit as usize];
            members[(unit.from + unit.count) as usize] = file as u32;
            unit.count += 1;
        }
        let numbers = files.iter().map(|f| f.file).collect();
        Self {
            numbers,
            units,
            members,
            paths,
            starts,
            rows: Mutex::new(None),
        }
    }

    /// Returns the number of files.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Returns whether there are no files.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    pub(super) fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Returns the files of a unit, in order, by their place in the corpus.
    pub(super) fn members(&self, unit: &Unit) -> &[u32] {
        &self.members[unit.from as usize..(unit.from + unit.count) as usize]
    }

    /// Returns a file's position in the snapshot's list.
    pub(super) fn number(&self, file: u32) -> u32 {
        self.numbers[file as usize]
    }

    /// Returns each unit's row in the store.
    pub(super) fn rows(&self, index: &Index) -> Arc<Vec<u32>> {
        let Some(ready) = index.ready() else {
            return Arc::new(vec![NO_ROW; self.units.len()]);
        };
        let mut kept = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let key = ready.store.key();
        match &*kept {
            Some((of, rows)) if *of == key => Arc::clone(rows),
            _ => {
                let row = |unit: &Unit| ready.store.find(&unit.blob).unwrap_or(NO_ROW);
                let rows = Arc::new(self.units.iter().map(row).collect::<Vec<_>>());
                *kept = Some((key, Arc::clone(&rows)));
                rows
            }
        }
    }

    /// Returns the files whose path matches.
    pub(super) fn matching_paths(&self, matcher: &Matcher) -> Bits {
        let mut out = Bits::none(self.len());
        if !matcher.is_line_bound() {
            for (file, start) in self.starts.iter().enumerate() {
                let end = self
                    .starts
                    .get(file + 1)
                    .map_or(self.paths.len(), |next| *next as usize)
                    - 1;
                if matcher
                    .find_at(&self.paths[*start as usize..end], 0)
                    .is_some()
                {
                    out.set(file);
                }
            }
            return out;
        }
        // All paths at once: a text whose lines are the paths.
        let (mut at, mut file) = (0, 0);
        while let Some((start, _)) = matcher.find_at(&self.paths, at) {
            if start >= self.paths.len() {
                break;
            }
            file += self.starts[file..].partition_point(|s| *s as usize <= start) - 1;
            out.set(file);
            file += 1;
            match self.starts.get(file) {
                Some(next) => at = *next as usize,
                None => break,
            }
        }
        out
    }
}
