//! `glassroom finding`: records, lists, edits, decides and withdraws findings.

use super::output::Out;
use super::target::{self, Subject};
use super::words::{self, Words};
use super::{Answer, Failure, Who};
use crate::job::listing::Listing;
use crate::job::{Desk, JobError, Recorder, place};
use crate::model::{self, Event, Item, Kind, Location, RepoPath, Severity, Status};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::fmt::Write;
use uuid::Uuid;

#[derive(Subcommand)]
pub(super) enum Finding {
    /// Records a finding.
    Add(Add),
    /// Lists the findings of all reviewers.
    List(List),
    /// Changes what a finding says; what is not named stays.
    Edit(Edit),
    /// Decides where a finding stands.
    Status(Decide),
    /// Withdraws a finding; its number is not used again.
    Delete(Delete),
}

#[derive(Args)]
pub(super) struct Add {
    #[command(flatten)]
    subject: Subject,
    /// One line that stands without the code.
    #[arg(long, allow_hyphen_values = true)]
    title: String,
    /// informational, low, medium, high, critical or undetermined.
    #[arg(long)]
    severity: Severity,
    /// PATH:A or PATH:A-B, with @LABEL behind it; may be repeated.
    #[arg(long, required = true, value_name = "PLACE")]
    at: Vec<String>,
    /// vulnerability, backdoor-indicator, component, quality or pass.
    #[arg(long, default_value = "vulnerability")]
    kind: Kind,
    /// Weaknesses, such as CWE-120; may be repeated.
    #[arg(long)]
    cwe: Vec<String>,
    /// A CVSS vector, 3.1 or 4.0.
    #[arg(long)]
    cvss: Option<String>,
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
    /// The new title.
    #[arg(long, allow_hyphen_values = true)]
    title: Option<String>,
    /// The new severity.
    #[arg(long)]
    severity: Option<Severity>,
    /// The new places, all of them.
    #[arg(long, value_name = "PLACE")]
    at: Vec<String>,
    /// The new kind.
    #[arg(long)]
    kind: Option<Kind>,
    /// The new weaknesses, all of them.
    #[arg(long)]
    cwe: Vec<String>,
    /// The new CVSS vector.
    #[arg(long)]
    cvss: Option<String>,
    #[command(flatten)]
    words: Words,
}

#[derive(Args)]
pub(super) struct Decide {
    /// A number, an ID or the beginning of one.
    id: String,
    /// open, false-positive, accepted or resolved.
    status: Status,
    #[command(flatten)]
    subject: Subject,
    /// Why.
    #[arg(long, allow_hyphen_values = true)]
    why: String,
}

#[derive(Args)]
pub(super) struct Delete {
    /// A number, an ID or the beginning of one.
    id: String,
    #[command(flatten)]
    subject: Subject,
}

pub(super) fn run(verb: &Finding, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    match verb {
        Finding::Add(verb) => add(verb, who, out),
        Finding::List(verb) => list(verb, who, out),
        Finding::Edit(verb) => edit(verb, who, out),
        Finding::Status(verb) => decide(verb, who, out),
        Finding::Delete(verb) => delete(verb, who, out),
    }
}

fn add(verb: &Add, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let title = words::title(&verb.title)?;
    let cwe = words::weaknesses(&verb.cwe)?;
    let cvss = verb.cvss.as_deref().map(words::cvss).transpose()?;
    let places = places(&verb.at)?;
    let statement = verb.words.read()?.unwrap_or_default();
    let desk = verb.subject.desk(who)?;
    let finding = model::Finding {
        id: Uuid::nil(),
        number: 0,
        reviewer: desk.reviewer.clone(),
        commit: desk.snapshot.commit(),
        kind: verb.kind,
        title,
        statement,
        severity: verb.severity,
        cwe,
        cvss,
        locations: locate(&desk, &places)?,
        status: Status::Open,
        history: Vec::new(),
    };
    let mut recorder = target::recorder(&desk)?;
    let entry = recorder.record(Event::FindingAdded { finding })?;
    if let Event::FindingAdded { finding } = entry.event {
        recorded(out, &Item::Finding(finding));
    }
    Ok(Answer::Yes)
}

fn edit(verb: &Edit, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let title = verb.title.as_deref().map(words::title).transpose()?;
    let cwe = words::weaknesses(&verb.cwe)?;
    let cvss = verb.cvss.as_deref().map(words::cvss).transpose()?;
    let places = places(&verb.at)?;
    let statement = verb.words.read()?;
    let is_nothing = title.is_none()
        && verb.severity.is_none()
        && verb.kind.is_none()
        && cvss.is_none()
        && statement.is_none()
        && cwe.is_empty()
        && places.is_empty();
    if is_nothing {
        return Err(Failure::usage(
            "nothing is to be changed",
            "add --title, --severity, --kind, --at, --cwe, --cvss or --text",
        ));
    }
    let desk = verb.subject.desk(who)?;
    let mut recorder = target::recorder(&desk)?;
    let mut finding = find(&recorder, &desk, &verb.id)?;
    finding.title = title.unwrap_or(finding.title);
    finding.severity = verb.severity.unwrap_or(finding.severity);
    finding.kind = verb.kind.unwrap_or(finding.kind);
    finding.statement = statement.unwrap_or(finding.statement);
    finding.cvss = cvss.or(finding.cvss);
    if !cwe.is_empty() {
        finding.cwe = cwe;
    }
    if !places.is_empty() {
        finding.locations = locate(&desk, &places)?;
        finding.commit = desk.snapshot.commit();
    }
    let item = Item::Finding(finding.clone());
    recorder.record(Event::FindingChanged { finding })?;
    recorded(out, &item);
    Ok(Answer::Yes)
}

