//! The forms in which the gate compares texts: case folded, with everything else dropped.
//!
//! Two forms, both read as a stream of characters with the byte offset at which each came from:
//! *letters* keeps letters and digits only; *ink* keeps everything that is not white space. Folding is
//! the same: canonical decomposition in canonical order (UAX #15), upper case, lower case, so that `ß` equals `SS` and a
//! composed character equals its decomposed form, whatever other marks follow it. Bytes that are not UTF-8 count as white
//! space.

use unicode_normalization::char::{canonical_combining_class, decompose_canonical};

/// What survives of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keep {
    /// Letters and digits.
    Letters,
    /// All but white space.
    Ink,
}

impl Keep {
    fn keeps(self, c: char) -> bool {
        match self {
            Self::Letters => c.is_alphanumeric(),
            Self::Ink => !c.is_whitespace(),
        }
    }

    /// Returns the folded form of an ASCII byte, or 0 if it is dropped.
    const fn ascii(self, byte: u8) -> u8 {
        let keeps = match self {
            Self::Letters => byte.is_ascii_alphanumeric(),
            Self::Ink => byte > b' ' || (byte < b' ' && !matches!(byte, 9..=13) && byte != 0),
        };
        if keeps { byte.to_ascii_lowercase() } else { 0 }
    }

    const fn table(self) -> [u8; 128] {
        let mut table = [0; 128];
        let mut at = 0;
        while at < 128 {
            table[at] = self.ascii(at as u8);
            at += 1;
        }
        table
    }
}

const LETTERS: [u8; 128] = Keep::Letters.table();
const INK: [u8; 128] = Keep::Ink.table();

/// Calls `each` with every character of the normal form and the offset of the byte it comes from, until
/// it returns false.
#[inline]
pub fn normalise_each(bytes: &[u8], keep: Keep, mut each: impl FnMut(char, usize) -> bool) {
    let table = if keep == Keep::Letters {
        &LETTERS
    } else {
        &INK
    };
    let mut at = 0;
    // The character at that place, if it was looked at already.
    let mut known = None;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte < 128 {
            let folded = table[byte as usize];
            if folded != 0 && !each(folded as char, at) {
                return;
            }
            at += 1;
            continue;
        }
        let Some(c) = known.take().or_else(|| leading_char(&bytes[at..])) else {
            at += 1;
            continue;
        };
        let end = at + c.len_utf8();
        if bytes.get(end).is_some_and(|next| *next >= 128) {
            known = leading_char(&bytes[end..]);
            if known.is_some_and(is_mark) {
                known = None;
                let Some(next) = fold_with_marks(bytes, at, keep, &mut each) else {
                    return;
                };
                at = next;
                continue;
            }
        }
        if !fold(c, keep, &mut |folded| each(folded, at)) {
            return;
        }
        at = end;
    }
}

/// Returns whether a character may have to change places with marks before it.
fn is_mark(c: char) -> bool {
    match c {
        ..'\u{300}' | '\u{3100}'..='\u{a66e}' | '\u{ac00}'..='\u{fb1d}' => false,
        // Of class 0 themselves, but their parts are marks.
        '\u{f73}' | '\u{f75}' | '\u{f81}' => true,
        _ => canonical_combining_class(c) != 0,
    }
}

/// Folds a character and the marks behind it in canonical order, and returns where they end; nothing if `each` wants no
/// more. Characters that change places count as where the last one before them was.
fn fold_with_marks(
    bytes: &[u8],
    from: usize,
    keep: Keep,
    each: &mut impl FnMut(char, usize) -> bool,
) -> Option<usize> {
    let (mut parts, mut at) = (Vec::new(), from);
    while let Some(c) = leading_char(&bytes[at..]).filter(|c| at == from || is_mark(*c)) {
        decompose_canonical(c, |part| {
            parts.push((canonical_combining_class(part), part, at));
        });
        at += c.len_utf8();
        if at == bytes.len() {
            break;
        }
    }
    for marks in parts.split_mut(|(class, ..)| *class == 0) {
        marks.sort_by_key(|(class, ..)| *class);
    }
    let mut last = from;
    for (_, part, at) in parts {
        last = last.max(at);
        if !fold_part(part, keep, &mut |folded| each(folded, last)) {
            return None;
        }
    }
    Some(at)
}

