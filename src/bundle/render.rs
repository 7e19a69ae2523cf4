//! From the state of a review to the files of a bundle.

use super::ledger::{Leaving, Withholding, file_name};
use super::manifest::{self, SIGNATURE, SUMS, json};
use super::schema::{self, LedgerFile, Statement};
use super::sign::{NAMESPACE, Signer};
use super::typed::TypedTexts;
use super::{
    BundleError, coverage, excerpts, place, readme, rendering1, report, report_html, sarif, sweeps,
};
use crate::model::{
    Anchor, Audience, Budget, CommitId, DeliveredNames, Delivery, Digest, Entry, Excerpt,
    FileCoverage, Finding, FolderLines, LocatedFacts, Location, LocationFacts, Note, NoteKind,
    OddEntry, OutgoingField, PathDetail, Policy, Reply, Review, Span, SweepState, TreeId, Typed,
    Vector, cwe, outgoing_fields,
};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Everything that a bundle says.
#[derive(Clone, Copy, Debug)]
pub struct BundleInput<'a> {
    /// The state of the review.
    pub review: &'a Review,
    /// Every reviewer's ledger, in the order in which they were folded.
    pub ledgers: &'a [LedgerInput<'a>],
    /// What was delivered.
    pub delivery: &'a Delivery,
    /// The files of the delivery that the ledgers name: a path or blob that is not among them is judged like text.
    pub delivered: &'a DeliveredNames,
    /// The policy in force.
    pub policy: &'a Policy,
    /// The digests of the machine's and of the review's own policy.
    pub policy_files: (Option<Digest>, Option<Digest>),
    /// Every text file, or those that the review touched; in the order in which they shall be listed.
    pub coverage: &'a [FileCoverage],
    /// All text in each folder at the top of the snapshot, in the order of the paths.
    pub folders: &'a [FolderLines],
    /// What the texts at the locations of findings and notes say, as far as they are known.
    pub located: &'a LocatedFacts,
    /// The lines that the findings quote, with whole paths; in the order in which they shall be listed.
    pub excerpts: &'a [Excerpt],
    /// Counts the bundles of the review, from 1.
    pub number: u64,
    /// SHA-256 of the `SHA256SUMS` of the bundle before.
    pub previous: Option<Digest>,
    /// Who exports: the signature's principal.
    pub reviewer: &'a str,
    /// The review's name.
    pub review_name: &'a str,
    /// The running program.
    pub program: Program<'a>,
    /// How the program is confined, in words.
    pub confinement: &'a str,
    /// Who it is for: findings that they may not read stay.
    pub audience: Audience,
    /// Why what the gate only stops may leave; empty if nobody said.
    pub reason: &'a str,
    /// Which rendering is wanted: [`schema::RENDERING`] but for `verify`, which knows those before it.
    pub rendering: u32,
}

impl<'a> BundleInput<'a> {
    /// Says who the bundle is for, and that it does not hold what others may read.
    pub fn readers(&self) -> &'static str {
        match self.audience {
            Audience::Agency => "the agency: everything but private notes",
            Audience::Vendor => "the vendor: findings for the agency alone are not in this bundle",
            Audience::Public => {
                "the public: findings for the agency or the vendor, questions and sweeps are not in this bundle"
            }
        }
    }

    /// Returns what the text at an anchor says.
    pub fn facts_of(&self, anchor: &Anchor) -> LocationFacts {
        let span = anchor.extent.lines();
        let facts = span.and_then(|span| self.located.get(&(anchor.blob, span)).copied());
        let facts = facts.unwrap_or_default();
        LocationFacts {
            // It is for trackers that find the file by its path.
            line_hash: facts
                .line_hash
                .filter(|_| self.policy.paths == PathDetail::Full),
            ..facts
        }
    }

    /// Returns the tree of a commit under review.
    pub fn tree_of(&self, commit: CommitId) -> Option<TreeId> {
        if commit == self.delivery.commit {
            return Some(self.delivery.tree);
        }
        let mut snapshots = self.review.snapshots().iter();
        snapshots
            .find(|(of, _)| *of == commit)
            .map(|(_, tree)| *tree)
    }

    /// Returns the findings that the bundle holds.
    pub fn findings(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        let audience = self.audience;
        let findings = self.review.findings_by_number().into_iter();
        findings.filter(move |f| f.is_for(audience))
    }

    /// Returns the notes of a kind that the bundle holds: what is meant for the vendor is not for the public.
    pub fn notes(&self, kind: NoteKind) -> impl Iterator<Item = &'a Note> + use<'a> {
        let is_public = self.audience == Audience::Public;
        let notes = self.review.notes_by_number().into_iter();
        notes.filter(move |n| n.kind == kind && !is_public)
    }

    /// Returns the sweeps that the bundle holds: what was looked for is not for the public.
    pub fn sweeps(&self) -> impl Iterator<Item = &'a SweepState> + use<'a> {
        let is_public = self.audience == Audience::Public;
        let sweeps = self.review.sweeps_by_number().into_iter();
        sweeps.filter(move |_| !is_public)
    }
}

