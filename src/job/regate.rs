//! The gate, run again over a bundle on its medium: by whoever receives or releases it, with the snapshot in hand and
//! without the reviewer's home.
//!
//! After a bundle's documents were rendered again and are the same, its typed texts are all the free text that it holds, so
//! they are what is judged, with every path and symbol that the snapshot does not confirm. If they were not rendered
//! again, or are not the same, every string and line of every file is judged as well, by the rules that find copied text:
//! then nothing rests on the rendering.

use super::delivered::read_object;
use super::listing::{Listing, reason};
use super::{Cancel, JobError};
use crate::archive::PassageFinder;
use crate::bundle::{self, BundleContent, Problem, RenderedFrom, Verified};
use crate::gate::{self, Corpus, GateError, Passage, Question, Watch};
use crate::index::prepare_as;
use crate::model::{
    BlobId, Budget, CommitId, DeliveredText, ObjectId, Overlap, Policy, Reason, RepoPath, Rule,
    Typed, Verdict,
};
use crate::snapshot::Snapshot;
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The largest blob that the gate reads: the largest that any installation can be told to show.
const LARGEST_BLOB: u64 = 1024 << 20;
/// Blobs that one thread takes at a time: neighbours in a pack share their delta bases.
const AT_A_TIME: usize = 512;

/// With how much of the deliveries a bundle is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparisonReach {
    /// With the files of the snapshots that the bundle names.
    Snapshots,
    /// With everything that was delivered: other versions of files, blobs that no commit names, messages too.
    Deliveries,
}

/// What a bundle was compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RepeatedComparison {
    /// Snapshots of the vendor's.
    pub snapshots: u64,
    /// Different texts: files of the snapshots, and everything else that was delivered with them.
    pub texts: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Texts that nobody can read: missing or damaged in the delivery.
    pub unread: u64,
    /// Characters of the bundle that were judged, each text once.
    pub characters: u64,
    /// Whether everything that was delivered was compared, not only the files of the snapshots.
    pub history: bool,
}

/// What the gate says of a bundle on its medium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateReport {
    /// Overlaps and budgets.
    pub verdict: Verdict,
    /// What it was compared with.
    pub compared: RepeatedComparison,
    /// What is wrong, in the words of `verify`.
    pub problems: Vec<Problem>,
}

/// A bundle on its medium.
pub struct BundleOnMedium<'a> {
    /// Its folder.
    pub folder: &'a Path,
    /// What was found without a snapshot.
    pub found: &'a Verified,
    /// The policy of the machine, if there is one. The stricter value of it and the bundle's counts.
    pub machine: Option<&'a Policy>,
    /// With how much it is compared.
    pub reach: ComparisonReach,
}

