//! The real program in a real terminal: it starts, obeys keys, survives sizes and signals, and leaves the
//! terminal as it found it.

use crate::support::desk::has;
use crate::support::program::Program;
use crate::support::pty::Pty;
use rustix::process::Signal;

const NORMAL: (u16, u16) = (80, 24);

/// Starts the program on the demo and waits until its files are listed.
fn demo(program: &Program) -> Pty {
    let mut pty = Pty::start(program, &[], NORMAL);
    pty.wait_for_text("src");
    pty
}

/// Lists what a program has left changed of its terminal.
fn left_changed(pty: &Pty) -> Vec<&'static str> {
    let screen = pty.screen();
    let all = [
        (screen.alternate_screen(), "the other screen"),
        (screen.hide_cursor(), "the hidden cursor"),
        (screen.bracketed_paste(), "marks around pastes"),
    ];
    let changed = all.into_iter().filter(|(is_left, _)| *is_left);
    changed.map(|(_, what)| what).collect()
}

fn check_restored(pty: &Pty) {
    assert_eq!(left_changed(pty), [""; 0], "{}", pty.text());
}

/// The control of this file: a program that leaves everything as it should not be is seen.
#[test]
fn a_terminal_left_changed_is_seen() {
    let program = Program::new();
    let script = "printf '\\033[?1049h\\033[?25l\\033[?2004hready'; read answer; \
        printf \"got $answer\"; stty size; exit 3";
    let mut pty = Pty::start_other(&program, "/bin/sh", &["-c", script], NORMAL);
    pty.wait_for_text("ready");
    pty.resize(101, 31);
    pty.send("word\r");
    pty.wait_for_text("got word");
    assert_eq!(pty.wait_for_end().exit_code(), 3);
    assert!(pty.text().contains("31 101"), "{}", pty.text());
    assert_eq!(left_changed(&pty).len(), 3);
}

#[test]
fn the_demo_opens_without_a_delivery_and_quits() {
    let program = Program::new();
    let mut pty = demo(&program);
    assert!(pty.screen().alternate_screen(), "control");
    pty.send("q");
    assert_eq!(pty.wait_for_end().exit_code(), 0);
    check_restored(&pty);
    assert!(program.home().join("demo/acme-ran.git/HEAD").exists());
}

#[test]
fn help_opens_and_closes() {
    let program = Program::new();
    let mut pty = demo(&program);
    pty.send("?");
    pty.wait_for_text("half a screen down");
    pty.send("\u{1b}");
    pty.wait_for("the help to close", |screen| {
        !screen.contents().contains("half a screen down")
    });
    pty.send("q");
    assert_eq!(pty.wait_for_end().exit_code(), 0);
}

#[test]
fn a_file_is_picked_and_read() {
    let program = Program::new();
    let mut pty = demo(&program);
    pty.send("f");
    pty.send("auth.c");
    pty.wait_for_text("src/auth.c");
    pty.send("\r");
    pty.wait_for_text("static unsigned field_failures");
    pty.send("q");
    assert_eq!(pty.wait_for_end().exit_code(), 0);
}

#[test]
fn no_size_breaks_it() {
    let program = Program::new();
    let mut pty = demo(&program);
    for round in 0..50 {
        pty.resize(1 + round * 37 % 300, 1 + round * 53 % 200);
        pty.resize(1, 1);
    }
    pty.resize(100, 30);
    pty.wait_for_text("src");
    pty.send("q");
    assert_eq!(pty.wait_for_end().exit_code(), 0);
    check_restored(&pty);
}

/// A terminal that is made small and large again has lost what was on it, though its size is what it was.
#[test]
fn a_size_that_came_back_is_drawn_anew() {
    let program = Program::new();
    let mut pty = demo(&program);
    pty.resize(1, 1);
    pty.resize(NORMAL.0, NORMAL.1);
    pty.wait_for_text("src");
    pty.send("q");
    assert_eq!(pty.wait_for_end().exit_code(), 0);
}

