//! Checking a bundle that somebody brings.
//!
//! Stricter than the stock tools: every file must be listed, be a regular file of bounded size and have its
//! digest; the signature must be the one encoding of itself; ledgers must be chains that end where
//! `bundle.json` says; the documents must agree with each other. Sizes are looked at before anything is read.

use super::BundleError;
use super::manifest::{self, DOCUMENTS, RELEASE, SIGNATURE, SUMS};
use super::schema::{self, Findings, Statement};
use super::sign::{NAMESPACE, PublicKey, RELEASE_NAMESPACE};
use super::signers::Signers;
use crate::model::{Anchor, Chain, Digest, Link, RepoPath, Span};
use serde::Serialize;
use ssh_key::{Algorithm, HashAlg, LineEnding, SshSig};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The largest file that is read.
const LARGEST_FILE: u64 = 64 << 20;
/// The largest bundle that is read.
const LARGEST_BUNDLE: u64 = 256 << 20;
/// The most files that are looked at.
const MOST_FILES: usize = 1_000;

/// One thing wrong with a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, or an empty text for the whole bundle.
    pub file: String,
    /// One clause.
    pub what: String,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Whether nothing is wrong.
    pub valid: bool,
    /// Fingerprint of the key whose signature is right and allowed, even if something else is wrong.
    pub signer: Option<String>,
    /// Who released it, as `allowed_signers` lists the key; nothing if nobody did.
    pub releaser: Option<String>,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
    /// The places of the findings, each with its finding's number: to be compared with a snapshot. The path
    /// is empty where the policy let none leave whole.
    pub locations: Vec<(String, Anchor)>,
    /// The bundle's own statement, if it could be read.
    pub statement: Option<Statement>,
}

type Files = BTreeMap<String, Vec<u8>>;

#[derive(Default)]
struct Check {
    found: Verified,
}

/// Checks the bundle at `folder` as one that `name` signed; `now` is in seconds since 1970.
///
/// What is wrong with the bundle is in [`Verified::problems`]; an error means that it could not be read.
pub fn verify(
    folder: &Path,
    signers: &Signers,
    name: &str,
    now: i64,
) -> Result<Verified, BundleError> {
    let mut check = Check::default();
    let files = check.read(folder)?;
    let sums = check.manifest(&files);
    check.signature(&files, &Claim { signers, name, now });
    check.documents(&files);
    check.listed(&files, &sums);
    let mut found = check.found;
    found.problems.dedup();
    found.valid = found.problems.is_empty() && found.signer.is_some();
    Ok(found)
}

struct Claim<'a> {
    signers: &'a Signers,
    name: &'a str,
    now: i64,
}

impl Check {
    fn wrong(&mut self, file: &str, what: impl Into<String>) {
        self.found.problems.push(Problem {
            file: file.to_owned(),
            what: what.into(),
        });
    }

    /// Reads every regular file with a proper name; names everything else.
    fn read(&mut self, folder: &Path) -> Result<Files, BundleError> {
        let about = fs::symlink_metadata(folder).map_err(BundleError::io("read", folder))?;
        if !about.is_dir() {
            return Err(BundleError::NotAFolder {
                path: folder.to_owned(),
            });
        }
        let mut files = Files::new();
        let mut total = 0;
        let list = fs::read_dir(folder).map_err(BundleError::io("read", folder))?;
        for (i, entry) in list.enumerate() {
            let entry = entry.map_err(BundleError::io("read", folder))?;
            if i >= MOST_FILES {
                self.wrong("", format!("there are more than {MOST_FILES} files"));
                break;
            }
            let path = entry.path();
            let shown = RepoPath::new(std::os::unix::ffi::OsStrExt::as_bytes(&*entry.file_name()))
                .to_string();
            let about = fs::symlink_metadata(&path).map_err(BundleError::io("read", &path))?;
            let name = entry
                .file_name()
                .into_string()
                .ok()
                .filter(|n| manifest::is_name(n));
            let Some(name) = name else {
                self.wrong(&shown, "is not listed: a bundle has no such names");
                continue;
            };
            if !about.is_file() {
                self.wrong(&name, "is no regular file");
                continue;
            }
            total += about.len();
            if about.len() > LARGEST_FILE || total > LARGEST_BUNDLE {
                self.wrong(&name, format!("is too large: {} bytes", about.len()));
                continue;
            }
            let bytes = read_file(&path).map_err(BundleError::io("read", &path))?;
            files.insert(name, bytes);
        }
        Ok(files)
    }

