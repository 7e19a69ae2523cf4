//! What may reach a terminal cell.
//!
//! The terminal library silently drops control, bidirectional and zero-width characters, so code that
//! hides something would look clean. Here each becomes a visible badge that names it, such as `<U+202E>`,
//! before any widget sees it. No byte of the vendor's reaches the terminal as a control byte.

use super::flag::FlagKind;
use super::invisible::{has_wide_letters, hidden, is_undrawn};
use unicode_width::UnicodeWidthChar;

/// At most so many combining marks share the cell of their letter; further ones become badges.
const MARKS: usize = 4;

/// The blank of Chinese and Japanese, as wide as their letters.
const WIDE_BLANK: char = '\u{3000}';

/// What stands in one or more cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// The character itself, with its combining marks.
    Text,
    /// Blanks that stand for a tab.
    Tab,
    /// The name of a character that would not show.
    Badge,
}

/// One visible unit of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What to draw.
    pub symbol: String,
    /// How many columns it takes, 1 or more.
    pub width: u16,
    /// First byte of what it stands for, 0-based within the line.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
    /// What kind of thing it is.
    pub kind: CellKind,
}

/// How lines are made visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Printer {
    /// Columns between tab stops, 1 or more.
    pub tab: u16,
    /// Whether only ASCII may be sent: bytes of UTF-8 could be control codes on a terminal of another
    /// encoding, so every other character becomes a badge.
    pub ascii: bool,
}

impl Default for Printer {
    fn default() -> Self {
        Self {
            tab: 8,
            ascii: false,
        }
    }
}

/// Where a unit of a line stands; its symbol is only made when it is drawn.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    first: char,
    pub start: usize,
    pub end: usize,
    pub column: usize,
    pub width: usize,
    kind: CellKind,
}

impl Printer {
    /// Goes through the units of a line in order, from one that begins at a byte and a column on, until `each`
    /// returns false. Allocates nothing.
    pub(super) fn each_unit(
        self,
        line: &str,
        start: usize,
        mut column: usize,
        mut each: impl FnMut(Unit) -> bool,
    ) {
        let rest = line.get(start..).unwrap_or_default();
        let mut chars = rest.char_indices().map(|(i, c)| (start + i, c)).peekable();
        let mut has_wide = None;
        while let Some((start, first)) = chars.next() {
            let (width, kind) = match first {
                WIDE_BLANK
                    if !self.ascii && *has_wide.get_or_insert_with(|| has_wide_letters(line)) =>
                {
                    (2, CellKind::Text)
                }
                _ => self.class(first, column),
            };
            let mut end = start + first.len_utf8();
            let mut marks = 0;
            while kind == CellKind::Text
                && marks < MARKS
                && let Some((at, mark)) = chars.next_if(|(_, c)| self.is_mark(*c))
            {
                end = at + mark.len_utf8();
                marks += 1;
            }
            if !each(Unit {
                first,
                start,
                end,
                column,
                width,
                kind,
            }) {
                return;
            }
            column += width;
        }
    }

    fn class(self, c: char, column: usize) -> (usize, CellKind) {
        if matches!(c, ' '..='~') {
            return (1, CellKind::Text);
        }
        if c == '\t' {
            let tab = usize::from(self.tab.max(1));
            return (tab - column % tab, CellKind::Tab);
        }
        match c.width().unwrap_or(0) {
            // A mark without a letter before it has no cell of its own.
            0 => (badge_width(c), CellKind::Badge),
            _ if hidden(c).is_some() || (self.ascii && !c.is_ascii()) => {
                (badge_width(c), CellKind::Badge)
            }
            width => (width, CellKind::Text),
        }
    }

    fn is_mark(self, c: char) -> bool {
        !c.is_ascii() && !self.ascii && c.width() == Some(0) && hidden(c).is_none()
    }

    fn piece(line: &str, unit: Unit) -> Piece {
        Piece {
            symbol: match unit.kind {
                CellKind::Text => line[unit.start..unit.end].to_owned(),
                CellKind::Tab => " ".repeat(unit.width),
                CellKind::Badge => badge(unit.first),
            },
            width: unit.width as u16,
            start: unit.start,
            end: unit.end,
            kind: unit.kind,
        }
    }

    /// Returns the visible units of a line, in order; together they stand for every byte of it.
    pub fn pieces(self, line: &str) -> Vec<Piece> {
        let mut out = Vec::new();
        self.each_unit(line, 0, 0, |unit| {
            out.push(Self::piece(line, unit));
            true
        });
        out
    }

