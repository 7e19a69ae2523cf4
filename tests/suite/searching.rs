//! The query language as the verb `search` sees it, on the demo.

use crate::support::program::{Outcome, Program};
use glassroom::job::demo;
use serde_json::Value;

/// The program with the demo at hand.
struct Searcher {
    program: Program,
    demo: String,
}

impl Searcher {
    fn new() -> Self {
        let program = Program::new();
        let demo = program.home().join("demo").join(demo::FOLDER);
        demo::ensure(&demo).unwrap();
        let demo = demo.to_str().unwrap().to_owned();
        Self { program, demo }
    }

    fn run(&self, query: &str, more: &[&str]) -> Outcome {
        let arguments = [&["search", &self.demo, query], more].concat();
        self.program.run(&arguments)
    }

    /// Returns what is listed, a line each.
    fn lines(&self, query: &str) -> Vec<String> {
        let outcome = self.run(query, &[]);
        assert!(outcome.code <= Some(1), "{query}: {outcome:?}");
        outcome.stdout.lines().map(str::to_owned).collect()
    }

    /// Returns the summary of a search.
    fn summary(&self, query: &str) -> Value {
        let outcome = self.run(query, &["--json"]);
        let last = outcome.stdout.lines().last().unwrap_or_default();
        let record: Value = serde_json::from_str(last).unwrap();
        record["summary"].clone()
    }

    fn on_review(&self, arguments: &[&str]) {
        let outcome = self
            .program
            .run(&[arguments, &["--snapshot", &self.demo]].concat());
        assert_eq!(outcome.code, Some(0), "{arguments:?}: {outcome:?}");
    }
}

#[test]
fn fields_of_files_and_of_places_in_them() {
    let search = Searcher::new();
    let scanned: Vec<_> = QUERIES
        .iter()
        .map(|(query, _)| search.lines(query))
        .collect();
    for ((query, want), found) in QUERIES.iter().zip(&scanned) {
        assert_eq!(found, want, "{query}");
    }
    let indexed = search.program.run(&["index", &search.demo]);
    assert_eq!(indexed.code, Some(0), "{indexed:?}");
    for ((query, _), before) in QUERIES.iter().zip(scanned) {
        assert_eq!(search.lines(query), before, "{query} with an index");
    }
}

/// Queries of which every result is known.
const QUERIES: &[(&str, &[&str])] = &[
    ("f:^src/auth.c in:comment strcpy", &["src/auth.c:24:20"]),
    ("f:^src/auth.c in:code strcpy", &["src/auth.c:28:5"]),
    ("f:^src/auth.c strcpy -line:ticket", &["src/auth.c:28:5"]),
    (
        "f:^src/auth.c ((in:comment c:strcpy) or (in:code c:MASTER_PW)) -line:ticket",
        &["src/auth.c:29:24"],
    ),
    ("flag:bidi type:file", &["src/access.js"]),
    ("flag:binary type:file", &["data/fw.bin"]),
    ("flag:submodule", &["third_party/asn1rt"]),
    ("flag:lfs", &["models/classifier.onnx"]),
    ("size:1..10", &[]),
    ("strcpy f:^src/auth.c type:file", &["src/auth.c"]),
    ("strcpy lang:markdown", &["docs/security_claims.md:8:11"]),
    ("case:yes STRCPY", &[]),
    ("status:partial", &[]),
    ("sev:high", &[]),
];

