//! The gate: what would leave, what the gate says of it, and where it goes.

use super::canvas::{Canvas, wrap};
use super::status::grouped;
use crate::app::export::{Export, Focus, View, Work};
use crate::config::Role;
use crate::job::{ExportReport, officer};
use crate::model::{Budget, Overlap};
use std::collections::HashSet;

/// Column at which what is typed begins.
const TEXT: u16 = 13;
/// Rows that tell of the overlap under the cursor.
const DETAIL: u16 = 5;

/// Draws the screen. Returns its rows, and of what is scrolled its rows in all.
pub fn render(export: &Export, canvas: &mut Canvas<'_>) -> (u16, usize) {
    let (width, height) = (canvas.width(), canvas.height());
    if let (View::Officer, Some(report)) = (export.view, &export.report) {
        return (height, officer_text(export, report, canvas));
    }
    head(export, canvas);
    let budgets = match &export.report {
        Some(report) => {
            tabs(export, report, canvas);
            budgets(&report.verdict.budgets, canvas)
        }
        None => 1,
    };
    let form = form_rows(export);
    let top = 1 + budgets;
    let rows = height.saturating_sub(top + form);
    let mut area = canvas.part(0, top, width, rows);
    match (&export.report, export.view) {
        (Some(report), View::Overlaps) => overlaps(export, report, &mut area),
        (Some(report), _) => files(export, report, &mut area),
        (None, _) if export.is_busy() => {
            let text = "the bundle is rendered and compared with the delivery...";
            area.say(2, 1, text, Role::Quiet);
        }
        (None, _) => {}
    }
    let mut bottom = canvas.part(0, height.saturating_sub(form), width, form);
    match &export.report {
        Some(report) if export.is_done() => written(report, &mut bottom),
        _ => fields(export, &mut bottom),
    }
    (height, 0)
}

/// Returns the rows that fields, or what was written, and messages take.
fn form_rows(export: &Export) -> u16 {
    if export.is_done() {
        return 6;
    }
    5 + u16::from(export.asks_reason())
}

/// Draws the row with the verdict, or how far the gate is.
fn head(export: &Export, canvas: &mut Canvas<'_>) {
    let x = canvas.say(1, 0, "gate", Role::Accent) + 2;
    if export.work == Work::Writing {
        canvas.say(x, 0, "signing, writing and reading back...", Role::Warning);
        return;
    }
    if export.is_busy() {
        let x = canvas.say(x, 0, "judging", Role::Text) + 1;
        progress(export.judged, x, canvas);
        return;
    }
    let audience = format!("for the {}", export.audience.word());
    let x = match &export.report {
        Some(report) => {
            let bytes = report.files.iter().map(|f| f.bytes).sum();
            let files = report.files.len();
            let text = format!("{files} files, {} bytes {audience}", grouped(bytes));
            canvas.say(x, 0, &text, Role::Text)
        }
        None => canvas.say(x, 0, &audience, Role::Text),
    };
    let Some(report) = &export.report else { return };
    let overlaps = report.overlaps().len();
    let (text, role) = if report.verdict.is_only_stopped() {
        let text = format!("STOPPED {overlaps} times: a reason is needed");
        (text, Role::Warning)
    } else if report.verdict.blocked && overlaps > 0 {
        let word = if overlaps == 1 { "overlap" } else { "overlaps" };
        (format!("BLOCKED by {overlaps} {word}"), Role::Error)
    } else if report.verdict.blocked {
        ("BLOCKED: over the budget".to_owned(), Role::Error)
    } else if overlaps > 0 {
        let text = format!("may leave with the reason for {overlaps} stops");
        (text, Role::Good)
    } else {
        let text = "may leave: nothing is copied";
        (text.to_owned(), Role::Good)
    };
    canvas.say(x + 2, 0, &text, role);
}

