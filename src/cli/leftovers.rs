//! Folders that earlier versions left behind when they were killed: they may hold code of a vendor.
//!
//! This version makes no such folder: what is under no review is read where it lies.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// How the folders of earlier versions begin; the number of the process follows.
const STEM: &str = "glassroom-scratch-";

/// Removes the folders of processes that are gone and that belong to this account.
pub(super) fn remove_from(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|n| n.strip_prefix(STEM));
        let pid = pid.and_then(|n| n.split_once('-')?.0.parse::<u32>().ok());
        let is_gone = pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists());
        if is_gone && is_own_folder(&entry.path()) {
            // What cannot be removed stays, and is tried again.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_own_folder(path: &Path) -> bool {
    let own = rustix::process::getuid().as_raw();
    fs::symlink_metadata(path).is_ok_and(|m| m.is_dir() && m.uid() == own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_the_dead_left_goes_and_everything_else_stays() {
        let dir = tempfile::tempdir().unwrap();
        // No process has these numbers: they are above the kernel's limit.
        let dead = dir.path().join(format!("{STEM}4194999-1"));
        let link = dir.path().join(format!("{STEM}4194998-1"));
        let alive = dir.path().join(format!("{STEM}{}-1", std::process::id()));
        let other = dir.path().join("reviews");
        for folder in [&dead, &alive, &other] {
            fs::create_dir_all(folder.join("pack")).unwrap();
        }
        symlink(&other, &link).unwrap();
        remove_from(dir.path());
        assert!(!dead.exists());
        assert!(alive.exists() && other.join("pack").exists(), "control");
        assert!(link.symlink_metadata().is_ok(), "a link is not followed");
    }
}
