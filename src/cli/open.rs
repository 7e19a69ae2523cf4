//! `glassroom` and `glassroom open`: the screen.

use super::{Answer, Failure, Source, Who, room};
use crate::app::{Identity, Start};
use crate::config::Theme;
use crate::job::{Ask, Desk, Jobs, Recorder, Room, Tools, demo};
use crate::text::Printer;
use crate::tui;
use crate::ui;
use clap::Args;
use std::sync::Mutex;

/// What confinement is in force, in words. Nothing is, until it is built.
pub(super) const CONFINEMENT: &str = "not confined";

#[derive(Args)]
pub(super) struct Open {
    #[command(flatten)]
    source: Source,
}

pub(super) fn run(verb: &Open, who: &Who) -> Result<Answer, Failure> {
    show(room()?, &verb.source.ask(who))
}

/// Opens the review used last, or the demo if there is none.
pub(super) fn resume(who: &Who) -> Result<Answer, Failure> {
    let room = room()?;
    let mut ask = Ask {
        review: who.review.clone(),
        reviewer: who.reviewer.clone(),
        ..Ask::default()
    };
    if ask.review.is_none() && room.resumable()?.is_empty() {
        let folder = room.home.demo().join("acme-ran.git");
        demo::ensure(&folder)?;
        ask.source = Some(folder);
    }
    show(room, &ask)
}

fn show(room: Room, ask: &Ask) -> Result<Answer, Failure> {
    let desk = Desk::open(room, ask)?;
    let recorder = Recorder::open(&desk)?;
    let settings = &desk.room.settings;
    let environment = &desk.room.environment;
    let name = Theme::choose(settings.theme.as_deref(), environment);
    let theme =
        Theme::load(&name, Some(&desk.room.home.themes())).map_err(crate::job::JobError::from)?;
    let snapshot = &desk.snapshot;
    let mut notices = desk.notices.clone();
    notices.extend(recorder.notices.iter().cloned());
    let printer = Printer {
        tab: settings.tab_width.into(),
        ascii: !is_utf8(),
    };
    // Losing them loses no finding: it is said, and the review goes on without.
    let queries = desk.review.read_queries().unwrap_or_else(|error| {
        notices.push(format!("earlier queries are not there: {error}"));
        crate::model::Queries::default()
    });
    // Those of a ledger that another program writes are that program's.
    let drafts = if recorder.read_only().is_none() {
        let read = desk.drafts()?;
        notices.extend(read.notices);
        read.drafts
    } else {
        Vec::new()
    };
    let start = Start {
        identity: Identity {
            name: snapshot.name().to_owned(),
            // A review that is resumed asks for the commit itself, which stands beside it anyway.
            rev: if snapshot.rev() == snapshot.commit().to_string() {
                String::new()
            } else {
                snapshot.rev().to_owned()
            },
            commit: snapshot.commit(),
            tree: snapshot.tree(),
            reviewer: desk.reviewer.clone(),
            confinement: CONFINEMENT.to_owned(),
            label: desk.policy.policy.label.clone(),
        },
        room: crate::app::Room {
            policy: desk.policy.policy.clone(),
            has_machine: desk.policy.machine.is_some(),
            has_review: desk.policy.review.is_some(),
        },
        entries: recorder.entries.clone(),
        others: recorder.others.clone(),
        read_only: recorder.read_only(),
        printer,
        keys: settings
            .keys
            .iter()
            .map(|k| (k.command.clone(), k.keys.clone()))
            .collect(),
        last: desk.last_place(),
        queries,
        templates: settings.templates.clone(),
        drafts,
        notices,
        alarms: recorder.alarms.clone(),
        wrap: settings.wrap,
        line_numbers: settings.line_numbers,
    };
    let review = desk.review.clone();
    let commit = desk.snapshot.commit();
    let is_read_only = recorder.read_only().is_some();
    let tools = Tools {
        desk,
        recorder: Mutex::new(recorder),
        confinement: CONFINEMENT.to_owned(),
        printer,
    };
    let place = tui::run(start, &ui::Theme::new(theme), |report| {
        Jobs::start(tools, report)
    })?;
    if let Some((path, line)) = place.filter(|_| !is_read_only) {
        Desk::leave_at(&review, commit, path, line)?;
    }
    Ok(Answer::Yes)
}

/// Returns whether the terminal takes UTF-8, as the locale says. Otherwise bytes of UTF-8 could be control codes.
pub(super) fn is_utf8() -> bool {
    let set = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let locale = set("LC_ALL")
        .or_else(|| set("LC_CTYPE"))
        .or_else(|| set("LANG"))
        .unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}
