//! Plain data that every floor shares: identities, places, what a reviewer recorded, what a room allows.
//!
//! Nothing here reads a file, a clock or a thread. Words are those of the glossary: a *snapshot* is one
//! vendor commit, an *anchor* is a place in it that survives, a *finding* is a claim with locations, an
//! *entry* is one record of a ledger, a *review* is the fold of the entries.

mod anchor;
mod chain;
mod coverage;
pub mod cwe;
mod delivery;
mod entry;
mod file;
mod finding;
mod hit;
mod id;
mod path;
mod policy;
mod queries;
mod review;
mod span;
mod symbol;
mod token;
mod verdict;
mod words;

pub use anchor::{Anchor, Location};
pub use chain::{Chain, ChainError, Link, Withheld};
pub use coverage::{FileCoverage, FileStatus, Marks};
pub use delivery::{Delivery, Flag, Influence, LanguageCount, NotInSnapshot, NotSearched, Reason};
pub use entry::{Digest, Entry, Event, ExportRecord};
pub use file::{FileFlag, FileKind, TreeFile};
pub use finding::{Finding, Kind, Note, NoteKind, Severity, Status, StatusChange};
pub use hit::{FileHits, HitLine, NameStanding, Rank, SearchSummary, Standing};
pub use id::{BlobId, CommitId, IdError, TreeId};
pub use path::{PathError, RepoPath};
pub use policy::{CoverageDetail, Media, PathDetail, Policy};
pub use queries::{Queries, SavedQuery};
pub use review::{Item, Review, redoable, undoable};
pub use span::{Place, PlaceError, Span};
pub use symbol::{Symbol, SymbolKind, SymbolRole, Zone};
pub use token::{Token, TokenClass};
pub use verdict::{Budget, Overlap, Rule, Typed, Verdict};
