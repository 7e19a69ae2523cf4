//! What a snapshot's tree lists.

use super::words::words;
use super::{BlobId, RepoPath};
use serde::{Deserialize, Serialize};

words! {
    /// What a file is besides its language: the values of `flag:`.
    FileFlag {
        /// A line of it holds bidirectional control characters.
        Bidi = "bidi",
        /// A line of it holds control characters other than tab and line ends.
        Control = "control",
        /// A line of it holds characters that take no room.
        Zerowidth = "zerowidth",
        /// A word of it mixes scripts.
        MixedScript = "mixed-script",
        /// A line of it holds a blank that looks like a plain one and is none.
        Blank = "blank",
        /// Some of its lines end with LF and some with CR LF.
        LineEnds = "line-ends",
        /// A line of it ends with CR LF.
        Crlf = "crlf",
        /// Its last line has no line end.
        NoFinalNewline = "no-final-newline",
        /// It is no text.
        Binary = "binary",
        /// It only points to content that was not delivered.
        Lfs = "lfs",
        /// It is another repository's commit.
        Submodule = "submodule",
        /// It is a link.
        Symlink = "symlink",
        /// It is text, and all or some of it is in another encoding than UTF-8.
        NonUtf8 = "nonutf8",
        /// It is text in more than one encoding.
        MixedEncoding = "mixed-encoding",
        /// It has more than 1 MiB, or a line of more than 10,000 characters.
        Huge = "huge",
        /// A program seems to have written it.
        Generated = "generated",
        /// It lies where other people's code usually lies.
        Vendored = "vendored",
        /// It would steer an ordinary tool.
        VendorConfig = "vendor-config",
    }
}

/// One entry of a snapshot's tree that is no folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TreeFile {
    /// Where it stands.
    pub path: RepoPath,
    /// What it is.
    pub kind: FileKind,
    /// Its content; of a submodule, the bytes of the commit id it names.
    pub blob: BlobId,
}

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A regular file marked executable.
    Executable,
    /// A link; its content is the target's name.
    Symlink,
    /// Another repository's commit, not part of this one.
    Submodule,
}

impl FileKind {
    /// Returns whether the content is a file's.
    pub fn is_file(self) -> bool {
        matches!(self, Self::Regular | Self::Executable)
    }
}
