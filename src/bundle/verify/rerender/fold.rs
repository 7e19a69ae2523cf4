//! The review that the ledgers of a bundle record, as far as the bundle shows it.

use super::closed::is_reviewer;
use super::facts::BundleFacts;
use super::ledgers::BundleLedger;
use super::order::{Recorded, comes_after, in_stated_order};
use crate::bundle::render::label;
use crate::bundle::schema::{
    FindingRecord, LocationRecord, NoteRecord, SweepRecord, VerdictRecord,
};
use crate::model::{
    Anchor, Audience, BlobId, CommitId, Entry, Event, Finding, Item, Judgement, Location, Note,
    NoteKind, PathDetail, Reply, RepoPath, Review, ReviewParts, Ruling, Span, Status, StatusChange,
    Sweep, SweepHit, SweepState, TreeId, in_time, undone,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// An item, and the entry that holds it; none where the policy withholds that.
type Source<'a, T> = (T, Option<&'a Entry>);

/// Folds the ledgers. Whatever cannot be is folded as well as it can: then the documents differ, and are named.
pub fn restore_review(facts: &BundleFacts, ledgers: &[BundleLedger]) -> Review {
    let all = || ledgers.iter().flat_map(BundleLedger::entries);
    let undone = undone(all());
    let mut entries = in_time(all());
    entries.retain(|entry| !undone.contains(&entry.id));
    let fold = Fold { facts, entries };
    let findings = fold.findings();
    let notes = fold.notes();
    let replies = fold.replies(&findings, &notes);
    let mut items: Vec<Item> = Vec::new();
    items.extend(findings.into_iter().map(|(f, _)| Item::Finding(f)));
    items.extend(notes.into_iter().map(|(n, _)| Item::Note(n)));
    let sweeps = fold.sweeps(&mut items);
    let withheld = ledgers.iter().map(|l| l.record.withheld).sum();
    let searches = facts.statement.predicate.searches.unwrap_or_default();
    Review::from_parts(ReviewParts {
        snapshots: fold.snapshots(),
        items,
        replies,
        sweeps,
        // Each search is a withheld entry.
        searches: searches.min(withheld),
    })
}

struct Fold<'a> {
    facts: &'a BundleFacts,
    /// What counts, in the order of the times.
    entries: Vec<&'a Entry>,
}

impl<'a> Fold<'a> {
    fn hides_paths(&self) -> bool {
        self.facts.policy.paths != PathDetail::Full
    }

