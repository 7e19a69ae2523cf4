//! The gate's view of a review: every text that was delivered, and every id that the review knows.

use super::delivered::Deliveries;
use super::export::Sources;
use super::listing::Listing;
use super::officer::Compared;
use super::{Cancel, Desk, JobError, Recorder, program};
use crate::archive::{ArchiveError, ArchiveWriter, ArchivedTexts, ObjectLog, ObjectState};
use crate::config::Settings;
use crate::gate::{self, Corpus, GateError, Passage, Question, Watch};
use crate::index::{Index, TextKind, TextRoom, prepare_as};
use crate::model::{
    BlobId, CommitId, DeliveredText, Encodings, Entry, Event, Item, ObjectId, RepoPath, Review,
    Verdict, is_fingerprint, is_plain_name,
};
use crate::snapshot::Snapshot;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Judges what a person typed. `progress` is told how many bytes were compared, and how many there are.
pub(super) fn run(
    question: &Question<'_>,
    texts: &Texts<'_>,
    cancel: &Cancel,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Verdict, JobError> {
    let mut done = 0;
    let watch = Watch {
        is_cancelled: &|| cancel.is_cancelled(),
        progress: &mut |bytes| {
            // A text may be longer than its file, whose size is what is known before.
            done = (done + bytes).min(texts.bytes);
            progress(done, texts.bytes);
        },
    };
    let judged = gate::judge(question, texts, watch);
    let mut verdict = judged.map_err(|error| match error {
        GateError::Cancelled => JobError::Cancelled,
        GateError::Corpus(source) => source,
    })?;
    texts.name_matches(&mut verdict, cancel);
    Ok(verdict)
}

/// Every text that was delivered to the review: those of the index, and those of the archive.
///
/// A text of the snapshot on screen is named by its path; any other by its blob, until [`Texts::name_matches`] finds out
/// which file of which commit it is.
pub(super) struct Texts<'a> {
    index: &'a Index,
    deliveries: Deliveries<'a>,
    /// The blobs of the index, in the order of its store.
    stored: Vec<BlobId>,
    /// The first path of each blob of the snapshot on screen.
    paths: HashMap<BlobId, RepoPath>,
    /// The same of the other snapshots of the review, with their commits.
    other_paths: HashMap<BlobId, (CommitId, RepoPath)>,
    archive: ArchivedTexts,
    log: ObjectLog,
    /// Texts in an encoding that a reviewer chose for a blob that the index does not hold so.
    chosen: Vec<(BlobId, Vec<u8>)>,
    next: AtomicUsize,
    room: TextRoom,
    bytes: u64,
    commits: Vec<CommitId>,
    folder: PathBuf,
    review_name: &'a str,
}

impl<'a> Texts<'a> {
    /// Lists every text. Fails unless each is in the text store or in the archive, or cannot be read by anybody: a text
    /// that this program can show and that is not compared would be a false "clean".
    pub(super) fn of(
        sources: &Sources<'a>,
        review: &Review,
        cancel: &Cancel,
    ) -> Result<Self, JobError> {
        let desk = sources.desk;
        let deliveries = Deliveries::open(&desk.review, sources.index, &desk.snapshot)?;
        let folder = desk.review.archive();
        let log = ObjectLog::open(&folder)?;
        let mut texts = Self {
            index: sources.index,
            stored: sources.index.blob_ids(),
            paths: HashMap::new(),
            other_paths: HashMap::new(),
            archive: ArchivedTexts::open(&folder, &log)?,
            chosen: Vec::new(),
            next: AtomicUsize::new(0),
            room: TextRoom::default(),
            bytes: 0,
            commits: vec![desk.snapshot.commit()],
            review_name: desk.review.name(),
            deliveries,
            log,
            folder,
        };
        texts.list_snapshot(sources.listing)?;
        texts.list_other_snapshots(desk, cancel)?;
        texts.read_chosen(review.encodings(), desk)?;
        texts.demand_all()?;
        let is_there = |commit: &CommitId| texts.commits.contains(commit);
        if let Some((commit, _)) = review.snapshots().iter().find(|(c, _)| !is_there(c)) {
            let why = format!(
                "commit {} of the ledger was never opened here",
                commit.short()
            );
            return Err(JobError::GateBlind { why });
        }
        let stored = texts.stored.iter().filter_map(|id| sources.index.meta(id));
        let chosen = texts.chosen.iter().map(|(_, text)| text.len() as u64);
        texts.bytes =
            stored.map(|meta| meta.size).sum::<u64>() + chosen.sum::<u64>() + texts.archive.bytes();
        Ok(texts)
    }