#[test]
fn what_the_review_knows_is_searched() {
    let search = Searcher::new();
    let at = [
        "--at",
        "src/auth.c:24-28",
        "--text",
        "Length is not looked at",
    ];
    let finding = [
        "finding",
        "add",
        "--title",
        "Unchecked copy",
        "--severity",
        "high",
    ];
    search.on_review(&[&finding[..], &at].concat());
    let note = ["note", "add", "--at", "src/main.c:2", "--text", "ask Bob"];
    search.on_review(&note);
    search.on_review(&["mark", "src/auth.c:1-10"]);
    search.on_review(&["mark", "--file", "src/main.c"]);
    for (query, want) in [
        ("sev:high", &["src/auth.c"][..]),
        ("sev:low", &[]),
        ("note:length", &["src/auth.c"]),
        ("note:unchecked", &["src/auth.c"]),
        ("note:/ask +bob/", &["src/main.c"]),
        ("note:ASK", &[]),
        ("by:alice", &["src/auth.c", "src/main.c"]),
        ("by:bob", &[]),
        ("status:partial", &["src/auth.c"]),
        ("status:reviewed", &["src/main.c"]),
        ("status:changed", &[]),
        ("strcpy sev:high type:finding", &["src/auth.c:24:1"]),
        ("nowhere sev:high type:finding", &[]),
    ] {
        assert_eq!(search.lines(query), want, "{query}");
    }
    let unreviewed = search.lines("status:unreviewed");
    assert!(unreviewed.len() > 40 && !unreviewed.contains(&"src/auth.c".to_owned()));
    // What was marked in the old release is another content in the new one.
    search.on_review(&["mark", "--rev", "v2.4", "src/log.c:1-5"]);
    assert_eq!(search.lines("status:changed"), ["src/log.c"]);
}

#[test]
fn ranks_limits_and_what_was_meant_as_a_regex() {
    let search = Searcher::new();
    let by_path = search.lines("log");
    let ranked = search.lines("log order:rank");
    assert_eq!(ranked[0], "src/log.c", "{ranked:?}");
    assert_ne!(by_path, ranked);
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    assert_eq!(sorted(by_path.clone()), sorted(ranked.clone()));
    let by_option = search.run("log", &["--order", "rank"]);
    assert_eq!(by_option.stdout.lines().collect::<Vec<_>>(), ranked);
    let path_again = search.run("log order:rank", &["--order", "path"]);
    assert_eq!(path_again.stdout.lines().collect::<Vec<_>>(), by_path);

    assert_eq!(search.lines("log count:3"), by_path[..3]);
    assert_eq!(search.lines("log count:2 order:rank"), ranked[..2]);
    let (all, some) = (search.summary("log"), search.summary("log count:3"));
    assert_eq!(
        (&all["lines"], &all["file_names"]),
        (&some["lines"], &some["file_names"])
    );

    let meant = search.run(r"str(cpy|cat)\b", &[]);
    assert_eq!((meant.code, meant.stdout.as_str()), (Some(1), ""));
    let said = meant.stderr.lines().last().unwrap_or_default();
    assert!(
        said.contains("0 as text") && said.ends_with(r"/str(cpy|cat)\b/"),
        "{said}"
    );
    let plain = search.run("no_such_word_is_anywhere", &[]);
    assert!(!plain.stderr.contains("as a regex"), "{plain:?}");
}

#[test]
fn what_is_wrong_is_named_with_its_column() {
    let search = Searcher::new();
    for (query, said) in [
        ("x kind:foo", "column 8: `kind:` takes function, method,"),
        ("rev:v1 x", "column 1: `rev:` is not yet searchable"),
        ("x size:huge", "column 8: `size:` takes a size or a range"),
        ("/(a*/", "column 2: the regex is wrong: unclosed group"),
    ] {
        let outcome = search.run(query, &[]);
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.stderr.contains(said), "{query}: {outcome:?}");
        assert_eq!(outcome.stderr.lines().count(), 1);
    }
    let many: Vec<String> = (0..8_000).map(|n| format!("w{n:05}")).collect();
    let long = search.run(&format!("/{}/", many.join("|")), &[]);
    assert_eq!(long.code, Some(1), "{}", long.stderr);
    let terms = search.run(&many.join(" or "), &[]);
    assert_eq!(terms.code, Some(2));
    assert!(terms.stderr.contains("write alternatives as one regex"));
}
