//! Random questions to random trees, indexed in part, answered by the engine and by the oracle.
//!
//! `GLASSROOM_SEARCH_TREES` is the number of trees of the long form; without it a few hundred do.

use super::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Trees of the quick form.
const TREES: u32 = 80;
/// Questions asked of each.
const QUESTIONS: usize = 32;

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[abskSKAB_(]{1,6}",
        3 => Just("\n".to_owned()),
        1 => Just("\r\n".to_owned()),
        1 => Just("ſ\u{212a}é".to_owned()),
        2 => Just(" ".to_owned()),
        1 => Just("\r".to_owned()),
        1 => Just("\u{2028}".to_owned()),
        1 => Just("/*".to_owned()),
        1 => Just("*/".to_owned()),
        1 => Just("//".to_owned()),
        1 => Just("\"".to_owned()),
        2 => Just("def ab".to_owned()),
        1 => Just("sk(".to_owned()),
        1 => Just("\u{1}".to_owned()),
    ];
    proptest::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// A text as UTF-8 or UTF-16, or bytes.
fn files() -> impl Strategy<Value = (Vec<u8>, TreeText)> {
    let utf16 = |text: &str| {
        let units = format!("\u{feff}{text}");
        units.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    prop_oneof![
        8 => texts().prop_map(|text| (text.clone().into_bytes(), TreeText::Text(text))),
        1 => texts().prop_map(move |text| {
            // Of control characters, or of what reads as ASCII too, it would be no UTF-16.
            let text = text.replace(['\u{1}', '\u{2028}'], "");
            (utf16(&text), TreeText::Text(text))
        }),
        1 => "[abskSK_( ]{0,20}".prop_map(|text| {
            let bytes = [b"\0", text.as_bytes()].concat();
            (bytes.clone(), TreeText::Bytes(bytes))
        }),
    ]
}

fn trees() -> impl Strategy<Value = Tree> {
    let file = ("[abk]{1,2}/[abS]{1,3}\\.(c|h)", files());
    proptest::collection::vec(file, 1..24).prop_map(|files| {
        let mut by_path = BTreeMap::new();
        for (at, (path, file)) in files.into_iter().enumerate() {
            // Now and then a content stands at two paths.
            if at % 5 == 0 {
                by_path.insert(RepoPath::new(format!("{path}.h")), file.clone());
            }
            by_path.insert(RepoPath::new(path), file);
        }
        let files = by_path.into_iter();
        Tree {
            files: files
                .map(|(path, (bytes, text))| (path, bytes, text))
                .collect(),
        }
    })
}

fn questions() -> impl Strategy<Value = Ask> {
    let regex = |source: &str, flags| Just(Ask::Regex(source.to_owned(), flags));
    let word = || {
        prop_oneof![
            6 => "[abskSKAB_]{1,4}",
            1 => Just("a b".to_owned()),
            1 => Just("é".to_owned()),
            1 => Just("/*".to_owned()),
            1 => Just("k(".to_owned()),
            1 => Just("ab\u{2028}".to_owned()),
        ]
    };
    let term = prop_oneof![
        8 => word().prop_map(Ask::Word),
        3 => word().prop_map(Ask::Content),
        1 => "[abs]\\.[abk]{1,2}\\+?".prop_map(|source| Ask::Regex(source, "")),
        1 => "[abSK][abk]".prop_map(|source| Ask::Regex(source, "i")),
        1 => regex(r"a\s*b", ""),
        1 => regex("a.*b", ""),
        1 => regex("^[^a]+$", ""),
        1 => regex("^$", ""),
        1 => regex("x*", ""),
        1 => regex(r"\bsk|ab\b", ""),
        1 => regex(r"(?i:SK)a?b{2}", ""),
        2 => Just(Ask::Path("^[abk]/".to_owned())),
        1 => Just(Ask::Path("S".to_owned())),
        1 => Just(Ask::Glob("h".to_owned())),
        1 => Just(Ask::Lang),
        1 => Just(Ask::Flag("binary")),
        1 => Just(Ask::Flag("control")),
        1 => Just(Ask::Flag("generated")),
        1 => (prop_oneof![Just(">"), Just("<"), Just(">="), Just("<="), Just("=")], 1..40_u64)
            .prop_map(|(operator, number)| Ask::Size(operator, number)),
        1 => prop_oneof![Just("n"), Just("No"), Just("nO"), Just("x")].prop_map(|w| Ask::Note(w.to_owned())),
        2 => ("[absk]{1,2}", prop_oneof![Just(None), Just(Some("function")), Just(Some("macro"))])
            .prop_map(|(name, kind)| Ask::Def(name, kind)),
        1 => "\\^[ab]".prop_map(|name| Ask::Def(name, None)),
        1 => "[absK]{1,2}".prop_map(Ask::Ref),
        1 => prop_oneof![Just("function"), Just("macro")].prop_map(Ask::Kind),
    ];
    term.prop_recursive(3, 10, 3, move |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let setting = prop_oneof![
            2 => Just("case:yes"), 2 => Just("case:no"), 1 => Just("in:code"), 2 => Just("in:comment"), 1 => Just("in:string"),
        ];
        prop_oneof![
            4 => proptest::collection::vec(inner.clone(), 2..4).prop_map(Ask::All),
            3 => proptest::collection::vec(inner.clone(), 2..4).prop_map(Ask::Any),
            2 => boxed.clone().prop_map(Ask::Not),
            3 => (setting, boxed).prop_map(|(setting, part)| Ask::With(setting, part)),
            2 => (proptest::collection::vec(inner, 1..3), word())
                .prop_map(|(parts, line)| Ask::All([parts, vec![Ask::ExceptLine(line)]].concat())),
        ]
    })
}

#[test]
fn a_search_finds_what_a_plain_scan_finds() {
    let long = std::env::var("GLASSROOM_SEARCH_TREES");
    let trees_wanted = long.as_ref().ok().and_then(|n| n.parse().ok());
    let config = Config {
        cases: trees_wanted.unwrap_or(TREES),
        failure_persistence: None,
        ..Config::default()
    };
    let unit = prop_oneof![5 => Just("line"), 1 => Just("file"), 2 => Just("symbol")];
    let asked = proptest::collection::vec((questions(), unit), QUESTIONS);
    let counts = Cell::new((0_u64, 0_u64, 0_u64));
    let run =
        TestRunner::new(config).run(&(trees(), asked, 0..24_usize), |(tree, asked, indexed)| {
            let folder = tempfile::tempdir().unwrap();
            let empty = Index::open(folder.path()).unwrap();
            // Some files are indexed, the others are not yet.
            let some = tree.files.iter().take(indexed).cloned().collect();
            Tree { files: some }.build(folder.path(), usize::MAX);
            let part = Index::open(folder.path()).unwrap();
            for (ask, unit) in asked {
                check(&tree, &empty, &ask, unit);
                check(&tree, &part, &ask, unit);
                let found = expected(&tree, &ask, unit);
                let lines: usize = found.iter().map(|(_, hits)| hits.lines.len()).sum();
                let (searches, files, all) = counts.get();
                counts.set((searches + 2, files + found.len() as u64, all + lines as u64));
            }
            Ok(())
        });
    let (searches, files, lines) = counts.get();
    if long.is_ok() {
        println!("{searches} searches equal the plain scan: {files} files and {lines} lines found");
    }
    run.unwrap();
    // A generator that finds nothing would prove nothing.
    assert!(
        files > searches && 2 * lines > searches,
        "{files} files, {lines} lines"
    );
}
