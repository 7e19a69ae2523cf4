//! `glassroom verify`: checks a bundle: signature, files, and that its documents are what its ledgers render to. With a
//! snapshot also its locations, and the gate again. Nothing of a reviewer's home is read, and nothing is kept.

use super::output::{Out, remark};
use super::regate::{self, Deliveries, GateRun};
use super::{Answer, Failure};
use crate::bundle::schema::GitDigest;
use crate::bundle::{
    self, Claim, EXCERPTS, Problem, RenderedFrom, Signers, SignersError, StatedLocation, Verified,
};
use crate::job::listing::Listing;
use crate::job::read::Reader;
use crate::job::regate::{ComparisonReach, GateReport, RepeatedComparison};
use crate::job::{export_log, officer, place};
use crate::model::{
    Anchor, AnchorExtent, BlobId, Budget, Encodings, Excerpt, LocationFacts, Overlap, TreeFile,
    WholeKind,
};
use crate::snapshot::Snapshot;
use crate::text::{Encoding, LineIndex, decode_as};
use clap::Args;
use serde::Serialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The file that names the places.
const FINDINGS: &str = "findings.json";
/// Most skipped lines that are named one by one.
const MOST_SKIPPED: usize = 10;
/// Far more than any lab's file of signers.
const LARGEST: u64 = 1 << 20;

#[derive(Args)]
pub(super) struct Verify {
    /// The bundle's folder.
    bundle: PathBuf,
    /// Who may sign: a file as ssh-keygen(1) describes it.
    #[arg(long, value_name = "ALLOWED_SIGNERS")]
    signers: PathBuf,
    /// Who is said to have signed it.
    #[arg(long = "as", value_name = "NAME")]
    name: String,
    /// Who is said to have released it, as the second person; without it, anybody else who may.
    #[arg(long, value_name = "NAME")]
    released_by: Option<String>,
    /// Check the keys as of this time, in UTC, instead of now: 2026-06-01T12:00:00Z, or 20260601120000Z as ssh-keygen writes it.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at_time: Option<CheckTime>,
    /// Keys that count no more: a regular file of public keys, one a line.
    #[arg(long, value_name = "FILE")]
    revoked: Option<PathBuf>,
    /// The bundle before this one: this one must name it, and its ledgers must hold what left with it.
    #[arg(long, value_name = "FOLDER")]
    previous: Option<PathBuf>,
    #[command(flatten)]
    deliveries: Deliveries,
    /// Compare with everything that was delivered, not only with the files of the snapshots: older versions, messages.
    #[arg(long, requires = "snapshot")]
    history: bool,
    /// The commit of the snapshot, if it is not HEAD.
    #[arg(long)]
    rev: Option<String>,
}

#[derive(Serialize)]
struct Record<'a> {
    valid: bool,
    signer: Option<&'a str>,
    /// The time as of which the keys were checked, if it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_time: Option<&'a str>,
    problems: &'a [Problem],
    releaser: Option<&'a str>,
    /// Whether the release says that the gate was run again; nothing without a release.
    release_gate: Option<GateRun>,
    /// What the documents were rendered from again.
    rendered: RenderedFrom,
    /// Whether the gate was run again now.
    gate: GateRun,
    overlaps: &'a [Overlap],
    budgets: &'a [Budget],
    compared: Option<RepeatedComparison>,
}

/// The largest file that is read to look at a location.
const LIMIT: u64 = 1024 << 20;

