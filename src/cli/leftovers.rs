//! A folder for what must not stay: the view of a snapshot that is under no review.

use crate::config::Home;
use crate::snapshot::SnapshotError;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const STEM: &str = "glassroom-scratch-";

/// A folder of the owner's only, gone when it is dropped.
pub(super) struct Scratch {
    path: PathBuf,
    /// Removes it when a signal ends the program.
    guard: Option<Handle>,
}

impl Scratch {
    /// Makes it in the data folder if there is one, else where temporary files go.
    pub(super) fn new(home: &Home) -> Result<Self, SnapshotError> {
        let own = home.root();
        if own.is_dir() {
            sweep(own);
            if let Ok(made) = make(own) {
                return Ok(made);
            }
        }
        let folder = std::env::temp_dir();
        make(&folder).map_err(|source| SnapshotError::Store {
            path: folder,
            source,
        })
    }

    /// Makes it where temporary files go, whatever data folder there is, and removes it also when the program is ended by a
    /// signal: what a receiver looks into must not stay on the receiver's machine.
    pub(super) fn private() -> Result<Self, SnapshotError> {
        let folder = std::env::temp_dir();
        let failed = |source| SnapshotError::Store {
            path: folder.clone(),
            source,
        };
        let mut scratch = make(&folder).map_err(failed)?;
        scratch.guard = Some(remove_on_signal(scratch.path.clone()).map_err(failed)?);
        Ok(scratch)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Starts a thread that removes a folder when a signal is about to end the program, and lets it end.
fn remove_on_signal(path: PathBuf) -> io::Result<Handle> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let handle = signals.handle();
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Others may still be writing: a name that came while it was removed keeps it once more.
            for _ in 0..20 {
                if fs::remove_dir_all(&path).is_ok() || !path.exists() {
                    break;
                }
            }
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
    Ok(handle)
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left behind is swept by the next one.
        let _ = fs::remove_dir_all(&self.path);
        if let Some(guard) = &self.guard {
            guard.close();
        }
    }
}

fn make(folder: &Path) -> io::Result<Scratch> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.map_or(0, |d| d.as_nanos() as u64);
    let pid = std::process::id();
    let mut last = io::ErrorKind::AlreadyExists.into();
    for attempt in 0..100 {
        let name = format!("{STEM}{pid}-{:x}", now.wrapping_add(attempt));
        let path = folder.join(name);
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(Scratch { path, guard: None }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Removes what programs left that are gone: it may be vendor code.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|n| n.strip_prefix(STEM));
        let pid = pid.and_then(|n| n.split_once('-')?.0.parse::<u32>().ok());
        if pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_private_goes_away_and_what_the_dead_left_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path()).unwrap();
        let dead = dir.path().join(format!("{STEM}4194999-1"));
        let other = dir.path().join("reviews");
        fs::create_dir(&dead).unwrap();
        fs::create_dir(&other).unwrap();
        let scratch = Scratch::new(&home).unwrap();
        let second = Scratch::new(&home).unwrap();
        assert!(scratch.path().starts_with(dir.path()));
        assert_ne!(scratch.path(), second.path());
        let mode = scratch.path().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert!(!dead.exists());
        assert!(other.exists(), "control");
        drop((scratch, second));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
