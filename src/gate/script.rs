//! Scripts that are written without spaces between words, and what their letters weigh.
//!
//! Latin letters make one token as long as no space parts them, and a single token is a name, which is free. A
//! sentence in Chinese has no space at all, so letters of such scripts never join to a token. And a Chinese character
//! says more than a Latin letter: eleven of them are a clause where eleven Latin letters are a word. So a run is
//! judged by weight. Thirty-two Latin letters have the full weight, [`FULL`], and so have eleven ideographs.
//!
//! The weights are measured on the translations in Linux's documentation: each paragraph against all other documents
//! of its language, leaving out those that share more than a seventh, and each sentence of 11 to 64 characters typed
//! as it is.
//!
//! | letters that block | paragraphs blocked by chance | sentences caught |
//! |---|---|---|
//! | 8 Han | 10.1 % of 2,478 | 100 % of 11,630 |
//! | 9 Han | 3.7 % | 100 % |
//! | 10 Han | 1.1 % | 100 % |
//! | **11 Han** | 0.8 % | 96.5 % |
//! | 12 Han | 0.7 % | 96.3 % |
//! | 14 Han | 0.5 % | 87 % |
//! | 16 Han | 0.3 % | 79 % |
//! | 12 Kana | 12.2 % of 239 | 98 % of 1,025 |
//! | 16 Kana | 4.2 % | 89 % |
//! | **18 Kana** | 1.7 % | 86 % |
//! | 20 Kana | 1.3 % | 84 % |
//! | 24 letters of Hangul | 0.7 % of 412 | 99.7 % of 1,376 |
//! | **28 letters of Hangul**, 11 syllables | 0 | 97 % |
//! | 32 letters of Hangul | 0 | 92 % |
//!
//! From 11 Han on, nearly all of what is left are names with a word beside them and sentences that one document did
//! take from another.
//!
//! Which scripts these are is taken from the Unicode properties: the letters that `Word_Break` (UAX #29) does not join,
//! which are those of Thai, Lao, Khmer, Myanmar, Han, Kana and the like; Ideographic; and `Script_Extensions` for the
//! scripts whose words are parted by other means, or too seldom (Hangul, Bopomofo, Yi, and the scripts of the line
//! breaking class Aksara, UAX #14).

use super::char_set::CharSet;
use super::filter::hash;
use super::skeleton::is_letter;
use std::sync::OnceLock;

/// Letters of a run that is judged, if all of them are Latin; no run that is looked for is longer.
pub const RUN: usize = 32;
/// The weight at which a run is judged.
pub const FULL: u32 = RUN as u32 * PLAIN;
/// A letter of an alphabet.
const PLAIN: u32 = 6;
/// An ideograph, or a syllable of Yi: eleven make a run.
const IDEOGRAPH: u32 = 18;
/// A letter of Kana: eighteen make a run. Endings such as `されている可能性があります` are everybody's.
const KANA: u32 = 11;
/// A letter of another script without spaces, of which Hangul takes two or three for a syllable: 28 make a run.
const ALPHABET: u32 = 7;
/// The most that one name in a run weighs: as much as four ideographs.
const NAME: u32 = 4 * IDEOGRAPH;
/// The weight of unspaced letters that make a line worth comparing: eight ideographs.
const LINE: u32 = 8 * IDEOGRAPH;

/// Kind of a letter that never joins to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnspacedLetter {
    /// A letter that stands for a word or for a syllable of full weight.
    Ideograph,
    /// Hiragana or Katakana.
    Kana,
    /// A letter of an alphabet, such as Thai, or of a syllable, such as those of Hangul.
    Alphabet,
}

impl UnspacedLetter {
    /// Returns the kind of a letter; none for other characters and for letters of scripts with spaces.
    pub fn from_char(c: char) -> Option<Self> {
        if c < '\u{300}' || !c.is_alphanumeric() {
            return None;
        }
        let [unspaced, ideographs, kana] = classes();
        if !unspaced.contains(c) {
            None
        } else if kana.contains(c) {
            Some(Self::Kana)
        } else if ideographs.contains(c) {
            Some(Self::Ideograph)
        } else {
            Some(Self::Alphabet)
        }
    }

    /// Returns the byte of the coarse form for a letter of this kind with a hash.
    pub fn coarse_byte(self, hash: u32) -> u8 {
        match self {
            Self::Ideograph => 0xa0 + (hash >> 26) as u8,
            Self::Kana => b'A' + ((u64::from(hash) * 26) >> 32) as u8,
            Self::Alphabet => 0x90 + (hash >> 28) as u8,
        }
    }

    const fn weight(self) -> u32 {
        match self {
            Self::Ideograph => IDEOGRAPH,
            Self::Kana => KANA,
            Self::Alphabet => ALPHABET,
        }
    }
}

