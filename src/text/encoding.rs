//! The encodings a text can be in, and their names.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// How the bytes of a text were read. Its text form, in a ledger too, is its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Encoding(u8);

/// On disk an encoding is its position here: append only, and at most 127.
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
    /// UTF-8 behind a byte order mark.
    pub const UTF_8_BOM: Self = Self(1);
    pub(super) const UTF_16LE: Self = Self(2);
    pub(super) const UTF_16BE: Self = Self(3);
    pub(super) const UTF_32LE: Self = Self(4);
    pub(super) const UTF_32BE: Self = Self(5);

    /// Returns every encoding, the commonest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..NAMES.len() as u8).map(Self)
    }
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
    /// Returns the encoding that a person means: a name, or any other label of the WHATWG's Encoding Standard, such
    /// as `latin1`, `cp936` or `euc_kr`; `utf-32` is little-endian, as `utf-16` is there.
    pub fn by_label(label: &str) -> Option<Self> {
        if let Some(named) = Self::by_name(label.trim()) {
            return Some(named);
        }
        if label.trim().eq_ignore_ascii_case("utf-32") {
            return Some(Self::UTF_32LE);
        }
        Self::by_name(encoding_rs::Encoding::for_label(label.as_bytes())?.name())
    }
    /// Returns whether it is UTF-8, with or without a mark.
    pub fn is_utf8(self) -> bool {
        self.0 < 2
    }
    /// Returns whether every byte below 0x80 that stands by itself is an ASCII character.
    pub fn is_ascii_compatible(self) -> bool {
        !matches!(
            self,
            Self::UTF_16LE | Self::UTF_16BE | Self::UTF_32LE | Self::UTF_32BE
        ) && self.name() != "ISO-2022-JP"
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.name())
    }
}
impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = <Cow<'de, str>>::deserialize(d)?;
        let found = Self::by_name(&name).filter(|encoding| encoding.name() == name);
        found.ok_or_else(|| serde::de::Error::custom("no such encoding"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_stable() {
        for code in 0..=255 {
            if let Some(encoding) = Encoding::from_code(code) {
                assert_eq!(Encoding::by_name(encoding.name()), Some(encoding));
                assert!(code < 128, "the bit above is the text store's");
            }
        }
        assert_eq!(Encoding::all().count(), NAMES.len());
        assert_eq!(Encoding::by_name("utf-16le").map(Encoding::code), Some(2));
        assert_eq!(Encoding::by_name("GBK").map(Encoding::code), Some(27));
    }

    #[test]
    fn a_person_may_name_an_encoding_as_the_web_does() {
        for (label, name) in [
            ("gb2312", "GBK"),
            ("GB18030", "gb18030"),
            (" latin1 ", "windows-1252"),
            ("ISO-8859-1", "windows-1252"),
            ("sjis", "Shift_JIS"),
            ("utf-16", "UTF-16LE"),
            ("UTF-32", "UTF-32LE"),
            ("utf-32be", "UTF-32BE"),
            ("utf8", "UTF-8"),
            ("koi8-r", "KOI8-R"),
        ] {
            assert_eq!(Encoding::by_label(label).map(Encoding::name), Some(name));
        }
        // `replacement` is the standard's name for what must not be decoded.
        for label in ["", "klingon", "replacement", "iso-2022-kr"] {
            assert_eq!(Encoding::by_label(label), None, "{label}");
        }
        for encoding in Encoding::all().filter(|e| !e.name().starts_with("UTF-")) {
            assert!(encoding_rs::Encoding::for_label(encoding.name().as_bytes()).is_some());
        }
    }
}
