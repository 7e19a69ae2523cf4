//! Which lines of a file count in a coverage: its denominator.

use super::Cancel;
use super::read::Reader;
use crate::index::{Index, TextKind};
use crate::language::{self, NameClass};
use crate::model::{BlobId, CoverageOf, Marks, Span, TreeFile, Zone};
use crate::text::{Content, Encoding, LineIndex, count_lines};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that the hexadecimal view shows on a line.
const HEX: u64 = 16;

/// The lines of a file that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Every one of so many.
    All(u32),
    /// These.
    Only(Arc<Marks>),
}

/// The code lines of blobs, so that they are looked for once. What is code depends on the language: a blob that is both a
/// C file and a document is counted for each.
pub type Known = Mutex<HashMap<(BlobId, NameClass, Option<Encoding>), Arc<Marks>>>;

/// Finds the lines that count.
pub struct Counter<'a> {
    /// Which lines count.
    pub of: CoverageOf,
    /// What is indexed.
    pub index: &'a Index,
    /// Reads what is not.
    pub reader: Option<&'a Reader<'a>>,
    /// What is known already, by contents and how they were read.
    pub known: &'a Known,
    /// Whether it is still wanted: once it is not, no line counts.
    pub cancel: &'a Cancel,
}

impl Counter<'_> {
    /// Returns the lines of a file that count; nothing if none of its can.
    pub fn lines(&self, file: &TreeFile) -> Option<Counted> {
        match self.of {
            CoverageOf::Code => self.code(file),
            CoverageOf::Text | CoverageOf::All => self.every(file).map(Counted::All),
        }
    }

    fn every(&self, file: &TreeFile) -> Option<u32> {
        let rows = |size: u64| {
            let rows = u32::try_from(size.div_ceil(HEX)).unwrap_or(u32::MAX);
            (self.of == CoverageOf::All).then_some(rows)
        };
        if let Some(meta) = self.index.meta(&file.blob) {
            return match meta.kind {
                TextKind::Text | TextKind::LfsPointer => Some(meta.lines),
                TextKind::Binary | TextKind::TooLarge => rows(meta.size),
            };
        }
        let reader = self.reader?;
        match reader.content(&file.blob) {
            Ok(Content::Text(read)) => Some(count_lines(read.text.as_bytes())),
            Ok(Content::Binary(bytes)) => rows(bytes.len() as u64),
            Err(_) => None,
        }
    }

    fn code(&self, file: &TreeFile) -> Option<Counted> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let class = NameClass::from_path(file.path.as_bytes());
        let encoding = self.index.meta(&file.blob).map(|m| m.encoding);
        let key = (file.blob, class, encoding);
        if let Some(marks) = known().get(&key) {
            return Some(Counted::Only(Arc::clone(marks)));
        }
        if self.cancel.is_cancelled() {
            return None;
        }
        let text = self.text(file)?;
        let marks = Arc::new(code_lines(file.path.as_bytes(), &text));
        known().insert(key, Arc::clone(&marks));
        Some(Counted::Only(marks))
    }

    fn text(&self, file: &TreeFile) -> Option<String> {
        if self.index.meta(&file.blob).is_some() {
            let stored = self.index.text(&file.blob)?;
            let is_text = matches!(stored.kind, TextKind::Text | TextKind::LfsPointer);
            return String::from_utf8(stored.bytes).ok().filter(|_| is_text);
        }
        match self.reader?.content(&file.blob) {
            Ok(Content::Text(read)) => Some(read.text),
            _ => None,
        }
    }
}

/// Returns the lines that are neither blank nor wholly comment.
fn code_lines(path: &[u8], text: &str) -> Marks {
    let lines = LineIndex::new(text.as_bytes());
    let zones = language::zones(language::of(path, text.as_bytes()), text.as_bytes());
    let mut spans: Vec<Span> = Vec::new();
    for line in 1..=lines.count() {
        let range = lines.range(line);
        let ink = |at: &usize| !text.as_bytes()[*at].is_ascii_whitespace();
        let mut bytes = range.clone().filter(ink);
        if !bytes.any(|at| zones.at(at) != Zone::Comment) {
            continue;
        }
        match spans.last_mut() {
            Some(last) if last.end() + 1 == line => *last = Span::between(last.start(), line),
            _ => spans.push(Span::line(line)),
        }
    }
    spans.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<u32> {
        let marks = code_lines(path.as_bytes(), text);
        let spans = marks.spans().iter();
        spans.flat_map(|s| s.start()..=s.end()).collect()
    }

    #[test]
    fn blank_lines_and_comments_are_no_code() {
        let text =
            "/* a\n b */\n\nint a; // c\n \t\n// d\n/* e */ int b;\nchar *s = \"/* f */\";\n";
        assert_eq!(lines("a.c", text), [4, 7, 8]);
        assert_eq!(lines("a.py", "# a\nx = 1\n\n"), [2]);
        // A file of no language has no comments.
        assert_eq!(lines("notes.xyz", "# a\n\nb\n"), [1, 3]);
        assert_eq!(lines("empty.c", ""), [0; 0]);
    }
}
