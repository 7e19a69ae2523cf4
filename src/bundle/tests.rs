mod content;
mod excerpts;
mod keys;
mod parsers;
mod readme;
mod release;
mod rerender;
mod tamper;
mod vectors;

use super::*;
use crate::model::{
    Anchor, Audience, BlobId, Category, CommitId, Confidence, CoverageDetail, DeliveredNames,
    Delivery, Difficulty, Digest, Entry, Event, FileCoverage, Finding, FindingWords, FolderLines,
    Kind, LocatedFacts, Location, LocationFacts, Note, NoteKind, PathDetail, Policy, Priority,
    Reply, RepoPath, Review, Ruling, SearchRecord, Severity, Span, Status, Sweep, SweepHit, TreeId,
    Voice,
};
use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use uuid::Uuid;

const NOW: i64 = 1_790_000_000;
const CANARY: &str = "Kanarienvogel";
/// Bytes that try to leave their record in every format.
const HOSTILE: &str =
    "a | b `c` <script>x</script> [l](http://x)\n# h\n=cmd|'/c calc'!A0\u{1b}[2J\u{202e}\"\\";

/// Identities of version 4, as the schema of SARIF wants them.
fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(0x4000_8000_0000_0000_0000 + n)
}

fn location(path: &str, label: &str) -> Location {
    let anchor = Anchor {
        blob: BlobId::new([3; 20]),
        path: RepoPath::new(path),
        extent: Span::between(8, 10).into(),
        symbol: Some("session_lookup".into()),
        ordinal: 0,
    };
    Location::labelled(anchor, label)
}

fn finding(number: u32, title: &str) -> Finding {
    Finding {
        id: uuid(u128::from(number)),
        number,
        reviewer: "alice".into(),
        commit: CommitId::new([1; 20]),
        kind: Kind::Vulnerability,
        title: title.to_owned(),
        words: FindingWords {
            statement: format!("{CANARY} statement.\n\nSecond paragraph."),
            consequence: format!("{CANARY} consequence"),
            confirm: format!("{CANARY} confirm"),
            exploit: format!("{CANARY} exploit"),
            recommendation: format!("{CANARY} recommendation"),
        },
        severity: Severity::High,
        confidence: Confidence::Likely,
        priority: Priority::Normal,
        difficulty: Difficulty::Low,
        category: Some(Category::DataValidation),
        cwe: vec![120, 4_000_000],
        cvss: vec![
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
                .parse()
                .unwrap(),
        ],
        references: vec!["OWASP-ASVS@4.0.3 V5.1.3".parse().unwrap()],
        locations: vec![
            location("src/net/parse.c", &format!("sink: {CANARY} sink")),
            location("docs/\u{202e}odd\n name.txt", ""),
        ],
        is_trail: true,
        audience: Audience::Vendor,
        status: Status::Open,
        history: vec![],
    }
}

fn note(number: u32, kind: NoteKind, text: &str) -> Note {
    Note {
        id: uuid(1000 + u128::from(number)),
        number,
        reviewer: "alice".into(),
        commit: CommitId::new([1; 20]),
        kind,
        text: text.to_owned(),
        location: location("src/net/parse.c", ""),
    }
}

fn reply(number: u32, parent: Uuid, text: &str) -> Reply {
    Reply {
        id: uuid(3000 + u128::from(number)),
        parent,
        reviewer: "alice".into(),
        voice: Voice::Opinion,
        text: text.to_owned(),
    }
}

fn sweep() -> Sweep {
    Sweep {
        id: uuid(4001),
        number: 1,
        reviewer: "alice".into(),
        name: format!("{CANARY} name"),
        query: format!("{CANARY} query"),
        commit: CommitId::new([1; 20]),
        hits: 2,
        list: Digest::ZERO,
    }
}

fn events() -> Vec<Event> {
    let blob = BlobId::new([3; 20]);
    let mut pass = finding(3, "Checked and fine");
    pass.kind = Kind::Pass;
    pass.cwe.clear();
    pass.locations.truncate(1);
    vec![
        Event::SnapshotAdded {
            commit: CommitId::new([1; 20]),
            tree: TreeId::new([2; 20]),
            policy: Digest::ZERO,
        },
        Event::FindingAdded {
            finding: finding(1, "OLDTEXT with vendor code"),
        },
        Event::FindingChanged {
            finding: finding(1, &format!("{CANARY} title")),
        },
        Event::FindingAdded {
            finding: finding(2, HOSTILE),
        },
        Event::FindingAdded { finding: pass },
        Event::StatusChanged {
            finding: uuid(1),
            status: Status::Accepted,
            why: format!("{CANARY} reason"),
        },
        Event::NoteAdded {
            note: note(1, NoteKind::Note, "PRIVATE remark"),
        },
        Event::NoteAdded {
            note: note(2, NoteKind::Remark, &format!("{CANARY} remark")),
        },
        Event::ReplyAdded {
            reply: reply(1, uuid(1), &format!("{CANARY} opinion")),
        },
        Event::ReplyAdded {
            reply: reply(2, uuid(1001), "PRIVATE reply to a private note"),
        },
        Event::SweepAdded { sweep: sweep() },
        Event::Judged {
            sweep: uuid(4001),
            hits: vec![SweepHit {
                path: RepoPath::new("src/net/parse.c"),
                blob,
                line: 8,
            }],
            ruling: Some(Ruling::Finding),
            item: Some(uuid(1)),
        },
        Event::Searched {
            search: SearchRecord {
                commit: CommitId::new([1; 20]),
                query: "PRIVATE query".into(),
                lines: 1,
                files: 1,
                not_searched: 0,
            },
        },
        Event::NoteAdded {
            note: note(1, NoteKind::Question, &format!("{CANARY} question?")),
        },
        Event::Marked {
            blob,
            path: RepoPath::new("src/net/parse.c"),
            span: Span::line(8),
            reviewed: true,
        },
        Event::EncodingSet {
            blob,
            path: RepoPath::new("src/net/parse.c"),
            encoding: crate::text::Encoding::by_name("gb18030"),
        },
    ]
}

