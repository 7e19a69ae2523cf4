//! Makes the index of a pack that came without one, as that of a bundle.
//!
//! The pack is read once from end to end: each entry is inflated to find where it ends, and an object that is no delta is
//! hashed on the way. Then the deltas are built, each after its base, so that the base is still in memory. The pack's own
//! checksum is verified first. The result is an index of version 2 (gitformat-pack(5)); its column of CRCs, which only
//! serves to copy entries from pack to pack, is zero.

use crate::snapshot::cost::{CostLimit, PassKind, PassMeter, ReadLimits};
use crate::snapshot::pack_entry::{EntryForm, Inflater, PackData, damaged};
use crate::snapshot::rebuild::{EntryFacts, ExamineError, PackView, Rebuilder};
use crate::snapshot::refs::Id;
use git2::ObjectType;
use sha1::{Digest, Sha1};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;

/// Bytes of a pack that are hashed at once.
const CHUNK: usize = 1 << 20;
/// Where the first entry begins.
const HEADER: u64 = 12;
/// Built objects up to this size are kept for the deltas on them.
const KEPT_BYTES: usize = 4 << 20;

/// Why a pack is not indexed.
#[derive(Debug)]
pub(super) enum IndexPackError {
    /// The pack cannot be read, or is damaged.
    Io(io::Error),
    /// It costs too much: the limit that is exceeded, the cost, and the limit in bytes.
    Costly(CostLimit, u64, u64),
}

impl From<io::Error> for IndexPackError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// An entry of the pack.
struct PackRow {
    offset: u64,
    /// Zero until it is known.
    id: Id,
}

/// The deltas of a pack by what they are built on.
#[derive(Default)]
struct Deltas {
    /// Offset of the base and of the delta, sorted.
    on_offset: Vec<(u64, u64)>,
    /// Offsets of the deltas on an object.
    on_id: HashMap<Id, Vec<u64>>,
}

/// Returns the bytes of an index for the pack.
pub(super) fn index_pack(data: &PackData, limits: &ReadLimits) -> Result<Vec<u8>, IndexPackError> {
    check_sum(data)?;
    let count = data.count()?;
    let stored = data.end();
    let meter = PassMeter::new(limits, PassKind::Inventory, move || stored);
    let (mut rows, deltas) = scan(data, count, &meter)?;
    build_deltas(data, (limits, &meter), &mut rows, &deltas)?;
    if rows.iter().any(|row| row.id == [0; 20]) {
        return Err(damaged("a delta has no base in the pack").into());
    }
    Ok(encode(&mut rows, data.checksum()?))
}

/// Verifies the checksum at the end of the pack.
fn check_sum(data: &PackData) -> io::Result<()> {
    let mut sum = Sha1::new();
    let mut chunk = vec![0; CHUNK];
    let mut offset = 0;
    while offset < data.end() {
        let got = data.read_at(&mut chunk, offset)?;
        if got == 0 {
            break;
        }
        sum.update(&chunk[..got]);
        offset += got as u64;
    }
    if data.checksum()? == <[u8; 20]>::from(sum.finalize()) {
        Ok(())
    } else {
        Err(damaged("its checksum is wrong"))
    }
}

/// Finds all entries, and the ids of those that are no deltas.
fn scan(
    data: &PackData,
    count: u32,
    meter: &PassMeter,
) -> Result<(Vec<PackRow>, Deltas), IndexPackError> {
    let mut inflater = Inflater::default();
    let read = |bytes: &mut [u8], at| data.read_at(bytes, at);
    let mut rows = Vec::new();
    let mut deltas = Deltas::default();
    let mut offset = HEADER;
    for _ in 0..count {
        let header = data.header(offset)?;
        if meter.is_worked_out() {
            return Err(worked_out(meter));
        }
        meter.add_work(header.size);
        let mut id = [0; 20];
        let used = match header.form {
            EntryForm::Whole(kind) => {
                let mut hash = start_hash(kind, header.size);
                let mut see = |bytes: &[u8]| hash.update(bytes);
                let used = inflater.visit(&read, header.body, header.size, &mut see)?;
                id = hash.finalize().into();
                used
            }
            EntryForm::OnOffset(base) => {
                deltas.on_offset.push((base, offset));
                inflater.visit(&read, header.body, header.size, &mut |_| {})?
            }
            EntryForm::OnId(base) => {
                deltas.on_id.entry(base).or_default().push(offset);
                inflater.visit(&read, header.body, header.size, &mut |_| {})?
            }
        };
        rows.push(PackRow { offset, id });
        offset = header.body + used;
    }
    if offset != data.end() {
        return Err(damaged("there are bytes after the last object").into());
    }
    deltas.on_offset.sort_unstable();
    Ok((rows, deltas))
}

