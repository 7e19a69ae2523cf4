//! `report.md` and `questions.md`.

use super::super::page::{Template, template};
use super::super::place;
use super::super::render::{BundleInput, label, letter};
use super::super::schema::Coverage;
use super::markup::PlainMarkdown;
use crate::model::{Finding, Location, Note, NoteKind, Severity, Status, TimeText, Typed};

type FirstMarkdownPage<'a> = super::super::page::Page<'a, PlainMarkdown>;

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
    let mut page = FirstMarkdownPage::new("report.md", input.delivered);
    page.add("# Findings\n\n");
    if !input.policy.label.is_empty() {
        page.add("**")
            .inline("policy", "label", &input.policy.label)
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
    page.add(template!(
        "## Questions to the vendor\n\n{} in `questions.md`.\n\n## How to check this report\n\n\
         It is one file of a signed bundle. `README.txt` beside it gives the commands: `ssh-keygen -Y verify` \
         for the signature over `SHA256SUMS`, `sha256sum -c` for every file in it.\n",
        questions
    ));
    page.finish()
}

/// Returns the findings, the worst first.
fn sorted<'a>(input: &BundleInput<'a>) -> Vec<&'a Finding> {
    let mut findings: Vec<&Finding> = input.findings().collect();
    findings.sort_by_key(|f| ORDER.iter().position(|s| *s == f.severity));
    findings
}

fn identity(page: &mut FirstMarkdownPage<'_>, input: &BundleInput<'_>, time: Option<&str>) {
    page.add("| | |\n|---|---|\n| Review | ")
        .inline("review", "name", input.review_name);
    let delivery = input.delivery;
    page.add(template!(" |\n| Bundle | {} |\n| Reviewer | ", input.number))
        .name("bundle", "reviewer", input.reviewer)
        .add(" |\n| Newest entry | ")
        .checked("bundle", "time", time.unwrap_or("none"), TimeText)
        .add(template!(
            " |\n| Commit | `{}` |\n| Tree | `{}` |\n| Delivered | {} files, {} lines, {}{} |\n| Program | Glassroom ",
            delivery.commit,
            delivery.tree,
            delivery.files,
            delivery.lines,
            if delivery.complete { "complete" } else { "**not complete**" },
            if delivery.shallow { ", history cut off" } else { "" },
        ))
        .name("bundle", "version", input.program.version)
        .add(", ");
    match input.program.digest {
        "" => page.add("digest not known"),
        digest => page.code_digest("bundle", digest),
    };
    page.add(" |\n| Confinement | ")
        .name("bundle", "confinement", input.confinement)
        .add(template!(" |\n| Audience | {} |\n\n", input.readers()));
}

fn summary(page: &mut FirstMarkdownPage<'_>, input: &BundleInput<'_>) {
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
        page.add(template!(
            "| {} | {} | {} | {} | {} |\n",
            severity,
            open,
            accepted,
            resolved,
            wrong
        ));
    }
    page.add("\n");
    if input.findings().next().is_none() {
        return;
    }
    page.add("| Finding | Severity | Kind | Status | Title |\n|---|---|---|---|---|\n");
    for finding in sorted(input) {
        let number = label(&finding.reviewer, 'F', finding.number);
        page.add("| ").name(&number, "reviewer", &finding.reviewer);
        page.add(template!(
            "/F{} | {} | {} | {} | ",
            finding.number,
            finding.severity,
            finding.kind,
            finding.status
        ));
        page.inline(&number, "title", &finding.title).add(" |\n");
    }
    page.add("\n");
}

fn covered(page: &mut FirstMarkdownPage<'_>, coverage: &Coverage) {
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
        template!("{} lines ({:.2} %)", n, share)
    };
    page.add(template!(
        "Of {} lines in {} text files, {} were on screen and {} are marked reviewed. `coverage.json` says which.\n\n",
        all.lines,
        all.files,
        share(all.shown),
        share(all.reviewed)
    ));
}

