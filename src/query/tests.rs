//! The language as a whole: what is text, what is syntax, what is wrong where.

use super::*;
use proptest::prelude::*;

fn known(name: &str) -> Option<String> {
    ["C", "Rust"]
        .iter()
        .find(|l| l.eq_ignore_ascii_case(name))
        .map(ToString::to_string)
}

fn parsed(text: &str) -> String {
    match parse(text, &known) {
        Ok(query) => query.to_string(),
        Err(error) => format!("{error}"),
    }
}

#[test]
fn what_is_text_and_what_is_syntax() {
    for (text, want) in [
        (
            "strcpy -f:^vendor/",
            r#"AND(text "strcpy", NOT path /^vendor\//)"#,
        ),
        ("strcpy(", r#"text "strcpy(""#),
        ("loop()", r#"text "loop()""#),
        ("()", r#"text "()""#),
        ("->", r#"text "->""#),
        ("--", r#"text "--""#),
        ("-1", r#"text "-1""#),
        ("-x", r#"NOT text "x""#),
        (
            "a | b || c && !d",
            r#"AND(text "a", text "|", text "b", text "||", text "c", text "&&", text "!d")"#,
        ),
        ("1 << 31", r#"AND(text "1", text "<<", text "31")"#),
        ("a[i]", r#"text "a[i]""#),
        (
            "name:: f:: file::open",
            r#"AND(text "name::", text "f::", text "file::open")"#,
        ),
        (
            "http://x default: status:",
            r#"AND(text "http://x", text "default:", text "status:")"#,
        ),
        ("//", r#"text "//""#),
        ("// todo /x/", r#"AND(text "//", text "todo", text /x/)"#),
        ("/* todo", r#"AND(text "/*", text "todo")"#),
        ("/* x */", r#"AND(text "/*", text "x", text "*/")"#),
        ("/a b/", "text /a b/"),
        ("/a/b/", r"text /a\/b/"),
        (r"/a\/b/i", r"text /a\/b/"),
        (r"/\S+x/", r"text /\S+x/"),
        ("/A/", "text /A/ case:yes"),
        ("/A.b/is", "text /A.b/s"),
        ("/usr/include", r#"text "/usr/include""#),
        ("-/a/", "NOT text /a/"),
        ("(/a/)", "text /a/"),
        (r#""a b" "\"\\\n""#, r#"AND(text "a b", text "\"\\\\n")"#),
        ("a or b c", r#"OR(text "a", AND(text "b", text "c"))"#),
        ("a and b AND c", r#"AND(text "a", text "b", text "c")"#),
        ("or", r#"text "or""#),
        ("a or", r#"AND(text "a", text "or")"#),
        (r#"a "or" b"#, r#"AND(text "a", text "or", text "b")"#),
        ("NOT a NOT NOT b", r#"AND(NOT text "a", text "b")"#),
        ("(a or b) c", r#"AND(OR(text "a", text "b"), text "c")"#),
        ("-(a b)", r#"NOT AND(text "a", text "b")"#),
        ("(a", r#"text "(a""#),
        ("((a) b", r#"AND(text "((a)", text "b")"#),
        ("(a b) c)", r#"AND(text "a", text "b", text "c)")"#),
        ("(foo(x) y)", r#"AND(text "foo(x)", text "y")"#),
        ("(foo)", r#"text "foo""#),
        ("-(", r#"text "-(""#),
        (")", r#"text ")""#),
        ("Foo bar", r#"AND(text "Foo" case:yes, text "bar")"#),
        (
            "Foo (case:yes bar) case:no",
            r#"AND(text "Foo", text "bar" case:yes)"#,
        ),
        (
            "l:c c:x glob:*.h",
            r#"AND(language "C", content "x", glob "*.h")"#,
        ),
        ("x -line:y", r#"AND(text "x", NOT line "y")"#),
        ("regex:a+ order:rank count:5", "text /a+/"),
        ("", "column 1: the query is empty"),
        ("order:path", "column 1: the query is empty"),
        (
            "ä (case:yes)",
            "column 3: the group has nothing to search for",
        ),
        ("ä \"x", "column 3: the quote is not closed"),
        ("ä \"\"", "column 3: the term is empty"),
        ("ä rev:x", "column 3: `rev:` is not yet searchable"),
        ("ä -diff:added", "column 4: `diff:` is not yet searchable"),
        ("sym:^foo$", "definition /^foo$/"),
        (
            "def:Foo ref:foo",
            "AND(definition /Foo/ case:yes, reference /foo/)",
        ),
        ("(sym:foo)", "definition /foo/"),
        ("kind:function", "function definition"),
        (
            "kind:union sym:a kind:enum -sym:b ref:c",
            "AND(union or enum definition /a/, NOT definition /b/, union or enum reference /c/)",
        ),
        (
            "(sym:a) kind:enum x",
            r#"AND(definition /a/, enum definition, text "x")"#,
        ),
        (
            "kind:enum kind:union or kind:field",
            "OR(union or enum definition, field definition)",
        ),
        (
            "a in:comment (b in:code c:D -line:e) f:g",
            r#"AND(content "a" in:comment, AND(content "b" in:code, content "D" case:yes in:code, NOT line "e" in:code), path /g/)"#,
        ),
        (
            "foo type:symbol kind:macro /b/ c:d",
            r#"AND(macro definition "foo", macro definition /b/, content "d") as symbols"#,
        ),
        ("type:file a", r#"text "a" as files"#),
        ("sev:high type:finding", "severity high as findings"),
        (
            "flag:mixed-script -flag:lfs size:>1m size:1k..2K",
            "AND(flag mixed-script, NOT flag lfs, size >=1048577, size 1024..2048)",
        ),
        (
            r#"status:partial note:"To Do" note:/x+/ by:alice"#,
            r#"AND(status partial, note "To Do" case:yes, note /x+/, reviewer "alice")"#,
        ),
        (
            "(a -line:b) c",
            r#"AND(AND(text "a", NOT line "b"), text "c")"#,
        ),
        (
            "kind:foo",
            "column 6: `kind:` takes function, method, macro, struct, union, enum, enumerator, class, interface, trait, \
             type, module, constant, variable, field",
        ),
        ("in:x a", "column 4: `in:` takes code, comment or string"),
        (
            "ä type:x",
            "column 8: `type:` takes line, file, symbol or finding",
        ),
        (
            "-in:code x",
            "column 1: `in:` is a setting and cannot be negated",
        ),
        ("in:code", "column 1: the query is empty"),
        (
            "in:code a or (in:string b) in:comment c",
            "column 28: `in:` says two things in one group",
        ),
        (
            "case:yes a case:no b",
            "column 12: `case:` says two things in one group",
        ),
        (
            "size:big",
            "column 6: `size:` takes a size or a range, as in >1m, <=64k, 100 or 4k..1m; k, m and g are powers of 1024",
        ),
        (
            "status:x",
            "column 8: `status:` takes unreviewed, partial, reviewed, changed",
        ),
        (
            "sev:x",
            "column 5: `sev:` takes informational, low, medium, high, critical, undetermined",
        ),
        (r#"by:"""#, "column 4: the term is empty"),
        (
            "sym:[",
            "column 5: the regex is wrong: unclosed character class",
        ),
        ("ä l:klingon", "column 5: no language is called `klingon`"),
        ("case:maybe x", "column 6: `case:` takes yes, no or auto"),
        (
            "x -count:3",
            "column 3: `count:` is a setting and cannot be negated",
        ),
        (
            "x line:3",
            "column 3: `line:` only excludes lines, as in `-line:term`",
        ),
        ("ä /a(/", "column 5: the regex is wrong: unclosed group"),
        (
            "f:[",
            "column 3: the regex is wrong: unclosed character class",
        ),
        ("glob:[", "column 6: the glob is wrong: [ is not closed"),
        (r"x /(\w{100}){100}/", "column 3: the regex is too large"),
    ] {
        assert_eq!(parsed(text), want, "{text}");
    }
}

#[test]
fn hostile_queries_end_soon() {
    for text in [
        "x".repeat(1 << 20),
        "(".repeat(60_000),
        "( ".repeat(30_000),
        format!("{}a{}", "(".repeat(250), ")".repeat(250)),
        "-(".repeat(30_000),
        "/a ".repeat(20_000),
        "(a)b".repeat(15_000),
        "a ".repeat(30_000),
        "\\".repeat(60_000),
        "\\/".repeat(30_000),
    ] {
        let _ = parse(&text, &known).map(|q| q.to_string());
    }
    let deep = format!("{}a{}", "(".repeat(250), ")".repeat(250));
    assert_eq!(
        parse(&deep, &known),
        Err(QueryError::TooDeep {
            column: 201,
            limit: 200
        })
    );
    let fits = format!("{}a{}", "(".repeat(200), ")".repeat(200));
    assert!(parse(&fits, &known).is_ok());
    assert!(matches!(
        parse(&"é".repeat(160_000), &known),
        Err(QueryError::TooLong {
            column: 131_073,
            ..
        })
    ));
    assert!(matches!(
        parse(&"a ".repeat(300), &known),
        Err(QueryError::TooManyTerms { column: 513, .. })
    ));
    assert!(matches!(
        parse(&format!("x {}", "a".repeat(70_000)), &known),
        Err(QueryError::TermTooLong { column: 3, .. })
    ));
}

#[test]
fn long_lists_of_words_are_one_regex() {
    let words: Vec<_> = (0..10_000).map(|n| format!("word_{n}_k")).collect();
    let query = parse(&format!("/{}/", words.join("|")), &known).unwrap();
    let Expr::Term(Term::Text(pattern)) = &query.root else {
        panic!("{query}");
    };
    let regex = pattern.compile().regex;
    let found = regex.find(b"a WORD_9876_K b").map(|m| m.range());
    assert_eq!(found, Some(2..13));
    assert!(!regex.is_match(b"word_10000_k"));
    let other = format!("/{}|x+/", words.join("|"));
    let error = parse(&other, &known).unwrap_err();
    assert_eq!(error, QueryError::RegexTooLarge { column: 1 });
    let terms = parse(&words.join(" or "), &known).unwrap_err();
    assert!(matches!(terms, QueryError::TooManyTerms { .. }));
    assert!(terms.hint().unwrap().contains("/a|b|c/"));
}

proptest! {
    #[test]
    fn any_text_parses_to_what_prints_back(text in proptest::collection::vec(prop_oneof![
        4 => "[a-cF:/(\"\\\\) *|\\-slior.]{0,8}", 1 => Just("sym:".to_owned()), 1 => Just("kind:enum ".to_owned()),
        1 => Just("in:code ".to_owned()), 1 => Just("type:symbol ".to_owned()), 1 => Just("size:>".to_owned()),
        1 => Just("note:".to_owned()), 1 => Just("flag:".to_owned()), 1 => Just("-line:".to_owned()),
    ], 0..8)) {
        if let Ok(query) = parse(&text.concat(), &known) {
            let printed = query.to_query_text();
            prop_assert_eq!(parse(&printed, &known), Ok(query), "{}", printed);
        }
    }

    #[test]
    fn the_printed_query_parses_to_itself(
        text in proptest::collection::vec(prop_oneof![
            Just("or"), Just("NOT"), Just("and"), Just("("), Just(")"), Just("-("), Just("-a"), Just("B"),
            Just("c:\"x\\\\\\\"y\""), Just("/a\\/Q\\\\/"), Just("/a.b/s"), Just("/A/i"), Just("case:yes"),
            Just("case:no"), Just("f:x/Y"), Just("-l:rust"), Just("glob:*.C"), Just("-line:q"), Just("or)"),
            Just("order:rank"), Just("count:7"), Just("in:comment"), Just("in:code"), Just("type:symbol"), Just("type:file"),
            Just("sym:^a"), Just("ref:B"), Just("kind:enum"), Just("kind:macro"), Just("-kind:field"), Just("flag:bidi"),
            Just("size:<=4k"), Just("size:>0"), Just("status:partial"), Just("note:x"), Just("note:/Y/"), Just("sev:low"),
            Just("-by:al"), Just("d("), Just("\"or\""), Just("regex:a\\/b"),
        ], 1..14),
    ) {
        if let Ok(query) = parse(&text.join(" "), &known) {
            let printed = query.to_query_text();
            prop_assert_eq!(parse(&printed, &known), Ok(query), "{}", printed);
        }
    }
}
