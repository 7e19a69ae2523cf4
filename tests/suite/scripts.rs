//! The gate on other scripts than Latin: copied text without spaces between words, look-alikes by Unicode's table, and
//! findings in other languages, which must pass.

use crate::support::disguise::UNDONE;
use crate::support::vendor::{Chance, Vendor, caught, typed};
use crate::support::{read, skip};
use glassroom::model::{Overlap, Rule, Typed};
use glassroom::text::{self, Content};
use std::collections::BTreeMap;
use unicode_security::skeleton;

/// Languages that paragraphs of findings are written in, and how many there are at least.
const PARAGRAPHS: [(&str, usize); 4] = [
    ("chinese", 50),
    ("russian", 30),
    ("japanese", 20),
    ("korean", 20),
];

/// Comments of a vendor's, each a line of 11 characters or more in a script without spaces.
const COMMENTS: &[&str] = &[
    "主密钥由所有用户可以读取",
    "此处不检查报文的长度字段",
    "密钥协商失败后退回到明文传输模式以保证兼容",
    "仅供内部测试使用，发布前必须删除这个后门账户",
    "主密钥由安装脚本写入共享目录，运维组、开发组和现场工程师的账户都可以读取，直到下一次整机升级才会重新生成并通知全部网元",
    "如果对端不支持新的算法，就调用 legacy_fallback 并记录告警",
    "対向装置の証明書は検証せずに受け入れる暫定処理",
    "バッファ長の確認は呼び出し側で済んでいるものとする",
    "상대 장비가 응답하지 않으면 암호화 없이 다시 전송한다",
    "관리자 비밀번호는 출고 시 설정된 값을 그대로 사용한다",
    "กุญแจหลักถูกเก็บไว้ในหน่วยความจำโดยไม่เข้ารหัส",
    "សោមេត្រូវបានរក្សាទុកដោយមិនបានអ៊ិនគ្រីប",
    "ㄓㄨˇㄇㄧˋㄩㄝˋㄧㄡˊㄧㄥˋㄩㄥˋㄔㄥˊㄕˋㄗˋㄒㄧㄥˊㄅㄠˇㄍㄨㄢˇ",
];

fn vendor_of_comments() -> Vendor {
    let texts = COMMENTS
        .iter()
        .map(|c| format!("int f(void)\n{{\n\t/* {c} */\n\treturn 0;\n}}\n"));
    Vendor::of(&texts.collect::<Vec<_>>())
}

fn is_mark(c: char) -> bool {
    !c.is_alphanumeric()
        && !c.is_whitespace()
        && !unicode_normalization::char::is_combining_mark(c)
        && c != '_'
}

