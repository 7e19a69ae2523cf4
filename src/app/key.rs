//! Keys as every terminal sends them, and how they are written.

use std::fmt;

/// One key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
}

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A character; Shift is in the character.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Shift and tabulator.
    BackTab,
    /// Delete to the left.
    Backspace,
    /// Delete to the right.
    Delete,
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// Arrow.
    Left,
    /// Arrow.
    Right,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// A function key.
    F(u8),
}

const NAMED: &[(&str, Code)] = &[
    ("Space", Code::Char(' ')),
    ("Enter", Code::Enter),
    ("Esc", Code::Esc),
    ("Tab", Code::Tab),
    ("BackTab", Code::BackTab),
    ("Backspace", Code::Backspace),
    ("Delete", Code::Delete),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PageUp", Code::PageUp),
    ("PageDown", Code::PageDown),
    ("F1", Code::F(1)),
];

impl Key {
    /// Returns the key without Ctrl or Alt.
    pub fn plain(code: Code) -> Self {
        Self {
            code,
            ctrl: false,
            alt: false,
        }
    }
    /// Returns the key of a character.
    pub fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }
    /// Returns the key of a character with Ctrl.
    pub fn ctrl(c: char) -> Self {
        Self {
            ctrl: true,
            ..Self::char(c)
        }
    }
    /// Returns the character typed, if the key types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Reads one key as it is written: `a`, `^d`, `Alt-r`, `Space`, `F1`.
    fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("Alt-") {
            return Self::parse(rest).map(|k| Self { alt: true, ..k });
        }
        if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Some(Self::plain(*code));
        }
        let mut chars = text.chars();
        match (chars.next(), chars.next(), chars.next()) {
            (Some(c), None, _) => Some(Self::char(c)),
            (Some('^'), Some(c), None) => Some(Self::ctrl(c.to_ascii_lowercase())),
            _ => None,
        }
    }
}

/// Reads a key sequence as it is written: words apart are keys apart, and a word that names no key is a run
/// of characters: `gd`, `^w h`, `Alt-r`, `]u`. Nothing if it is empty.
pub fn sequence(text: &str) -> Option<Vec<Key>> {
    let mut keys = Vec::new();
    for word in text.split_whitespace() {
        match Key::parse(word) {
            Some(key) => keys.push(key),
            None if word.starts_with("Alt-") => return None,
            None => keys.extend(word.chars().map(Key::char)),
        }
    }
    (!keys.is_empty()).then_some(keys)
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.alt {
            f.write_str("Alt-")?;
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            Code::Char(c) if self.ctrl => write!(f, "^{c}"),
            Code::Char(c) => write!(f, "{c}"),
            Code::F(n) => write!(f, "F{n}"),
            _ => Ok(()),
        }
    }
}

/// Returns a key sequence as it is written.
pub fn written(keys: &[Key]) -> String {
    let mut out = String::new();
    for key in keys {
        let name = key.to_string();
        if !out.is_empty() && (name.len() > 1 || out.starts_with('^')) {
            out.push(' ');
        }
        out.push_str(&name);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_written_as_they_are_read() {
        for text in ["gd", "^d", "^w h", "Alt-r", "]u", "Space", "F1", "^", "?"] {
            let keys = sequence(text).unwrap();
            assert_eq!(written(&keys), text);
        }
        assert_eq!(sequence("gd").unwrap(), [Key::char('g'), Key::char('d')]);
        assert_eq!(sequence(""), None);
        assert_eq!(sequence("Alt-xyz"), None);
    }
}
