//! Whole files of many languages in which words say what they are: `xcode`, `xnote` and `xtext` stand in code, in comments
//! and in strings.

use super::*;

const MARKS: &str = include_str!("marks.txt");

/// The words, and the zones they name.
const WORDS: [(&str, Zone); 3] = [
    ("xcode", Zone::Code),
    ("xnote", Zone::Comment),
    ("xtext", Zone::String),
];

/// Returns the marks of a text that are not in the zone they name, and how many it has.
fn misread(language: &str, text: &str) -> (Vec<String>, usize) {
    let known = by_name(language);
    assert!(known.is_some(), "{language}");
    let zones = zones(known, text.as_bytes());
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (word, zone) in WORDS {
        for (at, _) in text.match_indices(word) {
            count += 1;
            let found = zones.at(at);
            if found != zone {
                let line = text[..at].lines().count().max(1);
                let line = text
                    .lines()
                    .nth(line - usize::from(!text[..at].ends_with('\n')));
                wrong.push(format!("{language}: {word} at {at} is {found}: {line:?}"));
            }
        }
    }
    (wrong, count)
}

fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    let sections = MARKS.trim_start_matches("== ").split("\n== ");
    sections.filter_map(|section| section.split_once('\n'))
}

#[test]
fn marks_in_files_of_many_languages_are_read_as_what_they_are() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    let mut languages = std::collections::HashSet::new();
    for (language, text) in sections() {
        let (misread, marks) = misread(language, text);
        wrong.extend(misread);
        count += marks;
        languages.insert(language);
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        languages.len() >= 80 && count >= 600,
        "{} {count}",
        languages.len()
    );
}

/// A control: the marks tell languages apart.
#[test]
fn marks_are_misread_by_the_rules_of_another_language() {
    for (language, other) in [
        // The last is another name of the same language.
        ("Perl", "Shell"),
        ("Ruby", "Perl"),
        ("PHP", "C"),
        ("Erlang", "Prolog"),
        ("Elixir", "Ruby"),
        ("SQL", "C"),
        ("D", "C"),
        ("Tcl", "Shell"),
        ("ASN.1", "Ada"),
        ("MATLAB", "octave"),
    ] {
        let text = sections()
            .find(|(name, _)| *name == language)
            .map(|(_, text)| text);
        let misread = |by| misread(by, text.unwrap_or_default()).0.len();
        let is_alias = by_name(language).map(|l| l.name) == by_name(other).map(|l| l.name);
        assert_eq!(misread(other) == 0, is_alias, "{language} by {other}");
    }
}
