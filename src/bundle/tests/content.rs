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
    let bundle = rendered(&Policy::default());
    let log: Value = serde_json::from_str(file(&bundle, "findings.sarif")).unwrap();
    let run = &log["runs"][0];
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(
        run["versionControlProvenance"][0]["repositoryUri"],
        format!("urn:git:{}", TreeId::new([2; 20]))
    );
    assert_eq!(
        run["versionControlProvenance"][0]["revisionId"],
        CommitId::new([1; 20]).to_string()
    );
    let results = run["results"].as_array().unwrap();
    let shape = |r: &Value| ["ruleId", "kind", "level"].map(|k| r[k].as_str().unwrap().to_owned());
    let shapes: Vec<_> = results.iter().map(shape).collect();
    assert_eq!(shapes[0], ["CWE-120", "fail", "error"]);
    assert_eq!(shapes[2], ["pass", "pass", "none"]);
    assert_eq!(shapes[3], ["question", "open", "none"]);
    let first = &results[0];
    assert_eq!(first["guid"], uuid(1).to_string());
    assert_eq!(
        first["partialFingerprints"]["glassroomFinding/v1"],
        first["guid"]
    );
    let physical = &first["locations"][1]["physicalLocation"];
    assert_eq!(
        physical["artifactLocation"]["uri"],
        "docs/%E2%80%AEodd%0A%20name.txt"
    );
    assert_eq!(physical["artifactLocation"]["uriBaseId"], "SNAPSHOT");
    assert_eq!(physical["region"]["endLine"], 10);
    assert_eq!(
        first["codeFlows"][0]["threadFlows"][0]["locations"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    for result in results {
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        for taxon in result["taxa"].as_array().into_iter().flatten() {
            assert_eq!(
                run["taxonomies"][0]["taxa"][taxon["index"].as_u64().unwrap() as usize]["id"],
                taxon["id"]
            );
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
