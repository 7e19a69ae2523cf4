//! The order of the entries of several ledgers.
//!
//! Each ledger has an order of its own, that of its lines. Between ledgers an entry comes after what it refers to: a
//! status after its finding, a reply after what it answers. What is left open is ordered by the entries' times, although a
//! reviewer's clock may be wrong. Where the clocks contradict the references, [`clock_remarks`] names them.

use super::{Entry, Event};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Entry whose time contradicts the order of the entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockRemark {
    /// The reviewer in whose ledger the entry is.
    pub reviewer: String,
    /// The number of the entry.
    pub seq: u64,
    /// Its time.
    pub time: String,
    /// The reviewer of the entry that comes before it.
    pub other: String,
    /// The time of that entry, which is later.
    pub later: String,
}

impl ClockRemark {
    /// Returns whether the entry before it is in another ledger.
    pub fn is_between_ledgers(&self) -> bool {
        self.reviewer != self.other
    }
}

impl std::fmt::Display for ClockRemark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (time, later, other) = (&self.time, &self.later, &self.other);
        if self.is_between_ledgers() {
            write!(
                f,
                "the clock was behind: it is of {time} and refers to what {other} recorded at {later}"
            )
        } else {
            write!(
                f,
                "the clock went backwards: it is of {time}, after an entry of {later}"
            )
        }
    }
}

/// The entries of one reviewer that are not merged yet.
struct Rest<'l, 'a> {
    entries: &'l [&'a Entry],
    /// Entries of other ledgers that come before the first of them: ledger, and how many of it must be merged.
    waits_for: Vec<(usize, usize)>,
}

/// Brings the entries of several ledgers, one after another, into one order: what was said last counts, whoever reads
/// it. The order of each ledger stays, even if its clock went backwards, and what an entry refers to comes before it, even
/// if the clock of its reviewer was behind.
pub fn in_time<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<&'a Entry> {
    let mut ledgers: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        ledgers
            .entry(entry.reviewer.as_str())
            .or_default()
            .push(entry);
    }
    if ledgers.len() == 1 {
        return ledgers.into_values().flatten().collect();
    }
    let ledgers: Vec<Vec<&Entry>> = ledgers.into_values().collect();
    let made = made_by(&ledgers);
    let mut merged = Vec::with_capacity(ledgers.iter().map(Vec::len).sum());
    let mut counts = vec![0; ledgers.len()];
    let mut rests: Vec<Rest<'_, 'a>> = ledgers
        .iter()
        .enumerate()
        .map(|(at, entries)| Rest {
            entries,
            waits_for: waits(entries, at, &made),
        })
        .collect();
    loop {
        // Of equal times the ledger that comes first by name: the order is the same for everybody.
        let heads = rests.iter().enumerate();
        let heads = heads.filter(|(_, rest)| !rest.entries.is_empty());
        let is_free = |rest: &Rest<'_, '_>| {
            let mut waits = rest.waits_for.iter();
            waits.all(|(ledger, count)| counts[*ledger] >= *count)
        };
        // Ledgers that refer to each other in a circle were not written by this program: their times must do.
        let first = heads.min_by(|(_, a), (_, b)| {
            let by_time = || a.entries[0].time.cmp(&b.entries[0].time);
            is_free(b).cmp(&is_free(a)).then_with(by_time)
        });
        let Some(at) = first.map(|(at, _)| at) else {
            return merged;
        };
        merged.push(rests[at].entries[0]);
        counts[at] += 1;
        let entries = &rests[at].entries[1..];
        rests[at] = Rest {
            entries,
            waits_for: waits(entries, at, &made),
        };
    }
}

