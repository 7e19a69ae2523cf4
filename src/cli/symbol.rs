//! `glassroom symbol`: where a name is defined, or every place where it stands.
//!
//! Nothing is recorded, and neither the review nor its index is made; an index that is damaged is built anew.

use super::output::{Out, remark};
use super::target::{self, Opened, Source, Traces};
use super::{Answer, Failure, Who};
use crate::job::listing::Listing;
use crate::job::{Cancel, SymbolPlace, symbols};
use crate::model::{BlobId, RepoPath, SymbolKind, SymbolRole};
use clap::Args;
use serde::Serialize;
use std::sync::Mutex;

#[derive(Args)]
pub(super) struct Symbol {
    #[command(flatten)]
    source: Source,
    /// The whole name.
    #[arg(allow_hyphen_values = true)]
    name: String,
    /// List every place where the name stands, and what it does there.
    #[arg(long)]
    refs: bool,
}

#[derive(Serialize)]
struct Record<'a> {
    path: &'a RepoPath,
    /// Of a file that is not the only one of its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    blob: Option<BlobId>,
    line: u32,
    column: u32,
    kind: SymbolKind,
    role: SymbolRole,
    exact: bool,
}

pub(super) fn run(verb: &Symbol, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let name = verb.name.as_str();
    if name.is_empty() || name.contains('\n') {
        return Err(Failure::usage(
            "the name is empty or of several lines",
            "write the whole name of a function, type or variable",
        ));
    }
    let opened = Opened::new(&verb.source, who, Traces::Kept)?;
    let listing = opened.listing()?;
    let snapshot = Mutex::new(opened.snapshot);
    let sources = symbols::Sources {
        listing: &listing,
        index: &opened.index,
        snapshot: &snapshot,
        encodings: &opened.encodings,
        limit: opened.limit,
        store: &opened.symbols,
    };
    let cancel = Cancel::never();
    let mut count = 0_u64;
    if verb.refs {
        let corpus = listing.corpus();
        let mut sink = |rows: Vec<SymbolPlace>| {
            count += rows.len() as u64;
            for row in &rows {
                write(out, &listing, row);
            }
            if !out.breathe() {
                cancel.raise();
            }
        };
        symbols::references(&sources, &corpus, name, &cancel, &mut sink)?;
    } else {
        let rows = symbols::definitions(&sources, name, None, &cancel)?;
        count = rows.len() as u64;
        for row in &rows {
            write(out, &listing, row);
        }
    }
    out.flush();
    if count == 0 {
        let seen = symbols::mentions(&sources, &listing.corpus(), name, &cancel)?;
        remark(&if verb.refs {
            seen.explain_no_reference(name)
        } else {
            seen.explain(name, "--refs lists them")
        });
    }
    if let Some(folder) = &opened.review {
        target::heal_sources(&sources, folder);
    }
    Ok(Answer::of(count > 0))
}

fn write(out: &mut Out, listing: &Listing, row: &SymbolPlace) {
    let Some(file) = listing.files.file(row.file) else {
        return;
    };
    let name = listing.name_of(row.file);
    if out.json {
        return out.record(&Record {
            path: &file.path,
            blob: name.blob.is_some().then_some(file.blob),
            line: row.line,
            column: row.column,
            kind: row.kind,
            role: row.role,
            exact: row.exact,
        });
    }
    let guess = if row.exact { "" } else { " ~" };
    let (line, column) = (row.line, row.column);
    out.line(&format!(
        "{name}:{line}:{column}: {} {}{guess}",
        row.kind, row.role
    ));
}
