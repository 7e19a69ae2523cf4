//! Ways to disguise 280 characters of code: which the gate stops, and which it does not.

use crate::headless::Desk;
use crate::support::disguise::{self, Disguise};
use crate::support::passage::{ASKED, BLANKS, OPEN, PARTLY, STOPPED};
use crate::support::vendor::{Chance, Vendor, caught, typed};
use crate::support::{read, skip};
use glassroom::model::{MOST_LOCATIONS, Rule};
use glassroom::text::tidy_blanks;
use std::collections::BTreeSet;

/// Set to anything, it makes the tests of this file thorough.
const LONG: &str = "GLASSROOM_GATE_LONG";
/// Passages that are disguised in each way; the quick form takes a tenth.
const PASSAGES: usize = 300;

/// What is typed is recorded with plain white space, unless it is in an older ledger.
fn recorded(text: &str, disguise: &Disguise) -> String {
    if BLANKS.iter().any(|way| way.0 == disguise.0) {
        text.to_owned()
    } else {
        tidy_blanks(text).text
    }
}

/// Returns which of the passages are blocked in a disguise, and which are blocked or stopped.
fn blocked(vendor: &Vendor, passages: &[String], disguise: &Disguise) -> [BTreeSet<usize>; 2] {
    let mut chance = Chance::new(7);
    let items = passages.iter().enumerate().map(|(i, passage)| {
        let texts = (disguise.1)(passage, &mut chance).into_iter();
        texts
            .map(|text| typed(i, recorded(&text, disguise)))
            .collect()
    });
    let mut out = [BTreeSet::new(), BTreeSet::new()];
    for verdict in vendor.judge_items(items) {
        out[0].extend(caught(&verdict, |o| o.rule != Rule::CodeRun));
        out[1].extend(caught(&verdict, |_| true));
    }
    out
}

fn judged(vendor: &Vendor) {
    let is_long = std::env::var_os(LONG).is_some();
    let count = if is_long { PASSAGES } else { PASSAGES / 10 };
    if !is_long {
        skip(&format!(
            "nine in ten of {PASSAGES} disguised passages: {LONG} is not set"
        ));
    }
    let passages = vendor.passages(count, &mut Chance::new(3));
    assert_eq!(passages.len(), count, "the vendor has too little code");
    let prose = read("tests/data/paragraphs.txt");
    let prose: Vec<String> = prose.lines().take(count).map(str::to_owned).collect();
    let own: Disguise = ("prose of that length", |text, _| disguise::own(text));
    assert_eq!(
        blocked(vendor, &prose, &own),
        <[BTreeSet<usize>; 2]>::default(),
        "the control"
    );
    let mut missed = Vec::new();
    let lists = [
        ("stopped", STOPPED, [1000, 1000]),
        (
            "stopped if they are in an older ledger",
            BLANKS,
            [1000, 1000],
        ),
        ("asked", ASKED, [0, 500]),
        ("partly", PARTLY, [500, 500]),
        ("open", OPEN, [0, 0]),
    ];
    for (title, ways, least) in lists {
        println!("\n{title:<40} blocked or asked of {count}");
        for way in ways {
            let found = blocked(vendor, &passages, way).map(|found| found.len());
            println!("{:<40} {:>7} {:>8}", way.0, found[0], found[1]);
            if found
                .iter()
                .zip(least)
                .any(|(found, least)| found * 1000 < count * least)
            {
                missed.push(way.0);
            }
        }
    }
    assert!(missed.is_empty(), "not stopped: {missed:?}");
}

#[test]
fn passages_are_stopped_in_every_disguise() {
    judged(&Vendor::demo());
}

#[test]
fn passages_of_a_real_tree_are_stopped_in_every_disguise() {
    if let Some(vendor) = Vendor::tree("the disguised passages") {
        judged(&vendor);
    }
}

