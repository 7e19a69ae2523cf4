use super::*;

#[derive(Default)]
struct Seen(Vec<String>);

impl TextVisitor for Seen {
    fn visit_text(&mut self, item: &str, field: &'static str, text: &str) {
        self.0.push(format!("{item} {field} text {text}"));
    }
    fn visit_name(&mut self, item: &str, field: &'static str, name: &str) {
        self.0.push(format!("{item} {field} name {name}"));
    }
    fn visit_path(&mut self, item: &str, field: &'static str, path: &RepoPath) {
        self.0.push(format!("{item} {field} path {path}"));
    }
    fn visit_blob(&mut self, item: &str, field: &'static str, blob: &BlobId) {
        self.0.push(format!("{item} {field} blob {blob}"));
    }
    fn visit_symbol(&mut self, item: &str, _: &BlobId, symbol: &str) {
        self.0.push(format!("{item} symbol {symbol}"));
    }
}

fn seen(value: &impl OutgoingField) -> Vec<String> {
    let mut seen = Seen::default();
    value.visit_texts("i", "f", &mut seen);
    seen.0
}

struct Record {
    title: String,
    time: String,
    cwe: Vec<u32>,
    number: String,
    symbol: Option<String>,
    path: Option<RepoPath>,
    count: u64,
}
outgoing_fields!(Record, item = |r| format!("n{}", r.count) => {
    title, time as TimeText, cwe as Weaknesses, number as ItemNumber, symbol as ChosenName, path, count,
});

#[test]
fn a_record_hands_on_all_that_is_not_closed() {
    let mut record = Record {
        title: "T".into(),
        time: "2026-11-30T12:34:56Z".into(),
        cwe: vec![120],
        number: "alice/F1".into(),
        symbol: None,
        path: None,
        count: 7,
    };
    assert_eq!(seen(&record), ["n7 title text T", "n7 reviewer name alice"]);
    record.time = "2026-11-30T12:34:56.5Z".into();
    record.cwe = vec![120, 4_000_000];
    record.number = "if(x)".into();
    record.symbol = Some("memcpy(a)".into());
    record.path = Some(RepoPath::new("a"));
    assert_eq!(
        seen(&record),
        [
            "n7 title text T",
            "n7 time name 2026-11-30T12:34:56.5Z",
            "n7 cwe name CWE-4000000",
            "n7 number name if(x)",
            "n7 symbol name memcpy(a)",
            "n7 path path a",
        ]
    );
}

#[test]
fn a_checked_text_is_closed_in_its_own_form_alone() {
    fn is_free<W: OutgoingField>(wrap: impl Fn(String) -> W, text: &str) -> bool {
        !seen(&wrap(text.to_owned())).is_empty()
    }
    let hex = "0123456789abcdef".repeat(4);
    let key = format!("SHA256:{}", "aB3+/".repeat(9).split_at(43).0);
    for (text, is_closed) in [
        (hex.as_str(), true),
        ("", true),
        (&hex.to_uppercase(), false),
        (&hex[1..], false),
    ] {
        assert_eq!(!is_free(DigestText, text), is_closed, "{text}");
    }
    for (text, is_closed) in [(key.as_str(), true), (&key[..49], false), ("why", false)] {
        assert_eq!(!is_free(KeyFingerprint, text), is_closed, "{text}");
    }
    for (text, is_closed) in [
        ("9.8", true),
        ("10.0", true),
        ("10.1", false),
        ("09.8", false),
    ] {
        assert_eq!(!is_free(ScoreText, text), is_closed, "{text}");
    }
    let urn = format!("urn:git:{}", &hex[..40]);
    for (text, is_closed) in [(urn.as_str(), true), (&urn[..47], false), ("urn:x", false)] {
        assert_eq!(!is_free(GitUrn, text), is_closed, "{text}");
    }
    for (text, is_closed) in [
        ("2026-01-02T03:04:05Z", true),
        ("2026-01-02T03:04:05+00:00", false),
        ("2026-01-02t03:04:05Z", false),
        ("2026-66-28T74:61:04Z", false),
    ] {
        assert_eq!(!is_free(TimeText, text), is_closed, "{text}");
    }
    assert!(is_free(ChosenName, "alice"));
}
