//! Plain data that every floor shares: identities, places, what a reviewer recorded, what a room allows.
//!
//! Nothing here reads a file, a clock or a thread. Words are those of the glossary: a *snapshot* is one
//! vendor commit, an *anchor* is a place in it that survives, a *finding* is a claim with locations, an
//! *entry* is one record of a ledger, a *review* is the fold of the entries.

mod anchor;
mod attribute;
mod chain;
mod coverage;
pub mod cwe;
mod delivered;
mod delivered_names;
mod delivery;
mod entry;
mod excerpt;
mod export_log;
mod extent;
mod file;
mod finding;
mod hit;
mod id;
mod ledger_form;
mod located;
mod name;
mod named_path;
mod order;
mod outgoing;
mod partial;
mod path;
mod policy;
mod progress;
mod queries;
mod reference;
mod review;
mod score;
mod span;
mod sweep;
mod symbol;
mod template;
mod tidy;
mod token;
mod verdict;
mod words;

pub use anchor::{Anchor, Location, LocationRole};
pub use attribute::is_set_by_system;
pub use chain::{Chain, ChainError, Link, Read, Withheld};
pub use coverage::{
    CoverageBy, CoverageOf, CoverageRow, CoverageTable, FileCoverage, FileStatus, FolderLines,
    Marks,
};
pub use delivered::DeliveredText;
pub use delivered_names::DeliveredNames;
pub use delivery::{
    Delivery, Flag, Influence, LanguageCount, NotInSnapshot, NotSearched, Reason, SearchedAsBytes,
};
pub use entry::{Digest, Entry, Event, ExportRecord};
pub use excerpt::{Excerpt, Quote, QuotedLines, excerpts, quoted_before, quoted_lines, quotes};
pub use export_log::{
    CutLedger, ExportLogEntry, ExportStep, LedgerDigests, LedgerEnd, add_quoted_lines,
    find_cut_ledger,
};
pub use extent::{AnchorExtent, ByteRange, HEX_ROW, WholeKind};
pub use file::{FileFlag, FileKind, TreeFile};
pub use finding::{
    Audience, Category, Confidence, Difficulty, Finding, FindingWords, Kind, Note, NoteKind,
    Priority, Reply, Severity, Status, StatusChange, Voice,
};
pub use hit::{FileHits, HitLine, NameStanding, Rank, SearchSummary, Standing};
pub use id::{BlobId, CommitId, IdError, ObjectId, TagId, TreeId};
pub use ledger_form::{LedgerForm, OddEntry, check_line, check_spelling};
pub use located::{LocatedFacts, LocationFacts};
pub use name::is_plain_name;
pub use named_path::{BlobPrefix, NamedPath};
pub use order::{ClockRemark, clock_remarks, in_time};
pub use outgoing::{
    ChosenName, ClosedText, DigestText, GitUrn, ItemNumber, KeyFingerprint, OutgoingField,
    RatingText, ScoreText, SurveyWord, TextValue, TextVisitor, TimeText, TreePath, Weakness,
    WeaknessTitle, Weaknesses, closed, is_fingerprint, is_time,
};
pub(crate) use outgoing::{closed_fields, outgoing_fields, outgoing_variants};
pub use partial::{FULL_BUNDLE, PartialClone, PartialFilter};
pub use path::{PathError, RepoPath};
pub use policy::{CoverageDetail, Media, PathDetail, Policy};
pub use progress::{FASTEST, Pace, Progress, marked_within_the_hour};
pub use queries::{Queries, SavedQuery};
pub use reference::{Reference, Scheme, bounded as bounded_references, references};
pub use review::{Encodings, Item, Review, ReviewParts, redoable, undoable, undone};
pub use score::{BASE_31, BASE_40, Metric, Score, ScoreWords, Vector, VectorError};
pub use span::{Place, PlaceError, Span};
pub use sweep::{Judgement, Ruling, SearchRecord, Sweep, SweepHit, SweepState, hits_digest};
pub use symbol::{Symbol, SymbolKind, SymbolRole, Zone, is_symbol_name};
pub use template::{TEMPLATE_KEYS, Template};
pub use tidy::{MOST_LOCATIONS, MOST_VECTORS, MOST_WEAKNESSES, TooMany};
pub use token::{Token, TokenClass};
pub use verdict::{Budget, BundleLine, MarkedWords, Overlap, Rule, Typed, Verdict};