/// What is open is stated by name, so the same name is never both; together they are the ways that were tried.
#[test]
fn every_way_that_was_tried_has_one_name() {
    let lists = [STOPPED, BLANKS, ASKED, PARTLY, OPEN];
    let names: Vec<&str> = lists
        .iter()
        .flat_map(|l| l.iter())
        .map(|way| way.0)
        .collect();
    assert!(names.len() >= 87, "{}", names.len());
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

/// The demo's file with the most lines.
const LONG_FILE: &str = "src/msg_parser.c";

/// Files a finding with a location on each of the lines; returns whether an export would be blocked, and the rules.
fn located(lines: impl Iterator<Item = u32>) -> (bool, Vec<String>) {
    let desk = Desk::new();
    let places: Vec<String> = lines.map(|line| format!("{LONG_FILE}:{line}")).collect();
    let mut words = vec![
        "finding",
        "add",
        "--snapshot",
        "DEMO",
        "--title",
        "Many",
        "--severity",
        "low",
    ];
    for place in &places {
        words.extend(["--at", place]);
    }
    desk.json(&words);
    let out = desk.run(&["export", "--snapshot", "DEMO", "--dry-run", "--json"]);
    let record: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    let overlaps = record["overlaps"].as_array().unwrap().iter();
    let rules = overlaps.map(|o| o["rule"].as_str().unwrap().to_owned());
    (record["blocked"].as_bool().unwrap(), rules.collect())
}

#[test]
fn line_numbers_that_spell_code_are_read() {
    let text = read(&format!("assets/demo/2.5/{LONG_FILE}"));
    let count = text.lines().count() as u32;
    let line = text
        .lines()
        .map(str::trim)
        .filter(|l| l.contains(';') && l.is_ascii());
    let line = line.max_by_key(|l| l.len()).unwrap();
    let (is_blocked, rules) = located(line.bytes().map(u32::from));
    assert!(
        is_blocked && rules.iter().any(|r| r == "disguise"),
        "{line}: {rules:?}"
    );
    // With a number added, as far as the file has lines.
    let by = count - u32::from(line.bytes().max().unwrap());
    let (is_blocked, rules) = located(line.bytes().map(|b| u32::from(b) + by));
    assert!(is_blocked, "{by}: {rules:?}");
    let (is_blocked, rules) = located((1..).step_by(2).take(line.len()));
    assert!(!is_blocked, "the control: {rules:?}");
}

#[test]
fn a_finding_has_no_more_of_anything_than_a_claim_needs() {
    let desk = Desk::new();
    desk.finding("src/auth.c:1", "It is so.");
    let edit = |options: &[String]| {
        let mut words = vec!["finding", "edit", "F1", "--snapshot", "DEMO"];
        words.extend(options.iter().map(String::as_str));
        desk.run(&words)
    };
    let vector = |e: &str| format!("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:{e}");
    let options = |option: &str, values: &[String]| -> Vec<String> {
        values
            .iter()
            .flat_map(|v| [option.to_owned(), v.clone()])
            .collect()
    };
    let vectors: Vec<String> = ["H", "L", "N"].map(vector).to_vec();
    let places: Vec<String> = (0..=MOST_LOCATIONS)
        .map(|i| format!("{LONG_FILE}:{}-{}", i % 200 + 1, i % 200 + 1 + i / 200))
        .collect();
    for (options, what) in [
        (
            options("--cvss", &vectors),
            "CVSS 3.1 vectors at most, this one has 3",
        ),
        (
            options("--at", &places),
            &*format!(
                "{MOST_LOCATIONS} locations at most, this one has {}",
                MOST_LOCATIONS + 1
            ),
        ),
    ] {
        let out = edit(&options);
        assert!(out.code > Some(1) && out.stderr.contains(what), "{out:?}");
        assert!(out.stderr.contains("leave some out"), "{out:?}");
        let fewer = &options[..options.len() - 2];
        assert_eq!(edit(fewer).code, Some(0), "the control: one less");
    }
}

#[test]
fn blanks_leave_plain_in_every_file() {
    let desk = Desk::new();
    let bits = "so  it\u{a0}is \t and\u{2003}not \n otherwise   \n\n\n  at\u{3000}all.";
    desk.finding("src/auth.c:1@label  of  it", bits);
    let (bundle, _) = desk.bundle();
    let mut seen = 0;
    for file in std::fs::read_dir(&bundle).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        seen += usize::from(text.contains("otherwise"));
        for odd in [
            "so  it",
            "\u{a0}",
            "\u{2003}",
            "\u{3000}",
            "label  of",
            "otherwise  ",
            "not \\n",
        ] {
            assert!(!text.contains(odd), "{}: {odd:?}", path.display());
        }
    }
    assert!(seen >= 4, "the control: {seen} files hold the text");
}
