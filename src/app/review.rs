//! What the reviewing commands do: notes, findings, marks, undo, the list, the gate.

use super::code::Goto;
use super::compose::Compose;
use super::layer::{Confirm, Layer, Pick};
use super::picker::Picker;
use super::{App, Effect};
use crate::job::IndexState;
use crate::model::{
    self, Anchor, AnchorExtent, Audience, Confidence, Difficulty, Entry, Event, Finding, Item,
    Location, NoteKind, Priority, RepoPath, Review, Span,
};
use uuid::Uuid;

impl App {
    /// Returns the place under the cursor or selection as a location.
    pub(super) fn location(&self) -> Option<Location> {
        let file = self.code.file()?;
        let anchor = Anchor::new(file.blob, file.path.clone(), self.code.extent()?);
        Some(Location::labelled(anchor, ""))
    }

    /// Returns the place under the cursor or selection, or says why nothing can be written there.
    pub(super) fn place_here(&mut self) -> Option<Location> {
        if self.says_read_only() {
            return None;
        }
        if let Some((file, _)) = &self.code.pending {
            let text = format!("still reading {}: press again when it is there", file.path);
            self.say(text);
            return None;
        }
        let here = self.location();
        if here.is_none() {
            self.say("open a file first: Enter in the tree, or f");
        }
        here
    }

    pub(super) fn add_location(&mut self) -> Vec<Effect> {
        if self.place_here().is_none() {
            return Vec::new();
        }
        let mine = |f: &&Finding| f.reviewer == self.identity.reviewer;
        let mut findings: Vec<&Finding> = self.review.findings().filter(mine).collect();
        findings.reverse();
        match findings.as_slice() {
            [] => self.say("there is no finding yet: F files one"),
            [only] => return self.add_location_to(only.id),
            many => {
                let ids = many.iter().map(|f| f.id).collect();
                let names = many
                    .iter()
                    .map(|f| format!("F{} {}", f.number, self.printer.line(&f.title)));
                let picker = Picker::new(names.collect());
                self.layers
                    .push(Layer::Pick(Pick::FindingForPlace(ids), picker));
            }
        }
        Vec::new()
    }

    /// Opens the finding's form with the place added, so that it can be labelled.
    pub(super) fn add_location_to(&mut self, id: Uuid) -> Vec<Effect> {
        let (Some(location), Some(item)) = (self.location(), self.review.item(id)) else {
            return Vec::new();
        };
        let form = Compose::edit(item.clone());
        self.open_with_place(form, location);
        Vec::new()
    }

    /// Returns the items with a location on the line, in the file shown.
    pub fn items_at(&self, line: u32) -> Vec<&Item> {
        let Some(file) = self.code.file() else {
            return Vec::new();
        };
        let here = |l: &Location| {
            l.anchor.blob == file.blob
                && l.anchor.path == file.path
                && l.anchor.extent.contains_row(line)
        };
        self.review
            .items_in(&file.path)
            .filter(|i| i.locations().iter().any(here))
            .collect()
    }

    pub(super) fn edit_here(&mut self) {
        match self.items_at(self.code.line).first().map(|i| i.id()) {
            Some(id) => self.edit(id),
            None => self.say("there is no note or finding on this line"),
        }
    }

    pub(super) fn edit(&mut self, id: Uuid) {
        let Some(item) = self.review.item(id) else {
            return;
        };
        if item.reviewer() != self.identity.reviewer {
            let text = format!(
                "{} is {}'s: only its author changes it",
                item.label(),
                item.reviewer()
            );
            self.complain(text);
            return;
        }
        let form = Compose::edit(item.clone());
        self.open_form(form);
    }

    /// Asks before an item is withdrawn.
    pub(super) fn ask_delete(&mut self, id: Uuid) {
        let Some(item) = self.review.item(id) else {
            return;
        };
        if item.reviewer() != self.identity.reviewer {
            let text = format!(
                "{} is {}'s: only its author withdraws it",
                item.label(),
                item.reviewer()
            );
            self.complain(text);
            return;
        }
        let question = format!(
            "Withdraw {} \"{}\"?",
            item.label(),
            self.printer.line(item.title())
        );
        let yes = |app: &mut App, id: Uuid| {
            let event = match app.review.item(id) {
                Some(Item::Finding(_)) => Event::FindingDeleted { finding: id },
                Some(Item::Note(_)) => Event::NoteDeleted { note: id },
                None => return Vec::new(),
            };
            app.record(event)
        };
        self.layers.push(Layer::Confirm(Confirm {
            question,
            yes,
            about: id,
        }));
    }

