//! The way out: render the bundle, let the gate judge it, sign it, write it, read it back, record it.

use super::counted::Counted;
use super::coverage::{self, Which, indexed_lines};
use super::delivered::Deliveries;
use super::export_log::{self, ExportLog};
use super::judge::{self, Texts};
use super::listing::Listing;
use super::message::{ExportOrder, ExportReport, OutgoingFile};
use super::officer::{About, Judged};
use super::{Cancel, Desk, JobError, Recorder, excerpt, located, named_files, program, survey};
use crate::bundle::{
    self, BundleError, BundleInput, KeySource, LedgerInput, Program, Rendered, Signer,
};
use crate::gate::{self, Question};
use crate::index::Index;
use crate::ledger::{self, LedgerChain};
use crate::medium;
use crate::model::{
    self, Audience, Budget, CoverageDetail, DeliveredNames, Delivery, Digest, Event, ExportRecord,
    ExportStep, Finding, LedgerDigests, Media, NoteKind, Quote, QuotedLines, Review, Rule,
    Severity, Verdict,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

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
    /// Why what the gate only stops may leave; empty if nobody said. Signed into the bundle.
    pub reason: &'a str,
}

/// A bundle in memory, and what the gate says of it.
pub struct Prepared {
    rendered: Rendered,
    verdict: Verdict,
    /// Of the files that were judged.
    judged: Digest,
    about: About,
    /// The lines that it quotes.
    quotes: Vec<Quote>,
    lines: Vec<QuotedLines>,
}

/// Renders the bundle and has it judged. Nothing is written. `progress` is told how many bytes of the vendor's
/// were compared, and how many there are.
pub fn prepare(
    sources: &Sources<'_>,
    recorder: &Mutex<Recorder>,
    cancel: &Cancel,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Prepared, JobError> {
    let desk = sources.desk;
    lock(recorder).read_colleagues(&desk.review.ledger())?;
    let deliveries = Deliveries::open(&desk.review, sources.index, &desk.snapshot)?;
    deliveries.complete_archive(cancel, &mut |_, _| {})?;
    let texts = Texts::of(sources, lock(recorder).review(), cancel)?;
    let encodings = lock(recorder).review().encodings().clone();
    let reader = desk.reader(&encodings);
    let delivery = survey::run(&reader, sources.listing, Some(sources.index), cancel)?;
    let (drawn, about, known) = {
        let recorder = lock(recorder);
        let names = named_files::names(sources, &recorder, cancel)?;
        let drawn = render(sources, &recorder, &delivery, &names)?;
        let about = about(sources, recorder.review(), &drawn.rendered, drawn.number);
        (drawn, about, texts.known_ids(&recorder))
    };
    let rendered = drawn.rendered;
    if let Some(odd) = &rendered.odd {
        return Err(JobError::OddEntry(odd.clone()));
    }
    let policy = &desk.policy.policy;
    let question = Question {
        typed: &rendered.typed,
        policy,
        reason: sources.reason,
        is_known: &|id| known.has(id),
    };
    let mut verdict = judge::run(&question, &texts, cancel, progress)?;
    verdict.budgets.extend(drawn.budgets);
    verdict.budgets.push(rendered.budget(policy));
    verdict.blocked |= verdict.budgets.iter().any(|b| b.used > b.limit);
    Ok(Prepared {
        judged: digest(&rendered.files),
        rendered,
        verdict,
        about: About {
            judged: Judged {
                compared: texts.counts(),
                ..about.judged
            },
            ..about
        },
        quotes: drawn.quotes,
        lines: drawn.lines,
    })
}

/// Says what a bundle is about; what it was compared with is still to be said.
fn about(sources: &Sources<'_>, review: &Review, rendered: &Rendered, number: u64) -> About {
    let desk = sources.desk;
    let leaves = |f: &&Finding| f.is_for(sources.audience);
    let severities = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Informational,
        Severity::Undetermined,
    ];
    let count = |severity: Severity| {
        let findings = review.findings().filter(leaves);
        (
            severity,
            findings.filter(|f| f.severity == severity).count() as u64,
        )
    };
    let notes = |kind| review.notes().filter(|n| n.kind == kind).count() as u64;
    let texts: BTreeSet<&str> = rendered.typed.iter().map(|t| t.text.as_str()).collect();
    About {
        review: desk.review.name().to_owned(),
        commit: desk.snapshot.commit(),
        tree: desk.snapshot.tree(),
        reviewer: desk.reviewer.clone(),
        audience: sources.audience,
        number,
        manifest: rendered.digest(),
        findings: severities
            .map(count)
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .collect(),
        remarks: notes(NoteKind::Remark),
        questions: notes(NoteKind::Question),
        judged: Judged {
            characters: texts.iter().map(|t| t.chars().count() as u64).sum(),
            places: rendered.typed.len() as u64,
            ..Judged::default()
        },
        reason: sources.reason.trim().to_owned(),
        policy: desk.policy.policy.clone(),
        confinement: sources.confinement.to_owned(),
    }
}

