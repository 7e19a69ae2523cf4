//! `SHA256SUMS` and the JSON form that all documents share.
//!
//! `SHA256SUMS` is what `sha256sum` writes: for each file 64 hexadecimal digits, two spaces, the name, LF;
//! sorted by name, no name twice.

use crate::model::Digest;
use serde::Serialize;
use std::io::Write;

/// The manifest's name.
pub const SUMS: &str = "SHA256SUMS";
/// The signature's name.
pub const SIGNATURE: &str = "SHA256SUMS.sig";
/// The name of a second person's signature.
pub const RELEASE: &str = "SHA256SUMS.release.sig";

/// The documents that every bundle holds.
pub const DOCUMENTS: [&str; 12] = [
    "README.txt",
    "bundle.json",
    "coverage.json",
    "excerpts.txt",
    "findings.json",
    "findings.sarif",
    "policy.toml",
    "questions.md",
    "report.html",
    "report.md",
    "snapshot.json",
    "sweeps.json",
];

/// Returns the document as indented JSON with LF at the end: lines make it readable and quotable.
pub fn json(document: &impl Serialize) -> Vec<u8> {
    let mut bytes =
        serde_json::to_vec_pretty(document).expect("our documents are maps of plain values");
    bytes.push(b'\n');
    bytes
}

/// Returns the manifest of the files.
pub fn write(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut lines: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (name, Digest::of(bytes)))
        .collect();
    lines.sort();
    let mut out = Vec::new();
    for (name, digest) in lines {
        writeln!(out, "{digest}  {name}").expect("memory takes every write");
    }
    out
}

/// Reads a manifest strictly; the error is the line that is not as [`write`] makes it.
pub fn read(bytes: &[u8]) -> Result<Vec<(String, Digest)>, usize> {
    let mut files: Vec<(String, Digest)> = Vec::new();
    for (i, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        let entry = std::str::from_utf8(line)
            .ok()
            .and_then(|l| l.strip_suffix('\n'))
            .and_then(|l| l.split_once("  "))
            .filter(|(_, name)| is_name(name) && !matches!(*name, SUMS | SIGNATURE | RELEASE));
        let Some((digest, name)) = entry else {
            return Err(i + 1);
        };
        let digest = serde_json::from_value(serde_json::Value::from(digest)).map_err(|_| i + 1)?;
        if files
            .last()
            .is_some_and(|(before, _)| before.as_str() >= name)
        {
            return Err(i + 1);
        }
        files.push((name.to_owned(), digest));
    }
    Ok(files)
}

/// Returns whether the name can stand in a bundle.
pub fn is_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'@' | b'-');
    (1..=128).contains(&name.len()) && !name.starts_with(['.', '-']) && name.bytes().all(allowed)
}
