//! Typed object ids, so that a commit can never be passed where a blob is meant.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Says why a text is not an object id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an object id of 40 hexadecimal digits")]
pub struct IdError(pub String);

fn parse(text: &str) -> Result<[u8; 20], IdError> {
    let wrong = || IdError(text.chars().take(80).collect());
    if text.len() != 40 || !text.is_ascii() {
        return Err(wrong());
    }
    let mut bytes = [0; 20];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digit = |c: u8| (c as char).to_digit(16).filter(|_| !c.is_ascii_uppercase());
        let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else {
            return Err(wrong());
        };
        *byte = (high * 16 + low) as u8;
    }
    Ok(bytes)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 20]);

        impl $name {
            /// Wraps the 20 bytes of a SHA-1 object id.
            pub const fn new(bytes: [u8; 20]) -> Self {
                Self(bytes)
            }
            /// Returns the 20 bytes.
            pub const fn as_bytes(&self) -> &[u8; 20] {
                &self.0
            }
            /// Returns the first eight hexadecimal digits, the form shown on screen.
            pub fn short(&self) -> String {
                let mut hex = self.to_string();
                hex.truncate(8);
                hex
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// The id of a commit object.
    CommitId
);
id!(
    /// The id of a tree object.
    TreeId
);
id!(
    /// The id of a blob object: the content of a file, whatever its path.
    BlobId
);
id!(
    /// The id of a tag object.
    TagId
);
id!(
    /// The id of an object of any kind.
    ObjectId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trips_and_nothing_else_parses() {
        let hex = "990e4bac0123456789abcdef0123456789abcdef";
        let id: CommitId = hex.parse().unwrap();
        assert_eq!(id.to_string(), hex);
        assert_eq!(id.short(), "990e4bac");
        for bad in [
            "",
            "990e",
            &hex.to_uppercase(),
            &format!("{hex}0"),
            &hex.replace('9', "g"),
        ] {
            assert!(bad.parse::<CommitId>().is_err(), "{bad}");
        }
    }
}
