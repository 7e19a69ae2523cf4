//! A page of HTML that knows on which line each free text is: one file, no script, no reference to anything.

use super::page::Template;
use super::typed::TypedTexts;
use crate::model::{
    BlobId, ClosedText, DeliveredNames, OutgoingField, Reference, RepoPath, TextVisitor, Typed,
    Weakness, cwe,
};
use std::fmt::Write;

/// A page in the making.
pub struct Html<'a> {
    text: String,
    line: u64,
    typed: TypedTexts<'a>,
}

/// Everything that the page looks like, on screen and on paper.
const STYLE: &str = include_str!("../../assets/report.css");

impl<'a> Html<'a> {
    /// Starts a page. A browser that obeys its first lines loads and runs nothing.
    pub fn new(file: &'static str, title: &Template, delivered: &'a DeliveredNames) -> Self {
        let mut page = Self {
            text: String::new(),
            line: 1,
            typed: TypedTexts::new(file, delivered),
        };
        page.add(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>",
        );
        page.say(title);
        page.add("</title>\n<style>\n").add(STYLE);
        page.add("</style>\n</head>\n<body>\n");
        page
    }

    fn push(&mut self, html: &str) {
        self.line += memchr::memchr_iter(b'\n', html.as_bytes()).count() as u64;
        self.text.push_str(html);
    }

    /// Adds the program's own HTML.
    pub fn add(&mut self, html: impl Into<Template>) -> &mut Self {
        self.push(&html.into().to_string());
        self
    }

    /// Adds a value of a closed grammar as text.
    pub fn say(&mut self, value: impl ClosedText) -> &mut Self {
        self.push(&escaped(&value.to_string()));
        self
    }

    /// Adds a text on one line.
    pub fn inline(&mut self, item: &str, field: &'static str, text: &str) -> &mut Self {
        self.typed.set_line(self.line);
        self.typed.visit_text(item, field, text);
        self.push(&escaped(text));
        self
    }

    /// Adds a text as paragraphs.
    pub fn paragraphs(&mut self, item: &str, field: &'static str, text: &str) -> &mut Self {
        self.typed.set_line(self.line);
        self.typed.visit_text(item, field, text);
        for paragraph in text.split("\n\n") {
            let lines: Vec<_> = paragraph.lines().map(|line| escaped(line.trim())).collect();
            self.push(&format!("<p>{}</p>\n", lines.join("<br>\n")));
        }
        self
    }

    /// Adds a name on one line.
    pub fn name(&mut self, item: &str, field: &'static str, name: &str) -> &mut Self {
        self.typed.set_line(self.line);
        self.typed.visit_name(item, field, name);
        self.push(&escaped(name));
        self
    }

    /// Adds a path.
    pub fn path(&mut self, item: &str, path: &RepoPath) -> &mut Self {
        self.typed.set_line(self.line);
        self.typed.visit_path(item, "path", path);
        self.push(&escaped(&path.to_string()));
        self
    }

    /// Adds the first part of a path that the program took from the tree of the snapshot.
    pub fn folder(&mut self, folder: &str) -> &mut Self {
        self.push(&escaped(folder));
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
        self.push(&escaped(text));
        self
    }

    /// Adds the number of a weakness, with its title if the list holds it.
    pub fn weakness(&mut self, item: &str, id: u32) -> &mut Self {
        self.typed.set_line(self.line);
        Weakness(&id).visit_texts(item, "cwe", &mut self.typed);
        let title = cwe::title(id).map(|title| format!(" {}", escaped(title)));
        self.push(&format!("CWE-{id}{}", title.unwrap_or_default()));
        self
    }

    /// Adds a reference.
    pub fn reference(&mut self, item: &str, reference: &Reference) -> &mut Self {
        self.typed.set_line(self.line);
        reference.visit_texts(item, "reference", &mut self.typed);
        self.push(&escaped(&reference.to_string()));
        self
    }

    /// Returns the bytes and the free texts.
    pub fn finish(mut self) -> (Vec<u8>, Vec<Typed>) {
        self.add("</body>\n</html>\n");
        (self.text.into_bytes(), self.typed.finish())
    }
}

/// Returns the text so that HTML shows it as it is, on one line: no markup and no invisible character comes of it.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if super::page::is_invisible(c) => {
                let _ = write!(out, "\u{27e8}U+{:04X}\u{27e9}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_becomes_markup() {
        for (text, shown) in [
            (
                "<script>alert('x')</script>",
                "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;",
            ),
            ("\" onload=\"x", "&quot; onload=&quot;x"),
            ("a\nb & c", "a b &amp; c"),
            (
                "\u{1b}[2J\u{202e}",
                "\u{27e8}U+001B\u{27e9}[2J\u{27e8}U+202E\u{27e9}",
            ),
        ] {
            assert_eq!(escaped(text), shown);
        }
        let delivered = DeliveredNames::default();
        let mut page = Html::new("x.html", &"</title><b>".into(), &delivered);
        page.inline("a", "a", "one")
            .paragraphs("a", "b", "two\nthree\n\nfour");
        let (bytes, typed) = page.finish();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("&lt;/title&gt;&lt;b&gt;") && !text.contains("://"));
        for one in typed {
            let first = one.text.lines().next().unwrap();
            let line = text.lines().nth(one.line as usize - 1).unwrap();
            assert!(line.contains(first), "{line}");
        }
    }
}
