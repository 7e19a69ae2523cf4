//! How many bits a stretch of the vendor's code says: an estimate by how rare its tokens are.
//!
//! | token | bits |
//! |---|---|
//! | keyword, standard type; the marks of a statement that has the form of an idiom | 0 |
//! | generic name, name of one or two letters, any token that was counted before, a mark or operator | 1 |
//! | name of a standard library | 2 |
//! | identifier that occurs in many files of the delivery; in some; in few | 5, 8, 12 |
//! | other word | its letters, at most 8 |
//! | number | 3 for each digit, 4 for each hexadecimal one, at most 24; the numbers to 2 and the powers of 2: 1 |
//! | plain word in a string literal | at most 4 |

use super::identifier::looks_like_identifier;
use super::vocabulary::bits_of_known_word;
use regex::Regex;
use std::collections::HashSet;
use std::sync::OnceLock;

/// Files from which on an identifier is common.
pub const COMMON: usize = 8;
/// What a plain word in a string literal says at most.
const WORD_OF_MESSAGE: u32 = 4;
/// Operators of two marks, which count as one.
const OPERATORS: [&str; 18] = [
    "->", "=>", "::", "||", "&&", "==", "!=", "<=", ">=", "<<", ">>", "++", "--", "+=", "-=", "|=",
    "&=", ":=",
];
/// Number of different files, by their own names without the folder, in which an identifier occurs; at most [`COMMON`].
pub type FileCount = usize;

/// Returns whether a character may be part of a name.
pub fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Returns how many bits a stretch of vendor code says.
///
/// `starts_in_literal` is set where the stretch begins inside a string literal: what a program prints is seen by everybody who runs it,
/// so that its words count less than names do.
pub fn weigh(text: &str, starts_in_literal: bool, file_count: &dyn Fn(&str) -> FileCount) -> u32 {
    let mut seen = HashSet::new();
    let mut is_in_literal = starts_in_literal;
    let mut bits = 0;
    let mut marks = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if is_name_part(c) {
            let end = rest.find(|c| !is_name_part(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            rest = &rest[end..];
            bits += if !seen.insert(word) {
                1
            } else if c.is_ascii_digit() {
                weigh_number(word)
            } else if is_in_literal && !looks_like_identifier(word.as_bytes()) {
                weigh_word(word, file_count).min(WORD_OF_MESSAGE)
            } else {
                weigh_word(word, file_count)
            };
            continue;
        }
        is_in_literal ^= c == '"';
        marks += u32::from(!c.is_whitespace() && !matches!(c, '"' | '\'' | '\\'));
        let is_operator = rest.get(..2).is_some_and(|two| OPERATORS.contains(&two));
        rest = &rest[if is_operator { 2 } else { c.len_utf8() }..];
    }
    bits + if is_common_form(text) { 0 } else { marks }
}

fn weigh_number(word: &str) -> u32 {
    let digits = word.trim_end_matches(['u', 'U', 'l', 'L']);
    if let Some(hex) = digits.strip_prefix("0x") {
        return (4 * hex.len() as u32).min(24);
    }
    match digits.parse::<u64>() {
        Ok(n) if n <= 2 || n.is_power_of_two() => 1,
        _ => (3 * digits.len() as u32).min(24),
    }
}

fn weigh_word(word: &str, file_count: &dyn Fn(&str) -> FileCount) -> u32 {
    let letters = word.chars().count() as u32;
    if let Some(bits) = bits_of_known_word(word) {
        return bits;
    }
    if letters <= 2 && word.is_ascii() {
        return 1;
    }
    if looks_like_identifier(word.as_bytes()) {
        return match file_count(word) {
            COMMON.. => 5,
            3.. => 8,
            _ => 12,
        };
    }
    letters.min(8)
}

/// Returns whether a statement has a form that every program has, whatever names are in it. White space is free.
fn is_common_form(text: &str) -> bool {
    static FORMS: OnceLock<Regex> = OnceLock::new();
    let forms = FORMS.get_or_init(|| {
        let name = r"[A-Za-z_$][A-Za-z0-9_$]*(?:(?:->|\.|::)[A-Za-z_$][A-Za-z0-9_$]*)*";
        let value = format!(r#"(?:[-&*!~]?(?:{name}|[0-9][0-9A-Za-z_]*)|"[^"\\]*"|'[^']{{1,2}}')"#);
        let arguments = format!(r"\( ?(?:{value}(?: ?, ?{value}){{0,2}})? ?\)");
        let call = format!(r"{name} ?{arguments}(?:\??\.{name}{arguments})*");
        let term = format!(r"(?:!? ?{call}|{value})");
        let compared = format!(r"{term}(?: ?(?:===?|!==?|<=?|>=?|is|is not) ?{term})?");
        let leave = format!(r"(?:return(?: {value})?|break|continue|goto {name})");
        let declared = format!(r"(?:(?:let|var|const|mut|static|auto|val|final|unsigned|struct) )*(?:{name}(?: ?[*&]+ ?| ))?");
        let all = [
            // The head of a loop over a counter, also cut where a line is wrapped.
            format!(
                r"for ?\( ?{declared}{name} ?= ?{value} ?; ?(?:{name} ?(?:[<>]=?|!=)(?: ?{term} ?(?:; ?(?:{name} ?(?:\+\+|--|[-+]= ?{value})|(?:\+\+|--){name}) ?\)? ?\{{?)?)?)?"
            ),
            format!(r"for (?:mut )?{name} in (?:{term}|{value}\.\.=?{value}):? ?\{{?"),
            format!(r"for ?\( ?{declared}{name} ?: ?{term} ?\) ?\{{?"),
            // A test of one thing, and what may follow on the same line.
            format!(
                r"(?:\}} ?)?(?:else )?(?:if|while|switch|elif|unless|match) ?\(? ?{compared} ?\)? ?(?:\{{|:|;? ?then)?(?: ?{leave};)?(?: ?\}})?"
            ),
            format!(r"(?:if|while) let (?:Some|Ok|Err)\({name}\) = {term} \{{"),
            format!(r"(?:case )?{value} ?(?::|=>).?"),
            format!(r"{leave};?"),
            format!(r"(?:return|await|throw|raise|defer|yield)? ?(?:new )?{call}\??;?"),
            format!(r"{declared}{name}(?: ?: ?&?[A-Za-z0-9_]+)? ?(?:=|:=|\+=|-=|\|=) ?(?:new |await |\( ?{name} ?\*? ?\) ?)?{term}\??;?"),
            format!(r"{declared}\*?{name}(?: ?, ?\*?{name})* ?;"),
            r#"#? ?include [<"][A-Za-z0-9_/.-]+[>"]"#.to_owned(),
            r"(?:import|from|use|using|package|require) [A-Za-z0-9_.:{}, *\x22'/()-]+;?".to_owned(),
            r"(?:\} ?)?(?:else|do|try|finally|default|begin|end)? ?[{:]?".to_owned(),
            r"(?:\} ?)?(?:catch|except)[ (][A-Za-z0-9_ ]*[):]? ?\{?".to_owned(),
        ];
        regex::RegexBuilder::new(&format!("^(?:{})$", all.join("|")))
            .size_limit(64 << 20)
            .build()
            .expect("the pattern is a constant that a test compiles")
    });
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut text = words.join(" ");
    // What was copied may end before the bracket that closes it.
    let open = text
        .matches('(')
        .count()
        .saturating_sub(text.matches(')').count());
    if open <= 2 {
        text.push_str(&")".repeat(open));
    }
    forms.is_match(&text)
}
