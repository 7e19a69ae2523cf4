//! What costs too much is refused by name; lowered limits stand for costly deliveries.

use super::testing::{TestRepo, never, pack_of, packed_entry};
use super::{CostLimit, PackStore, PassKind, ReadLimits, Snapshot, SnapshotError, WalkLimits};
use crate::model::{BlobId, Reason};
use git2::{ObjectType, Oid};

/// Bytes of each base; large enough to be out of proportion to a file of 3 bytes.
const BASE: usize = 300_000;
/// The start of a delta on such a base.
const BASE_SIZE: [u8; 3] = [0xe0, 0xa7, 0x12];

fn blob_id(bytes: &[u8]) -> Oid {
    Oid::hash_object(ObjectType::Blob, bytes).unwrap()
}

/// Makes a delivery of files of 3 bytes, each built from a base of its own, and one file that is no delta.
pub(crate) fn costly_delivery(files: u8) -> TestRepo {
    let repo = TestRepo::new();
    let mut entries = Vec::new();
    let mut names = Vec::new();
    for n in 0..files {
        let base = vec![n; BASE];
        entries.push(packed_entry(3, &[], &base));
        // One byte of the base, two new ones.
        let delta = [&BASE_SIZE[..], &[3, 0x91, 0, 1, 2, n, b'x']].concat();
        entries.push(packed_entry(7, blob_id(&base).as_bytes(), &delta));
        names.push((format!("f{n}.c").into_bytes(), blob_id(&[n, n, b'x'])));
    }
    repo.add_pack(&pack_of(&entries));
    names.push((b"plain.c".to_vec(), repo.blob(b"int plain;\n")));
    let tree: Vec<_> = names
        .iter()
        .map(|(n, id)| (0o100_644, n.as_slice(), *id))
        .collect();
    repo.commit_tree(repo.tree(&tree));
    repo
}

fn open(repo: &TestRepo, limits: ReadLimits) -> Snapshot {
    Snapshot::open_with(repo.path(), None, PackStore::None, limits).unwrap()
}

fn small(n: u8) -> BlobId {
    blob_id(&[n, n, b'x']).to_string().parse().unwrap()
}

