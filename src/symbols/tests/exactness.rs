//! What is exact is right: macros of C and C++ where the grammars expect none, and what lies beside an error.

use super::*;

/// Writes the tags of a text a word each: `kind name`, `declared kind name`, `call name`, `ref name`, with `~` if not exact.
fn said(language: &str, text: &str) -> Vec<String> {
    let tagged = tag(language, text);
    check(text, &tagged);
    let tags = tagged.tags.iter();
    tags.map(|tag| {
        let name = tag.symbol.name_in(text);
        let guess = if tag.is_exact { "" } else { "~" };
        let kind = tag.symbol.kind;
        match tag.symbol.role {
            SymbolRole::Definition => format!("{guess}{kind} {name}"),
            SymbolRole::Declaration => format!("{guess}declared {kind} {name}"),
            SymbolRole::Call => format!("{guess}call {name}"),
            _ => format!("{guess}ref {name}"),
        }
    })
    .collect()
}

/// Like [`said`], without calls and references.
fn outlined(language: &str, text: &str) -> Vec<String> {
    let mut all = said(language, text);
    all.retain(|said| {
        !said.trim_start_matches('~').starts_with("call ")
            && !said.trim_start_matches('~').starts_with("ref ")
    });
    all
}

#[test]
fn a_macro_in_the_head_of_a_type_changes_nothing() {
    let bodies = [
        (
            "class",
            "Child",
            " : public Base {\npublic:\n    Child();\n    void run() override;\nprivate:\n    int n_;\n};\n",
        ),
        ("class", "Kid", " : public Base { void run() override; };\n"),
        (
            "class",
            "Last",
            " final : public ns::Base<int>, private Other { int a; };\n",
        ),
        (
            "struct",
            "Wide",
            "\n    : public Left,\n      private Right\n{\n    Wide();\n    int m_;\n};\n",
        ),
        ("struct", "Plain", " { int a; };\n"),
        ("union", "Cell", " { int a; };\n"),
        ("enum", "Old", " { kOne, kTwo };\n"),
        ("enum class", "Lane", " { kUp, kDown };\n"),
        ("enum class", "Sized", " : unsigned char { kUp };\n"),
        ("enum struct", "Other", " { kUp };\n"),
        ("class", "Fwd", ";\n"),
        ("template <class T> class", "Box", " { T t; };\n"),
        ("typedef struct", "tag_s", " { int a; } tag_t;\n"),
        ("static const struct", "pair", " { int a; } pairs[2];\n"),
    ];
    let macros = [
        "RAN_API",
        "__public",
        "LIB_EXPORT LIB_DEPRECATED",
        "CAPABILITY(\"mutex\")",
        "DEPRECATED(\"a, b\") API",
        "alignas(8) RAN_API",
        "[[nodiscard]] RAN_API",
        "__attribute__((packed)) RAN_API",
    ];
    for (keyword, name, rest) in bodies {
        let plain = outlined("C++", &format!("{keyword} {name}{rest}"));
        assert!(
            plain.iter().all(|said| !said.contains('~')) && !plain.is_empty(),
            "{name}: {plain:?}"
        );
        for word in macros {
            // The keyword of the grammar for these is unknown before a name without a body.
            if rest == ";\n" && word.contains(['_', '[', '(']) && !word.contains("API") {
                continue;
            }
            let text = format!("{keyword} {word} {name}{rest}");
            assert_eq!(outlined("C++", &text), plain, "{text}");
        }
    }
    // In C.
    for text in [
        "struct RAN_API a { int b; };\n",
        "struct __packed a { int b; };\n",
        "struct a __packed { int b; };\n",
    ] {
        assert_eq!(outlined("C", text), ["struct a", "field b"], "{text}");
    }
    // Controls: two words are a type and a name.
    assert_eq!(
        outlined("C", "struct FILE_HEADER header;\n"),
        ["variable header"]
    );
    assert_eq!(
        outlined("C", "struct file header = { 1 };\n"),
        ["variable header"]
    );
    assert_eq!(
        outlined("C++", "struct s { enum color hue : 3; };\n"),
        ["struct s", "field hue"]
    );
}