/// Those that ask the program to end, and those of a fault or an abort, which come in whatever thread they come.
#[test]
fn a_signal_leaves_the_terminal_as_it_was() {
    for signal in [
        Signal::TERM,
        Signal::HUP,
        Signal::INT,
        Signal::QUIT,
        Signal::ABORT,
        Signal::SEGV,
        Signal::BUS,
        Signal::ILL,
        Signal::FPE,
    ] {
        let program = Program::new();
        let mut pty = Pty::start(&program, &[], NORMAL);
        let before = pty.mode();
        pty.wait_for_text("src");
        assert_ne!(pty.mode(), before, "control");
        assert_eq!(left_changed(&pty).len(), 3, "control");
        pty.signal(signal);
        pty.wait_for_end();
        check_restored(&pty);
        assert_eq!(pty.mode(), before, "{signal:?}: raw mode");
    }
}

/// The same in every thread of the program, one after another.
#[test]
fn an_abort_in_any_thread_leaves_the_terminal_as_it_was() {
    if !has("python3") {
        return;
    }
    let program = Program::new();
    let names = |pid: u32| -> Vec<(i32, String)> {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
        let tasks = tasks.map(|task| task.unwrap().path());
        let name = |path: std::path::PathBuf| {
            let name = std::fs::read_to_string(path.join("comm")).unwrap_or_default();
            let id = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
            (id, name.trim().to_owned())
        };
        tasks.map(name).collect()
    };
    let mut wanted: Vec<String> = ["keys", "signals", "record", "search"]
        .map(str::to_owned)
        .into();
    while let Some(name) = wanted.pop() {
        let mut pty = demo(&program);
        pty.wait_for_text("indexed");
        let threads = names(pty.id());
        let thread = threads.iter().find(|(_, known)| *known == name);
        let (thread, _) = thread.unwrap_or_else(|| panic!("no {name}: {threads:?}"));
        pty.signal_thread(*thread, Signal::ABORT);
        pty.wait_for_end();
        check_restored(&pty);
    }
}

/// A prompt for a passphrase that is killed gives the echo back.
#[test]
fn a_killed_prompt_gives_the_echo_back() {
    for signal in [
        Signal::INT,
        Signal::TERM,
        Signal::HUP,
        Signal::QUIT,
        Signal::ABORT,
    ] {
        let program = Program::new();
        let key = program.home().with_file_name("key");
        let arguments = ["key", "new", "--out", key.to_str().unwrap()];
        let mut pty = Pty::start(&program, &arguments, NORMAL);
        let before = pty.mode();
        pty.wait_for_text("New passphrase:");
        assert_ne!(pty.mode(), before, "control");
        pty.signal(signal);
        assert!(!pty.wait_for_end().success());
        assert_eq!(pty.mode(), before, "{signal:?}");
        assert!(!key.exists());
    }
}

/// The main thread is kept by its output, so that nothing can be done in order.
#[test]
fn a_program_that_is_kept_by_its_terminal_is_ended_by_a_second_signal() {
    let program = Program::new();
    let mut pty = demo(&program);
    pty.stop_reading();
    for round in 0..8 {
        pty.resize(500 - round, 200 - round);
    }
    pty.signal(Signal::TERM);
    // Another one, because two of a kind may arrive as one.
    pty.signal(Signal::HUP);
    assert!(!pty.wait_for_end_unread().success());
}

/// Nothing is written that sets a title, reaches the clipboard or rings, and no device is asked anything but
/// its own state.
#[test]
fn only_plain_sequences_are_written() {
    let program = Program::new();
    let mut pty = demo(&program);
    pty.send("f");
    pty.send("esc.txt");
    pty.wait_for_text("docs/esc.txt");
    pty.send("\r");
    pty.wait_for_text("Colours of the console");
    pty.send("q");
    pty.wait_for_end();
    let raw = pty.raw();
    assert!(raw.windows(2).any(|two| two == b"\x1b["), "control");
    assert!(!raw.contains(&7), "a bell");
    for opener in [b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b^", b"\x1bX"] {
        let at = raw.windows(2).position(|two| two == opener);
        assert_eq!(at, None, "{:?}", String::from_utf8_lossy(opener));
    }
}
