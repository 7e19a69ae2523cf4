//! Where a name is defined and where it stands.

use super::super::message::SymbolPlace;
use super::super::{Cancel, JobError};
use super::{Content, Sources, key, tagger};
use crate::index::{Chunk, Corpus, Search};
use crate::language::{self, Language, NameRule, Zones};
use crate::model::{BlobId, RepoPath, SearchSummary, SymbolKind, SymbolRole, TreeFile, Zone};
use crate::query::{self, NoFacts};
use crate::symbols::{How, SourceKey, Tag, Tagged, Tagger};
use crate::text;
use memchr::memmem::Finder;
use std::collections::HashSet;
use std::sync::PoisonError;

/// Finds the definitions and declarations of a name: definitions first, then those of the file that asks, of its
/// folder, and by path.
pub fn definitions(
    sources: &Sources<'_>,
    name: &str,
    from: Option<&RepoPath>,
    cancel: &Cancel,
) -> Result<Vec<SymbolPlace>, JobError> {
    let mut stored = sources.store.definitions_named(name);
    stored.retain(|(key, _)| sources.is_as_stored(&key.blob));
    let keys: HashSet<SourceKey> = stored.iter().map(|(key, _)| *key).collect();
    let files = sources.files_of(&keys);
    let mut found = Vec::new();
    for (key, definition) in stored {
        for file in files.get(&key).into_iter().flatten() {
            found.push(SymbolPlace {
                file: *file,
                line: definition.line,
                column: definition.column,
                kind: definition.tag.symbol.kind,
                role: definition.tag.symbol.role,
                exact: definition.tag.is_exact,
            });
        }
    }
    found.extend(not_stored(sources, name, cancel)?);
    rank(&mut found, sources, from);
    Ok(found)
}

/// Finds the definitions of a name in what is not looked through yet.
fn not_stored(
    sources: &Sources<'_>,
    name: &str,
    cancel: &Cancel,
) -> Result<Vec<SymbolPlace>, JobError> {
    let untagged = sources.untagged();
    if untagged.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let mut labels = Labels::new(sources, name, None);
    let mut take = |file: u32| {
        let mut rows = labels.file(file, cancel);
        rows.retain(|row| matches!(row.role, SymbolRole::Definition | SymbolRole::Declaration));
        found.push((key(&sources.listing.files[file as usize]), rows));
    };
    hits(sources, &untagged, name, cancel, &mut take)?;
    let keys: HashSet<SourceKey> = found.iter().map(|(key, _)| *key).collect();
    let files = sources.files_of(&keys);
    let mut places = Vec::new();
    for (key, rows) in found {
        for file in files.get(&key).into_iter().flatten() {
            places.extend(rows.iter().map(|row| SymbolPlace {
                file: *file,
                ..*row
            }));
        }
    }
    Ok(places)
}

fn rank(found: &mut [SymbolPlace], sources: &Sources<'_>, from: Option<&RepoPath>) {
    let files = &sources.listing.files;
    let folder = from.map(RepoPath::folder);
    found.sort_by_key(|place| {
        let path = &files[place.file as usize].path;
        let is_elsewhere = from != Some(path);
        let is_far = folder != Some(path.folder());
        // Files are in path order.
        (
            place.role,
            is_elsewhere,
            is_far,
            place.file,
            place.line,
            place.column,
        )
    });
}

/// What [`references`] found in one file.
pub type References = Vec<SymbolPlace>;

/// Finds every place where a name stands as a word, file by file in path order. Each place says what the name does
/// there; false in the end if it was cancelled.
pub fn references(
    sources: &Sources<'_>,
    corpus: &Corpus,
    name: &str,
    cancel: &Cancel,
    sink: &mut dyn FnMut(References),
) -> Result<bool, JobError> {
    // What a use most likely is of is what the name is defined as.
    let known = definitions(sources, name, None, cancel)?;
    let kind = known.first().map(|row| row.kind);
    let mut labels = Labels::new(sources, name, kind);
    let mut take = |file: u32| {
        let rows = labels.file(file, cancel);
        if !rows.is_empty() {
            sink(rows);
        }
    };
    search(sources, corpus, name, cancel, &mut take)?;
    Ok(!cancel.is_cancelled())
}

