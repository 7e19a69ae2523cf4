//! Which names of a ledger the delivery really holds.

use super::{BlobId, OutgoingField, RepoPath, TextVisitor, is_symbol_name};
use std::collections::HashSet;

/// Files of the delivery that records name: paths and blobs that a snapshot of the review really holds.
///
/// Only those are kept that some record names, so that a large tree costs nothing.
#[derive(Clone, Debug, Default)]
pub struct DeliveredNames {
    wanted_paths: HashSet<RepoPath>,
    wanted_blobs: HashSet<BlobId>,
    wanted_symbols: HashSet<(BlobId, String)>,
    paths: HashSet<RepoPath>,
    blobs: HashSet<BlobId>,
    symbols: HashSet<(BlobId, String)>,
}

impl DeliveredNames {
    /// Asks for every path and blob that the records name. None of them is delivered yet.
    pub fn named_by<'a, T: OutgoingField + 'a>(records: impl IntoIterator<Item = &'a T>) -> Self {
        let mut names = Self::default();
        for record in records {
            record.visit_texts("", "", &mut names);
        }
        names
    }

    /// Takes over a file of a snapshot.
    pub fn insert(&mut self, path: &RepoPath, blob: &BlobId) {
        if let Some(path) = self.wanted_paths.take(path) {
            // Cut as a policy may cut it, it is still the delivery's.
            self.paths.insert(path.last_two());
            self.paths.insert(path);
        }
        if self.wanted_blobs.remove(blob) {
            self.blobs.insert(*blob);
        }
    }

    /// Returns the paths that were asked for and not taken over.
    pub fn wanted_paths(&self) -> Vec<RepoPath> {
        self.wanted_paths.iter().cloned().collect()
    }

    /// Takes over whatever was asked for, as if the delivery held it.
    #[must_use]
    pub fn all_delivered(mut self) -> Self {
        for path in std::mem::take(&mut self.wanted_paths) {
            self.paths.insert(path.last_two());
            self.paths.insert(path);
        }
        self.blobs.extend(std::mem::take(&mut self.wanted_blobs));
        self.symbols
            .extend(std::mem::take(&mut self.wanted_symbols));
        self
    }

    /// Takes over the symbols that the texts of their blobs hold; `text` returns the text of a blob. A blob is asked for
    /// once.
    pub fn insert_symbols(&mut self, text: impl Fn(&BlobId) -> Option<String>) {
        let mut wanted: Vec<(BlobId, String)> = self.wanted_symbols.drain().collect();
        wanted.sort();
        for of_blob in wanted.chunk_by(|a, b| a.0 == b.0) {
            let Some(text) = text(&of_blob[0].0) else {
                continue;
            };
            let held = of_blob.iter().filter(|(_, symbol)| text.contains(symbol));
            self.symbols.extend(held.cloned());
        }
    }

    /// Returns whether the delivery holds the symbol in the text of the blob.
    pub fn has_symbol(&self, blob: &BlobId, symbol: &str) -> bool {
        self.symbols.contains(&(*blob, symbol.to_owned()))
    }

    /// Returns whether no path and no blob is left to be looked for.
    pub fn is_complete(&self) -> bool {
        self.wanted_paths.is_empty() && self.wanted_blobs.is_empty()
    }

    /// Returns whether the delivery holds a file at the path.
    pub fn has_path(&self, path: &RepoPath) -> bool {
        self.paths.contains(path)
    }

    /// Returns whether the delivery holds the blob.
    pub fn has_blob(&self, blob: &BlobId) -> bool {
        self.blobs.contains(blob)
    }
}

impl TextVisitor for DeliveredNames {
    fn visit_text(&mut self, _: &str, _: &'static str, _: &str) {}
    fn visit_name(&mut self, _: &str, _: &'static str, _: &str) {}
    fn visit_path(&mut self, _: &str, _: &'static str, path: &RepoPath) {
        self.wanted_paths.insert(path.clone());
    }
    fn visit_blob(&mut self, _: &str, _: &'static str, blob: &BlobId) {
        self.wanted_blobs.insert(*blob);
    }
    fn visit_symbol(&mut self, _: &str, blob: &BlobId, symbol: &str) {
        if is_symbol_name(symbol) {
            self.wanted_symbols.insert((*blob, symbol.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_delivered_once_a_snapshot_holds_it() {
        let (path, blob) = (RepoPath::new("a/b/c.c"), BlobId::new([7; 20]));
        let mut names = DeliveredNames::named_by([&path]);
        names.visit_blob("", "", &blob);
        assert!(!names.has_path(&path) && !names.has_blob(&blob) && !names.is_complete());
        names.insert(&RepoPath::new("other"), &BlobId::new([8; 20]));
        assert!(!names.has_path(&RepoPath::new("other")), "nobody names it");
        names.insert(&path, &blob);
        assert!(names.has_path(&path) && names.has_path(&RepoPath::new("b/c.c")));
        assert!(names.has_blob(&blob) && names.is_complete());
    }

    #[test]
    fn a_symbol_is_delivered_once_the_text_of_its_blob_holds_it() {
        let (blob, other) = (BlobId::new([7; 20]), BlobId::new([8; 20]));
        let mut names = DeliveredNames::default();
        for (blob, symbol) in [
            (&blob, "main"),
            (&blob, "typed"),
            (&other, "main"),
            (&blob, "int main"),
        ] {
            names.visit_symbol("", blob, symbol);
        }
        names.insert_symbols(|id| (*id == blob).then(|| "int main(void)".to_owned()));
        assert!(names.has_symbol(&blob, "main"));
        assert!(!names.has_symbol(&blob, "typed") && !names.has_symbol(&other, "main"));
        assert!(!names.has_symbol(&blob, "int main"), "no name");
    }
}
