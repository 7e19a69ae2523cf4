//! The order of rank: the likeliest files first, and why.
//!
//! A file that defines the name looked for comes before every other one, and within it the line of the definition before
//! every other line. The constants are zoekt's: a definition before a file's name before whole words before parts of words,
//! more of the terms before fewer; a test, another's code and generated code count a fifth and are never left out. Equal
//! ones stay in the order of their paths, and the other lines of a file in their own.

use crate::model::{FileHits, NameStanding, Standing};
use std::cmp::Reverse;

/// What all terms found in a file add, at most.
const TERMS: u32 = 400;
/// What a file counts that is not what was written here.
const ASIDE: u32 = 5;

/// Returns how likely a file is what is looked for. It must have been found by a search in the order of rank.
pub fn score(hits: &FileHits) -> u32 {
    let line = best(hits).map_or(0, |standing| match standing {
        Standing::Definition => 7100,
        Standing::DefinitionEdge => 5600,
        Standing::DefinitionPart => 4100,
        Standing::Word => 500,
        Standing::Part => 50,
    });
    let name = hits.rank.name.map_or(0, |standing| match standing {
        NameStanding::Whole => 7000,
        NameStanding::Edge => 5500,
        NameStanding::Part => 4000,
    });
    let terms = TERMS * u32::from(hits.rank.terms) / u32::from(hits.rank.of_terms).max(1);
    (line.max(name) + terms) / if hits.rank.is_aside { ASIDE } else { 1 }
}

fn best(hits: &FileHits) -> Option<Standing> {
    hits.lines.iter().map(|hit| hit.standing).max()
}

/// Puts files into the order of rank, and their lines; `files` is in the order of their paths, each one's lines in
/// their own.
pub fn sort(files: &mut [FileHits]) {
    for hits in files.iter_mut() {
        // Stable: only lines of definitions move.
        hits.lines
            .sort_by_key(|hit| (hit.standing != Standing::Definition, hit.line));
    }
    files.sort_by_cached_key(|hits| {
        let is_defined = best(hits) == Some(Standing::Definition);
        (Reverse(is_defined), Reverse(score(hits)), hits.file)
    });
}

/// Says why a file stands where it does in the order of rank.
pub fn why(hits: &FileHits) -> String {
    let line = best(hits).map(|standing| match standing {
        Standing::Definition => "defined here by that name",
        Standing::DefinitionEdge => "the name of a definition begins or ends with it",
        Standing::DefinitionPart => "part of the name of a definition",
        Standing::Word => "a whole word",
        Standing::Part => "part of a word",
    });
    let name = hits.rank.name.map(|standing| match standing {
        NameStanding::Whole => "the name of the file",
        NameStanding::Edge => "the name of the file begins or ends with it",
        NameStanding::Part => "part of the name of the file",
    });
    let mut reasons: Vec<String> = line.into_iter().chain(name).map(str::to_owned).collect();
    if hits.rank.of_terms > 1 {
        let (terms, of) = (hits.rank.terms, hits.rank.of_terms);
        reasons.push(format!("{terms} of {of} terms"));
    }
    if hits.rank.is_aside {
        reasons.push("a test, another's code or generated: a fifth".to_owned());
    }
    format!("{}: {}", score(hits), reasons.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{HitLine, Rank};

    fn file(file: u32, standing: Option<Standing>, rank: Rank) -> FileHits {
        let hit = |standing| HitLine {
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 2,
            standing,
        };
        FileHits {
            file,
            name_matches: rank.name.is_some(),
            binary: false,
            lines: standing.map(hit).into_iter().collect(),
            rank,
        }
    }

    #[test]
    fn definitions_names_words_parts_and_tests_last() {
        let plain = Rank {
            terms: 1,
            of_terms: 2,
            ..Rank::default()
        };
        let named = |name| Rank {
            name: Some(name),
            ..plain
        };
        let aside = Rank {
            is_aside: true,
            ..plain
        };
        let both = Rank { terms: 2, ..plain };
        let mut files = [
            file(0, Some(Standing::Definition), aside),
            file(1, Some(Standing::Part), plain),
            file(2, Some(Standing::Word), plain),
            file(3, Some(Standing::Word), both),
            file(4, None, named(NameStanding::Part)),
            file(5, None, named(NameStanding::Whole)),
            file(6, Some(Standing::Definition), plain),
            file(7, Some(Standing::Part), plain),
            file(8, Some(Standing::DefinitionEdge), plain),
        ];
        sort(&mut files);
        let order: Vec<_> = files.iter().map(|hits| hits.file).collect();
        assert_eq!(order, [6, 0, 5, 8, 4, 3, 2, 1, 7]);
        assert_eq!(
            why(&files[1]),
            "1460: defined here by that name, 1 of 2 terms, a test, another's code or generated: a fifth"
        );
    }

    #[test]
    fn the_line_of_a_definition_comes_first_in_its_file() {
        let hit = |line, standing| HitLine {
            line,
            column: 1,
            end_line: line,
            end_column: 2,
            standing,
        };
        let mut hits = file(0, None, Rank::default());
        hits.lines = vec![
            hit(1, Standing::Word),
            hit(2, Standing::DefinitionEdge),
            hit(5, Standing::Definition),
            hit(7, Standing::Part),
            hit(9, Standing::Definition),
        ];
        let mut files = [hits];
        sort(&mut files);
        let lines = |files: &[FileHits]| {
            files[0]
                .lines
                .iter()
                .map(|hit| hit.line)
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(&files), [5, 9, 1, 2, 7]);
        sort(&mut files);
        assert_eq!(
            lines(&files),
            [5, 9, 1, 2, 7],
            "sorting again changes nothing"
        );
    }
}
