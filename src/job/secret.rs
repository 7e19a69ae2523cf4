//! A secret on its way from the screen to a job.

use crate::memory::SecretBuffer;
use serde::{Deserialize, Serialize};

/// A text that is wiped when it is dropped and never shown.
#[derive(Default)]
pub struct Secret(SecretBuffer);

impl Secret {
    /// Takes a text out of the field in which it was typed; nothing is copied.
    pub fn new(text: SecretBuffer) -> Self {
        Self(text)
    }
    /// Returns the text.
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }
}

impl Clone for Secret {
    fn clone(&self) -> Self {
        let mut copy = SecretBuffer::new();
        copy.push_str(self.expose());
        Self(copy)
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = zeroize::Zeroizing::new(String::deserialize(d)?);
        let mut secret = SecretBuffer::new();
        if secret.push_str(&text) {
            Ok(Self(secret))
        } else {
            Err(serde::de::Error::custom("the passphrase is too long"))
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}
