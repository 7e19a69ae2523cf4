//! Building an object of a pack from its deltas, with the work known before it is done.
//!
//! A chain of deltas is walked down by headers alone, in a loop; then up, so that the size and the work of every entry
//! on the way are known. What was found out is kept, so that a chain of any length is walked once.

use crate::snapshot::base_cache::{BaseCache, EntryPlace};
use crate::snapshot::cost::{HEADER_WORK, PassMeter};
use crate::snapshot::delta;
use crate::snapshot::pack_entry::{EntryForm, EntryHeader, Inflater, PackData, damaged};
use crate::snapshot::refs::Id;
use git2::ObjectType;
use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError};

/// Deltas in a row; git itself never writes more than 4,095.
const CHAIN: u32 = 4096;
/// Deltas in a row that are walked when the work of a pass has reached its limit.
const MODEST_CHAIN: usize = 64;
/// Entries of which it is kept how they are built.
const KNOWN: usize = 1 << 18;
/// Bytes of small bases that one thread keeps.
const SMALL_CACHE: usize = 24 << 20;
/// A larger base is kept for all threads together.
const LARGE: usize = 4 << 20;
/// Bytes of large bases that are kept.
const LARGE_CACHE: usize = 160 << 20;
/// Objects with a larger part are built one at a time.
const HUGE: u64 = 64 << 20;

/// Finds the offset of an object in a pack.
pub(super) type FindOffset<'a> = &'a dyn Fn(&Id) -> io::Result<Option<u64>>;

/// A pack, and the way from an id to an offset in it.
pub(super) struct PackView<'a> {
    /// A number of its own among those of the delivery.
    pub number: u32,
    /// The bytes.
    pub data: &'a PackData,
    /// The number of its objects: no chain of deltas is longer.
    pub count: u32,
    /// Finds the offset of an object.
    pub find: FindOffset<'a>,
}

/// What is known of an entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct EntryFacts {
    /// The kind of the object.
    pub kind: ObjectType,
    /// Its bytes.
    pub size: u64,
    /// Bytes inflated and put together if nothing of the chain is cached.
    pub work: u64,
    /// Bytes of the largest part: bases, deltas and itself.
    pub largest: u64,
    /// Deltas in a row.
    depth: u32,
}

/// What was found out about an entry.
#[derive(Clone, Copy, Debug)]
enum Known {
    Sound(EntryFacts),
    Broken(&'static str),
}

/// Why nothing is known of an entry.
#[derive(Debug)]
pub(super) enum ExamineError {
    /// The pack cannot be read, or the chain does not end at an object.
    Broken(io::Error),
    /// The pass has no work left for a chain of this length.
    WorkedOut,
}

impl From<io::Error> for ExamineError {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// What all threads that read a delivery share.
#[derive(Debug)]
pub(super) struct SharedParts {
    known: Mutex<HashMap<EntryPlace, Known>>,
    large: Mutex<BaseCache>,
    huge: Mutex<()>,
}

impl Default for SharedParts {
    fn default() -> Self {
        Self {
            known: Mutex::default(),
            large: Mutex::new(BaseCache::new(LARGE_CACHE)),
            huge: Mutex::default(),
        }
    }
}

impl SharedParts {
    fn known(&self, place: EntryPlace) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&place).copied()
    }

    fn keep(&self, place: EntryPlace, fact: Known) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(place, fact);
    }
}

/// Builds objects; one for each thread.
#[derive(Debug)]
pub(super) struct Rebuilder {
    shared: Arc<SharedParts>,
    inflater: Inflater,
    small: BaseCache,
}

impl Rebuilder {
    /// Makes one without anything cached.
    pub(super) fn new(shared: Arc<SharedParts>) -> Self {
        Self {
            shared,
            inflater: Inflater::default(),
            small: BaseCache::new(SMALL_CACHE),
        }
    }

    /// Returns what inflates.
    pub(super) fn inflater(&mut self) -> &mut Inflater {
        &mut self.inflater
    }

    /// Finds out how the entry at an offset is built, without building it.
    pub(super) fn examine(
        &mut self,
        pack: &PackView<'_>,
        offset: u64,
        meter: Option<&PassMeter>,
    ) -> Result<EntryFacts, ExamineError> {
        let place = |offset| (pack.number, offset);
        if let Some(known) = self.shared.known(place(offset)) {
            return Ok(sound(known)?);
        }
        // A longer chain meets an entry twice.
        let longest = match meter {
            Some(meter) if meter.is_worked_out() => MODEST_CHAIN.min(pack.count as usize),
            _ => pack.count as usize,
        };
        let mut above = Vec::new();
        let walked = self.walk_down(pack, offset, longest, &mut above);
        if let Some(meter) = meter {
            meter.add_work(HEADER_WORK * (1 + 2 * above.len() as u64));
        }
        let mut known = match walked {
            Ok(known) => known,
            Err(error) => {
                if let ExamineError::Broken(error) = &error
                    && error.kind() == ErrorKind::InvalidData
                {
                    let broken = Known::Broken("the chain of deltas is broken");
                    above
                        .iter()
                        .for_each(|at| self.shared.keep(place(*at), broken));
                }
                return Err(error);
            }
        };
        while let Some(at) = above.pop() {
            known = match known {
                Known::Broken(why) => Known::Broken(why),
                Known::Sound(base) if base.depth >= CHAIN => {
                    Known::Broken("too many deltas in a row")
                }
                Known::Sound(base) => match self.facts_of_delta(pack, at, base) {
                    Ok(facts) => Known::Sound(facts),
                    Err(error) if error.kind() == ErrorKind::InvalidData => {
                        Known::Broken("a delta is damaged")
                    }
                    Err(error) => return Err(error.into()),
                },
            };
            self.shared.keep(place(at), known);
        }
        Ok(sound(known)?)
    }