/// One reviewer's ledger.
#[derive(Clone, Copy, Debug)]
pub struct LedgerInput<'a> {
    /// Whose.
    pub reviewer: &'a str,
    /// The file's bytes: whole lines, as many as there are entries.
    pub bytes: &'a [u8],
    /// The entries that the bytes hold.
    pub entries: &'a [Entry],
}

/// The running program.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// Its version.
    pub version: &'a str,
    /// SHA-256 of its file in hexadecimal digits, or an empty text if it could not be read.
    pub digest: &'a str,
}

/// A bundle in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Name and bytes of every file, by name, `SHA256SUMS` behind them; the signature once it is signed.
    pub files: Vec<(String, Vec<u8>)>,
    /// Every free text of every file, at each place where it is. Within a file texts come before names, see
    /// `typed`.
    pub typed: Vec<Typed>,
    /// The first entry of a ledger that may not leave, because no version of this program writes it so.
    pub odd: Option<OddEntry>,
}

impl Rendered {
    /// Returns the bytes of `SHA256SUMS`: what is signed.
    pub fn manifest(&self) -> &[u8] {
        let sums = self.files.iter().find(|(name, _)| name == SUMS);
        &sums.expect("a rendered bundle holds its manifest").1
    }

    /// Returns the digest that the next bundle names as the one before it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.manifest())
    }

    /// Adds the signature.
    pub fn sign(&mut self, signer: &Signer) -> Result<(), BundleError> {
        let signature = signer.sign(NAMESPACE, self.manifest())?;
        self.files.retain(|(name, _)| name != SIGNATURE);
        self.files
            .push((SIGNATURE.to_owned(), signature.into_bytes()));
        Ok(())
    }

    /// Returns what the bundle uses of the bytes that the policy allows.
    pub fn budget(&self, policy: &Policy) -> Budget {
        Budget {
            name: "max_bundle_bytes".to_owned(),
            used: self.files.iter().map(|(_, bytes)| bytes.len() as u64).sum(),
            limit: policy.max_bundle_bytes,
        }
    }
}

/// Returns `alice/F1`.
pub fn label(reviewer: &str, letter: char, number: u32) -> String {
    format!("{reviewer}/{letter}{number}")
}

/// Returns the letter of a note's number as a word of the program's own.
pub fn letter(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Note => "N",
        NoteKind::Remark => "R",
        NoteKind::Question => "Q",
    }
}

/// The bytes of a file, and the free texts in it.
type Listed = (Vec<u8>, Vec<Typed>);

/// Returns a document as JSON, and the free texts in it.
fn document(
    input: &BundleInput<'_>,
    file: &str,
    document: &(impl OutgoingField + Serialize),
) -> Listed {
    let bytes = json(document);
    let mut typed = TypedTexts::new(file, input.delivered);
    typed.visit(document);
    let typed = typed.finish_in(&bytes);
    (bytes, typed)
}