    /// Returns how many columns a line takes.
    pub fn columns(self, line: &str) -> usize {
        if line.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return line.len();
        }
        let mut columns = 0;
        self.each_unit(line, 0, 0, |unit| {
            columns = unit.column + unit.width;
            true
        });
        columns
    }

    /// Returns the units of a line that touch the columns from `left` on, `width` columns wide, and the
    /// column at which the first of them begins. Costs the same wherever plain ASCII lines are cut.
    pub fn window(self, line: &str, left: usize, width: usize) -> (usize, Vec<Piece>) {
        let end = left.saturating_add(width);
        let wanted = end.saturating_add(1).min(line.len());
        if line.as_bytes()[..wanted]
            .iter()
            .all(|b| matches!(b, b' '..=b'~'))
        {
            // The byte behind the window was looked at too: no mark belongs to the last unit.
            let from = left.min(wanted);
            let to = end.min(wanted);
            let unit = |at| Unit {
                first: ' ',
                start: at,
                end: at + 1,
                column: at,
                width: 1,
                kind: CellKind::Text,
            };
            let pieces = (from..to).map(|at| Self::piece(line, unit(at)));
            return (from, pieces.collect());
        }
        self.window_from(line, (0, 0), left, width)
    }

    /// The same for a line of which a unit is known to begin at a byte and a column not behind `left`.
    pub(super) fn window_from(
        self,
        line: &str,
        (start, column): (usize, usize),
        left: usize,
        width: usize,
    ) -> (usize, Vec<Piece>) {
        let end = left.saturating_add(width);
        let mut first = left;
        let mut out = Vec::new();
        self.each_unit(line, start, column, |unit| {
            if unit.column >= end {
                return false;
            }
            if unit.column + unit.width > left {
                if out.is_empty() {
                    first = unit.column;
                }
                out.push(Self::piece(line, unit));
            }
            true
        });
        (first, out)
    }

    /// Returns a one-line text, such as a path, a ref or an author, in its visible form.
    pub fn line(self, text: &str) -> String {
        if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return text.to_owned();
        }
        let blank = |p: Piece| {
            if p.kind == CellKind::Tab {
                " ".to_owned()
            } else {
                p.symbol
            }
        };
        self.pieces(text).into_iter().map(blank).collect()
    }
}

/// Returns a text in its visible form, for any UTF-8 terminal. LF is kept if `text` has several lines.
pub fn printable(text: &str) -> String {
    let lines: Vec<_> = text
        .split('\n')
        .map(|line| Printer::default().line(line))
        .collect();
    lines.join("\n")
}

/// Returns the columns a visible text takes.
pub fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// Returns the name under which a character is shown instead of itself.
pub fn badge(c: char) -> String {
    format!("<U+{:04X}>", c as u32)
}

fn badge_width(c: char) -> usize {
    "<U+>".len()
        + if (c as u32) < 0x10000 {
            4
        } else {
            5 + usize::from((c as u32) >= 0x10_0000)
        }
}

/// Returns what a line is flagged for, with the characters, each once, in order of the kinds.
///
/// U+FFFD, private use and characters that are none are shown as badges and not flagged: they hide nothing.
pub fn flags(line: &str) -> Vec<(FlagKind, Vec<char>)> {
    let mut found: Vec<(FlagKind, Vec<char>)> = Vec::new();
    if line.bytes().all(|b| matches!(b, b' '..=b'~' | b'\t')) {
        return found;
    }
    let mut add = |kind: FlagKind, c: char| match found.iter_mut().find(|(k, _)| *k == kind) {
        Some((_, chars)) if chars.contains(&c) => {}
        Some((_, chars)) => chars.push(c),
        None => found.push((kind, vec![c])),
    };
    let has_wide = line.contains(WIDE_BLANK) && has_wide_letters(line);
    for c in line.chars().filter(|c| *c != WIDE_BLANK || !has_wide) {
        let harmless = c == '\u{c}' || is_undrawn(c);
        // A variation selector behind a symbol is how emoji are written.
        if let Some(kind) = hidden(c).filter(|_| !harmless && c != '\u{fe0f}') {
            add(kind, c);
        }
    }
    for word in line.split(|c: char| !c.is_alphanumeric() && c != '_') {
        if word.is_ascii() || !word.bytes().any(|b| b.is_ascii_alphabetic()) {
            continue;
        }
        word.chars()
            .filter(|c| looks_latin(*c))
            .for_each(|c| add(FlagKind::MixedScript, c));
    }
    found.sort();
    found
}

/// Returns whether a letter of another script can pass for a Latin one. All of Cyrillic, Armenian, Cherokee
/// and full-width Latin count; of Greek only its twins, because `Δt` and `σ_x` are ordinary.
fn looks_latin(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52f}' | '\u{531}'..='\u{587}' | '\u{13a0}'..='\u{13ff}' | '\u{ff21}'..='\u{ff5a}')
        || "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονικρυχ".contains(c)
        || matches!(c, '\u{1d400}'..='\u{1d7ff}')
}

