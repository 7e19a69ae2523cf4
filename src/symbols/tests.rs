//! Any text is tagged to an end, and the store against every way of losing it.

use super::*;
use crate::language::{Language, by_name};
use crate::model::{BlobId, SymbolKind, SymbolRole};
use std::time::Duration;

mod bounds;
mod coverage;
mod exactness;
mod loss;
mod ranking;

/// The samples, by the language that they are read in.
const SAMPLES: [(&str, &str); 13] = [
    ("C", include_str!("../../tests/data/symbols/sample.c")),
    ("C++", include_str!("../../tests/data/symbols/sample.cpp")),
    ("C#", include_str!("../../tests/data/symbols/sample.cs")),
    ("Go", include_str!("../../tests/data/symbols/sample.go")),
    ("Java", include_str!("../../tests/data/symbols/sample.java")),
    (
        "JavaScript",
        include_str!("../../tests/data/symbols/sample.js"),
    ),
    ("Lua", include_str!("../../tests/data/symbols/sample.lua")),
    ("PHP", include_str!("../../tests/data/symbols/sample.php")),
    ("Python", include_str!("../../tests/data/symbols/sample.py")),
    ("Ruby", include_str!("../../tests/data/symbols/sample.rb")),
    ("Rust", include_str!("../../tests/data/symbols/sample.rs")),
    ("Shell", include_str!("../../tests/data/symbols/sample.sh")),
    (
        "TypeScript",
        include_str!("../../tests/data/symbols/sample.tsx"),
    ),
];

fn language(name: &str) -> Option<&'static Language> {
    by_name(name)
}

fn tag(name: &str, text: &str) -> Tagged {
    let mut tagger = Tagger::new(TagLimits::default());
    tagger.tag(language(name), text, &|| false).unwrap()
}

