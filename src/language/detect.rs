//! From a path and the first bytes of a file to its language.
//!
//! In this order: the whole file name, the extension (longest first), the same again without a suffix that
//! only says what happens to the file (`.in`, `.orig`, `_shipped`, …), the interpreter line. Content decides only
//! between languages that share an extension:
//!
//! - `.h`, `.inc`: Objective-C by `@interface`, `@protocol`, `@property`, `#import`; else C++ by a line that
//!   begins with `class`, `template`, `namespace`, `using`, `public:`, `private:`, `protected:` or that holds
//!   `std::`, `constexpr`, `virtual` or `nullptr` as code; else C. An `.inc` without any of C is nothing.
//! - `.m`: MATLAB if a line begins with `%` or `function`; else Objective-C.
//! - `.pl`, `.pro`, `.t`: Perl unless a line ends a clause (`:-`). `.ts`: XML if it begins with `<`.
//! - `.d`: a make dependency file if the first line is a rule. `.l`, `.y`, `.v`, `.s`: as in the table.
//! - `BUILD`: a makefile if it adds with `+=`; `.cfg`, `.conf`, `.config`: XML if it begins with `<`.
//! - `.1` to `.9`: Troff only if a line begins with a request (`.TH`, `.\"`, `.SH`, …).

use super::{HEAD_BYTES, Language, all, by_name};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Suffixes that leave a file the language it had.
const NEUTRAL: &[&str] = &[
    "in", "orig", "bak", "old", "tmpl", "template", "j2", "dist", "example", "sample",
];

struct Places {
    extensions: HashMap<&'static str, &'static Language>,
    file_names: HashMap<&'static str, &'static Language>,
    interpreters: HashMap<&'static str, &'static Language>,
}

fn places() -> &'static Places {
    static PLACES: OnceLock<Places> = OnceLock::new();
    PLACES.get_or_init(|| {
        let collect = |of: fn(&'static Language) -> &'static [&'static str]| {
            all()
                .iter()
                .flat_map(|language| of(language).iter().map(move |word| (*word, language)))
                .collect()
        };
        Places {
            extensions: collect(|language| &language.extensions),
            file_names: collect(|language| &language.file_names),
            interpreters: collect(|language| &language.interpreters),
        }
    })
}

/// Returns the language of a file, from its path in the snapshot and its first bytes.
///
/// Only [`HEAD_BYTES`] of `head` are looked at. A file that fits nothing has no language: it is then
/// plain text to everyone who asks.
pub fn of(path: &[u8], head: &[u8]) -> Option<&'static Language> {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
    let name = String::from_utf8_lossy(&name[..name.len().min(255)]).to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head[..head.len().min(HEAD_BYTES)]);
    let head = head.trim_start_matches('\u{feff}');
    by_file_name(&name, head).or_else(|| by_interpreter(head))
}

/// Returns whether the content of a file with this path can change its language: its name says nothing, or is
/// shared.
pub fn depends_on_content(path: &[u8]) -> bool {
    const SHARED: &[&[u8]] = &[
        b"h", b"inc", b"m", b"pl", b"pro", b"t", b"ts", b"d", b"cfg", b"conf", b"config",
    ];
    let name = path
        .rsplit(|b| *b == b'/')
        .next()
        .unwrap_or(path)
        .to_ascii_lowercase();
    let extension = name.rsplit(|b| *b == b'.').next().unwrap_or(&[]);
    let is_page = extension.len() == 1 && extension[0].is_ascii_digit();
    let is_shared = SHARED.contains(&extension) || name == b"build" || is_page;
    // A neutral suffix leaves the extension before it to decide.
    let is_neutral = NEUTRAL.iter().any(|s| s.as_bytes() == extension);
    is_shared || is_neutral || of(path, &[]).is_none()
}

