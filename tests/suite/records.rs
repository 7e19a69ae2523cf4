//! What is recorded is recorded once, and what a purge leaves is said.

use crate::headless::Desk;
use crate::support::desk::has;
use crate::support::root;
use std::fs;
use std::path::PathBuf;

/// Returns the folder of the one review.
fn review(desk: &Desk) -> PathBuf {
    let reviews = desk.json(&["review", "list"]);
    let name = reviews[0]["name"].as_str().unwrap();
    desk.program.home().join("reviews").join(name)
}

/// A sync that fails, once or for good, and the same command again: one finding.
#[test]
fn a_retry_after_a_failed_sync_records_one_finding() {
    if !has("strace") {
        return;
    }
    for (when, says) in [("1", "taken back"), ("1+", "may be recorded")] {
        let desk = Desk::new();
        desk.finding("src/auth.c:1", "first");
        let folder = review(&desk);
        let ledger = folder.join("ledger/alice.jsonl");
        let name = folder.file_name().unwrap().to_str().unwrap();
        let add = [
            "finding",
            "add",
            "--review",
            name,
            "--title",
            "twice?",
            "--severity",
            "low",
            "--at",
            "src/auth.c:8",
        ];
        let before = fs::read(&ledger).unwrap();
        let fault = format!("inject=fdatasync:error=EIO:when={when}");
        let options = [
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-P",
            ledger.to_str().unwrap(),
            "-e",
            &fault,
        ];
        let program = [env!("CARGO_BIN_EXE_glassroom")];
        let outcome = desk
            .program
            .run_command("strace", &[&options[..], &program, &add].concat());
        assert_eq!(outcome.code, Some(3), "{outcome:?}");
        assert!(outcome.stderr.contains(says), "{when}: {outcome:?}");
        assert_eq!(fs::read(&ledger).unwrap(), before, "{when}");
        assert_eq!(desk.run(&add).code, Some(0));
        let list = desk.json(&["finding", "list", "--review", name]);
        let titles: Vec<_> = list.iter().map(|f| f["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["A name is copied unchecked", "twice?"], "{when}");
        assert_eq!(desk.code(&["ledger", "verify", "--review", name]), Some(0));
    }
}

#[test]
fn a_purge_removes_drafts_and_says_what_may_remain() {
    let desk = Desk::new();
    desk.finding("src/auth.c:1", "first");
    let folder = review(&desk);
    let name = folder.file_name().unwrap().to_str().unwrap();
    let drafts = [
        "drafts-alice.json",
        "draft-bob.json",
        "drafts-alice.json.unreadable-2",
    ];
    for draft in drafts {
        fs::write(folder.join(draft), "strcpy(buf, name)").unwrap();
    }
    let purged = &desk.json(&["review", "purge", name, "--yes"])[0];
    let removed = purged["removed"].to_string();
    for draft in drafts {
        assert!(!folder.join(draft).exists(), "{draft}");
        assert!(removed.contains(draft), "{removed}");
    }
    let remains = purged["remains"].to_string();
    assert!(remains.contains("where the gate blocked it"), "{remains}");
    assert!(remains.contains("queries.toml"), "{remains}");
    assert!(folder.join("ledger/alice.jsonl").exists());
    assert!(folder.join("review.toml").exists(), "control");
}

#[test]
fn verify_names_what_it_checked() {
    let desk = Desk::new();
    desk.finding("src/auth.c:1", "first");
    let folder = review(&desk);
    let name = folder.file_name().unwrap().to_str().unwrap();
    let checked = &desk.json(&["ledger", "verify"])[0];
    assert_eq!(checked["valid"], true);
    let ledger = &checked["ledgers"][0];
    assert_eq!(ledger["file"], format!("{name}/ledger/alice.jsonl"));
    assert!(ledger["entries"].as_u64().unwrap() >= 2, "{ledger}");
    assert_eq!(checked["remarks"].as_array().unwrap().len(), 0);
    let text = desk.run(&["ledger", "verify"]).stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with(&format!("checked {name}/ledger/alice.jsonl: ")));
    assert_eq!(lines.last(), Some(&"1 review: valid"), "{text}");
}

/// What is valid is named with what it holds, and a clock that went backwards is no damage.
#[test]
fn verify_names_clocks_that_go_backwards() {
    let desk = Desk::new();
    for name in ["good", "clock-backwards", "line-missing"] {
        let folder = desk
            .program
            .home()
            .join("reviews")
            .join(name)
            .join("ledger");
        fs::create_dir_all(&folder).unwrap();
        let data = root()
            .join("tests/data/ledgers")
            .join(format!("{name}.jsonl"));
        fs::copy(data, folder.join("alice.jsonl")).unwrap();
    }
    let outcome = desk.run(&["ledger", "verify"]);
    assert_eq!(outcome.code, Some(1), "one is damaged: {outcome:?}");
    let row = |word: &str, name: &str| -> Vec<String> {
        let start = format!("{word} {name}/ledger/alice.jsonl");
        let lines = outcome.stdout.lines().filter(|l| l.starts_with(&start));
        lines.map(str::to_owned).collect()
    };
    for name in ["good", "clock-backwards"] {
        let checked = row("checked", name);
        assert!(checked[0].contains(" entries, from 20"), "{checked:?}");
        assert!(checked[0].ends_with(": valid"), "{checked:?}");
    }
    assert!(row("checked", "line-missing")[0].ends_with(": NOT VALID"));
    assert!(row("remark", "clock-backwards")[0].contains("the clock went backwards"));
    assert_eq!(row("remark", "good"), [""; 0]);
}
