//! What counts as one token: an identifier, a qualified name, a path.

use std::ops::Range;

/// Returns whether two letters or digits belong to one token, given the bytes between them.
///
/// One token goes on over `_` and `$`, over one `::` or `->`, over the `:` and `://` of addresses, over the braces around a
/// parameter of an address (`/{id}/`), over the end of a table's head in a settings file (`[server.tls]` and `min-version` below it
/// are the setting `server.tls.min-version`, also where a default is shown as a comment), and over up to four of `.`, `/` and `-`;
/// white space and anything else ends it.
pub fn is_joined(between: &[u8]) -> bool {
    let glue = |b: &u8| matches!(b, b'_' | b'$');
    let Some(start) = between.iter().position(|b| !glue(b)) else {
        return true;
    };
    let end = between
        .iter()
        .rposition(|b| !glue(b))
        .map_or(start, |e| e + 1);
    let inner = &between[start..end];
    matches!(
        inner,
        b"::" | b"->" | b":" | b"://" | b"/{" | b"}/" | b"]\n" | b"]\r\n" | b"]\n# "
    ) || (inner.len() <= 4 && inner.iter().all(|b| matches!(b, b'.' | b'/' | b'-')))
}

/// Returns the length of the character that starts at `at`, 1 for a byte that starts none.
pub fn width(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(0xc0..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xff) => 4,
        _ => 1,
    }
}

fn is_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 128 || b"_$./-+".contains(&byte)
}

/// Returns the stretch around a byte that may be a path, without a full stop behind it.
pub fn path_around(text: &[u8], at: usize) -> Range<usize> {
    let start = text[..at]
        .iter()
        .rposition(|b| !is_path(*b))
        .map_or(0, |i| i + 1);
    let end = text[at..]
        .iter()
        .position(|b| !is_path(*b))
        .map_or(text.len(), |i| at + i);
    let stop = usize::from(end > start && text[end - 1] == b'.');
    start..end - stop
}

/// Returns every stretch that may be a path of more than one part.
pub fn paths(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| !is_path(*b))
        .map(|t| t.strip_suffix(b".").unwrap_or(t))
        .filter(|t| t.contains(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_one_token_and_code_is_not() {
        for gap in [
            "", "_", "__", "::", "->", ".", "/", "-", "/../", "_->_", "$", "/{", "}/", ":", "://",
            "]\n", "]\r\n", "]\n# ",
        ] {
            assert!(is_joined(gap.as_bytes()), "{gap}");
        }
        for gap in [
            " ", "(", " . ", "==", ", ", "->*", "::<", "+", "_ _", "\n", "]\n[", "];\n", "{", "}",
            "){", ":\"", ": ",
        ] {
            assert!(!is_joined(gap.as_bytes()), "{gap}");
        }
    }

    #[test]
    fn paths_are_found_without_what_stands_around_them() {
        let text = b"in src/a-b/c.h, (lib/x.c:12) and a.b.";
        let all: Vec<_> = paths(text).collect();
        assert_eq!(all, [&b"src/a-b/c.h"[..], b"lib/x.c"]);
        assert_eq!(path_around(text, 6), 3..14);
        assert_eq!(path_around(text, 36), 33..36);
    }
}
