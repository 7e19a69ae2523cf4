//! Definitions in languages that look like C, found by the shape of statements and the balance of braces.
//!
//! Made for texts that a grammar cannot read: any input goes through in one pass with bounded memory. What stands in
//! function bodies and initialisers is not looked at. Of the branches of `#if` each is read, and the first one decides how
//! many braces are open behind `#endif`; a `}` in the first column closes everything.

use super::lex::{Lexer, Place, Token};
use crate::model::{Symbol, SymbolKind, SymbolRole};

/// Deepest nesting of types and namespaces that is followed.
const DEEPEST: usize = 64;
/// Deepest nesting of `#if` that is followed.
const DEEPEST_IF: usize = 256;

/// What a language of this family adds to C.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Types hold functions, and namespaces types.
    pub has_classes: bool,
    /// `#` begins a directive.
    pub has_directives: bool,
    /// A backslash at the end of a line joins it with the next one.
    pub joins_lines: bool,
}

/// What is known of the statement being read.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is seen apart from the others"
)]
#[derive(Clone, Copy, Default)]
struct Statement {
    start: Option<u32>,
    is_typedef: bool,
    is_extern: bool,
    /// `extern "C"`.
    is_linkage: bool,
    is_namespace: bool,
    has_assign: bool,
    /// Nothing behind the name of a type is its name any more.
    is_named: bool,
    aggregate: Option<SymbolKind>,
    type_name: Option<Place>,
    /// Words so far that may be of a type.
    words: u32,
    last: Option<Place>,
    /// The token read last is `last`.
    is_last: bool,
    /// The name before a parenthesis, and how many words stood before it.
    function: Option<(Place, u32)>,
    /// The first word in that parenthesis.
    argument: Option<Place>,
    /// The word behind `(*`, of a pointer to a function.
    pointer: Option<Place>,
    /// The token read last opened a parenthesis, or is the star behind that.
    is_pointer: bool,
    is_star: bool,
    /// Behind the `:` that begins a constructor's list.
    is_list: bool,
}

#[derive(Clone, Copy)]
struct Scope {
    kind: ScopeKind,
    /// The symbol that ends with it.
    symbol: Option<usize>,
    before: Statement,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ScopeKind {
    Namespace,
    Type,
    Enum,
}

/// What a branch of `#if` changes.
#[derive(Clone, Copy)]
struct State {
    opaque: u32,
    parens: u32,
    scopes: usize,
    statement: Statement,
}

struct Scanner<'t> {
    text: &'t [u8],
    dialect: Dialect,
    found: Vec<Symbol>,
    scopes: Vec<Scope>,
    /// Braces open within what is not looked at.
    opaque: u32,
    /// The symbol that ends with them.
    body: Option<usize>,
    parens: u32,
    statement: Statement,
    /// The head of a function whose parameters are declared behind it.
    old_style: Option<(Place, u32)>,
    /// A name of an enumeration may follow.
    is_expecting: bool,
    ifs: Vec<(State, Option<State>)>,
}

/// Finds definitions, and functions and types announced.
pub(super) fn symbols(text: &str, dialect: Dialect) -> Vec<Symbol> {
    let mut scanner = Scanner {
        text: text.as_bytes(),
        dialect,
        found: Vec::new(),
        scopes: Vec::new(),
        opaque: 0,
        body: None,
        parens: 0,
        statement: Statement::default(),
        old_style: None,
        is_expecting: false,
        ifs: Vec::new(),
    };
    let mut lexer = Lexer::new(text, dialect);
    while let Some(token) = lexer.next() {
        let place = Place {
            from: lexer.from as u32,
            to: lexer.at() as u32,
        };
        scanner.token(token, place, lexer.is_first_column());
    }
    scanner.found
}

