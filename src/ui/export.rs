//! The gate: every outgoing file, its text, what the gate says, and where it goes.

use super::canvas::Canvas;
use super::status::grouped;
use crate::app::export::{Export, Focus};
use crate::config::Role;

/// Draws the screen. Returns its rows.
pub fn render(export: &Export, canvas: &mut Canvas<'_>) -> u16 {
    let (width, height) = (canvas.width(), canvas.height());
    let form = height.saturating_sub(5);
    verdict(export, canvas);
    if let Some(report) = &export.report {
        let rows = form.saturating_sub(1);
        let list_width = (width / 3).clamp(20, 34);
        let mut list = canvas.part(0, 1, list_width, rows);
        let top = (export.cursor + 1).saturating_sub(rows.into());
        for (y, (at, file)) in (0..rows).zip(report.files.iter().enumerate().skip(top)) {
            list.say(1, y, &file.name, Role::Text);
            list.right(1, y, &format!("{} ", grouped(file.bytes)), Role::Quiet);
            if at == export.cursor {
                let role = if export.focus == Focus::Files {
                    Role::Selection
                } else {
                    Role::CursorLine
                };
                let style = list.theme.role(role);
                list.tint(y, style);
            }
        }
        let glyph = canvas.glyph("\u{2502}", "|");
        for y in 1..=rows {
            canvas.say(list_width, y, glyph, Role::Rule);
        }
        if let Some(file) = report.files.get(export.cursor) {
            let mut text = canvas.part(
                list_width + 1,
                1,
                width.saturating_sub(list_width + 1),
                rows,
            );
            for (y, line) in (0..rows).zip(file.text.lines().skip(export.scroll)) {
                text.say(0, y, line, Role::Text);
            }
        }
    } else if export.error.is_none() {
        canvas.say(
            2,
            2,
            "rendering the bundle and comparing it with the snapshot...",
            Role::Quiet,
        );
    }
    if export.is_done() {
        let report = export.report.as_ref();
        let to = report.and_then(|r| r.written.clone()).unwrap_or_default();
        let key = report.map(|r| r.key.clone()).unwrap_or_default();
        canvas.say(
            1,
            form,
            &format!("Written, read back and verified: {to}"),
            Role::Good,
        );
        canvas.say(1, form + 1, &format!("Signed with {key}"), Role::Text);
        canvas.say(
            1,
            form + 2,
            "Check it with: ssh-keygen -Y verify, sha256sum -c (README.txt in it says how)",
            Role::Quiet,
        );
        return height;
    }
    field(export, Focus::To, "folder", export.to.text(), form, canvas);
    field(
        export,
        Focus::Key,
        "key",
        export.key.text(),
        form + 1,
        canvas,
    );
    let stars = "*".repeat(export.passphrase.text().chars().count());
    field(
        export,
        Focus::Passphrase,
        "passphrase",
        &stars,
        form + 2,
        canvas,
    );
    if let Some((why, hint)) = &export.error {
        canvas.say(1, form + 3, why, Role::Error);
        canvas.say(1, form + 4, hint, Role::Quiet);
    } else {
        let text = "The folder is the bundle and must not exist; glassroom key new makes a key.";
        canvas.say(1, form + 3, text, Role::Quiet);
    }
    height
}

fn verdict(export: &Export, canvas: &mut Canvas<'_>) {
    let x = canvas.say(1, 0, "gate", Role::Accent) + 2;
    let Some(report) = &export.report else { return };
    let bytes: u64 = report.files.iter().map(|f| f.bytes).sum();
    let text = format!(
        "{} files, {} bytes would leave",
        report.files.len(),
        grouped(bytes)
    );
    let x = canvas.say(x, 0, &text, Role::Text) + 2;
    if report.verdict.blocked {
        let what = report.overlaps().first().map(|o| {
            let at = o
                .path
                .as_ref()
                .map(|p| format!(" = {p}:{}", o.at.unwrap_or(0)))
                .unwrap_or_default();
            format!("{} {}{at}", o.rule.word(), o.what)
        });
        let text = format!(
            "BLOCKED by {} overlaps: {}",
            report.overlaps().len(),
            what.unwrap_or_default()
        );
        canvas.say(x, 0, &text, Role::Error);
    } else {
        canvas.say(x, 0, "no vendor text found in what was typed", Role::Good);
    }
}

fn field(export: &Export, focus: Focus, name: &str, text: &str, y: u16, canvas: &mut Canvas<'_>) {
    let has_cursor = export.focus == focus;
    canvas.say(
        1,
        y,
        name,
        if has_cursor {
            Role::Prompt
        } else {
            Role::Quiet
        },
    );
    // Stars are one byte each, so the end is right for the passphrase too.
    let input = match focus {
        Focus::To => Some(export.to.cursor()),
        Focus::Key => Some(export.key.cursor()),
        _ => Some(text.len()),
    };
    canvas.field(13, y, text, input.filter(|_| has_cursor));
}
