//! One text to its tags: by grammar where there is one, by pattern where that fails.

use super::attributes;
use super::grammar::{self, Capture, Grammar};
use super::heart::Shape;
use super::pattern;
use super::tagged::{How, LONGEST_NAME, Tag, Tagged, Why};
use crate::language::{Language, LanguageKind};
use crate::model::{Symbol, SymbolKind, SymbolRole};
use std::cell::Cell;
use std::ops::{ControlFlow, Range};
use std::time::{Duration, Instant};
use tree_sitter::{
    Node, ParseOptions, Parser, QueryCursor, QueryCursorOptions, StreamingIterator, Tree,
};

/// What one text may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagLimits {
    /// Largest text that is parsed, in bytes: a tree takes many times as much memory.
    pub text: usize,
    /// Longest time for one text.
    pub time: Duration,
}

impl Default for TagLimits {
    fn default() -> Self {
        Self {
            text: 4 << 20,
            time: Duration::from_secs(2),
        }
    }
}

/// Finds tags in one text after another; each thread has its own.
pub struct Tagger {
    parser: Parser,
    cursor: QueryCursor,
    limits: TagLimits,
}

/// Why there is no tree, or not all of what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stopped {
    Cancelled,
    OutOfTime,
}

/// Tells work that a time is over or that nobody wants it any more.
///
/// tree-sitter asks it every hundred steps, of parsing and of looking for matches alike: that is why the queries are
/// not run by tree-sitter-tags, which asks nobody while it looks for the next match.
struct Clock<'a> {
    deadline: Instant,
    is_cancelled: &'a dyn Fn() -> bool,
    stopped: Cell<Option<Stopped>>,
}

impl Clock<'_> {
    fn ask(&self) -> ControlFlow<()> {
        let stopped = if (self.is_cancelled)() {
            Some(Stopped::Cancelled)
        } else if Instant::now() >= self.deadline {
            Some(Stopped::OutOfTime)
        } else {
            None
        };
        self.stopped.set(stopped);
        if stopped.is_some() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn why(&self) -> Stopped {
        self.stopped.get().unwrap_or(Stopped::OutOfTime)
    }
}

impl Tagger {
    /// Makes one.
    pub fn new(limits: TagLimits) -> Self {
        Self {
            parser: Parser::new(),
            cursor: QueryCursor::new(),
            limits,
        }
    }

    /// Returns what one text may cost.
    pub fn limits(&self) -> TagLimits {
        self.limits
    }

