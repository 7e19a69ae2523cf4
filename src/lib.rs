//! Glassroom: an offline workbench, in the terminal, for a reviewer in a secure room.

// Floor 0: pure text and plain data.
pub mod language;
pub mod model;
pub mod query;
pub mod text;
// Floor 1: one library each, never each other.
pub mod bundle;
pub mod config;
pub mod gate;
pub mod highlight;
pub mod index;
pub mod ledger;
pub mod medium;
pub mod snapshot;
// Floor 2: where they meet.
pub mod job;
// Floor 3 to 6: state, picture, terminal, command line.
pub mod app;
pub mod cli;
pub mod tui;
pub mod ui;