/// Returns what identifies names and bytes of files.
fn digest(files: &[(String, Vec<u8>)]) -> Digest {
    let line = |(name, bytes): &(String, Vec<u8>)| format!("{}  {name}\n", Digest::of(bytes));
    Digest::of(files.iter().map(line).collect::<String>().as_bytes())
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
            about: self.about.clone(),
        }
    }

    /// Signs and writes the bundle, reads it back and records it. What keeps it from being written once it is
    /// clear what shall leave is recorded too.
    pub fn write(
        mut self,
        order: &ExportOrder,
        signer: &Signer,
        desk: &Desk,
        recorder: &Mutex<Recorder>,
    ) -> Result<ExportReport, JobError> {
        self.may_leave()?;
        let to = order.to.clone().unwrap_or_default();
        let log = ExportLog::find(&desk.room, desk.review.name())?;
        let written = self.place(Path::new(&to), signer, (desk, &log), recorder);
        let why = written.as_ref().err().map(not_exported);
        let key = signer.public().fingerprint();
        let export = ExportRecord {
            number: self.about.number,
            manifest: self.rendered.digest(),
            key: key.clone(),
            exported: why.is_none(),
            why: why.unwrap_or_else(|| self.about.reason.clone()),
        };
        let bundle = (export.number, export.manifest);
        let recorded = lock(recorder).record(Event::Exported { export });
        let recorded = recorded.and_then(|_| {
            let ends = digests(&ledger::read_chains(&desk.review.ledger())?);
            log.append(ExportStep::Ended, bundle, Vec::new(), &ends)
        });
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
            return Err(self.blocked());
        }
        Ok(())
    }

    /// Signs the bundle and writes it to its medium.
    fn place(
        &mut self,
        to: &Path,
        signer: &Signer,
        (desk, log): (&Desk, &ExportLog),
        recorder: &Mutex<Recorder>,
    ) -> Result<(), JobError> {
        // Before anybody is asked to touch a token.
        let bytes = self
            .rendered
            .files
            .iter()
            .map(|(_, bytes)| bytes.len() as u64);
        medium::look(to, bytes.sum())?;
        if desk.policy.policy.media == Media::Removable && !medium::is_removable(to)? {
            return Err(JobError::NotRemovable { path: to.into() });
        }
        let chains = ledger::read_chains(&desk.review.ledger())?;
        export_log::check_siblings(to, log, &chains)?;
        // Before anything is recorded: lines that were begun count, and these may not even begin.
        self.check_budgets(desk, log, &chains)?;
        self.rendered.sign(signer)?;
        self.announce(desk, log, recorder)?;
        let files = &self.rendered.files;
        // The gate's verdict is a function of what was rendered. So it is not run again on what is read back: it is
        // shown that these are the bytes that were judged, all of them and none else but the signature.
        let judged = self.judged;
        let written = medium::write(to, files, &mut |back| {
            let is_judged = back
                .split_last()
                .is_some_and(|(_, rest)| digest(rest) == judged);
            if is_judged && back == files.as_slice() {
                Ok(())
            } else {
                Err("it is not what the gate has judged".into())
            }
        });
        Ok(written?)
    }

    /// Records that the bundle is about to leave, and only then looks whether all that left with it is still within
    /// the budget of the review: if a colleague exports at the same time, one of both sees the other's entry.
    ///
    /// The ledger comes first: a kill between both leaves an export that was begun and is on no medium. Written the
    /// other way round, the log could name a ledger's entry that there never was.
    fn announce(
        &self,
        desk: &Desk,
        log: &ExportLog,
        recorder: &Mutex<Recorder>,
    ) -> Result<(), JobError> {
        let (number, manifest) = (self.about.number, self.rendered.digest());
        lock(recorder).record(Event::ExportBegun {
            number,
            manifest,
            lines: self.lines.clone(),
        })?;
        let chains = ledger::read_chains(&desk.review.ledger())?;
        export_log::refuse_taken(number, manifest, &chains)?;
        let bundle = (number, manifest);
        log.append(
            ExportStep::Begun,
            bundle,
            self.lines.clone(),
            &digests(&chains),
        )?;
        self.check_budgets(desk, log, &chains)
    }

    /// Refuses if more lines would have left than the policy allows, with those that anybody quoted until now.
    fn check_budgets(
        &self,
        desk: &Desk,
        log: &ExportLog,
        chains: &[LedgerChain],
    ) -> Result<(), JobError> {
        if self.quotes.is_empty() {
            return Ok(());
        }
        let before = export_log::lines_before(desk, chains, &log.read(true)?)?;
        let budgets = gate::excerpts(&self.quotes, &before, &desk.policy.policy);
        match budgets.iter().find(|b| b.used > b.limit) {
            Some(budget) => Err(over(budget)),
            None => Ok(()),
        }
    }

    fn blocked(&self) -> JobError {
        let overlaps = &self.verdict.overlaps;
        if let Some(budget) = self.verdict.budgets.iter().find(|b| b.used > b.limit) {
            return over(budget);
        }
        let stops = overlaps.iter().filter(|o| o.rule == Rule::CodeRun).count();
        if self.verdict.is_only_stopped() {
            return JobError::NeedsReason { stops };
        }
        JobError::Blocked {
            overlaps: overlaps.len() - stops,
        }
    }
}

