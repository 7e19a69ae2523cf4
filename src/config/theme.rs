//! One theme styles screen and code, so that a change of theme parses nothing again.
//!
//! A theme file has three tables: `[palette]` (names for colours, optional), `[ui]` (one style for each
//! [`Role`]) and `[tokens]` (one for each [`TokenClass`]). Every key must be set, so that nothing is ever
//! drawn in a colour nobody chose; a reviewer's own file may begin with `inherits = "dark"` and set only
//! what differs. Styles are written as in `style.rs`.

use super::table::{Table, read};
use super::{Color, Environment, Error, Style};
use crate::model::TokenClass;
use std::collections::HashMap;
use std::path::Path;

/// The names of the built-in themes.
pub const BUILT_IN: &[&str] = &["dark", "light", "high-contrast", "console-16", "mono"];

const FILES: &[(&str, &str)] = &[
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    (
        "high-contrast",
        include_str!("../../themes/high-contrast.toml"),
    ),
    ("console-16", include_str!("../../themes/console-16.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
];

macro_rules! roles {
    ($($role:ident $name:literal $doc:literal),* $(,)?) => {
        /// What a part of the screen is for. Themes give each a style.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $(#[doc = $doc] $role),*
        }

        impl Role {
            /// Every role, in the order of the theme files.
            pub const ALL: &'static [Self] = &[$(Self::$role),*];

            /// Returns the key in a theme file.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$role => $name),*
                }
            }
        }
    };
}

roles! {
    Text "text" "Everything that is nothing else; the base of the whole screen.",
    Quiet "quiet" "What may be overlooked.",
    Rule "rule" "The thin lines between panes.",
    Accent "accent" "What has the focus.",
    Header "header" "The line with the snapshot's identity.",
    Footer "footer" "The lines with state and keys.",
    Key "key" "A key to press.",
    Selection "selection" "Selected lines or rows.",
    CursorLine "cursor-line" "The line the cursor is on.",
    LineNumber "line-number" "Line numbers.",
    LineNumberCurrent "line-number-current" "The number of the cursor's line.",
    Badge "badge" "A character that would hide or reorder, made visible.",
    Match "match" "What a search found.",
    MatchCurrent "match-current" "The match the cursor is on.",
    GutterFinding "gutter-finding" "The mark of a finding.",
    GutterNote "gutter-note" "The mark of a note or question.",
    GutterReviewed "gutter-reviewed" "The mark of reviewed lines.",
    SeverityCritical "severity-critical" "Critical findings.",
    SeverityHigh "severity-high" "High findings.",
    SeverityMedium "severity-medium" "Medium findings.",
    SeverityLow "severity-low" "Low findings.",
    SeverityInformational "severity-informational" "Findings for information.",
    SeverityUndetermined "severity-undetermined" "Findings not rated yet.",
    Good "good" "Something is as it should be.",
    Warning "warning" "Something needs a look.",
    Error "error" "Something failed or is blocked.",
    PickerMatch "picker-match" "Letters of a row that match what was typed.",
    Prompt "prompt" "The sign before what is typed.",
    Folder "folder" "Folders in the tree.",
    File "file" "Files in the tree.",
    FileFlag "file-flag" "What is odd about a file: encoding, link, hidden characters.",
    Overlay "overlay" "The ground of what lies on top of the panes.",
}

/// The styles of screen and code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    name: String,
    ui: Vec<Style>,
    tokens: Vec<Style>,
}

impl Theme {
    /// Loads a theme: built-in by name, else `<name>.toml` in the reviewer's folder.
    pub fn load(name: &str, user_folder: Option<&Path>) -> Result<Self, Error> {
        if let Some((_, text)) = FILES.iter().find(|(known, _)| *known == name) {
            return Self::parse(name, Path::new(&format!("themes/{name}.toml")), text);
        }
        let unknown = || Error::UnknownTheme {
            name: name.chars().filter(|c| !c.is_control()).take(100).collect(),
            folder: user_folder.map(Path::to_owned),
        };
        if !is_theme_name(name) {
            return Err(unknown());
        }
        let path = user_folder
            .ok_or_else(unknown)?
            .join(format!("{name}.toml"));
        let text = read(&path)?.ok_or_else(unknown)?;
        Self::parse(name, &path, &text)
    }

