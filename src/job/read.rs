//! Files made ready to be shown, and their colours.

use super::message::{Body, Document, LineColours};
use super::{Cancel, JobError};
use crate::highlight::{self, Budget, Highlighter};
use crate::language;
use crate::model::{FileKind, Span, TreeFile};
use crate::snapshot::{Snapshot, SnapshotError};
use crate::text::{Content, LineIndex, Printer, Waypoints, decode, flags};
use std::time::{Duration, Instant};

/// Largest blob that is shown, as stored.
pub const LIMIT: u64 = 256 << 20;
/// Flagged lines told of one file.
const MOST_FLAGS: usize = 10_000;
/// Time for the colours of one screen before the lines left are shown plain and asked again.
const SLICE: Duration = Duration::from_millis(400);

/// Reads the content of a file from the snapshot. What cannot be read says why.
pub fn body(snapshot: &Snapshot, file: &TreeFile) -> Body {
    if file.kind == FileKind::Submodule {
        return Body::Absent("a submodule: its content was not delivered".into());
    }
    match snapshot.read(&file.blob, LIMIT) {
        Ok(bytes) => decoded(bytes, file.kind),
        Err(error) => Body::Absent(why(&error)),
    }
}

/// Reads a file from the snapshot and makes it ready to be shown by a printer.
pub fn document(snapshot: &Snapshot, file: &TreeFile, printer: Printer) -> Document {
    let body = body(snapshot, file);
    let language = language_of(file, &body).map(|l| l.name.to_owned());
    let traits = language::traits(file.path.as_bytes(), head(&body));
    let traits = traits.words().map(str::to_owned).collect();
    let (flags, waypoints) = match &body {
        Body::Text { text, lines, .. } => (flagged(text, lines), long_lines(text, lines, printer)),
        _ => (Vec::new(), Vec::new()),
    };
    Document {
        file: file.clone(),
        body,
        language,
        traits,
        flags,
        waypoints,
    }
}

/// Returns the language of a text.
fn language_of(file: &TreeFile, body: &Body) -> Option<&'static language::Language> {
    let is_text = matches!(body, Body::Text { .. });
    language::of(file.path.as_bytes(), head(body)).filter(|_| is_text)
}

fn long_lines(text: &str, lines: &LineIndex, printer: Printer) -> Vec<(u32, Waypoints)> {
    let each = (1..=lines.count()).map(|line| (line, lines.slice(text, line)));
    each.filter_map(|(at, line)| Some((at, Waypoints::of(line, printer)?)))
        .collect()
}

fn head(body: &Body) -> &[u8] {
    let bytes = match body {
        Body::Text { text, .. } => text.as_bytes(),
        Body::Binary(bytes) => bytes,
        Body::Absent(_) => &[],
    };
    &bytes[..bytes.len().min(language::HEAD_BYTES)]
}

fn why(error: &SnapshotError) -> String {
    match error.hint() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    }
}

fn decoded(bytes: Vec<u8>, kind: FileKind) -> Body {
    match decode(bytes.clone()) {
        Content::Binary => Body::Binary(bytes),
        Content::Text { text, encoding } => {
            let lines = LineIndex::new(text.as_bytes());
            let crlf = text.find('\n').is_some_and(|at| text[..at].ends_with('\r'));
            let encoding = if kind == FileKind::Symlink {
                format!("{} link to", encoding.name())
            } else {
                encoding.name().to_owned()
            };
            Body::Text {
                text,
                lines,
                encoding,
                crlf,
            }
        }
    }
}

fn flagged(text: &str, lines: &LineIndex) -> Vec<(u32, crate::text::FlagKind)> {
    if is_plain(text) {
        return Vec::new();
    }
    let each = (1..=lines.count()).flat_map(|line| {
        flags(lines.slice(text, line))
            .into_iter()
            .map(move |(kind, _)| (line, kind))
    });
    each.take(MOST_FLAGS).collect()
}

/// Returns whether no line of a text can be flagged, cheaply.
#[allow(
    clippy::needless_bitwise_bool,
    reason = "without branches it works on many bytes at once"
)]
pub fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let odd = bytes.iter().fold(0u8, |odd, b| {
        let is_end = (*b == b'\t') | (*b == b'\n') | (*b == b'\r') | (*b == 0x0c);
        odd | u8::from(((*b < b' ') & !is_end) | (*b >= 0x7f))
    });
    odd == 0 && memchr::memchr_iter(b'\r', bytes).all(|at| bytes.get(at + 1) == Some(&b'\n'))
}

/// Colours the files shown, keeping the state of the last one.
#[derive(Default)]
pub struct Colourist {
    highlighter: Highlighter,
    last: Option<(TreeFile, Body, highlight::Document)>,
}

impl Colourist {
    /// Finds the token classes of the lines, and those of what lies above if the first answer was only
    /// approximate. Each answer is emitted as `(first line, lines)`.
    pub fn colour(
        &mut self,
        snapshot: &Snapshot,
        file: &TreeFile,
        span: Span,
        cancel: &Cancel,
        emit: &dyn Fn(u32, Vec<LineColours>),
    ) -> Result<(), JobError> {
        if self.last.as_ref().is_none_or(|(last, ..)| last != file) {
            let body = body(snapshot, file);
            let state = self.highlighter.document(language_of(file, &body));
            self.last = Some((file.clone(), body, state));
        }
        let Some((_, body, state)) = &mut self.last else {
            return Ok(());
        };
        let Body::Text { text, lines, .. } = body else {
            return Ok(());
        };
        let line = |n: u32| (n <= lines.count()).then(|| lines.slice(text, n));
        let is_cancelled = || cancel.is_cancelled();
        for _ in 0..64 {
            let budget = Budget {
                deadline: Some(Instant::now() + SLICE),
                is_cancelled: &is_cancelled,
            };
            let answer = state.lines(&line, span, &budget);
            if is_cancelled() {
                return Ok(());
            }
            let is_final = answer.is_exact && answer.is_done;
            let colours = answer.lines.into_iter().map(|l| LineColours {
                tokens: l.tokens,
                plain: l.plain.map(|why| why.words().to_owned()),
                is_final,
            });
            emit(span.start(), colours.collect());
            if answer.is_exact && answer.is_done {
                return Ok(());
            }
            let budget = Budget {
                deadline: Some(Instant::now() + 4 * SLICE),
                is_cancelled: &is_cancelled,
            };
            if answer.is_done && !state.advance(&line, span.end(), &budget) && is_cancelled() {
                return Ok(());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_texts_are_recognised_without_looking_at_lines() {
        for (text, plain) in [
            ("int a;\r\n\tb\n", true),
            ("a\rb", false),
            ("a\u{202e}", false),
            ("\x1b", false),
            ("", true),
        ] {
            assert_eq!(is_plain(text), plain, "{text:?}");
        }
    }
}
