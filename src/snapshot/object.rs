//! One object out of the store: present, sound, of the right kind, size and cost, before a byte is handed on.
//!
//! Objects are found, inflated and built here and not by libgit2, which only hashes them: it asks every pack for every
//! object, does not count what a delta costs, and does not come to an end on every damaged loose object.

use crate::model::{FULL_BUNDLE, PartialFilter};
use crate::snapshot::RefNames;
use crate::snapshot::SnapshotError;
use crate::snapshot::cost::{CostLimit, PassKind, PassMeter, ReadLimits, is_modest};
use crate::snapshot::files::StoredObjects;
use crate::snapshot::loose::{LooseObject, LooseObjects};
use crate::snapshot::pack_entry::damaged;
use crate::snapshot::pack_set::{OpenPack, PackSet};
use crate::snapshot::parse::{Commit, parse_commit, parse_tag_target};
use crate::snapshot::rebuild::{EntryFacts, ExamineError, Rebuilder, SharedParts};
use crate::snapshot::refs::{Id, parse_id};
use crate::snapshot::source::{Place, look, unreadable};
use crate::snapshot::watch::ReadWatch;
use git2::{ObjectType, Oid};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError};

/// The tree without entries, which git knows without storing it.
const EMPTY_TREE: Id = [
    0x4b, 0x82, 0x5d, 0xc6, 0x42, 0xcb, 0x6e, 0xb9, 0xa0, 0x60, 0xe5, 0x4b, 0xf8, 0xd6, 0x92, 0x88,
    0xfb, 0xee, 0x49, 0x04,
];
/// Bytes of one commit or tag.
const TEXT_BYTES: u64 = 16 << 20;
/// Tags of tags followed.
const TAGS: usize = 64;

/// The objects of one delivery, for all threads.
#[derive(Debug)]
pub(super) struct ObjectStore {
    packs: PackSet,
    loose: Option<LooseObjects>,
    shared: Arc<SharedParts>,
    limits: ReadLimits,
    missing: MissingReason,
}

/// Why an object may be missing that should be there: what the delivery itself says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingReason {
    /// A bundle is to hold everything.
    Bundle,
    /// The delivery is a partial clone.
    PartialClone(PartialFilter),
    /// The repository borrows objects from another one.
    Alternates,
    /// Nothing says so.
    Unknown,
}

impl MissingReason {
    /// Finds out what a delivery says.
    pub(super) fn of_delivery(
        place: &Place,
        partial: Option<&PartialFilter>,
    ) -> Result<Self, SnapshotError> {
        let Place::Repository { git_dir, .. } = place else {
            return Ok(Self::Bundle);
        };
        Ok(match partial {
            Some(filter) => Self::PartialClone(*filter),
            None if look(&git_dir.join("objects/info/alternates"))?.is_some() => Self::Alternates,
            None => Self::Unknown,
        })
    }

    /// Returns what to ask the vendor for.
    pub fn hint(self) -> String {
        match self {
            Self::Bundle => "the bundle was made in a repository that lacks it: ask for one made in a complete clone, \
                             in which `git fsck` finds nothing missing"
                .to_owned(),
            Self::PartialClone(filter) => {
                format!("the delivery is a partial clone ({filter}), which leaves objects out: {FULL_BUNDLE}")
            }
            Self::Alternates => "the repository borrows objects from another one (objects/info/alternates), which was \
                                 not delivered: ask for `git bundle create NAME --all`"
                .to_owned(),
            Self::Unknown => "ask for `git bundle create NAME --all`, made in a repository in which `git fsck` finds \
                              nothing missing"
                .to_owned(),
        }
    }
}

/// A handle on the objects of one delivery. It keeps what one thread read last; more threads that share it wait for
/// nothing, but each begins without that.
pub(super) struct Objects {
    store: Arc<ObjectStore>,
    /// What no thread uses now.
    idle: Mutex<Vec<ObjectReader>>,
    /// What the pass that this handle belongs to has cost; none if nobody counts.
    pass: Option<Arc<PassMeter>>,
}

/// What one thread needs to read an object.
struct ObjectReader {
    rebuilder: Rebuilder,
    watch: ReadWatch,
}

/// One of the places where an object is stored.
enum StoredCopy<'a> {
    /// Position of the pack, the pack, offset in it.
    Packed(usize, &'a OpenPack, u64),
    Loose(LooseObject),
}

/// Returns the id's bytes.
pub(super) fn bytes_of(oid: &Oid) -> Id {
    let mut id = [0; 20];
    id.copy_from_slice(&oid.as_bytes()[..20]);
    id
}

fn word(kind: ObjectType) -> &'static str {
    match kind {
        ObjectType::Commit => "commit",
        ObjectType::Tree => "tree",
        ObjectType::Blob => "blob",
        ObjectType::Tag => "tag",
        ObjectType::Any => "object",
    }
}

