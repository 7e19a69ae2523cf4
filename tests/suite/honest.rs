//! The gate and honest work: findings as reviewers write them must pass, and what lets them pass must let no code leave.
//!
//! Half of the findings were written by somebody who did not know the gate, after it was tuned ("held out"); a test prints
//! counts of them, and texts only where it is asked for.

use crate::support::vendor::{Chance, Vendor, caught, typed};
use crate::support::{read, skip};
use glassroom::model::{Overlap, Rule, Typed};
use glassroom::text::tidy_blanks;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What was reviewed, by the name of the data file.
const REVIEWED: [&str; 3] = ["open5gs", "jj", "linux"];
/// Set to anything, it lists what is found in the tuned half, with the words.
const SHOW: &str = "GLASSROOM_GATE_SHOW";

/// Returns the findings about one product, and how many of them, from the first, are the tuned half.
fn findings(product: &str) -> (Vec<String>, usize) {
    let half = |kind: &str| {
        let text = read(&format!("tests/data/findings-{product}-{kind}.txt"));
        // As the recorder takes it down.
        let line = |l: &str| tidy_blanks(&l.replace("\\n", "\n").replace("\\t", "\t")).text;
        text.lines().map(line).collect::<Vec<_>>()
    };
    let mut all = half("tuned");
    let tuned = all.len();
    all.extend(half("held-out"));
    (all, tuned)
}

fn all_findings() -> (Vec<Typed>, BTreeSet<usize>) {
    let (mut texts, mut tuned) = (Vec::new(), BTreeSet::new());
    for product in REVIEWED {
        let (all, count) = findings(product);
        assert_eq!((all.len(), count), (200, 150), "{product}");
        tuned.extend(texts.len()..texts.len() + count);
        let from = texts.len();
        let each = all.into_iter().enumerate();
        texts.extend(each.map(|(i, text)| typed(from + i, text)));
    }
    (texts, tuned)
}

fn number(overlap: &Overlap) -> usize {
    overlap.file.trim_end_matches(".json").parse().unwrap()
}

/// How many findings there are, how many are blocked and how many are only stopped.
struct Judged {
    all: usize,
    blocked: usize,
    stopped: usize,
}

/// Judges all findings in one bundle, which is stricter than one bundle for each: free passages add up.
fn judge_findings(vendor: &Vendor, name: &str) -> Judged {
    let (texts, tuned) = all_findings();
    let verdict = vendor.judge(&texts);
    let blocked = caught(&verdict, |o| o.rule != Rule::CodeRun);
    let stopped = caught(&verdict, |o| o.rule == Rule::CodeRun);
    let stopped: BTreeSet<usize> = stopped.difference(&blocked).copied().collect();
    let mut kinds: BTreeMap<(&str, bool), BTreeSet<usize>> = BTreeMap::new();
    for overlap in &verdict.overlaps {
        let at = number(overlap);
        let key = (overlap.rule.word(), tuned.contains(&at));
        kinds.entry(key).or_default().insert(at);
        if tuned.contains(&at) && std::env::var_os(SHOW).is_some()
            || std::env::var_os(SHOW).is_some_and(|s| s == "all")
        {
            let text: Vec<char> = texts[at].text.chars().collect();
            let words = overlap
                .marks
                .iter()
                .map(|m| &text[m.from as usize..m.to as usize]);
            let words: Vec<String> = words.map(|w| w.iter().collect()).collect();
            let path = overlap.path.as_ref().map(ToString::to_string);
            println!(
                "{at} {} {words:?} {}:{}",
                overlap.rule.word(),
                path.unwrap_or_default(),
                overlap.at.unwrap_or(0)
            );
        }
    }
    let count = |all: &BTreeSet<usize>, is_tuned: bool| {
        all.iter().filter(|i| tuned.contains(i) == is_tuned).count()
    };
    let (files, bytes) = vendor.size();
    println!(
        "{name}: {} findings against {files} texts of {} MB: blocked {} tuned and {} held out, stopped {} and {}",
        texts.len(),
        bytes / 1_000_000,
        count(&blocked, true),
        count(&blocked, false),
        count(&stopped, true),
        count(&stopped, false)
    );
    for ((rule, is_tuned), all) in kinds {
        let half = if is_tuned { "tuned" } else { "held out" };
        println!("  {rule}, {half}: {} findings", all.len());
    }
    Judged {
        all: texts.len(),
        blocked: blocked.len(),
        stopped: stopped.len(),
    }
}

