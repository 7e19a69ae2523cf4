//! The search screen: query, hits by file, the hit in its file beside them.

use super::canvas::Canvas;
use super::preview;
use super::status::grouped;
use crate::app::App;
use crate::app::search::HitRow;
use crate::config::Role;
use crate::job::{IndexState, rank};
use crate::model::HitLine;

/// Draws the screen. Returns the rows of the list.
pub fn render(app: &App, canvas: &mut Canvas<'_>) -> u16 {
    let (width, height) = (canvas.width(), canvas.height());
    let search = &app.search;
    let mut x = canvas.say(1, 0, "s ", Role::Prompt);
    for query in &search.within {
        let room = (width / 3).saturating_sub(x);
        let end = canvas
            .part(x, 0, room, 1)
            .say(0, 0, query, Role::Quiet)
            .min(room);
        x = canvas.say(x + end, 0, " & ", Role::Prompt);
    }
    let counts = counts(app);
    let counts_width = counts.chars().count() as u16 + 1;
    let field = width.saturating_sub(x + counts_width + 1).max(width / 3);
    canvas
        .part(x, 0, field, 1)
        .field(0, 0, search.input.text(), Some(search.input.cursor()));
    canvas.right(x + field, 0, &format!("{counts} "), Role::Accent);
    let list_height = height.saturating_sub(3);
    let list_width = if width >= 70 { width * 11 / 20 } else { width };
    list(app, &mut canvas.part(0, 1, list_width, list_height));
    if list_width < width {
        let glyph = canvas.glyph("\u{2502}", "|");
        for y in 1..=list_height {
            canvas.say(list_width, y, glyph, Role::Rule);
        }
        preview::render(
            app,
            &mut canvas.part(list_width + 1, 1, width - list_width - 1, list_height),
        );
    }
    let (text, role) = told(app);
    canvas.say(1, height - 2, &text, role);
    let x = canvas.say(1, height - 1, &not_searched(app), Role::Quiet);
    let order = if search.is_ranked() { "rank" } else { "path" };
    canvas.right(x, height - 1, &format!("order: {order} "), Role::Quiet);
    list_height
}

/// Returns what is to be said about the query or the hit under the cursor.
fn told(app: &App) -> (String, Role) {
    let search = &app.search;
    if let Some(error) = &search.error {
        return (error.clone(), Role::Error);
    }
    let Some(summary) = &search.summary else {
        let help = "text, /regex/, f:path, lang:c, -not, \"two words\", or, ( )";
        return (help.to_owned(), Role::Quiet);
    };
    if summary.lines == 0 && summary.complete && summary.file_names == 0 {
        let text = match &search.otherwise {
            Some(other) => format!(
                "0 as text, {} lines and {} file names as a regex: Alt-r searches {}",
                grouped(other.lines),
                grouped(other.file_names),
                other.query
            ),
            None => "no hit".to_owned(),
        };
        return (text, Role::Warning);
    }
    if search.says_why {
        let is_ranked = search.is_ranked();
        let why = match search.current_file() {
            Some(hits) if is_ranked => rank::why(hits),
            Some(_) => "in the order of paths; Alt-o puts the likeliest first".to_owned(),
            None => String::new(),
        };
        return (why, Role::Text);
    }
    (format!("understood as {}", summary.parsed), Role::Quiet)
}

fn counts(app: &App) -> String {
    let Some(summary) = &app.search.summary else {
        return String::new();
    };
    let sign = if summary.complete { "" } else { ">= " };
    let mut text = format!(
        "{sign}{} lines in {} files",
        grouped(summary.lines),
        grouped(summary.files)
    );
    let listed: usize = app.search.files().iter().map(|f| f.lines.len()).sum();
    if (listed as u64) < summary.lines && summary.complete {
        text = format!("{text}, first {} listed", grouped(listed as u64));
    }
    if summary.file_names > 0 {
        text = format!("{text}, {} names", grouped(summary.file_names));
    }
    text
}

