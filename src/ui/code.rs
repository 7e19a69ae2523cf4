//! The code pane: title row, gutter, lines.

use super::canvas::Canvas;
use super::status::grouped;
use crate::app::{App, Focus};
use crate::config::Role;
use crate::job::{Body, Document, LineColours};
use crate::model::{Item, Location, TokenClass};
use crate::text::{CellKind, FlagKind, Piece, widened};
use ratatui::style::Style;
use std::ops::Range;

/// Draws the pane. Returns the columns that its text got, and the last line that was drawn.
pub fn render(app: &App, canvas: &mut Canvas<'_>) -> (u16, u32) {
    let Some(doc) = &app.code.doc else {
        welcome(app, canvas);
        return (canvas.width(), 0);
    };
    title(app, doc, canvas);
    let height = canvas.height().saturating_sub(1);
    let width = canvas.width();
    let mut body = canvas.part(0, 1, width, height);
    if let Body::Absent(why) = &doc.body {
        body.wrapped(
            1,
            height,
            &format!("Nothing to show: {why}."),
            Role::Warning,
        );
        return (width, 0);
    }
    if doc.count() == 0 {
        body.say(1, 1, "The file is empty.", Role::Quiet);
    }
    let gutter = if app.code.hide_numbers {
        3
    } else {
        digits(doc.count()).max(4) + 4
    };
    let text_width = width.saturating_sub(gutter);
    let items = items_here(app, doc);
    let mut y = 0;
    let mut line = app.code.top;
    while y < height && line <= doc.count() {
        let rows = lines(
            app,
            doc,
            line,
            &mut body.part(gutter, y, text_width, height - y),
        );
        gutter_of(app, &items, line, &mut body.part(0, y, gutter, 1));
        tint(app, line, y, rows, &mut body);
        y += rows;
        line += 1;
    }
    (text_width, if line > app.code.top { line - 1 } else { 0 })
}

fn welcome(app: &App, canvas: &mut Canvas<'_>) {
    let lines = [
        "f  pick a file",
        "s  search the whole snapshot",
        "I  what was delivered",
        "@  findings and notes",
        "?  all keys",
    ];
    let wait = if app.code.pending.is_some() {
        "reading..."
    } else {
        "Choose a file in the tree, or:"
    };
    canvas.say(2, 1, wait, Role::Quiet);
    if app.code.pending.is_none() {
        for (y, line) in (3..).zip(lines) {
            canvas.say(4, y, line, Role::Quiet);
        }
    }
}

fn title(app: &App, doc: &Document, canvas: &mut Canvas<'_>) {
    let mut facts = Vec::new();
    facts.extend(doc.language.clone());
    match &doc.body {
        Body::Text { encoding, crlf, .. } => {
            facts.push(encoding.clone());
            if *crlf {
                facts.push("CRLF".into());
            }
            facts.push(format!("{} lines", grouped(doc.count().into())));
        }
        Body::Binary(bytes) => {
            facts.push(format!("binary, {} bytes", grouped(bytes.len() as u64)));
        }
        Body::Absent(_) => {}
    }
    facts.extend(doc.traits.iter().cloned());
    let colours = app.code.colours.get(&app.code.line);
    facts.extend(colours.and_then(|c| c.plain.clone()));
    // What is hidden must be seen: the warning has its room before the path and the facts have theirs.
    let warning = match &app.code.pending {
        Some((file, _)) => format!("reading {}...", file.path),
        None => warning(doc).unwrap_or_default(),
    };
    let room = usize::from(canvas.width()).saturating_sub(warning.chars().count() + 4);
    let path = doc.file.path.label();
    let cut = path.chars().count().saturating_sub(room.max(8));
    let path: String = path.chars().skip(cut).collect();
    let mut end = canvas.say(1, 0, &path, Role::Accent);
    let facts = format!("{} ", facts.join("  "));
    let around = app.outline().map(|outline| outline.around(app.code.line));
    let around = around.filter(|names| !names.is_empty());
    if let Some(names) = around {
        let text = format!(" > {}", names.join(" > "));
        let taken = usize::from(end) + warning.chars().count() + 4;
        let room = usize::from(canvas.width()).saturating_sub(taken);
        // The innermost name is the one that matters.
        let text = if text.chars().count() > room {
            format!(" > {}", names.last().unwrap_or(&""))
        } else {
            text
        };
        if text.chars().count() <= room {
            end = canvas.say(end, 0, &text, Role::Quiet);
        }
    }
    let x = canvas.say(end + 2, 0, &warning, Role::Warning) + 2;
    canvas.right(x, 0, &facts, Role::Quiet);
}

