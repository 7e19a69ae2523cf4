//! The command line: one file a verb. Owns clap.
//!
//! Conventions (each verb keeps them): `--json` prints one line of JSON a record; exit 0 done, 1 "no", 2 usage,
//! 3 failed; one line on standard error names the thing and the next step. To anything but a terminal no file
//! content, no commit subject and no author is printed.

mod failure;
mod open;

pub use failure::Failure;

use crate::job::{Ask, Room};
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// How a verb that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done.
    Yes,
    /// Nothing found, blocked, not valid.
    No,
}

#[derive(Parser)]
#[command(
    name = "glassroom",
    about,
    disable_version_flag = true,
    args_conflicts_with_subcommands = true
)]
struct Line {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Prints version, commit and digest of the program.
    #[arg(long)]
    version: bool,
    #[command(flatten)]
    who: Who,
}

/// Whose review.
#[derive(Args, Clone, Debug, Default)]
struct Who {
    /// The review's name; default: made from the snapshot's path.
    #[arg(long, global = true)]
    review: Option<String>,
    /// The reviewer's name; default: from the settings, else the login name.
    #[arg(long, global = true)]
    reviewer: Option<String>,
}

#[derive(Subcommand)]
enum Verb {
    /// Opens the screen at the last place.
    Open(open::Open),
}

/// Runs the command line. The first argument is the program's name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Result<Answer, Failure> {
    let line = match Line::try_parse_from(args) {
        Ok(line) => line,
        Err(error) => return failure::usage(&error),
    };
    match line.verb {
        None => open::resume(&line.who),
        Some(Verb::Open(verb)) => open::run(&verb, &line.who),
    }
}

/// A snapshot named on the command line.
#[derive(Args, Clone, Debug)]
struct Source {
    /// A repository folder, bare or with a work tree, or a git bundle.
    snapshot: PathBuf,
    /// A ref, or a unique prefix of 7 or more digits; default HEAD.
    #[arg(long)]
    rev: Option<String>,
}

impl Source {
    fn ask(&self, who: &Who) -> Ask {
        Ask {
            source: Some(self.snapshot.clone()),
            rev: self.rev.clone(),
            review: who.review.clone(),
            reviewer: who.reviewer.clone(),
        }
    }
}

/// Finds folders and settings.
fn room() -> Result<Room, Failure> {
    Ok(Room::enter()?)
}
