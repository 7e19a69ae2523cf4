//! `glassroom ledger verify`: whether every entry is the one that was acknowledged.

use super::output::Out;
use super::target::Subject;
use super::{Answer, Failure, Who, room};
use crate::ledger;
use clap::{Args, Subcommand};
use serde::Serialize;

#[derive(Subcommand)]
pub(super) enum Ledger {
    /// Checks the ledgers of one review, or of all.
    Verify(Verify),
}

#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    subject: Subject,
}

#[derive(Serialize)]
struct Checked {
    valid: bool,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Problem {
    file: String,
    line: u64,
    what: String,
}

pub(super) fn run(verb: &Ledger, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let Ledger::Verify(verb) = verb;
    let room = room()?;
    let folders = match verb.subject.folder(&room, who)? {
        Some(folder) => vec![folder],
        None => room.home.reviews()?,
    };
    let mut problems = Vec::new();
    for folder in &folders {
        let found = ledger::verify(&folder.ledger())?;
        problems.extend(found.into_iter().map(|p| Problem {
            file: format!("{}/ledger/{}", folder.name(), p.file),
            line: p.line,
            what: p.what,
        }));
    }
    let checked = Checked {
        valid: problems.is_empty(),
        problems,
    };
    if out.json {
        out.record(&checked);
    } else {
        for p in &checked.problems {
            out.line(&match p.line {
                0 => format!("{}: {}", p.file, p.what),
                line => format!("{} line {line}: {}", p.file, p.what),
            });
        }
        let word = if checked.valid { "valid" } else { "NOT VALID" };
        out.line(&format!("{} reviews: {word}", folders.len()));
    }
    Ok(Answer::of(checked.valid))
}
