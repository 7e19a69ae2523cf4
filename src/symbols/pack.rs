//! The tags of one text as bytes, a few for each.
//!
//! ```text
//! record      = how many definitions and declarations, { definition }, how many calls and references, { use }
//! definition  = from the name before, length of the name, what, before, behind, lines, column
//! use         = from the name before and class, [ what ], length of the name
//! ```
//! Numbers are LEB128: seven bits a byte, the lowest first, the highest bit set on all but the last. Names are in order;
//! `from the name before` counts bytes from the beginning of the definition (the use) before, at first from that of the
//! text. `what` is one byte: the kind in bits 0 to 3, 16 for a declaration or a call, 32 if a pattern found it. `before` and
//! `behind` count the bytes of the extent on both sides of the name, `lines` those from the line of the definition before (at
//! first from line 1), `column` the characters before the name on its line. The two lowest bits of a use's first number are
//! its class: 0 a call of a function, 1 a reference to a type, 2 a call of a macro, all three exact; 3 says that `what` follows.

use super::tagged::{LONGEST_NAME, Tag};
use crate::model::{Symbol, SymbolKind, SymbolRole};
use crate::text;

/// A definition or declaration with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The name and what it is.
    pub tag: Tag,
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
}

/// The tags of one text, packed, and the names of its definitions and declarations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Packed {
    pub bytes: Vec<u8>,
    /// Each with an LF behind it.
    pub names: Vec<u8>,
    pub definitions: u32,
    pub uses: u32,
}

const CALL: u8 = 16;
const GUESS: u8 = 32;

fn is_definition(tag: &Tag) -> bool {
    matches!(
        tag.symbol.role,
        SymbolRole::Definition | SymbolRole::Declaration
    )
}

fn what(tag: &Tag) -> u8 {
    let kinds = SymbolKind::ALL;
    let kind = kinds.iter().position(|kind| *kind == tag.symbol.kind);
    let is_second = matches!(tag.symbol.role, SymbolRole::Declaration | SymbolRole::Call);
    let role = if is_second { CALL } else { 0 };
    kind.unwrap_or(0) as u8 | role | if tag.is_exact { 0 } else { GUESS }
}

/// The classes of uses that are common.
const CLASSES: [(SymbolRole, SymbolKind); 3] = [
    (SymbolRole::Call, SymbolKind::Function),
    (SymbolRole::Reference, SymbolKind::Type),
    (SymbolRole::Call, SymbolKind::Macro),
];

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Packs tags that are in order, each place once.
pub(super) fn pack(text: &str, tags: &[Tag]) -> Packed {
    let mut packed = Packed::default();
    let out = &mut packed.bytes;
    let definitions = || tags.iter().filter(|tag| is_definition(tag));
    put(out, definitions().count() as u64);
    let (mut last, mut last_line, mut line) = (0, 1, Line::new(text));
    for tag in definitions() {
        let Symbol { name, extent, .. } = &tag.symbol;
        line.go_to(name.start as usize);
        put(out, u64::from(name.start - last));
        put(out, u64::from(name.end - name.start));
        out.push(what(tag));
        put(out, u64::from(name.start - extent.start.min(name.start)));
        put(out, u64::from(extent.end.max(name.end) - name.end));
        put(out, u64::from(line.number - last_line));
        put(out, u64::from(line.column(name.start as usize) - 1));
        (last, last_line) = (name.start, line.number);
        packed.names.extend(tag.symbol.name_in(text).as_bytes());
        packed.names.push(b'\n');
        packed.definitions += 1;
    }
    let uses = || tags.iter().filter(|tag| !is_definition(tag));
    put(out, uses().count() as u64);
    last = 0;
    for tag in uses() {
        let Symbol {
            name, role, kind, ..
        } = &tag.symbol;
        let known = CLASSES.iter().position(|class| *class == (*role, *kind));
        let class = known.filter(|_| tag.is_exact).unwrap_or(3);
        put(out, u64::from(name.start - last) << 2 | class as u64);
        if class == 3 {
            out.push(what(tag));
        }
        put(out, u64::from(name.end - name.start));
        last = name.start;
        packed.uses += 1;
    }
    packed
}

/// Counts lines from one place to a later one.
struct Line<'t> {
    text: &'t [u8],
    at: usize,
    start: usize,
    number: u32,
}

impl<'t> Line<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            start: 0,
            number: 1,
        }
    }

    fn go_to(&mut self, byte: usize) {
        for end in memchr::memchr_iter(b'\n', &self.text[self.at..byte]) {
            self.number += 1;
            self.start = self.at + end + 1;
        }
        self.at = byte;
    }

    fn column(&self, byte: usize) -> u32 {
        text::column(&self.text[self.start..byte], byte - self.start)
    }
}

/// Reads a record from its beginning; nothing is trusted.
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    left: u64,
    last: u32,
    line: u32,
}

