//! `glassroom policy`: what the room allows.

use super::output::Out;
use super::target::Subject;
use super::{Answer, Failure, Who, room};
use crate::config::{InForce, MACHINE_POLICY};
use crate::job::JobError;
use crate::model::{self, Digest};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::Path;

#[derive(Subcommand)]
pub(super) enum Policy {
    /// Shows the policy in force, for the machine or for a review.
    Show(Show),
    /// Checks the policy files of the machine and of one review or all.
    Check(Check),
}

#[derive(Args)]
pub(super) struct Show {
    #[command(flatten)]
    subject: Subject,
}

#[derive(Args)]
pub(super) struct Check {
    #[command(flatten)]
    subject: Subject,
}

#[derive(Serialize)]
struct Shown<'a> {
    policy: &'a model::Policy,
    digest: Digest,
    machine: Option<Digest>,
    review: Option<Digest>,
}

#[derive(Serialize)]
struct Checked {
    valid: bool,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Problem {
    file: String,
    what: String,
}

pub(super) fn run(verb: &Policy, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    match verb {
        Policy::Show(verb) => show(verb, who, out),
        Policy::Check(verb) => check(verb, who, out),
    }
}

fn show(verb: &Show, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let room = room()?;
    let folder = verb.subject.folder(&room, who)?;
    let in_force = room.policy(folder.as_ref())?;
    let digest = in_force.policy.digest();
    if out.json {
        out.record(&Shown {
            policy: &in_force.policy,
            digest,
            machine: in_force.machine,
            review: in_force.review,
        });
        return Ok(Answer::Yes);
    }
    for line in in_force.policy.to_toml().lines() {
        out.line(line);
    }
    let state = |digest: Option<Digest>| digest.map_or("none".to_owned(), |d| d.to_string());
    out.line(&format!("# in force  {digest}"));
    out.line(&format!("# machine   {}", state(in_force.machine)));
    out.line(&format!("# review    {}", state(in_force.review)));
    Ok(Answer::Yes)
}

fn check(verb: &Check, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let mut problems = Vec::new();
    let mut wrong = |file: &Path, error: JobError| {
        problems.push(Problem {
            file: file.display().to_string(),
            what: error.chain(),
        });
    };
    // Without the machine's policy it is not known where the reviews lie.
    let machine = Path::new(MACHINE_POLICY);
    if let Err(error) = InForce::load(machine, None) {
        wrong(machine, error.into());
    } else {
        let room = room()?;
        let folders = match verb.subject.folder(&room, who)? {
            Some(folder) => vec![folder],
            None => room.home.reviews()?,
        };
        for folder in folders {
            if let Err(error) = room.policy(Some(&folder)) {
                wrong(&folder.policy_file(), error);
            }
        }
    }
    let checked = Checked {
        valid: problems.is_empty(),
        problems,
    };
    if out.json {
        out.record(&checked);
    } else {
        for problem in &checked.problems {
            out.line(&format!("{}: {}", problem.file, problem.what));
        }
        out.line(if checked.valid { "valid" } else { "NOT VALID" });
    }
    Ok(Answer::of(checked.valid))
}
