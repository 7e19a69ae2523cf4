//! The tree of the snapshot's files: folds, cursor, scroll.
//!
//! The file list is sorted by path bytes, so every folder is one run of it: no tree is ever built, and a
//! million files cost nothing until their folder is unfolded.

use crate::model::{BlobId, FileKind, RepoPath, TreeFile};
use std::collections::HashSet;

/// The tree pane.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    files: Vec<TreeFile>,
    open: HashSet<Vec<u8>>,
    rows: Vec<Row>,
    /// Row under the cursor.
    pub cursor: usize,
    /// First row shown.
    pub top: usize,
}

/// One visible row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// How deep, 0 at the top.
    pub depth: u16,
    /// What it is.
    pub kind: RowKind,
}

/// What a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A folder: its whole path without a slash at the end.
    Folder {
        /// Raw bytes.
        path: Vec<u8>,
        /// Whether what is in it is shown.
        open: bool,
    },
    /// A file, by its position in the list.
    File(u32),
}

impl Tree {
    /// Takes the snapshot's files, sorted by path bytes.
    pub fn set_files(&mut self, files: Vec<TreeFile>) {
        self.files = files;
        self.refresh();
    }
    /// Returns the snapshot's files.
    pub fn files(&self) -> &[TreeFile] {
        &self.files
    }
    /// Returns the visible rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
    /// Returns the file under the cursor.
    pub fn file(&self) -> Option<&TreeFile> {
        match self.rows.get(self.cursor)?.kind {
            RowKind::File(at) => self.files.get(at as usize),
            RowKind::Folder { .. } => None,
        }
    }
    /// Returns a file by its raw path, with its position.
    pub fn find(&self, path: &[u8]) -> Option<(u32, &TreeFile)> {
        let at = self
            .files
            .binary_search_by(|f| f.path.as_bytes().cmp(path))
            .ok()?;
        Some((at as u32, &self.files[at]))
    }

    /// Returns the file with a raw path and a blob, with its position: a hostile tree may have several of one path.
    pub fn find_entry(&self, path: &RepoPath, blob: &BlobId) -> Option<(u32, &TreeFile)> {
        let from = self.files.partition_point(|f| f.path < *path);
        let same = self.files[from..].iter().take_while(|f| f.path == *path);
        let (nth, file) = same.enumerate().find(|(_, f)| f.blob == *blob)?;
        Some(((from + nth) as u32, file))
    }

    /// Moves the cursor by rows.
    pub fn step(&mut self, by: i64) {
        let last = self.rows.len().saturating_sub(1) as i64;
        self.cursor = (self.cursor as i64).saturating_add(by).clamp(0, last) as usize;
    }

    /// Scrolls so that the cursor is among `height` rows.
    pub fn keep_visible(&mut self, height: usize) {
        self.top = super::scrolled(self.top, self.cursor, height);
    }

    /// Folds or unfolds the folder under the cursor. Returns false if it is a file.
    pub fn toggle(&mut self) -> bool {
        let Some(Row {
            kind: RowKind::Folder { path, .. },
            ..
        }) = self.rows.get(self.cursor)
        else {
            return false;
        };
        let path = path.clone();
        if !self.open.remove(&path) {
            self.open.insert(path);
        }
        self.refresh();
        true
    }

    /// Folds the folder under the cursor, or goes to the folder that holds what is under it.
    pub fn fold(&mut self) {
        let parent = match self.rows.get(self.cursor).map(|r| &r.kind) {
            Some(RowKind::Folder { open: true, .. }) => {
                self.toggle();
                return;
            }
            Some(RowKind::Folder { path, .. }) => folder_of(path).to_vec(),
            Some(RowKind::File(at)) => self.files[*at as usize].path.folder().to_vec(),
            None => return,
        };
        if let Some(at) = self.row_of_folder(&parent) {
            self.cursor = at;
        }
    }

    /// Unfolds what leads to a file and puts the cursor on it.
    pub fn reveal(&mut self, file: &TreeFile) {
        let Some((at, _)) = self.find_entry(&file.path, &file.blob) else {
            return;
        };
        self.unfold(folder_of(file.path.as_bytes()));
        if let Some(row) = self.rows.iter().position(|r| r.kind == RowKind::File(at)) {
            self.cursor = row;
        }
    }

    /// Unfolds what leads to a folder and puts the cursor on it. Returns false if there is none.
    pub fn reveal_folder(&mut self, path: &[u8]) -> bool {
        self.unfold(folder_of(path));
        let row = self.row_of_folder(path);
        if let Some(row) = row {
            self.cursor = row;
        }
        row.is_some()
    }

    /// Unfolds a folder and all that hold it.
    fn unfold(&mut self, mut folder: &[u8]) {
        let mut changed = false;
        while !folder.is_empty() {
            changed |= self.open.insert(folder.to_vec());
            folder = folder_of(folder);
        }
        if changed {
            self.refresh();
        }
    }

