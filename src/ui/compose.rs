//! The form of a finding, note, remark or question: one block of rows a field, scrolled so that the cursor is in
//! sight.

use super::canvas::{Canvas, wrap};
use crate::app::App;
use crate::app::compose::{Compose, Field, Form, Shape, parse_cwe, parse_vectors};
use crate::app::input::Input;
use crate::config::Role;
use crate::model::{Location, NoteKind, Severity, Span, cwe};

/// Column at which what is typed begins.
const TEXT: u16 = 13;
/// Rows that a text of several lines has at least: what is written in it is meant to be more than a line.
const STATEMENT: usize = 3;
/// Rows that a message takes at most.
const MESSAGE: usize = 4;

/// One row of the form.
struct Row {
    field: Field,
    what: What,
    /// The label stands on a field's first row only.
    is_first: bool,
    has_cursor: bool,
}

enum What {
    /// A part of a text, by its bytes.
    Text(std::ops::Range<usize>),
    Choice,
    Place(usize),
}

/// Draws the form. Returns its rows.
pub fn render(app: &App, form: &Compose, canvas: &mut Canvas<'_>) -> u16 {
    let height = canvas.height();
    let heading = heading(form, &app.identity.reviewer);
    canvas.say(1, 0, &heading, Role::Accent);
    let rows = rows(form, usize::from(canvas.width().saturating_sub(TEXT + 1)));
    // The values of a choice that refuses what was typed may take more than one row.
    let error = form.error.as_deref().unwrap_or_default();
    let error = wrap(error, usize::from(canvas.width().saturating_sub(2)));
    let below = error.len().min(MESSAGE) as u16;
    let room = usize::from(height.saturating_sub(2 + below));
    let at = rows.iter().position(|r| r.has_cursor).unwrap_or(0);
    // What follows the cursor's row is seen too, where there is room.
    let last = (at + 3).min(rows.len().saturating_sub(1));
    let top = if last >= room && room > 0 {
        (last + 1 - room).min(at)
    } else {
        0
    };
    for (y, row) in rows.iter().skip(top).take(room).enumerate() {
        draw(app, form, row, y as u16 + 2, canvas);
    }
    if top + room < rows.len() {
        let more = format!("{} more rows below: Tab ", rows.len() - top - room);
        canvas.right(TEXT, 0, &more, Role::Quiet);
    }
    if form.error.is_some() {
        for (line, y) in error.into_iter().zip(height.saturating_sub(below)..height) {
            canvas.say(1, y, line, Role::Error);
        }
    } else if let Some(text) = copied(app, form, canvas.width()) {
        canvas.say(1, height - 1, &text, Role::Warning);
    } else {
        let (text, role) = advice(app, form);
        canvas.say(1, height - 1, &text, role);
    }
    height
}

/// Returns what the reviewer should know at the cursor: what the policy says of quoted lines, or what words are for.
fn advice(app: &App, form: &Compose) -> (String, Role) {
    let allowed = app.room.policy.excerpt_lines;
    let here = match form.field {
        Field::Location(at) if form.form == Form::Finding => form.locations.get(at),
        _ => None,
    };
    match here {
        Some((place, _)) if quoted_lines(place) > allowed => {
            let lines = quoted_lines(place);
            let text = format!(
                "{lines} lines are quoted and the policy lets {allowed} leave (excerpt_lines): that blocks the export."
            );
            (text, Role::Warning)
        }
        Some(_) if allowed > 0 => {
            let text = format!(
                "^q quotes the lines of a place in the bundle: the policy lets stretches of {allowed} leave."
            );
            (text, Role::Quiet)
        }
        _ => {
            let text = "Write it so that it stands without the code: code cannot leave the room.";
            (text.to_owned(), Role::Quiet)
        }
    }
}

fn heading(form: &Compose, reader: &str) -> String {
    if let (Form::Reply, Some(item)) = (form.form, &form.editing) {
        return format!(
            "reply to {}: an opinion, or the vendor's answer",
            item.label_for(reader)
        );
    }
    if let Some(item) = &form.editing {
        return format!("change {}", item.label());
    }
    let kind = form.word(Field::NoteKind).parse();
    match (form.form, kind) {
        (Form::Finding, _) => "new finding",
        (Form::Note, Ok(NoteKind::Remark)) => {
            "new remark for the vendor: it leaves with the bundle"
        }
        (Form::Note, Ok(NoteKind::Question)) => {
            "new question to the vendor: it leaves with the bundle"
        }
        (Form::Note | Form::Reply, _) => "new note: private, in no bundle",
    }
    .to_owned()
}