    /// Takes the files of the snapshot on screen.
    fn list_snapshot(&mut self, listing: &Listing) -> Result<(), JobError> {
        if listing.truncated {
            let why = "the snapshot's tree is cut off at a cap".to_owned();
            return Err(JobError::GateBlind { why });
        }
        for file in listing.files.iter().filter(|f| f.kind.is_file()) {
            self.paths
                .entry(file.blob)
                .or_insert_with(|| file.path.clone());
        }
        Ok(())
    }

    fn list_other_snapshots(&mut self, desk: &Desk, cancel: &Cancel) -> Result<(), JobError> {
        let record = desk.review.read_record()?.unwrap_or_default();
        for other in &record.snapshots {
            if self.commits.contains(&other.commit) {
                continue;
            }
            let rev = other.commit.to_string();
            let snapshot = Snapshot::open(&other.source, Some(&rev), &desk.review.objects())?;
            let listing = Listing::of(&snapshot, &|| cancel.is_cancelled())?;
            if listing.truncated {
                let why = format!(
                    "the tree of commit {} is cut off at a cap",
                    other.commit.short()
                );
                return Err(JobError::GateBlind { why });
            }
            self.commits.push(other.commit);
            for file in listing.files.iter().filter(|f| f.kind.is_file()) {
                self.other_paths
                    .entry(file.blob)
                    .or_insert_with(|| (other.commit, file.path.clone()));
            }
        }
        Ok(())
    }

    /// Reads the blobs that are shown in an encoding that a reviewer chose, unless the index holds them so: what was on
    /// screen in that encoding is compared in it.
    fn read_chosen(&mut self, encodings: &Encodings, desk: &Desk) -> Result<(), JobError> {
        for (blob, encoding) in encodings {
            if self.index.meta(blob).is_some_and(|meta| meta.is_set) {
                continue;
            }
            let read = |s: &Snapshot| s.read(blob, Settings::LARGEST_BLOB).ok();
            if let Some(bytes) = self.deliveries.opened.iter().find_map(read) {
                let stored = prepare_as(bytes, Some(*encoding));
                self.chosen.push((*blob, stored.bytes));
            } else if desk.snapshot.size(blob).is_ok() {
                let why = format!("blob {blob} cannot be read");
                return Err(JobError::GateBlind { why });
            }
        }
        Ok(())
    }

    /// Fails unless everything that was ever readable is at hand.
    fn demand_all(&self) -> Result<(), JobError> {
        let is_stored = |id: &BlobId| {
            let meta = self.index.meta(id);
            meta.is_some_and(|meta| meta.kind != TextKind::TooLarge)
        };
        let mut missing = 0_u64;
        let mut first = None;
        for id in self.log.known_texts() {
            let is_archived =
                self.log.state(id) == Some(ObjectState::Archived) && self.archive.is_present();
            if !is_archived && !is_stored(&BlobId::new(*id.as_bytes())) {
                missing += 1;
                first = first.min(Some(*id)).or(Some(*id));
            }
        }
        // What the snapshot on screen holds and the archive knows nothing of was not read yet.
        let is_known = |id: &BlobId| self.log.state(&ObjectId::new(*id.as_bytes())).is_some();
        let unread = self
            .paths
            .iter()
            .find(|(id, _)| !is_stored(id) && !is_known(id));
        let why = match (first, unread) {
            (Some(id), _) => format!(
                "{missing} texts that this review could read before cannot be read any more, such as object {id}"
            ),
            (None, Some((blob, path))) if self.is_readable(blob) => {
                format!("{path} is not in the text store yet")
            }
            _ => return Ok(()),
        };
        Err(JobError::GateBlind { why })
    }

    fn is_readable(&self, blob: &BlobId) -> bool {
        let mut opened = self.deliveries.opened.iter();
        opened.any(|snapshot| snapshot.read(blob, Settings::LARGEST_BLOB).is_ok())
    }

