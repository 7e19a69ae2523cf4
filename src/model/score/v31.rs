//! Temporal and environmental scores of CVSS 3.1.
//!
//! The formulas, the values of the metrics and the rounding are those of FIRST's "Common Vulnerability Scoring System
//! v3.1: Specification Document", sections 7.2 to 7.4 and appendix A.

use super::Score;

/// The metrics of one vector, looked up by their signs.
struct MetricValues<'a>(&'a str);

impl<'a> MetricValues<'a> {
    /// Returns the value of a metric, if the vector defines it: `X` is "not defined".
    fn get(&self, sign: &str) -> Option<&'a str> {
        let mut parts = self.0.split('/');
        let value = parts.find_map(|part| part.strip_prefix(sign)?.strip_prefix(':'));
        value.filter(|value| *value != "X")
    }

    /// Returns the value of a modified base metric, which is that of the base metric where it is not defined.
    fn modified(&self, sign: &str) -> &'a str {
        let modified = self.get(&format!("M{sign}"));
        modified.or_else(|| self.get(sign)).unwrap_or_default()
    }
}

/// The metrics that make a vector's overall score an environmental one.
const ENVIRONMENTAL: [&str; 11] = [
    "CR", "IR", "AR", "MAV", "MAC", "MPR", "MUI", "MS", "MC", "MI", "MA",
];

/// Returns the score of a vector with optional metrics: the environmental score if it defines an environmental metric,
/// else the temporal score if it defines a temporal one. Returns nothing if it defines neither.
///
/// The two differ for a vector without environmental metrics too, because the environmental formula for a changed scope
/// has other constants; the specification applies it only where environmental metrics are given.
pub fn overall_score(vector: &str) -> Option<Score> {
    let values = MetricValues(vector);
    let is_defined = |sign: &&str| values.get(sign).is_some();
    if ENVIRONMENTAL.iter().any(is_defined) {
        Some(Score::from_points(environmental_score(&values)))
    } else if ["E", "RL", "RC"].iter().any(is_defined) {
        let base = round_up(base_points(&values));
        Some(Score::from_points(round_up(
            base * temporal_factor(&values),
        )))
    } else {
        None
    }
}

/// Returns the weight of confidentiality, integrity or availability.
fn impact_weight(value: &str) -> f64 {
    match value {
        "H" => 0.56,
        "L" => 0.22,
        _ => 0.0,
    }
}

/// Returns the weight of a security requirement.
fn requirement_weight(value: Option<&str>) -> f64 {
    match value {
        Some("H") => 1.5,
        Some("L") => 0.5,
        _ => 1.0,
    }
}

/// Returns the exploitability of the four metrics, given in the order of the specification.
fn exploitability(
    [vector, complexity, privileges, interaction]: [&str; 4],
    is_changed: bool,
) -> f64 {
    let vector = match vector {
        "N" => 0.85,
        "A" => 0.62,
        "L" => 0.55,
        _ => 0.2,
    };
    let complexity = if complexity == "L" { 0.77 } else { 0.44 };
    let privileges = match (privileges, is_changed) {
        ("N", _) => 0.85,
        ("L", false) => 0.62,
        ("L", true) => 0.68,
        (_, false) => 0.27,
        (_, true) => 0.5,
    };
    let interaction = if interaction == "N" { 0.85 } else { 0.62 };
    8.22 * vector * complexity * privileges * interaction
}

fn base_points(values: &MetricValues<'_>) -> f64 {
    let value = |sign| values.get(sign).unwrap_or_default();
    let is_changed = value("S") == "C";
    let kept: f64 = ["C", "I", "A"]
        .iter()
        .map(|sign| 1.0 - impact_weight(value(sign)))
        .product();
    let part = 1.0 - kept;
    let impact = if is_changed {
        7.52 * (part - 0.029) - 3.25 * (part - 0.02).powi(15)
    } else {
        6.42 * part
    };
    let exploit = exploitability(["AV", "AC", "PR", "UI"].map(value), is_changed);
    combine(impact, exploit, is_changed)
}

/// Returns impact and exploitability together, before rounding.
fn combine(impact: f64, exploit: f64, is_changed: bool) -> f64 {
    if impact <= 0.0 {
        0.0
    } else if is_changed {
        (1.08 * (impact + exploit)).min(10.0)
    } else {
        (impact + exploit).min(10.0)
    }
}

