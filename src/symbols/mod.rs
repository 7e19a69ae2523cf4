//! Definitions, declarations, calls and references of one text, and a store of them by blob and language.
//!
//! Owns tree-sitter and its grammars. [`Tagger`] reads a text by its grammar and a tags query of ours
//! (`assets/tags/`), within limits of size, time, memory and depth; where that fails, a pattern takes its place and the answer says so.
//! Exact is said of syntax only: nothing here knows what a name resolves to.
//!
//! [`build`] keeps what it finds in a folder (formats in `row` and `pack`), [`SymbolStore`] reads it, and [`Picker`] ranks
//! millions of names by what is typed. Invariants: a row of the table is written when what it names is on disk; a torn end
//! is cut off; nothing is handed out unless its checksum is right. A folder that is damaged or of another version counts
//! as empty and is rebuilt by the next [`build`]. One program builds at a time, any number read meanwhile.
//!
//! It never reads a repository or the index: texts come from whoever builds.

mod attributes;
mod blanking;
mod build;
mod error;
mod exactness;
mod grammar;
mod heart;
mod pack;
mod parse_thread;
mod pattern;
mod pick;
mod row;
mod settle;
mod store;
mod sys;
mod tagged;
mod tagger;
mod write;

pub use build::{Build, Built, Content, Limits, Progress, Wanted, build, look};
pub use error::SymbolsError;
pub use pack::Definition;
pub use pick::{Candidate, Picked, Picker};
pub use row::SourceKey;
pub use store::{Counts, SymbolStore};
pub use tagged::{How, Tag, Tagged, Why};
pub use tagger::{TagLimits, Tagger};

#[cfg(test)]
mod tests;
