use super::*;
use crate::language::{all, by_name};
use proptest::prelude::*;

mod ends;
mod marks;

/// Returns the comments and the strings of a text.
fn parts<'t>(language: &str, text: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    let zones = zones(by_name(language), text.as_bytes());
    let (mut comments, mut strings) = (Vec::new(), Vec::new());
    let mut from = 0;
    for (end, zone) in zones.runs() {
        let part = &text[from..*end as usize];
        match zone {
            Zone::Comment => comments.push(part),
            Zone::String => strings.push(part),
            Zone::Code => {}
        }
        from = *end as usize;
    }
    assert_eq!(from, text.len(), "{language}: {text}");
    (comments, strings)
}

#[track_caller]
fn check(language: &str, rows: &[(&str, &[&str], &[&str])]) {
    for (text, comments, strings) in rows {
        let (found, quoted) = parts(language, text);
        assert_eq!(found, *comments, "comments of {language}: {text}");
        assert_eq!(quoted, *strings, "strings of {language}: {text}");
    }
}

#[test]
fn c_and_its_family() {
    check(
        "C",
        &[
            ("a /* b */ c // d\ne", &["/* b */", "// d"], &[]),
            ("x = \"a\\\"b\" + 1;", &[], &["\"a\\\"b\""]),
            ("// a\\\nb\nc", &["// a\\\nb"], &[]),
            ("c = '\"'; /*'*/", &["/*'*/"], &["'\"'"]),
            ("#error don't\n'a'", &[], &["'a'"]),
            ("\"a\nb \"c\"", &[], &["\"a", "\"c\""]),
            ("\"a\\\nb\" c", &[], &["\"a\\\nb\""]),
            ("a /* b", &["/* b"], &[]),
            ("\"/*\" '\\'' \"//\"", &[], &["\"/*\"", "'\\''", "\"//\""]),
            ("x = '", &[], &[]),
            ("", &[], &[]),
        ],
    );
    check(
        "C++",
        &[
            ("1'000'000 + 'a'", &[], &["'a'"]),
            ("R\"x(\" )\")x\" // b", &["// b"], &["\"x(\" )\")x\""]),
            ("FOOR\"a\" u8R\"(\\)\"", &[], &["\"a\"", "\"(\\)\""]),
        ],
    );
    check(
        "C#",
        &[(
            "@\"a\\\" \"b\"\"c\" \"\"\"d\n\"\"\"",
            &[],
            &["\"a\\\"", "\"b\"\"c\"", "\"\"\"d\n\"\"\""],
        )],
    );
    check(
        "Rust",
        &[
            (
                "f<'a>('\"', 'b', b'\\'', '\\u{1F}') // x",
                &["// x"],
                &["'\"'", "'b'", "'\\''", "'\\u{1F}'"],
            ),
            (
                "br##\"a\"#b\"## /*/**/*/ x",
                &["/*/**/*/"],
                &["\"a\"#b\"##"],
            ),
            ("\"a\nb\" r\"\\\" c", &[], &["\"a\nb\"", "\"\\\""]),
        ],
    );
    check(
        "Swift",
        &[(
            "#\"a\"b\"# \"\\(f(\"x\"))y\"",
            &[],
            &["\"a\"b\"#", "\"\\(", "\"x\"", ")y\""],
        )],
    );
    check(
        "Go",
        &[("`a\n\\` '\"' // b", &["// b"], &["`a\n\\`", "'\"'"])],
    );
    check(
        "Java",
        &[(
            "\"\"\"a\n\"b\"\"\" 'c'",
            &[],
            &["\"\"\"a\n\"b\"\"\"", "'c'"],
        )],
    );
    check(
        "JavaScript",
        &[
            ("`a${b+`c`}d` e", &[], &["`a${", "`c`}d`"]),
            ("a = /[\"/]'/g; 'b' / 2", &[], &["'b'"]),
            ("a / b / 'c' // d", &["// d"], &["'c'"]),
            ("<p>don't</p>", &[], &[]),
        ],
    );
}

