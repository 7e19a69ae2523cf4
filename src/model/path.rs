//! A path inside a snapshot.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A path inside a snapshot: raw bytes as the tree holds them, relative, parts joined by `/`.
///
/// It is never joined to a path on disk: a hostile tree may hold `..` or an absolute name, and both are
/// kept and shown as they are. Its text form ([`fmt::Display`], [`FromStr`], serde) is percent-encoded if it
/// is not UTF-8 or holds a control, bidirectional or zero-width character or `%`, and is then pure and
/// reversible; otherwise it is the path itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RepoPath(Vec<u8>);

/// Says why a text is not a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A `%` is not followed by two hexadecimal digits; the column is 1-based, in characters.
    #[error("`%` at column {column} is not followed by two hexadecimal digits")]
    BadEscape {
        /// 1-based, in characters.
        column: usize,
    },
    /// The text is empty.
    #[error("the path is empty")]
    Empty,
}

impl RepoPath {
    /// Wraps raw bytes of a tree's names joined by `/`.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }
    /// Returns the raw bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
    /// Returns the last part.
    pub fn name(&self) -> &[u8] {
        self.0.rsplit(|b| *b == b'/').next().unwrap_or(&[])
    }
    /// Returns the parts before the last one, without a slash at the end; empty at the top.
    pub fn folder(&self) -> &[u8] {
        match self.0.iter().rposition(|b| *b == b'/') {
            Some(at) => &self.0[..at],
            None => &[],
        }
    }
    /// Returns the bytes behind the last dot of the name, or nothing.
    pub fn extension(&self) -> Option<&[u8]> {
        let name = self.name();
        let dot = name.iter().rposition(|b| *b == b'.')?;
        (dot > 0).then(|| &name[dot + 1..])
    }
    /// Returns its last two parts: how it leaves under the policy `paths = "last-two"`.
    #[must_use]
    pub fn last_two(&self) -> Self {
        let slashes: Vec<usize> = memchr::memchr_iter(b'/', &self.0).collect();
        let from = slashes.len().checked_sub(2).map_or(0, |i| slashes[i] + 1);
        Self::new(&self.0[from..])
    }
    /// Returns the text with invalid bytes replaced, for matching by a pattern a person typed.
    pub fn lossy(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

/// Returns whether a character must not stand bare in a text form: it would hide, reorder or control.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '%' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fffd}'
        )
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Ok(text) = std::str::from_utf8(&self.0)
            && !text.chars().any(is_unsafe)
        {
            return f.write_str(text);
        }
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                if is_unsafe(c) {
                    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                        write!(f, "%{byte:02X}")?;
                    }
                } else {
                    write!(f, "{c}")?;
                }
            }
            for byte in chunk.invalid() {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RepoPath({self})")
    }
}

impl FromStr for RepoPath {
    type Err = PathError;
    fn from_str(text: &str) -> Result<Self, PathError> {
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        let bytes = text.as_bytes();
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b'%' {
                let digit = |i: usize| bytes.get(i).and_then(|b| (*b as char).to_digit(16));
                let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else {
                    let column = text[..at].chars().count() + 1;
                    return Err(PathError::BadEscape { column });
                };
                out.push((high * 16 + low) as u8);
                at += 3;
            } else {
                out.push(bytes[at]);
                at += 1;
            }
        }
        Ok(Self(out))
    }
}

impl Serialize for RepoPath {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RepoPath {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_paths_stay_plain_and_odd_ones_are_encoded() {
        assert_eq!(RepoPath::new("src/größe.c").to_string(), "src/größe.c");
        assert_eq!(RepoPath::new("a%b").to_string(), "a%25b");
        assert_eq!(RepoPath::new(b"x\xff\n".as_slice()).to_string(), "x%FF%0A");
        assert_eq!(RepoPath::new("a\u{202e}b").to_string(), "a%E2%80%AEb");
        assert_eq!(
            "a%2".parse::<RepoPath>(),
            Err(PathError::BadEscape { column: 2 })
        );
    }

    #[test]
    fn parts() {
        let path = RepoPath::new("a/b/c.tar.gz");
        assert_eq!(path.name(), b"c.tar.gz");
        assert_eq!(path.folder(), b"a/b");
        assert_eq!(path.extension(), Some(b"gz".as_slice()));
        assert_eq!(RepoPath::new(".gitignore").extension(), None);
    }

    proptest! {
        #[test]
        fn text_form_is_reversible(bytes in proptest::collection::vec(any::<u8>(), 1..40)) {
            let path = RepoPath::new(bytes);
            prop_assert_eq!(path.to_string().parse::<RepoPath>().unwrap(), path);
        }
    }
}
