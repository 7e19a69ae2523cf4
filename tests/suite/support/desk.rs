//! A review of the demo with a finding in it, ready to be exported.

use super::program::{Outcome, Program};
use super::skip;
use glassroom::job::demo;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program, the demo, and a review with one finding by alice.
pub struct Desk {
    /// With a home of its own.
    pub program: Program,
    /// The demo's repository.
    pub demo: String,
}

/// A key in a file, and who it belongs to.
pub struct Person {
    /// The private key's file.
    pub key: String,
    /// The file with its passphrase.
    pub passphrase: String,
    /// The line for `allowed_signers`, with its end.
    pub line: String,
}

impl Desk {
    /// Makes one.
    pub fn new() -> Self {
        let program = Program::new();
        let demo = program.home().join("demo").join(demo::FOLDER);
        demo::ensure(&demo).unwrap();
        let demo = demo.to_str().unwrap().to_owned();
        let desk = Self { program, demo };
        desk.finding("src/auth.c:28-31", "The length is never looked at.");
        desk
    }

    /// Files a finding.
    pub fn finding(&self, place: &str, text: &str) {
        let arguments = [
            "finding",
            "add",
            "--snapshot",
            &self.demo,
            "--severity",
            "high",
        ];
        let more = [
            "--title",
            "A name is copied unchecked",
            "--at",
            place,
            "--text",
            text,
        ];
        let outcome = self.program.run(&[&arguments[..], &more].concat());
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }

    /// Returns a path in the home, as text.
    pub fn path(&self, name: &str) -> String {
        self.program.home().join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file in the home and returns its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Makes a key for somebody.
    pub fn person(&self, name: &str) -> Person {
        let key = self.path(name);
        let passphrase = self.file(&format!("{name}.pass"), "correct horse\n");
        let arguments = [
            "key",
            "new",
            "--out",
            &key,
            "--passphrase-file",
            &passphrase,
        ];
        let made = self
            .program
            .run(&[&arguments[..], &["--reviewer", name, "--json"]].concat());
        assert_eq!(made.code, Some(0), "{made:?}");
        let record: Value = serde_json::from_str(&made.stdout).unwrap();
        let line = format!("{}\n", record["allowed_signers"].as_str().unwrap());
        Person {
            key,
            passphrase,
            line,
        }
    }

    /// Exports as alice, with more arguments.
    pub fn export(&self, to: &Path, more: &[&str]) -> Outcome {
        let to = to.to_str().unwrap();
        let arguments = ["export", "--snapshot", &self.demo, "--to", to];
        self.program.run(&[&arguments[..], more].concat())
    }

    /// Exports with a person's key.
    pub fn export_by(&self, person: &Person, to: &Path) -> Outcome {
        let key = [
            "--key",
            &person.key,
            "--passphrase-file",
            &person.passphrase,
        ];
        self.export(to, &key)
    }

    /// Verifies as signed by alice.
    pub fn verify(&self, bundle: &Path, signers: &str, more: &[&str]) -> Outcome {
        let bundle = bundle.to_str().unwrap();
        let first = ["verify", bundle, "--signers", signers, "--as", "alice"];
        self.program.run(&[&first[..], more].concat())
    }

    /// Returns how each export so far ended, as the ledger says.
    pub fn exports(&self) -> Vec<(bool, String)> {
        let reviews = self.program.home().join("reviews");
        let review = fs::read_dir(reviews).unwrap().next().unwrap().unwrap();
        let ledger = fs::read_to_string(review.path().join("ledger/alice.jsonl")).unwrap();
        let entries = ledger
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let exports = entries.filter_map(|entry| entry["event"].get("export").cloned());
        exports
            .map(|export| {
                let why = export["why"].as_str().unwrap().to_owned();
                (export["exported"].as_bool().unwrap(), why)
            })
            .collect()
    }

    /// Writes the review's own policy.
    pub fn policy(&self, text: &str) {
        let reviews = self.program.home().join("reviews");
        let review = fs::read_dir(reviews).unwrap().next().unwrap().unwrap();
        fs::write(review.path().join("policy.toml"), text).unwrap();
    }
}

/// Returns whether a program can be started; counts and prints a skip if not.
pub fn has(program: &str) -> bool {
    let mut command = Command::new(program);
    let command = command
        .arg("-?")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let found = command.stdin(Stdio::null()).status().is_ok();
    if !found {
        skip(&format!("no {program}"));
    }
    found
}

/// Runs a command that must end well, and returns what it printed.
pub fn stock(program: &str, arguments: &[&str], folder: &Path) -> String {
    let mut command = Command::new(program);
    let out = command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null());
    let out = out
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{program} {arguments:?}: {out:?}");
    text
}

/// Lists everything below a folder with its bytes, links as links.
pub fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            let kind = path.symlink_metadata().unwrap().file_type();
            if kind.is_dir() {
                waiting.push(path.clone());
                found.push((path, Vec::new()));
            } else if kind.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                found.push((path, target.into_os_string().into_encoded_bytes()));
            } else {
                found.push((path.clone(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
