//! Hashes of grams, a filter that answers most questions with one word of memory, and the exact table behind it.

const K: [u64; 4] = [
    0xa076_1d64_78bd_642f,
    0xe703_7ed1_a0b4_28db,
    0x8ebc_6af0_9c88_c6e3,
    0x5899_65cc_7537_4cc3,
];

fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..]
        .first_chunk::<8>()
        .map_or(0, |eight| u64::from_le_bytes(*eight))
}

/// Multiplies two halves of a hash and mixes what comes of it.
#[inline]
pub fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

/// Hashes 12 bytes or more; those behind the first 12 do not count.
#[inline]
pub fn hash_12(bytes: &[u8]) -> u64 {
    fold(word(bytes, 0) ^ K[0], word(bytes, 4) ^ K[1])
}

/// Hashes 16 bytes or more; those behind the first 16 do not count.
#[inline]
pub fn hash_16(bytes: &[u8]) -> u64 {
    fold(word(bytes, 0) ^ K[0], word(bytes, 8) ^ K[1])
}

/// Hashes 24 bytes or more; those behind the first 24 do not count.
#[inline]
pub fn hash_24(bytes: &[u8]) -> u64 {
    fold(word(bytes, 0) ^ K[0], word(bytes, 8) ^ K[1]) ^ fold(word(bytes, 16) ^ K[2], K[3])
}

/// Hashes any number of bytes.
pub fn hash(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let words = words.iter().chain([&last]).map(|w| u64::from_le_bytes(*w));
    words.fold(K[2] ^ bytes.len() as u64, |h, w| fold(h ^ w ^ K[0], K[1]))
}

/// Three bits of one word for each hash that may be in the set: "no" is certain, "yes" must be confirmed.
pub struct Filter {
    words: Vec<u64>,
    shift: u32,
}

impl Filter {
    /// Makes an empty one for so many hashes, at about 16 bits for each.
    pub fn new(count: usize) -> Self {
        let words = (count / 4).next_power_of_two().max(64);
        Self {
            words: vec![0; words],
            shift: 64 - words.trailing_zeros(),
        }
    }

    fn bits(hash: u64) -> u64 {
        1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63)
    }

    /// Adds a hash.
    pub fn add(&mut self, hash: u64) {
        self.words[(hash >> self.shift) as usize] |= Self::bits(hash);
    }

    /// Returns whether the hash may be in the set.
    #[inline]
    pub fn may_hold(&self, hash: u64) -> bool {
        let bits = Self::bits(hash);
        self.words[(hash >> self.shift) as usize] & bits == bits
    }
}

/// The distinct grams of a buffer, by their first positions. It holds no copy of them: whoever asks brings the
/// buffer along.
pub struct Grams<const LEN: usize> {
    /// Position plus one; 0 is free.
    slots: Vec<u32>,
    count: usize,
}

impl<const LEN: usize> Grams<LEN> {
    /// Makes an empty one.
    pub fn new() -> Self {
        Self {
            slots: vec![0; 64],
            count: 0,
        }
    }

    /// Adds the gram at a position of the buffer and returns its first position.
    pub fn add(&mut self, buffer: &[u8], at: u32) -> u32 {
        let gram = &buffer[at as usize..at as usize + LEN];
        let slot = self.slot(buffer, gram);
        if self.slots[slot] != 0 {
            return self.slots[slot] - 1;
        }
        self.slots[slot] = at + 1;
        self.count += 1;
        if self.count * 2 > self.slots.len() {
            self.grow(buffer);
        }
        at
    }

    /// Doubles the table. It grows with the distinct grams, of which there are far fewer than positions.
    #[cold]
    fn grow(&mut self, buffer: &[u8]) {
        let larger = vec![0; self.slots.len() * 2];
        let old = std::mem::replace(&mut self.slots, larger);
        for position in old.into_iter().filter(|position| *position > 0) {
            let at = position as usize - 1;
            let slot = self.slot(buffer, &buffer[at..at + LEN]);
            self.slots[slot] = position;
        }
    }

    /// Returns the first positions of all grams.
    pub fn positions(&self) -> impl Iterator<Item = usize> {
        let positions = self.slots.iter().filter(|position| **position > 0);
        positions.map(|position| *position as usize - 1)
    }

    /// Returns how many distinct grams were added.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns the first position of a gram in the buffer.
    pub fn find(&self, buffer: &[u8], gram: &[u8]) -> Option<u32> {
        self.slots[self.slot(buffer, gram)].checked_sub(1)
    }

    fn slot(&self, buffer: &[u8], gram: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash(gram) as usize & mask;
        loop {
            let Some(at) = self.slots[slot].checked_sub(1) else {
                return slot;
            };
            if buffer[at as usize..at as usize + LEN] == *gram {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn grams_are_found_where_they_first_stand(text in "[a-d]{1,300}", other in "[a-d]{4}") {
            let bytes = text.as_bytes();
            let mut grams = Grams::<4>::new();
            for at in 0..bytes.len().saturating_sub(3) {
                let first = grams.add(bytes, at as u32);
                prop_assert_eq!(text.find(&text[at..at + 4]), Some(first as usize));
            }
            let distinct: std::collections::HashSet<_> = bytes.windows(4).collect();
            prop_assert_eq!(grams.count(), distinct.len());
            let listed: std::collections::HashSet<_> = grams.positions().map(|at| &bytes[at..at + 4]).collect();
            prop_assert_eq!(listed, distinct);
            let found = grams.find(bytes, other.as_bytes());
            prop_assert_eq!(found.map(|at| at as usize), text.find(&other));
        }

        #[test]
        fn a_filter_forgets_nothing(hashes in proptest::collection::vec(any::<u64>(), 1..500)) {
            let mut filter = Filter::new(hashes.len());
            hashes.iter().for_each(|h| filter.add(*h));
            prop_assert!(hashes.iter().all(|h| filter.may_hold(*h)));
        }

        #[test]
        fn only_the_first_bytes_count(bytes in proptest::collection::vec(any::<u8>(), 24), more: u8) {
            let longer = [&bytes[..], &[more]].concat();
            prop_assert_eq!(hash_24(&bytes), hash_24(&longer));
            prop_assert_eq!(hash_16(&bytes[..16]), hash_16(&longer));
            prop_assert_eq!(hash_12(&bytes[..12]), hash_12(&longer));
        }
    }
}