fn decide(verb: &Decide, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let why = verb.why.trim().to_owned();
    if why.is_empty() {
        return Err(Failure::usage(
            "there is no reason",
            "say with --why what the decision rests on",
        ));
    }
    let desk = verb.subject.desk(who)?;
    let mut recorder = target::recorder(&desk)?;
    let finding = find(&recorder, &desk, &verb.id)?;
    recorder.record(Event::StatusChanged {
        finding: finding.id,
        status: verb.status,
        why,
    })?;
    recorded(out, &Item::Finding(finding));
    Ok(Answer::Yes)
}

fn delete(verb: &Delete, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let desk = verb.subject.desk(who)?;
    let mut recorder = target::recorder(&desk)?;
    let finding = find(&recorder, &desk, &verb.id)?;
    recorder.record(Event::FindingDeleted {
        finding: finding.id,
    })?;
    recorded(out, &Item::Finding(finding));
    Ok(Answer::Yes)
}

fn find(recorder: &Recorder, desk: &Desk, id: &str) -> Result<model::Finding, Failure> {
    match own(recorder, desk, id, 'F')? {
        Item::Finding(finding) => Ok(finding.clone()),
        Item::Note(_) => Err(JobError::NoItem { id: id.to_owned() }.into()),
    }
}

/// Finds one of the reviewer's own items; a bare number counts items of one letter.
pub(super) fn own<'r>(
    recorder: &'r Recorder,
    desk: &Desk,
    id: &str,
    letter: char,
) -> Result<&'r Item, Failure> {
    let is_number = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    let numbered = is_number.then(|| recorder.find(&format!("{letter}{id}")));
    let item = match numbered {
        Some(Ok(item)) => item,
        _ => recorder.find(id)?,
    };
    if item.reviewer() != desk.reviewer {
        let name = format!("{}/{}", item.reviewer(), item.label());
        return Err(Failure::failed(
            format!("{name} is not yours to change"),
            "its author changes it; file a finding or note of your own",
        ));
    }
    Ok(item)
}

/// Reads places.
pub(super) fn places(texts: &[String]) -> Result<Vec<model::Place>, Failure> {
    texts.iter().map(|text| words::place(text)).collect()
}

/// Binds places to what stands there.
pub(super) fn locate(desk: &Desk, places: &[model::Place]) -> Result<Vec<Location>, Failure> {
    let listing = target::listing(desk)?;
    let encodings = desk.encodings()?;
    let reader = desk.reader(&encodings);
    let index = target::open_index(desk, &encodings)?;
    let bind = |place| Ok(place::locate(&reader, &listing, Some(&index), place)?);
    places.iter().map(bind).collect()
}

#[derive(Serialize)]
struct Recorded {
    id: Uuid,
    number: u32,
}

/// Says which item was recorded.
pub(super) fn recorded(out: &mut Out, item: &Item) {
    let (id, number) = match item {
        Item::Finding(f) => (f.id, f.number),
        Item::Note(n) => (n.id, n.number),
    };
    if out.json {
        out.record(&Recorded { id, number });
    } else {
        out.line(&format!("{} {id}", item.label()));
    }
}

#[derive(Serialize)]
struct Record<'a> {
    id: Uuid,
    number: u32,
    kind: Kind,
    title: &'a str,
    severity: Severity,
    status: Status,
    locations: Vec<Where<'a>>,
}

/// One place of an item, and whether the snapshot still has it.
#[derive(Serialize)]
pub(super) struct Where<'a> {
    path: &'a RepoPath,
    start_line: u32,
    end_line: u32,
    label: &'a str,
    state: &'static str,
}

impl<'a> Where<'a> {
    pub(super) fn all(item: &'a [Location], listing: &Listing) -> Vec<Self> {
        let one = |location: &'a Location| {
            let anchor = &location.anchor;
            let there = listing.find(&anchor.path);
            let is_there = there.is_some_and(|file| file.blob == anchor.blob);
            Where {
                path: &anchor.path,
                start_line: anchor.span.start(),
                end_line: anchor.span.end(),
                label: &location.label,
                state: if is_there { "unchanged" } else { "gone" },
            }
        };
        item.iter().map(one).collect()
    }

    /// Returns the place as a person names it.
    pub(super) fn line(&self) -> String {
        let mut text = format!("{}:{}", self.path, self.start_line);
        if self.end_line != self.start_line {
            let _ = write!(text, "-{}", self.end_line);
        }
        if !self.label.is_empty() {
            let _ = write!(text, "@{}", self.label);
        }
        if self.state != "unchanged" {
            let _ = write!(text, " ({})", self.state);
        }
        text
    }
}

fn list(verb: &List, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let desk = verb.subject.desk(who)?;
    let review = target::state(&desk.review, &desk.reviewer)?;
    let listing = target::listing(&desk)?;
    for finding in review.findings() {
        let locations = Where::all(&finding.locations, &listing);
        if out.json {
            out.record(&Record {
                id: finding.id,
                number: finding.number,
                kind: finding.kind,
                title: &finding.title,
                severity: finding.severity,
                status: finding.status,
                locations,
            });
        } else {
            out.line(&format!(
                "{}/F{} {} {} {}: {}",
                finding.reviewer,
                finding.number,
                finding.severity,
                finding.status,
                finding.kind,
                finding.title
            ));
            for place in locations {
                out.line(&format!("  {}", place.line()));
            }
        }
    }
    Ok(Answer::Yes)
}
