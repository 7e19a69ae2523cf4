//! Refs that stand line by line in one file: `packed-refs`, or the header of a bundle.
//!
//! A mirror of a review server has a ref for each patch set: hundreds of thousands. So the lines are not put into a
//! table: a name is looked for when it is needed, in memory if the file is small, and in the file otherwise.

use crate::snapshot::SnapshotError;
use crate::snapshot::refs::{Id, is_long_id, is_ref_name, parse_id};
use crate::snapshot::source::{look, open_plain, unreadable};
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Lines up to these bytes are held in memory: those of about 250,000 refs.
const HELD_BYTES: u64 = 16 << 20;
/// Bytes of `packed-refs`: those of about 60 million refs.
const MOST_BYTES: u64 = 4 << 30;
/// Bytes of one line: the longest name, an id, and what tools write behind them.
const LINE_BYTES: u64 = 8 << 10;

/// The refs of one file.
#[derive(Debug, Clone, Default)]
pub(super) struct RefLines {
    /// None if there is no such file.
    source: Option<LineSource>,
    /// Only names that begin with `refs/` count.
    is_packed_refs: bool,
}

#[derive(Debug, Clone)]
enum LineSource {
    Held(Vec<u8>),
    File { path: PathBuf, bytes: u64 },
}

/// What one line says.
enum RefLine<'a> {
    Ref(&'a [u8], Id),
    /// A comment, a blank line, a name that is none.
    Nothing,
    /// The id of a SHA-256 repository.
    LongId,
    Malformed,
}

impl RefLines {
    /// Reads `packed-refs`, if it is there, and checks every line of it.
    pub(super) fn packed(git_dir: &Path) -> Result<Self, SnapshotError> {
        let path = git_dir.join("packed-refs");
        let Some(metadata) = look(&path)? else {
            return Ok(Self::default());
        };
        let bytes = metadata.len();
        if bytes > MOST_BYTES {
            return Err(SnapshotError::OverLimit {
                path,
                limit: MOST_BYTES,
            });
        }
        let source = if bytes <= HELD_BYTES {
            let mut held = Vec::new();
            let file = open_plain(&path).map_err(|e| unreadable(&path, e))?;
            file.take(HELD_BYTES)
                .read_to_end(&mut held)
                .map_err(|e| unreadable(&path, e))?;
            LineSource::Held(held)
        } else {
            let path = path.clone();
            LineSource::File { path, bytes }
        };
        let lines = Self {
            source: Some(source),
            is_packed_refs: true,
        };
        let mut problem = None;
        lines.each_line(&mut |number, line| {
            let found = match lines.parse(line) {
                RefLine::LongId => SnapshotError::Sha256 {
                    path: git_dir.to_path_buf(),
                },
                RefLine::Malformed => SnapshotError::DamagedRefs {
                    path: path.clone(),
                    line: number,
                },
                RefLine::Ref(..) | RefLine::Nothing => return true,
            };
            problem = Some(found);
            false
        })?;
        problem.map_or(Ok(lines), Err)
    }

    /// Takes the lines of a bundle's header, which were checked: as bytes, or as the first bytes of its file.
    pub(super) fn of_bundle(path: &Path, header: &[u8]) -> Self {
        let bytes = header.len() as u64;
        let source = if bytes <= HELD_BYTES {
            LineSource::Held(header.to_vec())
        } else {
            let path = path.to_path_buf();
            LineSource::File { path, bytes }
        };
        Self {
            source: Some(source),
            is_packed_refs: false,
        }
    }

    /// Calls for each line with its number, 1-based, until `visit` returns false.
    fn each_line(&self, visit: &mut dyn FnMut(usize, &[u8]) -> bool) -> Result<(), SnapshotError> {
        match &self.source {
            None => Ok(()),
            Some(LineSource::Held(bytes)) => {
                read_lines(Cursor::new(bytes), visit).map_err(|e| unreadable(Path::new(""), e))
            }
            Some(LineSource::File { path, bytes }) => {
                let wrap = |e| unreadable(path, e);
                let mut file = open_plain(path).map_err(wrap)?;
                file.seek(SeekFrom::Start(0)).map_err(wrap)?;
                let reader = BufReader::with_capacity(1 << 20, file.take(*bytes));
                read_lines(reader, visit).map_err(wrap)
            }
        }
    }

