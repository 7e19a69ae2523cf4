//! What the person reads who lets a bundle leave the room.
//!
//! A release officer is no programmer and must see no code. So this text holds nothing of the vendor's: no line, no
//! name, no path. It says what leaves, about what, what the gate compared and found, what was counted, and which
//! digest is to be compared. The same report gives the same text: no clock and no machine is asked.

use super::message::ExportReport;
use super::regate::GateReport;
use crate::bundle::{RenderedFrom, Verified};
use crate::model::{
    Audience, Budget, CommitId, Digest, Media, PathDetail, Policy, Rule, Severity, TreeId,
};
use crate::text::{grouped, quoted};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What a bundle is about, as far as its files alone do not say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The review's name.
    pub review: String,
    /// The commit under review.
    pub commit: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// Who exports.
    pub reviewer: String,
    /// Who it is for.
    pub audience: Audience,
    /// Counts the bundles of the review, from 1.
    pub number: u64,
    /// The digest of `SHA256SUMS`, which covers every other file.
    pub manifest: Digest,
    /// The findings in it by severity, the worst first; those of which there are none are left out.
    pub findings: Vec<(Severity, u64)>,
    /// Remarks to the vendor.
    pub remarks: u64,
    /// Questions to the vendor.
    pub questions: u64,
    /// What the gate compared.
    pub judged: Judged,
    /// Why what the gate only stops may leave; empty if nobody said.
    pub reason: String,
    /// The policy in force.
    pub policy: Policy,
    /// How the program is confined, in words.
    pub confinement: String,
}

/// How much the gate compared with how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Characters that a person typed, each text once.
    pub characters: u64,
    /// Places of the bundle where they stand.
    pub places: u64,
    /// What they were compared with.
    #[serde(flatten)]
    pub compared: Compared,
}

/// What the vendor delivered that typed texts were compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Repositories and bundles.
    pub deliveries: u64,
    /// Snapshots under review.
    pub snapshots: u64,
    /// Different files in the snapshots.
    pub files: u64,
    /// Other texts of the deliveries: versions of files in other commits, blobs that no commit names, messages.
    pub others: u64,
    /// Bytes that were read for it.
    pub bytes: u64,
    /// Objects that were not compared because nobody can read them here: damaged, or larger than any file that is shown.
    pub unread: u64,
}

/// A part of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// Its lines, none longer than 76 characters unless a name or a reason is.
    pub lines: Vec<String>,
}

/// Returns the text for the officer.
pub fn view(report: &ExportReport) -> Vec<Section> {
    let section = |title, lines| Section { title, lines };
    vec![
        section("Decision", decision(report)),
        section("About what", subject(&report.about)),
        section("What leaves", files(report)),
        section("What is written in it", content(&report.about)),
        section("What the gate compared and found", gate(report)),
        section("What was counted", counts(report)),
        section("Checked again", to_be_checked(&report.about.policy)),
        section("Signatures", signatures(report)),
        section("What to compare", digest(report)),
        section("The program", program(&report.about)),
    ]
}

/// Returns the command with which a second person releases a bundle.
pub fn release(folder: &str) -> String {
    format!("glassroom release {} --key KEY", quoted(Path::new(folder)))
}

/// Returns the same for a policy that may ask for the gate.
pub fn release_for(policy: &Policy, folder: &str) -> String {
    let more = if policy.gate_at_release {
        " --snapshot SNAPSHOT"
    } else {
        ""
    };
    format!("{}{more}", release(folder))
}

/// Says that a bundle was not yet checked on its medium, and what does that.
fn to_be_checked(policy: &Policy) -> Vec<String> {
    let mut lines = vec![
        "Not yet. On the medium, `glassroom release --snapshot SNAPSHOT` renders the".to_owned(),
        "documents again from the ledgers and runs the gate again over every file.".to_owned(),
    ];
    if policy.gate_at_release {
        lines.push("The policy asks for that: without it the bundle is not valid.".to_owned());
    }
    lines
}

