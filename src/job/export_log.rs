//! The export log at work: which lines of a delivery have left this machine, and whether a ledger still holds what left.

use super::{Desk, JobError, Room, now};
use crate::bundle::{self, BundleError, ChainedBundle, Verified};
use crate::config::{ExportLogFolder, ReviewFolder, export_log_folders};
use crate::ledger::{self, LedgerChain, LedgerError};
use crate::model::{
    self, BlobId, CutLedger, Digest, Entry, Event, ExportLogEntry, ExportStep, LedgerDigests,
    Marks, QuotedLines, RepoPath,
};
use crate::snapshot::{Snapshot, SnapshotError};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Folders beside a bundle that are looked at before another is written there.
const MOST_SIBLINGS: usize = 1000;

/// The export log as one review sees it.
pub struct ExportLog {
    folders: Vec<ExportLogFolder>,
    home: String,
    review: String,
}

impl ExportLog {
    /// Finds the folders. Makes and reads nothing.
    pub fn find(room: &Room, review: &str) -> Result<Self, JobError> {
        let machine = room.policy(None)?;
        let root = room.home.root();
        // Two names of one folder are one home.
        let root = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        Ok(Self {
            folders: export_log_folders(
                &room.home,
                room.environment.account_data.clone(),
                &machine,
            ),
            home: RepoPath::new(root.as_os_str().as_bytes()).to_string(),
            review: review.to_owned(),
        })
    }

    /// Reads every entry of every account that this one can read. What cannot be read is an error if `is_strict`;
    /// otherwise that holds for the home's folder alone.
    pub fn read(&self, is_strict: bool) -> Result<Vec<ExportLogEntry>, JobError> {
        let mut all = Vec::new();
        for folder in &self.folders {
            match ledger::read_export_log(&folder.path) {
                Ok(entries) => all.extend(entries),
                Err(error) if is_strict || folder.is_of_home => return Err(uncounted(error)),
                Err(_) => {}
            }
        }
        Ok(all)
    }

    /// Returns the first ledger that lacks what left with a bundle of this review.
    pub fn find_cut(
        &self,
        entries: &[ExportLogEntry],
        ledgers: &[LedgerDigests],
    ) -> Option<CutLedger> {
        let of_review = |entry: &&ExportLogEntry| entry.is_of(&self.home, &self.review, ledgers);
        entries.iter().filter(of_review).find_map(|entry| {
            let bundle = (entry.number, entry.manifest);
            model::find_cut_ledger(ledgers, bundle, &entry.ledgers)
        })
    }

    /// Appends an entry about a bundle of this review to every folder that is written. The home's must take it, and all
    /// must take one that names lines.
    pub fn append(
        &self,
        step: ExportStep,
        (number, manifest): (u64, Digest),
        lines: Vec<QuotedLines>,
        ledgers: &[LedgerDigests],
    ) -> Result<(), JobError> {
        let ledgers = ledgers.iter().filter_map(LedgerDigests::end).collect();
        self.put(&ExportLogEntry {
            step,
            time: now(),
            home: self.home.clone(),
            review: self.review.clone(),
            number,
            manifest,
            lines,
            ledgers,
        })
    }

