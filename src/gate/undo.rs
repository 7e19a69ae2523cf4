//! Undoing disguises: from a typed text to all the texts that it may stand for.
//!
//! | disguise | undone by |
//! |---|---|
//! | case, spacing, full-width and mathematical letters, look-alikes, digits for letters | the coarse form, see `skeleton` |
//! | text split over lines, texts or findings | joining, see `stream` |
//! | look-alikes by their shape, hidden characters, combining marks | reading them as letters, dropping them |
//! | quoting and line numbers | dropping what stands before a line |
//! | percent, `\x`, `\u`, entities and the like | reading them, see `escape` |
//! | a character between characters | every second character, counted in four ways |
//! | reversed, words reversed, pairs swapped, rot13 | doing it again |
//! | other shifts, ROT47, Atbash, XOR, letters of another script | doing it where it makes words, see `shift` |
//! | spelling alphabets, names of Unicode | reading them, see `spelled` |
//! | hexadecimal digits, character codes, base64 and base64url, base32 | decoding in every phase, see `decode` |
//!
//! What comes of decoding is undone once more, so that two of them on top of each other are found. A text that
//! differs from the one it comes from in a few places is only kept around them, and decoded bytes only where
//! they are text: the rest would be noise that is searched for in vain.

use super::look_alike::{look_alike, sign};
use super::{decode, escape, shift, spelled};
use unicode_normalization::char::decompose_compatible;

/// How many times what was undone is undone again.
const DEPTH: usize = 2;
/// Bytes kept on each side of a change: more than a run or a line that is judged has in any spelling.
const AROUND: usize = 512;

/// A text and, for each byte, the offset in the typed text that it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text; not always UTF-8.
    pub bytes: Vec<u8>,
    /// As long as `bytes`.
    pub at: Vec<u32>,
}

impl Text {
    /// Takes a text as it is typed.
    pub fn new(text: &str) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            at: (0..text.len() as u32).collect(),
        }
    }

    /// Adds a byte.
    pub fn push(&mut self, byte: u8, at: u32) {
        self.bytes.push(byte);
        self.at.push(at);
    }

    /// Adds a character.
    pub fn push_char(&mut self, c: char, at: u32) {
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            self.push(byte, at);
        }
    }

    /// Calls `each` with every character, its offset in the bytes and its length there; what is not UTF-8 is left
    /// out.
    pub fn chars(&self, mut each: impl FnMut(char, usize, usize)) {
        let mut at = 0;
        for chunk in self.bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                each(c, at, c.len_utf8());
                at += c.len_utf8();
            }
            at += chunk.invalid().len();
        }
    }

    /// Returns a part.
    pub fn slice(&self, from: usize, to: usize) -> Self {
        Self {
            bytes: self.bytes[from..to].to_vec(),
            at: self.at[from..to].to_vec(),
        }
    }
}

/// A text in which something was changed, and where.
#[derive(Default)]
pub struct Changed {
    /// The whole text as changed.
    pub text: Text,
    /// Offsets of the changes in it, in order.
    pub places: Vec<usize>,
}

impl Changed {
    /// Remembers that what comes next is changed.
    pub fn mark(&mut self) {
        self.places.push(self.text.bytes.len());
    }

    /// Returns the text around the changes.
    fn regions(&self) -> Vec<Text> {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for place in &self.places {
            let from = place.saturating_sub(AROUND);
            let to = (place + AROUND).min(self.text.bytes.len());
            match ranges.last_mut() {
                Some(last) if from <= last.1 => last.1 = to,
                _ => ranges.push((from, to)),
            }
        }
        ranges
            .into_iter()
            .map(|(from, to)| self.text.slice(from, to))
            .collect()
    }
}