    fn manifest(&mut self, files: &Files) -> Vec<(String, Digest)> {
        let Some(bytes) = files.get(SUMS) else {
            self.wrong(SUMS, "is missing");
            return Vec::new();
        };
        match manifest::read(bytes) {
            Ok(sums) => sums,
            Err(line) => {
                self.wrong(
                    SUMS,
                    format!("line {line} is not as sha256sum writes it, sorted"),
                );
                Vec::new()
            }
        }
    }

    fn listed(&mut self, files: &Files, sums: &[(String, Digest)]) {
        for (name, digest) in sums {
            match files.get(name) {
                None => self.wrong(name, "is listed and missing"),
                Some(bytes) if Digest::of(bytes) != *digest => {
                    self.wrong(name, "was changed: its digest differs");
                }
                Some(_) => {}
            }
        }
        let unlisted = |name: &&String| {
            !matches!(name.as_str(), SUMS | SIGNATURE | RELEASE)
                && sums.iter().all(|(n, _)| n != *name)
        };
        let unlisted: Vec<_> = files.keys().filter(unlisted).cloned().collect();
        for name in unlisted {
            self.wrong(&name, "is not listed: it was added");
        }
        for name in DOCUMENTS {
            if sums.iter().all(|(n, _)| n != name) {
                self.wrong(name, "is not in the list");
            }
        }
    }

    fn signature(&mut self, files: &Files, claim: &Claim<'_>) {
        let Some(sums) = files.get(SUMS) else { return };
        let Some(bytes) = files.get(SIGNATURE) else {
            self.wrong(SIGNATURE, "is missing");
            return;
        };
        match signing_key(bytes, NAMESPACE, sums) {
            Ok(key) if claim.signers.allow(&key, claim.name, NAMESPACE, claim.now) => {
                self.found.signer = Some(key.fingerprint());
            }
            Ok(key) => {
                let what = format!(
                    "was signed with {}, which may not sign as {} now",
                    key.fingerprint(),
                    claim.name
                );
                self.wrong(SIGNATURE, what);
            }
            Err(what) => self.wrong(SIGNATURE, what),
        }
        let Some(bytes) = files.get(RELEASE) else {
            return;
        };
        match signing_key(bytes, RELEASE_NAMESPACE, sums) {
            Ok(key) => match claim
                .signers
                .names(&key, RELEASE_NAMESPACE, claim.now)
                .first()
            {
                Some(_) if self.found.signer == Some(key.fingerprint()) => {
                    self.wrong(RELEASE, "was made with the key of the first signature");
                }
                Some(name) => self.found.releaser = Some((*name).to_owned()),
                None => self.wrong(
                    RELEASE,
                    format!(
                        "was signed with {}, which may not release now",
                        key.fingerprint()
                    ),
                ),
            },
            Err(what) => self.wrong(RELEASE, what),
        }
    }

    fn documents(&mut self, files: &Files) {
        let statement: Option<Statement> = self.document(files, "bundle.json");
        let findings: Option<Findings> = self.document(files, "findings.json");
        let _: Option<schema::Coverage> = self.document(files, "coverage.json");
        let _: Option<schema::Sweeps> = self.document(files, "sweeps.json");
        if let Some(findings) = &findings {
            self.locations(findings);
        }
        let Some(statement) = statement else { return };
        if statement.kind != schema::STATEMENT || statement.predicate_type != schema::PREDICATE {
            self.wrong(
                "bundle.json",
                "is of a type that this program does not know",
            );
        }
        let predicate = &statement.predicate;
        if files
            .get("policy.toml")
            .is_some_and(|b| Digest::of(b) != predicate.policy)
        {
            self.wrong("policy.toml", "is not the policy that bundle.json names");
        }
        if let Some(findings) = &findings {
            let subject = [
                schema::GitDigest::Commit(findings.commit),
                schema::GitDigest::Tree(findings.tree),
            ];
            if !statement
                .subject
                .iter()
                .map(|s| &s.digest)
                .eq(subject.iter())
            {
                self.wrong(
                    "findings.json",
                    "is about another snapshot than bundle.json",
                );
            }
        }
        for ledger in &predicate.ledgers {
            match files.get(&ledger.file) {
                None => self.wrong(&ledger.file, "is named by bundle.json and missing"),
                Some(bytes) => self.ledger(ledger, bytes),
            }
        }
        let ledgers: Vec<_> = files
            .keys()
            .filter(|n| n.starts_with("ledger-"))
            .cloned()
            .collect();
        for name in ledgers {
            if predicate.ledgers.iter().all(|l| l.file != name) {
                self.wrong(&name, "is not named by bundle.json");
            }
        }
        self.found.statement = Some(statement);
    }

