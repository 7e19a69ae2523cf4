use super::super::key::sequence;
use super::*;
use crate::model::{
    Anchor, BlobId, CommitId, Confidence, Event, Finding, LocationRole, RepoPath, Severity, Span,
};

fn location() -> Location {
    let anchor = Anchor {
        blob: BlobId::new([1; 20]),
        path: RepoPath::new("src/auth.c"),
        span: Span::line(8),
        symbol: None,
        ordinal: 0,
    };
    Location::labelled(anchor, "")
}

fn press(form: &mut Compose, keys: &str) -> Outcome {
    let keys = sequence(keys).unwrap();
    keys.into_iter().map(|k| form.key(k)).last().unwrap()
}

fn event(form: &Compose) -> Result<Event, String> {
    form.event(Author {
        name: "alice",
        commit: CommitId::new([2; 20]),
    })
}

fn finding(form: &Compose) -> Finding {
    match event(form) {
        Ok(Event::FindingAdded { finding } | Event::FindingChanged { finding }) => finding,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_finding_is_typed_and_recorded() {
    let mut form = Compose::new(Form::Finding, location());
    assert_eq!(event(&form), Err("a finding needs a title".into()));
    press(
        &mut form,
        "overrun Tab h Tab Tab 120 , 787 Tab one Enter two Tab sink : Space x",
    );
    assert_eq!(press(&mut form, "Alt-Enter"), Outcome::Save);
    let filed = finding(&form);
    assert_eq!(
        (filed.title.as_str(), filed.severity),
        ("overrun", Severity::High)
    );
    assert_eq!(
        (filed.cwe.as_slice(), filed.words.statement.as_str()),
        (&[120, 787][..], "one\ntwo")
    );
    let place = &filed.locations[0];
    assert_eq!(
        (place.role, place.label.as_str()),
        (Some(LocationRole::Sink), "x")
    );
    let mut form = Compose::edit(Item::Finding(filed.clone()));
    assert!(!form.is_changed());
    press(&mut form, "s");
    let changed = finding(&form);
    assert_eq!(
        changed,
        Finding {
            title: "overruns".into(),
            ..filed
        }
    );
}

#[test]
fn every_field_comes_back_as_it_was_written() {
    let mut form = Compose::new(Form::Finding, location());
    for (nth, field) in field::all().enumerate() {
        match field.shape() {
            Shape::Choice => {
                let words = field.words();
                form.choose(field, words[nth % words.len()]);
            }
            Shape::Line | Shape::Lines => form.write(field, &format!("words {nth}")),
        }
    }
    form.write(Field::Cwe, "CWE-120");
    form.write(Field::Cvss, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
    form.write(Field::References, "asvs@4.0.3 V5.1.3");
    form.choose(Field::Confidence, "confirmed");
    let filed = finding(&form);
    assert_eq!(filed.confidence, Confidence::Confirmed);
    assert_eq!(filed.cvss[0].rating(), "critical");
    let again = Compose::edit(Item::Finding(filed.clone()));
    assert_eq!(finding(&again), filed);
    let draft = again.to_draft();
    let kept = Compose::from_draft(&draft, Some(Item::Finding(filed.clone()))).unwrap();
    assert_eq!(finding(&kept), filed);
}

#[test]
fn places_are_moved_and_dropped() {
    let mut form = Compose::new(Form::Finding, location());
    for line in [20, 30] {
        let mut more = location();
        more.anchor.span = Span::line(line);
        form.locations.push((more, Input::default()));
    }
    let lines = |form: &Compose| -> Vec<u32> {
        let spans = form.locations.iter().map(|(l, _)| l.anchor.span.start());
        spans.collect()
    };
    form.field = Field::Location(2);
    press(&mut form, "Alt-Up");
    assert_eq!(
        (lines(&form), form.field),
        (vec![8, 30, 20], Field::Location(1))
    );
    press(&mut form, "Alt-Down Alt-Down ^x");
    assert_eq!(
        (lines(&form), form.field),
        (vec![8, 20], Field::Location(1))
    );
    press(&mut form, "^x ^x ^x");
    assert_eq!(lines(&form), [8]);
}

#[test]
fn what_is_wrong_is_named() {
    let mut form = Compose::new(Form::Finding, location());
    form.write(Field::Title, "x");
    for (field, text, wrong) in [
        (Field::Cwe, "CWE-99999", "CWE-99999"),
        (Field::Cvss, "CVSS:3.1/AV:N", "CVSS"),
        (Field::References, "strcpy(buf)", "reference"),
    ] {
        let mut form = form.clone();
        form.write(field, text);
        let why = event(&form).unwrap_err();
        assert!(why.contains(wrong), "{why}");
    }
    assert_eq!(parse_cwe("CWE-79 787"), Ok(vec![79, 787]));
    assert!(parse_cwe("buffer").is_err());
}
