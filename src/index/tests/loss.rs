//! An index that is interrupted, damaged or replaced.

use super::*;
use std::fs;

fn sample() -> Tree {
    let mut files: Vec<(String, Vec<u8>)> = (0..40)
        .map(|i| {
            (
                format!("d{}/f{i}.c", i % 3),
                format!("int fun_{i}(void)\n{{\n\treturn strcpy({i});\n}}\n").into_bytes(),
            )
        })
        .collect();
    files.push(("copy.c".into(), files[7].1.clone()));
    files.push(("empty".into(), Vec::new()));
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(p, b)| (p.as_str(), b.as_slice()))
        .collect();
    Tree::new(&files)
}

fn samples() -> Vec<Ask> {
    let word = |text: &str| Ask::Word(text.to_owned());
    vec![
        word("strcpy"),
        word("fun_17"),
        word("FUN_17"),
        Ask::All(vec![
            word("return"),
            Ask::Not(Box::new(Ask::Path("d1".to_owned()))),
        ]),
        Ask::Any(vec![Ask::Regex("fun_.7".to_owned(), ""), word("23")]),
        Ask::Not(Box::new(word("17"))),
        word("rn"),
    ]
}

#[track_caller]
fn check_all(tree: &Tree, index: &Index) {
    for ask in samples() {
        check(tree, index, &ask, "line");
    }
}

#[test]
fn an_interrupted_build_goes_on() {
    let tree = sample();
    for cancel_after in (0..60).step_by(7) {
        let folder = tempfile::tempdir().unwrap();
        let first = tree.build(folder.path(), cancel_after);
        let index = Index::open(folder.path()).unwrap();
        assert_eq!(index.len() as u64, first.new_blobs);
        check_all(&tree, &index);
        let second = tree.build(folder.path(), usize::MAX);
        assert_eq!(first.new_blobs + second.new_blobs, 41);
        assert!(!second.is_cancelled && !second.is_rebuilt);
        assert_eq!(first.is_cancelled, first.new_blobs < 41);
        let index = Index::open(folder.path()).unwrap();
        check_all(&tree, &index);
        assert_eq!(tree.build(folder.path(), usize::MAX).new_blobs, 0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).map(drop).unwrap();
        }
    }
}

fn files_of(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().flatten().map(|e| e.path());
    let mut out: Vec<_> = entries
        .flat_map(|p| if p.is_dir() { files_of(&p) } else { vec![p] })
        .collect();
    out.sort();
    out
}

/// Damages each file of an index in turn; `damage` returns the bytes to write, by the round.
fn survives(rounds: usize, damage: impl Fn(&[u8], usize) -> Vec<u8>) {
    let tree = sample();
    let whole = tempfile::tempdir().unwrap();
    tree.build(whole.path(), usize::MAX);
    let mut count = 0;
    for file in files_of(whole.path()) {
        let name = file.strip_prefix(whole.path()).unwrap();
        let bytes = fs::read(&file).unwrap();
        for round in 0..rounds {
            let folder = tempfile::tempdir().unwrap();
            copy(whole.path(), folder.path());
            fs::write(folder.path().join(name), damage(&bytes, round)).unwrap();
            let index = Index::open(folder.path()).unwrap();
            check_all(&tree, &index);
            count += 1;
            if count % 3 == 0 {
                drop(index);
                let built = tree.build(folder.path(), usize::MAX);
                let index = Index::open(folder.path()).unwrap();
                assert!(!index.is_damaged(), "{name:?} {built:?}");
                assert_eq!(index.len(), 41, "{name:?}");
                check_all(&tree, &index);
            }
        }
    }
    assert!(count > rounds * 4);
}

#[test]
fn a_file_cut_short_is_noticed() {
    survives(6, |bytes, round| bytes[..bytes.len() * round / 6].to_vec());
}

#[test]
fn a_flipped_bit_is_noticed() {
    survives(12, |bytes, round| {
        let mut bytes = bytes.to_vec();
        if !bytes.is_empty() {
            let at = bytes.len() * round / 12;
            bytes[at] ^= 1 << (round % 8);
        }
        bytes
    });
}

#[test]
fn readers_keep_what_they_opened_while_another_builds() {
    let tree = sample();
    let folder = tempfile::tempdir().unwrap();
    tree.build(folder.path(), 15);
    let before = Index::open(folder.path()).unwrap();
    let len = before.len();
    std::thread::scope(|scope| {
        let building = scope.spawn(|| tree.build(folder.path(), usize::MAX));
        while !building.is_finished() {
            check(&tree, &before, &samples()[0], "line");
        }
    });
    assert_eq!(before.len(), len);
    let other = Index::open(folder.path()).unwrap();
    assert_eq!(other.len(), 41);
    check_all(&tree, &other);
    // A rebuild replaces files that are still mapped.
    fs::write(folder.path().join("damaged"), b"").unwrap();
    assert!(tree.build(folder.path(), usize::MAX).is_rebuilt);
    check_all(&tree, &before);
    check_all(&tree, &other);
}

#[test]
fn whoever_opens_it_while_another_builds_sees_a_whole_index() {
    let files: Vec<(String, Vec<u8>)> = (0..400)
        .map(|i| {
            (
                format!("f{i}.c"),
                format!("int fun_{i}(void);\n").into_bytes(),
            )
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(p, b)| (p.as_str(), b.as_slice()))
        .collect();
    let tree = Tree::new(&files);
    let folder = tempfile::tempdir().unwrap();
    let first = Tree {
        files: tree.files[..10].to_vec(),
    };
    first.build(folder.path(), usize::MAX);
    let mut opened = 0;
    std::thread::scope(|scope| {
        // Never cancelled, but so many commits that segments are joined at the end.
        let building = scope.spawn(|| tree.build(folder.path(), usize::MAX - 1));
        let mut least = 10;
        while !building.is_finished() {
            let index = Index::open(folder.path()).unwrap();
            assert!(!index.is_damaged(), "at {least} of 400");
            assert!(index.len() >= least, "{} after {least}", index.len());
            least = index.len();
            opened += 1;
        }
        assert_eq!(building.join().unwrap().new_blobs, 390);
    });
    assert!(opened > 3, "{opened}");
    let index = Index::open(folder.path()).unwrap();
    let (hits, _) = tree.search(&index, &parse("fun_17"));
    assert_eq!(hits.len(), 11);
}
