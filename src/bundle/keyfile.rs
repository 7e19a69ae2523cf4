//! Private key files: which are fit for use, and why another is not.
//!
//! Fit is a regular file that belongs to the user and that nobody else can read, in OpenSSH's format
//! (`PROTOCOL.key` of OpenSSH), with an Ed25519 key and a passphrase.

use super::BundleError;
use super::wire::{Wire, base64};
use ssh_key::{Algorithm, Cipher, PrivateKey};
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// An Ed25519 key with a long comment stays far below this.
const LARGEST: u64 = 64 * 1024;
/// What a file in OpenSSH's format begins with, inside its armour.
const MAGIC: &[u8] = b"openssh-key-v1\0";
/// The ciphers that the program is built with: those of OpenSSH but for 3des-cbc. Without this list another one would be
/// found out only when the passphrase is tried, and look like a wrong passphrase.
const CIPHERS: [Cipher; 9] = [
    Cipher::Aes128Cbc,
    Cipher::Aes192Cbc,
    Cipher::Aes256Cbc,
    Cipher::Aes128Ctr,
    Cipher::Aes192Ctr,
    Cipher::Aes256Ctr,
    Cipher::Aes128Gcm,
    Cipher::Aes256Gcm,
    Cipher::ChaCha20Poly1305,
];
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
    if !CIPHERS.contains(&key.cipher()) {
        return Err(cipher(path, key.cipher().as_str()));
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

fn cipher(path: &Path, cipher: &str) -> BundleError {
    BundleError::KeyCipher {
        path: path.to_owned(),
        cipher: cipher.to_owned(),
    }
}

/// Says by name what a file is that holds no key that we can use.
fn unfit(path: &Path, bytes: &[u8], source: ssh_key::Error) -> BundleError {
    let text = String::from_utf8_lossy(bytes);
    let first = text.lines().next().unwrap_or("").trim_end();
    let header = (first == BEGIN).then(|| KeyHeader::read(&text)).flatten();
    if let Some(name) = header.as_ref().and_then(KeyHeader::unknown_cipher) {
        return cipher(path, &name);
    }
    let known = match first {
        BEGIN => header.and_then(KeyHeader::other_type),
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

/// What a file in OpenSSH's format says before what is encrypted.
struct KeyHeader {
    cipher: String,
    /// The type of the key.
    kind: String,
}

impl KeyHeader {
    fn read(text: &str) -> Option<Self> {
        let body: String = text
            .lines()
            .skip(1)
            .take_while(|line| !line.starts_with('-'))
            .collect();
        let bytes = base64(&body)?;
        let mut wire = Wire::new(bytes.strip_prefix(MAGIC)?);
        let (cipher, _kdf, _options) = (wire.string()?, wire.string()?, wire.string()?);
        let _count = wire.u32()?;
        let public = wire.string()?;
        let name = Wire::new(public).string()?;
        let printed = |bytes: &[u8]| {
            let is_word = (1..=64).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
            let text = String::from_utf8(bytes.to_vec()).ok();
            text.filter(|_| is_word)
        };
        Some(Self {
            cipher: printed(cipher)?,
            kind: printed(name)?,
        })
    }

    /// Returns the cipher if it is none that a library of keys knows by name, such as those of old versions of OpenSSH.
    fn unknown_cipher(&self) -> Option<String> {
        Cipher::new(&self.cipher)
            .is_err()
            .then(|| self.cipher.clone())
    }

    /// Returns the key's type if it is another than Ed25519.
    fn other_type(self) -> Option<String> {
        (self.kind != Algorithm::Ed25519.as_str()).then_some(self.kind)
    }
}
