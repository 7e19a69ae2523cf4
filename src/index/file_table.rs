//! The files of one tree, laid out as a search uses them, and kept beside the index.
//!
//! A search must not cost anything for each file of a large tree before it begins. So the table is one run of bytes, made once
//! for each tree, mapped when it is needed again, and read in place. One file for each tree, named for it; every number is
//! little-endian.
//!
//! ```text
//! files-<40 digits> = header , path starts , unit starts , members , odd paths , kinds , blobs , paths , odd bytes
//! header      = "glsfil02" , tree id (20 bytes) , files u32 , units u32 , bytes of the paths u32 , odd paths u32 ,
//!               bytes of the odd paths u32 , files without content u32 , CRC-32 of all after the header u32 ,
//!               CRC-32 of the header before it u32
//! path starts = files + 1 times u32: where the path of each file begins in `paths`, and where the next would
//! unit starts = units + 1 times u32: where the members of each unit begin in `members`, and where the next would
//! members     = files times u32: the files of the units, unit by unit
//! odd paths   = { file u32 , start in the odd bytes u32 }: files whose path is not what stands in `paths`
//! kinds       = files times u8
//! blobs       = files times a blob id (20 bytes)
//! paths       = every path on a line of its own, as a person would type it
//! odd bytes   = the paths of the odd files as they are, one after the other
//! ```
//! Files are in the order of their paths. A unit is the files with one content, in order of their first file; the files
//! without content (links, submodules) are one unit. What a path looks like when typed is decided in `corpus`: if that
//! changes, the magic must.
//!
//! A table whose checksum is wrong counts as none. Only a table of which nothing is missing is worth keeping.

use super::IndexError;
use super::corpus::push_path;
use super::store::ById;
use crate::memory::{self, Mapped};
use crate::model::{BlobId, FileKind, RepoPath, TreeFile, TreeId};
use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"glsfil02";
const HEADER: usize = 60;
const KINDS: [FileKind; 4] = [
    FileKind::Regular,
    FileKind::Executable,
    FileKind::Symlink,
    FileKind::Submodule,
];

/// The files of one tree, laid out as a search uses them. A file is its position in the order of paths.
pub struct FileTable {
    bytes: TableBytes,
    sections: Sections,
    files_without_content: u32,
}

impl Default for FileTable {
    fn default() -> Self {
        Self::new(TreeId::new([0; 20]), &[]).expect("no file needs no number")
    }
}

enum TableBytes {
    Mapped(Mapped),
    Made(Vec<u8>),
}

/// Where each section lies.
struct Sections {
    files: u32,
    units: u32,
    path_starts: Range<usize>,
    unit_starts: Range<usize>,
    members: Range<usize>,
    odd_paths: Range<usize>,
    kinds: Range<usize>,
    blobs: Range<usize>,
    paths: Range<usize>,
    odd_bytes: Range<usize>,
}

impl Sections {
    /// Computes the sections from the numbers of a header; nothing if they overflow.
    fn new([files, units, paths, odd, odd_bytes]: [u32; 5]) -> Option<Self> {
        let mut end = HEADER;
        let mut section = |count: u32, more: u32, size: usize| -> Option<Range<usize>> {
            let count = (count as usize).checked_add(more as usize)?;
            let start = end;
            end = start.checked_add(count.checked_mul(size)?)?;
            Some(start..end)
        };
        Some(Self {
            files,
            units,
            path_starts: section(files, 1, 4)?,
            unit_starts: section(units, 1, 4)?,
            members: section(files, 0, 4)?,
            odd_paths: section(odd, 0, 8)?,
            kinds: section(files, 0, 1)?,
            blobs: section(files, 0, 20)?,
            paths: section(paths, 0, 1)?,
            odd_bytes: section(odd_bytes, 0, 1)?,
        })
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk());
    u32::from_le_bytes(*four.unwrap_or(&[0; 4]))
}

/// Returns the file of the table of a tree in the folder of an index.
fn table_path(folder: &Path, tree: TreeId) -> PathBuf {
    folder.join(format!("files-{tree}"))
}

