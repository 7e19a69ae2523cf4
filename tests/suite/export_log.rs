//! What left is remembered apart from the review that it left from: budgets count by delivery, and a ledger that lost what
//! left is found out.

use crate::support::desk::{Desk, Person};
use crate::support::program::Outcome;
use crate::support::repo::TestRepo;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Lets five lines leave by each key.
const FIVE: &str = "excerpt_lines = 5\nexcerpt_lines_per_finding = 5\nexcerpt_lines_per_file = 5\n\
                    excerpt_lines_per_bundle = 5\nexcerpt_lines_per_review = 5\n";
const OVER: &str = "excerpt_lines_per_review lets 5 leave";

/// A desk, a key, and where the reviews of this test lie.
struct Bench {
    desk: Desk,
    alice: Person,
    home: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let desk = Desk::new();
        let alice = desk.person("alice");
        let home = desk.program.home();
        Self { desk, alice, home }
    }

    /// Runs the program with this home, whatever the home of the desk is.
    fn run(&self, arguments: &[&str]) -> Outcome {
        let home = format!("GLASSROOM_HOME={}", self.home.display());
        let first = [home.as_str(), env!("CARGO_BIN_EXE_glassroom")];
        let arguments = [&first[..], arguments].concat();
        self.desk.program.run_command("/usr/bin/env", &arguments)
    }

    fn review(&self, name: &str) -> PathBuf {
        self.home.join("reviews").join(name)
    }

    /// Begins a review whose policy lets five lines leave, with a finding that quotes a place.
    fn quote(&self, review: &str, delivery: &str, place: &str) {
        fs::create_dir_all(self.review(review)).unwrap();
        fs::write(self.review(review).join("policy.toml"), FIVE).unwrap();
        let first = ["finding", "add", "--snapshot", delivery, "--review", review];
        let more = ["--severity", "low", "--title", "A length", "--at", place];
        let outcome = self.run(&[&first[..], &more, &["--quote", "all"]].concat());
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }

    fn export(&self, review: &str, delivery: &str, to: &Path) -> Outcome {
        let to = to.to_str().unwrap();
        let first = [
            "export",
            "--snapshot",
            delivery,
            "--review",
            review,
            "--to",
            to,
        ];
        let (key, pass) = (self.alice.key.as_str(), self.alice.passphrase.as_str());
        self.run(&[&first[..], &["--key", key, "--passphrase-file", pass]].concat())
    }

    /// A folder for a bundle, with nothing beside it.
    fn medium(&self, name: &str) -> PathBuf {
        let folder = PathBuf::from(self.desk.path("media")).join(name);
        fs::create_dir_all(&folder).unwrap();
        folder.join("bundle")
    }

    /// Exports a review of the demo onto a medium of its own.
    fn export_demo(&self, review: &str) -> Outcome {
        let name = format!(
            "{review}-{}",
            fs::read_dir(self.desk.path("media")).map_or(0, Iterator::count)
        );
        self.export(review, &self.desk.demo, &self.medium(&name))
    }

    fn verify_ledger(&self, more: &[&str]) -> Outcome {
        self.run(&[&["ledger", "verify"], more].concat())
    }

    /// The files of the export log in a folder.
    fn log(folder: &Path) -> Vec<PathBuf> {
        let list = fs::read_dir(folder).into_iter().flatten();
        let files = list.map(|entry| entry.unwrap().path());
        let is_log = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with("export-log-") && name.ends_with(".jsonl")
        };
        files.filter(is_log).collect()
    }

    /// Removes the export log of a folder.
    fn forget(folder: &Path) {
        let files = Self::log(folder);
        assert!(!files.is_empty());
        files.iter().for_each(|path| fs::remove_file(path).unwrap());
    }

    /// The account's own data folder, which does not move with the home.
    fn account(&self) -> PathBuf {
        let root = self.desk.program.home();
        root.parent().unwrap().join(".local/share/glassroom")
    }

    /// Removes the last entries of alice's ledger and the file that would tell.
    fn cut(&self, review: &str, count: usize) {
        let folder = self.review(review).join("ledger");
        let path = folder.join("alice.jsonl");
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        fs::write(&path, lines[..lines.len() - count].concat()).unwrap();
        fs::remove_file(folder.join("alice.head")).unwrap();
    }
}

fn done(outcome: &Outcome) {
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

fn is_over(outcome: &Outcome) {
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains(OVER), "{outcome:?}");
}

