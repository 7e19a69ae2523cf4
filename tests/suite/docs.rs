//! What is written about the program is checked against the program: README, themes, licences, dependencies.
//!
//! `UPDATE_DOCS=1 cargo test` writes the key table anew.

use crate::support::program::Program;
use crate::support::{files, read, root, toml_file};
use glassroom::app::command::{COMMANDS, Command, Group};
use glassroom::config::{BUILT_IN, Role, Theme};
use std::fmt::Write;
use std::path::Path;

const BEGIN: &str = "<!-- keys:begin -->";
const END: &str = "<!-- keys:end -->";

/// Crates that would bring a network transport, an async runtime or a TLS library into the program.
const BANNED: &[&str] = &[
    "actix-rt",
    "async-io",
    "async-std",
    "attohttpc",
    "aws-lc-rs",
    "aws-lc-sys",
    "boring-sys",
    "curl",
    "curl-sys",
    "h2",
    "h3",
    "hickory-resolver",
    "http",
    "hyper",
    "hyper-util",
    "isahc",
    "libp2p",
    "libssh2-sys",
    "minreq",
    "monoio",
    "native-tls",
    "openssl",
    "openssl-sys",
    "quinn",
    "reqwest",
    "rustls",
    "schannel",
    "smol",
    "socket2",
    "ssh2",
    "surf",
    "tokio",
    "tonic",
    "tungstenite",
    "ureq",
    "webpki",
    "zmq",
];

/// Returns what lies between two marks, without them.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let from = text.find(begin)? + begin.len();
    let length = text[from..].find(end)?;
    Some(&text[from..from + length])
}

/// Returns the fenced blocks of a Markdown text.
fn fenced(text: &str) -> Vec<Vec<&str>> {
    let mut blocks = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for line in text.lines() {
        if line.starts_with("```") {
            match open.take() {
                Some(block) => blocks.push(block),
                None => open = Some(Vec::new()),
            }
        } else if let Some(block) = &mut open {
            block.push(line);
        }
    }
    blocks
}

/// Renders the command table as it stands in the README.
fn key_table(commands: &[Command]) -> String {
    let mut out = String::new();
    for group in Group::ALL {
        let _ = write!(
            out,
            "\n**{}**\n\n| keys | does | name |\n|---|---|---|\n",
            group.title()
        );
        for command in commands.iter().filter(|command| command.group == group) {
            let keys: Vec<_> = command.keys.iter().map(|key| format!("`{key}`")).collect();
            let does = command.doc.replace('|', "\\|");
            let _ = writeln!(out, "| {} | {does} | `:{}` |", keys.join(" "), command.name);
        }
    }
    out
}

#[test]
fn the_readme_lists_every_key() {
    let readme = read("README.md");
    let written =
        between(&readme, BEGIN, END).expect("README.md has lost the marks of its key table");
    let table = format!("\n{}\n", key_table(COMMANDS));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let old = format!("{BEGIN}{written}{END}");
        let updated = readme.replace(&old, &format!("{BEGIN}{table}{END}"));
        std::fs::write(root().join("README.md"), updated).unwrap();
        return;
    }
    assert!(
        written == table,
        "the key table is out of date: UPDATE_DOCS=1 cargo test --test suite docs\n{table}"
    );
    assert_ne!(
        written,
        format!("\n{}\n", key_table(&COMMANDS[1..])),
        "control"
    );
}

#[test]
fn the_readme_begins_with_two_commands() {
    let readme = read("README.md");
    let first: Vec<_> = fenced(&readme).remove(0);
    assert_eq!(first, ["cargo run --release", "cargo test"]);
    let heading = readme.find("\n## ").unwrap();
    assert!(readme.find("cargo test").unwrap() < heading);
}

/// Lists the paths of this project that a text names: targets of links, and code spans that look like one.
fn paths_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in text.split("](").skip(1) {
        let target = rest.split(')').next().unwrap_or("");
        if !target.contains("://") && !target.starts_with('#') {
            found.push(target.to_owned());
        }
    }
    let top = [
        "src/", "assets/", "themes/", "tests/", ".ci/", "Cargo.", "LICENSE",
    ];
    for (at, span) in text.split('`').enumerate() {
        if at % 2 == 1 && top.iter().any(|start| span.starts_with(start)) {
            found.push(span.to_owned());
        }
    }
    found
}

