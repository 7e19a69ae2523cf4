//! Opening and reading, against deliveries that mislead ordinary tools.

use super::testing::{TestRepo, never, pack_of, packed_entry};
use super::*;
use git2::Oid;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

fn blob_id(oid: Oid) -> BlobId {
    oid.to_string().parse().unwrap()
}

fn open(repo: &TestRepo, rev: &str) -> Result<Snapshot, SnapshotError> {
    Snapshot::open(repo.path(), Some(rev), &repo.store())
}

#[test]
fn a_snapshot_is_found_by_every_name_it_has() {
    let repo = TestRepo::new();
    let first = repo.commit_file("a.c", b"int a;\n");
    let last = repo.commit_file("b.c", b"int b;\n");
    let text = |target: Oid, kind: &str| {
        format!("object {target}\ntype {kind}\ntag v\ntagger A <a@b> 1 +0000\n\nx\n")
    };
    let inner = repo.raw(ObjectType::Tag, text(first, "commit").as_bytes());
    let outer = repo.raw(ObjectType::Tag, text(inner, "tag").as_bytes());
    repo.set_ref("refs/tags/v1", &outer.to_string());
    repo.set_ref("refs/tags/file", &repo.blob(b"x").to_string());

    let snapshot = repo.open();
    assert_eq!(snapshot.commit().to_string(), last.to_string());
    assert_eq!((snapshot.name(), snapshot.rev()), ("vendor", "main"));
    assert!(!snapshot.is_shallow());
    assert_eq!(snapshot.refs().unwrap().0.len(), 3);
    let first = first.to_string();
    let upper = first.to_uppercase();
    for rev in [
        "v1",
        "tags/v1",
        "refs/tags/v1",
        &first,
        &upper,
        &first[..7],
        &outer.to_string(),
    ] {
        let found = open(&repo, rev).unwrap();
        assert_eq!(found.commit().to_string(), first, "{rev}");
        assert_eq!(found.rev(), rev);
    }
    assert!(matches!(
        open(&repo, "file"),
        Err(SnapshotError::NotACommit { kind: "blob", .. })
    ));
    for rev in ["v2", &first[..6], "", "0123456789", "../HEAD", "@"] {
        let Err(SnapshotError::NoSuchRevision { refs, .. }) = open(&repo, rev) else {
            panic!("{rev} was found");
        };
        assert_eq!(
            refs.first,
            ["refs/heads/main", "refs/tags/file", "refs/tags/v1"]
        );
    }
}

#[test]
fn a_prefix_of_two_ids_is_ambiguous() {
    let repo = TestRepo::new();
    let first = repo.commit_file("a", b"a").to_string();
    // A file with the right name is enough for the search by prefix.
    let folder = repo.path().join("objects").join(&first[..2]);
    let (start, digit) = (&first[2..10], if first.ends_with('0') { '1' } else { '0' });
    let twin = format!("{start}{}", digit.to_string().repeat(30));
    fs::write(folder.join(twin), b"").unwrap();
    assert!(matches!(
        open(&repo, &first[..10]),
        Err(SnapshotError::AmbiguousRevision { .. })
    ));
    assert!(open(&repo, &first[..39]).is_ok(), "control");
}

#[test]
fn tags_without_end_and_an_empty_repository_are_named() {
    let repo = TestRepo::new();
    assert!(matches!(
        Snapshot::open(repo.path(), None, &repo.store()),
        Err(SnapshotError::Empty { .. })
    ));
    let mut id = repo.commit_file("a", b"a");
    for _ in 0..100 {
        id = repo.raw(
            ObjectType::Tag,
            format!("object {id}\ntype tag\ntag x\n\n").as_bytes(),
        );
    }
    repo.set_ref("refs/tags/deep", &id.to_string());
    assert!(matches!(
        open(&repo, "deep"),
        Err(SnapshotError::TagTooDeep { .. })
    ));
    repo.set_ref("HEAD", "ref: refs/heads/elsewhere");
    let Err(SnapshotError::NoHead { refs }) = Snapshot::open(repo.path(), None, &repo.store())
    else {
        panic!("an unborn branch was opened");
    };
    assert_eq!(refs.count, 2);
}

