//! What the reviewer waits for: the real program in a terminal, from its start to the first picture and from a key
//! to the picture that answers it, while it indexes and when it has nothing to do.
//!
//! `GLASSROOM_BENCH_SNAPSHOT` names the snapshot; without it the demo is measured. `GLASSROOM_BENCH_FILE` names
//! the file that is read, `GLASSROOM_BENCH_PROGRAM` another program than the one built for the bench,
//! `GLASSROOM_BENCH_KEYS` the number of keys, `GLASSROOM_BENCH_ONLY` the beginning of the kinds of keys that are
//! pressed and nothing else measured. Everything written goes to a temporary folder.
//!
//! Times end when the bytes are read from the terminal: what it takes to show them is not in them.

#![allow(
    clippy::cast_precision_loss,
    reason = "figures for a person, of three digits"
)]

mod support;

use glassroom::config::{Environment, Home, Settings};
use glassroom::job::listing::Listing;
use glassroom::job::{Ask, Desk, Room};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};
use support::{Peak, Table, anonymous, mb, ms};
use vt100::{Parser, Screen};

/// The sizes measured: columns and rows.
const SIZES: [(u16, u16); 2] = [(80, 24), (200, 50)];
/// Starts of each kind; the median is told.
const STARTS: usize = 9;
/// Keys of each kind, unless told otherwise.
const KEYS: usize = 300;
/// A key that has changed nothing for so long changes nothing.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long anything else may take.
const LIMIT: Duration = Duration::from_secs(900);
/// The picture has settled when it was the same for so long.
const QUIET: Duration = Duration::from_millis(30);
/// The next key comes at the latest so long after the one before: a fast typist's pace.
const PACE: Duration = Duration::from_millis(120);

/// The program in a terminal; what it writes carries the time at which it was read.
struct Terminal {
    _master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<(Instant, Vec<u8>)>,
    parser: Parser,
    began: Instant,
    /// When the last bytes were read.
    last: Instant,
}

impl Terminal {
    fn start(bench: &Bench, home: &Path, (columns, rows): (u16, u16)) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("there is a terminal");
        let mut command = CommandBuilder::new(&bench.program);
        command.args([Path::new("open"), &bench.snapshot]);
        command.env_clear();
        command.env("GLASSROOM_HOME", home);
        command.env("LANG", "C.UTF-8");
        command.env("TERM", "xterm-256color");
        command.env("USER", "bench");
        let mut reader = pair.master.try_clone_reader().expect("it can be read");
        let writer = pair.master.take_writer().expect("it can be written");
        let began = Instant::now();
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        drop(pair.slave);
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut block = vec![0; 64 << 10];
            while let Ok(count) = reader.read(&mut block) {
                let read = (Instant::now(), block[..count].to_vec());
                if count == 0 || sender.send(read).is_err() {
                    break;
                }
            }
        });
        let cells = |n| NonZeroU16::new(n).expect("a terminal has cells");
        Self {
            _master: pair.master,
            writer,
            child,
            output,
            parser: Parser::new(cells(rows), cells(columns), 0),
            began,
            last: began,
        }
    }

    fn process(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }

    fn screen(&self) -> &Screen {
        self.parser.screen()
    }

    fn send(&mut self, keys: &str) {
        let written = self.writer.write_all(keys.as_bytes());
        written
            .and_then(|()| self.writer.flush())
            .expect("it reads keys");
    }

    /// Takes in what comes within so long; false if nothing came.
    fn take(&mut self, within: Duration) -> bool {
        match self.output.recv_timeout(within) {
            Ok((at, bytes)) => {
                self.last = at;
                self.parser.process(&bytes);
                true
            }
            Err(mpsc::RecvTimeoutError::Timeout) => false,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                panic!("the program ended:\n{}", self.screen().contents())
            }
        }
    }

    /// Waits until the screen is as wanted and returns when that was read.
    fn wait(&mut self, what: &str, is_there: impl Fn(&Screen) -> bool) -> Instant {
        let end = Instant::now() + LIMIT;
        while !is_there(self.screen()) {
            let is_late = !self.take(end.saturating_duration_since(Instant::now()));
            assert!(
                !is_late,
                "waiting for {what}:\n{}",
                self.screen().contents()
            );
        }
        self.last
    }

    /// Waits until nothing has come for so long.
    fn rest(&mut self, quiet: Duration) {
        while self.take(quiet) {}
    }

    fn quit(mut self) {
        self.send("\u{1b}");
        self.rest(QUIET);
        self.send("q");
        while self.output.recv_timeout(LIMIT).is_ok() {}
        self.child.wait().expect("it was started");
    }
}

/// Nothing outlives the bench.
impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns rows and columns.
fn size(screen: &Screen) -> (u16, u16) {
    let (rows, columns) = screen.size();
    (rows.get(), columns.get())
}

