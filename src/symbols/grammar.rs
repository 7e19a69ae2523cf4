//! The grammars, and what their tags queries capture.
//!
//! The queries lie in `assets/tags/`, one file a grammar, in the form of tree-sitter-tags: `@name` is the name,
//! `@definition.KIND`, `@definition.decl.KIND`, `@reference.call`, `@reference.call.KIND` and `@reference.KIND` the node
//! that gives it a meaning, `@ignore` a name that means nothing. Of several patterns that name the same node the first one
//! in the file wins. Subjects of predicates are captured as `@local.reference`, which says nothing. In C and C++ a
//! `@name` may be wrapped, see [`super::heart`].

use super::heart::Hearts;
use super::sys;
use crate::language::NameClass;
use crate::model::{SymbolKind, SymbolRole};
use std::sync::OnceLock;
use tree_sitter::{Language, Query};
use tree_sitter_tags::TagsConfiguration;

/// A capture of a tags query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capture {
    /// The name.
    Name,
    /// A name to be left out.
    Ignore,
    /// The node that says what the name is.
    Tag(SymbolRole, SymbolKind),
    /// Of no meaning.
    Nothing,
}

/// A grammar with its query, ready to be run by any number of threads.
pub(super) struct Grammar {
    config: TagsConfiguration,
    captures: Vec<Capture>,
    hearts: Option<Hearts>,
}

impl Grammar {
    fn new(language: Language, query: &str) -> Option<Self> {
        sys::install();
        // It lives as long as the program, whichever thread makes it.
        let made = sys::unmetered(|| TagsConfiguration::new(language, query, ""));
        let config = made.ok()?;
        let names = config.query.capture_names().iter();
        let captures = names.map(|name| capture(name)).collect::<Option<_>>()?;
        // Only the grammars of C wrap names in declarators.
        let has_declarators = config
            .language
            .id_for_node_kind("function_declarator", true)
            != 0;
        let hearts = has_declarators.then(|| Hearts::new(&config.language));
        Some(Self {
            config,
            captures,
            hearts,
        })
    }

    /// Says where names stand in what is captured, if they are wrapped.
    pub(super) fn hearts(&self) -> Option<&Hearts> {
        self.hearts.as_ref()
    }

    pub(super) fn language(&self) -> &Language {
        &self.config.language
    }

    pub(super) fn query(&self) -> &Query {
        &self.config.query
    }

    /// Returns what a capture means, by its number.
    pub(super) fn capture(&self, index: u32) -> Capture {
        let capture = self.captures.get(index as usize);
        capture.copied().unwrap_or(Capture::Nothing)
    }
}

fn capture(name: &str) -> Option<Capture> {
    use SymbolRole::{Call, Declaration, Definition, Reference};
    let kind = |word: &str| word.parse::<SymbolKind>().ok();
    let tag = |role, word| kind(word).map(|kind| Capture::Tag(role, kind));
    match name {
        "name" => Some(Capture::Name),
        "ignore" => Some(Capture::Ignore),
        "local.reference" => Some(Capture::Nothing),
        "reference.call" => Some(Capture::Tag(Call, SymbolKind::Function)),
        _ => {
            if let Some(word) = name.strip_prefix("definition.decl.") {
                tag(Declaration, word)
            } else if let Some(word) = name.strip_prefix("definition.") {
                tag(Definition, word)
            } else if let Some(word) = name.strip_prefix("reference.call.") {
                tag(Call, word)
            } else {
                tag(Reference, name.strip_prefix("reference.")?)
            }
        }
    }
}

/// One row of the table: the name of a language in [`crate::language`], a grammar for it, and the grammar's query.
struct Entry {
    name: &'static str,
    language: fn() -> Language,
    query: &'static str,
    made: OnceLock<Option<Grammar>>,
}

macro_rules! entry {
    ($name:literal, $language:expr, $($file:literal),+) => {
        Entry {
            name: $name,
            language: || Language::new($language),
            query: concat!($(include_str!(concat!("../../assets/tags/", $file, ".scm"))),+),
            made: OnceLock::new(),
        }
    };
}

