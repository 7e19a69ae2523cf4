//! `glassroom ledger verify`: whether every entry is the one that was acknowledged.

use super::output::Out;
use super::target::{Subject, existing};
use super::{Answer, Failure, Who, room};
use crate::job::export_log::{self, ExportLog};
use crate::ledger::{self, LedgerChain};
use crate::model::clock_remarks;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;

#[derive(Subcommand)]
pub(super) enum Ledger {
    /// Checks the ledgers of one review, or of all.
    Verify(Verify),
}

#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    subject: Subject,
    /// A bundle that left: the ledgers of its review must hold all that left with it.
    #[arg(long, value_name = "FOLDER")]
    bundle: Option<PathBuf>,
}

#[derive(Serialize)]
struct Checked {
    valid: bool,
    problems: Vec<Problem>,
    ledgers: Vec<Named>,
    /// What is worth knowing and makes nothing invalid.
    remarks: Vec<Problem>,
}

/// A ledger that was checked.
#[derive(Serialize)]
struct Named {
    file: String,
    entries: u64,
    first: Option<String>,
    last: Option<String>,
    valid: bool,
}

#[derive(PartialEq, Serialize)]
struct Problem {
    file: String,
    line: u64,
    what: String,
}

pub(super) fn run(verb: &Ledger, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let Ledger::Verify(verb) = verb;
    let room = room()?;
    let bundle = verb.bundle.as_ref();
    let bundle = bundle
        .map(|path| export_log::read_bundle(path))
        .transpose()?;
    let folders = match (verb.subject.folder(&room, who)?, &bundle) {
        (Some(folder), _) => vec![folder],
        (None, Some(bundle)) => vec![existing(room.home.review(&bundle.review)?)?],
        (None, None) => room.home.reviews()?,
    };
    let (mut problems, mut ledgers, mut remarks) = (Vec::new(), Vec::new(), Vec::new());
    for folder in &folders {
        let path = |file: &str| format!("{}/ledger/{file}", folder.name());
        for found in ledger::check(&folder.ledger())? {
            let (first, last) = found.times.unzip();
            ledgers.push(Named {
                file: path(&found.file),
                entries: found.entries,
                first,
                last,
                valid: found.problems.is_empty(),
            });
            problems.extend(found.problems.into_iter().map(|p| Problem {
                file: path(&p.file),
                line: p.line,
                what: p.what,
            }));
        }
        // What is damaged is named already, and its chain cannot be read.
        let Ok(chains) = ledger::read_chains(&folder.ledger()) else {
            continue;
        };
        let entries = chains.iter().flat_map(|chain| &chain.entries);
        remarks.extend(clock_remarks(entries).into_iter().map(|remark| Problem {
            file: path(&format!("{}.jsonl", remark.reviewer)),
            line: remark.seq,
            what: remark.to_string(),
        }));
        let whole = |what: String| Problem {
            file: format!("{}/ledger", folder.name()),
            line: 0,
            what,
        };
        let log = ExportLog::find(&room, folder.name())?;
        let digests: Vec<_> = chains.iter().map(LedgerChain::digests).collect();
        match log.read(true) {
            Ok(left) => {
                let cut = log.find_cut(&left, &digests);
                problems.extend(cut.map(|cut| whole(cut.to_string())));
            }
            Err(error) => problems.push(whole(error.chain())),
        }
        if let Some(bundle) = &bundle {
            problems.extend(export_log::missing_of(bundle, &chains, true).map(whole));
        }
    }
    problems.dedup();
    let checked = Checked {
        valid: problems.is_empty(),
        problems,
        ledgers,
        remarks,
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
        for ledger in &checked.ledgers {
            let times = ledger.first.as_ref().zip(ledger.last.as_ref());
            let times = times.map(|(first, last)| format!(", from {first} to {last}"));
            let entries = match ledger.entries {
                1 => "1 entry".to_owned(),
                n => format!("{n} entries"),
            };
            let word = if ledger.valid { "valid" } else { "NOT VALID" };
            out.line(&format!(
                "checked {}: {entries}{}: {word}",
                ledger.file,
                times.unwrap_or_default()
            ));
        }
        for remark in &checked.remarks {
            let (file, line) = (&remark.file, remark.line);
            out.line(&format!("remark {file} line {line}: {}", remark.what));
        }
        let word = if checked.valid { "valid" } else { "NOT VALID" };
        let s = if folders.len() == 1 { "" } else { "s" };
        out.line(&format!("{} review{s}: {word}", folders.len()));
    }
    Ok(Answer::of(checked.valid))
}
