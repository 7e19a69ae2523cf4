//! Nothing written is lost: every form that is left has a draft of its own, on disk until it is saved or discarded by
//! name.

use crate::support::driven::Driven;
use glassroom::app::Msg;
use glassroom::app::compose::{Compose, Field};
use glassroom::app::layer::Layer;
use glassroom::job::{Draft, Report};
use glassroom::model::Item;
use std::fs;
use std::path::{Path, PathBuf};

fn open(home: &Path) -> Driven {
    let mut driven = Driven::demo(home, (80, 24));
    driven.open_file("src/auth.c");
    driven
}

fn demo() -> (tempfile::TempDir, Driven) {
    let home = tempfile::tempdir().unwrap();
    let driven = open(home.path());
    (home, driven)
}

fn form(driven: &Driven) -> &Compose {
    match driven.app.layers.last() {
        Some(Layer::Compose(form)) => form,
        other => panic!("{other:?}"),
    }
}

/// Returns the question that is asked.
fn question(driven: &Driven) -> String {
    match driven.app.layers.last() {
        Some(Layer::Confirm(confirm)) => confirm.question.clone(),
        other => panic!("{other:?}"),
    }
}

fn names(driven: &Driven) -> Vec<String> {
    let drafts = driven.app.drafts.all().iter();
    drafts.map(|draft| driven.app.draft_name(draft)).collect()
}

fn command(driven: &mut Driven, name: &str) {
    driven.keys(":");
    driven.type_text(name);
    driven.keys("Enter");
}

fn review(home: &Path) -> PathBuf {
    let mut reviews = fs::read_dir(home.join("reviews")).unwrap();
    reviews.next().unwrap().unwrap().path()
}

#[test]
fn every_form_that_is_left_has_a_draft_of_its_own() {
    let (home, mut driven) = demo();
    driven.keys("8 G F");
    driven.type_text("Overrun");
    driven.keys("Tab");
    driven.type_text("high");
    driven.keys("Esc c");
    driven.type_text("x");
    driven.keys("Esc 9 G F");
    driven.type_text("Second");
    driven.keys("Esc gq");
    driven.type_text("why?");
    driven.keys("Esc");
    let wanted = [
        "finding \"Overrun\" src/auth.c:8",
        "note \"x\" src/auth.c:8",
        "finding \"Second\" src/auth.c:9",
        "question \"why?\" src/auth.c:9",
    ];
    assert_eq!(names(&driven), wanted);
    drop(driven);
    let mut driven = open(home.path());
    assert_eq!(names(&driven), wanted, "from disk");
    command(&mut driven, "draft");
    let text = driven.text();
    for name in wanted {
        assert!(text.contains(name), "{name}:\n{text}");
    }
    driven.type_text("overrun");
    driven.keys("Enter");
    assert_eq!(form(&driven).text(Field::Title), "Overrun");
    assert_eq!(form(&driven).word(Field::Severity), "high");
    driven.keys("^s");
    driven.until_recorded();
    assert_eq!(names(&driven), wanted[1..], "only what is saved is gone");
    driven.tick();
    drop(driven);
    assert_eq!(names(&open(home.path())), wanted[1..]);
}

#[test]
fn changes_replies_and_reasons_are_taken_up_where_they_belong() {
    let (_home, mut driven) = demo();
    driven.keys("8 G F");
    driven.type_text("One");
    driven.keys("^s");
    driven.until_recorded();
    driven.keys("ge");
    driven.type_text(" changed");
    driven.keys("Esc R");
    driven.type_text("I agree");
    driven.keys("Esc @ s");
    driven.type_text("accepted");
    driven.keys("Enter");
    driven.type_text("they live with it");
    driven.keys("Esc Esc");
    assert_eq!(
        names(&driven),
        [
            "change of F1 \"One changed\" src/auth.c:8",
            "reply to F1 \"I agree\" src/auth.c:8",
            "F1 accepted \"they live with it\"",
        ]
    );
    driven.keys("ge");
    assert_eq!(form(&driven).text(Field::Title), "One changed");
    driven.keys("^s");
    driven.until_recorded();
    driven.keys("R");
    assert_eq!(form(&driven).text(Field::Statement), "I agree");
    driven.keys("^s");
    driven.until_recorded();
    command(&mut driven, "draft");
    driven.keys("Enter");
    driven.until_recorded();
    let finding = driven.app.review.findings().next().unwrap();
    assert_eq!(finding.title, "One changed");
    assert_eq!(finding.history[0].why, "they live with it");
    assert_eq!(driven.app.review.replies(finding.id).len(), 1);
    assert_eq!(driven.app.drafts.count(), 0);
}