    /// Finds out which file of which commit the matched blobs are, and names the overlaps so.
    pub(super) fn name_matches(&self, verdict: &mut Verdict, cancel: &Cancel) {
        let mut wanted: HashSet<BlobId> = verdict.overlaps.iter().filter_map(|o| o.blob).collect();
        wanted
            .retain(|blob| !self.paths.contains_key(blob) && !self.other_paths.contains_key(blob));
        let mut found = HashMap::new();
        for snapshot in &self.deliveries.opened {
            if wanted.is_empty() || cancel.is_cancelled() {
                break;
            }
            let ids = snapshot.object_ids().unwrap_or_default();
            found.extend(snapshot.locate_blobs(&wanted, &ids, &|| cancel.is_cancelled()));
            wanted.retain(|blob| !found.contains_key(blob));
        }
        for overlap in &mut verdict.overlaps {
            let Some(blob) = overlap.blob else { continue };
            if let Some(path) = self.paths.get(&blob) {
                overlap.path = Some(path.clone());
                overlap.blob = None;
            } else if let Some((commit, path)) =
                self.other_paths.get(&blob).or_else(|| found.get(&blob))
            {
                overlap.path = Some(path.clone());
                overlap.commit = Some(*commit);
            }
        }
        verdict.overlaps.sort();
    }

    /// Returns what is compared, counted.
    pub(super) fn counts(&self) -> Compared {
        let state = |state| self.log.count(state);
        let of_snapshots =
            |id: &&BlobId| self.paths.contains_key(*id) || self.other_paths.contains_key(*id);
        let all: HashSet<&BlobId> = self.paths.keys().chain(self.other_paths.keys()).collect();
        let stored = self.stored.iter().filter(of_snapshots).count() as u64;
        let archived_of_snapshots = all
            .iter()
            .filter(|id| {
                self.log.state(&ObjectId::new(*id.as_bytes())) == Some(ObjectState::Archived)
            })
            .count() as u64;
        let files = stored + archived_of_snapshots;
        Compared {
            deliveries: self.deliveries.opened.len() as u64,
            snapshots: self.commits.len() as u64,
            files,
            others: state(ObjectState::Archived) + self.stored.len() as u64 - files,
            bytes: self.bytes,
            unread: state(ObjectState::Unreadable) + state(ObjectState::TooLarge),
        }
    }

    /// Returns every id that a text may name.
    pub(super) fn known_ids(&self, recorder: &Recorder) -> KnownIds {
        let review = recorder.review();
        let blobs = self.paths.keys().chain(self.other_paths.keys());
        let mut ids: Vec<String> = blobs.map(ToString::to_string).collect();
        ids.extend(self.commits.iter().map(ToString::to_string));
        ids.extend(review.snapshots().iter().map(|(_, tree)| tree.to_string()));
        ids.extend(review.items().iter().map(Item::id).map(|id| id.to_string()));
        ids.extend(program::digest());
        // Names are typed: a long one is explained only if it is built like a name.
        let mut names = BTreeSet::from([self.review_name]);
        names.extend(recorder.reviewers());
        let names = names.into_iter().filter(|name| is_plain_name(name));
        // A ledger's file bears its reviewer's name in lower case.
        ids.extend(names.flat_map(|name| [name.to_owned(), name.to_ascii_lowercase()]));
        for Entry { id, event, .. } in recorder.others.iter().chain(&recorder.entries) {
            ids.push(id.to_string());
            match event {
                Event::Exported { export } => {
                    ids.push(export.manifest.to_string());
                    ids.extend(Some(&export.key).filter(|key| is_fingerprint(key)).cloned());
                }
                Event::ExportBegun { manifest, .. } => ids.push(manifest.to_string()),
                Event::SnapshotAdded { policy, .. } => ids.push(policy.to_string()),
                _ => {}
            }
        }
        KnownIds::new(ids)
    }
}

/// The ids that a text may name.
pub(super) struct KnownIds(Vec<String>);

/// The fewest characters of an id that stand for it.
const PREFIX: usize = 7;

impl KnownIds {
    pub(super) fn new(mut ids: Vec<String>) -> Self {
        ids.sort_unstable();
        Self(ids)
    }

    /// Returns whether a text is an id, or the beginning of one.
    pub(super) fn has(&self, text: &str) -> bool {
        let at = self.0.partition_point(|id| id.as_str() < text);
        text.len() >= PREFIX && self.0.get(at).is_some_and(|id| id.starts_with(text))
    }
}

