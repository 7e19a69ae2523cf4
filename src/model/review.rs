//! The state of a review: the fold of its ledgers' entries.

use super::{
    BlobId, CommitId, Entry, Event, Finding, Marks, Note, NoteKind, RepoPath, Status, StatusChange,
    TreeId,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// A finding, note or question: what the list of findings shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// A claim.
    Finding(Finding),
    /// A remark or question.
    Note(Note),
}

impl Item {
    /// Returns its identity.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Finding(f) => f.id,
            Self::Note(n) => n.id,
        }
    }
    /// Returns `F1`, `N1` or `Q1`.
    pub fn label(&self) -> String {
        match self {
            Self::Finding(f) => format!("F{}", f.number),
            Self::Note(n) if n.kind == NoteKind::Question => format!("Q{}", n.number),
            Self::Note(n) => format!("N{}", n.number),
        }
    }
    /// Returns the one line that stands for it: a finding's title, a note's first line.
    pub fn title(&self) -> &str {
        match self {
            Self::Finding(f) => &f.title,
            Self::Note(n) => n.text.lines().next().unwrap_or(""),
        }
    }
    /// Returns the reviewer's name.
    pub fn reviewer(&self) -> &str {
        match self {
            Self::Finding(f) => &f.reviewer,
            Self::Note(n) => &n.reviewer,
        }
    }
    /// Returns its places, at least one.
    pub fn locations(&self) -> &[super::Location] {
        match self {
            Self::Finding(f) => &f.locations,
            Self::Note(n) => std::slice::from_ref(&n.location),
        }
    }
}

/// The state of a review: what all reviewers found, remarked and marked.
///
/// `PartialEq` lets tests compare a state with one folded again from disk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Review {
    snapshots: Vec<(CommitId, TreeId)>,
    items: Vec<Item>,
    marks: BTreeMap<BlobId, Marks>,
    /// The contents that had marks at a path.
    marked: BTreeMap<RepoPath, BTreeSet<BlobId>>,
    shown: BTreeMap<BlobId, Marks>,
    exports: u64,
    numbers: HashMap<(String, char), u32>,
}

