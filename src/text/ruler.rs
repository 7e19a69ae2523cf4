//! Bytes, characters and screen columns of one line, at a cost that does not grow with the line.
//!
//! A line of a hundred megabytes is read, not refused. Going through it from its beginning for every key would take
//! seconds, so a long line has waypoints: what was counted up to there.

use super::printable::{Piece, Printer};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Lines longer than this, in bytes, get waypoints.
const LONG: usize = 64 << 10;
/// Bytes between two waypoints.
const EVERY: usize = 8 << 10;

/// A place in a line: the beginning of a visible unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Waypoint {
    byte: u32,
    /// Characters before it.
    chars: u32,
    /// Screen columns before it.
    column: u32,
}

/// What was counted along one long line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waypoints {
    points: Vec<Waypoint>,
    end: Waypoint,
}

impl Waypoints {
    /// Goes through a line once; nothing for a line that is short enough without.
    pub fn of(line: &str, printer: Printer) -> Option<Self> {
        if line.len() <= LONG {
            return None;
        }
        let mut at = Waypoint::default();
        let mut points = vec![at];
        printer.each_unit(line, 0, 0, |unit| {
            if unit.start >= points.len() * EVERY {
                points.push(at);
            }
            at = Waypoint {
                byte: unit.end as u32,
                chars: at.chars + line[unit.start..unit.end].chars().count() as u32,
                column: (unit.column + unit.width) as u32,
            };
            true
        });
        Some(Self { points, end: at })
    }
}

/// Returns a range of bytes widened on both sides, at most to the ends of the text, to whole characters.
pub fn widened(text: &str, range: Range<usize>, by: usize) -> Range<usize> {
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    let from = (0..=range.start.saturating_sub(by)).rev().find(is_boundary);
    let to = (range.end.saturating_add(by)..text.len()).find(is_boundary);
    from.unwrap_or(0)..to.unwrap_or(text.len())
}

/// One line, measured.
#[derive(Clone, Copy)]
pub struct Ruler<'l> {
    line: &'l str,
    printer: Printer,
    waypoints: Option<&'l Waypoints>,
}

impl<'l> Ruler<'l> {
    /// Measures a line; `waypoints` are those of this line and printer, if it has any.
    pub fn new(line: &'l str, printer: Printer, waypoints: Option<&'l Waypoints>) -> Self {
        Self {
            line,
            printer,
            waypoints,
        }
    }

    /// Returns the last waypoint that is not behind a place.
    fn before(&self, is_behind: impl Fn(&Waypoint) -> bool) -> Waypoint {
        let points = self.waypoints.map_or(&[][..], |w| &w.points);
        let at = points.partition_point(|point| !is_behind(point));
        at.checked_sub(1)
            .map_or(Waypoint::default(), |at| points[at])
    }

    /// Returns how many columns the line takes.
    pub fn columns(&self) -> usize {
        match self.waypoints {
            Some(waypoints) => waypoints.end.column as usize,
            None => self.printer.columns(self.line),
        }
    }

    /// Returns the column, 0-based, at which the unit with a byte begins; behind the line its width.
    pub fn column_of(&self, byte: usize) -> usize {
        let from = self.before(|point| point.byte as usize > byte);
        let mut column = from.column as usize;
        let start = from.byte as usize;
        self.printer.each_unit(self.line, start, column, |unit| {
            if unit.end <= byte {
                column = unit.column + unit.width;
            }
            unit.end <= byte
        });
        column
    }

    /// Returns the 1-based number of the character that begins at a byte.
    pub fn char_of(&self, byte: usize) -> u32 {
        let byte = byte.min(self.line.len());
        let from = self.before(|point| point.byte as usize > byte);
        let between = &self.line.as_bytes()[from.byte as usize..byte];
        from.chars + super::column(between, between.len())
    }

    /// Returns the byte at which the 1-based character begins; nothing behind the last one.
    pub fn byte_of_char(&self, char: u32) -> Option<usize> {
        let char = char.saturating_sub(1);
        let from = self.before(|point| point.chars > char);
        let rest = &self.line[from.byte as usize..];
        let (at, _) = rest.char_indices().nth((char - from.chars) as usize)?;
        Some(from.byte as usize + at)
    }

    /// Returns the units that touch `width` columns from `left` on, and the column at which the first of them
    /// begins.
    pub fn window(&self, left: usize, width: usize) -> (usize, Vec<Piece>) {
        if self.waypoints.is_none() {
            return self.printer.window(self.line, left, width);
        }
        let from = self.before(|point| point.column as usize > left);
        let (start, column) = (from.byte as usize, from.column as usize);
        self.printer
            .window_from(self.line, (start, column), left, width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_widened_range_holds_whole_characters() {
        for (range, by, want) in [
            (2..3, 0, 1..3),
            (3..3, 1, 1..6),
            (0..9, 9, 0..9),
            (4..4, 0, 3..6),
        ] {
            assert_eq!(
                widened("aé漢bcd", range.clone(), by),
                want,
                "{range:?} {by}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn waypoints_change_no_answer(
            unit in "[a-c\t\u{e9}\u{301}\u{6f22}\u{202e}]{1,12}", cut in 0..12_usize, at in 0..1000_usize, ascii: bool,
        ) {
            let mut line = unit.repeat(LONG / unit.len() + 40);
            line.truncate(line.char_indices().rev().nth(cut).map_or(0, |(i, _)| i));
            let printer = Printer { tab: 8, ascii };
            let waypoints = Waypoints::of(&line, printer);
            prop_assert_eq!(waypoints.is_some(), line.len() > LONG);
            let (plain, fast) = (Ruler::new(&line, printer, None), Ruler::new(&line, printer, waypoints.as_ref()));
            prop_assert_eq!(plain.columns(), fast.columns());
            let char = (line.chars().count() * at / 999) as u32 + 1;
            prop_assert_eq!(plain.byte_of_char(char), fast.byte_of_char(char));
            let byte = plain.byte_of_char(char).unwrap_or(line.len());
            prop_assert_eq!(plain.char_of(byte), char);
            prop_assert_eq!(fast.char_of(byte), char);
            prop_assert_eq!(plain.column_of(byte), fast.column_of(byte));
            let left = plain.columns() * at / 999;
            prop_assert_eq!(plain.window(left, 40), fast.window(left, 40));
        }
    }
}
