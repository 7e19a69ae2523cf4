//! Clauses of schemes that a finding stands against.
//!
//! A reference leaves in a bundle. In the forms of its scheme ([`Scheme::forms`]) it is a value of a closed grammar, and
//! too short to carry text; a clause of the product's own specification (`CLAIM`) is text, and the gate judges it. A
//! ledger of an older version may hold references in other forms: they are read, kept and judged like text.

use super::words::words;
use super::{OutgoingField, TextVisitor};
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

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
/// Made from text, it is in one of the forms of its scheme. Read from a ledger, it may be in any form, since older
/// versions wrote any letters and digits: see [`Self::is_closed`].
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

/// References of one finding at most: the broadest weakness breaks a clause in each of the seven schemes and one more,
/// and a list of clauses without end could carry a file in their numbers.
pub const MOST: usize = 8;

/// Numbers with dots between, at most seven levels of at most three digits: no scheme divides deeper.
macro_rules! dotted {
    () => {
        r"[0-9]{1,3}(?:\.[0-9]{1,3}){0,6}"
    };
}

/// The forms of a scheme: patterns of version and clause, which must match the whole, and an example.
struct Forms {
    version: &'static str,
    clause: &'static str,
    example: &'static str,
}

impl Scheme {
    /// Returns the forms of the scheme. The version, or the document, may always be left out.
    fn forms(self) -> Forms {
        match self {
            // TS and TR of 3GPP: series and number of the document. The annexes have a letter, and an inserted clause too.
            Self::Scas => Forms {
                version: r"[0-9]{2}\.[0-9]{3}",
                clause: concat!(r"(?:[A-Z]\.)?", dotted!(), "[a-z]?"),
                example: "3GPP-SCAS@33.117 4.2.3.2.1",
            },
            // The document FS.NN, or the version of the whole scheme; requirements of FS.16 are REQ-XXX-NN.
            Self::Nesas => Forms {
                version: r"FS\.[0-9]{2}(?:-v?[0-9]{1,2}\.[0-9]{1,2})?|v?[0-9]{1,2}\.[0-9]{1,2}",
                clause: concat!("REQ-[A-Z]{2,4}-[0-9]{1,2}|", dotted!()),
                example: "GSMA-NESAS@FS.16 REQ-DES-01",
            },
            // Chapter, section and requirement; with or without the V.
            Self::Asvs => Forms {
                version: r"[0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?",
                clause: r"[Vv]?[0-9]{1,2}(?:\.[0-9]{1,3}){0,2}",
                example: "OWASP-ASVS@4.0.3 V5.1.3",
            },
            // Components of parts 2 and 3 of the Common Criteria, their extended components, and assurance levels.
            Self::CommonCriteria => Forms {
                version: r"(?:CC:)?(?:[0-9]\.[0-9](?:R[0-9])?|20[0-9]{2}(?:R[0-9])?)",
                clause: r"(?:F(?:AU|CO|CS|DP|IA|MT|PR|PT|RU|TA|TP)|A(?:CE|CO|DV|GD|LC|PE|SE|TE|VA))_[A-Z]{3}(?:_EXT)?(?:\.[0-9]{1,2}(?:\.[0-9]{1,2}[CDE]?)?)?|EAL[1-7]\+?",
                example: "CC@3.1R5 FCS_COP.1.1",
            },
            // Kind and number of the document, its part and version; provisions are numbered behind a clause.
            Self::Etsi => Forms {
                version: r"(?:EN|TS|TR|ES|EG|GS|GR)?-?[0-9]{3}-?[0-9]{3}(?:-[0-9]{1,2})?(?:-?[Vv][0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2})?",
                clause: concat!(
                    "(?:Provision-?)?",
                    r"(?:[A-Z]\.)?",
                    dotted!(),
                    "(?:-[0-9]{1,2})?"
                ),
                example: "ETSI@EN303645 5.1-1",
            },
            // Number, part and year; controls of annexes have a letter, those of IEC 62443 a short kind.
            Self::Iso => Forms {
                version: r"(?:IEC-?)?[0-9]{3,5}(?:-[0-9]{1,2}){0,3}(?::(?:19|20)[0-9]{2})?",
                clause: concat!(
                    r"(?:[A-Z]\.|(?:CR|SR|FR|RE|EDR|HDR|NDR|SAR)-?)?",
                    dotted!(),
                    "|(?:SM|SR|SD|SI|SVV|DM|SUM|SG)-[0-9]{1,2}"
                ),
                example: "ISO@27001:2022 A.8.28",
            },
            Self::Claim => Forms {
                version: r"[A-Za-z0-9._-]{1,24}",
                clause: r"[A-Za-z0-9._-]{1,24}",
                example: "CLAIM SEC-12",
            },
        }
    }