/// Builds every delta whose base is in the pack, and enters the ids.
fn build_deltas(
    data: &PackData,
    (limits, meter): (&ReadLimits, &PassMeter),
    rows: &mut [PackRow],
    deltas: &Deltas,
) -> Result<(), IndexPackError> {
    // Only the offsets of objects that a delta names by id are looked up by id.
    let named: RefCell<HashMap<Id, u64>> = RefCell::default();
    let find = |id: &Id| Ok(named.borrow().get(id).copied());
    let view = PackView {
        number: 0,
        data,
        count: rows.len() as u32,
        find: &find,
    };
    let mut rebuilder = Rebuilder::new(Arc::default());
    let mut waiting = Vec::new();
    let mut met = HashSet::new();
    let whole: Vec<_> = rows.iter().filter(|row| row.id != [0; 20]).collect();
    let whole: Vec<(u64, Id)> = whole.into_iter().map(|row| (row.offset, row.id)).collect();
    for (offset, id) in whole {
        deltas.add_children(offset, &id, &named, &mut waiting);
        // The child added last is built first, and then its own children: a chain is gone through to its end while its
        // bases are in memory.
        while let Some(offset) = waiting.pop() {
            if !met.insert(offset) {
                continue;
            }
            let facts = match rebuilder.examine(&view, offset, Some(meter)) {
                Ok(facts) => facts,
                Err(ExamineError::WorkedOut) => return Err(worked_out(meter)),
                Err(ExamineError::Broken(error)) => return Err(error.into()),
            };
            check_cost(limits, meter, &facts)?;
            let built = rebuilder.build(&view, offset, &facts, Some(meter))?;
            let mut hash = start_hash(facts.kind, facts.size);
            hash.update(&built);
            let id: Id = hash.finalize().into();
            if let Ok(at) = rows.binary_search_by_key(&offset, |row| row.offset) {
                rows[at].id = id;
            }
            let before = waiting.len();
            deltas.add_children(offset, &id, &named, &mut waiting);
            if waiting.len() > before && built.len() <= KEPT_BYTES {
                rebuilder.keep((0, offset), &Arc::new(built));
            }
        }
    }
    Ok(())
}

fn worked_out(meter: &PassMeter) -> IndexPackError {
    let ((work, _), (limit, _)) = (meter.spent(), meter.limits());
    IndexPackError::Costly(CostLimit::Pass, work, limit)
}

fn check_cost(
    limits: &ReadLimits,
    meter: &PassMeter,
    facts: &EntryFacts,
) -> Result<(), IndexPackError> {
    limits
        .check(facts.largest, facts.work, facts.size)
        .map_err(|(why, cost, limit)| IndexPackError::Costly(why, cost, limit))?;
    if meter.is_worked_out() {
        return Err(worked_out(meter));
    }
    Ok(())
}

impl Deltas {
    /// Adds the offsets of the deltas on an object.
    fn add_children(
        &self,
        offset: u64,
        id: &Id,
        named: &RefCell<HashMap<Id, u64>>,
        waiting: &mut Vec<u64>,
    ) {
        let from = self.on_offset.partition_point(|(base, _)| *base < offset);
        let own = self.on_offset[from..].iter();
        let own = own.take_while(|(base, _)| *base == offset);
        waiting.extend(own.map(|(_, delta)| *delta));
        if let Some(own) = self.on_id.get(id) {
            named.borrow_mut().entry(*id).or_insert(offset);
            waiting.extend(own);
        }
    }
}

/// Starts the hash that is an object's id.
fn start_hash(kind: ObjectType, size: u64) -> Sha1 {
    let mut hash = Sha1::new();
    hash.update(format!("{} {size}\0", kind.str()));
    hash
}

