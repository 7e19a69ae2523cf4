//! A stretch of one of the vendor's texts in the coarse form, made to be streamed past the tables.
//!
//! A text is cut into blocks, at line ends where there are any. Each block begins with the last [`CARRIED`]
//! letters, and as much ink, of what stands before it, so that every run of [`RUN`] lies whole in at least one.
//! Where a byte of the coarse form comes from is worked out only when something was found: that is rare, and
//! the offsets would be most of the memory.

pub use super::script::RUN;
use super::script::is_unspaced;
use super::skeleton::{self, ASCII, OTHER, is_letter};
use std::cell::OnceCell;
use std::ops::Range;

/// What a block takes over from the one before.
const CARRIED: usize = RUN - 1;
/// Bytes of a block: what a cache holds.
const SIZE: usize = 256 << 10;

/// A whole line, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where its ink begins and ends in the block's ink.
    pub ink: (u32, u32),
    /// Where its bytes begin and end in the text.
    pub text: (u32, u32),
}

/// The block at hand. Its buffers are used again for the next.
#[derive(Default)]
pub struct Block {
    ink: Vec<u8>,
    letters: Vec<u8>,
    lens: (usize, usize),
    lines: Vec<Line>,
    carried: Carried,
    has_unspaced: bool,
    origins: OnceCell<(Vec<u32>, Vec<u32>)>,
}

/// The last ink and letters of what stands before the block, with the offsets of their characters.
#[derive(Default)]
struct Carried {
    ink: Vec<(u8, u32)>,
    letters: Vec<(u8, u32)>,
}

/// Where the block at hand stands.
pub struct Place<'t> {
    /// The whole text.
    pub text: &'t [u8],
    /// The block's own part of it.
    range: Range<usize>,
    /// How many letters of the text stand before the block's first one.
    pub letters_before: usize,
    /// Line ends before the block's own part.
    lines_before: u64,
}

impl Place<'_> {
    /// Returns the 1-based line on which a byte of the text stands.
    pub fn line_of(&self, offset: usize) -> u64 {
        let start = self.range.start;
        let between = &self.text[offset.min(start)..offset.max(start)];
        let ends = memchr::memchr_iter(b'\n', between).count() as u64;
        if offset < start {
            self.lines_before - ends + 1
        } else {
            self.lines_before + ends + 1
        }
    }

    /// Returns where the block's own part begins in the text.
    pub fn start(&self) -> usize {
        self.range.start
    }

    /// Returns the bytes of the block's own part.
    pub fn bytes(&self) -> &[u8] {
        &self.text[self.range.clone()]
    }
}

impl Block {
    /// Reads a text block by block; `see` is called for each, until it returns false. `first_line` is the 1-based number
    /// of its first line, if it is a part of a longer text.
    pub fn each<'t>(
        &mut self,
        text: &'t [u8],
        first_line: u64,
        mut see: impl FnMut(&Self, &Place<'t>) -> bool,
    ) {
        self.carried = Carried::default();
        let (mut start, mut lines_before) = (0, first_line - 1);
        // Letters of two parts of one text are not taken for neighbours: a line has fewer than so many.
        let mut letters = (first_line as usize - 1) << 30;
        while start < text.len() {
            let end = cut(text, start);
            let carried = self.carried.letters.len();
            self.fill(text, start..end);
            let place = Place {
                text,
                range: start..end,
                letters_before: letters - carried,
                lines_before,
            };
            if !see(self, &place) || end == text.len() {
                return;
            }
            letters += self.lens.1 - carried;
            lines_before += memchr::memchr_iter(b'\n', &text[start..end]).count() as u64;
            self.carry(text, start..end);
            start = end;
        }
    }

