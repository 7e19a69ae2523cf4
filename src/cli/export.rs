//! `glassroom export`: the gate, then the signed bundle.

use super::open::CONFINEMENT;
use super::output::{Bar, Out, remark};
use super::target::{self, Subject};
use super::unlock::Unlock;
use super::{Answer, Failure, Who};
use crate::index::Index;
use crate::job::delivered::Deliveries;
use crate::job::export::{Sources, prepare};
use crate::job::listing::Listing;
use crate::job::officer::{self, Judged};
use crate::job::read::Reader;
use crate::job::{Cancel, Desk, ExportOrder, ExportReport, JobError, QUOTE_LESS, Secret};
use crate::model::{Audience, Budget, Digest, MarkedWords, Overlap};
use crate::snapshot::Snapshot;
use clap::Args;
use serde::Serialize;
use std::fmt::Write;
use std::sync::Mutex;

#[derive(Args)]
pub(super) struct Export {
    #[command(flatten)]
    subject: Subject,
    /// The bundle's folder: its parent exists, it does not.
    #[arg(long, value_name = "FOLDER", required_unless_present = "dry_run")]
    to: Option<String>,
    /// The private key's file, or agent:FINGERPRINT for a key that an ssh-agent holds.
    #[arg(long, value_name = "KEY", required_unless_present = "dry_run")]
    key: Option<String>,
    #[command(flatten)]
    unlock: Unlock,
    /// Why what the gate asks about may leave; signed into the bundle.
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    reason: String,
    /// Who it is for: findings that they may not read stay. The agency may read all.
    #[arg(long, default_value = "agency", value_name = "agency|vendor|public")]
    audience: Audience,
    /// Says what would leave, for the person who lets it leave, and writes no bundle.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Record<'a> {
    files: Vec<OutgoingFile<'a>>,
    overlaps: &'a [Overlap],
    budgets: &'a [Budget],
    blocked: bool,
    /// Counts the bundles of the review.
    number: u64,
    /// The digest of `SHA256SUMS`.
    manifest: Digest,
    judged: Judged,
}

#[derive(Serialize)]
struct OutgoingFile<'a> {
    name: &'a str,
    bytes: u64,
    sha256: Digest,
}

pub(super) fn run(verb: &Export, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    // What cannot go well is said before the work, and an agent is connected to before anything of the vendor's is read.
    let key = verb.key.as_deref().filter(|_| !verb.dry_run);
    let key = key.map(|key| verb.unlock.find(key)).transpose()?;
    let desk = verb.subject.desk(who)?;
    let recorder = target::recorder(&desk)?;
    if let Some(why) = recorder.read_only().filter(|_| !verb.dry_run) {
        return Err(JobError::ReadOnly { why }.into());
    }
    let recorder = Mutex::new(recorder);
    // Walked and not opened as it was kept: `snapshot.json` says what the delivery has now.
    let listing = Listing::of(&desk.snapshot, &|| false)?;
    let index = index_all(&desk, &listing)?;
    {
        let mut bar = Bar::new();
        let mut progress = |done, total| bar.draw("reading the delivery", done, total);
        let deliveries = Deliveries::open(&desk.review, &index, &desk.snapshot)?;
        deliveries.complete_archive(&Cancel::never(), &mut progress)?;
    }
    let sources = Sources {
        desk: &desk,
        listing: &listing,
        index: &index,
        confinement: CONFINEMENT,
        audience: verb.audience,
        reason: &verb.reason,
    };
    let prepared = {
        let mut bar = Bar::new();
        let mut progress = |done: u64, total: u64| bar.draw("judging", done >> 20, total >> 20);
        prepare(&sources, &recorder, &Cancel::never(), &mut progress)?
    };
    let report = prepared.report();
    let Some(key) = key.filter(|_| !report.verdict.blocked) else {
        tell(out, &report);
        tell_quotes(out, &report);
        return Ok(Answer::of(!report.verdict.blocked));
    };
    let signer = verb.unlock.signer(key)?;
    let order = ExportOrder {
        to: verb.to.clone(),
        key: String::new(),
        passphrase: Secret::default(),
        reason: verb.reason.clone(),
        audience: verb.audience,
    };
    let policy = &desk.policy.policy;
    let report = prepared.write(&order, &signer, &desk, &recorder)?;
    tell(out, &report);
    if let Some(to) = order.to.filter(|_| policy.needs_release() && !out.json) {
        let next = officer::release_for(policy, &to);
        out.line(&format!(
            "not valid before a second person releases it: {next}"
        ));
    }
    Ok(Answer::Yes)
}

