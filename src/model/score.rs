//! CVSS vectors and their scores.
//!
//! Owns the crate `cvss`. A vector is kept in the one form that the crate writes; what each metric means is named here
//! because the calculator on screen is for people.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A CVSS vector of version 3.1 or 4.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector {
    text: String,
    /// Tenths of a point.
    tenths: u32,
}

/// Says why a text is no vector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VectorError {
    /// Neither version is named.
    #[error("a CVSS vector begins with CVSS:3.1/ or CVSS:4.0/")]
    Version,
    /// A metric is missing, unknown, repeated or has a value it cannot have.
    #[error("the CVSS vector is not complete or not right: {why}")]
    Metric {
        /// What the reader said.
        why: String,
    },
}

impl Vector {
    /// Returns the version: `3.1` or `4.0`.
    pub fn version(&self) -> &str {
        &self.text[5..8]
    }
    /// Returns the vector as it is written.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Returns the score, 0.0 to 10.0.
    pub fn score(&self) -> f64 {
        f64::from(self.tenths) / 10.0
    }
    /// Returns the word for the score: none, low, medium, high, critical.
    pub fn rating(&self) -> &'static str {
        match self.tenths {
            0 => "none",
            1..=39 => "low",
            40..=69 => "medium",
            70..=89 => "high",
            _ => "critical",
        }
    }
}

impl FromStr for Vector {
    type Err = VectorError;
    fn from_str(text: &str) -> Result<Self, VectorError> {
        let text = text.trim();
        if !text.starts_with("CVSS:3.1/") && !text.starts_with("CVSS:4.0/") {
            return Err(VectorError::Version);
        }
        let read = cvss::Cvss::from_str(text).map_err(|error| VectorError::Metric {
            why: error.to_string(),
        })?;
        let written = read.to_string();
        let base = if text.starts_with("CVSS:3.1/") {
            BASE_31
        } else {
            BASE_40
        };
        // The crate takes a vector without a base metric; the standards do not.
        let is_there = |metric: &Metric| {
            let mut parts = written.split('/').skip(1);
            parts.any(|part| part.split(':').next() == Some(metric.sign))
        };
        if let Some(missing) = base.iter().find(|metric| !is_there(metric)) {
            let why = format!("{} ({}) is missing", missing.sign, missing.name);
            return Err(VectorError::Metric { why });
        }
        let tenths = (read.score() * 10.0).round() as u32;
        Ok(Self {
            text: written,
            tenths,
        })
    }
}

impl fmt::Display for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
impl Serialize for Vector {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.text)
    }
}
impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        let vector: Self = text.parse().map_err(serde::de::Error::custom)?;
        if vector.text == text {
            Ok(vector)
        } else {
            Err(serde::de::Error::custom(
                "a CVSS vector in another form than ours",
            ))
        }
    }
}

/// One metric of the base group: its sign, its name, and its values by sign and name.
pub struct Metric {
    /// As in the vector: `AV`.
    pub sign: &'static str,
    /// In words.
    pub name: &'static str,
    /// The worst first, as the standard lists them.
    pub values: &'static [(&'static str, &'static str)],
}

macro_rules! metrics {
    ($($sign:literal $name:literal $($value:literal $word:literal),+;)*) => {
        &[$(Metric { sign: $sign, name: $name, values: &[$(($value, $word)),+] }),*]
    };
}

/// The base metrics of CVSS 3.1, in the order of its specification (section 2).
pub const BASE_31: &[Metric] = metrics! {
    "AV" "attack vector" "N" "network", "A" "adjacent", "L" "local", "P" "physical";
    "AC" "attack complexity" "L" "low", "H" "high";
    "PR" "privileges required" "N" "none", "L" "low", "H" "high";
    "UI" "user interaction" "N" "none", "R" "required";
    "S" "scope" "U" "unchanged", "C" "changed";
    "C" "confidentiality" "H" "high", "L" "low", "N" "none";
    "I" "integrity" "H" "high", "L" "low", "N" "none";
    "A" "availability" "H" "high", "L" "low", "N" "none";
};

/// The base metrics of CVSS 4.0, in the order of its specification (section 2).
pub const BASE_40: &[Metric] = metrics! {
    "AV" "attack vector" "N" "network", "A" "adjacent", "L" "local", "P" "physical";
    "AC" "attack complexity" "L" "low", "H" "high";
    "AT" "attack requirements" "N" "none", "P" "present";
    "PR" "privileges required" "N" "none", "L" "low", "H" "high";
    "UI" "user interaction" "N" "none", "P" "passive", "A" "active";
    "VC" "confidentiality, vulnerable system" "H" "high", "L" "low", "N" "none";
    "VI" "integrity, vulnerable system" "H" "high", "L" "low", "N" "none";
    "VA" "availability, vulnerable system" "H" "high", "L" "low", "N" "none";
    "SC" "confidentiality, other systems" "H" "high", "L" "low", "N" "none";
    "SI" "integrity, other systems" "H" "high", "L" "low", "N" "none";
    "SA" "availability, other systems" "H" "high", "L" "low", "N" "none";
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_the_standards() {
        // Examples of the specifications and of FIRST's calculators.
        for (text, score, rating) in [
            (
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                9.8,
                "critical",
            ),
            (
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
                6.1,
                "medium",
            ),
            ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0.0, "none"),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
                10.0,
                "critical",
            ),
            (
                "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
                7.3,
                "high",
            ),
        ] {
            let vector: Vector = text.parse().unwrap();
            assert_eq!(
                (vector.text(), vector.score(), vector.rating()),
                (text, score, rating)
            );
            let json = serde_json::to_string(&vector).unwrap();
            assert_eq!(serde_json::from_str::<Vector>(&json).unwrap(), vector);
        }
    }

    #[test]
    fn what_is_no_vector_is_refused() {
        for bad in [
            "",
            "9.8",
            "CVSS:3.1",
            "CVSS:3.1/AV:N",
            "CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P",
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X",
            "CVSS:4.0/AV:N/AC:L",
        ] {
            assert!(bad.parse::<Vector>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_choice_of_the_calculator_is_a_vector() {
        for (version, metrics) in [("3.1", BASE_31), ("4.0", BASE_40)] {
            for shift in 0..4 {
                let parts = metrics.iter().map(|m| {
                    let (value, _) = m.values[shift % m.values.len()];
                    format!("/{}:{value}", m.sign)
                });
                let text = format!("CVSS:{version}{}", parts.collect::<String>());
                assert_eq!(text.parse::<Vector>().unwrap().text(), text);
            }
        }
    }
}
