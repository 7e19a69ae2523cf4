//! Several reviewers in one review: the lists, the screen and the bundle say whose is what.

use crate::support::desk::Desk;
use crate::support::driven::Driven;
use glassroom::job::Ask;
use glassroom::model::CoverageBy;
use serde_json::Value;

/// Alice's finding of the desk, and bob's finding, reply, remark and marks.
fn two() -> Desk {
    let desk = Desk::new();
    let run = |words: &[&str]| {
        let more = ["--snapshot", &desk.demo, "--reviewer", "bob"];
        let outcome = desk.program.run(&[words, &more].concat());
        assert_eq!(outcome.code, Some(0), "{words:?}: {outcome:?}");
    };
    let at = ["--at", "src/auth.c:40-42"];
    run(&[
        &[
            "finding",
            "add",
            "--severity",
            "low",
            "--title",
            "Bob's own",
        ][..],
        &at,
    ]
    .concat());
    run(&["finding", "reply", "alice/F1", "--text", "I see it too."]);
    run(&[&["remark", "add", "--text", "A remark of bob's."][..], &at].concat());
    run(&["mark", "src/auth.c:1-10", "--set"]);
    desk
}

#[test]
fn the_verbs_name_whose_each_item_is() {
    let desk = two();
    for (verb, wanted) in [
        ("finding", &[("alice", 1), ("bob", 1)][..]),
        ("remark", &[("bob", 1)]),
    ] {
        // In both reviewers' eyes.
        for reader in ["alice", "bob"] {
            let list = [verb, "list", "--snapshot", &desk.demo, "--reviewer", reader];
            let outcome = desk.program.run(&[&list[..], &["--json"]].concat());
            let mut found: Vec<(String, u64)> = outcome
                .stdout
                .lines()
                .map(|line| {
                    let row: Value = serde_json::from_str(line).unwrap();
                    let reviewer = row["reviewer"].as_str().unwrap().to_owned();
                    (reviewer, row["number"].as_u64().unwrap())
                })
                .collect();
            found.sort();
            let wanted: Vec<_> = wanted.iter().map(|(w, n)| ((*w).to_owned(), *n)).collect();
            assert_eq!(found, wanted, "{verb} as {reader}");
            let plain = desk.program.run(&list).stdout;
            let letter = if verb == "finding" { 'F' } else { 'R' };
            for (who, number) in &wanted {
                assert!(
                    plain.contains(&format!("{who}/{letter}{number} ")),
                    "{plain}"
                );
            }
        }
    }
    // A bare number is the reader's own; a colleague's item is not changed.
    for (id, code) in [("F1", 0), ("bob/F1", 0), ("alice/F1", 3)] {
        let edit = [
            "finding",
            "edit",
            id,
            "--severity",
            "high",
            "--snapshot",
            &desk.demo,
        ];
        let outcome = desk
            .program
            .run(&[&edit[..], &["--reviewer", "bob"]].concat());
        assert_eq!(outcome.code, Some(code), "{id}: {outcome:?}");
    }
}

#[test]
fn the_screen_names_whose_each_item_is() {
    let desk = two();
    let ask = Ask {
        source: Some(desk.demo.clone().into()),
        ..Ask::default()
    };
    let mut driven = Driven::open(&desk.program.home(), &ask, (110, 36));
    driven.keys("@");
    let text = driven.text();
    let rows: Vec<&str> = text.lines().filter(|l| l.contains("src/auth.c:")).collect();
    let row = |name: &str| {
        rows.iter()
            .any(|row| row.trim_start_matches(['\u{2502}', ' ']).starts_with(name))
    };
    assert!(row("F1 "), "the own finding has no name before it: {text}");
    assert!(row("bob/F1 ") && row("bob/R1 "), "{text}");
    assert!(!row("alice/"), "{text}");
    assert!(text.contains("opinion by bob: I see it too."), "{text}");
    // The detail says who wrote what is under the cursor.
    driven.keys("/");
    driven.type_text("bob's own");
    driven.keys("Enter");
    let text = driven.text();
    assert!(
        text.lines().any(|line| line.trim_end().ends_with("bob")),
        "{text}"
    );
    driven.keys("e");
    assert!(
        driven
            .text()
            .contains("F1 is bob's: only its author changes it"),
        "{}",
        driven.text()
    );
    driven.keys("/ Esc g g g");
    let text = driven.text();
    assert!(
        text.contains("alice (1)") && text.contains("bob (2)"),
        "{text}"
    );
    driven.keys("q P Tab Tab Tab Tab");
    driven.until("coverage by reviewer", |app| {
        let Some(glassroom::app::layer::Layer::Coverage(screen)) = app.layers.last() else {
            return false;
        };
        screen
            .table
            .as_ref()
            .is_some_and(|table| table.by == CoverageBy::Reviewer)
    });
    let text = driven.text();
    let bob = text.lines().find(|line| line.contains("bob")).unwrap();
    assert!(bob.contains("10"), "bob marked ten lines: {text}");
    assert!(text.contains("alice"), "{text}");
    driven.keys("q");
    driven.size = (160, 36);
    driven.open_file("src/auth.c");
    let text = driven.text();
    assert!(
        text.contains("bob/F1 low"),
        "the pane beside the code: {text}"
    );
}

#[test]
fn a_bundle_holds_both_and_names_each() {
    let desk = two();
    let alice = desk.person("alice");
    let bundle = desk.program.home().join("bundle");
    let outcome = desk.export_by(&alice, &bundle);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let report = std::fs::read_to_string(bundle.join("report.md")).unwrap();
    for text in [
        "### alice/F1",
        "### bob/F1",
        "opinion by bob: I see it too",
        "bob/R1",
    ] {
        assert!(report.contains(text), "{text}: {report}");
    }
    let signers = desk.file("signers", &alice.line);
    assert_eq!(desk.verify(&bundle, &signers, &[]).code, Some(0));
    for name in ["ledger-alice.jsonl", "ledger-bob.jsonl"] {
        assert!(bundle.join(name).exists(), "{name}");
    }
}
