//! Bundles that an allowed signer put together by hand: whatever is not what the ledgers say is refused, although every
//! digest and the signature are right.

use super::*;
use crate::bundle::manifest;
use std::collections::BTreeMap;

/// A whole function, as a vendor would write it.
const VENDOR: &str = "int mme_bearer_find(mme_ue_t *mme_ue, uint8_t ebi) { for (i = 0; i < MAX_EBI; i++) if (bearer[i].ebi == ebi) return i; }";
const LEDGER: &str = "ledger-alice.jsonl";

/// The files of a bundle by name, without manifest and signature.
type Files = BTreeMap<String, Vec<u8>>;

/// A bundle in a folder, to be changed and signed again.
struct Forged {
    _temp: tempfile::TempDir,
    folder: PathBuf,
    files: Files,
}

impl Forged {
    fn new(policy: &Policy) -> Self {
        Self::of(rendered(policy))
    }

    fn of(bundle: Rendered) -> Self {
        let files = bundle.files.iter().filter(|(name, _)| name != SUMS);
        let files = files.cloned().collect();
        let (temp, folder) = written_of(bundle);
        Self {
            _temp: temp,
            folder,
            files,
        }
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.files[name].clone()).unwrap()
    }

    /// Signs changed files as stock tools would, looks, and puts everything back.
    fn look(&self, changes: &[(&str, Vec<u8>)]) -> Verified {
        let mut files = self.files.clone();
        for (name, bytes) in changes {
            files.insert((*name).to_owned(), bytes.clone());
        }
        let listed: Vec<_> = files.into_iter().collect();
        let sums = manifest::write(&listed);
        let signature = signed().signer.sign(NAMESPACE, &sums).unwrap();
        let path = |name: &str| self.folder.join(name);
        for (name, bytes) in changes {
            std::fs::write(path(name), bytes).unwrap();
        }
        std::fs::write(path(SUMS), sums).unwrap();
        std::fs::write(path(SIGNATURE), signature).unwrap();
        let found = check(&self.folder);
        for (name, _) in changes {
            match self.files.get(*name) {
                Some(bytes) => std::fs::write(path(name), bytes).unwrap(),
                None => std::fs::remove_file(path(name)).unwrap(),
            }
        }
        found
    }

    /// Replaces the first `from` in a file.
    fn replaced(&self, name: &str, from: &str, to: &str) -> Vec<u8> {
        let whole = self.text(name);
        assert!(whole.contains(from), "{name}: {from}");
        whole.replacen(from, to, 1).into_bytes()
    }

    /// Makes a chain of changed lines, and the `bundle.json` that names its end.
    fn rechained(&self, lines: &[String]) -> Vec<(&'static str, Vec<u8>)> {
        let (mut chain, mut prev, mut withheld) = (String::new(), Digest::ZERO, 0);
        for (nth, line) in lines.iter().enumerate() {
            let mut value: Value = serde_json::from_str(line).unwrap();
            let member = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
            let line = line.replacen(&member(&value, "prev"), &prev.to_string(), 1);
            let seq = format!("\"seq\":{}", value["seq"]);
            let line = line.replacen(&seq, &format!("\"seq\":{}", nth + 1), 1);
            value = serde_json::from_str(&line).unwrap();
            prev = match value.get("sha256") {
                Some(digest) => serde_json::from_value(digest.clone()).unwrap(),
                None => Digest::of(line.as_bytes()),
            };
            withheld += u32::from(value.get("sha256").is_some());
            chain.push_str(&line);
            chain.push('\n');
        }
        let statement: Value = serde_json::from_slice(&self.files["bundle.json"]).unwrap();
        let old = &statement["predicate"]["ledgers"][0];
        let bundle = self.text("bundle.json");
        let bundle = bundle
            .replacen(old["head"].as_str().unwrap(), &prev.to_string(), 1)
            .replacen(
                &format!("\"entries\": {}", old["entries"]),
                &format!("\"entries\": {}", lines.len()),
                1,
            )
            .replacen(
                &format!("\"withheld\": {}", old["withheld"]),
                &format!("\"withheld\": {withheld}"),
                1,
            );
        vec![
            (LEDGER, chain.into_bytes()),
            ("bundle.json", bundle.into_bytes()),
        ]
    }

    fn ledger(&self) -> Vec<String> {
        self.text(LEDGER).lines().map(str::to_owned).collect()
    }
}

fn range() -> Policy {
    Policy {
        coverage: CoverageDetail::Range,
        label: "ROOM 7".into(),
        ..Policy::default()
    }
}