    fn put(&self, entry: &ExportLogEntry) -> Result<(), JobError> {
        for folder in self.folders.iter().filter(|folder| folder.is_written) {
            let made = folder.create().map_err(JobError::from);
            let put = made.and_then(|()| {
                let put = ledger::append_export_log(&folder.path, folder.is_shared, entry);
                put.map_err(JobError::from)
            });
            match put {
                Err(error) if folder.is_of_home || !entry.lines.is_empty() => {
                    let why = error.chain();
                    return Err(JobError::Uncounted { why });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds the lines of a bundle that was read and found valid, once. Returns whether they were new.
    fn merge(&self, chained: &ChainedBundle) -> Result<bool, JobError> {
        let manifest = chained.manifest;
        let is_known = |entry: &ExportLogEntry| entry.manifest == manifest;
        if chained.lines.is_empty() || self.read(true)?.iter().any(is_known) {
            return Ok(false);
        }
        self.put(&ExportLogEntry {
            step: ExportStep::Read,
            time: now(),
            home: String::new(),
            review: chained.review.clone(),
            number: chained.number,
            manifest,
            lines: chained.lines.clone(),
            ledgers: Vec::new(),
        })?;
        Ok(true)
    }
}

fn uncounted(error: LedgerError) -> JobError {
    let why = JobError::from(error).chain();
    JobError::Uncounted { why }
}

/// Says that a ledger lacks entries, if one does.
pub fn refuse_cut(cut: Option<CutLedger>) -> Result<(), JobError> {
    cut.map_or(Ok(()), |cut| {
        let what = cut.to_string();
        Err(JobError::LedgerCut { what })
    })
}

/// Returns the lines of this delivery that have left the machine before: with whichever review, reviewer or account.
///
/// Whatever the review itself quoted counts, and of everything else what its deliveries hold, at whichever path.
pub fn lines_before(
    desk: &Desk,
    chains: &[LedgerChain],
    log: &[ExportLogEntry],
) -> Result<BTreeMap<BlobId, Marks>, JobError> {
    let mut elsewhere = BTreeMap::new();
    for entry in log {
        model::add_quoted_lines(&mut elsewhere, &entry.lines);
    }
    for review in desk.room.home.reviews()? {
        if review.name() != desk.review.name() {
            add_lines_of(&review, &mut elsewhere)?;
        }
    }
    let mut all = model::quoted_before(chains.iter().flat_map(|chain| &chain.entries));
    let delivered = Delivered::open(desk, !elsewhere.is_empty())?;
    for (blob, marks) in elsewhere {
        if all.contains_key(&blob) || delivered.holds(&blob) {
            let known = all.entry(blob).or_default();
            marks.spans().iter().for_each(|span| known.set(*span));
        }
    }
    Ok(all)
}

/// Adds the lines that the ledgers of another review say have left. An older version of the program kept no export log.
fn add_lines_of(review: &ReviewFolder, all: &mut BTreeMap<BlobId, Marks>) -> Result<(), JobError> {
    let folder = review.ledger();
    let mut quotes = false;
    for word in ["\"export-begun\"", "\"quoted\""] {
        match ledger::mentions(&folder, word) {
            Ok(is_there) => quotes |= is_there,
            // Another account's review is closed to this one; its exports are in the log that they share.
            Err(LedgerError::Io { source, .. })
                if source.kind() == std::io::ErrorKind::PermissionDenied =>
            {
                return Ok(());
            }
            Err(error) => return Err(uncounted(error)),
        }
    }
    if quotes {
        let ledgers = ledger::read_all(&folder).map_err(uncounted)?;
        let lines = model::quoted_before(ledgers.iter().flat_map(|(_, entries)| entries));
        for (blob, marks) in lines {
            let known = all.entry(blob).or_default();
            marks.spans().iter().for_each(|span| known.set(*span));
        }
    }
    Ok(())
}

/// The object stores of every delivery of a review.
struct Delivered<'a> {
    newest: &'a Snapshot,
    others: Vec<Snapshot>,
}

impl<'a> Delivered<'a> {
    /// Opens them, unless nothing will be asked of them.
    fn open(desk: &'a Desk, is_asked: bool) -> Result<Self, JobError> {
        let newest = &desk.snapshot;
        let mut others = Vec::new();
        if is_asked {
            let record = desk.review.read_record()?.unwrap_or_default();
            let mut known = BTreeSet::from([newest.source().to_owned()]);
            for snapshot in record.snapshots {
                // The snapshots of one repository have one object store.
                if known.insert(snapshot.source.clone()) {
                    let rev = snapshot.commit.to_string();
                    let objects = desk.review.objects();
                    others.push(Snapshot::open(&snapshot.source, Some(&rev), &objects)?);
                }
            }
        }
        Ok(Self { newest, others })
    }

    /// Returns whether any of them holds a blob. One that is there and damaged is held.
    fn holds(&self, blob: &BlobId) -> bool {
        let is_missing = |snapshot: &Snapshot| {
            let size = snapshot.size(blob);
            matches!(size, Err(SnapshotError::MissingObject { .. }))
        };
        !(is_missing(self.newest) && self.others.iter().all(is_missing))
    }
}

/// Returns the manifests of the bundles that may be on a medium, as the ledgers say. One that failed before it was begun is
/// on none, even if its manifest is that of a bundle which left: the same state gives the same bytes.
fn recorded_manifests<'a>(entries: impl Iterator<Item = &'a Entry>) -> BTreeSet<Digest> {
    let manifest = |entry: &Entry| match &entry.event {
        Event::ExportBegun { manifest, .. } => Some(*manifest),
        Event::Exported { export } if export.exported => Some(export.manifest),
        _ => None,
    };
    entries.filter_map(manifest).collect()
}

/// Returns what the ledgers of a review lack of a bundle that left it; nothing if they hold all.
///
/// `is_whole` demands every ledger of the bundle; otherwise those that the review has are compared, because a bundle that
/// a colleague made elsewhere brings the colleague's ledger.
pub fn missing_of(
    chained: &ChainedBundle,
    chains: &[LedgerChain],
    is_whole: bool,
) -> Option<String> {
    let digests: Vec<LedgerDigests> = chains.iter().map(LedgerChain::digests).collect();
    let own = |name: &str| digests.iter().find(|ledger| ledger.reviewer == name);
    let ends: Vec<_> = chained
        .ledgers
        .iter()
        .filter_map(LedgerDigests::end)
        .collect();
    let compared: Vec<_> = ends
        .iter()
        .filter(|end| is_whole || own(&end.reviewer).is_some())
        .cloned()
        .collect();
    let bundle = (chained.number, chained.manifest);
    if let Some(cut) = model::find_cut_ledger(&digests, bundle, &compared) {
        return Some(cut.to_string());
    }
    let exporter = ends.iter().find(|end| end.reviewer == chained.reviewer)?;
    let is_ours =
        own(&exporter.reviewer).is_some_and(|l| l.digests.first() == Some(&exporter.first));
    let recorded = recorded_manifests(chains.iter().flat_map(|chain| &chain.entries));
    (is_ours && !recorded.contains(&chained.manifest)).then(|| {
        format!(
            "bundle {} (SHA256SUMS {}) left in the name of {}, and the ledger does not know it: it was cut",
            chained.number, chained.manifest, chained.reviewer
        )
    })
}

/// Looks at the bundles beside the one that shall be written. Refuses if one is of this review and its ledgers lack
/// what it holds; counts the lines that the others quote. What is no valid bundle is no bundle.
pub fn check_siblings(to: &Path, log: &ExportLog, chains: &[LedgerChain]) -> Result<(), JobError> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let unread = |why: String| JobError::SiblingUnread {
        path: folder.to_owned(),
        why,
    };
    let list = std::fs::read_dir(folder).map_err(|error| unread(error.to_string()))?;
    for (at, entry) in list.enumerate() {
        let entry = entry.map_err(|error| unread(error.to_string()))?;
        if at >= MOST_SIBLINGS {
            return Err(unread(format!(
                "there are more than {MOST_SIBLINGS} files and folders"
            )));
        }
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_folder || path.join(bundle::SUMS).symlink_metadata().is_err() {
            continue;
        }
        let read = read_sibling(&path).map_err(|error| unread(JobError::from(error).chain()))?;
        let Some(chained) = read else {
            continue;
        };
        if chained.review == log.review
            && let Some(what) = missing_of(&chained, chains, false)
        {
            let what = format!("{}: {what}", path.display());
            return Err(JobError::LedgerCut { what });
        }
        log.merge(&chained)?;
    }
    Ok(())
}

fn read_sibling(path: &Path) -> Result<Option<ChainedBundle>, BundleError> {
    let found = bundle::inspect(path)?;
    // A bundle that nobody has released yet is one all the same.
    let is_valid =
        found.signer.is_some() && found.problems.iter().all(|p| p.file == bundle::RELEASE);
    is_valid
        .then(|| bundle::read_chained(path, &found))
        .transpose()
}

/// Reads the chain of a bundle that must be valid but for who signed it.
pub fn read_bundle(path: &Path) -> Result<ChainedBundle, JobError> {
    let found = bundle::inspect(path)?;
    let problem = found.problems.iter().find(|p| p.file != bundle::RELEASE);
    if let Some(problem) = problem {
        return Err(JobError::NotValid {
            path: path.to_owned(),
            file: problem.file.clone(),
            what: problem.what.clone(),
        });
    }
    Ok(bundle::read_chained(path, &found)?)
}

/// Remembers the lines that a valid bundle quotes, so that they count here too. Does nothing where no lab set a policy and
/// nothing was ever reviewed: that is the machine of a receiver.
pub fn remember(room: &Room, path: &Path, found: &Verified) -> Result<bool, JobError> {
    if !room.home.reviews_folder().exists() && room.policy(None)?.machine.is_none() {
        return Ok(false);
    }
    let chained = bundle::read_chained(path, found)?;
    ExportLog::find(room, &chained.review)?.merge(&chained)
}

/// Refuses a number that another reviewer's export was given at the same time.
pub fn refuse_taken(number: u64, manifest: Digest, chains: &[LedgerChain]) -> Result<(), JobError> {
    let begun = chains.iter().flat_map(|chain| &chain.entries);
    let mut others = begun.filter_map(|entry| match &entry.event {
        Event::ExportBegun {
            number: n,
            manifest: m,
            ..
        } if *n == number && *m != manifest => Some(&entry.reviewer),
        _ => None,
    });
    match others.next() {
        Some(reviewer) => Err(JobError::NumberTaken {
            number,
            reviewer: reviewer.clone(),
        }),
        None => Ok(()),
    }
}

/// Returns the number of the next bundle. One is given once, whatever became of it, and taking an entry back gives none
/// back.
pub fn next_number<'a>(entries: impl Iterator<Item = &'a Entry>) -> u64 {
    let number = |entry: &Entry| match &entry.event {
        Event::ExportBegun { number, .. } => *number,
        Event::Exported { export } => export.number,
        _ => 0,
    };
    entries.map(number).max().unwrap_or(0).saturating_add(1)
}

