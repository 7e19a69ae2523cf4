//! The head of a declaration as a short list: words with their classes, names with their scopes, groups in parentheses.

use super::words::{self, WordClass, class_of};
use super::{Blanker, CTokenKind, Scope};

/// What an item of a head is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ItemKind {
    /// One word.
    Word(WordClass),
    /// A name with scopes or template arguments.
    Path,
    /// `(…)`.
    Group,
    /// `[…]`.
    Bracket,
    /// `[[…]]`.
    Attributes,
    /// `<…>` after `template`.
    Angle,
    /// `*`, `&`.
    Star,
    /// `~`.
    Tilde,
    /// `:`.
    Colon,
    /// A string.
    Text,
    /// `#if` and the like.
    Directive,
    /// Anything else.
    Other,
}

/// A part of a head; tokens, the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub kind: ItemKind,
    pub first: usize,
    pub last: usize,
}

impl Item {
    pub(super) fn class(self) -> Option<WordClass> {
        match self.kind {
            ItemKind::Word(class) => Some(class),
            ItemKind::Path => Some(WordClass::Plain),
            _ => None,
        }
    }

    /// Returns whether it is one word that may be a macro.
    pub(super) fn is_plain(self) -> bool {
        self.kind == ItemKind::Word(WordClass::Plain)
    }

    /// Returns whether it is a name, with scopes or without.
    pub(super) fn is_name(self) -> bool {
        self.class() == Some(WordClass::Plain)
    }
}

/// What follows `struct`, `class`, `union` or `enum`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TypeHead {
    /// The item that names the type; nothing if it has no name.
    pub name: Option<usize>,
    /// Items that are macros, each with the item of its arguments.
    pub macros: Vec<(usize, Option<usize>)>,
    /// The name was guessed.
    pub is_doubtful: bool,
    /// The first item after all that.
    pub next: usize,
}

/// Longest `<…>` that is followed, in tokens.
const LONGEST_ANGLE: usize = 400;
/// Longest head that is read, in tokens.
const LONGEST_HEAD: usize = 4000;