/// Says how many lines hide or disguise something.
fn warning(doc: &Document) -> Option<String> {
    let count = |kind: FlagKind| doc.flags.iter().filter(|(_, k)| *k == kind).count();
    let kinds = [
        FlagKind::Bidi,
        FlagKind::Zerowidth,
        FlagKind::MixedScript,
        FlagKind::Control,
        FlagKind::Blank,
        FlagKind::LineEnds,
        FlagKind::NoFinalNewline,
    ];
    let parts: Vec<_> = kinds
        .into_iter()
        .map(|k| (k.word(), count(k)))
        .filter(|(_, n)| *n > 0)
        .map(|(word, n)| format!("{word} on {n}"))
        .collect();
    (!parts.is_empty()).then(|| format!("! {}", parts.join(", ")))
}

fn digits(n: u32) -> u16 {
    n.max(1).ilog10() as u16 + 1
}

/// Draws one line, over several rows if lines are broken. Returns its rows.
fn lines(app: &App, doc: &Document, line: u32, canvas: &mut Canvas<'_>) -> u16 {
    let width = usize::from(canvas.width());
    let text = doc.line(line);
    let ruler = doc.ruler(line, &text, app.printer);
    if !app.code.wrap {
        let (first, pieces) = ruler.window(app.code.left, width);
        let found = matches(app, &text, &pieces);
        let style = |piece: &Piece| style_of(app, canvas.theme, line, piece, &found);
        let styles: Vec<Style> = pieces.iter().map(style).collect();
        let x = first.saturating_sub(app.code.left) as u16;
        draw(canvas, x, 0, &pieces, &styles);
        let end = ruler.columns().checked_sub(app.code.left);
        if let Some(end) = end.filter(|end| *end < width) {
            end_mark(doc, line, canvas, (end, 0));
        }
        cut_marks(app, ruler.columns(), canvas);
        return 1;
    }
    let hidden = if line == app.code.top {
        app.code.left
    } else {
        0
    };
    let pieces = ruler.window(hidden, width * usize::from(canvas.height())).1;
    let found = matches(app, &text, &pieces);
    let style = |piece: &Piece| style_of(app, canvas.theme, line, piece, &found);
    let styles: Vec<Style> = pieces.iter().map(style).collect();
    let (mut y, mut x, mut from) = (0, 0, 0);
    for (at, piece) in pieces.iter().enumerate() {
        if x + usize::from(piece.width) > width && x > 0 {
            draw(canvas, 0, y, &pieces[from..at], &styles[from..at]);
            (y, x, from) = (y + 1, 0, at);
        }
        x += usize::from(piece.width);
    }
    draw(canvas, 0, y, &pieces[from..], &styles[from..]);
    end_mark(doc, line, canvas, (x, y));
    y + 1
}

/// Shows behind a line that it ends otherwise than most lines do.
fn end_mark(doc: &Document, line: u32, canvas: &mut Canvas<'_>, (x, y): (usize, u16)) {
    if let Some(mark) = doc.end_mark(line) {
        canvas.say(x as u16, y, mark, Role::Badge);
    }
}

/// Bytes before and behind what is shown of a line in which a match is looked for.
const AROUND: usize = 4 << 10;

/// Returns what the pieces shown hold of what is found in the file.
fn matches(app: &App, text: &str, pieces: &[Piece]) -> Vec<Range<usize>> {
    let (Some(find), Some(first), Some(last)) = (&app.find, pieces.first(), pieces.last()) else {
        return Vec::new();
    };
    let near = widened(text, first.start..last.end, AROUND);
    // What stands before counts: `^` and `\b` are asked of the line, not of the part that is looked at.
    let text = &text[..near.end];
    let mut at = near.start;
    let mut found = Vec::new();
    while let Some(m) = find.find_at(text, at) {
        if m.start >= last.end {
            break;
        }
        at = if m.is_empty() {
            widened(text, m.end..m.end + 1, 0).end
        } else {
            m.end
        };
        if m.end > first.start {
            found.push(m);
        }
        if at >= text.len() {
            break;
        }
    }
    found
}

fn draw(canvas: &mut Canvas<'_>, x: u16, y: u16, pieces: &[Piece], styles: &[Style]) {
    let mut x = x;
    for (piece, style) in pieces.iter().zip(styles) {
        x = canvas.pieces(x, y, std::slice::from_ref(piece), |_| *style);
    }
}