    fn patterns(self) -> &'static [Regex; 2] {
        static ALL: LazyLock<Vec<(Scheme, [Regex; 2])>> = LazyLock::new(|| {
            let compile = |form: &str| {
                let whole = format!("^(?:{form})$");
                Regex::new(&whole).expect("a test compiles every form")
            };
            let of = |scheme: &Scheme| {
                let forms = scheme.forms();
                (*scheme, [compile(forms.version), compile(forms.clause)])
            };
            Scheme::ALL.iter().map(of).collect()
        });
        let all = ALL.iter().find(|(scheme, _)| *scheme == self);
        &all.expect("every scheme is in the table").1
    }
}

impl Reference {
    /// Returns whether version and clause are in the forms of the scheme.
    pub fn is_valid(&self) -> bool {
        let [version, clause] = self.scheme.patterns();
        (self.version.is_empty() || version.is_match(&self.version))
            && clause.is_match(&self.clause)
    }

    /// Returns whether nobody can have chosen its text freely: it is in the forms of a public scheme.
    pub fn is_closed(&self) -> bool {
        self.scheme != Scheme::Claim && self.is_valid()
    }
}

impl OutgoingField for Reference {
    fn visit_texts(&self, item: &str, field: &'static str, visitor: &mut dyn TextVisitor) {
        // Taken apart so that a new field is classed here too.
        let Self {
            scheme: _,
            version: _,
            clause: _,
        } = self;
        if !self.is_closed() {
            visitor.visit_name(item, field, &self.to_string());
        }
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
        let (head, clause) = text.trim().rsplit_once(' ').ok_or_else(|| {
            format!("`{text}` is no reference: write SCHEME@VERSION CLAUSE, such as OWASP-ASVS@4.0.3 V5.1.3")
        })?;
        let (scheme, version) = head.split_once('@').unwrap_or((head, ""));
        let scheme = scheme.trim();
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
            // `EN 303 645` is written with blanks on the document's cover.
            version: version.split_whitespace().collect(),
            clause: clause.to_owned(),
        };
        if reference.is_valid() {
            return Ok(reference);
        }
        let example = scheme.forms().example;
        Err(match scheme {
            Scheme::Claim => format!(
                "`{text}` is no reference to a claim: write at most 24 letters, digits, `.`, `-` and `_`, such as {example}"
            ),
            _ => format!("`{text}` is no clause of {scheme}: write it in the form of {example}"),
        })
    }
}

/// Reads references with commas between.
pub fn references(text: &str) -> Result<Vec<Reference>, String> {
    let parts = text.split([',', ';']).map(str::trim);
    let parts = parts.filter(|part| !part.is_empty());
    bounded(parts.map(str::parse).collect::<Result<_, _>>()?)
}

