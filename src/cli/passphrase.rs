//! Passphrases: from a file, from standard input, or typed on a terminal without being shown.

use super::Failure;
use super::output::remark;
use crate::fatal::{Rescued, TerminalRescue};
use crate::memory::SecretBuffer;
use crate::text::Printer;
use clap::Args;
use rustix::termios::{self, LocalModes, OptionalActions, Termios};
use std::fs::File;
use std::io::{self, IsTerminal, Stdin, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

/// Far more than a passphrase.
const LONGEST: usize = SecretBuffer::CAPACITY;

/// Where the passphrase comes from.
#[derive(Args, Clone, Debug)]
pub(super) struct Passphrase {
    /// A file whose first line is the passphrase; - for standard input.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    /// Fails at once if nobody could be asked, before any work is done.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.passphrase_file.is_some()
            || (io::stdin().is_terminal() && io::stderr().is_terminal())
        {
            return Ok(());
        }
        Err(Failure::failed(
            "there is no terminal to ask for the passphrase",
            "add --passphrase-file FILE, or - for standard input",
        ))
    }

    /// Returns the passphrase of a key that exists.
    pub(super) fn read(&self, key: &str) -> Result<SecretBuffer, Failure> {
        if let Some(path) = &self.passphrase_file {
            return from_file(path);
        }
        self.check()?;
        ask(&format!("Passphrase of {key}: "))
    }

    /// Returns a new passphrase, typed twice.
    pub(super) fn make(&self) -> Result<SecretBuffer, Failure> {
        if let Some(path) = &self.passphrase_file {
            return from_file(path);
        }
        self.check()?;
        let first = ask("New passphrase: ")?;
        let second = ask("The same again: ")?;
        if first.as_bytes() != second.as_bytes() {
            return Err(Failure::failed("the two passphrases differ", "try again"));
        }
        Ok(first)
    }
}

fn from_file(path: &Path) -> Result<SecretBuffer, Failure> {
    let failed = |what: String| {
        let shown = path.display();
        Failure::failed(
            format!("cannot read a passphrase from {shown}: {what}"),
            "its first line must be the passphrase",
        )
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    let result = if path == Path::new("-") {
        // Past the standard library's buffer, which is not wiped.
        read_all(io::stdin(), &mut bytes)
    } else {
        File::open(path).and_then(|file| read_all(file, &mut bytes))
    };
    result.map_err(|error| failed(error.to_string()))?;
    first_line(&bytes).map_err(|what| failed(what.to_owned()))
}

/// Reads to the end, or as much as a passphrase can have, without a copy on the way.
fn read_all(from: impl AsFd, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut block = Zeroizing::new([0; 512]);
    while bytes.len() < LONGEST {
        let most = block.len().min(LONGEST - bytes.len());
        match rustix::io::read(&from, &mut block[..most]) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&block[..count]),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn first_line(bytes: &[u8]) -> Result<SecretBuffer, &'static str> {
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).map_err(|_| "it is not UTF-8")?;
    if text.is_empty() {
        return Err("it is empty");
    }
    let mut secret = SecretBuffer::new();
    if secret.push_str(text) {
        Ok(secret)
    } else {
        Err("there is no memory for it")
    }
}

/// The terminal without echo, as it was again when this is dropped.
struct Quiet {
    input: Stdin,
    before: Termios,
    /// Gives the echo back if a signal ends the program.
    _rescue: TerminalRescue,
}

impl Quiet {
    fn new() -> io::Result<Self> {
        let input = io::stdin();
        let before = termios::tcgetattr(&input)?;
        let rescue = TerminalRescue::arm(Rescued::AllSignals, b"\r\n")?;
        let mut quiet = before.clone();
        // Signals of keys too: Ctrl-C cancels, and what is typed is wiped.
        quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        termios::tcsetattr(&input, OptionalActions::Flush, &quiet)?;
        Ok(Self {
            input,
            before,
            _rescue: rescue,
        })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(&self.input, OptionalActions::Flush, &self.before);
        let _ = writeln!(io::stderr());
    }
}

fn ask(prompt: &str) -> Result<SecretBuffer, Failure> {
    let failed = |error: io::Error| {
        Failure::failed(
            format!("cannot read the passphrase: {error}"),
            "add --passphrase-file FILE",
        )
    };
    let quiet = Quiet::new().map_err(failed)?;
    let _ = write!(io::stderr(), "{}", Printer::default().line(prompt));
    let mut line = Typed::default();
    if !line.0.is_locked() {
        remark("the system does not let memory be locked: the passphrase may reach the swap");
    }
    let mut byte = [0];
    let end = loop {
        // One byte at a time, past the standard library's buffer, which is not wiped.
        let count = match rustix::io::read(&quiet.input, &mut byte) {
            Err(rustix::io::Errno::INTR) => continue,
            read => read.map_err(|e| failed(e.into()))?,
        };
        if count == 0 {
            break End::Cancelled;
        }
        if let Some(end) = line.take(byte[0]) {
            break end;
        }
    };
    drop(quiet);
    byte.zeroize();
    if end == End::Cancelled {
        return Err(Failure::failed("cancelled", ""));
    }
    if std::str::from_utf8(line.0.as_bytes()).is_err() {
        return Err(Failure::failed(
            "the passphrase is not UTF-8",
            "type it again",
        ));
    }
    Ok(line.0)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Done,
    Cancelled,
}

/// What was typed so far.
#[derive(Default)]
struct Typed(SecretBuffer);

impl Typed {
    /// Takes one byte; says if it ends the line.
    fn take(&mut self, byte: u8) -> Option<End> {
        match byte {
            b'\n' | b'\r' | 4 => return Some(End::Done),
            3 | 0x1c => return Some(End::Cancelled),
            8 | 0x7f => self.0.pop(),
            0x15 => self.0.clear(),
            // What is longer than any passphrase is not taken.
            byte => _ = self.0.push_bytes(&[byte]),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_passphrase() {
        for (bytes, text) in [
            (&b"a b \r\nrest"[..], "a b "),
            ("größe\n".as_bytes(), "größe"),
            (b"x", "x"),
        ] {
            assert_eq!(first_line(bytes).unwrap().as_str(), text);
        }
        for bad in [&b""[..], b"\n", b"\r\nx", b"\xff\n"] {
            assert!(first_line(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn typing_can_be_mended_and_cancelled() {
        let mut typed = Typed::default();
        for byte in "zz\u{15}aö\x7fb".bytes() {
            assert_eq!(typed.take(byte), None);
        }
        assert_eq!(typed.0.as_bytes(), b"ab");
        assert_eq!(typed.take(3), Some(End::Cancelled));
        assert_eq!(typed.take(b'\n'), Some(End::Done));
    }
}
