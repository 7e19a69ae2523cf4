//! The house rules that a compiler does not check. The lists are complete: what is not in them fails and is decided here.

use crate::support::source::{Named, Token, named, tokens};
use crate::support::{read, rust_files, toml_file};
use std::collections::BTreeSet;

/// Every module of the crate: its floor, and the modules that it may name.
const MODULES: &[(&str, u8, &[&str])] = &[
    ("text", 0, &[]),
    ("model", 0, &["text"]),
    ("query", 0, &["text", "model"]),
    ("language", 0, &["model"]),
    ("memory", 0, &[]),
    ("fatal", 0, &[]),
    ("config", 1, &["text", "model"]),
    ("snapshot", 1, &["text", "model"]),
    (
        "index",
        1,
        &["text", "model", "query", "language", "memory"],
    ),
    ("archive", 1, &["model"]),
    ("symbols", 1, &["text", "model", "language", "memory"]),
    ("highlight", 1, &["text", "model", "language"]),
    ("ledger", 1, &["model"]),
    ("gate", 1, &["text", "model"]),
    ("bundle", 1, &["text", "model", "memory"]),
    ("medium", 1, &["text", "model"]),
    ("confine", 1, &[]),
    (
        "job",
        2,
        &[
            "text",
            "model",
            "query",
            "language",
            "memory",
            "config",
            "snapshot",
            "archive",
            "index",
            "symbols",
            "highlight",
            "ledger",
            "gate",
            "bundle",
            "medium",
            "confine",
        ],
    ),
    (
        "app",
        3,
        &["text", "model", "query", "language", "memory", "job"],
    ),
    ("ui", 4, &["text", "model", "config", "job", "app"]),
    (
        "tui",
        5,
        &["text", "model", "fatal", "config", "job", "app", "ui"],
    ),
    (
        "cli",
        6,
        &[
            "text",
            "fatal",
            "memory",
            "model",
            "query",
            "language",
            "config",
            "snapshot",
            "archive",
            "index",
            "symbols",
            "highlight",
            "ledger",
            "gate",
            "bundle",
            "medium",
            "confine",
            "job",
            "app",
            "ui",
            "tui",
        ],
    ),
    ("main", 7, &["cli"]),
    ("build", 7, &[]),
];

/// Every dependency, and the modules that may name it; none stands for any.
const LIBRARIES: &[(&str, Option<&[&str]>)] = &[
    ("chardetng", Some(&["text"])),
    ("clap", Some(&["cli"])),
    ("crc32fast", Some(&["archive", "index", "symbols"])),
    ("crossterm", Some(&["tui"])),
    ("cvss", Some(&["model"])),
    ("directories", Some(&["config"])),
    ("encoding_rs", Some(&["text"])),
    ("flate2", Some(&["snapshot"])),
    ("getrandom", Some(&["bundle"])),
    ("git2", Some(&["snapshot"])),
    ("libc", Some(&["memory", "symbols", "fatal"])),
    ("libz_sys", Some(&["snapshot"])),
    ("lz4_flex", Some(&["archive", "index", "symbols"])),
    ("memchr", None),
    ("memmap2", Some(&["memory"])),
    ("nucleo_matcher", Some(&["text"])),
    ("ratatui", Some(&["ui", "tui"])),
    ("regex", None),
    ("regex_automata", Some(&["index"])),
    ("regex_syntax", Some(&["text", "query", "index", "gate"])),
    (
        "rustix",
        Some(&[
            "config", "snapshot", "index", "symbols", "ledger", "bundle", "medium", "confine",
            "cli",
        ]),
    ),
    ("serde", None),
    (
        "serde_json",
        Some(&["model", "config", "ledger", "bundle", "job", "cli"]),
    ),
    ("sha1", Some(&["snapshot"])),
    (
        "sha2",
        Some(&["model", "config", "index", "bundle", "medium", "job", "cli"]),
    ),
    ("signal_hook", Some(&["tui", "cli"])),
    ("ssh_key", Some(&["bundle"])),
    ("syntect", Some(&["highlight"])),
    ("tantivy", Some(&["index"])),
    ("thiserror", None),
    ("time", Some(&["ledger", "bundle", "job", "cli"])),
    ("toml", Some(&["config"])),
    ("tree_sitter", Some(&["symbols"])),
    ("tree_sitter_asn1", Some(&["symbols"])),
    ("tree_sitter_bash", Some(&["symbols"])),
    ("tree_sitter_c", Some(&["symbols"])),
    ("tree_sitter_c_sharp", Some(&["symbols"])),
    ("tree_sitter_cpp", Some(&["symbols"])),
    ("tree_sitter_go", Some(&["symbols"])),
    ("tree_sitter_java", Some(&["symbols"])),
    ("tree_sitter_javascript", Some(&["symbols"])),
    ("tree_sitter_lua", Some(&["symbols"])),
    ("tree_sitter_php", Some(&["symbols"])),
    ("tree_sitter_python", Some(&["symbols"])),
    ("tree_sitter_ruby", Some(&["symbols"])),
    ("tree_sitter_rust", Some(&["symbols"])),
    ("tree_sitter_tags", Some(&["symbols"])),
    ("tree_sitter_typescript", Some(&["symbols"])),
    ("unicode_normalization", Some(&["text", "gate"])),
    ("unicode_script", Some(&["gate"])),
    ("unicode_security", Some(&["gate"])),
    ("unicode_segmentation", Some(&["text", "app", "ui"])),
    ("unicode_width", Some(&["text"])),
    (
        "uuid",
        Some(&["model", "ledger", "bundle", "job", "app", "cli"]),
    ),
    ("xxhash_rust", Some(&["archive"])),
    ("zeroize", Some(&["memory", "bundle", "job", "app", "cli"])),
];

