//! Places without lines, and places in binary files: each carries every kind of record, through every output.

use crate::support::driven::Driven;
use crate::support::program::{Outcome, Program};
use crate::support::repo::{FILE, FOLDER, LINK, SUBMODULE, Scratch, TestRepo};
use glassroom::app::App;
use glassroom::job::Ask;
use glassroom::model::{Item, NoteKind};
use serde_json::{Value, json};
use std::fs;

/// What `--at` takes, what the records say of it, and the words of the reports.
struct Spot {
    at: &'static str,
    path: &'static str,
    extent: Value,
    report: &'static str,
}

fn spots() -> Vec<Spot> {
    let spot = |at, path, extent, report| Spot {
        at,
        path,
        extent,
        report,
    };
    let whole = |kind: &str| json!({"whole": kind});
    vec![
        spot(
            "licence_key.c",
            "licence_key.c",
            whole("file"),
            "`licence_key.c`, whole file",
        ),
        spot(
            "crypto@absent",
            "crypto",
            whole("submodule"),
            "`crypto`, submodule",
        ),
        spot("link", "link", whole("symlink"), "`link`, symlink"),
        spot("src/net/", "src/net", whole("folder"), "`src/net`, folder"),
        spot(".", ".", whole("snapshot"), "whole snapshot"),
        spot(
            "src/a.c:1-2",
            "src/a.c",
            json!({"start_line": 1, "end_line": 2}),
            "`src/a.c:1-2`",
        ),
        spot(
            "fw.bin:3-4",
            "fw.bin",
            json!({"bytes": {"offset": 32, "length": 32}}),
            "`fw.bin`, bytes 32-63",
        ),
        spot(
            "fw.bin:7",
            "fw.bin",
            json!({"bytes": {"offset": 96, "length": 4}}),
            "`fw.bin`, bytes 96-99",
        ),
    ]
}

/// A delivery with an entry of each kind.
fn delivery() -> TestRepo {
    let repo = TestRepo::new();
    let binary: Vec<u8> = (0..100_u8)
        .map(|n| n.wrapping_mul(37) | 0x80)
        .chain([])
        .collect();
    let binary: Vec<u8> = binary
        .iter()
        .map(|b| if b % 3 == 0 { 0 } else { *b })
        .collect();
    let source = repo.blob(b"int a;\nint b;\n");
    let net = repo.tree(&[(FILE, b"n.c", source)]);
    let src = repo.tree(&[(FILE, b"a.c", source), (FOLDER, b"net", net)]);
    let commit = "1234567890123456789012345678901234567890".parse().unwrap();
    repo.commit(repo.tree(&[
        (SUBMODULE, b"crypto", commit),
        (FILE, b"fw.bin", repo.blob(&binary)),
        (FILE, b"licence_key.c", repo.blob(b"")),
        (LINK, b"link", repo.blob(b"src/a.c")),
        (FOLDER, b"src", src),
    ]));
    repo
}

struct Reviewed {
    program: Program,
    repo: TestRepo,
}

impl Reviewed {
    fn new() -> Self {
        Self {
            program: Program::new(),
            repo: delivery(),
        }
    }

    fn run(&self, verb: &[&str], more: &[&str]) -> Outcome {
        let path = self.repo.path().to_str().unwrap();
        self.program
            .run(&[verb, &["--snapshot", path], more].concat())
    }

