//! What language a file is, and what sort of file it is otherwise.
//!
//! The table of languages ([`all`]) is plain text in `table.rs`, one row a language. A language is found
//! by file name, then extension, then interpreter line, and by content only where an extension is shared
//! ([`of`]). [`traits`] says whether a file looks generated, minified, vendored or like a test; it only
//! says so: nothing is ever hidden because of it. No library, no I/O; every cost is bounded by
//! [`HEAD_BYTES`]. What it does not do: guess the language of a file from its words alone.

mod detect;
mod names;
mod table;
mod traits;
mod zones;

pub use detect::{NameClass, depends_on_content, of};
pub use names::NameRule;
pub use traits::{Traits, traits};
pub use zones::{Zones, plain_lines, zones};

use std::collections::HashMap;
use std::sync::OnceLock;

/// How many bytes of a file's beginning are looked at, at most. What decides stands at the top; but the top of a header is
/// often a licence, and of a header comments do not count.
pub const HEAD_BYTES: usize = 1024 * 1024;
/// How many bytes are looked at of everything but a header.
const TOP_BYTES: usize = 8 * 1024;

/// What a language is used for, so that counts of code need not count documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LanguageKind {
    /// Something that is compiled, interpreted or built with.
    Code,
    /// Something that only describes: configuration, tables, exchange formats.
    Data,
    /// Text for people.
    Document,
}

/// One language and how its comments and strings are written.
#[derive(Debug, PartialEq, Eq)]
pub struct Language {
    /// The name shown to people; unique, also without case.
    pub name: &'static str,
    /// Other names a person may type, in lower case.
    pub aliases: Vec<&'static str>,
    /// Extensions, without the dot, in lower case.
    pub extensions: Vec<&'static str>,
    /// Whole file names, in lower case.
    pub file_names: Vec<&'static str>,
    /// Names behind `#!`, without version digits.
    pub interpreters: Vec<&'static str>,
    /// What begins a comment up to the end of the line.
    pub line_comments: Vec<&'static str>,
    /// What opens and closes a comment.
    pub block_comments: Vec<(&'static str, &'static str)>,
    /// The characters that open and close a string, each on one line.
    pub quotes: &'static str,
    /// What it is used for.
    pub kind: LanguageKind,
}

/// Returns every language, sorted by name without case.
pub fn all() -> &'static [Language] {
    static ALL: OnceLock<Vec<Language>> = OnceLock::new();
    ALL.get_or_init(table::parse)
}

/// Returns the language of a name or alias, whatever its case.
pub fn by_name(name: &str) -> Option<&'static Language> {
    static NAMES: OnceLock<HashMap<String, usize>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let mut names = HashMap::new();
        for (at, language) in all().iter().enumerate() {
            names.insert(language.name.to_ascii_lowercase(), at);
        }
        for (at, language) in all().iter().enumerate() {
            for alias in &language.aliases {
                names.entry((*alias).to_owned()).or_insert(at);
            }
        }
        names
    });
    let at = names.get(&name.trim().to_ascii_lowercase())?;
    all().get(*at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_and_aliases_are_unique_and_extensions_have_one_owner() {
        let (mut names, mut extensions, mut files) =
            (HashSet::new(), HashSet::new(), HashSet::new());
        assert!(all().len() >= 110, "{}", all().len());
        for language in all() {
            assert!(
                names.insert(language.name.to_ascii_lowercase()),
                "{}",
                language.name
            );
            for alias in &language.aliases {
                assert_eq!(*alias, alias.to_ascii_lowercase());
                assert!(names.insert((*alias).to_owned()), "{alias}");
            }
            for extension in &language.extensions {
                assert_eq!(*extension, extension.to_ascii_lowercase());
                assert!(
                    extensions.insert(extension),
                    ".{extension} of {}",
                    language.name
                );
            }
            for name in &language.file_names {
                assert!(files.insert(name), "{name} of {}", language.name);
            }
        }
        let sorted = all()
            .windows(2)
            .all(|w| w[0].name.to_lowercase() < w[1].name.to_lowercase());
        assert!(sorted);
    }

    #[test]
    fn a_person_may_type_any_name() {
        for (typed, name) in [
            ("c++", "C++"),
            ("CPP", "C++"),
            ("js", "JavaScript"),
            ("ts", "TypeScript"),
            ("py", "Python"),
            ("sh", "Shell"),
            ("c", "C"),
            ("asn.1", "ASN.1"),
            ("dts", "Device Tree"),
            ("c#", "C#"),
        ] {
            assert_eq!(by_name(typed).map(|l| l.name), Some(name), "{typed}");
        }
        assert_eq!(by_name("no such language"), None);
    }

    #[test]
    fn comment_marks_are_known() {
        let c = by_name("c").unwrap();
        assert_eq!(
            (&c.line_comments[..], &c.block_comments[..]),
            (&["//"][..], &[("/*", "*/")][..])
        );
        assert_eq!(by_name("vhdl").unwrap().line_comments, ["--"]);
        assert_eq!(by_name("markdown").unwrap().kind, LanguageKind::Document);
    }
}
