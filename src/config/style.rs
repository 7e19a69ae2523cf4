//! Styles as plain data, and how a theme file writes them.
//!
//! A style is a text of words: a colour, then `on` and a second colour, then attributes; each part may be
//! missing. `"accent"`, `"231 on 160 bold"`, `"on 236"`, `"underline"`, `""`. A colour is a name of the
//! theme's palette, `default`, one of the sixteen names, a number from 0 to 255, or `#rrggbb`.

/// One of the sixteen colours every terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ansi {
    /// Colour 0.
    Black,
    /// Colour 1.
    Red,
    /// Colour 2.
    Green,
    /// Colour 3.
    Yellow,
    /// Colour 4.
    Blue,
    /// Colour 5.
    Magenta,
    /// Colour 6.
    Cyan,
    /// Colour 7.
    White,
    /// Colour 8.
    BrightBlack,
    /// Colour 9.
    BrightRed,
    /// Colour 10.
    BrightGreen,
    /// Colour 11.
    BrightYellow,
    /// Colour 12.
    BrightBlue,
    /// Colour 13.
    BrightMagenta,
    /// Colour 14.
    BrightCyan,
    /// Colour 15.
    BrightWhite,
}

const NAMES: &[(&str, Ansi)] = &[
    ("black", Ansi::Black),
    ("red", Ansi::Red),
    ("green", Ansi::Green),
    ("yellow", Ansi::Yellow),
    ("blue", Ansi::Blue),
    ("magenta", Ansi::Magenta),
    ("cyan", Ansi::Cyan),
    ("white", Ansi::White),
    ("bright-black", Ansi::BrightBlack),
    ("bright-red", Ansi::BrightRed),
    ("bright-green", Ansi::BrightGreen),
    ("bright-yellow", Ansi::BrightYellow),
    ("bright-blue", Ansi::BrightBlue),
    ("bright-magenta", Ansi::BrightMagenta),
    ("bright-cyan", Ansi::BrightCyan),
    ("bright-white", Ansi::BrightWhite),
];

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Color {
    /// The terminal's own.
    Default,
    /// One of the sixteen.
    Named(Ansi),
    /// One of the 256 of xterm.
    Indexed(u8),
    /// Red, green, blue; only on terminals that say so.
    Rgb(u8, u8, u8),
}

impl Color {
    /// Reads a colour that is no name of a palette.
    pub fn parse(word: &str) -> Option<Self> {
        if word == "default" {
            return Some(Self::Default);
        }
        if let Some(hex) = word.strip_prefix('#') {
            let is_hex = hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit());
            let number = u32::from_str_radix(hex, 16).ok().filter(|_| is_hex)?;
            return Some(Self::Rgb(
                (number >> 16) as u8,
                (number >> 8) as u8,
                number as u8,
            ));
        }
        if word.bytes().all(|b| b.is_ascii_digit()) {
            return word.parse().ok().map(Self::Indexed);
        }
        NAMES
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, ansi)| Self::Named(*ansi))
    }
}

/// How something is drawn; what is not set is as it was below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "these are a terminal's own independent attributes"
)]
pub struct Style {
    /// Of the letters.
    pub fg: Option<Color>,
    /// Behind them.
    pub bg: Option<Color>,
    /// Bold, on some terminals bright.
    pub bold: bool,
    /// Faint; not on every terminal.
    pub dim: bool,
    /// Slanted; not on every terminal.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// Colours exchanged.
    pub reverse: bool,
}

impl Style {
    /// Reads a style; `palette` is asked for names first. Says what is wrong, as the rest of a sentence.
    pub(super) fn parse(
        text: &str,
        palette: &dyn Fn(&str) -> Option<Color>,
    ) -> Result<Self, String> {
        let mut style = Self::default();
        let mut behind = false;
        for word in text.split_whitespace() {
            match word {
                "bold" => style.bold = true,
                "dim" => style.dim = true,
                "italic" => style.italic = true,
                "underline" => style.underline = true,
                "reverse" => style.reverse = true,
                "on" if !behind && style.bg.is_none() => {
                    behind = true;
                    continue;
                }
                _ => {
                    let color = palette(word)
                        .or_else(|| Color::parse(word))
                        .ok_or_else(|| {
                            format!("has `{word}`, which is no colour and no attribute")
                        })?;
                    let place = if behind { &mut style.bg } else { &mut style.fg };
                    if place.replace(color).is_some() {
                        return Err(format!("has a colour too many: `{word}`"));
                    }
                }
            }
            if std::mem::take(&mut behind) && style.bg.is_none() {
                return Err("has no colour behind `on`".to_owned());
            }
        }
        if behind {
            Err("has no colour behind `on`".to_owned())
        } else {
            Ok(style)
        }
    }

    /// Returns this style over another: what it sets wins, attributes add up.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            fg: self.fg.or(below.fg),
            bg: self.bg.or(below.bg),
            bold: self.bold || below.bold,
            dim: self.dim || below.dim,
            italic: self.italic || below.italic,
            underline: self.underline || below.underline,
            reverse: self.reverse || below.reverse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_read_as_written() {
        let palette = |name: &str| (name == "accent").then_some(Color::Indexed(110));
        let parse = |text: &str| Style::parse(text, &palette);
        assert_eq!(parse("").unwrap(), Style::default());
        let style = parse("accent on bright-black bold reverse").unwrap();
        assert_eq!(style.fg, Some(Color::Indexed(110)));
        assert_eq!(style.bg, Some(Color::Named(Ansi::BrightBlack)));
        assert!(style.bold && style.reverse && !style.dim);
        assert_eq!(
            parse("on #0a0B0c").unwrap().bg,
            Some(Color::Rgb(10, 11, 12))
        );
        assert_eq!(parse("default").unwrap().fg, Some(Color::Default));
        for bad in [
            "on",
            "on bold",
            "256",
            "#f",
            "#+12345",
            "#é234",
            "nope",
            "red blue",
            "red on blue on green",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let over = parse("red bold")
            .unwrap()
            .over(parse("blue on white underline").unwrap());
        assert_eq!(over, parse("red on white bold underline").unwrap());
    }
}