fn honest_work_passes(vendor: &Vendor, name: &str) {
    let Judged {
        all,
        blocked,
        stopped,
    } = judge_findings(vendor, name);
    assert!(blocked * 100 <= all, "{blocked} of {all} are blocked");
    assert!(stopped * 20 <= all, "{stopped} of {all} are stopped");
}

/// Statements that programs of many vendors hold, in files with surroundings of their own.
fn common_statements() -> Vec<String> {
    const STATEMENTS: &[&str] = &[
        "for (i = 0; i <",
        "        num_of_rule; i++) {",
        "    uint8_t *pos = data;",
        "    ogs_assert(r != OGS_ERROR);",
        "    ogs_pkbuf_free(pkbuf);",
        "    smf_sess_remove(sess);",
        "    ogs_info(\"[%s] Registration request\", amf_ue->supi);",
        "    if (!pkbuf || pkbuf->len < sizeof(*h)) {",
        "    mutex_unlock(&dev->lock);",
        "    if (copy_from_user(&req, arg, sizeof(req)))",
        "        return -EFAULT;",
        "    let mut out = Vec::new();",
        "    if err != nil {",
    ];
    let mut chance = Chance::new(3);
    let file = |n: usize| {
        let mut text = format!("/* part {n} */\n");
        for _ in 0..30 {
            let _ = writeln!(text, "int own_{n}_{};", chance.below(1000));
            text += STATEMENTS[chance.below(STATEMENTS.len())];
            text.push('\n');
        }
        text
    };
    (0..60).map(file).collect()
}

#[test]
fn findings_of_reviewers_pass() {
    honest_work_passes(&Vendor::demo(), "demo");
    honest_work_passes(&Vendor::of(&common_statements()), "common statements");
    // The control: a vendor who has sentences of them in comments.
    let (texts, _) = all_findings();
    let long = |t: &&Typed| !t.text.contains('\n') && t.text.len() > 150;
    let copied: Vec<&Typed> = texts.iter().filter(long).take(9).collect();
    let comments: Vec<String> = copied.iter().map(|t| format!("/* {} */", t.text)).collect();
    let verdict = Vendor::of(&comments).judge(&texts);
    let blocked = caught(&verdict, |o| matches!(o.rule, Rule::Run32 | Rule::Line));
    let expected: BTreeSet<usize> = copied
        .iter()
        .map(|t| t.file.trim_end_matches(".json").parse().unwrap())
        .collect();
    assert_eq!(blocked, expected);
}

#[test]
fn findings_of_reviewers_pass_a_real_tree() {
    if let Some(vendor) = Vendor::tree("the findings") {
        honest_work_passes(&vendor, "tree");
    }
}

/// A function of C: its lines, without blank ones.
type Function = Vec<String>;

/// Returns functions of different files: a line at the margin that ends in `)` or `{`, and all up to a `}` at the margin.
fn functions(vendor: &Vendor, count: usize) -> Vec<Function> {
    let mut chance = Chance::new(5);
    let mut all = Vec::new();
    for text in vendor.texts().filter(|t| t.contains("\n{\n")) {
        let lines: Vec<&str> = text.lines().collect();
        let begins = (1..lines.len()).filter(|i| lines[*i] == "{" && lines[i - 1].ends_with(')'));
        let own: Vec<Function> = begins
            .filter_map(|begin| {
                let end = begin + lines[begin..].iter().position(|l| *l == "}")?;
                let body = lines[begin - 1..=end].iter().map(|l| l.trim());
                let body: Function = body.filter(|l| !l.is_empty()).map(str::to_owned).collect();
                (15..60).contains(&body.len()).then_some(body)
            })
            .collect();
        if !own.is_empty() {
            all.push(own[chance.below(own.len())].clone());
        }
    }
    let mut chosen = Vec::new();
    while chosen.len() < count && !all.is_empty() {
        chosen.push(all.swap_remove(chance.below(all.len())));
    }
    chosen
}

