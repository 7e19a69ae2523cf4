//! The gate run again over a bundle on its medium, through the real program: with the snapshot, without the reviewer's home.

use crate::support::desk::{Desk, Person, stock};
use crate::support::program::{Outcome, Program};
use glassroom::bundle::Signer;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// A whole file of the demo.
fn vendor_text(desk: &Desk) -> String {
    let folder = Path::new(&desk.demo);
    stock("git", &["cat-file", "blob", "HEAD:src/auth.c"], folder)
}

/// Writes the list of files again and signs it, as stock tools would.
fn sign_again(folder: &Path, person: &Person) {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("SHA256SUMS"))
        .collect();
    names.sort();
    let digest = |name: &String| {
        let digest = Sha256::digest(fs::read(folder.join(name)).unwrap());
        let digits: String = digest.iter().map(|b| format!("{b:02x}")).collect();
        format!("{digits}  {name}\n")
    };
    let sums: String = names.iter().map(digest).collect();
    let signer = Signer::open(Path::new(&person.key), b"correct horse").unwrap();
    let signature = signer.sign("findings@glassroom", sums.as_bytes()).unwrap();
    fs::write(folder.join("SHA256SUMS"), sums).unwrap();
    fs::write(folder.join("SHA256SUMS.sig"), signature).unwrap();
}

struct Lab {
    desk: Desk,
    alice: Person,
    bob: Person,
    signers: String,
    bundle: PathBuf,
    /// Another person's machine: no home of the reviewer's.
    other: Program,
}

impl Lab {
    fn new(policy: &str) -> Self {
        let desk = Desk::new();
        if !policy.is_empty() {
            desk.policy(policy);
        }
        let (alice, bob) = (desk.person("alice"), desk.person("bob"));
        let bundle = desk.program.home().join("bundle");
        let outcome = desk.export_by(&alice, &bundle);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let signers = desk.file("signers", &format!("{}{}", alice.line, bob.line));
        Self {
            desk,
            alice,
            bob,
            signers,
            bundle,
            other: Program::new(),
        }
    }

    fn verify(&self, more: &[&str]) -> Outcome {
        let bundle = self.bundle.to_str().unwrap();
        let first = [
            "verify",
            bundle,
            "--signers",
            &self.signers,
            "--as",
            "alice",
        ];
        self.other.run(&[&first[..], more].concat())
    }

    fn release(&self, more: &[&str]) -> Outcome {
        let key = [
            "release",
            self.bundle.to_str().unwrap(),
            "--key",
            &self.bob.key,
            "--passphrase-file",
            &self.bob.passphrase,
            "--signers",
            &self.signers,
            "--as",
            "alice",
        ];
        self.other.run(&[&key[..], more].concat())
    }

    fn judged(&self, more: &[&str]) -> Value {
        let outcome = self.verify(&[&["--json", "--snapshot", &self.desk.demo], more].concat());
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"))
    }

    /// Changes a file and signs again.
    fn forge(&self, name: &str, change: &dyn Fn(String) -> String) {
        let path = self.bundle.join(name);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, change(text)).unwrap();
        sign_again(&self.bundle, &self.alice);
    }
}

#[test]
fn verify_runs_the_gate_again_without_the_home_of_the_reviewer() {
    let lab = Lab::new("");
    let plain: Value = serde_json::from_str(&lab.verify(&["--json"]).stdout).unwrap();
    assert_eq!(plain["gate"], "not-run", "{plain}");
    assert_eq!(plain["rendered"], "ledgers", "{plain}");
    let record = lab.judged(&[]);
    assert_eq!(record["valid"], true, "{record}");
    assert_eq!(record["gate"], "run", "{record}");
    assert_eq!(record["overlaps"], Value::Array(vec![]), "{record}");
    assert!(record["compared"]["texts"].as_u64() > Some(5), "{record}");
    assert!(
        record["compared"]["bytes"].as_u64() > Some(1_000),
        "{record}"
    );
    assert_eq!(lab.other.temporary_files(), Vec::<String>::new());
    let said = lab.verify(&["--snapshot", &lab.desk.demo]);
    assert!(said.stdout.contains("The gate was run again:"), "{said:?}");
    assert!(said.stdout.contains("Nothing in it is copied"), "{said:?}");
    let said = lab.verify(&[]);
    assert!(
        said.stdout.contains("The gate was NOT run again"),
        "{said:?}"
    );
}