impl Corpus for Texts<'_> {
    type Error = JobError;

    fn visit(&self, see: &mut dyn FnMut(Passage<'_>) -> ControlFlow<()>) -> Result<(), JobError> {
        let mut buffer = Vec::new();
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let is_over = match self.share(at) {
                Share::Paths => self.see_paths(see),
                Share::Stored(blob) => self.see_stored(blob, &mut buffer, see)?,
                Share::Chosen((blob, text)) => {
                    see(whole(&DeliveredText::Blob(*blob), text)).is_break()
                }
                Share::Block(block) => self.see_block(block, see)?,
                Share::None => return Ok(()),
            };
            if is_over {
                return Ok(());
            }
        }
    }
}

/// A part of all texts that one thread takes at once.
enum Share<'t> {
    /// The paths of the other snapshots, without text.
    Paths,
    Stored(&'t BlobId),
    Chosen(&'t (BlobId, Vec<u8>)),
    /// A block of the archive.
    Block(usize),
    None,
}

fn whole<'p>(origin: &'p DeliveredText, text: &'p [u8]) -> Passage<'p> {
    Passage {
        origin,
        first_line: 1,
        text,
    }
}

impl Texts<'_> {
    fn share(&self, at: usize) -> Share<'_> {
        let Some(at) = at.checked_sub(1) else {
            return Share::Paths;
        };
        if let Some(blob) = self.stored.get(at) {
            return Share::Stored(blob);
        }
        let at = at - self.stored.len();
        if let Some(chosen) = self.chosen.get(at) {
            return Share::Chosen(chosen);
        }
        let block = at - self.chosen.len();
        if block < self.archive.blocks() {
            Share::Block(block)
        } else {
            Share::None
        }
    }

    /// Names the paths of the other snapshots, so that a text may name them too. Returns whether it was told to stop.
    fn see_paths(&self, see: &mut dyn FnMut(Passage<'_>) -> ControlFlow<()>) -> bool {
        let mut paths = self.other_paths.values();
        paths.any(|(_, path)| see(whole(&DeliveredText::File(path.clone()), b"")).is_break())
    }

    /// Shows a text of the index; none if it is above the index's own limit: then the archive has it. Returns whether it
    /// was told to stop.
    fn see_stored(
        &self,
        blob: &BlobId,
        buffer: &mut Vec<u8>,
        see: &mut dyn FnMut(Passage<'_>) -> ControlFlow<()>,
    ) -> Result<bool, JobError> {
        let meta = self.index.meta(blob);
        if meta.is_some_and(|meta| meta.kind == TextKind::TooLarge) {
            return Ok(false);
        }
        let origin = match self.paths.get(blob) {
            Some(path) => DeliveredText::File(path.clone()),
            None => DeliveredText::Blob(*blob),
        };
        let shown = self.index.with_text(blob, (&self.room, buffer), |text| {
            see(whole(&origin, text)).is_break()
        });
        shown.ok_or_else(|| JobError::GateBlind {
            why: format!("the text store's copy of blob {blob} is damaged"),
        })
    }

    fn see_block(
        &self,
        block: usize,
        see: &mut dyn FnMut(Passage<'_>) -> ControlFlow<()>,
    ) -> Result<bool, JobError> {
        let mut is_over = false;
        let read = self
            .archive
            .read_block(block, &mut |origin, first_line, text| {
                let passage = Passage {
                    origin,
                    first_line,
                    text,
                };
                is_over = see(passage).is_break();
                !is_over
            });
        match read {
            Ok(()) => Ok(is_over),
            Err(error @ ArchiveError::Damaged { .. }) => {
                // The next export reads the delivery again.
                ArchiveWriter::discard_texts(&self.folder)?;
                let why = format!("{error}, and was removed");
                Err(JobError::GateBlind { why })
            }
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_known_whole_and_by_their_beginning() {
        let ids = KnownIds::new(vec!["0123456789ab".into(), "SHA256:xyzzy".into()]);
        for (text, is_known) in [
            ("0123456789ab", true),
            ("0123456", true),
            ("012345", false),
            ("0123457", false),
            ("0123456789abc", false),
            ("SHA256:xyzzy", true),
            ("", false),
        ] {
            assert_eq!(ids.has(text), is_known, "{text}");
        }
    }
}
