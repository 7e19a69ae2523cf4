//! Every system call with which a bundle is written fails once, or it and all behind it: the medium holds nothing,
//! or the unfinished folder and nothing else, and the ledger says that nothing was exported.
//!
//! And whenever the program is killed, a bundle that lies on the medium is one that the ledger knows.
//!
//! `strace` makes the calls fail. A run is a process under it, so the quick form takes a sample of the calls;
//! `GLASSROOM_LONG_TESTS=1` takes them all.

use crate::support::desk::{Desk, Person, has};
use crate::support::program::Outcome;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What a medium does when it is pulled, full or locked.
const FAULTS: &[(&str, &[&str])] = &[
    ("mkdirat", &["ENOSPC", "EROFS", "EIO"]),
    ("openat", &["EIO", "ENOSPC", "ENODEV"]),
    ("write", &["ENOSPC", "EIO", "EDQUOT"]),
    ("fsync", &["EIO", "ENOSPC"]),
    ("read", &["EIO"]),
    ("renameat2", &["EIO", "ENOSPC", "EROFS"]),
    ("fstatfs", &["EIO"]),
    ("newfstatat", &["EIO"]),
];
/// All of them, with those that tidy up.
const ALL: &str = "mkdirat,openat,write,fsync,read,renameat2,fstatfs,newfstatat,unlinkat,syncfs";

/// A medium to write to, and everything below it that will be written.
struct Target {
    folder: tempfile::TempDir,
    names: Vec<String>,
}