fn by_file_name(name: &str, head: &str) -> Option<&'static Language> {
    let places = places();
    if let Some(language) = places.file_names.get(name) {
        // Bazel's `BUILD` calls functions, the kernel's `Build` adds to variables.
        let is_kbuild = name == "build" && head.contains("+=");
        return if is_kbuild {
            by_name("Makefile")
        } else {
            Some(language)
        };
    }
    if name.ends_with("defconfig") {
        return by_name("INI");
    }
    let stem = name.split('.').next().unwrap_or(name);
    if matches!(
        stem,
        "makefile" | "dockerfile" | "kconfig" | "jenkinsfile" | "kbuild"
    ) {
        return places.file_names.get(stem).copied();
    }
    for (at, _) in name.match_indices('.').filter(|(at, _)| *at > 0) {
        let extension = &name[at + 1..];
        match shared(extension, head) {
            Shared::By(name) => return by_name(name),
            Shared::Nobody => return None,
            Shared::No => {}
        }
        if let Some(language) = places.extensions.get(extension) {
            return Some(language);
        }
    }
    if let Some(shorter) = name.strip_suffix("_shipped") {
        return by_file_name(shorter, head);
    }
    if let Some((shorter, last)) = name.rsplit_once('.')
        && !shorter.is_empty()
        && NEUTRAL.contains(&last)
    {
        return by_file_name(shorter, head);
    }
    None
}

/// What the content says about an extension.
enum Shared {
    /// The extension has one language, or the content says nothing against the table.
    No,
    /// It is this language's.
    By(&'static str),
    /// It is no language's.
    Nobody,
}

/// Decides between languages that share an extension.
fn shared(extension: &str, head: &str) -> Shared {
    let lines = || head.lines().map(str::trim_start);
    let chosen = match extension {
        "h" => c_family(head).unwrap_or("C"),
        "inc" => match c_family(head) {
            Some(name) => name,
            None if lines().any(|line| line.starts_with("<?php")) => "PHP",
            None => return Shared::Nobody,
        },
        "m" if lines().any(|l| l.starts_with('%') || l.starts_with("function ")) => "MATLAB",
        "pl" | "t" if lines().any(|line| line.contains(":-")) && !head.contains("#!") => "Prolog",
        "ts" | "cfg" | "conf" | "config" if head.trim_start().starts_with('<') => "XML",
        "d" if head
            .lines()
            .next()
            .is_some_and(|line| line.contains(".o:") || line.ends_with(": \\")) =>
        {
            "Makefile"
        }
        "ll" if head.contains("define ") && head.contains('@') && !head.contains("%%") => "LLVM IR",
        "cl" if head.contains("__kernel") || head.contains("/*") => "OpenCL",
        "config" if head.trim_start().starts_with("CONFIG_") || head.starts_with('#') => "INI",
        "r" if head.trim_start().starts_with("REBOL") => return Shared::Nobody,
        "cls" | "frm" if head.starts_with("VERSION ") => "Visual Basic",
        digit if digit.len() == 1 && digit.as_bytes()[0].is_ascii_digit() => {
            let request = |line: &str| {
                line.starts_with(".\\\"")
                    || [".TH", ".SH", ".Dd", ".Dt", ".so "]
                        .iter()
                        .any(|r| line.starts_with(r))
            };
            if !head.lines().any(request) {
                return Shared::Nobody;
            }
            "Troff"
        }
        _ => return Shared::No,
    };
    Shared::By(chosen)
}

/// Says which of the C languages a header is; nothing if no line of it looks like any of them.
fn c_family(head: &str) -> Option<&'static str> {
    const OBJECTIVE: &[&str] = &["@interface", "@protocol", "@property", "@class", "#import"];
    const PLUS: &[&str] = &[
        "class ",
        "template",
        "namespace ",
        "using ",
        "public:",
        "private:",
        "protected:",
    ];
    const PLUS_INSIDE: &[&str] = &["std::", "constexpr ", "virtual ", "nullptr", "static_cast<"];
    const PLAIN: &[&str] = &[
        "#", "typedef ", "struct ", "static ", "extern ", "enum ", "/*", "//",
    ];
    let (mut seen, mut in_comment, mut guarded) = (None, false, 0_usize);
    for line in head.lines() {
        let line = line.trim();
        if in_comment {
            in_comment = !line.contains("*/");
            continue;
        }
        if line.starts_with("/*") || line.starts_with("//") {
            seen = seen.or(Some("C"));
            in_comment = line.starts_with("/*") && !line.contains("*/");
            continue;
        }
        // A C header shows `extern "C"` and little else to C++ compilers between these lines.
        if guarded > 0 {
            guarded = match () {
                () if line.starts_with("#if") => guarded + 1,
                () if line.starts_with("#endif") || line.starts_with("#el") => guarded - 1,
                () => guarded,
            };
            continue;
        }
        if line.starts_with("#if") && line.contains("__cplusplus") && !line.contains("#ifndef") {
            guarded = 1;
            continue;
        }
        if OBJECTIVE.iter().any(|word| line.starts_with(word)) {
            return Some("Objective-C");
        }
        let code = line.split("//").next().unwrap_or(line);
        if PLUS.iter().any(|word| code.starts_with(word))
            || PLUS_INSIDE.iter().any(|word| code.contains(word))
        {
            return Some("C++");
        }
        if seen.is_none()
            && (PLAIN.iter().any(|word| line.starts_with(word)) || line.ends_with(';'))
        {
            seen = Some("C");
        }
    }
    seen
}

