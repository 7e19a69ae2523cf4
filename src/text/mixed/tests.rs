//! Every language beside every other encoding, and what is not to be mistaken.

use super::super::decode::{Content, decode};
use super::super::samples::{SAMPLES, Sample};
use super::*;
use proptest::prelude::*;

fn encode(text: &str, name: &str) -> Option<Vec<u8>> {
    if name == "UTF-8" {
        return Some(text.as_bytes().to_vec());
    }
    let kind = encoding_rs::Encoding::for_label(name.as_bytes())?;
    let (bytes, _, is_lossy) = kind.encode(text);
    (!is_lossy).then(|| bytes.into_owned())
}

fn read(bytes: &[u8]) -> Decoded {
    match decode(bytes.to_vec()) {
        Content::Text(read) => read,
        Content::Binary(_) => panic!("binary: {bytes:?}"),
    }
}

fn comment(line: &str) -> String {
    format!("/* {} */\nint x;\n", line.trim_start_matches("// "))
}

/// Returns a file of several comments, and one in another encoding among them.
fn file(many: &[Vec<u8>], one: &[u8], at: usize) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    parts.insert(at.min(parts.len()), one);
    parts.concat()
}

/// The lines of a sample that are not ASCII, as comments.
fn comments(sample: &Sample) -> Vec<String> {
    let lines = sample.comments.lines().filter(|line| !line.is_ascii());
    lines.map(comment).collect()
}

#[test]
fn a_line_of_another_encoding_in_a_file_of_utf8_is_read_in_every_language() {
    let (mut all, mut wrong) = (0, Vec::new());
    for outer in SAMPLES {
        let many: Vec<_> = comments(outer)
            .into_iter()
            .map(String::into_bytes)
            .collect();
        for inner in SAMPLES {
            let Some(line) = comments(inner).into_iter().max_by_key(String::len) else {
                continue;
            };
            for name in inner.encodings {
                let one = encode(&line, name).unwrap();
                for at in [0, many.len()] {
                    let read = read(&file(&many, &one, at));
                    let expected = outer.comments.lines().find(|l| !l.is_ascii()).unwrap();
                    assert!(
                        read.text.contains(expected.trim_start_matches("// ")),
                        "{} beside {name}: {}",
                        outer.language,
                        read.text
                    );
                    assert!(!read.others.is_empty(), "{} {name}", outer.language);
                    all += 1;
                    if !read.text.contains(line.trim_end()) {
                        wrong.push(format!("{} in {name} as {:?}", inner.language, read.others));
                    }
                }
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(
        wrong.len() * 20 <= all,
        "{} of {all} kinds are read otherwise: {wrong:#?}",
        wrong.len()
    );
}

#[test]
fn a_line_of_utf8_in_a_file_of_another_encoding_is_read_in_every_language() {
    for outer in SAMPLES {
        for name in outer.encodings {
            let lines: Vec<_> = comments(outer);
            let many: Vec<_> = lines
                .iter()
                .map(|line| encode(line, name).unwrap())
                .collect();
            for inner in SAMPLES {
                let Some(one) = comments(inner).into_iter().max_by_key(String::len) else {
                    continue;
                };
                for at in [0, 1, many.len()] {
                    let bytes = file(&many, one.as_bytes(), at);
                    let read = read(&bytes);
                    let what = format!("{} in {name}: {}", inner.language, read.text);
                    assert!(read.text.contains(one.trim_end()), "{what}");
                    assert_eq!(
                        read.text.matches('\n').count(),
                        memchr::memchr_iter(b'\n', &bytes).count(),
                        "{what}"
                    );
                    let all: Vec<_> = [read.encoding].into_iter().chain(read.others).collect();
                    assert!(all.contains(&Encoding::UTF_8), "{what}");
                }
            }
        }
    }
}

#[test]
fn stretches_of_two_encodings_in_one_line_are_both_read() {
    let utf8 = "/* 检查长度 ";
    let rest = encode("维护口令 */ int x;\n", "GBK").unwrap();
    let line = [utf8.as_bytes(), &rest].concat();
    let found = read(&line);
    assert_eq!(found.text, "/* 检查长度 维护口令 */ int x;\n");
    assert_eq!(found.others.len(), 1);
    // A character that was cut off costs its own line nothing but itself.
    let cut = [
        "/* 检查长".as_bytes(),
        &"度".as_bytes()[..2],
        b" */\n",
        &rest,
    ]
    .concat();
    let found = read(&cut);
    assert_eq!(found.text, "/* 检查长\u{fffd} */\n维护口令 */ int x;\n");
}

#[test]
fn a_word_among_chinese_and_a_line_of_the_other_russian_encoding_are_read() {
    let gbk = encode("口令", "GBK").unwrap();
    let word = [
        &b"char *s = \""[..],
        &gbk,
        "\", *t = \"口令\";\n".as_bytes(),
    ]
    .concat();
    assert_eq!(read(&word).text, "char *s = \"口令\", *t = \"口令\";\n");
    for (main, other) in [("windows-1251", "KOI8-R"), ("KOI8-R", "windows-1251")] {
        let many = encode(&comment("Проверка длины сообщения"), main)
            .unwrap()
            .repeat(5);
        let secret = "Секретный пароль мастера";
        let line = encode(&comment(secret), other).unwrap();
        let found = read(&[many.clone(), line].concat()).text;
        assert!(
            found.contains(secret) && found.contains("Проверка"),
            "{found}"
        );
        let capitals = encode(&comment("ВНИМАНИЕ: ПРОВЕРКА ДЛИНЫ"), main).unwrap();
        let found = read(&[many, capitals].concat()).text;
        assert!(found.contains("ВНИМАНИЕ"), "{found}");
    }
}

#[test]
fn three_encodings_in_one_file_are_all_read() {
    let parts = [
        ("长度在复制之前没有检查", "UTF-8"),
        ("维护人员的万能口令", "GBK"),
        ("保守用の暗証番号を確認する処理", "Shift_JIS"),
        ("Prüfung der Hintertür", "windows-1252"),
    ];
    let bytes: Vec<u8> = parts
        .iter()
        .flat_map(|(text, name)| encode(&comment(text), name).unwrap())
        .collect();
    let read = read(&bytes);
    for (text, name) in parts {
        assert!(read.text.contains(text), "{name}: {}", read.text);
    }
}

#[test]
fn a_file_in_one_encoding_is_not_cut_up() {
    for sample in SAMPLES {
        for name in sample.encodings {
            for text in [sample.prose, sample.comments] {
                let bytes = encode(text, name).unwrap();
                let read = read(&bytes);
                if read.encoding.name() == *name {
                    assert_eq!(read.others, [], "{} in {name}", sample.language);
                    assert_eq!(read.text, text, "{} in {name}", sample.language);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn lines_stay_lines(
        parts in proptest::collection::vec((0..SAMPLES.len(), 0..9_usize, any::<bool>(), "[ -~\t\n]{0,8}"), 0..12),
    ) {
        let mut bytes = Vec::new();
        for (sample, nth, is_utf8, ascii) in parts {
            let sample = &SAMPLES[sample];
            let name = if is_utf8 { "UTF-8" } else { sample.encodings[nth % sample.encodings.len()] };
            let line = sample.comments.lines().nth(nth).unwrap_or("");
            bytes.extend(encode(line, name).unwrap());
            bytes.extend(ascii.bytes());
        }
        if let Content::Text(read) = decode(bytes.clone()) {
            let ends = |text: &[u8]| memchr::memchr_iter(b'\n', text).count();
            prop_assert_eq!(ends(read.text.as_bytes()), ends(&bytes));
        }
    }
}
