//! All keys, from the command table.

use super::canvas::Canvas;
use crate::app::App;
use crate::app::command::{COMMANDS, Command, Group};
use crate::config::Role;

/// Draws the help from the given row on. Returns its rows in sight and in all.
pub fn render(app: &App, top: usize, canvas: &mut Canvas<'_>) -> (u16, usize) {
    let height = canvas.height();
    let mut rows: Vec<Row> = Vec::new();
    for group in Group::ALL {
        rows.push(Row::Heading(group.title()));
        for command in COMMANDS.iter().filter(|c| c.group == group) {
            let keys = app.keymap.keys_of(command.name).join("  ");
            rows.push(Row::Command(keys, command));
        }
        rows.push(Row::Blank);
    }
    let top = top.min(rows.len().saturating_sub(height.into()));
    for (y, row) in (0..height).zip(rows.iter().skip(top)) {
        match row {
            Row::Blank => {}
            Row::Heading(title) => {
                canvas.say(1, y, title, Role::Accent);
            }
            Row::Command(keys, command) => {
                canvas.say(2, y, keys, Role::Key);
                let end = canvas.say(20, y, command.doc, Role::Text);
                canvas.right(end + 1, y, &format!(":{} ", command.name), Role::Quiet);
            }
        }
    }
    (height, rows.len())
}

enum Row {
    Blank,
    Heading(&'static str),
    Command(String, &'static Command),
}