#[cfg(test)]
mod tests {
    use super::CellKind::{Badge, Tab, Text};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hidden_characters_become_badges() {
        let show = |s: &str| Printer::default().line(s);
        assert_eq!(show("a\u{202e}b"), "a<U+202E>b");
        assert_eq!(show("us\u{200b}er"), "us<U+200B>er");
        assert_eq!(show("\x1b[2J\r"), "<U+001B>[2J<U+000D>");
        assert_eq!(show("größe 漢字"), "größe 漢字");
        assert_eq!(
            Printer {
                ascii: true,
                tab: 8
            }
            .line("é"),
            "<U+00E9>"
        );
    }

    #[test]
    fn blanks_that_are_no_plain_blank_are_badges_and_flagged() {
        let show = |s: &str| Printer::default().line(s);
        for c in "\u{a0}\u{1680}\u{2003}\u{2007}\u{2009}\u{202f}\u{2800}\u{3000}".chars() {
            let line = format!("no{c}blank");
            assert_eq!(show(&line), format!("no<U+{:04X}>blank", c as u32));
            assert_eq!(flags(&line), [(FlagKind::Blank, vec![c])]);
        }
        for line in ["名前\u{3000}値", "\u{3000}\u{3000}第一章", "a b\tc"] {
            assert_eq!(flags(line), [], "{line}");
            assert!(!show(line).contains('<'), "{line}");
        }
    }

    #[test]
    fn tabs_wide_and_combining_characters_take_their_room() {
        let pieces = Printer {
            tab: 4,
            ascii: false,
        }
        .pieces("a\t漢e\u{301}\u{301}\u{301}\u{301}\u{301}");
        let seen: Vec<_> = pieces.iter().map(|p| (p.width, p.kind)).collect();
        assert_eq!(
            seen,
            [(1, Text), (3, Tab), (2, Text), (1, Text), (8, Badge)]
        );
        assert_eq!(Printer::default().pieces("\u{301}")[0].kind, Badge);
    }

    #[test]
    fn trojan_source_is_flagged_and_plain_text_is_not() {
        let kinds = |s: &str| flags(s).into_iter().map(|(k, _)| k).collect::<Vec<_>>();
        assert_eq!(
            kinds("/*\u{202e} } \u{2066}if (admin)\u{2069}"),
            [FlagKind::Bidi]
        );
        assert_eq!(kinds("us\u{200b}er"), [FlagKind::Zerowidth]);
        assert_eq!(kinds("p\u{430}ssword"), [FlagKind::MixedScript]);
        assert_eq!(kinds("\x1b[0m"), [FlagKind::Control]);
        for plain in [
            "int main(void)",
            "größe",
            "Привет мир",
            "Δt = σ_x",
            "日本語 text",
            "\tx",
        ] {
            assert_eq!(kinds(plain), [], "{plain}");
        }
    }

    proptest! {
        #[test]
        fn a_window_is_a_part_of_the_whole(text in "[a-z\t漢é\u{301}\u{202e}]{0,40}", left in 0..60usize, width in 1..30usize) {
            let printer = Printer::default();
            let mut column = 0;
            let mut want = Vec::new();
            for piece in printer.pieces(&text) {
                let next = column + usize::from(piece.width);
                if next > left && column < left + width {
                    want.push((column, piece));
                }
                column = next;
            }
            let (first, got) = printer.window(&text, left, width);
            if let Some((column, _)) = want.first() {
                prop_assert_eq!(first, *column);
            }
            prop_assert_eq!(got, want.into_iter().map(|(_, p)| p).collect::<Vec<_>>());
            prop_assert_eq!(printer.columns(&text), column);
        }

        #[test]
        fn nothing_printed_is_a_control_and_every_byte_is_covered(text in "\\PC*|.*", ascii in any::<bool>()) {
            let printer = Printer { tab: 8, ascii };
            let pieces = printer.pieces(&text);
            let mut at = 0;
            for piece in &pieces {
                prop_assert_eq!(piece.start, at);
                at = piece.end;
                prop_assert!(piece.width >= 1);
                prop_assert!(piece.symbol.chars().all(|c| (hidden(c).is_none() || c == WIDE_BLANK) && c != '\t'));
                prop_assert!(!ascii || piece.symbol.is_ascii());
            }
            prop_assert_eq!(at, text.len());
            let once = printer.line(&text);
            prop_assert_eq!(printer.line(&once), once);
        }
    }
}
