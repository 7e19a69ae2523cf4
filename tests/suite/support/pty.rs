//! The real program in a terminal of its own: keys in, screen out. It waits for what it expects to see, with a
//! limit, and never sleeps.

use super::program::Program;
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};
use vt100::{Parser, Screen};

/// How long anything may take to appear. Generous: it is only reached when a test fails.
const LIMIT: Duration = Duration::from_secs(60);
/// Asks a terminal where its cursor is; a terminal answers.
const CURSOR_QUERY: &[u8] = b"\x1b[6n";

/// A running program and its screen.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    parser: Parser,
    raw: Vec<u8>,
    /// Whether nobody reads what the program writes, so that its terminal fills up.
    is_deaf: Arc<AtomicBool>,
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a terminal has at least one row and column")
}

fn size((columns, rows): (u16, u16)) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

impl Pty {
    /// Starts the program in a terminal of the given columns and rows.
    pub fn start(program: &Program, arguments: &[&str], cells_of: (u16, u16)) -> Self {
        let path = env!("CARGO_BIN_EXE_glassroom");
        Self::start_other(program, path, arguments, cells_of)
    }

    /// Starts another program in the same surroundings.
    pub fn start_other(
        program: &Program,
        path: &str,
        arguments: &[&str],
        cells_of: (u16, u16),
    ) -> Self {
        let pair = native_pty_system().openpty(size(cells_of)).unwrap();
        let mut command = CommandBuilder::new(path);
        command.args(arguments);
        command.env_clear();
        for (name, value) in program.environment() {
            command.env(name, value);
        }
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let (sender, output) = mpsc::channel();
        let is_deaf = Arc::new(AtomicBool::new(false));
        let deaf = Arc::clone(&is_deaf);
        thread::spawn(move || {
            let mut block = [0; 4096];
            while let Ok(count) = reader.read(&mut block) {
                while deaf.load(Ordering::Relaxed) {
                    thread::park();
                }
                if count == 0 || sender.send(block[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let parser = Parser::new(cells(cells_of.1), cells(cells_of.0), 0);
        Self {
            master: pair.master,
            writer,
            child,
            output,
            parser,
            raw: Vec::new(),
            is_deaf,
        }
    }

    /// Reads nothing more: the program is kept as soon as its terminal is full.
    pub fn stop_reading(&self) {
        self.is_deaf.store(true, Ordering::Relaxed);
    }

    /// Waits until the program ends although nobody reads what it writes.
    pub fn wait_for_end_unread(&mut self) -> ExitStatus {
        let (sender, ended) = mpsc::channel();
        let wanted = WaitId::Pid(self.pid());
        thread::spawn(move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            let _ = sender.send(waitid(wanted, options).is_ok());
        });
        assert_eq!(ended.recv_timeout(LIMIT), Ok(true), "it does not end");
        self.child.wait().unwrap()
    }

    fn pid(&self) -> Pid {
        let id = self.child.process_id();
        let id = id.and_then(|id| Pid::from_raw(id as i32));
        id.expect("it runs")
    }

    /// Types.
    pub fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Changes the size of the terminal.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.set_size(cells(rows), cells(columns));
        self.master.resize(size((columns, rows))).unwrap();
    }

    /// Returns the settings of the terminal: local, input and output modes.
    pub fn mode(&self) -> (u32, u32, u32) {
        let settings = self.master.get_termios().expect("a terminal has settings");
        (
            settings.local_flags.bits(),
            settings.input_flags.bits(),
            settings.output_flags.bits(),
        )
    }

    /// Returns the process's number.
    pub fn id(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }

    /// Sends a signal to one thread of the program.
    pub fn signal_thread(&mut self, thread: i32, signal: Signal) {
        let pid = self.id() as i32;
        // kill(1) and kill(2) know processes only: this is tgkill(2).
        let call = if cfg!(target_arch = "x86_64") {
            234
        } else {
            131
        };
        let code = format!(
            "import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall({call}, {pid}, {thread}, {}))",
            signal.as_raw()
        );
        let done = std::process::Command::new("python3")
            .args(["-c", &code])
            .status();
        assert!(done.unwrap().success());
    }

    /// Sends a signal.
    pub fn signal(&mut self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits until the screen is as wanted. Panics with the screen if it never is, or if the program ends before.
    pub fn wait_for(&mut self, what: &str, is_there: impl Fn(&Screen) -> bool) {
        let began = Instant::now();
        while !is_there(self.parser.screen()) {
            let left = LIMIT.saturating_sub(began.elapsed());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(why) => panic!("{why} while waiting for {what}:\n{}", self.text()),
            }
        }
    }

    /// Waits until a text is on the screen.
    pub fn wait_for_text(&mut self, text: &str) {
        self.wait_for(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the program ends, and takes in what it still writes.
    pub fn wait_for_end(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            match self
                .output
                .recv_timeout(LIMIT.saturating_sub(began.elapsed()))
            {
                Ok(bytes) => self.take(&bytes),
                // The other side of the terminal is closed: the program is over.
                Err(mpsc::RecvTimeoutError::Disconnected) => return self.child.wait().unwrap(),
                Err(why) => panic!("{why}: it does not end:\n{}", self.text()),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        let from = self.raw.len().saturating_sub(CURSOR_QUERY.len() - 1);
        self.raw.extend_from_slice(bytes);
        let asked = self.raw[from..].windows(CURSOR_QUERY.len());
        for _ in asked.filter(|asked| *asked == CURSOR_QUERY) {
            let (row, column) = self.parser.screen().cursor_position();
            let answer = format!("\x1b[{};{}R", row + 1, column + 1);
            // A program that is over needs no answer.
            let _ = self.writer.write_all(answer.as_bytes());
        }
    }

    /// Returns what is on the screen.
    pub fn screen(&self) -> &Screen {
        self.parser.screen()
    }

    /// Returns the screen's text.
    pub fn text(&self) -> String {
        self.screen().contents()
    }

    /// Returns every byte that was written.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }
}

impl Drop for Pty {
    /// Nothing outlives its test.
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
