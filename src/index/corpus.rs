//! The files of one snapshot, made ready to be searched many times.

use super::IndexError;
use super::engine::Bits;
use super::file_table::FileTable;
use super::matcher::Matcher;
use super::open::{Index, Ready};
use super::stored_units::{StoredUnit, StoredUnits};
use crate::model::{RepoPath, TreeFile, TreeId};
use std::sync::{Arc, Mutex, PoisonError};

/// The files of one snapshot, in the order of its paths; equal contents are searched once. A file is its position in
/// the list it was made of.
pub struct Corpus {
    table: Arc<FileTable>,
    /// Where each unit's text is in the store that was searched last.
    stored: Mutex<Option<(u64, Arc<StoredUnits>)>>,
}

impl Corpus {
    /// Takes the files of a snapshot.
    pub fn new(table: Arc<FileTable>) -> Self {
        Self {
            table,
            stored: Mutex::new(None),
        }
    }

    /// Takes some files, in the order in which results are wanted.
    pub fn of_files(files: &[TreeFile]) -> Self {
        // No tree has this id, so that nothing is kept.
        let table = FileTable::new(TreeId::new([0; 20]), files);
        Self::new(Arc::new(table.unwrap_or_default()))
    }

    /// Returns the number of files.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Returns whether there are no files.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    pub(super) fn table(&self) -> &FileTable {
        &self.table
    }

    /// Returns a path as it is searched.
    pub(super) fn path(&self, file: u32) -> &[u8] {
        self.table.typed_path(file)
    }

    /// Returns where each unit is in the store; nothing if there is no store.
    pub(super) fn stored(&self, index: &Index) -> Option<Arc<StoredUnits>> {
        let ready = index.ready()?;
        let mut last = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        let key = ready.store.key();
        if let Some((of, stored)) = &*last
            && *of == key
        {
            return Some(Arc::clone(stored));
        }
        let (tree, state) = (self.table.tree(), ready.state);
        let units = self.table.units() as usize;
        // What was kept knows nothing of encodings that reviewers said.
        let kept = StoredUnits::open(index.folder(), tree, &state, units);
        let stored = kept
            .filter(|_| !ready.store.leaves_out())
            .unwrap_or_else(|| StoredUnits::new(tree, &state, &self.find_stored(index)));
        let stored = Arc::new(stored);
        *last = Some((key, Arc::clone(&stored)));
        Some(stored)
    }

    /// Finds where each unit is in the store.
    fn find_stored(&self, index: &Index) -> Vec<Option<StoredUnit>> {
        let mut found = vec![None; self.table.units() as usize];
        let Some(ready) = index.ready() else {
            return found;
        };
        let units = self.table.units_by_content();
        for (number, id) in ready.store.ids() {
            let Some(unit) = units.get(&id) else {
                continue;
            };
            // What is damaged is read from the snapshot.
            let row = ready.store.row(number);
            if row.is_err() {
                index.note_damage();
            }
            found[*unit as usize] = row.ok().map(|row| StoredUnit::new(number, &row));
        }
        found
    }

    /// Keeps what a search finds out before it begins in the folder of the index, unless it is there already.
    pub fn keep(&self, index: &Index) -> Result<(), IndexError> {
        let has_all = |ready: &Ready| !ready.store.leaves_out() && !index.is_damaged();
        if !index.ready().is_some_and(has_all) {
            return Ok(());
        }
        let Some(stored) = self.stored(index).filter(|stored| !stored.is_kept()) else {
            return Ok(());
        };
        let folder = index.folder();
        let written = stored.write(folder, self.table.tree());
        written.map_err(IndexError::io("write", folder))
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
        let paths = self.table.typed_paths();
        let (mut at, mut file) = (0, 0);
        while let Some((start, _)) = matcher.find_at(paths, at) {
            if start >= paths.len() {
                break;
            }
            file = self.table.file_at(start, file);
            out.set(file as usize);
            file += 1;
            at = self.table.path_start(file);
            if file as usize == self.len() {
                break;
            }
        }
        out
    }
}

/// Appends a path and a line end. A path may hold a line end itself; here it would be two paths.
pub(super) fn push_path(path: &RepoPath, out: &mut Vec<u8>) {
    let from = out.len();
    out.extend_from_slice(path.searched().as_bytes());
    for byte in &mut out[from..] {
        if *byte == b'\n' {
            *byte = 0;
        }
    }
    out.push(b'\n');
}
