//! What search asks about files, answered when it is asked: by the tree, the index, the snapshot and the review.

use super::read::{Reader, is_plain};
use super::search::Place;
use crate::index::{BlobMeta, TextKind};
use crate::language::{self, HEAD_BYTES};
use crate::model::{
    FileFlag, FileKind, FileStatus, Item, Location, Marks, RepoPath, Review, Span, Symbol, TreeFile,
};
use crate::query::{Content, Facts, FileFact};
use crate::snapshot;
use crate::text::{self, FlagKind, LineEnds};
use std::collections::{HashMap, HashSet};
use std::sync::{OnceLock, PoisonError};

/// Bytes of a file that is not huge, unless it has a long line.
const HUGE: u64 = 1 << 20;
/// Characters of a line that makes its file huge.
const LONG_LINE: usize = 10_000;

/// Finds the names in the decoded text of a file.
pub type FindSymbols<'a> = dyn Fn(&TreeFile, &str) -> Vec<Symbol> + Sync + 'a;

/// Finds no names.
pub fn no_symbols(_: &TreeFile, _: &str) -> Vec<Symbol> {
    Vec::new()
}

/// What search asks about files.
pub struct FileFacts<'a> {
    place: &'a Place<'a>,
    review: Option<&'a Review>,
    /// Findings, notes and questions, by where they are.
    items: HashMap<&'a RepoPath, Vec<(&'a Item, &'a Location)>>,
    collisions: OnceLock<HashSet<RepoPath>>,
}

impl<'a> FileFacts<'a> {
    /// Makes the answers; nothing is read yet. Without a review nothing is said of one.
    pub fn new(place: &'a Place<'a>, review: Option<&'a Review>) -> Self {
        let mut items: HashMap<_, Vec<_>> = HashMap::new();
        for item in review.map_or(&[][..], Review::items) {
            for location in item.locations() {
                let here = items.entry(&location.anchor.path).or_default();
                here.push((item, location));
            }
        }
        Self {
            place,
            review,
            items,
            collisions: OnceLock::new(),
        }
    }

