//! `glassroom finding`: records, lists, edits, decides and withdraws findings.

use super::output::Out;
use super::places::{Quoted, Where, locate, places};
use super::target::{self, Subject};
use super::words::{self, Words};
use super::{Answer, Failure, Who};
use crate::job::{Desk, JobError, Recorder};
use crate::model::{
    self, Audience, Category, Confidence, Difficulty, Event, FindingWords, Item, Kind, Priority,
    Reference, Severity, Status, Vector, Voice,
};
use clap::{Args, Subcommand};
use serde::Serialize;
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
    /// Moves one place of a finding to other lines, or to another finding.
    Move(Move),
    /// Writes a second opinion or the vendor's answer down.
    Reply(Reply),
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
    /// PATH:A or PATH:A-B; PATH alone for an empty file, a submodule, a link or a folder, . for the snapshot; with @LABEL
    /// behind it; may be repeated. A label that is or begins with source, step, sink,
    /// declaration or document and a colon says what the place is.
    #[arg(long, required = true, value_name = "PLACE")]
    at: Vec<String>,
    /// vulnerability, backdoor-indicator, component, quality or pass.
    #[arg(long, default_value = "vulnerability")]
    kind: Kind,
    /// Weaknesses, such as CWE-120; may be repeated.
    #[arg(long)]
    cwe: Vec<String>,
    #[command(flatten)]
    quoted: Quoted,
    #[command(flatten)]
    more: More,
    #[command(flatten)]
    words: Words,
}

/// What else can be said of a finding.
#[derive(Args)]
pub(super) struct More {
    /// What follows from it.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    consequence: Option<String>,
    /// How somebody else can confirm it.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    confirm: Option<String>,
    /// How it could be used.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    exploit: Option<String>,
    /// What to do about it.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    recommendation: Option<String>,
    /// suspected, likely or confirmed.
    #[arg(long)]
    confidence: Option<Confidence>,
    /// low, normal, high or urgent.
    #[arg(long)]
    priority: Option<Priority>,
    /// undetermined, not-applicable, low, medium or high.
    #[arg(long)]
    difficulty: Option<Difficulty>,
    /// The field it is from, such as data-validation.
    #[arg(long)]
    category: Option<Category>,
    /// CVSS vectors, 3.1 or 4.0; may be repeated.
    #[arg(long, value_name = "VECTOR")]
    cvss: Vec<String>,
    /// Clauses, such as 'OWASP-ASVS@4.0.3 V5.1.3'; may be repeated up to eight times.
    #[arg(long, value_name = "CLAUSE")]
    reference: Vec<String>,
    /// agency, vendor or public: who may read it.
    #[arg(long)]
    audience: Option<Audience>,
    /// The places are a trail from source to sink; no takes that back.
    #[arg(long, value_name = "yes|no")]
    trail: Option<Trail>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Trail {
    Yes,
    No,
}

impl More {
    fn is_empty(&self) -> bool {
        let texts = [
            &self.consequence,
            &self.confirm,
            &self.exploit,
            &self.recommendation,
        ];
        texts.iter().all(|text| text.is_none())
            && self.confidence.is_none()
            && self.priority.is_none()
            && self.difficulty.is_none()
            && self.category.is_none()
            && self.audience.is_none()
            && self.trail.is_none()
            && self.cvss.is_empty()
            && self.reference.is_empty()
    }

    /// Checks what is typed before anything is opened.
    fn read(&self) -> Result<(Vec<Vector>, Vec<Reference>), Failure> {
        Ok((
            words::vectors(&self.cvss)?,
            words::clauses(&self.reference)?,
        ))
    }

