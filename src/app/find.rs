//! What is searched for in the file shown.

use crate::language::NameRule;
use regex::Regex;
use std::ops::Range;

/// A text searched for in the file shown.
#[derive(Clone, Debug)]
pub struct Find {
    /// As typed.
    pub text: String,
    regex: Regex,
    /// What a name is, if only whole names are found.
    names: Option<NameRule>,
}

impl Find {
    /// Makes one of a compiled pattern.
    pub(super) fn new(text: String, regex: Regex) -> Self {
        Self {
            text,
            regex,
            names: None,
        }
    }

    /// Makes one that finds a name where it is no part of a longer one.
    pub(super) fn of_name(name: String, rule: NameRule) -> Option<Self> {
        let regex = Regex::new(&crate::query::regex_of_literal(&name)).ok()?;
        Some(Self {
            text: name,
            regex,
            names: Some(rule),
        })
    }

    /// Returns the first match that begins at or behind a byte.
    pub fn find_at(&self, text: &str, mut at: usize) -> Option<Range<usize>> {
        loop {
            let found = self.regex.find_at(text, at)?.range();
            let is_whole = |rule: NameRule| rule.is_whole(text.as_bytes(), &found);
            if self.names.is_none_or(is_whole) {
                return Some(found);
            }
            at = found.end;
        }
    }

    /// Returns the last match that begins before a byte.
    pub(super) fn find_before(&self, text: &str, before: usize) -> Option<Range<usize>> {
        let matches = self.regex.find_iter(text).map(|m| m.range());
        let matches = matches.take_while(|found| found.start < before);
        let is_whole = |found: &Range<usize>| {
            self.names
                .is_none_or(|rule| rule.is_whole(text.as_bytes(), found))
        };
        matches.filter(is_whole).last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::by_name;

    #[test]
    fn only_whole_names_are_found() {
        let text = "tx My-Tx-Ident, Tx-Ident, Tx-Ident-2 -- Tx-Ident";
        let find = Find::of_name("Tx-Ident".into(), NameRule::of(by_name("ASN.1"))).unwrap();
        assert_eq!(find.find_at(text, 0), Some(16..24));
        assert_eq!(find.find_at(text, 17), Some(40..48));
        assert_eq!(find.find_before(text, 40), Some(16..24));
        assert_eq!(find.find_before(text, 16), None);
        let typed = Find::new("Tx-Ident".into(), Regex::new("Tx-Ident").unwrap());
        assert_eq!(typed.find_at(text, 0), Some(6..14), "control");
    }
}