    fn fill(&mut self, text: &[u8], range: Range<usize>) {
        self.origins.take();
        self.lines.clear();
        // A character outside ASCII may be longer here than there; `take_other` makes room for itself.
        let room = range.len() + 2 * CARRIED + 64;
        if self.ink.len() < room {
            self.ink.resize(room, 0);
            self.letters.resize(room, 0);
        }
        let carried = &self.carried;
        self.lens = (carried.ink.len(), carried.letters.len());
        self.has_unspaced = carried.letters.iter().any(|(byte, _)| is_unspaced(*byte));
        for (to, (byte, _)) in self.ink.iter_mut().zip(&carried.ink) {
            *to = *byte;
        }
        for (to, (byte, _)) in self.letters.iter_mut().zip(&carried.letters) {
            *to = *byte;
        }
        let ends = memchr::memchr_iter(b'\n', &text[range.clone()]).map(|at| range.start + at);
        let mut from = range.start;
        for end in ends.chain([range.end]) {
            let begin = self.lens.0;
            self.take_line(text, from..end);
            let begins = from == 0 || text[from - 1] == b'\n';
            let ends = end == text.len() || text[end] == b'\n';
            if begins && ends {
                self.lines.push(Line {
                    ink: (begin as u32, self.lens.0 as u32),
                    text: (from as u32, end as u32),
                });
            }
            from = end + 1;
        }
        if text[range.end - 1] == b'\n' && range.end < text.len() {
            // What stands behind the block's last line end belongs to the next block.
            let last = self.lines.last();
            if last.is_some_and(|l| l.text.0 as usize == range.end) {
                self.lines.pop();
            }
        }
    }

    #[inline]
    fn take_line(&mut self, text: &[u8], line: Range<usize>) {
        // Characters of the lines before may have been longer here than there.
        self.make_room(line.len());
        let mut at = line.start;
        while at < line.end {
            let left = line.end - at;
            let eight = match text[at..].first_chunk() {
                // What is behind the line is dropped.
                Some(eight) => {
                    u64::from_le_bytes(*eight) & u64::MAX >> (8 * 8usize.saturating_sub(left))
                }
                None => last_bytes(&text[at..line.end]),
            };
            if eight & NOT_ASCII == 0 {
                self.take_eight(eight);
                at += left.min(8);
            } else {
                at += self.take_character(&text[at..line.end]);
            }
        }
    }

    /// Makes room for so many bytes of ASCII.
    #[inline]
    fn make_room(&mut self, length: usize) {
        let room = self.lens.0 + length + 8;
        if room > self.ink.len() {
            self.ink.resize(2 * room, 0);
            self.letters.resize(2 * room, 0);
        }
    }

    /// Takes eight characters of ASCII, the first of which is the lowest byte.
    #[inline]
    fn take_eight(&mut self, eight: u64) {
        let (n, l) = self.lens;
        let room = "there are as many letters as ink at most, and room was made for it";
        let ink = self.ink[n..].first_chunk_mut::<8>().expect(room);
        let letters = self.letters[l..].first_chunk_mut::<8>().expect(room);
        // The number of bytes of ink, and in the higher byte that of letters.
        let mut counts = 0_usize;
        for byte in eight.to_le_bytes() {
            let [byte, is_ink, is_letter, _] = COUNTED[byte as usize];
            // Written whether it counts or not: a branch would be wrong every few bytes.
            ink[counts & 7] = byte;
            letters[counts >> 8 & 7] = byte;
            counts += usize::from(is_ink) | usize::from(is_letter) << 8;
        }
        self.lens = (n + (counts & 0xff), l + (counts >> 8));
    }

    /// Takes the first character of a part of a line. Returns its length.
    fn take_character(&mut self, text: &[u8]) -> usize {
        let byte = ASCII[text[0] as usize];
        if byte == OTHER {
            let width = self.take_other(text);
            self.make_room(text.len());
            return width;
        }
        let (n, l) = self.lens;
        self.ink[n] = byte;
        self.letters[l] = byte;
        self.lens = (n + usize::from(byte != 0), l + usize::from(is_letter(byte)));
        1
    }