/// The gate compares with every snapshot of the review: all must be in the text store.
fn index_all(desk: &Desk, listing: &Listing) -> Result<Index, Failure> {
    let encodings = desk.encodings()?;
    let reader = desk.reader(&encodings);
    target::index(&reader, listing, &desk.review)?;
    let record = desk.review.read_record()?.unwrap_or_default();
    for other in &record.snapshots {
        if other.commit != desk.snapshot.commit() {
            let rev = other.commit.to_string();
            let snapshot = Snapshot::open(&other.source, Some(&rev), &desk.review.objects())?;
            let listing = Listing::of(&snapshot, &|| false)?;
            let reader = Reader {
                snapshot: &snapshot,
                ..reader
            };
            target::index(&reader, &listing, &desk.review)?;
        }
    }
    target::open_index(desk, &encodings)
}

/// Says which key lets fewer lines leave than are quoted, and what can be done.
fn tell_quotes(out: &mut Out, report: &ExportReport) {
    let budgets = &report.verdict.budgets;
    let mut over = budgets.iter().filter(|b| b.used > b.limit);
    if let Some(b) = over.find(|b| b.name.starts_with("excerpt_")) {
        out.flush();
        remark(&format!(
            "{} lines are quoted and {} lets {} leave: {QUOTE_LESS}",
            b.used, b.name, b.limit
        ));
    }
}

fn tell(out: &mut Out, report: &ExportReport) {
    let verdict = &report.verdict;
    if out.json {
        let files = report.files.iter().map(|f| OutgoingFile {
            name: &f.name,
            bytes: f.bytes,
            sha256: f.sha256,
        });
        return out.record(&Record {
            files: files.collect(),
            overlaps: &verdict.overlaps,
            budgets: &verdict.budgets,
            blocked: verdict.blocked,
            number: report.about.number,
            manifest: report.about.manifest,
            judged: report.about.judged,
        });
    }
    match &report.written {
        Some(to) => out.line(&format!(
            "written to {to}, read back and found right; signed by {}; safe to remove",
            report.key
        )),
        None => officer_text(out, report),
    }
    if verdict.is_only_stopped() {
        places(out, &verdict.overlaps);
        out.line("STOPPED: nothing was written; say it in your own words, or say why it may leave with --reason");
    } else if verdict.blocked {
        places(out, &verdict.overlaps);
        out.line(if verdict.overlaps.is_empty() {
            "BLOCKED: nothing was written; more would leave than the policy allows"
        } else {
            "BLOCKED: nothing was written; say it in your own words"
        });
    }
}

/// Prints what the person reads who lets a bundle leave.
fn officer_text(out: &mut Out, report: &ExportReport) {
    for section in officer::view(report) {
        out.line(section.title);
        for line in &section.lines {
            out.line(&format!("  {line}"));
        }
        out.line("");
    }
}

/// Returns which characters of a field repeat the vendor's, 1-based and inclusive as columns are; the field is named if it is not
/// the one that the overlap names.
fn marked(marks: &MarkedWords, of: &Overlap) -> String {
    let columns = format!("characters {}-{}", marks.from + 1, marks.to);
    if marks.finding == of.finding && marks.field == of.field {
        return columns;
    }
    let text = format!("{columns} of {} {}", marks.finding, marks.field);
    text.replace("  ", " ")
}

/// Returns the name of the vendor's text: a path, or an object of the repository.
fn vendor_text(overlap: &Overlap) -> String {
    match (&overlap.path, overlap.blob, overlap.commit, overlap.tag) {
        (Some(path), _, Some(commit), _) => format!("{path} of commit {}", commit.short()),
        (Some(path), ..) => path.to_string(),
        (_, Some(blob), ..) => format!("blob {blob}"),
        (_, _, Some(commit), _) => format!("the message of commit {commit}"),
        (_, _, _, Some(tag)) => format!("the message of tag {tag}"),
        _ => "the vendor's text".to_owned(),
    }
}

/// Prints where the export repeats the vendor's text: for the reviewer, who must say it in other words.
fn places(out: &mut Out, overlaps: &[Overlap]) {
    for o in overlaps {
        let mut text = format!("{}: {}, {}:{}", o.rule.word(), o.what, o.file, o.line);
        match o.also.len() {
            0 => {}
            1 => text.push_str(" and 1 more place"),
            more => _ = write!(text, " and {more} more places"),
        }
        let marks: Vec<_> = o.marks.iter().map(|m| marked(m, o)).collect();
        if !marks.is_empty() {
            let _ = write!(text, ", {}", marks.join(", "));
        }
        if let Some(at) = o.at {
            let _ = write!(text, ": also in {}:{at}", vendor_text(o));
        }
        out.line(&format!("{text}, length {}", o.length));
    }
}
