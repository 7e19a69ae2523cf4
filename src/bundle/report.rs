//! `report.md` and `questions.md`: the findings for people.

use super::page::{Page, code, inline};
use super::place;
use super::render::{BundleInput, label};
use super::schema::Coverage;
use crate::model::{Finding, Location, Note, NoteKind, Severity, Status, Typed, cwe};
use std::fmt::Write;

/// Severities as a reader wants them: worst first.
pub const ORDER: [Severity; 6] = [
    Severity::Critical,
    Severity::High,
    Severity::Medium,
    Severity::Low,
    Severity::Informational,
    Severity::Undetermined,
];

/// Returns `report.md` and the typed texts in it.
pub fn report(
    input: &BundleInput<'_>,
    coverage: &Coverage,
    time: Option<&str>,
) -> (Vec<u8>, Vec<Typed>) {
    let mut page = Page::new("report.md");
    page.add("# Findings\n\n");
    if !input.policy.label.is_empty() {
        page.add("**")
            .inline("policy label", &input.policy.label)
            .add("**\n\n");
    }
    identity(&mut page, input, time);
    summary(&mut page, input);
    covered(&mut page, coverage);
    let findings = sorted(input);
    page.add("## The findings\n\n");
    if findings.is_empty() {
        page.add("None.\n\n");
    }
    for finding in findings {
        describe(&mut page, finding, input);
    }
    remarks(&mut page, input);
    let questions = input.notes(NoteKind::Question).count();
    page.add(&format!(
        "## Questions to the vendor\n\n{questions} in `questions.md`.\n\n## How to check this report\n\n\
         It is one file of a signed bundle. `README.txt` beside it gives the commands: `ssh-keygen -Y verify` \
         for the signature over `SHA256SUMS`, `sha256sum -c` for every file in it.\n"
    ));
    page.finish()
}

/// Returns the findings, the worst first.
fn sorted<'a>(input: &BundleInput<'a>) -> Vec<&'a Finding> {
    let mut findings: Vec<&Finding> = input.findings().collect();
    findings.sort_by_key(|f| ORDER.iter().position(|s| *s == f.severity));
    findings
}

fn identity(page: &mut Page, input: &BundleInput<'_>, time: Option<&str>) {
    page.add("| | |\n|---|---|\n| Review | ")
        .inline("review name", input.review_name);
    let delivery = input.delivery;
    page.add(&format!(
        " |\n| Bundle | {} |\n| Reviewer | {} |\n| Newest entry | {} |\n| Commit | `{}` |\n| Tree | `{}` |\n\
         | Delivered | {} files, {} lines, {}{} |\n| Program | Glassroom {}, {} |\n| Confinement | {} |\n\
         | Audience | {} |\n\n",
        input.number,
        inline(input.reviewer),
        inline(time.unwrap_or("none")),
        delivery.commit,
        delivery.tree,
        delivery.files,
        delivery.lines,
        if delivery.complete { "complete" } else { "**not complete**" },
        if delivery.shallow { ", history cut off" } else { "" },
        inline(input.program.version),
        program(input.program.digest),
        inline(input.confinement),
        input.readers(),
    ));
}

/// Returns the program's digest as a code span.
fn program(digest: &str) -> String {
    if digest.is_empty() {
        "digest not known".to_owned()
    } else {
        code(digest)
    }
}

fn summary(page: &mut Page, input: &BundleInput<'_>) {
    page.add("## Summary\n\n| Severity | Open | Accepted | Resolved | False positive |\n|---|--:|--:|--:|--:|\n");
    let count = |severity, status| {
        input
            .findings()
            .filter(|f| f.severity == severity && f.status == status)
            .count()
    };
    for severity in ORDER {
        let [open, accepted, resolved, wrong] = [
            Status::Open,
            Status::Accepted,
            Status::Resolved,
            Status::FalsePositive,
        ]
        .map(|s| count(severity, s));
        page.add(&format!(
            "| {severity} | {open} | {accepted} | {resolved} | {wrong} |\n"
        ));
    }
    page.add("\n");
    if input.findings().next().is_none() {
        return;
    }
    page.add("| Finding | Severity | Kind | Status | Title |\n|---|---|---|---|---|\n");
    for finding in sorted(input) {
        let number = label(&finding.reviewer, 'F', finding.number);
        page.add(&format!(
            "| {} | {} | {} | {} | ",
            inline(&number),
            finding.severity,
            finding.kind,
            finding.status
        ));
        page.inline(&format!("{number} title"), &finding.title)
            .add(" |\n");
    }
    page.add("\n");
}

fn covered(page: &mut Page, coverage: &Coverage) {
    page.add("## Coverage\n\n");
    let Some(all) = coverage.summary else {
        page.add("The policy of the room lets no coverage leave.\n\n");
        return;
    };
    let share = |n: u64| {
        let share = if all.lines == 0 {
            0.0
        } else {
            n as f64 * 100.0 / all.lines as f64
        };
        format!("{n} lines ({share:.2} %)")
    };
    page.add(&format!(
        "Of {} lines in {} text files, {} were on screen and {} are marked reviewed. `coverage.json` says which.\n\n",
        all.lines,
        all.files,
        share(all.shown),
        share(all.reviewed)
    ));
}

