//! `glassroom media`: the removable media that are mounted.

use super::output::Out;
use super::{Answer, Failure};
use crate::medium;
use clap::Subcommand;
use serde::Serialize;

#[derive(Subcommand)]
pub(super) enum Media {
    /// Lists the removable media that are mounted, with the room on them.
    List,
}

#[derive(Serialize)]
struct Record {
    device: String,
    mount_point: String,
    file_system: String,
    label: Option<String>,
    total_bytes: u64,
    free_bytes: u64,
    read_only: bool,
}

pub(super) fn run(verb: &Media, out: &mut Out) -> Result<Answer, Failure> {
    let Media::List = verb;
    let media = medium::list()?;
    if media.is_empty() && !out.json {
        super::output::remark("no removable medium is mounted");
    }
    for medium in media {
        let record = Record {
            device: medium.device.to_string_lossy().into_owned(),
            mount_point: medium.mount_point.to_string_lossy().into_owned(),
            file_system: medium.file_system,
            label: medium.label,
            total_bytes: medium.total_bytes,
            free_bytes: medium.free_bytes,
            read_only: medium.is_read_only,
        };
        if out.json {
            out.record(&record);
            continue;
        }
        let label = record.label.map_or(String::new(), |l| format!(" \"{l}\""));
        let locked = if record.read_only { ", read-only" } else { "" };
        out.line(&format!(
            "{}  {} {}{label}, {} of {} free{locked}",
            record.mount_point,
            record.device,
            record.file_system,
            size(record.free_bytes),
            size(record.total_bytes),
        ));
    }
    Ok(Answer::Yes)
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
}
