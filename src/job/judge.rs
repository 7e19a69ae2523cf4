//! The gate's view of a review: every text of every snapshot, and every id that the review knows.

use super::export::Sources;
use super::listing::{Listing, reason};
use super::{Cancel, JobError, Recorder, program};
use crate::gate::{self, Corpus, GateError, Question, Watch};
use crate::index::{Index, TextKind};
use crate::model::{
    BlobId, CommitId, DeliveredText, Entry, Event, Item, Reason, RepoPath, Review, Verdict,
};
use crate::snapshot::Snapshot;
use std::collections::HashSet;
use std::ops::ControlFlow;
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
    gate::judge(question, texts, watch).map_err(|error| match error {
        GateError::Cancelled => JobError::Cancelled,
        GateError::Corpus(source) => source,
    })
}

/// Every text of every snapshot of the review, from the text store.
pub(super) struct Texts<'a> {
    index: &'a Index,
    review_name: &'a str,
    /// In the order of the store.
    files: Vec<(RepoPath, BlobId)>,
    next: AtomicUsize,
    bytes: u64,
    /// Contents that nobody can read here.
    unread: u64,
    commits: Vec<CommitId>,
    /// Largest blob that is read.
    limit: u64,
}

impl<'a> Texts<'a> {
    /// Lists every content of every snapshot of the review. Fails unless each is in the text store or cannot be
    /// read at all: what nobody could read, nobody could copy.
    pub(super) fn of(
        sources: &Sources<'a>,
        review: &Review,
        cancel: &Cancel,
    ) -> Result<Self, JobError> {
        let desk = sources.desk;
        let mut texts = Self {
            index: sources.index,
            review_name: desk.review.name(),
            files: Vec::new(),
            next: AtomicUsize::new(0),
            bytes: 0,
            unread: 0,
            commits: Vec::new(),
            limit: desk.room.settings.blob_limit(),
        };
        let mut seen = HashSet::new();
        texts.take(&desk.snapshot, sources.listing, &mut seen)?;
        let record = desk.review.read_record()?.unwrap_or_default();
        for other in &record.snapshots {
            if texts.commits.contains(&other.commit) {
                continue;
            }
            let rev = other.commit.to_string();
            let snapshot = Snapshot::open(&other.source, Some(&rev), &desk.review.objects())?;
            let listing = Listing::of(&snapshot, &|| cancel.is_cancelled())?;
            texts.take(&snapshot, &listing, &mut seen)?;
        }
        let is_there = |commit: &CommitId| texts.commits.contains(commit);
        if let Some((commit, _)) = review.snapshots().iter().find(|(c, _)| !is_there(c)) {
            let why = format!(
                "commit {} of the ledger was never opened here",
                commit.short()
            );
            return Err(JobError::GateBlind { why });
        }
        texts
            .files
            .sort_by_cached_key(|(_, blob)| sources.index.position(blob));
        Ok(texts)
    }

    fn take(
        &mut self,
        snapshot: &Snapshot,
        listing: &Listing,
        seen: &mut HashSet<BlobId>,
    ) -> Result<(), JobError> {
        if listing.truncated {
            let why = "the snapshot's tree is cut off at a cap".to_owned();
            return Err(JobError::GateBlind { why });
        }
        self.commits.push(snapshot.commit());
        for file in listing.files.iter().filter(|f| f.kind.is_file()) {
            if !seen.insert(file.blob) {
                continue;
            }
            match self.index.meta(&file.blob) {
                // What was above the limit then may be shown now.
                Some(meta) if meta.kind == TextKind::TooLarge && meta.size > self.limit => {
                    self.unread += 1;
                }
                Some(meta) if meta.kind != TextKind::TooLarge => {
                    self.bytes += meta.size;
                    self.files.push((file.path.clone(), file.blob));
                }
                _ => match snapshot.read(&file.blob, self.limit) {
                    Err(error) if reason(&error).0 != Reason::TooLarge => self.unread += 1,
                    _ => {
                        let why = format!("{} is not in the text store yet", file.path);
                        return Err(JobError::GateBlind { why });
                    }
                },
            }
        }
        Ok(())
    }

    /// Returns the number of snapshots.
    pub(super) fn snapshots(&self) -> u64 {
        self.commits.len() as u64
    }

    /// Returns the number of different contents.
    pub(super) fn len(&self) -> u64 {
        self.files.len() as u64
    }

    /// Returns their size in all.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the number of contents that nobody can read here: missing, damaged, or larger than what is shown.
    pub(super) fn unread(&self) -> u64 {
        self.unread
    }

    /// Returns every id that a text may name.
    pub(super) fn known_ids(&self, recorder: &Recorder) -> KnownIds {
        let review = recorder.review();
        let mut ids: Vec<String> = self
            .files
            .iter()
            .map(|(_, blob)| blob.to_string())
            .collect();
        ids.extend(self.commits.iter().map(ToString::to_string));
        ids.extend(review.snapshots().iter().map(|(_, tree)| tree.to_string()));
        ids.extend(review.items().iter().map(Item::id).map(|id| id.to_string()));
        ids.extend(program::digest());
        ids.push(self.review_name.to_owned());
        for Entry { id, event, .. } in recorder.others.iter().chain(&recorder.entries) {
            ids.push(id.to_string());
            match event {
                Event::Exported { export } => {
                    ids.push(export.manifest.to_string());
                    ids.push(export.key.clone());
                }
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
    fn new(mut ids: Vec<String>) -> Self {
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

    fn visit(
        &self,
        see: &mut dyn FnMut(&DeliveredText, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), JobError> {
        let mut buffer = Vec::new();
        while let Some((path, blob)) = self.files.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let Some(text) = self.index.text_into(blob, &mut buffer) else {
                let why = format!("the text store's copy of {path} is damaged");
                return Err(JobError::GateBlind { why });
            };
            if see(&DeliveredText::File(path.clone()), text).is_break() {
                break;
            }
        }
        Ok(())
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