/// Reads a file of allowed signers, and one of revoked keys.
pub(super) fn signers(path: &Path, revoked: Option<&Path>) -> Result<Signers, Failure> {
    let refuse = |path: &Path, error: &SignersError, hint| {
        Failure::failed(format!("{}: {error}", path.display()), hint)
    };
    let parsed = Signers::parse(&regular(path)?);
    let mut signers = parsed.map_err(|e| refuse(path, &e, e.hint()))?;
    for skipped in signers.skipped().iter().take(MOST_SKIPPED) {
        remark(&format!(
            "{}: {skipped}: the line is skipped and lets nobody sign",
            path.display()
        ));
    }
    if let Some(more @ 1..) = signers.skipped().len().checked_sub(MOST_SKIPPED) {
        remark(&format!(
            "{}: {more} more lines are skipped",
            path.display()
        ));
    }
    if let Some(path) = revoked {
        let hint = "write one public key a line, as it stands in FILE.pub";
        let read = signers.revoke(&regular(path)?);
        read.map_err(|e| refuse(path, &e, hint))?;
    }
    Ok(signers)
}

/// Reads a regular file of bounded size: a pipe could be read only once, and end early without a word.
fn regular(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let failed = |what: String| {
        let hint = "name a file of keys, one a line, as ssh-keygen(1) describes it";
        Failure::failed(format!("cannot read {shown}: {what}"), hint)
    };
    let about = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?;
    if !about.is_file() {
        return Err(failed("it is no regular file".to_owned()));
    }
    if about.len() > LARGEST {
        return Err(failed("it has more than 1 MB".to_owned()));
    }
    std::fs::read(path).map_err(|error| failed(error.to_string()))
}

/// Returns the time in seconds since 1970.
pub(super) fn now() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(0, |d| d.as_secs() as i64)
}

/// The time as of which keys are checked.
#[derive(Clone, Debug)]
struct CheckTime {
    /// Seconds since 1970.
    seconds: i64,
    /// As it was given.
    text: String,
}

/// Reads a time in UTC, as RFC 3339 has it or as ssh-keygen takes it for `verify-time`: `YYYYMMDD[HHMM[SS]]Z`.
fn parse_time(text: &str) -> Result<CheckTime, String> {
    let read = || {
        let digits = text.strip_suffix('Z')?;
        let is_plain = digits.bytes().all(|b| b.is_ascii_digit());
        let whole = match digits.len() {
            8 if is_plain => format!("{digits}000000"),
            12 if is_plain => format!("{digits}00"),
            14 if is_plain => digits.to_owned(),
            _ => {
                let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
                return Some(time.unix_timestamp());
            }
        };
        let part = |range: std::ops::Range<usize>| whole.get(range);
        let rfc = format!(
            "{}-{}-{}T{}:{}:{}Z",
            part(0..4)?,
            part(4..6)?,
            part(6..8)?,
            part(8..10)?,
            part(10..12)?,
            part(12..14)?
        );
        let time = OffsetDateTime::parse(&rfc, &Rfc3339).ok()?;
        Some(time.unix_timestamp())
    };
    let seconds = read().filter(|seconds| *seconds > 0);
    seconds
        .map(|seconds| CheckTime {
            seconds,
            text: text.to_owned(),
        })
        .ok_or_else(|| {
            "write a time in UTC that ends with Z, such as 2026-06-01T12:00:00Z or 20260601120000Z"
                .to_owned()
        })
}

pub(super) fn run(verb: &Verify, out: &mut Out) -> Result<Answer, Failure> {
    let signers = signers(&verb.signers, verb.revoked.as_deref())?;
    let claim = Claim {
        signers: &signers,
        name: &verb.name,
        released_by: verb.released_by.as_deref(),
        now: verb.at_time.as_ref().map_or_else(now, |at| at.seconds),
    };
    let mut found = bundle::verify(&verb.bundle, &claim)?;
    let mut gate = None;
    if let Some(snapshot) = &verb.deliveries.snapshot {
        let opened = Opened::new(snapshot, verb.rev.as_deref())?;
        // Before what the snapshot says is added: the gate asks whether the documents alone are right.
        let reach = if verb.history {
            ComparisonReach::Deliveries
        } else {
            ComparisonReach::Snapshots
        };
        let report = regate::run(&verb.bundle, &found, &verb.deliveries, reach)?;
        compare(&opened, &verb.deliveries, &mut found);
        found.valid &= report.problems.is_empty();
        found.problems.extend(report.problems.iter().cloned());
        gate = Some(report);
    } else if verb.rev.is_some() {
        return Err(Failure::usage(
            "--rev says nothing without a snapshot",
            "add --snapshot SNAPSHOT",
        ));
    }
    if let Some(previous) = &verb.previous {
        bundle::compare_previous(&verb.bundle, previous, &mut found)?;
    }
    if found.valid {
        remember(&verb.bundle, &found);
    }
    tell(out, &found, gate.as_ref(), verb.at_time.as_ref());
    Ok(Answer::of(found.valid))
}

