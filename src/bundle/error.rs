//! What can go wrong with keys and bundles.

use crate::text::quoted;
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
    /// There is something else than a file in the key's place.
    #[error("the key {} {what}", path.display())]
    NotAFile {
        /// As given.
        path: PathBuf,
        /// A clause: `is no regular file`, …
        what: &'static str,
    },
    /// The file is the half that is no secret.
    #[error("{} is a public key: it cannot sign", path.display())]
    PublicHalf {
        /// The file.
        path: PathBuf,
    },
    /// The key's file belongs to somebody else.
    #[error("the key {} belongs to another user (number {owner})", path.display())]
    NotYours {
        /// The file.
        path: PathBuf,
        /// The owner's number.
        owner: u32,
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
    /// The key is encrypted with a cipher that the program is not built with.
    #[error("the key {} is encrypted with {cipher}, which this program does not decrypt", path.display())]
    KeyCipher {
        /// The file.
        path: PathBuf,
        /// The cipher by the name that OpenSSH gives it.
        cipher: String,
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
    /// No agent can be asked: none is named.
    #[error("no ssh-agent is named")]
    NoSocket,
    /// What stands behind `agent:` is no fingerprint.
    #[error("`{given}` is no fingerprint")]
    Fingerprint {
        /// As given.
        given: String,
    },
    /// The agent cannot be reached, or went away.
    #[error("cannot talk to the ssh-agent at {}", path.display())]
    NoAgent {
        /// Its socket.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The agent does not answer.
    #[error("the ssh-agent at {} did not answer within {seconds} s", path.display())]
    AgentSilent {
        /// Its socket.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The agent's answer cannot be understood.
    #[error("the ssh-agent at {} sent {what} that cannot be read", path.display())]
    AgentNonsense {
        /// Its socket.
        path: PathBuf,
        /// What should have been there.
        what: &'static str,
    },
    /// The agent does not hold the key.
    #[error("the ssh-agent at {} has {held} keys, and none is {fingerprint}", path.display())]
    NotHeld {
        /// Its socket.
        path: PathBuf,
        /// The key that was asked for.
        fingerprint: String,
        /// How many it has.
        held: usize,
    },
    /// The agent does not sign.
    #[error("the ssh-agent at {} refused to sign with {fingerprint}", path.display())]
    AgentRefused {
        /// Its socket.
        path: PathBuf,
        /// The key.
        fingerprint: String,
    },
    /// A signature that was just made is not right.
    #[error("the signature that was made with {fingerprint} is not valid")]
    BadSignature {
        /// The key.
        fingerprint: String,
    },
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
            Self::OpenToOthers { path, .. } => format!("run chmod 600 {}", quoted(path)),
            Self::NotYours { path, .. } => {
                format!(
                    "take a copy of your own: install -m 600 {} FILE",
                    quoted(path)
                )
            }
            Self::Unencrypted { path } => {
                format!("set a passphrase: ssh-keygen -p -f {}", quoted(path))
            }
            Self::PublicHalf { .. } => {
                "name the private key's file, or agent:FINGERPRINT if an ssh-agent holds it".into()
            }
            Self::KeyType { kind, .. } if kind.starts_with("sk-ssh-ed25519") => {
                "add it to an ssh-agent (ssh-add FILE), then name it with --key agent:FINGERPRINT"
                    .into()
            }
            Self::NotAKey { .. } | Self::NotAFile { .. } | Self::KeyType { .. } => {
                "use an Ed25519 key with a passphrase: glassroom key new --out FILE".into()
            }
            Self::KeyCipher { path, .. } => format!(
                "encrypt it with another: ssh-keygen -p -Z aes256-ctr -f {}",
                quoted(path)
            ),
            Self::Passphrase { .. } => "type it again; upper and lower case differ".into(),
            Self::NoPassphrase => "give one that is not empty".into(),
            Self::NotAFolder { .. } => {
                "name the bundle's folder, the one with SHA256SUMS in it".into()
            }
            Self::NoSocket => "set SSH_AUTH_SOCK, or add --agent SOCKET".into(),
            Self::Fingerprint { .. } => {
                "write agent:SHA256:…, the fingerprint as ssh-add -l shows it".into()
            }
            Self::NoAgent { .. } => {
                "check that it runs: ssh-add -l; name its socket with --agent SOCKET".into()
            }
            Self::NotHeld { .. } => {
                "ssh-add -l lists its keys; add one with ssh-add FILE, unlock it with ssh-add -X"
                    .into()
            }
            Self::AgentSilent { .. } | Self::AgentRefused { .. } => {
                "touch the token when it blinks, answer the agent's question, then try again".into()
            }
            Self::AgentNonsense { .. } | Self::BadSignature { .. } => {
                "use another agent, or a key in a file".into()
            }
            Self::Io { .. } => "check the path, its rights and that its medium is mounted".into(),
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