/// Says whether the documents of a bundle on its medium were rendered again, and whether the gate was run again.
pub fn checked_again(found: &Verified, gate: Option<&GateReport>) -> Section {
    let mut lines = match found.rendered {
        RenderedFrom::Ledgers => {
            vec!["The documents were rendered again from the ledgers and are the same.".to_owned()]
        }
        RenderedFrom::Findings => vec![
            "The policy withholds the entries of findings. The documents were rendered".to_owned(),
            "again from findings.json, sweeps.json and the ledgers and are the same.".to_owned(),
        ],
        RenderedFrom::None => vec![
            "The documents were NOT rendered again: an older program made the bundle.".to_owned(),
        ],
    };
    let Some(gate) = gate else {
        lines.push("The gate was NOT run again: add --snapshot SNAPSHOT.".to_owned());
        return Section {
            title: "Checked again",
            lines,
        };
    };
    let compared = &gate.compared;
    lines.push(format!(
        "The gate was run again: {} of the bundle",
        counted(compared.characters, "character", "characters")
    ));
    lines.push(format!(
        "were compared with {}, {}, {} bytes.",
        counted(compared.snapshots, "snapshot", "snapshots"),
        counted(compared.texts, "different text", "different texts"),
        grouped(compared.bytes)
    ));
    lines.push(if compared.history {
        "That is everything that was delivered.".to_owned()
    } else {
        "Older versions and messages were NOT compared: add --history.".to_owned()
    });
    if compared.unread > 0 {
        lines.push(format!(
            "{} of the delivery can be read by nobody here.",
            counted(compared.unread, "further file", "further files")
        ));
    }
    let objections = gate.problems.len() as u64;
    if objections > 0 {
        let of = counted(objections, "objection", "objections");
        lines.push(format!("It has {of}: the bundle must not leave."));
    } else if gate.verdict.overlaps.is_empty() {
        lines.push("Nothing in it is copied from the vendor's text.".to_owned());
    } else {
        let places = counted(gate.verdict.overlaps.len() as u64, "place", "places");
        lines.push(format!(
            "It stopped at {places}, for which the reviewer's reason is signed."
        ));
    }
    Section {
        title: "Checked again",
        lines,
    }
}

fn decision(report: &ExportReport) -> Vec<String> {
    let verdict = &report.verdict;
    let is_over = |b: &&Budget| b.used > b.limit;
    let over = verdict.budgets.iter().filter(is_over).count();
    let copied = copies(report);
    if let Some(to) = &report.written {
        return vec![format!(
            "WRITTEN, read back and found right: {to}. It is safe to remove."
        )];
    }
    if verdict.is_only_stopped() {
        return vec!["STOPPED: it must not leave before the reviewer says why (see below).".into()];
    }
    if !verdict.blocked {
        return vec!["It may leave. Nothing is written yet.".into()];
    }
    let mut lines = vec!["BLOCKED: it must not leave. Nothing is written.".to_owned()];
    if copied > 0 {
        lines.push(format!(
            "The gate objects to {}.",
            counted(copied, "passage", "passages")
        ));
    }
    if over > 0 {
        lines.push(format!(
            "More than the policy allows: {}.",
            counted(over as u64, "amount", "amounts")
        ));
    }
    lines
}

/// Counts the passages that no reason can answer, however many files hold each.
fn copies(report: &ExportReport) -> u64 {
    let blocks = report.overlaps().iter().filter(|o| o.rule != Rule::CodeRun);
    blocks.count() as u64
}

fn subject(about: &About) -> Vec<String> {
    let mut lines = vec![
        format!("review      {}", about.review),
        format!("commit      {}", about.commit),
        format!("tree        {}", about.tree),
        format!("reviewer    {}", about.reviewer),
        format!("for         {}", reader(about.audience)),
        format!("number      {} of this review", about.number),
    ];
    if !about.policy.label.is_empty() {
        lines.push(format!("label       {}", about.policy.label));
    }
    lines
}

/// Says who may read a bundle for an audience.
fn reader(audience: Audience) -> &'static str {
    match audience {
        Audience::Agency => "the agency: all findings, also those that the vendor may not see",
        Audience::Vendor => "the vendor: no finding that is for the agency alone",
        Audience::Public => "everybody: only the findings that are for the public",
    }
}

