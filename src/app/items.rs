//! The list of findings, notes, remarks and questions.
//!
//! What is listed is worked out when the filter, the order or the review changes, not for every picture: a review
//! may have ten thousand findings.

use super::input::{Input, Typed};
use super::key::{Code, Key};
use super::layer::{Layer, reading_rows};
use super::{App, Effect};
use crate::model::{Item, NoteKind, Review, Severity};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The list of findings, notes, remarks and questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items {
    /// Only what holds these words is listed.
    pub filter: Input,
    /// Whether the filter has the keys.
    pub is_filtering: bool,
    /// What they are ordered by.
    pub order: Order,
    /// What they are put together by.
    pub group: Group,
    /// Position under the cursor.
    pub cursor: usize,
    /// First one shown.
    pub top: usize,
    /// The item whose places are unfolded.
    unfolded: Option<Uuid>,
    rows: Vec<Row>,
    /// What each item is found by, in lower case, and the review that it was taken from.
    words: Vec<String>,
    of: Option<u64>,
}

/// One row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// What the items below have in common, and their number.
    Heading(String, usize),
    /// An item, by its position among the review's.
    Item(usize),
    /// One place of it.
    Place(usize, usize),
}

/// What items are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Findings first, the worst first.
    #[default]
    Severity,
    /// As they were filed.
    Filed,
    /// By path and line.
    Place,
}

/// What items are put together by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Group {
    /// Nothing.
    #[default]
    None,
    /// Findings by status, notes by kind.
    Status,
    /// The file of the first place.
    File,
    /// Who wrote them.
    Reviewer,
}

impl Order {
    /// Returns the word on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Filed => "order filed",
            Self::Place => "place",
        }
    }
    fn next(self) -> Self {
        match self {
            Self::Severity => Self::Filed,
            Self::Filed => Self::Place,
            Self::Place => Self::Severity,
        }
    }
}

impl Group {
    /// Returns the word on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Status => "status",
            Self::File => "file",
            Self::Reviewer => "reviewer",
        }
    }
    fn next(self) -> Self {
        match self {
            Self::None => Self::Status,
            Self::Status => Self::File,
            Self::File => Self::Reviewer,
            Self::Reviewer => Self::None,
        }
    }
    fn of(self, item: &Item) -> String {
        match (self, item) {
            (Self::None, _) => String::new(),
            (Self::Status, Item::Finding(f)) => format!("findings {}", f.status),
            (Self::Status, Item::Note(n)) => format!("{}s", n.kind),
            (Self::File, item) => item.locations()[0].anchor.path.to_string(),
            (Self::Reviewer, item) => item.reviewer().to_owned(),
        }
    }
}

impl Items {
    /// Returns the rows listed.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Returns the number of items listed.
    pub fn count(&self) -> usize {
        let is_item = |row: &&Row| matches!(row, Row::Item(_));
        self.rows.iter().filter(is_item).count()
    }

    /// Returns the item under the cursor and, if it is on one of its places, which.
    pub fn current<'r>(&self, review: &'r Review) -> Option<(&'r Item, Option<usize>)> {
        let (at, place) = match self.rows.get(self.cursor)? {
            Row::Heading(..) => return None,
            Row::Item(at) => (*at, None),
            Row::Place(at, place) => (*at, Some(*place)),
        };
        Some((review.items().get(at)?, place))
    }

    /// Moves the cursor by rows.
    pub fn step(&mut self, by: i64) {
        let last = self.rows.len().saturating_sub(1) as i64;
        self.cursor = (self.cursor as i64).saturating_add(by).clamp(0, last) as usize;
        if matches!(self.rows.get(self.cursor), Some(Row::Heading(..))) {
            // On past it, or back if it is the first row.
            let on = if by < 0 && self.cursor > 0 { -1 } else { 1 };
            self.cursor = (self.cursor as i64 + on).clamp(0, last) as usize;
        }
    }

    /// Works out what is listed. `revision` tells one state of the review from the next.
    pub fn refresh(&mut self, review: &Review, revision: u64) {
        if self.of != Some(revision) {
            self.words = review.items().iter().map(|i| words(i, review)).collect();
            self.of = Some(revision);
        }
        let wanted: Vec<String> = self
            .filter
            .text()
            .to_lowercase()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let items = review.items();
        let mut found: Vec<usize> = (0..items.len())
            .filter(|at| wanted.iter().all(|w| self.words[*at].contains(w.as_str())))
            .collect();
        match self.order {
            Order::Filed => {}
            Order::Severity => found.sort_by_key(|at| rank(&items[*at])),
            Order::Place => found.sort_by_key(|at| {
                let anchor = &items[*at].locations()[0].anchor;
                (&anchor.path, anchor.extent.first_row())
            }),
        }
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for at in found {
            groups
                .entry(self.group.of(&items[at]))
                .or_default()
                .push(at);
        }
        self.rows.clear();
        for (name, members) in groups {
            if self.group != Group::None {
                self.rows.push(Row::Heading(name, members.len()));
            }
            for at in members {
                self.rows.push(Row::Item(at));
                if self.unfolded == Some(items[at].id()) {
                    let places = 0..items[at].locations().len();
                    self.rows.extend(places.map(|place| Row::Place(at, place)));
                }
            }
        }
        self.step(0);
    }
}

