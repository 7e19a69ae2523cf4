//! A value that a person types, picks, pastes or passes is the value that is saved, or it is refused with the values that
//! there are.

use crate::headless::Desk;
use crate::support::driven::Driven;
use glassroom::app::Msg;
use glassroom::app::compose::{Compose, Field};
use glassroom::app::layer::Layer;
use glassroom::model::{Confidence, Difficulty, Kind, Priority, Severity, Status};

fn demo() -> (tempfile::TempDir, Driven) {
    let home = tempfile::tempdir().unwrap();
    let mut driven = Driven::demo(home.path(), (80, 24));
    driven.open_file("src/auth.c");
    (home, driven)
}

fn form(driven: &Driven) -> &Compose {
    match driven.app.layers.last() {
        Some(Layer::Compose(form)) => form,
        other => panic!("{other:?}"),
    }
}

/// Returns what the footer says.
fn notice(driven: &Driven) -> String {
    let notice = driven.app.notice.as_ref();
    notice.map_or_else(String::new, |notice| notice.text.clone())
}

#[test]
fn a_severity_typed_is_the_severity_saved_and_named() {
    let (_home, mut driven) = demo();
    for (nth, (typed, saved)) in [
        ("critical", Severity::Critical),
        ("crit", Severity::Critical),
        ("MEDIUM", Severity::Medium),
        ("info", Severity::Informational),
        ("highx", Severity::High),
        ("none", Severity::Undetermined),
    ]
    .into_iter()
    .enumerate()
    {
        driven.keys("8 G F");
        driven.type_text("Overrun");
        driven.keys("Tab");
        driven.type_text(typed);
        driven.keys("^s");
        driven.until_recorded();
        let finding = driven.app.review.findings().last().cloned().unwrap();
        assert_eq!(finding.severity, saved, "{typed}");
        let wanted = format!("F{} saved: {saved} vulnerability", nth + 1);
        assert_eq!(notice(&driven), wanted, "{typed}");
    }
}

#[test]
fn every_choice_that_differs_is_named_when_it_is_saved() {
    let (_home, mut driven) = demo();
    driven.keys("8 G F");
    driven.type_text("Overrun");
    driven.keys("Tab");
    driven.type_text("low");
    driven.keys("Tab");
    driven.type_text("backdoor indicator");
    while form(&driven).field != Field::Confidence {
        driven.keys("Tab");
    }
    driven.type_text("confirmed");
    driven.keys("Tab");
    driven.type_text("urgent");
    driven.keys("^s");
    driven.until_recorded();
    assert_eq!(
        notice(&driven),
        "F1 saved: low backdoor-indicator, confirmed, priority urgent"
    );
    driven.keys("gq");
    driven.type_text("why?");
    driven.keys("^s");
    driven.until_recorded();
    assert_eq!(notice(&driven), "Q1 saved: question to the vendor");
}

#[test]
fn a_refused_letter_shows_every_value_on_a_small_screen() {
    let (_home, mut driven) = demo();
    driven.keys("8 G F");
    driven.type_text("Overrun");
    while form(&driven).field != Field::Category {
        driven.keys("Tab");
    }
    driven.type_text("dx");
    let text = driven.text();
    for word in Field::Category.words() {
        assert!(text.contains(word), "{word}:\n{text}");
    }
    assert!(text.contains("\"dx\""), "{text}");
}

#[test]
fn a_value_picked_from_the_list_is_the_one_typed() {
    let (_home, mut driven) = demo();
    driven.keys("8 G F");
    driven.type_text("Overrun");
    let fields = form(&driven).fields();
    for field in fields {
        for word in field.words() {
            while form(&driven).field != field {
                driven.keys("Tab");
            }
            driven.keys("^p");
            driven.type_text(word);
            driven.keys("Enter");
            assert_eq!(form(&driven).word(field), word, "{field:?}");
        }
    }
    driven.keys("^s");
    driven.until_recorded();
    for status in Status::ALL {
        driven.keys("@ s");
        driven.type_text(status.word());
        driven.keys("Enter");
        driven.type_text("because");
        driven.keys("Enter");
        driven.until_recorded();
        let finding = driven.app.review.findings().next().unwrap();
        assert_eq!(finding.status, *status);
        driven.keys("Esc");
    }
}

#[test]
fn a_pasted_value_is_chosen_and_a_pasted_text_is_refused() {
    let (_home, mut driven) = demo();
    driven.keys("8 G F Tab");
    driven.app.update(Msg::Paste("Critical\n".into()));
    assert_eq!(form(&driven).word(Field::Severity), "critical");
    driven.app.update(Msg::Paste("it is low".into()));
    assert_eq!(form(&driven).word(Field::Severity), "critical");
    let why = form(&driven).error.clone().unwrap();
    assert!(why.contains("informational, low"), "{why}");
}

#[test]
fn a_template_with_a_wrong_value_is_named() {
    let home = tempfile::tempdir().unwrap();
    let template = "[[template]]\nname = \"copy\"\nseverity = \"severe\"\n\
        [[template]]\nname = \"case\"\nseverity = \"High\"\n";
    std::fs::write(home.path().join("config.toml"), template).unwrap();
    let mut driven = Driven::demo(home.path(), (80, 24));
    driven.open_file("src/auth.c");
    driven.keys("8 G F ^t");
    driven.type_text("copy");
    driven.keys("Enter");
    let why = form(&driven).error.clone().unwrap();
    assert!(why.starts_with("template copy: no severity is"), "{why}");
    assert_eq!(form(&driven).word(Field::Severity), "undetermined");
    driven.keys("^t");
    driven.type_text("case");
    driven.keys("Enter");
    assert_eq!(form(&driven).word(Field::Severity), "high");
    assert_eq!(form(&driven).error, None);
}

/// A flag takes a value as it is written and nothing else: a beginning or another case is refused with the values.
#[test]
fn flags_take_whole_values_and_name_them() {
    let desk = Desk::new();
    let add = |option: &str, value: &str| {
        let mut all = vec!["finding", "add", "--snapshot", "DEMO", "--title", "x"];
        if option != "--severity" {
            all.extend(["--severity", "low"]);
        }
        all.extend(["--at", "src/auth.c:8", option, value]);
        desk.run(&all)
    };
    let of = |words: Vec<&'static str>, option| (option, words);
    let rows = [
        of(
            Severity::ALL.iter().map(|w| w.word()).collect(),
            "--severity",
        ),
        of(Kind::ALL.iter().map(|w| w.word()).collect(), "--kind"),
        of(
            Confidence::ALL.iter().map(|w| w.word()).collect(),
            "--confidence",
        ),
        of(
            Priority::ALL.iter().map(|w| w.word()).collect(),
            "--priority",
        ),
        of(
            Difficulty::ALL.iter().map(|w| w.word()).collect(),
            "--difficulty",
        ),
    ];
    for (option, words) in rows {
        let last = words[words.len() - 1];
        for typed in [&last[..3], &last.to_uppercase(), &format!("{last} ")] {
            let outcome = add(option, typed);
            assert_eq!(outcome.code, Some(2), "{option} {typed}: {outcome:?}");
            for word in &words {
                assert!(outcome.stderr.contains(word), "{option}: {outcome:?}");
            }
        }
        assert_eq!(add(option, last).code, Some(0), "control: {option} {last}");
    }
    let list = desk.json(&["finding", "list", "--snapshot", "DEMO"]);
    assert_eq!(list.len(), 5, "what was refused is not there");
    assert_eq!(list[0]["severity"], "undetermined");
}