/// Returns every entry whose time contradicts an entry before it: the newest one of its own ledger, or one of another
/// ledger that it refers to.
pub fn clock_remarks<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<ClockRemark> {
    let mut ledgers: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        ledgers
            .entry(entry.reviewer.as_str())
            .or_default()
            .push(entry);
    }
    let ledgers: Vec<Vec<&Entry>> = ledgers.into_values().collect();
    let made = made_by(&ledgers);
    let mut remarks = Vec::new();
    for (at, entries) in ledgers.iter().enumerate() {
        let mut newest: Option<&Entry> = None;
        for entry in entries {
            let others = waits_for(entry, at, &made).into_iter();
            let others = others.map(|(ledger, count)| ledgers[ledger][count - 1]);
            let before = newest.into_iter().chain(others);
            let later = before.filter(|other| other.time > entry.time);
            remarks.extend(later.map(|other| ClockRemark {
                reviewer: entry.reviewer.clone(),
                seq: entry.seq,
                time: entry.time.clone(),
                other: other.reviewer.clone(),
                later: other.time.clone(),
            }));
            if newest.is_none_or(|newest| entry.time >= newest.time) {
                newest = Some(entry);
            }
        }
    }
    remarks
}

/// Returns where each item, reply and sweep was recorded first: the ledger, and the number of entries up to there.
fn made_by(ledgers: &[Vec<&Entry>]) -> HashMap<Uuid, (usize, usize)> {
    let mut made = HashMap::new();
    for (ledger, entries) in ledgers.iter().enumerate() {
        for (at, entry) in entries.iter().enumerate() {
            let id = match &entry.event {
                Event::FindingAdded { finding } => finding.id,
                Event::NoteAdded { note } => note.id,
                Event::ReplyAdded { reply } => reply.id,
                Event::SweepAdded { sweep } => sweep.id,
                _ => continue,
            };
            made.entry(id).or_insert((ledger, at + 1));
        }
    }
    made
}

fn waits(
    entries: &[&Entry],
    ledger: usize,
    made: &HashMap<Uuid, (usize, usize)>,
) -> Vec<(usize, usize)> {
    let first = entries.first();
    first.map_or_else(Vec::new, |entry| waits_for(entry, ledger, made))
}

