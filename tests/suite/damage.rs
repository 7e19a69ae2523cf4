//! Damage to the index and the symbols never changes an answer: every file of them, changed, cut short or lost, under the
//! real program. `GLASSROOM_LONG_TESTS=1` damages 600 times.

use crate::support::driven::Driven;
use crate::support::program::{Outcome, Program};
use crate::support::repo::TestRepo;
use glassroom::app::App;
use glassroom::app::layer::{Layer, Pick};
use glassroom::job::{IndexState, SymbolsState};
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// A delivery of so many files whose functions call each other.
fn delivery() -> TestRepo {
    let text = |n: usize| {
        format!(
            "/* part {n} */\nstruct state_{n} {{ int a; }};\nint function_{n}(int a)\n{{\n\treturn function_{}(a) + shared(a);\n}}\n",
            (n * 7 + 3) % 90
        )
    };
    let mut files: Vec<(String, Vec<u8>)> = (0..90)
        .map(|n| (format!("f{n:02}.c"), text(n).into_bytes()))
        .collect();
    files.push(("copy.txt".into(), text(7).into_bytes()));
    files.push((
        "large.c".into(),
        (100..1_500).map(text).collect::<String>().into_bytes(),
    ));
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(p, b)| (p.as_str(), b.as_slice()))
        .collect();
    let repo = TestRepo::of(&files);
    repo.pack_all();
    repo
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).map(drop).unwrap();
        }
    }
}

/// Lists the files below a folder that hold something.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().flatten().map(|e| e.path());
    let mut out: Vec<_> = entries
        .flat_map(|p| if p.is_dir() { files_of(&p) } else { vec![p] })
        .filter(|path| fs::metadata(path).unwrap().len() > 0)
        .collect();
    out.sort();
    out
}

/// Damages a file in one of three ways; returns what was done.
fn damage(file: &Path, dice: &mut Dice) -> String {
    let mut bytes = fs::read(file).unwrap();
    let at = dice.below(bytes.len());
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    match dice.below(4) {
        0 => {
            fs::remove_file(file).unwrap();
            format!("{name} is lost")
        }
        1 => {
            bytes.truncate(at);
            fs::write(file, bytes).unwrap();
            format!("{name} is cut at {at}")
        }
        _ => {
            bytes[at] ^= 1 << dice.below(8);
            fs::write(file, bytes).unwrap();
            format!("{name} is changed at {at}")
        }
    }
}

const VERBS: &[&[&str]] = &[
    &["symbol", "function_7"],
    &["symbol", "function_1203"],
    &["symbol", "shared"],
    &["symbol", "function_24", "--refs"],
    &["search", "shared(a)"],
    &["search", "sym:function_11"],
    &["search", "in:comment part"],
    &["outline", "f33.c"],
];

/// Returns the folder of the index of the only review.
fn index_of(program: &Program) -> PathBuf {
    let mut reviews = fs::read_dir(program.home().join("reviews")).unwrap();
    reviews.next().unwrap().unwrap().path().join("index")
}

#[test]
fn no_damage_changes_an_answer_and_the_index_is_built_anew() {
    let is_long = std::env::var_os("GLASSROOM_LONG_TESTS").is_some();
    let (repo, program) = (delivery(), Program::new());
    let run = |words: &[&str]| program.on(words[0], repo.path(), &words[1..]);
    assert_eq!(run(&["index"]).code, Some(0));
    let index = index_of(&program);
    let whole = program.home().join("whole");
    copy(&index, &whole);
    let answer = |outcome: &Outcome| (outcome.code, outcome.stdout.clone());
    let wanted: Vec<_> = VERBS.iter().map(|words| answer(&run(words))).collect();
    assert!(
        wanted.iter().filter(|(code, _)| *code == Some(0)).count() >= 7,
        "{wanted:?}"
    );
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (rounds, mut reported) = (if is_long { 600 } else { 45 }, 0);
    for round in 0..rounds {
        fs::remove_dir_all(&index).unwrap();
        copy(&whole, &index);
        let files = files_of(&index);
        let what = damage(&files[dice.below(files.len())], &mut dice);
        let (words, wanted) = (VERBS[round % VERBS.len()], &wanted[round % VERBS.len()]);
        let first = run(words);
        assert_eq!(&answer(&first), wanted, "{what}: {words:?}: {first:?}");
        assert!(!first.stderr.contains("panicked"), "{what}: {first:?}");
        let is_reported = first.stderr.contains("damaged");
        reported += usize::from(is_reported);
        if is_reported {
            // It was built anew behind the answer.
            let second = run(words);
            assert_eq!(&answer(&second), wanted, "{what}: {words:?}: {second:?}");
            assert!(!second.stderr.contains("damaged"), "{what}: {second:?}");
        }
        let built = run(&["index"]);
        assert_eq!(built.code, Some(0), "{what}: {built:?}");
        assert!(!built.stderr.contains("panicked"), "{what}: {built:?}");
    }
    // Not every verb reads every block; many do.
    assert!(reported * 5 > rounds, "{reported} of {rounds}");
}

