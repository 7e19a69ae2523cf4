//! Checking a bundle that somebody brings.
//!
//! Stricter than the stock tools: every file must be listed, be a regular file of bounded size and have its
//! digest; the signature must be the one encoding of itself; a second person must have released the bundle if its
//! policy asks for one; ledgers must be chains that end where `bundle.json` says; the documents must agree with
//! each other and be what the ledgers render to, see [`rerender`]. Sizes are looked at before anything is read, and what
//! is not listed is never read.

mod chained;
mod documents;
mod folder;
mod ledger;
mod rerender;
mod strings;

use super::BundleError;
use super::manifest::{self, DOCUMENTS, RELEASE, SIGNATURE, SUMS};
use super::schema::Statement;
use super::sign::{GATED_RELEASE_NAMESPACE, NAMESPACE, RELEASE_NAMESPACE};
use super::signature::{self, Presence, Signed};
use super::signers::{SignerStanding, Signers};
use crate::model::{Anchor, CommitId, Digest, Excerpt, LocationFacts, Policy};
pub use chained::{ChainedBundle, compare_previous, read_chained};
use folder::Folder;
pub use rerender::{BundleContent, RenderedFrom};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
pub use strings::{STRING, strings};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// One thing wrong with a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, or an empty text for the whole bundle.
    pub file: String,
    /// One clause.
    pub what: String,
}

/// A signature that is right and allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorsement {
    /// Who: the name that was asked about or, for a release that nobody was named for, the names that
    /// `allowed_signers` lists.
    pub name: String,
    /// The key's fingerprint.
    pub key: String,
    /// What the FIDO2 token that holds the key says; nothing for a key that is no token's.
    pub presence: Option<Presence>,
}

/// A location of a finding as a bundle states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedLocation {
    /// The number of the finding: `alice/F1`.
    pub finding: String,
    /// The commit in which the finding is.
    pub commit: CommitId,
    /// Blob and lines; the path is empty where the policy lets none leave whole.
    pub anchor: Anchor,
    /// What is said of the text there.
    pub facts: LocationFacts,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verified {
    /// Whether nothing is wrong.
    pub valid: bool,
    /// Who signed it, even if something else is wrong.
    pub signer: Option<Endorsement>,
    /// Who released it; nothing if nobody did.
    pub releaser: Option<Endorsement>,
    /// Whether the release says that the gate was run again.
    pub is_release_gated: bool,
    /// The policy of the bundle, if it could be read.
    pub policy: Option<Policy>,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
    /// The locations of the findings, to be compared with a snapshot.
    pub locations: Vec<StatedLocation>,
    /// The lines that it quotes: to be compared with a snapshot, too.
    pub excerpts: Vec<Excerpt>,
    /// The bundle's own statement, if it could be read.
    pub statement: Option<Statement>,
    /// The bytes of `SHA256SUMS`: what was signed.
    pub manifest: Vec<u8>,
    /// The bytes of all files but the signatures.
    pub bytes: u64,
    /// What the documents were rendered from again.
    pub rendered: RenderedFrom,
    /// What the gate would judge; nothing if the documents were not rendered again.
    pub content: Option<BundleContent>,
}

/// What the receiver of a bundle expects.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// Who may sign.
    pub signers: &'a Signers,
    /// Who is said to have signed it.
    pub name: &'a str,
    /// Who is said to have released it, if somebody is: then somebody must have.
    pub released_by: Option<&'a str>,
    /// Seconds since 1970.
    pub now: i64,
}

/// Checks the bundle at `folder`.
///
/// What is wrong with the bundle is in [`Verified::problems`]; an error means that it could not be read.
pub fn verify(folder: &Path, claim: &Claim<'_>) -> Result<Verified, BundleError> {
    run(folder, Some(claim))
}

/// Checks everything but whose keys signed the bundle, which its receiver must know.
pub fn inspect(folder: &Path) -> Result<Verified, BundleError> {
    run(folder, None)
}

/// The listed documents that were read and have their digests.
type Documents = BTreeMap<String, Vec<u8>>;

#[derive(Default)]
struct Check {
    found: Verified,
}

