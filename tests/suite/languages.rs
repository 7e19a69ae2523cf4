//! What a file is depends on its language, and its language on its own path: the real program, by its verbs.

use crate::support::program::Program;
use crate::support::repo::TestRepo;

const GATE: &str = "/* gatekeeper */\nint open_gate(const char *who)\n{\n    return knock(who);\n}\n\
    int second_gate(void)\n{\n    return open_gate(\"x\");\n}\n";

/// Runs a verb that may find nothing, and returns what it printed.
fn lines(program: &Program, repo: &TestRepo, verb: &str, more: &[&str]) -> Vec<String> {
    let outcome = program.on(verb, repo.path(), more);
    assert!(outcome.code <= Some(1), "{verb} {more:?}: {outcome:?}");
    outcome.stdout.lines().map(str::to_owned).collect()
}

/// Checks that `gate.c` has all its symbols, by every verb that knows them.
fn check_gate(program: &Program, repo: &TestRepo, rev: &[&str], path: &str) {
    let ask = |verb: &str, words: &[&str]| lines(program, repo, verb, &[words, rev].concat());
    assert_eq!(
        ask("symbol", &["open_gate"]),
        [format!("{path}:2:5: function definition")]
    );
    let places = ask("symbol", &["open_gate", "--refs"]);
    let here: Vec<_> = places.iter().filter(|l| l.starts_with(path)).collect();
    assert_eq!(
        here,
        [
            &format!("{path}:2:5: function definition"),
            &format!("{path}:8:12: function call")
        ]
    );
    let outline = ask("outline", &[path]);
    assert_eq!(outline.len(), 2, "{outline:?}");
    for (query, found) in [("sym:gate", &[2, 6][..]), ("ref:open_gate", &[8])] {
        let hits = ask("search", &[query]);
        let wanted: Vec<String> = found.iter().map(|n| format!("{path}:{n}:")).collect();
        assert_eq!(hits.len(), wanted.len(), "{query}: {hits:?}");
        let all = hits.iter().zip(&wanted);
        assert!(
            all.into_iter()
                .all(|(hit, want)| hit.starts_with(want.as_str())),
            "{hits:?}"
        );
    }
}

#[test]
fn a_copy_under_another_name_hides_no_symbol() {
    // A path that comes first, or last, with the same bytes.
    for other in ["a.txt", "a.json", "README", "a.c.disabled", "a", "z.txt"] {
        let files = [(other, GATE.as_bytes()), ("gate.c", GATE.as_bytes())];
        let repo = TestRepo::of(&files);
        let program = Program::new();
        // Before there is an index, and from what is stored.
        check_gate(&program, &repo, &[], "gate.c");
        assert_eq!(program.on("index", repo.path(), &[]).code, Some(0));
        check_gate(&program, &repo, &[], "gate.c");
        let outline = program.on("outline", repo.path(), &[other]);
        assert_eq!(
            outline.stdout, "",
            "control: {other} is no code: {outline:?}"
        );
        let snapshot = repo.path().to_str().unwrap();
        let sweep = ["sweep", "new", "ref:open_gate", "--snapshot", snapshot];
        let sweep = program.run(&sweep);
        assert_eq!(sweep.code, Some(0), "{sweep:?}");
    }
}

#[test]
fn a_file_renamed_in_the_next_release_gets_its_symbols() {
    let repo = TestRepo::of(&[("gate.c.disabled", GATE.as_bytes())]);
    let first = repo.last().to_string();
    repo.commit_files(&[("gate.c", GATE.as_bytes())]);
    let second = repo.last().to_string();
    let program = Program::new();
    for rev in [&first, &second] {
        let index = program.on("index", repo.path(), &["--rev", rev]);
        assert_eq!(index.code, Some(0), "{index:?}");
    }
    check_gate(&program, &repo, &["--rev", &second], "gate.c");
    let before = program.on("symbol", repo.path(), &["open_gate", "--rev", &first]);
    assert_eq!(before.code, Some(1), "control: {before:?}");
}

/// Files whose line comments do not end at the line feed, or one line later.
const LINE_ENDS: &[(&str, &str)] = &[
    (
        "A.cs",
        "class A {\n  // tidy up\r  static int hidden_call = 1;\n}\n",
    ),
    (
        "A.java",
        "class A {\n  // tidy up\r  static int hidden_call = leak();\n  int shown;\n}\n",
    ),
    (
        "B.java",
        "class B {\n  // tidy up \\u000a  int hidden_call;\n}\n",
    ),
    (
        "a.c",
        "// tidy up\rint hidden_call = 7;\nint main(void) { return hidden_call; }\n",
    ),
    (
        "a.cpp",
        "// tidy up\rint hidden_call = 7;\nint main(void) { return hidden_call; }\n",
    ),
    (
        "a.js",
        "// tidy up\u{2028}hidden_call();\n// more\rhidden_call();\nlet shown = 1;\n",
    ),
    ("a.py", "# tidy up\rhidden_call()\nshown = 1\n"),
    ("a.sh", "# tidy up\rgone_call\nshown\n"),
    (
        "joined.c",
        "int a = 1; // joined \\ \nint gone = 2;\nint shown = 3;\n",
    ),
    (
        "mac.java",
        "// first\rint hidden_call(int a)\r{\r    return a;\r}\r",
    ),
];

#[test]
fn what_a_compiler_sees_is_code() {
    let files: Vec<_> = LINE_ENDS
        .iter()
        .map(|(path, text)| (*path, text.as_bytes()))
        .collect();
    let repo = TestRepo::of(&files);
    let program = Program::new();
    for is_indexed in [false, true] {
        if is_indexed {
            assert_eq!(program.on("index", repo.path(), &[]).code, Some(0));
        }
        let places = |query: &str| -> Vec<String> {
            let lines = lines(&program, &repo, "search", &[query]).into_iter();
            lines
                .map(|line| line.split(':').take(2).collect::<Vec<_>>().join(":"))
                .collect()
        };
        assert_eq!(
            places("in:code hidden_call"),
            [
                "A.cs:2",
                "A.java:2",
                "B.java:2",
                "a.c:1",
                "a.c:2",
                "a.cpp:1",
                "a.cpp:2",
                "a.js:1",
                "a.js:2",
                "a.py:1",
                "mac.java:1"
            ]
        );
        assert_eq!(places("in:comment hidden_call"), [""; 0]);
        assert_eq!(places("in:code gone"), [""; 0]);
        assert_eq!(places("in:comment gone"), ["a.sh:1", "joined.c:2"]);
        let outline = |path: &str| -> Vec<String> {
            let rows = lines(&program, &repo, "outline", &[path]).into_iter();
            rows.filter_map(|row| Some(row.split_whitespace().last()?.to_owned()))
                .collect()
        };
        assert_eq!(outline("a.c"), ["hidden_call", "main"]);
        assert_eq!(outline("joined.c"), ["a", "shown"]);
        assert_eq!(outline("B.java"), ["B", "hidden_call"]);
    }
    let snapshot = repo.path().to_str().unwrap();
    let coverage = ["coverage", "--snapshot", snapshot, "--of", "code", "--all"];
    let coverage = program.run(&coverage);
    for (path, count) in [
        ("A.java", 4),
        ("a.c", 2),
        ("a.cpp", 2),
        ("a.js", 3),
        ("a.py", 2),
        ("mac.java", 1),
        ("joined.c", 2),
        ("a.sh", 1),
    ] {
        let row = format!("{path}: {count} lines");
        assert!(coverage.stdout.contains(&row), "{row}: {coverage:?}");
    }
}
