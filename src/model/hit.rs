//! What a search found.

use serde::{Deserialize, Serialize};

/// One line that holds a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HitLine {
    /// 1-based; for a binary file the 0-based byte offset.
    pub line: u64,
    /// 1-based, in characters of the decoded text: where the line's first hit begins.
    pub column: u32,
    /// Line on which that hit ends.
    pub end_line: u64,
    /// 1-based, exclusive; for a binary file the length of the hit in bytes.
    pub end_column: u32,
}

/// The hits of one file of the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHits {
    /// Position of the file in the snapshot's list of files.
    pub file: u32,
    /// The path itself holds a term of the query.
    pub name_matches: bool,
    /// The hits are byte offsets.
    pub binary: bool,
    /// In order.
    pub lines: Vec<HitLine>,
}

/// How a search ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchSummary {
    /// Lines with a hit; hits in binary files count one each.
    pub lines: u64,
    /// Files with a hit in their content.
    pub files: u64,
    /// Files whose path matches.
    pub file_names: u64,
    /// Things that could not be searched.
    pub not_searched: u64,
    /// False only while a search still runs or was cut short.
    pub complete: bool,
    /// The query as it was understood.
    pub parsed: String,
    /// Wall time.
    pub elapsed_ms: u64,
}