/// Lays the form out.
fn rows(form: &Compose, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for field in form.fields() {
        let has_cursor = field == form.field;
        let row = |what, is_first, has_cursor| Row {
            field,
            what,
            is_first,
            has_cursor,
        };
        match (field, field.shape()) {
            (Field::Location(at), _) => rows.push(row(What::Place(at), at == 0, has_cursor)),
            (_, Shape::Choice) => rows.push(row(What::Choice, true, has_cursor)),
            (_, Shape::Line) => {
                let all = 0..form.text(field).len();
                rows.push(row(What::Text(all), true, has_cursor));
            }
            (_, Shape::Lines) => {
                let Some(input) = form.text_field(field) else {
                    continue;
                };
                let parts = broken(input, width.max(2));
                let least = if field == Field::Statement {
                    STATEMENT
                } else {
                    1
                };
                let missing = least.saturating_sub(parts.len());
                let end = input.text().len();
                for (nth, (part, is_here)) in parts.into_iter().enumerate() {
                    rows.push(row(What::Text(part), nth == 0, has_cursor && is_here));
                }
                (0..missing).for_each(|_| rows.push(row(What::Text(end..end), false, false)));
            }
        }
    }
    rows
}

/// Breaks a text into rows, at blanks where there are any, and says in which one the cursor is.
fn broken(input: &Input, width: usize) -> Vec<(std::ops::Range<usize>, bool)> {
    let (text, cursor) = (input.text(), input.cursor());
    let mut rows = Vec::new();
    let mut start = 0;
    for paragraph in text.split('\n') {
        let mut from = start;
        let end = start + paragraph.len();
        loop {
            let rest = &text[from..end];
            // One column is left for the cursor behind the last letter.
            let limit = rest.char_indices().nth(width - 1).map(|(at, _)| at);
            let cut = limit.map_or(rest.len(), |l| rest[..l].rfind(' ').map_or(l, |at| at + 1));
            let is_last = from + cut == end;
            let is_here = cursor >= from && (cursor < from + cut || (is_last && cursor == end));
            rows.push((from..from + cut, is_here));
            from += cut;
            if is_last {
                break;
            }
        }
        start = end + 1;
    }
    rows
}

fn draw(app: &App, form: &Compose, row: &Row, y: u16, canvas: &mut Canvas<'_>) {
    if row.is_first {
        let is_here = row.field == form.field;
        let role = if is_here { Role::Prompt } else { Role::Quiet };
        canvas.say(1, y, row.field.name(), role);
    }
    match &row.what {
        What::Choice => choice(form, row, y, canvas),
        What::Place(at) => place((app, form), *at, row, y, canvas),
        What::Text(part) => {
            let text = &form.text(row.field)[part.clone()];
            let cursor = form.text_field(row.field).map_or(0, Input::cursor);
            let cursor = row.has_cursor.then(|| cursor.saturating_sub(part.start));
            canvas.field(TEXT, y, text, cursor);
            // A long line is moved so that its cursor is in sight, and what is marked in it with it.
            let width = usize::from(canvas.width().saturating_sub(TEXT));
            let before = cursor.map_or(0, |at| canvas.columns(text.get(..at).unwrap_or(text)));
            if before < width {
                marks(app, row.field, (TEXT, part.start, text), y, canvas);
            } else if app.hints.of(row.field).next().is_some() {
                canvas.say(TEXT - 2, y, "!", Role::Warning);
            }
            let x = TEXT + canvas.columns(text).min(1000) as u16 + 2;
            let says = beside(form, row);
            canvas.say(x, y, &says, Role::Quiet);
        }
    }
}

/// Shows which parts of a row are copied from the vendor's: underlined, and with a sign before the text. The text
/// begins at column `x`, with its byte `from`.
fn marks(
    app: &App,
    field: Field,
    (x, from, text): (u16, usize, &str),
    y: u16,
    canvas: &mut Canvas<'_>,
) {
    let style = canvas.theme.role(Role::Warning).underlined();
    for copied in app.hints.of(field) {
        let first = copied.range.start.max(from) - from;
        let end = copied.range.end.saturating_sub(from).min(text.len());
        let column = |byte: usize| text.get(..byte).map(|t| canvas.columns(t) as u16);
        if first < end
            && let (Some(left), Some(right)) = (column(first), column(end))
        {
            canvas.paint(x.saturating_add(left), y, right - left, style);
            canvas.say(TEXT - 2, y, "!", Role::Warning);
        }
    }
}

