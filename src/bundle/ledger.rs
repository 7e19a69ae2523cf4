//! A ledger as it leaves: byte for byte, except for entries that must stay.
//!
//! Withheld are: private notes; findings and questions that were changed, withdrawn or undone since (a text
//! that the gate once blocked would otherwise leave in its old entry); everything with a path unless paths
//! leave whole; marks and what was on screen unless the policy lets line ranges leave; findings that whom the bundle is
//! for may not read, with every verdict that speaks of them; for the public also notes and sweeps.

use super::render::{BundleInput, LedgerInput};
use super::schema::LedgerFile;
use super::typed::TypedTexts;
use crate::model::{
    Audience, CoverageDetail, DeliveredNames, Digest, Entry, Event, Item, LedgerForm, NoteKind,
    OddEntry, PathDetail, Policy, Reply, Review, Typed, Withheld, check_line,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Decides which entries stay in the room.
pub struct Withholding<'a> {
    policy: &'a Policy,
    audience: Audience,
    review: &'a Review,
    delivered: &'a DeliveredNames,
    undone: HashSet<Uuid>,
    /// For each finding and note, the entry that says how it is now.
    newest: HashMap<Uuid, Uuid>,
}

/// A ledger as it leaves.
pub struct Leaving {
    pub file: String,
    pub bytes: Vec<u8>,
    pub withheld: u64,
    pub entries: u64,
    pub head: Digest,
    pub typed: Vec<Typed>,
    /// The first entry that may not leave, because this program did not write it so.
    pub odd: Option<OddEntry>,
}

impl<'a> Withholding<'a> {
    pub fn new(input: &BundleInput<'a>) -> Self {
        let all = || input.ledgers.iter().flat_map(|l| l.entries);
        Self::of_entries(input, all)
    }

    /// The same for entries that need not be all: those that are missing were withheld.
    pub fn of_entries<'e, I: Iterator<Item = &'e Entry>>(
        input: &BundleInput<'a>,
        all: impl Fn() -> I,
    ) -> Self {
        let undone = crate::model::undone(all());
        let mut newest = HashMap::new();
        // In the order in which the review folds them: if several reviewers changed an item, the version that leaves
        // must be the one that the documents show.
        for entry in crate::model::in_time(all()) {
            if undone.contains(&entry.id) {
                continue;
            }
            match &entry.event {
                Event::FindingAdded { finding } | Event::FindingChanged { finding } => {
                    newest.insert(finding.id, entry.id);
                }
                Event::NoteAdded { note } | Event::NoteChanged { note } => {
                    newest.insert(note.id, entry.id);
                }
                _ => {}
            }
        }
        Self {
            policy: input.policy,
            audience: input.audience,
            review: input.review,
            delivered: input.delivered,
            undone,
            newest,
        }
    }

    /// Returns whether an entry must not leave.
    pub fn stays(&self, entry: &Entry) -> bool {
        let is_old = |item: Uuid| {
            self.newest.get(&item) != Some(&entry.id) || self.review.item(item).is_none()
        };
        let hides_paths = self.policy.paths != PathDetail::Full;
        let is_public = self.audience == Audience::Public;
        match &entry.event {
            Event::FindingAdded { finding } | Event::FindingChanged { finding } => {
                hides_paths || is_old(finding.id) || !finding.is_for(self.audience)
            }
            Event::NoteAdded { note } | Event::NoteChanged { note } => {
                hides_paths || is_old(note.id) || self.stays_private(note.id)
            }
            Event::StatusChanged { finding, .. } => {
                self.undone.contains(&entry.id) || self.stays_private(*finding)
            }
            Event::Marked { .. } | Event::MarkedWhole { .. } | Event::Shown { .. } => {
                hides_paths || self.policy.coverage != CoverageDetail::Range
            }
            // A reply leaves with what it answers.
            Event::ReplyAdded { reply } => {
                let is_there = |r: &Reply| r.id == reply.id;
                self.undone.contains(&entry.id)
                    || !self.review.replies(reply.parent).iter().any(is_there)
                    || self.stays_private(reply.parent)
            }
            // It names places of every audience's findings. What this bundle quotes stands in excerpts.txt.
            Event::ExportBegun { lines, .. } => {
                !lines.is_empty() && self.audience != Audience::Agency
            }
            // What the reviewer looked for leaves only as a sweep, in a document of its own.
            Event::Searched { .. } => true,
            Event::SweepAdded { sweep } => is_public || self.review.sweep(sweep.id).is_none(),
            Event::Judged { item, .. } => {
                let item = item.and_then(|item| self.review.item(item));
                let is_withheld =
                    matches!(item, Some(Item::Finding(f)) if !f.is_for(self.audience));
                hides_paths || is_public || is_withheld
            }
            Event::EncodingSet { .. } => hides_paths,
            Event::SnapshotAdded { .. }
            | Event::ReplyDeleted { .. }
            | Event::SweepDeleted { .. }
            | Event::PolicyChanged { .. }
            | Event::FindingDeleted { .. }
            | Event::NoteDeleted { .. }
            | Event::Undone { .. }
            | Event::Redone { .. }
            | Event::Exported { .. } => false,
        }
    }

