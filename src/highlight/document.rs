//! One text being highlighted.
//!
//! The state of a grammar is kept at checkpoints, every [`SPACING`] lines at first and further apart in long
//! files, and at the frontier: the first line not yet reached from the top. Lines near one of them are
//! exact; a jump further down begins [`LEAD`] lines above the wanted ones and says so.

use super::lexer::{Lexer, State as LexerState};
use super::syntax::{Choice, choose};
use super::{Budget, Highlighted, Highlighter, LINE_CAP, LineTokens, WhyPlain, class, push};
use crate::language::Language;
use crate::model::{Span, Token, TokenClass};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use syntect::parsing::{ParseState, Scope, ScopeStack};

/// Lines between two checkpoints, to begin with.
const SPACING: u32 = 200;
/// Checkpoints kept at most; with more, every second one goes.
const CHECKPOINTS: usize = 1024;
/// Lines read above the wanted ones after a jump.
const LEAD: u32 = 200;
/// Open scopes at most: beyond, the text is no program and its state would only grow.
const DEPTH: usize = 256;
/// A line that takes this long counts as slow. Most lines take 30 microseconds; the first ones of a grammar
/// compile its expressions and may take a tenth of a second.
const SLOW: Duration = Duration::from_millis(150);
/// After so many slow lines the small lexer takes over.
const SLOW_LINES: u32 = 4;

/// One text being highlighted; `Send`, so that a worker can keep it.
pub struct Document {
    highlighter: Highlighter,
    language: Option<&'static Language>,
    engine: Engine,
    checkpoints: Vec<State>,
    spacing: u32,
    frontier: u32,
    ahead: State,
    slow_lines: u32,
    is_simplified: bool,
    seen: HashMap<Scope, Option<TokenClass>>,
    line: String,
}

enum Engine {
    Grammar {
        name: &'static str,
        is_borrowed: bool,
    },
    Lexer(Box<Lexer>),
    Plain,
}

#[derive(Clone)]
enum State {
    Grammar(Box<(ParseState, ScopeStack)>),
    Lexer(LexerState),
    Plain,
}

/// Returns a line of the text, 1-based, without its end; nothing behind the last one.
type Lines<'a, 't> = &'a dyn Fn(u32) -> Option<&'t str>;

impl Document {
    pub(super) fn new(highlighter: Highlighter, language: Option<&'static Language>) -> Self {
        let engine = match language.map(|language| (language, choose(language))) {
            Some((_, Choice::Own(name))) => Engine::Grammar {
                name,
                is_borrowed: false,
            },
            Some((_, Choice::Borrowed(name))) => Engine::Grammar {
                name,
                is_borrowed: true,
            },
            Some((language, Choice::Lexer)) => Engine::Lexer(Box::new(Lexer::new(language))),
            Some((_, Choice::Plain)) | None => Engine::Plain,
        };
        Self {
            highlighter,
            language,
            engine,
            checkpoints: Vec::new(),
            spacing: SPACING,
            frontier: 0,
            ahead: State::Plain,
            slow_lines: 0,
            is_simplified: false,
            seen: HashMap::new(),
            line: String::new(),
        }
    }

    /// Returns the last line that was reached from the top; 0 before the first.
    pub fn exact_to(&self) -> u32 {
        self.frontier
    }

    /// Returns whether the language has no grammar of its own here, or its grammar was too slow on this text,
    /// so that the colours show only comments, strings, numbers and words.
    pub fn is_simplified(&self) -> bool {
        self.is_simplified || matches!(self.engine, Engine::Lexer(_))
    }

