//! Keys and OpenSSH signatures (SSHSIG, `PROTOCOL.sshsig` of OpenSSH).
//!
//! Only Ed25519, only SHA-512, only keys that have a passphrase and that others cannot read.

use super::BundleError;
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, SshSig};
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// What a reviewer's signature is for.
pub const NAMESPACE: &str = "findings@glassroom";
/// What the signature of the person who releases is for.
pub const RELEASE_NAMESPACE: &str = "release@glassroom";
/// An Ed25519 key with a long comment stays far below this.
const LARGEST_KEY: u64 = 64 * 1024;

/// The public half of an Ed25519 key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(KeyData);

impl PublicKey {
    pub(super) fn from_data(data: KeyData) -> Self {
        Self(data)
    }
    /// Reads a line such as that of FILE.pub.
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        let text = std::fs::read_to_string(path).map_err(BundleError::io("read", path))?;
        let wrong = |source| BundleError::NotAKey {
            path: path.to_owned(),
            source,
        };
        let key = ssh_key::PublicKey::from_openssh(text.trim_end()).map_err(wrong)?;
        ed25519(key.algorithm(), path)?;
        Ok(Self(key.key_data().clone()))
    }
    /// Returns the fingerprint as OpenSSH shows it: `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint(HashAlg::Sha256).to_string()
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
            "{name} namespaces=\"{NAMESPACE},{RELEASE_NAMESPACE}\" {}",
            self.line()
        )
    }
    pub(super) fn blob(&self) -> Vec<u8> {
        let key = ssh_key::PublicKey::from(self.0.clone());
        key.to_bytes().expect("an Ed25519 key encodes")
    }
}

/// An unlocked key. Its secret is wiped from memory when it is dropped.
pub struct Signer {
    key: PrivateKey,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.public().fingerprint())
    }
}

impl Signer {
    /// Opens a private key file with its passphrase.
    pub fn open(path: &Path, passphrase: &[u8]) -> Result<Self, BundleError> {
        let locked = locked(path)?;
        let key = locked
            .decrypt(passphrase)
            .map_err(|_| BundleError::Passphrase {
                path: path.to_owned(),
            })?;
        Ok(Self { key })
    }

    /// Returns the public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.key.public_key().key_data().clone())
    }

    /// Returns the armoured signature of the bytes, as `ssh-keygen -Y sign` writes it.
    pub fn sign(&self, namespace: &str, bytes: &[u8]) -> Result<String, BundleError> {
        let failed = |source| BundleError::Encode {
            what: "signature",
            source,
        };
        let signature =
            SshSig::sign(&self.key, namespace, HashAlg::Sha512, bytes).map_err(failed)?;
        signature.to_pem(LineEnding::LF).map_err(failed)
    }
}

impl PublicKey {
    /// Returns the public half of a private key file, without its passphrase.
    pub fn of_private(path: &Path) -> Result<Self, BundleError> {
        locked(path).map(|key| Self(key.public_key().key_data().clone()))
    }
}

/// Reads a private key file that is fit for use: private, encrypted, Ed25519.
fn locked(path: &Path) -> Result<PrivateKey, BundleError> {
    // A pipe in the place of the key must not hang the program.
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path)
        .map_err(BundleError::io("open", path))?;
    let about = file.metadata().map_err(BundleError::io("read", path))?;
    if !about.is_file() {
        let source = ssh_key::Error::FormatEncoding;
        return Err(BundleError::NotAKey {
            path: path.to_owned(),
            source,
        });
    }
    let mode = about.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(BundleError::OpenToOthers {
            path: path.to_owned(),
            mode,
        });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(
        about.len().min(LARGEST_KEY) as usize + 1,
    ));
    file.take(LARGEST_KEY)
        .read_to_end(&mut bytes)
        .map_err(BundleError::io("read", path))?;
    let wrong = |source| BundleError::NotAKey {
        path: path.to_owned(),
        source,
    };
    let key = PrivateKey::from_openssh(&bytes[..]).map_err(wrong)?;
    ed25519(key.algorithm(), path)?;
    if !key.is_encrypted() {
        return Err(BundleError::Unencrypted {
            path: path.to_owned(),
        });
    }
    Ok(key)
}

fn ed25519(found: Algorithm, path: &Path) -> Result<(), BundleError> {
    match found {
        Algorithm::Ed25519 => Ok(()),
        other => Err(BundleError::KeyType {
            path: path.to_owned(),
            kind: other.to_string(),
        }),
    }
}
