//! One text to its tags: by grammar where there is one, by pattern where that fails.

use super::attributes;
use super::blanking::{self, Blanked};
use super::exactness::{Errors, Weighed, holds, is_reserved, merge, weigh};
use super::grammar::{self, Capture, Grammar};
use super::heart::Shape;
use super::parse_thread::{Clock, ParseBounds, ParseThread, Stopped, Workshop};
use super::pattern;
use super::settle::{complement, has_gap, is_function, part, settle};
use super::tagged::{How, Tag, Tagged, Why};
use crate::language::{self, Language, LanguageKind};
use crate::model::{Symbol, SymbolKind, SymbolRole};
use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;
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
    /// Most memory of the parser for one text, in bytes.
    pub memory: usize,
    /// Stack of the thread that parses, in bytes: how deeply the parser may nest.
    pub stack: usize,
}

impl Default for TagLimits {
    fn default() -> Self {
        Self {
            text: 4 << 20,
            time: Duration::from_secs(2),
            memory: 256 << 20,
            stack: 64 << 20,
        }
    }
}

/// Time after its own in which a parser may stop by itself.
const GRACE: Duration = Duration::from_secs(2);

/// Matches of a query after which the clock is asked.
const MATCHES: u32 = 64;

/// Finds tags in one text after another; each thread has its own.
pub struct Tagger {
    thread: Option<ParseThread>,
    limits: TagLimits,
}

/// What the grammar says of a text.
struct Parsed {
    tags: Vec<Tag>,
    errors: Errors,
    /// Something was read as what it is not, without an error.
    is_odd: bool,
}

/// A text as the grammar reads it.
struct Source {
    text: String,
    /// The text without the macros of C; nothing if it has none.
    blanked: Option<Blanked>,
    /// The language is C++ or like it.
    is_cpp: bool,
}

impl Source {
    fn new(language: &Language, text: &str) -> Self {
        let is_cpp = pattern::is_c(language) && !matches!(language.name, "C" | "OpenCL");
        let blanked = pattern::is_c(language).then(|| {
            let words = attributes::blanked(text);
            let words = words.and_then(|bytes| String::from_utf8(bytes).ok());
            blanking::blank(words.as_deref().unwrap_or(text), text, is_cpp)
        });
        Self {
            text: text.to_owned(),
            blanked,
            is_cpp,
        }
    }

    fn bytes(&self) -> &[u8] {
        let blanked = self.blanked.as_ref();
        blanked.map_or(self.text.as_bytes(), |blanked| &blanked.bytes)
    }

    /// Returns whether definitions may have been blanked.
    fn has_lost(&self) -> bool {
        self.blanked
            .as_ref()
            .is_some_and(|blanked| blanked.has_lost)
    }

    /// Returns whether the kind of the name at a byte is guessed.
    fn is_doubtful(&self, at: u32) -> bool {
        let doubts = self.blanked.as_ref().map(|blanked| &blanked.doubts);
        doubts.is_some_and(|doubts| holds(doubts, at))
    }
}

