//! Loose objects: one file each, named for its id in a folder named for the id's first two digits.
//!
//! They are read here and not by libgit2, whose newest release does not come to an end on every damaged one. A file is a
//! zlib stream of `kind SIZE\0content` (gitrepository-layout(5)); what it says is not believed before the size is within
//! the limit of the caller, and the content is checked against the id by the caller. No link is followed.

use crate::snapshot::SnapshotError;
use crate::snapshot::pack_entry::{Inflater, damaged};
use crate::snapshot::refs::{Id, parse_id};
use crate::snapshot::source::{look, open_plain, unreadable};
use git2::ObjectType;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The longest header: the kind, a space, 20 digits, a zero byte.
const HEADER: usize = 32;

/// The loose objects of a repository.
#[derive(Debug)]
pub(super) struct LooseObjects {
    /// The folder `objects`.
    folder: PathBuf,
    /// Whether the folder of each first byte is there and is no link.
    has_folder: Box<[bool; 256]>,
}

/// A loose object whose header was read.
pub(super) struct LooseObject {
    file: File,
    /// Its kind.
    pub kind: ObjectType,
    /// Bytes of its content.
    pub size: u64,
    /// Bytes of the header.
    header: usize,
}

/// Returns two digits.
fn digits(byte: u8) -> String {
    format!("{byte:02x}")
}

impl LooseObjects {
    /// Looks which folders there are.
    pub(super) fn open(folder: &Path) -> Result<Self, SnapshotError> {
        let mut has_folder = Box::new([false; 256]);
        let wrap = |error| unreadable(folder, error);
        // One list instead of 256 questions: this is part of every start.
        let entries = match fs::read_dir(folder) {
            Ok(entries) => Some(entries),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(wrap(error)),
        };
        for entry in entries.into_iter().flatten() {
            let entry = entry.map_err(wrap)?;
            let name = entry.file_name();
            let byte = name
                .to_str()
                .and_then(|name| u8::from_str_radix(name, 16).ok());
            if let Some(byte) = byte.filter(|byte| *name == *digits(*byte)) {
                has_folder[usize::from(byte)] = entry.file_type().map_err(wrap)?.is_dir();
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            has_folder,
        })
    }

    fn path(&self, id: &Id) -> Option<PathBuf> {
        if !self.has_folder[usize::from(id[0])] {
            return None;
        }
        let name: String = id[1..].iter().copied().map(digits).collect();
        Some(self.folder.join(digits(id[0])).join(name))
    }

    /// Opens the file of an object; nothing if there is no regular file.
    fn file(&self, id: &Id) -> Result<Option<File>, SnapshotError> {
        let Some(path) = self.path(id) else {
            return Ok(None);
        };
        match open_plain(&path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => match look(&path)? {
                // It is there, and cannot be read.
                Some(metadata) if metadata.is_file() => Err(unreadable(&path, error)),
                _ => Ok(None),
            },
        }
    }

    /// Returns whether the file of an object is there.
    pub(super) fn has(&self, id: &Id) -> Result<bool, SnapshotError> {
        match self.path(id) {
            Some(path) => Ok(look(&path)?.is_some_and(|m| m.is_file())),
            None => Ok(false),
        }
    }

    /// Opens an object and reads its header. The inner error says that the object is damaged.
    pub(super) fn find(
        &self,
        id: &Id,
        inflater: &mut Inflater,
    ) -> Result<Option<io::Result<LooseObject>>, SnapshotError> {
        let file = self.file(id)?;
        Ok(file.map(|file| LooseObject::new(file, inflater)))
    }

    /// Adds the names of all files that are named like an object, folder by folder.
    pub(super) fn names(&self, first: u8, names: &mut Vec<Id>) -> Result<(), SnapshotError> {
        if !self.has_folder[usize::from(first)] {
            return Ok(());
        }
        let folder = self.folder.join(digits(first));
        let wrap = |error| unreadable(&folder, error);
        for entry in fs::read_dir(&folder).map_err(wrap)? {
            let entry = entry.map_err(wrap)?;
            let name = entry.file_name();
            let Some(rest) = name.to_str().filter(|rest| rest.len() == 38) else {
                continue;
            };
            let is_lower = !rest.bytes().any(|b| b.is_ascii_uppercase());
            let id = parse_id(format!("{first:02x}{rest}").as_bytes());
            if let Some(id) = id.filter(|_| is_lower)
                && entry.file_type().map_err(wrap)?.is_file()
            {
                names.push(id);
            }
        }
        Ok(())
    }