/// A delivery that has nothing in common with the demo.
fn other_delivery() -> TestRepo {
    let text: String = (1..=20)
        .map(|n| format!("int other_{n}(void);\n"))
        .collect();
    TestRepo::of(&[("other.h", text.as_bytes())])
}

#[test]
fn a_budget_is_the_deliverys_and_not_the_reviews() {
    let bench = Bench::new();
    let other = other_delivery();
    let other = other.path().to_str().unwrap();
    bench.quote("rev1", &bench.desk.demo, "src/auth.c:20-24");
    done(&bench.export_demo("rev1"));
    // The same lines again cost nothing, in whichever review.
    bench.quote("again", &bench.desk.demo, "src/auth.c:20-24");
    done(&bench.export_demo("again"));
    for (review, place) in [
        ("rev2", "src/auth.c:25-29"),
        ("rev3", "src/main.c:1-5"),
        ("rev4", "src/auth.c:24-25"),
    ] {
        bench.quote(review, &bench.desk.demo, place);
        is_over(&bench.export_demo(review));
    }
    bench.quote("apart", other, "other.h:1-5");
    done(&bench.export("apart", other, &bench.medium("apart")));
    // A copy of the delivery under another path is the same delivery.
    let copy = bench.desk.path("copy.git");
    crate::support::desk::stock("cp", &["-r", &bench.desk.demo, &copy], Path::new("/"));
    bench.quote("copied", &copy, "src/auth.c:25-29");
    is_over(&bench.export("copied", &copy, &bench.medium("copied")));
}

#[test]
fn an_older_release_in_the_same_delivery_counts() {
    let bench = Bench::new();
    // Another version of the file, so other blobs: the delivery holds both.
    bench.quote("old", &bench.desk.demo, "src/auth.c:20-24");
    let export = |review: &str, rev: &str, to: &Path| {
        let first = [
            "export",
            "--snapshot",
            &bench.desk.demo,
            "--rev",
            rev,
            "--review",
            review,
        ];
        let (key, pass) = (bench.alice.key.as_str(), bench.alice.passphrase.as_str());
        let more = [
            "--to",
            to.to_str().unwrap(),
            "--key",
            key,
            "--passphrase-file",
            pass,
        ];
        bench.run(&[&first[..], &more].concat())
    };
    done(&export("old", "HEAD", &bench.medium("head")));
    fs::create_dir_all(bench.review("older")).unwrap();
    fs::write(bench.review("older").join("policy.toml"), FIVE).unwrap();
    let first = [
        "finding",
        "add",
        "--snapshot",
        &bench.desk.demo,
        "--rev",
        "v2.4",
    ];
    let more = [
        "--review",
        "older",
        "--severity",
        "low",
        "--title",
        "A length",
    ];
    let quoted = ["--at", "src/auth.c:1-5", "--quote", "all"];
    done(&bench.run(&[&first[..], &more, &quoted].concat()));
    is_over(&export("older", "v2.4", &bench.medium("older")));
}

#[test]
fn what_left_is_remembered_without_its_review() {
    let bench = Bench::new();
    bench.quote("rev1", &bench.desk.demo, "src/auth.c:20-24");
    done(&bench.export_demo("rev1"));
    bench.quote("rev2", &bench.desk.demo, "src/auth.c:25-29");
    // Each of the three memories is enough.
    fs::remove_dir_all(bench.review("rev1")).unwrap();
    is_over(&bench.export_demo("rev2"));
    Bench::forget(&bench.home);
    is_over(&bench.export_demo("rev2"));
    Bench::forget(&bench.account());
    done(&bench.export_demo("rev2"));
}

#[test]
fn the_ledger_alone_is_enough_for_exports_of_an_older_version() {
    let bench = Bench::new();
    bench.quote("rev1", &bench.desk.demo, "src/auth.c:20-24");
    done(&bench.export_demo("rev1"));
    Bench::forget(&bench.home);
    Bench::forget(&bench.account());
    bench.quote("rev2", &bench.desk.demo, "src/auth.c:25-29");
    is_over(&bench.export_demo("rev2"));
    // A ledger that cannot be read cannot be counted.
    let path = bench.review("rev1").join("ledger/alice.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("A length", "A weight", 1)).unwrap();
    let outcome = bench.export_demo("rev2");
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.stderr.contains("cannot be counted"), "{outcome:?}");
}

#[test]
fn another_home_of_the_account_counts_on() {
    let mut bench = Bench::new();
    bench.quote("rev1", &bench.desk.demo, "src/auth.c:20-24");
    done(&bench.export_demo("rev1"));
    bench.home = PathBuf::from(bench.desk.path("elsewhere"));
    bench.quote("rev1", &bench.desk.demo, "src/auth.c:25-29");
    is_over(&bench.export_demo("rev1"));
    // It is the account's record alone that knows.
    Bench::forget(&bench.account());
    done(&bench.export_demo("rev1"));
}

