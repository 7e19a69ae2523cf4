//! All packs of a delivery, and which of them holds an object.
//!
//! With a few packs the index of each is asked. With more, one table in memory says which packs may hold an id, so that
//! the cost of an object does not grow with the number of packs: 12 bytes for each object, made when it is first
//! needed. Files of a bounded number of packs are open at once.

use crate::snapshot::SnapshotError;
use crate::snapshot::pack_entry::PackData;
use crate::snapshot::pack_index::PackIndex;
use crate::snapshot::rebuild::{FindOffset, PackView};
use crate::snapshot::refs::Id;
use crate::snapshot::source::{open_plain, unreadable};
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// So many packs are asked one after the other.
const FEW: usize = 4;
/// Packs whose files are open at once: at most two descriptors each, well below the usual limit of 1,024.
const OPEN: usize = 256;
/// Objects of all packs, beyond which there is no table: 384 MB of memory.
const TABLE: u64 = 32 << 20;

/// The files of a pack.
#[derive(Debug, Clone)]
pub(super) struct PackFiles {
    /// The index.
    pub idx: IndexPlace,
    /// The pack, or the bundle that holds it.
    pub pack: PathBuf,
    /// The bytes before the pack.
    pub start: u64,
}

/// Where the index of a pack is.
#[derive(Debug, Clone)]
pub(super) enum IndexPlace {
    /// In a file.
    File(PathBuf),
    /// In memory.
    Memory(Arc<[u8]>),
}

/// The packs of one delivery.
#[derive(Debug)]
pub(super) struct PackSet {
    packs: Vec<Pack>,
    /// Positions of open packs, the one opened first at the front.
    open: Mutex<VecDeque<usize>>,
    table: OnceLock<Option<PackTable>>,
    /// The position of a damaged pack, once it was asked for.
    damaged: OnceLock<Option<usize>>,
    few: usize,
    most_open: usize,
}

#[derive(Debug)]
struct Pack {
    files: PackFiles,
    state: Mutex<PackState>,
}

/// What opening a pack gave.
#[derive(Debug, Default)]
enum PackState {
    #[default]
    Closed,
    Open(Arc<OpenPack>),
    Damaged,
}

/// A pack whose files are open.
#[derive(Debug)]
pub(super) struct OpenPack {
    /// The index.
    pub index: PackIndex,
    /// The entries.
    pub data: PackData,
}

/// The first 8 bytes of the ids of all packs, sorted, and the pack of each.
#[derive(Debug)]
struct PackTable {
    starts: Vec<u64>,
    packs: Vec<u32>,
}

/// Returns the first 8 bytes of an id as a number that sorts like it.
fn start_of(id: &Id) -> u64 {
    id.first_chunk()
        .map_or(0, |start| u64::from_be_bytes(*start))
}

impl PackSet {
    /// Prepares for the packs; nothing is opened yet.
    pub(super) fn new(packs: Vec<PackFiles>) -> Self {
        let packs = packs.into_iter().map(|files| Pack {
            files,
            state: Mutex::default(),
        });
        Self {
            packs: packs.collect(),
            open: Mutex::default(),
            table: OnceLock::new(),
            damaged: OnceLock::new(),
            few: FEW,
            most_open: OPEN,
        }
    }

    /// Returns the file of a pack.
    pub(super) fn path(&self, pack: usize) -> &Path {
        &self.packs[pack].files.pack
    }

