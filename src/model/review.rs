//! The state of a review: the fold of its ledgers' entries.

use super::{
    BlobId, CommitId, Digest, Entry, Event, Finding, Judgement, Marks, Note, Reply, RepoPath,
    Status, StatusChange, SweepState, TreeId, in_time,
};
use crate::text::Encoding;
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
    /// Returns `F1`, `N1`, `R1` or `Q1`.
    pub fn label(&self) -> String {
        match self {
            Self::Finding(f) => format!("F{}", f.number),
            Self::Note(n) => format!("{}{}", n.kind.letter(), n.number),
        }
    }
    /// Returns its label as a reviewer reads it: every reviewer counts from 1, so a colleague's is named with its author, as
    /// in `bob/F1`.
    pub fn label_for(&self, reader: &str) -> String {
        if self.reviewer() == reader {
            self.label()
        } else {
            format!("{}/{}", self.reviewer(), self.label())
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

/// The contents whose encoding was said by a reviewer, and which it is.
pub type Encodings = BTreeMap<BlobId, Encoding>;

/// The state of a review: what all reviewers found, remarked and marked.
///
/// `PartialEq` lets tests compare a state with one folded again from disk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Review {
    snapshots: Vec<(CommitId, TreeId)>,
    items: Vec<Item>,
    /// Where each item is among them.
    at: HashMap<Uuid, usize>,
    /// The items with a place in a file, by its path.
    by_path: HashMap<RepoPath, Vec<Uuid>>,
    replies: HashMap<Uuid, Vec<Reply>>,
    sweeps: Vec<SweepState>,
    searches: u64,
    policy: Option<Digest>,
    marks: BTreeMap<BlobId, Marks>,
    /// The entries of the tree that are marked as a whole.
    whole_marks: BTreeSet<(RepoPath, BlobId)>,
    /// The contents that had marks at a path.
    marked: BTreeMap<RepoPath, BTreeSet<BlobId>>,
    shown: BTreeMap<BlobId, Marks>,
    encodings: Encodings,
    exports: u64,
    /// The highest number that a bundle was given, however its export ended.
    last_number: u64,
    numbers: HashMap<(String, char), u32>,
}

/// The parts of a review that a bundle shows, as they are read back from one.
#[derive(Clone, Debug, Default)]
pub struct ReviewParts {
    /// The snapshots under review, in the order of `bundle.json`.
    pub snapshots: Vec<(CommitId, TreeId)>,
    /// Findings, remarks and questions.
    pub items: Vec<Item>,
    /// Replies to them, those to one item in their order.
    pub replies: Vec<Reply>,
    /// The sweeps.
    pub sweeps: Vec<SweepState>,
    /// The number of searches that ran to their end.
    pub searches: u64,
}

impl Review {
    /// Folds the entries of one or more ledgers; each ledger's entries stand in order, ledgers one after
    /// another. Entries that were undone and not redone do not count.
    pub fn fold<'a>(entries: impl IntoIterator<Item = &'a Entry> + Clone) -> Self {
        let undone = undone(entries.clone());
        let mut review = Self::default();
        for entry in in_time(entries) {
            review.count(entry);
            if !undone.contains(&entry.id) {
                review.apply(entry);
            }
        }
        review
    }

    /// Builds the part of a review that a bundle shows. It knows no marks, encodings or exports.
    pub fn from_parts(parts: ReviewParts) -> Self {
        let mut review = Self {
            snapshots: parts.snapshots,
            sweeps: parts.sweeps,
            searches: parts.searches,
            ..Self::default()
        };
        parts.items.into_iter().for_each(|item| review.add(item));
        for reply in parts.replies {
            review.replies.entry(reply.parent).or_default().push(reply);
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
            Event::NoteAdded { note } => (note.kind.letter(), note.number),
            Event::SweepAdded { sweep } => ('W', sweep.number),
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
            Event::SnapshotAdded {
                commit,
                tree,
                policy,
            } => {
                self.policy.get_or_insert(*policy);
                if !self.snapshots.contains(&(*commit, *tree)) {
                    self.snapshots.push((*commit, *tree));
                }
            }
            Event::FindingAdded { finding } => self.add(Item::Finding(finding.clone())),
            Event::NoteAdded { note } => self.add(Item::Note(note.clone())),
            Event::FindingChanged { finding } => {
                self.displace(finding.id);
                if let Some(Item::Finding(old)) = self.item_mut(finding.id) {
                    let (status, history) = (old.status, std::mem::take(&mut old.history));
                    *old = Finding {
                        status,
                        history,
                        ..finding.clone()
                    };
                    self.place(&Item::Finding(finding.clone()));
                }
            }
            Event::NoteChanged { note } => {
                self.displace(note.id);
                if let Some(Item::Note(old)) = self.item_mut(note.id) {
                    *old = note.clone();
                    self.place(&Item::Note(note.clone()));
                }
            }
            Event::FindingDeleted { finding: id } | Event::NoteDeleted { note: id } => {
                self.displace(*id);
                self.items.retain(|i| i.id() != *id);
                let ids = self.items.iter().map(Item::id);
                self.at = ids.enumerate().map(|(at, id)| (id, at)).collect();
            }
            Event::ReplyAdded { reply } => {
                let replies = self.replies.entry(reply.parent).or_default();
                replies.push(reply.clone());
            }
            Event::ReplyDeleted { reply: id } => {
                for replies in self.replies.values_mut() {
                    replies.retain(|reply| reply.id != *id);
                }
            }
            Event::SweepAdded { sweep } => self.sweeps.push(SweepState::new(sweep.clone())),
            Event::SweepDeleted { sweep } => self.sweeps.retain(|s| s.sweep.id != *sweep),
            Event::Judged {
                sweep,
                hits,
                ruling,
                item,
            } => {
                if let Some(state) = self.sweeps.iter_mut().find(|s| s.sweep.id == *sweep) {
                    let judgement = ruling.map(|ruling| Judgement {
                        ruling,
                        item: *item,
                        reviewer: entry.reviewer.clone(),
                    });
                    state.judge(hits, judgement.as_ref());
                }
            }
            Event::Searched { .. } => self.searches += 1,
            Event::PolicyChanged { policy, .. } => self.policy = Some(*policy),
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
            Event::MarkedWhole {
                blob,
                path,
                reviewed,
                ..
            } => {
                if *reviewed {
                    self.whole_marks.insert((path.clone(), *blob));
                } else {
                    self.whole_marks.remove(&(path.clone(), *blob));
                }
            }
            Event::Shown { blob, spans, .. } => {
                let shown = self.shown.entry(*blob).or_default();
                for span in spans {
                    shown.set(*span);
                }
            }
            Event::EncodingSet { blob, encoding, .. } => {
                match encoding {
                    Some(encoding) => self.encodings.insert(*blob, *encoding),
                    None => self.encodings.remove(blob),
                };
            }
            Event::Exported { export } => {
                self.last_number = self.last_number.max(export.number);
                if export.exported {
                    self.exports = self.exports.max(export.number);
                }
            }
            // Its lines are read where a bundle is made: from the ledgers as they are then.
            Event::ExportBegun { number, .. } => self.last_number = self.last_number.max(*number),
            Event::Undone { .. } | Event::Redone { .. } => {}
        }
    }

    fn add(&mut self, item: Item) {
        self.at.insert(item.id(), self.items.len());
        self.place(&item);
        self.items.push(item);
    }

    /// Notes in which files an item has places.
    fn place(&mut self, item: &Item) {
        for location in item.locations() {
            let ids = self
                .by_path
                .entry(location.anchor.path.clone())
                .or_default();
            if !ids.contains(&item.id()) {
                ids.push(item.id());
            }
        }
    }

    /// Forgets in which files an item has places.
    fn displace(&mut self, id: Uuid) {
        let Some(item) = self.at.get(&id).map(|at| &self.items[*at]) else {
            return;
        };
        for location in item.locations() {
            if let Some(ids) = self.by_path.get_mut(&location.anchor.path) {
                ids.retain(|known| *known != id);
            }
        }
    }

    fn item_mut(&mut self, id: Uuid) -> Option<&mut Item> {
        self.items.get_mut(*self.at.get(&id)?)
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
        self.items.get(*self.at.get(&id)?)
    }
    /// Returns the items with a place in the file at a path, in the order in which they came to have one.
    pub fn items_in(&self, path: &RepoPath) -> impl Iterator<Item = &Item> {
        let ids = self.by_path.get(path).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.item(*id))
    }
    /// Returns the findings alone.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.items.iter().filter_map(|i| match i {
            Item::Finding(f) => Some(f),
            Item::Note(_) => None,
        })
    }
    /// Returns the findings by reviewer and number: the order of the documents of a bundle. Unlike the order in which
    /// they were filed, it can be told from the bundle alone, whichever entries its ledgers withhold.
    pub fn findings_by_number(&self) -> Vec<&Finding> {
        let mut findings: Vec<&Finding> = self.findings().collect();
        findings.sort_by(|a, b| (&a.reviewer, a.number, a.id).cmp(&(&b.reviewer, b.number, b.id)));
        findings
    }
    /// Returns the notes and questions by reviewer and number.
    pub fn notes_by_number(&self) -> Vec<&Note> {
        let mut notes: Vec<&Note> = self.notes().collect();
        notes.sort_by(|a, b| (&a.reviewer, a.number, a.id).cmp(&(&b.reviewer, b.number, b.id)));
        notes
    }
    /// Returns the sweeps by reviewer and number.
    pub fn sweeps_by_number(&self) -> Vec<&SweepState> {
        let mut sweeps: Vec<&SweepState> = self.sweeps.iter().collect();
        sweeps.sort_by(|a, b| {
            let (a, b) = (&a.sweep, &b.sweep);
            (&a.reviewer, a.number, a.id).cmp(&(&b.reviewer, b.number, b.id))
        });
        sweeps
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
    /// Returns the replies to a finding or note, oldest first.
    pub fn replies(&self, item: Uuid) -> &[Reply] {
        self.replies.get(&item).map_or(&[], Vec::as_slice)
    }
    /// Returns the sweeps, in the order in which they were begun.
    pub fn sweeps(&self) -> &[SweepState] {
        &self.sweeps
    }
    /// Returns a sweep and its verdicts.
    pub fn sweep(&self, id: Uuid) -> Option<&SweepState> {
        self.sweeps.iter().find(|s| s.sweep.id == id)
    }
    /// Returns how many searches ran to their end and were looked at.
    pub fn searches(&self) -> u64 {
        self.searches
    }
    /// Returns the digest of the policy that the ledgers know to be in force.
    pub fn policy(&self) -> Option<Digest> {
        self.policy
    }
    /// Returns whether an entry of the tree is marked as looked at as a whole.
    pub fn is_marked_whole(&self, path: &RepoPath, blob: &BlobId) -> bool {
        // Most reviews have none, and this is asked for each file.
        !self.whole_marks.is_empty() && self.whole_marks.contains(&(path.clone(), *blob))
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
    /// Returns the encodings in force that were said by a reviewer. If several said one of the same content, the
    /// last of the fold counts: the reviewer's own ledger stands behind the colleagues'.
    pub fn encodings(&self) -> &Encodings {
        &self.encodings
    }
    /// Returns the number of the last bundle that left whole; 0 if none did.
    pub fn exports(&self) -> u64 {
        self.exports
    }
    /// Returns the next free number of a bundle. A number is given once, even if its export failed or was killed: what
    /// had it may be on a medium.
    pub fn next_export(&self) -> u64 {
        self.last_number.saturating_add(1)
    }
    /// Returns the next free number of a reviewer's findings (`F`), notes (`N`), remarks (`R`), questions (`Q`) or
    /// sweeps (`W`).
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

/// Returns the entries that were undone and not redone.
pub fn undone<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> HashSet<Uuid> {
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
            | Event::ExportBegun { .. }
            | Event::Searched { .. }
            | Event::PolicyChanged { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, RepoPath};

    fn entry(reviewer: &str, event: Event) -> Entry {
        Entry {
            id: Uuid::new_v4(),
            seq: 1,
            time: "2026-01-01T00:00:00Z".into(),
            reviewer: reviewer.into(),
            prev: Digest::ZERO,
            event,
        }
    }

    #[test]
    fn the_last_word_on_an_encoding_counts() {
        let blob = BlobId::new([1; 20]);
        let say = |reviewer: &str, name: Option<&str>| {
            let event = Event::EncodingSet {
                blob,
                path: RepoPath::new("a.c"),
                encoding: name.map(|n| Encoding::by_name(n).unwrap()),
            };
            entry(reviewer, event)
        };
        let in_force = |entries: &[Entry]| {
            let review = Review::fold(entries);
            review.encodings().get(&blob).map(|e| e.name())
        };
        let second = say("alice", Some("gb18030"));
        let mut bob = say("bob", Some("Big5"));
        bob.time = "2025-12-31T00:00:00Z".into();
        let mut entries = vec![say("alice", Some("GBK")), bob];
        assert_eq!(in_force(&entries), Some("GBK"), "bob was earlier");
        entries.push(second.clone());
        assert_eq!(in_force(&entries), Some("gb18030"));
        assert_eq!(undoable(&entries).map(|e| e.id), Some(second.id));
        entries.push(entry("alice", Event::Undone { entry: second.id }));
        assert_eq!(in_force(&entries), Some("GBK"));
        assert_eq!(redoable(&entries), Some(second.id));
        entries.push(entry("alice", Event::Redone { entry: second.id }));
        assert_eq!(in_force(&entries), Some("gb18030"));
        entries.push(say("alice", None));
        assert_eq!(in_force(&entries), None);
    }
}
