//! Findings, replies and sweeps through the verbs.

use crate::headless::Desk;
use serde_json::Value;

/// Options that name the review.
pub const AT: [&str; 2] = ["--snapshot", "DEMO"];

fn with<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [words, &AT].concat()
}

#[test]
fn every_field_of_a_finding_is_recorded_and_leaves_with_it() {
    let desk = Desk::new();
    let vector = "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
    desk.finding("src/auth.c:24-28@sink: the copy", "It is not measured.");
    let more = [
        "finding",
        "edit",
        "F1",
        "--consequence",
        "Memory is overwritten.",
        "--confirm",
        "Send 300 bytes.",
        "--exploit",
        "From the network.",
        "--recommendation",
        "Measure first.",
        "--confidence",
        "confirmed",
        "--priority",
        "urgent",
        "--difficulty",
        "low",
        "--category",
        "data-validation",
        "--cvss",
        vector,
        "--reference",
        "asvs@4.0.3 V5.1.3",
        "--audience",
        "public",
        "--trail",
        "yes",
    ];
    desk.json(&with(&more));
    desk.json(&with(&[
        "finding",
        "reply",
        "F1",
        "--voice",
        "answer",
        "--text",
        "We will look.",
    ]));
    let (bundle, _) = desk.bundle();
    let findings = std::fs::read_to_string(bundle.join("findings.json")).unwrap();
    let findings: Value = serde_json::from_str(&findings).unwrap();
    let finding = &findings["findings"][0];
    for (field, want) in [
        ("confidence", "confirmed"),
        ("priority", "urgent"),
        ("difficulty", "low"),
        ("category", "data-validation"),
        ("audience", "public"),
    ] {
        assert_eq!(finding[field], want, "{field}");
    }
    assert_eq!(finding["words"]["recommendation"], "Measure first.");
    assert_eq!(finding["cvss"][0]["rating"], "high");
    assert_eq!(finding["references"][0]["scheme"], "OWASP-ASVS");
    assert_eq!(finding["locations"][0]["role"], "sink");
    assert_eq!(finding["locations"][0]["label"], "the copy");
    assert_eq!(finding["replies"][0]["voice"], "answer");
    let report = std::fs::read_to_string(bundle.join("report.md")).unwrap();
    for text in [
        "Memory is overwritten.",
        "We will look.",
        "CVSS base 7.3 high",
    ] {
        assert!(report.contains(text), "{text}: {report}");
    }
    for (option, value) in [
        ("--cvss", "CVSS:3.1/AV:N"),
        ("--reference", "strcpy(buf, in)"),
        ("--category", "other"),
        ("--priority", "soon"),
    ] {
        assert_eq!(
            desk.code(&with(&["finding", "edit", "F1", option, value])),
            Some(2),
            "{option}"
        );
    }
}

#[test]
fn a_bundle_holds_only_what_its_audience_may_read() {
    let desk = Desk::new();
    for (audience, title) in [("agency", "Alpha"), ("vendor", "Beta"), ("public", "Gamma")] {
        let add = [
            "finding",
            "add",
            "--title",
            title,
            "--severity",
            "low",
            "--at",
            "src/auth.c:1",
            "--audience",
            audience,
        ];
        desk.json(&with(&add));
    }
    for (audience, held) in [("agency", 3), ("vendor", 2), ("public", 1)] {
        let record = desk
            .json(&with(&["export", "--dry-run", "--audience", audience]))
            .remove(0);
        assert_eq!(record["blocked"], false, "{record}");
        let size = |name: &str| {
            let files = record["files"].as_array().unwrap();
            files.iter().find(|f| f["name"] == name).unwrap()["bytes"]
                .as_u64()
                .unwrap()
        };
        assert!(size("findings.json") > 0);
        let counted = desk.json(&with(&["finding", "list"])).len();
        assert_eq!(counted, 3, "the list is whole");
        assert!(held <= counted);
    }
    let (key, _) = desk.key();
    let pass = desk.program.home().join("pass");
    let to = desk.program.home().join("for-vendor");
    let out = desk.run(&with(&[
        "export",
        "--audience",
        "vendor",
        "--to",
        to.to_str().unwrap(),
        "--key",
        &key,
        "--passphrase-file",
        pass.to_str().unwrap(),
    ]));
    assert_eq!(out.code, Some(0), "{out:?}");
    let mut all = String::new();
    for file in std::fs::read_dir(&to).unwrap() {
        all += &std::fs::read_to_string(file.unwrap().path()).unwrap();
    }
    assert!(all.contains("Beta") && all.contains("Gamma"), "control");
    assert!(
        !all.contains("Alpha"),
        "what the agency alone may read has left"
    );
}

