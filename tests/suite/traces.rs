//! What a program leaves behind when it only looks, and when it is killed.

use crate::support::program::Program;
use crate::support::repo::TestRepo;
use std::fs;
use std::path::{Path, PathBuf};

fn bundle(repo: &TestRepo) -> PathBuf {
    let text = "int needle;\n".repeat(20_000);
    repo.commit_files(&[("a.c", text.as_bytes()), ("b.c", b"int b;\n")]);
    repo.bundle("# v2 git bundle\n")
}

/// Returns every path beneath a folder with its size.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let metadata = path.symlink_metadata().unwrap();
            if metadata.is_dir() {
                folders.push(path.clone());
            }
            found.push((path, metadata.len()));
        }
    }
    found.sort();
    found
}

#[test]
fn looking_at_a_bundle_writes_nothing_so_that_a_kill_leaves_nothing() {
    let program = Program::new();
    let repo = TestRepo::new();
    let bundle = bundle(&repo);
    let path = bundle.to_str().unwrap();
    // Killed at once, early or when it is done already: there is no moment at which something lies there.
    for _ in 0..3 {
        let mut child = program.start(&["info", path]);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(program.temporary_files().is_empty() && !program.home().exists());
    }
    let looked = program.run(&["info", path, "--json"]);
    assert_eq!(looked.code, Some(0), "{looked:?}");
    assert!(program.temporary_files().is_empty() && !program.home().exists());

    let indexed = program.run(&["index", path]);
    assert_eq!(indexed.code, Some(0), "{indexed:?}");
    let before = files(&program.home());
    let is_pack = |(path, _): &(PathBuf, u64)| path.extension().is_some_and(|end| end == "pack");
    assert!(
        before.iter().any(is_pack),
        "control: a review keeps the pack"
    );
    let again = program.run(&["info", path, "--json"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(again.stdout, looked.stdout);
    assert_eq!(files(&program.home()), before);
}

#[test]
fn what_killed_programs_left_goes_at_the_next_start_of_any_verb() {
    let program = Program::new();
    let repo = TestRepo::new();
    let bundle = bundle(&repo);
    let temporary = program.environment();
    let temporary = &temporary
        .iter()
        .find(|(name, _)| *name == "TMPDIR")
        .unwrap()
        .1;
    let made = |folder: &Path, name: &str| {
        let made = folder.join(name).join("pack");
        fs::create_dir_all(&made).unwrap();
        fs::write(made.join("pack-x.pack"), "PACK").unwrap();
    };
    // No process has this number: it is above the kernel's limit. Process 1 lives.
    made(temporary, "glassroom-scratch-4194999-1");
    made(temporary, "glassroom-scratch-1-1");
    made(temporary, "other-4194999-1");
    let outcome = program.run(&["policy", "show"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let left = program.temporary_files();
    assert_eq!(left, ["glassroom-scratch-1-1", "other-4194999-1"]);

    // A review's own half-made copy goes when its delivery is opened again.
    let path = bundle.to_str().unwrap();
    assert_eq!(program.run(&["index", path]).code, Some(0));
    let is_store = |(path, _): &(PathBuf, u64)| path.ends_with("objects/pack");
    let store = files(&program.home()).into_iter().find(is_store).unwrap().0;
    made(&store, "abc.part-4194999-0");
    let kept = fs::read_dir(&store).unwrap().count();
    assert_eq!(program.run(&["index", path]).code, Some(0));
    assert_eq!(fs::read_dir(&store).unwrap().count(), kept - 1);
}
