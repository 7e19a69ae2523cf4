//! Every object that a delivery holds, whether or not a commit leads to it.
//!
//! A reviewer can open any commit by its id, and the vendor may have delivered blobs that no commit names. So what the
//! delivery holds is read from the indexes of its packs and the names of its loose objects, not by following commits.

use crate::model::ObjectId;
use crate::snapshot::{Snapshot, SnapshotError};
use git2::ObjectType;
use std::collections::HashSet;

/// What kind of object it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// The bytes of a file.
    Blob,
    /// A commit, with its message.
    Commit,
    /// A tag object, with its message.
    Tag,
    /// A folder.
    Tree,
}

/// An object with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveredObject {
    /// Its kind.
    pub kind: ObjectKind,
    /// The bytes of a blob, the message of a commit or tag, nothing of a tree.
    pub bytes: Vec<u8>,
}

impl Snapshot {
    /// Returns the id of every object of the delivery, each once: first those of the packs in the order in which the packs
    /// hold them, which is the order in which reading them all is quickest, then the loose ones. A pack that is damaged
    /// as a whole holds nothing that anybody can read, and is passed over. Whether an object can be read is found out by
    /// reading it.
    pub fn object_ids(&self) -> Result<Vec<ObjectId>, SnapshotError> {
        let mut ids = Vec::new();
        let mut seen = HashSet::new();
        self.objects.store().each(&mut |id| {
            if seen.insert(id) {
                ids.push(ObjectId::new(id));
            }
            true
        })?;
        Ok(ids)
    }

    /// Reads an object of at most `limit` bytes. Fails with `ObjectTooLarge` if it is larger.
    pub fn read_object(&self, id: &ObjectId, limit: u64) -> Result<DeliveredObject, SnapshotError> {
        let (_, kind) = self.objects.size_and_kind(id.as_bytes())?;
        let found = match kind {
            ObjectType::Blob => ObjectKind::Blob,
            ObjectType::Commit => ObjectKind::Commit,
            ObjectType::Tag => ObjectKind::Tag,
            _ => {
                return Ok(DeliveredObject {
                    kind: ObjectKind::Tree,
                    bytes: Vec::new(),
                });
            }
        };
        let mut bytes = self.objects.read(id.as_bytes(), kind, &|size| {
            if size <= limit {
                return Ok(());
            }
            Err(SnapshotError::ObjectTooLarge {
                kind: "object",
                id: id.to_string(),
                size,
                limit,
            })
        })?;
        if found != ObjectKind::Blob {
            bytes.drain(..message_start(&bytes));
        }
        Ok(DeliveredObject { kind: found, bytes })
    }
}

/// Returns where the message of a commit or tag begins: behind the first empty line.
fn message_start(text: &[u8]) -> usize {
    memchr::memmem::find(text, b"\n\n").map_or(text.len(), |at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::testing::TestRepo;
    use std::fs;

    #[test]
    fn objects_that_no_commit_names_are_listed_and_read() {
        let repo = TestRepo::new();
        repo.commit_file("a.c", b"int a;\n");
        let dangling = repo.blob(b"nobody names me\n").to_string();
        let snapshot = repo.open();
        let ids = snapshot.object_ids().unwrap();
        let read = |id: &ObjectId| snapshot.read_object(id, 1 << 20).unwrap();
        let mut kinds: Vec<_> = ids
            .iter()
            .map(|id| format!("{:?}", read(id).kind))
            .collect();
        kinds.sort();
        assert_eq!(kinds, ["Blob", "Blob", "Commit", "Tree"]);
        let found = ids.iter().find(|id| id.to_string() == dangling).unwrap();
        assert_eq!(read(found).bytes, b"nobody names me\n");
        assert!(matches!(
            snapshot.read_object(found, 3),
            Err(SnapshotError::ObjectTooLarge { .. })
        ));
        let commit = ids
            .iter()
            .find(|id| id.to_string() == repo.last().to_string())
            .unwrap();
        let message = read(commit);
        assert_eq!(message.kind, ObjectKind::Commit);
        assert!(!message.bytes.starts_with(b"tree "), "{message:?}");
    }

    #[test]
    fn packed_objects_are_listed_in_the_order_of_the_pack() {
        let repo = TestRepo::new();
        for n in 0..40 {
            repo.commit_file("a.c", format!("int a{n};\n").as_bytes());
        }
        let bytes = repo.bundle("# v2 git bundle\n", &["refs/heads/main"]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vendor.bundle");
        fs::write(&path, bytes).unwrap();
        let packed = Snapshot::open(&path, None, &folder.path().join("s")).unwrap();
        let loose = repo.open();
        let sorted = |snapshot: &Snapshot| {
            let mut ids = snapshot.object_ids().unwrap();
            ids.sort();
            ids
        };
        assert_eq!(sorted(&packed), sorted(&loose));
        assert_eq!(packed.object_ids().unwrap().len(), 120);
    }
}