/// Renders the bundle. The same input gives the same bytes.
pub fn render(input: &BundleInput<'_>) -> Rendered {
    let withholding = Withholding::new(input);
    let mut ledgers: Vec<Leaving> = Vec::new();
    for ledger in input.ledgers {
        let file = file_name(ledger.reviewer, ledgers.iter().map(|l| l.file.as_str()));
        ledgers.push(withholding.apply(ledger, file));
    }
    let record = |(input, leaving): (&LedgerInput<'_>, &Leaving)| schema::LedgerRecord {
        file: leaving.file.clone(),
        reviewer: input.reviewer.to_owned(),
        entries: leaving.entries,
        withheld: leaving.withheld,
        head: leaving.head,
    };
    let records: Vec<_> = input.ledgers.iter().zip(&ledgers).map(record).collect();
    let RenderedDocuments {
        mut files,
        mut typed,
    } = render_documents(input, newest(input.ledgers), &records);
    let mut odd = None;
    let mut sums_typed = TypedTexts::new(SUMS, input.delivered);
    for ledger in ledgers {
        sums_typed.visit(&LedgerName { file: &ledger.file });
        typed.extend(ledger.typed);
        files.push((ledger.file, ledger.bytes));
        odd = odd.or(ledger.odd);
    }
    files.sort();
    let sums = manifest::write(&files);
    typed.extend(sums_typed.finish_in(&sums));
    files.push((SUMS.to_owned(), sums));
    typed.sort_by(|a, b| a.file.cmp(&b.file));
    Rendered { files, typed, odd }
}

/// The files of a bundle but for its ledgers and its manifest, and every typed text in them.
pub struct RenderedDocuments {
    pub files: Vec<(String, Vec<u8>)>,
    pub typed: Vec<Typed>,
}

/// Renders every document but the ledgers, of which `ledgers` says what `bundle.json` says; `time` is that of the newest
/// entry. Both are arguments because a receiver has no withheld entry: `verify` renders the documents again with this.
pub fn render_documents(
    input: &BundleInput<'_>,
    time: Option<&str>,
    ledgers: &[schema::LedgerRecord],
) -> RenderedDocuments {
    let policy = input.policy.to_toml().into_bytes();
    let coverage = coverage::document(input);
    let statement = statement(input, ledgers, &policy, time);
    let excerpts = excerpts::leaving(input);
    let excerpts_file =
        excerpts::document(&input.policy.label, input.policy.excerpt_lines, &excerpts);
    let mut policy_typed = TypedTexts::new("policy.toml", input.delivered);
    policy_typed.visit(input.policy);
    let policy_typed = policy_typed.finish_in(&policy);
    let excerpts_typed = excerpts::typed(input, &excerpts, &excerpts_file);
    let mut documents: Vec<(&str, Listed)> = vec![
        ("bundle.json", document(input, "bundle.json", &statement)),
        ("coverage.json", document(input, "coverage.json", &coverage)),
        (excerpts::FILE, (excerpts_file, excerpts_typed)),
        (
            "findings.json",
            document(input, "findings.json", &findings(input)),
        ),
        ("policy.toml", (policy, policy_typed)),
        (
            "snapshot.json",
            document(input, "snapshot.json", &snapshot(input)),
        ),
        (
            "sweeps.json",
            document(input, "sweeps.json", &sweeps::document(input)),
        ),
    ];
    documents.extend(if input.rendering == rendering1::NUMBER {
        rendering1::documents(input, &coverage, time)
    } else {
        vec![
            ("README.txt", readme::render(input)),
            ("findings.sarif", sarif::render(input)),
            ("questions.md", report::questions(input)),
            ("report.html", report_html::render(input, &coverage, time)),
            ("report.md", report::report(input, &coverage, time)),
        ]
    });
    documents.sort_by_key(|(name, _)| *name);
    let (mut files, mut typed) = (Vec::new(), Vec::new());
    for (name, (bytes, texts)) in documents {
        files.push((name.to_owned(), bytes));
        typed.extend(texts);
    }
    // Line numbers can spell a text out; they are numbers in every document, and judged once.
    let spelt = input.findings().filter_map(|finding| {
        Some(Typed {
            file: "findings.json".to_owned(),
            line: 1,
            text: finding.lines_as_text()?,
            what: format!(
                "{} line numbers",
                label(&finding.reviewer, 'F', finding.number)
            ),
        })
    });
    typed.extend(spelt);
    RenderedDocuments { files, typed }
}

