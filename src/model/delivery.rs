//! What a snapshot delivered and what it did not: the answer of the verb `info`.

use super::{
    CommitId, PartialClone, RepoPath, SurveyWord, TreeId, TreePath, closed_fields, outgoing_fields,
};
use crate::text::FlagKind;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Everything that can be said of a snapshot before it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The commit under review.
    pub commit: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// `sha1`; others are refused when opening.
    pub object_format: String,
    /// False if a cap of the walk was reached or an object that should be there is missing.
    pub complete: bool,
    /// Whether the history ends at a graft line of a shallow delivery.
    pub shallow: bool,
    /// What a partial clone leaves out; nothing if the delivery is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial_clone: Option<PartialClone>,
    /// All entries of the tree that are not folders.
    pub entries: u64,
    /// Regular files.
    pub files: u64,
    /// Symbolic links.
    pub symlinks: u64,
    /// Submodules, whose content is not part of the snapshot.
    pub submodules: u64,
    /// Bytes of all regular files as stored.
    pub bytes: u64,
    /// Lines of all text files.
    pub lines: u64,
    /// By language, most lines first.
    pub languages: Vec<LanguageCount>,
    /// What cannot be searched, with the reason.
    pub not_searched: Vec<NotSearched>,
    /// Binary files: their bytes are searched, and their strings of 16 and 32 bits, but no other encoding. Left out if
    /// there are none, as in what an earlier version wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub searched_as_bytes: Vec<SearchedAsBytes>,
    /// What lies in the work tree but not in the snapshot; zeros if there is none.
    pub not_in_snapshot: NotInSnapshot,
    /// Files and settings that would steer ordinary tools.
    pub vendor_influence: Vec<Influence>,
    /// Lines that hold characters which hide or reorder text.
    pub flags: Vec<Flag>,
}

/// Files and lines of one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageCount {
    /// The name shown and accepted by `lang:`.
    pub name: String,
    /// Number of files.
    pub files: u64,
    /// Number of lines.
    pub lines: u64,
}

/// One thing that search cannot look into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotSearched {
    /// Where it stands.
    pub path: RepoPath,
    /// Why.
    pub reason: Reason,
    /// Its size as stored; 0 if unknown.
    pub bytes: u64,
}

/// File that is no text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchedAsBytes {
    /// Its path.
    pub path: RepoPath,
    /// Its size as stored.
    pub bytes: u64,
}

/// Why something is not searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The content is in another repository.
    Submodule,
    /// Only a pointer to the content was delivered. The pointer's own text is searched.
    LfsPointer,
    /// The object is not in the snapshot's object store.
    MissingObject,
    /// The object is there and cannot be read.
    DamagedObject,
    /// Reading the object would cost more than the limits on work, or this one and those before it together.
    TooCostly,
    /// A link: its target is a name, not content.
    Symlink,
    /// Larger than the limit.
    TooLarge,
    /// The walk stopped at a cap; what lies behind it is unknown.
    Truncated,
}

impl Reason {
    /// Returns the word of the JSON output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Submodule => "submodule",
            Self::LfsPointer => "lfs-pointer",
            Self::MissingObject => "missing-object",
            Self::DamagedObject => "damaged-object",
            Self::TooCostly => "too-costly",
            Self::Symlink => "symlink",
            Self::TooLarge => "too-large",
            Self::Truncated => "truncated",
        }
    }
}

/// Counts of paths in the work tree that differ from the snapshot. Each file counts in one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotInSnapshot {
    /// Files of the snapshot whose work tree copy differs or is gone.
    pub modified: u64,
    /// Files of the work tree that are not in the snapshot.
    pub untracked: u64,
    /// Files whose work tree copy differs only in line ends.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub line_ends: u64,
    /// Files whose work tree copy differs only in what git converts: `$Id$`, a stated encoding, a link as a file, the
    /// content that an LFS pointer names. Line ends may differ too.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub converted: u64,
    /// Files that a sparse or missing checkout leaves out of the work tree.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_checked_out: u64,
    /// The modified files, the first [`NotInSnapshot::MOST_PATHS`] by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modified_paths: Vec<RepoPath>,
    /// The repository is bare, or a bundle: there is nothing to be compared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_work_tree: bool,
}

impl NotInSnapshot {
    /// Modified files that are named.
    pub const MOST_PATHS: usize = 100;

    /// Names the counts that a reader needs: those beside the first two only if they count something.
    pub fn text(&self) -> String {
        let mut text = format!("{} modified, {} untracked", self.modified, self.untracked);
        for (count, what) in [
            (self.line_ends, "differ only in line ends"),
            (self.converted, "differ only in what git converts"),
            (self.not_checked_out, "not checked out"),
        ] {
            if count > 0 {
                let _ = write!(text, ", {count} {what}");
            }
        }
        text
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// One file or setting of the vendor's that would steer an ordinary tool.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Influence {
    /// A path of the snapshot, or of the repository folder (such as `config`).
    pub path: RepoPath,
    /// `attributes`, `ignore`, `editor`, `agent`, `hook`, `config`, `alternates`, `grafts`, `replace`, …
    pub kind: String,
}

/// One flagged line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// The file.
    pub path: RepoPath,
    /// 1-based.
    pub line: u32,
    /// Why.
    pub flag: FlagKind,
    /// The characters, as `U+202E`, each once.
    pub codepoints: Vec<String>,
}

// The survey is made anew for each bundle, of the snapshot itself: no ledger and nobody's words reach it.
closed_fields!(Reason, FlagKind);
outgoing_fields!(NotInSnapshot => {
    modified, untracked, line_ends, converted, not_checked_out, modified_paths as TreePath, no_work_tree,
});
outgoing_fields!(Delivery => {
    commit, tree, object_format as SurveyWord, complete, shallow, partial_clone, entries, files, symlinks, submodules, bytes, lines,
    languages, not_searched, searched_as_bytes, not_in_snapshot, vendor_influence, flags,
});
outgoing_fields!(LanguageCount => { name as SurveyWord, files, lines });
outgoing_fields!(NotSearched => { path as TreePath, reason, bytes });
outgoing_fields!(SearchedAsBytes => { path as TreePath, bytes });
outgoing_fields!(Influence => { path as TreePath, kind as SurveyWord });
outgoing_fields!(Flag => { path as TreePath, line, flag, codepoints as SurveyWord });
