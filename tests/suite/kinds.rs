//! "Everything is searched" is true or not said, and nothing invisible stays invisible: kinds of texts that a search or a
//! reader would miss, each with a control. Every query is asked twice, without an index and with one.

use crate::support::driven::Driven;
use crate::support::program::Program;
use crate::support::repo::{FILE, FOLDER, TestRepo};
use glassroom::app::layer::Layer;
use glassroom::job::Ask;
use serde_json::Value;

struct Desk {
    program: Program,
    repo: TestRepo,
}

impl Desk {
    fn of(files: &[(&str, Vec<u8>)]) -> Self {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (*n, b.as_slice())).collect();
        Self::with(TestRepo::of(&files))
    }

    fn with(repo: TestRepo) -> Self {
        Self {
            program: Program::new(),
            repo,
        }
    }

    /// Returns what is listed, a line each.
    fn lines(&self, query: &str) -> Vec<String> {
        let outcome = self.program.on("search", self.repo.path(), &[query]);
        assert!(outcome.code <= Some(1), "{query}: {outcome:?}");
        outcome.stdout.lines().map(str::to_owned).collect()
    }

    fn summary(&self, query: &str) -> Value {
        let outcome = self
            .program
            .on("search", self.repo.path(), &[query, "--json"]);
        let last = outcome.stdout.lines().last().unwrap_or_default();
        let record: Value = serde_json::from_str(last).unwrap();
        record["summary"].clone()
    }

    fn info(&self) -> Value {
        let outcome = self.program.on("info", self.repo.path(), &["--json"]);
        serde_json::from_str(&outcome.stdout).unwrap()
    }

    fn check(&self, queries: &[(&str, &[&str])]) {
        for with in ["no index", "an index"] {
            for (query, want) in queries {
                assert_eq!(self.lines(query), *want, "{query} with {with}");
            }
            let indexed = self.program.on("index", self.repo.path(), &[]);
            assert_eq!(indexed.code, Some(0), "{indexed:?}");
        }
    }
}

/// Returns a comment and a line of code.
fn comment(text: &str, encoding: &'static encoding_rs::Encoding) -> Vec<u8> {
    let text = format!("/* {text} */\nint x;\n");
    let (bytes, _, is_lossy) = encoding.encode(&text);
    assert!(!is_lossy);
    bytes.into_owned()
}

fn utf16(text: &str, is_big: bool) -> Vec<u8> {
    let bytes = |unit: u16| {
        if is_big {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        }
    };
    text.encode_utf16().flat_map(bytes).collect()
}

fn utf32(text: &str) -> Vec<u8> {
    text.chars()
        .flat_map(|c| (c as u32).to_le_bytes())
        .collect()
}