fn files(report: &ExportReport) -> Vec<String> {
    let files = &report.files;
    let bytes = files.iter().map(|f| f.bytes).sum();
    let mut lines = vec![format!(
        "{}, {} bytes of plain text; the signature is added last.",
        counted(files.len() as u64, "file", "files"),
        grouped(bytes)
    )];
    for file in files {
        lines.push(format!(
            "{:<22} {:>9}  {}",
            file.name,
            grouped(file.bytes),
            purpose(&file.name, quotes(report))
        ));
        lines.push(format!("  SHA-256 {}", file.sha256));
    }
    lines
}

/// Returns whether lines of the vendor's are quoted.
fn quotes(report: &ExportReport) -> bool {
    let is_quoted = |b: &Budget| b.name.starts_with("excerpt_lines") && b.used > 0;
    report.verdict.budgets.iter().any(is_quoted)
}

/// Says what a file of a bundle is for.
fn purpose(name: &str, has_quotes: bool) -> &'static str {
    match name {
        "README.txt" => "how to check the signature and the files",
        "SHA256SUMS" => "the list of the files with their digests",
        "SHA256SUMS.sig" => "the reviewer's signature over that list",
        "bundle.json" => "who reviewed what, with which program",
        "coverage.json" => "how much was read: numbers",
        "excerpts.txt" if has_quotes => "lines of code that the policy lets out",
        "excerpts.txt" => "says that no line of code is quoted",
        "findings.json" => "the findings, for a program",
        "findings.sarif" => "the findings, in a standard format",
        "policy.toml" => "the rules of the room",
        "questions.md" => "the questions to the vendor",
        "report.html" => "the report, to be read in a browser",
        "report.md" => "the report, to be read as text",
        "snapshot.json" => "what the vendor delivered: counts, remarks",
        "sweeps.json" => "searches of which every hit was judged",
        name if name.starts_with("ledger-") => "the record of who did what and when",
        _ => "a further file",
    }
}

fn content(about: &About) -> Vec<String> {
    let total = about.findings.iter().map(|(_, n)| n).sum();
    let by: Vec<String> = about
        .findings
        .iter()
        .map(|(severity, n)| format!("{n} {}", severity.word()))
        .collect();
    let by = if by.is_empty() {
        String::new()
    } else {
        format!(": {}", by.join(", "))
    };
    let paths = match about.policy.paths {
        PathDetail::Full => "Names of the vendor's files stand in it in full.",
        PathDetail::LastTwo => "Of names of the vendor's files the last two parts stand in it.",
        PathDetail::BlobId => "No name of a vendor's file stands in it, only numbers for them.",
    };
    vec![
        format!("{}{by}", counted(total, "finding", "findings")),
        format!(
            "{} to the vendor, {} to the vendor",
            counted(about.remarks, "remark", "remarks"),
            counted(about.questions, "question", "questions")
        ),
        "Private notes stay here: none of them is in the files.".into(),
        paths.into(),
    ]
}

fn gate(report: &ExportReport) -> Vec<String> {
    let about = &report.about;
    let judged = &about.judged;
    let compared = &judged.compared;
    let mut lines = vec![
        format!(
            "{} that a person typed, at {} of the files,",
            counted(judged.characters, "character", "characters"),
            counted(judged.places, "place", "places")
        ),
        format!(
            "were compared with all that was delivered: {}.",
            counted(compared.deliveries, "delivery", "deliveries")
        ),
        format!(
            "{} in {},",
            counted(compared.files, "different file", "different files"),
            counted(compared.snapshots, "snapshot", "snapshots")
        ),
        format!(
            "{} beside them (older versions, messages),",
            counted(compared.others, "text", "texts")
        ),
        format!(
            "{} bytes, what repeats counted once.",
            grouped(compared.bytes)
        ),
    ];
    if compared.unread > 0 {
        let objects = counted(compared.unread, "object", "objects");
        lines.push(format!(
            "{objects} of the delivery could not be compared: damaged, or larger"
        ));
        lines.push("than any file that this program shows under any setting.".into());
    }
    for rule in [
        Rule::Run32,
        Rule::Line,
        Rule::Disguise,
        Rule::Opaque,
        Rule::Alphabet,
        Rule::CodeRun,
    ] {
        let found = report.overlaps().iter().filter(|o| o.rule == rule).count();
        if found > 0 {
            let effect = if rule == Rule::CodeRun {
                "stops"
            } else {
                "blocks"
            };
            let passages = counted(found as u64, "passage", "passages");
            lines.push(format!("It {effect} at {passages}:"));
            lines.push(format!("  {}", plainly(rule)));
        }
    }
    if report.overlaps().is_empty() {
        lines.push("Nothing in it is copied from the vendor's text.".into());
    } else if about.reason.is_empty() {
        lines.push("The reviewer has given no reason.".into());
    } else if report.verdict.blocked {
        lines.push(format!(
            "The reviewer's reason, which is not enough: {}",
            about.reason
        ));
    } else {
        lines.push(format!(
            "The reviewer's reason, which is signed with it: {}",
            about.reason
        ));
    }
    lines
}