impl Scanner<'_> {
    fn token(&mut self, token: Token, place: Place, is_first_column: bool) {
        match token {
            Token::Define(name) => {
                self.push(SymbolKind::Macro, SymbolRole::Definition, name, place);
            }
            Token::If => {
                if self.ifs.len() < DEEPEST_IF {
                    self.ifs.push((self.state(), None));
                }
            }
            Token::Else => {
                let now = self.state();
                if let Some((before, first)) = self.ifs.last_mut() {
                    first.get_or_insert(now);
                    let before = *before;
                    self.restore(before);
                }
            }
            Token::EndIf => {
                if let Some((_, Some(first))) = self.ifs.pop() {
                    self.restore(first);
                }
            }
            Token::Mark(b'}') if is_first_column => self.close_all(place.to),
            Token::Mark(b'{') if is_first_column && self.parens > 0 => {
                self.parens = 0;
                self.open(place);
            }
            Token::Mark(b'{') if self.opaque > 0 => self.opaque += 1,
            Token::Mark(b'}') if self.opaque > 0 => {
                self.opaque -= 1;
                if self.opaque == 0 {
                    self.close_body(place.to);
                }
            }
            _ if self.opaque > 0 => {}
            Token::Mark(b'(') => self.parenthesis(),
            Token::Mark(b')') => {
                self.parens = self.parens.saturating_sub(1);
                self.statement.is_last = false;
            }
            _ if self.parens > 0 => self.inside(token),
            Token::Mark(b'{') => self.open(place),
            Token::Mark(b'}') => self.close(place.to),
            Token::Mark(b';') => self.end(place),
            Token::Word(word) => self.word(word),
            Token::Literal => {
                self.statement.is_linkage |= self.statement.is_extern;
                self.statement.is_last = false;
            }
            Token::Path => self.statement.is_last = false,
            Token::Mark(mark) => self.mark(mark),
        }
    }

    fn state(&self) -> State {
        State {
            opaque: self.opaque,
            parens: self.parens,
            scopes: self.scopes.len(),
            statement: self.statement,
        }
    }

    fn restore(&mut self, state: State) {
        // A type that one branch opens and another closes is left as it is.
        if state.scopes == self.scopes.len() {
            self.opaque = state.opaque;
            self.parens = state.parens;
            self.statement = state.statement;
        }
    }

    fn push(&mut self, kind: SymbolKind, role: SymbolRole, name: Place, extent: Place) -> usize {
        let extent = extent.from.min(name.from)..extent.to.max(name.to);
        self.found.push(Symbol {
            name: name.range(),
            kind,
            role,
            extent,
        });
        self.found.len() - 1
    }

    /// Gives a symbol its end.
    fn finish(&mut self, symbol: Option<usize>, end: u32) {
        if let Some(symbol) = symbol.and_then(|at| self.found.get_mut(at)) {
            symbol.extent.end = symbol.extent.end.max(end);
        }
    }

    fn scope(&self) -> Option<ScopeKind> {
        self.scopes.last().map(|scope| scope.kind)
    }

    fn from(&self, name: Place) -> Place {
        let from = self.statement.start.unwrap_or(name.from);
        Place { from, to: name.to }
    }

    fn word(&mut self, word: Place) {
        if self.scope() == Some(ScopeKind::Enum) {
            if std::mem::take(&mut self.is_expecting) {
                self.push(SymbolKind::Enumerator, SymbolRole::Definition, word, word);
            }
            return;
        }
        let statement = &mut self.statement;
        statement.start.get_or_insert(word.from);
        statement.is_last = false;
        let name = word.of(self.text);
        let aggregate = match name {
            b"struct" => Some(SymbolKind::Struct),
            b"union" => Some(SymbolKind::Union),
            b"enum" => Some(SymbolKind::Enum),
            b"class" | b"record" if self.dialect.has_classes => Some(SymbolKind::Class),
            b"interface" if self.dialect.has_classes => Some(SymbolKind::Interface),
            _ => None,
        };
        match name {
            _ if aggregate.is_some() && statement.function.is_none() => {
                // `enum class`.
                let is_enum = statement.aggregate == Some(SymbolKind::Enum);
                if !is_enum || statement.type_name.is_some() {
                    statement.aggregate = aggregate;
                    statement.type_name = None;
                    statement.is_named = false;
                }
                statement.words += 1;
            }
            b"typedef" => statement.is_typedef = true,
            b"extern" => statement.is_extern = true,
            b"namespace" | b"package" if self.dialect.has_classes => statement.is_namespace = true,
            b"extends" | b"implements" | b"throws" | b"where" | b"final"
                if self.dialect.has_classes =>
            {
                statement.is_named = true;
            }
            b"static" | b"inline" | b"const" | b"volatile" | b"register" | b"public"
            | b"private" | b"protected" | b"virtual" | b"abstract" | b"override" | b"return"
            | b"else" | b"do" | b"goto" | b"case" | b"new" | b"delete" | b"throw" => {}
            _ => {
                if is_type_word(name) {
                    statement.words += 1;
                    return;
                }
                let is_attribute = name.starts_with(b"__");
                let is_better = statement
                    .type_name
                    .is_none_or(|old| !is_attribute || old.of(self.text).starts_with(b"__"));
                if !statement.is_named && is_better {
                    statement.type_name = Some(word);
                }
                statement.words += 1;
                statement.last = Some(word);
                statement.is_last = true;
            }
        }
    }

    fn mark(&mut self, mark: u8) {
        if self.scope() == Some(ScopeKind::Enum) {
            self.is_expecting |= mark == b',';
            return;
        }
        let statement = &mut self.statement;
        statement.is_last = false;
        match mark {
            b'=' => statement.has_assign = true,
            b':' => {
                statement.is_named = true;
                statement.is_list |= statement.function.is_some();
                let is_label = statement.words <= 1 && statement.aggregate.is_none();
                if is_label && statement.function.is_none() && self.dialect.has_classes {
                    self.statement = Statement::default();
                }
            }
            // The parameters of a template.
            b'<' => statement.is_named = true,
            _ => {}
        }
    }

    fn parenthesis(&mut self) {
        self.parens += 1;
        let statement = &mut self.statement;
        if self.parens > 1 {
            return;
        }
        let before = statement.last.filter(|_| statement.is_last);
        statement.is_last = false;
        statement.is_pointer = true;
        let Some(name) = before.filter(|_| !statement.has_assign && !statement.is_list) else {
            return;
        };
        let bytes = name.of(self.text);
        if is_attribute(bytes) || is_control(bytes) {
            return;
        }
        // A macro may stand before the head of a function, and others behind it.
        if statement.function.is_none_or(|(_, words)| words == 0) {
            statement.function = Some((name, statement.words - 1));
            statement.argument = None;
        }
    }

    /// Reads what stands in parentheses.
    fn inside(&mut self, token: Token) {
        let statement = &mut self.statement;
        let is_pointer = std::mem::take(&mut statement.is_pointer);
        match token {
            Token::Mark(b'*') if is_pointer && self.parens == 1 => {
                statement.is_pointer = true;
                statement.is_star = true;
            }
            Token::Word(word) if self.parens == 1 => {
                if is_pointer && statement.is_star && statement.pointer.is_none() {
                    // `type (*name)(…)`: the word before the parenthesis is a type.
                    statement.pointer = Some(word);
                    statement.function = None;
                }
                statement.argument.get_or_insert(word);
            }
            _ => {}
        }
    }

    fn open(&mut self, place: Place) {
        let statement = self.statement;
        if self.scope() == Some(ScopeKind::Enum) || statement.has_assign {
            self.opaque = 1;
            return;
        }
        if statement.is_linkage {
            return self.enter(ScopeKind::Namespace, None);
        }
        if statement.is_namespace {
            let symbol = statement.last.map(|name| {
                let extent = self.from(name);
                self.push(SymbolKind::Module, SymbolRole::Definition, name, extent)
            });
            return self.enter(ScopeKind::Namespace, symbol);
        }
        let head = statement.function.or(self.old_style);
        if let Some((name, words)) = head {
            let is_method = self.scope() == Some(ScopeKind::Type);
            if !is_method || self.dialect.has_classes {
                let kind = if is_method {
                    SymbolKind::Method
                } else {
                    SymbolKind::Function
                };
                let name = statement
                    .argument
                    .filter(|_| words == 0 && is_capital(name.of(self.text)))
                    .unwrap_or(name);
                let extent = Place {
                    from: self.from(name).from,
                    to: place.to,
                };
                self.body = Some(self.push(kind, SymbolRole::Definition, name, extent));
            }
            self.old_style = None;
            self.opaque = 1;
            return;
        }
        let Some(kind) = statement.aggregate else {
            self.opaque = 1;
            return;
        };
        let symbol = statement.type_name.map(|name| {
            let extent = self.from(name);
            self.push(kind, SymbolRole::Definition, name, extent)
        });
        let scope = if kind == SymbolKind::Enum {
            self.is_expecting = true;
            ScopeKind::Enum
        } else {
            ScopeKind::Type
        };
        self.enter(scope, symbol);
    }

    fn enter(&mut self, kind: ScopeKind, symbol: Option<usize>) {
        if self.scopes.len() >= DEEPEST {
            self.opaque = 1;
            self.body = symbol;
            return;
        }
        let before = self.statement;
        self.scopes.push(Scope {
            kind,
            symbol,
            before,
        });
        self.statement = Statement::default();
    }

    /// Ends what is not looked at.
    fn close_body(&mut self, end: u32) {
        let body = self.body.take();
        self.finish(body, end);
        // What follows an initialiser still belongs to its statement.
        if !self.statement.has_assign {
            self.statement = Statement::default();
        }
    }

    fn close(&mut self, end: u32) {
        let Some(scope) = self.scopes.pop() else {
            self.statement = Statement::default();
            return;
        };
        self.finish(scope.symbol, end);
        // `typedef struct { … } name;`
        self.statement = Statement {
            start: scope.before.start,
            is_typedef: scope.before.is_typedef,
            ..Statement::default()
        };
        let is_over = scope.kind == ScopeKind::Namespace
            || (self.dialect.has_classes && !scope.before.is_typedef);
        if is_over {
            self.statement = Statement::default();
        }
    }

    fn close_all(&mut self, end: u32) {
        self.parens = 0;
        if self.opaque > 0 {
            self.opaque = 0;
            self.close_body(end);
        } else {
            self.close(end);
        }
        while let Some(scope) = self.scopes.last() {
            if scope.kind == ScopeKind::Namespace {
                break;
            }
            self.close(end);
        }
    }

    fn end(&mut self, place: Place) {
        if self.scope() == Some(ScopeKind::Enum) {
            return;
        }
        let statement = std::mem::take(&mut self.statement);
        let from = statement.start.unwrap_or(place.from);
        let extent = Place { from, to: place.to };
        let (definition, declaration) = (SymbolRole::Definition, SymbolRole::Declaration);
        let is_type = self.scope() == Some(ScopeKind::Type);
        if statement.is_typedef {
            let function = statement.function.map(|(name, _)| name);
            if let Some(name) = statement.pointer.or(function).or(statement.last) {
                self.push(SymbolKind::Type, definition, name, extent);
            }
            self.old_style = None;
        } else if let Some((name, words)) = statement.function
            && !statement.has_assign
            && words > 0
            && (!is_type || self.dialect.has_classes)
        {
            // `int f(a) int a; { … }`: the name behind the parenthesis is a parameter's.
            let is_old_style = statement.last.is_some_and(|last| last.from > name.to);
            if is_old_style && !self.dialect.has_classes {
                self.old_style = Some((name, words));
            } else {
                self.old_style = None;
                let kind = if is_type {
                    SymbolKind::Method
                } else {
                    SymbolKind::Function
                };
                self.push(kind, declaration, name, extent);
            }
        } else if statement.function.is_some() || statement.has_assign {
            self.old_style = None;
        }
        if self.old_style.is_some() {
            self.statement.start = statement.start;
        }
    }
}