#[test]
fn scripts() {
    check(
        "Python",
        &[
            (
                "x='a' \"\"\"b\n'c\"\"\" # d",
                &["# d"],
                &["'a'", "\"\"\"b\n'c\"\"\""],
            ),
            ("r'\\'' #", &["#"], &["'\\''"]),
            ("'a\nb ''", &[], &["''"]),
        ],
    );
    check(
        "Shell",
        &[
            ("echo $# ${#x} 'a' a#b #c", &["#c"], &["'a'"]),
            (
                "x=\"$(basename \"$1\")\" # a",
                &["# a"],
                &["\"$(", "\"$1\")\""],
            ),
            (
                "echo \\\" $'a\\'b' 'c\\' # d",
                &["# d"],
                &["'a\\'b'", "'c\\'"],
            ),
            ("cat <<EOF\n'a # b\nEOF\n# c", &["# c"], &["'a # b\n"]),
            (
                "cat <<-'A' <<\"B\"\na\n\tA\nb\nB\n'c'",
                &[],
                &["a\n", "b\n", "'c'"],
            ),
            ("x=$((1<<2)) y << z\n'a'", &[], &["'a'"]),
            ("a <<< 'b'\n'c'", &[], &["'b'", "'c'"]),
        ],
    );
    check(
        "Ruby",
        &[
            ("x = <<~EOS\n a\n EOS\na << b # c", &["# c"], &[" a\n"]),
            (
                "\"a#{b(\"c\")}d\" # e",
                &["# e"],
                &["\"a#{", "\"c\"", "}d\""],
            ),
            ("a\n=begin\nb\n=end\n'c'", &["=begin\nb\n=end"], &["'c'"]),
        ],
    );
    check(
        "PHP",
        &[(
            "#[A]\n# b\n$x = <<<'E'\nc\n E;\n'd'",
            &["# b"],
            &["c\n", "'d'"],
        )],
    );
    check(
        "Perl",
        &[(
            "=pod\na\n=cut\n'b' $#c # d",
            &["=pod\na\n=cut", "# d"],
            &["'b'"],
        )],
    );
    check(
        "Lua",
        &[(
            "--[==[ a\n]] ]==] b --c\n[[d]] [=[e]]]=]",
            &["--[==[ a\n]] ]==]", "--c"],
            &["[[d]]", "[=[e]]]=]"],
        )],
    );
    check(
        "PowerShell",
        &[("\"a`\"b\" 'c`' # d", &["# d"], &["\"a`\"b\"", "'c`'"])],
    );
    check(
        "Makefile",
        &[("a: b\\#c # d\\\ne\n\tf 'g'", &["# d\\\ne"], &["'g'"])],
    );
}

#[test]
fn the_others() {
    check("SQL", &[("'it''s\\' -- a", &["-- a"], &["'it''s\\'"])]);
    check(
        "Haskell",
        &[(
            "f' '\"' -- a\nb --> c {-{--}-}",
            &["-- a", "{-{--}-}"],
            &["'\"'"],
        )],
    );
    check(
        "XML",
        &[(
            "<a b=\"c\">don't</a><!-- d -->",
            &["<!-- d -->"],
            &["\"c\""],
        )],
    );
    check("XML", &[("<![CDATA[<a b=\"]]><c d='e'/>", &[], &["'e'"])]);
    check("YAML", &[("a: don't # b\nc: 'd' x#y", &["# b"], &["'d'"])]);
    check(
        "Assembly",
        &[(
            "#define A\nmov r0, #4 # b\n# c\n cmp '\"'",
            &["# b", "# c"],
            &["'\"'"],
        )],
    );
    check("Erlang", &[("$\" \"a\" % b", &["% b"], &["\"a\""])]);
    check(
        "Emacs Lisp",
        &[("?\" ?\\\" \"a\" ; b", &["; b"], &["\"a\""])],
    );
    check(
        "Visual Basic",
        &[(
            "x = \"a\" ' b\nrem c\nremove",
            &["' b", "rem c"],
            &["\"a\""],
        )],
    );
    check("Batch", &[("echo rem\nREM a", &["REM a"], &[])]);
    check("M4", &[("adnl dnl b", &["dnl b"], &[])]);
    check(
        "COBOL",
        &[(
            "000100* A\n000200 'B' *> c",
            &["000100* A", "*> c"],
            &["'B'"],
        )],
    );
    check("VHDL", &[("a'range & '\"' -- b", &["-- b"], &["'\"'"])]);
    check("TOML", &[("a = '\\' # b", &["# b"], &["'\\'"])]);
    check("Vim Script", &[("\" a\nlet b = 'c'", &["\" a"], &["'c'"])]);
    check("Forth", &[(": a ( b ) c \\ d", &["( b )", "\\ d"], &[])]);
    check(
        "CMake",
        &[(
            "set(a \"b\nc\") #[[ d\n]] [=[e]=]",
            &["#[[ d\n]]"],
            &["\"b\nc\"", "[=[e]=]"],
        )],
    );
    check("Markdown", &[("\"a\" <!-- b -->", &[], &[])]);
    assert_eq!(zones(None, b"\"a\" // b").runs(), [(8, Zone::Code)]);
}