    /// Reads a theme from text; the path is for the errors.
    pub fn parse(name: &str, path: &Path, text: &str) -> Result<Self, Error> {
        let mut table = Table::parse(path, text)?;
        let parent = match table.string("inherits")? {
            Some((parent, line)) => {
                if !BUILT_IN.contains(&parent.as_str()) {
                    let why = format!("must be one of {}", BUILT_IN.join(", "));
                    return Err(table.wrong_value("inherits", line, why));
                }
                Some(Self::load(&parent, None)?)
            }
            None => None,
        };
        let mut palette = HashMap::new();
        if let Some(mut colors) = table.table("palette")? {
            for entry in colors.rest() {
                let word = colors.text_of(&entry)?;
                let why = || format!("is `{word}`, which is no colour");
                let color = Color::parse(&word)
                    .ok_or_else(|| colors.wrong_value(&entry.key, entry.line, why()))?;
                palette.insert(entry.key, color);
            }
        }
        let color = |name: &str| palette.get(name).copied();
        let ui = Role::ALL.iter().map(|role| role.name());
        let ui = styles(
            &mut table,
            ("ui", parent.as_ref().map(|p| &p.ui[..])),
            ui,
            &color,
        )?;
        let tokens = TokenClass::ALL.iter().map(|class| token_name(*class));
        let tokens = styles(
            &mut table,
            ("tokens", parent.as_ref().map(|p| &p.tokens[..])),
            tokens,
            &color,
        )?;
        table.finish()?;
        Ok(Self {
            name: name.to_owned(),
            ui,
            tokens,
        })
    }

    /// Returns the theme's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the style of a part of the screen.
    pub fn role(&self, role: Role) -> Style {
        self.ui.get(role as usize).copied().unwrap_or_default()
    }

    /// Returns the style of a piece of code.
    pub fn token(&self, class: TokenClass) -> Style {
        self.tokens.get(class as usize).copied().unwrap_or_default()
    }

    /// Returns the name of the theme to load, from what the reviewer asked for and what the terminal can do.
    ///
    /// `NO_COLOR` and a terminal that can do nothing get `mono`; a terminal of sixteen colours gets
    /// `console-16` instead of a built-in theme that needs more. A reviewer's own theme is left alone.
    pub fn choose(setting: Option<&str>, environment: &Environment) -> String {
        let wanted = setting.unwrap_or("dark");
        let term = environment.term.as_str();
        if environment.no_color || matches!(term, "" | "dumb") || term.starts_with("vt") {
            return "mono".to_owned();
        }
        let needs_more = matches!(wanted, "dark" | "light" | "high-contrast");
        let chosen = if needs_more && !has_256_colors(environment) {
            "console-16"
        } else {
            wanted
        };
        chosen.to_owned()
    }
}

fn has_256_colors(environment: &Environment) -> bool {
    const KNOWN: &[&str] = &[
        "alacritty",
        "kitty",
        "foot",
        "wezterm",
        "ghostty",
        "konsole",
        "contour",
    ];
    let term = environment.term.as_str();
    let says = matches!(environment.colorterm.as_str(), "truecolor" | "24bit");
    let is_console = term == "linux" || term.starts_with("linux-");
    !is_console
        && (says
            || term.contains("256color")
            || term.ends_with("-direct")
            || KNOWN.iter().any(|known| term.contains(known)))
}

/// Reads the styles of one table, each by its name; what is missing comes from the parent's.
fn styles(
    table: &mut Table<'_>,
    (key, parent): (&str, Option<&[Style]>),
    names: impl Iterator<Item = &'static str>,
    color: &dyn Fn(&str) -> Option<Color>,
) -> Result<Vec<Style>, Error> {
    let Some(mut inner) = table.table(key)? else {
        return parent
            .map(<[Style]>::to_vec)
            .ok_or_else(|| table.missing(key));
    };
    let mut styles = Vec::new();
    for (at, name) in names.enumerate() {
        let inherited = parent.and_then(|parent| parent.get(at)).copied();
        styles.push(match (inner.string(name)?, inherited) {
            (Some((text, line)), _) => {
                Style::parse(&text, color).map_err(|why| inner.wrong_value(name, line, why))?
            }
            (None, Some(style)) => style,
            (None, None) => return Err(inner.missing(name)),
        });
    }
    inner.finish()?;
    Ok(styles)
}

/// Returns whether a text can name a theme: it becomes a file name.
pub(super) fn is_theme_name(name: &str) -> bool {
    let letters = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    (1..=64).contains(&name.len()) && letters
}

