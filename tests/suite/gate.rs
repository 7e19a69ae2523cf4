//! The gate on many texts: disguised lines, random cases against a naive search, planted runs, paragraphs that must
//! pass. The long forms run on a repository that `GLASSROOM_GATE_TREE` names, and more often; see [`LONG`].

use crate::support::disguise::{Disguise, OPEN, UNDONE};
use crate::support::vendor::{Chance, Vendor, caught, own_letters, typed};
use crate::support::{read, skip};
use glassroom::model::{Overlap, Rule, Typed};
use std::collections::BTreeSet;

/// Set to anything, it makes the tests of this file thorough.
const LONG: &str = "GLASSROOM_GATE_LONG";
/// Lines that are disguised in each way; the quick form takes every fifth of them.
const LINES: usize = 300;
/// Letters of its own that a line has, or has with those after it, in the demo and in a real tree. Idioms of the language are free as
/// they are written, so that no disguise of them can matter; this much is none. What is common in a tree is not in the demo.
const OWN_LETTERS: [usize; 2] = [40, 100];
/// Letters of its own that a planted run has.
const OWN_LETTERS_OF_RUN: usize = 50;
/// Texts that are judged together; they are not joined with each other.
const BATCH: usize = 100;

fn is_long() -> bool {
    std::env::var_os(LONG).is_some()
}

/// Returns whether a line is code, by a rule simpler than the gate's: two marks that prose does not have, three words
/// and room for something to be said. What has no space may be a path of the snapshot, which is free.
fn is_code(line: &str) -> bool {
    let marks = line.bytes().filter(|b| b";{}=[]<>".contains(b)).count();
    let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let letters = line.bytes().filter(u8::is_ascii_alphabetic).count();
    (12..200).contains(&line.len())
        && line.bytes().all(|b| matches!(b, b'\t' | b' '..=b'~'))
        && line.contains(' ')
        && marks >= 2
        && words.filter(|w| !w.is_empty()).count() >= 3
        && letters >= 10
}

/// Returns which of the lines are caught in a disguise, counting the overlaps that satisfy a condition.
fn catches(vendor: &Vendor, lines: &[String], disguise: &Disguise) -> [BTreeSet<usize>; 2] {
    let mut chance = Chance::new(7);
    let items = lines.iter().enumerate().map(|(i, line)| {
        let texts = (disguise.1)(line, &mut chance).into_iter();
        texts.map(|text| typed(i, text)).collect()
    });
    let compares = |o: &Overlap| matches!(o.rule, Rule::Run32 | Rule::Line | Rule::Disguise);
    let mut out = [BTreeSet::new(), BTreeSet::new()];
    for verdict in vendor.judge_items(items) {
        out[0].extend(caught(&verdict, |o| o.rule != Rule::CodeRun));
        out[1].extend(caught(&verdict, compares));
    }
    out
}

/// Prints how many lines are caught in each way, and returns what was missed.
fn table(vendor: &Vendor, lines: &[String], title: &str, ways: &[Disguise]) -> Vec<String> {
    let mut missed = Vec::new();
    println!(
        "\n{title:<34} {:>7} {:>12} of {}",
        "blocked",
        "by comparing",
        lines.len()
    );
    for way in ways {
        let [blocked, compared] = catches(vendor, lines, way);
        println!("{:<34} {:>7} {:>12}", way.0, blocked.len(), compared.len());
        let gone = (0..lines.len()).filter(|i| !blocked.contains(i));
        missed.extend(gone.map(|i| format!("{}: {}", way.0, lines[i])));
    }
    missed
}