#[test]
fn lines_of_another_encoding_are_searched() {
    use encoding_rs::{EUC_KR, GB18030, ISO_8859_2, KOI8_U, SHIFT_JIS, UTF_8, WINDOWS_1252};
    let common = "消息长度在复制之前没有检查";
    let secret = "维护人员的万能口令";
    let many = |count: usize, encoding| comment(common, encoding).repeat(count);
    let german = comment("Prüfung der Länge für Größe", UTF_8).repeat(6);
    let desk = Desk::of(&[
        ("ascii.c", b"int main(void) { return 0; }\n".to_vec()),
        (
            "half.c",
            [comment(common, UTF_8), comment(secret, GB18030)].concat(),
        ),
        (
            "hangul.c",
            [many(3, UTF_8), comment("관리자 비밀번호 확인", EUC_KR)].concat(),
        ),
        (
            "koi8.c",
            [german.clone(), comment("Пароль администратора", KOI8_U)].concat(),
        ),
        (
            "latin.c",
            [german.clone(), comment("Hintertür", WINDOWS_1252)].concat(),
        ),
        (
            "latin2.c",
            [german, comment("hasło główne użytkownika", ISO_8859_2)].concat(),
        ),
        (
            "mostly_gbk.c",
            [many(6, GB18030), comment(secret, UTF_8)].concat(),
        ),
        (
            "mostly_utf8.c",
            [many(6, UTF_8), comment(secret, GB18030)].concat(),
        ),
        (
            "pure_gbk.c",
            [comment(common, GB18030), comment(secret, GB18030)].concat(),
        ),
        (
            "pure_utf8.c",
            [comment(common, UTF_8), comment(secret, UTF_8)].concat(),
        ),
        (
            "sjis.c",
            [
                comment("長さを確認しない処理", UTF_8).repeat(6),
                comment("保守用の暗証番号", SHIFT_JIS),
            ]
            .concat(),
        ),
    ]);
    desk.check(&[
        (
            "万能口令",
            &[
                "half.c:3:9",
                "mostly_gbk.c:13:9",
                "mostly_utf8.c:13:9",
                "pure_gbk.c:3:9",
                "pure_utf8.c:3:9",
            ],
        ),
        (
            "没有检查 type:file",
            &[
                "half.c",
                "hangul.c",
                "mostly_gbk.c",
                "mostly_utf8.c",
                "pure_gbk.c",
                "pure_utf8.c",
            ],
        ),
        ("暗証番号", &["sjis.c:13:8"]),
        ("비밀번호", &["hangul.c:7:8"]),
        ("администратора", &["koi8.c:13:11"]),
        ("Hintertür", &["latin.c:13:4"]),
        ("hasło", &["latin2.c:13:4"]),
        (
            "flag:mixed-encoding type:file",
            &[
                "half.c",
                "hangul.c",
                "koi8.c",
                "latin.c",
                "latin2.c",
                "mostly_gbk.c",
                "mostly_utf8.c",
                "sjis.c",
            ],
        ),
        ("-flag:nonutf8 type:file", &["ascii.c", "pure_utf8.c"]),
    ]);
    assert_eq!(desk.summary("口令")["not_searched"], 0);
    let said = desk.program.on("encoding", desk.repo.path(), &["half.c"]);
    assert_eq!(said.stdout, "half.c: UTF-8 + GBK, guessed\n");
}

#[test]
fn text_of_sixteen_bits_is_searched_wherever_it_is() {
    let line = "the maintenance password is swordfish\r\n";
    let tail = "appended by a script\n";
    let noise: Vec<u8> = (0..600_u32).map(|n| (n * n / 7 + n) as u8 | 0x80).collect();
    let bom: &[u8] = b"\xff\xfe";
    let strings = [
        &b"\x7fELF\x02\x01\0\0"[..],
        &noise,
        b"plain ascii\0",
        &utf16("万能口令", false),
        &[0; 4],
        &utf16("Prüfung hintertür", true),
        &[0; 10],
        &utf32("wide secret"),
        &[0; 4],
    ];
    let bytes = strings.concat();
    let at = |part: usize| strings[..part].iter().map(|s| s.len()).sum::<usize>();
    let (chinese, german, wide) = (at(3), at(5), at(7));
    let desk = Desk::of(&[
        (
            "a_utf16_ascii_tail.log",
            [bom, &utf16(line, false), tail.as_bytes()].concat(),
        ),
        (
            "b_short_tail.log",
            [bom, &utf16(line, false), b"rm -rf /\n"].concat(),
        ),
        (
            "c_ascii_utf16_tail.log",
            [tail.as_bytes(), &utf16(line, false)].concat(),
        ),
        (
            "d_big_endian_tail.log",
            [tail.as_bytes(), &utf16(line, true)].concat(),
        ),
        (
            "e_between.log",
            [&utf16(line, false), tail.as_bytes(), &utf16(line, false)].concat(),
        ),
        ("f_pure.log", utf16(&line.repeat(3), false)),
        (
            "g_gbk_and_utf16.log",
            [
                &comment("维护人员的万能口令", encoding_rs::GBK)[..],
                &utf16("没有检查长度, no check\n", false),
            ]
            .concat(),
        ),
        ("h_firmware.bin", bytes),
    ]);
    desk.check(&[
        (
            "swordfish",
            &[
                "a_utf16_ascii_tail.log:1:29",
                "b_short_tail.log:1:29",
                "c_ascii_utf16_tail.log:2:29",
                "d_big_endian_tail.log:2:29",
                "e_between.log:1:29",
                "e_between.log:3:29",
                "f_pure.log:1:29",
                "f_pure.log:2:29",
                "f_pure.log:3:29",
            ],
        ),
        (
            "script",
            &[
                "a_utf16_ascii_tail.log:2:15",
                "c_ascii_utf16_tail.log:1:15",
                "d_big_endian_tail.log:1:15",
                "e_between.log:2:15",
            ],
        ),
        ("\"rm -rf\"", &["b_short_tail.log:2:1"]),
        (
            "口令",
            &[
                "g_gbk_and_utf16.log:1:11",
                &format!("h_firmware.bin: byte {}, length 4", chinese + 4),
            ],
        ),
        ("没有检查", &["g_gbk_and_utf16.log:3:1"]),
        (
            "hintertür",
            &[&format!("h_firmware.bin: byte {}, length 18", german + 16)],
        ),
        (
            "/wide s\\w+t/",
            &[&format!("h_firmware.bin: byte {wide}, length 44")],
        ),
        (
            "\"plain ascii\"",
            &[&format!("h_firmware.bin: byte {}, length 11", at(2))],
        ),
        ("in:comment wide", &[]),
        ("flag:binary type:file", &["h_firmware.bin"]),
    ]);
    assert_eq!(desk.summary("nothing_of_that")["searched_as_bytes"], 1);
    assert_eq!(
        desk.info()["searched_as_bytes"][0]["path"],
        "h_firmware.bin"
    );
    let error = desk
        .program
        .on("search", desk.repo.path(), &["nothing_of_that"])
        .stderr;
    assert!(error.contains("1 searched as bytes only"), "{error}");
}

