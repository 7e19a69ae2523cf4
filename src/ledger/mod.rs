//! The append-only ledger of a reviewer.
