//! `glassroom sweep`: every hit of a query gets a verdict.

use super::finding::own;
use super::output::Out;
use super::target::{self, Subject};
use super::{Answer, Failure, Who, words};
use crate::job::search::{self, Place};
use crate::job::symbols::{self, Finder};
use crate::job::{self, Cancel, Desk, JobError, Recorder, sweep};
use crate::model::{
    Digest, Event, Item, NamedPath, Ruling, Sweep as Record, SweepHit, SweepState, hits_digest,
};
use crate::symbols::SymbolStore;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Mutex;
use uuid::Uuid;

#[derive(Subcommand)]
pub(super) enum Sweep {
    /// Begins a sweep over all hits of a query.
    New(New),
    /// Judges hits.
    Verdict(Verdict),
    /// Lists the sweeps, or the hits of one.
    List(List),
}

#[derive(Args)]
pub(super) struct New {
    /// The query.
    query: String,
    #[command(flatten)]
    subject: Subject,
    /// What it is for.
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    name: String,
}

#[derive(Args)]
pub(super) struct Verdict {
    /// A number, an ID or the beginning of one.
    id: String,
    /// ok, finding, note or later.
    ruling: Ruling,
    #[command(flatten)]
    subject: Subject,
    /// PATH:LINE of a hit; may be repeated.
    #[arg(long, required = true, value_name = "PLACE")]
    at: Vec<String>,
    /// The finding or note that says more.
    #[arg(long, value_name = "ID")]
    item: Option<String>,
}

#[derive(Args)]
pub(super) struct List {
    /// A number, an ID or the beginning of one: lists its hits.
    id: Option<String>,
    #[command(flatten)]
    subject: Subject,
}

pub(super) fn run(verb: &Sweep, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    match verb {
        Sweep::New(verb) => new(verb, who, out),
        Sweep::Verdict(verb) => verdict(verb, who, out),
        Sweep::List(verb) => list(verb, who, out),
    }
}

/// Runs a query over the whole snapshot.
fn hits(desk: &Desk, text: &str) -> Result<Vec<SweepHit>, Failure> {
    let query = search::parse(text)?;
    let listing = target::listing(desk)?;
    let corpus = listing.corpus();
    let encodings = desk.encodings()?;
    let index = target::open_index(desk, &encodings)?;
    let snapshot = Mutex::new(desk.snapshot.reopen().map_err(JobError::from)?);
    let symbols = SymbolStore::when_needed(&symbols::folder(&desk.review.index()));
    let cancel = Cancel::never();
    let finder = Finder::new(&symbols, &encodings, &cancel);
    let place = Place {
        listing: &listing,
        corpus: &corpus,
        index: &index,
        snapshot: &snapshot,
        encodings: &encodings,
        limit: desk.room.settings.blob_limit(),
        review: &|| job::state(&desk.review, &desk.reviewer).map(Some),
        symbols: &|file, text| finder.find(file, text),
    };
    let found = sweep::hits(&place, &query, &Cancel::never())?;
    let is_damaged = index.is_damaged() || symbols.is_damaged();
    target::heal(&desk.reader(&encodings), &listing, &desk.review, is_damaged);
    Ok(found)
}

#[derive(Serialize)]
struct Begun {
    id: Uuid,
    number: u32,
    hits: u64,
    list: Digest,
}

fn new(verb: &New, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let desk = verb.subject.desk(who)?;
    let query = verb.query.trim();
    let hits = hits(&desk, query)?;
    if hits.is_empty() {
        return Err(Failure::failed(
            "the query has no hit line, so there is nothing to judge",
            "glassroom search shows what it finds",
        ));
    }
    let mut recorder = target::recorder(&desk)?;
    let sweep = Record {
        id: Uuid::nil(),
        number: 0,
        reviewer: desk.reviewer.clone(),
        name: verb.name.trim().to_owned(),
        query: query.to_owned(),
        commit: desk.snapshot.commit(),
        hits: hits.len() as u64,
        list: hits_digest(&hits),
    };
    let entry = recorder.record(Event::SweepAdded { sweep })?;
    if let Event::SweepAdded { sweep } = entry.event {
        if out.json {
            out.record(&Begun {
                id: sweep.id,
                number: sweep.number,
                hits: sweep.hits,
                list: sweep.list,
            });
        } else {
            out.line(&format!(
                "W{} {} {} hits",
                sweep.number, sweep.id, sweep.hits
            ));
        }
    }
    Ok(Answer::Yes)
}

/// Finds a sweep by UUID, number (`W1`, `1`) or a unique prefix; the reviewer's own before a colleague's.
fn find<'s>(sweeps: &'s [SweepState], desk: &Desk, id: &str) -> Result<&'s SweepState, Failure> {
    let number = id.trim_start_matches(['W', 'w']);
    let is_it = |s: &&SweepState| {
        let uuid = s.sweep.id.to_string();
        s.sweep.number.to_string() == number || (id.len() >= 4 && uuid.starts_with(id))
    };
    let found: Vec<_> = sweeps.iter().filter(is_it).collect();
    let mine = found.iter().find(|s| s.sweep.reviewer == desk.reviewer);
    match (mine, found.as_slice()) {
        (Some(mine), _) => Ok(mine),
        (None, [only]) => Ok(only),
        _ => Err(JobError::NoItem { id: id.to_owned() }.into()),
    }
}