/// A ledger as the manifest names it.
struct LedgerName<'a> {
    file: &'a str,
}
outgoing_fields!(LedgerName<'_> => { file as LedgerFile });

fn newest<'a>(ledgers: &[LedgerInput<'a>]) -> Option<&'a str> {
    newest_time(
        ledgers
            .iter()
            .filter_map(|l| l.entries.last())
            .map(|e| e.time.as_str()),
    )
}

/// Returns the time of the newest entry: the latest of the ledgers' last ones.
pub fn newest_time<'a>(times: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    times.max_by_key(|t| (OffsetDateTime::parse(t, &Rfc3339).ok(), *t))
}

fn findings(input: &BundleInput<'_>) -> schema::Findings {
    let record = |finding: &Finding| {
        let number = label(&finding.reviewer, 'F', finding.number);
        let replies = input.review.replies(finding.id);
        let weakness = |id: &u32| schema::CweRecord {
            id: *id,
            title: cwe::title(*id).map(str::to_owned),
        };
        schema::FindingRecord {
            id: finding.id,
            number,
            reviewer: finding.reviewer.clone(),
            commit: finding.commit,
            kind: finding.kind,
            title: finding.title.clone(),
            words: finding.words.clone(),
            severity: finding.severity,
            confidence: finding.confidence,
            priority: finding.priority,
            difficulty: finding.difficulty,
            category: finding.category,
            audience: finding.audience,
            status: finding.status,
            cwe: finding.cwe.iter().map(weakness).collect(),
            cvss: finding.cvss.iter().map(|v| score(v, input)).collect(),
            references: finding.references.clone(),
            is_trail: finding.is_trail,
            locations: finding
                .locations
                .iter()
                .map(|l| location(l, input))
                .collect(),
            history: finding.history.clone(),
            replies: replies.iter().map(reply).collect(),
        }
    };
    let findings = input.findings().map(record).collect();
    let remarks = input.notes(NoteKind::Remark);
    let notes = remarks.chain(input.notes(NoteKind::Question));
    let notes = notes.map(|note| note_record(note, input)).collect();
    schema::Findings {
        schema: schema::FINDINGS.to_owned(),
        label: input.policy.label.clone(),
        review: input.review_name.to_owned(),
        commit: input.delivery.commit,
        tree: input.delivery.tree,
        paths: input.policy.paths,
        findings,
        notes,
    }
}

fn note_record(note: &Note, input: &BundleInput<'_>) -> schema::NoteRecord {
    let number = label(&note.reviewer, note.kind.letter(), note.number);
    let replies = input.review.replies(note.id);
    schema::NoteRecord {
        id: note.id,
        number,
        reviewer: note.reviewer.clone(),
        commit: note.commit,
        kind: note.kind,
        text: note.text.clone(),
        location: location(&note.location, input),
        replies: replies.iter().map(reply).collect(),
    }
}

fn score(vector: &Vector, input: &BundleInput<'_>) -> schema::ScoreRecord {
    let is_first = input.rendering == rendering1::NUMBER;
    let score = if is_first {
        rendering1::score(vector)
    } else {
        vector.overall()
    };
    schema::ScoreRecord {
        vector: vector.clone(),
        score: score.to_string(),
        rating: score.rating().to_owned(),
        base_score: (!is_first).then(|| vector.base()),
        base_rating: (!is_first).then(|| vector.base().rating().to_owned()),
        overall_score: (!is_first).then(|| vector.overall()),
    }
}

fn reply(reply: &Reply) -> schema::ReplyRecord {
    schema::ReplyRecord {
        id: reply.id,
        reviewer: reply.reviewer.clone(),
        voice: reply.voice,
        text: reply.text.clone(),
    }
}