fn run(folder: &Path, claim: Option<&Claim<'_>>) -> Result<Verified, BundleError> {
    let mut check = Check::default();
    let (folder, problems) = Folder::open(folder)?;
    check.found.problems = problems;
    check.found.bytes = folder.bytes();
    let sums = check.small(&folder, SUMS)?;
    if sums.is_none() {
        check.wrong(SUMS, "is missing");
    }
    let sums = sums.unwrap_or_default();
    check.signature(&folder, &sums, claim)?;
    check.release(&folder, &sums, claim)?;
    let mut documents = Documents::new();
    if let Some(listed) = check.manifest(&sums) {
        check.unlisted(&folder, &listed);
        documents = check.read(&folder, &listed)?;
        check.documents(&documents, claim.map(|c| c.name));
        let ledgers = check.ledgers(&folder, &listed)?;
        let excerpts = check.found.excerpts.clone();
        check.rerender(&documents, &ledgers, &excerpts);
    }
    let is_released = claim.is_some_and(|c| c.released_by.is_some())
        || check
            .found
            .statement
            .as_ref()
            .is_some_and(|s| s.predicate.second_signer)
        || documents::asks_for_second(documents.get("policy.toml")) == Some(true);
    let policy = documents.get("policy.toml");
    let must_be_gated = documents::asks_for(policy, "gate_at_release") == Some(true);
    if (is_released || must_be_gated) && !folder.has(RELEASE) {
        let what = "is missing: nobody released the bundle, and somebody must";
        check.wrong(RELEASE, what);
    } else if must_be_gated && check.found.releaser.is_some() && !check.found.is_release_gated {
        let what = "does not say that the gate was run again, and policy.toml asks for that";
        check.wrong(RELEASE, what);
    }
    check.found.policy = rerender::read_policy(&documents);
    let mut found = check.found;
    found.problems.dedup();
    found.manifest = sums;
    found.valid = found.problems.is_empty() && found.signer.is_some();
    Ok(found)
}

impl Check {
    fn wrong(&mut self, file: &str, what: impl Into<String>) {
        self.found.problems.push(Problem {
            file: file.to_owned(),
            what: what.into(),
        });
    }

    /// Reads the manifest or a signature.
    fn small(&mut self, folder: &Folder, name: &str) -> Result<Option<Vec<u8>>, BundleError> {
        if !folder.has(name) {
            return Ok(None);
        }
        match folder.read(name, folder::SMALL)? {
            Ok(bytes) => Ok(Some(bytes)),
            Err(what) => {
                self.wrong(name, what);
                Ok(Some(Vec::new()))
            }
        }
    }

    /// Reads the list of files. Nothing is compared with a list that is damaged.
    fn manifest(&mut self, bytes: &[u8]) -> Option<Vec<(String, Digest)>> {
        let listed = match manifest::read(bytes) {
            Ok(listed) => listed,
            Err(line) => {
                let what = format!("line {line} is not as sha256sum writes it, sorted");
                self.wrong(SUMS, what);
                return None;
            }
        };
        for name in DOCUMENTS {
            if listed.iter().all(|(n, _)| n != name) {
                self.wrong(name, "is not in the list");
            }
        }
        Some(listed)
    }

    fn unlisted(&mut self, folder: &Folder, listed: &[(String, Digest)]) {
        let is_free = |name: &str| matches!(name, SUMS | SIGNATURE | RELEASE);
        for name in folder.names().filter(|name| !is_free(name)) {
            if listed.iter().all(|(n, _)| n != name) {
                self.wrong(name, "is not listed: it was added");
            }
        }
        for (name, _) in listed {
            if !folder.has(name) && !folder.is_odd(name) {
                self.wrong(name, "is listed and missing");
            }
        }
    }

    /// Reads the listed documents; ledgers, which can be long, are not held in memory.
    fn read(
        &mut self,
        folder: &Folder,
        listed: &[(String, Digest)],
    ) -> Result<Documents, BundleError> {
        let mut documents = Documents::new();
        let is_document = |name: &str| !ledger::is_name(name) && folder.has(name);
        for (name, digest) in listed.iter().filter(|(name, _)| is_document(name)) {
            match folder.read(name, folder::DOCUMENT)? {
                Err(what) => self.wrong(name, what),
                Ok(bytes) if Digest::of(&bytes) != *digest => {
                    self.wrong(name, "was changed: its digest differs");
                }
                Ok(bytes) => _ = documents.insert(name.clone(), bytes),
            }
        }
        Ok(documents)
    }

    fn signature(
        &mut self,
        folder: &Folder,
        sums: &[u8],
        claim: Option<&Claim<'_>>,
    ) -> Result<(), BundleError> {
        let Some(bytes) = self.small(folder, SIGNATURE)? else {
            self.wrong(SIGNATURE, "is missing");
            return Ok(());
        };
        let signed = match signature::read(&bytes, NAMESPACE, sums) {
            Ok(signed) => signed,
            Err(what) => {
                self.wrong(SIGNATURE, what);
                return Ok(());
            }
        };
        let name = claim.map_or("", |c| c.name);
        match claim.and_then(|claim| refusal(&signed, Some(name), NAMESPACE, claim)) {
            None => self.found.signer = Some(endorsement(name, &signed)),
            Some(what) => self.wrong(SIGNATURE, what),
        }
        Ok(())
    }

