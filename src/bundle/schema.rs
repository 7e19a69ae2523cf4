//! The schema of `findings.json`, `coverage.json`, `snapshot.json` and `bundle.json`.
//!
//! Every document names its schema and version in `schema`; a field is never given another meaning under
//! the same version. Unknown fields are refused when a bundle is read back. Lines are 1-based and inclusive.
//! A path is in the text form of [`RepoPath`]; it is missing where the policy lets only the blob id leave.

mod location;

pub use location::LocationRecord;

use crate::model::{
    Audience, BlobId, Category, CommitId, Confidence, CoverageDetail, Difficulty, Digest,
    FindingWords, FolderLines, Kind, NoteKind, PathDetail, Priority, Reference, RepoPath, Ruling,
    Score, Severity, Span, Status, StatusChange, TreeId, Vector, Voice,
};
use crate::model::{
    ChosenName, DigestText, ItemNumber, OutgoingField, RatingText, ScoreText, TextValue,
    TextVisitor, TimeText, TreePath, Weakness, WeaknessTitle, closed_fields, outgoing_fields,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// `schema` of `findings.json`.
pub const FINDINGS: &str = "glassroom-findings/1";
/// `schema` of `coverage.json`.
pub const COVERAGE: &str = "glassroom-coverage/1";
/// `schema` of `snapshot.json`.
pub const SNAPSHOT: &str = "glassroom-snapshot/1";
/// `schema` of `sweeps.json`.
pub const SWEEPS: &str = "glassroom-sweeps/1";
/// `_type` of `bundle.json`.
pub const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// `predicateType` of `bundle.json`.
pub const PREDICATE: &str = "urn:glassroom:findings-bundle:v1";

/// `rendering` of `bundle.json`: raised with every change of what the same entries are rendered to, so that a receiver
/// never compares a bundle with another form than its own.
pub const RENDERING: u32 = 2;

/// `findings.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    /// [`FINDINGS`].
    pub schema: String,
    /// The policy's label.
    pub label: String,
    /// The review's name.
    pub review: String,
    /// The snapshot under review.
    pub commit: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// How paths appear.
    pub paths: PathDetail,
    /// By reviewer and number.
    pub findings: Vec<FindingRecord>,
    /// Remarks, then questions, each by reviewer and number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<NoteRecord>,
}

/// A remark or a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteRecord {
    /// Its identity, the same in every bundle.
    pub id: Uuid,
    /// `alice/R1` or `alice/Q1`.
    pub number: String,
    /// Who wrote it.
    pub reviewer: String,
    /// The snapshot it was written in.
    pub commit: CommitId,
    /// Remark or question.
    pub kind: NoteKind,
    /// What it says.
    pub text: String,
    /// Its location.
    pub location: LocationRecord,
    /// Second opinions and the vendor's answers, oldest first.
    pub replies: Vec<ReplyRecord>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingRecord {
    /// Its identity, the same in every bundle.
    pub id: Uuid,
    /// `alice/F1`.
    pub number: String,
    /// Who claims it.
    pub reviewer: String,
    /// The snapshot it was found in.
    pub commit: CommitId,
    /// What kind of claim.
    pub kind: Kind,
    /// One line.
    pub title: String,
    /// The words: `statement`, `consequence`, `confirm`, `exploit`, `recommendation`; empty ones but the first are
    /// left out.
    pub words: FindingWords,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// How soon.
    pub priority: Priority,
    /// How hard to use.
    pub difficulty: Difficulty,
    /// The field it is from, if it was named.
    pub category: Option<Category>,
    /// Who may read it.
    pub audience: Audience,
    /// Where it stands.
    pub status: Status,
    /// Weaknesses.
    pub cwe: Vec<CweRecord>,
    /// Scores.
    pub cvss: Vec<ScoreRecord>,
    /// Clauses it stands against.
    pub references: Vec<Reference>,
    /// The places are a trail from source to sink.
    pub is_trail: bool,
    /// The places.
    pub locations: Vec<LocationRecord>,
    /// How the status came about, oldest first.
    pub history: Vec<StatusChange>,
    /// Second opinions and the vendor's answers, oldest first.
    pub replies: Vec<ReplyRecord>,
}

/// A score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreRecord {
    /// The CVSS vector.
    pub vector: Vector,
    /// Its overall score with one decimal, as text: that of every metric that the vector gives.
    pub score: String,
    /// The word for the overall score.
    pub rating: String,
    /// The score of the base metrics alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_score: Option<Score>,
    /// The word for the base score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_rating: Option<String>,
    /// The overall score as a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overall_score: Option<Score>,
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyRecord {
    /// Its identity.
    pub id: Uuid,
    /// Who wrote it down.
    pub reviewer: String,
    /// Whose words they are.
    pub voice: Voice,
    /// What it says.
    pub text: String,
}

/// A weakness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CweRecord {
    /// Its number.
    pub id: u32,
    /// Its title in version 4.14 of the list, if it is in it.
    pub title: Option<String>,
}

