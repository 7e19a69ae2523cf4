//! Which key signs, and what it takes to use it: a passphrase for a file, a touch for a token in an ssh-agent.

use super::output::remark;
use super::passphrase::Passphrase;
use super::{Failure, room};
use crate::bundle::{BundleError, KeySource, PublicKey, Signer};
use clap::Args;
use std::path::PathBuf;

/// What it takes to use a key.
#[derive(Args, Clone, Debug)]
pub(super) struct Unlock {
    #[command(flatten)]
    passphrase: Passphrase,
    /// The socket of the ssh-agent; default: that of `SSH_AUTH_SOCK`.
    #[arg(long, value_name = "SOCKET")]
    agent: Option<PathBuf>,
}

/// A key that is there and fit for use.
pub(super) enum Key {
    /// In a file, still locked.
    Locked(PathBuf),
    /// In an agent.
    Held(Signer),
}

impl Unlock {
    /// Finds the key, before any work is done. Fails at once if it cannot be used, or nobody could be asked.
    pub(super) fn find(&self, key: &str) -> Result<Key, Failure> {
        match KeySource::parse(key)? {
            KeySource::File(path) => {
                PublicKey::of_private(&path)?;
                self.passphrase.check()?;
                Ok(Key::Locked(path))
            }
            KeySource::Agent(fingerprint) => {
                let agent = match &self.agent {
                    Some(socket) => Some(socket.clone()),
                    None => room()?.environment.agent,
                };
                let agent = agent.ok_or(BundleError::NoSocket)?;
                Ok(Key::Held(Signer::held(&agent, &fingerprint)?))
            }
        }
    }

    /// Makes the key ready to sign: asks for its passphrase, or for a touch.
    pub(super) fn signer(&self, key: Key) -> Result<Signer, Failure> {
        match key {
            Key::Locked(path) => {
                let passphrase = self.passphrase.read(&path.display().to_string())?;
                Ok(Signer::open(&path, passphrase.as_bytes())?)
            }
            Key::Held(signer) => {
                if signer.public().is_token() {
                    remark("touch the token when it blinks");
                }
                Ok(signer)
            }
        }
    }
}
