//! What was delivered.

use super::listing::{Listing, reason};
use super::read::{Reader, is_plain};
use super::{Cancel, JobError};
use crate::index::{BlobMeta, Index, TextKind};
use crate::language::{self, HEAD_BYTES};
use crate::model::{
    BlobId, Delivery, FileKind, Flag, Influence, LanguageCount, NotInSnapshot, NotSearched,
    PartialClone, Reason, RepoPath, SearchedAsBytes, TreeFile,
};
use crate::snapshot::{self, PassKind, Snapshot, is_lfs_pointer};
use crate::text::{self, Content, FlagKind, LineEnds};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Flagged lines kept of one content.
const MOST_FLAGS: usize = 100_000;

/// What one content is.
#[derive(Default)]
struct Facts {
    bytes: u64,
    lines: u64,
    /// The language of each file that has it; none if it is no text.
    languages: Vec<&'static str>,
    unsearched: Option<Reason>,
    flags: Vec<(u32, FlagKind, Vec<char>)>,
    is_binary: bool,
}

/// Works out what was delivered. Contents are taken from the index where it has them and read from the snapshot
/// otherwise; nothing is written.
pub fn run(
    reader: &Reader<'_>,
    listing: &Listing,
    index: Option<&Index>,
    cancel: &Cancel,
) -> Result<Delivery, JobError> {
    let delivery = of_snapshot(reader, listing, index, cancel)?;
    compare(reader.snapshot, listing, delivery, cancel)
}

/// Adds what of the work tree is not in the snapshot: every file of it is read.
pub fn compare(
    snapshot: &Snapshot,
    listing: &Listing,
    delivery: Delivery,
    cancel: &Cancel,
) -> Result<Delivery, JobError> {
    let not_in_snapshot = snapshot.compare_work_tree(&listing.files, &|| cancel.is_cancelled())?;
    Ok(Delivery {
        not_in_snapshot,
        ..delivery
    })
}

/// Works out everything but what of the work tree is not in the snapshot.
pub fn of_snapshot(
    reader: &Reader<'_>,
    listing: &Listing,
    index: Option<&Index>,
    cancel: &Cancel,
) -> Result<Delivery, JobError> {
    let contents = contents(reader, listing, index, cancel)?;
    let snapshot = reader.snapshot;
    let files: Vec<&TreeFile> = listing.files.iter().filter(|f| f.kind.is_file()).collect();
    let count = |kind| listing.files.iter().filter(|f| f.kind == kind).count() as u64;
    let mut languages: BTreeMap<&str, LanguageCount> = BTreeMap::new();
    let (mut bytes, mut lines) = (0, 0);
    let mut not_searched = Vec::new();
    let mut flags = Vec::new();
    let mut searched_as_bytes = Vec::new();
    for file in &files {
        let Some(facts) = contents.get(&file.blob) else {
            continue;
        };
        bytes += facts.bytes;
        lines += facts.lines;
        if let Some(reason) = facts.unsearched {
            not_searched.push(NotSearched {
                path: file.path.clone(),
                reason,
                bytes: facts.bytes,
            });
        }
        if facts.is_binary {
            searched_as_bytes.push(SearchedAsBytes {
                path: file.path.clone(),
                bytes: facts.bytes,
            });
        }
        flags.extend(facts.flags.iter().map(|(line, flag, chars)| {
            Flag {
                path: file.path.clone(),
                line: *line,
                flag: *flag,
                codepoints: chars
                    .iter()
                    .map(|c| format!("U+{:04X}", *c as u32))
                    .collect(),
            }
        }));
    }
    for facts in contents.values() {
        for language in &facts.languages {
            let row = languages.entry(*language).or_insert_with(|| LanguageCount {
                name: (*language).to_owned(),
                files: 0,
                lines: 0,
            });
            row.files += 1;
            row.lines += facts.lines;
        }
    }
    for file in listing.files.iter().filter(|f| !f.kind.is_file()) {
        let reason = if file.kind == FileKind::Submodule {
            Reason::Submodule
        } else {
            Reason::Symlink
        };
        not_searched.push(NotSearched {
            path: file.path.clone(),
            reason,
            bytes: 0,
        });
    }
    not_searched.extend(listing.unlisted());
    not_searched.sort_by(|a, b| a.path.cmp(&b.path));
    let lost = |n: &NotSearched| {
        matches!(
            n.reason,
            Reason::MissingObject | Reason::DamagedObject | Reason::TooCostly | Reason::Truncated
        )
    };
    let partial_clone = snapshot.partial_filter().map(|filter| {
        let missing = |n: &&NotSearched| n.reason == Reason::MissingObject;
        PartialClone {
            filter,
            missing: not_searched.iter().filter(missing).count() as u64,
        }
    });
    let mut languages: Vec<_> = languages.into_values().collect();
    languages.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.name.cmp(&b.name)));
    Ok(Delivery {
        commit: snapshot.commit(),
        tree: snapshot.tree(),
        object_format: "sha1".into(),
        complete: !not_searched.iter().any(lost),
        shallow: snapshot.is_shallow(),
        partial_clone,
        entries: listing.files.len() as u64,
        files: files.len() as u64,
        symlinks: count(FileKind::Symlink),
        submodules: count(FileKind::Submodule),
        bytes,
        lines,
        languages,
        not_searched,
        searched_as_bytes,
        not_in_snapshot: NotInSnapshot::default(),
        vendor_influence: influence(snapshot, listing),
        flags,
    })
}

