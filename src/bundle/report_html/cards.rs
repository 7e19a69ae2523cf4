//! Findings, questions and comments, each in a frame of its own that can be read without the others.

use super::super::page::template;
use super::super::place;
use super::super::render::{BundleInput, label, letter};
use super::super::report::{handling, heading, status};
use super::HtmlPage;
use crate::model::{
    AnchorExtent, Audience, ClosedText, CommitId, Finding, Location, Note, NoteKind, TimeText,
    Voice, WholeKind,
};

/// Adds the card of a finding.
pub fn finding(page: &mut HtmlPage<'_>, finding: &Finding, input: &BundleInput<'_>) {
    let number = label(&finding.reviewer, 'F', finding.number);
    let severity = finding.severity;
    page.add(template!("<section class=\"card {}\">\n", severity));
    marking(page, input, Some(finding.audience));
    page.add("<h3>")
        .name(&number, "reviewer", &finding.reviewer)
        .add(template!("/F{} ", finding.number))
        .inline(&number, "title", &finding.title)
        .add(template!(
            "</h3>\n<span class=\"chip sev {}\">{}</span>",
            severity,
            severity
        ));
    chips(page, finding, &number);
    page.add("\n");
    for (what, text) in finding.words.each() {
        if text.is_empty() {
            continue;
        }
        if what != "statement" {
            page.add("<h4>").say(heading(what)).add("</h4>\n");
        }
        page.paragraphs(&number, what, text);
    }
    let heading = if finding.is_trail {
        "From source to sink"
    } else {
        "Places"
    };
    page.add(template!("<h4>{}</h4>\n<ol class=\"places\">\n", heading));
    for location in &finding.locations {
        page.add("<li>");
        place_line(page, location, &number, input);
        page.add("</li>\n");
    }
    page.add("</ol>\n");
    for change in &finding.history {
        page.add(template!("<p>{} by ", change.status))
            .name(&number, "reviewer", &change.reviewer)
            .add(", ")
            .checked(&number, "time", &change.time, TimeText);
        if !change.why.is_empty() {
            page.add(": ").inline(&number, "reason", &change.why);
        }
        page.add("</p>\n");
    }
    replies(page, finding.id, &number, input);
    origin(page, finding.id, finding.commit);
}

/// Adds the label of the policy and who may read the card: it may be printed without the others.
fn marking(page: &mut HtmlPage<'_>, input: &BundleInput<'_>, audience: Option<Audience>) {
    let words = audience.map(handling);
    if input.policy.label.is_empty() && words.is_none() {
        return;
    }
    page.add(if audience == Some(Audience::Agency) {
        "<p class=\"marking agency\">"
    } else {
        "<p class=\"marking\">"
    });
    if !input.policy.label.is_empty() {
        page.inline("policy", "label", &input.policy.label);
        page.add(if words.is_some() { " \u{b7} " } else { "" });
    }
    if let Some(words) = words {
        page.say(words);
    }
    page.add("</p>\n");
}

/// Ends a card with its identity and the commit that it is about.
fn origin(page: &mut HtmlPage<'_>, id: uuid::Uuid, commit: CommitId) {
    page.add(template!(
        "<p class=\"quiet\">In commit <code>{}</code>. Id <code>{}</code>.</p>\n</section>\n",
        commit,
        id
    ));
}

/// Adds what is chosen rather than written, each in a frame of its own.
fn chips(page: &mut HtmlPage<'_>, finding: &Finding, number: &str) {
    fn chip(page: &mut HtmlPage<'_>, value: impl ClosedText) {
        page.add("<span class=\"chip\">").say(value).add("</span>");
    }
    chip(page, finding.kind);
    chip(page, status(finding));
    chip(page, finding.confidence);
    chip(page, template!("priority {}", finding.priority));
    chip(page, template!("difficulty {}", finding.difficulty));
    if let Some(category) = finding.category {
        chip(page, category);
    }
    for id in &finding.cwe {
        page.add("<span class=\"chip\">")
            .weakness(number, *id)
            .add("</span>");
    }
    for vector in &finding.cvss {
        chip(page, template!("CVSS {} {}", vector.scores(), vector));
    }
    for reference in &finding.references {
        page.add("<span class=\"chip\">")
            .reference(number, reference)
            .add("</span>");
    }
}

fn place_line(page: &mut HtmlPage<'_>, location: &Location, of: &str, input: &BundleInput<'_>) {
    let anchor = &location.anchor;
    match (
        place::shown(&anchor.path, input.policy.paths),
        anchor.extent,
    ) {
        (Some(_), AnchorExtent::Whole(WholeKind::Snapshot)) => page.add("whole snapshot "),
        (Some(path), AnchorExtent::Lines(span)) => page
            .add("<code>")
            .path(of, &path)
            .add(template!(":{}</code> ", span)),
        (Some(path), extent) => page
            .add("<code>")
            .path(of, &path)
            .add(template!("</code>, {} ", extent)),
        (None, extent) => page.add(place::words(extent)).add(" "),
    };
    if let Some(symbol) = &anchor.symbol {
        page.add("in <code>")
            .symbol(of, &anchor.blob, symbol)
            .add("</code> ");
    }
    if let Some(encoding) = input
        .facts_of(anchor)
        .encoding
        .filter(|encoding| !encoding.is_utf8())
    {
        page.add(template!("(read as {}) ", encoding));
    }
    if let Some(role) = location.role {
        page.say(role).add(" ");
    }
    page.inline(of, "label", &location.label);
    if location.is_quoted {
        page.add(" (the lines are in <code>excerpts.txt</code>)");
    }
    let object = place::object_kind(anchor.extent);
    page.add(template!(" <span class=\"quiet\">{} <code>", object))
        .blob(of, &anchor.blob)
        .add("</code></span>");
}

fn replies(page: &mut HtmlPage<'_>, of: uuid::Uuid, number: &str, input: &BundleInput<'_>) {
    for reply in input.review.replies(of) {
        let voice = match reply.voice {
            Voice::Opinion => "opinion of ",
            Voice::Answer => "the vendor's answer, noted by ",
        };
        page.add("<h4>")
            .say(voice)
            .name(number, "reviewer", &reply.reviewer)
            .add("</h4>\n");
        page.paragraphs(number, "reply", &reply.text);
    }
}

/// Adds the cards of the notes of a kind under a heading, if there are any.
pub fn notes(
    page: &mut HtmlPage<'_>,
    input: &BundleInput<'_>,
    kind: NoteKind,
    heading: &'static str,
) {
    let notes: Vec<&Note> = input.notes(kind).collect();
    if notes.is_empty() {
        return;
    }
    page.add(template!("<h2>{}</h2>\n", heading));
    for note in notes {
        let number = label(&note.reviewer, kind.letter(), note.number);
        page.add("<section class=\"card informational\">\n");
        marking(page, input, None);
        page.add("<h3>")
            .name(&number, "reviewer", &note.reviewer)
            .add(template!("/{}{}</h3>\n<p>", letter(kind), note.number));
        place_line(page, &note.location, &number, input);
        page.add("</p>\n");
        page.paragraphs(&number, "text", &note.text);
        replies(page, note.id, &number, input);
        origin(page, note.id, note.commit);
    }
}
