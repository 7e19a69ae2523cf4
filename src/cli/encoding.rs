//! `glassroom encoding`: in which encoding a file is read, and a reviewer's word on it.

use super::output::{Out, remark};
use super::target::{self, Opened, Source, Traces};
use super::{Answer, Failure, Who, room, words};
use crate::index::IndexError;
use crate::job::encoding::{self, InForce};
use crate::job::read::Reader;
use crate::job::{Cancel, Desk, JobError, indexing, place};
use crate::model::{Event, RepoPath, TreeFile};
use crate::text::Encoding;
use clap::Args;
use serde::Serialize;
use std::collections::HashSet;

#[derive(Args)]
pub(super) struct Encode {
    #[command(flatten)]
    source: Source,
    /// The file.
    path: String,
    /// Says which encoding it is; every label of the web's standard will do, and UTF-32.
    #[arg(long, value_name = "NAME", conflicts_with = "auto")]
    set: Option<String>,
    /// Takes back what was said: the encoding is guessed again.
    #[arg(long)]
    auto: bool,
}

#[derive(Serialize)]
struct Record<'a> {
    path: &'a RepoPath,
    encoding: Option<Encoding>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_encodings: Vec<Encoding>,
    guessed: bool,
}

pub(super) fn run(verb: &Encode, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let path = words::path(&verb.path)?;
    let wanted = verb.set.as_deref().map(named).transpose()?;
    if wanted.is_none() && !verb.auto {
        let opened = Opened::without_index(&verb.source, who, Traces::None)?;
        let listing = opened.listing()?;
        let file = place::file(&opened.reader(), &listing, &path)?;
        tell(out, &path.path, encoding::in_force(&opened.reader(), file)?);
        return Ok(Answer::Yes);
    }
    let desk = Desk::open(room()?, &verb.source.ask(who))?;
    desk.notices.iter().for_each(|notice| remark(notice));
    let listing = target::listing(&desk)?;
    let mut recorder = target::recorder(&desk)?;
    let before = recorder.review().encodings().clone();
    let file = place::file(&desk.reader(&before), &listing, &path)?;
    let was = encoding::in_force(&desk.reader(&before), file)?;
    if before.get(&file.blob).copied() != wanted {
        recorder.record(Event::EncodingSet {
            blob: file.blob,
            path: file.path.clone(),
            encoding: wanted,
        })?;
    }
    let reader = desk.reader(recorder.review().encodings());
    let is = encoding::in_force(&reader, file)?;
    store(&reader, &desk, file)?;
    if is.lines != was.lines {
        remark(&format!(
            "{path} has {} lines now and had {}: marks, notes and findings keep their line numbers",
            is.lines, was.lines
        ));
    }
    tell(out, &path.path, is);
    Ok(Answer::Yes)
}

/// Reads the name of an encoding.
fn named(label: &str) -> Result<Encoding, Failure> {
    Encoding::by_label(label).ok_or_else(|| {
        let names: Vec<&str> = Encoding::all().map(Encoding::name).collect();
        Failure::usage(
            format!("there is no encoding {label}"),
            format!("there are {}", names.join(", ")),
        )
    })
}

/// Stores the file's text anew if there is an index: a search then finds it as it is read now.
fn store(reader: &Reader<'_>, desk: &Desk, file: &TreeFile) -> Result<(), Failure> {
    let folder = desk.review.index();
    if crate::index::Index::open(&folder)?.is_empty() {
        return Ok(());
    }
    let blobs = HashSet::from([file.blob]);
    match indexing::store(reader, &blobs, &folder, &Cancel::never(), &mut |_| {}) {
        Err(JobError::Index(IndexError::Busy { .. })) => {
            remark("another program is indexing: a search reads the file from the snapshot");
            Ok(())
        }
        other => Ok(other.map(drop)?),
    }
}

fn tell(out: &mut Out, path: &RepoPath, is: InForce) {
    if out.json {
        out.record(&Record {
            path,
            encoding: is.encoding,
            other_encodings: is.others,
            guessed: is.is_guessed,
        });
        return;
    }
    let all = is.encoding.iter().chain(&is.others);
    let names: Vec<&str> = all.map(|encoding| encoding.name()).collect();
    let name = if names.is_empty() {
        "binary".to_owned()
    } else {
        names.join(" + ")
    };
    let how = if is.is_guessed { "guessed" } else { "set" };
    out.line(&format!("{path}: {name}, {how}"));
}