impl<'b> Reader<'b> {
    /// Begins with the definitions; nothing if the record is damaged.
    pub(super) fn new(bytes: &'b [u8]) -> Option<Self> {
        let mut reader = Self {
            bytes,
            left: 0,
            last: 0,
            line: 1,
        };
        reader.left = reader.number()?;
        Some(reader)
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..42).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn small(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    fn name(&mut self, from: u32) -> Option<std::ops::Range<u32>> {
        let start = self.last.checked_add(from)?;
        self.last = start;
        let len = self.small()?;
        let is_name = len > 0 && len <= LONGEST_NAME as u32;
        is_name.then_some(start..start.checked_add(len)?)
    }

    /// Reads the next definition; `Some(None)` behind the last, nothing if the record is damaged.
    #[allow(
        clippy::option_option,
        reason = "the end is no damage, and `?` tells them apart"
    )]
    pub(super) fn definition(&mut self) -> Option<Option<Definition>> {
        let Some(left) = self.left.checked_sub(1) else {
            return Some(None);
        };
        self.left = left;
        let from = self.small()?;
        let name = self.name(from)?;
        let (kind, is_second, is_exact) = meaning(self.byte()?)?;
        let start = name.start.checked_sub(self.small()?)?;
        let end = name.end.checked_add(self.small()?)?;
        self.line = self.line.checked_add(self.small()?)?;
        let column = self.small()?.checked_add(1)?;
        let role = if is_second {
            SymbolRole::Declaration
        } else {
            SymbolRole::Definition
        };
        Some(Some(Definition {
            tag: Tag {
                symbol: Symbol {
                    name,
                    kind,
                    role,
                    extent: start..end,
                },
                is_exact,
            },
            line: self.line,
            column,
        }))
    }

    /// Reads everything; nothing if the record is damaged.
    pub(super) fn tags(mut self) -> Option<Vec<Tag>> {
        let mut tags = Vec::new();
        while let Some(definition) = self.definition()? {
            tags.push(definition.tag);
        }
        self.last = 0;
        for _ in 0..self.number()? {
            let first = self.number()?;
            let class = (first & 3) as usize;
            let from = u32::try_from(first >> 2).ok()?;
            let (role, kind, is_exact) = if let Some((role, kind)) = CLASSES.get(class) {
                (*role, *kind, true)
            } else {
                let (kind, is_call, is_exact) = meaning(self.byte()?)?;
                let role = if is_call {
                    SymbolRole::Call
                } else {
                    SymbolRole::Reference
                };
                (role, kind, is_exact)
            };
            let name = self.name(from)?;
            tags.push(Tag {
                symbol: Symbol {
                    extent: name.clone(),
                    name,
                    kind,
                    role,
                },
                is_exact,
            });
        }
        tags.sort_by_key(|tag| tag.symbol.name.start);
        self.bytes.is_empty().then_some(tags)
    }
}

fn meaning(byte: u8) -> Option<(SymbolKind, bool, bool)> {
    let kind = SymbolKind::ALL.get((byte & 15) as usize)?;
    (byte < 64).then_some((*kind, byte & CALL != 0, byte & GUESS == 0))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Makes tags of words of a text: each word is one, of a role and kind that the numbers choose.
    pub(in super::super) fn tags_of(text: &str, choices: &[u8]) -> Vec<Tag> {
        let mut tags = Vec::new();
        let mut at = 0;
        for (nth, word) in text.split([' ', '\n']).enumerate() {
            let name = at as u32..(at + word.len()) as u32;
            at += word.len() + 1;
            if word.is_empty() || choices.is_empty() {
                continue;
            }
            let choice = choices[nth % choices.len()] as usize;
            let kind = SymbolKind::ALL[choice % SymbolKind::ALL.len()];
            let role = SymbolRole::ALL[choice % 4];
            let is_use = choice % 4 > 1;
            let extent = if is_use {
                name.clone()
            } else {
                name.start.saturating_sub(3)..(name.end + 5).min(text.len() as u32)
            };
            tags.push(Tag {
                symbol: Symbol {
                    name,
                    kind,
                    role,
                    extent,
                },
                is_exact: !choice.is_multiple_of(3),
            });
        }
        tags
    }

    proptest! {
        #[test]
        fn tags_come_back(text in "[ab é\n]{0,80}", choices in prop::collection::vec(any::<u8>(), 1..9)) {
            let tags = tags_of(&text, &choices);
            let packed = pack(&text, &tags);
            let reader = Reader::new(&packed.bytes).unwrap();
            prop_assert_eq!(reader.tags().unwrap(), tags.clone());
            let mut reader = Reader::new(&packed.bytes).unwrap();
            let mut names = Vec::new();
            let lines = text::LineIndex::new(text.as_bytes());
            while let Some(found) = reader.definition().unwrap() {
                let name = &found.tag.symbol.name;
                let line = lines.line_of(name.start as usize);
                let start = lines.range(line).start;
                let column = text::column(&text.as_bytes()[start..], name.start as usize - start);
                prop_assert_eq!((found.line, found.column), (line, column));
                names.extend(found.tag.symbol.name_in(&text).as_bytes());
                names.push(b'\n');
            }
            prop_assert_eq!(names, packed.names);
            prop_assert_eq!((packed.definitions + packed.uses) as usize, tags.len());
        }

        #[test]
        fn any_bytes_are_read_to_an_end(bytes: Vec<u8>) {
            if let Some(reader) = Reader::new(&bytes) {
                drop(reader.tags());
            }
        }
    }
}
