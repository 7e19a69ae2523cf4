use super::*;
use std::os::unix::fs::symlink;

const A: &str = "1111111111111111111111111111111111111111";
const B: &str = "2222222222222222222222222222222222222222";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

#[test]
fn names_follow_the_rules_of_git() {
    for good in ["HEAD", "refs/heads/main", "refs/heads/größe", "refs/x/y-z"] {
        assert!(is_ref_name(good.as_bytes()), "{good}");
    }
    for bad in [
        "",
        "@",
        "refs//x",
        "/refs/x",
        "refs/x/",
        "refs/.x",
        "refs/x.lock",
        "refs/x.lock/y",
        "refs/a..b",
        "refs/a b",
        "refs/a\x1bb",
        "refs/a:b",
        "refs/x.",
        "refs/a@{b",
        "refs/../x",
    ] {
        assert!(!is_ref_name(bad.as_bytes()), "{bad}");
    }
}

#[test]
fn a_loose_ref_wins_over_a_packed_one_and_links_are_not_followed() {
    let packed = format!("# pack-refs with: peeled\n{A} refs/heads/main\n^{B}\n{A} refs/tags/v1\n");
    let main = format!("{B}\n");
    let dir = folder(&[
        ("HEAD", "ref: refs/heads/main\n"),
        ("packed-refs", &packed),
        ("refs/heads/main", &main),
        ("refs/heads/bad.lock", &main),
        ("refs/heads/torn", ""),
        ("secret", &main),
    ]);
    symlink(
        dir.path().join("secret"),
        dir.path().join("refs/heads/link"),
    )
    .unwrap();
    let refs = Refs::read(dir.path()).unwrap();
    let names = refs.names().unwrap();
    assert_eq!(names.first, ["refs/heads/main", "refs/tags/v1"]);
    assert_eq!((names.count, refs.links().len()), (2, 1));
    assert_eq!(refs.unnamed().unwrap(), Some(("main".into(), [0x22; 20])));
    assert_eq!(refs.resolve("main").unwrap(), Some([0x22; 20]));
    assert_eq!(refs.resolve("tags/v1").unwrap(), Some([0x11; 20]));
    assert_eq!(refs.resolve("link").unwrap(), None);
}

#[test]
fn links_that_stand_for_refs_are_read_and_not_followed() {
    let main = format!("{A}\n");
    let dir = folder(&[("refs/heads/main", &main), ("refs/heads/x/y", &main)]);
    let link = |target: &str, name: &str| symlink(target, dir.path().join(name)).unwrap();
    link("refs/heads/main", "HEAD");
    link("main", "refs/heads/beside");
    link("../main", "refs/heads/x/up");
    link("refs/heads/main", "refs/heads/git");
    link("../../../config", "refs/heads/out");
    link("/etc/hostname", "refs/heads/far");
    let refs = Refs::read(dir.path()).unwrap();
    assert_eq!(refs.unnamed().unwrap(), Some(("main".into(), [0x11; 20])));
    for name in ["beside", "x/up", "git"] {
        assert_eq!(refs.resolve(name).unwrap(), Some([0x11; 20]), "{name}");
    }
    for name in ["out", "far"] {
        assert_eq!(refs.resolve(name).unwrap(), None, "{name}");
    }
    assert_eq!(refs.links().len(), 2);
    fs::remove_file(dir.path().join("HEAD")).unwrap();
    link("/etc/hostname", "HEAD");
    assert!(matches!(
        Refs::read(dir.path()),
        Err(SnapshotError::PointsElsewhere { .. })
    ));
}

#[test]
fn more_refs_than_are_listed_are_found_by_name() {
    use std::fmt::Write;
    let mut packed = String::new();
    for n in 0..LISTED + 5 {
        let _ = writeln!(packed, "{A} refs/changes/{n}/1");
    }
    let _ = writeln!(packed, "{B} refs/heads/main");
    let dir = folder(&[("HEAD", "ref: refs/heads/main"), ("packed-refs", &packed)]);
    let refs = Refs::read(dir.path()).unwrap();
    assert_eq!(refs.unnamed().unwrap(), Some(("main".into(), [0x22; 20])));
    let last = format!("changes/{}/1", LISTED + 4);
    assert_eq!(refs.resolve(&last).unwrap(), Some([0x11; 20]));
    assert_eq!(refs.resolve("changes/x").unwrap(), None, "control");
    let names = refs.names().unwrap();
    assert_eq!(names.first[0], "refs/heads/main", "branches come first");
    assert_eq!((names.first.len(), names.count), (NAMED, LISTED + 6));
    let list = refs.list().unwrap();
    assert_eq!((list.refs.len(), list.is_cut), (LISTED, true));
}

#[test]
fn a_loose_ref_behind_the_cut_is_found_and_no_link_on_the_way_is_followed() {
    let main = format!("{A}\n");
    let dir = folder(&[
        ("HEAD", "ref: refs/heads/a/b"),
        ("refs/heads/a/b", &main),
        ("elsewhere/c", &main),
    ]);
    symlink(
        dir.path().join("elsewhere"),
        dir.path().join("refs/heads/l"),
    )
    .unwrap();
    let mut refs = Refs::read(dir.path()).unwrap();
    refs.loose.retain(|name, _| name == b"HEAD");
    assert_eq!(refs.unnamed().unwrap(), None, "control");
    refs.more = Some(dir.path().to_path_buf());
    assert_eq!(refs.unnamed().unwrap(), Some(("a/b".into(), [0x11; 20])));
    for name in ["l/c", "a", "../elsewhere/c"] {
        assert_eq!(refs.resolve(name).unwrap(), None, "{name}");
    }
}

#[test]
fn a_name_with_two_meanings_is_an_error_and_equal_meanings_are_not() {
    let two = format!("{A} refs/heads/x\n{B} refs/tags/x\n");
    let dir = folder(&[("HEAD", "ref: refs/heads/x"), ("packed-refs", &two)]);
    let refs = Refs::read(dir.path()).unwrap();
    let Err(SnapshotError::AmbiguousRevision { refs, .. }) = refs.resolve("x") else {
        panic!("two meanings passed");
    };
    assert_eq!(refs.first, ["refs/tags/x", "refs/heads/x"]);
    let one = two.replace(B, A);
    let dir = folder(&[("HEAD", "ref: refs/heads/x"), ("packed-refs", &one)]);
    let refs = Refs::read(dir.path()).unwrap();
    assert_eq!(refs.resolve("x").unwrap(), Some([0x11; 20]));
}

#[test]
fn cycles_longer_ids_and_damage_are_named() {
    let dir = folder(&[
        ("HEAD", "ref: refs/heads/a"),
        ("refs/heads/a", "ref: refs/heads/b"),
        ("refs/heads/b", "ref: refs/heads/a"),
    ]);
    assert_eq!(Refs::read(dir.path()).unwrap().unnamed().unwrap(), None);
    let dir = folder(&[("HEAD", "garbage")]);
    assert!(matches!(
        Refs::read(dir.path()),
        Err(SnapshotError::DamagedHead { .. })
    ));
    let dir = folder(&[("HEAD", &"a".repeat(64))]);
    assert!(matches!(
        Refs::read(dir.path()),
        Err(SnapshotError::Sha256 { .. })
    ));
    let dir = folder(&[("HEAD", A), ("packed-refs", "nonsense\n")]);
    assert!(matches!(
        Refs::read(dir.path()),
        Err(SnapshotError::DamagedRefs { line: 1, .. })
    ));
}
