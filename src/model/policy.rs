//! What the room allows. Keys and defaults are those of the lab's `policy.toml`.

use super::{Digest, closed_fields, outgoing_fields};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// How a path may appear in a bundle, strictest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathDetail {
    /// Whole.
    Full,
    /// Its last two parts.
    LastTwo,
    /// Not at all: the blob id stands for it.
    BlobId,
}

/// How coverage may appear in a bundle, strictest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CoverageDetail {
    /// Line ranges.
    Range,
    /// Counts by file.
    File,
    /// Counts by folder.
    Directory,
    /// Not at all.
    None,
}

/// Where a bundle may be written, strictest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Media {
    /// Anywhere.
    Any,
    /// Removable media only.
    Removable,
}

/// What the room allows, in force for a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Longest excerpt in lines, after merging overlapping and adjacent ranges.
    pub excerpt_lines: u32,
    /// Excerpt lines in one finding.
    pub excerpt_lines_per_finding: u32,
    /// Excerpt lines of one file.
    pub excerpt_lines_per_file: u32,
    /// Excerpt lines in one bundle.
    pub excerpt_lines_per_bundle: u32,
    /// Excerpt lines in all bundles of all reviewers.
    pub excerpt_lines_per_review: u32,
    /// How paths appear.
    pub paths: PathDetail,
    /// Distinct vendor identifiers in one finding.
    pub identifiers_per_finding: u32,
    /// Distinct vendor identifiers in one bundle.
    pub identifiers_per_bundle: u32,
    /// How coverage appears.
    pub coverage: CoverageDetail,
    /// Where a bundle may go.
    pub media: Media,
    /// Whether a second person must sign.
    pub second_signer: bool,
    /// Whether a second person must release the bundle, and must run the gate again over it when they do.
    pub gate_at_release: bool,
    /// Largest bundle in bytes.
    pub max_bundle_bytes: u64,
    /// Printed on every document.
    pub label: String,
    /// Fixes where reviews live; empty leaves it to the reviewer.
    pub data_folder: String,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            excerpt_lines: 0,
            excerpt_lines_per_finding: 0,
            excerpt_lines_per_file: 0,
            excerpt_lines_per_bundle: 0,
            excerpt_lines_per_review: 0,
            paths: PathDetail::Full,
            identifiers_per_finding: 40,
            identifiers_per_bundle: 400,
            coverage: CoverageDetail::File,
            media: Media::Any,
            second_signer: false,
            gate_at_release: false,
            max_bundle_bytes: 1_048_576,
            label: String::new(),
            data_folder: String::new(),
        }
    }
}

impl Policy {
    /// Returns the policy that is as strict as both, key by key. `self` is the machine's: its label and
    /// data folder win if set.
    #[must_use]
    pub fn stricter(self, review: Self) -> Self {
        let set = |mine: String, theirs: String| if mine.is_empty() { theirs } else { mine };
        Self {
            excerpt_lines: self.excerpt_lines.min(review.excerpt_lines),
            excerpt_lines_per_finding: self
                .excerpt_lines_per_finding
                .min(review.excerpt_lines_per_finding),
            excerpt_lines_per_file: self
                .excerpt_lines_per_file
                .min(review.excerpt_lines_per_file),
            excerpt_lines_per_bundle: self
                .excerpt_lines_per_bundle
                .min(review.excerpt_lines_per_bundle),
            excerpt_lines_per_review: self
                .excerpt_lines_per_review
                .min(review.excerpt_lines_per_review),
            paths: self.paths.max(review.paths),
            identifiers_per_finding: self
                .identifiers_per_finding
                .min(review.identifiers_per_finding),
            identifiers_per_bundle: self
                .identifiers_per_bundle
                .min(review.identifiers_per_bundle),
            coverage: self.coverage.max(review.coverage),
            media: self.media.max(review.media),
            second_signer: self.second_signer || review.second_signer,
            gate_at_release: self.gate_at_release || review.gate_at_release,
            max_bundle_bytes: self.max_bundle_bytes.min(review.max_bundle_bytes),
            label: set(self.label, review.label),
            data_folder: set(self.data_folder, review.data_folder),
        }
    }
}

impl Policy {
    /// Returns whether a bundle is not valid before a second person has released it.
    pub fn needs_release(&self) -> bool {
        self.second_signer || self.gate_at_release
    }

    /// Returns the policy as TOML, every key, always in the same order: its digest identifies the self.
    pub fn to_toml(&self) -> String {
        let paths = match self.paths {
            PathDetail::Full => "full",
            PathDetail::LastTwo => "last-two",
            PathDetail::BlobId => "blob-id",
        };
        let coverage = match self.coverage {
            CoverageDetail::Range => "range",
            CoverageDetail::File => "file",
            CoverageDetail::Directory => "directory",
            CoverageDetail::None => "none",
        };
        let media = match self.media {
            Media::Any => "any",
            Media::Removable => "removable",
        };
        let mut out = String::new();
        let mut key = |name: &str, value: String| _ = writeln!(out, "{name} = {value}");
        key("excerpt_lines", self.excerpt_lines.to_string());
        key(
            "excerpt_lines_per_finding",
            self.excerpt_lines_per_finding.to_string(),
        );
        key(
            "excerpt_lines_per_file",
            self.excerpt_lines_per_file.to_string(),
        );
        key(
            "excerpt_lines_per_bundle",
            self.excerpt_lines_per_bundle.to_string(),
        );
        key(
            "excerpt_lines_per_review",
            self.excerpt_lines_per_review.to_string(),
        );
        key("paths", quoted(paths));
        key(
            "identifiers_per_finding",
            self.identifiers_per_finding.to_string(),
        );
        key(
            "identifiers_per_bundle",
            self.identifiers_per_bundle.to_string(),
        );
        key("coverage", quoted(coverage));
        key("media", quoted(media));
        key("second_signer", self.second_signer.to_string());
        key("gate_at_release", self.gate_at_release.to_string());
        key("max_bundle_bytes", self.max_bundle_bytes.to_string());
        key("label", quoted(&self.label));
        key("data_folder", quoted(&self.data_folder));
        out
    }

    /// Returns the SHA-256 of [`Self::to_toml`], which identifies the policy.
    pub fn digest(&self) -> Digest {
        Digest::of(self.to_toml().as_bytes())
    }
}

/// Returns the text as a basic string of TOML 1.0.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

closed_fields!(PathDetail, CoverageDetail, Media);
outgoing_fields!(Policy, item = |_p| "policy" => {
    excerpt_lines, excerpt_lines_per_finding, excerpt_lines_per_file, excerpt_lines_per_bundle, excerpt_lines_per_review,
    paths, identifiers_per_finding, identifiers_per_bundle, coverage, media, second_signer, gate_at_release,
    max_bundle_bytes, label,
    data_folder: "data folder",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stricter_value_wins_key_by_key() {
        let machine = Policy {
            paths: PathDetail::BlobId,
            excerpt_lines: 9,
            ..Policy::default()
        };
        let review = Policy {
            excerpt_lines: 3,
            second_signer: true,
            gate_at_release: true,
            ..Policy::default()
        };
        for both in [
            machine.clone().stricter(review.clone()),
            review.stricter(machine),
        ] {
            assert_eq!(
                (both.paths, both.excerpt_lines, both.second_signer),
                (PathDetail::BlobId, 3, true)
            );
            assert!(both.gate_at_release && both.needs_release());
        }
        assert!(!Policy::default().needs_release(), "control");
    }
}