    /// Follows the bases from an offset to an entry that is known or is an object. The offsets of the deltas on the way
    /// are added to `above`.
    fn walk_down(
        &mut self,
        pack: &PackView<'_>,
        offset: u64,
        longest: usize,
        above: &mut Vec<u64>,
    ) -> Result<Known, ExamineError> {
        let mut at = offset;
        loop {
            if let Some(known) = self.shared.known((pack.number, at)) {
                return Ok(known);
            }
            let header = pack.data.header(at);
            let base = match header.as_ref().map(|header| header.form) {
                Ok(EntryForm::Whole(kind)) => {
                    let size = header?.size;
                    let facts = EntryFacts {
                        kind,
                        size,
                        work: size,
                        largest: size,
                        depth: 0,
                    };
                    self.shared.keep((pack.number, at), Known::Sound(facts));
                    return Ok(Known::Sound(facts));
                }
                Ok(EntryForm::OnOffset(base)) => base,
                Ok(EntryForm::OnId(base)) => {
                    above.push(at);
                    let base = (pack.find)(&base)?;
                    let base = base.ok_or_else(|| damaged("the base is not in the pack"))?;
                    above.pop();
                    base
                }
                Err(_) => {
                    above.push(at);
                    return Err(header.err().map_or(ExamineError::WorkedOut, Into::into));
                }
            };
            above.push(at);
            if above.len() > longest {
                return Err(if longest < pack.count as usize {
                    ExamineError::WorkedOut
                } else {
                    damaged("the deltas lead in a circle").into()
                });
            }
            at = base;
        }
    }

    fn facts_of_delta(
        &mut self,
        pack: &PackView<'_>,
        offset: u64,
        base: EntryFacts,
    ) -> io::Result<EntryFacts> {
        let header = pack.data.header(offset)?;
        let read = |bytes: &mut [u8], at| pack.data.read_at(bytes, at);
        let mut start = [0; delta::SIZES];
        let got = self
            .inflater
            .inflate_start(&read, header.body, &mut start)?;
        let (_, size, _) = delta::read_sizes(&start[..got])?;
        let work = base.work.saturating_add(header.size).saturating_add(size);
        Ok(EntryFacts {
            kind: base.kind,
            size,
            work,
            largest: base.largest.max(header.size).max(size),
            depth: base.depth + 1,
        })
    }

    /// Builds the object at an offset. The caller has examined it and found its cost acceptable.
    pub(super) fn build(
        &mut self,
        pack: &PackView<'_>,
        offset: u64,
        facts: &EntryFacts,
        meter: Option<&PassMeter>,
    ) -> io::Result<Vec<u8>> {
        let shared = Arc::clone(&self.shared);
        let _one_at_a_time = (facts.largest > HUGE)
            .then(|| shared.huge.lock().unwrap_or_else(PoisonError::into_inner));
        let count = |work: usize| {
            if let Some(meter) = meter {
                meter.add_work(work as u64);
            }
        };
        let mut chain: Vec<(u64, EntryHeader)> = Vec::new();
        let mut at = offset;
        let mut base = loop {
            if let Some(kept) = self.kept((pack.number, at)) {
                break kept;
            }
            let header = pack.data.header(at)?;
            at = match header.form {
                EntryForm::Whole(_) => {
                    let whole = self.inflate(pack, &header)?;
                    count(whole.len());
                    if chain.is_empty() {
                        return Ok(whole);
                    }
                    let whole = Arc::new(whole);
                    self.keep((pack.number, at), &whole);
                    break whole;
                }
                EntryForm::OnOffset(base) => {
                    chain.push((at, header));
                    base
                }
                EntryForm::OnId(base) => {
                    chain.push((at, header));
                    (pack.find)(&base)?.ok_or_else(|| damaged("the base is not in the pack"))?
                }
            };
            if chain.len() > CHAIN as usize {
                return Err(damaged("too many deltas in a row"));
            }
        };
        while let Some((at, header)) = chain.pop() {
            let delta = self.inflate(pack, &header)?;
            let (_, size, _) = delta::read_sizes(&delta)?;
            // The file may have changed since it was examined.
            if size > facts.largest {
                return Err(damaged("an object is larger than its delta said before"));
            }
            let built = delta::apply(&base, &delta)?;
            count(delta.len() + built.len());
            if chain.is_empty() {
                return Ok(built);
            }
            base = Arc::new(built);
            self.keep((pack.number, at), &base);
        }
        count(base.len());
        Ok(base.to_vec())
    }

    fn inflate(&mut self, pack: &PackView<'_>, header: &EntryHeader) -> io::Result<Vec<u8>> {
        let size = usize::try_from(header.size).map_err(|_| damaged("a size overflows"))?;
        let read = |bytes: &mut [u8], at| pack.data.read_at(bytes, at);
        let (bytes, _) = self.inflater.inflate(&read, header.body, size)?;
        Ok(bytes)
    }

    fn kept(&mut self, place: EntryPlace) -> Option<Arc<Vec<u8>>> {
        self.small.get(place).or_else(|| {
            let mut large = self.shared.large.lock();
            let large = large.as_mut().ok()?;
            large.get(place)
        })
    }

    /// Keeps an object that others are built from.
    pub(super) fn keep(&mut self, place: EntryPlace, bytes: &Arc<Vec<u8>>) {
        if bytes.len() <= LARGE {
            self.small.put(place, bytes);
        } else if let Ok(mut large) = self.shared.large.lock() {
            large.put(place, bytes);
        }
    }
}

fn sound(known: Known) -> io::Result<EntryFacts> {
    match known {
        Known::Sound(facts) => Ok(facts),
        Known::Broken(why) => Err(damaged(why)),
    }
}
