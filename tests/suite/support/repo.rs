//! Repositories made object by object, with a fixed clock, so that they can hold what git would refuse.

use git2::{Buf, Indexer, ObjectType, Odb, Oid, Repository, RepositoryInitOptions};
use std::cell::Cell;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder that goes when the test ends.
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    /// Makes one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Returns its path without links.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// One entry of a tree: mode, name, id.
pub type Entry<'a> = (u32, &'a [u8], Oid);

/// A regular file's mode.
pub const FILE: u32 = 0o100_644;
/// A link's mode.
pub const LINK: u32 = 0o120_000;
/// A folder's mode.
pub const FOLDER: u32 = 0o040_000;
/// A submodule's mode.
pub const SUBMODULE: u32 = 0o160_000;

/// A bare repository in a folder of its own; `HEAD` is at `main`.
pub struct TestRepo {
    scratch: Scratch,
    repository: Repository,
    git_dir: PathBuf,
    last: Cell<Option<Oid>>,
}

impl TestRepo {
    /// Makes an empty one.
    pub fn new() -> Self {
        let scratch = Scratch::new();
        let git_dir = scratch.path().join("vendor.git");
        let mut options = RepositoryInitOptions::new();
        options
            .bare(true)
            .external_template(false)
            .initial_head("main");
        let repository = Repository::init_opts(&git_dir, &options).unwrap();
        let last = Cell::new(None);
        Self {
            scratch,
            repository,
            git_dir,
            last,
        }
    }

    /// Makes one with a single commit of the given files.
    pub fn of(files: &[(&str, &[u8])]) -> Self {
        let repo = Self::new();
        repo.commit_files(files);
        repo
    }

    /// Returns the repository's folder.
    pub fn path(&self) -> &Path {
        &self.git_dir
    }

    /// Returns a folder beside it.
    pub fn beside(&self) -> &Path {
        self.scratch.path()
    }

    /// Writes a file into the repository's folder.
    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.git_dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn odb(&self) -> Odb<'_> {
        self.repository.odb().unwrap()
    }

    /// Writes an object as it is.
    pub fn raw(&self, kind: ObjectType, bytes: &[u8]) -> Oid {
        self.odb().write(kind, bytes).unwrap()
    }

    /// Writes a blob.
    pub fn blob(&self, bytes: &[u8]) -> Oid {
        self.raw(ObjectType::Blob, bytes)
    }

    /// Writes a tree with the entries in git's order, whatever their names.
    pub fn tree(&self, entries: &[Entry<'_>]) -> Oid {
        self.raw(ObjectType::Tree, &tree_bytes(entries))
    }

    /// Writes a tree of files in the top folder.
    pub fn tree_of(&self, files: &[(&str, &[u8])]) -> Oid {
        let blobs: Vec<_> = files
            .iter()
            .map(|(_, content)| self.blob(content))
            .collect();
        let entries = files.iter().zip(&blobs);
        let entries: Vec<Entry<'_>> = entries
            .map(|((name, _), id)| (FILE, name.as_bytes(), *id))
            .collect();
        self.tree(&entries)
    }

    /// Commits files of the top folder.
    pub fn commit_files(&self, files: &[(&str, &[u8])]) -> Oid {
        self.commit(self.tree_of(files))
    }

    /// Commits a tree on top of the last commit, and moves `main` to it.
    pub fn commit(&self, tree: Oid) -> Oid {
        self.commit_as(tree, "release\n")
    }

    /// The same with a message of its own.
    pub fn commit_as(&self, tree: Oid, message: &str) -> Oid {
        let parent = self
            .last
            .get()
            .map_or_else(String::new, |id| format!("parent {id}\n"));
        let who = "A Vendor <release@vendor.example> 1700000000 +0000";
        let text = format!("tree {tree}\n{parent}author {who}\ncommitter {who}\n\n{message}");
        let id = self.raw(ObjectType::Commit, text.as_bytes());
        self.last.set(Some(id));
        self.put("refs/heads/main", format!("{id}\n"));
        id
    }

    /// Returns the last commit.
    pub fn last(&self) -> Oid {
        self.last.get().unwrap()
    }

    /// Returns the id that the last commit's tree has at a path; of `.` the tree itself.
    pub fn id_at(&self, path: &str) -> String {
        let commit = self.repository.find_commit(self.last()).unwrap();
        let tree = commit.tree().unwrap();
        if path == "." {
            return tree.id().to_string();
        }
        tree.get_path(Path::new(path)).unwrap().id().to_string()
    }

    /// Removes a loose object.
    pub fn lose(&self, id: Oid) {
        let digits = id.to_string();
        let path = format!("objects/{}/{}", &digits[..2], &digits[2..]);
        fs::remove_file(self.git_dir.join(path)).unwrap();
    }

    /// Returns a pack of the whole history.
    pub fn pack(&self) -> Vec<u8> {
        let mut builder = self.repository.packbuilder().unwrap();
        let mut history = self.repository.revwalk().unwrap();
        history.push(self.last()).unwrap();
        builder.insert_walk(&mut history).unwrap();
        let mut bytes = Buf::new();
        builder.write_buf(&mut bytes).unwrap();
        bytes.to_vec()
    }

    /// Puts a pack with its index among the repository's own, and returns where.
    pub fn add_pack(&self, pack: &[u8]) -> PathBuf {
        let folder = self.git_dir.join("objects/pack");
        fs::create_dir_all(&folder).unwrap();
        let mut indexer = Indexer::new(None, &folder, 0o644, false).unwrap();
        indexer.write_all(pack).unwrap();
        let name = indexer.commit().unwrap();
        folder.join(format!("pack-{name}.pack"))
    }

    /// Keeps the whole history as one pack and nothing else, and returns where.
    pub fn pack_all(&self) -> PathBuf {
        let path = self.add_pack(&self.pack());
        for entry in fs::read_dir(self.git_dir.join("objects")).unwrap() {
            let folder = entry.unwrap().path();
            if folder.file_name().unwrap().len() == 2 {
                fs::remove_dir_all(folder).unwrap();
            }
        }
        path
    }

    /// Writes the history as a bundle beside the repository; `head` is the header up to the refs.
    pub fn bundle(&self, head: &str) -> PathBuf {
        let path = self.beside().join("vendor.bundle");
        let refs = format!("{} refs/heads/main\n\n", self.last());
        fs::write(
            &path,
            [head.as_bytes(), refs.as_bytes(), &self.pack()].concat(),
        )
        .unwrap();
        path
    }
}

/// Encodes a tree; a folder sorts as if its name ended in `/`.
pub fn tree_bytes(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut entries = entries.to_vec();
    entries.sort_by_cached_key(|(mode, name, _)| {
        let end: &[u8] = if *mode == FOLDER { b"/" } else { b"" };
        [*name, end].concat()
    });
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend_from_slice(format!("{mode:o} ").as_bytes());
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(&id.as_bytes()[..20]);
    }
    bytes
}