    fn find_language(&self, file: &TreeFile) -> Option<&'static str> {
        let path = file.path.as_bytes();
        let by_name = language::of(path, &[]);
        if by_name.is_some() && !language::depends_on_content(path) {
            return by_name.map(|l| l.name);
        }
        let bytes = if let Some(stored) = self.place.index.text(&file.blob) {
            stored.bytes
        } else {
            let snapshot = self.place.snapshot.lock();
            let reader = Reader {
                snapshot: &snapshot.unwrap_or_else(PoisonError::into_inner),
                encodings: self.place.encodings,
                limit: self.place.limit,
            };
            match reader.content(&file.blob) {
                Ok(text::Content::Text(read)) => read.text.into_bytes(),
                _ => Vec::new(),
            }
        };
        language::of(path, &bytes[..bytes.len().min(HEAD_BYTES)]).map(|l| l.name)
    }

    /// Returns the findings, notes and questions in a file, as far as they are about the content that it has now.
    fn items(&self, file: &TreeFile) -> impl Iterator<Item = (&'a Item, &'a Location)> + '_ {
        let here = self.items.get(&file.path).map_or(&[][..], Vec::as_slice);
        let blob = file.blob;
        here.iter()
            .copied()
            .filter(move |(_, location)| location.anchor.blob == blob)
    }

    fn is(&self, file: &TreeFile, flag: FileFlag, content: Option<&Content<'_>>) -> Option<bool> {
        let path = file.path.as_bytes();
        let traits = |head: &[u8]| language::traits(path, head);
        match flag {
            FileFlag::Submodule => return Some(file.kind == FileKind::Submodule),
            FileFlag::Symlink => return Some(file.kind == FileKind::Symlink),
            FileFlag::VendorConfig => return Some(self.steers(&file.path)),
            _ if !file.kind.is_file() => return Some(false),
            FileFlag::Vendored => return Some(traits(&[]).is_vendored),
            FileFlag::Generated if traits(&[]).is_generated => return Some(true),
            _ => {}
        }
        let meta = self.place.index.meta(&file.blob);
        let kind = meta.map(|meta| meta.kind);
        match (flag, content) {
            (FileFlag::Binary, None) => kind.map(|kind| kind == TextKind::Binary),
            (FileFlag::Binary, Some(content)) => Some(content.is_binary),
            (FileFlag::Lfs, None) => kind.map(|kind| kind == TextKind::LfsPointer),
            (FileFlag::Lfs, Some(content)) => Some(snapshot::is_lfs_pointer(content.bytes)),
            (FileFlag::NonUtf8, None) => meta.map(|meta| meta.is_text() && !meta.is_utf8()),
            (FileFlag::MixedEncoding, None) => meta.map(|meta| meta.is_mixed),
            (FileFlag::MixedEncoding, Some(content)) => Some(content.is_mixed),
            (FileFlag::LineEnds, None) => meta.map(|meta| meta.line_ends == LineEnds::Mixed),
            (FileFlag::LineEnds, Some(content)) => Some(content.line_ends == LineEnds::Mixed),
            (FileFlag::Crlf, None) => meta.map(|meta| meta.line_ends != LineEnds::Lf),
            (FileFlag::Crlf, Some(content)) => Some(content.line_ends != LineEnds::Lf),
            (FileFlag::NoFinalNewline, None) => meta.map(|meta| meta.lacks_final_end),
            (FileFlag::NoFinalNewline, Some(content)) => {
                let lacks = content.bytes.last().is_some_and(|b| *b != b'\n');
                Some(!content.is_binary && lacks)
            }
            (FileFlag::NonUtf8, Some(content)) => Some(!content.is_binary && !content.is_utf8),
            (FileFlag::Huge, content) => self.is_huge(file, meta, content),
            (_, None) if matches!(kind, Some(TextKind::Binary)) && flag != FileFlag::Generated => {
                Some(false)
            }
            (_, None) => None,
            (FileFlag::Generated, Some(content)) => Some(traits(head(content.bytes)).is_generated),
            (flag, Some(content)) => Some(!content.is_binary && has_flag(content.bytes, flag)),
        }
    }

    fn is_huge(
        &self,
        file: &TreeFile,
        meta: Option<BlobMeta>,
        content: Option<&Content<'_>>,
    ) -> Option<bool> {
        let size = self.size(file, meta).unwrap_or(0);
        if size > HUGE {
            return Some(true);
        }
        // No encoding has more characters than bytes.
        if size <= LONG_LINE as u64 || meta.is_some_and(|m| m.kind == TextKind::Binary) {
            return Some(false);
        }
        let content = content?;
        Some(!content.is_binary && has_long_line(content.bytes))
    }

    fn size(&self, file: &TreeFile, meta: Option<BlobMeta>) -> Option<u64> {
        if let Some(meta) = meta {
            Some(meta.size)
        } else {
            let snapshot = self.place.snapshot.lock();
            let snapshot = snapshot.unwrap_or_else(PoisonError::into_inner);
            snapshot.size(&file.blob).ok()
        }
    }

    fn steers(&self, path: &RepoPath) -> bool {
        let collisions = || {
            let found = snapshot::case_collisions(&self.place.listing.files);
            found.into_iter().map(|influence| influence.path).collect()
        };
        snapshot::influence_of_path(path).is_some()
            || self.collisions.get_or_init(collisions).contains(path)
    }

    fn has(
        &self,
        file: &TreeFile,
        status: FileStatus,
        content: Option<&Content<'_>>,
    ) -> Option<bool> {
        let Some(review) = self.review else {
            return Some(false);
        };
        if status == FileStatus::Changed {
            return Some(review.is_marked_before(&file.path, &file.blob));
        }
        if review.is_marked_whole(&file.path, &file.blob) {
            return Some(status == FileStatus::Reviewed);
        }
        if !file.kind.is_file() {
            return Some(false);
        }
        let marked = review.marks(&file.blob).map_or(0, Marks::lines);
        let has_marks = marked > 0;
        if has_marks != (status != FileStatus::Unreviewed) {
            return Some(false);
        }
        let lines = match (self.place.index.meta(&file.blob), content) {
            (Some(meta), _) => meta.lines,
            (None, Some(content)) if content.is_binary => 0,
            (None, Some(content)) => text::count_lines(content.bytes),
            (None, None) => return None,
        };
        // What has no lines has nothing to review.
        Some(match status {
            FileStatus::Partial => marked < u64::from(lines),
            FileStatus::Reviewed => lines > 0 && marked >= u64::from(lines),
            FileStatus::Unreviewed | FileStatus::Changed => lines > 0,
        })
    }
}

