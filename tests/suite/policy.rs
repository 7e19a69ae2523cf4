//! Every key of a policy does what its line says, and nothing else is accepted.

use crate::support::desk::Desk;
use glassroom::model::Policy;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// What a bundle of the desk says under a policy.
struct Bundle {
    folder: std::path::PathBuf,
}

impl Bundle {
    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).unwrap()
    }

    fn all(&self) -> String {
        let files = fs::read_dir(&self.folder).unwrap();
        files
            .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
            .collect()
    }
}

/// A desk with a finding deep in the tree, marks, and a key.
struct Lab {
    desk: Desk,
    alice: crate::support::desk::Person,
    exports: std::cell::Cell<u32>,
}

impl Lab {
    fn new() -> Self {
        let desk = Desk::new();
        desk.finding("src/mgmt/backup.cpp:3", "It is not measured.");
        let mark = ["mark", "src/auth.c:1-4", "--set", "--snapshot", &desk.demo];
        let outcome = desk.program.run(&mark);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let alice = desk.person("alice");
        Self {
            desk,
            alice,
            exports: std::cell::Cell::new(0),
        }
    }

    fn bundle(&self, policy: &str) -> Bundle {
        self.desk.policy(policy);
        let number = self.exports.get();
        self.exports.set(number + 1);
        let folder = self.desk.program.home().join(format!("bundle-{number}"));
        let outcome = self.desk.export_by(&self.alice, &folder);
        assert_eq!(outcome.code, Some(0), "{policy}: {outcome:?}");
        Bundle { folder }
    }

    /// Judges under a policy: the record.
    fn judged(&self, policy: &str) -> Value {
        self.desk.policy(policy);
        let demo = &self.desk.demo;
        let arguments = ["export", "--snapshot", demo, "--dry-run", "--json"];
        let outcome = self.desk.program.run(&arguments);
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"))
    }

    fn used(&self, key: &str) -> u64 {
        let record = self.judged("");
        let budgets = record["budgets"].as_array().unwrap();
        let budget = budgets.iter().find(|b| b["name"] == key).unwrap();
        budget["used"].as_u64().unwrap()
    }
}

#[test]
fn paths_appear_as_the_policy_says() {
    let lab = Lab::new();
    for (value, path, uri) in [
        ("full", Some("src/mgmt/backup.cpp"), "src/mgmt/backup.cpp"),
        ("last-two", Some("mgmt/backup.cpp"), "mgmt/backup.cpp"),
        ("blob-id", None, "urn:git:blob:"),
    ] {
        let bundle = lab.bundle(&format!("paths = \"{value}\"\n"));
        let findings = bundle.json("findings.json");
        let place = &findings["findings"][1]["locations"][0];
        assert_eq!(place["path"].as_str(), path, "{value}");
        let sarif = bundle.json("findings.sarif");
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let number = findings["findings"][1]["number"].as_str();
        let result = results
            .iter()
            .find(|r| r["properties"]["number"].as_str() == number);
        let spot = &result.unwrap()["locations"][0]["physicalLocation"];
        let found = spot["artifactLocation"]["uri"].as_str().unwrap();
        assert!(found.starts_with(uri), "{value}: {found}");
        let all = bundle.all();
        assert_eq!(
            all.contains("src/mgmt/backup.cpp"),
            value == "full",
            "{value}"
        );
        assert_eq!(
            all.contains("mgmt/backup.cpp"),
            value != "blob-id",
            "{value}"
        );
    }
}

#[test]
fn coverage_is_as_fine_as_the_policy_says() {
    let lab = Lab::new();
    for (value, row, has_ranges) in [
        ("range", Some("src/auth.c"), true),
        ("file", Some("src/auth.c"), false),
        ("directory", Some("src"), false),
        ("none", None, false),
    ] {
        let bundle = lab.bundle(&format!("coverage = \"{value}\"\n"));
        let coverage = bundle.json("coverage.json");
        let rows = coverage["rows"].as_array().unwrap();
        let found = rows.iter().find(|r| r["reviewed"] == 4);
        assert_eq!(found.map(|r| r["path"].as_str().unwrap()), row, "{value}");
        let ranges = found.is_some_and(|r| r["ranges"].is_array());
        assert_eq!(ranges, has_ranges, "{value}");
        assert_eq!(coverage["summary"].is_null(), value == "none", "{value}");
        let ledger = bundle.text("ledger-alice.jsonl");
        assert_eq!(
            ledger.contains("\"type\":\"marked\""),
            has_ranges,
            "{value}"
        );
    }
}

#[test]
fn amounts_block_when_they_are_exceeded() {
    let lab = Lab::new();
    // Two names of the vendor's in a finding of their own.
    lab.desk
        .finding("src/auth.c:1", "find_operator calls same_digest late.");
    for key in [
        "identifiers_per_finding",
        "identifiers_per_bundle",
        "max_bundle_bytes",
    ] {
        // The policy's own text is in the bundle: a number of as many digits keeps its size.
        let used = lab.used(key);
        assert!(used >= 2, "{key}: {used}");
        let least = lab.judged(&format!("{key} = 9{used}\n"));
        assert_eq!(least["blocked"], false, "control: {key}");
        let record = lab.judged(&format!("{key} = {}\n", used - 1));
        assert_eq!(record["blocked"], true, "{key}: {record}");
        let budgets = record["budgets"].as_array().unwrap();
        let over = budgets
            .iter()
            .filter(|b| b["used"].as_u64() > b["limit"].as_u64());
        let names: Vec<_> = over.map(|b| b["name"].as_str().unwrap()).collect();
        assert_eq!(names, [key]);
    }
    let exact = lab.used("identifiers_per_finding");
    let record = lab.judged(&format!("identifiers_per_finding = {exact}\n"));
    assert_eq!(record["blocked"], false, "as many as allowed");
}

