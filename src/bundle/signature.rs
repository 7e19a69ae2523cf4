//! Reading an OpenSSH signature strictly (SSHSIG, `PROTOCOL.sshsig` and `PROTOCOL.u2f` of OpenSSH).
//!
//! A signature has one encoding: the file must be byte for byte what `ssh-keygen -Y sign` writes, of version 1,
//! over SHA-512, by an Ed25519 key or an Ed25519 key of a FIDO2 token. Libraries differ in what else they read;
//! nothing is accepted here that ssh-keygen refuses.

use super::sign::PublicKey;
use ssh_key::{Algorithm, HashAlg, LineEnding, SshSig};

/// The longest signature that is looked at: a token's has less than 500 bytes.
const LONGEST: usize = 4096;
/// Length of an Ed25519 signature; behind it a token's has one byte of flags and four of its counter.
const ED25519: usize = 64;
/// The token saw somebody touch it.
const TOUCHED: u8 = 0x01;
/// The token knew who touched it, by PIN or finger.
const VERIFIED: u8 = 0x04;

/// A signature that fits what it signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The key that made it.
    pub key: PublicKey,
    /// What the FIDO2 token that holds the key says of the moment; nothing for a key that is no token's.
    pub presence: Option<Presence>,
}

/// What a FIDO2 token says of the moment in which it signed. `ssh-keygen -Y verify` does not show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Somebody touched the token.
    pub touched: bool,
    /// The token verified who it was, by PIN or finger.
    pub verified: bool,
    /// How many signatures the token has made; some tokens do not count.
    pub counter: u32,
}

impl Presence {
    fn of(signature: &[u8]) -> Option<Self> {
        let [flags, counter @ ..] = signature.get(ED25519..)? else {
            return None;
        };
        Some(Self {
            touched: flags & TOUCHED != 0,
            verified: flags & VERIFIED != 0,
            counter: u32::from_be_bytes(counter.try_into().ok()?),
        })
    }
}

impl std::fmt::Display for Presence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let said = |yes, what: &'static str, not: &'static str| if yes { what } else { not };
        write!(
            f,
            "FIDO2 token, {}, {}, counter {}",
            said(self.touched, "touched", "NOT touched"),
            said(self.verified, "PIN or finger checked", "no PIN or finger"),
            self.counter
        )
    }
}

/// Reads the signature of a message for a purpose. The error is a clause whose subject is the file.
pub fn read(bytes: &[u8], namespace: &str, message: &[u8]) -> Result<Signed, &'static str> {
    if bytes.len() > LONGEST {
        return Err("is too long for a signature");
    }
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
    let is_ours = matches!(
        (key.algorithm(), signature.algorithm()),
        (Algorithm::Ed25519, Algorithm::Ed25519) | (Algorithm::SkEd25519, Algorithm::SkEd25519)
    );
    if !is_ours {
        return Err("is not by an Ed25519 key");
    }
    ssh_key::PublicKey::from(key.clone())
        .verify(namespace, message, &signature)
        .map_err(|_| "does not fit SHA256SUMS: one of them was changed")?;
    Ok(Signed {
        presence: Presence::of(signature.signature_bytes()),
        key: PublicKey::from_data(key),
    })
}
