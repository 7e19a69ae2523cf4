//! A `git bundle` file: its header read by us, its pack indexed once into the store.
//!
//! The format is that of gitformat-bundle(5), versions 2 and 3:
//!
//! ```text
//! # v3 git bundle
//! @object-format=sha1
//! -<id> <comment>        a prerequisite: refused
//! <id> <ref name>
//!                        an empty line, then the pack
//! ```
//!
//! The indexer checks the pack's digest and computes every object's id; it does not check that all objects are
//! connected, so that the pack of a shallow repository passes. With a store the pack is copied there, to a folder that is
//! named for the header, size, time and trailing digest of the bundle, made beside its place and renamed when it is on
//! disk. Without one the pack is read where it lies and its index is kept in memory: nothing is written, so nothing of
//! the vendor's can be left behind by a program that is killed.

use crate::model::PartialFilter;
use crate::snapshot::cost::ReadLimits;
use crate::snapshot::files::{
    StoredObjects, key, make_folder, ours, packs, part_of, settle, sweep,
};
use crate::snapshot::pack_entry::{PackData, damaged};
use crate::snapshot::pack_indexer::{IndexPackError, index_pack};
use crate::snapshot::pack_set::{IndexPlace, PackFiles};
use crate::snapshot::ref_lines::RefLines;
use crate::snapshot::refs::{Refs, is_long_id, is_ref_name, parse_id};
use crate::snapshot::source::{open_plain, unreadable};
use crate::snapshot::{PackStore, SnapshotError};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of a header: those of about 4 million refs.
const HEADER_BYTES: u64 = 256 << 20;
/// Indexes of bundles that are kept in memory after their snapshots are closed: a bundle is opened once for each commit
/// that is looked at.
const KEPT: usize = 4;

/// Indexes made in memory, and the key of each; the newest last.
static MADE: Mutex<Vec<(String, Arc<[u8]>)>> = Mutex::new(Vec::new());
/// The digest at the end of a pack.
const TRAILER: u64 = 20;

/// What a header says.
#[derive(Debug)]
struct Header {
    refs: Refs,
    /// Its bytes: where the pack begins.
    bytes: Vec<u8>,
}

/// Reads the bundle and returns its refs, and its objects: in a folder of the store, or where they are.
pub(super) fn import(
    path: &Path,
    store: PackStore<'_>,
    limits: &ReadLimits,
) -> Result<(Refs, StoredObjects), SnapshotError> {
    let file = open_plain(path).map_err(|e| unreadable(path, e))?;
    let metadata = file.metadata().map_err(|e| unreadable(path, e))?;
    let mut reader = BufReader::new(file);
    let header = header(&mut reader, path)?;
    let start = header.bytes.len() as u64;
    let pack_bytes = metadata.len().saturating_sub(start);
    if pack_bytes < 12 + TRAILER {
        return Err(SnapshotError::BundlePack {
            path: path.to_path_buf(),
            source: damaged("the pack is shorter than an empty one"),
        });
    }

    let mut trailer = [0; TRAILER as usize];
    reader
        .seek(SeekFrom::End(-(TRAILER as i64)))
        .and_then(|_| reader.read_exact(&mut trailer))
        .and_then(|()| reader.seek(SeekFrom::Start(start)))
        .map_err(|e| unreadable(path, e))?;
    let mut text = header.bytes;
    let times = [
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.len() as i64,
    ];
    text.extend(times.iter().flat_map(|n| n.to_be_bytes()));
    text.extend_from_slice(&trailer);
    let key = key(&text);
    let pack = BundlePack {
        path,
        start,
        bytes: pack_bytes,
        limits,
    };
    let packs = match store {
        PackStore::Kept(store) => pack.copied(&mut reader, store, &key)?,
        PackStore::Lent(store) if folder_of(store, &key).is_dir() => {
            packs(&folder_of(store, &key).join("pack"))?
        }
        PackStore::Lent(_) | PackStore::None => vec![pack.in_place(key)?],
    };
    let stored = StoredObjects {
        packs,
        loose: None,
        is_promised: false,
    };
    Ok((header.refs, stored))
}

/// Returns the folder of a bundle's pack.
fn folder_of(store: &Path, key: &str) -> PathBuf {
    store.join("pack").join(key)
}

/// The pack within a bundle.
struct BundlePack<'a> {
    path: &'a Path,
    start: u64,
    bytes: u64,
    limits: &'a ReadLimits,
}