fn describe(page: &mut Page, finding: &Finding, input: &BundleInput<'_>) {
    let number = label(&finding.reviewer, 'F', finding.number);
    page.add(&format!("### {}: ", inline(&number)));
    page.inline(&format!("{number} title"), &finding.title);
    page.add(&format!(
        "\n\n{}, {}, {}",
        finding.severity, finding.kind, finding.status
    ));
    for id in &finding.cwe {
        let title = cwe::title(*id)
            .map(|t| format!(" ({})", inline(t)))
            .unwrap_or_default();
        page.add(&format!(", CWE-{id}{title}"));
    }
    page.add("\n\n");
    facts(page, finding);
    for (what, text) in finding.words.each() {
        if text.is_empty() {
            continue;
        }
        if what != "statement" {
            page.add(&format!("**{}.** ", heading(what)));
        }
        page.paragraphs(&format!("{number} {what}"), text);
    }
    if finding.is_trail {
        page.add("From source to sink:\n\n");
    }
    for location in &finding.locations {
        place_line(page, location, &number, input);
    }
    page.add("\n");
    for change in &finding.history {
        page.add(&format!(
            "- {} by {}, {}",
            change.status,
            inline(&change.reviewer),
            inline(&change.time)
        ));
        if !change.why.is_empty() {
            page.add(": ")
                .inline(&format!("{number} reason"), &change.why);
        }
        page.add("\n");
    }
    let replies = input.review.replies(finding.id);
    for reply in replies {
        page.add(&format!(
            "- {} by {}: ",
            reply.voice,
            inline(&reply.reviewer)
        ));
        page.inline(&format!("{number} reply"), &reply.text)
            .add("\n");
    }
    if !finding.history.is_empty() || !replies.is_empty() {
        page.add("\n");
    }
    page.add(&format!(
        "Id `{}`, in commit `{}`.\n\n",
        finding.id, finding.commit
    ));
}

/// Returns a name of words as a heading.
fn heading(what: &str) -> String {
    let mut chars = what.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// Adds what is chosen rather than written.
fn facts(page: &mut Page, finding: &Finding) {
    let mut facts = vec![
        format!("confidence {}", finding.confidence),
        format!("priority {}", finding.priority),
        format!("difficulty {}", finding.difficulty),
        format!("for {}", finding.audience),
    ];
    facts.extend(finding.category.map(|c| c.to_string()));
    for vector in &finding.cvss {
        let score = vector.score();
        facts.push(format!(
            "CVSS {score:.1} {} {}",
            vector.rating(),
            code(vector.text())
        ));
    }
    facts.extend(finding.references.iter().map(|r| inline(&r.to_string())));
    page.add(&format!("{}\n\n", facts.join(", ")));
}

fn place_line(page: &mut Page, location: &Location, of: &str, input: &BundleInput<'_>) {
    let anchor = &location.anchor;
    let mut text = match place::shown(&anchor.path, input.policy.paths) {
        Some(path) => format!(
            "- {}, blob `{}`",
            code(&format!("{path}:{}", anchor.span)),
            anchor.blob
        ),
        None => format!("- blob `{}`, lines {}", anchor.blob, anchor.span),
    };
    if let Some(symbol) = &anchor.symbol {
        let _ = write!(text, ", in {}", code(symbol));
    }
    if let Some(role) = location.role {
        let _ = write!(text, ", {role}");
    }
    page.add(&text);
    if !location.label.is_empty() {
        page.add(": ")
            .inline(&format!("{of} label"), &location.label);
    }
    if location.is_quoted {
        page.add(" (the lines are in `excerpts.txt`)");
    }
    page.add("\n");
}

fn remarks(page: &mut Page, input: &BundleInput<'_>) {
    let mut remarks = input.notes(NoteKind::Remark).peekable();
    if remarks.peek().is_none() {
        return;
    }
    page.add("## Remarks\n\n");
    for remark in remarks {
        noted(page, remark, input, "###");
    }
}

/// Adds a remark or question under a heading of its own, with the replies to it.
fn noted(page: &mut Page, note: &Note, input: &BundleInput<'_>, sign: &str) {
    let number = label(&note.reviewer, note.kind.letter(), note.number);
    page.add(&format!("{sign} {}\n\n", inline(&number)));
    place_line(page, &note.location, &number, input);
    page.add("\n")
        .paragraphs(&format!("{number} text"), &note.text);
    for reply in input.review.replies(note.id) {
        page.add(&format!(
            "- {} by {}: ",
            reply.voice,
            inline(&reply.reviewer)
        ));
        page.inline(&format!("{number} reply"), &reply.text)
            .add("\n\n");
    }
}

/// Returns `questions.md` and the typed texts in it.
pub fn questions(input: &BundleInput<'_>) -> (Vec<u8>, Vec<Typed>) {
    let mut page = Page::new("questions.md");
    page.add("# Questions to the vendor\n\n");
    if !input.policy.label.is_empty() {
        page.add("**")
            .inline("policy label", &input.policy.label)
            .add("**\n\n");
    }
    page.add(&format!(
        "On commit `{}`, tree `{}`.\n\n",
        input.delivery.commit, input.delivery.tree
    ));
    let questions: Vec<&Note> = input.notes(NoteKind::Question).collect();
    if questions.is_empty() {
        page.add("None.\n");
    }
    for question in questions {
        noted(&mut page, question, input, "##");
    }
    page.finish()
}
