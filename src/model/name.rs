//! Whether a name that somebody chose is built like a name.
//!
//! Names of reviewers and reviews leave in a bundle, and the gate judges them like text. Its rule `opaque` asks for words,
//! which a name need not be: `krzysztof.brzeczyszczykiewicz@example.org` is none. So a name that is built like one
//! explains itself, and only what codes bytes stays opaque: its letters change case or mix with digits, or cannot be
//! spoken.

/// Returns whether each part of the name, between `.`, `_`, `-` and `@`, is a word that can be spoken, an abbreviation,
/// a number, or a version such as `V8R6`; the last part may be eight hexadecimal digits, which end the default name of a
/// review.
pub fn is_plain_name(name: &str) -> bool {
    let parts: Vec<&str> = name.split(['.', '_', '-', '@']).collect();
    let last = parts.len() - 1;
    let is_digest = |part: &str| {
        part.len() == 8 && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    parts
        .iter()
        .enumerate()
        .all(|(at, part)| part.is_empty() || is_part(part) || at == last && is_digest(part))
}

fn is_part(part: &str) -> bool {
    let digits = part.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (letters, digits) = part.split_at(part.len() - digits);
    if digits.len() > 8 || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    if !letters.bytes().all(|b| b.is_ascii_alphabetic()) {
        return is_version(part);
    }
    let is_natural = match letters.bytes().filter(u8::is_ascii_uppercase).count() {
        0 => true,
        // `McDonald`, `ASmith`; but not `bGVuZ`.
        1 | 2 => letters.starts_with(|c: char| c.is_ascii_uppercase()),
        capitals => capitals == letters.len(),
    };
    let is_word = letters.len() <= 6 || (letters.len() <= 24 && can_be_spoken(letters));
    is_natural && is_word && (digits.len() <= 4 || letters.is_empty())
}

/// Letters and digits by turns, few of each, as vendors name releases: `V8R6C10`, `x86`, `5gs`.
fn is_version(part: &str) -> bool {
    let bytes = part.as_bytes();
    let groups = bytes.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    let is_short = |group: &[u8]| group.len() <= 4;
    let is_one_case =
        |is: fn(&u8) -> bool| bytes.iter().filter(|b| b.is_ascii_alphabetic()).all(is);
    part.len() <= 14
        && groups.clone().all(is_short)
        && groups.count() <= 8
        && (is_one_case(u8::is_ascii_uppercase) || is_one_case(u8::is_ascii_lowercase))
}

/// Returns whether no more than six consonants and no more than four vowels follow each other: the most that European
/// names and those transcribed from other scripts have.
fn can_be_spoken(letters: &str) -> bool {
    let is_vowel = |b: &u8| b"aeiouyAEIOUY".contains(b);
    let runs = letters
        .as_bytes()
        .chunk_by(|a, b| is_vowel(a) == is_vowel(b));
    let mut most = runs.map(|run| (is_vowel(&run[0]), run.len()));
    most.all(|(is_vowel, count)| count <= if is_vowel { 4 } else { 6 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_and_reviews_are_plain() {
        for name in [
            "alice",
            "anna-maria.schmidt@bsi.bund.de",
            "krzysztof.brzeczyszczykiewicz@example.org",
            "Hans-Peter.Leutheusser-Schnarrenberger",
            "j.mcdonald2@lab.example",
            "ASmith",
            "nguyen.thi.hoang.anh_2026",
            "LAB-reviewer-07",
            "zhang.xiaoming@ministry.example",
            "open5gs-12345678",
            "FusionCompute_V8R6C10SPC100_x86_64-0a1b2c3d",
            "acme-ran-release-2026.4-1a2b3c4d",
            "linux-6.18-9f8e7d6c",
        ] {
            assert!(is_plain_name(name), "{name}");
        }
    }

    #[test]
    fn what_codes_bytes_is_not() {
        for name in [
            // Base64, base32, hexadecimal digits, letters a to p, and digits.
            "aWYgKHRsdi0.bGVuZ3RoID4g",
            "bGVuZ3RoID4g",
            "nfttcdkwmzwg6y3l.onsxg43j",
            "6966202874.6c762d3e6c",
            "gjgggccihegmhgcndogmgfgoghheg",
            "104101108108111032119111114",
            "iFtLvLeNgTh",
        ] {
            assert!(!is_plain_name(name), "{name}");
        }
    }
}
