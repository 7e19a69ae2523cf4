//! Rule `alphabet`, for white space: blanks that a reader does not see spell a text.
//!
//! What is recorded now has plain white space only. Entries of older ledgers leave byte for byte, so they are judged:
//! a few slips of the hand are let through, since they carry less than the shortest line that is judged.

use super::overlap;
use crate::model::{Overlap, Rule, Typed};
use crate::text::tidy_blanks;
use std::collections::HashMap;

/// The most stretches of odd white space in the different texts of a bundle: twelve characters, if each is a bit.
const SLIPS: usize = 96;

/// Judges all texts together: a text may be cut up over them.
pub fn judge(typed: &[Typed]) -> Vec<Overlap> {
    let mut changes: HashMap<&str, usize> = HashMap::new();
    for text in typed {
        let count = || tidy_blanks(&text.text).changes;
        changes.entry(&text.text).or_insert_with(count);
    }
    if changes.values().sum::<usize>() <= SLIPS {
        return Vec::new();
    }
    let of = |text: &Typed| changes[text.text.as_str()] as u64;
    let odd = typed.iter().filter(|text| of(text) > 0);
    odd.map(|text| overlap(text, Rule::Alphabet, of(text)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(texts: &[String]) -> usize {
        let one = |text: &String| Typed {
            file: "f".into(),
            line: 1,
            text: text.clone(),
            what: "alice/F1 statement".into(),
        };
        judge(&texts.iter().map(one).collect::<Vec<_>>()).len()
    }

    #[test]
    fn blanks_that_spell_are_judged_over_all_texts() {
        let bits = (0..256_u32).map(|i| {
            if i.count_ones() % 2 == 0 {
                "so "
            } else {
                "so  "
            }
        });
        assert_eq!(judged(&[bits.collect::<String>() + "it is."]), 1);
        let slip = |i: usize| format!("finding {i}:  it is so.");
        assert_eq!(
            judged(&(0..SLIPS).map(slip).collect::<Vec<_>>()),
            0,
            "slips"
        );
        assert_eq!(
            judged(&(0..=SLIPS).map(slip).collect::<Vec<_>>()),
            SLIPS + 1,
            "one more"
        );
        assert_eq!(
            judged(&vec![slip(1); 100]),
            0,
            "the same text in many places"
        );
        for blank in [
            "\t", "\u{a0}", "\u{2009}", "\u{3000}", " \n", "\n\n\n", "\r\n",
        ] {
            assert_eq!(judged(&[format!("so{blank}").repeat(128)]), 1, "{blank:?}");
        }
    }
}
