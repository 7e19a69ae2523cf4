//! `glassroom coverage`: what was shown and reviewed, of every line of text, of code, or at all.

use super::output::Out;
use super::target::{self, Subject};
use super::{Answer, Failure, Who};
use crate::job::Cancel;
use crate::job::counted::{Counter, Known};
use crate::job::coverage::{self, Which};
use crate::model::{CoverageOf, RepoPath, TreeFile};
use clap::Args;
use serde::Serialize;

#[derive(Args)]
pub(super) struct Coverage {
    #[command(flatten)]
    subject: Subject,
    /// Lists every text file, not only those touched.
    #[arg(long)]
    all: bool,
    /// Which lines count: those of text, those of them that are neither blank nor wholly comment, or all.
    #[arg(long, default_value = "text", value_name = "text|code|all")]
    of: CoverageOf,
}

#[derive(Serialize)]
struct Row<'a> {
    path: &'a RepoPath,
    lines: u64,
    shown: u64,
    reviewed: u64,
    ranges: Vec<[u32; 2]>,
}

#[derive(Serialize)]
struct Last {
    summary: Summary,
}

/// The sums over every text file of the snapshot, whichever are listed: a share needs the whole.
#[derive(Default, Serialize)]
struct Summary {
    files: u64,
    lines: u64,
    shown: u64,
    reviewed: u64,
    denominator: &'static str,
}

pub(super) fn run(verb: &Coverage, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let desk = verb.subject.desk(who)?;
    let review = target::state(&desk.review, &desk.reviewer)?;
    let listing = target::listing(&desk)?;
    let reader = desk.reader(review.encodings());
    let index = target::open_index(&desk, review.encodings())?;
    let counter = Counter {
        of: verb.of,
        index: &index,
        reader: Some(&reader),
        known: &Known::default(),
        cancel: &Cancel::never(),
    };
    let lines = |file: &TreeFile| counter.lines(file);
    let mut summary = Summary {
        denominator: verb.of.word(),
        ..Summary::default()
    };
    for row in coverage::run(&listing, &review, &lines, Which::All) {
        summary.files += 1;
        summary.lines += row.lines;
        summary.shown += row.shown;
        summary.reviewed += row.reviewed;
        let is_touched = row.shown > 0 || row.reviewed > 0;
        if !verb.all && !is_touched {
            continue;
        }
        if out.json {
            out.record(&Row {
                path: &row.path,
                lines: row.lines,
                shown: row.shown,
                reviewed: row.reviewed,
                ranges: row.ranges.iter().map(|s| [s.start(), s.end()]).collect(),
            });
        } else {
            let ranges: Vec<_> = row.ranges.iter().map(ToString::to_string).collect();
            out.line(&format!(
                "{}: {} lines, {} shown, {} reviewed {}",
                row.path,
                row.lines,
                row.shown,
                row.reviewed,
                ranges.join(" ")
            ));
        }
    }
    if out.json {
        out.record(&Last { summary });
    } else {
        out.line(&format!(
            "all: {} files, {} lines of {}, {} shown, {} reviewed ({} %)",
            summary.files,
            summary.lines,
            summary.denominator,
            summary.shown,
            summary.reviewed,
            (summary.reviewed * 100)
                .checked_div(summary.lines)
                .unwrap_or(0)
        ));
    }
    out.flush();
    target::heal(&reader, &listing, &desk.review, index.is_damaged());
    Ok(Answer::Yes)
}
