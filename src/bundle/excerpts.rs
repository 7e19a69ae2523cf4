//! `excerpts.txt`: the lines of the vendor's that findings quote, and what lets them pass.
//!
//! Plain text, always there. The label of the policy, if there is one, and what the file is for; then either one line
//! that begins with `None:`, or, for each excerpt, a block and an empty line behind it:
//!
//! ```text
//! EXCERPT 1
//! path      src/auth.c
//! lines     24-26
//! blob      5f1ee7ba2ed9e05b8b7d62b3bd1e6f3e63e1c6a4
//! findings  alice/F1, bob/F2
//! allowed   excerpt_lines = 3
//!
//! 24 | the first line
//! 25 | the next one
//! 26 |
//! ```
//!
//! Where the policy lets no path leave, the row `path` is missing; where it leaves cut, the row is cut too. A line
//! stands as [`printed`] gives it, behind its number, which is padded to the width of the last one's, and ` | `; an
//! empty one has no blank behind the bar. What is read back must be exactly what would be written: there is one form.

use super::place;
use super::render::BundleInput;
use super::typed::TypedTexts;
use crate::model::{Excerpt, RepoPath, Span, TextVisitor, Typed};
use crate::text::Printer;
use std::fmt::Write;

/// The file's name.
pub const FILE: &str = "excerpts.txt";
/// Characters of one line that are quoted at most: a minified file is a single line, and would leave as one.
pub const LONGEST_LINE: usize = 400;

const NONE: &str = "None: no finding quotes lines.\n";

/// Returns a line as it is quoted: printable, tabs as blanks up to the next stop, cut where it is longer than
/// [`LONGEST_LINE`].
pub fn printed(line: &str) -> String {
    let end = line.char_indices().nth(LONGEST_LINE);
    let end = end.map_or(line.len(), |(at, _)| at);
    let pieces = Printer::default().pieces(&line[..end]).into_iter();
    let begin: String = pieces.map(|piece| piece.symbol).collect();
    match line[end..].chars().count() {
        0 => begin,
        more => format!("{begin} <cut: {more} more characters>"),
    }
}

/// Returns the excerpts with their paths as far as the policy lets them leave.
pub fn leaving(input: &BundleInput<'_>) -> Vec<Excerpt> {
    let cut = |excerpt: &Excerpt| Excerpt {
        path: excerpt
            .path
            .as_ref()
            .and_then(|path| place::shown(path, input.policy.paths)),
        ..excerpt.clone()
    };
    input.excerpts.iter().map(cut).collect()
}

/// Returns the free texts of the file: all but the lines, which are the vendor's and judged by their amount.
pub fn typed(input: &BundleInput<'_>, excerpts: &[Excerpt], bytes: &[u8]) -> Vec<Typed> {
    let mut typed = TypedTexts::new(FILE, input.delivered);
    typed.visit_text("policy", "label", &input.policy.label);
    excerpts.iter().for_each(|excerpt| typed.visit(excerpt));
    typed.finish_in(bytes)
}

/// Returns the file.
pub fn document(label: &str, allowed: u32, excerpts: &[Excerpt]) -> Vec<u8> {
    let mut out = head(label);
    if excerpts.is_empty() {
        out.push_str(NONE);
    }
    for (nth, excerpt) in excerpts.iter().enumerate() {
        let _ = writeln!(out, "EXCERPT {}", nth + 1);
        if let Some(path) = &excerpt.path {
            let _ = writeln!(out, "path      {path}");
        }
        let _ = writeln!(
            out,
            "lines     {}\nblob      {}\nfindings  {}\nallowed   excerpt_lines = {allowed}\n",
            excerpt.span,
            excerpt.blob,
            excerpt.findings.join(", ")
        );
        let width = excerpt.span.end().to_string().len();
        for (number, line) in (excerpt.span.start()..).zip(&excerpt.lines) {
            let gap = if line.is_empty() { "" } else { " " };
            let _ = writeln!(out, "{number:>width$} |{gap}{line}");
        }
        out.push('\n');
    }
    out.into_bytes()
}

fn head(label: &str) -> String {
    let label = match label {
        "" => String::new(),
        label => format!("{label}\n\n"),
    };
    format!(
        "{label}EXCERPTS\n\n\
         Lines of the vendor's that findings of this bundle quote, as far as policy.toml allows. Each stands under\n\
         its place; README.txt says how to look there with git alone. A character that would not show is named,\n\
         such as <U+202E>; a tab is blanks up to the next eighth column; a line of more than {LONGEST_LINE}\n\
         characters is cut.\n\n"
    )
}

