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

use super::{HEAD_BYTES, Language, LanguageKind, TOP_BYTES, all, by_name};
use memchr::{memchr, memmem};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Suffixes that leave a file the language it had.
const NEUTRAL: &[&str] = &[
    "in", "orig", "bak", "old", "tmpl", "template", "j2", "dist", "example", "sample",
];

struct Places {
    extensions: HashMap<&'static str, &'static Language>,
    file_names: HashMap<&'static str, &'static Language>,
    /// The classes of what is in the two above, and of the shared extensions.
    extensions_class: HashMap<&'static str, NameClass>,
    file_names_class: HashMap<&'static str, NameClass>,
    interpreters: HashMap<&'static str, &'static Language>,
}

fn places() -> &'static Places {
    static PLACES: OnceLock<Places> = OnceLock::new();
    PLACES.get_or_init(|| {
        let collect = |of: fn(&'static Language) -> &'static [&'static str]| {
            all()
                .iter()
                .flat_map(|language| of(language).iter().map(move |word| (*word, language)))
                .collect::<HashMap<_, _>>()
        };
        let classes = |of: &HashMap<&'static str, &'static Language>| {
            let class = |(word, language): (&&'static str, &&'static Language)| {
                (*word, NameClass::of_language(language))
            };
            of.iter().map(class).collect::<HashMap<_, _>>()
        };
        let extensions = collect(|language| &language.extensions);
        let file_names = collect(|language| &language.file_names);
        let mut extensions_class = classes(&extensions);
        extensions_class.extend(SHARED.iter().copied().zip((0..).map(NameClass::Shared)));
        let mut file_names_class = classes(&file_names);
        file_names_class.insert("build", NameClass::Build);
        Places {
            extensions_class,
            file_names_class,
            extensions,
            file_names,
            interpreters: collect(|language| &language.interpreters),
        }
    })
}

/// Extensions that several languages share, or that not every file with it deserves: [`shared`] asks the content.
const SHARED: &[&str] = &[
    "h", "inc", "m", "pl", "t", "ts", "cfg", "conf", "config", "d", "ll", "cl", "r", "cls", "frm",
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9",
];

/// Bytes of a file name that are looked at.
const LONGEST: usize = 255;

/// What a path alone says about the language of its file.
///
/// Two files with equal bytes and equal classes have the same language, so whatever depends on the language of a blob
/// is kept by blob and class: a copy of `gate.c` that is called `listing.txt` is another thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameClass {
    /// The language with this position in [`all`], whatever the file holds.
    Language(u16),
    /// The extension with this position in the list of shared ones: the content decides.
    Shared(u16),
    /// `BUILD`, of Bazel or of the Linux kernel.
    Build,
    /// The name says nothing; an interpreter line may.
    Unnamed,
    /// A language that is no code, if one need not know which: see [`NameClass::for_code`].
    NoCode,
}

impl NameClass {
    /// Returns the class of a path.
    pub fn from_path(path: &[u8]) -> Self {
        let name = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
        let name = &name[..name.len().min(LONGEST)];
        // Asked of every file of a snapshot at once: without an allocation it takes a third of the time.
        let mut lower = [0; LONGEST];
        let lower = &mut lower[..name.len()];
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        match std::str::from_utf8(lower) {
            Ok(name) => by_file_name(name),
            Err(_) => by_file_name(&String::from_utf8_lossy(lower)),
        }
    }

    /// Returns the class of a path for a reader who only wants code: documents and data are all alike.
    pub fn for_code(path: &[u8]) -> Self {
        match Self::from_path(path) {
            Self::Language(at) if all()[at as usize].kind != LanguageKind::Code => Self::NoCode,
            other => other,
        }
    }