/// Says in plain words what a rule of the gate finds.
pub fn plainly(rule: Rule) -> &'static str {
    match rule {
        Rule::Run32 => {
            "a run of 32 or more of the vendor's letters and digits, or fewer that say as much"
        }
        Rule::Line => "a whole line of the vendor's",
        Rule::CodeRun => "a run of 20 or more characters of the vendor's code",
        Rule::Opaque => "a long word that nothing explains",
        Rule::Alphabet => "a character that hides something or is none, or a word of mixed scripts",
        Rule::Disguise => "the vendor's text made to look like something else",
    }
}

fn counts(report: &ExportReport) -> Vec<String> {
    let budget = |b: &Budget| {
        let over = if b.used > b.limit { "  TOO MUCH" } else { "" };
        format!(
            "{:<44} {:>9} of at most {}{over}",
            amount(&b.name),
            grouped(b.used),
            grouped(b.limit)
        )
    };
    let mut lines: Vec<String> = report.verdict.budgets.iter().map(budget).collect();
    let is_excerpt = |b: &Budget| b.name.starts_with("excerpt_lines");
    if !report.verdict.budgets.iter().any(is_excerpt) {
        let policy = &report.about.policy;
        let allowed = policy.excerpt_lines.min(policy.excerpt_lines_per_bundle);
        lines.push(format!(
            "{:<44} {:>9} of at most {}",
            "lines of the vendor's code",
            0,
            grouped(allowed.into())
        ));
    }
    lines
}

/// Returns what an amount is called by people.
fn amount(name: &str) -> String {
    match name {
        "identifiers_per_finding" => "names from the vendor's code, in one finding".into(),
        "identifiers_per_bundle" => "names from the vendor's code, in all".into(),
        "max_bundle_bytes" => "bytes".into(),
        "excerpt_lines" => "lines of the vendor's code, in one piece".into(),
        "excerpt_lines_per_review" => "lines of the vendor's code, all that left".into(),
        name => match name.strip_prefix("excerpt_lines_per_") {
            Some(unit) => format!("lines of the vendor's code, in one {unit}"),
            None => name.replace('_', " "),
        },
    }
}

fn signatures(report: &ExportReport) -> Vec<String> {
    let policy = &report.about.policy;
    let mut lines = vec![if report.key.is_empty() {
        "The reviewer signs the list of files (Ed25519, OpenSSH signature).".to_owned()
    } else {
        format!("Signed by {} with {}", report.about.reviewer, report.key)
    }];
    if policy.needs_release() {
        let folder = report.written.as_deref().unwrap_or("FOLDER");
        lines.push("It is not valid before a second person has released it:".into());
        lines.push(format!("  {}", release_for(policy, folder)));
    } else {
        lines.push("No second signature is required.".into());
    }
    if policy.media == Media::Removable {
        lines.push("It may only be written to a removable medium.".into());
    }
    lines
}

fn digest(report: &ExportReport) -> Vec<String> {
    vec![
        "The SHA-256 of SHA256SUMS must be the same here and on the medium:".into(),
        format!("  {}", report.about.manifest),
        "`sha256sum SHA256SUMS` shows it; that file has the digests of all others.".into(),
    ]
}

fn program(about: &About) -> Vec<String> {
    vec![format!("Confinement in force: {}", about.confinement)]
}

fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests;
