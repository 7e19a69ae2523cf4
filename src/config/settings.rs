//! `config.toml`: what the reviewer wants. Every key is optional.
//!
//! ```toml
//! reviewer = "alice"       # default: the login name
//! theme = "dark"           # dark, light, high-contrast, console-16, mono, or a file in themes/
//! tab_width = 8            # 1 to 16
//! wrap = false
//! line_numbers = true
//! [[template]]             # values for the fields of a finding that are still empty
//! name = "unsafe copy"
//! severity = "high"
//! cwe = "CWE-120"
//! statement = "The length is not checked before the copy."
//! max_blob_mib = 256       # 1 to 1024: larger files are neither searched nor shown
//! [keys]                   # command = key, or a list of keys; [] leaves the command without any
//! go-to-definition = ["g d", "F3"]
//! ```

use super::table::{Table, read};
use super::{Error, Home, is_reviewer_name};
use crate::model::{TEMPLATE_KEYS, Template};
use std::path::Path;

/// What `config.toml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The reviewer's name, if it is not the login name.
    pub reviewer: Option<String>,
    /// The theme's name, if one is wished for.
    pub theme: Option<String>,
    /// Columns from one tab stop to the next.
    pub tab_width: u8,
    /// Whether long lines are wrapped.
    pub wrap: bool,
    /// Whether line numbers are shown.
    pub line_numbers: bool,
    /// Templates of findings, in the order of the file.
    pub templates: Vec<Template>,
    /// Largest file that is searched and shown, in MiB.
    pub max_blob_mib: u64,
    /// Keys given to commands, in the order of the file.
    pub keys: Vec<Remap>,
}

/// Decoded, a byte may become three of UTF-8, and a text must stay below 4 GiB.
const LARGEST_BLOB_MIB: u64 = 1024;

/// The keys given to one command. What they mean is for the command table to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remap {
    /// The command's name.
    pub command: String,
    /// Its keys, as written.
    pub keys: Vec<String>,
    /// The line in `config.toml`, for an error about them.
    pub line: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reviewer: None,
            theme: None,
            tab_width: 8,
            wrap: false,
            line_numbers: true,
            templates: Vec::new(),
            max_blob_mib: 256,
            keys: Vec::new(),
        }
    }
}

impl Settings {
    /// Bytes of the largest file that this program shows under any setting.
    pub const LARGEST_BLOB: u64 = LARGEST_BLOB_MIB << 20;

    /// Reads `config.toml`; without one everything has its default.
    pub fn load(home: &Home) -> Result<Self, Error> {
        let path = home.settings_file();
        read(&path)?.map_or_else(|| Ok(Self::default()), |text| Self::parse(&path, &text))
    }

    /// Returns the size of the largest file that is searched and shown, in bytes.
    pub fn blob_limit(&self) -> u64 {
        self.max_blob_mib << 20
    }

    /// Reads settings from text; the path is for the errors.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let mut settings = Self::default();
        let mut table = Table::parse(path, text)?;
        if let Some((name, line)) = table.string("reviewer")? {
            if !is_reviewer_name(&name) {
                return Err(table.wrong_value(
                    "reviewer",
                    line,
                    "must be 1 to 64 of A-Z a-z 0-9 . _ @ -",
                ));
            }
            settings.reviewer = Some(name);
        }
        if let Some((name, line)) = table.string("theme")? {
            if !super::theme::is_theme_name(&name) {
                return Err(table.wrong_value("theme", line, "must be a name, not a path"));
            }
            settings.theme = Some(name);
        }
        if let Some(width) = table.integer("tab_width", 1..=16)? {
            settings.tab_width = width as u8;
        }
        settings.wrap = table.boolean("wrap")?.unwrap_or(settings.wrap);
        settings.line_numbers = table
            .boolean("line_numbers")?
            .unwrap_or(settings.line_numbers);
        for mut entry in table.tables("template")? {
            let Some((name, _)) = entry.string("name")? else {
                return Err(entry.missing("name"));
            };
            let mut template = Template {
                name,
                values: Vec::new(),
            };
            for key in TEMPLATE_KEYS {
                if let Some((value, _)) = entry.string(key)? {
                    template.values.push(((*key).to_owned(), value));
                }
            }
            entry.finish()?;
            settings.templates.push(template);
        }
        settings.max_blob_mib = table
            .integer("max_blob_mib", 1..=LARGEST_BLOB_MIB)?
            .unwrap_or(settings.max_blob_mib);
        if let Some(mut keys) = table.table("keys")? {
            for entry in keys.rest() {
                settings.keys.push(Remap {
                    keys: keys.texts_of(&entry)?,
                    line: entry.line,
                    command: entry.key,
                });
            }
        }
        table.finish()?;
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings, Error> {
        Settings::parse(Path::new("config.toml"), text)
    }

