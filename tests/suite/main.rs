//! The tests of the whole program, in one binary: they link once. A file here that is not declared below
//! fails the floors test.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its helpers too"
)]

mod building;
mod choices;
mod damage;
mod delivered;
mod deliveries;
mod disguises;
mod docs;
mod drafts;
mod durable;
mod encodings;
mod exact;
mod excerpts;
mod export_log;
mod exporting;
mod faults;
mod fields;
mod floors;
mod formats;
mod gate;
mod handmade;
mod headless;
mod hints;
mod honest;
mod hostile;
mod judged;
mod kinds;
mod languages;
mod ledgers;
mod media;
mod names;
mod navigating;
mod policy;
mod records;
mod regate;
mod review;
mod reviewers;
mod screens;
mod scripts;
mod searching;
mod secrets;
mod signing;
mod support;
mod symbols;
mod terminal;
mod traces;
mod update;
mod whole;
