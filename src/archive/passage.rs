//! Finding the passages of a text that no earlier text held.
//!
//! A text is looked at by lines. The *shingle* of a line is the line and as many of the lines behind it as hold 64
//! letters and digits ([`CONTEXT`]) together. A shingle that occurred before adds nothing: every whole line and every
//! window of 64 letters that begins in its first line was handed out with the earlier one. What is handed out is the union
//! of the shingles that are new, as few passages of consecutive lines as possible.
//!
//! Shingles are remembered by a hash of 128 bits. It is not a cryptographic one: only the vendor could prepare two
//! passages with one hash, and would hide nothing but its own text from its own check. Two generations of hashes are
//! kept, and the older is dropped when the younger is full, so that memory has a bound; what was dropped is handed out
//! again, which costs time and loses nothing. Versions of a file lie together in a pack, so little is.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use xxhash_rust::xxh3::xxh3_128;

/// Letters and digits behind a line that belong to its shingle: twice the longest run that a rule of the leak check asks for.
const CONTEXT: u32 = 64;
/// Hashes of one generation: 17 bytes each.
const GENERATION: usize = 450_000;
/// An odd number, so that no power of it loses bits.
const BASE: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// Takes eight bytes of a hash as its own hash.
#[derive(Default)]
struct Unhashed(u64);

impl Hasher for Unhashed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u128(&mut self, n: u128) {
        self.0 = (n >> 64) as u64 ^ n as u64;
    }
}

type Hashes = HashSet<u128, BuildHasherDefault<Unhashed>>;

/// Finds passages that are new to it.
#[derive(Default)]
pub struct PassageFinder {
    young: Hashes,
    old: Hashes,
    lines: Vec<LineOfText>,
    /// `BASE` to the power of the position.
    powers: Vec<u128>,
}

#[derive(Clone, Copy)]
struct LineOfText {
    start: usize,
    end: usize,
    letters: u32,
    /// The polynomial hash of the lines up to this one, this one included.
    prefix: u128,
}

impl PassageFinder {
    /// Calls `emit` with each passage that is new, and the 1-based number of its first line. A passage ends without the
    /// line end of its last line.
    pub fn find_new(&mut self, text: &[u8], mut emit: impl FnMut(u64, &[u8])) {
        self.cut(text);
        let lines = std::mem::take(&mut self.lines);
        // First and last line of the passage at hand.
        let mut passage: Option<(usize, usize)> = None;
        let mut hand_out = |(first, last): (usize, usize)| {
            emit(first as u64 + 1, &text[lines[first].start..lines[last].end]);
        };
        let (mut last, mut behind) = (0, 0);
        for (at, line) in lines.iter().enumerate() {
            if at > last {
                last = at;
                behind = 0;
            } else if at > 0 {
                behind -= line.letters;
            }
            while behind < CONTEXT && last + 1 < lines.len() {
                last += 1;
                behind = behind.saturating_add(lines[last].letters);
            }
            if !self.is_new(self.shingle(&lines, at, last)) {
                continue;
            }
            match &mut passage {
                Some(open) if at <= open.1 + 1 => open.1 = open.1.max(last),
                _ => {
                    if let Some(open) = passage.replace((at, last)) {
                        hand_out(open);
                    }
                }
            }
        }
        if let Some(open) = passage {
            hand_out(open);
        }
        self.lines = lines;
        self.lines.clear();
        // One text of very many lines does not keep its memory for ever.
        self.lines.shrink_to(1 << 16);
        self.powers.truncate(1 << 16);
        self.powers.shrink_to(1 << 16);
    }

