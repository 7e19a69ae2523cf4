//! A page of Markdown that knows on which line each free text is, and templates for it.

use super::typed::TypedTexts;
use crate::model::{
    BlobId, ClosedText, DeliveredNames, DigestText, OutgoingField, Reference, RepoPath,
    TextVisitor, Typed, Weakness, cwe,
};
use std::fmt::{self, Write};

/// Markdown or HTML of the program's own: a constant, or a form filled with values of closed grammars by
/// [`template`]. A text that a person could have chosen cannot get into one.
pub struct Template(String);

impl Template {
    /// Wraps what [`template`] has filled; nothing else calls it.
    pub fn filled(text: String) -> Self {
        Self(text)
    }
    /// Puts templates together, with a separator between.
    pub fn join(parts: &[Self], separator: &'static str) -> Self {
        let parts: Vec<&str> = parts.iter().map(|part| part.0.as_str()).collect();
        Self(parts.join(separator))
    }
}

impl From<&'static str> for Template {
    fn from(text: &'static str) -> Self {
        Self(text.to_owned())
    }
}
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl ClosedText for Template {}

/// Fills a form as `format!` does, with values whose types are closed; a name within the braces is refused, because it
/// would go past that check.
macro_rules! template {
    ($form:literal $(, $value:expr)* $(,)?) => {
        $crate::bundle::page::Template::filled(format!(
            concat!($form)
            $(, $crate::model::closed(&$value))*
        ))
    };
}
pub(super) use template;

/// A page in the making.
pub struct Page<'a> {
    text: String,
    line: u64,
    typed: TypedTexts<'a>,
}

impl<'a> Page<'a> {
    /// Starts an empty page.
    pub fn new(file: &'static str, delivered: &'a DeliveredNames) -> Self {
        Self {
            text: String::new(),
            line: 1,
            typed: TypedTexts::new(file, delivered),
        }
    }
    fn push(&mut self, markdown: &str) {
        self.line += memchr::memchr_iter(b'\n', markdown.as_bytes()).count() as u64;
        self.text.push_str(markdown);
    }
    /// Adds the program's own Markdown.
    pub fn add(&mut self, markdown: impl Into<Template>) -> &mut Self {
        self.push(&markdown.into().0);
        self
    }
    /// Adds a text on one line, so that it stays one record of a table, a list or a heading.
    pub fn inline(&mut self, item: &str, field: &'static str, text: &str) -> &mut Self {
        self.typed.set_line(self.line);
        self.typed.visit_text(item, field, text);
        self.push(&inline(text));
        self
    }
    /// Adds a text as paragraphs of their own.
    pub fn paragraphs(&mut self, item: &str, field: &'static str, text: &str) -> &mut Self {
        self.typed.set_line(self.line);
        self.typed.visit_text(item, field, text);
        for line in text.lines() {
            self.push(&inline(line.trim()));
            self.push("\n");
        }
        self.push("\n");
        self
    }
    /// Adds a name on one line.
    pub fn name(&mut self, item: &str, field: &'static str, name: &str) -> &mut Self {
        self.typed.set_line(self.line);
        self.typed.visit_name(item, field, name);
        self.push(&inline(name));
        self
    }
    /// Adds a name as a code span.
    pub fn code_name(&mut self, item: &str, field: &'static str, name: &str) -> &mut Self {
        self.typed.set_line(self.line);
        self.typed.visit_name(item, field, name);
        self.push(&code(name));
        self
    }
    /// Adds a path and what follows it as one code span.
    pub fn code_path(
        &mut self,
        item: &str,
        path: &RepoPath,
        more: impl Into<Template>,
    ) -> &mut Self {
        self.typed.set_line(self.line);
        self.typed.visit_path(item, "path", path);
        self.push(&code(&format!("{path}{}", more.into())));
        self
    }
    /// Adds the id of a blob.
    pub fn blob(&mut self, item: &str, blob: &BlobId) -> &mut Self {
        self.typed.set_line(self.line);
        self.typed.visit_blob(item, "blob", blob);
        self.push(&blob.to_string());
        self
    }
    /// Adds a text whose grammar a wrapper checks: it is free if it is not of that grammar.
    pub fn checked<'t, W: OutgoingField>(
        &mut self,
        item: &str,
        field: &'static str,
        text: &'t str,
        wrap: impl Fn(&'t str) -> W,
    ) -> &mut Self {
        self.typed.set_line(self.line);
        wrap(text).visit_texts(item, field, &mut self.typed);
        self.push(&inline(text));
        self
    }
    /// Adds a digest as a code span.
    pub fn code_digest(&mut self, item: &str, digest: &str) -> &mut Self {
        self.typed.set_line(self.line);
        DigestText(digest).visit_texts(item, "digest", &mut self.typed);
        self.push(&code(digest));
        self
    }
    /// Adds the number of a weakness, with its title if the list holds it.
    pub fn weakness(&mut self, item: &str, id: u32) -> &mut Self {
        self.typed.set_line(self.line);
        Weakness(&id).visit_texts(item, "cwe", &mut self.typed);
        let title = cwe::title(id).map(|title| format!(" ({})", inline(title)));
        self.push(&format!(", CWE-{id}{}", title.unwrap_or_default()));
        self
    }
    /// Adds a reference.
    pub fn reference(&mut self, item: &str, reference: &Reference) -> &mut Self {
        self.typed.set_line(self.line);
        reference.visit_texts(item, "reference", &mut self.typed);
        self.push(&inline(&reference.to_string()));
        self
    }
    /// Returns the bytes and the free texts.
    pub fn finish(self) -> (Vec<u8>, Vec<Typed>) {
        (self.text.into_bytes(), self.typed.finish())
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
