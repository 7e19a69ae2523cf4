//! The way out: render the bundle, let the gate judge it, sign it, write it, read it back, record it.

use super::coverage::{self, Which, indexed_lines};
use super::listing::{Listing, reason};
use super::message::{ExportOrder, ExportReport, OutgoingFile};
use super::{Cancel, Desk, JobError, Recorder, program, survey};
use crate::bundle::{
    self, BundleError, BundleInput, KeySource, LedgerInput, Program, Rendered, Signer,
};
use crate::gate::{self, Corpus, GateError, Shard, Watch};
use crate::index::{Index, TextKind};
use crate::ledger;
use crate::medium;
use crate::model::{
    Audience, BlobId, Delivery, Digest, Entry, Event, ExportRecord, Media, Policy, Reason,
    RepoPath, Verdict,
};
use crate::snapshot::Snapshot;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;

/// What an export needs.
pub struct Sources<'a> {
    /// The review.
    pub desk: &'a Desk,
    /// The files of the snapshot on screen.
    pub listing: &'a Listing,
    /// The text store of the review.
    pub index: &'a Index,
    /// How the program is confined, in words.
    pub confinement: &'a str,
    /// Who the bundle is for.
    pub audience: Audience,
}

/// A bundle in memory, and what the gate says of it.
pub struct Prepared {
    rendered: Rendered,
    verdict: Verdict,
    number: u64,
}

/// Renders the bundle and has it judged. Nothing is written.
pub fn prepare(
    sources: &Sources<'_>,
    recorder: &Mutex<Recorder>,
    cancel: &Cancel,
) -> Result<Prepared, JobError> {
    let desk = sources.desk;
    let texts = Texts::of(sources, cancel)?;
    let delivery = survey::run(&desk.snapshot, sources.listing, Some(sources.index), cancel)?;
    let (rendered, number) = {
        let recorder = recorder
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        render(sources, &recorder, &delivery)?
    };
    let watch = Watch {
        is_cancelled: &|| cancel.is_cancelled(),
        progress: &|_| {},
    };
    let policy = &desk.policy.policy;
    let mut verdict = gate::judge(&rendered.typed, policy, &texts, watch).map_err(blind)?;
    let size = rendered.budget(policy);
    verdict.blocked |= size.used > size.limit;
    verdict.budgets.push(size);
    Ok(Prepared {
        rendered,
        verdict,
        number,
    })
}

impl Prepared {
    /// Returns what would leave.
    pub fn report(&self) -> ExportReport {
        let file = |(name, bytes): &(String, Vec<u8>)| OutgoingFile {
            name: name.clone(),
            bytes: bytes.len() as u64,
            sha256: Digest::of(bytes),
            text: String::from_utf8_lossy(bytes).into_owned(),
        };
        ExportReport {
            files: self.rendered.files.iter().map(file).collect(),
            verdict: self.verdict.clone(),
            written: None,
            key: String::new(),
        }
    }

    /// Signs and writes the bundle, reads it back and records it. What keeps it from being written once it is
    /// clear what shall leave is recorded too.
    pub fn write(
        mut self,
        order: &ExportOrder,
        signer: &Signer,
        policy: &Policy,
        recorder: &Mutex<Recorder>,
    ) -> Result<ExportReport, JobError> {
        self.may_leave()?;
        let to = order.to.clone().unwrap_or_default();
        let written = self.place(Path::new(&to), signer, policy);
        let why = written.as_ref().err().map(not_exported);
        let key = signer.public().fingerprint();
        let export = ExportRecord {
            number: self.number,
            manifest: self.rendered.digest(),
            key: key.clone(),
            exported: why.is_none(),
            why: why.unwrap_or_else(|| order.reason.clone()),
        };
        let recorded = recorder
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .record(Event::Exported { export });
        // The first failure is the one to tell of; a read-only ledger cannot hold it.
        written?;
        recorded.map_err(|error| JobError::Unrecorded {
            path: to.clone().into(),
            why: error.chain(),
        })?;
        Ok(ExportReport {
            written: Some(to),
            key,
            ..self.report()
        })
    }

    fn may_leave(&self) -> Result<(), JobError> {
        let mut budgets = self.verdict.budgets.iter();
        if let Some(size) = budgets.find(|b| b.name == "max_bundle_bytes" && b.used > b.limit) {
            return Err(JobError::BundleTooLarge {
                bytes: size.used,
                limit: size.limit,
            });
        }
        if self.verdict.blocked {
            return Err(JobError::Blocked {
                overlaps: self.verdict.overlaps.len(),
            });
        }
        Ok(())
    }

    /// Signs the bundle and writes it to its medium.
    fn place(&mut self, to: &Path, signer: &Signer, policy: &Policy) -> Result<(), JobError> {
        // Before anybody is asked to touch a token.
        let bytes = self
            .rendered
            .files
            .iter()
            .map(|(_, bytes)| bytes.len() as u64);
        medium::look(to, bytes.sum())?;
        if policy.media == Media::Removable && !medium::is_removable(to)? {
            return Err(JobError::NotRemovable { path: to.into() });
        }
        self.rendered.sign(signer)?;
        let files = &self.rendered.files;
        // The gate has judged these bytes: what is read back must be them, and nothing else.
        let written = medium::write(to, files, &mut |back| {
            if back == files.as_slice() {
                Ok(())
            } else {
                Err("it is not what was written".into())
            }
        });
        Ok(written?)
    }
}

/// Returns what the ledger says of a failure: no path, because the ledger leaves the room with the next bundle.
fn not_exported(error: &JobError) -> String {
    let why = match error {
        JobError::Medium(error) => error.brief(),
        JobError::NotRemovable { .. } => "the medium is not removable".to_owned(),
        _ => "it could not be signed".to_owned(),
    };
    format!("not exported: {why}")
}

