//! The second signature: verify a bundle, sign its list of files, write the signature beside it.

use super::JobError;
use super::regate::GateReport;
use crate::bundle::{
    self, Claim, Endorsement, GATED_RELEASE_NAMESPACE, RELEASE, RELEASE_NAMESPACE, RenderedFrom,
    Signer, Verified,
};
use crate::medium;
use crate::model::Policy;
use std::path::Path;

/// A bundle that lacks nothing but its release.
pub struct Releasable {
    /// What was found.
    pub found: Verified,
    /// Whether the gate was run again and objects to nothing.
    is_gated: bool,
}

/// Checks a bundle that shall be released. Without a claim everything is checked but whose key signed it.
pub fn prepare(folder: &Path, claim: Option<&Claim<'_>>) -> Result<Releasable, JobError> {
    let found = match claim {
        Some(claim) => bundle::verify(folder, claim)?,
        None => bundle::inspect(folder)?,
    };
    let path = || folder.to_owned();
    if folder.join(RELEASE).symlink_metadata().is_ok() {
        return Err(JobError::Released { path: path() });
    }
    // That nobody released it yet is what is going to be changed.
    if let Some(problem) = found.problems.iter().find(|p| p.file != RELEASE) {
        return Err(JobError::NotValid {
            path: path(),
            file: problem.file.clone(),
            what: problem.what.clone(),
        });
    }
    if found.signer.is_none() {
        return Err(JobError::NotValid {
            path: path(),
            file: bundle::SIGNATURE.to_owned(),
            what: "is not a signature that counts".to_owned(),
        });
    }
    Ok(Releasable {
        found,
        is_gated: false,
    })
}

impl Releasable {
    /// Takes what the gate says of it. Fails unless it objects to nothing.
    pub fn judged(&mut self, folder: &Path, report: &GateReport) -> Result<(), JobError> {
        if let Some(problem) = report.problems.first() {
            return Err(JobError::NotValid {
                path: folder.to_owned(),
                file: problem.file.clone(),
                what: problem.what.clone(),
            });
        }
        self.is_gated = true;
        Ok(())
    }

    /// Fails if the policy of the machine or of the bundle asks for what was not done: the gate, or documents that could be
    /// rendered again.
    pub fn may_be_released(&self, folder: &Path, machine: &Policy) -> Result<(), JobError> {
        let own = self.found.policy.as_ref();
        if !machine.gate_at_release && own.is_none_or(|own| !own.gate_at_release) {
            return Ok(());
        }
        if self.found.rendered == RenderedFrom::None {
            return Err(JobError::NotValid {
                path: folder.to_owned(),
                file: "bundle.json".to_owned(),
                what: "is of a program whose documents cannot be rendered again, and the policy asks for it".to_owned(),
            });
        }
        if self.is_gated {
            return Ok(());
        }
        Err(JobError::GateAtRelease {
            path: folder.to_owned(),
        })
    }

    /// Signs and writes the release, then checks the bundle with it. Refuses the person who signed first.
    pub fn write(
        &self,
        folder: &Path,
        signer: &Signer,
        claim: Option<&Claim<'_>>,
    ) -> Result<Endorsement, JobError> {
        let public = signer.public();
        let key = public.fingerprint();
        let first = self.found.signer.as_ref().map(|s| s.key.as_str());
        let is_theirs = claim.is_some_and(|c| c.signers.lists(&public, c.name));
        if first == Some(key.as_str()) || is_theirs {
            return Err(JobError::SamePerson { key });
        }
        let namespace = if self.is_gated {
            GATED_RELEASE_NAMESPACE
        } else {
            RELEASE_NAMESPACE
        };
        let signature = signer.sign(namespace, &self.found.manifest)?;
        medium::add(folder, RELEASE, signature.as_bytes())?;
        let after = bundle::inspect(folder)?;
        match after.releaser.filter(|_| after.problems.is_empty()) {
            Some(releaser) => Ok(releaser),
            None => Err(JobError::NotValid {
                path: folder.to_owned(),
                file: RELEASE.to_owned(),
                what: "was written, but the bundle is not valid with it".to_owned(),
            }),
        }
    }
}
