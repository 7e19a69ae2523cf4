//! A set of hashes that answers most questions with one bit.

/// A bit for each hash that may be in the set: "no" is certain, "yes" must be confirmed.
pub struct Filter {
    bits: Vec<u64>,
    shift: u32,
}

impl Filter {
    /// Holds `hashes` at about one bit in sixteen, so that a "yes" is rare.
    pub fn new(hashes: impl ExactSizeIterator<Item = u64>) -> Self {
        let size = (hashes.len() * 16)
            .next_power_of_two()
            .clamp(1 << 12, 1 << 26);
        let mut filter = Self {
            bits: vec![0; size / 64],
            shift: 64 - size.trailing_zeros(),
        };
        for hash in hashes {
            let at = filter.at(hash);
            filter.bits[at / 64] |= 1 << (at % 64);
        }
        filter
    }

    /// Returns whether the hash may be in the set.
    #[inline]
    pub fn may_hold(&self, hash: u64) -> bool {
        let at = self.at(hash);
        self.bits[at / 64] >> (at % 64) & 1 == 1
    }

    #[inline]
    fn at(&self, hash: u64) -> usize {
        (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }
}
