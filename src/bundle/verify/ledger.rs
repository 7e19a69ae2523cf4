//! Whether the ledgers of a bundle are chains that end where `bundle.json` says. They are read line by line.

use super::super::BundleError;
use super::super::schema::LedgerRecord;
use super::Check;
use super::folder::{Folder, LEDGER};
use super::rerender::BundleLedger;
use crate::model::{Chain, Digest, Link};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

/// The longest line that is read: far more than a person types into one entry.
pub const LONGEST: u64 = 16 << 20;

/// Returns whether a bundle's file of this name is a ledger.
pub fn is_name(name: &str) -> bool {
    name.starts_with("ledger-")
}

impl Check {
    /// Checks each listed ledger, by its digest and, if `bundle.json` could be read, as a chain. Returns the entries from
    /// which the documents are rendered again, in the order of `bundle.json`, if it says that they can be.
    pub fn ledgers(
        &mut self,
        folder: &Folder,
        listed: &[(String, Digest)],
    ) -> Result<Vec<BundleLedger>, BundleError> {
        let records = self
            .found
            .statement
            .as_ref()
            .map(|s| s.predicate.ledgers.clone());
        let statement = self.found.statement.as_ref();
        let is_kept = statement.is_some_and(|s| s.predicate.rendering.is_some());
        let mut collected = Vec::new();
        for (name, digest) in listed.iter().filter(|(name, _)| is_name(name)) {
            let record = records.iter().flatten().find(|r| r.file == *name);
            if records.is_some() && record.is_none() {
                self.wrong(name, "is not named by bundle.json");
            }
            if !folder.has(name) {
                continue;
            }
            let file = match folder.file(name, LEDGER)? {
                Ok(file) => file,
                Err(what) => {
                    self.wrong(name, what);
                    continue;
                }
            };
            let mut kept = record.filter(|_| is_kept).map(BundleLedger::new);
            let read =
                read(file, record, kept.as_mut()).map_err(|source| folder.unread(name, source))?;
            collected.extend(kept);
            if read.digest != *digest {
                self.wrong(name, "was changed: its digest differs");
            }
            if let Some(what) = read.problem {
                self.wrong(name, what);
            }
        }
        let mut seen = BTreeSet::new();
        for record in records.iter().flatten() {
            let name = record.file.as_str();
            if !is_name(name) || listed.iter().all(|(n, _)| n != name) {
                self.wrong(name, "is named by bundle.json and missing");
            } else if !seen.insert(name) {
                self.wrong("bundle.json", format!("names {name} twice"));
            }
        }
        let place = |ledger: &BundleLedger| {
            let mut names = records.iter().flatten().map(|r| &r.file);
            names.position(|name| *name == ledger.record.file)
        };
        collected.sort_by_key(place);
        Ok(collected)
    }
}

/// What a ledger's file turned out to be.
struct Outcome {
    digest: Digest,
    /// The first thing that is wrong with the chain.
    problem: Option<String>,
}

fn read(
    file: File,
    record: Option<&LedgerRecord>,
    kept: Option<&mut BundleLedger>,
) -> io::Result<Outcome> {
    let mut file = BufReader::with_capacity(1 << 18, file.take(LEDGER));
    let mut whole = Sha256::new();
    let mut link = Links::new(record, kept);
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = (&mut file).take(LONGEST).read_until(b'\n', &mut line)?;
        if count == 0 {
            break;
        }
        whole.update(&line);
        link.follow(&line);
    }
    Ok(Outcome {
        digest: Digest(whole.finalize().into()),
        problem: link.end(),
    })
}

/// A chain as far as it was followed.
struct Links<'a> {
    record: Option<&'a LedgerRecord>,
    chain: Chain,
    withheld: u64,
    problem: Option<String>,
    kept: Option<&'a mut BundleLedger>,
}

impl<'a> Links<'a> {
    fn new(record: Option<&'a LedgerRecord>, kept: Option<&'a mut BundleLedger>) -> Self {
        Self {
            record,
            kept,
            chain: Chain::default(),
            withheld: 0,
            problem: None,
        }
    }

    /// Follows a line with its LF. Nothing is followed behind the first problem.
    fn follow(&mut self, line: &[u8]) {
        let Some(record) = self.record.filter(|_| self.problem.is_none()) else {
            return;
        };
        let number = self.chain.seq + 1;
        let Some(line) = line.strip_suffix(b"\n") else {
            self.problem = Some(format!("line {number} has no end"));
            return;
        };
        self.problem = match self.chain.follow(line) {
            Ok(Link::Withheld(trace)) => {
                self.withheld += 1;
                if let Some(kept) = &mut self.kept {
                    kept.pass_withheld(number, line, &trace);
                }
                None
            }
            Ok(Link::Entry(entry)) if entry.reviewer == record.reviewer => {
                if let Some(kept) = &mut self.kept {
                    kept.take(number, line, *entry);
                }
                None
            }
            Ok(Link::Entry(_)) => Some(format!("line {number} is another reviewer's")),
            Err(cause) => Some(format!("line {number}: {cause}")),
        };
    }

    fn end(self) -> Option<String> {
        let record = self.record?;
        let found = (self.chain.seq, self.chain.head, self.withheld);
        let is_wrong = found != (record.entries, record.head, record.withheld);
        self.problem
            .or_else(|| is_wrong.then(|| "does not end where bundle.json says".to_owned()))
    }
}