#[test]
fn a_macro_in_the_head_of_a_function_or_variable_changes_nothing() {
    for (language, text, wanted) in [
        ("C", "RAN_API int f(void);", &["declared function f"][..]),
        (
            "C",
            "RAN_API name_t *f(void) { return 0; }",
            &["function f"],
        ),
        ("C", "int RAN_API f(void) { return 0; }", &["function f"]),
        (
            "C",
            "static unsigned long WINAPI f(void) { return 0; }",
            &["function f"],
        ),
        (
            "C",
            "EFI_STATUS\nEFIAPI\nOpen (\n  IN UINT32 Size,\n  IN OUT VOID *Buffer OPTIONAL\n  )\n{\n}\n",
            &["function Open"],
        ),
        (
            "C",
            "static name_t debug_noinline\nf(int a)\n{\n}\n",
            &["function f"],
        ),
        (
            "C",
            "__must_check __printf(1,2) f();",
            &["declared function f"],
        ),
        (
            "C",
            "__must_check __printf(1,2) f(const char *a) { return 1; }",
            &["function f"],
        ),
        (
            "C",
            "int f(void) PURE;\nint g(int a) FORMAT(1, 2) NONNULL;\n",
            &["declared function f", "declared function g"],
        ),
        (
            "C",
            "PUBLIC(const char *) f(void)\n{\n    return 0;\n}\n",
            &["function f"],
        ),
        ("C", "int shared GUARDED_BY(lock);", &["variable shared"]),
        (
            "C",
            "static int table[4] SECTION(\"a\") = { 1 };",
            &["variable table"],
        ),
        (
            "C",
            "BEGIN_DECLS\nint f(void);\nEND_DECLS\n",
            &["declared function f"],
        ),
        (
            "C",
            "#ifdef __cplusplus\nextern \"C\" {\n#endif\nint f(void);\n#ifdef __cplusplus\n}\n#endif\n",
            &["declared function f"],
        ),
        (
            "C",
            "MODULE_THING(x)\nint f(void) { return 0; }\n",
            &["function f"],
        ),
        (
            "C",
            "struct s {\n    int (CALL *open)(void);\n    QUEUE(a, b);\n    int c;\n};\n",
            &["struct s", "field open", "field c"],
        ),
        (
            "C",
            "struct s { PAIR(int a:4;, int b:4;) int c; };",
            &["struct s", "~field a", "~field b", "field c"],
        ),
        (
            "C",
            "int f(int a)\n#ifdef X\n    __cold\n#endif\n{\n    return a;\n}\nint g(void) { return 0; }\n",
            &["function f", "function g"],
        ),
        (
            "C++",
            "RAN_API std::string f(int a);",
            &["declared function f"],
        ),
        ("C++", "RAN_API const char *f();", &["declared function f"]),
        (
            "C++",
            "class A {\n    void Lock() EXCLUSIVE_LOCK_FUNCTION();\n    RAN_API ~A();\n    RAN_API static int f() noexcept;\n    int n GUARDED_BY(m_);\n    Q_OBJECT\npublic:\n    DISALLOW_COPY(A);\n    NODISCARD bool empty() const { return true; }\n};\n",
            &[
                "class A",
                "declared method Lock",
                "declared method ~A",
                "declared method f",
                "field n",
                "method empty",
            ],
        ),
        (
            "C++",
            "void A::run(Arena* NULLABLE arena) FINAL {}\nA::~A() {}\n",
            &["method run", "method ~A"],
        ),
        (
            "C++",
            "CONSTINIT std::atomic<bool> flag{true};\nint after;\n",
            &["variable flag", "variable after"],
        ),
        (
            "C++",
            "namespace a {\nNS_BEGIN\nclass B { int c; };\nNS_END\n}\n",
            &["module a", "class B", "field c"],
        ),
        (
            "C++",
            "struct A { explicit operator bool() const; operator int*(); A &operator=(const A &) = delete; };",
            &[
                "struct A",
                "declared method operator bool",
                "declared method operator int*",
                "method operator=",
            ],
        ),
    ] {
        assert_eq!(outlined(language, text), wanted, "{text}");
    }
}

#[test]
fn statements_after_a_macro_are_calls() {
    let inside = |body: &str| said("C", &format!("void f(void)\n{{\n{body}\n}}\n"));
    for (body, wanted) in [
        (
            "for_each_node(i)\n\tkfree(p[i]);",
            &["call for_each_node", "call kfree"][..],
        ),
        (
            "for_each_node(i)\n\tkfree(p);",
            &["call for_each_node", "call kfree"],
        ),
        (
            "for_each_node(i) kfree(p);",
            &["call for_each_node", "call kfree"],
        ),
        (
            "for_each_x(i)\n\tif (i)\n\t\tgo(i);\n\tfree(l);",
            &["call for_each_x", "call go", "call free"],
        ),
        (
            "for_each_x(i) {\n\tgo(i);\n}\nfree(l);",
            &["call for_each_x", "call go", "call free"],
        ),
        (
            "if (a)\n\tfor_each_x(i)\n\t\tgo(i);\nelse\n\tfree(l);",
            &["call for_each_x", "call go", "call free"],
        ),
        (
            "kfree(container_of(p, struct x, y));",
            &["call kfree", "call container_of", "ref x"],
        ),
        (
            "go(list_entry(p, struct x, y)->z);",
            &["call go", "call list_entry", "ref x"],
        ),
        (
            "va_arg(ap, struct y *);\nva_arg(ap, unsigned int);\nva_arg(ap, char *);",
            &["call va_arg", "ref y", "call va_arg", "call va_arg"],
        ),
        (
            "CHECK(go(1), return 2);\nfree(l);",
            &["call CHECK", "call go", "call free"],
        ),
        (
            "LOCKED(\n\tgo(1);\n\tfree(l);\n);",
            &["call LOCKED", "call go", "call free"],
        ),
        (
            "SWITCH(a)\nCASE(1)\n\tgo(1);\nDEFAULT\n\tfree(l);\nEND",
            &["call SWITCH", "call CASE", "call go", "call free"],
        ),
    ] {
        assert_eq!(inside(body)[1..], *wanted, "{body}");
        assert_eq!(inside(body)[0], "function f", "{body}");
    }
    // Controls: a function announced in a body, and a variable whose type is a macro.
    assert_eq!(inside("int g(int a);")[1..], ["declared function g"]);
    assert_eq!(
        inside("STACK_OF(X509) chain = 0;\ngo(chain);")
            .last()
            .unwrap(),
        "call go"
    );
}

