//! The export screen and the officer's text, on the demo with real workers and a real gate.

use crate::headless::Desk;
use crate::support::driven::Driven;
use glassroom::app::App;
use glassroom::app::export::{Export, View, Work};
use glassroom::app::layer::Layer;
use glassroom::bundle::KeyPair;
use glassroom::job::officer;
use std::path::Path;

/// What a vendor's line says: it may not leave.
const COPIED: &str = "/* check_password: strcpy is safe here, see ticket 12 */";

fn screen(app: &App) -> &Export {
    let found = app.layers.iter().rev().find_map(|layer| match layer {
        Layer::Export(export) => Some(export),
        _ => None,
    });
    found.expect("the export screen is open")
}

fn demo(size: (u16, u16)) -> (tempfile::TempDir, Driven) {
    let home = tempfile::tempdir().unwrap();
    let driven = Driven::demo(home.path(), size);
    (home, driven)
}

/// Files a finding with a title and a statement.
fn file(driven: &mut Driven, title: &str, statement: &str) {
    driven.open_file("src/auth.c");
    driven.keys("8 G F");
    driven.type_text(title);
    driven.keys("Tab h Tab Tab Tab");
    driven.type_text(statement);
    driven.keys("^s");
    driven.until_recorded();
}

/// Masks what differs from run to run: digests, sizes and the name of the review.
fn masked(text: &str) -> String {
    let changing =
        regex::Regex::new("acme-ran-[0-9a-f]{8}|[0-9a-f]{40,}|[0-9]{1,3}(,[0-9]{3})+").unwrap();
    let stars = |found: &regex::Captures<'_>| "#".repeat(found[0].len());
    changing.replace_all(text, stars).into_owned()
}

fn open(driven: &mut Driven) {
    driven.keys("E");
    driven.until("the verdict", |app| !screen(app).is_busy());
}