/// Checks what every answer must be: in order, each place once, within the text, and the same when it was packed.
fn check(text: &str, tagged: &Tagged) {
    let mut last = None;
    for found in &tagged.tags {
        let symbol = &found.symbol;
        assert!(last < Some(symbol.name.start), "{symbol:?}");
        last = Some(symbol.name.start);
        let name = text.get(symbol.name.start as usize..symbol.name.end as usize);
        assert!(name.is_some_and(|name| !name.is_empty() && !name.contains('\n')));
        assert!(symbol.extent.start <= symbol.name.start && symbol.name.end <= symbol.extent.end);
        assert!(
            text.get(symbol.extent.start as usize..symbol.extent.end as usize)
                .is_some()
        );
        assert_ne!(symbol.role, SymbolRole::Comment);
    }
    let packed = pack::pack(text, &tagged.tags);
    let back = pack::Reader::new(&packed.bytes).and_then(pack::Reader::tags);
    assert_eq!(back.as_deref(), Some(tagged.tags.as_slice()));
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// Changes a text in one to four places: bytes lost, doubled, exchanged, or taken from another text.
fn mutated(dice: &mut Dice, text: &str, other: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.below(4) {
        let from = dice.below(bytes.len());
        let to = (from + dice.below(40)).min(bytes.len());
        match dice.below(5) {
            0 => drop(bytes.drain(from..to)),
            1 => {
                let part = bytes[from..to].to_vec();
                bytes.splice(from..from, part);
            }
            2 => {
                let sign = b"(){}[]<>;:,\"'`#\\/*=\n\0\xff"[dice.below(22)];
                bytes.insert(from, sign);
            }
            3 => bytes.truncate(from),
            _ => {
                let start = dice.below(other.len());
                let end = (start + dice.below(60)).min(other.len());
                bytes.splice(from..to, other.as_bytes()[start..end].to_vec());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn mutate(rounds: usize, seed: u64) {
    let mut dice = Dice(seed);
    let mut tagger = Tagger::new(TagLimits::default());
    for round in 0..rounds {
        let (name, text) = SAMPLES[round % SAMPLES.len()];
        let other = SAMPLES[dice.below(SAMPLES.len())].1;
        let text = mutated(&mut dice, text, other);
        let tagged = tagger.tag(language(name), &text, &|| false).unwrap();
        check(&text, &tagged);
        // Any language by pattern.
        let all = crate::language::all();
        let any = &all[dice.below(all.len())];
        let mut tags = pattern::tags(any, &text);
        tags.retain(|tag| tag.symbol.name.start > tag.symbol.name.end);
        assert_eq!(tags, [], "{}", any.name);
    }
}

#[test]
fn mutated_texts_are_tagged_to_an_end() {
    mutate(400, 0x9e37_79b9_7f4a_7c15);
}

/// The long form: `cargo test --release --lib symbols -- --ignored`.
#[test]
#[ignore = "takes minutes"]
fn many_mutated_texts_are_tagged_to_an_end() {
    mutate(60_000, 0x2545_f491_4f6c_dd1d);
}

#[test]
fn samples_are_read_by_their_grammars() {
    for (name, text) in SAMPLES {
        let tagged = tag(name, text);
        check(text, &tagged);
        // The sample of C is about what its grammar cannot read.
        let wanted = if name == "C" {
            How::Approximate(Why::Errors)
        } else {
            How::Exact
        };
        assert_eq!(tagged.how, wanted, "{name}");
        assert!(tagged.tags.len() > 8, "{name}");
    }
}

#[test]
fn what_nests_beyond_the_bounds_comes_to_an_end() {
    let texts = [
        ("C", "struct a{".repeat(400)),
        ("C", "f(".repeat(1000)),
        ("C", "#if 1\n".repeat(300)),
        ("C", "A(b){}\n".repeat(300)),
        ("C", "int (*".repeat(500)),
        ("C++", "a<".repeat(600)),
        ("C++", "namespace a{".repeat(300)),
        ("Java", "class A{".repeat(300)),
        ("JavaScript", "`${".repeat(300)),
        ("Python", "if a:\n".to_owned() + &" ".repeat(2000)),
        ("Ruby", "<<A\n".repeat(200)),
        ("Shell", "$(".repeat(500)),
        ("Shell", "<<A\n".repeat(200)),
        ("PHP", "<?php ".to_owned() + &"[".repeat(1000)),
        ("Rust", "/*".repeat(1000)),
        ("Lua", "{".repeat(1000)),
        ("Go", "func(".repeat(500)),
        ("C#", "$\"{".repeat(300)),
    ];
    // Lowered as far as the texts are small.
    let limits = TagLimits {
        time: Duration::from_millis(30),
        memory: 1 << 20,
        stack: 256 << 10,
        ..TagLimits::default()
    };
    let mut tagger = Tagger::new(limits);
    for (name, text) in texts {
        let tagged = tagger.tag(language(name), &text, &|| false).unwrap();
        check(&text, &tagged);
    }
}

#[test]
fn what_a_compiler_sees_behind_a_comment_is_defined() {
    for (name, text, wanted) in [
        (
            "C",
            "// tidy up\rint hidden(void)\r{\r}\nint shown;\n",
            &["hidden", "shown"][..],
        ),
        (
            "C++",
            "// tidy up\rint hidden = 7;\nint shown;\n",
            &["hidden", "shown"],
        ),
        (
            "C",
            "int a; // joined \\ \nint gone;\nint shown;\n",
            &["a", "shown"],
        ),
        (
            "C",
            "int a; // joined ??/\nint gone;\nint shown;\n",
            &["a", "shown"],
        ),
        ("C", "/* a *\\\n/ int hidden; /* b */\n", &["hidden"]),
        (
            "C",
            "#define A 1 // b\rint hidden;\r#define B 2\n",
            &["A", "hidden", "B"],
        ),
        (
            "Java",
            "class A {\n // a\r int hidden = 1;\n // b \\u000a int also;\n}\n",
            &["A", "hidden", "also"],
        ),
        (
            "C#",
            "class A {\n // a\u{85} int hidden = 1;\n // b\u{2029} int also;\n}\n",
            &["A", "hidden", "also"],
        ),
        (
            "JavaScript",
            "// é\u{2028}function hidden() {}\n// b\rfunction also() {}\n",
            &["hidden", "also"],
        ),
        (
            "TypeScript",
            "// a\u{2029}function hidden() {}\n",
            &["hidden"],
        ),
        ("Python", "# a\rdef hidden():\r    pass\n", &["hidden"]),
        ("Lua", "-- a\rfunction hidden() end\n", &["hidden"]),
        (
            "PHP",
            "<?php // a\rfunction hidden() {}\n// b ?> c <?php function also() {}\n",
            &["hidden", "also"],
        ),
        (
            "Objective-C",
            "// a\rint hidden(void) { return 1; }\n",
            &["hidden"],
        ),
        ("Go", "package p\n// a\rfunc gone() {}\n", &["p"]),
        (
            "Rust",
            "// a\u{2028}fn gone() {}\nfn shown() {}\n",
            &["shown"],
        ),
    ] {
        let tagged = tag(name, text);
        let defined = tagged
            .tags
            .iter()
            .filter(|tag| tag.symbol.role == SymbolRole::Definition);
        let found: Vec<_> = defined.map(|tag| tag.symbol.name_in(text)).collect();
        assert_eq!(found, wanted, "{name}: {text:?} {:?}", tagged.how);
        check(text, &tagged);
    }
}

#[test]
fn limits_lead_to_the_pattern_and_say_so() {
    let text = "int f(void)\n{\n\tg();\n}\n#define A 1\n";
    let how = |limits| {
        let mut tagger = Tagger::new(limits);
        let tagged = tagger.tag(language("C"), text, &|| false).unwrap();
        let names: Vec<_> = tagged
            .tags
            .iter()
            .map(|tag| tag.symbol.name_in(text).to_owned())
            .collect();
        (
            tagged.how,
            names,
            tagged.tags.iter().all(|tag| tag.is_exact),
        )
    };
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let limits = TagLimits::default();
    assert_eq!(how(limits), (How::Exact, names(&["f", "g", "A"]), true));
    let small = TagLimits { text: 10, ..limits };
    let approximate = |why| (How::Approximate(why), names(&["f", "A"]), false);
    assert_eq!(how(small), approximate(Why::TooLarge));
    let short = TagLimits {
        time: Duration::ZERO,
        ..limits
    };
    assert_eq!(how(short), approximate(Why::OutOfTime));
    let mut tagger = Tagger::new(limits);
    assert_eq!(tagger.tag(language("C"), text, &|| true), None);
    assert_eq!(
        tag("Fortran", "SUBROUTINE F\n").how,
        How::Approximate(Why::NoGrammar)
    );
    assert_eq!(tag("JSON", "{}"), Tagged::nothing(How::NoCode));
    assert_eq!(tag("C", "").how, How::Exact);
}

#[test]
fn what_the_grammar_cannot_read_is_found_by_the_pattern() {
    let text = "int f(void)\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t}\n}\n\n\
        int g(int a) {{{ ]]] )\n}\n\nstruct s {\n\tint a;\n};\nint h(void)\n{\n}\n";
    let tagged = tag("C", text);
    let found: Vec<_> = tagged
        .tags
        .iter()
        .filter(|tag| tag.symbol.kind == SymbolKind::Function)
        .map(|tag| tag.symbol.name_in(text))
        .collect();
    assert_eq!(found, ["f", "g", "h"], "{tagged:?}");
    check(text, &tagged);
}
