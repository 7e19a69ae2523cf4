//! HTML for a page: one file, no script, no reference to anything.

use super::page::{Markup, Page, Template, is_invisible};
use crate::model::{BlobId, ClosedText, DeliveredNames, RepoPath, TextVisitor, Typed};
use std::fmt::Write;

/// HTML of the living standard.
pub struct Html;

/// Everything that the page looks like, on screen and on paper.
const STYLE: &str = include_str!("../../assets/report.css");

impl Markup for Html {
    /// The text has a direction of its own, whatever is around it.
    fn inline(text: &str) -> String {
        if text.is_ascii() {
            escaped(text)
        } else {
            format!("<bdi>{}</bdi>", escaped(text))
        }
    }
    fn plain(text: &str) -> String {
        escaped(text)
    }
}

impl<'a> Page<'a, Html> {
    /// Starts a page with a title and the label of the policy, which every printed page repeats. A browser that obeys its
    /// first lines loads and runs nothing.
    pub fn begin(
        file: &'static str,
        title: &Template,
        label: &str,
        delivered: &'a DeliveredNames,
    ) -> Self {
        let mut page = Self::new(file, delivered);
        page.add(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>",
        );
        page.say(title);
        page.add("</title>\n<style>\n").add(STYLE);
        if !label.is_empty() {
            page.add("@page { @top-left { content: \"");
            page.typed().visit_text("policy", "label", label);
            page.push(&in_css_string(label)).add("\"; } }\n");
        }
        page.add("</style>\n</head>\n<body>\n<main>\n");
        page
    }

    /// Adds a value of a closed grammar as text.
    pub fn say(&mut self, value: impl ClosedText) -> &mut Self {
        self.push(&escaped(&value.to_string()))
    }

    /// Adds a text as paragraphs, each of which has a direction of its own.
    pub fn paragraphs(&mut self, item: &str, field: &'static str, text: &str) -> &mut Self {
        self.typed().visit_text(item, field, text);
        for paragraph in text.split("\n\n") {
            let lines: Vec<_> = paragraph.lines().map(|line| escaped(line.trim())).collect();
            self.push(&format!("<p dir=\"auto\">{}</p>\n", lines.join("<br>\n")));
        }
        self
    }

    /// Adds a path.
    pub fn path(&mut self, item: &str, path: &RepoPath) -> &mut Self {
        self.typed().visit_path(item, "path", path);
        self.push(&escaped(&path.to_string()))
    }

    /// Adds the symbol around a location.
    pub fn symbol(&mut self, item: &str, blob: &BlobId, symbol: &str) -> &mut Self {
        self.typed().visit_symbol(item, blob, symbol);
        self.push(&escaped(symbol))
    }

    /// Adds a folder that the program took from the tree of the snapshot.
    pub fn folder(&mut self, folder: &RepoPath) -> &mut Self {
        self.push(&escaped(&folder.to_string()))
    }

    /// Ends the page and returns its bytes and the free texts.
    pub fn end(mut self) -> (Vec<u8>, Vec<Typed>) {
        self.add("</main>\n</body>\n</html>\n");
        self.finish()
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
            c if is_invisible(c) => {
                let _ = write!(out, "\u{27e8}U+{:04X}\u{27e9}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

/// Returns the text for a string of CSS within HTML: nothing but letters, digits, blanks and plain signs stays as it is, so
/// that neither the string nor the style sheet ends in it.
fn in_css_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || " .,:;!?()+*/_-".contains(c) {
            out.push(c);
        } else if is_invisible(c) {
            let _ = write!(out, "\u{27e8}U+{:04X}\u{27e9}", c as u32);
        } else {
            // A blank ends the number, and is part of it.
            let _ = write!(out, "\\{:x} ", c as u32);
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
        let label = "A\"; } </style><b> \\";
        let mut page = Page::<Html>::begin("x.html", &"</title><b>".into(), label, &delivered);
        page.inline("a", "a", "one")
            .paragraphs("a", "b", "two\nthree\n\nfour");
        let (bytes, typed) = page.end();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("&lt;/title&gt;&lt;b&gt;") && !text.contains("://"));
        assert_eq!(text.matches("</style>").count(), 1);
        assert!(
            text.contains(r#"content: "A\22 ; \7d  \3c /style\3e \3c b\3e  \5c ";"#),
            "{text}"
        );
        for one in typed.iter().filter(|one| one.text != label) {
            let first = one.text.lines().next().unwrap();
            let line = text.lines().nth(one.line as usize - 1).unwrap();
            assert!(line.contains(first), "{line}");
        }
    }

    #[test]
    fn a_text_has_its_own_direction() {
        assert_eq!(Html::inline("plain"), "plain");
        assert_eq!(Html::inline("\u{627}."), "<bdi>\u{627}.</bdi>");
    }
}
