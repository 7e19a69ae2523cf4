//! `report.html`.

use super::super::page::{Page, template};
use super::super::place;
use super::super::render::{BundleInput, label, letter};
use super::super::schema::{Coverage, CoverageRow};
use super::markup::PlainHtml;
use super::report::ORDER;
use crate::model::{
    ClosedText, DigestText, Finding, Location, Note, NoteKind, PathDetail, Status, TimeText, Typed,
    Voice,
};
use std::collections::BTreeMap;

type FirstHtmlPage<'a> = Page<'a, PlainHtml>;

/// Returns the file's bytes and the typed texts in it.
pub fn render(
    input: &BundleInput<'_>,
    coverage: &Coverage,
    time: Option<&str>,
) -> (Vec<u8>, Vec<Typed>) {
    let title = template!("Findings, bundle {}", input.number);
    let mut page = FirstHtmlPage::begin("report.html", &title, input.delivered);
    if !input.policy.label.is_empty() {
        page.add("<div class=\"label\">")
            .inline("policy", "label", &input.policy.label)
            .add("</div>\n");
    }
    page.add("<h1>Findings</h1>\n<p class=\"lead\">Review ")
        .inline("review", "name", input.review_name);
    page.add(template!(", bundle {}, signed by ", input.number))
        .name("bundle", "reviewer", input.reviewer)
        .add("</p>\n");
    identity(&mut page, input, time);
    summary(&mut page, input);
    covered(&mut page, input, coverage);
    page.add("<h2>The findings</h2>\n");
    let mut findings: Vec<&Finding> = input.findings().collect();
    findings.sort_by_key(|f| ORDER.iter().position(|s| *s == f.severity));
    if findings.is_empty() {
        page.add("<p>None.</p>\n");
    }
    for finding in findings {
        describe(&mut page, finding, input);
    }
    notes(
        &mut page,
        input,
        NoteKind::Question,
        "Questions to the vendor",
    );
    notes(&mut page, input, NoteKind::Remark, "Remarks");
    sweeps(&mut page, input);
    check(&mut page, input);
    page.end()
}

/// Begins the row of a fact; its value and [`END`] follow.
fn fact<'p, 'a>(page: &'p mut FirstHtmlPage<'a>, name: &'static str) -> &'p mut FirstHtmlPage<'a> {
    page.add("<tr><th>").say(name).add("</th><td>")
}

const END: &str = "</td></tr>\n";

fn identity(page: &mut FirstHtmlPage<'_>, input: &BundleInput<'_>, time: Option<&str>) {
    let delivery = input.delivery;
    page.add("<table class=\"facts\">\n");
    fact(page, "Commit").say(delivery.commit).add(END);
    fact(page, "Tree").say(delivery.tree).add(END);
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
        .add(" ")
        .checked("bundle", "digest", input.program.digest, DigestText)
        .add(END);
    fact(page, "Confinement")
        .name("bundle", "confinement", input.confinement)
        .add(END);
    fact(page, "Audience").say(input.readers()).add(END);
    page.add("</table>\n");
}

/// Draws how many findings there are of each severity, and where they stand.
fn summary(page: &mut FirstHtmlPage<'_>, input: &BundleInput<'_>) {
    page.add("<h2>Summary</h2>\n<table>\n<tr><th>Severity</th>");
    for status in Status::ALL {
        page.add("<th>").say(status.word()).add("</th>");
    }
    page.add("</tr>\n");
    for severity in ORDER {
        page.add(template!(
            "<tr><td><span class=\"chip sev {}\">{}</span></td>",
            severity,
            severity
        ));
        for status in Status::ALL {
            let is_it = |f: &&Finding| f.severity == severity && f.status == *status;
            let count = input.findings().filter(is_it).count();
            page.add(template!("<td class=\"n\">{}</td>", count));
        }
        page.add("</tr>\n");
    }
    page.add("</table>\n");
}

/// Columns and rows of the coverage picture, in its own units.
const WIDTH: f64 = 860.0;
const ROW: f64 = 22.0;
/// Most folders shown; the others are put together.
const FOLDERS: usize = 24;

