//! Globs to regexes.
//!
//! `*` and `?` stop at a slash, `**` does not, `[a-z]` and `{a,b}` are alternatives, `\` takes the next character
//! as it is. A glob without a slash is about the name, one with a slash about the whole path.

use std::fmt::Write as _;

/// Returns the regex of a whole path, or what is wrong.
pub(super) fn to_regex(glob: &str) -> Result<String, String> {
    let (body, is_name) = match glob.strip_prefix('/') {
        Some(rest) => (rest, false),
        None => (glob, !glob.contains('/')),
    };
    let mut out = String::from(if is_name { r"(?:\A|/)" } else { r"\A" });
    let mut chars = body.chars().peekable();
    let mut depth = 0_usize;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.peek() == Some(&'*') => {
                chars.next();
                if chars.peek() == Some(&'/') {
                    chars.next();
                    out.push_str("(?:(?s:.)*/)?");
                } else {
                    out.push_str("(?s:.)*");
                }
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '[' => class(&mut chars, &mut out)?,
            '{' => {
                depth += 1;
                if depth > 16 {
                    return Err("{ is nested too deep".into());
                }
                out.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                out.push(')');
            }
            ',' if depth > 0 => out.push('|'),
            '\\' => push(&mut out, chars.next().unwrap_or('\\')),
            c => push(&mut out, c),
        }
    }
    if depth > 0 {
        return Err("{ is not closed".into());
    }
    out.push_str(r"\z");
    Ok(out)
}

fn push(out: &mut String, c: char) {
    out.push_str(&regex_syntax::escape(c.encode_utf8(&mut [0; 4])));
}

fn class(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    out: &mut String,
) -> Result<(), String> {
    let hex = |out: &mut String, c: char| {
        let _ = write!(out, "\\x{{{:X}}}", u32::from(c));
    };
    out.push('[');
    if matches!(chars.peek(), Some('!' | '^')) {
        chars.next();
        out.push_str("^/");
    }
    let mut is_first = true;
    loop {
        let Some(c) = chars.next() else {
            return Err("[ is not closed".into());
        };
        match c {
            ']' if !is_first => break,
            '\\' => hex(out, chars.next().unwrap_or('\\')),
            '-' if !is_first && chars.peek().is_some_and(|c| *c != ']') => out.push('-'),
            c => hex(out, c),
        }
        is_first = false;
    }
    out.push(']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::to_regex;

    fn matches(glob: &str, path: &str) -> bool {
        let regex = to_regex(glob).unwrap();
        regex::Regex::new(&regex).unwrap().is_match(path)
    }

    #[test]
    fn a_name_or_a_path() {
        for (glob, path, want) in [
            ("*.c", "a/b.c", true),
            ("*.c", "b.c", true),
            ("*.c", "b.cc", false),
            ("a/*.c", "a/b.c", true),
            ("a/*.c", "a/b/c.c", false),
            ("a/**/c.c", "a/b/c.c", true),
            ("a/**/c.c", "a/c.c", true),
            ("/b.c", "a/b.c", false),
            ("**/b.c", "b.c", true),
            ("*.{c,h}", "x.h", true),
            ("*.[ch]", "x.h", true),
            ("*.[!ch]", "x.h", false),
            ("a.b", "axb", false),
            ("[]]", "]", true),
            ("[a-]", "-", true),
            ("M?ke", "a/Make", true),
            (r"\*", "*", true),
        ] {
            assert_eq!(matches(glob, path), want, "{glob} {path}");
        }
        assert!(to_regex("[a").is_err());
        assert!(to_regex("{a").is_err());
    }
}
