//! Characters that do not show as what they are, by the properties that Unicode gives them.
//!
//! The tables are those of regex-syntax: general categories, `White_Space`, `Bidi_Control`,
//! `Default_Ignorable_Code_Point`. Unicode has no property for a symbol or letter that is drawn as a blank: those few are
//! told by their names ([`BLANK_BY_NAME`]).

use super::flag::FlagKind;
use regex_syntax::hir::{Class, HirKind};
use std::sync::OnceLock;

/// Symbols and letters whose glyph is empty: BRAILLE PATTERN BLANK, KHITAN SMALL SCRIPT FILLER, MUSICAL SYMBOL NULL
/// NOTEHEAD, EGYPTIAN HIEROGLYPH FULL BLANK and HALF BLANK.
const BLANK_BY_NAME: &str = r"[\x{2800}\x{16fe4}\x{1d159}\x{13441}\x{13442}]";

/// What is hidden and why; of several the last counts.
const CLASSES: &[(FlagKind, &str)] = &[
    (FlagKind::Blank, r"[\p{White_Space}\p{Zs}--\x20]"),
    (FlagKind::Blank, BLANK_BY_NAME),
    // Format characters that are drawn, around digits, are none that hide.
    (
        FlagKind::Zerowidth,
        r"[\p{Cf}\p{Default_Ignorable_Code_Point}--\p{Prepended_Concatenation_Mark}]",
    ),
    // Not assigned, and reserved for characters that hide.
    (FlagKind::Zerowidth, r"[\x{fff0}-\x{fffb}]"),
    (FlagKind::Bidi, r"\p{Bidi_Control}"),
    (FlagKind::Control, r"[\p{Cc}\p{Zl}\p{Zp}--\t]"),
];

/// Private use, what is no character or none yet, and what stands for one that could not be read: their look depends on
/// the terminal.
const UNDRAWN: &str =
    r"[\p{Co}\p{Cn}\p{Noncharacter_Code_Point}\x{fffd}--\p{Default_Ignorable_Code_Point}]";

/// Kinds by the number that stands for them in the table, less one.
const KINDS: [FlagKind; 5] = [
    FlagKind::Bidi,
    FlagKind::Control,
    FlagKind::Zerowidth,
    FlagKind::Blank,
    FlagKind::Control,
];
/// The number of [`UNDRAWN`].
const UNDRAWN_CODE: u8 = 5;

/// Characters of a page of the table.
const PAGE: usize = 256;

/// For each page the place of its first entry; equal pages are stored once.
struct HiddenTable {
    pages: Vec<u16>,
    entries: Vec<u8>,
}

impl HiddenTable {
    fn new() -> Self {
        let mut all = vec![0_u8; 0x11_0000];
        for range in ranges(UNDRAWN) {
            all[*range.start() as usize..=*range.end() as usize].fill(UNDRAWN_CODE);
        }
        for (kind, class) in CLASSES {
            let code = KINDS.iter().position(|k| k == kind).map_or(0, |at| at + 1) as u8;
            for range in ranges(class) {
                all[*range.start() as usize..=*range.end() as usize].fill(code);
            }
        }
        let mut table = Self {
            pages: Vec::new(),
            entries: Vec::new(),
        };
        for page in all.chunks_exact(PAGE) {
            let known = table
                .entries
                .chunks_exact(PAGE)
                .position(|known| known == page);
            let at = known.unwrap_or(table.entries.len() / PAGE);
            if known.is_none() {
                table.entries.extend_from_slice(page);
            }
            table.pages.push(at as u16);
        }
        table
    }
}