fn covered(page: &mut FirstHtmlPage<'_>, input: &BundleInput<'_>, coverage: &Coverage) {
    page.add("<h2>Coverage</h2>\n");
    let Some(all) = coverage.summary else {
        page.add("<p>The policy of the room lets no coverage leave.</p>\n");
        return;
    };
    let percent = |n: u64| {
        if all.lines == 0 {
            0.0
        } else {
            n as f64 * 100.0 / all.lines as f64
        }
    };
    page.add(template!(
        "<p>Of {} lines in {} text files, {} ({:.2} %) were on screen and {} ({:.2} %) are marked reviewed. \
         {} searches of the whole snapshot ran to their end.</p>\n",
        all.lines,
        all.files,
        all.shown,
        percent(all.shown),
        all.reviewed,
        percent(all.reviewed),
        input.review.searches(),
    ));
    let mut rows = vec![("all text".to_owned(), all.lines, all.shown, all.reviewed)];
    if input.policy.paths == PathDetail::Full {
        rows.extend(folders(&coverage.rows));
    }
    picture(page, &rows);
}

type NamedBar = (String, u64, u64, u64);

/// Puts rows together by their topmost folder, those with most reviewed lines first.
fn folders(rows: &[CoverageRow]) -> Vec<NamedBar> {
    let mut tops: BTreeMap<String, [u64; 3]> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.shown + r.reviewed > 0) {
        let path = row
            .path
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let top = path.split_once('/').map_or(".", |(top, _)| top);
        let sums = tops.entry(top.to_owned()).or_default();
        for (sum, n) in sums.iter_mut().zip([row.lines, row.shown, row.reviewed]) {
            *sum += n;
        }
    }
    let mut bars: Vec<NamedBar> = tops
        .into_iter()
        .map(|(name, [lines, shown, reviewed])| (format!("{name}/"), lines, shown, reviewed))
        .collect();
    bars.sort_by(|a, b| b.3.cmp(&a.3).then_with(|| a.0.cmp(&b.0)));
    let others = bars.split_off(bars.len().min(FOLDERS));
    if !others.is_empty() {
        let sum = |of: fn(&NamedBar) -> u64| others.iter().map(of).sum();
        let name = format!("{} others", others.len());
        bars.push((name, sum(|b| b.1), sum(|b| b.2), sum(|b| b.3)));
    }
    bars
}

/// Draws a bar a row: what there is, what was shown, what was reviewed. Folders are counted over the files touched.
fn picture(page: &mut FirstHtmlPage<'_>, bars: &[NamedBar]) {
    let height = ROW * bars.len() as f64 + 8.0;
    page.add(template!(
        "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"coverage\">\n",
        WIDTH,
        height
    ));
    let (left, room) = (200.0, 440.0);
    for (nth, (name, lines, shown, reviewed)) in bars.iter().enumerate() {
        let y = ROW * nth as f64 + 4.0;
        let part = |n: u64| {
            if *lines == 0 {
                0.0
            } else {
                room * (n.min(*lines) as f64) / *lines as f64
            }
        };
        page.add(template!("<text x=\"0\" y=\"{}\">", y + 12.0));
        page.folder(name).add("</text>");
        for (class, width) in [
            ("track", room),
            ("shown", part(*shown)),
            ("done", part(*reviewed)),
        ] {
            page.add(template!(
                "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{:.1}\" height=\"14\" rx=\"2\"/>",
                class,
                left,
                y,
                width
            ));
        }
        page.add(template!(
            "<text class=\"q\" x=\"{}\" y=\"{}\">{} of {}</text>\n",
            left + room + 10.0,
            y + 12.0,
            reviewed,
            lines
        ));
    }
    page.add("</svg>\n<p class=\"quiet\">Dark: marked reviewed. Light: on screen. Folders: of the files touched.</p>\n");
}

fn describe(page: &mut FirstHtmlPage<'_>, finding: &Finding, input: &BundleInput<'_>) {
    let number = label(&finding.reviewer, 'F', finding.number);
    let severity = finding.severity;
    page.add(template!("<section class=\"card {}\">\n<h3>", severity))
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
            page.add("<h4>").say(what).add("</h4>\n");
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
            .checked(&number, "time", &change.time, TimeText)
            .add(": ")
            .inline(&number, "reason", &change.why)
            .add("</p>\n");
    }
    replies(page, finding.id, &number, input);
    page.add("<p class=\"quiet\">")
        .say(finding.id)
        .add("</p>\n</section>\n");
}