    /// Finds the tags of a text; nothing if it was cancelled. The text is decoded and its lines end with LF.
    pub fn tag(
        &mut self,
        language: Option<&Language>,
        text: &str,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Option<Tagged> {
        let Some(language) = language.filter(|l| l.kind == LanguageKind::Code) else {
            return Some(Tagged::nothing(How::NoCode));
        };
        let mut grammars = grammar::of(language.name).peekable();
        let why = if grammars.peek().is_none() {
            Why::NoGrammar
        } else if text.len() > self.limits.text {
            Why::TooLarge
        } else {
            let clock = Clock {
                deadline: Instant::now() + self.limits.time,
                is_cancelled,
                stopped: Cell::new(None),
            };
            match self.parsed(grammars, language, text, &clock) {
                Ok(tagged) => return Some(tagged),
                Err(Stopped::Cancelled) => return None,
                Err(Stopped::OutOfTime) => Why::OutOfTime,
            }
        };
        let mut tags = pattern::tags(language, text);
        settle(text, &mut tags);
        (!is_cancelled()).then_some(Tagged {
            tags,
            how: How::Approximate(why),
        })
    }

    fn parsed(
        &mut self,
        grammars: impl Iterator<Item = &'static Grammar>,
        language: &Language,
        text: &str,
        clock: &Clock<'_>,
    ) -> Result<Tagged, Stopped> {
        // A short text is parsed before tree-sitter asks for the first time.
        if clock.ask().is_break() {
            return Err(clock.why());
        }
        let blanked = pattern::is_c(language).then(|| attributes::blanked(text));
        let blanked = blanked.flatten();
        let bytes = blanked.as_deref().unwrap_or(text.as_bytes());
        let mut best: Option<(&Grammar, Tree)> = None;
        for grammar in grammars {
            let tree = self.parse(grammar, bytes, clock)?;
            let is_clean = !tree.root_node().has_error();
            if is_clean || best.is_none() {
                best = Some((grammar, tree));
            }
            if is_clean {
                break;
            }
        }
        let (grammar, tree) = best.ok_or(Stopped::OutOfTime)?;
        let mut tags = self.query(grammar, &tree, text, clock)?;
        let guesses = if tree.root_node().has_error() {
            pattern::tags(language, text)
        } else {
            Vec::new()
        };
        let is_c = pattern::is_c(language);
        if is_c {
            part(&mut tags, &guesses);
        }
        settle(text, &mut tags);
        let mut how = How::Exact;
        if complement(text, &mut tags, guesses) {
            how = How::Approximate(Why::Errors);
        }
        if is_c {
            pattern::macros(text, &mut tags);
        }
        Ok(Tagged { tags, how })
    }

    fn parse(
        &mut self,
        grammar: &Grammar,
        bytes: &[u8],
        clock: &Clock<'_>,
    ) -> Result<Tree, Stopped> {
        // It fails only for a grammar of another tree-sitter, which a test excludes.
        let is_set = self.parser.set_language(grammar.language()).is_ok();
        let mut ask = |_: &_| clock.ask();
        let options = ParseOptions::new().progress_callback(&mut ask);
        let mut read = |at: usize, _| bytes.get(at..).unwrap_or_default();
        let tree = self
            .parser
            .parse_with_options(&mut read, None, Some(options));
        self.parser.reset();
        tree.filter(|_| is_set).ok_or_else(|| clock.why())
    }

    fn query(
        &mut self,
        grammar: &Grammar,
        tree: &Tree,
        text: &str,
        clock: &Clock<'_>,
    ) -> Result<Vec<Tag>, Stopped> {
        let mut ask = |_: &_| clock.ask();
        let options = QueryCursorOptions::new().progress_callback(&mut ask);
        let (query, root) = (grammar.query(), tree.root_node());
        let mut found: Vec<(usize, Option<Tag>, Range<u32>)> = Vec::new();
        let mut matches = self
            .cursor
            .matches_with_options(query, root, text.as_bytes(), options);
        while let Some(one) = matches.next() {
            let (mut name, mut node, mut is_ignored) = (None, None, false);
            for capture in one.captures() {
                match grammar.capture(capture.index) {
                    Capture::Name => name = Some(capture.node),
                    Capture::Ignore => {
                        name = Some(capture.node);
                        is_ignored = true;
                    }
                    Capture::Tag(role, kind) => node = Some((role, kind, capture.node)),
                    Capture::Nothing => {}
                }
            }
            let Some((name, shape)) = name.and_then(|name| heart(grammar, name)) else {
                continue;
            };
            let tag = node.filter(|_| !is_ignored).and_then(|(role, kind, node)| {
                let meaning = meaning(role, kind, shape);
                Some(Tag {
                    symbol: symbol(text, meaning, name, node)?,
                    is_exact: !is_made_by_macro(meaning.1, shape, node),
                })
            });
            let place = bytes(name);
            if is_ignored || tag.is_some() {
                found.push((one.pattern_index, tag, place));
            }
        }
        drop(matches);
        if clock.stopped.get().is_some() {
            return Err(clock.why());
        }
        // Of several meanings of a place the first pattern's counts.
        found.sort_by_key(|(pattern, _, place)| (place.start, place.end, *pattern));
        found.dedup_by(|b, a| a.2 == b.2);
        let mut tags = found.into_iter().filter_map(|(_, tag, _)| tag).collect();
        unnest(&mut tags);
        Ok(tags)
    }
}

/// Returns the name that a capture means.
fn heart<'t>(grammar: &Grammar, name: Node<'t>) -> Option<(Node<'t>, Shape)> {
    match grammar.hearts() {
        Some(hearts) => hearts.of(name),
        None => Some((name, Shape::default())),
    }
}

/// Returns what a name is, given what stands around it.
fn meaning(role: SymbolRole, kind: SymbolKind, shape: Shape) -> (SymbolRole, SymbolKind) {
    use SymbolKind::{Field, Function, Method, Variable};
    use SymbolRole::{Call, Declaration, Definition};
    let with_scope = if shape.is_qualified { Method } else { Function };
    match (role, kind) {
        (Definition | Declaration, Variable) if shape.is_function => (Declaration, with_scope),
        (Definition, Field) if shape.is_function => (Declaration, Method),
        (Declaration, Method) if !shape.is_function => (Definition, Field),
        (Definition, Function) => (role, with_scope),
        (Call, Function) if shape.is_member => (Call, Method),
        (Call, Function) if shape.is_indirect => (Call, Variable),
        other => other,
    }
}

/// Returns whether a definition is one only if a macro makes it so: `DEFINE_MUTEX(name);`, `TEST(name) { … }`. To the
/// grammar of C it is a call, or a function without parameters.
fn is_made_by_macro(kind: SymbolKind, shape: Shape, node: Node<'_>) -> bool {
    match node.kind() {
        "compound_statement" | "expression_statement" | "macro_type_specifier" => true,
        "function_definition" => {
            kind == SymbolKind::Function && shape.is_grouped && !shape.is_function
        }
        _ => false,
    }
}

