//! Keys and signing: an Ed25519 key in a file with a passphrase, or one that an ssh-agent holds, which may be a
//! FIDO2 token's. The signature is OpenSSH's (SSHSIG) over SHA-512.

use super::agent::{Agent, Held};
use super::{BundleError, keyfile, signature};
use crate::memory::wipe_stack;
use sha2::{Digest as _, Sha256};
use ssh_key::public::KeyData;
use ssh_key::{HashAlg, LineEnding, PrivateKey, SshSig};
use std::path::{Path, PathBuf};

/// What a reviewer's signature is for.
pub const NAMESPACE: &str = "findings@glassroom";
/// What the signature of the person who releases is for.
pub const RELEASE_NAMESPACE: &str = "release@glassroom";
/// What the signature of the person who releases is for if the gate was run again before it: over every byte of the
/// bundle on its medium, against the snapshot. The namespace is part of what is signed, so that the statement cannot be
/// added later, and stock tools check it.
pub const GATED_RELEASE_NAMESPACE: &str = "release-gated@glassroom";

/// Where a signing key is, as `--key` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// A private key's file.
    File(PathBuf),
    /// `agent:SHA256:…`: held by an ssh-agent, named by its fingerprint.
    Agent(String),
}

impl KeySource {
    /// Reads what `--key` says.
    pub fn parse(text: &str) -> Result<Self, BundleError> {
        let Some(print) = text.strip_prefix("agent:") else {
            return Ok(Self::File(PathBuf::from(text)));
        };
        let digits = print.strip_prefix("SHA256:").unwrap_or_default();
        let is_digit = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
        // 32 bytes in base64 without padding.
        if digits.len() != 43 || !digits.bytes().all(is_digit) {
            return Err(BundleError::Fingerprint {
                given: print.to_owned(),
            });
        }
        Ok(Self::Agent(print.to_owned()))
    }

    /// Returns whether a passphrase is needed.
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::File(_))
    }
}

/// The public half of an Ed25519 key, which may be a FIDO2 token's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(KeyData);

impl PublicKey {
    pub(super) fn from_data(data: KeyData) -> Self {
        Self(data)
    }
    pub(super) fn data(&self) -> &KeyData {
        &self.0
    }
    /// Reads a line such as that of FILE.pub.
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        let text = std::fs::read_to_string(path).map_err(BundleError::io("read", path))?;
        let wrong = |source| BundleError::NotAKey {
            path: path.to_owned(),
            source,
        };
        let key = ssh_key::PublicKey::from_openssh(text.trim_end()).map_err(wrong)?;
        match key.key_data() {
            data @ (KeyData::Ed25519(_) | KeyData::SkEd25519(_)) => Ok(Self(data.clone())),
            other => Err(BundleError::KeyType {
                path: path.to_owned(),
                kind: other.algorithm().to_string(),
            }),
        }
    }
    /// Returns the public half of a private key file, without its passphrase.
    pub fn of_private(path: &Path) -> Result<Self, BundleError> {
        keyfile::read(path).map(|key| Self(key.public_key().key_data().clone()))
    }
    /// Returns the fingerprint as OpenSSH shows it: `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint(HashAlg::Sha256).to_string()
    }
    /// Returns whether the key is a FIDO2 token's.
    pub fn is_token(&self) -> bool {
        self.0.is_sk_ed25519()
    }
    /// Returns `ssh-ed25519 AAAA…`.
    pub fn line(&self) -> String {
        let key = ssh_key::PublicKey::from(self.0.clone());
        key.to_openssh()
            .expect("an Ed25519 key encodes")
            .trim_end()
            .to_owned()
    }
    /// Returns the line of `allowed_signers` that lets NAME sign and release bundles with this key.
    pub fn allowed_signers(&self, name: &str) -> String {
        format!(
            "{name} namespaces=\"{NAMESPACE},{RELEASE_NAMESPACE},{GATED_RELEASE_NAMESPACE}\" {}",
            self.line()
        )
    }
    pub(super) fn blob(&self) -> Vec<u8> {
        let key = ssh_key::PublicKey::from(self.0.clone());
        key.to_bytes().expect("an Ed25519 key encodes")
    }
}

/// Returns the fingerprint of a key as it stands on the wire, of whatever type.
pub(super) fn fingerprint(blob: &[u8]) -> String {
    ssh_key::Fingerprint::Sha256(Sha256::digest(blob).into()).to_string()
}

/// A key that can sign. The secret of a file's key is wiped from memory when this is dropped.
pub struct Signer(Kind);

enum Kind {
    File(Box<PrivateKey>),
    Agent(Box<Held>),
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.public().fingerprint())
    }
}

impl Signer {
    /// Opens a private key file with its passphrase.
    pub fn open(path: &Path, passphrase: &[u8]) -> Result<Self, BundleError> {
        let locked = keyfile::read(path)?;
        let key = locked.decrypt(passphrase);
        // Deriving the key leaves the passphrase in the hash function's block.
        wipe_stack();
        // A wrong passphrase gives other numbers than those that must be equal, or another authentication tag.
        let key = key.map_err(|source| match source {
            ssh_key::Error::Crypto => BundleError::Passphrase {
                path: path.to_owned(),
            },
            source => BundleError::NotAKey {
                path: path.to_owned(),
                source,
            },
        })?;
        Ok(Self(Kind::File(Box::new(key))))
    }

    /// Connects to an ssh-agent's socket and finds the key with that fingerprint.
    pub fn held(socket: &Path, fingerprint: &str) -> Result<Self, BundleError> {
        let held = Agent::connect(socket)?.key(fingerprint)?;
        Ok(Self(Kind::Agent(Box::new(held))))
    }

    /// Returns the public half.
    pub fn public(&self) -> PublicKey {
        match &self.0 {
            Kind::File(key) => PublicKey(key.public_key().key_data().clone()),
            Kind::Agent(held) => held.public().clone(),
        }
    }

    /// Returns the armoured signature of the bytes, as `ssh-keygen -Y sign` writes it. It is read again as strictly
    /// as the receiver will.
    pub fn sign(&self, namespace: &str, bytes: &[u8]) -> Result<String, BundleError> {
        let armoured = match &self.0 {
            Kind::File(key) => {
                let failed = |source| BundleError::Encode {
                    what: "signature",
                    source,
                };
                SshSig::sign(&**key, namespace, HashAlg::Sha512, bytes)
                    .and_then(|signature| signature.to_pem(LineEnding::LF))
                    .map_err(failed)?
            }
            Kind::Agent(held) => held.sign(namespace, bytes)?,
        };
        match signature::read(armoured.as_bytes(), namespace, bytes) {
            Ok(signed) if signed.key == self.public() => Ok(armoured),
            _ => Err(BundleError::BadSignature {
                fingerprint: self.public().fingerprint(),
            }),
        }
    }
}
