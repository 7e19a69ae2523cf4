use super::super::key::{Key, sequence};
use super::*;
use crate::model::{
    Anchor, BlobId, CommitId, Confidence, Event, Finding, LocationRole, RepoPath, Severity, Span,
};

fn location() -> Location {
    let anchor = Anchor {
        blob: BlobId::new([1; 20]),
        path: RepoPath::new("src/auth.c"),
        extent: Span::line(8).into(),
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
    assert_eq!(filed.cvss[0].overall().rating(), "critical");
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
        more.anchor.extent = Span::line(line).into();
        form.locations.push((more, Input::default()));
    }
    let lines = |form: &Compose| -> Vec<u32> {
        let spans = form
            .locations
            .iter()
            .map(|(l, _)| l.anchor.extent.first_row());
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

/// The choice fields of all forms, and one value of each that is not the default.
fn choice_fields() -> Vec<Field> {
    field::all()
        .filter(|field| field.shape() == Shape::Choice)
        .collect()
}

fn form_at(field: Field) -> Compose {
    let mut form = Compose::new(Form::Finding, location());
    form.field = field;
    form
}

fn type_letters(form: &mut Compose, text: &str) {
    for c in text.chars() {
        form.key(Key::char(c));
    }
}

#[test]
fn a_choice_typed_is_the_choice_made() {
    let mut tried = 0;
    for field in choice_fields() {
        for word in field.words() {
            let spaced = word.replace('-', " ");
            for typed in [word.to_owned(), word.to_uppercase(), spaced] {
                for start in field.words() {
                    let mut form = form_at(field);
                    form.choose(field, start);
                    type_letters(&mut form, &typed);
                    assert_eq!(form.word(field), word, "{typed} from {start}");
                    assert_eq!(form.error, None, "{typed}");
                    tried += 1;
                }
            }
            // Every beginning chooses a value that begins so, never one that its last letter begins.
            for end in 1..word.len() {
                let mut form = form_at(field);
                type_letters(&mut form, &word[..end]);
                assert!(form.word(field).starts_with(&word[..end]), "{word} {end}");
            }
        }
    }
    assert!(tried > 300, "{tried}");
}

#[test]
fn letters_that_fit_no_choice_are_refused_and_the_values_named() {
    for (keys, word, error) in [
        ("critical l", "critical", Some("criticall")),
        ("c r i t i c a l Space l", "critical", Some("critical l")),
        ("crx", "critical", Some("crx")),
        ("zzz", "undetermined", Some("\"z\"")),
        ("h Backspace l", "low", None),
        ("h Backspace", "undetermined", None),
        ("crx Backspace", "critical", None),
        ("crxi Backspace", "critical", Some("\"crx\"")),
        ("crx Backspace Backspace Backspace l", "low", None),
        ("xl", "low", None),
        ("h ^u", "undetermined", None),
        ("h Right", "critical", None),
        ("h Tab BackTab l", "low", None),
        ("Space", "informational", None),
        ("Left", "critical", None),
        ("mod", "medium", Some("\"mod\"")),
        ("lhow", "low", Some("\"lhow\"")),
    ] {
        let mut form = form_at(Field::Severity);
        press(&mut form, keys);
        assert_eq!(form.word(Field::Severity), word, "{keys}");
        match (&form.error, error) {
            (None, None) => {}
            (Some(why), Some(part)) => {
                assert!(why.contains(part), "{keys}: {why}");
                assert!(why.contains("informational, low, medium"), "{why}");
            }
            (why, _) => panic!("{keys}: {why:?}"),
        }
    }
}

#[test]
fn a_text_pasted_into_a_choice_chooses_or_is_refused() {
    for (text, word, is_refused) in [
        ("critical", "critical", false),
        (" Critical\n", "critical", false),
        ("crit", "critical", false),
        ("", "undetermined", true),
        ("critical low", "undetermined", true),
        ("the severity is high", "undetermined", true),
    ] {
        let mut form = form_at(Field::Severity);
        assert!(form.paste(text), "{text}");
        assert_eq!(form.word(Field::Severity), word, "{text}");
        assert_eq!(form.error.is_some(), is_refused, "{text}");
    }
    // A beginning of several values is none of them.
    let mut form = form_at(Field::Category);
    assert!(form.paste("a") && form.error.is_some());
    assert_eq!(form.word(Field::Category), "none");
}
