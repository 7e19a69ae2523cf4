//! Whether a folder is on a removable medium.
//!
//! The kernel says so in `/sys/dev/block/MAJOR:MINOR`: the disk's `removable` file holds 1, or a USB or MMC bus
//! is above it (USB sticks that say 0, SD cards). It works without udev.

use super::MediumError;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Returns whether the folder that is to hold `folder` is on a removable medium that is mounted there.
pub fn is_removable(folder: &Path) -> Result<bool, MediumError> {
    let parent = folder
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let about = fs::metadata(parent).map_err(MediumError::std("look at", parent))?;
    let (major, minor) = (
        rustix::fs::major(about.dev()),
        rustix::fs::minor(about.dev()),
    );
    let device = Path::new("/sys/dev/block").join(format!("{major}:{minor}"));
    // A file system without a block device (memory, network) is no medium.
    let Ok(device) = fs::canonicalize(device) else {
        return Ok(false);
    };
    let says_so = device.ancestors().any(|folder| {
        fs::read_to_string(folder.join("removable")).is_ok_and(|text| text.trim() == "1")
    });
    let on_bus = device.components().any(|part| {
        let name = part.as_os_str().to_string_lossy();
        name.starts_with("usb") || name.starts_with("mmc")
    });
    Ok(says_so || on_bus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_no_medium() {
        assert!(!is_removable(Path::new("/proc/bundle")).unwrap());
        assert!(is_removable(Path::new("/no-such-folder/bundle")).is_err());
    }
}