/// Returns the sets of all letters without spaces, of ideographs and of Kana.
fn classes() -> &'static [CharSet; 3] {
    static CLASSES: OnceLock<[CharSet; 3]> = OnceLock::new();
    CLASSES.get_or_init(|| {
        [
            concat!(
                r"[[\p{Alphabetic}--[\p{wb=ALetter}\p{wb=Hebrew_Letter}\p{wb=Numeric}\p{wb=Extend}\p{wb=ExtendNumLet}]]",
                r"[\p{Alphabetic}&&[\p{Ideographic}\p{Script=Han}\p{scx=Hangul}\p{scx=Bopomofo}\p{scx=Yi}\p{scx=Tibetan}",
                r"\p{scx=Javanese}\p{scx=Balinese}\p{scx=Cham}\p{scx=Batak}\p{scx=Brahmi}\p{scx=Grantha}]]]",
            ),
            r"[\p{Ideographic}\p{Script=Han}\p{Script=Yi}]",
            r"[\p{scx=Hiragana}\p{scx=Katakana}&&\P{Ideographic}]",
        ]
        .map(CharSet::from_class)
    })
}

/// Returns whether a byte of the coarse form is a letter that never joins to a token.
#[inline]
pub fn is_unspaced(byte: u8) -> bool {
    byte.wrapping_sub(0x90) < 0x50 || byte.wrapping_sub(b'A') < 26
}

/// The weight of each byte of the coarse form; 0 for what is no letter.
static WEIGHTS: [u32; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = match byte {
            b'A'..=b'Z' => UnspacedLetter::Kana.weight(),
            0x90..=0x9f => UnspacedLetter::Alphabet.weight(),
            0xa0..=0xdf => UnspacedLetter::Ideograph.weight(),
            _ if is_letter(byte) => PLAIN,
            _ => 0,
        };
        at += 1;
    }
    table
};

/// A stretch of letters of the coarse form that has the full weight and no letter more than that takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightedGram {
    /// Position of its first letter.
    pub at: usize,
    /// Number of its letters, at most [`RUN`].
    pub length: usize,
    /// Whether one of them belongs to a script without spaces; if not, it has [`RUN`] letters.
    pub has_unspaced: bool,
}

/// Calls `see` with the gram that begins at each letter, in order. Behind the last ones too few letters are left.
pub fn each_gram(letters: &[u8], mut see: impl FnMut(WeightedGram)) {
    let (mut end, mut weight, mut unspaced) = (0, 0, 0);
    for at in 0..letters.len() {
        while weight < FULL && end < letters.len() && end - at < RUN {
            weight += WEIGHTS[letters[end] as usize];
            unspaced += usize::from(is_unspaced(letters[end]));
            end += 1;
        }
        if weight < FULL && end - at < RUN {
            return;
        }
        see(WeightedGram {
            at,
            length: end - at,
            has_unspaced: unspaced > 0,
        });
        weight -= WEIGHTS[letters[at] as usize];
        unspaced -= usize::from(is_unspaced(letters[at]));
    }
}

/// Calls `see` with every gram that holds a letter of a script without spaces, in order.
pub fn each_unspaced_gram(letters: &[u8], mut see: impl FnMut(WeightedGram)) {
    let next = |from: usize| {
        let found = letters[from..].iter().position(|b| is_unspaced(*b));
        found.map(|at| from + at)
    };
    let mut at = 0;
    while let Some(first) = next(at) {
        // Unspaced letters less than a run apart are walked together, so that no gram is seen twice.
        let mut last = first;
        while let Some(more) = next(last + 1).filter(|more| more - last < RUN) {
            last = more;
        }
        let from = (first + 1).saturating_sub(RUN).max(at);
        let to = (last + RUN).min(letters.len());
        each_gram(&letters[from..to], |gram| {
            if gram.has_unspaced {
                see(WeightedGram {
                    at: from + gram.at,
                    ..gram
                });
            }
        });
        at = last + 1;
    }
}

/// The distinct grams of a buffer that hold a letter of a script without spaces, by their first positions. It holds no
/// copy of them: whoever asks brings the buffer, and the length of the gram at each position of it.
#[derive(Default)]
pub struct WeightedGrams {
    /// Position plus one; 0 is free.
    slots: Vec<u32>,
}

impl WeightedGrams {
    /// Makes an empty table for so many grams.
    pub fn new(count: usize) -> Self {
        let slots = match count {
            0 => 0,
            count => (count * 2).next_power_of_two(),
        };
        Self {
            slots: vec![0; slots],
        }
    }

    /// Returns whether it was made for no gram.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Adds the gram at a position of the buffer, for which there must be room, and returns its first position.
    pub fn add(&mut self, buffer: &[u8], lengths: &[u8], at: usize) -> u32 {
        let gram = &buffer[at..at + usize::from(lengths[at])];
        let slot = self.slot(buffer, lengths, gram);
        if self.slots[slot] == 0 {
            self.slots[slot] = at as u32 + 1;
        }
        self.slots[slot] - 1
    }