/// Adds what is chosen rather than written, each in a frame of its own.
fn chips(page: &mut FirstHtmlPage<'_>, finding: &Finding, number: &str) {
    fn chip(page: &mut FirstHtmlPage<'_>, value: impl ClosedText) {
        page.add("<span class=\"chip\">").say(value).add("</span>");
    }
    chip(page, finding.kind);
    chip(page, finding.status);
    chip(page, finding.confidence);
    chip(page, template!("priority {}", finding.priority));
    chip(page, template!("difficulty {}", finding.difficulty));
    if let Some(category) = finding.category {
        chip(page, category);
    }
    for id in &finding.cwe {
        page.add("<span class=\"chip\">")
            .weakness_in_chip(number, *id)
            .add("</span>");
    }
    for vector in &finding.cvss {
        let score = super::score(vector);
        chip(
            page,
            template!("CVSS {} {} {}", score, score.rating(), vector),
        );
    }
    for reference in &finding.references {
        page.add("<span class=\"chip\">")
            .reference(number, reference)
            .add("</span>");
    }
}

fn place_line(
    page: &mut FirstHtmlPage<'_>,
    location: &Location,
    of: &str,
    input: &BundleInput<'_>,
) {
    let anchor = &location.anchor;
    match place::shown(&anchor.path, input.policy.paths) {
        Some(path) => page
            .add("<code>")
            .path(of, &path)
            .add(template!(":{}</code> ", super::span(anchor))),
        None => page.add(template!("lines {} ", super::span(anchor))),
    };
    if let Some(symbol) = &anchor.symbol {
        page.add("in <code>")
            .name(of, "symbol", symbol)
            .add("</code> ");
    }
    if let Some(role) = location.role {
        page.say(role).add(" ");
    }
    page.inline(of, "label", &location.label);
    if location.is_quoted {
        page.add(" (the lines are in <code>excerpts.txt</code>)");
    }
    page.add(" <span class=\"quiet\">blob ")
        .blob(of, &anchor.blob)
        .add("</span>");
}

fn replies(page: &mut FirstHtmlPage<'_>, of: uuid::Uuid, number: &str, input: &BundleInput<'_>) {
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

fn notes(
    page: &mut FirstHtmlPage<'_>,
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
        page.add("<section class=\"card informational\">\n<h3>")
            .name(&number, "reviewer", &note.reviewer)
            .add(template!("/{}{}</h3>\n<p>", letter(kind), note.number));
        place_line(page, &note.location, &number, input);
        page.add("</p>\n");
        page.paragraphs(&number, "text", &note.text);
        replies(page, note.id, &number, input);
        page.add("</section>\n");
    }
}

fn sweeps(page: &mut FirstHtmlPage<'_>, input: &BundleInput<'_>) {
    if input.sweeps().next().is_none() {
        return;
    }
    page.add("<h2>Sweeps</h2>\n<p>Every hit of each query was to be judged; <code>sweeps.json</code> holds the verdicts.</p>\n");
    page.add("<table>\n<tr><th>Sweep</th><th>Query</th><th>Hits</th><th>Decided</th></tr>\n");
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
    page.add("</table>\n");
}

fn check(page: &mut FirstHtmlPage<'_>, input: &BundleInput<'_>) {
    page.add("<h2>How to check this report</h2>\n<p>It is one file of a signed bundle. In the bundle's folder, with the reviewer's line for <code>allowed_signers</code>:</p>\n<pre>ssh-keygen -Y verify -f ../allowed_signers -I ");
    page.name("bundle", "reviewer", input.reviewer);
    page.add(
        " -n findings@glassroom -s SHA256SUMS.sig &lt; SHA256SUMS\nsha256sum -c --strict SHA256SUMS</pre>\n\
         <p><code>README.txt</code> beside it says how to notice an added file, and how to look at each place with git alone.</p>\n",
    );
}
