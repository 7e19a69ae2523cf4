//! Heads of declarations: macros before, within and after them.

use super::items::{Item, ItemKind, kind};
use super::words::{self, WordClass};
use super::{Blanker, CTokenKind, HeadEnd, Scope};

/// The specifiers of a declaration up to its declarator.
#[derive(Default)]
struct Specifiers {
    /// The type is complete: a keyword, a structure, or a name before a star.
    has_type: bool,
    /// Names since then, the declarator's among them.
    names: Vec<usize>,
    /// The item at which they end.
    end: usize,
}

impl Blanker<'_> {
    /// Reads the head that ends before a token, and takes the macros out.
    pub(super) fn head(&mut self, at: usize, end: HeadEnd) {
        if self.start >= at || (self.is_assigned && end != HeadEnd::Assign) {
            return;
        }
        if self.is_old_style && end == HeadEnd::Semicolon {
            let range = self.tokens[self.start].from..self.tokens[at].to;
            self.out.doubts.push(range);
            return;
        }
        let items = self.items(self.start, at);
        if items.iter().any(|item| item.kind == ItemKind::Directive) {
            return;
        }
        self.restore_type(&items, end);
        let Some(first) = self.leading(&items, end) else {
            return;
        };
        if matches!(end, HeadEnd::Close) {
            return;
        }
        let mut is_typedef = false;
        let mut from = first;
        while let Some(class) = items.get(from).and_then(|item| item.class()) {
            is_typedef |= class == WordClass::Typedef;
            if !matches!(
                class,
                WordClass::Storage | WordClass::Typedef | WordClass::Qualifier
            ) {
                break;
            }
            from += 1;
        }
        let class = items.get(from).and_then(|item| item.class());
        if matches!(class, Some(WordClass::Aggregate | WordClass::Enumeration))
            && self.type_of_head(&items, from, end)
        {
            return;
        }
        if !is_typedef {
            self.declarator(&items, first, end);
        }
    }

    /// Reads specifiers and declarator of a function or a variable.
    fn declarator(&mut self, items: &[Item], from: usize, end: HeadEnd) {
        let specifiers = self.specifiers(items, from, self.is_after_type);
        let Specifiers {
            has_type,
            mut names,
            end: at,
        } = specifiers;
        let wanted = usize::from(!has_type);
        match kind(items, at) {
            Some(ItemKind::Group) if names.last().is_some_and(|name| name + 1 == at) => {
                let Some(name) = names.pop() else {
                    return;
                };
                if self.is_annotated_variable(items, (name, at), &names, has_type) {
                    if !words::is_guard(self.word_of(items[name]))
                        && let Some(variable) = names.last()
                    {
                        self.doubt(items[*variable]);
                    }
                    self.blank(items[name].first, items[at].last);
                    self.surplus(items, &names, wanted + 1);
                } else {
                    // `main(argc, argv) int argc; …`, to the grammar a call and variables.
                    let is_typed = has_type || !names.is_empty();
                    let class = items.get(at + 1).and_then(|item| item.class());
                    let declares = matches!(
                        class,
                        Some(
                            WordClass::Builtin
                                | WordClass::Aggregate
                                | WordClass::Qualifier
                                | WordClass::Plain
                        )
                    );
                    if !self.is_cpp && !is_typed && declares && end == HeadEnd::Semicolon {
                        self.is_old_style = true;
                        let range = self.tokens[items[0].first].from
                            ..self.tokens[items[items.len() - 1].last].to;
                        self.out.doubts.push(range);
                    }
                    self.surplus(items, &names, wanted);
                    self.parameters(items[at]);
                    self.trailing(items, at + 1, end);
                    self.call_with_body(items, (name, at), is_typed, end);
                }
            }
            Some(ItemKind::Group) => {}
            Some(ItemKind::Word(WordClass::Operator)) => {
                self.surplus(items, &names, wanted);
                let group = (at..items.len())
                    .rev()
                    .find(|at| items[*at].kind == ItemKind::Group);
                if let Some(group) = group {
                    self.parameters(items[group]);
                    self.trailing(items, group + 1, end);
                }
            }
            Some(ItemKind::Tilde) => {
                self.surplus(items, &names, 0);
                if kind(items, at + 2) == Some(ItemKind::Group) {
                    self.trailing(items, at + 3, end);
                }
            }
            _ if end == HeadEnd::Brace && !self.is_cpp => {}
            Some(ItemKind::Bracket) => {
                self.surplus(items, &names, wanted + 1);
                let brackets = items[at..].iter();
                let count = brackets
                    .take_while(|item| item.kind == ItemKind::Bracket)
                    .count();
                self.trailing(items, at + count, end);
            }
            _ => self.surplus(items, &names, wanted + 1),
        }
    }

    /// Makes `CALL(name, struct type *, x) {` of C a call and a block that the grammar can read.
    fn call_with_body(
        &mut self,
        items: &[Item],
        (name, group): (usize, usize),
        is_typed: bool,
        end: HeadEnd,
    ) {
        let is_call =
            !self.is_cpp && !is_typed && end == HeadEnd::Brace && group + 1 == items.len();
        let (open, close) = (items[group].first, items[group].last);
        let has_more = (open..close).any(|at| self.is_mark(at, b','));
        if is_call && has_more && words::is_capital(self.word_of(items[name])) {
            self.arguments(items[name].first);
            self.end_statement(close);
        }
    }

    /// Blanks the macro in `int (CALL *name)(…)`.
    pub(super) fn convention(&mut self, at: usize) {
        let is_macro =
            self.word(at + 1).is_some_and(words::is_annotation) && self.is_mark(at + 2, b'*');
        if is_macro && at > self.start && self.is_mark(at, b'(') {
            self.blank(at + 1, at + 1);
        }
        // `int (* NULLABLE name)(…)`.
        let follows_star =
            self.is_mark(at + 1, b'*') && self.class_at(at + 3) == Some(WordClass::Plain);
        if follows_star && self.word(at + 2).is_some_and(words::is_annotation) {
            self.blank(at + 2, at + 2);
        }
    }

    /// Blanks a macro beside a star or bracket that the arguments of a template hold.
    pub(super) fn nullability(&mut self, at: usize) {
        let word = self.word(at + 1);
        let is_end = self.is_mark(at + 2, b'>') || self.is_mark(at + 2, b',');
        let after = self.tokens.get(at + 2).map(|token| token.kind);
        let is_macro = if self.is_mark(at, b'<') {
            word.is_some_and(words::is_annotation)
                && matches!(after, Some(CTokenKind::Word | CTokenKind::Path))
                && !self.is_path_part(at + 2)
        } else {
            word.is_some_and(words::is_nullability) && is_end
        };
        if self.is_cpp && is_macro {
            self.blank(at + 1, at + 1);
        }
    }

    /// Returns whether `::` joins a token with the word before it.
    fn is_path_part(&self, at: usize) -> bool {
        self.tokens[at].kind == CTokenKind::Path && self.tokens[at].from == self.tokens[at - 1].to
    }

    /// Reads words up to the declarator.
    fn specifiers(&mut self, items: &[Item], from: usize, has_type: bool) -> Specifiers {
        let mut found = Specifiers {
            has_type,
            ..Specifiers::default()
        };
        let mut at = from;
        while let Some(item) = items.get(at) {
            match item.kind {
                ItemKind::Word(class) => match class {
                    WordClass::Storage | WordClass::Qualifier => {}
                    WordClass::Builtin => found.has_type = true,
                    WordClass::TypeOf | WordClass::Attribute => {
                        found.has_type |= class == WordClass::TypeOf;
                        at += usize::from(kind(items, at + 1) == Some(ItemKind::Group));
                    }
                    WordClass::Aggregate | WordClass::Enumeration => {
                        found.has_type = true;
                        let next = at + 1;
                        let is_name = |at: usize| items.get(at).is_some_and(|item| item.is_name());
                        if !is_name(next) {
                            break;
                        }
                        // `struct PACKED name *f()`.
                        let is_macro = is_name(next + 1)
                            && kind(items, next + 2) == Some(ItemKind::Star)
                            && self.is_annotation(items[next])
                            && !self.is_annotation(items[next + 1]);
                        if is_macro {
                            self.blank(items[next].first, items[next].last);
                        }
                        at += 1 + usize::from(is_macro);
                    }
                    WordClass::Plain => found.names.push(at),
                    _ => break,
                },
                ItemKind::Path => found.names.push(at),
                ItemKind::Attributes | ItemKind::Angle => {}
                ItemKind::Star => {
                    self.surplus(items, &found.names, usize::from(!found.has_type));
                    found.names.clear();
                    found.has_type = true;
                }
                _ => break,
            }
            at += 1;
        }
        found.end = at;
        found
    }

    /// Blanks annotations among names until only so many are left.
    fn surplus(&mut self, items: &[Item], names: &[usize], wanted: usize) {
        if names.len() <= wanted {
            return;
        }
        let mut over = names.len() - wanted;
        let is_sure = |at: &usize| !self.is_annotation(items[*at]);
        let sure = names.iter().filter(|at| is_sure(at)).count();
        let mut taken: Vec<usize> = Vec::new();
        let annotations = names.iter().filter(|at| !is_sure(at));
        if sure >= wanted {
            taken.extend(annotations);
        } else {
            // Of words in capitals those are macros that export or call, then the first.
            let (mut exports, others): (Vec<usize>, Vec<usize>) =
                annotations.partition(|at| words::is_export(self.word_of(items[**at])));
            let is_type_last = wanted == 1 && exports.is_empty();
            exports.extend(others.iter().take(others.len() - usize::from(is_type_last)));
            taken.extend(exports.into_iter().take(over));
        }
        over = over.saturating_sub(taken.len());
        if over > 0 && wanted <= 1 {
            // `my_export name_t f()`: the type stands last.
            let simple = |at: &&usize| items[**at].is_plain() && !taken.contains(at);
            let rest: Vec<usize> = names.iter().filter(simple).copied().collect();
            taken.extend(rest.into_iter().take(over));
        }
        for at in taken {
            self.blank(items[at].first, items[at].last);
        }
    }

    /// Returns whether what looks like a function is a variable with an annotation: `int x GUARDED_BY(mu);`.
    fn is_annotated_variable(
        &self,
        items: &[Item],
        (name, group): (usize, usize),
        names: &[usize],
        has_type: bool,
    ) -> bool {
        let needs = 1 + usize::from(!has_type);
        let certain = names
            .last()
            .is_some_and(|at| !self.is_annotation(items[*at]));
        items[name].is_plain()
            && words::is_capital(self.word_of(items[name]))
            && names.len() >= needs
            && certain
            && (group + 1 == items.len() || self.is_annotation(items[group + 1]))
            && !self.looks_like_parameters(items[group])
    }

    /// Returns whether there may be parameters in parentheses: a type, or two words in a row.
    fn looks_like_parameters(&self, group: Item) -> bool {
        if group.last == group.first + 1 {
            return true;
        }
        (group.first + 1..group.last).any(|at| match self.class_at(at) {
            Some(
                WordClass::Builtin
                | WordClass::Qualifier
                | WordClass::Aggregate
                | WordClass::Enumeration
                | WordClass::TypeOf,
            ) => true,
            Some(WordClass::Plain) => {
                let next = self.tokens[at + 1].kind;
                next == CTokenKind::Word || matches!(next, CTokenKind::Mark(b'*' | b'&'))
            }
            _ => self.is_mark(at, b'.') && self.is_mark(at + 1, b'.'),
        })
    }

    /// Takes macros out that stand after the parameters of a function.
    fn trailing(&mut self, items: &[Item], from: usize, end: HeadEnd) {
        let mut taken = Vec::new();
        let mut at = from;
        while let Some(item) = items.get(at) {
            let has_arguments = kind(items, at + 1) == Some(ItemKind::Group);
            let next = at + 1 + usize::from(has_arguments);
            match item.kind {
                ItemKind::Word(WordClass::Suffix) if self.word_of(*item) == b"requires" => break,
                ItemKind::Word(WordClass::Suffix | WordClass::Attribute) => {}
                ItemKind::Word(WordClass::Qualifier) | ItemKind::Star | ItemKind::Attributes => {
                    at += 1;
                    continue;
                }
                ItemKind::Word(WordClass::Plain) => {
                    let is_annotation = self.is_annotation(*item);
                    let after = items.get(next);
                    // Parameters that are declared after their list: `f(a) name_t a; {`.
                    let is_declaration = !has_arguments
                        && after.is_some_and(|after| {
                            matches!(
                                after.kind,
                                ItemKind::Star | ItemKind::Word(WordClass::Plain)
                            ) && !(is_annotation && self.is_annotation(*after))
                        });
                    if is_declaration || !(is_annotation || after.is_none()) {
                        return;
                    }
                    taken.push((item.first, items[next - 1].last));
                }
                ItemKind::Word(_) | ItemKind::Path => return,
                _ => break,
            }
            at = next;
        }
        if end == HeadEnd::Semicolon || end == HeadEnd::Brace || end == HeadEnd::Assign {
            for (first, last) in taken {
                self.blank(first, last);
            }
        }
    }

    /// Takes macros out of parameters: `IN UINT32 size`, `Arena * NULLABLE arena`.
    fn parameters(&mut self, group: Item) {
        let (mut from, mut at) = (group.first + 1, group.first + 1);
        while at <= group.last {
            match self.tokens[at].kind {
                CTokenKind::Mark(b'(' | b'[') => match self.closes(at) {
                    Some(close) if close < group.last => at = close,
                    _ => return,
                },
                CTokenKind::Mark(b'<') => at = self.angle(at).unwrap_or(at),
                CTokenKind::Mark(b',' | b')') if from < at => {
                    self.parameter(from, at);
                    from = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn parameter(&mut self, from: usize, end: usize) {
        let items = self.items(from, end);
        if items.iter().any(|item| item.kind == ItemKind::Directive) {
            return;
        }
        let specifiers = self.specifiers(&items, 0, false);
        let names = &specifiers.names;
        let is_after_star = specifiers.end > 0
            && specifiers.has_type
            && (0..specifiers.end).any(|at| items[at].kind == ItemKind::Star);
        if let [only] = names[..]
            && is_after_star
            && words::is_nullability(self.word_of(items[only]))
        {
            self.blank(items[only].first, items[only].last);
            return;
        }
        let wanted = 1 + usize::from(!specifiers.has_type);
        if names.len() <= wanted {
            return;
        }
        // The name is the last word that is no annotation, its type the word before it.
        let certain = names.iter().rposition(|at| !self.is_annotation(items[*at]));
        let name = certain.unwrap_or(names.len() - 1);
        let kept = name.saturating_sub(usize::from(!specifiers.has_type))..=name;
        for (nth, at) in names.iter().enumerate() {
            if !kept.contains(&nth) && items[*at].is_plain() {
                self.blank(items[*at].first, items[*at].last);
            }
        }
    }

    /// Opens macros that hold members, `PAIR(int a:4;, int b:4;)`; returns the token after their parenthesis.
    pub(super) fn members_macro(&mut self, at: usize) -> Option<usize> {
        let is_first = at == self.start && matches!(self.scopes.last(), Some(Scope::Type(_)));
        let is_macro =
            is_first && self.is_mark(at + 1, b'(') && self.word(at).is_some_and(words::is_capital);
        let close = self.closes(at + 1).filter(|_| is_macro)?;
        let ends: Vec<usize> = (at + 2..close)
            .filter(|at| self.is_mark(*at, b';') && (self.is_mark(at + 1, b',') || at + 1 == close))
            .collect();
        if ends.is_empty() {
            return None;
        }
        let range = self.tokens[at].from..self.tokens[close].to;
        self.out.doubts.push(range);
        self.take_call(at, at + 1);
        for end in ends {
            self.blank(end + 1, end + 1);
            self.tokens[end + 1].kind = CTokenKind::Mark(0);
        }
        self.blank(close, close);
        self.tokens[close].kind = CTokenKind::Mark(0);
        Some(at + 2)
    }
}
