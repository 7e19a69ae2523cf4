//! One object out of the store: present, sound, of the right kind and size, before a byte is handed on.
//!
//! Commits, tags and trees are parsed here from their bytes, in loops and not by recursion, so that neither a
//! name nor a depth of the vendor's can upset the parser.

use crate::snapshot::SnapshotError;
use crate::snapshot::chain::{Chains, hex};
use crate::snapshot::refs::{Id, parse_id};
use git2::{ErrorCode, ObjectType, Odb, OdbLookupFlags, Oid};
use std::path::Path;
use std::sync::Arc;

/// The tree without entries, which git knows without storing it.
const EMPTY_TREE: Id = [
    0x4b, 0x82, 0x5d, 0xc6, 0x42, 0xcb, 0x6e, 0xb9, 0xa0, 0x60, 0xe5, 0x4b, 0xf8, 0xd6, 0x92, 0x88,
    0xfb, 0xee, 0x49, 0x04,
];
/// Bytes of one commit or tag.
const TEXT_BYTES: u64 = 16 << 20;
/// Tags of tags followed.
const TAGS: usize = 64;

/// A handle on the objects of one delivery.
pub(super) struct Objects {
    odb: Odb<'static>,
    chains: Arc<Chains>,
}

/// What is needed of a commit.
pub(super) struct Commit {
    /// Its tree.
    pub tree: Id,
    /// Its parents.
    pub parents: Vec<Id>,
    /// When it was committed, as the committer's clock had it: seconds since 1970; 0 if that cannot be read.
    pub time: i64,
}

/// One entry of a tree.
pub(super) struct TreeEntry<'a> {
    /// The mode's number.
    pub mode: u32,
    /// Raw.
    pub name: &'a [u8],
    /// What it names.
    pub id: Id,
}

fn oid(id: &Id) -> Oid {
    Oid::from_bytes(id).expect("20 bytes are an id")
}

/// Returns the id's bytes.
pub(super) fn bytes_of(oid: &Oid) -> Id {
    let mut id = [0; 20];
    id.copy_from_slice(&oid.as_bytes()[..20]);
    id
}

fn word(kind: ObjectType) -> &'static str {
    match kind {
        ObjectType::Commit => "commit",
        ObjectType::Tree => "tree",
        ObjectType::Blob => "blob",
        ObjectType::Tag => "tag",
        ObjectType::Any => "object",
    }
}

impl Objects {
    /// Opens a folder of ours; `named` is what an error names.
    pub(super) fn open(
        folder: &str,
        named: &Path,
        chains: Arc<Chains>,
    ) -> Result<Self, SnapshotError> {
        let wrap = |source| SnapshotError::Objects {
            path: named.to_path_buf(),
            source,
        };
        let odb = Odb::new().map_err(wrap)?;
        odb.add_disk_alternate(folder).map_err(wrap)?;
        Ok(Self { odb, chains })
    }

    /// Returns size and kind of an object; `wanted` names it in an error.
    fn header(&self, id: &Id, wanted: ObjectType) -> Result<(u64, ObjectType), SnapshotError> {
        if *id == EMPTY_TREE {
            return Ok((0, ObjectType::Tree));
        }
        let missing = || match self.chains.damaged() {
            Some(path) => SnapshotError::DamagedPack {
                path: path.to_path_buf(),
                kind: word(wanted),
                id: hex(id),
            },
            None => SnapshotError::MissingObject {
                kind: word(wanted),
                id: hex(id),
            },
        };
        // Without a refresh: a delivery with many missing objects would list its folders again for each.
        if !self.odb.exists_ext(oid(id), OdbLookupFlags::NO_REFRESH) {
            return Err(missing());
        }
        self.chains.check(id)?;
        match self.odb.read_header(oid(id)) {
            Ok((size, kind)) => Ok((size as u64, kind)),
            Err(e) if e.code() == ErrorCode::NotFound => Err(missing()),
            Err(source) => Err(SnapshotError::DamagedObject {
                kind: word(wanted),
                id: hex(id),
                source,
            }),
        }
    }

    /// Returns size and kind of an object, whatever its kind.
    pub(super) fn size_and_kind(&self, id: &Id) -> Result<(u64, ObjectType), SnapshotError> {
        self.header(id, ObjectType::Any)
    }

    /// Returns the size of an object that must be of the kind.
    pub(super) fn size(&self, id: &Id, wanted: ObjectType) -> Result<u64, SnapshotError> {
        let (size, found) = self.header(id, wanted)?;
        if found == wanted {
            return Ok(size);
        }
        Err(SnapshotError::WrongKind {
            id: hex(id),
            wanted: word(wanted),
            found: word(found),
        })
    }

    /// Reads an object whose size was found acceptable; its content is checked against its id.
    pub(super) fn content(&self, id: &Id, wanted: ObjectType) -> Result<Vec<u8>, SnapshotError> {
        if *id == EMPTY_TREE {
            return Ok(Vec::new());
        }
        let damaged = |source| SnapshotError::DamagedObject {
            kind: word(wanted),
            id: hex(id),
            source,
        };
        let object = self.odb.read(oid(id)).map_err(damaged)?;
        if object.kind() != wanted {
            return Err(SnapshotError::WrongKind {
                id: hex(id),
                wanted: word(wanted),
                found: word(object.kind()),
            });
        }
        Ok(object.data().to_vec())
    }