/// The bytes and entries of a ledger with these events.
fn ledger(events: Vec<Event>) -> (Vec<u8>, Vec<Entry>) {
    let (mut bytes, mut entries, mut prev) = (Vec::new(), Vec::new(), Digest::ZERO);
    for (i, event) in events.into_iter().enumerate() {
        let seq = i as u64 + 1;
        // Note and question of the fixture share a number, not an identity.
        let event = match event {
            Event::NoteAdded { mut note } if note.kind == NoteKind::Question => {
                note.id = uuid(2000);
                Event::NoteAdded { note }
            }
            other => other,
        };
        let time = format!("2026-01-02T03:04:{seq:02}Z");
        let entry = Entry {
            id: uuid(seq.into()),
            seq,
            time,
            reviewer: "alice".into(),
            prev,
            event,
        };
        let line = serde_json::to_vec(&entry).unwrap();
        prev = Digest::of(&line);
        bytes.extend(line);
        bytes.push(b'\n');
        entries.push(entry);
    }
    (bytes, entries)
}

fn delivery() -> Delivery {
    serde_json::from_value(serde_json::json!({
        "commit": CommitId::new([1; 20]), "tree": TreeId::new([2; 20]), "object_format": "sha1", "complete": true,
        "shallow": false, "entries": 2, "files": 2, "symlinks": 0, "submodules": 0, "bytes": 10, "lines": 30,
        "languages": [], "not_searched": [{"path": "secret/deep/folder/x.bin", "reason": "too-large", "bytes": 9}],
        "not_in_snapshot": {"modified": 0, "untracked": 0}, "vendor_influence": [], "flags": []
    }))
    .unwrap()
}

fn rendered(policy: &Policy) -> Rendered {
    rendered_of(policy, events())
}

fn rendered_of(policy: &Policy, events: Vec<Event>) -> Rendered {
    rendered_for(policy, events, Audience::Agency)
}

fn rendered_for(policy: &Policy, events: Vec<Event>, audience: Audience) -> Rendered {
    rendered_as(policy, events, audience, schema::RENDERING)
}

fn rendered_as(
    policy: &Policy,
    events: Vec<Event>,
    audience: Audience,
    rendering: u32,
) -> Rendered {
    let (bytes, entries) = ledger(events);
    let review = Review::fold(&entries);
    let quotes: Vec<_> = review.findings().flat_map(crate::model::quotes).collect();
    let mut excerpts = crate::model::excerpts(&quotes);
    for excerpt in &mut excerpts {
        let lines = excerpt.span.start()..=excerpt.span.end();
        excerpt.lines = lines
            .map(|n| printed(&format!("\tcode_{n}\u{202e}();")))
            .collect();
    }
    let coverage = [FileCoverage {
        path: RepoPath::new("src/net/parse.c"),
        blob: BlobId::new([3; 20]),
        lines: 30,
        shown: 12,
        reviewed: 1,
        ranges: vec![Span::line(8)],
    }];
    let delivered = DeliveredNames::named_by(&entries).all_delivered();
    let folder = |path: &str, lines| FolderLines {
        path: RepoPath::new(path),
        files: 1,
        lines,
    };
    // The first rendering knew neither.
    let is_first = rendering == rendering1::NUMBER;
    let folders: Vec<FolderLines> = [folder(".", 5), folder("lib", 1000), folder("src", 300)]
        .into_iter()
        .filter(|_| !is_first)
        .collect();
    let facts = LocationFacts {
        encoding: crate::text::Encoding::by_name("gb18030"),
        end_column: Some(17),
        line_hash: "c85118a4b31c1e6:1".parse().ok(),
    };
    let located: LocatedFacts = [((BlobId::new([3; 20]), Span::between(8, 10)), facts)]
        .into_iter()
        .filter(|_| !is_first)
        .collect();
    render(&BundleInput {
        audience,
        delivered: &delivered,
        policy_files: (None, None),
        reason: "",
        review: &review,
        ledgers: &[LedgerInput {
            reviewer: "alice",
            bytes: &bytes,
            entries: &entries,
        }],
        delivery: &delivery(),
        policy,
        coverage: &coverage,
        excerpts: &excerpts,
        number: 1,
        previous: None,
        reviewer: "alice",
        review_name: "open5gs-12345678",
        program: Program {
            version: "0.1.0",
            digest: "",
        },
        confinement: "not confined",
        folders: &folders,
        located: &located,
        rendering,
    })
}

