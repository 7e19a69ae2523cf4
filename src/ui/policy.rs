//! What the room allows.

use super::canvas::Canvas;
use crate::app::App;
use crate::config::Role;

/// Draws the policy in force from the given row on. Returns its rows in sight and in all.
pub fn render(app: &App, top: usize, canvas: &mut Canvas<'_>) -> (u16, usize) {
    let height = canvas.height();
    let room = &app.room;
    let by = match (room.has_machine, room.has_review) {
        (true, true) => {
            "set for this machine and for this review; the stricter value of each key counts"
        }
        (true, false) => "set for this machine",
        (false, true) => "set for this review",
        (false, false) => "nobody set one: these are the defaults",
    };
    let mut rows = vec![(format!("The policy in force, {by}:"), Role::Accent)];
    rows.push((String::new(), Role::Text));
    let text = room.policy.to_toml();
    rows.extend(text.lines().map(|line| (line.to_owned(), Role::Text)));
    rows.push((String::new(), Role::Text));
    let digest = format!("SHA-256 {}", room.policy.digest());
    rows.push((digest, Role::Quiet));
    let top = top.min(rows.len().saturating_sub(height.into()));
    for (y, (text, role)) in rows.iter().skip(top).take(height.into()).enumerate() {
        canvas.say(1, y as u16, text, *role);
    }
    (height, rows.len())
}