#[test]
fn a_bundle_that_was_only_signed_again_is_valid_and_says_what_it_was_rendered_from() {
    for paths in [PathDetail::Full, PathDetail::LastTwo, PathDetail::BlobId] {
        for audience in [Audience::Agency, Audience::Vendor, Audience::Public] {
            let policy = Policy { paths, ..range() };
            let forged = Forged::of(rendered_for(&policy, events(), audience));
            let found = forged.look(&[]);
            assert_eq!(found.problems, [], "{paths:?} {audience:?}");
            assert!(found.valid);
            let wanted = if paths == PathDetail::Full {
                RenderedFrom::Ledgers
            } else {
                RenderedFrom::Findings
            };
            assert_eq!(found.rendered, wanted);
            let content = found.content.unwrap();
            assert!(content.typed.iter().any(|t| t.text == "ROOM 7"));
        }
    }
}

/// What a document says that neither a ledger nor another document holds: numbers, digests, paths. Each has a closed
/// grammar, and a snapshot confirms it.
fn is_fact(name: &str, line: &str) -> bool {
    let member = line
        .trim()
        .split(':')
        .next()
        .unwrap_or("")
        .trim_matches('"');
    match name {
        "snapshot.json" => matches!(
            member,
            "entries"
                | "symlinks"
                | "submodules"
                | "bytes"
                | "modified"
                | "untracked"
                | "path"
                | "reason"
        ),
        "coverage.json" => matches!(member, "path" | "blob"),
        "bundle.json" => matches!(
            member,
            "policy_of_machine" | "policy_of_review" | "previous"
        ),
        _ => false,
    }
}

#[test]
fn every_changed_line_of_every_document_is_refused_whoever_signed_it() {
    let is_long = std::env::var_os("GLASSROOM_LONG_TESTS").is_some();
    let (mut tried, mut facts) = (0, 0);
    for paths in [PathDetail::Full, PathDetail::BlobId] {
        let forged = Forged::new(&Policy { paths, ..range() });
        for name in forged.files.keys().filter(|n| *n != LEDGER) {
            let whole = forged.text(name);
            let lines: Vec<&str> = whole.lines().collect();
            let step = if is_long { 1 } else { lines.len() / 24 + 1 };
            for at in (0..lines.len()).step_by(step) {
                let line = lines[at];
                let quoted = line.rfind('"').filter(|end| *end > 0);
                let changed = match (quoted, line.rfind(|c: char| c.is_ascii_digit())) {
                    (Some(end), _) => format!("{}x{}", &line[..end], &line[end..]),
                    (None, Some(digit)) => {
                        let other = if &line[digit..=digit] == "7" {
                            "8"
                        } else {
                            "7"
                        };
                        format!("{}{other}{}", &line[..digit], &line[digit + 1..])
                    }
                    _ => line
                        .replace("true", "false")
                        .replace("null", "\"x\"")
                        .replace(|c: char| c.is_ascii_alphabetic(), "q"),
                };
                let mut ways = vec![vec![line, line], vec![], vec![VENDOR, line]];
                if changed != line {
                    ways.push(vec![&changed]);
                }
                let blank = format!("{line} ");
                ways.push(vec![&blank]);
                for way in ways {
                    let new = [&lines[..at], &way, &lines[at + 1..]].concat().join("\n") + "\n";
                    if new == whole {
                        continue;
                    }
                    let found = forged.look(&[(name, new.into_bytes())]);
                    assert!(found.signer.is_some(), "control: {name} {at}");
                    tried += 1;
                    if found.valid && way == [&changed] && is_fact(name, line) {
                        facts += 1;
                        continue;
                    }
                    assert!(!found.valid, "{paths:?} {name} line {}: {way:?}", at + 1);
                }
            }
        }
        assert!(forged.look(&[]).valid, "control");
    }
    println!("changed lines: {tried}, accepted: {facts}, facts of a closed grammar");
    assert!(tried > 500, "{tried}");
}

