//! How the first rendering marked texts up.

use super::super::html::escaped;
use super::super::page::{Markup, Page, Template, code, inline};
use crate::model::{
    ClosedText, DeliveredNames, DigestText, OutgoingField, RepoPath, TextVisitor, Typed, Weakness,
    cwe,
};
use std::fmt::Write;

/// Markdown in which `#` was escaped at the start of a line only.
pub struct PlainMarkdown;
/// HTML in which no text had a direction of its own.
pub struct PlainHtml;

fn first_inline(text: &str) -> String {
    // Each escaped `#` but one at the start stood bare.
    let start = inline(text);
    let head = start.len() - start.trim_start().len();
    let (blank, rest) = start.split_at(head);
    match rest.strip_prefix("\\#") {
        Some(rest) => format!("{blank}\\#{}", bare_signs(rest)),
        None => format!("{blank}{}", bare_signs(rest)),
    }
}

/// Takes the backslash before each `#` away, but not one that is escaped itself.
fn bare_signs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('\\', Some('#')) => {}
            ('\\', Some(_)) => {
                out.push(c);
                out.extend(rest.next());
            }
            _ => out.push(c),
        }
    }
    out
}

impl Markup for PlainMarkdown {
    fn inline(text: &str) -> String {
        first_inline(text)
    }
    fn plain(text: &str) -> String {
        first_inline(text)
    }
}

impl Markup for PlainHtml {
    fn inline(text: &str) -> String {
        escaped(text)
    }
    fn plain(text: &str) -> String {
        escaped(text)
    }
}

fn first_code(text: &str) -> String {
    code(&text.replace('|', "\\|"))
}

impl Page<'_, PlainMarkdown> {
    pub fn paragraphs(&mut self, item: &str, field: &'static str, text: &str) -> &mut Self {
        self.typed().visit_text(item, field, text);
        for line in text.lines() {
            self.push(&first_inline(line.trim())).push("\n");
        }
        self.push("\n")
    }

    pub fn code_name(&mut self, item: &str, field: &'static str, name: &str) -> &mut Self {
        self.typed().visit_name(item, field, name);
        self.push(&first_code(name))
    }

    pub fn code_path(
        &mut self,
        item: &str,
        path: &RepoPath,
        more: impl Into<Template>,
    ) -> &mut Self {
        self.typed().visit_path(item, "path", path);
        self.push(&first_code(&format!("{path}{}", more.into())))
    }

    pub fn code_digest(&mut self, item: &str, digest: &str) -> &mut Self {
        DigestText(digest).visit_texts(item, "digest", self.typed());
        self.push(&first_code(digest))
    }
}

const STYLE: &str = include_str!("../../../assets/report-rendering1.css");

impl<'a> Page<'a, PlainHtml> {
    pub fn begin(file: &'static str, title: &Template, delivered: &'a DeliveredNames) -> Self {
        let mut page = Self::new(file, delivered);
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

    pub fn say(&mut self, value: impl ClosedText) -> &mut Self {
        self.push(&escaped(&value.to_string()))
    }

    pub fn paragraphs(&mut self, item: &str, field: &'static str, text: &str) -> &mut Self {
        self.typed().visit_text(item, field, text);
        for paragraph in text.split("\n\n") {
            let lines: Vec<_> = paragraph.lines().map(|line| escaped(line.trim())).collect();
            self.push(&format!("<p>{}</p>\n", lines.join("<br>\n")));
        }
        self
    }

    pub fn path(&mut self, item: &str, path: &RepoPath) -> &mut Self {
        self.typed().visit_path(item, "path", path);
        self.push(&escaped(&path.to_string()))
    }

    pub fn folder(&mut self, folder: &str) -> &mut Self {
        self.push(&escaped(folder))
    }

    pub fn weakness_in_chip(&mut self, item: &str, id: u32) -> &mut Self {
        Weakness(&id).visit_texts(item, "cwe", self.typed());
        let title = cwe::title(id).map(|title| format!(" {}", escaped(title)));
        self.push(&format!("CWE-{id}{}", title.unwrap_or_default()))
    }

    pub fn end(mut self) -> (Vec<u8>, Vec<Typed>) {
        self.add("</body>\n</html>\n");
        self.finish()
    }
}

/// Returns the path as a relative URI reference in which every sign was encoded.
pub fn uri(path: &RepoPath) -> String {
    let mut out = String::new();
    let parts: Vec<&[u8]> = path.as_bytes().split(|b| *b == b'/').collect();
    for (i, part) in parts.iter().enumerate() {
        let is_dots = matches!(*part, b"." | b"..");
        if i > 0 {
            out.push_str(if parts[i - 1].is_empty() { "%2F" } else { "/" });
        }
        for byte in *part {
            if !is_dots && (byte.is_ascii_alphanumeric() || b"-._~".contains(byte)) {
                out.push(*byte as char);
            } else {
                _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_within_a_line_stands_bare() {
        for (text, shown) in [
            ("# h #1", "\\# h #1"),
            (" #1 \\#2", " \\#1 \\\\#2"),
            ("a #12 b", "a #12 b"),
            ("a*#1", "a\\*#1"),
        ] {
            assert_eq!(first_inline(text), shown);
        }
        assert_eq!(first_code("a|b"), "`a\\|b`");
    }
}
