//! The code pane: one file, where the reviewer is in it, and what is coloured.

use crate::job::{Body, Document, LineColours};
use crate::language::{self, NameRule};
use crate::model::{AnchorExtent, ByteRange, Span, TreeFile};
use crate::text::{FlagKind, Printer, Ruler, widened};
use std::borrow::Cow;
use std::collections::HashMap;

/// Bytes on either side of the cursor in which the next word is looked for.
const WORDS: usize = 64 << 10;

/// The code pane.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// The file shown.
    pub doc: Option<Box<Document>>,
    /// The file asked for, and where to go in it.
    pub pending: Option<(TreeFile, Goto)>,
    /// Line of the cursor, 1-based.
    pub line: u32,
    /// Byte of the cursor within its line.
    pub byte: usize,
    /// First line shown, 1-based.
    pub top: u32,
    /// First column shown, 0-based; of the first line alone if long lines are broken.
    pub left: usize,
    /// Where a selection of lines began.
    pub select: Option<u32>,
    /// Long lines are broken instead of scrolled.
    pub wrap: bool,
    /// Line numbers are hidden.
    pub hide_numbers: bool,
    /// Token classes by line.
    pub colours: HashMap<u32, LineColours>,
    /// Lines asked to be coloured last.
    pub asked: Option<(u32, u32)>,
}

/// Where to go in a file once it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Goto {
    /// 1-based; 0 is where the reviewer was last.
    pub line: u32,
    /// 1-based column in characters; 0 for the first.
    pub column: u32,
    /// The first line shown; 0 centres the line.
    pub top: u32,
}

/// A place that back and forward return to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jump {
    /// The file.
    pub file: TreeFile,
    /// Where in it.
    pub at: Goto,
}

impl Code {
    /// Returns the file shown.
    pub fn file(&self) -> Option<&TreeFile> {
        self.doc.as_ref().map(|d| &d.file)
    }
    /// Returns the number of lines, of the hexadecimal view for a binary file.
    pub fn count(&self) -> u32 {
        self.doc.as_ref().map_or(0, |d| d.count())
    }
    /// Returns the current place.
    pub fn jump(&self) -> Option<Jump> {
        let file = self.file()?.clone();
        Some(Jump {
            file,
            at: Goto {
                line: self.line,
                column: self.column(),
                top: self.top,
            },
        })
    }
    /// Returns the selected lines, or the cursor's.
    pub fn span(&self) -> Span {
        Span::between(self.select.unwrap_or(self.line), self.line)
    }
    /// Returns what a note on the selected lines, or on the cursor's, covers; what has no lines, as a whole.
    pub fn extent(&self) -> Option<AnchorExtent> {
        let doc = self.doc.as_ref()?;
        Some(doc.extent(self.span()))
    }

    /// Returns what a note on the file covers: all its lines; what has no lines, as a whole.
    pub fn whole_extent(&self) -> Option<AnchorExtent> {
        let doc = self.doc.as_ref()?;
        Some(doc.extent(Span::between(1, doc.count())))
    }

    /// Returns the cursor's column, 1-based in characters.
    pub fn column(&self) -> u32 {
        self.doc.as_ref().map_or(1, |d| {
            let line = d.line(self.line);
            d.ruler(self.line, &line, Printer::default())
                .char_of(self.byte)
        })
    }
    /// Returns what a name is in the language of the file shown.
    pub(super) fn name_rule(&self) -> NameRule {
        let language = self.doc.as_ref().and_then(|doc| doc.language.as_deref());
        NameRule::of(language.and_then(language::by_name))
    }

    /// Returns the name under the cursor, or the first one behind it on its line.
    pub fn word(&self) -> Option<String> {
        let doc = self.doc.as_ref()?;
        let line = doc.line(self.line);
        let place = self.name_rule().name_from(line.as_bytes(), self.byte)?;
        line.get(place).map(str::to_owned)
    }

