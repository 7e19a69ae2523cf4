//! Lines of the vendor's that findings quote: what the policy lets leave leaves, and nothing else.

use crate::support::desk::{Desk, Person};
use crate::support::driven::Driven;
use crate::support::program::Outcome;
use glassroom::bundle::printed;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const KEYS: [&str; 5] = [
    "excerpt_lines",
    "excerpt_lines_per_finding",
    "excerpt_lines_per_file",
    "excerpt_lines_per_bundle",
    "excerpt_lines_per_review",
];

/// A policy that lets so many lines leave by each key.
fn policy(limits: [u64; 5]) -> String {
    let rows = KEYS.iter().zip(limits);
    rows.map(|(key, limit)| format!("{key} = {limit}\n"))
        .collect()
}

/// Lines of a file of the demo's newest release, as they are quoted.
fn vendor(desk: &Desk, path: &str, lines: std::ops::RangeInclusive<usize>) -> Vec<String> {
    let repository = git2::Repository::open(&desk.demo).unwrap();
    let tree = repository.head().unwrap().peel_to_tree().unwrap();
    let blob = tree.get_path(Path::new(path)).unwrap().id();
    let blob = repository.find_blob(blob).unwrap();
    let text = std::str::from_utf8(blob.content()).unwrap();
    let all: Vec<&str> = text.lines().collect();
    lines.map(|n| printed(all[n - 1])).collect()
}

/// Changes a finding.
fn edit(desk: &Desk, id: &str, more: &[&str]) -> Outcome {
    let first = ["finding", "edit", id, "--snapshot", &desk.demo];
    desk.program.run(&[&first[..], more].concat())
}

