//! What the tests share: the project's own files, hostile deliveries, the program with and without a terminal.

pub mod coding;
pub mod desk;
pub mod disguise;
pub mod driven;
pub mod hostile;
pub mod passage;
pub mod program;
pub mod pty;
pub mod repo;
pub mod source;
pub mod vendor;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Says that a test is left out, and how many were by now. Written past the harness, which keeps quiet about tests that
/// pass.
pub fn skip(why: &str) {
    static SKIPPED: AtomicUsize = AtomicUsize::new(0);
    let count = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
    let _ = writeln!(std::io::stderr(), "skipped ({count}): {why}");
}

/// Returns the project's folder.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Reads a file of the project.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Reads a TOML file of the project.
pub fn toml_file(path: &str) -> toml::Table {
    read(path)
        .parse()
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Lists the files below a folder of the project, by path from the top.
pub fn files(folder: &str) -> Vec<String> {
    let top = root();
    let mut waiting = vec![top.join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(name(&top, &path));
            }
        }
    }
    found.sort();
    found
}

fn name(top: &Path, path: &Path) -> String {
    path.strip_prefix(top).unwrap().to_str().unwrap().to_owned()
}

/// Reads the Rust files below a folder of the project.
pub fn rust_files(folder: &str) -> Vec<(String, String)> {
    let paths = files(folder).into_iter();
    let paths = paths.filter(|path| {
        Path::new(path)
            .extension()
            .is_some_and(|ending| ending == "rs")
    });
    paths.map(|path| (path.clone(), read(&path))).collect()
}