impl Blanker<'_> {
    /// Returns the token that closes `<`.
    pub(super) fn angle(&self, at: usize) -> Option<usize> {
        if !self.is_mark(at, b'<') {
            return None;
        }
        let mut depth = 0_usize;
        let mut next = at;
        while next < self.tokens.len() && next < at + LONGEST_ANGLE {
            match self.tokens[next].kind {
                CTokenKind::Mark(b'<') => depth += 1,
                CTokenKind::Mark(b'>') if !self.is_mark(next - 1, b'-') => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(next);
                    }
                }
                CTokenKind::Mark(b'(' | b'[') => next = self.closes(next)?,
                CTokenKind::Mark(b';' | b'{' | b'}' | b')' | b']') => return None,
                _ => {}
            }
            next += 1;
        }
        None
    }

    /// Reads the tokens before `end` as items.
    pub(super) fn items(&self, start: usize, end: usize) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        let mut at = start;
        let end = end.min(start + LONGEST_HEAD);
        while at < end {
            let (kind, last) = self.item(at, end, items.last());
            items.push(Item {
                kind,
                first: at,
                last,
            });
            at = last + 1;
        }
        items
    }

    fn item(&self, at: usize, end: usize, before: Option<&Item>) -> (ItemKind, usize) {
        let close = || self.closes(at).filter(|close| *close < end);
        match self.tokens[at].kind {
            CTokenKind::Word | CTokenKind::Path => {
                let class = self.class_at(at).unwrap_or(WordClass::Plain);
                if class != WordClass::Plain {
                    return (ItemKind::Word(class), at);
                }
                let last = self.path(at, end);
                if last == at && self.tokens[at].kind == CTokenKind::Word {
                    (ItemKind::Word(class), at)
                } else {
                    (ItemKind::Path, last)
                }
            }
            CTokenKind::Mark(b'(') => {
                close().map_or((ItemKind::Other, at), |close| (ItemKind::Group, close))
            }
            CTokenKind::Mark(b'[') => match close() {
                Some(close) if self.is_mark(at + 1, b'[') && self.is_mark(close - 1, b']') => {
                    (ItemKind::Attributes, close)
                }
                Some(close) => (ItemKind::Bracket, close),
                None => (ItemKind::Other, at),
            },
            CTokenKind::Mark(b'<')
                if before.is_some_and(|item| item.class() == Some(WordClass::Template)) =>
            {
                let close = self.angle(at).filter(|close| *close < end);
                close.map_or((ItemKind::Other, at), |close| (ItemKind::Angle, close))
            }
            CTokenKind::Mark(b'*' | b'&') => (ItemKind::Star, at),
            CTokenKind::Mark(b'~') => (ItemKind::Tilde, at),
            CTokenKind::Mark(b':') => (ItemKind::Colon, at),
            CTokenKind::Text => (ItemKind::Text, at),
            CTokenKind::If | CTokenKind::Else | CTokenKind::EndIf => (ItemKind::Directive, at),
            _ => (ItemKind::Other, at),
        }
    }

    /// Returns the last token of a name with scopes and template arguments.
    fn path(&self, at: usize, end: usize) -> usize {
        let mut last = at;
        if !self.is_cpp {
            return last;
        }
        let is_word = |at: usize| at < end && self.class_at(at) == Some(WordClass::Plain);
        let is_path = |at: usize| at < end && self.tokens[at].kind == CTokenKind::Path;
        if is_path(at) {
            if !is_word(at + 1) {
                return at;
            }
            last = at + 1;
        }
        loop {
            if let Some(close) = self.angle(last + 1).filter(|close| *close < end) {
                last = close;
            }
            let mut next = last + 1;
            if !is_path(next) {
                return last;
            }
            next += 1;
            if next < end && self.class_at(next) == Some(WordClass::Template) {
                next += 1;
            }
            if !is_word(next) {
                // `Name::~Name`, `Name::operator`.
                return next - 1;
            }
            last = next;
        }
    }

    /// Returns the word of an item; empty if it is none.
    pub(super) fn word_of(&self, item: Item) -> &[u8] {
        self.word(item.first).unwrap_or_default()
    }

    pub(super) fn is_annotation(&self, item: Item) -> bool {
        item.is_plain() && words::is_annotation(self.word_of(item))
    }

    /// Reads what follows the keyword of a type, which is an item. Nothing if it is no definition of the type but a use of it.
    pub(super) fn type_head(&self, items: &[Item], keyword: usize) -> Option<TypeHead> {
        let mut head = TypeHead::default();
        let mut names = Vec::new();
        let mut at = keyword + 1;
        // `enum class`.
        let class = items.get(at).and_then(|item| item.class());
        at += usize::from(class == Some(WordClass::Aggregate));
        // The grammars know attributes in the heads of classes alone.
        let is_enum = items[keyword].class() == Some(WordClass::Enumeration);
        while let Some(item) = items.get(at) {
            let is_group = |at: usize| {
                items
                    .get(at)
                    .is_some_and(|item| item.kind == ItemKind::Group)
            };
            match item.kind {
                ItemKind::Attributes => {
                    if is_enum {
                        head.macros.push((at, None));
                    }
                    at += 1;
                }
                ItemKind::Word(WordClass::Attribute) => {
                    if is_enum && is_group(at + 1) {
                        head.macros.push((at, Some(at + 1)));
                    }
                    at += 1 + usize::from(is_group(at + 1));
                }
                _ if item.is_name() && is_group(at + 1) => {
                    let word = self.word_of(*item);
                    let goes_on = items.get(at + 2).is_some_and(|item| item.is_name());
                    let annotates =
                        !names.is_empty() && (words::is_guard(word) || words::is_export(word));
                    if !item.is_plain() || !(goes_on || annotates) {
                        return None;
                    }
                    head.macros.push((at, Some(at + 1)));
                    at += 2;
                }
                _ if item.is_name() => {
                    names.push(at);
                    at += 1;
                }
                _ => break,
            }
        }
        head.next = at;
        let is_certain = |at: &&usize| !self.is_annotation(items[**at]);
        let mut certain = names.iter().filter(is_certain);
        head.name = match (certain.next(), certain.next_back()) {
            (Some(only), None) => Some(*only),
            (Some(_), Some(last)) => Some(*last),
            (None, _) => {
                head.is_doubtful = names.len() > 1;
                names.last().copied()
            }
        };
        let others = names.into_iter().filter(|at| Some(*at) != head.name);
        head.macros.extend(others.map(|at| (at, None)));
        Some(head)
    }

    /// Returns what the braces hold that follow a head.
    pub(super) fn opened(&self, start: usize, end: usize) -> Scope {
        let body = Scope::Block { is_body: true };
        let items = self.items(start, end);
        if let Some(text) = items.iter().position(|item| item.kind == ItemKind::Text)
            && text + 1 == items.len()
            && text > 0
            && self.word(items[text - 1].first) == Some(b"extern")
        {
            return Scope::Namespace;
        }
        if items
            .iter()
            .any(|item| item.class() == Some(WordClass::Namespace))
        {
            return Scope::Namespace;
        }
        let is_function =
            |item: &Item| item.kind == ItemKind::Group || item.class() == Some(WordClass::Operator);
        let is_type = |item: &Item| {
            matches!(
                item.class(),
                Some(WordClass::Aggregate | WordClass::Enumeration)
            )
        };
        // `Name variable{value};`
        let is_value = self.is_cpp && items.len() > 1 && items.last().is_some_and(|i| i.is_name());
        if is_value && !items.iter().any(|item| is_function(item) || is_type(item)) {
            return Scope::Values;
        }
        let mut at = 0;
        while let Some(item) = items.get(at) {
            match item.kind {
                ItemKind::Word(WordClass::Aggregate | WordClass::Enumeration) => {
                    let Some(head) = self.type_head(&items, at) else {
                        return body;
                    };
                    let ends = items.get(head.next).is_none_or(|item| {
                        item.kind == ItemKind::Colon || item.class() == Some(WordClass::Suffix)
                    });
                    if !ends {
                        return body;
                    }
                    let is_enum = item.class() == Some(WordClass::Enumeration);
                    return if is_enum {
                        Scope::Enumeration
                    } else {
                        Scope::Type(head.name.map(|name| items[name].last))
                    };
                }
                ItemKind::Word(
                    WordClass::Template
                    | WordClass::Storage
                    | WordClass::Qualifier
                    | WordClass::Typedef
                    | WordClass::Attribute,
                )
                | ItemKind::Angle
                | ItemKind::Attributes
                | ItemKind::Directive => {}
                ItemKind::Group if at > 0 => {
                    let before = items[at - 1];
                    let is_attribute = before.class() == Some(WordClass::Attribute);
                    if !is_attribute && !self.is_annotation(before) {
                        return body;
                    }
                }
                _ if item.is_plain() => {}
                _ => return body,
            }
            at += 1;
        }
        body
    }

    /// Returns the class of the word at a token.
    pub(super) fn class_at(&self, at: usize) -> Option<WordClass> {
        self.word(at).map(|word| class_of(word, self.is_cpp))
    }
}

/// Returns the kind of an item, if there is one.
pub(super) fn kind(items: &[Item], at: usize) -> Option<ItemKind> {
    items.get(at).map(|item| item.kind)
}
