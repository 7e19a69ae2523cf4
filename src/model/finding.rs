//! What a reviewer claims, remarks and asks.

use super::words::words;
use super::{CommitId, Location};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

words! {
    /// How bad, lowest first; `undetermined` stands apart at the end.
    Severity {
        /// Worth knowing.
        Informational = "informational",
        /// Low.
        Low = "low",
        /// Medium.
        Medium = "medium",
        /// High.
        High = "high",
        /// Critical.
        Critical = "critical",
        /// Not judged yet.
        Undetermined = "undetermined",
    }
}
words! {
    /// What a finding claims.
    Kind {
        /// A weakness that can be used.
        Vulnerability = "vulnerability",
        /// A sign of a hidden way in.
        BackdoorIndicator = "backdoor-indicator",
        /// A copied or outdated component.
        Component = "component",
        /// A lack of engineering quality.
        Quality = "quality",
        /// A check that was made and found nothing.
        Pass = "pass",
    }
}
words! {
    /// Where a finding stands.
    Status {
        /// Not decided.
        Open = "open",
        /// The claim was wrong.
        FalsePositive = "false-positive",
        /// The vendor or the customer lives with it.
        Accepted = "accepted",
        /// Mended.
        Resolved = "resolved",
    }
}
words! {
    /// What a note is.
    NoteKind {
        /// A remark; private to the review unless exported.
        Note = "note",
        /// A question to the vendor.
        Question = "question",
    }
}

/// A reviewer's claim about one or more places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Never changes and never repeats.
    pub id: Uuid,
    /// Short and stable: `F1`, `F2`, … of its reviewer.
    pub number: u32,
    /// Who claims it.
    pub reviewer: String,
    /// The snapshot it was found in.
    pub commit: CommitId,
    /// What kind of claim.
    pub kind: Kind,
    /// One line that stands without the code.
    pub title: String,
    /// What is claimed, in words that stand without the code.
    #[serde(default)]
    pub statement: String,
    /// How bad.
    pub severity: Severity,
    /// CWE numbers, in the order given.
    #[serde(default)]
    pub cwe: Vec<u32>,
    /// A CVSS vector, if scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cvss: Option<String>,
    /// The places, in the reviewer's order; at least one.
    pub locations: Vec<Location>,
    /// Where it stands now.
    pub status: Status,
    /// How it came there, oldest first.
    #[serde(default)]
    pub history: Vec<StatusChange>,
}

/// One change of a finding's status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChange {
    /// The new status.
    pub status: Status,
    /// Who decided.
    pub reviewer: String,
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// Why.
    pub why: String,
}

/// A remark or a question on one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Never changes and never repeats.
    pub id: Uuid,
    /// Short and stable: `N1` or `Q1`, counted apart, of its reviewer.
    pub number: u32,
    /// Who wrote it.
    pub reviewer: String,
    /// The snapshot it was written in.
    pub commit: CommitId,
    /// Remark or question.
    pub kind: NoteKind,
    /// What it says.
    pub text: String,
    /// The place.
    pub location: Location,
}
