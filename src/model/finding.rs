//! What a reviewer claims, remarks and asks.

use super::words::words;
use super::{
    ChosenName, CommitId, Location, Reference, TimeText, Vector, Weaknesses, outgoing_fields,
};
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
    /// How sure the reviewer is.
    Confidence {
        /// It looks like it.
        Suspected = "suspected",
        /// Read through, not tried.
        Likely = "likely",
        /// Shown to be so.
        Confirmed = "confirmed",
    }
}
words! {
    /// How soon it should be dealt with.
    Priority {
        /// Whenever there is time.
        Low = "low",
        /// In the ordinary course.
        Normal = "normal",
        /// Before the next release.
        High = "high",
        /// At once.
        Urgent = "urgent",
    }
}
words! {
    /// How hard it is to use the weakness; the words of weAudit.
    Difficulty {
        /// Not judged yet.
        Undetermined = "undetermined",
        /// There is nothing to use.
        NotApplicable = "not-applicable",
        /// Well-known ways.
        Low = "low",
        /// Some work or knowledge.
        Medium = "medium",
        /// Deep knowledge or luck.
        High = "high",
    }
}
words! {
    /// The field that a finding is from; the types of weAudit.
    Category {
        /// Who may do what.
        AccessControls = "access-controls",
        /// What is written down of what happens.
        Logging = "auditing-and-logging",
        /// Who somebody is.
        Authentication = "authentication",
        /// Settings.
        Configuration = "configuration",
        /// Ciphers, keys, randomness.
        Cryptography = "cryptography",
        /// What is let out.
        DataExposure = "data-exposure",
        /// What is let in.
        DataValidation = "data-validation",
        /// What stops working.
        DenialOfService = "denial-of-service",
        /// What is told of errors.
        ErrorReporting = "error-reporting",
        /// What is out of date.
        Patching = "patching",
        /// What lasts from one request to the next.
        SessionManagement = "session-management",
        /// What is not tested.
        Testing = "testing",
        /// Races and clocks.
        Timing = "timing",
        /// What the language leaves open.
        UndefinedBehavior = "undefined-behavior",
    }
}
words! {
    /// Who may read a finding: each may read what those behind it may.
    Audience {
        /// The agency that ordered the review, nobody else.
        Agency = "agency",
        /// The vendor too.
        Vendor = "vendor",
        /// Everybody.
        Public = "public",
    }
}
words! {
    /// What a note is.
    NoteKind {
        /// Private: it is in no bundle.
        Note = "note",
        /// A remark for the vendor, in every bundle.
        Remark = "remark",
        /// A question to the vendor.
        Question = "question",
    }
}

impl NoteKind {
    /// Returns the letter of its number: `N1`, `R1`, `Q1`.
    pub fn letter(self) -> char {
        match self {
            Self::Note => 'N',
            Self::Remark => 'R',
            Self::Question => 'Q',
        }
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
    /// The words, each of which stands without the code.
    #[serde(flatten)]
    pub words: FindingWords,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    #[serde(default = "suspected")]
    pub confidence: Confidence,
    /// How soon.
    #[serde(default = "normal")]
    pub priority: Priority,
    /// How hard to use.
    #[serde(default = "undetermined")]
    pub difficulty: Difficulty,
    /// The field it is from, if it was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// CWE numbers, in the order given.
    #[serde(default)]
    pub cwe: Vec<u32>,
    /// CVSS vectors, if scored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cvss: Vec<Vector>,
    /// Clauses it stands against.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// The places, in the reviewer's order; at least one.
    pub locations: Vec<Location>,
    /// The places are a trail: each leads to the next, from source to sink.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_trail: bool,
    /// Who may read it.
    #[serde(default = "vendor")]
    pub audience: Audience,
    /// Where it stands now.
    pub status: Status,
    /// How it came there, oldest first.
    #[serde(default)]
    pub history: Vec<StatusChange>,
}

fn suspected() -> Confidence {
    Confidence::Suspected
}
fn normal() -> Priority {
    Priority::Normal
}
fn undetermined() -> Difficulty {
    Difficulty::Undetermined
}
fn vendor() -> Audience {
    Audience::Vendor
}

/// The words of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingWords {
    /// What is claimed.
    #[serde(default)]
    pub statement: String,
    /// What follows from it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub consequence: String,
    /// How somebody else can confirm it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub confirm: String,
    /// How it could be used.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub exploit: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub recommendation: String,
}

impl FindingWords {
    /// Returns every text under its name, in the order in which they are read.
    pub fn each(&self) -> [(&'static str, &str); 5] {
        [
            ("statement", &self.statement),
            ("consequence", &self.consequence),
            ("how to confirm", &self.confirm),
            ("exploit", &self.exploit),
            ("recommendation", &self.recommendation),
        ]
    }
}

outgoing_fields!(Finding, item = |f| format!("{}/F{}", f.reviewer, f.number) => {
    id, number, reviewer as ChosenName, commit, kind, title, words, severity, confidence, priority, difficulty, category,
    cwe as Weaknesses, cvss, references: "reference", locations, is_trail, audience, status, history,
});
outgoing_fields!(FindingWords => {
    statement, consequence, confirm: "how to confirm", exploit, recommendation,
});
outgoing_fields!(StatusChange => { status, reviewer as ChosenName, time as TimeText, why: "reason" });
outgoing_fields!(Reply => { id, parent, reviewer as ChosenName, voice, text });
outgoing_fields!(Note, item = |n| format!("{}/{}{}", n.reviewer, n.kind.letter(), n.number) => {
    id, number, reviewer as ChosenName, commit, kind, text, location,
});

impl Finding {
    /// Returns every text that a person typed, with what it is, in the order in which documents show them. Reasons
    /// of the history are typed too; replies are records of their own.
    pub fn texts(&self) -> Vec<(&'static str, &str)> {
        let mut out = vec![("title", self.title.as_str())];
        out.extend(self.words.each());
        out.extend(self.locations.iter().map(|l| ("label", l.label.as_str())));
        out.extend(self.history.iter().map(|h| ("reason", h.why.as_str())));
        out.retain(|(_, text)| !text.is_empty());
        out
    }

    /// Returns whether a bundle for an audience holds it.
    pub fn is_for(&self, audience: Audience) -> bool {
        self.audience >= audience
    }
}

/// A second opinion on a finding, a remark or a question, or the vendor's answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Never changes and never repeats.
    pub id: Uuid,
    /// The finding or note it answers.
    pub parent: Uuid,
    /// Who wrote it down.
    pub reviewer: String,
    /// Whose words they are.
    pub voice: Voice,
    /// What it says.
    pub text: String,
}

words! {
    /// Whose words a reply holds.
    Voice {
        /// A reviewer's.
        Opinion = "opinion",
        /// The vendor's, as the reviewer wrote them down.
        Answer = "answer",
    }
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
    /// Short and stable: `N1`, `R1` or `Q1`, counted apart, of its reviewer.
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
