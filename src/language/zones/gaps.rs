//! Code within text: interpolation in literals that are read as a whole.

use super::rules::{Gap, opener};
use super::scan::{ENDLESS, Scanner};
use crate::model::Zone;

impl Scanner<'_> {
    /// Takes what lies between the current byte and `end` for a string, and the gaps in it for code.
    pub(super) fn take_text(&mut self, end: usize, gaps: &[Gap]) {
        let end = end.min(self.text.len());
        self.put(self.at, Zone::Code);
        let (mut at, mut endless) = (self.at, 0);
        while !gaps.is_empty() && endless < ENDLESS && at < end {
            let rest = &self.text[at..end];
            // Nix escapes a gap with two apostrophes.
            let escape = if rest.starts_with(b"''$") { 3 } else { 2 };
            if rest[0] == b'\\' || escape == 3 {
                at += escape;
                continue;
            }
            let Some(gap) = gaps.iter().find(|gap| rest.starts_with(gap.open)) else {
                at += 1;
                continue;
            };
            let open = at + gap.open.len();
            let Some(close) = self.gap_end(open, end, gap.close) else {
                at = open;
                endless += 1;
                continue;
            };
            self.put(open, Zone::String);
            self.at = open;
            self.nested(self.rules, close);
            at = close;
        }
        self.put(end, Zone::String);
        self.at = end;
    }

    /// Returns where the gap that begins at a byte closes; nothing if it does not before `end`.
    fn gap_end(&self, from: usize, end: usize, close: u8) -> Option<usize> {
        let (open, mut depth) = (opener(close), 0_u32);
        for at in from..end {
            let byte = self.text[at];
            if byte == close && depth == 0 {
                return Some(at);
            } else if byte == close {
                depth -= 1;
            } else if byte == open {
                depth += 1;
            }
        }
        None
    }
}