    /// Highlights the lines of a span.
    ///
    /// They are exact if they are near what was reached from the top before, see [`Highlighted::is_exact`]. A
    /// spent budget leaves the rest plain; asking again goes on where that helps.
    pub fn lines<'t>(
        &mut self,
        text: Lines<'_, 't>,
        span: Span,
        budget: &Budget<'_>,
    ) -> Highlighted {
        if matches!(self.engine, Engine::Plain) {
            return leave_plain(text, span, WhyPlain::NoLanguage);
        }
        loop {
            let was_simplified = self.is_simplified;
            let answer = self.try_lines(text, span, budget);
            if self.is_simplified == was_simplified {
                return answer;
            }
        }
    }

    /// Reads on from the top up to and including `line`, for lines that come later to be exact.
    ///
    /// Returns whether that line or the end of the text was reached; a spent budget ends it earlier and the
    /// next call goes on from there.
    pub fn advance<'t>(&mut self, text: Lines<'_, 't>, line: u32, budget: &Budget<'_>) -> bool {
        if matches!(self.engine, Engine::Plain) {
            return true;
        }
        while self.frontier < line {
            if budget.is_spent() {
                return false;
            }
            let Some(content) = text(self.frontier + 1) else {
                break;
            };
            let mut state = self.take_frontier();
            self.step(&mut state, content, None);
            self.keep(self.frontier + 1, state);
        }
        true
    }

    fn try_lines<'t>(
        &mut self,
        text: Lines<'_, 't>,
        span: Span,
        budget: &Budget<'_>,
    ) -> Highlighted {
        let first = span.start() - 1;
        let (mut at, mut state, is_exact) = self.begin(text, first);
        let mut lines = Vec::with_capacity(span.lines().min(4096) as usize);
        let comment_to = if is_exact {
            0
        } else {
            self.comment_end(text, at, span.end())
        };
        let mut is_done = true;
        while at < span.end() {
            let Some(content) = text(at + 1) else { break };
            if budget.is_spent() {
                is_done = false;
                break;
            }
            let is_wanted = at >= first;
            let mut tokens = Vec::new();
            let plain = if at < comment_to {
                push(&mut tokens, 0, content.len(), TokenClass::Comment);
                None
            } else {
                let plain = self.step(&mut state, content, is_wanted.then_some(&mut tokens));
                // The engine changed below the state: the caller begins again.
                if self.frontier == 0 && self.is_simplified && matches!(state, State::Grammar(_)) {
                    break;
                }
                plain
            };
            at += 1;
            if is_wanted {
                lines.push(LineTokens {
                    line: at,
                    tokens,
                    plain,
                });
            }
            if is_exact && at == self.frontier + 1 {
                self.keep(at, state.clone());
            }
        }
        if !is_done {
            let rest = Span::between(span.start() + lines.len() as u32, span.end());
            lines.extend(leave_plain(text, rest, WhyPlain::OutOfTime).lines);
        }
        Highlighted {
            lines,
            is_exact,
            is_done,
        }
    }

    /// Finds where to begin for the lines from `first` on (0-based): line, state, and whether it is exact.
    fn begin<'t>(&mut self, text: Lines<'_, 't>, first: u32) -> (u32, State, bool) {
        if self.frontier == 0 && self.checkpoints.is_empty() {
            let fresh = self.fresh();
            self.keep(0, fresh);
        }
        let (mut at, mut state) = (0, None);
        if self.frontier <= first {
            (at, state) = (self.frontier, Some(&self.ahead));
        } else if !self.checkpoints.is_empty() {
            let index = (first / self.spacing).min(self.checkpoints.len() as u32 - 1);
            (at, state) = (index * self.spacing, self.checkpoints.get(index as usize));
        }
        // Thinned checkpoints may lie further apart than a jump's lead; still exact, and still near.
        if let Some(state) = state
            && first - at <= (2 * LEAD).max(self.spacing.min(8 * LEAD))
        {
            return (at, state.clone(), true);
        }
        let at = first.saturating_sub(LEAD);
        (self.border(text, at, first), self.fresh(), false)
    }

    /// Moves a jump's beginning down to behind the first empty line, where constructs rarely are half open.
    fn border<'t>(&self, text: Lines<'_, 't>, from: u32, first: u32) -> u32 {
        let stop = first.saturating_sub(LEAD / 4).max(from);
        (from..stop)
            .find(|at| text(at + 1).is_some_and(|line| line.trim().is_empty()))
            .map_or(from, |at| at + 1)
    }

    /// Returns the line (0-based) behind the end of a block comment that was open at `from`, or `from`: a
    /// closing mark before any opening one gives it away.
    fn comment_end<'t>(&self, text: Lines<'_, 't>, from: u32, end: u32) -> u32 {
        let blocks = self
            .language
            .map_or(&[][..], |language| &language.block_comments[..]);
        let Some((open, close)) = blocks.first().filter(|(open, close)| open != close) else {
            return from;
        };
        for at in from..end {
            let Some(line) = text(at + 1) else { break };
            let line = line.get(..LINE_CAP).unwrap_or(line);
            match (line.find(open), line.find(close)) {
                (Some(open), Some(close)) if close < open => return at + 1,
                (None, Some(_)) => return at + 1,
                (Some(_), _) => return from,
                (None, None) => {}
            }
        }
        from
    }

    fn fresh(&self) -> State {
        match &self.engine {
            Engine::Grammar { name, .. } => {
                let grammars = &self.highlighter.shared().grammars;
                let grammar = grammars.find_syntax_by_name(name);
                let grammar = grammar.unwrap_or_else(|| grammars.find_syntax_plain_text());
                State::Grammar(Box::new((ParseState::new(grammar), ScopeStack::new())))
            }
            Engine::Lexer(_) => State::Lexer(LexerState::default()),
            Engine::Plain => State::Plain,
        }
    }

    fn take_frontier(&mut self) -> State {
        if self.frontier == 0 && self.checkpoints.is_empty() {
            let fresh = self.fresh();
            self.keep(0, fresh);
        }
        std::mem::replace(&mut self.ahead, State::Plain)
    }

    /// Records the state before line `at` (0-based), which is the new frontier.
    fn keep(&mut self, at: u32, state: State) {
        // A change of engine in the last step left this state behind.
        let fits = matches!(
            (&self.engine, &state),
            (Engine::Grammar { .. }, State::Grammar(_)) | (Engine::Lexer(_), State::Lexer(_))
        );
        if !fits {
            return;
        }
        if at.is_multiple_of(self.spacing) && self.checkpoints.len() as u32 == at / self.spacing {
            if self.checkpoints.len() == CHECKPOINTS {
                let mut index = 0;
                self.checkpoints.retain(|_| {
                    index += 1;
                    index % 2 == 1
                });
                self.spacing *= 2;
            }
            if at.is_multiple_of(self.spacing) {
                self.checkpoints.push(state.clone());
            }
        }
        self.frontier = at;
        self.ahead = state;
    }

    /// Reads one line and moves the state behind it.
    fn step(
        &mut self,
        state: &mut State,
        text: &str,
        tokens: Option<&mut Vec<Token>>,
    ) -> Option<WhyPlain> {
        if text.len() > LINE_CAP {
            return Some(WhyPlain::LongLine);
        }
        match (&self.engine, state) {
            (Engine::Lexer(lexer), State::Lexer(open)) => {
                let mut unused = Vec::new();
                *open = lexer.line(*open, text, tokens.unwrap_or(&mut unused));
                None
            }
            (Engine::Grammar { is_borrowed, .. }, State::Grammar(both)) => {
                let is_borrowed = *is_borrowed;
                let begun = Instant::now();
                let outcome = self.parse(both, text, is_borrowed, tokens);
                if outcome.is_none()
                    && let State::Grammar(fresh) = self.fresh()
                {
                    *both = fresh;
                }
                self.judge(begun.elapsed());
                outcome.is_none().then_some(WhyPlain::GrammarFailed)
            }
            _ => Some(WhyPlain::NoLanguage),
        }
    }

    /// Runs the grammar over one line; nothing if it failed or lost itself in its depth.
    fn parse(
        &mut self,
        both: &mut (ParseState, ScopeStack),
        text: &str,
        is_borrowed: bool,
        tokens: Option<&mut Vec<Token>>,
    ) -> Option<()> {
        let (parser, scopes) = both;
        let shared = self.highlighter.shared();
        self.line.clear();
        self.line.push_str(text);
        self.line.push('\n');
        let changes = parser.parse_line(&self.line, &shared.grammars).ok()?;
        let mut at = 0;
        let mut unused = Vec::new();
        let is_wanted = tokens.is_some();
        let tokens = tokens.unwrap_or(&mut unused);
        for (next, change) in &changes {
            let next = (*next).min(text.len());
            if is_wanted && next > at {
                add(
                    tokens,
                    shared,
                    &mut self.seen,
                    (scopes.as_slice(), text, at..next, is_borrowed),
                );
            }
            at = at.max(next);
            scopes.apply(change).ok()?;
        }
        if is_wanted && at < text.len() {
            add(
                tokens,
                shared,
                &mut self.seen,
                (scopes.as_slice(), text, at..text.len(), is_borrowed),
            );
        }
        (scopes.len() <= DEPTH).then_some(())
    }

    /// Counts slow lines, and gives the text to the small lexer when there are too many.
    fn judge(&mut self, took: Duration) {
        if took < SLOW {
            return;
        }
        self.slow_lines += if took > 10 * SLOW { SLOW_LINES } else { 1 };
        if self.slow_lines >= SLOW_LINES
            && let Some(language) = self.language
        {
            self.engine = Engine::Lexer(Box::new(Lexer::new(language)));
            self.is_simplified = true;
            self.checkpoints.clear();
            self.spacing = SPACING;
            self.frontier = 0;
        }
    }
}

/// A run of a line, with the scopes around it and whether the grammar is borrowed.
type Run<'a> = (&'a [Scope], &'a str, std::ops::Range<usize>, bool);

fn add(
    tokens: &mut Vec<Token>,
    shared: &super::Shared,
    seen: &mut HashMap<Scope, Option<TokenClass>>,
    (scopes, text, range, is_borrowed): Run<'_>,
) {
    let Some(part) = text.get(range.clone()) else {
        return;
    };
    let class = class::refine(shared.classes.class(scopes, seen), part);
    let class = if is_borrowed && class == TokenClass::Invalid {
        TokenClass::Plain
    } else {
        class
    };
    push(tokens, range.start, range.end, class);
}

fn leave_plain<'t>(text: Lines<'_, 't>, span: Span, why: WhyPlain) -> Highlighted {
    let lines = (span.start()..=span.end())
        .take_while(|line| text(*line).is_some())
        .map(|line| LineTokens {
            line,
            tokens: Vec::new(),
            plain: Some(why),
        })
        .collect();
    Highlighted {
        lines,
        is_exact: true,
        is_done: why != WhyPlain::OutOfTime,
    }
}