/// Returns how many files are no text.
fn as_bytes(app: &App) -> u64 {
    match &app.index {
        IndexState::Ready {
            searched_as_bytes, ..
        } => *searched_as_bytes,
        _ => 0,
    }
}

fn files(count: u64) -> String {
    match count {
        1 => "1 file".into(),
        count => format!("{} files", grouped(count)),
    }
}

/// Says what no search looks into.
fn not_searched(app: &App) -> String {
    match &app.index {
        IndexState::Ready { not_searched, .. } if not_searched.is_empty() => match as_bytes(app) {
            0 => "everything is searched".into(),
            count => format!(
                "everything is searched, {} as bytes only; I lists them",
                files(count)
            ),
        },
        IndexState::Ready { not_searched, .. } => {
            let mut reasons: Vec<_> = not_searched.iter().map(|n| n.reason.word()).collect();
            reasons.sort_unstable();
            reasons.dedup();
            let where_listed = match as_bytes(app) {
                0 => "; I lists them".to_owned(),
                count => format!(", as bytes: {count} (I)"),
            };
            format!(
                "not searched: {} ({}){where_listed}",
                not_searched.len(),
                reasons.join(", ")
            )
        }
        _ if app
            .search
            .summary
            .as_ref()
            .is_some_and(|s| s.complete && s.not_searched > 0) =>
        {
            let n = app.search.summary.as_ref().map_or(0, |s| s.not_searched);
            format!("not searched: {n}; the index is being built, then I lists them")
        }
        _ => "the index is being built: what is not in it yet is searched too, only slower".into(),
    }
}

fn list(app: &App, canvas: &mut Canvas<'_>) {
    for y in 0..canvas.height() {
        let at = app.search.top + usize::from(y);
        match app.search.row(at) {
            None => break,
            Some(HitRow::File(hits)) => {
                let Some(file) = app.tree.files().get(hits.file as usize) else {
                    continue;
                };
                let role = if hits.name_matches {
                    Role::Match
                } else {
                    Role::Folder
                };
                let x = canvas.say(1, y, &file.path.label(), role);
                if hits.lines.len() > 1 {
                    canvas.say(x + 1, y, &format!("({})", hits.lines.len()), Role::Quiet);
                }
            }
            Some(HitRow::Line(hits, line)) => {
                if hits.binary {
                    let text =
                        format!("  at byte {}, {} long", grouped(line.line), line.end_column);
                    canvas.say(4, y, &text, Role::Text);
                } else {
                    let x = canvas.say(2, y, &format!("{:>6}  ", line.line), Role::LineNumber);
                    hit_text(app, hits.file, line, x, y, canvas);
                }
            }
        }
        if at == app.search.cursor {
            let style = canvas.theme.role(Role::Selection);
            canvas.tint(y, style);
        }
    }
}

/// Draws the line without its indentation, from so far right that the hit is in sight.
fn hit_text(app: &App, file: u32, line: HitLine, x: u16, y: u16, canvas: &mut Canvas<'_>) {
    let Some(text) = app.preview.texts.get(&(file, line.line as u32)) else {
        return;
    };
    let room = usize::from(canvas.width().saturating_sub(x));
    let start = byte_of(text, line.column);
    let end = if line.end_line == line.line {
        byte_of(text, line.end_column)
    } else {
        text.len()
    };
    let indent = text.len() - text.trim_start().len();
    let column = app.printer.columns(&text[..start.min(text.len())]);
    let lead = app.printer.columns(&text[..indent]);
    let left = if column + 8 > lead + room {
        column.saturating_sub(room / 3)
    } else {
        lead
    };
    let (_, pieces) = app.printer.window(text, left, room);
    let (plain, found) = (
        canvas.theme.role(Role::Text),
        canvas.theme.role(Role::Match),
    );
    canvas.pieces(x, y, &pieces, |p| {
        if p.start < end && start < p.end {
            plain.patch(found)
        } else {
            plain
        }
    });
}

fn byte_of(text: &str, column: u32) -> usize {
    text.char_indices()
        .nth(column.saturating_sub(1) as usize)
        .map_or(text.len(), |(i, _)| i)
}
