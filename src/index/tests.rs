//! The index against a plain scan, and against every way of losing it.

use super::*;
use crate::model::{BlobId, Encodings, FileHits, RepoPath, SearchSummary};
use crate::query::{self, Expr, Facts, Query, Term};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

mod anew;
mod loss;

/// Files of a snapshot; equal contents have equal ids.
#[derive(Clone, Debug)]
struct Tree(Vec<(RepoPath, Vec<u8>)>);

fn id(bytes: &[u8]) -> BlobId {
    let mut id = [0; 20];
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for (i, byte) in bytes.iter().chain(b"................").enumerate() {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        id[i % 20] ^= (state >> 32) as u8;
    }
    BlobId::new(id)
}

impl Tree {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let mut files: Vec<_> = files
            .iter()
            .map(|(p, b)| (RepoPath::new(*p), b.to_vec()))
            .collect();
        files.sort();
        Self(files)
    }

    fn corpus(&self) -> Corpus {
        let files: Vec<_> = self
            .0
            .iter()
            .enumerate()
            .map(|(i, (path, bytes))| SearchFile {
                path,
                blob: id(bytes),
                file: i as u32,
            })
            .collect();
        Corpus::new(&files)
    }

    fn blobs(&self) -> HashMap<BlobId, Vec<u8>> {
        self.0
            .iter()
            .map(|(_, bytes)| (id(bytes), bytes.clone()))
            .collect()
    }

    fn build(&self, folder: &Path, cancel_after: usize) -> Built {
        self.build_as(folder, cancel_after, &Encodings::new(), 1 << 20)
    }

    fn build_as(
        &self,
        folder: &Path,
        cancel_after: usize,
        encodings: &Encodings,
        blob: u64,
    ) -> Built {
        let blobs = self.blobs();
        let order: Vec<BlobId> = self.0.iter().map(|(_, bytes)| id(bytes)).collect();
        let reads = AtomicUsize::new(0);
        let limits = Limits {
            group: 24,
            // A build that is to be interrupted commits often.
            commit: if cancel_after == usize::MAX {
                u64::MAX
            } else {
                256
            },
            interval: Duration::from_secs(60),
            threads: 2,
            blob,
        };
        let source = || Box::new(Memory(blobs.clone())) as Box<dyn BlobSource>;
        let plan = Build {
            order: &order,
            source: &source,
            encodings,
            limits,
        };
        let is_cancelled = || reads.fetch_add(1, Ordering::Relaxed) >= cancel_after;
        build(folder, &plan, &mut |_| {}, &is_cancelled).unwrap()
    }

    /// Searches with whatever the index has; the rest is read as it is.
    fn search(&self, index: &Index, query: &Query) -> (Vec<FileHits>, SearchSummary) {
        let blobs = self.blobs();
        let mut files = Vec::new();
        let search = Search {
            index,
            files: &self.corpus(),
            facts: &ByExtension(self.clone()),
            unindexed: &|id| blobs.get(id).cloned(),
        };
        let summary = search
            .run(query, &mut |chunk| files.extend(chunk.files), &|| false)
            .unwrap();
        (files, summary)
    }
}

struct Memory(HashMap<BlobId, Vec<u8>>);

impl BlobSource for Memory {
    fn read(&mut self, id: &BlobId) -> Result<Vec<u8>, Unreadable> {
        self.0.get(id).cloned().ok_or(Unreadable::Missing)
    }
}

struct ByExtension(Tree);

impl Facts for ByExtension {
    fn language(&self, file: u32) -> Option<&str> {
        match self.0.0[file as usize].0.extension()? {
            b"c" => Some("C"),
            _ => None,
        }
    }
}

