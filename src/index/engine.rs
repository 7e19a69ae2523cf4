//! The trigram index: tantivy with one document a group of texts.
//!
//! A document has the group's number, as a fast field, and its trigrams, without positions and norms. It only
//! says which groups may hold a match.

use super::checked::{self, CheckedDirectory};
use super::grams::{self, ALWAYS, Slicer};
use super::open::IndexState;
use super::store::Extent;
use crate::query::Need;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tantivy::columnar::Column;
use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, OwnedValue, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{
    DocSet, Document, Index, InvertedIndexReader, ReloadPolicy, TERMINATED, TantivyError, Term,
};

/// The folder of the trigram index within the index's.
pub(super) const FOLDER: &str = "grams";
const GRAMS: &str = "grams";
const GROUP: &str = "group";
/// Memory of the indexing threads, in bytes, before a segment is written.
const ARENA: usize = 256 << 20;
/// Threads that index.
const THREADS: usize = 1;
/// Documents on their way to the indexing threads.
const IN_FLIGHT: usize = 64;
/// Most segments; each costs every search a little.
const SEGMENTS: usize = 16;
/// Times that opening is tried while another program commits.
const TRIES: usize = 4;
/// Trigrams of a conjunction that are looked at: the rarest decide.
const RAREST: usize = 12;

fn schema() -> Schema {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(GRAMS)
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    schema.add_text_field(GRAMS, TextOptions::default().set_indexing_options(indexing));
    schema.add_u64_field(GROUP, NumericOptions::default().set_fast());
    schema.build()
}

fn with_tokenizer(index: Index) -> Index {
    index
        .tokenizers()
        .register(GRAMS, TextAnalyzer::from(Slicer::default()));
    index
}

/// Runs tantivy on files that may be damaged; nothing if it panics. It sees no byte whose checksum is wrong, so this is the
/// last net: what panics is taken for damaged.
fn survive<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).ok()
}

/// Opens the trigram index and what its last commit says; nothing if there is none or it is not right.
pub(super) fn open(folder: &Path) -> Option<(Index, IndexState)> {
    // Another program may commit between the reading of the checksums and that of what they are of.
    (0..TRIES).find_map(|_| survive(|| try_open(folder)).flatten())
}

fn try_open(folder: &Path) -> Option<(Index, IndexState)> {
    let index = reopen(folder).ok()?;
    if index.schema() != schema() {
        return None;
    }
    let metas = index.load_metas().ok()?;
    let extent = Extent::from_payload(metas.payload.as_deref()?)?;
    let mut segments = crc32fast::Hasher::new();
    for segment in &metas.segments {
        segments.update(segment.id().uuid_string().as_bytes());
    }
    let segments = segments.finalize();
    Some((index, IndexState { extent, segments }))
}

/// Opens a trigram index that may have no commit yet.
pub(super) fn reopen(folder: &Path) -> Result<Index, TantivyError> {
    let directory = CheckedDirectory::open(folder, &folder.join(FOLDER))?;
    Ok(with_tokenizer(Index::open(directory)?))
}

/// Returns whether something was committed, readable or not.
pub(super) fn has_commit(folder: &Path) -> bool {
    let has_mark = |meta: &Vec<u8>| memchr::memmem::find(meta, b"glassroom-index").is_some();
    let meta = std::fs::read(folder.join(FOLDER).join("meta.json")).ok();
    // The checksums are written before the first state: a state without them has lost them.
    let is_committed = checked::has_commit(folder).unwrap_or(meta.is_some());
    meta.as_ref().is_some_and(has_mark) || is_committed
}

/// Makes an empty trigram index.
pub(super) fn create(folder: &Path) -> Result<Index, TantivyError> {
    let directory = CheckedDirectory::create(folder, &folder.join(FOLDER))?;
    Ok(with_tokenizer(Index::create(
        directory,
        schema(),
        tantivy::IndexSettings::default(),
    )?))
}

/// Counts the documents that tantivy has not taken yet: its own queue holds ten thousand.
#[derive(Default)]
struct Flight {
    count: Mutex<usize>,
    has_landed: Condvar,
}

impl Flight {
    fn board(self: &Arc<Self>) -> Seat {
        let count = self
            .count
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // An indexing thread that died lands nothing: after a while the writer is asked, and says so.
        let waited = self
            .has_landed
            .wait_timeout_while(count, Duration::from_secs(20), |c| *c >= IN_FLIGHT);
        let (mut count, _) = waited.unwrap_or_else(std::sync::PoisonError::into_inner);
        *count += 1;
        Seat(Arc::clone(self))
    }
}

