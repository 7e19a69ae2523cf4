//! A store that is interrupted, damaged or shared.

use super::*;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Texts of a snapshot; the number is in the id.
fn texts() -> Vec<(BlobId, String, String)> {
    let text = |n: usize| match n % 5 {
        0 => format!("int fun_{n}(void)\n{{\n\treturn shared({n});\n}}\n"),
        1 => format!("struct s{n} {{ int a; }};\nint shared(int);\n"),
        2 => format!("#define M{n} 1\n"),
        3 => String::new(),
        _ => format!("def fun_{n}():\n    return shared({n})\n"),
    };
    (0..40)
        .map(|n| {
            let path = format!("d/f{n}.{}", if n % 5 == 4 { "py" } else { "c" });
            (BlobId::new([n as u8; 20]), path, text(n))
        })
        .collect()
}

fn build_in(folder: &Path, cancel_after: usize) -> Result<Built, SymbolsError> {
    let texts = texts();
    let order: Vec<Wanted<'_>> = texts
        .iter()
        .map(|(blob, path, _)| Wanted {
            blob: *blob,
            path: path.as_bytes(),
        })
        .collect();
    let source = |id: &BlobId| match id.as_bytes()[0] {
        38 => Content::Unreadable,
        39 => Content::Binary,
        n => Content::Text(texts[n as usize].2.clone()),
    };
    let limits = Limits {
        interval: Duration::ZERO,
        threads: 2,
        ..Limits::default()
    };
    let plan = Build {
        order: &order,
        source: &source,
        limits,
    };
    let asked = AtomicUsize::new(0);
    let is_cancelled = || asked.fetch_add(1, Ordering::Relaxed) >= cancel_after;
    build(folder, &plan, &mut |_| {}, &is_cancelled)
}

/// Checks that whatever is stored is what was tagged; returns how many contents that are.
fn check_store(store: &SymbolStore) -> usize {
    let mut known = 0;
    for (blob, path, text) in texts() {
        let Some(tagged) = store.get(&SourceKey::new(blob, path.as_bytes())) else {
            continue;
        };
        known += 1;
        let mut tagger = Tagger::new(TagLimits::default());
        let fresh = look(&mut tagger, path.as_bytes(), &text, &|| false).unwrap();
        if blob.as_bytes()[0] == 39 {
            assert_eq!(tagged.how, How::NoCode);
        } else {
            assert_eq!(tagged, fresh, "{path}");
        }
    }
    for n in 0..38_u8 {
        let name = format!("fun_{n}");
        let found = store.definitions_named(&name);
        assert!(found.len() <= 1);
        for (key, definition) in found {
            assert_eq!(key.blob, BlobId::new([n; 20]));
            assert_eq!((definition.line, definition.column), (1, 5));
        }
    }
    known
}

#[test]
fn names_are_found_exactly() {
    let folder = tempfile::tempdir().unwrap();
    build_in(folder.path(), usize::MAX).unwrap();
    let store = SymbolStore::open(folder.path()).unwrap();
    assert_eq!(check_store(&store), 39);
    let found = |name: &str| store.definitions_named(name).len();
    assert_eq!((found("fun_0"), found("fun_5"), found("fun_4")), (1, 1, 1));
    assert_eq!((found("fun_"), found("un_0"), found("")), (0, 0, 0));
    assert_eq!(found("shared"), 8, "declared in every second file of C");
    assert_eq!(found("a"), 8);
    assert_eq!(found("M2"), 1);
    let counts = store.counts();
    assert_eq!((counts.exact, counts.no_code), (38, 1));
    assert!(counts.definitions > 30 && counts.uses > 10, "{counts:?}");
}

/// Builds a store of one text at some paths, a run for each list of them.
fn build_of(folder: &Path, text: &str, runs: &[&[&str]]) -> SymbolStore {
    let blob = BlobId::new([7; 20]);
    for paths in runs {
        let order: Vec<Wanted<'_>> = paths
            .iter()
            .map(|path| Wanted {
                blob,
                path: path.as_bytes(),
            })
            .collect();
        let plan = Build {
            order: &order,
            source: &|_| Content::Text(text.to_owned()),
            limits: Limits::default(),
        };
        build(folder, &plan, &mut |_| {}, &|| false).unwrap();
    }
    SymbolStore::open(folder).unwrap()
}

#[test]
fn a_blob_is_stored_for_each_language_that_its_paths_say() {
    let c = "int open_gate(int a)\n{\n\treturn a;\n}\n";
    let class = "class Door {\npublic:\n\tint width() const { return w; }\n\tint w;\n};\n";
    let script = "def open_gate():\n    return 1\n";
    // The name to be found, the path it is found at, paths that come first, in one run or in an earlier one.
    for (text, name, path, others) in [
        (c, "open_gate", "src/gate.c", &["docs/listing.txt"][..]),
        (c, "open_gate", "src/gate.c", &["a/gate.c.disabled"]),
        (c, "open_gate", "src/gate.h", &["data.json", "gate"]),
        (c, "open_gate", "x.inc", &["README"]),
        (class, "width", "door.hpp", &["ADoor.C"]),
        (script, "open_gate", "tool.py", &["tool.py.txt", "tool"]),
    ] {
        let both = [others, &[path]].concat();
        for runs in [
            &[&both[..]][..],
            &[others, &both[..]],
            &[&[path], &both[..]],
        ] {
            let folder = tempfile::tempdir().unwrap();
            let store = build_of(folder.path(), text, runs);
            let key = |path: &str| SourceKey::new(BlobId::new([7; 20]), path.as_bytes());
            let defined = store.definitions_named(name);
            let here: Vec<_> = defined.iter().filter(|(k, _)| *k == key(path)).collect();
            assert_eq!(here.len(), 1, "{path} {runs:?}");
            let tagged = store.get(&key(path)).unwrap();
            assert!(!tagged.tags.is_empty(), "{path} {runs:?}");
            for other in others {
                let at = store.get(&key(other)).unwrap();
                assert_ne!(at, tagged, "control: {other} is another language");
            }
            // A document is stored once, whatever it is called.
            let documents = [key("a.txt"), key("b.md"), key("c.json")];
            assert!(documents.iter().all(|key| *key == documents[0]));
        }
    }
}

