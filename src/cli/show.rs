//! `glassroom show`: lines of a file, to a terminal and nowhere else.

use super::output::Out;
use super::target::{Opened, Source, Traces};
use super::{Answer, Failure, Who, words};
use crate::job::{Body, JobError, place};
use crate::model::Span;
use clap::Args;
use std::fmt::Write;

#[derive(Args)]
pub(super) struct Show {
    #[command(flatten)]
    source: Source,
    /// PATH:A or PATH:A-B.
    place: String,
}

pub(super) fn run(verb: &Show, who: &Who, out: &mut Out) -> Result<Answer, Failure> {
    let (path, span) = words::lines(&verb.place)?;
    if !out.is_person() {
        return Err(Failure::failed(
            "lines are shown on a terminal only, and not as JSON",
            "run it in a terminal, without a pipe behind it",
        ));
    }
    let opened = Opened::without_index(&verb.source, who, Traces::Kept)?;
    let listing = opened.listing()?;
    let file = place::file(&opened.reader(), &listing, &path)?;
    let within = |lines: u32| {
        if span.end() <= lines {
            return Ok(());
        }
        Err(JobError::NoLine {
            path: file.path.clone(),
            line: span.end(),
            lines,
        })
    };
    match opened.reader().body(file) {
        Body::Text { text, lines, .. } => {
            within(lines.count())?;
            let width = span.end().to_string().len();
            for line in numbers(span) {
                let shown = out.printer().line(lines.slice(&text, line));
                out.line(&format!("{line:>width$}  {shown}"));
            }
        }
        Body::Binary(bytes) => {
            within(bytes.len().div_ceil(16) as u32)?;
            for line in numbers(span) {
                let from = (line as usize - 1) * 16;
                out.line(&row(from, &bytes[from..bytes.len().min(from + 16)]));
            }
        }
        Body::Absent(why) => {
            return Err(Failure::failed(
                format!("{path} cannot be shown: {why}"),
                "",
            ));
        }
    }
    Ok(Answer::Yes)
}

fn numbers(span: Span) -> std::ops::RangeInclusive<u32> {
    span.start()..=span.end()
}

/// Returns sixteen bytes as the hexadecimal view has them.
fn row(at: usize, bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in bytes {
        let _ = write!(hex, "{byte:02x} ");
    }
    let letters = bytes.iter().map(|b| match b {
        b' '..=b'~' => *b as char,
        _ => '.',
    });
    format!("{at:08x}  {hex:<48} {}", letters.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_letters_are_dots() {
        let row = row(16, b"a\x1b\xff~");
        assert!(row.starts_with("00000010  61 1b ff 7e "), "{row}");
        assert!(row.ends_with(" a..~"), "{row}");
    }
}
