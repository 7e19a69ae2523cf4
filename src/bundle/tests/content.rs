use super::*;

#[test]
fn what_is_private_or_out_of_date_stays() {
    let open = Policy {
        coverage: CoverageDetail::Range,
        ..Policy::default()
    };
    let all = |r: &Rendered| r.files.iter().map(|(n, _)| file(r, n)).collect::<String>();
    let text = all(&rendered(&open));
    assert!(!text.contains("PRIVATE") && !text.contains("OLDTEXT"));
    let withheld = |p: &Policy| {
        file(&rendered(p), "ledger-alice.jsonl")
            .matches("\"sha256\"")
            .count()
    };
    assert_eq!(withheld(&open), 4);
    assert_eq!(withheld(&Policy::default()), 5, "marks too");
    let hidden = Policy {
        paths: PathDetail::BlobId,
        ..open
    };
    assert_eq!(withheld(&hidden), 12);
    let text = all(&rendered(&hidden));
    assert!(!text.contains("parse.c") && !text.contains("secret") && !text.contains("odd"));
    let cut = all(&rendered(&Policy {
        paths: PathDetail::LastTwo,
        ..Policy::default()
    }));
    assert!(
        cut.contains("net/parse.c") && !cut.contains("src/net") && !cut.contains("secret/deep")
    );
}

#[test]
fn every_typed_text_is_listed_at_each_place_where_it_stands() {
    for paths in [PathDetail::Full, PathDetail::BlobId] {
        let label = format!("{CANARY} label");
        let bundle = rendered(&Policy {
            paths,
            label,
            ..Policy::default()
        });
        // Files of the program's own making repeat the label of the lab, which is judged in others.
        for (name, bytes) in &bundle.files {
            if matches!(
                name.as_str(),
                "README.txt" | "coverage.json" | "excerpts.txt" | "snapshot.json"
            ) {
                continue;
            }
            let text = std::str::from_utf8(bytes).unwrap();
            let typed: Vec<_> = bundle.typed.iter().filter(|t| t.file == *name).collect();
            let listed: usize = typed.iter().map(|t| t.text.matches(CANARY).count()).sum();
            assert_eq!(text.matches(CANARY).count(), listed, "{name}");
            for one in typed.iter().filter(|t| t.text.contains(CANARY)) {
                let line = text.lines().nth(one.line as usize - 1).unwrap();
                assert!(line.contains(CANARY), "{one:?} is not on {line:?}");
            }
        }
    }
}

