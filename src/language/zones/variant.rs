//! Dialects of one language that write comments or strings differently, told apart by the text.
//!
//! Each dialect is recognised by what only it has; where nothing is recognised, the reading that takes more for code wins.

use memchr::memmem;

/// Bytes of a text that are looked at, at most.
const LOOKED_AT: usize = 64 * 1024;

/// A dialect of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Variant {
    /// The only one, or the usual one.
    Usual,
    /// Assembly for the GNU assembler, in which `;` separates instructions on x86, ARM, RISC-V, MIPS and `PowerPC`.
    GnuAssembly,
    /// Other assembly (NASM, MASM, armasm), in which an apostrophe encloses a string.
    PlainAssembly,
    /// `MySQL`, in which a backslash escapes a quote.
    MySql,
    /// Fortran with a comment mark in the first column.
    FixedFortran,
}

impl Variant {
    /// Returns the dialects of a language.
    pub(super) fn all(language: &str) -> &'static [Self] {
        match language {
            "Assembly" => &[Self::Usual, Self::GnuAssembly, Self::PlainAssembly],
            "SQL" => &[Self::Usual, Self::MySql],
            "Fortran" => &[Self::Usual, Self::FixedFortran],
            _ => &[Self::Usual],
        }
    }

    /// Returns the dialect of a text.
    pub(super) fn of(language: &str, text: &[u8]) -> Self {
        let text = &text[..text.len().min(LOOKED_AT)];
        match language {
            "Assembly" => assembly(text),
            "SQL" if is_mysql(text) => Self::MySql,
            "Fortran" if is_fixed_form(text) => Self::FixedFortran,
            _ => Self::Usual,
        }
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| *b == b'\n')
}

/// Tells assemblers apart by the first line that only one of them reads.
fn assembly(text: &[u8]) -> Variant {
    const OTHERS: &[&str] = &[
        "section",
        "segment",
        "global",
        "extern",
        "bits",
        "area",
        "export",
        "import",
        "org",
        "equ",
        "public",
        "extrn",
        "assume",
        "title",
        "preserve8",
        "thumb",
        "end",
        "include",
        "cseg",
        "dseg",
    ];
    for line in lines(text) {
        let line = line.trim_ascii();
        // `.name`, with nothing or a blank behind it, is a directive of GNU; `.name:` is a label of anybody's.
        if let Some(name) = line.strip_prefix(b".") {
            let len = name
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
                .count();
            let is_end = name.get(len).is_none_or(u8::is_ascii_whitespace);
            if len > 1 && name[0].is_ascii_lowercase() && is_end {
                return Variant::GnuAssembly;
            }
        }
        if line.starts_with(b"#include") || line.starts_with(b"#if") || line.starts_with(b"#define")
        {
            return Variant::GnuAssembly;
        }
        let len = line
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric())
            .count();
        let word = line[..len].to_ascii_lowercase();
        let is_end = line.get(len).is_none_or(u8::is_ascii_whitespace);
        let is_macro = line.starts_with(b"%define")
            || line.starts_with(b"%include")
            || line.starts_with(b"%macro");
        if is_macro || (is_end && OTHERS.iter().any(|other| other.as_bytes() == word)) {
            return Variant::PlainAssembly;
        }
    }
    Variant::Usual
}

/// Returns whether only `MySQL` reads a text. A backslash before a quote counts if the string goes on behind it: in standard
/// SQL it would end there.
fn is_mysql(text: &[u8]) -> bool {
    let has = |mark: &[u8]| memmem::find(text, mark).is_some();
    if has(b"$$") || has(b"E'") {
        return false;
    }
    let goes_on = |at: usize| text.get(at + 2).is_some_and(u8::is_ascii_alphanumeric);
    let names = [
        b"TABLE `".as_slice(),
        b"INTO `",
        b"FROM `",
        b"table `",
        b"into `",
        b"from `",
    ];
    has(b"ENGINE=")
        || has(b"AUTO_INCREMENT")
        || has(b"/*!")
        || names.iter().any(|name| has(name))
        || memmem::find_iter(text, b"\\'").any(goes_on)
}

/// Returns whether no line begins in a column that the fixed form leaves to labels and comments.
fn is_fixed_form(text: &[u8]) -> bool {
    let mut has_code = false;
    for line in lines(text) {
        if line.first().is_none_or(|b| b"cCdD*!#\r".contains(b)) {
            continue;
        }
        let is_blank = line.iter().all(u8::is_ascii_whitespace);
        if line[0] == b'\t' || is_blank {
            continue;
        }
        let label = &line[..line.len().min(5)];
        if !label
            .iter()
            .all(|b| b.is_ascii_digit() || *b == b' ' || *b == b'!')
        {
            return false;
        }
        // Free form continues a line with `&` at its end, the fixed form with a mark in the sixth column.
        if line.trim_ascii_end().ends_with(b"&") {
            return false;
        }
        has_code = true;
    }
    has_code
}
