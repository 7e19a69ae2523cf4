//! What is listed: lines, files, names, findings; and how it is ranked.

use super::*;
use crate::model::{NameStanding, Standing};

fn tree() -> Tree {
    Tree::new(&[
        ("a.c", b"def alpha\nbeta(alpha)\n// def beta alpha\n"),
        ("alpha.c", b"alpha(1)\n"),
        ("k/one.c", b"alpha\nal\xc3\xa9\nx"),
        ("k/two.c", b"nothing\n"),
        ("tests/a.c", b"def alpha\n"),
    ])
}

fn found(query: &str) -> (Vec<FileHits>, SearchSummary) {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree();
    tree.build(folder.path(), usize::MAX);
    let index = Index::open(folder.path()).unwrap();
    tree.search(&index, &parse(query))
}

#[test]
fn files_names_and_findings() {
    let (hits, summary) = found("alpha type:file");
    let all = [0, 1, 2, 4].map(|file| (file, true, vec![]));
    assert_eq!(simple(&hits), all);
    assert_eq!(
        (summary.lines, summary.files, summary.file_names),
        (0, 0, 4)
    );
    assert_eq!(
        starts(&found("lph type:symbol").0),
        [(0, false, vec![(1, 5)]), (4, false, vec![(1, 5)])]
    );
    assert_eq!(starts(&found("ref:^alpha$").0), [(1, false, vec![(1, 1)])]);
    assert_eq!(
        starts(&found("f:^a\\.c type:symbol").0),
        [(0, false, vec![(1, 5), (3, 8)])]
    );
    let (hits, summary) = found("alpha type:finding");
    assert_eq!(simple(&hits), [(2, false, vec![(2, 1, 2)])]);
    assert_eq!((hits[0].lines[0].end_line, summary.lines), (3, 1));
    assert_eq!(found("f:a.c type:finding").0, []);
}

#[test]
fn the_order_by_rank_knows_definitions_names_and_tests() {
    let (hits, _) = found("alpha or beta order:rank");
    let standing = |file: usize| hits[file].lines.iter().map(|l| l.standing).max();
    assert_eq!(standing(0), Some(Standing::Definition));
    assert_eq!(standing(1), Some(Standing::Word));
    assert_eq!(
        (
            hits[0].rank.terms,
            hits[1].rank.terms,
            hits[0].rank.of_terms
        ),
        (2, 1, 2)
    );
    assert_eq!(hits[1].rank.name, Some(NameStanding::Whole));
    assert_eq!(hits[0].rank.name, None);
    let aside: Vec<_> = hits.iter().map(|h| h.rank.is_aside).collect();
    assert_eq!(aside, [false, false, false, true]);
    // Without the order nobody asks for definitions.
    let (hits, _) = found("alpha");
    assert_eq!(hits[0].lines[0].standing, Standing::Word);
    assert_eq!(hits[0].rank, crate::model::Rank::default());
}

#[test]
fn what_has_no_content_has_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path()).unwrap();
    let file = |(path, kind)| TreeFile {
        path: RepoPath::new(path),
        kind,
        blob: id(b"a"),
    };
    let kinds = [FileKind::Regular, FileKind::Symlink, FileKind::Submodule];
    let files = ["a", "link-a", "mod"].into_iter().zip(kinds).map(file);
    let files = Corpus::of_files(&files.collect::<Vec<_>>());
    let search = Search {
        index: &index,
        files: &files,
        facts: &query::NoFacts,
        unindexed: &|_| Some(b"a".to_vec()),
    };
    let mut found = Vec::new();
    let summary = search
        .run(&parse("a"), &mut |c| found.extend(c.files), &|| false)
        .unwrap();
    assert_eq!(starts(&found), [(0, true, vec![(1, 1)]), (1, true, vec![])]);
    assert_eq!(summary.not_searched, 0);
    found.clear();
    let others = search.run(&parse("-c:a"), &mut |c| found.extend(c.files), &|| false);
    assert_eq!(others.unwrap().file_names, 2);
}
