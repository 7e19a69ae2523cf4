//! Titles of the weaknesses of MITRE's CWE list, version 4.14.
//!
//! The table is `assets/cwe-4.14.tsv`: id, abstraction, status, parent, name. The room has no network, so
//! the list is part of the program.

const TABLE: &str = include_str!("../../assets/cwe-4.14.tsv");

/// The version of the list.
pub const VERSION: &str = "4.14";

/// Returns the title of a weakness, or nothing if the list has no such number.
pub fn title(id: u32) -> Option<&'static str> {
    rows().find(|(number, _)| *number == id).map(|(_, t)| t)
}

/// Returns number and title of every weakness, in the order of the numbers.
pub fn rows() -> impl Iterator<Item = (u32, &'static str)> {
    TABLE.lines().skip(1).filter_map(|line| {
        let id = line.split('\t').next()?.parse().ok()?;
        Some((id, line.rsplit('\t').next()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_have_titles_and_numbers_rise() {
        assert!(title(120).unwrap().starts_with("Buffer Copy"));
        assert_eq!(title(4_000_000), None);
        let ids: Vec<_> = rows().map(|r| r.0).collect();
        assert!(ids.len() > 900 && ids.windows(2).all(|w| w[0] < w[1]));
    }
}
