use super::*;
use crate::model::{MarkedWords, Rule};
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
    static int session_lookup(struct table *t, u32 key, enum lookup_scope scope)\n{\n\
    \tif (t->count > MAX_SESSIONS)\n\t\treturn -ENOSPC;\n\
    \tmemcpy(t->slots[key].name, packet->payload, packet->length);\n\
    \treturn protocol_session_table_find_by_identifier(t, key, packet->payload, epoch_of(packet));\n}\n\
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
    // The run of letters and the line are the same words: one overlap, named by the longer of the two.
    let [copied] = &found.overlaps[..] else {
        panic!("{:?}", found.overlaps)
    };
    assert_eq!((copied.rule, copied.length), (Rule::Line, 60));
    assert_eq!((copied.line, copied.at), (2, Some(6)));
    assert_eq!((&*copied.finding, &*copied.field), ("alice/F1", "title"));
    let marks = [MarkedWords {
        finding: "alice/F1".into(),
        field: "title".into(),
        from: 4,
        to: 64,
    }];
    assert_eq!(copied.marks, marks);
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
    assert_eq!(
        rules(&["MEMCPY (T->slots[KEY].name,packet->payload , packet->LENGTH) ;"]),
        [Rule::Line]
    );
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
    let text = "it writes memcpy(t->slots[key].name, packet->pay which is short";
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
    let copied = "memcpy(t->slots[key].name, packet->payload, packet->length);";
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
fn one_passage_is_one_overlap_in_however_many_files_it_leaves() {
    let copied = "memcpy(t->slots[key].name, packet->payload, packet->length);";
    let text = |file: &str, line: u64, text: &str, what: &str| Typed {
        file: file.into(),
        line,
        text: text.into(),
        what: what.into(),
    };
    let statement = format!("It does \u{201c}{copied}\u{201d}, twice");
    let mut all = Vec::new();
    for (line, file) in [(3, "a.json"), (7, "b.md"), (9, "c.html")] {
        all.push(text(file, line, "Overrun", "alice/F1 title"));
        all.push(text(file, line + 1, &statement, "alice/F1 statement"));
        all.push(text(file, line + 2, copied, "alice/F2 title"));
        all.push(text(
            file,
            line + 3,
            "bad \u{200b} text",
            "alice/F2 statement",
        ));
    }
    // A ledger's entry does not name the item to which a reply belongs.
    all.push(text("ledger.jsonl", 5, copied, "reply"));
    let question = Question {
        typed: &all,
        policy: &Policy::default(),
        reason: "",
        is_known: &|_| false,
    };
    let watch = Watch {
        is_cancelled: &|| false,
        progress: &mut |_| {},
    };
    let found = judge(&question, &corpus(), watch).unwrap();
    let told: Vec<_> = found
        .overlaps
        .iter()
        .map(|o| {
            let also: Vec<_> = o.also.iter().map(|a| (&*a.file, a.line)).collect();
            let marks: Vec<_> = o.marks.iter().map(|m| (m.from, m.to)).collect();
            (
                o.rule,
                &*o.finding,
                &*o.field,
                (&*o.file, o.line),
                also,
                marks,
            )
        })
        .collect();
    let (from, to) = (9, 9 + copied.chars().count() as u64);
    assert_eq!(
        told,
        [
            (
                Rule::Line,
                "alice/F1",
                "statement",
                ("a.json", 4),
                vec![("b.md", 8), ("c.html", 10)],
                vec![(from, to)]
            ),
            (
                Rule::Line,
                "alice/F2",
                "title",
                ("a.json", 5),
                vec![("b.md", 9), ("c.html", 11), ("ledger.jsonl", 5)],
                vec![(0, to - from)]
            ),
            (
                Rule::Alphabet,
                "alice/F2",
                "statement",
                ("a.json", 6),
                vec![("b.md", 10), ("c.html", 12)],
                vec![]
            ),
        ]
    );
}

#[test]
fn idioms_leave_and_several_of_one_place_are_a_copy() {
    let source = "int shut(struct link *link)\n{\n\tfor (i = 0; i < num_links; i++)\n\t\tlink_release(link->peer);\n\
        \ttimer_cancel(link->retry);\n\tqueue_flush(link->queue);\n\tstats_publish(link->stats);\n\
        \treturn 0;\n}\n";
    let corpus = || files(vec![("link.c", source.to_owned())]);
    for text in [
        "The loop `for (i = 0; i < num_links; i++)` has no bound.",
        "for (i = 0; i < num_links; i++)",
        "Call timer_cancel(link->retry); first",
        "`queue_flush(link->queue);` comes too late and `timer_cancel(link->retry);` too",
    ] {
        let found = verdict(&[text], &corpus());
        assert_eq!(found.overlaps, [], "{text}");
    }
    // In another order, in other findings, with other words between them: three lines of one place are a copy of it.
    let found = verdict(
        &[
            "first `stats_publish(link->stats);` is done",
            "something else",
            "then `timer_cancel(link->retry);` and more",
            "and `queue_flush(link->queue);` as well",
        ],
        &corpus(),
    );
    let lines: Vec<_> = found.overlaps.iter().map(|o| (o.rule, o.at)).collect();
    assert_eq!(
        lines,
        [
            (Rule::Line, Some(7)),
            (Rule::Line, Some(5)),
            (Rule::Line, Some(6))
        ]
    );
    assert!(found.blocked && !found.needs_reason);
}

#[test]
fn a_line_of_many_files_is_free_and_of_a_folder_that_was_copied_is_not() {
    let line = "REGISTER_COMPONENT(component_descriptor, component_version, loader_flags);";
    let body = |n: usize, same: &str| format!("int a{n};\n{same}\n{line}\nint b{n};\n");
    let names: Vec<&'static str> = (0..12)
        .map(|n| &*Box::leak(format!("src/part{n}.c").into_boxed_str()))
        .collect();
    let copies: Vec<&'static str> = (0..12)
        .map(|n| &*Box::leak(format!("board{n}/main.c").into_boxed_str()))
        .collect();
    let many = names.iter().enumerate();
    let many = files(
        many.map(|(n, name)| (*name, body(n, &format!("int c{n};"))))
            .collect(),
    );
    let copied = files(copies.iter().map(|name| (*name, body(0, ""))).collect());
    let text = format!("each has `{line}` in it");
    assert_eq!(verdict(&[&text], &many).overlaps, []);
    assert!(verdict(&[&text], &copied).blocked, "the control");
}

#[test]
fn marks_are_the_stretches_of_the_typed_text() {
    let texts = typed(&[
        "so: memcpy(t->slots[key].name, packet->payload, packet->length); x",
        "clean",
    ]);
    let path = RepoPath::new("a.c");
    let marks = mark(&texts, [(&path, CODE.as_bytes())].into_iter());
    assert_eq!(
        marks,
        [Mark {
            typed: 0,
            range: (4, 64),
            rule: Rule::Line,
            origin: DeliveredText::File(path.clone()),
            line: 6,
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
            // A passage is named by the longest rule that finds it.
            let has = |rules: &[Rule]| found.overlaps.iter().any(|o| rules.contains(&o.rule));
            let is_copied = oracle(&text, &vendor);
            prop_assert!(!is_copied || has(&[Rule::Run32, Rule::Line]));
            prop_assert!(is_copied || !has(&[Rule::Run32]));
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
        // What says no more than an idiom may be free, also over the end of a line.
        let says_little = bits::weigh(run, false, &|_| 1) <= idiom::ASK + 4;
        prop_assert!(found.blocked || letters < 32 || !has_break || says_little, "{run}");
    }
}
