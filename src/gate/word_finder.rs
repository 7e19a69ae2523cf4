//! Finds words of the typed side in the vendor's texts: one pass for all rules that compare words.
//!
//! A text is cut into words 64 bytes at a time, and each word is hashed 16 bytes at a time. Most words are in no typed
//! text and end at a bit map that the fastest cache holds; the others are looked up in a table.

use super::filter::fold;
use std::ops::Range;

/// The shortest word that any rule compares.
pub const SHORTEST: usize = 3;
/// Bytes that are cut into words at once: one bit for each.
const CHUNK: usize = 64;
/// Bytes that are hashed at once.
const PIECE: usize = 16;
/// The bits by which small letters differ from capitals. Of what is in a word only `_` changes with them, to DEL.
const CASE: u64 = 0x2020_2020_2020_2020;
/// Number of bits of a hash by which the bit map is asked.
const BIT_MAP: u32 = 16;

/// Which bytes of a piece belong to a word of so many bytes.
const MASKS: [[u64; 2]; PIECE + 1] = {
    let mut masks = [[0; 2]; PIECE + 1];
    let mut len = 1;
    while len <= PIECE {
        let mask = u128::MAX >> (8 * (PIECE - len));
        masks[len] = [mask as u64, (mask >> 64) as u64];
        len += 1;
    }
    masks
};

/// Hashes a word; case does not count.
pub fn hash_word(word: &[u8]) -> u64 {
    let mut hash = 0;
    for piece in word.chunks(PIECE) {
        let mut padded = [0; PIECE];
        padded[..piece.len()].copy_from_slice(piece);
        hash = add_piece(hash, &padded, piece.len());
    }
    hash
}

#[inline]
fn add_piece(hash: u64, piece: &[u8; PIECE], len: usize) -> u64 {
    let both = u128::from_le_bytes(*piece);
    let [first, second] = MASKS[len];
    let first = (both as u64 | CASE) & first;
    let second = ((both >> 64) as u64 | CASE) & second;
    fold(
        first ^ hash ^ 0x9e37_79b9_7f4a_7c15,
        second ^ 0xd1b5_4a32_d192_ed03,
    )
}

/// Calls `see` with every word of a text, the shortest ones left out, and its hash. A word is of letters and digits of
/// ASCII and `_`.
#[inline]
pub fn each_word(text: &[u8], mut see: impl FnMut(Range<usize>, u64)) {
    let mut see_word = |from: usize, to: usize| {
        let len = to - from;
        if len < SHORTEST {
            return;
        }
        let hash = match text[from..].first_chunk::<PIECE>() {
            Some(piece) if len <= PIECE => add_piece(0, piece, len),
            _ => hash_word(&text[from..to]),
        };
        see(from..to, hash);
    };
    let (mut from, mut before) = (0, 0);
    let mut take = |at: usize, parts: u64| {
        let behind = parts << 1 | before;
        let (mut starts, mut ends) = (parts & !behind, behind & !parts);
        if before == 0 {
            from = at + starts.trailing_zeros() as usize;
            starts &= starts.wrapping_sub(1);
        }
        while ends != 0 {
            see_word(from, at + ends.trailing_zeros() as usize);
            ends &= ends - 1;
            from = at + starts.trailing_zeros() as usize;
            starts &= starts.wrapping_sub(1);
        }
        before = parts >> (CHUNK - 1);
    };
    let (chunks, rest) = text.as_chunks::<CHUNK>();
    for (number, chunk) in chunks.iter().enumerate() {
        take(number * CHUNK, parts(chunk));
    }
    // What is behind the text ends the last word.
    let mut last = [0; CHUNK];
    last[..rest.len()].copy_from_slice(rest);
    take(chunks.len() * CHUNK, parts(&last));
}

/// Returns which bytes are in a word, the first one in the lowest bit.
#[inline]
#[allow(
    clippy::needless_bitwise_bool,
    reason = "without branches the compiler classifies 16 bytes at once"
)]
fn parts(chunk: &[u8; CHUNK]) -> u64 {
    let is_part = chunk.map(|byte| {
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        u8::from(is_letter | (byte.wrapping_sub(b'0') < 10) | (byte == b'_'))
    });
    let (eights, _) = is_part.as_chunks::<8>();
    // Gathers the lowest bits of eight bytes in the highest byte.
    let gather =
        |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let eights = eights.iter().rev();
    eights.fold(0, |bits, eight| bits << 8 | gather(eight))
}

/// What a word is compared for, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WordUse(u8);

impl WordUse {
    /// It is an identifier, or may explain what is opaque.
    pub const NAME: Self = Self(1);
    /// It is in a run of words that are compared in their order.
    pub const ORDERED: Self = Self(2);
    /// It is left out of such runs.
    pub const DROPPED: Self = Self(4);

