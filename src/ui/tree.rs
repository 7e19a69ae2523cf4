//! The tree pane.

use super::canvas::Canvas;
use crate::app::tree::{Row, RowKind};
use crate::app::{App, Focus};
use crate::config::Role;
use crate::job::{IndexState, Work};
use crate::model::{FileKind, RepoPath};

/// Draws the rows in sight.
pub fn render(app: &App, canvas: &mut Canvas<'_>) {
    if !app.is_listed {
        match app.failures.get(&Work::List) {
            Some(why) => canvas.wrapped(0, 12, why, Role::Error),
            None => canvas.say(1, 0, "listing the files...", Role::Quiet),
        };
        return;
    }
    if app.tree.rows().is_empty() {
        canvas.say(1, 0, "the snapshot holds no file", Role::Quiet);
        return;
    }
    let rows = app.tree.rows().iter().enumerate().skip(app.tree.top);
    for (y, (at, row)) in (0..canvas.height()).zip(rows) {
        draw(app, row, canvas, y);
        if at == app.tree.cursor {
            let role = if app.focus == Focus::Tree {
                Role::Selection
            } else {
                Role::CursorLine
            };
            let style = canvas.theme.role(role);
            canvas.tint(y, style);
        }
    }
}

fn draw(app: &App, row: &Row, canvas: &mut Canvas<'_>, y: u16) {
    let indent = 1 + 2 * row.depth.min(20);
    match &row.kind {
        RowKind::Folder { path, open } => {
            let name = path.rsplit(|b| *b == b'/').next().unwrap_or(&[]);
            let mark = match open {
                true => canvas.glyph("\u{25be} ", "- "),
                false => canvas.glyph("\u{25b8} ", "+ "),
            };
            let x = canvas.say(indent, y, mark, Role::Quiet);
            let x = canvas.say(x, y, &shown(name), Role::Folder);
            let end = canvas.say(x, y, "/", Role::Folder);
            if let Some(labels) = labels(app, &RepoPath::new(path.as_slice())) {
                canvas.right(end + 1, y, &labels, Role::FileFlag);
            }
        }
        RowKind::File(at) => {
            let Some(file) = app.tree.files().get(*at as usize) else {
                return;
            };
            let is_open = app.code.file() == Some(file);
            if is_open {
                canvas.say(0, y, "*", Role::Accent);
            }
            let role = if is_open { Role::Accent } else { Role::File };
            let end = canvas.say(indent + 2, y, &shown(file.path.name()), role);
            let note = note(app, *at, file);
            canvas.right(end + 1, y, &note, Role::FileFlag);
        }
    }
}

/// What stands behind a file's name: what it is if it is no plain file, its coverage, its findings.
fn note(app: &App, at: u32, file: &crate::model::TreeFile) -> String {
    let mut parts: Vec<String> = Vec::new();
    match file.kind {
        FileKind::Symlink => parts.push("->".into()),
        FileKind::Submodule => parts.push("absent".into()),
        FileKind::Regular | FileKind::Executable => {}
    }
    if app.review.is_marked_whole(&file.path, &file.blob) {
        parts.push("r".into());
    } else if !file.kind.is_file() {
        // Lines of a link's target are nobody's share of the text.
    } else if let (Some(marks), IndexState::Ready { lines, .. }) =
        (app.review.marks(&file.blob), &app.index)
    {
        let lines = u64::from(lines.get(at as usize).copied().unwrap_or(0));
        if let Some(percent) = (marks.lines().min(lines) * 100).checked_div(lines) {
            parts.push(format!("{percent}%"));
        }
    }
    parts.extend(labels(app, &file.path));
    parts.join(" ")
}

/// Returns the findings, notes and questions at a path: the first, and how many more.
fn labels(app: &App, path: &RepoPath) -> Option<String> {
    let here = app.review.items_in(path);
    let labels: Vec<_> = here.map(crate::model::Item::label).collect();
    match labels.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [one, rest @ ..] => Some(format!("{one}+{}", rest.len())),
    }
}

fn shown(name: &[u8]) -> String {
    crate::model::RepoPath::new(name).label()
}