#[test]
fn every_path_in_the_readme_exists() {
    let readme = read("README.md");
    let paths = paths_in(&readme);
    assert!(paths.len() >= 5, "{paths:?}");
    for path in paths {
        assert!(root().join(&path).exists(), "README.md names {path}");
    }
    assert_eq!(
        paths_in("[a](src/none.rs) `themes/no.toml` `x/y` [b](https://c)"),
        ["src/none.rs", "themes/no.toml"],
        "control"
    );
}

/// Returns the first column of the verb table: the words of each verb.
fn verbs(readme: &str) -> Vec<Vec<String>> {
    let table = between(readme, "<!-- verbs:begin -->", "<!-- verbs:end -->").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let words = rows.filter_map(|row| row.split('`').next());
    words
        .map(|row| {
            let words = row.split(' ');
            let is_word = |word: &&str| word.starts_with(|c: char| c.is_ascii_lowercase());
            words.take_while(is_word).map(str::to_owned).collect()
        })
        .collect()
}

#[test]
fn every_verb_in_the_readme_is_one() {
    let verbs = verbs(&read("README.md"));
    assert!(verbs.len() >= 10, "{verbs:?}");
    let program = Program::new();
    let help = |verb: &[String]| {
        let mut arguments: Vec<&str> = verb.iter().map(String::as_str).collect();
        arguments.push("--help");
        program.run(&arguments).code
    };
    for verb in &verbs {
        assert_eq!(help(verb), Some(0), "{}", verb.join(" "));
    }
    assert_eq!(help(&["fetch".to_owned()]), Some(2), "control");
}

#[test]
fn every_theme_sets_every_role() {
    let folder = root().join("themes");
    for name in files("themes") {
        let name = name.trim_start_matches("themes/").trim_end_matches(".toml");
        assert!(
            BUILT_IN.contains(&name),
            "themes/{name}.toml is not built in"
        );
    }
    for name in BUILT_IN {
        let path = folder.join(format!("{name}.toml"));
        let text = std::fs::read_to_string(&path).unwrap();
        let theme = Theme::parse(name, &path, &text).unwrap();
        assert_eq!(theme.name(), *name);
        if text.contains("inherits") {
            continue;
        }
        for role in Role::ALL {
            let start = format!("{} = ", role.name());
            let lines = text.lines().filter(|line| !line.starts_with(&start));
            let less = lines.collect::<Vec<_>>().join("\n");
            let is_refused = Theme::parse(name, Path::new("x"), &less).is_err();
            assert!(is_refused, "control: {name} without {}", role.name());
        }
    }
}

/// Returns the banned crates that a lock file names.
fn banned_in(lock: &toml::Table) -> Vec<&str> {
    let packages = lock["package"].as_array().unwrap();
    let names = packages
        .iter()
        .filter_map(|package| package["name"].as_str());
    names.filter(|name| BANNED.contains(name)).collect()
}

#[test]
fn no_dependency_can_reach_a_network() {
    let lock = toml_file("Cargo.lock");
    assert_eq!(banned_in(&lock), [""; 0]);
    assert!(lock["package"].as_array().unwrap().len() > 50);
    let control = "[[package]]\nname = \"hyper\"\n[[package]]\nname = \"serde\"\n";
    assert_eq!(banned_in(&control.parse().unwrap()), ["hyper"]);
    let manifest = toml_file("Cargo.toml");
    let git2 = &manifest["dependencies"]["git2"];
    assert_eq!(git2["default-features"].as_bool(), Some(false));
    assert!(
        git2.get("features").is_none(),
        "git2's features are its transports"
    );
}

#[test]
fn both_licences_are_there() {
    let manifest = toml_file("Cargo.toml");
    assert_eq!(
        manifest["package"]["license"].as_str(),
        Some("MIT OR Apache-2.0")
    );
    assert!(read("LICENSE-MIT").contains("Permission is hereby granted, free of charge"));
    assert!(read("LICENSE-APACHE").contains("Version 2.0, January 2004"));
    assert!(read("README.md").contains("MIT OR Apache-2.0"));
}

#[test]
fn the_check_script_ends_with_the_tests() {
    let script = read(".ci/run");
    assert!(script.starts_with("#!/usr/bin/env bash\n"));
    assert!(script.contains("set -euo pipefail"));
    let last = script
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap();
    assert!(last.starts_with("cargo test"), "{last}");
}