    /// Shows a file that was read.
    pub fn show(&mut self, doc: Box<Document>, at: Goto, height: usize) {
        let is_same = |old: &Document| old.file == doc.file && old.encoding() == doc.encoding();
        let same = self.doc.as_ref().is_some_and(|old| is_same(old));
        self.doc = Some(doc);
        self.select = None;
        self.left = 0;
        if !same {
            self.colours.clear();
            self.asked = None;
        }
        self.go(at, height);
    }

    /// Goes to a place of the file shown.
    pub fn go(&mut self, at: Goto, height: usize) {
        self.line = at.line.clamp(1, self.count().max(1));
        self.byte = self.byte_of_column(at.column.max(1));
        if at.top > 0 {
            self.top = at.top.clamp(1, self.count().max(1));
        } else if self.line < self.top || self.line >= self.top + height as u32 || self.top == 0 {
            self.top = self.line.saturating_sub(height as u32 / 2).max(1);
        }
    }

    fn byte_of_column(&self, column: u32) -> usize {
        let Some(doc) = &self.doc else { return 0 };
        let line = doc.line(self.line);
        doc.ruler(self.line, &line, Printer::default())
            .byte_of_char(column)
            .unwrap_or_else(|| last_char(&line))
    }

    /// Moves the cursor by lines.
    pub fn step(&mut self, by: i64) {
        let column = self.column();
        self.line = (i64::from(self.line) + by).clamp(1, i64::from(self.count().max(1))) as u32;
        self.byte = self.byte_of_column(column);
    }

    /// Scrolls by lines; the cursor stays in sight.
    pub fn scroll(&mut self, by: i64, height: usize) {
        let last = i64::from(self.count().max(1));
        self.top = (i64::from(self.top) + by).clamp(1, last) as u32;
        let bottom = self.top + height.saturating_sub(1) as u32;
        let line = self.line.clamp(self.top, bottom.min(last as u32));
        self.step(i64::from(line) - i64::from(self.line));
    }

    /// Moves the cursor within its line by characters.
    pub fn sideways(&mut self, by: i64) {
        let column = (i64::from(self.column()) + by).clamp(1, i64::from(u32::MAX));
        self.byte = self.byte_of_column(column as u32);
    }

    /// Moves the cursor to the next or previous beginning or end of a word, over line ends.
    pub fn word_step(&mut self, motion: WordMotion) {
        let Some(doc) = &self.doc else { return };
        let class = |c: char| match c {
            _ if c.is_whitespace() => 0,
            _ if c.is_alphanumeric() || c == '_' => 1,
            _ => 2,
        };
        let line = doc.line(self.line);
        let near = widened(&line, self.byte..self.byte, WORDS);
        let chars: Vec<(usize, u8)> = line[near.clone()]
            .char_indices()
            .map(|(i, c)| (near.start + i, class(c)))
            .collect();
        let here = chars.partition_point(|(i, _)| *i < self.byte);
        let begins = |n: usize| chars[n].1 != 0 && (n == 0 || chars[n - 1].1 != chars[n].1);
        let ends = |n: usize| chars[n].1 != 0 && chars.get(n + 1).is_none_or(|c| c.1 != chars[n].1);
        let found = match motion {
            WordMotion::Next => (here + 1..chars.len()).find(|n| begins(*n)),
            WordMotion::End => (here + 1..chars.len()).find(|n| ends(*n)),
            WordMotion::Back => (0..here.min(chars.len())).rev().find(|n| begins(*n)),
        };
        match found {
            Some(n) => self.byte = chars[n].0,
            None if motion == WordMotion::Back && self.line > 1 => {
                self.line -= 1;
                self.byte = last_char(
                    &self
                        .doc
                        .as_ref()
                        .map_or(Cow::Borrowed(""), |d| d.line(self.line)),
                );
            }
            None if motion != WordMotion::Back && self.line < self.count() => {
                self.line += 1;
                let doc = self.doc.as_ref();
                let line = doc.map_or(Cow::Borrowed(""), |d| d.line(self.line));
                self.byte = line.find(|c: char| !c.is_whitespace()).unwrap_or(0);
            }
            None => {}
        }
    }

