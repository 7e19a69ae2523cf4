//! Ways out that need no skill: text in fields that look too small for text, and ledgers that were written by hand.

use crate::headless::Desk;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// Base64 of `if (tlv->length > `, in the letters that a name may have.
const CODED: &str = "aWYgKHRsdi0.bGVuZ3RoID4g";

fn edit(desk: &Desk, more: &[&str]) -> Option<i32> {
    desk.code(&[&["finding", "edit", "F1", "--snapshot", "DEMO"][..], more].concat())
}

/// What a trial of the export says: it ends with 0 if nothing blocks and with 1 if something does.
fn trial(desk: &Desk, more: &[&str]) -> Value {
    let trial = ["export", "--snapshot", "DEMO", "--dry-run", "--json"];
    let outcome = desk.run(&[&trial[..], more].concat());
    let record: Value = serde_json::from_str(outcome.stdout.lines().next().unwrap()).unwrap();
    let is_blocked = record["blocked"].as_bool().unwrap();
    assert_eq!(outcome.code, Some(i32::from(is_blocked)), "{outcome:?}");
    record
}

#[test]
fn references_hold_no_text_or_are_judged() {
    let desk = Desk::new();
    desk.finding("src/auth.c:24-28", "It is not measured.");
    let long = "a".repeat(32);
    for bad in [
        format!("CLAIM@{long} {long}"),
        "CLAIM uint32_t_ogs_tlv_calc_length".to_owned(),
        "ASVS@4.0.3 aWYgKHRsdi0".to_owned(),
        "ETSI 6966202874".to_owned(),
        "ISO@27001:2022 strcpy".to_owned(),
    ] {
        assert_eq!(edit(&desk, &["--reference", &bad]), Some(2), "{bad}");
    }
    let many = |count| ["--reference", "asvs 5.1.3"].repeat(count);
    assert_eq!(edit(&desk, &many(9)), Some(2));
    assert_eq!(edit(&desk, &many(8)), Some(0), "control");
    let more = [
        "--reference",
        "etsi@EN 303 645 5.1-1",
        "--reference",
        "claim SEC-12",
    ];
    assert_eq!(edit(&desk, &more), Some(0));
    assert_eq!(trial(&desk, &[])["blocked"], false, "the control");
    // The vendor's line, in the letters that a claim may have.
    let copied = "CLAIM@check_password.strcpy.is safe.here.see.ticket.12";
    assert_eq!(edit(&desk, &["--reference", copied]), Some(0));
    let verdict = trial(&desk, &[]);
    assert_eq!(verdict["blocked"], true, "{verdict}");
    let files: Vec<&str> = verdict["overlaps"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|o| o["also"].as_array().unwrap().iter().chain([o]))
        .map(|o| o["file"].as_str().unwrap())
        .collect();
    for file in [
        "findings.json",
        "findings.sarif",
        "report.md",
        "report.html",
        "ledger-alice.jsonl",
    ] {
        assert!(files.contains(&file), "{file}: {files:?}");
    }
}

#[test]
fn a_reviewers_name_is_judged_and_an_honest_one_passes() {
    for (name, is_blocked) in [
        ("anna-maria.schmidt@bsi.bund.de", false),
        ("Krzysztof.Brzeczyszczykiewicz@example.org", false),
        (CODED, true),
        // The vendor's own line as a name.
        ("check_password.strcpy.is.safe.here.see.ticket.12", true),
    ] {
        let desk = Desk::new();
        let more = ["--reviewer", name];
        let add = [
            "finding",
            "add",
            "--snapshot",
            "DEMO",
            "--title",
            "A name is copied",
            "--severity",
            "low",
            "--at",
            "src/auth.c:1",
        ];
        desk.json(&[&add[..], &more].concat());
        assert_eq!(trial(&desk, &more)["blocked"], is_blocked, "{name}");
        if is_blocked {
            // A colleague's bundle holds the name too.
            assert_eq!(trial(&desk, &[])["blocked"], true, "{name}");
        }
    }
}