/// Counts the lines that a valid bundle quotes among those that have left this machine's deliveries.
pub(super) fn remember(bundle: &Path, found: &Verified) {
    let kept = super::room()
        .map_err(|failure| failure.line())
        .and_then(|room| {
            let kept = export_log::remember(&room, bundle, found);
            kept.map_err(|error| error.chain())
        });
    match kept {
        Ok(true) => remark("the lines that it quotes count here from now on"),
        Ok(false) => {}
        Err(why) => remark(&format!(
            "the lines that it quotes are not counted here: {why}"
        )),
    }
}

/// A snapshot that the locations are compared with.
struct Opened {
    snapshot: Snapshot,
    listing: Listing,
    encodings: Encodings,
}

impl Opened {
    fn new(source: &Path, rev: Option<&str>) -> Result<Self, Failure> {
        let snapshot = Snapshot::open_in_place(source, rev)?;
        Ok(Self {
            listing: Listing::of(&snapshot, &|| false)?,
            snapshot,
            encodings: Encodings::new(),
        })
    }

    fn reader(&self) -> Reader<'_> {
        Reader {
            snapshot: &self.snapshot,
            encodings: &self.encodings,
            limit: LIMIT,
        }
    }
}

fn tell(out: &mut Out, found: &Verified, gate: Option<&GateReport>, at_time: Option<&CheckTime>) {
    if out.json {
        return out.record(&Record {
            valid: found.valid,
            signer: found.signer.as_ref().map(|s| s.key.as_str()),
            at_time: at_time.map(|at| at.text.as_str()),
            problems: &found.problems,
            releaser: found.releaser.as_ref().map(|r| r.key.as_str()),
            release_gate: found.releaser.as_ref().map(|_| {
                if found.is_release_gated {
                    GateRun::Run
                } else {
                    GateRun::NotRun
                }
            }),
            rendered: found.rendered,
            gate: if gate.is_some() {
                GateRun::Run
            } else {
                GateRun::NotRun
            },
            overlaps: gate.map_or(&[], |g| &g.verdict.overlaps),
            budgets: gate.map_or(&[], |g| &g.verdict.budgets),
            compared: gate.map(|g| g.compared),
        });
    }
    for problem in &found.problems {
        let file = if problem.file.is_empty() {
            "the bundle"
        } else {
            &problem.file
        };
        out.line(&format!("{file}: {}", problem.what));
    }
    out.line(if found.valid { "valid" } else { "NOT VALID" });
    for (what, who) in [("signed", &found.signer), ("released", &found.releaser)] {
        let Some(who) = who else { continue };
        let presence = who.presence.map_or(String::new(), |p| format!(", {p}"));
        out.line(&format!(
            "{what} by {} with {}{presence}",
            who.name, who.key
        ));
    }
    if found.releaser.is_some() {
        out.line(if found.is_release_gated {
            "the release says that the gate was run again"
        } else {
            "the release does not say that the gate was run again"
        });
    }
    if let Some(at) = at_time {
        out.line(&format!(
            "the keys were checked as of {}, not as of now; nothing in the bundle proves when it was signed",
            at.text
        ));
    }
    // A bundle that is not what it should be was not "the same" again.
    if found.valid {
        for line in officer::checked_again(found, gate).lines {
            out.line(&line);
        }
    }
}