    /// Scrolls so that the cursor is in sight.
    pub fn keep_visible(&mut self, height: usize, width: usize, printer: Printer) {
        let Some(doc) = &self.doc else { return };
        let height = height.max(1);
        self.line = self.line.clamp(1, self.count().max(1));
        self.top = self.top.clamp(1, self.count().max(1));
        if self.line < self.top {
            self.top = self.line;
        }
        if self.wrap {
            let width = width.max(1);
            let rows = |line: u32| doc.columns(line, printer).div_ceil(width).max(1);
            let mut used = 0;
            let mut first = self.line;
            loop {
                used += rows(first);
                if used > height || first == self.top {
                    break;
                }
                first -= 1;
            }
            if used > height {
                self.top = self.top.max((first + 1).min(self.line));
            }
            // Of a line that is longer than the screen, the rows around the cursor are shown.
            let row = doc.column_of(self.line, self.byte, printer) / width;
            let hidden = if self.top == self.line && rows(self.line) > height {
                (self.left / width).clamp(row.saturating_sub(height - 1), row)
            } else {
                0
            };
            self.left = hidden * width;
        } else {
            if self.line >= self.top + height as u32 {
                self.top = self.line + 1 - height as u32;
            }
            let column = doc.column_of(self.line, self.byte, printer);
            if column < self.left {
                self.left = column.saturating_sub(8);
            } else if width > 0 && column >= self.left + width {
                self.left = (column + 8).saturating_sub(width);
            }
        }
    }
}

fn last_char(line: &str) -> usize {
    line.char_indices().next_back().map_or(0, |(i, _)| i)
}

/// A movement by words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordMotion {
    /// To the beginning of the next.
    Next,
    /// To the end of this or the next.
    End,
    /// To the beginning of this or the one before.
    Back,
}

/// Bytes in a line of the hexadecimal view.
const HEX: usize = 16;

impl Document {
    /// Returns the number of lines, of the hexadecimal view for a binary file.
    pub fn count(&self) -> u32 {
        match &self.body {
            Body::Text { lines, .. } => lines.count(),
            Body::Binary(bytes) => bytes.len().div_ceil(HEX) as u32,
            Body::Absent(_) => 0,
        }
    }

    /// Returns what rows of the screen show of the file: lines, or bytes of a binary file; of a file without any, the
    /// file as a whole.
    fn extent(&self, rows: Span) -> AnchorExtent {
        let found = match &self.body {
            Body::Text { lines, .. } => (lines.count() > 0).then(|| rows.into()),
            Body::Binary(bytes) => {
                ByteRange::of_rows(rows, bytes.len() as u64).map(AnchorExtent::Bytes)
            }
            Body::Absent(_) => None,
        };
        found.unwrap_or(AnchorExtent::Whole(self.file.kind.into()))
    }

    /// Returns how its text was read, as named to the reviewer; nothing if it is no text.
    pub fn encoding(&self) -> Option<&str> {
        match &self.body {
            Body::Text { encoding, .. } => Some(encoding),
            Body::Binary(_) | Body::Absent(_) => None,
        }
    }

    /// Returns what marks a line end that most lines of the file do not have, or that there is none.
    pub fn end_mark(&self, line: u32) -> Option<&'static str> {
        let from = self.flags.partition_point(|(flagged, _)| *flagged < line);
        let mut here = self.flags[from..]
            .iter()
            .take_while(|(flagged, _)| *flagged == line);
        here.find_map(|(_, kind)| match kind {
            FlagKind::NoFinalNewline => Some("<no line end>"),
            FlagKind::LineEnds => Some(self.line_end(line)),
            _ => None,
        })
    }

    fn line_end(&self, line: u32) -> &'static str {
        match &self.body {
            Body::Text { text, lines, .. } if text[lines.range(line)].ends_with("\r\n") => {
                "<CR LF>"
            }
            _ => "<LF>",
        }
    }

    /// Returns a line without its end, 1-based; empty behind the last.
    pub fn line(&self, line: u32) -> Cow<'_, str> {
        match &self.body {
            Body::Text { text, lines, .. } => Cow::Borrowed(lines.slice(text, line)),
            Body::Binary(bytes) => Cow::Owned(hex_line(bytes, line)),
            Body::Absent(_) => Cow::Borrowed(""),
        }
    }

    /// Returns the screen columns of a line.
    pub fn columns(&self, line: u32, printer: Printer) -> usize {
        self.ruler(line, &self.line(line), printer).columns()
    }

    /// Returns the screen column, 0-based, of a byte of a line.
    pub fn column_of(&self, line: u32, byte: usize, printer: Printer) -> usize {
        self.ruler(line, &self.line(line), printer).column_of(byte)
    }

    /// Returns what measures a line that was taken with [`Self::line`].
    pub fn ruler<'a>(&'a self, at: u32, line: &'a str, printer: Printer) -> Ruler<'a> {
        let found = self.waypoints.binary_search_by_key(&at, |(line, _)| *line);
        Ruler::new(line, printer, found.ok().map(|at| &self.waypoints[at].1))
    }
}

