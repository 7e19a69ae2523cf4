//! What keys do, on the demo snapshot with real workers and a real ledger.

use crate::support::driven::Driven;
use glassroom::app::Msg;
use glassroom::app::layer::Layer;
use glassroom::job::Report;
use glassroom::model::{Item, ObjectId, Severity};

fn demo() -> (tempfile::TempDir, Driven) {
    let home = tempfile::tempdir().unwrap();
    let driven = Driven::demo(home.path(), (100, 30));
    (home, driven)
}

fn place(driven: &Driven) -> String {
    let code = &driven.app.code;
    code.file()
        .map_or_else(String::new, |f| format!("{}:{}", f.path, code.line))
}

#[test]
fn keys_move_as_they_say() {
    let rows = [
        ("", "src/auth.c:1"),
        ("j j", "src/auth.c:3"),
        ("5 j k", "src/auth.c:5"),
        ("G", "src/auth.c:133"),
        ("G gg", "src/auth.c:1"),
        ("42 G", "src/auth.c:42"),
        (": 1 7 Enter", "src/auth.c:17"),
        ("/ strcpy ( Enter", "src/auth.c:8"),
        ("/ strcpy Esc", "src/auth.c:1"),
        ("/ RETURN Enter", "src/auth.c:1"),
        ("/ char Space buf Enter n N", "src/auth.c:7"),
        ("20 G ^o", "src/auth.c:1"),
        ("20 G ^o >", "src/auth.c:20"),
    ];
    for (keys, then) in rows {
        let (_home, mut driven) = demo();
        driven.open_file("src/auth.c");
        if !keys.is_empty() {
            driven.keys(keys);
        }
        assert_eq!(place(&driven), then, "{keys}");
    }
}

#[test]
fn an_object_that_is_read_for_long_is_named_while_keys_work() {
    let (_home, mut driven) = demo();
    driven.open_file("src/auth.c");
    let report = Report::SlowRead {
        object: ObjectId::new([0x5a; 20]),
        seconds: 11,
    };
    driven.app.update(Msg::Report(report));
    let notice = driven.app.notice.as_ref().unwrap();
    let named = format!("object {} has been read for 11 s", "5a".repeat(20));
    assert!(notice.text.starts_with(&named), "{}", notice.text);
    driven.keys("j");
    assert_eq!(place(&driven), "src/auth.c:2");
}

#[test]
fn search_leads_to_the_line_and_hits_are_walked() {
    let (_home, mut driven) = demo();
    driven.keys("s");
    driven.type_text("strcpy(buf");
    driven.until("hits", |app| {
        app.search.summary.as_ref().is_some_and(|s| s.complete)
    });
    assert_eq!(driven.app.search.summary.as_ref().unwrap().lines, 1);
    driven.keys("Enter");
    driven.until("the file", |app| app.code.doc.is_some());
    assert_eq!(place(&driven), "src/auth.c:8");
    driven.keys("s");
    driven.keys("^u");
    driven.type_text("/str(cpy|cat)\\(/");
    driven.until("hits", |app| {
        app.search
            .summary
            .as_ref()
            .is_some_and(|s| s.complete && s.lines > 1)
    });
    let total = driven.app.search.summary.as_ref().unwrap().lines;
    driven.keys("Enter");
    let mut places = vec![];
    for _ in 0..total {
        driven.until("the file", |app| app.code.pending.is_none());
        places.push(place(&driven));
        driven.keys("]h");
    }
    places.dedup();
    assert_eq!(places.len() as u64, total, "{places:?}");
}

#[test]
fn a_wrong_query_names_the_column_and_keeps_the_hits() {
    let (_home, mut driven) = demo();
    driven.keys("s");
    driven.type_text("strcpy");
    driven.until("hits", |app| {
        app.search
            .summary
            .as_ref()
            .is_some_and(|s| s.complete && s.lines > 0)
    });
    let rows = driven.app.search.len();
    driven.type_text(" /(/");
    driven.until("the error", |app| app.search.error.is_some());
    let error = driven.app.search.error.clone().unwrap();
    assert!(error.contains("column"), "{error}");
    assert_eq!(driven.app.search.len(), rows);
}

