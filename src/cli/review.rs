//! `glassroom review`: the reviews on this machine, and what of them holds vendor code.

use super::output::{Out, remark};
use super::target::{existing, state};
use super::{Answer, Failure, Who, room};
use crate::config::{LastPlace, ReviewFolder, SnapshotRecord};
use crate::job::Room;
use crate::ledger;
use crate::model::{NoteKind, RepoPath};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

#[derive(Subcommand)]
pub(super) enum Review {
    /// Lists the reviews, the one used last first.
    List,
    /// Says what a review holds.
    Show(Named),
    /// Removes the vendor code of a review: its index and its objects, and all drafts.
    Purge(Purge),
}

#[derive(Args)]
pub(super) struct Named {
    /// The review's name, as glassroom review list shows it.
    name: Option<String>,
}

#[derive(Args)]
pub(super) struct Purge {
    #[command(flatten)]
    named: Named,
    /// Does not ask.
    #[arg(long)]
    yes: bool,
}

impl Named {
    fn folder(&self, room: &Room, who: &Who) -> Result<ReviewFolder, Failure> {
        let name = self.name.as_ref().or(who.review.as_ref());
        let name = name.ok_or_else(|| {
            Failure::usage(
                "no review is named",
                "glassroom review list shows the names",
            )
        })?;
        existing(room.home.review(name)?)
    }
}

pub(super) fn run(verb: &Review, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let room = room()?;
    match verb {
        Review::List => list(&room, out),
        Review::Show(verb) => show(&room, &verb.folder(&room, who)?, who, out),
        Review::Purge(verb) => purge(&verb.named.folder(&room, who)?, verb.yes, out),
    }
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    snapshots: &'a [SnapshotRecord],
    last: Option<Last<'a>>,
}

#[derive(Serialize)]
struct Last<'a> {
    path: &'a RepoPath,
    line: u32,
}

fn row(out: &mut Out, name: &str, snapshots: &[SnapshotRecord], last: Option<&LastPlace>) {
    if out.json {
        let last = last.map(|l| Last {
            path: &l.path,
            line: l.line,
        });
        return out.record(&Row {
            name,
            snapshots,
            last,
        });
    }
    let newest = snapshots.last().map(|s| {
        let rev = if s.rev.is_empty() { "HEAD" } else { &s.rev };
        format!("  {} {rev} {}", s.commit.short(), s.source.display())
    });
    let last = last.map(|l| format!("  at {}:{}", l.path, l.line));
    out.line(&format!(
        "{name}{}{}",
        newest.unwrap_or_default(),
        last.unwrap_or_default()
    ));
}

/// Lists what can be taken up again.
pub(super) fn resumable(room: &Room, out: &mut Out) -> Result<Answer, Failure> {
    let found = room.resumable()?;
    if found.is_empty() {
        remark("there is no review to resume; glassroom open SNAPSHOT begins one");
    }
    for (folder, record) in found {
        row(out, folder.name(), &record.snapshots, record.last.as_ref());
    }
    Ok(Answer::Yes)
}

fn list(room: &Room, out: &mut Out) -> Result<Answer, Failure> {
    let resumable = room.resumable()?;
    for (folder, record) in &resumable {
        row(out, folder.name(), &record.snapshots, record.last.as_ref());
    }
    for folder in room.home.reviews()? {
        if resumable.iter().any(|(f, _)| f.name() == folder.name()) {
            continue;
        }
        if let Err(error) = folder.read_record() {
            remark(&crate::job::JobError::from(error).chain());
        }
        row(out, folder.name(), &[], None);
    }
    Ok(Answer::Yes)
}

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    folder: String,
    snapshots: &'a [SnapshotRecord],
    reviewers: Vec<Reviewer>,
    findings: u64,
    open: u64,
    notes: u64,
    questions: u64,
    exports: u64,
    index_bytes: u64,
    objects_bytes: u64,
}

#[derive(Serialize)]
struct Reviewer {
    name: String,
    entries: u64,
}