fn hex_line(bytes: &[u8], line: u32) -> String {
    use std::fmt::Write;
    let from = (line.saturating_sub(1) as usize)
        .saturating_mul(HEX)
        .min(bytes.len());
    let row = &bytes[from..bytes.len().min(from + HEX)];
    let mut out = format!("{from:08x} ");
    for n in 0..HEX {
        let gap = if n % 8 == 0 { "  " } else { " " };
        match row.get(n) {
            Some(byte) => write!(out, "{gap}{byte:02x}").unwrap_or(()),
            None => write!(out, "{gap}  ").unwrap_or(()),
        }
    }
    out.push_str("  |");
    out.extend(row.iter().map(|b| {
        if matches!(b, b' '..=b'~') {
            *b as char
        } else {
            '.'
        }
    }));
    out.push('|');
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::text::LineIndex;

    pub(crate) fn document(file: &TreeFile, text: &str) -> Box<Document> {
        Box::new(Document {
            file: file.clone(),
            body: Body::Text {
                text: text.to_owned(),
                lines: LineIndex::new(text.as_bytes()),
                encoding: "UTF-8".into(),
                crlf: false,
            },
            language: Some("C".into()),
            traits: Vec::new(),
            flags: Vec::new(),
            waypoints: Vec::new(),
        })
    }

    fn code(text: &str) -> Code {
        let mut code = Code::default();
        let file = super::super::tree::tests::files(&["a.c"]).remove(0);
        code.show(document(&file, text), Goto::default(), 10);
        code
    }

    #[test]
    fn words_and_columns() {
        let mut code = code("int main(void)\n\n  größe = 漢;\n");
        code.word_step(WordMotion::Next);
        assert_eq!((code.word().as_deref(), code.column()), (Some("main"), 5));
        code.word_step(WordMotion::End);
        assert_eq!(code.column(), 8);
        for _ in 0..4 {
            code.word_step(WordMotion::Next);
        }
        assert_eq!(code.line, 2);
        code.word_step(WordMotion::Next);
        assert_eq!((code.line, code.word().as_deref()), (3, Some("größe")));
        code.word_step(WordMotion::Back);
        assert_eq!(code.line, 2);
    }

    #[test]
    fn the_cursor_stays_in_sight() {
        let text = "x\n".repeat(100);
        let mut code = code(&text);
        let printer = Printer::default();
        code.step(50);
        code.keep_visible(10, 80, printer);
        assert_eq!((code.line, code.top), (51, 42));
        code.scroll(-30, 10);
        assert_eq!((code.line, code.top), (21, 12));
        code.go(
            Goto {
                line: 1000,
                ..Goto::default()
            },
            10,
        );
        assert_eq!(code.line, 100);
        code.wrap = true;
        code.keep_visible(10, 80, printer);
        assert!(code.top <= 100 && code.top > 85);
    }

    #[test]
    fn binary_files_are_hexadecimal() {
        let bytes: Vec<u8> = (0..20).collect();
        assert_eq!(
            hex_line(&bytes, 1),
            "00000000   00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  |................|"
        );
        assert_eq!(
            hex_line(b"ABC", 1),
            "00000000   41 42 43                                          |ABC|"
        );
    }
}