fn environmental_score(values: &MetricValues<'_>) -> f64 {
    let is_changed = values.modified("S") == "C";
    let kept: f64 = [("C", "CR"), ("I", "IR"), ("A", "AR")]
        .iter()
        .map(|(sign, requirement)| {
            let weight = impact_weight(values.modified(sign));
            1.0 - requirement_weight(values.get(requirement)) * weight
        })
        .product();
    let part = (1.0 - kept).min(0.915);
    let impact = if is_changed {
        7.52 * (part - 0.029) - 3.25 * (part * 0.9731 - 0.02).powi(13)
    } else {
        6.42 * part
    };
    let metrics = ["AV", "AC", "PR", "UI"].map(|sign| values.modified(sign));
    let combined = combine(impact, exploitability(metrics, is_changed), is_changed);
    round_up(round_up(combined) * temporal_factor(values))
}

fn temporal_factor(values: &MetricValues<'_>) -> f64 {
    let maturity = match values.get("E") {
        Some("F") => 0.97,
        Some("P") => 0.94,
        Some("U") => 0.91,
        _ => 1.0,
    };
    let remediation = match values.get("RL") {
        Some("W") => 0.97,
        Some("T") => 0.96,
        Some("O") => 0.95,
        _ => 1.0,
    };
    let confidence = match values.get("RC") {
        Some("R") => 0.96,
        Some("U") => 0.92,
        _ => 1.0,
    };
    maturity * remediation * confidence
}

