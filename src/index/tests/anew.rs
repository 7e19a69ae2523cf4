//! Texts that are stored a second time: in the encoding that a reviewer said, or under another limit.

use super::*;
use crate::text::{Encoding, decode_as};

/// The first file says two words in GBK whose bytes are valid UTF-8, by chance.
fn tree() -> Tree {
    Tree::new(&[
        ("a.c", b"// \xc4\xbf\xc2\xbc\r\nint a;\r\n"),
        ("b.c", b"int b;\n"),
        ("c.bin", b"key\0key\0key\0"),
        ("d.c", "// 目录\n".as_bytes()),
    ])
}

fn said(tree: &Tree, words: &[(usize, &str)]) -> Encodings {
    let word = |(file, name): &(usize, &str)| {
        let blob = id(&tree.files[*file].1);
        (blob, Encoding::by_label(name).unwrap())
    };
    words.iter().map(word).collect()
}

/// Searches as the program does: what is not indexed is read in the encoding that was said.
fn search(tree: &Tree, index: &Index, said: &Encodings, query: &str) -> Vec<Starts> {
    let blobs = tree.blobs();
    let unindexed = |id: &BlobId| {
        let bytes = blobs.get(id)?.clone();
        Some(match said.get(id) {
            Some(encoding) => decode_as(bytes, *encoding).into_bytes(),
            None => bytes,
        })
    };
    let mut files = Vec::new();
    let search = Search {
        index,
        files: &tree.corpus(),
        facts: &query::NoFacts,
        unindexed: &unindexed,
    };
    search
        .run(&parse(query), &mut |c| files.extend(c.files), &|| false)
        .unwrap();
    starts(&files)
}

#[test]
fn the_encoding_that_was_said_is_what_is_found() {
    let tree = tree();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    tree.build(path, usize::MAX);
    let none = Encodings::new();
    let gbk = said(&tree, &[(0, "GBK"), (2, "UTF-8")]);
    let cases = [
        (&none, "目录", vec![(3, false, vec![(1, 4)])]),
        (&none, "Ŀ¼", vec![(0, false, vec![(1, 4)])]),
        (&none, "key", vec![(2, false, vec![(0, 1), (4, 1), (8, 1)])]),
        (
            &gbk,
            "目录",
            vec![(0, false, vec![(1, 4)]), (3, false, vec![(1, 4)])],
        ),
        (&gbk, "Ŀ¼", vec![]),
        (
            &gbk,
            "int",
            vec![(0, false, vec![(2, 1)]), (1, false, vec![(1, 1)])],
        ),
    ];
    let check = |index: &Index, said: &Encodings| {
        for (of, query, want) in cases.iter().filter(|(of, ..)| *of == said) {
            assert_eq!(search(&tree, index, of, query), *want, "{query}");
        }
    };
    let open = |said: &Encodings| Index::open(path).unwrap().honouring(said);
    let meta = |file: usize, said| open(said).meta(&id(&tree.files[file].1));
    check(&open(&none), &none);
    // Said, and not stored anew yet: what is stored is not taken for it.
    assert_eq!((open(&gbk).len(), meta(0, &gbk)), (2, None));
    check(&open(&gbk), &gbk);
    let built = tree.build_as(path, usize::MAX, &gbk, 1 << 20);
    assert_eq!((built.new_blobs, built.is_rebuilt), (2, false));
    let row = meta(0, &gbk).unwrap();
    assert_eq!(
        (row.encoding.name(), row.is_set, row.lines),
        ("GBK", true, 2)
    );
    assert_eq!(meta(2, &gbk).unwrap().kind, TextKind::Text);
    assert_eq!(open(&gbk).len(), 4);
    let key = search(&tree, &open(&gbk), &gbk, "key");
    assert_eq!(key, [(2, false, vec![(1, 1)])], "a line, no offsets");
    check(&open(&gbk), &gbk);
    assert_eq!(tree.build_as(path, usize::MAX, &gbk, 1 << 20).new_blobs, 0);
    // A reviewer to whom another word counts reads it otherwise at once.
    assert_eq!(meta(0, &none), None);
    check(&open(&none), &none);
    // Said otherwise, and taken back.
    let big5 = said(&tree, &[(0, "Big5")]);
    assert_eq!(tree.build_as(path, usize::MAX, &big5, 1 << 20).new_blobs, 2);
    assert_eq!(meta(0, &big5).unwrap().encoding.name(), "Big5");
    assert_eq!(tree.build(path, usize::MAX).new_blobs, 1);
    assert_eq!(meta(0, &none).unwrap().encoding.name(), "UTF-8");
    check(&open(&none), &none);
    assert_eq!(tree.build(path, usize::MAX).new_blobs, 0);
}

#[test]
fn a_larger_limit_stores_what_was_too_large() {
    let large = [b"x\n".repeat(3000).as_slice(), b"needle\n"].concat();
    let tree = Tree::new(&[("a", &large), ("b", b"needle\n")]);
    let folder = tempfile::tempdir().unwrap();
    let none = Encodings::new();
    tree.build_as(folder.path(), usize::MAX, &none, 1000);
    let index = Index::open(folder.path()).unwrap();
    let (hits, summary) = tree.search(&index, &parse("needle"));
    assert_eq!(starts(&hits), [(1, false, vec![(1, 1)])]);
    assert_eq!(summary.not_searched, 1);
    let meta = index.meta(&id(&large)).unwrap();
    assert_eq!((meta.kind, meta.size), (TextKind::TooLarge, 6007));
    // The same limit stores nothing anew, nor does a reviewer's word on what cannot be read.
    let word = said(&tree, &[(0, "GBK")]);
    assert_eq!(
        tree.build_as(folder.path(), usize::MAX, &word, 1000)
            .new_blobs,
        0
    );
    assert_eq!(
        tree.build_as(folder.path(), usize::MAX, &none, 6007)
            .new_blobs,
        1
    );
    let index = Index::open(folder.path()).unwrap();
    let (hits, summary) = tree.search(&index, &parse("needle"));
    assert_eq!(simple(&hits).len(), 2);
    assert_eq!(summary.not_searched, 0);
}
