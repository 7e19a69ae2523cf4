//! What leaves is read by readers that are not ours: the SARIF schema, and a SARIF reader of another project.

use crate::headless::Desk;
use crate::judged::AT;
use crate::support::skip;
use serde_json::Value;

/// A bundle with a finding of every shape, and its SARIF file.
fn sarif() -> (Desk, String) {
    let desk = Desk::new();
    desk.finding(
        "src/auth.c:24-28@source: the input",
        "a | b `c` =cmd <b>\n\nsecond",
    );
    let more = [
        "--at",
        "src/auth.c:24@source",
        "--at",
        "src/auth.c:28@sink",
        "--trail",
        "yes",
        "--reference",
        "asvs@4.0.3 V5.1.3",
        "--cvss",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    ];
    desk.json(&[&["finding", "edit", "F1"], &more[..], &AT[..]].concat());
    for (verb, severity, kind) in [
        ("pass", "informational", "pass"),
        ("quality", "medium", "quality"),
        ("component", "undetermined", "component"),
    ] {
        let add = [
            "finding",
            "add",
            "--title",
            verb,
            "--severity",
            severity,
            "--kind",
            kind,
            "--at",
            "src/main.c:2",
        ];
        desk.json(&[&add[..], &AT[..]].concat());
    }
    for verb in ["question", "remark"] {
        let add = [verb, "add", "--at", "src/main.c:2", "--text", "why?"];
        desk.json(&[&add[..], &AT[..]].concat());
    }
    let (bundle, _) = desk.bundle();
    let text = std::fs::read_to_string(bundle.join("findings.sarif")).unwrap();
    (desk, text)
}

/// Returns what the schema says against a document.
fn wrong(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors = validator.iter_errors(document);
    errors
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect()
}

#[test]
fn the_sarif_file_is_valid_against_the_schema() {
    let Some(path) = std::env::var_os("GLASSROOM_SARIF_SCHEMA") else {
        skip("GLASSROOM_SARIF_SCHEMA names no schema");
        return;
    };
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (_desk, text) = sarif();
    let mut log: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(wrong(&schema, &log), [""; 0]);
    // The control: the schema is one that refuses.
    log["runs"][0]["results"][0]["level"] = "terrible".into();
    assert_eq!(wrong(&schema, &log).len(), 1);
}

#[test]
fn another_reader_understands_the_sarif_file() {
    let (_desk, text) = sarif();
    let log: serde_sarif::sarif::Sarif = serde_json::from_str(&text).unwrap();
    let run = &log.runs[0];
    let results = run.results.as_ref().unwrap();
    // Three claims; a check that found nothing, a question and a comment are none.
    assert_eq!(results.len(), 3);
    let first = &results[0];
    assert_eq!(first.rule_id.as_deref(), Some("CWE-120/high"));
    let rule = &run.tool.driver.rules.as_ref().unwrap()[0];
    assert_eq!(rule.id, "CWE-120/high");
    assert!(rule.help.is_some() && rule.full_description.is_some());
    let start = |l: &serde_sarif::sarif::Location| {
        let physical = l.physical_location.as_ref().unwrap();
        physical.region.as_ref().unwrap().start_line
    };
    let sink: Vec<_> = first.locations.iter().flatten().map(start).collect();
    assert_eq!(sink, [Some(28)], "the sink alone");
    let related: Vec<_> = first
        .related_locations
        .iter()
        .flatten()
        .map(start)
        .collect();
    assert_eq!(related, [Some(24)]);
    let place = &first.locations.as_ref().unwrap()[0];
    let symbol = &place.logical_locations.as_ref().unwrap()[0];
    assert_eq!(
        symbol.fully_qualified_name.as_deref(),
        Some("check_password")
    );
    let flow = &first.code_flows.as_ref().unwrap()[0].thread_flows[0];
    let lines: Vec<_> = flow
        .locations
        .iter()
        .map(|step| {
            let physical = step.location.as_ref().unwrap().physical_location.as_ref();
            physical.unwrap().region.as_ref().unwrap().start_line
        })
        .collect();
    assert_eq!(lines, [Some(24), Some(28)], "from source to sink");
    let with_code = results
        .iter()
        .flat_map(|r| r.locations.iter().flatten())
        .any(|l| {
            let physical = l.physical_location.as_ref().unwrap();
            physical.context_region.is_some() || physical.region.as_ref().unwrap().snippet.is_some()
        });
    assert!(!with_code, "a SARIF file that carries code");
}

#[test]
fn the_html_report_loads_and_runs_nothing() {
    let (desk, _) = sarif();
    let report = desk.program.home().join("bundle/report.html");
    let text = std::fs::read_to_string(report).unwrap();
    for bad in [
        "<script",
        "://",
        "src=",
        "href=",
        "url(",
        "@import",
        "javascript:",
        "onload",
        "<b>\n",
    ] {
        assert!(!text.contains(bad), "{bad}");
    }
    for good in [
        "a | b `c` =cmd &lt;b&gt;",
        "<svg",
        "default-src 'none'",
        "How to check",
    ] {
        assert!(text.contains(good), "{good}");
    }
    let open = text.matches("<section").count();
    assert_eq!(
        (open, text.matches("</section>").count()),
        (6, 6),
        "a card for each"
    );
}
