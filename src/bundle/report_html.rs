//! `report.html`: the report to be looked at and printed.

use super::html::Html;
use super::place;
use super::render::{BundleInput, label};
use super::report::ORDER;
use super::schema::{Coverage, CoverageRow};
use crate::model::{Finding, Location, Note, NoteKind, PathDetail, Status, Typed, Voice, cwe};
use std::collections::BTreeMap;

/// Returns the file's bytes and the typed texts in it.
pub fn render(
    input: &BundleInput<'_>,
    coverage: &Coverage,
    time: Option<&str>,
) -> (Vec<u8>, Vec<Typed>) {
    let mut page = Html::new("report.html", &format!("Findings, bundle {}", input.number));
    if !input.policy.label.is_empty() {
        page.add("<div class=\"label\">")
            .inline("policy label", &input.policy.label)
            .add("</div>\n");
    }
    page.add("<h1>Findings</h1>\n<p class=\"lead\">Review ")
        .inline("review name", input.review_name);
    page.add(&format!(", bundle {}, signed by ", input.number))
        .say(input.reviewer)
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
    page.finish()
}

fn fact(page: &mut Html, name: &str, value: &str) {
    page.add("<tr><th>").say(name).add("</th><td>");
    page.say(value).add("</td></tr>\n");
}

fn identity(page: &mut Html, input: &BundleInput<'_>, time: Option<&str>) {
    let delivery = input.delivery;
    page.add("<table class=\"facts\">\n");
    fact(page, "Commit", &delivery.commit.to_string());
    fact(page, "Tree", &delivery.tree.to_string());
    let whole = if delivery.complete {
        "complete"
    } else {
        "NOT complete"
    };
    let delivered = format!(
        "{} files, {} lines, {whole}",
        delivery.files, delivery.lines
    );
    fact(page, "Delivered", &delivered);
    fact(page, "Newest entry", time.unwrap_or("none"));
    fact(
        page,
        "Program",
        &format!(
            "Glassroom {} {}",
            input.program.version, input.program.digest
        ),
    );
    fact(page, "Confinement", input.confinement);
    fact(page, "Audience", input.readers());
    page.add("</table>\n");
}

