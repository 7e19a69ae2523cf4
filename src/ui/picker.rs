//! A list narrowed by typing.

use super::canvas::Canvas;
use super::preview;
use super::status::grouped;
use crate::app::App;
use crate::app::layer::Pick;
use crate::app::picker::Picker;
use crate::config::Role;
use crate::job::{Asked, SymbolsState};
use crate::model::SymbolRole;

/// From this width on there is room beside the list.
const WIDE: u16 = 100;

/// Draws the list, and what the row under the cursor stands for beside it if there is room. Returns its rows.
pub fn render(app: &App, (pick, picker): (&Pick, &Picker), canvas: &mut Canvas<'_>) -> u16 {
    let (width, height) = (canvas.width(), canvas.height());
    let (what, has_preview) = match pick {
        Pick::File => ("f", true),
        Pick::Outline(_) => ("o", true),
        Pick::Symbol(_) => ("S", true),
        Pick::Place(places) => match places.of {
            Asked::Definitions => ("gd", true),
            Asked::References => ("gr", true),
        },
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
        Pick::Draft(_) => ("drafts", false),
    };
    let x = canvas.say(1, 0, what, Role::Prompt) + 1;
    let counts = format!(
        "{}{} of {} ",
        note(app, pick),
        grouped(picker.matched() as u64),
        grouped(picker.total() as u64)
    );
    let field = width.saturating_sub(x + canvas.columns(&counts) as u16 + 1);
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
        let detail = detail(app, (pick, picker), (at, row.id), list_width);
        let room = list_width.saturating_sub(4 + canvas.columns(&detail) as u16);
        let printer = crate::text::Printer {
            tab: 8,
            ascii: canvas.is_ascii(),
        };
        let pieces = printer.window(&row.text, 0, room.into()).1;
        let end = canvas.pieces(3, y + 1, &pieces, |p| {
            if found.binary_search(&p.start).is_ok() {
                plain.patch(matched)
            } else {
                plain
            }
        });
        if let Some(text) = text_of(app, pick, row.id) {
            let room = (room + 3).saturating_sub(end + 2);
            let text = text.trim_start();
            let pieces = printer.window(text, 0, room.into()).1;
            let quiet = canvas.theme.role(Role::Quiet);
            canvas.pieces(end + 2, y + 1, &pieces, |_| quiet);
        }
        canvas.right(end, y + 1, &detail, Role::Quiet);
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

/// Says what the list lacks, if anything.
fn note(app: &App, pick: &Pick) -> String {
    match pick {
        Pick::Outline(outline) if outline.how != "exact" => format!("{}  ", outline.how),
        Pick::Symbol(_) => match &app.symbols {
            SymbolsState::Unknown => "the index comes first  ".to_owned(),
            SymbolsState::Building { done, total } => {
                let percent = (done * 100).checked_div(*total).unwrap_or(0);
                format!("still looking, {percent} % done  ")
            }
            SymbolsState::Ready(_) => String::new(),
        },
        Pick::Place(places) if !places.is_complete => format!("{}, still looking  ", places.name),
        Pick::Place(places) if (places.rows.len() as u64) < places.total => {
            let total = grouped(places.total);
            format!("{} stands in {total} places, the first are  ", places.name)
        }
        Pick::Place(places) => format!("{}  ", places.name),
        _ => String::new(),
    }
}

/// Returns what stands at the right of a row: what a symbol is and, in a list of many files, where.
fn detail(
    app: &App,
    (pick, picker): (&Pick, &Picker),
    (at, id): (usize, u32),
    width: u16,
) -> String {
    let doubt = |is_exact: bool| if is_exact { "" } else { " (approximate)" };
    match pick {
        Pick::Outline(outline) => {
            let Some(row) = outline.rows.get(id as usize) else {
                return String::new();
            };
            let role = match row.role {
                SymbolRole::Declaration => "declared ",
                _ => "",
            };
            format!("{role}{}{} {:>6} ", row.kind, doubt(row.exact), row.line)
        }
        Pick::Symbol(places) => {
            let place = places.get(at).filter(|_| picker.is_current());
            let file = place.and_then(|p| app.tree.files().get(p.file as usize));
            let (Some(place), Some(file)) = (place, file) else {
                return String::new();
            };
            let role = match place.role {
                SymbolRole::Declaration => "declared ",
                _ => "",
            };
            let what = format!("  {role}{}{} ", place.kind, doubt(place.exact));
            // The name has its room; of a long path the end is what tells files apart.
            let path = format!("{}:{}", file.path, place.line);
            let room = usize::from(width * 2 / 3).saturating_sub(what.chars().count());
            let cut = path.chars().count().saturating_sub(room);
            let path: String = path.chars().skip(cut).collect();
            format!("{what}{path} ")
        }
        Pick::Place(places) => {
            let Some(place) = places.rows.get(id as usize) else {
                return String::new();
            };
            match places.of {
                Asked::Definitions => format!(
                    "  {} of a {}{} ",
                    place.role,
                    place.kind,
                    doubt(place.exact)
                ),
                Asked::References => format!("  {}{} ", place.role, doubt(place.exact)),
            }
        }
        _ => String::new(),
    }
}

/// Returns the line that a place stands on, if it has been read.
fn text_of<'a>(app: &'a App, pick: &Pick, id: u32) -> Option<&'a str> {
    let Pick::Place(places) = pick else {
        return None;
    };
    let place = places.rows.get(id as usize)?;
    let key = (place.file, place.line);
    app.preview.texts.get(&key).map(String::as_str)
}