    fn cut(&mut self, text: &[u8]) {
        self.lines.clear();
        let mut start = 0;
        let mut prefix = 0_u128;
        for end in memchr::memchr_iter(b'\n', text).chain([text.len()]) {
            let line = &text[start..end];
            prefix = prefix.wrapping_mul(BASE).wrapping_add(xxh3_128(line));
            let letters = line
                .iter()
                .filter(|b| b.is_ascii_alphanumeric() || **b >= 0xc0);
            self.lines.push(LineOfText {
                start,
                end,
                letters: letters.count().min(1 << 30) as u32,
                prefix,
            });
            start = end + 1;
        }
        if self.powers.is_empty() {
            self.powers.push(1);
        }
        while self.powers.len() <= self.lines.len() {
            let next = self.powers[self.powers.len() - 1].wrapping_mul(BASE);
            self.powers.push(next);
        }
    }

    /// Returns the hash of the lines from one to another, both included.
    fn shingle(&self, lines: &[LineOfText], from: usize, to: usize) -> u128 {
        let before = from.checked_sub(1).map_or(0, |at| lines[at].prefix);
        let power = self.powers[to + 1 - from];
        let polynomial = lines[to].prefix.wrapping_sub(before.wrapping_mul(power));
        // The low bits of a sum depend on the low bits of its parts alone: they are mixed once more.
        xxh3_128(&polynomial.to_le_bytes()).wrapping_add((to - from) as u128)
    }

    fn is_new(&mut self, hash: u128) -> bool {
        if self.old.contains(&hash) || !self.young.insert(hash) {
            return false;
        }
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn passages(finder: &mut PassageFinder, text: &str) -> Vec<(u64, String)> {
        let mut out = Vec::new();
        finder.find_new(text.as_bytes(), |line, passage| {
            out.push((line, String::from_utf8(passage.to_vec()).unwrap()));
        });
        out
    }

    #[test]
    fn a_new_version_gives_what_changed_with_its_surroundings() {
        let line = |n: usize| {
            format!("line number {n} of a file that is long enough to stand alone in it\n")
        };
        let old: String = (0..50).map(line).collect();
        let new = old.replace("number 20 ", "number twenty ");
        let mut finder = PassageFinder::default();
        assert_eq!(passages(&mut finder, &old), [(1, old.clone())]);
        assert_eq!(passages(&mut finder, &old), []);
        let changed = passages(&mut finder, &new);
        assert_eq!(changed.len(), 1);
        let (first, text) = &changed[0];
        assert!(
            (18..=20).contains(first) && text.lines().count() <= 5,
            "{changed:?}"
        );
        assert!(text.contains("number twenty"));
    }

    #[test]
    fn many_blank_lines_cost_no_more_than_others() {
        let text = "\n".repeat(2_000_000) + "x";
        let mut finder = PassageFinder::default();
        let mut bytes = 0;
        finder.find_new(text.as_bytes(), |_, passage| bytes += passage.len());
        assert!(bytes <= text.len());
    }

    fn windows(text: &str, len: usize) -> Vec<String> {
        let letters: Vec<char> = text.chars().filter(char::is_ascii_alphanumeric).collect();
        letters.windows(len).map(|w| w.iter().collect()).collect()
    }

    proptest! {
        #[test]
        fn every_window_and_every_line_is_in_a_passage_of_some_text(
            texts in proptest::collection::vec(proptest::collection::vec("[ab]{0,9}|[ab ;]{20,60}|", 0..40), 1..8),
        ) {
            let mut finder = PassageFinder::default();
            let mut all: Vec<String> = Vec::new();
            for lines in &texts {
                let text = lines.join("\n");
                let mut end = 0;
                for (first, passage) in passages(&mut finder, &text) {
                    let from: usize = text.split_inclusive('\n').take(first as usize - 1).map(str::len).sum();
                    prop_assert!(text[from..].starts_with(&passage) && first > end);
                    end = first + passage.matches('\n').count() as u64;
                    all.push(passage);
                }
                for line in text.lines() {
                    prop_assert!(all.iter().any(|p| p.lines().any(|l| l == line)), "{line:?}");
                }
                for window in windows(&text, CONTEXT as usize) {
                    let holds = |p: &String| windows(p, CONTEXT as usize).contains(&window);
                    prop_assert!(all.iter().any(holds), "{window}");
                }
            }
        }
    }
}
