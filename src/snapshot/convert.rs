//! What git changes in a file between the blob and the work tree, undone without git: line ends, `$Id$`, encodings, LFS.
//!
//! A clean work tree of Windows differs from its commit in every file; a real change would drown among those. No filter
//! or hook is run, and no pattern of the vendor's is obeyed: a copy counts as converted only if its bytes really become
//! the blob's again, so that nothing can hide behind an attribute. The attributes only say which encodings are tried.

use crate::model::Digest;
use crate::snapshot::is_lfs_pointer;
use crate::text::{Encoding, decode_as};
use std::borrow::Cow;
use std::io::{self, Read};

/// Encodings that are tried for one file.
const ENCODINGS: usize = 8;
/// Digits of an id in `$Id: ... $`.
const DIGITS: usize = 40;

/// How a copy in the work tree differs from its blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CopyChange {
    /// Not at all.
    Same,
    /// In line ends and nothing else.
    LineEnds,
    /// In what git converts and nothing else.
    Converted,
    /// In content.
    Content,
}

/// The encodings that the attributes of a delivery name.
#[derive(Clone, Debug, Default)]
pub(super) struct Conversions {
    encodings: Vec<TreeEncoding>,
}

/// An encoding of `working-tree-encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TreeEncoding {
    /// ISO-8859-1 as iconv has it: a byte is the character of its number.
    Latin1,
    Known(Encoding),
}

impl Conversions {
    /// Adds what the text of an attributes file names.
    pub(super) fn add_attributes(&mut self, text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        for word in text.split_whitespace() {
            let Some(name) = word.strip_prefix("working-tree-encoding=") else {
                continue;
            };
            for encoding in named(name) {
                if self.encodings.len() < ENCODINGS && !self.encodings.contains(&encoding) {
                    self.encodings.push(encoding);
                }
            }
        }
    }

    /// Returns whether a copy of `copy` bytes can be a blob of `blob` bytes, so that reading both is worth the time.
    pub(super) fn is_likely(blob: u64, copy: u64) -> bool {
        // No encoding takes more than four bytes where another takes one; `$Id$` grows by the id.
        copy <= blob.saturating_mul(64).saturating_add(256) && blob <= copy.saturating_mul(4)
    }

    /// Compares a copy with its blob.
    pub(super) fn compare(&self, blob: &[u8], copy: &[u8]) -> CopyChange {
        if blob == copy {
            return CopyChange::Same;
        }
        let clean = without_returns(blob);
        if clean == without_returns(copy) {
            return CopyChange::LineEnds;
        }
        let clean = without_ids(&clean);
        let is_clean = |copy: &[u8]| clean == without_ids(&without_returns(copy));
        if is_clean(copy) || is_lfs_content(blob, copy) {
            return CopyChange::Converted;
        }
        let mut decoded = self.encodings.iter().filter_map(|e| e.decode(copy));
        if decoded.any(|text| is_clean(text.as_bytes())) {
            return CopyChange::Converted;
        }
        CopyChange::Content
    }
}

/// Returns the encodings that a name may mean to git: `UTF-16` has either order of bytes, and `-BOM` only adds a mark.
fn named(name: &str) -> Vec<TreeEncoding> {
    let upper = name.to_ascii_uppercase();
    let bare = upper.strip_suffix("-BOM").unwrap_or(&upper);
    let known = |names: &[&str]| {
        let found = names.iter().filter_map(|name| Encoding::by_label(name));
        found.map(TreeEncoding::Known).collect()
    };
    match bare {
        "UTF-16" | "UTF16" => known(&["UTF-16LE", "UTF-16BE"]),
        "UTF-32" | "UTF32" => known(&["UTF-32LE", "UTF-32BE"]),
        "ISO-8859-1" | "ISO8859-1" | "ISO_8859-1" | "LATIN1" | "LATIN-1" => {
            vec![TreeEncoding::Latin1]
        }
        "CP932" | "MS932" => known(&["Shift_JIS"]),
        "CP949" => known(&["EUC-KR"]),
        "CP950" => known(&["Big5"]),
        bare => known(&[bare]),
    }
}

impl TreeEncoding {
    /// Decodes a copy; nothing if it is not in this encoding.
    fn decode(self, copy: &[u8]) -> Option<String> {
        let text = match self {
            Self::Latin1 => copy.iter().map(|b| char::from(*b)).collect(),
            Self::Known(encoding) => decode_as(copy.to_vec(), encoding),
        };
        (!text.contains('\u{fffd}')).then_some(text)
    }
}

