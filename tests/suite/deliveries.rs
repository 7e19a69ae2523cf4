//! What git reads of a delivery is read, and what a delivery lacks is called by its name.

use crate::support::desk::has;
use crate::support::program::{Outcome, Program};
use crate::support::repo::{FILE, Scratch, TestRepo, tree_bytes};
use git2::ObjectType;
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

fn records(outcome: &Outcome) -> Vec<Value> {
    assert!(outcome.code <= Some(1), "{outcome:?}");
    let lines = outcome.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn info(path: &Path) -> Value {
    records(&Program::new().on("info", path, &["--json"]))[0].clone()
}

#[test]
fn packs_of_any_name_are_read() {
    let names: &[(&str, bool)] = &[
        ("loose-0123456789abcdef0123456789abcdef01234567", true),
        ("x", true),
        ("a.b.c", true),
        ("tmp_pack_abc", true),
        ("\u{e9}", true),
    ];
    for (name, is_read) in names {
        let repo = TestRepo::of(&[("a.c", b"int probe_a;\n"), ("b.c", b"int probe_b;\n")]);
        let pack = repo.pack_all();
        for end in ["pack", "idx"] {
            let from = pack.with_extension(end);
            fs::rename(&from, from.with_file_name(format!("{name}.{end}"))).unwrap();
        }
        let told = info(repo.path());
        assert_eq!(told["complete"], *is_read, "{name}: {told}");
        assert_eq!(
            (&told["files"], &told["lines"]),
            (&2.into(), &2.into()),
            "{name}"
        );
        let found = Program::new().on("search", repo.path(), &["probe_", "--json"]);
        assert_eq!(records(&found).len(), 3, "{name}: {found:?}");
    }
}

#[test]
fn a_pack_without_an_index_and_a_linked_one_are_named() {
    let repo = TestRepo::of(&[("a.c", b"int a;\n")]);
    let pack = repo.add_pack(&repo.pack());
    let kinds = || {
        let told = info(repo.path());
        let kinds = told["vendor_influence"].as_array().unwrap().iter();
        let kinds = kinds.map(|i| i["kind"].as_str().unwrap().to_owned());
        let is_of_packs = |kind: &String| kind == "link" || kind.starts_with("pack-");
        kinds.filter(is_of_packs).collect::<Vec<String>>()
    };
    assert_eq!(kinds(), [""; 0], "control");
    let idx = pack.with_extension("idx");
    let away = repo.beside().join("away.idx");
    fs::rename(&idx, &away).unwrap();
    assert_eq!(kinds(), ["pack-without-index"]);
    std::os::unix::fs::symlink(&away, &idx).unwrap();
    assert_eq!(kinds(), ["link"]);
}

/// Returns lines of `packed-refs` or of a bundle's header: one for each patch set of a review server.
fn patch_sets(id: &str, count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        let _ = writeln!(
            text,
            "{id} refs/changes/{:02}/{}/{}",
            n / 3 % 100,
            n / 3,
            n % 3 + 1
        );
    }
    text
}

#[test]
fn a_mirror_with_any_number_of_refs_opens_at_head_and_at_every_name() {
    for count in [900, 120_000, 400_000] {
        let repo = TestRepo::of(&[("a.c", b"int mirror_probe;\n")]);
        let id = repo.last().to_string();
        let refs = patch_sets(&id, count);
        fs::remove_file(repo.path().join("refs/heads/main")).unwrap();
        repo.put("packed-refs", format!("{refs}{id} refs/heads/main\n"));
        let bundle = repo.bundle(&format!("# v2 git bundle\n{refs}"));
        for delivery in [repo.path(), &bundle] {
            let program = Program::new();
            let told = program.on("info", delivery, &["--rev", "main", "--json"]);
            assert_eq!(records(&told)[0]["files"], 1, "{count}: {told:?}");
            let found = program.on("search", delivery, &["--rev", "main", "mirror_probe"]);
            assert_eq!(found.stdout, "a.c:1:5\n", "{count}: {found:?}");
            let last = (count - 1) / 3;
            let nth = (count - 1) % 3 + 1;
            let name = format!("refs/changes/{:02}/{last}/{nth}", last % 100);
            let named = program.on("info", delivery, &["--rev", &name]);
            assert_eq!(named.code, Some(0), "{count}: {named:?}");
            let none = program.on("info", delivery, &["--rev", "nowhere"]);
            assert_eq!(none.code, Some(3));
            let more = "refs/heads/main, refs/changes/00/0/1, ";
            assert!(none.stderr.contains(more), "{none:?}");
            let rest = format!("and {} more", count + 1 - 20);
            assert!(none.stderr.contains(&rest), "{rest}: {none:?}");
        }
        let head = Program::new().on("info", repo.path(), &["--json"]);
        assert_eq!(records(&head)[0]["commit"], id, "{count}");
    }
}

