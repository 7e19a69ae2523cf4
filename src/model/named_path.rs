//! A path as a person names it, with the blob that is meant where a hostile tree has several entries of one name.

use super::{BlobId, PathError, RepoPath};
use std::fmt;
use std::str::FromStr;

/// What separates path and blob. No text form of a path holds it: behind `%` come two hexadecimal digits there.
const MARK: &str = "%blob=";
/// Fewest digits of a blob's id.
const FEWEST: usize = 4;

/// The first digits of a blob's id, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobPrefix(String);

impl BlobPrefix {
    /// Returns whether the id begins so.
    pub fn matches(&self, blob: &BlobId) -> bool {
        blob.to_string().starts_with(&self.0)
    }
}

impl fmt::Display for BlobPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A path, and the beginning of the blob's id if the path alone does not say which entry is meant: `a.c` or
/// `a.c%blob=1f5a6cbc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPath {
    /// Decoded from its percent-encoded form.
    pub path: RepoPath,
    /// Which of several entries with this path.
    pub blob: Option<BlobPrefix>,
}

impl NamedPath {
    /// Names one of several entries with the same path.
    pub fn with_blob(path: RepoPath, blob: &BlobId) -> Self {
        let blob = Some(BlobPrefix(blob.short()));
        Self { path, blob }
    }
}

impl From<RepoPath> for NamedPath {
    fn from(path: RepoPath) -> Self {
        Self { path, blob: None }
    }
}

impl fmt::Display for NamedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)?;
        match &self.blob {
            Some(blob) => write!(f, "{MARK}{blob}"),
            None => Ok(()),
        }
    }
}

impl FromStr for NamedPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let Some((path, digits)) = text.rsplit_once(MARK) else {
            return Ok(text.parse::<RepoPath>()?.into());
        };
        let digits = digits.to_ascii_lowercase();
        let is_prefix =
            (FEWEST..=40).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_prefix {
            return Err(PathError::BadBlob {
                digits: digits.chars().take(48).collect(),
            });
        }
        Ok(Self {
            path: path.parse()?,
            blob: Some(BlobPrefix(digits)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_may_follow_the_path_and_no_path_is_taken_for_one() {
        let named: NamedPath = "a%25b.c%blob=1F5a".parse().unwrap();
        assert_eq!(named.path, RepoPath::new("a%b.c"));
        assert_eq!(named.to_string(), "a%25b.c%blob=1f5a");
        let blob = |digits: &str| format!("{digits}{}", "0".repeat(40 - digits.len()));
        let prefix = named.blob.unwrap();
        assert!(prefix.matches(&blob("1f5a").parse().unwrap()));
        assert!(!prefix.matches(&blob("1f5b").parse().unwrap()));
        for bad in ["a%blob=", "a%blob=12x4", "a%blob=123", "%blob=1234"] {
            assert!(bad.parse::<NamedPath>().is_err(), "{bad}");
        }
        // A file that is really called so.
        let odd = NamedPath::from(RepoPath::new("a%blob=1234"));
        assert_eq!(odd.to_string(), "a%25blob=1234");
        assert_eq!(odd.to_string().parse(), Ok(odd));
    }
}