/// Drops the CR of each CR LF.
fn without_returns(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memmem::find(bytes, b"\r\n").is_none() {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for at in memchr::memmem::find_iter(bytes, b"\r\n") {
        out.extend_from_slice(&bytes[from..at]);
        from = at + 1;
    }
    out.extend_from_slice(&bytes[from..]);
    Cow::Owned(out)
}

/// Writes `$Id: <40 digits> $` as `$Id$`. Anything else between the signs stays: it could be code.
fn without_ids(bytes: &[u8]) -> Cow<'_, [u8]> {
    let is_expanded = |rest: &[u8]| {
        rest.get(..DIGITS)
            .is_some_and(|id| id.iter().all(u8::is_ascii_hexdigit))
            && rest[DIGITS..].starts_with(b" $")
    };
    let mut out = Vec::new();
    let mut from = 0;
    for at in memchr::memmem::find_iter(bytes, b"$Id: ") {
        let rest = &bytes[at + 5..];
        if is_expanded(rest) {
            out.extend_from_slice(&bytes[from..at]);
            out.extend_from_slice(b"$Id$");
            from = at + 5 + DIGITS + 2;
        }
    }
    if from == 0 {
        return Cow::Borrowed(bytes);
    }
    out.extend_from_slice(&bytes[from..]);
    Cow::Owned(out)
}

/// The content that an LFS pointer stands for.
pub(super) struct LfsContent {
    size: u64,
    /// SHA-256 in hexadecimal digits.
    digest: String,
}

impl LfsContent {
    /// Reads a pointer; nothing if the blob is none.
    pub(super) fn named_by(blob: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(blob)
            .ok()
            .filter(|_| is_lfs_pointer(blob))?;
        let field = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
        Some(Self {
            size: field("size ")?.parse().ok()?,
            digest: field("oid sha256:")?.to_owned(),
        })
    }

    /// Returns whether a file of `size` bytes has this content.
    pub(super) fn is_in(&self, size: u64, copy: &mut dyn Read) -> io::Result<bool> {
        Ok(self.size == size && Digest::of_reader(copy)?.to_string() == self.digest)
    }
}

fn is_lfs_content(blob: &[u8], mut copy: &[u8]) -> bool {
    let size = copy.len() as u64;
    let named = LfsContent::named_by(blob);
    named.is_some_and(|named| named.is_in(size, &mut copy).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversions(attributes: &str) -> Conversions {
        let mut conversions = Conversions::default();
        conversions.add_attributes(attributes.as_bytes());
        conversions
    }

    #[test]
    fn what_git_converts_is_told_from_what_somebody_changed() {
        use CopyChange::{Content, Converted, LineEnds, Same};
        let id = "0123456789abcdef0123456789abcdef01234567";
        let with_id = format!("$Id: {id} $\nint a;\n");
        let with_id_crlf = with_id.replace('\n', "\r\n");
        let old_id = format!("$Id: {} $\nint a;\n", id.replace('0', "f"));
        let code = format!("$Id: {}; $\nint a;\n", "evil();".repeat(6));
        let utf16: Vec<u8> = "\u{feff}h\u{e9}\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let big: Vec<u8> = "h\u{e9}\n"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        let content = b"a model";
        let pointer = format!(
            "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 7\n",
            Digest::of(content)
        );
        let plain = "$Id$\nint a;\n";
        let rows: &[(&str, &str, &[u8], CopyChange)] = &[
            ("", "a\n", b"a\n", Same),
            ("", "a\nb\n", b"a\r\nb\r\n", LineEnds),
            ("", "a\r\nb\r\n", b"a\nb\n", LineEnds),
            ("", "a\nb\r\n", b"a\r\nb\r\n", LineEnds),
            ("", "a\nb\n", b"a\rb\n", Content),
            ("", "a\nb\n", b"a\r\nc\r\n", Content),
            ("", "a\nb\n", b"a\r\r\nb\n", Content),
            ("", plain, with_id.as_bytes(), Converted),
            ("", plain, with_id_crlf.as_bytes(), Converted),
            ("", &with_id, old_id.as_bytes(), Converted),
            ("", plain, code.as_bytes(), Content),
            ("", "h\u{e9}\n", b"h\xe9\n", Content),
            (
                "*.txt working-tree-encoding=ISO-8859-1\n",
                "h\u{e9}\n",
                b"h\xe9\n",
                Converted,
            ),
            (
                "*.txt working-tree-encoding=ISO-8859-1\n",
                "h\u{e9}\n",
                b"h\xe8\n",
                Content,
            ),
            (
                "*.txt text working-tree-encoding=UTF-16LE-BOM eol=crlf\n",
                "h\u{e9}\n",
                &utf16,
                Converted,
            ),
            (
                "a working-tree-encoding=utf-16\n",
                "h\u{e9}\n",
                &big,
                Converted,
            ),
            (
                "a working-tree-encoding=cp932\n",
                "\u{3042}\n",
                b"\x82\xa0\n",
                Converted,
            ),
            (
                "a working-tree-encoding=no-such\n",
                "\u{3042}\n",
                b"\x82\xa0\n",
                Content,
            ),
            ("", &pointer, content, Converted),
            ("", &pointer, b"b model", Content),
        ];
        for (attributes, blob, copy, expected) in rows {
            let found = conversions(attributes).compare(blob.as_bytes(), copy);
            assert_eq!(found, *expected, "{attributes} {blob:?} {copy:?}");
            let (blob, copy) = (blob.len() as u64, copy.len() as u64);
            assert!(
                *expected == Content || Conversions::is_likely(blob, copy) || blob > copy * 4,
                "{blob} {copy}"
            );
        }
    }
}
