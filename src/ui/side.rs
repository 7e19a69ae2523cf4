//! The side pane: what is written down about the file shown, and its symbols.

use super::canvas::Canvas;
use crate::app::App;
use crate::app::symbols::Outline;
use crate::config::Role;
use crate::model::{Item, SymbolRole};

/// Draws the findings, notes and questions of the file, in the order of their lines, and below them its symbols.
pub fn render(app: &App, canvas: &mut Canvas<'_>) {
    let Some(file) = app.code.file() else { return };
    canvas.say(1, 0, "in this file", Role::Quiet);
    let mut rows: Vec<(u32, &Item, String)> = Vec::new();
    for item in app.review.items_in(&file.path) {
        for location in item.locations() {
            if location.anchor.blob == file.blob && location.anchor.path == file.path {
                rows.push((
                    location.anchor.extent.first_row(),
                    item,
                    location.label.clone(),
                ));
            }
        }
    }
    rows.sort_by_key(|(line, item, _)| (*line, item.id()));
    let mut y = 2;
    let bottom = canvas.height();
    let height = match app.outline() {
        Some(outline) if !outline.rows.is_empty() => bottom.saturating_sub(bottom / 2),
        _ => bottom,
    };
    if rows.is_empty() {
        canvas.say(1, y, "nothing yet", Role::Quiet);
        y += 2;
    }
    let width = canvas.width().saturating_sub(2);
    for (line, item, label) in rows {
        if y + 1 >= height {
            break;
        }
        let mut x = canvas.say(1, y, &format!("{line:>5} "), Role::LineNumber);
        let name = item.label_for(&app.identity.reviewer);
        x = match item {
            Item::Finding(f) => {
                let style = canvas.theme.severity(f.severity);
                canvas.put(x, y, &format!("{name} {}", f.severity), style)
            }
            Item::Note(_) => canvas.say(x, y, &name, Role::GutterNote),
        };
        canvas.say(x + 1, y, &label, Role::Quiet);
        let mut part = canvas.part(2, y + 1, width.saturating_sub(1), 3);
        y += 1 + part.wrapped(0, 3, item.title(), Role::Text) + 1;
    }
    if let Some(outline) = app.outline().filter(|o| !o.rows.is_empty()) {
        let rows = bottom.saturating_sub(y + 3);
        symbols(app, outline, &mut canvas.part(0, y + 1, width + 2, rows));
    }
    if app.review.is_marked_whole(&file.path, &file.blob) {
        canvas.say(
            1,
            bottom.saturating_sub(1),
            "reviewed as a whole",
            Role::GutterReviewed,
        );
    } else if let Some(marks) = app
        .review
        .marks(&file.blob)
        .filter(|_| app.code.count() > 0)
    {
        let total = u64::from(app.code.count());
        let done = marks.lines().min(total);
        let text = format!("reviewed {done} of {total} lines");
        canvas.say(1, bottom.saturating_sub(1), &text, Role::GutterReviewed);
    }
}

/// Draws the part of the outline around the cursor.
fn symbols(app: &App, outline: &Outline, canvas: &mut Canvas<'_>) {
    let how = if outline.how == "exact" {
        "symbols".to_owned()
    } else {
        format!("symbols, {}", outline.how)
    };
    canvas.say(1, 0, &how, Role::Quiet);
    let rows = canvas.height().saturating_sub(1);
    let here = outline.enclosing(app.code.line);
    let above = outline.rows.iter().rposition(|r| r.line <= app.code.line);
    let middle = here.or(above).unwrap_or(0);
    let last_top = outline.rows.len().saturating_sub(rows.into());
    let top = middle.saturating_sub(usize::from(rows / 2)).min(last_top);
    for (y, at) in (1..=rows).zip(top..outline.rows.len()) {
        let row = &outline.rows[at];
        let x = canvas.say(1, y, &format!("{:>5} ", row.line), Role::LineNumber);
        let indent = 2 * outline.depth(at).min(4) as u16;
        let role = if row.role == SymbolRole::Declaration {
            Role::Quiet
        } else {
            Role::Text
        };
        let end = canvas.say(x + indent, y, &row.name, role);
        canvas.right(end + 1, y, &format!("{} ", row.kind), Role::Quiet);
        if Some(at) == here {
            let style = canvas.theme.role(Role::CursorLine);
            canvas.tint(y, style);
        }
    }
}
