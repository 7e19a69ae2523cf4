//! `glassroom outline`: the symbols of one file.
//!
//! Nothing is recorded, and neither the review nor its index is made; an index that is damaged is built anew.

use super::output::{Out, remark};
use super::target::{self, Opened, Source, Traces};
use super::{Answer, Failure, Who, words};
use crate::job::{Cancel, OutlineRow, place, symbols};
use crate::model::{SymbolKind, SymbolRole};
use crate::symbols::How;
use clap::Args;
use serde::Serialize;
use std::sync::Mutex;

#[derive(Args)]
pub(super) struct Outline {
    #[command(flatten)]
    source: Source,
    /// The file, from the top of the snapshot.
    path: String,
}

#[derive(Serialize)]
struct Record<'a> {
    name: &'a str,
    kind: SymbolKind,
    role: SymbolRole,
    exact: bool,
    line: u32,
    end_line: u32,
    parent: Option<&'a str>,
}

pub(super) fn run(verb: &Outline, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let path = words::path(&verb.path)?;
    let opened = Opened::new(&verb.source, who, Traces::Kept)?;
    let listing = opened.listing()?;
    let file = place::file(&opened.reader(), &listing, &path)?;
    let snapshot = Mutex::new(opened.snapshot);
    let sources = symbols::Sources {
        listing: &listing,
        index: &opened.index,
        snapshot: &snapshot,
        encodings: &opened.encodings,
        limit: opened.limit,
        store: &opened.symbols,
    };
    let (rows, how) = symbols::outline(&sources, file, &Cancel::never())?;
    for row in &rows {
        let parent = row.parent.and_then(|at| rows.get(at as usize));
        if out.json {
            out.record(&Record {
                name: &row.name,
                kind: row.kind,
                role: row.role,
                exact: row.exact,
                line: row.line,
                end_line: row.end_line,
                parent: parent.map(|row| row.name.as_str()),
            });
        } else {
            out.line(&line(&rows, row));
        }
    }
    if how != How::Exact {
        out.flush();
        remark(&format!("{}: {}", file.path, how.words()));
    }
    if let Some(folder) = &opened.review {
        out.flush();
        target::heal_sources(&sources, folder);
    }
    Ok(Answer::Yes)
}

/// Writes a row for a person: indented by what holds it, `~` if it only looks like it.
fn line(rows: &[OutlineRow], row: &OutlineRow) -> String {
    let (mut depth, mut at) = (0, row.parent);
    while let Some(parent) = at.and_then(|at| rows.get(at as usize)) {
        depth += 1;
        at = parent.parent;
    }
    let span = format!("{}-{}", row.line, row.end_line);
    let guess = if row.exact { "" } else { " ~" };
    let declared = if row.role == SymbolRole::Declaration {
        "declared "
    } else {
        ""
    };
    let indent = "  ".repeat(depth);
    format!(
        "{span:>12}  {indent}{declared}{} {}{guess}",
        row.kind, row.name
    )
}
