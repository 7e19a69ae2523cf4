//! The search index and the text store of a review, and searching with them.
//!
//! Owns tantivy. A folder holds the decoded text of every blob (`data`, `table`, see
//! `store`) and a tantivy index of trigrams (`grams/`, see `grams`) that only picks which texts are worth
//! reading; a hit is always found in the text itself. Everything is keyed by blob id, so the next release costs
//! its changed blobs only.
//!
//! Invariants: a tantivy commit names how much of `data` and `table` belongs to it, and both are on disk before it;
//! what lies beyond is cut off. Nothing is used unless its checksum is right: a text (`store`), a block of the trigram index
//! (`checked`), the files of a tree (`file_table`) and where their
//! texts are (`stored_units`). A folder that is damaged or of
//! another version counts as empty and is rebuilt by the next [`build`]. One program builds at a time, any number
//! read meanwhile.
//!
//! It never reads a repository: blobs come through [`BlobSource`], facts through [`crate::query::Facts`].

mod build;
mod checked;
mod content;
mod corpus;
mod engine;
mod error;
mod evaluate;
mod file_table;
mod grams;
mod lines;
mod matcher;
mod near;
mod open;
mod plan;
mod search;
mod standing;
mod stepper;
mod store;
mod stored_units;
mod text_room;
mod write;

pub use build::{BlobSource, Build, Built, Limits, Progress, Unreadable, build};
pub use content::{Stored, TextKind, prepare_as};
pub use corpus::Corpus;
pub use error::IndexError;
pub use file_table::FileTable;
pub use near::Contents;
pub use open::{BlobMeta, Index};
pub use search::{Chunk, Search};
pub use text_room::TextRoom;

#[cfg(test)]
mod tests;
