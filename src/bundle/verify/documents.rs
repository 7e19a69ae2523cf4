//! Whether the documents of a bundle agree with each other.

use super::super::schema::{self, Findings, Statement};
use super::{Check, Documents};
use crate::model::{Anchor, Digest, PathDetail, Span};

/// Returns what a bundle's `policy.toml` says of a second person. It is written by us, each key on a line of its
/// own, and a text holds no line feed: anything else says nothing.
pub fn asks_for_second(policy: Option<&Vec<u8>>) -> Option<bool> {
    let text = std::str::from_utf8(policy?).ok()?;
    let mut said = text
        .lines()
        .filter_map(|line| line.strip_prefix("second_signer = "));
    match (said.next(), said.next()) {
        (Some("true"), None) => Some(true),
        (Some("false"), None) => Some(false),
        _ => None,
    }
}

impl Check {
    /// Reads the documents; `name` is who is said to have signed.
    pub fn documents(&mut self, files: &Documents, name: Option<&str>) {
        let statement: Option<Statement> = self.document(files, "bundle.json");
        let findings: Option<Findings> = self.document(files, "findings.json");
        let _: Option<schema::Coverage> = self.document(files, "coverage.json");
        let _: Option<schema::Sweeps> = self.document(files, "sweeps.json");
        if let Some(findings) = &findings {
            self.locations(findings);
        }
        let Some(statement) = statement else { return };
        self.statement(&statement, files, name);
        if let Some(findings) = &findings {
            let subject = [
                schema::GitDigest::Commit(findings.commit),
                schema::GitDigest::Tree(findings.tree),
            ];
            let stated = statement.subject.iter().map(|s| &s.digest);
            if !stated.eq(subject.iter()) {
                let what = "is about another snapshot than bundle.json";
                self.wrong("findings.json", what);
            }
        }
        self.found.statement = Some(statement);
    }

    fn statement(&mut self, statement: &Statement, files: &Documents, name: Option<&str>) {
        if statement.kind != schema::STATEMENT || statement.predicate_type != schema::PREDICATE {
            let what = "is of a type that this program does not know";
            self.wrong("bundle.json", what);
        }
        let predicate = &statement.predicate;
        if let Some(name) = name.filter(|name| *name != predicate.reviewer) {
            let what = format!("says that {} exported it, not {name}", predicate.reviewer);
            self.wrong("bundle.json", what);
        }
        let Some(policy) = files.get("policy.toml") else {
            return;
        };
        if Digest::of(policy) != predicate.policy {
            self.wrong("policy.toml", "is not the policy that bundle.json names");
        }
        if asks_for_second(Some(policy)) != Some(predicate.second_signer) {
            let what = "says something else of a second signer than policy.toml";
            self.wrong("bundle.json", what);
        }
    }

    fn document<T: serde::de::DeserializeOwned>(
        &mut self,
        files: &Documents,
        name: &str,
    ) -> Option<T> {
        let document = serde_json::from_slice(files.get(name)?);
        if let Err(cause) = &document {
            self.wrong(name, format!("cannot be read: {cause}"));
        }
        document.ok()
    }

    fn locations(&mut self, findings: &Findings) {
        if findings.schema != schema::FINDINGS {
            let what = "is of a version that this program does not know";
            self.wrong("findings.json", what);
        }
        let is_whole = findings.paths == PathDetail::Full;
        for finding in &findings.findings {
            for place in &finding.locations {
                let Some(span) = Span::new(place.start_line, place.end_line) else {
                    let what = format!("{} names lines that are none", finding.number);
                    self.wrong("findings.json", what);
                    continue;
                };
                let path = place.path.clone().filter(|_| is_whole).unwrap_or_default();
                let anchor = Anchor {
                    blob: place.blob,
                    path,
                    span,
                    symbol: place.symbol.clone(),
                    ordinal: place.ordinal,
                };
                self.found.locations.push((finding.number.clone(), anchor));
            }
        }
    }
}