fn why(result: Result<Vec<u8>, SnapshotError>) -> Option<CostLimit> {
    match result {
        Ok(_) => None,
        Err(SnapshotError::TooCostly { why, .. }) => Some(why),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_small_file_on_a_large_base_is_refused_for_its_base_and_for_its_work() {
    let repo = costly_delivery(1);
    let snapshot = open(&repo, ReadLimits::default());
    assert_eq!(
        snapshot.read(&small(0), 9).unwrap(),
        [0, 0, b'x'],
        "control"
    );
    let limits = ReadLimits {
        base_bytes: BASE as u64 - 1,
        ..ReadLimits::default()
    };
    let snapshot = open(&repo, limits);
    assert_eq!(
        snapshot.size(&small(0)).unwrap(),
        3,
        "the size costs little"
    );
    assert_eq!(why(snapshot.read(&small(0), 9)), Some(CostLimit::Base));
    let limits = ReadLimits {
        object_work: BASE as u64 - 1000,
        ..ReadLimits::default()
    };
    let error = open(&repo, limits).read(&small(0), 9).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("too costly: it takes 292.9 KiB of work, more than 292.1 KiB"),
        "{text}"
    );
    assert!(error.hint().unwrap().contains("git repack"));
}

#[test]
fn a_pass_ends_with_its_work_and_goes_on_with_what_costs_little() {
    let repo = costly_delivery(8);
    let limits = ReadLimits {
        pass_work: 4 * BASE as u64,
        pass_work_ratio: 0,
        ..ReadLimits::default()
    };
    let snapshot = open(&repo, limits);
    let pass = snapshot.begin_pass(PassKind::Files);
    let other = pass.reopen().unwrap();
    let read = |n: u8| {
        let handle = if n.is_multiple_of(2) { &pass } else { &other };
        why(handle.read(&small(n), 9))
    };
    let found: Vec<_> = (0..8).map(read).collect();
    let refused = found
        .iter()
        .filter(|why| **why == Some(CostLimit::Pass))
        .count();
    assert_eq!(
        (found[0], refused),
        (None, 4),
        "both handles count: {found:?}"
    );
    let plain = blob_id(b"int plain;\n").to_string().parse().unwrap();
    assert_eq!(why(pass.read(&plain, 99)), None);
    assert_eq!(
        why(snapshot.begin_pass(PassKind::Files).read(&small(7), 9)),
        None
    );
    assert!(
        (0..8).all(|n| why(snapshot.read(&small(n), 9)).is_none()),
        "nobody counts"
    );
}

#[test]
fn the_limit_of_a_pass_grows_with_what_was_delivered() {
    let repo = costly_delivery(8);
    let limits = ReadLimits {
        pass_work: 0,
        pass_work_ratio: 1,
        ..ReadLimits::default()
    };
    // The pack is stored without compression: reading every byte of it once is in proportion.
    let pass = open(&repo, limits.clone()).begin_pass(PassKind::Files);
    assert!((0..7).all(|n| why(pass.read(&small(n), 9)).is_none()));
    let limits = ReadLimits {
        pass_work_ratio: 0,
        ..limits
    };
    let pass = open(&repo, limits).begin_pass(PassKind::Files);
    assert_eq!(
        why(pass.read(&small(0), 9)),
        Some(CostLimit::Pass),
        "control"
    );
}

#[test]
fn a_pass_ends_with_the_bytes_that_it_may_hand_on() {
    let repo = TestRepo::new();
    let id = |bytes: &[u8]| -> BlobId { repo.blob(bytes).to_string().parse().unwrap() };
    let (one, two, three) = (id(&[1; 400]), id(&[2; 400]), id(&[3; 400]));
    let rest = id(&[4; 150]);
    repo.commit_file("a.c", b"int a;\n");
    let limits = ReadLimits {
        pass_bytes: 1000,
        pass_bytes_ratio: 0,
        ..ReadLimits::default()
    };
    let snapshot = open(&repo, limits);
    let pass = snapshot.begin_pass(PassKind::Files);
    let read = |blob| why(pass.read(blob, 999));
    assert_eq!((read(&one), read(&two)), (None, None));
    assert_eq!(read(&three), Some(CostLimit::Bytes));
    assert_eq!(read(&rest), None, "control: it fits");
    assert_eq!(
        why(snapshot.read(&three, 999)),
        None,
        "control: nobody counts"
    );
}

#[test]
fn a_tree_that_costs_too_much_is_named_with_this_reason() {
    let repo = TestRepo::new();
    let blob = repo.blob(b"x");
    let inner = repo.tree(&[(0o100_644, b"f", blob)]);
    repo.commit_tree(repo.tree(&[(0o040_000, b"d", inner), (0o100_644, b"g", blob)]));
    let limits = ReadLimits {
        // The top has 60 bytes, the folder within it 29.
        pass_bytes: 70,
        pass_bytes_ratio: 0,
        ..ReadLimits::default()
    };
    let walk = |limits| {
        open(&repo, limits)
            .walk(&WalkLimits::default(), &never)
            .unwrap()
    };
    let found = walk(limits);
    assert_eq!(found.files.len(), 1);
    let folders = found.unreadable_folders.iter();
    let folders: Vec<_> = folders.map(|f| (f.path.to_string(), f.reason)).collect();
    assert_eq!(folders, [("d".to_owned(), Reason::TooCostly)]);
    assert_eq!(walk(ReadLimits::default()).files.len(), 2, "control");
}

#[test]
fn a_chain_of_any_length_is_walked_once_and_refused_beyond_what_git_writes() {
    let repo = TestRepo::new();
    repo.commit_file("a.c", b"int a;\n");
    let text = |n: u32| format!("{n:08}");
    let id = |n| blob_id(text(n).as_bytes());
    let mut entries = vec![packed_entry(3, &[], text(0).as_bytes())];
    for n in 1..4200 {
        let new = text(n);
        let delta = [&[8, 8, 8], new.as_bytes()].concat();
        entries.push(packed_entry(7, id(n - 1).as_bytes(), &delta));
    }
    repo.add_pack(&pack_of(&entries));
    let snapshot = open(&repo, ReadLimits::default());
    let read = |n| snapshot.read(&id(n).to_string().parse().unwrap(), 9);
    // From the far end, where nothing is known yet.
    assert!(matches!(read(4199), Err(SnapshotError::BrokenChain { .. })));
    assert!(matches!(read(4097), Err(SnapshotError::BrokenChain { .. })));
    assert_eq!(read(4096).unwrap(), text(4096).as_bytes());
    assert_eq!(read(1).unwrap(), text(1).as_bytes());
}

#[test]
fn a_sound_copy_is_read_where_another_is_damaged() {
    let repo = TestRepo::new();
    repo.commit_file("a.c", b"int a;\n");
    let id = repo.blob(b"0123456789");
    let hex = id.to_string();
    let path = repo.path().join("objects").join(&hex[..2]).join(&hex[2..]);
    let damage = || {
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, b"no object").unwrap();
    };
    damage();
    let read = || open(&repo, ReadLimits::default()).read(&hex.parse().unwrap(), 99);
    assert!(
        matches!(read(), Err(SnapshotError::DamagedObject { .. })),
        "control"
    );
    // A pack that says it has it, and has other bytes under its name.
    let pack = repo.add_pack(&pack_of(&[packed_entry(3, &[], b"0123456789")]));
    assert_eq!(read().unwrap(), b"0123456789");
    let mut bytes = std::fs::read(&pack).unwrap();
    let at = bytes.windows(4).position(|w| w == b"0123").unwrap();
    bytes[at] = b'9';
    std::fs::remove_file(&pack).unwrap();
    std::fs::write(&pack, bytes).unwrap();
    assert!(matches!(read(), Err(SnapshotError::DamagedObject { .. })));
    std::fs::remove_file(&path).unwrap();
    repo.blob(b"0123456789");
    if !path.exists() {
        // libgit2 does not write what a pack seems to hold.
        let loose = super::testing::zlib_stored(b"blob 10\x000123456789");
        std::fs::write(&path, loose).unwrap();
    }
    assert_eq!(read().unwrap(), b"0123456789");
}