#[test]
fn composed_and_decomposed_letters_are_one_text() {
    let repo = TestRepo::of(&[
        ("a_nfc.txt", "prüfung nfc\n".as_bytes()),
        ("b_nfd.txt", "pru\u{308}fung nfd\n".as_bytes()),
        ("c_ko_nfc.txt", "검사 nfc\n".as_bytes()),
        (
            "d_ko_nfd.txt",
            "\u{1100}\u{1165}\u{11b7}\u{1109}\u{1161} nfd\n".as_bytes(),
        ),
        (
            "e_vietnamese.txt",
            "e\u{302}\u{323} e\u{323}\u{302} \u{1eb9}\u{302} \u{1ec7}\n".as_bytes(),
        ),
        ("f_plain.txt", b"prufung\n"),
        ("pru\u{308}f.c", b"x\n"),
        ("prüf.h", b"x\n"),
    ]);
    Desk::with(repo).check(&[
        ("prüfung", &["a_nfc.txt:1:1", "b_nfd.txt:1:1"]),
        ("pru\u{308}fung", &["a_nfc.txt:1:1", "b_nfd.txt:1:1"]),
        ("PRÜFUNG case:no", &["a_nfc.txt:1:1", "b_nfd.txt:1:1"]),
        ("/pr[äü]f\\w+/", &["a_nfc.txt:1:1", "b_nfd.txt:1:1"]),
        (
            "/prü?f/",
            &["a_nfc.txt:1:1", "b_nfd.txt:1:1", "pru\u{308}f.c", "prüf.h"],
        ),
        // An escape stands for itself.
        ("/pr\\u{fc}fung/", &["a_nfc.txt:1:1"]),
        ("검사", &["c_ko_nfc.txt:1:1", "d_ko_nfd.txt:1:1"]),
        ("ệ", &["e_vietnamese.txt:1:1"]),
        ("/^ệ ệ ệ ệ$/", &["e_vietnamese.txt:1:1"]),
        ("f:prüf", &["pru\u{308}f.c", "prüf.h"]),
        ("file:PRÜF", &[]),
        ("glob:prüf.*", &["pru\u{308}f.c", "prüf.h"]),
        (
            "prüf type:file",
            &["a_nfc.txt", "b_nfd.txt", "pru\u{308}f.c", "prüf.h"],
        ),
    ]);
}

