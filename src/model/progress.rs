//! How the review went on: lines read and judged by day and by reviewer, folded from the ledgers.

use super::review::undone;
use super::{BlobId, Entry, Event, Marks, Span};
use std::collections::{BTreeMap, HashMap};

/// Lines that came to be shown and marked within a day, or by a reviewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Lines shown for the first time.
    pub shown: u64,
    /// Lines marked reviewed, less those of which the mark was taken back.
    pub reviewed: i64,
    /// Findings, notes, remarks and questions written.
    pub items: u64,
}

/// How the review went on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// By day, `2026-11-25`, in UTC.
    pub days: BTreeMap<String, Pace>,
    /// By reviewer.
    pub reviewers: BTreeMap<String, Pace>,
}

/// More lines an hour than a reviewer can judge.
pub const FASTEST: u64 = 500;

impl Progress {
    /// Folds the entries of one or more ledgers. `counts` says whether a blob is of the snapshot: other lines are not
    /// counted.
    pub fn fold<'a>(
        entries: impl IntoIterator<Item = &'a Entry> + Clone,
        counts: &dyn Fn(&BlobId) -> bool,
    ) -> Self {
        let undone = undone(entries.clone());
        let mut out = Self::default();
        let (mut marks, mut shown): (Blobs, Blobs) = (HashMap::new(), HashMap::new());
        for entry in entries {
            if undone.contains(&entry.id) {
                continue;
            }
            let mut pace = Pace::default();
            match &entry.event {
                Event::Marked {
                    blob,
                    span,
                    reviewed,
                    ..
                } if counts(blob) => {
                    let marks = marks.entry(*blob).or_default();
                    pace.reviewed = changed(marks, |m| {
                        if *reviewed {
                            m.set(*span);
                        } else {
                            m.unset(*span);
                        }
                    });
                }
                Event::Shown { blob, spans, .. } if counts(blob) => {
                    let shown = shown.entry(*blob).or_default();
                    let more = changed(shown, |m| spans.iter().for_each(|s| m.set(*s)));
                    pace.shown = more.unsigned_abs();
                }
                Event::FindingAdded { .. } | Event::NoteAdded { .. } => pace.items = 1,
                _ => continue,
            }
            let day = entry.time.get(..10).unwrap_or("").to_owned();
            out.days.entry(day).or_default().add(pace);
            let reviewer = out.reviewers.entry(entry.reviewer.clone());
            reviewer.or_default().add(pace);
        }
        out
    }
}

type Blobs = HashMap<BlobId, Marks>;

fn changed(marks: &mut Marks, change: impl FnOnce(&mut Marks)) -> i64 {
    let before = marks.lines() as i64;
    change(marks);
    marks.lines() as i64 - before
}

impl Pace {
    fn add(&mut self, other: Self) {
        self.shown += other.shown;
        self.reviewed += other.reviewed;
        self.items += other.items;
    }
}

/// Returns the lines marked reviewed within the hour up to the newest of the entries, which are one reviewer's. An
/// entry from before the hour ends it; where a clock went back, sooner than it should.
pub fn marked_within_the_hour(entries: &[Entry]) -> u64 {
    let Some(now) = entries.last().and_then(|e| seconds(&e.time)) else {
        return 0;
    };
    let is_recent = |time: u64| now.saturating_sub(time) < 3600;
    let recent = entries
        .iter()
        .rev()
        .take_while(|e| seconds(&e.time).is_none_or(is_recent));
    let lines = |span: &Span| u64::from(span.lines());
    recent
        .filter_map(|e| match &e.event {
            Event::Marked { span, reviewed, .. } if *reviewed => Some(lines(span)),
            _ => None,
        })
        .sum()
}

/// Reads the ledger's time, `2026-11-25T10:20:30Z`, as seconds of an even calendar: good for differences within a day
/// and never less than them beyond.
fn seconds(time: &str) -> Option<u64> {
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<u64>().ok();
    let days = (number(0, 4)? * 12 + number(5, 7)?) * 31 + number(8, 10)?;
    Some(((days * 24 + number(11, 13)?) * 60 + number(14, 16)?) * 60 + number(17, 19)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, RepoPath};
    use uuid::Uuid;

    fn entry(n: u128, reviewer: &str, time: &str, event: Event) -> Entry {
        Entry {
            id: Uuid::from_u128(n),
            seq: n as u64,
            time: time.into(),
            reviewer: reviewer.into(),
            prev: Digest::ZERO,
            event,
        }
    }

    fn marked(blob: u8, from: u32, to: u32, reviewed: bool) -> Event {
        Event::Marked {
            blob: BlobId::new([blob; 20]),
            path: RepoPath::new("a"),
            span: Span::between(from, to),
            reviewed,
        }
    }

    #[test]
    fn lines_count_once_and_on_their_day() {
        let undo = Event::Undone {
            entry: Uuid::from_u128(3),
        };
        let entries = [
            entry(1, "alice", "2026-11-24T10:00:00Z", marked(1, 1, 10, true)),
            entry(2, "bob", "2026-11-25T10:00:00Z", marked(1, 5, 14, true)),
            entry(3, "bob", "2026-11-25T10:01:00Z", marked(1, 20, 29, true)),
            entry(4, "bob", "2026-11-25T10:02:00Z", marked(1, 1, 2, false)),
            entry(5, "bob", "2026-11-25T10:03:00Z", marked(9, 1, 100, true)),
            entry(6, "bob", "2026-11-25T10:04:00Z", undo),
        ];
        let progress = Progress::fold(&entries, &|blob| *blob == BlobId::new([1; 20]));
        let of = |pace: &Pace| pace.reviewed;
        let days: Vec<_> = progress.days.values().map(of).collect();
        assert_eq!(days, [10, 2]);
        assert_eq!(progress.reviewers["alice"].reviewed, 10);
        assert_eq!(progress.reviewers["bob"].reviewed, 2);
    }

    #[test]
    fn the_hour_ends_with_the_newest_entry() {
        let entries = [
            entry(1, "a", "2026-11-25T08:59:00Z", marked(1, 1, 1000, true)),
            entry(2, "a", "2026-11-25T09:30:00Z", marked(1, 1, 300, true)),
            entry(3, "a", "2026-11-25T08:00:00Z", marked(1, 1, 100, true)),
            entry(4, "a", "2026-11-25T10:00:00Z", marked(1, 1, 200, true)),
        ];
        assert_eq!(marked_within_the_hour(&entries[..2]), 1300);
        assert_eq!(marked_within_the_hour(&entries), 200);
        assert_eq!(marked_within_the_hour(&[]), 0);
    }
}