impl FileTable {
    /// Lays out all files of a tree, which must be in the order of their paths. Nothing if they are more than the layout can
    /// number, which the limits of a walk rule out.
    pub fn new(tree: TreeId, files: &[TreeFile]) -> Option<Self> {
        let mut units = Units::default();
        let mut path_starts = Vec::with_capacity(files.len() + 1);
        let mut paths = Vec::with_capacity(48 * files.len());
        let (mut odd, mut odd_bytes) = (Vec::new(), Vec::new());
        for (at, file) in (0_u32..).zip(files) {
            units.add(file);
            let start = paths.len();
            path_starts.push(u32::try_from(start).ok()?);
            push_path(&file.path, &mut paths);
            if paths[start..paths.len() - 1] != *file.path.as_bytes() {
                odd.push((at, u32::try_from(odd_bytes.len()).ok()?));
                odd_bytes.extend_from_slice(file.path.as_bytes());
            }
        }
        path_starts.push(u32::try_from(paths.len()).ok()?);
        let (unit_starts, members) = units.finish();
        let without_content = files.iter().filter(|file| !file.kind.is_file()).count();
        let numbers = [
            u32::try_from(files.len()).ok()?,
            u32::try_from(unit_starts.len() - 1).ok()?,
            u32::try_from(paths.len()).ok()?,
            u32::try_from(odd.len()).ok()?,
            u32::try_from(odd_bytes.len()).ok()?,
        ];
        let sections = Sections::new(numbers)?;
        let mut out = Vec::with_capacity(sections.odd_bytes.end);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(tree.as_bytes());
        let head = numbers.into_iter().chain([without_content as u32, 0, 0]);
        let lists = [path_starts, unit_starts, members];
        let odd = odd.into_iter().flat_map(|(file, start)| [file, start]);
        for number in head.chain(lists.into_iter().flatten()).chain(odd) {
            out.extend_from_slice(&number.to_le_bytes());
        }
        let kind = |file: &TreeFile| KINDS.iter().position(|kind| *kind == file.kind);
        out.extend(files.iter().map(|file| kind(file).unwrap_or(0) as u8));
        files
            .iter()
            .for_each(|file| out.extend_from_slice(file.blob.as_bytes()));
        out.append(&mut paths);
        out.append(&mut odd_bytes);
        let crc = crc32fast::hash(&out[HEADER..]);
        out[HEADER - 8..HEADER - 4].copy_from_slice(&crc.to_le_bytes());
        let crc = crc32fast::hash(&out[..HEADER - 4]);
        out[HEADER - 4..HEADER].copy_from_slice(&crc.to_le_bytes());
        Some(Self {
            bytes: TableBytes::Made(out),
            sections,
            files_without_content: without_content as u32,
        })
    }

    /// Opens the kept table of a tree; nothing if there is none that is right. Costs one pass of CRC-32 over it.
    pub fn open(folder: &Path, tree: TreeId) -> Option<Self> {
        let file = File::open(table_path(folder, tree)).ok()?;
        let mapped = memory::map(&file, file.metadata().ok()?.len()).ok()?;
        let head = mapped.get(..HEADER)?;
        let is_ours = head.starts_with(MAGIC) && head[8..28] == *tree.as_bytes();
        if !is_ours || crc32fast::hash(&head[..HEADER - 4]) != number(head, HEADER - 4) {
            return None;
        }
        let sections = Sections::new([28, 32, 36, 40, 44].map(|at| number(head, at)))?;
        let files_without_content = number(head, 48);
        let is_right = mapped.len() == sections.odd_bytes.end
            && crc32fast::hash(&mapped[HEADER..]) == number(head, HEADER - 8);
        is_right.then_some(Self {
            files_without_content,
            bytes: TableBytes::Mapped(mapped),
            sections,
        })
    }

    /// Keeps the table in the folder of an index, in place of a damaged one.
    pub fn write(&self, folder: &Path, tree: TreeId) -> Result<(), IndexError> {
        let path = table_path(folder, tree);
        let part = path.with_extension("part");
        fs::create_dir_all(folder).map_err(IndexError::io("create", folder))?;
        fs::write(&part, self.bytes()).map_err(IndexError::io("write", &part))?;
        fs::rename(&part, &path).map_err(IndexError::io("rename", &part))
    }

    fn bytes(&self) -> &[u8] {
        match &self.bytes {
            TableBytes::Mapped(mapped) => mapped,
            TableBytes::Made(bytes) => bytes,
        }
    }

    fn section(&self, section: &Range<usize>) -> &[u8] {
        self.bytes().get(section.clone()).unwrap_or(&[])
    }