fn parse(text: &str) -> Query {
    query::parse(text, &|name| (name == "c").then(|| "C".to_owned()))
        .unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// What one file is under an expression: nothing, or the first column of each hit line and whether its name matches.
type Verdict = Option<(BTreeMap<u64, u32>, bool)>;

/// A file, whether its name matches, and the line and column of each hit.
type Simple = (u32, bool, Vec<(u64, u32)>);

/// The slowest search there is: every line by itself.
fn scan(expr: &Expr, path: &RepoPath, lines: &[&str]) -> Verdict {
    match expr {
        Expr::And(parts) => {
            let mut all = (BTreeMap::new(), false);
            for part in parts {
                let (hits, is_named) = scan(part, path, lines)?;
                merge(&mut all, hits, is_named);
            }
            Some(all)
        }
        Expr::Or(parts) => {
            let mut found = None;
            for (hits, is_named) in parts.iter().filter_map(|p| scan(p, path, lines)) {
                merge(
                    found.get_or_insert_with(|| (BTreeMap::new(), false)),
                    hits,
                    is_named,
                );
            }
            found
        }
        Expr::Not(part) => scan(part, path, lines)
            .is_none()
            .then(|| (BTreeMap::new(), false)),
        Expr::Term(Term::Path(pattern)) => {
            let is_match = pattern.compile().regex.is_match(path.as_bytes());
            is_match.then(|| (BTreeMap::new(), false))
        }
        Expr::Term(Term::Language(_)) => {
            (path.extension() == Some(b"c")).then(|| (BTreeMap::new(), false))
        }
        Expr::Term(Term::Text(pattern) | Term::Content(pattern)) => {
            let regex = pattern.compile().regex;
            let column = |line: &str| {
                regex
                    .find(line.as_bytes())
                    .map(|m| line[..m.start()].chars().count() as u32 + 1)
            };
            let hits: BTreeMap<u64, u32> = lines
                .iter()
                .enumerate()
                .filter_map(|(i, l)| Some((i as u64 + 1, column(l)?)))
                .collect();
            let is_any = matches!(expr, Expr::Term(Term::Text(_)));
            let is_named = is_any && regex.is_match(path.as_bytes());
            (is_named || !hits.is_empty()).then_some((hits, is_named))
        }
        Expr::Term(Term::ExceptLine(_)) => unreachable!("not in random queries"),
    }
}

fn merge(into: &mut (BTreeMap<u64, u32>, bool), hits: BTreeMap<u64, u32>, is_named: bool) {
    into.1 |= is_named;
    for (line, column) in hits {
        let known = into.0.entry(line).or_insert(column);
        *known = column.min(*known);
    }
}

fn expected(tree: &Tree, query: &Query) -> Vec<Simple> {
    let mut out = Vec::new();
    for (i, (path, bytes)) in tree.0.iter().enumerate() {
        let text = String::from_utf8(bytes.clone())
            .unwrap()
            .replace("\r\n", "\n");
        let mut lines: Vec<&str> = text.split('\n').collect();
        if lines.last() == Some(&"") {
            lines.pop();
        }
        if let Some((hits, is_named)) = scan(&query.root, path, &lines) {
            out.push((
                i as u32,
                is_named || hits.is_empty(),
                hits.into_iter().collect(),
            ));
        }
    }
    out
}

fn simple(hits: &[FileHits]) -> Vec<Simple> {
    let lines = |f: &FileHits| f.lines.iter().map(|l| (l.line, l.column)).collect();
    hits.iter()
        .map(|f| (f.file, f.name_matches, lines(f)))
        .collect()
}

#[track_caller]
fn check(tree: &Tree, index: &Index, query: &Query) {
    let (hits, summary) = tree.search(index, query);
    let want = expected(tree, query);
    assert_eq!(simple(&hits), want, "{query}");
    assert_eq!(
        summary.lines,
        want.iter().map(|f| f.2.len() as u64).sum::<u64>()
    );
    assert_eq!(
        summary.files,
        want.iter().filter(|f| !f.2.is_empty()).count() as u64
    );
    assert_eq!(
        summary.file_names,
        want.iter().filter(|f| f.1).count() as u64
    );
    assert!(summary.complete);
}

fn trees() -> impl Strategy<Value = Tree> {
    let text = proptest::collection::vec(
        prop_oneof![
            6 => "[abskSKAB_(]{1,6}", 2 => Just("\n".to_owned()), 1 => Just("\r\n".to_owned()),
            1 => Just("ſ\u{212a}é".to_owned()), 1 => Just(" ".to_owned()), 1 => Just("\r".to_owned()),
        ],
        0..14,
    );
    let file = (
        "[abk]{1,2}/[abS]{1,3}\\.(c|h)",
        text.prop_map(|t| t.concat().into_bytes()),
    );
    proptest::collection::vec(file, 1..24).prop_map(|files| {
        let files: BTreeMap<_, _> = files
            .into_iter()
            .map(|(p, t)| (RepoPath::new(p), t))
            .collect();
        Tree(files.into_iter().collect())
    })
}

fn queries() -> impl Strategy<Value = String> {
    let term = prop_oneof![
        4 => "[abskSKAB_]{1,4}",
        1 => "c:[abskS]{1,3}",
        1 => Just("\"a b\"".to_owned()),
        1 => "/[abs]\\.[abk]+/i?",
        1 => Just(r"/a\s*b/".to_owned()),
        1 => Just(r"/^[^a]+$/".to_owned()),
        1 => Just("/^$/".to_owned()),
        1 => Just("/x*/".to_owned()),
        1 => Just(r"/\bsk|ab\B/".to_owned()),
        1 => Just(r"/(?i:SK)a?b{2}/".to_owned()),
        1 => "f:\\^[abk]/",
        1 => Just("l:c".to_owned()),
        1 => Just("glob:*.h".to_owned()),
        1 => Just("é".to_owned()),
    ];
    term.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} {b}")),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            1 => inner.clone().prop_map(|a| format!("NOT {a}")),
            1 => inner.clone().prop_map(|a| format!("(case:yes {a})")),
            1 => inner.prop_map(|a| format!("(case:no {a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_search_finds_what_a_plain_scan_finds(
        tree in trees(),
        queries in proptest::collection::vec(queries(), 12),
        indexed in 0..24_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let empty = Index::open(folder.path()).unwrap();
        // Some files are indexed, the others are not yet.
        Tree(tree.0.iter().take(indexed).cloned().collect()).build(folder.path(), usize::MAX);
        let part = Index::open(folder.path()).unwrap();
        for query in queries {
            let query = parse(&query);
            check(&tree, &empty, &query);
            check(&tree, &part, &query);
        }
    }
}

#[test]
fn one_program_builds_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let order = [id(b"x")];
    let path = folder.path().to_owned();
    let source = move || {
        let limits = Limits::default();
        let inner = Build {
            order: &[],
            source: &|| Box::new(Memory(HashMap::new())),
            encodings: &Encodings::new(),
            limits,
        };
        let second = build(&path, &inner, &mut |_| {}, &|| false);
        assert!(matches!(second, Err(IndexError::Busy { .. })));
        Box::new(Memory(HashMap::from([(id(b"x"), b"x".to_vec())]))) as Box<dyn BlobSource>
    };
    let plan = Build {
        order: &order,
        source: &source,
        encodings: &Encodings::new(),
        limits: Limits {
            threads: 1,
            ..Limits::default()
        },
    };
    assert_eq!(
        build(folder.path(), &plan, &mut |_| {}, &|| false)
            .unwrap()
            .new_blobs,
        1
    );
}