/// Reads the file back; the error is the line that is not as [`document`] writes it.
pub fn read(bytes: &[u8], label: &str, allowed: u32) -> Result<Vec<Excerpt>, usize> {
    let text = String::from_utf8_lossy(bytes);
    let head = head(label);
    let at_head = head.lines().count();
    let body = text.strip_prefix(&head).ok_or(1usize)?;
    let mut lines = Lines {
        rest: body,
        number: at_head,
    };
    let mut excerpts = Vec::new();
    if body != NONE {
        while !lines.rest.is_empty() {
            let number = excerpts.len() + 1;
            excerpts.push(block(&mut lines, number, allowed).ok_or(lines.number)?);
        }
    }
    // Whatever was read leniently above shows here, and nothing at all is no list of none.
    if document(label, allowed, &excerpts) != bytes {
        return Err(lines.number);
    }
    Ok(excerpts)
}

/// The lines that are still to be read.
struct Lines<'t> {
    rest: &'t str,
    /// Of the one read last.
    number: usize,
}

impl<'t> Lines<'t> {
    fn next(&mut self) -> Option<&'t str> {
        self.number += 1;
        let (line, rest) = self.rest.split_once('\n')?;
        self.rest = rest;
        Some(line)
    }

    fn row(&mut self, name: &str) -> Option<&'t str> {
        self.next()?.strip_prefix(name)
    }
}

fn block(lines: &mut Lines<'_>, number: usize, allowed: u32) -> Option<Excerpt> {
    (lines.next()? == format!("EXCERPT {number}")).then_some(())?;
    let path = if lines.rest.starts_with("path ") {
        Some(lines.row("path      ")?.parse::<RepoPath>().ok()?)
    } else {
        None
    };
    let span = lines.row("lines     ")?;
    let (first, last) = span.split_once('-').unwrap_or((span, span));
    let span = Span::new(first.parse().ok()?, last.parse().ok()?)?;
    let blob = lines.row("blob      ")?.parse().ok()?;
    let findings = lines.row("findings  ")?;
    let findings = findings.split(", ").map(str::to_owned).collect();
    let is_allowed = lines.row("allowed   excerpt_lines = ")?.parse() == Ok(allowed);
    (is_allowed && span.lines() <= allowed && lines.next()?.is_empty()).then_some(())?;
    let mut quoted = Vec::new();
    for number in span.start()..=span.end() {
        let line = lines.next()?.trim_start_matches(' ');
        let line = line.strip_prefix(&number.to_string())?.strip_prefix(" |")?;
        let line = match line {
            "" => "",
            line => line.strip_prefix(' ')?,
        };
        // Nothing that hides may stand in what was made to be read.
        (Printer::default().line(line) == line).then_some(())?;
        quoted.push(line.to_owned());
    }
    lines.next()?.is_empty().then_some(())?;
    Some(Excerpt {
        path,
        blob,
        span,
        findings,
        lines: quoted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BlobId;

    fn excerpt(lines: &[&str]) -> Excerpt {
        Excerpt {
            path: Some(RepoPath::new("src/a b.c")),
            blob: BlobId::new([7; 20]),
            span: Span::between(9, 8 + lines.len() as u32),
            findings: vec!["alice/F1".into(), "bob/F2".into()],
            lines: lines.iter().map(|line| printed(line)).collect(),
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_nothing_else() {
        let hostile = excerpt(&["\tif (a\u{202e}) {\u{1b}[2J", "", "  } | x ", "EXCERPT 2"]);
        let bare = Excerpt {
            path: None,
            ..excerpt(&["one"])
        };
        for all in [vec![], vec![hostile.clone()], vec![hostile, bare]] {
            for label in ["", "ROOM 7"] {
                let bytes = document(label, 4, &all);
                assert_eq!(read(&bytes, label, 4), Ok(all.clone()));
                let text = std::str::from_utf8(&bytes).unwrap();
                assert!(!text.contains(['\u{1b}', '\u{202e}', '\t']), "{text}");
                assert!(read(&bytes, "another", 4).is_err());
                for at in 0..bytes.len() {
                    for change in [1, 0x20, 0x80] {
                        let mut changed = bytes.clone();
                        changed[at] ^= change;
                        assert!(read(&changed, label, 4) != Ok(all.clone()), "byte {at}");
                    }
                    assert!(
                        read(&bytes[..at], label, 4) != Ok(all.clone()),
                        "cut at {at}"
                    );
                }
            }
        }
        let one = [excerpt(&["a", "b"])];
        let bytes = document("", 2, &one);
        assert!(read(&bytes, "", 2).is_ok(), "control");
        assert!(read(&bytes, "", 3).is_err(), "another policy");
        assert!(
            read(&document("", 1, &one), "", 1).is_err(),
            "more lines than the policy lets pass"
        );
    }

    #[test]
    fn a_long_line_is_cut() {
        let long = "x".repeat(LONGEST_LINE);
        assert_eq!(printed(&long), long, "control");
        let cut = printed(&format!("{long}\u{202e}yz"));
        assert_eq!(cut, format!("{long} <cut: 3 more characters>"));
    }
}