/// Finds the files of some that hold a name.
fn hits(
    sources: &Sources<'_>,
    files: &[u32],
    name: &str,
    cancel: &Cancel,
    take: &mut dyn FnMut(u32),
) -> Result<(), JobError> {
    let list = &sources.listing.files;
    let chosen: Vec<TreeFile> = files.iter().map(|at| list[*at as usize].clone()).collect();
    let corpus = Corpus::of_files(&chosen);
    let mut found = |at: u32| take(files[at as usize]);
    search(sources, &corpus, name, cancel, &mut found).map(drop)
}

/// Finds the files of a corpus that hold a name as a word.
pub(super) fn search(
    sources: &Sources<'_>,
    corpus: &Corpus,
    name: &str,
    cancel: &Cancel,
    take: &mut dyn FnMut(u32),
) -> Result<SearchSummary, JobError> {
    let query = query::parse(&query_of(name), &|_| None)?;
    let unindexed = |id: &BlobId| {
        let snapshot = sources
            .snapshot
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        sources.reader(&snapshot).searched(id).ok()
    };
    let search = Search {
        index: sources.index,
        files: corpus,
        facts: &NoFacts,
        unindexed: &unindexed,
    };
    let mut sink = |chunk: Chunk| {
        let files = chunk.files.iter().filter(|hits| !hits.binary);
        for hits in files.filter(|hits| !hits.lines.is_empty()) {
            if cancel.is_cancelled() {
                return;
            }
            take(hits.file);
        }
    };
    Ok(search.run(&query, &mut sink, &|| cancel.is_cancelled())?)
}

/// Writes the query for a name as a word.
fn query_of(name: &str) -> String {
    if name.bytes().all(is_word) {
        return format!("case:yes c:/\\b{name}\\b/");
    }
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("case:yes c:\"{escaped}\"")
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Says what a name does where it stands, file by file.
struct Labels<'a> {
    sources: &'a Sources<'a>,
    name: &'a str,
    finder: Finder<'a>,
    /// What the name is defined as, if it is.
    kind: Option<SymbolKind>,
    tagger: Tagger,
}

impl<'a> Labels<'a> {
    fn new(sources: &'a Sources<'a>, name: &'a str, kind: Option<SymbolKind>) -> Self {
        Self {
            sources,
            name,
            finder: Finder::new(name),
            kind,
            tagger: tagger(),
        }
    }

    /// Returns every place of the name in a file; none if it was cancelled or is no text.
    fn file(&mut self, at: u32, cancel: &Cancel) -> Vec<SymbolPlace> {
        let file: &TreeFile = &self.sources.listing.files[at as usize];
        let Content::Text(text) = self.sources.text(&file.blob) else {
            return Vec::new();
        };
        let Some(tagged) = self.sources.tags(&mut self.tagger, file, &text, cancel) else {
            return Vec::new();
        };
        let head = &text.as_bytes()[..text.len().min(language::HEAD_BYTES)];
        let language = language::of(file.path.as_bytes(), head);
        let mut zones = None;
        let (mut line, mut counted, mut start) = (1, 0, 0);
        let mut rows = Vec::new();
        for byte in words(language, &text, &self.finder) {
            let bytes = text.as_bytes();
            for end in memchr::memchr_iter(b'\n', &bytes[counted..byte]) {
                line += 1;
                start = counted + end + 1;
            }
            counted = byte;
            let tag = tagged
                .at(byte as u32)
                .filter(|tag| tag.symbol.name.len() == self.name.len());
            let (kind, role, exact) = match tag {
                Some(tag) => self.of_tag(tag),
                None => self.of_zone(language, &text, byte, &tagged, &mut zones),
            };
            rows.push(SymbolPlace {
                file: at,
                line,
                column: text::column(&bytes[start..byte], byte - start),
                kind,
                role,
                exact,
            });
        }
        rows
    }