#[test]
fn a_partial_clone_is_called_one_and_says_what_to_ask_for() {
    let filter = "[remote \"origin\"]\n\tpromisor = true\n\tpartialclonefilter = ";
    for (config, shown) in [
        (format!("{filter}blob:none\n"), "blob:none"),
        (format!("{filter}blob:limit=1k\n"), "blob:limit=1024"),
        (format!("{filter}sparse:oid=main:a/secret\n"), "sparse:oid"),
        (
            "[extensions]\n\tpartialClone = origin\n".to_owned(),
            "filter not named",
        ),
    ] {
        let repo = TestRepo::of(&[("a.c", b"int a;\n"), ("b.c", b"int b;\n")]);
        repo.put("config", &config);
        repo.lose(repo.blob(b"int a;\n"));
        let told = info(repo.path());
        assert_eq!(told["complete"], false);
        assert_eq!(told["partial_clone"]["filter"], shown, "{told}");
        assert_eq!(told["partial_clone"]["missing"], 1, "{told}");
        let influence = told["vendor_influence"].to_string();
        assert!(influence.contains("config-partial"), "{influence}");
        let text = Program::new().on("info", repo.path(), &[]).stdout;
        let wanted = format!(
            "partial clone ({shown}): 1 object of this commit was not delivered; ask for a full bundle: git bundle create"
        );
        assert!(text.contains(&wanted), "{text}");
        assert!(!text.contains("secret"), "{text}");
        repo.lose(repo.last());
        let refused = Program::new().on("info", repo.path(), &[]);
        assert!(refused.stderr.contains("partial clone"), "{refused:?}");
    }
    let repo = TestRepo::of(&[("a.c", b"int a;\n")]);
    assert!(info(repo.path())["partial_clone"].is_null(), "control");
    let pack = repo.pack_all();
    fs::write(pack.with_extension("promisor"), "").unwrap();
    assert_eq!(
        info(repo.path())["partial_clone"]["filter"],
        "filter not named"
    );
}

#[test]
fn no_hint_asks_for_what_was_given() {
    let repo = TestRepo::of(&[("a.c", b"int a;\n")]);
    let gone = "1111111111111111111111111111111111111111";
    let bundle = repo.bundle(&format!("# v2 git bundle\n{gone} refs/heads/gone\n"));
    let asked = "git bundle create NAME --all";
    for (rev, is_there) in [("gone", false), ("main", true)] {
        let outcome = Program::new().on("info", &bundle, &["--rev", rev]);
        assert_eq!(outcome.code == Some(0), is_there, "{outcome:?}");
        assert!(!outcome.stderr.contains(asked), "{outcome:?}");
    }
    repo.put("refs/heads/gone", gone);
    repo.put("objects/info/alternates", "/elsewhere\n");
    let outcome = Program::new().on("info", repo.path(), &["--rev", "gone"]);
    assert!(
        outcome.stderr.contains("objects/info/alternates"),
        "{outcome:?}"
    );
    assert!(outcome.stderr.contains(asked), "control: {outcome:?}");
}

/// A tree with the same name twice, which git's own tools never write.
fn twins() -> TestRepo {
    let repo = TestRepo::new();
    let one = repo.blob(b"int first_copy;\n");
    let two = repo.blob(b"int second_copy;\nint more;\nvoid f(void) {}\n");
    let tree = tree_bytes(&[
        (FILE, b"a.c", one),
        (FILE, b"a.c", two),
        (FILE, b"b.c", one),
    ]);
    repo.commit(repo.raw(ObjectType::Tree, &tree));
    repo
}

