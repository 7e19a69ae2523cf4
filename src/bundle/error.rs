//! What can go wrong with keys and bundles.

use std::io;
use std::path::{Path, PathBuf};

/// Says why a key or a bundle could not be used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The operating system refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// A verb: `open`, `read`, …
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The file is not an OpenSSH private key.
    #[error("{} is no OpenSSH private key", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: ssh_key::Error,
    },
    /// Others can read the key.
    #[error("the key {} can be read by others (mode {mode:o})", path.display())]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key has no passphrase.
    #[error("the key {} has no passphrase", path.display())]
    Unencrypted {
        /// The file.
        path: PathBuf,
    },
    /// The key is of a type that is not accepted.
    #[error("the key {} is of type {kind}", path.display())]
    KeyType {
        /// The file.
        path: PathBuf,
        /// Its type.
        kind: String,
    },
    /// The passphrase does not open the key.
    #[error("the passphrase does not open {}", path.display())]
    Passphrase {
        /// The file.
        path: PathBuf,
    },
    /// A new key was given no passphrase.
    #[error("a key needs a passphrase")]
    NoPassphrase,
    /// The key or the signature could not be encoded.
    #[error("cannot make the {what}")]
    Encode {
        /// `key` or `signature`.
        what: &'static str,
        /// The cause.
        #[source]
        source: ssh_key::Error,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random {
        /// The cause.
        #[source]
        source: getrandom::Error,
    },
    /// The folder is no bundle.
    #[error("{} is no folder", path.display())]
    NotAFolder {
        /// As given.
        path: PathBuf,
    },
}

impl BundleError {
    /// Returns the next step, if there is one.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::OpenToOthers { path, .. } => format!("run chmod 600 {}", path.display()),
            Self::Unencrypted { path } => {
                format!("set a passphrase: ssh-keygen -p -f {}", path.display())
            }
            Self::NotAKey { .. } | Self::KeyType { .. } => {
                "use an Ed25519 key with a passphrase: glassroom key new --out FILE".to_owned()
            }
            Self::Passphrase { .. } => "type it again; upper and lower case differ".to_owned(),
            Self::NoPassphrase => "give one that is not empty".to_owned(),
            Self::NotAFolder { .. } => {
                "name the bundle's folder, the one with SHA256SUMS in it".to_owned()
            }
            Self::Io { .. } => {
                "check the path, its rights and that its medium is mounted".to_owned()
            }
            Self::Encode { .. } | Self::Random { .. } => return None,
        })
    }

    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }
}
