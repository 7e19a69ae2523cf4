//! The real program without a terminal: its own home, a time limit, and a limit of memory.

use super::repo::Scratch;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How long one run may take. Generous, because tests run beside each other on small machines; what it catches
/// is a run that never ends.
pub const LIMIT: Duration = Duration::from_secs(60);
/// Kilobytes of writable memory that one run may map.
const MEMORY: u64 = 512 << 10;

/// The program with a home of its own.
pub struct Program {
    scratch: Scratch,
}

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// None if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Program {
    /// Makes an empty home.
    pub fn new() -> Self {
        let scratch = Scratch::new();
        std::fs::create_dir(scratch.path().join("tmp")).unwrap();
        Self { scratch }
    }

    /// Returns the data folder, which is not made before the program makes it.
    pub fn home(&self) -> PathBuf {
        self.scratch.path().join("home")
    }

    /// Returns the names in the folder for temporary files.
    pub fn temporary_files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.scratch.path().join("tmp")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Returns the variables that a run gets; it gets no others.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("GLASSROOM_HOME", self.home()),
            ("HOME", self.scratch.path().to_owned()),
            ("TMPDIR", self.scratch.path().join("tmp")),
            ("LANG", "C.UTF-8".into()),
            ("USER", "alice".into()),
            ("PATH", "/usr/bin:/bin".into()),
        ]
    }

    /// Runs it to its end. Panics if that takes too long.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_command(env!("CARGO_BIN_EXE_glassroom"), arguments)
    }

    /// Runs a verb on a delivery.
    pub fn on(&self, verb: &str, delivery: &Path, more: &[&str]) -> Outcome {
        let delivery = delivery.to_str().expect("test folders have plain names");
        let mut arguments = vec![verb, delivery];
        arguments.extend_from_slice(more);
        self.run(&arguments)
    }

    /// Starts it and leaves it to the caller, who may kill it.
    pub fn start(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_glassroom"))
            .args(arguments)
            .env_clear()
            .envs(self.environment())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Runs another program under the same limits.
    pub fn run_command(&self, program: &str, arguments: &[&str]) -> Outcome {
        let script = format!("ulimit -d {MEMORY} && ulimit -c 0 && exec \"$@\"");
        let mut child = Command::new("/bin/sh")
            .args(["-c", &script, "sh", program])
            .args(arguments)
            .env_clear()
            .envs(self.environment())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let began = Instant::now();
        let output = [
            collect(child.stdout.take().unwrap()),
            collect(child.stderr.take().unwrap()),
        ];
        let [stdout, stderr] = output.map(|text| {
            let left = LIMIT.saturating_sub(began.elapsed());
            text.recv_timeout(left).unwrap_or_else(|_| {
                let _ = child.kill();
                panic!("{program} {arguments:?} did not end within {LIMIT:?}")
            })
        });
        let code = child.wait().unwrap().code();
        Outcome {
            code,
            stdout,
            stderr,
        }
    }
}

/// Reads a stream to its end in a thread.
fn collect(mut stream: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}