/// Returns the lines found, once the search for what is typed has ended.
fn lines_found(driven: &mut Driven) -> u64 {
    driven.until("hits", |app| {
        app.search.is_current() && app.search.summary.as_ref().is_some_and(|s| s.complete)
    });
    driven.app.search.summary.as_ref().unwrap().lines
}

#[test]
fn a_search_is_refined_within_its_hits_and_widened_again() {
    let (_home, mut driven) = demo();
    driven.keys("s");
    driven.type_text("return");
    let all = lines_found(&mut driven);
    driven.keys("Alt-&");
    driven.type_text("-1");
    let both = lines_found(&mut driven);
    assert!(0 < both && both < all, "{both} of {all}");
    driven.keys("^u");
    driven.type_text("f:auth");
    let in_file = lines_found(&mut driven);
    assert!(0 < in_file && in_file < all, "{in_file} of {all}");
    driven.keys("^u Backspace");
    assert_eq!(driven.app.search.input.text(), "return");
    assert_eq!(lines_found(&mut driven), all);
    driven.keys("Esc &");
    assert_eq!(driven.app.search.within, ["return"]);
}

#[test]
fn enter_before_the_hits_opens_the_first_one_when_it_is_there() {
    let (_home, mut driven) = demo();
    driven.keys("s");
    driven.type_text("strcpy(buf");
    driven.keys("Enter");
    assert!(matches!(driven.app.layers.last(), Some(Layer::Search)));
    driven.until("the file", |app| app.code.doc.is_some());
    assert_eq!(place(&driven), "src/auth.c:8");
}

#[test]
fn queries_are_kept_from_one_start_to_the_next() {
    let (home, mut driven) = demo();
    driven.keys("s");
    driven.type_text("strcpy(buf");
    driven.keys("Enter");
    driven.until("the file", |app| app.code.doc.is_some());
    driven.keys("s ^u");
    driven.type_text("f:\\.c$ memcpy");
    driven.keys("Alt-s");
    driven.type_text("copies");
    driven.keys("Enter");
    drop(driven);
    let mut driven = Driven::demo(home.path(), (100, 30));
    let queries = driven.app.search.queries.clone();
    assert_eq!(queries.history, ["strcpy(buf"]);
    assert_eq!(queries.saved[0].name, "copies");
    driven.keys("gs");
    driven.type_text("copies");
    driven.keys("Enter");
    assert_eq!(driven.app.search.input.text(), queries.saved[0].query);
    assert!(lines_found(&mut driven) > 0);
    driven.keys("Alt-l Alt-d");
    assert_eq!(driven.app.search.queries.saved, []);
}

#[test]
fn what_is_being_written_survives_the_end_of_the_program() {
    let (home, mut driven) = demo();
    driven.open_file("src/auth.c");
    driven.keys("8 G F");
    driven.type_text("Overrun");
    driven.keys("Tab h Tab b");
    driven.tick();
    // Dropped without a key to end it, as by a kill.
    drop(driven);
    let mut driven = Driven::demo(home.path(), (100, 30));
    driven.keys(": d r a f t Enter");
    let text = driven.text();
    assert!(text.contains("Overrun") && text.contains("high"), "{text}");
    assert!(text.contains("backdoor-indicator"), "{text}");
    driven.keys("^s");
    driven.until_recorded();
    driven.tick();
    drop(driven);
    let driven = Driven::demo(home.path(), (100, 30));
    assert_eq!(driven.app.drafts.count(), 0, "it was saved");
}

