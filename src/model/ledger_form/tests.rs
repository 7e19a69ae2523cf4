use super::*;
use crate::model::{
    Anchor, Audience, BlobId, CommitId, Confidence, Difficulty, Digest, FindingWords, Kind,
    Location, NoteKind, Priority, RepoPath, Severity, Span, Status, StatusChange, Sweep,
};

fn entry(seq: u64, event: Event) -> Entry {
    Entry {
        id: Uuid::from_u128(seq.into()),
        seq,
        time: "2026-01-02T03:04:05Z".into(),
        reviewer: "alice".into(),
        prev: Digest::ZERO,
        event,
    }
}

fn location() -> Location {
    let anchor = Anchor {
        blob: BlobId::new([3; 20]),
        path: RepoPath::new("src/a.c"),
        extent: Span::between(8, 10).into(),
        symbol: None,
        ordinal: 0,
    };
    Location::labelled(anchor, "sink: here")
}

fn finding(number: u32) -> Finding {
    Finding {
        id: Uuid::from_u128(u128::from(number) + 100),
        number,
        reviewer: "alice".into(),
        commit: CommitId::new([1; 20]),
        kind: Kind::Vulnerability,
        title: "T \u{fc} \" \u{1}".into(),
        words: FindingWords::default(),
        severity: Severity::High,
        confidence: Confidence::Suspected,
        priority: Priority::Normal,
        difficulty: Difficulty::Undetermined,
        category: None,
        cwe: vec![120],
        cvss: vec![],
        references: vec!["asvs 5.1.3".parse().unwrap()],
        locations: vec![location()],
        is_trail: false,
        audience: Audience::Vendor,
        status: Status::Open,
        history: vec![],
    }
}

fn added(number: u32) -> Entry {
    entry(
        number.into(),
        Event::FindingAdded {
            finding: finding(number),
        },
    )
}

fn line(entry: &Entry) -> String {
    serde_json::to_string(entry).unwrap()
}

/// Reads a line as a ledger is read, and checks it.
fn checked(line: &str) -> Result<(), String> {
    let entry: Entry = serde_json::from_str(line).map_err(|error| error.to_string())?;
    check_line(line.as_bytes(), &entry)
}

#[test]
fn what_this_program_writes_is_right() {
    assert_eq!(checked(&line(&added(1))), Ok(()));
    let blob = BlobId::new([7; 20]);
    for event in [
        Event::EncodingSet {
            blob,
            path: RepoPath::new("a%"),
            encoding: None,
        },
        Event::Undone {
            entry: Uuid::from_u128(7),
        },
    ] {
        assert_eq!(checked(&line(&entry(3, event))), Ok(()));
    }
}

#[test]
fn what_older_versions_wrote_is_right() {
    let now = line(&added(1));
    for (today, then) in [
        // Written although they hold nothing, and left out although they hold a default.
        (
            "\"severity\":\"high\"",
            "\"consequence\":\"\",\"severity\":\"high\"",
        ),
        ("\"cwe\":[120]", "\"category\":null,\"cwe\":[120]"),
        (",\"history\":[]", ""),
        (",\"confidence\":\"suspected\"", ""),
        ("\"statement\":\"\",", ""),
        (
            "\"path\":\"src/a.c\",",
            "\"path\":\"src/a.c\",\"symbol\":null,",
        ),
        ("\"end\":10}}", "\"end\":10},\"ordinal\":0}"),
    ] {
        let old = now.replace(today, then);
        let old = if old == now {
            panic!("the line holds no {today}: {now}")
        } else {
            old
        };
        // A member in another place is none that a version wrote; where it is put here is behind its neighbours.
        assert_eq!(checked(&old), Ok(()), "{old}");
    }
}

