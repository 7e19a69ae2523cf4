//! Whether the documents of a bundle agree with each other.

use super::super::excerpts;
use super::super::schema::{self, Findings, Statement};
use super::{Check, Documents, StatedLocation};
use crate::model::{self, Anchor, AnchorExtent, Digest, Excerpt, PathDetail, Quote};

/// Returns what a bundle's `policy.toml` says of a second person.
pub fn asks_for_second(policy: Option<&Vec<u8>>) -> Option<bool> {
    asks_for(policy, "second_signer")
}

/// Returns what a bundle's `policy.toml` says of something that it may ask for. It is written by us, each key on a line
/// of its own, and a text holds no line feed: anything else says nothing.
pub fn asks_for(policy: Option<&Vec<u8>>, key: &str) -> Option<bool> {
    let text = std::str::from_utf8(policy?).ok()?;
    let mut said = text
        .lines()
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    match (said.next(), said.next()) {
        (Some("true"), None) => Some(true),
        (Some("false"), None) => Some(false),
        _ => None,
    }
}

/// Returns a number of a bundle's `policy.toml`: each key stands on a line of its own.
fn number(policy: Option<&Vec<u8>>, key: &str) -> Option<u32> {
    let text = std::str::from_utf8(policy?).ok()?;
    let mut said = text
        .lines()
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    match (said.next(), said.next()) {
        (Some(number), None) => number.parse().ok(),
        _ => None,
    }
}

/// Returns the places that the findings of a bundle quote.
fn quotes(findings: &Findings) -> Vec<Quote> {
    let mut quotes = Vec::new();
    for finding in &findings.findings {
        for place in finding.locations.iter().filter(|place| place.is_quoted) {
            // Lines that are none are named where the places are looked at.
            if let Some(span) = place.extent().and_then(AnchorExtent::rows) {
                quotes.push(Quote {
                    finding: finding.number.clone(),
                    path: place.path.clone(),
                    blob: place.blob,
                    span,
                });
            }
        }
    }
    quotes
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
            self.excerpts(files, findings);
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

    /// Checks that the lines quoted are those that the findings quote, each place once, and no more than the policy
    /// lets leave.
    fn excerpts(&mut self, files: &Documents, findings: &Findings) {
        let Some(bytes) = files.get(excerpts::FILE) else {
            return;
        };
        let policy = files.get("policy.toml");
        let allowed = number(policy, "excerpt_lines");
        let read = match excerpts::read(bytes, &findings.label, allowed.unwrap_or(0)) {
            Ok(read) => read,
            Err(line) => {
                let what = format!("line {line} is not as this program writes it");
                return self.wrong(excerpts::FILE, what);
            }
        };
        let quotes = quotes(findings);
        let wanted = model::excerpts(&quotes);
        let place = |e: &Excerpt| match &e.path {
            Some(path) => format!("{path}:{}", e.span),
            None => format!("lines {} of {}", e.span, e.blob),
        };
        let is_same = |a: &Excerpt, b: &Excerpt| {
            (a.blob, a.span, &a.findings) == (b.blob, b.span, &b.findings)
        };
        // Under one of its paths: where several are cut alike, the first cut one need not be the first whole one.
        let is_named = |excerpt: &Excerpt| {
            let of = |q: &&Quote| q.blob == excerpt.blob && excerpt.span.contains(q.span.start());
            let mut places = quotes.iter().filter(of);
            wanted.iter().any(|w| is_same(w, excerpt)) && places.any(|q| q.path == excerpt.path)
        };
        for excerpt in read.iter().filter(|excerpt| !is_named(excerpt)) {
            let what = format!("quotes {}, which no finding quotes", place(excerpt));
            self.wrong(excerpts::FILE, what);
        }
        for excerpt in &wanted {
            match read.iter().filter(|r| is_same(r, excerpt)).count() {
                1 => {}
                0 => {
                    let what = format!("lacks {}, which a finding quotes", place(excerpt));
                    self.wrong(excerpts::FILE, what);
                }
                _ => {
                    let what = format!("quotes {} more than once", place(excerpt));
                    self.wrong(excerpts::FILE, what);
                }
            }
        }
        let lines: u64 = read.iter().map(|e| u64::from(e.span.lines())).sum();
        let limit = number(policy, "excerpt_lines_per_bundle").map_or(0, u64::from);
        if lines > limit {
            let what = format!("quotes {lines} lines, and policy.toml lets {limit} leave");
            self.wrong(excerpts::FILE, what);
        }
        self.found.excerpts = read;
    }

    fn locations(&mut self, findings: &Findings) {
        if findings.schema != schema::FINDINGS {
            let what = "is of a version that this program does not know";
            self.wrong("findings.json", what);
        }
        let is_whole = findings.paths == PathDetail::Full;
        for finding in &findings.findings {
            for place in &finding.locations {
                let Some(extent) = place.extent() else {
                    let what = format!("{} names lines that are none", finding.number);
                    self.wrong("findings.json", what);
                    continue;
                };
                let path = place.path.clone().filter(|_| is_whole).unwrap_or_default();
                let anchor = Anchor {
                    blob: place.blob,
                    path,
                    extent,
                    symbol: place.symbol.clone(),
                    ordinal: place.ordinal,
                };
                self.found.locations.push(StatedLocation {
                    finding: finding.number.clone(),
                    commit: finding.commit,
                    anchor,
                    facts: place.facts(),
                });
            }
        }
    }
}
