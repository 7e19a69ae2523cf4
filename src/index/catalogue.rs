//! The list of a snapshot's files, kept beside the index: to walk a large tree takes longer than most searches.
//!
//! One file a tree, named for it; every number is little-endian.
//!
//! ```text
//! files-<40 digits> = "glsfil01" , tree id (20 bytes) , number of files u32 , { file } , CRC-32 of all before it u32
//! file              = kind u8 , blob id (20 bytes) , bytes shared with the path before u16 , other bytes u16 , these
//! ```
//! A kept list that is not right counts as none. Only a list of which nothing is missing is worth keeping.

use super::IndexError;
use crate::model::{BlobId, FileKind, RepoPath, TreeFile, TreeId};
use std::fs;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"glsfil01";
const KINDS: [FileKind; 4] = [
    FileKind::Regular,
    FileKind::Executable,
    FileKind::Symlink,
    FileKind::Submodule,
];

fn place(folder: &Path, tree: TreeId) -> PathBuf {
    folder.join(format!("files-{tree}"))
}

/// Keeps the list of all files of a tree, in path order, in the folder of an index.
pub fn write_files(folder: &Path, tree: TreeId, files: &[TreeFile]) -> Result<(), IndexError> {
    let path = place(folder, tree);
    let Some(bytes) = encode(tree, files) else {
        return Ok(());
    };
    let part = path.with_extension("part");
    fs::create_dir_all(folder).map_err(IndexError::io("create", folder))?;
    fs::write(&part, bytes).map_err(IndexError::io("write", &part))?;
    fs::rename(&part, &path).map_err(IndexError::io("rename", &part))
}

/// Reads the kept list of the files of a tree; nothing if there is none that is right.
pub fn read_files(folder: &Path, tree: TreeId) -> Option<Vec<TreeFile>> {
    decode(&fs::read(place(folder, tree)).ok()?, tree)
}

/// Nothing if a path is too long to be written.
fn encode(tree: TreeId, files: &[TreeFile]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(48 * files.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(tree.as_bytes());
    out.extend_from_slice(&u32::try_from(files.len()).ok()?.to_le_bytes());
    let mut last: &[u8] = &[];
    for file in files {
        let path = file.path.as_bytes();
        let shared = path.iter().zip(last).take_while(|(a, b)| a == b).count();
        out.push(KINDS.iter().position(|kind| *kind == file.kind)? as u8);
        out.extend_from_slice(file.blob.as_bytes());
        out.extend_from_slice(&u16::try_from(shared).ok()?.to_le_bytes());
        out.extend_from_slice(&u16::try_from(path.len() - shared).ok()?.to_le_bytes());
        out.extend_from_slice(&path[shared..]);
        last = path;
    }
    out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
    Some(out)
}

fn decode(bytes: &[u8], tree: TreeId) -> Option<Vec<TreeFile>> {
    let (body, crc) = bytes.split_last_chunk()?;
    if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
        return None;
    }
    let rest = body.strip_prefix(MAGIC)?.strip_prefix(tree.as_bytes())?;
    let (count, mut rest) = rest.split_first_chunk()?;
    let count = u32::from_le_bytes(*count) as usize;
    let mut files: Vec<TreeFile> = Vec::with_capacity(count.min(rest.len() / 25));
    for _ in 0..count {
        let (head, behind) = rest.split_first_chunk::<25>()?;
        let shared = usize::from(u16::from_le_bytes([head[21], head[22]]));
        let (own, behind) =
            behind.split_at_checked(usize::from(u16::from_le_bytes([head[23], head[24]])))?;
        let before = files.last().map_or(&[][..], |file| file.path.as_bytes());
        let mut path = Vec::with_capacity(shared + own.len());
        path.extend_from_slice(before.get(..shared)?);
        path.extend_from_slice(own);
        files.push(TreeFile {
            path: RepoPath::new(path),
            kind: *KINDS.get(usize::from(head[0]))?,
            blob: BlobId::new(head[1..21].try_into().ok()?),
        });
        rest = behind;
    }
    rest.is_empty().then_some(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lists_round_trip_and_no_flip_goes_unseen(
            files in proptest::collection::vec(("[ab/\u{fe}]{0,9}", 0..4_usize, any::<[u8; 20]>()), 0..12),
            tree: [u8; 20],
            flip in 0..4000_usize,
        ) {
            let tree = TreeId::new(tree);
            let mut files: Vec<_> = files
                .into_iter()
                .map(|(path, kind, blob)| TreeFile { path: RepoPath::new(path), kind: KINDS[kind], blob: BlobId::new(blob) })
                .collect();
            files.sort();
            let folder = tempfile::tempdir().unwrap();
            prop_assert_eq!(read_files(folder.path(), tree), None);
            write_files(folder.path(), tree, &files).unwrap();
            prop_assert_eq!(read_files(folder.path(), tree), Some(files));
            let path = place(folder.path(), tree);
            let mut bytes = fs::read(&path).unwrap();
            let at = flip % (8 * bytes.len());
            bytes[at / 8] ^= 1 << (at % 8);
            fs::write(&path, &bytes).unwrap();
            prop_assert_eq!(read_files(folder.path(), tree), None);
            bytes.truncate(at / 8);
            fs::write(&path, bytes).unwrap();
            prop_assert_eq!(read_files(folder.path(), tree), None);
        }
    }
}