fn file<'a>(rendered: &'a Rendered, name: &str) -> &'a str {
    let found = rendered.files.iter().find(|(n, _)| n == name).unwrap();
    std::str::from_utf8(&found.1).unwrap()
}

#[test]
fn a_bundle_holds_what_its_audience_may_read_and_says_so() {
    // The finding of the fixture is for the vendor.
    let policy = Policy {
        coverage: CoverageDetail::Range,
        ..Policy::default()
    };
    let said = |audience, text: &str| {
        let bundle = rendered_for(&policy, events(), audience);
        let files = bundle.files.iter();
        let held = files.filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(text));
        held.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    for (text, for_public) in [
        ("Kanarienvogel title", 0),
        ("Kanarienvogel question", 0),
        ("Kanarienvogel remark", 0),
        ("Kanarienvogel query", 0),
        ("\"ruling\"", 0),
        ("not in this bundle", 2),
    ] {
        let vendor = said(Audience::Vendor, text);
        assert!(!vendor.is_empty(), "the control: {text}");
        let public = said(Audience::Public, text);
        assert_eq!(public.len(), for_public, "{text} in {public:?}");
    }
}

struct Signed {
    temp: tempfile::TempDir,
    signer: Signer,
    line: String,
}

/// One key for all tests: bcrypt is slow on purpose.
fn signed() -> &'static Signed {
    static SIGNED: OnceLock<Signed> = OnceLock::new();
    SIGNED.get_or_init(|| {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("key");
        let pair = KeyPair::generate(b"correct horse").unwrap();
        pair.write(&path).unwrap();
        let signer = Signer::open(&path, b"correct horse").unwrap();
        assert_eq!(signer.public(), *pair.public());
        let line = format!("{}\n", pair.public().allowed_signers("alice"));
        Signed { temp, signer, line }
    })
}

fn written(policy: &Policy) -> (tempfile::TempDir, PathBuf) {
    written_of(rendered(policy))
}

fn written_of(mut bundle: Rendered) -> (tempfile::TempDir, PathBuf) {
    bundle.sign(&signed().signer).unwrap();
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("bundle");
    std::fs::create_dir(&folder).unwrap();
    for (name, bytes) in &bundle.files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    (temp, folder)
}

fn check(folder: &Path) -> Verified {
    check_as(folder, &signed().line, "alice", None)
}

fn check_as(folder: &Path, signers: &str, name: &str, released_by: Option<&str>) -> Verified {
    let signers = Signers::parse(signers.as_bytes()).unwrap();
    let claim = Claim {
        signers: &signers,
        name,
        released_by,
        now: NOW,
    };
    verify(folder, &claim).unwrap()
}

/// Says that a test is left out, and how many were by now, past the harness, which keeps quiet about tests that pass.
fn skip(why: &str) {
    static SKIPPED: AtomicUsize = AtomicUsize::new(0);
    let count = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
    let _ = writeln!(std::io::stderr(), "skipped ({count}): {why}");
}

/// Returns whether there is a program; counts and prints a skip if not.
fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    let found = command
        .arg("-?")
        .stderr(Stdio::null())
        .stdout(Stdio::null());
    let is_there = found.status().is_ok();
    if !is_there {
        skip(&format!("no {program}"));
    }
    is_there
}

fn is_wrong(folder: &Path, file: &str) -> bool {
    let found = check(folder);
    !found.valid && found.problems.iter().any(|p| p.file == file)
}

#[test]
fn the_same_state_gives_the_same_bytes_and_verifies() {
    let policy = Policy::default();
    assert_eq!(rendered(&policy), rendered(&policy));
    for paths in [PathDetail::Full, PathDetail::LastTwo, PathDetail::BlobId] {
        for coverage in [
            CoverageDetail::Range,
            CoverageDetail::File,
            CoverageDetail::Directory,
            CoverageDetail::None,
        ] {
            let (_temp, folder) = written(&Policy {
                paths,
                coverage,
                label: "Lab \"7\"".into(),
                ..Policy::default()
            });
            let found = check(&folder);
            assert_eq!(found.problems, [], "{paths:?} {coverage:?}");
            assert!(found.valid && found.signer.is_some());
            assert_eq!(found.locations.len(), 5);
            assert_eq!(
                found.locations[0].anchor.path.as_bytes().is_empty(),
                paths != PathDetail::Full
            );
        }
    }
}