/// Runs the gate. `snapshots` are those of the bundle's statement that could be opened. `progress` is told how many bytes
/// of the vendor's were compared, and how many there are.
pub fn run(
    medium: &BundleOnMedium<'_>,
    snapshots: Vec<Snapshot>,
    cancel: &Cancel,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<GateReport, JobError> {
    let found = medium.found;
    let texts = SnapshotTexts::list(snapshots, medium.reach, cancel)?;
    let own = found.policy.clone().unwrap_or_default();
    let policy = match medium.machine {
        Some(machine) => machine.clone().stricter(own),
        None => own,
    };
    let nothing = BundleContent::default();
    let content = found.content.as_ref().unwrap_or(&nothing);
    // That nobody released it yet says nothing of its documents.
    let is_right = found.problems.iter().all(|p| p.file == bundle::RELEASE);
    let is_rendered = found.rendered != RenderedFrom::None && is_right;
    let mut typed = content.typed.clone();
    let unknown = content.paths.iter().filter(|path| !texts.knows(path));
    typed.extend(unknown.map(|path| Typed {
        file: "findings.json".to_owned(),
        line: 1,
        text: path.to_string(),
        what: "path".to_owned(),
    }));
    let known = texts.known_ids(content);
    let is_known = |id: &str| known.has(id);
    let question = Question {
        typed: &typed.clone(),
        policy: &policy,
        reason: &content.reason,
        is_known: &is_known,
    };
    let mut verdict = judge(&question, &texts, cancel, progress)?;
    if !is_rendered {
        typed.extend(bundle::strings(medium.folder)?);
        let question = Question {
            typed: &typed,
            ..question
        };
        texts.start_again();
        // What is no typed text may hold a digest or a mark of its format, beside typed text too; only copied text counts.
        let all = judge(&question, &texts, cancel, progress)?.overlaps;
        let is_copied = |o: &Overlap| matches!(o.rule, Rule::Run32 | Rule::Line | Rule::Disguise);
        verdict.overlaps.extend(all.into_iter().filter(is_copied));
        verdict.overlaps.sort();
        verdict.overlaps.dedup();
        verdict
            .budgets
            .retain(|b| !b.name.starts_with("identifiers_"));
    }
    verdict
        .budgets
        .extend(gate::excerpts(&content.quotes, &content.quoted, &policy));
    verdict.budgets.push(Budget {
        name: "max_bundle_bytes".to_owned(),
        used: found.bytes,
        limit: policy.max_bundle_bytes,
    });
    let characters: BTreeSet<&str> = typed.iter().map(|t| t.text.as_str()).collect();
    let characters = characters.iter().map(|t| t.chars().count() as u64).sum();
    let problems = problems(&verdict, !content.reason.trim().is_empty());
    verdict.blocked = !problems.is_empty();
    Ok(GateReport {
        compared: RepeatedComparison {
            characters,
            ..texts.compared
        },
        verdict,
        problems,
    })
}

/// Returns which of a bundle's snapshots are to be compared with.
pub fn commits(found: &Verified) -> Vec<CommitId> {
    let statement = found.statement.iter();
    let all = statement.flat_map(|s| &s.predicate.snapshots);
    all.map(|snapshot| snapshot.commit).collect()
}

/// Says what the gate objects to: one problem a file, and one for each budget.
fn problems(verdict: &Verdict, has_reason: bool) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    let objects = |o: &&Overlap| o.rule != Rule::CodeRun || !has_reason;
    let files: BTreeSet<&str> = verdict
        .overlaps
        .iter()
        .filter(objects)
        .map(|o| o.file.as_str())
        .collect();
    for file in files {
        let mut count = verdict
            .overlaps
            .iter()
            .filter(objects)
            .filter(|o| o.file == file);
        let Some(first) = count.next() else { continue };
        let more = match count.count() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        problems.push(Problem {
            file: file.to_owned(),
            what: format!(
                "the gate objects to line {}: {} ({}){more}",
                first.line,
                first.rule.word(),
                first.what
            ),
        });
    }
    for budget in verdict.budgets.iter().filter(|b| b.used > b.limit) {
        problems.push(Problem {
            file: String::new(),
            what: format!(
                "uses {} of {}, and the policy allows {}",
                budget.used, budget.name, budget.limit
            ),
        });
    }
    problems
}

