//! A page of Markdown that knows on which line each typed text stands.

use crate::model::Typed;
use std::fmt::Write;

/// A page in the making.
pub struct Page {
    file: &'static str,
    text: String,
    typed: Vec<Typed>,
}

impl Page {
    /// Starts an empty page.
    pub fn new(file: &'static str) -> Self {
        Self {
            file,
            text: String::new(),
            typed: Vec::new(),
        }
    }
    /// Adds the program's own Markdown.
    pub fn add(&mut self, markdown: &str) -> &mut Self {
        self.text.push_str(markdown);
        self
    }
    /// Adds a typed text on one line, so that it stays one record of a table, a list or a heading.
    pub fn inline(&mut self, what: &str, text: &str) -> &mut Self {
        self.typed(what, text);
        self.text.push_str(&inline(text));
        self
    }
    /// Adds a typed text as paragraphs of their own.
    pub fn paragraphs(&mut self, what: &str, text: &str) -> &mut Self {
        self.typed(what, text);
        for line in text.lines() {
            self.text.push_str(&inline(line.trim()));
            self.text.push('\n');
        }
        self.text.push('\n');
        self
    }
    fn typed(&mut self, what: &str, text: &str) {
        if !text.is_empty() {
            let line = memchr::memchr_iter(b'\n', self.text.as_bytes()).count() as u64 + 1;
            let (file, text, what) = (self.file.to_owned(), text.to_owned(), what.to_owned());
            self.typed.push(Typed {
                file,
                line,
                text,
                what,
            });
        }
    }
    /// Returns the bytes and the typed texts.
    pub fn finish(self) -> (Vec<u8>, Vec<Typed>) {
        (self.text.into_bytes(), self.typed)
    }
}

/// Returns the text so that Markdown shows it as it is, on one line: no markup, link, HTML, table cell or
/// invisible character comes of it.
pub fn inline(text: &str) -> String {
    let mut out = String::new();
    let mut head = Head::Start;
    // How many `w` stand before.
    let mut www = 0;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let next = rest.clone().next().unwrap_or(' ');
        match c {
            '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if is_invisible(c) => _ = write!(out, "\u{27e8}U+{:04X}\u{27e9}", c as u32),
            c => {
                // `://` and `www.` make links; `#`, `-`, `+`, `=` and `1.`, `1)` make blocks at a line's start.
                let is_markup = match c {
                    '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&' | '~' | '$'
                    | '@' => true,
                    ':' => next == '/',
                    '#' | '-' | '+' | '=' => head == Head::Start,
                    '.' | ')' if head == Head::Number => next.is_whitespace(),
                    '.' => www >= 3,
                    _ => false,
                };
                if is_markup {
                    out.push('\\');
                }
                out.push(c);
            }
        }
        head = match head {
            Head::Start if c.is_whitespace() => Head::Start,
            Head::Start | Head::Number if c.is_ascii_digit() => Head::Number,
            _ => Head::Behind,
        };
        www = if c.eq_ignore_ascii_case(&'w') {
            www + 1
        } else {
            0
        };
    }
    out
}

/// What the line began with so far.
#[derive(Clone, Copy, PartialEq)]
enum Head {
    Start,
    Number,
    Behind,
}

/// Returns a path, id or name as a code span, on one line; `|` is escaped for tables, where it is also
/// read inside code.
pub fn code(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| {
            if c.is_control() || is_invisible(c) {
                ' '
            } else {
                c
            }
        })
        .collect();
    let longest = clean.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", clean.replace('|', "\\|"))
}

pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}'
        )
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_texts_stay_one_harmless_record() {
        let rows = [
            ("a | b\nc", "a \\| b c"),
            ("<script>", "\\<script\\>"),
            ("[x](http://a)", "\\[x\\](http\\://a)"),
            ("www.a.b", "www\\.a.b"),
            ("it drops to low.", "it drops to low."),
            ("# h", "\\# h"),
            ("- a - b", "\\- a - b"),
            ("12. x", "12\\. x"),
            (
                "2026-01-02T03:04 1.2 a) b: c",
                "2026-01-02T03:04 1.2 a) b: c",
            ),
            (
                "\u{1b}[1m\u{202e}",
                "\u{27e8}U+001B\u{27e9}\\[1m\u{27e8}U+202E\u{27e9}",
            ),
            ("=cmd|'/c'", "\\=cmd\\|'/c'"),
            ("`rm` &amp;", "\\`rm\\` \\&amp;"),
        ];
        for (text, shown) in rows {
            assert_eq!(inline(text), shown);
        }
        assert_eq!(code("a`b|\n"), "`` a`b\\|  ``");
        assert_eq!(code("src/a.c"), "`src/a.c`");
    }
}