/// Draws how many findings there are of each severity, and where they stand.
fn summary(page: &mut Html, input: &BundleInput<'_>) {
    page.add("<h2>Summary</h2>\n<table>\n<tr><th>Severity</th>");
    for status in Status::ALL {
        page.add("<th>").say(status.word()).add("</th>");
    }
    page.add("</tr>\n");
    for severity in ORDER {
        page.add(&format!(
            "<tr><td><span class=\"chip sev {severity}\">{severity}</span></td>"
        ));
        for status in Status::ALL {
            let is_it = |f: &&Finding| f.severity == severity && f.status == *status;
            let count = input.findings().filter(is_it).count();
            page.add(&format!("<td class=\"n\">{count}</td>"));
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

fn covered(page: &mut Html, input: &BundleInput<'_>, coverage: &Coverage) {
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
    page.add(&format!(
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

type Bar = (String, u64, u64, u64);

/// Puts rows together by their topmost folder, those with most reviewed lines first.
fn folders(rows: &[CoverageRow]) -> Vec<Bar> {
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
    let mut bars: Vec<Bar> = tops
        .into_iter()
        .map(|(name, [lines, shown, reviewed])| (format!("{name}/"), lines, shown, reviewed))
        .collect();
    bars.sort_by(|a, b| b.3.cmp(&a.3).then_with(|| a.0.cmp(&b.0)));
    let others = bars.split_off(bars.len().min(FOLDERS));
    if !others.is_empty() {
        let sum = |of: fn(&Bar) -> u64| others.iter().map(of).sum();
        let name = format!("{} others", others.len());
        bars.push((name, sum(|b| b.1), sum(|b| b.2), sum(|b| b.3)));
    }
    bars
}

/// Draws a bar a row: what there is, what was shown, what was reviewed. Folders are counted over the files touched.
fn picture(page: &mut Html, bars: &[Bar]) {
    let height = ROW * bars.len() as f64 + 8.0;
    page.add(&format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"coverage\">\n"
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
        page.add(&format!("<text x=\"0\" y=\"{}\">", y + 12.0));
        page.say(name).add("</text>");
        for (class, width) in [
            ("track", room),
            ("shown", part(*shown)),
            ("done", part(*reviewed)),
        ] {
            page.add(&format!(
                "<rect class=\"{class}\" x=\"{left}\" y=\"{y}\" width=\"{width:.1}\" height=\"14\" rx=\"2\"/>"
            ));
        }
        page.add(&format!(
            "<text class=\"q\" x=\"{}\" y=\"{}\">{reviewed} of {lines}</text>\n",
            left + room + 10.0,
            y + 12.0
        ));
    }
    page.add("</svg>\n<p class=\"quiet\">Dark: marked reviewed. Light: on screen. Folders: of the files touched.</p>\n");
}

fn describe(page: &mut Html, finding: &Finding, input: &BundleInput<'_>) {
    let number = label(&finding.reviewer, 'F', finding.number);
    let severity = finding.severity;
    page.add(&format!("<section class=\"card {severity}\">\n<h3>"));
    page.say(&number).add(" ");
    page.inline(&format!("{number} title"), &finding.title);
    page.add(&format!(
        "</h3>\n<span class=\"chip sev {severity}\">{severity}</span>"
    ));
    for chip in chips(finding) {
        page.add("<span class=\"chip\">").say(&chip).add("</span>");
    }
    page.add("\n");
    for (what, text) in finding.words.each() {
        if text.is_empty() {
            continue;
        }
        if what != "statement" {
            page.add("<h4>").say(what).add("</h4>\n");
        }
        page.paragraphs(&format!("{number} {what}"), text);
    }
    let heading = if finding.is_trail {
        "From source to sink"
    } else {
        "Places"
    };
    page.add(&format!("<h4>{heading}</h4>\n<ol class=\"places\">\n"));
    for location in &finding.locations {
        page.add("<li>");
        place_line(page, location, &number, input);
        page.add("</li>\n");
    }
    page.add("</ol>\n");
    for change in &finding.history {
        let who = format!(
            "{} by {}, {}: ",
            change.status, change.reviewer, change.time
        );
        page.add("<p>").say(&who);
        page.inline(&format!("{number} reason"), &change.why)
            .add("</p>\n");
    }
    replies(page, finding.id, &number, input);
    page.add("<p class=\"quiet\">")
        .say(&finding.id.to_string())
        .add("</p>\n</section>\n");
}

fn chips(finding: &Finding) -> Vec<String> {
    let mut chips = vec![
        finding.kind.to_string(),
        finding.status.to_string(),
        finding.confidence.to_string(),
        format!("priority {}", finding.priority),
        format!("difficulty {}", finding.difficulty),
    ];
    chips.extend(finding.category.map(|c| c.to_string()));
    chips.extend(finding.cwe.iter().map(|id| match cwe::title(*id) {
        Some(title) => format!("CWE-{id} {title}"),
        None => format!("CWE-{id}"),
    }));
    let scores = finding.cvss.iter();
    chips.extend(scores.map(|v| format!("CVSS {:.1} {} {}", v.score(), v.rating(), v.text())));
    chips.extend(finding.references.iter().map(ToString::to_string));
    chips
}

fn place_line(page: &mut Html, location: &Location, of: &str, input: &BundleInput<'_>) {
    let anchor = &location.anchor;
    match place::shown(&anchor.path, input.policy.paths) {
        Some(path) => page
            .add("<code>")
            .say(&format!("{path}:{}", anchor.span))
            .add("</code> "),
        None => page.say(&format!("lines {} ", anchor.span)),
    };
    if let Some(symbol) = &anchor.symbol {
        page.add("in <code>").say(symbol).add("</code> ");
    }
    if let Some(role) = location.role {
        page.say(role.word()).add(" ");
    }
    page.inline(&format!("{of} label"), &location.label);
    if location.is_quoted {
        page.add(" (the lines are in <code>excerpts.txt</code>)");
    }
    page.add(" <span class=\"quiet\">blob ")
        .say(&anchor.blob.to_string())
        .add("</span>");
}

fn replies(page: &mut Html, of: uuid::Uuid, number: &str, input: &BundleInput<'_>) {
    for reply in input.review.replies(of) {
        let voice = match reply.voice {
            Voice::Opinion => "opinion of",
            Voice::Answer => "the vendor's answer, noted by",
        };
        page.add("<h4>")
            .say(&format!("{voice} {}", reply.reviewer))
            .add("</h4>\n");
        page.paragraphs(&format!("{number} reply"), &reply.text);
    }
}

fn notes(page: &mut Html, input: &BundleInput<'_>, kind: NoteKind, heading: &str) {
    let notes: Vec<&Note> = input.notes(kind).collect();
    if notes.is_empty() {
        return;
    }
    page.add(&format!("<h2>{heading}</h2>\n"));
    for note in notes {
        let number = label(&note.reviewer, kind.letter(), note.number);
        page.add("<section class=\"card informational\">\n<h3>")
            .say(&number)
            .add("</h3>\n<p>");
        place_line(page, &note.location, &number, input);
        page.add("</p>\n");
        page.paragraphs(&format!("{number} text"), &note.text);
        replies(page, note.id, &number, input);
        page.add("</section>\n");
    }
}

fn sweeps(page: &mut Html, input: &BundleInput<'_>) {
    if input.sweeps().next().is_none() {
        return;
    }
    page.add("<h2>Sweeps</h2>\n<p>Every hit of each query was to be judged; <code>sweeps.json</code> holds the verdicts.</p>\n");
    page.add("<table>\n<tr><th>Sweep</th><th>Query</th><th>Hits</th><th>Decided</th></tr>\n");
    for state in input.sweeps() {
        let number = label(&state.sweep.reviewer, 'W', state.sweep.number);
        page.add("<tr><td>").say(&number).add(" ");
        page.inline(&format!("{number} name"), &state.sweep.name)
            .add("</td><td><code>");
        page.inline(&format!("{number} query"), &state.sweep.query);
        page.add(&format!(
            "</code></td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
            state.sweep.hits,
            state.decided()
        ));
    }
    page.add("</table>\n");
}

fn check(page: &mut Html, input: &BundleInput<'_>) {
    page.add("<h2>How to check this report</h2>\n<p>It is one file of a signed bundle. In the bundle's folder, with the reviewer's line for <code>allowed_signers</code>:</p>\n<pre>ssh-keygen -Y verify -f ../allowed_signers -I ");
    page.say(input.reviewer);
    page.add(
        " -n findings@glassroom -s SHA256SUMS.sig &lt; SHA256SUMS\nsha256sum -c --strict SHA256SUMS</pre>\n\
         <p><code>README.txt</code> beside it says how to notice an added file, and how to look at each place with git alone.</p>\n",
    );
}
