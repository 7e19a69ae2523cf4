//! Where a comment ends, by each language's rule. `here` is code if, and only if, a compiler sees it.

use super::*;
use crate::language::plain_lines;

/// Line ends besides LF and, in the same order, the languages whose comments end there.
const ENDS: &[(&str, &[&str])] = &[
    (
        "\r",
        &[
            "C",
            "C++",
            "C#",
            "CUDA",
            "Objective-C",
            "OpenCL",
            "GLSL",
            "Java",
            "JavaScript",
            "TypeScript",
            "Kotlin",
            "Scala",
            "Groovy",
            "Dart",
            "Swift",
            "Pascal",
            "Nim",
            "Python",
            "PHP",
            "Lua",
            "SQL",
            "PowerShell",
            "Tcl",
            "D",
            "Ada",
            "VHDL",
            "ASN.1",
            "TTCN-3",
            "Solidity",
            "Haskell",
            "Scheme",
            "Clojure",
            "Visual Basic",
            "YAML",
        ],
    ),
    (
        "\x0c",
        &[
            "Ada", "VHDL", "ASN.1", "TTCN-3", "Solidity", "Haskell", "SCSS",
        ],
    ),
    ("\x0b", &["Ada", "VHDL", "ASN.1", "TTCN-3", "Solidity"]),
    ("\u{85}", &["C#", "Visual Basic", "Ada", "Solidity", "YAML"]),
    (
        "\u{2028}",
        &[
            "JavaScript",
            "TypeScript",
            "C#",
            "D",
            "Ada",
            "Solidity",
            "Visual Basic",
        ],
    ),
    (
        "\u{2029}",
        &["JavaScript", "TypeScript", "C#", "D", "Ada", "Solidity"],
    ),
    ("\\u000a", &["Java"]),
    ("\\uuu000D", &["Java"]),
];

/// Languages that end a line comment at LF alone.
const LF_ALONE: &[&str] = &[
    "Go", "Rust", "Ruby", "Perl", "Shell", "Erlang", "Zig", "Verilog",
];

#[test]
fn a_comment_ends_where_the_language_says() {
    for (end, languages) in ENDS {
        for name in all().iter().map(|language| language.name) {
            let Some(mark) = by_name(name).unwrap().line_comments.first().copied() else {
                continue;
            };
            let text = format!("{mark} a {end}here\nb\n");
            let Some(at) = text.find("here") else {
                continue;
            };
            let is_comment = zones(by_name(name), text.as_bytes()).at(at) == Zone::Comment;
            if languages.contains(&name) {
                assert!(!is_comment, "{name} {end:?}: it hides code");
            }
            if LF_ALONE.contains(&name) {
                assert!(is_comment, "{name} {end:?}");
            }
        }
    }
    for name in LF_ALONE {
        assert!(
            ENDS.iter().all(|(_, languages)| !languages.contains(name)),
            "{name}"
        );
    }
}

#[test]
fn lines_are_joined_where_the_language_joins_them() {
    let rows: &[(&str, &str, &[&str])] = &[
        ("C", "// a \\\nb\nhere", &["// a \\\nb"]),
        ("C", "// a \\ \t\nb\nhere", &["// a \\ \t\nb"]),
        ("C", "// a \\\rb\rhere", &["// a \\\rb\r"]),
        ("C", "// a ??/\nb\nhere", &["// a ??/\nb"]),
        ("C", "// a ??/ \n \\\nb\nhere", &["// a ??/ \n \\\nb"]),
        ("C", "// a\\b\nhere", &["// a\\b"]),
        ("C", "// a??/b\nhere", &["// a??/b"]),
        ("C++", "// a ??/\nhere", &["// a ??/"]),
        ("C++", "// a \\ \nb\nhere", &["// a \\ \nb"]),
        ("Objective-C", "// a \\ \nb\nhere", &["// a \\ \nb"]),
        ("C", "/\\\n/ a\nhere", &["/\\\n/ a"]),
        (
            "C",
            "/\\ \n* a *\\\n/ here /* b */",
            &["/\\ \n* a *\\\n/", "/* b */"],
        ),
        (
            "C",
            "/* a *??/\n/ here /* b */",
            &["/* a *??/\n/", "/* b */"],
        ),
        (
            "C",
            "/* a *\\ \r/ here /* b */",
            &["/* a *\\ \r/", "/* b */"],
        ),
        ("C", "/* \\ ? *b* / **/ here", &["/* \\ ? *b* / **/"]),
        ("Java", "// a \\\nhere", &["// a \\"]),
        ("Java", "// a \\\\u000ab\nhere", &["// a \\\\u000ab"]),
        (
            "Java",
            "/* a \\u002a/ here /* b */",
            &["/* a \\u002a/", "/* b */"],
        ),
        ("Java", "/* a *\\u002F here", &["/* a *\\u002F"]),
        ("C#", "// a \\\nhere", &["// a \\"]),
        ("JavaScript", "// a \\\nhere", &["// a \\"]),
        ("Python", "# a \\\nhere", &["# a \\"]),
        ("Shell", "# a \\\nhere", &["# a \\"]),
        ("Verilog", "// a \\\nhere", &["// a \\"]),
        ("Makefile", "# a \\\nb\nhere", &["# a \\\nb"]),
        ("Makefile", "# a \\\\\nhere", &["# a \\\\"]),
        ("Makefile", "# a \\ \nhere", &["# a \\ "]),
        ("Tcl", "# a \\\nb\nhere", &["# a \\\nb"]),
        ("PHP", "// a ?> here", &["// a "]),
        ("PHP", "# a ?> here", &["# a "]),
        ("ASN.1", "-- a -- here", &["-- a --"]),
        ("ASN.1", "-- a - b\nhere", &["-- a - b"]),
        ("VHDL", "-- a -- b\nhere", &["-- a -- b"]),
    ];
    for (name, text, comments) in rows {
        let (found, _) = parts(name, text);
        assert_eq!(found, *comments, "{name}: {text:?}");
        let at = text.find("here").unwrap_or(0);
        assert_eq!(
            zones(by_name(name), text.as_bytes()).at(at),
            Zone::Code,
            "{name}: {text:?}"
        );
    }
}

