//! What a person typed on the command line, read.

use super::Failure;
use crate::model::{
    NamedPath, Place, PlaceError, Reference, Span, Vector, bounded_references, cwe,
};
use clap::Args;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// More than anybody types.
const LARGEST_TEXT: u64 = 1 << 20;

/// A text, typed or in a file.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Words {
    /// The text.
    #[arg(long, allow_hyphen_values = true)]
    pub text: Option<String>,
    /// A file with the text; - for standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    pub text_file: Option<PathBuf>,
}

impl Words {
    /// Returns the text without blank lines at its end; nothing if none is given.
    pub(super) fn read(&self) -> Result<Option<String>, Failure> {
        let text = match (&self.text, &self.text_file) {
            (Some(text), _) => text.clone(),
            (None, Some(path)) => read(path)?,
            (None, None) => return Ok(None),
        };
        Ok(Some(text.trim_end().to_owned()))
    }

    /// Returns the text, which must say something.
    pub(super) fn needed(&self) -> Result<String, Failure> {
        let text = self.read()?.unwrap_or_default();
        if text.trim().is_empty() {
            return Err(Failure::usage(
                "there is no text",
                "add --text TEXT or --text-file FILE",
            ));
        }
        Ok(text)
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let mut bytes = Vec::new();
    let result = if path == Path::new("-") {
        io::stdin()
            .lock()
            .take(LARGEST_TEXT + 1)
            .read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(LARGEST_TEXT + 1).read_to_end(&mut bytes))
    };
    result.map_err(|error| {
        Failure::failed(
            format!("cannot read {shown}: {error}"),
            "name a text file, or - for standard input",
        )
    })?;
    if bytes.len() as u64 > LARGEST_TEXT {
        let what = format!("{shown} is larger than {LARGEST_TEXT} bytes");
        return Err(Failure::failed(what, "shorten the text"));
    }
    String::from_utf8(bytes)
        .map_err(|_| Failure::failed(format!("{shown} is no UTF-8 text"), "save it as UTF-8"))
}

/// Reads `PATH`, `PATH:A`, `PATH:A-B` or one of them with `@LABEL`.
pub(super) fn place(text: &str) -> Result<Place, Failure> {
    text.parse().map_err(|error| bad_place(text, &error))
}

/// Reads `PATH:A` or `PATH:A-B`, for a verb that works on lines alone.
pub(super) fn lines(text: &str) -> Result<(NamedPath, Span), Failure> {
    let read = || {
        let place: Place = text.parse()?;
        Ok((place.path.clone(), place.needed_lines()?))
    };
    read().map_err(|error| bad_place(text, &error))
}

fn bad_place(text: &str, error: &PlaceError) -> Failure {
    let what = match error {
        PlaceError::Path(cause) => {
            format!("the path of the place `{text}` is not valid: {cause}")
        }
        _ => error.to_string(),
    };
    Failure::usage(what, "")
}

/// Reads a path in its percent-encoded form.
pub(super) fn path(text: &str) -> Result<NamedPath, Failure> {
    text.parse().map_err(|error| {
        Failure::usage(
            format!("`{text}` is no path: {error}"),
            "write % itself as %25",
        )
    })
}

/// Reads `CWE-120`, `120`, or several with commas between.
pub(super) fn weaknesses(texts: &[String]) -> Result<Vec<u32>, Failure> {
    let mut found = Vec::new();
    for text in texts.iter().flat_map(|t| t.split(',')).map(str::trim) {
        let bare = text
            .get(..4)
            .filter(|head| head.eq_ignore_ascii_case("CWE-"))
            .map_or(text, |_| &text[4..]);
        let number = bare.parse().ok().filter(|n| cwe::title(*n).is_some());
        let number = number.ok_or_else(|| {
            Failure::usage(
                format!("`{text}` is not in the CWE list {}", cwe::VERSION),
                "write CWE-120 or 120, several with commas between",
            )
        })?;
        if !found.contains(&number) {
            found.push(number);
        }
    }
    if found.len() > cwe::MOST {
        return Err(Failure::usage(
            format!(
                "a finding has at most {} weaknesses, not {}",
                cwe::MOST,
                found.len()
            ),
            "name the closest ones",
        ));
    }
    Ok(found)
}

/// Reads CVSS vectors.
pub(super) fn vectors(texts: &[String]) -> Result<Vec<Vector>, Failure> {
    let read = |text: &String| {
        text.parse().map_err(|error| {
            Failure::usage(
                format!("`{text}`: {error}"),
                "write a whole vector, such as CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            )
        })
    };
    texts.iter().map(read).collect()
}

/// Reads clauses of schemes.
pub(super) fn clauses(texts: &[String]) -> Result<Vec<Reference>, Failure> {
    let read = |text: &String| {
        text.parse().map_err(|why: String| {
            Failure::usage(why, "quote it: --reference 'OWASP-ASVS@4.0.3 V5.1.3'")
        })
    };
    let all = texts.iter().map(read).collect::<Result<_, _>>()?;
    bounded_references(all).map_err(|why| Failure::usage(why, "file a second finding for the rest"))
}

/// Reads a title: one line that says something.
pub(super) fn title(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Failure::usage(
            "the title is not one line of text",
            "say in one line what is wrong; --text holds the rest",
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weaknesses_are_numbers_of_the_list() {
        let read = |texts: &[&str]| {
            let texts: Vec<_> = texts.iter().map(|t| (*t).to_owned()).collect();
            weaknesses(&texts).map_err(|f| f.code)
        };
        assert_eq!(read(&["CWE-120"]), Ok(vec![120]));
        assert_eq!(read(&["cwe-120, 787", "120"]), Ok(vec![120, 787]));
        assert_eq!(read(&[]), Ok(vec![]));
        for bad in ["CWE-0", "CWE-99999999", "", "120,", "é-12", "CWE"] {
            assert_eq!(read(&[bad]), Err(2), "{bad}");
        }
    }

    #[test]
    fn a_wrong_place_is_usage_and_says_where() {
        assert_eq!(place("src/a.c:8-10@sink").unwrap().label, "sink");
        let failure = place("a%2:3").unwrap_err();
        assert_eq!(failure.code, 2);
        assert!(failure.what.contains("column 2"), "{}", failure.what);
        assert_eq!(lines("src/a.c").unwrap_err().code, 2);
        assert_eq!(place("").unwrap_err().code, 2);
        assert_eq!(path("%zz").unwrap_err().code, 2);
        assert_eq!(path("a%25b").unwrap().path.as_bytes(), b"a%b");
    }

    #[test]
    fn titles_are_one_line() {
        assert_eq!(title(" a  b ").unwrap(), "a  b");
        for bad in ["", " ", "a\nb", "a\x1b[0m"] {
            assert!(title(bad).is_err(), "{bad:?}");
        }
    }
}