impl BundlePack<'_> {
    /// Returns the pack as it lies in the bundle, with an index in memory.
    fn in_place(&self, key: String) -> Result<PackFiles, SnapshotError> {
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = made.iter().find(|(other, _)| *other == key);
        let index = if let Some((_, index)) = kept {
            Arc::clone(index)
        } else {
            let index = Arc::from(self.index(self.path, self.start)?);
            if made.len() >= KEPT {
                made.remove(0);
            }
            made.push((key, Arc::clone(&index)));
            index
        };
        Ok(PackFiles {
            idx: IndexPlace::Memory(index),
            pack: self.path.to_path_buf(),
            start: self.start,
        })
    }

    /// Returns the pack and its index in a folder of the store, made if they are not there.
    fn copied(
        &self,
        reader: &mut impl Read,
        store: &Path,
        key: &str,
    ) -> Result<Vec<PackFiles>, SnapshotError> {
        // Also when there is nothing to be made: what a killed program left is vendor code.
        sweep(&store.join("pack"));
        let folder = folder_of(store, key);
        if !folder.is_dir() {
            check_room(store, self.bytes)?;
            let part = part_of(&folder);
            let done = self
                .copy(reader, &part)
                .and_then(|()| settle(&part, &folder));
            if done.is_err() {
                // What is left behind has a name that is never looked up.
                drop(fs::remove_dir_all(&part));
            }
            done?;
        }
        packs(&folder.join("pack"))
    }

    fn copy(&self, reader: &mut impl Read, part: &Path) -> Result<(), SnapshotError> {
        let folder = part.join("pack");
        make_folder(&folder)?;
        let pack = folder.join("pack-bundle.pack");
        let idx = folder.join("pack-bundle.idx");
        let mut file = create(&pack)?;
        copy_bytes(reader, &mut file, self.bytes).map_err(|error| match error {
            CopyError::Read(e) => unreadable(self.path, e),
            CopyError::Write(e) => ours(&pack, e),
        })?;
        file.sync_all().map_err(|e| ours(&pack, e))?;
        let index = self.index(&pack, 0)?;
        let mut file = create(&idx)?;
        file.write_all(&index)
            .and_then(|()| file.sync_all())
            .map_err(|e| ours(&idx, e))?;
        File::open(&folder)
            .and_then(|f| f.sync_all())
            .map_err(|e| ours(&folder, e))
    }

    /// Makes the index of the pack that begins at `start` of a file.
    fn index(&self, file: &Path, start: u64) -> Result<Vec<u8>, SnapshotError> {
        let path = self.path.to_path_buf();
        let data = open_plain(file)
            .and_then(|file| PackData::new(file, start, self.bytes))
            .map_err(|e| unreadable(file, e))?;
        let indexed = match data {
            Some(data) => index_pack(&data, self.limits),
            None => Err(damaged("it does not begin like a pack").into()),
        };
        indexed.map_err(|error| match error {
            IndexPackError::Io(source) => SnapshotError::BundlePack { path, source },
            IndexPackError::Costly(why, work, limit) => SnapshotError::BundleTooCostly {
                path,
                why,
                work,
                limit,
            },
        })
    }
}

/// Makes a file of ours that only its owner may read.
fn create(path: &Path) -> Result<File, SnapshotError> {
    let mut options = File::options();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file.map_err(|e| ours(path, e))
}

/// Whose fault a failed copy is.
enum CopyError {
    Read(io::Error),
    Write(io::Error),
}

