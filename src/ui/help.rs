//! All keys, from the command table.

use super::canvas::Canvas;
use crate::app::App;
use crate::app::command::{COMMANDS, Group};
use crate::config::Role;

/// Draws the help from the given row on. Returns its rows in sight.
pub fn render(app: &App, top: usize, canvas: &mut Canvas<'_>) -> u16 {
    let height = canvas.height();
    let mut rows: Vec<(String, String, Role)> = Vec::new();
    for group in Group::ALL {
        rows.push((group.title().into(), String::new(), Role::Accent));
        for command in COMMANDS.iter().filter(|c| c.group == group) {
            let keys = app.keymap.keys_of(command.name).join("  ");
            let keys = if keys.is_empty() {
                format!(":{}", command.name)
            } else {
                keys
            };
            rows.push((
                keys,
                format!("{:<48} :{}", command.doc, command.name),
                Role::Key,
            ));
        }
        rows.push((String::new(), String::new(), Role::Text));
    }
    let top = top.min(rows.len().saturating_sub(height.into()));
    for (y, (keys, doc, role)) in rows.iter().skip(top).take(height.into()).enumerate() {
        canvas.say(2, y as u16, keys, *role);
        canvas.say(22, y as u16, doc, Role::Text);
    }
    height
}