#[test]
fn a_string_ends_with_its_line() {
    check(
        "C",
        &[
            ("\"a\rb \"c\"", &[], &["\"a", "\"c\""]),
            ("\"a\\ \nb\" c", &[], &["\"a\\ \nb\""]),
            ("#error don't\r'a'", &[], &["'a'"]),
        ],
    );
    check(
        "JavaScript",
        &[("'a\u{2028}b' // c", &["// c"], &["'a\u{2028}b'"])],
    );
    check("C#", &[("\"a\u{2028}b \"c\"", &[], &["\"a", "\"c\""])]);
}

#[test]
fn whoever_knows_only_lf_is_given_plain_lines() {
    let plain = |name: &str, text: &str| plain_lines(by_name(name).unwrap(), text);
    for (name, text, wanted) in [
        ("C", "// a\rint b;\rint c;\n", "    \nint b;\nint c;\n"),
        (
            "C",
            "int a; // b \\ \nint c;\nint d;\n",
            "int a;        \n      \nint d;\n",
        ),
        ("JavaScript", "// é\u{2028}f();\n", "     \n  f();\n"),
        ("Java", "// a \\u000a f();\n", "     \n      f();\n"),
        ("Python", "s = 'a\\\rb'\r# c\rd\n", "s = 'a\\\rb'\n   \nd\n"),
    ] {
        assert_eq!(
            plain(name, text).as_deref(),
            Some(wanted),
            "{name}: {text:?}"
        );
        assert_eq!(
            wanted.len(),
            text.len(),
            "{name}: every byte stays where it is"
        );
    }
    for (name, text) in [
        ("C", "// a\nint b;\n#define C \\\n\td\n// e \\\nf\n"),
        ("Go", "// a\rb\n"),
        ("Java", "// a \\ \nb\n"),
        ("JavaScript", "// a\nb\n"),
        ("Text", "a\rb"),
    ] {
        assert_eq!(plain(name, text), None, "{name}: {text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn plain_lines_leave_every_byte_where_it_is(
        text in proptest::collection::vec(prop_oneof![
            4 => "[-a\"'`/*#?\\\\\n\r\x0b\x0c ]", 1 => Just("\u{2028}".to_owned()), 1 => Just("\u{85}".to_owned()),
            1 => Just("\\u000a".to_owned()), 1 => Just("?\u{3f}/\n".to_owned()), 1 => Just("é".to_owned()),
        ], 0..40),
        language in 0..all().len(),
    ) {
        let text = text.concat();
        let language = &all()[language];
        let zones = zones(Some(language), text.as_bytes());
        if let Some(plain) = plain_lines(language, &text) {
            prop_assert_eq!(plain.len(), text.len());
            for (at, (was, is)) in text.bytes().zip(plain.bytes()).enumerate() {
                let is_blank = is == b' ' || is == b'\n';
                prop_assert!(was == is || is_blank, "{} {}", at, language.name);
                prop_assert!(zones.at(at) != Zone::Comment || is_blank);
            }
        }
    }
}
