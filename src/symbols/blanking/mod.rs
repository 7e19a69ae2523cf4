//! Macros of C and C++ that stand where the grammars expect none, taken out before a text is parsed.
//!
//! The grammars read a text before the preprocessor does. `class RAN_API Foo : public Base {` is to them a function
//! `Base`, and `for_each_node(i)` before `kfree(p);` a type before the declaration of `kfree`, without any error. [`blank`]
//! recognises such words by what stands around them and overwrites them with blanks, or the blank after them with `;`.
//! Every byte keeps its offset, so that what is found lies where it lies in the text.
//!
//! Heads of declarations are read by [`heads`], statements and arguments in function bodies by [`bodies`]; this file
//! knows which of both a token belongs to. Any text goes through in linear time. What is not recognised stays as it is and
//! becomes an error of the grammar, or not exact.

mod bodies;
mod branches;
mod heads;
mod items;
mod leading;
mod words;

use super::exactness::merge;
use super::pattern::{ALONE, CToken, CTokenKind, c_tokens};
use std::collections::HashSet;
use std::ops::Range;
use words::WordClass;

/// A text without its macros, and what is known of what was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Blanked {
    /// As long as the text; every byte that was not blanked stands where it stood.
    pub bytes: Vec<u8>,
    /// Names of macros that were called where they were taken out.
    pub calls: Vec<Range<u32>>,
    /// Names of structures, unions and enumerations before which the keyword was taken out.
    pub tags: Vec<TakenTag>,
    /// Parts of the text in which the kinds of names are guessed, in order.
    pub doubts: Vec<Range<u32>>,
    /// Bodies of functions, in order: what is declared there is known there only.
    pub bodies: Vec<Range<u32>>,
    /// A branch of `#if` was blanked that may hold definitions.
    pub has_lost: bool,
}

impl From<String> for Blanked {
    fn from(text: String) -> Self {
        Self {
            bytes: text.into_bytes(),
            calls: Vec::new(),
            tags: Vec::new(),
            doubts: Vec::new(),
            bodies: Vec::new(),
            has_lost: false,
        }
    }
}

/// The name of a type whose keyword was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TakenTag {
    pub name: Range<u32>,
    pub keyword: &'static str,
}

/// What the braces around a token hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Declarations of a namespace or of linkage.
    Namespace,
    /// Members of a type; the token that names it, if it has a name.
    Type(Option<usize>),
    /// Names of an enumeration.
    Enumeration,
    /// Statements; whether they are the body of a function.
    Block { is_body: bool },
    /// Values, and whatever else is left alone.
    Values,
}

/// Deepest nesting of braces that is followed.
const DEEPEST: usize = 512;
/// Deepest nesting of `#if` whose branches are told apart.
const DEEPEST_IF: usize = 256;

/// How the head of a declaration ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HeadEnd {
    /// At `;`.
    Semicolon,
    /// At `{`, which holds declarations or statements.
    Brace,
    /// At `=`.
    Assign,
    /// At `}` or a label such as `public:`: it is no declaration.
    Close,
}

/// The state of one pass over the tokens of a text.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer about the statement being read"
)]
struct Blanker<'t> {
    /// The text with the words of [`super::attributes`] blanked.
    text: &'t [u8],
    /// The text as it is.
    original: &'t [u8],
    is_cpp: bool,
    tokens: Vec<CToken>,
    partners: Vec<u32>,
    scopes: Vec<Scope>,
    out: Blanked,
    /// First token of the declaration being read.
    start: usize,
    /// Its head has been read up to `=`.
    is_assigned: bool,
    /// It goes on after the braces of a type.
    is_after_type: bool,
    /// Where the body of a function began that is being read.
    body: Option<u32>,
    /// Parameters are being declared after their list, or that is what it looks like.
    is_old_style: bool,
    /// The token being read begins a statement.
    is_at_start: bool,
    /// That statement is all that an `if`, a loop or an `else` holds.
    is_sole: bool,
    /// Tokens after which a statement begins, the end of `if (…)` and of macros that were ended, and whether it is the only
    /// one there.
    begins_after: Vec<(usize, bool)>,
    /// The statement being read is a label up to its colon.
    is_label: bool,
    /// Words known to be macros by where they stand in this text.
    macros: HashSet<Vec<u8>>,
}