/// Returns the manifest of the bundle that was begun last, whether or not it reached its medium: the next one names it.
pub fn previous<'a>(entries: impl Iterator<Item = &'a Entry>) -> Option<Digest> {
    let mut begun: HashMap<u64, Digest> = HashMap::new();
    for entry in entries {
        match &entry.event {
            Event::ExportBegun {
                number, manifest, ..
            } => _ = begun.insert(*number, *manifest),
            // Ledgers of older versions say only how an export ended.
            Event::Exported { export } if export.exported => {
                begun.entry(export.number).or_insert(export.manifest);
            }
            _ => {}
        }
    }
    begun
        .into_iter()
        .max_by_key(|(number, _)| *number)
        .map(|(_, digest)| digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ExportRecord;
    use uuid::Uuid;

    fn entry(reviewer: &str, event: Event) -> Entry {
        Entry {
            id: Uuid::new_v4(),
            seq: 1,
            time: "2026-01-01T00:00:00Z".into(),
            reviewer: reviewer.into(),
            prev: Digest::ZERO,
            event,
        }
    }

    fn begun(reviewer: &str, number: u64, manifest: u8) -> Entry {
        let manifest = Digest([manifest; 32]);
        let lines = Vec::new();
        entry(
            reviewer,
            Event::ExportBegun {
                number,
                manifest,
                lines,
            },
        )
    }

    fn ended(number: u64, manifest: u8, exported: bool) -> Entry {
        let export = ExportRecord {
            number,
            manifest: Digest([manifest; 32]),
            key: String::new(),
            exported,
            why: String::new(),
        };
        entry("alice", Event::Exported { export })
    }

    #[test]
    fn the_next_bundle_follows_the_last_that_was_begun() {
        for (entries, number, before) in [
            (vec![], 1, None),
            // Ledgers of older versions: how exports ended, and nothing else.
            (vec![ended(1, 1, true)], 2, Some(1)),
            (vec![ended(1, 1, true), ended(2, 2, false)], 3, Some(1)),
            // Killed, failed, and left.
            (vec![begun("alice", 1, 1)], 2, Some(1)),
            (vec![begun("alice", 1, 1), ended(1, 1, false)], 2, Some(1)),
            (vec![begun("alice", 1, 1), ended(1, 1, true)], 2, Some(1)),
            // Failed before anything was begun: the number is spent, and no bundle has it.
            (vec![begun("alice", 1, 1), ended(2, 2, false)], 3, Some(1)),
            // A colleague's, whichever ledger is read first.
            (vec![begun("bob", 2, 2), begun("alice", 1, 1)], 3, Some(2)),
        ] {
            assert_eq!(next_number(entries.iter()), number, "{entries:?}");
            let before = before.map(|b| Digest([b; 32]));
            assert_eq!(previous(entries.iter()), before, "{entries:?}");
        }
    }

    #[test]
    fn two_exports_at_once_are_not_one_bundle() {
        let chain = |reviewer: &str, entry: Entry| LedgerChain {
            reviewer: reviewer.into(),
            entries: vec![entry],
            head: Digest::ZERO,
        };
        let alice = chain("alice", begun("alice", 4, 1));
        let refused = |bob: Entry| {
            let chains = [alice.clone(), chain("bob", bob)];
            refuse_taken(4, Digest([1; 32]), &chains).map_err(|error| error.to_string())
        };
        let said = refused(begun("bob", 4, 2)).unwrap_err();
        assert_eq!(said, "bundle 4 is being exported by bob too");
        assert_eq!(refused(begun("bob", 3, 2)), Ok(()), "control");
    }
}
