//! `glassroom verify`: checks a bundle, and its places against the snapshot.

use super::output::Out;
use super::target::{Opened, Source, Subject, Traces};
use super::{Answer, Failure, Who};
use crate::bundle::schema::GitDigest;
use crate::bundle::{self, Problem, Signers, Verified};
use crate::job::listing::Listing;
use crate::job::place;
use crate::model::{Anchor, BlobId, TreeFile};
use clap::Args;
use serde::Serialize;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::SystemTime;

/// The file that names the places.
const FINDINGS: &str = "findings.json";

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
    #[command(flatten)]
    subject: Subject,
}

#[derive(Serialize)]
struct Record<'a> {
    valid: bool,
    signer: Option<&'a str>,
    problems: &'a [Problem],
}

pub(super) fn run(verb: &Verify, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let shown = verb.signers.display();
    let bytes = std::fs::read(&verb.signers).map_err(|error| {
        Failure::failed(
            format!("cannot read {shown}: {error}"),
            "name the file of allowed signers with --signers",
        )
    })?;
    let signers = Signers::parse(&bytes)
        .map_err(|error| Failure::failed(format!("{shown}: {error}"), error.hint()))?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.map_or(0, |d| d.as_secs() as i64);
    let mut found = bundle::verify(&verb.bundle, &signers, &verb.name, now)?;
    if let Some(snapshot) = &verb.subject.snapshot {
        let source = Source {
            snapshot: snapshot.clone(),
            rev: verb.subject.rev.clone(),
        };
        let opened = Opened::new(&source, who, Traces::Kept)?;
        compare(&opened, &mut found)?;
    } else if verb.subject.rev.is_some() {
        return Err(Failure::usage(
            "--rev says nothing without a snapshot",
            "add --snapshot SNAPSHOT",
        ));
    }
    tell(out, &found);
    Ok(Answer::of(found.valid))
}

fn tell(out: &mut Out, found: &Verified) {
    if out.json {
        return out.record(&Record {
            valid: found.valid,
            signer: found.signer.as_deref(),
            problems: &found.problems,
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
    if let Some(signer) = &found.signer {
        out.line(&format!("signed by {signer}"));
    }
    if let Some(releaser) = &found.releaser {
        out.line(&format!("released by {releaser}"));
    }
}

/// Adds what does not agree with the snapshot: its commit, and each place's path, content and lines.
fn compare(opened: &Opened, found: &mut Verified) -> Result<(), Failure> {
    let listing = opened.listing()?;
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
    let by_blob: HashMap<BlobId, &TreeFile> = listing.files.iter().map(|f| (f.blob, f)).collect();
    for (number, anchor) in &found.locations {
        if let Some(what) = disagrees(opened, &listing, &by_blob, anchor) {
            wrong.push(Problem {
                file: FINDINGS.to_owned(),
                what: format!("{number}: {what}"),
            });
        }
    }
    found.valid &= wrong.is_empty();
    found.problems.extend(wrong);
    Ok(())
}

fn disagrees(
    opened: &Opened,
    listing: &Listing,
    by_blob: &HashMap<BlobId, &TreeFile>,
    anchor: &Anchor,
) -> Option<String> {
    // Where the policy lets no path leave whole, the content alone can be compared.
    let is_bare = anchor.path.as_bytes().is_empty();
    let file = if is_bare {
        by_blob.get(&anchor.blob).copied()
    } else {
        listing.find(&anchor.path)
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
    let lines = lines(opened, file);
    (anchor.span.end() > lines).then(|| {
        format!(
            "{} has {lines} lines in the snapshot, not {}",
            file.path,
            anchor.span.end()
        )
    })
}

/// Returns the lines of a file, of the hexadecimal view for a binary one; none if it cannot be read.
fn lines(opened: &Opened, file: &TreeFile) -> u32 {
    place::lines(&opened.reader(), Some(&opened.index), file).unwrap_or(0)
}
