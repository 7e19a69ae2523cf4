//! A text field with readline keys.

use super::key::{Code, Key};

/// Longest text a field takes, in bytes; more is refused, never cut silently.
pub const LIMIT: usize = 64 * 1024;

/// A text being typed, with a cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    cursor: usize,
    multiline: bool,
}

/// What a field did with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// The text changed.
    Changed,
    /// Only the cursor moved.
    Moved,
    /// The key means nothing to a field.
    Ignored,
}

impl Input {
    /// Makes a one-line field with the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            cursor: text.len(),
            text,
            multiline: false,
        }
    }
    /// Makes a field of several lines, in which Enter breaks the line.
    pub fn multiline(text: impl Into<String>) -> Self {
        Self {
            multiline: true,
            ..Self::new(text)
        }
    }
    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Gives the text away.
    pub fn into_text(self) -> String {
        self.text
    }
    /// Returns the cursor as a byte offset on a character boundary.
    pub fn cursor(&self) -> usize {
        self.cursor
    }
    /// Replaces the text; the cursor goes to its end.
    pub fn set(&mut self, text: impl Into<String>) {
        self.text = text.into();
        self.cursor = self.text.len();
    }

    /// Inserts a pasted text: line ends become LF, or blanks in a one-line field. Returns false if it would
    /// grow over [`LIMIT`] and nothing was inserted.
    pub fn paste(&mut self, text: &str) -> bool {
        if self.text.len() + text.len() > LIMIT {
            return false;
        }
        let lf = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = if self.multiline {
            lf
        } else {
            lf.replace(['\n', '\t'], " ")
        };
        self.text.insert_str(self.cursor, &text);
        self.cursor += text.len();
        true
    }

    /// Handles one key.
    pub fn key(&mut self, key: Key) -> Typed {
        if let Some(c) = key.typed() {
            return self.insert(c);
        }
        let before = self.cursor;
        match (key.code, key.ctrl, key.alt) {
            (Code::Enter, false, false) if self.multiline => return self.insert('\n'),
            (Code::Backspace, false, false) | (Code::Char('h'), true, false) => {
                let from = self.previous(self.cursor);
                return self.remove(from, before);
            }
            (Code::Delete, _, false) | (Code::Char('d'), true, false) => {
                let to = self.next(self.cursor);
                return self.remove(before, to);
            }
            (Code::Char('u'), true, false) => {
                let from = self.line_start();
                return self.remove(from, before);
            }
            (Code::Char('k'), true, false) => {
                let to = self.line_end();
                return self.remove(before, to);
            }
            (Code::Char('w'), true, false) | (Code::Backspace, _, true) => {
                let from = self.word_left();
                return self.remove(from, before);
            }
            (Code::Char('d'), false, true) => {
                let to = self.word_right();
                return self.remove(before, to);
            }
            (Code::Left, false, false) | (Code::Char('b'), true, false) => {
                self.cursor = self.previous(self.cursor);
            }
            (Code::Right, false, false) | (Code::Char('f'), true, false) => {
                self.cursor = self.next(self.cursor);
            }
            (Code::Left, ..) | (Code::Char('b'), false, true) => self.cursor = self.word_left(),
            (Code::Right, ..) | (Code::Char('f'), false, true) => self.cursor = self.word_right(),
            (Code::Home, ..) | (Code::Char('a'), true, false) => self.cursor = self.line_start(),
            (Code::End, ..) | (Code::Char('e'), true, false) => self.cursor = self.line_end(),
            (Code::Up, ..) if self.multiline => self.vertical(-1),
            (Code::Down, ..) if self.multiline => self.vertical(1),
            _ => return Typed::Ignored,
        }
        Typed::Moved
    }

    fn insert(&mut self, c: char) -> Typed {
        if self.text.len() + c.len_utf8() > LIMIT {
            return Typed::Moved;
        }
        self.text.insert(self.cursor, c);
        self.cursor += c.len_utf8();
        Typed::Changed
    }

    fn remove(&mut self, from: usize, to: usize) -> Typed {
        self.text.replace_range(from..to, "");
        self.cursor = from;
        if from == to {
            Typed::Moved
        } else {
            Typed::Changed
        }
    }

    fn previous(&self, at: usize) -> usize {
        self.text[..at]
            .char_indices()
            .next_back()
            .map_or(0, |(i, _)| i)
    }
    fn next(&self, at: usize) -> usize {
        self.text[at..]
            .chars()
            .next()
            .map_or(at, |c| at + c.len_utf8())
    }
    fn line_start(&self) -> usize {
        self.text[..self.cursor].rfind('\n').map_or(0, |i| i + 1)
    }
    fn line_end(&self) -> usize {
        self.text[self.cursor..]
            .find('\n')
            .map_or(self.text.len(), |i| self.cursor + i)
    }
    fn word_left(&self) -> usize {
        let trimmed = self.text[..self.cursor].trim_end();
        trimmed.rfind(char::is_whitespace).map_or(0, |i| {
            i + trimmed[i..].chars().next().map_or(1, char::len_utf8)
        })
    }
    fn word_right(&self) -> usize {
        let rest = &self.text[self.cursor..];
        let word = rest.len() - rest.trim_start().len();
        rest[word..]
            .find(char::is_whitespace)
            .map_or(self.text.len(), |i| self.cursor + word + i)
    }
    fn vertical(&mut self, by: i32) {
        let start = self.line_start();
        let column = self.text[start..self.cursor].chars().count();
        let target = if by < 0 {
            if start == 0 {
                return;
            }
            self.text[..start - 1].rfind('\n').map_or(0, |i| i + 1)
        } else {
            let end = self.line_end();
            if end == self.text.len() {
                return;
            }
            end + 1
        };
        let line = self.text[target..].split('\n').next().unwrap_or("");
        let within = line
            .char_indices()
            .nth(column)
            .map_or(line.len(), |(i, _)| i);
        self.cursor = target + within;
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::sequence;
    use super::*;
    use proptest::prelude::*;

    fn typed(start: &str, keys: &str) -> (String, usize) {
        let mut input = Input::multiline(start);
        for key in sequence(keys).unwrap() {
            input.key(key);
        }
        (input.text().to_owned(), input.cursor())
    }

    #[test]
    fn readline_keys() {
        let rows = [
            ("ab cd", "^w", "ab ", 3),
            ("ab cd", "^a x", "xab cd", 1),
            ("ab cd", "Home ^k", "", 0),
            ("ab cd", "^u", "", 0),
            ("ab cd", "Left Left Backspace", "abcd", 2),
            ("äö", "Left ^d", "ä", 2),
            ("one\ntwo", "Up x", "onex\ntwo", 4),
            ("one", "Enter x", "one\nx", 5),
            ("ab cd", "Alt-b Alt-d", "ab ", 3),
        ];
        for (start, keys, text, cursor) in rows {
            assert_eq!(
                typed(start, keys),
                (text.to_owned(), cursor),
                "{start:?} {keys}"
            );
        }
    }

    #[test]
    fn a_paste_too_large_is_refused_whole() {
        let mut input = Input::new("a");
        assert!(!input.paste(&"x".repeat(LIMIT)));
        assert_eq!(input.text(), "a");
        assert!(input.paste("b\r\nc"));
        assert_eq!(input.text(), "ab c");
    }

    proptest! {
        #[test]
        fn the_cursor_stays_on_a_boundary(keys in proptest::collection::vec(0..14usize, 0..60)) {
            let all = sequence("a ä Enter Left Right Up Down Backspace Delete ^w ^k ^u Alt-b Alt-f").unwrap();
            let mut input = Input::multiline("größe\nüber");
            for key in keys {
                input.key(all[key]);
                prop_assert!(input.text().is_char_boundary(input.cursor()));
            }
        }
    }
}
