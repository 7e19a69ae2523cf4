//! The one way text becomes cells: through [`Printer`], clipped to a rectangle.

use super::theme::Theme;
use crate::config::Role;
use crate::text::{CellKind, Piece, Printer};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A rectangle of cells to draw on. Nothing outside of it is ever touched.
pub struct Canvas<'a> {
    /// The rectangle.
    pub area: Rect,
    /// How things look.
    pub theme: &'a Theme,
    printer: Printer,
    buf: &'a mut Buffer,
}

impl<'a> Canvas<'a> {
    /// Makes a canvas of the part of `area` that is in the buffer.
    pub fn new(area: Rect, theme: &'a Theme, printer: Printer, buf: &'a mut Buffer) -> Self {
        let area = area.intersection(buf.area);
        Self {
            area,
            theme,
            printer,
            buf,
        }
    }

    /// Returns a canvas of a part of this one; rows and columns are relative and clipped.
    pub fn part(&mut self, x: u16, y: u16, width: u16, height: u16) -> Canvas<'_> {
        let part = Rect {
            x: self.area.x.saturating_add(x),
            y: self.area.y.saturating_add(y),
            width,
            height,
        };
        let area = part.intersection(self.area);
        Canvas {
            area,
            theme: self.theme,
            printer: self.printer,
            buf: self.buf,
        }
    }

    /// Returns the columns.
    pub fn width(&self) -> u16 {
        self.area.width
    }
    /// Returns the rows.
    pub fn height(&self) -> u16 {
        self.area.height
    }
    /// Returns whether only ASCII may be drawn.
    pub fn is_ascii(&self) -> bool {
        self.printer.ascii
    }
    /// Returns a glyph or its ASCII twin.
    pub fn glyph(&self, glyph: &'static str, ascii: &'static str) -> &'static str {
        if self.printer.ascii { ascii } else { glyph }
    }

    /// Blanks the canvas in a style.
    pub fn fill(&mut self, style: Style) {
        for y in self.area.top()..self.area.bottom() {
            for x in self.area.left()..self.area.right() {
                let cell = &mut self.buf[(x, y)];
                cell.reset();
                cell.set_style(style);
            }
        }
    }

    /// Returns how many columns a text takes.
    pub fn columns(&self, text: &str) -> usize {
        self.printer.columns(text)
    }

    /// Lays a style over a part of a row without changing its text.
    pub fn paint(&mut self, x: u16, y: u16, width: u16, style: Style) {
        let part = self.part(x, y, width, 1).area;
        self.buf.set_style(part, style);
    }

    /// Lays a style over a row without changing its text.
    pub fn tint(&mut self, y: u16, style: Style) {
        if y < self.area.height {
            let row = Rect {
                y: self.area.y + y,
                height: 1,
                ..self.area
            };
            self.buf.set_style(row, style);
        }
    }

    /// Draws units from the column on, cut at the edge. Returns the column behind them.
    pub fn pieces(
        &mut self,
        x: u16,
        y: u16,
        pieces: &[Piece],
        style: impl Fn(&Piece) -> Style,
    ) -> u16 {
        let mut x = x;
        if y >= self.area.height {
            return x;
        }
        for piece in pieces {
            if x >= self.area.width {
                break;
            }
            x = self.piece(x, y, piece, style(piece));
        }
        x
    }

    fn piece(&mut self, x: u16, y: u16, piece: &Piece, style: Style) -> u16 {
        let end = x.saturating_add(piece.width);
        let row = self.area.y + y;
        let left = self.area.x;
        if piece.kind == CellKind::Text && end <= self.area.width {
            let cell = &mut self.buf[(left + x, row)];
            cell.set_symbol(&piece.symbol);
            cell.set_style(style);
            for blank in x + 1..end {
                let cell = &mut self.buf[(left + blank, row)];
                cell.reset();
                cell.set_style(style);
            }
            return end;
        }
        // Tabs and badges are plain ASCII and may be cut; a wide letter that does not fit is a blank.
        let mut symbols = piece.symbol.chars();
        for at in x..end.min(self.area.width) {
            let symbol = symbols.next().filter(char::is_ascii).unwrap_or(' ');
            let cell = &mut self.buf[(left + at, row)];
            cell.set_char(symbol);
            cell.set_style(style);
        }
        end
    }

    /// Draws one line of text from the column on, cut at the edge. Returns the column behind it.
    pub fn put(&mut self, x: u16, y: u16, text: &str, style: Style) -> u16 {
        let room = usize::from(self.area.width.saturating_sub(x));
        let (_, pieces) = self.printer.window(text, 0, room);
        let badge = style.patch(self.theme.role(Role::Badge));
        self.pieces(x, y, &pieces, |p| {
            if p.kind == CellKind::Badge {
                badge
            } else {
                style
            }
        })
    }

    /// Draws one line of text in the style of a role.
    pub fn say(&mut self, x: u16, y: u16, text: &str, role: Role) -> u16 {
        let style = self.theme.role(role);
        self.put(x, y, text, style)
    }

    /// Draws one line of text so that it ends at the right edge, if it fits behind column `from`.
    pub fn right(&mut self, from: u16, y: u16, text: &str, role: Role) {
        let width = self.printer.columns(text) as u16;
        if let Some(x) = self.area.width.checked_sub(width)
            && x >= from
        {
            self.say(x, y, text, role);
        }
    }

    /// Draws a text over several rows, broken at blanks, from row `y` to `end`. Returns the row behind it.
    pub fn wrapped(&mut self, y: u16, end: u16, text: &str, role: Role) -> u16 {
        let mut y = y;
        for line in text.split('\n') {
            for part in wrap(line, self.area.width.into()) {
                if y >= end.min(self.area.height) {
                    return y;
                }
                self.say(0, y, part, role);
                y += 1;
            }
        }
        y
    }

    /// Draws a field: its text from the part that holds the cursor on, and the cursor as a reversed cell.
    pub fn field(&mut self, x: u16, y: u16, text: &str, cursor: Option<usize>) {
        let style = self.theme.role(Role::Text);
        let width = usize::from(self.area.width.saturating_sub(x));
        let pieces = self.printer.pieces(text);
        let column = |byte: usize| {
            pieces
                .iter()
                .take_while(|p| p.end <= byte)
                .map(|p| usize::from(p.width))
                .sum::<usize>()
        };
        let at = cursor.map(column);
        let left = at.map_or(0, |at| (at + 1).saturating_sub(width));
        let (first, shown) = self.printer.window(text, left, width);
        let badge = style.patch(self.theme.role(Role::Badge));
        let x = x + (first.saturating_sub(left)) as u16;
        self.pieces(x, y, &shown, |p| {
            if p.kind == CellKind::Badge {
                badge
            } else {
                style
            }
        });
        if let Some(at) = at {
            let x = x as usize + at - left;
            if x < usize::from(self.area.width) && y < self.area.height {
                let cell = &mut self.buf[(self.area.x + x as u16, self.area.y + y)];
                cell.set_style(Style::new().reversed());
            }
        }
    }
}

/// Breaks a line into parts of at most so many columns, at blanks where there are any. Columns are counted in
/// characters: the texts of the program and of the reviewer are mostly narrow, and what is too wide is cut.
pub fn wrap(line: &str, width: usize) -> Vec<&str> {
    let width = width.max(1);
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some((limit, _)) = rest.char_indices().nth(width) {
        let at = rest[..limit]
            .rfind(' ')
            .filter(|at| *at > 0)
            .unwrap_or(limit);
        parts.push(rest[..at].trim_end());
        rest = rest[at..].trim_start_matches(' ');
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("onetwothree", 4), ["onet", "woth", "ree"]);
        assert_eq!(wrap("", 4), [""]);
    }
}
