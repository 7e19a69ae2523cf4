//! The verbs as a program sees them: names, fields, exit codes, and what never reaches a pipe.

use crate::support::program::{Outcome, Program};
use crate::support::pty::Pty;
use crate::support::repo::TestRepo;
use glassroom::job::demo;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// A line of the demo that holds vendor text.
const VENDOR: &str = "strcpy is safe here";
/// The query for it.
const PHRASE: &str = "\"strcpy is safe here\"";

/// The program with the demo at hand.
pub struct Desk {
    pub program: Program,
    demo: String,
}

impl Desk {
    pub fn new() -> Self {
        let program = Program::new();
        let demo = program.home().join("demo").join(demo::FOLDER);
        demo::ensure(&demo).unwrap();
        let demo = demo.to_str().unwrap().to_owned();
        Self { program, demo }
    }

    /// Runs a verb; `DEMO` stands for the demo's folder.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        let demo = |text: &&str| {
            if *text == "DEMO" {
                self.demo.clone()
            } else {
                (*text).to_owned()
            }
        };
        let arguments: Vec<String> = arguments.iter().map(demo).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.program.run(&arguments)
    }

    /// Runs a verb that must end well, and returns its records.
    pub fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let outcome = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(outcome.code, Some(0), "{arguments:?}: {outcome:?}");
        records(&outcome)
    }

    pub fn code(&self, arguments: &[&str]) -> Option<i32> {
        let outcome = self.run(arguments);
        if outcome.code > Some(1) {
            assert_eq!(outcome.stdout, "", "{arguments:?}");
            assert_eq!(
                outcome.stderr.lines().count(),
                1,
                "{arguments:?}: {outcome:?}"
            );
        }
        outcome.code
    }

    pub fn finding(&self, place: &str, text: &str) -> Value {
        let mut found = self.json(&[
            "finding",
            "add",
            "--snapshot",
            "DEMO",
            "--title",
            "A name is copied unchecked",
            "--severity",
            "high",
            "--at",
            place,
            "--cwe",
            "CWE-120",
            "--text",
            text,
        ]);
        found.remove(0)
    }

    /// Makes a key and the file that lets alice sign with it; returns both paths.
    pub fn key(&self) -> (String, String) {
        let folder = self.program.home();
        let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let (key, pass, signers) = (path("key"), path("pass"), path("signers"));
        fs::write(&pass, "correct horse\n").unwrap();
        let made = self.json(&["key", "new", "--out", &key, "--passphrase-file", &pass]);
        let line = made[0]["allowed_signers"].as_str().unwrap();
        fs::write(&signers, format!("{line}\n")).unwrap();
        (key, signers)
    }

    pub fn export(&self, more: &[&str]) -> Outcome {
        self.run(&[&["export", "--snapshot", "DEMO"], more].concat())
    }

    /// Exports with a new key; returns the bundle and the signers' file.
    pub fn bundle(&self) -> (PathBuf, String) {
        let (key, signers) = self.key();
        let pass = self.program.home().join("pass");
        let bundle = self.program.home().join("bundle");
        let to = bundle.to_str().unwrap();
        let pass = pass.to_str().unwrap();
        let outcome = self.export(&["--to", to, "--key", &key, "--passphrase-file", pass]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        (bundle, signers)
    }

    fn verify(&self, bundle: &str, signers: &str, more: &[&str]) -> Outcome {
        let first = ["verify", bundle, "--signers", signers, "--as", "alice"];
        self.run(&[&first, more].concat())
    }
}

fn records(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Returns the names of a record's fields, in order.
fn fields(line: &str) -> Vec<String> {
    // Nothing of a record's values looks like `"name":` in these tests.
    let parts = line.split("\":");
    let mut names: Vec<String> = parts
        .map(|part| part.rsplit('"').next().unwrap().to_owned())
        .collect();
    names.pop();
    names
}

#[test]
fn a_search_lists_places_and_a_pipe_gets_no_content() {
    let desk = Desk::new();
    let found = desk.json(&["search", "DEMO", PHRASE]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0]["path"], "src/auth.c");
    let summary = &found[1]["summary"];
    assert_eq!(
        (&summary["lines"], &summary["complete"]),
        (&1.into(), &true.into())
    );
    let scanned = desk.run(&["search", "DEMO", "strcpy", "--json"]);
    let names = ["path", "line", "column", "end_line", "end_column"];
    assert_eq!(fields(scanned.stdout.lines().next().unwrap()), names);
    let reviews = desk.program.home().join("reviews");
    assert!(!reviews.exists(), "a search made a review");
    let indexed = desk.json(&["index", "DEMO"]);
    assert!(indexed[0]["new_blobs"].as_u64() > Some(50), "{indexed:?}");
    let again = desk.run(&["search", "DEMO", "strcpy", "--json"]);
    let hits = |o: &Outcome| {
        let mut all = records(o);
        all.pop();
        all
    };
    assert_eq!(hits(&scanned), hits(&again), "with and without an index");
    let plain = desk.run(&["search", "DEMO", PHRASE]);
    assert!(!plain.stdout.contains(VENDOR), "{plain:?}");
    assert_eq!(plain.stdout, "src/auth.c:24:20\n");
    let names = desk.json(&["search", "DEMO", "file:auth.h"]);
    assert_eq!(names[0]["file_name"], true, "{names:?}");
}

