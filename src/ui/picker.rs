//! A list narrowed by typing.

use super::canvas::Canvas;
use super::preview;
use super::status::grouped;
use crate::app::App;
use crate::app::layer::Pick;
use crate::app::picker::Picker;
use crate::config::Role;

/// From this width on there is room beside the list.
const WIDE: u16 = 100;

/// Draws the list, and what the row under the cursor stands for beside it if there is room. Returns its rows.
pub fn render(app: &App, (pick, picker): (&Pick, &Picker), canvas: &mut Canvas<'_>) -> u16 {
    let (width, height) = (canvas.width(), canvas.height());
    let (what, has_preview) = match pick {
        Pick::File => ("f", true),
        Pick::FindingForPlace(_) => ("add the place to", false),
        Pick::Medium(_) => ("write to", false),
        Pick::Encoding(..) => ("read the file as", false),
        Pick::Query { .. } => ("search for", false),
        Pick::Sweep(_) => ("sweep", false),
        Pick::Status(_) => ("status", false),
        Pick::NewHome { .. } => ("move the place to", false),
        Pick::Cwe => ("CWE", false),
        Pick::Word(field) => (field.name(), false),
        Pick::Template => ("template", false),
    };
    let x = canvas.say(1, 0, what, Role::Prompt) + 1;
    let counts = format!(
        "{} of {} ",
        grouped(picker.matched() as u64),
        grouped(picker.total() as u64)
    );
    let field = width.saturating_sub(x + counts.len() as u16 + 1);
    canvas
        .part(x, 0, field, 1)
        .field(0, 0, picker.input.text(), Some(picker.input.cursor()));
    canvas.right(x + field, 0, &counts, Role::Quiet);
    let rows = height.saturating_sub(1);
    let list_width = if has_preview && width >= WIDE {
        width * 9 / 20
    } else {
        width
    };
    if list_width < width {
        let glyph = canvas.glyph("\u{2502}", "|");
        for y in 1..height {
            canvas.say(list_width, y, glyph, Role::Rule);
        }
        preview::render(
            app,
            &mut canvas.part(list_width + 1, 1, width - list_width - 1, rows),
        );
    }
    let canvas = &mut canvas.part(0, 0, list_width, height);
    let mut marker = picker.marker();
    for y in 0..rows {
        let at = picker.top + usize::from(y);
        let Some(row) = picker.rows().get(at) else {
            let hidden = picker.matched() - picker.rows().len();
            if hidden > 0 {
                let text = format!("{} more: type on", grouped(hidden as u64));
                canvas.say(3, y + 1, &text, Role::Quiet);
            }
            break;
        };
        let found = marker(row);
        let (plain, matched) = (
            canvas.theme.role(Role::Text),
            canvas.theme.role(Role::PickerMatch),
        );
        let pieces = crate::text::Printer {
            tab: 8,
            ascii: canvas.is_ascii(),
        }
        .window(&row.text, 0, usize::from(list_width.saturating_sub(3)))
        .1;
        canvas.pieces(3, y + 1, &pieces, |p| {
            if found.binary_search(&p.start).is_ok() {
                plain.patch(matched)
            } else {
                plain
            }
        });
        if at == picker.cursor {
            let style = canvas.theme.role(Role::Selection);
            canvas.tint(y + 1, style);
        }
    }
    if picker.matched() == 0 && picker.is_current() {
        canvas.say(3, 1, "nothing matches", Role::Quiet);
    }
    rows
}
