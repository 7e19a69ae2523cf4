//! The closed grammars of a bundle: what a value may be that is no free text. And what is free text although its field
//! has no reader who would mind: names of symbols and paths, which only a snapshot can confirm.

use super::super::Problem;
use super::facts::{BundleFacts, LARGEST_COUNT};
use super::problem;
use crate::model::{
    CoverageDetail, Entry, Event, Finding, Location, Note, RepoPath, StatusChange, Typed,
    is_symbol_name,
};
use std::collections::BTreeSet;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Longest path in bytes: that of Linux.
const LONGEST_PATH: usize = 4096;

/// Returns whether a text is a time as ledgers have it: RFC 3339 in UTC.
pub fn is_time(text: &str) -> bool {
    text.len() <= 30
        && text.ends_with('Z')
        && text.as_bytes().get(10) == Some(&b'T')
        && OffsetDateTime::parse(text, &Rfc3339).is_ok()
}

/// Returns whether a text can be a reviewer's name.
pub fn is_reviewer(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'@' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(allowed)
}

/// Returns whether a text is a word of the program's own tables, such as the name of a language.
fn is_word(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " +#-_./'()*".contains(c);
    (1..=40).contains(&text.len()) && text.chars().all(allowed)
}

fn is_path(path: &RepoPath) -> bool {
    path.as_bytes().len() <= LONGEST_PATH
}

const BAD_TIME: &str = "holds a time that is none";
const BAD_NAME: &str = "holds a reviewer's name that is none";
const BAD_PATH: &str = "holds a path that is too long";

/// Returns what is wrong with the values of an entry whose grammar is closed.
pub fn entry_problem(entry: &Entry) -> Option<&'static str> {
    if !is_time(&entry.time) {
        return Some(BAD_TIME);
    }
    if !is_reviewer(&entry.reviewer) {
        return Some(BAD_NAME);
    }
    match &entry.event {
        Event::FindingAdded { finding } | Event::FindingChanged { finding } => {
            finding_problem(finding)
        }
        Event::NoteAdded { note } | Event::NoteChanged { note } => note_problem(note),
        Event::ReplyAdded { reply } => (!is_reviewer(&reply.reviewer)).then_some(BAD_NAME),
        Event::SweepAdded { sweep } => (!is_reviewer(&sweep.reviewer)).then_some(BAD_NAME),
        Event::Judged { hits, .. } => hits
            .iter()
            .any(|hit| !is_path(&hit.path))
            .then_some(BAD_PATH),
        Event::Marked { path, .. }
        | Event::MarkedWhole { path, .. }
        | Event::Shown { path, .. }
        | Event::EncodingSet { path, .. } => (!is_path(path)).then_some(BAD_PATH),
        _ => None,
    }
}

fn finding_problem(finding: &Finding) -> Option<&'static str> {
    if !finding.locations.iter().all(|l| is_path(&l.anchor.path)) {
        return Some(BAD_PATH);
    }
    if !is_reviewer(&finding.reviewer) {
        return Some(BAD_NAME);
    }
    history_problem(&finding.history)
}

fn note_problem(note: &Note) -> Option<&'static str> {
    if !is_path(&note.location.anchor.path) {
        return Some(BAD_PATH);
    }
    (!is_reviewer(&note.reviewer)).then_some(BAD_NAME)
}

fn history_problem(history: &[StatusChange]) -> Option<&'static str> {
    if !history.iter().all(|h| is_time(&h.time)) {
        return Some(BAD_TIME);
    }
    let is_named = history.iter().all(|h| is_reviewer(&h.reviewer));
    (!is_named).then_some(BAD_NAME)
}

