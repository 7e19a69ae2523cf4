//! Which files a checkout leaves out of the work tree: what the file `index` of a repository says of them.
//!
//! The format is that of gitformat-index(5), versions 2 to 4. Only the marks of a sparse checkout are taken from it; it is
//! the vendor's, so a file that it names is still looked for, and it can hide nothing that lies in the work tree.

use crate::snapshot::source::{look, read_plain};
use std::collections::HashSet;
use std::path::Path;

/// Bytes of an index: those of about 8 million files.
const MOST_BYTES: u64 = 1 << 30;
/// Bytes of an entry before its name.
const FIXED: usize = 62;
/// The mode of a folder that stands for all that is in it.
const FOLDER: u32 = 0o040_000;

/// The files that a checkout leaves out.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// Nothing was ever checked out.
    is_all: bool,
    files: HashSet<Vec<u8>>,
    /// Folders, each with a slash at its end.
    folders: HashSet<Vec<u8>>,
}

impl LeftOut {
    /// Reads the index of a repository. One that cannot be read leaves nothing out.
    pub(super) fn read(git_dir: &Path) -> Self {
        let path = git_dir.join("index");
        match look(&path) {
            // As after `git clone --no-checkout`.
            Ok(None) => Self {
                is_all: true,
                ..Self::default()
            },
            _ => {
                let bytes = read_plain(&path, MOST_BYTES).ok().flatten();
                bytes.and_then(|bytes| parse(&bytes)).unwrap_or_default()
            }
        }
    }

    /// Returns whether the checkout leaves a file out.
    pub(super) fn holds(&self, path: &[u8]) -> bool {
        let is_in_folder = || {
            let mut slashes = memchr::memchr_iter(b'/', path);
            slashes.any(|at| self.folders.contains(&path[..=at]))
        };
        self.is_all || self.files.contains(path) || (!self.folders.is_empty() && is_in_folder())
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
}

/// Reads the entries; nothing if they are malformed.
fn parse(bytes: &[u8]) -> Option<LeftOut> {
    let (signature, version, count) = (bytes.get(..4)?, word(bytes, 4)?, word(bytes, 8)?);
    if signature != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let mut out = LeftOut::default();
    let mut name: Vec<u8> = Vec::new();
    let mut at = 12;
    for _ in 0..count {
        let mode = word(bytes, at + 24)?;
        let flags = bytes.get(at + 60..at + FIXED)?;
        let is_extended = flags[0] & 0x40 != 0;
        let mut start = at + FIXED;
        let mut is_skipped = false;
        if is_extended {
            is_skipped = bytes.get(start)? & 0x40 != 0;
            start += 2;
        }
        if version == 4 {
            let (dropped, used) = varint(bytes.get(start..)?)?;
            start += used;
            name.truncate(name.len().checked_sub(dropped)?);
        } else {
            name.clear();
        }
        let rest = bytes.get(start..)?;
        let end = memchr::memchr(0, rest)?;
        name.extend_from_slice(&rest[..end]);
        at = if version == 4 {
            start + end + 1
        } else {
            // From 1 to 8 zero bytes fill an entry up to a multiple of 8.
            at + (start - at + end + 8) / 8 * 8
        };
        if is_skipped && mode == FOLDER {
            out.folders.insert(name.clone());
        } else if is_skipped {
            out.files.insert(name.clone());
        }
    }
    Some(out)
}

/// Reads a number as pack offsets are written. Returns it and how many bytes it takes.
fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_usize;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        value = (value << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
        value += 1;
    }
    None
}
