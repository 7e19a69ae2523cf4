//! No field of anything that leaves escapes the gate: each string of each event and of the bundle itself is tried.
//!
//! The fields are not listed here. Every string of the fixture's JSON is replaced, one after another; where the program
//! still reads the entry the field is not closed by its type, and then the gate must see what was put in. A new field is
//! tried as soon as the fixture holds it.

use crate::support::vendor::Vendor;
use glassroom::bundle::schema::RENDERING;
use glassroom::bundle::{BundleInput, LedgerInput, Program, Rendered, render};
use glassroom::model::{
    Audience, CoverageDetail, DeliveredNames, Delivery, Digest, Entry, Event, FileCoverage,
    LocatedFacts, Overlap, Policy, Review, Typed,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A line of a vendor's, of letters that every form of a document leaves as they are.
const LINE: &str = "static void canary probe session state keep length limit table";
/// The same as a reviewer's name can be spelt.
const NAME: &str = "static.void.canary.probe.session.state.keep-length.limit.table";
/// What shows in a file that a canary is in it.
const CANARY: &str = "canary";

const COMMIT: &str = "0101010101010101010101010101010101010101";
const TREE: &str = "0202020202020202020202020202020202020202";
const BLOB: &str = "0303030303030303030303030303030303030303";
const DIGEST: &str = "0404040404040404040404040404040404040404040404040404040404040404";
const KEY: &str = "SHA256:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/AbCdE";
const TIME: &str = "2026-01-02T03:04:05Z";

fn id(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn location() -> Value {
    json!({
        "role": "sink", "label": "lbl", "is_quoted": false,
        "anchor": {"blob": BLOB, "path": "src/a.c", "span": {"start": 8, "end": 10}, "symbol": "sym", "ordinal": 1},
    })
}

fn finding(number: u32) -> Value {
    json!({
        "id": id(number), "number": number, "reviewer": "alice", "commit": COMMIT, "kind": "vulnerability",
        "title": "ttl", "statement": "stm", "consequence": "csq", "confirm": "cfm", "exploit": "xpl",
        "recommendation": "rcm", "severity": "high", "confidence": "likely", "priority": "normal",
        "difficulty": "low", "category": "data-validation", "cwe": [120],
        "cvss": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"],
        "references": [
            {"scheme": "OWASP-ASVS", "version": "4.0.3", "clause": "V5.1.3"},
            {"scheme": "CLAIM", "version": "v7", "clause": "SEC-1"},
        ],
        "locations": [location(), location()], "is_trail": true, "audience": "public", "status": "open",
        "history": [{"status": "open", "reviewer": "alice", "time": TIME, "why": "why"}],
    })
}

fn note(number: u32, kind: &str) -> Value {
    json!({
        "id": id(100 + number), "number": number, "reviewer": "alice", "commit": COMMIT, "kind": kind,
        "text": "txt", "location": location(),
    })
}

fn reply(number: u32, parent: &str) -> Value {
    json!({
        "id": id(200 + number), "parent": parent, "reviewer": "alice", "voice": "opinion", "text": "rpl",
    })
}

/// Events of every kind, each with all its fields.
fn events() -> Vec<Value> {
    let sweep = json!({
        "id": id(300), "number": 1, "reviewer": "alice", "name": "nam", "query": "qry", "commit": COMMIT,
        "hits": 2, "list": DIGEST,
    });
    let search =
        json!({"commit": COMMIT, "query": "qry", "lines": 1, "files": 1, "not_searched": 0});
    let hit = json!({"path": "src/a.c", "blob": BLOB, "line": 8});
    let export =
        json!({"number": 1, "manifest": DIGEST, "key": KEY, "exported": true, "why": "wyx"});
    let span = json!({"start": 8, "end": 9});
    vec![
        json!({"type": "snapshot-added", "commit": COMMIT, "tree": TREE, "policy": DIGEST}),
        json!({"type": "finding-added", "finding": finding(1)}),
        json!({"type": "finding-changed", "finding": finding(1)}),
        json!({"type": "finding-added", "finding": finding(2)}),
        json!({"type": "finding-deleted", "finding": id(9)}),
        json!({"type": "status-changed", "finding": id(1), "status": "accepted", "why": "why"}),
        json!({"type": "note-added", "note": note(1, "question")}),
        json!({"type": "note-added", "note": note(2, "remark")}),
        json!({"type": "note-changed", "note": note(1, "question")}),
        json!({"type": "note-deleted", "note": id(109)}),
        json!({"type": "reply-added", "reply": reply(1, &id(1))}),
        json!({"type": "reply-added", "reply": reply(2, &id(101))}),
        json!({"type": "reply-deleted", "reply": id(209)}),
        json!({"type": "sweep-added", "sweep": sweep}),
        json!({"type": "sweep-deleted", "sweep": id(309)}),
        json!({"type": "judged", "sweep": id(300), "hits": [hit], "ruling": "finding", "item": id(1)}),
        json!({"type": "searched", "search": search}),
        json!({"type": "policy-changed", "machine": DIGEST, "review": DIGEST, "policy": DIGEST}),
        json!({"type": "marked", "blob": BLOB, "path": "src/a.c", "span": span, "reviewed": true}),
        json!({"type": "marked-whole", "blob": BLOB, "path": "src/a.c", "whole": "file", "reviewed": true}),
        json!({"type": "shown", "blob": BLOB, "path": "src/a.c", "spans": [span]}),
        json!({"type": "encoding-set", "blob": BLOB, "path": "src/a.c", "encoding": "gb18030"}),
        json!({"type": "undone", "entry": id(999)}),
        json!({"type": "redone", "entry": id(999)}),
        json!({"type": "export-begun", "number": 1, "manifest": DIGEST, "lines": [{"blob": BLOB, "spans": [span]}]}),
        json!({"type": "exported", "export": export}),
    ]
}

/// Numbers the kinds of events: a new one does not compile until it is in the fixture too.
fn kind(event: &Event) -> usize {
    match event {
        Event::SnapshotAdded { .. } => 0,
        Event::FindingAdded { .. } => 1,
        Event::FindingChanged { .. } => 2,
        Event::FindingDeleted { .. } => 3,
        Event::StatusChanged { .. } => 4,
        Event::NoteAdded { .. } => 5,
        Event::NoteChanged { .. } => 6,
        Event::NoteDeleted { .. } => 7,
        Event::ReplyAdded { .. } => 8,
        Event::ReplyDeleted { .. } => 9,
        Event::SweepAdded { .. } => 10,
        Event::SweepDeleted { .. } => 11,
        Event::Judged { .. } => 12,
        Event::Searched { .. } => 13,
        Event::PolicyChanged { .. } => 14,
        Event::Marked { .. } => 15,
        Event::Shown { .. } => 16,
        Event::EncodingSet { .. } => 17,
        Event::Undone { .. } => 18,
        Event::Redone { .. } => 19,
        Event::ExportBegun { .. } => 20,
        Event::Exported { .. } => 21,
        Event::MarkedWhole { .. } => 22,
    }
}
const KINDS: usize = 23;

fn entries() -> Vec<Value> {
    let entry = |(at, event): (usize, Value)| {
        json!({
            "id": id(1000 + at as u32), "seq": at + 1, "time": TIME, "reviewer": "alice",
            "prev": DIGEST, "event": event,
        })
    };
    events().into_iter().enumerate().map(entry).collect()
}

/// What a bundle says that is in no ledger.
#[derive(Clone)]
struct Own {
    reviewer: String,
    review: String,
    label: String,
    data_folder: String,
    reason: String,
    version: String,
    digest: String,
    confinement: String,
}

impl Own {
    fn new() -> Self {
        Self {
            reviewer: "alice".into(),
            review: "acme-12345678".into(),
            label: "Lab".into(),
            data_folder: "/data".into(),
            reason: "rsn".into(),
            version: "0.1.0".into(),
            digest: DIGEST.into(),
            confinement: "none".into(),
        }
    }

    /// Each value under its name.
    fn fields(&mut self) -> [(&'static str, &mut String); 8] {
        let Self {
            reviewer,
            review,
            label,
            data_folder,
            reason,
            version,
            digest,
            confinement,
        } = self;
        [
            ("reviewer", reviewer),
            ("name", review),
            ("label", label),
            ("data folder", data_folder),
            ("reason", reason),
            ("version", version),
            ("digest", digest),
            ("confinement", confinement),
        ]
    }
}

/// Reads entries and chains them; nothing if one cannot be read.
fn ledger(entries: &[Value]) -> Option<(Vec<u8>, Vec<Entry>)> {
    let (mut bytes, mut read, mut prev) = (Vec::new(), Vec::new(), Digest::ZERO);
    for entry in entries {
        let mut entry: Entry = serde_json::from_value(entry.clone()).ok()?;
        entry.prev = prev;
        let line = serde_json::to_vec(&entry).unwrap();
        prev = Digest::of(&line);
        bytes.extend(line);
        bytes.push(b'\n');
        read.push(entry);
    }
    Some((bytes, read))
}

fn delivery() -> Delivery {
    serde_json::from_value(json!({
        "commit": COMMIT, "tree": TREE, "object_format": "sha1", "complete": true, "shallow": false, "entries": 2,
        "files": 2, "symlinks": 0, "submodules": 0, "bytes": 10, "lines": 30,
        "languages": [{"name": "C", "files": 1, "lines": 30}],
        "not_searched": [{"path": "x.bin", "reason": "too-large", "bytes": 9}],
        "not_in_snapshot": {"modified": 0, "untracked": 0},
        "vendor_influence": [{"path": ".gitattributes", "kind": "attributes"}],
        "flags": [{"path": "src/a.c", "line": 2, "flag": "bidi", "codepoints": ["U+202E"]}],
    }))
    .unwrap()
}

/// Renders ledgers by name. The delivery holds what the fixture names, and nothing else.
fn rendered(ledgers: &[(&str, &[Value])], own: &Own) -> Option<Rendered> {
    let (_, known) = ledger(&entries()).unwrap();
    let delivered = DeliveredNames::named_by(&known).all_delivered();
    let read: Vec<_> = ledgers
        .iter()
        .map(|(_, entries)| ledger(entries))
        .collect::<Option<_>>()?;
    let review = Review::fold(&read.iter().flat_map(|(_, e)| e.clone()).collect::<Vec<_>>());
    let inputs: Vec<LedgerInput<'_>> = ledgers
        .iter()
        .zip(&read)
        .map(|((reviewer, _), (bytes, entries))| LedgerInput {
            reviewer,
            bytes,
            entries,
        })
        .collect();
    let policy = Policy {
        label: own.label.clone(),
        data_folder: own.data_folder.clone(),
        coverage: CoverageDetail::Range,
        ..Policy::default()
    };
    let coverage: [FileCoverage; 0] = [];
    Some(render(&BundleInput {
        review: &review,
        ledgers: &inputs,
        delivery: &delivery(),
        delivered: &delivered,
        policy: &policy,
        policy_files: (None, None),
        coverage: &coverage,
        excerpts: &[],
        number: 1,
        previous: None,
        reviewer: &own.reviewer,
        review_name: &own.review,
        program: Program {
            version: &own.version,
            digest: &own.digest,
        },
        confinement: &own.confinement,
        audience: Audience::Agency,
        reason: &own.reason,
        folders: &[],
        located: &LocatedFacts::new(),
        rendering: RENDERING,
    }))
}

/// Returns the position of every string in a JSON value.
fn strings(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(list) => {
            for (i, value) in list.iter().enumerate() {
                strings(value, &format!("{at}/{i}"), found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                strings(value, &format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// Returns the entries with one string replaced.
fn replaced(entries: &[Value], nth: usize, at: &str, with: &str) -> Vec<Value> {
    let mut entries = entries.to_vec();
    *entries[nth].pointer_mut(at).unwrap() = with.into();
    entries
}

/// Every string of every entry: number of the entry, and position.
fn all_strings(entries: &[Value]) -> Vec<(usize, String)> {
    let mut all = Vec::new();
    for (nth, entry) in entries.iter().enumerate() {
        let mut found = Vec::new();
        strings(entry, "", &mut found);
        all.extend(found.into_iter().map(|at| (nth, at)));
    }
    all
}

/// Checks that every file with a canary in its bytes or in its name lists it, and that the gate names each of these
/// files. Returns what the texts are said to be.
fn is_seen(vendor: &Vendor, bundle: &Rendered, what: &str) -> BTreeSet<String> {
    let has = |text: &str| text.to_lowercase().contains(CANARY);
    let files = bundle.files.iter();
    let holding: BTreeSet<&str> = files
        .filter(|(name, bytes)| has(name) || has(&String::from_utf8_lossy(bytes)))
        .map(|(name, _)| name.as_str())
        .collect();
    let typed: Vec<Typed> = bundle
        .typed
        .iter()
        .filter(|t| has(&t.text))
        .cloned()
        .collect();
    let listed: BTreeSet<&str> = typed.iter().map(|t| t.file.as_str()).collect();
    assert_eq!(
        holding, listed,
        "{what}: the files that hold it, and those that list it"
    );
    let verdict = vendor.judge(&typed);
    // A text that leaves in several files is one overlap.
    let files = |o: &'_ Overlap| -> Vec<String> {
        let also = o.also.iter().map(|other| other.file.clone());
        also.chain([o.file.clone()]).collect()
    };
    let caught: BTreeSet<String> = verdict.overlaps.iter().flat_map(files).collect();
    let holding: BTreeSet<String> = holding.into_iter().map(str::to_owned).collect();
    assert_eq!(
        holding, caught,
        "{what}: the files that hold it, and those that the gate names"
    );
    typed.into_iter().map(|t| t.what).collect()
}

#[test]
fn the_fixture_holds_every_kind_of_event() {
    let (_, entries) = ledger(&entries()).unwrap();
    let kinds: BTreeSet<usize> = entries.iter().map(|entry| kind(&entry.event)).collect();
    assert_eq!(kinds, (0..KINDS).collect());
}

#[test]
fn the_gate_sees_a_canary_in_every_field_of_every_event() {
    let vendor = Vendor::of(&[LINE.to_owned()]);
    let entries = entries();
    let plain = rendered(&[("alice", &entries)], &Own::new()).unwrap();
    assert!(
        !vendor.judge(&plain.typed).blocked,
        "the control: there is no canary"
    );
    assert!(is_seen(&vendor, &plain, "the control").is_empty());
    let (mut closed, mut stays, mut seen) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (nth, at) in all_strings(&entries) {
        let field = format!("{}{at}", entries[nth]["event"]["type"].as_str().unwrap());
        let changed = replaced(&entries, nth, &at, LINE);
        let Some(bundle) = rendered(&[("alice", &changed)], &Own::new()) else {
            closed.insert(field);
            continue;
        };
        let what = is_seen(&vendor, &bundle, &field);
        if what.is_empty() {
            stays.insert(field);
        } else {
            seen.insert((field, what));
        }
    }
    println!("closed by type: {closed:#?}\nin no bundle: {stays:#?}\nseen by the gate: {seen:#?}");
    // Searches are withheld; of two findings and two notes one was changed later, and its first form is withheld.
    let named = |field: &str| seen.iter().any(|(f, _)| f.ends_with(field));
    for field in [
        "/title",
        "/statement",
        "/consequence",
        "/confirm",
        "/exploit",
        "/recommendation",
        "/label",
        "/symbol",
        "/path",
        "/version",
        "/clause",
        "/why",
        "/text",
        "/name",
        "/query",
        "/key",
        "/time",
        "/reviewer",
    ] {
        assert!(named(field), "{field}");
    }
    let is_seen = |field: &String| seen.iter().any(|(known, _)| known == field);
    let mut never = stays.iter().filter(|field| !is_seen(field));
    assert!(
        never.all(|field| field.starts_with("searched/")),
        "{stays:#?}"
    );
    assert!(
        closed.len() > 40 && seen.len() > 60,
        "{} {}",
        closed.len(),
        seen.len()
    );
}

#[test]
fn the_gate_sees_a_canary_in_what_the_bundle_says_itself() {
    let vendor = Vendor::of(&[LINE.to_owned()]);
    let entries = entries();
    for at in 0..8 {
        let mut own = Own::new();
        let mut fields = own.fields();
        let (name, value) = &mut fields[at];
        let name = *name;
        **value = if name == "reviewer" { NAME } else { LINE }.to_owned();
        let bundle = rendered(&[("alice", &entries)], &own).unwrap();
        let what = is_seen(&vendor, &bundle, name);
        assert!(
            !what.is_empty() && what.iter().all(|w| w.ends_with(name)),
            "{what:?}"
        );
    }
    // The name of a ledger is the name of a file, and the principal of a signature.
    let bundle = rendered(&[(NAME, &entries)], &Own::new()).unwrap();
    let what = is_seen(&vendor, &bundle, "the name of a ledger");
    assert!(
        what.contains("bundle reviewer") && what.contains("bundle ledger"),
        "{what:?}"
    );
}

#[test]
fn names_that_spell_a_line_together_are_seen() {
    let line =
        "static unsigned int session_parse_header(struct reorder_ring *ring, size_t watermark)";
    let vendor = Vendor::of(&[line.to_owned()]);
    // The ledgers are given in the order of the line, whatever order a folder would list them in.
    let words = line.split(|c: char| !c.is_ascii_alphanumeric());
    let names: Vec<String> = words.filter(|w| !w.is_empty()).map(str::to_owned).collect();
    assert!(names.len() > 9 && names.iter().all(|n| n.len() < 12));
    let none: &[Value] = &[];
    let ledgers: Vec<(&str, &[Value])> = names.iter().map(|n| (n.as_str(), none)).collect();
    let bundle = rendered(&ledgers, &Own::new()).unwrap();
    let verdict = vendor.judge(&bundle.typed);
    let is_name = |what: &str| what.ends_with("reviewer") || what.ends_with("ledger");
    assert!(
        verdict.overlaps.iter().any(|o| is_name(&o.what)),
        "{:?}",
        verdict.overlaps
    );
    // The control: half of them say nothing of the vendor's.
    let bundle = rendered(&ledgers[..4], &Own::new()).unwrap();
    assert!(!vendor.judge(&bundle.typed).blocked);
}

/// The bytes of every file with what must differ taken out: free texts that are listed for the file, and digests.
fn skeleton(bundle: &Rendered, is_listed: impl Fn(&Typed) -> bool) -> Vec<(String, String)> {
    let digest = regex::Regex::new("[0-9a-f]{64}").unwrap();
    let one = |(name, bytes): &(String, Vec<u8>)| {
        let typed = bundle
            .typed
            .iter()
            .filter(|t| t.file == *name && is_listed(t));
        // Markdown escapes the sign between scheme and version, and JSON holds both apart.
        let parts = |t: &'_ Typed| -> Vec<String> {
            let is_reference = t.what.ends_with(" reference");
            let cut = |c| is_reference && matches!(c, '@' | ' ');
            t.text.split(cut).map(str::to_owned).collect()
        };
        let mut texts: Vec<String> = typed.flat_map(parts).collect();
        // The longest first: a text may hold a shorter one.
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        let mut text = String::from_utf8(bytes.clone()).unwrap();
        for typed in texts {
            text = text.replace(&typed, "\u{25a1}");
        }
        (name.clone(), digest.replace_all(&text, "#").into_owned())
    };
    bundle.files.iter().map(one).collect()
}

/// Replaces every string that the program still reads by a word of its own, which begins with `head`.
fn all_replaced(head: &str) -> (Vec<Value>, Own) {
    let plain = entries();
    let mut changed = plain.clone();
    for (count, (nth, at)) in all_strings(&plain).into_iter().enumerate() {
        let word = format!("{head}{count:04}x");
        // A finding's reviewer is part of its number.
        if ledger(&replaced(&plain, nth, &at, &word)).is_some() && at != "/reviewer" {
            *changed[nth].pointer_mut(&at).unwrap() = word.into();
        }
    }
    let mut own = Own::new();
    for (at, (_, value)) in own.fields().into_iter().enumerate() {
        *value = format!("{head}{at}own");
    }
    (changed, own)
}

#[test]
fn all_that_depends_on_free_text_is_listed() {
    let bundles = ["alpha", "bravo"].map(|head| {
        let (entries, own) = all_replaced(head);
        rendered(&[(&format!("{head}z"), &entries)], &own).unwrap()
    });
    let differing = |is_listed: fn(&Typed) -> bool| {
        let [one, two] = bundles.each_ref().map(|bundle| skeleton(bundle, is_listed));
        assert_eq!(one.len(), two.len());
        let mut lines = Vec::new();
        for ((file, one), (_, two)) in one.iter().zip(&two) {
            let pairs = one.lines().zip(two.lines());
            let odd = pairs.filter(|(one, two)| one != two);
            lines.extend(odd.map(|(one, two)| format!("{file}: {one}\n{file}: {two}")));
            assert_eq!(one.lines().count(), two.lines().count(), "{file}");
        }
        lines
    };
    let odd = differing(|_| true);
    assert!(odd.is_empty(), "not listed:\n{}", odd.join("\n"));
    // The controls: one field after another is left out of the list, and each is missed.
    let dropped: [fn(&Typed) -> bool; 8] = [
        |t| !t.what.ends_with(" reference"),
        |t| !t.what.ends_with(" reviewer"),
        |t| !t.what.ends_with(" symbol"),
        |t| !t.what.ends_with(" path"),
        |t| !t.what.ends_with(" label"),
        |t| !t.what.ends_with(" time"),
        |t| t.what != "review name" || t.file != "README.txt",
        |t| t.what != "bundle confinement",
    ];
    for (at, is_listed) in dropped.into_iter().enumerate() {
        assert!(!differing(is_listed).is_empty(), "the control {at}");
    }
}
