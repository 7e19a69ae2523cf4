//! What is decided about findings and notes once they are there: status, replies, the lines of their places, and to
//! which finding a place belongs.

use super::compose::Compose;
use super::drafts::Saving;
use super::layer::{Layer, Pick};
use super::picker::Picker;
use super::{App, Effect};
use crate::job::{Body, IndexState};
use crate::model::{AnchorExtent, ByteRange, Event, Finding, Item, Location, Note, Span, Status};
use uuid::Uuid;

impl App {
    /// Returns an item that the reviewer may change, or says whose it is.
    fn mine(&mut self, id: Uuid) -> Option<Item> {
        let item = self.review.item(id)?.clone();
        if item.reviewer() == self.identity.reviewer {
            return Some(item);
        }
        let text = format!(
            "{} is {}'s: only its author changes it; R writes a reply",
            item.label(),
            item.reviewer()
        );
        self.complain(text);
        None
    }

    pub(super) fn pick_status(&mut self, id: Uuid) {
        match self.review.item(id) {
            Some(Item::Finding(_)) => {
                let words = Status::ALL.iter().map(|s| s.word().to_owned());
                self.layers
                    .push(Layer::Pick(Pick::Status(id), Picker::new(words.collect())));
            }
            _ => self.say("only a finding has a status; R writes a reply"),
        }
    }

    /// Asks why a finding gets the status that was picked.
    pub(super) fn ask_why(&mut self, finding: Uuid, row: u32) -> Vec<Effect> {
        if let Some(status) = Status::ALL.get(row as usize) {
            self.open_reason(finding, *status);
        }
        Vec::new()
    }

    pub(super) fn decide(&mut self, finding: Uuid, status: Status, why: &str) -> Vec<Effect> {
        if why.is_empty() {
            let effects = self.leave_form();
            self.complain("a decision needs a reason; nothing was changed");
            return effects;
        }
        if let Some(why) = &self.read_only {
            // The line stays open: what is typed in it is not lost.
            let text = format!("read-only: {why}");
            self.complain(text);
            return Vec::new();
        }
        self.is_typing = true;
        let mut effects = self.keep_drafts();
        let saving = match self.layers.pop() {
            Some(Layer::Prompt(prompt)) => Saving::Reason(prompt),
            _ => Saving::Nothing,
        };
        let why = why.to_owned();
        let event = Event::StatusChanged {
            finding,
            status,
            why,
        };
        effects.extend(self.record_of(event, saving));
        effects
    }

    pub(super) fn write_reply(&mut self, id: Uuid) {
        if let Some(item) = self.review.item(id) {
            let form = Compose::reply(item.clone());
            self.open_form(form);
        }
    }

    /// Moves a border of a place: `+` and `-` its end, `(` and `)` its beginning.
    pub(super) fn stretch(&mut self, id: Uuid, place: usize, key: char, by: u32) -> Vec<Effect> {
        let Some(item) = self.mine(id) else {
            return Vec::new();
        };
        let Some(location) = item.locations().get(place) else {
            return Vec::new();
        };
        let extent = location.anchor.extent;
        let Some(span) = extent.rows() else {
            let whole = extent.to_string();
            self.say(format!("it is a {whole}: it has no lines to move"));
            return Vec::new();
        };
        let last = self.lines_of(location).unwrap_or(u32::MAX);
        let (start, end) = match key {
            '+' => (span.start(), span.end().saturating_add(by).min(last)),
            '-' => (
                span.start(),
                span.end().saturating_sub(by).max(span.start()),
            ),
            '(' => (span.start().saturating_sub(by).max(1), span.end()),
            _ => (span.start().saturating_add(by).min(span.end()), span.end()),
        };
        if (start, end) == (span.start(), span.end()) {
            self.say("it cannot be moved further");
            return Vec::new();
        }
        let span = Span::between(start, end);
        let extent = match (extent, self.bytes_of(location)) {
            (AnchorExtent::Bytes(_), Some(size)) => {
                ByteRange::of_rows(span, size).map(AnchorExtent::Bytes)
            }
            (AnchorExtent::Bytes(_), None) => None,
            _ => Some(span.into()),
        };
        let Some(extent) = extent else {
            self.say("open the file first: Enter");
            return Vec::new();
        };
        self.change_places(item, |places| places[place].anchor.extent = extent)
    }

