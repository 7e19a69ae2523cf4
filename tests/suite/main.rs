//! The tests of the whole program, in one binary: they link once. A file here that is not declared below
//! fails the floors test.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its helpers too"
)]

mod docs;
mod durable;
mod floors;
mod gate;
mod headless;
mod hostile;
mod screens;
mod support;
mod terminal;
mod update;
