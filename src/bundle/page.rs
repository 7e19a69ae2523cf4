//! A page that knows on which line each free text is, and templates for it. What a text becomes on the page is the
//! [`Markup`]'s: Markdown here, HTML in [`super::html`].

use super::typed::TypedTexts;
use crate::model::{
    BlobId, ClosedText, DeliveredNames, DigestText, OutgoingField, Reference, RepoPath,
    TextVisitor, Typed, Weakness, cwe,
};
use std::fmt::{self, Write};
use std::marker::PhantomData;

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

/// A language of marked-up text.
pub trait Markup {
    /// Returns a text as the page shows it as it is, on one line.
    fn inline(text: &str) -> String;
    /// Returns a name, a path or an id as the page shows it as it is, on one line and without anything around it.
    fn plain(text: &str) -> String;
}

/// A page in the making.
pub struct Page<'a, M> {
    text: String,
    line: u64,
    typed: TypedTexts<'a>,
    markup: PhantomData<M>,
}

impl<'a, M: Markup> Page<'a, M> {
    /// Starts an empty page.
    pub fn new(file: &'static str, delivered: &'a DeliveredNames) -> Self {
        Self {
            text: String::new(),
            line: 1,
            typed: TypedTexts::new(file, delivered),
            markup: PhantomData,
        }
    }

    /// Adds what is marked up already.
    pub(super) fn push(&mut self, marked: &str) -> &mut Self {
        self.line += memchr::memchr_iter(b'\n', marked.as_bytes()).count() as u64;
        self.text.push_str(marked);
        self
    }

    /// Returns the list of the free texts, at the line where the page is now.
    pub(super) fn typed(&mut self) -> &mut TypedTexts<'a> {
        self.typed.set_line(self.line);
        &mut self.typed
    }

    /// Adds what the program itself marked up.
    pub fn add(&mut self, marked: impl Into<Template>) -> &mut Self {
        self.push(&marked.into().0)
    }

    /// Adds a text on one line, so that it stays one record of a table, a list or a heading.
    pub fn inline(&mut self, item: &str, field: &'static str, text: &str) -> &mut Self {
        self.typed().visit_text(item, field, text);
        self.push(&M::inline(text))
    }

    /// Adds a name on one line.
    pub fn name(&mut self, item: &str, field: &'static str, name: &str) -> &mut Self {
        self.typed().visit_name(item, field, name);
        self.push(&M::plain(name))
    }

    /// Adds the id of a blob.
    pub fn blob(&mut self, item: &str, blob: &BlobId) -> &mut Self {
        self.typed().visit_blob(item, "blob", blob);
        self.push(&blob.to_string())
    }

    /// Adds a text whose grammar a wrapper checks: it is free if it is not of that grammar.
    pub fn checked<'t, W: OutgoingField>(
        &mut self,
        item: &str,
        field: &'static str,
        text: &'t str,
        wrap: impl Fn(&'t str) -> W,
    ) -> &mut Self {
        wrap(text).visit_texts(item, field, self.typed());
        self.push(&M::plain(text))
    }

    /// Adds the number of a weakness, with its title if the list holds it.
    pub fn weakness(&mut self, item: &str, id: u32) -> &mut Self {
        Weakness(&id).visit_texts(item, "cwe", self.typed());
        let title = cwe::title(id).map(|title| format!(" ({})", M::plain(title)));
        self.push(&format!("CWE-{id}{}", title.unwrap_or_default()))
    }

    /// Adds a reference.
    pub fn reference(&mut self, item: &str, reference: &Reference) -> &mut Self {
        reference.visit_texts(item, "reference", self.typed());
        self.push(&M::plain(&reference.to_string()))
    }

    /// Returns the bytes and the free texts.
    pub fn finish(self) -> (Vec<u8>, Vec<Typed>) {
        (self.text.into_bytes(), self.typed.finish())
    }
}

/// Markdown as `CommonMark` and GitHub read it.
pub struct Markdown;

impl Markup for Markdown {
    fn inline(text: &str) -> String {
        inline(text)
    }
    fn plain(text: &str) -> String {
        inline(text)
    }
}