fn influence(snapshot: &Snapshot, listing: &Listing) -> Vec<Influence> {
    let mut found = snapshot.vendor_influence();
    let in_tree = listing.files.iter().filter_map(|f| {
        let kind = snapshot::influence_of_path(&f.path)?;
        Some(Influence {
            path: f.path.clone(),
            kind: kind.to_owned(),
        })
    });
    found.extend(in_tree);
    found.extend(snapshot::case_collisions(&listing.files));
    found.extend(snapshot::duplicate_entries(&listing.files));
    found.sort();
    found.dedup();
    found
}

/// Looks at every content once, on as many threads as there are cores.
fn contents(
    reader: &Reader<'_>,
    listing: &Listing,
    index: Option<&Index>,
    cancel: &Cancel,
) -> Result<HashMap<BlobId, Facts>, JobError> {
    let mut paths: HashMap<BlobId, Vec<&RepoPath>> = HashMap::new();
    for file in listing.files.iter().filter(|f| f.kind.is_file()) {
        paths.entry(file.blob).or_default().push(&file.path);
    }
    let wanted: HashSet<BlobId> = listing.blobs();
    let order = reader.snapshot.pack_order(&wanted)?;
    let next = AtomicUsize::new(0);
    let found = Mutex::new(HashMap::with_capacity(order.len()));
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(4);
    let pass = reader.snapshot.begin_pass(PassKind::Files);
    let mut handles = Vec::new();
    for _ in 0..threads {
        handles.push(pass.reopen()?);
    }
    thread::scope(|scope| {
        for handle in handles {
            let (next, found, order, paths) = (&next, &found, &order, &paths);
            scope.spawn(move || {
                let reader = Reader {
                    snapshot: &handle,
                    ..*reader
                };
                let mut mine = Vec::new();
                loop {
                    // Neighbours in a pack share their delta bases.
                    let from = next.fetch_add(64, Ordering::Relaxed);
                    if from >= order.len() || cancel.is_cancelled() {
                        break;
                    }
                    for id in &order[from..order.len().min(from + 64)] {
                        let paths = paths.get(id).map_or(&[][..], Vec::as_slice);
                        mine.push((*id, look(&reader, index, id, paths)));
                    }
                }
                if let Ok(mut found) = found.lock() {
                    found.extend(mine);
                }
            });
        }
    });
    if cancel.is_cancelled() {
        return Err(JobError::Cancelled);
    }
    Ok(found.into_inner().unwrap_or_default())
}

fn look(reader: &Reader<'_>, index: Option<&Index>, id: &BlobId, paths: &[&RepoPath]) -> Facts {
    let stored = index.and_then(|i| Some((i.meta(id)?, i.text(id)?)));
    if let Some((meta, stored)) = stored {
        let is_text = matches!(stored.kind, TextKind::Text | TextKind::LfsPointer);
        let unsearched = (stored.kind == TextKind::LfsPointer).then_some(Reason::LfsPointer);
        let text = String::from_utf8(stored.bytes).map_err(std::string::FromUtf8Error::into_bytes);
        return match text {
            Ok(text) if is_text => Facts {
                bytes: meta.size,
                unsearched,
                ..match with_line_ends(reader, id, &meta) {
                    Some(whole) => of_text(&text, &whole, paths),
                    None => of_text(&text, &text, paths),
                }
            },
            Ok(_) | Err(_) => of_bytes(meta.size),
        };
    }
    match reader.bytes(id) {
        Ok(bytes) => {
            let size = bytes.len() as u64;
            let unsearched = is_lfs_pointer(&bytes).then_some(Reason::LfsPointer);
            match reader.decode(id, bytes) {
                Content::Text(read) => Facts {
                    bytes: size,
                    unsearched,
                    ..of_text(&unix_lines(&read.text), &read.text, paths)
                },
                Content::Binary(_) => of_bytes(size),
            }
        }
        Err(error) => {
            let (why, known) = reason(&error);
            let bytes = if known > 0 {
                known
            } else {
                reader.snapshot.size(id).unwrap_or(0)
            };
            Facts {
                bytes,
                unsearched: Some(why),
                ..Facts::default()
            }
        }
    }
}

