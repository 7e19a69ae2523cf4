//! The findings bundle: rendering, signing and verifying. Owns `ssh-key`.
//!
//! A bundle is a plain folder of UTF-8 text that stock tools check (`ssh-keygen -Y verify`, `sha256sum -c`):
//!
//! | file | holds |
//! |---|---|
//! | `README.txt` | how to check the bundle |
//! | `bundle.json` | in-toto Statement v1: what was reviewed, by whom, with which program and policy |
//! | `snapshot.json` | what was delivered |
//! | `findings.json` | the findings, see [`schema`] |
//! | `findings.sarif` | the findings that claim something, as SARIF 2.1.0 |
//! | `report.md`, `report.html`, `questions.md` | for people |
//! | `sweeps.json` | queries of which every hit was judged, with the verdicts |
//! | `excerpts.txt` | the lines of the vendor's that findings quote |
//! | `coverage.json` | what was read, as finely as the policy allows |
//! | `policy.toml` | the policy in force |
//! | `ledger-<reviewer>.jsonl` | the ledger; a withheld entry stands as its digest |
//! | `SHA256SUMS`, `SHA256SUMS.sig` | the manifest and its OpenSSH signature |
//! | `SHA256SUMS.release.sig` | the signature of a second person, who released the bundle |
//!
//! The second signature says in its namespace whether the gate was run again: `release@glassroom` if not,
//! `release-gated@glassroom` if so.
//!
//! Invariants: the same input gives the same bytes, and the only time in them is that of the newest entry;
//! no byte of the vendor's files is in them but paths, symbols and, in `excerpts.txt` alone, the lines that findings
//! quote; every free text, which a field's type says it is ([`crate::model::OutgoingField`]), is listed in
//! [`Rendered::typed`] for each file that holds it, so that the gate judges all of it.
//! Private notes never leave: they are in no document, and their entries are withheld.
//! Nothing here writes a bundle to disk, judges it, or reads a snapshot.

mod agent;
mod coverage;
mod error;
mod excerpts;
mod html;
mod key;
mod keyfile;
mod ledger;
mod manifest;
mod page;
mod place;
mod readme;
mod render;
mod rendering1;
mod report;
mod report_html;
mod sarif;
pub mod schema;
mod sign;
mod signature;
mod signers;
mod sweeps;
mod typed;
mod verify;
mod wire;

pub use error::BundleError;
pub use excerpts::{FILE as EXCERPTS, LONGEST_LINE, printed};
pub use key::{KeyPair, words};
pub use manifest::{RELEASE, SIGNATURE, SUMS};
pub use render::{BundleInput, LedgerInput, Program, Rendered, render};
pub use sign::{
    GATED_RELEASE_NAMESPACE, KeySource, NAMESPACE, PublicKey, RELEASE_NAMESPACE, Signer,
};
pub use signature::Presence;
pub use signers::{SignerStanding, Signers, SignersError};
pub use verify::{
    BundleContent, ChainedBundle, Claim, Endorsement, Problem, RenderedFrom, STRING,
    StatedLocation, Verified, compare_previous, inspect, read_chained, strings, verify,
};

#[cfg(test)]
mod tests;
