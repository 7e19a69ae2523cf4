//! What is written down is listed, decided, answered, moved, counted and swept: on the demo snapshot with real workers
//! and a real ledger.

use crate::support::driven::Driven;
use glassroom::app::layer::Layer;
use glassroom::model::{CoverageBy, Finding, NoteKind, Ruling, Status, Voice};

fn demo() -> (tempfile::TempDir, Driven) {
    let home = tempfile::tempdir().unwrap();
    let driven = Driven::demo(home.path(), (100, 30));
    (home, driven)
}

/// Files a finding on a line of `src/auth.c`.
fn file(driven: &mut Driven, line: u32, title: &str) {
    if driven.app.code.file().is_none() {
        driven.open_file("src/auth.c");
    }
    driven.keys(&format!("{line} G F"));
    driven.type_text(title);
    driven.keys("^s");
    driven.until_recorded();
}

fn finding(driven: &Driven, number: u32) -> Finding {
    let mut all = driven.app.review.findings();
    all.find(|f| f.number == number).unwrap().clone()
}

fn spans(finding: &Finding) -> Vec<String> {
    let places = finding.locations.iter();
    places.map(|l| l.anchor.extent.to_string()).collect()
}

#[test]
fn a_finding_is_decided_with_a_reason_and_answered() {
    let (_home, mut driven) = demo();
    file(&mut driven, 8, "Overrun");
    driven.keys("@ s");
    driven.type_text("accepted");
    driven.keys("Enter Enter");
    assert_eq!(
        finding(&driven, 1).status,
        Status::Open,
        "not without a reason"
    );
    driven.keys("s");
    driven.type_text("accepted");
    driven.keys("Enter");
    driven.type_text("the vendor says so");
    driven.keys("Enter");
    driven.until_recorded();
    let decided = finding(&driven, 1);
    assert_eq!(
        (decided.status, decided.history.len()),
        (Status::Accepted, 1)
    );
    driven.keys("R");
    driven.type_text("it is not");
    driven.keys("Tab a ^s");
    driven.until_recorded();
    let replies = driven.app.review.replies(decided.id).to_vec();
    assert_eq!(
        (replies[0].voice, replies[0].text.as_str()),
        (Voice::Answer, "it is not")
    );
    assert!(
        driven.text().contains("answer by alice: it is not"),
        "{}",
        driven.text()
    );
    driven.keys("u");
    driven.until_recorded();
    assert!(driven.app.review.replies(decided.id).is_empty());
}

#[test]
fn places_are_stretched_moved_and_dropped() {
    let (_home, mut driven) = demo();
    file(&mut driven, 8, "Overrun");
    file(&mut driven, 20, "Another");
    let steps = [
        ("8 G 2 +", "8-10"),
        ("3 (", "5-10"),
        ("-", "5-9"),
        (")", "6-9"),
        ("99 -", "6"),
    ];
    for (keys, want) in steps {
        driven.keys(keys);
        driven.until_recorded();
        assert_eq!(spans(&finding(&driven, 1)), [want], "{keys}");
    }
    driven.keys("6 G 9 9 9 9 +");
    driven.until_recorded();
    let last = driven.app.code.count();
    assert_eq!(
        spans(&finding(&driven, 1)),
        [format!("6-{last}")],
        "not behind the last line"
    );
    // A further place of the first, then over to the second.
    driven.keys("30 G a");
    driven.type_text("Overrun");
    driven.keys("Enter");
    driven.type_text("source: here");
    driven.keys("^s");
    driven.until_recorded();
    assert_eq!(spans(&finding(&driven, 1)).len(), 2);
    driven.keys("@ o l j j Alt-Up");
    driven.until_recorded();
    assert_eq!(spans(&finding(&driven, 1))[0], "30");
    driven.keys("m Enter");
    driven.until_recorded();
    assert_eq!(spans(&finding(&driven, 2)), ["20", "30"]);
    assert_eq!(spans(&finding(&driven, 1)), [format!("6-{last}")]);
    driven.keys("d");
    driven.until_recorded();
    assert_eq!(spans(&finding(&driven, 1)).len(), 1, "the last one stays");
}

#[test]
fn the_list_is_filtered_ordered_and_grouped() {
    let (_home, mut driven) = demo();
    file(&mut driven, 8, "Overrun");
    driven.keys("20 G g q");
    driven.type_text("why twelve?");
    driven.keys("^s");
    driven.until_recorded();
    driven.keys("22 G g m");
    driven.type_text("a remark");
    driven.keys("^s");
    driven.until_recorded();
    driven.keys("@ g");
    let text = driven.text();
    for heading in ["findings open (1)", "questions (1)", "remarks (1)"] {
        assert!(text.contains(heading), "{heading}: {text}");
    }
    driven.keys("/");
    driven.type_text("twelve");
    driven.keys("Enter");
    let text = driven.text();
    assert!(
        text.contains("why twelve?") && !text.contains("Overrun"),
        "{text}"
    );
    let kinds: Vec<_> = driven.app.review.notes().map(|n| n.kind).collect();
    assert_eq!(kinds, [NoteKind::Question, NoteKind::Remark]);
}