/// Returns a text with its line ends as the blob has them, if they differ and the stored text does not tell.
fn with_line_ends(reader: &Reader<'_>, id: &BlobId, meta: &BlobMeta) -> Option<String> {
    if meta.line_ends != LineEnds::Mixed {
        return None;
    }
    match reader.content(id).ok()? {
        Content::Text(read) => Some(read.text),
        Content::Binary(_) => None,
    }
}

/// Returns a text as the text store has it.
fn unix_lines(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

fn of_bytes(bytes: u64) -> Facts {
    Facts {
        bytes,
        is_binary: true,
        ..Facts::default()
    }
}

/// Takes a text as the text store has it; `with_ends` is the same with its line ends as the blob has them.
fn of_text(text: &str, with_ends: &str, paths: &[&RepoPath]) -> Facts {
    let head = &text.as_bytes()[..text.len().min(HEAD_BYTES)];
    let language =
        |path: &&RepoPath| language::of(path.as_bytes(), head).map_or("other text", |l| l.name);
    let lines = u64::from(text::count_lines(text.as_bytes()));
    let mut flags = Vec::new();
    // No CR of it belongs to a line end.
    if !is_plain(text) || text.contains('\r') {
        for (line, text) in (1..).zip(text.split('\n')) {
            let found = text::flags(text);
            flags.extend(found.into_iter().map(|(kind, chars)| (line, kind, chars)));
            if flags.len() >= MOST_FLAGS {
                break;
            }
        }
    }
    flags.extend(text::odd_line_ends(with_ends).into_iter().take(MOST_FLAGS));
    flags.sort_by_key(|(line, kind, _)| (*line, *kind));
    Facts {
        lines,
        languages: paths.iter().map(language).collect(),
        flags,
        ..Facts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::indexing;
    use crate::model::Encodings;
    use crate::snapshot::cost_tests::costly_delivery;
    use crate::snapshot::{PackStore, ReadLimits};

    #[test]
    fn what_costs_too_much_is_listed_by_name_and_the_delivery_is_incomplete() {
        let repo = costly_delivery(4);
        let encodings = Encodings::new();
        let survey = |limits| {
            let opened = Snapshot::open_with(repo.path(), None, PackStore::None, limits);
            let snapshot = opened.unwrap();
            let listing = Listing::of(&snapshot, &|| false).unwrap();
            let reader = Reader {
                snapshot: &snapshot,
                encodings: &encodings,
                limit: 1 << 20,
            };
            let delivery = run(&reader, &listing, None, &Cancel::never()).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let cancel = Cancel::never();
            let indexed = indexing::run(&reader, &listing, folder.path(), &cancel, &mut |_| {});
            let unread: Vec<_> = indexed.unwrap().unreadable.into_values().collect();
            assert!(unread.iter().all(|(why, _)| *why == Reason::TooCostly));
            (delivery, unread.len())
        };
        let (delivery, unread) = survey(ReadLimits::default());
        assert!(
            delivery.complete && delivery.not_searched.is_empty(),
            "control"
        );
        assert_eq!(unread, 0, "control");

        let (delivery, unread) = survey(ReadLimits {
            base_bytes: 1000,
            ..ReadLimits::default()
        });
        let row = |n: &NotSearched| (n.path.to_string(), n.reason.word(), n.bytes);
        let rows: Vec<_> = delivery.not_searched.iter().map(row).collect();
        let expected = (0..4).map(|n| (format!("f{n}.c"), "too-costly", 3));
        assert_eq!(rows, expected.collect::<Vec<_>>());
        assert!(!delivery.complete);
        assert_eq!((delivery.files, unread), (5, 4));
    }
}
