//! What a file is or what its review says of it: conditions that are not about a text in it.

use super::Pattern;
use super::tree::quote;
use crate::model::{FileFlag, FileStatus, Severity};
use std::fmt;

/// One condition on a file that only the rest of the program can judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFact {
    /// `flag:`, what it is.
    Flag(FileFlag),
    /// `size:`, its bytes as they were delivered.
    Size(Sizes),
    /// `status:`, how far it is reviewed.
    Status(FileStatus),
    /// `note:`, a note, question or finding in it says that.
    Note(Pattern),
    /// `sev:`, a finding in it is that bad.
    Severity(Severity),
    /// `by:`, a note, question or finding in it is that reviewer's.
    Reviewer(String),
}

/// Sizes in bytes, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// The smallest.
    pub least: u64,
    /// The largest.
    pub most: u64,
}

/// What `size:` takes.
pub(super) const SIZES: &str =
    "a size or a range, as in >1m, <=64k, 100 or 4k..1m; k, m and g are powers of 1024";

impl Sizes {
    /// Returns whether the size is one of these.
    pub fn contains(self, size: u64) -> bool {
        (self.least..=self.most).contains(&size)
    }

    /// Reads `>N`, `>=N`, `<N`, `<=N`, `=N`, `N` or `N..M`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let all = Self {
            least: 0,
            most: u64::MAX,
        };
        if let Some((from, to)) = text.split_once("..") {
            let (least, most) = (bytes(from)?, bytes(to)?);
            return (least <= most).then_some(Self { least, most });
        }
        let digits = text.trim_start_matches(['<', '>', '=']);
        let size = bytes(digits)?;
        Some(match &text[..text.len() - digits.len()] {
            ">" => Self {
                least: size.checked_add(1)?,
                ..all
            },
            ">=" => Self { least: size, ..all },
            "<" => Self {
                most: size.checked_sub(1)?,
                ..all
            },
            "<=" => Self { most: size, ..all },
            "=" | "" => Self {
                least: size,
                most: size,
            },
            _ => return None,
        })
    }
}

fn bytes(text: &str) -> Option<u64> {
    let (digits, power) = match text.char_indices().last()? {
        (at, 'k' | 'K') => (&text[..at], 10),
        (at, 'm' | 'M') => (&text[..at], 20),
        (at, 'g' | 'G') => (&text[..at], 30),
        _ => (text, 0),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number: u64 = is_number.then(|| digits.parse().ok())??;
    number.checked_mul(1 << power)
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (least, u64::MAX) => write!(f, ">={least}"),
            (0, most) => write!(f, "<={most}"),
            (least, most) if least == most => write!(f, "={least}"),
            (least, most) => write!(f, "{least}..{most}"),
        }
    }
}

/// The form that is shown.
impl fmt::Display for FileFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::Size(sizes) => write!(f, "size {sizes}"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Note(pattern) => write!(f, "note {pattern}"),
            Self::Severity(severity) => write!(f, "severity {severity}"),
            Self::Reviewer(name) => write!(f, "reviewer {}", quote(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_their_printed_form() {
        for (text, want) in [
            (">1m", Some(">=1048577")),
            (">=1m", Some(">=1048576")),
            ("<1k", Some("<=1023")),
            ("<=2K", Some("<=2048")),
            ("100", Some("=100")),
            ("=0", Some("<=0")),
            ("4k..1m", Some("4096..1048576")),
            ("5..5", Some("=5")),
            ("<0", None),
            ("9..5", None),
            ("", None),
            (">", None),
            ("k", None),
            ("+5", None),
            ("=>5", None),
            ("1.5m", None),
            (">18446744073709551615", None),
            ("17179869184g", None),
        ] {
            let sizes = Sizes::parse(text);
            assert_eq!(sizes.map(|s| s.to_string()).as_deref(), want, "{text}");
            if let Some(sizes) = sizes {
                assert_eq!(Sizes::parse(&sizes.to_string()), Some(sizes), "{text}");
            }
        }
    }
}
