//! The form of a finding, note or question.

use super::canvas::Canvas;
use crate::app::compose::{Compose, Field, Form};
use crate::app::input::Input;
use crate::config::Role;
use crate::model::{NoteKind, cwe};

/// Draws the form. Returns its rows.
pub fn render(form: &Compose, canvas: &mut Canvas<'_>) -> u16 {
    let height = canvas.height();
    let what = match (form.form, &form.editing) {
        (_, Some(item)) => format!("change {}", item.label()),
        (Form::Finding, None) => "new finding".into(),
        (Form::Note(NoteKind::Note), None) => "new note, private unless you export it".into(),
        (Form::Note(NoteKind::Question), None) => "new question to the vendor".into(),
    };
    canvas.say(1, 0, &what, Role::Accent);
    let mut y = 2;
    if form.form == Form::Finding {
        line(form, Field::Title, "title", &form.title, y, canvas);
        choice(
            form,
            Field::Severity,
            "severity",
            form.severity.word(),
            y + 1,
            canvas,
        );
        let style = canvas.theme.severity(form.severity);
        canvas.put(13, y + 1, form.severity.word(), style);
        choice(form, Field::Kind, "kind", form.kind.word(), y + 2, canvas);
        line(form, Field::Cwe, "CWE", &form.cwe, y + 3, canvas);
        let titles = crate::app::compose::parse_cwe(form.cwe.text()).unwrap_or_default();
        let known: Vec<_> = titles.into_iter().filter_map(cwe::title).collect();
        let x = 13 + form.cwe.text().len().min(1000) as u16 + 2;
        canvas.say(x, y + 3, &known.join("; "), Role::Quiet);
        y += 4;
    }
    let places = form.locations.len() as u16;
    let end = height.saturating_sub(places + 2).max(y + 3);
    let label = if form.form == Form::Finding {
        "statement"
    } else {
        "text"
    };
    statement(form, label, y, end, canvas);
    for (at, (location, input)) in form.locations.iter().enumerate() {
        let y = end + at as u16;
        let place = format!("{}:{}", location.anchor.path, location.anchor.span);
        let x = canvas.say(
            1,
            y,
            if at == 0 {
                "place       "
            } else {
                "            "
            },
            Role::Quiet,
        );
        let x = canvas.say(x, y, &place, Role::Text) + 2;
        let has_cursor = form.field == Field::Location(at);
        if has_cursor || !input.text().is_empty() {
            let x = canvas.say(x, y, "as ", Role::Quiet);
            let cursor = has_cursor.then(|| input.cursor());
            canvas.field(x, y, input.text(), cursor);
            if has_cursor && input.text().is_empty() {
                canvas.say(x + 2, y, "(sink, source, declaration, ...)", Role::Quiet);
            }
        }
    }
    if let Some(error) = &form.error {
        canvas.say(1, height - 1, error, Role::Error);
    } else {
        let text = "Write it so that it stands without the code: code cannot leave the room.";
        canvas.say(1, height - 1, text, Role::Quiet);
    }
    height
}

fn label(form: &Compose, field: Field, name: &str, y: u16, canvas: &mut Canvas<'_>) {
    let role = if form.field == field {
        Role::Prompt
    } else {
        Role::Quiet
    };
    canvas.say(1, y, name, role);
}

fn line(form: &Compose, field: Field, name: &str, input: &Input, y: u16, canvas: &mut Canvas<'_>) {
    label(form, field, name, y, canvas);
    let cursor = (form.field == field).then(|| input.cursor());
    canvas.field(13, y, input.text(), cursor);
}

fn choice(form: &Compose, field: Field, name: &str, value: &str, y: u16, canvas: &mut Canvas<'_>) {
    label(form, field, name, y, canvas);
    let x = canvas.say(13, y, value, Role::Text);
    if form.field == field {
        let arrows = canvas.glyph(
            "\u{2190} \u{2192} or first letter",
            "Left, Right or first letter",
        );
        canvas.say(x + 2, y, arrows, Role::Quiet);
    }
}

/// Draws the words over several rows, with the rows around the cursor in sight.
fn statement(form: &Compose, name: &str, y: u16, end: u16, canvas: &mut Canvas<'_>) {
    label(form, Field::Statement, name, y, canvas);
    let width = canvas.width().saturating_sub(14);
    let rows = end.saturating_sub(y + 1);
    let text = form.statement.text();
    let has_cursor = form.field == Field::Statement;
    let mut drawn: Vec<(&str, Option<usize>)> = Vec::new();
    let mut start = 0;
    for paragraph in text.split('\n') {
        let mut from = start;
        let mut rest = paragraph;
        loop {
            // One column is left for the cursor behind the last letter.
            let limit = rest
                .char_indices()
                .nth(usize::from(width.max(2)) - 1)
                .map(|(at, _)| at);
            let cut = limit.map_or(rest.len(), |l| rest[..l].rfind(' ').map_or(l, |at| at + 1));
            let (part, tail) = rest.split_at(cut);
            let cursor = form.statement.cursor();
            let is_last = tail.is_empty();
            let inside =
                cursor >= from && (cursor < from + cut || (is_last && cursor == from + cut));
            drawn.push((part, (has_cursor && inside).then(|| cursor - from)));
            from += cut;
            rest = tail;
            if is_last {
                break;
            }
        }
        start += paragraph.len() + 1;
    }
    let at = drawn.iter().position(|(_, c)| c.is_some()).unwrap_or(0);
    let top = (at + 1).saturating_sub(rows.into());
    for (row, (part, cursor)) in drawn.iter().skip(top).take(rows.into()).enumerate() {
        canvas.field(13, y + row as u16, part, *cursor);
    }
}