/// A share of lines, and of the characters in them.
#[derive(Default)]
struct Share {
    lines: (usize, usize),
    characters: (usize, usize),
}

impl Share {
    fn add(&mut self, line: &str, leaves: bool) {
        let ink = line.chars().filter(|c| !c.is_whitespace()).count();
        self.lines.1 += 1;
        self.characters.1 += ink;
        if leaves {
            self.lines.0 += 1;
            self.characters.0 += ink;
        }
    }

    fn percent(&self) -> usize {
        self.characters.0 * 100 / self.characters.1.max(1)
    }

    fn print(&self, what: &str) {
        println!(
            "{what}: {} of {} lines leave, {} % of the characters",
            self.lines.0,
            self.lines.1,
            self.percent()
        );
    }
}

/// Types lines as findings of their own, with words around them, in one bundle; returns what leaves freely.
fn typed_line_by_line(vendor: &Vendor, lines: &[&str]) -> Share {
    let text = |line: &str| format!("We think that\n{line}\nis where it goes wrong.");
    let each = lines.iter().enumerate();
    let texts: Vec<Typed> = each.map(|(i, line)| typed(i, text(line))).collect();
    let found = caught(&vendor.judge(&texts), |_| true);
    let mut share = Share::default();
    for (i, line) in lines.iter().enumerate() {
        share.add(line, !found.contains(&i));
    }
    share
}

fn no_function_leaves(vendor: &Vendor, count: usize) {
    let functions = functions(vendor, count);
    println!("{} functions of different files", functions.len());
    if functions.len() * 2 <= count {
        skip(&format!(
            "{} functions of C are too few to type line by line",
            functions.len()
        ));
        return;
    }
    // Everything of every function, in one bundle.
    let all: Vec<&str> = functions.iter().flatten().map(String::as_str).collect();
    let whole = typed_line_by_line(vendor, &all);
    whole.print("every line in a finding of its own, one bundle");
    // One line in five: two within ten lines are what may leave of one place. Every bundle of a review holds all that was typed
    // before, in the ledger, so that a second bundle does not begin anew.
    let fifth = |f: &Function| -> Vec<usize> { (1..f.len()).step_by(5).collect() };
    let lines: Vec<&str> = functions
        .iter()
        .flat_map(|f| fifth(f).into_iter().map(|i| f[i].as_str()))
        .collect();
    let mut some = typed_line_by_line(vendor, &lines);
    some.lines.1 = whole.lines.1;
    some.characters.1 = whole.characters.1;
    some.print("one line in five, one bundle, of the whole");
    // What no rule ever judged: a line of few characters, or of a single name.
    let mut short = Share::default();
    for line in &all {
        short.add(line, is_short(line));
    }
    short.print("too short to be judged");
    assert!(whole.percent() <= 20, "{} %", whole.percent());
    assert!(some.percent() <= 15, "{} %", some.percent());
}

/// Returns whether a line is too short for any rule: fewer than 12 characters, or one name with brackets around.
fn is_short(line: &str) -> bool {
    let part = |c: char| !c.is_alphanumeric() && !"_.->:".contains(c);
    line.len() < 12 || line.split(part).filter(|w| !w.is_empty()).count() < 2
}

#[test]
fn no_function_leaves_line_by_line() {
    assert!(
        functions(&Vendor::demo(), 20).len() > 10,
        "the demo has too few functions"
    );
    no_function_leaves(&Vendor::demo(), 20);
}

#[test]
fn no_function_of_a_real_tree_leaves_line_by_line() {
    if let Some(vendor) = Vendor::tree("functions line by line") {
        no_function_leaves(&vendor, 60);
    }
}