#[test]
fn fields_are_filled_from_lists_templates_and_the_calculator() {
    let home = tempfile::tempdir().unwrap();
    let template =
        "[[template]]\nname = \"copy\"\nseverity = \"high\"\nstatement = \"No check.\"\n";
    std::fs::write(home.path().join("config.toml"), template).unwrap();
    let mut driven = Driven::demo(home.path(), (100, 30));
    driven.open_file("src/auth.c");
    driven.keys("8 G F");
    driven.type_text("Overrun");
    driven.keys("^t Enter Tab Tab Tab ^p");
    driven.type_text("classic buffer");
    driven.keys("Enter");
    // To the CVSS field, from the back.
    driven.keys("BackTab BackTab BackTab BackTab BackTab BackTab BackTab ^p");
    driven.type_text("nlnnuhhh");
    driven.keys("Enter ^s");
    driven.until_recorded();
    let finding = driven.app.review.findings().next().cloned().unwrap();
    assert_eq!(finding.severity, Severity::High);
    assert_eq!(finding.words.statement, "No check.");
    assert_eq!(finding.cwe, [120]);
    assert_eq!(finding.cvss[0].overall().rating(), "critical");
}

#[test]
fn a_policy_is_shown_at_the_start_and_a_change_is_an_entry() {
    let (home, driven) = demo();
    assert!(driven.app.layers.is_empty(), "nobody set one");
    drop(driven);
    let reviews = std::fs::read_dir(home.path().join("reviews")).unwrap();
    let review = reviews.map(|e| e.unwrap().path()).next().unwrap();
    std::fs::write(review.join("policy.toml"), "paths = \"last-two\"\n").unwrap();
    let mut driven = Driven::demo(home.path(), (100, 30));
    let text = driven.text();
    assert!(text.contains("paths = \"last-two\""), "{text}");
    assert!(
        driven
            .app
            .alarms
            .iter()
            .any(|a| a.contains("POLICY HAS CHANGED"))
    );
    driven.keys("q");
    assert!(driven.app.layers.is_empty());
    drop(driven);
    let ledger = std::fs::read_to_string(review.join("ledger/alice.jsonl")).unwrap();
    assert_eq!(ledger.matches("\"policy-changed\"").count(), 2, "{ledger}");
    let driven = Driven::demo(home.path(), (100, 30));
    assert!(driven.app.alarms.is_empty(), "it is the same as before");
}

#[test]
fn the_file_picked_is_shown_beside_the_list() {
    let (_home, mut driven) = demo();
    driven.keys("f");
    driven.type_text("auth.c$ !test");
    driven.until("the file beside the list", |app| {
        let doc = app.preview.doc.as_ref();
        doc.is_some_and(|d| d.file.path.to_string() == "src/auth.c")
    });
    assert!(driven.text().contains("#include"), "{}", driven.text());
}

#[test]
fn what_was_recorded_is_there_at_the_next_start() {
    let (home, mut driven) = demo();
    driven.open_file("src/auth.c");
    driven.keys("8 G F");
    driven.type_text("Overrun");
    driven.keys("Tab h Alt-Enter");
    driven.until_recorded();
    driven.keys("12 G c");
    driven.type_text("why?");
    driven.keys("^s");
    driven.until_recorded();
    driven.keys("24 G a");
    driven.type_text("caller");
    driven.keys("^s");
    driven.until_recorded();
    driven.keys("r");
    driven.until_recorded();
    let before = driven.app.review.clone();
    let finding = before.findings().next().unwrap();
    assert_eq!(
        (finding.severity, finding.locations.len()),
        (Severity::High, 2)
    );
    assert_eq!(finding.locations[1].label, "caller");
    assert_eq!(before.notes().count(), 1);
    drop(driven);
    let mut again = Driven::demo(home.path(), (100, 30));
    assert_eq!(again.app.review.items(), before.items());
    again.open_file("src/auth.c");
    let blob = again.app.code.file().unwrap().blob;
    assert_eq!(again.app.review.marks(&blob), before.marks(&blob));
    assert_eq!(again.app.review.marks(&blob).unwrap().lines(), 133);
}