/// Shows that a line goes on beyond the edges.
fn cut_marks(app: &App, columns: usize, canvas: &mut Canvas<'_>) {
    let width = usize::from(canvas.width());
    if app.code.left > 0 && columns > 0 {
        let glyph = canvas.glyph("\u{2039}", "<");
        canvas.say(0, 0, glyph, Role::Quiet);
    }
    if columns > app.code.left + width && width > 0 {
        let glyph = canvas.glyph("\u{203a}", ">");
        canvas.say(width as u16 - 1, 0, glyph, Role::Quiet);
    }
}

/// Returns the style of the token that a piece of a line belongs to.
pub fn token_style(theme: &super::Theme, colours: Option<&LineColours>, piece: &Piece) -> Style {
    let tokens = colours.map_or(&[][..], |c| &c.tokens);
    let at = tokens.partition_point(|t| t.end as usize <= piece.start);
    let token = tokens.get(at).filter(|t| t.start as usize <= piece.start);
    theme.token(token.map_or(TokenClass::Plain, |t| t.class))
}

fn style_of(
    app: &App,
    theme: &super::Theme,
    line: u32,
    piece: &Piece,
    found: &[Range<usize>],
) -> Style {
    let mut style = token_style(theme, app.code.colours.get(&line), piece);
    if piece.kind == CellKind::Badge {
        style = style.patch(theme.role(Role::Badge));
    }
    if found
        .iter()
        .any(|m| m.start < piece.end && piece.start < m.end)
    {
        let current = line == app.code.line
            && found
                .iter()
                .any(|m| m.contains(&app.code.byte) && m.start < piece.end && piece.start < m.end);
        style = style.patch(theme.role(if current {
            Role::MatchCurrent
        } else {
            Role::Match
        }));
    }
    let at_cursor = line == app.code.line && (piece.start..piece.end).contains(&app.code.byte);
    if at_cursor && app.focus == Focus::Code {
        style = style.reversed();
    }
    style
}

fn tint(app: &App, line: u32, y: u16, rows: u16, canvas: &mut Canvas<'_>) {
    let selected = app.code.select.is_some() && app.code.span().contains(line);
    let role = if selected {
        Role::Selection
    } else if line == app.code.line {
        Role::CursorLine
    } else {
        return;
    };
    // Only the background: selection must not hide what the colours say.
    let whole = canvas.theme.role(role);
    let style = if app.focus == Focus::Code || selected {
        whole
    } else {
        return;
    };
    for row in y..y + rows {
        canvas.tint(row, style);
    }
}

fn items_here<'a>(app: &'a App, doc: &Document) -> Vec<(&'a Item, &'a Location)> {
    let here = app.review.items_in(&doc.file.path);
    let all = here.flat_map(|i| i.locations().iter().map(move |l| (i, l)));
    all.filter(|(_, l)| l.anchor.blob == doc.file.blob && l.anchor.path == doc.file.path)
        .collect()
}

/// Draws the line number, the mark of review and the letter of what is noted here.
fn gutter_of(app: &App, items: &[(&Item, &Location)], line: u32, canvas: &mut Canvas<'_>) {
    // Number, blank, letter of what is noted, letter of review, blank.
    let letters = canvas.width().saturating_sub(3);
    let end = letters.saturating_sub(1);
    if !app.code.hide_numbers {
        let current = line == app.code.line && app.focus == Focus::Code;
        let role = if current {
            Role::LineNumberCurrent
        } else {
            Role::LineNumber
        };
        let number = line.to_string();
        let x = end.saturating_sub(number.len() as u16);
        canvas.say(x, 0, &number, role);
    }
    let marks = app.code.file().and_then(|f| app.review.marks(&f.blob));
    if marks.is_some_and(|m| m.contains(line)) {
        canvas.say(letters + 1, 0, "r", Role::GutterReviewed);
    }
    let here = items
        .iter()
        .filter(|(_, l)| l.anchor.extent.contains_row(line))
        .map(|(i, _)| *i);
    // A finding is louder than a note.
    let loudest = here.min_by_key(|i| matches!(i, Item::Note(_)));
    match loudest {
        Some(Item::Finding(finding)) => {
            let style = canvas.theme.severity(finding.severity);
            canvas.put(letters, 0, "F", style);
        }
        Some(item @ Item::Note(_)) => {
            let letter = &item.label()[..1];
            canvas.say(letters, 0, &letter.to_lowercase(), Role::GutterNote);
        }
        None => {}
    }
}