fn location(location: &Location, input: &BundleInput<'_>) -> schema::LocationRecord {
    let anchor = &location.anchor;
    let facts = input.facts_of(anchor);
    schema::LocationRecord {
        path: place::shown(&anchor.path, input.policy.paths),
        blob: anchor.blob,
        start_line: anchor.extent.lines().map(Span::start),
        end_line: anchor.extent.lines().map(Span::end),
        bytes: anchor.extent.bytes(),
        whole: anchor.extent.whole(),
        role: location.role,
        label: location.label.clone(),
        is_quoted: location.is_quoted,
        symbol: anchor.symbol.clone(),
        ordinal: anchor.ordinal,
        encoding: facts.encoding,
        end_column: facts.end_column,
        line_hash: facts.line_hash,
    }
}

/// `snapshot.json`.
#[derive(Serialize)]
struct SnapshotDocument {
    schema: &'static str,
    label: String,
    #[serde(flatten)]
    delivery: Delivery,
}
outgoing_fields!(SnapshotDocument, item = |_d| "policy" => { schema, label, delivery });

/// Returns what was delivered, with paths as far as they may leave.
fn snapshot(input: &BundleInput<'_>) -> SnapshotDocument {
    let mut delivery = input.delivery.clone();
    let paths = input.policy.paths;
    if paths == PathDetail::BlobId {
        delivery.not_searched.clear();
        delivery.searched_as_bytes.clear();
        delivery.vendor_influence.clear();
        delivery.flags.clear();
    }
    let cut = |path: &mut crate::model::RepoPath| {
        if let Some(shown) = place::shown(path, paths) {
            *path = shown;
        }
    };
    delivery
        .not_searched
        .iter_mut()
        .for_each(|n| cut(&mut n.path));
    delivery
        .searched_as_bytes
        .iter_mut()
        .for_each(|s| cut(&mut s.path));
    delivery
        .vendor_influence
        .iter_mut()
        .for_each(|i| cut(&mut i.path));
    delivery.flags.iter_mut().for_each(|f| cut(&mut f.path));
    SnapshotDocument {
        schema: schema::SNAPSHOT,
        label: input.policy.label.clone(),
        delivery,
    }
}

fn statement(
    input: &BundleInput<'_>,
    ledgers: &[schema::LedgerRecord],
    policy: &[u8],
    time: Option<&str>,
) -> Statement {
    let subject = |name: &str, digest| schema::Subject {
        name: name.to_owned(),
        digest,
    };
    let snapshot = |(commit, tree): &_| schema::SnapshotRecord {
        commit: *commit,
        tree: *tree,
    };
    Statement {
        kind: schema::STATEMENT.to_owned(),
        subject: vec![
            subject("commit", schema::GitDigest::Commit(input.delivery.commit)),
            subject("tree", schema::GitDigest::Tree(input.delivery.tree)),
        ],
        predicate_type: schema::PREDICATE.to_owned(),
        predicate: schema::Predicate {
            review: input.review_name.to_owned(),
            reviewer: input.reviewer.to_owned(),
            number: input.number,
            previous: input.previous,
            time: time.map(str::to_owned),
            label: input.policy.label.clone(),
            reason: Some(input.reason.to_owned()).filter(|r| !r.is_empty()),
            policy: Digest::of(policy),
            policy_of_machine: input.policy_files.0,
            policy_of_review: input.policy_files.1,
            second_signer: input.policy.second_signer,
            program: schema::ProgramRecord {
                name: "glassroom".to_owned(),
                version: input.program.version.to_owned(),
                sha256: input.program.digest.to_owned(),
            },
            confinement: input.confinement.to_owned(),
            snapshots: input.review.snapshots().iter().map(snapshot).collect(),
            ledgers: ledgers.to_vec(),
            rendering: Some(input.rendering),
            audience: Some(input.audience),
            searches: Some(input.review.searches()),
        },
    }
}
