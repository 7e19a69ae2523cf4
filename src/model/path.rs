//! A path inside a snapshot.

use crate::text::{self, Decoded, FlagKind};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A path inside a snapshot: raw bytes as the tree holds them, relative, parts joined by `/`.
///
/// It is never joined to a path on disk: a hostile tree may hold `..` or an absolute name, and both are
/// kept and shown as they are. Its text form ([`fmt::Display`], [`FromStr`], serde) is percent-encoded if it
/// is not UTF-8 or holds a control, bidirectional or zero-width character or `%`, and is then pure and
/// reversible; otherwise it is the path itself. Of a name that is not UTF-8 every byte above 0x7f is encoded, so that
/// none of its letters is mistaken for another one.
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
    /// What is behind `%blob=` is no beginning of an id.
    #[error("`{digits}` is no beginning of a blob's id: write 4 to 40 hexadecimal digits")]
    BadBlob {
        /// What is there instead.
        digits: String,
    },
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
    /// Returns the path as its writer read it, if it is not UTF-8: the encoding is guessed.
    pub fn decoded(&self) -> Option<Decoded> {
        match std::str::from_utf8(&self.0) {
            Ok(_) => None,
            Err(_) => Some(text::decode_name(&self.0)),
        }
    }
    /// Returns the text in which a pattern that a person typed is looked for.
    pub fn searched(&self) -> Cow<'_, str> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(text::decode_name(&self.0).text),
        }
    }
    /// Returns the path as it is shown to a person: if it is not UTF-8, the encoding and how it reads in it stand before its
    /// text form.
    pub fn label(&self) -> String {
        match self.decoded() {
            Some(read) => format!(
                "[{}] {} = {self}",
                read.names(),
                text::printable(&read.text)
            ),
            None => self.to_string(),
        }
    }
}

/// Returns whether a character must not stand bare in a text form: it would hide, reorder or control.
fn is_unsafe(c: char) -> bool {
    let hides = matches!(text::hidden(c), Some(FlagKind::Bidi | FlagKind::Zerowidth));
    hides || c.is_control() || matches!(c, '%' | '\u{2028}' | '\u{2029}' | '\u{fffd}')
}

fn write_name(
    f: &mut fmt::Formatter<'_>,
    name: std::str::Chars<'_>,
    is_encoded: fn(char) -> bool,
) -> fmt::Result {
    for c in name {
        if is_encoded(c) {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                write!(f, "%{byte:02X}")?;
            }
        } else {
            write!(f, "{c}")?;
        }
    }
    Ok(())
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Ok(text) = std::str::from_utf8(&self.0)
            && !text.chars().any(is_unsafe)
        {
            return f.write_str(text);
        }
        for (nth, name) in self.0.split(|b| *b == b'/').enumerate() {
            if nth > 0 {
                f.write_str("/")?;
            }
            match std::str::from_utf8(name) {
                Ok(name) => write_name(f, name.chars(), is_unsafe)?,
                // What is UTF-8 in it is so by chance.
                Err(_) => {
                    for byte in name {
                        let c = char::from(*byte);
                        if byte.is_ascii() && !is_unsafe(c) {
                            write!(f, "{c}")?;
                        } else {
                            write!(f, "%{byte:02X}")?;
                        }
                    }
                }
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
    fn a_name_in_another_encoding_is_read_and_its_exact_form_stays() {
        let path = RepoPath::new(b"\xc9\xe8\xbc\xc6/\xbf\xda\xc1\xee.c".as_slice());
        assert_eq!(path.to_string(), "%C9%E8%BC%C6/%BF%DA%C1%EE.c");
        assert_eq!(
            path.label(),
            "[GBK] 设计/口令.c = %C9%E8%BC%C6/%BF%DA%C1%EE.c"
        );
        assert_eq!(path.searched(), "设计/口令.c");
        // One name of a path is not UTF-8, the other one is.
        let path = RepoPath::new([&b"Gr\xf6\xdfe/"[..], "größer.c".as_bytes()].concat());
        assert_eq!(path.to_string(), "Gr%F6%DFe/größer.c");
        assert_eq!(path.searched(), "Größe/größer.c");
        assert!(path.label().contains("windows-1252"), "{}", path.label());
        let path = RepoPath::new("设计/口令.c");
        assert_eq!(
            (path.label(), path.decoded()),
            ("设计/口令.c".to_owned(), None)
        );
        // Nothing that hides gets into a label by the way of another encoding.
        let path = RepoPath::new(b"a\x1b[2J\xe4.c".as_slice());
        assert!(!path.label().contains('\x1b'), "{}", path.label());
    }

    #[test]
    fn every_character_that_hides_is_encoded() {
        for c in [
            '\u{34f}',
            '\u{115f}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{13430}',
            '\u{2066}',
            '\u{85}',
        ] {
            let path = RepoPath::new(format!("a{c}b"));
            assert!(path.to_string().is_ascii(), "{path}");
        }
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
