//! Appending to the reviewer's ledger.

use super::JobError;
use super::export_log::ExportLog;
use crate::config::ReviewFolder;
use crate::ledger::{self, Access, Ledger, LedgerChain};
use crate::model::{ClockRemark, Entry, Event, Item, LedgerDigests, Review, clock_remarks};
use std::collections::BTreeSet;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// The reviewer's ledger opened for writing, if it can be, and everything in all ledgers.
pub struct Recorder {
    access: Access,
    reviewer: String,
    /// The reviewer's own entries.
    pub entries: Vec<Entry>,
    /// The colleagues' entries, one ledger after another.
    pub others: Vec<Entry>,
    /// What the reviewer should know about the ledger.
    pub notices: Vec<String>,
    /// What must not be overlooked.
    pub alarms: Vec<String>,
    review: Review,
}

impl Recorder {
    /// Opens the ledgers of a desk's review, and records the snapshot if it is new to the reviewer's own.
    pub fn open(desk: &super::Desk) -> Result<Self, JobError> {
        let (mut recorder, digests) = Self::open_chains(&desk.review.ledger(), &desk.reviewer)?;
        recorder.look_for_cuts(desk, &digests)?;
        let commit = desk.snapshot.commit();
        let known =
            |e: &Entry| matches!(&e.event, Event::SnapshotAdded { commit: c, .. } if *c == commit);
        if recorder.read_only().is_none() && !recorder.entries.iter().any(known) {
            let policy = desk.policy.policy.digest();
            recorder.record(Event::SnapshotAdded {
                commit,
                tree: desk.snapshot.tree(),
                policy,
            })?;
        }
        recorder.note_policy(desk)?;
        Ok(recorder)
    }

    /// Records the policy in force, if the reviewer's own ledger does not know it yet, and says what changed.
    fn note_policy(&mut self, desk: &super::Desk) -> Result<(), JobError> {
        let in_force = &desk.policy;
        let now = (in_force.machine, in_force.review, in_force.policy.digest());
        let known = self.entries.iter().rev().find_map(|e| match &e.event {
            Event::PolicyChanged {
                machine,
                review,
                policy,
            } => Some((*machine, *review, *policy)),
            _ => None,
        });
        if known == Some(now) {
            return Ok(());
        }
        if known.is_some() {
            self.alarms.push(
                "THE POLICY HAS CHANGED since this review was open last: :policy shows it".into(),
            );
        }
        if self.read_only().is_none() {
            let (machine, review, policy) = now;
            self.record(Event::PolicyChanged {
                machine,
                review,
                policy,
            })?;
        }
        Ok(())
    }

    /// Compares the ledgers with what has left with bundles of the review.
    fn look_for_cuts(
        &mut self,
        desk: &super::Desk,
        digests: &[LedgerDigests],
    ) -> Result<(), JobError> {
        let log = ExportLog::find(&desk.room, desk.review.name())?;
        let cut = match log.read(false) {
            Ok(left) => log.find_cut(&left, digests).map(|cut| cut.to_string()),
            // The review can be read and written all the same; an export is refused.
            Err(error) => Some(error.chain()),
        };
        self.alarms
            .extend(cut.map(|what| format!("THE LEDGER: {what}")));
        Ok(())
    }

    /// Opens the ledgers of a folder.
    pub fn open_folder(folder: &std::path::Path, reviewer: &str) -> Result<Self, JobError> {
        Self::open_chains(folder, reviewer).map(|(recorder, _)| recorder)
    }

    /// Opens the ledgers of a folder, with the digests of their lines.
    fn open_chains(
        folder: &std::path::Path,
        reviewer: &str,
    ) -> Result<(Self, Vec<LedgerDigests>), JobError> {
        let opened = Ledger::open(folder, reviewer)?;
        let mut notices = Vec::new();
        let mut alarms = Vec::new();
        if opened.torn.is_some() {
            notices.push(
                "the ledger's last line was torn and never acknowledged; it was cut".to_owned(),
            );
        }
        if opened.lost > 0 {
            alarms.push(format!(
                "THE LEDGER WAS CUT: {} acknowledged entries are gone from its end",
                opened.lost
            ));
        }
        let mut others = ledger::read_chains(folder)?;
        others.retain(|chain| chain.reviewer != reviewer);
        let mut digests: Vec<LedgerDigests> = others.iter().map(LedgerChain::digests).collect();
        digests.push(LedgerDigests::new(reviewer, &opened.entries, opened.newest));
        let others: Vec<Entry> = others.into_iter().flat_map(|chain| chain.entries).collect();
        let all = || others.iter().chain(&opened.entries);
        let behind: BTreeSet<String> = clock_remarks(all())
            .into_iter()
            .filter(ClockRemark::is_between_ledgers)
            .map(|remark| remark.reviewer)
            .collect();
        notices.extend(behind.into_iter().map(|name| {
            format!("the clock of {name} was behind: the order may differ; see ledger verify")
        }));
        let review = Review::fold(all());
        let recorder = Self {
            access: opened.access,
            reviewer: reviewer.to_owned(),
            entries: opened.entries,
            others,
            notices,
            alarms,
            review,
        };
        Ok((recorder, digests))
    }

    /// Returns the name of every reviewer who recorded something, and of the one who works here.
    pub fn reviewers(&self) -> impl Iterator<Item = &str> {
        let others = self.others.iter().map(|entry| entry.reviewer.as_str());
        std::iter::once(self.reviewer.as_str()).chain(others)
    }

