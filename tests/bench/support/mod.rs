//! What the benches share: the snapshot, the memory of a process, the table.

use glassroom::job::demo;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Names the snapshot that is measured: a repository or a bundle.
const SNAPSHOT: &str = "GLASSROOM_BENCH_SNAPSHOT";

/// Returns the snapshot to measure: the named one, or the demo, made below `scratch`.
pub fn snapshot(scratch: &Path) -> PathBuf {
    if let Some(named) = std::env::var_os(SNAPSHOT) {
        return named.into();
    }
    let folder = scratch.join("demo").join(demo::FOLDER);
    demo::ensure(&folder).expect("the demo can be made");
    folder
}

/// Returns the anonymous memory of a process in kilobytes: what it really holds, mapped files aside. 0 once it
/// is over.
pub fn anonymous(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    number.and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Watches the memory of a process.
pub struct Peak {
    most: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Peak {
    /// Begins to watch, every 20 ms.
    pub fn watch(process: u32) -> Self {
        let most = Arc::new(AtomicU64::new(0));
        let is_over = Arc::new(AtomicBool::new(false));
        let (seen, end) = (Arc::clone(&most), Arc::clone(&is_over));
        let thread = thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                seen.fetch_max(anonymous(process), Ordering::Relaxed);
                thread::sleep(Duration::from_millis(20));
            }
        });
        Self {
            most,
            is_over,
            thread: Some(thread),
        }
    }

    /// Ends watching and returns the most that was seen, in kilobytes.
    pub fn end(mut self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("watching does not panic");
        }
        self.most.load(Ordering::Relaxed)
    }
}

/// Rows of text, printed in columns: the first to the left, the others to the right.
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// Makes a table with its headings.
    pub fn new(headings: &[&str]) -> Self {
        Self(vec![headings.iter().map(ToString::to_string).collect()])
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.0.push(cells);
    }

    /// Prints it.
    pub fn print(&self) {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.0 {
            let cells = row.iter().zip(&widths).enumerate();
            let cells = cells.map(|(at, (cell, width))| match at {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
            println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        println!();
    }
}

/// Writes a time in milliseconds.
pub fn ms(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1000.0)
}

/// Writes kilobytes in megabytes.
pub fn mb(kilobytes: u64) -> String {
    format!("{:.0} MB", kilobytes as f64 / 1024.0)
}
