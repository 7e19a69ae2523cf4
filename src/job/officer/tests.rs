use super::*;
use crate::job::OutgoingFile;
use crate::model::{Overlap, RepoPath, Verdict};
use std::fmt::Write;

fn report() -> ExportReport {
    let file = |name: &str, text: &str| OutgoingFile {
        name: name.into(),
        bytes: text.len() as u64,
        sha256: Digest::of(text.as_bytes()),
        text: text.into(),
    };
    let budget = |name: &str, used, limit| Budget {
        name: name.into(),
        used,
        limit,
    };
    ExportReport {
        files: vec![
            file("report.md", "int secret_name(void);"),
            file("SHA256SUMS", "x"),
        ],
        verdict: Verdict {
            overlaps: Vec::new(),
            budgets: vec![
                budget("identifiers_per_bundle", 3, 400),
                budget("max_bundle_bytes", 23_456, 1_048_576),
            ],
            needs_reason: false,
            blocked: false,
        },
        written: None,
        key: String::new(),
        about: About {
            review: "acme-ran".into(),
            commit: CommitId::new([1; 20]),
            tree: TreeId::new([2; 20]),
            reviewer: "alice".into(),
            audience: Audience::Vendor,
            number: 2,
            manifest: Digest::of(b"sums"),
            findings: vec![(Severity::High, 1), (Severity::Low, 2)],
            remarks: 1,
            questions: 0,
            judged: Judged {
                characters: 1234,
                places: 57,
                compared: Compared {
                    deliveries: 1,
                    snapshots: 1,
                    files: 45,
                    others: 1200,
                    bytes: 123_456,
                    unread: 0,
                },
            },
            reason: String::new(),
            policy: Policy::default(),
            confinement: "not confined".into(),
        },
    }
}

fn overlap(rule: Rule) -> Overlap {
    Overlap {
        file: "report.md".into(),
        line: 3,
        also: Vec::new(),
        finding: "alice/F1".into(),
        field: "title".into(),
        marks: Vec::new(),
        path: Some(RepoPath::new("src/secret_name.c")),
        commit: None,
        blob: None,
        tag: None,
        at: Some(8),
        length: 40,
        rule,
        what: "alice/F1 title".into(),
    }
}

fn text(report: &ExportReport) -> String {
    let mut out = String::new();
    for section in view(report) {
        let _ = write!(out, "{}\n{}\n", section.title, section.lines.join("\n"));
    }
    out
}

#[test]
fn it_says_what_leaves_about_what_and_what_to_compare() {
    let report = report();
    let text = text(&report);
    for wanted in [
        "It may leave. Nothing is written yet.",
        "review      acme-ran",
        &format!("commit      {}", report.about.commit),
        &format!("tree        {}", report.about.tree),
        "the vendor: no finding that is for the agency alone",
        "number      2 of this review",
        "2 files, 23 bytes",
        "the report, to be read as text",
        &format!("SHA-256 {}", report.files[0].sha256),
        "3 findings: 1 high, 2 low",
        "1 remark to the vendor, 0 questions to the vendor",
        "1,234 characters that a person typed, at 57 places of the files,",
        "were compared with all that was delivered: 1 delivery.",
        "45 different files in 1 snapshot,",
        "1,200 texts beside them (older versions, messages),",
        "123,456 bytes, what repeats counted once.",
        "Nothing in it is copied",
        "3 of at most 400",
        "23,456 of at most 1,048,576",
        "lines of the vendor's code                           0 of at most 0",
        "No second signature is required.",
        &report.about.manifest.to_string(),
        "Confinement in force: not confined",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    assert_eq!(text, self::text(&report.clone()));
    let long = text.lines().find(|l| l.chars().count() > 76);
    assert_eq!(long, None);
}

#[test]
fn it_holds_nothing_of_the_vendors() {
    let mut report = report();
    report.verdict.overlaps = vec![overlap(Rule::Run32), overlap(Rule::CodeRun)];
    report.verdict.blocked = true;
    let text = text(&report);
    assert!(!text.contains("secret_name"), "{text}");
    assert!(text.contains("BLOCKED: it must not leave."), "{text}");
    assert!(text.contains("The gate objects to 1 passage."), "{text}");
    assert!(
        text.contains("It blocks at 1 passage:\n  a run of 32 or more"),
        "{text}"
    );
    assert!(
        text.contains("It stops at 1 passage:\n  a run of 20 or more"),
        "{text}"
    );
}

#[test]
fn a_stop_asks_for_a_reason_and_tells_the_one_that_was_given() {
    let mut report = report();
    report.verdict.overlaps = vec![overlap(Rule::CodeRun)];
    report.verdict.blocked = true;
    report.verdict.needs_reason = true;
    let asked = text(&report);
    assert!(asked.contains("STOPPED"), "{asked}");
    assert!(asked.contains("has given no reason"), "{asked}");
    report.verdict.blocked = false;
    report.verdict.needs_reason = false;
    report.about.reason = "It is a public call.".into();
    let given = text(&report);
    assert!(given.contains("It may leave."), "{given}");
    assert!(
        given.contains("reason, which is signed with it: It is a public call."),
        "{given}"
    );
}

#[test]
fn what_is_too_much_and_who_must_sign_is_said() {
    let mut report = report();
    report.verdict.budgets[0].used = 500;
    report.verdict.blocked = true;
    report.about.policy.second_signer = true;
    let text = text(&report);
    assert!(
        text.contains("More than the policy allows: 1 amount."),
        "{text}"
    );
    assert!(text.contains("500 of at most 400  TOO MUCH"), "{text}");
    assert!(
        text.contains("glassroom release FOLDER --key KEY"),
        "{text}"
    );
}

#[test]
fn after_writing_it_says_where_and_by_which_key() {
    let mut report = report();
    report.written = Some("/media/a b/x-1".into());
    report.key = "SHA256:abc".into();
    report.about.policy.second_signer = true;
    let text = text(&report);
    assert!(text.contains("found right: /media/a b/x-1."), "{text}");
    assert!(text.contains("Signed by alice with SHA256:abc"), "{text}");
    assert!(
        text.contains("glassroom release '/media/a b/x-1' --key KEY"),
        "{text}"
    );
}

#[test]
fn what_nobody_can_read_is_said() {
    let mut report = report();
    let said = |report: &ExportReport| {
        let lines = view(report).into_iter().flat_map(|section| section.lines);
        lines
            .filter(|line| line.contains("could not be compared"))
            .collect::<Vec<_>>()
    };
    assert_eq!(said(&report), [""; 0], "the control");
    report.about.judged.compared.unread = 2;
    assert_eq!(
        said(&report),
        ["2 objects of the delivery could not be compared: damaged, or larger"]
    );
}
