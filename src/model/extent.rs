//! What of an entry of the tree a location covers: lines, bytes, or the entry as a whole.

use super::words::words;
use super::{ClosedText, FileKind, Span, closed_fields};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Bytes in a row of the hexadecimal view.
pub const HEX_ROW: u64 = 16;

/// Bytes of a blob; never empty, and the end never overflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawRange")]
pub struct ByteRange {
    offset: u64,
    length: u64,
}

#[derive(Deserialize)]
struct RawRange {
    offset: u64,
    length: u64,
}

impl TryFrom<RawRange> for ByteRange {
    type Error = String;
    fn try_from(raw: RawRange) -> Result<Self, String> {
        let (offset, length) = (raw.offset, raw.length);
        Self::new(offset, length)
            .ok_or_else(|| format!("{length} bytes from offset {offset} are no range"))
    }
}

impl ByteRange {
    /// Returns the range, or nothing if it is empty or its end overflows.
    pub fn new(offset: u64, length: u64) -> Option<Self> {
        (length > 0 && offset.checked_add(length).is_some()).then_some(Self { offset, length })
    }

    /// Returns the bytes that rows of the hexadecimal view show of a file of `size` bytes; nothing if the file ends
    /// before the last row.
    pub fn of_rows(rows: Span, size: u64) -> Option<Self> {
        let from = u64::from(rows.start() - 1) * HEX_ROW;
        let last = u64::from(rows.end() - 1) * HEX_ROW;
        let end = size.min(last + HEX_ROW);
        (last < size).then_some(())?;
        Self::new(from, end - from)
    }

    /// Returns the number of rows in which the hexadecimal view shows a file of `size` bytes.
    pub fn rows_of(size: u64) -> u32 {
        u32::try_from(size.div_ceil(HEX_ROW)).unwrap_or(u32::MAX)
    }

    /// Returns the 0-based offset of the first byte.
    pub fn offset(self) -> u64 {
        self.offset
    }

    /// Returns the number of bytes.
    pub fn length(self) -> u64 {
        self.length
    }

    /// Returns the rows of the hexadecimal view that show a byte of the range.
    pub fn rows(self) -> Span {
        let row =
            |byte: u64| u32::try_from(byte / HEX_ROW).map_or(u32::MAX, |row| row.saturating_add(1));
        Span::between(row(self.offset), row(self.offset + self.length - 1))
    }
}

impl fmt::Display for ByteRange {
    /// Writes the first and the last byte: `bytes 32-63`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.offset + self.length - 1;
        if last == self.offset {
            write!(f, "byte {last}")
        } else {
            write!(f, "bytes {}-{last}", self.offset)
        }
    }
}

words! {
    /// What kind of entry a location covers as a whole.
    WholeKind {
        /// A file, such as one without lines.
        File = "file",
        /// A link itself, not what it leads to.
        Symlink = "symlink",
        /// A submodule: the commit of another repository that the tree names.
        Submodule = "submodule",
        /// A folder.
        Folder = "folder",
        /// The snapshot: everything.
        Snapshot = "snapshot",
    }
}

impl WholeKind {
    /// Returns the words for it in a report.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::File => "whole file",
            Self::Symlink => "symlink",
            Self::Submodule => "submodule",
            Self::Folder => "folder",
            Self::Snapshot => "whole snapshot",
        }
    }
}

/// What of an entry of the tree a location covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnchorExtent {
    /// Lines of a text.
    Lines(Span),
    /// Bytes of a binary file.
    Bytes(ByteRange),
    /// The entry as a whole: it has no lines, or is meant as a whole.
    Whole(WholeKind),
}

impl AnchorExtent {
    /// Puts an extent together of its parts, of which exactly one must be there.
    pub fn from_parts(
        span: Option<Span>,
        bytes: Option<ByteRange>,
        whole: Option<WholeKind>,
    ) -> Option<Self> {
        match (span, bytes, whole) {
            (Some(span), None, None) => Some(Self::Lines(span)),
            (None, Some(bytes), None) => Some(Self::Bytes(bytes)),
            (None, None, Some(whole)) => Some(Self::Whole(whole)),
            _ => None,
        }
    }

    /// Returns the lines of a text.
    pub fn lines(self) -> Option<Span> {
        match self {
            Self::Lines(span) => Some(span),
            _ => None,
        }
    }

    /// Returns the bytes of a binary file.
    pub fn bytes(self) -> Option<ByteRange> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Returns what is meant as a whole.
    pub fn whole(self) -> Option<WholeKind> {
        match self {
            Self::Whole(whole) => Some(whole),
            _ => None,
        }
    }

    /// Returns the lines as a screen shows them: of a binary file the rows of the hexadecimal view.
    pub fn rows(self) -> Option<Span> {
        match self {
            Self::Lines(span) => Some(span),
            Self::Bytes(bytes) => Some(bytes.rows()),
            Self::Whole(_) => None,
        }
    }

    /// Returns the first row as a screen shows it; of what has none, 1.
    pub fn first_row(self) -> u32 {
        self.rows().map_or(1, Span::start)
    }

    /// Returns whether a row of the screen is inside. What is meant as a whole is at the first one.
    pub fn contains_row(self, row: u32) -> bool {
        self.rows().map_or(row == 1, |rows| rows.contains(row))
    }
}

impl From<FileKind> for WholeKind {
    fn from(kind: FileKind) -> Self {
        match kind {
            FileKind::Regular | FileKind::Executable => Self::File,
            FileKind::Symlink => Self::Symlink,
            FileKind::Submodule => Self::Submodule,
        }
    }
}

impl From<Span> for AnchorExtent {
    fn from(span: Span) -> Self {
        Self::Lines(span)
    }
}

impl fmt::Display for AnchorExtent {
    /// Writes `8-10`, `bytes 32-63` or `whole file`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lines(span) => span.fmt(f),
            Self::Bytes(bytes) => bytes.fmt(f),
            Self::Whole(whole) => f.write_str(whole.phrase()),
        }
    }
}

closed_fields!(AnchorExtent, ByteRange);
impl ClosedText for AnchorExtent {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_hexadecimal_view_are_bytes_and_back() {
        for (rows, size, expected) in [
            ((3, 4), 1000, Some((32, 32))),
            ((1, 1), 1, Some((0, 1))),
            ((1, 1), 16, Some((0, 16))),
            ((1, 3), 40, Some((0, 40))),
            ((3, 3), 40, Some((32, 8))),
            ((3, 3), 32, None),
            ((1, 1), 0, None),
            ((u32::MAX, u32::MAX), 1000, None),
        ] {
            let rows = Span::between(rows.0, rows.1);
            let bytes = ByteRange::of_rows(rows, size);
            let found = bytes.map(|bytes| (bytes.offset(), bytes.length()));
            assert_eq!(found, expected, "{rows} of {size}");
            assert!(
                bytes.is_none_or(|bytes| bytes.rows() == rows),
                "{rows} of {size}"
            );
        }
        let far = ByteRange::new(u64::MAX - 1, 1).unwrap();
        assert_eq!(far.rows(), Span::line(u32::MAX));
        assert_eq!(ByteRange::new(u64::MAX, 1), None);
        assert_eq!(ByteRange::new(7, 1).unwrap().to_string(), "byte 7");
    }
}