    /// Checks the second person's signature, if there is one: by a key that is not the first person's.
    fn release(
        &mut self,
        folder: &Folder,
        sums: &[u8],
        claim: Option<&Claim<'_>>,
    ) -> Result<(), BundleError> {
        let Some(bytes) = self.small(folder, RELEASE)? else {
            return Ok(());
        };
        let plain = signature::read(&bytes, RELEASE_NAMESPACE, sums);
        let gated = signature::read(&bytes, GATED_RELEASE_NAMESPACE, sums);
        let is_gated = gated.is_ok();
        let signed = match gated.or(plain) {
            Ok(signed) => signed,
            Err(what) => {
                self.wrong(RELEASE, what);
                return Ok(());
            }
        };
        let namespace = if is_gated {
            GATED_RELEASE_NAMESPACE
        } else {
            RELEASE_NAMESPACE
        };
        let key = signed.key.fingerprint();
        if self.found.signer.as_ref().is_some_and(|s| s.key == key) {
            self.wrong(RELEASE, "was made with the key of the first signature");
            return Ok(());
        }
        match claim.map_or(Ok(String::new()), |c| releaser(&signed, namespace, c)) {
            Ok(name) => {
                self.found.releaser = Some(endorsement(&name, &signed));
                self.found.is_release_gated = is_gated;
            }
            Err(what) => self.wrong(RELEASE, what),
        }
        Ok(())
    }
}

fn endorsement(name: &str, signed: &Signed) -> Endorsement {
    Endorsement {
        name: name.to_owned(),
        key: signed.key.fingerprint(),
        presence: signed.presence,
    }
}

/// Returns who released the bundle, if it is somebody who may and who is not the first person.
fn releaser(signed: &Signed, namespace: &str, claim: &Claim<'_>) -> Result<String, String> {
    let key = signed.key.fingerprint();
    // Two keys of one person are no second person.
    if claim.signers.lists(&signed.key, claim.name) || claim.released_by == Some(claim.name) {
        return Err(format!(
            "was signed with {key}, which is {}'s too",
            claim.name
        ));
    }
    if let Some(name) = claim.released_by {
        return match refusal(signed, Some(name), namespace, claim) {
            None => Ok(name.to_owned()),
            Some(what) => Err(what),
        };
    }
    let names = claim.signers.names(&signed.key, namespace, claim.now);
    match names.first() {
        Some(names) => Ok((*names).to_owned()),
        None => Err(refusal(signed, None, namespace, claim)
            .unwrap_or_else(|| format!("was signed with {key}, which may not release"))),
    }
}

/// Returns why a key may not sign under a name for a purpose, as a clause whose subject is the file; nothing if it may.
fn refusal(
    signed: &Signed,
    name: Option<&str>,
    namespace: &str,
    claim: &Claim<'_>,
) -> Option<String> {
    let key = signed.key.fingerprint();
    let standing = claim
        .signers
        .standing(&signed.key, name, namespace, claim.now);
    let who = name.unwrap_or("somebody else");
    let why = match standing {
        SignerStanding::Allowed => return None,
        SignerStanding::Revoked => "which is revoked".to_owned(),
        SignerStanding::Unknown => {
            "which is unknown: no line of allowed_signers that can be used has that key".to_owned()
        }
        SignerStanding::OtherName(names) => {
            format!("which allowed_signers has for {names} and not for {who}")
        }
        SignerStanding::OtherNamespace(namespaces) => {
            format!("which may sign for {namespaces} and not for {namespace}")
        }
        SignerStanding::Expired(end) => format!(
            "which expired: it could sign until {}, and the check is for {} (for another time: --at-time)",
            utc(end),
            utc(claim.now)
        ),
        SignerStanding::TooEarly(start) => format!(
            "which is not valid yet: it can sign from {} on, and the check is for {} (for another time: --at-time)",
            utc(start),
            utc(claim.now)
        ),
    };
    Some(format!("was signed with {key}, {why}"))
}

/// Returns a time in seconds since 1970 as RFC 3339 has it.
fn utc(seconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    let text = time.and_then(|time| time.format(&Rfc3339).ok());
    text.unwrap_or_else(|| format!("second {seconds}"))
}