/// Returns the references of one finding, if they are not too many.
pub fn bounded(references: Vec<Reference>) -> Result<Vec<Reference>, String> {
    match references.len() {
        0..=MOST => Ok(references),
        count => Err(format!(
            "a finding has at most {MOST} references, not {count}: name the closest ones"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_they_are_written() {
        for (text, want) in [
            ("3GPP-SCAS@33.117 4.2.3.2.1", "3GPP-SCAS@33.117 4.2.3.2.1"),
            ("asvs@4.0.3 V5.1.3", "OWASP-ASVS@4.0.3 V5.1.3"),
            ("asvs 5.1.3", "OWASP-ASVS 5.1.3"),
            ("claim  SEC-12", "CLAIM SEC-12"),
            ("ETSI@EN 303 645 5.1-1", "ETSI@EN303645 5.1-1"),
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

    #[test]
    fn every_scheme_takes_its_own_clauses() {
        for scheme in Scheme::ALL {
            let read: Reference = scheme.forms().example.parse().unwrap();
            assert_eq!(read.scheme, *scheme);
            assert_eq!(read.is_closed(), *scheme != Scheme::Claim, "{read}");
        }
        for text in [
            "3GPP-SCAS@33.511 4.2.2.1.1",
            "3GPP-SCAS@33.537 A.2",
            "3GPP-SCAS@33.117 4.3.3.1.2a",
            "NESAS@FS.13 7.3",
            "NESAS@FS.15-v2.3 8",
            "NESAS@2.3 5.1",
            "ASVS@5.0.0 1.2.5",
            "ASVS@4.0 V13",
            "CC@CC:2022 FDP_ACC.1",
            "CC@2022R1 AVA_VAN.3.1E",
            "CC FCS_RBG_EXT.1",
            "CC EAL4+",
            "ETSI@EN-303-645 Provision-5.3-10",
            "ETSI@TS103701-V1.1.1 5.1.2",
            "ETSI@303645 5",
            "ISO@27001:2022 A.5.1",
            "ISO@27002 8.2.3",
            "ISO@15408-2:2022 7.3",
            "ISO@62443-4-2 CR3.4",
            "ISO@IEC-62443-4-1 SVV-3",
            "CLAIM@2.4 SRS_0815.a",
        ] {
            let read: Reference = text.parse().unwrap_or_else(|why| panic!("{why}"));
            assert!(read.is_closed() || read.scheme == Scheme::Claim, "{text}");
        }
    }

    #[test]
    fn no_scheme_takes_text() {
        // Base64 of a line, its hexadecimal digits, an identifier, and numbers without end.
        let pieces = [
            "aWYgKHRsdi0-bGVuZ3RoID4g",
            "6966202874",
            "ogs_tlv_calc_length",
            "strcpy",
            "1.2.3.4.5.6.7.8",
            "1234.1",
            "V1.2.3.4",
        ];
        for scheme in Scheme::ALL.iter().filter(|s| **s != Scheme::Claim) {
            for piece in pieces {
                for text in [format!("{scheme} {piece}"), format!("{scheme}@{piece} 1")] {
                    assert!(text.parse::<Reference>().is_err(), "{text}");
                }
            }
        }
        let long = "x".repeat(25);
        assert!(format!("CLAIM {long}").parse::<Reference>().is_err());
        assert!(
            format!("CLAIM {}", &long[1..]).parse::<Reference>().is_ok(),
            "control"
        );
        let many = |count: usize| vec!["asvs 5.1.3"; count].join(",");
        assert!(references(&many(MOST)).is_ok(), "control");
        let why = references(&many(MOST + 1)).unwrap_err();
        assert!(why.contains("at most 8") && why.contains('9'), "{why}");
    }

    #[test]
    fn what_an_older_version_wrote_is_read_and_not_closed() {
        let line = r#"{"scheme":"OWASP-ASVS","version":"next","clause":"5-1-3_b"}"#;
        let read: Reference = serde_json::from_str(line).unwrap();
        assert!(!read.is_valid() && !read.is_closed());
        assert_eq!(serde_json::to_string(&read).unwrap(), line);
    }
}