fn describe(page: &mut FirstMarkdownPage<'_>, finding: &Finding, input: &BundleInput<'_>) {
    let number = label(&finding.reviewer, 'F', finding.number);
    page.add("### ")
        .name(&number, "reviewer", &finding.reviewer);
    page.add(template!("/F{}: ", finding.number))
        .inline(&number, "title", &finding.title)
        .add(template!(
            "\n\n{}, {}, {}",
            finding.severity,
            finding.kind,
            finding.status
        ));
    for id in &finding.cwe {
        page.add(", ").weakness(&number, *id);
    }
    page.add("\n\n");
    facts(page, finding, &number);
    for (what, text) in finding.words.each() {
        if text.is_empty() {
            continue;
        }
        if what != "statement" {
            page.add("**").add(heading(what)).add(".** ");
        }
        page.paragraphs(&number, what, text);
    }
    if finding.is_trail {
        page.add("From source to sink:\n\n");
    }
    for location in &finding.locations {
        place_line(page, location, &number, input);
    }
    page.add("\n");
    for change in &finding.history {
        page.add(template!("- {} by ", change.status))
            .name(&number, "reviewer", &change.reviewer)
            .add(", ")
            .checked(&number, "time", &change.time, TimeText);
        if !change.why.is_empty() {
            page.add(": ").inline(&number, "reason", &change.why);
        }
        page.add("\n");
    }
    let replies = input.review.replies(finding.id);
    for reply in replies {
        page.add(template!("- {} by ", reply.voice))
            .name(&number, "reviewer", &reply.reviewer)
            .add(": ")
            .inline(&number, "reply", &reply.text)
            .add("\n");
    }
    if !finding.history.is_empty() || !replies.is_empty() {
        page.add("\n");
    }
    page.add(template!(
        "Id `{}`, in commit `{}`.\n\n",
        finding.id,
        finding.commit
    ));
}

/// Returns the name of a text as a heading.
fn heading(what: &'static str) -> &'static str {
    match what {
        "consequence" => "Consequence",
        "how to confirm" => "How to confirm",
        "exploit" => "Exploit",
        "recommendation" => "Recommendation",
        other => other,
    }
}

/// Adds what is chosen rather than written.
fn facts(page: &mut FirstMarkdownPage<'_>, finding: &Finding, number: &str) {
    let mut facts = vec![
        template!("confidence {}", finding.confidence),
        template!("priority {}", finding.priority),
        template!("difficulty {}", finding.difficulty),
        template!("for {}", finding.audience),
    ];
    facts.extend(finding.category.map(|c| template!("{}", c)));
    for vector in &finding.cvss {
        facts.push(template!(
            "CVSS {} {} `{}`",
            super::score(vector),
            super::score(vector).rating(),
            vector
        ));
    }
    page.add(Template::join(&facts, ", "));
    for reference in &finding.references {
        page.add(", ").reference(number, reference);
    }
    page.add("\n\n");
}

fn place_line(
    page: &mut FirstMarkdownPage<'_>,
    location: &Location,
    of: &str,
    input: &BundleInput<'_>,
) {
    let anchor = &location.anchor;
    match place::shown(&anchor.path, input.policy.paths) {
        Some(path) => page
            .add("- ")
            .code_path(of, &path, template!(":{}", super::span(anchor)))
            .add(", blob `")
            .blob(of, &anchor.blob)
            .add("`"),
        None => page
            .add("- blob `")
            .blob(of, &anchor.blob)
            .add(template!("`, lines {}", super::span(anchor))),
    };
    if let Some(symbol) = &anchor.symbol {
        page.add(", in ").code_name(of, "symbol", symbol);
    }
    if let Some(role) = location.role {
        page.add(template!(", {}", role));
    }
    if !location.label.is_empty() {
        page.add(": ").inline(of, "label", &location.label);
    }
    if location.is_quoted {
        page.add(" (the lines are in `excerpts.txt`)");
    }
    page.add("\n");
}

fn remarks(page: &mut FirstMarkdownPage<'_>, input: &BundleInput<'_>) {
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
fn noted(
    page: &mut FirstMarkdownPage<'_>,
    note: &Note,
    input: &BundleInput<'_>,
    sign: &'static str,
) {
    let number = label(&note.reviewer, note.kind.letter(), note.number);
    page.add(sign)
        .add(" ")
        .name(&number, "reviewer", &note.reviewer);
    page.add(template!("/{}{}\n\n", letter(note.kind), note.number));
    place_line(page, &note.location, &number, input);
    page.add("\n").paragraphs(&number, "text", &note.text);
    for reply in input.review.replies(note.id) {
        page.add(template!("- {} by ", reply.voice))
            .name(&number, "reviewer", &reply.reviewer)
            .add(": ")
            .inline(&number, "reply", &reply.text)
            .add("\n\n");
    }
}

/// Returns `questions.md` and the typed texts in it.
pub fn questions(input: &BundleInput<'_>) -> (Vec<u8>, Vec<Typed>) {
    let mut page = FirstMarkdownPage::new("questions.md", input.delivered);
    page.add("# Questions to the vendor\n\n");
    if !input.policy.label.is_empty() {
        page.add("**")
            .inline("policy", "label", &input.policy.label)
            .add("**\n\n");
    }
    page.add(template!(
        "On commit `{}`, tree `{}`.\n\n",
        input.delivery.commit,
        input.delivery.tree
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
