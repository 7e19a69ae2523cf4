//! Ledgers with one defect each, in `tests/data/ledgers`: named for it, with what is to be said of it in `expected.txt`.
//!
//! `UPDATE_VECTORS=1` writes them anew: the same bytes come out everywhere.

use crate::support::program::Program;
use crate::support::root;
use glassroom::ledger::{self, Ledger};
use glassroom::model::{
    Anchor, BlobId, CommitId, Digest, Entry, Event, Finding, Location, RepoPath, Span, TreeId,
};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// One ledger, and what is to be said of it.
struct Vector {
    name: &'static str,
    about: &'static str,
    /// The line that is named, and how what is said of it begins; nothing for a ledger that is right.
    wrong: Option<(u64, &'static str)>,
    bytes: Vec<u8>,
}

fn folder() -> PathBuf {
    root().join("tests/data/ledgers")
}

fn blob() -> BlobId {
    BlobId::new([3; 20])
}

fn finding() -> Finding {
    let anchor = Anchor {
        blob: blob(),
        path: RepoPath::new("src/auth.c"),
        extent: Span::between(8, 10).into(),
        symbol: None,
        ordinal: 0,
    };
    let location = serde_json::to_value(Location::labelled(anchor, "sink: here")).unwrap();
    serde_json::from_value(serde_json::json!({
        "id": Uuid::from_u128(7), "number": 1, "reviewer": "alice", "commit": CommitId::new([1; 20]),
        "kind": "vulnerability", "title": "A length is not checked: ü", "statement": "It is not.",
        "severity": "high", "locations": [location], "status": "open",
    }))
    .unwrap()
}

fn events() -> Vec<Event> {
    let marked = |line| Event::Marked {
        blob: blob(),
        path: RepoPath::new("src/auth.c"),
        span: Span::line(line),
        reviewed: true,
    };
    vec![
        Event::SnapshotAdded {
            commit: CommitId::new([1; 20]),
            tree: TreeId::new([2; 20]),
            policy: Digest::ZERO,
        },
        Event::FindingAdded { finding: finding() },
        marked(8),
        marked(9),
        marked(10),
    ]
}

/// Writes events as a ledger; `change` spoils an entry before it is chained.
fn ledger(events: Vec<Event>, change: impl Fn(&mut Entry)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut prev = Digest::ZERO;
    for (at, event) in events.into_iter().enumerate() {
        let seq = at as u64 + 1;
        let mut entry = Entry {
            id: Uuid::from_u128(100 + u128::from(seq)),
            seq,
            time: format!("2026-01-02T03:04:{seq:02}Z"),
            reviewer: "alice".into(),
            prev,
            event,
        };
        change(&mut entry);
        let line = serde_json::to_vec(&entry).unwrap();
        prev = Digest::of(&line);
        bytes.extend_from_slice(&line);
        bytes.push(b'\n');
    }
    bytes
}

fn good() -> Vec<u8> {
    ledger(events(), |_| {})
}

/// The lines of the good ledger, changed.
fn lines(change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let whole = good();
    let mut lines: Vec<Vec<u8>> = whole
        .split_inclusive(|b| *b == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    change(&mut lines);
    lines.concat()
}

/// One line of the good ledger with a text replaced.
fn replaced(line: usize, from: &str, to: &[u8]) -> Vec<u8> {
    lines(|lines| {
        let found = lines[line - 1].windows(from.len());
        let at = found.into_iter().position(|w| w == from.as_bytes());
        let at = at.expect("the line holds the text");
        lines[line - 1].splice(at..at + from.len(), to.iter().copied());
    })
}

/// One entry changed before it is chained: only the entry itself is wrong.
fn entry(seq: u64, change: impl Fn(&mut Entry)) -> Vec<u8> {
    ledger(events(), |entry| {
        if entry.seq == seq {
            change(entry);
        }
    })
}

fn quoting() -> Vec<u8> {
    let mut quoted = finding();
    quoted.locations[0].is_quoted = true;
    let left = serde_json::json!([{"blob": blob(), "spans": [Span::between(8, 10)]}]);
    let more = [
        Event::FindingChanged { finding: quoted },
        Event::ExportBegun {
            number: 1,
            manifest: Digest::ZERO,
            lines: serde_json::from_value(left).unwrap(),
        },
    ];
    ledger(events().into_iter().chain(more).collect(), |_| {})
}

/// The same in the words of version 0.1, which recorded only exports that quote.
fn quoting_as_before() -> Vec<u8> {
    let text = String::from_utf8(quoting()).unwrap();
    let (now, before) = ("{\"type\":\"export-begun\"", "{\"type\":\"quoted\"");
    assert!(text.trim_end().lines().last().unwrap().contains(now));
    text.replace(now, before).into_bytes()
}

const NO_ENTRY: &str = "the line is no entry: ";
const NOT_NEXT: &str = "the entry does not follow the line before it";

fn vectors() -> Vec<Vector> {
    let mut all = Vec::new();
    let mut ok = |name, about, bytes| {
        all.push(Vector {
            name,
            about,
            wrong: None,
            bytes,
        });
    };
    let zero = "0".repeat(64);
    let long = "words ".repeat(20_000);
    ok("good", "every line as it was written", good());
    ok(
        "good-quoting",
        "a place that is quoted, and lines that left",
        quoting_as_before(),
    );
    ok(
        "good-export-begun",
        "a place that is quoted, and a bundle that was begun",
        quoting(),
    );
    ok("empty", "nothing was recorded yet", Vec::new());
    ok(
        "clock-1970",
        "the clock was never set",
        entry(3, |e| e.time = "1970-01-01T00:00:00Z".into()),
    );
    ok(
        "clock-backwards",
        "the clock went back: the order is that of the lines",
        entry(3, |e| e.time = "2025-01-01T00:00:00Z".into()),
    );
    ok(
        "long-line",
        "a statement of 120,000 bytes",
        entry(2, |e| {
            if let Event::FindingAdded { finding } = &mut e.event {
                finding.words.statement.clone_from(&long);
            }
        }),
    );
    ok(
        "last-line-changed",
        "only the head file beside it proves the last line",
        replaced(5, "\"start\":10", b"\"start\":9"),
    );
    ok("last-line-missing", "the same", lines(|l| _ = l.pop()));
    let mut bad = |name, line, what, about, bytes| {
        all.push(Vector {
            name,
            about,
            wrong: Some((line, what)),
            bytes,
        });
    };
    bad(
        "line-flipped",
        4,
        NOT_NEXT,
        "one bit of line 3",
        replaced(3, "auth.c", b"auth.b"),
    );
    bad(
        "line-missing",
        3,
        "the entry is number 4 where 3 belongs",
        "line 3",
        lines(|l| _ = l.remove(2)),
    );
    bad(
        "first-line-missing",
        1,
        "the entry is number 2 where 1 belongs",
        "line 1",
        lines(|l| _ = l.remove(0)),
    );
    bad(
        "line-doubled",
        4,
        "the entry is number 3 where 4 belongs",
        "line 3",
        lines(|l| l.insert(3, l[2].clone())),
    );
    bad(
        "lines-swapped",
        3,
        "the entry is number 4 where 3 belongs",
        "lines 3 and 4",
        lines(|l| l.swap(2, 3)),
    );
    bad(
        "line-cut",
        3,
        NO_ENTRY,
        "the end of line 3, not its line feed",
        lines(|l| {
            let end = l[2].len() - 20;
            l[2].truncate(end);
            l[2].push(b'\n');
        }),
    );
    bad(
        "line-split",
        3,
        NO_ENTRY,
        "a line feed within line 3",
        lines(|l| l[2].insert(40, b'\n')),
    );
    bad(
        "torn-tail",
        5,
        "the last line is torn: 100 bytes without LF",
        "a write that was cut off",
        lines(|l| l[4].truncate(100)),
    );
    bad(
        "torn-character",
        6,
        "the last line is torn: 1 bytes without LF",
        "cut off within a character",
        lines(|l| l.push(vec![0xc3])),
    );
    bad(
        "zeros-behind",
        6,
        "the last line is torn: 512 bytes without LF",
        "a file system that grew the file and lost the data",
        lines(|l| l.push(vec![0; 512])),
    );
    bad(
        "last-end-changed",
        5,
        "the end of the line is not LF",
        "CR in place of the last LF",
        lines(|l| *l[4].last_mut().unwrap() = b'\r'),
    );
    bad(
        "wrong-prev",
        3,
        NOT_NEXT,
        "another digest of the line before",
        entry(3, |e| e.prev = Digest([9; 32])),
    );
    bad(
        "zero-prev",
        3,
        NOT_NEXT,
        "a chain that begins anew",
        entry(3, |e| e.prev = Digest::ZERO),
    );
    bad(
        "first-prev",
        1,
        NOT_NEXT,
        "a first line that follows another",
        entry(1, |e| e.prev = Digest([9; 32])),
    );
    bad(
        "wrong-seq",
        3,
        "the entry is number 30 where 3 belongs",
        "a number out of its order",
        entry(3, |e| e.seq = 30),
    );
    bad(
        "seq-zero",
        1,
        "the entry is number 0 where 1 belongs",
        "counted from 0",
        entry(1, |e| e.seq = 0),
    );
    bad(
        "nul",
        2,
        NO_ENTRY,
        "a NUL byte within a title",
        replaced(2, "length", b"len\0th"),
    );
    bad(
        "invalid-utf8",
        2,
        NO_ENTRY,
        "a byte that is no UTF-8",
        replaced(2, "length", b"len\xffth"),
    );
    bad(
        "unknown-kind",
        3,
        NO_ENTRY,
        "an event of another program",
        replaced(3, "\"marked\"", b"\"praised\""),
    );
    bad(
        "unknown-field",
        3,
        NO_ENTRY,
        "a field of another program",
        replaced(3, "\"seq\":3", b"\"seq\":3,\"more\":1"),
    );
    bad(
        "field-twice",
        3,
        NO_ENTRY,
        "which of both would count?",
        replaced(3, "\"seq\":3", b"\"seq\":3,\"seq\":3"),
    );
    bad(
        "crlf",
        2,
        NOT_NEXT,
        "line ends of another system",
        lines(|l| {
            for line in l {
                let at = line.len() - 1;
                line.insert(at, b'\r');
            }
        }),
    );
    bad(
        "byte-order-mark",
        1,
        NO_ENTRY,
        "saved by an editor",
        lines(|l| drop(l[0].splice(..0, *b"\xef\xbb\xbf"))),
    );
    bad(
        "blank-line",
        3,
        NO_ENTRY,
        "an empty line before line 3",
        lines(|l| l.insert(2, b"\n".to_vec())),
    );
    bad(
        "blank-line-behind",
        6,
        NO_ENTRY,
        "an empty line at the end",
        lines(|l| l.push(b"\n".to_vec())),
    );
    bad("junk", 1, NO_ENTRY, "no ledger at all", b"junk\n".to_vec());
    bad(
        "array",
        1,
        NO_ENTRY,
        "one JSON document in place of lines",
        b"[]\n".to_vec(),
    );
    bad(
        "deep",
        1,
        NO_ENTRY,
        "nested without end",
        [vec![b'['; 100_000], b"\n".to_vec()].concat(),
    );
    bad(
        "no-time",
        3,
        "the entry's time is not in the form of RFC 3339",
        "a time in words",
        entry(3, |e| e.time = "yesterday".into()),
    );
    bad(
        "another-reviewer",
        3,
        "the entry belongs to `mallory`",
        "an entry of somebody else",
        entry(3, |e| e.reviewer = "mallory".into()),
    );
    bad(
        "repeated-id",
        4,
        "the entry's id already stands on line 3",
        "an id that comes twice",
        entry(4, |e| e.id = Uuid::from_u128(103)),
    );
    bad(
        "capital-digest",
        1,
        NO_ENTRY,
        "digits in capitals: a digest has one form",
        replaced(1, &zero, "A".repeat(64).as_bytes()),
    );
    bad(
        "withheld",
        3,
        "the entry is withheld",
        "a line as only a bundle holds it",
        lines(|l| {
            let of = |line: &[u8]| Digest::of(&line[..line.len() - 1]);
            l[2] = format!(
                "{{\"seq\":3,\"prev\":\"{}\",\"sha256\":\"{}\"}}\n",
                of(&l[1]),
                of(&l[2])
            )
            .into_bytes();
        }),
    );
    all
}

fn table(vectors: &[Vector]) -> String {
    let mut out = String::from("# name | line | what is said of it begins with | about\n");
    for v in vectors {
        let (line, what) = v
            .wrong
            .map_or(("-".into(), "valid"), |(l, w)| (l.to_string(), w));
        writeln!(
            out,
            "{} | {line} | {} | {}",
            v.name,
            what.trim_end(),
            v.about
        )
        .unwrap();
    }
    out
}

#[test]
fn the_vectors_are_what_their_names_say() {
    let vectors = vectors();
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        let _ = fs::remove_dir_all(folder());
        fs::create_dir_all(folder()).unwrap();
        for v in &vectors {
            fs::write(folder().join(format!("{}.jsonl", v.name)), &v.bytes).unwrap();
        }
        fs::write(folder().join("expected.txt"), table(&vectors)).unwrap();
        return;
    }
    let made = "UPDATE_VECTORS=1 writes them anew";
    for v in &vectors {
        let kept = fs::read(folder().join(format!("{}.jsonl", v.name))).unwrap();
        assert!(kept == v.bytes, "{}: {made}", v.name);
        assert!(
            v.name == "good" || v.bytes != good(),
            "{} has no defect",
            v.name
        );
    }
    let kept = fs::read_to_string(folder().join("expected.txt")).unwrap();
    assert_eq!(kept, table(&vectors), "{made}");
}

/// A row of the table: name, line, and how what is said begins.
type Row = (String, Option<(u64, String)>);

fn expected() -> Vec<Row> {
    let text = fs::read_to_string(folder().join("expected.txt")).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    let row = |line: &str| {
        let parts: Vec<&str> = line.split(" | ").collect();
        let wrong = parts[1].parse().ok().map(|n| (n, parts[2].to_owned()));
        (parts[0].to_owned(), wrong)
    };
    let rows: Vec<Row> = rows.map(row).collect();
    let files = fs::read_dir(folder()).unwrap().count();
    assert_eq!(
        files,
        rows.len() + 1,
        "a file without a row, or a row without a file"
    );
    rows
}

fn put(name: &str, ledgers: &Path) -> PathBuf {
    fs::create_dir_all(ledgers).unwrap();
    let path = ledgers.join("alice.jsonl");
    fs::copy(folder().join(format!("{name}.jsonl")), &path).unwrap();
    path
}

#[test]
fn each_defect_is_named_with_its_line_and_nothing_is_repaired() {
    for (name, wrong) in expected() {
        let temp = tempfile::tempdir().unwrap();
        let path = put(&name, temp.path());
        let before = fs::read(&path).unwrap();
        let problems = ledger::verify(temp.path()).unwrap();
        match &wrong {
            None => assert_eq!(problems, [], "{name}"),
            Some((line, what)) => {
                assert_eq!(problems.len(), 1, "{name}: {problems:?}");
                let problem = &problems[0];
                assert_eq!(
                    (problem.file.as_str(), problem.line),
                    ("alice.jsonl", *line),
                    "{name}"
                );
                assert!(problem.what.starts_with(what), "{name}: {problem:?}");
            }
        }
        let is_torn = wrong
            .as_ref()
            .is_some_and(|(_, what)| what.contains("is torn"));
        let opened = Ledger::open(temp.path(), "alice");
        assert_eq!(opened.is_ok(), wrong.is_none() || is_torn, "{name}");
        drop(opened);
        let after = fs::read(&path).unwrap();
        // What was never acknowledged is cut; everything else is evidence.
        let kept = if is_torn {
            before.iter().rposition(|b| *b == b'\n').unwrap() + 1
        } else {
            before.len()
        };
        assert!(after == before[..kept], "{name}");
    }
}

#[test]
fn the_verb_names_every_damaged_line() {
    let program = Program::new();
    let rows = expected();
    for (name, _) in &rows {
        put(
            name,
            &program.home().join("reviews").join(name).join("ledger"),
        );
    }
    let outcome = program.run(&["ledger", "verify"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let said: Vec<&str> = outcome.stdout.lines().collect();
    let mut wrong = 0;
    for (name, expected) in &rows {
        let found = said
            .iter()
            .filter(|l| l.starts_with(&format!("{name}/ledger/")));
        let found: Vec<_> = found.collect();
        match expected {
            None => assert!(found.is_empty(), "{name}: {found:?}"),
            Some((line, what)) => {
                wrong += 1;
                let row = format!("{name}/ledger/alice.jsonl line {line}: {what}");
                assert!(
                    found.len() == 1 && found[0].starts_with(&row),
                    "{row}: {found:?}"
                );
            }
        }
    }
    let begins = |word: &str| said.iter().filter(|l| l.starts_with(word)).count();
    assert_eq!(begins("checked "), rows.len(), "{said:?}");
    assert_eq!(said.len(), wrong + 1 + rows.len() + begins("remark "));
    let last = format!("{} reviews: NOT VALID", rows.len());
    assert_eq!(said.last(), Some(&last.as_str()));
}