    fn take_other(&mut self, text: &[u8]) -> usize {
        let (mut n, mut l) = self.lens;
        let (ink, letters) = (&mut self.ink, &mut self.letters);
        let has_unspaced = &mut self.has_unspaced;
        let width = skeleton::other(text, &mut |byte| {
            if n + text.len() + 32 >= ink.len() {
                ink.resize(2 * ink.len() + text.len(), 0);
                letters.resize(ink.len(), 0);
            }
            ink[n] = byte;
            n += 1;
            letters[l] = byte;
            l += usize::from(is_letter(byte));
            *has_unspaced |= is_unspaced(byte);
        });
        self.lens = (n, l);
        width
    }

    /// Keeps the last ink and letters of a part of the text for the block behind it.
    fn carry(&mut self, text: &[u8], range: Range<usize>) {
        let (mut ink, mut letters) = (Vec::new(), Vec::new());
        let mut at = range.end;
        while at > range.start && (ink.len() < CARRIED || letters.len() < CARRIED) {
            at -= 1;
            while at > range.start && text[at] & 0xc0 == 0x80 {
                at -= 1;
            }
            let mut bytes = Vec::new();
            skeleton::each(&text[at..range.end.min(at + 4)], |byte, from| {
                bytes.extend(Some(byte).filter(|_| from == 0));
            });
            for byte in bytes.into_iter().rev() {
                ink.push((byte, at as u32));
                letters.extend(Some((byte, at as u32)).filter(|_| is_letter(byte)));
            }
        }
        ink.extend(self.carried.ink.iter().rev());
        letters.extend(self.carried.letters.iter().rev());
        for list in [&mut ink, &mut letters] {
            list.truncate(CARRIED);
            list.reverse();
        }
        self.carried = Carried { ink, letters };
    }

    /// Returns the ink.
    pub fn ink(&self) -> &[u8] {
        &self.ink[..self.lens.0]
    }

    /// Returns the letters.
    pub fn letters(&self) -> &[u8] {
        &self.letters[..self.lens.1]
    }

    /// Returns whether any of the letters belongs to a script without spaces.
    pub fn has_unspaced(&self) -> bool {
        self.has_unspaced
    }

    /// Returns the whole lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    fn origins(&self, place: &Place<'_>) -> &(Vec<u32>, Vec<u32>) {
        self.origins.get_or_init(|| {
            let offsets = |list: &[(u8, u32)]| list.iter().map(|(_, at)| *at).collect::<Vec<_>>();
            let mut ink = offsets(&self.carried.ink);
            let mut letters = offsets(&self.carried.letters);
            ink.reserve_exact(self.lens.0);
            letters.reserve_exact(self.lens.1);
            skeleton::each(place.bytes(), |byte, at| {
                let at = (place.range.start + at) as u32;
                ink.push(at);
                letters.extend(Some(at).filter(|_| is_letter(byte)));
            });
            (ink, letters)
        })
    }

    /// Returns for each byte of ink the offset of its character in the text.
    pub fn ink_at(&self, place: &Place<'_>) -> &[u32] {
        &self.origins(place).0
    }

    /// Returns for each letter the offset of its character in the text.
    pub fn letters_at(&self, place: &Place<'_>) -> &[u32] {
        &self.origins(place).1
    }
}

/// The highest bit of each of eight bytes.
const NOT_ASCII: u64 = 0x8080_8080_8080_8080;

/// The coarse form of a byte of ASCII, whether it is ink, and whether it is a letter.
static COUNTED: [[u8; 4]; 256] = {
    let mut table = [[0; 4]; 256];
    let mut at = 0;
    while at < 256 {
        let byte = ASCII[at];
        table[at] = [byte, (byte != 0) as u8, is_letter(byte) as u8, 0];
        at += 1;
    }
    table
};

/// Returns the last bytes of a text, fewer than eight, with zeros behind them.
fn last_bytes(bytes: &[u8]) -> u64 {
    let padded = bytes.iter().rev();
    padded.fold(0, |eight, byte| eight << 8 | u64::from(*byte))
}