#[test]
fn undo_and_redo_are_entries() {
    let (_home, mut driven) = demo();
    driven.open_file("src/auth.c");
    driven.keys("c");
    driven.type_text("one");
    driven.keys("^s");
    driven.until_recorded();
    driven.keys("x");
    driven.until_recorded();
    let both = driven.app.review.clone();
    driven.keys("u");
    driven.until_recorded();
    driven.keys("u");
    driven.until_recorded();
    assert!(driven.app.review.items().is_empty());
    driven.keys("^r");
    driven.until_recorded();
    driven.keys("^r");
    driven.until_recorded();
    assert_eq!(driven.app.review.items(), both.items());
    let blob = driven.app.code.file().unwrap().blob;
    assert_eq!(driven.app.review.marks(&blob), both.marks(&blob));
    assert_eq!(driven.app.review.next_number("alice", 'N'), 2);
}

#[test]
fn a_mark_follows_its_rules() {
    let (_home, mut driven) = demo();
    driven.open_file("src/auth.c");
    let mut marks = |keys: &str| {
        driven.keys(keys);
        driven.until_recorded();
        let blob = driven.app.code.file().unwrap().blob;
        let marks = driven.app.review.marks(&blob).cloned().unwrap_or_default();
        marks
            .spans()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(marks("3 G v 9 G x"), "3-9");
    assert_eq!(marks("5 G v 6 G x"), "3-4 7-9");
    assert_eq!(marks("1 G v 20 G x"), "1-20");
    assert_eq!(marks("1 G v 20 G x"), "");
    assert_eq!(marks("r"), "1-133");
    assert_eq!(marks("r"), "");
}

#[test]
fn an_unsaved_text_becomes_a_draft() {
    let (_home, mut driven) = demo();
    driven.open_file("src/auth.c");
    driven.keys("c");
    driven.type_text("half a thought");
    driven.keys("Esc q");
    assert!(!driven.has_quit());
    assert!(matches!(driven.app.layers.last(), Some(Layer::Confirm(_))));
    driven.keys("n :");
    driven.type_text("draft");
    driven.keys("Enter ^s");
    driven.until_recorded();
    let texts: Vec<_> = driven.app.review.items().iter().map(Item::title).collect();
    assert_eq!(texts, ["half a thought"]);
    driven.keys("q");
    assert!(driven.has_quit());
}

#[test]
fn a_withdrawn_item_comes_back_with_undo() {
    let (_home, mut driven) = demo();
    driven.open_file("src/auth.c");
    driven.keys("gq");
    driven.type_text("who calls this?");
    driven.keys("^s");
    driven.until_recorded();
    driven.keys("@ d y");
    driven.until_recorded();
    assert!(driven.app.review.items().is_empty());
    driven.keys("u");
    driven.until_recorded();
    assert_eq!(driven.app.review.items()[0].label(), "Q1");
}

#[test]
fn the_gate_blocks_copied_code_and_lets_words_pass() {
    let (_home, mut driven) = demo();
    driven.open_file("src/auth.c");
    driven.keys("8 G F");
    driven.type_text("Copies without a bound");
    driven.keys("Alt-Enter");
    driven.until_recorded();
    let preview = |driven: &mut Driven| {
        driven.keys("E");
        driven.until("the gate", |app| {
            matches!(app.layers.last(), Some(Layer::Export(e)) if e.report.is_some() || e.error.is_some())
        });
        let Some(Layer::Export(export)) = driven.app.layers.last() else {
            panic!()
        };
        let report = export
            .report
            .clone()
            .unwrap_or_else(|| panic!("{:?}", export.error));
        driven.keys("Esc");
        report
    };
    let report = preview(&mut driven);
    assert!(!report.verdict.blocked, "{:?}", report.verdict.overlaps);
    let names: Vec<_> = report.files.iter().map(|f| f.name.as_str()).collect();
    assert!(
        names.contains(&"findings.sarif") && names.contains(&"SHA256SUMS"),
        "{names:?}"
    );
    driven.keys("F");
    driven.type_text(
        "it says if (strcmp(name, FIELD_USER) == 0 || find_operator(name) != NULL) there",
    );
    driven.keys("Alt-Enter");
    driven.until_recorded();
    let report = preview(&mut driven);
    assert!(report.verdict.blocked);
    assert_eq!(
        report.verdict.overlaps[0]
            .path
            .as_ref()
            .unwrap()
            .to_string(),
        "src/auth.c"
    );
}