    #[test]
    fn everything_is_optional_and_everything_is_read() {
        assert_eq!(parse("").unwrap(), Settings::default());
        let text = "reviewer = \"alice\"\ntheme = \"light\"\ntab_width = 4\nwrap = true\nline_numbers = false\nmax_blob_mib = 8\n[keys]\nquit = \"F10\"\nfind = [\"g d\", \"F3\"]\n";
        let settings = parse(text).unwrap();
        assert_eq!(
            (
                settings.reviewer.as_deref(),
                settings.tab_width,
                settings.wrap
            ),
            (Some("alice"), 4, true)
        );
        let wanted = Remap {
            command: "find".to_owned(),
            keys: vec!["g d".to_owned(), "F3".to_owned()],
            line: 9,
        };
        assert_eq!(settings.keys[1], wanted);
        assert!(!settings.line_numbers);
        assert_eq!(settings.blob_limit(), 8 << 20);
        let home = Home::at(Path::new("/nowhere/at/all")).unwrap();
        assert_eq!(Settings::load(&home).unwrap(), Settings::default());
    }

    #[test]
    fn templates_are_read_in_their_order() {
        let text =
            "[[template]]\nname = \"copy\"\ncwe = \"CWE-120\"\n[[template]]\nname = \"log\"\n";
        let settings = parse(text).unwrap();
        let names: Vec<_> = settings.templates.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["copy", "log"]);
        assert_eq!(
            settings.templates[0].values,
            [("cwe".into(), "CWE-120".into())]
        );
        for (text, wrong) in [
            ("template = 1\n", "list of tables"),
            ("[[template]]\ncwe = \"x\"\n", "name"),
            (
                "[[template]]\nname = \"a\"\ncvs = \"x\"\n",
                "line 3: unknown key `template.cvs`",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn errors_name_file_line_and_key() {
        for (text, message, hint) in [
            (
                "\ntab-width = 4\n",
                "config.toml line 2: unknown key `tab-width`",
                "did you mean `tab_width`?",
            ),
            (
                "wrap = 1\n",
                "config.toml line 1: `wrap` must be true or false, not integer",
                "write true or false",
            ),
            (
                "a = 1\n",
                "config.toml line 1: unknown key `a`",
                "the keys here are reviewer, theme, tab_width, wrap, line_numbers, template, max_blob_mib, keys",
            ),
            (
                "max_blob_mib = 2048\n",
                "config.toml line 1: `max_blob_mib` must be from 1 to 1024",
                "correct the value",
            ),
            (
                "tab_width = 99\n",
                "config.toml line 1: `tab_width` must be from 1 to 16",
                "correct the value",
            ),
            (
                "[keys]\n\nquit = 3\n",
                "config.toml line 3: `keys.quit` must be a text or a list of texts, not integer",
                "write a text or a list of texts",
            ),
            (
                "reviewer = \"a b\"\n",
                "config.toml line 1: `reviewer` must be 1 to 64 of A-Z a-z 0-9 . _ @ -",
                "correct the value",
            ),
            (
                "theme = \"../x\"\n",
                "config.toml line 1: `theme` must be a name, not a path",
                "correct the value",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(
                (error.to_string().as_str(), error.hint().as_deref()),
                (message, Some(hint))
            );
        }
    }
}
