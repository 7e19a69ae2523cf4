//! Searching within what an earlier search found.

use crate::model::FileHits;
use crate::query::Query;
use std::collections::HashMap;

/// What an earlier search found, to be searched in.
pub struct Found {
    files: HashMap<u32, FileHits>,
    has_lines: bool,
}

impl Found {
    /// Makes room for the hits of a query.
    pub fn of(query: &Query) -> Self {
        Self {
            files: HashMap::new(),
            has_lines: query.has_lines(),
        }
    }

    /// Takes the hits of a file.
    pub fn extend(&mut self, hits: Option<FileHits>) {
        self.files.extend(hits.map(|hits| (hits.file, hits)));
    }

    /// Returns what the hits of a further query in one file leave of it: the lines that both have, where both look
    /// for lines, otherwise those of the one that does, in files that both have.
    pub fn refine(&self, query: &Query, mut hits: FileHits) -> Option<FileHits> {
        let before = self.files.get(&hits.file)?;
        if !query.has_lines() {
            hits.lines.clone_from(&before.lines);
            hits.binary = before.binary;
        } else if self.has_lines {
            // Both are in the order of their lines.
            hits.lines.retain(|hit| {
                let at = before.lines.partition_point(|b| b.line < hit.line);
                before.lines.get(at).is_some_and(|b| b.line == hit.line)
            });
        }
        hits.name_matches &= before.name_matches;
        (!hits.lines.is_empty() || hits.name_matches).then_some(hits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::HitLine;

    fn hits(file: u32, name_matches: bool, lines: &[u64]) -> FileHits {
        let line = |line: &u64| HitLine {
            line: *line,
            column: 1,
            end_line: *line,
            end_column: 2,
            standing: crate::model::Standing::default(),
        };
        FileHits {
            file,
            name_matches,
            binary: false,
            lines: lines.iter().map(line).collect(),
            rank: crate::model::Rank::default(),
        }
    }

    fn query(text: &str) -> Query {
        crate::query::parse(text, &|name| Some(name.to_owned())).unwrap()
    }

    fn lines(hits: Option<FileHits>) -> Option<Vec<u64>> {
        hits.map(|h| h.lines.iter().map(|l| l.line).collect())
    }

    #[test]
    fn lines_must_be_hits_of_both() {
        let mut found = Found::of(&query("copy"));
        found.extend(Some(hits(1, true, &[2, 5, 9])));
        let text = query("from");
        assert_eq!(
            lines(found.refine(&text, hits(1, false, &[1, 5, 9, 10]))),
            Some(vec![5, 9])
        );
        assert_eq!(found.refine(&text, hits(1, false, &[1])), None);
        assert_eq!(found.refine(&text, hits(2, true, &[5])), None);
        assert_eq!(
            lines(found.refine(&text, hits(1, true, &[1]))),
            Some(vec![])
        );
        // What only chooses files keeps their lines.
        let path = query("f:net");
        assert_eq!(
            lines(found.refine(&path, hits(1, true, &[]))),
            Some(vec![2, 5, 9])
        );
        let mut files = Found::of(&path);
        files.extend(Some(hits(1, true, &[])));
        assert_eq!(
            lines(files.refine(&text, hits(1, false, &[7]))),
            Some(vec![7])
        );
    }
}