    /// Returns the tree.
    pub(super) fn tree(&self) -> TreeId {
        let id = self.bytes().get(8..28).and_then(|id| id.first_chunk());
        TreeId::new(*id.unwrap_or(&[0; 20]))
    }

    /// Returns the number of files.
    pub fn len(&self) -> usize {
        self.sections.files as usize
    }

    /// Returns whether there are no files.
    pub fn is_empty(&self) -> bool {
        self.sections.files == 0
    }

    /// Returns the number of links and submodules.
    pub fn files_without_content(&self) -> usize {
        self.files_without_content as usize
    }

    /// Returns a file.
    pub fn file(&self, file: u32) -> Option<TreeFile> {
        Some(TreeFile {
            path: RepoPath::new(self.path(file)?),
            kind: self.kind(file)?,
            blob: self.blob(file)?,
        })
    }

    /// Returns all files.
    pub fn files(&self) -> Vec<TreeFile> {
        (0..self.sections.files)
            .filter_map(|file| self.file(file))
            .collect()
    }

    /// Returns the path of a file as it is in the tree.
    pub fn path(&self, file: u32) -> Option<&[u8]> {
        if file >= self.sections.files {
            return None;
        }
        let rows = self.section(&self.sections.odd_paths).as_chunks::<8>().0;
        let Ok(at) = rows.binary_search_by_key(&file, |row| number(row, 0)) else {
            return Some(self.typed_path(file));
        };
        let bytes = self.section(&self.sections.odd_bytes);
        let end = rows
            .get(at + 1)
            .map_or(bytes.len(), |row| number(row, 4) as usize);
        bytes.get(number(&rows[at], 4) as usize..end)
    }

    fn kind(&self, file: u32) -> Option<FileKind> {
        let kinds = self.section(&self.sections.kinds);
        KINDS.get(usize::from(*kinds.get(file as usize)?)).copied()
    }

    fn blob(&self, file: u32) -> Option<BlobId> {
        let blobs = self.section(&self.sections.blobs).as_chunks::<20>().0;
        blobs.get(file as usize).map(|id| BlobId::new(*id))
    }

    /// Returns the path of a file as a person would type it.
    pub(super) fn typed_path(&self, file: u32) -> &[u8] {
        let (from, to) = (self.path_start(file), self.path_start(file + 1));
        self.typed_paths()
            .get(from..to.saturating_sub(1))
            .unwrap_or(&[])
    }

    /// Returns the typed paths of all files, each with a line end.
    pub(super) fn typed_paths(&self) -> &[u8] {
        self.section(&self.sections.paths)
    }

    /// Returns where the typed path of a file begins; of the number of files, where the next would.
    pub(super) fn path_start(&self, file: u32) -> usize {
        number(self.section(&self.sections.path_starts), 4 * file as usize) as usize
    }

    /// Returns the file whose typed path lies at a position of the typed paths; it is not before `from`.
    pub(super) fn file_at(&self, position: usize, from: u32) -> u32 {
        let (mut lo, mut hi) = (from, self.sections.files);
        while lo < hi {
            let middle = u32::midpoint(lo, hi);
            if self.path_start(middle) <= position {
                lo = middle + 1;
            } else {
                hi = middle;
            }
        }
        lo.saturating_sub(1)
    }

    /// Returns the number of units.
    pub(super) fn units(&self) -> u32 {
        self.sections.units
    }

    /// Returns the files of a unit, in order.
    pub(super) fn members(&self, unit: u32) -> impl ExactSizeIterator<Item = u32> + Clone + '_ {
        let starts = self.section(&self.sections.unit_starts);
        let start = |unit: usize| 4 * number(starts, 4 * unit) as usize;
        let members = self.section(&self.sections.members);
        let own = members.get(start(unit as usize)..start(unit as usize + 1));
        let own = own.unwrap_or(&[]).as_chunks::<4>().0;
        own.iter().map(|four| u32::from_le_bytes(*four))
    }

    /// Returns whether the files of a unit have a content.
    pub(super) fn has_content(&self, unit: u32) -> bool {
        let first = self.members(unit).next();
        let kind = first.and_then(|first| self.kind(first));
        kind.is_some_and(FileKind::is_file)
    }

    /// Returns the content of a unit; nothing for the files without one.
    pub(super) fn content(&self, unit: u32) -> Option<BlobId> {
        let first = self.members(unit).next()?;
        self.kind(first).filter(|kind| kind.is_file())?;
        self.blob(first)
    }

    /// Returns the units by content.
    pub(super) fn units_by_content(&self) -> ById<u32> {
        let mut found = ById::default();
        found.reserve(self.units() as usize);
        found.extend((0..self.units()).filter_map(|unit| Some((self.content(unit)?, unit))));
        found
    }
}

