//! Sets of characters by their Unicode properties, for questions about single characters.

use regex_syntax::hir::{Class, Hir, HirKind};

/// A set of characters, as ranges in order.
pub struct CharSet(Vec<(char, char)>);

impl CharSet {
    /// Takes a class in the syntax of regular expressions, such as `[\p{Alphabetic}&&\p{Script=Han}]`; the empty set if
    /// it is none.
    pub fn from_class(class: &str) -> Self {
        let hir = regex_syntax::parse(class);
        match hir.as_ref().map(Hir::kind) {
            Ok(HirKind::Class(Class::Unicode(class))) => {
                let ranges = class.ranges().iter();
                Self(ranges.map(|range| (range.start(), range.end())).collect())
            }
            _ => Self(Vec::new()),
        }
    }

    /// Returns whether a character is in the set.
    pub fn contains(&self, c: char) -> bool {
        let next = self.0.partition_point(|(start, _)| *start <= c);
        next > 0 && c <= self.0[next - 1].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_its_class_holds() {
        let class = r"[\p{Alphabetic}&&[\p{Script=Han}\p{Script=Thai}]]";
        let regex = regex::Regex::new(class).unwrap();
        let set = CharSet::from_class(class);
        for c in ('\0'..='\u{3ffff}').step_by(7).chain(['漢', 'ก', '、']) {
            let is_in = regex.is_match(c.encode_utf8(&mut [0; 4]));
            assert_eq!(set.contains(c), is_in, "{c:?}");
        }
        assert!(!CharSet::from_class("a+").contains('a'), "it is no class");
    }
}