    fn records(&self, verb: &[&str], more: &[&str]) -> Vec<Value> {
        let outcome = self.run(verb, &[more, &["--json"]].concat());
        assert_eq!(outcome.code, Some(0), "{verb:?} {more:?}: {outcome:?}");
        let lines = outcome.stdout.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Exports what was recorded; returns the folder and the signers' file.
    fn bundle(&self) -> (String, String) {
        let home = self.program.home();
        let path = |name: &str| home.join(name).to_str().unwrap().to_owned();
        let (key, pass, signers, to) = (path("key"), path("pass"), path("signers"), path("out"));
        fs::write(&pass, "correct horse\n").unwrap();
        let made = [
            "key",
            "new",
            "--out",
            &key,
            "--passphrase-file",
            &pass,
            "--json",
        ];
        let made: Value = serde_json::from_str(&self.program.run(&made).stdout).unwrap();
        fs::write(&signers, made["allowed_signers"].as_str().unwrap()).unwrap();
        let more = ["--to", &to, "--key", &key, "--passphrase-file", &pass];
        let outcome = self.run(&["export"], &more);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        (to, signers)
    }
}

#[test]
fn every_place_carries_every_record_through_every_output() {
    let desk = Reviewed::new();
    for spot in spots() {
        let title = format!("Seen at {}", spot.at);
        let finding = [
            "--title",
            &title,
            "--severity",
            "low",
            "--text",
            "See the place.",
        ];
        desk.records(
            &["finding", "add"],
            &[&finding[..], &["--at", spot.at]].concat(),
        );
        for verb in ["note", "question", "remark"] {
            desk.records(
                &[verb, "add"],
                &["--at", spot.at, "--text", "Why is it so?"],
            );
        }
    }
    let listed = desk.records(&["finding", "list"], &[]);
    let listed = [listed, desk.records(&["question", "list"], &[])].concat();
    for (record, spot) in listed.iter().zip(spots().iter().cycle()) {
        let place = &record["locations"][0];
        assert_eq!(place["path"], spot.path, "{record}");
        assert_eq!(place["state"], "unchanged", "{record}");
        let bytes = &spot.extent["bytes"];
        assert_eq!(place["whole"], spot.extent["whole"], "{record}");
        assert_eq!(place["offset"], bytes["offset"], "{record}");
        assert_eq!(place["length"], bytes["length"], "{record}");
        let has_rows = spot.extent["whole"].is_null();
        assert_eq!(place["start_line"].is_u64(), has_rows, "{record}");
    }

    let (bundle, signers) = desk.bundle();
    let read = |name: &str| fs::read_to_string(format!("{bundle}/{name}")).unwrap();
    let findings: Value = serde_json::from_str(&read("findings.json")).unwrap();
    let sarif: Value = serde_json::from_str(&read("findings.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let git = |path: &str| desk.repo.id_at(path);
    for spot in spots() {
        let title = format!("Seen at {}", spot.at);
        let all = findings["findings"].as_array().unwrap();
        let finding = all.iter().find(|f| f["title"] == title.as_str()).unwrap();
        let place = &finding["locations"][0];
        for key in ["start_line", "end_line", "bytes", "whole"] {
            assert_eq!(place[key], spot.extent[key], "{key}: {place}");
        }
        assert_eq!(place["blob"], git(spot.path), "{place}");
        let result = results.iter().find(|r| r["guid"] == finding["id"]).unwrap();
        let physical = &result["locations"][0]["physicalLocation"];
        let region = &physical["region"];
        assert_eq!(region["startLine"], spot.extent["start_line"], "{physical}");
        assert_eq!(
            region["byteOffset"], spot.extent["bytes"]["offset"],
            "{physical}"
        );
        assert_eq!(
            region["byteLength"], spot.extent["bytes"]["length"],
            "{physical}"
        );
        assert_eq!(
            region.is_null(),
            !spot.extent["whole"].is_null(),
            "{physical}"
        );
        let uri = match spot.path {
            "." => "./".to_owned(),
            "src/net" => "src/net/".to_owned(),
            path => path.to_owned(),
        };
        assert_eq!(physical["artifactLocation"]["uri"], uri, "{physical}");
        let report = read("report.md");
        assert!(
            report.contains(&format!("- {}, ", spot.report)),
            "{} in {report}",
            spot.report
        );
        let plain = spot.report.replace('`', "");
        assert!(
            read("questions.md").contains(&format!("- {}, ", spot.report)),
            "{plain}"
        );
    }
    let page = read("report.html");
    for words in [
        "whole snapshot",
        "</code>, bytes 32-63",
        "</code>, submodule",
        "</code>, folder",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let readme = read("README.txt");
    assert!(
        readme.contains("tail -c +$((A + 1)) | head -c $((B - A + 1))")
            && readme.contains("COMMIT^{tree}"),
        "{readme}"
    );
    let path = desk.repo.path().to_str().unwrap().to_owned();
    let verify = ["verify", &bundle, "--signers", &signers, "--as", "alice"];
    let outcome = desk
        .program
        .run(&[&verify[..], &["--snapshot", &path]].concat());
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[test]
fn a_bundle_with_lines_alone_says_nothing_of_other_places() {
    let desk = Reviewed::new();
    desk.records(
        &["question", "add"],
        &["--at", "src/a.c:1", "--text", "Why is it so?"],
    );
    let (bundle, _) = desk.bundle();
    let readme = fs::read_to_string(format!("{bundle}/README.txt")).unwrap();
    assert!(
        !readme.contains("binary file") && !readme.contains("without lines"),
        "{readme}"
    );
}

#[test]
fn what_is_not_there_or_has_no_such_lines_is_refused_by_name() {
    let desk = Reviewed::new();
    for (at, code, words) in [
        ("nothing.c", 3, "there is no file nothing.c"),
        ("src/ne", 3, "there is no file src/ne"),
        ("licence_key.c:1", 3, "has 0 lines"),
        ("crypto:1", 3, "has 0 lines"),
        ("fw.bin:8", 3, "has 7 lines"),
        ("src/a.c:3", 3, "has 2 lines"),
        ("src/a.c", 2, "names no lines"),
        ("src/a.c@sink", 2, "names no lines"),
        ("fw.bin", 2, "names no lines"),
        ("src/a.c:0", 2, "no range"),
    ] {
        let outcome = desk.run(&["question", "add"], &["--at", at, "--text", "Why?"]);
        assert_eq!(outcome.code, Some(code), "{at}: {outcome:?}");
        assert!(outcome.stderr.contains(words), "{at}: {outcome:?}");
    }
    let more = [
        "--title",
        "T",
        "--severity",
        "low",
        "--at",
        "crypto",
        "--at",
        "src/a.c:1",
    ];
    let refused = desk.run(
        &["finding", "add"],
        &[&more[..], &["--quote", "1"]].concat(),
    );
    assert!(refused.stderr.contains("no lines of text"), "{refused:?}");
    assert_eq!(
        desk.run(
            &["finding", "add"],
            &[&more[..], &["--quote", "all"]].concat()
        )
        .code,
        Some(0)
    );
}

#[test]
fn a_mark_on_what_has_no_lines_is_set_kept_and_taken_back() {
    let desk = Reviewed::new();
    let path = desk.repo.path().to_str().unwrap().to_owned();
    for at in ["licence_key.c", "crypto", "src/net", "."] {
        let is_set = |more: &[&str]| desk.records(&["mark", at], more)[0]["reviewed"].clone();
        assert_eq!(is_set(&[]), true, "{at}");
        assert_eq!(is_set(&["--set"]), true, "{at}");
        assert_eq!(is_set(&[]), false, "{at}");
        assert_eq!(is_set(&["--unset"]), false, "{at}");
        assert_eq!(is_set(&[]), true, "{at}");
    }
    let found = |query: &str| {
        let outcome = desk.program.run(&["search", &path, query, "--json"]);
        outcome.stdout.matches("\"file_name\"").count()
    };
    assert_eq!(found("status:reviewed f:licence_key"), 1);
    // A folder's mark says nothing of the files in it.
    assert_eq!(found("status:unreviewed f:n.c"), 1);
    // All lines of a file that has some, as before.
    let marked = desk.records(&["mark"], &["--file", "src/a.c", "--file", "fw.bin"]);
    assert_eq!(
        (&marked[0]["start_line"], &marked[0]["end_line"]),
        (&1.into(), &2.into())
    );
    assert_eq!(
        (&marked[1]["offset"], &marked[1]["length"]),
        (&0.into(), &100.into())
    );
    let verified = desk.run(&["ledger", "verify"], &[]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

fn items(driven: &Driven) -> Vec<(String, String)> {
    let row = |item: &Item| {
        let anchor = &item.locations()[0].anchor;
        (item.label(), anchor.text())
    };
    driven.app.review.items().iter().map(row).collect()
}

#[test]
fn the_keys_work_where_there_are_no_lines() {
    let repo = delivery();
    let home = Scratch::new();
    let ask = Ask {
        source: Some(repo.path().to_owned()),
        ..Ask::default()
    };
    let mut driven = Driven::open(home.path(), &ask, (100, 30));
    let mut expected: Vec<(String, String)> = Vec::new();
    let mut write = |driven: &mut Driven, keys: &str, label: &str, text: &str| {
        if !keys.is_empty() {
            driven.keys(keys);
        }
        assert!(
            driven.text().contains(text),
            "{keys} {text}: {}",
            driven.text()
        );
        driven.type_text("Why is it so?");
        driven.keys("^s");
        driven.until_recorded();
        expected.push((label.to_owned(), text.to_owned()));
        assert_eq!(items(driven), expected);
    };
    driven.open_file("licence_key.c");
    write(&mut driven, "C", "N1", "licence_key.c (whole file)");
    write(&mut driven, "F", "F1", "licence_key.c (whole file)");
    write(&mut driven, "g q", "Q1", "licence_key.c (whole file)");
    driven.keys("r");
    driven.until_recorded();
    assert!(
        driven.text().contains("marked reviewed"),
        "{}",
        driven.text()
    );
    let file = driven.app.code.file().unwrap().clone();
    let is_marked = |driven: &Driven| driven.app.review.is_marked_whole(&file.path, &file.blob);
    assert!(is_marked(&driven));
    driven.keys("u");
    driven.until_recorded();
    assert!(!is_marked(&driven), "u takes it back");

    let open = |driven: &mut Driven, path: &'static str| {
        driven.keys("f");
        driven.type_text(path);
        driven.keys("Enter");
        let is_open = |app: &App| app.code.file().is_some_and(|f| f.path.to_string() == path);
        driven.until(path, is_open);
    };
    open(&mut driven, "fw.bin");
    driven.keys("j j");
    write(&mut driven, "c", "N2", "fw.bin (bytes 32-47)");
    open(&mut driven, "crypto");
    write(&mut driven, "g q", "Q2", "crypto (submodule)");
    // In the tree: the folder under the cursor.
    driven.open_file("src/net/n.c");
    driven.keys("Tab h");
    driven.keys("g q");
    driven.until("the form", |app| !app.layers.is_empty());
    write(&mut driven, "", "Q3", "src/net (folder)");
    driven.keys(":");
    driven.type_text("snapshot-question");
    driven.keys("Enter");
    write(&mut driven, "", "Q4", "whole snapshot");
    let kinds = driven.app.review.notes().map(|note| note.kind);
    assert_eq!(kinds.filter(|kind| *kind == NoteKind::Question).count(), 4);
}