#[test]
fn what_is_written_down_does_not_depend_on_an_index() {
    let (repo, program) = (delivery(), Program::new());
    assert_eq!(program.on("index", repo.path(), &[]).code, Some(0));
    for file in files_of(&index_of(&program)) {
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len().min(6)]).unwrap();
    }
    let path = repo.path().to_str().unwrap();
    for words in [
        &[
            "finding",
            "add",
            "--title",
            "A sum",
            "--severity",
            "low",
            "--at",
            "f33.c:3-4",
            "--text",
            "It overflows.",
        ][..],
        &[
            "note",
            "add",
            "--at",
            "f33.c:3",
            "--text",
            "To be read again.",
        ],
        &["mark", "f33.c:3-4"],
    ] {
        let outcome = program.run(&[words, &["--snapshot", path]].concat());
        assert_eq!(outcome.code, Some(0), "{words:?}: {outcome:?}");
        assert!(
            !outcome.stderr.contains("damaged"),
            "{words:?}: it opened the index: {outcome:?}"
        );
    }
    let search = program.on("search", repo.path(), &["shared(a)"]);
    assert!(
        search.stderr.contains("damaged"),
        "control: {}",
        search.stderr
    );
    assert_eq!(search.code, Some(0));
}

#[test]
fn the_screen_answers_rightly_and_builds_damaged_symbols_anew() {
    let home = tempfile::tempdir().unwrap();
    let mut driven = Driven::demo(home.path(), (80, 24));
    let is_ready = |app: &App| matches!(app.symbols, SymbolsState::Ready(_));
    driven.until("the symbols", is_ready);
    driven.open_file("src/auth.c");
    let is_of = |path: &&PathBuf| path.ends_with("symbols/names") || path.ends_with("symbols/tags");
    let files = files_of(home.path());
    let damaged: Vec<_> = files.iter().filter(is_of).collect();
    assert_eq!(damaged.len(), 2, "{files:?}");
    for path in damaged {
        // In place: the program has mapped them.
        let mut bytes = fs::read(path).unwrap();
        bytes[8..].iter_mut().for_each(|byte| *byte ^= 0x55);
        let file = fs::OpenOptions::new().write(true).open(path).unwrap();
        file.write_all_at(&bytes, 0).unwrap();
    }
    driven.keys("/");
    driven.type_text("auth_login");
    driven.keys("Enter g d");
    driven.until("the places", |app| {
        matches!(app.layers.last(), Some(Layer::Pick(Pick::Place(places), _)) if places.is_complete)
    });
    let text = driven.text();
    assert!(
        text.contains("src/auth.c:") && text.contains("src/auth.h:"),
        "{text}"
    );
    driven.until("the symbols built anew", |app| {
        matches!(app.symbols, SymbolsState::Ready(counts) if counts.is_rebuilt)
            && matches!(app.index, IndexState::Ready { .. })
    });
}

#[test]
fn what_is_kept_for_the_next_search_is_made_by_the_first_and_anew_when_damaged() {
    let (repo, program) = (delivery(), Program::new());
    let search = || {
        let found = program.on("search", repo.path(), &["shared(a)"]);
        assert_eq!(found.code, Some(0), "{found:?}");
        found.stdout
    };
    let answer = search();
    assert!(
        !program.home().exists(),
        "a search without a review leaves nothing"
    );
    assert_eq!(program.on("index", repo.path(), &[]).code, Some(0));
    let index = index_of(&program);
    let kept = |start: &str| -> PathBuf {
        let mut files = files_of(&index).into_iter();
        let is_kept = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with(start) && path.extension().is_none()
        };
        files.find(is_kept).unwrap()
    };
    for start in ["files-", "units-"] {
        let path = kept(start);
        let bytes = fs::read(&path).unwrap();
        for at in [0, 9, 40, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 4;
            fs::write(&path, changed).unwrap();
            assert_eq!(search(), answer);
            assert_eq!(fs::read(&path).unwrap(), bytes, "{start} at {at}");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(search(), answer);
        assert_eq!(fs::read(&path).unwrap(), bytes, "{start} lost");
        let written = fs::metadata(&path).unwrap().modified().unwrap();
        assert_eq!(search(), answer);
        let after = fs::metadata(&path).unwrap().modified().unwrap();
        assert_eq!(
            written, after,
            "control: what is right is not written again"
        );
    }
}

#[test]
fn a_folder_that_the_delivery_lost_since_it_was_indexed_is_reported() {
    let repo = TestRepo::new();
    let inner = repo.tree_of(&[("a.c", b"int a;\n")]);
    repo.commit(repo.tree(&[(0o040_000, b"d", inner)]));
    let program = Program::new();
    assert_eq!(program.on("index", repo.path(), &[]).code, Some(0));
    let info = || program.on("info", repo.path(), &["--json"]).stdout;
    assert!(info().contains("\"complete\":true"), "control: {}", info());
    repo.lose(inner);
    assert!(info().contains("\"complete\":false"), "{}", info());
    assert!(info().contains("\"missing-object\""), "{}", info());
}