impl Target {
    fn new(desk: &Desk, alice: &Person) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let first = folder.path().join("first");
        assert_eq!(desk.export_by(alice, &first).code, Some(0));
        let names = fs::read_dir(&first).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let names = names.collect();
        fs::remove_dir_all(first).unwrap();
        Self { folder, names }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    fn left(&self) -> Vec<String> {
        let names = fs::read_dir(self.path()).unwrap();
        names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    fn clear(&self) {
        for name in self.left() {
            fs::remove_dir_all(self.path().join(name)).unwrap();
        }
    }

    /// Exports under strace, which looks at nothing but what is written here.
    fn export(&self, desk: &Desk, alice: &Person, options: &[&str]) -> Outcome {
        let part = self.path().join("bundle.part");
        let mut paths = vec![self.path(), self.path().join("bundle"), part.clone()];
        paths.extend(self.names.iter().map(|name| part.join(name)));
        let mut arguments: Vec<String> = vec!["-f".into(), "-qq".into()];
        for path in &paths {
            arguments.extend(["-P".into(), path.to_str().unwrap().to_owned()]);
        }
        arguments.extend(options.iter().map(|option| (*option).to_owned()));
        arguments.push(env!("CARGO_BIN_EXE_glassroom").to_owned());
        let to = self.path().join("bundle");
        let export = [
            "export",
            "--snapshot",
            &desk.demo,
            "--to",
            to.to_str().unwrap(),
        ];
        let key = ["--key", &alice.key, "--passphrase-file", &alice.passphrase];
        arguments.extend(
            [&export[..], &key]
                .concat()
                .iter()
                .map(|text| (*text).to_owned()),
        );
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        desk.program.run_command("strace", &arguments)
    }
}

/// Returns how often each call was made.
fn counted(log: &Path) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in fs::read_to_string(log).unwrap().lines() {
        let call = line
            .split_once(' ')
            .map_or("", |(_, rest)| rest.trim_start());
        let name = call.split('(').next().unwrap_or("");
        if FAULTS.iter().any(|(fault, _)| *fault == name) {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// The first, the last and some between, or all.
fn chosen(count: usize) -> Vec<usize> {
    if std::env::var_os("GLASSROOM_LONG_TESTS").is_some() || count <= 3 {
        return (1..=count).collect();
    }
    vec![1, count / 2, count]
}

#[test]
fn a_call_that_fails_leaves_nothing() {
    if !has("strace") {
        return;
    }
    let desk = Desk::new();
    let alice = desk.person("alice");
    let target = Target::new(&desk, &alice);
    let log = desk.path("log");
    let calls = format!("trace={ALL}");
    let control = target.export(&desk, &alice, &["-o", &log, "-e", &calls]);
    assert_eq!(control.code, Some(0), "control: {control:?}");
    target.clear();
    let counts = counted(Path::new(&log));
    let mut tried = 0;
    for (call, errors) in FAULTS {
        let count = counts.get(*call).copied().unwrap_or(0);
        assert!(count > 0, "{call} is not made any more: {counts:?}");
        for (at, when) in chosen(count).into_iter().enumerate() {
            let error = errors[at % errors.len()];
            let fault = format!("inject={call}:error={error}:when={when}");
            let exports = desk.exports().len();
            let outcome = target.export(&desk, &alice, &["-o", "/dev/null", "-e", &fault]);
            assert_eq!(outcome.code, Some(3), "{fault}: {outcome:?}");
            assert_eq!(outcome.stderr.lines().count(), 1, "{fault}: {outcome:?}");
            assert_eq!(target.left(), [""; 0], "{fault}");
            let after = desk.exports();
            assert_eq!(after.len(), exports + 1, "{fault}");
            let (exported, why) = &after[exports];
            assert!(
                !exported && why.starts_with("not exported: "),
                "{fault}: {why}"
            );
            tried += 1;
        }
    }
    println!("faults: {tried} of {}", counts.values().sum::<usize>());
    let control = target.export(&desk, &alice, &["-o", "/dev/null", "-e", &calls]);
    assert_eq!(control.code, Some(0), "control: {control:?}");
}

#[test]
fn a_medium_that_is_pulled_holds_nothing_or_what_is_unfinished() {
    if !has("strace") {
        return;
    }
    let desk = Desk::new();
    let alice = desk.person("alice");
    let signers = desk.file("signers", &alice.line);
    let target = Target::new(&desk, &alice);
    let log = desk.path("log");
    let calls = format!("trace={ALL}");
    let control = target.export(&desk, &alice, &["-o", &log, "-e", &calls]);
    assert_eq!(control.code, Some(0), "control: {control:?}");
    target.clear();
    let counts = counted(Path::new(&log));
    for (call, _) in FAULTS {
        for when in chosen(counts[*call]) {
            // From this call on the medium is gone, for the calls that tidy up too.
            let others: Vec<&str> = ALL.split(',').filter(|other| other != call).collect();
            let gone = format!("inject={call}:error=ENODEV:when={when}+");
            let tidy = format!("inject={}:error=ENODEV", "unlinkat,syncfs");
            assert!(others.contains(&"unlinkat"));
            let options = ["-o", "/dev/null", "-e", &gone, "-e", &tidy];
            let outcome = target.export(&desk, &alice, &options);
            assert_eq!(outcome.code, Some(3), "{gone}: {outcome:?}");
            let (exported, why) = desk.exports().pop().unwrap();
            assert!(
                !exported && why.starts_with("not exported: "),
                "{gone}: {why}"
            );
            let left = target.left();
            match left.as_slice() {
                [] => {}
                [one] if one == "bundle.part" => {
                    let next = desk.export_by(&alice, &target.path().join("bundle"));
                    assert_eq!(next.code, Some(3), "{gone}: {next:?}");
                    assert!(next.stderr.contains("rm -r "), "{gone}: {next:?}");
                }
                [one] if one == "bundle" => {
                    let good = desk.verify(&target.path().join("bundle"), &signers, &[]);
                    assert_eq!(good.code, Some(0), "{gone}: {good:?}");
                }
                other => panic!("{gone}: {other:?}"),
            }
            target.clear();
        }
    }
}

/// The calls that change something on a disk.
const WRITING: &str = "write,fdatasync,fsync,mkdirat,mkdir,renameat2,rename,openat,unlinkat,syncfs";

/// Returns how often the first thread made each call.
fn counted_of_main(log: &Path) -> BTreeMap<String, usize> {
    let text = fs::read_to_string(log).unwrap();
    let main = text.split(' ').next().unwrap();
    let mut counts = BTreeMap::new();
    for line in text.lines() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let name = call.trim_start().split('(').next().unwrap_or("");
        if thread == main && WRITING.split(',').any(|known| known == name) {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// The entries of alice's ledger that begin an export: number and manifest.
fn begun(desk: &Desk) -> Vec<(u64, String)> {
    let reviews = desk.program.home().join("reviews");
    let review = fs::read_dir(reviews).unwrap().next().unwrap().unwrap();
    let ledger = fs::read_to_string(review.path().join("ledger/alice.jsonl")).unwrap();
    let entries = ledger
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let begun = entries.filter(|entry| entry["event"]["type"] == "export-begun");
    begun
        .map(|entry| {
            let event = &entry["event"];
            let manifest = event["manifest"].as_str().unwrap().to_owned();
            (event["number"].as_u64().unwrap(), manifest)
        })
        .collect()
}

fn predicate(bundle: &Path) -> Value {
    let text = fs::read(bundle.join("bundle.json")).unwrap();
    serde_json::from_slice::<Value>(&text).unwrap()["predicate"].take()
}

#[test]
fn whatever_a_kill_leaves_the_ledger_knows() {
    if !has("strace") {
        return;
    }
    let desk = Desk::new();
    let alice = desk.person("alice");
    let signers = desk.file("signers", &alice.line);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let bundle = folder.join("bundle");
    let to = bundle.to_str().unwrap();
    let export = |options: &[&str]| {
        let program = env!("CARGO_BIN_EXE_glassroom");
        let first = [
            "-f",
            "-qq",
            program,
            "export",
            "--snapshot",
            &desk.demo,
            "--to",
            to,
        ];
        let key = ["--key", &alice.key, "--passphrase-file", &alice.passphrase];
        desk.program
            .run_command("strace", &[options, &first, &key].concat())
    };
    let log = desk.path("log");
    let calls = format!("trace={WRITING}");
    // The first export also builds the index.
    for _ in 0..2 {
        let control = export(&["-o", &log, "-e", &calls]);
        assert_eq!(control.code, Some(0), "control: {control:?}");
        fs::remove_dir_all(&bundle).unwrap();
    }
    let is_long = std::env::var_os("GLASSROOM_LONG_TESTS").is_some();
    let (mut tried, mut left_whole) = (0, 0);
    let counts = counted_of_main(Path::new(&log));
    for (call, count) in &counts {
        // What matters happens at the end: the last calls are those around the medium and the ledger.
        let from = if is_long {
            1
        } else {
            count.saturating_sub(5).max(1)
        };
        for when in from..=*count {
            let fault = format!("inject={call}:signal=KILL:when={when}");
            let outcome = export(&["-o", "/dev/null", "-e", &fault]);
            assert_ne!(outcome.code, Some(3), "{fault}: {outcome:?}");
            tried += 1;
            let known = begun(&desk);
            if bundle.exists() {
                let good = desk.verify(&bundle, &signers, &[]);
                assert_eq!(good.code, Some(0), "{fault}: {good:?}");
                let number = predicate(&bundle)["number"].as_u64().unwrap();
                let sums = fs::read(bundle.join("SHA256SUMS")).unwrap();
                let manifest = glassroom::model::Digest::of(&sums).to_string();
                assert!(known.contains(&(number, manifest)), "{fault}: {known:?}");
                left_whole += usize::from(outcome.code != Some(0));
            }
            for name in ["bundle", "bundle.part"] {
                let _ = fs::remove_dir_all(folder.join(name));
            }
            let mut numbers: Vec<u64> = known.iter().map(|(number, _)| *number).collect();
            numbers.dedup();
            assert_eq!(
                numbers.len(),
                known.len(),
                "{fault}: a number was given twice"
            );
        }
    }
    println!("kills: {tried}, of which left a whole bundle: {left_whole}");
    assert!(
        left_whole > 0,
        "no kill came between the medium and the end: {counts:?}"
    );
    let last = begun(&desk).pop().unwrap();
    let next = export(&["-o", "/dev/null", "-e", &calls]);
    assert_eq!(next.code, Some(0), "control: {next:?}");
    let predicate = predicate(&bundle);
    assert_eq!(predicate["previous"], last.1.as_str());
    assert_eq!(predicate["number"], last.0 + 1);
}
