//! Zones, names and definitions by language: the real program on small files, and its screen.

use crate::support::driven::Driven;
use crate::support::program::Program;
use crate::support::repo::TestRepo;
use glassroom::app::code::Goto;
use glassroom::app::layer::{Layer, Pick};
use glassroom::job::Ask;

const ASN1: &str = "Cap DEFINITIONS ::= BEGIN\nEntry ::= SEQUENCE {\n    plainField   INTEGER,\n    \
    -- optional -- hiddenField  BOOLEAN,\n    lastField    NULL -- in bytes --\n}\n-- only a comment\n\
    /* block -- still block */ Other ::= INTEGER\nEND\n";

/// Files in which a quote opens no string.
const QUOTES: &[(&str, &str)] = &[
    ("cap.asn1", ASN1),
    (
        "m.erl",
        "q($\") -> probe_call(1);\nq($\\\") -> probe_call(2);\nq($') -> probe_call(3). % erl note\n",
    ),
    (
        "page.php",
        "<p>Don't go</p>\n<?php\n// php note\nprobe_call(1);\n?>\n<p>It's over</p>\n<?php probe_call(2); // php note ?>\n\
         <b>\"quoted</b>\n<?php probe_call(3);\n",
    ),
    (
        "q.sh",
        "case $x in *\\'*) probe_call 1 ;; esac # sh note\ny=${x#\\\"}; probe_call 2 # sh note\nz=${x//\\'/}; probe_call 3 # sh note\n\
         echo \"${x:-\"it's\"}\"; probe_call 4 # sh note\n",
    ),
    (
        "tool.pl",
        "if ($line =~ /\"/) { warn 1; }\nprobe_call(1);   # pl note\ns/'/_/g;\ntr/\"/_/;\nmy @w = qw(don't);\n\
         probe_call(2);   # pl note\n",
    ),
    (
        "w.rb",
        "x = %w(don't)\nprobe_call(1) # rb note\ny = %q{it's}\nz = ?\"\nprobe_call(2) # rb note\n",
    ),
];

fn repo(files: &[(&str, &str)]) -> TestRepo {
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (*path, text.as_bytes()))
        .collect();
    TestRepo::of(&files)
}

#[test]
fn quotes_and_comments_are_read_by_the_rules_of_their_language() {
    let (repo, program) = (repo(QUOTES), Program::new());
    let places = |query: &str| -> Vec<String> {
        let outcome = program.on("search", repo.path(), &[query]);
        let place = |line: &str| line.split(':').take(2).collect::<Vec<_>>().join(":");
        outcome.stdout.lines().map(place).collect()
    };
    for is_indexed in [false, true] {
        if is_indexed {
            assert_eq!(program.on("index", repo.path(), &[]).code, Some(0));
        }
        assert_eq!(places("in:code hiddenField"), ["cap.asn1:4"]);
        assert_eq!(places("in:comment hiddenField"), [""; 0]);
        assert_eq!(places("in:code c:Other"), ["cap.asn1:8"]);
        assert_eq!(
            places("in:code probe_call"),
            [
                "m.erl:1",
                "m.erl:2",
                "m.erl:3",
                "page.php:4",
                "page.php:7",
                "page.php:9",
                "q.sh:1",
                "q.sh:2",
                "q.sh:3",
                "q.sh:4",
                "tool.pl:2",
                "tool.pl:6",
                "w.rb:2",
                "w.rb:5",
            ]
        );
        assert_eq!(
            places("in:comment note"),
            [
                "m.erl:3",
                "page.php:3",
                "page.php:7",
                "q.sh:1",
                "q.sh:2",
                "q.sh:3",
                "q.sh:4",
                "tool.pl:2",
                "tool.pl:6",
                "w.rb:2",
                "w.rb:5",
            ]
        );
        assert_eq!(places("in:string probe_call"), [""; 0]);
    }
    let snapshot = repo.path().to_str().unwrap();
    let coverage = program.run(&["coverage", "--snapshot", snapshot, "--of", "code", "--all"]);
    assert!(
        coverage.stdout.contains("cap.asn1: 8 lines"),
        "{coverage:?}"
    );
}

