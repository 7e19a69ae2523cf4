//! Paths as they are typed into a shell.

use std::path::Path;

/// Returns the path as one word of a POSIX shell: as it is if it is plain, else in single quotes.
pub fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%,:=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) && !text.starts_with('-') {
        return text.into_owned();
    }
    let dashed = if text.starts_with('-') { "./" } else { "" };
    format!("'{dashed}{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_word() {
        for (path, word) in [
            ("/media/usb/bundle-1", "/media/usb/bundle-1"),
            ("/media/MY STICK/b", "'/media/MY STICK/b'"),
            ("it's", r"'it'\''s'"),
            ("-rf", "'./-rf'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(Path::new(path)), word);
        }
    }
}