#[test]
fn sarif_has_the_shape_that_readers_expect() {
    let mut events = events();
    events.push(Event::SnapshotAdded {
        commit: CommitId::new([7; 20]),
        tree: TreeId::new([8; 20]),
        policy: Digest::ZERO,
    });
    events.push(Event::FindingAdded {
        finding: Finding {
            commit: CommitId::new([7; 20]),
            audience: Audience::Agency,
            ..finding(4, "In another release")
        },
    });
    let label = "ROOM 7".to_owned();
    let policy = Policy {
        label,
        ..Policy::default()
    };
    let bundle = rendered_of(&policy, events);
    let log: Value = serde_json::from_str(file(&bundle, "findings.sarif")).unwrap();
    let runs = log["runs"].as_array().unwrap();
    assert_eq!(log["version"], "2.1.0");
    // One run for each commit, the bundle's first.
    let of = |commit: u8, tree: u8| {
        let tree = TreeId::new([tree; 20]);
        let commit = CommitId::new([commit; 20]).to_string();
        (format!("urn:git:{tree}"), commit)
    };
    let provenance: Vec<_> = runs
        .iter()
        .map(|run| {
            let of = &run["versionControlProvenance"][0];
            let text = |name: &str| of[name].as_str().unwrap().to_owned();
            (text("repositoryUri"), text("revisionId"))
        })
        .collect();
    assert_eq!(provenance, [of(1, 2), of(7, 8)]);
    assert_eq!(runs[0]["automationDetails"]["id"], "open5gs-12345678/1");
    let other = CommitId::new([7; 20]);
    let id = format!("open5gs-12345678/{other}/1");
    assert_eq!(runs[1]["automationDetails"]["id"], id);
    assert_eq!(runs[1]["results"][0]["guid"], uuid(4).to_string());
    let run = &runs[0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["properties"]["label"], "ROOM 7");
    // A check that found nothing, a question and a comment are no results.
    let results = run["results"].as_array().unwrap();
    let shape = |r: &Value| ["ruleId", "kind", "level"].map(|k| r[k].as_str().unwrap().to_owned());
    let shapes: Vec<_> = results.iter().map(shape).collect();
    assert_eq!(
        shapes,
        [
            ["CWE-120/high", "fail", "error"],
            ["CWE-120/high", "fail", "error"]
        ]
    );
    let first = &results[0];
    assert_eq!(first["guid"], uuid(1).to_string());
    assert_eq!(
        first["partialFingerprints"],
        serde_json::json!({
            "glassroomFinding/v1": first["guid"],
            "primaryLocationLineHash": "c85118a4b31c1e6:1",
        })
    );
    // The sink alone is the place; the trace has everything.
    assert_eq!(first["locations"].as_array().unwrap().len(), 1);
    let sink = &first["locations"][0];
    assert_eq!(
        sink["physicalLocation"]["artifactLocation"]["uri"],
        "src/net/parse.c"
    );
    assert_eq!(
        sink["logicalLocations"][0]["fullyQualifiedName"],
        "session_lookup"
    );
    assert_eq!(
        sink["physicalLocation"]["region"],
        serde_json::json!({"startLine": 8, "startColumn": 1, "endLine": 10, "endColumn": 17})
    );
    let physical = &first["relatedLocations"][0]["physicalLocation"];
    assert_eq!(
        physical["artifactLocation"]["uri"],
        "docs/%E2%80%AEodd%0A%20name.txt"
    );
    assert_eq!(physical["artifactLocation"]["uriBaseId"], "SNAPSHOT");
    let flow = &first["codeFlows"][0]["threadFlows"][0]["locations"];
    assert_eq!(flow.as_array().unwrap().len(), 2);
    // What is decided is suppressed, with the reason; what is open says that it is not.
    assert_eq!(
        first["suppressions"],
        serde_json::json!([{
            "kind": "external",
            "status": "accepted",
            "justification": format!("accepted: {CANARY} reason"),
        }])
    );
    assert_eq!(results[1]["suppressions"], serde_json::json!([]));
    let message = first["message"]["text"].as_str().unwrap();
    assert!(
        message.starts_with(&format!("alice/F1: {CANARY} title.\n\nStatement: ")),
        "{message}"
    );
    assert!(message.contains("\n\nHow to confirm: "), "{message}");
    assert!(!message.contains("Handling"), "it is for the vendor too");
    let secret = runs[1]["results"][0]["message"]["text"].as_str().unwrap();
    assert!(secret.contains("\n\nHandling: for the agency alone.\n\n"));
    assert_eq!(runs[1]["results"][0]["properties"]["audience"], "agency");
    for run in runs {
        for result in run["results"].as_array().unwrap() {
            let at = |index: &Value| index.as_u64().unwrap() as usize;
            let rule = &run["tool"]["driver"]["rules"][at(&result["ruleIndex"])];
            assert_eq!(rule["id"], result["ruleId"]);
            for taxon in result["taxa"].as_array().into_iter().flatten() {
                let taxa = &run["taxonomies"][0]["taxa"];
                assert_eq!(taxa[at(&taxon["index"])]["id"], taxon["id"]);
            }
            let artifact = &result["locations"][0]["physicalLocation"]["artifactLocation"];
            let listed = &run["artifacts"][at(&artifact["index"])];
            assert_eq!(listed["location"]["uri"], artifact["uri"]);
            assert_eq!(listed["encoding"], "GB18030");
        }
    }
    for word in [
        "snippet",
        "contextRegion",
        "contents",
        "fixes",
        "attachments",
    ] {
        assert!(
            !file(&bundle, "findings.sarif").contains(&format!("\"{word}\"")),
            "{word}"
        );
    }
    let hidden = rendered(&Policy {
        paths: PathDetail::BlobId,
        ..Policy::default()
    });
    assert!(
        file(&hidden, "findings.sarif")
            .contains(&format!("\"urn:git:blob:{}\"", BlobId::new([3; 20])))
    );
}

#[test]
fn hostile_titles_stay_one_record() {
    let bundle = rendered(&Policy::default());
    let report = file(&bundle, "report.md");
    let row: Vec<_> = report
        .lines()
        .filter(|l| l.starts_with("| alice/F2 |"))
        .collect();
    assert_eq!(row.len(), 1);
    assert_eq!(row[0].replace("\\|", "").matches('|').count(), 6);
    assert!(!report.replace("\\<", "").contains('<'));
    assert!(!report.replace("\\]", "").contains("](") && !report.contains("http:"));
    assert!(!report.contains('\u{1b}') && !report.contains('\u{202e}'));
    let doc: schema::Findings = serde_json::from_str(file(&bundle, "findings.json")).unwrap();
    assert_eq!(doc.findings[1].title, HOSTILE);
    assert_eq!(doc.findings[0].status, Status::Accepted);
    let ledger = file(&bundle, "ledger-alice.jsonl");
    assert_eq!(ledger.lines().count(), events().len());
    assert!(file(&bundle, "bundle.json").contains("2026-01-02T03:04:16Z"));
}
