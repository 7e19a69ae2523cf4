//! What is copied from the vendor's text, told while it is typed.
//!
//! The gate compares with every byte, which takes too long for a key. So the trigrams of short pieces of what is
//! typed pick the contents that may hold them; what is picked is read and compared with the piece itself; and only
//! with what is left the gate marks the texts ([`gate::mark`]). Pieces that are rare, as code is, are looked at first
//! and told at once; those of plain prose, which may be in thousands of files, follow. What is known of a piece is
//! kept, so that a further key costs only the pieces that are new.
//!
//! It is a hint: it undoes no disguise, sees one snapshot and leaves out what would take long. What may leave is
//! decided by the gate at the export.

mod piece;

use super::listing::Listing;
use super::message::Copied;
use super::worker::Cancel;
use crate::gate;
use crate::index::{Contents, Index};
use crate::model::{BlobId, RepoPath, Typed};
use piece::{Forms, Piece};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// Time in which a further key makes it not worth beginning.
const DEBOUNCE: Duration = Duration::from_millis(20);
/// A piece that may be in more contents than this is looked at last, and only as it is typed.
const FEW: usize = 16;
/// Most contents that the gate marks with: those that hold the most pieces.
const MARKED: usize = 32;
/// Longest content that is looked at.
const LONGEST: u64 = 8 << 20;
/// Pieces that are remembered.
const REMEMBERED: usize = 20_000;

/// What is known from request to request.
#[derive(Default)]
pub(super) struct Hinter {
    /// The state of the index that all of this is of.
    generation: Option<u64>,
    contents: Contents,
    /// The first file of each content.
    files: HashMap<BlobId, u32>,
    /// The contents that hold a piece.
    holders: HashMap<Piece, Vec<BlobId>>,
}

/// Where is looked.
#[derive(Clone, Copy)]
pub(super) struct Corpus<'a> {
    pub listing: &'a Listing,
    pub index: &'a Index,
    /// Differs when more is indexed.
    pub generation: u64,
}

impl Hinter {
    /// Marks what is copied in the texts. `emit` is called once, or twice if the second look finds more.
    pub(super) fn run(
        &mut self,
        texts: &[String],
        corpus: Corpus<'_>,
        cancel: &Cancel,
        emit: &dyn Fn(Vec<Copied>),
    ) {
        if cancel.waits(DEBOUNCE) {
            return;
        }
        self.renew(corpus);
        let pieces: BTreeSet<Piece> = texts.iter().flat_map(|text| piece::cut(text)).collect();
        let mut rare: BTreeMap<BlobId, Vec<&Piece>> = BTreeMap::new();
        let mut common: BTreeMap<BlobId, Vec<&Piece>> = BTreeMap::new();
        let (mut first, mut later) = (Vec::new(), Vec::new());
        for piece in &pieces {
            if self.holders.contains_key(piece) {
                continue;
            }
            if cancel.is_cancelled() {
                return;
            }
            let mut may = corpus.index.may_hold(&piece.grams, &self.contents);
            may.retain(|blob| self.files.contains_key(blob));
            let (group, pieces) = if may.len() > FEW {
                (&mut common, &mut later)
            } else {
                (&mut rare, &mut first)
            };
            for blob in may {
                group.entry(blob).or_default().push(piece);
            }
            pieces.push(piece);
        }
        let found = Self::look(&rare, corpus, false, cancel);
        if cancel.is_cancelled() {
            return;
        }
        self.keep(first, found);
        emit(self.mark(texts, &pieces, corpus));
        let found = Self::look(&common, corpus, true, cancel);
        if cancel.is_cancelled() {
            return;
        }
        let is_more = !found.is_empty();
        self.keep(later, found);
        if is_more {
            emit(self.mark(texts, &pieces, corpus));
        }
    }

    /// Forgets what is no longer true.
    fn renew(&mut self, corpus: Corpus<'_>) {
        if self.generation != Some(corpus.generation) {
            let files = corpus.listing.files.iter().enumerate().rev();
            let files = files.filter(|(_, file)| file.kind.is_file());
            *self = Self {
                generation: Some(corpus.generation),
                contents: corpus.index.contents(),
                // Of several files with one content the first is named.
                files: files.map(|(at, file)| (file.blob, at as u32)).collect(),
                holders: HashMap::new(),
            };
        }
        if self.holders.len() > REMEMBERED {
            self.holders.clear();
        }
    }

    /// Reads contents and says which pieces they hold indeed.
    fn look<'p>(
        wanted: &BTreeMap<BlobId, Vec<&'p Piece>>,
        corpus: Corpus<'_>,
        as_typed: bool,
        cancel: &Cancel,
    ) -> Vec<(&'p Piece, BlobId)> {
        let mut found = Vec::new();
        let mut buffer = Vec::new();
        // From front to back of the store.
        let mut blobs: Vec<&BlobId> = wanted.keys().collect();
        blobs.sort_by_cached_key(|blob| corpus.index.position(blob));
        for blob in blobs {
            if cancel.is_cancelled() {
                break;
            }
            let is_short = corpus.index.meta(blob).is_some_and(|m| m.size <= LONGEST);
            let Some(text) = corpus
                .index
                .text_into(blob, &mut buffer)
                .filter(|_| is_short)
            else {
                continue;
            };
            let mut forms = Forms::of(text);
            for piece in &wanted[blob] {
                if (!as_typed || piece.is_verbatim_in(text)) && forms.hold(piece) {
                    found.push((*piece, *blob));
                }
            }
        }
        found
    }

    /// Remembers of all the pieces looked for where they were found.
    fn keep(&mut self, pieces: Vec<&Piece>, found: Vec<(&Piece, BlobId)>) {
        for piece in pieces {
            self.holders.entry(piece.clone()).or_default();
        }
        for (piece, blob) in found {
            self.holders.entry(piece.clone()).or_default().push(blob);
        }
    }

    /// Lets the gate mark the texts with the contents that hold the most of their pieces.
    fn mark(&self, texts: &[String], pieces: &BTreeSet<Piece>, corpus: Corpus<'_>) -> Vec<Copied> {
        let mut counts: HashMap<BlobId, usize> = HashMap::new();
        for blob in pieces.iter().filter_map(|p| self.holders.get(p)).flatten() {
            *counts.entry(*blob).or_default() += 1;
        }
        let place = |blob: &BlobId| self.files.get(blob).copied().unwrap_or(u32::MAX);
        let mut ranked: Vec<(Reverse<usize>, u32, BlobId)> = counts
            .into_iter()
            .map(|(blob, n)| (Reverse(n), place(&blob), blob))
            .collect();
        ranked.sort_unstable();
        let read = |(_, at, blob): &(Reverse<usize>, u32, BlobId)| {
            let path = corpus.listing.files.get(*at as usize)?.path.clone();
            Some((path, corpus.index.text(blob)?.bytes))
        };
        let contents: Vec<(RepoPath, Vec<u8>)> =
            ranked.iter().take(MARKED).filter_map(read).collect();
        let typed: Vec<Typed> = texts
            .iter()
            .map(|text| Typed {
                file: String::new(),
                line: 1,
                text: text.clone(),
                what: String::new(),
            })
            .collect();
        let contents = contents.iter().map(|(path, text)| (path, text.as_slice()));
        let marks = gate::mark(&typed, contents).into_iter();
        marks
            .filter_map(|mark| {
                Some(Copied {
                    text: mark.typed as u32,
                    range: mark.range,
                    rule: mark.rule,
                    path: mark.origin.path()?.clone(),
                    line: mark.line,
                })
            })
            .collect()
    }
}