/// Takes macros out of a text of C or C++. `text` may have had words blanked already, `original` is what it was before.
pub(super) fn blank(text: &str, original: &str, is_cpp: bool) -> Blanked {
    let whole = branches::keep_whole(text, is_cpp);
    let text = whole.as_ref().map_or(text, |whole| &whole.text);
    let (tokens, partners) = c_tokens(text, is_cpp);
    let mut blanker = Blanker {
        text: text.as_bytes(),
        original: original.as_bytes(),
        is_cpp,
        tokens,
        partners,
        scopes: Vec::new(),
        out: Blanked::from(text.to_owned()),
        start: 0,
        is_assigned: false,
        is_after_type: false,
        body: None,
        is_old_style: false,
        is_at_start: false,
        is_sole: false,
        begins_after: Vec::new(),
        is_label: false,
        macros: HashSet::new(),
    };
    blanker.run();
    let mut out = blanker.out;
    out.has_lost = whole.as_ref().is_some_and(|whole| whole.has_lost);
    merge(&mut out.doubts);
    merge(&mut out.bodies);
    out
}

impl Blanker<'_> {
    fn run(&mut self) {
        let mut branches: Vec<(Vec<Scope>, Option<Vec<Scope>>)> = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            match self.tokens[at].kind {
                CTokenKind::If => {
                    self.linkage(at);
                    if branches.len() < DEEPEST_IF {
                        branches.push((self.scopes.clone(), None));
                    }
                    self.pass_directive(at);
                    at += 1;
                }
                CTokenKind::Else => {
                    if let Some((before, first)) = branches.last_mut() {
                        let now = std::mem::replace(&mut self.scopes, before.clone());
                        first.get_or_insert(now);
                    }
                    self.pass_directive(at);
                    at += 1;
                }
                CTokenKind::EndIf => {
                    if let Some((_, Some(first))) = branches.pop() {
                        self.scopes = first;
                    }
                    self.pass_directive(at);
                    at += 1;
                }
                _ => {
                    at = match self.scopes.last() {
                        None | Some(Scope::Namespace | Scope::Type(_)) => self.declaration(at),
                        Some(Scope::Block { .. }) => self.statement(at),
                        Some(Scope::Enumeration | Scope::Values) => self.value(at),
                    };
                }
            }
        }
        if matches!(self.scopes.last(), None | Some(Scope::Namespace)) {
            self.head(self.tokens.len(), HeadEnd::Close);
        }
    }

    /// A directive between declarations belongs to none of them.
    fn pass_directive(&mut self, at: usize) {
        if self.start == at {
            self.start = at + 1;
        }
    }

    fn word(&self, at: usize) -> Option<&[u8]> {
        let token = self.tokens.get(at)?;
        (token.kind == CTokenKind::Word).then(|| self.bytes(token))
    }

    fn bytes(&self, token: &CToken) -> &[u8] {
        &self.text[token.from as usize..token.to as usize]
    }

    fn is_mark(&self, at: usize, mark: u8) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.kind == CTokenKind::Mark(mark))
    }

    /// Returns the token that closes the parenthesis opened by another one.
    fn closes(&self, at: usize) -> Option<usize> {
        let partner = *self.partners.get(at)?;
        (partner != ALONE && partner as usize > at).then_some(partner as usize)
    }

    fn is_first_column(&self, at: usize) -> bool {
        let from = self.tokens[at].from as usize;
        from == 0 || self.text[from - 1] == b'\n'
    }

    /// Overwrites tokens, from the first to the last, with blanks.
    fn blank(&mut self, first: usize, last: usize) {
        let range = self.tokens[first].from as usize..self.tokens[last].to as usize;
        for byte in &mut self.out.bytes[range] {
            if !matches!(*byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }

    /// Writes `;` where a blank follows a token; false if none does.
    fn end_statement(&mut self, after: usize) -> bool {
        let at = self.tokens[after].to as usize;
        match self.out.bytes.get_mut(at) {
            Some(byte) if matches!(*byte, b' ' | b'\t' | b'\n' | b'\r') => {
                *byte = b';';
                true
            }
            _ => false,
        }
    }

    /// Notes that a word calls a macro, and blanks it with its arguments.
    fn take_call(&mut self, name: usize, last: usize) {
        let token = self.tokens[name];
        self.out.calls.push(token.from..token.to);
        self.blank(name, last);
    }

    fn push_scope(&mut self, scope: Scope) {
        // Beyond it braces are counted wrong, and less is recognised.
        if self.scopes.len() < DEEPEST {
            self.scopes.push(scope);
        }
    }

    /// Blanks `extern "C" {` or `}` between `#if` and `#endif`: the grammars want both in one branch.
    fn linkage(&mut self, at: usize) {
        let line = self.bytes(&self.tokens[at]);
        if memchr::memmem::find(line, b"__cplusplus").is_none() {
            return;
        }
        let is_extern = self.word(at + 1) == Some(b"extern");
        let (first, last) = if is_extern && self.is_mark(at + 3, b'{') {
            (at + 1, at + 3)
        } else if self.is_mark(at + 1, b'}') {
            (at + 1, at + 1)
        } else {
            return;
        };
        let after = self.tokens.get(last + 1).map(|token| token.kind);
        if matches!(after, Some(CTokenKind::EndIf | CTokenKind::Else)) {
            self.blank(first, last);
            for token in first..=last {
                // Nothing else may look at them.
                self.tokens[token].kind = CTokenKind::Mark(0);
            }
        }
    }

    /// Reads a token where declarations stand; returns the next one to be read.
    fn declaration(&mut self, at: usize) -> usize {
        let token = self.tokens[at];
        match token.kind {
            CTokenKind::Mark(b'(' | b'[') => {
                self.convention(at);
                self.doubt_statements(at);
                return self.closes(at).map_or(at + 1, |close| close + 1);
            }
            CTokenKind::Mark(b';') => {
                self.head(at, HeadEnd::Semicolon);
                self.begin_declaration(at + 1);
            }
            CTokenKind::Mark(b'=') if !self.is_assigned => {
                let is_operator = at > self.start
                    && (self.start..at)
                        .rev()
                        .take(4)
                        .any(|before| self.word(before) == Some(b"operator"));
                if !is_operator && !self.is_in_template(at) {
                    self.head(at, HeadEnd::Assign);
                    self.is_assigned = true;
                }
            }
            CTokenKind::Mark(b'{') => self.open(at),
            CTokenKind::Mark(b'}') => {
                self.head(at, HeadEnd::Close);
                let closed = self.scopes.pop();
                self.begin_declaration(at + 1);
                self.is_after_type = matches!(closed, Some(Scope::Type(_)));
            }
            CTokenKind::Mark(0) => self.begin_declaration(at + 1),
            CTokenKind::Mark(b'*' | b'&' | b'<') => self.nullability(at),
            CTokenKind::Word => {
                if let Some(next) = self.members_macro(at) {
                    self.begin_declaration(next);
                    return next;
                }
                if let Some(colon) = self.access_label(at) {
                    self.head(at, HeadEnd::Close);
                    self.begin_declaration(colon + 1);
                    return colon + 1;
                }
            }
            _ => {}
        }
        at + 1
    }

    /// What looks like declarations among the arguments of a macro may be anything.
    fn doubt_statements(&mut self, open: usize) {
        let Some(close) = self.closes(open) else {
            return;
        };
        if (open..close).any(|at| self.is_mark(at, b';')) {
            let range = self.tokens[open].from..self.tokens[close].to;
            self.out.doubts.push(range);
        }
    }

    fn begin_declaration(&mut self, at: usize) {
        self.start = at;
        self.is_assigned = false;
        self.is_after_type = false;
    }

    /// Returns whether a token lies between the `<` after `template` and its `>`.
    fn is_in_template(&self, at: usize) -> bool {
        self.class_at(self.start) == Some(WordClass::Template)
            && self.angle(self.start + 1).is_none_or(|close| at < close)
    }

    /// Returns the colon of `public:`, `private slots:` and the like.
    fn access_label(&self, at: usize) -> Option<usize> {
        if !self.is_cpp || !matches!(self.scopes.last(), Some(Scope::Type(_))) {
            return None;
        }
        let is_access = matches!(
            self.word(at)?,
            b"public" | b"private" | b"protected" | b"signals" | b"Q_SIGNALS"
        );
        let mut colon = at + 1;
        if self.class_at(colon) == Some(WordClass::Plain) {
            colon += 1;
        }
        (is_access && self.is_mark(colon, b':')).then_some(colon)
    }

    /// Reads `{` where declarations stand.
    fn open(&mut self, at: usize) {
        if self.is_assigned {
            return self.push_scope(Scope::Values);
        }
        let scope = self.opened(self.start, at);
        self.head(at, HeadEnd::Brace);
        self.is_old_style = false;
        self.push_scope(scope);
        if scope == (Scope::Block { is_body: true }) {
            self.body = Some(self.tokens[at].from);
        }
        if scope == Scope::Values {
            self.is_assigned = true;
            return;
        }
        self.begin_declaration(at + 1);
        self.is_at_start = true;
        self.begins_after.clear();
    }

    /// Reads a token within values; returns the next one to be read.
    fn value(&mut self, at: usize) -> usize {
        match self.tokens[at].kind {
            CTokenKind::Mark(b'{') => self.push_scope(Scope::Values),
            CTokenKind::Mark(b'}') => self.close_value(at),
            CTokenKind::Word => self.arguments(at),
            _ => {}
        }
        at + 1
    }

    fn close_value(&mut self, at: usize) {
        let closed = self.scopes.pop();
        match self.scopes.last() {
            None | Some(Scope::Namespace | Scope::Type(_))
                if closed == Some(Scope::Enumeration) =>
            {
                self.begin_declaration(at + 1);
                self.is_after_type = true;
            }
            _ => {}
        }
        self.is_at_start = false;
    }
}