/// The files that may use `unsafe`, and why no safe way exists.
const UNSAFE: &[(&str, &str)] = &[
    (
        "src/snapshot/sys.rs",
        "git2 marks libgit2's process-wide options unsafe; they must be set before anything is opened",
    ),
    (
        "src/memory.rs",
        "a memory map is only sound while nobody shortens the file; giving memory back has no safe interface",
    ),
    (
        "src/symbols/sys.rs",
        "an allocator for C code and signal handlers that stop a thread have no safe interface",
    ),
    (
        "src/fatal.rs",
        "a handler of a fault is only sound if it is async-signal-safe, which no type can promise",
    ),
    (
        "src/confine/sys.rs",
        "process limits and system call filters have no safe interface",
    ),
];

/// The files that may name a socket, and why.
const SOCKETS: &[(&str, &str)] = &[
    (
        "src/bundle/agent.rs",
        "an ssh-agent is asked over its Unix socket, on this machine, when --key names one: a FIDO2 token signs only so",
    ),
    (
        "src/bundle/agent/tests.rs",
        "agents that answer wrongly, or not at all, have to listen somewhere",
    ),
];

/// What opens or names a socket in the standard library.
const SOCKET_WORDS: &[&str] = &[
    "SocketAddr",
    "TcpListener",
    "TcpStream",
    "ToSocketAddrs",
    "UdpSocket",
    "UnixDatagram",
    "UnixListener",
    "UnixStream",
    "socketpair",
];

/// Lines of a file, tests included.
const LINES: usize = 600;

/// Names that say nothing about what is in a module.
const VAGUE: &[&str] = &[
    "utils", "util", "common", "helpers", "helper", "manager", "misc",
];

/// Returns the module parts of a file's path: `src/app/code.rs` is `app`, `code`.
fn module_of(path: &str) -> Vec<&str> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    path.split('/').filter(|part| *part != "mod").collect()
}

fn may_name(module: &str) -> Option<&'static [&'static str]> {
    let mut rows = MODULES.iter();
    rows.find(|row| row.0 == module).map(|row| row.2)
}

