//! `glassroom note`, `question` and `remark`: records, lists, edits and withdraws them.

use super::finding::{own, recorded};
use super::output::Out;
use super::places::{Where, locate, places};
use super::target::{self, Subject};
use super::words::Words;
use super::{Answer, Failure, Who};
use crate::job::{Desk, JobError, Recorder};
use crate::model::{self, Event, Item, NoteKind};
use clap::{Args, Subcommand};
use serde::Serialize;
use uuid::Uuid;

#[derive(Subcommand)]
pub(super) enum Note {
    /// Records a note.
    Add(Add),
    /// Lists the notes of all reviewers.
    List(List),
    /// Changes a note or question.
    Edit(Edit),
    /// Withdraws a note or question; its number is not used again.
    Delete(Delete),
}

#[derive(Subcommand)]
pub(super) enum Question {
    /// Records a question, or under `remark` a comment, to the vendor at a place; it leaves with the next bundle.
    Add(Add),
    /// Lists the questions, or under `remark` the comments, of all reviewers.
    List(List),
}

#[derive(Args)]
pub(super) struct Add {
    #[command(flatten)]
    subject: Subject,
    /// PATH:A or PATH:A-B; PATH alone for an empty file, a submodule, a link or a folder, . for the snapshot; with @LABEL behind it.
    #[arg(long, value_name = "PLACE")]
    at: String,
    #[command(flatten)]
    words: Words,
}

#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    subject: Subject,
}

#[derive(Args)]
pub(super) struct Edit {
    /// A number, an ID or the beginning of one.
    id: String,
    #[command(flatten)]
    subject: Subject,
    /// The new place.
    #[arg(long, value_name = "PLACE")]
    at: Option<String>,
    #[command(flatten)]
    words: Words,
}

#[derive(Args)]
pub(super) struct Delete {
    /// A number, an ID or the beginning of one.
    id: String,
    #[command(flatten)]
    subject: Subject,
}

pub(super) fn run(verb: &Note, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    match verb {
        Note::Add(verb) => add(verb, who, NoteKind::Note, out),
        Note::List(verb) => list(verb, who, NoteKind::Note, out),
        Note::Edit(verb) => edit(verb, who, out),
        Note::Delete(verb) => delete(verb, who, out),
    }
}

/// Runs the verbs of what leaves with the bundle: questions and remarks.
pub(super) fn apart(
    verb: &Question,
    who: &Who,
    kind: NoteKind,
    out: &mut Out,
) -> Result<Answer, Failure> {
    match verb {
        Question::Add(verb) => add(verb, who, kind, out),
        Question::List(verb) => list(verb, who, kind, out),
    }
}

fn add(verb: &Add, who: &Who, kind: NoteKind, out: &mut Out) -> Result<Answer, Failure> {
    let places = places(std::slice::from_ref(&verb.at))?;
    let text = verb.words.needed()?;
    let desk = verb.subject.desk(who)?;
    let location = one(locate(&desk, &places)?)?;
    let mut recorder = target::recorder(&desk)?;
    let note = model::Note {
        id: Uuid::nil(),
        number: 0,
        reviewer: desk.reviewer.clone(),
        commit: desk.snapshot.commit(),
        kind,
        text,
        location,
    };
    let entry = recorder.record(Event::NoteAdded { note })?;
    if let Event::NoteAdded { note } = entry.event {
        recorded(out, &Item::Note(note));
    }
    Ok(Answer::Yes)
}

fn one(locations: Vec<model::Location>) -> Result<model::Location, Failure> {
    let first = locations.into_iter().next();
    first.ok_or_else(|| Failure::usage("there is no place", "add --at PLACE"))
}

fn edit(verb: &Edit, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let is_new_text = verb.words.text.is_some() || verb.words.text_file.is_some();
    if !is_new_text && verb.at.is_none() {
        return Err(Failure::usage(
            "nothing is to be changed",
            "add --text or --at",
        ));
    }
    let text = is_new_text.then(|| verb.words.needed()).transpose()?;
    let places = places(verb.at.as_slice())?;
    let desk = verb.subject.desk(who)?;
    let mut recorder = target::recorder(&desk)?;
    let mut note = find(&recorder, &desk, &verb.id)?;
    note.text = text.unwrap_or(note.text);
    if !places.is_empty() {
        note.location = one(locate(&desk, &places)?)?;
        note.commit = desk.snapshot.commit();
    }
    let item = Item::Note(note.clone());
    recorder.record(Event::NoteChanged { note })?;
    recorded(out, &item);
    Ok(Answer::Yes)
}

fn delete(verb: &Delete, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let desk = verb.subject.desk(who)?;
    let mut recorder = target::recorder(&desk)?;
    let note = find(&recorder, &desk, &verb.id)?;
    recorder.record(Event::NoteDeleted { note: note.id })?;
    recorded(out, &Item::Note(note));
    Ok(Answer::Yes)
}

fn find(recorder: &Recorder, desk: &Desk, id: &str) -> Result<model::Note, Failure> {
    match own(recorder, desk, id, 'N')? {
        Item::Note(note) => Ok(note.clone()),
        Item::Finding(_) => Err(JobError::NoItem { id: id.to_owned() }.into()),
    }
}

#[derive(Serialize)]
struct Record<'a> {
    id: Uuid,
    number: u32,
    reviewer: &'a str,
    kind: NoteKind,
    text: &'a str,
    locations: Vec<Where<'a>>,
}

fn list(verb: &List, who: &Who, kind: NoteKind, out: &mut Out) -> Result<Answer, Failure> {
    let desk = verb.subject.desk(who)?;
    let review = target::state(&desk.review, &desk.reviewer)?;
    let listing = target::listing(&desk)?;
    for note in review.notes().filter(|n| n.kind == kind) {
        let locations = Where::all(
            std::slice::from_ref(&note.location),
            &desk.snapshot,
            &listing,
        );
        if out.json {
            out.record(&Record {
                id: note.id,
                number: note.number,
                reviewer: &note.reviewer,
                kind,
                text: &note.text,
                locations,
            });
        } else {
            let label = Item::Note(note.clone()).label();
            let place = locations.first().map(Where::line).unwrap_or_default();
            out.line(&format!("{}/{label} {place}", note.reviewer));
            for line in note.text.lines() {
                out.line(&format!("  {line}"));
            }
        }
    }
    Ok(Answer::Yes)
}
