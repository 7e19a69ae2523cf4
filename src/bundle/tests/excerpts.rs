//! What findings quote, in the bundle and back.

use super::*;
use crate::bundle::manifest;

/// The events, with the places of the first finding quoted: two paths of one content.
fn quoting() -> Vec<Event> {
    let mut events = events();
    for event in &mut events {
        if let Event::FindingAdded { finding } | Event::FindingChanged { finding } = event
            && finding.number == 1
        {
            finding
                .locations
                .iter_mut()
                .for_each(|l| l.is_quoted = true);
        }
    }
    events
}

fn policy(lines: u32, paths: PathDetail) -> Policy {
    Policy {
        excerpt_lines: lines,
        excerpt_lines_per_bundle: lines,
        label: "Lab 7".into(),
        paths,
        ..Policy::default()
    }
}

#[test]
fn quoted_lines_stand_in_one_file_and_everything_else_refers_to_it() {
    for paths in [PathDetail::Full, PathDetail::LastTwo, PathDetail::BlobId] {
        let bundle = rendered_of(&policy(3, paths), quoting());
        assert_eq!(bundle, rendered_of(&policy(3, paths), quoting()));
        let text = file(&bundle, "excerpts.txt");
        for line in [
            "lines     8-10",
            "findings  alice/F1",
            "allowed   excerpt_lines = 3",
            " 8 |         code_8<U+202E>();",
            "10 |         code_10<U+202E>();",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}: {text}");
        }
        assert_eq!(text.contains("path "), paths != PathDetail::BlobId);
        assert_eq!(
            text.matches("EXCERPT ").count(),
            1,
            "one content, one excerpt"
        );
        for (name, bytes) in &bundle.files {
            let text = std::str::from_utf8(bytes).unwrap();
            assert!(name == "excerpts.txt" || !text.contains("code_8"), "{name}");
        }
        for name in ["report.md", "report.html", "README.txt"] {
            assert!(file(&bundle, name).contains("excerpts.txt"), "{name}");
        }
        let (_temp, folder) = written_of(bundle);
        let found = check(&folder);
        assert_eq!(found.problems, [], "{paths:?}");
        assert_eq!(found.excerpts.len(), 1);
    }
    let none = rendered(&Policy::default());
    assert!(file(&none, "excerpts.txt").contains("None: no finding quotes lines."));
    assert!(!file(&none, "findings.json").contains("is_quoted"));
    assert!(!file(&none, "report.md").contains("excerpts.txt"));
}

type Change<'a> = &'a dyn Fn(&str) -> String;

/// Signs the bundle anew with a changed text of its excerpts, as an allowed signer could, and looks what is wrong.
fn changed(policy: &Policy, change: Change) -> Vec<Problem> {
    let mut bundle = rendered_of(policy, quoting());
    bundle.files.retain(|(name, _)| name != SUMS);
    let at = bundle.files.iter().position(|(n, _)| n == "excerpts.txt");
    let bytes = &mut bundle.files[at.unwrap()].1;
    let before = String::from_utf8(bytes.clone()).unwrap();
    let after = change(&before);
    *bytes = after.into_bytes();
    let sums = manifest::write(&bundle.files);
    bundle.files.push((SUMS.to_owned(), sums));
    let (_temp, folder) = written_of(bundle);
    let found = check(&folder);
    assert!(found.signer.is_some(), "control");
    assert_eq!(found.valid, found.problems.is_empty());
    found.problems
}

#[test]
fn excerpts_that_no_finding_quotes_are_refused_whoever_signed_them() {
    let open = policy(3, PathDetail::Full);
    assert_eq!(changed(&open, &str::to_owned), [], "control");
    let block = |text: &str| text[text.find("EXCERPT 1").unwrap()..].to_owned();
    let cases: [(&str, Change); 10] = [
        ("which no finding quotes", &|t| {
            t.replace("8-10", "9-11")
                .replace(" 8 |", "11x|")
                .replace("10 |", "yy")
                .replace(" 9 |", "10 |")
                .replace("yy", "11 |")
                .replace("11x|", " 9 |")
        }),
        ("which no finding quotes", &|t| {
            t.replace("alice/F1", "alice/F2")
        }),
        ("which no finding quotes", &|t| {
            t.replace("blob      03", "blob      04")
        }),
        ("which no finding quotes", &|t| {
            let path = t.lines().find(|l| l.starts_with("path")).unwrap();
            t.replace(path, "path      src/net/other.c")
        }),
        ("more than once", &|t| {
            format!("{t}{}", block(t).replace("EXCERPT 1", "EXCERPT 2"))
        }),
        ("which a finding quotes", &|t| {
            t.replace(&block(t), "None: no finding quotes lines.\n")
        }),
        ("not as this program", &|t| {
            t.replace("<U+202E>", "\u{202e}")
        }),
        ("not as this program", &|t| format!("{t}int more_code;\n")),
        ("not as this program", &|t| t.replace("Lab 7", "Lab 8")),
        ("not as this program", &|t| {
            t.replace("excerpt_lines = 3", "excerpt_lines = 30")
        }),
    ];
    for (nth, (want, change)) in cases.into_iter().enumerate() {
        let problems = changed(&open, change);
        let is_named = |p: &Problem| p.file == "excerpts.txt" && p.what.contains(want);
        assert!(problems.iter().any(is_named), "case {nth}: {problems:?}");
    }
    // A bundle that was made past the policy it names.
    let tight = Policy {
        excerpt_lines_per_bundle: 2,
        ..open
    };
    let problems = changed(&tight, &str::to_owned);
    assert!(problems[0].what.contains("lets 2 leave"), "{problems:?}");
    assert!(!changed(&policy(2, PathDetail::Full), &str::to_owned).is_empty());
}