/// Files by content, while a table is made.
#[derive(Default)]
struct Units {
    by_content: ById<u32>,
    without_content: Option<u32>,
    /// The number of files of each unit.
    counts: Vec<u32>,
    /// The unit of each file.
    of_file: Vec<u32>,
}

impl Units {
    fn add(&mut self, file: &TreeFile) {
        let fresh = self.counts.len() as u32;
        let unit = if file.kind.is_file() {
            *self.by_content.entry(file.blob).or_insert(fresh)
        } else {
            *self.without_content.get_or_insert(fresh)
        };
        if unit == fresh {
            self.counts.push(0);
        }
        self.counts[unit as usize] += 1;
        self.of_file.push(unit);
    }

    /// Returns where the members of each unit begin, and the members.
    fn finish(self) -> (Vec<u32>, Vec<u32>) {
        let mut starts = Vec::with_capacity(self.counts.len() + 1);
        let mut next = Vec::with_capacity(self.counts.len());
        let mut start = 0;
        for count in self.counts {
            starts.push(start);
            next.push(start);
            start += count;
        }
        starts.push(start);
        let mut members = vec![0; self.of_file.len()];
        for (file, unit) in (0..).zip(self.of_file) {
            let place = &mut next[unit as usize];
            members[*place as usize] = file;
            *place += 1;
        }
        (starts, members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn tables_round_trip_and_no_flip_goes_unseen(
            files in proptest::collection::vec(("[ab/\n\u{fe}]{0,9}", any::<bool>(), 0..4_usize, 0..5_u8), 0..12),
            tree: [u8; 20],
            flip in 0..40_000_usize,
        ) {
            let tree = TreeId::new(tree);
            let file = |(path, is_latin, kind, blob): (String, bool, usize, u8)| {
                let latin = path.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
                TreeFile {
                    path: RepoPath::new(if is_latin { latin } else { path.into_bytes() }),
                    kind: KINDS[kind],
                    blob: BlobId::new([blob; 20]),
                }
            };
            let mut files: Vec<_> = files.into_iter().map(file).collect();
            files.sort();
            let folder = tempfile::tempdir().unwrap();
            let open = || FileTable::open(folder.path(), tree);
            prop_assert!(open().is_none());
            let made = FileTable::new(tree, &files).unwrap();
            made.write(folder.path(), tree).unwrap();
            for table in [&made, &open().unwrap()] {
                prop_assert_eq!(table.files(), files.clone());
                let nameless = files.iter().filter(|f| !f.kind.is_file()).count();
                prop_assert_eq!(table.files_without_content(), nameless);
                let mut members: Vec<u32> = Vec::new();
                for unit in 0..table.units() {
                    for file in table.members(unit) {
                        let of = &files[file as usize];
                        prop_assert_eq!(table.content(unit), of.kind.is_file().then_some(of.blob));
                        members.push(file);
                    }
                }
                members.sort_unstable();
                prop_assert_eq!(members, (0..files.len() as u32).collect::<Vec<_>>());
            }
            let path = table_path(folder.path(), tree);
            let mut bytes = fs::read(&path).unwrap();
            let at = flip % (8 * bytes.len());
            bytes[at / 8] ^= 1 << (at % 8);
            fs::write(&path, &bytes).unwrap();
            prop_assert!(open().is_none());
            bytes.truncate(at / 8);
            fs::write(&path, bytes).unwrap();
            prop_assert!(open().is_none());
        }
    }

    #[test]
    fn the_table_of_another_tree_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (TreeId::new([1; 20]), TreeId::new([2; 20]));
        FileTable::new(one, &[])
            .unwrap()
            .write(folder.path(), one)
            .unwrap();
        fs::copy(
            table_path(folder.path(), one),
            table_path(folder.path(), two),
        )
        .unwrap();
        assert!(FileTable::open(folder.path(), one).is_some());
        assert!(FileTable::open(folder.path(), two).is_none());
    }
}
