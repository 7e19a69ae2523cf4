//! The bytes of a blob to what is searched.

use crate::text::{self, Content, Encoding, LineEnds};
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
    /// How text was decoded, or most of it.
    pub encoding: Encoding,
    /// Stretches of the text were in another encoding.
    pub is_mixed: bool,
    /// How its lines ended in the blob.
    pub line_ends: LineEnds,
    /// UTF-8 with LF line ends; of a binary file the raw bytes and behind them its strings of 16 and 32 bits, see
    /// [`text::WideStrings`].
    pub bytes: Vec<u8>,
}

impl Stored {
    /// Returns whether the last line of a text has no line end.
    pub fn lacks_final_end(&self) -> bool {
        let is_text = matches!(self.kind, TextKind::Text | TextKind::LfsPointer);
        is_text && self.bytes.last().is_some_and(|b| *b != b'\n')
    }
}

/// First line of an LFS pointer (git-lfs, docs/spec.md); pointers are shorter than 1024 bytes.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Decodes a blob and drops the CR before each LF, which belongs to no line.
pub(super) fn prepare(bytes: Vec<u8>) -> Stored {
    prepare_as(bytes, None)
}

/// The same in the encoding that a reviewer said, if one did: then it is text, whatever it looks like.
pub fn prepare_as(bytes: Vec<u8>, said: Option<Encoding>) -> Stored {
    let is_pointer = bytes.len() < 1024 && bytes.starts_with(LFS);
    let (text, encoding, is_mixed) = match decode(bytes, said) {
        Content::Text(read) => (read.text, read.encoding, !read.others.is_empty()),
        Content::Binary(mut bytes) => {
            let strings = text::WideStrings::find(&bytes);
            bytes.extend_from_slice(strings.text().as_bytes());
            return Stored {
                kind: TextKind::Binary,
                encoding: Encoding::UTF_8,
                is_mixed: false,
                line_ends: LineEnds::Lf,
                bytes,
            };
        }
    };
    let kind = if is_pointer {
        TextKind::LfsPointer
    } else {
        TextKind::Text
    };
    let (bytes, line_ends) = unix_lines(text.into_bytes());
    Stored {
        kind,
        encoding,
        is_mixed,
        line_ends,
        bytes,
    }
}

fn decode(bytes: Vec<u8>, said: Option<Encoding>) -> Content {
    match said {
        Some(encoding) => Content::Text(text::Decoded {
            text: text::decode_as(bytes, encoding),
            encoding,
            others: Vec::new(),
        }),
        None => text::decode(bytes),
    }
}

/// Decodes a blob and keeps every CR; nothing if it is binary.
pub(super) fn with_line_ends(bytes: Vec<u8>) -> Option<Vec<u8>> {
    match text::decode(bytes) {
        Content::Text(read) => Some(read.text.into_bytes()),
        Content::Binary(_) => None,
    }
}

/// Puts a CR before each LF.
pub(super) fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 16);
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        out.extend_from_slice(&text[from..end]);
        out.push(b'\r');
        from = end;
    }
    out.extend_from_slice(&text[from..]);
    out
}

fn unix_lines(bytes: Vec<u8>) -> (Vec<u8>, LineEnds) {
    let mut ends = memmem::find_iter(&bytes, b"\r\n").peekable();
    if ends.peek().is_none() {
        return (bytes, LineEnds::Lf);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let (mut from, mut dropped) = (0, 0);
    for end in ends {
        out.extend_from_slice(&bytes[from..end]);
        from = end + 1;
        dropped += 1;
    }
    out.extend_from_slice(&bytes[from..]);
    let all = memchr::memchr_iter(b'\n', &out).count();
    (out, LineEnds::from_counts(dropped, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_kinds() {
        let of = |bytes: &[u8]| prepare(bytes.to_vec());
        assert_eq!(of(b"a\r\nb\rc\r\r\n\r").bytes, b"a\nb\rc\r\n\r");
        for (bytes, line_ends, lacks_final_end) in [
            (&b""[..], LineEnds::Lf, false),
            (b"a", LineEnds::Lf, true),
            (b"a\nb\n", LineEnds::Lf, false),
            (b"a\rb\n", LineEnds::Lf, false),
            (b"a\r\nb\r\n", LineEnds::CrLf, false),
            (b"a\r\r\nb", LineEnds::CrLf, true),
            (b"a\r\nb\n", LineEnds::Mixed, false),
            (b"a\0b\r\n", LineEnds::Lf, false),
        ] {
            let stored = of(bytes);
            assert_eq!(stored.line_ends, line_ends, "{bytes:?}");
            assert_eq!(stored.lacks_final_end(), lacks_final_end, "{bytes:?}");
            if line_ends == LineEnds::CrLf {
                assert_eq!(with_crlf(&stored.bytes), bytes);
            }
            if stored.kind == TextKind::Text {
                assert_eq!(with_line_ends(bytes.to_vec()).unwrap(), bytes);
            }
        }
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