#[test]
fn lines_are_shown_on_a_terminal_and_nowhere_else() {
    let desk = Desk::new();
    assert_eq!(desk.code(&["show", "DEMO", "src/auth.c:24"]), Some(3));
    let mut pty = Pty::start(
        &desk.program,
        &["show", &desk.demo, "src/auth.c:24"],
        (80, 24),
    );
    pty.wait_for_text(VENDOR);
    assert!(pty.wait_for_end().success());
}

#[test]
fn info_writes_nothing() {
    let desk = Desk::new();
    let delivered = desk.json(&["info", "DEMO"]);
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0]["complete"], true);
    let left = fs::read_dir(desk.program.home()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["demo"]);
}

#[test]
fn a_finding_is_recorded_changed_decided_and_withdrawn() {
    let desk = Desk::new();
    let added = desk.finding("src/auth.c:24-28@sink", "It is not measured.");
    assert_eq!(added["number"], 1, "{added}");
    let id = added["id"].as_str().unwrap();
    let list = desk.run(&["finding", "list", "--snapshot", "DEMO", "--json"]);
    let names = [
        "id",
        "number",
        "reviewer",
        "kind",
        "title",
        "severity",
        "status",
        "locations",
        "path",
        "start_line",
        "end_line",
        "label",
        "state",
    ];
    assert_eq!(fields(list.stdout.lines().next().unwrap()), names);
    let row = &records(&list)[0];
    assert_eq!(row["locations"][0]["state"], "unchanged", "{row}");
    let old = desk.json(&["finding", "list", "--snapshot", "DEMO", "--rev", "v2.4"]);
    assert_eq!(old[0]["locations"][0]["state"], "gone", "{old:?}");
    desk.json(&[
        "finding",
        "edit",
        "F1",
        "--snapshot",
        "DEMO",
        "--title",
        "Another",
    ]);
    desk.json(&[
        "finding",
        "status",
        &id[..8],
        "accepted",
        "--why",
        "x",
        "--snapshot",
        "DEMO",
    ]);
    let row = desk
        .json(&["finding", "list", "--snapshot", "DEMO"])
        .remove(0);
    assert_eq!(
        (&row["title"], &row["status"]),
        (&"Another".into(), &"accepted".into())
    );
    desk.json(&["finding", "delete", id, "--snapshot", "DEMO"]);
    assert_eq!(
        desk.json(&["finding", "list", "--snapshot", "DEMO"]),
        [Value::Null; 0]
    );
    assert_eq!(
        desk.finding("src/auth.c:1", "x")["number"],
        2,
        "a number came back"
    );
}

#[test]
fn notes_and_questions_are_counted_apart() {
    let desk = Desk::new();
    let add = |verb, text| {
        let at = ["--snapshot", "DEMO", "--at", "src/main.c:2", "--text", text];
        desk.json(&[&[verb, "add"], &at[..]].concat())[0]["number"].clone()
    };
    assert_eq!(add("note", "a"), 1);
    assert_eq!(add("question", "b"), 1);
    assert_eq!(add("note", "c"), 2);
    desk.json(&["note", "edit", "2", "--snapshot", "DEMO", "--text", "d"]);
    desk.json(&["note", "delete", "N1", "--snapshot", "DEMO"]);
    let notes = desk.json(&["note", "list", "--snapshot", "DEMO"]);
    assert_eq!((notes.len(), &notes[0]["text"]), (1, &"d".into()));
    let questions = desk.json(&["question", "list", "--snapshot", "DEMO"]);
    assert_eq!((questions.len(), &questions[0]["text"]), (1, &"b".into()));
}