    fn parse<'a>(&self, line: &'a [u8]) -> RefLine<'a> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // A comment, a peeled tag; the first line of a bundle, its capabilities and prerequisites.
        let others: &[u8] = if self.is_packed_refs { b"#^" } else { b"#@-" };
        if line.is_empty() || others.contains(&line[0]) {
            return RefLine::Nothing;
        }
        let end = line.iter().position(u8::is_ascii_whitespace);
        let (hex, name) = end.map_or((line, &[][..]), |at| (&line[..at], &line[at + 1..]));
        if is_long_id(hex) {
            return RefLine::LongId;
        }
        let Some(id) = parse_id(hex) else {
            return RefLine::Malformed;
        };
        let counts = is_ref_name(name) && (!self.is_packed_refs || name.starts_with(b"refs/"));
        if counts {
            RefLine::Ref(name, id)
        } else {
            RefLine::Nothing
        }
    }

    /// Calls for each ref, in the order of the file, until `visit` returns false.
    pub(super) fn each(
        &self,
        visit: &mut dyn FnMut(&[u8], Id) -> bool,
    ) -> Result<(), SnapshotError> {
        self.each_line(&mut |_, line| match self.parse(line) {
            RefLine::Ref(name, id) => visit(name, id),
            _ => true,
        })
    }

    /// Returns the id of a full name; the last line counts if there are several.
    pub(super) fn find(&self, name: &[u8]) -> Result<Option<Id>, SnapshotError> {
        let mut found = None;
        self.each_line(&mut |_, line| {
            // The comparison is much cheaper than parsing the line.
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.ends_with(name)
                && let RefLine::Ref(other, id) = self.parse(line)
                && other == name
            {
                found = Some(id);
            }
            true
        })?;
        Ok(found)
    }
}

/// Calls for each line without its end until `visit` returns false. A line that is longer than any ref is an error.
fn read_lines(
    mut reader: impl BufRead,
    visit: &mut dyn FnMut(usize, &[u8]) -> bool,
) -> io::Result<()> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let got = reader
            .by_ref()
            .take(LINE_BYTES)
            .read_until(b'\n', &mut line)?;
        if got == 0 {
            break;
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if got as u64 == LINE_BYTES {
            return Err(io::Error::other("a line is longer than any ref"));
        }
        if !visit(number, &line) {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;
    use std::fs;

    #[test]
    fn many_refs_are_found_in_memory_and_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        for (count, is_held) in [(1000, true), (350_000, false)] {
            let mut text = String::from("# pack-refs with: peeled fully-peeled sorted \n");
            for n in 0..count {
                let _ = writeln!(text, "{n:040x} refs/changes/{:02}/{n}/1", n % 100);
            }
            text.push_str("^00000000000000000000000000000000000000ff\n\n");
            fs::write(folder.path().join("packed-refs"), &text).unwrap();
            let lines = RefLines::packed(folder.path()).unwrap();
            assert_eq!(
                matches!(lines.source, Some(LineSource::Held(_))),
                is_held,
                "{count}"
            );
            let last = count - 1;
            let name = format!("refs/changes/{:02}/{last}/1", last % 100);
            let mut id = [0; 20];
            id[16..].copy_from_slice(&(last as u32).to_be_bytes());
            assert_eq!(lines.find(name.as_bytes()).unwrap(), Some(id));
            assert_eq!(lines.find(b"changes/00/0/1").unwrap(), None, "a full name");
            let mut seen = 0;
            lines
                .each(&mut |_, _| {
                    seen += 1;
                    true
                })
                .unwrap();
            assert_eq!(seen, count);
        }
    }

    #[test]
    fn a_line_that_is_no_ref_is_named_wherever_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("packed-refs");
        let good = "1111111111111111111111111111111111111111 refs/heads/a\n";
        for (bad, line) in [("nonsense\n", 3), ("11 refs/heads/b\n", 3)] {
            fs::write(&path, format!("{good}{good}{bad}{good}")).unwrap();
            let found = RefLines::packed(folder.path());
            assert!(
                matches!(found, Err(SnapshotError::DamagedRefs { line: l, .. }) if l == line),
                "{bad}"
            );
        }
        fs::write(&path, "a".repeat(100_000)).unwrap();
        assert!(matches!(
            RefLines::packed(folder.path()),
            Err(SnapshotError::Unreadable { .. })
        ));
        fs::write(&path, good.replace('\n', "\r\n").replace(' ', "\t")).unwrap();
        let lines = RefLines::packed(folder.path()).unwrap();
        assert_eq!(lines.find(b"refs/heads/a").unwrap(), Some([0x11; 20]));
    }
}
