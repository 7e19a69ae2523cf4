//! `glassroom --version`.

use super::output::Out;
use super::{Answer, Failure};
use crate::job::program;
use serde::Serialize;

#[derive(Serialize)]
struct Record<'a> {
    version: &'a str,
    commit: &'a str,
    digest: &'a str,
}

pub(super) fn run(out: &mut Out) -> Result<Answer, Failure> {
    let commit = option_env!("GLASSROOM_COMMIT").unwrap_or("unknown");
    let version = program::VERSION;
    let digest = program::digest().map_err(|error| {
        Failure::failed(
            format!("cannot read the program's own file: {error}"),
            "mount /proc",
        )
    })?;
    if out.json {
        out.record(&Record {
            version,
            commit,
            digest: &digest,
        });
    } else {
        out.line(&format!("glassroom {version}"));
        out.line(&format!("commit {commit}"));
        out.line(&format!("sha256 {digest}"));
    }
    Ok(Answer::Yes)
}
