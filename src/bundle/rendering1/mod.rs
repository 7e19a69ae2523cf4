//! The documents for people and tools as the first rendering wrote them, byte for byte.
//!
//! `verify` compares the documents of a bundle with what its ledgers render to. Bundles that state `rendering` 1 are compared
//! with this; otherwise whoever signs a bundle could state 1 and write anything. New bundles are never rendered so, and
//! nothing here changes any more. What differs from the present rendering: SARIF in one run with all locations of a finding,
//! one score of a CVSS vector, folders counted over the files touched, and how texts are marked up.

mod markup;
mod readme;
mod report;
mod report_html;
mod sarif;

use super::render::BundleInput;
use super::schema::Coverage;
use crate::model::{Anchor, Score, Span, Typed, Vector};

/// The value of `rendering` in `bundle.json`.
pub const NUMBER: u32 = 1;

/// A document's bytes and the texts in it that a person typed.
type Rendered = (Vec<u8>, Vec<Typed>);

/// Renders the documents that differ from those of the present rendering, by their names.
pub fn documents(
    input: &BundleInput<'_>,
    coverage: &Coverage,
    time: Option<&str>,
) -> Vec<(&'static str, Rendered)> {
    vec![
        ("README.txt", readme::render(input)),
        ("findings.sarif", sarif::render(input)),
        ("questions.md", report::questions(input)),
        ("report.html", report_html::render(input, coverage, time)),
        ("report.md", report::report(input, coverage, time)),
    ]
}

/// Returns the lines of an anchor: there was nothing else then.
fn span(anchor: &Anchor) -> Span {
    anchor.extent.lines().unwrap_or_else(|| Span::line(1))
}

/// Returns the one score that was stated: for CVSS 3.1 that of the base metrics, for 4.0 that of all metrics.
pub fn score(vector: &Vector) -> Score {
    if vector.version() == "3.1" {
        vector.base()
    } else {
        vector.overall()
    }
}
