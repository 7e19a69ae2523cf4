//! The order of what several reviewers recorded.

use crate::model::Entry;
use std::collections::{BTreeMap, VecDeque};

/// Something that an entry of a ledger records.
pub struct Recorded<T> {
    /// Whose ledger.
    pub reviewer: String,
    /// What is recorded.
    pub value: T,
    /// A document may lack it: the clocks of two reviewers differed so that it came before what it speaks of.
    pub may_be_missing: bool,
}

/// Returns what is recorded in the order that a document states, if the ledgers can have led to that: it must hold
/// everything, and everything of one reviewer in the order of that reviewer's ledger. Returns the order of the times
/// otherwise.
///
/// The order between reviewers follows their entries' times, those of withheld entries among them. A receiver does not
/// know these, so the document's order is taken where it can be true.
pub fn in_stated_order<T: Clone + PartialEq>(
    recorded: &[Recorded<T>],
    stated: &[(String, T)],
) -> Vec<T> {
    match follow(recorded, stated) {
        Some(values) => values,
        None => recorded.iter().map(|r| r.value.clone()).collect(),
    }
}

fn follow<T: Clone + PartialEq>(
    recorded: &[Recorded<T>],
    stated: &[(String, T)],
) -> Option<Vec<T>> {
    let mut queues: BTreeMap<&str, VecDeque<&Recorded<T>>> = BTreeMap::new();
    for one in recorded {
        queues.entry(&one.reviewer).or_default().push_back(one);
    }
    for (reviewer, value) in stated {
        let queue = queues.get_mut(reviewer.as_str())?;
        loop {
            let next = queue.pop_front()?;
            if next.value == *value {
                break;
            }
            next.may_be_missing.then_some(())?;
        }
    }
    let mut left = queues.values().flatten();
    let is_whole = left.all(|one| one.may_be_missing);
    is_whole.then(|| stated.iter().map(|(_, value)| value.clone()).collect())
}

/// Returns whether an entry was recorded after another, as far as their ledgers tell.
pub fn comes_after(entry: &Entry, other: &Entry) -> bool {
    if entry.reviewer == other.reviewer {
        entry.seq > other.seq
    } else {
        entry.time > other.time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_order_that_the_ledgers_allow_is_followed() {
        // Two entries of a, two of b; the second of b may be missing.
        let recorded: Vec<Recorded<(char, u8)>> = [
            ('a', 1, false),
            ('b', 1, false),
            ('a', 2, false),
            ('b', 2, true),
        ]
        .map(|(who, n, may_be_missing)| Recorded {
            reviewer: who.to_string(),
            value: (who, n),
            may_be_missing,
        })
        .into();
        let stated = |list: &[(char, u8)]| -> Vec<(String, (char, u8))> {
            list.iter().map(|v| (v.0.to_string(), *v)).collect()
        };
        let by_time = [('a', 1), ('b', 1), ('a', 2), ('b', 2)];
        for (list, is_followed) in [
            (&[('b', 1), ('b', 2), ('a', 1), ('a', 2)][..], true),
            (&[('b', 1), ('a', 1), ('a', 2)], true),
            (&[('a', 2), ('a', 1), ('b', 1), ('b', 2)], false),
            (&[('a', 1), ('a', 2), ('b', 2)], false),
            (&[('a', 1), ('b', 1), ('b', 2)], false),
            (&[('a', 1), ('a', 1), ('b', 1), ('a', 2)], false),
            (&[('c', 1), ('a', 1), ('b', 1), ('a', 2)], false),
        ] {
            let order = in_stated_order(&recorded, &stated(list));
            let wanted = if is_followed { list } else { &by_time };
            assert_eq!(order, wanted, "{list:?}");
        }
    }
}