/// Returns the entries of other ledgers that an entry refers to.
fn waits_for(
    entry: &Entry,
    ledger: usize,
    made: &HashMap<Uuid, (usize, usize)>,
) -> Vec<(usize, usize)> {
    let (first, second) = match &entry.event {
        Event::FindingChanged { finding } => (finding.id, None),
        Event::FindingDeleted { finding } | Event::StatusChanged { finding, .. } => {
            (*finding, None)
        }
        Event::NoteChanged { note } => (note.id, None),
        Event::NoteDeleted { note } => (*note, None),
        Event::ReplyAdded { reply } => (reply.parent, None),
        Event::ReplyDeleted { reply } => (*reply, None),
        Event::SweepDeleted { sweep } => (*sweep, None),
        Event::Judged { sweep, item, .. } => (*sweep, *item),
        _ => return Vec::new(),
    };
    let ids = std::iter::once(first).chain(second);
    let found = ids.filter_map(|id| made.get(&id).copied());
    found.filter(|(other, _)| *other != ledger).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, Finding, Review, Status};

    fn entry(reviewer: &str, seq: u64, time: &str, event: Event) -> Entry {
        Entry {
            id: Uuid::new_v4(),
            seq,
            time: format!("2026-01-01T00:00:{time}Z"),
            reviewer: reviewer.into(),
            prev: Digest::ZERO,
            event,
        }
    }

    fn policy() -> Event {
        Event::PolicyChanged {
            policy: Digest::ZERO,
            machine: None,
            review: None,
        }
    }

    fn finding(id: u128) -> Finding {
        serde_json::from_value(serde_json::json!({
            "id": Uuid::from_u128(id), "number": 1, "reviewer": "alice", "commit": "01".repeat(20),
            "kind": "vulnerability", "title": "x", "severity": "high", "confidence": "likely",
            "priority": "normal", "difficulty": "low", "cwe": [], "cvss": [], "references": [],
            "statement": "", "consequence": "", "confirm": "", "exploit": "", "recommendation": "",
            "category": null, "is_trail": false, "audience": "vendor", "status": "open", "history": [],
            "locations": [{
                "role": null, "label": "", "is_quoted": false,
                "anchor": {"blob": "03".repeat(20), "path": "a.c", "span": {"start": 1, "end": 1},
                    "symbol": null, "ordinal": 0},
            }],
        }))
        .unwrap()
    }

    fn status(id: u128, status: Status) -> Event {
        Event::StatusChanged {
            finding: Uuid::from_u128(id),
            status,
            why: "w".into(),
        }
    }

    fn order(entries: Vec<&Entry>) -> Vec<String> {
        let word = |e: &Entry| format!("{}{}", &e.reviewer[..1], e.seq);
        entries.into_iter().map(word).collect()
    }

    #[test]
    fn several_ledgers_are_read_in_the_order_of_their_times() {
        let at = |reviewer: &str, seq, time: &str| entry(reviewer, seq, time, policy());
        let alice = [
            at("alice", 1, "01"),
            at("alice", 2, "04"),
            at("alice", 3, "02"),
        ];
        let bob = [at("bob", 1, "02"), at("bob", 2, "04")];
        // Alice's clock went backwards: her entries stay in their order all the same.
        let wanted = ["a1", "b1", "a2", "a3", "b2"];
        assert_eq!(order(in_time(alice.iter().chain(&bob))), wanted);
        assert_eq!(order(in_time(bob.iter().chain(&alice))), wanted);
        let remarks = clock_remarks(bob.iter().chain(&alice));
        assert_eq!(remarks.len(), 1);
        assert_eq!((remarks[0].reviewer.as_str(), remarks[0].seq), ("alice", 3));
        assert!(remarks[0].to_string().contains("went backwards"));
    }

    /// A colleague whose clock is behind decides on a finding: it comes after the finding, and counts.
    #[test]
    fn what_an_entry_refers_to_comes_before_it() {
        let alice = [
            entry("alice", 1, "30", policy()),
            entry(
                "alice",
                2,
                "31",
                Event::FindingAdded {
                    finding: finding(7),
                },
            ),
            entry("alice", 3, "40", policy()),
        ];
        let bob = [
            entry("bob", 1, "01", policy()),
            entry("bob", 2, "02", status(7, Status::Accepted)),
            entry("bob", 3, "03", policy()),
        ];
        let wanted = ["b1", "a1", "a2", "b2", "b3", "a3"];
        assert_eq!(order(in_time(alice.iter().chain(&bob))), wanted);
        assert_eq!(order(in_time(bob.iter().chain(&alice))), wanted);
        let all: Vec<Entry> = alice.iter().chain(&bob).cloned().collect();
        let review = Review::fold(&all);
        let found = review.findings().next().unwrap();
        assert_eq!((found.status, found.history.len()), (Status::Accepted, 1));
        let remarks = clock_remarks(&all);
        assert_eq!(remarks.len(), 1, "{remarks:?}");
        assert_eq!((remarks[0].reviewer.as_str(), remarks[0].seq), ("bob", 2));
        assert!(remarks[0].is_between_ledgers());
        // The control: what nothing refers to is ordered by its time, before the finding.
        let other = [
            bob[0].clone(),
            entry("bob", 2, "02", status(8, Status::Accepted)),
        ];
        assert_eq!(
            order(in_time(alice.iter().chain(&other))),
            ["b1", "b2", "a1", "a2", "a3"]
        );
        assert_eq!(clock_remarks(alice.iter().chain(&other)), []);
    }

    /// A chain over three ledgers, and two that wait for each other: every entry is there once.
    #[test]
    fn every_entry_is_merged_once_whatever_it_refers_to() {
        let alice = [
            entry("alice", 1, "10", status(9, Status::Accepted)),
            entry(
                "alice",
                2,
                "50",
                Event::FindingAdded {
                    finding: finding(7),
                },
            ),
        ];
        let bob = [
            entry("bob", 1, "05", status(7, Status::Resolved)),
            entry(
                "bob",
                2,
                "06",
                Event::FindingAdded {
                    finding: finding(9),
                },
            ),
        ];
        let carol = [entry("carol", 1, "01", status(9, Status::Resolved))];
        let merged = order(in_time(alice.iter().chain(&bob).chain(&carol)));
        assert_eq!(merged.len(), 5, "{merged:?}");
        let at = |name: &str| merged.iter().position(|m| m == name).unwrap();
        assert!(at("a1") < at("a2") && at("b1") < at("b2"), "{merged:?}");
        // Without the circle carol's entry comes last, although her clock is the earliest.
        let merged = order(in_time(alice[1..].iter().chain(&bob).chain(&carol)));
        assert_eq!(merged, ["a2", "b1", "b2", "c1"]);
    }
}