fn verdict(verb: &Verdict, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let wanted = verb.at.iter().map(|text| words::lines(text));
    let wanted: Vec<_> = wanted.collect::<Result<_, _>>()?;
    let desk = verb.subject.desk(who)?;
    let mut recorder = target::recorder(&desk)?;
    let state = find(recorder.review().sweeps(), &desk, &verb.id)?;
    let (sweep, list) = (state.sweep.clone(), hits(&desk, &state.sweep.query)?);
    if hits_digest(&list) != sweep.list {
        return Err(Failure::failed(
            format!("the query of W{} finds other hits now", sweep.number),
            "begin a new sweep on this snapshot",
        ));
    }
    let mut judged = Vec::new();
    for place in &wanted {
        let (path, span) = place;
        let line = u64::from(span.start());
        let is_meant = |h: &&SweepHit| {
            let is_blob = path.blob.as_ref().is_none_or(|b| b.matches(&h.blob));
            h.path == path.path && h.line == line && is_blob
        };
        let meant: Vec<&SweepHit> = list.iter().filter(is_meant).collect();
        let hit = match meant.as_slice() {
            [] => Err(Failure::failed(
                format!("{path}:{line} is no hit of W{}", sweep.number),
                "glassroom sweep list ID lists its hits",
            )),
            [hit] => Ok(*hit),
            [hit, ..] => Err(Failure::failed(
                format!(
                    "{path}:{line} are {} hits of W{}",
                    meant.len(),
                    sweep.number
                ),
                format!(
                    "name the file that is meant, such as {}:{line}",
                    NamedPath::with_blob(hit.path.clone(), &hit.blob)
                ),
            )),
        }?;
        judged.push(hit.clone());
    }
    let item = verb.item.as_ref();
    let item = item.map(|id| said_by(&recorder, &desk, verb.ruling, id));
    let item = item.transpose()?;
    recorder.record(Event::Judged {
        sweep: sweep.id,
        hits: judged,
        ruling: Some(verb.ruling),
        item,
    })?;
    if let Some(state) = recorder.review().sweep(sweep.id) {
        tell(state, out);
    }
    Ok(Answer::Yes)
}

/// Finds the finding or note that says more of a verdict; a number alone is that of what the verdict names.
fn said_by(recorder: &Recorder, desk: &Desk, ruling: Ruling, id: &str) -> Result<Uuid, Failure> {
    let letter = if ruling == Ruling::Note { 'N' } else { 'F' };
    let item = own(recorder, desk, id, letter)?;
    let is_fit = match ruling {
        Ruling::Finding => matches!(item, Item::Finding(_)),
        Ruling::Note => matches!(item, Item::Note(_)),
        Ruling::Ok | Ruling::Later => true,
    };
    if !is_fit {
        return Err(Failure::usage(
            format!("{} is no {ruling}", item.label()),
            "the verdicts finding and note name one of their kind with --item",
        ));
    }
    Ok(item.id())
}

#[derive(Serialize)]
struct Row<'a> {
    id: Uuid,
    number: u32,
    reviewer: &'a str,
    name: &'a str,
    query: &'a str,
    hits: u64,
    decided: u64,
    verdicts: BTreeMap<&'static str, u64>,
}

fn tell(state: &SweepState, out: &mut Out) {
    let sweep = &state.sweep;
    let counts = state.counts();
    if out.json {
        out.record(&Row {
            id: sweep.id,
            number: sweep.number,
            reviewer: &sweep.reviewer,
            name: &sweep.name,
            query: &sweep.query,
            hits: sweep.hits,
            decided: state.decided(),
            verdicts: counts.iter().map(|(r, n)| (r.word(), *n)).collect(),
        });
        return;
    }
    let verdicts: Vec<_> = counts.iter().map(|(r, n)| format!("{n} {r}")).collect();
    out.line(&format!(
        "{}/W{} {} of {} decided ({}): {}",
        sweep.reviewer,
        sweep.number,
        state.decided(),
        sweep.hits,
        verdicts.join(", "),
        sweep.query
    ));
}

#[derive(Serialize)]
struct HitRow<'a> {
    path: &'a crate::model::RepoPath,
    line: u64,
    ruling: Option<Ruling>,
    item: Option<Uuid>,
    reviewer: Option<&'a str>,
}

fn list(verb: &List, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let desk = verb.subject.desk(who)?;
    let review = target::state(&desk.review, &desk.reviewer)?;
    let Some(id) = &verb.id else {
        review.sweeps().iter().for_each(|state| tell(state, out));
        return Ok(Answer::Yes);
    };
    let state = find(review.sweeps(), &desk, id)?;
    for hit in hits(&desk, &state.sweep.query)? {
        let judgement = state.judgement(&hit);
        if out.json {
            out.record(&HitRow {
                path: &hit.path,
                line: hit.line,
                ruling: judgement.map(|j| j.ruling),
                item: judgement.and_then(|j| j.item),
                reviewer: judgement.map(|j| j.reviewer.as_str()),
            });
        } else {
            let word = judgement.map_or("-", |j| j.ruling.word());
            let who = judgement.map_or("", |j| j.reviewer.as_str());
            out.line(&format!("{word:<8} {who:<8} {}:{}", hit.path, hit.line));
        }
    }
    Ok(Answer::Yes)
}
