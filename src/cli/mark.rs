//! `glassroom mark`: lines, or entries without lines, marked as reviewed, toggled as on screen.

use super::output::Out;
use super::places::ExtentRecord;
use super::target::{self, Subject};
use super::{Answer, Failure, Who, words};
use crate::job::listing::Listing;
use crate::job::read::Reader;
use crate::job::{JobError, Recorder, place};
use crate::model::{Anchor, Event, Marks, NamedPath, Place, RepoPath, Span, WholeKind};
use clap::Args;
use serde::Serialize;

#[derive(Args)]
pub(super) struct Mark {
    #[command(flatten)]
    subject: Subject,
    /// PATH:A or PATH:A-B, or PATH for what has no lines: an empty file, submodule or folder; may be repeated.
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
    #[serde(flatten)]
    extent: ExtentRecord,
    reviewed: bool,
}

pub(super) fn run(verb: &Mark, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let places = verb.places.iter().map(|t| words::place(t));
    let places: Vec<Place> = places.collect::<Result<_, _>>()?;
    let files = verb.file.iter().map(|t| words::path(t));
    let files: Vec<NamedPath> = files.collect::<Result<_, _>>()?;
    let desk = verb.subject.desk(who)?;
    let listing = target::listing(&desk)?;
    let encodings = desk.encodings()?;
    let reader = desk.reader(&encodings);
    // Every place is found before the first mark is recorded.
    let mut anchors: Vec<Anchor> = Vec::new();
    for place in &places {
        let anchor = place::locate(&reader, &listing, place)?.anchor;
        anchors.push(with_lines(&reader, &listing, anchor)?);
    }
    for path in &files {
        let anchor = place::whole(&reader, &listing, path)?;
        anchors.push(with_lines(&reader, &listing, anchor)?);
    }
    let mut recorder = target::recorder(&desk)?;
    for anchor in anchors {
        let reviewed = match anchor.extent.rows() {
            Some(span) => mark_lines(verb, &mut recorder, &anchor, span)?,
            None => mark_whole(verb, &mut recorder, &anchor)?,
        };
        tell(out, &anchor, reviewed);
    }
    Ok(Answer::Yes)
}

/// Returns the anchor of all lines of a file that has lines; other entries are marked as a whole.
fn with_lines(reader: &Reader<'_>, listing: &Listing, anchor: Anchor) -> Result<Anchor, JobError> {
    let Some(WholeKind::File | WholeKind::Symlink) = anchor.extent.whole() else {
        return Ok(anchor);
    };
    let mut all = listing.all_at(&anchor.path).iter();
    let Some(file) = all.find(|file| file.blob == anchor.blob) else {
        return Ok(anchor);
    };
    let lines = place::lines(reader, None, file)?;
    let extent = Span::new(1, lines).map(|span| place::extent(reader, file, span));
    Ok(Anchor {
        extent: extent.transpose()?.unwrap_or(anchor.extent),
        ..anchor
    })
}

/// Marks lines, and returns whether they are marked now.
fn mark_lines(
    verb: &Mark,
    recorder: &mut Recorder,
    anchor: &Anchor,
    span: Span,
) -> Result<bool, Failure> {
    let before = recorder.review().marks(&anchor.blob).cloned();
    let before = before.unwrap_or_default();
    let reviewed = if verb.set == verb.unset {
        is_set_by_toggle(&before, span)
    } else {
        verb.set
    };
    let mut after = before.clone();
    if reviewed {
        after.set(span);
    } else {
        after.unset(span);
    }
    if after != before {
        recorder.record(Event::Marked {
            blob: anchor.blob,
            path: anchor.path.clone(),
            span,
            reviewed,
        })?;
    }
    Ok(reviewed)
}

/// Marks an entry as a whole, and returns whether it is marked now.
fn mark_whole(verb: &Mark, recorder: &mut Recorder, anchor: &Anchor) -> Result<bool, Failure> {
    let Some(whole) = anchor.extent.whole() else {
        return Ok(false);
    };
    let before = recorder
        .review()
        .is_marked_whole(&anchor.path, &anchor.blob);
    let reviewed = if verb.set == verb.unset {
        !before
    } else {
        verb.set
    };
    if reviewed != before {
        recorder.record(Event::MarkedWhole {
            blob: anchor.blob,
            path: anchor.path.clone(),
            whole,
            reviewed,
        })?;
    }
    Ok(reviewed)
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
            extent: anchor.extent.into(),
            reviewed,
        });
    } else {
        let word = if reviewed { "reviewed" } else { "not reviewed" };
        // A folder's mark says nothing of what is in it.
        let alone = match anchor.extent.whole() {
            Some(WholeKind::Folder) => ": the list of its names, not the files in it",
            Some(WholeKind::Snapshot) => ": as one thing, not the files in it",
            _ => "",
        };
        out.line(&format!("{} {word}{alone}", anchor.text()));
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