/// Words that are types or parts of one, and never names.
fn is_type_word(word: &[u8]) -> bool {
    matches!(
        word,
        b"int"
            | b"char"
            | b"void"
            | b"long"
            | b"short"
            | b"unsigned"
            | b"signed"
            | b"float"
            | b"double"
            | b"bool"
            | b"_Bool"
            | b"boolean"
            | b"byte"
            | b"string"
            | b"auto"
    )
}

/// Words before a parenthesis that say something about a name and are none.
fn is_attribute(word: &[u8]) -> bool {
    matches!(
        word,
        b"alignas"
            | b"_Alignas"
            | b"noexcept"
            | b"decltype"
            | b"typeof"
            | b"sizeof"
            | b"asm"
            | b"__asm__"
            | b"__attribute__"
            | b"__attribute"
            | b"__declspec"
            | b"__aligned"
            | b"__section"
            | b"__printf"
            | b"__scanf"
            | b"__acquires"
            | b"__releases"
            | b"__must_hold"
            | b"__alloc_size"
            | b"__nonnull"
    )
}

fn is_control(word: &[u8]) -> bool {
    matches!(
        word,
        b"if"
            | b"for"
            | b"while"
            | b"switch"
            | b"catch"
            | b"foreach"
            | b"synchronized"
            | b"using"
            | b"lock"
            | b"fixed"
    )
}

fn is_capital(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_uppercase) && !word.iter().any(u8::is_ascii_lowercase)
}