    fn findings(&self) -> Vec<Source<'a, Finding>> {
        let mut found: BTreeMap<Uuid, Source<'a, Finding>> = BTreeMap::new();
        if self.hides_paths() {
            let stated = self.facts.findings.findings.iter().filter_map(finding);
            found.extend(stated.map(|f| (f.id, (f, None))));
        }
        for entry in &self.entries {
            match &entry.event {
                Event::FindingAdded { finding } => {
                    found.insert(finding.id, (finding.clone(), Some(entry)));
                }
                Event::FindingChanged { finding } => {
                    // How it was filed does not matter any more, and is withheld.
                    let finding = Finding {
                        status: Status::Open,
                        history: Vec::new(),
                        ..finding.clone()
                    };
                    found.insert(finding.id, (finding, Some(entry)));
                }
                Event::FindingDeleted { finding } => {
                    let is_gone = found
                        .get(finding)
                        .is_some_and(|(f, source)| is_after(entry, *source, &f.reviewer));
                    if is_gone {
                        found.remove(finding);
                    }
                }
                _ => {}
            }
        }
        let mut changes: HashMap<Uuid, Vec<(&Entry, StatusChange)>> = HashMap::new();
        for entry in &self.entries {
            if let Event::StatusChanged {
                finding,
                status,
                why,
            } = &entry.event
            {
                let change = StatusChange {
                    status: *status,
                    reviewer: entry.reviewer.clone(),
                    time: entry.time.clone(),
                    why: why.clone(),
                };
                changes.entry(*finding).or_default().push((entry, change));
            }
        }
        let records = self.facts.findings.findings.iter();
        let stated: HashMap<Uuid, &FindingRecord> = records.map(|r| (r.id, r)).collect();
        let mut found: Vec<Source<'a, Finding>> = found.into_values().collect();
        for (finding, source) in &mut found {
            let recorded: Vec<Recorded<StatusChange>> = changes
                .remove(&finding.id)
                .unwrap_or_default()
                .into_iter()
                .map(|(entry, change)| Recorded {
                    reviewer: change.reviewer.clone(),
                    value: change,
                    may_be_missing: may_be_before(entry, *source, &finding.reviewer),
                })
                .collect();
            let stated = stated.get(&finding.id).map_or(&[][..], |r| &r.history);
            let stated = stated.strip_prefix(&finding.history[..]).unwrap_or(stated);
            let stated: Vec<_> = stated
                .iter()
                .map(|change| (change.reviewer.clone(), change.clone()))
                .collect();
            let history = in_stated_order(&recorded, &stated);
            if let Some(last) = history.last() {
                finding.status = last.status;
            }
            finding.history.extend(history);
        }
        found
    }

    fn notes(&self) -> Vec<Source<'a, Note>> {
        let mut found: BTreeMap<Uuid, Source<'a, Note>> = BTreeMap::new();
        if self.hides_paths() {
            let stated = self.facts.findings.notes.iter().filter_map(note);
            found.extend(stated.map(|n| (n.id, (n, None))));
        }
        for entry in &self.entries {
            match &entry.event {
                Event::NoteAdded { note } | Event::NoteChanged { note } => {
                    found.insert(note.id, (note.clone(), Some(entry)));
                }
                Event::NoteDeleted { note } => {
                    let is_gone = found
                        .get(note)
                        .is_some_and(|(n, source)| is_after(entry, *source, &n.reviewer));
                    if is_gone {
                        found.remove(note);
                    }
                }
                _ => {}
            }
        }
        found.into_values().collect()
    }

    fn replies(&self, findings: &[Source<'a, Finding>], notes: &[Source<'a, Note>]) -> Vec<Reply> {
        let mut added: Vec<(&Entry, &Reply)> = Vec::new();
        for entry in &self.entries {
            match &entry.event {
                Event::ReplyAdded { reply } => added.push((entry, reply)),
                Event::ReplyDeleted { reply } => {
                    added.retain(|(source, r)| r.id != *reply || !comes_after(entry, source));
                }
                _ => {}
            }
        }
        let mut of: HashMap<Uuid, Vec<Recorded<Reply>>> = HashMap::new();
        for (_, reply) in added {
            of.entry(reply.parent).or_default().push(Recorded {
                reviewer: reply.reviewer.clone(),
                value: reply.clone(),
                may_be_missing: false,
            });
        }
        let records = self.facts.findings.findings.iter();
        let stated = records.map(|r| (r.id, &r.replies));
        let notes_stated = self.facts.findings.notes.iter().map(|r| (r.id, &r.replies));
        let stated: HashMap<Uuid, _> = stated.chain(notes_stated).collect();
        let ids = findings.iter().map(|(f, _)| f.id);
        let ids = ids.chain(notes.iter().map(|(n, _)| n.id));
        let mut replies = Vec::new();
        for id in ids {
            let recorded = of.remove(&id).unwrap_or_default();
            let stated: Vec<(String, Reply)> = stated
                .get(&id)
                .map_or(&[][..], |replies| replies)
                .iter()
                .map(|r| {
                    let reply = Reply {
                        id: r.id,
                        parent: id,
                        reviewer: r.reviewer.clone(),
                        voice: r.voice,
                        text: r.text.clone(),
                    };
                    (r.reviewer.clone(), reply)
                })
                .collect();
            replies.extend(in_stated_order(&recorded, &stated));
        }
        replies
    }

    /// Returns the snapshots that the ledgers name, in the order of `bundle.json` if it has the same.
    fn snapshots(&self) -> Vec<(CommitId, TreeId)> {
        let mut known: Vec<(CommitId, TreeId)> = Vec::new();
        for entry in &self.entries {
            if let Event::SnapshotAdded { commit, tree, .. } = &entry.event
                && !known.contains(&(*commit, *tree))
            {
                known.push((*commit, *tree));
            }
        }
        let stated = &self.facts.statement.predicate.snapshots;
        let stated: Vec<_> = stated.iter().map(|s| (s.commit, s.tree)).collect();
        let is_same = stated.len() == known.len() && stated.iter().all(|s| known.contains(s));
        let reviewers: HashSet<&str> = self.entries.iter().map(|e| e.reviewer.as_str()).collect();
        if is_same && reviewers.len() > 1 {
            stated
        } else {
            known
        }
    }

    /// Returns the sweeps with their verdicts. A verdict may name a private note, of which a bundle holds no more than its
    /// number: that is added to the items.
    fn sweeps(&self, items: &mut Vec<Item>) -> Vec<SweepState> {
        let mut sweeps: Vec<(&Entry, &Sweep)> = Vec::new();
        for entry in &self.entries {
            match &entry.event {
                Event::SweepAdded { sweep } => sweeps.push((entry, sweep)),
                Event::SweepDeleted { sweep } => {
                    sweeps.retain(|(source, s)| s.id != *sweep || !comes_after(entry, source));
                }
                _ => {}
            }
        }
        let mut names = ItemNames::new(items);
        let stated = self.facts.sweeps.sweeps.iter();
        let stated: HashMap<Uuid, &SweepRecord> = stated.map(|s| (s.id, s)).collect();
        let states = sweeps
            .into_iter()
            .map(|(source, sweep)| {
                let stated = stated.get(&sweep.id).copied();
                if self.hides_paths() {
                    stated_sweep(sweep, stated, &mut names)
                } else {
                    self.judged_sweep((source, sweep), stated, &mut names)
                }
            })
            .collect();
        items.extend(names.private.into_iter().map(Item::Note));
        states
    }

    /// Returns a sweep with the verdicts that the ledgers record. Where several reviewers judged one hit, or a verdict on a
    /// finding of another audience is withheld, the document says which verdict counts, among those that there are.
    fn judged_sweep(
        &self,
        (source, sweep): (&Entry, &Sweep),
        stated: Option<&SweepRecord>,
        names: &mut ItemNames,
    ) -> SweepState {
        let mut last: BTreeMap<&SweepHit, Vec<Verdict<'_>>> = BTreeMap::new();
        for entry in &self.entries {
            let Event::Judged {
                sweep: id,
                hits,
                ruling,
                item,
            } = &entry.event
            else {
                continue;
            };
            if *id != sweep.id {
                continue;
            }
            for hit in hits {
                let verdicts = last.entry(hit).or_default();
                verdicts.retain(|v| v.reviewer != entry.reviewer);
                verdicts.push(Verdict {
                    reviewer: &entry.reviewer,
                    ruling: *ruling,
                    item: *item,
                    may_be_missing: may_be_before(entry, Some(source), &sweep.reviewer),
                });
            }
        }
        let of = |v: &VerdictRecord| {
            let path = v.path.clone().unwrap_or_default();
            let (blob, line) = (v.blob, v.line);
            (SweepHit { path, blob, line }, v.clone())
        };
        let listed = stated.iter().flat_map(|s| &s.verdicts);
        let listed: HashMap<SweepHit, VerdictRecord> = listed.map(of).collect();
        let is_whole = self.facts.audience == Audience::Agency;
        let mut verdicts = Vec::new();
        for (hit, candidates) in last {
            let said = listed.get(hit);
            let is_said = |v: &&Verdict<'_>| match said {
                Some(said) => Some(said.ruling) == v.ruling && said.reviewer == v.reviewer,
                None => v.ruling.is_none(),
            };
            let may_be_unsaid = !is_whole || candidates.iter().all(|v| v.may_be_missing);
            let verdict = match candidates.iter().find(is_said) {
                Some(verdict) => Some(verdict),
                None if said.is_none() && may_be_unsaid => None,
                None => candidates.last(),
            };
            let Some(verdict) = verdict else { continue };
            if let Some(ruling) = verdict.ruling {
                let said = said.and_then(|said| said.item.as_deref());
                let judgement = Judgement {
                    ruling,
                    item: verdict.item.inspect(|id| names.know(*id, said)),
                    reviewer: verdict.reviewer.to_owned(),
                };
                verdicts.push((hit.clone(), judgement));
            }
        }
        verdicts.sort();
        let visible = decided(&verdicts);
        // Those that are not listed were judged by withheld entries.
        let hidden = stated
            .map_or(0, |s| s.decided)
            .clamp(visible, visible.max(sweep.hits));
        let decided = if is_whole { visible } else { hidden };
        SweepState::from_list(sweep.clone(), verdicts, decided)
    }
}