#[test]
fn alternates_of_the_vendor_are_not_followed() {
    let other = TestRepo::new();
    let secret = other.blob(b"secret");
    let repo = TestRepo::new();
    let own = repo.blob(b"own");
    repo.commit_tree(repo.tree(&[(0o100_644, b"own", own), (0o100_644, b"secret", secret)]));
    let objects = repo.path().join("objects");
    fs::create_dir_all(objects.join("info")).unwrap();
    let target = format!("{}\n", other.path().join("objects").display());
    fs::write(objects.join("info/alternates"), target).unwrap();

    let direct = git2::Odb::new().unwrap();
    direct
        .add_disk_alternate(objects.to_str().unwrap())
        .unwrap();
    assert!(
        direct.exists(secret),
        "control: added directly, the alternate is followed"
    );

    let snapshot = repo.open();
    assert_eq!(snapshot.read(&blob_id(own), 9).unwrap(), b"own");
    assert!(matches!(
        snapshot.read(&blob_id(secret), 9),
        Err(SnapshotError::MissingObject { kind: "blob", .. })
    ));
}

#[test]
fn grafts_replacements_and_includes_change_nothing() {
    let repo = TestRepo::new();
    let first = repo.commit_file("a", b"a");
    let last = repo.commit_file("b", b"b");
    let before = repo.open();
    let put = |name: &str, text: String| {
        let path = repo.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    put("info/grafts", format!("{last}\n"));
    put(&format!("refs/replace/{last}"), format!("{first}\n"));
    put("evil", "[extensions]\nobjectformat = sha256\n".to_owned());
    put("config", "[include]\npath = evil\n".to_owned());
    let after = repo.open();
    assert_eq!(
        (after.commit(), after.tree()),
        (before.commit(), before.tree())
    );
    assert!(!after.is_shallow());
    put("shallow", format!("{last}\n"));
    assert!(repo.open().is_shallow());
}

#[test]
fn links_and_pipes_among_the_objects_are_not_opened() {
    let repo = TestRepo::new();
    let (own, outside) = (repo.blob(b"own"), repo.blob(b"outside"));
    repo.commit_tree(repo.tree(&[(0o100_644, b"own", own)]));
    let at = |id: Oid| {
        let hex = id.to_string();
        repo.path().join("objects").join(&hex[..2]).join(&hex[2..])
    };
    assert!(repo.open().read(&blob_id(outside), 9).is_ok(), "control");
    let moved = repo.store().with_file_name("moved");
    fs::rename(at(outside), &moved).unwrap();
    symlink(&moved, at(outside)).unwrap();
    assert!(matches!(
        repo.open().read(&blob_id(outside), 9),
        Err(SnapshotError::MissingObject { .. })
    ));
    fs::remove_file(at(outside)).unwrap();
    mknodat(CWD, at(outside), FileType::Fifo, Mode::RUSR, 0).unwrap();
    let snapshot = repo.open();
    assert!(snapshot.read(&blob_id(outside), 9).is_err());
    assert_eq!(snapshot.read(&blob_id(own), 9).unwrap(), b"own");
}

#[test]
fn blobs_are_refused_by_size_kind_absence_and_damage() {
    let repo = TestRepo::new();
    let blob = repo.blob(b"0123456789");
    let tree = repo.tree(&[(0o100_644, b"x", blob)]);
    repo.commit_tree(tree);
    let snapshot = repo.open();
    assert_eq!(snapshot.size(&blob_id(blob)).unwrap(), 10);
    assert!(matches!(
        snapshot.read(&blob_id(blob), 9),
        Err(SnapshotError::BlobTooLarge {
            size: 10,
            limit: 9,
            ..
        })
    ));
    assert!(matches!(
        snapshot.read(&blob_id(tree), 99),
        Err(SnapshotError::WrongKind { found: "tree", .. })
    ));
    assert!(snapshot.read(&blob_id(Oid::ZERO_SHA1), 99).is_err());

    // Another object's file under this one's name: sound in itself, and not what the id says.
    let hex = blob.to_string();
    let path = repo.path().join("objects").join(&hex[..2]).join(&hex[2..]);
    let other = repo.blob(b"9876543210").to_string();
    let other = repo
        .path()
        .join("objects")
        .join(&other[..2])
        .join(&other[2..]);
    fs::remove_file(&path).unwrap();
    fs::copy(other, &path).unwrap();
    assert!(matches!(
        repo.open().read(&blob_id(blob), 99),
        Err(SnapshotError::DamagedObject { .. })
    ));
    fs::remove_file(&path).unwrap();
    assert!(matches!(
        repo.open().read(&blob_id(blob), 99),
        Err(SnapshotError::MissingObject { .. })
    ));
}

#[test]
fn a_missing_commit_or_tree_says_which() {
    let repo = TestRepo::new();
    let gone = "1".repeat(40);
    repo.commit_file("a", b"a");
    repo.set_ref("refs/heads/main", &gone);
    assert!(matches!(
        Snapshot::open(repo.path(), None, &repo.store()),
        Err(SnapshotError::MissingObject { kind: "commit", id, .. }) if id == gone
    ));
    repo.commit_tree(Oid::from_str(&gone).unwrap());
    assert!(matches!(
        Snapshot::open(repo.path(), None, &repo.store()),
        Err(SnapshotError::MissingObject { kind: "tree", id, .. }) if id == gone
    ));
}

#[test]
fn packs_are_read_in_their_order_and_from_another_thread() {
    let repo = TestRepo::new();
    let text: Vec<u8> = (0..4000u32)
        .flat_map(|n| (n * 7919).to_le_bytes())
        .collect();
    for version in 0..20u8 {
        repo.commit_file(
            &format!("f{version}"),
            &[text.as_slice(), &[version]].concat(),
        );
    }
    repo.add_pack(&repo.pack());
    repo.drop_loose();
    let snapshot = repo.open();
    let walk = snapshot.walk(&WalkLimits::default(), &never).unwrap();
    let mut wanted: HashSet<_> = walk.files.iter().map(|f| f.blob).collect();
    let absent = BlobId::new([7; 20]);
    wanted.insert(absent);
    let order = snapshot.pack_order(&wanted).unwrap();
    assert_eq!(order.len(), 21);
    assert_eq!(order.last(), Some(&absent));
    assert_eq!(order.iter().copied().collect::<HashSet<_>>(), wanted);
    let other = snapshot.reopen().unwrap();
    let read = std::thread::spawn(move || {
        order[..20]
            .iter()
            .map(|b| other.read(b, 1 << 20).unwrap().len())
            .sum::<usize>()
    });
    assert_eq!(read.join().unwrap(), 20 * 16_001);
}

#[test]
fn a_pack_that_leads_in_a_circle_or_to_no_object_is_refused_at_once() {
    let repo = TestRepo::new();
    repo.commit_file("a", b"a");
    let one = Oid::from_str(&"a1".repeat(20)).unwrap();
    let two = Oid::from_str(&"b2".repeat(20)).unwrap();
    let three = Oid::from_str(&"c3".repeat(20)).unwrap();
    let fine = Oid::hash_object(ObjectType::Blob, b"fine").unwrap();
    let delta = [1, 1, 0x91, 0, 1];
    let entries = [
        (one, packed_entry(7, two.as_bytes(), &delta)),
        (two, packed_entry(7, one.as_bytes(), &delta)),
        (three, packed_entry(5, &[], b"x")),
        (fine, packed_entry(3, &[], b"fine")),
    ];
    let bodies: Vec<_> = entries.iter().map(|(_, body)| body.clone()).collect();
    let pack = pack_of(&bodies);
    let mut offset = 12u32;
    let mut table: Vec<(Oid, u32)> = Vec::new();
    for (id, body) in &entries {
        table.push((*id, offset));
        offset += body.len() as u32;
    }
    table.sort();
    let mut idx = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255u8 {
        let below = table
            .iter()
            .filter(|(id, _)| id.as_bytes()[0] <= first)
            .count();
        idx.extend_from_slice(&(below as u32).to_be_bytes());
    }
    for (id, _) in &table {
        idx.extend_from_slice(id.as_bytes());
    }
    idx.resize(idx.len() + 4 * table.len(), 0);
    for (_, at) in &table {
        idx.extend_from_slice(&at.to_be_bytes());
    }
    idx.extend_from_slice(&pack[pack.len() - 20..]);
    let digest = testing::sha1(&idx);
    idx.extend_from_slice(&digest);
    let folder = repo.path().join("objects/pack");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("pack-x.pack"), &pack).unwrap();
    fs::write(folder.join("pack-x.idx"), idx).unwrap();

    let snapshot = repo.open();
    assert_eq!(
        snapshot.read(&blob_id(fine), 9).unwrap(),
        b"fine",
        "control"
    );
    for id in [one, two, three] {
        assert!(matches!(
            snapshot.read(&blob_id(id), 9),
            Err(SnapshotError::BrokenChain { .. })
        ));
    }
}

