//! A reviewer's word on the encoding of a file: headless, on screen, and everywhere the file is read.

use crate::support::driven::Driven;
use crate::support::program::Program;
use crate::support::repo::TestRepo;
use glassroom::app::layer::{Layer, Pick};
use glassroom::job::Ask;
use serde_json::Value;
use std::fs;

/// Two words in GBK whose bytes are, by chance, UTF-8 too; and a file in Big5 with too little to be sure of.
const FILES: &[(&str, &[u8])] = &[
    ("blob.bin", b"key\0key\0\0\0\0\0"),
    ("index.c", b"// \xc4\xbf\xc2\xbc\nint a;\n"),
    ("main.c", b"int main(void) { return 0; }\n"),
];

struct Room {
    program: Program,
    repo: TestRepo,
}

impl Room {
    fn new() -> Self {
        Self {
            program: Program::new(),
            repo: TestRepo::of(FILES),
        }
    }

    fn run(&self, verb: &str, more: &[&str]) -> (Option<i32>, String, String) {
        let outcome = self.program.on(verb, self.repo.path(), more);
        (outcome.code, outcome.stdout, outcome.stderr)
    }

    /// Runs a verb that must end well, and returns what it prints.
    fn say(&self, verb: &str, more: &[&str]) -> String {
        let (code, out, error) = self.run(verb, more);
        assert_eq!(code, Some(0), "{verb} {more:?}: {error}");
        out
    }

    /// Returns the path and line of each hit.
    fn search(&self, query: &str) -> Vec<String> {
        let (code, out, error) = self.run("search", &[query]);
        assert!(code <= Some(1), "{query}: {error}");
        out.lines().map(str::to_owned).collect()
    }
}

#[test]
fn the_verb_says_sets_and_takes_back() {
    let room = Room::new();
    assert_eq!(
        room.say("encoding", &["index.c"]),
        "index.c: UTF-8, guessed\n"
    );
    assert!(
        !room.program.home().join("reviews").exists(),
        "it only asked"
    );
    assert_eq!(
        room.say("encoding", &["blob.bin"]),
        "blob.bin: binary, guessed\n"
    );
    let said = room.say("encoding", &["index.c", "--set", "gb2312"]);
    assert_eq!(said, "index.c: GBK, set\n");
    let json: Value = serde_json::from_str(&room.say("encoding", &["index.c", "--json"])).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"path": "index.c", "encoding": "GBK", "guessed": false})
    );
    assert_eq!(room.search("目录"), ["index.c:1:4"]);
    assert_eq!(room.search("Ŀ"), [""; 0]);
    let again = room.say("encoding", &["index.c", "--auto"]);
    assert_eq!(again, "index.c: UTF-8, guessed\n");
    assert_eq!(room.search("Ŀ"), ["index.c:1:4"]);
    // Text from a binary file: its lines are counted otherwise, and that is said.
    let (code, out, error) = room.run("encoding", &["blob.bin", "--set", "latin1"]);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "blob.bin: windows-1252, set\n")
    );
    assert!(error.contains("has 1 lines now and had 0"), "{error}");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let room = Room::new();
    let (code, out, error) = room.run("encoding", &["index.c", "--set", "klingon"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        error.contains("klingon") && error.contains("gb18030, Big5"),
        "{error}"
    );
    assert_eq!(error.lines().count(), 1, "{error}");
    assert_eq!(room.run("encoding", &["none.c"]).0, Some(3));
    assert_eq!(room.run("encoding", &["none.c", "--set", "GBK"]).0, Some(3));
    let both = room.run("encoding", &["index.c", "--set", "GBK", "--auto"]);
    assert_eq!(both.0, Some(2));
}

