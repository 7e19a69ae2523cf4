//! Building the index with the real program: killed, beside another program, and on odd files.

use crate::support::program::Program;
use crate::support::pty::Pty;
use crate::support::repo::TestRepo;
use rustix::fs::{FlockOperation, flock};
use serde_json::Value;
use std::fs::{self, File};
use std::path::PathBuf;

/// Files of a release, of which every one holds the word `common`, and the second release's also `newer`.
fn release(repo: &TestRepo, count: usize, word: &str) {
    let files: Vec<(String, Vec<u8>)> = (0..count)
        .map(|n| {
            let line = format!("int {word}_{n}(void) {{ return common({n}); }}\n");
            let other = format!("/* {:x} */\n", (n + 7) * 2_654_435_761).repeat(200);
            (format!("f{n}.c"), format!("{line}{other}").into_bytes())
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    repo.commit_files(&files);
    repo.pack_all();
}

struct Room {
    program: Program,
    repo: TestRepo,
}

impl Room {
    fn index(&self) -> Value {
        let outcome = self.program.on("index", self.repo.path(), &["--json"]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        serde_json::from_str(&outcome.stdout).unwrap()
    }

    /// Returns the number of lines that match.
    fn lines(&self, query: &str) -> u64 {
        let outcome = self
            .program
            .on("search", self.repo.path(), &[query, "--json"]);
        assert!(outcome.code <= Some(1), "{query}: {outcome:?}");
        let last = outcome.stdout.lines().last().unwrap();
        let last: Value = serde_json::from_str(last).unwrap();
        assert_eq!(last["summary"]["complete"], true, "{last}");
        assert_eq!(last["summary"]["not_searched"], 0, "{last}");
        last["summary"]["lines"].as_u64().unwrap()
    }

    fn folder(&self) -> PathBuf {
        let mut reviews = fs::read_dir(self.program.home().join("reviews")).unwrap();
        reviews.next().unwrap().unwrap().path().join("index")
    }
}

#[test]
fn a_build_killed_at_any_time_goes_on_from_what_was_committed() {
    const FIRST: usize = 60;
    const SECOND: usize = 400;
    let room = Room {
        program: Program::new(),
        repo: TestRepo::new(),
    };
    release(&room.repo, FIRST, "older");
    assert_eq!(room.index()["new_blobs"], FIRST);
    release(&room.repo, SECOND, "newer");
    let data = room.folder().join("data");
    let committed = fs::metadata(&data).unwrap().len();
    let mut killed = 0;
    for round in 0..8_u64 {
        let path = room.repo.path().to_str().unwrap();
        let mut child = room.program.start(&["index", path]);
        // Killed when so much is written, or a little behind the end.
        while fs::metadata(&data).unwrap().len() <= committed + round * 40_000 {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::yield_now();
        }
        child.kill().unwrap();
        let is_whole = child.wait().unwrap().success();
        killed += u64::from(!is_whole);
        assert_eq!(room.lines("common"), SECOND as u64, "round {round}");
        assert_eq!(room.lines("newer_"), SECOND as u64, "round {round}");
        if is_whole {
            break;
        }
    }
    assert!(killed > 0, "control: one was killed before its end");
    let again = room.index();
    assert!(
        again["new_blobs"] == SECOND || again["new_blobs"] == 0,
        "{again}"
    );
    assert_eq!(room.index()["new_blobs"], 0);
    assert_eq!(room.lines("newer_"), SECOND as u64);
    // What a killed build had written and never committed is gone.
    let fresh = Room {
        program: Program::new(),
        repo: TestRepo::new(),
    };
    release(&fresh.repo, FIRST, "older");
    fresh.index();
    release(&fresh.repo, SECOND, "newer");
    fresh.index();
    let len = |room: &Room, name: &str| fs::metadata(room.folder().join(name)).unwrap().len();
    for name in ["data", "table"] {
        assert_eq!(len(&room, name), len(&fresh, name), "{name}");
    }
}

#[test]
fn a_second_program_reads_what_is_there_and_indexes_when_the_first_ends() {
    let room = Room {
        program: Program::new(),
        repo: TestRepo::new(),
    };
    release(&room.repo, 10, "older");
    room.index();
    release(&room.repo, 20, "newer");
    let lock = File::options()
        .write(true)
        .open(room.folder().join("lock"))
        .unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    let outcome = room.program.on("index", room.repo.path(), &[]);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(
        outcome.stderr.contains("another program is building"),
        "{outcome:?}"
    );
    assert_eq!(room.lines("newer_"), 20, "what is not indexed is read");
    let path = room.repo.path().to_str().unwrap();
    let mut pty = Pty::start(&room.program, &["open", path], (120, 30));
    pty.wait_for_text("another program is indexing");
    pty.send("snewer_17(");
    pty.wait_for_text("1 lines in 1 files");
    // A colleague's word on an encoding need not wait.
    let set = room.program.on(
        "encoding",
        room.repo.path(),
        &["f1.c", "--set", "GBK", "--reviewer", "bob"],
    );
    assert_eq!(set.code, Some(0), "{set:?}");
    assert!(
        set.stderr.contains("another program is indexing"),
        "{set:?}"
    );
    drop(lock);
    pty.send("\u{1b}");
    pty.wait_for_text("   indexed");
    pty.send("q");
    pty.wait_for_end();
    assert_eq!(
        room.index()["new_blobs"],
        1,
        "the file whose encoding was set meanwhile"
    );
}

#[test]
fn a_needle_is_found_in_every_odd_file() {
    let long = [
        &vec![b'x'; 320_000][..],
        b"needle",
        &vec![b'y'; 320_000][..],
        b"\n",
    ]
    .concat();
    let many = [b"line\n".repeat(1_000_000), b"needle\n".to_vec()].concat();
    let zeros = [vec![0; 100_000], b"needle".to_vec(), vec![0; 100_000]].concat();
    let room = Room {
        program: Program::new(),
        repo: TestRepo::of(&[
            ("a-nul", b"\0"),
            ("b-long", &long),
            ("c-many", &many),
            ("d-cr", b"one\rtwo\rneedle\rfour\r"),
            (
                "e-separators",
                "one\u{2028}two\u{2029}three\u{85}needle\nneedle\n".as_bytes(),
            ),
            ("f-zeros", &zeros),
            ("g-empty", b""),
            ("h-ends", b"a needle and no line end"),
            ("i-crlf", b"\r\n\r\n\r\nneedle\r\n"),
            (
                "j-nul-in-text",
                &[&b"int a;\n".repeat(100)[..], b"\0needle\n"].concat(),
            ),
        ]),
    };
    let found = || -> Vec<String> {
        let outcome = room.program.on("search", room.repo.path(), &["needle"]);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        outcome.stdout.lines().map(str::to_owned).collect()
    };
    let wanted = [
        "b-long:1:320001",
        "c-many:1000001:1",
        "d-cr:1:9",
        "e-separators:1:15",
        "e-separators:2:1",
        "f-zeros: byte 100000, length 6",
        "h-ends:1:3",
        "i-crlf:4:1",
        "j-nul-in-text:101:2",
    ];
    assert_eq!(found(), wanted, "not indexed");
    room.index();
    assert_eq!(found(), wanted, "indexed");
    assert_eq!(room.lines("c:/^/ f:a-nul"), 0, "a binary file has no lines");
    assert_eq!(room.lines("c:/^/ f:g-empty"), 0);
    assert_eq!(room.lines("c:/^/ f:d-cr"), 1);
    assert_eq!(room.lines("c:/^/ f:e-separators"), 2);
    assert_eq!(room.lines("c:/^/ f:c-many"), 1_000_001);
    let info = room.program.on("info", room.repo.path(), &["--json"]);
    let info: Value = serde_json::from_str(&info.stdout).unwrap();
    assert_eq!(info["not_searched"], serde_json::json!([]));
}
