//! What the screen asks of the workers and what they answer: plain data, so that work on vendor bytes can
//! move behind a process wall.

use super::draft::Draft;
use super::officer::About;
use super::secret::Secret;
use crate::model::{
    Audience, BlobId, CoverageBy, CoverageOf, CoverageTable, Delivery, Digest, Entry, Event,
    FileHits, ObjectId, Overlap, Queries, RepoPath, Rule, SearchSummary, SymbolKind, SymbolRole,
    Token, TreeFile, TreeId, Verdict,
};
use crate::text::{FlagKind, LineIndex, Waypoints};
use serde::{Deserialize, Serialize};

/// What is asked. Each kind has its own worker; see [`super::Jobs`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// List the snapshot's files.
    List,
    /// Build or complete the index.
    Index,
    /// Read what was delivered beside the snapshot into the archive, for the leak check.
    ReadDelivery,
    /// Read one file to be shown.
    Read(TreeFile),
    /// Find the id of a folder.
    FindFolder(RepoPath),
    /// Find the token classes of what is in sight of the file last read.
    Colour(Sight),
    /// Search the snapshot.
    Search {
        /// Returned with every answer.
        seq: u64,
        /// As typed.
        query: String,
        /// Earlier queries, the first first: only what they found is searched.
        within: Vec<String>,
    },
    /// Read the lines that a list shows and what is shown beside it.
    Peek {
        /// Which lines of which files, 1-based.
        lines: Vec<(u32, u32)>,
        /// What is shown beside the list.
        preview: Option<Sight>,
    },
    /// List what matches what is typed, best first.
    Narrow {
        /// What is chosen from.
        of: Choices,
        /// As typed.
        typed: String,
    },
    /// Work out how much was shown and reviewed.
    Coverage {
        /// Which lines are counted.
        of: CoverageOf,
        /// What files are put together by.
        by: CoverageBy,
        /// The folder whose parts are listed.
        under: RepoPath,
    },
    /// Find the symbols of what is indexed.
    Symbols,
    /// List the symbols of one file.
    Outline(TreeFile),
    /// Find where a name is defined and declared.
    Define {
        /// The name.
        name: String,
        /// The file that asks: its own definitions come first.
        from: TreeFile,
    },
    /// Find every place where a name stands.
    Refer {
        /// The name.
        name: String,
        /// The file that asks.
        from: TreeFile,
    },
    /// Append to the ledger.
    Record(Box<Event>),
    /// Keep what is being written and not saved yet, all of it.
    KeepDrafts(Vec<Draft>),
    /// Keep the reviewer's queries for the next start.
    Keep(Queries),
    /// Work out what was delivered.
    Survey,
    /// Mark what is copied from the vendor's text.
    Hint {
        /// Returned with every answer.
        seq: u64,
        /// What is typed.
        texts: Vec<String>,
    },
    /// List the removable media that are mounted.
    Media,
    /// Render the bundle, judge it and, unless only a preview is wanted, write it.
    Export(ExportOrder),
}

