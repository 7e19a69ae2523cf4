//! The chains of a bundle: what ties it to the bundle before and to the ledgers that it came from.

use super::super::BundleError;
use super::folder::{Folder, LEDGER};
use super::ledger::LONGEST;
use super::{Problem, Verified, inspect};
use crate::model::{
    BlobId, Chain, Digest, Event, LedgerDigests, Link, Marks, QuotedLines, add_quoted_lines,
};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// What a bundle says of the review that it came from, read out of its ledgers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainedBundle {
    /// The review's name.
    pub review: String,
    /// Who exported it.
    pub reviewer: String,
    /// Its number.
    pub number: u64,
    /// SHA-256 of its `SHA256SUMS`.
    pub manifest: Digest,
    /// The manifest that it names as the one before.
    pub previous: Option<Digest>,
    /// The digest of every line of its ledgers, withheld or not.
    pub ledgers: Vec<LedgerDigests>,
    /// The bundles that its ledgers tell of: their numbers, their manifests, and whether each is said to have left
    /// whole.
    pub exports: Vec<(u64, Digest, bool)>,
    /// The lines that it quotes and those that its ledgers say have left.
    pub lines: Vec<QuotedLines>,
}

/// Reads the ledgers of a bundle that was found valid. Nothing is read that is not named by its statement, and no further
/// than a chain holds.
pub fn read_chained(folder: &Path, found: &Verified) -> Result<ChainedBundle, BundleError> {
    let (folder, _) = Folder::open(folder)?;
    let predicate = found.statement.as_ref().map(|s| &s.predicate);
    let mut chained = ChainedBundle {
        review: predicate.map_or(String::new(), |p| p.review.clone()),
        reviewer: predicate.map_or(String::new(), |p| p.reviewer.clone()),
        number: predicate.map_or(0, |p| p.number),
        manifest: Digest::of(&found.manifest),
        previous: predicate.and_then(|p| p.previous),
        ledgers: Vec::new(),
        exports: Vec::new(),
        lines: Vec::new(),
    };
    let mut lines: BTreeMap<BlobId, Marks> = BTreeMap::new();
    for excerpt in &found.excerpts {
        lines.entry(excerpt.blob).or_default().set(excerpt.span);
    }
    for record in predicate.iter().flat_map(|p| &p.ledgers) {
        let mut ledger = LedgerDigests {
            reviewer: record.reviewer.clone(),
            digests: Vec::new(),
        };
        if folder.has(&record.file)
            && let Ok(file) = folder.file(&record.file, LEDGER)?
        {
            let mut file = BufReader::with_capacity(1 << 18, file.take(LEDGER));
            let mut chain = Chain::default();
            let mut line = Vec::new();
            loop {
                line.clear();
                let read = (&mut file).take(LONGEST).read_until(b'\n', &mut line);
                let read = read.map_err(|source| folder.unread(&record.file, source))?;
                let text = line.strip_suffix(b"\n").filter(|_| read > 0);
                let Some(Ok(link)) = text.map(|text| chain.follow(text)) else {
                    break;
                };
                ledger.digests.push(chain.head);
                match link {
                    Link::Entry(entry) => chained.note_export(entry.event, &mut lines),
                    Link::Withheld(_) => {}
                }
            }
        }
        chained.ledgers.push(ledger);
    }
    let quoted = |(blob, marks): (BlobId, Marks)| QuotedLines {
        blob,
        spans: marks.spans().to_vec(),
    };
    chained.lines = lines.into_iter().map(quoted).collect();
    Ok(chained)
}

impl ChainedBundle {
    fn note_export(&mut self, event: Event, lines: &mut BTreeMap<BlobId, Marks>) {
        match event {
            Event::ExportBegun {
                number,
                manifest,
                lines: quoted,
            } => {
                self.exports.push((number, manifest, false));
                add_quoted_lines(lines, &quoted);
            }
            Event::Exported { export } => {
                let left = export.exported;
                self.exports.push((export.number, export.manifest, left));
            }
            _ => {}
        }
    }

    /// Returns everything that keeps this bundle from being the one after `earlier`.
    ///
    /// `previous` names the bundle that was begun last, even if it never reached its medium. So a bundle before that is
    /// the one before too, if the ledgers tell of it and of none in between that left whole.
    fn problems_after(&self, earlier: &Self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong = |file: &str, what: String| {
            problems.push(Problem {
                file: file.to_owned(),
                what,
            });
        };
        if self.review != earlier.review {
            wrong(
                "bundle.json",
                format!(
                    "is of the review {}, the bundle before of {}",
                    self.review, earlier.review
                ),
            );
        }
        let (number, manifest) = (earlier.number, earlier.manifest);
        let is_known = self.exports.iter().any(|(_, known, _)| *known == manifest);
        let between = |(n, m, left): &&(u64, Digest, bool)| {
            *left && *m != manifest && (number..self.number).contains(n)
        };
        let between = self.exports.iter().find(between);
        if self.number <= number {
            wrong(
                "bundle.json",
                format!("is bundle {}, the one before is {number}", self.number),
            );
        } else if let Some((n, m, _)) = between {
            wrong(
                "bundle.json",
                format!(
                    "bundle {n} (SHA256SUMS {m}) left after the one that is given as the one before"
                ),
            );
        } else if self.previous != Some(manifest) && !is_known {
            let named = self.previous.map_or("none".to_owned(), |p| p.to_string());
            wrong(
                "bundle.json",
                format!("names {named} as the bundle before, which has SHA256SUMS {manifest}"),
            );
        }
        let ends: Vec<_> = earlier
            .ledgers
            .iter()
            .filter_map(LedgerDigests::end)
            .collect();
        for end in &ends {
            let only = std::slice::from_ref(end);
            let cut = crate::model::find_cut_ledger(&self.ledgers, (number, manifest), only);
            if let Some(cut) = cut {
                wrong("bundle.json", cut.to_string());
            }
        }
        problems
    }
}

/// Adds to what was found in a bundle what keeps it from being the one after the bundle at `before`, which must itself be
/// whole. Whose key signed that one does not matter: its digest is what this bundle names.
pub fn compare_previous(
    folder: &Path,
    before: &Path,
    found: &mut Verified,
) -> Result<(), BundleError> {
    let earlier = inspect(before)?;
    let broken = earlier.problems.iter().filter(|p| p.file != super::RELEASE);
    let mut problems: Vec<Problem> = broken
        .map(|problem| Problem {
            file: problem.file.clone(),
            what: format!("{} (in the bundle before)", problem.what),
        })
        .collect();
    if problems.is_empty() {
        let earlier = read_chained(before, &earlier)?;
        problems = read_chained(folder, found)?.problems_after(&earlier);
    }
    found.valid &= problems.is_empty();
    found.problems.extend(problems);
    Ok(())
}