#[test]
fn media_signer_and_label_are_enforced() {
    let lab = Lab::new();
    let desk = &lab.desk;
    desk.policy("media = \"removable\"\n");
    let to = desk.program.home().join("fixed");
    let outcome = desk.export_by(&lab.alice, &to);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(
        outcome.stderr.contains("not on a removable medium"),
        "{outcome:?}"
    );
    assert!(!to.exists());
    let signers = desk.file("signers", &lab.alice.line);
    let plain = lab.bundle("media = \"any\"\n");
    assert_eq!(
        desk.verify(&plain.folder, &signers, &[]).code,
        Some(0),
        "control"
    );
    assert!(!plain.all().contains("ROOM SEVEN"), "control");
    let second = lab.bundle("second_signer = true\n");
    let outcome = desk.verify(&second.folder, &signers, &[]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(
        outcome.stdout.contains("nobody released the bundle"),
        "{outcome:?}"
    );
    let labelled = lab.bundle("label = \"ROOM SEVEN\"\n");
    assert_eq!(desk.verify(&labelled.folder, &signers, &[]).code, Some(0));
    for document in fs::read_dir(&labelled.folder).unwrap() {
        let path = document.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        // The ledger is the reviewer's own, and the sums are only digests.
        let is_document = !name.starts_with("SHA256SUMS") && !name.starts_with("ledger-");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.contains("ROOM SEVEN"), is_document, "{name}");
    }
}

#[test]
fn the_label_is_judged_like_typed_text() {
    let lab = Lab::new();
    let code = "check_password: strcpy is safe here, see ticket 12";
    let record = lab.judged(&format!("label = \"{code}\"\n"));
    assert_eq!(record["blocked"], true, "{record}");
}

/// A key, a value of the wrong type, and one that is out of its range or list.
const WRONG: &[(&str, &str, &str)] = &[
    ("excerpt_lines", "\"1\"", "-1"),
    ("excerpt_lines_per_finding", "1.5", "-1"),
    ("excerpt_lines_per_file", "true", "4294967296"),
    ("excerpt_lines_per_bundle", "[1]", "-1"),
    ("excerpt_lines_per_review", "\"all\"", "-1"),
    ("paths", "1", "\"none\""),
    ("identifiers_per_finding", "\"40\"", "-1"),
    ("identifiers_per_bundle", "false", "-1"),
    ("coverage", "true", "\"line\""),
    ("media", "[]", "\"usb\""),
    ("second_signer", "\"yes\"", "1"),
    ("gate_at_release", "\"yes\"", "1"),
    ("max_bundle_bytes", "\"1 MB\"", "-1"),
    ("label", "7", "\"a\\nb\""),
    ("data_folder", "7", "\"relative\""),
];

#[test]
fn what_is_no_policy_opens_nothing() {
    let desk = Desk::new();
    let list = ["finding", "list", "--snapshot", &desk.demo];
    let open = |policy: &str| {
        desk.policy(policy);
        desk.program.run(&list)
    };
    let toml = Policy::default().to_toml();
    let keys: Vec<&str> = toml
        .lines()
        .map(|line| line.split_once(" = ").unwrap().0)
        .collect();
    let listed: Vec<&str> = WRONG.iter().map(|(key, ..)| *key).collect();
    assert_eq!(listed, keys, "every key is tried");
    assert_eq!(open(&toml).code, Some(0), "control");
    for (key, of_wrong_type, out_of_range) in WRONG {
        for value in [of_wrong_type, out_of_range] {
            let outcome = open(&format!("\n{key} = {value}\n"));
            assert_eq!(outcome.code, Some(3), "{key} = {value}: {outcome:?}");
            let said = format!("line 2: `{key}`");
            assert!(outcome.stderr.contains(&said), "{outcome:?}");
            assert_eq!(outcome.stdout, "", "{key} = {value}");
        }
        let line = toml.lines().find(|l| l.starts_with(&format!("{key} = ")));
        let line = line.unwrap();
        assert_eq!(open(&format!("{line}\n")).code, Some(0), "control: {line}");
        for odd in [
            format!("{line}\n{line}\n"),
            line.replacen(key, &format!("{key}s"), 1),
        ] {
            let outcome = open(&odd);
            assert_eq!(outcome.code, Some(3), "{odd}: {outcome:?}");
        }
    }
}

#[test]
fn the_readme_names_every_key_with_its_default() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let readme = readme.unwrap();
    for line in Policy::default().to_toml().lines() {
        let is_it = |l: &str| l.split('#').next().unwrap().trim_end() == line;
        assert!(readme.lines().any(is_it), "{line}");
    }
}