#[test]
fn the_next_part_of_a_zone() {
    let text = b"a /*b*/ c /*d*/";
    let zones = zones(by_name("C"), text);
    assert_eq!(zones.next(0, Zone::Comment), Some((2, 7)));
    assert_eq!(zones.next(4, Zone::Comment), Some((4, 7)));
    assert_eq!(zones.next(7, Zone::Comment), Some((10, 15)));
    assert_eq!(zones.next(15, Zone::Comment), None);
    assert_eq!(zones.next(0, Zone::String), None);
    assert_eq!((zones.at(6), zones.at(7)), (Zone::Comment, Zone::Code));
}

#[test]
fn no_text_has_more_parts_than_the_most_and_what_follows_is_code() {
    let rules = rules::of(by_name("C").unwrap(), b"").unwrap();
    let text = "a/**/".repeat(50);
    for most in [1, 2, 7, 40] {
        let runs = scan::scan(rules, text.as_bytes(), most);
        assert!(runs.len() <= most + 2, "{most}: {}", runs.len());
        assert_eq!(runs.last(), Some(&(text.len() as u32, Zone::Code)));
    }
    assert_eq!(
        scan::scan(rules, text.as_bytes(), usize::MAX).len(),
        100,
        "control"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn any_text_is_cut_into_parts_in_order(
        text in proptest::collection::vec(prop_oneof![
            3 => "[-a\"'`/*#<>(){}\\[\\]=$%!;:@?\\\\|\n ]", 1 => Just("R\"x(".to_owned()), 1 => Just("<<A\n".to_owned()),
            1 => Just("\nA\n".to_owned()), 1 => Just("é".to_owned()), 1 => Just("=pod".to_owned()), 1 => Just("${".to_owned()),
        ], 0..60),
        language in 0..all().len(),
    ) {
        let text = text.concat();
        let zones = zones(all().get(language), text.as_bytes());
        let mut from = 0;
        for (i, (end, zone)) in zones.runs().iter().enumerate() {
            prop_assert!(*end > from);
            prop_assert!(i == 0 || zones.runs()[i - 1].1 != *zone);
            from = *end;
        }
        prop_assert_eq!(from as usize, text.len());
    }
}

/// Texts that make a careless scanner read the same again and again; each is read in a moment.
#[test]
fn hostile_texts_are_read_once() {
    let size = 1 << 15;
    for unit in [
        "'\\",
        "\"\\",
        "/[",
        "/*",
        "<<A ",
        "<<A\n",
        "<<'",
        "R\"x(",
        "r#\"",
        "#",
        "#\"",
        "  #",
        "`${",
        "\"$(",
        "[=[",
        "--[=",
        "{-",
        "(*",
        "@\"",
        "'''",
        "<a ",
        "<![CDATA[",
        "=pod\n",
        "$(",
        "\\",
        "'",
        "rem ",
        " /",
        "#[[",
    ] {
        let text = unit.repeat(size / unit.len());
        for language in all() {
            assert!(!zones(Some(language), text.as_bytes()).runs().is_empty());
        }
    }
}
