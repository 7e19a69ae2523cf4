//! What the verbs call exact, and what comes first, by the real program.

use crate::support::program::Program;
use crate::support::repo::TestRepo;
use serde_json::Value;

/// Returns what `outline` says of a file, a word each: kind and name, with `~` if not exact.
fn outline(program: &Program, repo: &TestRepo, path: &str) -> Vec<String> {
    let outcome = program.on("outline", repo.path(), &[path, "--json"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let rows = outcome.stdout.lines();
    rows.map(|row| {
        let row: Value = serde_json::from_str(row).unwrap();
        let word = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let guess = if row["exact"] == Value::Bool(true) {
            ""
        } else {
            "~"
        };
        format!("{guess}{} {} {}", word("role"), word("kind"), word("name"))
    })
    .collect()
}

/// Returns what a search lists, without the text of the lines.
fn found(program: &Program, repo: &TestRepo, query: &str) -> Vec<String> {
    let outcome = program.on("search", repo.path(), &[query]);
    assert!(outcome.code <= Some(1), "{query}: {outcome:?}");
    let place = |line: &str| line.splitn(3, ':').take(2).collect::<Vec<_>>().join(":");
    outcome.stdout.lines().map(place).collect()
}

#[test]
fn a_class_with_an_export_macro_is_the_class_without() {
    let licence = format!("/*\n{}*/\n", " * All rights reserved.\n".repeat(600));
    let plain = "class Base {\npublic:\n    virtual void run();\n};\n\
        class Child : public Base {\npublic:\n    Child();\n    void run() override;\nprivate:\n    int n_;\n};\n\
        enum class Lane { kUp, kDown };\n";
    let text = plain.replace("class Child", "class RAN_API Child");
    let text = text.replace("enum class Lane", "enum class RAN_API Lane");
    let late = format!("{licence}{text}");
    let files = [
        ("plain.hpp", plain),
        ("macro.hpp", text.as_str()),
        ("late.h", late.as_str()),
    ];
    let bytes: Vec<_> = files
        .iter()
        .map(|(path, text)| (*path, text.as_bytes()))
        .collect();
    let repo = TestRepo::of(&bytes);
    let program = Program::new();
    let wanted = outline(&program, &repo, "plain.hpp");
    assert!(
        wanted.contains(&"definition field n_".to_owned()),
        "{wanted:?}"
    );
    assert!(wanted.iter().all(|row| !row.starts_with('~')), "{wanted:?}");
    for path in ["macro.hpp", "late.h"] {
        assert_eq!(outline(&program, &repo, path), wanted, "{path}");
    }
    assert_eq!(found(&program, &repo, "kind:enum sym:Lane").len(), 3);
    assert_eq!(found(&program, &repo, "kind:field sym:n_").len(), 3);
}

#[test]
fn the_call_after_a_loop_macro_is_a_call() {
    let text = "void f(void)\n{\n\tfor_each_node(i)\n\t\tkfree(p);\n\tkfree(container_of(p, struct x, y));\n}\n";
    let repo = TestRepo::of(&[("a.c", text.as_bytes())]);
    let program = Program::new();
    let outcome = program.on("symbol", repo.path(), &["kfree", "--refs"]);
    let rows: Vec<_> = outcome.stdout.lines().collect();
    assert_eq!(rows, ["a.c:4:3: function call", "a.c:5:2: function call"]);
}

#[test]
fn by_rank_the_line_of_the_definition_comes_first() {
    // A file that comes first uses the name, the file that defines it says it in a comment above.
    for (extension, comment, definition, call) in [
        (
            "c",
            "/* target */",
            "int target(void)\n{\n    return 1;\n}",
            "int u(void)\n{\n    return target();\n}",
        ),
        (
            "c",
            "/* target */",
            "/* target */ int target(void) { return 1; }",
            "int target(void);",
        ),
        (
            "c",
            "// struct target",
            "struct target *target(void) { return 0; }",
            "struct target;",
        ),
        (
            "cpp",
            "// target",
            "class target { int a; };",
            "class target;",
        ),
        (
            "py",
            "# target",
            "def target():\n    return 1",
            "x = target()",
        ),
        (
            "go",
            "// target",
            "func target() int { return 1 }",
            "func u() int { return target() }",
        ),
        (
            "java",
            "// target",
            "class target { }",
            "class U { target t; }",
        ),
        ("js", "// target", "function target() { }", "target();"),
        ("rs", "// target", "fn target() { }", "fn u() { target(); }"),
        ("rb", "# target", "def target\nend", "target()"),
        ("php", "// target", "function target() { }", "target();"),
        ("sh", "# target", "target() { :; }", "target x"),
        ("lua", "-- target", "function target() end", "target()"),
        (
            "cs",
            "// target",
            "class target { }",
            "class U { target t; }",
        ),
        ("ts", "// target", "interface target { }", "let t: target;"),
    ] {
        let top = match extension {
            "go" => "package p\n",
            "php" => "<?php\n",
            _ => "\n",
        };
        let defines = format!("{top}{comment}\n{comment}\n{definition}\n");
        let uses = format!("{top}{comment}\n{call}\n");
        let paths = ["a_uses", "target", "z_defines"].map(|name| format!("{name}.{extension}"));
        let repo = TestRepo::of(&[
            (&paths[0], uses.as_bytes()),
            (&paths[1], uses.as_bytes()),
            (&paths[2], defines.as_bytes()),
            ("tests/b_uses.txt", b"target\n"),
        ]);
        let program = Program::new();
        assert_eq!(program.on("index", repo.path(), &[]).code, Some(0));
        let ranked = found(&program, &repo, "target order:rank");
        assert_eq!(
            ranked[0],
            format!("{}:4", paths[2]),
            "{definition}: {ranked:?}"
        );
        let one = found(&program, &repo, "target order:rank count:1");
        assert_eq!(one, ranked[..1], "{definition}");
        // Control: in the order of the paths it does not.
        let plain = found(&program, &repo, "target");
        assert_ne!(plain[0], ranked[0]);
        assert!(ranked.len() >= plain.len(), "nothing is left out");
    }
}