#[test]
fn damaged_packs_are_named_and_never_panic() {
    let repo = TestRepo::new();
    let text: Vec<u8> = (0..400u32).flat_map(|n| (n * 7919).to_le_bytes()).collect();
    for version in 0..5u8 {
        repo.commit_file("f", &[text.as_slice(), &[version]].concat());
    }
    let pack = repo.add_pack(&repo.pack());
    repo.drop_loose();
    let idx = pack.with_extension("idx");
    let whole = [fs::read(&pack).unwrap(), fs::read(&idx).unwrap()];
    let read_all = || {
        let snapshot = Snapshot::open(repo.path(), None, &repo.store())?;
        let walk = snapshot.walk(&WalkLimits::default(), &never)?;
        for file in &walk.files {
            snapshot.read(&file.blob, 1 << 20)?;
        }
        snapshot.pack_order(&HashSet::new())?;
        Ok::<_, SnapshotError>(walk.files.len())
    };
    for path in [&pack, &idx] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    for (path, bytes) in [&pack, &idx].into_iter().zip(&whole) {
        fs::remove_file(path).unwrap();
        fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
        let Err(SnapshotError::DamagedPack { path: named, .. }) = read_all() else {
            panic!("{} was read", path.display());
        };
        assert_eq!(named, pack);
        for at in (0..bytes.len()).step_by(bytes.len() / 40) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x55;
            for wrong in [&bytes[..at], &flipped] {
                // A new file each time: one that shrinks while it is mapped is another matter.
                fs::remove_file(path).unwrap();
                fs::write(path, wrong).unwrap();
                drop(read_all());
            }
        }
        fs::remove_file(path).unwrap();
        fs::write(path, bytes).unwrap();
    }
    assert!(read_all().unwrap() > 0, "control");
}