    pub(super) fn toggle_select(&mut self) {
        self.code.select = match self.code.select {
            None if self.code.count() > 0 => Some(self.code.line),
            _ => None,
        };
        self.focus = super::Focus::Code;
    }

    pub(super) fn mark(&mut self) -> Vec<Effect> {
        if self.is_recording() {
            return Vec::new();
        }
        let Some(location) = self.place_here() else {
            return Vec::new();
        };
        self.code.select = None;
        let Some(span) = location.anchor.extent.rows() else {
            return self.mark_whole(&location.anchor);
        };
        let marks = self.review.marks(&location.anchor.blob);
        let inside = marks.is_some_and(|m| {
            m.spans()
                .iter()
                .any(|s| s.start() <= span.start() && span.end() <= s.end())
        });
        self.record(marked(location.anchor, span, !inside))
    }

    pub(super) fn mark_file(&mut self) -> Vec<Effect> {
        if self.is_recording() {
            return Vec::new();
        }
        let Some(location) = self.place_here() else {
            return Vec::new();
        };
        let whole = self.code.whole_extent().and_then(AnchorExtent::rows);
        let Some(whole) = whole else {
            return self.mark_whole(&location.anchor);
        };
        let done = self
            .review
            .marks(&location.anchor.blob)
            .is_some_and(|m| m.spans() == [whole]);
        self.record(marked(location.anchor, whole, !done))
    }

    /// Goes to a place of an item.
    pub(super) fn jump_to_place(&mut self, id: Uuid, place: usize) -> Vec<Effect> {
        let places = self.review.item(id).map(Item::locations);
        let Some(location) = places.and_then(|l| l.get(place)).cloned() else {
            return Vec::new();
        };
        let anchor = location.anchor;
        if let Some(whole) = anchor.extent.whole() {
            return self.jump_to_whole(&anchor, whole);
        }
        match self.tree.find_entry(&anchor.path, &anchor.blob) {
            Some((_, file)) => {
                let file = file.clone();
                self.open(
                    file,
                    Goto {
                        line: anchor.extent.first_row(),
                        ..Goto::default()
                    },
                )
            }
            None => {
                let text = format!("{} with that content is not in this snapshot", anchor.path);
                self.complain(text);
                Vec::new()
            }
        }
    }

    pub(super) fn walk_items(&mut self, forward: bool) {
        let Some(file) = self.code.file() else { return };
        let lines = self.review.items_in(&file.path).flat_map(Item::locations);
        let lines = lines
            .filter(|l| l.anchor.blob == file.blob && l.anchor.path == file.path)
            .map(|l| l.anchor.extent.first_row());
        let here = self.code.line;
        let found = if forward {
            lines.filter(|l| *l > here).min()
        } else {
            lines.filter(|l| *l < here).max()
        };
        match found {
            Some(line) => {
                self.remember();
                self.code.go(
                    Goto {
                        line,
                        ..Goto::default()
                    },
                    self.regions.code_height.into(),
                );
            }
            None => self.say("no further note or finding in this file; @ lists all"),
        }
    }

    pub(super) fn walk_unreviewed(&mut self, forward: bool) -> Vec<Effect> {
        let Some(file) = self.code.file().cloned() else {
            return self.next_file_unreviewed(None, forward);
        };
        let marks = self.review.marks(&file.blob);
        let unmarked = |l: &u32| marks.is_none_or(|m| !m.contains(*l));
        let (here, last) = (self.code.line, self.code.count());
        // From inside an unreviewed run, on to the next one.
        let found = if forward {
            let reviewed = (here..=last).find(|l| !unmarked(l));
            let from = if unmarked(&here) {
                reviewed
            } else {
                Some(here)
            };
            from.and_then(|from| (from..=last).find(unmarked))
        } else {
            (1..here).rev().find(unmarked)
        };
        let Some(line) = found else {
            return self.next_file_unreviewed(Some(&file.path), forward);
        };
        let at = Goto {
            line,
            ..Goto::default()
        };
        self.code.go(at, self.regions.code_height.into());
        Vec::new()
    }

