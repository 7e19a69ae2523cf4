//! The side pane: what is written down about the file shown.

use super::canvas::Canvas;
use crate::app::App;
use crate::config::Role;
use crate::model::Item;

/// Draws the findings, notes and questions of the file, in the order of their lines.
pub fn render(app: &App, canvas: &mut Canvas<'_>) {
    let Some(file) = app.code.file() else { return };
    canvas.say(1, 0, "in this file", Role::Quiet);
    let mut rows: Vec<(u32, &Item, String)> = Vec::new();
    for item in app.review.items_in(&file.path) {
        for location in item.locations() {
            if location.anchor.blob == file.blob && location.anchor.path == file.path {
                rows.push((location.anchor.span.start(), item, location.label.clone()));
            }
        }
    }
    rows.sort_by_key(|(line, item, _)| (*line, item.id()));
    let mut y = 2;
    let height = canvas.height();
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
    if let Some(marks) = app.review.marks(&file.blob) {
        let total = u64::from(app.code.count());
        let done = marks.lines().min(total);
        let text = format!("reviewed {done} of {total} lines");
        canvas.say(1, height.saturating_sub(1), &text, Role::GutterReviewed);
    }
}