/// Calls `see` with everything that a text may stand for but itself, and the name of what was undone.
pub fn each(text: &Text, see: &mut dyn FnMut(&Text, &'static str)) {
    undo(text, 0, None, see);
}

fn undo(
    text: &Text,
    depth: usize,
    name: Option<&'static str>,
    see: &mut dyn FnMut(&Text, &'static str),
) {
    if depth > DEPTH {
        return;
    }
    // What is code may look like a disguise itself: a sign, a mark at its beginning, an escape in a string. So each
    // is undone with and without what it may be mistaken for.
    let mut spelt = vec![
        ("look-alikes", looks(text, Signs::Read)),
        ("look-alikes", looks(text, Signs::Kept)),
        ("quoting", unquoted(text, Prefix::Longest)),
        ("quoting", unquoted(text, Prefix::Numbered)),
        ("escapes", escape::read(text, escape::ALL)),
    ];
    spelt.extend(escape::EACH.map(|kind| ("escapes", escape::read(text, kind))));
    spelt.extend(spelled::read(text).map(|changed| ("spelt in words", changed)));
    for (i, (own, changed)) in spelt.iter().enumerate() {
        let is_said = |(name, other): &(&str, Changed)| name == own && other.text == changed.text;
        if spelt[..i].iter().any(is_said) {
            continue;
        }
        let name = name.unwrap_or(own);
        for region in changed.regions() {
            see(&region, name);
            undo(&region, depth + 1, Some(name), see);
        }
    }
    for step in [Step::Chars, Step::Ink, Step::Letters, Step::Words] {
        for phase in 0..2 {
            see(
                &second(text, step, phase),
                name.unwrap_or("a character between"),
            );
        }
    }
    if depth == 0 {
        shift::each(text, &mut |moved, own| see(&moved, own));
        see(&words_reversed(text), "words reversed");
        // A text whose letters change places looks like words in one order only, so most of a report is not kept.
        for (own, turned) in [
            ("words reversed", each_word_reversed(text)),
            ("pairs swapped", pairs_swapped(text, 0)),
            ("pairs swapped", pairs_swapped(text, 1)),
        ] {
            for part in shift::likelier(text, &turned) {
                see(&part, own);
            }
        }
    }
    let turned = [("reversed", reversed(text)), ("rot13", rot13(text))];
    for (own, turned) in &turned {
        see(turned, name.unwrap_or(own));
    }
    if depth == DEPTH {
        return;
    }
    let sources = turned.iter().map(|(own, turned)| (turned, Some(*own)));
    for (source, own) in [(text, None)].into_iter().chain(sources) {
        decode::each(source, &mut |decoded, kind| {
            let name = name.or(own).unwrap_or(kind);
            see(&decoded, name);
            undo(&decoded, depth + 1, Some(name), see);
        });
    }
}

/// What becomes of signs that are written for a letter, as in `p@$$word`.
#[derive(Clone, Copy, PartialEq)]
enum Signs {
    Read,
    Kept,
}

/// Reads look-alikes by their shape, takes compatibility forms apart, and drops what is hidden.
fn looks(text: &Text, signs: Signs) -> Changed {
    let mut out = Changed::default();
    let mut before = ' ';
    let next = |end: usize| text.bytes.get(end).copied().unwrap_or(b' ');
    text.chars(|c, at, len| {
        let from = text.at[at];
        let behind = next(at + len);
        let touches = before.is_alphanumeric()
            && (behind.is_ascii_alphanumeric() || c == '$' || c == '@')
            || c != '!' && behind.is_ascii_alphanumeric() && !before.is_whitespace();
        let reads = look_alike(c).or_else(|| sign(c).filter(|_| signs == Signs::Read && touches));
        if let Some(reads) = reads {
            out.mark();
            let is_capital = c.is_uppercase();
            for letter in reads.chars() {
                let letter = if is_capital {
                    letter.to_ascii_uppercase()
                } else {
                    letter
                };
                out.text.push_char(letter, from);
            }
        } else if c.is_ascii() {
            out.text.push_char(c, from);
        } else if super::skeleton::is_hidden(c) && !c.is_whitespace() {
            out.mark();
        } else {
            let mut plain = None;
            decompose_compatible(c, |part| {
                plain = plain.or(Some(part).filter(char::is_ascii_graphic));
            });
            match plain {
                // An accent is no disguise: the exact form drops it too.
                Some(ascii) if !is_accented(c) => {
                    out.mark();
                    out.text.push_char(ascii, from);
                }
                _ => out.text.push_char(c, from),
            }
        }
        before = c;
    });
    out
}

fn is_accented(c: char) -> bool {
    let mut parts = 0;
    unicode_normalization::char::decompose_canonical(c, |_| parts += 1);
    parts > 1
}

/// How much before a line is taken for quoting. Code may begin with the same marks, so both are tried.
#[derive(Clone, Copy, PartialEq)]
enum Prefix {
    /// All marks and numbers.
    Longest,
    /// Marks, and one number with the marks that touch it.
    Numbered,
}

/// Drops marks of quoting, bullets, and numbers from the beginning of each line.
fn unquoted(text: &Text, how: Prefix) -> Changed {
    let mut out = Changed::default();
    let mut from = 0;
    for line in text.bytes.split_inclusive(|b| *b == b'\n') {
        let start = prefix(line, how);
        if start > 0 {
            out.mark();
        }
        for i in start..line.len() {
            out.text.push(line[i], text.at[from + i]);
        }
        from += line.len();
    }
    out
}

/// Returns the length of what quoting and numbering put before a line; 0 if there is nothing but white space.
fn prefix(line: &[u8], how: Prefix) -> usize {
    let mut end = 0;
    let mut at = 0;
    let mut is_numbered = false;
    // White space alone is dropped by the coarse form anyway.
    loop {
        let space = line[at..]
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        if is_numbered && space > 0 && how == Prefix::Numbered {
            return end;
        }
        at += space;
        let rest = &line[at..];
        let word = rest
            .strip_prefix(b"line")
            .or(rest.strip_prefix(b"L"))
            .unwrap_or(rest);
        let gap = word.iter().take_while(|b| **b == b' ').count();
        let digits = word[gap..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        let behind = word.get(gap + digits).copied().unwrap_or(b'\n');
        let taken = match rest.first() {
            Some(
                b'>' | b'|' | b'#' | b'*' | b'+' | b'-' | b';' | b':' | b'/' | b'%' | b'(' | b'['
                | b'.' | b')' | b']',
            ) => 1,
            Some(_) if (1..=7).contains(&digits) && !behind.is_ascii_alphanumeric() => {
                is_numbered = true;
                rest.len() - word.len() + gap + digits
            }
            _ => 0,
        };
        if taken == 0 {
            return end;
        }
        at += taken;
        end = at;
    }
}

/// In which unit every second one is taken.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Chars,
    Ink,
    Letters,
    /// Ink, beginning anew with each word.
    Words,
}

fn second(text: &Text, step: Step, phase: usize) -> Text {
    let mut out = Text::default();
    let mut count = phase;
    text.chars(|c, at, _| {
        let counts = match step {
            Step::Chars => true,
            Step::Ink | Step::Words => !c.is_whitespace(),
            Step::Letters => c.is_alphanumeric(),
        };
        if !counts {
            if step == Step::Words {
                count = phase;
            }
            if step != Step::Letters {
                out.push_char(c, text.at[at]);
            }
            return;
        }
        if count.is_multiple_of(2) {
            out.push_char(c, text.at[at]);
        }
        count += 1;
    });
    out
}

fn reversed(text: &Text) -> Text {
    let mut chars = Vec::with_capacity(text.bytes.len());
    text.chars(|c, at, _| chars.push((c, text.at[at])));
    let mut out = Text::default();
    for (c, at) in chars.into_iter().rev() {
        out.push_char(c, at);
    }
    out
}

/// Swaps every two characters that follow each other, beginning with the first or the second.
fn pairs_swapped(text: &Text, phase: usize) -> Text {
    let mut chars = Vec::with_capacity(text.bytes.len());
    text.chars(|c, at, _| chars.push((c, text.at[at])));
    let (first, rest) = chars.split_at(phase.min(chars.len()));
    let mut out = Text::default();
    for pair in std::iter::once(first).chain(rest.chunks(2)) {
        for (c, at) in pair.iter().rev() {
            out.push_char(*c, *at);
        }
    }
    out
}

/// Puts the words, with what stands between them, in reverse order.
fn words_reversed(text: &Text) -> Text {
    let is_space = |b: &u8| b.is_ascii_whitespace();
    let mut out = Text::default();
    let mut end = text.bytes.len();
    while end > 0 {
        let space = is_space(&text.bytes[end - 1]);
        let rest = text.bytes[..end].iter().rposition(|b| is_space(b) != space);
        let start = rest.map_or(0, |at| at + 1);
        for at in start..end {
            out.push(text.bytes[at], text.at[at]);
        }
        end = start;
    }
    out
}

/// Reverses the characters of each word.
fn each_word_reversed(text: &Text) -> Text {
    let mut out = Text::default();
    let mut word: Vec<(char, u32)> = Vec::new();
    let flush = |word: &mut Vec<(char, u32)>, out: &mut Text| {
        for (c, at) in word.drain(..).rev() {
            out.push_char(c, at);
        }
    };
    text.chars(|c, at, _| {
        if c.is_whitespace() {
            flush(&mut word, &mut out);
            out.push_char(c, text.at[at]);
        } else {
            word.push((c, text.at[at]));
        }
    });
    flush(&mut word, &mut out);
    out
}

fn rot13(text: &Text) -> Text {
    let turn = |b: &u8| match b {
        b'a'..=b'z' => (b - b'a' + 13) % 26 + b'a',
        b'A'..=b'Z' => (b - b'A' + 13) % 26 + b'A',
        b => *b,
    };
    Text {
        bytes: text.bytes.iter().map(turn).collect(),
        at: text.at.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the names under which a text comes out of what is typed.
    fn names(typed: &str, wanted: &str) -> Vec<&'static str> {
        let ink = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let wanted = ink(wanted);
        let mut names = Vec::new();
        each(&Text::new(typed), &mut |text, name| {
            assert_eq!(text.bytes.len(), text.at.len());
            assert!(text.at.iter().all(|at| (*at as usize) < typed.len()));
            let found = ink(&String::from_utf8_lossy(&text.bytes));
            let is_spelt = name == "spelt in words" && found.contains(&wanted.to_lowercase());
            if (found.contains(&wanted) || is_spelt) && !names.contains(&name) {
                names.push(name);
            }
        });
        names
    }

    #[test]
    fn each_disguise_is_undone_under_its_name() {
        let line = "if (len > MAX_LEN) return -1;";
        for (typed, name) in [
            ("x if (1en", ""),
            ("> 12: if (len > MAX_LEN) return -1;", "quoting"),
            ("12 if (len > MA\n13 X_LEN) return -1;", "quoting"),
            ("іf (l\u{200b}en > МАX_LEN) rеturn -1;", "look-alikes"),
            (
                "i#f# #(#l#e#n# #># #M#A#X#_#L#E#N#)# #r#e#t#u#r#n# #-#1#;",
                "a character between",
            ),
            (
                "ixfx (xlxexnx >x MxAxXx_xLxExNx)x rxextxuxrxnx -x1x;x",
                "a character between",
            ),
            (";1- nruter )NEL_XAM > nel( fi", "reversed"),
            ("vs (yra > ZNK_YRA) erghea -1;", "rot13"),
            ("fi( el n >AM_XEL)Nr teru n1-;", "pairs swapped"),
            ("-1; return MAX_LEN) > (len if", "words reversed"),
            ("fi nel( > )NEL_XAM nruter ;1-", "words reversed"),
            (
                "india foxtrot ( lima echo november > mike alfa xray _ lima echo november ) return -1;",
                "spelt in words",
            ),
        ] {
            let expected: &[&str] = if name.is_empty() { &[] } else { &[name] };
            assert_eq!(names(typed, line), expected, "{typed}");
        }
    }

    #[test]
    fn what_stands_before_a_line_is_told_from_the_line() {
        for (line, rest) in [
            ("> > x", "x"),
            ("  12: x", "x"),
            ("L12 x", "x"),
            ("line 12 | x", "x"),
            ("[12] x", "x"),
            ("- x", "x"),
            ("12x", "12x"),
            ("x > 1", "x > 1"),
            ("   x", "   x"),
        ] {
            assert_eq!(
                &line[prefix(line.as_bytes(), Prefix::Longest)..].trim_start(),
                &rest.trim_start(),
                "{line}"
            );
        }
        let numbered = |line: &str| prefix(line.as_bytes(), Prefix::Numbered);
        assert_eq!(numbered("> 12: (x)"), 5, "the line begins with a mark");
        assert_eq!(numbered("12 3 x"), 2);
    }
}
