//! The list of findings, notes, remarks and questions.

use super::canvas::{Canvas, wrap};
use super::status::grouped;
use crate::app::App;
use crate::app::compose::cwe_text;
use crate::app::items::{Group, Items, Row};
use crate::config::Role;
use crate::model::{Finding, Item};

/// Draws the list and what is under the cursor. Returns the rows of the list.
pub fn render(app: &App, items: &Items, canvas: &mut Canvas<'_>) -> u16 {
    let (width, height) = (canvas.width(), canvas.height());
    let mut x = canvas.say(1, 0, "findings and notes", Role::Accent) + 2;
    x = canvas.say(x, 0, &format!("by {}", items.order.word()), Role::Quiet) + 2;
    if items.group != Group::None {
        x = canvas.say(x, 0, &format!("per {}", items.group.word()), Role::Quiet) + 2;
    }
    if items.is_filtering || !items.filter.text().is_empty() {
        let x = canvas.say(x, 0, "/", Role::Prompt);
        let cursor = items.is_filtering.then(|| items.filter.cursor());
        canvas.field(x, 0, items.filter.text(), cursor);
    }
    let all = app.review.items().len();
    let count = format!(
        "{} of {} ",
        grouped(items.count() as u64),
        grouped(all as u64)
    );
    canvas.right(x, 0, &count, Role::Quiet);
    if items.rows().is_empty() {
        let text = if all == 0 {
            "Nothing is written down yet: c writes a note, F files a finding."
        } else {
            "Nothing holds these words."
        };
        canvas.say(2, 2, text, Role::Quiet);
        return height;
    }
    let detail_height = if height >= 14 { (height / 3).max(6) } else { 0 };
    let rows = height.saturating_sub(2 + detail_height);
    let names = names_width(app, items, rows.into());
    for y in 0..rows {
        let at = items.top + usize::from(y);
        let Some(listed) = items.rows().get(at) else {
            break;
        };
        row(app, listed, names, y + 1, canvas);
        if at == items.cursor {
            let style = canvas.theme.role(Role::Selection);
            canvas.tint(y + 1, style);
        }
    }
    if let Some((item, _)) = items.current(&app.review).filter(|_| detail_height > 0) {
        let y = height - detail_height;
        let rule = canvas.glyph("\u{2500}", "-").repeat(width.into());
        canvas.say(0, y - 1, &rule, Role::Rule);
        detail(
            app,
            item,
            &mut canvas.part(1, y, width.saturating_sub(2), detail_height),
        );
    }
    rows
}

/// Returns how wide the names of the items in sight are: one column holds them all.
fn names_width(app: &App, items: &Items, rows: usize) -> usize {
    let in_sight = items.rows().iter().skip(items.top).take(rows);
    let name = |row: &Row| match row {
        Row::Item(at) => {
            let item = app.review.items().get(*at)?;
            Some(item.label_for(&app.identity.reviewer).len())
        }
        Row::Heading(..) | Row::Place(..) => None,
    };
    in_sight.filter_map(name).max().unwrap_or(0).clamp(4, 24)
}

fn row(app: &App, row: &Row, names: usize, y: u16, canvas: &mut Canvas<'_>) {
    let review = &app.review;
    match row {
        Row::Heading(name, count) => {
            let x = canvas.say(1, y, name, Role::Folder);
            canvas.say(x + 1, y, &format!("({count})"), Role::Quiet);
        }
        Row::Item(at) => {
            if let Some(item) = review.items().get(*at) {
                item_row(app, item, names, y, canvas);
            }
        }
        Row::Place(at, place) => {
            let places = review.items().get(*at).map(Item::locations);
            if let Some(location) = places.and_then(|l| l.get(*place)) {
                let x = canvas.say(6, y, &location.anchor.text(), Role::Text);
                let x = canvas.say(x + 2, y, &location.typed(), Role::Quiet);
                if location.is_quoted {
                    canvas.say(x + 2, y, "quoted", Role::Warning);
                }
            }
        }
    }
}

fn item_row(app: &App, item: &Item, names: usize, y: u16, canvas: &mut Canvas<'_>) {
    let width = canvas.width();
    let name = item.label_for(&app.identity.reviewer);
    // The end of a long name tells numbers apart; names are plain ASCII.
    let name = &name[name.len().saturating_sub(names)..];
    let x = canvas.say(1, y, &format!("{name:<names$} "), Role::Text);
    let x = match item {
        Item::Finding(f) => {
            let style = canvas.theme.severity(f.severity);
            let x = canvas.put(x, y, &format!("{:<14}", f.severity.word()), style);
            canvas.say(x, y, &format!("{:<15}", f.status.word()), Role::Quiet)
        }
        Item::Note(n) => canvas.say(x, y, &format!("{:<29}", n.kind.word()), Role::GutterNote),
    };
    let places = item.locations();
    let anchor = &places[0].anchor;
    let mut place = anchor.text();
    if places.len() > 1 {
        place = format!("{place} +{}", places.len() - 1);
    }
    let replies = app.review.replies(item.id()).len();
    if replies > 0 {
        place = format!("{place}  {replies} re");
    }
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

fn detail(app: &App, item: &Item, canvas: &mut Canvas<'_>) {
    let height = canvas.height();
    canvas.right(0, 0, item.reviewer(), Role::Quiet);
    let mut y = match item {
        Item::Finding(f) => {
            canvas.say(0, 0, &facts(f).join("  "), Role::Text);
            let mut y = canvas.wrapped(1, height, &f.words.statement, Role::Text);
            for (what, text) in f.words.each().into_iter().skip(1) {
                if !text.is_empty() {
                    y = canvas.wrapped(y, height, &format!("{what}: {text}"), Role::Text);
                }
            }
            y
        }
        Item::Note(n) => {
            canvas.say(0, 0, n.kind.word(), Role::Quiet);
            canvas.wrapped(1, height, &n.text, Role::Text)
        }
    };
    if let Item::Finding(f) = item
        && let Some(last) = f.history.last()
    {
        let text = format!("{} by {}: {}", last.status, last.reviewer, last.why);
        y = canvas.wrapped(y, height, &text, Role::Text);
    }
    for reply in app.review.replies(item.id()) {
        let text = format!("{} by {}: {}", reply.voice, reply.reviewer, reply.text);
        y = canvas.wrapped(y, height, &text, Role::Text);
    }
    for (y, location) in (y..height).zip(item.locations()) {
        let quoted = if location.is_quoted { "quoted  " } else { "" };
        let text = format!("{}  {quoted}{}", location.anchor.text(), location.typed());
        let width = canvas.width().into();
        canvas.say(0, y, wrap(&text, width)[0], Role::Quiet);
    }
}

/// Returns what is chosen rather than written of a finding.
fn facts(f: &Finding) -> Vec<String> {
    let mut facts = [
        f.kind.word(),
        f.severity.word(),
        f.confidence.word(),
        f.status.word(),
    ]
    .map(str::to_owned)
    .to_vec();
    if !f.cwe.is_empty() {
        facts.push(cwe_text(&f.cwe));
    }
    let scores = f.cvss.iter();
    facts.extend(scores.map(|v| format!("CVSS {}", v.scores())));
    facts.extend(f.references.iter().map(ToString::to_string));
    if f.is_trail {
        facts.push("trail".into());
    }
    facts
}