    /// Reads a commit, tree or tag of at most `limit` bytes.
    pub(super) fn structure(
        &self,
        id: &Id,
        kind: ObjectType,
        limit: u64,
    ) -> Result<Vec<u8>, SnapshotError> {
        let size = self.size(id, kind)?;
        if size > limit {
            return Err(SnapshotError::ObjectTooLarge {
                kind: word(kind),
                id: hex(id),
                size,
                limit,
            });
        }
        self.content(id, kind)
    }

    /// Follows tags to a commit; `rev` names it in an error.
    pub(super) fn peel(&self, mut id: Id, rev: &str) -> Result<Id, SnapshotError> {
        for _ in 0..TAGS {
            let (_, kind) = self.header(&id, ObjectType::Commit)?;
            match kind {
                ObjectType::Commit => return Ok(id),
                ObjectType::Tag => {
                    let text = self.structure(&id, kind, TEXT_BYTES)?;
                    id =
                        field(&text, b"object ").ok_or_else(|| SnapshotError::MalformedObject {
                            kind: "tag",
                            id: hex(&id),
                        })?;
                }
                _ => {
                    return Err(SnapshotError::NotACommit {
                        rev: rev.to_owned(),
                        kind: word(kind),
                    });
                }
            }
        }
        Err(SnapshotError::TagTooDeep {
            rev: rev.to_owned(),
            limit: TAGS,
        })
    }

    /// Reads the head of a commit.
    pub(super) fn commit(&self, id: &Id) -> Result<Commit, SnapshotError> {
        let text = self.structure(id, ObjectType::Commit, TEXT_BYTES)?;
        let tree = field(&text, b"tree ").ok_or_else(|| SnapshotError::MalformedObject {
            kind: "commit",
            id: hex(id),
        })?;
        let lines = text.split(|b| *b == b'\n').skip(1);
        let parents = lines.map_while(|line| line.strip_prefix(b"parent ").and_then(parse_id));
        Ok(Commit {
            tree,
            parents: parents.collect(),
            time: committed_at(&text),
        })
    }

    /// Returns whether the object is there at all.
    pub(super) fn has(&self, id: &Id) -> bool {
        self.odb.exists(oid(id))
    }

    /// Finds the one object whose id starts with the digits.
    pub(super) fn find_prefix(&self, digits: &str) -> Result<Option<Id>, SnapshotError> {
        let Ok(start) = Oid::from_str(digits) else {
            return Ok(None);
        };
        match self.odb.exists_prefix(start, digits.len()) {
            Ok(found) => Ok(Some(bytes_of(&found))),
            Err(e) if e.code() == ErrorCode::Ambiguous => Err(SnapshotError::AmbiguousRevision {
                rev: digits.to_owned(),
                refs: Vec::new(),
            }),
            Err(_) => Ok(None),
        }
    }

    /// Calls for every object in the order in which the store holds them, until told to stop; a damaged index
    /// ends it early.
    pub(super) fn each(&self, mut visit: impl FnMut(Id) -> bool) {
        let ended = self.odb.foreach(|found| visit(bytes_of(found)));
        // An early end is no failure: the order only saves time.
        drop(ended);
    }
}

/// Reads the time of a commit: `committer NAME <MAIL> SECONDS ZONE`.
fn committed_at(text: &[u8]) -> i64 {
    let mut head = text
        .split(|b| *b == b'\n')
        .take_while(|line| !line.is_empty());
    let line = head.find_map(|line| line.strip_prefix(b"committer "));
    let seconds = line.and_then(|line| {
        let words = std::str::from_utf8(line.rsplit(|b| *b == b'>').next()?).ok()?;
        words.split_whitespace().next()?.parse().ok()
    });
    seconds.unwrap_or(0)
}

/// Reads the id behind the key that a commit or tag must start with.
fn field(text: &[u8], key: &[u8]) -> Option<Id> {
    let rest = text.strip_prefix(key)?;
    let end = rest.iter().position(|b| *b == b'\n')?;
    parse_id(&rest[..end])
}

/// Takes the next entry off a tree's bytes; nothing if they are malformed.
pub(super) fn next_entry<'a>(rest: &mut &'a [u8]) -> Option<TreeEntry<'a>> {
    let space = rest.iter().take(8).position(|b| *b == b' ')?;
    let mode = rest[..space].iter().try_fold(0, |mode: u32, b| match b {
        b'0'..=b'7' => Some(mode << 3 | u32::from(b - b'0')),
        _ => None,
    })?;
    let behind = &rest[space + 1..];
    let end = memchr::memchr(0, behind)?;
    let bytes = behind.get(end + 1..end + 21)?;
    let mut id = [0; 20];
    id.copy_from_slice(bytes);
    *rest = &behind[end + 21..];
    Some(TreeEntry {
        mode,
        name: &behind[..end],
        id,
    })
}