/// Draws a bar with how much is compared.
fn progress(judged: Option<(u64, u64)>, x: u16, canvas: &mut Canvas<'_>) {
    let cancel = "Esc cancels ";
    let Some((done, total)) = judged else {
        canvas.right(x, 0, cancel, Role::Key);
        return;
    };
    let share = |of: u64| (done * of).checked_div(total).unwrap_or(0).min(of);
    let cells = canvas.width().saturating_sub(x + 48).clamp(8, 60);
    let full = share(u64::from(cells)) as usize;
    let (on, off) = (canvas.glyph("\u{2588}", "#"), canvas.glyph("\u{2591}", "."));
    let bar = on.repeat(full) + &off.repeat(usize::from(cells) - full);
    let x = canvas.say(x, 0, &bar, Role::Accent) + 1;
    let text = format!(
        "{} %, {} of {} MB",
        share(100),
        grouped(done >> 20),
        grouped(total >> 20)
    );
    let x = canvas.say(x, 0, &text, Role::Text) + 1;
    canvas.right(x, 0, cancel, Role::Key);
}

/// Draws what can be listed, the one that is with a sign.
fn tabs(export: &Export, report: &ExportReport, canvas: &mut Canvas<'_>) {
    let mut x = 1;
    for (view, key, text) in [
        (View::Files, "f", format!("files {}", report.files.len())),
        (
            View::Overlaps,
            "p",
            format!("overlaps {}", report.overlaps().len()),
        ),
        (View::Officer, "o", "officer's view".to_owned()),
    ] {
        let is_here = view == export.view;
        x = canvas.say(x, 1, if is_here { "[" } else { " " }, Role::Text);
        x = canvas.say(x, 1, key, Role::Key) + 1;
        let role = if is_here { Role::Text } else { Role::Quiet };
        x = canvas.say(x, 1, &text, role);
        x = canvas.say(x, 1, if is_here { "]" } else { " " }, Role::Text) + 1;
    }
}

/// Draws what is used of each budget. Returns the rows behind the first one that tabs and budgets take.
fn budgets(budgets: &[Budget], canvas: &mut Canvas<'_>) -> u16 {
    let (mut x, mut y) = (1, 2);
    for budget in budgets {
        let name = budget.name.replace("identifiers", "names");
        let name = name.replace("max_bundle_bytes", "bytes").replace('_', " ");
        let is_over = budget.used > budget.limit;
        let over = if is_over { " OVER" } else { "" };
        let text = format!(
            "{name} {}/{}{over}",
            grouped(budget.used),
            grouped(budget.limit)
        );
        let columns = canvas.columns(&text) as u16;
        if x > 1 && x + columns > canvas.width() {
            (x, y) = (1, y + 1);
        }
        let role = if is_over { Role::Error } else { Role::Quiet };
        x = canvas.say(x, y, &text, role) + 2;
    }
    y
}

fn files(export: &Export, report: &ExportReport, canvas: &mut Canvas<'_>) {
    let (width, rows) = (canvas.width(), canvas.height());
    let list_width = (width / 3).clamp(20, 34);
    let mut list = canvas.part(0, 0, list_width, rows);
    let top = (export.file + 1).saturating_sub(rows.into());
    for (y, (at, file)) in (0..rows).zip(report.files.iter().enumerate().skip(top)) {
        list.say(1, y, &file.name, Role::Text);
        list.right(1, y, &format!("{} ", grouped(file.bytes)), Role::Quiet);
        cursor(export, at == export.file, y, &mut list);
    }
    let glyph = canvas.glyph("\u{2502}", "|");
    for y in 0..rows {
        canvas.say(list_width, y, glyph, Role::Rule);
    }
    let Some(file) = report.files.get(export.file) else {
        return;
    };
    let x = list_width + 1;
    let mut text = canvas.part(x, 0, width.saturating_sub(x), rows);
    let sum = format!("SHA-256 {}", file.sha256);
    text.say(0, 0, &sum, Role::Quiet);
    for (y, line) in (1..rows).zip(file.text.lines().skip(export.scroll)) {
        text.say(0, y, line, Role::Text);
    }
}

fn cursor(export: &Export, is_here: bool, y: u16, list: &mut Canvas<'_>) {
    if is_here {
        let role = if export.focus == Focus::List {
            Role::Selection
        } else {
            Role::CursorLine
        };
        let style = list.theme.role(role);
        list.tint(y, style);
    }
}

