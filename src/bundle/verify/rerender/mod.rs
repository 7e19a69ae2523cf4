//! Rendering the documents of a bundle again, from what is in the bundle.
//!
//! A signature proves who signed, not what the gate judged: whoever holds the key can sign a bundle of any content with
//! stock tools. So `verify` folds the ledgers of the bundle into the review that they record, takes from the documents
//! what no ledger can say (numbers, digests, git ids, times, paths: all of a closed grammar, see [`closed`]), renders
//! every document with that and compares the bytes. What is equal holds no byte that the ledgers or a closed grammar do
//! not account for, and the typed texts that the rendering lists are all the free text that there is.
//!
//! Where the policy lets no whole path leave, the entries of findings and notes are withheld. Then `findings.json`
//! and `sweeps.json` take their place: they are read strictly and everything else is rendered from them, while status,
//! replies and sweeps still come from the ledgers. [`RenderedFrom`] says which of both it was.
//!
//! A bundle is rendered as it states in `rendering`; earlier renderings are kept ([`rendering1`](super::super::rendering1)),
//! so that nobody gets past the comparison by stating one. A bundle of a program that did not state `rendering` is not
//! rendered again, and `verify` says so.
//!
//! Memory: the documents are bounded by [`super::folder::DOCUMENT`] each, and so are the ledgers' entries that are kept.

mod canonical;
mod closed;
mod facts;
mod fold;
mod ledgers;
mod order;

pub use closed::LooseText;
pub use ledgers::BundleLedger;

use super::super::ledger::{Withholding, file_name, typed_texts};
use super::super::render::{BundleInput, Program, newest_time, render_documents};
use super::super::schema;
use super::{Check, Documents, Problem};
use crate::model::{
    BlobId, DeliveredNames, Excerpt, Marks, OutgoingField, PathDetail, Policy, Quote, RepoPath,
    Review, Typed, quoted_before, quotes,
};
use facts::BundleFacts;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the documents of a bundle were rendered from again, to be compared with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RenderedFrom {
    /// Everything from the ledgers.
    Ledgers,
    /// Findings, notes and verdicts from `findings.json` and `sweeps.json`, because the policy withholds their entries.
    Findings,
    /// Nothing was rendered again.
    #[default]
    None,
}

/// What a bundle holds of free text, and what the gate needs to know to judge it again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BundleContent {
    /// Every typed text at every place where it occurs, in the order of the files.
    pub typed: Vec<Typed>,
    /// Every vendor path in the bundle.
    pub paths: BTreeSet<RepoPath>,
    /// Every id that the bundle knows.
    pub ids: Vec<String>,
    /// The policy of the bundle.
    pub policy: Policy,
    /// The locations whose lines it quotes.
    pub quotes: Vec<Quote>,
    /// The lines that earlier bundles quoted, as far as the ledgers say.
    pub quoted: BTreeMap<BlobId, Marks>,
    /// Why what the gate only stops may leave.
    pub reason: String,
}

/// Reads the policy of a bundle.
pub fn read_policy(files: &Documents) -> Option<Policy> {
    facts::read_policy(files).ok()
}

impl Check {
    /// Renders the documents again and compares them with those in the bundle.
    pub fn rerender(&mut self, files: &Documents, ledgers: &[BundleLedger], excerpts: &[Excerpt]) {
        let Some(statement) = &self.found.statement else {
            return;
        };
        match statement.predicate.rendering {
            None => {
                // Only programs that render again write this key.
                let policy = files.get("policy.toml").map(Vec::as_slice);
                if policy.is_some_and(|p| memchr::memmem::find(p, b"gate_at_release").is_some()) {
                    let what = "does not say how its documents were rendered, and policy.toml is of a program that says it";
                    self.wrong("bundle.json", what);
                }
                return;
            }
            Some(1..=schema::RENDERING) => {}
            Some(other) => {
                let what = format!(
                    "says rendering {other}, and this program knows 1 to {}: use a newer program",
                    schema::RENDERING
                );
                return self.wrong("bundle.json", what);
            }
        }
        let facts = match BundleFacts::read(statement.clone(), files, excerpts) {
            Ok(facts) => facts,
            Err(problem) => return self.found.problems.push(problem),
        };
        let mut problems = closed::document_problems(&facts);
        problems.extend(ledgers.iter().filter_map(BundleLedger::problem));
        let review = fold::restore_review(&facts, ledgers);
        let from = if facts.policy.paths == PathDetail::Full {
            RenderedFrom::Ledgers
        } else {
            RenderedFrom::Findings
        };
        let rendered = Rendering {
            facts: &facts,
            ledgers,
            review: &review,
        };
        let content = rendered.compare(files, from, &mut problems);
        self.found.problems.extend(problems);
        self.found.rendered = from;
        self.found.content = Some(content);
    }
}

/// A bundle as it was read, ready to be rendered again.
struct Rendering<'a> {
    facts: &'a BundleFacts,
    ledgers: &'a [BundleLedger],
    review: &'a Review,
}