/// A way to type a line again: its name, and what is typed.
type Retyping = (&'static str, fn(&str) -> String);

const RETYPED: [Retyping; 8] = [
    ("verbatim", |t| t.to_owned()),
    ("with its marks", |t| format!("/* {t} */")),
    ("in prose", |t| format!("厂商写的是{t}所以有风险")),
    ("without punctuation", |t| t.replace(is_mark, "")),
    ("other punctuation", |t| t.replace(is_mark, "——")),
    ("broken into lines", |t| {
        let chars: Vec<char> = t.chars().collect();
        chars
            .chunks(5)
            .map(|c| c.iter().collect())
            .collect::<Vec<String>>()
            .join("\n")
    }),
    ("spaced", |t| t.chars().map(|c| format!("{c} ")).collect()),
    ("full-width", |t| {
        t.chars()
            .map(|c| {
                char::from_u32(c as u32 + 0xfee0)
                    .filter(|_| ('!'..='~').contains(&c))
                    .unwrap_or(c)
            })
            .collect()
    }),
];

#[test]
fn copied_lines_without_spaces_are_caught() {
    let vendor = vendor_of_comments();
    for (way, make) in RETYPED {
        let texts: Vec<Typed> = (0..)
            .zip(COMMENTS)
            .map(|(i, c)| typed(i, make(c)))
            .collect();
        let found = caught(&vendor.judge(&texts), |o| {
            matches!(o.rule, Rule::Run32 | Rule::Line | Rule::Disguise)
        });
        let gone: Vec<_> = (0..COMMENTS.len())
            .filter(|i| !found.contains(i))
            .map(|i| COMMENTS[i])
            .collect();
        assert!(gone.is_empty(), "{way}: {gone:?}");
    }
    // The control: another vendor's words, and pieces too short to say anything.
    let short = COMMENTS
        .iter()
        .map(|c| c.chars().take(7).collect::<String>());
    let texts: Vec<Typed> = (0..).zip(short).map(|(i, c)| typed(i, c)).collect();
    assert_eq!(vendor.judge(&texts).overlaps, []);
    let other = Vendor::demo();
    let texts: Vec<Typed> = (0..).zip(COMMENTS).map(|(i, c)| typed(i, *c)).collect();
    assert_eq!(other.judge(&texts).overlaps, []);
}

#[test]
fn copied_lines_of_a_file_in_gbk_are_caught() {
    let chinese = &COMMENTS[..6];
    let file = chinese
        .iter()
        .map(|c| format!("/* {c} */\r\n"))
        .collect::<String>();
    let (bytes, encoding, failed) = encoding_rs::GBK.encode(&file);
    assert!(!failed && encoding.name() == "GBK" && std::str::from_utf8(&bytes).is_err());
    let Content::Text(text::Decoded { text, .. }) = text::decode(bytes.into_owned()) else {
        panic!("it is text");
    };
    let vendor = Vendor::of(&[text]);
    let texts: Vec<Typed> = (0..).zip(chinese).map(|(i, c)| typed(i, *c)).collect();
    let found = caught(&vendor.judge(&texts), |o| o.rule == Rule::Run32);
    assert_eq!(found, (0..6).collect());
}

#[test]
fn names_beside_text_without_spaces_are_free() {
    let name = "ran_session_table_lookup_by_temporary_identifier";
    let vendor = Vendor::of(&[format!("// {name}的返回值没有使用\nint {name}(void);\n")]);
    for (text, is_blocked) in [
        (format!("{name}的返回值应当检查"), false),
        (format!("调用{name}之后"), false),
        (format!("{name}的返回值没有使用"), true),
    ] {
        let verdict = vendor.judge(&[typed(0, text.clone())]);
        assert_eq!(
            !verdict.overlaps.is_empty(),
            is_blocked,
            "{text}: {:?}",
            verdict.overlaps
        );
    }
}

fn paragraphs_pass(vendor: &Vendor) {
    let mut texts: Vec<Typed> = Vec::new();
    for (language, least) in PARAGRAPHS {
        let text = read(&format!("tests/data/paragraphs-{language}.txt"));
        assert!(text.lines().count() >= least);
        for line in text.lines() {
            texts.push(typed(texts.len(), line));
        }
    }
    let verdict = vendor.judge(&texts);
    let blocked = caught(&verdict, |o| o.rule != Rule::CodeRun);
    let describe = |i: &usize| {
        let own = verdict
            .overlaps
            .iter()
            .filter(|o| o.file == format!("{i}.json"));
        let why: Vec<String> = own
            .map(|o| format!("{} {:?}:{:?} of {}", o.rule.word(), o.path, o.at, o.length))
            .collect();
        format!("{}\n    {why:?}", texts[*i].text)
    };
    let (files, bytes) = vendor.size();
    println!(
        "{} paragraphs against {files} texts of {} MB: {} blocked, {} stopped\n{}",
        texts.len(),
        bytes / 1_000_000,
        blocked.len(),
        caught(&verdict, |o| o.rule == Rule::CodeRun).len(),
        blocked.iter().map(describe).collect::<Vec<_>>().join("\n")
    );
    // One in two hundred; there are fewer.
    assert!(blocked.len() * 200 <= texts.len());
}

#[test]
fn findings_in_other_languages_pass() {
    paragraphs_pass(&Vendor::demo());
    // The control: a vendor who has one of each language in a comment.
    for (language, _) in PARAGRAPHS {
        let text = read(&format!("tests/data/paragraphs-{language}.txt"));
        let copied = text.lines().nth(2).unwrap();
        let vendor = Vendor::of(&[format!("/* {copied} */")]);
        let verdict = vendor.judge(&[typed(0, copied)]);
        assert!(
            verdict
                .overlaps
                .iter()
                .any(|o| matches!(o.rule, Rule::Run32 | Rule::Line)),
            "{language}"
        );
    }
}

#[test]
fn findings_in_other_languages_pass_a_real_tree() {
    if let Some(vendor) = Vendor::tree("the paragraphs in other languages") {
        paragraphs_pass(&vendor);
    }
}

/// Returns for each letter and digit of ASCII what Unicode's data reads as it.
fn confusables() -> BTreeMap<char, Vec<char>> {
    let ascii = ('0'..='9').chain('a'..='z').chain('A'..='Z');
    let prototypes: Vec<(char, String)> = ascii
        .map(|c| (c, skeleton(&c.to_string()).collect()))
        .collect();
    let mut all: BTreeMap<char, Vec<char>> = BTreeMap::new();
    for c in ('\u{a1}'..='\u{1ffff}').filter(|c| c.is_alphanumeric()) {
        let own: String = skeleton(&c.to_string()).collect();
        for (letter, _) in prototypes.iter().filter(|(_, prototype)| *prototype == own) {
            all.entry(*letter).or_default().push(c);
        }
    }
    all
}

fn is_code(line: &str) -> bool {
    let marks = line.bytes().filter(|b| b";{}=[]<>".contains(b)).count();
    let letters = line.bytes().filter(u8::is_ascii_alphabetic).count();
    line.is_ascii() && line.contains(' ') && marks >= 2 && letters >= 16
}

fn is_disguise(overlap: &Overlap) -> bool {
    overlap.rule == Rule::Disguise
}

#[test]
fn lines_in_confusable_letters_are_caught() {
    let vendor = Vendor::demo();
    let confusables = confusables();
    let known = confusables.values().map(Vec::len).sum::<usize>();
    assert!(
        known > 1500 && confusables.len() == 62,
        "{known} {}",
        confusables.len()
    );
    let lines = vendor.lines(20, &mut Chance::new(3), is_code);
    assert_eq!(lines.len(), 20);
    for seed in 0..10 {
        let mut chance = Chance::new(seed);
        let mut disguise = |c: char| match confusables.get(&c) {
            Some(all) => all[chance.below(all.len())],
            None => c,
        };
        let texts: Vec<Typed> = (0..)
            .zip(&lines)
            .map(|(i, line)| typed(i, line.chars().map(&mut disguise).collect::<String>()))
            .collect();
        let found = caught(&vendor.judge(&texts), is_disguise);
        let gone: Vec<_> = (0..20)
            .filter(|i| !found.contains(i))
            .map(|i| &texts[i].text)
            .collect();
        assert!(gone.is_empty(), "{gone:#?}");
    }
    // The control: letters that are read as nothing in ASCII.
    let other = |c: char| {
        if c.is_ascii_alphabetic() {
            // Not shifted by one number, which is undone.
            char::from_u32(0x4e00 + c as u32 * 7919 % 20_000).unwrap()
        } else {
            c
        }
    };
    let texts: Vec<Typed> = (0..)
        .zip(&lines)
        .map(|(i, l)| typed(i, l.chars().map(other).collect::<String>()))
        .collect();
    assert!(caught(&vendor.judge(&texts), is_disguise).is_empty());
}

/// Letters that a table made by eye did not have.
#[test]
fn a_function_in_rare_look_alikes_is_caught() {
    let vendor = Vendor::demo();
    let file = read("assets/demo/2.4/src/auth.c");
    let function: Vec<&str> = file.lines().skip(44).take(20).collect();
    let map = BTreeMap::from([
        ('a', '\u{15c5}'),
        ('e', '\u{ab32}'),
        ('o', '\u{b20}'),
        ('r', '\u{ab48}'),
        ('s', '\u{d1f}'),
        ('i', '\u{a647}'),
        ('u', '\u{ab4e}'),
        ('c', '\u{1004}'),
        ('n', '\u{10513}'),
        ('t', '\u{3112}'),
        ('A', '\u{15c5}'),
    ]);
    let disguised = |c: char| map.get(&c).copied().unwrap_or(c);
    let text: String = function.join("\n").chars().map(disguised).collect();
    let verdict = vendor.judge(&[typed(0, text)]);
    assert!(
        verdict.blocked && verdict.overlaps.iter().any(is_disguise),
        "{:?}",
        verdict.overlaps
    );
    // The control: shapes that are no letters of ASCII.
    let other: String = function
        .join("\n")
        .chars()
        .map(|c| if map.contains_key(&c) { '\u{416}' } else { c })
        .collect();
    let verdict = vendor.judge(&[typed(0, other)]);
    assert!(
        !verdict.overlaps.iter().any(is_disguise),
        "{:?}",
        verdict.overlaps
    );
}

/// Letters that Unicode's confusables data does not have, but that are named for letters of ASCII.
#[test]
fn lines_in_letters_named_for_those_of_ascii_are_caught() {
    let vendor = Vendor::demo();
    let lines = vendor.lines(20, &mut Chance::new(4), is_code);
    let moved = |c: char, start: u32| char::from_u32(c as u32 - u32::from(b'a') + start).unwrap();
    let hooked: BTreeMap<char, char> = "bdfklmnprsxzaeiu"
        .chars()
        .zip("ᶀᶁᶂᶄᶅᶆᶇᶈᶉᶊᶍᶎᶏᶒᶖᶙ".chars())
        .collect();
    let disguise = |c: char, way: usize| match c.to_ascii_lowercase() {
        lower @ 'a'..='z' if way == 0 => moved(lower, 0x1f150),
        lower @ 'a'..='z' if way == 1 => moved(lower, 0x1f170),
        lower if way == 2 => hooked.get(&lower).copied().unwrap_or(c),
        _ => c,
    };
    for way in 0..3 {
        let disguised = |line: &String| line.chars().map(|c| disguise(c, way)).collect::<String>();
        let texts: Vec<Typed> = (0..)
            .zip(&lines)
            .map(|(i, l)| typed(i, disguised(l)))
            .collect();
        let found = caught(&vendor.judge(&texts), is_disguise);
        assert_eq!(found, (0..20).collect(), "way {way}");
    }
}

/// Runs of the vendor's own sentences, if the tree has some in a script without spaces.
#[test]
fn planted_sentences_of_a_real_tree_are_found() {
    let Some(vendor) = Vendor::tree("the planted sentences") else {
        return;
    };
    let han = |line: &str| {
        line.chars()
            .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
            .count()
    };
    let lines = vendor.lines(1000, &mut Chance::new(5), |line| {
        han(line) >= 14 && line.len() < 300
    });
    if lines.len() < 100 {
        skip("the planted sentences: the tree has less than 100 lines of Chinese");
        return;
    }
    let mut chance = Chance::new(9);
    let mut plant = |line: &String| {
        let chars: Vec<char> = line.chars().collect();
        // A stretch from somewhere in the line on with twelve ideographs, and with another punctuation.
        let stretch = (0..20).find_map(|_| {
            let from = chance.below(chars.len());
            let part: String = chars[from..].iter().collect();
            (han(&part) >= 12).then_some(part)
        });
        let part = stretch.unwrap_or_else(|| line.clone());
        format!("我们认为{}不正确", part.replace(['，', '。', '、'], "\n"))
    };
    let texts: Vec<Typed> = (0..)
        .zip(&lines)
        .map(|(i, line)| typed(i, plant(line)))
        .collect();
    let found = caught(&vendor.judge(&texts), |o| o.rule == Rule::Run32);
    let gone = texts.iter().enumerate().filter(|(i, _)| !found.contains(i));
    let missed: Vec<_> = gone.map(|(_, t)| t.text.clone()).collect();
    println!("{} sentences planted, {} missed", lines.len(), missed.len());
    assert!(missed.is_empty(), "{}", missed.join("\n---\n"));
}

/// Disguises that are undone for code, tried on sentences. Those of Latin letters and of single bytes say nothing here.
#[test]
fn sentences_without_spaces_are_caught_in_disguise() {
    let vendor = vendor_of_comments();
    let sentences: Vec<&str> = COMMENTS
        .iter()
        .copied()
        .filter(|c| c.chars().count() > 14)
        .collect();
    let mut missed = Vec::new();
    for (name, make) in UNDONE {
        let mut chance = Chance::new(7);
        let mut texts = Vec::new();
        for (i, sentence) in sentences.iter().enumerate() {
            texts.extend(
                make(sentence, &mut chance)
                    .into_iter()
                    .map(|text| typed(i, text)),
            );
        }
        let verdict = vendor.judge(&texts);
        let found = caught(&verdict, |o| o.rule != Rule::CodeRun);
        let compared = caught(&verdict, |o| {
            matches!(o.rule, Rule::Run32 | Rule::Line | Rule::Disguise)
        });
        println!(
            "{name:<34} {:>3} {:>3} of {}",
            found.len(),
            compared.len(),
            sentences.len()
        );
        let gone = (0..sentences.len()).filter(|i| !found.contains(i));
        missed.extend(gone.map(|i| format!("{name}: {}", sentences[i])));
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