/// Returns where a block ends: behind a line end if there is one, else between two characters.
fn cut(text: &[u8], start: usize) -> usize {
    let most = start + SIZE;
    if most >= text.len() {
        return text.len();
    }
    if let Some(at) = memchr::memrchr(b'\n', &text[start + SIZE / 2..most]) {
        return start + SIZE / 2 + at + 1;
    }
    let is_between = |at: &usize| text[*at] & 0xc0 != 0x80;
    (most - 3..=most).rev().find(is_between).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(text: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let (mut ink, mut letters) = (Vec::new(), Vec::new());
        skeleton::each(text, |byte, _| {
            ink.push(byte);
            letters.extend(Some(byte).filter(|b| is_letter(*b)));
        });
        (ink, letters)
    }

    #[test]
    fn lines_have_their_ink_and_their_place() {
        let text = "if (a)\n\n\tcöpy;\n".as_bytes();
        let mut block = Block::default();
        block.each(text, 1, |block, place| {
            assert_eq!(block.ink(), b"if(a)copy;");
            assert_eq!(block.letters(), b"ifacopy");
            let lines: Vec<_> = block.lines().iter().map(|l| l.ink).collect();
            assert_eq!(lines, [(0, 5), (5, 5), (5, 10), (10, 10)]);
            assert_eq!(block.letters_at(place), [0, 1, 4, 9, 10, 12, 13]);
            assert_eq!(place.line_of(9), 3);
            true
        });
    }

    #[test]
    fn a_block_has_room_for_what_is_longer_in_the_coarse_form() {
        // One character of three bytes that is read as eighteen letters.
        let long = "\u{fdfa}".repeat(500);
        let rest = "x".repeat(SIZE - long.len() - 1);
        for text in [
            format!("{long}\n{rest}"),
            format!("{long}{rest}"),
            format!("{rest}{long}"),
        ] {
            let (ink, letters) = whole(text.as_bytes());
            assert!(ink.len() > text.len() + 1000, "the control: it is longer");
            let mut block = Block::default();
            block.each(text.as_bytes(), 1, |block, _| {
                assert!(block.ink() == ink && block.letters() == letters);
                true
            });
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn blocks_are_the_text_and_overlap_by_a_run(
            units in proptest::collection::vec("[a-z(;\n é漢]{1,12}|\\PC{1,4}|[ \t]{9}|\n", 1..30),
            times in 1usize..6000,
        ) {
            let text = units.concat().repeat(times);
            let text = text.as_bytes();
            let (ink, letters) = whole(text);
            let mut block = Block::default();
            let (mut reached, mut lines, mut last) = (0, 0, 0);
            block.each(text, 1, |block, place| {
                let from = place.letters_before;
                assert!(from == 0 || from + CARRIED == reached, "{from} {reached}");
                let here = block.letters();
                assert!(letters[from..from + here.len()] == *here);
                assert_eq!(block.has_unspaced(), here.iter().any(|b| is_unspaced(*b)));
                reached = from + here.len();
                let at = block.letters_at(place);
                assert_eq!(at.len(), here.len());
                assert_eq!(block.ink_at(place).len(), block.ink().len());
                if let Some(at) = at.first() {
                    let before = &text[..*at as usize];
                    assert_eq!(place.line_of(*at as usize), memchr::memchr_iter(b'\n', before).count() as u64 + 1);
                }
                for line in block.lines() {
                    let raw = &text[line.text.0 as usize..line.text.1 as usize];
                    assert!(whole(raw).0 == block.ink()[line.ink.0 as usize..line.ink.1 as usize]);
                    assert!(line.text.0 >= last);
                    last = line.text.1;
                    lines += 1;
                }
                true
            });
            prop_assert_eq!(reached, letters.len());
            prop_assert!(ink.len() >= letters.len());
            let ends = memchr::memchr_iter(b'\n', text).count() + 1;
            prop_assert!(lines == ends || text.len() > SIZE, "{} {}", lines, ends);
        }

        #[test]
        fn any_bytes_are_read(unit in proptest::collection::vec(any::<u8>(), 1..40), times in 1usize..20_000) {
            let text = unit.repeat(times);
            let letters = whole(&text).1.len();
            let mut reached = 0;
            Block::default().each(&text, 1, |block, place| {
                reached = place.letters_before + block.letters().len();
                true
            });
            prop_assert_eq!(reached, letters);
        }
    }
}
