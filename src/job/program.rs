//! What program this is.

use sha2::{Digest, Sha256};
use std::io;

/// Its version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Returns the SHA-256 of the running program's file, in hexadecimal digits.
pub fn digest() -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut std::fs::File::open("/proc/self/exe")?, &mut hasher)?;
    Ok(hasher
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect())
}
