//! A passphrase that was typed is nowhere in the memory of the program any more.

use crate::headless::Desk;
use crate::support::program::Program;
use crate::support::pty::Pty;
use crate::support::skip;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// Typed as a passphrase; no piece of it occurs anywhere else.
const PASSPHRASE: &str = "vyxqu jwolb kzmde ghntp";
/// Typed into an ordinary field: the control of the search.
const ORDINARY: &str = "/nowhere/zqfwy-bmxkd-plrtg";
/// Characters of the pieces that are looked for.
const PIECE: usize = 6;

/// Counts the places in the memory of a process where a piece of a text is. Nothing if it may not be read.
fn pieces_in_memory(pid: u32, text: &str) -> Option<usize> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
    let pieces: Vec<_> = text.as_bytes().windows(PIECE).collect();
    let mut found = 0;
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next()?, words.next()?);
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-')?;
        let from = u64::from_str_radix(from, 16).ok()?;
        let to = u64::from_str_radix(to, 16).ok()?;
        let mut bytes = vec![0; (to - from) as usize];
        // Pages that are not there, such as guard pages, cannot be read: what is can, block by block.
        for (at, block) in bytes.chunks_mut(4096).enumerate() {
            let _ = memory.read_exact_at(block, from + at as u64 * 4096);
        }
        for piece in &pieces {
            found += memchr::memmem::find_iter(&bytes, piece).count();
        }
    }
    Some(found)
}

/// Opens the export screen with a key, and types into its fields.
fn exporting(desk: &Desk, key: &str) -> Pty {
    let mut pty = Pty::start(&desk.program, &["--reviewer", "alice"], (100, 30));
    pty.wait_for_text("indexed");
    pty.send("E");
    pty.wait_for_text("sign and write");
    pty.wait_for("the gate", |screen| !screen.contents().contains("cancel"));
    pty.send("\t");
    type_slowly(&mut pty, ORDINARY, str::to_owned);
    pty.send("\t");
    pty.send(key);
    pty.wait_for_text(&key[key.len() - 20..]);
    pty.send("\t");
    type_slowly(&mut pty, PASSPHRASE, |typed| "*".repeat(typed.len()));
    pty
}

/// Types as a person does, one key after another: what is read at once is at once in the buffer of the terminal library.
fn type_slowly(pty: &mut Pty, text: &str, shown: impl Fn(&str) -> String) {
    for end in 1..=text.len() {
        pty.send(&text[end - 1..end]);
        pty.wait_for_text(&shown(&text[..end]));
    }
}

#[test]
fn a_typed_passphrase_leaves_no_piece_in_memory() {
    let desk = Desk::new();
    let folder = desk.program.home();
    let key = folder.join("key").to_str().unwrap().to_owned();
    let file = folder.join("pass");
    fs::create_dir_all(&folder).unwrap();
    fs::write(&file, PASSPHRASE).unwrap();
    let file = file.to_str().unwrap();
    let made = desk.run(&["key", "new", "--out", &key, "--passphrase-file", file]);
    assert_eq!(made.code, Some(0), "{made:?}");
    for (end, wait) in [
        // Cancelled, with the passphrase in its field.
        ("\u{1b}", "all keys"),
        // Used: the folder cannot be made, after the key was unlocked or before.
        ("\u{13}", "does not exist"),
    ] {
        let mut pty = exporting(&desk, &key);
        let Some(typed) = pieces_in_memory(pty.id(), PASSPHRASE) else {
            skip("the memory of another process may not be read");
            return;
        };
        assert!(typed > 0, "control: it is in its field");
        pty.send(end);
        pty.wait_for_text(wait);
        let left = pieces_in_memory(pty.id(), PASSPHRASE).unwrap();
        let ordinary = pieces_in_memory(pty.id(), ORDINARY).unwrap();
        assert_eq!(left, 0, "after {wait}: pieces of the passphrase");
        assert!(ordinary > 0, "control: an ordinary field stays");
    }
}

/// Neither a core dump nor another program of the account shows the memory.
#[test]
fn the_memory_is_closed_to_others() {
    let program = Program::new();
    let mut pty = Pty::start(&program, &[], (80, 24));
    pty.wait_for_text("src");
    let limits = fs::read_to_string(format!("/proc/{}/limits", pty.id())).unwrap();
    let core = limits.lines().find(|l| l.starts_with("Max core file size"));
    let core: Vec<_> = core.unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"], "{core:?}");
    // The files of a process that may not be dumped belong to root; as root that shows nothing.
    let owner = |pid: String| {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(format!("/proc/{pid}/mem")).unwrap().uid()
    };
    let mine = owner("self".into());
    if mine == 0 {
        skip("run by root: whose files a process's are shows nothing");
    } else {
        assert_eq!(owner(pty.id().to_string()), 0);
    }
    pty.send("q");
    pty.wait_for_end();
}
