//! A page of HTML that knows on which line each typed text stands: one file, no script, no reference to anything.

use crate::model::Typed;
use std::fmt::Write;

/// A page in the making.
pub struct Html {
    file: &'static str,
    text: String,
    typed: Vec<Typed>,
}

/// Everything that the page looks like, on screen and on paper.
const STYLE: &str = include_str!("../../assets/report.css");

impl Html {
    /// Starts a page. A browser that obeys its first lines loads and runs nothing.
    pub fn new(file: &'static str, title: &str) -> Self {
        let mut page = Self {
            file,
            text: String::new(),
            typed: Vec::new(),
        };
        page.add(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>",
        );
        page.add(&escaped(title));
        page.add("</title>\n<style>\n").add(STYLE);
        page.add("</style>\n</head>\n<body>\n");
        page
    }

    /// Adds the program's own HTML.
    pub fn add(&mut self, html: &str) -> &mut Self {
        self.text.push_str(html);
        self
    }

    /// Adds a text of the program's or a name with a closed grammar.
    pub fn say(&mut self, text: &str) -> &mut Self {
        self.text.push_str(&escaped(text));
        self
    }

    /// Adds a typed text on one line.
    pub fn inline(&mut self, what: &str, text: &str) -> &mut Self {
        self.typed(what, text);
        self.say(text)
    }

    /// Adds a typed text as paragraphs.
    pub fn paragraphs(&mut self, what: &str, text: &str) -> &mut Self {
        self.typed(what, text);
        for paragraph in text.split("\n\n") {
            let lines: Vec<_> = paragraph.lines().map(|line| escaped(line.trim())).collect();
            let _ = writeln!(self.text, "<p>{}</p>", lines.join("<br>\n"));
        }
        self
    }

    fn typed(&mut self, what: &str, text: &str) {
        if !text.is_empty() {
            let line = memchr::memchr_iter(b'\n', self.text.as_bytes()).count() as u64 + 1;
            self.typed.push(Typed {
                file: self.file.to_owned(),
                line,
                text: text.to_owned(),
                what: what.to_owned(),
            });
        }
    }

    /// Returns the bytes and the typed texts.
    pub fn finish(mut self) -> (Vec<u8>, Vec<Typed>) {
        self.add("</body>\n</html>\n");
        (self.text.into_bytes(), self.typed)
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
        let mut page = Html::new("x.html", "</title><b>");
        page.inline("a", "one")
            .paragraphs("b", "two\nthree\n\nfour");
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