    fn row_of_folder(&self, folder: &[u8]) -> Option<usize> {
        self.rows
            .iter()
            .position(|r| matches!(&r.kind, RowKind::Folder { path, .. } if path == folder))
    }

    fn refresh(&mut self) {
        let mut rows = Vec::new();
        // (folder with its slash, files from, to, depth), walked with a stack: depth is the vendor's to choose.
        let mut stack = vec![Step::Into(Vec::new(), 0, self.files.len(), 0)];
        while let Some(step) = stack.pop() {
            match step {
                Step::Row(row) => rows.push(row),
                Step::Into(prefix, from, to, depth) => {
                    let mut below = self.children(&prefix, from, to, depth);
                    below.reverse();
                    stack.append(&mut below);
                }
            }
        }
        self.rows = rows;
        self.step(0);
    }

    /// Returns what stands directly in a folder, folders first.
    fn children(&self, prefix: &[u8], from: usize, to: usize, depth: u16) -> Vec<Step> {
        let mut folders = Vec::new();
        let mut files = Vec::new();
        let mut at = from;
        while at < to {
            let path = self.files[at].path.as_bytes();
            let name = &path[prefix.len()..];
            let Some(slash) = name.iter().position(|b| *b == b'/') else {
                files.push(Step::Row(Row {
                    depth,
                    kind: RowKind::File(at as u32),
                }));
                at += 1;
                continue;
            };
            let inner = path[..=prefix.len() + slash].to_vec();
            let end =
                at + self.files[at..to].partition_point(|f| f.path.as_bytes().starts_with(&inner));
            let folder = inner[..inner.len() - 1].to_vec();
            let open = self.open.contains(&folder);
            folders.push(Step::Row(Row {
                depth,
                kind: RowKind::Folder { path: folder, open },
            }));
            if open {
                folders.push(Step::Into(inner, at, end, depth.saturating_add(1)));
            }
            at = end;
        }
        folders.extend(files);
        folders
    }
}

enum Step {
    Row(Row),
    Into(Vec<u8>, usize, usize, u16),
}

fn folder_of(path: &[u8]) -> &[u8] {
    path.iter()
        .rposition(|b| *b == b'/')
        .map_or(&[], |at| &path[..at])
}

/// Returns whether a file can be opened for reading.
pub fn is_readable(file: &TreeFile) -> bool {
    file.kind != FileKind::Submodule
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::{BlobId, RepoPath};

    fn reveal(tree: &mut Tree, path: &str) {
        let (_, file) = tree.find(path.as_bytes()).unwrap();
        let file = file.clone();
        tree.reveal(&file);
    }

    pub(crate) fn files(paths: &[&str]) -> Vec<TreeFile> {
        let mut files: Vec<_> = paths
            .iter()
            .enumerate()
            .map(|(n, p)| TreeFile {
                path: RepoPath::new(*p),
                kind: FileKind::Regular,
                blob: BlobId::new([n as u8; 20]),
            })
            .collect();
        files.sort();
        files
    }

    fn shown(tree: &Tree) -> Vec<String> {
        let name = |r: &Row| match &r.kind {
            RowKind::Folder { path, open } => {
                format!(
                    "{}{}",
                    String::from_utf8_lossy(path),
                    if *open { "/-" } else { "/+" }
                )
            }
            RowKind::File(at) => tree.files[*at as usize].path.to_string(),
        };
        tree.rows
            .iter()
            .map(|r| format!("{}{}", " ".repeat(r.depth.into()), name(r)))
            .collect()
    }

    #[test]
    fn folders_come_first_and_unfold_in_place() {
        let mut tree = Tree::default();
        tree.set_files(files(&[
            "README",
            "src/a.c",
            "src/net/b.c",
            "src.txt",
            "doc/x",
        ]));
        assert_eq!(shown(&tree), ["doc/+", "src/+", "README", "src.txt"]);
        tree.step(1);
        assert!(tree.toggle());
        assert_eq!(
            shown(&tree),
            [
                "doc/+",
                "src/-",
                " src/net/+",
                " src/a.c",
                "README",
                "src.txt"
            ]
        );
        reveal(&mut tree, "src/net/b.c");
        assert_eq!(
            tree.file().map(|f| f.path.to_string()),
            Some("src/net/b.c".into())
        );
        tree.fold();
        assert_eq!(tree.cursor, 2);
        tree.fold();
        tree.fold();
        tree.fold();
        assert_eq!(shown(&tree), ["doc/+", "src/+", "README", "src.txt"]);
    }

    #[test]
    fn a_deep_hostile_tree_ends() {
        let deep = "d/".repeat(3000) + "f";
        let mut tree = Tree::default();
        tree.set_files(files(&[&deep]));
        reveal(&mut tree, &deep);
        assert_eq!(tree.rows.len(), 3001);
    }
}