#[test]
fn encodings_binaries_and_what_cannot_be_read() {
    let utf16: Vec<u8> = "\u{feff}größe\r\nGröße x\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 5\n";
    let large = vec![b'x'; (1 << 20) + 1];
    let tree = Tree::new(&[
        ("a16.txt", &utf16),
        ("bin", b"\0\0needle\0Needle\0needle"),
        ("empty", b""),
        ("latin", b"gr\xf6\xdfe caf\xe9 and some more plain text\n"),
        ("lfs", pointer),
        ("toolarge", &large),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let empty = Index::open(folder.path()).unwrap();
    tree.build(folder.path(), usize::MAX);
    let index = Index::open(folder.path()).unwrap();
    let meta = |i: usize| index.meta(&id(&tree.0[i].1)).unwrap();
    assert_eq!(
        (meta(0).kind, meta(0).lines, meta(0).encoding.name()),
        (TextKind::Text, 2, "UTF-16LE")
    );
    assert_eq!(
        (meta(1).kind, meta(4).kind, meta(5).kind),
        (TextKind::Binary, TextKind::LfsPointer, TextKind::TooLarge)
    );
    assert_eq!((meta(5).size, meta(2).lines), ((1 << 20) + 1, 0));
    assert_eq!(
        index.text(&id(&utf16)).unwrap().bytes,
        "größe\nGröße x\n".as_bytes()
    );
    for index in [&index, &empty] {
        let found = |query: &str| tree.search(index, &parse(query));
        let (hits, summary) = found("größe");
        assert_eq!(
            simple(&hits),
            [(0, false, vec![(1, 1), (2, 1)]), (3, false, vec![(1, 1)])]
        );
        assert_eq!(summary.lines, 3);
        let (hits, _) = found("needle");
        assert!(hits[0].binary);
        let places: Vec<_> = hits[0]
            .lines
            .iter()
            .map(|l| (l.line, l.end_column))
            .collect();
        assert_eq!(places, [(2, 6), (9, 6), (16, 6)]);
        assert_eq!(found("c:/x*/ f:bin").0, []);
        assert_eq!(simple(&found("oid").0), [(4, false, vec![(2, 1)])]);
        assert_eq!(simple(&found("-c:e -needle").0).len(), 2);
    }
    assert_eq!(tree.search(&index, &parse("needle")).1.not_searched, 2);
    let missing = Search {
        index: &empty,
        files: &tree.corpus(),
        facts: &query::NoFacts,
        unindexed: &|_| None,
    };
    let summary = missing
        .run(&parse("needle"), &mut |_| {}, &|| false)
        .unwrap();
    assert_eq!((summary.not_searched, summary.lines), (6, 0));
}

#[test]
fn lines_left_out() {
    let tree = Tree::new(&[
        ("a", b"foo\nfoo bar\nbaz\n"),
        ("b", b"foo bar\n"),
        ("foo", b"foo bar\n"),
    ]);
    let folder = tempfile::tempdir().unwrap();
    tree.build(folder.path(), usize::MAX);
    let index = Index::open(folder.path()).unwrap();
    for (query, want) in [
        (
            "foo -line:bar",
            vec![(0, false, vec![(1, 1)]), (2, true, vec![])],
        ),
        ("c:foo -line:bar", vec![(0, false, vec![(1, 1)])]),
        (
            "NOT (c:foo -line:bar)",
            vec![(1, true, vec![]), (2, true, vec![])],
        ),
        (
            "(c:foo -line:bar) or baz",
            vec![(0, false, vec![(1, 1), (3, 1)])],
        ),
        ("f:b -line:bar", vec![(1, true, vec![])]),
    ] {
        assert_eq!(
            simple(&tree.search(&index, &parse(query)).0),
            want,
            "{query}"
        );
    }
}

#[test]
fn a_cancelled_search_says_so() {
    let tree = Tree::new(&[("a", b"x")]);
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path()).unwrap();
    let search = Search {
        index: &index,
        files: &tree.corpus(),
        facts: &query::NoFacts,
        unindexed: &|_| None,
    };
    assert!(
        !search
            .run(&parse("x"), &mut |_| {}, &|| true)
            .unwrap()
            .complete
    );
}

#[test]
fn a_million_hits_in_a_file_are_counted_and_not_all_kept() {
    let text = vec![b'\n'; (1 << 20) + 5];
    let tree = Tree::new(&[("a", &text)]);
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path()).unwrap();
    let blobs = tree.blobs();
    let files = tree.corpus();
    let search = Search {
        index: &index,
        files: &files,
        facts: &query::NoFacts,
        unindexed: &|id| blobs.get(id).cloned(),
    };
    let mut unlisted = 0;
    let summary = search
        .run(
            &parse("/^/"),
            &mut |chunk| unlisted += chunk.unlisted,
            &|| false,
        )
        .unwrap();
    assert_eq!((summary.lines, unlisted), ((1 << 20) + 5, 5));
}