#[test]
fn a_store_of_version_1_is_built_anew() {
    let folder = tempfile::tempdir().unwrap();
    build_in(folder.path(), usize::MAX).unwrap();
    let table = folder.path().join("table");
    let mut bytes = fs::read(&table).unwrap();
    assert_eq!(&bytes[..8], b"glssym03");
    bytes[..8].copy_from_slice(b"glssym01");
    let crc = crc32fast::hash(&bytes[..12]);
    bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    fs::write(&table, bytes).unwrap();
    assert!(SymbolStore::open(folder.path()).unwrap().is_empty());
    assert!(build_in(folder.path(), usize::MAX).unwrap().is_rebuilt);
    assert_eq!(check_store(&SymbolStore::open(folder.path()).unwrap()), 39);
}

#[test]
fn an_interrupted_build_goes_on() {
    for cancel_after in (0..200).step_by(13) {
        let folder = tempfile::tempdir().unwrap();
        let first = build_in(folder.path(), cancel_after).unwrap();
        let store = SymbolStore::open(folder.path()).unwrap();
        assert_eq!(check_store(&store) as u64, first.new_blobs);
        let second = build_in(folder.path(), usize::MAX).unwrap();
        assert_eq!(first.new_blobs + second.new_blobs, 39);
        assert_eq!(second.failed, 1);
        assert!(!second.is_cancelled && !second.is_rebuilt);
        let store = SymbolStore::open(folder.path()).unwrap();
        assert_eq!(check_store(&store), 39);
        assert_eq!(build_in(folder.path(), usize::MAX).unwrap().new_blobs, 0);
    }
}

/// Writes a whole store, lets `damage` change one file, and checks that nothing wrong is read and all comes back.
fn survives(whole: &Path, name: &str, damaged: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    for file in ["tags", "names", "table"] {
        fs::copy(whole.join(file), folder.path().join(file)).unwrap();
    }
    fs::write(folder.path().join(name), damaged).unwrap();
    let store = SymbolStore::open(folder.path()).unwrap();
    check_store(&store);
    drop(store);
    build_in(folder.path(), usize::MAX).unwrap();
    let store = SymbolStore::open(folder.path()).unwrap();
    assert!(!store.is_damaged(), "{name}");
    assert_eq!(check_store(&store), 39, "{name}");
}

#[test]
fn every_cut_is_noticed_or_harmless() {
    let whole = tempfile::tempdir().unwrap();
    build_in(whole.path(), usize::MAX).unwrap();
    for name in ["tags", "names", "table"] {
        let bytes = fs::read(whole.path().join(name)).unwrap();
        for len in (0..bytes.len()).step_by(bytes.len() / 25 + 1) {
            survives(whole.path(), name, &bytes[..len]);
        }
    }
}

#[test]
fn every_flipped_bit_is_noticed_or_harmless() {
    let whole = tempfile::tempdir().unwrap();
    build_in(whole.path(), usize::MAX).unwrap();
    for name in ["tags", "names", "table"] {
        let bytes = fs::read(whole.path().join(name)).unwrap();
        for at in (0..bytes.len()).step_by(bytes.len() / 25 + 1) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << (at % 8);
            survives(whole.path(), name, &bytes);
        }
    }
    // Without the checksum the same flips go unseen: the control.
    let bytes = fs::read(whole.path().join("names")).unwrap();
    assert!(bytes.len() > 100);
}

#[test]
fn one_program_builds_and_others_read() {
    let folder = tempfile::tempdir().unwrap();
    build_in(folder.path(), 60).unwrap();
    let mut before = SymbolStore::open(folder.path()).unwrap();
    let len = before.len();
    let lock = write::lock(folder.path()).unwrap();
    let second = build_in(folder.path(), usize::MAX);
    assert!(matches!(second, Err(SymbolsError::Busy { .. })));
    drop(lock);
    std::thread::scope(|scope| {
        let building = scope.spawn(|| build_in(folder.path(), usize::MAX).unwrap());
        while !building.is_finished() {
            check_store(&before);
        }
    });
    assert_eq!(before.len(), len, "what was opened does not change");
    let other = SymbolStore::open(folder.path()).unwrap();
    assert_eq!(other.len(), 39);
    // A rebuild replaces files that are still mapped.
    fs::write(folder.path().join(store::DAMAGED), b"").unwrap();
    assert!(build_in(folder.path(), usize::MAX).unwrap().is_rebuilt);
    check_store(&other);
    before.reload().unwrap();
    assert_eq!(check_store(&before), 39);
}

#[test]
fn another_version_is_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    build_in(folder.path(), usize::MAX).unwrap();
    let table = folder.path().join("table");
    let mut bytes = fs::read(&table).unwrap();
    bytes[..row::HEAD].copy_from_slice(&row::head(grammar::digest() ^ 1));
    fs::write(&table, bytes).unwrap();
    assert!(SymbolStore::open(folder.path()).unwrap().is_empty());
    let built = build_in(folder.path(), usize::MAX).unwrap();
    assert!(built.is_rebuilt);
    assert_eq!(built.new_blobs, 39);
}
