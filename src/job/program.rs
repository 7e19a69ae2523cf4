//! What program this is.

use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::io;

/// Its version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Returns the SHA-256 of the running program's file, in hexadecimal digits.
pub fn digest() -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut std::fs::File::open("/proc/self/exe")?, &mut hasher)?;
    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        write!(text, "{byte:02x}").map_err(io::Error::other)?;
    }
    Ok(text)
}