/// `coverage.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// [`COVERAGE`].
    pub schema: String,
    /// The policy's label.
    pub label: String,
    /// How finely coverage may leave.
    pub detail: CoverageDetail,
    /// What the lines are counted of: `text`, every line of every text file.
    pub denominator: String,
    /// All files together; missing if the detail is `none`.
    pub summary: Option<CoverageSummary>,
    /// By file or folder.
    pub rows: Vec<CoverageRow>,
    /// All text in each folder at the top, read or not, if the policy lets folders leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<FolderLines>,
}

/// All files together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverageSummary {
    /// Number of text files of the snapshot.
    pub files: u64,
    /// Their lines.
    pub lines: u64,
    /// Lines that were on screen.
    pub shown: u64,
    /// Lines marked reviewed.
    pub reviewed: u64,
}

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverageRow {
    /// File or folder, as far as the policy lets it leave; `.` is the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<RepoPath>,
    /// The content of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<BlobId>,
    /// Its lines.
    pub lines: u64,
    /// Lines that were on screen.
    pub shown: u64,
    /// Lines marked reviewed.
    pub reviewed: u64,
    /// The marked lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Span>,
}

/// `sweeps.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweeps {
    /// [`SWEEPS`].
    pub schema: String,
    /// The policy's label.
    pub label: String,
    /// In the order in which they were begun.
    pub sweeps: Vec<SweepRecord>,
}

/// A query of which every hit is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepRecord {
    /// Its identity.
    pub id: Uuid,
    /// `alice/W1`.
    pub number: String,
    /// Who began it.
    pub reviewer: String,
    /// What it is for.
    pub name: String,
    /// The query as typed.
    pub query: String,
    /// The snapshot it was run on.
    pub commit: CommitId,
    /// Number of its hits.
    pub hits: u64,
    /// SHA-256 over the lines `PATH:LINE` of all hits, in order of path, content and line.
    pub list: Digest,
    /// Hits with a verdict other than `later`.
    pub decided: u64,
    /// The verdicts, in order of path, content and line.
    pub verdicts: Vec<VerdictRecord>,
}

/// What one hit was judged to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictRecord {
    /// The path, as far as the policy lets it leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<RepoPath>,
    /// The content.
    pub blob: BlobId,
    /// The line; for a binary file the byte offset.
    pub line: u64,
    /// What it was judged to be.
    pub ruling: Ruling,
    /// Who judged last.
    pub reviewer: String,
    /// The finding or note that says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
}

/// `bundle.json`: a statement in the layout of in-toto.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// [`STATEMENT`].
    #[serde(rename = "_type")]
    pub kind: String,
    /// Commit and tree.
    pub subject: Vec<Subject>,
    /// [`PREDICATE`].
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// What is said of them.
    pub predicate: Predicate,
}

/// What a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// `commit` or `tree`.
    pub name: String,
    /// Its git object id.
    pub digest: GitDigest,
}

/// A git object id under in-toto's names for digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GitDigest {
    /// A commit.
    #[serde(rename = "gitCommit")]
    Commit(CommitId),
    /// A tree.
    #[serde(rename = "gitTree")]
    Tree(TreeId),
}

/// What the bundle says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predicate {
    /// The review's name.
    pub review: String,
    /// Who exported.
    pub reviewer: String,
    /// Counts the bundles of the review, from 1: a gap or a repetition is a replay.
    pub number: u64,
    /// SHA-256 of the `SHA256SUMS` of the bundle before.
    pub previous: Option<Digest>,
    /// Time of the newest entry.
    pub time: Option<String>,
    /// The policy's label.
    pub label: String,
    /// Why short runs of vendor code may leave, if the gate asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// SHA-256 of `policy.toml`: the policy in force.
    pub policy: Digest,
    /// SHA-256 of the machine's policy in the form of `policy.toml`, if it has one.
    pub policy_of_machine: Option<Digest>,
    /// SHA-256 of the review's own policy in the same form, if it has one.
    pub policy_of_review: Option<Digest>,
    /// The policy asks for a second person: without `SHA256SUMS.release.sig` the bundle is not valid.
    pub second_signer: bool,
    /// The program that made the bundle.
    pub program: ProgramRecord,
    /// How the program was confined, in its own words.
    pub confinement: String,
    /// Every snapshot of the review.
    pub snapshots: Vec<SnapshotRecord>,
    /// Every ledger.
    pub ledgers: Vec<LedgerRecord>,
    /// [`RENDERING`]; missing in bundles of programs that could not render a bundle's documents again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rendering: Option<u32>,
    /// Who the bundle is for; there if `rendering` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// Number of searches that ran to their end, whose entries are withheld; there if `rendering` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub searches: Option<u64>,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramRecord {
    /// `glassroom`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its file, or an empty text if it could not be read.
    pub sha256: String,
}

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRecord {
    /// Its commit.
    pub commit: CommitId,
    /// Its tree.
    pub tree: TreeId,
}