/// Drops functions that macros would make inside functions: there a call before a block is a loop.
fn unnest(tags: &mut Vec<Tag>) {
    let mut inside = 0;
    tags.retain(|tag| {
        let symbol = &tag.symbol;
        if !is_function(tag) {
            return true;
        }
        let is_loop = !tag.is_exact && symbol.name.start < inside;
        if !is_loop {
            inside = inside.max(symbol.extent.end);
        }
        !is_loop
    });
}

fn bytes(node: Node<'_>) -> Range<u32> {
    node.start_byte() as u32..node.end_byte() as u32
}

fn symbol(
    text: &str,
    (role, kind): (SymbolRole, SymbolKind),
    name: Node<'_>,
    node: Node<'_>,
) -> Option<Symbol> {
    let mut place = bytes(name);
    // `:name` of Ruby is the name as a value.
    place.start += u32::from(name.kind() == "simple_symbol");
    let is_use = matches!(role, SymbolRole::Call | SymbolRole::Reference);
    if is_use {
        return Some(Symbol {
            name: place.clone(),
            kind,
            role,
            extent: place,
        });
    }
    // Recovery makes up ends of declarations: what it names then is an attribute or the like.
    let is_made_up = kind == SymbolKind::Variable
        && node
            .child(node.child_count().saturating_sub(1))
            .is_some_and(|last| last.is_missing());
    let whole = bytes(node);
    let from = whole.start.min(place.start);
    let to = whole.end.max(place.end);
    let end = text.get(from as usize..to as usize)?.trim_end().len() as u32;
    let extent = from..(from + end).max(place.end);
    (!is_made_up).then_some(Symbol {
        name: place,
        kind,
        role,
        extent,
    })
}

/// Puts tags in order, drops what is no name, and what is only known inside a function.
fn settle(text: &str, tags: &mut Vec<Tag>) {
    tags.retain(|tag| is_name(tag.symbol.name_in(text)));
    tags.sort_by_key(|tag| {
        let symbol = &tag.symbol;
        (symbol.name.start, symbol.role, symbol.name.end)
    });
    // One name a place; a definition is more than a call.
    tags.dedup_by_key(|tag| tag.symbol.name.start);
    let mut inside = 0;
    tags.retain(|tag| {
        let symbol = &tag.symbol;
        let is_value = matches!(symbol.kind, SymbolKind::Variable | SymbolKind::Constant);
        if symbol.role == SymbolRole::Definition {
            match symbol.kind {
                SymbolKind::Function | SymbolKind::Method => inside = inside.max(symbol.extent.end),
                _ if is_value && symbol.name.start < inside => return false,
                _ => {}
            }
        }
        true
    });
}

/// Returns whether a text may stand for something: short, and of one line.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_NAME && !text.bytes().any(|b| b < b' ')
}

/// Parts functions of C that recovery has put into one another: a function ends before the next one that a pattern sees,
/// and is none if the pattern does not see it at all.
fn part(tags: &mut Vec<Tag>, guesses: &[Tag]) {
    let functions = guesses.iter().filter(|tag| is_function(tag));
    let mut seen: Vec<(u32, u32)> = functions
        .map(|tag| (tag.symbol.name.start, tag.symbol.extent.start))
        .collect();
    seen.sort_unstable();
    tags.retain_mut(|tag| {
        if !is_function(tag) {
            return true;
        }
        let symbol = &mut tag.symbol;
        let next = seen.partition_point(|(name, _)| *name <= symbol.name.start);
        let Some((_, start)) = seen.get(next).filter(|(_, at)| *at < symbol.extent.end) else {
            return true;
        };
        symbol.extent.end = (*start).max(symbol.name.end);
        tag.is_exact = false;
        next.checked_sub(1)
            .is_some_and(|at| seen[at].0 == tag.symbol.name.start)
    });
}

fn is_function(tag: &Tag) -> bool {
    let kind = tag.symbol.kind;
    let is_function = matches!(kind, SymbolKind::Function | SymbolKind::Method);
    is_function && tag.symbol.role == SymbolRole::Definition
}

/// Adds the definitions that a pattern finds and the tree does not; returns whether there are any.
fn complement(text: &str, tags: &mut Vec<Tag>, mut found: Vec<Tag>) -> bool {
    let is_definition = |tag: &Tag| tag.symbol.role == SymbolRole::Definition;
    found.retain(|tag| {
        is_definition(tag)
            && match tags.binary_search_by_key(&tag.symbol.name.start, |t| t.symbol.name.start) {
                Ok(at) => !is_definition(&tags[at]),
                Err(_) => true,
            }
    });
    if found.is_empty() {
        return false;
    }
    tags.extend(found);
    settle(text, tags);
    true
}