#[test]
fn each_of_two_entries_with_one_name_is_reached() {
    let repo = twins();
    let path = repo.path().to_str().unwrap();
    let text = Program::new().on("info", repo.path(), &[]).stdout;
    assert!(text.contains("a.c stands twice in its folder"), "{text}");
    assert!(!text.contains("case-collision"), "{text}");

    let program = Program::new();
    let found = program.on("search", repo.path(), &["second_copy"]);
    let place = found.stdout.trim().strip_suffix(":5").unwrap().to_owned();
    let (name, line) = place.rsplit_once(':').unwrap();
    assert!(name.starts_with("a.c%blob=") && line == "1", "{place}");
    let found = records(&program.on("search", repo.path(), &["second_copy", "--json"]));
    let blob = found[0]["blob"].as_str().unwrap().to_owned();
    assert_eq!(found[0]["path"], "a.c");
    assert_eq!(name, format!("a.c%blob={}", &blob[..8]));
    let plain = records(&program.on("search", repo.path(), &["first_copy f:b.c", "--json"]));
    assert!(plain[0]["blob"].is_null(), "control: {plain:?}");

    let outline = program.on("outline", repo.path(), &[name]);
    assert!(outline.stdout.contains("function f"), "{outline:?}");
    let finding = [
        "finding",
        "add",
        "--snapshot",
        path,
        "--title",
        "T",
        "--severity",
        "low",
    ];
    let filed = program.run(&[&finding[..], &["--at", &format!("{name}:3"), "--json"]].concat());
    assert_eq!(filed.code, Some(0), "{filed:?}");
    let listed = records(&program.run(&["finding", "list", "--snapshot", path, "--json"]));
    let location = &listed[0]["locations"][0];
    assert_eq!(
        (&location["start_line"], &location["state"]),
        (&3.into(), &"unchanged".into())
    );
    let marked = program.run(&["mark", "--snapshot", path, &format!("{name}:2")]);
    assert_eq!(marked.code, Some(0), "{marked:?}");

    // The name alone is refused, with the two names that are meant.
    let verbs: &[&[&str]] = &[
        &["outline", path, "a.c"],
        &["mark", "--snapshot", path, "a.c:1"],
        &["mark", "--snapshot", path, "--file", "a.c"],
        &["encoding", path, "a.c"],
        &[
            "question",
            "add",
            "--snapshot",
            path,
            "--at",
            "a.c",
            "--text",
            "x",
        ],
        &[
            "question",
            "add",
            "--snapshot",
            path,
            "--at",
            "a.c:1",
            "--text",
            "x",
        ],
    ];
    for verb in verbs {
        let refused = program.run(verb);
        assert_eq!(refused.code, Some(3), "{verb:?}: {refused:?}");
        assert!(refused.stderr.contains("stands 2 times"), "{refused:?}");
        assert!(refused.stderr.contains(name), "{refused:?}");
    }
    let wrong = program.on("outline", repo.path(), &["a.c%blob=0000"]);
    assert_eq!(wrong.code, Some(3), "{wrong:?}");
}

fn git(folder: &Path, arguments: &[&str]) {
    let outcome = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=a", "-c", "user.email=a@b"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(outcome.unwrap().success(), "{arguments:?}");
}

/// Where git says that a work tree is clean, nothing is modified; and a real change is still found.
#[test]
fn a_work_tree_that_git_calls_clean_is_not_modified() {
    if !has("git") {
        return;
    }
    let scratch = Scratch::new();
    let source = scratch.path().join("source");
    fs::create_dir_all(source.join("deep")).unwrap();
    git(&source, &["init", "-q", "-b", "main", "."]);
    for (name, text) in [
        ("a.c", &b"int a;\nint b;\n"[..]),
        ("deep/b.c", b"int c;\n"),
        ("id.c", b"/* $Id$ */\n"),
        ("latin.txt", b"h\xe9\n"),
        ("wide.txt", b"\xff\xfew\0\r\0\n\0"),
        ("mixed.txt", b"x\r\ny\n"),
        (
            ".gitattributes",
            b"id.c ident\nlatin.txt working-tree-encoding=ISO-8859-1\nwide.txt working-tree-encoding=UTF-16LE-BOM eol=crlf\n",
        ),
    ] {
        fs::write(source.join(name), text).unwrap();
    }
    git(&source, &["add", "."]);
    git(&source, &["commit", "-q", "-m", "x"]);
    let clone = |name: &str, options: &[&str]| {
        let arguments = [&["clone", "-q"], options, &["source", name]].concat();
        git(scratch.path(), &arguments);
        info(&scratch.path().join(name))["not_in_snapshot"].clone()
    };
    for (name, options, field, count) in [
        ("plain", &[][..], "converted", 3),
        ("crlf", &["-c", "core.autocrlf=true"], "line_ends", 3),
        ("eol", &["-c", "core.eol=crlf"], "converted", 3),
        ("sparse", &["--sparse"], "not_checked_out", 1),
        ("nothing", &["--no-checkout"], "not_checked_out", 7),
    ] {
        let told = clone(name, options);
        assert_eq!(told["modified"], 0, "{name}: {told}");
        assert_eq!(told["untracked"], 0, "{name}: {told}");
        assert_eq!(told[field], count, "{name}: {told}");
    }
    let sparse = scratch.path().join("sparse");
    fs::remove_file(sparse.join("a.c")).unwrap();
    fs::write(sparse.join("id.c"), "/* $Id: other $ */\n").unwrap();
    let told = info(&sparse)["not_in_snapshot"].clone();
    assert_eq!(
        (&told["modified"], &told["not_checked_out"]),
        (&2.into(), &1.into()),
        "{told}"
    );
    assert_eq!(told["modified_paths"].to_string(), r#"["a.c","id.c"]"#);
    git(
        scratch.path(),
        &["clone", "-q", "--bare", "source", "bare.git"],
    );
    for (name, has_line) in [("bare.git", false), ("plain", true)] {
        let text = Program::new()
            .on("info", &scratch.path().join(name), &[])
            .stdout;
        assert_eq!(text.contains("work tree"), has_line, "{name}: {text}");
    }
}
