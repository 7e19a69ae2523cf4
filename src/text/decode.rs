//! Bytes of a blob to text, with the encoding named.
//!
//! In this order: a byte order mark; UTF-16 and UTF-32 without one, by where their zero bytes stand; a zero
//! byte near the beginning makes it binary; valid UTF-8; many control characters make it binary; otherwise
//! the encoding is guessed. Decoding never fails: what an encoding cannot express becomes U+FFFD, which is
//! shown as a badge.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use std::fmt;

/// How the bytes of a text were read.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Encoding(u8);

/// On disk an encoding is its position here: append only.
const NAMES: &[&str] = &[
    "UTF-8",
    "UTF-8 BOM",
    "UTF-16LE",
    "UTF-16BE",
    "UTF-32LE",
    "UTF-32BE",
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "windows-874",
    "ISO-8859-2",
    "ISO-8859-4",
    "ISO-8859-5",
    "ISO-8859-6",
    "ISO-8859-7",
    "ISO-8859-8",
    "ISO-8859-13",
    "ISO-8859-8-I",
    "KOI8-U",
    "KOI8-R",
    "IBM866",
    "GBK",
    "gb18030",
    "Big5",
    "Shift_JIS",
    "EUC-JP",
    "EUC-KR",
    "ISO-2022-JP",
    "ISO-8859-3",
    "ISO-8859-10",
    "ISO-8859-14",
    "ISO-8859-15",
    "ISO-8859-16",
    "macintosh",
    "x-mac-cyrillic",
    "x-user-defined",
];

impl Encoding {
    /// Plain UTF-8, which is also plain ASCII.
    pub const UTF_8: Self = Self(0);

    /// Returns the name shown to the reviewer.
    pub fn name(self) -> &'static str {
        NAMES[self.0 as usize]
    }
    /// Returns the number that stands for it on disk.
    pub fn code(self) -> u8 {
        self.0
    }
    /// Returns the encoding of a number from disk, or nothing if no version ever wrote it.
    pub fn from_code(code: u8) -> Option<Self> {
        ((code as usize) < NAMES.len()).then_some(Self(code))
    }
    /// Returns the encoding of a name, in any case.
    pub fn by_name(name: &str) -> Option<Self> {
        let at = NAMES.iter().position(|n| n.eq_ignore_ascii_case(name))?;
        Some(Self(at as u8))
    }
    /// Returns whether it is UTF-8, with or without a mark.
    pub fn is_utf8(self) -> bool {
        self.0 < 2
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a blob's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text, without its byte order mark.
    Text {
        /// Decoded.
        text: String,
        /// How.
        encoding: Encoding,
    },
    /// No text.
    Binary,
}

/// How many bytes decide whether there are zero bytes and of which kind.
const HEAD: usize = 8192;

/// Decides what the bytes are, and decodes them if they are text. Takes the bytes so that plain UTF-8, the
/// common case, is not copied.
pub fn decode(bytes: Vec<u8>) -> Content {
    let Some(encoding) = detect(&bytes) else {
        return Content::Binary;
    };
    let text = if encoding == Encoding::UTF_8 {
        match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }
    } else {
        decode_as(&bytes, encoding)
    };
    Content::Text { text, encoding }
}

