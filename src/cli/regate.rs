//! Running the gate again over a bundle on its medium: for `verify` and `release`. The reviewer's home is not looked at.

use super::Failure;
use super::output::Bar;
use crate::bundle::{Problem, Verified};
use crate::config::{InForce, MACHINE_POLICY};
use crate::job::regate::{self, BundleOnMedium, ComparisonReach, GateReport};
use crate::job::{Cancel, JobError};
use crate::model::Policy;
use crate::snapshot::Snapshot;
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Where the snapshots of the review are.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Deliveries {
    /// The delivery that was reviewed: the gate is run again against it.
    #[arg(long)]
    pub snapshot: Option<PathBuf>,
    /// A further delivery of the same review; may be given several times.
    #[arg(long, value_name = "SNAPSHOT", requires = "snapshot")]
    pub delivery: Vec<PathBuf>,
}

/// Whether the gate was run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum GateRun {
    Run,
    NotRun,
}

/// Returns the policy of the machine, if it has one.
pub(super) fn machine_policy() -> Result<Option<Policy>, Failure> {
    let machine = InForce::load(Path::new(MACHINE_POLICY), None).map_err(JobError::from)?;
    Ok(machine.machine.is_some().then_some(machine.policy))
}

/// Runs the gate over a bundle. The deliveries are read where they lie: nothing of them is written.
pub(super) fn run(
    folder: &Path,
    found: &Verified,
    deliveries: &Deliveries,
    reach: ComparisonReach,
) -> Result<GateReport, Failure> {
    let sources: Vec<&PathBuf> = deliveries
        .snapshot
        .iter()
        .chain(&deliveries.delivery)
        .collect();
    let mut snapshots = Vec::new();
    let mut missing = Vec::new();
    let mut commits = regate::commits(found);
    commits.dedup();
    for commit in commits {
        let rev = commit.to_string();
        let open = |source: &&PathBuf| Snapshot::open_in_place(source, Some(&rev)).ok();
        match sources.iter().find_map(open) {
            Some(snapshot) => snapshots.push(snapshot),
            None => missing.push(Problem {
                file: "bundle.json".to_owned(),
                what: format!(
                    "names commit {commit}, which no delivery given holds, so that nothing was compared with it: add --delivery SNAPSHOT"
                ),
            }),
        }
    }
    let machine = machine_policy()?;
    let medium = BundleOnMedium {
        folder,
        found,
        machine: machine.as_ref(),
        reach,
    };
    let mut bar = Bar::new();
    let mut progress = |done: u64, total: u64| bar.draw("judging", done >> 20, total >> 20);
    let mut report = regate::run(&medium, snapshots, &Cancel::never(), &mut progress)?;
    report.problems.splice(0..0, missing);
    Ok(report)
}