/// Grammars by language. A language that has two is read with the second where the first finds errors.
static TABLE: [Entry; 18] = [
    entry!("ASN.1", tree_sitter_asn1::LANGUAGE, "asn1"),
    entry!("C", tree_sitter_c::LANGUAGE, "c"),
    entry!("C++", tree_sitter_cpp::LANGUAGE, "cpp"),
    entry!("C#", tree_sitter_c_sharp::LANGUAGE, "c-sharp"),
    entry!("CUDA", tree_sitter_cpp::LANGUAGE, "cpp"),
    entry!("Go", tree_sitter_go::LANGUAGE, "go"),
    entry!("Java", tree_sitter_java::LANGUAGE, "java"),
    entry!("JavaScript", tree_sitter_javascript::LANGUAGE, "javascript"),
    entry!("Lua", tree_sitter_lua::LANGUAGE, "lua"),
    entry!("OpenCL", tree_sitter_c::LANGUAGE, "c"),
    entry!("PHP", tree_sitter_php::LANGUAGE_PHP, "php"),
    entry!("Python", tree_sitter_python::LANGUAGE, "python"),
    entry!("Ruby", tree_sitter_ruby::LANGUAGE, "ruby"),
    entry!("Rust", tree_sitter_rust::LANGUAGE, "rust"),
    entry!("Shell", tree_sitter_bash::LANGUAGE, "bash"),
    entry!("Starlark", tree_sitter_python::LANGUAGE, "python"),
    entry!(
        "TypeScript",
        tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
        "typescript"
    ),
    entry!(
        "TypeScript",
        tree_sitter_typescript::LANGUAGE_TSX,
        "typescript",
        "tsx"
    ),
];

/// Returns the grammars of a language, the one to try first first.
pub(super) fn of(language: &str) -> impl Iterator<Item = &'static Grammar> {
    let rows = TABLE.iter().filter(move |entry| entry.name == language);
    rows.filter_map(|entry| {
        let make = || Grammar::new((entry.language)(), entry.query);
        entry.made.get_or_init(make).as_ref()
    })
}

/// Returns every row: the language, its grammar and the query.
#[cfg(test)]
pub(super) fn rows() -> impl Iterator<Item = (&'static str, Language, &'static str)> {
    let rows = TABLE.iter();
    rows.map(|entry| (entry.name, (entry.language)(), entry.query))
}

/// Returns a number that changes with the queries, the patterns and the classes of paths: tags found with others are found
/// anew.
pub(super) fn digest() -> u32 {
    static DIGEST: OnceLock<u32> = OnceLock::new();
    *DIGEST.get_or_init(|| {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(NameClass::digest().as_bytes());
        hasher.update(super::pattern::VERSION);
        for entry in &TABLE {
            hasher.update(entry.name.as_bytes());
            hasher.update(entry.query.as_bytes());
        }
        hasher.finalize()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_fits_its_grammar() {
        for entry in &TABLE {
            let name = entry.name;
            assert!(crate::language::by_name(name).is_some(), "{name}");
            sys::install();
            let made = TagsConfiguration::new((entry.language)(), entry.query, "");
            if let Err(error) = made {
                panic!("{name}: {error}");
            }
            assert!(
                Grammar::new((entry.language)(), entry.query).is_some(),
                "{name}: a kind is unknown"
            );
        }
        assert_eq!(of("TypeScript").count(), 2);
        assert_eq!(of("Fortran").count(), 0);
    }

    #[test]
    fn captures_are_roles_and_kinds() {
        use SymbolKind::{Enum, Function, Struct};
        use SymbolRole::{Call, Declaration, Definition, Reference};
        for (name, wanted) in [
            ("name", Some(Capture::Name)),
            ("definition.struct", Some(Capture::Tag(Definition, Struct))),
            (
                "definition.decl.enum",
                Some(Capture::Tag(Declaration, Enum)),
            ),
            ("reference.call", Some(Capture::Tag(Call, Function))),
            ("reference.call.struct", Some(Capture::Tag(Call, Struct))),
            ("reference.struct", Some(Capture::Tag(Reference, Struct))),
            ("reference.nothing", None),
            ("definition.", None),
            ("else", None),
        ] {
            assert_eq!(capture(name), wanted, "{name}");
        }
    }
}
