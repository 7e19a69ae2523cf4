//! The trigrams of a group of texts, as tokens of tantivy.
//!
//! A trigram is a number of 24 bits (see [`crate::query::Need`]); its token is four characters from `0` to `o`, six
//! bits each. A group's distinct tokens are one string without spaces, which [`Slicer`] cuts up again, so that
//! tantivy neither searches for words nor keeps positions. A group with more than [`MOST`] distinct trigrams would
//! match nearly every query: it holds [`ALWAYS`] instead and is always read.

use crate::text;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Most distinct trigrams of a group. Text has under 20,000 in 64 kB, noise nearly 65,536: at 32,768 two repositories
/// full of firmware are indexed in a seventh of the time and searched no slower (measured).
const MOST: usize = 1 << 15;
/// The token of a group that is always read; no trigram looks like it.
pub(super) const ALWAYS: &str = "zzzz";
/// Characters of a token.
const WIDTH: usize = 4;
/// Bytes that are folded at once.
const WINDOW: usize = 1 << 14;

/// Returns the token of a trigram.
pub(super) fn token(gram: u32) -> [u8; WIDTH] {
    [18, 12, 6, 0].map(|shift| b'0' + ((gram >> shift) & 63) as u8)
}

/// Collects the distinct trigrams of a group.
pub(super) struct Collector {
    /// One bit a trigram: 2 MB, which a cache holds.
    seen: Box<[u64]>,
    found: Vec<u32>,
    folded: Vec<u8>,
}

impl Collector {
    pub(super) fn new() -> Self {
        Self {
            seen: vec![0; 1 << 18].into_boxed_slice(),
            found: Vec::new(),
            folded: Vec::new(),
        }
    }

    /// Adds a text, or the bytes of a binary file.
    pub(super) fn add(&mut self, text: &[u8]) {
        self.folded.clear();
        let mut rest = text;
        while !rest.is_empty() && self.found.len() <= MOST {
            let (window, behind) = rest.split_at(window(rest));
            // The last two bytes go before the next window: a trigram may lie across.
            let kept = self.folded.len().saturating_sub(2);
            self.folded.drain(..kept);
            text::fold(window, &mut self.folded);
            self.mark();
            rest = behind;
        }
    }

    fn mark(&mut self) {
        let [first, second, rest @ ..] = self.folded.as_slice() else {
            return;
        };
        let mut gram = u32::from(*first) << 8 | u32::from(*second);
        for byte in rest {
            gram = (gram << 8 | u32::from(*byte)) & 0xff_ffff;
            let word = &mut self.seen[(gram >> 6) as usize];
            let bit = 1 << (gram & 63);
            if *word & bit == 0 {
                *word |= bit;
                self.found.push(gram);
            }
        }
    }

    /// Returns the group's tokens as one string and begins the next group.
    pub(super) fn take(&mut self) -> String {
        let mut out = Vec::with_capacity(WIDTH * self.found.len().min(MOST));
        let is_full = self.found.len() > MOST;
        for gram in self.found.drain(..) {
            self.seen[(gram >> 6) as usize] = 0;
            let has_line_end = gram >> 16 == 10 || gram >> 8 & 255 == 10 || gram & 255 == 10;
            if !is_full && !has_line_end {
                out.extend_from_slice(&token(gram));
            }
        }
        if is_full {
            out.extend_from_slice(ALWAYS.as_bytes());
        }
        String::from_utf8(out).expect("tokens are ASCII")
    }
}

/// Returns how much to fold at once: whole characters, and whole lines if they are short enough.
fn window(text: &[u8]) -> usize {
    if text.len() <= WINDOW {
        return text.len();
    }
    if let Some(end) = memchr::memrchr(b'\n', &text[..WINDOW]) {
        return end + 1;
    }
    let is_inside = |at: &usize| text[*at] & 0xc0 == 0x80;
    (WINDOW - 3..=WINDOW)
        .rev()
        .find(|at| !is_inside(at))
        .unwrap_or(WINDOW)
}

/// Cuts a group's string into its tokens.
#[derive(Clone, Default)]
pub(super) struct Slicer(Token);

/// What [`Slicer`] has still to cut.
pub(super) struct Slices<'a> {
    rest: &'a str,
    token: &'a mut Token,
}

impl Tokenizer for Slicer {
    type TokenStream<'a> = Slices<'a>;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> Slices<'a> {
        self.0.reset();
        Slices {
            rest: text,
            token: &mut self.0,
        }
    }
}

impl TokenStream for Slices<'_> {
    fn advance(&mut self) -> bool {
        let Some((token, rest)) = self.rest.split_at_checked(WIDTH) else {
            return false;
        };
        self.token.text.clear();
        self.token.text.push_str(token);
        self.token.position = 0;
        self.rest = rest;
        true
    }
    fn token(&self) -> &Token {
        self.token
    }
    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::grams;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn tokens(text: &str) -> BTreeSet<String> {
        let mut slicer = Slicer::default();
        let mut stream = slicer.token_stream(text);
        let mut out = BTreeSet::new();
        while stream.advance() {
            out.insert(stream.token().text.clone());
        }
        out
    }

    fn expected(text: &[u8]) -> BTreeSet<String> {
        let mut folded = Vec::new();
        text::fold(text, &mut folded);
        grams(&folded)
            .map(|g| String::from_utf8(token(g).to_vec()).unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn all_trigrams_of_the_folded_text(unit in "[aAKſ\u{212a}é中\n]{1,9}", times in 1..3000_usize) {
            let text = unit.repeat(times);
            let mut collector = Collector::new();
            collector.add(b"other");
            collector.take();
            collector.add(text.as_bytes());
            prop_assert_eq!(tokens(&collector.take()), expected(text.as_bytes()));
        }

        #[test]
        fn of_bytes_too(unit in proptest::collection::vec(any::<u8>(), 1..30), times in 1..900_usize) {
            let text = unit.repeat(times);
            let mut collector = Collector::new();
            collector.add(&text);
            prop_assert!(tokens(&collector.take()).is_superset(&expected(&text)));
        }
    }

    #[test]
    fn a_group_of_noise_is_always_read() {
        let mut state = 1_u32;
        let noise: Vec<u8> = (0..400_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        let mut collector = Collector::new();
        collector.add(&noise);
        assert_eq!(collector.take(), ALWAYS);
        collector.add(b"abc");
        assert_eq!(collector.take().as_bytes(), token(0x61_62_63));
    }
}
