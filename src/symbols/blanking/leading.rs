//! Macros before a declaration, and those between the keyword of a type and its name.

use super::items::{Item, ItemKind, kind};
use super::words::{self, WordClass};
use super::{Blanker, HeadEnd, Scope};

impl Blanker<'_> {
    /// Writes `int` where a word was blanked before a function that has no other type: `__must_check f();`.
    pub(super) fn restore_type(&mut self, items: &[Item], end: HeadEnd) {
        let [name, group, ..] = items else {
            return;
        };
        let is_function = name.is_plain() && group.kind == ItemKind::Group;
        if !is_function || !matches!(end, HeadEnd::Semicolon | HeadEnd::Brace) {
            return;
        }
        let to = self.tokens[name.first].from as usize;
        let before = self.text[..to].iter().rev();
        let len = before
            .take(400)
            .take_while(|b| b.is_ascii_whitespace())
            .count();
        let gap = to - len..to;
        let is_blanked = |at: &usize| {
            let three = *at..*at + 3;
            three.end <= to && self.original[three].iter().all(u8::is_ascii_graphic)
        };
        let Some(at) = gap.into_iter().find(is_blanked) else {
            return;
        };
        self.out.bytes[at..at + 3].copy_from_slice(b"int");
    }

    /// Takes macros out that stand before a declaration; returns its first item, nothing if all is read.
    pub(super) fn leading(&mut self, items: &[Item], end: HeadEnd) -> Option<usize> {
        let mut at = 0;
        loop {
            // What may stand before them.
            let mut storage = None;
            while let Some(item) = items.get(at) {
                match item.kind {
                    ItemKind::Word(WordClass::Storage) => storage = storage.or(Some(at)),
                    ItemKind::Angle
                    | ItemKind::Attributes
                    | ItemKind::Word(WordClass::Template) => {}
                    ItemKind::Word(WordClass::Attribute) => {
                        at += usize::from(kind(items, at + 1) == Some(ItemKind::Group));
                    }
                    _ => break,
                }
                at += 1;
            }
            let item = *items.get(at)?;
            if !item.is_plain() {
                return Some(at);
            }
            let has_arguments = kind(items, at + 1) == Some(ItemKind::Group);
            let is_annotation = words::is_annotation(self.word_of(item));
            let is_capital = words::is_capital(self.word_of(item));
            let next = at + 1 + usize::from(has_arguments);
            if has_arguments {
                if !is_capital || self.is_constructor(item) {
                    return Some(at);
                }
                let is_whole = next == items.len() && end == HeadEnd::Semicolon;
                if is_whole {
                    self.macro_declaration(items, (storage, at));
                    return None;
                }
                if !self.goes_on(items, next, end) {
                    let is_open = self.type_macro(items, at);
                    return Some(if is_open { next } else { at });
                }
                let last = items[at + 1].last;
                let is_first = at == 0 && !matches!(self.scopes.last(), Some(Scope::Type(_)));
                if !(is_first && self.end_statement(last)) {
                    self.take_call(item.first, last);
                }
            } else {
                let follows = items.get(next).copied();
                let is_macro = match follows.map(|item| item.kind) {
                    None => end == HeadEnd::Close && is_annotation,
                    Some(ItemKind::Tilde | ItemKind::Attributes) => is_annotation,
                    Some(ItemKind::Word(class)) => match class {
                        WordClass::Builtin | WordClass::TypeOf | WordClass::Aggregate => true,
                        WordClass::Enumeration | WordClass::Namespace | WordClass::Template => true,
                        WordClass::Storage | WordClass::Typedef => is_annotation,
                        WordClass::Attribute => {
                            is_annotation && words::is_export(self.word_of(item))
                        }
                        // `UINT32 const x` against `RAN_API const char *f()`.
                        WordClass::Qualifier => is_annotation && has_type_at(items, next + 1),
                        _ => false,
                    },
                    _ => false,
                };
                if !is_macro || (storage.is_some() && !is_annotation) {
                    return Some(at);
                }
                self.blank(item.first, item.last);
            }
            at = next;
        }
    }

    /// Opens `MACRO(type)` before a declarator: `PUBLIC(const char *) name(void);`.
    fn type_macro(&mut self, items: &[Item], at: usize) -> bool {
        let (open, close) = (items[at + 1].first, items[at + 1].last);
        let is_declarator = items.get(at + 2).is_some_and(|item| item.is_name());
        let is_type = open + 1 < close
            && (open + 1..close).all(|at| match self.class_at(at) {
                Some(class) => !matches!(class, WordClass::Statement | WordClass::Operator),
                None => self.is_mark(at, b'*') || self.is_mark(at, b'&'),
            });
        let is_sure = (open + 1..close).any(|at| {
            self.is_mark(at, b'*')
                || matches!(
                    self.class_at(at),
                    Some(WordClass::Builtin | WordClass::Aggregate | WordClass::Enumeration)
                )
        });
        let is_variable = matches!(kind(items, at + 3), None | Some(ItemKind::Bracket));
        if is_declarator && is_variable && !is_type {
            // `LIST_HEAD(head, type) name;`: the macro is the type.
            self.blank(open, close);
            return false;
        }
        if !is_declarator || !is_type {
            return false;
        }
        if !is_sure {
            self.doubt(items[at + 2]);
        }
        let name = items[at].first;
        let token = self.tokens[name];
        self.out.calls.push(token.from..token.to);
        self.blank(name, open);
        self.blank(close, close);
        true
    }

    /// Returns whether a macro with arguments is followed by a declaration of its own, so that it is none of its types.
    fn goes_on(&self, items: &[Item], next: usize, end: HeadEnd) -> bool {
        let Some(item) = items.get(next) else {
            return end == HeadEnd::Close;
        };
        match item.kind {
            ItemKind::Word(WordClass::Plain) | ItemKind::Path => match kind(items, next + 1) {
                // `STACK_OF(X509) *chain`, but `CHECK(a) Name *chain`.
                Some(ItemKind::Star | ItemKind::Path | ItemKind::Word(_)) => true,
                Some(ItemKind::Group) => {
                    let gap = self.tokens[item.first - 1].to as usize
                        ..self.tokens[item.first].from as usize;
                    let is_on_its_line = self.text[gap].contains(&b'\n');
                    let is_last = end == HeadEnd::Brace && items.len() == next + 2;
                    is_on_its_line && self.is_annotation(*item) && !is_last
                }
                _ => false,
            },
            ItemKind::Word(
                WordClass::Suffix
                | WordClass::Qualifier
                | WordClass::Operator
                | WordClass::Statement,
            ) => false,
            ItemKind::Word(_) | ItemKind::Attributes | ItemKind::Tilde => true,
            _ => false,
        }
    }

    /// Reads `NAME(arguments);`, after `static` or not.
    fn macro_declaration(&mut self, items: &[Item], (storage, at): (Option<usize>, usize)) {
        let (name, last) = (items[at].first, items[at + 1].last);
        if matches!(self.scopes.last(), Some(Scope::Type(_))) {
            self.take_call(name, last);
            self.blank(last + 1, last + 1);
        }
        if let Some(storage) = storage {
            self.blank(items[storage].first, name - 1);
        }
    }

    /// Returns whether an item is the name of the type around it.
    fn is_constructor(&self, item: Item) -> bool {
        let Some(Scope::Type(Some(name))) = self.scopes.last() else {
            return false;
        };
        self.word(*name) == self.word(item.first)
    }

    /// Reads the head of a type; returns whether that was all.
    pub(super) fn type_of_head(&mut self, items: &[Item], keyword: usize, end: HeadEnd) -> bool {
        let Some(head) = self.type_head(items, keyword) else {
            return false;
        };
        let Some(name) = head.name else {
            return false;
        };
        let is_body = end == HeadEnd::Brace
            && items.get(head.next).is_none_or(|item| {
                item.kind == ItemKind::Colon || item.class() == Some(WordClass::Suffix)
            });
        if is_body {
            for (word, group) in &head.macros {
                let last = group.map_or(items[*word].last, |group| items[group].last);
                let class = items[*word].class();
                let is_attribute = class == Some(WordClass::Attribute)
                    || items[*word].kind == ItemKind::Attributes;
                if is_attribute {
                    self.blank(items[*word].first, last);
                } else if items[*word].is_plain() {
                    let bytes = self.word_of(items[*word]).to_vec();
                    self.macros.insert(bytes);
                    self.blank(items[*word].first, last);
                }
            }
            if head.is_doubtful {
                self.doubt(items[name]);
            }
            return true;
        }
        // `class RAN_API Name;` announces a class, `struct NAME name;` is a variable.
        let is_before = head.macros.iter().all(|(word, _)| *word < name);
        if end != HeadEnd::Semicolon || head.next != items.len() || !is_before {
            return false;
        }
        let word = match head.macros[..] {
            [] => return false,
            [(word, None)] => word,
            _ => {
                for (word, group) in &head.macros {
                    let last = group.map_or(items[*word].last, |group| items[group].last);
                    self.blank(items[*word].first, last);
                }
                return true;
            }
        };
        let bytes = self.word_of(items[word]);
        if self.macros.contains(bytes) || words::is_export(bytes) {
            self.blank(items[word].first, items[word].last);
            return true;
        }
        let is_type_like = |item: Item| {
            let first = self.word_of(item).first().copied();
            self.is_cpp && first.is_some_and(|b| b.is_ascii_uppercase())
        };
        if is_type_like(items[name]) || self.word_of(items[keyword]) == b"class" {
            self.doubt(items[name]);
        }
        true
    }

    pub(super) fn doubt(&mut self, item: Item) {
        let range = self.tokens[item.first].from..self.tokens[item.last].to;
        self.out.doubts.push(range);
    }
}

/// Returns whether a type and a declarator follow.
fn has_type_at(items: &[Item], at: usize) -> bool {
    match items.get(at).and_then(|item| item.class()) {
        Some(WordClass::Builtin | WordClass::Aggregate | WordClass::Enumeration) => true,
        Some(WordClass::Plain) => matches!(
            kind(items, at + 1),
            Some(ItemKind::Star | ItemKind::Path | ItemKind::Word(WordClass::Plain))
        ),
        _ => false,
    }
}