    /// Returns the bytes of all files that are named like an object.
    pub(super) fn stored_bytes(&self) -> Result<u64, SnapshotError> {
        let mut sum = 0;
        let mut names = Vec::new();
        for first in 0..=255 {
            names.clear();
            self.names(first, &mut names)?;
            for id in &names {
                let found = self.path(id).map(|path| look(&path)).transpose()?;
                sum += found.flatten().map_or(0, |m| m.len());
            }
        }
        Ok(sum)
    }
}

impl LooseObject {
    fn new(file: File, inflater: &mut Inflater) -> io::Result<Self> {
        let read = |bytes: &mut [u8], at| read_at(&file, bytes, at);
        let mut start = [0; HEADER];
        let got = inflater.inflate_start(&read, 0, &mut start)?;
        let (kind, size, header) =
            parse_header(&start[..got]).ok_or_else(|| damaged("the header is not one"))?;
        Ok(Self {
            file,
            kind,
            size,
            header,
        })
    }

    /// Reads the content; the caller has found the size acceptable.
    pub(super) fn content(&self, inflater: &mut Inflater) -> io::Result<Vec<u8>> {
        let size = usize::try_from(self.size).map_err(|_| damaged("the size overflows"))?;
        let whole = size
            .checked_add(self.header)
            .ok_or_else(|| damaged("the size overflows"))?;
        let read = |bytes: &mut [u8], at| read_at(&self.file, bytes, at);
        let (mut bytes, _) = inflater.inflate(&read, 0, whole)?;
        bytes.drain(..self.header);
        Ok(bytes)
    }
}

/// Reads as many bytes as there are, at most those of the buffer.
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read_at(&mut bytes[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads `kind SIZE\0`. Returns the kind, the size and the bytes that they take.
fn parse_header(start: &[u8]) -> Option<(ObjectType, u64, usize)> {
    let end = start.iter().position(|b| *b == 0)?;
    let text = std::str::from_utf8(&start[..end]).ok()?;
    let (word, size) = text.split_once(' ')?;
    let kind = match word {
        "blob" => ObjectType::Blob,
        "tree" => ObjectType::Tree,
        "commit" => ObjectType::Commit,
        "tag" => ObjectType::Tag,
        _ => return None,
    };
    let is_number = size.bytes().all(|b| b.is_ascii_digit());
    let size = size.parse().ok().filter(|_| is_number)?;
    Some((kind, size, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::testing::zlib_stored;

    #[test]
    fn headers_are_read_strictly() {
        for (start, expected) in [
            (&b"blob 12\0x"[..], Some((ObjectType::Blob, 12, 8))),
            (b"tree 0\0", Some((ObjectType::Tree, 0, 7))),
            (b"commit 7\0", Some((ObjectType::Commit, 7, 9))),
            (b"tag 7\0", Some((ObjectType::Tag, 7, 6))),
            (b"blob +1\0", None),
            (b"blob -1\0", None),
            (b"blob \0", None),
            (b"blob  1\0", None),
            (b"blob 1", None),
            (b"blob\0", None),
            (b"blub 1\0", None),
            (b"blob 99999999999999999999\0", None),
            (b"", None),
        ] {
            assert_eq!(parse_header(start), expected, "{start:?}");
        }
    }

    #[test]
    fn every_cut_flip_and_lie_of_a_file_comes_to_an_end_with_an_error_or_the_content() {
        let dir = tempfile::tempdir().unwrap();
        let content: Vec<u8> = (0..1000u32).flat_map(u32::to_le_bytes).collect();
        let with = |said: usize| {
            let header = format!("blob {said}\0").into_bytes();
            zlib_stored(&[header.as_slice(), &content].concat())
        };
        let id = [0xab; 20];
        let folder = dir.path().join("ab");
        fs::create_dir(&folder).unwrap();
        let read = |bytes: &[u8]| -> io::Result<Vec<u8>> {
            fs::write(folder.join("ab".repeat(19)), bytes).unwrap();
            let loose = LooseObjects::open(dir.path()).unwrap();
            let inflater = &mut Inflater::default();
            let found = loose.find(&id, inflater).unwrap().unwrap()?;
            if found.size > 1 << 20 {
                return Err(damaged("too large"));
            }
            found.content(inflater)
        };
        let whole = with(content.len());
        assert_eq!(read(&whole).unwrap(), content, "control");
        for said in [0, 1, content.len() - 1, content.len() + 1, 1 << 19] {
            assert!(read(&with(said)).is_err(), "{said}");
        }
        for at in 0..whole.len() {
            assert!(read(&whole[..at]).is_err(), "cut at {at}");
        }
        for at in (0..whole.len()).step_by(7) {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            // The reader of the object finds out by its id.
            assert!(read(&flipped).is_err() || at == 0, "flipped at {at}");
        }
        assert!(read(b"").is_err());
    }
}
