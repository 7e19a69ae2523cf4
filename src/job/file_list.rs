//! The list of a snapshot's files, of which a search that was kept ready needs only parts.

use crate::index::{FileTable, IndexError};
use crate::model::{TreeFile, TreeId};
use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The files of a snapshot in path order: a slice of [`TreeFile`]s that is made when it is first asked for. What asks for one
/// file ([`FileList::file`]) does not make it. A copy shares what was made.
#[derive(Clone, Default)]
pub struct FileList(Arc<Forms>);

/// The list in one form or both.
#[derive(Default)]
struct Forms {
    tree: Option<TreeId>,
    table: OnceLock<Arc<FileTable>>,
    files: OnceLock<Vec<TreeFile>>,
}

impl FileList {
    /// Takes the files of a tree, which must be in path order.
    pub fn new(tree: TreeId, files: Vec<TreeFile>) -> Self {
        Self(Arc::new(Forms {
            tree: Some(tree),
            files: OnceLock::from(files),
            ..Forms::default()
        }))
    }

    /// Takes a table that was opened.
    pub fn kept(table: FileTable) -> Self {
        Self(Arc::new(Forms {
            table: OnceLock::from(Arc::new(table)),
            ..Forms::default()
        }))
    }

    /// Returns the files as a search uses them.
    pub fn table(&self) -> Arc<FileTable> {
        let make = || {
            let table = self.0.tree.and_then(|tree| FileTable::new(tree, self));
            Arc::new(table.unwrap_or_default())
        };
        Arc::clone(self.0.table.get_or_init(make))
    }

    /// Keeps the table in the folder of an index, unless it is there.
    pub fn keep(&self, folder: &Path) -> Result<(), IndexError> {
        match self.0.tree {
            Some(tree) if FileTable::open(folder, tree).is_none() => {
                self.table().write(folder, tree)
            }
            _ => Ok(()),
        }
    }

    /// Returns the number of files.
    pub fn count(&self) -> u32 {
        match (self.0.files.get(), self.0.table.get()) {
            (Some(files), _) => files.len() as u32,
            (None, Some(table)) => table.len() as u32,
            (None, None) => 0,
        }
    }

    /// Returns the file at a position.
    pub fn file(&self, at: u32) -> Option<TreeFile> {
        match (self.0.files.get(), self.0.table.get()) {
            (Some(files), _) => files.get(at as usize).cloned(),
            (None, Some(table)) => table.file(at),
            (None, None) => None,
        }
    }

    /// Returns the path of the file at a position, as it is in the tree.
    pub fn path(&self, at: u32) -> Option<&[u8]> {
        match (self.0.files.get(), self.0.table.get()) {
            (Some(files), _) => Some(files.get(at as usize)?.path.as_bytes()),
            (None, Some(table)) => table.path(at),
            (None, None) => None,
        }
    }
}

impl Deref for FileList {
    type Target = [TreeFile];

    fn deref(&self) -> &[TreeFile] {
        let make = || self.0.table.get().map(|table| table.files());
        self.0.files.get_or_init(|| make().unwrap_or_default())
    }
}

impl<'a> IntoIterator for &'a FileList {
    type Item = &'a TreeFile;
    type IntoIter = std::slice::Iter<'a, TreeFile>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl std::fmt::Debug for FileList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