    /// Puts what is named into the finding; the rest stays.
    fn apply(&self, finding: &mut model::Finding, read: (Vec<Vector>, Vec<Reference>)) {
        let texts = [
            (&mut finding.words.consequence, &self.consequence),
            (&mut finding.words.confirm, &self.confirm),
            (&mut finding.words.exploit, &self.exploit),
            (&mut finding.words.recommendation, &self.recommendation),
        ];
        for (text, new) in texts {
            if let Some(new) = new {
                new.trim_end().clone_into(text);
            }
        }
        finding.confidence = self.confidence.unwrap_or(finding.confidence);
        finding.priority = self.priority.unwrap_or(finding.priority);
        finding.difficulty = self.difficulty.unwrap_or(finding.difficulty);
        finding.category = self.category.or(finding.category);
        finding.audience = self.audience.unwrap_or(finding.audience);
        finding.is_trail = self.trail.map_or(finding.is_trail, |t| t == Trail::Yes);
        let (vectors, clauses) = read;
        if !vectors.is_empty() {
            finding.cvss = vectors;
        }
        if !clauses.is_empty() {
            finding.references = clauses;
        }
    }
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
    #[command(flatten)]
    quoted: Quoted,
    #[command(flatten)]
    more: More,
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
pub(super) struct Move {
    /// A number, an ID or the beginning of one.
    id: String,
    #[command(flatten)]
    subject: Subject,
    /// Which of its places, 1 for the first.
    #[arg(long, default_value_t = 1, value_name = "N")]
    place: usize,
    /// Where it moves, as for add --at; its role and label stay.
    #[arg(long, value_name = "PLACE", required_unless_present = "to")]
    at: Option<String>,
    /// The finding that it moves to.
    #[arg(long, value_name = "ID", conflicts_with = "at")]
    to: Option<String>,
}

#[derive(Args)]
pub(super) struct Reply {
    /// A number, an ID or the beginning of one; of a note or question too.
    id: String,
    #[command(flatten)]
    subject: Subject,
    /// opinion, or answer for the vendor's.
    #[arg(long, default_value = "opinion")]
    voice: Voice,
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

pub(super) fn run(verb: &Finding, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    match verb {
        Finding::Add(verb) => add(verb, who, out),
        Finding::List(verb) => list(verb, who, out),
        Finding::Edit(verb) => edit(verb, who, out),
        Finding::Status(verb) => decide(verb, who, out),
        Finding::Move(verb) => move_place(verb, who, out),
        Finding::Reply(verb) => reply(verb, who, out),
        Finding::Delete(verb) => delete(verb, who, out),
    }
}

fn add(verb: &Add, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let title = words::title(&verb.title)?;
    let cwe = words::weaknesses(&verb.cwe)?;
    let more = verb.more.read()?;
    let places = places(&verb.at)?;
    let statement = verb.words.read()?.unwrap_or_default();
    let desk = verb.subject.desk(who)?;
    let mut finding = model::Finding {
        id: Uuid::nil(),
        number: 0,
        reviewer: desk.reviewer.clone(),
        commit: desk.snapshot.commit(),
        kind: verb.kind,
        title,
        words: FindingWords {
            statement,
            ..FindingWords::default()
        },
        severity: verb.severity,
        confidence: Confidence::Suspected,
        priority: Priority::Normal,
        difficulty: Difficulty::Undetermined,
        category: None,
        cwe,
        cvss: Vec::new(),
        references: Vec::new(),
        locations: locate(&desk, &places)?,
        is_trail: false,
        audience: Audience::Vendor,
        status: Status::Open,
        history: Vec::new(),
    };
    verb.more.apply(&mut finding, more);
    verb.quoted.apply(&mut finding.locations)?;
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
    let more = verb.more.read()?;
    let places = places(&verb.at)?;
    let statement = verb.words.read()?;
    let is_nothing = title.is_none()
        && verb.severity.is_none()
        && verb.kind.is_none()
        && verb.more.is_empty()
        && verb.quoted.is_empty()
        && statement.is_none()
        && cwe.is_empty()
        && places.is_empty();
    if is_nothing {
        return Err(Failure::usage(
            "nothing is to be changed",
            "name what: --title, --severity, --text, --at, ...; --help lists all",
        ));
    }
    let desk = verb.subject.desk(who)?;
    let mut recorder = target::recorder(&desk)?;
    let mut finding = find(&recorder, &desk, &verb.id)?;
    finding.title = title.unwrap_or(finding.title);
    finding.severity = verb.severity.unwrap_or(finding.severity);
    finding.kind = verb.kind.unwrap_or(finding.kind);
    finding.words.statement = statement.unwrap_or(finding.words.statement);
    verb.more.apply(&mut finding, more);
    if !cwe.is_empty() {
        finding.cwe = cwe;
    }
    if !places.is_empty() {
        finding.locations = locate(&desk, &places)?;
        finding.commit = desk.snapshot.commit();
    }
    verb.quoted.apply(&mut finding.locations)?;
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

fn move_place(verb: &Move, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let places = places(verb.at.as_slice())?;
    let desk = verb.subject.desk(who)?;
    let mut recorder = target::recorder(&desk)?;
    let mut finding = find(&recorder, &desk, &verb.id)?;
    let count = finding.locations.len();
    let at = verb.place.wrapping_sub(1);
    if at >= count {
        return Err(Failure::failed(
            format!("F{} has {count} places, not {}", finding.number, verb.place),
            "count from 1, in the order in which finding list shows them",
        ));
    }
    if let Some(to) = &verb.to {
        let mut target = find(&recorder, &desk, to)?;
        if target.id == finding.id || count < 2 {
            return Err(Failure::failed(
                "the last place of a finding stays with it",
                "add a place first, or withdraw the finding",
            ));
        }
        // The new place first: nothing is lost if the second entry cannot be written.
        target.locations.push(finding.locations.remove(at));
        let item = Item::Finding(target.clone());
        recorder.record(Event::FindingChanged { finding: target })?;
        recorder.record(Event::FindingChanged { finding })?;
        recorded(out, &item);
        return Ok(Answer::Yes);
    }
    if let Some(moved) = locate(&desk, &places)?.into_iter().next() {
        finding.locations[at].anchor = moved.anchor;
        finding.commit = desk.snapshot.commit();
    }
    let item = Item::Finding(finding.clone());
    recorder.record(Event::FindingChanged { finding })?;
    recorded(out, &item);
    Ok(Answer::Yes)
}

fn reply(verb: &Reply, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let text = verb.words.needed()?;
    let desk = verb.subject.desk(who)?;
    let mut recorder = target::recorder(&desk)?;
    let item = recorder.find(&verb.id)?.clone();
    let reply = model::Reply {
        id: Uuid::nil(),
        parent: item.id(),
        reviewer: desk.reviewer.clone(),
        voice: verb.voice,
        text,
    };
    recorder.record(Event::ReplyAdded { reply })?;
    recorded(out, &item);
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
    reviewer: &'a str,
    kind: Kind,
    title: &'a str,
    severity: Severity,
    status: Status,
    locations: Vec<Where<'a>>,
}

fn list(verb: &List, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let desk = verb.subject.desk(who)?;
    let review = target::state(&desk.review, &desk.reviewer)?;
    let listing = target::listing(&desk)?;
    for finding in review.findings() {
        let locations = Where::all(&finding.locations, &desk.snapshot, &listing);
        if out.json {
            out.record(&Record {
                id: finding.id,
                number: finding.number,
                reviewer: &finding.reviewer,
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
