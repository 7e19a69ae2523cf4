//! `glassroom mark`: lines marked as reviewed, toggled as on screen.

use super::output::Out;
use super::target::{self, Subject};
use super::{Answer, Failure, Who, words};
use crate::job::{JobError, place};
use crate::model::{Anchor, Event, Marks, Place, RepoPath, Span};
use clap::Args;
use serde::Serialize;

#[derive(Args)]
pub(super) struct Mark {
    #[command(flatten)]
    subject: Subject,
    /// PATH:A or PATH:A-B; may be repeated.
    #[arg(value_name = "PLACE", required_unless_present = "file")]
    places: Vec<String>,
    /// A whole file; may be repeated.
    #[arg(long, value_name = "PATH")]
    file: Vec<String>,
    /// Marks, whatever was marked before.
    #[arg(long, conflicts_with = "unset")]
    set: bool,
    /// Takes marks back, whatever was marked before.
    #[arg(long)]
    unset: bool,
}

#[derive(Serialize)]
struct Record<'a> {
    path: &'a RepoPath,
    start_line: u32,
    end_line: u32,
    reviewed: bool,
}

pub(super) fn run(verb: &Mark, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let places = verb.places.iter().map(|t| words::place(t));
    let places: Vec<Place> = places.collect::<Result<_, _>>()?;
    let files = verb.file.iter().map(|t| words::path(t));
    let files: Vec<RepoPath> = files.collect::<Result<_, _>>()?;
    let desk = verb.subject.desk(who)?;
    let listing = target::listing(&desk)?;
    let encodings = desk.encodings()?;
    let reader = desk.reader(&encodings);
    // Every place is found before the first mark is recorded.
    let mut anchors: Vec<Anchor> = Vec::new();
    for place in &places {
        anchors.push(place::locate(&reader, &listing, None, place)?.anchor);
    }
    for path in &files {
        let file = place::file(&reader, &listing, path)?;
        let lines = place::lines(&reader, None, file)?;
        let none = || JobError::NoLine {
            path: path.clone(),
            line: 1,
            lines,
        };
        anchors.push(Anchor {
            blob: file.blob,
            path: file.path.clone(),
            span: Span::new(1, lines).ok_or_else(none)?,
            symbol: None,
            ordinal: 0,
        });
    }
    let mut recorder = target::recorder(&desk)?;
    for anchor in anchors {
        let before = recorder.review().marks(&anchor.blob).cloned();
        let before = before.unwrap_or_default();
        let reviewed = if verb.set == verb.unset {
            is_set_by_toggle(&before, anchor.span)
        } else {
            verb.set
        };
        let mut after = before.clone();
        if reviewed {
            after.set(anchor.span);
        } else {
            after.unset(anchor.span);
        }
        if after != before {
            recorder.record(Event::Marked {
                blob: anchor.blob,
                path: anchor.path.clone(),
                span: anchor.span,
                reviewed,
            })?;
        }
        tell(out, &anchor, reviewed);
    }
    Ok(Answer::Yes)
}

/// Returns what the reviewer's key would do: wholly inside a mark it unmarks, otherwise it marks.
fn is_set_by_toggle(marks: &Marks, span: Span) -> bool {
    let inside = |s: &Span| s.start() <= span.start() && span.end() <= s.end();
    !marks.spans().iter().any(inside)
}

fn tell(out: &mut Out, anchor: &Anchor, reviewed: bool) {
    if out.json {
        out.record(&Record {
            path: &anchor.path,
            start_line: anchor.span.start(),
            end_line: anchor.span.end(),
            reviewed,
        });
    } else {
        let word = if reviewed { "reviewed" } else { "not reviewed" };
        out.line(&format!("{}:{} {word}", anchor.path, anchor.span));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verb_toggles_as_the_model_does() {
        for (a, b) in [(3, 9), (3, 4), (5, 6), (1, 2), (9, 12), (1, 20), (10, 10)] {
            let span = Span::between(a, b);
            let mut model = Marks::default();
            model.set(Span::between(3, 9));
            let mut ours = model.clone();
            if is_set_by_toggle(&ours, span) {
                ours.set(span);
            } else {
                ours.unset(span);
            }
            model.toggle(span);
            assert_eq!(ours, model, "{span}");
        }
    }
}
