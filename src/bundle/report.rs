//! `report.md` and `questions.md`: the findings for people.

use super::page::{Page, code, inline};
use super::place;
use super::render::{BundleInput, label};
use super::schema::Coverage;
use crate::model::{Finding, Location, Note, NoteKind, Severity, Status, Typed, cwe};
use std::fmt::Write;

/// Severities as a reader wants them: worst first.
const ORDER: [Severity; 6] = [
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
    let mut findings: Vec<&Finding> = input.review.findings().collect();
    findings.sort_by_key(|f| ORDER.iter().position(|s| *s == f.severity));
    page.add("## The findings\n\n");
    if findings.is_empty() {
        page.add("None.\n\n");
    }
    for finding in findings {
        describe(&mut page, finding, input);
    }
    let questions = input
        .review
        .notes()
        .filter(|n| n.kind == NoteKind::Question)
        .count();
    page.add(&format!(
        "## Questions to the vendor\n\n{questions} in `questions.md`.\n\n## How to check this report\n\n\
         It is one file of a signed bundle. `README.txt` beside it gives the commands: `ssh-keygen -Y verify` \
         for the signature over `SHA256SUMS`, `sha256sum -c` for every file in it.\n"
    ));
    page.finish()
}

fn identity(page: &mut Page, input: &BundleInput<'_>, time: Option<&str>) {
    page.add("| | |\n|---|---|\n| Review | ")
        .inline("review name", input.review_name);
    let delivery = input.delivery;
    page.add(&format!(
        " |\n| Bundle | {} |\n| Reviewer | {} |\n| Newest entry | {} |\n| Commit | `{}` |\n| Tree | `{}` |\n\
         | Delivered | {} files, {} lines, {}{} |\n| Program | Glassroom {}, {} |\n| Confinement | {} |\n\n",
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
            .review
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
    if input.review.findings().next().is_none() {
        return;
    }
    page.add("| Finding | Severity | Kind | Status | Title |\n|---|---|---|---|---|\n");
    for finding in input.review.findings() {
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
    if let Some(cvss) = &finding.cvss {
        page.add(", ").inline(&format!("{number} cvss"), cvss);
    }
    page.add("\n\n");
    if !finding.statement.is_empty() {
        page.paragraphs(&format!("{number} statement"), &finding.statement);
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
    if !finding.history.is_empty() {
        page.add("\n");
    }
    page.add(&format!(
        "Id `{}`, in commit `{}`.\n\n",
        finding.id, finding.commit
    ));
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
    page.add(&text);
    if !location.label.is_empty() {
        page.add(": ")
            .inline(&format!("{of} label"), &location.label);
    }
    page.add("\n");
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
    let questions: Vec<&Note> = input
        .review
        .notes()
        .filter(|n| n.kind == NoteKind::Question)
        .collect();
    if questions.is_empty() {
        page.add("None.\n");
    }
    for question in questions {
        let number = label(&question.reviewer, 'Q', question.number);
        page.add(&format!("## {}\n\n", inline(&number)));
        place_line(&mut page, &question.location, &number, input);
        page.add("\n")
            .paragraphs(&format!("{number} text"), &question.text);
    }
    page.finish()
}
