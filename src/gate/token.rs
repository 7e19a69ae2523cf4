//! What counts as one token: an identifier, a qualified name, a path.

/// Returns whether two letters or digits belong to one token, given the bytes between them.
///
/// One token goes on over `_` and `$`, over one `::` or `->`, and over up to four of `.`, `/` and `-`; white
/// space and anything else ends it.
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
    matches!(inner, b"::" | b"->")
        || (inner.len() <= 4 && inner.iter().all(|b| matches!(b, b'.' | b'/' | b'-')))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_one_token_and_code_is_not() {
        for gap in [
            "", "_", "__", "::", "->", ".", "/", "-", "/../", "_->_", "$",
        ] {
            assert!(is_joined(gap.as_bytes()), "{gap}");
        }
        for gap in [
            " ", "(", " . ", "==", ", ", "->*", "::<", "+", "_ _", "\n", ":",
        ] {
            assert!(!is_joined(gap.as_bytes()), "{gap}");
        }
    }
}