fn over(budget: &Budget) -> JobError {
    JobError::OverBudget {
        name: budget.name.clone(),
        used: budget.used,
        limit: budget.limit,
    }
}

fn digests(chains: &[LedgerChain]) -> Vec<LedgerDigests> {
    chains.iter().map(LedgerChain::digests).collect()
}

fn lock(recorder: &Mutex<Recorder>) -> MutexGuard<'_, Recorder> {
    recorder
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Returns what the ledger says of a failure: no path, because the ledger leaves the room with the next bundle.
fn not_exported(error: &JobError) -> String {
    let why = match error {
        JobError::Medium(error) => error.brief(),
        JobError::NotRemovable { .. } => "the medium is not removable".to_owned(),
        JobError::OverBudget { name, .. } => format!("more than {name} would have left"),
        JobError::ReadOnly { .. }
        | JobError::Ledger(_)
        | JobError::LedgerCut { .. }
        | JobError::Uncounted { .. } => "it could not be recorded".to_owned(),
        JobError::SiblingUnread { .. } => "the medium could not be read".to_owned(),
        JobError::NumberTaken { .. } => "another export was given its number".to_owned(),
        _ => "it could not be signed".to_owned(),
    };
    format!("not exported: {why}")
}

/// Returns whether a passphrase unlocks the key that is named so; an error if it is no key's name.
pub fn needs_passphrase(key: &str) -> Result<bool, JobError> {
    Ok(KeySource::parse(key)?.is_locked())
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

/// A bundle as it was rendered, and what it quotes.
struct Drawn {
    rendered: Rendered,
    number: u64,
    quotes: Vec<Quote>,
    lines: Vec<QuotedLines>,
    budgets: Vec<Budget>,
}

fn render(
    sources: &Sources<'_>,
    recorder: &Recorder,
    delivery: &Delivery,
    delivered: &DeliveredNames,
) -> Result<Drawn, JobError> {
    let desk = sources.desk;
    let folder = desk.review.ledger();
    let chains = ledger::read_chains(&folder)?;
    let quotes = excerpt::quotes(recorder.review(), sources.audience);
    let log = ExportLog::find(&desk.room, desk.review.name())?;
    let left = log.read(!quotes.is_empty())?;
    export_log::refuse_cut(log.find_cut(&left, &digests(&chains)))?;
    let mut bytes = Vec::new();
    for chain in &chains {
        let path = folder.join(format!("{}.jsonl", chain.reviewer));
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
    let inputs: Vec<LedgerInput<'_>> = chains
        .iter()
        .zip(&bytes)
        .map(|(chain, bytes)| LedgerInput {
            reviewer: &chain.reviewer,
            bytes,
            entries: &chain.entries,
        })
        .collect();
    let review = recorder.review();
    let lines =
        |file: &crate::model::TreeFile| indexed_lines(sources.index, file).map(Counted::All);
    // The lines of a folder are those of all its files, read or not.
    let all_files = coverage::run(sources.listing, review, &lines, Which::All);
    let folders = coverage::top_folders(&all_files);
    let coverage = if desk.policy.policy.coverage == CoverageDetail::Directory {
        all_files
    } else {
        coverage::run(sources.listing, review, &lines, Which::Touched)
    };
    let all = || chains.iter().flat_map(|chain| &chain.entries);
    let number = export_log::next_number(all());
    let excerpts = excerpt::read(sources.index, &quotes)?;
    let located = located::facts(sources.index, review);
    let policy = &desk.policy.policy;
    let before = if quotes.is_empty() {
        BTreeMap::new()
    } else {
        export_log::lines_before(desk, &chains, &left)?
    };
    let budgets = gate::excerpts(&quotes, &before, policy);
    let digest = program::digest().unwrap_or_default();
    let input = BundleInput {
        review,
        ledgers: &inputs,
        delivery,
        delivered,
        policy,
        policy_files: (desk.policy.machine, desk.policy.review),
        coverage: &coverage,
        folders: &folders,
        located: &located,
        excerpts: &excerpts,
        number,
        previous: export_log::previous(all()),
        reviewer: &desk.reviewer,
        review_name: desk.review.name(),
        program: Program {
            version: program::VERSION,
            digest: &digest,
        },
        confinement: sources.confinement,
        audience: sources.audience,
        reason: sources.reason.trim(),
        rendering: bundle::schema::RENDERING,
    };
    Ok(Drawn {
        rendered: bundle::render(&input),
        number,
        lines: model::quoted_lines(&excerpts),
        quotes,
        budgets,
    })
}