struct Seat(Arc<Flight>);

impl Drop for Seat {
    fn drop(&mut self) {
        let mut count = self
            .0
            .count
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *count = count.saturating_sub(1);
        self.0.has_landed.notify_one();
    }
}

/// A document on its way.
struct Group {
    fields: [(Field, OwnedValue); 2],
    /// Given back when tantivy has taken the document.
    #[expect(dead_code, reason = "its drop is what counts")]
    seat: Seat,
}

impl Document for Group {
    type Value<'a> = &'a OwnedValue;
    type FieldsValuesIter<'a> = std::iter::Map<
        std::slice::Iter<'a, (Field, OwnedValue)>,
        fn(&'a (Field, OwnedValue)) -> (Field, &'a OwnedValue),
    >;
    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.fields.iter().map(|(field, value)| (*field, value))
    }
}

/// Adds groups to the trigram index.
pub(super) struct Writer {
    index: Index,
    documents: tantivy::IndexWriter<Group>,
    flight: Arc<Flight>,
    grams: Field,
    group: Field,
}

impl Writer {
    pub(super) fn new(index: Index) -> Result<Self, TantivyError> {
        let documents = index.writer_with_num_threads(THREADS, ARENA)?;
        documents.set_merge_policy(Box::new(NoMergePolicy));
        let grams = index.schema().get_field(GRAMS)?;
        let group = index.schema().get_field(GROUP)?;
        Ok(Self {
            index,
            documents,
            flight: Arc::default(),
            grams,
            group,
        })
    }

    pub(super) fn add(&mut self, group: u64, tokens: String) -> Result<(), TantivyError> {
        let fields = [
            (self.grams, OwnedValue::Str(tokens)),
            (self.group, OwnedValue::U64(group)),
        ];
        let seat = self.flight.board();
        self.documents.add_document(Group { fields, seat })?;
        Ok(())
    }

    pub(super) fn commit(&mut self, extent: Extent) -> Result<(), TantivyError> {
        let mut commit = self.documents.prepare_commit()?;
        commit.set_payload(&extent.to_payload());
        commit.commit()?;
        Ok(())
    }

    /// Joins the smallest segments if there are too many, and ends.
    pub(super) fn finish(mut self) -> Result<(), TantivyError> {
        let mut segments = self.index.searchable_segment_metas()?;
        if segments.len() > SEGMENTS {
            segments.sort_by_key(tantivy::SegmentMeta::num_docs);
            let count = segments.len() - SEGMENTS / 2;
            let smallest: Vec<_> = segments[..count]
                .iter()
                .map(tantivy::SegmentMeta::id)
                .collect();
            self.documents.merge(&smallest).wait()?;
        }
        self.documents.wait_merging_threads()
    }
}

struct Segment {
    grams: Arc<InvertedIndexReader>,
    groups: Column<u64>,
    documents: u32,
}

/// The committed trigram index.
pub(super) struct Reader {
    segments: Vec<Segment>,
    field: Field,
    groups: u64,
    is_damaged: AtomicBool,
}

/// A set of numbers below a known one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn none(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }
    pub(super) fn all(len: usize) -> Self {
        Self(vec![u64::MAX; len.div_ceil(64)])
    }
    pub(super) fn has(&self, at: usize) -> bool {
        self.0
            .get(at / 64)
            .is_some_and(|word| word >> (at % 64) & 1 == 1)
    }
    pub(super) fn set(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }
    fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= b);
    }
    fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }
    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
    fn iter(&self, len: usize) -> impl Iterator<Item = usize> + '_ {
        (0..len).filter(|at| self.0[at / 64] != 0 && self.has(*at))
    }
}

impl Reader {
    /// Opens what `extent` names; nothing if the files are not what was written. Their blocks are checked when they are
    /// read.
    pub(super) fn open(index: &Index, extent: Extent) -> Option<Self> {
        survive(|| Self::try_open(index, extent)).and_then(|opened| opened.ok().flatten())
    }

    /// Returns whether every block of the files is what was written.
    pub(super) fn is_whole(folder: &Path, index: &Index) -> bool {
        let Ok(directory) = CheckedDirectory::open(folder, &folder.join(FOLDER)) else {
            return false;
        };
        let metas = index.searchable_segment_metas().unwrap_or_default();
        let segments = metas.iter().map(|meta| meta.id().uuid_string());
        directory.is_whole(&segments.collect::<Vec<_>>())
    }

