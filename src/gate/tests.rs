use super::*;
use crate::model::Rule;
use proptest::prelude::*;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Texts that are handed out to whoever asks next.
struct Files {
    all: Vec<(&'static str, String)>,
    next: AtomicUsize,
}

impl Corpus for Files {
    type Error = Infallible;
    fn visit(&self, see: &mut dyn FnMut(Passage<'_>) -> ControlFlow<()>) -> Result<(), Infallible> {
        while let Some((path, text)) = self.all.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let passage = Passage {
                origin: &DeliveredText::File(RepoPath::new(*path)),
                first_line: 1,
                text: text.as_bytes(),
            };
            if see(passage).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn files(all: Vec<(&'static str, String)>) -> Files {
    Files {
        all,
        next: AtomicUsize::new(0),
    }
}

const CODE: &str = "#include <proto/session/table.h>\n\
    static int session_lookup(struct table *t, u32 key)\n{\n\
    \tif (t->count > MAX_SESSIONS)\n\t\treturn -ENOSPC;\n\
    \tmemcpy(t->slots[key].name, packet->payload, packet->length);\n\
    \treturn protocol_session_table_find_by_identifier(t, key);\n}\n\
    The keys are shared\n";

fn corpus() -> Files {
    files(vec![
        (
            "src/proto/session/table_of_all_the_known_sessions.c",
            CODE.to_owned(),
        ),
        ("b.txt", String::new()),
    ])
}

fn typed(texts: &[&str]) -> Vec<Typed> {
    let one = |(i, text): (usize, &&str)| Typed {
        file: "findings.json".into(),
        line: i as u64 + 1,
        text: (*text).to_owned(),
        what: format!("alice/F{i} title"),
    };
    texts.iter().enumerate().map(one).collect()
}

fn ask<C: Corpus>(
    texts: &[&str],
    policy: &Policy,
    corpus: &C,
    reason: &str,
) -> Result<Verdict, GateError<C::Error>> {
    let watch = Watch {
        is_cancelled: &|| false,
        progress: &mut |_| {},
    };
    let question = Question {
        typed: &typed(texts),
        policy,
        reason,
        is_known: &|_| false,
    };
    judge(&question, corpus, watch)
}

fn verdict(texts: &[&str], corpus: &Files) -> Verdict {
    ask(texts, &Policy::default(), corpus, "").unwrap()
}

fn rules(texts: &[&str]) -> Vec<Rule> {
    let mut rules: Vec<_> = verdict(texts, &corpus())
        .overlaps
        .iter()
        .map(|o| o.rule)
        .collect();
    rules.dedup();
    rules
}

#[test]
fn copied_code_is_blocked_with_both_places() {
    let found = verdict(
        &[
            "fine",
            "see memcpy(t->slots[key].name, packet->payload, packet->length); here",
        ],
        &corpus(),
    );
    assert!(found.blocked);
    let of = |rule| found.overlaps.iter().find(|o| o.rule == rule).unwrap();
    for rule in [Rule::Run32, Rule::Line] {
        assert_eq!((of(rule).line, of(rule).at), (2, Some(6)), "{rule:?}");
    }
    assert_eq!(
        of(Rule::Run32).length,
        "memcpytslotskeynamepacketpayloadpacketlength".len() as u64
    );
    assert_eq!(of(Rule::Line).length, 60);
}

#[test]
fn spacing_case_and_a_split_over_texts_do_not_help() {
    assert_eq!(
        rules(&[
            "M E M C P Y  t slots-KEY name packet pay",
            "load packet length"
        ]),
        [Rule::Run32]
    );
    assert_eq!(rules(&["IF (t->count >MAX_sessions)"]), [Rule::Line]);
    assert_eq!(
        rules(&["The line `the keys are shared` says so"]),
        [Rule::Line]
    );
    assert_eq!(
        rules(&["memcpy.t.slots.key.name.packet.payload.packet.length"]),
        [Rule::Run32]
    );
}

#[test]
fn names_paths_and_plain_prose_are_free() {
    for text in [
        "protocol_session_table_find_by_identifier trusts its key",
        "call protocol_session_table_find_by_identifier then return",
        "in src/proto/session/table_of_all_the_known_sessions.c:12 the bound is missing",
        "see include/proto/session/table_of_all_the_known_sessions.c.",
        "The length of the packet is not checked before the name is copied into the slot of the table.",
        "we think the keys are shared by all sessions",
        "MAX_SESSIONS",
    ] {
        assert_eq!(rules(&[text]), [], "{text}");
    }
    let found = verdict(
        &["MAX_SESSIONS and ENOSPC and session_lookup, not_theirs"],
        &corpus(),
    );
    assert_eq!(found.budgets[1].used, 2);
    assert!(!found.blocked);
}

#[test]
fn a_path_in_any_script_is_free() {
    let path = "文档/主密钥由所有用户可以读取的说明.md";
    let files = || {
        let list = format!("见 {path} 一节\n");
        files(vec![(path, String::new()), ("README.md", list)])
    };
    for (text, is_free) in [
        ("在 文档/主密钥由所有用户可以读取的说明.md 里", true),
        ("在 主密钥由所有用户可以读取的说明 里", false),
    ] {
        let overlaps = verdict(&[text], &files()).overlaps;
        assert_eq!(overlaps.is_empty(), is_free, "{overlaps:?}");
    }
}

#[test]
fn hidden_characters_are_blocked() {
    for text in [
        "a\u{200b}b",
        "a\u{202e}b",
        "e\u{301}",
        "\u{1b}[1m",
        "\u{e000}",
        "a\u{fe0f}",
        "\r",
    ] {
        assert_eq!(rules(&[text]), [Rule::Alphabet], "{text:?}");
    }
    assert_eq!(rules(&["größer als 4 €\n\tзначение 値"]), []);
}

#[test]
fn a_short_run_of_code_leaves_only_with_a_reason() {
    let text = "it writes (t->slots[key].name, which is short";
    let policy = Policy::default();
    let without = ask(&[text], &policy, &corpus(), " ").unwrap();
    assert_eq!(without.overlaps[0].rule, Rule::CodeRun);
    assert_eq!(without.overlaps[0].at, Some(6));
    assert!(without.blocked && without.needs_reason && without.is_only_stopped());
    let with = ask(&[text], &policy, &corpus(), "the name of the field matters").unwrap();
    assert_eq!(with.overlaps, without.overlaps);
    assert!(!with.blocked && !with.needs_reason);
    let copied = "memcpy(t->slots[key].name, packet->payload, packet->length);";
    let hard = ask(&[text, copied], &policy, &corpus(), "because").unwrap();
    assert!(hard.blocked, "a reason does not answer what blocks");
    for free in [
        "see <proto/session/table.h> for it",
        "t->count->of->all->the->known.sessions",
        "packet->length (of the packet) is [not] checked",
        "return -ENOSPC;",
    ] {
        assert_eq!(rules(&[free]), [], "{free}");
    }
}

#[test]
fn a_token_that_nothing_explains_is_blocked() {
    let token = "H4sIAAAAAAAAA8tMU9BIzszTVCjOSE1JTcks0uQCAM3y";
    assert_eq!(rules(&[&format!("see {token}")]), [Rule::Opaque]);
    let question = |is_known: &(dyn Fn(&str) -> bool + Sync)| {
        let watch = Watch {
            is_cancelled: &|| false,
            progress: &mut |_| {},
        };
        let question = Question {
            typed: &typed(&[&format!("see {token}")]),
            policy: &Policy::default(),
            reason: "",
            is_known,
        };
        judge(&question, &corpus(), watch).unwrap().blocked
    };
    assert!(!question(&|id| id == token));
    assert!(question(&|_| false), "the control");
}

#[test]
fn a_disguise_is_told_with_its_place_and_its_name() {
    let found = verdict(
        &["the dump is aWYgKHQtPmNvdW50ID4gTUFYX1NFU1NJT05TKQ== as sent"],
        &corpus(),
    );
    let disguise = found.overlaps.iter().find(|o| o.rule == Rule::Disguise);
    let disguise = disguise.unwrap();
    assert_eq!((disguise.at, disguise.length), (Some(4), 28));
    assert!(
        disguise.what.ends_with("undone: base64"),
        "{}",
        disguise.what
    );
    // Split over two findings, and one of them in Cyrillic letters.
    assert_eq!(rules(&["if (t-\u{441}", "no"]), []);
    assert_eq!(
        rules(&["if (t->\u{441}\u{43e}unt", "> MAX_SESSIONS)"]),
        [Rule::Alphabet, Rule::Disguise]
    );
}

#[test]
fn a_copied_title_is_told_at_every_place_of_the_bundle() {
    let copied = "return protocol_session_table_find_by_identifier(t, key);";
    let found = verdict(&[copied, "other", copied], &corpus());
    let lines: Vec<_> = found
        .overlaps
        .iter()
        .filter(|o| o.rule == Rule::Line)
        .map(|o| o.line)
        .collect();
    assert_eq!(lines, [1, 3]);
}

#[test]
fn marks_are_the_stretches_of_the_typed_text() {
    let texts = typed(&["so: if (t->count > MAX_SESSIONS) x", "clean"]);
    let path = RepoPath::new("a.c");
    let marks = mark(&texts, [(&path, CODE.as_bytes())].into_iter());
    assert_eq!(
        marks,
        [Mark {
            typed: 0,
            range: (4, 32),
            rule: Rule::Line,
            origin: DeliveredText::File(path.clone()),
            line: 4,
        }]
    );
}

#[test]
fn a_budget_that_is_used_up_blocks() {
    let policy = Policy {
        identifiers_per_bundle: 1,
        ..Policy::default()
    };
    let found = ask(&["MAX_SESSIONS, session_lookup"], &policy, &corpus(), "").unwrap();
    assert!(found.blocked && found.overlaps.is_empty());
}

#[test]
fn a_corpus_that_fails_gives_no_verdict_and_cancelling_ends_it() {
    struct Broken(AtomicUsize);
    impl Corpus for Broken {
        type Error = std::io::Error;
        fn visit(
            &self,
            _: &mut dyn FnMut(Passage<'_>) -> ControlFlow<()>,
        ) -> Result<(), Self::Error> {
            if self.0.fetch_add(1, Ordering::Relaxed) == 0 {
                Err(std::io::ErrorKind::NotFound.into())
            } else {
                Ok(())
            }
        }
    }
    let policy = Policy::default();
    let broken = Broken(AtomicUsize::new(0));
    assert!(matches!(
        ask(&[], &policy, &broken, ""),
        Err(GateError::Corpus(_))
    ));
    let mut seen = 0;
    let watch = Watch {
        is_cancelled: &|| true,
        progress: &mut |bytes| seen += bytes,
    };
    let question = Question {
        typed: &[],
        policy: &policy,
        reason: "",
        is_known: &|_| false,
    };
    assert!(matches!(
        judge(&question, &corpus(), watch),
        Err(GateError::Cancelled)
    ));
    assert_eq!(seen, CODE.len() as u64);
}

/// The rule as its definition reads: every pair of positions is compared.
fn oracle(typed: &str, vendor: &str) -> bool {
    let letters = |t: &str| {
        t.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_lowercase()
    };
    let (a, b) = (letters(typed), letters(vendor));
    a.as_bytes()
        .windows(32)
        .any(|w| b.as_bytes().windows(32).any(|v| v == w))
}

proptest! {
    #[test]
    fn runs_equal_a_naive_search(vendor in "[ab] ([ab]{1,3} ){10,60}", typed in "([ab]{1,3}, ){10,60}", cut in any::<u8>()) {
        // The vendor's tokens are short, so every run touches several and none is free.
        let from = cut as usize % vendor.len().min(60);
        let copied = &vendor[from..(from + 70).min(vendor.len())];
        for text in [typed.clone(), format!("{typed}{copied}")] {
            let files = files(vec![("a", vendor.clone())]);
            let found = verdict(&[&text], &files);
            let runs = found.overlaps.iter().any(|o| o.rule == Rule::Run32);
            prop_assert_eq!(runs, oracle(&text, &vendor));
        }
    }
    #[test]
    fn every_planted_run_is_found(start in 0usize..200, len in 45usize..120) {
        let vendor: String = CODE.chars().collect();
        let end = (start + len).min(vendor.len() - 22);
        let run = &vendor[start.min(end)..end];
        let letters = run.bytes().filter(u8::is_ascii_alphanumeric).count();
        let has_break = run.contains([' ', '(', '\t', '\n']);
        let found = verdict(&[&format!("prose before {run} prose after")], &corpus());
        prop_assert!(found.blocked || letters < 32 || !has_break, "{run}");
    }
}
