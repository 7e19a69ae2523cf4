//! Files made ready to be shown, and their colours.

use super::message::{Body, Document, LineColours};
use super::{Cancel, JobError};
use crate::highlight::{self, Budget, Highlighter};
use crate::language;
use crate::model::{BlobId, Encodings, FileKind, Span, TreeFile};
use crate::snapshot::{Snapshot, SnapshotError};
use crate::text::{
    self, Content, Decoded, Encoding, FlagKind, LineIndex, Printer, Waypoints, flags,
};
use std::time::{Duration, Instant};

/// Flagged lines told of one file.
const MOST_FLAGS: usize = 10_000;
/// Time for the colours of one screen before the lines left are shown plain and asked again.
const SLICE: Duration = Duration::from_millis(400);

/// Reads contents of a snapshot, in the encodings that the reviewers said.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The snapshot.
    pub snapshot: &'a Snapshot,
    /// Which encodings the reviewers said; the others are guessed.
    pub encodings: &'a Encodings,
    /// Largest blob that is read, in bytes.
    pub limit: u64,
}

impl Reader<'_> {
    /// Reads the bytes of a blob.
    pub fn bytes(&self, blob: &BlobId) -> Result<Vec<u8>, SnapshotError> {
        self.snapshot.read(blob, self.limit)
    }

    /// Reads a blob as text, or says that it is none.
    pub fn content(&self, blob: &BlobId) -> Result<Content, SnapshotError> {
        Ok(self.decode(blob, self.bytes(blob)?))
    }

    /// Decodes the bytes of a blob, or says that they are no text.
    pub fn decode(&self, blob: &BlobId, bytes: Vec<u8>) -> Content {
        match self.said(blob) {
            Some(encoding) => Content::Text(Decoded {
                text: text::decode_as(bytes, encoding),
                encoding,
                others: Vec::new(),
            }),
            None => text::decode(bytes),
        }
    }

    /// Reads what a search looks into: text as UTF-8 if a reviewer said its encoding, otherwise the bytes, whose
    /// encoding is guessed.
    pub fn searched(&self, blob: &BlobId) -> Result<Vec<u8>, SnapshotError> {
        let bytes = self.bytes(blob)?;
        Ok(match self.said(blob) {
            Some(said) => text::decode_as(bytes, said).into_bytes(),
            None => bytes,
        })
    }

    /// Reads the content of a file. What cannot be read says why.
    pub fn body(&self, file: &TreeFile) -> Body {
        if file.kind == FileKind::Submodule {
            return Body::Absent("a submodule: its content was not delivered".into());
        }
        match self.bytes(&file.blob) {
            Ok(bytes) => self.body_of(bytes, file),
            Err(error) => Body::Absent(why(&error)),
        }
    }

    fn body_of(&self, bytes: Vec<u8>, file: &TreeFile) -> Body {
        let read = match self.decode(&file.blob, bytes) {
            Content::Text(read) => read,
            Content::Binary(bytes) => return Body::Binary(bytes),
        };
        let name = match self.said(&file.blob) {
            Some(said) => format!("{said} (set)"),
            None => read.names(),
        };
        let text = read.text;
        Body::Text {
            lines: LineIndex::new(text.as_bytes()),
            encoding: if file.kind == FileKind::Symlink {
                format!("{name} link to")
            } else {
                name
            },
            crlf: text.find('\n').is_some_and(|at| text[..at].ends_with('\r')),
            text,
        }
    }

    /// Reads a file and makes it ready to be shown by a printer.
    pub fn document(&self, file: &TreeFile, printer: Printer) -> Document {
        let body = self.body(file);
        let language = language_of(file, &body).map(|l| l.name.to_owned());
        let traits = language::traits(file.path.as_bytes(), head(&body));
        let traits = traits.words().map(str::to_owned).collect();
        let (flags, waypoints) = match &body {
            Body::Text { text, lines, .. } => {
                (flagged(text, lines), long_lines(text, lines, printer))
            }
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

    /// Returns the encoding that a reviewer said.
    pub fn said(&self, blob: &BlobId) -> Option<Encoding> {
        self.encodings.get(blob).copied()
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

fn flagged(text: &str, lines: &LineIndex) -> Vec<(u32, FlagKind)> {
    let mut found = Vec::new();
    if !is_plain(text) {
        let each = (1..=lines.count()).flat_map(|line| {
            let of_line = flags(lines.slice(text, line)).into_iter();
            of_line.map(move |(kind, _)| (line, kind))
        });
        found.extend(each.take(MOST_FLAGS));
    }
    let ends = text::odd_line_ends(text).into_iter();
    found.extend(ends.take(MOST_FLAGS).map(|(line, kind, _)| (line, kind)));
    found.sort_by_key(|(line, _)| *line);
    found
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
    last: Option<Coloured>,
}

/// The file coloured last, and how it was read.
struct Coloured {
    file: TreeFile,
    said: Option<Encoding>,
    body: Body,
    state: highlight::Document,
}

impl Colourist {
    /// Finds the token classes of the lines, and those of what lies above if the first answer was only
    /// approximate. Each answer is emitted as `(first line, lines)`.
    pub fn colour(
        &mut self,
        reader: &Reader<'_>,
        file: &TreeFile,
        span: Span,
        cancel: &Cancel,
        emit: &dyn Fn(u32, Vec<LineColours>),
    ) -> Result<(), JobError> {
        let said = reader.said(&file.blob);
        let last = self.last.as_ref();
        if last.is_none_or(|last| last.file != *file || last.said != said) {
            let body = reader.body(file);
            self.last = Some(Coloured {
                state: self.highlighter.document(language_of(file, &body)),
                file: file.clone(),
                said,
                body,
            });
        }
        let Some(Coloured { body, state, .. }) = &mut self.last else {
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
