//! What a verb says: records on standard output, remarks on standard error.
//!
//! A reader that goes away is no failure: nothing is written any more, and the verb ends as it would have.

use super::{Failure, open};
use crate::text::Printer;
use serde::Serialize;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::time::{Duration, Instant};

/// A scan may take minutes: what it found so far is seen after this time.
const PATIENCE: Duration = Duration::from_millis(200);

/// Standard output.
pub(super) struct Out {
    /// Whether records are JSON.
    pub json: bool,
    is_terminal: bool,
    printer: Printer,
    to: BufWriter<Stdout>,
    failed: Option<io::Error>,
    flushed: Instant,
}

impl Out {
    pub(super) fn new(json: bool) -> Self {
        let is_terminal = io::stdout().is_terminal();
        Self {
            json,
            is_terminal,
            // A pipe carries UTF-8 whatever the terminal behind it takes.
            printer: Printer {
                ascii: is_terminal && !open::is_utf8(),
                ..Printer::default()
            },
            to: BufWriter::with_capacity(1 << 16, io::stdout()),
            failed: None,
            flushed: Instant::now(),
        }
    }

    /// Returns whether the text goes to a person: only then may it hold lines of the vendor's.
    pub(super) fn is_person(&self) -> bool {
        self.is_terminal && !self.json
    }

    /// Returns how a line of the vendor's is made visible.
    pub(super) fn printer(&self) -> Printer {
        self.printer
    }

    /// Writes a record as a line of JSON.
    pub(super) fn record(&mut self, record: &impl Serialize) {
        self.try_write(|to| {
            serde_json::to_writer(&mut *to, record)?;
            to.write_all(b"\n")
        });
    }

    /// Writes a line for a person; what would not show is made visible.
    pub(super) fn line(&mut self, text: &str) {
        let printer = self.printer;
        self.try_write(|to| writeln!(to, "{}", printer.line(text)));
    }

    /// Writes what is known to be clean.
    pub(super) fn try_write(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if self.failed.is_none() {
            self.failed = write(&mut self.to).err();
        }
    }

    /// Lets the reader see what is written so far, now and then. Returns whether there still is a reader.
    pub(super) fn breathe(&mut self) -> bool {
        if self.flushed.elapsed() > PATIENCE {
            self.flushed = Instant::now();
            self.flush();
        }
        self.failed.is_none()
    }

    /// Lets the reader see what is written so far, before something is said on standard error.
    pub(super) fn flush(&mut self) {
        self.try_write(|to| to.flush());
    }

    /// Ends the output.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        self.flush();
        match self.failed.take() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::failed(
                format!("cannot write standard output: {error}"),
                "make room where it goes to",
            )),
            _ => Ok(()),
        }
    }
}

/// Says something on standard error that is no failure.
pub(super) fn remark(text: &str) {
    // Nobody is left to tell if standard error is gone.
    let _ = writeln!(io::stderr(), "glassroom: {}", Printer::default().line(text));
}

/// Says how far something is, on a line of its own that is written over; only on a terminal.
pub(super) struct Bar {
    is_shown: bool,
    drawn: Option<Instant>,
}

impl Bar {
    pub(super) fn new() -> Self {
        Self {
            is_shown: io::stderr().is_terminal(),
            drawn: None,
        }
    }

    pub(super) fn draw(&mut self, what: &str, done: u64, total: u64) {
        let is_due = self
            .drawn
            .is_none_or(|at| at.elapsed() > Duration::from_millis(100));
        if self.is_shown && is_due {
            self.drawn = Some(Instant::now());
            let percent = (done * 100).checked_div(total).unwrap_or(100);
            let full = (percent / 4) as usize;
            let _ = write!(
                io::stderr(),
                "\r{what} [{}{}] {percent} %, {done} of {total}\x1b[K",
                "#".repeat(full),
                " ".repeat(25 - full.min(25)),
            );
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