#[test]
fn another_account_of_a_shared_home_counts_too() {
    let bench = Bench::new();
    bench.quote("rev1", &bench.desk.demo, "src/auth.c:20-24");
    done(&bench.export_demo("rev1"));
    Bench::forget(&bench.account());
    fs::remove_dir_all(bench.review("rev1")).unwrap();
    let [own] = &Bench::log(&bench.home)[..] else {
        panic!("one account")
    };
    let theirs = own.with_file_name("export-log-424242.jsonl");
    fs::rename(own, &theirs).unwrap();
    bench.quote("rev2", &bench.desk.demo, "src/auth.c:25-29");
    is_over(&bench.export_demo("rev2"));
    fs::remove_file(theirs).unwrap();
    done(&bench.export_demo("rev2"));
}

#[test]
fn a_record_that_cannot_be_read_blocks_and_says_what_to_do() {
    let bench = Bench::new();
    bench.quote("rev1", &bench.desk.demo, "src/auth.c:20-24");
    done(&bench.export_demo("rev1"));
    for folder in [bench.home.clone(), bench.account()] {
        let [path] = &Bench::log(&folder)[..] else {
            panic!("one account")
        };
        let whole = fs::read_to_string(path).unwrap();
        for damaged in [
            whole.replacen("\"end\":24", "\"end\":20", 1),
            whole.replacen("\"seq\":1", "\"seq\":2", 1),
            whole.split_once('\n').unwrap().1.to_owned(),
        ] {
            assert_ne!(damaged, whole, "{whole}");
            fs::write(path, damaged).unwrap();
            let outcome = bench.export_demo("rev1");
            assert_eq!(outcome.code, Some(3), "{outcome:?}");
            for said in [
                "what has left before cannot be counted: line ",
                "ask the lab to restore",
            ] {
                assert!(outcome.stderr.contains(said), "{outcome:?}");
            }
            let outcome = bench.verify_ledger(&[]);
            assert_eq!(outcome.code, Some(1), "{outcome:?}");
        }
        fs::write(path, whole).unwrap();
        done(&bench.export_demo("rev1"));
    }
}