fn show(room: &Room, folder: &ReviewFolder, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let reviewer = room.reviewer(who.reviewer.as_deref())?;
    let review = state(folder, &reviewer)?;
    let record = folder.read_record()?.unwrap_or_default();
    let reviewers = ledger::read_all(&folder.ledger())?;
    let count = |kind| review.notes().filter(|n| n.kind == kind).count() as u64;
    let shown = Shown {
        name: folder.name(),
        folder: folder.root().display().to_string(),
        snapshots: &record.snapshots,
        reviewers: reviewers
            .into_iter()
            .map(|(name, entries)| Reviewer {
                name,
                entries: entries.len() as u64,
            })
            .collect(),
        findings: review.findings().count() as u64,
        open: review.open_findings() as u64,
        notes: count(NoteKind::Note),
        questions: count(NoteKind::Question),
        exports: review.exports(),
        index_bytes: bytes_below(&folder.index()),
        objects_bytes: bytes_below(&folder.objects()),
    };
    if out.json {
        out.record(&shown);
        return Ok(Answer::Yes);
    }
    out.line(&format!("{}  {}", shown.name, shown.folder));
    for s in shown.snapshots {
        out.line(&format!("snapshot   {} {}", s.commit, s.source.display()));
    }
    for r in &shown.reviewers {
        out.line(&format!("reviewer   {}: {} entries", r.name, r.entries));
    }
    out.line(&format!(
        "findings   {}, {} open; {} notes, {} questions; {} bundles",
        shown.findings, shown.open, shown.notes, shown.questions, shown.exports
    ));
    out.line(&format!(
        "vendor     {} bytes in index/, {} bytes in objects/",
        shown.index_bytes, shown.objects_bytes
    ));
    Ok(Answer::Yes)
}

#[derive(Serialize)]
struct Purged {
    removed: Vec<String>,
    bytes: u64,
    remains: Vec<String>,
}

fn purge(folder: &ReviewFolder, is_sure: bool, out: &mut Out) -> Result<Answer, Failure> {
    // The list of the archive stays: it holds the ids of what was readable, and no text.
    let mut vendor = vec![
        folder.index(),
        folder.objects(),
        folder.archive().join("texts"),
    ];
    // What is being written may be pasted code: no gate has judged it.
    vendor.extend(folder.all_drafts());
    let bytes = vendor.iter().map(|f| bytes_below(f)).sum();
    if !is_sure && !ask(folder.name(), bytes)? {
        return Err(Failure::failed("nothing was removed", ""));
    }
    let mut removed = Vec::new();
    for path in &vendor {
        let gone = if path.is_file() {
            fs::remove_file(path)
        } else {
            fs::remove_dir_all(path)
        };
        match gone {
            Ok(()) => removed.push(path.display().to_string()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let what = format!("cannot remove {}: {error}", path.display());
                return Err(Failure::failed(
                    what,
                    "close other programs that have the review open, then purge again",
                ));
            }
        }
    }
    let mut remains = vec![
        "the ledgers: what the reviewers wrote, as they wrote it. Code that was copied into a finding, note or reply \
         stays in them, also where the gate blocked it and where it was changed or withdrawn since"
            .to_owned(),
        "queries.toml: what was searched for".to_owned(),
        "review.toml and policy.toml of the review".to_owned(),
        "the ids of the objects that the review could read, without their text".to_owned(),
    ];
    let record = folder.read_record().ok().flatten().unwrap_or_default();
    let deliveries: BTreeSet<_> = record.snapshots.iter().map(|s| &s.source).collect();
    remains.extend(
        deliveries
            .iter()
            .map(|s| format!("the delivery itself: {}", s.display())),
    );
    remains.push("bundles that were exported".to_owned());
    remains.push(
        "the export log: which lines left with which bundle, by number and without their text"
            .to_owned(),
    );
    remains.push("traces on the disk: removing a file does not erase its blocks".to_owned());
    let purged = Purged {
        removed,
        bytes,
        remains,
    };
    if out.json {
        out.record(&purged);
    } else {
        for path in &purged.removed {
            out.line(&format!("removed {path}"));
        }
        out.line(&format!("{bytes} bytes; what remains:"));
        for what in &purged.remains {
            out.line(&format!("- {what}"));
        }
    }
    Ok(Answer::Yes)
}

fn ask(name: &str, bytes: u64) -> Result<bool, Failure> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(Failure::failed(
            "there is no terminal to ask whether to purge",
            "add --yes",
        ));
    }
    let _ = write!(
        io::stderr(),
        "Remove index, objects, archive and all drafts of {name}, {bytes} bytes? Type yes: "
    );
    let mut line = String::new();
    let read = io::stdin().read_line(&mut line);
    Ok(read.is_ok() && line.trim() == "yes")
}

/// Returns the bytes of a file, or of the files below a folder; links are not followed.
fn bytes_below(folder: &Path) -> u64 {
    if let Ok(about) = fs::symlink_metadata(folder)
        && about.is_file()
    {
        return about.len();
    }
    let mut waiting = vec![folder.to_owned()];
    let mut bytes = 0;
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(about) if about.is_dir() => waiting.push(entry.path()),
                Ok(about) if about.is_file() => bytes += about.len(),
                _ => {}
            }
        }
    }
    bytes
}
