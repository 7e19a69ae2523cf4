//! What was acknowledged on screen is on disk: the program is killed right behind the acknowledgement, damaged
//! files are refused by name, and a second program never writes.

use crate::support::program::Program;
use crate::support::pty::Pty;
use rustix::process::Signal;
use std::fs;
use std::path::PathBuf;

/// The demo at `src/auth.c`, in a terminal.
fn reading(program: &Program) -> Pty {
    let mut pty = Pty::start(program, &["--reviewer", "alice"], (120, 30));
    pty.wait_for_text("indexed");
    pty.send("f");
    pty.send("src/auth.c");
    pty.wait_for_text("src/auth.c");
    pty.send("\r");
    // The text of the file is beside the list already; this is said of the file that is open.
    pty.wait_for_text("C  UTF-8");
    pty
}

/// Returns the review's name and its ledger.
fn ledger(program: &Program) -> (String, PathBuf) {
    let mut reviews = fs::read_dir(program.home().join("reviews")).unwrap();
    let review = reviews.next().unwrap().unwrap();
    let name = review.file_name().into_string().unwrap();
    (name, review.path().join("ledger").join("alice.jsonl"))
}

/// Returns the texts of alice's notes, read back by another run.
fn notes(program: &Program) -> String {
    let (review, _) = ledger(program);
    let outcome = program.run(&[
        "note",
        "list",
        "--review",
        &review,
        "--reviewer",
        "alice",
        "--json",
    ]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    outcome.stdout
}

#[test]
fn a_kill_behind_the_acknowledgement_loses_nothing() {
    let program = Program::new();
    for round in 1..=4 {
        let mut pty = reading(&program);
        pty.send(&format!("cthought {round}\u{13}"));
        pty.wait_for_text(&format!("N{round} saved"));
        // The control: what was typed and not acknowledged is not claimed to be there.
        pty.send("cnever saved");
        pty.wait_for_text("never saved");
        pty.signal(Signal::KILL);
        pty.wait_for_end();
        let notes = notes(&program);
        for saved in 1..=round {
            assert!(
                notes.contains(&format!("thought {saved}")),
                "{round}: {notes}"
            );
        }
        assert!(!notes.contains("never saved"), "{notes}");
    }
}

#[test]
fn a_second_program_reads_and_does_not_write() {
    let program = Program::new();
    let mut first = reading(&program);
    first.send("cfirst\u{13}");
    first.wait_for_text("N1 saved");
    let mut second = Pty::start(&program, &["--reviewer", "alice"], (120, 30));
    second.wait_for_text("read-only: another program writes this ledger");
    let (review, ledger) = ledger(&program);
    let before = fs::read(&ledger).unwrap();
    let add = |name: &str| {
        let place = [
            "--review",
            &review,
            "--reviewer",
            name,
            "--at",
            "src/auth.c:1",
            "--text",
            "x",
        ];
        program.run(&[&["note", "add"], &place[..]].concat())
    };
    let outcome = add("alice");
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.stderr.contains("read-only"), "{outcome:?}");
    assert_eq!(fs::read(&ledger).unwrap(), before);
    assert_eq!(
        add("bob").code,
        Some(0),
        "control: another reviewer has a ledger of his own"
    );
    first.send("q");
    first.wait_for_end();
    second.send("q");
    second.wait_for_end();
    assert_eq!(
        add("alice").code,
        Some(0),
        "control: the lock is gone with its holder"
    );
}

#[test]
fn a_damaged_ledger_is_refused_with_its_line_and_kept() {
    let program = Program::new();
    let mut pty = reading(&program);
    for n in 1..=2 {
        pty.send(&format!("cthought {n}\u{13}"));
        pty.wait_for_text(&format!("N{n} saved"));
    }
    pty.send("q");
    pty.wait_for_end();
    let (review, ledger) = ledger(&program);
    let whole = fs::read(&ledger).unwrap();
    let at = String::from_utf8_lossy(&whole).find("thought 1").unwrap();
    let line = String::from_utf8_lossy(&whole[..at]).lines().count().max(1);
    let mut damaged = whole.clone();
    damaged[at] = b'T';
    fs::write(&ledger, &damaged).unwrap();
    let outcome = program.run(&["note", "list", "--review", &review, "--reviewer", "alice"]);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    // The chain shows a changed line at the line behind it, which names its digest.
    let named = [line, line + 1]
        .iter()
        .any(|l| outcome.stderr.contains(&format!("line {l}")));
    assert!(named, "{line}: {outcome:?}");
    assert_eq!(
        program.run(&["ledger", "verify", "--review", &review]).code,
        Some(1)
    );
    assert_eq!(
        fs::read(&ledger).unwrap(),
        damaged,
        "nothing is repaired silently"
    );
    fs::write(&ledger, &whole).unwrap();
    assert_eq!(
        program.run(&["ledger", "verify", "--review", &review]).code,
        Some(0),
        "control"
    );
}

#[test]
fn a_damaged_index_is_built_anew() {
    let program = Program::new();
    let mut pty = reading(&program);
    pty.send("q");
    pty.wait_for_end();
    let (review, _) = ledger(&program);
    let index = program.home().join("reviews").join(&review).join("index");
    let mut files = vec![index];
    let mut damaged = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if fs::metadata(&path).unwrap().len() > 0 {
            fs::write(&path, b"damaged").unwrap();
            damaged += 1;
        }
    }
    assert!(damaged > 2, "control: there was an index");
    let mut pty = Pty::start(&program, &["--reviewer", "alice"], (120, 30));
    pty.wait_for_text("indexed");
    pty.send("sMASTER_PW");
    pty.wait_for_text("MASTER_PW) == 0");
    pty.wait_for_text("understood as");
    // Apart, because Esc and a letter at once are Alt and the letter.
    pty.send("\u{1b}");
    pty.wait_for_text("all keys");
    pty.send("q");
    pty.wait_for_end();
}