    /// Returns the first position of a gram in the buffer.
    pub fn find(&self, buffer: &[u8], lengths: &[u8], gram: &[u8]) -> Option<u32> {
        self.slots[self.slot(buffer, lengths, gram)].checked_sub(1)
    }

    fn slot(&self, buffer: &[u8], lengths: &[u8], gram: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash(gram) as usize & mask;
        while let Some(at) = self.slots[slot].checked_sub(1) {
            let at = at as usize;
            let length = usize::from(lengths[at]);
            if buffer[at..at + length] == *gram {
                break;
            }
            slot = (slot + 1) & mask;
        }
        slot
    }
}

/// Returns whether a run that holds letters of a script without spaces says as much as a run that is judged.
///
/// A name in it, which would be free by itself, weighs no more than [`NAME`]; letters of alphabets that make a run of
/// several tokens by themselves do. `ends_token` tells whether a token ends behind a letter.
pub fn is_full(letters: &[u8], ends_token: impl Fn(usize) -> bool) -> bool {
    let mut weight = 0;
    let (mut name, mut stretch, mut names) = (0, 0, 0);
    for (at, byte) in letters.iter().enumerate() {
        if is_unspaced(*byte) {
            weight += WEIGHTS[*byte as usize];
            (stretch, names) = (0, 0);
            continue;
        }
        name += WEIGHTS[*byte as usize];
        stretch += 1;
        if at + 1 == letters.len() || ends_token(at) {
            weight += name.min(NAME);
            name = 0;
            names += 1;
        }
        if stretch >= RUN && names + usize::from(name > 0) > 1 {
            return true;
        }
    }
    weight >= FULL
}

/// Returns whether the letters of scripts without spaces in the ink of a line make it worth comparing, as three words
/// do.
pub fn has_clause(ink: &[u8]) -> bool {
    let unspaced = ink.iter().filter(|b| is_unspaced(**b));
    unspaced.map(|b| WEIGHTS[*b as usize]).sum::<u32>() >= LINE
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_of_scripts_without_spaces_are_told_by_their_properties() {
        use UnspacedLetter::{Alphabet, Ideograph, Kana};
        for (chars, kind) in [
            ("漢字密钥々〇㐀\u{20000}ꀀ𗀀", Some(Ideograph)),
            ("かなカナー", Some(Kana)),
            ("한글\u{1100}\u{1161}ㄅㆠกຂកကམꦏᬅ", Some(Alphabet)),
            ("azéжωאعहა\u{301}。，1٣", None),
        ] {
            for c in chars.chars() {
                assert_eq!(UnspacedLetter::from_char(c), kind, "{c:?}");
            }
        }
    }

    #[test]
    fn a_run_is_weighed_and_a_name_in_it_weighs_little() {
        let ideograph = UnspacedLetter::Ideograph.coarse_byte(7 << 26);
        let run = |names: usize, length: usize, ideographs: usize| {
            let mut letters = vec![b'x'; names * length];
            letters.extend(vec![ideograph; ideographs]);
            is_full(&letters, |at| (at + 1) % length == 0)
        };
        for (names, length, ideographs, want) in [
            (0, 1, 11, true),
            (0, 1, 10, false),
            (1, 60, 7, true),
            (1, 60, 6, false),
            (2, 10, 4, true),
            (2, 10, 3, false),
            (2, 16, 0, true),
            (1, 31, 0, false),
        ] {
            assert_eq!(
                run(names, length, ideographs),
                want,
                "{names} {length} {ideographs}"
            );
        }
    }

    proptest! {
        #[test]
        fn grams_are_the_shortest_stretches_of_full_weight(letters in proptest::collection::vec(
            proptest::sample::select(vec![b'a', b'b', 0x85, b'K', 0x91, 0xa1, 0xdf]), 0..200,
        ), stretch in 0usize..90) {
            // Latin letters in between, so that stretches are walked apart.
            let mut letters = letters;
            let middle = letters.len() / 2;
            letters.splice(middle..middle, vec![b'z'; stretch]);
            let weight = |s: &[u8]| s.iter().map(|b| WEIGHTS[*b as usize]).sum::<u32>();
            let mut want = Vec::new();
            for at in 0..letters.len() {
                let length = (1..=RUN.min(letters.len() - at))
                    .find(|n| *n == RUN || weight(&letters[at..at + n]) >= FULL);
                want.extend(length.map(|length| WeightedGram {
                    at,
                    length,
                    has_unspaced: letters[at..at + length].iter().any(|b| is_unspaced(*b)),
                }));
            }
            let (mut all, mut unspaced) = (Vec::new(), Vec::new());
            each_gram(&letters, |gram| all.push(gram));
            each_unspaced_gram(&letters, |gram| unspaced.push(gram));
            prop_assert_eq!(&all, &want);
            want.retain(|gram| gram.has_unspaced);
            prop_assert_eq!(unspaced, want);
        }
    }
}