#[test]
fn a_vendor_file_in_a_good_bundle_is_refused_and_named() {
    let forged = Forged::new(&range());
    let page = |text: &str| format!("{text}\n<!-- {VENDOR} -->\n").into_bytes();
    for (name, bytes, said) in [
        // The attack that began it: a whole file in the two documents that people read.
        (
            "findings.json",
            forged.replaced(
                "findings.json",
                "\"title\": \"",
                &format!("\"title\": \"{VENDOR}"),
            ),
            "is not what the ledgers say: line",
        ),
        (
            "report.md",
            page(&forged.text("report.md")),
            "is not what the ledgers say",
        ),
        (
            "report.html",
            page(&forged.text("report.html")),
            "is not what the ledgers say",
        ),
        (
            "questions.md",
            page(&forged.text("questions.md")),
            "is not what the ledgers say",
        ),
        (
            "README.txt",
            page(&forged.text("README.txt")),
            "is not what the ledgers say",
        ),
        (
            "findings.sarif",
            forged.replaced(
                "findings.sarif",
                "\"runs\": [",
                &format!("\"x\": \"{VENDOR}\",\n  \"runs\": ["),
            ),
            "is not what the ledgers say",
        ),
        (
            "snapshot.json",
            forged.replaced(
                "snapshot.json",
                "\"object_format\": \"sha1\"",
                &format!("\"object_format\": \"{VENDOR}\""),
            ),
            "a word that this program does not write",
        ),
        (
            "snapshot.json",
            forged.replaced(
                "snapshot.json",
                "\"label\": \"ROOM 7\"",
                "\"label\": \"ROOM 8\"",
            ),
            "is not what the ledgers say",
        ),
        (
            "snapshot.json",
            forged.replaced(
                "snapshot.json",
                "\"languages\": []",
                &format!("\"languages\": [],\n  \"more\": \"{VENDOR}\""),
            ),
            "is not what the ledgers say",
        ),
        (
            "coverage.json",
            forged.replaced("coverage.json", "\"shown\": 12", "\"shown\": 13"),
            "is not what the ledgers say",
        ),
        (
            "bundle.json",
            forged.replaced(
                "bundle.json",
                "\"version\": \"0.1.0\"",
                &format!("\"version\": \"{VENDOR}\""),
            ),
            "names a program that is none",
        ),
        (
            "sweeps.json",
            forged.replaced(
                "sweeps.json",
                "\"query\": \"",
                &format!("\"query\": \"{VENDOR}"),
            ),
            "is not what the ledgers say",
        ),
        (
            "excerpts.txt",
            page(&forged.text("excerpts.txt")),
            "is not as this program writes it",
        ),
        ("policy.toml", page(&forged.text("policy.toml")), "is not"),
        (
            "more.txt",
            VENDOR.as_bytes().to_vec(),
            "is no file of a bundle",
        ),
        (
            "ledger-bob.jsonl",
            VENDOR.as_bytes().to_vec(),
            "is not named by bundle.json",
        ),
    ] {
        let found = forged.look(&[(name, bytes)]);
        assert!(found.signer.is_some(), "control: {name}");
        let is_named = |p: &Problem| p.file == name && p.what.contains(said);
        assert!(
            !found.valid && found.problems.iter().any(is_named),
            "{name} {said}: {:?}",
            found.problems
        );
    }
    assert!(forged.look(&[]).valid, "control");
}

#[test]
fn another_chain_is_refused_unless_the_documents_are_its_own() {
    let forged = Forged::new(&range());
    let lines = forged.ledger();
    assert!(
        forged.look(&forged.rechained(&lines)).valid,
        "control: the same chain"
    );
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        forged.rechained(&lines)
    };
    let at = |word: &str| lines.iter().position(|l| l.contains(word)).unwrap();
    let replace = |line: &str, from: &str, to: &str| {
        let nth = at(line);
        assert!(lines[nth].contains(from), "{line}: {from}");
        with(&|lines| lines[nth] = lines[nth].replacen(from, to, 1))
    };
    let withheld = at("\"sha256\"");
    let private = note(1, NoteKind::Note, VENDOR);
    let entry = |event: Event| {
        let (bytes, _) = ledger(vec![event]);
        String::from_utf8(bytes).unwrap().trim_end().to_owned()
    };
    for (what, changes) in [
        (
            "another title",
            replace("finding-changed", "Kanarienvogel title", VENDOR),
        ),
        (
            "another question",
            replace("Kanarienvogel question", "question?", "answer?"),
        ),
        (
            "a time that is text",
            replace("status-changed", "\"time\":\"2026", "\"time\":\"code"),
        ),
        (
            "a member nobody reads",
            replace(
                "finding-added",
                "\"is_trail\"",
                "\"more\":\"code\",\"is_trail\"",
            ),
        ),
        (
            "members in another order",
            replace("status-changed", "{\"id\":", "{ \"id\":"),
        ),
        (
            "a letter spelled otherwise",
            replace("status-changed", "accepted", "\\u0061ccepted"),
        ),
        (
            "a member of a trace",
            with(&|lines| lines[withheld] = lines[withheld].replace("{\"seq\"", "{ \"seq\"")),
        ),
        (
            "a finding less",
            with(&|lines| _ = lines.remove(at("finding-changed"))),
        ),
        (
            "a status less",
            with(&|lines| _ = lines.remove(at("status-changed"))),
        ),
        (
            "a reply less",
            with(&|lines| _ = lines.remove(at("reply-added"))),
        ),
        (
            "a verdict less",
            with(&|lines| _ = lines.remove(at("judged"))),
        ),
        (
            "a private note",
            with(&|lines| {
                lines.push(entry(Event::NoteAdded {
                    note: private.clone(),
                }))
            }),
        ),
        (
            "a search",
            with(&|lines| {
                lines.push(entry(Event::Searched {
                    search: SearchRecord {
                        commit: CommitId::new([1; 20]),
                        query: VENDOR.into(),
                        lines: 1,
                        files: 1,
                        not_searched: 0,
                    },
                }))
            }),
        ),
        (
            "a finding taken back",
            with(&|lines| lines.push(entry(Event::FindingDeleted { finding: uuid(1) }))),
        ),
        (
            "a finding more",
            with(&|lines| {
                lines.push(entry(Event::FindingAdded {
                    finding: finding(9, VENDOR),
                }))
            }),
        ),
    ] {
        let found = forged.look(&changes);
        assert!(found.signer.is_some(), "control: {what}");
        assert!(!found.valid, "{what}");
    }
    // Marks leave only where line ranges may.
    let strict = Forged::new(&Policy::default());
    let mark = entry(Event::Marked {
        blob: BlobId::new([3; 20]),
        path: RepoPath::new(VENDOR),
        span: Span::line(8),
        reviewed: true,
    });
    let mut lines = strict.ledger();
    lines.push(mark);
    let found = strict.look(&strict.rechained(&lines));
    assert!(
        found
            .problems
            .iter()
            .any(|p| p.what.contains("must not leave")),
        "{:?}",
        found.problems
    );
}