    fn of_tag(&self, tag: &Tag) -> (SymbolKind, SymbolRole, bool) {
        let symbol = &tag.symbol;
        let is_use = matches!(symbol.role, SymbolRole::Call | SymbolRole::Reference);
        let kind = self.kind.filter(|_| is_use).unwrap_or(symbol.kind);
        (kind, symbol.role, tag.is_exact)
    }

    /// Says what a word is that is no tag: a comment's, a string's or one that is used in another way.
    fn of_zone(
        &self,
        language: Option<&Language>,
        text: &str,
        byte: usize,
        tagged: &Tagged,
        zones: &mut Option<Zones>,
    ) -> (SymbolKind, SymbolRole, bool) {
        let zone = if tagged.how == How::NoCode {
            // Documents and data only mention names.
            Zone::Comment
        } else {
            let make = || language::zones(language, text.as_bytes());
            zones.get_or_insert_with(make).at(byte)
        };
        let is_called = text[byte + self.name.len()..].starts_with('(');
        let kind = self.kind.unwrap_or(if is_called {
            SymbolKind::Function
        } else {
            SymbolKind::Variable
        });
        let is_exact = tagged.how.is_exact();
        match zone {
            Zone::Comment => (kind, SymbolRole::Comment, is_exact),
            Zone::Code => (kind, SymbolRole::Reference, is_exact),
            Zone::String => (kind, SymbolRole::Reference, false),
        }
    }
}

/// Finds where a name stands in a text and is no part of a longer name of the language. In comments and strings a name is
/// what it is in any language: it may stand in a sentence.
pub(super) fn words<'t>(
    language: Option<&'t Language>,
    text: &'t str,
    finder: &'t Finder<'_>,
) -> impl Iterator<Item = usize> + 't {
    let (bytes, name) = (text.as_bytes(), finder.needle());
    let edge = |byte: Option<&u8>| byte.is_some_and(|b| is_word(*b));
    let (first, last) = (edge(name.first()), edge(name.last()));
    let rule = NameRule::of(language);
    let mut zones = None;
    finder.find_iter(bytes).filter(move |at| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let behind = bytes.get(at + name.len());
        if first && edge(before) || last && edge(behind) {
            return false;
        }
        let make = || language::zones(language, bytes);
        rule.is_whole(bytes, &(*at..at + name.len()))
            || zones.get_or_insert_with(make).at(*at) != Zone::Code
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_alone() {
        let at = |text: &str, name: &str| words(None, text, &Finder::new(name)).collect::<Vec<_>>();
        assert_eq!(at("foo foobar _foo foo(", "foo"), [0, 16]);
        assert_eq!(at("a::~Foo() x~Foo", "~Foo"), [3, 11]);
        assert_eq!(at("", "a"), [0; 0]);
        assert_eq!(at("éfoo foo", "foo"), [6]);
    }

    #[test]
    fn a_part_of_a_name_with_a_hyphen_is_no_use_of_it() {
        let at = |language: &str, text: &str, name: &str| {
            let finder = Finder::new(name);
            words(language::by_name(language), text, &finder).collect::<Vec<_>>()
        };
        assert_eq!(at("ASN.1", "Tx-Ident Ident -- Tx-Ident", "Ident"), [9, 21]);
        assert_eq!(at("ASN.1", "My-Tx-Ident Tx-Ident", "Tx-Ident"), [12]);
        assert_eq!(at("C", "Tx-Ident Ident", "Ident"), [3, 9]);
        assert_eq!(at("Ruby", "a.valid? valid", "valid"), [9]);
    }

    #[test]
    fn any_name_can_be_asked_for() {
        for name in [
            "foo",
            "operator==",
            "a/b",
            "\"",
            "\\",
            "~Foo",
            "a-b",
            "é",
            "$x",
            "a b",
            "or",
        ] {
            let query = query::parse(&query_of(name), &|_| None);
            assert!(query.is_ok(), "{name}: {query:?}");
        }
    }
}
