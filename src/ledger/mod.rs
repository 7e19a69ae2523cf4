//! The append-only ledger of a reviewer: append, read, verify the chain, lock. Owns `ledger/` of a review.
//!
//! Files of the folder (mode 0700), for each reviewer (mode 0600):
//! - `<reviewer>.jsonl`: the entries, as [`crate::model::Entry`] documents them.
//! - `<reviewer>.lock`: empty; its `flock` makes one writer. A second program reads only.
//! - `<reviewer>.head`: one line, `SEQ SHA256`, 20 and 64 digits: the newest acknowledged entry. The chain
//!   proves every line but the last; this proves the last. It is written after the entry is durable and not
//!   synced itself, so it may lag behind but never runs ahead. Missing or malformed, it proves nothing.
//!
//! Apart from the reviews lies the export log, see `export_log.rs`: one file for each account.
//!
//! Invariants: an entry is acknowledged only after `fdatasync`; a line is written by one `write` call;
//! after a failed write or sync nothing more is appended. A torn last line (no LF) was never acknowledged:
//! the writer cuts it and says so. Any other damage is refused with file and line, never repaired.
//! Nothing here folds entries into a state: [`crate::model::Review`] does.

mod disk;
mod error;
mod export_log;
mod read;
mod write;

pub use error::LedgerError;
pub use export_log::{append_export_log, read_export_log};
pub use read::{
    CheckedLedger, LedgerChain, Problem, TornTail, check, is_reviewer, mentions, read, read_all,
    read_chains, verify,
};
pub use write::{Access, Ledger, Opened, ReadOnly};
