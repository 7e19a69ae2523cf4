//! A theme as the terminal library takes it.

use crate::config::{self, Color, Role};
use crate::model::{Severity, TokenClass};
use ratatui::style::{Color as Paint, Modifier, Style};

/// The styles of one theme.
#[derive(Clone, Debug)]
pub struct Theme {
    theme: config::Theme,
}

impl Theme {
    /// Takes a theme.
    pub fn new(theme: config::Theme) -> Self {
        Self { theme }
    }
    /// Returns the style of a part of the screen.
    pub fn role(&self, role: Role) -> Style {
        style(self.theme.role(role))
    }
    /// Returns the style of a piece of code.
    pub fn token(&self, class: TokenClass) -> Style {
        style(self.theme.token(class))
    }
    /// Returns the style of a severity.
    pub fn severity(&self, severity: Severity) -> Style {
        self.role(match severity {
            Severity::Critical => Role::SeverityCritical,
            Severity::High => Role::SeverityHigh,
            Severity::Medium => Role::SeverityMedium,
            Severity::Low => Role::SeverityLow,
            Severity::Informational => Role::SeverityInformational,
            Severity::Undetermined => Role::SeverityUndetermined,
        })
    }
}

fn style(plain: config::Style) -> Style {
    let mut style = Style::new();
    style.fg = plain.fg.map(paint);
    style.bg = plain.bg.map(paint);
    for (is_on, modifier) in [
        (plain.bold, Modifier::BOLD),
        (plain.dim, Modifier::DIM),
        (plain.italic, Modifier::ITALIC),
        (plain.underline, Modifier::UNDERLINED),
        (plain.reverse, Modifier::REVERSED),
    ] {
        if is_on {
            style = style.add_modifier(modifier);
        }
    }
    style
}

fn paint(color: Color) -> Paint {
    match color {
        Color::Default => Paint::Reset,
        Color::Named(ansi) => Paint::Indexed(ansi as u8),
        Color::Indexed(n) => Paint::Indexed(n),
        Color::Rgb(r, g, b) => Paint::Rgb(r, g, b),
    }
}