#[test]
fn a_colleagues_bundle_that_was_read_counts() {
    // Bob sits at another machine.
    let bob = Bench::new();
    let at_bobs = bob.medium("bob");
    bob.quote("rev1", &bob.desk.demo, "src/auth.c:20-24");
    done(&bob.export("rev1", &bob.desk.demo, &at_bobs));
    let signers = bob.desk.file("signers", &bob.alice.line);

    let bench = Bench::new();
    bench.quote("rev2", &bench.desk.demo, "src/auth.c:25-29");
    let bundle = at_bobs.to_str().unwrap();
    for is_first in [true, false] {
        let outcome = bench.run(&["verify", bundle, "--signers", &signers, "--as", "alice"]);
        done(&outcome);
        assert_eq!(
            outcome.stderr.contains("count here from now on"),
            is_first,
            "{outcome:?}"
        );
    }
    is_over(&bench.export_demo("rev2"));
    // One that is not valid counts nothing, and a bundle on the medium counts without being asked for.
    let fresh = Bench::new();
    fresh.quote("rev2", &fresh.desk.demo, "src/auth.c:25-29");
    let beside = fresh.medium("shared");
    let copy = beside.with_file_name("bobs");
    crate::support::desk::stock(
        "cp",
        &["-r", bundle, copy.to_str().unwrap()],
        Path::new("/"),
    );
    let report = copy.join("report.md");
    let whole = fs::read(&report).unwrap();
    fs::write(&report, "changed").unwrap();
    let copied = copy.to_str().unwrap();
    let outcome = fresh.run(&["verify", copied, "--signers", &signers, "--as", "alice"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(Bench::log(&fresh.home).is_empty());
    fs::write(&report, whole).unwrap();
    let outcome = fresh.export("rev2", &fresh.desk.demo, &beside);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(
        outcome.stderr.contains("10 of excerpt_lines_per_review"),
        "{outcome:?}"
    );
    assert!(!beside.exists());
    // What was refused before it was begun has not left.
    let ledger = fs::read_to_string(fresh.review("rev2").join("ledger/alice.jsonl")).unwrap();
    assert!(!ledger.contains("export-begun"), "{ledger}");
    done(&Bench::new().export_fresh("src/auth.c:25-29"));
}

impl Bench {
    fn export_fresh(&self, place: &str) -> Outcome {
        self.quote("rev2", &self.desk.demo, place);
        self.export_demo("rev2")
    }
}

#[test]
fn a_ledger_that_lost_what_left_is_found_out() {
    // What was cut: the end of the export; its beginning too; everything that was recorded for it.
    for count in [1, 2, 3] {
        let bench = Bench::new();
        bench.quote("rev1", &bench.desk.demo, "src/auth.c:20-24");
        done(&bench.export_demo("rev1"));
        done(&bench.verify_ledger(&[]));
        let path = bench.review("rev1").join("ledger");
        let whole = fs::read(path.join("alice.jsonl")).unwrap();
        let head = fs::read(path.join("alice.head")).unwrap();
        bench.cut("rev1", count);
        let outcome = bench.verify_ledger(&[]);
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        for said in [
            "the ledger of alice ends before entry",
            "which left with bundle 1",
        ] {
            assert!(outcome.stdout.contains(said), "{outcome:?}");
        }
        let outcome = bench.export_demo("rev1");
        assert_eq!(outcome.code, Some(3), "{outcome:?}");
        assert!(
            outcome.stderr.contains("it was cut; keep the ledger"),
            "{outcome:?}"
        );
        // Whoever opens the review is told, and entries that are added do not hide it.
        let first = [
            "note",
            "add",
            "--snapshot",
            &bench.desk.demo,
            "--review",
            "rev1",
        ];
        for _ in 0..4 {
            let outcome =
                bench.run(&[&first[..], &["--at", "src/auth.c:1", "--text", "More"]].concat());
            done(&outcome);
            assert!(outcome.stderr.contains("THE LEDGER: "), "{outcome:?}");
        }
        let outcome = bench.verify_ledger(&[]);
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert!(
            outcome.stdout.contains("the ledger was replaced"),
            "{outcome:?}"
        );
        // The account's record knows it as well, and the ledger of a moved home is known by how it begins.
        Bench::forget(&bench.home);
        assert_eq!(bench.verify_ledger(&[]).code, Some(1));
        fs::write(path.join("alice.jsonl"), &whole).unwrap();
        fs::write(path.join("alice.head"), &head).unwrap();
        done(&bench.verify_ledger(&[]));
        done(&bench.export_demo("rev1"));
    }
}

#[test]
fn a_ledger_that_was_removed_or_begun_anew_is_found_out() {
    let bench = Bench::new();
    bench.quote("rev1", &bench.desk.demo, "src/auth.c:20-24");
    done(&bench.export_demo("rev1"));
    fs::remove_dir_all(bench.review("rev1").join("ledger")).unwrap();
    let outcome = bench.export_demo("rev1");
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(
        outcome
            .stderr
            .contains("the ledger of alice ends before entry"),
        "{outcome:?}"
    );
    fs::remove_dir_all(bench.review("rev1")).unwrap();
    bench.quote("rev1", &bench.desk.demo, "src/auth.c:20-24");
    let outcome = bench.export_demo("rev1");
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    // Another review is no replacement.
    bench.quote("rev2", &bench.desk.demo, "src/auth.c:20-24");
    done(&bench.export_demo("rev2"));
}

#[test]
fn the_bundle_on_the_medium_tells_of_a_ledger_that_was_cut() {
    let bench = Bench::new();
    bench.quote("rev1", &bench.desk.demo, "src/auth.c:20-24");
    let first = bench.medium("medium");
    done(&bench.export("rev1", &bench.desk.demo, &first));
    let second = first.with_file_name("second");
    done(&bench.export("rev1", &bench.desk.demo, &second));
    let bundle = second.to_str().unwrap().to_owned();
    done(&bench.verify_ledger(&["--bundle", &bundle]));
    // Begun and ended are gone, and so is every record of this machine.
    bench.cut("rev1", 2);
    Bench::forget(&bench.home);
    Bench::forget(&bench.account());
    let third = first.with_file_name("third");
    let outcome = bench.export("rev1", &bench.desk.demo, &third);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    for said in [
        "second: bundle 2 ",
        "the ledger does not know it: it was cut",
    ] {
        assert!(outcome.stderr.contains(said), "{outcome:?}");
    }
    assert!(!third.exists());
    let outcome = bench.verify_ledger(&["--bundle", &bundle]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stdout.contains("does not know it"), "{outcome:?}");
    done(&bench.verify_ledger(&["--bundle", first.to_str().unwrap()]));
    // Control: the bundles of another review do not matter.
    bench.quote("rev2", &bench.desk.demo, "src/auth.c:20-24");
    done(&bench.export("rev2", &bench.desk.demo, &third));
}

#[test]
fn a_bundle_is_compared_with_the_one_before() {
    let bench = Bench::new();
    bench.quote("rev1", &bench.desk.demo, "src/auth.c:20-24");
    let signers = bench.desk.file("signers", &bench.alice.line);
    let bundles: Vec<String> = ["1", "2", "3"]
        .iter()
        .map(|name| {
            let to = bench.medium(name);
            done(&bench.export("rev1", &bench.desk.demo, &to));
            to.to_str().unwrap().to_owned()
        })
        .collect();
    let verify = |bundle: &str, before: &str| {
        let first = ["verify", bundle, "--signers", &signers, "--as", "alice"];
        bench.run(&[&first[..], &["--previous", before]].concat())
    };
    done(&verify(&bundles[1], &bundles[0]));
    done(&verify(&bundles[2], &bundles[1]));
    for (bundle, before, said) in [
        (2, 0, "bundle 2 (SHA256SUMS "),
        (0, 1, "is bundle 1, the one before is 2"),
        (1, 1, "is bundle 2, the one before is 2"),
    ] {
        let outcome = verify(&bundles[bundle], &bundles[before]);
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert!(outcome.stdout.contains(said), "{outcome:?}");
    }
    let report = PathBuf::from(&bundles[1]).join("report.md");
    let whole = fs::read(&report).unwrap();
    fs::write(&report, "changed").unwrap();
    let outcome = verify(&bundles[2], &bundles[1]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(
        outcome.stdout.contains("(in the bundle before)"),
        "{outcome:?}"
    );
    fs::write(&report, whole).unwrap();
    // The end of the ledger is cut behind bundle 2, every record of the machine with it: a third bundle comes again.
    let spare = bench.medium("again");
    bench.cut("rev1", 2);
    // The same state would give the same bytes, and so the same bundle.
    let note = [
        "note",
        "add",
        "--snapshot",
        &bench.desk.demo,
        "--review",
        "rev1",
    ];
    done(&bench.run(&[&note[..], &["--at", "src/auth.c:1", "--text", "More"]].concat()));
    Bench::forget(&bench.home);
    Bench::forget(&bench.account());
    done(&bench.export("rev1", &bench.desk.demo, &spare));
    let again = spare.to_str().unwrap();
    done(&verify(again, &bundles[1]));
    let next = bench.medium("next");
    done(&bench.export("rev1", &bench.desk.demo, &next));
    let outcome = verify(next.to_str().unwrap(), &bundles[2]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stdout.contains("NOT VALID"), "{outcome:?}");
}

#[test]
fn a_number_is_given_once_and_the_next_bundle_names_what_was_begun() {
    let bench = Bench::new();
    bench.quote("rev1", &bench.desk.demo, "src/auth.c:20-24");
    let first = bench.medium("1");
    done(&bench.export("rev1", &bench.desk.demo, &first));
    let ledger = bench.review("rev1").join("ledger/alice.jsonl");
    let entries = || -> Vec<Value> {
        let text = fs::read_to_string(&ledger).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let kinds: Vec<String> = entries()
        .iter()
        .map(|e| e["event"]["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(&kinds[kinds.len() - 2..], ["export-begun", "exported"]);
    // The export is killed after its beginning was recorded: what it was, only the ledger knows.
    let begun = entries()[kinds.len() - 2]["event"].clone();
    let statement = |bundle: &Path| -> Value {
        serde_json::from_slice(&fs::read(bundle.join("bundle.json")).unwrap()).unwrap()
    };
    assert_eq!(begun["number"], statement(&first)["predicate"]["number"]);
    bench.cut("rev1", 1);
    Bench::forget(&bench.home);
    Bench::forget(&bench.account());
    let second = bench.medium("2");
    done(&bench.export("rev1", &bench.desk.demo, &second));
    let predicate = &statement(&second)["predicate"];
    assert_eq!(predicate["number"], 2);
    assert_eq!(predicate["previous"], begun["manifest"]);
    let signers = bench.desk.file("signers", &bench.alice.line);
    let bundle = second.to_str().unwrap();
    let verify = [
        "verify",
        bundle,
        "--signers",
        &signers,
        "--as",
        "alice",
        "--previous",
    ];
    done(&bench.run(&[&verify[..], &[first.to_str().unwrap()]].concat()));
}
