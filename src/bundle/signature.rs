//! Reading an OpenSSH signature strictly (SSHSIG, `PROTOCOL.sshsig` and `PROTOCOL.u2f` of OpenSSH).
//!
//! A signature has one encoding: of version 1, over SHA-512 or SHA-256, by an Ed25519 key or an Ed25519 key of a FIDO2
//! token. Around it the base64 may be in lines of any one length, and an empty line may follow the end: other programs
//! wrap otherwise than `ssh-keygen -Y sign`. Whatever else ssh-keygen passes over is refused, because the signature's file
//! is in no list of digests and could carry anything. Nothing is accepted here that ssh-keygen refuses.

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

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const END: &str = "\n-----END SSH SIGNATURE-----";
/// Length of a line as OpenSSH writes it.
const COLUMNS: usize = 70;

/// Returns an armoured signature with its base64 in lines as OpenSSH writes them; nothing if it is none. All lines but the
/// last must be of one length, and no more than one empty line may follow.
fn rewrap(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (body, rest) = text.strip_prefix(BEGIN)?.split_once(END)?;
    if !matches!(rest, "\n" | "\n\n") {
        return None;
    }
    let lines: Vec<&str> = body.split('\n').collect();
    let (last, whole) = lines.split_last()?;
    let width = lines[0].len();
    let is_even = whole.iter().all(|line| line.len() == width) && last.len() <= width;
    if !is_even || last.is_empty() || !body.is_ascii() {
        return None;
    }
    let digits: Vec<u8> = lines.concat().into_bytes();
    let lines = digits.chunks(COLUMNS).map(str::from_utf8);
    let lines: Vec<&str> = lines.collect::<Result<_, _>>().ok()?;
    Some(format!("{BEGIN}{}{END}\n", lines.join("\n")))
}

/// Reads the signature of a message for a purpose. The error is a clause whose subject is the file.
pub fn read(bytes: &[u8], namespace: &str, message: &[u8]) -> Result<Signed, &'static str> {
    if bytes.len() > LONGEST {
        return Err("is too long for a signature");
    }
    let wrapped = rewrap(bytes).ok_or("is no OpenSSH signature")?;
    let signature = SshSig::from_pem(&wrapped).map_err(|_| "is no OpenSSH signature")?;
    if signature.version() != SshSig::VERSION {
        return Err("is of a version other than 1");
    }
    let again = signature
        .to_pem(LineEnding::LF)
        .map_err(|_| "cannot be encoded again")?;
    if again != wrapped {
        return Err("is not encoded as OpenSSH encodes it");
    }
    if signature.namespace() != namespace {
        return Err("was made for another purpose");
    }
    if !matches!(signature.hash_alg(), HashAlg::Sha512 | HashAlg::Sha256) {
        return Err("is not over SHA-512 or SHA-256");
    }
    if !signature.reserved().is_empty() {
        return Err("holds something in a field that is reserved");
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
