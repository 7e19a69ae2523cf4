//! Clauses of schemes that a finding stands against.

use super::words::words;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

words! {
    /// A scheme of requirements.
    Scheme {
        /// 3GPP Security Assurance Specifications, such as TS 33.117.
        Scas = "3GPP-SCAS",
        /// GSMA NESAS, FS.13 to FS.16.
        Nesas = "GSMA-NESAS",
        /// OWASP Application Security Verification Standard.
        Asvs = "OWASP-ASVS",
        /// Common Criteria, ISO/IEC 15408.
        CommonCriteria = "CC",
        /// ETSI, such as EN 303 645.
        Etsi = "ETSI",
        /// ISO/IEC standards.
        Iso = "ISO",
        /// The product's own specification or claim.
        Claim = "CLAIM",
    }
}

/// A clause of a scheme: `3GPP-SCAS@33.117 4.2.3.2.1`, `OWASP-ASVS@4.0.3 V5.1.3`, `CLAIM SEC-12`.
///
/// Version and clause are made of letters, digits, `.`, `-` and `_`: no text can leave in them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Which scheme.
    pub scheme: Scheme,
    /// Its version, or the number of the document; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The clause.
    pub clause: String,
}

/// Longest version or clause.
const LONGEST: usize = 32;

impl Reference {
    /// Returns whether version and clause are written with the characters they may have.
    pub fn is_plain(&self) -> bool {
        let is_plain = |text: &str| {
            text.len() <= LONGEST
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        };
        is_plain(&self.version) && is_plain(&self.clause) && !self.clause.is_empty()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.scheme)?;
        if !self.version.is_empty() {
            write!(f, "@{}", self.version)?;
        }
        write!(f, " {}", self.clause)
    }
}

impl FromStr for Reference {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no reference: write SCHEME@VERSION CLAUSE, such as OWASP-ASVS@4.0.3 V5.1.3"
            )
        };
        let (scheme, clause) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let (scheme, version) = scheme.split_once('@').unwrap_or((scheme, ""));
        let known = Scheme::ALL.iter().find(|s| {
            let word = s.word();
            word.eq_ignore_ascii_case(scheme)
                || word
                    .rsplit('-')
                    .next()
                    .is_some_and(|short| short.eq_ignore_ascii_case(scheme))
        });
        let scheme = *known.ok_or_else(|| {
            let all: Vec<_> = Scheme::ALL.iter().map(|s| s.word()).collect();
            format!("`{scheme}` is no scheme: write one of {}", all.join(", "))
        })?;
        let reference = Self {
            scheme,
            version: version.to_owned(),
            clause: clause.trim().to_owned(),
        };
        if reference.is_plain() {
            Ok(reference)
        } else {
            Err(wrong())
        }
    }
}

/// Reads references with commas between.
pub fn references(text: &str) -> Result<Vec<Reference>, String> {
    let parts = text.split([',', ';']).map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(str::parse)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_they_are_written() {
        for (text, want) in [
            ("3GPP-SCAS@33.117 4.2.3.2.1", "3GPP-SCAS@33.117 4.2.3.2.1"),
            ("asvs@4.0.3 V5.1.3", "OWASP-ASVS@4.0.3 V5.1.3"),
            ("claim  SEC-12", "CLAIM SEC-12"),
        ] {
            let read: Reference = text.parse().unwrap();
            assert_eq!(read.to_string(), want);
            assert_eq!(want.parse::<Reference>().unwrap(), read);
        }
        assert_eq!(references("scas@33.117 4.2, claim A;").unwrap().len(), 2);
        for bad in [
            "",
            "ASVS",
            "NIST 800-53",
            "ASVS strcpy(buf, in)",
            "CLAIM a b",
            "CLAIM é",
        ] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }
}
