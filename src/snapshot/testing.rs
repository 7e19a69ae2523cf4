//! Repositories for this module's tests, made object by object so that they can hold what git would refuse.

use crate::model::CommitId;
use crate::snapshot::demo::tree_bytes;
use crate::snapshot::object::bytes_of;
use crate::snapshot::{Snapshot, sys};
use git2::{Buf, Indexer, ObjectType, Oid, Repository, RepositoryInitOptions};
use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A task that nobody cancels.
pub(crate) fn never() -> bool {
    false
}

/// A repository in a temporary folder.
pub(crate) struct TestRepo {
    dir: tempfile::TempDir,
    repository: Repository,
    git_dir: PathBuf,
    last: RefCell<Vec<Oid>>,
}

/// One file of a tree: mode, name, id.
pub(crate) type Entry<'a> = (u32, &'a [u8], Oid);

impl TestRepo {
    pub(crate) fn new() -> Self {
        Self::make("vendor.git")
    }

    pub(crate) fn with_work_tree() -> Self {
        Self::make("vendor/.git")
    }

    fn make(name: &str) -> Self {
        sys::prepare();
        let dir = tempfile::tempdir().unwrap();
        let git_dir = dir.path().canonicalize().unwrap().join(name);
        let mut options = RepositoryInitOptions::new();
        options
            .bare(true)
            .external_template(false)
            .initial_head("main")
            .mkpath(true);
        let repository = Repository::init_opts(&git_dir, &options).unwrap();
        for extra in ["hooks", "info", "config"] {
            let path = git_dir.join(extra);
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else if path.exists() {
                fs::remove_file(path).unwrap();
            }
        }
        let last = RefCell::default();
        Self {
            dir,
            repository,
            git_dir,
            last,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.git_dir
    }

    pub(crate) fn work_tree(&self) -> &Path {
        self.git_dir.parent().unwrap()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.dir.path().join("store")
    }

    pub(crate) fn raw(&self, kind: ObjectType, bytes: &[u8]) -> Oid {
        self.repository.odb().unwrap().write(kind, bytes).unwrap()
    }

    pub(crate) fn blob(&self, bytes: &[u8]) -> Oid {
        self.raw(ObjectType::Blob, bytes)
    }

    pub(crate) fn tree(&self, entries: &[Entry<'_>]) -> Oid {
        self.raw(ObjectType::Tree, &tree_bytes(&mut entries.to_vec()))
    }

    /// Commits the tree on top of the last commit and moves `main` to it.
    pub(crate) fn commit_tree(&self, tree: Oid) -> Oid {
        let parent = self
            .last
            .borrow()
            .last()
            .map_or_else(String::new, |id| format!("parent {id}\n"));
        let who = "A <a@b> 1700000000 +0000";
        let text = format!("tree {tree}\n{parent}author {who}\ncommitter {who}\n\nx\n");
        let id = self.raw(ObjectType::Commit, text.as_bytes());
        self.last.borrow_mut().push(id);
        self.set_ref("refs/heads/main", &id.to_string());
        id
    }

    /// Commits the last tree's files and this one.
    pub(crate) fn commit_file(&self, name: &str, content: &[u8]) -> Oid {
        let mut files: Vec<(u32, Vec<u8>, Oid)> = Vec::new();
        if let Some(last) = self.last.borrow().last() {
            let tree = self.repository.find_commit(*last).unwrap().tree().unwrap();
            let old = tree
                .iter()
                .map(|e| (e.filemode() as u32, e.name_bytes().to_vec(), e.id()));
            files.extend(old);
        }
        files.push((0o100_644, name.into(), self.blob(content)));
        let entries: Vec<Entry<'_>> = files
            .iter()
            .map(|(m, n, i)| (*m, n.as_slice(), *i))
            .collect();
        self.commit_tree(self.tree(&entries))
    }

    pub(crate) fn set_ref(&self, name: &str, text: &str) {
        let path = self.git_dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{text}\n")).unwrap();
    }

    pub(crate) fn open(&self) -> Snapshot {
        Snapshot::open(self.path(), None, &self.store()).unwrap()
    }

    pub(crate) fn last(&self) -> CommitId {
        CommitId::new(bytes_of(self.last.borrow().last().unwrap()))
    }

    /// Returns a pack of the whole history, with deltas.
    pub(crate) fn pack(&self) -> Vec<u8> {
        let mut builder = self.repository.packbuilder().unwrap();
        let mut history = self.repository.revwalk().unwrap();
        history.push(*self.last.borrow().last().unwrap()).unwrap();
        builder.insert_walk(&mut history).unwrap();
        let mut buf = Buf::new();
        builder.write_buf(&mut buf).unwrap();
        buf.to_vec()
    }

    /// Returns a bundle of the whole history; every ref is at the last commit.
    pub(crate) fn bundle(&self, head: &str, refs: &[&str]) -> Vec<u8> {
        let id = self.last();
        let lines: Vec<_> = refs.iter().map(|name| format!("{id} {name}\n")).collect();
        let lines = lines.concat();
        [head.as_bytes(), lines.as_bytes(), b"\n", &self.pack()].concat()
    }

    /// Puts a pack, with the index that belongs to it, among the repository's own.
    pub(crate) fn add_pack(&self, pack: &[u8]) -> PathBuf {
        let folder = self.git_dir.join("objects/pack");
        fs::create_dir_all(&folder).unwrap();
        let mut indexer = Indexer::new(None, &folder, 0o644, false).unwrap();
        indexer.write_all(pack).unwrap();
        let name = indexer.commit().unwrap();
        folder.join(format!("pack-{name}.pack"))
    }

    /// Removes all loose objects.
    pub(crate) fn drop_loose(&self) {
        for entry in fs::read_dir(self.git_dir.join("objects")).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().len() == 2 {
                fs::remove_dir_all(path).unwrap();
            }
        }
    }
}

/// Encodes an entry of a pack with a stored (not compressed) body.
pub(crate) fn packed_entry(kind: u8, base: &[u8], body: &[u8]) -> Vec<u8> {
    let mut size = body.len();
    let mut out = vec![kind << 4 | (size & 15) as u8];
    size >>= 4;
    while size > 0 {
        *out.last_mut().unwrap() |= 0x80;
        out.push((size & 0x7f) as u8);
        size >>= 7;
    }
    out.extend_from_slice(base);
    out.extend(zlib_stored(body));
    out
}

/// Wraps bytes as a zlib stream of stored blocks, RFC 1950 and 1951.
pub(crate) fn zlib_stored(body: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = body.chunks(0xffff).peekable();
    if body.is_empty() {
        out.extend_from_slice(&[1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&(block.len() as u16).to_le_bytes());
        out.extend_from_slice(&(!(block.len() as u16)).to_le_bytes());
        out.extend_from_slice(block);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for byte in body {
        a = (a + u32::from(*byte)) % 65521;
        b = (b + a) % 65521;
    }
    out.extend_from_slice(&(b << 16 | a).to_be_bytes());
    out
}

/// Joins entries to a pack.
pub(crate) fn pack_of(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"PACK\0\0\0\x02".to_vec();
    out.extend_from_slice(&(entries.len() as u32).to_be_bytes());
    for entry in entries {
        out.extend_from_slice(entry);
    }
    let digest = sha1(&out);
    out.extend_from_slice(&digest);
    out
}

/// SHA-1 of plain bytes, FIPS 180-4: a pack's trailer has no object header in front.
#[expect(clippy::many_single_char_names, reason = "the standard's names")]
pub(crate) fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut h = [
        0x6745_2301_u32,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    let mut text = bytes.to_vec();
    text.push(0x80);
    while text.len() % 64 != 56 {
        text.push(0);
    }
    text.extend_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());
    for block in text.chunks(64) {
        let mut w = [0u32; 80];
        for (at, word) in block.chunks(4).enumerate() {
            w[at] = u32::from_be_bytes(word.try_into().unwrap());
        }
        for at in 16..80 {
            w[at] = (w[at - 3] ^ w[at - 8] ^ w[at - 14] ^ w[at - 16]).rotate_left(1);
        }
        let [mut a, mut b, mut c, mut d, mut e] = h;
        for (at, word) in w.iter().enumerate() {
            let (f, k) = match at / 20 {
                0 => (b & c | !b & d, 0x5a82_7999),
                1 => (b ^ c ^ d, 0x6ed9_eba1),
                2 => (b & c | b & d | c & d, 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6_u32),
            };
            let next = a
                .rotate_left(5)
                .wrapping_add(f)
                .wrapping_add(e)
                .wrapping_add(k);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next.wrapping_add(*word));
        }
        for (sum, part) in h.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(part);
        }
    }
    let mut out = [0; 20];
    for (four, word) in out.chunks_mut(4).zip(h) {
        four.copy_from_slice(&word.to_be_bytes());
    }
    out
}
