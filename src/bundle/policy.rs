//! The policy in force, as the file it could have been read from.

use crate::model::{CoverageDetail, Media, PathDetail, Policy};
use std::fmt::Write;

/// Returns the policy as TOML, every key, always in the same order: its digest identifies the policy.
pub fn policy_toml(policy: &Policy) -> String {
    let paths = match policy.paths {
        PathDetail::Full => "full",
        PathDetail::LastTwo => "last-two",
        PathDetail::BlobId => "blob-id",
    };
    let coverage = match policy.coverage {
        CoverageDetail::Range => "range",
        CoverageDetail::File => "file",
        CoverageDetail::Directory => "directory",
        CoverageDetail::None => "none",
    };
    let media = match policy.media {
        Media::Any => "any",
        Media::Removable => "removable",
    };
    let mut out = String::new();
    let mut key = |name: &str, value: String| _ = writeln!(out, "{name} = {value}");
    key("excerpt_lines", policy.excerpt_lines.to_string());
    key(
        "excerpt_lines_per_finding",
        policy.excerpt_lines_per_finding.to_string(),
    );
    key(
        "excerpt_lines_per_file",
        policy.excerpt_lines_per_file.to_string(),
    );
    key(
        "excerpt_lines_per_bundle",
        policy.excerpt_lines_per_bundle.to_string(),
    );
    key(
        "excerpt_lines_per_review",
        policy.excerpt_lines_per_review.to_string(),
    );
    key("paths", quoted(paths));
    key(
        "identifiers_per_finding",
        policy.identifiers_per_finding.to_string(),
    );
    key(
        "identifiers_per_bundle",
        policy.identifiers_per_bundle.to_string(),
    );
    key("coverage", quoted(coverage));
    key("media", quoted(media));
    key("second_signer", policy.second_signer.to_string());
    key("max_bundle_bytes", policy.max_bundle_bytes.to_string());
    key("label", quoted(&policy.label));
    key("data_folder", quoted(&policy.data_folder));
    out
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