/// Rounds up to one decimal as appendix A says: over whole numbers, so that no machine's fractions decide.
fn round_up(points: f64) -> f64 {
    let scaled = (points * 100_000.0).round() as i64;
    if scaled % 10_000 == 0 {
        scaled as f64 / 100_000.0
    } else {
        (scaled / 10_000 + 1) as f64 / 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Vector;

    #[test]
    fn scores_are_those_of_the_published_formula() {
        // Computed with the calculator of the Python package `cvss` 3.6, which is another implementation of the document.
        for (optional, overall) in VECTORS {
            let vector: Vector = format!("CVSS:3.1/{optional}").parse().unwrap();
            assert_eq!(vector.overall().to_string(), *overall, "{optional}");
        }
    }

    #[test]
    fn the_base_score_by_the_same_formula_is_that_of_the_crate() {
        // Every base vector: the shared parts of the formula are right.
        let metrics = crate::model::BASE_31;
        let count: usize = metrics.iter().map(|metric| metric.values.len()).product();
        for mut nth in 0..count {
            let mut text = "CVSS:3.1".to_owned();
            for metric in metrics {
                let (value, _) = metric.values[nth % metric.values.len()];
                nth /= metric.values.len();
                for part in ["/", metric.sign, ":", value] {
                    text.push_str(part);
                }
            }
            let vector: Vector = text.parse().unwrap();
            let base = Score::from_points(round_up(base_points(&MetricValues(&text))));
            assert_eq!(base, vector.base(), "{text}");
            assert_eq!(overall_score(&text), None, "{text}");
        }
    }

    #[rustfmt::skip]
    const VECTORS: &[(&str, &str)] = &[
        ("AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:H/A:N/E:U/RL:O/RC:C/MAV:P", "5.3"),
        ("AV:N/AC:H/PR:N/UI:R/S:U/C:N/I:H/A:H/RL:O", "6.5"),
        ("AV:A/AC:L/PR:H/UI:N/S:U/C:H/I:N/A:N/CR:L/IR:L/MAV:L/MAC:H/MUI:R/MS:C/MC:X/MI:X", "2.8"),
        ("AV:A/AC:H/PR:N/UI:N/S:U/C:L/I:H/A:H/CR:M/MAV:N/MPR:X/MUI:N/MS:X/MC:L/MI:X", "7.7"),
        ("AV:A/AC:L/PR:N/UI:R/S:U/C:N/I:L/A:L", "4.6"),
        ("AV:A/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:H/CR:M/IR:M/AR:H/MAC:H/MPR:X/MUI:X/MI:N/MA:H", "8.0"),
        ("AV:P/AC:L/PR:L/UI:R/S:C/C:L/I:H/A:H/E:H/RL:U/RC:C/IR:L/AR:L/MA:N", "4.0"),
        ("AV:L/AC:H/PR:L/UI:N/S:C/C:H/I:N/A:L", "6.4"),
        ("AV:A/AC:L/PR:H/UI:N/S:C/C:H/I:H/A:H/CR:M/IR:M/AR:L/MAC:L/MPR:L/MI:H", "9.0"),
        ("AV:P/AC:L/PR:L/UI:R/S:U/C:H/I:H/A:L/E:P/RC:C/IR:X/AR:X/MAC:L/MPR:H/MS:U/MC:L/MI:L/MA:H", "4.7"),
        ("AV:L/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:L", "2.9"),
        ("AV:N/AC:H/PR:H/UI:R/S:C/C:N/I:L/A:N/IR:H/MAV:A/MAC:L/MS:X/MC:X/MA:L", "5.0"),
        ("AV:A/AC:H/PR:L/UI:N/S:U/C:L/I:L/A:H/RL:O/CR:L/IR:X/AR:H/MAV:A/MAC:X/MS:C", "7.6"),
        ("AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:H/A:H/RC:C", "5.6"),
        ("AV:P/AC:H/PR:N/UI:R/S:C/C:H/I:N/A:L/IR:H/AR:M/MAV:A/MUI:R/MS:U/MC:N/MI:L", "4.3"),
        ("AV:N/AC:L/PR:H/UI:N/S:C/C:H/I:H/A:H/RL:T/CR:M/IR:M/AR:X/MAV:A/MUI:X/MS:C/MC:H/MI:H/MA:L", "8.0"),
        ("AV:A/AC:H/PR:L/UI:R/S:C/C:N/I:N/A:L/RC:U", "2.4"),
        ("AV:P/AC:L/PR:L/UI:R/S:U/C:H/I:L/A:N/CR:M/AR:L/MAV:N/MUI:R/MS:X/MI:N/MA:N", "5.7"),
        ("AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H/RC:X/CR:M/IR:X/AR:L/MAV:L/MAC:L/MPR:X/MS:U/MC:H/MI:H/MA:N", "7.1"),
        ("AV:L/AC:H/PR:L/UI:N/S:C/C:N/I:H/A:N/E:U/RC:X", "5.1"),
        ("AV:L/AC:L/PR:L/UI:N/S:C/C:L/I:H/A:L/CR:X/IR:X/AR:H/MS:C/MI:L/MA:N", "5.2"),
        ("AV:P/AC:L/PR:H/UI:R/S:C/C:N/I:N/A:N/E:U/RL:U/AR:M/MAC:L/MPR:X/MUI:N/MC:L", "2.1"),
        ("AV:N/AC:L/PR:L/UI:R/S:U/C:L/I:N/A:N/E:F/RL:T/RC:U", "3.0"),
        ("AV:N/AC:H/PR:L/UI:N/S:C/C:L/I:L/A:H/CR:X/IR:X/AR:X/MAC:H/MPR:N/MUI:X/MS:U/MA:X", "7.0"),
        ("AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:L/A:L/RC:U/IR:X/MI:X", "5.3"),
        ("AV:L/AC:L/PR:H/UI:N/S:U/C:H/I:L/A:H/E:H", "6.3"),
        ("AV:P/AC:H/PR:N/UI:R/S:C/C:L/I:N/A:L/AR:L/MAV:A/MAC:H/MPR:N/MUI:R/MI:L/MA:X", "4.8"),
        ("AV:L/AC:H/PR:L/UI:R/S:C/C:N/I:N/A:L/E:X/RL:U/RC:R/IR:M/AR:M/MAC:H/MPR:L/MI:L", "3.8"),
        ("AV:L/AC:H/PR:H/UI:N/S:U/C:L/I:N/A:L/E:P/RC:R", "2.8"),
        ("AV:P/AC:L/PR:H/UI:R/S:U/C:N/I:N/A:H/IR:X/MAV:N/MAC:H/MUI:X/MS:X/MI:N", "4.2"),
        ("AV:N/AC:H/PR:H/UI:R/S:C/C:N/I:H/A:N/RL:W/RC:U/IR:M/MAV:P/MAC:X/MPR:L/MUI:R/MC:X", "4.2"),
        ("AV:P/AC:L/PR:L/UI:N/S:C/C:H/I:L/A:H/E:P/RL:T/RC:U", "6.1"),
        ("AV:L/AC:H/PR:N/UI:N/S:C/C:H/I:H/A:N/IR:X/AR:H/MAV:L/MUI:X/MS:C/MC:L/MI:L", "4.5"),
        ("AV:L/AC:H/PR:N/UI:R/S:C/C:L/I:H/A:L/E:P/RL:O/CR:X/MAC:H/MUI:X/MI:H/MA:L", "6.2"),
        ("AV:P/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:H/RC:X", "5.9"),
        ("AV:P/AC:H/PR:N/UI:R/S:C/C:N/I:L/A:L/CR:H/IR:H/MPR:L/MI:X/MA:L", "4.0"),
        ("AV:N/AC:H/PR:L/UI:N/S:C/C:N/I:N/A:L/RL:U/RC:R/CR:L/AR:L/MAV:N/MPR:H/MUI:X/MI:N/MA:H", "3.4"),
    ];
}
