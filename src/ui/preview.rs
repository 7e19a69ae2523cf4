//! The file beside a list, with the line in question in the middle.

use super::canvas::Canvas;
use super::code::token_style;
use crate::app::App;
use crate::app::preview::{Preview, Target};
use crate::config::Role;
use crate::job::{Body, Document};
use crate::model::HitLine;
use crate::text::{CellKind, Ruler};

/// Draws the file that the row under the cursor stands for. Until it is read nothing is drawn.
pub fn render(app: &App, canvas: &mut Canvas<'_>) {
    let Some(target) = app.target() else { return };
    let Some(doc) = app.preview.doc.as_ref().filter(|d| d.file == target.file) else {
        return;
    };
    if let Body::Absent(why) = &doc.body {
        let height = canvas.height();
        canvas.wrapped(
            0,
            height,
            &format!("Nothing to show: {why}."),
            Role::Warning,
        );
        return;
    }
    let top = Preview::top(doc, target.line, canvas.height().into());
    for (y, line) in (0..canvas.height()).zip(top..=doc.count()) {
        row(app, doc, &target, (line, y), canvas);
    }
}

fn row(app: &App, doc: &Document, target: &Target, (line, y): (u32, u16), canvas: &mut Canvas<'_>) {
    let is_target = line == target.line;
    let role = if is_target {
        Role::LineNumberCurrent
    } else {
        Role::LineNumber
    };
    let x = canvas.say(0, y, &format!("{line:>5} "), role);
    let text = doc.line(line);
    let ruler = doc.ruler(line, &text, app.printer);
    let room = usize::from(canvas.width().saturating_sub(x));
    let hit = target
        .hit
        .filter(|_| is_target && matches!(doc.body, Body::Text { .. }));
    let found = hit.map(|hit| bytes(hit, &ruler, text.len()));
    let left = match found {
        Some((start, _)) => {
            let column = ruler.column_of(start);
            if column + 8 > room {
                column.saturating_sub(room / 3)
            } else {
                0
            }
        }
        None => 0,
    };
    let (first, pieces) = ruler.window(left, room);
    let colours = app.preview.colours.get(&line);
    let theme = canvas.theme;
    canvas.pieces(x + first.saturating_sub(left) as u16, y, &pieces, |p| {
        let mut style = token_style(theme, colours, p);
        if p.kind == CellKind::Badge {
            style = style.patch(theme.role(Role::Badge));
        }
        if found.is_some_and(|(start, end)| p.start < end && start < p.end) {
            style = style.patch(theme.role(Role::MatchCurrent));
        }
        style
    });
    if is_target {
        let style = theme.role(Role::CursorLine);
        canvas.tint(y, style);
    }
}

/// Returns the bytes of a hit in the line on which it begins.
fn bytes(hit: HitLine, ruler: &Ruler<'_>, len: usize) -> (usize, usize) {
    let byte = |column| ruler.byte_of_char(column).unwrap_or(len);
    let end = if hit.end_line == hit.line {
        byte(hit.end_column)
    } else {
        len
    };
    (byte(hit.column), end)
}
