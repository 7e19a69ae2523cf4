//! Drafts: what is being written and is not in the ledger yet, kept until it is saved or discarded.
//!
//! `drafts-REVIEWER.json` in the folder of the review is one JSON object, replaced whole:
//!
//! ```json
//! {"version": 1, "drafts": [
//!   {"number": 1, "form": "finding", "editing": null, "commit": "990e4bac…",
//!    "texts": [["Title", "Overrun"]], "words": [["Severity", "high"]], "locations": [[{…}, "sink: x"]]}
//! ]}
//! ```
//!
//! Before version 1 there was one draft at most, such an object without `number` and `commit` in `draft-REVIEWER.json`: it
//! is read as the first draft, and removed when the new file has it.

use crate::model::{CommitId, Location};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Version that is written, and the newest one that is read.
const VERSION: u32 = 1;

/// Text of a form that is not saved yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Tells the drafts of a reviewer apart; 0 until it is given.
    #[serde(default)]
    pub number: u64,
    /// `finding`, `note`, `reply` or `status`.
    pub form: String,
    /// The item that is being changed, answered or decided on, if it is no new one.
    pub editing: Option<Uuid>,
    /// The snapshot in which it was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitId>,
    /// What is typed, by the names of the fields.
    pub texts: Vec<(String, String)>,
    /// What is chosen, by the names of the fields.
    pub words: Vec<(String, String)>,
    /// The locations, with their labels as typed.
    pub locations: Vec<(Location, String)>,
}

/// Drafts as they are on disk.
#[derive(Serialize, Deserialize)]
struct StoredDrafts<D> {
    version: u32,
    drafts: D,
}

/// Writes drafts as a file holds them.
pub(super) fn write_drafts(drafts: &[Draft]) -> String {
    let stored = StoredDrafts {
        version: VERSION,
        drafts,
    };
    serde_json::to_string(&stored).expect("drafts are plain data")
}

/// Reads drafts from a file. Fails with what is wrong with it.
pub(super) fn read_drafts(text: &str) -> Result<Vec<Draft>, String> {
    let stored: StoredDrafts<serde_json::Value> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    if stored.version > VERSION {
        return Err(format!("it is of version {}", stored.version));
    }
    serde_json::from_value(stored.drafts).map_err(|error| error.to_string())
}

/// Reads the draft of a file that holds one.
pub(super) fn read_single_draft(text: &str) -> Result<Draft, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Puts an older draft before the others, unless it is one of them, and gives numbers to those that have none.
pub(super) fn join_drafts(old: Option<Draft>, mut drafts: Vec<Draft>) -> Vec<Draft> {
    if let Some(old) = old {
        let is_same = |draft: &Draft| {
            let number = draft.number;
            Draft {
                number,
                commit: draft.commit,
                ..old.clone()
            } == *draft
        };
        if !drafts.iter().any(is_same) {
            drafts.insert(0, old);
        }
    }
    let mut next = drafts.iter().map(|draft| draft.number).max().unwrap_or(0);
    let mut seen = std::collections::BTreeSet::new();
    for draft in &mut drafts {
        if draft.number == 0 || !seen.insert(draft.number) {
            next += 1;
            draft.number = next;
            seen.insert(next);
        }
    }
    drafts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(number: u64, title: &str) -> Draft {
        Draft {
            number,
            form: "finding".into(),
            texts: vec![("Title".into(), title.into())],
            ..Draft::default()
        }
    }

    #[test]
    fn drafts_are_read_as_they_were_written() {
        let drafts = vec![draft(1, "one"), draft(7, "two")];
        assert_eq!(read_drafts(&write_drafts(&drafts)), Ok(drafts));
        for wrong in ["", "{", "{\"version\":2,\"drafts\":[]}", "{\"version\":1}"] {
            assert!(read_drafts(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_draft_of_an_older_version_is_the_first_one() {
        let text = r#"{"form":"note","editing":null,"texts":[["Statement","x"]],"words":[],"locations":[]}"#;
        let old = read_single_draft(text).unwrap();
        assert_eq!((old.number, old.form.as_str()), (0, "note"));
        let joined = join_drafts(Some(old.clone()), vec![draft(1, "one"), draft(1, "two")]);
        let numbers: Vec<_> = joined.iter().map(|draft| draft.number).collect();
        assert_eq!((joined[0].form.as_str(), numbers), ("note", vec![2, 1, 3]));
        // It was copied to the new file, and the program ended before the old one was removed.
        assert_eq!(join_drafts(Some(old), joined.clone()), joined);
    }
}
