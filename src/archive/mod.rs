//! The text archive of a review: what the leak check needs of a delivery beyond the files of its snapshots.
//!
//! A delivery holds more than the snapshots that a reviewer opens: older and later versions of files, blobs that no
//! commit names, messages of commits and tags. All of it can be read with `--rev`, so the leak check compares with all
//! of it. Reading and inflating a whole history takes long, and most of it repeats: each version of a file differs from
//! the one before in a few lines. So the archive keeps each passage once, and the next comparison reads only that.
//!
//! | file | holds | removed by `review purge` |
//! |---|---|---|
//! | `objects` | which objects the deliveries held, and what became of each; see `log` | no |
//! | `texts` | passages of text, compressed; see `texts` | yes: it is vendor text |
//!
//! Invariants:
//! - Every window of 64 letters and digits and every whole line of an archived text lies whole in one passage; see
//!   [`PassageFinder`].
//! - `objects` names how much of `texts` is committed, and `texts` is on disk before it. What lies beyond is cut off.
//! - A block is handed out only if its checksum is right.
//! - Object ids are kept when the texts are purged: what was readable once must be compared again, or the leak check
//!   reports that it is blind.
//!
//! It decodes nothing and never reads a repository: the caller brings decoded text.

mod error;
mod log;
mod passage;
mod texts;
mod write;

pub use error::ArchiveError;
pub use log::{ObjectLog, ObjectState};
pub use passage::PassageFinder;
pub use texts::{ArchivedTexts, PassageBlock};
pub use write::ArchiveWriter;

#[cfg(test)]
mod tests;
