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
    /// Its content; nothing for what has a name alone, such as a link.
    pub content: Option<BlobId>,
}

/// A content and the files that have it.
pub(super) struct Unit {
    /// Nothing for the files without a content, which are one unit.
    pub blob: Option<BlobId>,
    from: u32,
    count: u32,
}

/// The files of one snapshot, in the order of its paths; equal contents are searched once. A file is its position in
/// the list it was made of.
pub struct Corpus {
    units: Vec<Unit>,
    /// The files of each unit, one unit behind the other.
    members: Vec<u32>,
    by_blob: ById<u32>,
    /// Every path on a line of its own, as a person would type it.
    paths: Vec<u8>,
    /// Where each path begins, and where the next would.
    starts: Vec<u32>,
    /// Where each unit's text is in the store that was searched last.
    rows: Mutex<Option<(u64, Arc<Vec<u32>>)>>,
}

/// A unit that is not stored.
pub(super) const NO_ROW: u32 = u32::MAX;

impl Corpus {
    /// Takes the files of a snapshot, in the order in which results are wanted.
    pub fn new<'a>(files: impl ExactSizeIterator<Item = SearchFile<'a>>) -> Self {
        let len = files.len();
        let mut by_blob: ById<u32> = ById::default();
        by_blob.reserve(len);
        let mut nameless = None;
        let mut units: Vec<Unit> = Vec::with_capacity(len);
        let mut of_file: Vec<u32> = Vec::with_capacity(len);
        let (mut paths, mut starts) = (Vec::with_capacity(48 * len), Vec::with_capacity(len + 1));
        for file in files {
            let fresh = units.len() as u32;
            let unit = match file.content {
                Some(blob) => *by_blob.entry(blob).or_insert(fresh),
                None => *nameless.get_or_insert(fresh),
            };
            if unit == fresh {
                units.push(Unit {
                    blob: file.content,
                    from: 0,
                    count: 0,
                });
            }
            units[unit as usize].count += 1;
            of_file.push(unit);
            starts.push(paths.len() as u32);
            push_path(file.path, &mut paths);
        }
        starts.push(paths.len() as u32);
        let mut from = 0;
        for unit in &mut units {
            unit.from = from;
            from += unit.count;
            unit.count = 0;
        }
        let mut members = vec![0; of_file.len()];
        for (file, unit) in of_file.into_iter().enumerate() {
            let unit = &mut units[unit as usize];
            members[(unit.from + unit.count) as usize] = file as u32;
            unit.count += 1;
        }
        Self {
            units,
            members,
            by_blob,
            paths,
            starts,
            rows: Mutex::new(None),
        }
    }

    /// Returns the number of files.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Returns whether there are no files.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Returns the files of a unit, in order.
    pub(super) fn members(&self, unit: &Unit) -> &[u32] {
        &self.members[unit.from as usize..(unit.from + unit.count) as usize]
    }

    /// Returns a path as it is searched.
    pub(super) fn path(&self, file: u32) -> &[u8] {
        let from = self.starts[file as usize] as usize;
        let to = self.starts[file as usize + 1] as usize;
        &self.paths[from..to - 1]
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
                let mut rows = vec![NO_ROW; self.units.len()];
                for (row, id) in ready.store.ids() {
                    if let Some(unit) = self.by_blob.get(&id) {
                        rows[*unit as usize] = row;
                    }
                }
                let rows = Arc::new(rows);
                *kept = Some((key, Arc::clone(&rows)));
                rows
            }
        }
    }

    /// Returns the files whose path matches.
    pub(super) fn matching_paths(&self, matcher: &Matcher) -> Bits {
        let mut out = Bits::none(self.len());
        if !matcher.is_line_bound() {
            for file in 0..self.len() {
                if matcher.find_at(self.path(file as u32), 0).is_some() {
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
            at = self.starts[file] as usize;
            if file == self.len() {
                break;
            }
        }
        out
    }
}

/// Appends a path and a line end. A path may hold a line end itself; here it would be two paths.
fn push_path(path: &RepoPath, out: &mut Vec<u8>) {
    let from = out.len();
    match std::str::from_utf8(path.as_bytes()) {
        Ok(_) => out.extend_from_slice(path.as_bytes()),
        Err(_) => out.extend_from_slice(path.lossy().as_bytes()),
    }
    for byte in &mut out[from..] {
        if *byte == b'\n' {
            *byte = 0;
        }
    }
    out.push(b'\n');
}