impl Tagger {
    /// Makes one.
    pub fn new(limits: TagLimits) -> Self {
        Self {
            thread: None,
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
        // Grammars and patterns know no line end but LF. All bytes are where they are in the text.
        let plain = language::plain_lines(language, text).map_or(Cow::Borrowed(text), Cow::Owned);
        // Made here, not on the thread that parses: they outlive it.
        let grammars: Vec<&'static Grammar> = grammar::of(language.name).collect();
        let why = if grammars.is_empty() {
            Why::NoGrammar
        } else if text.len() > self.limits.text {
            Why::TooLarge
        } else {
            match self.parsed(grammars, language, &plain, is_cancelled) {
                Ok(parsed) => return Some(finish(language, (text, &plain), parsed)),
                Err(Stopped::Cancelled) => return None,
                Err(Stopped::Because(why)) => why,
            }
        };
        let mut tags = pattern::tags(language, &plain);
        settle(text, &mut tags);
        (!is_cancelled()).then_some(Tagged {
            tags,
            how: How::Approximate(why),
        })
    }

    /// Parses a text on the thread for it.
    fn parsed(
        &mut self,
        grammars: Vec<&'static Grammar>,
        language: &Language,
        text: &str,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Parsed, Stopped> {
        if is_cancelled() {
            return Err(Stopped::Cancelled);
        }
        let started = match self.thread.take() {
            Some(thread) => Ok(thread),
            None => ParseThread::start(self.limits.stack),
        };
        // Without room for a further thread the text is read without a parser.
        let thread = started.map_err(|_| Stopped::Because(Why::Failed))?;
        let bounds = ParseBounds {
            memory: self.limits.memory,
            time: self.limits.time,
            grace: GRACE,
            cost: 3 * text.len(),
        };
        let source = Source::new(language, text);
        let work = move |workshop: &mut Workshop, clock: &Clock| {
            parse_and_query(workshop, clock, &grammars, &source)
        };
        let parsed = thread.run(bounds, is_cancelled, work);
        // A thread that did not answer in time may still work, or never will again.
        let is_answer = matches!(parsed, Ok(_) | Err(Stopped::Cancelled));
        self.thread = Some(thread).filter(|_| is_answer);
        parsed
    }
}

/// Parses a text with the first grammar that finds no error, or the first, and finds its tags.
fn parse_and_query(
    workshop: &mut Workshop,
    clock: &Clock,
    grammars: &[&Grammar],
    source: &Source,
) -> Result<Parsed, Stopped> {
    // A short text is parsed before tree-sitter asks for the first time.
    if clock.ask().is_break() {
        return Err(clock.why());
    }
    let mut best: Option<(&Grammar, Tree)> = None;
    for grammar in grammars {
        let tree = parse(&mut workshop.parser, grammar, source.bytes(), clock)?;
        let is_clean = !tree.root_node().has_error();
        if is_clean || best.is_none() {
            best = Some((grammar, tree));
        }
        if is_clean {
            break;
        }
    }
    let (grammar, tree) = best.ok_or(Stopped::Because(Why::Failed))?;
    let errors = Errors::of(&tree);
    let (mut tags, is_odd) = query(
        &mut workshop.cursor,
        grammar,
        &tree,
        (source, &errors),
        clock,
    )?;
    clock.meter().run_c(|| drop(tree));
    if let Some(blanked) = &source.blanked {
        tags.extend(taken_out(blanked));
    }
    Ok(Parsed {
        tags,
        errors,
        is_odd: is_odd || source.has_lost(),
    })
}

/// Returns what was taken out of a text before it was parsed and has a meaning of its own.
fn taken_out(blanked: &Blanked) -> impl Iterator<Item = Tag> {
    let exact = |name: &Range<u32>, role, kind| Tag {
        symbol: Symbol {
            name: name.clone(),
            kind,
            role,
            extent: name.clone(),
        },
        is_exact: true,
    };
    let calls = blanked.calls.iter();
    let calls = calls.map(move |name| exact(name, SymbolRole::Call, SymbolKind::Function));
    let types = blanked.tags.iter().filter_map(move |tag| {
        let kind = tag.keyword.parse().ok()?;
        Some(exact(&tag.name, SymbolRole::Reference, kind))
    });
    calls.chain(types)
}

fn parse(
    parser: &mut Parser,
    grammar: &Grammar,
    bytes: &[u8],
    clock: &Clock,
) -> Result<Tree, Stopped> {
    // It fails only for a grammar of another tree-sitter, which a test excludes.
    let is_set = parser.set_language(grammar.language()).is_ok();
    let mut ask = |_: &_| clock.ask();
    let options = ParseOptions::new().progress_callback(&mut ask);
    let mut read = |at: usize, _| bytes.get(at..).unwrap_or_default();
    let tree = clock.meter().run_c(|| {
        let tree = parser.parse_with_options(&mut read, None, Some(options));
        parser.reset();
        tree
    });
    tree.filter(|_| is_set).ok_or_else(|| clock.why())
}

fn query(
    cursor: &mut QueryCursor,
    grammar: &Grammar,
    tree: &Tree,
    (source, errors): (&Source, &Errors),
    clock: &Clock,
) -> Result<(Vec<Tag>, bool), Stopped> {
    let text = source.text.as_str();
    let is_c = grammar.hearts().is_some();
    let mut odd: Vec<Range<u32>> = Vec::new();
    let mut ask = |_: &_| clock.ask();
    let options = QueryCursorOptions::new().progress_callback(&mut ask);
    let (query, root) = (grammar.query(), tree.root_node());
    let mut found: Vec<Found> = Vec::new();
    let mut matches = cursor.matches_with_options(query, root, text.as_bytes(), options);
    let mut count = 0_u32;
    while let Some(one) = matches.next() {
        // tree-sitter itself asks between matches that are far apart.
        count = count.wrapping_add(1);
        if count.is_multiple_of(MATCHES) && clock.ask().is_break() {
            return Err(clock.why());
        }
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
        let mut is_object = false;
        let tag = node.filter(|_| !is_ignored).and_then(|(role, kind, node)| {
            let mut meaning = meaning(role, kind, shape);
            let mut is_exact = errors.spare(source.bytes(), name, node);
            if matches!(role, SymbolRole::Definition | SymbolRole::Declaration) && is_c {
                is_exact &= !is_made_by_macro(meaning.1, shape, node)
                    && !source.is_doubtful(name.start_byte() as u32);
                match weigh(text, meaning, shape, name, node) {
                    Weighed::Right => {}
                    Weighed::Doubtful => is_exact = false,
                    Weighed::Object => {
                        is_object = source.is_cpp;
                        is_exact &= !source.is_cpp;
                    }
                    Weighed::Call => meaning = (SymbolRole::Call, SymbolKind::Function),
                    Weighed::Wrong => {
                        odd.push(bytes(node));
                        return None;
                    }
                }
            }
            let symbol = symbol(text, meaning, name, node)?;
            if is_c && is_reserved(symbol.name_in(text), source.is_cpp) {
                if symbol.role == SymbolRole::Definition {
                    odd.push(bytes(node));
                }
                return None;
            }
            Some(Tag { symbol, is_exact })
        });
        let place = bytes(name);
        if is_ignored || tag.is_some() {
            found.push(Found {
                pattern: one.pattern_index,
                tag,
                place,
                is_object,
            });
        }
    }
    drop(matches);
    if let Some(stopped) = clock.stopped() {
        return Err(stopped);
    }
    // Of several meanings of a place the first pattern's counts.
    found.sort_by_key(|found| (found.place.start, found.place.end, found.pattern));
    found.dedup_by(|b, a| a.place == b.place);
    // What a construct holds that was read as what it is not is as doubtful as itself.
    merge(&mut odd);
    for tag in found.iter_mut().filter_map(|found| found.tag.as_mut()) {
        tag.is_exact &= !holds(&odd, tag.symbol.name.start);
    }
    let bodies = source
        .blanked
        .as_ref()
        .map(|blanked| blanked.bodies.as_slice());
    Ok((unnest(found, bodies), !odd.is_empty()))
}

/// What one match says of a name.
struct Found {
    /// The number of the pattern: the smallest wins.
    pattern: usize,
    /// Nothing if the name is to be left out.
    tag: Option<Tag>,
    place: Range<u32>,
    /// In the body of a function it declares an object of C++, not a function.
    is_object: bool,
}

/// Adds to what the grammar says what a pattern finds. `plain` is the text with plain line ends.
fn finish(language: &Language, (text, plain): (&str, &str), parsed: Parsed) -> Tagged {
    let Parsed {
        mut tags,
        errors,
        is_odd,
    } = parsed;
    let guesses = if is_odd || !errors.is_empty() {
        pattern::tags(language, plain)
    } else {
        Vec::new()
    };
    let is_c = pattern::is_c(language);
    if is_c {
        part(&mut tags, &guesses);
    }
    settle(text, &mut tags);
    let mut how = How::Exact;
    if has_gap(&tags, &errors) | complement(text, &mut tags, guesses) {
        how = How::Approximate(Why::Errors);
    }
    if is_c {
        pattern::macros(plain, &mut tags);
    }
    Tagged { tags, how }
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

/// Drops functions that macros would make inside functions, where a call before a block is a loop, and functions that
/// are objects. A function of C within another one is what recovery from errors makes of it, and so is a variable in a body,
/// as `bodies` counts them, that no function has.
fn unnest(found: Vec<Found>, bodies: Option<&[Range<u32>]>) -> Vec<Tag> {
    let mut inside = 0;
    let mut tags = Vec::with_capacity(found.len());
    for Found { tag, is_object, .. } in found {
        let Some(mut tag) = tag else {
            continue;
        };
        let is_inside = tag.symbol.name.start < inside;
        if is_object && is_inside {
            continue;
        }
        if is_function(&tag) {
            if !tag.is_exact && is_inside {
                continue;
            }
            if bodies.is_some() && is_inside && tag.symbol.kind == SymbolKind::Function {
                tag.is_exact = false;
            }
            inside = inside.max(tag.symbol.extent.end);
        } else if tag.symbol.kind == SymbolKind::Variable && !is_inside {
            let at = tag.symbol.name.start;
            tag.is_exact &= !bodies.is_some_and(|bodies| holds(bodies, at));
        }
        tags.push(tag);
    }
    tags
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
    // `:name` of Ruby is the name as a value, `&name` of ASN.1 that of a field.
    let has_mark = name.kind() == "simple_symbol" || name.kind().ends_with("fieldreference");
    place.start += u32::from(has_mark);
    if name.kind() == "operator_cast" {
        // `operator bool`, without the parameters.
        let whole = text.get(place.start as usize..place.end as usize)?;
        let head = whole.split('(').next().unwrap_or(whole);
        place.end = place.start + head.trim_end().len() as u32;
    }
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
