//! The symbols of one file, nested.

use super::super::message::OutlineRow;
use super::super::{Cancel, JobError};
use super::{Content, How, Sources, tagger};
use crate::model::{Symbol, SymbolKind, SymbolRole, TreeFile};
use crate::symbols::{Tag, look};
use crate::text::LineIndex;
use std::sync::PoisonError;

/// Lists the definitions and declarations of a file, and how they were found.
pub fn outline(
    sources: &Sources<'_>,
    file: &TreeFile,
    cancel: &Cancel,
) -> Result<(Vec<OutlineRow>, How), JobError> {
    let text = if file.kind.is_file() {
        sources.text(&file.blob)
    } else {
        Content::Binary
    };
    let text = match text {
        Content::Text(text) => text,
        Content::Binary => return Ok((Vec::new(), How::NoCode)),
        Content::Unreadable => {
            // Why is what the snapshot says.
            let snapshot = sources.snapshot.lock();
            let snapshot = snapshot.unwrap_or_else(PoisonError::into_inner);
            sources.reader(&snapshot).bytes(&file.blob)?;
            return Ok((Vec::new(), How::NoCode));
        }
    };
    let tagged = sources.tags(&mut tagger(), file, &text, cancel);
    let tagged = tagged.ok_or(JobError::Cancelled)?;
    Ok((rows(&text, &tagged.tags), tagged.how))
}

/// A definition by its lines.
#[derive(Clone, Debug)]
pub struct OutlineSymbol {
    /// Its name.
    pub name: String,
    /// Its first line.
    pub line: u32,
    /// Its last line.
    pub end_line: u32,
    /// A grammar says so; otherwise it only looks like one.
    pub is_exact: bool,
}

/// Returns the definitions of a text by the path of its file, found now. None if it was cancelled.
pub fn definitions_in(path: &[u8], text: &str, cancel: &Cancel) -> Vec<OutlineSymbol> {
    let tagged = look(&mut tagger(), path, text, &|| cancel.is_cancelled());
    let rows = tagged.map_or_else(Vec::new, |tagged| rows(text, &tagged.tags));
    rows.into_iter()
        .filter(|row| row.role == SymbolRole::Definition)
        .map(|row| OutlineSymbol {
            name: row.name,
            line: row.line,
            end_line: row.end_line,
            is_exact: row.exact,
        })
        .collect()
}

fn rows(text: &str, tags: &[Tag]) -> Vec<OutlineRow> {
    let lines = LineIndex::new(text.as_bytes());
    let mut rows = Vec::new();
    // The definitions that are open, by their rows.
    let mut open: Vec<(u32, &Symbol)> = Vec::new();
    for tag in tags {
        let symbol = &tag.symbol;
        if !matches!(
            symbol.role,
            SymbolRole::Definition | SymbolRole::Declaration
        ) {
            continue;
        }
        open.retain(|(_, outer)| symbol.name.start < outer.extent.end);
        let parent = open.iter().rev().find(|(_, outer)| holds(outer, symbol));
        let row = rows.len() as u32;
        rows.push(OutlineRow {
            name: symbol.name_in(text).to_owned(),
            kind: symbol.kind,
            role: symbol.role,
            line: lines.line_of(symbol.name.start as usize),
            end_line: lines.line_of((symbol.extent.end as usize).saturating_sub(1)),
            parent: parent.map(|(row, _)| *row),
            exact: tag.is_exact,
        });
        if open.len() < DEEPEST {
            open.push((row, symbol));
        }
    }
    rows
}

/// Deepest nesting that is told.
const DEEPEST: usize = 64;

/// Returns whether a symbol is a part of another. What is declared together is not: `int a, b;`; nor is a type a part of
/// the variable it is declared with: `struct a { … } b;`.
fn holds(outer: &Symbol, inner: &Symbol) -> bool {
    let is_within =
        outer.extent.start <= inner.extent.start && inner.extent.end <= outer.extent.end;
    let is_type = matches!(
        inner.kind,
        SymbolKind::Struct | SymbolKind::Union | SymbolKind::Enum | SymbolKind::Class
    );
    let is_value = matches!(
        outer.kind,
        SymbolKind::Variable
            | SymbolKind::Constant
            | SymbolKind::Field
            | SymbolKind::Type
            | SymbolKind::Enumerator
            | SymbolKind::Macro
    );
    is_within && outer.extent != inner.extent && !(is_type && is_value)
}

#[cfg(test)]
mod tests {
    use super::super::tagger;
    use super::*;
    use crate::language::by_name;

    /// Writes each row with its parent's name and its lines.
    fn outline(language: &str, text: &str) -> Vec<String> {
        let tagged = tagger().tag(by_name(language), text, &|| false).unwrap();
        let rows = rows(text, &tagged.tags);
        let name = |at: u32| rows[at as usize].name.as_str();
        let row = |row: &OutlineRow| {
            let parent = row.parent.map_or("-", name);
            format!(
                "{} {} {}-{} {parent}",
                row.kind, row.name, row.line, row.end_line
            )
        };
        rows.iter().map(row).collect()
    }

    #[test]
    fn parts_stand_below_what_holds_them() {
        let text = "struct a {\n  int b, c;\n  union { int d; } e;\n} f;\nint g, h;\nint main(void)\n{\n}\n";
        let wanted = [
            "struct a 1-4 -",
            "field b 2-2 a",
            "field c 2-2 a",
            "field d 3-3 a",
            "field e 3-3 a",
            "variable f 1-4 -",
            "variable g 5-5 -",
            "variable h 5-5 -",
            "function main 6-8 -",
        ];
        let got = outline("C", text);
        let line = |row: &str| row.replace("4-4", "1-4");
        assert_eq!(got.iter().map(|row| line(row)).collect::<Vec<_>>(), wanted);
        let got = outline("Python", "class A:\n  def f(self):\n    def g(): pass\n");
        assert_eq!(got, ["class A 1-3 -", "method f 2-3 A", "function g 3-3 f"]);
        let got = outline("C", "typedef struct { int a; } T;\n");
        assert_eq!(got, ["field a 1-1 -", "type T 1-1 -"]);
    }
}