impl Rendering<'_> {
    fn compare(
        &self,
        files: &Documents,
        from: RenderedFrom,
        problems: &mut Vec<Problem>,
    ) -> BundleContent {
        let facts = self.facts;
        let stated = &facts.statement.predicate;
        let delivered = self.named();
        let input = BundleInput {
            delivered: &delivered,
            review: self.review,
            ledgers: &[],
            delivery: &facts.delivery,
            policy: &facts.policy,
            policy_files: (stated.policy_of_machine, stated.policy_of_review),
            coverage: &facts.coverage,
            folders: &facts.folders,
            located: &facts.located,
            excerpts: &facts.excerpts,
            number: stated.number,
            previous: stated.previous,
            reviewer: &stated.reviewer,
            review_name: &stated.review,
            program: Program {
                version: &stated.program.version,
                digest: &stated.program.sha256,
            },
            confinement: &stated.confinement,
            audience: facts.audience,
            reason: stated.reason.as_deref().unwrap_or_default(),
            rendering: stated.rendering.unwrap_or(schema::RENDERING),
        };
        let time = self.newest();
        let again = render_documents(&input, time.as_deref(), &self.records());
        let source = match from {
            RenderedFrom::Findings => "what findings.json, sweeps.json and the ledgers say",
            _ => "what the ledgers say",
        };
        for (name, bytes) in &again.files {
            // What is missing or was changed under its digest is a problem already.
            let Some(found) = files.get(name).filter(|found| *found != bytes) else {
                continue;
            };
            let what = format!(
                "is not {source}: line {} differs",
                first_difference(found, bytes)
            );
            problems.push(problem(name, what));
        }
        for name in files.keys() {
            if again.files.iter().all(|(known, _)| known != name) {
                problems.push(problem(name, "is no file of a bundle".to_owned()));
            }
        }
        self.withheld(&input, problems);
        self.content(again.typed, &delivered)
    }

    /// Returns the paths and blobs that the bundle names, all taken for delivered: whether they are is checked against
    /// the snapshot, see [`BundleContent::paths`], and without one nothing is judged.
    fn named(&self) -> DeliveredNames {
        let mut names = DeliveredNames::default();
        let entries = self.ledgers.iter().flat_map(BundleLedger::entries);
        entries.for_each(|entry| entry.visit_texts("", "", &mut names));
        self.facts.findings.visit_texts("", "", &mut names);
        self.facts.delivery.visit_texts("", "", &mut names);
        names.all_delivered()
    }

    /// Names the entries that the policy or the audience does not let leave.
    fn withheld(&self, input: &BundleInput<'_>, problems: &mut Vec<Problem>) {
        let all = || self.ledgers.iter().flat_map(BundleLedger::entries);
        let withholding = Withholding::of_entries(input, all);
        for ledger in self.ledgers {
            let stays = |(line, entry): &&(u64, _)| withholding.stays(entry).then_some(*line);
            let line = ledger.kept.iter().find_map(|kept| stays(&kept));
            let line = line.or_else(|| ledger.unkept_that_stays(&self.facts.policy));
            if let Some(line) = line {
                let what = format!("line {line} is an entry that must not leave");
                problems.push(problem(ledger.file(), what));
            }
        }
    }

    /// Returns the time of the newest entry: as the ledgers say it or, where a last entry is withheld, as `bundle.json`
    /// does, if it can be true.
    fn newest(&self) -> Option<String> {
        let ledgers = self.ledgers.iter().filter(|l| l.record.entries > 0);
        let times = ledgers.map(|l| l.last_time.as_deref());
        let known = newest_time(times.clone().flatten());
        let stated = self.facts.statement.predicate.time.as_deref();
        if times.clone().all(|time| time.is_some()) {
            return known.map(str::to_owned);
        }
        let is_later = newest_time(known.into_iter().chain(stated)) == stated;
        stated
            .filter(|time| closed::is_time(time) && is_later)
            .or(known)
            .map(str::to_owned)
    }

    /// Returns what `bundle.json` has to say of the ledgers: numbers and heads were compared with the files before.
    fn records(&self) -> Vec<schema::LedgerRecord> {
        let mut records: Vec<schema::LedgerRecord> = Vec::new();
        for ledger in &self.facts.statement.predicate.ledgers {
            let taken = records.iter().map(|r| r.file.as_str());
            records.push(schema::LedgerRecord {
                file: file_name(&ledger.reviewer, taken),
                ..ledger.clone()
            });
        }
        records
    }

    fn content(&self, mut typed: Vec<Typed>, delivered: &DeliveredNames) -> BundleContent {
        let facts = self.facts;
        let mut loose = LooseText::default();
        loose.add_documents(facts);
        let mut ids = facts.ids();
        for ledger in self.ledgers {
            let entries = ledger.kept.iter().map(|(line, entry)| (*line, entry));
            typed.extend(typed_texts(entries, ledger.file(), delivered));
            for (line, entry) in &ledger.kept {
                loose.add_entry(entry, ledger.file(), *line);
                ids.extend(closed::ids_of(entry));
            }
            loose.paths.extend(ledger.paths.iter().cloned());
        }
        typed.extend(loose.texts);
        typed.sort_by(|a, b| a.file.cmp(&b.file));
        let all = self.ledgers.iter().flat_map(BundleLedger::entries);
        BundleContent {
            typed,
            paths: loose.paths,
            ids,
            policy: facts.policy.clone(),
            quotes: self
                .review
                .findings_by_number()
                .into_iter()
                .flat_map(quotes)
                .collect(),
            quoted: quoted_before(all),
            reason: facts.statement.predicate.reason.clone().unwrap_or_default(),
        }
    }
}

fn problem(file: &str, what: String) -> Problem {
    Problem {
        file: file.to_owned(),
        what,
    }
}

/// Returns the number of the first line in which two files differ.
fn first_difference(a: &[u8], b: &[u8]) -> usize {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    memchr::memchr_iter(b'\n', &a[..same]).count() + 1
}