impl ObjectStore {
    /// Prepares for the objects; no pack is opened yet.
    pub(super) fn new(objects: StoredObjects, limits: ReadLimits, missing: MissingReason) -> Self {
        Self {
            packs: PackSet::new(objects.packs),
            loose: objects.loose,
            shared: Arc::default(),
            limits,
            missing,
        }
    }

    /// Starts counting what a pass over the objects costs.
    pub(super) fn meter(self: &Arc<Self>, kind: PassKind) -> PassMeter {
        let store = Arc::clone(self);
        PassMeter::new(&self.limits, kind, move || store.stored_bytes())
    }

    /// Returns the bytes of packs and loose objects on disk; what cannot be listed counts nothing.
    fn stored_bytes(&self) -> u64 {
        let loose = self.loose.as_ref().map(LooseObjects::stored_bytes);
        let loose = loose.and_then(Result::ok).unwrap_or(0);
        self.packs.stored_bytes() + loose
    }

    /// Calls for every object in the order in which the store holds them, until told to stop; an object that is stored
    /// twice comes twice.
    pub(super) fn each(&self, visit: &mut dyn FnMut(Id) -> bool) -> Result<(), SnapshotError> {
        for pack in 0..self.packs.len() {
            if !self.packs.names(pack)?.into_iter().all(&mut *visit) {
                return Ok(());
            }
        }
        let mut names = Vec::new();
        for first in 0..=255 {
            names.clear();
            if let Some(loose) = &self.loose {
                loose.names(first, &mut names)?;
            }
            names.sort_unstable();
            if !names.drain(..).all(&mut *visit) {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Objects {
    /// Makes a handle; `pass` counts what it reads.
    pub(super) fn new(store: Arc<ObjectStore>, pass: Option<Arc<PassMeter>>) -> Self {
        Self {
            store,
            idle: Mutex::default(),
            pass,
        }
    }

    fn take_reader(&self) -> ObjectReader {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        idle.unwrap_or_else(|| ObjectReader {
            rebuilder: Rebuilder::new(Arc::clone(&self.store.shared)),
            watch: ReadWatch::default(),
        })
    }

    fn put_back(&self, reader: ObjectReader) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(reader);
    }

    /// Returns what all handles share.
    pub(super) fn store(&self) -> &Arc<ObjectStore> {
        &self.store
    }

    /// Returns what counts the cost of the pass.
    pub(super) fn pass(&self) -> Option<&Arc<PassMeter>> {
        self.pass.as_ref()
    }

    /// Calls `read` for one copy of an object after the other, first those in packs, until one can be read. The error
    /// is that of the first copy; `wanted` names the object in it.
    fn read_a_copy<T>(
        &self,
        id: &Id,
        wanted: ObjectType,
        read: &mut dyn FnMut(&mut Rebuilder, &StoredCopy<'_>) -> Result<T, SnapshotError>,
    ) -> Result<T, SnapshotError> {
        let mut reader = self.take_reader();
        let watched = reader.watch.begin(id);
        let outcome = self.first_readable(id, wanted, &mut reader.rebuilder, read);
        drop(watched);
        self.put_back(reader);
        outcome?.unwrap_or_else(|| Err(self.missing(id, wanted)))
    }

    fn first_readable<T>(
        &self,
        id: &Id,
        wanted: ObjectType,
        rebuilder: &mut Rebuilder,
        read: &mut dyn FnMut(&mut Rebuilder, &StoredCopy<'_>) -> Result<T, SnapshotError>,
    ) -> Result<Option<Result<T, SnapshotError>>, SnapshotError> {
        let mut outcome = None;
        let mut visit = |number: usize, pack: &OpenPack, offset| {
            let found = read(rebuilder, &StoredCopy::Packed(number, pack, offset));
            let is_read = found.is_ok();
            if is_read || outcome.is_none() {
                outcome = Some(found);
            }
            is_read
        };
        self.store.packs.each_holding(id, &mut visit)?;
        if !matches!(outcome, Some(Ok(_)))
            && let Some(loose) = &self.store.loose
            && let Some(found) = loose.find(id, rebuilder.inflater())?
        {
            let found = found.map_err(|source| damaged_object(id, wanted, source));
            let found = found.and_then(|object| read(rebuilder, &StoredCopy::Loose(object)));
            if found.is_ok() || outcome.is_none() {
                outcome = Some(found);
            }
        }
        Ok(outcome)
    }

    fn missing(&self, id: &Id, wanted: ObjectType) -> SnapshotError {
        match self.store.packs.damaged() {
            Some(path) => SnapshotError::DamagedPack {
                path: path.to_path_buf(),
                kind: word(wanted),
                id: hex(id),
            },
            None => SnapshotError::MissingObject {
                kind: word(wanted),
                id: hex(id),
                why: self.store.missing,
            },
        }
    }

    /// Finds out what an entry of a pack is, without building it.
    fn examine(
        &self,
        (id, wanted): (&Id, ObjectType),
        rebuilder: &mut Rebuilder,
        (number, pack, offset): (usize, &OpenPack, u64),
    ) -> Result<EntryFacts, SnapshotError> {
        let meter = self.pass.as_deref();
        let find = |base: &Id| pack.index.find(base);
        let found = rebuilder.examine(&pack.view(number, &find), offset, meter);
        found.map_err(|error| match error {
            ExamineError::WorkedOut => too_costly(id, wanted, CostLimit::Pass, meter),
            ExamineError::Broken(error) => match error.kind() {
                ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
                    SnapshotError::BrokenChain { id: hex(id) }
                }
                _ => unreadable(self.store.packs.path(number), error),
            },
        })
    }

    /// Fails if building an object of a pack costs more than the limits allow.
    fn check_cost(
        &self,
        id: &Id,
        wanted: ObjectType,
        facts: &EntryFacts,
    ) -> Result<(), SnapshotError> {
        let checked = self
            .store
            .limits
            .check(facts.largest, facts.work, facts.size);
        checked.map_err(|(why, work, limit)| SnapshotError::TooCostly {
            kind: word(wanted),
            id: hex(id),
            why,
            work,
            limit,
        })?;
        let is_over = |meter: &&PassMeter| meter.is_worked_out();
        match self.pass.as_deref().filter(is_over) {
            Some(meter) if !is_modest(facts.work, facts.size) => {
                Err(too_costly(id, wanted, CostLimit::Pass, Some(meter)))
            }
            _ => Ok(()),
        }
    }

    /// Returns size and kind of an object, whatever its kind; `wanted` names it in an error.
    fn header(&self, id: &Id, wanted: ObjectType) -> Result<(u64, ObjectType), SnapshotError> {
        if *id == EMPTY_TREE {
            return Ok((0, ObjectType::Tree));
        }
        self.read_a_copy(id, wanted, &mut |rebuilder, copy| match copy {
            StoredCopy::Packed(number, pack, offset) => {
                let place = (*number, *pack, *offset);
                let facts = self.examine((id, wanted), rebuilder, place)?;
                Ok((facts.size, facts.kind))
            }
            StoredCopy::Loose(object) => Ok((object.size, object.kind)),
        })
    }

    /// Returns size and kind of an object, whatever its kind.
    pub(super) fn size_and_kind(&self, id: &Id) -> Result<(u64, ObjectType), SnapshotError> {
        self.header(id, ObjectType::Any)
    }

    /// Returns the size of an object that must be of the kind.
    pub(super) fn size(&self, id: &Id, wanted: ObjectType) -> Result<u64, SnapshotError> {
        let (size, found) = self.header(id, wanted)?;
        check_kind(id, wanted, found)?;
        Ok(size)
    }

    /// Reads an object that must be of the kind; its content is checked against its id. `check` sees its size first, and
    /// may refuse it.
    pub(super) fn read(
        &self,
        id: &Id,
        wanted: ObjectType,
        check: &dyn Fn(u64) -> Result<(), SnapshotError>,
    ) -> Result<Vec<u8>, SnapshotError> {
        let check = |size, found| {
            check_kind(id, wanted, found)?;
            check(size)
        };
        if *id == EMPTY_TREE {
            check(0, ObjectType::Tree)?;
            return Ok(Vec::new());
        }
        let hand_on = |size: u64| match self.pass.as_deref() {
            Some(meter) if !meter.try_add_bytes(size) => {
                Err(too_costly(id, wanted, CostLimit::Bytes, Some(meter)))
            }
            _ => Ok(()),
        };
        let meter = self.pass.as_deref();
        self.read_a_copy(id, wanted, &mut |rebuilder, copy| {
            let built = match copy {
                StoredCopy::Packed(number, pack, offset) => {
                    let place = (*number, *pack, *offset);
                    let facts = self.examine((id, wanted), rebuilder, place)?;
                    check(facts.size, facts.kind)?;
                    self.check_cost(id, wanted, &facts)?;
                    hand_on(facts.size)?;
                    let find = |base: &Id| pack.index.find(base);
                    let view = pack.view(*number, &find);
                    rebuilder.build(&view, *offset, &facts, meter)
                }
                StoredCopy::Loose(object) => {
                    check(object.size, object.kind)?;
                    hand_on(object.size)?;
                    if let Some(meter) = meter {
                        meter.add_work(object.size);
                    }
                    object.content(rebuilder.inflater())
                }
            };
            let checked = built.and_then(|bytes| {
                let hash = Oid::hash_object(wanted, &bytes).map_err(io::Error::other)?;
                if bytes_of(&hash) == *id {
                    Ok(bytes)
                } else {
                    Err(damaged("its bytes have another id"))
                }
            });
            checked.map_err(|source| damaged_object(id, wanted, source))
        })
    }

    /// Reads a commit, tree or tag of at most `limit` bytes.
    pub(super) fn structure(
        &self,
        id: &Id,
        kind: ObjectType,
        limit: u64,
    ) -> Result<Vec<u8>, SnapshotError> {
        self.read(id, kind, &|size| {
            if size <= limit {
                return Ok(());
            }
            Err(SnapshotError::ObjectTooLarge {
                kind: word(kind),
                id: hex(id),
                size,
                limit,
            })
        })
    }

    /// Follows tags to a commit; `rev` names it in an error.
    pub(super) fn peel(&self, mut id: Id, rev: &str) -> Result<Id, SnapshotError> {
        for _ in 0..TAGS {
            let (_, kind) = self.header(&id, ObjectType::Commit)?;
            match kind {
                ObjectType::Commit => return Ok(id),
                ObjectType::Tag => {
                    let text = self.structure(&id, kind, TEXT_BYTES)?;
                    id = parse_tag_target(&text).ok_or_else(|| SnapshotError::MalformedObject {
                        kind: "tag",
                        id: hex(&id),
                    })?;
                }
                _ => {
                    return Err(SnapshotError::NotACommit {
                        rev: rev.to_owned(),
                        kind: word(kind),
                    });
                }
            }
        }
        Err(SnapshotError::TagTooDeep {
            rev: rev.to_owned(),
            limit: TAGS,
        })
    }

    /// Reads the head of a commit.
    pub(super) fn commit(&self, id: &Id) -> Result<Commit, SnapshotError> {
        let text = self.structure(id, ObjectType::Commit, TEXT_BYTES)?;
        parse_commit(&text).ok_or_else(|| SnapshotError::MalformedObject {
            kind: "commit",
            id: hex(id),
        })
    }

    /// Returns whether the object is there at all; not if that cannot be found out.
    pub(super) fn has(&self, id: &Id) -> bool {
        let mut is_there = *id == EMPTY_TREE;
        let mut visit = |_: usize, _: &OpenPack, _| {
            is_there = true;
            true
        };
        let asked = self.store.packs.each_holding(id, &mut visit);
        let loose = self.store.loose.as_ref();
        is_there || asked.is_ok() && loose.is_some_and(|loose| loose.has(id).unwrap_or(false))
    }

    /// Finds the one object whose id starts with the digits.
    pub(super) fn find_prefix(&self, digits: &str) -> Result<Option<Id>, SnapshotError> {
        let fill = |digit: &str| {
            let rest = digit.repeat(40_usize.saturating_sub(digits.len()));
            parse_id(format!("{digits}{rest}").as_bytes())
        };
        let (Some(first), Some(last)) = (fill("0"), fill("f")) else {
            return Ok(None);
        };
        let mut found = Vec::new();
        self.store.packs.find_range(&first, &last, &mut found)?;
        let mut names = Vec::new();
        if let Some(loose) = &self.store.loose {
            loose.names(first[0], &mut names)?;
        }
        names.retain(|id| (first..=last).contains(id) && !found.contains(id));
        found.append(&mut names);
        match found.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            _ => Err(SnapshotError::AmbiguousRevision {
                rev: digits.to_owned(),
                refs: RefNames::default(),
            }),
        }
    }
}

/// Returns the 40 digits of an id.
pub(super) fn hex(id: &Id) -> String {
    use std::fmt::Write;
    id.iter().fold(String::with_capacity(40), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

fn check_kind(id: &Id, wanted: ObjectType, found: ObjectType) -> Result<(), SnapshotError> {
    if found == wanted {
        return Ok(());
    }
    Err(SnapshotError::WrongKind {
        id: hex(id),
        wanted: word(wanted),
        found: word(found),
    })
}

fn damaged_object(id: &Id, wanted: ObjectType, source: io::Error) -> SnapshotError {
    SnapshotError::DamagedObject {
        kind: word(wanted),
        id: hex(id),
        source,
    }
}

/// Makes the error of an object that a pass has no work or no bytes left for.
fn too_costly(
    id: &Id,
    wanted: ObjectType,
    why: CostLimit,
    meter: Option<&PassMeter>,
) -> SnapshotError {
    let pair = |pick: fn((u64, u64)) -> u64| {
        let value = |(spent, limit)| (pick(spent), pick(limit));
        value(meter.map_or(((0, 0), (0, 0)), |m| (m.spent(), m.limits())))
    };
    let (work, limit) = match why {
        CostLimit::Bytes => pair(|(_, bytes)| bytes),
        _ => pair(|(work, _)| work),
    };
    SnapshotError::TooCostly {
        kind: word(wanted),
        id: hex(id),
        why,
        work,
        limit,
    }
}