fn by_interpreter(head: &str) -> Option<&'static Language> {
    let first = head.lines().next().unwrap_or_default();
    if let Some(rest) = first.strip_prefix("#!") {
        let mut words = rest.split_whitespace();
        let mut program = words.next()?.rsplit('/').next()?;
        if program == "env" {
            program = words.find(|word| !word.starts_with('-') && !word.contains('='))?;
            program = program.rsplit('/').next()?;
        }
        let program =
            program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
        return places()
            .interpreters
            .get(program.to_ascii_lowercase().as_str())
            .copied();
    }
    let start = head.trim_start();
    let known = [
        ("<?xml", "XML"),
        ("<!doctype html", "HTML"),
        ("<html", "HTML"),
        ("<?php", "PHP"),
    ];
    known
        .iter()
        .find(|(mark, _)| {
            start
                .get(..mark.len())
                .is_some_and(|s| s.eq_ignore_ascii_case(mark))
        })
        .and_then(|(_, name)| by_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(path: &str, head: &str) -> Option<&'static str> {
        of(path.as_bytes(), head.as_bytes()).map(|language| language.name)
    }

    #[test]
    fn names_extensions_and_interpreters() {
        for (path, head, wanted) in [
            ("src/auth.c", "", "C"),
            ("a/b/Makefile", "", "Makefile"),
            ("a/Makefile.am", "", "Makefile"),
            ("drivers/Kconfig.debug", "", "Kconfig"),
            ("arch/arm/dts/a.DTSI", "", "Device Tree"),
            ("CMakeLists.txt", "", "CMake"),
            ("notes.txt", "", "Text"),
            ("rrc/NR-RRC.asn1", "", "ASN.1"),
            ("t/Case.ttcn3", "", "TTCN-3"),
            ("m/ietf-ip.yang", "", "YANG"),
            ("fpga/top.vhd", "", "VHDL"),
            ("fpga/top.sv", "", "SystemVerilog"),
            ("boot/start.S", "", "Assembly"),
            ("app/ebin.app.src", "", "Erlang"),
            ("config.h.in", "/* x */", "C"),
            ("tool", "#!/usr/bin/env -S python3.11 -u\n", "Python"),
            ("tool", "#! /bin/bash -e\n", "Shell"),
            ("page", "<?xml version=\"1.0\"?>", "XML"),
            ("tr/de.ts", "<?xml version='1.0'?>\n<TS>", "XML"),
            ("src/de.ts", "export const a = 1", "TypeScript"),
            ("ls.1", ".TH LS 1", "Troff"),
            ("tools/perf/Build", "perf-y += a.o", "Makefile"),
            ("net/BUILD", "cc_library(", "Starlark"),
            ("arch/x86_64_defconfig", "", "INI"),
            ("lib/a.h_shipped", "", "C"),
            (".bashrc", "", "Shell"),
        ] {
            assert_eq!(name(path, head), Some(wanted), "{path}");
        }
        for (path, head) in [
            ("data.bin", "\0\0"),
            ("lib.so.1", "\u{7f}ELF"),
            ("x", ""),
            ("", ""),
            (".", ""),
        ] {
            assert_eq!(name(path, head), None, "{path}");
        }
    }

    #[test]
    fn headers_are_told_apart_by_content() {
        for (head, wanted) in [
            ("", "C"),
            ("#ifndef A_H\n#define A_H\nint f(void);\n#endif\n", "C"),
            (
                "#ifdef __cplusplus\nextern \"C\" {\nclass Odd;\n#endif\nint f(void);\n",
                "C",
            ),
            ("/* class of\n class numbers\n*/\nstruct a;\n", "C"),
            ("#pragma once\nnamespace ran {\n", "C++"),
            ("#include <string>\nstd::string f();\n", "C++"),
            (
                "#import <Foundation/Foundation.h>\n@interface A : NSObject\n",
                "Objective-C",
            ),
        ] {
            assert_eq!(name("a.h", head), Some(wanted), "{head}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(path in proptest::collection::vec(any::<u8>(), 0..40), head in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = of(&path, &head);
        }
    }
}
