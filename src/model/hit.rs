//! What a search found.

use serde::{Deserialize, Serialize};

/// How a hit stands where it was found, the weakest first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// As a part of a word, or in bytes.
    #[default]
    Part,
    /// As whole words.
    Word,
    /// Inside the name of a definition.
    DefinitionPart,
    /// At the beginning or the end of the name of a definition.
    DefinitionEdge,
    /// As the whole name of a definition.
    Definition,
}

/// How the last part of a path holds a term, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameStanding {
    /// Inside.
    Part,
    /// At its beginning or end.
    Edge,
    /// As the whole name, with or without its extension.
    Whole,
}

/// What the rank of a file depends on besides how its hits stand; empty unless the order by rank was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    /// How its name holds a term, if it does.
    pub name: Option<NameStanding>,
    /// Terms that it holds.
    pub terms: u16,
    /// Terms that could have been found.
    pub of_terms: u16,
    /// It is a test, another's code or generated: it ranks lower.
    pub is_aside: bool,
}

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
    /// How that hit stands; definitions are only looked for if the order by rank was asked for.
    pub standing: Standing,
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
    /// What its rank depends on besides its lines.
    pub rank: Rank,
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
    /// Binary files: their bytes were searched, and their strings of 16 and 32 bits, but no other encoding.
    pub searched_as_bytes: u64,
    /// False only while a search still runs or was cut short.
    pub complete: bool,
    /// The query as it was understood.
    pub parsed: String,
    /// Wall time.
    pub elapsed_ms: u64,
}