#[test]
fn coverage_is_the_same_in_every_view_and_leads_to_the_file() {
    let (_home, mut driven) = demo();
    driven.open_file("src/auth.c");
    driven.keys("1 G v 9 j x");
    driven.until_recorded();
    driven.keys("P");
    let table = |driven: &mut Driven, by: CoverageBy| {
        driven.until("the table", |app| match app.layers.last() {
            Some(Layer::Coverage(screen)) => screen.table.as_ref().is_some_and(|t| t.by == by),
            _ => false,
        });
        let Some(Layer::Coverage(screen)) = driven.app.layers.last() else {
            panic!("no coverage")
        };
        screen.table.clone().unwrap()
    };
    for by in CoverageBy::ALL {
        let table = table(&mut driven, *by);
        let reviewed: u64 = table.rows.iter().map(|r| r.reviewed).sum();
        assert_eq!((reviewed, table.total.reviewed), (10, 10), "{by}");
        assert_eq!(driven.app.coverage, Some((10, table.total.lines)), "{by}");
        driven.keys("Tab");
    }
    table(&mut driven, CoverageBy::Folder);
    driven.keys("G k k k");
    let row = |driven: &Driven| match driven.app.layers.last() {
        Some(Layer::Coverage(screen)) => screen.row().map(|r| r.name.clone()),
        _ => None,
    };
    while row(&driven).as_deref() != Some("src/") {
        driven.keys("k");
    }
    driven.keys("Enter");
    driven.until("the folder", |app| match app.layers.last() {
        Some(Layer::Coverage(screen)) => screen
            .table
            .as_ref()
            .is_some_and(|t| t.under.to_string() == "src"),
        _ => false,
    });
    driven.keys("gg Enter");
    assert!(driven.app.layers.is_empty());
}

#[test]
fn the_next_unreviewed_line_is_in_the_next_file() {
    let (_home, mut driven) = demo();
    driven.open_file("src/auth.c");
    driven.keys("M");
    driven.until("the next file", |app| {
        app.code
            .file()
            .is_some_and(|f| f.path.to_string() == "src/auth.h")
    });
    driven.until_recorded();
    driven.keys("[u");
    driven.until("a file before", |app| {
        app.code
            .file()
            .is_some_and(|f| f.path.to_string() == "src/access.js")
    });
}

#[test]
fn a_sweep_gets_a_verdict_for_every_hit_and_goes_on_where_it_was() {
    let (home, mut driven) = demo();
    let begin = |driven: &mut Driven| {
        driven.keys("s ^u");
        driven.type_text("memcpy( f:src");
        driven.until("hits", |app| {
            app.search.is_current() && app.search.summary.as_ref().is_some_and(|s| s.complete)
        });
        driven.keys("Alt-v");
        driven.until("the sweep", |app| {
            matches!(app.layers.last(), Some(Layer::Sweep(_)))
        });
    };
    begin(&mut driven);
    let hits = driven.app.review.sweeps()[0].sweep.hits;
    assert!(hits > 2, "{hits}");
    driven.keys("o l");
    driven.until_recorded();
    driven.keys("f");
    driven.type_text("Copy without a limit");
    driven.keys("^s");
    driven.until("the verdict", |app| {
        app.recording == 0 && app.review.sweeps()[0].counts()[1].1 == 1
    });
    let state = &driven.app.review.sweeps()[0];
    let of = |ruling| {
        state
            .counts()
            .into_iter()
            .find(|(r, _)| *r == ruling)
            .unwrap()
            .1
    };
    assert_eq!(
        (of(Ruling::Ok), of(Ruling::Later), state.decided()),
        (1, 1, 2)
    );
    assert!(driven.text().contains("finding F1"), "{}", driven.text());
    driven.keys("u");
    driven.until_recorded();
    assert_eq!(driven.app.review.sweeps()[0].decided(), 1);
    driven.keys("q Esc");
    drop(driven);
    let mut driven = Driven::demo(home.path(), (100, 30));
    begin(&mut driven);
    assert_eq!(
        driven.app.review.sweeps().len(),
        1,
        "the same sweep goes on"
    );
    let Some(Layer::Sweep(sweep)) = driven.app.layers.last() else {
        panic!("no sweep")
    };
    assert_eq!(sweep.cursor, 2, "at the first hit without a verdict");
    driven.keys("q Esc g w Enter");
    driven.until("the sweep", |app| {
        matches!(app.layers.last(), Some(Layer::Sweep(_)))
    });
}