/// Writes a key for signing.
fn key(home: &Path) -> String {
    let path = home.join("key");
    let pair = KeyPair::generate(b"correct horse").unwrap();
    pair.write(&path).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn it_is_written_from_the_screen() {
    let (home, mut driven) = demo((80, 24));
    file(
        &mut driven,
        "Overrun",
        "The caller says how much is copied.",
    );
    open(&mut driven);
    insta::assert_snapshot!(masked(&driven.text()));
    let to = home.path().join("out");
    driven.keys("^s");
    assert!(
        driven.text().contains("name the folder"),
        "{}",
        driven.text()
    );
    driven.type_text(to.to_str().unwrap());
    driven.keys("Enter");
    driven.type_text(&key(home.path()));
    driven.keys("Enter");
    driven.type_text("wrong");
    driven.keys("Enter");
    driven.until("the refusal", |app| screen(app).error.is_some());
    assert!(!to.exists());
    driven.type_text("correct horse");
    driven.keys("Enter");
    driven.until("the bundle", |app| screen(app).is_done());
    let digest = screen(&driven.app).report.as_ref().unwrap().about.manifest;
    let sums = std::fs::read(to.join("SHA256SUMS")).unwrap();
    assert_eq!(digest, glassroom::model::Digest::of(&sums));
    let text = driven.text();
    for wanted in ["It is safe to remove", &digest.to_string(), "SHA256:"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    driven.keys("^s");
    assert!(!screen(&driven.app).is_busy(), "it is written once");
    driven.keys("o");
    assert!(driven.text().contains("WRITTEN"), "{}", driven.text());
}

#[test]
fn enter_on_an_overlap_opens_the_text_that_holds_it() {
    let (_home, mut driven) = demo((80, 24));
    file(&mut driven, "Overrun", COPIED);
    open(&mut driven);
    driven.keys("Enter");
    let top = driven.app.layers.last();
    assert!(matches!(top, Some(Layer::Compose(_))), "{}", driven.text());
    assert!(driven.text().contains("Overrun"), "{}", driven.text());
}

#[test]
fn every_overlap_is_listed_with_both_places() {
    let (_home, mut driven) = demo((80, 24));
    file(&mut driven, "Overrun", COPIED);
    open(&mut driven);
    assert_eq!(screen(&driven.app).view, View::Overlaps);
    insta::assert_snapshot!(masked(&driven.text()));
    let report = screen(&driven.app).report.clone().unwrap();
    assert!(!report.overlaps().is_empty(), "{:?}", report.overlaps());
    for (at, overlap) in report.overlaps().iter().enumerate() {
        let text = driven.text();
        let number = format!("{} of {}, length ", at + 1, report.overlaps().len());
        let place = format!(
            "in the export    {}, {}:{}",
            overlap.what, overlap.file, overlap.line
        );
        assert!(text.contains(&number) && text.contains(&place), "{text}");
        driven.keys("j");
    }
    driven.keys("^s");
    assert!(
        driven.text().contains("the gate blocks it"),
        "{}",
        driven.text()
    );
    driven.size = (200, 50);
    driven.draw();
    insta::assert_snapshot!(masked(&driven.text()));
}

#[test]
fn the_officers_view_is_the_text_of_the_dry_run_and_shows_no_code() {
    let (_home, mut driven) = demo((80, 24));
    file(&mut driven, "Overrun", COPIED);
    open(&mut driven);
    driven.keys("o");
    let mut seen = String::new();
    for _ in 0..9 {
        seen += &driven.text();
        driven.keys("Space");
    }
    let report = screen(&driven.app).report.clone().unwrap();
    for section in officer::view(&report) {
        for line in &section.lines {
            assert!(seen.contains(line.trim_end()), "{line}\n{seen}");
        }
    }
    assert!(
        !seen.contains("strcpy") && !seen.contains("auth.c"),
        "{seen}"
    );
    driven.keys("G");
    insta::assert_snapshot!(masked(&driven.text()));
    driven.keys("Esc");
    assert_eq!(
        screen(&driven.app).view,
        View::Files,
        "control: code is there"
    );
}

#[test]
fn every_file_of_a_bundle_has_a_purpose() {
    let (_home, mut driven) = demo((80, 24));
    open(&mut driven);
    let report = screen(&driven.app).report.clone().unwrap();
    assert!(report.files.len() > 10);
    let lines: Vec<String> = officer::view(&report)
        .into_iter()
        .flat_map(|s| s.lines)
        .collect();
    assert!(
        !lines.iter().any(|l| l.contains("a further file")),
        "{lines:#?}"
    );
}

#[test]
fn a_stop_asks_for_a_reason_and_is_judged_with_it() {
    let (home, mut driven) = demo((80, 24));
    file(
        &mut driven,
        "Overrun",
        "Here strcmp(name, FIELD_USER) == 0 || find_op is used.",
    );
    open(&mut driven);
    let verdict = screen(&driven.app).report.as_ref().unwrap().verdict.clone();
    assert!(verdict.is_only_stopped(), "{verdict:?}");
    assert!(driven.text().contains("STOPPED"), "{}", driven.text());
    let to = home.path().join("out");
    driven.keys("Tab");
    driven.type_text(to.to_str().unwrap());
    driven.keys("Tab");
    driven.type_text(&key(home.path()));
    driven.keys("Tab");
    driven.type_text("correct horse");
    driven.keys("^s");
    assert!(
        driven.text().contains("say why what is listed may leave"),
        "{}",
        driven.text()
    );
    assert!(!screen(&driven.app).is_busy());
    driven.type_text("The call is public.");
    driven.keys("Enter");
    assert_eq!(screen(&driven.app).work, Work::Judging);
    driven.until("the verdict", |app| !screen(app).is_busy());
    assert!(
        driven.text().contains("may leave with the reason"),
        "{}",
        driven.text()
    );
    driven.keys("^s");
    driven.until("the bundle", |app| screen(app).is_done());
    let statement = std::fs::read_to_string(to.join("bundle.json")).unwrap();
    assert!(statement.contains("The call is public."), "{statement}");
}

#[test]
fn the_audience_changes_what_would_leave() {
    let (_home, mut driven) = demo((80, 24));
    file(
        &mut driven,
        "Overrun",
        "The caller says how much is copied.",
    );
    open(&mut driven);
    let found = |app: &App| screen(app).report.as_ref().unwrap().about.findings.len();
    assert_eq!(found(&driven.app), 1);
    for (audience, findings) in [("vendor", 1), ("public", 0), ("agency", 1)] {
        driven.keys("a");
        driven.until("the verdict", |app| !screen(app).is_busy());
        assert!(
            driven.text().contains(&format!("for the {audience}")),
            "{}",
            driven.text()
        );
        assert_eq!(found(&driven.app), findings, "{audience}");
    }
}

#[test]
fn a_key_of_an_agent_needs_no_passphrase() {
    let (home, mut driven) = demo((80, 24));
    open(&mut driven);
    driven.keys("Tab");
    driven.type_text(home.path().join("out").to_str().unwrap());
    driven.keys("Tab");
    driven.type_text("agent:SHA256:short");
    driven.keys("^s");
    assert!(driven.text().contains("fingerprint"), "{}", driven.text());
    driven.keys("^u");
    driven.type_text(&format!("agent:SHA256:{}", "a".repeat(43)));
    assert!(
        driven.text().contains("an agent holds the key"),
        "{}",
        driven.text()
    );
    driven.keys("Enter");
    // No agent runs here: it is told so before anything is judged.
    driven.until("the refusal", |app| screen(app).error.is_some());
    let (why, _) = screen(&driven.app).error.clone().unwrap();
    assert!(why.contains("agent"), "{why}");
}

#[test]
fn the_gate_is_cancelled_by_esc_and_asked_again() {
    let (_home, mut driven) = demo((80, 24));
    driven.keys("E");
    assert!(driven.text().contains("Esc cancels"), "{}", driven.text());
    driven.keys("Esc");
    assert!(
        driven.text().contains("cancelled: nothing was written"),
        "{}",
        driven.text()
    );
    driven.keys("r");
    driven.until("the verdict", |app| !screen(app).is_busy());
    assert!(screen(&driven.app).report.is_some());
    driven.keys("Esc");
    assert!(driven.app.layers.is_empty());
}

#[test]
fn a_medium_is_picked_for_the_folder() {
    use glassroom::app::Msg;
    use glassroom::job::{MediumPlace, Report};
    let (_home, mut driven) = demo((80, 24));
    open(&mut driven);
    let place = |mount: &str, is_read_only| MediumPlace {
        folder: format!("{mount}/acme-1"),
        text: format!("{mount}  /dev/sdb1 vfat, 7.5 GB of 8.0 GB free"),
        is_read_only,
    };
    let answer = |driven: &mut Driven, places| {
        driven.app.update(Msg::Report(Report::Media(places)));
    };
    answer(&mut driven, vec![place("/media/locked", true)]);
    assert!(driven.text().contains("read-only"), "{}", driven.text());
    answer(
        &mut driven,
        vec![
            place("/media/locked", true),
            place("/media/a", false),
            place("/media/b", false),
        ],
    );
    insta::assert_snapshot!(masked(&driven.text()));
    driven.keys("Down Enter");
    assert_eq!(screen(&driven.app).to.text(), "/media/b/acme-1");
    // The worker answers too, whatever is mounted on this machine.
    driven.keys("^p");
    driven.until("the media", |app| {
        app.notice.is_some() || matches!(app.layers.last(), Some(Layer::Pick(..)))
    });
}

#[test]
fn no_size_is_too_small() {
    let (_home, mut driven) = demo((80, 24));
    file(&mut driven, "Overrun", COPIED);
    open(&mut driven);
    for keys in ["f", "p", "o", "o Tab", "Tab", "Tab"] {
        driven.keys(keys);
        for width in [1, 2, 13, 19, 21, 40, 80, 200] {
            for height in [1, 3, 4, 6, 7, 9, 12, 24, 50] {
                driven.size = (width, height);
                driven.draw();
            }
        }
        driven.size = (80, 24);
        driven.draw();
    }
}

#[test]
fn two_dry_runs_print_one_text_for_the_officer() {
    let desk = Desk::new();
    desk.finding("src/auth.c:28", "The length is never looked at.");
    let dry = desk.export(&["--dry-run"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert_eq!(dry.stdout, desk.export(&["--dry-run"]).stdout);
    let json = desk.export(&["--dry-run", "--json"]);
    let record: serde_json::Value = serde_json::from_str(json.stdout.trim()).unwrap();
    for wanted in [
        "It may leave. Nothing is written yet.",
        "1 finding: 1 high",
        record["manifest"].as_str().unwrap(),
        record["files"][0]["sha256"].as_str().unwrap(),
    ] {
        assert!(dry.stdout.contains(wanted), "{wanted}: {}", dry.stdout);
    }
    assert!(!dry.stdout.contains("auth.c"), "{}", dry.stdout);
    desk.finding("src/auth.c:24", COPIED);
    let blocked = desk.export(&["--dry-run"]);
    assert_eq!(blocked.code, Some(1));
    let place = "also in src/auth.c:24, length ";
    assert!(blocked.stdout.contains(place), "{}", blocked.stdout);
    assert!(!blocked.stdout.contains("strcpy"), "{}", blocked.stdout);
}