/// What a reviewer judged a hit to be last.
struct Verdict<'a> {
    reviewer: &'a str,
    ruling: Option<Ruling>,
    item: Option<Uuid>,
    may_be_missing: bool,
}

fn decided(verdicts: &[(SweepHit, Judgement)]) -> u64 {
    let later = |(_, judgement): &&(SweepHit, Judgement)| judgement.ruling != Ruling::Later;
    verdicts.iter().filter(later).count() as u64
}

/// Returns a sweep with the verdicts that `sweeps.json` lists.
fn stated_sweep(sweep: &Sweep, stated: Option<&SweepRecord>, names: &mut ItemNames) -> SweepState {
    let listed = stated.map_or(&[][..], |s| &s.verdicts);
    let mut verdicts = Vec::new();
    for verdict in listed {
        let hit = SweepHit {
            path: verdict.path.clone().unwrap_or_default(),
            blob: verdict.blob,
            line: verdict.line,
        };
        let judgement = Judgement {
            ruling: verdict.ruling,
            item: verdict.item.as_deref().and_then(|name| names.find(name)),
            reviewer: verdict.reviewer.clone(),
        };
        verdicts.push((hit, judgement));
    }
    let visible = decided(&verdicts);
    let decided = stated
        .map_or(0, |s| s.decided)
        .clamp(visible, visible.max(sweep.hits));
    SweepState::from_list(sweep.clone(), verdicts, decided)
}