fn overlaps(export: &Export, report: &ExportReport, canvas: &mut Canvas<'_>) {
    let (width, height) = (canvas.width(), canvas.height());
    let all = report.overlaps();
    if all.is_empty() {
        let text = "nothing in it is copied from the vendor's text";
        canvas.say(1, 0, text, Role::Good);
        return;
    }
    let detail = if height >= 2 * DETAIL { DETAIL } else { 0 };
    let rows = height - detail;
    let top = (export.overlap + 1).saturating_sub(rows.into());
    let half = (width.saturating_sub(22) / 2).max(1);
    for (y, (at, overlap)) in (0..rows).zip(all.iter().enumerate().skip(top)) {
        canvas.say(1, y, overlap.rule.word(), Role::Error);
        let ours = format!("{}:{} {}", overlap.file, overlap.line, overlap.what);
        canvas.part(10, y, half, 1).say(0, 0, &ours, Role::Text);
        let theirs = format!("= {}", theirs(overlap));
        let theirs = tail(&theirs, half.into());
        canvas
            .part(11 + half, y, half, 1)
            .say(0, 0, &theirs, Role::Text);
        canvas.right(0, y, &format!("{} ", overlap.length), Role::Quiet);
        cursor(export, at == export.overlap, y, canvas);
    }
    let Some(overlap) = all.get(export.overlap).filter(|_| detail > 0) else {
        return;
    };
    let text = format!(
        "{} of {}, length {}: {}",
        export.overlap + 1,
        all.len(),
        overlap.length,
        officer::plainly(overlap.rule)
    );
    let glyph = canvas.glyph("\u{2500}", "-");
    canvas.say(0, rows, &glyph.repeat(width.into()), Role::Rule);
    canvas.say(1, rows + 1, &text, Role::Text);
    let ours = format!(
        "in the export    {}, {}:{}{}",
        overlap.what,
        overlap.file,
        overlap.line,
        match other_files(overlap) {
            0 => String::new(),
            1 => " and 1 more file".to_owned(),
            n => format!(" and {n} more files"),
        }
    );
    canvas.say(1, rows + 2, &ours, Role::Text);
    let theirs = format!("in the delivery  {}", theirs(overlap));
    canvas.say(1, rows + 3, &theirs, Role::Text);
    let words = export.words.get(export.overlap).map_or("", String::as_str);
    if !words.is_empty() {
        let x = canvas.say(1, rows + 4, "words            ", Role::Text);
        canvas.say(x, rows + 4, words, Role::Match);
    }
}

/// Returns where it stands in the snapshot.
fn theirs(overlap: &Overlap) -> String {
    match (&overlap.path, overlap.at) {
        (Some(path), Some(at)) => match &overlap.commit {
            Some(commit) => format!("{path}:{at} of commit {}", commit.short()),
            None => format!("{path}:{at}"),
        },
        (None, Some(at)) => match (&overlap.commit, &overlap.tag, &overlap.blob) {
            (Some(commit), ..) => format!("message of commit {}, line {at}", commit.short()),
            (_, Some(tag), _) => format!("message of tag {}, line {at}", tag.short()),
            (_, _, Some(blob)) => {
                format!("blob {}, line {at}, which no commit names", blob.short())
            }
            _ => String::new(),
        },
        _ => "nowhere: it is wrong by itself".to_owned(),
    }
}

/// Returns the end of a text: of a path it says more than the beginning.
fn tail(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        return text.to_owned();
    }
    let cut = text.chars().skip(count + 2 - width.max(2));
    format!("..{}", cut.collect::<String>())
}

/// Draws the text for the officer. Returns its rows in all.
fn officer_text(export: &Export, report: &ExportReport, canvas: &mut Canvas<'_>) -> usize {
    let mut rows: Vec<(String, Role)> = Vec::new();
    let width = usize::from(canvas.width().saturating_sub(2));
    for section in officer::view(report) {
        if !rows.is_empty() {
            rows.push((String::new(), Role::Text));
        }
        rows.push((section.title.to_owned(), Role::Accent));
        for line in &section.lines {
            let indent = line.len() - line.trim_start().len();
            for part in wrap(line.trim_start(), width.saturating_sub(indent)) {
                rows.push((" ".repeat(indent) + part, Role::Text));
            }
        }
    }
    let height = usize::from(canvas.height());
    let top = export.officer.min(rows.len().saturating_sub(height));
    for (y, (text, role)) in rows.iter().skip(top).take(height).enumerate() {
        canvas.say(1, y as u16, text, *role);
    }
    rows.len()
}