/// Returns the encoding of a text, or nothing if the bytes are binary.
pub fn detect(bytes: &[u8]) -> Option<Encoding> {
    let marks: [(&[u8], &str); 5] = [
        (b"\xef\xbb\xbf", "UTF-8 BOM"),
        (b"\xff\xfe\0\0", "UTF-32LE"),
        (b"\0\0\xfe\xff", "UTF-32BE"),
        (b"\xff\xfe", "UTF-16LE"),
        (b"\xfe\xff", "UTF-16BE"),
    ];
    for (mark, name) in marks {
        if bytes.starts_with(mark) {
            if name == "UTF-8 BOM" && std::str::from_utf8(bytes).is_err() {
                break;
            }
            return Encoding::by_name(name);
        }
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    if memchr::memchr(0, head).is_some() {
        return wide(head, bytes.len());
    }
    if std::str::from_utf8(bytes).is_ok() {
        return Some(Encoding::UTF_8);
    }
    let is_control = |b: &&u8| matches!(b, 0..=8 | 11 | 14..=26 | 28..=31 | 127);
    if head.iter().filter(is_control).count() * 20 > head.len() {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&bytes[..bytes.len().min(1 << 20)], true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    Encoding::by_name(guess.name()).or(Encoding::by_name("windows-1252"))
}

/// Recognises UTF-16 and UTF-32 without a mark: text of mostly ASCII letters has its zero bytes always at
/// the same places.
fn wide(head: &[u8], len: usize) -> Option<Encoding> {
    let zeros = |from: usize, step: usize| {
        let all = head.iter().skip(from).step_by(step);
        let (zero, count) = all.fold((0, 0), |(z, n), b| (z + usize::from(*b == 0), n + 1));
        (zero * 100usize).checked_div(count).unwrap_or(0)
    };
    if len.is_multiple_of(4) && len >= 8 {
        let by_place = [zeros(0, 4), zeros(1, 4), zeros(2, 4), zeros(3, 4)];
        match by_place {
            [0, _, 95..=100, 95..=100] => return Encoding::by_name("UTF-32LE"),
            [95..=100, 95..=100, _, 0] => return Encoding::by_name("UTF-32BE"),
            _ => {}
        }
    }
    if len.is_multiple_of(2) && len >= 4 {
        match (zeros(0, 2), zeros(1, 2)) {
            (0, 60..) => return Encoding::by_name("UTF-16LE"),
            (60.., 0) => return Encoding::by_name("UTF-16BE"),
            _ => {}
        }
    }
    None
}

/// Decodes the bytes as the reviewer or [`detect`] says, leaving out a byte order mark of that encoding.
pub fn decode_as(bytes: &[u8], encoding: Encoding) -> String {
    match encoding.name() {
        "UTF-8" => String::from_utf8_lossy(bytes).into_owned(),
        "UTF-8 BOM" => {
            String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
                .into_owned()
        }
        "UTF-32LE" => utf32(bytes, u32::from_le_bytes),
        "UTF-32BE" => utf32(bytes, u32::from_be_bytes),
        name => match encoding_rs::Encoding::for_label(name.as_bytes()) {
            Some(encoding) => encoding.decode_with_bom_removal(bytes).0.into_owned(),
            None => String::from_utf8_lossy(bytes).into_owned(),
        },
    }
}

fn utf32(bytes: &[u8], number: fn([u8; 4]) -> u32) -> String {
    let chars = bytes.chunks(4).map(|chunk| {
        let four = <[u8; 4]>::try_from(chunk).ok().map(number);
        four.and_then(char::from_u32)
            .unwrap_or(char::REPLACEMENT_CHARACTER)
    });
    let text: String = chars.collect();
    text.strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (String, &'static str) {
        match decode(bytes.to_vec()) {
            Content::Text { text, encoding } => (text, encoding.name()),
            Content::Binary => (String::new(), "binary"),
        }
    }

    #[test]
    fn encodings_are_recognised_and_named() {
        let utf16 = |s: &str| {
            s.encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<_>>()
        };
        let utf32 = |s: &str| {
            s.chars()
                .flat_map(|c| (c as u32).to_be_bytes())
                .collect::<Vec<_>>()
        };
        let ok = |t: &str, e: &'static str| (t.to_owned(), e);
        assert_eq!(text(b""), ok("", "UTF-8"));
        assert_eq!(text("größe".as_bytes()), ok("größe", "UTF-8"));
        assert_eq!(text(b"\xef\xbb\xbfa"), ok("a", "UTF-8 BOM"));
        assert_eq!(
            text(&utf16("\u{feff}key = wert")),
            ok("key = wert", "UTF-16LE")
        );
        assert_eq!(text(&utf16("key = wert")), ok("key = wert", "UTF-16LE"));
        assert_eq!(text(&utf32("password")), ok("password", "UTF-32BE"));
        assert_eq!(
            text(b"Pr\xfcfung der Gr\xf6\xdfe, \xc4nderung f\xfcr alle"),
            ok("Prüfung der Größe, Änderung für alle", "windows-1252")
        );
        let (gbk, _, _) = encoding_rs::GBK.encode("设备初始化失败，请检查配置文件。");
        assert_eq!(text(&gbk), ok("设备初始化失败，请检查配置文件。", "GBK"));
        let (sjis, _, _) =
            encoding_rs::SHIFT_JIS.encode("パスワードを確認してください。設定ファイル");
        assert_eq!(
            text(&sjis),
            ok("パスワードを確認してください。設定ファイル", "Shift_JIS")
        );
    }

    #[test]
    fn zero_bytes_make_it_binary() {
        for bytes in [
            &b"\0"[..],
            b"\x7fELF\x02\x01\x01\0\0\0",
            b"abc\0def\0gh",
            &[1, 2, 3, 255, 4],
        ] {
            assert_eq!(text(bytes).1, "binary", "{bytes:?}");
        }
    }

    #[test]
    fn codes_are_stable() {
        for code in 0..=255 {
            if let Some(encoding) = Encoding::from_code(code) {
                assert_eq!(Encoding::by_name(encoding.name()), Some(encoding));
            }
        }
        assert_eq!(Encoding::by_name("utf-16le").map(Encoding::code), Some(2));
        assert_eq!(Encoding::by_name("GBK").map(Encoding::code), Some(27));
    }
}
