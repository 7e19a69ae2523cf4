//! `report.html`: the report to be looked at and printed.

mod bars;
mod cards;

use super::html::Html;
use super::page::{Page, template};
use super::render::{BundleInput, label};
use super::report::{ORDER, STATUSES, checks, count, sorted, status};
use super::schema::Coverage;
use crate::model::{DigestText, NoteKind, TimeText, Typed};

type HtmlPage<'a> = Page<'a, Html>;

/// Returns the file's bytes and the typed texts in it.
pub fn render(
    input: &BundleInput<'_>,
    coverage: &Coverage,
    time: Option<&str>,
) -> (Vec<u8>, Vec<Typed>) {
    let title = template!("Findings, bundle {}", input.number);
    let label = &input.policy.label;
    let mut page = HtmlPage::begin("report.html", &title, label, input.delivered);
    if !label.is_empty() {
        page.add("<div class=\"label\">")
            .inline("policy", "label", label)
            .add("</div>\n");
    }
    page.add("<h1>Findings</h1>\n<p class=\"lead\">Review ")
        .name("review", "name", input.review_name);
    page.add(template!(", bundle {}, signed by ", input.number))
        .name("bundle", "reviewer", input.reviewer)
        .add("</p>\n");
    identity(&mut page, input, time);
    summary(&mut page, input);
    bars::draw(&mut page, input, coverage);
    page.add("<h2>The findings</h2>\n");
    let findings = sorted(input);
    if findings.is_empty() {
        page.add("<p>None.</p>\n");
    }
    for finding in findings {
        cards::finding(&mut page, finding, input);
    }
    cards::notes(
        &mut page,
        input,
        NoteKind::Question,
        "Questions to the vendor",
    );
    cards::notes(&mut page, input, NoteKind::Remark, "Comments to the vendor");
    sweeps(&mut page, input);
    check(&mut page, input);
    page.end()
}

/// Begins the row of a fact; its value and [`END`] follow.
fn fact<'p, 'a>(page: &'p mut HtmlPage<'a>, name: &'static str) -> &'p mut HtmlPage<'a> {
    page.add("<tr><th scope=\"row\">")
        .say(name)
        .add("</th><td>")
}

const END: &str = "</td></tr>\n";

fn identity(page: &mut HtmlPage<'_>, input: &BundleInput<'_>, time: Option<&str>) {
    let delivery = input.delivery;
    page.add("<table class=\"facts\">\n<tbody>\n");
    fact(page, "Commit")
        .add("<code>")
        .say(delivery.commit)
        .add("</code>")
        .add(END);
    fact(page, "Tree")
        .add("<code>")
        .say(delivery.tree)
        .add("</code>")
        .add(END);
    let whole = if delivery.complete {
        "complete"
    } else {
        "NOT complete"
    };
    let delivered = template!(
        "{} files, {} lines, {}",
        delivery.files,
        delivery.lines,
        whole
    );
    fact(page, "Delivered").say(&delivered).add(END);
    fact(page, "Newest entry")
        .checked("bundle", "time", time.unwrap_or("none"), TimeText)
        .add(END);
    fact(page, "Program")
        .add("Glassroom ")
        .name("bundle", "version", input.program.version)
        .add(" <code>")
        .checked("bundle", "digest", input.program.digest, DigestText)
        .add("</code>")
        .add(END);
    fact(page, "Confinement")
        .name("bundle", "confinement", input.confinement)
        .add(END);
    fact(page, "Audience").say(input.readers()).add(END);
    page.add("</tbody>\n</table>\n");
}

/// Draws how many findings there are of each severity and where they stand, and lists them.
fn summary(page: &mut HtmlPage<'_>, input: &BundleInput<'_>) {
    page.add("<h2>Summary</h2>\n<table>\n<thead>\n<tr><th scope=\"col\">Severity</th>");
    for status in ["Open", "Accepted", "Resolved", "False positive"] {
        page.add("<th scope=\"col\" class=\"n\">")
            .say(status)
            .add("</th>");
    }
    page.add("</tr>\n</thead>\n<tbody>\n");
    for severity in ORDER {
        page.add(template!(
            "<tr><td><span class=\"chip sev {}\">{}</span></td>",
            severity,
            severity
        ));
        for status in STATUSES {
            let number = count(input, |f| f.severity == severity && f.status == status);
            page.add(template!("<td class=\"n\">{}</td>", number));
        }
        page.add("</tr>\n");
    }
    page.add("</tbody>\n</table>\n");
    page.add(template!(
        "<p class=\"quiet\">{} that were made and found nothing (kind pass) are not counted here.</p>\n",
        checks(input)
    ));
    if input.findings().next().is_none() {
        return;
    }
    page.add("<table class=\"list\">\n<thead>\n<tr>");
    for name in ["Finding", "Severity", "Kind", "Status", "Title"] {
        page.add("<th scope=\"col\">").say(name).add("</th>");
    }
    page.add("</tr>\n</thead>\n<tbody>\n");
    for finding in sorted(input) {
        let number = label(&finding.reviewer, 'F', finding.number);
        page.add("<tr><td>")
            .name(&number, "reviewer", &finding.reviewer)
            .add(template!(
                "/F{}</td><td>{}</td><td>{}</td><td>{}</td><td>",
                finding.number,
                finding.severity,
                finding.kind,
                status(finding)
            ))
            .inline(&number, "title", &finding.title)
            .add(END);
    }
    page.add("</tbody>\n</table>\n");
}

fn sweeps(page: &mut HtmlPage<'_>, input: &BundleInput<'_>) {
    if input.sweeps().next().is_none() {
        return;
    }
    page.add("<h2>Sweeps</h2>\n<p>Every hit of each query was to be judged; <code>sweeps.json</code> holds the verdicts.</p>\n");
    page.add(
        "<table>\n<thead>\n<tr><th scope=\"col\">Sweep</th><th scope=\"col\">Query</th>\
         <th scope=\"col\" class=\"n\">Hits</th><th scope=\"col\" class=\"n\">Decided</th></tr>\n</thead>\n<tbody>\n",
    );
    for state in input.sweeps() {
        let sweep = &state.sweep;
        let number = label(&sweep.reviewer, 'W', sweep.number);
        page.add("<tr><td>")
            .name(&number, "reviewer", &sweep.reviewer)
            .add(template!("/W{} ", sweep.number))
            .inline(&number, "name", &sweep.name)
            .add("</td><td><code>")
            .inline(&number, "query", &sweep.query)
            .add(template!(
                "</code></td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
                sweep.hits,
                state.decided()
            ));
    }
    page.add("</tbody>\n</table>\n");
}

fn check(page: &mut HtmlPage<'_>, input: &BundleInput<'_>) {
    page.add("<h2>How to check this report</h2>\n<p>It is one file of a signed bundle. In the bundle's folder, with the reviewer's line for <code>allowed_signers</code>:</p>\n<pre>ssh-keygen -Y verify -f ../allowed_signers -I ");
    page.name("bundle", "reviewer", input.reviewer);
    page.add(
        " -n findings@glassroom -s SHA256SUMS.sig &lt; SHA256SUMS\nsha256sum -c SHA256SUMS</pre>\n\
         <p><code>README.txt</code> beside it says what else to check, such as a file that was added, and how to look at each place with git alone.</p>\n",
    );
}
