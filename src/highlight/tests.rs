//! What a reviewer would notice: wrong colours, lost comments, a pane that hangs.

use super::*;
use crate::language::by_name;
use crate::model::Span;
use std::time::Duration;

fn highlighter() -> &'static Highlighter {
    static SHARED: OnceLock<Highlighter> = OnceLock::new();
    SHARED.get_or_init(Highlighter::new)
}

fn document(language: &str) -> Document {
    highlighter().document(by_name(language))
}

fn run(document: &mut Document, text: &str, first: u32, last: u32) -> Highlighted {
    let lines: Vec<&str> = text.lines().collect();
    let get = |line: u32| lines.get(line as usize - 1).copied();
    document.lines(&get, Span::new(first, last).unwrap(), &Budget::unlimited())
}

/// The class of the first place where `part` stands in the line.
fn class(language: &str, text: &str, part: &str) -> TokenClass {
    let at = text.find(part).unwrap();
    let line = text[..at].lines().count().max(1) as u32;
    let line = if text[..at].ends_with('\n') {
        line + 1
    } else {
        line
    };
    let column = at - text[..at].rfind('\n').map_or(0, |end| end + 1);
    let answer = run(&mut document(language), text, line, line);
    let tokens = &answer.lines[0].tokens;
    let token = tokens
        .iter()
        .find(|t| (t.start as usize..t.end as usize).contains(&column));
    token.map_or(TokenClass::Plain, |token| token.class)
}

#[test]
fn c_has_the_classes_a_reader_expects() {
    let c = "#include <string.h>\nstatic int check(const char *in)\n{\n  char buf[16]; /* small */\n  return strcpy(buf, \"a\\n\") == NULL;\n}\n";
    for (part, wanted) in [
        ("#include", TokenClass::Macro),
        ("<string.h>", TokenClass::String),
        ("static", TokenClass::Keyword),
        ("int", TokenClass::Type),
        ("check", TokenClass::Function),
        ("16", TokenClass::Number),
        ("/* small", TokenClass::Comment),
        ("small", TokenClass::Comment),
        ("return", TokenClass::Keyword),
        ("strcpy", TokenClass::Function),
        ("\"a", TokenClass::String),
        ("\\n\"", TokenClass::Constant),
        ("==", TokenClass::Operator),
        ("NULL", TokenClass::Constant),
        ("{", TokenClass::Punctuation),
    ] {
        assert_eq!(class("c", c, part), wanted, "{part}");
    }
}

#[test]
fn python_rust_and_shell_too() {
    for (language, text, part, wanted) in [
        ("python", "def f(a): # x\n", "def", TokenClass::Keyword),
        ("python", "def f(a): # x\n", "f(", TokenClass::Function),
        ("python", "def f(a): # x\n", "# x", TokenClass::Comment),
        (
            "python",
            "a = 'b' if True else 1.5\n",
            "'b'",
            TokenClass::String,
        ),
        (
            "python",
            "a = 'b' if True else 1.5\n",
            "True",
            TokenClass::Constant,
        ),
        (
            "python",
            "a = 'b' if True else 1.5\n",
            "1.5",
            TokenClass::Number,
        ),
        (
            "rust",
            "fn main() { let x: u32 = 1; }\n",
            "fn",
            TokenClass::Keyword,
        ),
        (
            "rust",
            "fn main() { let x: u32 = 1; }\n",
            "main",
            TokenClass::Function,
        ),
        (
            "rust",
            "fn main() { let x: u32 = 1; }\n",
            "let",
            TokenClass::Keyword,
        ),
        (
            "rust",
            "fn main() { let x: u32 = 1; }\n",
            "u32",
            TokenClass::Type,
        ),
        (
            "shell",
            "if [ \"$1\" ]; then # x\n",
            "if",
            TokenClass::Keyword,
        ),
        (
            "shell",
            "if [ \"$1\" ]; then # x\n",
            "\"",
            TokenClass::String,
        ),
        (
            "shell",
            "if [ \"$1\" ]; then # x\n",
            "# x",
            TokenClass::Comment,
        ),
        (
            "typescript",
            "const a: number = 1; // x\n",
            "const",
            TokenClass::Keyword,
        ),
        (
            "typescript",
            "const a: number = 1; // x\n",
            "// x",
            TokenClass::Comment,
        ),
        ("markdown", "# Title\n", "Title", TokenClass::Heading),
        ("kconfig", "config NET # x\n", "config", TokenClass::Keyword),
    ] {
        assert_eq!(class(language, text, part), wanted, "{language}: {part}");
    }
}

fn long_c(functions: usize) -> String {
    let function = |n: usize| {
        let head = format!("/* number {n}\n * of many\n */\nint f{n}(int a)\n");
        head + "{\n\treturn a + 1;\n}\n\n"
    };
    (0..functions).map(function).collect()
}

