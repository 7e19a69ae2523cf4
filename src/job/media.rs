//! The removable media that are mounted, as places for a bundle.

use super::message::MediumPlace;
use super::{Desk, JobError};
use crate::medium::{self, Medium};
use std::path::Path;

/// Lists where bundle `number` of a review may be written.
pub fn places(desk: &Desk, number: u64) -> Result<Vec<MediumPlace>, JobError> {
    let folder = folder_name(desk.review.name(), number);
    let place = |medium: Medium| MediumPlace {
        folder: in_mount(&medium.mount_point, &folder),
        text: line(&medium),
        is_read_only: medium.is_read_only,
    };
    Ok(medium::list()?.into_iter().map(place).collect())
}

fn in_mount(mount: &Path, folder: &str) -> String {
    mount.join(folder).to_string_lossy().into_owned()
}

/// Returns the name of a bundle's folder: `REVIEW-NUMBER`, in letters that every file system of removable media keeps
/// apart and no system gives a meaning of its own.
fn folder_name(review: &str, number: u64) -> String {
    let plain = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' => c,
        _ => '-',
    };
    let name: String = review.chars().take(60).map(plain).collect();
    let name = name.trim_matches('-');
    let name = if name.is_empty() { "bundle" } else { name };
    format!("{name}-{number}")
}

/// Returns what is told of a medium on one line.
pub fn line(medium: &Medium) -> String {
    let label = medium.label.as_ref();
    let label = label.map_or(String::new(), |l| format!(" \"{l}\""));
    let locked = if medium.is_read_only {
        ", read-only"
    } else {
        ""
    };
    format!(
        "{}  {} {}{label}, {} of {} free{locked}",
        medium.mount_point.display(),
        medium.device.display(),
        medium.file_system,
        size(medium.free_bytes),
        size(medium.total_bytes),
    )
}

/// Returns a number of bytes as it is written on media: in powers of ten.
fn size(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit / (unit / 10)),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_on_the_package() {
        let rows = [
            (0, "0 B"),
            (999, "999 B"),
            (1_500, "1.5 kB"),
            (31_999_000_000, "31.9 GB"),
        ];
        for (bytes, text) in rows {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn names_of_folders_are_safe_on_every_medium() {
        for (review, name) in [
            ("acme-ran-9f1c2e3a", "acme-ran-9f1c2e3a-4"),
            ("Acme RAN: 2.4/é?", "acme-ran--2-4-4"),
            ("..", "bundle-4"),
            ("CON", "con-4"),
        ] {
            assert_eq!(folder_name(review, 4), name);
            assert!(medium::is_safe_name(name), "{name}");
        }
        assert_eq!(in_mount(Path::new("/media/a"), "b-1"), "/media/a/b-1");
    }

    #[test]
    fn a_medium_is_told_with_its_room() {
        let medium = Medium {
            device: "/dev/sdb1".into(),
            mount_point: "/media/alice/STICK".into(),
            file_system: "vfat".into(),
            label: Some("STICK".into()),
            total_bytes: 8_000_000_000,
            free_bytes: 7_500_000_000,
            is_read_only: true,
        };
        assert_eq!(
            line(&medium),
            "/media/alice/STICK  /dev/sdb1 vfat \"STICK\", 7.5 GB of 8.0 GB free, read-only"
        );
    }
}
