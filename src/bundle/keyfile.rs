//! Private key files: which are fit for use, and why another is not.
//!
//! Fit is a regular file that belongs to the user and that nobody else can read, in OpenSSH's format
//! (`PROTOCOL.key` of OpenSSH), with an Ed25519 key and a passphrase.

use super::BundleError;
use super::wire::{Wire, base64};
use ssh_key::{Algorithm, PrivateKey};
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// An Ed25519 key with a long comment stays far below this.
const LARGEST: u64 = 64 * 1024;
/// What a file in OpenSSH's format begins with, inside its armour.
const MAGIC: &[u8] = b"openssh-key-v1\0";
const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";

/// Reads a private key file that is fit for use. The key is still locked.
pub fn read(path: &Path) -> Result<PrivateKey, BundleError> {
    let bytes = secret(path)?;
    let key = match PrivateKey::from_openssh(&bytes[..]) {
        Ok(key) => key,
        Err(source) => return Err(unfit(path, &bytes, source)),
    };
    match key.algorithm() {
        Algorithm::Ed25519 => {}
        other => return Err(kind(path, other.as_str())),
    }
    if !key.is_encrypted() {
        return Err(BundleError::Unencrypted {
            path: path.to_owned(),
        });
    }
    Ok(key)
}

/// Reads the file, if it is one that only its owner, the user, can read.
fn secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, BundleError> {
    // A pipe in the place of the key must not hang the program.
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path)
        .map_err(BundleError::io("open", path))?;
    let about = file.metadata().map_err(BundleError::io("read", path))?;
    if !about.is_file() {
        return Err(no_file(path, "is no regular file"));
    }
    if about.len() > LARGEST {
        return Err(no_file(path, "is larger than any key"));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST as usize));
    file.take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(BundleError::io("read", path))?;
    // FILE.pub may be read by everybody, and is not what is wanted.
    if bytes.starts_with(b"ssh-") || bytes.starts_with(b"sk-ssh-") {
        return Err(BundleError::PublicHalf {
            path: path.to_owned(),
        });
    }
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Err(BundleError::NotYours {
            path: path.to_owned(),
            owner: about.uid(),
        });
    }
    let mode = about.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(BundleError::OpenToOthers {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(bytes)
}

fn no_file(path: &Path, what: &'static str) -> BundleError {
    BundleError::NotAFile {
        path: path.to_owned(),
        what,
    }
}

fn kind(path: &Path, kind: &str) -> BundleError {
    BundleError::KeyType {
        path: path.to_owned(),
        kind: kind.to_owned(),
    }
}

/// Says by name what a file is that holds no key that we can use.
fn unfit(path: &Path, bytes: &[u8], source: ssh_key::Error) -> BundleError {
    let text = String::from_utf8_lossy(bytes);
    let first = text.lines().next().unwrap_or("").trim_end();
    let known = match first {
        BEGIN => openssh_type(&text),
        "-----BEGIN RSA PRIVATE KEY-----" => Some("ssh-rsa, in PEM format".into()),
        "-----BEGIN DSA PRIVATE KEY-----" => Some("ssh-dss, in PEM format".into()),
        "-----BEGIN EC PRIVATE KEY-----" => Some("ecdsa, in PEM format".into()),
        "-----BEGIN PRIVATE KEY-----" | "-----BEGIN ENCRYPTED PRIVATE KEY-----" => {
            Some("PKCS #8".into())
        }
        _ if first.starts_with("PuTTY-User-Key-File") => Some("PuTTY".into()),
        _ => None,
    };
    match known {
        Some(known) => kind(path, &known),
        None => BundleError::NotAKey {
            path: path.to_owned(),
            source,
        },
    }
}

/// Returns the key's type as a file in OpenSSH's format names it, if it is another than Ed25519.
fn openssh_type(text: &str) -> Option<String> {
    let body: String = text
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('-'))
        .collect();
    let bytes = base64(&body)?;
    let mut wire = Wire::new(bytes.strip_prefix(MAGIC)?);
    let (_cipher, _kdf, _options) = (wire.string()?, wire.string()?, wire.string()?);
    let _count = wire.u32()?;
    let public = wire.string()?;
    let name = Wire::new(public).string()?;
    let name = std::str::from_utf8(name).ok()?;
    let is_other =
        name != Algorithm::Ed25519.as_str() && name.bytes().all(|b| b.is_ascii_graphic());
    is_other.then(|| name.to_owned())
}