/// Returns the normal form and, for each of its characters, the offset of the byte it comes from.
pub fn normalise(text: &str, keep: Keep) -> (Vec<char>, Vec<usize>) {
    let (mut chars, mut offsets) = (Vec::new(), Vec::new());
    normalise_each(text.as_bytes(), keep, |c, at| {
        chars.push(c);
        offsets.push(at);
        true
    });
    (chars, offsets)
}

fn leading_char(bytes: &[u8]) -> Option<char> {
    let head = &bytes[..bytes.len().min(4)];
    head.utf8_chunks().next()?.valid().chars().next()
}

fn fold(c: char, keep: Keep, each: &mut impl FnMut(char) -> bool) -> bool {
    let mut goes_on = true;
    decompose_canonical(c, |part| {
        goes_on = goes_on && fold_part(part, keep, each);
    });
    goes_on
}

/// Folds a character that has no decomposition.
fn fold_part(part: char, keep: Keep, each: &mut impl FnMut(char) -> bool) -> bool {
    let folded = part.to_uppercase().flat_map(char::to_lowercase);
    folded.filter(|c| keep.keeps(*c)).all(each)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn letters(text: &str) -> String {
        normalise(text, Keep::Letters).0.into_iter().collect()
    }

    #[test]
    fn case_spacing_and_punctuation_are_dropped() {
        assert_eq!(letters("If (p->Len_1 > 0x7F)\n"), "ifplen10x7f");
        assert_eq!(
            letters("Straße \u{c9} e\u{301}"),
            "strassee\u{65}".to_owned()
        );
        let (ink, offsets) = normalise("A =\tb;\u{a0}Ä", Keep::Ink);
        assert_eq!(ink.iter().collect::<String>(), "a=b;a\u{308}");
        assert_eq!(offsets, [0, 2, 4, 5, 8, 8]);
    }

    /// A mark that folds to a letter, behind a mark of another class: its place in the normal form is that of the mark.
    #[test]
    fn marks_are_in_canonical_order_before_they_are_folded() {
        use unicode_normalization::UnicodeNormalization;
        for text in [
            "\u{1ff2}\u{5b0}",
            "\u{3c9}\u{345}\u{300}\u{5b0}x",
            "e\u{302}\u{323}",
            "\u{1ec7}\u{5b0}\u{345}",
            "\u{f73}\u{f71}",
            "검\u{302}\u{323}\u{345}",
        ] {
            let (composed, decomposed): (String, String) =
                (text.nfc().collect(), text.nfd().collect());
            let forms = [text, &composed, &decomposed].map(letters);
            assert!(
                forms.iter().all(|form| *form == forms[0]),
                "{text:?}: {forms:?}"
            );
        }
        let (letters, offsets) = normalise("\u{1ff2}\u{5b0}!", Keep::Letters);
        assert_eq!(letters, ['ω', '\u{5b0}', 'ι']);
        assert_eq!(offsets, [0, 3, 3]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_and_offsets_never_fall(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for keep in [Keep::Letters, Keep::Ink] {
                let mut last = 0;
                normalise_each(&bytes, keep, |c, at| {
                    assert!(at >= last && at < bytes.len());
                    assert!(keep.keeps(c));
                    last = at;
                    true
                });
            }
        }
        #[test]
        fn composed_and_decomposed_texts_are_equal(text in "\\PC{0,40}") {
            use unicode_normalization::UnicodeNormalization;
            let composed: String = text.nfc().collect();
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(letters(&composed), letters(&decomposed));
        }
        #[test]
        fn whatever_marks_follow(text in "[ωα\u{1ff2}\u{1ec7}e\u{300}\u{345}\u{5b0}\u{323}\u{308}\u{f71}\u{f73}검 ]{0,12}") {
            use unicode_normalization::UnicodeNormalization;
            let composed: String = text.nfc().collect();
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(letters(&composed), letters(&decomposed));
            prop_assert_eq!(letters(&text), letters(&decomposed));
        }
    }
}