/// Lists what one file of `src` does that the lists do not allow.
fn violations(path: &str, source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let parts = module_of(path);
    let module = parts[0];
    let mut wrong = Vec::new();
    if let Some(vague) = parts.iter().find(|part| VAGUE.contains(part)) {
        wrong.push(format!(
            "{path}: `{vague}` says nothing about what is in it"
        ));
    }
    let lines = source.lines().count();
    if lines > LINES {
        wrong.push(format!("{path}: {lines} lines, {LINES} at most"));
    }
    wrong.extend(unsafe_words(path, &tokens));
    wrong.extend(sockets(path, &tokens));
    if module == "lib" {
        return wrong;
    }
    if may_name(module).is_none() {
        wrong.push(format!("{path}: the module `{module}` has no floor"));
    }
    for pair in tokens.windows(3) {
        let text = |at: usize| pair[at].text.as_str();
        if matches!((text(0), text(1), text(2)), ("[", "path", "="))
            || (text(0), text(1)) == ("include", "!")
        {
            let line = pair[0].line;
            wrong.push(format!("{path}:{line}: takes source in from elsewhere"));
        }
    }
    for name in named(&tokens) {
        if let Some(what) = judge(&parts, &name) {
            wrong.push(format!("{path}:{}: {what}", name.line));
        }
    }
    wrong
}

/// Judges one path that a file of the module names.
fn judge(parts: &[&str], name: &Named) -> Option<String> {
    let module = parts[0];
    let first = name.parts[0].as_str();
    let second = name.parts.get(1).map_or("", String::as_str);
    match first {
        "crate" if matches!(second, "" | "*") => Some("takes in the whole crate".to_owned()),
        "crate" | "glassroom" => is_above(module, second),
        "super" => {
            let supers = name
                .parts
                .iter()
                .take_while(|part| *part == "super")
                .count();
            let landing = name.parts.get(supers).map_or("", String::as_str);
            let depth = parts.len() + name.depth;
            // Only what reaches the top of the crate can be another module.
            (supers >= depth).then(|| format!("write crate::{landing}, not super::{landing}"))
        }
        _ => {
            let (library, owners) = LIBRARIES.iter().find(|row| row.0 == first)?;
            let owners = (*owners)?;
            let is_owner = owners.contains(&module);
            (!is_owner).then(|| format!("`{module}` may not name the library `{library}`"))
        }
    }
}

fn is_above(module: &str, other: &str) -> Option<String> {
    let is_module = may_name(other).is_some();
    let is_allowed = other == module || may_name(module).is_some_and(|may| may.contains(&other));
    (is_module && !is_allowed).then(|| format!("`{module}` may not name `{other}`"))
}

fn unsafe_words(path: &str, tokens: &[Token]) -> Vec<String> {
    if UNSAFE.iter().any(|row| row.0 == path) {
        return Vec::new();
    }
    let words = tokens.iter();
    let words = words.filter(|token| matches!(token.text.as_str(), "unsafe" | "unsafe_code"));
    words
        .map(|token| format!("{path}:{}: `{}` is for {UNSAFE:?}", token.line, token.text))
        .collect()
}

fn sockets(path: &str, tokens: &[Token]) -> Vec<String> {
    if SOCKETS.iter().any(|row| row.0 == path) {
        return Vec::new();
    }
    let is_net = |name: &Named| {
        let parts: Vec<&str> = name.parts.iter().map(String::as_str).collect();
        matches!(parts.first(), Some(&("std" | "rustix"))) && parts.contains(&"net")
    };
    let named = named(tokens).into_iter().filter(is_net);
    let words = tokens.iter();
    let words = words.filter(|token| SOCKET_WORDS.contains(&token.text.as_str()));
    let lines = named.map(|n| n.line).chain(words.map(|token| token.line));
    lines
        .map(|line| format!("{path}:{line}: a socket is for {SOCKETS:?}"))
        .collect()
}