#[test]
fn a_vendor_file_that_is_signed_again_is_refused_with_and_without_the_snapshot() {
    for (name, from) in [
        ("findings.json", "\"title\": \""),
        ("report.md", "# Findings\n"),
        ("ledger-alice.jsonl", "A name is copied unchecked"),
        ("snapshot.json", "\"languages\": ["),
        ("README.txt", "HOW TO CHECK IT"),
    ] {
        let lab = Lab::new("");
        let code = vendor_text(&lab.desk);
        let quoted = serde_json::to_string(&code).unwrap();
        let inner = &quoted[1..quoted.len() - 1];
        let is_json = name.contains(".json");
        lab.forge(name, &|text| {
            assert!(text.contains(from), "{name}");
            text.replacen(
                from,
                &format!("{from}{}", if is_json { inner } else { &code }),
                1,
            )
        });
        let plain: Value = serde_json::from_str(&lab.verify(&["--json"]).stdout).unwrap();
        assert_eq!(plain["valid"], false, "{name}: {plain}");
        assert!(plain["signer"].is_string(), "control: {name}: {plain}");
        let record = lab.judged(&[]);
        assert_eq!(record["valid"], false, "{name}: {record}");
        let overlaps = record["overlaps"].as_array().unwrap();
        if name != "snapshot.json" {
            assert!(
                overlaps.iter().any(|o| o["file"] == name),
                "{name}: {record}"
            );
        }
        assert_eq!(
            lab.release(&["--snapshot", &lab.desk.demo]).code,
            Some(3),
            "{name}"
        );
    }
}

/// A bundle of a program that did not say how it rendered: everything in it is judged, and it is said.
#[test]
fn a_bundle_of_an_older_program_is_judged_whole() {
    let lab = Lab::new("");
    let older = |text: String| -> String {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.retain(|l| {
            let names = [
                "\"rendering\"",
                "\"audience\"",
                "\"searches\"",
                "gate_at_release",
            ];
            !names.iter().any(|name| l.trim().starts_with(name))
        });
        lines.join("\n").replace("],\n  }\n}", "]\n  }\n}") + "\n"
    };
    let policy = fs::read_to_string(lab.bundle.join("policy.toml")).unwrap();
    let digest = |text: &str| -> String {
        Sha256::digest(text)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect()
    };
    let (old, new) = (digest(&policy), digest(&older(policy.clone())));
    lab.forge("policy.toml", &older);
    lab.forge("bundle.json", &|text| older(text.replace(&old, &new)));
    let record = lab.judged(&[]);
    assert_eq!(record["problems"], Value::Array(vec![]), "{record}");
    assert_eq!(
        (&record["valid"], &record["rendered"]),
        (&true.into(), &"none".into())
    );
    let said = lab.verify(&[]);
    assert!(said.stdout.contains("NOT rendered again"), "{said:?}");
    let code = vendor_text(&lab.desk);
    lab.forge("report.md", &|text| text + &code);
    assert_eq!(lab.verify(&[]).code, Some(0), "as it was before");
    let record = lab.judged(&[]);
    assert_eq!(record["valid"], false, "{record}");
    let overlaps = record["overlaps"].as_array().unwrap();
    assert!(
        overlaps.iter().all(|o| o["file"] == "report.md"),
        "{record}"
    );
}

#[test]
fn a_release_says_whether_the_gate_was_run_and_the_policy_can_ask_for_it() {
    for (policy, more, code, gate) in [
        ("", false, Some(0), "not-run"),
        ("", true, Some(0), "run"),
        ("second_signer = true\n", false, Some(0), "not-run"),
        ("gate_at_release = true\n", false, Some(3), ""),
        ("gate_at_release = true\n", true, Some(0), "run"),
    ] {
        let lab = Lab::new(policy);
        let snapshot = ["--snapshot", lab.desk.demo.as_str()];
        let done = lab.release(if more { &snapshot } else { &[] });
        assert_eq!(done.code, code, "{policy}: {done:?}");
        if code == Some(3) {
            assert!(done.stderr.contains("add --snapshot SNAPSHOT"), "{done:?}");
            assert!(!lab.bundle.join("SHA256SUMS.release.sig").exists());
            let before = lab.verify(&[]);
            assert_eq!(before.code, Some(1), "{before:?}");
            continue;
        }
        let words = if more {
            "The gate was run again"
        } else {
            "The gate was NOT run again"
        };
        assert!(done.stdout.contains(words), "{done:?}");
        let after = lab.verify(&["--json"]);
        let record: Value = serde_json::from_str(&after.stdout).unwrap();
        assert_eq!(record["valid"], true, "{policy}: {record}");
        assert_eq!(record["release_gate"], gate, "{policy}: {record}");
    }
}
