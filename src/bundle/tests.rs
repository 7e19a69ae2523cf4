mod content;

use super::*;
use crate::model::{
    Anchor, Audience, BlobId, Category, CommitId, Confidence, CoverageDetail, Delivery, Difficulty,
    Digest, Entry, Event, FileCoverage, Finding, FindingWords, Kind, Location, Note, NoteKind,
    PathDetail, Policy, Priority, Reply, RepoPath, Review, Ruling, SearchRecord, Severity, Span,
    Status, Sweep, SweepHit, TreeId, Voice,
};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
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
        span: Span::between(8, 10),
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

/// The ledger's bytes and entries.
fn ledger() -> (Vec<u8>, Vec<Entry>) {
    let (mut bytes, mut entries, mut prev) = (Vec::new(), Vec::new(), Digest::ZERO);
    for (i, event) in events().into_iter().enumerate() {
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
    let (bytes, entries) = ledger();
    let review = Review::fold(&entries);
    let coverage = [FileCoverage {
        path: RepoPath::new("src/net/parse.c"),
        blob: BlobId::new([3; 20]),
        lines: 30,
        shown: 12,
        reviewed: 1,
        ranges: vec![Span::line(8)],
    }];
    render(&BundleInput {
        audience: Audience::Agency,
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
        number: 1,
        previous: None,
        reviewer: "alice",
        review_name: "open5gs-12345678",
        program: Program {
            version: "0.1.0",
            digest: "",
        },
        confinement: "not confined",
    })
}

fn file<'a>(rendered: &'a Rendered, name: &str) -> &'a str {
    let found = rendered.files.iter().find(|(n, _)| n == name).unwrap();
    std::str::from_utf8(&found.1).unwrap()
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
    let mut bundle = rendered(policy);
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
    let signers = Signers::parse(signed().line.as_bytes()).unwrap();
    verify(folder, &signers, "alice", NOW).unwrap()
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
                found.locations[0].1.path.as_bytes().is_empty(),
                paths != PathDetail::Full
            );
        }
    }
}

#[test]
fn stock_tools_accept_the_bundle_and_the_readme_says_how() {
    let (_temp, folder) = written(&Policy::default());
    if Command::new("ssh-keygen")
        .arg("-?")
        .stderr(Stdio::null())
        .status()
        .is_err()
    {
        println!("skipped: 1 (no ssh-keygen)");
        return;
    }
    std::fs::write(
        folder.parent().unwrap().join("allowed_signers"),
        &signed().line,
    )
    .unwrap();
    let readme = std::fs::read_to_string(folder.join("README.txt")).unwrap();
    let run = |script: &str| {
        let out = Command::new("bash")
            .arg("-c")
            .arg(script)
            .current_dir(&folder)
            .output()
            .unwrap();
        (
            out.status.success(),
            String::from_utf8_lossy(&out.stdout).into_owned(),
        )
    };
    let part = |from: &str, to: &str| {
        let start = readme.find(from).unwrap();
        let end = start + readme[start..].find(to).unwrap();
        readme[start..end].replace("-f allowed_signers", "-f ../allowed_signers")
    };
    let signature = part("ssh-keygen -Y verify", "\n\n");
    let sums = part("sha256sum -c", "\n\n");
    let added = part("LC_ALL=C ls", "\n\n");
    let (good, said) = run(&signature);
    assert!(
        good && said.contains("Good \"findings@glassroom\" signature for alice"),
        "{said}"
    );
    assert!(run(&sums).0);
    assert_eq!(run(&added), (true, String::new()));
    // Controls: each command notices what it is there for.
    std::fs::write(folder.join(".*"), "x").unwrap();
    assert!(run(&added).1.contains("ADDED: .*") && run(&sums).0);
    std::fs::write(folder.join("report.md"), "x").unwrap();
    assert!(!run(&sums).0 && run(&signature).0);
    std::fs::write(folder.join("SHA256SUMS"), "x").unwrap();
    assert!(!run(&signature).0);
}

#[test]
fn every_changed_byte_is_refused_and_named() {
    let (_temp, folder) = written(&Policy::default());
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let whole = std::fs::read(&path).unwrap();
        // Signature and manifest byte by byte; a digest needs no more than some places of each file.
        let is_small = name.starts_with("SHA256SUMS");
        let step = if is_small { 1 } else { whole.len() / 12 + 1 };
        for at in (0..whole.len()).step_by(step) {
            for change in [1u8, 0x20, 0x80] {
                let mut bytes = whole.clone();
                bytes[at] ^= change;
                std::fs::write(&path, &bytes).unwrap();
                let found = check(&folder);
                assert!(!found.valid, "{name} at {at}");
                if !is_small {
                    assert!(
                        found.problems.iter().any(|p| p.file == name),
                        "{name} at {at}"
                    );
                }
            }
        }
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(!check(&folder).valid, "{name} cut");
        std::fs::write(&path, [&whole[..], b"\n"].concat()).unwrap();
        assert!(!check(&folder).valid, "{name} grown");
        std::fs::remove_file(&path).unwrap();
        assert!(is_wrong(&folder, &name), "{name} removed");
        std::fs::write(&path, &whole).unwrap();
    }
    assert!(check(&folder).valid, "the control: unchanged, it is valid");
}