    /// Returns the language of a file of this class, by its first bytes. Only [`HEAD_BYTES`] are looked at.
    pub fn language(self, head: &[u8]) -> Option<&'static Language> {
        let whole = &head[..head.len().min(HEAD_BYTES)];
        let top = String::from_utf8_lossy(&head[..head.len().min(TOP_BYTES)]);
        let top = top.trim_start_matches('\u{feff}');
        self.by_content(top, whole).or_else(|| by_interpreter(top))
    }

    fn by_content(self, head: &str, whole: &[u8]) -> Option<&'static Language> {
        match self {
            Self::Language(at) => all().get(at as usize),
            Self::Shared(at) => {
                let extension = SHARED.get(at as usize)?;
                match shared(extension, head, whole) {
                    Shared::By(name) => by_name(name),
                    Shared::Nobody => None,
                    Shared::No => places().extensions.get(extension).copied(),
                }
            }
            // Bazel's `BUILD` calls functions, the kernel's `Build` adds to variables.
            Self::Build if head.contains("+=") => by_name("Makefile"),
            Self::Build => places().file_names.get("build").copied(),
            Self::Unnamed | Self::NoCode => None,
        }
    }

    /// Returns the number that stands for it on disk, where [`NameClass::digest`] is kept beside it.
    pub fn code(self) -> u16 {
        match self {
            Self::NoCode => 0,
            Self::Unnamed => 1,
            Self::Build => 2,
            Self::Shared(at) => 0x100 + at,
            Self::Language(at) => 0x1000 + at,
        }
    }

    /// Returns the class that a number stands for.
    pub fn from_code(code: u16) -> Option<Self> {
        Some(match code {
            0 => Self::NoCode,
            1 => Self::Unnamed,
            2 => Self::Build,
            0x100..0x1000 => Self::Shared(code - 0x100),
            0x1000.. => Self::Language(code - 0x1000),
            _ => return None,
        })
    }

    /// Returns a text that changes whenever a number would stand for another class.
    pub fn digest() -> String {
        let names = all().iter().map(|language| language.name);
        names
            .chain(SHARED.iter().copied())
            .collect::<Vec<_>>()
            .join("|")
    }

    fn of_language(language: &'static Language) -> Self {
        let at =
            all().binary_search_by_key(&language.name.to_lowercase(), |l| l.name.to_lowercase());
        at.map_or(Self::Unnamed, |at| Self::Language(at as u16))
    }
}

/// Returns the language of a file, from its path in the snapshot and its first bytes.
///
/// Only [`HEAD_BYTES`] of `head` are looked at. A file that fits nothing has no language: it is then
/// plain text to everyone who asks.
pub fn of(path: &[u8], head: &[u8]) -> Option<&'static Language> {
    NameClass::from_path(path).language(head)
}

/// Returns whether the content of a file with this path can change its language: its name says nothing, or is
/// shared.
pub fn depends_on_content(path: &[u8]) -> bool {
    !matches!(NameClass::from_path(path), NameClass::Language(_))
}