fn judge(
    question: &Question<'_>,
    texts: &SnapshotTexts,
    cancel: &Cancel,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Verdict, JobError> {
    let (mut done, total) = (0, texts.compared.bytes);
    let watch = Watch {
        is_cancelled: &|| cancel.is_cancelled(),
        progress: &mut |bytes| {
            done = (done + bytes).min(total);
            progress(done, total);
        },
    };
    gate::judge(question, texts, watch).map_err(|error| match error {
        GateError::Cancelled => JobError::Cancelled,
        GateError::Corpus(source) => source,
    })
}

/// Every text that was delivered with some snapshots, read from their repositories.
struct SnapshotTexts {
    /// Each thread opens its own.
    snapshots: Mutex<Vec<Snapshot>>,
    /// Different blobs, each with a path and its snapshot, in the order of the packs.
    files: Vec<(usize, BlobId, RepoPath)>,
    /// The other objects of the deliveries: history, messages, blobs that no commit names.
    others: Vec<(usize, ObjectId)>,
    next: AtomicUsize,
    /// Every path, every folder, and each cut to its last two parts.
    paths: HashSet<RepoPath>,
    ids: Vec<String>,
    compared: RepeatedComparison,
}

impl SnapshotTexts {
    fn list(
        snapshots: Vec<Snapshot>,
        reach: ComparisonReach,
        cancel: &Cancel,
    ) -> Result<Self, JobError> {
        let mut texts = Self {
            snapshots: Mutex::default(),
            files: Vec::new(),
            others: Vec::new(),
            next: AtomicUsize::new(0),
            paths: HashSet::new(),
            ids: Vec::new(),
            compared: RepeatedComparison::default(),
        };
        let mut seen = HashSet::new();
        for (nth, snapshot) in snapshots.iter().enumerate() {
            texts.add(nth, snapshot, &mut seen, cancel)?;
        }
        let mut known: HashSet<ObjectId> = seen
            .iter()
            .map(|blob| ObjectId::new(*blob.as_bytes()))
            .collect();
        let all = snapshots.iter().enumerate();
        for (nth, snapshot) in all.filter(|_| reach == ComparisonReach::Deliveries) {
            let ids = snapshot.object_ids()?.into_iter();
            let new = ids.filter(|id| known.insert(*id));
            texts.others.extend(new.map(|id| (nth, id)));
        }
        texts.compared.history = reach == ComparisonReach::Deliveries;
        texts.compared.snapshots = snapshots.len() as u64;
        texts.compared.texts = (texts.files.len() + texts.others.len()) as u64;
        texts.snapshots = Mutex::new(snapshots);
        Ok(texts)
    }

    fn add(
        &mut self,
        nth: usize,
        snapshot: &Snapshot,
        seen: &mut HashSet<BlobId>,
        cancel: &Cancel,
    ) -> Result<(), JobError> {
        let listing = Listing::of(snapshot, &|| cancel.is_cancelled())?;
        if listing.truncated || !listing.unreadable_folders.is_empty() {
            let why = format!("the tree of {} cannot be read whole", snapshot.commit());
            return Err(JobError::GateNotRepeated { why });
        }
        self.ids.push(snapshot.commit().to_string());
        self.ids.push(snapshot.tree().to_string());
        let mut paths = std::collections::HashMap::new();
        for file in &listing.files {
            self.know(&file.path);
            self.ids.push(file.blob.to_string());
            if file.kind.is_file() && seen.insert(file.blob) {
                paths.insert(file.blob, &file.path);
            }
        }
        let wanted: HashSet<BlobId> = paths.keys().copied().collect();
        for blob in snapshot.pack_order(&wanted)? {
            let Some(path) = paths.get(&blob) else {
                continue;
            };
            match snapshot.size(&blob) {
                Ok(size) => {
                    self.compared.bytes += size;
                    self.files.push((nth, blob, (*path).clone()));
                }
                // Nobody could read it, so nobody could copy it.
                Err(_) => self.compared.unread += 1,
            }
        }
        Ok(())
    }

    /// Makes the next comparison begin with the first text.
    fn start_again(&self) {
        self.next.store(0, Ordering::Relaxed);
    }

    fn know(&mut self, path: &RepoPath) {
        let bytes = path.as_bytes();
        let slashes: Vec<usize> = memchr::memchr_iter(b'/', bytes).collect();
        for end in slashes.iter().copied().chain([bytes.len()]) {
            self.paths.insert(RepoPath::new(&bytes[..end]));
        }
        if let Some(cut) = slashes.len().checked_sub(2) {
            self.paths.insert(RepoPath::new(&bytes[slashes[cut] + 1..]));
        }
    }

    fn knows(&self, path: &RepoPath) -> bool {
        path.as_bytes().is_empty() || self.paths.contains(path)
    }

    fn known_ids(&self, content: &BundleContent) -> super::judge::KnownIds {
        let ids = self.ids.iter().chain(&content.ids).cloned();
        super::judge::KnownIds::new(ids.collect())
    }
}

impl Corpus for SnapshotTexts {
    type Error = JobError;

    fn visit(&self, see: &mut dyn FnMut(Passage<'_>) -> ControlFlow<()>) -> Result<(), JobError> {
        let snapshots: Vec<Snapshot> = {
            let lock = self.snapshots.lock();
            let shared = lock.unwrap_or_else(std::sync::PoisonError::into_inner);
            let reopened = shared.iter().map(Snapshot::reopen);
            reopened.collect::<Result<_, _>>()?
        };
        let mut finder = PassageFinder::default();
        loop {
            let from = self.next.fetch_add(AT_A_TIME, Ordering::Relaxed);
            let Some(files) = self.files.get(from..).filter(|files| !files.is_empty()) else {
                // The last share of the files reaches into the other objects' numbers; none is passed over.
                let shares = self.files.len().div_ceil(AT_A_TIME) * AT_A_TIME;
                let Some(others) = self.others.get(from - shares..).filter(|o| !o.is_empty())
                else {
                    return Ok(());
                };
                for (nth, id) in others.iter().take(AT_A_TIME) {
                    let mut is_over = false;
                    let mut hand_on = |origin: &DeliveredText, first_line, text: &[u8]| {
                        let passage = Passage {
                            origin,
                            first_line,
                            text,
                        };
                        is_over = is_over || see(passage).is_break();
                        !is_over
                    };
                    read_object(&snapshots[*nth], id, &mut finder, &mut hand_on)?;
                    if is_over {
                        return Ok(());
                    }
                }
                continue;
            };
            for (nth, blob, path) in files.iter().take(AT_A_TIME) {
                let bytes = match snapshots[*nth].read(blob, LARGEST_BLOB) {
                    Ok(bytes) => bytes,
                    Err(error) => match reason(&error).0 {
                        // Others may have read it under other limits.
                        Reason::TooLarge | Reason::TooCostly => {
                            let why = format!("{path} is too large or too costly to be read");
                            return Err(JobError::GateNotRepeated { why });
                        }
                        // Damaged for everybody.
                        _ => continue,
                    },
                };
                let stored = prepare_as(bytes, None);
                let passage = Passage {
                    origin: &DeliveredText::File(path.clone()),
                    first_line: 1,
                    text: &stored.bytes,
                };
                if see(passage).is_break() {
                    return Ok(());
                }
            }
        }
    }
}