/// The names of items that verdicts speak of.
struct ItemNames {
    ids: HashMap<String, Uuid>,
    known: HashSet<Uuid>,
    /// Private notes that verdicts name.
    private: Vec<Note>,
}

impl ItemNames {
    fn new(items: &[Item]) -> Self {
        let name = |item: &Item| (format!("{}/{}", item.reviewer(), item.label()), item.id());
        Self {
            ids: items.iter().map(name).collect(),
            known: items.iter().map(Item::id).collect(),
            private: Vec::new(),
        }
    }

    /// Makes a private note known under its id, if it is one.
    fn know(&mut self, id: Uuid, name: Option<&str>) {
        if let Some(note) = name.and_then(|name| private_note(id, name))
            && self.known.insert(id)
        {
            self.private.push(note);
        }
    }

    fn find(&mut self, name: &str) -> Option<Uuid> {
        if let Some(id) = self.ids.get(name) {
            return Some(*id);
        }
        // An id of our own: the bundle has none for it.
        let id = Uuid::from_u128(u128::MAX - self.private.len() as u128);
        let note = private_note(id, name)?;
        self.private.push(note);
        self.ids.insert(name.to_owned(), id);
        Some(id)
    }
}

/// Returns the private note that a verdict names, such as `alice/N3`.
fn private_note(id: Uuid, name: &str) -> Option<Note> {
    let (reviewer, number) = name.rsplit_once("/N")?;
    let number = number.parse().ok()?;
    (is_reviewer(reviewer) && label(reviewer, 'N', number) == name).then_some(())?;
    let anchor = Anchor {
        blob: BlobId::new([0; 20]),
        path: RepoPath::default(),
        extent: Span::line(1).into(),
        symbol: None,
        ordinal: 0,
    };
    Some(Note {
        id,
        number,
        reviewer: reviewer.to_owned(),
        commit: CommitId::new([0; 20]),
        kind: NoteKind::Note,
        text: String::new(),
        location: Location::labelled(anchor, ""),
    })
}

/// Returns whether an entry takes back what another holds; where that is withheld, only its own reviewer's does for sure.
fn is_after(entry: &Entry, source: Option<&Entry>, reviewer: &str) -> bool {
    source.map_or(entry.reviewer == reviewer, |source| {
        comes_after(entry, source)
    })
}

/// Returns whether an entry may have come before what it speaks of, so that it said nothing: another reviewer's clock was
/// behind.
fn may_be_before(entry: &Entry, source: Option<&Entry>, reviewer: &str) -> bool {
    entry.reviewer != reviewer && source.is_none_or(|source| entry.time <= source.time)
}

/// Reads the number behind `alice/F`.
fn number(name: &str, reviewer: &str, letter: char) -> Option<u32> {
    let number = name.rsplit_once(letter)?.1.parse().ok()?;
    (label(reviewer, letter, number) == name).then_some(number)
}

fn finding(record: &FindingRecord) -> Option<Finding> {
    let locations = record.locations.iter().map(location);
    Some(Finding {
        id: record.id,
        number: number(&record.number, &record.reviewer, 'F')?,
        reviewer: record.reviewer.clone(),
        commit: record.commit,
        kind: record.kind,
        title: record.title.clone(),
        words: record.words.clone(),
        severity: record.severity,
        confidence: record.confidence,
        priority: record.priority,
        difficulty: record.difficulty,
        category: record.category,
        cwe: record.cwe.iter().map(|weakness| weakness.id).collect(),
        cvss: record
            .cvss
            .iter()
            .map(|score| score.vector.clone())
            .collect(),
        references: record.references.clone(),
        locations: locations.collect::<Option<_>>()?,
        is_trail: record.is_trail,
        audience: record.audience,
        status: Status::Open,
        history: Vec::new(),
    })
}

fn note(record: &NoteRecord) -> Option<Note> {
    Some(Note {
        id: record.id,
        number: number(&record.number, &record.reviewer, record.kind.letter())?,
        reviewer: record.reviewer.clone(),
        commit: record.commit,
        kind: record.kind,
        text: record.text.clone(),
        location: location(&record.location)?,
    })
}

fn location(record: &LocationRecord) -> Option<Location> {
    let anchor = Anchor {
        blob: record.blob,
        path: record.path.clone().unwrap_or_default(),
        extent: record.extent()?,
        symbol: record.symbol.clone(),
        ordinal: record.ordinal,
    };
    Some(Location {
        role: record.role,
        label: record.label.clone(),
        is_quoted: record.is_quoted,
        anchor,
    })
}
