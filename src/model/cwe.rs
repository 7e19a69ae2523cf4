//! Titles of the weaknesses of MITRE's CWE list, version 4.14.
//!
//! The table is `assets/cwe-4.14.tsv`: id, abstraction, status, parent, name. The room has no network, so
//! the list is part of the program.

const TABLE: &str = include_str!("../../assets/cwe-4.14.tsv");

/// The version of the list.
pub const VERSION: &str = "4.14";

/// Weaknesses of one finding at most: a finding is about one or a few, and a list of numbers can carry text.
pub const MOST: usize = 16;

/// Returns the title of a weakness, or nothing if the list has no such number.
pub fn title(id: u32) -> Option<&'static str> {
    entries().find(|w| w.id == id).map(|w| w.title)
}

/// One weakness of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weakness {
    /// Its number.
    pub id: u32,
    /// The weakness that it is a kind of, if the list names one.
    pub parent: Option<u32>,
    /// Its title.
    pub title: &'static str,
}

/// Returns every weakness, in the order of the numbers.
pub fn entries() -> impl Iterator<Item = Weakness> {
    TABLE.lines().skip(1).filter_map(|line| {
        let mut cells = line.split('\t');
        Some(Weakness {
            id: cells.next()?.parse().ok()?,
            parent: cells.nth(2)?.parse().ok(),
            title: cells.next()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_have_titles_and_numbers_rise() {
        assert!(title(120).unwrap().starts_with("Buffer Copy"));
        assert_eq!(title(4_000_000), None);
        let ids: Vec<_> = entries().map(|w| w.id).collect();
        let parent = entries().find(|w| w.id == 120).and_then(|w| w.parent);
        assert_eq!(parent, Some(119));
        assert!(ids.len() > 900 && ids.windows(2).all(|w| w[0] < w[1]));
    }
}