/// What is answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Report {
    /// The snapshot's files, in path order.
    Listed {
        /// Every entry that is no folder.
        files: Vec<TreeFile>,
        /// A cap was reached: there is more.
        truncated: bool,
    },
    /// An object of the delivery takes long to be read.
    SlowRead {
        /// The object.
        object: ObjectId,
        /// Seconds so far.
        seconds: u64,
    },
    /// How far the index is.
    Index(IndexState),
    /// How far the archive of the delivery is.
    DeliveryRead(DeliveryProgress),
    /// A file to be shown.
    Text(Box<Document>),
    /// What [`Request::FindFolder`] asked for.
    FolderFound {
        /// Of the request.
        path: RepoPath,
        /// Its id; nothing if there is no such folder, or if it cannot be told.
        tree: Option<TreeId>,
    },
    /// Token classes of consecutive lines.
    Coloured {
        /// The content they belong to.
        blob: BlobId,
        /// The line of the first item, 1-based.
        first: u32,
        /// One item a line.
        lines: Vec<LineColours>,
    },
    /// Hits, in path order; the list so far if the search still runs.
    Found {
        /// Of the request.
        seq: u64,
        /// All hits so far.
        files: Vec<FileHits>,
        /// Exact at the end; `complete` is false before.
        summary: SearchSummary,
    },
    /// A query that found nothing finds something if what looks like a regex in it is read as one.
    FoundOtherwise {
        /// Of the request.
        seq: u64,
        /// The other query, as it would be typed.
        query: String,
        /// Lines that it finds.
        lines: u64,
        /// Paths that it finds.
        file_names: u64,
    },
    /// What [`Request::Peek`] asked for.
    Peeked {
        /// Lines without their ends, cut at 400 characters.
        lines: Vec<(u32, u32, String)>,
        /// The file.
        preview: Option<Box<Document>>,
    },
    /// What [`Request::Narrow`] asked for.
    Narrowed {
        /// Of the request.
        of: Choices,
        /// Of the request.
        typed: String,
        /// The best.
        rows: Vec<Choice>,
        /// Where each of the rows is, if they are symbols; empty otherwise.
        places: Vec<SymbolPlace>,
        /// All that match, and all there are.
        counts: (usize, usize),
    },
    /// How much was shown and reviewed.
    Covered(Box<CoverageTable>),
    /// How far the symbols are.
    Symbols(SymbolsState),
    /// What [`Request::Outline`] asked for.
    Outlined {
        /// Of the request.
        file: TreeFile,
        /// In the order of the file.
        rows: Vec<OutlineRow>,
        /// How they were found: `exact`, or why they are approximate.
        how: String,
    },
    /// What [`Request::Define`] or [`Request::Refer`] asked for; the list so far if more is looked for.
    Places {
        /// Which of the two.
        of: Asked,
        /// Of the request.
        name: String,
        /// Definitions: the likeliest first. References: by path and line.
        rows: Vec<SymbolPlace>,
        /// Places found so far, listed or not.
        total: u64,
        /// Nothing more will come.
        is_complete: bool,
        /// Why there is no definition, if none was found.
        absence: Option<String>,
    },
    /// The entry is on disk.
    Recorded(Box<Entry>),
    /// The ledger takes no more entries in this session, for this reason.
    LedgerStopped(String),
    /// What [`Request::KeepDrafts`] asked for is on disk, or why it is not.
    DraftsKept {
        /// Why it is not.
        problem: Option<String>,
    },
    /// What was delivered.
    Surveyed {
        /// Everything known so far.
        delivery: Box<Delivery>,
        /// The work tree has been compared; before that nothing is known of it.
        is_compared: bool,
    },
    /// What [`Request::Hint`] asked for; all that is known so far.
    Hinted {
        /// Of the request.
        seq: u64,
        /// What is copied.
        marks: Vec<Copied>,
    },
    /// Where a bundle may be written.
    Media(Vec<MediumPlace>),
    /// How far the gate is with an export.
    Judging {
        /// Bytes of the vendor's texts compared so far.
        done: u64,
        /// All of them.
        total: u64,
    },
    /// The gate lets it pass: it is signed and written, which can no longer be cancelled.
    Writing,
    /// How an export went.
    Exported(Box<ExportReport>),
    /// Something asked for could not be done.
    Failed {
        /// What was asked for.
        what: Work,
        /// One line.
        why: String,
        /// The next step, if there is one.
        hint: String,
    },
}

/// Names the kinds of work, for failures and for cancelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Work {
    /// [`Request::List`].
    List,
    /// [`Request::Index`].
    Index,
    /// [`Request::ReadDelivery`].
    ReadDelivery,
    /// [`Request::Read`].
    Read,
    /// [`Request::Colour`].
    Colour,
    /// [`Request::Search`].
    Search,
    /// [`Request::Peek`].
    Peek,
    /// [`Request::Narrow`].
    Narrow,
    /// [`Request::Coverage`].
    Coverage,
    /// [`Request::Symbols`].
    Symbols,
    /// [`Request::Outline`].
    Outline,
    /// [`Request::Define`].
    Define,
    /// [`Request::Refer`].
    Refer,
    /// [`Request::Record`].
    Record,
    /// [`Request::Keep`].
    Keep,
    /// [`Request::Survey`].
    Survey,
    /// [`Request::Hint`].
    Hint,
    /// [`Request::Media`].
    Media,
    /// [`Request::Export`].
    Export,
}

/// A part of a file that comes into sight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// The file.
    pub file: TreeFile,
    /// First and last line, 1-based; the last may lie behind the end.
    pub span: (u32, u32),
}

/// A long list to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Choices {
    /// The snapshot's files by their paths; each stands for its position in the list of files.
    Files,
    /// The snapshot's symbols by their names; each stands for its number until the list is asked for anew.
    Symbols,
}

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What it stands for.
    pub id: u32,
    /// What is read and matched.
    pub text: String,
}

/// How much of what was delivered beside the snapshot was read for the leak check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryProgress {
    /// Nothing is known yet, or reading was stopped: it is completed before a bundle is judged.
    #[default]
    Unknown,
    /// It is being read.
    Reading {
        /// Objects that were read.
        done: u64,
        /// Objects that were to be read.
        total: u64,
    },
    /// All of it was read.
    Complete,
}

/// How far the index is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexState {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// Being built.
    Building {
        /// Blobs done.
        done: u64,
        /// Blobs in all.
        total: u64,
    },
    /// Found damaged: answers come from the delivery until it is built anew.
    Damaged,
    /// Another program builds it; this one reads what is there and goes on when the other ends.
    Elsewhere,
    /// Complete.
    Ready {
        /// Lines of each file in the list's order; 0 for what is no text.
        lines: Vec<u32>,
        /// What cannot be searched.
        not_searched: Vec<crate::model::NotSearched>,
        /// Files that are no text: see [`crate::model::Delivery::searched_as_bytes`].
        searched_as_bytes: u64,
    },
}

