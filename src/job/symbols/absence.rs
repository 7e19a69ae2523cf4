//! What is true of a name of which no definition was found.

use super::super::{Cancel, JobError};
use super::find::{search, words};
use super::{Content, Sources, tagger};
use crate::index::Corpus;
use crate::language;
use crate::symbols::{How, Why};
use memchr::memmem::Finder;
use std::collections::BTreeSet;

/// Where a name is mentioned in a snapshot, and how well a definition of it would have been recognised there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameMentions {
    /// Places at which it is a whole name.
    pub places: u64,
    /// Files that cannot be searched.
    pub not_searched: u64,
    /// Languages without a grammar among the files that hold it.
    pub without_grammar: BTreeSet<&'static str>,
    /// Files that hold it and that their grammar did not read, or not wholly.
    pub not_parsed: u64,
    /// Files that hold it and are no code: documents, data, text of no known language.
    pub no_code: u64,
}

/// Looks for a name of which no definition was found.
pub fn mentions(
    sources: &Sources<'_>,
    corpus: &Corpus,
    name: &str,
    cancel: &Cancel,
) -> Result<NameMentions, JobError> {
    let finder = Finder::new(name);
    let (mut seen, mut tagger) = (NameMentions::default(), tagger());
    let mut take = |at: u32| {
        let file = &sources.listing.files[at as usize];
        let Content::Text(text) = sources.text(&file.blob) else {
            return;
        };
        let head = &text.as_bytes()[..text.len().min(language::HEAD_BYTES)];
        let language = language::of(file.path.as_bytes(), head);
        let count = words(language, &text, &finder).count() as u64;
        if count == 0 {
            return;
        }
        seen.places += count;
        let stored = Some(sources.store).filter(|_| sources.is_as_stored(&file.blob));
        let stored = stored.and_then(|store| store.how(&super::key(file)));
        let look = || Some(sources.tags(&mut tagger, file, &text, cancel)?.how);
        match (stored.or_else(look), language) {
            (Some(How::Exact), _) => {}
            (Some(How::Approximate(Why::NoGrammar)), Some(language)) => {
                seen.without_grammar.insert(language.name);
            }
            (Some(How::NoCode), _) => seen.no_code += 1,
            _ => seen.not_parsed += 1,
        }
    };
    let found = search(sources, corpus, name, cancel, &mut take)?;
    seen.not_searched = found.not_searched;
    Ok(seen)
}

impl NameMentions {
    /// Returns the answer for a name without a definition; `listing` says what lists the places.
    ///
    /// That a name is defined nowhere is only said if grammars have read every file that holds it.
    pub fn explain(&self, name: &str, listing: &str) -> String {
        let mut rest = match self.places {
            0 => String::new(),
            1 => format!("; 1 place holds the name: {listing}"),
            n => format!("; {n} places hold the name: {listing}"),
        };
        rest.push_str(&self.gap());
        let mut why = Vec::new();
        if !self.without_grammar.is_empty() {
            let names: Vec<&str> = self.without_grammar.iter().copied().collect();
            why.push(format!("no grammar for {}", names.join(", ")));
        }
        match self.not_parsed {
            0 => {}
            1 => why.push("1 file is not wholly parsed".to_owned()),
            n => why.push(format!("{n} files are not wholly parsed")),
        }
        if !why.is_empty() {
            let why = why.join("; ");
            return format!("no definition of {name} recognised ({why}){rest}");
        }
        match (self.places, self.no_code, self.not_searched) {
            (0, _, 0) => format!("{name} is nowhere in this snapshot"),
            (_, 0, 0) => format!("{name} is defined nowhere in this snapshot{rest}"),
            _ => format!("no definition of {name} was found{rest}"),
        }
    }

    /// Returns the answer for a name that was found nowhere.
    pub fn explain_no_reference(&self, name: &str) -> String {
        format!("{name} is nowhere in this snapshot{}", self.gap())
    }

    fn gap(&self) -> String {
        match self.not_searched {
            0 => String::new(),
            1 => "; 1 file is not searched".to_owned(),
            n => format!("; {n} files are not searched"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_to_be_defined_nowhere_unless_grammars_read_it_all() {
        let all = NameMentions {
            places: 2,
            ..NameMentions::default()
        };
        let with = |change: fn(&mut NameMentions)| {
            let mut seen = all.clone();
            change(&mut seen);
            seen.explain("f", "--refs lists them")
        };
        let places = "; 2 places hold the name: --refs lists them";
        assert_eq!(
            with(|_| ()),
            format!("f is defined nowhere in this snapshot{places}")
        );
        assert_eq!(
            with(|seen| {
                seen.without_grammar.extend(["TTCN-3", "YANG"]);
            }),
            format!("no definition of f recognised (no grammar for TTCN-3, YANG){places}")
        );
        assert_eq!(
            with(|seen| seen.not_parsed = 1),
            format!("no definition of f recognised (1 file is not wholly parsed){places}")
        );
        assert_eq!(
            with(|seen| seen.no_code = 1),
            format!("no definition of f was found{places}")
        );
        assert_eq!(
            with(|seen| seen.not_searched = 3),
            format!("no definition of f was found{places}; 3 files are not searched")
        );
        assert_eq!(
            with(|seen| *seen = NameMentions::default()),
            "f is nowhere in this snapshot"
        );
    }
}