#[test]
fn marks_toggle_and_coverage_counts_them() {
    let desk = Desk::new();
    desk.json(&[
        "mark",
        "--snapshot",
        "DEMO",
        "src/auth.c:1-10",
        "src/auth.c:3-4",
    ]);
    let rows = desk.json(&["coverage", "--snapshot", "DEMO"]);
    assert_eq!(rows[0]["ranges"].to_string(), "[[1,2],[5,10]]");
    assert_eq!(rows[0]["reviewed"], 8);
    let all = desk.json(&["coverage", "--snapshot", "DEMO", "--all"]);
    let last = &all[all.len() - 1]["summary"];
    assert_eq!(last["files"], all.len() as u64 - 1);
    assert_eq!(
        (&last["reviewed"], &last["denominator"]),
        (&8.into(), &"text".into())
    );
    desk.json(&["index", "DEMO"]);
    assert_eq!(desk.json(&["coverage", "--snapshot", "DEMO", "--all"]), all);
    let of = |of: &str| {
        let rows = desk.json(&["coverage", "--snapshot", "DEMO", "--of", of]);
        let last = rows[rows.len() - 1]["summary"].clone();
        assert_eq!(last["denominator"], of);
        let count = |field: &str| last[field].as_u64().unwrap();
        (count("files"), count("lines"), count("reviewed"))
    };
    let (text, code, every) = (of("text"), of("code"), of("all"));
    assert_eq!(text.0, code.0, "a file without code counts, with no line");
    assert!(
        code.1 < text.1 && text.1 < every.1,
        "{code:?} {text:?} {every:?}"
    );
    // The demo's binary file counts by its hexadecimal lines.
    assert_eq!(every.0, text.0 + 1);
    // Of the marked lines some are comment; nothing else can differ.
    assert!(0 < code.2 && code.2 < text.2, "{code:?} {text:?}");
    assert_eq!(every.2, text.2);
    desk.json(&["mark", "--snapshot", "DEMO", "--file", "src/auth.c"]);
    desk.json(&[
        "mark",
        "--snapshot",
        "DEMO",
        "--unset",
        "--file",
        "src/auth.c",
    ]);
    assert_eq!(
        desk.json(&["coverage", "--snapshot", "DEMO"]).len(),
        1,
        "only the sums"
    );
}