#[test]
fn every_file_keeps_to_its_floor() {
    let files = rust_files("src");
    assert!(files.len() > 50, "only {} files were found", files.len());
    let wrong: Vec<_> = files
        .iter()
        .flat_map(|(path, source)| violations(path, source))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_test_file_is_short_and_declared() {
    let files = rust_files("tests/suite");
    let mut wrong = Vec::new();
    for (path, source) in &files {
        let lines = source.lines().count();
        if lines > LINES {
            wrong.push(format!("{path}: {lines} lines, {LINES} at most"));
        }
        let (folder, file) = path.rsplit_once('/').unwrap();
        let (declarer, name) = match (folder, file) {
            (_, "main.rs") => continue,
            ("tests/suite", _) => (
                "tests/suite/main.rs".to_owned(),
                file.trim_end_matches(".rs"),
            ),
            (_, "mod.rs") => (
                "tests/suite/main.rs".to_owned(),
                folder.rsplit_once('/').unwrap().1,
            ),
            _ => (format!("{folder}/mod.rs"), file.trim_end_matches(".rs")),
        };
        if !declares(&read(&declarer), name) {
            wrong.push(format!(
                "{path} is not declared in {declarer}: it is never run"
            ));
        }
    }
    assert!(files.len() > 5);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(!declares("// mod lost;\nmod found;", "lost"), "control");
}

/// Returns whether source holds `mod name;`.
fn declares(source: &str, name: &str) -> bool {
    let tokens = tokens(source);
    let text = |token: &Token| token.text.clone();
    tokens
        .windows(3)
        .any(|three| three.iter().map(text).eq(["mod", name, ";"]))
}

#[test]
fn the_lists_are_sound_and_complete() {
    for (at, (module, floor, may)) in MODULES.iter().enumerate() {
        for name in *may {
            let below = MODULES[..at].iter().find(|row| row.0 == *name);
            let is_below = below.is_some_and(|row| row.1 < *floor || *floor == 0);
            assert!(is_below, "{module} -> {name} is not downwards");
        }
    }
    let declared: BTreeSet<_> = {
        let tokens = tokens(&read("src/lib.rs"));
        let modules = tokens.windows(2).filter(|two| two[0].text == "mod");
        modules.map(|two| two[1].text.clone()).collect()
    };
    assert!(declared.len() > 10);
    for module in &declared {
        assert!(may_name(module).is_some(), "{module} has no floor");
    }
    let manifest = toml_file("Cargo.toml");
    let dependencies = manifest["dependencies"].as_table().unwrap();
    assert!(dependencies.len() > 20);
    for name in dependencies.keys() {
        let name = name.replace('-', "_");
        let is_listed = LIBRARIES.iter().any(|row| row.0 == name);
        assert!(is_listed, "nobody owns the library {name}");
    }
    for (path, reason) in UNSAFE.iter().chain(SOCKETS) {
        assert!(reason.len() > 20, "{path} needs a reason");
    }
}

/// Each breaks one rule and must be caught; without this the tests above could pass by seeing nothing.
#[test]
fn seeded_violations_are_caught() {
    let long = "\n".repeat(LINES + 1);
    for (path, source, expected) in [
        (
            "src/gate/run.rs",
            "use crate::index::Index;",
            "`gate` may not name `index`",
        ),
        (
            "src/index/build.rs",
            "use crate::{model::Path, snapshot};",
            "`index` may not name `snapshot`",
        ),
        (
            "src/index/a.rs",
            "use {std::fs, crate::{model::{self, X}, gate::{self}}};",
            "name `gate`",
        ),
        (
            "src/text/lines.rs",
            "fn f() { crate::model::x(); }",
            "`text` may not name `model`",
        ),
        (
            "src/app/mod.rs",
            "fn f(x: &crate::ui::Theme) {}",
            "`app` may not name `ui`",
        ),
        (
            "src/app/mod.rs",
            "pub(crate) use crate::ui::*;",
            "`app` may not name `ui`",
        ),
        (
            "src/job/mod.rs",
            "type T = Vec<crate::app::App>;",
            "`job` may not name `app`",
        ),
        (
            "src/bundle/sign.rs",
            "macro_rules! m { () => { $crate::gate::x() } }",
            "name `gate`",
        ),
        (
            "src/ledger/mod.rs",
            "use super::index::Index;",
            "write crate::index",
        ),
        (
            "src/ledger/read.rs",
            "mod tests { use super::super::super::gate; }",
            "write crate::gate",
        ),
        ("src/ledger/mod.rs", "use super::*;", "write crate::*"),
        ("src/gate/mod.rs", "use crate as all;", "the whole crate"),
        (
            "src/gate/mod.rs",
            "use crate::{self as all};",
            "the whole crate",
        ),
        ("src/gate/mod.rs", "use crate::*;", "the whole crate"),
        (
            "src/main.rs",
            "use glassroom::job;",
            "`main` may not name `job`",
        ),
        ("src/job/read.rs", "use git2::Oid;", "library `git2`"),
        (
            "src/job/read.rs",
            "fn f(id: ::git2::Oid) {}",
            "library `git2`",
        ),
        ("src/job/read.rs", "use git2 as g;", "library `git2`"),
        (
            "src/job/read.rs",
            "fn f() -> Vec<tantivy::Term> {}",
            "library `tantivy`",
        ),
        (
            "src/app/mod.rs",
            "use ::{std::fs, ratatui::layout::Rect};",
            "library `ratatui`",
        ),
        (
            "src/ui/mod.rs",
            "#[derive(clap::Parser)] struct A;",
            "library `clap`",
        ),
        (
            "src/app/mod.rs",
            "#[path = \"../ui/code.rs\"] mod code;",
            "from elsewhere",
        ),
        (
            "src/app/mod.rs",
            "include!(\"../ui/code.rs\");",
            "from elsewhere",
        ),
        (
            "src/app/mod.rs",
            "#![allow(unsafe_code)]",
            "`unsafe_code` is for",
        ),
        (
            "src/snapshot/view.rs",
            "fn f() { unsafe { g() } }",
            "`unsafe` is for",
        ),
        (
            "src/job/read.rs",
            "use std::{fs, net::TcpStream};",
            "a socket is for",
        ),
        (
            "src/bundle/sign.rs",
            "use std::os::unix::net;",
            "a socket is for",
        ),
        (
            "src/bundle/sign.rs",
            "fn f(s: &UnixStream) {}",
            "a socket is for",
        ),
        ("src/app/utils.rs", "", "says nothing"),
        ("src/stuff.rs", "", "has no floor"),
        ("src/app/mod.rs", &long, "600 at most"),
    ] {
        let found = violations(path, source).join("\n");
        assert!(found.contains(expected), "{path}: {source}\n{found}");
    }
}

/// Each looks like a breach and is none.
#[test]
fn allowed_source_is_left_alone() {
    for (path, source) in [
        (
            "src/job/read.rs",
            "use crate::{model, snapshot::Snapshot}; // use git2::Oid;",
        ),
        (
            "src/gate/run.rs",
            "/* crate::index::x /* nested */ git2::y */ use crate::text;",
        ),
        (
            "src/gate/run.rs",
            "const A: &str = r#\"use crate::index::X; \"git2::x\"\"#;",
        ),
        (
            "src/gate/run.rs",
            "const A: (char, char) = ('\"', '\\''); // git2::x",
        ),
        (
            "src/gate/run.rs",
            "fn f<'a>(x: &'a str) -> impl Fn() + use<'a> {} ",
        ),
        (
            "src/app/mod.rs",
            "use std::{time::Instant, fmt}; fn f() { std::time::now(); self.git2.x(); }",
        ),
        (
            "src/app/code.rs",
            "mod tests { use super::super::key; use super::*; }",
        ),
        ("src/model/path.rs", "fn is_unsafe() {} // unsafe"),
        (
            "src/snapshot/sys.rs",
            "#![allow(unsafe_code)] fn f() { unsafe { git2::opts::x() } }",
        ),
        ("src/bundle/agent.rs", "use std::os::unix::net::UnixStream;"),
        ("src/main.rs", "fn main() { glassroom::cli::run(); }"),
    ] {
        let found = violations(path, source).join("\n");
        assert_eq!(found, "", "{path}: {source}");
    }
}