#[test]
fn places_move_between_findings() {
    let desk = Desk::new();
    desk.finding("src/auth.c:24-28@sink", "x");
    desk.finding("src/main.c:2", "y");
    desk.json(&with(&["finding", "move", "F1", "--at", "src/auth.c:30"]));
    assert_eq!(
        desk.code(&with(&["finding", "move", "F1", "--to", "F2"])),
        Some(3),
        "its last place"
    );
    assert_eq!(
        desk.code(&with(&[
            "finding",
            "move",
            "F1",
            "--place",
            "2",
            "--at",
            "src/auth.c:1"
        ])),
        Some(3)
    );
    desk.json(&with(&[
        "finding",
        "edit",
        "F1",
        "--at",
        "src/auth.c:30@sink",
        "--at",
        "src/auth.c:40",
    ]));
    desk.json(&with(&[
        "finding", "move", "F1", "--place", "1", "--to", "F2",
    ]));
    let list = desk.json(&with(&["finding", "list"]));
    let places = |at: usize| -> Vec<(u64, String)> {
        let rows = list[at]["locations"].as_array().unwrap();
        rows.iter()
            .map(|l| {
                (
                    l["start_line"].as_u64().unwrap(),
                    l["label"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    };
    assert_eq!(places(0), [(40, String::new())]);
    assert_eq!(places(1), [(2, String::new()), (30, "sink".into())]);
}

#[test]
fn remarks_leave_and_private_notes_do_not() {
    let desk = Desk::new();
    for (verb, text) in [
        ("remark", "for the vendor"),
        ("note", "for me alone"),
        ("question", "why so?"),
    ] {
        desk.json(&with(&[
            verb,
            "add",
            "--at",
            "src/main.c:2",
            "--text",
            text,
        ]));
    }
    assert_eq!(desk.json(&with(&["remark", "list"])).len(), 1);
    let (bundle, _) = desk.bundle();
    let read = |name: &str| std::fs::read_to_string(bundle.join(name)).unwrap();
    assert!(read("report.md").contains("for the vendor"));
    assert!(
        read("questions.md").contains("why so?")
            && !read("questions.md").contains("for the vendor")
    );
    for name in [
        "report.md",
        "questions.md",
        "findings.sarif",
        "ledger-alice.jsonl",
    ] {
        assert!(!read(name).contains("for me alone"), "{name}");
    }
}

#[test]
fn a_sweep_counts_its_verdicts() {
    let desk = Desk::new();
    let begun = desk
        .json(&with(&[
            "sweep",
            "new",
            "strcpy( f:src",
            "--name",
            "unsafe copies",
        ]))
        .remove(0);
    let hits = begun["hits"].as_u64().unwrap();
    assert!(hits >= 2, "{begun}");
    let rows = desk.json(&with(&["sweep", "list", "W1"]));
    assert_eq!(rows.len() as u64, hits);
    let place = format!("{}:{}", rows[0]["path"].as_str().unwrap(), rows[0]["line"]);
    desk.finding(&place, "x");
    let state = desk
        .json(&with(&[
            "sweep", "verdict", "W1", "finding", "--at", &place, "--item", "F1",
        ]))
        .remove(0);
    assert_eq!(
        (&state["decided"], &state["verdicts"]["finding"]),
        (&1.into(), &1.into()),
        "{state}"
    );
    desk.json(&with(&["sweep", "verdict", "1", "later", "--at", &place]));
    let state = desk.json(&with(&["sweep", "list"])).remove(0);
    assert_eq!(
        (&state["decided"], &state["verdicts"]["later"]),
        (&0.into(), &1.into()),
        "{state}"
    );
    assert_eq!(
        desk.code(&with(&[
            "sweep",
            "verdict",
            "W1",
            "ok",
            "--at",
            "src/auth.c:1"
        ])),
        Some(3)
    );
    assert_eq!(
        desk.code(&with(&["sweep", "verdict", "W9", "ok", "--at", &place])),
        Some(3)
    );
    assert_eq!(
        desk.code(&with(&["sweep", "new", "nothing_is_called_so"])),
        Some(3)
    );
    assert_eq!(desk.code(&with(&["sweep", "new", "/(/"])), Some(2));
    assert_eq!(
        desk.code(&with(&["sweep", "verdict", "W1", "fine", "--at", &place])),
        Some(2)
    );
    // In another release the query finds other lines: old verdicts are not given to them.
    let other = [
        "sweep", "verdict", "W1", "ok", "--at", &place, "--rev", "v2.4",
    ];
    assert_eq!(desk.code(&with(&other)), Some(3));
}
