//! The list of the free texts of a bundle's file: what the gate judges.
//!
//! A document lists them while it is made ([`super::page`], [`super::html`]), or hands over the records that it holds,
//! whose types say what is free ([`OutgoingField`]). Written texts come first, in their order, then the names, field by
//! field: a copied text that is spread over several fields is found although names lie between them.

use super::page::inline;
use crate::model::{BlobId, DeliveredNames, OutgoingField, RepoPath, TextVisitor, Typed};
use std::collections::HashMap;

/// The free texts of one file, in the making.
pub struct TypedTexts<'a> {
    file: String,
    line: u64,
    delivered: &'a DeliveredNames,
    texts: Vec<Typed>,
    names: Vec<(&'static str, Typed)>,
    /// The name that each field held last.
    last: HashMap<&'static str, String>,
}

impl<'a> TypedTexts<'a> {
    /// Starts the list of a file at its first line.
    pub fn new(file: &str, delivered: &'a DeliveredNames) -> Self {
        Self {
            file: file.to_owned(),
            line: 1,
            delivered,
            texts: Vec::new(),
            names: Vec::new(),
            last: HashMap::new(),
        }
    }

    /// Says on which line the texts to come are.
    pub fn set_line(&mut self, line: u64) {
        self.line = line;
    }

    /// Lists the free texts of a record.
    pub fn visit(&mut self, record: &impl OutgoingField) {
        record.visit_texts("bundle", "text", self);
    }

    fn typed(&self, item: &str, field: &str, text: &str) -> Typed {
        Typed {
            file: self.file.clone(),
            line: self.line,
            text: text.to_owned(),
            what: format!("{item} {field}"),
        }
    }

    /// Returns the list.
    pub fn finish(mut self) -> Vec<Typed> {
        self.names.sort_by_key(|(field, _)| *field);
        self.texts
            .extend(self.names.into_iter().map(|(_, name)| name));
        self.texts
    }

    /// Returns the list with the line of each text, which is looked for in the bytes of the file by its form inside a
    /// JSON or TOML string.
    pub fn finish_in(mut self, bytes: &[u8]) -> Vec<Typed> {
        self.names.sort_by_key(|(field, _)| *field);
        let fields: Vec<&str> = self.names.iter().map(|(field, _)| *field).collect();
        let mut names: Vec<Typed> = self.names.into_iter().map(|(_, name)| name).collect();
        locate(&mut self.texts, bytes, Form::Part);
        let mut from = 0;
        // Each field's names have an order of their own.
        for same in fields.chunk_by(|a, b| a == b) {
            locate(&mut names[from..from + same.len()], bytes, Form::Whole);
            from += same.len();
        }
        self.texts.extend(names);
        self.texts
    }
}

impl TextVisitor for TypedTexts<'_> {
    fn visit_text(&mut self, item: &str, field: &'static str, text: &str) {
        if !text.is_empty() {
            self.texts.push(self.typed(item, field, text));
        }
    }

    fn visit_name(&mut self, item: &str, field: &'static str, name: &str) {
        // A reviewer's name comes with every entry: a name that follows on itself is listed once.
        if name.is_empty() || self.last.get(field).is_some_and(|last| last == name) {
            return;
        }
        self.last.insert(field, name.to_owned());
        self.names.push((field, self.typed(item, field, name)));
    }

    fn visit_path(&mut self, item: &str, field: &'static str, path: &RepoPath) {
        if !self.delivered.has_path(path) {
            self.visit_name(item, field, &path.to_string());
        }
    }

    fn visit_blob(&mut self, item: &str, field: &'static str, blob: &BlobId) {
        if !self.delivered.has_blob(blob) {
            self.visit_name(item, field, &blob.to_string());
        }
    }

    fn visit_symbol(&mut self, item: &str, blob: &BlobId, symbol: &str) {
        if !self.delivered.has_symbol(blob, symbol) {
            self.visit_name(item, "symbol", symbol);
        }
    }
}

/// How a text occurs in a file.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// As a part of a string.
    Part,
    /// As a whole string if there is one, else as a part of one.
    Whole,
}

/// Finds the line of each text; they are in the order of the file.
fn locate(texts: &mut [Typed], bytes: &[u8], form: Form) {
    let mut at = 0;
    let mut line = 1;
    for text in texts {
        let quoted = serde_json::to_string(&text.text).expect("a text is valid JSON");
        let part = &quoted.as_bytes()[1..quoted.len() - 1];
        let find = |needle: &[u8]| memchr::memmem::find(&bytes[at..], needle);
        let found = if form == Form::Whole {
            find(quoted.as_bytes()).or_else(|| find(part))
        } else {
            // As it is, or as Markdown within the string: whichever comes first.
            let marked = marked_up(&text.text);
            let marked = find(marked.as_bytes()).filter(|_| !marked.is_empty());
            find(part).into_iter().chain(marked).min()
        };
        if let Some(offset) = found {
            line += memchr::memchr_iter(b'\n', &bytes[at..at + offset]).count() as u64;
            at += offset;
            // What was found is passed over, so that an equal text behind it gets its own line.
            at += part.len().min(bytes.len() - at);
        }
        text.line = line;
    }
}

/// Returns how the first line of a text begins inside a JSON string that holds Markdown.
fn marked_up(text: &str) -> String {
    let first = text.lines().find(|line| !line.trim().is_empty());
    let marked = inline(first.unwrap_or_default().trim());
    let quoted = serde_json::to_string(&marked).expect("a text is valid JSON");
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_texts_and_each_has_its_line() {
        let delivered = DeliveredNames::default();
        let mut list = TypedTexts::new("f", &delivered);
        list.visit_text("a/F1", "title", "one");
        list.visit_name("a/F1", "reviewer", "a");
        list.visit_text("a/F1", "statement", "two\n");
        list.visit_name("a/F2", "reviewer", "a");
        list.visit_path("a/F2", "path", &RepoPath::new("x/y"));
        list.visit_name("b/F1", "reviewer", "b");
        list.visit_name("a/F3", "reviewer", "a");
        list.visit_text("b/F1", "label", "");
        let bytes = b"\"one\"\n\"a/F1\" \"a\"\n\"two\\n\"\n\"a\"\n\"x/y\"\n\"b\"\n\"a\"\n";
        let list = list.finish_in(bytes);
        let rows: Vec<_> = list
            .iter()
            .map(|t| (t.what.as_str(), t.text.as_str(), t.line))
            .collect();
        assert_eq!(
            rows,
            [
                ("a/F1 title", "one", 1),
                ("a/F1 statement", "two\n", 3),
                ("a/F2 path", "x/y", 5),
                ("a/F1 reviewer", "a", 2),
                ("b/F1 reviewer", "b", 6),
                ("a/F3 reviewer", "a", 7),
            ]
        );
    }
}
