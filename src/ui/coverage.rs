//! The coverage screen.

use super::canvas::Canvas;
use super::status::grouped;
use crate::app::App;
use crate::app::coverage::Coverage;
use crate::config::Role;
use crate::model::{CoverageBy, CoverageOf, CoverageRow, FASTEST};

/// Draws the table. Returns its rows in sight.
pub fn render(app: &App, screen: &Coverage, canvas: &mut Canvas<'_>) -> u16 {
    let (width, height) = (canvas.width(), canvas.height());
    let mut x = canvas.say(1, 0, "coverage by", Role::Accent) + 1;
    for by in CoverageBy::ALL {
        let role = if *by == screen.by {
            Role::Prompt
        } else {
            Role::Quiet
        };
        x = canvas.say(x, 0, by.word(), role) + 1;
    }
    let Some(table) = screen.table.as_ref().filter(|t| t.of == screen.of) else {
        canvas.say(2, 2, "counting...", Role::Quiet);
        return height;
    };
    let total = &table.total;
    let share = share(total.reviewed, total.lines);
    let says = format!(
        "reviewed {} of {} {} in {} files ({share}), shown {}; {} searches",
        grouped(total.reviewed),
        grouped(total.lines),
        match table.of {
            CoverageOf::Text => "lines of text",
            CoverageOf::Code => "lines of code",
            CoverageOf::All => "lines, binary ones too,",
        },
        grouped(total.files),
        grouped(total.shown),
        grouped(app.review.searches()),
    );
    canvas.say(1, 1, &says, Role::Text);
    let pace = app.marked_within_the_hour();
    if pace > FASTEST {
        let text = format!(
            "{} lines marked within the hour: nobody judges more than {FASTEST}",
            grouped(pace)
        );
        canvas.say(1, 2, &text, Role::Warning);
    } else {
        canvas.say(1, 2, &screen.under.to_string(), Role::Folder);
    }
    let rows = height.saturating_sub(3);
    let most = table.rows.iter().map(|r| r.reviewed).max().unwrap_or(0);
    for y in 0..rows {
        let at = screen.top + usize::from(y);
        let Some(row) = table.rows.get(at) else { break };
        draw(row, screen.by, (most, width), y + 3, canvas);
        if at == screen.cursor {
            let style = canvas.theme.role(Role::Selection);
            canvas.tint(y + 3, style);
        }
    }
    rows
}

fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0 %".into();
    }
    format!("{:.1} %", part as f64 * 100.0 / whole as f64)
}

/// Columns of the bar.
const BAR: u64 = 10;

fn draw(
    row: &CoverageRow,
    by: CoverageBy,
    (most, width): (u64, u16),
    y: u16,
    canvas: &mut Canvas<'_>,
) {
    let is_pace = matches!(by, CoverageBy::Day | CoverageBy::Reviewer);
    let whole = if is_pace { most } else { row.lines };
    let filled = (row.reviewed * BAR)
        .checked_div(whole)
        .unwrap_or(0)
        .min(BAR);
    let (full, empty) = (canvas.glyph("\u{2588}", "#"), canvas.glyph("\u{2591}", "."));
    let bar = full.repeat(filled as usize) + &empty.repeat((BAR - filled) as usize);
    let figures = if is_pace {
        format!(
            "{:>9} reviewed {:>9} shown {:>5} written ",
            grouped(row.reviewed),
            grouped(row.shown),
            grouped(row.items)
        )
    } else {
        format!(
            "{:>9} of {:>10} {:>7} {:>9} shown ",
            grouped(row.reviewed),
            grouped(row.lines),
            share(row.reviewed, row.lines),
            grouped(row.shown)
        )
    };
    let behind = figures.chars().count() as u16 + BAR as u16 + 1;
    let room = width.saturating_sub(behind + 2);
    canvas.part(1, y, room, 1).say(0, 0, &row.name, Role::File);
    let x = width.saturating_sub(behind);
    let x = canvas.say(x, y, &bar, Role::GutterReviewed) + 1;
    canvas.say(x, y, &figures, Role::Text);
}