#[test]
fn a_bundle_cannot_opt_out_of_being_rendered_again() {
    let forged = Forged::new(&range());
    for (from, to) in [
        ("    \"rendering\": 2,\n", ""),
        ("\"rendering\": 2", "\"rendering\": 0"),
        ("\"rendering\": 2", "\"rendering\": 1"),
        ("\"rendering\": 2", "\"rendering\": 3"),
        ("\"rendering\": 2", "\"rendering\": null"),
        ("    \"audience\": \"agency\",\n", ""),
        ("\"audience\": \"agency\"", "\"audience\": \"vendor\""),
        ("\"searches\": 1", "\"searches\": 2"),
    ] {
        let found = forged.look(&[("bundle.json", forged.replaced("bundle.json", from, to))]);
        assert!(
            !found.valid && found.signer.is_some(),
            "{from} {to}: {:?}",
            found.problems
        );
    }
}

#[test]
fn a_bundle_of_the_first_rendering_is_compared_whole() {
    for paths in [PathDetail::Full, PathDetail::LastTwo, PathDetail::BlobId] {
        for coverage in [CoverageDetail::Range, CoverageDetail::Directory] {
            let policy = Policy {
                paths,
                coverage,
                ..range()
            };
            let bundle = rendered_as(&policy, events(), Audience::Agency, rendering1::NUMBER);
            let forged = Forged::of(bundle);
            let found = forged.look(&[]);
            assert_eq!(found.problems, [], "{paths:?} {coverage:?}");
            assert_ne!(found.rendered, RenderedFrom::None);
            for name in forged.files.keys().filter(|n| *n != LEDGER) {
                let mut bytes = forged.files[name].clone();
                bytes.extend(format!("{VENDOR}\n").bytes());
                let found = forged.look(&[(name, bytes)]);
                assert!(!found.valid && found.signer.is_some(), "{name}");
            }
        }
    }
}

/// The digest of what a fixed review is rendered to, for each rendering. Whoever changes a rendered byte raises
/// [`schema::RENDERING`], keeps the rendering before, and adds a row; the rows before never change.
const RENDERED: [(u32, &str); 2] = [
    (
        1,
        "ba19c5239a8c31e38488ef1d2912f984cb5af9e038ce0666a3b57e1fc7c86118",
    ),
    (
        2,
        "f86387462dd57a8fea58b60d45b8c82ef9296eb9d630b282602e998c70defdae",
    ),
];

#[test]
fn rendered_bytes_belong_to_their_number() {
    let (newest, _) = RENDERED[RENDERED.len() - 1];
    assert_eq!(newest, schema::RENDERING, "a rendering has no row");
    for (rendering, wanted) in RENDERED {
        let mut all = Vec::new();
        for paths in [PathDetail::Full, PathDetail::LastTwo, PathDetail::BlobId] {
            for audience in [Audience::Agency, Audience::Public] {
                let policy = Policy { paths, ..range() };
                let bundle = rendered_as(&policy, events(), audience, rendering);
                for (name, bytes) in bundle.files {
                    all.extend(format!("{name} {}\n", Digest::of(&bytes)).into_bytes());
                }
            }
        }
        let digest = Digest::of(&all).to_string();
        assert_eq!(
            digest, wanted,
            "what rendering {rendering} renders has changed: see RENDERED"
        );
    }
}