/// Says what is copied, if something is.
fn copied(app: &App, form: &Compose, width: u16) -> Option<String> {
    let cursor = form.text_field(form.field).map_or(0, Input::cursor);
    let (mark, more) = app.hints.told(form.field, cursor)?;
    // The end of a path says more than its beginning.
    let place = format!("{}:{}", mark.path, mark.line);
    let skip = place.chars().count().saturating_sub(usize::from(width) / 2);
    let place: String = place.chars().skip(skip).collect();
    let more = if more > 0 {
        format!(", and {more} more")
    } else {
        String::new()
    };
    let is_private = form.form == Form::Note && form.word(Field::NoteKind) == NoteKind::Note.word();
    let advice = if is_private {
        "fine in a private note"
    } else {
        "say it in your own words"
    };
    let rule = mark.rule.word();
    Some(format!("copied: {place} ({rule}){more} - {advice}"))
}

/// Returns what stands beside a line: what is meant by it, or what is expected.
fn beside(form: &Compose, row: &Row) -> String {
    let text = form.text(row.field);
    if !row.is_first || (text.is_empty() && !row.has_cursor && row.field != Field::Cwe) {
        return String::new();
    }
    match row.field {
        Field::Cwe if !text.is_empty() => {
            let ids = parse_cwe(text).unwrap_or_default();
            let titles: Vec<_> = ids.into_iter().filter_map(cwe::title).collect();
            titles.join("; ")
        }
        Field::Cvss if !text.is_empty() => {
            let vectors = parse_vectors(text).unwrap_or_default();
            let scores = vectors.iter().map(|v| v.scores().to_string());
            scores.collect::<Vec<_>>().join("; ")
        }
        field if text.is_empty() && row.has_cursor => field.hint().to_owned(),
        _ => String::new(),
    }
}

fn choice(form: &Compose, row: &Row, y: u16, canvas: &mut Canvas<'_>) {
    let word = form.word(row.field);
    let x = match word.parse::<Severity>() {
        Ok(severity) if row.field == Field::Severity => {
            let style = canvas.theme.severity(severity);
            canvas.put(TEXT, y, word, style)
        }
        _ => canvas.say(TEXT, y, word, Role::Text),
    };
    if row.has_cursor {
        let letters = form.typing.letters();
        let text = if letters.is_empty() {
            let arrows = canvas.glyph("\u{2190} \u{2192}", "Left, Right");
            format!("type it, or {arrows}")
        } else {
            format!("typed: {letters}")
        };
        canvas.say(x + 2, y, &text, Role::Quiet);
    }
}

/// Returns the number of lines of a location that the bundle quotes.
fn quoted_lines(location: &Location) -> u32 {
    let lines = location.anchor.extent.lines();
    lines.filter(|_| location.is_quoted).map_or(0, Span::lines)
}

fn place((app, form): (&App, &Compose), at: usize, row: &Row, y: u16, canvas: &mut Canvas<'_>) {
    let (location, input) = &form.locations[at];
    let anchor = &location.anchor;
    let place = anchor.text();
    // The end of a path says more than its beginning.
    let room = usize::from(canvas.width()).saturating_sub(usize::from(TEXT)) / 2;
    let cut: String = place
        .chars()
        .skip(place.chars().count().saturating_sub(room))
        .collect();
    let mut x = canvas.say(TEXT, y, &cut, Role::Text) + 1;
    if let Some(symbol) = &anchor.symbol {
        x = canvas.say(x, y, &format!("in {symbol}"), Role::Quiet) + 1;
    }
    if location.is_quoted {
        x = canvas.say(x, y, "quoted", Role::Warning) + 1;
    }
    if row.has_cursor || !input.text().is_empty() {
        let x = canvas.say(x + 1, y, "as ", Role::Quiet);
        canvas.field(x, y, input.text(), row.has_cursor.then(|| input.cursor()));
        marks(app, row.field, (x, 0, input.text()), y, canvas);
        if row.has_cursor && input.text().is_empty() {
            canvas.say(x + 2, y, row.field.hint(), Role::Quiet);
        }
    }
}
