//! CVSS vectors and their scores.
//!
//! Owns the crate `cvss`. A vector is kept in the one form that the crate writes; what each metric means is named here
//! because the calculator on screen is for people.
//!
//! A vector has two scores. The base score is that of the base metrics alone; the overall score takes the optional
//! metrics too. For CVSS 4.0 the crate gives both. For CVSS 3.1 it gives the base score whatever else the vector says, so
//! the temporal and environmental scores are computed in [`v31`].

mod v31;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A CVSS vector of version 3.1 or 4.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector {
    text: String,
    base: Score,
    overall: Score,
}

/// A CVSS score from 0.0 to 10.0, in tenths of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(u32);

impl Score {
    /// Returns the score of a number of tenths; above 100 counts as 100.
    pub fn from_tenths(tenths: u32) -> Self {
        Self(tenths.min(100))
    }

    /// Rounds to the nearest tenth what a formula has already rounded.
    fn from_points(points: f64) -> Self {
        Self::from_tenths((points * 10.0).round() as u32)
    }

    /// Returns the word for the score: none, low, medium, high, critical.
    pub fn rating(self) -> &'static str {
        match self.0 {
            0 => "none",
            1..=39 => "low",
            40..=69 => "medium",
            70..=89 => "high",
            _ => "critical",
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// A JSON number with one decimal.
impl Serialize for Score {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_f64(f64::from(self.0) / 10.0)
    }
}
impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let points = f64::deserialize(d)?;
        let score = Self::from_points(points.clamp(0.0, 10.0));
        // Exactly what serialising writes, so that no other number stands for the same score.
        if (f64::from(score.0) / 10.0).to_bits() == points.to_bits() {
            Ok(score)
        } else {
            Err(serde::de::Error::custom(
                "a CVSS score is a number from 0.0 to 10.0 with one decimal",
            ))
        }
    }
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
    /// Returns the score of the base metrics alone.
    pub fn base(&self) -> Score {
        self.base
    }
    /// Returns the score of every metric that the vector gives: the environmental score if it has environmental metrics,
    /// else the temporal or threat score if it has such metrics, else the base score.
    pub fn overall(&self) -> Score {
        self.overall
    }
    /// Returns whether the vector gives a metric that can move the score away from that of the base metrics.
    pub fn has_optional_metrics(&self) -> bool {
        let base = base_metrics(&self.text);
        let mut parts = self.text.split('/').skip(1);
        parts.any(|part| {
            let (sign, value) = part.split_once(':').unwrap_or((part, ""));
            // The supplemental metrics of CVSS 4.0 describe, and count in no score.
            let is_supplemental = matches!(sign, "S" | "AU" | "R" | "V" | "RE" | "U");
            let is_base = base.iter().any(|metric| metric.sign == sign);
            value != "X" && !is_base && !is_supplemental
        })
    }
    /// Returns the scores as a reader wants them: `base 9.3 critical, overall 5.3 medium`.
    pub fn scores(&self) -> ScoreWords {
        ScoreWords {
            base: self.base,
            overall: self.has_optional_metrics().then_some(self.overall),
        }
    }
}

/// The scores of a vector in words; without an overall score if the vector gives base metrics only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreWords {
    base: Score,
    overall: Option<Score>,
}

impl fmt::Display for ScoreWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "base {} {}", self.base, self.base.rating())?;
        match self.overall {
            Some(overall) => write!(f, ", overall {overall} {}", overall.rating()),
            None => Ok(()),
        }
    }
}

fn base_metrics(text: &str) -> &'static [Metric] {
    if text.starts_with("CVSS:3.1/") {
        BASE_31
    } else {
        BASE_40
    }
}

/// Returns the vector without its optional metrics.
fn base_part(text: &str, base: &[Metric]) -> String {
    let is_kept = |part: &&str| {
        let sign = part.split(':').next();
        part.starts_with("CVSS:") || base.iter().any(|metric| Some(metric.sign) == sign)
    };
    text.split('/')
        .filter(is_kept)
        .collect::<Vec<_>>()
        .join("/")
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
        let base = base_metrics(text);
        // The crate takes a vector without a base metric; the standards do not.
        let is_there = |metric: &Metric| {
            let mut parts = written.split('/').skip(1);
            parts.any(|part| part.split(':').next() == Some(metric.sign))
        };
        if let Some(missing) = base.iter().find(|metric| !is_there(metric)) {
            let why = format!("{} ({}) is missing", missing.sign, missing.name);
            return Err(VectorError::Metric { why });
        }
        let (base, overall) = if text.starts_with("CVSS:3.1/") {
            let base = Score::from_points(read.score());
            (base, v31::overall_score(&written).unwrap_or(base))
        } else {
            let plain = cvss::Cvss::from_str(&base_part(&written, base));
            let plain = plain.map_err(|error| VectorError::Metric {
                why: error.to_string(),
            })?;
            let [base, overall] = [plain.score(), read.score()].map(Score::from_points);
            (base, overall)
        };
        Ok(Self {
            text: written,
            base,
            overall,
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
                (
                    vector.text(),
                    vector.base().to_string(),
                    vector.base().rating()
                ),
                (text, format!("{score:.1}"), rating)
            );
            assert_eq!(vector.overall(), vector.base());
            assert!(!vector.has_optional_metrics());
            let json = serde_json::to_string(&vector).unwrap();
            assert_eq!(serde_json::from_str::<Vector>(&json).unwrap(), vector);
        }
    }

    #[test]
    fn optional_metrics_move_the_overall_score_and_not_the_base_score() {
        for (text, words) in [
            (
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:H/A:N/E:U/RL:O/RC:C/MAV:P",
                "base 9.3 critical, overall 5.3 medium",
            ),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U",
                "base 9.3 critical, overall 8.1 high",
            ),
            // Not defined, and what describes only: no overall score of its own.
            (
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:X/MAV:X",
                "base 9.8 critical",
            ),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/AU:Y/R:I",
                "base 9.3 critical",
            ),
        ] {
            let vector: Vector = text.parse().unwrap();
            assert_eq!(vector.scores().to_string(), words, "{text}");
        }
    }

    #[test]
    fn a_score_is_a_number_with_one_decimal() {
        for tenths in 0..=100 {
            let score = Score::from_tenths(tenths);
            let json = serde_json::to_string(&score).unwrap();
            assert_eq!(json, score.to_string());
            assert_eq!(serde_json::from_str::<Score>(&json).unwrap(), score);
        }
        for bad in ["9.85", "-1.0", "10.1", "\"9.8\""] {
            assert!(serde_json::from_str::<Score>(bad).is_err(), "{bad}");
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
