//! Which parts of a text are code, comments and strings.
//!
//! One pass over the whole text, by the marks of the table of languages and a few habits of each language (`rules`):
//! escapes, strings that span lines, nested comments, raw strings, triple quotes, code within template strings, here-
//! documents. It parses nothing, so it may be wrong where only a parser is right, such as a pattern between slashes
//! of a shell; it never takes longer than a constant for each byte, nor more memory than a fixed number of parts. A
//! document and a file of no known language are all code.

mod embed;
mod ends;
mod forms;
mod gaps;
mod heredoc;
mod literal;
mod quotelike;
mod raw;
mod regex;
mod rules;
mod scan;
mod variant;

use super::Language;
use crate::model::Zone;

/// The parts of one text, each with the byte behind it, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zones(Vec<(u32, Zone)>);

/// Finds the parts of a text. It is UTF-8; bytes are 0-based.
pub fn zones(language: Option<&Language>, text: &[u8]) -> Zones {
    match language.and_then(|language| rules::of(language, text)) {
        Some(rules) => Zones(scan::scan(rules, text, scan::MOST_RUNS)),
        None if text.is_empty() => Zones::default(),
        None => Zones(vec![(text.len() as u32, Zone::Code)]),
    }
}

/// Returns a text for a reader who knows only LF: line ends that only the language knows become LF and comments blanks, and
/// every other byte stays where it is. Nothing if the text has no line end and no joint of lines that such a
/// reader misses.
///
/// Comments are blanked because such a reader ends them elsewhere.
pub fn plain_lines(language: &Language, text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let rules = rules::of(language, bytes)?;
    if !rules.may_surprise(bytes) {
        return None;
    }
    let mut out = bytes.to_vec();
    let mut from = 0;
    for (end, zone) in scan::scan(rules, bytes, scan::MOST_RUNS) {
        let end = end as usize;
        let mut at = from;
        while at < end && zone != Zone::String {
            let len = rules.ends.len_at(bytes, at).max(1);
            let is_end = rules.ends.len_at(bytes, at) > 0;
            // Code keeps what is no line end; an escape there would be one, but is not looked for.
            if is_end && (zone == Zone::Comment || bytes[at] != b'\\') {
                out[at..at + len].fill(b' ');
                out[at] = b'\n';
            } else if zone == Zone::Comment {
                out[at..at + len].fill(b' ');
            }
            at += len;
        }
        from = end;
    }
    // Whole characters were replaced, or all bytes of a comment.
    String::from_utf8(out).ok()
}

impl Zones {
    /// Returns what the byte stands in; what is behind the end is code.
    pub fn at(&self, byte: usize) -> Zone {
        let run = self.0.partition_point(|(end, _)| *end as usize <= byte);
        self.0.get(run).map_or(Zone::Code, |(_, zone)| *zone)
    }

    /// Returns the first byte from the given one on that stands in the zone, and the byte behind that part. What is
    /// behind the end is code.
    pub fn next(&self, byte: usize, zone: Zone) -> Option<(usize, usize)> {
        let run = self.0.partition_point(|(end, _)| *end as usize <= byte);
        let Some(at) = (run..self.0.len()).find(|run| self.0[*run].1 == zone) else {
            let end = self.0.last().map_or(0, |(end, _)| *end as usize);
            let behind = byte.max(end);
            return (zone == Zone::Code).then_some((behind, behind));
        };
        let begin = at.checked_sub(1).map_or(0, |before| self.0[before].0);
        Some((byte.max(begin as usize), self.0[at].0 as usize))
    }

    /// Returns a text in which only code is left; line ends and bytes stay where they are.
    pub fn blanked(&self, text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        let mut from = 0;
        for (end, zone) in &self.0 {
            let end = *end as usize;
            if *zone != Zone::Code {
                let part = &mut bytes[from..end];
                part.iter_mut()
                    .filter(|b| **b != b'\n')
                    .for_each(|b| *b = b' ');
            }
            from = end;
        }
        bytes
    }

    /// Returns the parts.
    pub fn runs(&self) -> &[(u32, Zone)] {
        &self.0
    }
}

#[cfg(test)]
mod tests;