/// Files with a use of a name: the path, the text, the name, the lines of its definition and its use.
const NAMES: &[(&str, &str, &str, u32, u32)] = &[
    (
        "g.lisp",
        "(defun open-gate (x) x)\n(open-gate 1)\n",
        "open-gate",
        1,
        2,
    ),
    (
        "lib.sh",
        "check-pass() { :; }\ncheck-pass \"$1\"\n",
        "check-pass",
        1,
        2,
    ),
    (
        "net.yang",
        "module acme-net {\n  typedef port-name { type string; }\n  leaf uplink { type port-name; }\n}\n",
        "port-name",
        2,
        3,
    ),
    (
        "q.rb",
        "def valid?(a)\n  a\nend\nprint(valid?(1), valid)\n",
        "valid?",
        1,
        4,
    ),
    (
        "rrc.asn1",
        "Acme-Msgs DEFINITIONS ::= BEGIN\nTx-Ident ::= INTEGER (0..3)\n\
         Enquiry-Msg ::= SEQUENCE { tx Tx-Ident, len My-Tx-Ident }\nEND\n",
        "Tx-Ident",
        2,
        3,
    ),
    (
        "ui.js",
        "function $send(a) { return a; }\n$send(1); send(2);\n",
        "$send",
        1,
        2,
    ),
];

#[test]
fn on_screen_a_name_has_the_signs_of_its_language() {
    let files: Vec<_> = NAMES.iter().map(|row| (row.0, row.1)).collect();
    let (repo, home) = (repo(&files), tempfile::tempdir().unwrap());
    let ask = Ask {
        source: Some(repo.path().to_owned()),
        ..Ask::default()
    };
    let mut driven = Driven::open(home.path(), &ask, (100, 30));
    for (path, text, name, definition, used) in NAMES {
        driven.open_file(path);
        let line = text.lines().nth(*used as usize - 1).unwrap();
        let first = line.find(name).unwrap() as u32 + 1;
        let put = |driven: &mut Driven, column| {
            let at = Goto {
                line: *used,
                column,
                top: 0,
            };
            driven.app.code.go(at, 20);
        };
        for column in first..first + name.len() as u32 {
            put(&mut driven, column);
            assert_eq!(
                driven.app.code.word().as_deref(),
                Some(*name),
                "{path} {column}"
            );
        }
        driven.keys("gd");
        driven.until("the definition", |app| app.code.line == *definition);
        assert!(driven.app.layers.is_empty(), "{path}");
        put(&mut driven, first);
        driven.keys("gr");
        driven.until("the places", |app| {
            matches!(app.layers.last(), Some(Layer::Pick(Pick::Place(p), _)) if p.is_complete)
        });
        let Some(Layer::Pick(Pick::Place(places), _)) = driven.app.layers.last() else {
            panic!("{path}: no list");
        };
        let lines: Vec<_> = places.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [*definition, *used], "{path}");
        driven.keys("Esc");
        put(&mut driven, first);
        driven.keys("*");
        assert_eq!(driven.app.code.line, *definition, "{path}");
        driven.keys("*");
        assert_eq!(driven.app.code.line, *used, "{path}");
    }
}