fn row(screen: &Screen, row: u16) -> String {
    let columns = size(screen).1;
    screen
        .rows(0, columns)
        .nth(row.into())
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// Returns whether the header and the footer are drawn.
fn is_drawn(screen: &Screen) -> bool {
    !row(screen, 0).is_empty() && !row(screen, size(screen).0 - 1).is_empty()
}

fn is_listed(screen: &Screen) -> bool {
    row(screen, 0).ends_with("files")
}

fn state(screen: &Screen) -> String {
    row(screen, size(screen).0 - 2)
}

fn is_indexed(screen: &Screen) -> bool {
    state(screen).contains("indexed")
}

fn is_indexing(screen: &Screen) -> bool {
    state(screen).contains("indexing")
}

/// What a key is expected to change. Rows at the top and bottom are left out, where other things are told too.
#[derive(Clone, Copy)]
enum Watched {
    Body,
    /// The field at the top, as far as something is typed there.
    Field,
}

impl Watched {
    fn of(self, screen: &Screen) -> Vec<String> {
        let (rows, columns) = size(screen);
        match self {
            Self::Body => screen
                .rows_formatted(0, columns)
                .skip(1)
                .take(usize::from(rows) - 3)
                .collect(),
            Self::Field => screen.rows_formatted(0, 26).skip(1).take(1).collect(),
        }
    }
}

/// Keys of one kind.
struct Kind {
    name: &'static str,
    /// Sent before, and what is on the screen then.
    opening: String,
    opened: String,
    keys: Vec<String>,
    watched: Watched,
}

/// Words as keys, each word taken back as a whole.
fn typing(words: &[&str]) -> Vec<String> {
    let typed = words.iter().flat_map(|word| {
        let letters = word.chars().map(|c| c.to_string());
        letters.chain(std::iter::once("\u{15}".to_owned()))
    });
    typed.collect()
}

fn singly(keys: &str) -> Vec<String> {
    keys.chars().map(|c| c.to_string()).collect()
}

fn kinds(file: &str) -> [Kind; 5] {
    let (down, up) = ("\u{4}", "\u{15}");
    let reading = [
        &"j".repeat(12),
        down,
        &"j".repeat(6),
        down,
        &"k".repeat(6),
        up,
        &"k".repeat(12),
        up,
    ];
    [
        Kind {
            name: "read: j k ^d ^u",
            opening: format!("f^{file}$"),
            opened: "1 of ".into(),
            keys: singly(&reading.concat()),
            watched: Watched::Body,
        },
        Kind {
            name: "along: $ 0 w e",
            opening: format!("f^{file}$"),
            opened: "1 of ".into(),
            keys: singly("$0wwe$bb0"),
            watched: Watched::Body,
        },
        Kind {
            name: "tree: j k l h",
            opening: String::new(),
            opened: "files".into(),
            keys: singly("jljhhk"),
            watched: Watched::Body,
        },
        Kind {
            name: "pick: typing",
            opening: "f".into(),
            opened: " of ".into(),
            keys: typing(&["main.c", "drv net e1000", "auth test", "^src .h$ !test"]),
            watched: Watched::Field,
        },
        Kind {
            name: "search: typing",
            opening: "s".into(),
            opened: "lang:c".into(),
            keys: typing(&[
                "copy_from_user",
                "strcpy",
                "return -EINVAL",
                "/x[0-9]+_reset/",
            ]),
            watched: Watched::Field,
        },
    ]
}

/// Times from keys to pictures.
#[derive(Default)]
struct Times {
    /// To the first bytes that change what is watched.
    first: Vec<Duration>,
    /// To the last bytes that change the body, before the next key.
    settled: Vec<Duration>,
    /// Keys that changed nothing.
    silent: usize,
}

impl Times {
    fn row(&mut self, name: &str, size: (u16, u16), when: &str) -> Vec<String> {
        let mut cells = vec![
            name.to_owned(),
            format!("{}x{}", size.0, size.1),
            when.to_owned(),
            self.first.len().to_string(),
        ];
        for times in [&mut self.first, &mut self.settled] {
            times.sort();
            for share in [50, 99, 100] {
                let at = (times.len() * share).div_ceil(100).saturating_sub(1);
                cells.push(times.get(at).map_or_else(String::new, |t| ms(*t)));
            }
        }
        cells.push(self.silent.to_string());
        cells
    }
}

/// Sends one key and waits for its answer, then until the picture settles or the next key is due.
fn press(terminal: &mut Terminal, key: &str, watched: Watched, times: &mut Times) {
    let before = watched.of(terminal.screen());
    let begin = Instant::now();
    terminal.send(key);
    let end = begin + PATIENCE;
    while watched.of(terminal.screen()) == before {
        if !terminal.take(end.saturating_duration_since(Instant::now())) {
            times.silent += 1;
            return;
        }
    }
    times.first.push(terminal.last - begin);
    let mut body = Watched::Body.of(terminal.screen());
    let mut settled = terminal.last;
    while settled.elapsed() < QUIET && begin.elapsed() < PACE {
        if terminal.take(QUIET.saturating_sub(settled.elapsed())) {
            let now = Watched::Body.of(terminal.screen());
            if now != body {
                body = now;
                settled = terminal.last;
            }
        }
    }
    times.settled.push(settled - begin);
}

struct Bench {
    program: PathBuf,
    snapshot: PathBuf,
    scratch: tempfile::TempDir,
    file: String,
    keys: usize,
    homes: std::cell::Cell<u32>,
}

impl Bench {
    fn new() -> Self {
        let scratch = tempfile::tempdir().expect("a temporary folder can be made");
        let snapshot = support::snapshot(scratch.path());
        let program = std::env::var_os("GLASSROOM_BENCH_PROGRAM")
            .map_or_else(|| env!("CARGO_BIN_EXE_glassroom").into(), PathBuf::from);
        let file = std::env::var("GLASSROOM_BENCH_FILE")
            .unwrap_or_else(|_| long_file(&snapshot, scratch.path()));
        let keys = std::env::var("GLASSROOM_BENCH_KEYS").ok();
        Self {
            program,
            snapshot,
            scratch,
            file,
            keys: keys.and_then(|n| n.parse().ok()).unwrap_or(KEYS),
            homes: std::cell::Cell::new(0),
        }
    }

    /// Returns a home that does not exist yet.
    fn home(&self) -> PathBuf {
        self.homes.set(self.homes.get() + 1);
        self.scratch
            .path()
            .join(format!("home{}", self.homes.get()))
    }

    /// Starts the program again and again: to the first picture, and to the list of files.
    fn starts(&self, size: (u16, u16), indexed: Option<&Path>, table: &mut Table) {
        let (mut firsts, mut lists) = (Vec::new(), Vec::new());
        for _ in 0..STARTS {
            let home = indexed.map_or_else(|| self.home(), Path::to_owned);
            let mut terminal = Terminal::start(self, &home, size);
            let drawn = terminal.wait("the first picture", is_drawn);
            firsts.push(drawn - terminal.began);
            let listed = terminal.wait("the files", is_listed);
            lists.push(listed - terminal.began);
            drop(terminal);
            if indexed.is_none() {
                std::fs::remove_dir_all(home).expect("it was made");
            }
        }
        firsts.sort();
        lists.sort();
        table.row(vec![
            if indexed.is_some() { "indexed" } else { "cold" }.to_owned(),
            format!("{}x{}", size.0, size.1),
            ms(firsts[STARTS / 2]),
            ms(firsts[STARTS - 1]),
            ms(lists[STARTS / 2]),
            ms(lists[STARTS - 1]),
        ]);
    }

    /// Brings the program to where keys of a kind are pressed.
    fn open(&self, terminal: &mut Terminal, kind: &Kind) {
        terminal.wait("the files", is_listed);
        if kind.opening.is_empty() {
            return;
        }
        terminal.send(&kind.opening);
        terminal.wait(&kind.opened, |s| s.contents().contains(&kind.opened));
        if matches!(kind.watched, Watched::Body) {
            terminal.send("\r");
            terminal.wait("the file", |s| {
                let title = row(s, 1);
                title.contains(&self.file) && !title.contains('^')
            });
        }
    }

    /// Presses keys of one kind while the program indexes, as often anew as it takes to press them all.
    fn while_indexing(&self, kind: &Kind, size: (u16, u16), peak: &mut u64) -> Times {
        let mut times = Times::default();
        let mut keys = kind.keys.iter().cycle();
        // A small snapshot is indexed before a key can be pressed.
        for _ in 0..6 {
            let home = self.home();
            let mut terminal = Terminal::start(self, &home, size);
            let watch = Peak::watch(terminal.process());
            self.open(&mut terminal, kind);
            terminal.wait("indexing", |s| is_indexing(s) || is_indexed(s));
            while times.first.len() < self.keys && is_indexing(terminal.screen()) {
                let key = keys.next().expect("it has keys");
                press(&mut terminal, key, kind.watched, &mut times);
            }
            *peak = watch.end().max(*peak);
            drop(terminal);
            std::fs::remove_dir_all(home).expect("it was made");
            if times.first.len() >= self.keys {
                break;
            }
            keys = kind.keys.iter().cycle();
        }
        times
    }

    fn when_idle(&self, kind: &Kind, size: (u16, u16), home: &Path) -> Times {
        let mut times = Times::default();
        let mut terminal = Terminal::start(self, home, size);
        terminal.wait("the index", is_indexed);
        self.open(&mut terminal, kind);
        terminal.rest(QUIET * 10);
        for key in kind.keys.iter().cycle().take(self.keys) {
            press(&mut terminal, key, kind.watched, &mut times);
        }
        // Not by its key: the next start would come back to the place.
        times
    }

    /// Indexes with nobody at the keys, and says what that and doing nothing cost.
    fn idle(&self, home: &Path) {
        let mut table = Table::new(&["process", ""]);
        let mut row = |what: &str, value: String| table.row(vec![what.to_owned(), value]);
        let mut terminal = Terminal::start(self, home, SIZES[0]);
        let watch = Peak::watch(terminal.process());
        let begin = terminal.began;
        let indexed = terminal.wait("the index", is_indexed);
        row(
            "from start to indexed",
            format!("{:.1} s", (indexed - begin).as_secs_f64()),
        );
        row("anonymous memory while indexing, most", mb(watch.end()));
        terminal.rest(Duration::from_secs(2));
        row(
            "anonymous memory behind it, idle",
            mb(anonymous(terminal.process())),
        );
        terminal.quit();

        let mut terminal = Terminal::start(self, home, SIZES[0]);
        let watch = Peak::watch(terminal.process());
        let indexed = terminal.wait("the index", is_indexed);
        row(
            "from start to indexed, the next time",
            format!("{:.1} s", (indexed - terminal.began).as_secs_f64()),
        );
        terminal.rest(Duration::from_secs(2));
        let before = processor(terminal.process());
        terminal.rest(Duration::from_secs(5));
        let used = processor(terminal.process()) - before;
        row("ticks of 10 ms used in 5 s idle", used.to_string());
        row("anonymous memory, most", mb(watch.end()));
        row("anonymous memory, idle", mb(anonymous(terminal.process())));
        terminal.quit();
        table.print();
    }
}

/// Returns the processor time a process has used, in ticks.
fn processor(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name may hold blanks; it ends with the last parenthesis.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let times = fields.split_whitespace().skip(11).take(2);
    times.filter_map(|t| t.parse::<u64>().ok()).sum()
}

/// Picks a file with many lines: the one with most among a few hundred.
fn long_file(snapshot: &Path, scratch: &Path) -> String {
    let room = Room {
        environment: Environment::default(),
        home: Home::at(&scratch.join("aside")).expect("a plain folder"),
        settings: Settings::default(),
    };
    let ask = Ask {
        source: Some(snapshot.to_owned()),
        ..Ask::default()
    };
    let desk = Desk::open(room, &ask).expect("the snapshot can be opened");
    let listing = Listing::of(&desk.snapshot, &|| false).expect("it can be listed");
    let sources: Vec<_> = listing
        .files
        .iter()
        .filter(|f| f.kind.is_file() && f.path.as_bytes().ends_with(b".c"))
        .collect();
    let lines = |blob| {
        let bytes = desk.snapshot.read(blob, 1 << 20).unwrap_or_default();
        glassroom::text::count_lines(&bytes) as usize
    };
    let some = sources.iter().step_by(sources.len().div_ceil(400).max(1));
    let longest = some.max_by_key(|f| lines(&f.blob));
    longest
        .map(|f| f.path.to_string())
        .expect("there is a file in C; name another one")
}

fn main() {
    let bench = Bench::new();
    println!("{}, reading {}\n", bench.snapshot.display(), bench.file);
    let home = bench.home();
    bench.idle(&home);

    let only = std::env::var("GLASSROOM_BENCH_ONLY").ok();
    if only.is_none() {
        let headings = ["start", "size", "first ms", "worst", "files ms", "worst"];
        let mut table = Table::new(&headings);
        for size in SIZES {
            bench.starts(size, None, &mut table);
            bench.starts(size, Some(&home), &mut table);
        }
        table.print();
    }

    let mut table = Table::new(&[
        "key to frame, ms",
        "size",
        "when",
        "keys",
        "p50",
        "p99",
        "max",
        "settled p50",
        "p99",
        "max",
        "silent",
    ]);
    let mut peak = 0;
    for size in SIZES {
        let only = only.as_deref().unwrap_or_default();
        let kinds = kinds(&bench.file).into_iter();
        for kind in kinds.filter(|k| k.name.starts_with(only)) {
            let mut times = bench.while_indexing(&kind, size, &mut peak);
            table.row(times.row(kind.name, size, "indexing"));
            let mut times = bench.when_idle(&kind, size, &home);
            table.row(times.row(kind.name, size, "idle"));
        }
    }
    table.print();
    println!(
        "anonymous memory while indexing and pressing keys, most {}",
        mb(peak)
    );
}
