//! What is copied from the vendor's text is marked while it is typed.

use crate::support::driven::Driven;
use glassroom::app::App;
use glassroom::app::compose::Field;

fn demo() -> (tempfile::TempDir, Driven) {
    let home = tempfile::tempdir().unwrap();
    let mut driven = Driven::demo(home.path(), (80, 24));
    driven.open_file("src/auth.c");
    (home, driven)
}

/// Waits until something is marked in a field, and returns what.
fn marked(driven: &mut Driven, field: Field) -> Vec<String> {
    driven.until("a mark", |app| app.hints.of(field).next().is_some());
    texts(&driven.app, field)
}

fn texts(app: &App, field: Field) -> Vec<String> {
    use glassroom::app::layer::Layer;
    let Some(Layer::Compose(form)) = app.layers.last() else {
        panic!("a form is open");
    };
    let text = form.text(field);
    let marks = app.hints.of(field);
    marks.map(|m| text[m.range.clone()].to_owned()).collect()
}

#[test]
fn a_vendors_line_is_marked_and_prose_is_not() {
    let (_home, mut driven) = demo();
    driven.keys("8 G F");
    // Prose, and then a comment of the vendor's: only that is marked, so the prose was looked at too.
    driven.type_text("The caller alone says how long the name is that is compared.");
    driven.keys("Tab Tab Tab Tab");
    driven.type_text("See: check_password: strcpy is safe here, see ticket 12");
    let copied = marked(&mut driven, Field::Statement);
    assert!(copied[0].starts_with("check_password"), "{copied:?}");
    assert!(texts(&driven.app, Field::Title).is_empty());
    let text = driven.text();
    assert!(text.contains("copied: src/auth.c:4 (run-32)"), "{text}");
    assert!(text.contains("say it in your own words"), "{text}");
    insta::assert_snapshot!(driven.picture());
    // What is said in other words is no longer marked.
    driven.keys("^u");
    driven.type_text("A comment says that the copy is safe, and names a ticket.");
    assert!(texts(&driven.app, Field::Statement).is_empty());
    assert!(!driven.text().contains("copied:"), "{}", driven.text());
}

#[test]
fn a_line_of_code_is_marked_in_a_private_note_too() {
    let (_home, mut driven) = demo();
    driven.keys("8 G c");
    driven.type_text("if (strcmp(name, FIELD_USER) == 0 || find_operator(name) != NULL)");
    let copied = marked(&mut driven, Field::Statement);
    assert!(copied[0].len() > 30, "{copied:?}");
    let text = driven.text();
    assert!(text.contains("fine in a private note"), "{text}");
}

#[test]
fn a_place_and_a_reply_are_looked_at_too() {
    let (_home, mut driven) = demo();
    driven.keys("8 G F");
    driven.type_text("Overrun");
    driven.keys("Tab Tab Tab Tab Tab");
    driven.type_text("if (strcmp(name, FIELD_USER) == 0 || find_operator(name) != NULL)");
    marked(&mut driven, Field::Location(0));
    driven.keys("^s");
    driven.until_recorded();
    assert!(driven.app.hints.of(Field::Location(0)).next().is_none());
    driven.keys("@ R");
    driven.type_text("if (strcmp(name, FIELD_USER) == 0 || find_operator(name) != NULL)");
    marked(&mut driven, Field::Statement);
}