    fn document<T: serde::de::DeserializeOwned>(&mut self, files: &Files, name: &str) -> Option<T> {
        let document = serde_json::from_slice(files.get(name)?);
        if let Err(cause) = &document {
            self.wrong(name, format!("cannot be read: {cause}"));
        }
        document.ok()
    }

    fn locations(&mut self, findings: &Findings) {
        if findings.schema != schema::FINDINGS {
            self.wrong(
                "findings.json",
                "is of a version that this program does not know",
            );
        }
        let is_whole = findings.paths == crate::model::PathDetail::Full;
        for finding in &findings.findings {
            for place in &finding.locations {
                let Some(span) = Span::new(place.start_line, place.end_line) else {
                    self.wrong(
                        "findings.json",
                        format!("{} names lines that are none", finding.number),
                    );
                    continue;
                };
                let path = place.path.clone().filter(|_| is_whole).unwrap_or_default();
                let anchor = Anchor {
                    blob: place.blob,
                    path,
                    span,
                    symbol: place.symbol.clone(),
                    ordinal: place.ordinal,
                };
                self.found.locations.push((finding.number.clone(), anchor));
            }
        }
    }

    fn ledger(&mut self, record: &schema::LedgerRecord, bytes: &[u8]) {
        let file = &record.file;
        let (mut chain, mut withheld) = (Chain::default(), 0);
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let number = chain.seq + 1;
            let Some(line) = line.strip_suffix(b"\n") else {
                return self.wrong(file, format!("line {number} has no end"));
            };
            match chain.follow(line) {
                Ok(Link::Withheld(_)) => withheld += 1,
                Ok(Link::Entry(entry)) if entry.reviewer == record.reviewer => {}
                Ok(Link::Entry(_)) => {
                    return self.wrong(file, format!("line {number} is another reviewer's"));
                }
                Err(cause) => return self.wrong(file, format!("line {number}: {cause}")),
            }
        }
        if (chain.seq, chain.head, withheld) != (record.entries, record.head, record.withheld) {
            self.wrong(file, "does not end where bundle.json says");
        }
    }
}

fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path)?;
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the key whose signature over the message this is, if it is in every respect as we write it.
fn signing_key(bytes: &[u8], namespace: &str, message: &[u8]) -> Result<PublicKey, &'static str> {
    let signature = SshSig::from_pem(bytes).map_err(|_| "is no OpenSSH signature")?;
    if signature.version() != SshSig::VERSION {
        return Err("is of a version other than 1");
    }
    let again = signature
        .to_pem(LineEnding::LF)
        .map_err(|_| "cannot be encoded again")?;
    if again.as_bytes() != bytes {
        return Err("is not encoded as OpenSSH encodes it");
    }
    if signature.namespace() != namespace {
        return Err("was made for another purpose");
    }
    if signature.hash_alg() != HashAlg::Sha512 || !signature.reserved().is_empty() {
        return Err("is not over SHA-512");
    }
    let key = signature.public_key().clone();
    if key.algorithm() != Algorithm::Ed25519 || signature.algorithm() != Algorithm::Ed25519 {
        return Err("is not by an Ed25519 key");
    }
    ssh_key::PublicKey::from(key.clone())
        .verify(namespace, message, &signature)
        .map_err(|_| "does not fit SHA256SUMS: one of them was changed")?;
    Ok(PublicKey::from_data(key))
}