/// Writes an index of version 2.
fn encode(rows: &mut [PackRow], pack_checksum: Id) -> Vec<u8> {
    rows.sort_unstable_by_key(|row| (row.id, row.offset));
    let mut out = Vec::with_capacity(8 + 4 * 256 + 32 * rows.len() + 40);
    out.extend_from_slice(b"\xfftOc\0\0\0\x02");
    for first in 0..=255_u8 {
        let below = rows.partition_point(|row| row.id[0] <= first);
        out.extend_from_slice(&(below as u32).to_be_bytes());
    }
    rows.iter().for_each(|row| out.extend_from_slice(&row.id));
    out.resize(out.len() + 4 * rows.len(), 0);
    let mut large = Vec::new();
    for row in rows.iter() {
        let small = u32::try_from(row.offset).ok().filter(|at| at >> 31 == 0);
        let slot = small.unwrap_or_else(|| {
            large.push(row.offset);
            0x8000_0000 | (large.len() - 1) as u32
        });
        out.extend_from_slice(&slot.to_be_bytes());
    }
    for offset in large {
        out.extend_from_slice(&offset.to_be_bytes());
    }
    out.extend_from_slice(&pack_checksum);
    let checksum = Sha1::digest(&out);
    out.extend_from_slice(&checksum);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::pack_index::PackIndex;
    use crate::snapshot::testing::{TestRepo, pack_of, packed_entry};
    use std::fs::{self, File};

    fn index(pack: &[u8], limits: &ReadLimits) -> Result<Vec<u8>, IndexPackError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pack");
        // As in a bundle, the pack does not begin at the file's beginning.
        fs::write(&path, [b"head", pack].concat()).unwrap();
        let data = PackData::new(File::open(&path).unwrap(), 4, pack.len() as u64);
        index_pack(&data.unwrap().unwrap(), limits)
    }

    #[test]
    fn the_index_names_what_libgit2_finds_in_the_pack() {
        let repo = TestRepo::new();
        let text: Vec<u8> = (0..4000u32)
            .flat_map(|n| (n * 7919).to_le_bytes())
            .collect();
        for version in 0..40u8 {
            repo.commit_file("f", &[text.as_slice(), &[version]].concat());
        }
        let pack = repo.pack();
        let theirs = repo.add_pack(&pack).with_extension("idx");
        let theirs = PackIndex::open(File::open(theirs).unwrap())
            .unwrap()
            .unwrap();
        let ours = index(&pack, &ReadLimits::default()).unwrap();
        let ours = PackIndex::from_memory(ours.into()).unwrap().unwrap();
        assert_eq!(ours.count(), 120);
        assert_eq!(ours.pack_checksum(), theirs.pack_checksum());
        let names = ours.names_by_offset().unwrap();
        assert_eq!(names, theirs.names_by_offset().unwrap());
        for id in names {
            assert_eq!(ours.find(&id).unwrap(), theirs.find(&id).unwrap());
        }
    }

    #[test]
    fn deltas_by_id_are_built_whether_the_base_comes_before_or_after() {
        let base = packed_entry(3, &[], b"0123456789");
        let id = |bytes: &[u8]| -> Id {
            let mut hash = start_hash(ObjectType::Blob, bytes.len() as u64);
            hash.update(bytes);
            hash.finalize().into()
        };
        let on_base = packed_entry(7, &id(b"0123456789"), &[10, 3, 0x91, 0, 3]);
        let on_delta = packed_entry(7, &id(b"012"), &[3, 2, 0x91, 1, 2]);
        let missing = packed_entry(7, &id(b"nowhere"), &[3, 2, 0x91, 1, 2]);
        for order in [
            [&base, &on_base, &on_delta],
            [&on_delta, &on_base, &base],
            [&on_base, &base, &on_delta],
        ] {
            let pack = pack_of(&order.map(Vec::clone));
            let bytes = index(&pack, &ReadLimits::default()).unwrap();
            let made = PackIndex::from_memory(bytes.into()).unwrap().unwrap();
            for text in [&b"0123456789"[..], b"012", b"12"] {
                assert!(made.find(&id(text)).unwrap().is_some());
            }
        }
        let thin = pack_of(&[base, missing]);
        assert!(index(&thin, &ReadLimits::default()).is_err(), "control");
    }

    #[test]
    fn a_pack_that_costs_too_much_is_refused_with_the_limit() {
        let large = vec![b'x'; 100_000];
        let mut entries = vec![packed_entry(3, &[], &large)];
        let mut hash = start_hash(ObjectType::Blob, large.len() as u64);
        hash.update(&large);
        let id: Id = hash.finalize().into();
        for n in 0..50_u8 {
            // 100,000 as a size of a delta; one byte of the base, two new ones.
            entries.push(packed_entry(
                7,
                &id,
                &[0xa0, 0x8d, 6, 3, 0x91, 0, 1, 2, n, n],
            ));
        }
        let pack = pack_of(&entries);
        assert!(index(&pack, &ReadLimits::default()).is_ok(), "control");
        let tight = [
            (
                CostLimit::Base,
                ReadLimits {
                    base_bytes: 99_999,
                    ..ReadLimits::default()
                },
            ),
            (
                CostLimit::Object,
                ReadLimits {
                    object_work: 99_000,
                    ..ReadLimits::default()
                },
            ),
            (
                CostLimit::Pass,
                ReadLimits {
                    pass_work: 50_000,
                    pass_work_ratio: 0,
                    ..ReadLimits::default()
                },
            ),
        ];
        for (expected, limits) in tight {
            match index(&pack, &limits) {
                Err(IndexPackError::Costly(why, _, _)) => assert_eq!(why, expected),
                other => panic!("{expected:?}: {:?}", other.map(|bytes| bytes.len())),
            }
        }
    }
}