/// Adds what does not agree with the snapshot: its commit, and each place's path, content and lines.
fn compare(opened: &Opened, deliveries: &Deliveries, found: &mut Verified) {
    let sources: Vec<&PathBuf> = deliveries
        .snapshot
        .iter()
        .chain(&deliveries.delivery)
        .collect();
    let mut wrong = Vec::new();
    let commit = opened.snapshot.commit();
    let subjects = found.statement.iter().flat_map(|s| &s.subject);
    let mut commits = subjects.filter_map(|s| match s.digest {
        GitDigest::Commit(id) => Some(id),
        GitDigest::Tree(_) => None,
    });
    if let Some(stated) = commits.next()
        && stated != commit
    {
        wrong.push(Problem {
            file: "bundle.json".to_owned(),
            what: format!("is about commit {stated}, the snapshot is {commit}"),
        });
    }
    let mut locations: Vec<&StatedLocation> = found.locations.iter().collect();
    locations.sort_by_key(|location| location.commit);
    for of_commit in locations.chunk_by(|a, b| a.commit == b.commit) {
        let of = of_commit[0].commit;
        // A finding of an earlier release is compared with that release, if the repository has it.
        let rev = of.to_string();
        let mut opened_there = sources
            .iter()
            .map(|source| Opened::new(source, Some(&rev)).ok());
        let other = if of == commit {
            None
        } else {
            opened_there.find_map(|opened| opened)
        };
        if of != commit && other.is_none() {
            for location in of_commit {
                wrong.push(Problem {
                    file: FINDINGS.to_owned(),
                    what: format!(
                        "{}: is in commit {of}, which no snapshot given has: name its delivery with --delivery",
                        location.finding
                    ),
                });
            }
            continue;
        }
        let opened = other.as_ref().unwrap_or(opened);
        let files = opened.listing.files.iter();
        let by_blob: HashMap<BlobId, &TreeFile> = files.map(|f| (f.blob, f)).collect();
        for location in of_commit {
            let anchor = &location.anchor;
            let what = disagrees(opened, &by_blob, anchor);
            if let Some(what) = what.or_else(|| misstates(opened, anchor, &location.facts)) {
                wrong.push(Problem {
                    file: FINDINGS.to_owned(),
                    what: format!("{}: {what}", location.finding),
                });
            }
        }
    }
    for excerpt in found.excerpts.iter().filter(|e| !stands(opened, e)) {
        let what = format!(
            "lines {} of {} read otherwise in the snapshot",
            excerpt.span, excerpt.blob
        );
        wrong.push(Problem {
            file: EXCERPTS.to_owned(),
            what,
        });
    }
    found.valid &= wrong.is_empty();
    found.problems.extend(wrong);
}

/// Returns whether the lines of an excerpt stand in the snapshot. In which encoding they were read the reviewer may have
/// said, and the bundle need not say: one in which they do is enough.
fn stands(opened: &Opened, excerpt: &Excerpt) -> bool {
    let Ok(bytes) = opened.snapshot.read(&excerpt.blob, LIMIT) else {
        return false;
    };
    Encoding::all().any(|encoding| {
        let text = decode_as(bytes.clone(), encoding);
        let lines = LineIndex::new(text.as_bytes());
        (excerpt.span.start()..=excerpt.span.end())
            .zip(&excerpt.lines)
            .all(|(n, line)| bundle::printed(lines.slice(&text, n)) == *line)
    })
}