#[test]
fn what_is_not_sure_is_not_exact() {
    for (language, text, never) in [
        (
            "C",
            "class Foo : public Base { int x; };\n",
            &["function Base", "variable x", "class Base"][..],
        ),
        (
            "C",
            "main(argc, argv) int argc; char **argv; { return 0; }\n",
            &["variable argv", "variable argc"],
        ),
        (
            "C",
            "int a ]] b(void);\nint c;\n",
            &["declared function b", "variable b", "variable a"],
        ),
        ("C++", "class UNKNOWN Name;\n", &["variable Name"]),
        (
            "C++",
            "class A { COPIES(A); };\n",
            &["declared method COPIES"],
        ),
        (
            "C++",
            "void f() { std::lock_guard<M> lock(mutex); }\n",
            &["declared function lock"],
        ),
        (
            "C++",
            "static Lock lock(mutex);\n",
            &["declared function lock"],
        ),
        (
            "C++",
            "DECLARE_FIELD(int32_t)\nDECLARE_FIELD(name)\n",
            &["variable int32_t", "variable name"],
        ),
        (
            "C",
            "TRACE_EVENT(name,\n\tTP_PROTO(struct a *b),\n\tTP_STRUCT(\n\t\tint x;\n\t\tstruct a *sdata;\n\t)\n);\n",
            &["variable x", "variable sdata", "field sdata"],
        ),
        (
            "Java",
            "class A { int f( { } int g() { return 1; } }\n",
            &["method f"],
        ),
        (
            "Python",
            "def f(:\n    pass\ndef g():\n    pass\n",
            &["function f"],
        ),
        (
            "Go",
            "package p\nfunc f( {\n}\nfunc g() {}\n",
            &["function f"],
        ),
        ("Rust", "fn f( { }\nfn g() {}\n", &["function f"]),
        (
            "JavaScript",
            "function f( { }\nfunction g() {}\n",
            &["function f"],
        ),
    ] {
        let said = said(language, text);
        for word in never {
            assert!(!said.iter().any(|said| said == word), "{text}: {said:?}");
        }
    }
    // Controls: the same without the fault is exact.
    for (language, text, wanted) in [
        ("C++", "class A { A(int); };\n", "declared method A"),
        (
            "C++",
            "void lock(const Mutex &mutex);\n",
            "declared function lock",
        ),
        ("Go", "package p\nfunc f() {\n}\n", "function f"),
        ("C", "int b(void);\n", "declared function b"),
    ] {
        assert!(
            said(language, text).iter().any(|said| said == wanted),
            "{text}"
        );
    }
}

#[test]
fn an_error_outside_of_bodies_makes_an_outline_approximate() {
    let how = |language, text| tag(language, text).how;
    let errors = How::Approximate(Why::Errors);
    assert_eq!(
        how("C", "int f(void) { a ]] b; }\nint g;\n"),
        How::Exact,
        "in a body"
    );
    assert_eq!(how("C", "int a;\n]] ;\nint g;\n"), errors);
    assert_eq!(how("Java", "class A { int a; ) int b; }\n"), errors);
    assert_eq!(how("Java", "class A { int a; int b; }\n"), How::Exact);
}

#[test]
fn every_byte_keeps_its_place() {
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let words = [
        "class ",
        "API ",
        "struct ",
        "a",
        "b ",
        "(",
        ")",
        "{",
        "}",
        ";",
        "\n",
        ",",
        "<",
        ">",
        "::",
        "~",
        "*",
        "=",
        "#if X\n",
        "#else\n",
        "#endif\n",
        "#ifdef __cplusplus\n",
        "extern \"C\" {",
        "for_each(i)\n",
        "[",
        "]",
        "__init ",
        "é",
        "int ",
        "operator",
        ":",
        "enum ",
        "CASE(x)",
        "template ",
        "public:",
        "return ",
        "\"s\" ",
        "offsetof(a, b.c)",
    ];
    for round in 0..3000 {
        let text: String = (0..dice.below(40))
            .map(|_| words[dice.below(words.len())])
            .collect();
        let is_cpp = round % 2 == 0;
        {
            let out = blanking::blank(&text, &text, is_cpp);
            assert_eq!(out.bytes.len(), text.len(), "{text}");
            let other = out
                .bytes
                .iter()
                .zip(text.as_bytes())
                .filter(|(new, old)| new != old);
            for (new, _) in other {
                assert!(matches!(new, b' ' | b';' | b'_' | b'{' | b'}'), "{text:?}");
            }
            assert!(std::str::from_utf8(&out.bytes).is_ok(), "{text:?}");
        }
        check(&text, &tag(if is_cpp { "C++" } else { "C" }, &text));
    }
}