    /// Reads the colleagues' ledgers again: they go on while this one is open, and a bundle holds all of them.
    pub fn read_colleagues(&mut self, folder: &std::path::Path) -> Result<(), JobError> {
        let mut chains = ledger::read_chains(folder)?;
        chains.retain(|chain| chain.reviewer != self.reviewer);
        let others: Vec<Entry> = chains.into_iter().flat_map(|chain| chain.entries).collect();
        // Ledgers only grow; a fold of many entries takes a while.
        if others.len() != self.others.len() {
            self.others = others;
            self.review = Review::fold(self.others.iter().chain(&self.entries));
        }
        Ok(())
    }

    /// Returns why nothing can be recorded, if so.
    pub fn read_only(&self) -> Option<String> {
        match &self.access {
            Access::Writer(ledger) if ledger.is_stopped() => {
                Some("it takes no more entries after a failed write; open the review again".into())
            }
            Access::Writer(_) => None,
            Access::ReadOnly { why } => Some(why.to_string()),
        }
    }

    /// Returns the state of the review.
    pub fn review(&self) -> &Review {
        &self.review
    }

    /// Appends what happened. A new item with a nil identity is given one, and its number; white space that carries
    /// nothing is made plain, since a ledger leaves byte for byte. Returns the entry once it is on disk.
    pub fn record(&mut self, event: Event) -> Result<Entry, JobError> {
        event.check_lengths()?;
        let event = self.numbered(event.tidied());
        let Access::Writer(ledger) = &mut self.access else {
            let why = self.read_only().unwrap_or_default();
            return Err(JobError::ReadOnly { why });
        };
        let entry = ledger.append(event, now())?;
        self.entries.push(entry.clone());
        if matches!(entry.event, Event::Undone { .. } | Event::Redone { .. }) {
            self.review = Review::fold(self.others.iter().chain(&self.entries));
        } else {
            self.review.push(&entry);
        }
        Ok(entry)
    }

    fn numbered(&self, event: Event) -> Event {
        let next = |letter| self.review.next_number(&self.reviewer, letter);
        match event {
            Event::FindingAdded { mut finding } if finding.id.is_nil() => {
                finding.id = Uuid::new_v4();
                finding.number = next('F');
                Event::FindingAdded { finding }
            }
            Event::NoteAdded { mut note } if note.id.is_nil() => {
                note.id = Uuid::new_v4();
                note.number = next(note.kind.letter());
                Event::NoteAdded { note }
            }
            Event::ReplyAdded { mut reply } if reply.id.is_nil() => {
                reply.id = Uuid::new_v4();
                Event::ReplyAdded { reply }
            }
            Event::SweepAdded { mut sweep } if sweep.id.is_nil() => {
                sweep.id = Uuid::new_v4();
                sweep.number = next('W');
                Event::SweepAdded { sweep }
            }
            other => other,
        }
    }

    /// Finds an item by UUID, by number (`F1`, `alice/F1`) or by a unique prefix of its UUID.
    pub fn find(&self, id: &str) -> Result<&Item, JobError> {
        let matches = |item: &&Item| {
            let label = item.label();
            let qualified = format!("{}/{label}", item.reviewer());
            let uuid = item.id().to_string();
            label.eq_ignore_ascii_case(id)
                || label.trim_start_matches(['F', 'N', 'Q', 'R']) == id
                || qualified.eq_ignore_ascii_case(id)
                || uuid == id
                || (id.len() >= 4 && uuid.starts_with(id))
        };
        let all: Vec<&Item> = self.review.items().iter().filter(matches).collect();
        // The reviewer's own item wins over a colleague's of the same number, a finding over a note.
        let own: Vec<&Item> = all
            .iter()
            .copied()
            .filter(|i| i.reviewer() == self.reviewer)
            .collect();
        let pool = if own.is_empty() { all } else { own };
        let findings: Vec<&Item> = pool
            .iter()
            .copied()
            .filter(|i| matches!(i, Item::Finding(_)))
            .collect();
        match if findings.is_empty() { pool } else { findings }.as_slice() {
            [] => Err(JobError::NoItem { id: id.to_owned() }),
            [one] => Ok(one),
            many => {
                let names = many
                    .iter()
                    .map(|i| format!("{}/{}", i.reviewer(), i.label()));
                let candidates = names.collect::<Vec<_>>().join(", ");
                Err(JobError::AmbiguousItem {
                    id: id.to_owned(),
                    candidates,
                })
            }
        }
    }
}

/// Returns the state of a review, read without becoming its writer. The reviewer's own ledger is the last.
pub fn state(review: &ReviewFolder, reviewer: &str) -> Result<Review, JobError> {
    let (own, others): (Vec<_>, Vec<_>) = ledger::read_all(&review.ledger())?
        .into_iter()
        .partition(|(name, _)| name == reviewer);
    let entries: Vec<Entry> = others.into_iter().chain(own).flat_map(|(_, e)| e).collect();
    Ok(Review::fold(&entries))
}

/// Returns the time as the ledger writes it: RFC 3339 in UTC, whole seconds.
pub fn now() -> String {
    let now = OffsetDateTime::now_utc();
    let whole = now.replace_nanosecond(0).unwrap_or(now);
    whole
        .format(&Rfc3339)
        .unwrap_or_else(|_| "1970-01-01T00:00:00Z".to_owned())
}
