//! What the gate was asked and what it answered.

use super::{BlobId, CommitId, RepoPath, TagId};
use serde::{Deserialize, Serialize};

/// One text that a person typed, at one place of the rendered bundle.
///
/// The same title stands in several files; each rendering is a text of its own, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// The bundle's file in which it appears.
    pub file: String,
    /// The line of that file on which it starts, 1-based.
    pub line: u64,
    /// The text as typed, before any escaping.
    pub text: String,
    /// What it is, such as `alice/F1 title`.
    pub what: String,
}

/// The rules of the gate, by the names used on screen and in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A run of 32 or more letters and digits, or of fewer in a script without spaces, that also stands in a snapshot.
    #[serde(rename = "run-32")]
    Run32,
    /// A whole vendor line.
    Line,
    /// A shorter run of code: it stops until there is a reason.
    CodeRun,
    /// A token that nothing explains.
    Opaque,
    /// A character that hides something or is none, or a word that mixes scripts.
    Alphabet,
    /// A run or a line that was made to look like something else.
    Disguise,
}

impl Rule {
    /// Returns the word used on screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Run32 => "run-32",
            Self::Line => "line",
            Self::CodeRun => "code-run",
            Self::Opaque => "opaque",
            Self::Alphabet => "alphabet",
            Self::Disguise => "disguise",
        }
    }
}

/// A line of a file of the bundle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BundleLine {
    /// The file.
    pub file: String,
    /// The line, 1-based.
    pub line: u64,
}

/// A stretch of a field's text that repeats the vendor's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MarkedWords {
    /// The item, such as `alice/F1`; empty if the text belongs to none.
    pub finding: String,
    /// The field, such as `title`.
    pub field: String,
    /// Characters of the field's text before the stretch.
    pub from: u64,
    /// Characters up to its end.
    pub to: u64,
}

/// One passage because of which a bundle must not leave, with both places. A text that leaves in several files of the
/// bundle has one overlap for each passage, not one for each file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Overlap {
    /// The bundle's file.
    pub file: String,
    /// The line of that file on which the text starts.
    pub line: u64,
    /// Further places of the bundle at which the same text leaves.
    #[serde(default)]
    pub also: Vec<BundleLine>,
    /// The finding, remark, question or sweep, such as `alice/F1`; empty for what belongs to none.
    #[serde(default)]
    pub finding: String,
    /// The field that holds the text, such as `title`.
    #[serde(default)]
    pub field: String,
    /// The vendor's file; nothing for rules that compare with none, and for text that is no file.
    pub path: Option<RepoPath>,
    /// The commit that holds the file if the snapshot on screen does not, or whose message it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitId>,
    /// The blob, if no snapshot under review holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<BlobId>,
    /// The tag object whose message it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<TagId>,
    /// The line of the vendor's text, 1-based.
    pub at: Option<u64>,
    /// Letters and digits of a run, characters of a line, a code run or a token, 1 for a character.
    pub length: u64,
    /// Which rule.
    pub rule: Rule,
    /// The words of the field that are the vendor's, also those in the next fields if the passage goes on there. Empty
    /// for rules that judge a text as a whole.
    #[serde(default)]
    pub marks: Vec<MarkedWords>,
    /// Which text, such as `alice/F1 title`; for the screen, not part of the JSON record.
    #[serde(skip)]
    pub what: String,
}

/// One metered amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// The policy's key.
    pub name: String,
    /// What the bundle uses.
    pub used: u64,
    /// What the policy allows.
    pub limit: u64,
}

/// What the gate says of a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Every overlap, by file and line of the bundle.
    pub overlaps: Vec<Overlap>,
    /// Every metered amount.
    pub budgets: Vec<Budget>,
    /// Something may only leave with a reason, and none was given.
    pub needs_reason: bool,
    /// Whether anything forbids the bundle to leave.
    pub blocked: bool,
}

impl Verdict {
    /// Returns whether a reason is all that is missing.
    pub fn is_only_stopped(&self) -> bool {
        let stops = |o: &Overlap| o.rule == Rule::CodeRun;
        self.needs_reason
            && self.overlaps.iter().all(stops)
            && self.budgets.iter().all(|b| b.used <= b.limit)
    }
}
