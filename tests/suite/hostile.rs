//! Promise P6 and parts of P1 and P2: no delivery hangs, kills or misleads the program, whatever is in it.
//!
//! Every delivery goes through the verbs of the real program, under limits of time and memory.

use crate::support::hostile::{
    Expect, FOREIGN, Hostile, NEEDLE, inflating, nested, quick, repeated,
};
use crate::support::program::{Outcome, Program};
use glassroom::snapshot::{Snapshot, WalkLimits};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Reads standard output as one JSON value a line.
fn records(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn info(delivery: &Hostile) -> Value {
    let outcome = Program::new().on("info", &delivery.path, &["--json"]);
    assert_eq!(outcome.code, Some(0), "{}: {outcome:?}", delivery.name);
    records(&outcome).remove(0)
}

fn named(name: &str) -> Hostile {
    let mut all = quick().into_iter();
    all.find(|delivery| delivery.name == name)
        .expect("no such delivery")
}

/// Lists names, sizes and times of everything below a folder.
fn state(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = path.symlink_metadata().unwrap();
            found.push(format!(
                "{} {} {}.{}",
                path.display(),
                meta.size(),
                meta.mtime(),
                meta.mtime_nsec()
            ));
            if meta.is_dir() {
                waiting.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Neither a control character nor one that hides or reorders text.
fn is_clean(text: &str) -> bool {
    let is_odd = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || c == char::REPLACEMENT_CHARACTER
    };
    !text.chars().any(is_odd)
}

/// Checks what every ending has in common.
fn check_manners(name: &str, outcome: &Outcome) {
    assert!(is_clean(&outcome.stdout), "{name}: {outcome:?}");
    assert!(is_clean(&outcome.stderr), "{name}: {outcome:?}");
    assert!(!outcome.stderr.contains("panicked"), "{name}: {outcome:?}");
    assert!(!outcome.stdout.contains(FOREIGN), "{name}: {outcome:?}");
    if outcome.code == Some(3) {
        assert_eq!(outcome.stdout, "", "{name}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{name}: {outcome:?}");
    }
}

/// Opens, indexes and searches one delivery, and holds it to what it must come to.
fn check(delivery: &Hostile) {
    let name = delivery.name;
    let before = state(delivery.repo.beside());
    let program = Program::new();
    let info = program.on("info", &delivery.path, &["--json"]);
    check_manners(name, &info);
    assert!(!program.home().exists(), "{name}: info wrote to the home");
    let index = program.on("index", &delivery.path, &[]);
    check_manners(name, &index);
    let search = program.on("search", &delivery.path, &[NEEDLE, "--json"]);
    check_manners(name, &search);
    match delivery.expect {
        Expect::Read { complete, needle } => {
            assert_eq!(info.code, Some(0), "{name}: {info:?}");
            assert_eq!(records(&info)[0]["complete"], complete, "{name}: {info:?}");
            assert_eq!(index.code, Some(0), "{name}: {index:?}");
            assert_eq!(search.code, Some(i32::from(!needle)), "{name}: {search:?}");
            let found = records(&search);
            let is_found = found.iter().any(|record| record["path"] == "needle.c");
            assert_eq!(is_found, needle, "{name}: {search:?}");
        }
        Expect::Refused(words) => {
            for outcome in [&info, &index, &search] {
                assert_eq!(outcome.code, Some(3), "{name}: {outcome:?}");
                assert!(outcome.stderr.contains(words), "{name}: {outcome:?}");
            }
        }
    }
    assert_eq!(
        state(delivery.repo.beside()),
        before,
        "{name}: the delivery was changed"
    );
}

#[test]
fn no_delivery_hangs_kills_or_misleads() {
    for delivery in quick() {
        check(&delivery);
    }
}

/// Walks a delivery under some caps; returns the files found and whether a cap was reached.
fn walk(delivery: &Hostile, limits: &WalkLimits) -> (Vec<String>, bool) {
    let store = delivery.repo.beside().join("view");
    let snapshot = Snapshot::open(&delivery.path, None, &store).unwrap();
    let walk = snapshot.walk(limits, &|| false).unwrap();
    let files = walk.files.iter().map(|file| file.path.to_string());
    (files.collect(), walk.truncated)
}

#[test]
fn a_walk_ends_at_its_caps_and_lists_what_it_reached() {
    let entries = |entries| WalkLimits {
        entries,
        ..WalkLimits::default()
    };
    let depth = |depth| WalkLimits {
        depth,
        ..WalkLimits::default()
    };
    for (delivery, limits, count) in [
        (repeated(), entries(12), 0..12),
        (nested(), depth(4), 1..2),
        (repeated(), WalkLimits::default(), 28..29),
        (nested(), WalkLimits::default(), 2..3),
    ] {
        let (files, is_cut) = walk(&delivery, &limits);
        let name = delivery.name;
        assert_eq!(is_cut, limits != WalkLimits::default(), "{name}: {files:?}");
        assert!(count.contains(&files.len()), "{name}: {files:?}");
    }
    check(&repeated());
    check(&nested());
}

#[test]
fn what_inflates_beyond_the_limit_is_listed_and_not_read() {
    let delivery = inflating();
    check(&delivery);
    let program = Program::new();
    fs::create_dir(program.home()).unwrap();
    fs::write(program.home().join("config.toml"), "max_blob_mib = 1\n").unwrap();
    let info = program.on("info", &delivery.path, &["--json"]);
    let info = records(&info).remove(0);
    let missed = &info["not_searched"][0];
    assert_eq!(missed["path"], "zeros.bin", "{info}");
    assert_eq!(missed["reason"], "too-large", "{info}");
    assert_eq!(missed["bytes"], 2 << 20, "{info}");
    let search = program.on("search", &delivery.path, &[NEEDLE]);
    assert_eq!(search.code, Some(0), "{search:?}");
}

#[test]
fn the_memory_limit_of_these_tests_bites() {
    let outcome = Program::new().run_command("tail", &["/dev/zero"]);
    assert_ne!(outcome.code, Some(0), "control: {outcome:?}");
}

#[test]
fn what_lies_outside_the_delivery_is_not_found() {
    let delivery = named("alternates");
    let program = Program::new();
    let search = program.on("search", &delivery.path, &[FOREIGN, "--json"]);
    assert_eq!(search.code, Some(1), "{search:?}");
    let info = info(&delivery);
    assert_eq!(info["not_searched"][0]["path"], "foreign.c", "{info}");
    assert_eq!(
        info["not_searched"][0]["reason"], "missing-object",
        "{info}"
    );
    let influence = info["vendor_influence"].as_array().unwrap();
    assert!(
        influence.iter().any(|one| one["kind"] == "alternates"),
        "{info}"
    );
}

#[test]
fn every_odd_name_is_listed_and_none_is_shown_raw() {
    let program = Program::new();
    let search = program.on("search", &named("names").path, &[NEEDLE, "--json"]);
    let found = records(&search);
    let paths: Vec<_> = found
        .iter()
        .filter_map(|record| record["path"].as_str())
        .collect();
    for path in [
        "%1B]0;title%07.c",
        "%0D%0A.c",
        "%FF%FE.c",
        "%E2%80%AEc.exe",
        "a%E2%80%8Bb.c",
        "..",
        ".git",
        "-rf",
        "%2541.c",
        "up/../escaped.c",
    ] {
        assert!(paths.contains(&path), "{path} is not among {paths:?}");
    }
}

#[test]
fn settings_of_the_vendor_are_listed_and_not_obeyed() {
    let info = info(&named("settings that include others"));
    let kinds = info["vendor_influence"].as_array().unwrap().iter();
    let kinds: Vec<_> = kinds.filter_map(|one| one["kind"].as_str()).collect();
    for kind in ["hook", "grafts", "attributes"] {
        assert!(kinds.contains(&kind), "{kind} is not among {kinds:?}");
    }
    assert!(
        kinds.iter().any(|kind| kind.starts_with("config")),
        "{kinds:?}"
    );
}

#[test]
fn an_end_of_history_is_said() {
    assert_eq!(info(&named("history ends"))["shallow"], true);
    assert_eq!(
        info(&named("control: nothing odd"))["shallow"],
        false,
        "control"
    );
}

#[test]
fn mistakes_of_the_reviewer_have_their_own_exit_code() {
    let delivery = named("control: nothing odd");
    let program = Program::new();
    let code = |verb: &str, more: &[&str]| {
        let outcome = program.on(verb, &delivery.path, more);
        check_manners(verb, &outcome);
        outcome.code
    };
    assert_eq!(code("search", &[NEEDLE]), Some(0), "control");
    assert_eq!(code("search", &["nowhere_to_be_found"]), Some(1));
    assert_eq!(code("search", &["/(/"]), Some(2));
    assert_eq!(code("search", &[NEEDLE, "--no-such-option"]), Some(2));
    assert_eq!(
        code("search", &[NEEDLE, "--rev", "no-such-revision"]),
        Some(3)
    );
    assert_eq!(code("index", &["--rev", "no-such-revision"]), Some(3));
}