#[test]
fn a_jump_far_down_agrees_with_the_exact_pass() {
    let text = long_c(400);
    let mut document = document("c");
    let jumped = run(&mut document, &text, 3000, 3040);
    assert!(!jumped.is_exact && jumped.is_done);
    let lines: Vec<&str> = text.lines().collect();
    let get = |line: u32| lines.get(line as usize - 1).copied();
    assert!(document.advance(&get, 10_000, &Budget::unlimited()));
    assert_eq!(document.exact_to(), lines.len() as u32);
    let exact = run(&mut document, &text, 3000, 3040);
    assert!(exact.is_exact);
    assert_eq!(jumped.lines, exact.lines);
    assert_eq!(exact.lines.len(), 41);
}

#[test]
fn a_jump_into_a_long_comment_is_comment() {
    let body = "if (a) return 1;\n".repeat(900);
    let text = format!("/*\n{body}*/\nint a;\n");
    let answer = run(&mut document("c"), &text, 890, 903);
    assert!(!answer.is_exact);
    let class = |at: usize| answer.lines[at].tokens.first().map(|t| t.class);
    assert_eq!(class(0), Some(TokenClass::Comment));
    assert_eq!(class(12), Some(TokenClass::Comment));
    assert_eq!(class(13), Some(TokenClass::Type));
}

#[test]
fn slices_add_up_to_the_whole() {
    let text = long_c(60);
    let whole = run(&mut document("c"), &text, 1, 480);
    let mut sliced = document("c");
    let mut lines = Vec::new();
    for first in (1..=480).step_by(37) {
        let answer = run(&mut sliced, &text, first, (first + 36).min(480));
        assert!(answer.is_exact);
        lines.extend(answer.lines);
    }
    assert_eq!(lines, whole.lines);
}

#[test]
fn a_spent_budget_leaves_lines_plain_and_says_so() {
    let text = long_c(2);
    let lines: Vec<&str> = text.lines().collect();
    let get = |line: u32| lines.get(line as usize - 1).copied();
    let mut document = document("c");
    let cancelled = Budget {
        deadline: None,
        is_cancelled: &|| true,
    };
    let answer = document.lines(&get, Span::new(1, 99).unwrap(), &cancelled);
    assert!(!answer.is_done);
    assert_eq!(answer.lines.len(), 16);
    assert!(
        answer
            .lines
            .iter()
            .all(|line| line.plain == Some(WhyPlain::OutOfTime))
    );
    assert!(!document.advance(&get, 99, &cancelled));
    let late = Budget::until(Instant::now());
    assert!(
        !document
            .lines(&get, Span::new(1, 99).unwrap(), &late)
            .is_done
    );
    assert!(
        document
            .lines(&get, Span::new(1, 99).unwrap(), &Budget::unlimited())
            .is_done
    );
}

#[test]
fn long_lines_and_unknown_languages_stay_plain() {
    let text = format!("int a;\n{}\n/{}/\n", "x ".repeat(600), "*".repeat(330));
    let answer = run(&mut document("c"), &text, 1, 3);
    let plain: Vec<_> = answer.lines.iter().map(|line| line.plain).collect();
    assert_eq!(
        plain,
        [None, Some(WhyPlain::LongLine), Some(WhyPlain::ManySigns)]
    );
    let answer = run(&mut highlighter().document(None), &text, 1, 9);
    assert!(
        answer
            .lines
            .iter()
            .all(|line| line.plain == Some(WhyPlain::NoLanguage))
    );
    assert_eq!(answer.lines.len(), 3);
}

#[test]
fn hostile_lines_are_bounded() {
    let cap = |part: &str| part.repeat(LINE_CAP / part.len());
    let lines = [
        cap("["),
        cap("("),
        cap("{"),
        cap("\\"),
        cap("\""),
        cap("A.b."),
        cap("$("),
        cap("a,"),
        cap("漢"),
        cap("\u{202e}"),
        cap("<a "),
        cap("`"),
        cap("/*"),
        cap("\0"),
        cap("![ "),
        cap(":::: "),
    ];
    let text = lines.join("\n");
    for language in [
        "c", "java", "make", "js", "markdown", "perl", "sh", "php", "html", "rust", "tcl", "asm",
        "latex",
    ] {
        let begun = Instant::now();
        let mut document = document(language);
        let answer = run(&mut document, &text, 1, 20);
        let took = begun.elapsed();
        assert_eq!(answer.lines.len(), lines.len(), "{language}");
        for (line, text) in answer.lines.iter().zip(&lines) {
            let mut last = 0;
            for token in &line.tokens {
                assert!(token.start >= last && token.start < token.end);
                assert!(text.get(token.start as usize..token.end as usize).is_some());
                last = token.end;
            }
        }
        assert!(took < Duration::from_secs(60), "{language}: {took:?}");
    }
}

#[test]
fn a_long_file_stays_exact_once_it_was_read() {
    let text = "key = 1\n".repeat(500_000);
    let lines: Vec<&str> = text.lines().collect();
    let get = |line: u32| lines.get(line as usize - 1).copied();
    let mut document = document("toml");
    assert!(document.advance(&get, 500_000, &Budget::unlimited()));
    let answer = document.lines(
        &get,
        Span::new(400_001, 400_003).unwrap(),
        &Budget::unlimited(),
    );
    assert!(answer.is_exact);
    assert_eq!(answer.lines[0].tokens[0].class, TokenClass::Variable);
}