fn by_file_name(name: &str) -> NameClass {
    let places = places();
    if let Some(class) = places.file_names_class.get(name) {
        return *class;
    }
    if name.ends_with("defconfig") {
        return by_name("INI").map_or(NameClass::Unnamed, NameClass::of_language);
    }
    let stem = name.split('.').next().unwrap_or(name);
    if matches!(
        stem,
        "makefile" | "dockerfile" | "kconfig" | "jenkinsfile" | "kbuild"
    ) && let Some(class) = places.file_names_class.get(stem)
    {
        return *class;
    }
    for (at, _) in name.match_indices('.').filter(|(at, _)| *at > 0) {
        if let Some(class) = places.extensions_class.get(&name[at + 1..]) {
            return *class;
        }
    }
    if let Some(shorter) = name.strip_suffix("_shipped") {
        return by_file_name(shorter);
    }
    if let Some((shorter, last)) = name.rsplit_once('.')
        && !shorter.is_empty()
        && NEUTRAL.contains(&last)
    {
        return by_file_name(shorter);
    }
    NameClass::Unnamed
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

/// Decides between languages that share an extension, by the top of a file; of a header by more of it.
fn shared(extension: &str, head: &str, whole: &[u8]) -> Shared {
    let lines = || head.lines().map(str::trim_start);
    let chosen = match extension {
        "h" => c_family(whole).unwrap_or("C"),
        "inc" => match c_family(whole) {
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

/// How many bytes of code, comments not counted, say which of the C languages a header is.
const CODE_BYTES: usize = 16 * 1024;

/// Says which of the C languages a header is; nothing if no line of it looks like any of them.
fn c_family(head: &[u8]) -> Option<&'static str> {
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
    let (mut seen, mut guarded) = (None, 0_usize);
    let mut rest = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
    let mut code_bytes = 0;
    while !rest.is_empty() && code_bytes < CODE_BYTES {
        let end = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let line = String::from_utf8_lossy(&rest[..end]);
        let line = line.trim();
        if line.starts_with("/*") && !line.contains("*/") {
            seen = seen.or(Some("C"));
            // On to the line after the comment, however long it is.
            let close = memmem::find(rest, b"*/").map_or(rest.len(), |close| close + 2);
            let after = memchr(b'\n', &rest[close..]);
            rest = &rest[after.map_or(rest.len(), |end| close + end + 1)..];
            continue;
        }
        rest = &rest[end..];
        if line.starts_with("/*") || line.starts_with("//") {
            seen = seen.or(Some("C"));
            continue;
        }
        code_bytes += line.len();
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

    #[test]
    fn a_long_comment_hides_no_language() {
        let licence = format!("/*\n{}*/\n", " * All rights reserved.\n".repeat(9000));
        let lines = "// All rights reserved.\n".repeat(9000);
        let guard = "#ifndef A_H\n#define A_H\n";
        let code = "struct plain { int a; };\n";
        for top in [
            licence.clone(),
            lines,
            format!("\u{feff}{guard}{licence}{code}{licence}"),
        ] {
            assert!(top.len() > 20 * TOP_BYTES);
            let cpp = format!("{top}class Late {{\npublic:\n    int a;\n}};\n");
            assert_eq!(name("a.h", &cpp), Some("C++"));
            assert_eq!(name("a.inc", &cpp), Some("C++"));
            let c = format!("{top}{code}");
            assert_eq!(name("a.h", &c), Some("C"), "control");
        }
        // The end of a comment and code on one line.
        let joined = format!(
            "{} */\nnamespace late {{ }}\n",
            &licence[..licence.len() - 4]
        );
        assert_eq!(name("a.h", &joined), Some("C++"));
    }

    #[test]
    fn only_shared_extensions_ask_the_content() {
        let heads = [
            "",
            "<a",
            "#!x",
            "CONFIG_A=y",
            "%x",
            "function f",
            "a :- b",
            "a.o: b",
            "define @",
            "/* */",
            "REBOL",
            "VERSION 5",
            ".TH A",
            "#import",
            "namespace a",
            "<?php",
        ];
        for language in all() {
            for extension in language.extensions.iter().filter(|e| !SHARED.contains(e)) {
                for head in heads {
                    assert!(
                        matches!(shared(extension, head, head.as_bytes()), Shared::No),
                        ".{extension}"
                    );
                }
                let path = format!("a.{extension}");
                assert!(!depends_on_content(path.as_bytes()), "{path}");
            }
        }
        // What `lang:` and the symbols may ask of a name alone.
        for (path, depends) in [
            ("a.cl", true),
            ("a.r", true),
            ("a.h", true),
            ("makefile.h", false),
            ("a.c.in", false),
            ("BUILD", true),
            ("tool", true),
            ("a.txt", false),
            ("a.config", true),
            ("man.0", true),
        ] {
            assert_eq!(depends_on_content(path.as_bytes()), depends, "{path}");
        }
    }

    #[test]
    fn classes_come_back_from_their_numbers() {
        let mut numbers = std::collections::HashSet::new();
        let languages = (0..all().len() as u16).map(NameClass::Language);
        let shared = (0..SHARED.len() as u16).map(NameClass::Shared);
        let others = [NameClass::Build, NameClass::Unnamed, NameClass::NoCode];
        for class in languages.chain(shared).chain(others) {
            assert_eq!(NameClass::from_code(class.code()), Some(class));
            assert!(numbers.insert(class.code()));
            if let NameClass::Language(at) = class {
                assert_eq!(NameClass::of_language(&all()[at as usize]), class);
            }
        }
        let class = |path: &str| NameClass::for_code(path.as_bytes());
        assert_eq!(class("a/listing.txt"), class("b.json"));
        assert_ne!(class("a.c"), class("a.c.disabled"));
        assert_ne!(class("a.C"), class("a.hpp.txt"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(path in proptest::collection::vec(any::<u8>(), 0..40), head in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = of(&path, &head);
        }
    }
}