    /// Returns whether an item is in no bundle.
    fn stays_private(&self, item: Uuid) -> bool {
        match self.review.item(item) {
            Some(Item::Note(note)) => {
                note.kind == NoteKind::Note || self.audience == Audience::Public
            }
            Some(Item::Finding(finding)) => !finding.is_for(self.audience),
            None => true,
        }
    }

    /// Returns the ledger as it leaves.
    pub fn apply(&self, ledger: &LedgerInput<'_>, file: String) -> Leaving {
        let mut leaving = Leaving {
            file,
            bytes: Vec::new(),
            withheld: 0,
            entries: 0,
            head: Digest::ZERO,
            typed: Vec::new(),
            odd: None,
        };
        let mut typed = TypedTexts::new(&leaving.file, self.delivered);
        // The file's own name leaves with it, even if every entry stays.
        typed.visit(&LedgerFile(&leaving.file));
        let mut form = LedgerForm::default();
        let lines = ledger.bytes.split_inclusive(|b| *b == b'\n');
        for (line, entry) in lines.zip(ledger.entries) {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            leaving.entries += 1;
            leaving.head = Digest::of(line);
            let mut is_right = form.follow(entry);
            let stays = self.stays(entry);
            if !stays {
                is_right = is_right.and_then(|()| check_line(line, entry));
            }
            if let Err(why) = is_right {
                leaving.odd.get_or_insert(OddEntry {
                    reviewer: ledger.reviewer.to_owned(),
                    line: leaving.entries,
                    why,
                });
            }
            if stays {
                let trace = Withheld {
                    seq: entry.seq,
                    prev: entry.prev,
                    sha256: leaving.head,
                };
                let trace = serde_json::to_vec(&trace).expect("numbers and digests are valid JSON");
                leaving.bytes.extend_from_slice(&trace);
                leaving.withheld += 1;
            } else {
                leaving.bytes.extend_from_slice(line);
                typed.set_line(leaving.entries);
                typed.visit(entry);
            }
            leaving.bytes.push(b'\n');
        }
        leaving.typed = typed.finish();
        leaving
    }
}

/// Returns the free texts of entries that leave in a ledger's file, each with its line there.
pub fn typed_texts<'e>(
    entries: impl Iterator<Item = (u64, &'e Entry)>,
    file: &str,
    delivered: &DeliveredNames,
) -> Vec<Typed> {
    let mut typed = TypedTexts::new(file, delivered);
    for (line, entry) in entries {
        typed.set_line(line);
        typed.visit(entry);
    }
    typed.finish()
}

/// Returns the name of a ledger's file, lower-case and not yet in `taken`, ignoring case: media may be FAT.
pub fn file_name<'t>(reviewer: &str, taken: impl Iterator<Item = &'t str>) -> String {
    let taken: HashSet<&str> = taken.collect();
    let name = reviewer.to_ascii_lowercase();
    let plain = format!("ledger-{name}.jsonl");
    let numbered = (2..=taken.len() + 2).map(|n| format!("ledger-{name}-{n}.jsonl"));
    let file = std::iter::once(plain)
        .chain(numbered)
        .find(|file| !taken.contains(file.as_str()));
    file.expect("there are more names than ledgers")
}