/// Returns what is wrong with the values of the documents whose grammar is closed.
pub fn document_problems(facts: &BundleFacts) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut wrong = |file: &str, what: &str| problems.push(problem(file, what.to_owned()));
    let stated = &facts.statement.predicate;
    let names = [&stated.reviewer].into_iter();
    let names = names.chain(stated.ledgers.iter().map(|l| &l.reviewer));
    if !names.into_iter().all(|name| is_reviewer(name)) {
        wrong("bundle.json", BAD_NAME);
    }
    let program = &stated.program;
    let is_digest = |text: &str| {
        text.is_empty() || (text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    if !is_word(&program.version) || !is_digest(&program.sha256) {
        wrong("bundle.json", "names a program that is none");
    }
    let delivery = &facts.delivery;
    let counts = [
        delivery.entries,
        delivery.files,
        delivery.symlinks,
        delivery.submodules,
        delivery.lines,
    ];
    let languages = delivery.languages.iter();
    let counts = counts
        .into_iter()
        .chain(languages.flat_map(|l| [l.files, l.lines]));
    if counts.into_iter().any(|count| count > LARGEST_COUNT) {
        wrong("snapshot.json", "holds a number that counts nothing");
    }
    let words = delivery.languages.iter().map(|l| &l.name);
    let words = words.chain(delivery.vendor_influence.iter().map(|i| &i.kind));
    let is_format = matches!(delivery.object_format.as_str(), "sha1" | "sha256");
    if !is_format || !words.into_iter().all(|word| is_word(word)) {
        wrong(
            "snapshot.json",
            "holds a word that this program does not write",
        );
    }
    let is_code = |code: &String| {
        code.strip_prefix("U+").is_some_and(|digits| {
            (4..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit())
        })
    };
    if !delivery
        .flags
        .iter()
        .flat_map(|f| &f.codepoints)
        .all(is_code)
    {
        wrong("snapshot.json", "holds a character's number that is none");
    }
    let sweeps = facts.sweeps.sweeps.iter();
    let judges = sweeps.flat_map(|s| s.verdicts.iter().map(|v| &v.reviewer));
    if !judges.into_iter().all(|name| is_reviewer(name)) {
        wrong("sweeps.json", BAD_NAME);
    }
    for finding in &facts.findings.findings {
        let problem = history_problem(&finding.history);
        let name = (!is_reviewer(&finding.reviewer)).then_some(BAD_NAME);
        if let Some(what) = problem.or(name) {
            wrong("findings.json", what);
        }
    }
    if !facts
        .findings
        .notes
        .iter()
        .all(|n| is_reviewer(&n.reviewer))
    {
        wrong("findings.json", BAD_NAME);
    }
    let mut loose = LooseText::default();
    loose.add_documents(facts);
    if !loose.paths.iter().all(is_path) {
        wrong("", "a document holds a path that is too long");
    }
    problems
}

/// Returns the ids that an entry makes known.
pub fn ids_of(entry: &Entry) -> Vec<String> {
    let mut ids = vec![entry.id.to_string()];
    match &entry.event {
        Event::Exported { export } => {
            ids.extend([export.manifest.to_string(), export.key.clone()]);
        }
        Event::SnapshotAdded { policy, .. } => ids.push(policy.to_string()),
        Event::FindingAdded { finding } | Event::FindingChanged { finding } => {
            ids.push(finding.id.to_string());
        }
        Event::NoteAdded { note } | Event::NoteChanged { note } => ids.push(note.id.to_string()),
        _ => {}
    }
    ids
}

/// Values that nobody types and that are free text all the same as long as no snapshot confirms them.
#[derive(Default)]
pub struct LooseText {
    pub texts: Vec<Typed>,
    pub paths: BTreeSet<RepoPath>,
}

impl LooseText {
    fn say(&mut self, file: &str, line: u64, what: &str, text: &str) {
        if !text.is_empty() {
            self.texts.push(Typed {
                file: file.to_owned(),
                line,
                text: text.to_owned(),
                what: what.to_owned(),
            });
        }
    }

    fn symbol(&mut self, file: &str, line: u64, symbol: Option<&String>) {
        if let Some(symbol) = symbol.filter(|symbol| !is_symbol_name(symbol)) {
            self.say(file, line, "symbol", symbol);
        }
    }

    /// Adds what the documents hold.
    pub fn add_documents(&mut self, facts: &BundleFacts) {
        let stated = &facts.statement.predicate;
        self.say("bundle.json", 1, "confinement", &stated.confinement);
        let delivery = &facts.delivery;
        for language in &delivery.languages {
            self.say("snapshot.json", 1, "language", &language.name);
        }
        for influence in &delivery.vendor_influence {
            self.say("snapshot.json", 1, "influence", &influence.kind);
        }
        self.paths
            .extend(delivery.not_searched.iter().map(|n| n.path.clone()));
        self.paths
            .extend(delivery.searched_as_bytes.iter().map(|s| s.path.clone()));
        self.paths
            .extend(delivery.vendor_influence.iter().map(|i| i.path.clone()));
        self.paths
            .extend(delivery.flags.iter().map(|f| f.path.clone()));
        let rows = facts.coverage.iter().map(|row| &row.path);
        if facts.policy.coverage == CoverageDetail::Directory {
            self.paths
                .extend(rows.map(|path| RepoPath::new(path.folder())));
        } else {
            self.paths.extend(rows.cloned());
        }
        self.paths
            .extend(facts.folders.iter().map(|folder| folder.path.clone()));
        let verdicts = facts.sweeps.sweeps.iter().flat_map(|s| &s.verdicts);
        self.paths.extend(verdicts.filter_map(|v| v.path.clone()));
        self.paths
            .extend(facts.excerpts.iter().filter_map(|e| e.path.clone()));
        let findings = facts.findings.findings.iter().flat_map(|f| &f.locations);
        let notes = facts.findings.notes.iter().map(|n| &n.location);
        for location in findings.chain(notes) {
            self.paths.extend(location.path.clone());
            self.symbol("findings.json", 1, location.symbol.as_ref());
        }
    }

    /// Adds what an entry holds.
    pub fn add_entry(&mut self, entry: &Entry, file: &str, line: u64) {
        let mut locations = |all: &[Location]| {
            for location in all {
                self.paths.insert(location.anchor.path.clone());
                self.symbol(file, line, location.anchor.symbol.as_ref());
            }
        };
        match &entry.event {
            Event::FindingAdded { finding } | Event::FindingChanged { finding } => {
                locations(&finding.locations);
            }
            Event::NoteAdded { note } | Event::NoteChanged { note } => {
                locations(std::slice::from_ref(&note.location));
            }
            Event::Judged { hits, .. } => {
                self.paths.extend(hits.iter().map(|hit| hit.path.clone()));
            }
            _ => {}
        }
    }
}
