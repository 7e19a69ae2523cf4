//! The sweep screen: the hits with their verdicts, and the hit under the cursor in its file.

use super::canvas::Canvas;
use super::preview;
use super::status::grouped;
use crate::app::App;
use crate::app::sweep::Sweeping;
use crate::config::Role;
use crate::model::Ruling;

/// From this width on the file stands beside the list, otherwise below it.
const WIDE: u16 = 120;

/// Draws the screen. Returns the rows of the list.
pub fn render(app: &App, sweep: &Sweeping, canvas: &mut Canvas<'_>) -> u16 {
    let (width, height) = (canvas.width(), canvas.height());
    heading(app, sweep, canvas);
    let is_wide = width >= WIDE;
    let body = height.saturating_sub(1);
    let (list_width, list_height) = if is_wide {
        (width * 9 / 20, body)
    } else {
        (width, body / 2)
    };
    list(app, sweep, &mut canvas.part(0, 1, list_width, list_height));
    if is_wide {
        let glyph = canvas.glyph("\u{2502}", "|");
        for y in 1..height {
            canvas.say(list_width, y, glyph, Role::Rule);
        }
        preview::render(
            app,
            &mut canvas.part(list_width + 1, 1, width - list_width - 1, body),
        );
    } else {
        let y = 1 + list_height;
        let rule = canvas.glyph("\u{2500}", "-").repeat(width.into());
        canvas.say(0, y, &rule, Role::Rule);
        preview::render(app, &mut canvas.part(0, y + 1, width, height - y - 1));
    }
    list_height
}

fn heading(app: &App, sweep: &Sweeping, canvas: &mut Canvas<'_>) {
    let Some(state) = app.review.sweep(sweep.id) else {
        return;
    };
    let x = canvas.say(
        1,
        0,
        &format!("sweep W{}", state.sweep.number),
        Role::Accent,
    ) + 1;
    let counts = state.counts();
    let parts: Vec<_> = counts
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(ruling, n)| format!("{n} {ruling}"))
        .collect();
    let says = format!(
        "{} of {} decided {} ",
        grouped(state.decided()),
        grouped(state.sweep.hits),
        parts.join(", ")
    );
    let room = canvas
        .width()
        .saturating_sub(x + says.chars().count() as u16);
    canvas
        .part(x, 0, room, 1)
        .say(0, 0, &state.sweep.query, Role::Text);
    canvas.right(x, 0, &says, Role::Prompt);
}

fn list(app: &App, sweep: &Sweeping, canvas: &mut Canvas<'_>) {
    for y in 0..canvas.height() {
        let at = sweep.top + usize::from(y);
        let Some(hit) = sweep.hits.get(at) else { break };
        let (word, role) = match app.verdict(sweep.id, &hit.hit) {
            Some((Ruling::Ok, _)) => ("ok".to_owned(), Role::Good),
            Some((Ruling::Later, _)) => ("later".to_owned(), Role::Warning),
            Some((ruling, label)) => (format!("{} {label}", ruling.word()), Role::Error),
            None => ("-".to_owned(), Role::Quiet),
        };
        canvas.say(1, y, &word, role);
        let place = format!("{}:{}", hit.hit.path, hit.hit.line);
        let room = usize::from(canvas.width()).saturating_sub(14);
        // The end of a path says more than its beginning.
        let cut: String = place
            .chars()
            .skip(place.chars().count().saturating_sub(room))
            .collect();
        canvas.say(13, y, &cut, Role::Text);
        if at == sweep.cursor {
            let style = canvas.theme.role(Role::Selection);
            canvas.tint(y, style);
        }
    }
}
