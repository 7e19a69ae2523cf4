//! Statements and arguments in function bodies: macros that are statements or loops, and types given to macros.

use super::words::{self, WordClass, is_annotation, is_capital};
use super::{Blanker, CTokenKind, Scope, TakenTag};

impl Blanker<'_> {
    /// Reads a token in the body of a function; returns the next one to be read.
    pub(super) fn statement(&mut self, at: usize) -> usize {
        let begins = std::mem::take(&mut self.is_at_start);
        let is_sole = std::mem::take(&mut self.is_sole);
        match self.tokens[at].kind {
            CTokenKind::Word => {
                if begins {
                    self.start = at;
                    self.is_label = false;
                    self.begin_statement(at, is_sole);
                }
                self.arguments(at);
            }
            CTokenKind::Text => self.text_macro(at),
            CTokenKind::Mark(b'*' | b'&') => self.pointer_macro(at),
            CTokenKind::Mark(b'{') => self.open_in_body(at, begins),
            CTokenKind::Mark(b'}') => self.close_in_body(at),
            CTokenKind::Mark(b';') => {
                // `static THREAD_LOCAL Cache cache;`
                if !begins && self.class_at(self.start) == Some(WordClass::Storage) {
                    self.head(at, super::HeadEnd::Semicolon);
                }
                self.is_at_start = true;
            }
            CTokenKind::Mark(b':') if self.is_label => {
                self.is_label = false;
                self.is_at_start = true;
            }
            _ => {}
        }
        while let Some((after, is_sole)) = self.begins_after.last().copied() {
            if after > at {
                break;
            }
            if after == at {
                self.is_at_start = true;
                self.is_sole = is_sole;
            }
            self.begins_after.pop();
        }
        at + 1
    }

    /// Reads the first word of a statement.
    fn begin_statement(&mut self, at: usize, is_sole: bool) {
        let Some(word) = self.word(at) else {
            return;
        };
        match self.class_at(at) {
            Some(WordClass::Statement) => match word {
                b"else" | b"do" => {
                    self.is_at_start = true;
                    self.is_sole = true;
                }
                b"case" | b"default" => self.is_label = true,
                b"if" | b"for" | b"while" | b"switch" | b"catch" => {
                    let open = at + 1 + usize::from(!self.is_mark(at + 1, b'('));
                    if self.is_mark(open, b'(')
                        && let Some(close) = self.closes(open)
                    {
                        self.begins_after.push((close, true));
                    }
                }
                _ => {}
            },
            Some(WordClass::Suffix) if word == b"try" => self.is_at_start = true,
            Some(WordClass::Plain) => {
                let is_macro_word = is_capital(word);
                if self.is_mark(at + 1, b':') {
                    self.is_label = true;
                } else if self.is_mark(at + 1, b'(') {
                    self.end_call(at, is_macro_word, is_sole);
                } else if is_macro_word {
                    self.end_word(at);
                }
            }
            _ => {}
        }
    }

    /// Ends a call that begins a statement and is followed by another one: `for_each_node(i)` before `kfree(p);`.
    fn end_call(&mut self, at: usize, is_capital: bool, is_sole: bool) {
        let Some(close) = self.closes(at + 1) else {
            return;
        };
        if self.statements_macro(at, close) {
            return;
        }
        let mut next = close + 1;
        while matches!(
            self.tokens.get(next).map(|token| token.kind),
            Some(CTokenKind::If | CTokenKind::Else | CTokenKind::EndIf)
        ) {
            next += 1;
        }
        let ends = match self.tokens.get(next).map(|token| token.kind) {
            Some(CTokenKind::Word) => match self.class_at(next) {
                Some(WordClass::Suffix | WordClass::Attribute) => false,
                // `STACK_OF(X509) chain;` declares a variable.
                Some(WordClass::Plain) if is_capital && !self.is_on_next_line(next) => {
                    let after = self.tokens.get(next + 1).map(|token| token.kind);
                    !matches!(after, Some(CTokenKind::Mark(b';' | b'=' | b',' | b'[')))
                }
                _ => true,
            },
            Some(CTokenKind::Mark(b'{' | b'}')) => true,
            _ => false,
        };
        if ends && is_sole && !self.is_mark(next, b'}') {
            // `if (a) for_each(i) go(i); else …` is one statement.
            self.take_calls(at, close);
            self.begins_after.push((close, true));
        } else if ends {
            self.end_statement(close);
            self.begins_after.push((close, false));
        }
    }

    /// Blanks a call, and notes it and those among its arguments.
    fn take_calls(&mut self, at: usize, close: usize) {
        for inner in at + 1..close {
            let is_call =
                self.class_at(inner) == Some(WordClass::Plain) && self.is_mark(inner + 1, b'(');
            if is_call {
                let token = self.tokens[inner];
                self.out.calls.push(token.from..token.to);
            }
        }
        self.take_call(at, close);
    }

    /// Ends a word in capitals that is a statement by itself: `DEFAULT` before a call on the next line.
    fn end_word(&mut self, at: usize) {
        let Some(next) = self.tokens.get(at + 1).copied() else {
            return;
        };
        let is_alone = self.is_on_next_line(at + 1);
        let ends = match next.kind {
            CTokenKind::Mark(b'}') => true,
            CTokenKind::Word if self.class_at(at + 1) == Some(WordClass::Statement) => true,
            CTokenKind::Word if is_alone => match self.class_at(at + 1) {
                Some(WordClass::Plain) => {
                    let after = self.tokens.get(at + 2).map(|token| token.kind);
                    self.word(at + 1).is_some_and(is_capital)
                        || matches!(after, Some(CTokenKind::Mark(b'(' | b'-' | b'.' | b':')))
                }
                _ => false,
            },
            _ => false,
        };
        if ends && self.end_statement(at) {
            self.is_at_start = true;
        }
    }

    /// Returns whether a token begins on another line than the one before it ends.
    fn is_on_next_line(&self, at: usize) -> bool {
        let gap = self.tokens[at - 1].to as usize..self.tokens[at].from as usize;
        self.text[gap].contains(&b'\n')
    }

    /// Makes types among the arguments of a call names, which the grammars can read: `container_of(p, struct x, y)`.
    pub(super) fn arguments(&mut self, at: usize) {
        let is_call = self.is_mark(at + 1, b'(') && self.class_at(at) == Some(WordClass::Plain);
        let Some(close) = self.closes(at + 1).filter(|_| is_call) else {
            return;
        };
        if self.word(at) == Some(b"offsetof") {
            // The grammars read it if its second argument is one word.
            if close > 4 && self.is_mark(close - 2, b',') {
                return;
            }
            self.out.bytes[self.tokens[at].from as usize] = b'_';
        }
        // `name (struct x *)value` is no call.
        let is_ended = self.begins_after.iter().any(|(after, _)| *after == close);
        if !is_ended
            && self
                .tokens
                .get(close + 1)
                .is_some_and(|t| t.kind == CTokenKind::Word)
        {
            return;
        }
        let (mut from, mut next) = (at + 2, at + 2);
        while next <= close {
            match self.tokens[next].kind {
                CTokenKind::Mark(b',' | b')') if next == close || self.is_mark(next, b',') => {
                    if from < next {
                        self.argument(from, next);
                    } else if next == close && from > at + 2 {
                        // `CHECK(f(), );`
                        self.blank(from - 1, from - 1);
                    }
                    from = next + 1;
                }
                CTokenKind::Mark(b'(' | b'[') => match self.closes(next) {
                    Some(inner) if inner < close => next = inner,
                    _ => return,
                },
                _ => {}
            }
            next += 1;
        }
    }

    /// Makes the type between two tokens a name, if it is one.
    fn argument(&mut self, from: usize, end: usize) {
        if self.class_at(from) == Some(WordClass::Statement) {
            self.statement_argument(from, end);
            return;
        }
        let mut at = from;
        let is_word = |at: usize, class| at < end && self.class_at(at) == Some(class);
        while is_word(at, WordClass::Qualifier) {
            at += 1;
        }
        let keyword = at;
        let is_tag = is_word(at, WordClass::Aggregate) || is_word(at, WordClass::Enumeration);
        let name = if is_tag && is_word(at + 1, WordClass::Plain) {
            at += 1;
            at
        } else if is_word(at, WordClass::Builtin) {
            while is_word(at + 1, WordClass::Builtin) {
                at += 1;
            }
            at
        } else if is_word(at, WordClass::Plain) {
            at
        } else {
            return;
        };
        let rest = name + 1..end;
        let is_type = rest
            .clone()
            .all(|at| self.is_mark(at, b'*') || self.class_at(at) == Some(WordClass::Qualifier));
        let is_builtin = self.class_at(name) == Some(WordClass::Builtin)
            || self.word(name).is_some_and(words::is_primitive);
        if !is_type || (name == from && rest.is_empty() && !is_builtin) {
            return;
        }
        if name > from {
            self.blank(from, name - 1);
        }
        if !rest.is_empty() {
            self.blank(rest.start, rest.end - 1);
        }
        let token = self.tokens[name];
        if is_tag {
            let keyword = match self.word(keyword) {
                Some(b"union") => "union",
                Some(b"enum") => "enum",
                Some(b"class") => "class",
                _ => "struct",
            };
            self.out.tags.push(TakenTag {
                name: token.from..token.to,
                keyword,
            });
        } else if is_builtin {
            // A name as long as the keyword.
            self.out.bytes[token.from as usize] = b'_';
        }
    }

    /// Takes the keyword of a statement out that is an argument: `CHECK(f(), return 1)`.
    fn statement_argument(&mut self, from: usize, end: usize) {
        let jumps = matches!(
            self.word(from),
            Some(b"return" | b"goto" | b"break" | b"continue")
        );
        if !jumps {
            return;
        }
        self.blank(from, from);
        if from + 1 == end && self.is_mark(from - 1, b',') {
            self.blank(from - 1, from - 1);
        }
    }

    /// Makes a block of a call whose arguments are statements: `LOCKED( a = 1; b(); );`.
    fn statements_macro(&mut self, at: usize, close: usize) -> bool {
        let mut next = at + 2;
        let mut has_statements = false;
        while next < close && !has_statements {
            match self.tokens[next].kind {
                CTokenKind::Mark(b';') => has_statements = true,
                CTokenKind::Mark(b'(' | b'[') => match self.closes(next) {
                    Some(inner) if inner < close => next = inner,
                    _ => return false,
                },
                CTokenKind::Mark(b'{' | b',') => return false,
                _ => {}
            }
            next += 1;
        }
        if !has_statements {
            return false;
        }
        let (open, end) = (self.tokens[at + 1].from, self.tokens[close].from);
        self.take_call(at, at);
        self.out.bytes[open as usize] = b'{';
        self.out.bytes[end as usize] = b'}';
        self.is_at_start = false;
        self.begins_after.push((close, false));
        self.begins_after.push((at + 1, false));
        true
    }

    /// Blanks a macro after a string: `"%" PRIu64`.
    fn text_macro(&mut self, at: usize) {
        let Some(word) = self.word(at + 1).filter(|_| self.is_cpp) else {
            return;
        };
        let after = self.tokens.get(at + 2).map(|token| token.kind);
        let goes_on = matches!(
            after,
            Some(CTokenKind::Text | CTokenKind::Mark(b',' | b')' | b';'))
        );
        let is_macro = word.first().is_some_and(u8::is_ascii_uppercase);
        if goes_on && is_macro {
            self.blank(at + 1, at + 1);
        }
    }

    /// Blanks a macro between a star and a name: `char * NULLABLE name`.
    fn pointer_macro(&mut self, at: usize) {
        let is_macro = self.word(at + 1).is_some_and(is_annotation);
        if is_macro && self.class_at(at + 2) == Some(WordClass::Plain) {
            self.blank(at + 1, at + 1);
        }
    }

    fn open_in_body(&mut self, at: usize, begins: bool) {
        let heads_type = matches!(
            self.class_at(self.start),
            Some(
                WordClass::Aggregate
                    | WordClass::Enumeration
                    | WordClass::Typedef
                    | WordClass::Storage
                    | WordClass::Qualifier
            )
        );
        if !begins && heads_type {
            let scope = self.opened(self.start, at);
            if matches!(scope, Scope::Type(_) | Scope::Enumeration) {
                self.head(at, super::HeadEnd::Brace);
                self.push_scope(scope);
                self.begin_declaration(at + 1);
                return;
            }
        }
        let is_lambda = at > 0
            && self.is_mark(at - 1, b')')
            && self.partners[at - 1] > 0
            && self.partners[at - 1] != super::ALONE
            && self.is_mark(self.partners[at - 1] as usize - 1, b']');
        let is_block = begins || is_lambda || (at > 0 && self.is_mark(at - 1, b'('));
        self.push_scope(if is_block {
            Scope::Block { is_body: false }
        } else {
            Scope::Values
        });
        self.is_at_start = is_block;
    }

    fn close_in_body(&mut self, at: usize) {
        let closed = self.scopes.pop();
        self.is_at_start = true;
        if self.is_first_column(at) || closed == Some(Scope::Block { is_body: true }) {
            // A brace in the first column ends the function, whatever was left open.
            while let Some(Scope::Block { .. }) = self.scopes.last()
                && self.is_first_column(at)
            {
                self.scopes.pop();
            }
            self.begins_after.clear();
        }
        if !matches!(self.scopes.last(), Some(Scope::Block { .. })) {
            self.begin_declaration(at + 1);
            if let Some(from) = self.body.take() {
                self.out.bodies.push(from..self.tokens[at].to);
            }
        }
    }
}