/// How far the symbols are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SymbolsState {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// Being looked for.
    Building {
        /// Contents done.
        done: u64,
        /// Contents in all.
        total: u64,
    },
    /// Complete.
    Ready(SymbolCounts),
}

/// How the contents of a snapshot were looked through; what is no code is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SymbolCounts {
    /// By their grammar.
    pub exact: u64,
    /// Some or all of it by a pattern.
    pub approximate: u64,
    /// Of those found by a pattern, the ones that a parser exists for but was not used: too large or too costly.
    #[serde(default)]
    pub not_parsed: u64,
    /// Not at all: they cannot be read.
    pub failed: u64,
    /// What was stored before was damaged or of another version.
    pub is_rebuilt: bool,
}

/// Which places were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Asked {
    /// By [`Request::Define`].
    Definitions,
    /// By [`Request::Refer`].
    References,
}

/// Where a name stands and what it does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SymbolPlace {
    /// Position in the list of files.
    pub file: u32,
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    /// What the name stands for; of a use what it most likely does.
    pub kind: SymbolKind,
    /// What it does here.
    pub role: SymbolRole,
    /// The grammar says so; otherwise it looks like it.
    pub exact: bool,
}

/// A definition or declaration of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlineRow {
    /// The name.
    pub name: String,
    /// What it stands for.
    pub kind: SymbolKind,
    /// Definition or declaration.
    pub role: SymbolRole,
    /// The line of the name, 1-based.
    pub line: u32,
    /// The last line of the whole.
    pub end_line: u32,
    /// The row that it is a part of.
    pub parent: Option<u32>,
    /// The grammar says so; otherwise it looks like it.
    pub exact: bool,
}

/// A file made ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Which.
    pub file: TreeFile,
    /// Its content.
    pub body: Body,
    /// The name of its language.
    pub language: Option<String>,
    /// What it is besides: `generated`, `vendored`, `test`, `minified`.
    pub traits: Vec<String>,
    /// Lines that hold hidden or deceptive characters.
    pub flags: Vec<(u32, FlagKind)>,
    /// What was counted along its long lines, in their order.
    pub waypoints: Vec<(u32, Waypoints)>,
}

/// The content of a file as it can be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// Text, with the name of its encoding.
    Text {
        /// Decoded.
        text: String,
        /// Where its lines begin.
        lines: LineIndex,
        /// As named to the reviewer.
        encoding: String,
        /// Lines end with CR LF.
        crlf: bool,
    },
    /// Bytes, shown in hexadecimal.
    Binary(Vec<u8>),
    /// There is nothing to show, for this reason.
    Absent(String),
}

/// The token classes of one line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LineColours {
    /// In order; gaps are plain.
    pub tokens: Vec<Token>,
    /// Why the line stayed plain, if it did.
    pub plain: Option<String>,
    /// Nothing better will come: the text above was read from its beginning.
    pub is_final: bool,
}

/// What to export and where to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportOrder {
    /// The folder of the bundle; `None` for a preview.
    pub to: Option<String>,
    /// The private key's file, or `agent:FINGERPRINT`.
    pub key: String,
    /// Unlocks the key. Never logged, never recorded.
    pub passphrase: Secret,
    /// Given by the reviewer for rules that stop; signed into the bundle.
    pub reason: String,
    /// Who the bundle is for: findings that they may not read stay.
    pub audience: Audience,
}

/// What would leave, or what left.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportReport {
    /// Every outgoing file.
    pub files: Vec<OutgoingFile>,
    /// What the gate says.
    pub verdict: Verdict,
    /// Where it was written; `None` for a preview.
    pub written: Option<String>,
    /// The signing key's fingerprint, if written.
    pub key: String,
    /// What it is about.
    pub about: About,
}

impl ExportReport {
    /// Returns the places where typed text repeats vendor text.
    pub fn overlaps(&self) -> &[Overlap] {
        &self.verdict.overlaps
    }
}

/// A stretch of a typed text that also stands in the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Which text of the request.
    pub text: u32,
    /// First byte and the one behind the last.
    pub range: (usize, usize),
    /// The rule of the gate.
    pub rule: Rule,
    /// The vendor's file.
    pub path: RepoPath,
    /// Its line, 1-based.
    pub line: u64,
}

/// A removable medium as a place for a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediumPlace {
    /// The folder that the bundle would get.
    pub folder: String,
    /// The medium and the room on it, on one line.
    pub text: String,
    /// Nothing can be written to it.
    pub is_read_only: bool,
}

/// One file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingFile {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Digest,
    /// Its text, for the preview.
    pub text: String,
}