#[test]
fn nothing_is_defined_nowhere_where_only_a_pattern_looks() {
    let repo = repo(&[
        ("a.c", "int f(void) { return ghost_c() + ghost_both(); }\n"),
        (
            "a.ttcn",
            "module M {\n  function g() { ghost_t(); ghost_both(); }\n}\n",
        ),
        ("net.yang", "module n { uses ghost_t; }\n"),
        ("notes.md", "See ghost_note.\n"),
        (
            "bad.c",
            "int g(void) { ghost_bad(; }\n} } int h( { struct { ;\nint good(void) { return 1; }\n",
        ),
    ]);
    let program = Program::new();
    let said = |name: &str| {
        let outcome = program.on("symbol", repo.path(), &[name]);
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        outcome.stderr
    };
    for is_indexed in [false, true] {
        if is_indexed {
            assert_eq!(program.on("index", repo.path(), &[]).code, Some(0));
        }
        let wanted = "ghost_c is defined nowhere in this snapshot; 1 place holds the name: --refs lists them";
        assert!(said("ghost_c").contains(wanted), "{}", said("ghost_c"));
        let wanted = "no definition of ghost_t recognised (no grammar for TTCN-3, YANG); 2 places hold the name";
        assert!(said("ghost_t").contains(wanted), "{}", said("ghost_t"));
        let wanted = "no definition of ghost_both recognised (no grammar for TTCN-3); 2 places hold the name";
        assert!(
            said("ghost_both").contains(wanted),
            "{}",
            said("ghost_both")
        );
        assert!(said("ghost_note").contains("no definition of ghost_note was found; 1 place"));
        assert!(said("no_such_name").contains("no_such_name is nowhere in this snapshot"));
    }
    let home = tempfile::tempdir().unwrap();
    let ask = Ask {
        source: Some(repo.path().to_owned()),
        ..Ask::default()
    };
    let mut driven = Driven::open(home.path(), &ask, (120, 30));
    driven.open_file("a.ttcn");
    let at = Goto {
        line: 2,
        column: 18,
        top: 0,
    };
    driven.app.code.go(at, 20);
    driven.keys("gd");
    let wanted = "no definition of `ghost_t` recognised (no grammar for TTCN-3, YANG); 2 places hold the name";
    driven.until("the answer", |app| {
        app.notice
            .as_ref()
            .is_some_and(|notice| format!("{notice:?}").contains(wanted))
    });
}

/// Definitions in the languages of telecommunication, with the lines they reach to.
const TELECOM: &[(&str, &str, &[&str])] = &[
    (
        "a.mib",
        "A-MIB DEFINITIONS ::= BEGIN\nacmeName OBJECT-TYPE -- id -- \n  SYNTAX INTEGER\n  ::= { acme 1 }\nEND\n",
        &["acmeName"],
    ),
    (
        "b.ttcn",
        "module M {\n  template MyPdu a_Request := { id := 1 }\n}\n",
        &["a_Request"],
    ),
    (
        "c.chl",
        "m: MODULE\n attach: PROC ();\n END attach;\nEND m;\n",
        &["attach"],
    ),
    (
        "d.plm",
        "M: DO;\n SEND: PROCEDURE;\n END SEND;\nEND M;\n",
        &["SEND"],
    ),
    (
        "e.yang",
        "module n {\n  identity base-id;\n}\n",
        &["base-id"],
    ),
    (
        "f.pr",
        "system s;\n signal up, down;\nendsystem s;\n",
        &["up", "down"],
    ),
    (
        "g.erl",
        "-opaque key() :: x.\n'Odd-Name'(X) ->\n  X.\n",
        &["key", "Odd-Name"],
    ),
    (
        "h.p4",
        "control Ingress() {\n  action drop_it() { }\n}\n",
        &["Ingress", "drop_it"],
    ),
    (
        "i.asn",
        "M DEFINITIONS ::= BEGIN\nid-Paging Proto ::= 12\nbox CLASS-A ::= {\n  CODE 1\n}\nSet-B {P : p} ::= SEQUENCE {\n  a INTEGER\n}\nEND\n",
        &["id-Paging", "box", "Set-B"],
    ),
];

#[test]
fn definitions_of_telecommunication_are_found() {
    let files: Vec<_> = TELECOM.iter().map(|row| (row.0, row.1)).collect();
    let (repo, program) = (repo(&files), Program::new());
    for is_indexed in [false, true] {
        if is_indexed {
            assert_eq!(program.on("index", repo.path(), &[]).code, Some(0));
        }
        for (path, _, names) in TELECOM {
            for name in *names {
                let outcome = program.on("symbol", repo.path(), &[name]);
                let rows: Vec<_> = outcome.stdout.lines().collect();
                assert_eq!(rows.len(), 1, "{name}: {outcome:?}");
                assert!(
                    rows[0].starts_with(path) && rows[0].contains("definition"),
                    "{rows:?}"
                );
                // What has a grammar is exact.
                assert_eq!(!rows[0].ends_with('~'), *path == "i.asn", "{rows:?}");
            }
        }
        let false_one = program.on("symbol", repo.path(), &["MyPdu"]);
        assert_eq!(false_one.code, Some(1), "{false_one:?}");
    }
}
