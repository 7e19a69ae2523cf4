//! The list of findings, notes and questions.

use super::canvas::{Canvas, wrap};
use crate::app::App;
use crate::app::compose::cwe_text;
use crate::app::items::Items;
use crate::config::Role;
use crate::model::Item;

/// Draws the list and what is under the cursor. Returns the rows of the list.
pub fn render(app: &App, items: &Items, canvas: &mut Canvas<'_>) -> u16 {
    let (width, height) = (canvas.width(), canvas.height());
    let listed = items.listed(&app.review);
    let x = canvas.say(1, 0, "findings, notes, questions", Role::Accent) + 2;
    if items.is_filtering || !items.filter.text().is_empty() {
        let x = canvas.say(x, 0, "/", Role::Prompt);
        let cursor = items.is_filtering.then(|| items.filter.cursor());
        canvas.field(x, 0, items.filter.text(), cursor);
    }
    if listed.is_empty() {
        let text = if app.review.items().is_empty() {
            "Nothing is written down yet: c writes a note, F files a finding."
        } else {
            "Nothing holds these words."
        };
        canvas.say(2, 2, text, Role::Quiet);
        return height;
    }
    let detail_height = if height >= 14 { (height / 3).max(6) } else { 0 };
    let rows = height.saturating_sub(2 + detail_height);
    for y in 0..rows {
        let at = items.top + usize::from(y);
        let Some(item) = listed.get(at) else { break };
        row(item, width, y + 1, canvas);
        if at == items.cursor {
            let style = canvas.theme.role(Role::Selection);
            canvas.tint(y + 1, style);
        }
    }
    if let Some(item) = listed.get(items.cursor).filter(|_| detail_height > 0) {
        let y = height - detail_height;
        let rule = canvas.glyph("\u{2500}", "-").repeat(width.into());
        canvas.say(0, y - 1, &rule, Role::Rule);
        detail(
            item,
            &mut canvas.part(1, y, width.saturating_sub(2), detail_height),
        );
    }
    rows
}

fn row(item: &Item, width: u16, y: u16, canvas: &mut Canvas<'_>) {
    let x = canvas.say(1, y, &format!("{:<5}", item.label()), Role::Text);
    let x = match item {
        Item::Finding(f) => {
            let style = canvas.theme.severity(f.severity);
            canvas.put(x, y, &format!("{:<14}", f.severity.word()), style)
        }
        Item::Note(n) => canvas.say(x, y, &format!("{:<14}", n.kind.word()), Role::GutterNote),
    };
    let places = item.locations();
    let anchor = &places[0].anchor;
    let more = if places.len() > 1 {
        format!(" +{}", places.len() - 1)
    } else {
        String::new()
    };
    let place = format!("{}:{}{more}", anchor.path, anchor.span);
    let room = usize::from(width.saturating_sub(x)) / 2;
    let place_width = place.chars().count().min(room);
    let title_width = width.saturating_sub(x + place_width as u16 + 2);
    canvas
        .part(x, y, title_width, 1)
        .say(0, 0, item.title(), Role::Text);
    // The end of a path says more than its beginning.
    let cut: String = place
        .chars()
        .skip(place.chars().count() - place_width)
        .collect();
    canvas.say(
        width.saturating_sub(place_width as u16 + 1),
        y,
        &cut,
        Role::Quiet,
    );
}

fn detail(item: &Item, canvas: &mut Canvas<'_>) {
    let height = canvas.height();
    let y = match item {
        Item::Finding(f) => {
            let facts = [f.kind.word(), f.severity.word(), f.status.word()].join("  ");
            let cwe = cwe_text(&f.cwe);
            let x = canvas.say(0, 0, &facts, Role::Text);
            canvas.say(x + 2, 0, &cwe, Role::Text);
            canvas.right(x + 2 + cwe.len() as u16, 0, &f.reviewer, Role::Quiet);
            canvas.wrapped(1, height, &f.words.statement, Role::Text)
        }
        Item::Note(n) => {
            canvas.say(0, 0, &n.reviewer, Role::Quiet);
            canvas.wrapped(1, height, &n.text, Role::Text)
        }
    };
    for (y, location) in (y..height).zip(item.locations()) {
        let text = format!(
            "{}:{}  {}",
            location.anchor.path, location.anchor.span, location.label
        );
        let width = canvas.width().into();
        canvas.say(0, y, wrap(&text, width)[0], Role::Quiet);
    }
}