#[test]
fn nothing_hides_beside_the_values() {
    let now = line(&added(1));
    let rows = [
        // A field that nothing reads: the record of a finding is flattened, so reading alone lets it pass.
        ("\"title\":", "\"note\":\"int main(void)\",\"title\":"),
        ("\"title\":", "\"note\":\"\",\"title\":"),
        (
            "\"title\":",
            "\"consequence\":[],\"consequence2\":\"\",\"title\":",
        ),
        // The same in the records within it.
        (
            "\"path\":\"src/a.c\"",
            "\"path\":\"src/a.c\",\"x\":\"int main(void)\"",
        ),
        (
            "\"label\":\"here\",",
            "\"label\":\"here\",\"x\":[\"int main(void)\"],",
        ),
        // White space, spellings of strings, order.
        ("\"number\":1", "\"number\": 1"),
        ("\"number\":1", "\"number\":1 "),
        ("{\"id\"", " {\"id\""),
        ("\"src/a.c\"", "\"src\\/a.c\""),
        ("\"src/a.c\"", "\"src/\\u0061.c\""),
        ("\u{fc}", "\\u00fc"),
        ("\\u0001", "\\u0001\\u0001"),
        ("\"start\":8,\"end\":10", "\"end\":10,\"start\":8"),
        // Numbers.
        ("\"number\":1", "\"number\":1.0"),
        ("\"number\":1", "\"number\":1e0"),
        ("\"number\":1", "\"number\":-0"),
        // A time in another form.
        ("03:04:05Z", "03:04:05.123456Z"),
        ("03:04:05Z", "03:04:05+00:00"),
        ("03:04:05Z\"", "03:04:05z\""),
        // Another's item, and an impossible position.
        (
            "\"number\":1,\"reviewer\":\"alice\"",
            "\"number\":1,\"reviewer\":\"aWYgKHRsdi0\"",
        ),
        ("\"end\":10}}", "\"end\":10},\"ordinal\":70}"),
        // A default spelt out in a place of its own carries no text, one with a text does.
        ("\"cwe\":[120]", "\"category\":\"x\",\"cwe\":[120]"),
    ];
    for (today, changed) in rows {
        let odd = now.replacen(today, changed, 1);
        assert_ne!(odd, now, "the row changes nothing: {today}");
        if today == "\\u0001" {
            // The control: another title is another entry, spelt right.
            assert_eq!(checked(&odd), Ok(()));
        } else {
            assert!(checked(&odd).is_err(), "{odd}");
        }
    }
}

#[test]
fn a_finding_carries_few_references_and_weaknesses() {
    let with = |references: usize, cwe: usize| {
        let mut finding = finding(1);
        finding.references = vec![finding.references[0].clone(); references];
        finding.cwe = vec![120; cwe];
        checked(&line(&entry(1, Event::FindingAdded { finding })))
    };
    assert_eq!(with(8, 16), Ok(()), "control");
    assert!(with(9, 16).unwrap_err().contains("9 references and 8"));
    assert!(with(8, 17).unwrap_err().contains("17 weaknesses and 16"));
    let mut finding = finding(1);
    finding.history.push(StatusChange {
        status: Status::Open,
        reviewer: "alice".into(),
        time: "2026-01-02".into(),
        why: String::new(),
    });
    assert!(checked(&line(&entry(1, Event::FindingChanged { finding }))).is_err());
}

#[test]
fn numbers_rise_and_none_is_higher_than_there_are_entries() {
    let mut form = LedgerForm::default();
    let mut follow = |entry: &Entry| form.follow(entry);
    assert_eq!(follow(&added(1)), Ok(()));
    assert_eq!(
        follow(&added(3)),
        Ok(()),
        "older versions counted notes with them"
    );
    assert!(
        follow(&entry(
            4,
            Event::FindingAdded {
                finding: finding(3)
            }
        ))
        .is_err()
    );
    assert!(
        follow(&entry(
            5,
            Event::FindingAdded {
                finding: finding(1_718_511_904)
            }
        ))
        .is_err()
    );
    let mut changed = finding(1);
    assert_eq!(
        follow(&entry(
            6,
            Event::FindingChanged {
                finding: changed.clone()
            }
        )),
        Ok(())
    );
    changed.number = 2;
    assert!(
        follow(&entry(
            7,
            Event::FindingChanged {
                finding: changed.clone()
            }
        ))
        .is_err()
    );
    changed.id = Uuid::from_u128(9999);
    assert_eq!(
        follow(&entry(8, Event::FindingChanged { finding: changed })),
        Ok(()),
        "a colleague's"
    );
    let sweep = |number| Sweep {
        id: Uuid::from_u128(77),
        number,
        reviewer: "alice".into(),
        name: String::new(),
        query: "q".into(),
        commit: CommitId::new([1; 20]),
        hits: 0,
        list: Digest::ZERO,
    };
    assert_eq!(
        follow(&entry(9, Event::SweepAdded { sweep: sweep(1) })),
        Ok(())
    );
    assert!(follow(&entry(10, Event::SweepAdded { sweep: sweep(1) })).is_err());
    let note = |number| Note {
        id: Uuid::from_u128(88),
        number,
        reviewer: "alice".into(),
        commit: CommitId::new([1; 20]),
        kind: NoteKind::Question,
        text: "t".into(),
        location: location(),
    };
    assert_eq!(
        follow(&entry(11, Event::NoteAdded { note: note(1) })),
        Ok(())
    );
    assert!(follow(&entry(12, Event::NoteAdded { note: note(99) })).is_err());
}
