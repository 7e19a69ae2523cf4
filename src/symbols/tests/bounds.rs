//! What one parse may use. The caps are lowered, the texts are harmless, and the work that is greedy, deep or endless is
//! our own.

use super::super::parse_thread::{Clock, ParseBounds, ParseThread, Stopped, Workshop};
use super::*;
use std::hint::{black_box, spin_loop};
use std::time::Instant;
use tree_sitter::Parser;

const BOUNDS: ParseBounds = ParseBounds {
    memory: 1 << 20,
    time: Duration::from_millis(50),
    grace: Duration::from_millis(50),
    cost: 0,
};
const STACK: usize = 256 << 10;

/// Many functions, none of them odd.
fn plain(count: usize) -> String {
    (0..count)
        .map(|n| format!("int f{n}(int a)\n{{\n\treturn g(a);\n}}\n"))
        .collect()
}

type Work = fn(&mut Workshop, &Clock) -> Result<usize, Stopped>;

/// Runs work on a thread of its own; returns what came of it and how much memory is still held.
fn run(work: Work) -> (Result<usize, Why>, usize) {
    let thread = ParseThread::start(STACK).unwrap();
    let done = thread.run(BOUNDS, &|| false, work);
    let done = done.map_err(|stopped| match stopped {
        Stopped::Because(why) => why,
        Stopped::Cancelled => panic!("nobody cancelled it"),
    });
    (done, thread.held())
}

/// Nests so many calls, each with a part of the stack of its own.
fn nest(depth: usize, make: bool) -> usize {
    let part = black_box([depth; 64]);
    // In optimised code too it must come back here.
    let parser = make.then(Parser::new);
    let below = if depth == 0 { 0 } else { nest(depth - 1, make) };
    drop(black_box(parser));
    black_box(part)[depth % 64].min(1) + below
}

#[test]
fn work_that_exceeds_a_bound_ends_and_its_memory_is_taken_back() {
    let makes = |count: usize| (0..count).map(|_| Parser::new()).collect::<Vec<_>>().len();
    assert_eq!(makes(3), 3);
    let rows: [(&str, Work, Result<usize, Why>); 8] = [
        ("control", |_, _| Ok(7), Ok(7)),
        (
            "control: some memory",
            |_, _| Ok((0..20).map(|_| Parser::new()).collect::<Vec<_>>().len()),
            Ok(20),
        ),
        (
            "control: some depth",
            |_, clock| Ok(clock.meter().run_c(|| nest(20, true))),
            Ok(20),
        ),
        (
            "memory without end, and nobody is asked",
            |_, clock| {
                clock.meter().run_c(|| {
                    let mut held = Vec::with_capacity(1 << 20);
                    loop {
                        held.push(Parser::new());
                    }
                })
            },
            Err(Why::OutOfMemory),
        ),
        (
            "a stack without end",
            |_, clock| Ok(clock.meter().run_c(|| nest(usize::MAX, false))),
            Err(Why::TooDeep),
        ),
        (
            "a stack without end that allocates",
            |_, clock| Ok(clock.meter().run_c(|| nest(1_000, true))),
            Err(Why::TooDeep),
        ),
        (
            "no end, and nobody is asked",
            |_, clock| {
                clock.meter().run_c(|| {
                    loop {
                        spin_loop();
                    }
                })
            },
            Err(Why::OutOfTime),
        ),
        ("a panic", |_, _| panic!("on purpose"), Err(Why::Failed)),
    ];
    for (name, work, wanted) in rows {
        let begin = Instant::now();
        let (done, held) = run(work);
        assert_eq!(done, wanted, "{name}");
        if wanted.is_err() {
            assert!(held <= 64 << 10, "{name}: {held} bytes are held");
        }
        println!("{name}: {:?}", begin.elapsed());
    }
}

#[test]
fn an_endless_number_of_steps_ends_when_it_asks() {
    let text = plain(3_000);
    // Both bounds are reached by a text as vendors write them.
    let rows = [
        (
            TagLimits {
                memory: 64 << 10,
                ..TagLimits::default()
            },
            Why::OutOfMemory,
        ),
        (
            TagLimits {
                time: Duration::from_millis(1),
                ..TagLimits::default()
            },
            Why::OutOfTime,
        ),
    ];
    for (limits, why) in rows {
        let mut tagger = Tagger::new(limits);
        let tagged = tagger.tag(language("C"), &text, &|| false).unwrap();
        assert_eq!(tagged.how, How::Approximate(why));
        assert!(tagged.how.is_not_parsed());
        let named = |tagged: &Tagged, name: &str, text: &str| {
            let mut tags = tagged.tags.iter();
            tags.any(|tag| tag.symbol.name_in(text) == name)
        };
        assert!(named(&tagged, "f2999", &text), "found by the pattern");
        check(&text, &tagged);
        // The next text has the whole budget again.
        for _ in 0..50 {
            let small = plain(2);
            let tagged = tagger.tag(language("C"), &small, &|| false).unwrap();
            assert_eq!(
                (tagged.how, named(&tagged, "f1", &small)),
                (How::Exact, true)
            );
        }
    }
    let mut tagger = Tagger::new(TagLimits::default());
    let tagged = tagger.tag(language("C"), &text, &|| false).unwrap();
    assert_eq!(tagged.how, How::Exact, "control");
}

#[test]
fn one_costly_file_does_not_keep_the_others_from_being_stored() {
    let folder = tempfile::tempdir().unwrap();
    let texts = [plain(2), plain(3_000), plain(3)];
    let order: Vec<Wanted<'_>> = (0..3)
        .map(|n| Wanted {
            blob: BlobId::new([n; 20]),
            path: b"a.c",
        })
        .collect();
    let plan = Build {
        order: &order,
        source: &|id| Content::Text(texts[id.as_bytes()[0] as usize].clone()),
        limits: Limits {
            text: TagLimits {
                memory: 64 << 10,
                ..TagLimits::default()
            },
            ..Limits::default()
        },
    };
    build(folder.path(), &plan, &mut |_| {}, &|| false).unwrap();
    let store = SymbolStore::open(folder.path()).unwrap();
    let how: Vec<_> = order
        .iter()
        .map(|wanted| store.how(&wanted.key()).unwrap())
        .collect();
    let costly = How::Approximate(Why::OutOfMemory);
    assert_eq!(how, [How::Exact, costly, How::Exact]);
    assert_eq!(store.definitions_named("f2999").len(), 1);
}