    /// Does the same to the finding or note under the cursor.
    pub(super) fn stretch_here(&mut self, key: char, n: Option<u32>) -> Vec<Effect> {
        let (path, line) = match self.code.file() {
            Some(file) => (file.path.clone(), self.code.line),
            None => return Vec::new(),
        };
        let mine = self.items_at(line).into_iter();
        let found = mine
            .filter(|item| item.reviewer() == self.identity.reviewer)
            .find_map(|item| {
                let is_here =
                    |l: &Location| l.anchor.path == path && l.anchor.extent.contains_row(line);
                let place = item.locations().iter().position(is_here)?;
                Some((item.id(), place))
            });
        if let Some((id, place)) = found {
            return self.stretch(id, place, key, n.unwrap_or(1));
        }
        self.say("there is no note or finding of yours on this line");
        Vec::new()
    }

    /// Returns the number of lines of the file that a place is in, if it is known.
    fn lines_of(&self, location: &Location) -> Option<u32> {
        if self
            .code
            .file()
            .is_some_and(|f| f.blob == location.anchor.blob)
        {
            return Some(self.code.count());
        }
        let IndexState::Ready { lines, .. } = &self.index else {
            return None;
        };
        let anchor = &location.anchor;
        let (at, _) = self.tree.find_entry(&anchor.path, &anchor.blob)?;
        lines.get(at as usize).copied().filter(|count| *count > 0)
    }

    /// Returns the bytes of the binary file that a place is in, if it is shown.
    fn bytes_of(&self, location: &Location) -> Option<u64> {
        let doc = self.code.doc.as_ref()?;
        match &doc.body {
            Body::Binary(bytes) if doc.file.blob == location.anchor.blob => {
                Some(bytes.len() as u64)
            }
            _ => None,
        }
    }

    /// Takes a place out of a finding; the last one stays.
    pub(super) fn drop_place(&mut self, id: Uuid, place: usize) -> Vec<Effect> {
        let Some(item) = self.mine(id) else {
            return Vec::new();
        };
        if item.locations().len() < 2 {
            self.say("the last place stays: d on the finding withdraws it");
            return Vec::new();
        }
        self.change_places(item, |places| drop(places.remove(place)))
    }

    pub(super) fn reorder_place(&mut self, id: Uuid, place: usize, by: i64) -> Vec<Effect> {
        let Some(item) = self.mine(id) else {
            return Vec::new();
        };
        let to = (place as i64 + by).clamp(0, item.locations().len() as i64 - 1) as usize;
        if to == place {
            return Vec::new();
        }
        if let Some(Layer::Items(items)) = self.layers.last_mut() {
            items.step(by);
        }
        self.change_places(item, |places| places.swap(place, to))
    }

    /// Asks to which other finding a place is to go.
    pub(super) fn pick_new_home(&mut self, id: Uuid, place: usize) {
        if self.mine(id).is_none() {
            return;
        }
        let mine = |f: &&Finding| f.reviewer == self.identity.reviewer && f.id != id;
        let others: Vec<&Finding> = self.review.findings().filter(mine).collect();
        if others.is_empty() {
            self.say("there is no other finding of yours");
            return;
        }
        let to = others.iter().map(|f| f.id).collect();
        let rows = others
            .iter()
            .map(|f| format!("F{} {}", f.number, self.printer.line(&f.title)));
        let picker = Picker::new(rows.collect());
        let pick = Pick::NewHome {
            from: id,
            place,
            to,
        };
        self.layers.push(Layer::Pick(pick, picker));
    }

    /// Moves a place from one finding to another: two entries, the new place first, so that none is lost between.
    pub(super) fn move_place(&mut self, from: Uuid, place: usize, to: Uuid) -> Vec<Effect> {
        let (Some(source), Some(target)) = (self.mine(from), self.mine(to)) else {
            return Vec::new();
        };
        let Some(location) = source.locations().get(place).cloned() else {
            return Vec::new();
        };
        let mut effects = self.change_places(target, |places| places.push(location));
        if source.locations().len() > 1 {
            effects.extend(self.change_places(source, |places| drop(places.remove(place))));
        } else {
            self.say("it was its last place: the finding keeps it until it is withdrawn");
        }
        effects
    }

    fn change_places(
        &mut self,
        item: Item,
        change: impl FnOnce(&mut Vec<Location>),
    ) -> Vec<Effect> {
        match item {
            Item::Finding(mut finding) => {
                change(&mut finding.locations);
                self.record(Event::FindingChanged { finding })
            }
            Item::Note(note) => {
                let mut places = vec![note.location.clone()];
                change(&mut places);
                match places.into_iter().next() {
                    Some(location) => self.record(Event::NoteChanged {
                        note: Note { location, ..note },
                    }),
                    None => Vec::new(),
                }
            }
        }
    }
}
