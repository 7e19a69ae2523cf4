//! The bytes of a blob to what is searched.

use crate::text::{self, Encoding};
use memchr::memmem;

/// What kind of content a stored blob is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// Decoded text.
    Text,
    /// Raw bytes: positions in it are byte offsets.
    Binary,
    /// The text of an LFS pointer: searched, but the content it stands for is not there.
    LfsPointer,
    /// Nothing is stored: the blob is above the limit.
    TooLarge,
}

impl TextKind {
    pub(super) fn code(self) -> u8 {
        self as u8
    }
    pub(super) fn from_code(code: u8) -> Option<Self> {
        [Self::Text, Self::Binary, Self::LfsPointer, Self::TooLarge]
            .get(code as usize)
            .copied()
    }
    /// Returns whether what the blob stands for cannot be searched.
    pub fn is_unsearchable(self) -> bool {
        matches!(self, Self::LfsPointer | Self::TooLarge)
    }
}

/// A blob as it is searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What it is.
    pub kind: TextKind,
    /// How text was decoded.
    pub encoding: Encoding,
    /// UTF-8 with LF line ends, or raw bytes if binary.
    pub bytes: Vec<u8>,
}

/// First line of an LFS pointer (git-lfs, docs/spec.md); pointers are shorter than 1024 bytes.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Decodes a blob and drops the CR before each LF, which belongs to no line.
pub(super) fn prepare(bytes: Vec<u8>) -> Stored {
    prepare_as(bytes, None)
}

/// The same in the encoding that a reviewer said, if one did: then it is text, whatever it looks like.
pub fn prepare_as(bytes: Vec<u8>, said: Option<Encoding>) -> Stored {
    let Some(encoding) = said.or_else(|| text::detect(&bytes)) else {
        return Stored {
            kind: TextKind::Binary,
            encoding: Encoding::UTF_8,
            bytes,
        };
    };
    let is_pointer = bytes.len() < 1024 && bytes.starts_with(LFS);
    let kind = if is_pointer {
        TextKind::LfsPointer
    } else {
        TextKind::Text
    };
    let bytes = text::decode_as(bytes, encoding).into_bytes();
    Stored {
        kind,
        encoding,
        bytes: unix_lines(bytes),
    }
}

fn unix_lines(bytes: Vec<u8>) -> Vec<u8> {
    let mut ends = memmem::find_iter(&bytes, b"\r\n").peekable();
    if ends.peek().is_none() {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for end in ends {
        out.extend_from_slice(&bytes[from..end]);
        from = end + 1;
    }
    out.extend_from_slice(&bytes[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_kinds() {
        let of = |bytes: &[u8]| prepare(bytes.to_vec());
        assert_eq!(of(b"a\r\nb\rc\r\r\n\r").bytes, b"a\nb\rc\r\n\r");
        assert_eq!(of(b"").kind, TextKind::Text);
        assert_eq!(of(b"a\0b").kind, TextKind::Binary);
        assert_eq!(of(b"a\0b\r\n").bytes, b"a\0b\r\n");
        assert_eq!(of(b"\xff\xfea\0\r\0\n\0b\0").bytes, b"a\nb");
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n";
        assert_eq!(of(pointer).kind, TextKind::LfsPointer);
        for code in 0..5 {
            assert_eq!(
                TextKind::from_code(code).map(TextKind::code),
                (code < 4).then_some(code)
            );
        }
    }
}