#[test]
fn added_files_links_and_folders_are_named() {
    let (_temp, folder) = written(&Policy::default());
    let path = folder.join("extra.txt");
    std::fs::write(&path, "x").unwrap();
    assert!(is_wrong(&folder, "extra.txt"));
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert!(is_wrong(&folder, "extra.txt"));
    std::fs::remove_dir(&path).unwrap();
    let report = folder.join("report.md");
    let aside = folder.parent().unwrap().join("aside.md");
    std::fs::rename(&report, &aside).unwrap();
    std::os::unix::fs::symlink(&aside, &report).unwrap();
    assert!(is_wrong(&folder, "report.md"));
}

#[test]
fn wrong_signers_are_refused() {
    let (_temp, folder) = written(&Policy::default());
    let run = |lines: &str, name: &str| {
        let signers = Signers::parse(lines.as_bytes()).unwrap();
        let found = verify(&folder, &signers, name, NOW).unwrap();
        (found.valid, found.signer.is_some())
    };
    let line = &signed().line;
    assert_eq!(run(line, "alice"), (true, true));
    assert_eq!(run(line, "bob"), (false, false));
    assert_eq!(run("", "alice"), (false, false));
    assert_eq!(
        run(&line.replace("findings@", "other@"), "alice"),
        (false, false)
    );
    assert_eq!(
        run(
            &line.replace(" namespaces", " valid-before=\"20200101Z\",namespaces"),
            "alice"
        ),
        (false, false)
    );
    // A signature for another purpose is none.
    let sums = std::fs::read(folder.join("SHA256SUMS")).unwrap();
    let other = signed().signer.sign("file", &sums).unwrap();
    std::fs::write(folder.join("SHA256SUMS.sig"), &other).unwrap();
    assert!(is_wrong(&folder, "SHA256SUMS.sig"));
    // Nor is one with other line ends or text around it, which the library alone would read.
    let good = signed().signer.sign(NAMESPACE, &sums).unwrap();
    for bad in [
        good.replace('\n', "\r\n"),
        format!("x\n{good}"),
        format!("{good}\n"),
    ] {
        std::fs::write(folder.join("SHA256SUMS.sig"), bad).unwrap();
        assert!(is_wrong(&folder, "SHA256SUMS.sig"));
    }
    std::fs::write(folder.join("SHA256SUMS.sig"), good).unwrap();
    assert!(check(&folder).valid);
    // The same person cannot release.
    let release = signed().signer.sign(RELEASE_NAMESPACE, &sums).unwrap();
    std::fs::write(folder.join("SHA256SUMS.release.sig"), release).unwrap();
    assert!(is_wrong(&folder, "SHA256SUMS.release.sig"));
}

#[test]
fn keys_that_are_not_safe_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let path = signed().temp.path().join("key");
    assert!(matches!(
        Signer::open(&path, b"wrong"),
        Err(BundleError::Passphrase { .. })
    ));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    let copy = signed().temp.path().join("copy");
    std::fs::write(&copy, text).unwrap();
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        Signer::open(&copy, b"correct horse"),
        Err(BundleError::OpenToOthers { mode: 0o640, .. })
    ));
    assert!(matches!(
        KeyPair::generate(b""),
        Err(BundleError::NoPassphrase)
    ));
    assert!(matches!(
        Signer::open(Path::new("/dev/null"), b"x"),
        Err(BundleError::NotAKey { .. })
    ));
    assert_eq!(
        PublicKey::of_private(&path).unwrap(),
        PublicKey::read(&path.with_extension("pub")).unwrap()
    );
    let public = signed().signer.public();
    assert_eq!(public.words().split(' ').count(), 10);
    assert_eq!(words(&[0, 0xff]), "bala zonu");
    if Command::new("ssh-keygen")
        .arg("-?")
        .stderr(Stdio::null())
        .status()
        .is_err()
    {
        println!("skipped: 1 (no ssh-keygen)");
        return;
    }
    let keygen = |args: &[&str]| {
        let out = Command::new("ssh-keygen").args(args).output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    let path = path.to_str().unwrap();
    assert_eq!(
        keygen(&["-y", "-P", "correct horse", "-f", path]).trim(),
        public.line()
    );
    assert!(keygen(&["-l", "-f", path]).contains(&public.fingerprint()));
    let plain = signed().temp.path().join("plain");
    keygen(&[
        "-q",
        "-t",
        "ed25519",
        "-N",
        "",
        "-f",
        plain.to_str().unwrap(),
    ]);
    assert!(matches!(
        Signer::open(&plain, b""),
        Err(BundleError::Unencrypted { .. })
    ));
    // A key that OpenSSH made works, and a signature that OpenSSH makes with it is the one that we make.
    let theirs = signed().temp.path().join("theirs");
    let name = theirs.to_str().unwrap();
    keygen(&["-q", "-t", "ed25519", "-N", "secret", "-f", name]);
    let ours = Signer::open(&theirs, b"secret")
        .unwrap()
        .sign(NAMESPACE, b"message")
        .unwrap();
    keygen(&["-p", "-P", "secret", "-N", "", "-f", name]);
    let message = signed().temp.path().join("message");
    std::fs::write(&message, "message").unwrap();
    keygen(&[
        "-Y",
        "sign",
        "-f",
        name,
        "-n",
        NAMESPACE,
        message.to_str().unwrap(),
    ]);
    assert_eq!(
        std::fs::read_to_string(message.with_extension("sig")).unwrap(),
        ours
    );
    let ecdsa = signed().temp.path().join("ecdsa");
    keygen(&[
        "-q",
        "-t",
        "ecdsa",
        "-N",
        "secret",
        "-f",
        ecdsa.to_str().unwrap(),
    ]);
    assert!(Signer::open(&ecdsa, b"secret").is_err());
}