/// Findings before notes, the worst first.
fn rank(item: &Item) -> (u8, Reverse<usize>) {
    match item {
        Item::Finding(f) => {
            let known = Severity::ALL.iter().position(|s| *s == f.severity);
            let is_known = f.severity != Severity::Undetermined;
            (
                0,
                Reverse(if is_known {
                    known.map_or(0, |k| k + 1)
                } else {
                    0
                }),
            )
        }
        Item::Note(n) if n.kind == NoteKind::Note => (2, Reverse(0)),
        Item::Note(_) => (1, Reverse(0)),
    }
}

/// Returns everything an item is found by.
fn words(item: &Item, review: &Review) -> String {
    let mut all = vec![item.label(), item.reviewer().to_owned()];
    match item {
        Item::Finding(f) => {
            all.extend(f.texts().into_iter().map(|(_, text)| text.to_owned()));
            all.extend([f.severity.word(), f.status.word(), f.kind.word()].map(str::to_owned));
            all.push(f.confidence.word().to_owned());
            all.extend(f.category.map(|c| c.word().to_owned()));
            all.extend(f.cwe.iter().map(|n| format!("cwe-{n}")));
            all.extend(f.references.iter().map(ToString::to_string));
        }
        Item::Note(n) => all.extend([n.text.clone(), n.kind.word().to_owned()]),
    }
    let places = item.locations().iter();
    all.extend(places.map(|l| format!("{} {}", l.anchor.path, l.typed())));
    all.extend(review.replies(item.id()).iter().map(|r| r.text.clone()));
    all.join("\n").to_lowercase()
}

impl App {
    pub(super) fn open_items(&mut self) {
        self.layers.push(Layer::Items(Items::default()));
    }

    pub(super) fn items_key(&mut self, key: Key) -> Vec<Effect> {
        let height = self.regions.list;
        let Some(Layer::Items(items)) = self.layers.last_mut() else {
            return Vec::new();
        };
        if items.is_filtering {
            match key.code {
                Code::Enter => items.is_filtering = false,
                Code::Esc => {
                    items.is_filtering = false;
                    items.filter = Input::default();
                }
                _ => {
                    if items.filter.key(key) == Typed::Changed {
                        items.cursor = 0;
                    }
                }
            }
            return Vec::new();
        }
        // `g` groups, and Alt moves what is under the cursor.
        let is_moving = key != Key::char('g') && !key.alt;
        if let Some(by) = reading_rows(key, height).filter(|_| is_moving) {
            items.step(by);
            return Vec::new();
        }
        let current = items
            .current(&self.review)
            .map(|(i, place)| (i.id(), place));
        match (key.code, key.ctrl, key.alt) {
            (Code::Char('/'), ..) => items.is_filtering = true,
            (Code::Char('o'), ..) => items.order = items.order.next(),
            (Code::Char('g'), ..) => items.group = items.group.next(),
            (Code::Char('l') | Code::Right, ..) => items.unfolded = current.map(|(id, _)| id),
            (Code::Char('h') | Code::Left, ..) => items.unfolded = None,
            (Code::Char('u'), false, _) => return self.undo(),
            (Code::Char('r'), true, _) => return self.redo(),
            (Code::Esc | Code::Char('q' | '@'), ..) => {
                self.layers.pop();
            }
            _ => {
                if let Some((id, place)) = current {
                    return self.item_key(key, id, place);
                }
            }
        }
        Vec::new()
    }