#[test]
fn an_index_follows_and_the_last_word_of_two_reviewers_counts() {
    let room = Room::new();
    room.say("index", &[]);
    room.say("encoding", &["index.c", "--set", "GBK"]);
    // Nothing is left to be stored, and the word is in force for a colleague too.
    let built: Value = serde_json::from_str(&room.say("index", &["--json"])).unwrap();
    assert_eq!(built["new_blobs"], 0);
    let bob = ["--reviewer", "bob"];
    assert_eq!(
        room.say("encoding", &[&["index.c"], &bob[..]].concat()),
        "index.c: GBK, set\n"
    );
    // What he says later counts for both, whoever reads: a review has one state. Neither waits for an index.
    // Of entries within a second alice's come first, by her name.
    room.say(
        "encoding",
        &[&["index.c", "--set", "Big5"], &bob[..]].concat(),
    );
    assert_eq!(room.say("encoding", &["index.c"]), "index.c: Big5, set\n");
    assert_eq!(room.search("目录"), [""; 0]);
    let (_, his, _) = room.run("search", &[&["目录"], &bob[..]].concat());
    assert_eq!(his, "");
    let verified = room
        .program
        .run(&["ledger", "verify", "--review", &review(&room)]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

/// Returns the name of the only review.
fn review(room: &Room) -> String {
    let mut reviews = fs::read_dir(room.program.home().join("reviews")).unwrap();
    let name = reviews.next().unwrap().unwrap().file_name();
    name.into_string().unwrap()
}

#[test]
fn on_screen_it_is_chosen_from_a_list_and_undone() {
    let home = tempfile::tempdir().unwrap();
    let repo = TestRepo::of(FILES);
    let ask = Ask {
        source: Some(repo.path().to_owned()),
        ..Ask::default()
    };
    let mut driven = Driven::open(home.path(), &ask, (100, 30));
    driven.open_file("index.c");
    assert!(driven.text().contains("Ŀ¼"), "{}", driven.text());
    driven.keys("ze");
    let Some(Layer::Pick(Pick::Encoding(_, rows), picker)) = driven.app.layers.last() else {
        panic!("no list of encodings");
    };
    assert_eq!(picker.rows()[0].text, "UTF-8, guessed: in force");
    assert_eq!(rows[0], None, "nothing was said");
    // The first row changes nothing.
    driven.keys("Enter");
    assert!(driven.app.layers.is_empty() && driven.app.recording == 0);
    driven.keys("ze");
    driven.type_text("GBK");
    driven.keys("Enter");
    driven.until("the file in GBK", |app| {
        app.code.doc.as_ref().unwrap().encoding() == Some("GBK (set)")
    });
    assert!(driven.text().contains("目 录"), "{}", driven.text());
    assert!(driven.text().contains("GBK (set)"), "{}", driven.text());
    driven.keys("s");
    driven.type_text("目录");
    driven.until("the hit", |app| {
        app.search
            .summary
            .as_ref()
            .is_some_and(|s| s.complete && s.lines == 1)
    });
    driven.keys("Esc");
    driven.keys("ze");
    let Some(Layer::Pick(_, picker)) = driven.app.layers.last() else {
        panic!("no list of encodings");
    };
    let first: Vec<_> = picker
        .rows()
        .iter()
        .take(3)
        .map(|r| r.text.as_str())
        .collect();
    assert_eq!(first, ["GBK, set: in force", "guess again", "UTF-8"]);
    driven.keys("Esc");
    driven.keys("u");
    driven.until("the guess again", |app| {
        app.code.doc.as_ref().unwrap().encoding() == Some("UTF-8")
    });
    assert!(driven.text().contains("Ŀ¼"), "{}", driven.text());
}

#[test]
fn the_limit_is_the_reviewers_and_what_is_above_it_is_listed() {
    let room = Room::new();
    let large = [b"x = 1;\n".repeat(160_000).as_slice(), b"needle\n"].concat();
    let repo = TestRepo::of(&[("large.c", &large), ("small.c", b"needle\n")]);
    let room = Room { repo, ..room };
    fs::create_dir_all(room.program.home()).unwrap();
    let config = room.program.home().join("config.toml");
    fs::write(&config, "max_blob_mib = 1\n").unwrap();
    for indexed in [false, true] {
        if indexed {
            room.say("index", &[]);
        }
        assert_eq!(room.search("needle"), ["small.c:1:1"], "{indexed}");
        let info: Value = serde_json::from_str(&room.say("info", &["--json"])).unwrap();
        assert_eq!(
            info["not_searched"],
            serde_json::json!([{"path": "large.c", "reason": "too-large", "bytes": 1_120_007}])
        );
    }
    fs::write(&config, "max_blob_mib = 2\n").unwrap();
    room.say("index", &[]);
    assert_eq!(room.search("needle"), ["large.c:160001:1", "small.c:1:1"]);
}