#[test]
fn a_draft_is_discarded_by_its_name_and_not_by_emptying_another() {
    let (home, mut driven) = demo();
    for text in ["keep", "drop"] {
        driven.keys("c");
        driven.type_text(text);
        driven.keys("Esc");
    }
    command(&mut driven, "drafts");
    driven.type_text("drop");
    driven.keys("Alt-d");
    let asked = question(&driven);
    assert_eq!(asked, "Discard the draft note \"drop\" src/auth.c:1?");
    driven.keys("n");
    assert_eq!(driven.app.drafts.count(), 2, "control");
    command(&mut driven, "drafts");
    driven.type_text("drop");
    driven.keys("Alt-d y");
    assert_eq!(names(&driven), ["note \"keep\" src/auth.c:1"]);
    drop(driven);
    let mut driven = open(home.path());
    assert_eq!(names(&driven), ["note \"keep\" src/auth.c:1"]);
    // What holds nothing any more is no draft.
    command(&mut driven, "draft");
    driven.keys("^u Esc");
    assert_eq!(driven.app.drafts.count(), 0);
    driven.keys("q");
    assert!(driven.has_quit(), "nothing is asked");
    drop(driven);
    let files = fs::read_dir(review(home.path())).unwrap();
    let drafts = files.filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("draft")
    });
    assert_eq!(drafts.count(), 0);
}

#[test]
fn quitting_says_what_becomes_of_the_drafts() {
    let (home, mut driven) = demo();
    driven.keys("c");
    driven.type_text("half a thought");
    driven.keys("Esc q");
    assert_eq!(
        question(&driven),
        "1 draft is kept for the next start. Quit?"
    );
    driven.keys("y");
    assert!(driven.has_quit());
    drop(driven);
    let mut driven = open(home.path());
    assert_eq!(driven.app.drafts.count(), 1, "it was true");
    // A folder in the file's place: nothing can replace it.
    let file = review(home.path()).join("drafts-alice.json");
    fs::remove_file(&file).unwrap();
    fs::create_dir_all(file.join("x")).unwrap();
    driven.keys("c");
    driven.type_text("more");
    driven.keys("Esc");
    driven.until("the failure", |app| app.drafts.problem.is_some());
    assert!(driven.app.wants_tick().is_some(), "it is tried again");
    driven.keys("q");
    let asked = question(&driven);
    assert!(asked.starts_with("2 drafts are NOT on disk."), "{asked}");
    driven.keys("n");
    driven.until("the answer", |app| !app.drafts.is_pending());
    fs::remove_dir_all(&file).unwrap();
    driven.tick();
    driven.until("the drafts", |app| app.drafts.problem.is_none());
    drop(driven);
    assert_eq!(open(home.path()).app.drafts.count(), 2);
}