    /// Handles a key that is about the item under the cursor, or one of its places.
    fn item_key(&mut self, key: Key, id: Uuid, place: Option<usize>) -> Vec<Effect> {
        match (key.code, key.alt, place) {
            (Code::Enter, ..) => {
                self.layers.pop();
                return self.jump_to_place(id, place.unwrap_or(0));
            }
            (Code::Char('e'), ..) => self.edit(id),
            (Code::Char('d'), _, None) => self.ask_delete(id),
            (Code::Char('d'), _, Some(place)) => return self.drop_place(id, place),
            (Code::Char('s'), ..) => self.pick_status(id),
            (Code::Char('R'), ..) => self.write_reply(id),
            (Code::Char('m'), _, Some(place)) => self.pick_new_home(id, place),
            (Code::Up, true, Some(place)) => return self.reorder_place(id, place, -1),
            (Code::Down, true, Some(place)) => return self.reorder_place(id, place, 1),
            (Code::Char(c @ ('+' | '-' | '(' | ')')), ..) => {
                return self.stretch(id, place.unwrap_or(0), c, 1);
            }
            _ => {}
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Anchor, BlobId, CommitId, Digest, Entry, Event, Location, Note, RepoPath, Span,
    };

    fn note(n: u32, path: &str, kind: NoteKind, text: &str) -> Entry {
        let anchor = Anchor {
            blob: BlobId::new([1; 20]),
            path: RepoPath::new(path),
            extent: Span::line(n).into(),
            symbol: None,
            ordinal: 0,
        };
        let note = Note {
            id: Uuid::from_u128(u128::from(n)),
            number: n,
            reviewer: "alice".into(),
            commit: CommitId::new([2; 20]),
            kind,
            text: text.into(),
            location: Location::labelled(anchor, ""),
        };
        Entry {
            id: Uuid::from_u128(100 + u128::from(n)),
            seq: n.into(),
            time: String::new(),
            reviewer: "alice".into(),
            prev: Digest::ZERO,
            event: Event::NoteAdded { note },
        }
    }

    fn labels(items: &Items, review: &Review) -> Vec<String> {
        let row = |row: &Row| match row {
            Row::Heading(name, count) => format!("{name} ({count})"),
            Row::Item(at) => review.items()[*at].label(),
            Row::Place(_, place) => format!("place {place}"),
        };
        items.rows().iter().map(row).collect()
    }

    #[test]
    fn filter_order_and_group_say_what_is_listed() {
        let entries = [
            note(1, "b.c", NoteKind::Note, "the length"),
            note(2, "a.c", NoteKind::Question, "Why LENGTH?"),
            note(3, "b.c", NoteKind::Question, "else"),
        ];
        let review = Review::fold(&entries);
        let mut items = Items::default();
        items.refresh(&review, 1);
        assert_eq!(labels(&items, &review), ["Q2", "Q3", "N1"]);
        items.order = Order::Place;
        items.group = Group::File;
        items.refresh(&review, 1);
        assert_eq!(
            labels(&items, &review),
            ["a.c (1)", "Q2", "b.c (2)", "N1", "Q3"]
        );
        assert_eq!(items.cursor, 1, "a heading is never under the cursor");
        items.filter = Input::new("length question");
        items.refresh(&review, 1);
        assert_eq!(labels(&items, &review), ["a.c (1)", "Q2"]);
        items.unfolded = Some(Uuid::from_u128(2));
        items.refresh(&review, 1);
        assert_eq!(labels(&items, &review), ["a.c (1)", "Q2", "place 0"]);
        items.step(5);
        assert_eq!(
            items.current(&review).map(|(i, p)| (i.label(), p)),
            Some(("Q2".into(), Some(0)))
        );
    }
}
