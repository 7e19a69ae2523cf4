//! `glassroom media`: the removable media that are mounted.

use super::output::Out;
use super::{Answer, Failure};
use crate::job::media;
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
    let found = medium::list()?;
    if found.is_empty() && !out.json {
        super::output::remark("no removable medium is mounted");
    }
    for medium in found {
        if !out.json {
            out.line(&media::line(&medium));
            continue;
        }
        out.record(&Record {
            device: medium.device.to_string_lossy().into_owned(),
            mount_point: medium.mount_point.to_string_lossy().into_owned(),
            file_system: medium.file_system,
            label: medium.label,
            total_bytes: medium.total_bytes,
            free_bytes: medium.free_bytes,
            read_only: medium.is_read_only,
        });
    }
    Ok(Answer::Yes)
}
