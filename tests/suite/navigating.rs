//! Going from place to place by symbols and by search hits, on the demo.

use crate::support::driven::Driven;
use glassroom::app::layer::{Layer, Pick};

fn demo(size: (u16, u16)) -> (tempfile::TempDir, Driven) {
    let home = tempfile::tempdir().unwrap();
    let mut driven = Driven::demo(home.path(), size);
    driven.open_file("src/auth.c");
    (home, driven)
}

/// Returns the file shown, the line and the word under the cursor.
fn place(driven: &Driven) -> (String, u32, String) {
    let code = &driven.app.code;
    let path = code.file().map(|f| f.path.to_string()).unwrap_or_default();
    (path, code.line, code.word().unwrap_or_default())
}

fn at(path: &str, line: u32, word: &str) -> (String, u32, String) {
    (path.to_owned(), line, word.to_owned())
}

/// Returns the rows of the list on top, as they are drawn, without the heading.
fn rows(driven: &mut Driven) -> Vec<String> {
    let text = driven.text();
    let lines = text.lines().skip(2).map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.join(" ")
    });
    lines.take_while(|line| !line.is_empty()).collect()
}

fn until_listed(driven: &mut Driven) {
    driven.until(
        "the places",
        |app| matches!(app.layers.last(), Some(Layer::Pick(Pick::Place(p), _)) if p.is_complete),
    );
}

#[test]
fn the_outline_begins_where_the_reader_is() {
    let (_home, mut driven) = demo((80, 24));
    driven.keys("] f ] f");
    let (_, line, name) = place(&driven);
    let title = driven.text().lines().nth(1).unwrap().to_owned();
    assert!(title.contains(&format!("src/auth.c > {name}")), "{title}");
    driven.keys("o");
    let Some(Layer::Pick(Pick::Outline(outline), picker)) = driven.app.layers.last() else {
        panic!("no outline");
    };
    assert_eq!(outline.how, "exact");
    assert_eq!(outline.rows[picker.cursor].line, line);
    let row = rows(&mut driven)[picker_cursor(&driven)].clone();
    assert_eq!(row, format!("{name} function {line}"));
    driven.keys("Up Enter");
    let (path, above, _) = place(&driven);
    assert_eq!(path, "src/auth.c");
    assert!(above < line);
    // Back restores the place.
    driven.keys("<");
    assert_eq!(place(&driven), at("src/auth.c", line, &name));
}

fn picker_cursor(driven: &Driven) -> usize {
    match driven.app.layers.last() {
        Some(Layer::Pick(_, picker)) => picker.cursor - picker.top,
        _ => panic!("no list"),
    }
}

#[test]
fn functions_are_walked_and_selected() {
    let (_home, mut driven) = demo((80, 24));
    let mut seen = Vec::new();
    driven.keys("1 G");
    loop {
        let before = driven.app.code.line;
        driven.keys("g f");
        if driven.app.code.line == before {
            break;
        }
        seen.push(place(&driven).2);
    }
    let functions: Vec<String> =
        driven
            .app
            .outline()
            .unwrap()
            .rows
            .iter()
            .fold(Vec::new(), |mut names, row| {
                if row.kind == glassroom::model::SymbolKind::Function {
                    names.push(row.name.clone());
                }
                names
            });
    assert_eq!(seen, functions);
    assert!(seen.len() > 1);
    assert!(driven.text().contains("no function below"));
    driven.keys("X");
    let row = driven.app.outline().unwrap().rows.last().cloned().unwrap();
    let span = driven.app.code.span();
    assert_eq!((span.start(), span.end()), (row.line, row.end_line));
    driven.keys("x");
    driven.until_recorded();
    let blob = driven.app.code.file().unwrap().blob;
    let marks = driven.app.review.marks(&blob).unwrap();
    assert_eq!(marks.lines(), u64::from(row.end_line - row.line + 1));
}