#[test]
fn a_pack_whose_name_begins_another_is_not_lost() {
    let repo = TestRepo::new();
    let name = |pack: &Path, name: &str| {
        for end in ["pack", "idx"] {
            let to = pack.with_file_name(format!("pack-{name}.{end}"));
            fs::rename(pack.with_extension(end), to).unwrap();
        }
    };
    let last = repo.commit_file("a", b"a");
    name(&repo.add_pack(&repo.pack()), "ab\u{1b}");
    let blob = Oid::hash_object(ObjectType::Blob, b"elsewhere").unwrap();
    name(
        &repo.add_pack(&pack_of(&[packed_entry(3, &[], b"elsewhere")])),
        "a",
    );
    repo.drop_loose();
    let snapshot = repo.open();
    assert_eq!(snapshot.commit().to_string(), last.to_string());
    assert_eq!(snapshot.read(&blob_id(blob), 9).unwrap(), b"elsewhere");
}

#[test]
fn the_delivery_is_never_written_to() {
    let repo = TestRepo::with_work_tree();
    repo.commit_file("a", b"a");
    fs::write(repo.work_tree().join("a"), "a").unwrap();
    let state = || {
        let mut seen = Vec::new();
        let mut folders = vec![repo.work_tree().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let metadata = path.symlink_metadata().unwrap();
                if metadata.is_dir() {
                    folders.push(path.clone());
                }
                seen.push((path, metadata.modified().unwrap(), metadata.len()));
            }
        }
        seen.sort();
        seen
    };
    let before = state();
    let snapshot = Snapshot::open(repo.work_tree(), None, &repo.store()).unwrap();
    let walk = snapshot.walk(&WalkLimits::default(), &never).unwrap();
    snapshot.read(&walk.files[0].blob, 9).unwrap();
    snapshot.compare_work_tree(&walk.files, &never).unwrap();
    snapshot.vendor_influence();
    assert_eq!(state(), before);
    assert!(!repo.store().exists(), "a repository is read where it lies");
}