const fn token_name(class: TokenClass) -> &'static str {
    match class {
        TokenClass::Plain => "plain",
        TokenClass::Comment => "comment",
        TokenClass::String => "string",
        TokenClass::Number => "number",
        TokenClass::Constant => "constant",
        TokenClass::Keyword => "keyword",
        TokenClass::Type => "type",
        TokenClass::Function => "function",
        TokenClass::Variable => "variable",
        TokenClass::Macro => "macro",
        TokenClass::Operator => "operator",
        TokenClass::Punctuation => "punctuation",
        TokenClass::Tag => "tag",
        TokenClass::Heading => "heading",
        TokenClass::Invalid => "invalid",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_styles(theme: &Theme) -> impl Iterator<Item = Style> + '_ {
        let roles = Role::ALL.iter().map(|role| theme.role(*role));
        roles.chain(TokenClass::ALL.iter().map(|class| theme.token(*class)))
    }

    fn colors(theme: &Theme) -> Vec<Color> {
        all_styles(theme)
            .flat_map(|style| [style.fg, style.bg])
            .flatten()
            .collect()
    }

    #[test]
    fn every_built_in_theme_sets_everything_within_its_means() {
        for name in BUILT_IN {
            let theme = Theme::load(name, None).unwrap();
            assert_eq!(
                (theme.ui.len(), theme.tokens.len()),
                (Role::ALL.len(), TokenClass::ALL.len())
            );
            for (at, class) in TokenClass::ALL.iter().enumerate() {
                assert_eq!(
                    (*class as usize, serde_json::to_value(class).unwrap()),
                    (at, token_name(*class).into())
                );
            }
            let colors = colors(&theme);
            let within = |test: fn(&Color) -> bool| colors.iter().all(test);
            match *name {
                "mono" => assert!(colors.is_empty()),
                "console-16" => assert!(within(|c| matches!(c, Color::Named(_) | Color::Default))),
                _ => assert!(within(|c| !matches!(c, Color::Rgb(..)))),
            }
            // Nothing may look like code that is hidden, found or judged.
            for loud in [
                Role::Badge,
                Role::MatchCurrent,
                Role::SeverityCritical,
                Role::Selection,
            ] {
                assert_ne!(
                    theme.role(loud),
                    theme.role(Role::Text),
                    "{name} {}",
                    loud.name()
                );
            }
            assert_ne!(
                theme.role(Role::Match),
                theme.role(Role::MatchCurrent),
                "{name}"
            );
        }
        assert_eq!(FILES.len(), BUILT_IN.len());
    }

    #[test]
    fn a_reviewers_theme_may_inherit_and_its_mistakes_have_lines() {
        let folder = tempfile::tempdir().unwrap();
        let load = |text: &str| {
            std::fs::write(folder.path().join("mine.toml"), text).unwrap();
            Theme::load("mine", Some(folder.path()))
        };
        let mine = load(
            "inherits = \"dark\"\n[palette]\nsea = \"#001122\"\n[tokens]\nkeyword = \"sea bold\"\n",
        )
        .unwrap();
        assert_eq!(
            mine.token(TokenClass::Keyword).fg,
            Some(Color::Rgb(0, 0x11, 0x22))
        );
        assert_eq!(
            mine.role(Role::Text),
            Theme::load("dark", None).unwrap().role(Role::Text)
        );
        for (text, end) in [
            ("[ui]\n", "lacks the key `ui.text`"),
            ("", "lacks the key `ui`"),
            (
                "inherits = \"dark\"\n[ui]\ntxt = \"red\"\n",
                "line 3: unknown key `ui.txt`",
            ),
            (
                "inherits = \"dark\"\n[ui]\ntext = \"rd\"\n",
                "line 3: `ui.text` has `rd`, which is no colour and no attribute",
            ),
            (
                "[palette]\na = \"b\"\n",
                "line 2: `palette.a` is `b`, which is no colour",
            ),
            (
                "inherits = \"mine\"\n",
                "line 1: `inherits` must be one of dark, light, high-contrast, console-16, mono",
            ),
        ] {
            let error = load(text).unwrap_err().to_string();
            assert!(error.ends_with(end), "{error}");
        }
        for name in ["none", "../mine", "", "a\n"] {
            assert!(matches!(
                Theme::load(name, Some(folder.path())),
                Err(Error::UnknownTheme { .. })
            ));
        }
    }

    #[test]
    fn the_terminal_decides_what_is_possible() {
        let on = |setting: Option<&str>, term: &str, colorterm: &str, no_color: bool| {
            let environment = Environment {
                term: term.to_owned(),
                colorterm: colorterm.to_owned(),
                no_color,
                ..Environment::default()
            };
            Theme::choose(setting, &environment)
        };
        for (setting, term, colorterm, no_color, wanted) in [
            (None, "xterm-256color", "", false, "dark"),
            (Some("light"), "xterm-256color", "", false, "light"),
            (Some("light"), "linux", "", false, "console-16"),
            (None, "linux", "truecolor", false, "console-16"),
            (None, "xterm", "", false, "console-16"),
            (None, "xterm", "truecolor", false, "dark"),
            (Some("mono"), "linux", "", false, "mono"),
            (Some("mine"), "linux", "", false, "mine"),
            (Some("mine"), "xterm-256color", "", true, "mono"),
            (None, "dumb", "", false, "mono"),
            (None, "", "", false, "mono"),
            (None, "vt100", "", false, "mono"),
            (None, "xterm-kitty", "", false, "dark"),
        ] {
            assert_eq!(
                on(setting, term, colorterm, no_color),
                wanted,
                "{setting:?} {term}"
            );
        }
    }
}
