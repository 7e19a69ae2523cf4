//! The removable media that are mounted, and whether a folder is on one.

use super::MediumError;
use super::system::{Device, System};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A removable medium that is mounted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Medium {
    /// Its device's file.
    pub device: PathBuf,
    /// The folder through which it is seen.
    pub mount_point: PathBuf,
    /// `vfat`, `exfat`, `ext4`, …
    pub file_system: String,
    /// The name that was given to it, if it is known.
    pub label: Option<String>,
    /// Its size.
    pub total_bytes: u64,
    /// What an ordinary user can still write.
    pub free_bytes: u64,
    /// Nothing can be written to it.
    pub is_read_only: bool,
}

/// Lists the removable media that are mounted, by mount point. One that does not answer is left out.
pub fn list() -> Result<Vec<Medium>, MediumError> {
    let system = System::default();
    let mounts = Path::new("/proc/self/mountinfo");
    let mounts = system.mounts().map_err(MediumError::std("read", mounts))?;
    let removable = mounts
        .into_iter()
        .filter(|mount| system.is_removable(system.block_device(mount)));
    let medium = |mount: super::system::Mount| {
        let about = rustix::fs::statvfs(&mount.mount_point).ok()?;
        let is_locked = about.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY);
        Some(Medium {
            label: system.label(&mount.source),
            device: mount.source,
            file_system: mount.file_system,
            total_bytes: about.f_blocks.saturating_mul(about.f_frsize),
            free_bytes: about.f_bavail.saturating_mul(about.f_frsize),
            is_read_only: mount.is_read_only || is_locked,
            mount_point: mount.mount_point,
        })
    };
    Ok(removable.filter_map(medium).collect())
}

/// Returns whether the folder that is to hold `folder` is on a removable medium that is mounted there.
pub fn is_removable(folder: &Path) -> Result<bool, MediumError> {
    let system = System::default();
    let parent = super::write::parent_of(folder);
    let device = Device::holding(&parent).map_err(MediumError::std("look at", &parent))?;
    Ok(system.is_removable(system.behind(device)))
}

/// Refuses a folder where media are mounted while none is: what is written there lands on the machine's own disk.
pub(super) fn is_mounted(system: &System, parent: &Path) -> Result<(), MediumError> {
    let Ok(real) = parent.canonicalize() else {
        return Ok(());
    };
    for root in system.media_roots() {
        let Some(above) = root.parent().filter(|_| real.starts_with(&root)) else {
            continue;
        };
        let device = |path| Device::holding(path).map_err(MediumError::std("look at", path));
        if device(&real)? == device(above)? {
            return Err(MediumError::NotMounted { path: real });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_no_medium() {
        assert!(!is_removable(Path::new("/proc/bundle")).unwrap());
        assert!(is_removable(Path::new("/no-such-folder/bundle")).is_err());
        let own = list().unwrap();
        assert!(
            own.iter().all(|m| m.mount_point != Path::new("/")),
            "{own:?}"
        );
    }

    #[test]
    fn a_place_for_media_without_a_medium_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let temp = temp.path().canonicalize().unwrap();
        let system = System::at(&temp);
        for folder in ["media/usb", "run/media/alice/stick"] {
            std::fs::create_dir_all(temp.join(folder)).unwrap();
            let refused = is_mounted(&system, &temp.join(folder));
            assert!(
                matches!(refused, Err(MediumError::NotMounted { .. })),
                "{folder}"
            );
        }
        assert!(is_mounted(&system, &temp.join("run")).is_ok(), "control");
        let mounted = System::at(Path::new("/"));
        assert!(
            is_mounted(&mounted, Path::new("/dev/shm")).is_ok(),
            "control"
        );
    }
}