#[test]
fn a_reviews_name_is_judged() {
    for (name, is_blocked) in [("acme-ran-2026.4", false), (CODED, true)] {
        let desk = Desk::new();
        let more = ["--review", name];
        let index = ["index", "DEMO"];
        desk.json(&[&index[..], &more].concat());
        assert_eq!(trial(&desk, &more)["blocked"], is_blocked, "{name}");
    }
}

/// The file of alice's ledger.
fn ledger(desk: &Desk) -> PathBuf {
    let mut waiting = vec![desk.program.home()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("ledger/alice.jsonl") {
                return path;
            }
            if path.is_dir() {
                waiting.push(path);
            }
        }
    }
    panic!("there is no ledger");
}

#[test]
fn a_line_that_was_written_by_hand_does_not_leave() {
    for (good, odd, is_odd) in [
        (
            "\"title\":",
            "\"note\":\"strcpy is safe here\",\"title\":",
            true,
        ),
        ("\"severity\":\"high\"", "\"severity\": \"high\"", true),
        ("A name", "\\u0041 name", true),
        ("\"number\":1,", "\"number\":1718511904,", true),
        // The control: a field that an older version wrote though it holds nothing.
        (
            "\"severity\":\"high\"",
            "\"consequence\":\"\",\"severity\":\"high\"",
            false,
        ),
    ] {
        let desk = Desk::new();
        desk.finding("src/auth.c:24-28", "It is not measured.");
        let path = ledger(&desk);
        let text = fs::read_to_string(&path).unwrap();
        let changed = text.replacen(good, odd, 1);
        assert_ne!(changed, text, "{good}");
        let at = changed
            .lines()
            .zip(text.lines())
            .position(|(a, b)| a != b)
            .unwrap();
        assert_eq!(
            at + 1,
            text.lines().count(),
            "it is the last line, so that the chain holds"
        );
        fs::write(&path, &changed).unwrap();
        fs::remove_file(path.with_extension("head")).unwrap();
        // It still opens, and nothing is lost.
        let list = desk.json(&["finding", "list", "--snapshot", "DEMO"]);
        assert_eq!(list.len(), 1);
        let outcome = desk.export(&["--dry-run", "--json"]);
        let checked = desk.run(&["ledger", "verify", "--json"]);
        if is_odd {
            assert_eq!(outcome.code, Some(3), "{odd}: {outcome:?}");
            let named = format!("line {} of the ledger of alice", at + 1);
            assert!(outcome.stderr.contains(&named), "{outcome:?}");
            assert_eq!(checked.code, Some(1), "{checked:?}");
        } else {
            assert_eq!(outcome.code, Some(0), "{odd}: {outcome:?}");
            assert_eq!(checked.code, Some(0), "{checked:?}");
        }
    }
}

#[test]
fn a_path_that_no_snapshot_holds_is_judged() {
    let desk = Desk::new();
    desk.finding("src/auth.c:24-28", "It is not measured.");
    let path = ledger(&desk);
    let text = fs::read_to_string(&path).unwrap();
    for (with, is_blocked) in [
        ("src/main.c", false),
        ("check_password strcpy is safe here see ticket 12", true),
        ("aWYgKHRsdi0/bGVuZ3RoID4gZmllbGRz", true),
    ] {
        fs::write(&path, text.replace("src/auth.c", with)).unwrap();
        let _ = fs::remove_file(path.with_extension("head"));
        assert_eq!(trial(&desk, &[])["blocked"], is_blocked, "{with}");
    }
    // A blob that was not delivered is 20 bytes of anything.
    let line = text.lines().last().unwrap();
    let at = line.find("\"blob\":\"").unwrap() + 8;
    let blob = &line[at..at + 40];
    let other = "69662028746c762d3e6c656e677468203e203029";
    fs::write(&path, text.replace(blob, other)).unwrap();
    let _ = fs::remove_file(path.with_extension("head"));
    assert_eq!(trial(&desk, &[])["blocked"], true);
}