#[test]
fn definitions_and_references_are_listed_with_what_they_are() {
    let (_home, mut driven) = demo((80, 24));
    driven.keys("S");
    driven.type_text("auth_login");
    driven.until("the symbols", |app| {
        matches!(app.layers.last(), Some(Layer::Pick(Pick::Symbol(places), p))
            if p.is_current() && !places.is_empty())
    });
    let listed = rows(&mut driven);
    assert!(
        listed[0].starts_with("auth_login function src/auth.c:"),
        "{listed:?}"
    );
    assert!(
        listed[1].starts_with("auth_login declared function src/auth.h:"),
        "{listed:?}"
    );
    driven.keys("Enter");
    let (path, line, word) = place(&driven);
    assert_eq!((path.as_str(), word.as_str()), ("src/auth.c", "auth_login"));
    // Its definition comes first, its declaration second.
    driven.keys("g d");
    until_listed(&mut driven);
    let listed = rows(&mut driven);
    assert!(listed[0].starts_with("src/auth.c:"), "{listed:?}");
    assert!(listed[1].starts_with("src/auth.h:"), "{listed:?}");
    driven.keys("Down Enter");
    driven.until("the header", |app| {
        app.code
            .file()
            .is_some_and(|f| f.path.to_string() == "src/auth.h")
    });
    assert_eq!(place(&driven).2, "auth_login");
    driven.keys("g r");
    until_listed(&mut driven);
    driven.until("the lines", |app| app.preview.texts.len() >= 3);
    let listed = rows(&mut driven);
    assert!(
        listed
            .iter()
            .any(|r| r.starts_with("src/main.c:") && r.ends_with(" call")),
        "{listed:?}"
    );
    let definition = format!("src/auth.c:{line} ");
    assert!(
        listed
            .iter()
            .any(|r| r.starts_with(&definition) && r.ends_with(" definition")),
        "{listed:?}"
    );
    assert!(
        listed.iter().any(|r| r.ends_with(" declaration")),
        "{listed:?}"
    );
    driven.keys("Esc <");
    driven.until("the file before", |app| {
        app.code
            .file()
            .is_some_and(|f| f.path.to_string() == "src/auth.c")
    });
    assert_eq!(place(&driven), at("src/auth.c", line, "auth_login"));
    // The control: what is defined once is not asked about.
    driven.until("the outline", |app| app.outline().is_some());
    let rows = &driven.app.outline().unwrap().rows;
    let only = rows.iter().find(|r| r.name == "same_digest").unwrap().line;
    driven.keys("/");
    driven.type_text("!same_digest(");
    driven.keys("Enter l g d");
    driven.until("the definition", |app| app.code.line == only);
    assert!(driven.app.layers.is_empty());
    driven.keys("g d");
    driven.until("the answer", |app| {
        app.notice
            .as_ref()
            .is_some_and(|n| n.text == "this is the only definition")
    });
}

#[test]
fn a_search_says_what_it_would_find_as_a_regex_and_why_a_hit_ranks() {
    let (_home, mut driven) = demo((100, 24));
    driven.keys("s");
    driven.type_text("auth.*login f:src/");
    driven.until("the other reading", |app| app.search.otherwise.is_some());
    let text = driven.text();
    assert!(
        text.contains("lines and 0 file names as a regex: Alt-r searches /auth.*login/"),
        "{text}"
    );
    driven.keys("Alt-r");
    driven.until("hits", |app| !app.search.is_empty());
    let query = "/auth.*login/ f:src/".to_owned();
    assert!(driven.app.search.input.text().starts_with(&query[..13]));
    driven.keys("Alt-w");
    assert!(driven.text().contains("in the order of paths; Alt-o"));
    driven.keys("Alt-o");
    driven.until("the order", |app| {
        app.search.is_ranked() && app.search.summary.as_ref().is_some_and(|s| s.complete)
    });
    let text = driven.text();
    assert!(text.contains(": a whole word"), "{text}");
    assert!(text.contains("order: rank"), "{text}");
    driven.keys("Alt-o");
    driven.until("the order", |app| !app.search.is_ranked());
    assert!(!driven.app.search.input.text().contains("order"));
}

#[test]
fn an_outline_that_comes_late_is_listed_only_if_it_is_still_waited_for() {
    let home = tempfile::tempdir().unwrap();
    let listed = |keys: &str| {
        let mut driven = Driven::demo(home.path(), (80, 24));
        driven.keys("f");
        driven.type_text("src/auth.c");
        driven.keys("Enter");
        driven.until("the file", |app| app.code.doc.is_some());
        assert!(driven.app.outline().is_none(), "it comes after the text");
        driven.keys(keys);
        driven.until("the outline", |app| app.outline().is_some());
        matches!(
            driven.app.layers.last(),
            Some(Layer::Pick(Pick::Outline(_), _))
        )
    };
    assert!(listed("o"), "the control");
    assert!(!listed("o j"));
}