fn fields(export: &Export, canvas: &mut Canvas<'_>) {
    let field = |focus, name, text: &str, cursor, y, canvas: &mut Canvas<'_>| {
        let is_here = export.focus == focus;
        let role = if is_here { Role::Prompt } else { Role::Quiet };
        canvas.say(1, y, name, role);
        canvas.field(TEXT, y, text, Some(cursor).filter(|_| is_here));
    };
    let (to, key, reason) = (&export.to, &export.key, &export.reason);
    field(Focus::To, "folder", to.text(), to.cursor(), 0, canvas);
    field(Focus::Key, "key", key.text(), key.cursor(), 1, canvas);
    if export.is_locked() {
        // Stars are one byte each, and nobody edits what is not seen: the cursor is at the end.
        let stars = "*".repeat(export.passphrase.length());
        field(
            Focus::Passphrase,
            "passphrase",
            &stars,
            stars.len(),
            2,
            canvas,
        );
        if export.focus == Focus::Passphrase && !export.passphrase.is_locked() {
            let x = TEXT + stars.len().min(1000) as u16 + 2;
            let text = "the system locks no memory: it may reach the swap";
            canvas.say(x, 2, text, Role::Warning);
        }
    } else {
        canvas.say(1, 2, "passphrase", Role::Quiet);
        canvas.say(TEXT, 2, "none: an agent holds the key", Role::Quiet);
    }
    let mut y = 3;
    if export.asks_reason() {
        field(
            Focus::Reason,
            "reason",
            reason.text(),
            reason.cursor(),
            y,
            canvas,
        );
        y += 1;
    }
    if let Some((why, hint)) = &export.error {
        canvas.say(1, y, why, Role::Error);
        canvas.say(1, y + 1, hint, Role::Quiet);
        return;
    }
    canvas.say(1, y, hint(export.focus), Role::Quiet);
}

/// Says what is expected in a field.
fn hint(focus: Focus) -> &'static str {
    match focus {
        Focus::List => "The folder is the bundle and must not exist; m lists removable media.",
        Focus::To => "The folder is the bundle and must not exist; ^p lists removable media.",
        Focus::Key => {
            "A key's file (glassroom key new makes one), or agent:SHA256:... of an ssh-agent."
        }
        Focus::Passphrase => "It is not shown and not kept.",
        Focus::Reason => {
            "Why what is listed may leave: it is signed into the bundle. Enter judges again."
        }
    }
}

/// Says where the bundle is, and what is to be done now.
fn written(report: &ExportReport, canvas: &mut Canvas<'_>) {
    let to = report.written.as_deref().unwrap_or_default();
    canvas.say(
        1,
        0,
        &format!("Written, read back and found right: {to}"),
        Role::Good,
    );
    canvas.say(
        1,
        1,
        &format!("SHA256SUMS  {}", report.about.manifest),
        Role::Text,
    );
    canvas.say(1, 2, &format!("signed by   {}", report.key), Role::Text);
    canvas.say(1, 3, "It is safe to remove.", Role::Good);
    if report.about.policy.needs_release() {
        let text = "It is not valid before a second person releases it:";
        canvas.say(1, 4, text, Role::Warning);
        canvas.say(
            1,
            5,
            &officer::release_for(&report.about.policy, to),
            Role::Text,
        );
    } else {
        let text = "README.txt in it says how to check it with ssh-keygen and sha256sum.";
        canvas.say(1, 4, text, Role::Quiet);
    }
}

/// Returns in how many other files of the bundle an overlap is; SARIF has a text twice.
fn other_files(overlap: &Overlap) -> usize {
    let files: HashSet<&str> = overlap.also.iter().map(|at| at.file.as_str()).collect();
    files.len() - usize::from(files.contains(overlap.file.as_str()))
}
