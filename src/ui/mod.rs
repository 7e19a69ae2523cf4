//! The picture of the state: a pure view. Nothing is written while drawing; where the panes landed is
//! returned.

mod canvas;
mod code;
mod compose;
mod coverage;
mod delivery;
mod export;
mod help;
mod items;
mod picker;
mod policy;
mod preview;
mod score;
mod search;
mod side;
mod status;
mod sweep;
mod theme;
mod tree;

pub use theme::Theme;

use crate::app::layer::Layer;
use crate::app::{App, Focus, Regions};
use crate::config::Role;
use canvas::Canvas;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// From this width on, tree, code and side pane stand together.
const WIDE: u16 = 120;

/// Draws everything. Returns the room that the panes got.
pub fn render(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) -> Regions {
    let mut canvas = Canvas::new(area, theme, app.printer, buf);
    canvas.fill(theme.role(Role::Text));
    let (width, height) = (canvas.width(), canvas.height());
    if width < 20 || height < 5 {
        canvas.say(0, 0, "too small: widen to 20x5", Role::Warning);
        return Regions {
            list: 1,
            ..Regions::default()
        };
    }
    let body = height - 3;
    status::header(app, &mut canvas.part(0, 0, width, 1));
    let regions = match app.layers.iter().rev().find(|l| covers(l)) {
        Some(layer) => {
            let (list, list_total) = cover(app, layer, &mut canvas.part(0, 1, width, body));
            Regions {
                list,
                list_total,
                code_last: 0,
                ..app.regions
            }
        }
        None => panes(app, &mut canvas.part(0, 1, width, body)),
    };
    status::footer(app, &mut canvas.part(0, height - 2, width, 2));
    regions
}

/// Returns whether a layer takes the whole body; the others are a line at the bottom.
fn covers(layer: &Layer) -> bool {
    !matches!(layer, Layer::Prompt(_) | Layer::Confirm(_))
}

/// Draws a layer over the body. Returns the rows of its list, and of what is scrolled in all.
fn cover(app: &App, layer: &Layer, canvas: &mut Canvas<'_>) -> (u16, usize) {
    let rows = match layer {
        Layer::Delivery(top) => return delivery::render(app, *top, canvas),
        Layer::Policy(top) => return policy::render(app, *top, canvas),
        Layer::Help(top) => return help::render(app, *top, canvas),
        Layer::Export(export) => return export::render(export, canvas),
        Layer::Search => search::render(app, canvas),
        Layer::Pick(pick, picker) => picker::render(app, (pick, picker), canvas),
        Layer::Items(items) => items::render(app, items, canvas),
        Layer::Compose(form) => compose::render(app, form, canvas),
        Layer::Sweep(sweep) => sweep::render(app, sweep, canvas),
        Layer::Coverage(screen) => coverage::render(app, screen, canvas),
        Layer::Score(calculator) => score::render(calculator, canvas),
        Layer::Prompt(_) | Layer::Confirm(_) => 0,
    };
    (rows, 0)
}

fn panes(app: &App, canvas: &mut Canvas<'_>) -> Regions {
    let (width, height) = (canvas.width(), canvas.height());
    let no_code = app.code.doc.is_none() && app.code.pending.is_none();
    let show_tree = !app.tree_hidden && (width >= WIDE || app.focus == Focus::Tree || no_code);
    let tree_width = match width {
        _ if !show_tree => 0,
        160.. => 40,
        WIDE.. => 32,
        _ => (width * 2 / 5).min(32),
    };
    let side_width = if width >= WIDE { 36.min(width / 4) } else { 0 };
    let code_x = if show_tree { tree_width + 1 } else { 0 };
    let side_room = if side_width > 0 { side_width + 1 } else { 0 };
    let code_width = width.saturating_sub(code_x + side_room);
    if show_tree {
        tree::render(app, &mut canvas.part(0, 0, tree_width, height));
        rule(canvas, tree_width);
    }
    let (text_width, code_last) =
        code::render(app, &mut canvas.part(code_x, 0, code_width, height));
    if side_width > 0 {
        rule(canvas, width - side_room);
        side::render(
            app,
            &mut canvas.part(width - side_width, 0, side_width, height),
        );
    }
    Regions {
        tree: if show_tree { height } else { 0 },
        code_width: text_width,
        code_height: height - 1,
        code_last,
        list: height,
        list_total: 0,
    }
}

/// Draws the one thin rule between panes.
fn rule(canvas: &mut Canvas<'_>, x: u16) {
    let glyph = canvas.glyph("\u{2502}", "|");
    for y in 0..canvas.height() {
        canvas.say(x, y, glyph, Role::Rule);
    }
}