    /// Calls for each pack that holds the object, with its position and the offset of the object, until `visit` returns
    /// true.
    pub(super) fn each_holding(
        &self,
        id: &Id,
        visit: &mut dyn FnMut(usize, &OpenPack, u64) -> bool,
    ) -> Result<(), SnapshotError> {
        let mut ask = |at: usize| -> Result<bool, SnapshotError> {
            let Some(pack) = self.open(at)? else {
                return Ok(false);
            };
            match pack.index.find(id) {
                Ok(Some(offset)) => Ok(visit(at, &pack, offset)),
                Ok(None) => Ok(false),
                Err(error) => Err(unreadable(self.path(at), error)),
            }
        };
        match self.table()? {
            None => {
                for at in 0..self.packs.len() {
                    if ask(at)? {
                        break;
                    }
                }
            }
            Some(table) => {
                for at in table.packs_of(id) {
                    if ask(*at as usize)? {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns the names of the objects of a pack in the order in which the pack holds them. A pack that is damaged as a
    /// whole holds nothing that can be read.
    pub(super) fn names(&self, pack: usize) -> Result<Vec<Id>, SnapshotError> {
        let wrap = |error| unreadable(self.path(pack), error);
        match self.open(pack)? {
            Some(opened) => opened.index.names_by_offset().map_err(wrap),
            None => Ok(Vec::new()),
        }
    }

    /// Returns the number of packs.
    pub(super) fn len(&self) -> usize {
        self.packs.len()
    }

    /// Collects the names from `first` to `last`, both included, until there are two.
    pub(super) fn find_range(
        &self,
        first: &Id,
        last: &Id,
        found: &mut Vec<Id>,
    ) -> Result<(), SnapshotError> {
        for at in 0..self.packs.len() {
            if let Some(pack) = self.open(at)? {
                let wrap = |error| unreadable(self.path(at), error);
                pack.index.find_range(first, last, found).map_err(wrap)?;
            }
        }
        Ok(())
    }

    /// Returns a pack that is damaged as a whole, so that nothing in it is found.
    pub(super) fn damaged(&self) -> Option<&Path> {
        let is_damaged = |at: &usize| !matches!(self.open(*at), Ok(Some(_)));
        let find = || (0..self.packs.len()).find(is_damaged);
        self.damaged.get_or_init(find).map(|at| self.path(at))
    }

    /// Returns the bytes of the files of all packs.
    pub(super) fn stored_bytes(&self) -> u64 {
        let size = |pack: &Pack| pack.files.pack.metadata().map_or(0, |m| m.len());
        self.packs.iter().map(size).sum()
    }

    /// Opens the files, or returns them as they are open already; nothing if the pack is damaged as a whole.
    fn open(&self, at: usize) -> Result<Option<Arc<OpenPack>>, SnapshotError> {
        let pack = &self.packs[at];
        let mut state = pack.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            PackState::Open(opened) => return Ok(Some(Arc::clone(opened))),
            PackState::Damaged => return Ok(None),
            PackState::Closed => {}
        }
        let opened = match OpenPack::new(&pack.files) {
            Ok(opened) => opened,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => None,
            Err(error) => return Err(unreadable(&pack.files.pack, error)),
        };
        let Some(opened) = opened.map(Arc::new) else {
            *state = PackState::Damaged;
            return Ok(None);
        };
        *state = PackState::Open(Arc::clone(&opened));
        drop(state);
        let first = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.push_back(at);
            if open.len() > self.most_open {
                open.pop_front()
            } else {
                None
            }
        };
        if let Some(first) = first {
            let state = &self.packs[first].state;
            *state.lock().unwrap_or_else(PoisonError::into_inner) = PackState::Closed;
        }
        Ok(Some(opened))
    }

    /// Returns the table; nothing if there are few packs, or so many objects that it would not fit.
    fn table(&self) -> Result<Option<&PackTable>, SnapshotError> {
        if self.packs.len() <= self.few {
            return Ok(None);
        }
        if let Some(table) = self.table.get() {
            return Ok(table.as_ref());
        }
        let table = self.make_table()?;
        Ok(self.table.get_or_init(|| table).as_ref())
    }

    fn make_table(&self) -> Result<Option<PackTable>, SnapshotError> {
        let mut rows: Vec<(u64, u32)> = Vec::new();
        for at in 0..self.packs.len() {
            let Some(pack) = self.open(at)? else {
                continue;
            };
            if rows.len() as u64 + u64::from(pack.index.count()) > TABLE {
                return Ok(None);
            }
            let add = |id: &Id| rows.push((start_of(id), at as u32));
            let wrap = |error| unreadable(self.path(at), error);
            pack.index.each_name(add).map_err(wrap)?;
        }
        rows.sort_unstable();
        let (starts, packs) = rows.into_iter().unzip();
        Ok(Some(PackTable { starts, packs }))
    }
}

impl PackTable {
    /// Returns the packs that may hold an id.
    fn packs_of(&self, id: &Id) -> &[u32] {
        let start = start_of(id);
        let from = self.starts.partition_point(|other| *other < start);
        let same = self.starts[from..].iter().take_while(|s| **s == start);
        &self.packs[from..from + same.count()]
    }
}

impl OpenPack {
    /// Opens a pack; nothing if the files do not belong together or one is damaged as a whole.
    fn new(files: &PackFiles) -> io::Result<Option<Self>> {
        let index = match &files.idx {
            IndexPlace::File(path) => PackIndex::open(open_plain(path)?)?,
            IndexPlace::Memory(bytes) => PackIndex::from_memory(Arc::clone(bytes))?,
        };
        let pack = open_plain(&files.pack)?;
        let bytes = pack.metadata()?.len().saturating_sub(files.start);
        let data = PackData::new(pack, files.start, bytes)?;
        let (Some(index), Some(data)) = (index, data) else {
            return Ok(None);
        };
        let is_whole = data.count()? == index.count() && data.checksum()? == index.pack_checksum();
        Ok(is_whole.then_some(Self { index, data }))
    }

    /// Returns what a rebuilder needs of the pack.
    pub(super) fn view<'a>(&'a self, number: usize, find: FindOffset<'a>) -> PackView<'a> {
        PackView {
            number: number as u32,
            data: &self.data,
            count: self.index.count(),
            find,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::testing::{TestRepo, pack_of, packed_entry};
    use git2::{ObjectType, Oid};

    fn set_of(repo: &TestRepo, few: usize, most_open: usize) -> PackSet {
        let folder = repo.path().join("objects/pack");
        let mut packs = PackSet::new(crate::snapshot::files::packs(&folder).unwrap());
        (packs.few, packs.most_open) = (few, most_open);
        packs
    }

    #[test]
    fn every_object_of_many_packs_is_found_with_and_without_the_table_and_with_few_open_files() {
        let repo = TestRepo::new();
        let text = |n: u32| format!("text {}\n", n % 70);
        for n in 0..80u32 {
            // Ten objects lie in two packs.
            let pair = [n, n + 10].map(|n| packed_entry(3, &[], text(n).as_bytes()));
            repo.add_pack(&pack_of(&pair));
        }
        for (few, most_open) in [(4, 256), (4, 2), (1000, 256), (1000, 2)] {
            let packs = set_of(&repo, few, most_open);
            let holding = |id: &Id| {
                let mut count = 0;
                let mut visit = |_: usize, _: &OpenPack, _| {
                    count += 1;
                    false
                };
                packs.each_holding(id, &mut visit).unwrap();
                count
            };
            for n in 0..70 {
                let id = Oid::hash_object(ObjectType::Blob, text(n).as_bytes()).unwrap();
                assert!(holding(&crate::snapshot::object::bytes_of(&id)) >= 2);
            }
            assert_eq!(holding(&[7; 20]), 0, "control");
            if let Some(Some(table)) = packs.table.get() {
                let id = Oid::hash_object(ObjectType::Blob, text(30).as_bytes()).unwrap();
                let asked = table.packs_of(&crate::snapshot::object::bytes_of(&id));
                assert_eq!(asked.len(), 2, "of 80 packs two are asked");
            }
            let open = packs.open.lock().unwrap().len();
            assert!(open <= most_open, "{open}");
            assert_eq!(packs.table.get().is_some(), few == 4);
        }
    }

    #[test]
    fn ids_that_start_alike_are_told_apart() {
        let table = PackTable {
            starts: vec![1, 5, 5, 9],
            packs: vec![0, 1, 2, 3],
        };
        let id = |start: u64| {
            let mut id = [0; 20];
            id[..8].copy_from_slice(&start.to_be_bytes());
            id
        };
        assert_eq!(table.packs_of(&id(5)), [1, 2]);
        assert_eq!(table.packs_of(&id(9)), [3]);
        assert!(table.packs_of(&id(6)).is_empty() && table.packs_of(&id(10)).is_empty());
    }
}