#[test]
fn names_in_another_encoding_are_read_and_their_exact_form_stays() {
    let repo = TestRepo::new();
    let code = repo.blob("int gbk_probe;\n".as_bytes());
    let name = b"\xbf\xda\xc1\xee.c";
    let gbk = repo.tree(&[(FILE, name, code)]);
    let utf8 = repo.tree(&[(FILE, "口令.c".as_bytes(), code)]);
    let latin = repo.tree(&[(FILE, b"Pr\xfcfung der Gr\xf6\xdfe.txt", code)]);
    let top = repo.tree(&[
        (FOLDER, b"\xc9\xe8\xbc\xc6", gbk),
        (FOLDER, b"latin", latin),
        (FOLDER, b"utf8", utf8),
    ]);
    repo.commit(top);
    let desk = Desk::with(repo);
    let exact = "%C9%E8%BC%C6/%BF%DA%C1%EE.c";
    desk.check(&[
        ("f:口令", &["utf8/口令.c", exact]),
        ("f:设计/口令", &[exact]),
        ("f:Größe", &["latin/Pr%FCfung der Gr%F6%DFe.txt"]),
        (
            "f:口令 gbk_probe",
            &["utf8/口令.c:1:5", &format!("{exact}:1:5")],
        ),
    ]);
    let found = desk
        .program
        .on("search", desk.repo.path(), &["f:口令", "--json"]);
    let first: Value = serde_json::from_str(found.stdout.lines().nth(1).unwrap()).unwrap();
    assert_eq!(
        (&first["path"], &first["path_text"]),
        (&exact.into(), &"设计/口令.c".into())
    );
    assert_eq!(first["path_encoding"], "GBK");
    let second: Value = serde_json::from_str(found.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(second.get("path_text"), None);
    let found = desk.program.on("search", desk.repo.path(), &["f:口令"]);
    let said = format!("[GBK] 设计/口令.c = {exact}");
    assert!(found.stderr.contains(&said), "{}", found.stderr);

    let home = tempfile::tempdir().unwrap();
    let ask = Ask {
        source: Some(desk.repo.path().to_owned()),
        ..Ask::default()
    };
    let mut driven = Driven::open(home.path(), &ask, (120, 30));
    // A wide letter takes two cells, the second of which is blank.
    let shown = |driven: &mut Driven| driven.text().replace(' ', "");
    let folder = "[GBK]设计=%C9%E8%BC%C6/";
    assert!(shown(&mut driven).contains(folder), "{}", driven.text());
    driven.keys("f");
    driven.type_text("口令");
    driven.until("both files", |app| match app.layers.last() {
        Some(Layer::Pick(_, picker)) => picker.is_current() && picker.matched() == 2,
        _ => false,
    });
    let said = said.replace(' ', "");
    assert!(shown(&mut driven).contains(&said), "{}", driven.text());
}

/// What looks like a blank: each is alone in its line.
const BLANKS: &str =
    "\u{a0}\u{1680}\u{2000}\u{2003}\u{2007}\u{2009}\u{202f}\u{205f}\u{2800}\u{3000}";

#[test]
fn blanks_that_are_no_plain_blank_are_badges_listed_and_found() {
    let all: String = BLANKS.chars().map(|c| format!("a{c}blank\n")).collect();
    let desk = Desk::of(&[
        ("all.txt", format!("plain blank\n{all}").into_bytes()),
        ("app.ini", "admin\u{a0}= 0\nadmin = 1\n".into()),
        (
            "chinese.txt",
            "第一章\u{3000}总则\n\u{3000}\u{3000}正文\n".into(),
        ),
        ("plain.c", b"int a;\n".to_vec()),
    ]);
    desk.check(&[
        ("\"admin =\"", &["app.ini:2:1"]),
        ("/admin\\x{a0}=/", &["app.ini:1:1"]),
        ("/admin\\s=/", &["app.ini:1:1", "app.ini:2:1"]),
        ("flag:blank type:file", &["all.txt", "app.ini"]),
    ]);
    let info = desk.info();
    let flags: Vec<_> = info["flags"].as_array().unwrap().iter().collect();
    let expected = BLANKS.chars().enumerate().map(|(nth, c)| {
        serde_json::json!({"path": "all.txt", "line": nth + 2, "flag": "blank", "codepoints": [format!("U+{:04X}", c as u32)]})
    });
    let expected: Vec<Value> = expected
        .chain([serde_json::json!({"path": "app.ini", "line": 1, "flag": "blank", "codepoints": ["U+00A0"]})])
        .collect();
    assert_eq!(flags, expected.iter().collect::<Vec<_>>());

    let home = tempfile::tempdir().unwrap();
    let ask = Ask {
        source: Some(desk.repo.path().to_owned()),
        ..Ask::default()
    };
    let mut driven = Driven::open(home.path(), &ask, (100, 30));
    driven.open_file("all.txt");
    for c in BLANKS.chars() {
        let badge = format!("a<U+{:04X}>blank", c as u32);
        assert!(driven.text().contains(&badge), "{badge}: {}", driven.text());
    }
    assert!(driven.text().contains("plain blank"), "{}", driven.text());
    assert!(driven.text().contains("blank on 10"), "{}", driven.text());
    driven.open_file("chinese.txt");
    assert!(!driven.text().contains("<U+"), "{}", driven.text());
}

#[test]
fn line_ends_are_listed_shown_and_found() {
    let desk = Desk::of(&[
        ("crcrlf.txt", b"one\r\r\ntwo\r\r\n".to_vec()),
        ("crlf.txt", b"one\r\ntwo\r\nthree\r\n".to_vec()),
        ("lf.txt", b"one\ntwo\n".to_vec()),
        ("mac.txt", b"one\rtwo\r".to_vec()),
        ("mixed.sh", b"#!/bin/sh\nrm -rf $1\r\nexit 0\n".to_vec()),
        (
            "mostly.c",
            b"int a;\r\nint b;\r\nint c;\nint d;\r\n".to_vec(),
        ),
        ("unended.c", b"int e;\nint f;".to_vec()),
        ("wide.txt", utf16("one\r\ntwo\n", false)),
    ]);
    desk.check(&[
        (
            "flag:crlf type:file",
            &["crcrlf.txt", "crlf.txt", "mixed.sh", "mostly.c", "wide.txt"],
        ),
        (
            "flag:line-ends type:file",
            &["mixed.sh", "mostly.c", "wide.txt"],
        ),
        ("flag:no-final-newline type:file", &["mac.txt", "unended.c"]),
        ("flag:control type:file", &["crcrlf.txt", "mac.txt"]),
        (
            "/\\r\\n/ f:^m",
            &[
                "mixed.sh:2:10",
                "mostly.c:1:7",
                "mostly.c:2:7",
                "mostly.c:4:7",
            ],
        ),
        ("/[^\\r]\\n/ f:mostly", &["mostly.c:3:6"]),
        ("/1\\r$/", &["mixed.sh:2:9"]),
        ("/two\\r\\n/", &["crlf.txt:2:1"]),
        ("/\\r\\r\\n/", &["crcrlf.txt:1:4", "crcrlf.txt:2:4"]),
        ("/one\\rtwo/", &["mac.txt:1:1"]),
        ("/two$/", &["crlf.txt:2:1", "lf.txt:2:1", "wide.txt:2:1"]),
        ("/f;\\z/", &["unended.c:2:5"]),
        // The lines that are left out may be those of a line end.
        ("int -line:/\\r$/ f:mostly", &["mostly.c:3:1"]),
    ]);
    let info = desk.info();
    let row = |f: &Value| {
        let codes = f["codepoints"].as_array().unwrap().iter();
        let codes: Vec<_> = codes.map(|c| c.as_str().unwrap()).collect();
        format!(
            "{}:{} {} {}",
            f["path"].as_str().unwrap(),
            f["line"],
            f["flag"].as_str().unwrap(),
            codes.join(" ")
        )
    };
    let flags: Vec<String> = info["flags"].as_array().unwrap().iter().map(row).collect();
    let expected = [
        "crcrlf.txt:1 control U+000D",
        "crcrlf.txt:2 control U+000D",
        "mac.txt:1 control U+000D",
        "mac.txt:1 no-final-newline ",
        "mixed.sh:2 line-ends U+000D U+000A",
        "mostly.c:3 line-ends U+000A",
        "unended.c:2 no-final-newline ",
        "wide.txt:1 line-ends U+000D U+000A",
    ];
    assert_eq!(flags, expected);
    // Without an index the blobs are read.
    let other = Desk {
        program: Program::new(),
        repo: desk.repo,
    };
    let found: Vec<String> = other.info()["flags"]
        .as_array()
        .unwrap()
        .iter()
        .map(row)
        .collect();
    assert_eq!(found, expected);

    let home = tempfile::tempdir().unwrap();
    let ask = Ask {
        source: Some(other.repo.path().to_owned()),
        ..Ask::default()
    };
    let mut driven = Driven::open(home.path(), &ask, (100, 30));
    for (file, shown) in [
        ("mixed.sh", "rm -rf $1<CR LF>"),
        ("mostly.c", "int c;<LF>"),
        ("unended.c", "int f;<no line end>"),
        ("crcrlf.txt", "one<U+000D>"),
    ] {
        driven.open_file(file);
        assert!(driven.text().contains(shown), "{file}: {}", driven.text());
    }
    driven.open_file("crlf.txt");
    assert!(!driven.text().contains("<CR"), "{}", driven.text());
}