impl Facts for FileFacts<'_> {
    fn language(&self, file: u32) -> Option<&str> {
        self.place
            .listing
            .language(file, |file| self.find_language(file))
    }

    fn holds(&self, file: u32, fact: &FileFact, content: Option<&Content<'_>>) -> Option<bool> {
        let file = &self.place.listing.files[file as usize];
        match fact {
            FileFact::Flag(flag) => self.is(file, *flag, content),
            FileFact::Size(sizes) => {
                let meta = self.place.index.meta(&file.blob);
                let size = self.size(file, meta).filter(|_| file.kind.is_file());
                Some(size.is_some_and(|size| sizes.contains(size)))
            }
            FileFact::Status(status) => self.has(file, *status, content),
            FileFact::Note(pattern) => {
                let mut items = self.items(file).peekable();
                // Most files have none, and a pattern takes time to prepare.
                if items.peek().is_none() {
                    return Some(false);
                }
                let regex = pattern.compile().regex;
                let says = |text: &str| regex.is_match(text.as_bytes());
                Some(items.any(|(item, _)| words(item).any(says)))
            }
            FileFact::Severity(severity) => Some(self.items(file).any(
                |(item, _)| matches!(item, Item::Finding(finding) if finding.severity == *severity),
            )),
            FileFact::Reviewer(name) => {
                Some(self.items(file).any(|(item, _)| item.reviewer() == name))
            }
        }
    }

    fn symbols(&self, file: u32, text: &str) -> Vec<Symbol> {
        (self.place.symbols)(&self.place.listing.files[file as usize], text)
    }

    fn findings(&self, file: u32) -> Vec<Span> {
        let file = &self.place.listing.files[file as usize];
        let findings = self
            .items(file)
            .filter(|(item, _)| matches!(item, Item::Finding(_)));
        findings
            .filter_map(|(_, location)| location.anchor.extent.rows())
            .collect()
    }

    fn is_aside(&self, file: u32, head: &[u8]) -> bool {
        let path = self.place.listing.files.path(file).unwrap_or_default();
        let traits = language::traits(path, head);
        traits.is_test || traits.is_vendored || traits.is_generated
    }
}

/// Returns what a person wrote in an item.
fn words(item: &Item) -> impl Iterator<Item = &str> {
    let texts = match item {
        Item::Finding(finding) => finding.texts(),
        Item::Note(note) => vec![("text", note.text.as_str())],
    };
    texts.into_iter().map(|(_, text)| text)
}

fn head(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(HEAD_BYTES)]
}

/// Returns whether a line of a text is flagged so.
fn has_flag(bytes: &[u8], flag: FileFlag) -> bool {
    let wanted = match flag {
        FileFlag::Bidi => FlagKind::Bidi,
        FileFlag::Control => FlagKind::Control,
        FileFlag::Zerowidth => FlagKind::Zerowidth,
        FileFlag::MixedScript => FlagKind::MixedScript,
        FileFlag::Blank => FlagKind::Blank,
        _ => return false,
    };
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    // No CR of it belongs to a line end.
    if is_plain(text) && memchr::memchr(b'\r', bytes).is_none() {
        return false;
    }
    text.split('\n').any(|line| {
        let found = text::flags(line);
        found.iter().any(|(kind, _)| *kind == wanted)
    })
}

fn has_long_line(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|b| *b == b'\n');
    lines.any(|line| {
        line.len() > LONG_LINE && line.iter().filter(|b| **b & 0xc0 != 0x80).count() > LONG_LINE
    })
}