/// Opens the signing key that an order names; `agent` is the socket of the ssh-agent.
pub fn signer(order: &ExportOrder, agent: Option<&Path>) -> Result<Signer, JobError> {
    Ok(match KeySource::parse(&order.key)? {
        KeySource::File(path) => Signer::open(&path, order.passphrase.expose().as_bytes())?,
        KeySource::Agent(fingerprint) => {
            Signer::held(agent.ok_or(BundleError::NoSocket)?, &fingerprint)?
        }
    })
}

fn blind(error: GateError<JobError>) -> JobError {
    match error {
        GateError::Cancelled => JobError::Cancelled,
        GateError::Corpus(source) => source,
    }
}

fn render(
    sources: &Sources<'_>,
    recorder: &Recorder,
    delivery: &Delivery,
) -> Result<(Rendered, u64), JobError> {
    let desk = sources.desk;
    let folder = desk.review.ledger();
    let ledgers = ledger::read_all(&folder)?;
    let mut bytes = Vec::new();
    for (name, _) in &ledgers {
        let path = folder.join(format!("{name}.jsonl"));
        let mut file = std::fs::read(&path).map_err(|source| JobError::Folder {
            action: "read",
            path,
            source,
        })?;
        // A line that is being written is no entry yet.
        file.truncate(
            file.iter()
                .rposition(|b| *b == b'\n')
                .map_or(0, |at| at + 1),
        );
        bytes.push(file);
    }
    let inputs: Vec<LedgerInput<'_>> = ledgers
        .iter()
        .zip(&bytes)
        .map(|((reviewer, entries), bytes)| LedgerInput {
            reviewer,
            bytes,
            entries,
        })
        .collect();
    let review = recorder.review();
    let lines = |file: &crate::model::TreeFile| indexed_lines(sources.index, file);
    let coverage = coverage::run(sources.listing, review, &lines, Which::Touched);
    let number = review.exports() + 1;
    let all = ledgers.iter().flat_map(|(_, entries)| entries);
    let digest = program::digest().unwrap_or_default();
    let input = BundleInput {
        review,
        ledgers: &inputs,
        delivery,
        policy: &desk.policy.policy,
        policy_files: (desk.policy.machine, desk.policy.review),
        coverage: &coverage,
        number,
        previous: previous(all),
        reviewer: &desk.reviewer,
        review_name: desk.review.name(),
        program: Program {
            version: program::VERSION,
            digest: &digest,
        },
        confinement: sources.confinement,
        audience: sources.audience,
    };
    Ok((bundle::render(&input), number))
}

/// Returns the digest of the last bundle that left whole.
fn previous<'a>(entries: impl Iterator<Item = &'a Entry>) -> Option<Digest> {
    let exported = entries.filter_map(|e| match &e.event {
        Event::Exported { export } if export.exported => Some((export.number, export.manifest)),
        _ => None,
    });
    exported
        .max_by_key(|(number, _)| *number)
        .map(|(_, digest)| digest)
}

/// Every text of every snapshot of the review, from the text store.
struct Texts<'a> {
    index: &'a Index,
    files: Vec<(RepoPath, BlobId)>,
}

impl<'a> Texts<'a> {
    /// Lists every content of every snapshot of the review. Fails unless each is in the text store or cannot be
    /// read at all: what nobody could read, nobody could copy.
    fn of(sources: &Sources<'a>, cancel: &Cancel) -> Result<Self, JobError> {
        let desk = sources.desk;
        let mut seen = HashSet::new();
        let mut files = Vec::new();
        let mut take = |snapshot: &Snapshot, listing: &Listing| -> Result<(), JobError> {
            if listing.truncated {
                let why = "the snapshot's tree is cut off at a cap".to_owned();
                return Err(JobError::GateBlind { why });
            }
            for file in listing.files.iter().filter(|f| f.kind.is_file()) {
                if !seen.insert(file.blob) {
                    continue;
                }
                match sources.index.meta(&file.blob) {
                    Some(meta) if meta.kind == TextKind::TooLarge => {}
                    Some(_) => files.push((file.path.clone(), file.blob)),
                    None => match snapshot.read(&file.blob, super::read::LIMIT) {
                        Err(error) if reason(&error).0 != Reason::TooLarge => {}
                        _ => {
                            let why = format!("{} is not in the text store yet", file.path);
                            return Err(JobError::GateBlind { why });
                        }
                    },
                }
            }
            Ok(())
        };
        take(&desk.snapshot, sources.listing)?;
        let record = desk.review.read_record()?.unwrap_or_default();
        for other in record
            .snapshots
            .iter()
            .filter(|s| s.commit != desk.snapshot.commit())
        {
            let rev = other.commit.to_string();
            let snapshot = Snapshot::open(&other.source, Some(&rev), &desk.review.objects())?;
            let listing = Listing::of(&snapshot, &|| cancel.is_cancelled())?;
            take(&snapshot, &listing)?;
        }
        Ok(Self {
            index: sources.index,
            files,
        })
    }
}

impl Corpus for Texts<'_> {
    type Error = JobError;

    fn visit(
        &self,
        shard: Shard,
        see: &mut dyn FnMut(&RepoPath, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), JobError> {
        for (path, blob) in self.files.iter().skip(shard.index).step_by(shard.count) {
            let Some(stored) = self.index.text(blob) else {
                let why = format!("the text store's copy of {path} is damaged");
                return Err(JobError::GateBlind { why });
            };
            if see(path, &stored.bytes).is_break() {
                break;
            }
        }
        Ok(())
    }
}
