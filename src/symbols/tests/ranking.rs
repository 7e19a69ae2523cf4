//! The picker against a plain ranking of all names.

use super::*;
use crate::text::Fuzzy;
use proptest::prelude::*;
use std::cmp::Reverse;
use std::path::Path;

/// Stores texts that define the names, some in each.
fn store(folder: &Path, names: &[Vec<String>]) -> SymbolStore {
    let texts: Vec<String> = names
        .iter()
        .map(|names| {
            let lines = names.iter().map(|name| format!("#define {name} 1\n"));
            lines.collect()
        })
        .collect();
    let order: Vec<Wanted<'_>> = (0..names.len())
        .map(|n| Wanted {
            blob: BlobId::new([n as u8; 20]),
            path: b"a.h",
        })
        .collect();
    let source = |id: &BlobId| Content::Text(texts[id.as_bytes()[0] as usize].clone());
    let plan = Build {
        order: &order,
        source: &source,
        // One thread, so that the order is known.
        limits: Limits {
            threads: 1,
            ..Limits::default()
        },
    };
    build(folder, &plan, &mut |_| {}, &|| false).unwrap();
    SymbolStore::open(folder).unwrap()
}

/// Ranks all names of wanted texts the slow way.
fn plain(names: &[Vec<String>], typed: &str, is_wanted: impl Fn(usize) -> bool) -> Vec<String> {
    let mut fuzzy = Fuzzy::new(typed);
    let mut ranked = Vec::new();
    let mut number = 0;
    for (text, names) in names.iter().enumerate() {
        for name in names {
            number += 1;
            if let Some(score) = fuzzy.score(name).filter(|_| is_wanted(text)) {
                ranked.push((Reverse(score), name.len(), number, name.clone()));
            }
        }
    }
    ranked.sort();
    ranked.into_iter().map(|(.., name)| name).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn picking_is_ranking_all(
        names in prop::collection::vec(prop::collection::vec("[a-cA-C_][a-cA-C_0-9]{0,7}", 0..60), 1..8),
        typed in "[a-cA0_!'^$]{1,4}",
        wanted in 0..3_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), &names);
        let is_wanted = |n: usize| n % 3 != wanted;
        let mut picker = Picker::new(store, &|key| is_wanted(key.blob.as_bytes()[0] as usize));
        let total: usize = names.iter().enumerate().filter(|(n, _)| is_wanted(*n)).map(|(_, n)| n.len()).sum();
        // Typing on must not change what is found.
        let mut at = 0;
        for c in typed.chars() {
            at += c.len_utf8();
            let typed = &typed[..at];
            let picked = picker.pick(typed, 20, &|| false).unwrap();
            prop_assert_eq!(picked.total, total);
            let all = if Fuzzy::new(typed).is_empty() {
                continue;
            } else {
                plain(&names, typed, is_wanted)
            };
            prop_assert_eq!(picked.matched, all.len());
            let best: Vec<&str> = picked.best.iter().map(|c| c.name.as_str()).collect();
            let wanted: Vec<&str> = all.iter().map(String::as_str).take(20).collect();
            prop_assert_eq!(best, wanted, "{}", typed);
            for candidate in &picked.best {
                let symbol = &candidate.definition.tag.symbol;
                prop_assert_eq!((symbol.kind, candidate.definition.column), (SymbolKind::Macro, 9));
                prop_assert_eq!(picker.candidate(candidate.number), Some(candidate.clone()));
            }
        }
    }
}

#[test]
fn nothing_typed_lists_the_first_and_a_cancelled_pick_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<Vec<String>> = (0..3)
        .map(|n| (0..2000).map(|m| format!("NAME_{n}_{m}")).collect())
        .collect();
    let store = store(folder.path(), &names);
    let mut picker = Picker::new(store, &|key| key.blob.as_bytes()[0] != 0);
    let first = picker.pick("", 5, &|| false).unwrap();
    assert_eq!(
        (first.matched, first.total, first.best.len()),
        (4000, 4000, 5)
    );
    assert_eq!(first.best[0].name, "NAME_1_0");
    assert_eq!(picker.pick("x", 5, &|| true), None);
    let found = picker.pick("NAME_2_1999", 5, &|| false).unwrap();
    assert_eq!((found.matched, found.best[0].definition.line), (1, 2000));
    assert_eq!(picker.candidate(99_999), None);
}