/// Quotes these places as the only ones of a finding.
fn quote(desk: &Desk, who: &str, id: &str, places: &[&str]) {
    let mut more = vec!["--quote", "all", "--reviewer", who];
    places.iter().for_each(|place| more.extend(["--at", place]));
    let outcome = edit(desk, id, &more);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

/// Files a finding in somebody's name, with nothing quoted.
fn file(desk: &Desk, who: &str, place: &str) {
    let arguments = [
        "finding",
        "add",
        "--snapshot",
        &desk.demo,
        "--severity",
        "low",
        "--title",
        "A length",
        "--at",
        place,
        "--reviewer",
        who,
    ];
    let outcome = desk.program.run(&arguments);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

/// Judges what would leave and returns the record.
fn judged(desk: &Desk, who: &str) -> Value {
    let arguments = [
        "export",
        "--snapshot",
        &desk.demo,
        "--dry-run",
        "--json",
        "--reviewer",
        who,
    ];
    let outcome = desk.program.run(&arguments);
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"))
}

/// Returns the keys of which more is used than is allowed.
fn over(record: &Value) -> Vec<String> {
    let budgets = record["budgets"].as_array().unwrap();
    let is_over = |b: &&Value| b["used"].as_u64() > b["limit"].as_u64();
    let over = budgets.iter().filter(is_over);
    over.map(|b| b["name"].as_str().unwrap().to_owned())
        .collect()
}

fn at(desk: &Desk, name: &str) -> PathBuf {
    desk.program.home().join(name)
}

fn exported(desk: &Desk, alice: &Person, name: &str) -> PathBuf {
    let to = at(desk, name);
    let outcome = desk.export_by(alice, &to);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    to
}

/// The quoted lines of a bundle, without their numbers.
fn quoted(bundle: &Path) -> Vec<String> {
    let text = fs::read_to_string(bundle.join("excerpts.txt")).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once(" |"));
    lines
        .map(|(_, line)| line.strip_prefix(' ').unwrap_or(line).to_owned())
        .collect()
}

#[test]
fn three_lines_leave_and_four_do_not() {
    let desk = Desk::new();
    let alice = desk.person("alice");
    let signers = desk.file("signers", &alice.line);
    desk.policy(&policy([3; 5]));
    quote(&desk, "alice", "F1", &["src/auth.c:28-30@sink"]);
    let bundle = exported(&desk, &alice, "good");
    assert_eq!(quoted(&bundle), vendor(&desk, "src/auth.c", 28..=30));
    let text = fs::read_to_string(bundle.join("excerpts.txt")).unwrap();
    for row in [
        "path      src/auth.c",
        "lines     28-30",
        "findings  alice/F1",
        "allowed   excerpt_lines = 3",
    ] {
        assert!(text.lines().any(|line| line == row), "{row}: {text}");
    }
    let here = ["--snapshot", &desk.demo];
    for more in [&[][..], &here] {
        let outcome = desk.verify(&bundle, &signers, more);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
    // Which lines left is in the ledger before the bundle is.
    let kinds = kinds(&desk);
    assert_eq!(&kinds[kinds.len() - 2..], ["export-begun", "exported"]);

    quote(&desk, "alice", "F1", &["src/auth.c:28-31@sink"]);
    let to = at(&desk, "bad");
    let outcome = desk.export_by(&alice, &to);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(!to.exists());
    let is_said = |row: &str| {
        let mut words = row.split_whitespace();
        words.by_ref().take(10).collect::<Vec<_>>().join(" ")
            == "lines of the vendor's code, in one piece 4 of"
            && row.ends_with("at most 3  TOO MUCH")
    };
    assert!(outcome.stdout.lines().any(is_said), "{outcome:?}");
    assert!(
        outcome
            .stdout
            .contains("more would leave than the policy allows")
    );
    assert!(
        outcome
            .stderr
            .contains("4 lines are quoted and excerpt_lines lets 3 leave"),
        "{outcome:?}"
    );
}

/// The kinds of the entries of alice's ledger.
fn kinds(desk: &Desk) -> Vec<String> {
    let ledger = fs::read_to_string(ledger(desk, "alice")).unwrap();
    let kind = |line: &str| {
        let entry: Value = serde_json::from_str(line).unwrap();
        entry["event"]["type"].as_str().unwrap().to_owned()
    };
    ledger.lines().map(kind).collect()
}

fn ledger(desk: &Desk, who: &str) -> PathBuf {
    let reviews = desk.program.home().join("reviews");
    let review = fs::read_dir(reviews).unwrap().next().unwrap().unwrap();
    review.path().join(format!("ledger/{who}.jsonl"))
}

#[test]
fn without_leave_a_quote_blocks_and_says_what_to_do() {
    let desk = Desk::new();
    let control = judged(&desk, "alice");
    assert_eq!(control["blocked"], false, "{control}");
    let names = control["budgets"].to_string();
    assert!(!names.contains("excerpt"), "nothing is quoted: {names}");
    assert_eq!(edit(&desk, "F1", &["--quote", "1"]).code, Some(0));
    let arguments = ["export", "--snapshot", &desk.demo, "--dry-run"];
    let outcome = desk.program.run(&arguments);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    for said in ["excerpt_lines lets 0 leave", "--quote none", "ask the lab"] {
        assert!(outcome.stderr.contains(said), "{said}: {outcome:?}");
    }
    let list = ["finding", "list", "--snapshot", &desk.demo];
    assert!(
        desk.program
            .run(&list)
            .stdout
            .contains("src/auth.c:28-31 (quoted)")
    );
    assert_eq!(edit(&desk, "F1", &["--quote", "none"]).code, Some(0));
    assert_eq!(judged(&desk, "alice")["blocked"], false);
    for (value, code) in [("2", 3), ("0", 3), ("x", 2), ("1,,1", 2)] {
        let outcome = edit(&desk, "F1", &["--quote", value]);
        assert_eq!(outcome.code, Some(code), "{value}: {outcome:?}");
    }
    // A binary file has no lines that could be quoted.
    quote(&desk, "alice", "F1", &["data/fw.bin:1"]);
    let outcome = desk.program.run(&arguments);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.stderr.contains("which is no text"), "{outcome:?}");
}

#[test]
fn each_key_is_enforced_alone() {
    let desk = Desk::new();
    let alice = desk.person("alice");
    file(&desk, "alice", "src/auth.c:1");
    file(&desk, "bob", "src/auth.c:1");
    // Two stretches of one file, two lines of another; F2 continues the first.
    quote(
        &desk,
        "alice",
        "F1",
        &["src/auth.c:28-30", "src/auth.c:40-41", "src/main.c:2-3"],
    );
    quote(&desk, "alice", "F2", &["src/auth.c:31"]);
    let used = [4, 7, 6, 8, 8];
    for (nth, key) in KEYS.iter().enumerate() {
        desk.policy(&policy(used));
        assert_eq!(over(&judged(&desk, "alice")), [""; 0], "control: {key}");
        let mut limits = used;
        limits[nth] -= 1;
        desk.policy(&policy(limits));
        let record = judged(&desk, "alice");
        assert_eq!(
            (over(&record), &record["blocked"]),
            (vec![(*key).to_owned()], &true.into())
        );
        limits[nth] = 0;
        desk.policy(&policy(limits));
        assert_eq!(over(&judged(&desk, "alice")), [*key]);
    }
    // What left counts for everybody, though the finding quotes it no longer; what was only judged does not.
    desk.policy(&policy(used));
    exported(&desk, &alice, "first");
    for id in ["F1", "F2"] {
        assert_eq!(edit(&desk, id, &["--quote", "none"]).code, Some(0));
    }
    quote(&desk, "bob", "F1", &["src/auth.c:30-31"]);
    assert_eq!(
        over(&judged(&desk, "bob")),
        [""; 0],
        "lines that left before"
    );
    quote(&desk, "bob", "F1", &["src/auth.c:31-32"]);
    let record = judged(&desk, "bob");
    assert_eq!(over(&record), ["excerpt_lines_per_review"], "{record}");
    desk.policy(&policy([4, 7, 6, 8, 9]));
    assert_eq!(over(&judged(&desk, "bob")), [""; 0], "control");
    // Nor does it come back by taking entries back or by a bundle without quotes.
    assert_eq!(
        edit(&desk, "F1", &["--quote", "none", "--reviewer", "bob"]).code,
        Some(0)
    );
    desk.policy(&policy([0; 5]));
    assert_eq!(judged(&desk, "bob")["blocked"], false, "nothing is quoted");
}

#[test]
fn typed_text_is_judged_as_before() {
    let desk = Desk::new();
    desk.policy(&policy([4; 5]));
    let line = vendor(&desk, "src/auth.c", 89..=89).remove(0);
    assert!(line.trim().len() > 20, "a whole line of code: {line}");
    quote(&desk, "alice", "F1", &["src/auth.c:89"]);
    assert_eq!(
        judged(&desk, "alice")["overlaps"],
        Value::Array(vec![]),
        "control"
    );
    assert_eq!(edit(&desk, "F1", &["--text", line.trim()]).code, Some(0));
    let record = judged(&desk, "alice");
    assert_eq!(record["blocked"], true, "{record}");
    assert_ne!(record["overlaps"], Value::Array(vec![]));
}

#[test]
fn changed_excerpts_are_refused() {
    let desk = Desk::new();
    let alice = desk.person("alice");
    let signers = desk.file("signers", &alice.line);
    desk.policy(&policy([3; 5]));
    quote(&desk, "alice", "F1", &["src/auth.c:28-30"]);
    let bundle = exported(&desk, &alice, "bundle");
    let path = bundle.join("excerpts.txt");
    let whole = fs::read(&path).unwrap();
    let text = String::from_utf8(whole.clone()).unwrap();
    for changed in [
        text.replace("28-30", "29-31"),
        format!("{text}more\n"),
        String::new(),
    ] {
        assert_ne!(changed, text);
        fs::write(&path, changed).unwrap();
        let outcome = desk.verify(&bundle, &signers, &[]);
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert!(outcome.stdout.contains("excerpts.txt:"), "{outcome:?}");
    }
    fs::write(&path, whole).unwrap();
    assert_eq!(desk.verify(&bundle, &signers, &[]).code, Some(0), "control");
    // The same places in the release before read otherwise.
    let old = ["--snapshot", &desk.demo, "--rev", "v2.4"];
    let outcome = desk.verify(&bundle, &signers, &old);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
}

#[test]
fn only_the_agency_is_told_what_other_bundles_quoted() {
    let desk = Desk::new();
    let alice = desk.person("alice");
    desk.policy(&policy([3; 5]));
    quote(&desk, "alice", "F1", &["src/auth.c:28-30"]);
    exported(&desk, &alice, "first");
    let key = ["--key", &alice.key, "--passphrase-file", &alice.passphrase];
    for (audience, is_there) in [("agency", true), ("public", false)] {
        let to = at(&desk, audience);
        let outcome = desk.export(&to, &[&key[..], &["--audience", audience]].concat());
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let ledger = fs::read_to_string(to.join("ledger-alice.jsonl")).unwrap();
        assert_eq!(
            ledger.contains("\"type\":\"export-begun\""),
            is_there,
            "{audience}"
        );
        assert_eq!(quoted(&to).is_empty(), !is_there, "F1 is for the vendor");
    }
}

#[test]
fn a_place_is_quoted_in_the_form() {
    let home = tempfile::tempdir().unwrap();
    let mut driven = Driven::demo(home.path(), (100, 30));
    driven.open_file("src/auth.c");
    driven.keys("8 G F");
    driven.type_text("Overrun");
    driven.keys("^q");
    assert!(
        driven.text().contains("Tab to a place first"),
        "{}",
        driven.text()
    );
    driven.keys("Tab Tab Tab Tab Tab ^q");
    let text = driven.text();
    assert!(text.contains("src/auth.c:8 quoted"), "{text}");
    assert!(
        text.contains("the policy lets 0 leave (excerpt_lines)"),
        "{text}"
    );
    driven.keys("^s");
    driven.until_recorded();
    let is_quoted = |driven: &Driven| {
        let finding = driven.app.review.findings().next().unwrap();
        finding.locations[0].is_quoted
    };
    assert!(is_quoted(&driven));
    driven.keys("@");
    assert!(
        driven.text().contains("src/auth.c:8  quoted"),
        "{}",
        driven.text()
    );
    driven.keys("e Tab Tab Tab Tab Tab ^q ^s");
    driven.until_recorded();
    assert!(!is_quoted(&driven), "taken back");
}