fn disagrees(
    opened: &Opened,
    by_blob: &HashMap<BlobId, &TreeFile>,
    anchor: &Anchor,
) -> Option<String> {
    // Where the policy lets no path leave whole, the content alone can be compared.
    let is_bare = anchor.path.as_bytes().is_empty();
    if let Some(whole @ (WholeKind::Folder | WholeKind::Snapshot)) = anchor.extent.whole() {
        // The id of a folder without its path is compared by nobody: the tree has no list of folders.
        let is_known = is_bare && whole == WholeKind::Folder;
        let is_there = is_known || place::is_there(&opened.snapshot, &opened.listing, anchor);
        return (!is_there).then(|| format!("the snapshot has no such {}", anchor.text()));
    }
    let file = if is_bare {
        by_blob.get(&anchor.blob).copied()
    } else {
        let all = opened.listing.all_at(&anchor.path);
        let same = all.iter().find(|file| file.blob == anchor.blob);
        same.or(all.first())
    };
    let Some(file) = file else {
        return Some(if is_bare {
            format!("the snapshot has no content {}", anchor.blob)
        } else {
            format!("the snapshot has no file {}", anchor.path)
        });
    };
    if file.blob != anchor.blob {
        return Some(format!("{} has other content in the snapshot", file.path));
    }
    match anchor.extent {
        AnchorExtent::Lines(span) => {
            let lines = lines(opened, file);
            let end = span.end();
            let what = || format!("{} has {lines} lines in the snapshot, not {end}", file.path);
            (end > lines).then(what)
        }
        AnchorExtent::Bytes(bytes) => {
            let size = opened.snapshot.size(&file.blob).unwrap_or(0);
            let what = || format!("{} has {size} bytes in the snapshot: no {bytes}", file.path);
            (bytes.offset() + bytes.length() > size).then(what)
        }
        AnchorExtent::Whole(whole) => {
            let is = WholeKind::from(file.kind);
            let what = || format!("{} is a {is} in the snapshot, no {whole}", file.path);
            (is != whole).then(what)
        }
    }
}

/// Returns what a location says of its text that is not so: column, hash of the line, symbol. In which encoding the text was
/// read the reviewer may have said, so the one that is stated is taken.
fn misstates(opened: &Opened, anchor: &Anchor, facts: &LocationFacts) -> Option<String> {
    let Some(encoding) = facts.encoding else {
        let is_stated = facts.end_column.is_some() || facts.line_hash.is_some();
        return is_stated.then(|| "states a column or a hash of what is no text".to_owned());
    };
    let bytes = opened.snapshot.read(&anchor.blob, LIMIT).ok()?;
    let text = decode_as(bytes, encoding);
    let span = anchor.extent.lines();
    let read = LocationFacts::of_spans(&text, encoding, span.as_slice());
    let read = read.first().copied().unwrap_or_default();
    if facts.end_column != read.end_column {
        return Some("states another end of its lines than the snapshot has".to_owned());
    }
    if facts.line_hash.is_some() && facts.line_hash != read.line_hash {
        return Some("states another hash of its line than the snapshot has".to_owned());
    }
    let is_there = |symbol: &String| text.contains(symbol.as_str());
    let symbol = anchor.symbol.as_ref().filter(|symbol| !is_there(symbol));
    symbol.map(|symbol| format!("names {symbol}, which its file does not hold"))
}

/// Returns the lines of a file, of the hexadecimal view for a binary one; none if it cannot be read.
fn lines(opened: &Opened, file: &TreeFile) -> u32 {
    place::lines(&opened.reader(), None, file).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_the_forms_of_rfc_3339_and_of_ssh_keygen() {
        for (text, seconds) in [
            ("2026-06-01T12:00:00Z", Some(1_780_315_200)),
            ("20260601120000Z", Some(1_780_315_200)),
            ("202606011200Z", Some(1_780_315_200)),
            ("20260601Z", Some(1_780_272_000)),
            ("2026-06-01T12:00:00.5Z", Some(1_780_315_200)),
            ("2026-06-01T12:00:00", None),
            ("2026-06-01T12:00:00+02:00", None),
            ("20260601", None),
            ("20261301Z", None),
            ("20260601250000Z", None),
            ("2026Z", None),
            ("1960-01-01T00:00:00Z", None),
            ("", None),
        ] {
            assert_eq!(parse_time(text).ok().map(|t| t.seconds), seconds, "{text}");
        }
    }
}
