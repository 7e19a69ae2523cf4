//! How a vendor's path may appear.

use super::page::{Template, template};
use crate::model::{AnchorExtent, PathDetail, RepoPath, WholeKind};
use std::fmt::Write;

/// Returns the path as far as the policy lets it leave; nothing if only the blob id may.
pub fn shown(path: &RepoPath, detail: PathDetail) -> Option<RepoPath> {
    match detail {
        PathDetail::Full => Some(path.clone()),
        PathDetail::LastTwo => Some(path.last_two()),
        PathDetail::BlobId => None,
    }
}

/// Returns what git calls the object that an anchor's id names.
pub fn object_kind(extent: AnchorExtent) -> &'static str {
    match extent.whole() {
        Some(WholeKind::Folder | WholeKind::Snapshot) => "tree",
        Some(WholeKind::Submodule) => "commit",
        _ => "blob",
    }
}

/// Returns what is covered where no path is before it: `lines 8-10`, `bytes 32-63`, `whole file`.
pub fn words(extent: AnchorExtent) -> Template {
    match extent {
        AnchorExtent::Lines(span) => template!("lines {}", span),
        extent => template!("{}", extent),
    }
}

/// Returns the path as a relative URI reference that no reader resolves out of its base.
///
/// Only what RFC 3986 does not allow in a segment is encoded (section 3.3, `pchar`; a first segment holds no colon, section
/// 4.2): many readers take the reference for the path as it is.
pub fn uri(path: &RepoPath) -> String {
    let mut out = String::new();
    let parts: Vec<&[u8]> = path.as_bytes().split(|b| *b == b'/').collect();
    for (i, part) in parts.iter().enumerate() {
        let is_dots = matches!(*part, b"." | b"..");
        if i > 0 {
            // A slash at the start, or two in a row, would name a root or a host.
            out.push_str(if parts[i - 1].is_empty() { "%2F" } else { "/" });
        }
        for byte in *part {
            let is_bare = byte.is_ascii_alphanumeric()
                || b"-._~!$&'()*+,;=@".contains(byte)
                || (*byte == b':' && i > 0);
            if is_bare && !is_dots {
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
    fn paths_are_cut_and_uris_stay_relative() {
        let path = RepoPath::new("a/b/c/d.c");
        assert_eq!(
            shown(&path, PathDetail::LastTwo),
            Some(RepoPath::new("c/d.c"))
        );
        assert_eq!(
            shown(&RepoPath::new("d.c"), PathDetail::LastTwo),
            Some(RepoPath::new("d.c"))
        );
        assert_eq!(shown(&path, PathDetail::BlobId), None);
        assert_eq!(uri(&path), "a/b/c/d.c");
        assert_eq!(
            uri(&RepoPath::new("a b:c/\u{e4}\n.c")),
            "a%20b%3Ac/%C3%A4%0A.c"
        );
        for bare in [
            "libstdc++/x.c",
            "@scope/x.js",
            "=cmd.c",
            "a/co:lon(1),2;3&4'5!6$7*.c",
            "...",
        ] {
            assert_eq!(uri(&RepoPath::new(bare)), bare);
        }
        for (path, encoded) in [
            ("a%b#c?d[e]", "a%25b%23c%3Fd%5Be%5D"),
            ("a\"<>\\^`{|}b", "a%22%3C%3E%5C%5E%60%7B%7C%7Db"),
            ("http://x", "http%3A/%2Fx"),
        ] {
            assert_eq!(uri(&RepoPath::new(path)), encoded);
        }
        assert_eq!(uri(&RepoPath::new(b"\xff".as_slice())), "%FF");
        assert_eq!(uri(&RepoPath::new("../x")), "%2E%2E/x");
        assert_eq!(uri(&RepoPath::new("//host/x")), "%2F%2Fhost/x");
    }
}
