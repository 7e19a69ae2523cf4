//! `glassroom release`: the signature of a second person, who lets a bundle leave.

use super::output::{Out, remark};
use super::regate::{self, Deliveries, GateRun, machine_policy};
use super::unlock::Unlock;
use super::verify::{now, remember, signers as signers_in};
use super::{Answer, Failure};
use crate::bundle::Claim;
use crate::job::regate::{ComparisonReach, RepeatedComparison};
use crate::job::{officer, release};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Release {
    /// The bundle's folder.
    bundle: PathBuf,
    /// Your private key's file, or agent:FINGERPRINT for a key that an ssh-agent holds.
    #[arg(long, value_name = "KEY")]
    key: String,
    #[command(flatten)]
    unlock: Unlock,
    /// Who may sign: then the first signature must be by who --as says.
    #[arg(long, value_name = "ALLOWED_SIGNERS", requires = "name")]
    signers: Option<PathBuf>,
    /// Who is said to have signed it first.
    #[arg(long = "as", value_name = "NAME", requires = "signers")]
    name: Option<String>,
    #[command(flatten)]
    deliveries: Deliveries,
}

#[derive(Serialize)]
struct Record<'a> {
    signer: &'a str,
    releaser: &'a str,
    /// Whether the gate was run again, which the signature then says.
    gate: GateRun,
    compared: Option<RepeatedComparison>,
}

pub(super) fn run(verb: &Release, out: &mut Out) -> Result<Answer, Failure> {
    let key = verb.unlock.find(&verb.key)?;
    let signers = verb.signers.as_deref();
    let signers = signers.map(|path| signers_in(path, None)).transpose()?;
    let claim = signers.as_ref().zip(verb.name.as_deref());
    let claim = claim.map(|(signers, name)| Claim {
        signers,
        name,
        released_by: None,
        now: now(),
    });
    let mut ready = release::prepare(&verb.bundle, claim.as_ref())?;
    let gate = if verb.deliveries.snapshot.is_some() {
        // Who lets a bundle out has the time to compare it with everything.
        let reach = ComparisonReach::Deliveries;
        let report = regate::run(&verb.bundle, &ready.found, &verb.deliveries, reach)?;
        ready.judged(&verb.bundle, &report)?;
        Some(report)
    } else {
        None
    };
    let machine = machine_policy()?.unwrap_or_default();
    ready.may_be_released(&verb.bundle, &machine)?;
    if !out.json {
        let section = officer::checked_again(&ready.found, gate.as_ref());
        out.line(section.title);
        for line in &section.lines {
            out.line(&format!("  {line}"));
        }
        // Before a passphrase is asked for: it is what is agreed to.
        out.flush();
    } else if gate.is_none() {
        remark("the gate was not run again: add --snapshot SNAPSHOT");
    }
    let signer = ready.found.signer.as_ref();
    let first = signer.map(|s| s.key.clone()).unwrap_or_default();
    if claim.is_none() {
        let statement = ready.found.statement.as_ref();
        let name = statement.map_or("somebody", |s| s.predicate.reviewer.as_str());
        remark(&format!(
            "signed with {first}, and not checked that it is {name}'s: add --signers FILE --as {name}"
        ));
    }
    let signer = verb.unlock.signer(key)?;
    let done = ready.write(&verb.bundle, &signer, claim.as_ref())?;
    remember(&verb.bundle, &ready.found);
    if out.json {
        out.record(&Record {
            signer: &first,
            releaser: &done.key,
            gate: if gate.is_some() {
                GateRun::Run
            } else {
                GateRun::NotRun
            },
            compared: gate.as_ref().map(|g| g.compared),
        });
    } else {
        let presence = done.presence.map_or(String::new(), |p| format!(" ({p})"));
        out.line(&format!(
            "verified, then released with {}{presence}, read back and found right; safe to remove",
            done.key
        ));
    }
    Ok(Answer::Yes)
}