impl Review {
    /// Folds the entries of one or more ledgers; each ledger's entries stand in order, ledgers one after
    /// another. Entries that were undone and not redone do not count.
    pub fn fold<'a>(entries: impl IntoIterator<Item = &'a Entry> + Clone) -> Self {
        let undone = undone(entries.clone());
        let mut review = Self::default();
        for entry in entries {
            review.count(entry);
            if !undone.contains(&entry.id) {
                review.apply(entry);
            }
        }
        review
    }

    /// Adds one entry that undoes nothing. An undoing or redoing one needs [`Self::fold`].
    pub fn push(&mut self, entry: &Entry) {
        self.count(entry);
        self.apply(entry);
    }

    /// Keeps the highest number ever given, so that an undone or deleted item's number is not used again.
    fn count(&mut self, entry: &Entry) {
        let (letter, number) = match &entry.event {
            Event::FindingAdded { finding } => ('F', finding.number),
            Event::NoteAdded { note } if note.kind == NoteKind::Question => ('Q', note.number),
            Event::NoteAdded { note } => ('N', note.number),
            _ => return,
        };
        let highest = self
            .numbers
            .entry((entry.reviewer.clone(), letter))
            .or_default();
        *highest = number.max(*highest);
    }

    fn apply(&mut self, entry: &Entry) {
        match &entry.event {
            Event::SnapshotAdded { commit, tree, .. } => {
                if !self.snapshots.contains(&(*commit, *tree)) {
                    self.snapshots.push((*commit, *tree));
                }
            }
            Event::FindingAdded { finding } => self.items.push(Item::Finding(finding.clone())),
            Event::NoteAdded { note } => self.items.push(Item::Note(note.clone())),
            Event::FindingChanged { finding } => {
                if let Some(Item::Finding(old)) = self.item_mut(finding.id) {
                    let (status, history) = (old.status, std::mem::take(&mut old.history));
                    *old = Finding {
                        status,
                        history,
                        ..finding.clone()
                    };
                }
            }
            Event::NoteChanged { note } => {
                if let Some(Item::Note(old)) = self.item_mut(note.id) {
                    *old = note.clone();
                }
            }
            Event::FindingDeleted { finding: id } | Event::NoteDeleted { note: id } => {
                self.items.retain(|i| i.id() != *id);
            }
            Event::StatusChanged {
                finding,
                status,
                why,
            } => {
                if let Some(Item::Finding(old)) = self.item_mut(*finding) {
                    old.status = *status;
                    old.history.push(StatusChange {
                        status: *status,
                        reviewer: entry.reviewer.clone(),
                        time: entry.time.clone(),
                        why: why.clone(),
                    });
                }
            }
            Event::Marked {
                blob,
                path,
                span,
                reviewed,
            } => {
                let marks = self.marks.entry(*blob).or_default();
                if *reviewed {
                    marks.set(*span);
                    self.marked.entry(path.clone()).or_default().insert(*blob);
                } else {
                    marks.unset(*span);
                }
            }
            Event::Shown { blob, spans, .. } => {
                let shown = self.shown.entry(*blob).or_default();
                for span in spans {
                    shown.set(*span);
                }
            }
            Event::Exported { export } => {
                if export.exported {
                    self.exports = self.exports.max(export.number);
                }
            }
            Event::Undone { .. } | Event::Redone { .. } => {}
        }
    }

    fn item_mut(&mut self, id: Uuid) -> Option<&mut Item> {
        self.items.iter_mut().find(|i| i.id() == id)
    }

    /// Returns the snapshots under review, in the order they came.
    pub fn snapshots(&self) -> &[(CommitId, TreeId)] {
        &self.snapshots
    }
    /// Returns findings, notes and questions in the order they were filed.
    pub fn items(&self) -> &[Item] {
        &self.items
    }
    /// Returns the item with the given identity.
    pub fn item(&self, id: Uuid) -> Option<&Item> {
        self.items.iter().find(|i| i.id() == id)
    }
    /// Returns the findings alone.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.items.iter().filter_map(|i| match i {
            Item::Finding(f) => Some(f),
            Item::Note(_) => None,
        })
    }
    /// Returns the notes and questions alone.
    pub fn notes(&self) -> impl Iterator<Item = &Note> {
        self.items.iter().filter_map(|i| match i {
            Item::Note(n) => Some(n),
            Item::Finding(_) => None,
        })
    }
    /// Returns the number of findings that are not withdrawn, whatever their status.
    pub fn open_findings(&self) -> usize {
        self.findings().filter(|f| f.status == Status::Open).count()
    }
    /// Returns the lines of a blob that are marked reviewed.
    pub fn marks(&self, blob: &BlobId) -> Option<&Marks> {
        self.marks.get(blob).filter(|m| !m.is_empty())
    }
    /// Returns whether lines were marked at the path when another content than this one stood there.
    pub fn is_marked_before(&self, path: &RepoPath, blob: &BlobId) -> bool {
        let contents = self.marked.get(path).into_iter().flatten();
        contents
            .filter(|other| *other != blob)
            .any(|other| self.marks(other).is_some())
    }
    /// Returns the lines of a blob that were on screen.
    pub fn shown(&self, blob: &BlobId) -> Option<&Marks> {
        self.shown.get(blob)
    }
    /// Returns the number of the last bundle that left whole; 0 if none did.
    pub fn exports(&self) -> u64 {
        self.exports
    }
    /// Returns the next free number of a reviewer's findings (`F`), notes (`N`) or questions (`Q`).
    pub fn next_number(&self, reviewer: &str, letter: char) -> u32 {
        self.numbers
            .get(&(reviewer.to_owned(), letter))
            .copied()
            .unwrap_or(0)
            + 1
    }
}

/// Returns the newest entry that undo would take back: the last of `entries` that changed an item or a mark
/// and is not undone.
pub fn undoable(entries: &[Entry]) -> Option<&Entry> {
    let undone = undone(entries);
    entries
        .iter()
        .rev()
        .find(|e| is_undoable(&e.event) && !undone.contains(&e.id))
}

/// Returns the entry that redo would bring back: the last undone one, unless something new was recorded
/// since.
pub fn redoable(entries: &[Entry]) -> Option<Uuid> {
    let undone = undone(entries);
    entries
        .iter()
        .rev()
        .take_while(|e| !is_undoable(&e.event))
        .find_map(|e| match &e.event {
            Event::Undone { entry } if undone.contains(entry) => Some(*entry),
            _ => None,
        })
}

fn undone<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> HashSet<Uuid> {
    let mut undone = HashSet::new();
    for entry in entries {
        match &entry.event {
            Event::Undone { entry } => {
                undone.insert(*entry);
            }
            Event::Redone { entry } => {
                undone.remove(entry);
            }
            _ => {}
        }
    }
    undone
}

fn is_undoable(event: &Event) -> bool {
    !matches!(
        event,
        Event::SnapshotAdded { .. }
            | Event::Shown { .. }
            | Event::Undone { .. }
            | Event::Redone { .. }
            | Event::Exported { .. }
    )
}
