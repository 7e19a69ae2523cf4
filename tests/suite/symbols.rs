//! What each grammar's query finds in a sample of its language, written down in `tests/data/symbols/`.
//!
//! `UPDATE_SYMBOLS=1 cargo test` writes the lists anew: read what changed before it is kept.

use crate::support::{files, read, root};
use glassroom::language;
use glassroom::symbols::{TagLimits, Tagged, Tagger};
use glassroom::text::LineIndex;
use std::fmt::Write;

const FOLDER: &str = "tests/data/symbols";

/// Writes tags a line each: lines, role, kind, name, and `~` if a pattern found it.
fn written(text: &str, tagged: &Tagged) -> String {
    let lines = LineIndex::new(text.as_bytes());
    let mut out = format!("{}\n", tagged.how.words());
    for tag in &tagged.tags {
        let symbol = &tag.symbol;
        let line = lines.line_of(symbol.name.start as usize);
        let end = lines.line_of(symbol.extent.end as usize - 1);
        let guess = if tag.is_exact { "" } else { " ~" };
        let name = symbol.name_in(text);
        let _ = writeln!(
            out,
            "{line}-{end} {} {} {name}{guess}",
            symbol.role, symbol.kind
        );
    }
    out
}

fn tag(path: &str, text: &str) -> Tagged {
    let language = language::of(path.as_bytes(), text.as_bytes());
    let mut tagger = Tagger::new(TagLimits::default());
    tagger.tag(language, text, &|| false).unwrap()
}

#[test]
fn every_sample_has_the_tags_that_are_written_down() {
    let mut count = 0;
    for path in files(FOLDER) {
        if path.ends_with(".tags") {
            continue;
        }
        count += 1;
        let text = read(&path);
        let found = written(&text, &tag(&path, &text));
        let list = format!("{path}.tags");
        if std::env::var_os("UPDATE_SYMBOLS").is_some() {
            std::fs::write(root().join(&list), &found).unwrap();
        }
        assert_eq!(found, read(&list), "{path}");
    }
    assert!(count > 12, "only {count} samples");
}

#[test]
fn what_is_changed_is_found_otherwise() {
    let text = read("tests/data/symbols/sample.c");
    let before = written(&text, &tag("a.c", &text));
    let after = text.replace("struct state {", "struct other {");
    assert_ne!(written(&after, &tag("a.c", &after)), before, "control");
}