    /// Opens the next file, in the order of the tree, that has a line not reviewed, at that line.
    fn next_file_unreviewed(&mut self, from: Option<&RepoPath>, forward: bool) -> Vec<Effect> {
        let IndexState::Ready { lines, .. } = &self.index else {
            self.say(
                "no further unreviewed line in this file; others are known when all is indexed",
            );
            return Vec::new();
        };
        let files = self.tree.files();
        let here = from.and_then(|path| self.tree.find(path.as_bytes()));
        let here = here.map(|(at, _)| at as usize);
        let unreviewed = |at: &usize| {
            let count = lines.get(*at).copied().unwrap_or(0);
            let marks = self.review.marks(&files[*at].blob);
            let unmarked = |l: &u32| marks.is_none_or(|m| !m.contains(*l));
            let line = if forward {
                (1..=count).find(unmarked)
            } else {
                (1..=count).rev().find(unmarked)
            };
            line.map(|line| (*at, line))
        };
        let found = if forward {
            (here.map_or(0, |at| at + 1)..files.len()).find_map(|at| unreviewed(&at))
        } else {
            (0..here.unwrap_or(0)).rev().find_map(|at| unreviewed(&at))
        };
        let Some((at, line)) = found else {
            self.say("no further unreviewed line");
            return Vec::new();
        };
        let file = files[at].clone();
        let at = Goto {
            line,
            ..Goto::default()
        };
        self.open(file, at)
    }

    /// Marks the file reviewed, if it is not, and goes to the next one that is not.
    pub(super) fn mark_and_next(&mut self) -> Vec<Effect> {
        if self.is_recording() {
            return Vec::new();
        }
        let Some(location) = self.place_here() else {
            return Vec::new();
        };
        let anchor = location.anchor;
        let path = anchor.path.clone();
        let mut effects = Vec::new();
        match self.code.whole_extent().and_then(AnchorExtent::rows) {
            Some(whole) => {
                let marks = self.review.marks(&anchor.blob);
                if marks.is_none_or(|m| m.spans() != [whole]) {
                    effects = self.record(marked(anchor, whole, true));
                }
            }
            None if !self.review.is_marked_whole(&path, &anchor.blob) => {
                effects = self.mark_whole(&anchor);
            }
            None => {}
        }
        effects.extend(self.next_file_unreviewed(Some(&path), true));
        effects
    }

    pub(super) fn reply_here(&mut self) {
        match self.items_at(self.code.line).first().map(|i| i.id()) {
            Some(id) => self.write_reply(id),
            None => self.say("there is no note or finding on this line"),
        }
    }

    /// Returns how many lines the reviewer marked within the hour up to the newest entry.
    pub fn marked_within_the_hour(&self) -> u64 {
        model::marked_within_the_hour(&self.entries)
    }

    /// Says so if an entry is still on its way to disk: what is decided next would be decided without it.
    pub(super) fn is_recording(&mut self) -> bool {
        if self.recording > 0 {
            self.say("the last entry is still being written: press again");
        }
        self.recording > 0
    }

    pub(super) fn undo(&mut self) -> Vec<Effect> {
        if self.is_recording() {
            return Vec::new();
        }
        if let Some(entry) = model::undoable(&self.entries).map(|e| e.id) {
            self.record(Event::Undone { entry })
        } else {
            self.say("nothing to take back");
            Vec::new()
        }
    }

    pub(super) fn redo(&mut self) -> Vec<Effect> {
        if self.is_recording() {
            return Vec::new();
        }
        if let Some(entry) = model::redoable(&self.entries) {
            self.record(Event::Redone { entry })
        } else {
            self.say("nothing to bring back");
            Vec::new()
        }
    }

    pub(super) fn quit(&mut self) -> Vec<Effect> {
        let effects = self.keep_drafts();
        if let Some(question) = self.question_to_quit() {
            let yes = |app: &mut App, _| app.leave();
            self.layers.push(Layer::Confirm(Confirm {
                question,
                yes,
                about: Uuid::nil(),
            }));
            return effects;
        }
        effects.into_iter().chain(self.leave()).collect()
    }

    pub(super) fn leave(&mut self) -> Vec<Effect> {
        let mut effects = self.flush_shown();
        effects.push(Effect::Quit);
        effects
    }