/// Returns the characters of a class.
fn ranges(class: &str) -> Vec<std::ops::RangeInclusive<u32>> {
    let hir = regex_syntax::parse(class).expect("the classes above are regexes");
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            let each = class.ranges().iter();
            each.map(|range| u32::from(range.start())..=u32::from(range.end()))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Returns why a character would not show as itself, or nothing if it would.
///
/// U+3000 is hidden: it is a blank. In a line of Chinese or Japanese it is an ordinary one, see `has_wide_letters`.
pub fn hidden(c: char) -> Option<FlagKind> {
    if matches!(c, ' '..='~' | '\t') {
        return None;
    }
    KINDS.get(usize::from(code(c)).checked_sub(1)?).copied()
}

/// Returns whether a character only has no look of its own: it hides nothing.
pub(super) fn is_undrawn(c: char) -> bool {
    code(c) == UNDRAWN_CODE
}

fn code(c: char) -> u8 {
    static TABLE: OnceLock<HiddenTable> = OnceLock::new();
    let table = TABLE.get_or_init(HiddenTable::new);
    let at = c as usize;
    let page = usize::from(table.pages[at / PAGE]);
    table.entries[page * PAGE + at % PAGE]
}

/// Returns whether a line holds letters or punctuation as wide as U+3000: Chinese, Japanese, Korean.
pub(super) fn has_wide_letters(line: &str) -> bool {
    let is_wide = |c: char| {
        matches!(c,
            '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3001}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7ff}'
            | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff01}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
    };
    line.chars().any(|c| is_wide(c) && hidden(c).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthChar;

    fn all() -> impl Iterator<Item = char> {
        '\0'..=char::MAX
    }

    /// Compared with the tables of other libraries.
    #[test]
    fn all_white_space_and_all_controls_are_hidden_but_the_blank_and_the_tab() {
        let mut blanks = 0;
        for c in all().filter(|c| c.is_whitespace() || c.is_control()) {
            assert_eq!(
                hidden(c).is_none(),
                matches!(c, ' ' | '\t'),
                "{:x}",
                c as u32
            );
            blanks += u32::from(hidden(c) == Some(FlagKind::Blank));
        }
        assert_eq!(blanks, 16, "a new blank in Unicode");
    }

    #[test]
    fn whatever_takes_no_room_is_hidden_or_drawn() {
        let mark = r"^[\p{M}\p{L}\p{P}\p{Prepended_Concatenation_Mark}]$";
        let mark = regex::Regex::new(mark).unwrap();
        let ignorable = regex::Regex::new(r"^\p{Default_Ignorable_Code_Point}$").unwrap();
        let mut count = 0;
        for c in all() {
            let text = c.encode_utf8(&mut [0; 4]).to_owned();
            let has_no_room = c.width() == Some(0) && !mark.is_match(&text);
            if has_no_room || ignorable.is_match(&text) {
                assert!(hidden(c).is_some(), "{:x}", c as u32);
                count += 1;
            }
        }
        assert!(count > 4000, "{count}");
    }

    #[test]
    fn kinds_by_example_and_letters_of_all_scripts_are_shown() {
        for (chars, kind) in [
            (
                "\u{a0}\u{1680}\u{2000}\u{2007}\u{202f}\u{205f}\u{3000}\u{2800}\u{1d159}",
                FlagKind::Blank,
            ),
            (
                "\u{ad}\u{34f}\u{115f}\u{3164}\u{200b}\u{200d}\u{2060}\u{feff}\u{fe0f}\u{e0041}\u{13430}",
                FlagKind::Zerowidth,
            ),
            ("\u{202e}\u{2066}\u{200f}\u{61c}", FlagKind::Bidi),
            (
                "\0\r\u{7f}\u{85}\u{2028}\u{e000}\u{fffe}\u{fffd}",
                FlagKind::Control,
            ),
        ] {
            for c in chars.chars() {
                assert_eq!(hidden(c), Some(kind), "{:x}", c as u32);
            }
        }
        for c in "aéß中あ검Яψא؀٠กก็\u{600}🎉".chars() {
            assert_eq!(hidden(c), None, "{:x}", c as u32);
        }
    }

    #[test]
    fn an_ideographic_blank_stands_beside_ideographs() {
        assert!(has_wide_letters("名前\u{3000}値"));
        assert!(has_wide_letters("\u{3000}。"));
        assert!(!has_wide_letters("ideographic\u{3000}space"));
        assert!(!has_wide_letters("\u{3000}\u{3164}"));
    }
}
