//! Making a key, and reading its fingerprint aloud.

use super::BundleError;
use super::sign::PublicKey;
use crate::memory::wipe_stack;
use sha2::{Digest as _, Sha256};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{Cipher, Kdf, LineEnding, PrivateKey};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Rounds of bcrypt on writing; OpenSSH's default of 16 dates from 2014.
const ROUNDS: u32 = 32;

/// A new key, not yet on disk.
pub struct KeyPair {
    private: Zeroizing<String>,
    public: PublicKey,
}

impl KeyPair {
    /// Makes an Ed25519 key that is encrypted with the passphrase.
    pub fn generate(passphrase: &[u8]) -> Result<Self, BundleError> {
        if passphrase.is_empty() {
            return Err(BundleError::NoPassphrase);
        }
        let mut seed = Zeroizing::new([0; 32]);
        let mut salt = vec![0; 16];
        let mut check = [0; 4];
        for bytes in [&mut seed[..], &mut salt[..], &mut check[..]] {
            getrandom::fill(bytes).map_err(|source| BundleError::Random { source })?;
        }
        let encode = |source| BundleError::Encode {
            what: "key",
            source,
        };
        let pair = KeypairData::from(Ed25519Keypair::from_seed(&seed));
        let key = PrivateKey::new(pair, "").map_err(encode)?;
        let kdf = Kdf::Bcrypt {
            salt,
            rounds: ROUNDS,
        };
        let locked = key
            .encrypt_with(
                Cipher::Aes256Ctr,
                kdf,
                u32::from_ne_bytes(check),
                passphrase,
            )
            .map_err(encode);
        wipe_stack();
        let locked = locked?;
        let private = locked.to_openssh(LineEnding::LF).map_err(encode)?;
        let public = PublicKey::from_data(key.public_key().key_data().clone());
        Ok(Self { private, public })
    }

    /// Returns the public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Writes FILE (mode 0600) and FILE.pub, neither of which may exist, and makes both durable.
    pub fn write(&self, path: &Path) -> Result<(), BundleError> {
        let mut public = path.as_os_str().to_owned();
        public.push(".pub");
        let public = PathBuf::from(public);
        create(path, 0o600, self.private.as_bytes())?;
        let line = format!("{}\n", self.public.line());
        create(&public, 0o644, line.as_bytes()).inspect_err(|_| {
            // A key whose public half could not be written is of no use: FILE is ours, made a moment ago.
            let _ = std::fs::remove_file(path);
        })
    }
}

fn create(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), BundleError> {
    let mut file: File = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(BundleError::io("create", path))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(BundleError::io("write", path))
}

const ONSETS: [&str; 16] = [
    "b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z",
];
const RIMES: [&str; 16] = [
    "ala", "aro", "ami", "anu", "ela", "ero", "emi", "enu", "ila", "iro", "imi", "inu", "ola",
    "oro", "omi", "onu",
];

/// Returns a digest as words for paper: its first ten bytes, each as one of 256 words of four letters.
///
/// The high half of a byte picks the first consonant, the low half the rest: `00` is `bala`, `ff` is
/// `zonu`. Ten words are 80 bits: enough to compare a key by eye, not a replacement for the fingerprint.
pub fn words(digest: &[u8]) -> String {
    let word = |b: &u8| {
        format!(
            "{}{}",
            ONSETS[usize::from(b >> 4)],
            RIMES[usize::from(b & 15)]
        )
    };
    digest
        .iter()
        .take(10)
        .map(word)
        .collect::<Vec<_>>()
        .join(" ")
}

impl PublicKey {
    /// Returns the words for the sign-in sheet, see [`words`]: of the SHA-256 that the fingerprint shows.
    pub fn words(&self) -> String {
        words(&Sha256::digest(self.blob()))
    }
}
