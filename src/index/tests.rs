//! The index against a plain scan, and against every way of losing it.

use super::*;
use crate::language;
use crate::model::{
    BlobId, Encodings, FileHits, FileKind, RepoPath, SearchSummary, Span, Symbol, SymbolKind,
    SymbolRole, TreeFile,
};
use crate::query::{self, Content, Facts, FileFact, Query};
use oracle::{Ask, expected};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

mod anew;
mod loss;
mod oracle;
mod random;
mod units;

/// What a file was made of.
#[derive(Clone, Debug)]
enum TreeText {
    /// A text in some encoding.
    Text(String),
    /// No text.
    Bytes(Vec<u8>),
}

/// Files of a snapshot, with what they were made of; equal contents have equal ids.
#[derive(Clone, Debug)]
struct Tree {
    files: Vec<(RepoPath, Vec<u8>, TreeText)>,
}

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
    /// Makes files of bytes that are UTF-8, or never asked for by [`oracle`].
    fn new(files: &[(&str, &[u8])]) -> Self {
        let text = |bytes: &[u8]| TreeText::Text(String::from_utf8_lossy(bytes).into_owned());
        let made = files
            .iter()
            .map(|(path, bytes)| (RepoPath::new(*path), bytes.to_vec(), text(bytes)));
        let mut files: Vec<_> = made.collect();
        files.sort_by(|a, b| a.0.cmp(&b.0));
        Self { files }
    }

    fn corpus(&self) -> Corpus {
        let files = self.files.iter().map(|(path, bytes, _)| TreeFile {
            path: path.clone(),
            kind: FileKind::Regular,
            blob: id(bytes),
        });
        Corpus::of_files(&files.collect::<Vec<_>>())
    }

    fn blobs(&self) -> HashMap<BlobId, Vec<u8>> {
        let files = self.files.iter();
        files
            .map(|(_, bytes, _)| (id(bytes), bytes.clone()))
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
        let order: Vec<BlobId> = self.files.iter().map(|(_, bytes, _)| id(bytes)).collect();
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
            facts: &Known(self),
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

/// Facts made up of the path and the content.
struct Known<'t>(&'t Tree);

impl Known<'_> {
    fn path(&self, file: u32) -> &RepoPath {
        &self.0.files[file as usize].0
    }
}

impl Facts for Known<'_> {
    fn language(&self, file: u32) -> Option<&str> {
        (self.path(file).extension() == Some(b"c")).then_some("C")
    }

    fn holds(&self, file: u32, fact: &FileFact, content: Option<&Content<'_>>) -> Option<bool> {
        match fact {
            FileFact::Flag(flag) if flag.word() == "binary" => content.map(|c| c.is_binary),
            FileFact::Flag(flag) if flag.word() == "control" => {
                content.map(|c| !c.is_binary && c.bytes.contains(&1))
            }
            FileFact::Flag(_) => Some(self.path(file).searched().contains("/S")),
            FileFact::Size(sizes) => {
                let size = self.0.files[file as usize].1.len() as u64;
                assert!(content.is_none_or(|c| c.size == size));
                Some(sizes.contains(size))
            }
            FileFact::Note(pattern) => Some(pattern.compile().regex.is_match(b"nOt")),
            _ => Some(false),
        }
    }

    fn symbols(&self, file: u32, text: &str) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        if self.language(file).is_none() {
            return symbols;
        }
        let mut from = 0;
        for line in text.split_inclusive('\n') {
            let chars: Vec<char> = line.trim_end_matches('\n').chars().collect();
            for (at, len, is_defined) in oracle::names_in(&chars) {
                let bytes = |n: usize| chars[..n].iter().map(|c| c.len_utf8()).sum::<usize>();
                let name = (from + bytes(at)) as u32..(from + bytes(at + len)) as u32;
                symbols.push(Symbol {
                    extent: name.clone(),
                    name,
                    kind: SymbolKind::Function,
                    role: if is_defined {
                        SymbolRole::Definition
                    } else {
                        SymbolRole::Call
                    },
                });
            }
            from += line.len();
        }
        symbols
    }

    fn findings(&self, file: u32) -> Vec<Span> {
        let is_found = self.path(file).searched().contains('k');
        is_found.then(|| Span::between(2, 3)).into_iter().collect()
    }

    fn is_aside(&self, file: u32, head: &[u8]) -> bool {
        language::traits(self.path(file).as_bytes(), head).is_test
    }
}

fn parse(text: &str) -> Query {
    query::parse(text, &|name| {
        name.eq_ignore_ascii_case("c").then(|| "C".to_owned())
    })
    .unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// A file, whether its name matches, and the line, column and end column of each hit.
type Simple = (u32, bool, Vec<(u64, u32, u32)>);

fn simple(hits: &[FileHits]) -> Vec<Simple> {
    let lines = |f: &FileHits| {
        let lines = f.lines.iter();
        lines.map(|l| (l.line, l.column, l.end_column)).collect()
    };
    hits.iter()
        .map(|f| (f.file, f.name_matches, lines(f)))
        .collect()
}

/// The same with the line and column of each hit alone.
type Starts = (u32, bool, Vec<(u64, u32)>);

fn starts(hits: &[FileHits]) -> Vec<Starts> {
    let starts = |f: &FileHits| f.lines.iter().map(|l| (l.line, l.column)).collect();
    hits.iter()
        .map(|f| (f.file, f.name_matches, starts(f)))
        .collect()
}

/// Compares a search with what the oracle says.
#[track_caller]
fn check(tree: &Tree, index: &Index, ask: &Ask, unit: &str) {
    let text = format!("{} type:{unit}", ask.to_text());
    let query = parse(&text);
    assert_eq!(parse(&query.to_query_text()), query, "{text}");
    let (hits, summary) = tree.search(index, &query);
    let want: Vec<Simple> = expected(tree, ask, unit)
        .into_iter()
        .map(|(file, hits)| {
            let lines = hits.lines.into_iter();
            let lines = lines.map(|(line, (from, to))| (line, from, to)).collect();
            (file, hits.is_named, lines)
        })
        .collect();
    assert_eq!(simple(&hits), want, "{text}\nunderstood as {query}");
    let sum = |of: &dyn Fn(&Simple) -> u64| want.iter().map(of).sum::<u64>();
    assert_eq!(summary.lines, sum(&|f| f.2.len() as u64), "{text}");
    assert_eq!(
        summary.files,
        sum(&|f| u64::from(!f.2.is_empty())),
        "{text}"
    );
    assert_eq!(summary.file_names, sum(&|f| u64::from(f.1)), "{text}");
    assert!(summary.complete);
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
    let meta = |i: usize| index.meta(&id(&tree.files[i].1)).unwrap();
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
            starts(&hits),
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
        assert_eq!(starts(&found("oid").0), [(4, false, vec![(2, 1)])]);
        assert_eq!(starts(&found("-c:e -needle").0).len(), 2);
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
            starts(&tree.search(&index, &parse(query)).0),
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