#[test]
fn the_draft_of_an_older_version_is_read_and_an_unreadable_one_is_set_aside() {
    let (home, mut driven) = demo();
    driven.keys("8 G F");
    driven.type_text("Overrun");
    driven.keys("Esc");
    let old = Draft {
        number: 0,
        commit: None,
        ..driven.app.drafts.all()[0].clone()
    };
    drop(driven);
    let folder = review(home.path());
    let mut old = serde_json::to_value(&old).unwrap();
    old.as_object_mut().unwrap().remove("number");
    fs::write(folder.join("draft-alice.json"), old.to_string()).unwrap();
    fs::write(folder.join("drafts-alice.json"), "{\"version\": 9").unwrap();
    let mut driven = open(home.path());
    assert_eq!(names(&driven), ["finding \"Overrun\" src/auth.c:8"]);
    let aside = folder.join("drafts-alice.json.unreadable");
    assert_eq!(fs::read_to_string(&aside).unwrap(), "{\"version\": 9");
    driven.keys("c");
    driven.type_text("x");
    driven.keys("Esc");
    drop(driven);
    assert!(!folder.join("draft-alice.json").exists());
    assert!(aside.exists(), "it stays");
    assert_eq!(open(home.path()).app.drafts.count(), 2);
}

#[test]
fn what_was_saved_is_no_draft_at_the_next_start() {
    let (home, mut driven) = demo();
    for (keys, text) in [("8 G F", "Overrun"), ("c", "a note"), ("R", "a reply")] {
        driven.keys(keys);
        driven.type_text(text);
        driven.keys("Esc");
    }
    assert_eq!(driven.app.drafts.count(), 2, "there is nothing to reply to");
    for _ in 0..2 {
        command(&mut driven, "draft");
        if !matches!(driven.app.layers.last(), Some(Layer::Compose(_))) {
            driven.keys("Enter");
        }
        driven.keys("^s");
        driven.until_recorded();
    }
    let drafts: Vec<Draft> = {
        let items: Vec<_> = driven.app.review.items().to_vec();
        let form = |(n, item): (usize, &Item)| {
            let mut draft = Compose::edit(item.clone()).to_draft();
            (draft.number, draft.editing) = (n as u64 + 1, None);
            draft
        };
        items.iter().enumerate().map(form).collect()
    };
    assert_eq!(drafts.len(), 2);
    drop(driven);
    let stored = serde_json::json!({"version": 1, "drafts": drafts});
    let file = review(home.path()).join("drafts-alice.json");
    fs::write(&file, stored.to_string()).unwrap();
    assert_eq!(open(home.path()).app.drafts.count(), 0);
    let mut other = drafts;
    other[0]
        .texts
        .iter_mut()
        .for_each(|(_, text)| text.push('!'));
    let stored = serde_json::json!({"version": 1, "drafts": other});
    fs::write(&file, stored.to_string()).unwrap();
    assert_eq!(open(home.path()).app.drafts.count(), 1, "control");
}

#[test]
fn what_could_not_be_recorded_comes_back_as_it_was() {
    let (_home, mut driven) = demo();
    driven.keys("8 G F");
    driven.type_text("Overrun");
    // Answers that fail stand for a disk that fails; the real ones come afterwards.
    let failed = || {
        Msg::Report(Report::Failed {
            what: glassroom::job::Work::Record,
            why: "full".into(),
            hint: String::new(),
        })
    };
    driven.keys("^s");
    assert!(driven.app.layers.is_empty());
    driven.app.update(failed());
    assert_eq!(form(&driven).text(Field::Title), "Overrun");
    assert_eq!(driven.app.drafts.count(), 1);
    assert_eq!(driven.app.read_only, None, "the ledger did not stop");
    driven
        .app
        .update(Msg::Report(Report::LedgerStopped("stopped".into())));
    assert_eq!(driven.app.read_only.as_deref(), Some("stopped"));
    driven.keys("Esc q");
    assert!(question(&driven).starts_with("1 draft is kept"));
}

#[test]
fn a_pasted_text_is_kept_without_a_key() {
    let (home, mut driven) = demo();
    driven.keys("c");
    driven.app.update(Msg::Paste("from elsewhere".into()));
    driven.tick();
    drop(driven);
    assert_eq!(
        names(&open(home.path())),
        ["note \"from elsewhere\" src/auth.c:1"]
    );
}