    fn try_open(index: &Index, extent: Extent) -> Result<Option<Self>, TantivyError> {
        let reader: tantivy::IndexReader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        let searcher = reader.searcher();
        // Another program may have committed since the payload was read: more is right, less is not.
        if searcher.num_docs() < extent.groups {
            return Ok(None);
        }
        let field = index.schema().get_field(GRAMS)?;
        let mut segments = Vec::new();
        for segment in searcher.segment_readers() {
            segments.push(Segment {
                grams: segment.inverted_index(field)?,
                groups: segment.fast_fields().u64(GROUP)?,
                documents: segment.max_doc(),
            });
        }
        Ok(Some(Self {
            segments,
            field,
            groups: extent.groups,
            is_damaged: AtomicBool::new(false),
        }))
    }

    /// Returns the groups that may hold what is needed: all of them if the index turns out to be damaged.
    pub(super) fn candidates(&self, need: &Need) -> Bits {
        let found = survive(|| self.try_candidates(need));
        found.and_then(Result::ok).unwrap_or_else(|| {
            self.is_damaged.store(true, Ordering::Relaxed);
            Bits::all(self.groups as usize)
        })
    }

    /// Returns whether a block was damaged that was read.
    pub(super) fn is_damaged(&self) -> bool {
        self.is_damaged.load(Ordering::Relaxed)
    }

    fn try_candidates(&self, need: &Need) -> io::Result<Bits> {
        let groups = self.groups as usize;
        if *need == Need::All {
            return Ok(Bits::all(groups));
        }
        let mut out = Bits::none(groups);
        for segment in &self.segments {
            let mut found = self.evaluate(segment, need)?;
            found.join(&self.with_token(segment, ALWAYS.as_bytes())?);
            for document in found.iter(segment.documents as usize) {
                if let Some(group) = segment.groups.first(document as u32) {
                    out.set(group as usize);
                }
            }
        }
        Ok(out)
    }

    fn with_token(&self, segment: &Segment, token: &[u8]) -> io::Result<Bits> {
        let mut out = Bits::none(segment.documents as usize);
        let text = std::str::from_utf8(token).unwrap_or_default();
        if let Some(info) = segment
            .grams
            .get_term_info(&Term::from_field_text(self.field, text))?
        {
            Self::read(segment, &info, &mut out)?;
        }
        Ok(out)
    }

    fn read(
        segment: &Segment,
        info: &tantivy::postings::TermInfo,
        out: &mut Bits,
    ) -> io::Result<()> {
        let mut postings = segment
            .grams
            .read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
        let mut document = postings.doc();
        while document != TERMINATED {
            out.set(document as usize);
            document = postings.advance();
        }
        Ok(())
    }

    fn evaluate(&self, segment: &Segment, need: &Need) -> io::Result<Bits> {
        let len = segment.documents as usize;
        match need {
            Need::All => Ok(Bits::all(len)),
            Need::Never => Ok(Bits::none(len)),
            Need::Gram(gram) => self.with_token(segment, &grams::token(*gram)),
            Need::Or(parts) => {
                let mut out = Bits::none(len);
                for part in parts {
                    out.join(&self.evaluate(segment, part)?);
                }
                Ok(out)
            }
            Need::And(parts) => {
                let mut infos = Vec::new();
                for part in parts {
                    let Need::Gram(gram) = part else { continue };
                    let token = grams::token(*gram);
                    let text = std::str::from_utf8(&token).unwrap_or_default();
                    match segment
                        .grams
                        .get_term_info(&Term::from_field_text(self.field, text))?
                    {
                        Some(info) => infos.push(info),
                        None => return Ok(Bits::none(len)),
                    }
                }
                infos.sort_by_key(|info| info.doc_freq);
                let mut out = Bits::all(len);
                for info in infos.iter().take(RAREST) {
                    let mut with = Bits::none(len);
                    Self::read(segment, info, &mut with)?;
                    out.keep(&with);
                }
                for part in parts.iter().filter(|p| !matches!(p, Need::Gram(_))) {
                    if out.is_empty() {
                        break;
                    }
                    out.keep(&self.evaluate(segment, part)?);
                }
                Ok(out)
            }
        }
    }
}