/// A ledger in the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerRecord {
    /// The bundle's file.
    pub file: String,
    /// Whose.
    pub reviewer: String,
    /// Number of entries.
    pub entries: u64,
    /// How many of them are withheld.
    pub withheld: u64,
    /// Digest of the newest entry.
    pub head: Digest,
}

/// A text that this program takes from the constants of this module, and no other.
struct Constant<T>(T);

impl<T: TextValue> OutgoingField for Constant<T> {
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
        const KNOWN: [&str; 10] = [
            FINDINGS,
            COVERAGE,
            SNAPSHOT,
            SWEEPS,
            STATEMENT,
            PREDICATE,
            "text",
            "commit",
            "tree",
            "glassroom",
        ];
        if let Some(text) = self.0.value().filter(|text| !KNOWN.contains(text)) {
            visitor.visit_name(item, field, text);
        }
    }
}

closed_fields!(GitDigest);
outgoing_fields!(Findings, item = |_f| "policy" => {
    schema as Constant, label, review as ReviewName, commit, tree, paths, findings, notes,
});
outgoing_fields!(NoteRecord, item = |n| n.number => {
    id, number as ItemNumber, reviewer as ChosenName, commit, kind, text, location, replies,
});
outgoing_fields!(FindingRecord, item = |f| f.number => {
    id, number as ItemNumber, reviewer as ChosenName, commit, kind, title, words, severity, confidence, priority,
    difficulty, category, audience, status, cwe, cvss, references: "reference", is_trail, locations, history, replies,
});
outgoing_fields!(ScoreRecord => {
    vector, score as ScoreText, rating as RatingText, base_score, base_rating as RatingText, overall_score,
});
outgoing_fields!(ReplyRecord => { id, reviewer as ChosenName, voice, text: "reply" });
outgoing_fields!(CweRecord => { id as Weakness, title as WeaknessTitle });
// Its rows are those of the tree of the snapshot; which of them were read is all that a ledger adds.
outgoing_fields!(Coverage, item = |_c| "policy" => {
    schema as Constant, label, detail, denominator as Constant, summary, rows, folders,
});
outgoing_fields!(CoverageSummary => { files, lines, shown, reviewed });
outgoing_fields!(CoverageRow => { path as TreePath, blob as TreePath, lines, shown, reviewed, ranges });
outgoing_fields!(Sweeps, item = |_s| "policy" => { schema as Constant, label, sweeps });
outgoing_fields!(SweepRecord, item = |s| s.number => {
    id, number as ItemNumber, reviewer as ChosenName, name, query, commit, hits, list, decided, verdicts,
});
outgoing_fields!(VerdictRecord => {
    path, blob, line, ruling, reviewer as ChosenName, item as ItemNumber,
});
outgoing_fields!(Statement, item = |_s| "bundle" => {
    kind as Constant, subject, predicate_type as Constant, predicate,
});
outgoing_fields!(Subject => { name as Constant, digest });
outgoing_fields!(Predicate => {
    review as ReviewName, reviewer as ChosenName, number, previous, time as TimeText, label as PolicyLabel,
    reason as ExportReason, policy, policy_of_machine, policy_of_review, second_signer, program,
    confinement as ChosenName, snapshots, ledgers, rendering, audience, searches,
});
outgoing_fields!(ProgramRecord => { name as Constant, version as ChosenName, sha256 as DigestText: "digest" });
outgoing_fields!(SnapshotRecord => { commit, tree });
outgoing_fields!(LedgerRecord => {
    file as LedgerFile, reviewer as ChosenName, entries, withheld, head,
});

/// Declares wrappers of texts that are free, and named after another record than the one that holds them.
macro_rules! named_texts {
    ($($(#[$doc:meta])* $name:ident = $item:literal $field:literal;)+) => { $(
        $(#[$doc])*
        pub struct $name<T>(pub T);
        impl<T: TextValue> OutgoingField for $name<T> {
            fn visit_texts(&self, _: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
                if let Some(text) = self.0.value() {
                    visitor.visit_text($item, $field, text);
                }
            }
        }
    )+ };
}
named_texts! {
    /// The name of the review.
    ReviewName = "review" "name";
    /// The label of the policy.
    PolicyLabel = "policy" "label";
    /// Why short runs of code may leave.
    ExportReason = "export" "reason";
}

/// The name of a ledger's file: that of its reviewer, in lower case.
pub struct LedgerFile<T>(pub T);

impl<T: TextValue> OutgoingField for LedgerFile<T> {
    fn visit_texts(&self, item: &str, _: &'static str, visitor: &mut dyn TextVisitor) {
        let Some(file) = self.0.value() else { return };
        let name = file
            .strip_prefix("ledger-")
            .and_then(|rest| rest.strip_suffix(".jsonl"));
        visitor.visit_name(item, "ledger", name.unwrap_or(file));
    }
}