impl Page<'_, Markdown> {
    /// Adds a text as paragraphs of their own, in which the lines end where they were ended.
    pub fn paragraphs(&mut self, item: &str, field: &'static str, text: &str) -> &mut Self {
        self.typed().visit_text(item, field, text);
        self.push(&paragraphs(text, ""))
    }

    /// Adds a text as what is left of a list item, in which the lines end where they were ended.
    pub fn listed(&mut self, item: &str, field: &'static str, text: &str) -> &mut Self {
        self.typed().visit_text(item, field, text);
        self.push(paragraphs(text, "  ").trim_end())
    }

    /// Adds the symbol around a location as a code span.
    pub fn code_symbol(&mut self, item: &str, blob: &BlobId, symbol: &str) -> &mut Self {
        self.typed().visit_symbol(item, blob, symbol);
        self.push(&code(symbol))
    }

    /// Adds a path and what follows it as one code span.
    pub fn code_path(
        &mut self,
        item: &str,
        path: &RepoPath,
        more: impl Into<Template>,
    ) -> &mut Self {
        self.typed().visit_path(item, "path", path);
        self.push(&code(&format!("{path}{}", more.into())))
    }

    /// Adds a digest as a code span.
    pub fn code_digest(&mut self, item: &str, digest: &str) -> &mut Self {
        DigestText(digest).visit_texts(item, "digest", self.typed());
        self.push(&code(digest))
    }
}

/// Returns a text as paragraphs, each followed by an empty line; every line but the first is indented. A line that a
/// person ended is ended with a backslash, without which Markdown would run it into the next one.
pub fn paragraphs(text: &str, indent: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| inline(line.trim())).collect();
    let mut out = String::new();
    for paragraph in lines.split(String::is_empty).filter(|p| !p.is_empty()) {
        if !out.is_empty() {
            out.push_str(indent);
        }
        out.push_str(&paragraph.join(&format!("\\\n{indent}")));
        out.push_str("\n\n");
    }
    out
}

/// Returns the text so that Markdown shows it as it is, on one line: no markup, link, HTML, table cell or
/// invisible character comes of it.
pub fn inline(text: &str) -> String {
    let mut out = String::new();
    let mut head = LineHead::Start;
    // How many `w` stand before.
    let mut www = 0;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let next = rest.clone().next().unwrap_or(' ');
        match c {
            '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if is_invisible(c) => _ = write!(out, "\u{27e8}U+{:04X}\u{27e9}", c as u32),
            c => {
                // `://` and `www.` make links, `#12` one to an issue; `#`, `-`, `+`, `=` and `1.`, `1)` make blocks at a
                // line's start.
                let is_markup = match c {
                    '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&' | '~' | '$'
                    | '@' => true,
                    ':' => next == '/',
                    '#' => head == LineHead::Start || next.is_alphanumeric(),
                    '-' | '+' | '=' => head == LineHead::Start,
                    '.' | ')' if head == LineHead::Number => next.is_whitespace(),
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
            LineHead::Start if c.is_whitespace() => LineHead::Start,
            LineHead::Start | LineHead::Number if c.is_ascii_digit() => LineHead::Number,
            _ => LineHead::Behind,
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
enum LineHead {
    Start,
    Number,
    Behind,
}

/// Returns a path, id or name as a code span, on one line. It is not for a table, where `|` ends a cell inside code too.
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
    format!("{fence}{pad}{clean}{pad}{fence}")
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
            ("as in #12 and C# and x#y", "as in \\#12 and C# and x\\#y"),
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
        assert_eq!(code("a`b|\n"), "`` a`b|  ``");
        assert_eq!(code("src/a.c"), "`src/a.c`");
    }

    #[test]
    fn lines_that_a_person_ended_stay_ended() {
        for (text, top, inside) in [
            ("one", "one\n\n", "one\n\n"),
            ("one\ntwo", "one\\\ntwo\n\n", "one\\\n  two\n\n"),
            (
                "one\n\n\n- two\n",
                "one\n\n\\- two\n\n",
                "one\n\n  \\- two\n\n",
            ),
            ("", "", ""),
            ("\n \n", "", ""),
        ] {
            assert_eq!(paragraphs(text, ""), top);
            assert_eq!(paragraphs(text, "  "), inside);
        }
    }
}