    /// Returns whether it is compared for a certain use.
    #[inline]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

#[derive(Clone, Copy, Default)]
struct FinderSlot {
    hash: u64,
    /// None if the slot is free.
    uses: WordUse,
    number: u32,
}

/// The words that are looked for, by their hashes.
pub struct WordFinder {
    bit_map: Box<[u64; (1 << BIT_MAP) / 64]>,
    slots: Vec<FinderSlot>,
    count: usize,
}

impl WordFinder {
    /// Makes an empty one.
    pub fn new() -> Self {
        Self {
            bit_map: Box::new([0; (1 << BIT_MAP) / 64]),
            slots: vec![FinderSlot::default(); 64],
            count: 0,
        }
    }

    /// Adds a word. `number` is kept if it is the first one for this use as a name.
    pub fn add(&mut self, hash: u64, word_use: WordUse, number: u32) {
        if self.count * 4 >= self.slots.len() {
            let larger = vec![FinderSlot::default(); self.slots.len() * 2];
            let old = std::mem::replace(&mut self.slots, larger);
            for slot in old.into_iter().filter(|slot| slot.uses.0 != 0) {
                let at = self.slot(slot.hash);
                self.slots[at] = slot;
            }
        }
        let at = self.slot(hash);
        let slot = &mut self.slots[at];
        self.count += usize::from(slot.uses.0 == 0);
        slot.hash = hash;
        if word_use == WordUse::NAME && !slot.uses.has(WordUse::NAME) {
            slot.number = number;
        }
        slot.uses.0 |= word_use.0;
        let bit = hash >> (64 - BIT_MAP);
        self.bit_map[bit as usize / 64] |= 1 << (bit % 64);
    }

    /// Returns whether no word was added.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns what a word is compared for, and the number that was added with a name.
    #[inline]
    pub fn find(&self, hash: u64) -> (WordUse, u32) {
        let bit = hash >> (64 - BIT_MAP);
        if self.bit_map[bit as usize / 64] >> (bit % 64) & 1 == 0 {
            return (WordUse::default(), 0);
        }
        let slot = &self.slots[self.slot(hash)];
        (slot.uses, slot.number)
    }

    #[inline]
    fn slot(&self, hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].uses.0 != 0 && self.slots[at].hash != hash {
            at = (at + 1) & mask;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_part(byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || byte == b'_'
    }

    proptest! {
        #[test]
        fn words_are_cut_wherever_they_are(text in "([a-zA-Z0-9_]{0,40}[ $\n(é@\\[`{]{0,3}){0,12}") {
            let text = text.as_bytes();
            let mut wanted = Vec::new();
            let mut from = 0;
            for to in 0..=text.len() {
                if text.get(to).is_none_or(|byte| !is_part(*byte)) {
                    if to - from >= SHORTEST {
                        wanted.push((from..to, hash_word(&text[from..to])));
                    }
                    from = to + 1;
                }
            }
            let mut found = Vec::new();
            each_word(text, |word, hash| found.push((word, hash)));
            prop_assert_eq!(found, wanted);
        }

        #[test]
        fn only_letters_and_digits_tell_words_apart(one in "[a-cA-C_09]{1,36}", other in "[a-cA-C_09]{1,36}") {
            prop_assert_eq!(hash_word(one.as_bytes()), hash_word(one.to_ascii_uppercase().as_bytes()));
            let is_same = one.eq_ignore_ascii_case(&other);
            prop_assert_eq!(hash_word(one.as_bytes()) == hash_word(other.as_bytes()), is_same);
        }

        #[test]
        fn a_finder_knows_the_uses_of_all_its_words(words in proptest::collection::vec("[a-z]{3,5}", 0..200), other in "[a-z]{6}") {
            let mut finder = WordFinder::new();
            prop_assert!(finder.is_empty());
            for (number, word) in words.iter().enumerate() {
                let word_use = [WordUse::NAME, WordUse::ORDERED, WordUse::DROPPED][number % 3];
                finder.add(hash_word(word.as_bytes()), word_use, number as u32);
            }
            for (number, word) in words.iter().enumerate() {
                let (uses, first) = finder.find(hash_word(word.as_bytes()));
                let of_name = |at: &usize| words[*at] == *word && at.is_multiple_of(3);
                let wanted = (0..words.len()).find(of_name);
                prop_assert_eq!(uses.has(WordUse::NAME).then_some(first as usize), wanted);
                prop_assert!(uses.has([WordUse::NAME, WordUse::ORDERED, WordUse::DROPPED][number % 3]));
            }
            prop_assert_eq!(finder.find(hash_word(other.as_bytes())).0, WordUse::default());
        }
    }
}