/// Copies exactly so many bytes.
fn copy_bytes(reader: &mut impl Read, file: &mut File, bytes: u64) -> Result<(), CopyError> {
    let mut chunk = vec![0; 1 << 20];
    let mut left = bytes;
    while left > 0 {
        let room = chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        match reader.read(&mut chunk[..room]) {
            Ok(0) => return Err(CopyError::Read(io::ErrorKind::UnexpectedEof.into())),
            Ok(got) => {
                file.write_all(&chunk[..got]).map_err(CopyError::Write)?;
                left -= got as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(CopyError::Read(e)),
        }
    }
    Ok(())
}

/// Fails before the copy begins if it will not fit.
fn check_room(store: &Path, pack_bytes: u64) -> Result<(), SnapshotError> {
    make_folder(store)?;
    let stat = rustix::fs::statvfs(store).map_err(|e| ours(store, e.into()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    // An index takes 32 bytes an object, and an object is rarely below 100 bytes.
    let needed = pack_bytes
        .saturating_add(pack_bytes / 3)
        .saturating_add(1 << 20);
    if free < needed {
        return Err(SnapshotError::NoSpace {
            path: store.to_path_buf(),
            needed,
            free,
        });
    }
    Ok(())
}

/// Reads the header up to the empty line.
fn header(reader: &mut impl BufRead, path: &Path) -> Result<Header, SnapshotError> {
    let here = || path.to_path_buf();
    let mut bytes = Vec::new();
    let mut prerequisites = 0;
    let mut version = 0;
    for line in 1.. {
        let malformed = || SnapshotError::BundleHeader { path: here(), line };
        let from = bytes.len();
        if from as u64 >= HEADER_BYTES {
            return Err(SnapshotError::OverLimit {
                path: here(),
                limit: HEADER_BYTES,
            });
        }
        let left = HEADER_BYTES.saturating_sub(from as u64);
        reader
            .by_ref()
            .take(left)
            .read_until(b'\n', &mut bytes)
            .map_err(|e| unreadable(path, e))?;
        let text = bytes[from..].strip_suffix(b"\n");
        if line == 1 {
            version = match text {
                Some(b"# v2 git bundle") => 2,
                Some(b"# v3 git bundle") => 3,
                _ => return Err(SnapshotError::NotARepository { path: here() }),
            };
            continue;
        }
        let text = text.ok_or_else(malformed)?;
        if text.is_empty() {
            break;
        }
        if let Some(capability) = text.strip_prefix(b"@").filter(|_| version == 3) {
            match capability {
                b"object-format=sha1" => {}
                b"object-format=sha256" => return Err(SnapshotError::Sha256 { path: here() }),
                other => {
                    if let Some(filter) = other.strip_prefix(b"filter=") {
                        let filter = PartialFilter::parse(filter);
                        return Err(SnapshotError::FilteredBundle {
                            path: here(),
                            filter,
                        });
                    }
                    let name = other.split(|b| *b == b'=').next().unwrap_or(other);
                    let name = crate::model::RepoPath::new(name).to_string();
                    return Err(SnapshotError::BundleCapability { path: here(), name });
                }
            }
            continue;
        }
        let (is_needed, rest) = match text.strip_prefix(b"-") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (hex, name) = rest
            .iter()
            .position(|b| *b == b' ')
            .map_or((rest, &[][..]), |at| (&rest[..at], &rest[at + 1..]));
        if is_long_id(hex) {
            return Err(SnapshotError::Sha256 { path: here() });
        }
        parse_id(hex).ok_or_else(malformed)?;
        if is_needed {
            prerequisites += 1;
            continue;
        }
        if !is_ref_name(name) {
            return Err(malformed());
        }
    }
    if prerequisites > 0 {
        return Err(SnapshotError::BundlePrerequisites {
            path: here(),
            count: prerequisites,
        });
    }
    let refs = Refs::of_bundle(RefLines::of_bundle(path, &bytes));
    Ok(Header { refs, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::testing::{TestRepo, never, pack_of, packed_entry};
    use crate::snapshot::{Snapshot, WalkLimits};

    fn delivery() -> (TestRepo, Vec<u8>) {
        let repo = TestRepo::new();
        let long: Vec<u8> = (0..20_000u32)
            .flat_map(|n| (n % 251).to_le_bytes())
            .collect();
        repo.commit_file("a.c", &long);
        repo.commit_file("b.c", b"int b;\n");
        let bundle = repo.bundle("# v2 git bundle\n", &["HEAD", "refs/heads/main"]);
        (repo, bundle)
    }

    fn open(bytes: &[u8], store: &Path) -> Result<Snapshot, SnapshotError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vendor.bundle");
        fs::write(&path, bytes).unwrap();
        Snapshot::open(&path, None, store)
    }

    #[test]
    fn a_bundle_opens_like_the_repository_it_came_from() {
        let (repo, bytes) = delivery();
        let store = tempfile::tempdir().unwrap();
        let path = store.path().join("vendor.bundle");
        let v3 = repo.bundle(
            "# v3 git bundle\n@object-format=sha1\n",
            &["refs/heads/main"],
        );
        for (bytes, rev) in [(bytes, "main"), (v3, "main")] {
            fs::write(&path, bytes).unwrap();
            let snapshot = Snapshot::open(&path, None, &store.path().join("s")).unwrap();
            assert_eq!(snapshot.commit(), repo.open().commit());
            assert_eq!((snapshot.name(), snapshot.rev()), ("vendor", rev));
            let limits = WalkLimits::default();
            let walk = snapshot.walk(&limits, &never).unwrap();
            assert_eq!(walk, repo.open().walk(&limits, &never).unwrap());
            assert_eq!(
                snapshot.read(&walk.files[1].blob, 100).unwrap(),
                b"int b;\n"
            );
            let again = Snapshot::open(&path, None, &store.path().join("s")).unwrap();
            assert_eq!(again.commit(), snapshot.commit());
        }
        let kept = fs::read_dir(store.path().join("s/pack")).unwrap().count();
        assert_eq!(kept, 2, "each bundle is indexed once");
    }

    #[test]
    fn every_truncation_and_flip_of_the_pack_is_rejected_and_leaves_nothing_behind() {
        let (_repo, bytes) = delivery();
        let store = tempfile::tempdir().unwrap();
        let start = bytes.windows(4).position(|w| w == b"PACK").unwrap();
        let step = (bytes.len() / 60).max(1);
        for at in (0..bytes.len()).step_by(step) {
            assert!(open(&bytes[..at], store.path()).is_err(), "cut at {at}");
        }
        for at in (start..bytes.len()).step_by(step) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(open(&flipped, store.path()).is_err(), "flipped at {at}");
        }
        let left = fs::read_dir(store.path().join("pack")).unwrap().count();
        assert_eq!(left, 0);
        assert!(open(&bytes, store.path()).is_ok(), "control");
    }

    #[test]
    fn a_pack_in_a_circle_or_of_no_known_kind_is_rejected_and_old_parts_are_swept() {
        let (repo, bytes) = delivery();
        let store = tempfile::tempdir().unwrap();
        let delta = [1, 1, 0x91, 0, 1];
        let circle = [
            packed_entry(7, &[0xa1; 20], &delta),
            packed_entry(7, &[0xb2; 20], &delta),
        ];
        let reserved = [packed_entry(5, &[], b"x")];
        let none = [packed_entry(0, &[], b"x")];
        let head = format!("# v2 git bundle\n{} HEAD\n\n", repo.last());
        for entries in [&circle[..], &reserved, &none] {
            let bundle = [head.as_bytes(), &pack_of(entries)].concat();
            // The indexer lets entries of a reserved type pass; no object is found by them.
            assert!(matches!(
                open(&bundle, store.path()),
                Err(SnapshotError::BundlePack { .. } | SnapshotError::MissingObject { .. })
            ));
        }
        // No process has this number: it is above the kernel's limit.
        let old = store.path().join("pack/abc.part-4194399-0");
        let other = store.path().join("pack/def");
        fs::create_dir_all(old.join("pack")).unwrap();
        fs::create_dir_all(&other).unwrap();
        assert!(open(&bytes, store.path()).is_ok());
        assert!(!old.exists() && other.exists());
    }

    #[test]
    fn what_cannot_stand_alone_is_refused_by_name() {
        let (repo, bytes) = delivery();
        let store = tempfile::tempdir().unwrap();
        let with = |head: &str| {
            let body = bytes.splitn(2, |b| *b == b'\n').nth(1).unwrap();
            open(&[head.as_bytes(), body].concat(), store.path())
        };
        let old = "1111111111111111111111111111111111111111";
        assert!(matches!(
            with(&format!("# v2 git bundle\n-{old} before\n")),
            Err(SnapshotError::BundlePrerequisites { count: 1, .. })
        ));
        assert!(matches!(
            with("# v3 git bundle\n@object-format=sha256\n"),
            Err(SnapshotError::Sha256 { .. })
        ));
        let Err(filtered) = with("# v3 git bundle\n@filter=blob:none\n") else {
            panic!("a filtered bundle passed");
        };
        assert!(filtered.to_string().contains("blob:none"), "{filtered}");
        let Err(SnapshotError::BundleCapability { name, .. }) =
            with("# v3 git bundle\n@unheard=of\n")
        else {
            panic!("an unknown capability passed");
        };
        assert_eq!(name, "unheard");
        assert!(matches!(
            with("# v2 git bundle\nnonsense\n"),
            Err(SnapshotError::BundleHeader { line: 2, .. })
        ));
        assert!(matches!(
            with("# v9 git bundle\n"),
            Err(SnapshotError::NotARepository { .. })
        ));
        assert!(with("# v2 git bundle\n").is_ok(), "control");
        let several = repo.bundle(
            "# v2 git bundle\n",
            &["refs/heads/main", "refs/heads/main2"],
        );
        let Err(SnapshotError::NoHead { refs }) = open(&several, store.path()) else {
            panic!("one of several refs was chosen");
        };
        assert_eq!(refs.first, ["refs/heads/main", "refs/heads/main2"]);
    }
}
