//! Glassroom: an offline workbench, in the terminal, for a reviewer in a secure room.
//!
//! This page is the architecture. The library holds everything; `main.rs` only turns [`cli::run`]'s answer into an
//! exit code.
//!
//! # Floors
//!
//! A module names only modules of floors below its own, and siblings never name each other; a test reads the
//! imports and holds to it. Each library has one owner.
//!
//! | floor | modules | owns |
//! |---|---|---|
//! | 0 | [`text`], [`model`], [`query`], [`language`], [`memory`], [`fatal`] | plain text and plain data; memory maps; fatal signals |
//! | 1 | [`config`], [`snapshot`], [`index`], [`archive`], [`symbols`], [`highlight`], [`ledger`], [`gate`], [`bundle`], [`medium`] | toml, git2, tantivy, tree-sitter, syntect, ssh-key, files |
//! | 2 | [`job`] | the functions that combine floor 1, and the threads that run them |
//! | 3 | [`app`] | state and update: pure |
//! | 4 | [`ui`] | the picture of the state: pure |
//! | 5 | [`tui`] | the terminal, the loop, signals |
//! | 6 | [`cli`] | the command line |
//!
//! # Life of a keystroke
//!
//! The input thread of [`tui`] turns it into an [`app::Msg`]. [`app::App::update`] looks it up in the command table
//! ([`app::command`]), changes the state and returns [`app::Effect`]s; [`ui::render`] draws the state into cells and
//! returns where the panes landed. An effect that asks for work goes to one of the workers of [`job::Jobs`]; its
//! [`job::Report`] comes back as a message. The screen never waits for a worker.
//!
//! # Life of a finding
//!
//! A form becomes an [`model::Event`]; the record worker has the [`ledger`] append it as an [`model::Entry`], and only
//! when it is synced to disk does the screen say so. The state of a review, [`model::Review`], is the fold of
//! the entries of all its ledgers; undo is an entry too. At the export [`bundle`] renders what leaves, [`gate`]
//! compares what was typed with every text of every delivery (those of the snapshots are in the [`index`], the rest is in
//! the [`archive`]), the key signs the list of digests, and [`medium`]
//! writes the folder whole or not at all.
//!
//! # Life of a search
//!
//! [`query`] parses what is typed. [`index`] lets tantivy pick the groups of texts that can hold the trigrams, reads
//! those texts from its store and finds the hits in them. What is not indexed yet is read from the
//! [`snapshot`] and searched the same way.

// Floor 0: pure text and plain data, files as memory, and fatal signals.
pub mod fatal;
pub mod language;
pub mod memory;
pub mod model;
pub mod query;
pub mod text;
// Floor 1: one library each, never each other.
pub mod archive;
pub mod bundle;
pub mod config;
pub mod gate;
pub mod highlight;
pub mod index;
pub mod ledger;
pub mod medium;
pub mod snapshot;
pub mod symbols;
// Floor 2: where they meet.
pub mod job;
// Floor 3 to 6: state, picture, terminal, command line.
pub mod app;
pub mod cli;
pub mod tui;
pub mod ui;