    /// Counts the lines of text marked reviewed and all lines of text, once they are known.
    pub(super) fn count_coverage(&mut self) {
        let crate::job::IndexState::Ready { lines, .. } = &self.index else {
            return;
        };
        let mut counts = (0, 0);
        for (file, lines) in self.tree.files().iter().zip(lines) {
            counts.1 += u64::from(*lines);
            if let Some(marks) = self.review.marks(&file.blob) {
                counts.0 += marks.lines().min(u64::from(*lines));
            }
        }
        self.coverage = Some(counts);
    }
}

fn marked(anchor: Anchor, span: Span, reviewed: bool) -> Event {
    Event::Marked {
        blob: anchor.blob,
        path: anchor.path,
        span,
        reviewed,
    }
}

/// Names the choices of a finding: severity and kind, and those in which it differs from a new finding.
fn choices_of(finding: &Finding) -> String {
    let mut all = vec![format!("{} {}", finding.severity, finding.kind)];
    if finding.confidence != Confidence::Suspected {
        all.push(finding.confidence.to_string());
    }
    if finding.priority != Priority::Normal {
        all.push(format!("priority {}", finding.priority));
    }
    if finding.difficulty != Difficulty::Undetermined {
        all.push(format!("difficulty {}", finding.difficulty));
    }
    all.extend(finding.category.map(|category| category.to_string()));
    if finding.audience != Audience::Vendor {
        all.push(format!("audience {}", finding.audience));
    }
    all.extend(finding.is_trail.then(|| "trail".to_owned()));
    all.join(", ")
}

/// Returns what the reviewer is told once an entry is on disk.
pub(super) fn told(entry: &Entry, before: &Review, entries: &[Entry]) -> Option<String> {
    let label = |id: &Uuid| before.item(*id).map_or_else(String::new, Item::label);
    Some(match &entry.event {
        Event::FindingAdded { finding } => {
            format!("F{} saved: {}", finding.number, choices_of(finding))
        }
        Event::FindingChanged { finding } => {
            let choices = choices_of(finding);
            format!("F{} saved as changed: {choices}", finding.number)
        }
        Event::NoteAdded { note } => {
            let kind = match note.kind {
                NoteKind::Note => "private note",
                NoteKind::Remark => "remark for the vendor",
                NoteKind::Question => "question to the vendor",
            };
            format!("{} saved: {kind}", Item::Note(note.clone()).label())
        }
        Event::NoteChanged { note } => {
            format!("{} saved as changed", Item::Note(note.clone()).label())
        }
        Event::FindingDeleted { finding: id } | Event::NoteDeleted { note: id } => {
            format!("{} withdrawn; u brings it back", label(id))
        }
        Event::StatusChanged {
            finding, status, ..
        } => format!("{} is now {status}", label(finding)),
        Event::Marked {
            path,
            span,
            reviewed,
            ..
        } => {
            let word = if *reviewed {
                "reviewed"
            } else {
                "not reviewed"
            };
            format!("{path}:{span} marked {word}")
        }
        Event::MarkedWhole {
            path,
            whole,
            reviewed,
            ..
        } => {
            let word = if *reviewed {
                "reviewed"
            } else {
                "not reviewed"
            };
            format!("{path} ({}) marked {word}", whole.phrase())
        }
        Event::EncodingSet { path, encoding, .. } => match encoding {
            Some(encoding) => format!("{path} is read as {encoding}"),
            None => format!("the encoding of {path} is guessed"),
        },
        Event::Undone { entry: id } | Event::Redone { entry: id } => {
            let what = entries.iter().find(|e| e.id == *id);
            let what = what.and_then(|e| told(e, before, &[])).unwrap_or_default();
            let is_undone = matches!(entry.event, Event::Undone { .. });
            format!(
                "{}: {what}",
                if is_undone {
                    "taken back"
                } else {
                    "brought back"
                }
            )
        }
        Event::ReplyAdded { reply } => {
            format!("reply to {} saved: {}", label(&reply.parent), reply.voice)
        }
        Event::SweepAdded { sweep } => format!("sweep W{} over {} hits", sweep.number, sweep.hits),
        Event::SweepDeleted { sweep } => {
            let number = before.sweep(*sweep).map_or(0, |s| s.sweep.number);
            format!("sweep W{number} given up; u brings it back")
        }
        _ => return None,
    })
}