fn disguises(vendor: &Vendor, own_letters: usize) {
    let all = if is_long() { LINES } else { LINES / 5 };
    let lines = vendor.stretches(all, &mut Chance::new(1), own_letters, is_code);
    assert_eq!(lines.len(), all, "the vendor has too little code");
    let control: Disguise = ("prose alone", |_, _| {
        vec!["The place in question reads:\n\nand that is all of it.".to_owned()]
    });
    assert_eq!(catches(vendor, &lines, &control)[0].len(), 0, "the control");
    let missed = table(vendor, &lines, "disguise", UNDONE);
    table(vendor, &lines, "open", OPEN);
    assert!(
        missed.is_empty(),
        "{} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[test]
fn lines_are_caught_in_every_disguise() {
    disguises(&Vendor::demo(), OWN_LETTERS[0]);
}

#[test]
fn lines_of_a_real_tree_are_caught_in_every_disguise() {
    if let Some(vendor) = Vendor::tree("the disguises") {
        disguises(&vendor, OWN_LETTERS[1]);
    }
}

fn paragraphs(vendor: &Vendor) -> Verdicts {
    let text = read("tests/data/paragraphs.txt");
    let texts: Vec<Typed> = text
        .lines()
        .enumerate()
        .map(|(i, line)| typed(i, line))
        .collect();
    assert!(texts.len() >= 300);
    let verdict = vendor.judge(&texts);
    let describe = |o: &Overlap| {
        let at = o.path.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {} {at}:{}", o.file, o.rule.word(), o.at.unwrap_or(0))
    };
    Verdicts {
        all: texts.len(),
        blocked: caught(&verdict, |o| o.rule != Rule::CodeRun),
        stopped: caught(&verdict, |o| o.rule == Rule::CodeRun),
        told: verdict.overlaps.iter().map(describe).collect(),
    }
}

struct Verdicts {
    all: usize,
    blocked: BTreeSet<usize>,
    stopped: BTreeSet<usize>,
    told: Vec<String>,
}

fn paragraphs_pass(vendor: &Vendor) {
    let verdicts = paragraphs(vendor);
    let (files, bytes) = vendor.size();
    println!(
        "{} paragraphs against {files} texts of {} MB: {} blocked, {} stopped\n{}",
        verdicts.all,
        bytes / 1_000_000,
        verdicts.blocked.len(),
        verdicts.stopped.len(),
        verdicts.told.join("\n")
    );
    // One in two hundred.
    assert!(verdicts.blocked.len() * 200 <= verdicts.all);
}

#[test]
fn paragraphs_of_findings_pass() {
    paragraphs_pass(&Vendor::demo());
    // The control: a vendor who has one of them in a comment.
    let copied = read("tests/data/paragraphs.txt")
        .lines()
        .nth(3)
        .unwrap()
        .to_owned();
    let vendor = Vendor::of(&[format!("/* {copied} */")]);
    assert_eq!(paragraphs(&vendor).blocked, BTreeSet::from([3]));
}

#[test]
fn paragraphs_of_findings_pass_a_real_tree() {
    if let Some(vendor) = Vendor::tree("the paragraphs") {
        paragraphs_pass(&vendor);
    }
}

/// The rules as they read, with no table: every stretch is compared with every other. What says little may be free as an
/// idiom; so there are two answers, one without such lines and short runs and one with all.
struct Naive {
    letters: Vec<Vec<u8>>,
    /// Lines with two marks of code, looked for anywhere, and whether they say much.
    lines: Vec<(Vec<u8>, bool)>,
    /// Lines of three words, looked for as a line: those that cannot be idioms, and all.
    worded: [BTreeSet<Vec<u8>>; 2],
}

/// Letters of a run that says much, whatever its words are.
const HEAVY: usize = 60;

fn letters(text: &str) -> Vec<u8> {
    let letters = text.bytes().filter(u8::is_ascii_alphanumeric);
    letters.map(|b| b.to_ascii_lowercase()).collect()
}

fn ink_of(text: &str) -> Vec<u8> {
    let ink = text.bytes().filter(|b| !b.is_ascii_whitespace());
    ink.map(|b| b.to_ascii_lowercase()).collect()
}

/// Returns whether a line says more than an idiom may: each different word of three letters or more says its letters.
fn says_much(line: &str) -> bool {
    let words: BTreeSet<&str> = line.split(|c: char| !c.is_alphanumeric()).collect();
    let words = words.iter().filter(|w| w.len() >= 3);
    words.map(|w| w.len()).sum::<usize>() > 34
}

impl Naive {
    fn new(vendor: &[String]) -> Self {
        let is_long = |line: &&str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.join(" ").len() >= 12
        };
        let words = |line: &str| {
            let words = line.split(|c: char| !c.is_alphanumeric());
            words.filter(|w| !w.is_empty()).count()
        };
        let has_marks = |line: &&str| line.bytes().filter(|b| b";={}".contains(b)).count() >= 2;
        let lines = || vendor.iter().flat_map(|t| t.lines()).filter(is_long);
        let is_code = |line: &&str| has_marks(line) && letters(line).len() > 2 && words(line) > 1;
        Self {
            letters: vendor.iter().map(|text| letters(text)).collect(),
            lines: lines()
                .filter(is_code)
                .map(|line| (ink_of(line), says_much(line)))
                .collect(),
            worded: [true, false].map(|is_prose| {
                let lines = lines().filter(|line| words(line) >= 3);
                lines
                    .filter(|line| !is_prose || !line.contains([';', '=', '{', '}']))
                    .map(ink_of)
                    .collect()
            }),
        }
    }

    /// Returns whether a text must be blocked, and whether it may be.
    fn blocks(&self, text: &str) -> (bool, bool) {
        let (ours, ink) = (letters(text), ink_of(text));
        let holds = |all: &[u8], part: &[u8]| all.windows(part.len()).any(|w| w == part);
        let has_run = |len: usize| {
            let mut runs = ours.windows(len);
            runs.any(|run| self.letters.iter().any(|theirs| holds(theirs, run)))
        };
        let is_worded = |at: usize| {
            let mut lines = text.lines();
            lines.any(|line| self.worded[at].contains(&ink_of(line)))
        };
        let has_line = |is_heavy: bool| {
            let mut lines = self.lines.iter().filter(|(_, much)| *much || !is_heavy);
            lines.any(|(line, _)| ink.len() >= line.len() && holds(&ink, line))
        };
        (
            has_run(HEAVY) || is_worded(0) || has_line(true),
            has_run(32) || is_worded(1) || has_line(false),
        )
    }
}

/// Text of short words and marks of code: every run of 32 touches several tokens.
fn soup(chance: &mut Chance, words: usize) -> String {
    const MARKS: [&str; 8] = [" ", " ", " ", "; ", " = ", "\n", "{\n", ", "];
    let mut out = String::new();
    for _ in 0..words {
        for _ in 0..3 + chance.below(4) {
            out.push((b'a' + chance.below(3) as u8) as char);
        }
        out.push_str(MARKS[chance.below(MARKS.len())]);
    }
    out
}

/// Copies a stretch out of a text, with other case and spacing.
fn stolen(from: &str, len: usize, chance: &mut Chance) -> String {
    let chars: Vec<char> = from.chars().collect();
    let len = len.min(chars.len());
    let at = chance.below(chars.len() - len + 1);
    let mut out = String::new();
    for c in &chars[at..at + len] {
        let c = if chance.below(4) == 0 {
            c.to_ascii_uppercase()
        } else {
            *c
        };
        out.push(if c.is_whitespace() && chance.below(3) == 0 {
            '\t'
        } else {
            c
        });
    }
    out
}

#[test]
fn random_cases_equal_a_naive_search() {
    let cases = if is_long() { 10_000 } else { 2000 };
    let mut chance = Chance::new(11);
    let (mut blocked, mut open, mut wrong) = (0, 0, Vec::new());
    for _ in 0..cases / BATCH {
        let compact: Vec<String> = (0..6).map(|_| soup(&mut chance, 40)).collect();
        // Lines that are far from each other do not add up.
        let apart = |text: &String| text.replace('\n', &"\n".repeat(12));
        let vendor: Vec<String> = compact.iter().map(apart).collect();
        let naive = Naive::new(&vendor);
        let texts: Vec<Typed> = (0..BATCH)
            .map(|i| {
                let words = chance.below(30);
                let mut text = soup(&mut chance, words);
                if chance.below(4) > 0 {
                    let len = 8 + chance.below(110);
                    let from = chance.below(compact.len());
                    text.push_str(&stolen(&compact[from], len, &mut chance));
                }
                text.push_str(&soup(&mut chance, 3));
                typed(i, text)
            })
            .collect();
        let verdict = Vendor::of(&vendor).judge(&texts);
        let found = caught(&verdict, |o| matches!(o.rule, Rule::Run32 | Rule::Line));
        for (i, text) in texts.iter().enumerate() {
            let (must, may) = naive.blocks(&text.text);
            blocked += usize::from(must);
            open += usize::from(must != may);
            let is_found = found.contains(&i);
            if must && !is_found || is_found && !may {
                wrong.push(format!("found {is_found}: {:?}\nof {vendor:?}", text.text));
            }
        }
    }
    println!(
        "{cases} cases, {blocked} of them to be blocked, {open} either way, {} wrong",
        wrong.len()
    );
    assert!(
        wrong.is_empty(),
        "{} wrong, such as {}",
        wrong.len(),
        wrong[0]
    );
    // Both answers were asked for.
    assert!((cases / 5..cases * 4 / 5).contains(&blocked), "{blocked}");
    assert!(open * 3 < cases, "{open} of {cases} show nothing");
}

fn planted(vendor: &Vendor, runs: usize) {
    let texts: Vec<&str> = vendor.texts().filter(|t| t.len() > 400).collect();
    let mut chance = Chance::new(23);
    let mut missed = Vec::new();
    let mut planted = 0;
    while planted < runs {
        let mut batch: Vec<Typed> = Vec::new();
        while batch.len() < BATCH {
            let text = texts[chance.below(texts.len())];
            let mut from = chance.below(text.len() - 200);
            let mut to = from + 40 + chance.below(140);
            while !text.is_char_boundary(from) {
                from -= 1;
            }
            while !text.is_char_boundary(to) {
                to -= 1;
            }
            let run = &text[from..to];
            // Two words of the vendor's that lie in the run whole, or it may be a single name.
            let words = run.split(|c: char| !c.is_ascii_alphanumeric() && !"_$./->:".contains(c));
            let inner = words.clone().count().saturating_sub(2);
            let whole = words.skip(1).take(inner).filter(|w| w.len() > 3);
            if letters(run).len() >= 40
                && whole.count() >= 3
                && own_letters(run) >= OWN_LETTERS_OF_RUN
            {
                let stolen = stolen(run, run.len(), &mut chance);
                let text = format!("We think that this {stolen} is not what was meant.");
                batch.push(typed(batch.len(), text));
            }
        }
        planted += batch.len();
        // A passage is named by the longest rule that finds it.
        let found = caught(&vendor.judge(&batch), |o| {
            matches!(o.rule, Rule::Run32 | Rule::Line)
        });
        let gone = batch.iter().enumerate().filter(|(i, _)| !found.contains(i));
        missed.extend(gone.map(|(_, text)| text.text.clone()));
    }
    println!("{planted} runs planted, {} missed", missed.len());
    assert!(missed.is_empty(), "{}", missed.join("\n---\n"));
}

#[test]
fn every_planted_run_is_found() {
    let runs = if is_long() { 100_000 } else { 2000 };
    if !is_long() {
        skip(&format!(
            "98,000 of 100,000 planted runs: {LONG} is not set"
        ));
    }
    planted(&Vendor::demo(), runs);
}

#[test]
fn names_paths_and_ids_pass_freely() {
    let name = "ran_session_table_lookup_by_temporary_identifier";
    let path = "src/session/control/ran_session_table_lookup.c";
    let code = format!(
        "int {name}(struct ran_session *s)\n{{\n\treturn ran_session->table->lookup.count;\n}}\n// see {path}\n"
    );
    let vendor = Vendor::of(&[code, path.to_owned()]);
    let free = format!(
        "{name}() in {path}:118-142 (blob 3b18e512dba79e4c8300dd08aeb37f8e728b8dad) trusts \
         `ran_session->table->lookup.count`, see CWE-190 (Integer Overflow or Wraparound), \
         CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H and https://cwe.mitre.org/data/definitions/190.html"
    );
    // Ids are free if the review knows them; here it knows none, so the one above is taken out.
    let without = free.replace("3b18e512dba79e4c8300dd08aeb37f8e728b8dad", "3b18e51");
    let verdict = vendor.judge(&[typed(0, without)]);
    assert_eq!(verdict.overlaps, []);
    assert!(!verdict.blocked);
    assert!(verdict.budgets[0].used >= 2, "{:?}", verdict.budgets);
    let verdict = vendor.judge(&[typed(0, free)]);
    let rules: Vec<_> = verdict.overlaps.iter().map(|o| o.rule).collect();
    assert_eq!(rules, [Rule::Opaque], "the control: nobody knows the id");
}