#[test]
fn a_bundle_satisfies_stock_tools_and_verify_names_what_was_changed() {
    let desk = Desk::new();
    desk.finding("src/auth.c:28", "The length is never looked at.");
    let dry = desk.export(&["--dry-run", "--json"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert_eq!(dry.stdout, desk.export(&["--dry-run", "--json"]).stdout);
    let (bundle, signers) = desk.bundle();
    let script = "cd \"$1\" && ssh-keygen -Y verify -f \"$2\" -I alice -n findings@glassroom \
        -s SHA256SUMS.sig < SHA256SUMS && sha256sum -c --strict SHA256SUMS";
    let to = bundle.to_str().unwrap();
    let stock = desk
        .program
        .run_command("/bin/sh", &["-c", script, "sh", to, &signers]);
    assert_eq!(stock.code, Some(0), "{stock:?}");
    let good = desk.verify(to, &signers, &["--json", "--snapshot", &desk.demo]);
    assert_eq!(good.code, Some(0), "{good:?}");
    assert_eq!(
        fields(good.stdout.trim())[..3],
        ["valid", "signer", "problems"]
    );
    let other = desk.verify(to, &signers, &["--snapshot", &desk.demo, "--rev", "v2.4"]);
    assert_eq!(other.code, Some(1), "{other:?}");
    let report = bundle.join("report.md");
    let bytes = fs::read(&report).unwrap();
    fs::write(&report, [&bytes[..], b" "].concat()).unwrap();
    let bad = desk.verify(to, &signers, &["--json"]);
    assert_eq!(bad.code, Some(1));
    assert_eq!(
        records(&bad)[0]["problems"][0]["file"],
        "report.md",
        "{bad:?}"
    );
}

#[test]
fn copied_text_is_blocked_and_nothing_is_written() {
    let desk = Desk::new();
    let copied = "/* check_password: strcpy is safe here, see ticket 12 */";
    desk.finding("src/auth.c:24", copied);
    let dry = desk.export(&["--dry-run", "--json"]);
    assert_eq!(dry.code, Some(1), "{dry:?}");
    let judged = &records(&dry)[0];
    assert_eq!(judged["blocked"], true);
    let place = |o: &Value| o["path"] == "src/auth.c" && o["at"] == 24;
    assert!(
        judged["overlaps"].as_array().unwrap().iter().any(place),
        "{judged}"
    );
    let (key, _) = desk.key();
    let bundle = desk.program.home().join("bundle");
    let pass = desk.program.home().join("pass");
    let (to, pass) = (bundle.to_str().unwrap(), pass.to_str().unwrap());
    let outcome = desk.export(&["--to", to, "--key", &key, "--passphrase-file", pass]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(!bundle.exists());
}

#[test]
fn who_cannot_be_asked_is_told_so() {
    let desk = Desk::new();
    let (key, _) = desk.key();
    assert_eq!(
        desk.code(&["export", "--snapshot", "DEMO", "--to", "b", "--key", &key]),
        Some(3)
    );
    assert_eq!(desk.code(&["key", "new", "--out", "other"]), Some(3));
    assert_eq!(desk.code(&["key", "new", "--out", &key]), Some(3));
    desk.json(&["index", "DEMO"]);
    let reviews = desk.json(&["review", "list"]);
    let name = reviews[0]["name"].as_str().unwrap();
    assert_eq!(desk.code(&["review", "purge", name]), Some(3));
    assert_eq!(desk.json(&["review", "show", name])[0]["findings"], 0);
    desk.json(&["review", "purge", name, "--yes"]);
    let index = desk.program.home().join("reviews").join(name).join("index");
    assert!(!index.exists());
    assert_eq!(desk.json(&["review", "show", name])[0]["index_bytes"], 0);
}

#[test]
fn a_passphrase_is_not_shown() {
    let desk = Desk::new();
    let key = desk.program.home().join("key");
    let arguments = ["key", "new", "--out", key.to_str().unwrap()];
    let mut pty = Pty::start(&desk.program, &arguments, (100, 24));
    pty.wait_for_text("New passphrase:");
    pty.send("hunter2\r");
    pty.wait_for_text("The same again:");
    pty.send("hunter2\r");
    pty.wait_for_text("fingerprint");
    assert!(pty.wait_for_end().success());
    assert!(!String::from_utf8_lossy(pty.raw()).contains("hunter2"));
    assert!(key.exists());
}

#[test]
fn usage_and_failure_have_their_own_codes() {
    let desk = Desk::new();
    let add = |at, severity| {
        desk.code(&[
            "finding",
            "add",
            "--snapshot",
            "DEMO",
            "--title",
            "t",
            "--severity",
            severity,
            "--at",
            at,
        ])
    };
    assert_eq!(add("src/auth.c:1", "high"), Some(0), "control");
    for (at, severity, code) in [
        ("src/auth.c", "high", 2),
        ("src/%zz:1", "high", 2),
        ("src/auth.c:0", "high", 2),
        ("src/auth.c:1", "grave", 2),
        ("src/auth.c:99999", "high", 3),
        ("src/nowhere.c:1", "high", 3),
    ] {
        assert_eq!(add(at, severity), Some(code), "{at} {severity}");
    }
    for (arguments, code) in [
        (&["finding", "list"][..], 2),
        (&["finding"], 2),
        (&["frobnicate"], 2),
        (&["finding", "list", "--review", "nope"], 3),
        (
            &[
                "finding",
                "status",
                "F9",
                "open",
                "--why",
                "x",
                "--snapshot",
                "DEMO",
            ],
            3,
        ),
        (&["mark", "--snapshot", "DEMO"], 2),
        (&["index", "/nowhere"], 3),
        (&["search", "DEMO", ""], 2),
        (&["policy", "check"], 0),
        (&["ledger", "verify"], 0),
    ] {
        assert_eq!(desk.code(arguments), Some(code), "{arguments:?}");
    }
}

#[test]
fn damage_and_wrong_policies_are_named() {
    let desk = Desk::new();
    desk.finding("src/auth.c:1", "x");
    let reviews = desk.json(&["review", "list"]);
    let name = reviews[0]["name"].as_str().unwrap();
    let folder = desk.program.home().join("reviews").join(name);
    fs::write(folder.join("policy.toml"), "excerpt_linse = 3\n").unwrap();
    assert_eq!(desk.code(&["policy", "check"]), Some(1));
    assert_eq!(desk.code(&["finding", "list", "--review", name]), Some(3));
    fs::remove_file(folder.join("policy.toml")).unwrap();
    assert_eq!(
        desk.code(&["ledger", "verify", "--review", name]),
        Some(0),
        "control"
    );
    let ledger = folder.join("ledger/alice.jsonl");
    let text = fs::read_to_string(&ledger).unwrap();
    fs::write(&ledger, text.replace("unchecked", "UNCHECKED")).unwrap();
    assert_eq!(desk.code(&["ledger", "verify", "--review", name]), Some(1));
    assert_eq!(desk.code(&["finding", "list", "--review", name]), Some(3));
}

#[test]
fn a_bundle_of_git_and_an_odd_path_are_taken() {
    let program = Program::new();
    let repo = TestRepo::new();
    repo.commit_files(&[("a b%\x1b.c", b"int needle;\n")]);
    let bundle = repo.bundle("# v2 git bundle\n");
    let bundle = bundle.to_str().unwrap();
    let place = "a b%25%1B.c:1@here";
    let added = program.run(&[
        "finding",
        "add",
        "--snapshot",
        bundle,
        "--title",
        "t",
        "--severity",
        "low",
        "--at",
        place,
    ]);
    assert_eq!(added.code, Some(0), "{added:?}");
    let list = program.run(&["finding", "list", "--snapshot", bundle]);
    assert!(list.stdout.contains("  a b%25%1B.c:1@here\n"), "{list:?}");
    for verb in ["info", "index"] {
        let outcome = program.run(&[verb, bundle, "--json"]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
}
